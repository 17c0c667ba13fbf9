//! What boxes tell and ask, and what they are told: the ports of the device room, answered by this module.

mod config;
mod happenings;
mod panel;

use async_trait::async_trait;
use sekisho_devices::{
    CommandResults, CommandState, Device, DeviceAsks, DeviceEvents, PortError, Received, ReceivedPicture,
    SettledCommand,
};
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_storage::Tx;
use sekisho_wire::{Answer, Ask, Heartbeat};

use crate::Keys;

pub(crate) use config::{send_camera_off, send_config};

/// The module as the device room sees it.
#[derive(Clone)]
pub struct Boxes(Keys);

impl Boxes {
    /// For `Devices::serve_kind`.
    pub fn new(keys: Keys) -> Self {
        Self(keys)
    }
}

#[async_trait]
impl DeviceEvents for Boxes {
    async fn received(
        &self,
        tx: &mut Tx,
        device: &Device,
        events: &[Received],
    ) -> Result<Vec<AuditEntry>, PortError> {
        happenings::received(tx, device, events).await.map_err(Into::into)
    }

    async fn pictured(
        &self,
        tx: &mut Tx,
        device: &Device,
        picture: &ReceivedPicture,
    ) -> Result<Vec<AuditEntry>, PortError> {
        crate::keep_picture::keep_picture(tx, device, picture).await.map_err(Into::into)
    }

    async fn reported(&self, tx: &mut Tx, device: &Device, report: &Heartbeat) -> Result<(), PortError> {
        happenings::reported(tx, device, report).await.map_err(Into::into)
    }
}

#[async_trait]
impl CommandResults for Boxes {
    async fn settled(
        &self,
        tx: &mut Tx,
        _device: &Device,
        command: &SettledCommand,
    ) -> Result<Vec<AuditEntry>, PortError> {
        let ended_well = match command.state {
            CommandState::Succeeded => true,
            CommandState::Failed | CommandState::Rejected | CommandState::Expired => false,
            // The box cannot tell; its sensors will, or the attempt runs out.
            _ => return Ok(Vec::new()),
        };
        let expired = command.state == CommandState::Expired;
        happenings::settled(tx, command.id, ended_well, expired).await.map_err(Into::into)
    }
}

#[async_trait]
impl DeviceAsks for Boxes {
    async fn asked(&self, cx: &Cx, device: &Device, ask: Ask) -> Result<Answer, PortError> {
        let n = ask.n;
        let kind = panel::answer(&self.0, cx, device, ask).await?;
        Ok(Answer { n, kind })
    }
}
