//! A guest leaves. That is never refused: it only becomes known.

use sea_orm::ColumnTrait;
use sekisho_crypto::sha256;
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_storage::{Scoped, Tx};
use serde_json::Value;

use crate::Visitors;
use crate::check_in::Presented;
use crate::checks::VisitError;
use crate::events::{GuestLeft, Seen};
use crate::ids::VisitId;
use crate::ledger::{self, is_at, lock_visit, standing};
use crate::pass;
use crate::settings::{self, Settings};
use crate::tables::visits;
use crate::tables::words::{VisitState, VisitWay};
use crate::terminal::offline::When;
use crate::visit::{Happening, step};
use crate::warrant::{NotAllowed, Reception};

/// Checks a guest out, by the desk, the host or a deputy.
pub async fn check_out(visitors: &Visitors, cx: &Cx, id: VisitId) -> Result<(), VisitError> {
    let scope = visitors.store.read(cx.tenant).await?;
    let seen = ledger::visit(&scope, id).await?.ok_or(NotAllowed::Missing)?;
    drop(scope);
    let may = visitors.may_decide(cx, &seen, "visit.check_out").await?;
    let mut tx = visitors.store.begin(cx).await?;
    let visit = lock_visit(&tx, id).await?.ok_or(NotAllowed::Missing)?;
    let (settings, _) = settings::load(&tx).await?;
    let Some(entry) = leave(&mut tx, &visit, &settings, may.way, &may.basis).await? else { return Ok(()) };
    Ok(tx.commit(entry).await?)
}

/// Checks out whoever shows their pass or code at the reception. Nobody learns from the answer whether it was anybody's.
pub async fn check_out_at(
    visitors: &Visitors,
    cx: &Cx,
    at: &Reception,
    presented: &Presented,
) -> Result<(), VisitError> {
    check_out_when(visitors, cx, at, presented, When::Now).await
}

/// The same at the moment at which the pass was shown. What was shown while a network was broken counts once.
pub(crate) async fn check_out_when(
    visitors: &Visitors,
    cx: &Cx,
    at: &Reception,
    presented: &Presented,
    when: When,
) -> Result<(), VisitError> {
    let keys = visitors.vault.keys(cx.tenant).await?;
    let mut tx = visitors.store.begin(cx).await?;
    if !when.is_new(&tx).await? {
        return Ok(());
    }
    let by = match presented {
        Presented::Pass(text) => pass::pass_hash(text).map(|hash| visits::Column::PassHash.eq(hash)),
        Presented::Code(typed) => {
            pass::code_blind(&keys, typed).map(|code| visits::Column::LiveCode.eq(code))
        }
        Presented::Handle(handle) => Some(visits::Column::PassHash.eq(sha256(handle).to_vec())),
    };
    let found = match by {
        Some(by) => tx.find::<visits::Entity>().filter(by).one().await?,
        None => None,
    };
    let Some(found) = found.filter(|found| is_at(found, at.site.id)) else { return Ok(()) };
    let visit = lock_visit(&tx, found.id).await?.ok_or(NotAllowed::Missing)?;
    let (settings, _) = settings::load(&tx).await?;
    let Some(entry) = leave(&mut tx, &visit, &settings, at.way, &at.basis).await? else { return Ok(()) };
    if when.is_earlier() {
        let left = visit.arrived_at.map_or(when.at(cx), |arrived| arrived.max(when.at(cx)));
        tx.update::<visits::Entity>()
            .set(visits::Column::LeftAt, Some(left))
            .filter(visits::Column::Id.eq(visit.id))
            .exec()
            .await?;
        return Ok(tx.commit(entry.with("happened", left)).await?);
    }
    Ok(tx.commit(entry).await?)
}

/// Writes that the guest left; none when that is known already.
pub(crate) async fn leave(
    tx: &mut Tx,
    visit: &visits::Model,
    settings: &Settings,
    way: VisitWay,
    basis: &Value,
) -> Result<Option<AuditEntry>, VisitError> {
    let now = tx.cx().now;
    let next = step(standing(visit, settings), Happening::Leave, now)?;
    if next != VisitState::Left || visit.state == VisitState::Left {
        return Ok(None);
    }
    tx.update::<visits::Entity>()
        .set(visits::Column::State, VisitState::Left)
        .set(visits::Column::LeftAt, Some(now))
        .set(visits::Column::LeftHow, Some(way))
        .set(visits::Column::LiveCode, Option::<Vec<u8>>::None)
        .filter(visits::Column::Id.eq(visit.id))
        .exec()
        .await?;
    tx.publish(&GuestLeft(Seen::of(visit, now, way))).await?;
    let entry = AuditEntry::done("visit.check_out").on("visit", visit.id, "").decided(basis);
    Ok(Some(entry.with("way", way)))
}
