//! The set-up of a box, sent whenever it changes.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, Condition};
use sekisho_host::Fault;
use sekisho_storage::{Scoped, StoreError, Tx};
use sekisho_wire::{BinConfig, BinNumber, BoxConfig, Camera, Timeouts, Words};

use crate::Keys;
use crate::ids::{BinId, BoxId};
use crate::ledger::bins_of;
use crate::tables::{bins, boxes, keys};

/// Sends the box its set-up in the caller's transaction, if a device is connected to it.
pub(crate) async fn send_config(keys: &Keys, tx: &mut Tx, id: BoxId) -> Result<(), Fault> {
    let Some(place) = tx.find::<boxes::Entity>().filter(boxes::Column::Id.eq(id)).one().await? else {
        return Ok(());
    };
    let Some(device) = place.device_id else { return Ok(()) };
    let camera = place.camera;
    let config = config_of(tx, place, camera).await?;
    keys.devices.configure(tx, device, config).await?;
    Ok(())
}

/// Tells the device of a box, in the caller's transaction, that it takes no pictures any more; before it is let go.
pub(crate) async fn send_camera_off(keys: &Keys, tx: &mut Tx, place: &boxes::Model) -> Result<(), Fault> {
    let Some(device) = place.device_id.filter(|_| place.camera) else { return Ok(()) };
    let config = config_of(tx, place.clone(), false).await?;
    keys.devices.configure(tx, device, config).await?;
    Ok(())
}

/// The set-up of a box, with its camera on or off.
async fn config_of(tx: &Tx, place: boxes::Model, camera: bool) -> Result<BoxConfig, StoreError> {
    let id = place.id;
    let rows = bins_of(tx, id).await?;
    let at_home = Condition::all().add(keys::Column::HomeBox.eq(id)).add(keys::Column::WithdrawnAt.is_null());
    let at_home: HashMap<BinId, keys::Model> = tx
        .find::<keys::Entity>()
        .filter(at_home)
        .all()
        .await?
        .into_iter()
        .filter_map(|key| Some((key.home_bin?, key)))
        .collect();
    let key = if camera { crate::set_camera::picture_key(tx).await? } else { None };
    let camera =
        key.map(|key| Camera { key: u32::try_from(key.generation).unwrap_or(0), public: key.public });
    Ok(BoxConfig {
        version: 0,
        name: Words { ja: place.name.clone(), en: place.name },
        zone: place.zone,
        language: tx.cx().language.tag().to_owned(),
        bins: rows.iter().map(|bin| bin_config(bin, at_home.get(&bin.id))).collect(),
        timeouts: Timeouts::default(),
        greeting: None,
        camera,
    })
}

fn bin_config(bin: &bins::Model, key: Option<&keys::Model>) -> BinConfig {
    BinConfig {
        number: BinNumber::try_from(bin.number).unwrap_or(BinNumber::MAX),
        enabled: bin.disabled_reason.is_none(),
        key: key.map(|key| key.id.resource()),
        fob: key.and_then(|key| key.fob.clone()),
        label: key.map(|key| key.name.clone()),
    }
}
