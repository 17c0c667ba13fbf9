//! A device is shut out. Its next connection fails and the live one ends within a second, on every server.

use sea_orm::{ColumnTrait, Condition};
use sekisho_kernel::{AuditEntry, DeviceId, Timestamp};
use sekisho_storage::Tx;

use crate::command::CommandState;
use crate::facts::DeviceRevoked;
use crate::tables::{devices_claims, devices_commands, devices_devices};
use crate::{DeviceError, Devices, Standing, reads};

impl Devices {
    /// Shuts a device out, in the caller's transaction: its certificate is worth nothing, its claims are void, and
    /// commands that were not sent yet never will be. It cannot be undone; the device can be made known anew.
    pub async fn revoke(&self, tx: &mut Tx, device: DeviceId) -> Result<(), DeviceError> {
        let row = reads::locked_row(tx, device).await?.ok_or(DeviceError::Missing)?;
        if row.standing == Standing::Revoked {
            return Ok(());
        }
        let now = tx.cx().now;
        {
            use devices_devices::{Column, Entity};
            tx.update::<Entity>()
                .set(Column::Standing, Standing::Revoked)
                .set(Column::Spki, Option::<Vec<u8>>::None)
                .set(Column::OldSpki, Option::<Vec<u8>>::None)
                .set(Column::OldSpkiUntil, Timestamp::EPOCH)
                .set(Column::RevokedAt, now)
                .filter(Column::Id.eq(device))
                .exec()
                .await?;
        }
        tx.delete::<devices_claims::Entity>()
            .filter(
                Condition::all()
                    .add(devices_claims::Column::DeviceId.eq(device))
                    .add(devices_claims::Column::UsedAt.is_null()),
            )
            .exec()
            .await?;
        {
            use devices_commands::{Column, Entity};
            // Due at once: the sweep settles them and tells their modules.
            tx.update::<Entity>()
                .set(Column::NotAfter, now)
                .filter(
                    Condition::all()
                        .add(Column::DeviceId.eq(device))
                        .add(Column::State.eq(CommandState::Created)),
                )
                .exec()
                .await?;
        }
        tx.record(AuditEntry::done("device.revoke").on("device", device, row.name));
        tx.publish(&DeviceRevoked { device }).await?;
        Ok(())
    }
}
