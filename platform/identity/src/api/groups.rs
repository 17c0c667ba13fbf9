//! Groups in the API.

use axum::extract::{Path, State};
use axum::response::IntoResponse;
use sekisho_kernel::PersonId;
use sekisho_web::{Access, Asker, Json, JsonList, Result, Routes, WebError};
use serde::{Deserialize, Serialize};

use crate::pages::id;
use crate::{Group, Identity};

pub(super) fn routes() -> Routes<Identity> {
    Routes::new("identity")
        .get("/api/v1/groups", Access::Administrator, list)
        .post("/api/v1/groups", Access::Proven, make)
        .get("/api/v1/groups/{id}", Access::Administrator, one)
        .put("/api/v1/groups/{id}", Access::Proven, edit)
        .delete("/api/v1/groups/{id}", Access::Proven, dissolve)
        .put("/api/v1/groups/{id}/members/{person}", Access::Proven, join)
        .delete("/api/v1/groups/{id}/members/{person}", Access::Administrator, leave)
}

/// A group to be made or changed.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub(crate) struct GroupBody {
    name: String,
    note: String,
}

async fn find(identity: &Identity, asker: &Asker, group: &str) -> Result<Group> {
    let scope = identity.read(&asker.cx).await?;
    identity.group(&scope, id(group)?).await?.ok_or_else(WebError::missing)
}

/// All groups by name.
#[utoipa::path(get, path = "/api/v1/groups", tag = "identity", responses((status = 200, description = "The groups by name", body = JsonList<Group>)))]
pub(crate) async fn list(asker: Asker, State(identity): State<Identity>) -> Result {
    let groups = identity.groups(&identity.read(&asker.cx).await?).await?;
    Ok(JsonList::whole(groups).into_response())
}

/// Makes a group.
#[utoipa::path(post, path = "/api/v1/groups", tag = "identity", request_body = GroupBody, responses((status = 201, description = "The group", body = Group), (status = 422, description = "A field is wrong")))]
pub(crate) async fn make(
    asker: Asker,
    State(identity): State<Identity>,
    Json(body): Json<GroupBody>,
) -> Result {
    let by = identity.administrator(&asker.cx).await?;
    let made = identity.make_group(&asker.cx, by, &body.name, &body.note).await?;
    let group = find(&identity, &asker, &made.to_string()).await?;
    Ok(asker.created(&format!("/api/v1/groups/{made}"), group))
}

/// A group and who is in it.
#[derive(Serialize, utoipa::ToSchema)]
struct Members {
    group: Group,
    members: Vec<PersonId>,
}

/// One group with its members.
#[utoipa::path(get, path = "/api/v1/groups/{id}", tag = "identity", params(("id" = String, Path)), responses((status = 200, description = "The group and the ids of its members", body = Members), (status = 404, description = "No such group")))]
pub(crate) async fn one(asker: Asker, State(identity): State<Identity>, Path(group): Path<String>) -> Result {
    let group = find(&identity, &asker, &group).await?;
    let members = identity.members(&identity.read(&asker.cx).await?, group.id).await?;
    Ok(asker.json(Members { group, members }))
}

/// Changes a group's name and note.
#[utoipa::path(put, path = "/api/v1/groups/{id}", tag = "identity", request_body = GroupBody, params(("id" = String, Path)), responses((status = 200, description = "The group", body = Group), (status = 404, description = "No such group")))]
pub(crate) async fn edit(
    asker: Asker,
    State(identity): State<Identity>,
    Path(group): Path<String>,
    Json(body): Json<GroupBody>,
) -> Result {
    let by = identity.administrator(&asker.cx).await?;
    identity.edit_group(&asker.cx, by, id(&group)?, &body.name, &body.note).await?;
    Ok(asker.json(find(&identity, &asker, &group).await?))
}

/// Dissolves an empty group.
#[utoipa::path(delete, path = "/api/v1/groups/{id}", tag = "identity", params(("id" = String, Path)), responses((status = 204, description = "Dissolved"), (status = 422, description = "People are still in it")))]
pub(crate) async fn dissolve(
    asker: Asker,
    State(identity): State<Identity>,
    Path(group): Path<String>,
) -> Result {
    let by = identity.administrator(&asker.cx).await?;
    identity.dissolve_group(&asker.cx, by, id(&group)?).await?;
    Ok(asker.no_content())
}

/// Puts somebody into a group.
#[utoipa::path(put, path = "/api/v1/groups/{id}/members/{person}", tag = "identity", params(("id" = String, Path), ("person" = String, Path)), responses((status = 204, description = "A member now"), (status = 404, description = "No such group or person")))]
pub(crate) async fn join(
    asker: Asker,
    State(identity): State<Identity>,
    Path((group, person)): Path<(String, String)>,
) -> Result {
    let by = identity.administrator(&asker.cx).await?;
    identity.join_group(&asker.cx, by, id(&group)?, id(&person)?).await?;
    Ok(asker.no_content())
}

/// Takes somebody out of a group.
#[utoipa::path(delete, path = "/api/v1/groups/{id}/members/{person}", tag = "identity", params(("id" = String, Path), ("person" = String, Path)), responses((status = 204, description = "No member any more"), (status = 404, description = "No such membership")))]
pub(crate) async fn leave(
    asker: Asker,
    State(identity): State<Identity>,
    Path((group, person)): Path<(String, String)>,
) -> Result {
    let by = identity.administrator(&asker.cx).await?;
    identity.leave_group(&asker.cx, by, id(&group)?, id(&person)?).await?;
    Ok(asker.no_content())
}
