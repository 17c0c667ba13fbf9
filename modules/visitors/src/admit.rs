//! A guest is let in, or not: by the desk, the host or a deputy, whether they checked in or not.

use sea_orm::ColumnTrait;
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_storage::Tx;

use crate::Visitors;
use crate::checks::VisitError;
use crate::events::{GuestAdmitted, GuestRefused, Seen};
use crate::ids::VisitId;
use crate::ledger::{self, lock_visit, standing};
use crate::settings;
use crate::tables::visits;
use crate::tables::words::VisitState;
use crate::visit::{Happening, step};
use crate::warrant::{MayDecide, NotAllowed};

/// Lets a guest in.
pub async fn admit(visitors: &Visitors, cx: &Cx, id: VisitId) -> Result<(), VisitError> {
    let (tx, entry) = admitted(visitors, cx, id).await?;
    Ok(tx.commit(entry).await?)
}

/// Does not let a guest in. The pass opens nothing any more.
pub async fn refuse(visitors: &Visitors, cx: &Cx, id: VisitId) -> Result<(), VisitError> {
    let (tx, entry) = refused(visitors, cx, id).await?;
    Ok(tx.commit(entry).await?)
}

/// A guest is let in, to be committed by the caller.
pub(crate) async fn admitted(
    visitors: &Visitors,
    cx: &Cx,
    id: VisitId,
) -> Result<(Tx, AuditEntry), VisitError> {
    let (mut tx, visit, may) = begin(visitors, cx, id, "visit.admit").await?;
    next(&tx, &visit, Happening::Admit).await?;
    let mut change = tx
        .update::<visits::Entity>()
        .set(visits::Column::State, VisitState::Admitted)
        .set(visits::Column::AdmittedAt, Some(cx.now))
        .set(visits::Column::AdmittedBy, cx.actor.person());
    if visit.arrived_at.is_none() {
        change = change
            .set(visits::Column::ArrivedAt, Some(cx.now))
            .set(visits::Column::ArrivedHow, Some(may.way));
    }
    change.filter(visits::Column::Id.eq(id)).exec().await?;
    tx.publish(&GuestAdmitted(Seen::of(&visit, cx.now, may.way))).await?;
    let entry = AuditEntry::done("visit.admit").on("visit", id, "").decided(&may.basis);
    Ok((tx, entry.with("way", may.way)))
}

/// A guest is not let in, to be committed by the caller.
pub(crate) async fn refused(
    visitors: &Visitors,
    cx: &Cx,
    id: VisitId,
) -> Result<(Tx, AuditEntry), VisitError> {
    let (mut tx, visit, may) = begin(visitors, cx, id, "visit.refuse").await?;
    next(&tx, &visit, Happening::Refuse).await?;
    tx.update::<visits::Entity>()
        .set(visits::Column::State, VisitState::Refused)
        .set(visits::Column::LiveCode, Option::<Vec<u8>>::None)
        .filter(visits::Column::Id.eq(id))
        .exec()
        .await?;
    tx.publish(&GuestRefused(Seen::of(&visit, cx.now, may.way))).await?;
    let entry = AuditEntry::done("visit.refuse").on("visit", id, "").decided(&may.basis);
    Ok((tx, entry.with("way", may.way)))
}

async fn begin(
    visitors: &Visitors,
    cx: &Cx,
    id: VisitId,
    action: &'static str,
) -> Result<(Tx, visits::Model, MayDecide), VisitError> {
    let scope = visitors.store.read(cx.tenant).await?;
    let seen = ledger::visit(&scope, id).await?.ok_or(NotAllowed::Missing)?;
    drop(scope);
    let may = visitors.may_decide(cx, &seen, action).await?;
    let tx = visitors.store.begin(cx).await?;
    let visit = lock_visit(&tx, id).await?.ok_or(NotAllowed::Missing)?;
    Ok((tx, visit, may))
}

async fn next(tx: &Tx, visit: &visits::Model, what: Happening) -> Result<VisitState, VisitError> {
    let (settings, _) = settings::load(tx).await?;
    Ok(step(standing(visit, &settings), what, tx.cx().now)?)
}
