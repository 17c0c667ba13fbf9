//! Rollouts as they go on: the sweep tells devices, counts who did not come back, begins the next stage or stops when too
//! much goes wrong; devices say how far they are.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::{ColumnTrait, Condition};
use sekisho_kernel::{AuditEntry, Cx, DeviceId, TenantId, World};
use sekisho_storage::{Scoped, StoreError, Tx};
use sekisho_wire::{CommandKind, UpdateStep};
use uuid::Uuid;

use crate::facts::{RolloutHalted, RolloutMoved};
use crate::repository::UpdateError;
use crate::roll_out::{Rollout, counted, locked, reasons, set_state};
use crate::rollout::{Progress, RolloutState, Tally, Verdict, judge};
use crate::update_tables::{devices_rollout_devices, devices_rollouts};
use crate::{DeviceError, Devices, NewCommand};

/// Devices ordered to update in one round of the sweep.
const AT_ONCE: u64 = 200;
/// From the restart on, a device has this long to come back.
const COMES_BACK_WITHIN: Duration = Duration::from_secs(30 * 60);

impl Devices {
    /// Carries on every rollout that runs, of all tenants.
    pub(crate) async fn advance_all(&self, world: &Arc<dyn World>) -> Result<(), StoreError> {
        let scope = self.store().read_installation().await?;
        let running = devices_rollouts::Column::State.eq(RolloutState::Running);
        let rows = scope.find::<devices_rollouts::Entity>().filter(running).limit(100).all().await?;
        drop(scope);
        for row in rows {
            if let Err(error) = self.advance(world, row.tenant_id, row.id).await {
                tracing::warn!(rollout = %row.id, %error, "a rollout has to wait");
            }
        }
        Ok(())
    }

    /// One round of one rollout: counts who did not come back, judges the stage, tells the next devices.
    async fn advance(&self, world: &Arc<dyn World>, tenant: TenantId, id: Uuid) -> Result<(), UpdateError> {
        let cx = Cx::system(world.clone(), tenant, "devices.rollout");
        self.ready(&cx).await?;
        let mut tx = self.store().begin(&cx).await?;
        let Some(row) = locked(&tx, id).await? else { return Ok(()) };
        if row.state != RolloutState::Running {
            return Ok(());
        }
        let lost = count_lost(&tx, &row).await?;
        let told = self.offer(&mut tx, &row).await?;
        let counts = counted(&tx, vec![row.clone()]).await?.pop().ok_or(UpdateError::Missing)?;
        let of = |stage: &HashMap<Progress, u64>, is: fn(Progress) -> bool| -> u64 {
            stage.iter().filter(|(state, _)| is(**state)).map(|(_, count)| count).sum()
        };
        let stage = usize::try_from(row.stage).unwrap_or(0);
        let tally = counts.stages.get(stage).map_or_else(Tally::default, |stage| Tally {
            total: of(stage, |_| true),
            good: of(stage, |state| state == Progress::Good),
            errors: of(stage, Progress::is_error),
        });
        let is_last = stage + 1 >= counts.stages.len();
        let late = counts.count(|state| state.is_open()) > 0;
        match judge(tally, counts.success, counts.errors, is_last) {
            Verdict::Halt => return halt(tx, &row, &counts, tally.errors).await,
            Verdict::Next => {
                tx.update::<devices_rollouts::Entity>()
                    .set(devices_rollouts::Column::Stage, row.stage + 1)
                    .filter(devices_rollouts::Column::Id.eq(row.id))
                    .exec()
                    .await?;
                set_state(&mut tx, &row, RolloutState::Running, None).await?;
                let entry = AuditEntry::done("rollout.next_stage").on("rollout", row.id, row.image);
                return Ok(tx.commit(entry.with("stage", row.stage + 2)).await?);
            }
            // Devices of earlier stages may still be on their way.
            Verdict::Finish if !late => {
                set_state(&mut tx, &row, RolloutState::Finished, None).await?;
                let entry = AuditEntry::done("rollout.finish").on("rollout", row.id, row.image);
                return Ok(tx
                    .commit(entry.with("good", counts.count(|state| state == Progress::Good)))
                    .await?);
            }
            Verdict::Finish | Verdict::Wait => {}
        }
        if lost + told > 0 {
            tx.publish(&RolloutMoved { rollout: row.id, state: row.state.word().to_owned() }).await?;
            tx.commit_bookkeeping("the rollout's start was recorded; these are its orders").await?;
        }
        Ok(())
    }

    /// Orders the next devices of the present stage to update.
    async fn offer(&self, tx: &mut Tx, row: &devices_rollouts::Model) -> Result<u64, UpdateError> {
        use devices_rollout_devices::{Column, Entity};
        let waiting = Condition::all()
            .add(Column::RolloutId.eq(row.id))
            .add(Column::Stage.lte(row.stage))
            .add(Column::State.eq(Progress::Waiting));
        let next = tx.find::<Entity>().filter(waiting).ascending(Column::Id).limit(AT_ONCE).all().await?;
        let life = Duration::from_secs(u64::try_from(row.within_s).unwrap_or(0));
        let now = tx.cx().now;
        for one in &next {
            let kind = CommandKind::Update { rollout: row.id, image: row.image.clone() };
            let ordered = self.command(tx, one.device_id, NewCommand { kind, life }).await;
            let (state, why) = match ordered {
                Ok(_) => (Progress::Offered, None),
                Err(DeviceError::Revoked | DeviceError::Missing) => {
                    (Progress::Failed, Some("revoked".to_owned()))
                }
                Err(error) => return Err(error.into()),
            };
            tx.update::<Entity>()
                .set(Column::State, state)
                .set(Column::Why, why)
                .set(Column::At, now)
                .set(Column::DueAt, now.plus(life))
                .filter(Column::Id.eq(one.id))
                .exec()
                .await?;
        }
        Ok(next.len() as u64)
    }
}

/// A device told how far it is.
pub(crate) async fn told(
    tx: &mut Tx,
    device: DeviceId,
    rollout: Uuid,
    step: UpdateStep,
    why: Option<&str>,
) -> Result<(), StoreError> {
    let Some(next) = Progress::told(step) else { return Ok(()) };
    let why = why.map(|why| why.chars().take(40).collect::<String>());
    move_device(tx, device, rollout, next, why).await
}

/// A device's order to update came to an end that is none.
pub(crate) async fn not_ordered(
    tx: &mut Tx,
    device: DeviceId,
    rollout: Uuid,
    why: String,
) -> Result<(), StoreError> {
    move_device(tx, device, rollout, Progress::Failed, Some(why)).await
}

async fn move_device(
    tx: &mut Tx,
    device: DeviceId,
    rollout: Uuid,
    next: Progress,
    why: Option<String>,
) -> Result<(), StoreError> {
    use devices_rollout_devices::{Column, Entity};
    let this = Condition::all().add(Column::RolloutId.eq(rollout)).add(Column::DeviceId.eq(device));
    let Some(row) = tx.find::<Entity>().filter(this).one().await? else { return Ok(()) };
    if !row.state.may_become(next) {
        return Ok(());
    }
    let now = tx.cx().now;
    let restarts = matches!(next, Progress::Installed | Progress::Booted);
    let due = if restarts { Some(now.plus(COMES_BACK_WITHIN)) } else { row.due_at };
    tx.update::<Entity>()
        .set(Column::State, next)
        .set(Column::Why, why)
        .set(Column::At, now)
        .set(Column::DueAt, due)
        .filter(Column::Id.eq(row.id))
        .exec()
        .await?;
    tx.publish(&RolloutMoved { rollout, state: next.word().to_owned() }).await
}

/// Devices whose time is over count as failed. How many.
async fn count_lost(tx: &Tx, row: &devices_rollouts::Model) -> Result<u64, StoreError> {
    use devices_rollout_devices::{Column, Entity};
    let now = tx.cx().now;
    let mut lost = 0;
    for (states, why) in [
        (vec![Progress::Installed, Progress::Booted], "did_not_come_back"),
        (vec![Progress::Offered, Progress::Downloading, Progress::Verified], "no_answer"),
    ] {
        lost += tx
            .update::<Entity>()
            .set(Column::State, Progress::Failed)
            .set(Column::Why, why)
            .set(Column::At, now)
            .filter(
                Condition::all()
                    .add(Column::RolloutId.eq(row.id))
                    .add(Column::State.is_in(states))
                    .add(Column::DueAt.lt(now)),
            )
            .exec()
            .await?;
    }
    Ok(lost)
}

/// Stops a rollout because too many devices of its stage failed, and tells those who run it.
async fn halt(
    mut tx: Tx,
    row: &devices_rollouts::Model,
    counts: &Rollout,
    failed: u64,
) -> Result<(), UpdateError> {
    set_state(&mut tx, row, RolloutState::Halted, Some("errors")).await?;
    let fact = RolloutHalted {
        rollout: row.id,
        image: row.image.clone(),
        version: row.version.clone(),
        failed: counts.count(Progress::is_error),
        reached: counts.count(|state| state != Progress::Waiting),
        why: reasons(&tx, row.id).await?.into_iter().next().map(|(why, _)| why),
    };
    tx.publish(&fact).await?;
    let entry = AuditEntry::failed("rollout.halt").on("rollout", row.id, row.image.clone());
    Ok(tx.commit(entry.with("stage", row.stage + 1).with("failed", failed)).await?)
}
