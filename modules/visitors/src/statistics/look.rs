//! The figures of a period, as its reader may see them.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{ToSpan as _, Unit};
use sea_orm::{ColumnTrait, Condition};
use sekisho_kernel::{Cx, SiteId};
use sekisho_places::Site;
use sekisho_storage::{JsonText, Scoped, StoreError};
use serde::Serialize;

use super::close::{count, last_closed, next_day};
use super::{Counts, percentile};
use crate::Visitors;
use crate::checks::VisitError;
use crate::occurrence::day_at;
use crate::tables::counted_days as days;
use crate::warrant::{NotAllowed, Sight};

/// The longest period: three years and some days.
pub const MOST_DAYS: i32 = 1100;
/// Days up to today that are shown when nobody says which.
const USUAL_DAYS: i32 = 29;

/// Which figures; empty: the usual ones.
#[derive(Clone, Debug, Default)]
pub struct Period {
    /// Only of this site.
    pub site: Option<SiteId>,
    /// From that day on: `2026-11-01`. Empty: thirty days up to the last one.
    pub from: String,
    /// Up to that day: `2026-11-30`. Empty or to come: up to today.
    pub until: String,
}

/// Figures of a period.
#[derive(Clone, Debug, Default, Serialize, utoipa::ToSchema)]
#[schema(as = VisitorStatistics)]
pub struct Sum {
    /// The first day.
    pub from: String,
    /// The last day.
    pub until: String,
    /// Of all days.
    pub counts: Counts,
    /// The wait that half of the guests did not exceed, in minutes; 61: it was more than an hour; none: nobody waited.
    pub wait_median: Option<u32>,
    /// The wait that nine of ten did not exceed, in minutes; 61: it was more than an hour.
    pub wait_p90: Option<u32>,
    /// The stay that half of the guests did not exceed, in minutes, by quarters of an hour; 1455: it was more than a day.
    pub stay_median: Option<u32>,
    /// By day, those on which there was anything.
    pub days: Vec<DaySum>,
    /// Arrivals by the day of the week, Monday first, and the hour.
    pub week: [[u64; 24]; 7],
}

/// Figures of a day.
#[derive(Clone, Debug, Default, Serialize, utoipa::ToSchema)]
#[schema(as = VisitorDayStatistics)]
pub struct DaySum {
    /// Which, on the calendars of the sites.
    pub day: String,
    /// All kinds together.
    #[serde(flatten)]
    pub all: super::Kind,
}

/// The figures of that period for whoever is the desk of the sites.
pub async fn statistics(
    visitors: &Visitors,
    cx: &Cx,
    sight: &Sight,
    period: &Period,
) -> Result<Sum, VisitError> {
    let scope = visitors.store.read(cx.tenant).await?;
    let mut sites = sekisho_places::sites(&scope).await?;
    sites.retain(|site| sight.is_desk(site.id) && period.site.is_none_or(|only| only == site.id));
    if sites.is_empty() {
        return Err(NotAllowed::Missing.into());
    }
    let today = sites.iter().map(|site| day_at(cx.now, &site.zone)).max().unwrap_or_default();
    let (from, until) = bounds(period, &today)?;
    let mut by_day: BTreeMap<String, Counts> = BTreeMap::new();
    for site in &sites {
        add_site(&scope, site, &from, &until, &mut by_day).await?;
    }
    Ok(sum(from, until, &by_day))
}

/// The days a period means.
fn bounds(period: &Period, today: &str) -> Result<(String, String), VisitError> {
    let today: Date = today.parse().map_err(|_| unreadable("until"))?;
    let read = |field, text: &str| text.trim().parse::<Date>().map_err(|_| unreadable(field));
    let until = if period.until.trim().is_empty() { today } else { read("until", &period.until)?.min(today) };
    let from = match period.from.trim() {
        "" => until.saturating_sub(USUAL_DAYS.days()),
        from => read("from", from)?,
    };
    let days = from.until((Unit::Day, until)).map_or(0, |span| span.get_days());
    match days {
        ..0 => Err(VisitError::invalid("from", "visitors-error-backwards")),
        0..MOST_DAYS => Ok((from.to_string(), until.to_string())),
        _ => Err(VisitError::invalid("from", "visitors-error-statistics-long")),
    }
}

fn unreadable(field: &'static str) -> VisitError {
    VisitError::invalid(field, "visitors-error-time")
}

/// Adds the days of one site: the counted ones as they stand, the others as they are now.
async fn add_site(
    scope: &impl Scoped,
    site: &Site,
    from: &str,
    until: &str,
    by_day: &mut BTreeMap<String, Counts>,
) -> Result<(), StoreError> {
    use days::{Column, Entity};
    let wanted = Condition::all()
        .add(Column::SiteId.eq(site.id))
        .add(Column::Day.gte(from))
        .add(Column::Day.lte(until));
    for days::Model { day, counts: JsonText(counts), .. } in
        scope.find::<Entity>().filter(wanted).all().await?
    {
        by_day.entry(day).or_default().add(&counts);
    }
    let before = super::close::earlier(from, 1);
    let mut last = last_closed(scope, site.id).await?.unwrap_or_default().max(before);
    while let Some(day) = next_day(scope, site.id, Some(&last), until).await? {
        by_day.entry(day.clone()).or_default().add(&count(scope, site, &day).await?);
        last = day;
    }
    Ok(())
}

fn sum(from: String, until: String, by_day: &BTreeMap<String, Counts>) -> Sum {
    let mut sum = Sum { from, until, ..Sum::default() };
    for (day, counts) in by_day {
        sum.counts.add(counts);
        let weekday = day.parse::<Date>().map_or(0, |date| date.weekday().to_monday_zero_offset());
        if let Some(week) = sum.week.get_mut(usize::from(weekday.unsigned_abs())) {
            week.iter_mut().zip(counts.hours).for_each(|(sum, hour)| *sum += hour);
        }
        sum.days.push(DaySum { day: day.clone(), all: counts.all() });
    }
    sum.wait_median = percentile(&sum.counts.waits, 50);
    sum.wait_p90 = percentile(&sum.counts.waits, 90);
    sum.stay_median = percentile(&sum.counts.stays, 50).map(|quarters| quarters * 15);
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds_of(from: &str, until: &str) -> Option<(String, String)> {
        let period = Period { site: None, from: from.to_owned(), until: until.to_owned() };
        bounds(&period, "2026-11-23").ok()
    }

    #[test]
    fn a_period_ends_today_and_is_not_longer_than_three_years() {
        let is = |from: &str, until: &str| Some((from.to_owned(), until.to_owned()));
        assert_eq!(bounds_of("", ""), is("2026-10-25", "2026-11-23"));
        assert_eq!(bounds_of("", "2026-01-31"), is("2026-01-02", "2026-01-31"));
        assert_eq!(bounds_of("2026-11-23", "2030-01-01"), is("2026-11-23", "2026-11-23"));
        assert_eq!(bounds_of("2023-11-21", ""), is("2023-11-21", "2026-11-23"));
        assert_eq!(bounds_of("2023-11-19", ""), None);
        assert_eq!(bounds_of("2026-11-24", ""), None);
        assert_eq!(bounds_of("yesterday", ""), None);
        assert_eq!(bounds_of("-9999-01-01", "9999-12-31"), None);
    }
}
