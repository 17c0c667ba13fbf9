//! `Idempotency-Key`: a program that heard no answer may ask again without the act happening twice.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;
use sekisho_crypto::{Place, sha256};
use sekisho_kernel::{Cx, Kind, PersonId};
use sekisho_storage::{Scoped, StoreError};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::site::Shared;
use crate::tables::idempotency::{ActiveModel, Column, Entity, Model};
use crate::{Result, WebError};

/// How long an answer is remembered.
const KEPT: Duration = Duration::from_secs(24 * 3600);
/// The longest key we take.
const LONGEST_KEY: usize = 255;
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
    if let Some(row) = tx.find::<Entity>().filter(Column::Id.eq(id)).one().await? {
        return again(shared, cx, row, &hash).await.map(Begun::Again);
    }
    let row = ActiveModel {
        tenant_id: Set(cx.tenant),
        id: Set(id),
        request: Set(hash.to_vec()),
        status: Set(0),
        answer: Set(None),
        at: Set(cx.now),
    };
    match tx.insert::<Entity>(row).await {
        Ok(()) => tx.commit_bookkeeping("key of an API request").await?,
        // On PostgreSQL two may insert at once; the second waits for the first and lands here.
        Err(StoreError::Duplicate(_)) => return Err(running()),
        Err(error) => return Err(error.into()),
    }
    Ok(Begun::First(id, Request::from_parts(parts, Body::from(body))))
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

async fn again(shared: &Shared, cx: &Cx, row: Model, hash: &[u8; 32]) -> Result<Response> {
    if row.request != hash {
        return Err(WebError::invalid("Idempotency-Key", "error-idempotency-reused"));
    }
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

/// Keeps an act's answer. Refusals and failures changed nothing, so their key is free again.
async fn settle(shared: &Shared, cx: &Cx, id: Uuid, response: Response) -> Result<Response> {
    let (parts, body) = response.into_parts();
    let cx = cx.later();
    if !parts.status.is_success() {
        let tx = shared.store.begin(&cx).await?;
        tx.delete::<Entity>().filter(Column::Id.eq(id)).exec().await?;
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
        .set(Column::Status, i64::from(parts.status.as_u16()))
        .set(Column::Answer, Some(sealed))
        .filter(Column::Id.eq(id))
        .exec()
        .await?;
    tx.commit_bookkeeping("answer to an API request").await?;
    Ok(Response::from_parts(parts, Body::from(body)))
}
