//! What policy refuses to do, and what can go wrong.

use sekisho_kernel::{FieldError, Kind, Kinded};
use sekisho_storage::StoreError;

/// A refusal or failure of policy itself; a decision that says no is none of these.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The store failed.
    #[error("store")]
    Store(#[from] StoreError),
    /// No such grant, or it was withdrawn before.
    #[error("there is no such grant")]
    NoSuchGrant,
    /// No such resource, or it was retired.
    #[error("there is no such resource")]
    NoSuchResource,
    /// No such schedule or calendar.
    #[error("there is no such schedule")]
    NoSuchSchedule,
    /// The end of the validity is not after its beginning.
    #[error("valid until must be after valid from")]
    EndsBeforeItBegins,
    /// A note or name is empty where it must not be, or too long.
    #[error("{0} is empty or too long")]
    BadText(&'static str),
    /// A thing would come to lie within itself.
    #[error("that would put it within itself")]
    Circle,
    /// Nobody would be left who may give rights.
    #[error("the last administrator's right cannot be withdrawn")]
    LastAdministrator,
    /// The schedule is still used by grants.
    #[error("grants still use this schedule")]
    ScheduleInUse,
    /// Not an IANA time zone.
    #[error("unknown time zone {0}")]
    UnknownZone(String),
    /// Rules that cannot be saved as they are.
    #[error("the rules have faults")]
    BadRules(Vec<crate::RuleFault>),
    /// A row that this version cannot read.
    #[error("unreadable row in {0}")]
    Unreadable(&'static str),
}

impl Kinded for PolicyError {
    fn kind(&self) -> Kind {
        match self {
            Self::Store(error) => error.kind(),
            Self::NoSuchGrant | Self::NoSuchResource | Self::NoSuchSchedule => Kind::Missing,
            Self::EndsBeforeItBegins => {
                Kind::Invalid(vec![FieldError { field: "valid_until", text: "rights-error-ends-before" }])
            }
            Self::BadText(field) => Kind::Invalid(vec![FieldError { field, text: "rights-error-text" }]),
            Self::BadRules(_) => {
                Kind::Invalid(vec![FieldError { field: "text", text: "rights-error-rules" }])
            }
            Self::Circle | Self::LastAdministrator | Self::ScheduleInUse => Kind::Refused,
            Self::UnknownZone(_) | Self::Unreadable(_) => Kind::Broken,
        }
    }

    fn text(&self) -> &'static str {
        match self {
            Self::Circle => "rights-error-circle",
            Self::LastAdministrator => "rights-error-last-administrator",
            Self::ScheduleInUse => "rights-error-schedule-in-use",
            Self::Store(error) => error.text(),
            Self::NoSuchGrant | Self::NoSuchResource | Self::NoSuchSchedule => "error-missing",
            Self::EndsBeforeItBegins | Self::BadText(_) | Self::BadRules(_) => "error-invalid",
            Self::UnknownZone(_) | Self::Unreadable(_) => "error-broken",
        }
    }
}
