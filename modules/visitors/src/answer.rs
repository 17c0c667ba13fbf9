//! Somebody says that they are coming to meet a guest who waits: nobody else is asked.

use sea_orm::ColumnTrait;
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_storage::Tx;

use crate::Visitors;
use crate::checks::VisitError;
use crate::events::HostAnswered;
use crate::ids::VisitId;
use crate::ledger::{self, Decided};
use crate::tables::visits;
use crate::visit::Happening;
use crate::warrant::NotAllowed;

/// Answers. The first answer counts; whoever gave it may say it again.
pub async fn answer(visitors: &Visitors, cx: &Cx, id: VisitId) -> Result<(), VisitError> {
    match answered(visitors, cx, id).await? {
        Some((tx, entry)) => Ok(tx.commit(entry).await?),
        None => Ok(()),
    }
}

/// The same, to be committed by the caller; none when the same person answered before.
pub(crate) async fn answered(
    visitors: &Visitors,
    cx: &Cx,
    id: VisitId,
) -> Result<Option<(Tx, AuditEntry)>, VisitError> {
    let person = cx.actor.person().ok_or(NotAllowed::Missing)?;
    let at = ledger::decide(visitors, cx, id, "visit.answer").await?;
    at.step(Happening::Answer)?;
    match at.visit.answered_by {
        Some(before) if before == person => return Ok(None),
        Some(_) => return Err(VisitError::Rule("visitors-answered-already")),
        None => {}
    }
    let Decided { mut tx, visit, may, .. } = at;
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
