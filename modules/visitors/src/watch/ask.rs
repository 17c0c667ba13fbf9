//! The guard is asked: before the desk lets somebody in, or afterwards, when somebody who knows of no mark has let them in.

use sea_orm::{ColumnTrait, Condition};
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_storage::{Scoped, StoreError, Tx};

use super::look::marks_of;
use crate::Visitors;
use crate::checks::VisitError;
use crate::ids::{VisitId, WatchEntryId};
use crate::ledger;
use crate::tables::words::VisitState;
use crate::tables::{watch_entries, watch_marks};
use crate::warrant::NotAllowed;

/// Whether the guard is still to be asked about the guest of a visit.
pub(crate) async fn ask_first(tx: &Tx, visit: VisitId) -> Result<bool, StoreError> {
    let marks = marks_of(tx, visit.uuid()).await?;
    let open: Vec<WatchEntryId> =
        marks.iter().filter(|mark| mark.asked_at.is_none()).map(|mark| mark.entry_id).collect();
    // An entry that went at the moment of the match left its mark; nobody is shown it any more.
    let these = watch_entries::Column::Id.is_in(open.iter().copied());
    Ok(!open.is_empty() && tx.find::<watch_entries::Entity>().filter(these).exists().await?)
}

/// Writes down that the guard was asked.
pub(crate) async fn mark_asked(tx: &Tx, visit: VisitId) -> Result<(), StoreError> {
    use watch_marks::Column;
    tx.update::<watch_marks::Entity>()
        .set(Column::AskedAt, Some(tx.cx().now))
        .set(Column::AskedBy, tx.cx().actor.person())
        .filter(Condition::all().add(Column::OfId.eq(visit.uuid())).add(Column::AskedAt.is_null()))
        .exec()
        .await?;
    Ok(())
}

/// The desk says that the guard was asked about a guest whom somebody else let in. For everybody else, and where nothing is left
/// to ask, there is no such thing.
pub async fn guard_was_asked(visitors: &Visitors, cx: &Cx, id: VisitId) -> Result<(), VisitError> {
    const ACT: &str = "watch.guard_asked";
    let person = cx.actor.person().ok_or(NotAllowed::Missing)?;
    let seen = ledger::visit(&visitors.store.read(cx.tenant).await?, id).await?.ok_or(NotAllowed::Missing)?;
    let decision = match visitors.managing(cx, person, seen.site_id, ACT).await? {
        Ok(decision) => decision,
        Err(decision) => {
            let entry = AuditEntry::refused("visit.decide").on("visit", id, "").decided(&decision);
            visitors.record(cx, entry.with("action", ACT)).await?;
            return Err(NotAllowed::Missing.into());
        }
    };
    let tx = visitors.store.begin(cx).await?;
    let visit = ledger::lock_visit(&tx, id).await?.ok_or(NotAllowed::Missing)?;
    let here = visit.state == VisitState::Admitted && visit.site_id == seen.site_id;
    if !here || !ask_first(&tx, id).await? {
        return Err(NotAllowed::Missing.into());
    }
    mark_asked(&tx, id).await?;
    Ok(tx.commit(AuditEntry::done(ACT).on("visit", id, "").decided(&decision)).await?)
}
