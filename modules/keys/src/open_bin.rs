//! A manager of the location opens a bin from afar, whatever rights they have on keys (K8f). In two steps: the bin's lamp
//! is lit, so that whoever stands there says "this one"; then it is opened.

use std::time::Duration;

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition};
use sekisho_devices::NewCommand;
use sekisho_kernel::{AuditEntry, Cx, DeviceId, Timestamp};
use sekisho_storage::Scoped;
use sekisho_wire::{BinNumber, CommandId, CommandKind, ReleaseReason};

use crate::Keys;
use crate::add_box::{ManagedBox, may_manage_box};
use crate::events::BinOpened;
use crate::ids::BoxId;
use crate::stock::StockError;
use crate::tables::words::OpeningResult;
use crate::tables::{bins, openings};
use crate::take_out::RELEASE_LIFE;
use crate::warrant::NotAllowed;
use sekisho_web::Checks;

/// How long the lamp is lit.
const LIGHT_SECONDS: u16 = 60;
/// The lamp is lit within that time or not at all.
const LIGHT: Duration = Duration::from_secs(60);

/// First step: the lamp of the bin is lit.
pub async fn light_bin(keys: &Keys, cx: &Cx, id: BoxId, bin: i64) -> Result<(), StockError> {
    let managed = may_manage_box(keys, cx, id, "bin.light").await?;
    let (_, number, device) = reachable(keys, cx, &managed, bin).await?;
    keys.devices.ready(cx).await?;
    let mut tx = keys.store.begin(cx).await?;
    keys.devices
        .command(
            &mut tx,
            device,
            NewCommand { kind: CommandKind::LightBin { bin: number, seconds: LIGHT_SECONDS }, life: LIGHT },
        )
        .await?;
    let entry = AuditEntry::done("bin.light").on("box", id, managed.place.name).decided(managed.decision);
    Ok(tx.commit(entry.with("bin", bin)).await?)
}

/// An opening on its way.
#[derive(Clone, Copy, Debug)]
pub struct Opening {
    /// The command.
    pub command: CommandId,
    /// Until when it waits.
    pub not_after: Timestamp,
}

/// Second step: the bin is opened.
pub async fn open_bin(
    keys: &Keys,
    cx: &Cx,
    id: BoxId,
    bin: i64,
    reason: &str,
) -> Result<Opening, StockError> {
    let mut checks = Checks::default();
    let reason = checks.note("reason", reason);
    checks.done::<StockError>()?;
    let managed = may_manage_box(keys, cx, id, "bin.open").await?;
    let person = cx.actor.person().ok_or(NotAllowed::Missing)?;
    let (row, number, device) = reachable(keys, cx, &managed, bin).await?;
    keys.devices.ready(cx).await?;
    let mut tx = keys.store.begin(cx).await?;
    let not_after = cx.now.plus(RELEASE_LIFE);
    let release = CommandKind::ReleaseBin { bin: number, key: None, why: ReleaseReason::Manager };
    let command =
        keys.devices.command(&mut tx, device, NewCommand { kind: release, life: RELEASE_LIFE }).await?;
    let opening = openings::ActiveModel {
        id: Set(command.uuid()),
        box_id: Set(id),
        bin_id: Set(Some(row.id)),
        person_id: Set(person),
        reason: Set(reason.clone()),
        at: Set(cx.now),
        result: Set(OpeningResult::Sent),
        ..Default::default()
    };
    tx.insert::<openings::Entity>(opening).await?;
    let event =
        BinOpened { at_box: id, box_name: managed.place.name.clone(), number: bin, person, at: cx.now };
    tx.publish(&event).await?;
    let entry = AuditEntry::done("bin.open").on("box", id, managed.place.name).decided(managed.decision);
    tx.commit(entry.with("bin", bin).with("reason", reason).with("command", command)).await?;
    Ok(Opening { command, not_after })
}

async fn reachable(
    keys: &Keys,
    cx: &Cx,
    managed: &ManagedBox,
    bin: i64,
) -> Result<(bins::Model, BinNumber, DeviceId), StockError> {
    let device = managed.place.device_id.ok_or(StockError::Refused("keys-refused-no-device"))?;
    let this =
        Condition::all().add(bins::Column::BoxId.eq(managed.place.id)).add(bins::Column::Number.eq(bin));
    let row = keys
        .store
        .read(cx.tenant)
        .await?
        .find::<bins::Entity>()
        .filter(this)
        .one()
        .await?
        .ok_or(NotAllowed::Missing)?;
    let number = BinNumber::try_from(row.number).map_err(|_| NotAllowed::Missing)?;
    Ok((row, number, device))
}
