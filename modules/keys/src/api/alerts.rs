//! Alert rules.

use axum::extract::{Path, State};
use axum::response::IntoResponse;
use sekisho_storage::Scoped;
use sekisho_web::{Asker, IfMatch, Json, JsonList, Result, WebError, etag, precondition};
use serde::Serialize;
use utoipa::OpenApi;

use super::Made;
use crate::alert::AlertRule;
use crate::ids::AlertId;
use crate::reads::Sight;
use crate::tables::alerts as rows;
use crate::{AlertForm, Keys, add_alert, revision};

/// Description of these routes.
#[derive(OpenApi)]
#[openapi(paths(list, add, one, save, remove))]
pub(super) struct Description;

/// A rule as the API shows it. Recipients without an account are counted, not shown.
#[derive(Serialize, utoipa::ToSchema)]
struct AlertRow {
    id: AlertId,
    name: String,
    active: bool,
    rule: AlertRule,
    outsiders: usize,
}

async fn shown(keys: &Keys, row: rows::Model) -> Result<AlertRow> {
    let outsiders = add_alert::outsiders(keys, &row).await?.len();
    Ok(AlertRow { id: row.id, name: row.name, active: row.active, rule: row.rule.0, outsiders })
}

/// The alert rules the caller may change.
#[utoipa::path(get, path = "/api/v1/key-alerts", tag = "keys", responses((status = 200, description = "Rules", body = JsonList<AlertRow>), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn list(asker: Asker, State(keys): State<Keys>) -> Result {
    let sight = Sight::of(&keys, &asker.cx, asker.person()?).await?;
    let scope = keys.store.read(asker.cx.tenant).await?;
    let found = scope.find::<rows::Entity>().ascending(rows::Column::Name).all().await?;
    drop(scope);
    let mut list = Vec::new();
    for row in found.into_iter().filter(|row| add_alert::watches_own(&sight, &row.rule.0)) {
        list.push(shown(&keys, row).await?);
    }
    Ok(JsonList::whole(list).into_response())
}

/// Makes a rule.
#[utoipa::path(post, path = "/api/v1/key-alerts", tag = "keys", request_body = AlertForm, responses((status = 201, description = "The rule", body = Made), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn add(asker: Asker, State(keys): State<Keys>, Json(form): Json<AlertForm>) -> Result {
    let id = crate::add_alert(&keys, &asker.cx, form).await?;
    Ok(asker.created(&format!("/api/v1/key-alerts/{id}"), Made::new(id)))
}

/// The rule, for whoever may change it.
async fn own(asker: &Asker, keys: &Keys, id: AlertId) -> Result<rows::Model> {
    let sight = Sight::of(keys, &asker.cx, asker.person()?).await?;
    let row = add_alert::find(&keys.store.read(asker.cx.tenant).await?, id).await?;
    row.filter(|row| add_alert::watches_own(&sight, &row.rule.0)).ok_or_else(WebError::missing)
}

/// One rule.
#[utoipa::path(get, path = "/api/v1/key-alerts/{id}", tag = "keys", params(("id" = String, Path)), responses((status = 200, description = "The rule; its ETag stands for all of it", body = AlertRow), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn one(asker: Asker, State(keys): State<Keys>, Path(id): Path<AlertId>) -> Result {
    let row = own(&asker, &keys, id).await?;
    let tag = etag(revision::of_alert(&row));
    Ok(([tag], Json(shown(&keys, row).await?)).into_response())
}

/// Changes a rule.
#[utoipa::path(put, path = "/api/v1/key-alerts/{id}", tag = "keys", request_body = AlertForm, params(("id" = String, Path), ("If-Match" = String, Header)), responses((status = 412, description = "Somebody else changed it first"), (status = 204, description = "Changed"), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn save(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<AlertId>,
    seen: IfMatch,
    Json(form): Json<AlertForm>,
) -> Result {
    own(&asker, &keys, id).await?;
    crate::save_alert(&keys, &asker.cx, id, form, &seen.required()?).await.map_err(precondition)?;
    Ok(asker.no_content())
}

/// Removes a rule.
#[utoipa::path(delete, path = "/api/v1/key-alerts/{id}", tag = "keys", params(("id" = String, Path), ("If-Match" = String, Header)), responses((status = 412, description = "Somebody else changed it first"), (status = 204, description = "Removed"), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn remove(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<AlertId>,
    seen: IfMatch,
) -> Result {
    own(&asker, &keys, id).await?;
    crate::remove_alert(&keys, &asker.cx, id, &seen.required()?).await.map_err(precondition)?;
    Ok(asker.no_content())
}
