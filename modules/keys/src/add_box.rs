//! A box is added, changed, connected to its device, or taken down.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition, QuerySelect};
use sekisho_kernel::{AuditEntry, Cx, DeviceId, SiteId};
use sekisho_policy::{Decision, Right};
use sekisho_storage::{Scoped, Tx};
use sekisho_web::{Checks, IfMatch};
use serde::{Deserialize, Serialize};

use crate::Keys;
use crate::ids::{BinId, BoxId};
use crate::ledger::bins_of;
use crate::revision;
use crate::stock::StockError;
use crate::tables::words::{BinDoor, ReturnPolicy};
use crate::tables::{bins, boxes, keys};
use crate::warrant::{Act, NotAllowed};

/// The most bins of one box.
pub const MOST_BINS: i64 = 200;

/// A box as a form describes it.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BoxForm {
    /// What people call it.
    pub name: String,
    /// Where it hangs.
    #[serde(default)]
    pub site: Option<SiteId>,
    /// How to find it.
    #[serde(default)]
    pub directions: String,
    /// How many bins.
    pub bins: i64,
    /// How many of them side by side.
    pub columns: i64,
    /// Where keys may be put back.
    pub return_policy: ReturnPolicy,
    /// What whoever changes it has seen.
    #[serde(skip)]
    pub seen: IfMatch,
}

/// Adds a box with its bins. Whoever manages the site may, and administrators.
pub async fn add_box(keys: &Keys, cx: &Cx, form: BoxForm) -> Result<BoxId, StockError> {
    let form = checked(form)?;
    let decision = may_hang_at(keys, cx, form.site, &form.name).await?;
    let zone = zone_of(keys, cx, form.site).await?;
    let id: BoxId = cx.fresh_id();
    let mut tx = keys.store.begin(cx).await?;
    let row = boxes::ActiveModel {
        id: Set(id),
        name: Set(form.name.clone()),
        site_id: Set(form.site),
        zone: Set(zone.clone()),
        directions: Set(form.directions),
        device_id: Set(None),
        columns: Set(form.columns),
        return_policy: Set(form.return_policy),
        retired_at: Set(None),
        created_at: Set(cx.now),
        camera: Set(false),
        picture_days: Set(crate::set_camera::DAYS),
        camera_since: Set(None),
        camera_until: Set(None),
        device_since: Set(None),
        ..Default::default()
    };
    tx.insert::<boxes::Entity>(row).await?;
    tx.insert_many::<bins::Entity>((1..=form.bins).map(|number| new_bin(cx, id, number)).collect()).await?;
    keys.policy.register(&mut tx, id.resource(), "box", &form.name).await?;
    keys.policy.keep_time_of(&mut tx, id.resource(), &zone).await?;
    if let Some(site) = form.site {
        keys.policy.place_in(&mut tx, id.resource(), sekisho_kernel::ResourceId(site.uuid())).await?;
    }
    tx.publish(&crate::events::StockChanged {}).await?;
    let entry =
        AuditEntry::done("box.add").on("box", id, form.name).decided(decision).with("bins", form.bins);
    tx.commit(entry).await?;
    Ok(id)
}

/// Changes a box. Bins can be added, and taken away from the end while they are empty.
pub async fn edit_box(keys: &Keys, cx: &Cx, id: BoxId, form: BoxForm) -> Result<(), StockError> {
    let form = checked(form)?;
    let row = may_manage_box(keys, cx, id, "box.edit").await?;
    let decision = if form.site == row.place.site_id {
        Some(row.decision)
    } else {
        may_hang_at(keys, cx, form.site, &form.name).await?
    };
    let zone = zone_of(keys, cx, form.site).await?;
    let mut tx = keys.store.begin(cx).await?;
    lock_box(&tx, id, &form.seen).await?;
    tx.update::<boxes::Entity>()
        .set(boxes::Column::Name, form.name.clone())
        .set(boxes::Column::SiteId, form.site)
        .set(boxes::Column::Zone, zone.clone())
        .set(boxes::Column::Directions, form.directions)
        .set(boxes::Column::Columns, form.columns)
        .set(boxes::Column::ReturnPolicy, form.return_policy)
        .filter(boxes::Column::Id.eq(id))
        .exec()
        .await?;
    resize(&tx, id, form.bins).await?;
    keys.policy.register(&mut tx, id.resource(), "box", &form.name).await?;
    keys.policy.keep_time_of(&mut tx, id.resource(), &zone).await?;
    if form.site != row.place.site_id {
        if let Some(old) = row.place.site_id {
            keys.policy.take_out_of(&mut tx, id.resource(), sekisho_kernel::ResourceId(old.uuid())).await?;
        }
        if let Some(new) = form.site {
            keys.policy.place_in(&mut tx, id.resource(), sekisho_kernel::ResourceId(new.uuid())).await?;
        }
    }
    crate::device::send_config(keys, &mut tx, id).await?;
    tx.publish(&crate::events::StockChanged {}).await?;
    Ok(tx.commit(AuditEntry::done("box.edit").on("box", id, form.name).decided(decision)).await?)
}

/// Says which device moves the bins of this box; or that none does any more.
pub async fn connect_box(
    keys: &Keys,
    cx: &Cx,
    id: BoxId,
    device: Option<DeviceId>,
) -> Result<(), StockError> {
    let row = may_manage_box(keys, cx, id, "box.connect").await?;
    let mut tx = keys.store.begin(cx).await?;
    if let Some(device) = device {
        let elsewhere =
            Condition::all().add(boxes::Column::DeviceId.eq(device)).add(boxes::Column::Id.ne(id));
        if tx.find::<boxes::Entity>().filter(elsewhere).exists().await? {
            return Err(StockError::invalid("device", "keys-error-device-taken"));
        }
    }
    let present = crate::reads::place(&tx, id).await?.ok_or(NotAllowed::Missing)?;
    if present.device_id != device {
        // The device that is let go goes on by its last set-up: it takes no pictures of where it hangs next.
        crate::device::send_camera_off(keys, &mut tx, &present).await?;
        tx.update::<boxes::Entity>()
            .set(boxes::Column::DeviceId, device)
            .set(boxes::Column::DeviceSince, device.map(|_| cx.now))
            .filter(boxes::Column::Id.eq(id))
            .exec()
            .await?;
    }
    crate::device::send_config(keys, &mut tx, id).await?;
    tx.publish(&crate::events::StockChanged {}).await?;
    let entry = AuditEntry::done("box.connect").on("box", id, row.place.name).decided(row.decision);
    Ok(tx.commit(entry.with("device", device)).await?)
}

/// The box behind everybody else who changes it, as whoever changes it has seen it.
pub(crate) async fn lock_box(tx: &Tx, id: BoxId, seen: &IfMatch) -> Result<(), StockError> {
    let this = Condition::all().add(boxes::Column::Id.eq(id)).add(boxes::Column::RetiredAt.is_null());
    let locked = tx.find::<boxes::Entity>().filter(this).refine(QuerySelect::lock_exclusive).one().await?;
    let present = locked.ok_or(NotAllowed::Missing)?;
    revision::must_be(seen, &revision::of_box(tx, &present).await?)
}

/// Takes a box down. It must be empty by the book.
pub async fn retire_box(keys: &Keys, cx: &Cx, id: BoxId, seen: &IfMatch) -> Result<(), StockError> {
    let row = may_manage_box(keys, cx, id, "box.retire").await?;
    let mut tx = keys.store.begin(cx).await?;
    lock_box(&tx, id, seen).await?;
    let bins: Vec<BinId> = bins_of(&tx, id).await?.iter().map(|bin| bin.id).collect();
    if tx.find::<keys::Entity>().filter(keys::Column::BinId.is_in(bins)).exists().await? {
        return Err(StockError::Refused("keys-refused-box-not-empty"));
    }
    crate::device::send_camera_off(keys, &mut tx, &row.place).await?;
    tx.update::<boxes::Entity>()
        .set(boxes::Column::RetiredAt, cx.now)
        .set(boxes::Column::DeviceId, Option::<DeviceId>::None)
        .filter(boxes::Column::Id.eq(id))
        .exec()
        .await?;
    keys.policy.retire(&mut tx, id.resource()).await?;
    tx.publish(&crate::events::StockChanged {}).await?;
    Ok(tx.commit(AuditEntry::done("box.retire").on("box", id, row.place.name).decided(row.decision)).await?)
}

/// A box the asker manages, with the decision that says so.
pub(crate) struct ManagedBox {
    pub(crate) place: boxes::Model,
    pub(crate) decision: Decision,
}

/// The box, if the person behind `cx` manages it: managers of the location, whatever rights they have on keys.
pub(crate) async fn may_manage_box(
    keys: &Keys,
    cx: &Cx,
    id: BoxId,
    action: &'static str,
) -> Result<ManagedBox, NotAllowed> {
    struct ManageBox;
    let place = keys
        .store
        .read(cx.tenant)
        .await
        .map_err(sekisho_host::Fault::from)?
        .find::<boxes::Entity>()
        .filter(Condition::all().add(boxes::Column::Id.eq(id)).add(boxes::Column::RetiredAt.is_null()))
        .one()
        .await
        .map_err(sekisho_host::Fault::from)?
        .ok_or(NotAllowed::Missing)?;
    let act = Act {
        right: Right::Manage,
        action,
        kind: "box",
        resource: id.resource(),
        name: &place.name,
        zone: &place.zone,
    };
    let decision = keys.permit::<ManageBox>(cx, act).await?.decision;
    Ok(ManagedBox { place, decision })
}

async fn may_hang_at(
    keys: &Keys,
    cx: &Cx,
    site: Option<SiteId>,
    name: &str,
) -> Result<Option<Decision>, StockError> {
    struct AddBox;
    let place = site.map(|site| Act {
        right: Right::Manage,
        action: "box.add",
        kind: "site",
        resource: sekisho_kernel::ResourceId(site.uuid()),
        name,
        zone: "",
    });
    Ok(keys.permit_at::<AddBox>(cx, place).await?)
}

async fn zone_of(keys: &Keys, cx: &Cx, site: Option<SiteId>) -> Result<String, StockError> {
    match site {
        Some(site) => Ok(sekisho_places::zone_of(&keys.store.read(cx.tenant).await?, site).await?),
        None => Ok(sekisho_places::HOME_ZONE.to_owned()),
    }
}

fn checked(form: BoxForm) -> Result<BoxForm, StockError> {
    let mut checks = Checks::default();
    let name = checks.name("name", &form.name);
    let directions = checks.note("directions", &form.directions);
    if !(1..=MOST_BINS).contains(&form.bins) {
        checks.wrong("bins", "keys-error-bins");
    }
    if !(1..=20).contains(&form.columns) {
        checks.wrong("columns", "keys-error-columns");
    }
    checks.done::<StockError>()?;
    Ok(BoxForm { name, directions, ..form })
}

fn new_bin(cx: &Cx, place: BoxId, number: i64) -> bins::ActiveModel {
    bins::ActiveModel {
        id: Set(cx.fresh_id()),
        box_id: Set(place),
        number: Set(number),
        disabled_reason: Set(None),
        door: Set(BinDoor::Unknown),
        fob: Set(None),
        seen_at: Set(None),
        ..Default::default()
    }
}

async fn resize(tx: &Tx, place: BoxId, wanted: i64) -> Result<(), StockError> {
    let all = bins_of(tx, place).await?;
    let most = all.iter().map(|bin| bin.number).max().unwrap_or(0);
    let new = (most + 1..=wanted).map(|number| new_bin(tx.cx(), place, number)).collect();
    tx.insert_many::<bins::Entity>(new).await?;
    let gone: Vec<BinId> = all.iter().filter(|bin| bin.number > wanted).map(|bin| bin.id).collect();
    if gone.is_empty() {
        return Ok(());
    }
    let used = Condition::any()
        .add(keys::Column::BinId.is_in(gone.clone()))
        .add(keys::Column::HomeBin.is_in(gone.clone()));
    if tx.find::<keys::Entity>().filter(used).exists().await? {
        return Err(StockError::invalid("bins", "keys-error-bins-in-use"));
    }
    tx.delete::<bins::Entity>().filter(bins::Column::Id.is_in(gone)).exec().await?;
    Ok(())
}
