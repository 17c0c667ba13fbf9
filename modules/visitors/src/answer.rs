//! Somebody says that they are coming to meet a guest who waits: nobody else is asked.

use sea_orm::ColumnTrait;
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_storage::Tx;

use crate::Visitors;
use crate::checks::VisitError;
use crate::events::HostAnswered;
use crate::ids::VisitId;
use crate::ledger::{self, lock_visit};
use crate::tables::visits;
use crate::tables::words::VisitState;
use crate::visit::Refusal;
use crate::warrant::NotAllowed;

/// Answers. The first answer counts; another one changes nothing.
pub async fn answer(visitors: &Visitors, cx: &Cx, id: VisitId) -> Result<(), VisitError> {
    match answered(visitors, cx, id).await? {
        Some((tx, entry)) => Ok(tx.commit(entry).await?),
        None => Ok(()),
    }
}

/// The same, to be committed by the caller; none when somebody answered before.
pub(crate) async fn answered(
    visitors: &Visitors,
    cx: &Cx,
    id: VisitId,
) -> Result<Option<(Tx, AuditEntry)>, VisitError> {
    let person = cx.actor.person().ok_or(NotAllowed::Missing)?;
    let seen = ledger::visit(&visitors.store.read(cx.tenant).await?, id).await?.ok_or(NotAllowed::Missing)?;
    let may = visitors.may_decide(cx, &seen, "visit.answer").await?;
    let mut tx = visitors.store.begin(cx).await?;
    let visit = lock_visit(&tx, id).await?.ok_or(NotAllowed::Missing)?;
    match visit.state {
        VisitState::Arrived if visit.answered_at.is_some() => return Ok(None),
        VisitState::Arrived => {}
        VisitState::Admitted => return Err(Refusal::Here.into()),
        VisitState::Left => return Err(Refusal::Gone.into()),
        VisitState::Refused => return Err(Refusal::Refused.into()),
        VisitState::Cancelled => return Err(Refusal::Cancelled.into()),
        _ => return Err(Refusal::NotYet.into()),
    }
    tx.update::<visits::Entity>()
        .set(visits::Column::AnsweredAt, Some(cx.now))
        .set(visits::Column::AnsweredBy, Some(person))
        .filter(visits::Column::Id.eq(id))
        .exec()
        .await?;
    tx.publish(&HostAnswered { visit: id, site: visit.site_id, person, at: cx.now }).await?;
    let entry = AuditEntry::done("visit.answer").on("visit", id, "").decided(&may.basis);
    Ok(Some((tx, entry.with("way", may.way))))
}
