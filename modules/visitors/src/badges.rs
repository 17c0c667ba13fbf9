//! Badges: what is on them, the printers of a site, and a badge on its way to paper.
//!
//! `face.rs` draws a badge, once for screen and printer. `printer.rs` talks IPP (`ipp.rs`) to whatever hangs at an address
//! that an administrator typed; `abilities.rs` judges what it says of itself. A wish (`wish.rs`) is a row and a job, which
//! `run.rs` brings to its end a step at a time. A badge opens nothing: its QR code is another number than the pass and is
//! known only where guests leave.

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
