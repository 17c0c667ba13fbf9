//! `Idempotency-Key`: a program that heard no answer may ask again without the act happening twice.
//!
//! Where a server died between the act and its answer, the record knows whether the act was done: it was written in the
//! act's own transaction, under the number of the request. If it was not, the act is done now; if it was, the caller is
//! told what was done.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;
use sekisho_crypto::{Place, sha256};
use sekisho_kernel::{Cx, Kind, Outcome, PersonId};
use sekisho_storage::tables::audit_entries;
use sekisho_storage::{Scoped, StoreError, Tx};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::site::Shared;
use crate::tables::idempotency::{ActiveModel, Column, Entity, Model};
use crate::{Result, WebError};

/// How long an answer is remembered.
const KEPT: Duration = Duration::from_secs(24 * 3600);
/// The longest key we take.
const LONGEST_KEY: usize = 255;
/// How long after its time-out a request may still be in the middle of a commit.
const GRACE: Duration = Duration::from_secs(10);
/// Bodies are hashed and answers kept up to this size.
const MOST_BYTES: usize = 1 << 20;
const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Whether the request asks for this care.
pub(crate) fn applies(request: &Request) -> bool {
    *request.method() == Method::POST
        && crate::access::is_api(request.uri().path())
        && request.headers().contains_key(KEY)
}

/// The answer as it is kept.
#[derive(Serialize, Deserialize)]
struct Answer {
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// Runs the request, or answers as the first time.
pub(crate) async fn once<F: Future<Output = Response>>(
    shared: &Shared,
    cx: &Cx,
    person: PersonId,
    request: Request,
    answer: impl FnOnce(Request) -> F,
) -> Response {
    match begin(shared, cx, person, request).await {
        Ok(Begun::First(id, request)) => {
            let response = answer(request).await;
            settle(shared, cx, id, response).await.unwrap_or_else(IntoResponse::into_response)
        }
        Ok(Begun::Again(response)) => response,
        Err(error) => error.into_response(),
    }
}

enum Begun {
    First(Uuid, Request),
    Again(Response),
}

async fn begin(shared: &Shared, cx: &Cx, person: PersonId, request: Request) -> Result<Begun> {
    let (parts, body) = request.into_parts();
    let key = parts.headers.get(KEY).map(HeaderValue::as_bytes).unwrap_or_default();
    if key.is_empty() || key.len() > LONGEST_KEY {
        return Err(WebError::invalid("Idempotency-Key", "error-idempotency-key"));
    }
    let body = axum::body::to_bytes(body, MOST_BYTES).await.map_err(|error| {
        WebError::new(Kind::Refused, "error-too-large", error.to_string())
            .answering(StatusCode::PAYLOAD_TOO_LARGE)
    })?;
    let id = row_id(person, key);
    let hash =
        sha256(&[parts.method.as_str().as_bytes(), b" ", parts.uri.path().as_bytes(), b"\n", &body].concat());
    let tx = shared.store.begin(cx).await?;
    tx.delete::<Entity>().filter(Column::At.lt(cx.now.minus(KEPT))).exec().await?;
    let first = || Request::from_parts(parts, Body::from(body));
    if let Some(row) = tx.find::<Entity>().filter(Column::Id.eq(id)).one().await? {
        if row.request != hash {
            return Err(WebError::invalid("Idempotency-Key", "error-idempotency-reused"));
        }
        if row.answer.is_some() {
            return again(shared, cx, row).await.map(Begun::Again);
        }
        take_over(shared, &tx, person, &row).await?;
        tx.commit_bookkeeping("key of an API request that was cut off").await?;
        return Ok(Begun::First(id, first()));
    }
    let row = ActiveModel {
        tenant_id: Set(cx.tenant),
        id: Set(id),
        request: Set(hash.to_vec()),
        status: Set(0),
        answer: Set(None),
        at: Set(cx.now),
        running: Set(Some(cx.request)),
    };
    match tx.insert::<Entity>(row).await {
        Ok(()) => tx.commit_bookkeeping("key of an API request").await?,
        // On PostgreSQL two may insert at once; the second waits for the first and lands here.
        Err(StoreError::Duplicate(_)) => return Err(running()),
        Err(error) => return Err(error.into()),
    }
    Ok(Begun::First(id, first()))
}

/// Makes this request the one that is to be answered, if the one before it ended without an answer and did nothing.
async fn take_over(shared: &Shared, tx: &Tx, person: PersonId, row: &Model) -> Result<()> {
    let cx = tx.cx();
    if row.status == 0 && cx.now < row.at.plus(shared.options.time_out + GRACE) {
        return Err(running());
    }
    let done = tx
        .find::<audit_entries::Entity>()
        .filter(audit_entries::Column::ActorId.eq(person.uuid()))
        .filter(audit_entries::Column::At.gte(row.at))
        .filter(audit_entries::Column::Request.eq(row.running))
        .all()
        .await?;
    let done: Vec<_> = done.iter().filter(|entry| entry.outcome.0 == Outcome::Done).map(told).collect();
    if !done.is_empty() {
        let text = "the act was done, its answer is lost";
        return Err(WebError::new(Kind::Conflict, "error-idempotency-lost", text).with("done", done));
    }
    let ours = tx
        .update::<Entity>()
        .set(Column::Running, Some(cx.request))
        .set(Column::At, cx.now)
        .filter(Column::Id.eq(row.id))
        .filter(Column::Running.eq(row.running))
        .exec()
        .await?;
    if ours == 0 { Err(running()) } else { Ok(()) }
}

/// An entry of the record as the one who caused it may know it.
fn told(entry: &audit_entries::Model) -> serde_json::Value {
    json!({ "at": entry.at, "action": entry.action, "target_kind": entry.target_kind, "target_id": entry.target_id })
}

/// The row of a key: keys of different people never meet.
fn row_id(person: PersonId, key: &[u8]) -> Uuid {
    let hash = sha256(&[person.uuid().as_bytes().as_slice(), key].concat());
    let mut id = [0; 16];
    id.iter_mut().zip(hash).for_each(|(byte, hashed)| *byte = hashed);
    uuid::Builder::from_custom_bytes(id).into_uuid()
}

fn running() -> WebError {
    WebError::new(
        Kind::Conflict,
        "error-idempotency-running",
        "the first request with this key has not ended",
    )
}

async fn again(shared: &Shared, cx: &Cx, row: Model) -> Result<Response> {
    let Some(sealed) = row.answer else { return Err(running()) };
    let opened = shared.vault.keys(cx.tenant).await?.open(&place(row.id), &sealed)?;
    let answer: Answer =
        serde_json::from_slice(&opened).map_err(|error| WebError::broken(error.to_string()))?;
    let status = u16::try_from(row.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
    let mut response = (status.unwrap_or(StatusCode::OK), answer.body).into_response();
    response.headers_mut().remove(header::CONTENT_TYPE);
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(&value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

fn place(row: Uuid) -> Place<'static> {
    Place { table: "web_idempotency", column: "answer", row }
}

/// Keeps an act's answer. A refusal changed nothing, so its key is free again; after a failure the record is asked.
async fn settle(shared: &Shared, cx: &Cx, id: Uuid, response: Response) -> Result<Response> {
    let (parts, body) = response.into_parts();
    let cx = cx.later();
    let status = i64::from(parts.status.as_u16());
    if !parts.status.is_success() {
        let tx = shared.store.begin(&cx).await?;
        if parts.status.is_server_error() {
            tx.update::<Entity>().set(Column::Status, status).filter(Column::Id.eq(id)).exec().await?;
        } else {
            tx.delete::<Entity>().filter(Column::Id.eq(id)).exec().await?;
        }
        tx.commit_bookkeeping("key of a refused API request").await?;
        return Ok(Response::from_parts(parts, body));
    }
    let body: Bytes =
        axum::body::to_bytes(body, MOST_BYTES).await.map_err(|error| WebError::broken(error.to_string()))?;
    let kept = [header::CONTENT_TYPE, header::LOCATION, header::ETAG];
    let headers = kept.iter().filter_map(|name| {
        Some((name.as_str().to_owned(), parts.headers.get(name)?.to_str().ok()?.to_owned()))
    });
    let answer = Answer { headers: headers.collect(), body: body.to_vec() };
    let plain = serde_json::to_vec(&answer).map_err(|error| WebError::broken(error.to_string()))?;
    let sealed = shared.vault.keys(cx.tenant).await?.seal(&place(id), &plain);
    let tx = shared.store.begin(&cx).await?;
    tx.update::<Entity>()
        .set(Column::Status, status)
        .set(Column::Answer, Some(sealed))
        .filter(Column::Id.eq(id))
        .exec()
        .await?;
    tx.commit_bookkeeping("answer to an API request").await?;
    Ok(Response::from_parts(parts, Body::from(body)))
}
