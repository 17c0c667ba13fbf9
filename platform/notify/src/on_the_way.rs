//! What one worker has taken and not settled yet. While it waits for the far sides it renews the leases, so that they can be
//! short: what a worker that died had on the way goes out some seconds later.

use std::collections::HashMap;
use std::time::Duration;

use sea_orm::{ColumnTrait, Condition};
use sekisho_kernel::{Cx, TenantId};
use sekisho_storage::StoreError;
use tokio::task::JoinSet;
use tokio::time::{Instant, Interval, MissedTickBehavior};
use uuid::Uuid;

use crate::dispatch::Settled;
use crate::tables::notify_deliveries::{Column, Entity};
use crate::{DeliveryId, Lane, Notify};

/// How long a worker that died keeps others from what it had taken.
pub(crate) const LEASE: Duration = Duration::from_secs(15);
/// How often a worker that lives renews the leases of what it has on the way.
const RENEWED_EVERY: Duration = Duration::from_secs(5);

/// Deliveries of one lane on their way.
pub(crate) struct OnTheWay {
    notify: Notify,
    lane: Lane,
    /// The tenant that was last when some were taken: the next one begins.
    last: Option<TenantId>,
    tasks: JoinSet<Settled>,
    ids: HashMap<tokio::task::Id, DeliveryId>,
    renew: Interval,
}

impl OnTheWay {
    pub(crate) fn new(notify: &Notify, lane: Lane) -> Self {
        let mut renew = tokio::time::interval_at(Instant::now() + RENEWED_EVERY, RENEWED_EVERY);
        renew.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { notify: notify.clone(), lane, last: None, tasks: JoinSet::new(), ids: HashMap::new(), renew }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Takes up to `most` and begins to hand them over; tells how many.
    pub(crate) async fn take(&mut self, most: usize) -> Result<usize, StoreError> {
        let rows = self.notify.take(self.lane, most, &mut self.last).await?;
        let count = rows.len();
        for row in rows {
            let id = row.id;
            let task = self.tasks.spawn(self.notify.clone().attempt(row));
            self.ids.insert(task.id(), id);
        }
        Ok(count)
    }

    /// Those that ended, at least one; none when nothing is on the way. One whose attempt broke keeps its lease and comes
    /// again.
    pub(crate) async fn ended(&mut self) -> Option<Vec<Settled>> {
        let first = loop {
            tokio::select! {
                ended = self.tasks.join_next_with_id() => break ended?,
                _ = self.renew.tick() => {
                    if let Err(error) = self.renew_leases().await {
                        tracing::error!(?error, "leases of deliveries could not be renewed");
                    }
                }
            }
        };
        let mut settled = Vec::new();
        let mut next = Some(first);
        while let Some(ended) = next {
            match ended {
                Ok((task, done)) => {
                    self.ids.remove(&task);
                    settled.push(done);
                }
                Err(broken) => {
                    tracing::error!(%broken, "a delivery broke");
                    self.ids.remove(&broken.id());
                }
            }
            next = self.tasks.try_join_next_with_id();
        }
        Some(settled)
    }

    async fn renew_leases(&self) -> Result<(), StoreError> {
        if self.ids.is_empty() {
            return Ok(());
        }
        let cx = Cx::system(self.notify.0.world.clone(), TenantId(Uuid::nil()), "notify.renew");
        let ids: Vec<DeliveryId> = self.ids.values().copied().collect();
        let ours = Condition::all()
            .add(Column::Id.is_in(ids))
            .add(Column::State.eq("queued"))
            .add(Column::LeaseUntil.gt(cx.now));
        let tx = self.notify.0.store.begin_installation(&cx).await?;
        tx.update::<Entity>().set(Column::LeaseUntil, cx.now.plus(LEASE)).filter(ours).exec().await?;
        tx.commit_bookkeeping("leases of deliveries").await
    }
}
