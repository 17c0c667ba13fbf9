//! Sites, zones, time zones, holidays.
//!
//! A site is a place with an address and a time zone; areas (zones) lie inside it. Both are resources of the policy
//! (kinds `site` and `area`), so that a right given on a site reaches everything placed in it.

pub mod reads;
pub mod tables;

pub use reads::{area, areas, site, sites, zone_of};
pub use tables::{AreaId, migrations};

use sekisho_kernel::{ResourceId, SiteId};

/// The kind under which sites are registered with the policy.
pub const SITE: &str = "site";
/// The kind under which areas are registered with the policy.
pub const AREA: &str = "area";
/// The zone of a site that is gone, and of a tenant without sites.
pub const HOME_ZONE: &str = "Asia/Tokyo";

/// A place with an address and a time zone.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Site {
    /// Its id; the same number names it as a resource.
    pub id: SiteId,
    /// What people call it.
    pub name: String,
    /// Where it is.
    pub address: String,
    /// IANA name, such as `Asia/Tokyo`.
    pub zone: String,
}

impl Site {
    /// The site as a resource of the policy.
    pub fn resource(&self) -> ResourceId {
        ResourceId(self.id.uuid())
    }
}

/// A part of a site.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Area {
    /// Its id; the same number names it as a resource.
    pub id: AreaId,
    /// The site it lies in.
    pub site: SiteId,
    /// What people call it.
    pub name: String,
}
