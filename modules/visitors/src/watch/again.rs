//! An entry was changed: of the marks it made those stay that it would make now.

use sea_orm::{ColumnTrait, Condition};
use sekisho_crypto::TenantKeys;
use sekisho_host::Fault;
use sekisho_storage::{Scoped, Tx};

use super::look::{Watched, contact, names_of, watched};
use super::names::Name;
use crate::ids::{DropOffId, VisitId, WatchEntryId};
use crate::ledger;
use crate::occurrence::day_at;
use crate::tables::words::Likeness;
use crate::tables::{deliveries, watch_entries, watch_marks};

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
    for mark in tx.find::<watch_marks::Entity>().filter(of.clone()).all().await? {
        let Some((holds, likeness)) = now(tx, keys, &entry, &mark).await? else { continue };
        let likeness = likeness.or((!means_another).then_some(mark.likeness)).filter(|_| holds);
        let this = Condition::all().add(of.clone()).add(watch_marks::Column::OfId.eq(mark.of_id));
        match likeness {
            None => {
                tx.delete::<watch_marks::Entity>().filter(this).exec().await?;
            }
            Some(likeness) => {
                let likeness = (watch_marks::Column::Likeness, likeness);
                tx.update::<watch_marks::Entity>().set(likeness.0, likeness.1).filter(this).exec().await?;
            }
        }
    }
    Ok(())
}

/// Whether the entry holds where the marked visit or delivery is, and how alike the names are now.
async fn now(
    tx: &Tx,
    keys: &TenantKeys,
    entry: &Watched,
    mark: &watch_marks::Model,
) -> Result<Option<(bool, Option<Likeness>)>, Fault> {
    if let Some(visit) = ledger::visit(tx, VisitId(mark.of_id)).await? {
        let contact = match visit.guest_id {
            Some(guest) => contact(tx, keys, guest).await?,
            None => None,
        };
        let ends_at = visit.ends_at.max(tx.cx().now);
        let (first, last) = (day_at(visit.starts_at, &visit.zone), day_at(ends_at, &visit.zone));
        let likeness = contact.and_then(|contact| entry.likeness(&names_of(&contact)));
        return Ok(Some((entry.holds(visit.site_id, (&first, &last)), likeness)));
    }
    let this = deliveries::Column::Id.eq(DropOffId(mark.of_id));
    let Some(delivery) = tx.find::<deliveries::Entity>().filter(this).one().await? else { return Ok(None) };
    let zone = sekisho_places::site(tx, delivery.site_id).await?.map(|site| site.zone);
    let day = day_at(delivery.at, zone.as_deref().unwrap_or(sekisho_places::HOME_ZONE));
    let names: Vec<Name> = Name::read(&delivery.carrier).into_iter().collect();
    Ok(Some((entry.holds(delivery.site_id, (&day, &day)), entry.likeness(&names))))
}
