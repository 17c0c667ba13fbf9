//! A key is due soon, due, or late: the facts are told at each step of the ladder until it is back.

use std::time::Duration;

use sea_orm::ColumnTrait;
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_storage::Scoped;
use sekisho_storage::jobs::{Job, JobError};
use serde::Deserialize;
use serde_json::json;

use crate::Keys;
use crate::due::next_telling;
use crate::events::{KeyDueSoon, KeyOverdue};
use crate::ids::LoanId;
use crate::tables::words::LoanState;
use crate::tables::{keys, loans};

/// The job that reminds before the due time.
pub const REMIND: &str = "keys.remind";
/// The job that tells of lateness, step by step.
pub const OVERDUE: &str = "keys.overdue";

#[derive(Deserialize)]
struct Payload {
    loan: LoanId,
}

/// Reminds the holder, if the key is still out and its due time was not put off.
pub async fn remind(keys: Keys, cx: Cx, job: Job) -> Result<(), JobError> {
    let Payload { loan } = job.read()?;
    let mut tx = keys.store.begin(&cx).await?;
    let Some((loan, key)) = still_out(&tx, loan).await? else { return Ok(()) };
    let Some(due) = loan.due_at.filter(|due| due.minus(crate::due::REMIND_BEFORE) <= cx.now && *due > cx.now)
    else {
        return Ok(());
    };
    tx.publish(&KeyDueSoon {
        key: key.id,
        key_name: key.name.clone(),
        loan: loan.id,
        person: loan.person_id,
        due,
    })
    .await?;
    Ok(tx.commit_bookkeeping("a reminder is no act").await?)
}

/// Tells that the key is late, and leaves the next step.
pub async fn overdue(keys: Keys, cx: Cx, job: Job) -> Result<(), JobError> {
    let Payload { loan } = job.read()?;
    let mut tx = keys.store.begin(&cx).await?;
    let Some((loan, key)) = still_out(&tx, loan).await? else { return Ok(()) };
    let Some(due) = loan.due_at.filter(|due| *due <= cx.now) else { return Ok(()) };
    // Steps that were slept through, as while the server was down, are told as one.
    let mut step = loan.told + 1;
    while next_telling(due, step) <= cx.now {
        step += 1;
    }
    let late_minutes = u32::try_from(cx.now.since(due).as_secs() / 60).unwrap_or(u32::MAX);
    let event = KeyOverdue {
        key: key.id,
        key_name: key.name.clone(),
        loan: loan.id,
        person: loan.person_id,
        due,
        step,
        late_minutes,
    };
    tx.publish(&event).await?;
    tx.update::<loans::Entity>()
        .set(loans::Column::Told, step)
        .filter(loans::Column::Id.eq(loan.id))
        .exec()
        .await?;
    let next = next_telling(due, step).max(cx.now.plus(Duration::from_secs(60)));
    tx.enqueue(OVERDUE, next, &json!({ "loan": loan.id })).await?;
    let entry = AuditEntry::done("key.overdue").on("key", key.id, &*key.name);
    Ok(tx.commit(entry.with("loan", loan.id).with("step", step).with("late_minutes", late_minutes)).await?)
}

async fn still_out(
    scope: &impl Scoped,
    loan: LoanId,
) -> Result<Option<(loans::Model, keys::Model)>, sekisho_storage::StoreError> {
    let Some(loan) = scope.find::<loans::Entity>().filter(loans::Column::Id.eq(loan)).one().await? else {
        return Ok(None);
    };
    if loan.state != LoanState::Out {
        return Ok(None);
    }
    let key = scope.find::<keys::Entity>().filter(keys::Column::Id.eq(loan.key_id)).one().await?;
    Ok(key.map(|key| (loan, key)))
}
