//! Terminals and deliveries for lists: straight from the tables.

use std::collections::HashMap;
use std::time::Duration;

use sea_orm::{ColumnTrait, Condition};
use sekisho_crypto::search_form;
use sekisho_host::Fault;
use sekisho_identity::PeopleFilter;
use sekisho_kernel::{Cx, PersonId, SiteId, Timestamp};
use sekisho_storage::Scoped;
use serde::{Deserialize, Serialize};

use crate::ids::{DropOffId, TerminalId};
use crate::tables::{deliveries, terminals};
use crate::watch::{AskGuard, is_of_today, marks_for_desk};
use crate::{Sight, Visitors};

/// A terminal is heard of every minute; after three of silence something is wrong with it.
const SILENT_AFTER: Duration = Duration::from_secs(180);

/// How a terminal stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = VisitorTerminalState)]
pub enum TerminalState {
    /// No tablet yet.
    Waiting,
    /// Heard of a moment ago.
    Working,
    /// Not heard of.
    Silent,
}

impl TerminalState {
    /// All.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Working, Self::Silent];

    /// The word in addresses; also the end of its text's id.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Working => "working",
            Self::Silent => "silent",
        }
    }
}

/// A terminal as lists show it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = VisitorTerminal)]
pub struct TerminalRow {
    /// Which.
    pub id: TerminalId,
    /// What people call it.
    pub name: String,
    /// Where it stands.
    pub site: SiteId,
    /// What that is called.
    pub site_name: String,
    /// The clock there.
    #[serde(skip)]
    pub zone: String,
    /// How it stands.
    pub state: TerminalState,
    /// When a tablet became this terminal.
    pub enrolled_at: Option<Timestamp>,
    /// When it was last heard of.
    pub seen_at: Option<Timestamp>,
}

/// Which terminals a list shows.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct TerminalFilter {
    /// Part of the name of terminal or site.
    pub q: String,
    /// Only those that stand so.
    pub state: String,
}

/// The terminals that were not withdrawn, by name.
pub(crate) async fn terminals(
    visitors: &Visitors,
    cx: &Cx,
    filter: &TerminalFilter,
) -> Result<Vec<TerminalRow>, Fault> {
    let scope = visitors.store.read(cx.tenant).await?;
    let live = terminals::Column::RevokedAt.is_null();
    let query = scope.find::<terminals::Entity>().filter(live);
    let rows = query.ascending(terminals::Column::Name).ascending(terminals::Column::Id).all().await?;
    let sites = sekisho_places::sites(&scope).await?;
    let wanted = search_form(&filter.q);
    let rows = rows.into_iter().map(|row| {
        let site = sites.iter().find(|site| site.id == row.site_id);
        TerminalRow {
            id: row.id,
            name: row.name,
            site: row.site_id,
            site_name: site.map(|site| site.name.clone()).unwrap_or_default(),
            zone: site.map_or_else(|| sekisho_places::HOME_ZONE.to_owned(), |site| site.zone.clone()),
            state: match (row.sign_key, row.seen_at) {
                (None, _) => TerminalState::Waiting,
                (Some(_), Some(seen)) if seen.plus(SILENT_AFTER) > cx.now => TerminalState::Working,
                _ => TerminalState::Silent,
            },
            enrolled_at: row.enrolled_at,
            seen_at: row.seen_at,
        }
    });
    Ok(rows
        .filter(|row| {
            search_form(&row.name).contains(&wanted) || search_form(&row.site_name).contains(&wanted)
        })
        .filter(|row| filter.state.is_empty() || row.state.word() == filter.state)
        .collect())
}

/// A delivery as lists show it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = VisitorDelivery)]
pub struct DeliveryRow {
    /// Which.
    pub id: DropOffId,
    /// Where.
    pub site: SiteId,
    /// What that is called.
    pub site_name: String,
    /// The clock there.
    #[serde(skip)]
    pub zone: String,
    /// By which carrier.
    pub carrier: String,
    /// For whom: a person or a department.
    pub whom: String,
    /// When.
    pub at: Timestamp,
    /// For the desk of the site: it is to ask the guard about whoever brought it.
    pub ask_guard: Option<AskGuard>,
}

/// Which deliveries a list shows.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct DeliveryFilter {
    /// Part of the carrier's name, or of whom it is for.
    pub q: String,
    /// Only at that site.
    pub site: String,
}

/// Deliveries that the viewer may see, the newest first: the desk those of its site, everybody those for themselves.
pub(crate) async fn deliveries(
    visitors: &Visitors,
    cx: &Cx,
    sight: &Sight,
    filter: &DeliveryFilter,
    after: Option<(Timestamp, DropOffId)>,
    limit: u64,
) -> Result<Vec<DeliveryRow>, Fault> {
    use deliveries::Column;
    let scope = visitors.store.read(cx.tenant).await?;
    let mut seen = Condition::all();
    if !sight.all {
        let desks: Vec<SiteId> = sight.desks.iter().copied().collect();
        let own = Condition::any().add(Column::SiteId.is_in(desks));
        seen = seen.add(own.add(Column::PersonId.eq(sight.person)));
    }
    if let Ok(site) = filter.site.parse::<SiteId>() {
        seen = seen.add(Column::SiteId.eq(site));
    }
    if let Some((at, id)) = after {
        let same = Condition::all().add(Column::At.eq(at)).add(Column::Id.lt(id));
        seen = seen.add(Condition::any().add(Column::At.lt(at)).add(same));
    }
    let groups = visitors.identity.groups(&scope).await?;
    let sites = sekisho_places::sites(&scope).await?;
    if !filter.q.trim().is_empty() {
        // Carriers are few and written alike; people and departments are looked up first.
        let wanted = search_form(&filter.q);
        let named = PeopleFilter { search: filter.q.clone(), limit: 200, ..PeopleFilter::default() };
        let people = visitors.identity.people(cx, &scope, &named).await?;
        let people: Vec<PersonId> = people.into_iter().map(|person| person.id).collect();
        let named = groups.iter().filter(|group| search_form(&group.name).contains(&wanted));
        let named: Vec<_> = named.map(|group| group.id).collect();
        seen = seen.add(
            Condition::any()
                .add(Column::Carrier.contains(filter.q.trim()))
                .add(Column::PersonId.is_in(people))
                .add(Column::GroupId.is_in(named)),
        );
    }
    let query = scope.find::<deliveries::Entity>().filter(seen);
    let rows = query.descending(Column::At).descending(Column::Id).limit(limit).all().await?;
    let people: Vec<PersonId> = rows.iter().filter_map(|row| row.person_id).collect();
    let names: HashMap<PersonId, String> = visitors.identity.display_names(&scope, &people).await?;
    let at_desk = rows.iter().filter(|row| sight.is_desk(row.site_id) && is_of_today(&sites, row, cx.now));
    let at_desk = at_desk.map(|row| row.id.uuid());
    let keys = visitors.vault.keys(cx.tenant).await?;
    let mut marks = marks_for_desk(&scope, &keys, &at_desk.collect::<Vec<_>>()).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let site = sites.iter().find(|site| site.id == row.site_id);
            let person = row.person_id.and_then(|person| names.get(&person).cloned());
            let group = row.group_id.and_then(|id| groups.iter().find(|group| group.id == id));
            DeliveryRow {
                id: row.id,
                site: row.site_id,
                site_name: site.map(|site| site.name.clone()).unwrap_or_default(),
                zone: site.map_or_else(|| sekisho_places::HOME_ZONE.to_owned(), |site| site.zone.clone()),
                carrier: row.carrier,
                whom: person.or_else(|| group.map(|group| group.name.clone())).unwrap_or_default(),
                at: row.at,
                ask_guard: marks.remove(&row.id.uuid()),
            }
        })
        .collect())
}
