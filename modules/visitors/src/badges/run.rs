//! The job that prints badges, a step at a time. Every step begins by reading how far the last one got, so that a process
//! that dies between sending and hearing looks the job up by its name at the printer before it sends anything again.
//!
//! ```text
//! waiting ─ nothing in the way ─▶ sending ─ the printer has a number for it ─▶ printing ─ came out ─▶ printed
//!    └─ something is: asked again later      └─ no answer: looked up by name      └─ called off there ─▶ failed
//! ```

use std::time::Duration;

use sea_orm::{ColumnTrait, Condition, QuerySelect};
use sekisho_host::Fault;
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_storage::jobs::{Job, JobError};
use sekisho_storage::{Scoped, StoreError, Tx};
use serde::Deserialize;
use serde_json::json;

use super::abilities::{self, Form};
use super::content::{face_of, leave_code};
use super::face::{Face, sheet};
use super::ipp::group;
use super::paper::Paper;
use super::printer::{JobState, Printer, Sent};
use super::printers::{printer, ready};
use super::raster::{pwg, urf};
use super::settings;
use crate::Visitors;
use crate::events::BadgeMoved;
use crate::ids::{BadgeId, PrinterId, VisitId};
use crate::ledger;
use crate::tables::printed_badges::{Column, Entity, Model};
use crate::tables::words::{BadgeState, Trouble};
use crate::tell::again;

/// The job: one for each step.
pub(crate) const JOB: &str = "visitors.print_badge";
/// One step takes no longer: a printer that answers slowly holds up no worker.
const STEP: Duration = Duration::from_secs(40);
/// After so long nobody waits for a badge any more.
const GIVEN_UP: Duration = Duration::from_secs(12 * 3600);
/// After so many looks at a job, some five seconds, it ought to have come out.
const PATIENCE: i64 = 3;

#[derive(Clone, Copy, Deserialize)]
struct Payload {
    badge: BadgeId,
    turn: i64,
}

/// What became of a step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Outcome {
    /// Not sent: this stands in the way; nothing: the printer is at work on something else.
    Waits(Option<Trouble>),
    /// Perhaps sent.
    Unknown(Option<Trouble>),
    /// The printer has it as this job; something may stand in its way there.
    Has(i32, Option<Trouble>),
    /// It came out.
    Done,
    /// The printer gave it up, or never takes it.
    Failed(Trouble),
    /// Nobody wants it any more.
    Dropped,
}

/// Runs the job.
pub(crate) async fn run(visitors: Visitors, cx: Cx, job: Job) -> Result<(), JobError> {
    let at: Payload = job.read()?;
    step(&visitors, &cx, at).await.map_err(again)
}

async fn step(visitors: &Visitors, cx: &Cx, at: Payload) -> Result<(), Fault> {
    let Some(task) = task(visitors, cx, at).await? else { return Ok(()) };
    let known = (task.row.state == BadgeState::Printing).then(|| task.job());
    let outcome = within(STEP, known, talk(visitors, cx, &task)).await?;
    settle(visitors, cx, at, outcome).await
}

/// What a step came to; cut off at `limit`, when the printer has the job under the number that is `known`.
async fn within(
    limit: Duration,
    known: Option<i32>,
    work: impl Future<Output = Result<Outcome, Fault>>,
) -> Result<Outcome, Fault> {
    match (tokio::time::timeout(limit, work).await, known) {
        (Ok(outcome), _) => outcome,
        (Err(_), Some(job)) => Ok(Outcome::Has(job, Some(Trouble::Unreachable))),
        // it may have come to sending
        (Err(_), None) => Ok(Outcome::Unknown(Some(Trouble::Unreachable))),
    }
}

/// A badge with all that is needed to print it.
struct Task {
    row: Model,
    paper: Paper,
    printer: Option<Printer>,
    /// None: nobody wants it any more.
    face: Option<Face>,
}

impl Task {
    fn job(&self) -> i32 {
        self.row.job.and_then(|job| i32::try_from(job).ok()).unwrap_or_default()
    }
}

/// The name under which the printer knows the job: a number of ours, nobody's name.
fn job_name(id: BadgeId) -> String {
    format!("sekisho-{id}")
}

async fn task(visitors: &Visitors, cx: &Cx, at: Payload) -> Result<Option<Task>, Fault> {
    let keys = visitors.vault.keys(cx.tenant).await?;
    let scope = visitors.store.read(cx.tenant).await?;
    let row = scope.find::<Entity>().filter(Column::Id.eq(at.badge)).one().await?;
    let Some(row) = row.filter(|row| row.turn == at.turn && row.state.is_open()) else { return Ok(None) };
    let Some(printer) = printer(&scope, row.printer_id).await? else {
        return Ok(Some(Task { row, paper: Paper::Label, printer: None, face: None }));
    };
    let (settings, _) = settings::load(&scope).await?;
    let visit = ledger::visit(&scope, row.visit_id).await?;
    let wanted = row.open_visit.is_some() && cx.now < row.asked_at.plus(GIVEN_UP);
    let face = match visit.filter(|visit| wanted && visit.state.is_here()) {
        Some(visit) => {
            let (code, _) = leave_code(&keys, row.id);
            face_of(visitors, cx, &scope, &settings, &visit, code).await?
        }
        None => None,
    };
    Ok(Some(Task { paper: printer.paper, printer: ready(visitors, &keys, &printer)?, face, row }))
}

async fn talk(visitors: &Visitors, cx: &Cx, task: &Task) -> Result<Outcome, Fault> {
    let state = task.row.state;
    let Some(printer) = &task.printer else { return Ok(Outcome::Dropped) };
    let name = job_name(task.row.id);
    let known = match state {
        BadgeState::Printing => Some(task.job()),
        BadgeState::Sending => match printer.job_named(&name).await {
            Ok(job) => job,
            Err(trouble) if task.face.is_some() => return Ok(Outcome::Unknown(Some(trouble))),
            Err(_) => None,
        },
        _ => None,
    };
    if let Some(job) = known {
        return Ok(follow(printer, task, job).await);
    }
    let Some(face) = &task.face else { return Ok(Outcome::Dropped) };
    let says = match printer.describe().await {
        Ok(says) => says,
        Err(trouble) => return Ok(Outcome::Waits(Some(trouble))),
    };
    let says = says.first(group::PRINTER);
    let Some(form) = abilities::form(says) else { return Ok(Outcome::Failed(Trouble::NoFormat)) };
    if let Some(trouble) = abilities::trouble(says, task.paper) {
        return Ok(Outcome::Waits(Some(trouble)));
    }
    let Some(document) = document(face, task.paper, form).await else {
        return Ok(Outcome::Failed(Trouble::NoFormat));
    };
    if !sending(visitors, cx, &task.row).await? {
        return Ok(Outcome::Dropped);
    }
    Ok(match printer.print(&name, form, task.paper, says, &document).await {
        Ok(job) => Outcome::Has(job, None),
        Err(Sent::Perhaps) => Outcome::Unknown(None),
        Err(Sent::No(trouble @ (Trouble::NoFormat | Trouble::Refused))) => Outcome::Failed(trouble),
        Err(Sent::No(trouble)) => Outcome::Waits(Some(trouble)),
        Err(Sent::Busy) => Outcome::Waits(abilities::hint(says)),
    })
}

/// The badge as bytes for a printer. Draws away from the threads that answer.
pub(super) async fn document(face: &Face, paper: Paper, form: Form) -> Option<Vec<u8>> {
    let face = face.clone();
    tokio::task::spawn_blocking(move || drawn(&face, paper, form)).await.ok()?
}

fn drawn(face: &Face, paper: Paper, form: Form) -> Option<Vec<u8>> {
    let sheet = sheet(face, paper).ok()?;
    match form {
        Form::Pwg(ink, dots) => sheet.drawn(dots).ok().map(|picture| pwg(&picture, ink, dots)),
        Form::Urf(ink, dots) => sheet.drawn((dots, dots)).ok().map(|picture| urf(&picture, ink, dots)),
        Form::Pdf => sekisho_paper::written("badge", &[sheet]).ok(),
    }
}

/// What became of a job the printer has. When nobody wants it any more it is called off there.
async fn follow(printer: &Printer, task: &Task, job: i32) -> Outcome {
    match printer.job(job).await {
        Ok(Some(JobState::Completed)) => Outcome::Done,
        Ok(Some(JobState::Ended)) => Outcome::Failed(Trouble::Refused),
        // what came out is forgotten soon; what a printer in trouble forgot did not come out
        Ok(None) => match task.row.trouble {
            None => Outcome::Done,
            Some(_) if task.face.is_none() => Outcome::Dropped,
            Some(_) => Outcome::Failed(Trouble::Refused),
        },
        Ok(Some(JobState::Open)) if task.face.is_none() => {
            // whether it still came out nobody can say, and nobody needs to
            let _ = printer.cancel(job).await;
            Outcome::Dropped
        }
        Ok(Some(JobState::Open)) => {
            let says = match printer.describe().await {
                Ok(says) => says,
                Err(trouble) => return Outcome::Has(job, Some(trouble)),
            };
            let says = says.first(group::PRINTER);
            let late = task.row.tries >= PATIENCE;
            let hint = || abilities::hint(says).filter(|_| late);
            Outcome::Has(job, abilities::trouble(says, task.paper).or_else(hint))
        }
        Err(_) if task.face.is_none() => Outcome::Dropped,
        Err(trouble) => Outcome::Has(job, Some(trouble)),
    }
}

/// Writes that it is being sent, before it is: whoever comes after a crash looks first. False: somebody else does it.
async fn sending(visitors: &Visitors, cx: &Cx, row: &Model) -> Result<bool, Fault> {
    let tx = visitors.store.begin(cx).await?;
    let Some(now) = lock(&tx, row.id).await? else { return Ok(false) };
    if now.turn != row.turn || !now.state.is_open() || now.open_visit.is_none() {
        return Ok(false);
    }
    let this = Column::Id.eq(row.id);
    tx.update::<Entity>().set(Column::State, BadgeState::Sending).filter(this).exec().await?;
    tx.commit_bookkeeping("a badge is being sent; that it was wished is on the record").await?;
    Ok(true)
}

async fn settle(visitors: &Visitors, cx: &Cx, at: Payload, outcome: Outcome) -> Result<(), Fault> {
    let cx = cx.later();
    let mut tx = visitors.store.begin(&cx).await?;
    let Some(row) = lock(&tx, at.badge).await? else { return Ok(()) };
    if row.turn != at.turn || !row.state.is_open() {
        return Ok(());
    }
    let (state, trouble) = match outcome {
        Outcome::Waits(trouble) => (BadgeState::Waiting, trouble),
        Outcome::Unknown(trouble) => (BadgeState::Sending, trouble),
        Outcome::Has(_, trouble) => (BadgeState::Printing, trouble),
        Outcome::Done => (BadgeState::Printed, None),
        Outcome::Failed(trouble) => (BadgeState::Failed, Some(trouble)),
        Outcome::Dropped => (BadgeState::Dropped, None),
    };
    let job = if let Outcome::Has(job, _) = outcome { Some(i64::from(job)) } else { row.job };
    let (turn, tries) = (row.turn + 1, if state == row.state { row.tries + 1 } else { 0 });
    let open = state.is_open();
    tx.update::<Entity>()
        .set(Column::State, state)
        .set(Column::Trouble, trouble)
        .set(Column::Job, job)
        .set(Column::Turn, turn)
        .set(Column::Tries, tries)
        .set(Column::OpenVisit, row.open_visit.filter(|_| open))
        .set(Column::DoneAt, (!open).then_some(cx.now))
        .filter(Column::Id.eq(row.id))
        .exec()
        .await?;
    if open {
        let due = cx.now.plus(pause(state, trouble, tries));
        tx.enqueue(JOB, due, &json!({ "badge": row.id, "turn": turn })).await?;
    }
    if state != row.state || trouble != row.trouble {
        tx.publish(&BadgeMoved { visit: row.visit_id, site: row.site_id, state }).await?;
    }
    let ended = match state {
        BadgeState::Printed => "visit.badge_printed",
        BadgeState::Failed => "visit.badge_failed",
        BadgeState::Dropped => "visit.badge_dropped",
        _ => return Ok(tx.commit_bookkeeping("a step of printing; its end is on the record").await?),
    };
    let entry = AuditEntry::done(ended).on("visit", row.visit_id, "").with("badge", row.id);
    Ok(tx.commit(entry.with("printer", row.printer_id).with("trouble", trouble)).await?)
}

/// When to look again: soon at first, then less and less.
fn pause(state: BadgeState, trouble: Option<Trouble>, tries: i64) -> Duration {
    let first = if state != BadgeState::Sending && trouble.is_none() { 1 } else { 4 };
    let doubled = u32::try_from(tries / 3).unwrap_or(u32::MAX).min(4);
    Duration::from_secs((first << doubled).min(60))
}

/// Somebody stands there and waits: what waits is tried now.
pub(super) async fn at_once(tx: &Tx, row: &Model) -> Result<(), StoreError> {
    if row.state == BadgeState::Waiting {
        next_step(tx, row).await?;
    }
    Ok(())
}

/// The next step is taken now, instead of the one that was left for later.
async fn next_step(tx: &Tx, row: &Model) -> Result<(), StoreError> {
    let turn = row.turn + 1;
    let this = Column::Id.eq(row.id);
    tx.update::<Entity>().set(Column::Turn, turn).set(Column::Tries, 0).filter(this).exec().await?;
    tx.enqueue(JOB, tx.cx().now, &json!({ "badge": row.id, "turn": turn })).await?;
    Ok(())
}

/// The printer stands at another address: what was on its way is looked for there by name, the numbers of jobs being those
/// of the old one.
pub(super) async fn look_anew(tx: &Tx, printer: PrinterId) -> Result<(), StoreError> {
    let open = Condition::all().add(Column::PrinterId.eq(printer)).add(Column::DoneAt.is_null());
    for row in tx.find::<Entity>().filter(open).refine(QuerySelect::lock_exclusive).all().await? {
        let turn = row.turn + 1;
        let state = if row.state == BadgeState::Waiting { row.state } else { BadgeState::Sending };
        tx.update::<Entity>()
            .set(Column::State, state)
            .set(Column::Trouble, None::<Trouble>)
            .set(Column::Job, None::<i64>)
            .set(Column::Turn, turn)
            .set(Column::Tries, 0)
            .filter(Column::Id.eq(row.id))
            .exec()
            .await?;
        tx.enqueue(JOB, tx.cx().now, &json!({ "badge": row.id, "turn": turn })).await?;
    }
    Ok(())
}

/// Another printer takes over: what waits is not sent any more, what a printer has is called off there.
pub(super) async fn call_off(tx: &Tx, row: &Model) -> Result<(), StoreError> {
    let this = Column::Id.eq(row.id);
    tx.update::<Entity>().set(Column::OpenVisit, None::<VisitId>).filter(this).exec().await?;
    // what is being sent is waited for: only then can it be found there
    if row.state != BadgeState::Sending {
        next_step(tx, row).await?;
    }
    Ok(())
}

async fn lock(tx: &Tx, id: BadgeId) -> Result<Option<Model>, StoreError> {
    tx.find::<Entity>().filter(Column::Id.eq(id)).refine(QuerySelect::lock_exclusive).one().await
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    #[tokio::test]
    async fn a_step_that_takes_too_long_is_cut_off_and_forgets_nothing() {
        let cut = async |known| within(Duration::ZERO, known, pending()).await.unwrap();
        assert_eq!(cut(None).await, Outcome::Unknown(Some(Trouble::Unreachable)), "perhaps it was sent");
        assert_eq!(cut(Some(7)).await, Outcome::Has(7, Some(Trouble::Unreachable)));
        let in_time = within(STEP, None, async { Ok(Outcome::Done) }).await.unwrap();
        assert_eq!(in_time, Outcome::Done);
    }
}
