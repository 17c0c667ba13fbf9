//! Questions for pages, lists and use cases, straight from the tables to what is shown.

mod book;
mod bookings;
mod guests;
mod listing;
mod on_behalf;
mod own;
mod pictures;
mod reports;
mod rows;
mod sight;
mod stock;

use sea_orm::{ColumnTrait, Condition};
use sekisho_storage::{Scoped, StoreError};

pub use bookings::{BookingFilter, BookingRow, KeycodeRow, booking_row, bookings, keycodes_of};
pub use listing::{ListAsk, Listing, listing};
pub use on_behalf::{Bookable, BookableAsk, BookedKey, BookingStanding, bookable, standing};
pub use own::own;
pub use pictures::{LookRow, PictureFilter, PictureRow, looks, pictures};
pub use reports::{
    Drift, HolderRow, LoanFilter, LoanRow, OpeningRow, drift, holders, idle_keys, loans, openings, unmended,
};
pub use rows::{BinRow, BoxRow, GroupRow, IncidentRow, KeyRow, KeyState, NamedKey};
pub use sight::Sight;
pub use stock::{KeyFilter, Stock, Which, stock, stock_of, stock_of_key};

use crate::ids::{BookingId, BoxId, KeyId};
use crate::ledger::box_of_bin;
use crate::tables::{booking_keys, bookings as booking_rows, boxes, keys};

/// A key in use.
pub async fn key(scope: &impl Scoped, id: KeyId) -> Result<Option<keys::Model>, StoreError> {
    let this = Condition::all().add(keys::Column::Id.eq(id)).add(keys::Column::WithdrawnAt.is_null());
    scope.find::<keys::Entity>().filter(this).one().await
}

/// A box in use.
pub async fn place(scope: &impl Scoped, id: BoxId) -> Result<Option<boxes::Model>, StoreError> {
    let this = Condition::all().add(boxes::Column::Id.eq(id)).add(boxes::Column::RetiredAt.is_null());
    scope.find::<boxes::Entity>().filter(this).one().await
}

/// A booking.
pub async fn booking(scope: &impl Scoped, id: BookingId) -> Result<Option<booking_rows::Model>, StoreError> {
    scope.find::<booking_rows::Entity>().filter(booking_rows::Column::Id.eq(id)).one().await
}

/// The zone of the box in which a key hangs or to which it belongs.
pub async fn zone_of_key(scope: &impl Scoped, key: &keys::Model) -> Result<String, StoreError> {
    let place = place_of(scope, key).await?;
    Ok(place.map_or_else(|| sekisho_places::HOME_ZONE.to_owned(), |place| place.zone))
}

/// The box that a key hangs in or belongs to.
pub(crate) async fn place_of(
    scope: &impl Scoped,
    key: &keys::Model,
) -> Result<Option<boxes::Model>, StoreError> {
    if let Some(bin) = key.bin_id
        && let Some((place, _)) = box_of_bin(scope, bin).await?
    {
        return Ok(Some(place));
    }
    match key.home_box {
        Some(home) => scope.find::<boxes::Entity>().filter(boxes::Column::Id.eq(home)).one().await,
        None => Ok(None),
    }
}

/// The names of a booking's keys.
pub(crate) async fn names_of_booking(scope: &impl Scoped, id: BookingId) -> Result<Vec<String>, StoreError> {
    Ok(crate::book::booked_keys(scope, id).await?.into_iter().map(|key| key.name).collect())
}

/// A booking's keys.
pub(crate) async fn keys_of_booking(scope: &impl Scoped, id: BookingId) -> Result<Vec<KeyId>, StoreError> {
    let members = booking_keys::Column::BookingId.eq(id);
    let members = scope.find::<booking_keys::Entity>().filter(members).all().await?;
    Ok(members.into_iter().map(|member| member.key_id).collect())
}

/// All bookings that name a key.
pub async fn bookings_of_key(scope: &impl Scoped, key: KeyId) -> Result<Vec<BookingId>, StoreError> {
    let members =
        scope.find::<booking_keys::Entity>().filter(booking_keys::Column::KeyId.eq(key)).all().await?;
    Ok(members.into_iter().map(|member| member.booking_id).collect())
}
