//! Badges: what is on them, the printers of a site, and a badge on its way to paper.
//!
//! `face.rs` draws a badge, once for screen and printer. `printer.rs` talks IPP (`ipp.rs`) to whatever hangs at an address
//! that an administrator typed; `abilities.rs` judges what it says of itself. A wish (`wish.rs`) is a row and a job, which
//! `run.rs` brings to its end a step at a time. A badge opens nothing: its QR code is another number than the pass and is
//! known only where guests leave.
//!
//! - One wish is printed once: two taps are one, one check-in wishes one. The row says *sending* before anything is
//!   sent; whoever cannot know whether it was looks for the job's name (`sekisho-` and the wish's id, nobody's
//!   name) at the printer first. What can still double: a printer that took the document, lost its answer, and has
//!   forgotten the job when it is looked for a few seconds later; one that has the document and cannot be reached
//!   when another printer takes over, or stands at another address from then on.
//! - A printer forgets soon what it has printed, so a job it does not know any more came out; not when something
//!   stood in its way at the last look, for then it was rather switched off: that badge failed.
//! - While the printer is away, stopped, empty, jammed or busy the wish waits and the desk reads why; it is tried
//!   again, less and less often, for twelve hours at most and never after the guest has left, was refused or
//!   forgotten, nor once the desk chose another printer: then a job that waits inside the printer is called off there, too. What a printer merely warns of
//!   (a second tray may be empty) is said once a badge has not come out for some seconds.
//! - A badge opens nothing. Its QR code is a number of that wish, not the pass, looks like one so that terminals
//!   read it, and is asked about only where guests leave, on the day of that arrival: whoever finds it in the
//!   street can say that its guest left, as with a pass.
//! - What the printer says of itself decides: PWG raster, else Apple raster, else PDF; colour, grey or black; the
//!   resolution nearest to 300 dpi. JPEG is not made.
//! - Printers are added, changed and removed with a fresh proof; addresses follow the rule for webhooks
//!   (`[outgoing] allowed_networks`), plain `ipp://` only into networks that the operator allowed, redirects are
//!   not followed, an answer is at most 256 KiB and 20 s, a step 40 s. A password goes only over `ipps://`, and
//!   only to the address for which it was typed.
//!
//! **Threats.** *What hangs at a printer's address* gets names, companies and hosts of guests: administrators alone
//! say which, and prove themselves first. What it answers is read by `ipp.rs`, which goes eight collections deep
//! and no further (fuzz target `printers`). It cannot lead us anywhere else, nor hold a worker for longer than a
//! step. Over plain `ipp://` whoever listens in that network reads along; a printer's own certificate wants its
//! authority in `[outgoing] authorities`. *A badge is no proof* that its wearer is its guest: it carries no
//! picture, and anybody can print a likeness.

mod abilities;
mod api;
mod content;
mod face;
pub mod ipp;
mod pages;
mod paper;
mod printer;
mod printers;
mod raster;
mod reads;
mod run;
mod settings;
mod try_page;
mod wish;

use sekisho_host::{SettingsEntry, SettingsGroup};
use sekisho_web::Routes;

use crate::Visitors;

pub(crate) use pages::{button, samplers, shown};
pub use paper::Paper;
pub use printers::{PrinterForm, add_printer, change_printer, remove_printer};
pub use reads::BadgeMark;
pub(crate) use reads::badges_for_desk;
pub(crate) use run::{JOB, run};
pub use settings::{BadgeLanguage, BadgeSettings, save_badge_settings};
pub use try_page::{Tried, try_printer};
pub use wish::print_badge;
pub(crate) use wish::{AT_CHECK_IN, at_check_in, lock_by_badge};

/// Where badges and printers are set.
pub(crate) const SETTINGS: [SettingsEntry; 1] = [SettingsEntry::new(
    SettingsGroup::Things,
    "visitors-badges",
    "visitors-set-badges-about",
    pages::HERE,
    "printer",
)
.for_administrators()];

/// Pages and API.
pub(crate) fn routes() -> Routes<Visitors> {
    pages::routes().merge(api::routes())
}
