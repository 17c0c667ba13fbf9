//! The list is looked through for a guest: when they are written down, corrected, and whenever they come, by whatever way.
//! What is found is kept as marks, in the transaction of that very act; nobody's act fails or answers otherwise for it.

use std::collections::{HashMap, HashSet};

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

struct Watched {
    id: WatchEntryId,
    names: Vec<Name>,
    sites: Vec<SiteId>,
    from: Option<String>,
    until: Option<String>,
}

impl Watched {
    /// Whether the entry holds at that site on one of those days.
    fn holds(&self, site: SiteId, (first, last): (&str, &str)) -> bool {
        (self.sites.is_empty() || self.sites.contains(&site))
            && self.from.as_deref().is_none_or(|from| from <= last)
            && self.until.as_deref().is_none_or(|until| until >= first)
    }

    /// How alike one of these names is to one of the entry's.
    fn likeness(&self, names: &[Name]) -> Option<Likeness> {
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
        let Some(contact) = contact(tx, keys, guest).await? else { return Ok(false) };
        let now = tx.cx().now;
        let (first, last) = match occasion {
            Occasion::Planned | Occasion::Again => {
                (day_at(visit.starts_at, &visit.zone), day_at(visit.ends_at, &visit.zone))
            }
            Occasion::Here => (day_at(now, &visit.zone), day_at(now, &visit.zone)),
        };
        let here: Vec<&Watched> =
            self.0.iter().filter(|entry| entry.holds(visit.site_id, (&first, &last))).collect();
        let known = marks_of(tx, visit.id.uuid()).await?;
        // Another day or another site: an entry that does not hold there says nothing there.
        let over: Vec<WatchEntryId> = known
            .iter()
            .map(|mark| mark.entry_id)
            .filter(|id| here.iter().all(|entry| entry.id != *id))
            .collect();
        if !over.is_empty() {
            let these = Condition::all()
                .add(watch_marks::Column::OfId.eq(visit.id.uuid()))
                .add(watch_marks::Column::EntryId.is_in(over.iter().copied()));
            tx.delete::<watch_marks::Entity>().filter(these).exec().await?;
        }
        let cleared = cleared(tx, guest).await?;
        let names = names_of(&contact);
        let mut found: HashMap<WatchEntryId, Likeness> = HashMap::new();
        for entry in here.iter().filter(|entry| !cleared.contains(&entry.id)) {
            // Whoever was marked stays so under another name, until somebody who knows says that it is not them.
            let before = known.iter().find(|mark| mark.entry_id == entry.id).map(|mark| mark.likeness);
            if let Some(likeness) = entry.likeness(&names).or(before) {
                found.insert(entry.id, likeness);
            }
        }
        if occasion != Occasion::Here {
            found.retain(|id, _| known.iter().all(|mark| mark.entry_id != *id));
        }
        mark(tx, visit.id.uuid(), &found).await?;
        if found.is_empty() {
            return Ok(false);
        }
        if occasion != Occasion::Again {
            tell::later(tx, Told::Visit { visit: visit.id, occasion, at: now }).await?;
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
        let found: HashMap<WatchEntryId, Likeness> =
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

/// Of a series: who was found at one of its times is told of once.
#[derive(Default)]
pub(crate) struct ToldOnce(HashSet<GuestId>);

impl ToldOnce {
    /// Looks for the guest of a visit of the series that was just written.
    pub(crate) async fn look_at_written(
        &mut self,
        watch: &Watch,
        tx: &mut Tx,
        keys: &TenantKeys,
        (visit, guest): (VisitId, GuestId),
    ) -> Result<(), Fault> {
        let occasion = if self.0.contains(&guest) { Occasion::Again } else { Occasion::Planned };
        if watch.look_at_written(tx, keys, visit, occasion).await? {
            self.0.insert(guest);
        }
        Ok(())
    }
}

fn watched(keys: &TenantKeys, row: watch_entries::Model) -> Result<Watched, Fault> {
    let names = who(keys, &row)?.names.iter().filter_map(|name| Name::read(name)).collect();
    let JsonText(sites) = row.sites;
    Ok(Watched { id: row.id, names, sites, from: row.valid_from, until: row.valid_until })
}

fn matched(found: &HashMap<WatchEntryId, Likeness>) -> AuditEntry {
    let entries: Vec<&WatchEntryId> = found.keys().collect();
    AuditEntry::done("watch.match").with("entries", entries)
}

/// The names by which a guest may be meant.
fn names_of(contact: &Contact) -> Vec<Name> {
    [&contact.name, &contact.reading].into_iter().filter_map(|name| Name::read(name)).collect()
}

async fn contact(tx: &Tx, keys: &TenantKeys, guest: GuestId) -> Result<Option<Contact>, Fault> {
    let row = tx.find::<guests::Entity>().filter(guests::Column::Id.eq(guest)).one().await?;
    row.map(|row| guest::opened(keys, &row)).transpose().map(Option::flatten)
}

async fn cleared(tx: &Tx, guest: GuestId) -> Result<HashSet<WatchEntryId>, StoreError> {
    let theirs = watch_cleared::Column::GuestId.eq(guest);
    let rows = tx.find::<watch_cleared::Entity>().filter(theirs).all().await?;
    Ok(rows.into_iter().map(|row| row.entry_id).collect())
}

async fn mark(tx: &Tx, of: Uuid, found: &HashMap<WatchEntryId, Likeness>) -> Result<(), StoreError> {
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

async fn marks_of(scope: &impl Scoped, of: Uuid) -> Result<Vec<watch_marks::Model>, StoreError> {
    scope.find::<watch_marks::Entity>().filter(watch_marks::Column::OfId.eq(of)).all().await
}

/// Whether the guard is still to be asked about the guest of a visit.
pub(crate) async fn ask_first(tx: &Tx, visit: VisitId) -> Result<bool, StoreError> {
    let marks = marks_of(tx, visit.uuid()).await?;
    let open: Vec<WatchEntryId> =
        marks.iter().filter(|mark| mark.asked_at.is_none()).map(|mark| mark.entry_id).collect();
    // An entry that went at the moment of the match left its mark; nobody is shown it any more.
    let these = watch_entries::Column::Id.is_in(open.iter().copied());
    Ok(!open.is_empty() && tx.find::<watch_entries::Entity>().filter(these).exists().await?)
}

/// Somebody at the desk says that the guard was asked.
pub(crate) async fn guard_was_asked(tx: &Tx, visit: VisitId) -> Result<(), StoreError> {
    use watch_marks::Column;
    tx.update::<watch_marks::Entity>()
        .set(Column::AskedAt, Some(tx.cx().now))
        .set(Column::AskedBy, tx.cx().actor.person())
        .filter(Condition::all().add(Column::OfId.eq(visit.uuid())).add(Column::AskedAt.is_null()))
        .exec()
        .await?;
    Ok(())
}

/// The entry was changed: of the marks it made those stay that it would make now.
pub(super) async fn again_for_entry(tx: &Tx, keys: &TenantKeys, id: WatchEntryId) -> Result<(), Fault> {
    let this = watch_entries::Column::Id.eq(id);
    let Some(row) = tx.find::<watch_entries::Entity>().filter(this).one().await? else { return Ok(()) };
    let entry = watched(keys, row)?;
    let of = watch_marks::Column::EntryId.eq(id);
    for mark in tx.find::<watch_marks::Entity>().filter(of.clone()).all().await? {
        let Some(visit) = ledger::visit(tx, VisitId(mark.of_id)).await? else { continue };
        let contact = match visit.guest_id {
            Some(guest) => contact(tx, keys, guest).await?,
            None => None,
        };
        let days =
            (day_at(visit.starts_at, &visit.zone), day_at(visit.ends_at.max(tx.cx().now), &visit.zone));
        let holds = entry.holds(visit.site_id, (&days.0, &days.1));
        let likeness = contact.filter(|_| holds).and_then(|contact| entry.likeness(&names_of(&contact)));
        let this = Condition::all().add(of.clone()).add(watch_marks::Column::OfId.eq(mark.of_id));
        match likeness {
            None => {
                tx.delete::<watch_marks::Entity>().filter(this).exec().await?;
            }
            Some(likeness) => {
                tx.update::<watch_marks::Entity>()
                    .set(watch_marks::Column::Likeness, likeness)
                    .filter(this)
                    .exec()
                    .await?;
            }
        }
    }
    Ok(())
}
