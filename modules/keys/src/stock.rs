//! The refusals that the use cases of stock keeping share.

use sekisho_host::{Fault, faults};
use sekisho_kernel::{FieldError, Kind, Kinded};

use crate::warrant::NotAllowed;

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
faults!(StockError: sekisho_devices::DeviceError);

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

impl From<Vec<FieldError>> for StockError {
    fn from(fields: Vec<FieldError>) -> Self {
        Self::Invalid(fields)
    }
}
