//! Whom the list resembles now: guests who may still be let in or are here, and who brought something today.

use std::collections::HashMap;

use sea_orm::ColumnTrait;
use sekisho_host::Fault;
use sekisho_kernel::{Cx, PersonId, SiteId, Timestamp};
use sekisho_storage::Scoped;
use serde::Serialize;
use uuid::Uuid;

use super::erase::is_of_today;
use super::organisation::Organisation;
use super::reads::{WatchRow, entries_of, named, opened};
use crate::Visitors;
use crate::ids::{GuestId, VisitId, WatchEntryId};
use crate::ledger;
use crate::reads::contacts;
use crate::tables::words::{Likeness, VisitState};
use crate::tables::{deliveries, visits, watch_marks};

/// The matches that are shown, and the newest marks among which they are looked for: a series has one for each of its times.
const MOST_MATCHES: usize = 200;
const MOST_MARKS: u64 = 5000;

/// A guest who resembles an entry, or a carrier who does.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = VisitorWatchMatch)]
pub(crate) struct MatchRow {
    /// The visit or delivery.
    pub(crate) of: Uuid,
    /// The visit, when it is one.
    pub(crate) visit: Option<VisitId>,
    /// Its guest.
    pub(crate) guest: Option<GuestId>,
    /// What the guest is called, or what was typed for the carrier.
    pub(crate) name: String,
    /// From where the guest comes.
    pub(crate) company: String,
    /// How far the visit got.
    pub(crate) state: Option<VisitState>,
    /// Where.
    pub(crate) site: SiteId,
    /// That site's name.
    pub(crate) site_name: String,
    /// That site's clock.
    #[serde(skip)]
    pub(crate) zone: String,
    /// From when; of a delivery, when it was handed in.
    pub(crate) starts_at: Timestamp,
    /// Who receives the guest.
    pub(crate) host_name: String,
    /// Who invited them.
    pub(crate) made_by_name: String,
    /// To how many visits of that guest it is the same; this one is the next of them.
    pub(crate) count: usize,
    /// When the likeness was found, last.
    pub(crate) at: Timestamp,
    /// How alike the names are.
    pub(crate) likeness: Likeness,
    /// Whether the organisations differ; none: one of them is not known.
    pub(crate) other_organisation: Option<bool>,
    /// When the desk said that the guard was asked.
    pub(crate) asked_at: Option<Timestamp>,
    /// The entry.
    pub(crate) entry: WatchRow,
}

/// What a mark is about.
enum Marked<'a> {
    Visit(&'a visits::Model),
    Delivery(&'a deliveries::Model),
}

/// The newest matches that nobody has cleared, each guest once for each entry.
pub(super) async fn matches(visitors: &Visitors, cx: &Cx) -> Result<Vec<MatchRow>, Fault> {
    let keys = visitors.vault.keys(cx.tenant).await?;
    let scope = visitors.store.read(cx.tenant).await?;
    let query = scope.find::<watch_marks::Entity>().descending(watch_marks::Column::At);
    let marks = query.descending(watch_marks::Column::OfId).limit(MOST_MARKS).all().await?;
    let entries = entries_of(&scope, &marks).await?;
    let entries = entries.into_values().map(|row| opened(&keys, row)).collect::<Result<Vec<_>, Fault>>()?;
    let entries = named(visitors, &scope, entries).await?;
    let entries: HashMap<WatchEntryId, WatchRow> = entries.into_iter().map(|row| (row.id, row)).collect();
    let sites = sekisho_places::sites(&scope).await?;
    let (mut open, mut brought) = (HashMap::new(), HashMap::new());
    for some in marks.chunks(500) {
        let of: Vec<Uuid> = some.iter().map(|mark| mark.of_id).collect();
        let these = visits::Column::Id.is_in(of.iter().copied());
        let rows = scope.find::<visits::Entity>().filter(these).all().await?;
        open.extend(rows.into_iter().filter(ledger::is_open).map(|row| (row.id.uuid(), row)));
        let these = deliveries::Column::Id.is_in(of);
        let rows = scope.find::<deliveries::Entity>().filter(these).all().await?;
        let today = rows.into_iter().filter(|row| is_of_today(&sites, row, cx.now));
        brought.extend(today.map(|row| (row.id.uuid(), row)));
    }
    // Of one guest and one entry: whoever is here first, then the next visit. Guests come in the order of their newest mark.
    let mut order: Vec<(Uuid, WatchEntryId)> = Vec::new();
    let mut of_one: HashMap<(Uuid, WatchEntryId), Vec<(&watch_marks::Model, Marked<'_>)>> = HashMap::new();
    for mark in marks.iter().filter(|mark| entries.contains_key(&mark.entry_id)) {
        let marked = match (open.get(&mark.of_id), brought.get(&mark.of_id)) {
            (Some(visit), _) => Marked::Visit(visit),
            (None, Some(delivery)) => Marked::Delivery(delivery),
            (None, None) => continue,
        };
        let whose = match &marked {
            Marked::Visit(visit) => visit.guest_id.map_or(mark.of_id, GuestId::uuid),
            Marked::Delivery(_) => mark.of_id,
        };
        let of_one = of_one.entry((whose, mark.entry_id)).or_insert_with(|| {
            order.push((whose, mark.entry_id));
            Vec::new()
        });
        of_one.push((mark, marked));
    }
    order.truncate(MOST_MATCHES);
    let guests = open.values().filter_map(|visit| visit.guest_id).collect();
    let contacts = contacts(visitors, cx, &scope, guests).await?;
    let people: Vec<PersonId> =
        open.values().flat_map(|visit| [visit.host_id, visit.made_by]).flatten().collect();
    let people = visitors.identity.display_names(&scope, &people).await?;
    let person = |id: Option<PersonId>| id.and_then(|id| people.get(&id).cloned()).unwrap_or_default();
    let mut rows = Vec::new();
    for key in order {
        let Some(mut all) = of_one.remove(&key) else { continue };
        let count = all.len();
        let Some(at) = all.iter().map(|(mark, _)| mark.at).max() else { continue };
        all.sort_by_key(|(_, marked)| match marked {
            Marked::Visit(visit) => (!visit.state.is_here(), visit.starts_at),
            Marked::Delivery(delivery) => (false, delivery.at),
        });
        let Some(((mark, marked), entry)) = all.into_iter().next().zip(entries.get(&key.1)) else { continue };
        let (visit, site_id, starts_at) = match &marked {
            Marked::Visit(visit) => (Some(*visit), visit.site_id, visit.starts_at),
            Marked::Delivery(delivery) => (None, delivery.site_id, delivery.at),
        };
        let contact = visit.and_then(|visit| contacts.get(&visit.guest_id?));
        let company = contact.map(|contact| contact.company.clone()).unwrap_or_default();
        let other = match Organisation::of(&entry.organisation, &company) {
            Organisation::Unknown => None,
            Organisation::Same => Some(false),
            Organisation::Differs => Some(true),
        };
        let name = match &marked {
            Marked::Visit(_) => contact.map(|contact| contact.name.clone()).unwrap_or_default(),
            Marked::Delivery(delivery) => delivery.carrier.clone(),
        };
        let site = sites.iter().find(|site| site.id == site_id);
        rows.push(MatchRow {
            of: mark.of_id,
            visit: visit.map(|visit| visit.id),
            guest: visit.and_then(|visit| visit.guest_id),
            name,
            company,
            state: visit.map(|visit| visit.state),
            site: site_id,
            site_name: site.map(|site| site.name.clone()).unwrap_or_default(),
            zone: site.map_or_else(|| sekisho_places::HOME_ZONE.to_owned(), |site| site.zone.clone()),
            starts_at,
            host_name: person(visit.and_then(|visit| visit.host_id)),
            made_by_name: person(visit.and_then(|visit| visit.made_by)),
            count,
            at,
            likeness: mark.likeness,
            other_organisation: other,
            asked_at: mark.asked_at,
            entry: entry.clone(),
        });
    }
    Ok(rows)
}
