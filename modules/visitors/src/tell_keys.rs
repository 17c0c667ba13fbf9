//! The guest is told for when their keys are: when they are booked, and after each move.
//!
//! What the guest knows stands in the row, and is set where it is told. So it matters neither who comes to tell it, nor how
//! often, nor in which order: who has booked or moved the keys, or the job after them when they died.

use sea_orm::ColumnTrait;
use sekisho_host::Fault;
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_storage::Tx;

use crate::Visitors;
use crate::booked_keys::{Fate, fate, lock_live};
use crate::invitation::{self, Invitation};
use crate::key_bookings::{GuestKeys, KeyBookings};
use crate::ledger::lock_visit;
use crate::tables::booked_keys::{Column, Entity, Model};
use crate::tables::visits;

/// The guest hears for when the keys are now, unless they know. Row and visit are locked. Tells nothing while the keys are not
/// those of the visit as it stands: whoever changed it meanwhile moves them again, or calls them off. Says whether it told.
pub(crate) async fn tell_keys(
    visitors: &Visitors,
    tx: &mut Tx,
    row: &Model,
    visit: &visits::Model,
    about: &Invitation,
    keys: &GuestKeys,
) -> Result<bool, Fault> {
    if knows(row, keys) || fate(row, visit, Some(keys)) != Fate::Stays {
        return Ok(false);
    }
    if let Some(message) = about.keys_mail(keys) {
        visitors.notify.tell(tx, message).await?;
    }
    tx.update::<Entity>()
        .set(Column::ToldStartsAt, Some(keys.time.starts_at))
        .set(Column::ToldEndsAt, Some(keys.time.ends_at))
        .filter(Column::Id.eq(row.id))
        .exec()
        .await?;
    Ok(true)
}

/// The keys were moved, now or by a server that died before it could say so: on the record, and to the guest.
pub(crate) async fn moved(
    visitors: &Visitors,
    port: &dyn KeyBookings,
    cx: &Cx,
    row: &Model,
    visit: &visits::Model,
) -> Result<(), Fault> {
    let Some(keys) = port.standing(cx, &[row.id]).await?.into_iter().next() else { return Ok(()) };
    if knows(row, &keys) {
        return Ok(());
    }
    let about = invitation::about(visitors, cx, visit).await?;
    let mut tx = visitors.store.begin(cx).await?;
    let Some(visit) = lock_visit(&tx, visit.id).await? else { return Ok(()) };
    let Some(row) = lock_live(&tx, row.id).await? else { return Ok(()) };
    if !tell_keys(visitors, &mut tx, &row, &visit, &about, &keys).await? {
        return Ok(());
    }
    let entry = AuditEntry::done("visit.move_keys").on("visit", visit.id, "").with("booking", row.id);
    Ok(tx.commit(entry.with("starts", visit.starts_at).with("ends", visit.ends_at)).await?)
}

/// Whether the guest was told of these keys for the time they are booked for.
fn knows(row: &Model, keys: &GuestKeys) -> bool {
    (row.told_starts_at, row.told_ends_at) == (Some(keys.time.starts_at), Some(keys.time.ends_at))
}
