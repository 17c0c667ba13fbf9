//! The series an appointment belongs to, as it is shown.

use sea_orm::{ColumnTrait, Condition};
use sekisho_host::Fault;
use sekisho_kernel::{Cx, Timestamp};
use sekisho_storage::Scoped;
use sekisho_web::Texts;
use serde::Serialize;

use crate::Visitors;
use crate::ids::{AppointmentId, SeriesId};
use crate::ledger::is_awaited;
use crate::make_series::LeavesOut;
use crate::occurrence::Occurrence;
use crate::pass;
use crate::repeat::{End, Rule};
use crate::series::{self, appointments_of, deputies_in, takes_place};
use crate::series_words::{Place, Telling, Told, in_words};
use crate::tables::{appointments, visits};
use crate::warrant::Sight;

/// The series of an appointment.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = VisitorSeriesRow)]
pub struct SeriesRow {
    /// Which.
    pub id: SeriesId,
    /// Its rule (RFC 5545), on the clock of the site.
    pub rule: String,
    /// What the rule leaves out.
    pub leaves_out: LeavesOut,
    /// Whether the rule has no end, so that the series ends after a year.
    pub for_a_year: bool,
    /// Which of its appointments this one is, from 1.
    pub number: usize,
    /// How many it has, those called off too.
    pub count: usize,
    /// Whether this one was changed by itself.
    pub set_apart: bool,
    /// Its appointments that the viewer may plan, in the order of the rule.
    pub occurrences: Vec<OccurrenceRow>,
}

/// One appointment of a series.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = VisitorOccurrence)]
pub struct OccurrenceRow {
    /// Which.
    pub id: AppointmentId,
    /// When the rule has it begin, on the clock of the site: `2026-11-22T09:00`.
    pub on: String,
    /// From, likewise.
    pub starts: String,
    /// Until, likewise.
    pub ends: String,
    /// The clock of its site.
    pub zone: String,
    /// Where, as guests read it.
    pub place: String,
    /// Whether it was changed by itself.
    pub set_apart: bool,
    /// When it was called off.
    pub cancelled_at: Option<Timestamp>,
}

/// The series of that appointment, for somebody who may plan it.
pub(super) async fn of_appointment(
    scope: &impl Scoped,
    sight: &Sight,
    row: &appointments::Model,
) -> Result<Option<SeriesRow>, Fault> {
    let Some(id) = row.series_id else { return Ok(None) };
    let Some(series) = series::series(scope, id).await? else { return Ok(None) };
    let all = appointments_of(scope, id).await?;
    let number = all.iter().position(|one| one.id == row.id).unwrap_or_default() + 1;
    let count = all.len();
    let stands_in = deputies_in(scope, sight.person, all.iter().map(|one| one.id).collect()).await?;
    let plans = |one: &appointments::Model| {
        one.is_party(sight.person, stands_in.contains(&one.id)) || sight.is_desk(one.site_id)
    };
    let occurrences = all.into_iter().filter(plans).map(|one| OccurrenceRow {
        id: one.id,
        on: one.series_on.unwrap_or_default(),
        starts: one.starts,
        ends: one.ends,
        place: one.place,
        zone: one.zone,
        set_apart: one.set_apart,
        cancelled_at: one.cancelled_at,
    });
    let rule = Rule::read(&series.rule, &sekisho_web::zone_of(&series.zone));
    Ok(Some(SeriesRow {
        id,
        for_a_year: rule.is_ok_and(|rule| rule.end == End::Never),
        rule: series.rule,
        leaves_out: series.leaves_out.0,
        number,
        count,
        set_apart: row.set_apart,
        occurrences: occurrences.collect(),
    }))
}

impl SeriesRow {
    /// How often, in words: of what was neither called off nor changed by itself.
    pub(crate) fn words(&self, zone: &str, t: &Texts) -> String {
        let told = self.occurrences.iter().filter(|one| one.cancelled_at.is_none() && !one.set_apart);
        let told: Vec<Told> = told
            .filter_map(|one| {
                let when = Occurrence::spelt(&one.starts, &one.ends, &one.zone)?;
                Some(Told { on: one.on.clone(), when })
            })
            .collect();
        match Rule::read(&self.rule, &sekisho_web::zone_of(zone)) {
            Ok(rule) => {
                let besides =
                    self.occurrences.iter().filter(|one| one.set_apart && one.cancelled_at.is_none());
                let besides = besides.map(|one| one.on.as_str()).collect();
                in_words(&Telling { rule: &rule, told: &told, besides, zone, place: Place::Page }, t)
            }
            Err(_) => String::new(),
        }
    }
}

/// The visits of a series to which its guest is still to come, as the guest's page shows them.
#[derive(Clone, Debug)]
pub(crate) struct ComingVisits {
    /// How often, in the guest's words.
    pub(crate) words: String,
    /// From, until and the token of the page of each, in their order.
    pub(crate) coming: Vec<ComingVisit>,
}

/// One of them.
#[derive(Clone, Debug)]
pub(crate) struct ComingVisit {
    pub(crate) starts_at: Timestamp,
    pub(crate) zone: String,
    pub(crate) token: String,
}

/// What else of its series the guest of a visit is expected for; none when there is nothing else.
pub(crate) async fn coming_with(
    visitors: &Visitors,
    cx: &Cx,
    visit: &visits::Model,
    t: &Texts,
) -> Result<Option<ComingVisits>, Fault> {
    let (Some(appointment), Some(guest)) = (visit.appointment_id, visit.guest_id) else { return Ok(None) };
    let keys = visitors.vault.keys(cx.tenant).await?;
    let scope = visitors.store.read(cx.tenant).await?;
    let this = appointments::Column::Id.eq(appointment);
    let row = scope.find::<appointments::Entity>().filter(this).one().await?;
    let Some(series) = row.and_then(|row| row.series_id) else { return Ok(None) };
    let Some(series) = series::series(&scope, series).await? else { return Ok(None) };
    let all = appointments_of(&scope, series.id).await?;
    let theirs = Condition::all()
        .add(visits::Column::GuestId.eq(guest))
        .add(visits::Column::EndsAt.gt(cx.now))
        .add(visits::Column::AppointmentId.is_in(all.iter().map(|row| row.id)));
    let theirs =
        scope.find::<visits::Entity>().filter(theirs).ascending(visits::Column::StartsAt).all().await?;
    let theirs: Vec<_> = theirs.into_iter().filter(is_awaited).collect();
    if theirs.iter().all(|other| other.id == visit.id) {
        return Ok(None);
    }
    drop(scope);
    let told = theirs.iter().filter_map(|visit| {
        let row = all.iter().find(|row| Some(row.id) == visit.appointment_id)?;
        Some(Told { on: row.series_on.clone()?, when: takes_place(row)? })
    });
    let told: Vec<Told> = told.collect();
    let words = match Rule::read(&series.rule, &sekisho_web::zone_of(&series.zone)) {
        Ok(rule) => {
            let (zone, place) = (&*visit.zone, Place::Page);
            in_words(&Telling { rule: &rule, told: &told, besides: Vec::new(), zone, place }, t)
        }
        Err(_) => String::new(),
    };
    let coming = theirs.iter().map(|visit| ComingVisit {
        starts_at: visit.starts_at,
        zone: visit.zone.clone(),
        token: pass::page(&keys, visit.id, visit.page_generation),
    });
    Ok(Some(ComingVisits { words, coming: coming.collect() }))
}
