//! The administration of terminals: which there are, how they look, what was handed in there.

mod deliveries;
mod list;
mod samples;
mod settings;

use sekisho_web::{Access, Routes};

use crate::Visitors;

pub(crate) use samples::samplers;

/// The routes of the pages.
pub(crate) fn routes() -> Routes<Visitors> {
    use Access::{Administrator, Person};
    Routes::new("visitors")
        .get("/visitors/terminals", Administrator, list::show)
        .get("/visitors/terminals.csv", Administrator, list::download)
        .post("/visitors/terminals", Administrator, list::add)
        .post("/visitors/terminals/{id}/code", Administrator, list::code)
        .post("/visitors/terminals/{id}/revoke", Administrator, list::revoke)
        .get("/settings/visitors/terminal", Administrator, settings::show)
        .post("/settings/visitors/terminal", Administrator, settings::save)
        .post("/settings/visitors/terminal/picture", Administrator, settings::hang)
        .post("/settings/visitors/terminal/picture/remove", Administrator, settings::take_down)
        .get("/visitors/deliveries", Person, deliveries::show)
        .get("/visitors/deliveries.csv", Person, deliveries::download)
}
