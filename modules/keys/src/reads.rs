//! Questions for pages, lists and use cases, straight from the tables.

use sea_orm::{ColumnTrait, Condition};
use sekisho_storage::{Scoped, StoreError};

use crate::ids::{BookingId, KeyId};
use crate::tables::{booking_keys, bookings, keys};

/// A key in use.
pub async fn key(scope: &impl Scoped, id: KeyId) -> Result<Option<keys::Model>, StoreError> {
    let this = Condition::all().add(keys::Column::Id.eq(id)).add(keys::Column::WithdrawnAt.is_null());
    scope.find::<keys::Entity>().filter(this).one().await
}

/// A booking.
pub async fn booking(scope: &impl Scoped, id: BookingId) -> Result<Option<bookings::Model>, StoreError> {
    scope.find::<bookings::Entity>().filter(bookings::Column::Id.eq(id)).one().await
}

/// The zone of the box in which a key hangs or to which it belongs.
pub async fn zone_of_key(scope: &impl Scoped, key: &keys::Model) -> Result<String, StoreError> {
    let place = crate::take_out::place_of(scope, key).await?;
    Ok(place.map_or_else(|| sekisho_places::HOME_ZONE.to_owned(), |place| place.zone))
}

/// All bookings that name a key.
pub async fn bookings_of_key(scope: &impl Scoped, key: KeyId) -> Result<Vec<BookingId>, StoreError> {
    let members = scope.find::<booking_keys::Entity>().filter(booking_keys::Column::KeyId.eq(key)).all().await?;
    Ok(members.into_iter().map(|member| member.booking_id).collect())
}
