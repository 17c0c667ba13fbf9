//! Questions about rooms.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, Condition};
use sekisho_host::Fault;
use sekisho_kernel::{Cx, SiteId};
use sekisho_places::Site;
use sekisho_storage::{Scoped, StoreError};
use serde::Serialize;

use super::take::{Period, having, overlaps, period};
use crate::Visitors;
use crate::ids::{AppointmentId, RoomId};
use crate::occurrence::{BadTime, Occurrence};
use crate::tables::kept_rooms::{Column, Entity, Model};

/// A room as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = VisitorRoom)]
pub struct RoomRow {
    /// Which.
    pub id: RoomId,
    /// At which site.
    pub site: SiteId,
    /// That site's name.
    pub site_name: String,
    /// What people call it.
    pub name: String,
    /// For how many people; none: nobody says.
    pub seats: Option<i64>,
    /// How a guest finds it.
    pub way: String,
    /// Whether it was taken out of use.
    pub retired: bool,
    /// Counts the changes.
    pub version: i64,
    /// Whether nobody has it at the time that was asked about; none: no time was.
    pub free: Option<bool>,
}

/// A time for which a room is looked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct During {
    /// From, on the clock of the room's site.
    pub(crate) starts: String,
    /// Until, likewise.
    pub(crate) ends: String,
    /// The appointment that looks; what it has is free for it.
    pub(crate) besides: Option<AppointmentId>,
}

impl During {
    /// From when until when, on that clock.
    pub(super) fn at(&self, zone: &str) -> Result<Period, BadTime> {
        let when = Occurrence::spelt(&self.starts, &self.ends, zone).ok_or(BadTime::Unreadable)?;
        Ok(period(&when.forwards()?.short_enough()?))
    }
}

/// The rooms in use, of one site or of all, by site and name; whether each is free, where a time is asked about at which an
/// appointment could be.
pub(crate) async fn rooms(
    visitors: &Visitors,
    cx: &Cx,
    site: Option<SiteId>,
    during: Option<&During>,
) -> Result<Vec<RoomRow>, Fault> {
    let scope = visitors.store.read(cx.tenant).await?;
    let these = Condition::all()
        .add(Column::RetiredAt.is_null())
        .add_option(site.map(|site| Column::SiteId.eq(site)));
    let rows = scope.find::<Entity>().filter(these).all().await?;
    let sites = sites(&scope).await?;
    let mut rows: Vec<RoomRow> = rows.into_iter().filter_map(|row| shown(&sites, row)).collect();
    rows.sort_by(|one, other| {
        (&one.site_name, one.site, &one.name).cmp(&(&other.site_name, other.site, &other.name))
    });
    if let Some(during) = during {
        let at = |site: &Site| Some((site.id, during.at(&site.zone).ok()?));
        let periods: HashMap<SiteId, Period> = sites.values().filter_map(at).collect();
        let all: Vec<Period> = periods.values().copied().collect();
        let mut others = having(&scope, rows.iter().map(|room| room.id).collect(), &all).await?;
        others.retain(|other| Some(other.id) != during.besides);
        for room in &mut rows {
            let Some(at) = periods.get(&room.site) else { continue };
            room.free = Some(!others.iter().any(|other| other.room == room.id && overlaps(other, *at)));
        }
    }
    Ok(rows)
}

/// How a guest finds the room; empty: there is none, or nobody says.
pub(crate) async fn way_of(scope: &impl Scoped, room: Option<RoomId>) -> Result<String, StoreError> {
    Ok(found(scope, room).await?.map(|room| room.way).unwrap_or_default())
}

/// For how many people the room is; none: there is none, or nobody says.
pub(crate) async fn seats_of(scope: &impl Scoped, room: Option<RoomId>) -> Result<Option<i64>, StoreError> {
    Ok(found(scope, room).await?.and_then(|room| room.seats))
}

async fn found(scope: &impl Scoped, room: Option<RoomId>) -> Result<Option<Model>, StoreError> {
    let Some(room) = room else { return Ok(None) };
    scope.find::<Entity>().filter(Column::Id.eq(room)).one().await
}

/// One room, retired or not.
pub(crate) async fn room(visitors: &Visitors, cx: &Cx, id: RoomId) -> Result<Option<RoomRow>, Fault> {
    let scope = visitors.store.read(cx.tenant).await?;
    let row = found(&scope, Some(id)).await?;
    let sites = sites(&scope).await?;
    Ok(row.and_then(|row| shown(&sites, row)))
}

async fn sites(scope: &impl Scoped) -> Result<HashMap<SiteId, Site>, Fault> {
    let sites = sekisho_places::sites(scope).await?;
    Ok(sites.into_iter().map(|site| (site.id, site)).collect())
}

/// A room of a site that is open.
fn shown(sites: &HashMap<SiteId, Site>, row: Model) -> Option<RoomRow> {
    let site_name = sites.get(&row.site_id)?.name.clone();
    Some(RoomRow {
        id: row.id,
        site: row.site_id,
        site_name,
        name: row.name,
        seats: row.seats,
        way: row.way,
        retired: row.retired_at.is_some(),
        version: row.version,
        free: None,
    })
}
