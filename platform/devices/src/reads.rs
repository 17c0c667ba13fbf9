//! Questions about devices, for pages and for other rooms.

use sea_orm::{ColumnTrait, Condition, QueryOrder, QuerySelect};
use sekisho_kernel::{Cx, DeviceId};
use sekisho_storage::{Scoped, StoreError};
use sekisho_wire::{Heartbeat, decode};

use crate::tables::{devices_commands, devices_devices, devices_events};
use crate::{Device, DeviceError, Devices};

impl Devices {
    /// One device.
    pub async fn device(&self, scope: &impl Scoped, id: DeviceId) -> Result<Option<Device>, StoreError> {
        Ok(row(scope, id).await?.map(Device::from))
    }

    /// One device of the context's tenant, or [`DeviceError::Missing`].
    pub async fn known(&self, cx: &Cx, id: DeviceId) -> Result<Device, DeviceError> {
        let scope = self.store().read(cx.tenant).await?;
        self.device(&scope, id).await?.ok_or(DeviceError::Missing)
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

/// The rows of devices, locked until the transaction ends, always in the same order.
pub(crate) async fn locked_rows(
    scope: &impl Scoped,
    ids: Vec<DeviceId>,
) -> Result<Vec<devices_devices::Model>, StoreError> {
    scope
        .find::<devices_devices::Entity>()
        .filter(devices_devices::Column::Id.is_in(ids))
        .ascending(devices_devices::Column::Id)
        .refine(QuerySelect::lock_exclusive)
        .all()
        .await
}

/// The events of a device, newest first, those before `(journal, number)` when given.
pub(crate) async fn events(
    scope: &impl Scoped,
    device: DeviceId,
    before: Option<(i64, i64)>,
    limit: u64,
) -> Result<Vec<devices_events::Model>, StoreError> {
    use devices_events::{Column, Entity};
    let mut condition = Condition::all().add(Column::DeviceId.eq(device));
    if let Some((epoch, seq)) = before {
        condition = condition.add(
            Condition::any()
                .add(Column::Epoch.lt(epoch))
                .add(Condition::all().add(Column::Epoch.eq(epoch)).add(Column::Seq.lt(seq))),
        );
    }
    scope
        .find::<Entity>()
        .filter(condition)
        .refine(|select| select.order_by_desc(Column::Epoch).order_by_desc(Column::Seq))
        .limit(limit)
        .all()
        .await
}

/// The commands of a device, newest first, those before `before` when given.
pub(crate) async fn commands(
    scope: &impl Scoped,
    device: DeviceId,
    before: Option<uuid::Uuid>,
    limit: u64,
) -> Result<Vec<devices_commands::Model>, StoreError> {
    use devices_commands::{Column, Entity};
    let mut condition = Condition::all().add(Column::DeviceId.eq(device));
    if let Some(before) = before {
        condition = condition.add(Column::Id.lt(before));
    }
    scope.find::<Entity>().filter(condition).descending(Column::Id).limit(limit).all().await
}

impl From<devices_devices::Model> for Device {
    fn from(row: devices_devices::Model) -> Self {
        Self {
            tenant: row.tenant_id,
            id: row.id,
            kind: row.kind,
            name: row.name,
            site: row.site_id,
            standing: row.standing,
            online: row.online,
            flaky: row.flaky,
            last_seen: row.last_seen,
            report: row.report.and_then(|payload| decode::<Heartbeat>(&payload).ok()),
            certificate_until: row.certificate_until,
            config_version: u64::try_from(row.config_version).unwrap_or(0),
        }
    }
}
