//! Questions for pages, lists and use cases, straight from the tables to what is shown.

mod bookings;
mod overview;
mod own;
mod reports;
mod sight;

use sea_orm::{ColumnTrait, Condition};
use sekisho_storage::{Scoped, StoreError};

pub use bookings::{BookingFilter, BookingRow, KeycodeRow, booking_row, bookings, keycodes_of};
pub use overview::{
    BinRow, BoxRow, GroupRow, IncidentRow, KeyFilter, KeyRow, KeyState, Stock, Which, stock, stock_of,
};
pub use own::own;
pub use reports::{
    Drift, HolderRow, LoanFilter, LoanRow, OpeningRow, drift, holders, idle_keys, loans, openings, unmended,
};
pub use sight::Sight;

use crate::ids::{BookingId, BoxId, KeyId};
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
    let place = crate::take_out::place_of(scope, key).await?;
    Ok(place.map_or_else(|| sekisho_places::HOME_ZONE.to_owned(), |place| place.zone))
}

/// All bookings that name a key.
pub async fn bookings_of_key(scope: &impl Scoped, key: KeyId) -> Result<Vec<BookingId>, StoreError> {
    let members =
        scope.find::<booking_keys::Entity>().filter(booking_keys::Column::KeyId.eq(key)).all().await?;
    Ok(members.into_iter().map(|member| member.booking_id).collect())
}
