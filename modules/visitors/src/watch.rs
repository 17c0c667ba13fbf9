//! The watch list: about whom the guard is to be asked before they are let in.
//!
//! It stops nobody. A guest whose name resembles an entry gets a mark; the desk of the site sees *ask the guard* and a
//! telephone number, whoever manages the list sees which entry and why, and everybody else, host and guest above all, sees
//! nothing: answers, pages and mails are the same with a mark and without. Whether two names may be one person's is decided
//! in `names.rs`, pure; `look.rs` asks it wherever a guest is written down, corrected or comes.

mod api;
mod clear;
mod entries;
mod erase;
mod import;
mod look;
mod names;
mod pages;
mod reads;
mod tell;
mod variants;

use std::time::Duration;

use sekisho_host::{Fault, SettingsEntry, SettingsGroup};
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_web::Routes;

use crate::Visitors;

pub use clear::clear_match;
pub use entries::{MOST_ENTRIES, WatchForm, add_watch_entry, change_watch_entry, remove_watch_entry};
pub(crate) use erase::{erase_expired, forget_cleared, forget_guest};
pub use import::{WatchImportRow, import_watch_list};
pub(crate) use look::{Occasion, ToldOnce, Watch, ask_first, guard_was_asked};
pub(crate) use pages::samplers;
pub use reads::AskGuard;
pub(crate) use reads::marks_for_desk;
pub(crate) use tell::{JOB, KINDS, passed, run};

/// How often entries whose time is over are looked for.
pub(crate) const EVERY: Duration = Duration::from_secs(3600);

/// Where the list is.
pub(crate) const SETTINGS: [SettingsEntry; 1] = [SettingsEntry::new(
    SettingsGroup::Things,
    "visitors-watch",
    "visitors-set-watch-about",
    "/visitors/watch-list",
    "shield",
)
.for_administrators()];

/// Pages and API, for administrators.
pub(crate) fn routes() -> Routes<Visitors> {
    pages::routes().merge(api::routes())
}

/// Who looks at the list reads names and reasons of people: each look is on the record.
async fn saw(visitors: &Visitors, cx: &Cx, entry: AuditEntry) -> Result<(), Fault> {
    visitors.record(cx, entry).await
}
