//! Guests: one of them with their visits, and forgetting them.

use axum::extract::{Path, State};
use axum::response::IntoResponse;
use sekisho_web::{Asker, Json, Result, WebError};
use utoipa::OpenApi;

use crate::Visitors;
use crate::guest_row::{GuestRow, guest_row};
use crate::ids::GuestId;

/// Description of these routes.
#[derive(OpenApi)]
#[openapi(paths(one, erase))]
pub(super) struct Description;

/// One guest, for administrators and for the desk of a site they come to.
#[utoipa::path(get, path = "/api/v1/visitors/guests/{id}", tag = "visitors", params(("id" = String, Path)), responses((status = 200, description = "The guest with their newest visits", body = GuestRow), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn one(asker: Asker, State(visitors): State<Visitors>, Path(id): Path<GuestId>) -> Result {
    let sight = visitors.sight(&asker.cx, asker.person()?).await?;
    let row = guest_row(&visitors, &asker.cx, &sight, id).await?.ok_or_else(WebError::missing)?;
    Ok(Json(row).into_response())
}

/// Forgets a guest: their key is destroyed, and what it sealed can never be read again. Visits stay without a name.
#[utoipa::path(delete, path = "/api/v1/visitors/guests/{id}", tag = "visitors", params(("id" = String, Path)), responses((status = 204, description = "Forgotten"), (status = 404, description = "Not there"), (status = 422, description = "A visit of theirs is to come or under way")))]
pub(super) async fn erase(asker: Asker, State(visitors): State<Visitors>, Path(id): Path<GuestId>) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    crate::erase_guest(&visitors, &asker.cx, by, id).await?;
    Ok(asker.no_content())
}
