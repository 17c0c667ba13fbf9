//! The watch list under `/api/v1/visitors`, for administrators. Each look at it stands on the record.

use axum::extract::{Path, State};
use axum::response::IntoResponse;
use sekisho_kernel::AuditEntry;
use sekisho_web::{
    Access, Asker, IfMatch, Json, JsonList, Query, Result, Routes, WebError, etag, precondition,
};
use serde::{Deserialize, Serialize};
use utoipa::OpenApi;
use uuid::Uuid;

use super::clear_match;
use super::entries::{WatchForm, add_watch_entry, change_watch_entry, remove_watch_entry};
use super::import::{WatchImportRow, import_watch_list};
use super::matches::{MatchRow, matches as matches_now};
use super::reads::{self, WatchRow};
use crate::Visitors;
use crate::ids::WatchEntryId;

/// Description of these routes.
#[derive(OpenApi)]
#[openapi(paths(list, add, one, change, remove, import, matches, clear))]
struct Description;

/// The routes of the API.
pub(super) fn routes() -> Routes<Visitors> {
    use Access::Administrator;
    Routes::new("visitors")
        .get("/api/v1/visitors/watch-entries", Administrator, list)
        .post("/api/v1/visitors/watch-entries", Administrator, add)
        .post("/api/v1/visitors/watch-entries/import", Administrator, import)
        .get("/api/v1/visitors/watch-entries/{id}", Administrator, one)
        .put("/api/v1/visitors/watch-entries/{id}", Administrator, change)
        .delete("/api/v1/visitors/watch-entries/{id}", Administrator, remove)
        .get("/api/v1/visitors/watch-matches", Administrator, matches)
        .delete("/api/v1/visitors/watch-matches/{of}/{entry}", Administrator, clear)
        .describe(Description::openapi)
}

/// `?q=…`
#[derive(Default, Deserialize)]
struct ListAsk {
    q: String,
}

/// The entries, the newest first.
#[utoipa::path(get, path = "/api/v1/visitors/watch-entries", tag = "visitors", params(("q" = Option<String>, Query, description = "Part of a name, the organisation or the reason")), responses((status = 200, description = "The entries; at most 2,000 are kept", body = JsonList<WatchRow>)))]
async fn list(asker: Asker, State(visitors): State<Visitors>, Query(ask): Query<ListAsk>) -> Result {
    let rows = reads::entries(&visitors, &asker.cx, &ask.q).await?;
    visitors.record(&asker.cx, AuditEntry::done("watch_list.see")).await?;
    Ok(JsonList::whole(rows).into_response())
}

/// The id of an entry that was made.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = VisitorWatchAdded)]
struct Added {
    id: WatchEntryId,
}

/// Adds an entry.
#[utoipa::path(post, path = "/api/v1/visitors/watch-entries", tag = "visitors", request_body = WatchForm, responses((status = 201, description = "Added", body = Added), (status = 422, description = "A field is wrong, or the list is full")))]
async fn add(asker: Asker, State(visitors): State<Visitors>, Json(form): Json<WatchForm>) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    let id = add_watch_entry(&visitors, &asker.cx, by, form).await?;
    Ok(asker.created(&format!("/api/v1/visitors/watch-entries/{id}"), Added { id }))
}

/// One entry.
#[utoipa::path(get, path = "/api/v1/visitors/watch-entries/{id}", tag = "visitors", params(("id" = String, Path)), responses((status = 200, description = "The entry; its ETag counts the changes", body = WatchRow), (status = 404, description = "No such entry")))]
async fn one(asker: Asker, State(visitors): State<Visitors>, Path(id): Path<WatchEntryId>) -> Result {
    let row = reads::entry(&visitors, &asker.cx, id).await?.ok_or_else(WebError::missing)?;
    visitors.record(&asker.cx, AuditEntry::done("watch_entry.see").on("watch_entry", id, "")).await?;
    Ok(([etag(row.version)], Json(row)).into_response())
}

/// Changes an entry. With `If-Match` only one that is still as it was seen.
#[utoipa::path(put, path = "/api/v1/visitors/watch-entries/{id}", tag = "visitors", params(("id" = String, Path), ("If-Match" = Option<String>, Header)), request_body = WatchForm, responses((status = 204, description = "Changed"), (status = 404, description = "No such entry"), (status = 412, description = "Somebody else changed it first"), (status = 422, description = "A field is wrong")))]
async fn change(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<WatchEntryId>,
    seen: IfMatch,
    Json(form): Json<WatchForm>,
) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    change_watch_entry(&visitors, &asker.cx, by, id, form, &seen).await.map_err(precondition)?;
    Ok(asker.no_content())
}

/// Removes an entry, with the marks it made.
#[utoipa::path(delete, path = "/api/v1/visitors/watch-entries/{id}", tag = "visitors", params(("id" = String, Path)), responses((status = 204, description = "Removed"), (status = 404, description = "No such entry")))]
async fn remove(asker: Asker, State(visitors): State<Visitors>, Path(id): Path<WatchEntryId>) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    remove_watch_entry(&visitors, &asker.cx, by, id).await?;
    Ok(asker.no_content())
}

/// A CSV file and what to do with it.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(as = VisitorWatchImport)]
struct ImportBody {
    /// The file, with a header; columns are `names` and `sites` (several parted by semicolons), `organisation`, `reason`,
    /// `phone`, `from`, `until`. Needed are `names` and `reason`.
    csv: String,
    /// Only look: nothing is made.
    #[serde(default)]
    rehearsal: bool,
}

/// Makes an entry of each row, or of none when one of them is wrong.
#[utoipa::path(post, path = "/api/v1/visitors/watch-entries/import", tag = "visitors", request_body = ImportBody, responses((status = 200, description = "The rows, with what is wrong or what was made", body = JsonList<WatchImportRow>), (status = 422, description = "The file cannot be read, or the list would be too long")))]
async fn import(asker: Asker, State(visitors): State<Visitors>, Json(body): Json<ImportBody>) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    let rows = import_watch_list(&visitors, &asker.cx, by, &body.csv, body.rehearsal).await?;
    Ok(JsonList::whole(rows).into_response())
}

/// The guests who resemble an entry, may still be let in or are here, and of whom nobody said that they are somebody else: each
/// once for each entry.
#[utoipa::path(get, path = "/api/v1/visitors/watch-matches", tag = "visitors", responses((status = 200, description = "The matches, the newest first; at most 200", body = JsonList<MatchRow>)))]
async fn matches(asker: Asker, State(visitors): State<Visitors>) -> Result {
    let rows = matches_now(&visitors, &asker.cx).await?;
    visitors.record(&asker.cx, AuditEntry::done("watch_list.see")).await?;
    Ok(JsonList::whole(rows).into_response())
}

/// Says that the guest of a visit (or the carrier of a delivery) is not whom an entry means. Of that guest nobody is asked
/// again for that entry.
#[utoipa::path(delete, path = "/api/v1/visitors/watch-matches/{of}/{entry}", tag = "visitors", params(("of" = String, Path, description = "The visit or delivery"), ("entry" = String, Path)), responses((status = 204, description = "Cleared"), (status = 404, description = "No such match")))]
async fn clear(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path((of, entry)): Path<(Uuid, WatchEntryId)>,
) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    clear_match(&visitors, &asker.cx, by, of, entry).await?;
    Ok(asker.no_content())
}
