//! Keys booked with a visit. Where nobody keeps keys, there are none of these.

use axum::extract::{Path, State};
use axum::response::IntoResponse;
use sekisho_web::{Asker, Json, JsonList, Query, Reach, Result, WebError};
use serde::Deserialize;
use utoipa::OpenApi;
use uuid::Uuid;

use crate::Visitors;
use crate::booked_keys::{self, VisitKeys};
use crate::ids::VisitId;
use crate::key_bookings::{KEYS, OfferedKey};

/// Description of these routes.
#[derive(OpenApi)]
#[openapi(paths(one, offered, book, cancel))]
pub(super) struct Description;

/// As many keys as are offered at once.
const MOST_OFFERED: usize = 500;

/// Which keys.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(as = VisitKeysWanted)]
pub(super) struct KeysBody {
    /// By their ids, at most 20.
    keys: Vec<Uuid>,
}

/// The keys booked with a visit, for whoever plans it. The code is the guest's: it stands on their page.
#[utoipa::path(get, path = "/api/v1/visitors/visits/{id}/keys", tag = "visitors", params(("id" = String, Path)), responses((status = 200, description = "The keys", body = VisitKeys), (status = 403, description = "The token has no scope for keys"), (status = 404, description = "Not there, not for you, or no keys booked")))]
pub(super) async fn one(asker: Asker, State(visitors): State<Visitors>, Path(id): Path<VisitId>) -> Result {
    asker.reaches(KEYS, Reach::Read)?;
    crate::book_keys::may_plan(&visitors, &asker.cx, id).await?;
    shown(&asker, &visitors, id).await.map(|keys| Json(keys).into_response())
}

async fn shown(asker: &Asker, visitors: &Visitors, id: VisitId) -> Result<VisitKeys> {
    let keys = booked_keys::standing(visitors, &asker.cx, &[id]).await?.remove(&id);
    Ok(keys.ok_or_else(WebError::missing)?.into())
}

/// `?q=…`
#[derive(Default, Deserialize)]
pub(super) struct OfferedAsk {
    q: String,
}

/// The keys at the site that the caller may book for the guest of a visit, by name; at most 500.
#[utoipa::path(get, path = "/api/v1/visitors/visits/{id}/keys/offered", tag = "visitors", params(("id" = String, Path), ("q" = Option<String>, Query, description = "Part of a key's name")), responses((status = 200, description = "The keys, and whether each is free at the time of the visit", body = JsonList<OfferedKey>), (status = 403, description = "The token has no scope for keys"), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn offered(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<VisitId>,
    Query(ask): Query<OfferedAsk>,
) -> Result {
    asker.reaches(KEYS, Reach::Read)?;
    let keys = crate::offered_keys(&visitors, &asker.cx, id, ask.q, MOST_OFFERED).await?;
    Ok(JsonList::whole(keys).into_response())
}

/// Books keys for the guest of a visit, for its time. The guest reads the code on the personal page and in a mail; a change of the
/// visit takes the keys along, or calls them off and tells the host.
#[utoipa::path(post, path = "/api/v1/visitors/visits/{id}/keys", tag = "visitors", params(("id" = String, Path)), request_body = KeysBody, responses((status = 201, description = "The keys", body = VisitKeys), (status = 403, description = "The token has no scope for keys"), (status = 404, description = "Not there, or not for you"), (status = 409, description = "The visit was changed at the same moment"), (status = 422, description = "Not your keys, booked by somebody else then, or the guest has keys already")))]
pub(super) async fn book(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<VisitId>,
    Json(body): Json<KeysBody>,
) -> Result {
    asker.reaches(KEYS, Reach::Write)?;
    crate::book_keys(&visitors, &asker.cx, id, body.keys).await?;
    let made = shown(&asker, &visitors, id).await?;
    Ok(asker.created(&format!("/api/v1/visitors/visits/{id}/keys"), made))
}

/// Calls the keys of a visit off. Their code opens nothing from this moment; the guest is told.
#[utoipa::path(delete, path = "/api/v1/visitors/visits/{id}/keys", tag = "visitors", params(("id" = String, Path)), responses((status = 204, description = "Called off"), (status = 404, description = "Not there, not for you, or no keys booked")))]
pub(super) async fn cancel(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<VisitId>,
) -> Result {
    crate::call_off_keys(&visitors, &asker.cx, id).await?;
    Ok(asker.no_content())
}
