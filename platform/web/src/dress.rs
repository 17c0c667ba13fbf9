//! Dresses refusals and failures: a quiet page for people, a problem document (RFC 9457) for programs.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sekisho_kernel::{FieldError, Kind};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::WebError;
use crate::access::is_api;
use crate::asker::Frame;
use crate::gate::Arrival;
use crate::parts::{Button, Empty};
use crate::site::Shared;
use crate::view::View;

/// The layer that every answer passes.
pub(crate) async fn dress(request: Request, next: Next) -> Response {
    let Some((shared, arrival)) = request
        .extensions()
        .get::<Arc<Shared>>()
        .cloned()
        .zip(request.extensions().get::<Arrival>().copied())
    else {
        return next.run(request).await;
    };
    let stranger = Frame::of(&shared, request.uri(), request.headers(), arrival);
    let for_program = is_api(request.uri().path()) || wants_json(&request);
    let mut response = next.run(request).await;
    let frame = response.extensions_mut().remove::<Frame>().unwrap_or(stranger);
    let Some(error) = response.extensions_mut().remove::<WebError>().or_else(|| of_status(&response)) else {
        return response;
    };
    log(&error, &frame);
    // Whoever is not signed in may be from outside, and every refusal exists in their languages.
    let frame = if frame.viewer.is_none() { frame.for_guest(None) } else { frame };
    let mut dressed = if for_program { problem(&error, &frame) } else { page(&error, frame) };
    for (name, value) in response.headers() {
        if *name == header::RETRY_AFTER || *name == header::ALLOW || *name == header::WWW_AUTHENTICATE {
            dressed.headers_mut().insert(name, value.clone());
        }
    }
    dressed
}

fn wants_json(request: &Request) -> bool {
    let accept =
        request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.contains("json") && !accept.contains("html")
}

/// Refusals of the framework itself (no such method, body too large, not JSON) carry a status and plain words only.
fn of_status(response: &Response) -> Option<WebError> {
    let status = response.status();
    let plain = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !plain || !(status.is_client_error() || status.is_server_error()) {
        return None;
    }
    let (kind, text) = match status {
        StatusCode::NOT_FOUND => (Kind::Missing, "error-missing"),
        StatusCode::FORBIDDEN => (Kind::Denied, "error-cross-site"),
        StatusCode::METHOD_NOT_ALLOWED => (Kind::Refused, "error-method"),
        StatusCode::PAYLOAD_TOO_LARGE => (Kind::Refused, "error-too-large"),
        StatusCode::REQUEST_TIMEOUT => (Kind::Refused, "error-timeout"),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => (Kind::Refused, "error-media-type"),
        status if status.is_client_error() => (Kind::Invalid(Vec::new()), "error-invalid"),
        _ => (Kind::Broken, "error-broken"),
    };
    Some(WebError::new(kind, text, format!("the framework answered {status}")).answering(status))
}

fn log(error: &WebError, frame: &Frame) {
    let request = frame.request;
    match error.kind() {
        Kind::Broken => tracing::error!(%request, path = frame.path, chain = error.chain(), "broken"),
        _ => tracing::debug!(%request, path = frame.path, chain = error.chain(), "refused"),
    }
}

/// Why a request was refused, or that something broke (RFC 9457).
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Problem {
    /// Always `about:blank`: `code` tells problems apart.
    #[serde(rename = "type")]
    of: &'static str,
    /// What happened and what to do, in the asker's language.
    title: String,
    status: u16,
    /// What happened, for programs; stays the same.
    code: String,
    /// Number of the request in the log.
    request: String,
    /// The fields that are wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Vec<WrongField>>,
    /// More, as the description of the route says.
    #[serde(flatten)]
    #[schema(value_type = BTreeMap<String, Value>)]
    more: Map<String, Value>,
}

/// A field of the request that cannot stay as it is.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct WrongField {
    field: String,
    code: String,
    /// What is wrong, in the asker's language.
    text: String,
}

/// RFC 9457.
fn problem(error: &WebError, frame: &Frame) -> Response {
    let t = frame.texts();
    let status = error.status();
    let errors = match error.kind() {
        Kind::Invalid(fields) => {
            let told = |wrong: &FieldError| WrongField {
                field: wrong.field.to_owned(),
                code: wrong.text.to_owned(),
                text: t.get(wrong.text),
            };
            Some(fields.iter().map(told).collect())
        }
        _ => None,
    };
    let body = Problem {
        of: "about:blank",
        title: t.get(error.text()),
        status: status.as_u16(),
        code: error.text().to_owned(),
        request: frame.request.to_string(),
        errors,
        more: error.more().clone(),
    };
    let mut response = (status, axum::Json(body)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// The page for people: strangers are led to the door, everybody else is told what happened and what to do.
fn page(error: &WebError, frame: Frame) -> Response {
    if *error.kind() == Kind::Unauthenticated {
        let to = frame.shared.doorkeeper.sign_in_page(&frame.here());
        return redirect(&frame, &to);
    }
    if let Some(back) = error.back() {
        return redirect(&frame, &frame.shared.doorkeeper.proof_page(back));
    }
    let t = frame.texts();
    let (title, icon) = match error.kind() {
        Kind::Missing => ("error-title-missing", "help-circle"),
        Kind::Denied => ("error-title-denied", "lock"),
        Kind::Busy(_) => ("error-title-busy", "hourglass"),
        Kind::Broken => ("error-title-broken", "tool"),
        _ => ("error-title", "alert-circle"),
    };
    let number = frame.request.to_string();
    let empty = Empty::new(t.get(title), t.get(error.text()))
        .icon(icon)
        .action(Button::link("/", t.get("error-home")))
        .note(t.markup("error-number", &[("number", &number)]));
    let status = error.status();
    let title = t.get(title);
    let bare = frame.viewer.is_none();
    let texts = frame.texts();
    let view = View::new(frame, texts, title).status(status).hide_title();
    let view = if bare { view.bare() } else { view };
    view.show_markup(empty)
}

fn redirect(frame: &Frame, to: &str) -> Response {
    let to = HeaderValue::from_str(to).unwrap_or_else(|_| HeaderValue::from_static("/"));
    if frame.wants_fragment {
        return (StatusCode::UNAUTHORIZED, [("hx-redirect", to)]).into_response();
    }
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
}
