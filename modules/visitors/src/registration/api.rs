//! Registering under `/api/v1/visitors`: what is asked, agreements, what guests gave; and a guest's own part, for which the token
//! of the personal page is the credential.

mod guest;

use axum::extract::{Path, State};
use axum::response::IntoResponse;
use sekisho_web::{Access, Asker, IfMatch, Json, JsonList, Result, Routes, WebError, etag, precondition};
use serde::Serialize;
use utoipa::OpenApi;

use super::agreements::{self, AgreementForm, AgreementRow, NewVersion, make_agreement, new_version};
use super::asks::{self, Asks, save_asks};
use super::kept::{RegistrationRow, readable};
use super::pages::{of_signing, picture};
use super::photo::{MOST_BYTES, see_photo};
use crate::Visitors;
use crate::ids::{AgreementId, SigningId, VisitId};

/// Description of these routes.
#[derive(OpenApi)]
#[openapi(paths(asked, ask, list, make, one, next, of_visit, photo, signing))]
struct Description;

/// The routes of the API.
pub(super) fn routes() -> Routes<Visitors> {
    use Access::{Administrator, Person};
    let guest = Access::Public("a guest's own; the token in the address is the credential");
    Routes::new("visitors")
        .get("/api/v1/visitors/registration", Administrator, asked)
        .put("/api/v1/visitors/registration", Administrator, ask)
        .get("/api/v1/visitors/agreements", Administrator, list)
        .post("/api/v1/visitors/agreements", Administrator, make)
        .get("/api/v1/visitors/agreements/{id}", Administrator, one)
        .post("/api/v1/visitors/agreements/{id}/versions", Administrator, next)
        .get("/api/v1/visitors/visits/{id}/registration", Person, of_visit)
        .get("/api/v1/visitors/visits/{id}/photo", Person, photo)
        .get("/api/v1/visitors/signings/{id}/pdf", Person, signing)
        .describe(Description::openapi)
        .get("/api/v1/visitors/pages/{token}/registration", guest, guest::show)
        .put("/api/v1/visitors/pages/{token}/registration", guest, guest::fill_in)
        .post("/api/v1/visitors/pages/{token}/signature", guest, guest::sign)
        .post_large("/api/v1/visitors/pages/{token}/photo", guest, MOST_BYTES, guest::send_photo)
        .delete("/api/v1/visitors/pages/{token}/photo", guest, guest::take_back_photo)
        .describe(guest::Description::openapi)
}

/// What guests are asked before they come, by kind of visit.
#[utoipa::path(get, path = "/api/v1/visitors/registration", tag = "visitors", responses((status = 200, description = "What is asked; the ETag counts the changes", body = Asks)))]
async fn asked(asker: Asker, State(visitors): State<Visitors>) -> Result {
    let scope = visitors.store.read(asker.cx.tenant).await?;
    let (asks, version) = asks::load(&scope).await?;
    Ok(([etag(version)], Json(asks)).into_response())
}

/// Sets what is asked, as a whole. Answers that were given stay, also of fields that go. With `If-Match` only when it is still as it was seen.
#[utoipa::path(put, path = "/api/v1/visitors/registration", tag = "visitors", params(("If-Match" = Option<String>, Header)), request_body = Asks, responses((status = 204, description = "Set"), (status = 412, description = "Somebody else changed it first"), (status = 422, description = "A field is wrong")))]
async fn ask(
    asker: Asker,
    State(visitors): State<Visitors>,
    seen: IfMatch,
    Json(asks): Json<Asks>,
) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    save_asks(&visitors, &asker.cx, by, asks, &seen).await.map_err(precondition)?;
    Ok(asker.no_content())
}

/// The agreements by name, each with its newest version.
#[utoipa::path(get, path = "/api/v1/visitors/agreements", tag = "visitors", responses((status = 200, description = "The agreements", body = JsonList<AgreementRow>)))]
async fn list(asker: Asker, State(visitors): State<Visitors>) -> Result {
    Ok(JsonList::whole(agreements::list(&visitors, &asker.cx).await?).into_response())
}

/// The id of an agreement that was made.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = VisitorAgreementMade)]
struct Made {
    id: AgreementId,
}

/// Writes an agreement down, with its first version.
#[utoipa::path(post, path = "/api/v1/visitors/agreements", tag = "visitors", request_body = AgreementForm, responses((status = 201, description = "Made", body = Made), (status = 422, description = "A field is wrong")))]
async fn make(asker: Asker, State(visitors): State<Visitors>, Json(form): Json<AgreementForm>) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    let id = make_agreement(&visitors, &asker.cx, by, form).await?;
    Ok(asker.created(&format!("/api/v1/visitors/agreements/{id}"), Made { id }))
}

/// One agreement with all of its versions.
#[utoipa::path(get, path = "/api/v1/visitors/agreements/{id}", tag = "visitors", params(("id" = String, Path)), responses((status = 200, description = "The agreement", body = AgreementRow), (status = 404, description = "No such agreement")))]
async fn one(asker: Asker, State(visitors): State<Visitors>, Path(id): Path<AgreementId>) -> Result {
    let row = agreements::whole(&visitors, &asker.cx, id).await?.ok_or_else(WebError::missing)?;
    Ok(Json(row).into_response())
}

/// The number of a version that was written.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = VisitorAgreementVersionMade)]
struct Written {
    version: i64,
}

/// Writes the next version of an agreement. Versions are never changed.
#[utoipa::path(post, path = "/api/v1/visitors/agreements/{id}/versions", tag = "visitors", params(("id" = String, Path)), request_body = NewVersion, responses((status = 201, description = "Written", body = Written), (status = 404, description = "No such agreement"), (status = 422, description = "A field is wrong")))]
async fn next(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<AgreementId>,
    Json(form): Json<NewVersion>,
) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    let version = new_version(&visitors, &asker.cx, by, id, form).await?;
    Ok(asker.created(&format!("/api/v1/visitors/agreements/{id}"), Written { version }))
}

/// What the guest of a visit filled in, signed and sent, and what is missing, for whoever plans the visit.
#[utoipa::path(get, path = "/api/v1/visitors/visits/{id}/registration", tag = "visitors", params(("id" = String, Path)), responses((status = 200, description = "The registration", body = RegistrationRow), (status = 404, description = "Not there, or not for you")))]
async fn of_visit(asker: Asker, State(visitors): State<Visitors>, Path(id): Path<VisitId>) -> Result {
    let sight = visitors.sight(&asker.cx, asker.person()?).await?;
    let row = readable(&visitors, &asker.cx, &sight, &[id]).await?.remove(&id);
    Ok(Json(row.ok_or_else(WebError::missing)?).into_response())
}

/// The photo of a guest, for the host and the desk of the site. Each look is on the record.
#[utoipa::path(get, path = "/api/v1/visitors/visits/{id}/photo", tag = "visitors", params(("id" = String, Path)), responses((status = 200, description = "The photo", body = Vec<u8>, content_type = "image/jpeg"), (status = 404, description = "Not there, or not for you")))]
async fn photo(asker: Asker, State(visitors): State<Visitors>, Path(id): Path<VisitId>) -> Result {
    let sight = visitors.sight(&asker.cx, asker.person()?).await?;
    Ok(picture(see_photo(&visitors, &asker.cx, &sight, id).await?))
}

/// A signature as a PDF with the very text, its hash, name, time and strokes, for whoever plans a visit for which it stands.
#[utoipa::path(get, path = "/api/v1/visitors/signings/{id}/pdf", tag = "visitors", params(("id" = String, Path)), responses((status = 200, description = "The PDF", body = Vec<u8>, content_type = "application/pdf"), (status = 404, description = "Not there, or not for you"), (status = 422, description = "The text in the store is not what was signed")))]
async fn signing(asker: Asker, visitors: State<Visitors>, id: Path<SigningId>) -> Result {
    of_signing(asker, visitors, id).await
}
