//! The kinds of errors. Each use case has its own small enum of refusals; each variant says which kind it is, and one
//! table in `platform/web` turns kinds into pages and JSON.

use serde::Serialize;

/// What is wrong with one field of a form or body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The field's name as the form or body spells it; empty for the form as a whole.
    pub field: &'static str,
    /// The id of the text (Fluent) that tells the person what to do.
    pub text: &'static str,
}

/// What kind of refusal or failure an error is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Not there, or not there for this person to know of (404).
    Missing,
    /// Nobody is signed in (401).
    Unauthenticated,
    /// Known, but not allowed (403).
    Denied,
    /// Allowed in general, but the rules of the trade forbid it now (422), like taking a key that is out.
    Refused,
    /// The input is wrong, field by field (422).
    Invalid(Vec<FieldError>),
    /// Somebody else changed it first (409).
    Conflict,
    /// Too much at once; try again after the given seconds (429).
    Busy(u32),
    /// Our fault; the chain is in the log under the request's number (500).
    Broken,
}

/// An error with its causes, for the log.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// An error that knows its kind and the id of the text that explains it.
pub trait Kinded: std::error::Error {
    /// The kind, from which the answer's status follows.
    fn kind(&self) -> Kind;
    /// The Fluent id of the sentence shown to the person. Defaults to a general sentence of the kind.
    fn text(&self) -> &'static str {
        match self.kind() {
            Kind::Missing => "error-missing",
            Kind::Unauthenticated => "error-unauthenticated",
            Kind::Denied => "error-denied",
            Kind::Refused => "error-refused",
            Kind::Invalid(_) => "error-invalid",
            Kind::Conflict => "error-conflict",
            Kind::Busy(_) => "error-busy",
            Kind::Broken => "error-broken",
        }
    }
}
