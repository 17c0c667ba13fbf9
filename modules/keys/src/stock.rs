//! What the use cases of stock keeping share: their refusals, and reading what was typed into forms.

use sekisho_kernel::{FieldError, Kind, Kinded};

use crate::fault::{Fault, faults};
use crate::warrant::NotAllowed;

/// The longest name.
const LONGEST_NAME: usize = 100;
/// The longest note or description.
const LONGEST_NOTE: usize = 1000;

/// Why a change of boxes, bins, keys or groups is refused.
#[derive(Debug, thiserror::Error)]
pub enum StockError {
    /// No such thing, or no right to change it.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// What was typed is wrong.
    #[error("invalid input")]
    Invalid(Vec<FieldError>),
    /// The rules forbid it now; the id of the sentence that says why.
    #[error("refused: {0}")]
    Refused(&'static str),
    /// Somebody else changed it first.
    #[error("changed meanwhile")]
    Changed,
    /// Something broke.
    #[error("broken")]
    Fault(#[source] Fault),
}
faults!(StockError);

impl Kinded for StockError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotAllowed(error) => error.kind(),
            Self::Invalid(fields) => Kind::Invalid(fields.clone()),
            Self::Refused(_) => Kind::Refused,
            Self::Changed => Kind::Conflict,
            Self::Fault(fault) => fault.kind(),
        }
    }

    fn text(&self) -> &'static str {
        match self {
            Self::NotAllowed(error) => error.text(),
            Self::Invalid(_) => "error-invalid",
            Self::Refused(text) => text,
            Self::Changed => "error-conflict",
            Self::Fault(_) => "error-broken",
        }
    }
}

impl StockError {
    /// One field is wrong.
    pub(crate) fn invalid(field: &'static str, text: &'static str) -> Self {
        Self::Invalid(vec![FieldError { field, text }])
    }
}

/// Collects what is wrong with a form, so that all of it is said at once.
#[derive(Default)]
pub(crate) struct Checks(Vec<FieldError>);

impl Checks {
    /// Notes that a field is wrong.
    pub(crate) fn wrong(&mut self, field: &'static str, text: &'static str) {
        self.0.push(FieldError { field, text });
    }

    /// A name: trimmed, not empty, not too long, without control characters.
    pub(crate) fn name(&mut self, field: &'static str, typed: &str) -> String {
        let name = typed.trim();
        if name.is_empty() {
            self.wrong(field, "keys-error-empty");
        } else if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
            self.wrong(field, "keys-error-too-long");
        }
        name.to_owned()
    }

    /// A note that may be empty.
    pub(crate) fn note(&mut self, field: &'static str, typed: &str) -> String {
        let note = typed.trim();
        if note.chars().count() > LONGEST_NOTE
            || note.chars().any(|sign| sign.is_control() && sign != '\n' && sign != '\r')
        {
            self.wrong(field, "keys-error-too-long");
        }
        note.to_owned()
    }

    /// Nothing was wrong, or all that was.
    pub(crate) fn done<E: From<Vec<FieldError>>>(self) -> Result<(), E> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0.into()) }
    }
}

impl From<Vec<FieldError>> for StockError {
    fn from(fields: Vec<FieldError>) -> Self {
        Self::Invalid(fields)
    }
}
