//! `/settings/visitors/badges`: how badges look, and the printers; and the badge of one guest, for the desk.

mod printer;
mod samples;
mod settings;
mod visit;

use sekisho_web::{Access, Routes};

use crate::Visitors;

pub(crate) use samples::samplers;
pub(crate) use visit::{button, shown};

/// Where badges are set.
pub(crate) const HERE: &str = "/settings/visitors/badges";
const PRINTERS: &str = "/settings/visitors/printers";

/// The routes of the pages.
pub(super) fn routes() -> Routes<Visitors> {
    use Access::{Administrator, Person, Proven};
    Routes::new("visitors")
        .get("/settings/visitors/badges", Administrator, settings::show)
        .post("/settings/visitors/badges", Administrator, settings::save)
        .get("/settings/visitors/badges/preview.png", Administrator, settings::picture)
        .get("/settings/visitors/printers/new", Proven, printer::new)
        .post("/settings/visitors/printers/new", Proven, printer::add)
        .get("/settings/visitors/printers/{id}", Proven, printer::show)
        .post("/settings/visitors/printers/{id}", Proven, printer::save)
        .post("/settings/visitors/printers/{id}/remove", Proven, printer::remove)
        .post("/settings/visitors/printers/{id}/try", Administrator, printer::try_out)
        .get("/visitors/visits/{id}/badge", Person, visit::show)
        .post("/visitors/visits/{id}/badge", Person, visit::print)
        .get("/visitors/visits/{id}/badge.png", Person, super::api::picture)
}
