//! A booking is called off: by whom it is for, by whom it was made, or by a manager of its keys.

use sea_orm::{ColumnTrait, Condition};
use sekisho_host::Fault;
use sekisho_kernel::{AuditEntry, Cx, PersonId};
use sekisho_notify::{Lane, Message, Recipient};
use sekisho_policy::Right;
use sekisho_storage::{Scoped, StoreError, Tx};
use sekisho_web::IfMatch;

use crate::Keys;
use crate::book::record_name;
use crate::events::BookingCancelled;
use crate::ids::BookingId;
use crate::refund_booking::{lapse, refund};
use crate::revision;
use crate::stock::StockError;
use crate::tables::words::BookingState;
use crate::tables::{bookings, loans};
use crate::warrant::{Act, NotAllowed};

/// Calls the booking off, if it is as the caller has seen it. Its code and address open nothing from this moment.
pub async fn cancel_booking(keys: &Keys, cx: &Cx, id: BookingId, seen: &IfMatch) -> Result<(), StockError> {
    let person = cx.actor.person().ok_or(NotAllowed::Missing)?;
    let scope = keys.store.read(cx.tenant).await?;
    let row = crate::reads::booking(&scope, id).await?.ok_or(NotAllowed::Missing)?;
    drop(scope);
    if row.person_id != Some(person) && row.made_by != person {
        may_manage_keys(keys, cx, id).await?;
    }
    let tenant = keys.vault.keys(cx.tenant).await?;
    let mut tx = keys.store.begin(cx).await?;
    let present = crate::reads::booking(&tx, id).await?.ok_or(NotAllowed::Missing)?;
    revision::must_be(seen, &revision::of_booking(&present))?;
    let Some(ended) = end(keys, &mut tx, &present).await? else {
        return Err(StockError::Refused("keys-refused-booking-ended"));
    };
    let told = crate::book::recipient(&tenant, &present)?;
    if let Some(to) = told.filter(|to| *to != Recipient::Person { id: person }) {
        let message = Message::new(to, Lane::Operational, "keys-notice-booking-cancelled")
            .arg("keys", &ended.names[..])
            .time("starts", row.starts_at, &row.zone)
            .about("booking", id);
        keys.notify.tell(&mut tx, message).await?;
    }
    let entry = AuditEntry::done("key.cancel_booking").on("booking", id, record_name(&ended.names));
    Ok(tx.commit(entry.with("refund", ended.refunds)).await?)
}

/// A booking that was ended.
pub(crate) struct Ended {
    /// The names of its keys.
    pub(crate) names: Vec<String>,
    /// Of one that had been paid: whether it is paid back.
    pub(crate) refunds: Option<bool>,
}

/// Ends a booking within the caller's transaction: its code and address open nothing from its commit on. None when it had
/// ended before.
pub(crate) async fn end(keys: &Keys, tx: &mut Tx, row: &bookings::Model) -> Result<Option<Ended>, Fault> {
    let id = row.id;
    let ended = tx
        .update::<bookings::Entity>()
        .set(bookings::Column::State, BookingState::Cancelled)
        .set(bookings::Column::LiveCode, Option::<Vec<u8>>::None)
        .filter(bookings::Column::Id.eq(id))
        .filter(bookings::Column::State.is_in(BookingState::KEPT))
        .exec()
        .await?;
    if ended == 0 {
        return Ok(None);
    }
    let names = crate::reads::names_of_booking(tx, id).await?;
    let was_paid = lapse(tx, id).await?;
    let keeps = was_paid && is_used(tx, row).await?;
    if keeps {
        // What was paid for was had. Whether some of it is given back all the same is for people to say.
        let message = Message::to_person(row.made_by, Lane::Operational, "keys-notice-not-refunded")
            .arg("keys", &names[..])
            .time("starts", row.starts_at, &row.zone)
            .about("booking", id);
        keys.notify.tell(tx, message).await?;
    } else {
        refund(tx, id).await?;
    }
    tx.publish(&BookingCancelled { booking: id, person: row.person_id }).await?;
    Ok(Some(Ended { names, refunds: was_paid.then_some(!keeps) }))
}

/// Whether a booking has begun, or a key was taken under it: what was paid for it is not paid back by itself then.
async fn is_used(tx: &Tx, booking: &bookings::Model) -> Result<bool, StoreError> {
    let taken = Condition::all()
        .add(loans::Column::BookingId.eq(booking.id))
        .add(loans::Column::TakenAt.is_not_null());
    Ok(booking.starts_at <= tx.cx().now || tx.find::<loans::Entity>().filter(taken).exists().await?)
}

/// Everybody who manages all keys of the booking may look after it.
pub(crate) async fn may_manage_keys(keys: &Keys, cx: &Cx, id: BookingId) -> Result<(), StockError> {
    struct ManageBooking;
    let booked = crate::book::booked_keys(&keys.store.read(cx.tenant).await?, id).await?;
    for key in &booked {
        let act = Act {
            right: Right::Manage,
            action: "key.cancel_booking",
            kind: "key",
            resource: key.id.resource(),
            name: &key.name,
            zone: "",
        };
        keys.permit::<ManageBooking>(cx, act).await.map_err(|error| match error {
            NotAllowed::Denied(_) => NotAllowed::Missing,
            other => other,
        })?;
    }
    Ok(())
}

/// Whether this person may see the booking's code and address.
pub(crate) fn is_party(booking: &bookings::Model, person: PersonId) -> bool {
    booking.person_id == Some(person) || booking.made_by == person
}
