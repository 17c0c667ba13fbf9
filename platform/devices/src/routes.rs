//! Pages and API of devices: for administrators, and one route for devices that have a claim code.

use sekisho_web::{Access, Mounted, NavItem, Routes, TextSource};
use utoipa::OpenApi as _;

use crate::{Devices, api, pages, update_api};

impl Devices {
    /// The routes.
    pub fn routes(&self) -> Mounted {
        Routes::new("devices")
            .get("/devices", Access::Administrator, pages::list)
            .get("/devices.csv", Access::Administrator, pages::list_csv)
            .get("/devices/new", Access::Administrator, pages::new)
            .post("/devices/new", Access::Administrator, pages::add)
            .get("/devices/updates", Access::Administrator, pages::updates::list)
            .get("/devices/updates.csv", Access::Administrator, pages::updates::list_csv)
            .get("/devices/updates/new", Access::Proven, pages::updates::new)
            .post("/devices/updates/new", Access::Proven, pages::updates::start)
            .get("/devices/updates/publish", Access::Proven, pages::publish::show)
            .post_upload(
                "/devices/updates/publish",
                Access::Proven,
                pages::publish::MOST_BYTES,
                pages::publish::take,
            )
            .get("/devices/updates/{id}", Access::Administrator, pages::updates::one)
            .post("/devices/updates/{id}/pause", Access::Administrator, pages::updates::pause)
            .post("/devices/updates/{id}/resume", Access::Proven, pages::updates::resume)
            .post("/devices/updates/{id}/stop", Access::Administrator, pages::updates::stop)
            .get("/devices/{id}", Access::Administrator, pages::overview)
            .get("/devices/{id}/events", Access::Administrator, pages::events)
            .get("/devices/{id}/commands", Access::Administrator, pages::commands)
            .get("/devices/{id}/settings", Access::Administrator, pages::settings)
            .post("/devices/{id}/settings", Access::Administrator, pages::change)
            .post("/devices/{id}/claim", Access::Administrator, pages::claim)
            .post("/devices/{id}/restart", Access::Administrator, pages::restart)
            .post("/devices/{id}/revoke", Access::Proven, pages::revoke)
            .get("/api/v1/devices", Access::Administrator, api::list)
            .post("/api/v1/devices", Access::Administrator, api::add)
            .get("/api/v1/devices/updates", Access::Administrator, update_api::published)
            .post("/api/v1/devices/updates", Access::Proven, update_api::publish)
            .put(
                "/api/v1/devices/updates/images/{sha256}/{part}",
                Access::Administrator,
                update_api::put_part,
            )
            .get("/api/v1/devices/rollouts", Access::Administrator, update_api::rollouts)
            .post("/api/v1/devices/rollouts", Access::Proven, update_api::start)
            .get("/api/v1/devices/rollouts/{id}", Access::Administrator, update_api::rollout)
            .get("/api/v1/devices/rollouts/{id}/devices", Access::Administrator, update_api::rollout_devices)
            .post("/api/v1/devices/rollouts/{id}/pause", Access::Administrator, update_api::pause)
            .post("/api/v1/devices/rollouts/{id}/resume", Access::Proven, update_api::resume)
            .post("/api/v1/devices/rollouts/{id}/stop", Access::Administrator, update_api::stop)
            .get("/api/v1/devices/{id}", Access::Administrator, api::one)
            .put("/api/v1/devices/{id}", Access::Administrator, api::change)
            .delete("/api/v1/devices/{id}", Access::Proven, api::revoke)
            .post("/api/v1/devices/{id}/claim", Access::Administrator, api::claim)
            .post("/api/v1/devices/{id}/restart", Access::Administrator, api::restart)
            .get("/api/v1/devices/{id}/events", Access::Administrator, api::events)
            .get("/api/v1/devices/{id}/commands", Access::Administrator, api::commands)
            .post(
                "/api/v1/enrol",
                Access::Public("a device that has nothing yet but its one-time claim code"),
                api::enrol,
            )
            .describe(api::Description::openapi)
            .describe(update_api::Description::openapi)
            .with_state(self.clone())
    }
}

/// The entry of the rail.
pub fn nav() -> NavItem {
    NavItem { order: 70, text: "devices-title", href: "/devices", icon: "devices", administrator_only: true }
}

/// The texts of these pages.
pub fn texts() -> TextSource {
    TextSource {
        module: "devices",
        ja: include_str!("../texts/ja.ftl"),
        en: include_str!("../texts/en.ftl"),
        zh: include_str!("../texts/zh.ftl"),
        ko: include_str!("../texts/ko.ftl"),
    }
}
