//! Sites, zones, time zones, holidays.
//!
//! A site is a place with an address and a time zone; areas (zones) lie inside it. Both are resources of the policy
//! (kinds `site` and `area`), so that a right given on a site reaches everything placed in it.

mod api;
mod change;
mod pages;
pub mod reads;
pub mod tables;
pub mod zones;

pub use change::{NewSite, PlaceError, site_must_be_open};
pub use pages::samplers;
pub use reads::{area, areas, site, sites, zone_of};
pub use tables::{AreaId, migrations};

use sekisho_kernel::{ResourceId, SiteId};
use sekisho_policy::Policy;
use sekisho_storage::Store;
use sekisho_web::{Access, Mounted, Routes, TextSource};
use utoipa::OpenApi as _;

/// The kind under which sites are registered with the policy.
pub const SITE: &str = "site";
/// The kind under which areas are registered with the policy.
pub const AREA: &str = "area";
/// The zone of a site that is gone, and of a tenant without sites.
pub const HOME_ZONE: &str = "Asia/Tokyo";

/// A place with an address and a time zone.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
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
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Area {
    /// Its id; the same number names it as a resource.
    pub id: AreaId,
    /// The site it lies in.
    pub site: SiteId,
    /// What people call it.
    pub name: String,
}

/// The places of the tenants.
#[derive(Clone)]
pub struct Places {
    store: Store,
    policy: Policy,
}

impl Places {
    /// On `store`, registering places with `policy`.
    pub fn new(store: Store, policy: Policy) -> Self {
        Self { store, policy }
    }

    /// Pages and API.
    pub fn routes(&self) -> Mounted {
        use Access::{Administrator, Person};
        Routes::new("places")
            .get("/settings/places", Administrator, pages::list)
            .post("/settings/places", Administrator, pages::open)
            .get("/settings/places/new", Administrator, pages::new)
            .get("/settings/places/{id}", Administrator, pages::one)
            .post("/settings/places/{id}", Administrator, pages::change)
            .post("/settings/places/{id}/close", Administrator, pages::close)
            .post("/settings/places/{id}/reopen", Administrator, pages::reopen)
            .post("/settings/places/{id}/areas", Administrator, pages::open_area)
            .post("/settings/places/{id}/areas/{area}/close", Administrator, pages::close_area)
            .get("/api/v1/sites", Person, api::list)
            .post("/api/v1/sites", Administrator, api::open)
            .get("/api/v1/sites/{id}", Person, api::one)
            .put("/api/v1/sites/{id}", Administrator, api::change)
            .delete("/api/v1/sites/{id}", Administrator, api::close)
            .get("/api/v1/sites/{id}/areas", Person, api::areas)
            .post("/api/v1/sites/{id}/areas", Administrator, api::open_area)
            .delete("/api/v1/sites/{id}/areas/{area}", Administrator, api::close_area)
            .describe(api::Description::openapi)
            .with_state(self.clone())
    }
}

/// The texts of this room.
pub fn texts() -> TextSource {
    TextSource {
        module: "places",
        ja: include_str!("../texts/ja.ftl"),
        en: include_str!("../texts/en.ftl"),
        zh: "",
        ko: "",
    }
}
