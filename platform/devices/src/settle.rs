//! A command comes to its end: by the device's word, or because its time is over.

use sea_orm::{ColumnTrait, Condition};
use sekisho_kernel::{Actor, AuditEntry, Cx, DeviceId};
use sekisho_storage::{JsonText, Scoped, StoreError, Tx};
use sekisho_wire::{Command, CommandKind, SignedCommand, decode};
use uuid::Uuid;

use crate::command::CommandState;
use crate::facts::CommandSettled;
use crate::keep::KeepError;
use crate::tables::devices_commands::{Column, Entity, Model};
use crate::{Device, Devices, PortError, SettledCommand, reads};

/// Why a command could not be settled.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettleError {
    /// The module failed.
    #[error("module")]
    Port(#[source] PortError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SettleError {
    pub(crate) fn into_keep(self, device: DeviceId) -> KeepError {
        match self {
            Self::Port(error) => KeepError::Port(device, error),
            Self::Store(error) => KeepError::Store(error),
        }
    }
}

/// The row of a command.
pub(crate) async fn command_row(scope: &impl Scoped, id: Uuid) -> Result<Option<Model>, StoreError> {
    scope.find::<Entity>().filter(Column::Id.eq(id)).one().await
}

/// Moves a command to `state`, if it may. Its module hears of the end once; a device's late word over an expiry is told
/// again, for the bin did open.
pub(crate) async fn settle(
    devices: &Devices,
    tx: &mut Tx,
    device: &Device,
    row: &Model,
    state: CommandState,
    code: Option<String>,
    ask: bool,
) -> Result<(), SettleError> {
    let now = tx.cx().now;
    if !row.state.may_become(state) {
        return Ok(());
    }
    let update = tx
        .update::<Entity>()
        .set(Column::State, state)
        .set(Column::Code, code.clone())
        .filter(Condition::all().add(Column::Id.eq(row.id)).add(Column::State.eq(row.state)));
    let update = if state.is_final() { update.set(Column::SettledAt, now) } else { update };
    if update.exec().await? == 0 || !state.is_final() {
        return Ok(());
    }
    metrics::counter!("sekisho_devices_commands_total", "kind" => row.kind.clone(), "state" => state.word())
        .increment(1);
    if let (CommandKind::Update { rollout, .. }, false) =
        (kind_of(&row.payload), state == CommandState::Succeeded)
    {
        let why = code.clone().unwrap_or_else(|| format!("order_{}", state.word()));
        crate::carry_on::not_ordered(tx, device.id, rollout, why).await?;
    }
    let JsonText(actor) = row.actor.clone();
    let settled = SettledCommand { id: row.id.into(), kind: kind_of(&row.payload), state, code, actor };
    if let Some(ports) = devices.ports(device.kind).filter(|_| ask) {
        let entries = ports.results.settled(tx, device, &settled).await.map_err(SettleError::Port)?;
        entries.into_iter().for_each(|entry| tx.record(entry));
    }
    let entry = if state == CommandState::Succeeded {
        AuditEntry::done("device.command")
    } else {
        AuditEntry::failed("device.command")
    };
    tx.record(
        entry
            .on("device", device.id, device.name.clone())
            .with("command", row.id)
            .with("kind", &row.kind)
            .with("state", state)
            .with("code", &settled.code),
    );
    tx.publish(&CommandSettled { device: device.id, command: settled.id, state: state.word().to_owned() })
        .await?;
    Ok(())
}

/// Ends one command whose time is over and whose device said nothing.
pub(crate) async fn expire(devices: &Devices, cx: &Cx, id: Uuid) -> Result<(), SettleError> {
    let cx = cx.acting_as(Actor::System { name: "devices.expire".to_owned() });
    let mut tx = devices.store().begin(&cx).await?;
    let Some(row) = command_row(&tx, id).await? else { return Ok(()) };
    let Some(device) = reads::locked_row(&tx, row.device_id).await?.map(Device::from) else { return Ok(()) };
    settle(devices, &mut tx, &device, &row, CommandState::Expired, None, true).await?;
    tx.commit_bookkeeping("the entries were recorded on the way").await?;
    Ok(())
}

/// What a stored command asked for.
pub(crate) fn kind_of(payload: &[u8]) -> CommandKind {
    decode::<SignedCommand>(payload)
        .and_then(|signed| decode::<Command>(&signed.command))
        .map(|command| command.kind)
        .unwrap_or_default()
}
