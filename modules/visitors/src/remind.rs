//! Guests are reminded the day before, in the morning of their site, if they were invited more than a day ahead; of the
//! appointments of a series they get the pass with it.

use std::time::Duration;

use sekisho_host::Fault;
use sekisho_kernel::{Cx, Timestamp};
use sekisho_storage::jobs::{Job, JobError};
use serde::Deserialize;

use crate::Visitors;
use crate::ids::VisitId;
use crate::invitation;
use crate::ledger::{self, lock_visit};
use crate::settings;
use crate::tables::visits;
use crate::tell::again;

/// The job.
pub(crate) const JOB: &str = "visitors.remind";
/// At what o'clock of the day before.
const HOUR: i8 = 10;
/// Invited so shortly before, nobody needs to be reminded.
const AHEAD: Duration = Duration::from_secs(24 * 3600);

#[derive(Deserialize)]
struct Payload {
    visit: VisitId,
    /// Of which version; a change leaves a reminder of its own.
    generation: i64,
    /// Whether the guest gets the pass by it and by nothing else, so that it comes even where nobody is reminded: of a series
    /// only the first pass came with the invitation.
    #[serde(default)]
    only_way: bool,
}

/// When the guest of a visit is reminded, told at `now`; none when that is too short before.
pub(crate) fn due(visit: &visits::Model, now: Timestamp) -> Option<Timestamp> {
    if visit.starts_at.since(now) <= AHEAD {
        return None;
    }
    eve(visit).filter(|eve| *eve > now)
}

/// The morning of the day before a visit.
pub(crate) fn eve(visit: &visits::Model) -> Option<Timestamp> {
    let zone = sekisho_web::zone_of(&visit.zone);
    let eve = visit.starts_at.to_jiff().to_zoned(zone.clone()).date().yesterday().ok()?;
    Some(eve.at(HOUR, 0, 0, 0).to_zoned(zone).ok()?.timestamp().into())
}

/// Runs the job.
pub(crate) async fn run(visitors: Visitors, cx: Cx, job: Job) -> Result<(), JobError> {
    let payload: Payload = job.read()?;
    remind(&visitors, &cx, payload).await.map_err(again)
}

async fn remind(visitors: &Visitors, cx: &Cx, of: Payload) -> Result<(), Fault> {
    let scope = visitors.store.read(cx.tenant).await?;
    let (settings, _) = settings::load(&scope).await?;
    let seen = ledger::visit(&scope, of.visit).await?;
    drop(scope);
    let still = |visit: &visits::Model| ledger::is_awaited(visit) && visit.generation == of.generation;
    let Some(seen) = seen.filter(|seen| (settings.reminds || of.only_way) && still(seen)) else {
        return Ok(());
    };
    let about = invitation::about(visitors, cx, &seen).await?;
    let Some(message) = about.mail(cx, "reminder", "visitors-mail-reminder") else { return Ok(()) };
    let mut tx = visitors.store.begin(cx).await?;
    if !lock_visit(&tx, of.visit).await?.is_some_and(|visit| still(&visit)) {
        return Ok(());
    }
    visitors.notify.tell(&mut tx, message).await?;
    Ok(tx.commit_bookkeeping("a reminder is no act").await?)
}
