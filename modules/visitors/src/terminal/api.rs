//! Terminals, their settings and deliveries under `/api/v1/visitors`.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use sekisho_web::{
    Access, Asker, IfMatch, Json, JsonList, Paging, Query, Result, Routes, etag, precondition,
};
use serde::Serialize;
use utoipa::OpenApi;

use super::enrol::{TerminalCode, TerminalForm, add_terminal, new_terminal_code, revoke_terminal};
use super::reads::{self, DeliveryFilter, DeliveryRow, TerminalFilter, TerminalRow};
use super::settings::{self, Standing, TerminalSettings, save_terminal_picture, save_terminal_settings};
use crate::Visitors;
use crate::ids::TerminalId;

/// Description of these routes.
#[derive(OpenApi)]
#[openapi(paths(list, add, code, revoke, show_settings, save_settings, hang, take_down, handed_in))]
struct Description;

/// The routes of the API.
pub(crate) fn routes() -> Routes<Visitors> {
    use Access::{Administrator, Person};
    Routes::new("visitors")
        .get("/api/v1/visitors/terminals", Administrator, list)
        .post("/api/v1/visitors/terminals", Administrator, add)
        .post("/api/v1/visitors/terminals/{id}/code", Administrator, code)
        .delete("/api/v1/visitors/terminals/{id}", Administrator, revoke)
        .get("/api/v1/visitors/terminal-settings", Administrator, show_settings)
        .put("/api/v1/visitors/terminal-settings", Administrator, save_settings)
        .put("/api/v1/visitors/terminal-settings/picture", Administrator, hang)
        .delete("/api/v1/visitors/terminal-settings/picture", Administrator, take_down)
        .get("/api/v1/visitors/deliveries", Person, handed_in)
        .describe(Description::openapi)
}

/// The settings with the address of the wallpaper.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = VisitorTerminalSettingsNow)]
struct SettingsNow {
    /// The settings.
    #[serde(flatten)]
    settings: TerminalSettings,
    /// The address of the wallpaper.
    picture: Option<String>,
}

/// The terminals.
#[utoipa::path(get, path = "/api/v1/visitors/terminals", tag = "visitors", params(("q" = Option<String>, Query), ("state" = Option<String>, Query)), responses((status = 200, description = "The terminals by name", body = JsonList<TerminalRow>)))]
async fn list(
    asker: Asker,
    State(visitors): State<Visitors>,
    Query(filter): Query<TerminalFilter>,
) -> Result {
    Ok(asker.json(JsonList::whole(reads::terminals(&visitors, &asker.cx, &filter).await?)))
}

/// Sets up a terminal. The code is shown this once.
#[utoipa::path(post, path = "/api/v1/visitors/terminals", tag = "visitors", request_body = TerminalForm, responses((status = 201, description = "Set up; a tablet that types the code within ten minutes becomes it", body = TerminalCode), (status = 422, description = "A field is wrong")))]
async fn add(asker: Asker, State(visitors): State<Visitors>, Json(form): Json<TerminalForm>) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    let code = add_terminal(&visitors, &asker.cx, by, &form).await?;
    Ok(asker.created(&format!("/api/v1/visitors/terminals/{}", code.id), code))
}

/// Makes another code for the terminal, for another tablet in its place.
#[utoipa::path(post, path = "/api/v1/visitors/terminals/{id}/code", tag = "visitors", params(("id" = String, Path)), responses((status = 200, description = "The code, shown this once", body = TerminalCode), (status = 404, description = "No such terminal")))]
async fn code(asker: Asker, State(visitors): State<Visitors>, Path(id): Path<TerminalId>) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    Ok(asker.json(new_terminal_code(&visitors, &asker.cx, by, id).await?))
}

/// Withdraws a terminal; its next request is refused.
#[utoipa::path(delete, path = "/api/v1/visitors/terminals/{id}", tag = "visitors", params(("id" = String, Path)), responses((status = 204, description = "Withdrawn"), (status = 404, description = "No such terminal")))]
async fn revoke(asker: Asker, State(visitors): State<Visitors>, Path(id): Path<TerminalId>) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    revoke_terminal(&visitors, &asker.cx, by, id).await?;
    Ok(asker.no_content())
}

async fn now(asker: &Asker, visitors: &Visitors) -> Result {
    let scope = visitors.store.read(asker.cx.tenant).await?;
    let Standing { settings, version, picture } = settings::load(&scope).await?;
    let picture = picture.map(|name| format!("/terminal/picture/{name}"));
    Ok(([etag(version)], Json(SettingsNow { settings, picture })).into_response())
}

/// How the terminals look and what they offer.
#[utoipa::path(get, path = "/api/v1/visitors/terminal-settings", tag = "visitors", responses((status = 200, description = "The settings, with their version as ETag", body = SettingsNow)))]
async fn show_settings(asker: Asker, State(visitors): State<Visitors>) -> Result {
    now(&asker, &visitors).await
}

/// Changes how the terminals look and what they offer.
#[utoipa::path(put, path = "/api/v1/visitors/terminal-settings", tag = "visitors", request_body = TerminalSettings, params(("If-Match" = String, Header)), responses((status = 200, description = "Changed; the terminals have it within a minute", body = SettingsNow), (status = 412, description = "Somebody else changed them first"), (status = 422, description = "A field is wrong")))]
async fn save_settings(
    asker: Asker,
    State(visitors): State<Visitors>,
    seen: IfMatch,
    Json(settings): Json<TerminalSettings>,
) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    let saved = save_terminal_settings(&visitors, &asker.cx, by, settings, &seen.required()?).await;
    saved.map_err(precondition)?;
    now(&asker, &visitors).await
}

/// Hangs a wallpaper up: PNG, JPEG or WebP, at most 1 MB.
#[utoipa::path(put, path = "/api/v1/visitors/terminal-settings/picture", tag = "visitors", params(("If-Match" = String, Header)), request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses((status = 200, description = "It hangs", body = SettingsNow), (status = 412, description = "Somebody else changed the settings first"), (status = 422, description = "It is no such picture, or too large")))]
async fn hang(asker: Asker, State(visitors): State<Visitors>, seen: IfMatch, picture: Bytes) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    let seen = seen.required()?;
    let saved = save_terminal_picture(&visitors, &asker.cx, by, Some(picture.to_vec()), &seen).await;
    saved.map_err(precondition)?;
    now(&asker, &visitors).await
}

/// Takes the wallpaper down.
#[utoipa::path(delete, path = "/api/v1/visitors/terminal-settings/picture", tag = "visitors", params(("If-Match" = String, Header)), responses((status = 204, description = "Taken down"), (status = 412, description = "Somebody else changed the settings first")))]
async fn take_down(asker: Asker, State(visitors): State<Visitors>, seen: IfMatch) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    let saved = save_terminal_picture(&visitors, &asker.cx, by, None, &seen.required()?).await;
    saved.map_err(precondition)?;
    Ok(asker.no_content())
}

/// Deliveries handed in, the newest first: at the sites whose desk the asker is, and those for the asker.
#[utoipa::path(get, path = "/api/v1/visitors/deliveries", tag = "visitors", params(("q" = Option<String>, Query), ("site" = Option<String>, Query), ("cursor" = Option<String>, Query), ("limit" = Option<u64>, Query)), responses((status = 200, description = "The deliveries", body = JsonList<DeliveryRow>)))]
async fn handed_in(
    asker: Asker,
    State(visitors): State<Visitors>,
    Query(filter): Query<DeliveryFilter>,
    Query(paging): Query<Paging>,
) -> Result {
    let sight = visitors.sight(&asker.cx, asker.person()?).await?;
    let (after, limit) = (paging.after()?, paging.limit());
    let rows = reads::deliveries(&visitors, &asker.cx, &sight, &filter, after, limit + 1).await?;
    Ok(asker.json(JsonList::of(rows, limit, |row| (row.at, row.id))))
}
