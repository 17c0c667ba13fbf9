//! JSON bodies of the API. A member nobody knows is refused: a misspelt condition would else give a right without it.

use axum::body::{Body, Bytes};
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sekisho_kernel::Kind;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::WebError;

/// A JSON body, asked or answered. Asked, it must say nothing that `T` does not know; [`axum::Json`] stays for bodies whose
/// shape others define and may widen.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let bytes = Bytes::from_request(Request::from_parts(parts.clone(), body), state)
            .await
            .map_err(IntoResponse::into_response)?;
        if holds_nul(&bytes) {
            let why = "a text holds NUL (U+0000)";
            return Err(WebError::new(Kind::Invalid(Vec::new()), "error-invalid", why)
                .answering(StatusCode::UNPROCESSABLE_ENTITY)
                .with("detail", why)
                .into_response());
        }
        let again = Request::from_parts(parts, Body::from(bytes.clone()));
        let axum::Json(read) = axum::Json::<T>::from_request(again, state).await.map_err(refused)?;
        match unknown::<T>(&bytes) {
            names if names.is_empty() => Ok(Self(read)),
            names => Err(WebError::new(Kind::Invalid(Vec::new()), "error-unknown-member", names.join(", "))
                .with("unknown", names)
                .into_response()),
        }
    }
}

/// The refusal, with the place where reading stopped: whoever writes a program needs it.
fn refused(rejection: JsonRejection) -> Response {
    match &rejection {
        JsonRejection::JsonDataError(_) | JsonRejection::JsonSyntaxError(_) => {
            let detail = rejection.body_text();
            let status = rejection.status();
            WebError::new(Kind::Invalid(Vec::new()), "error-invalid", detail.clone())
                .answering(status)
                .with("detail", detail)
                .into_response()
        }
        _ => rejection.into_response(),
    }
}

/// Whether a text of the body holds U+0000, which JSON writes `\u0000`: no text has one, and PostgreSQL keeps none.
fn holds_nul(body: &[u8]) -> bool {
    let mut escaped = false;
    for (at, byte) in body.iter().enumerate() {
        match byte {
            b'\\' if !escaped => escaped = true,
            b'u' if escaped && body.get(at..at + 5) == Some(b"u0000") => return true,
            _ => escaped = false,
        }
    }
    false
}

/// The members of the body that `T` does not know, as `conditions.second_persn`.
fn unknown<T: DeserializeOwned>(body: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    let mut reader = serde_json::Deserializer::from_slice(body);
    let _: Result<T, _> = serde_ignored::deserialize(&mut reader, |path| names.push(path.to_string()));
    names
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}
