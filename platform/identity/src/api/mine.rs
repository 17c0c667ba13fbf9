//! What belongs to the asker: me, my sessions, my tokens.

use axum::extract::{Path, State};
use axum::response::IntoResponse;
use sekisho_kernel::{Language, PersonId};
use sekisho_web::{Access, Asker, Json, JsonList, Result, Routes, WebError};
use serde::Serialize;

use crate::pages::id;
use crate::{Group, Identity, NewToken, SessionRow, TokenRow};

pub(super) fn routes() -> Routes<Identity> {
    Routes::new("identity")
        .get("/api/v1/me", Access::Person, me)
        .get("/api/v1/sessions", Access::Person, sessions)
        .delete("/api/v1/sessions/{id}", Access::Person, end_session)
        .get("/api/v1/tokens", Access::Person, tokens)
        .post("/api/v1/tokens", Access::Person, make_token)
        .delete("/api/v1/tokens/{id}", Access::Person, revoke_token)
}

/// The asker.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct MeJson {
    id: PersonId,
    name: String,
    kana: Option<String>,
    mail: Option<String>,
    phone: Option<String>,
    number: Option<String>,
    #[schema(value_type = sekisho_kernel::StaffLanguage)]
    language: Language,
    administrator: bool,
    groups: Vec<Group>,
}

/// Who asks; one's own data is shown whole.
#[utoipa::path(get, path = "/api/v1/me", tag = "identity", responses((status = 200, description = "The asker", body = MeJson)))]
pub(crate) async fn me(asker: Asker, State(identity): State<Identity>) -> Result {
    let scope = identity.read(&asker.cx).await?;
    let me = identity.person(&scope, asker.person()?).await?.ok_or_else(WebError::missing)?;
    let groups = identity.groups_of(&scope, me.id).await?;
    Ok(asker.json(MeJson {
        id: me.id,
        name: me.name,
        kana: me.kana,
        mail: me.mail,
        phone: me.phone,
        number: me.number,
        language: me.language,
        administrator: asker.is_administrator(),
        groups,
    }))
}

/// The asker's live sessions.
#[utoipa::path(get, path = "/api/v1/sessions", tag = "identity", responses((status = 200, description = "The sessions, the last used first", body = JsonList<SessionRow>)))]
pub(crate) async fn sessions(asker: Asker, State(identity): State<Identity>) -> Result {
    let scope = identity.read(&asker.cx).await?;
    Ok(JsonList::whole(identity.sessions(&asker.cx, &scope, asker.person()?).await?).into_response())
}

/// Ends one of the asker's sessions.
#[utoipa::path(delete, path = "/api/v1/sessions/{id}", tag = "identity", params(("id" = String, Path)), responses((status = 204, description = "Ended"), (status = 404, description = "No such session")))]
pub(crate) async fn end_session(
    asker: Asker,
    State(identity): State<Identity>,
    Path(session): Path<String>,
) -> Result {
    identity.end_session(&asker.cx, asker.person()?, id(&session)?).await?;
    Ok(asker.no_content())
}

/// The asker's tokens.
#[utoipa::path(get, path = "/api/v1/tokens", tag = "identity", responses((status = 200, description = "The tokens that work", body = JsonList<TokenRow>)))]
pub(crate) async fn tokens(asker: Asker, State(identity): State<Identity>) -> Result {
    let scope = identity.read(&asker.cx).await?;
    Ok(JsonList::whole(identity.tokens(&asker.cx, &scope, asker.person()?).await?).into_response())
}

/// A token that was made.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct MadeToken {
    /// Its text, shown this once.
    token: String,
    about: TokenRow,
}

/// Makes a token; its text is in this answer only. A session with a fresh proof is needed.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "identity", request_body = NewToken, responses((status = 201, description = "The token with its text", body = MadeToken), (status = 403, description = "A fresh proof is needed"), (status = 422, description = "A field is wrong")))]
pub(crate) async fn make_token(
    asker: Asker,
    State(identity): State<Identity>,
    Json(new): Json<NewToken>,
) -> Result {
    let (row, token) = identity.make_token(&asker.cx, asker.person()?, &new).await?;
    let body = MadeToken { token: token.expose().to_owned(), about: row.clone() };
    Ok(asker.created(&format!("/api/v1/tokens/{}", row.id), body))
}

/// Withdraws one of the asker's tokens.
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", tag = "identity", params(("id" = String, Path)), responses((status = 204, description = "Withdrawn"), (status = 404, description = "No such token")))]
pub(crate) async fn revoke_token(
    asker: Asker,
    State(identity): State<Identity>,
    Path(token): Path<String>,
) -> Result {
    identity.revoke_token(&asker.cx, asker.person()?, id(&token)?).await?;
    Ok(asker.no_content())
}
