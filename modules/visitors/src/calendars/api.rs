//! Connected calendars under `/api/v1/visitors`, for administrators. What outlives a session wants a fresh proof.

use axum::extract::{Path, State};
use axum::response::IntoResponse;
use sekisho_web::{Access, Asker, IfMatch, Json, JsonList, Result, Routes, WebError, etag, precondition};
use serde::Serialize;
use utoipa::OpenApi;

use super::read::read_calendar_now;
use super::reads::{self, CalendarRow};
use super::settings::{CalendarForm, add_calendar, change_calendar, remove_calendar};
use crate::Visitors;
use crate::ids::CalendarId;

/// Description of these routes.
#[derive(OpenApi)]
#[openapi(paths(list, add, one, change, remove, read))]
struct Description;

/// The routes of the API.
pub(super) fn routes() -> Routes<Visitors> {
    use Access::{Administrator, Proven};
    Routes::new("visitors")
        .get("/api/v1/visitors/calendars", Administrator, list)
        .post("/api/v1/visitors/calendars", Proven, add)
        .get("/api/v1/visitors/calendars/{id}", Administrator, one)
        .put("/api/v1/visitors/calendars/{id}", Proven, change)
        .delete("/api/v1/visitors/calendars/{id}", Proven, remove)
        .post("/api/v1/visitors/calendars/{id}/read", Administrator, read)
        .describe(Description::openapi)
}

/// The connected calendars. Passwords are never answered.
#[utoipa::path(get, path = "/api/v1/visitors/calendars", tag = "visitors", responses((status = 200, description = "The calendars by name", body = JsonList<CalendarRow>)))]
async fn list(asker: Asker, State(visitors): State<Visitors>) -> Result {
    Ok(asker.json(JsonList::whole(reads::calendars(&visitors, &asker.cx).await?)))
}

/// The id of a calendar that was connected.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = VisitorCalendarAdded)]
struct Added {
    id: CalendarId,
}

/// Connects a mailbox (iMIP) or a calendar (CalDAV); it is read within a minute.
#[utoipa::path(post, path = "/api/v1/visitors/calendars", tag = "visitors", request_body = CalendarForm, responses((status = 201, description = "Connected", body = Added), (status = 422, description = "A field is wrong")))]
async fn add(asker: Asker, State(visitors): State<Visitors>, Json(form): Json<CalendarForm>) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    let id = add_calendar(&visitors, &asker.cx, by, form).await?;
    Ok(asker.created(&format!("/api/v1/visitors/calendars/{id}"), Added { id }))
}

/// One of them.
#[utoipa::path(get, path = "/api/v1/visitors/calendars/{id}", tag = "visitors", params(("id" = String, Path)), responses((status = 200, description = "The calendar; its ETag counts the changes", body = CalendarRow), (status = 404, description = "No such calendar")))]
async fn one(asker: Asker, State(visitors): State<Visitors>, Path(id): Path<CalendarId>) -> Result {
    let row = reads::calendar(&visitors, &asker.cx, id).await?.ok_or_else(WebError::missing)?;
    Ok(([etag(row.version)], Json(row)).into_response())
}

/// Changes one. An empty password keeps the one that is stored, unless server or user change.
#[utoipa::path(put, path = "/api/v1/visitors/calendars/{id}", tag = "visitors", params(("id" = String, Path), ("If-Match" = Option<String>, Header)), request_body = CalendarForm, responses((status = 204, description = "Changed"), (status = 404, description = "No such calendar"), (status = 412, description = "Somebody else changed it first"), (status = 422, description = "A field is wrong")))]
async fn change(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<CalendarId>,
    seen: IfMatch,
    Json(form): Json<CalendarForm>,
) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    change_calendar(&visitors, &asker.cx, by, id, form, &seen).await.map_err(precondition)?;
    Ok(asker.no_content())
}

/// Disconnects one. Appointments that came from it stay.
#[utoipa::path(delete, path = "/api/v1/visitors/calendars/{id}", tag = "visitors", params(("id" = String, Path)), responses((status = 204, description = "Disconnected"), (status = 404, description = "No such calendar")))]
async fn remove(asker: Asker, State(visitors): State<Visitors>, Path(id): Path<CalendarId>) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    remove_calendar(&visitors, &asker.cx, by, id).await?;
    Ok(asker.no_content())
}

/// What came of reading.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = VisitorCalendarRead)]
struct Read {
    /// Why it could not be read, as one word; none: it could.
    wrong: Option<&'static str>,
}

/// Reads one now, and tells what is wrong with it.
#[utoipa::path(post, path = "/api/v1/visitors/calendars/{id}/read", tag = "visitors", params(("id" = String, Path)), responses((status = 200, description = "It was tried", body = Read), (status = 404, description = "No such calendar"), (status = 429, description = "It is being read at this moment")))]
async fn read(asker: Asker, State(visitors): State<Visitors>, Path(id): Path<CalendarId>) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    let wrong = read_calendar_now(&visitors, &asker.cx, by, id).await?;
    Ok(asker.json(Read { wrong }))
}
