//! Pictures of devices' cameras on their way in: read, counted, joined to the event they belong to. What is in them stays
//! sealed; only the module that made the key opens them.

use std::num::NonZeroU32;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use sea_orm::{ColumnTrait, Condition};
use sekisho_kernel::{DeviceId, EventId};
use sekisho_storage::{Scoped as _, StoreError, Tx};
use sekisho_wire::{Event, EventKind, MAX_SEALED, Picture, decode};

use crate::tables::{devices_devices, devices_events};

/// Pictures a minute from one device. A box that was offline for long waits a minute where it is told to.
const A_MINUTE: NonZeroU32 = NonZeroU32::MIN.saturating_add(29);
/// Devices remembered before the quiet ones are forgotten.
const MOST_REMEMBERED: usize = 10_000;
/// Events looked through when a device has numbered its journal anew since it took the picture.
const LOOKED_THROUGH: u64 = 256;

/// How many pictures each device may still send.
pub(crate) struct Allowance(DefaultKeyedRateLimiter<DeviceId>);

impl Allowance {
    pub(crate) fn new() -> Self {
        Self(RateLimiter::keyed(Quota::per_minute(A_MINUTE)))
    }

    /// Whether this device may send one more now.
    pub(crate) fn may(&self, device: DeviceId) -> bool {
        if self.0.len() > MOST_REMEMBERED {
            self.0.retain_recent();
        }
        self.0.check_key(&device).is_ok()
    }
}

/// The picture a device sent under the number of an event; none when it is unreadable or too large.
pub(crate) fn read(seq: u64, payload: &[u8]) -> Option<Picture> {
    let picture: Picture = decode(payload).ok()?;
    let fits = picture.seq == seq && seq > 0 && i64::try_from(seq).is_ok();
    (fits && picture.sealed.len() <= MAX_SEALED).then_some(picture)
}

/// A picture was not taken.
pub(crate) fn refused(why: &'static str) {
    metrics::counter!("sekisho_devices_pictures_refused_total", "why" => why).increment(1);
}

/// The event a picture belongs to: the one with its number and time in the present journal, else the newest at its time,
/// for a journal that went on behind another history has numbered its events anew. All events that came before the
/// picture are in the table.
pub(crate) async fn event_of(
    tx: &Tx,
    device: &devices_devices::Model,
    picture: &Picture,
) -> Result<Option<(EventId, EventKind)>, StoreError> {
    use devices_events::{Column, Entity};
    let seq = i64::try_from(picture.seq).unwrap_or(i64::MAX);
    let numbered = Condition::all()
        .add(Column::DeviceId.eq(device.id))
        .add(Column::Epoch.eq(device.event_epoch))
        .add(Column::Seq.eq(seq));
    let row = tx.find::<Entity>().filter(numbered).one().await?;
    if let Some(found) = row.and_then(|row| pictured(&row, picture)) {
        return Ok(Some(found));
    }
    let newest = tx.find::<Entity>().filter(Column::DeviceId.eq(device.id)).descending(Column::Id);
    let rows = newest.limit(LOOKED_THROUGH).all().await?;
    Ok(rows.iter().find_map(|row| pictured(row, picture)))
}

fn pictured(row: &devices_events::Model, picture: &Picture) -> Option<(EventId, EventKind)> {
    let event: Event = decode(&row.payload).ok().filter(|_| row.at == picture.at)?;
    event.kind.is_pictured().then_some((row.id, event.kind))
}

#[cfg(test)]
mod tests {
    use super::{Allowance, read};
    use sekisho_kernel::{DeviceId, Timestamp};
    use sekisho_wire::{MAX_SEALED, Picture, encode};
    use uuid::Uuid;

    fn picture(seq: u64, bytes: usize) -> Vec<u8> {
        encode(&Picture { seq, at: Timestamp::EPOCH, key: 1, sealed: vec![7; bytes] })
    }

    #[test]
    fn only_what_fits_its_topic_and_the_limit_is_read() {
        assert!(read(7, &picture(7, MAX_SEALED)).is_some());
        assert!(read(7, &picture(7, MAX_SEALED + 1)).is_none(), "too large");
        assert!(read(8, &picture(7, 100)).is_none(), "another number");
        assert!(read(0, &picture(0, 100)).is_none(), "no event has this number");
        assert!(read(7, b"").is_none());
    }

    #[test]
    fn a_device_that_floods_us_takes_nothing_from_another() {
        let allowance = Allowance::new();
        let (greedy, other) = (DeviceId(Uuid::from_u128(1)), DeviceId(Uuid::from_u128(2)));
        assert_eq!((0..100).filter(|_| allowance.may(greedy)).count(), 30);
        assert!(allowance.may(other));
    }
}
