//! A guest waits and the host does not answer: the deputies are asked one after the other, then the department, then the
//! desk is told that nobody answers.

use sea_orm::{ColumnTrait, Condition};
use sekisho_kernel::{AuditEntry, Cx, PersonId};
use sekisho_storage::Scoped;
use sekisho_storage::jobs::{Job, JobError};
use serde::Deserialize;
use serde_json::json;

use crate::Visitors;
use crate::events::NobodyAnswers;
use crate::fault::Fault;
use crate::ids::VisitId;
use crate::ledger::{self, lock_visit};
use crate::settings;
use crate::tables::words::VisitState;
use crate::tables::{deputies, visits};
use crate::tell::{again, tell_of_arrival};

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
    let (settings, _) = settings::load(&tx).await?;
    let next = i64::saturating_add(at.asked, 1);
    let this = Condition::all().add(visits::Column::Id.eq(visit.id)).add(visits::Column::Asked.eq(at.asked));
    tx.update::<visits::Entity>().set(visits::Column::Asked, next).filter(this).exec().await?;
    let people = whom(visitors, &tx, &visit, at.asked).await?;
    if people.is_empty() {
        let since = visit.arrived_at.unwrap_or(cx.now);
        let event = NobodyAnswers { visit: visit.id, site: visit.site_id, host: visit.host_id, since };
        tx.publish(&event).await?;
        return Ok(tx.commit(AuditEntry::done("visit.nobody_answers").on("visit", visit.id, "")).await?);
    }
    for person in people {
        tell_of_arrival(visitors, &mut tx, &settings, &visit, person).await?;
    }
    let payload = json!({ "visit": visit.id, "asked": next });
    tx.enqueue(JOB, cx.now.plus(settings.answer_within()), &payload).await?;
    Ok(tx.commit_bookkeeping("telling a deputy is no act; the check-in is").await?)
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
