//! Running jobs: taken under a lease, tried again with growing waits, given up after [`MOST_ATTEMPTS`].
//!
//! A job runs at least once, however long it takes: whoever runs it renews the lease. A worker that dies leaves it to run
//! out, which is soon; the handler must not mind a second run.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sea_orm::{ColumnTrait, Condition};
use sekisho_kernel::{Cx, TenantId, World};
use serde::de::DeserializeOwned;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Interval, MissedTickBehavior};
use uuid::Uuid;

use crate::scope::Scoped;
use crate::store::Store;
use crate::tables::jobs::{self, Column, Entity};
use crate::tx::backoff;
use crate::{JsonText, StoreError};

/// After so many tries a job is dead until a person sends it again.
pub const MOST_ATTEMPTS: i64 = 12;
/// How long a worker that died keeps others from its jobs.
const LEASE: Duration = Duration::from_secs(15);
/// How often a worker that lives renews the leases of what it runs.
const RENEWED_EVERY: Duration = Duration::from_secs(5);
/// Jobs of one worker at the same time.
const AT_ONCE: usize = 32;

/// A job handed to its handler.
#[derive(Clone, Debug)]
pub struct Job {
    /// Whose.
    pub tenant: TenantId,
    /// Which; stable over all tries, so it can serve as an idempotency key outward.
    pub id: Uuid,
    /// Its kind.
    pub kind: String,
    /// What it needs.
    pub payload: serde_json::Value,
    /// Which try this is, from 1.
    pub attempt: i64,
}

impl Job {
    /// The payload as `T`.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, JobError> {
        serde_json::from_value(self.payload.clone()).map_err(|error| JobError::GiveUp(error.to_string()))
    }

    /// The payload of a fact this job was made for by [`crate::Tx::publish`].
    pub fn event<T: DeserializeOwned>(&self) -> Result<T, JobError> {
        let payload = self.payload.get("payload").cloned().unwrap_or_default();
        serde_json::from_value(payload).map_err(|error| JobError::GiveUp(error.to_string()))
    }
}

/// Why a try failed.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Try again later.
    #[error("{0}")]
    Again(String),
    /// Try again, not before the wait has passed, as the other side asked.
    #[error("{1}")]
    AgainAfter(Duration, String),
    /// Trying again cannot help.
    #[error("{0}")]
    GiveUp(String),
}

impl From<StoreError> for JobError {
    fn from(error: StoreError) -> Self {
        Self::Again(format!("{error}: {:?}", std::error::Error::source(&error).map(ToString::to_string)))
    }
}

/// Runs jobs of one kind.
#[async_trait]
pub trait Handler: Send + Sync {
    /// Does the job. Runs again after an error or a crash.
    async fn run(&self, cx: Cx, job: Job) -> Result<(), JobError>;
}

#[async_trait]
impl<F, R> Handler for F
where
    F: Fn(Cx, Job) -> R + Send + Sync,
    R: Future<Output = Result<(), JobError>> + Send,
{
    async fn run(&self, cx: Cx, job: Job) -> Result<(), JobError> {
        self(cx, job).await
    }
}

/// All handlers, by kind.
#[derive(Clone, Default)]
pub struct Handlers(HashMap<&'static str, Arc<dyn Handler>>);

impl Handlers {
    /// Adds a handler for jobs of `kind`.
    pub fn on(&mut self, kind: &'static str, handler: impl Handler + 'static) {
        self.0.insert(kind, Arc::new(handler));
    }

    /// Takes in the handlers of another room.
    pub fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Takes the jobs that are due and runs them; tells how many it ran.
    pub async fn run_due(&self, store: &Store, world: &Arc<dyn World>) -> Result<usize, StoreError> {
        let mut running = Running::new(self, store, world);
        let count = running.take().await?;
        let mut first_error = None;
        while let Some(ended) = running.ended().await {
            first_error = first_error.or(ended.err());
        }
        first_error.map_or(Ok(count), Err)
    }

    async fn run_one(&self, store: &Store, world: &Arc<dyn World>, job: Job) -> Result<(), StoreError> {
        let cx = Cx::system(world.clone(), job.tenant, &job.kind);
        let outcome = match self.0.get(job.kind.as_str()) {
            Some(handler) => handler.run(cx.clone(), job.clone()).await,
            None => Err(JobError::GiveUp(format!("no handler for {}", job.kind))),
        };
        settle(store, &cx.later(), &job, outcome).await
    }
}

/// The jobs that one worker runs, side by side: a slow one holds nobody up. Dropped, it ends them all.
pub struct Running {
    handlers: Handlers,
    store: Store,
    world: Arc<dyn World>,
    tasks: JoinSet<Result<(), StoreError>>,
    jobs: HashMap<tokio::task::Id, Job>,
    renew: Interval,
}

impl Running {
    /// None yet.
    pub fn new(handlers: &Handlers, store: &Store, world: &Arc<dyn World>) -> Self {
        let mut renew = tokio::time::interval_at(tokio::time::Instant::now() + RENEWED_EVERY, RENEWED_EVERY);
        renew.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            handlers: handlers.clone(),
            store: store.clone(),
            world: world.clone(),
            tasks: JoinSet::new(),
            jobs: HashMap::new(),
            renew,
        }
    }

    /// Whether a good part of the worker is idle: a few more are not worth a transaction.
    pub fn has_room(&self) -> bool {
        self.jobs.len() * 4 <= AT_ONCE * 3
    }

    /// Takes jobs that are due and begins them; tells how many.
    pub async fn take(&mut self) -> Result<usize, StoreError> {
        let taken = take(&self.store, &self.world, AT_ONCE.saturating_sub(self.jobs.len())).await?;
        let count = taken.len();
        for job in taken {
            let (handlers, store, world, kept) =
                (self.handlers.clone(), self.store.clone(), self.world.clone(), job.clone());
            let task = self.tasks.spawn(async move { handlers.run_one(&store, &world, job).await });
            self.jobs.insert(task.id(), kept);
        }
        Ok(count)
    }

    /// How the next one ended; none when none is on the way. Whoever waits here keeps the leases alive.
    pub async fn ended(&mut self) -> Option<Result<(), StoreError>> {
        loop {
            tokio::select! {
                ended = self.tasks.join_next_with_id() => return match ended? {
                    Ok((task, ended)) => {
                        self.jobs.remove(&task);
                        Some(ended)
                    }
                    Err(broken) => Some(self.broke(&broken).await),
                },
                _ = self.renew.tick() => {
                    if let Err(error) = renew(&self.store, &self.world, self.jobs.values()).await {
                        tracing::error!(?error, "leases of jobs could not be renewed");
                    }
                }
            }
        }
    }

    /// A handler that panicked is tried again as one that failed.
    async fn broke(&mut self, broken: &JoinError) -> Result<(), StoreError> {
        let Some(job) = self.jobs.remove(&broken.id()) else { return Ok(()) };
        tracing::error!(%broken, kind = job.kind, "a job's handler broke");
        let cx = Cx::system(self.world.clone(), job.tenant, &job.kind);
        settle(&self.store, &cx, &job, Err(JobError::Again("its handler broke".to_owned()))).await
    }
}

/// Goes on holding jobs that are still held.
async fn renew(
    store: &Store,
    world: &Arc<dyn World>,
    jobs: impl Iterator<Item = &Job>,
) -> Result<(), StoreError> {
    let ids: Vec<Uuid> = jobs.map(|job| job.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let cx = Cx::system(world.clone(), TenantId(Uuid::nil()), "jobs.renew");
    let tx = store.begin_installation(&cx).await?;
    tx.update::<Entity>()
        .set(Column::LeaseUntil, cx.now.plus(LEASE))
        .filter(Condition::all().add(Column::Id.is_in(ids)).add(Column::LeaseUntil.gt(cx.now)))
        .exec()
        .await?;
    tx.commit_bookkeeping("leases of jobs").await
}

/// Takes due jobs under a lease. Two workers never hold the same job: the update repeats the condition.
async fn take(store: &Store, world: &Arc<dyn World>, most: usize) -> Result<Vec<Job>, StoreError> {
    let cx = Cx::system(world.clone(), TenantId(Uuid::nil()), "jobs.take");
    let free = || {
        Condition::all()
            .add(Column::DeadAt.is_null())
            .add(Column::Due.lte(cx.now))
            .add(Column::LeaseUntil.lte(cx.now))
    };
    let due = store
        .read_installation()
        .await?
        .find::<Entity>()
        .filter(free())
        .ascending(Column::Due)
        .limit(most as u64)
        .all()
        .await?;
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let tx = store.begin_installation(&cx).await?;
    let mut taken = Vec::new();
    for row in due {
        let won = tx
            .update::<Entity>()
            .set(Column::LeaseUntil, cx.now.plus(LEASE))
            .set(Column::Attempts, row.attempts + 1)
            .filter(free().add(Column::TenantId.eq(row.tenant_id)).add(Column::Id.eq(row.id)))
            .exec()
            .await?;
        if won == 1 {
            let JsonText(payload) = row.payload;
            taken.push(Job {
                tenant: row.tenant_id,
                id: row.id,
                kind: row.kind,
                payload,
                attempt: row.attempts + 1,
            });
        }
    }
    tx.commit_bookkeeping("lease of jobs").await?;
    Ok(taken)
}

async fn settle(store: &Store, cx: &Cx, job: &Job, outcome: Result<(), JobError>) -> Result<(), StoreError> {
    let tx = store.begin(cx).await?;
    let this = Column::Id.eq(job.id);
    match outcome {
        Ok(()) => {
            tx.delete::<Entity>().filter(this).exec().await?;
        }
        Err(error) => {
            tracing::warn!(kind = job.kind, job = %job.id, attempt = job.attempt, %error, "job failed");
            let give_up = matches!(error, JobError::GiveUp(_)) || job.attempt >= MOST_ATTEMPTS;
            let wait = match &error {
                JobError::AgainAfter(wait, _) => *wait,
                _ => backoff(job.attempt),
            };
            let update = tx
                .update::<Entity>()
                .set(Column::LastError, error.to_string())
                .set(Column::LeaseUntil, sekisho_kernel::Timestamp::EPOCH)
                .set(Column::Due, cx.now.plus(wait))
                .filter(this);
            if give_up { update.set(Column::DeadAt, cx.now) } else { update }.exec().await?;
        }
    }
    tx.commit_bookkeeping("outcome of a job").await
}

/// Jobs that were given up, for the page that shows them.
pub async fn dead(scope: &impl Scoped, kind: Option<&str>) -> Result<Vec<jobs::Model>, StoreError> {
    let query =
        scope.find::<Entity>().filter(Column::DeadAt.is_not_null()).descending(Column::DeadAt).limit(200);
    match kind {
        Some(kind) => query.filter(Column::Kind.eq(kind)).all().await,
        None => query.all().await,
    }
}

/// How the queue stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Jobs that wait or run.
    pub waiting: u64,
    /// Jobs that were due so long ago that nobody seems to run them.
    pub overdue: u64,
    /// Jobs that were given up.
    pub dead: u64,
}

/// How the queue of all tenants stands; jobs due before `late` and still there are overdue.
pub async fn standing(store: &Store, late: sekisho_kernel::Timestamp) -> Result<Standing, StoreError> {
    let scope = store.read_installation().await?;
    let alive = || Condition::all().add(Column::DeadAt.is_null());
    Ok(Standing {
        waiting: scope.find::<Entity>().filter(alive()).count().await?,
        overdue: scope.find::<Entity>().filter(alive().add(Column::Due.lt(late))).count().await?,
        dead: scope.find::<Entity>().filter(Column::DeadAt.is_not_null()).count().await?,
    })
}

/// Makes a dead job due again, in the caller's transaction; tells whether there was one.
pub async fn revive(tx: &crate::Tx, id: Uuid) -> Result<bool, StoreError> {
    let revived = tx
        .update::<Entity>()
        .set(Column::DeadAt, Option::<sekisho_kernel::Timestamp>::None)
        .set(Column::Attempts, 0_i64)
        .set(Column::Due, tx.cx().now)
        .filter(Condition::all().add(Column::Id.eq(id)).add(Column::DeadAt.is_not_null()))
        .exec()
        .await?;
    Ok(revived == 1)
}
