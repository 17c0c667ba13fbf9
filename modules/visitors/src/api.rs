//! The API: everything the pages can do, under `/api/v1/visitors`.

mod appointments;
mod guests;
mod imports;
mod keys;
mod settings;
mod visits;

use sekisho_web::{Access, Routes};
use utoipa::OpenApi;

use crate::Visitors;

/// The routes of the API.
pub(crate) fn routes() -> Routes<Visitors> {
    let own = Access::Person;
    Routes::new("visitors")
        .post("/api/v1/visitors/appointments", own, appointments::make)
        .get("/api/v1/visitors/appointments/{id}", own, appointments::one)
        .put("/api/v1/visitors/appointments/{id}", own, appointments::change)
        .delete("/api/v1/visitors/appointments/{id}", own, appointments::cancel)
        .post("/api/v1/visitors/appointments/{id}/guests", own, appointments::add_guest)
        .put("/api/v1/visitors/appointments/{id}/following", own, appointments::change_following)
        .delete("/api/v1/visitors/appointments/{id}/following", own, appointments::cancel_following)
        .post(
            "/api/v1/visitors/appointments/{id}/following/guests",
            own,
            appointments::add_guest_to_following,
        )
        .get("/api/v1/visitors/appointments/{id}/passes", own, appointments::passes)
        .get("/api/v1/visitors/visits", own, visits::list)
        .get("/api/v1/visitors/evacuation", own, visits::present)
        .get("/api/v1/visitors/visits/{id}", own, visits::one)
        .delete("/api/v1/visitors/visits/{id}", own, visits::cancel)
        .delete("/api/v1/visitors/visits/{id}/following", own, visits::cancel_following)
        .post("/api/v1/visitors/visits/{id}/answer", own, visits::answer)
        .post("/api/v1/visitors/visits/{id}/pass-on", own, visits::pass_on)
        .get("/api/v1/visitors/visits/{id}/guest", own, visits::guest)
        .put("/api/v1/visitors/visits/{id}/guest", own, visits::change_guest)
        .post("/api/v1/visitors/visits/{id}/arrive", own, visits::arrive)
        .post("/api/v1/visitors/visits/{id}/admit", own, visits::admit)
        .post("/api/v1/visitors/visits/{id}/guard-asked", own, visits::guard_asked)
        .post("/api/v1/visitors/visits/{id}/refuse", own, visits::refuse)
        .post("/api/v1/visitors/visits/{id}/check-out", own, visits::check_out)
        .post("/api/v1/visitors/check-in", own, visits::check_in)
        .post("/api/v1/visitors/wave-in", own, visits::wave_in)
        .get("/api/v1/visitors/visits/{id}/keys", own, keys::one)
        .post("/api/v1/visitors/visits/{id}/keys", own, keys::book)
        .delete("/api/v1/visitors/visits/{id}/keys", own, keys::cancel)
        .get("/api/v1/visitors/visits/{id}/keys/offered", own, keys::offered)
        .describe(keys::Description::openapi)
        .get("/api/v1/visitors/guests/{id}", own, guests::one)
        .delete("/api/v1/visitors/guests/{id}", Access::Proven, guests::erase)
        .describe(guests::Description::openapi)
        .post("/api/v1/visitors/import", own, imports::import)
        .describe(imports::Description::openapi)
        .get("/api/v1/visitors/settings", Access::Administrator, settings::show)
        .put("/api/v1/visitors/settings", Access::Administrator, settings::save)
        .describe(settings::Description::openapi)
        .describe(appointments::Description::openapi)
        .describe(visits::Description::openapi)
}
