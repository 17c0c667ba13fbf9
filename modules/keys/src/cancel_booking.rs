//! A booking is called off: by whom it is for, by whom it was made, or by a manager of its keys.

use sea_orm::ColumnTrait;
use sekisho_kernel::{AuditEntry, Cx, PersonId};
use sekisho_notify::{Lane, Message};
use sekisho_policy::Right;
use sekisho_web::IfMatch;

use crate::Keys;
use crate::events::BookingCancelled;
use crate::ids::BookingId;
use crate::revision;
use crate::stock::StockError;
use crate::tables::bookings;
use crate::tables::words::BookingState;
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
    let mut tx = keys.store.begin(cx).await?;
    let present = crate::reads::booking(&tx, id).await?.ok_or(NotAllowed::Missing)?;
    revision::must_be(seen, &revision::of_booking(&present))?;
    let names =
        crate::book::key_names(&tx, id).await?.into_iter().map(|key| key.name).collect::<Vec<_>>().join(", ");
    let ended = tx
        .update::<bookings::Entity>()
        .set(bookings::Column::State, BookingState::Cancelled)
        .set(bookings::Column::LiveCode, Option::<Vec<u8>>::None)
        .filter(bookings::Column::Id.eq(id))
        .filter(bookings::Column::State.is_in(BookingState::KEPT))
        .exec()
        .await?;
    if ended == 0 {
        return Err(StockError::Refused("keys-refused-booking-ended"));
    }
    crate::pay_booking::call_off(&mut tx, id).await?;
    tx.publish(&BookingCancelled { booking: id, person: row.person_id }).await?;
    if let Some(other) = row.person_id.filter(|other| *other != person) {
        let message = Message::to_person(other, Lane::Operational, "keys-notice-booking-cancelled")
            .arg("keys", &*names)
            .time("starts", row.starts_at, &row.zone)
            .about("booking", id);
        keys.notify.tell(&mut tx, message).await?;
    }
    Ok(tx.commit(AuditEntry::done("key.cancel_booking").on("booking", id, names)).await?)
}

/// Everybody who manages all keys of the booking may look after it.
pub(crate) async fn may_manage_keys(keys: &Keys, cx: &Cx, id: BookingId) -> Result<(), StockError> {
    struct ManageBooking;
    let booked = crate::book::key_names(&keys.store.read(cx.tenant).await?, id).await?;
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
