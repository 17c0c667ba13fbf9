//! Forms that keep what was typed and say beside each field what is wrong.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use sekisho_kernel::{FieldError, Kind};
use serde::de::DeserializeOwned;

use crate::{Result, Texts, WebError};

mod checks;
mod read;

pub use checks::Checks;
pub(crate) use read::decode;

/// A submitted form. Never refuses by itself: what does not fit `T` becomes an error beside its field.
///
/// Missing and empty fields are `None`, `""`, `false` and empty lists; fields sent more than once fill a `Vec`.
#[derive(Clone, Debug)]
pub struct Form<T> {
    value: std::result::Result<T, Vec<FieldError>>,
    state: FormState,
}

impl<T> Form<T> {
    /// The value as an error of the page's own kind when it does not fit, and the state for showing the form again.
    pub fn split(self) -> (Result<T>, FormState) {
        let value = self.value.map_err(|errors| {
            let chain = format!("{errors:?}");
            WebError::new(Kind::Invalid(errors), "error-invalid", chain)
        });
        (value, self.state)
    }

    /// The value, or the error as the answer; for forms with nothing to type.
    pub fn take(self) -> Result<T> {
        self.split().0
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Form<T> {
    type Rejection = WebError;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let body = Bytes::from_request(request, state).await.map_err(|rejection| {
            WebError::new(Kind::Invalid(Vec::new()), "error-invalid", rejection.to_string())
        })?;
        let typed = read::pairs(&body);
        Ok(Self { value: read::value(&typed), state: FormState { typed, errors: Vec::new() } })
    }
}

/// The query of a page (`?q=…&sort=…`), read as forgivingly as a form; what does not fit falls back to the default.
#[derive(Clone, Debug)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Default> axum::extract::FromRequestParts<S> for Query<T> {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, _: &S) -> Result<Self> {
        let typed = read::pairs(parts.uri.query().unwrap_or_default().as_bytes());
        Ok(Self(read::value(&typed).unwrap_or_default()))
    }
}

/// What was typed into a form and what is wrong with it; fields take their values and errors from here.
#[derive(Clone, Debug, Default)]
pub struct FormState {
    typed: Vec<(String, String)>,
    errors: Vec<FieldError>,
}

impl FormState {
    /// An empty form.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Sets the value a field begins with, when a thing is edited.
    pub fn with(mut self, field: &str, value: impl std::fmt::Display) -> Self {
        self.typed.push((field.to_owned(), value.to_string()));
        self
    }

    /// Takes up what a use case refused, to show the form again with it; errors that are no fault of the form come back
    /// as they are.
    pub fn failed(mut self, error: WebError) -> Result<Self> {
        match error.kind() {
            Kind::Invalid(errors) if !errors.is_empty() => self.errors.extend(errors.iter().cloned()),
            Kind::Invalid(_) | Kind::Refused | Kind::Conflict => {
                self.errors.push(FieldError { field: "", text: error.text() });
            }
            _ => return Err(error),
        }
        Ok(self)
    }

    /// Adds an error beside a field; `field` empty for the form as a whole.
    pub fn wrong(mut self, field: &'static str, text: &'static str) -> Self {
        self.errors.push(FieldError { field, text });
        self
    }

    /// What was typed into a field.
    pub fn value(&self, field: &str) -> &str {
        self.typed.iter().find(|(name, _)| name == field).map_or("", |(_, value)| value)
    }

    /// All that was chosen in a field that can be sent more than once.
    pub fn values(&self, field: &str) -> Vec<&str> {
        self.typed.iter().filter(|(name, _)| name == field).map(|(_, value)| value.as_str()).collect()
    }

    /// The sentence beside a field.
    pub fn error(&self, field: &str, t: &Texts) -> Option<String> {
        self.errors.iter().find(|error| error.field == field).map(|error| t.get(error.text))
    }

    /// Whether anything is wrong.
    pub fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }
}
