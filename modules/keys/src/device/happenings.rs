//! What boxes report, turned into what it means for bins, keys and loans. It is all written in the transaction after which
//! the box is acknowledged; the same event told twice changes nothing.

use std::time::Duration;

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition};
use sekisho_devices::{Device, Received};
use sekisho_kernel::{AuditEntry, Timestamp};
use sekisho_storage::{Scoped, StoreError, Tx};
use sekisho_wire::{BinNumber, CommandId, EventKind, Heartbeat};

use crate::custody::Happening;
use crate::events::{BoxTroubled, StockChanged};
use crate::ids::{BinId, LoanId};
use crate::ledger::{Circumstances, bins_of, happened, lock_key, new_incident, new_loan};
use crate::tables::words::{BinDoor, IncidentKind, LoanState, OpeningResult, Way};
use crate::tables::{bins, boxes, incidents, keys, loans, openings};

/// A key that leaves a bin so soon after it was put there, through the same door, goes back to whom it came from.
const CHANGED_MIND: Duration = Duration::from_secs(300);

/// New events of one box, in order.
pub(super) async fn received(
    tx: &mut Tx,
    device: &Device,
    events: &[Received],
) -> Result<Vec<AuditEntry>, StoreError> {
    let Some(place) = box_of(tx, device).await? else {
        tracing::warn!(device = %device.id, "events of a box that is not connected to any");
        return Ok(Vec::new());
    };
    let mut entries = Vec::new();
    for received in events {
        let at = received.event.at.min(received.at);
        entries.extend(one(tx, &place, &received.event.kind, at).await?);
    }
    tx.publish(&StockChanged {}).await?;
    Ok(entries)
}

async fn box_of(scope: &impl Scoped, device: &Device) -> Result<Option<boxes::Model>, StoreError> {
    scope.find::<boxes::Entity>().filter(boxes::Column::DeviceId.eq(device.id)).one().await
}

async fn one(
    tx: &mut Tx,
    place: &boxes::Model,
    kind: &EventKind,
    at: Timestamp,
) -> Result<Vec<AuditEntry>, StoreError> {
    match kind {
        EventKind::BinOpened { bin, command } => {
            see_door(tx, place, *bin, BinDoor::Open, at).await?;
            opening_result(tx, *command, OpeningResult::Opened).await?;
            Ok(vec![])
        }
        EventKind::BinClosed { bin, command } => {
            see_door(tx, place, *bin, BinDoor::Closed, at).await?;
            mended(tx, place, *bin, IncidentKind::BinLeftOpen).await?;
            match *command {
                Some(command) => attempt_over(tx, command).await,
                None => Ok(vec![]),
            }
        }
        EventKind::KeyRemoved { bin, fob, command } => {
            removed(tx, place, *bin, fob.as_deref(), *command, at).await
        }
        EventKind::KeyInserted { bin, fob, .. } => inserted(tx, place, *bin, fob, at).await,
        EventKind::KeyUnknown { bin, fob } => {
            see_fob(tx, place, *bin, fob.as_deref(), at).await?;
            trouble(tx, place, Some(*bin), IncidentKind::UnknownFob, at).await
        }
        EventKind::BinForced { bin } => {
            see_door(tx, place, *bin, BinDoor::Open, at).await?;
            trouble(tx, place, Some(*bin), IncidentKind::BinForced, at).await
        }
        EventKind::BinLeftOpen { bin, .. } => {
            trouble(tx, place, Some(*bin), IncidentKind::BinLeftOpen, at).await
        }
        EventKind::BinJammed { command, .. } => {
            opening_result(tx, *command, OpeningResult::Failed).await?;
            match *command {
                Some(command) => attempt_over(tx, command).await,
                None => Ok(vec![]),
            }
        }
        EventKind::DoorOpened { command: Some(command) } => {
            opening_result(tx, Some(*command), OpeningResult::Opened).await?;
            Ok(vec![])
        }
        EventKind::DoorOpened { command: None } | EventKind::TamperOn | EventKind::CodeRefused { .. } => {
            trouble(tx, place, None, IncidentKind::Tampered, at).await
        }
        EventKind::PowerLost => trouble(tx, place, None, IncidentKind::PowerLost, at).await,
        EventKind::BatteryLow { .. } => trouble(tx, place, None, IncidentKind::BatteryLow, at).await,
        EventKind::PowerRestored => {
            mended_box(tx, place, IncidentKind::PowerLost).await?;
            Ok(vec![])
        }
        EventKind::Unknown
        | EventKind::Started { .. }
        | EventKind::DoorClosed
        | EventKind::TamperOff
        | EventKind::PicturesLost { .. }
        | EventKind::Updating { .. }
        | EventKind::ClockStepped { .. } => Ok(vec![]),
    }
}

/// The bin of this number, by the book.
async fn bin_of(
    scope: &impl Scoped,
    place: &boxes::Model,
    number: BinNumber,
) -> Result<Option<bins::Model>, StoreError> {
    let this = Condition::all()
        .add(bins::Column::BoxId.eq(place.id))
        .add(bins::Column::Number.eq(i64::from(number)));
    scope.find::<bins::Entity>().filter(this).one().await
}

async fn removed(
    tx: &mut Tx,
    place: &boxes::Model,
    number: BinNumber,
    fob: Option<&str>,
    command: Option<CommandId>,
    at: Timestamp,
) -> Result<Vec<AuditEntry>, StoreError> {
    see_fob(tx, place, number, None, at).await?;
    let Some(bin) = bin_of(tx, place, number).await? else { return Ok(vec![]) };
    let loan = match command {
        Some(command) => loan_of(tx, command).await?,
        None => None,
    };
    let key = match (&loan, fob) {
        (Some(loan), _) => Some(loan.key_id),
        (None, Some(fob)) => {
            tx.find::<keys::Entity>().filter(keys::Column::Fob.eq(fob)).one().await?.map(|key| key.id)
        }
        (None, None) => None,
    };
    let key = match key {
        Some(key) => lock_key(tx, key).await?,
        None => {
            let hanging = tx.find::<keys::Entity>().filter(keys::Column::BinId.eq(bin.id)).one().await?;
            match hanging {
                Some(key) => lock_key(tx, key.id).await?,
                None => None,
            }
        }
    };
    let Some(key) = key else { return Ok(vec![]) };
    let by = match (loan, command) {
        (Some(loan), _) => Some(loan.id),
        (None, Some(command)) => follow_up_loan(tx, &key, bin.id, command, at).await?,
        (None, None) => None,
    };
    happened(tx, &key, Happening::Removed(by), Circumstances { at: Some(at), by: None }).await
}

/// A key taken through a door that was not opened for taking it: a manager's opening makes it the manager's; a door opened
/// for a return gives it back to whoever had just put it there.
async fn follow_up_loan(
    tx: &mut Tx,
    key: &keys::Model,
    bin: BinId,
    command: CommandId,
    at: Timestamp,
) -> Result<Option<LoanId>, StoreError> {
    let id: LoanId = tx.cx().fresh_id();
    let opening = tx.find::<openings::Entity>().filter(openings::Column::Id.eq(command.uuid())).one().await?;
    if let Some(opening) = opening {
        let row = loans::ActiveModel {
            person_id: Set(Some(opening.person_id)),
            command_id: Set(Some(command.uuid())),
            ..new_loan(id, key, Way::ManagerOpening, at)
        };
        tx.insert::<loans::Entity>(row).await?;
        return Ok(Some(id));
    }
    let just_returned = Condition::all()
        .add(loans::Column::KeyId.eq(key.id))
        .add(loans::Column::State.eq(LoanState::Returned))
        .add(loans::Column::ReturnedBin.eq(bin))
        .add(loans::Column::EndedAt.gte(at.minus(CHANGED_MIND)));
    let last = tx
        .find::<loans::Entity>()
        .filter(just_returned)
        .descending(loans::Column::EndedAt)
        .limit(1)
        .one()
        .await?;
    // The same loan goes on: it had not really ended.
    Ok(last.map(|loan| loan.id))
}

async fn loan_of(scope: &impl Scoped, command: CommandId) -> Result<Option<loans::Model>, StoreError> {
    scope.find::<loans::Entity>().filter(loans::Column::CommandId.eq(command.uuid())).one().await
}

async fn inserted(
    tx: &mut Tx,
    place: &boxes::Model,
    number: BinNumber,
    fob: &str,
    at: Timestamp,
) -> Result<Vec<AuditEntry>, StoreError> {
    see_fob(tx, place, number, Some(fob), at).await?;
    let Some(bin) = bin_of(tx, place, number).await? else { return Ok(vec![]) };
    let known = Condition::all().add(keys::Column::Fob.eq(fob)).add(keys::Column::WithdrawnAt.is_null());
    let key = match tx.find::<keys::Entity>().filter(known).one().await? {
        Some(key) => lock_key(tx, key.id).await?,
        None => None,
    };
    match key {
        Some(key) => {
            happened(tx, &key, Happening::Inserted(bin.id), Circumstances { at: Some(at), by: None }).await
        }
        None => trouble(tx, place, Some(number), IncidentKind::UnknownFob, at).await,
    }
}

/// The bin was closed, or could not open: an attempt that took nothing is over. One that took the key is not an attempt any
/// more, and nothing happens to it.
async fn attempt_over(tx: &mut Tx, command: CommandId) -> Result<Vec<AuditEntry>, StoreError> {
    match loan_of(tx, command).await? {
        Some(loan) => Ok(crate::close_attempt::close_attempt(tx, loan.id).await?.into_iter().collect()),
        None => Ok(vec![]),
    }
}

/// How a command of ours ended.
pub(super) async fn settled(
    tx: &mut Tx,
    command: CommandId,
    ended_well: bool,
    expired: bool,
) -> Result<Vec<AuditEntry>, StoreError> {
    let result = match (ended_well, expired) {
        (true, _) => OpeningResult::Opened,
        (false, true) => OpeningResult::Expired,
        (false, false) => OpeningResult::Failed,
    };
    opening_result(tx, Some(command), result).await?;
    if ended_well { Ok(vec![]) } else { attempt_over(tx, command).await }
}

async fn opening_result(
    tx: &Tx,
    command: Option<CommandId>,
    result: OpeningResult,
) -> Result<(), StoreError> {
    let Some(command) = command else { return Ok(()) };
    // A bin that opened did open, whatever comes later.
    let this = Condition::all()
        .add(openings::Column::Id.eq(command.uuid()))
        .add(openings::Column::Result.ne(OpeningResult::Opened));
    tx.update::<openings::Entity>().set(openings::Column::Result, result).filter(this).exec().await?;
    Ok(())
}

/// What the box sees in its bins, as told with every heartbeat. The book is not changed by it: where both differ, the page
/// of the inventory shows it.
pub(super) async fn reported(tx: &mut Tx, device: &Device, report: &Heartbeat) -> Result<(), StoreError> {
    let Some(place) = box_of(tx, device).await? else { return Ok(()) };
    let rows = bins_of(tx, place.id).await?;
    for seen in &report.bins {
        let Some(row) = rows.iter().find(|row| row.number == i64::from(seen.bin)) else { continue };
        let door = if seen.closed { BinDoor::Closed } else { BinDoor::Open };
        if row.door != door || row.fob != seen.fob {
            tx.update::<bins::Entity>()
                .set(bins::Column::Door, door)
                .set(bins::Column::Fob, seen.fob.clone())
                .set(bins::Column::SeenAt, tx.cx().now)
                .filter(bins::Column::Id.eq(row.id))
                .exec()
                .await?;
        }
    }
    Ok(())
}

async fn see_door(
    tx: &Tx,
    place: &boxes::Model,
    bin: BinNumber,
    door: BinDoor,
    at: Timestamp,
) -> Result<(), StoreError> {
    let this =
        Condition::all().add(bins::Column::BoxId.eq(place.id)).add(bins::Column::Number.eq(i64::from(bin)));
    tx.update::<bins::Entity>()
        .set(bins::Column::Door, door)
        .set(bins::Column::SeenAt, at)
        .filter(this)
        .exec()
        .await?;
    Ok(())
}

async fn see_fob(
    tx: &Tx,
    place: &boxes::Model,
    bin: BinNumber,
    fob: Option<&str>,
    at: Timestamp,
) -> Result<(), StoreError> {
    let this =
        Condition::all().add(bins::Column::BoxId.eq(place.id)).add(bins::Column::Number.eq(i64::from(bin)));
    tx.update::<bins::Entity>()
        .set(bins::Column::Fob, fob.map(str::to_owned))
        .set(bins::Column::SeenAt, at)
        .filter(this)
        .exec()
        .await?;
    Ok(())
}

/// Writes down what is wrong with the box, once while it lasts, and tells it.
async fn trouble(
    tx: &mut Tx,
    place: &boxes::Model,
    number: Option<BinNumber>,
    what: IncidentKind,
    at: Timestamp,
) -> Result<Vec<AuditEntry>, StoreError> {
    let bin = match number {
        Some(number) => bin_of(tx, place, number).await?.map(|bin| bin.id),
        None => None,
    };
    let mut lasting = Condition::all()
        .add(incidents::Column::BoxId.eq(place.id))
        .add(incidents::Column::What.eq(what))
        .add(incidents::Column::MendedAt.is_null());
    if let Some(bin) = bin {
        lasting = lasting.add(incidents::Column::BinId.eq(bin));
    }
    if tx.find::<incidents::Entity>().filter(lasting).exists().await? {
        return Ok(vec![]);
    }
    let incident = incidents::ActiveModel {
        box_id: Set(Some(place.id)),
        bin_id: Set(bin),
        ..new_incident(tx.cx().fresh_id(), what, at)
    };
    tx.insert::<incidents::Entity>(incident).await?;
    let event = BoxTroubled {
        at_box: place.id,
        box_name: place.name.clone(),
        what: what.word().to_owned(),
        number: number.map(i64::from),
        at,
    };
    tx.publish(&event).await?;
    let entry = AuditEntry::done("box.trouble").on("box", place.id, &*place.name);
    Ok(vec![entry.with("what", what).with("bin", number)])
}

async fn mended(tx: &Tx, place: &boxes::Model, bin: BinNumber, what: IncidentKind) -> Result<(), StoreError> {
    let Some(bin) = bin_of(tx, place, bin).await? else { return Ok(()) };
    let this = Condition::all()
        .add(incidents::Column::BinId.eq(bin.id))
        .add(incidents::Column::What.eq(what))
        .add(incidents::Column::MendedAt.is_null());
    tx.update::<incidents::Entity>()
        .set(incidents::Column::MendedAt, tx.cx().now)
        .filter(this)
        .exec()
        .await?;
    Ok(())
}

async fn mended_box(tx: &Tx, place: &boxes::Model, what: IncidentKind) -> Result<(), StoreError> {
    let this = Condition::all()
        .add(incidents::Column::BoxId.eq(place.id))
        .add(incidents::Column::What.eq(what))
        .add(incidents::Column::MendedAt.is_null());
    tx.update::<incidents::Entity>()
        .set(incidents::Column::MendedAt, tx.cx().now)
        .filter(this)
        .exec()
        .await?;
    Ok(())
}
