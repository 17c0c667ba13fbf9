//! How long visits are kept, for programs.

use axum::extract::State;
use axum::response::IntoResponse;
use sekisho_web::{Asker, IfMatch, Json, Result, etag, precondition};
use utoipa::OpenApi;

use super::{Retention, WouldGo};
use crate::Visitors;

/// Description of these routes.
#[derive(OpenApi)]
#[openapi(paths(show, save, rehearse))]
pub(super) struct Description;

/// How long visits are kept, by their kind.
#[utoipa::path(get, path = "/api/v1/visitors/retention", tag = "visitors", responses((status = 200, description = "The rules; the ETag counts the changes", body = Retention)))]
pub(super) async fn show(asker: Asker, State(visitors): State<Visitors>) -> Result {
    let (rules, version) = super::load(&visitors.store.read(asker.cx.tenant).await?).await?;
    Ok(([etag(version)], Json(rules)).into_response())
}

/// Says how long visits are kept. What the rules take away does not come back. With `If-Match` only when they are still as
/// they were seen.
#[utoipa::path(put, path = "/api/v1/visitors/retention", tag = "visitors", params(("If-Match" = Option<String>, Header)), request_body = Retention, responses((status = 204, description = "Set"), (status = 412, description = "Somebody else changed them first"), (status = 422, description = "Days out of range, or a visit that goes before its guest")))]
pub(super) async fn save(
    asker: Asker,
    State(visitors): State<Visitors>,
    seen: IfMatch,
    Json(wanted): Json<Retention>,
) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    super::save_retention(&visitors, &asker.cx, by, wanted, &seen).await.map_err(precondition)?;
    Ok(asker.no_content())
}

/// How much such rules would take away at once. Nothing is changed.
#[utoipa::path(post, path = "/api/v1/visitors/retention/rehearsal", tag = "visitors", request_body = Retention, responses((status = 200, description = "How much would go", body = WouldGo), (status = 422, description = "Days out of range, or a visit that goes before its guest")))]
pub(super) async fn rehearse(
    asker: Asker,
    State(visitors): State<Visitors>,
    Json(rules): Json<Retention>,
) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    let would = super::would_go(&visitors, &asker.cx, by, &rules).await?;
    Ok(Json(would).into_response())
}
