//! Who hears of what happened: guests by mail in their language, the host by the means they chose. Runs as a job for each
//! fact, so that nobody at the reception waits for it. A job that runs twice tells nobody twice.

use sea_orm::ColumnTrait;
use sekisho_host::Fault;
use sekisho_kernel::{Cx, PersonId, Timestamp};
use sekisho_notify::{Lane, Message, NoticeKind};
use sekisho_storage::jobs::{Job, JobError};
use sekisho_storage::{Event, Scoped, Tx};
use serde_json::json;

use crate::Visitors;
use crate::answer_by_button;
use crate::escalate;
use crate::events::{
    AppointmentChanged, AppointmentMade, GuestAdmitted, GuestArrived, GuestChanged, PassRefused, Seen,
    SeriesCancelled, SeriesChanged, SeriesMade, VisitsCancelled,
};
use crate::guest::{self, Contact};
use crate::ids::VisitId;
use crate::invitation;
use crate::ledger::{self, lock_visit, standing};
use crate::remind;
use crate::settings::{self, Settings};
use crate::tables::words::VisitState;
use crate::tables::{guests, visits};
use crate::tell_series::{self, Word, parted};
use crate::visit::{Happening, step};

/// The job.
pub(crate) const JOB: &str = "visitors.tell";

/// The facts it runs for.
pub(crate) const HEARS: &[&str] = &[
    AppointmentMade::NAME,
    AppointmentChanged::NAME,
    VisitsCancelled::NAME,
    GuestArrived::NAME,
    GuestAdmitted::NAME,
    GuestChanged::NAME,
    PassRefused::NAME,
    SeriesMade::NAME,
    SeriesChanged::NAME,
    SeriesCancelled::NAME,
];

/// The word for messages about guests who are here.
pub(crate) const ARRIVALS: &str = "visitors.arrivals";
/// The word for messages about appointments.
pub(crate) const VISITS: &str = "visitors.appointments";

/// The kinds of messages of this module, for which people choose means.
pub(crate) const KINDS: [NoticeKind; 2] = [
    NoticeKind { kind: ARRIVALS, text: "visitors-notices-arrivals" },
    NoticeKind { kind: VISITS, text: "visitors-notices-appointments" },
];

/// Runs the job.
pub(crate) async fn run(visitors: Visitors, cx: Cx, job: Job) -> Result<(), JobError> {
    let name = job.payload.get("name").and_then(|name| name.as_str()).unwrap_or_default().to_owned();
    let told = match &*name {
        AppointmentMade::NAME => {
            let fact: AppointmentMade = job.event()?;
            invite(&visitors, &cx, &fact.visits, "visitors-mail-invited").await
        }
        AppointmentChanged::NAME => {
            let fact: AppointmentChanged = job.event()?;
            invite(&visitors, &cx, &fact.visits, "visitors-mail-changed").await
        }
        VisitsCancelled::NAME => {
            let fact: VisitsCancelled = job.event()?;
            called_off(&visitors, &cx, &fact).await
        }
        GuestArrived::NAME => {
            let GuestArrived(seen) = job.event()?;
            arrived(&visitors, &cx, &seen).await
        }
        GuestAdmitted::NAME => {
            let GuestAdmitted(seen) = job.event()?;
            admitted(&visitors, &cx, &seen).await
        }
        GuestChanged::NAME => {
            let fact: GuestChanged = job.event()?;
            invite_anew(&visitors, &cx, &fact.visits).await
        }
        SeriesMade::NAME => {
            let fact: SeriesMade = job.event()?;
            of_series(&visitors, &cx, &fact.visits, Word::Invited, fact.act).await
        }
        SeriesChanged::NAME => {
            let fact: SeriesChanged = job.event()?;
            of_series(&visitors, &cx, &fact.visits, Word::Changed, fact.act).await
        }
        SeriesCancelled::NAME => {
            let fact: SeriesCancelled = job.event()?;
            // Whoever called it off themselves knows.
            let told = if fact.person.is_some() { fact.visits } else { Vec::new() };
            of_series(&visitors, &cx, &told, Word::Cancelled, fact.act).await
        }
        PassRefused::NAME => {
            let fact: PassRefused = job.event()?;
            pass_refused(&visitors, &cx, &fact).await
        }
        _ => Ok(()),
    };
    told.map_err(again)
}

/// What failed is tried again.
pub(crate) fn again(fault: Fault) -> JobError {
    JobError::Again(format!("{fault:?}"))
}

/// Guests are told of their visits, and reminded the day before.
async fn invite(visitors: &Visitors, cx: &Cx, ids: &[VisitId], template: &'static str) -> Result<(), Fault> {
    for id in ids {
        let seen = ledger::visit(&visitors.store.read(cx.tenant).await?, *id).await?;
        let Some(seen) = seen.filter(ledger::is_awaited) else { continue };
        let about = invitation::about(visitors, cx, &seen).await?;
        let Some(message) = about.mail(cx, "invited", template) else { continue };
        let mut tx = visitors.store.begin(cx).await?;
        let Some(visit) = lock_visit(&tx, *id).await? else { continue };
        let (settings, _) = settings::load(&tx).await?;
        // Changed once more meanwhile: that change tells its own.
        if visit.generation != seen.generation {
            continue;
        }
        let Ok(next) = step(standing(&visit, &settings), Happening::Invite, cx.now) else { continue };
        visitors.notify.tell(&mut tx, message).await?;
        tx.update::<visits::Entity>()
            .set(visits::Column::State, next)
            .set(visits::Column::InvitedAt, visit.invited_at.or(Some(cx.now)))
            .filter(visits::Column::Id.eq(*id))
            .exec()
            .await?;
        if let Some(due) = remind::due(&visit, cx.now) {
            let payload = json!({ "visit": id, "generation": visit.generation });
            tx.enqueue(remind::JOB, due, &payload).await?;
        }
        tx.commit_bookkeeping("telling a guest is no act; the appointment is").await?;
    }
    Ok(())
}

/// Guests are told of their visits at another address: of a series in one mail, of everything else in one each.
async fn invite_anew(visitors: &Visitors, cx: &Cx, ids: &[VisitId]) -> Result<(), Fault> {
    let parted = parted(visitors, cx, ids).await?;
    invite(visitors, cx, &parted.alone, "visitors-mail-invited").await?;
    tell_series::tell(visitors, cx, parted, Word::Invited, None).await
}

async fn of_series(visitors: &Visitors, cx: &Cx, ids: &[VisitId], word: Word, act: i64) -> Result<(), Fault> {
    let parted = parted(visitors, cx, ids).await?;
    tell_series::tell(visitors, cx, parted, word, Some(act)).await
}

/// Guests who had been told are told that they need not come.
async fn called_off(visitors: &Visitors, cx: &Cx, fact: &VisitsCancelled) -> Result<(), Fault> {
    // Whoever called it off themselves knows.
    if fact.person.is_none() {
        return Ok(());
    }
    for id in &fact.visits {
        let visit = ledger::visit(&visitors.store.read(cx.tenant).await?, *id).await?;
        let told = |visit: &visits::Model| {
            visit.state == VisitState::Cancelled && visit.invited_at.is_some() && visit.ends_at > cx.now
        };
        let Some(visit) = visit.filter(told) else { continue };
        let about = invitation::about(visitors, cx, &visit).await?;
        let Some(message) = about.mail(cx, "cancelled", "visitors-mail-cancelled") else { continue };
        let mut tx = visitors.store.begin(cx).await?;
        visitors.notify.tell(&mut tx, message).await?;
        tx.commit_bookkeeping("telling a guest is no act; the cancellation is").await?;
    }
    Ok(())
}

/// The host is told that the guest is there; without an answer the next one is asked. Of a guest who does not wait any more,
/// or whom somebody is coming to meet, nobody is told that they wait: a terminal without a network is heard late.
async fn arrived(visitors: &Visitors, cx: &Cx, seen: &Seen) -> Result<(), Fault> {
    visitors.vault.keys(cx.tenant).await?;
    let mut tx = visitors.store.begin(cx).await?;
    let (settings, _) = settings::load(&tx).await?;
    let Some(visit) = lock_visit(&tx, seen.visit).await?.filter(escalate::waits) else { return Ok(()) };
    if let Some(host) = visit.host_id {
        tell_of_arrival(visitors, &mut tx, &settings, &visit, host).await?;
    }
    let due = seen.at.max(cx.now).plus(settings.answer_within());
    tx.enqueue(escalate::JOB, due, &json!({ "visit": visit.id, "asked": 0 })).await?;
    Ok(tx.commit_bookkeeping("telling a host is no act; the check-in is").await?)
}

/// Tells one person that a guest waits; the same person never twice for the same arrival.
pub(crate) async fn tell_of_arrival(
    visitors: &Visitors,
    tx: &mut Tx,
    settings: &Settings,
    visit: &visits::Model,
    person: PersonId,
) -> Result<(), Fault> {
    let mut message = about_guest(visitors, tx, settings, visit, person, "visitors-notice-arrived")
        .await?
        .asks(answer_by_button::question(visit, tx.cx().now))
        .once(format!("{}/arrived/{}", visit.id, visit.arrived_at.map_or(0, Timestamp::as_micros)));
    if let Some(at) = visit.arrived_at {
        message = message.time("at", at, &visit.zone);
    }
    Ok(visitors.notify.tell(tx, message).await?)
}

async fn contact_of(visitors: &Visitors, tx: &Tx, visit: &visits::Model) -> Result<Option<Contact>, Fault> {
    let Some(id) = visit.guest_id else { return Ok(None) };
    let row = tx.find::<guests::Entity>().filter(guests::Column::Id.eq(id)).one().await?;
    let keys = visitors.vault.keys(tx.cx().tenant).await?;
    row.map(|row| guest::opened(&keys, &row)).transpose().map(Option::flatten)
}

/// The host is told who came in to them and who let them in, unless they did so themselves.
async fn admitted(visitors: &Visitors, cx: &Cx, seen: &Seen) -> Result<(), Fault> {
    visitors.vault.keys(cx.tenant).await?;
    let mut tx = visitors.store.begin(cx).await?;
    let (settings, _) = settings::load(&tx).await?;
    let visit = lock_visit(&tx, seen.visit).await?.filter(|visit| visit.state == VisitState::Admitted);
    let Some(visit) = visit else { return Ok(()) };
    let (Some(host), Some(by)) = (visit.host_id, visit.admitted_by) else { return Ok(()) };
    if host == by {
        return Ok(());
    }
    let names = visitors.identity.display_names(&tx, &[by]).await?;
    let message = about_guest(visitors, &tx, &settings, &visit, host, "visitors-notice-admitted")
        .await?
        .arg("by", names.get(&by).cloned().unwrap_or_default())
        .arg("heads", visit.companions.saturating_add(1).to_string())
        .time("at", seen.at, &visit.zone)
        .once(format!("{}/admitted/{}", visit.id, seen.at.as_micros()));
    visitors.notify.tell(&mut tx, message).await?;
    Ok(tx.commit_bookkeeping("telling a host is no act; letting in is").await?)
}

/// A message about a guest at the reception, in words with or without their name.
async fn about_guest(
    visitors: &Visitors,
    tx: &Tx,
    settings: &Settings,
    visit: &visits::Model,
    person: PersonId,
    template: &'static str,
) -> Result<Message, Fault> {
    let contact = match settings.names_in_messages {
        true => contact_of(visitors, tx, visit).await?,
        false => None,
    };
    let named = contact.filter(|contact| !contact.name.is_empty());
    let template = match (&named, template) {
        (Some(_), template) => template,
        (None, "visitors-notice-admitted") => "visitors-notice-admitted-nameless",
        (None, _) => "visitors-notice-arrived-nameless",
    };
    let contact = named.unwrap_or_default();
    let site = sekisho_places::site(tx, visit.site_id).await?.map(|site| site.name).unwrap_or_default();
    let message = Message::to_person(person, Lane::Operational, template)
        .arg("guest", contact.name)
        .arg("company", contact.company)
        .arg("site", site)
        .about("visit", visit.id)
        .of_kind(ARRIVALS);
    Ok(match visit.appointment_id {
        Some(id) => message.link("visitors-notice-open", format!("/visitors/appointments/{id}")),
        None => message.link("visitors-notice-open", "/visitors?show=here"),
    })
}

/// The host is told when the pass of a guest was shown where it opens nothing: once a day for each reason.
async fn pass_refused(visitors: &Visitors, cx: &Cx, fact: &PassRefused) -> Result<(), Fault> {
    let (Some(visit), Some(host)) = (fact.visit, fact.host) else { return Ok(()) };
    let template = match &*fact.why {
        "used" => "visitors-notice-pass-used",
        "other_site" => "visitors-notice-pass-other-site",
        "cancelled" | "over" | "not_yet" => "visitors-notice-pass-not-now",
        _ => return Ok(()),
    };
    let Some(row) = ledger::visit(&visitors.store.read(cx.tenant).await?, visit).await? else {
        return Ok(());
    };
    let day = crate::occurrence::day_at(fact.at, &row.zone);
    let mut message = Message::to_person(host, Lane::Operational, template)
        .time("at", fact.at, &row.zone)
        .time("starts", row.starts_at, &row.zone)
        .about("visit", visit)
        .of_kind(ARRIVALS)
        .once(format!("{visit}/{}/{day}", fact.why));
    if let Some(id) = row.appointment_id {
        message = message.link("visitors-notice-open", format!("/visitors/appointments/{id}"));
    }
    let mut tx = visitors.store.begin(cx).await?;
    visitors.notify.tell(&mut tx, message).await?;
    Ok(tx.commit_bookkeeping("telling a host is no act; the refusal is").await?)
}
