//! The book is put right where it differs from the box: a key is missing, hangs in the wrong bin, was removed by force, or
//! a fob is not known.

use sea_orm::{ColumnTrait, Condition};
use sekisho_kernel::{AuditEntry, Cx, PersonId};
use sekisho_storage::{Scoped, Tx};
use serde::{Deserialize, Serialize};

use crate::Keys;
use crate::add_box::may_manage_box;
use crate::add_key::may_manage_key;
use crate::custody::Happening;
use crate::ids::{BinId, IncidentId, KeyId};
use crate::ledger::{Circumstances, box_of_bin, happened, lock_key};
use crate::stock::StockError;
use crate::tables::words::IncidentKind;
use crate::tables::{bins, incidents, keys};
use crate::warrant::NotAllowed;

/// What puts it right.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "mend")]
pub enum Mend {
    /// Somebody looked: the key is not where the book says.
    Missing {
        /// Which key.
        key: KeyId,
    },
    /// Somebody looked: the key hangs in this bin.
    Found {
        /// Which key.
        key: KeyId,
        /// In which bin.
        bin: BinId,
    },
    /// The bin in which the key hangs is its home from now on.
    NewHome {
        /// Which key.
        key: KeyId,
    },
    /// The unknown fob in this bin is this key's from now on.
    NewFob {
        /// Which key.
        key: KeyId,
        /// In which bin it was seen.
        bin: BinId,
    },
    /// Somebody saw to it; nothing in the book changes.
    SeenTo {
        /// Which incident.
        incident: IncidentId,
    },
}

/// Puts it right.
pub async fn mend_inventory(keys: &Keys, cx: &Cx, mend: Mend) -> Result<(), StockError> {
    match mend {
        Mend::SeenTo { incident } => seen_to(keys, cx, incident).await,
        Mend::Missing { key } => on_key(keys, cx, key, mend, Happening::FoundMissing).await,
        Mend::Found { key, bin } => on_key(keys, cx, key, mend, Happening::Inserted(bin)).await,
        Mend::NewHome { key } => new_home(keys, cx, key).await,
        Mend::NewFob { key, bin } => new_fob(keys, cx, key, bin).await,
    }
}

async fn on_key(keys: &Keys, cx: &Cx, id: KeyId, mend: Mend, happening: Happening) -> Result<(), StockError> {
    let managed = may_manage_key(keys, cx, id, "key.mend").await?;
    let mut tx = keys.store.begin(cx).await?;
    let key = lock_key(&tx, id).await?.ok_or(NotAllowed::Missing)?;
    if let Happening::Inserted(bin) = happening {
        box_of_bin(&tx, bin).await?.ok_or(NotAllowed::Missing)?;
        close(&tx, id, &[IncidentKind::RemovedByForce, IncidentKind::Swapped], cx.actor.person()).await?;
    }
    let known = Circumstances { by: cx.actor.person(), ..Circumstances::default() };
    for entry in happened(&mut tx, &key, happening, known).await? {
        tx.record(entry);
    }
    tx.publish(&crate::events::StockChanged {}).await?;
    let entry = AuditEntry::done("key.mend").on("key", id, key.name).decided(managed.decision);
    Ok(tx.commit(entry.with("mend", mend)).await?)
}

async fn new_home(keys: &Keys, cx: &Cx, id: KeyId) -> Result<(), StockError> {
    let managed = may_manage_key(keys, cx, id, "key.mend").await?;
    let mut tx = keys.store.begin(cx).await?;
    let key = lock_key(&tx, id).await?.ok_or(NotAllowed::Missing)?;
    let bin = key.bin_id.ok_or(StockError::Refused("keys-refused-not-there"))?;
    let (place, bin) = box_of_bin(&tx, bin).await?.ok_or(NotAllowed::Missing)?;
    tx.update::<keys::Entity>()
        .set(keys::Column::HomeBox, place.id)
        .set(keys::Column::HomeBin, bin.id)
        .filter(keys::Column::Id.eq(id))
        .exec()
        .await?;
    if let Some(old) = key.home_box.filter(|old| *old != place.id) {
        keys.policy.take_out_of(&mut tx, id.resource(), old.resource()).await?;
        keys.policy.place_in(&mut tx, id.resource(), place.id.resource()).await?;
        crate::device::send_config(keys, &mut tx, old).await?;
    }
    crate::device::send_config(keys, &mut tx, place.id).await?;
    close(&tx, id, &[IncidentKind::WrongBin], cx.actor.person()).await?;
    tx.publish(&crate::events::StockChanged {}).await?;
    let entry = AuditEntry::done("key.mend").on("key", id, key.name).decided(managed.decision);
    Ok(tx.commit(entry.with("mend", Mend::NewHome { key: id }).with("bin", bin.number)).await?)
}

async fn new_fob(keys: &Keys, cx: &Cx, id: KeyId, bin: BinId) -> Result<(), StockError> {
    let managed = may_manage_key(keys, cx, id, "key.mend").await?;
    let mut tx = keys.store.begin(cx).await?;
    let key = lock_key(&tx, id).await?.ok_or(NotAllowed::Missing)?;
    let row =
        tx.find::<bins::Entity>().filter(bins::Column::Id.eq(bin)).one().await?.ok_or(NotAllowed::Missing)?;
    let fob = row.fob.ok_or(StockError::Refused("keys-refused-no-fob"))?;
    tx.update::<keys::Entity>()
        .set(keys::Column::Fob, fob)
        .filter(keys::Column::Id.eq(id))
        .exec()
        .await
        .map_err(|error| match error.is_duplicate_of("keys_keys", &["fob"]) {
            true => StockError::Refused("keys-error-fob-taken"),
            false => error.into(),
        })?;
    for entry in happened(&mut tx, &key, Happening::Inserted(bin), Circumstances::default()).await? {
        tx.record(entry);
    }
    let unknown = Condition::all()
        .add(incidents::Column::BinId.eq(bin))
        .add(incidents::Column::What.eq(IncidentKind::UnknownFob))
        .add(incidents::Column::MendedAt.is_null());
    tx.update::<incidents::Entity>()
        .set(incidents::Column::MendedAt, cx.now)
        .set(incidents::Column::MendedBy, cx.actor.person())
        .filter(unknown)
        .exec()
        .await?;
    crate::device::send_config(keys, &mut tx, row.box_id).await?;
    tx.publish(&crate::events::StockChanged {}).await?;
    let entry = AuditEntry::done("key.mend").on("key", id, key.name).decided(managed.decision);
    Ok(tx.commit(entry.with("mend", Mend::NewFob { key: id, bin })).await?)
}

async fn seen_to(keys: &Keys, cx: &Cx, id: IncidentId) -> Result<(), StockError> {
    let scope = keys.store.read(cx.tenant).await?;
    let row = scope
        .find::<incidents::Entity>()
        .filter(incidents::Column::Id.eq(id))
        .one()
        .await?
        .ok_or(NotAllowed::Missing)?;
    drop(scope);
    let (decision, kind, target, name) = match (row.key_id, row.box_id) {
        (Some(key), _) => {
            let managed = may_manage_key(keys, cx, key, "key.mend").await?;
            (managed.decision, "key", key.uuid(), managed.key.name)
        }
        (None, Some(place)) => {
            let managed = may_manage_box(keys, cx, place, "box.mend").await?;
            (managed.decision, "box", place.uuid(), managed.place.name)
        }
        (None, None) => return Err(NotAllowed::Missing.into()),
    };
    let mut tx = keys.store.begin(cx).await?;
    tx.update::<incidents::Entity>()
        .set(incidents::Column::MendedAt, cx.now)
        .set(incidents::Column::MendedBy, cx.actor.person())
        .filter(incidents::Column::Id.eq(id))
        .filter(incidents::Column::MendedAt.is_null())
        .exec()
        .await?;
    tx.publish(&crate::events::StockChanged {}).await?;
    let entry = AuditEntry::done("incident.seen_to").on(kind, target, name).decided(decision);
    Ok(tx.commit(entry.with("incident", id).with("what", row.what)).await?)
}

async fn close(
    tx: &Tx,
    key: KeyId,
    kinds: &[IncidentKind],
    by: Option<PersonId>,
) -> Result<(), sekisho_storage::StoreError> {
    let open = Condition::all()
        .add(incidents::Column::KeyId.eq(key))
        .add(incidents::Column::What.is_in(kinds.iter().copied()))
        .add(incidents::Column::MendedAt.is_null());
    tx.update::<incidents::Entity>()
        .set(incidents::Column::MendedAt, tx.cx().now)
        .set(incidents::Column::MendedBy, by)
        .filter(open)
        .exec()
        .await?;
    Ok(())
}
