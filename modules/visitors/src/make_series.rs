//! Appointments are made by a rule: the same guests come again and again. Each occurrence is an appointment of its own from the
//! beginning, with passes of its own.

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime};
use sea_orm::ActiveValue::Set;
use sekisho_crypto::TenantKeys;
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_places::Site;
use sekisho_policy::{CalendarId, holidays};
use sekisho_storage::{JsonText, Tx};
use serde::{Deserialize, Serialize};

use crate::Visitors;
use crate::checks::VisitError;
use crate::events::SeriesMade;
use crate::guest::recognised_or_new;
use crate::ids::{AppointmentId, RoomId, SeriesId};
use crate::make_appointment::{
    AppointmentForm, Expecting, MadeAppointment, MadeVisit, Plan, checked, expect_known, insert,
};
use crate::occurrence::{BadTime, Occurrence, spell};
use crate::repeat::{BadRule, End, Rule, overlap};
use crate::rooms::{Time, take};
use crate::settings;
use crate::tables::series;
use crate::warrant::MayInvite;
use crate::watch::{ToldOnce, Watch};

/// The most appointments of one series.
pub const MOST_OCCURRENCES: usize = 366;
/// The most visits of one series.
pub const MOST_VISITS: usize = 800;
/// The most days that are left out by name.
const MOST_DATES: usize = 366;

/// How an appointment repeats, as a form describes it.
#[derive(Clone, Debug, Default)]
pub struct RepeatForm {
    /// The rule: `FREQ=WEEKLY;BYDAY=MO;COUNT=12`.
    pub rule: String,
    /// Days left out: `2026-12-28`.
    pub except: Vec<String>,
    /// Whether Japan's national holidays are left out.
    pub japan: bool,
    /// Calendars of the organisation whose holidays are left out.
    pub calendars: Vec<CalendarId>,
}

/// What a rule leaves out.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = VisitorSeriesLeavesOut)]
pub struct LeavesOut {
    /// These days.
    #[schema(value_type = Vec<String>)]
    pub except: BTreeSet<Date>,
    /// Japan's national holidays.
    pub japan: bool,
    /// The holidays of these calendars of the organisation.
    pub calendars: Vec<CalendarId>,
}

/// One appointment of a series.
#[derive(Clone, Debug)]
pub struct MadeOccurrence {
    /// Which.
    pub id: AppointmentId,
    /// When.
    pub when: Occurrence,
    /// The room it has.
    pub room: Option<RoomId>,
}

/// A series made.
#[derive(Clone, Debug)]
pub struct MadeSeries {
    /// Which.
    pub id: SeriesId,
    /// Its rule as it is kept.
    pub rule: String,
    /// Whether the rule had no end, so that we stop after a year.
    pub for_a_year: bool,
    /// Its first appointment, with what its guests show.
    pub first: MadeAppointment,
    /// All of its appointments.
    pub occurrences: Vec<MadeOccurrence>,
}

/// The days of a rule.
#[derive(Clone, Debug)]
pub struct Dates {
    pub(crate) rule: Rule,
    pub(crate) leaves_out: LeavesOut,
    /// When it takes place.
    pub occurrences: Vec<Occurrence>,
}

impl Dates {
    /// Whether the rule has no end, so that we stop after a year.
    pub fn for_a_year(&self) -> bool {
        self.rule.end == End::Never
    }
}

/// Makes a series of appointments.
pub async fn make_series(
    visitors: &Visitors,
    cx: &Cx,
    form: AppointmentForm,
    repeat: RepeatForm,
) -> Result<MadeSeries, VisitError> {
    let plan = checked_series(visitors, cx, form, repeat).await?;
    let keys = visitors.vault.keys(cx.tenant).await?;
    let mut tx = visitors.store.begin(cx).await?;
    let (made, entry) = make_series_in(&mut tx, &keys, &plan).await?;
    tx.commit(entry).await?;
    Ok(made)
}

/// A series whose form was read, for whoever may make it.
pub(crate) struct SeriesPlan {
    may: MayInvite,
    plan: Plan,
    pub(crate) dates: Dates,
}

/// Reads the form; all that is wrong is said at once.
pub(crate) async fn checked_series(
    visitors: &Visitors,
    cx: &Cx,
    form: AppointmentForm,
    repeat: RepeatForm,
) -> Result<SeriesPlan, VisitError> {
    let scope = visitors.store.read(cx.tenant).await?;
    let (settings, _) = settings::load(&scope).await?;
    drop(scope);
    let may = visitors.may_invite(cx, form.site, &settings).await?;
    let dates = dates(visitors, cx, &may.site, (&form.starts, &form.ends), &repeat).await;
    let (plan, dates) = match (checked(visitors, cx, &may, form).await, dates) {
        (Ok(plan), Ok(dates)) => (plan, dates),
        (Err(VisitError::Invalid(mut wrong)), Err(VisitError::Invalid(more))) => {
            wrong.extend(more.into_iter().filter(|field| field.field.starts_with("repeat")));
            return Err(VisitError::Invalid(wrong));
        }
        (Err(error), _) | (_, Err(error)) => return Err(error),
    };
    let visits = dates.occurrences.len() * plan.guests.len();
    if visits > MOST_VISITS {
        return Err(VisitError::invalid("repeat", "visitors-error-repeat-visits"));
    }
    Ok(SeriesPlan { may, plan, dates })
}

/// Makes a series in that transaction, which whoever began it commits with the entry.
pub(crate) async fn make_series_in(
    tx: &mut Tx,
    keys: &TenantKeys,
    series: &SeriesPlan,
) -> Result<(MadeSeries, AuditEntry), VisitError> {
    let SeriesPlan { may, plan, dates } = series;
    let cx = tx.cx().clone();
    let id: SeriesId = cx.fresh_id();
    tx.insert::<series::Entity>(row(&cx, id, may, dates)).await?;
    let times: Vec<Time> = dates.occurrences.iter().map(|when| Time { row: None, when }).collect();
    let answer = take(tx, &plan.details, may.site.id, &times).await?;
    let mut guests = Vec::new();
    for planned in &plan.guests {
        guests.push(recognised_or_new(tx, keys, &planned.contact, planned.language).await?);
    }
    let watch = Watch::open(tx, keys).await?;
    let mut told_once = ToldOnce::default();
    let (mut made, mut visits) = (Vec::new(), Vec::new());
    for (number, when) in dates.occurrences.iter().enumerate() {
        let details = &answer.settled(number, &plan.details);
        let appointment: AppointmentId = cx.fresh_id();
        insert(tx, keys, appointment, may, details, when, Some(id)).await?;
        let at = Expecting {
            appointment,
            kind: details.kind,
            host: details.host,
            site: &may.site,
            maker: may.maker,
            when,
        };
        for (planned, guest) in plan.guests.iter().zip(&guests) {
            let visit = expect_known(tx, keys, &at, planned, *guest).await?;
            told_once.look_at_written(&watch, tx, keys, (visit.id, *guest)).await?;
            visits.push(visit);
        }
        made.push(MadeOccurrence { id: appointment, when: when.clone(), room: details.room });
    }
    let details = &plan.details;
    let ids = visits.iter().map(|visit| visit.id).collect();
    let event = SeriesMade {
        series: id,
        act: 1,
        visits: ids,
        maker: may.maker,
        host: details.host,
        site: may.site.id,
    };
    tx.publish(&event).await?;
    let rule = dates.rule.to_string();
    let entry = AuditEntry::done("series.make").on("series", id, "").decided(&may.basis);
    let entry = entry.with("rule", &rule).with("appointments", made.len()).with("visits", visits.len());
    let entry = entry.with("host", details.host).with("site", may.site.id).with("kind", details.kind);
    let ends = made.last().map(|last| last.when.ends_at);
    let entry = entry.with("starts", made.first().map(|first| first.when.starts_at)).with("ends", ends);
    let without = made.iter().filter(|one| details.room.is_some() && one.room.is_none()).count();
    let entry = entry.with("room", details.room).with("without_room", without);
    let first: Vec<MadeVisit> = visits.into_iter().take(plan.guests.len()).collect();
    let appointment = made.first().map(|first| first.id).ok_or(VisitError::Changed)?;
    let room = made.first().and_then(|first| first.room);
    let crowded = made.iter().any(|one| one.room.is_some()) && answer.is_too_small_for(&plan.guests);
    let first = MadeAppointment { id: appointment, visits: first, room, crowded };
    Ok((MadeSeries { id, rule, for_a_year: dates.for_a_year(), first, occurrences: made }, entry))
}

fn row(cx: &Cx, id: SeriesId, may: &MayInvite, dates: &Dates) -> series::ActiveModel {
    let first = dates.occurrences.first();
    series::ActiveModel {
        id: Set(id),
        rule: Set(dates.rule.to_string()),
        leaves_out: Set(JsonText(dates.leaves_out.clone())),
        starts: Set(first.map(|first| spell(first.starts)).unwrap_or_default()),
        ends: Set(first.map(|first| spell(first.ends)).unwrap_or_default()),
        zone: Set(may.site.zone.clone()),
        acts: Set(1),
        made_by: Set(may.maker),
        made_at: Set(cx.now),
        ..Default::default()
    }
}

/// When appointments of that rule would take place, from wall-clock times as a form sends them.
pub async fn dates(
    visitors: &Visitors,
    cx: &Cx,
    site: &Site,
    (starts, ends): (&str, &str),
    repeat: &RepeatForm,
) -> Result<Dates, VisitError> {
    let zone = sekisho_web::zone_of(&site.zone);
    let rule = Rule::read(&repeat.rule, &zone);
    let except: Option<BTreeSet<Date>> = repeat.except.iter().map(|date| date.trim().parse().ok()).collect();
    let first = Occurrence::read(starts, ends, &zone, cx.now);
    let mut wrong = Vec::new();
    let mut note = |field, text| wrong.push(sekisho_kernel::FieldError { field, text });
    if let Err(bad) = &first {
        let (field, text) = bad.field();
        note(field, text);
    }
    if let Err(bad) = &rule {
        note("repeat", bad.text());
    }
    if except.as_ref().is_none_or(|except| except.len() > MOST_DATES) {
        note("repeat_except", "visitors-error-repeat-except");
    }
    let scope = visitors.store.read(cx.tenant).await?;
    let calendars = visitors.policy.calendars(&scope).await?;
    drop(scope);
    let chosen: Vec<_> = calendars.iter().filter(|one| repeat.calendars.contains(&one.id)).collect();
    if repeat.calendars.iter().any(|id| !chosen.iter().any(|one| one.id == *id)) {
        note("repeat_calendars", "visitors-error-repeat-calendar");
    }
    let (Ok(first), Ok(rule), Some(except), true) = (first, rule, except, wrong.is_empty()) else {
        return Err(VisitError::Invalid(wrong));
    };
    let mut shut: BTreeSet<Date> = except.clone();
    shut.extend(chosen.iter().flat_map(|calendar| calendar.days.iter().map(|holiday| holiday.date)));
    let leaves_out = LeavesOut { except, japan: repeat.japan, calendars: repeat.calendars.clone() };
    let occurrences = occurrences(&rule, &first, &zone, shut, repeat.japan)?;
    Ok(Dates { rule, leaves_out, occurrences })
}

fn occurrences(
    rule: &Rule,
    first: &Occurrence,
    zone: &jiff::tz::TimeZone,
    mut shut: BTreeSet<Date>,
    japan: bool,
) -> Result<Vec<Occurrence>, VisitError> {
    let refused = |bad: BadRule| VisitError::invalid("repeat", bad.text());
    if japan {
        let year = std::iter::successors(Some(first.starts.date()), |day| day.tomorrow().ok()).take(367);
        shut.extend(year.filter(|day| holidays::of_japan(*day).is_some()));
    }
    let lasts = first.ends.duration_since(first.starts);
    let at = |starts: DateTime| Occurrence::on(starts, starts.checked_add(lasts).ok()?, zone);
    let times = rule.times(first.starts, &shut).map_err(refused)?;
    let all: Option<Vec<Occurrence>> = times.into_iter().map(at).collect();
    let all = all.ok_or_else(|| refused(BadRule::Unreadable))?.into_iter().map(Occurrence::forwards);
    let all: Vec<Occurrence> = all.collect::<Result<_, BadTime>>()?;
    let periods: Vec<_> = all.iter().map(|one| (one.starts_at, one.ends_at)).collect();
    if overlap(&periods) {
        return Err(refused(BadRule::Overlap));
    }
    if all.len() > MOST_OCCURRENCES {
        return Err(refused(BadRule::TooLong));
    }
    Ok(all)
}

/// The same appointment at another time, as much later as `from` was moved.
pub(crate) fn moved(
    row: &Occurrence,
    from: &Occurrence,
    wanted: &Occurrence,
    zone: &jiff::tz::TimeZone,
) -> Result<Occurrence, BadTime> {
    let starts = row.starts.checked_add(wanted.starts.duration_since(from.starts));
    let starts = starts.map_err(|_| BadTime::Unreadable)?;
    let ends = starts.checked_add(wanted.ends.duration_since(wanted.starts));
    let ends = ends.map_err(|_| BadTime::Unreadable)?;
    Occurrence::on(starts, ends, zone).ok_or(BadTime::Unreadable)?.forwards()
}
