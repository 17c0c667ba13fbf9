//! Weekly schedules: when in the week a grant opens, and what holidays do to it. Pure: time and zone are passed in.
//!
//! Hours are wall-clock hours of a zone. Where clocks are set back, an hour that exists twice is open twice; where they
//! are set forward, the hour that does not exist is skipped. Both follow from cutting each day at the zone's
//! transitions, see [`Compiled::day`].

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};
use sekisho_kernel::Timestamp;
use serde::{Deserialize, Serialize};

use crate::holidays;

sekisho_kernel::typed_id!(/// A weekly schedule.
    ScheduleId);
sekisho_kernel::typed_id!(/// A tenant's own calendar of holidays.
    CalendarId);

/// The minutes of a day.
pub const DAY: u16 = 24 * 60;
/// How far ahead openings are looked for: a schedule that stays shut longer counts as shut for good.
const HORIZON_DAYS: i32 = 400;

/// Open from minute `from` of the day up to, not including, minute `to`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Span {
    /// First minute, 0…1439.
    pub from: u16,
    /// The minute after the last, 1…1440.
    pub to: u16,
}

/// The open spans of each weekday, Monday first.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Week(pub [Vec<Span>; 7]);

impl Week {
    /// Always open.
    pub fn always() -> Self {
        Self(std::array::from_fn(|_| vec![Span { from: 0, to: DAY }]))
    }

    /// The same spans on the given weekdays (1 = Monday … 7 = Sunday). A span that ends before it begins runs past
    /// midnight into the next day.
    pub fn on(weekdays: &[u8], spans: &[Span]) -> Self {
        let mut week = Self::default();
        for weekday in weekdays {
            for span in spans {
                week.add(*weekday, *span);
            }
        }
        week.tidied()
    }

    /// Adds a span to a weekday (1 = Monday); one that ends before it begins runs into the next day.
    pub fn add(&mut self, weekday: u8, span: Span) {
        let index = usize::from(weekday.clamp(1, 7) - 1);
        if span.from < span.to {
            self.push(index, span);
        } else {
            self.push(index, Span { from: span.from, to: DAY });
            self.push((index + 1) % 7, Span { from: 0, to: span.to });
        }
    }

    fn push(&mut self, index: usize, span: Span) {
        if let Some(day) = self.0.get_mut(index) {
            day.push(span);
        }
    }

    /// The same hours in the one way of writing them: sorted, merged, within the day.
    pub fn tidied(self) -> Self {
        Self(self.0.map(|spans| tidied(&spans)))
    }

    /// The spans of a weekday.
    pub fn day(&self, weekday: Weekday) -> &[Span] {
        let index = usize::try_from(weekday.to_monday_zero_offset()).unwrap_or(0);
        self.0.get(index).map_or(&[], Vec::as_slice)
    }

    /// Groups of weekdays (1 = Monday) with the same hours, in the order of their first day; for the sentence that says
    /// the week in words. Days without hours are left out.
    pub fn groups(&self) -> Vec<(Vec<u8>, Vec<Span>)> {
        let mut groups: Vec<(Vec<u8>, Vec<Span>)> = Vec::new();
        for (number, spans) in (1_u8..).zip(&self.0) {
            if spans.is_empty() {
                continue;
            }
            match groups.iter_mut().find(|(_, same)| same == spans) {
                Some((days, _)) => days.push(number),
                None => groups.push((vec![number], spans.clone())),
            }
        }
        groups
    }
}

fn tidied(spans: &[Span]) -> Vec<Span> {
    let mut sorted: Vec<Span> = spans
        .iter()
        .map(|span| Span { from: span.from, to: span.to.min(DAY) })
        .filter(|span| span.from < span.to)
        .collect();
    sorted.sort();
    let mut merged: Vec<Span> = Vec::with_capacity(sorted.len());
    for span in sorted {
        match merged.last_mut() {
            Some(last) if span.from <= last.to => last.to = last.to.max(span.to),
            _ => merged.push(span),
        }
    }
    merged
}

/// What a holiday does to the week.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "holidays")]
pub enum OnHolidays {
    /// Nothing: the weekday's hours hold.
    #[default]
    AsUsual,
    /// Shut all day.
    Closed,
    /// These hours instead.
    Hours {
        /// The open spans.
        spans: Vec<Span>,
    },
}

/// What a schedule says.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NewSchedule {
    /// Its name.
    pub name: String,
    /// The hours.
    pub week: Week,
    /// What holidays do.
    #[serde(default)]
    pub on_holidays: OnHolidays,
    /// Whether Japan's national holidays count.
    #[serde(default)]
    pub japan: bool,
    /// The tenant's own calendars that count.
    #[serde(default)]
    pub calendars: Vec<CalendarId>,
}

/// A schedule with its id.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, utoipa::ToSchema)]
pub struct Schedule {
    /// Which.
    pub id: ScheduleId,
    /// What it says.
    #[serde(flatten)]
    pub terms: NewSchedule,
}

/// The part of [`NewSchedule`] that is stored as JSON.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Terms {
    pub(crate) week: Week,
    pub(crate) on_holidays: OnHolidays,
    pub(crate) japan: bool,
    pub(crate) calendars: Vec<CalendarId>,
}

/// One holiday of a tenant's calendar.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Holiday {
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// Its name.
    pub name: String,
}

/// A tenant's own calendar of holidays, such as the company's summer break.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, utoipa::ToSchema)]
pub struct HolidayCalendar {
    /// Which.
    pub id: CalendarId,
    /// Its name.
    pub name: String,
    /// The days.
    pub days: Vec<Holiday>,
}

/// A stretch of time in which a schedule is open.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Window {
    /// From then.
    pub from: Timestamp,
    /// Up to, not including, then.
    pub until: Timestamp,
}

/// A schedule made ready to be asked: the tenant's holidays are in it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Compiled {
    week: Week,
    on_holidays: OnHolidays,
    japan: bool,
    holidays: BTreeSet<Date>,
}

impl Compiled {
    /// Of what a schedule says and the days of its own calendars.
    pub fn new(schedule: &NewSchedule, own: impl IntoIterator<Item = Date>) -> Self {
        let on_holidays = match &schedule.on_holidays {
            OnHolidays::Hours { spans } => OnHolidays::Hours { spans: tidied(spans) },
            other => other.clone(),
        };
        Self {
            week: schedule.week.clone().tidied(),
            on_holidays,
            japan: schedule.japan,
            holidays: own.into_iter().collect(),
        }
    }

    /// Whether the day counts as a holiday here.
    pub fn is_holiday(&self, date: Date) -> bool {
        self.holidays.contains(&date) || (self.japan && holidays::of_japan(date).is_some())
    }

    fn spans(&self, date: Date) -> &[Span] {
        let usual = self.week.day(date.weekday());
        match &self.on_holidays {
            OnHolidays::AsUsual => usual,
            OnHolidays::Closed if self.is_holiday(date) => &[],
            OnHolidays::Hours { spans } if self.is_holiday(date) => spans,
            OnHolidays::Closed | OnHolidays::Hours { .. } => usual,
        }
    }

    /// Whether it is open at that moment in that zone.
    pub fn open_at(&self, at: Timestamp, zone: &TimeZone) -> bool {
        let civil = zone.to_datetime(at.to_jiff());
        let minute = u16::try_from(i32::from(civil.hour()) * 60 + i32::from(civil.minute())).unwrap_or(0);
        self.spans(civil.date()).iter().any(|span| span.from <= minute && minute < span.to)
    }

    /// The next `count` windows: the one open now comes first, whole, from where it began.
    pub fn next_openings(&self, at: Timestamp, zone: &TimeZone, count: usize) -> Vec<Window> {
        let today = zone.to_datetime(at.to_jiff()).date();
        let mut found: Vec<Window> = Vec::new();
        // A window open now may have begun yesterday or before: begin a week back, which covers any week's pattern
        // short of "always open", where the beginning tells nothing anyway.
        let mut date = today.checked_sub(8.days()).unwrap_or(today);
        for _ in 0..HORIZON_DAYS {
            for window in self.day(date, zone) {
                match found.last_mut() {
                    Some(last) if last.until == window.from => last.until = window.until,
                    _ => {
                        found.retain(|window| window.until > at);
                        if found.len() >= count {
                            return found;
                        }
                        found.push(window);
                    }
                }
            }
            let Ok(next) = date.tomorrow() else { break };
            date = next;
        }
        found.retain(|window| window.until > at);
        found.truncate(count);
        found
    }

    /// The windows of one calendar day. The day is cut where the zone's offset changes, so that within each piece wall
    /// clock and time run together.
    pub fn day(&self, date: Date, zone: &TimeZone) -> Vec<Window> {
        let spans = self.spans(date);
        let bounds = || {
            let begin = date.to_zoned(zone.clone()).ok()?.timestamp();
            let end = date.tomorrow().ok()?.to_zoned(zone.clone()).ok()?.timestamp();
            Some((begin, end))
        };
        let (false, Some((begin, end))) = (spans.is_empty(), bounds()) else { return Vec::new() };
        let mut cuts = vec![begin];
        cuts.extend(
            zone.following(begin).map(|transition| transition.timestamp()).take_while(|cut| *cut < end),
        );
        cuts.push(end);
        let mut windows: Vec<Window> = Vec::new();
        for pair in cuts.windows(2) {
            let &[from, until] = pair else { continue };
            let offset = SignedDuration::from_secs(i64::from(zone.to_offset(from).seconds()));
            for span in spans {
                let Some(midnight) = wall(date, 0, offset) else { continue };
                let open = midnight + SignedDuration::from_mins(i64::from(span.from));
                let shut = midnight + SignedDuration::from_mins(i64::from(span.to));
                let (open, shut) = (open.max(from), shut.min(until));
                if open >= shut {
                    continue;
                }
                match windows.last_mut() {
                    Some(last) if last.until == open.into() => last.until = shut.into(),
                    _ => windows.push(Window { from: open.into(), until: shut.into() }),
                }
            }
        }
        windows
    }
}

/// The moment at which a clock that is `offset` ahead of UTC shows `minute` of `date`.
fn wall(date: Date, minute: i64, offset: SignedDuration) -> Option<jiff::Timestamp> {
    let utc = date.to_zoned(TimeZone::UTC).ok()?.timestamp();
    utc.checked_add(SignedDuration::from_mins(minute)).ok()?.checked_sub(offset).ok()
}

#[cfg(test)]
mod tests;
