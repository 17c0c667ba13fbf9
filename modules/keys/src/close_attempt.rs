//! An attempt to take a key that came to nothing ends: the bin was not opened in time, could not open, or was closed with
//! the key inside. Nothing was lent.

use sea_orm::ColumnTrait;
use sekisho_kernel::Cx;
use sekisho_storage::jobs::{Job, JobError};
use sekisho_storage::{Scoped, StoreError, Tx};
use serde::Deserialize;

use crate::Keys;
use crate::custody::Happening;
use crate::ids::LoanId;
use crate::ledger::{Circumstances, happened, lock_key};
use crate::tables::loans;

/// The job that ends an attempt nobody spoke of again.
pub const JOB: &str = "keys.close_attempt";

#[derive(Deserialize)]
struct Payload {
    loan: LoanId,
}

/// Runs the job.
pub async fn run(keys: Keys, cx: Cx, job: Job) -> Result<(), JobError> {
    let Payload { loan } = job.read()?;
    let mut tx = keys.store.begin(&cx).await?;
    match close_attempt(&mut tx, loan).await? {
        Some(entry) => tx.commit(entry).await?,
        None => tx.commit_bookkeeping("the attempt had ended").await?,
    }
    Ok(())
}

/// Ends the attempt, if it still is one.
pub(crate) async fn close_attempt(
    tx: &mut Tx,
    loan: LoanId,
) -> Result<Option<sekisho_kernel::AuditEntry>, StoreError> {
    let Some(row) = tx.find::<loans::Entity>().filter(loans::Column::Id.eq(loan)).one().await? else {
        return Ok(None);
    };
    let Some(key) = lock_key(tx, row.key_id).await? else { return Ok(None) };
    let mut entries = happened(tx, &key, Happening::NotTaken(loan), Circumstances::default()).await?;
    if !entries.is_empty() {
        tx.publish(&crate::events::StockChanged {}).await?;
    }
    let last = entries.pop();
    entries.into_iter().for_each(|entry| tx.record(entry));
    Ok(last)
}
