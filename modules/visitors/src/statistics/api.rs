//! The figures, for programs.

use axum::extract::State;
use axum::response::IntoResponse;
use sekisho_kernel::SiteId;
use sekisho_web::{Asker, Json, Query, Result};
use serde::Deserialize;
use utoipa::OpenApi;

use super::{Period, Sum};
use crate::Visitors;

/// Description of these routes.
#[derive(OpenApi)]
#[openapi(paths(show))]
pub(super) struct Description;

/// `?site=…&from=2026-11-01&until=2026-11-30`
#[derive(Default, Deserialize)]
pub(super) struct Ask {
    pub(super) site: Option<SiteId>,
    pub(super) from: String,
    pub(super) until: String,
}

impl Ask {
    pub(super) fn period(&self) -> Period {
        Period { site: self.site, from: self.from.clone(), until: self.until.clone() }
    }
}

/// How many guests came, when, and how long they waited, at the sites whose desk the caller is. The figures stay when visits
/// are removed. A visit of several days counts on its first day.
#[utoipa::path(get, path = "/api/v1/visitors/statistics", tag = "visitors", params(("site" = Option<String>, Query, description = "Only of this site"), ("from" = Option<String>, Query, description = "From that day on, 2026-11-01; thirty days up to the last one when left out"), ("until" = Option<String>, Query, description = "Up to that day; today when left out")), responses((status = 200, description = "The figures", body = Sum), (status = 404, description = "No desk of that site, or of any"), (status = 422, description = "A day that cannot be read, or more than 1,100 of them")))]
pub(super) async fn show(asker: Asker, State(visitors): State<Visitors>, Query(ask): Query<Ask>) -> Result {
    let sight = visitors.sight(&asker.cx, asker.person()?).await?;
    let sum = super::statistics(&visitors, &asker.cx, &sight, &ask.period()).await?;
    Ok(Json(sum).into_response())
}
