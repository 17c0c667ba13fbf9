//! Running jobs: taken under a lease, tried again with growing waits, given up after [`MOST_ATTEMPTS`].
//!
//! A job runs at least once. A worker that dies leaves its lease to run out; the handler must not mind a second run.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sea_orm::{ColumnTrait, Condition};
use sekisho_kernel::{Cx, TenantId, World};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::scope::Scoped;
use crate::store::Store;
use crate::tables::jobs::{self, Column, Entity};
use crate::tx::backoff;
use crate::{JsonText, StoreError};

/// After so many tries a job is dead until a person sends it again.
pub const MOST_ATTEMPTS: i64 = 12;
/// How long a worker may take for one job.
const LEASE: Duration = Duration::from_secs(60);
/// Jobs taken at once.
const BATCH: u64 = 32;

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
        let taken = take(store, world).await?;
        let count = taken.len();
        // Side by side, so that one slow destination does not hold up the others; the set ends them when dropped.
        let mut running = tokio::task::JoinSet::new();
        for job in taken {
            let (handlers, store, world) = (self.clone(), store.clone(), world.clone());
            running.spawn(async move { handlers.run_one(&store, &world, job).await });
        }
        let mut first_error = None;
        while let Some(done) = running.join_next().await {
            match done {
                Ok(Ok(())) => {}
                Ok(Err(error)) => first_error = first_error.or(Some(error)),
                // A handler that panicked leaves its lease to run out and is tried again.
                Err(panic) => tracing::error!(%panic, "a job's handler broke"),
            }
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

/// Takes due jobs under a lease. Two workers never hold the same job: the update repeats the condition.
async fn take(store: &Store, world: &Arc<dyn World>) -> Result<Vec<Job>, StoreError> {
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
        .limit(BATCH)
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
