//! Pages and API for grants, schedules and rules; who can, and why.
//!
//! The use cases stand one to a file ([`give_right`], `withdraw_right`, `change_schedule`, `change_rules`); each asks whether
//! the actor may, lets the policy write, and commits with an audit entry. Administrators give everything; who holds
//! *manage* on a thing may lend it: give and withdraw *view* and *exchange* on it.

mod api;
mod authzen;
mod change_rules;
mod change_schedule;
mod error;
mod explain;
mod give_right;
mod ics;
mod labels;
mod names;
mod pages;
mod standing;
mod withdraw_right;
mod words;

use std::sync::Arc;

use sekisho_policy::Policy;
use sekisho_storage::Store;
use sekisho_web::{Access, Mounted, NavItem, Routes, TextSource};
use utoipa::OpenApi as _;

pub use error::RightsError;
pub use names::{Names, NamesOfIdentity};
pub use pages::samplers;
pub use standing::Standing;

/// The rights of tenants, as people and programs handle them.
#[derive(Clone)]
pub struct Rights {
    pub(crate) store: Store,
    pub(crate) policy: Policy,
    pub(crate) names: Arc<dyn Names>,
}

impl Rights {
    /// On a store and the policy over it; `names` tells what people and groups are called.
    pub fn new(store: Store, policy: Policy, names: Arc<dyn Names>) -> Self {
        Self { store, policy, names }
    }

    /// Pages and API.
    pub fn routes(&self) -> Mounted {
        use Access::{Administrator, Person, Proven};
        Routes::new("rights")
            .get("/rights", Person, pages::grants::list)
            .post("/rights", Person, pages::new_grant::give)
            .get("/rights/new", Person, pages::new_grant::new)
            .get("/rights/why", Person, pages::why::why)
            .get("/rights/{id}", Person, pages::grants::one)
            .post("/rights/{id}/withdraw", Person, pages::grants::withdraw)
            .post("/rights/{id}/reinstate", Person, pages::grants::reinstate)
            .get("/rights/schedules", Administrator, pages::schedules::list)
            .post("/rights/schedules", Administrator, pages::schedules::make)
            .post("/rights/schedules/preview", Administrator, pages::schedules::preview)
            .get("/rights/schedules/new", Administrator, pages::schedules::new)
            .get("/rights/schedules/{id}", Administrator, pages::schedules::one)
            .post("/rights/schedules/{id}", Administrator, pages::schedules::change)
            .post("/rights/schedules/{id}/remove", Administrator, pages::schedules::remove)
            .get("/rights/calendars/new", Administrator, pages::calendars::new)
            .post("/rights/calendars", Administrator, pages::calendars::make)
            .get("/rights/calendars/{id}", Administrator, pages::calendars::one)
            .post("/rights/calendars/{id}", Administrator, pages::calendars::change)
            .get("/rights/rules", Proven, pages::rules::show)
            .post("/rights/rules", Proven, pages::rules::save)
            .get("/api/v1/grants", Person, api::list_grants)
            .post("/api/v1/grants", Person, api::give)
            .get("/api/v1/grants/{id}", Person, api::one_grant)
            .delete("/api/v1/grants/{id}", Person, api::withdraw)
            .get("/api/v1/schedules", Person, api::list_schedules)
            .post("/api/v1/schedules", Administrator, api::make_schedule)
            .get("/api/v1/schedules/{id}", Person, api::one_schedule)
            .put("/api/v1/schedules/{id}", Administrator, api::change_schedule)
            .delete("/api/v1/schedules/{id}", Administrator, api::remove_schedule)
            .get("/api/v1/calendars", Person, api::list_calendars)
            .post("/api/v1/calendars", Administrator, api::make_calendar)
            .put("/api/v1/calendars/{id}", Administrator, api::change_calendar)
            .get("/api/v1/rules", Administrator, api::rules)
            .put("/api/v1/rules", Proven, api::save_rules)
            .post("/api/v1/rules/preview", Administrator, api::preview_rules)
            .post("/api/v1/decisions/why", Person, api::why)
            .get("/api/v1/reach", Person, api::reach)
            .get("/api/v1/resources/{id}/who-can", Person, api::who_can)
            .get("/api/v1/resources", Person, api::resources)
            .post("/access/v1/evaluation", Administrator, authzen::evaluation)
            .post("/access/v1/evaluations", Administrator, authzen::evaluations)
            .describe(api::Description::openapi)
            .with_state(self.clone())
    }
}

/// The entry of the rail.
pub fn nav() -> NavItem {
    NavItem {
        order: 65,
        text: "rights-title",
        href: "/rights",
        icon: "shield-check",
        administrator_only: true,
    }
}

/// The texts of this room.
pub fn texts() -> TextSource {
    TextSource {
        module: "rights",
        ja: include_str!("../texts/ja.ftl"),
        en: include_str!("../texts/en.ftl"),
        zh: "",
        ko: "",
    }
}
