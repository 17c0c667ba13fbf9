//! Keys: listed, added, taken, lent, handed over, brought back.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use sekisho_kernel::{PersonId, Timestamp};
use sekisho_web::{Asker, IfMatch, Json, JsonList, Paging, Query, Result, WebError, etag, precondition};
use serde::{Deserialize, Serialize};
use utoipa::OpenApi;

use super::{Made, ReasonBody};
use crate::ids::{BinId, BoxId, HandOverId, KeyGroupId, KeyId, KeycodeId, LoanId};
use crate::reads::{self, KeyFilter, KeyRow, KeycodeRow, LoanFilter, LoanRow, Sight};
use crate::{KeyForm, Keys, Lend, TakeOut, revision};

/// Description of these routes.
#[derive(OpenApi)]
#[openapi(paths(
    list,
    add,
    one,
    edit,
    withdraw,
    take,
    lend,
    loans,
    register_loan,
    give_back,
    fault,
    hand_over,
    confirm,
    keycodes,
    make_keycode,
    cancel_keycode
))]
pub(super) struct Description;

/// `?q=…&state=…&box=…&group=…`
#[derive(Default, Deserialize)]
pub(super) struct ListAsk {
    q: String,
    state: String,
    #[serde(rename = "box")]
    place: Option<BoxId>,
    group: Option<KeyGroupId>,
}

/// The keys the caller may see.
#[utoipa::path(get, path = "/api/v1/keys", tag = "keys", params(("q" = Option<String>, Query, description = "Part of name, description, fob, holder or box"), ("state" = Option<String>, Query, description = "`in`, `out`, `late` …"), ("box" = Option<String>, Query), ("group" = Option<String>, Query)), responses((status = 200, description = "Keys by name", body = JsonList<KeyRow>), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn list(asker: Asker, State(keys): State<Keys>, Query(ask): Query<ListAsk>) -> Result {
    let sight = Sight::of(&keys, &asker.cx, asker.person()?).await?;
    let stock = reads::stock(&keys, &asker.cx, &sight).await?;
    let filter = KeyFilter { search: ask.q, state: ask.state, box_id: ask.place, group: ask.group };
    Ok(asker.json(JsonList::whole(stock.filtered(&filter))))
}

/// Adds a key.
#[utoipa::path(post, path = "/api/v1/keys", tag = "keys", request_body = KeyForm, responses((status = 201, description = "The key was added", body = Made), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn add(asker: Asker, State(keys): State<Keys>, Json(form): Json<KeyForm>) -> Result {
    let id = crate::add_key(&keys, &asker.cx, form).await?;
    Ok(asker.created(&format!("/api/v1/keys/{id}"), Made::new(id)))
}

/// One key.
#[utoipa::path(get, path = "/api/v1/keys/{id}", tag = "keys", params(("id" = String, Path)), responses((status = 200, description = "The key; its ETag stands for what can be set", body = KeyRow), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn one(asker: Asker, State(keys): State<Keys>, Path(id): Path<KeyId>) -> Result {
    let sight = Sight::of(&keys, &asker.cx, asker.person()?).await?;
    let stock = reads::stock_of_key(&keys, &asker.cx, &sight, id).await?;
    let row = stock.key(id).ok_or_else(WebError::missing)?;
    let scope = keys.store.read(asker.cx.tenant).await?;
    let present = reads::key(&scope, id).await?.ok_or_else(WebError::missing)?;
    Ok(([etag(revision::of_key(&present))], Json(row)).into_response())
}

/// Changes a key.
#[utoipa::path(put, path = "/api/v1/keys/{id}", tag = "keys", request_body = KeyForm, params(("id" = String, Path), ("If-Match" = String, Header)), responses((status = 204, description = "Changed"), (status = 412, description = "Somebody else changed it first"), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn edit(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<KeyId>,
    seen: IfMatch,
    Json(form): Json<KeyForm>,
) -> Result {
    if seen == IfMatch::ANY {
        // Whom the key is no business of is told that it is missing, not what the request lacks.
        crate::add_key::may_manage_key(&keys, &asker.cx, id, "key.edit").await?;
    }
    let form = KeyForm { seen: seen.required()?, ..form };
    crate::edit_key(&keys, &asker.cx, id, form).await.map_err(precondition)?;
    Ok(asker.no_content())
}

/// Gives a key up for good.
#[utoipa::path(post, path = "/api/v1/keys/{id}/withdraw", tag = "keys", request_body = ReasonBody, params(("id" = String, Path)), responses((status = 204, description = "Withdrawn"), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn withdraw(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<KeyId>,
    Json(body): Json<ReasonBody>,
) -> Result {
    crate::withdraw_key(&keys, &asker.cx, id, &body.reason).await?;
    Ok(asker.no_content())
}

/// A bin on its way to being released.
#[derive(Serialize, utoipa::ToSchema)]
struct Releasing {
    /// The loan that will be.
    loan: LoanId,
    /// The command on its way to the box.
    command: uuid::Uuid,
    /// Number of the bin.
    bin: i64,
    /// Until when it waits.
    not_after: Timestamp,
}

/// Releases the key's bin for the caller, who stands at the box.
#[utoipa::path(post, path = "/api/v1/keys/{id}/take-out", tag = "keys", params(("id" = String, Path)), responses((status = 202, description = "The bin is being released", body = Releasing), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn take(asker: Asker, State(keys): State<Keys>, Path(id): Path<KeyId>) -> Result {
    let ask = TakeOut::on_page(id, asker.person()?);
    let released = crate::take_out(&keys, &asker.cx, ask).await?;
    let body = Releasing {
        loan: released.loan,
        command: released.command.into(),
        bin: released.bin.into(),
        not_after: released.not_after,
    };
    Ok((StatusCode::ACCEPTED, Json(body)).into_response())
}

/// To whom, and until when.
#[derive(Deserialize, utoipa::ToSchema)]
pub(super) struct LendBody {
    /// To whom.
    to: PersonId,
    /// Until when; none: until it is withdrawn.
    #[serde(default)]
    until: Option<Timestamp>,
    #[serde(default)]
    note: String,
}

/// Gives a person the right to take the key.
#[utoipa::path(post, path = "/api/v1/keys/{id}/lend", tag = "keys", request_body = LendBody, params(("id" = String, Path)), responses((status = 201, description = "The grant", body = Made), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn lend(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<KeyId>,
    Json(body): Json<LendBody>,
) -> Result {
    let ask = Lend { key: id, to: body.to, until: body.until, note: body.note };
    let grant = crate::lend(&keys, &asker.cx, ask).await?;
    Ok(asker.created(&format!("/api/v1/grants/{grant}"), Made::new(grant)))
}

/// The loans of a key, newest first.
#[utoipa::path(get, path = "/api/v1/keys/{id}/loans", tag = "keys", params(("cursor" = Option<String>, Query), ("limit" = Option<u64>, Query), ("id" = String, Path)), responses((status = 200, description = "Loans", body = JsonList<LoanRow>), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn loans(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<KeyId>,
    Query(paging): Query<Paging>,
) -> Result {
    let sight = Sight::of(&keys, &asker.cx, asker.person()?).await?;
    let limit = paging.limit();
    let before = paging.after::<(Timestamp, LoanId)>()?;
    let filter = LoanFilter { key: Some(id), before, limit: limit + 1, ..LoanFilter::default() };
    let rows = reads::loans(&keys, &asker.cx, &sight, &filter).await?;
    Ok(JsonList::of(rows, limit, |row| (row.released_at, row.id)).into_response())
}

/// Writes down that the key was handed to a person without the box.
#[utoipa::path(post, path = "/api/v1/keys/{id}/loans", tag = "keys", request_body = LendBody, params(("id" = String, Path)), responses((status = 201, description = "The loan", body = Made), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn register_loan(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<KeyId>,
    Json(body): Json<LendBody>,
) -> Result {
    let ask = Lend { key: id, to: body.to, until: body.until, note: body.note };
    let loan = crate::register_loan(&keys, &asker.cx, ask).await?;
    Ok(asker.created(&format!("/api/v1/keys/{id}/loans"), Made::new(loan)))
}

/// Into which bin.
#[derive(Deserialize, utoipa::ToSchema)]
pub(super) struct ReturnBody {
    bin: BinId,
}

/// Writes down that the key is back in a bin.
#[utoipa::path(post, path = "/api/v1/keys/{id}/return", tag = "keys", request_body = ReturnBody, params(("id" = String, Path)), responses((status = 204, description = "Back"), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn give_back(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<KeyId>,
    Json(body): Json<ReturnBody>,
) -> Result {
    crate::register_return(&keys, &asker.cx, id, body.bin).await?;
    Ok(asker.no_content())
}

/// What is wrong.
#[derive(Deserialize, utoipa::ToSchema)]
pub(super) struct FaultBody {
    note: String,
}

/// Reports a fault of what the key opens.
#[utoipa::path(post, path = "/api/v1/keys/{id}/faults", tag = "keys", request_body = FaultBody, params(("id" = String, Path)), responses((status = 201, description = "The incident", body = Made), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn fault(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<KeyId>,
    Json(body): Json<FaultBody>,
) -> Result {
    let incident = crate::report_fault(&keys, &asker.cx, id, &body.note).await?;
    Ok(asker.created(&format!("/api/v1/keys/{id}"), Made::new(incident)))
}

/// To whom.
#[derive(Deserialize, utoipa::ToSchema)]
pub(super) struct HandOverBody {
    /// To whom.
    to: PersonId,
}

/// Offers the key one holds to another person, who is sent a code.
#[utoipa::path(post, path = "/api/v1/keys/{id}/hand-over", tag = "keys", request_body = HandOverBody, params(("id" = String, Path)), responses((status = 201, description = "The hand-over, to be confirmed", body = Made), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn hand_over(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<KeyId>,
    Json(body): Json<HandOverBody>,
) -> Result {
    let offer = crate::offer_hand_over(&keys, &asker.cx, id, body.to).await?;
    Ok(asker.created(&format!("/api/v1/key-hand-overs/{offer}/confirm"), Made::new(offer)))
}

/// The receiver's code.
#[derive(Deserialize, utoipa::ToSchema)]
pub(super) struct ConfirmBody {
    code: String,
}

/// Confirms a hand-over with the receiver's code.
#[utoipa::path(post, path = "/api/v1/key-hand-overs/{id}/confirm", tag = "keys", request_body = ConfirmBody, params(("id" = String, Path)), responses((status = 200, description = "The receiver's loan", body = Made), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn confirm(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<HandOverId>,
    Json(body): Json<ConfirmBody>,
) -> Result {
    let loan = crate::confirm_hand_over(&keys, &asker.cx, id, &body.code).await?;
    Ok(asker.json(Made::new(loan)))
}

/// The good keycodes of a key; for those who manage it.
#[utoipa::path(get, path = "/api/v1/keys/{id}/keycodes", tag = "keys", params(("id" = String, Path)), responses((status = 200, description = "Keycodes", body = JsonList<KeycodeRow>), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn keycodes(asker: Asker, State(keys): State<Keys>, Path(id): Path<KeyId>) -> Result {
    crate::add_key::may_manage_key(&keys, &asker.cx, id, "keycode.list").await?;
    Ok(JsonList::whole(reads::keycodes_of(&keys, &asker.cx, id).await?).into_response())
}

/// For whom, and which.
#[derive(Deserialize, utoipa::ToSchema)]
pub(super) struct KeycodeBody {
    given_to: String,
    #[serde(default)]
    code: Option<String>,
}

/// The keycode that was made.
#[derive(Serialize, utoipa::ToSchema)]
struct MadeKeycode {
    id: KeycodeId,
    code: String,
}

/// Makes a keycode.
#[utoipa::path(post, path = "/api/v1/keys/{id}/keycodes", tag = "keys", request_body = KeycodeBody, params(("id" = String, Path)), responses((status = 201, description = "The keycode", body = MadeKeycode), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn make_keycode(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<KeyId>,
    Json(body): Json<KeycodeBody>,
) -> Result {
    let made = crate::make_keycode(&keys, &asker.cx, id, body.code.as_deref(), &body.given_to).await?;
    let location = format!("/api/v1/keycodes/{}", made.id);
    Ok(asker.created(&location, MadeKeycode { id: made.id, code: made.code }))
}

/// Cancels a keycode.
#[utoipa::path(delete, path = "/api/v1/keycodes/{id}", tag = "keys", params(("id" = String, Path)), responses((status = 204, description = "Cancelled"), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn cancel_keycode(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<KeycodeId>,
) -> Result {
    crate::cancel_keycode(&keys, &asker.cx, id).await?;
    Ok(asker.no_content())
}
