//! A booking that goes with something of another module, such as a visit: made, moved, called off and forgotten because that is.
//!
//! The other module says for what, and tells whoever the booking is for; what may be booked is decided here, as ever, by the
//! rights of whoever acts. Such a booking costs nothing: a price is agreed on when somebody books by themselves.

use sea_orm::{ColumnTrait, Condition};
use sekisho_crypto::Place;
use sekisho_host::Fault;
use sekisho_kernel::{AuditEntry, Cx, Language, SiteId, Timestamp};
use sekisho_storage::{Scoped, StoreError};
use serde::Serialize;
use uuid::Uuid;

use crate::Keys;
use crate::book::{
    Asked, Book, BookError, BookFor, lock_free, make, may_book, record_name, whom, wrong_period,
};
use crate::booking::{Period, spell};
use crate::cancel_booking::end;
use crate::events::BookingMoved;
use crate::ids::{BookingId, KeyId};
use crate::reads;
use crate::tables::words::BookingState;
use crate::tables::{bookings, loans};

/// For what of another module a booking is made, as the record names it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct OnBehalf {
    /// The kind's word, such as `visit`.
    pub kind: &'static str,
    /// Which.
    pub id: Uuid,
}

/// A guest as another module knows them.
#[derive(Clone, Debug)]
pub struct Guest {
    /// Name.
    pub name: String,
    /// Mail address, for what is to be said of the booking later; may be empty.
    pub mail: String,
    /// Which language they read.
    pub language: Language,
}

/// A booking as another module asks for it.
#[derive(Clone, Debug)]
pub struct BookOnBehalf {
    /// Which it is to be. Whoever asks wrote it down before, so that it can be called off if nobody hears the answer.
    pub id: BookingId,
    /// For what.
    pub of: OnBehalf,
    /// Which keys.
    pub keys: Vec<KeyId>,
    /// They must hang at this site.
    pub site: SiteId,
    /// For whom.
    pub guest: Guest,
    /// From.
    pub starts_at: Timestamp,
    /// Until.
    pub ends_at: Timestamp,
}

/// Books for a guest of another module. Whoever acts must manage the keys, as for any guest. The guest is not told.
pub async fn book_on_behalf(keys: &Keys, cx: &Cx, ask: BookOnBehalf) -> Result<(), BookError> {
    let Guest { name, mail, language } = ask.guest;
    let form = Book {
        keys: ask.keys,
        who: BookFor::Guest { name, mail, language },
        starts: String::new(),
        ends: String::new(),
        note: String::new(),
        price: None,
    };
    let exactly = Some((ask.starts_at, ask.ends_at));
    let asked = Asked { id: ask.id, form, exactly, site: Some(ask.site), on_behalf: Some(ask.of) };
    make(keys, cx, asked).await.map(|_| ())
}

/// Moves a booking to another period, with its code and address. Whoever acts must be allowed to book its keys then; one of
/// which a key is out is not moved. The guest is not told.
pub async fn move_booking(
    keys: &Keys,
    cx: &Cx,
    id: BookingId,
    of: OnBehalf,
    (starts_at, ends_at): (Timestamp, Timestamp),
) -> Result<(), BookError> {
    let scope = keys.store.read(cx.tenant).await?;
    let row = reads::booking(&scope, id).await?.filter(|row| row.state.is_in_force());
    let row = row.ok_or(BookError::Ended)?;
    if (row.starts_at, row.ends_at) == (starts_at, ends_at) {
        return Ok(());
    }
    let wanted: Vec<KeyId> = reads::keys_of_booking(&scope, id).await?;
    drop(scope);
    let may = may_book(keys, cx, &wanted, false, None).await?;
    let period = Period::between(starts_at, ends_at, &sekisho_web::zone_of(&may.zone), cx.now);
    let period = period.map_err(|bad| vec![wrong_period(bad)])?;

    let mut tx = keys.store.begin(cx).await?;
    let (wanted, names) = lock_free(&tx, &wanted, &period, Some(id)).await?;
    if is_out(&tx, id, &wanted).await? {
        return Err(BookError::InUse);
    }
    let moved = tx
        .update::<bookings::Entity>()
        .set(bookings::Column::Starts, spell(period.starts))
        .set(bookings::Column::Ends, spell(period.ends))
        .set(bookings::Column::Zone, may.zone)
        .set(bookings::Column::StartsAt, period.starts_at)
        .set(bookings::Column::EndsAt, period.ends_at)
        .filter(bookings::Column::Id.eq(id))
        .filter(bookings::Column::State.eq(BookingState::Booked))
        .exec()
        .await?;
    if moved == 0 {
        return Err(BookError::Ended);
    }
    tx.enqueue(crate::book::OVER, period.ends_at, &serde_json::json!({ "booking": id })).await?;
    tx.publish(&BookingMoved { booking: id, keys: wanted, starts: starts_at, ends: ends_at }).await?;
    let entry = AuditEntry::done("key.move_booking").on("booking", id, record_name(&names));
    let entry = entry.decided(&may.decisions).with("on_behalf", of).with("from", row.starts_at);
    Ok(tx.commit(entry.with("starts", starts_at).with("ends", ends_at)).await?)
}

/// Whether one of its keys was taken under a booking and is not back.
pub(crate) async fn is_out(scope: &impl Scoped, id: BookingId, keys: &[KeyId]) -> Result<bool, StoreError> {
    let open = Condition::all()
        .add(loans::Column::OpenKey.is_in(keys.iter().copied()))
        .add(loans::Column::BookingId.eq(id));
    scope.find::<loans::Entity>().filter(open).exists().await
}

/// Calls a booking off because what it goes with is. Takes no right to the keys: whoever may call that off takes nothing they
/// could not take, and gives nothing out. One that had ended, or never came about, stays as it is. The guest is not told.
pub async fn call_off(keys: &Keys, cx: &Cx, id: BookingId, of: OnBehalf) -> Result<(), Fault> {
    let mut tx = keys.store.begin(cx).await?;
    let Some(row) = reads::booking(&tx, id).await? else { return Ok(()) };
    let Some(ended) = end(keys, &mut tx, &row).await? else { return Ok(()) };
    let entry = AuditEntry::done("key.cancel_booking").on("booking", id, record_name(&ended.names));
    Ok(tx.commit(entry.with("on_behalf", of).with("refund", ended.refunds)).await?)
}

/// Sets right what is known of the guest of a booking, if it is not.
pub async fn correct_guest(
    keys: &Keys,
    cx: &Cx,
    id: BookingId,
    of: OnBehalf,
    guest: &Guest,
) -> Result<(), Fault> {
    let tenant = keys.vault.keys(cx.tenant).await?;
    let tx = keys.store.begin(cx).await?;
    let Some(row) = reads::booking(&tx, id).await?.filter(|row| row.guest_sealed.is_some()) else {
        return Ok(());
    };
    let Guest { name, mail, language } = guest.clone();
    if whom(&tenant, &row)? == (BookFor::Guest { name, mail, language }) {
        return Ok(());
    }
    let sealed = |column, text: &str| {
        tenant.seal(&Place { table: "keys_bookings", column, row: id.uuid() }, text.as_bytes())
    };
    let mail = Some(&guest.mail).filter(|mail| !mail.is_empty());
    // Who was forgotten since they were read stays so.
    let corrected = tx
        .update::<bookings::Entity>()
        .set(bookings::Column::GuestSealed, Some(sealed("guest", &guest.name)))
        .set(bookings::Column::MailSealed, mail.map(|mail| sealed("mail", mail)))
        .set(bookings::Column::Language, guest.language.tag())
        .filter(bookings::Column::Id.eq(row.id))
        .filter(bookings::Column::GuestSealed.is_not_null())
        .exec()
        .await?;
    if corrected == 0 {
        return Ok(());
    }
    let names = reads::names_of_booking(&tx, id).await?;
    let entry = AuditEntry::done("key.correct_booking").on("booking", id, record_name(&names));
    Ok(tx.commit(entry.with("on_behalf", of)).await?)
}

/// Forgets for whom bookings were made: name, mail address, and what was told about them. One that still stands is called off.
/// That a guest had the keys, and when, stays.
pub async fn forget_guest(keys: &Keys, cx: &Cx, ids: &[BookingId]) -> Result<(), Fault> {
    for id in ids {
        let mut tx = keys.store.begin(cx).await?;
        let Some(row) = reads::booking(&tx, *id).await? else { continue };
        end(keys, &mut tx, &row).await?;
        tx.update::<bookings::Entity>()
            .set(bookings::Column::GuestSealed, Option::<Vec<u8>>::None)
            .set(bookings::Column::MailSealed, Option::<Vec<u8>>::None)
            .set(bookings::Column::Note, "")
            .filter(bookings::Column::Id.eq(*id))
            .exec()
            .await?;
        keys.notify.forget_about(&tx, "booking", &[id.uuid()]).await?;
        let names = reads::names_of_booking(&tx, *id).await?;
        tx.commit(AuditEntry::done("key.forget_guest").on("booking", *id, record_name(&names))).await?;
    }
    Ok(())
}
