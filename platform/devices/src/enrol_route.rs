//! The one route a device uses over HTTPS: a claim code for a certificate. Everything after that is MQTT.

use axum::Json;
use axum::extract::State;
use sekisho_kernel::Kinded as _;
use sekisho_wire::{Enrol, Enrolled};
use sekisho_web::{Access, Asker, Mounted, Result, Routes};

use crate::Devices;

impl Devices {
    /// The route of enrolment.
    pub fn enrolment_routes(&self) -> Mounted {
        let public = Access::Public("a device has no certificate yet; it shows a one-time claim code");
        Routes::new("devices").post("/api/v1/enrol", public, enrol).describe(Description::openapi()).with_state(self.clone())
    }
}

/// Gives a device its certificate for a one-time claim code.
#[utoipa::path(post, path = "/api/v1/enrol", tag = "devices",
    responses((status = 200, description = "The certificate, what to trust and where to connect"),
              (status = 404, description = "The claim code is wrong, used or too old")))]
async fn enrol(State(devices): State<Devices>, asker: Asker, Json(ask): Json<Enrol>) -> Result<Json<Enrolled>> {
    match devices.enrol(&asker.cx, ask).await {
        Ok(enrolled) => Ok(Json(enrolled)),
        Err(error) => {
            metrics::counter!("sekisho_enrolments_refused_total").increment(1);
            tracing::info!(kind = ?error.kind(), %error, "enrolment refused");
            Err(error.into())
        }
    }
}

#[derive(utoipa::OpenApi)]
#[openapi(paths(enrol))]
struct Description;

impl Description {
    fn openapi() -> utoipa::openapi::OpenApi {
        <Self as utoipa::OpenApi>::openapi()
    }
}
