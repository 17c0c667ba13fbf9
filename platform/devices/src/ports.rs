//! What we ask of the modules that own a kind of device. The host wires them; one stand-in each serves the tests.

use async_trait::async_trait;
use sekisho_kernel::{Actor, AuditEntry, Cx, EventId, Timestamp};
use sekisho_storage::Tx;
use sekisho_wire::{Answer, Ask, CommandId, CommandKind, Event, EventKind, Heartbeat, Picture};

use crate::{CommandState, Device};

/// Why a module could not take what a device told. The device is not acknowledged and sends it again.
pub type PortError = Box<dyn std::error::Error + Send + Sync>;

/// One event, and when it reached us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The event as the device told it; its time is the device's.
    pub event: Event,
    /// When it came. Much later than `event.at` when the device was offline.
    pub at: Timestamp,
}

/// A picture that a device's camera took, still sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedPicture {
    /// Its event, as this room keeps it. The same picture told twice bears the same id.
    pub event: EventId,
    /// What had happened.
    pub kind: EventKind,
    /// The picture, as the device sent it.
    pub picture: Picture,
    /// When it came.
    pub received_at: Timestamp,
}

/// Hears what devices of a kind report.
#[async_trait]
pub trait DeviceEvents: Send + Sync {
    /// New events of one device, in order, each exactly once (but again after an error). What the module writes belongs
    /// into `tx`, which commits before the device is acknowledged; the returned entries become its audit trail.
    /// `tx.cx()` acts as the device.
    async fn received(
        &self,
        tx: &mut Tx,
        device: &Device,
        events: &[Received],
    ) -> Result<Vec<AuditEntry>, PortError>;

    /// A picture of an event that is kept already. It may come twice. Whoever keeps no pictures loses it.
    async fn pictured(
        &self,
        _tx: &mut Tx,
        _device: &Device,
        _picture: &ReceivedPicture,
    ) -> Result<Vec<AuditEntry>, PortError> {
        Ok(Vec::new())
    }

    /// How the device is and what its bins look like. The last known state of the device itself is kept by this room.
    async fn reported(&self, _tx: &mut Tx, _device: &Device, _report: &Heartbeat) -> Result<(), PortError> {
        Ok(())
    }
}

/// Answers the panels of a kind of device.
#[async_trait]
pub trait DeviceAsks: Send + Sync {
    /// A question. `cx` acts as the device; use `cx.acting_as` once a person is known. The same question may come twice
    /// when a connection broke before its answer arrived. The answer's number is set by the caller.
    async fn asked(&self, cx: &Cx, device: &Device, ask: Ask) -> Result<Answer, PortError>;
}

/// A command that came to its end.
#[derive(Clone, Debug, PartialEq)]
pub struct SettledCommand {
    /// Which.
    pub id: CommandId,
    /// What it asked for.
    pub kind: CommandKind,
    /// How it ended.
    pub state: CommandState,
    /// The device's word for why, when it failed or was rejected.
    pub code: Option<String>,
    /// Who had asked.
    pub actor: Actor,
}

/// Hears how commands ended.
#[async_trait]
pub trait CommandResults: Send + Sync {
    /// A command ended; told once, in the transaction that says so.
    async fn settled(
        &self,
        tx: &mut Tx,
        device: &Device,
        command: &SettledCommand,
    ) -> Result<Vec<AuditEntry>, PortError>;
}
