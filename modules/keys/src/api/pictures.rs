//! Boxes' cameras and what they took.

use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use sekisho_kernel::Timestamp;
use sekisho_web::{Asker, Json, JsonList, Paging, Query, Result, WebError};
use serde::{Deserialize, Serialize};
use utoipa::OpenApi;

use super::ReasonBody;
use crate::ids::{BoxId, PictureId};
use crate::reads::{self, LookRow, PictureFilter, PictureRow, Sight};
use crate::tables::words::PictureOf;
use crate::{CameraForm, Keys};

/// Description of these routes.
#[derive(OpenApi)]
#[openapi(paths(camera, set_camera, list, one, image, delete))]
pub(super) struct Description;

/// How the camera of a box is set.
#[utoipa::path(get, path = "/api/v1/key-boxes/{id}/camera", tag = "keys", params(("id" = String, Path)), responses((status = 200, description = "Whether it takes pictures, and how long they are kept", body = CameraForm), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn camera(asker: Asker, State(keys): State<Keys>, Path(id): Path<BoxId>) -> Result {
    Ok(asker.json(crate::camera_of(&keys, &asker.cx, id).await?))
}

/// Switches the camera of a box on or off, and says how long its pictures are kept.
#[utoipa::path(put, path = "/api/v1/key-boxes/{id}/camera", tag = "keys", request_body = CameraForm, params(("id" = String, Path)), responses((status = 204, description = "Set; the box hears of it at once"), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn set_camera(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<BoxId>,
    Json(form): Json<CameraForm>,
) -> Result {
    crate::set_camera(&keys, &asker.cx, id, form).await?;
    Ok(asker.no_content())
}

/// `?from=…&until=…&what=…`
#[derive(Default, Deserialize)]
pub(super) struct PicturesAsk {
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    what: Option<PictureOf>,
    cursor: Option<String>,
    limit: Option<u64>,
}

/// The pictures a box's camera took, without what is in them; for those who manage the box.
#[utoipa::path(get, path = "/api/v1/key-boxes/{id}/pictures", tag = "keys", params(("id" = String, Path), ("from" = Option<String>, Query), ("until" = Option<String>, Query), ("what" = Option<PictureOf>, Query), ("cursor" = Option<String>, Query), ("limit" = Option<u64>, Query)), responses((status = 200, description = "Pictures, newest first", body = JsonList<PictureRow>), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn list(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<BoxId>,
    Query(ask): Query<PicturesAsk>,
) -> Result {
    crate::add_box::may_manage_box(&keys, &asker.cx, id, "box.pictures").await?;
    let sight = Sight::of(&keys, &asker.cx, asker.person()?).await?;
    let paging = Paging { cursor: ask.cursor, limit: ask.limit };
    let limit = paging.limit();
    let filter = PictureFilter {
        place: Some(id),
        from: ask.from,
        until: ask.until,
        what: ask.what,
        before: paging.after::<(Timestamp, PictureId)>()?,
        limit: limit + 1,
        ..PictureFilter::default()
    };
    let rows = reads::pictures(&keys, &asker.cx, &sight, &filter).await?;
    Ok(JsonList::of(rows, limit, |row| (row.received_at, row.id)).into_response())
}

/// A picture without what is in it, and who has looked at it.
#[derive(Serialize, utoipa::ToSchema)]
struct PictureJson {
    /// The picture.
    picture: PictureRow,
    /// Who has looked, newest first.
    looks: Vec<LookRow>,
}

/// One picture, without what is in it.
#[utoipa::path(get, path = "/api/v1/key-pictures/{id}", tag = "keys", params(("id" = String, Path)), responses((status = 200, description = "What it is of, and who has looked at it", body = PictureJson), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn one(asker: Asker, State(keys): State<Keys>, Path(id): Path<PictureId>) -> Result {
    let sight = Sight::of(&keys, &asker.cx, asker.person()?).await?;
    let filter = PictureFilter { id: Some(id), ..PictureFilter::default() };
    let picture = reads::pictures(&keys, &asker.cx, &sight, &filter).await?.pop();
    let picture = picture.ok_or_else(WebError::missing)?;
    let looks = reads::looks(&keys, &asker.cx, id).await?;
    Ok(asker.json(PictureJson { picture, looks }))
}

/// What is in a picture. Each look is recorded, and after so many a fresh proof is needed.
#[utoipa::path(get, path = "/api/v1/key-pictures/{id}/image", tag = "keys", params(("id" = String, Path)), responses((status = 200, description = "The picture", content_type = "image/png", body = String), (status = 403, description = "A fresh proof is needed first"), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn image(asker: Asker, State(keys): State<Keys>, Path(id): Path<PictureId>) -> Result {
    asker.person()?;
    Ok(crate::pages::image_of(crate::view_picture(&keys, &asker.cx, id).await?))
}

/// Deletes a picture before its day. The reason goes into the record.
#[utoipa::path(post, path = "/api/v1/key-pictures/{id}/delete", tag = "keys", request_body = ReasonBody, params(("id" = String, Path)), responses((status = 204, description = "Deleted"), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn delete(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<PictureId>,
    Json(body): Json<ReasonBody>,
) -> Result {
    crate::delete_picture(&keys, &asker.cx, id, &body.reason).await?;
    Ok(asker.no_content())
}
