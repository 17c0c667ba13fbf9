//! What became of the messages about a visit, for programs.

use axum::extract::{Path, State};
use axum::response::IntoResponse;
use sekisho_web::{Asker, Json, Result};
use utoipa::OpenApi;

use super::MessageRow;
use crate::Visitors;
use crate::ids::VisitId;

/// Description of these routes.
#[derive(OpenApi)]
#[openapi(paths(show))]
pub(super) struct Description;

/// Who was told what about a visit, by which means, what became of it, and what they answered; the newest 200.
#[utoipa::path(get, path = "/api/v1/visitors/visits/{id}/messages", tag = "visitors", params(("id" = String, Path)), responses((status = 200, description = "The messages, the oldest first", body = Vec<MessageRow>), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn show(asker: Asker, State(visitors): State<Visitors>, Path(id): Path<VisitId>) -> Result {
    let sight = visitors.sight(&asker.cx, asker.person()?).await?;
    let (_, rows) = super::messages(&visitors, &asker.cx, &sight, id).await?;
    Ok(Json(rows).into_response())
}
