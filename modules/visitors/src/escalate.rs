//! A guest waits and the host does not answer: the deputies are asked one after the other, then the department, then the
//! desk is told that nobody answers.

use sea_orm::{ColumnTrait, Condition};
use sekisho_host::Fault;
use sekisho_kernel::{AuditEntry, Cx, PersonId};
use sekisho_storage::jobs::{Job, JobError};
use sekisho_storage::{Scoped, Tx};
use serde::Deserialize;
use serde_json::json;

use crate::Visitors;
use crate::checks::VisitError;
use crate::events::NobodyAnswers;
use crate::ids::VisitId;
use crate::ledger::{self, lock_visit};
use crate::settings;
use crate::tables::words::VisitState;
use crate::tables::{deputies, visits};
use crate::tell::{again, tell_of_arrival};
use crate::visit::Refusal;
use crate::warrant::NotAllowed;

/// The job: one for each step.
pub(crate) const JOB: &str = "visitors.escalate";
/// The most people of a department who are told.
const MOST_OF_A_GROUP: usize = 50;

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
    let waits = visit.state == VisitState::Arrived && visit.answered_at.is_none();
    if !waits || visit.asked != at.asked {
        return Ok(());
    }
    match next_in_turn(visitors, &mut tx, &visit).await? {
        true => Ok(tx.commit_bookkeeping("telling a deputy is no act; the check-in is").await?),
        false => {
            let entry = AuditEntry::done("visit.nobody_answers").on("visit", visit.id, "");
            Ok(tx.commit(entry).await?)
        }
    }
}

/// Whoever was asked asks somebody else, without waiting for the step to come.
pub async fn pass_on(visitors: &Visitors, cx: &Cx, id: VisitId) -> Result<(), VisitError> {
    let (tx, entry) = passed_on(visitors, cx, id).await?;
    Ok(tx.commit(entry).await?)
}

/// The same, to be committed by the caller.
pub(crate) async fn passed_on(
    visitors: &Visitors,
    cx: &Cx,
    id: VisitId,
) -> Result<(Tx, AuditEntry), VisitError> {
    let seen = ledger::visit(&visitors.store.read(cx.tenant).await?, id).await?.ok_or(NotAllowed::Missing)?;
    let may = visitors.may_decide(cx, &seen, "visit.pass_on").await?;
    visitors.vault.keys(cx.tenant).await?;
    let mut tx = visitors.store.begin(cx).await?;
    let visit = lock_visit(&tx, id).await?.ok_or(NotAllowed::Missing)?;
    match visit.state {
        VisitState::Arrived if visit.answered_at.is_some() => {
            return Err(VisitError::Rule("visitors-answered-already"));
        }
        VisitState::Arrived => {}
        VisitState::Admitted | VisitState::Left => return Err(Refusal::Here.into()),
        VisitState::Refused => return Err(Refusal::Refused.into()),
        VisitState::Cancelled => return Err(Refusal::Cancelled.into()),
        _ => return Err(Refusal::NotYet.into()),
    }
    let somebody = next_in_turn(visitors, &mut tx, &visit).await?;
    let entry = AuditEntry::done("visit.pass_on").on("visit", id, "").decided(&may.basis);
    Ok((tx, entry.with("way", may.way).with("somebody", somebody)))
}

/// Asks the next one in turn and leaves the step after it; when there is nobody left the desk is told, and the answer is no.
async fn next_in_turn(visitors: &Visitors, tx: &mut Tx, visit: &visits::Model) -> Result<bool, Fault> {
    let now = tx.cx().now;
    let (settings, _) = settings::load(tx).await?;
    let next = i64::saturating_add(visit.asked, 1);
    let this =
        Condition::all().add(visits::Column::Id.eq(visit.id)).add(visits::Column::Asked.eq(visit.asked));
    tx.update::<visits::Entity>().set(visits::Column::Asked, next).filter(this).exec().await?;
    let people = whom(visitors, tx, visit, visit.asked).await?;
    if people.is_empty() {
        let since = visit.arrived_at.unwrap_or(now);
        let event = NobodyAnswers { visit: visit.id, site: visit.site_id, host: visit.host_id, since };
        tx.publish(&event).await?;
        return Ok(false);
    }
    for person in people {
        tell_of_arrival(visitors, tx, &settings, visit, person).await?;
    }
    let payload = json!({ "visit": visit.id, "asked": next });
    tx.enqueue(JOB, now.plus(settings.answer_within()), &payload).await?;
    Ok(true)
}

/// Who is asked in that step: deputy by deputy, then everybody in the department who was not asked before; nobody after that.
async fn whom(
    visitors: &Visitors,
    scope: &impl Scoped,
    visit: &visits::Model,
    asked: i64,
) -> Result<Vec<PersonId>, Fault> {
    let Some(appointment) = visit.appointment_id else { return Ok(Vec::new()) };
    let rows = scope
        .find::<deputies::Entity>()
        .filter(deputies::Column::AppointmentId.eq(appointment))
        .ascending(deputies::Column::Place)
        .all()
        .await?;
    let standing_in: Vec<PersonId> = rows.into_iter().map(|row| row.person_id).collect();
    let step = usize::try_from(asked).unwrap_or(usize::MAX);
    if let Some(deputy) = standing_in.get(step) {
        return Ok(vec![*deputy]);
    }
    if step > standing_in.len() {
        return Ok(Vec::new());
    }
    let row = ledger::appointment(scope, appointment).await?;
    let Some(group) = row.and_then(|row| row.group_id) else { return Ok(Vec::new()) };
    let members = visitors.identity.members(scope, group).await?;
    let known = |person: &PersonId| visit.host_id == Some(*person) || standing_in.contains(person);
    Ok(members.into_iter().filter(|person| !known(person)).take(MOST_OF_A_GROUP).collect())
}
