//! A visit can carry a booking of keys: what the reception asks of those who keep keys, in its words, and how they are asked.

use async_trait::async_trait;
use sekisho_host::Fault;
use sekisho_kernel::Cx;
use sekisho_keys::tables::words::BookingState;
use sekisho_keys::{BookError, BookOnBehalf, BookingId, Guest, KeyId, Keys, OnBehalf, reads};
use sekisho_visitors::key_bookings::{
    BookAsk, Booking, GuestKey, GuestKeys, KeyBookings, KeyGuest, KeysError, KeysRefusal, OfferAsk,
    OfferedKey, Time,
};
use uuid::Uuid;

// What the reception lets people choose fits into one booking.
const _: () = assert!(sekisho_visitors::key_bookings::MOST_KEYS <= sekisho_keys::MOST_KEYS);

/// The module keys, as the reception asks it.
pub(super) struct VisitorsToKeys(pub(super) Keys);

fn of(booking: Booking) -> OnBehalf {
    OnBehalf { kind: "visit", id: booking.visit.uuid() }
}

fn guest(guest: KeyGuest) -> Guest {
    Guest { name: guest.name, mail: guest.mail, language: guest.language }
}

fn refused(error: BookError) -> KeysError {
    let refusal = match error {
        BookError::Fault(fault) => return KeysError::Fault(fault),
        BookError::NotAllowed(sekisho_keys::NotAllowed::Fault(fault)) => return KeysError::Fault(fault),
        BookError::NotAllowed(_) => KeysRefusal::NotYours,
        BookError::Taken => KeysRefusal::Taken,
        BookError::InUse => KeysRefusal::InUse,
        BookError::Ended => KeysRefusal::Ended,
        BookError::Invalid(fields) if fields.iter().any(|field| field.field == "keys") => KeysRefusal::Apart,
        BookError::Invalid(_) => KeysRefusal::BadTime,
    };
    KeysError::Refused(refusal)
}

#[async_trait]
impl KeyBookings for VisitorsToKeys {
    async fn offered(&self, cx: &Cx, ask: &OfferAsk) -> Result<Vec<OfferedKey>, Fault> {
        let ask = reads::BookableAsk {
            site: ask.site,
            starts_at: ask.time.starts_at,
            ends_at: ask.time.ends_at,
            search: ask.search.clone(),
            limit: ask.limit,
        };
        let keys = reads::bookable(&self.0, cx, &ask).await?.into_iter();
        let offered = |key: reads::Bookable| OfferedKey {
            id: key.id.uuid(),
            name: key.name,
            place: key.place,
            free: key.free,
        };
        Ok(keys.map(offered).collect())
    }

    async fn book(&self, cx: &Cx, ask: BookAsk) -> Result<(), KeysError> {
        let wish = BookOnBehalf {
            id: BookingId(ask.booking.id),
            of: of(ask.booking),
            keys: ask.keys.into_iter().map(KeyId).collect(),
            site: ask.site,
            guest: guest(ask.guest),
            starts_at: ask.time.starts_at,
            ends_at: ask.time.ends_at,
        };
        sekisho_keys::book_on_behalf(&self.0, cx, wish).await.map_err(refused)
    }

    async fn move_to(&self, cx: &Cx, booking: Booking, time: Time) -> Result<(), KeysError> {
        let period = (time.starts_at, time.ends_at);
        sekisho_keys::move_booking(&self.0, cx, BookingId(booking.id), of(booking), period)
            .await
            .map_err(refused)
    }

    async fn correct(&self, cx: &Cx, booking: Booking, known: KeyGuest) -> Result<(), Fault> {
        sekisho_keys::correct_guest(&self.0, cx, BookingId(booking.id), of(booking), &guest(known)).await
    }

    async fn call_off(&self, cx: &Cx, booking: Booking) -> Result<(), Fault> {
        sekisho_keys::call_off(&self.0, cx, BookingId(booking.id), of(booking)).await
    }

    async fn forget(&self, cx: &Cx, bookings: &[Uuid]) -> Result<(), Fault> {
        sekisho_keys::forget_guest(&self.0, cx, &ids(bookings)).await
    }

    async fn standing(&self, cx: &Cx, bookings: &[Uuid]) -> Result<Vec<GuestKeys>, Fault> {
        let found = reads::standing(&self.0, cx, &ids(bookings)).await?;
        Ok(found.into_iter().map(told).collect())
    }
}

fn ids(bookings: &[Uuid]) -> Vec<BookingId> {
    bookings.iter().copied().map(BookingId).collect()
}

fn told(row: reads::BookingStanding) -> GuestKeys {
    let key =
        |key: reads::BookedKey| GuestKey { name: key.name, place: key.place, directions: key.directions };
    GuestKeys {
        id: row.id.uuid(),
        keys: row.keys.into_iter().map(key).collect(),
        time: Time { starts_at: row.starts_at, ends_at: row.ends_at },
        zone: row.zone,
        code: row.code,
        address: format!("/b/{}", row.token),
        called_off: row.state == BookingState::Cancelled,
        out: row.out,
    }
}

#[cfg(test)]
mod tests {
    use sekisho_kernel::FieldError;
    use sekisho_keys::NotAllowed;

    use super::*;

    #[test]
    fn a_refusal_of_the_keys_is_one_of_ours() {
        let field = |field| BookError::Invalid(vec![FieldError { field, text: "" }]);
        for (error, refusal) in [
            (BookError::NotAllowed(NotAllowed::Missing), KeysRefusal::NotYours),
            (BookError::Taken, KeysRefusal::Taken),
            (BookError::InUse, KeysRefusal::InUse),
            (BookError::Ended, KeysRefusal::Ended),
            (field("keys"), KeysRefusal::Apart),
            (field("starts"), KeysRefusal::BadTime),
            (field("ends"), KeysRefusal::BadTime),
        ] {
            let said = format!("{error:?}");
            assert!(matches!(refused(error), KeysError::Refused(is) if is == refusal), "{said}");
        }
    }
}
