//! What a guest can do without the page: the token of the personal page is the credential.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use sekisho_web::{Asker, Json, Result};
use serde::{Deserialize, Serialize};
use utoipa::OpenApi;
use uuid::Uuid;

use super::super::agreements::AgreementText;
use super::super::asks::{self, Field};
use super::super::kept::{RegistrationRow, registered_of};
use super::super::sign::{self, Signature, to_sign};
use super::super::strokes::Stroke;
use super::super::{fill_in as use_case, photo};
use crate::Visitors;
use crate::ids::{AgreementId, SigningId};
use crate::pages::guest::{as_guest, visit_of};

/// Description of these routes.
#[derive(OpenApi)]
#[openapi(paths(show, fill_in, sign, send_photo, take_back_photo))]
pub(super) struct Description;

/// What a guest is asked and has given.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = VisitorPageRegistration)]
struct Asked {
    /// The fields, in their order.
    fields: Vec<Field>,
    /// Whether a photo is asked for.
    photo: bool,
    /// What is to be signed.
    agreement: Option<AgreementAsked>,
    /// What was given.
    given: RegistrationRow,
}

/// An agreement to be signed.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = VisitorPageAgreement)]
struct AgreementAsked {
    id: AgreementId,
    version: i64,
    /// The text by language.
    texts: BTreeMap<String, AgreementText>,
}

/// What the guest of that page is asked and has given.
#[utoipa::path(get, path = "/api/v1/visitors/pages/{token}/registration", tag = "visitors", params(("token" = String, Path)), responses((status = 200, description = "What is asked and given", body = Asked), (status = 404, description = "No such page")))]
pub(super) async fn show(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(token): Path<String>,
) -> Result {
    let visit = visit_of(&visitors, &asker, &token).await?;
    let scope = visitors.store.read(asker.cx.tenant).await?;
    let (asks, _) = asks::load(&scope).await?;
    let agreement = to_sign(&scope, &visit).await?;
    drop(scope);
    let asked = asks.of_visit(&visit).cloned().unwrap_or_default();
    let given = registered_of(&visitors, &asker.cx, std::slice::from_ref(&visit)).await?.remove(&visit.id);
    let agreement =
        agreement.map(|one| AgreementAsked { id: one.agreement, version: one.version, texts: one.texts });
    let (fields, photo) = (asked.fields, asked.photo);
    Ok(Json(Asked { fields, photo, agreement, given: given.unwrap_or_default() }).into_response())
}

/// What a guest answers.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(as = VisitorPageAnswers)]
pub(super) struct AnswersBody {
    /// By the field's id: text, `yes` or `no`, a day (`2026-11-22`), or the words of a choice in any language.
    answers: BTreeMap<Uuid, String>,
}

/// Answers before the visit, for all of a series that is to come.
#[utoipa::path(put, path = "/api/v1/visitors/pages/{token}/registration", tag = "visitors", params(("token" = String, Path)), request_body = AnswersBody, responses((status = 204, description = "Kept"), (status = 404, description = "No such page, or nothing is asked"), (status = 422, description = "A field is wrong (`field_1` is the first), or the visit is over")))]
pub(super) async fn fill_in(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(token): Path<String>,
    Json(body): Json<AnswersBody>,
) -> Result {
    let visit = visit_of(&visitors, &asker, &token).await?;
    use_case::fill_in(&visitors, &as_guest(&asker, &visit), visit.id, &body.answers).await?;
    Ok(asker.no_content())
}

/// A signature.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(as = VisitorPageSignature)]
pub(super) struct SignatureBody {
    /// Under which agreement.
    agreement: AgreementId,
    /// Which version was read; the newest.
    version: i64,
    /// In which language.
    language: String,
    /// The name; needed where nothing is drawn.
    #[serde(default)]
    name: String,
    /// What was drawn: strokes of points, across and down, from 0 to 10000.
    #[serde(default)]
    #[schema(value_type = Vec<Vec<Vec<u16>>>)]
    strokes: Vec<Stroke>,
}

/// The id of a signature.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = VisitorPageSigned)]
struct Signed {
    id: SigningId,
}

/// Signs the agreement, for all of a series that is to come.
#[utoipa::path(post, path = "/api/v1/visitors/pages/{token}/signature", tag = "visitors", params(("token" = String, Path)), request_body = SignatureBody, responses((status = 201, description = "Signed", body = Signed), (status = 404, description = "No such page, or nothing is to be signed"), (status = 422, description = "A field is wrong, or there is a newer version")))]
pub(super) async fn sign(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(token): Path<String>,
    Json(body): Json<SignatureBody>,
) -> Result {
    let visit = visit_of(&visitors, &asker, &token).await?;
    let SignatureBody { agreement, version, language, name, strokes } = body;
    let signature = Signature { agreement, version, language, name, strokes };
    let id = sign::sign(&visitors, &as_guest(&asker, &visit), visit.id, signature).await?;
    Ok(asker.created(&format!("/api/v1/visitors/pages/{token}/registration"), Signed { id }))
}

/// Sends a photo: JPEG, PNG or WebP of at most 15 MB. It is written anew, without what came along with it.
#[utoipa::path(post, path = "/api/v1/visitors/pages/{token}/photo", tag = "visitors", params(("token" = String, Path)), request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses((status = 204, description = "Kept"), (status = 404, description = "No such page, or no photo is asked for"), (status = 422, description = "It is no such picture, or too large")))]
pub(super) async fn send_photo(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(token): Path<String>,
    picture: Bytes,
) -> Result {
    let visit = visit_of(&visitors, &asker, &token).await?;
    photo::send_photo(&visitors, &as_guest(&asker, &visit), visit.id, picture.to_vec()).await?;
    Ok(asker.no_content())
}

/// Takes the photo back.
#[utoipa::path(delete, path = "/api/v1/visitors/pages/{token}/photo", tag = "visitors", params(("token" = String, Path)), responses((status = 204, description = "Gone"), (status = 404, description = "No such page")))]
pub(super) async fn take_back_photo(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(token): Path<String>,
) -> Result {
    let visit = visit_of(&visitors, &asker, &token).await?;
    photo::take_back_photo(&visitors, &as_guest(&asker, &visit), visit.id).await?;
    Ok(asker.no_content())
}
