//! A box has sent a picture (K15): kept sealed as it came, once, beside what it belongs to, until its day.

use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;
use sekisho_devices::{Device, ReceivedPicture};
use sekisho_kernel::{AuditEntry, Timestamp};
use sekisho_storage::{Scoped, StoreError, Tx};
use sekisho_wire::{CommandId, EventKind};

use crate::ids::PictureId;
use crate::set_camera::delete_at;
use crate::tables::words::PictureOf;
use crate::tables::{boxes, loans, pictures};

/// Keeps a picture of an event of one box. The same picture told twice is kept once.
pub(crate) async fn keep_picture(
    tx: &mut Tx,
    device: &Device,
    received: &ReceivedPicture,
) -> Result<Vec<AuditEntry>, StoreError> {
    let place = tx.find::<boxes::Entity>().filter(boxes::Column::DeviceId.eq(device.id)).one().await?;
    let (Some(place), Some((what, bin, command))) = (place, shown(&received.kind)) else {
        metrics::counter!("sekisho_keys_pictures_refused_total").increment(1);
        tracing::warn!(device = %device.id, "a picture of a box that is not connected to any");
        return Ok(Vec::new());
    };
    if !is_welcome(&place, received.picture.at) {
        metrics::counter!("sekisho_keys_pictures_refused_total").increment(1);
        tracing::warn!(device = %device.id, "a picture of a time when nobody wanted pictures of this box");
        return Ok(Vec::new());
    }
    let event = received.event.uuid();
    if tx.find::<pictures::Entity>().filter(pictures::Column::EventId.eq(event)).exists().await? {
        return Ok(Vec::new());
    }
    let loan = match command {
        Some(command) => {
            tx.find::<loans::Entity>().filter(loans::Column::CommandId.eq(command.uuid())).one().await?
        }
        None => None,
    };
    let id: PictureId = tx.cx().fresh_id();
    let due = delete_at(received.received_at, place.picture_days);
    let row = pictures::ActiveModel {
        id: Set(id),
        event_id: Set(event),
        box_id: Set(place.id),
        device_id: Set(device.id),
        loan_id: Set(loan.as_ref().map(|loan| loan.id)),
        key_id: Set(loan.as_ref().map(|loan| loan.key_id)),
        command_id: Set(command.map(CommandId::uuid)),
        what: Set(what),
        bin: Set(bin),
        seq: Set(i64::try_from(received.picture.seq).unwrap_or(i64::MAX)),
        at: Set(received.picture.at),
        received_at: Set(received.received_at),
        delete_at: Set(due),
        sealing_key: Set(i64::from(received.picture.key)),
        sealed: Set(received.picture.sealed.clone()),
        ..Default::default()
    };
    tx.insert::<pictures::Entity>(row).await?;
    metrics::counter!("sekisho_keys_pictures_total").increment(1);
    let entry = AuditEntry::done("picture.take").on("picture", id, place.name);
    Ok(vec![entry.with("what", what).with("bin", bin).with("delete_at", due)])
}

/// Whether pictures taken `at` are wanted: the camera had been switched on and not off since, and the device was the
/// box's. One that comes late, from when it was on, is.
fn is_welcome(place: &boxes::Model, at: Timestamp) -> bool {
    // Nothing was written down for a box set up by an earlier version.
    let on = place.camera_since.map_or(place.camera, |since| since <= at);
    let not_off = place.camera_until.is_none_or(|until| at <= until);
    on && not_off && place.device_since.is_none_or(|since| since <= at)
}

/// What a picture is of, at which bin, and for which command the door opened.
fn shown(kind: &EventKind) -> Option<(PictureOf, Option<i64>, Option<CommandId>)> {
    match kind {
        EventKind::BinOpened { bin, command } => {
            Some((PictureOf::BinOpened, Some(i64::from(*bin)), *command))
        }
        EventKind::BinForced { bin } => Some((PictureOf::BinForced, Some(i64::from(*bin)), None)),
        EventKind::DoorOpened { command: Some(command) } => {
            Some((PictureOf::DoorOpened, None, Some(*command)))
        }
        EventKind::DoorOpened { command: None } => Some((PictureOf::DoorForced, None, None)),
        EventKind::TamperOn => Some((PictureOf::Tampered, None, None)),
        EventKind::CodeRefused { .. } => Some((PictureOf::CodesRefused, None, None)),
        _ => None,
    }
}
