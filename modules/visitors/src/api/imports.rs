//! Many appointments at once.

use axum::extract::State;
use axum::response::IntoResponse;
use sekisho_web::{Asker, Json, JsonList, Result};
use serde::Deserialize;
use utoipa::OpenApi;

use crate::Visitors;
use crate::import_appointments::{ImportedRow, import_appointments};

/// Description of these routes.
#[derive(OpenApi)]
#[openapi(paths(import))]
pub(super) struct Description;

/// A CSV file and what to do with it.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(as = VisitorImport)]
pub(super) struct ImportBody {
    /// The file, with a header; columns are `starts`, `ends`, `site`, `name`, `reading`, `company`, `mail`, `phone`,
    /// `language`, `companions`, `kind`, `host` (mail address), `place`, `purpose`.
    csv: String,
    /// Only look: nothing is made.
    #[serde(default)]
    rehearsal: bool,
}

/// Makes an appointment of each row, or of none when one of them is wrong.
#[utoipa::path(post, path = "/api/v1/visitors/import", tag = "visitors", request_body = ImportBody, responses((status = 200, description = "The rows, with what is wrong or what was made", body = JsonList<ImportedRow>), (status = 422, description = "The file cannot be read")))]
pub(super) async fn import(
    asker: Asker,
    State(visitors): State<Visitors>,
    Json(body): Json<ImportBody>,
) -> Result {
    let rows = import_appointments(&visitors, &asker.cx, &body.csv, body.rehearsal).await?;
    Ok(JsonList::whole(rows).into_response())
}
