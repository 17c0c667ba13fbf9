//! Questions about devices, for pages and for other rooms.

use sea_orm::{ColumnTrait, QueryOrder, QuerySelect};
use sekisho_kernel::DeviceId;
use sekisho_storage::{Scoped, StoreError};
use sekisho_wire::{Heartbeat, decode};

use crate::tables::{devices_commands, devices_devices, devices_events};
use crate::{Device, DeviceKind, Devices, Standing};

impl Devices {
    /// One device.
    pub async fn device(&self, scope: &impl Scoped, id: DeviceId) -> Result<Option<Device>, StoreError> {
        Ok(row(scope, id).await?.map(Device::from))
    }

    /// All devices by name, revoked ones included.
    pub async fn devices(&self, scope: &impl Scoped) -> Result<Vec<Device>, StoreError> {
        let rows =
            scope.find::<devices_devices::Entity>().ascending(devices_devices::Column::Name).all().await?;
        Ok(rows.into_iter().map(Device::from).collect())
    }
}

/// The row of a device.
pub(crate) async fn row(
    scope: &impl Scoped,
    id: DeviceId,
) -> Result<Option<devices_devices::Model>, StoreError> {
    scope.find::<devices_devices::Entity>().filter(devices_devices::Column::Id.eq(id)).one().await
}

/// The row of a device, locked until the transaction ends. (SQLite locks the whole database at begin.)
pub(crate) async fn locked_row(
    scope: &impl Scoped,
    id: DeviceId,
) -> Result<Option<devices_devices::Model>, StoreError> {
    scope
        .find::<devices_devices::Entity>()
        .filter(devices_devices::Column::Id.eq(id))
        .refine(QuerySelect::lock_exclusive)
        .one()
        .await
}

/// The newest events of a device, newest first.
pub(crate) async fn events(
    scope: &impl Scoped,
    device: DeviceId,
    limit: u64,
) -> Result<Vec<devices_events::Model>, StoreError> {
    use devices_events::Column;
    scope
        .find::<devices_events::Entity>()
        .filter(Column::DeviceId.eq(device))
        .refine(|select| select.order_by_desc(Column::Epoch).order_by_desc(Column::Seq))
        .limit(limit)
        .all()
        .await
}

/// The newest commands of a device, newest first.
pub(crate) async fn commands(
    scope: &impl Scoped,
    device: DeviceId,
    limit: u64,
) -> Result<Vec<devices_commands::Model>, StoreError> {
    use devices_commands::Column;
    scope
        .find::<devices_commands::Entity>()
        .filter(Column::DeviceId.eq(device))
        .descending(Column::Id)
        .limit(limit)
        .all()
        .await
}

impl From<devices_devices::Model> for Device {
    fn from(row: devices_devices::Model) -> Self {
        Self {
            tenant: row.tenant_id,
            id: row.id,
            kind: DeviceKind::from_word(&row.kind).unwrap_or(DeviceKind::Agent),
            name: row.name,
            site: row.site_id,
            standing: Standing::from_word(&row.standing),
            online: row.online,
            flaky: row.flaky,
            last_seen: row.last_seen,
            report: row.report.and_then(|payload| decode::<Heartbeat>(&payload).ok()),
            certificate_until: row.certificate_until,
            config_version: u64::try_from(row.config_version).unwrap_or(0),
        }
    }
}
