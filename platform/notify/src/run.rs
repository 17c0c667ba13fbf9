//! The dispatcher: one named task for each lane and one for the webhooks, woken by commits and by the clock.

use std::sync::atomic::Ordering;
use std::time::Duration;

use sea_orm::ColumnTrait;
use sekisho_kernel::Timestamp;
use sekisho_storage::jobs::{Handlers, JobError};
use sekisho_storage::{Changed, Scoped, StoreError};
use tokio::sync::broadcast::Receiver;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::dispatch::workers;
use crate::on_the_way::OnTheWay;
use crate::tables::notify_deliveries;
use crate::tell::WAKE;
use crate::{Lane, Notify};

/// Other processes' messages and retries are found at the latest after so long.
const POLL: Duration = Duration::from_millis(500);
/// A transaction in which something was told commits within so long.
const TOLD: Duration = Duration::from_secs(3);

/// What a task waits for.
#[derive(Clone, Copy)]
enum Waits {
    ForMessages,
    ForFacts,
}

impl Notify {
    /// Sends what is due until `shutdown`; what is on its way then is let go and sent again later.
    pub async fn run(&self, shutdown: CancellationToken) {
        self.0.running.store(true, Ordering::SeqCst);
        let mut tasks = JoinSet::new();
        for lane in Lane::ALL {
            tasks.spawn(self.clone().run_lane(lane, shutdown.clone()));
        }
        tasks.spawn(self.clone().run_webhooks(shutdown));
        while let Some(ended) = tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a task of the dispatcher broke");
            }
        }
        self.0.running.store(false, Ordering::SeqCst);
    }

    async fn run_lane(self, lane: Lane, shutdown: CancellationToken) {
        let mut changes = self.0.store.changes();
        let mut on_the_way = OnTheWay::new(&self, lane);
        loop {
            let free = workers(lane).saturating_sub(on_the_way.len());
            // A few free workers are not worth a transaction while others are about to come back.
            let mut taken = 0;
            if free * 4 >= workers(lane) {
                match on_the_way.take(free).await {
                    Ok(count) => taken = count,
                    Err(error) => tracing::error!(?error, ?lane, "deliveries could not be taken"),
                }
            }
            tokio::select! {
                () = shutdown.cancelled() => break,
                Some(done) = on_the_way.ended() => self.settle_or_say(done).await,
                () = self.woken(&mut changes, Waits::ForMessages), if taken == 0 => {}
            }
        }
        // What has been handed over is written down; the rest keeps its lease and comes again.
        let grace = tokio::time::sleep(Duration::from_secs(3));
        tokio::pin!(grace);
        loop {
            tokio::select! {
                () = &mut grace => break,
                next = on_the_way.ended() => match next {
                    Some(done) => self.settle_or_say(done).await,
                    None => break,
                },
            }
        }
    }

    /// Waits for a commit that may have brought work, or for the clock.
    async fn woken(&self, changes: &mut Receiver<Changed>, waits: Waits) {
        let until = tokio::time::Instant::now() + POLL;
        while let Ok(change) = tokio::time::timeout_at(until, changes.recv()).await {
            let work = match (waits, change) {
                // Most commits tell nobody anything; one just before or during this one did.
                (Waits::ForMessages, Ok(_)) => {
                    let told = Timestamp::from_micros(self.0.told_at.load(Ordering::SeqCst));
                    self.0.world.now().since(told) < TOLD
                }
                (Waits::ForFacts, Ok(change)) => {
                    change.events.iter().any(|name| crate::webhooks::is_outward(name))
                }
                // Some were missed: better look.
                (_, Err(_)) => true,
            };
            if work {
                while changes.try_recv().is_ok() {}
                return;
            }
        }
    }

    async fn settle_or_say(&self, done: Vec<crate::dispatch::Settled>) {
        if let Err(error) = self.settle(done).await {
            tracing::error!(?error, "the outcome of deliveries was not written; they are sent again");
        }
    }

    async fn run_webhooks(self, shutdown: CancellationToken) {
        let mut changes = self.0.store.changes();
        loop {
            let sent = match self.post_due().await {
                Ok(sent) => sent,
                Err(error) => {
                    tracing::error!(?error, "webhooks could not be served");
                    0
                }
            };
            tokio::select! {
                () = shutdown.cancelled() => break,
                () = self.woken(&mut changes, Waits::ForFacts), if sent == 0 => {}
                () = tokio::task::yield_now(), if sent > 0 => {}
            }
        }
    }

    /// Sends everything that is due now, lane by lane; tells how many tries it made. For tests and single commands, where
    /// no dispatcher runs.
    pub async fn run_due(&self) -> Result<usize, StoreError> {
        let mut tries = 0;
        loop {
            let mut round = 0;
            for lane in Lane::ALL {
                let mut on_the_way = OnTheWay::new(self, lane);
                on_the_way.take(workers(lane)).await?;
                let mut done = Vec::new();
                while let Some(some) = on_the_way.ended().await {
                    done.extend(some);
                }
                round += done.len();
                self.settle(done).await?;
            }
            round += self.post_due().await?;
            if round == 0 {
                return Ok(tries);
            }
            tries += round;
        }
    }

    /// Handlers of this room's own jobs; [`crate::hear_of_people`] adds those that listen.
    pub fn jobs(&self) -> Handlers {
        let mut handlers = Handlers::default();
        let notify = self.clone();
        handlers.on(WAKE, move |_cx, _job| {
            let notify = notify.clone();
            async move {
                if !notify.is_running() {
                    notify.run_due().await?;
                    notify.wake_later().await?;
                }
                Ok::<(), JobError>(())
            }
        });
        handlers
    }

    /// Where no dispatcher runs, a job wakes us for the next retry.
    async fn wake_later(&self) -> Result<(), StoreError> {
        use notify_deliveries::Column;
        let scope = self.0.store.read_installation().await?;
        let next = scope
            .find::<notify_deliveries::Entity>()
            .filter(Column::State.eq("queued"))
            .ascending(Column::Due)
            .limit(1)
            .one()
            .await?;
        drop(scope);
        if let Some(next) = next {
            let cx = sekisho_kernel::Cx::system(self.0.world.clone(), next.tenant_id, WAKE);
            let tx = self.0.store.begin(&cx).await?;
            tx.enqueue(WAKE, next.due, &serde_json::json!({})).await?;
            tx.commit_bookkeeping("wake for a retry").await?;
        }
        Ok(())
    }
}
