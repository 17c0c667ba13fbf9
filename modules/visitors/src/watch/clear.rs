//! "Not the same person": whoever manages the list says that a guest is not whom an entry means. For that guest and that
//! entry nobody is asked again, until the guest or the entry gets another name.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition};
use sekisho_identity::Administrator;
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_storage::Scoped;
use uuid::Uuid;

use super::entries;
use crate::Visitors;
use crate::checks::VisitError;
use crate::guest;
use crate::ids::{VisitId, WatchEntryId};
use crate::ledger;
use crate::tables::{visits, watch_cleared, watch_marks};
use crate::warrant::NotAllowed;

/// Takes the mark off a visit or delivery, and off all visits of its guest.
pub async fn clear_match(
    visitors: &Visitors,
    cx: &Cx,
    _by: Administrator,
    of: Uuid,
    id: WatchEntryId,
) -> Result<(), VisitError> {
    let by = cx.actor.person().ok_or(NotAllowed::Missing)?;
    let seen = ledger::visit(&visitors.store.read(cx.tenant).await?, VisitId(of)).await?;
    let tx = visitors.store.begin(cx).await?;
    // The guest before the entry, like everybody who takes both.
    let guest = match seen.and_then(|visit| visit.guest_id) {
        Some(guest) => guest::lock(&tx, guest).await?.filter(|guest| guest.erased_at.is_none()),
        None => None,
    };
    entries::lock(&tx, id).await?.ok_or(NotAllowed::Missing)?;
    let this = |of: Vec<Uuid>| {
        Condition::all().add(watch_marks::Column::EntryId.eq(id)).add(watch_marks::Column::OfId.is_in(of))
    };
    if !tx.find::<watch_marks::Entity>().filter(this(vec![of])).exists().await? {
        return Err(NotAllowed::Missing.into());
    }
    let mut everywhere = vec![of];
    if let Some(guest) = &guest {
        let theirs = visits::Column::GuestId.eq(guest.id);
        let theirs = tx.find::<visits::Entity>().filter(theirs).all().await?;
        everywhere.extend(theirs.into_iter().map(|visit| visit.id.uuid()));
        let row = watch_cleared::ActiveModel {
            guest_id: Set(guest.id),
            entry_id: Set(id),
            at: Set(cx.now),
            said_by: Set(by),
            ..Default::default()
        };
        tx.insert_new::<watch_cleared::Entity>(row).await?;
    }
    for some in everywhere.chunks(500) {
        tx.delete::<watch_marks::Entity>().filter(this(some.to_vec())).exec().await?;
    }
    let entry = AuditEntry::done("watch.clear").on("watch_entry", id, "").with("of", of);
    Ok(tx.commit(entry.with("guest", guest.map(|guest| guest.id))).await?)
}
