//! The list is looked through for a guest: when they are written down, corrected, and whenever they come, by whatever way.
//! What is found is kept as marks, in the transaction of that very act; nobody's act fails or answers otherwise for it.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition};
use sekisho_crypto::TenantKeys;
use sekisho_host::Fault;
use sekisho_kernel::{AuditEntry, SiteId};
use sekisho_storage::{JsonText, Scoped, StoreError, Tx};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::entries::{MOST_ENTRIES, who};
use super::names::Name;
use super::tell::{self, Told};
use crate::guest::{self, Contact};
use crate::ids::{DropOffId, GuestId, VisitId, WatchEntryId};
use crate::ledger;
use crate::occurrence::day_at;
use crate::often;
use crate::tables::words::Likeness;
use crate::tables::{guests, visits, watch_cleared, watch_entries, watch_marks};

/// When somebody is looked for on the list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Occasion {
    /// They were written down, or corrected, and are to come.
    Planned,
    /// They are to come once more in the same series: marked, and told with the first time.
    Again,
    /// They are at the reception.
    Here,
}

/// The list, ready to be looked through.
pub(crate) struct Watch(Vec<Watched>);

pub(super) struct Watched {
    id: WatchEntryId,
    names: Vec<Name>,
    sites: Vec<SiteId>,
    from: Option<String>,
    until: Option<String>,
}

impl Watched {
    /// Whether the entry holds at that site on one of those days.
    pub(super) fn holds(&self, site: SiteId, (first, last): (&str, &str)) -> bool {
        (self.sites.is_empty() || self.sites.contains(&site))
            && self.from.as_deref().is_none_or(|from| from <= last)
            && self.until.as_deref().is_none_or(|until| until >= first)
    }

    /// How alike one of these names is to one of the entry's.
    pub(super) fn likeness(&self, names: &[Name]) -> Option<Likeness> {
        let pairs = names.iter().flat_map(|name| self.names.iter().map(move |own| own.likeness(name)));
        pairs.flatten().min_by_key(|one| Likeness::ALL.iter().position(|word| word == one))
    }
}

impl Watch {
    /// Opens the list.
    pub(crate) async fn open(scope: &impl Scoped, keys: &TenantKeys) -> Result<Self, Fault> {
        let rows = scope.find::<watch_entries::Entity>().limit(MOST_ENTRIES).all().await?;
        Ok(Self(rows.into_iter().map(|row| watched(keys, row)).collect::<Result<_, Fault>>()?))
    }

    /// Looks for the guest of a visit, and says whether anything new was found. `visit` is the row as it was read: what its guest is
    /// called is looked up.
    pub(crate) async fn look_at(
        &self,
        tx: &mut Tx,
        keys: &TenantKeys,
        visit: &visits::Model,
        occasion: Occasion,
    ) -> Result<bool, Fault> {
        let Some(guest) = visit.guest_id.filter(|_| !self.0.is_empty()) else { return Ok(false) };
        let Some(alike) = self.alike(tx, keys, guest).await? else { return Ok(false) };
        self.look_for(tx, visit, &alike, occasion).await
    }

    /// Which entries the guest is like; none when they were erased.
    async fn alike(&self, tx: &Tx, keys: &TenantKeys, guest: GuestId) -> Result<Option<Alike>, Fault> {
        let Some(contact) = contact(tx, keys, guest).await? else { return Ok(None) };
        let names = names_of(&contact);
        let entries = self.0.iter().filter_map(|entry| Some((entry.id, entry.likeness(&names)?)));
        let cleared = watch_cleared::Column::GuestId.eq(guest);
        let cleared = tx.find::<watch_cleared::Entity>().filter(cleared).all().await?;
        let cleared = cleared.into_iter().map(|row| row.entry_id).collect();
        Ok(Some(Alike { entries: entries.collect(), cleared }))
    }

    async fn look_for(
        &self,
        tx: &mut Tx,
        visit: &visits::Model,
        alike: &Alike,
        occasion: Occasion,
    ) -> Result<bool, Fault> {
        let now = tx.cx().now;
        let (first, last) = match occasion {
            Occasion::Planned | Occasion::Again => {
                (day_at(visit.starts_at, &visit.zone), day_at(visit.ends_at, &visit.zone))
            }
            Occasion::Here => (day_at(now, &visit.zone), day_at(now, &visit.zone)),
        };
        let here: HashSet<WatchEntryId> = self
            .0
            .iter()
            .filter(|entry| entry.holds(visit.site_id, (&first, &last)))
            .map(|entry| entry.id)
            .collect();
        let known = marks_of(tx, visit.id.uuid()).await?;
        // Another day or another site: an entry that does not hold there says nothing there.
        let over: Vec<WatchEntryId> =
            known.iter().map(|mark| mark.entry_id).filter(|id| !here.contains(id)).collect();
        if !over.is_empty() {
            let these = Condition::all()
                .add(watch_marks::Column::OfId.eq(visit.id.uuid()))
                .add(watch_marks::Column::EntryId.is_in(over));
            tx.delete::<watch_marks::Entity>().filter(these).exec().await?;
        }
        // Whoever was marked stays so under another name, until somebody who knows says that it is not them.
        let before = known.iter().map(|mark| (mark.entry_id, mark.likeness));
        let mut found: BTreeMap<WatchEntryId, Likeness> =
            before.chain(alike.entries.iter().map(|(id, likeness)| (*id, *likeness))).collect();
        found.retain(|id, _| here.contains(id) && !alike.cleared.contains(id));
        // Who comes is asked about, whatever was said on another day; who is here already, only about what is new.
        if occasion != Occasion::Here || visit.state.is_here() {
            found.retain(|id, _| known.iter().all(|mark| mark.entry_id != *id));
        }
        mark(tx, visit.id.uuid(), &found).await?;
        if found.is_empty() {
            return Ok(false);
        }
        if occasion != Occasion::Again {
            let entries: Vec<u8> = found.keys().flat_map(|id| *id.uuid().as_bytes()).collect();
            let about = Some(often::numbered("watch_told", &entries));
            tell::later(tx, Told::Visit { visit: visit.id, occasion, at: now, about }).await?;
        }
        tx.record(matched(&found).on("visit", visit.id, ""));
        Ok(true)
    }

    /// The same for a visit that was just written.
    pub(crate) async fn look_at_written(
        &self,
        tx: &mut Tx,
        keys: &TenantKeys,
        visit: VisitId,
        occasion: Occasion,
    ) -> Result<bool, Fault> {
        if self.0.is_empty() {
            return Ok(false);
        }
        match ledger::visit(tx, visit).await? {
            Some(visit) => self.look_at(tx, keys, &visit, occasion).await,
            None => Ok(false),
        }
    }

    /// Looks for who brings something. There is no name, only what was typed for the carrier.
    pub(crate) async fn look_at_delivery(
        &self,
        tx: &mut Tx,
        delivery: DropOffId,
        site: SiteId,
        zone: &str,
        carrier: &str,
    ) -> Result<(), Fault> {
        let today = day_at(tx.cx().now, zone);
        let names: Vec<Name> = Name::read(carrier).into_iter().collect();
        let here = self.0.iter().filter(|entry| entry.holds(site, (&today, &today)));
        let found: BTreeMap<WatchEntryId, Likeness> =
            here.filter_map(|entry| Some((entry.id, entry.likeness(&names)?))).collect();
        mark(tx, delivery.uuid(), &found).await?;
        if found.is_empty() {
            return Ok(());
        }
        tell::later(tx, Told::Delivery { delivery, site }).await?;
        tx.record(matched(&found).on("delivery", delivery, ""));
        Ok(())
    }
}

/// The entries that a guest is like, and those of which somebody said that they do not mean them.
struct Alike {
    entries: BTreeMap<WatchEntryId, Likeness>,
    cleared: HashSet<WatchEntryId>,
}

/// Of a series: each guest is compared with the list once, and who was found at one of its times is told of once.
#[derive(Default)]
pub(crate) struct ToldOnce {
    told: HashSet<GuestId>,
    alike: HashMap<GuestId, Option<Alike>>,
}

impl ToldOnce {
    /// Looks for the guest of a visit of the series that was just written.
    pub(crate) async fn look_at_written(
        &mut self,
        watch: &Watch,
        tx: &mut Tx,
        keys: &TenantKeys,
        (visit, guest): (VisitId, GuestId),
    ) -> Result<(), Fault> {
        if watch.0.is_empty() {
            return Ok(());
        }
        if let Entry::Vacant(unknown) = self.alike.entry(guest) {
            unknown.insert(watch.alike(tx, keys, guest).await?);
        }
        let Some(Some(alike)) = self.alike.get(&guest) else { return Ok(()) };
        let Some(visit) = ledger::visit(tx, visit).await? else { return Ok(()) };
        let occasion = if self.told.contains(&guest) { Occasion::Again } else { Occasion::Planned };
        if watch.look_for(tx, &visit, alike, occasion).await? {
            self.told.insert(guest);
        }
        Ok(())
    }
}

pub(super) fn watched(keys: &TenantKeys, row: watch_entries::Model) -> Result<Watched, Fault> {
    let names = who(keys, &row)?.names.iter().filter_map(|name| Name::read(name)).collect();
    let JsonText(sites) = row.sites;
    Ok(Watched { id: row.id, names, sites, from: row.valid_from, until: row.valid_until })
}

fn matched(found: &BTreeMap<WatchEntryId, Likeness>) -> AuditEntry {
    let entries: Vec<&WatchEntryId> = found.keys().collect();
    AuditEntry::done("watch.match").with("entries", entries)
}

/// The names by which a guest may be meant.
pub(super) fn names_of(contact: &Contact) -> Vec<Name> {
    [&contact.name, &contact.reading].into_iter().filter_map(|name| Name::read(name)).collect()
}

async fn contact(tx: &Tx, keys: &TenantKeys, guest: GuestId) -> Result<Option<Contact>, Fault> {
    let row = tx.find::<guests::Entity>().filter(guests::Column::Id.eq(guest)).one().await?;
    row.map(|row| guest::opened(keys, &row)).transpose().map(Option::flatten)
}

async fn mark(tx: &Tx, of: Uuid, found: &BTreeMap<WatchEntryId, Likeness>) -> Result<(), StoreError> {
    use watch_marks::Column;
    let rows = found
        .iter()
        .map(|(entry, likeness)| watch_marks::ActiveModel {
            tenant_id: Set(tx.cx().tenant),
            of_id: Set(of),
            entry_id: Set(*entry),
            likeness: Set(*likeness),
            at: Set(tx.cx().now),
            asked_at: Set(None),
            asked_by: Set(None),
        })
        .collect();
    // Who comes on another day is asked about once more.
    tx.overwrite_many::<watch_marks::Entity>(
        rows,
        &[Column::Likeness, Column::At, Column::AskedAt, Column::AskedBy],
    )
    .await
}

pub(super) async fn marks_of(scope: &impl Scoped, of: Uuid) -> Result<Vec<watch_marks::Model>, StoreError> {
    scope.find::<watch_marks::Entity>().filter(watch_marks::Column::OfId.eq(of)).all().await
}
