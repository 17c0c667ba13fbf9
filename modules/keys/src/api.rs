//! The API: everything the pages can do, under `/api/v1`.

mod alerts;
mod bookings;
mod boxes;
mod keys;
mod payments;
mod pictures;
mod reports;

use sekisho_web::{Access, Routes};
use serde::{Deserialize, Serialize};
use utoipa::OpenApi;
use uuid::Uuid;

use crate::Keys;

/// The id of something made.
#[derive(Serialize, utoipa::ToSchema)]
struct Made {
    id: Uuid,
}

impl Made {
    fn new(id: impl Into<Uuid>) -> Self {
        Self { id: id.into() }
    }
}

/// A body that gives a reason.
#[derive(Deserialize, utoipa::ToSchema)]
struct ReasonBody {
    /// Why; it goes into the record.
    #[serde(default)]
    reason: String,
}

/// The routes of the API.
pub(crate) fn routes() -> Routes<Keys> {
    let own = Access::Person;
    Routes::new("keys")
        .get("/api/v1/keys", own, keys::list)
        .post("/api/v1/keys", own, keys::add)
        .get("/api/v1/keys/{id}", own, keys::one)
        .put("/api/v1/keys/{id}", own, keys::edit)
        .post("/api/v1/keys/{id}/withdraw", own, keys::withdraw)
        .post("/api/v1/keys/{id}/take-out", own, keys::take)
        .post("/api/v1/keys/{id}/lend", own, keys::lend)
        .get("/api/v1/keys/{id}/loans", own, keys::loans)
        .post("/api/v1/keys/{id}/loans", own, keys::register_loan)
        .post("/api/v1/keys/{id}/return", own, keys::give_back)
        .post("/api/v1/keys/{id}/faults", own, keys::fault)
        .post("/api/v1/keys/{id}/hand-over", own, keys::hand_over)
        .post("/api/v1/key-hand-overs/{id}/confirm", own, keys::confirm)
        .get("/api/v1/keys/{id}/keycodes", own, keys::keycodes)
        .post("/api/v1/keys/{id}/keycodes", own, keys::make_keycode)
        .delete("/api/v1/keycodes/{id}", own, keys::cancel_keycode)
        .get("/api/v1/key-boxes", own, boxes::list)
        .post("/api/v1/key-boxes", own, boxes::add)
        .get("/api/v1/key-boxes/{id}", own, boxes::one)
        .put("/api/v1/key-boxes/{id}", own, boxes::edit)
        .delete("/api/v1/key-boxes/{id}", own, boxes::retire)
        .put("/api/v1/key-boxes/{id}/device", own, boxes::connect)
        .get("/api/v1/key-boxes/{id}/openings", own, boxes::openings)
        .get("/api/v1/key-boxes/{id}/camera", own, pictures::camera)
        .put("/api/v1/key-boxes/{id}/camera", own, pictures::set_camera)
        .get("/api/v1/key-boxes/{id}/pictures", own, pictures::list)
        .get("/api/v1/key-pictures/{id}", own, pictures::one)
        .get("/api/v1/key-pictures/{id}/image", own, pictures::image)
        .post("/api/v1/key-pictures/{id}/delete", own, pictures::delete)
        .post("/api/v1/key-boxes/{id}/bins/{bin}/light", own, boxes::light)
        .post("/api/v1/key-boxes/{id}/bins/{bin}/open", own, boxes::open)
        .post("/api/v1/key-boxes/{id}/bins/{bin}/disable", own, boxes::disable)
        .post("/api/v1/key-boxes/{id}/bins/{bin}/enable", own, boxes::enable)
        .post("/api/v1/key-boxes/{id}/unlock-master", own, boxes::unlock)
        .get("/api/v1/key-groups", own, boxes::groups)
        .post("/api/v1/key-groups", own, boxes::add_group)
        .get("/api/v1/key-groups/{id}", own, boxes::one_group)
        .put("/api/v1/key-groups/{id}", own, boxes::rename_group)
        .delete("/api/v1/key-groups/{id}", own, boxes::remove_group)
        .put("/api/v1/key-groups/{id}/keys/{key}", own, boxes::put_in_group)
        .delete("/api/v1/key-groups/{id}/keys/{key}", own, boxes::take_from_group)
        .get("/api/v1/key-bookings", own, bookings::list)
        .post("/api/v1/key-bookings", own, bookings::make)
        .get("/api/v1/key-bookings/{id}", own, bookings::one)
        .delete("/api/v1/key-bookings/{id}", own, bookings::cancel)
        .get("/api/v1/key-loans", own, reports::loans)
        .get("/api/v1/key-holders", own, reports::holders)
        .get("/api/v1/key-idle", own, reports::idle)
        .get("/api/v1/key-inventory", own, reports::inventory)
        .post("/api/v1/key-inventory/mend", own, reports::mend)
        .get("/api/v1/key-alerts", own, alerts::list)
        .post("/api/v1/key-alerts", own, alerts::add)
        .get("/api/v1/key-alerts/{id}", own, alerts::one)
        .put("/api/v1/key-alerts/{id}", own, alerts::save)
        .delete("/api/v1/key-alerts/{id}", own, alerts::remove)
        .describe(keys::Description::openapi)
        .describe(boxes::Description::openapi)
        .describe(bookings::Description::openapi)
        .describe(reports::Description::openapi)
        .describe(alerts::Description::openapi)
        .get("/api/v1/key-payment-account", Access::Administrator, payments::show)
        .put("/api/v1/key-payment-account", Access::Proven, payments::set)
        .delete("/api/v1/key-payment-account", Access::Proven, payments::remove)
        .describe(pictures::Description::openapi)
        .describe(payments::Description::openapi)
}
