//! From kinds of errors to answers: one table of statuses, a page for people, a problem document (RFC 9457) for programs.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sekisho_kernel::{FieldError, Kind, Kinded, chain};
use serde::Serialize;
use serde_json::Value;

/// What handlers answer with.
pub type Result<T = Response, E = WebError> = std::result::Result<T, E>;

/// Any refusal or failure on its way to the person or program that asked. Made from every [`Kinded`] error by `?`.
#[derive(Clone, Debug)]
pub struct WebError(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    kind: Kind,
    text: &'static str,
    chain: String,
    status: Option<StatusCode>,
    more: serde_json::Map<String, Value>,
    /// The page to come back to, of [`WebError::unproven`].
    back: String,
}

/// The `code` of an act that wants a fresh proof.
const UNPROVEN: &str = "error-unproven";

impl<E: Kinded + Send + Sync + 'static> From<E> for WebError {
    fn from(error: E) -> Self {
        Self::new(error.kind(), error.text(), chain(&error))
    }
}

impl WebError {
    /// An error without a type of its own. `chain` goes to the log only.
    pub fn new(kind: Kind, text: &'static str, chain: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            text,
            chain: chain.into(),
            status: None,
            more: Default::default(),
            back: String::new(),
        }))
    }

    /// Not there, or not for this viewer.
    pub fn missing() -> Self {
        Self::new(Kind::Missing, "error-missing", "missing")
    }

    /// Nobody is signed in.
    pub fn unauthenticated() -> Self {
        Self::new(Kind::Unauthenticated, "error-unauthenticated", "not signed in")
    }

    /// Who asks has to prove again who they are: people are led there and then to the page `back`, programs are told.
    pub fn unproven(back: &str) -> Self {
        let mut error = Self::new(Kind::Denied, UNPROVEN, "a fresh proof is needed");
        error.0.back = back.to_owned();
        error
    }

    /// Where to go after the proof that is missing.
    pub(crate) fn back(&self) -> Option<&str> {
        (self.0.text == UNPROVEN).then_some(&*self.0.back)
    }

    /// Not allowed.
    pub fn denied() -> Self {
        Self::new(Kind::Denied, "error-denied", "denied")
    }

    /// Our fault; `chain` says what.
    pub fn broken(chain: impl Into<String>) -> Self {
        Self::new(Kind::Broken, "error-broken", chain)
    }

    /// One field is wrong.
    pub fn invalid(field: &'static str, text: &'static str) -> Self {
        Self::new(
            Kind::Invalid(vec![FieldError { field, text }]),
            "error-invalid",
            format!("{field}: {text}"),
        )
    }

    /// Adds a member to the problem document, such as the reasons of a decision.
    pub fn with(mut self, name: &str, value: impl Serialize) -> Self {
        self.0.more.insert(name.to_owned(), serde_json::to_value(value).unwrap_or_default());
        self
    }

    /// The kind.
    pub fn kind(&self) -> &Kind {
        &self.0.kind
    }

    /// The id of the sentence for people, which is also the problem's `code`.
    pub fn text(&self) -> &'static str {
        self.0.text
    }

    /// The chain of causes, for the log.
    pub fn chain(&self) -> &str {
        &self.0.chain
    }

    pub(crate) fn more(&self) -> &serde_json::Map<String, Value> {
        &self.0.more
    }

    /// Another status than the table's, where a protocol wants one.
    pub fn answering(mut self, status: StatusCode) -> Self {
        self.0.status = Some(status);
        self
    }

    /// The table from kind to status.
    pub fn status(&self) -> StatusCode {
        if let Some(status) = self.0.status {
            return status;
        }
        match &self.0.kind {
            Kind::Missing => StatusCode::NOT_FOUND,
            Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
            Kind::Denied => StatusCode::FORBIDDEN,
            Kind::Refused | Kind::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Kind::Conflict => StatusCode::CONFLICT,
            Kind::Busy(_) => StatusCode::TOO_MANY_REQUESTS,
            Kind::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for WebError {
    /// The bare status with the error beside it; the outermost layer knows reader and language and dresses it.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        if let Kind::Busy(seconds) = self.0.kind {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}
