//! Rooms are added, changed and retired by administrators.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition, QuerySelect};
use sekisho_crypto::search_form;
use sekisho_identity::Administrator;
use sekisho_kernel::{AuditEntry, Cx, SiteId, Timestamp};
use sekisho_storage::{Scoped as _, StoreError, Tx};
use sekisho_web::{Checks, IfMatch};
use serde::Deserialize;

use crate::Visitors;
use crate::checks::VisitError;
use crate::ids::RoomId;
use crate::often;
use crate::tables::kept_rooms::{ActiveModel, Column, Entity, Model};
use crate::warrant::NotAllowed;

/// The most rooms of one organisation that are in use.
const MOST_ROOMS: u64 = 500;
/// The most seats of one room.
const MOST_SEATS: i64 = 9_999;
/// The longest way to a room, in characters.
const LONGEST_WAY: usize = 200;

/// A room as a form describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(default)]
#[schema(as = VisitorRoomForm)]
pub struct RoomForm {
    /// At which site. A room does not move to another.
    pub site: Option<SiteId>,
    /// What people call it; unique at its site.
    pub name: String,
    /// For how many people, host included; none: nobody says.
    pub seats: Option<i64>,
    /// How a guest finds it; they read it in their mail and on their page.
    pub way: String,
}

/// Adds a room.
pub async fn add_room(
    visitors: &Visitors,
    cx: &Cx,
    _by: Administrator,
    form: RoomForm,
) -> Result<RoomId, VisitError> {
    let form = checked(form)?;
    let site = match form.site {
        Some(site) => visitors.open_site(cx, site).await?,
        None => None,
    };
    let site = site.ok_or_else(|| VisitError::invalid("site", "visitors-error-site"))?.id;
    let maker = cx.actor.person().ok_or(NotAllowed::Missing)?;
    let tx = visitors.store.begin(cx).await?;
    fits(&tx).await?;
    let id: RoomId = cx.fresh_id();
    let row = ActiveModel {
        id: Set(id),
        site_id: Set(site),
        name: Set(form.name.clone()),
        live_name: Set(Some(compared(&form.name))),
        seats: Set(form.seats),
        way: Set(form.way.clone()),
        version: Set(1),
        made_by: Set(maker),
        made_at: Set(cx.now),
        ..Default::default()
    };
    tx.insert::<Entity>(row).await.map_err(named_twice)?;
    tx.commit(told("room.add", id, &form).with("site", site)).await?;
    Ok(id)
}

/// Changes a room, if it is as the caller has seen it. Appointments keep the name they were made with until they are changed
/// themselves; the way is that of today for everybody who comes.
pub async fn change_room(
    visitors: &Visitors,
    cx: &Cx,
    _by: Administrator,
    id: RoomId,
    form: RoomForm,
    seen: &IfMatch,
) -> Result<(), VisitError> {
    let form = checked(form)?;
    let tx = visitors.store.begin(cx).await?;
    let row = in_use(&tx, id).await?;
    if !seen.holds(row.version) {
        return Err(VisitError::Changed);
    }
    if form.site.is_some_and(|site| site != row.site_id) {
        return Err(VisitError::invalid("site", "visitors-error-room-site"));
    }
    tx.update::<Entity>()
        .set(Column::Name, form.name.clone())
        .set(Column::LiveName, Some(compared(&form.name)))
        .set(Column::Seats, form.seats)
        .set(Column::Way, form.way.clone())
        .set(Column::Version, row.version.saturating_add(1))
        .filter(Column::Id.eq(id))
        .exec()
        .await
        .map_err(named_twice)?;
    Ok(tx.commit(told("room.change", id, &form).with("site", row.site_id)).await?)
}

/// Takes a room out of use, if it is as the caller has seen it: nobody chooses it any more. Appointments that have it keep it.
pub async fn retire_room(
    visitors: &Visitors,
    cx: &Cx,
    _by: Administrator,
    id: RoomId,
    seen: &IfMatch,
) -> Result<(), VisitError> {
    let tx = visitors.store.begin(cx).await?;
    let row = in_use(&tx, id).await?;
    if !seen.holds(row.version) {
        return Err(VisitError::Changed);
    }
    tx.update::<Entity>()
        .set(Column::LiveName, Option::<String>::None)
        .set(Column::RetiredAt, Some::<Timestamp>(cx.now))
        .set(Column::Version, row.version.saturating_add(1))
        .filter(Column::Id.eq(id))
        .exec()
        .await?;
    let entry = AuditEntry::done("room.retire").on("room", id, row.name);
    Ok(tx.commit(entry.with("site", row.site_id)).await?)
}

/// One room, behind everybody else who changes it or takes it for some time.
pub(super) async fn lock(tx: &Tx, id: RoomId) -> Result<Option<Model>, StoreError> {
    tx.find::<Entity>().filter(Column::Id.eq(id)).refine(QuerySelect::lock_exclusive).one().await
}

/// Refused when no more room fits. Nobody else adds any until the transaction ends.
async fn fits(tx: &Tx) -> Result<(), VisitError> {
    often::hold(tx, often::numbered("rooms", tx.cx().tenant.uuid().as_bytes())).await?;
    let sites = sekisho_places::sites(tx).await?;
    let in_use = Condition::all()
        .add(Column::RetiredAt.is_null())
        .add(Column::SiteId.is_in(sites.into_iter().map(|site| site.id)));
    if tx.find::<Entity>().filter(in_use).count().await? >= MOST_ROOMS {
        return Err(VisitError::Rule("visitors-refused-rooms-full"));
    }
    Ok(())
}

async fn in_use(tx: &Tx, id: RoomId) -> Result<Model, VisitError> {
    let row = lock(tx, id).await?.filter(|row| row.retired_at.is_none());
    Ok(row.ok_or(NotAllowed::Missing)?)
}

fn told(act: &'static str, id: RoomId, form: &RoomForm) -> AuditEntry {
    let entry = AuditEntry::done(act).on("room", id, form.name.clone());
    entry.with("seats", form.seats).with("how_to_find", &form.way)
}

/// A name as it is compared; one of signs that say nothing is compared as it stands.
pub(super) fn compared(name: &str) -> String {
    let form = search_form(name);
    if form.is_empty() { name.to_owned() } else { form }
}

fn named_twice(error: StoreError) -> VisitError {
    if error.is_duplicate_of("visitors_rooms", &["site_id", "live_name"]) {
        VisitError::invalid("name", "visitors-error-room-name")
    } else {
        error.into()
    }
}

fn checked(form: RoomForm) -> Result<RoomForm, VisitError> {
    let mut checks = Checks::default();
    let name = checks.name("name", &form.name);
    if form.seats.is_some_and(|seats| !(1..=MOST_SEATS).contains(&seats)) {
        checks.wrong("seats", "visitors-error-room-seats");
    }
    let way = form.way.trim().to_owned();
    if way.chars().count() > LONGEST_WAY || way.chars().any(char::is_control) {
        checks.wrong("way", "visitors-error-room-way");
    }
    checks.done::<VisitError>()?;
    Ok(RoomForm { name, way, ..form })
}
