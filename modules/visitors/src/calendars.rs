//! Appointments by calendar: a mailbox to which people send invitations, and calendars that are read.

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
