//! Commands: made and signed in the caller's transaction, sent after it commits, settled once.

use std::time::Duration;

use sea_orm::ActiveValue::Set;
use sekisho_kernel::{Cx, DeviceId};
use sekisho_storage::{JsonText, Tx, column_words};
use sekisho_wire::{Command, CommandId, CommandKind, CommandResult, SignedCommand, encode};

use crate::authority::Signer;
use crate::facts::CommandMade;
use crate::tables::devices_commands::{ActiveModel, Entity};
use crate::{DeviceError, Devices, Standing, reads};

/// How long a release waits to be done. Whoever asked stands in front of the box.
pub const UNLOCK_LIFE: Duration = Duration::from_secs(10);

/// A command to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCommand {
    /// What to do.
    pub kind: CommandKind,
    /// How long it may take until it is done; never after.
    pub life: Duration,
}

impl NewCommand {
    /// A command with the life of an unlock.
    pub fn at_once(kind: CommandKind) -> Self {
        Self { kind, life: UNLOCK_LIFE }
    }
}

column_words!(/// Where a command stands. It moves forward only, and ends once.
CommandState {
    /// Written down.
    Created = "created",
    /// Sent to the device.
    Sent = "sent",
    /// The device has it.
    Accepted = "accepted",
    /// Done.
    Succeeded = "succeeded",
    /// Tried in vain.
    Failed = "failed",
    /// Not tried.
    Rejected = "rejected",
    /// Too late.
    Expired = "expired",
    /// The device cannot tell.
    Unknown = "unknown",
});

impl CommandState {
    /// Whether it has ended.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Created | Self::Sent | Self::Accepted)
    }

    /// Whether it may become `next`. A device's late word overrules our own guess that the command expired: the bin did
    /// open, and the record must say so. Nothing overrules the device's word.
    pub fn may_become(self, next: Self) -> bool {
        match self {
            Self::Created => next != Self::Created,
            Self::Sent => !matches!(next, Self::Created | Self::Sent),
            Self::Accepted => next.is_final(),
            Self::Expired | Self::Unknown => {
                matches!(next, Self::Succeeded | Self::Failed | Self::Rejected)
            }
            Self::Succeeded | Self::Failed | Self::Rejected => false,
        }
    }

    /// What a device's word means, with its code.
    pub(crate) fn told(result: CommandResult) -> (Self, Option<String>) {
        match result {
            CommandResult::Accepted => (Self::Accepted, None),
            CommandResult::Succeeded => (Self::Succeeded, None),
            CommandResult::Failed { code } => (Self::Failed, Some(code)),
            CommandResult::Rejected { code } => (Self::Rejected, Some(code)),
            CommandResult::Expired => (Self::Expired, None),
            CommandResult::Unknown => (Self::Unknown, None),
        }
    }
}

/// The word of a command's kind, for lists and the record.
pub(crate) fn kind_word(kind: &CommandKind) -> &'static str {
    match kind {
        CommandKind::Unknown => "unknown",
        CommandKind::ReleaseBin { .. } => "release_bin",
        CommandKind::LightBin { .. } => "light_bin",
        CommandKind::UnlockMaster => "unlock_master",
        CommandKind::DisableBin { .. } => "disable_bin",
        CommandKind::EnableBin { .. } => "enable_bin",
        CommandKind::Reboot => "reboot",
        CommandKind::RenewCertificate => "renew_certificate",
        CommandKind::Update { .. } => "update",
    }
}

impl Devices {
    /// Writes a command for `device` in the caller's transaction; it is sent as soon as that commits and the device is
    /// connected. The decision and the audit entry are the caller's. Call [`Devices::ready`] before beginning the
    /// transaction.
    ///
    /// # Errors
    /// [`DeviceError::Missing`], [`DeviceError::Revoked`], [`DeviceError::TooLate`].
    pub async fn command(
        &self,
        tx: &mut Tx,
        device: DeviceId,
        command: NewCommand,
    ) -> Result<CommandId, DeviceError> {
        let row = reads::row(tx, device).await?.ok_or(DeviceError::Missing)?;
        if row.standing == Standing::Revoked {
            return Err(DeviceError::Revoked);
        }
        if command.life.is_zero() {
            return Err(DeviceError::TooLate);
        }
        let cx = tx.cx().clone();
        let signer = self.signer(&cx).await?;
        let id: CommandId = cx.fresh_id();
        let kind = kind_word(&command.kind);
        let not_after = cx.now.plus(command.life);
        let payload =
            sign(&signer, &Command { id, device, kind: command.kind, not_before: cx.now, not_after });
        tx.insert::<Entity>(ActiveModel {
            tenant_id: Set(cx.tenant),
            id: Set(id.uuid()),
            device_id: Set(device),
            kind: Set(kind.to_owned()),
            payload: Set(payload),
            state: Set(CommandState::Created),
            code: Set(None),
            actor: Set(JsonText(cx.actor.clone())),
            not_after: Set(not_after),
            created_at: Set(cx.now),
            sent_at: Set(None),
            settled_at: Set(None),
        })
        .await?;
        tx.publish(&CommandMade { device, command: id }).await?;
        Ok(id)
    }

    /// Makes sure that the tenant has its command key. On SQLite a transaction holds the only writer, so the key cannot be
    /// made while one is open; it exists as soon as the first device was added.
    pub async fn ready(&self, cx: &Cx) -> Result<(), DeviceError> {
        self.signer(cx).await.map(|_| ())
    }
}

fn sign(signer: &Signer, command: &Command) -> Vec<u8> {
    let command = encode(command);
    let signature = signer.commands.sign(&SignedCommand::signed_bytes(&command)).to_vec();
    encode(&SignedCommand { command, signature })
}

#[cfg(test)]
mod tests {
    use super::CommandState;

    #[test]
    fn moves_forward_and_ends_once() {
        use CommandState::{Accepted, Created, Expired, Failed, Rejected, Sent, Succeeded, Unknown};
        for (from, to, may) in [
            (Created, Sent, true),
            (Created, Succeeded, true),
            (Sent, Accepted, true),
            (Created, Created, false),
            (Sent, Created, false),
            (Sent, Sent, false),
            (Accepted, Sent, false),
            (Accepted, Accepted, false),
            (Accepted, Expired, true),
            (Expired, Succeeded, true),
            (Unknown, Failed, true),
            (Expired, Unknown, false),
            (Succeeded, Failed, false),
            (Failed, Succeeded, false),
            (Rejected, Expired, false),
        ] {
            assert_eq!(from.may_become(to), may, "{from:?} → {to:?}");
        }
    }
}
