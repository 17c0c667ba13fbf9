//! Reading what was typed into forms, and the refusals that the use cases of planning share.

use sekisho_host::{Fault, faults};
use sekisho_identity::{read_mail, read_phone};
use sekisho_kernel::{FieldError, Kind, Kinded};
use sekisho_web::Checks;

use crate::occurrence::BadTime;
use crate::rooms::Having;
use crate::visit::Refusal;
use crate::warrant::NotAllowed;

/// The sentence that a room is taken.
const TAKEN: &str = "visitors-error-room-taken";

/// Why an appointment or visit is not changed.
#[derive(Debug, thiserror::Error)]
pub enum VisitError {
    /// No such thing, or no right to change it.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// What was typed is wrong.
    #[error("invalid input")]
    Invalid(Vec<FieldError>),
    /// The state of the visit forbids it.
    #[error("refused: {0:?}")]
    Refused(Refusal),
    /// A rule forbids it; the id of the sentence that says why.
    #[error("refused: {0}")]
    Rule(&'static str),
    /// Too often; the seconds to wait.
    #[error("too often")]
    Busy(u32),
    /// These appointments have the room at that time.
    #[error("the room is taken")]
    RoomTaken(Vec<Having>),
    /// Somebody else changed it first.
    #[error("changed meanwhile")]
    Changed,
    /// Something broke.
    #[error("broken")]
    Fault(#[source] Fault),
}
faults!(VisitError);

impl Kinded for VisitError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotAllowed(error) => error.kind(),
            Self::Invalid(fields) => Kind::Invalid(fields.clone()),
            Self::Refused(_) | Self::Rule(_) => Kind::Refused,
            Self::RoomTaken(_) => Kind::Invalid(vec![FieldError { field: "room", text: TAKEN }]),
            Self::Busy(seconds) => Kind::Busy(*seconds),
            Self::Changed => Kind::Conflict,
            Self::Fault(fault) => fault.kind(),
        }
    }

    fn text(&self) -> &'static str {
        match self {
            Self::NotAllowed(error) => error.text(),
            Self::Invalid(_) => "error-invalid",
            Self::Refused(Refusal::Used | Refusal::Here) => "visitors-refused-here",
            Self::Refused(Refusal::NotYet) => "visitors-refused-not-yet",
            Self::Refused(Refusal::NotHere) => "visitors-refused-not-here",
            Self::Refused(Refusal::Over) => "visitors-refused-over",
            Self::Refused(Refusal::Cancelled) => "visitors-refused-cancelled",
            Self::Refused(Refusal::Refused) => "visitors-refused-refused",
            Self::Refused(Refusal::Gone) => "visitors-refused-gone",
            Self::Rule(text) => text,
            Self::RoomTaken(_) => TAKEN,
            Self::Busy(_) => "error-busy",
            Self::Changed => "error-conflict",
            Self::Fault(_) => "error-broken",
        }
    }
}

impl From<Vec<FieldError>> for VisitError {
    fn from(fields: Vec<FieldError>) -> Self {
        Self::Invalid(fields)
    }
}

impl From<BadTime> for VisitError {
    fn from(bad: BadTime) -> Self {
        let (field, text) = bad.field();
        Self::invalid(field, text)
    }
}

impl From<Refusal> for VisitError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl VisitError {
    /// One field is wrong.
    pub(crate) fn invalid(field: &'static str, text: &'static str) -> Self {
        Self::Invalid(vec![FieldError { field, text }])
    }
}

/// Ways to reach a guest, as people type them.
pub(crate) trait ContactChecks {
    /// A mail address; may be empty.
    fn mail(&mut self, field: &'static str, typed: &str) -> String;

    /// A telephone number; may be empty.
    fn phone(&mut self, field: &'static str, typed: &str) -> String;
}

impl ContactChecks for Checks {
    fn mail(&mut self, field: &'static str, typed: &str) -> String {
        match read_mail(typed) {
            Some(mail) => mail,
            None if typed.trim().is_empty() => String::new(),
            None => {
                self.wrong(field, "visitors-error-mail");
                String::new()
            }
        }
    }

    fn phone(&mut self, field: &'static str, typed: &str) -> String {
        match read_phone(typed) {
            Some(phone) => phone,
            None if typed.trim().is_empty() => String::new(),
            None => {
                self.wrong(field, "visitors-error-phone");
                String::new()
            }
        }
    }
}
