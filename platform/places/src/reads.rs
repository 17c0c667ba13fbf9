//! Questions about places, for pages and for other rooms.

use sea_orm::{ColumnTrait, Condition};
use sekisho_kernel::SiteId;
use sekisho_storage::{Scoped, StoreError};

use crate::tables::{AreaId, places_areas, places_sites};
use crate::{Area, HOME_ZONE, Site};

/// One site, also a closed one: history names it.
pub async fn site(scope: &impl Scoped, id: SiteId) -> Result<Option<Site>, StoreError> {
    let row = scope.find::<places_sites::Entity>().filter(places_sites::Column::Id.eq(id)).one().await?;
    Ok(row.map(Site::from))
}

/// All open sites by name.
pub async fn sites(scope: &impl Scoped) -> Result<Vec<Site>, StoreError> {
    let rows = scope
        .find::<places_sites::Entity>()
        .filter(places_sites::Column::ClosedAt.is_null())
        .ascending(places_sites::Column::Name)
        .all()
        .await?;
    Ok(rows.into_iter().map(Site::from).collect())
}

/// The time zone of a site; [`HOME_ZONE`] when there is no such site.
pub async fn zone_of(scope: &impl Scoped, id: SiteId) -> Result<String, StoreError> {
    Ok(site(scope, id).await?.map_or_else(|| HOME_ZONE.to_owned(), |site| site.zone))
}

/// One open area.
pub async fn area(scope: &impl Scoped, id: AreaId) -> Result<Option<Area>, StoreError> {
    use places_areas::Column;
    let this = Condition::all().add(Column::Id.eq(id)).add(Column::ClosedAt.is_null());
    Ok(scope.find::<places_areas::Entity>().filter(this).one().await?.map(Area::from))
}

/// The open areas of a site by name.
pub async fn areas(scope: &impl Scoped, site: SiteId) -> Result<Vec<Area>, StoreError> {
    use places_areas::Column;
    let rows = scope
        .find::<places_areas::Entity>()
        .filter(Condition::all().add(Column::SiteId.eq(site)).add(Column::ClosedAt.is_null()))
        .ascending(Column::Name)
        .all()
        .await?;
    Ok(rows.into_iter().map(Area::from).collect())
}

impl From<places_sites::Model> for Site {
    fn from(row: places_sites::Model) -> Self {
        Self { id: row.id, name: row.name, address: row.address, zone: row.zone }
    }
}

impl From<places_areas::Model> for Area {
    fn from(row: places_areas::Model) -> Self {
        Self { id: row.id, site: row.site_id, name: row.name }
    }
}
