//! What this room refuses.

use sekisho_kernel::{FieldError, Kind, Kinded};
use sekisho_policy::PolicyError;
use sekisho_storage::StoreError;

/// Why rights were not changed.
#[derive(Debug, thiserror::Error)]
pub enum RightsError {
    /// The actor may not give rights on that.
    #[error("may not give this right")]
    MayNotGive,
    /// There is no such person or group.
    #[error("no such person or group")]
    NoSuchSubject,
    /// A field of the form or body does not fit.
    #[error("{field} does not fit")]
    Field {
        /// Which.
        field: &'static str,
        /// What to do.
        text: &'static str,
    },
    /// The policy refused or failed.
    #[error("policy")]
    Policy(#[from] PolicyError),
    /// The store failed.
    #[error("store")]
    Store(#[from] StoreError),
}

impl RightsError {
    /// One field that does not fit.
    pub(crate) fn field(field: &'static str, text: &'static str) -> Self {
        Self::Field { field, text }
    }
}

impl Kinded for RightsError {
    fn kind(&self) -> Kind {
        let invalid = |field, text| Kind::Invalid(vec![FieldError { field, text }]);
        match self {
            Self::MayNotGive => Kind::Denied,
            Self::NoSuchSubject => invalid("subject", "rights-error-subject"),
            Self::Field { field, text } => invalid(field, text),
            // In a form these are a wrong choice, not a wrong address.
            Self::Policy(PolicyError::NoSuchResource) => invalid("target", "rights-error-target"),
            Self::Policy(PolicyError::NoSuchSchedule) => invalid("schedule", "rights-error-schedule"),
            Self::Policy(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn text(&self) -> &'static str {
        match self {
            Self::MayNotGive => "rights-error-may-not-give",
            Self::Policy(error) => error.text(),
            Self::NoSuchSubject | Self::Field { .. } => "error-invalid",
            Self::Store(error) => error.text(),
        }
    }
}
