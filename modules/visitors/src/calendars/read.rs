//! Mailboxes and calendars are read when their time has come, one reader at a time. A reader that dies leaves its lease to run
//! out; what it had dealt with is not dealt with again.

use std::time::Duration;

use sea_orm::{ColumnTrait, Condition};
use sekisho_host::Fault;
use sekisho_kernel::{Cx, Timestamp};
use sekisho_storage::Scoped as _;
use sekisho_storage::jobs::{Job, JobError};
use serde::{Deserialize, Serialize};

use super::wrong::Wrong;
use super::{answer, collection, mailbox, settings};
use crate::Visitors;
use crate::checks::VisitError;
use crate::ids::CalendarId;
use crate::tables::CalendarKind;
use crate::tables::read_calendars::{self, Column, Entity};
use crate::tell::again;
use crate::warrant::NotAllowed;

/// How often calendars that are due are looked for.
pub(crate) const EVERY: Duration = Duration::from_secs(60);
/// The job.
pub(crate) const JOB: &str = "visitors.calendar";
/// One reading takes so long at most; the rest is for the next.
const LONGEST: Duration = Duration::from_secs(45);
/// Nobody else reads it for so long.
const LEASE: Duration = Duration::from_secs(120);
/// One that fails is tried so often at least.
const SELDOM: Duration = Duration::from_secs(3600);
/// After so long without reading administrators are told.
const TOLD_AFTER: Duration = Duration::from_secs(3600);
/// So often something of ours may break at one place before it is passed by.
pub(super) const MOST_TRIES: i64 = 5;

#[derive(Serialize, Deserialize)]
struct Ask {
    calendar: CalendarId,
}

/// Who has it read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum By {
    Itself,
    Hand,
}

/// Whether there is more to be read at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Rest {
    Nothing,
    More,
}

/// Leaves the calendars that are due to be read, each by a job of its own: a server that fails holds up no other calendar, one that
/// is slow a worker for as long as one reading may take.
pub(crate) async fn find_due(visitors: &Visitors, cx: &Cx) -> Result<(), Fault> {
    let scope = visitors.store.read(cx.tenant).await?;
    let rows = scope.find::<Entity>().filter(Column::NextAt.lte(cx.now)).all().await?;
    drop(scope);
    for row in rows {
        let tx = visitors.store.begin(cx).await?;
        let still = Condition::all().add(Column::Id.eq(row.id)).add(Column::NextAt.eq(row.next_at));
        let won = tx.update::<Entity>().set(Column::NextAt, next(cx, &row)).filter(still).exec().await?;
        if won == 1 {
            tx.enqueue(JOB, cx.now, &Ask { calendar: row.id }).await?;
            tx.commit_bookkeeping("a calendar is due to be read").await?;
        }
    }
    Ok(())
}

fn next(cx: &Cx, row: &read_calendars::Model) -> Timestamp {
    cx.now.plus(every(row))
}

fn every(row: &read_calendars::Model) -> Duration {
    Duration::from_secs(row.every_minutes.clamp(1, 60).unsigned_abs() * 60)
}

/// When one that fails is tried again: each time after as long as it has been failing, an hour at most. A password that does not hold
/// any more would lock the account. Of the first hour the end is not missed: then administrators are told.
fn next_try(cx: &Cx, row: &read_calendars::Model) -> Timestamp {
    let Some(since) = row.failing_since else { return next(cx, row) };
    let fails = Duration::from_micros(cx.now.as_micros().saturating_sub(since.as_micros()).unsigned_abs());
    let then = cx.now.plus(fails.min(SELDOM).max(every(row)));
    let told_at = since.plus(TOLD_AFTER);
    if cx.now < told_at { then.min(told_at) } else { then }
}

/// Runs the job.
pub(crate) async fn run(visitors: Visitors, cx: Cx, job: Job) -> Result<(), JobError> {
    let ask: Ask = job.read()?;
    read(&visitors, &cx, ask.calendar, By::Itself).await.map_err(again)?;
    Ok(())
}

/// Reads it now, for an administrator who wants to see whether it works; tells what is wrong with it.
pub async fn read_calendar_now(
    visitors: &Visitors,
    cx: &Cx,
    _by: sekisho_identity::Administrator,
    id: CalendarId,
) -> Result<Option<&'static str>, VisitError> {
    settings::one(&visitors.store.read(cx.tenant).await?, id).await?.ok_or(NotAllowed::Missing)?;
    // What is read is done in the names of others, not in that of who looks.
    let cx = Cx::system(cx.world().clone(), cx.tenant, JOB);
    match read(visitors, &cx, id, By::Hand).await? {
        Some(result) => Ok(result),
        None => Err(VisitError::Busy(30)),
    }
}

/// Reads one, unless somebody does; tells what is wrong with it.
async fn read(
    visitors: &Visitors,
    cx: &Cx,
    id: CalendarId,
    by: By,
) -> Result<Option<Option<&'static str>>, Fault> {
    let tx = visitors.store.begin(cx).await?;
    let free = Condition::all().add(Column::Id.eq(id)).add(Column::LeaseUntil.lte(cx.now));
    let won = tx.update::<Entity>().set(Column::LeaseUntil, cx.now.plus(LEASE)).filter(free).exec().await?;
    if won == 0 {
        return Ok(None);
    }
    tx.commit_bookkeeping("somebody reads the calendar").await?;
    let row = settings::one(&visitors.store.read(cx.tenant).await?, id).await?;
    let Some(row) = row else { return Ok(None) };
    let reading = async {
        match row.kind {
            CalendarKind::Mailbox => mailbox::read(visitors, cx, &row).await,
            CalendarKind::Collection => collection::read(visitors, cx, &row).await,
        }
    };
    let result = match tokio::time::timeout(LONGEST, reading).await {
        Ok(result) => result,
        Err(_) => Err(Wrong::Server("slow")),
    };
    let cx = cx.later();
    let tx = visitors.store.begin(&cx).await?;
    let this = Column::Id.eq(id);
    tx.update::<Entity>().set(Column::LeaseUntil, Timestamp::EPOCH).filter(this).exec().await?;
    if matches!(result, Err(Wrong::Changed)) {
        tx.commit_bookkeeping("a calendar that was changed is read anew").await?;
        return Ok(None);
    }
    let done = tx.update::<Entity>();
    let done = match &result {
        Ok(rest) => done
            .set(Column::ReadAt, Some(cx.now))
            .set(Column::NextAt, if *rest == Rest::More { cx.now } else { next(&cx, &row) })
            .set(Column::FailingSince, Option::<Timestamp>::None)
            .set(Column::Wrong, Option::<String>::None),
        Err(wrong) => {
            if let Wrong::Fault(fault) = wrong {
                tracing::warn!(calendar = %id, error = ?fault, "a calendar could not be read");
            }
            done.set(Column::Wrong, Some(wrong.word().to_owned()))
                .set(Column::FailingSince, Some(row.failing_since.unwrap_or(cx.now)))
                .set(Column::NextAt, if by == By::Hand { next(&cx, &row) } else { next_try(&cx, &row) })
        }
    };
    done.filter(answer::as_read(&row)).exec().await?;
    tx.commit_bookkeeping("when a calendar was read").await?;
    let word = result.err().map(|wrong| wrong.word());
    if word.is_some() && row.failing_since.is_some_and(|since| since.plus(TOLD_AFTER) <= cx.now) {
        answer::tell_failing(visitors, &cx, &row).await?;
    }
    Ok(Some(word))
}
