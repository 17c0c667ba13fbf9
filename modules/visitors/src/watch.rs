//! The watch list: about whom the guard is to be asked before they are let in.
//!
//! It stops nobody. A guest whose name resembles an entry gets a mark; the desk of the site sees *ask the guard* and a
//! telephone number, whoever manages the list sees which entry and why, and everybody else, host and guest above all, sees
//! nothing: answers, pages and mails are the same with a mark and without, and no fact is told, for every open page hears
//! facts. Whether two names may be one person's is decided in `names.rs`, pure; `look.rs` asks it wherever a guest is written
//! down, moved, corrected or comes, by whatever way, in the transaction of that very act.
//!
//! - Who is the desk confirms that the guard was asked before letting in, once for each arrival. A host lets in as ever, and
//!   the desk and administrators are told of it by a job (`tell.rs`), whose messages name nobody.
//! - A mark stays under another name of the guest. It goes when an administrator says that they are somebody else (for that
//!   guest and entry, until one of them is named anew), with a move to where the entry does not hold, with the entry, with
//!   the guest, and within the hour when the visit is over.
//! - Entries are erased by the hour once their last day is over at every site. Names, reason and telephone lie sealed; the
//!   record has ids.
//!
//! **Threats.** It is a list of accusations: who reads it without need harms people. Administrators alone see it, each look
//! is on the record, and reading the tables shows how many entries there are, where and until when, and which visits are
//! marked, not whom they mean. *Somebody on it* who gives a false name is not found; a host who writes a guest's name
//! otherwise takes no mark away that is there, but a move to where the entry does not hold does. *A curious host* could
//! invite made-up names to learn who is on the list: nothing they see differs, and each match shows administrators who
//! invited. *False alarms:* common names meet by chance, more so by *one letter apart*; a mark is a question to the guard and
//! never a refusal. *What it cannot do:* kanji are compared with kana and letters only where the entry or the guest has the
//! reading; a western name and its katakana are two; a family name alone is no name.

mod again;
mod api;
mod ask;
mod clear;
mod entries;
mod erase;
mod import;
mod look;
mod matches;
mod names;
mod organisation;
mod pages;
mod reads;
mod tell;
mod variants;

use std::time::Duration;

use sekisho_host::{SettingsEntry, SettingsGroup};
use sekisho_web::Routes;

use crate::Visitors;

pub use ask::guard_was_asked;
pub(crate) use ask::{ask_first, mark_asked};
pub use clear::clear_match;
pub use entries::{MOST_ENTRIES, WatchForm, add_watch_entry, change_watch_entry, remove_watch_entry};
pub(crate) use erase::{forget_cleared, forget_guest, forget_over, is_of_today};
pub use import::{WatchImportRow, import_watch_list};
pub(crate) use look::{Occasion, ToldOnce, Watch};
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
