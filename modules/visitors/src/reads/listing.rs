//! Which visits a list shows, out of years of them. A list wants its first page only, so an engine left to itself goes through
//! the whole past in the order of time and looks at every visit whether it fits; of a guest who came twice in three years
//! that is all of them. So what is rare is looked up first, each by an index of its own (a *road*), and what the roads led
//! to is put in order here.

use std::collections::HashSet;
use std::time::Duration;

use sea_orm::sea_query::{Expr, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait as _, QueryFilter as _, QuerySelect, QueryTrait,
};
use sekisho_crypto::TenantKeys;
use sekisho_host::Fault;
use sekisho_kernel::{Cx, PersonId, SiteId, Timestamp};
use sekisho_storage::{Scoped, StoreError};
use serde::{Deserialize, Serialize};

use super::{VisitRow, show};
use crate::Visitors;
use crate::asked;
use crate::guest;
use crate::ids::{GuestId, VisitId};
use crate::occurrence::{day_at, end_of_day, start_of_day};
use crate::tables::words::{VisitKind, VisitState};
use crate::tables::{deputies, guest_words, visits};
use crate::warrant::Sight;

/// So many guests of one name are looked up one by one; of more some came lately, and going back in time finds them sooner.
const FEW_GUESTS: usize = 50;
/// Visits longer than this are few, and found by their end (the index `visitors_visits_long`, which repeats the figure).
const LONG: Duration = Duration::from_secs(86_400);
const IS_LONG: &str = "(ends_at - starts_at) > 86400000000";

/// Which visits a list shows.
#[derive(Clone, Debug, Default)]
pub struct VisitFilter {
    /// Ending after.
    pub from: Option<Timestamp>,
    /// Beginning before.
    pub until: Option<Timestamp>,
    /// Only on these days, each site by its own clock.
    pub days: Option<OnSiteClocks>,
    /// Only at this site.
    pub site: Option<SiteId>,
    /// Only of this host.
    pub host: Option<PersonId>,
    /// Only of this guest.
    pub guest: Option<GuestId>,
    /// Only of this kind.
    pub kind: Option<VisitKind>,
    /// Only in these states; empty: in any.
    pub states: Vec<VisitState>,
    /// Only those the viewer hosts, stands in for or wrote down.
    pub mine: bool,
    /// Part of a name or company.
    pub search: String,
    /// Newest first.
    pub backwards: bool,
    /// Continue after this place.
    pub after: Option<Place>,
    /// At most so many, and one more that tells there are more; 0: all.
    pub limit: u64,
}

/// A place in the list of visits.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Place(pub Timestamp, pub VisitId);

/// Days as the clocks of the sites show them.
#[derive(Clone, Debug)]
pub struct OnSiteClocks {
    /// Which days.
    pub days: Days,
    /// The clocks; visits on any other are judged by the first.
    pub zones: Vec<String>,
}

/// Which days.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Days {
    /// The present one.
    Today,
    /// That and all after it.
    FromToday,
    /// That one: `2026-11-22`.
    On(String),
}

impl OnSiteClocks {
    fn fits(&self, now: Timestamp) -> Condition {
        let Some(first) = self.zones.first() else { return Condition::all() };
        let rest = Condition::all()
            .add(visits::Column::Zone.is_not_in(self.zones.iter().skip(1).map(String::as_str)))
            .add(self.on(first, now));
        let others =
            self.zones.iter().skip(1).map(|zone| {
                Condition::all().add(visits::Column::Zone.eq(zone.as_str())).add(self.on(zone, now))
            });
        match self.zones.len() {
            1 => self.on(first, now),
            _ => others.fold(Condition::any().add(rest), Condition::add),
        }
    }

    /// When the first of these days begins anywhere.
    fn begin(&self, now: Timestamp) -> Option<Timestamp> {
        self.zones.iter().filter_map(|zone| start_of_day(&self.day(zone, now), zone)).min()
    }

    fn day(&self, zone: &str, now: Timestamp) -> String {
        match &self.days {
            Days::On(day) => day.clone(),
            Days::Today | Days::FromToday => day_at(now, zone),
        }
    }

    fn on(&self, zone: &str, now: Timestamp) -> Condition {
        let day = self.day(zone, now);
        let until = if self.days == Days::FromToday { None } else { end_of_day(&day, zone) };
        Condition::all()
            .add_option(start_of_day(&day, zone).map(|start| visits::Column::EndsAt.gt(start)))
            .add_option(until.map(|end| visits::Column::StartsAt.lt(end)))
    }
}

/// A way to some of the visits.
#[derive(Clone)]
struct Road {
    fits: Condition,
    /// Whether it leads to few, which are put in order afterwards. Else an index has them in the order of time.
    few: bool,
}

/// The visits `sight` may see.
pub async fn visits(
    visitors: &Visitors,
    cx: &Cx,
    sight: &Sight,
    filter: &VisitFilter,
) -> Result<Vec<VisitRow>, Fault> {
    use visits::Column;
    let keys = visitors.vault.keys(cx.tenant).await?;
    let scope = visitors.store.read(cx.tenant).await?;
    let Some(found) = searched(cx, &scope, &keys, &filter.search).await? else { return Ok(Vec::new()) };
    let mut fits = Condition::all().add(found.fits);
    fits = fits.add_option(filter.from.map(|from| Column::EndsAt.gt(from)));
    fits = fits.add_option(filter.until.map(|until| Column::StartsAt.lt(until)));
    fits = fits.add_option(filter.days.as_ref().map(|days| days.fits(cx.now)));
    fits = fits.add_option(filter.site.map(|site| Column::SiteId.eq(site)));
    fits = fits.add_option(filter.host.map(|host| Column::HostId.eq(host)));
    fits = fits.add_option(filter.guest.map(|guest| Column::GuestId.eq(guest)));
    fits = fits.add_option(filter.kind.map(|kind| Column::Kind.eq(kind)));
    if !filter.states.is_empty() {
        fits = fits.add(Column::State.is_in(filter.states.clone()));
    }
    if let Some(Place(at, id)) = filter.after {
        let (later, same) = match filter.backwards {
            true => (Column::StartsAt.lt(at), Column::Id.lt(id)),
            false => (Column::StartsAt.gt(at), Column::Id.gt(id)),
        };
        fits = fits.add(Condition::any().add(later).add(Column::StartsAt.eq(at).and(same)));
    }
    let mut rows = Vec::new();
    for road in roads(cx, sight, filter) {
        let query = scope.find::<visits::Entity>().filter(Condition::all().add(road.fits).add(fits.clone()));
        // With a sign before it the column is no longer what an index is ordered by.
        let time = match road.few || found.few {
            true => Expr::cust("+starts_at"),
            false => Expr::col(Column::StartsAt),
        };
        let query = match filter.backwards {
            true => query.descending(time).descending(Column::Id),
            false => query.ascending(time).ascending(Column::Id),
        };
        let query = if filter.limit > 0 { query.limit(filter.limit + 1) } else { query };
        rows.extend(query.all().await?);
    }
    // One visit may be found on several roads.
    let mut known = HashSet::new();
    rows.retain(|row| known.insert(row.id));
    rows.sort_by_key(|row| (row.starts_at, row.id.uuid()));
    if filter.backwards {
        rows.reverse();
    }
    if filter.limit > 0 {
        rows.truncate(usize::try_from(filter.limit).unwrap_or(usize::MAX).saturating_add(1));
    }
    show(visitors, cx, sight, &scope, rows).await
}

/// What was typed into the search, as a road; none when it finds nobody.
async fn searched(
    cx: &Cx,
    scope: &impl Scoped,
    keys: &TenantKeys,
    typed: &str,
) -> Result<Option<Road>, StoreError> {
    use guest_words::{Column, Entity};
    let words: Vec<Vec<u8>> = guest::wanted(typed).iter().map(|word| guest::blind(keys, word)).collect();
    let Some((first, others)) = words.split_first() else {
        return Ok(typed.trim().is_empty().then(|| Road { fits: Condition::all(), few: false }));
    };
    let with_all = others.iter().fold(Condition::all().add(Column::Word.eq(first.clone())), |all, word| {
        all.add(Column::GuestId.in_subquery(guests_with(cx, word.clone())))
    });
    let some = scope.find::<Entity>().filter(with_all).limit(FEW_GUESTS as u64 + 1).all().await?;
    let ids: Vec<GuestId> = some.into_iter().map(|row| row.guest_id).collect();
    Ok(match ids.len() {
        0 => None,
        1..=FEW_GUESTS => {
            Some(Road { fits: Condition::all().add(visits::Column::GuestId.is_in(ids)), few: true })
        }
        _ => {
            let fits = words.into_iter().fold(Condition::all(), |all, word| {
                all.add(visits::Column::GuestId.in_subquery(guests_with(cx, word)))
            });
            Some(Road { fits, few: false })
        }
    })
}

/// The roads to what `sight` may see of the visits asked for.
fn roads(cx: &Cx, sight: &Sight, filter: &VisitFilter) -> Vec<Road> {
    use visits::Column;
    let own = |fits: sea_orm::sea_query::SimpleExpr, few| Road { fits: Condition::all().add(fits), few };
    if sight.all && !filter.mine {
        return whole_site(cx, filter, Condition::all());
    }
    let person = sight.person;
    let mut roads = vec![
        own(Column::HostId.eq(person), false),
        own(Column::MadeBy.eq(person), false),
        own(Column::AppointmentId.in_subquery(standing_in(cx, person)), true),
        own(Column::Id.in_subquery(asked::visits_of(cx.tenant, person)), true),
    ];
    if !filter.mine {
        for desk in &sight.desks {
            roads.extend(whole_site(cx, filter, Condition::all().add(Column::SiteId.eq(*desk))));
        }
    }
    roads
}

/// All visits, or all of one site: too many to be looked at one by one.
fn whole_site(cx: &Cx, filter: &VisitFilter, site: Condition) -> Vec<Road> {
    use visits::Column;
    let here = !filter.states.is_empty() && filter.states.iter().all(|state| state.is_here());
    let one_guest = filter.guest.is_some() || filter.host.is_some();
    let begin = [filter.from, filter.days.as_ref().and_then(|days| days.begin(cx.now))];
    match begin.into_iter().flatten().max() {
        // Who is here is found by the state.
        _ if here => vec![Road { fits: site, few: true }],
        // What ends after a time begins after the day before it, or is long.
        Some(from) if !one_guest => {
            let lately = from.minus(LONG);
            let short = site.clone().add(Column::StartsAt.gt(lately));
            let long =
                site.add(Column::StartsAt.lte(lately)).add(Column::EndsAt.gt(from)).add(Expr::cust(IS_LONG));
            vec![Road { fits: short, few: false }, Road { fits: long, few: true }]
        }
        _ => vec![Road { fits: site, few: false }],
    }
}

/// The visits somebody may see, as a condition: those they plan, and those they were asked about.
pub(super) fn seen_by(cx: &Cx, sight: &Sight) -> Condition {
    if sight.all {
        return Condition::all();
    }
    planned_by(cx, sight).add(visits::Column::Id.in_subquery(asked::visits_of(cx.tenant, sight.person)))
}

/// The visits somebody plans, as a condition: as host, deputy, maker or desk.
pub(crate) fn planned_by(cx: &Cx, sight: &Sight) -> Condition {
    use visits::Column;
    if sight.all {
        return Condition::all();
    }
    let person = sight.person;
    let mut planned = Condition::any()
        .add(Column::HostId.eq(person))
        .add(Column::MadeBy.eq(person))
        .add(Column::AppointmentId.in_subquery(standing_in(cx, person)));
    if !sight.desks.is_empty() {
        planned = planned.add(Column::SiteId.is_in(sight.desks.iter().copied()));
    }
    planned
}

/// The guests who are found by a blind word.
fn guests_with(cx: &Cx, word: Vec<u8>) -> SelectStatement {
    guest_words::Entity::find()
        .select_only()
        .column(guest_words::Column::GuestId)
        .filter(guest_words::Column::TenantId.eq(cx.tenant))
        .filter(guest_words::Column::Word.eq(word))
        .into_query()
}

/// The appointments somebody stands in for. Sub-selects name the tenant themselves.
fn standing_in(cx: &Cx, person: PersonId) -> SelectStatement {
    Query::select()
        .column(deputies::Column::AppointmentId)
        .from(deputies::Entity)
        .and_where(deputies::Column::TenantId.eq(cx.tenant))
        .and_where(deputies::Column::PersonId.eq(person))
        .to_owned()
}
