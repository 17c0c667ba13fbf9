//! Pictures whose day has come are deleted: the promise made where people are told of the camera.

use sea_orm::ColumnTrait;
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_storage::jobs::{Job, JobError};

use crate::Keys;
use crate::tables::pictures;

/// The job, left with each picture for its day. Each run deletes all that is due.
pub const JOB: &str = "keys.expire_pictures";

/// Runs the job.
pub async fn run(keys: Keys, cx: Cx, _job: Job) -> Result<(), JobError> {
    let tx = keys.store.begin(&cx).await?;
    let due = pictures::Column::DeleteAt.lte(cx.now);
    match tx.delete::<pictures::Entity>().filter(due).exec().await? {
        0 => Ok(tx.commit_bookkeeping("nothing was due").await?),
        count => Ok(tx.commit(AuditEntry::done("picture.expire").with("count", count)).await?),
    }
}
