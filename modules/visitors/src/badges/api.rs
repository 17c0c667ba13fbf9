//! Badges and printers under `/api/v1/visitors`.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::IntoResponse;
use sekisho_web::{Access, Asker, IfMatch, Json, JsonList, Result, Routes, WebError, etag, precondition};
use serde::{Deserialize, Serialize};
use utoipa::OpenApi;

use super::paper::Paper;
use super::printers::{PrinterForm, add_printer, change_printer, remove_printer};
use super::reads::{self, BadgeRow, PrinterRow};
use super::settings::{self, BadgeSettings, save_badge_settings};
use super::try_page::{Tried, try_printer};
use super::wish::print_badge;
use crate::Visitors;
use crate::ids::{BadgeId, PrinterId, VisitId};
use crate::reads::VisitRow;
use crate::tables::words::VisitKind;

/// Description of these routes.
#[derive(OpenApi)]
#[openapi(paths(badges, print, picture, show, save, preview, printers, add, one, change, remove, try_out))]
struct Description;

/// The routes of the API.
pub(super) fn routes() -> Routes<Visitors> {
    use Access::{Administrator, Person, Proven};
    Routes::new("visitors")
        .get("/api/v1/visitors/visits/{id}/badges", Person, badges)
        .post("/api/v1/visitors/visits/{id}/badges", Person, print)
        .get("/api/v1/visitors/visits/{id}/badge.png", Person, picture)
        .get("/api/v1/visitors/badge-settings", Administrator, show)
        .put("/api/v1/visitors/badge-settings", Administrator, save)
        .post("/api/v1/visitors/badge-settings/preview", Administrator, preview)
        .get("/api/v1/visitors/printers", Administrator, printers)
        .post("/api/v1/visitors/printers", Proven, add)
        .get("/api/v1/visitors/printers/{id}", Administrator, one)
        .put("/api/v1/visitors/printers/{id}", Proven, change)
        .delete("/api/v1/visitors/printers/{id}", Proven, remove)
        .post("/api/v1/visitors/printers/{id}/try", Administrator, try_out)
        .describe(Description::openapi)
}

/// That the caller is the desk of the site of that visit; otherwise it is missing.
pub(super) async fn desk_of(visitors: &Visitors, asker: &Asker, id: VisitId) -> Result<VisitRow> {
    let sight = visitors.sight(&asker.cx, asker.person()?).await?;
    let row = crate::reads::visit(visitors, &asker.cx, &sight, id).await?;
    row.filter(|row| sight.is_desk(row.site)).ok_or_else(WebError::missing)
}

/// The badges of a visit that were wished, the newest first, for the desk.
#[utoipa::path(get, path = "/api/v1/visitors/visits/{id}/badges", tag = "visitors", params(("id" = String, Path)), responses((status = 200, description = "The badges; at most 20", body = JsonList<BadgeRow>), (status = 404, description = "Not there, or not for you")))]
async fn badges(asker: Asker, State(visitors): State<Visitors>, Path(id): Path<VisitId>) -> Result {
    desk_of(&visitors, &asker, id).await?;
    let scope = visitors.store.read(asker.cx.tenant).await?;
    Ok(JsonList::whole(reads::badges_of(&scope, id).await?).into_response())
}

/// On which printer.
#[derive(Default, Deserialize, utoipa::ToSchema)]
#[serde(default)]
#[schema(as = VisitorBadgeWish)]
struct Wish {
    /// Which; none: the first of the site.
    printer: Option<PrinterId>,
}

/// A badge that was wished.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = VisitorBadgeWished)]
struct Wished {
    id: BadgeId,
}

/// Has the badge of a guest who is here printed. While one is on its way that one is tried at once, and its id is answered;
/// on another printer it is called off, and a new one is printed there.
#[utoipa::path(post, path = "/api/v1/visitors/visits/{id}/badges", tag = "visitors", params(("id" = String, Path)), request_body = Wish, responses((status = 201, description = "It will be printed", body = Wished), (status = 403, description = "You are not the desk"), (status = 404, description = "Not there, or not for you"), (status = 422, description = "The guest is not here or has no name, or the site has no printer")))]
async fn print(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<VisitId>,
    Json(wish): Json<Wish>,
) -> Result {
    let badge = print_badge(&visitors, &asker.cx, id, wish.printer).await?;
    Ok(asker.created(&format!("/api/v1/visitors/visits/{id}/badges"), Wished { id: badge }))
}

/// The badge of a guest who is here, as a picture, for the desk.
#[utoipa::path(get, path = "/api/v1/visitors/visits/{id}/badge.png", tag = "visitors", params(("id" = String, Path)), responses((status = 200, description = "The picture", content_type = "image/png"), (status = 404, description = "Not there, not here, or not for you")))]
pub(super) async fn picture(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<VisitId>,
) -> Result {
    desk_of(&visitors, &asker, id).await?;
    shown(reads::picture_of(&visitors, &asker.cx, id).await?)
}

/// A picture as an answer; nobody keeps it.
pub(super) fn shown(png: Option<Vec<u8>>) -> Result {
    let png = png.ok_or_else(WebError::missing)?;
    let headers = [(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, png).into_response())
}

/// How badges look.
#[utoipa::path(get, path = "/api/v1/visitors/badge-settings", tag = "visitors", responses((status = 200, description = "The settings; the ETag counts the changes", body = BadgeSettings)))]
async fn show(asker: Asker, State(visitors): State<Visitors>) -> Result {
    let (settings, version) = settings::load(&visitors.store.read(asker.cx.tenant).await?).await?;
    Ok(([etag(version)], Json(settings)).into_response())
}

/// Sets how badges look. With `If-Match` only when it is still as it was seen.
#[utoipa::path(put, path = "/api/v1/visitors/badge-settings", tag = "visitors", params(("If-Match" = Option<String>, Header)), request_body = BadgeSettings, responses((status = 204, description = "Set"), (status = 412, description = "Somebody else changed it first"), (status = 422, description = "A field is wrong")))]
async fn save(
    asker: Asker,
    State(visitors): State<Visitors>,
    seen: IfMatch,
    Json(wanted): Json<BadgeSettings>,
) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    save_badge_settings(&visitors, &asker.cx, by, wanted, &seen).await.map_err(precondition)?;
    Ok(asker.no_content())
}

/// Settings to look at before they are saved.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(as = VisitorBadgePreview)]
struct PreviewBody {
    settings: BadgeSettings,
    paper: Paper,
    kind: VisitKind,
}

/// A badge with invented words under settings that were not saved.
#[utoipa::path(post, path = "/api/v1/visitors/badge-settings/preview", tag = "visitors", request_body = PreviewBody, responses((status = 200, description = "The picture", content_type = "image/png")))]
async fn preview(asker: Asker, State(visitors): State<Visitors>, Json(body): Json<PreviewBody>) -> Result {
    shown(reads::preview(&visitors, &asker.cx, &body.settings, body.paper, body.kind).await?)
}

/// The printers for badges.
#[utoipa::path(get, path = "/api/v1/visitors/printers", tag = "visitors", responses((status = 200, description = "The printers; at most 200", body = JsonList<PrinterRow>)))]
async fn printers(asker: Asker, State(visitors): State<Visitors>) -> Result {
    Ok(JsonList::whole(reads::printers(&visitors, &asker.cx).await?).into_response())
}

/// The id of a printer that was added.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = VisitorPrinterAdded)]
struct Added {
    id: PrinterId,
}

/// Adds a printer.
#[utoipa::path(post, path = "/api/v1/visitors/printers", tag = "visitors", request_body = PrinterForm, responses((status = 201, description = "Added", body = Added), (status = 422, description = "A field is wrong, or there are too many")))]
async fn add(asker: Asker, State(visitors): State<Visitors>, Json(form): Json<PrinterForm>) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    let id = add_printer(&visitors, &asker.cx, by, form).await?;
    Ok(asker.created(&format!("/api/v1/visitors/printers/{id}"), Added { id }))
}

/// One printer.
#[utoipa::path(get, path = "/api/v1/visitors/printers/{id}", tag = "visitors", params(("id" = String, Path)), responses((status = 200, description = "The printer; its ETag counts the changes", body = PrinterRow), (status = 404, description = "No such printer")))]
async fn one(asker: Asker, State(visitors): State<Visitors>, Path(id): Path<PrinterId>) -> Result {
    let rows = reads::printers(&visitors, &asker.cx).await?;
    let row = rows.into_iter().find(|row| row.id == id).ok_or_else(WebError::missing)?;
    Ok(([etag(row.version)], Json(row)).into_response())
}

/// Changes a printer. With `If-Match` only one that is still as it was seen. At another address, or under another name, a
/// password is to be typed again.
#[utoipa::path(put, path = "/api/v1/visitors/printers/{id}", tag = "visitors", params(("id" = String, Path), ("If-Match" = Option<String>, Header)), request_body = PrinterForm, responses((status = 204, description = "Changed"), (status = 404, description = "No such printer"), (status = 412, description = "Somebody else changed it first"), (status = 422, description = "A field is wrong")))]
async fn change(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<PrinterId>,
    seen: IfMatch,
    Json(form): Json<PrinterForm>,
) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    change_printer(&visitors, &asker.cx, by, id, form, &seen).await.map_err(precondition)?;
    Ok(asker.no_content())
}

/// Removes a printer. What waits for it is not printed.
#[utoipa::path(delete, path = "/api/v1/visitors/printers/{id}", tag = "visitors", params(("id" = String, Path)), responses((status = 204, description = "Removed"), (status = 404, description = "No such printer")))]
async fn remove(asker: Asker, State(visitors): State<Visitors>, Path(id): Path<PrinterId>) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    remove_printer(&visitors, &asker.cx, by, id).await?;
    Ok(asker.no_content())
}

/// Prints a page with invented words, and says at once what stands in the way.
#[utoipa::path(post, path = "/api/v1/visitors/printers/{id}/try", tag = "visitors", params(("id" = String, Path)), responses((status = 200, description = "What became of it", body = Tried), (status = 404, description = "No such printer")))]
async fn try_out(asker: Asker, State(visitors): State<Visitors>, Path(id): Path<PrinterId>) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    Ok(Json(try_printer(&visitors, &asker.cx, by, id).await?).into_response())
}
