//! Appointments by calendar: a mailbox to which people send invitations, and calendars that are read.
//!
//! - A mail counts when the mailbox's own server verified its sender (`sender.rs`), it has one sender, who
//!   organises the event or is named by who does, works here, and the reception is among the attendees. It then
//!   does what the sender may do on the form, by the same use cases. A calendar is believed, or belongs to one
//!   person, as an administrator set it.
//! - An event is known by its name (blind) and what became of it. An older or the same version does nothing, a
//!   later one changes, a cancellation calls off, one changed time of a series changes that appointment. A crash in
//!   between does nothing twice.
//! - What cannot be followed is on the record and answered to a verified sender, once; nobody else is answered,
//!   ever. Of a calendar, what has no guest from outside or is over is passed over.
//! - `invitation.rs`, `letter.rs`, `sender.rs`, `dav.rs` read what strangers write, pure and bounded; they are
//!   fuzzed (`testing/fuzz/src/calendars.rs`).
//! - Reading is a job of its own for each, 45 seconds at most, one reader at a time; a server that is away for an
//!   hour is told to administrators.
//!
//! **Threats.** *Invitations.* A forged sender: the header of the mailbox's own server decides, the topmost of the
//! name that was set; one below it, of another name, in a comment or quoted text is nothing. A server that does not
//! take such headers off mails from outside can be lied to: the guide says how to see. A real mail to somebody
//! else, sent on: the reception is not among its attendees. A colleague who knows the name of another's event: the
//! use cases refuse. Answers to forged senders: there are none. Reading the tables shows which servers are named in
//! the record, and keyed hashes. *A hostile server* (or one an administrator was talked into): TLS or an allowed
//! network, no redirects, no document types, bounds for bytes, files, mails and time; the stored password goes to
//! no other server. Whoever can write into a calendar that is trusted can invite in the name of any colleague: set
//! whose it is.

mod access;
mod answer;
mod api;
mod collection;
pub mod dav;
mod guests;
pub mod invitation;
mod items;
pub mod letter;
mod mailbox;
mod override_time;
mod pages;
mod read;
mod reads;
mod running;
pub mod sender;
mod settings;
mod short;
pub(crate) mod take_invitation;
mod take_series;
mod wanted;
pub(crate) mod why;
pub(crate) mod wrong;

use sekisho_host::{SettingsEntry, SettingsGroup};
use sekisho_web::Routes;
use serde::{Deserialize, Serialize};

use crate::Visitors;

pub(crate) use answer::KINDS;
pub(crate) use pages::samplers;
pub use read::read_calendar_now;
pub(crate) use read::{EVERY, JOB, find_due, run};
pub use settings::{CalendarForm, add_calendar, change_calendar, remove_calendar};

/// How far a mailbox or calendar was read.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Position {
    /// Of a mailbox: which numbering of its mails holds (`UIDVALIDITY`).
    pub validity: Option<u32>,
    /// The number of the last mail that was dealt with.
    pub last: u32,
    /// Whether it is the first reading, in which what somebody has read before is not looked at.
    pub first: bool,
    /// Of a calendar: up to which state of it we know (`sync-token`).
    pub token: Option<String>,
    /// The same where its server knows no tokens (`ctag`).
    pub ctag: Option<String>,
}

/// Where they are set up.
pub(crate) const SETTINGS: [SettingsEntry; 1] = [SettingsEntry::new(
    SettingsGroup::Things,
    "visitors-calendars",
    "visitors-set-calendars-about",
    "/settings/visitors/calendars",
    "calendar",
)
.for_administrators()];

/// Pages and API, for administrators.
pub(crate) fn routes() -> Routes<Visitors> {
    pages::routes().merge(api::routes())
}
