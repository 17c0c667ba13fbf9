//! A guest is forgotten: the key is destroyed, and with it everything that tells who they were. That somebody came, to whom,
//! when and where, stays; so does the record, which never held a name. What only they had goes with them: the words of
//! appointments that have no other guest, and messages about them that did not go out.

use std::collections::BTreeSet;

use sea_orm::{ColumnTrait, Condition};
use sekisho_crypto::TenantKeys;
use sekisho_identity::Administrator;
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_storage::{Scoped, Tx};
use uuid::Uuid;

use crate::Visitors;
use crate::booked_keys;
use crate::checks::VisitError;
use crate::events::GuestErased;
use crate::guest::{forget_words, lock};
use crate::ids::{AppointmentId, GuestId, VisitId};
use crate::keys_follow;
use crate::ledger::{appointment_place, comes_again, lock_appointment, visits_of};
use crate::registration;
use crate::tables::words::VisitState;
use crate::tables::{appointments, guests, visits, walk_ins};
use crate::walk_in::purpose_place;
use crate::warrant::NotAllowed;
use crate::watch;

/// Forgets a guest. For administrators; not while a visit of theirs is to come or under way.
pub async fn erase_guest(
    visitors: &Visitors,
    cx: &Cx,
    _by: Administrator,
    id: GuestId,
) -> Result<(), VisitError> {
    forget(visitors, cx, id).await
}

/// Forgets a guest, by whoever decided that.
pub(crate) async fn forget(visitors: &Visitors, cx: &Cx, id: GuestId) -> Result<(), VisitError> {
    if has_keys(visitors, cx, id).await? {
        return Err(VisitError::Rule("visitors-refused-has-keys"));
    }
    let keys = visitors.vault.keys(cx.tenant).await?;
    let mut tx = visitors.store.begin(cx).await?;
    // Appointments before guests, as whoever adds a guest to one takes them.
    let theirs = visits::Column::GuestId.eq(id);
    let theirs = tx.find::<visits::Entity>().filter(theirs).all().await?;
    let of: BTreeSet<AppointmentId> = theirs.iter().filter_map(|visit| visit.appointment_id).collect();
    for appointment in &of {
        lock_appointment(&tx, *appointment).await?;
    }
    if lock(&tx, id).await?.ok_or(NotAllowed::Missing)?.erased_at.is_some() {
        return Ok(());
    }
    let open = VisitState::EXPECTED.into_iter().chain(VisitState::HERE);
    let open = Condition::all().add(visits::Column::GuestId.eq(id)).add(visits::Column::State.is_in(open));
    let comes_again = theirs.iter().any(|visit| comes_again(visit) && visit.ends_at > cx.now);
    if comes_again || tx.find::<visits::Entity>().filter(open).exists().await? {
        return Err(VisitError::Rule("visitors-refused-still-expected"));
    }
    tx.update::<guests::Entity>()
        .set(guests::Column::KeySealed, Option::<Vec<u8>>::None)
        .set(guests::Column::Contact, Option::<Vec<u8>>::None)
        .set(guests::Column::MailBlind, Option::<Vec<u8>>::None)
        .set(guests::Column::ErasedAt, Some(cx.now))
        .filter(guests::Column::Id.eq(id))
        .exec()
        .await?;
    forget_words(&tx, id).await?;
    registration::forget_guest(&tx, id).await?;
    for appointment in of {
        forget_appointment(&tx, &keys, appointment).await?;
    }
    let theirs: Vec<VisitId> = theirs.iter().map(|visit| visit.id).collect();
    forget_walk_ins(&tx, &keys, &theirs).await?;
    watch::forget_guest(&tx, id, &theirs).await?;
    let told: Vec<Uuid> = theirs.iter().map(|visit| visit.uuid()).collect();
    visitors.notify.forget_about(&tx, "visit", &told).await?;
    tx.publish(&GuestErased { guest: id, at: cx.now }).await?;
    let keys_follow = keys_follow::of_erased(visitors, &tx, id).await?;
    tx.commit(AuditEntry::done("guest.erase").on("guest", id, "")).await?;
    keys_follow.now(visitors, cx).await;
    Ok(())
}

/// Whether the guest has a key that was booked with a visit: without a name nobody could ask for it back.
async fn has_keys(visitors: &Visitors, cx: &Cx, id: GuestId) -> Result<bool, VisitError> {
    let Some(port) = &visitors.key_bookings else { return Ok(false) };
    let booked = booked_keys::of_guest(&visitors.store.read(cx.tenant).await?, id).await?;
    let ids: Vec<Uuid> = booked.into_iter().map(|row| row.id).collect();
    Ok(port.standing(cx, &ids).await?.iter().any(|keys| keys.out))
}

/// What an appointment was for goes with the last of its guests.
async fn forget_appointment(tx: &Tx, keys: &TenantKeys, id: AppointmentId) -> Result<(), VisitError> {
    let guests: Vec<GuestId> = visits_of(tx, id).await?.iter().filter_map(|visit| visit.guest_id).collect();
    let known =
        Condition::all().add(guests::Column::Id.is_in(guests)).add(guests::Column::ErasedAt.is_null());
    if tx.find::<guests::Entity>().filter(known).exists().await? {
        return Ok(());
    }
    let nothing = |column| keys.seal(&appointment_place(column, id), b"");
    tx.update::<appointments::Entity>()
        .set(appointments::Column::PurposeSealed, nothing("purpose"))
        .set(appointments::Column::NoteSealed, nothing("note"))
        .filter(appointments::Column::Id.eq(id))
        .exec()
        .await?;
    Ok(())
}

/// What guests without an appointment said that they came for.
async fn forget_walk_ins(tx: &Tx, keys: &TenantKeys, visits: &[VisitId]) -> Result<(), VisitError> {
    for some in visits.chunks(500) {
        let these = walk_ins::Column::Id.is_in(some.iter().copied());
        for row in tx.find::<walk_ins::Entity>().filter(these).all().await? {
            tx.update::<walk_ins::Entity>()
                .set(walk_ins::Column::PurposeSealed, keys.seal(&purpose_place(row.id), b""))
                .filter(walk_ins::Column::Id.eq(row.id))
                .exec()
                .await?;
        }
    }
    Ok(())
}
