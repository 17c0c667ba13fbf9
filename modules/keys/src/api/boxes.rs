//! Boxes, their bins, and groups of keys.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sea_orm::ColumnTrait as _;
use sekisho_kernel::{DeviceId, Timestamp};
use sekisho_storage::Scoped as _;
use sekisho_web::{Asker, IfMatch, Json, JsonList, Result, WebError, etag, precondition};
use serde::{Deserialize, Serialize};
use utoipa::OpenApi;
use uuid::Uuid;

use super::{Made, ReasonBody};
use crate::ids::{BoxId, KeyGroupId, KeyId};
use crate::reads::{self, BoxRow, GroupRow, OpeningRow, Sight, Stock, Which};
use crate::tables::groups;
use crate::{BoxForm, Keys, Opening, revision};

/// Description of these routes.
#[derive(OpenApi)]
#[openapi(paths(
    list,
    add,
    one,
    edit,
    retire,
    connect,
    openings,
    light,
    open,
    disable,
    enable,
    unlock,
    groups,
    add_group,
    one_group,
    rename_group,
    remove_group,
    put_in_group,
    take_from_group
))]
pub(super) struct Description;

async fn seen(asker: &Asker, keys: &Keys) -> Result<Stock> {
    let sight = Sight::of(keys, &asker.cx, asker.person()?).await?;
    Ok(reads::stock(keys, &asker.cx, &sight).await?)
}

/// What a program says it has seen of a box. Whom the box is no business of is told that it is missing, not what the
/// request lacks.
async fn seen_box(asker: &Asker, keys: &Keys, id: BoxId, seen: IfMatch) -> Result<IfMatch> {
    if seen == IfMatch::ANY {
        crate::add_box::may_manage_box(keys, &asker.cx, id, "box.edit").await?;
    }
    seen.required()
}

/// The same of a group.
async fn seen_group(asker: &Asker, keys: &Keys, id: KeyGroupId, seen: IfMatch) -> Result<IfMatch> {
    if seen == IfMatch::ANY {
        crate::group_keys::may_manage_group(keys, &asker.cx, id, "key_group.rename").await?;
    }
    seen.required()
}

/// The boxes the caller may see.
#[utoipa::path(get, path = "/api/v1/key-boxes", tag = "keys", responses((status = 200, description = "Boxes by name, with their bins", body = JsonList<BoxRow>), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn list(asker: Asker, State(keys): State<Keys>) -> Result {
    Ok(JsonList::whole(seen(&asker, &keys).await?.boxes).into_response())
}

/// Adds a box.
#[utoipa::path(post, path = "/api/v1/key-boxes", tag = "keys", request_body = BoxForm, responses((status = 201, description = "The box was added", body = Made), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn add(asker: Asker, State(keys): State<Keys>, Json(form): Json<BoxForm>) -> Result {
    let id = crate::add_box(&keys, &asker.cx, form).await?;
    Ok(asker.created(&format!("/api/v1/key-boxes/{id}"), Made::new(id)))
}

/// One box.
#[utoipa::path(get, path = "/api/v1/key-boxes/{id}", tag = "keys", params(("id" = String, Path)), responses((status = 200, description = "The box with its bins", body = BoxRow), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn one(asker: Asker, State(keys): State<Keys>, Path(id): Path<BoxId>) -> Result {
    let sight = Sight::of(&keys, &asker.cx, asker.person()?).await?;
    let which = Which::Part { keys: &[], boxes: &[id] };
    let stock = reads::stock_of(&keys, &asker.cx, &sight, which).await?;
    let row = stock.place(id).ok_or_else(WebError::missing)?;
    let scope = keys.store.read(asker.cx.tenant).await?;
    let present = reads::place(&scope, id).await?.ok_or_else(WebError::missing)?;
    Ok(([etag(revision::of_box(&scope, &present).await?)], Json(row)).into_response())
}

/// Changes a box.
#[utoipa::path(put, path = "/api/v1/key-boxes/{id}", tag = "keys", request_body = BoxForm, params(("id" = String, Path), ("If-Match" = String, Header)), responses((status = 412, description = "Somebody else changed it first"), (status = 204, description = "Changed"), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn edit(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<BoxId>,
    seen: IfMatch,
    Json(form): Json<BoxForm>,
) -> Result {
    let form = BoxForm { seen: seen_box(&asker, &keys, id, seen).await?, ..form };
    crate::edit_box(&keys, &asker.cx, id, form).await.map_err(precondition)?;
    Ok(asker.no_content())
}

/// Takes an empty box down.
#[utoipa::path(delete, path = "/api/v1/key-boxes/{id}", tag = "keys", params(("id" = String, Path), ("If-Match" = String, Header)), responses((status = 412, description = "Somebody else changed it first"), (status = 204, description = "Taken down"), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn retire(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<BoxId>,
    seen: IfMatch,
) -> Result {
    let seen = seen_box(&asker, &keys, id, seen).await?;
    crate::retire_box(&keys, &asker.cx, id, &seen).await.map_err(precondition)?;
    Ok(asker.no_content())
}

/// Which device, if any.
#[derive(Deserialize, utoipa::ToSchema)]
pub(super) struct BoxDevice {
    /// Which device; none disconnects the box.
    device: Option<DeviceId>,
}

/// Says which device moves the bins of the box.
#[utoipa::path(put, path = "/api/v1/key-boxes/{id}/device", tag = "keys", request_body = BoxDevice, params(("id" = String, Path)), responses((status = 204, description = "Connected"), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn connect(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<BoxId>,
    Json(body): Json<BoxDevice>,
) -> Result {
    crate::connect_box(&keys, &asker.cx, id, body.device).await?;
    Ok(asker.no_content())
}

/// The newest remote openings of a box; for those who manage it.
#[utoipa::path(get, path = "/api/v1/key-boxes/{id}/openings", tag = "keys", params(("id" = String, Path)), responses((status = 200, description = "Openings, newest first", body = JsonList<OpeningRow>), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn openings(asker: Asker, State(keys): State<Keys>, Path(id): Path<BoxId>) -> Result {
    crate::add_box::may_manage_box(&keys, &asker.cx, id, "box.openings").await?;
    Ok(JsonList::whole(reads::openings(&keys, &asker.cx, id).await?).into_response())
}

/// First step of a remote opening: lights the bin's lamp.
#[utoipa::path(post, path = "/api/v1/key-boxes/{id}/bins/{bin}/light", tag = "keys", params(("id" = String, Path), ("bin" = String, Path)), responses((status = 204, description = "The lamp is being lit"), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn light(
    asker: Asker,
    State(keys): State<Keys>,
    Path((id, bin)): Path<(BoxId, i64)>,
) -> Result {
    crate::light_bin(&keys, &asker.cx, id, bin).await?;
    Ok(asker.no_content())
}

/// The command that opens.
#[derive(Serialize, utoipa::ToSchema)]
struct Accepted {
    command: Uuid,
    /// Until when it waits.
    not_after: Timestamp,
}

fn accepted(opening: Opening) -> Response {
    let body = Accepted { command: opening.command.into(), not_after: opening.not_after };
    (StatusCode::ACCEPTED, Json(body)).into_response()
}

/// Second step: opens the bin.
#[utoipa::path(post, path = "/api/v1/key-boxes/{id}/bins/{bin}/open", tag = "keys", request_body = ReasonBody, params(("id" = String, Path), ("bin" = String, Path)), responses((status = 202, description = "The bin is being opened", body = Accepted), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn open(
    asker: Asker,
    State(keys): State<Keys>,
    Path((id, bin)): Path<(BoxId, i64)>,
    Json(body): Json<ReasonBody>,
) -> Result {
    Ok(accepted(crate::open_bin(&keys, &asker.cx, id, bin, &body.reason).await?))
}

/// Takes a bin out of use.
#[utoipa::path(post, path = "/api/v1/key-boxes/{id}/bins/{bin}/disable", tag = "keys", request_body = ReasonBody, params(("id" = String, Path), ("bin" = String, Path)), responses((status = 204, description = "Out of use"), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn disable(
    asker: Asker,
    State(keys): State<Keys>,
    Path((id, bin)): Path<(BoxId, i64)>,
    seen: IfMatch,
    Json(body): Json<ReasonBody>,
) -> Result {
    crate::disable_bin(&keys, &asker.cx, id, bin, &body.reason, &seen).await.map_err(precondition)?;
    Ok(asker.no_content())
}

/// Puts a bin back into use.
#[utoipa::path(post, path = "/api/v1/key-boxes/{id}/bins/{bin}/enable", tag = "keys", params(("id" = String, Path), ("bin" = String, Path)), responses((status = 204, description = "In use"), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn enable(
    asker: Asker,
    State(keys): State<Keys>,
    Path((id, bin)): Path<(BoxId, i64)>,
    seen: IfMatch,
) -> Result {
    crate::enable_bin(&keys, &asker.cx, id, bin, &seen).await.map_err(precondition)?;
    Ok(asker.no_content())
}

/// Opens the master lock; takes a fresh second factor and a reason.
#[utoipa::path(post, path = "/api/v1/key-boxes/{id}/unlock-master", tag = "keys", request_body = ReasonBody, params(("id" = String, Path)), responses((status = 202, description = "The lock is being opened", body = Accepted), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn unlock(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<BoxId>,
    Json(body): Json<ReasonBody>,
) -> Result {
    Ok(accepted(crate::unlock_master(&keys, &asker.cx, id, &body.reason).await?))
}

/// The groups of keys the caller may see something of.
#[utoipa::path(get, path = "/api/v1/key-groups", tag = "keys", responses((status = 200, description = "Groups by name", body = JsonList<GroupRow>), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn groups(asker: Asker, State(keys): State<Keys>) -> Result {
    Ok(JsonList::whole(seen(&asker, &keys).await?.groups).into_response())
}

/// Its name.
#[derive(Deserialize, utoipa::ToSchema)]
pub(super) struct KeyGroupBody {
    /// What people call it.
    name: String,
}

/// Makes a group.
#[utoipa::path(post, path = "/api/v1/key-groups", tag = "keys", request_body = KeyGroupBody, responses((status = 201, description = "The group", body = Made), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn add_group(
    asker: Asker,
    State(keys): State<Keys>,
    Json(body): Json<KeyGroupBody>,
) -> Result {
    let id = crate::add_group(&keys, &asker.cx, &body.name).await?;
    Ok(asker.created(&format!("/api/v1/key-groups/{id}"), Made::new(id)))
}

/// One group.
#[utoipa::path(get, path = "/api/v1/key-groups/{id}", tag = "keys", params(("id" = String, Path)), responses((status = 200, description = "The group with its keys; its ETag stands for its name", body = GroupRow), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn one_group(asker: Asker, State(keys): State<Keys>, Path(id): Path<KeyGroupId>) -> Result {
    let stock = seen(&asker, &keys).await?;
    let row = stock.groups.iter().find(|group| group.id == id).ok_or_else(WebError::missing)?;
    let scope = keys.store.read(asker.cx.tenant).await?;
    let present = scope.find::<groups::Entity>().filter(groups::Column::Id.eq(id)).one().await?;
    let present = present.ok_or_else(WebError::missing)?;
    Ok(([etag(revision::of_group(&present))], Json(row)).into_response())
}

/// Renames a group.
#[utoipa::path(put, path = "/api/v1/key-groups/{id}", tag = "keys", request_body = KeyGroupBody, params(("id" = String, Path), ("If-Match" = String, Header)), responses((status = 412, description = "Somebody else changed it first"), (status = 204, description = "Renamed"), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn rename_group(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<KeyGroupId>,
    seen: IfMatch,
    Json(body): Json<KeyGroupBody>,
) -> Result {
    let seen = seen_group(&asker, &keys, id, seen).await?;
    crate::rename_group(&keys, &asker.cx, id, &body.name, &seen).await.map_err(precondition)?;
    Ok(asker.no_content())
}

/// Removes a group; its keys stay.
#[utoipa::path(delete, path = "/api/v1/key-groups/{id}", tag = "keys", params(("id" = String, Path), ("If-Match" = String, Header)), responses((status = 412, description = "Somebody else changed it first"), (status = 204, description = "Removed"), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn remove_group(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<KeyGroupId>,
    seen: IfMatch,
) -> Result {
    let seen = seen_group(&asker, &keys, id, seen).await?;
    crate::remove_group(&keys, &asker.cx, id, &seen).await.map_err(precondition)?;
    Ok(asker.no_content())
}

/// Puts a key into a group.
#[utoipa::path(put, path = "/api/v1/key-groups/{id}/keys/{key}", tag = "keys", params(("id" = String, Path), ("key" = String, Path)), responses((status = 204, description = "In the group"), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn put_in_group(
    asker: Asker,
    State(keys): State<Keys>,
    Path((id, key)): Path<(KeyGroupId, KeyId)>,
) -> Result {
    crate::put_in_group(&keys, &asker.cx, id, key).await?;
    Ok(asker.no_content())
}

/// Takes a key out of a group.
#[utoipa::path(delete, path = "/api/v1/key-groups/{id}/keys/{key}", tag = "keys", params(("id" = String, Path), ("key" = String, Path)), responses((status = 204, description = "Out of the group"), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn take_from_group(
    asker: Asker,
    State(keys): State<Keys>,
    Path((id, key)): Path<(KeyGroupId, KeyId)>,
) -> Result {
    crate::take_from_group(&keys, &asker.cx, id, key).await?;
    Ok(asker.no_content())
}
