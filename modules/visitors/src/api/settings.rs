//! The settings of the reception.

use axum::extract::State;
use axum::response::IntoResponse;
use sekisho_web::{Asker, IfMatch, Json, Result, etag, precondition};
use utoipa::OpenApi;

use crate::Visitors;
use crate::settings::{self, Settings};

/// Description of these routes.
#[derive(OpenApi)]
#[openapi(paths(show, save))]
pub(super) struct Description;

/// The settings of the reception.
#[utoipa::path(get, path = "/api/v1/visitors/settings", tag = "visitors", responses((status = 200, description = "The settings; the ETag counts the changes", body = Settings)))]
pub(super) async fn show(asker: Asker, State(visitors): State<Visitors>) -> Result {
    let scope = visitors.store.read(asker.cx.tenant).await?;
    let (settings, version) = settings::load(&scope).await?;
    Ok(([etag(version)], Json(settings)).into_response())
}

/// Sets them. With `If-Match` only when they are still as they were seen.
#[utoipa::path(put, path = "/api/v1/visitors/settings", tag = "visitors", params(("If-Match" = Option<String>, Header)), request_body = Settings, responses((status = 204, description = "Set"), (status = 412, description = "Somebody else changed them first")))]
pub(super) async fn save(
    asker: Asker,
    State(visitors): State<Visitors>,
    seen: IfMatch,
    Json(wanted): Json<Settings>,
) -> Result {
    settings::save(&visitors, &asker.cx, wanted, &seen).await.map_err(precondition)?;
    Ok(asker.no_content())
}
