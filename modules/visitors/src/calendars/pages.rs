//! `/settings/visitors/calendars`: which calendars are connected, how they fare, and the form of one.

mod form;
mod list;
mod samples;

use sekisho_web::{Access, Routes};

use crate::Visitors;

pub(crate) use samples::samplers;

const HERE: &str = "/settings/visitors/calendars";

/// The routes of the pages.
pub(super) fn routes() -> Routes<Visitors> {
    use Access::{Administrator, Proven};
    Routes::new("visitors")
        .get("/settings/visitors/calendars", Administrator, list::show)
        .get("/settings/visitors/calendars/new/{kind}", Proven, form::new)
        .post("/settings/visitors/calendars/new/{kind}", Proven, form::add)
        .get("/settings/visitors/calendars/{id}", Proven, form::show)
        .post("/settings/visitors/calendars/{id}", Proven, form::save)
        .post("/settings/visitors/calendars/{id}/remove", Proven, form::remove)
        .post("/settings/visitors/calendars/{id}/read", Administrator, list::read)
}
