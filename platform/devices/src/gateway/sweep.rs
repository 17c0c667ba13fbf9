//! What time does: commands expire, silent devices are told offline.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{ColumnTrait, Condition};
use sekisho_kernel::{AuditEntry, Cx, TenantId, World};
use sekisho_storage::{Scoped, StoreError};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::device::HICCUP;
use crate::facts::WentOffline;
use crate::tables::{devices_commands, devices_devices};
use crate::{Devices, Standing, reads, settle};

/// A device's answer may still be on its way when a command's time is over.
const ANSWER_GRACE: Duration = Duration::from_secs(2);

/// Sweeps each second until `stop`.
pub(crate) async fn run(
    devices: Devices,
    world: Arc<dyn World>,
    silent_after: Duration,
    stop: CancellationToken,
) {
    let mut tick = interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => {}
        }
        if let Err(error) = sweep(&devices, &world, silent_after).await {
            tracing::warn!(%error, "the sweep over devices has to wait");
        }
        metrics::gauge!("sekisho_devices_connected")
            .set(f64::from(u32::try_from(devices.registry().count()).unwrap_or(u32::MAX)));
    }
}

/// One sweep. Also called by tests that move the clock.
pub(crate) async fn sweep(
    devices: &Devices,
    world: &Arc<dyn World>,
    silent_after: Duration,
) -> Result<(), StoreError> {
    expire_commands(devices, world).await?;
    devices.sign_all_current(world).await?;
    devices.advance_all(world).await?;
    tell_offline(devices, world, silent_after).await
}

async fn expire_commands(devices: &Devices, world: &Arc<dyn World>) -> Result<(), StoreError> {
    use devices_commands::{Column, Entity};
    let late = world.now().minus(ANSWER_GRACE);
    let scope = devices.store().read_installation().await?;
    let over = Condition::all().add(Column::SettledAt.is_null()).add(Column::NotAfter.lte(late));
    let rows = scope.find::<Entity>().filter(over).ascending(Column::NotAfter).limit(1000).all().await?;
    drop(scope);
    for row in rows {
        let cx = Cx::system(world.clone(), row.tenant_id, "devices.expire");
        if let Err(error) = settle::expire(devices, &cx, row.id).await {
            tracing::error!(command = %row.id, %error, "a command could not be expired");
        }
    }
    Ok(())
}

/// A connection that ended is told after a hiccup's time; one whose server died with it, when it has been silent for
/// longer than the keep-alive allows.
async fn tell_offline(
    devices: &Devices,
    world: &Arc<dyn World>,
    silent_after: Duration,
) -> Result<(), StoreError> {
    use devices_devices::{Column, Entity};
    let now = world.now();
    let gone = Condition::any()
        .add(Condition::all().add(Column::Online.eq(false)).add(Column::LastSeen.lt(now.minus(HICCUP))))
        .add(Column::LastSeen.lt(now.minus(silent_after)));
    let untold = Condition::all()
        .add(Column::ToldOffline.eq(false))
        .add(Column::Standing.eq(Standing::Enrolled))
        .add(gone);
    let scope = devices.store().read_installation().await?;
    let rows = scope.find::<Entity>().filter(untold).limit(1000).all().await?;
    drop(scope);
    for row in rows {
        tell_one(devices, world, row.tenant_id, row.id.uuid(), silent_after).await?;
    }
    Ok(())
}

async fn tell_one(
    devices: &Devices,
    world: &Arc<dyn World>,
    tenant: TenantId,
    device: Uuid,
    silent_after: Duration,
) -> Result<(), StoreError> {
    use devices_devices::{Column, Entity};
    let cx = Cx::system(world.clone(), tenant, "devices.watch");
    let mut tx = devices.store().begin(&cx).await?;
    let Some(row) = reads::locked_row(&tx, device.into()).await? else { return Ok(()) };
    let Some(last_seen) = row.last_seen else { return Ok(()) };
    let allowed = if row.online { silent_after } else { HICCUP };
    // It may have come back since the look.
    if row.told_offline || cx.now.since(last_seen) <= allowed {
        return Ok(());
    }
    tx.update::<Entity>()
        .set(Column::Online, false)
        .set(Column::Connection, Option::<Uuid>::None)
        .set(Column::ToldOffline, true)
        .filter(Column::Id.eq(row.id))
        .exec()
        .await?;
    tx.publish(&WentOffline { device: row.id, name: row.name.clone(), last_seen }).await?;
    tx.commit(
        AuditEntry::done("device.go_offline").on("device", row.id, row.name).with("last_seen", last_seen),
    )
    .await
}
