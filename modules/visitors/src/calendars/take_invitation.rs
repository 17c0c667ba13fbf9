//! An event of somebody's calendar is taken: what it says is done by the use cases of the reception, in the name of whoever
//! sent it, who must be allowed to.
//!
//! The same event may come again: later, older, twice, after a crash in the middle. What becomes of it is written down in the
//! transaction that makes an appointment, and after those that change one, which change nothing the second time.

use sekisho_crypto::fold;
use sekisho_host::Fault;
use sekisho_identity::read_mail;
use sekisho_kernel::{Actor, Cx, PersonId};
use sekisho_web::IfMatch;

use super::guests::{Reach, bring};
use super::invitation::{Event, Invitation, Method};
use super::items::{self, Became, Version, became};
use super::override_time::take_override;
use super::running::is_over;
use super::take_series::take_series;
use super::wanted::{Wanted, wanted};
use super::why::{NotTaken, Why, refused};
use crate::Visitors;
use crate::cancel_appointment::cancel_appointment;
use crate::cancel_series::cancel_series;
use crate::change_appointment::{change_appointment, planned};
use crate::ids::{AppointmentId, GuestId, SeriesId};
use crate::ledger::{self, visits_of};
use crate::make_appointment::{AppointmentForm, checked, make_in};
use crate::series::{appointments_of, takes_place};
use crate::settings;
use crate::tables::{appointments, calendar_items, read_calendars};
use crate::watch::Watch;

/// From where something comes.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    /// The mailbox or calendar.
    pub(crate) calendar: &'a read_calendars::Model,
    /// Who sent it; none: it lies in a calendar that is trusted in what it says.
    pub(crate) sender: Option<PersonId>,
    /// The reception's address; empty for a calendar.
    pub(crate) own: &'a str,
}

impl Source<'_> {
    /// Whether it was sent to the reception, which then answers; much in a calendar is none of its business.
    pub(super) fn is_sent(&self) -> bool {
        self.sender.is_some()
    }

    /// The reason why something sent is not taken; what lies in a calendar is passed over.
    pub(super) fn or_pass_over(&self, why: Why) -> Result<Taken, NotTaken> {
        if self.is_sent() { Err(why.into()) } else { Ok(Taken::PassedOver) }
    }
}

/// What came of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Taken {
    /// There is an appointment, or a series.
    Made,
    /// It is as it is said now.
    Changed,
    /// It does not take place.
    CalledOff,
    /// Nothing was to be done.
    Unchanged,
    /// It is none of the reception's business.
    PassedOver,
}

/// Takes what a file says.
pub(crate) async fn take_invitation(
    visitors: &Visitors,
    cx: &Cx,
    source: Source<'_>,
    file: &Invitation,
) -> Result<Taken, NotTaken> {
    if source.is_sent() && file.method == Method::Other {
        return Ok(Taken::PassedOver);
    }
    let all: Vec<&Event> = file.event.iter().chain(&file.overrides).collect();
    // A calendar with a history: nobody is told of what is over.
    if !source.is_sent() {
        let scope = visitors.store.read(cx.tenant).await?;
        let zone = sekisho_places::zone_of(&scope, source.calendar.site_id).await?;
        let zone = sekisho_web::zone_of(&zone);
        let now = cx.now.to_jiff().to_zoned(zone.clone()).datetime();
        if all.iter().all(|event| !event.cancelled && is_over(event, &zone, now)) {
            return Ok(Taken::PassedOver);
        }
    }
    let mut people = None;
    for event in &all {
        match parties(visitors, cx, source, event).await? {
            Some(found) if people.is_none_or(|before| before == found) => people = Some(found),
            Some(_) => return Err(Why::UnknownOrganizer.into()),
            None => return Ok(Taken::PassedOver),
        }
    }
    let (host, actor) = people.ok_or(Why::UnknownOrganizer)?;
    // Signed or not, a mail to somebody else is none to us: whoever got it could send it on.
    let to_us = |event: &&Event| {
        event
            .attendees
            .iter()
            .any(|one| read_mail(&one.mail).is_some_and(|mail| fold(&mail) == fold(source.own)))
    };
    if source.is_sent() && !all.iter().any(to_us) {
        return Err(Why::NotInvited.into());
    }
    let cx = cx.acting_as(Actor::Person { id: actor });
    let keys = visitors.vault.keys(cx.tenant).await?;
    let version = |event: &Event| Version::of(&keys, source.calendar.id, &file.uid, event, (host, actor));
    let mut told = Taken::Unchanged;
    if let Some(event) = &file.event {
        let cancelled = file.method == Method::Cancel || event.cancelled;
        told = take_event(visitors, &cx, source, host, event, version(event), cancelled).await?;
    }
    for event in &file.overrides {
        let cancelled = file.method == Method::Cancel || event.cancelled;
        let alone = file.event.is_none();
        let took =
            take_override(visitors, &cx, source, host, event, version(event), (cancelled, alone)).await?;
        told = if told == Taken::Unchanged || told == Taken::PassedOver { took } else { told };
    }
    Ok(told)
}

/// Who receives, and who acts. None: somebody else's event in a person's calendar.
async fn parties(
    visitors: &Visitors,
    cx: &Cx,
    source: Source<'_>,
    event: &Event,
) -> Result<Option<(PersonId, PersonId)>, NotTaken> {
    let scope = visitors.store.read(cx.tenant).await?;
    let mail = event.organizer.as_ref().and_then(|party| read_mail(&party.mail));
    let organizer = match &mail {
        Some(mail) => visitors.identity.by_mail(cx, &scope, mail).await.map_err(Fault::from)?,
        None => None,
    };
    let Some(sender) = source.sender else {
        return match (source.calendar.person_id, organizer) {
            (Some(person), _) if event.organizer.is_none() => {
                let works_here = visitors.identity.is_active(&scope, person).await?;
                Ok(works_here.then_some((person, person)))
            }
            (Some(person), organizer) => Ok((organizer == Some(person)).then_some((person, person))),
            // Nobody invites to it: it is not for guests.
            (None, None) if event.attendees.is_empty() => Ok(None),
            (None, organizer) => {
                let organizer = organizer.ok_or(Why::UnknownOrganizer)?;
                Ok(Some((organizer, organizer)))
            }
        };
    };
    let organizer = organizer.ok_or(Why::UnknownOrganizer)?;
    let on_behalf = match event.sent_by.as_deref().and_then(read_mail) {
        Some(mail) => visitors.identity.by_mail(cx, &scope, &mail).await.map_err(Fault::from)?,
        None => None,
    };
    if sender != organizer && Some(sender) != on_behalf {
        return Err(Why::NotOrganizer.into());
    }
    Ok(Some((organizer, sender)))
}

async fn take_event(
    visitors: &Visitors,
    cx: &Cx,
    source: Source<'_>,
    host: PersonId,
    event: &Event,
    version: Version,
    cancelled: bool,
) -> Result<Taken, NotTaken> {
    let item = items::find(&visitors.store.read(cx.tenant).await?, &version.uid, "").await?;
    may_take(visitors, cx, item.as_ref(), &version).await?;
    if let Some(item) = item.as_ref().filter(|item| is_known(source, &version, item, cancelled)) {
        // It counts from now on all the same.
        return keep(visitors, cx, item, &version, Taken::Unchanged).await;
    }
    if cancelled {
        return call_off(visitors, cx, item.as_ref(), &version).await;
    }
    let wanted = wanted(visitors, cx, source.calendar, source.own, host, event).await?;
    if wanted.form.guests.is_empty() {
        return match &item {
            Some(item) if !item.called_off => call_off(visitors, cx, Some(item), &version).await,
            _ => source.or_pass_over(Why::NoGuest),
        };
    }
    if event.odd_rule {
        return Err(Why::OddRule.into());
    }
    if let Some(rule) = &event.rule {
        return take_series(visitors, cx, source, (event, rule, &wanted), item, version).await;
    }
    take_single(visitors, cx, source, &wanted, item, version).await
}

/// Whether they may say what becomes of an event. Of somebody else's that is who may plan all that became of it and is to come;
/// what is over or called off is for whoever it was of to take up again.
pub(super) async fn may_take(
    visitors: &Visitors,
    cx: &Cx,
    item: Option<&calendar_items::Model>,
    version: &Version,
) -> Result<(), NotTaken> {
    let Some(item) = item.filter(|item| version.is_from_others(item)) else { return Ok(()) };
    let mut rows = match item.series_id {
        Some(series) => open_of(visitors, cx, series).await?,
        None => Vec::new(),
    };
    if let Some(appointment) = item.appointment_id {
        rows.extend(open(visitors, cx, appointment).await?.filter(|row| is_to_come(row, cx)));
    }
    if rows.is_empty() {
        return Err(Why::NotAllowed.into());
    }
    for row in rows {
        planned(visitors, cx, row.id, "appointment.change").await.map_err(refused)?;
    }
    Ok(())
}

/// Whether that version was taken before: an older one, the same once more, or another that says the same.
pub(super) fn is_known(
    source: Source<'_>,
    version: &Version,
    item: &calendar_items::Model,
    cancelled: bool,
) -> bool {
    let same = version.says_the_same_as(item) && item.called_off == cancelled;
    // How others number their versions says nothing of this one's.
    let older = !version.is_from_others(item) && !version.is_newer_than(item);
    // A calendar is as it is: its server knows which version is the last.
    same || (source.is_sent() && older)
}

/// Keeps the version, when it is a later one of the same.
pub(super) async fn keep(
    visitors: &Visitors,
    cx: &Cx,
    item: &calendar_items::Model,
    version: &Version,
    told: Taken,
) -> Result<Taken, NotTaken> {
    if version.is_newer_than(item) {
        write_down(visitors, cx, Some(item), version, became(item)).await?;
    }
    Ok(told)
}

/// Takes an event that does not repeat, or one time of a series that nobody here knows.
pub(super) async fn take_single(
    visitors: &Visitors,
    cx: &Cx,
    source: Source<'_>,
    wanted: &Wanted,
    item: Option<calendar_items::Model>,
    version: Version,
) -> Result<Taken, NotTaken> {
    let zone = sekisho_web::zone_of(&wanted.site.zone);
    let over = crate::occurrence::Occurrence::on(wanted.starts, wanted.ends, &zone);
    if over.ok_or(Why::NoTime)?.ends_at <= cx.now {
        return source.or_pass_over(Why::Past);
    }
    match item.as_ref().map(|item| (item, item.appointment_id)) {
        Some((item, Some(appointment))) if !item.called_off => {
            let row = open(visitors, cx, appointment).await?.ok_or(Why::CalledOffHere)?;
            change_one(visitors, cx, &row, wanted).await?;
            let of = (appointment, Reach::This);
            let guests = bring(visitors, cx, of, &item.guests.0, &wanted.form.guests).await?;
            write_down(visitors, cx, Some(item), &version, Became { guests, ..became(item) }).await?;
            Ok(Taken::Changed)
        }
        Some((item, _)) => {
            // It repeated before, or a crash came between calling off and making anew.
            withdraw(visitors, cx, item).await?;
            make_one(visitors, cx, source, wanted, Some(item), &version).await
        }
        None => make_one(visitors, cx, source, wanted, None, &version).await,
    }
}

async fn make_one(
    visitors: &Visitors,
    cx: &Cx,
    source: Source<'_>,
    wanted: &Wanted,
    item: Option<&calendar_items::Model>,
    version: &Version,
) -> Result<Taken, NotTaken> {
    let (settings, _) = settings::load(&visitors.store.read(cx.tenant).await?).await?;
    let may =
        visitors.may_invite(cx, wanted.site.id, &settings).await.map_err(|error| refused(error.into()))?;
    let plan = checked(visitors, cx, &may, wanted.form.clone()).await.map_err(refused)?;
    let keys = visitors.vault.keys(cx.tenant).await?;
    let mut tx = visitors.store.begin(cx).await?;
    let watch = Watch::open(&tx, &keys).await?;
    let (made, entry) = make_in(&mut tx, &keys, &watch, &may, &plan).await.map_err(refused)?;
    let guests = guests_of(&tx, made.id).await?;
    let now = Became { appointment: Some(made.id), guests, ..Became::default() };
    items::save(&tx, item, version, now).await?;
    tx.commit(entry.with("calendar", source.calendar.id)).await?;
    Ok(Taken::Made)
}

/// An appointment becomes what is wanted. Kind and department are the reception's own.
pub(super) async fn change_one(
    visitors: &Visitors,
    cx: &Cx,
    row: &appointments::Model,
    wanted: &Wanted,
) -> Result<(), NotTaken> {
    let form = AppointmentForm {
        kind: row.kind,
        group: row.group_id,
        room: wanted.room_of(row),
        guests: Vec::new(),
        ..wanted.form.clone()
    };
    change_appointment(visitors, cx, row.id, form, &IfMatch::ANY).await.map_err(refused)
}

/// It does not take place.
pub(super) async fn call_off(
    visitors: &Visitors,
    cx: &Cx,
    item: Option<&calendar_items::Model>,
    version: &Version,
) -> Result<Taken, NotTaken> {
    // Of what nobody told us nothing is to be called off.
    let Some(item) = item else { return Ok(Taken::Unchanged) };
    withdraw(visitors, cx, item).await?;
    write_down(visitors, cx, Some(item), version, Became { called_off: true, ..became(item) }).await?;
    Ok(Taken::CalledOff)
}

/// Calls off what became of an event, as far as it is to come and was not called off before.
pub(super) async fn withdraw(
    visitors: &Visitors,
    cx: &Cx,
    item: &calendar_items::Model,
) -> Result<(), NotTaken> {
    if let Some(appointment) = item.appointment_id
        && let Some(row) = open(visitors, cx, appointment).await?
        && is_to_come(&row, cx)
    {
        cancel_appointment(visitors, cx, row.id, &IfMatch::ANY).await.map_err(refused)?;
    }
    if let Some(series) = item.series_id
        && let Some(first) = open_of(visitors, cx, series).await?.first()
    {
        cancel_series(visitors, cx, first.id, &IfMatch::ANY).await.map_err(refused)?;
    }
    Ok(())
}

/// The appointment, unless it was called off.
async fn open(
    visitors: &Visitors,
    cx: &Cx,
    id: AppointmentId,
) -> Result<Option<appointments::Model>, NotTaken> {
    let row = ledger::appointment(&visitors.store.read(cx.tenant).await?, id).await?;
    Ok(row.filter(|row| row.cancelled_at.is_none()))
}

/// The appointments of a series that are to come, in the order of its rule.
pub(super) async fn open_of(
    visitors: &Visitors,
    cx: &Cx,
    series: SeriesId,
) -> Result<Vec<appointments::Model>, NotTaken> {
    let rows = appointments_of(&visitors.store.read(cx.tenant).await?, series).await?;
    Ok(rows.into_iter().filter(|row| row.cancelled_at.is_none() && is_to_come(row, cx)).collect())
}

/// Whether an appointment is not over, were it not called off.
pub(super) fn is_to_come(row: &appointments::Model, cx: &Cx) -> bool {
    takes_place(row).is_some_and(|at| at.ends_at > cx.now)
}

/// The guests of an appointment.
pub(super) async fn guests_of(
    tx: &sekisho_storage::Tx,
    appointment: AppointmentId,
) -> Result<Vec<GuestId>, NotTaken> {
    Ok(visits_of(tx, appointment).await?.into_iter().filter_map(|visit| visit.guest_id).collect())
}

/// Writes down what became of it, when all was done.
pub(super) async fn write_down(
    visitors: &Visitors,
    cx: &Cx,
    item: Option<&calendar_items::Model>,
    version: &Version,
    now: Became,
) -> Result<(), NotTaken> {
    let tx = visitors.store.begin(cx).await?;
    items::save(&tx, item, version, now).await?;
    Ok(tx.commit_bookkeeping("which version of an event was taken; what was done is recorded").await?)
}
