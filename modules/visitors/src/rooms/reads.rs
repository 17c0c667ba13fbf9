//! Questions about rooms.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, Condition};
use sekisho_host::Fault;
use sekisho_kernel::{Cx, SiteId};
use sekisho_storage::Scoped;
use serde::Serialize;

use crate::Visitors;
use crate::ids::RoomId;
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
}

/// The rooms in use, of one site or of all, by site and name.
pub(crate) async fn rooms(visitors: &Visitors, cx: &Cx, site: Option<SiteId>) -> Result<Vec<RoomRow>, Fault> {
    let scope = visitors.store.read(cx.tenant).await?;
    let these = Condition::all()
        .add(Column::RetiredAt.is_null())
        .add_option(site.map(|site| Column::SiteId.eq(site)));
    let rows = scope.find::<Entity>().filter(these).all().await?;
    let names = site_names(&scope).await?;
    let mut rows: Vec<RoomRow> = rows.into_iter().filter_map(|row| shown(&names, row)).collect();
    rows.sort_by(|one, other| {
        (&one.site_name, &one.name, one.id).cmp(&(&other.site_name, &other.name, other.id))
    });
    Ok(rows)
}

/// One room, retired or not.
pub(super) async fn room(visitors: &Visitors, cx: &Cx, id: RoomId) -> Result<Option<RoomRow>, Fault> {
    let scope = visitors.store.read(cx.tenant).await?;
    let row = scope.find::<Entity>().filter(Column::Id.eq(id)).one().await?;
    let names = site_names(&scope).await?;
    Ok(row.and_then(|row| shown(&names, row)))
}

async fn site_names(scope: &impl Scoped) -> Result<HashMap<SiteId, String>, Fault> {
    let sites = sekisho_places::sites(scope).await?;
    Ok(sites.into_iter().map(|site| (site.id, site.name)).collect())
}

/// A room of a site that is open.
fn shown(names: &HashMap<SiteId, String>, row: Model) -> Option<RoomRow> {
    let site_name = names.get(&row.site_id)?.clone();
    Some(RoomRow {
        id: row.id,
        site: row.site_id,
        site_name,
        name: row.name,
        seats: row.seats,
        way: row.way,
        retired: row.retired_at.is_some(),
        version: row.version,
    })
}
