//! An entry was changed: of the marks it made those stay that it would make now.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, Condition};
use sekisho_crypto::TenantKeys;
use sekisho_host::Fault;
use sekisho_storage::{Scoped, Tx};
use uuid::Uuid;

use super::look::{Watched, names_of, watched};
use super::names::Name;
use crate::guest::{self, Contact};
use crate::ids::{DropOffId, GuestId, VisitId, WatchEntryId};
use crate::occurrence::day_at;
use crate::tables::words::Likeness;
use crate::tables::{deliveries, guests, visits, watch_entries, watch_marks};

/// Looks at the marks of an entry again. Where it still means the same person, whoever was marked under another name stays so.
pub(super) async fn again_for_entry(
    tx: &Tx,
    keys: &TenantKeys,
    id: WatchEntryId,
    means_another: bool,
) -> Result<(), Fault> {
    let this = watch_entries::Column::Id.eq(id);
    let Some(row) = tx.find::<watch_entries::Entity>().filter(this).one().await? else { return Ok(()) };
    let entry = watched(keys, row)?;
    let of = watch_marks::Column::EntryId.eq(id);
    let marks = tx.find::<watch_marks::Entity>().filter(of.clone()).all().await?;
    for some in marks.chunks(500) {
        let marked = Marked::of(tx, keys, some).await?;
        for mark in some {
            let Some((holds, likeness)) = now(tx, &entry, &marked, mark).await? else { continue };
            let likeness = likeness.or((!means_another).then_some(mark.likeness)).filter(|_| holds);
            let this = Condition::all().add(of.clone()).add(watch_marks::Column::OfId.eq(mark.of_id));
            match likeness {
                None => {
                    tx.delete::<watch_marks::Entity>().filter(this).exec().await?;
                }
                Some(likeness) if likeness != mark.likeness => {
                    let likeness = (watch_marks::Column::Likeness, likeness);
                    tx.update::<watch_marks::Entity>()
                        .set(likeness.0, likeness.1)
                        .filter(this)
                        .exec()
                        .await?;
                }
                Some(_) => (),
            }
        }
    }
    Ok(())
}

/// The visits of some marks, and who their guests are.
struct Marked {
    visits: HashMap<Uuid, visits::Model>,
    contacts: HashMap<GuestId, Contact>,
}

impl Marked {
    async fn of(tx: &Tx, keys: &TenantKeys, marks: &[watch_marks::Model]) -> Result<Self, Fault> {
        let these = visits::Column::Id.is_in(marks.iter().map(|mark| VisitId(mark.of_id)));
        let rows = tx.find::<visits::Entity>().filter(these).all().await?;
        let these = guests::Column::Id.is_in(rows.iter().filter_map(|visit| visit.guest_id));
        let mut contacts = HashMap::new();
        for guest in tx.find::<guests::Entity>().filter(these).all().await? {
            if let Some(contact) = guest::opened(keys, &guest)? {
                contacts.insert(guest.id, contact);
            }
        }
        Ok(Self { visits: rows.into_iter().map(|visit| (visit.id.uuid(), visit)).collect(), contacts })
    }
}

/// Whether the entry holds where the marked visit or delivery is, and how alike the names are now.
async fn now(
    tx: &Tx,
    entry: &Watched,
    marked: &Marked,
    mark: &watch_marks::Model,
) -> Result<Option<(bool, Option<Likeness>)>, Fault> {
    if let Some(visit) = marked.visits.get(&mark.of_id) {
        let contact = visit.guest_id.and_then(|guest| marked.contacts.get(&guest));
        let ends_at = visit.ends_at.max(tx.cx().now);
        let (first, last) = (day_at(visit.starts_at, &visit.zone), day_at(ends_at, &visit.zone));
        let likeness = contact.and_then(|contact| entry.likeness(&names_of(contact)));
        return Ok(Some((entry.holds(visit.site_id, (&first, &last)), likeness)));
    }
    let this = deliveries::Column::Id.eq(DropOffId(mark.of_id));
    let Some(delivery) = tx.find::<deliveries::Entity>().filter(this).one().await? else { return Ok(None) };
    let zone = sekisho_places::site(tx, delivery.site_id).await?.map(|site| site.zone);
    let day = day_at(delivery.at, zone.as_deref().unwrap_or(sekisho_places::HOME_ZONE));
    let names: Vec<Name> = Name::read(&delivery.carrier).into_iter().collect();
    Ok(Some((entry.holds(delivery.site_id, (&day, &day)), entry.likeness(&names))))
}
