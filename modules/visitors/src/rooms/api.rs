//! Rooms under `/api/v1/visitors`.

use axum::extract::{Path, State};
use axum::response::IntoResponse;
use sekisho_kernel::SiteId;
use sekisho_web::{
    Access, Asker, IfMatch, Json, JsonList, Query, Result, Routes, WebError, etag, precondition,
};
use serde::{Deserialize, Serialize};
use utoipa::OpenApi;

use super::keep::{RoomForm, add_room, change_room, retire_room};
use super::reads::{self, During, RoomRow};
use crate::Visitors;
use crate::ids::{AppointmentId, RoomId};
use crate::occurrence::BadTime;

/// Description of these routes.
#[derive(OpenApi)]
#[openapi(paths(rooms, add, one, change, retire))]
struct Description;

/// The routes of the API.
pub(super) fn routes() -> Routes<Visitors> {
    use Access::{Administrator, Person};
    Routes::new("visitors")
        .get("/api/v1/visitors/rooms", Person, rooms)
        .post("/api/v1/visitors/rooms", Administrator, add)
        .get("/api/v1/visitors/rooms/{id}", Person, one)
        .put("/api/v1/visitors/rooms/{id}", Administrator, change)
        .delete("/api/v1/visitors/rooms/{id}", Administrator, retire)
        .describe(Description::openapi)
}

/// `?site=…&starts=…&ends=…&besides=…`
#[derive(Default, Deserialize)]
struct Ask {
    site: Option<SiteId>,
    starts: Option<String>,
    ends: Option<String>,
    besides: Option<AppointmentId>,
}

/// The rooms in use, by site and name; with a time, whether each is free then.
#[utoipa::path(get, path = "/api/v1/visitors/rooms", tag = "visitors", params(("site" = Option<String>, Query, description = "Only those of this site"), ("starts" = Option<String>, Query, description = "From, on the clock of the site: `2026-11-22T09:00`"), ("ends" = Option<String>, Query, description = "Until, likewise"), ("besides" = Option<String>, Query, description = "An appointment that the caller may change: what it has is free for it")), responses((status = 200, description = "The rooms; at most 500", body = JsonList<RoomRow>), (status = 404, description = "No such appointment, or not for you to change"), (status = 422, description = "No time at which an appointment could be")))]
async fn rooms(asker: Asker, State(visitors): State<Visitors>, Query(ask): Query<Ask>) -> Result {
    let besides = match ask.besides {
        Some(id) => Some(planned(&asker, &visitors, id).await?),
        None => None,
    };
    let during = ask.starts.zip(ask.ends).map(|(starts, ends)| During { starts, ends, besides });
    let rows = reads::rooms(&visitors, &asker.cx, ask.site, during.as_ref()).await?;
    if let Some(during) = during
        && rows.iter().any(|room| room.free.is_none())
    {
        let (field, text) = during.at(asker.zone()).err().unwrap_or(BadTime::Unreadable).field();
        return Err(WebError::invalid(field, text));
    }
    Ok(JsonList::whole(rows).into_response())
}

/// That appointment, if the caller may change it.
async fn planned(asker: &Asker, visitors: &Visitors, id: AppointmentId) -> Result<AppointmentId> {
    let sight = visitors.sight(&asker.cx, asker.person()?).await?;
    let row = crate::reads::appointment(visitors, &asker.cx, &sight, id).await?;
    row.filter(|row| row.plans).map(|row| row.id).ok_or_else(WebError::missing)
}

/// The id of a room that was added.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = VisitorRoomAdded)]
struct Added {
    id: RoomId,
}

/// Adds a room.
#[utoipa::path(post, path = "/api/v1/visitors/rooms", tag = "visitors", request_body = RoomForm, responses((status = 201, description = "Added", body = Added), (status = 422, description = "A field is wrong, the site has a room of that name, or there are too many")))]
async fn add(asker: Asker, State(visitors): State<Visitors>, Json(form): Json<RoomForm>) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    let id = add_room(&visitors, &asker.cx, by, form).await?;
    Ok(asker.created(&format!("/api/v1/visitors/rooms/{id}"), Added { id }))
}

/// One room, also one that was taken out of use.
#[utoipa::path(get, path = "/api/v1/visitors/rooms/{id}", tag = "visitors", params(("id" = String, Path)), responses((status = 200, description = "The room; its ETag counts the changes", body = RoomRow), (status = 404, description = "No such room")))]
async fn one(asker: Asker, State(visitors): State<Visitors>, Path(id): Path<RoomId>) -> Result {
    let row = reads::room(&visitors, &asker.cx, id).await?.ok_or_else(WebError::missing)?;
    Ok(([etag(row.version)], Json(row)).into_response())
}

/// Changes a room. With `If-Match` only one that is still as it was seen. Appointments keep the name they were made with until
/// they are changed themselves.
#[utoipa::path(put, path = "/api/v1/visitors/rooms/{id}", tag = "visitors", params(("id" = String, Path), ("If-Match" = Option<String>, Header)), request_body = RoomForm, responses((status = 204, description = "Changed"), (status = 404, description = "No such room, or not in use"), (status = 412, description = "Somebody else changed it first"), (status = 422, description = "A field is wrong, or the site has a room of that name")))]
async fn change(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<RoomId>,
    seen: IfMatch,
    Json(form): Json<RoomForm>,
) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    change_room(&visitors, &asker.cx, by, id, form, &seen).await.map_err(precondition)?;
    Ok(asker.no_content())
}

/// Takes a room out of use. Appointments that have it keep it.
#[utoipa::path(delete, path = "/api/v1/visitors/rooms/{id}", tag = "visitors", params(("id" = String, Path), ("If-Match" = Option<String>, Header)), responses((status = 204, description = "Out of use"), (status = 404, description = "No such room, or not in use"), (status = 412, description = "Somebody else changed it first")))]
async fn retire(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<RoomId>,
    seen: IfMatch,
) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    retire_room(&visitors, &asker.cx, by, id, &seen).await.map_err(precondition)?;
    Ok(asker.no_content())
}
