//! What an administrator does with devices, each in a transaction of its own.

use std::time::Duration;

use sekisho_kernel::{Cx, DeviceId};
use sekisho_storage::Tx;
use sekisho_wire::{CommandId, CommandKind};

use crate::{ClaimCode, DeviceError, Devices, NewCommand, NewDevice};

/// A restart may wait for a moment; nobody stands before it.
const RESTART_LIFE: Duration = Duration::from_secs(60);

/// Every one of these acts recorded its entry on the way.
const RECORDED: &str = "the entry was recorded by the act itself";

impl Devices {
    async fn begin(&self, cx: &Cx) -> Result<Tx, DeviceError> {
        self.ready(cx).await?;
        Ok(self.store().begin(cx).await?)
    }

    /// Makes a device known; see [`Devices::add`].
    pub async fn add_now(&self, cx: &Cx, device: NewDevice) -> Result<(DeviceId, ClaimCode), DeviceError> {
        let mut tx = self.begin(cx).await?;
        let added = self.add(&mut tx, device).await?;
        tx.commit_bookkeeping(RECORDED).await?;
        Ok(added)
    }

    /// A new claim code; see [`Devices::claim_again`].
    pub async fn claim_now(&self, cx: &Cx, device: DeviceId) -> Result<ClaimCode, DeviceError> {
        let mut tx = self.begin(cx).await?;
        let code = self.claim_again(&mut tx, device).await?;
        tx.commit_bookkeeping(RECORDED).await?;
        Ok(code)
    }

    /// Renames or moves a device; see [`Devices::change`].
    pub async fn change_now(&self, cx: &Cx, device: DeviceId, to: NewDevice) -> Result<(), DeviceError> {
        let mut tx = self.begin(cx).await?;
        self.change(&mut tx, device, to).await?;
        tx.commit_bookkeeping(RECORDED).await?;
        Ok(())
    }

    /// Shuts a device out; see [`Devices::revoke`].
    pub async fn revoke_now(&self, cx: &Cx, device: DeviceId) -> Result<(), DeviceError> {
        let mut tx = self.begin(cx).await?;
        self.revoke(&mut tx, device).await?;
        tx.commit_bookkeeping(RECORDED).await?;
        Ok(())
    }

    /// Tells a device's agent to start again.
    pub async fn restart_now(&self, cx: &Cx, device: DeviceId) -> Result<CommandId, DeviceError> {
        let mut tx = self.begin(cx).await?;
        let command = NewCommand { kind: CommandKind::Reboot, life: RESTART_LIFE };
        let id = self.command(&mut tx, device, command).await?;
        tx.commit(
            sekisho_kernel::AuditEntry::done("device.restart").on("device", device, "").with("command", id),
        )
        .await?;
        Ok(id)
    }
}
