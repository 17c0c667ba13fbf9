//! Pictures whose day has come are deleted: the promise made where people are told of the camera. Until the next round
//! they are there, and shown to nobody.

use std::time::Duration;

use sea_orm::ColumnTrait;
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_storage::jobs::{Job, JobError};
use sekisho_storage::{Scoped, StoreError};

use crate::Keys;
use crate::tables::pictures;

/// How often is looked.
pub const EVERY: Duration = Duration::from_secs(300);
/// The job that earlier versions left with each picture.
pub const JOB: &str = "keys.expire_pictures";

/// Deletes all that is due.
pub async fn expire_pictures(keys: &Keys, cx: &Cx) -> Result<(), StoreError> {
    let due = || pictures::Column::DeleteAt.lte(cx.now);
    // Most rounds find nothing, and then nobody waits for the writer.
    if keys.store.read(cx.tenant).await?.find::<pictures::Entity>().filter(due()).count().await? == 0 {
        return Ok(());
    }
    let tx = keys.store.begin(cx).await?;
    match tx.delete::<pictures::Entity>().filter(due()).exec().await? {
        0 => tx.commit_bookkeeping("nothing was due").await,
        count => tx.commit(AuditEntry::done("picture.expire").with("count", count)).await,
    }
}

/// Runs the job.
pub async fn run(keys: Keys, cx: Cx, _job: Job) -> Result<(), JobError> {
    Ok(expire_pictures(&keys, &cx).await?)
}
