//! Days are counted: those that are over for good, by the hour.

use std::time::Duration;

use jiff::ToSpan as _;
use jiff::civil::Date;
use sea_orm::{ColumnTrait, Condition, QuerySelect as _};
use sekisho_kernel::{Cx, SiteId, Timestamp};
use sekisho_places::Site;
use sekisho_storage::{JsonText, Scoped, StoreError};

use super::{Counts, Kind, MOST_MINUTES, MOST_QUARTERS, length};
use crate::Visitors;
use crate::checks::VisitError;
use crate::ids::AppointmentId;
use crate::occurrence::day_at;
use crate::tables::words::{VisitKind, VisitState, VisitWay};
use crate::tables::{counted_days as days, visits};

/// How often days are counted.
pub(crate) const EVERY: Duration = Duration::from_secs(3600);
/// So many days pass before one is counted: a terminal without a network tells late who came.
const GRACE_DAYS: i32 = 3;
/// As many days of a site as one round counts of those that stay; the next takes the rest.
const MOST_DAYS: usize = 1000;

/// Counts the days that are over for good, and those whose visits are about to be removed because they ended before `going`,
/// however they stand.
pub(crate) async fn close(visitors: &Visitors, cx: &Cx, going: Option<Timestamp>) -> Result<(), VisitError> {
    let sites = sekisho_places::sites(&visitors.store.read(cx.tenant).await?).await?;
    for site in sites {
        close_site(visitors, cx, &site, going).await?;
    }
    Ok(())
}

async fn close_site(
    visitors: &Visitors,
    cx: &Cx,
    site: &Site,
    going: Option<Timestamp>,
) -> Result<(), VisitError> {
    let today = day_at(cx.now, &site.zone);
    let settled = earlier(&today, GRACE_DAYS);
    // Today is not over, whatever is removed of it.
    let forced = going.map(|going| day_at(going, &site.zone).min(earlier(&today, 1)));
    let until = settled.clone().max(forced.clone().unwrap_or_default());
    let scope = visitors.store.read(cx.tenant).await?;
    let mut last = last_closed(&scope, site.id).await?;
    drop(scope);
    let mut counted = 0;
    loop {
        let scope = visitors.store.read(cx.tenant).await?;
        let Some(day) = next_day(&scope, site.id, last.as_deref(), &until).await? else { return Ok(()) };
        let forced = forced.as_ref().is_some_and(|forced| day <= *forced);
        // What is about to be removed is counted before, however much it is.
        if !forced && (counted >= MOST_DAYS || is_open(&scope, site.id, &day, cx.now).await?) {
            return Ok(());
        }
        let counts = count(&scope, site, &day).await?;
        drop(scope);
        let tx = visitors.store.begin(cx).await?;
        let row = days::Model {
            tenant_id: cx.tenant,
            id: cx.fresh_id(),
            site_id: site.id,
            day: day.clone(),
            counts: JsonText(counts),
        };
        // Two servers that count one day count the same.
        tx.insert_new::<days::Entity>(row).await?;
        tx.commit_bookkeeping("the figures of a day that is over").await?;
        last = Some(day);
        counted += 1;
    }
}

/// The last day of the site that was counted for good.
pub(super) async fn last_closed(scope: &impl Scoped, site: SiteId) -> Result<Option<String>, StoreError> {
    use days::{Column, Entity};
    let of_site = scope.find::<Entity>().filter(Column::SiteId.eq(site));
    let row = of_site.descending(Column::Day).limit(1).one().await?;
    Ok(row.map(|row| row.day))
}

/// The first day after `last` on which there were visits.
pub(super) async fn next_day(
    scope: &impl Scoped,
    site: SiteId,
    last: Option<&str>,
    until: &str,
) -> Result<Option<String>, StoreError> {
    use visits::{Column, Entity};
    let days = Condition::all()
        .add(Column::SiteId.eq(site))
        .add(Column::Day.lte(until))
        .add_option(last.map(|last| Column::Day.gt(last)));
    let first = scope.find::<Entity>().filter(days).ascending(Column::Day).limit(1);
    Ok(first.one().await?.map(|row| row.day))
}

/// Whether somebody of that day is still expected or here: a visit goes on for up to a month, and who left may come again until
/// it ends.
async fn is_open(scope: &impl Scoped, site: SiteId, day: &str, now: Timestamp) -> Result<bool, StoreError> {
    use visits::{Column, Entity};
    let open = Column::State.is_in(VisitState::EXPECTED.into_iter().chain(VisitState::HERE));
    let again = Condition::all().add(Column::State.eq(VisitState::Left)).add(Column::EndsAt.gt(now));
    let open = Condition::any().add(open).add(again);
    let of_day = Condition::all().add(Column::SiteId.eq(site)).add(Column::Day.eq(day)).add(open);
    scope.find::<Entity>().filter(of_day).exists().await
}

/// What a visit is counted by.
type Row = (
    VisitKind,
    VisitState,
    i64,
    Option<AppointmentId>,
    Option<Timestamp>,
    Option<Timestamp>,
    Option<Timestamp>,
    Option<VisitWay>,
);

/// The figures of one day as they are now.
pub(super) async fn count(scope: &impl Scoped, site: &Site, day: &str) -> Result<Counts, StoreError> {
    use visits::{Column, Entity};
    let of_day = Condition::all().add(Column::SiteId.eq(site.id)).add(Column::Day.eq(day));
    let columns = [
        Column::Kind,
        Column::State,
        Column::Companions,
        Column::AppointmentId,
        Column::ArrivedAt,
        Column::AdmittedAt,
        Column::LeftAt,
        Column::LeftHow,
    ];
    let rows = scope.find::<Entity>().filter(of_day);
    let rows: Vec<Row> = rows.refine(|query| query.select_only().columns(columns)).tuples().await?;
    let mut counts = Counts::default();
    for row in rows {
        one(&mut counts, &site.zone, day, row);
    }
    Ok(counts)
}

fn one(counts: &mut Counts, zone: &str, day: &str, row: Row) {
    let (kind, state, companions, appointment, arrived, admitted, left, left_how) = row;
    // Nobody was told of a draft.
    if state == VisitState::Draft {
        return;
    }
    let came = arrived.or(admitted);
    let here = u64::from(came.is_some() && state != VisitState::Refused);
    let is = |wanted| u64::from(state == wanted);
    counts.kinds.entry(kind.word().to_owned()).or_default().add(Kind {
        visits: 1,
        came: here,
        unannounced: here * u64::from(appointment.is_none()),
        people: here * (1 + u64::try_from(companions).unwrap_or(0)),
        missed: is(VisitState::NoShow),
        called_off: is(VisitState::Cancelled),
        refused: is(VisitState::Refused),
    });
    // Of a visit of several days only the last arrival is known: it is none of this day.
    let Some(came) = came.filter(|came| here > 0 && day_at(*came, zone) == day) else { return };
    let hour = came.to_jiff().to_zoned(sekisho_web::zone_of(zone)).hour();
    if let Some(count) = counts.hours.get_mut(usize::from(hour.unsigned_abs())) {
        *count += 1;
    }
    let wait = arrived.zip(admitted).and_then(|(from, until)| length(from, until, 60, MOST_MINUTES));
    let seen = left.filter(|_| left_how != Some(VisitWay::EndOfDay));
    let stay = admitted.zip(seen).and_then(|(from, until)| length(from, until, 900, MOST_QUARTERS));
    for (lengths, length) in [(&mut counts.waits, wait), (&mut counts.stays, stay)] {
        if let Some(length) = length {
            *lengths.entry(length).or_default() += 1;
        }
    }
}

/// So many days before that one.
pub(super) fn earlier(day: &str, days: i32) -> String {
    let date = day.parse::<Date>().ok().and_then(|date| date.checked_sub(days.days()).ok());
    date.map(|date| date.to_string()).unwrap_or_default()
}
