//! Opening, changing and closing sites and areas. Each is a resource of the policy, an area lying in its site.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition};
use sekisho_kernel::{AuditEntry, Cx, FieldError, Kind, Kinded, ResourceId, SiteId};
use sekisho_policy::PolicyError;
use sekisho_storage::{Scoped, StoreError, Tx};
use serde::{Deserialize, Serialize};

use crate::tables::{AreaId, places_areas, places_sites};
use crate::{AREA, Area, Places, SITE, Site, reads};

/// What a site is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct NewSite {
    /// What people call it.
    pub name: String,
    /// Where it is.
    pub address: String,
    /// IANA name of its time zone.
    pub zone: String,
}

/// Why a place could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// There is none such, or it was closed.
    #[error("no such place")]
    Missing,
    /// The name is empty or too long.
    #[error("the name is empty or too long")]
    Name,
    /// The address is too long.
    #[error("the address is too long")]
    Address,
    /// There is no such time zone.
    #[error("unknown time zone")]
    Zone,
    /// Somebody else changed it first.
    #[error("changed by somebody else")]
    Changed,
    /// The store failed.
    #[error("store")]
    Store(#[from] StoreError),
    /// The policy refused or failed.
    #[error("policy")]
    Policy(#[from] PolicyError),
}

impl Kinded for PlaceError {
    fn kind(&self) -> Kind {
        let field = |field, text| Kind::Invalid(vec![FieldError { field, text }]);
        match self {
            Self::Missing => Kind::Missing,
            Self::Name => field("name", "places-error-name"),
            Self::Address => field("address", "places-error-address"),
            Self::Zone => field("zone", "places-error-zone"),
            Self::Changed => Kind::Conflict,
            Self::Store(error) => error.kind(),
            Self::Policy(error) => error.kind(),
        }
    }
}

/// A name without blanks around it, of 1 to 100 letters.
fn name_of(text: &str) -> Result<String, PlaceError> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > 100 || name.contains(char::is_control) {
        return Err(PlaceError::Name);
    }
    Ok(name.to_owned())
}

impl NewSite {
    /// The same, tidied, when it can be.
    pub(crate) fn checked(&self) -> Result<Self, PlaceError> {
        let name = name_of(&self.name)?;
        let address = self.address.trim();
        if address.chars().count() > 300 {
            return Err(PlaceError::Address);
        }
        let zone = self.zone.trim();
        if jiff::tz::TimeZone::get(zone).is_err() {
            return Err(PlaceError::Zone);
        }
        Ok(Self { name, address: address.to_owned(), zone: zone.to_owned() })
    }
}

impl Places {
    /// Opens a site. The caller has checked that the actor administers the tenant.
    pub async fn open_site(&self, cx: &Cx, new: &NewSite) -> Result<SiteId, PlaceError> {
        let new = new.checked()?;
        let id: SiteId = cx.fresh_id();
        let mut tx = self.store.begin(cx).await?;
        tx.insert::<places_sites::Entity>(places_sites::ActiveModel {
            tenant_id: Set(cx.tenant),
            id: Set(id),
            name: Set(new.name.clone()),
            address: Set(new.address),
            zone: Set(new.zone.clone()),
            version: Set(1),
            closed_at: Set(None),
        })
        .await?;
        self.policy.register(&mut tx, ResourceId(id.uuid()), SITE, &new.name).await?;
        self.policy.keep_time_of(&mut tx, ResourceId(id.uuid()), &new.zone).await?;
        tx.commit(AuditEntry::done("site.open").on(SITE, id, new.name).with("zone", new.zone)).await?;
        Ok(id)
    }

    /// Changes a site. With `seen`, only when nobody changed it since that version.
    pub async fn change_site(
        &self,
        cx: &Cx,
        id: SiteId,
        new: &NewSite,
        seen: Option<i64>,
    ) -> Result<(), PlaceError> {
        use places_sites::Column;
        let new = new.checked()?;
        let mut tx = self.store.begin(cx).await?;
        let row = open_row(&tx, id).await?;
        if seen.is_some_and(|seen| seen != row.version) {
            return Err(PlaceError::Changed);
        }
        tx.update::<places_sites::Entity>()
            .set(Column::Name, new.name.clone())
            .set(Column::Address, new.address)
            .set(Column::Zone, new.zone.clone())
            .set(Column::Version, row.version.saturating_add(1))
            .filter(Column::Id.eq(id))
            .exec()
            .await?;
        self.policy.register(&mut tx, ResourceId(id.uuid()), SITE, &new.name).await?;
        self.policy.keep_time_of(&mut tx, ResourceId(id.uuid()), &new.zone).await?;
        let entry = AuditEntry::done("site.change").on(SITE, id, new.name);
        tx.commit(entry.with("zone", new.zone).with("zone_before", row.zone)).await?;
        Ok(())
    }

    /// Closes a site: nothing is allowed there any more, its history stays.
    pub async fn close_site(&self, cx: &Cx, id: SiteId) -> Result<(), PlaceError> {
        use places_sites::Column;
        let mut tx = self.store.begin(cx).await?;
        let row = open_row(&tx, id).await?;
        tx.update::<places_sites::Entity>()
            .set(Column::ClosedAt, cx.now)
            .set(Column::Version, row.version.saturating_add(1))
            .filter(Column::Id.eq(id))
            .exec()
            .await?;
        self.policy.retire(&mut tx, ResourceId(id.uuid())).await?;
        tx.commit(AuditEntry::done("site.close").on(SITE, id, row.name)).await?;
        Ok(())
    }

    /// Takes a closing back.
    pub async fn reopen_site(&self, cx: &Cx, id: SiteId) -> Result<(), PlaceError> {
        use places_sites::Column;
        let mut tx = self.store.begin(cx).await?;
        let row = tx.find::<places_sites::Entity>().filter(Column::Id.eq(id)).one().await?;
        let row = row.ok_or(PlaceError::Missing)?;
        tx.update::<places_sites::Entity>()
            .set(Column::ClosedAt, Option::<sekisho_kernel::Timestamp>::None)
            .set(Column::Version, row.version.saturating_add(1))
            .filter(Column::Id.eq(id))
            .exec()
            .await?;
        self.policy.register(&mut tx, ResourceId(id.uuid()), SITE, &row.name).await?;
        tx.commit(AuditEntry::done("site.reopen").on(SITE, id, row.name)).await?;
        Ok(())
    }

    /// Adds an area to a site.
    pub async fn open_area(&self, cx: &Cx, site: SiteId, name: &str) -> Result<AreaId, PlaceError> {
        let name = name_of(name)?;
        let id: AreaId = cx.fresh_id();
        let mut tx = self.store.begin(cx).await?;
        open_row(&tx, site).await?;
        tx.insert::<places_areas::Entity>(places_areas::ActiveModel {
            tenant_id: Set(cx.tenant),
            id: Set(id),
            site_id: Set(site),
            name: Set(name.clone()),
            closed_at: Set(None),
        })
        .await?;
        self.policy.register(&mut tx, ResourceId(id.uuid()), AREA, &name).await?;
        self.policy.place_in(&mut tx, ResourceId(id.uuid()), ResourceId(site.uuid())).await?;
        tx.commit(AuditEntry::done("area.open").on(AREA, id, name).with("site", site)).await?;
        Ok(id)
    }

    /// Closes an area.
    pub async fn close_area(&self, cx: &Cx, site: SiteId, id: AreaId) -> Result<(), PlaceError> {
        use places_areas::Column;
        let mut tx = self.store.begin(cx).await?;
        let this = Condition::all()
            .add(Column::Id.eq(id))
            .add(Column::SiteId.eq(site))
            .add(Column::ClosedAt.is_null());
        let row = tx.find::<places_areas::Entity>().filter(this).one().await?.ok_or(PlaceError::Missing)?;
        tx.update::<places_areas::Entity>()
            .set(Column::ClosedAt, cx.now)
            .filter(Column::Id.eq(id))
            .exec()
            .await?;
        self.policy.retire(&mut tx, ResourceId(id.uuid())).await?;
        tx.commit(AuditEntry::done("area.close").on(AREA, id, row.name).with("site", site)).await?;
        Ok(())
    }

    /// One open site with its version.
    pub(crate) async fn open_one(&self, cx: &Cx, id: SiteId) -> Result<(Site, i64, Vec<Area>), PlaceError> {
        let scope = self.store.read(cx.tenant).await?;
        let row = open_row(&scope, id).await?;
        let areas = reads::areas(&scope, id).await?;
        let version = row.version;
        Ok((row.into(), version, areas))
    }
}

async fn open_row(scope: &impl Scoped, id: SiteId) -> Result<places_sites::Model, PlaceError> {
    use places_sites::Column;
    let this = Condition::all().add(Column::Id.eq(id)).add(Column::ClosedAt.is_null());
    scope.find::<places_sites::Entity>().filter(this).one().await?.ok_or(PlaceError::Missing)
}

/// Kept for callers that register things of their own beside a site, in their own transaction.
pub async fn site_must_be_open(tx: &Tx, id: SiteId) -> Result<Site, PlaceError> {
    Ok(open_row(tx, id).await?.into())
}

#[cfg(test)]
mod tests {
    use super::{NewSite, PlaceError};

    #[test]
    fn what_a_site_may_be() {
        let site = |name: &str, address: &str, zone: &str| NewSite {
            name: name.to_owned(),
            address: address.to_owned(),
            zone: zone.to_owned(),
        };
        let tidy = site("  大阪支店 ", " 大阪市北区 ", " Asia/Tokyo").checked().unwrap();
        assert_eq!(tidy, site("大阪支店", "大阪市北区", "Asia/Tokyo"));
        assert!(site("x", "", "America/New_York").checked().is_ok());
        assert!(matches!(site("  ", "", "Asia/Tokyo").checked(), Err(PlaceError::Name)));
        assert!(matches!(site(&"あ".repeat(101), "", "Asia/Tokyo").checked(), Err(PlaceError::Name)));
        assert!(matches!(site("a\u{7}", "", "Asia/Tokyo").checked(), Err(PlaceError::Name)));
        assert!(matches!(site("a", &"あ".repeat(301), "Asia/Tokyo").checked(), Err(PlaceError::Address)));
        assert!(matches!(site("a", "", "Mars/Olympus").checked(), Err(PlaceError::Zone)));
        assert!(matches!(site("a", "", "").checked(), Err(PlaceError::Zone)));
    }
}
