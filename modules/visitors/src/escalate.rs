//! A guest waits and the host does not answer: the deputies are asked one after the other, then the department at once. After
//! them nobody is told any more: the desk's list shows that nobody answers.

use sea_orm::ColumnTrait;
use sekisho_host::Fault;
use sekisho_kernel::{AuditEntry, Cx, PersonId};
use sekisho_storage::jobs::{Job, JobError};
use sekisho_storage::{Scoped, Tx};
use serde::Deserialize;
use serde_json::json;

use crate::Visitors;
use crate::asked;
use crate::checks::VisitError;
use crate::events::NobodyAnswers;
use crate::ids::VisitId;
use crate::ledger::{self, Decided, lock_visit};
use crate::settings;
use crate::tables::visits;
use crate::tables::words::VisitState;
use crate::tell::{again, tell_of_arrival};
use crate::visit::Happening;

/// The job: one for each step.
pub(crate) const JOB: &str = "visitors.escalate";

#[derive(Clone, Copy, Deserialize)]
struct Payload {
    visit: VisitId,
    /// How many were asked before, so that a step that runs twice is taken once.
    asked: i64,
}

/// Runs the job.
pub(crate) async fn run(visitors: Visitors, cx: Cx, job: Job) -> Result<(), JobError> {
    let payload: Payload = job.read()?;
    ask_next(&visitors, &cx, payload).await.map_err(again)
}

async fn ask_next(visitors: &Visitors, cx: &Cx, at: Payload) -> Result<(), Fault> {
    visitors.vault.keys(cx.tenant).await?;
    let mut tx = visitors.store.begin(cx).await?;
    let Some(visit) = lock_visit(&tx, at.visit).await? else { return Ok(()) };
    if !waits(&visit) || visit.unanswered_at.is_some() || visit.asked != at.asked {
        return Ok(());
    }
    match next_in_turn(visitors, &mut tx, &visit).await? {
        PassedOn::Somebody => {
            Ok(tx.commit_bookkeeping("telling a deputy is no act; the check-in is").await?)
        }
        PassedOn::Desk => {
            let entry = AuditEntry::done("visit.nobody_answers").on("visit", visit.id, "");
            Ok(tx.commit(entry).await?)
        }
    }
}

/// Whether the guest waits and nobody said that they are coming.
pub(crate) fn waits(visit: &visits::Model) -> bool {
    visit.state == VisitState::Arrived && visit.answered_at.is_none()
}

/// Who was asked next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PassedOn {
    /// A deputy, or the department.
    Somebody,
    /// Nobody was left: the desk sees that nobody answers.
    Desk,
}

impl PassedOn {
    /// The sentence for whoever asked.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Somebody => "visitors-passed-on",
            Self::Desk => "visitors-passed-on-to-desk",
        }
    }
}

/// Whoever was asked asks somebody else, without waiting for the step to come.
pub async fn pass_on(visitors: &Visitors, cx: &Cx, id: VisitId) -> Result<PassedOn, VisitError> {
    let (tx, entry, whom) = passed_on(visitors, cx, id).await?;
    tx.commit(entry).await?;
    Ok(whom)
}

/// The same, to be committed by the caller.
pub(crate) async fn passed_on(
    visitors: &Visitors,
    cx: &Cx,
    id: VisitId,
) -> Result<(Tx, AuditEntry, PassedOn), VisitError> {
    let at = ledger::decide(visitors, cx, id, "visit.pass_on").await?;
    at.step(Happening::PassOn)?;
    if at.visit.answered_at.is_some() {
        return Err(VisitError::Rule("visitors-answered-already"));
    }
    if at.visit.unanswered_at.is_some() {
        return Err(VisitError::Rule("visitors-nobody-left"));
    }
    let Decided { mut tx, visit, may, .. } = at;
    let whom = next_in_turn(visitors, &mut tx, &visit).await?;
    let entry = AuditEntry::done("visit.pass_on").on("visit", id, "").decided(&may.basis);
    let entry = entry.with("way", may.way).with("somebody", whom == PassedOn::Somebody);
    Ok((tx, entry, whom))
}

/// Asks the next one in turn and leaves the step after it; when there is nobody left that is told once.
async fn next_in_turn(visitors: &Visitors, tx: &mut Tx, visit: &visits::Model) -> Result<PassedOn, Fault> {
    let now = tx.cx().now;
    let (settings, _) = settings::load(tx).await?;
    let next = i64::saturating_add(visit.asked, 1);
    let people = whom(visitors, tx, visit).await?;
    let nobody = people.is_empty();
    tx.update::<visits::Entity>()
        .set(visits::Column::Asked, next)
        .set(visits::Column::UnansweredAt, nobody.then_some(now))
        .filter(visits::Column::Id.eq(visit.id))
        .exec()
        .await?;
    if nobody {
        let since = visit.arrived_at.unwrap_or(now);
        let event = NobodyAnswers { visit: visit.id, site: visit.site_id, host: visit.host_id, since };
        tx.publish(&event).await?;
        return Ok(PassedOn::Desk);
    }
    asked::write_down(tx, visit.id, &people).await?;
    for person in people {
        tell_of_arrival(visitors, tx, &settings, visit, person).await?;
    }
    let payload = json!({ "visit": visit.id, "asked": next });
    tx.enqueue(JOB, now.plus(settings.answer_within()), &payload).await?;
    Ok(PassedOn::Somebody)
}

/// Who is asked next: deputy by deputy, then everybody in the department; nobody who was asked before, and nobody after that.
/// The department that somebody called at a terminal was asked then.
async fn whom(
    visitors: &Visitors,
    scope: &impl Scoped,
    visit: &visits::Model,
) -> Result<Vec<PersonId>, Fault> {
    let Some(appointment) = visit.appointment_id else { return Ok(Vec::new()) };
    let asked = asked::those(scope, visit).await?;
    let is_new = |person: &PersonId| visit.host_id != Some(*person) && !asked.contains(person);
    for deputy in ledger::deputies_of(scope, appointment).await?.into_iter().filter(is_new) {
        if visitors.identity.is_active(scope, deputy).await? {
            return Ok(vec![deputy]);
        }
    }
    let row = ledger::appointment(scope, appointment).await?;
    let Some(group) = row.and_then(|row| row.group_id) else { return Ok(Vec::new()) };
    let members = asked::department(visitors, scope, group).await?;
    Ok(members.into_iter().filter(is_new).collect())
}
