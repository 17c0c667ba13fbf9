//! Registering before a visit: own fields for each kind of visit, an agreement to sign, a photo.
//!
//! What is asked stands in `asks.rs`, what guests answered in `answers.rs`, both pure. `fill_in.rs`, `sign.rs` and `photo.rs`
//! are what a guest does on the personal page; `kept.rs` says what of it there is and what is missing, `paper.rs` prints a signature. Everything a guest
//! wrote, drew or sent lies under that guest's own key. Nothing here holds anybody up: a guest without it is let in, and the
//! record says what was missing.

mod agreements;
mod answers;
mod api;
mod asks;
mod fill_in;
mod kept;
mod pages;
mod paper;
mod photo;
mod sign;
mod strokes;

use std::time::Duration;

use sekisho_host::{SettingsEntry, SettingsGroup};
use sekisho_web::Routes;

use crate::Visitors;

pub use agreements::{AgreementForm, AgreementText, NewVersion, make_agreement, new_version};
pub use answers::Answer;
pub use asks::{AnswerKind, Asks, Field, KindAsks, MOST_FIELDS, Words, save_asks};
pub use kept::remove_registrations;
pub use kept::{Missing, RegistrationRow, SigningRow};
pub(crate) use kept::{forget_guest, missing_of, readable, start_anew};
pub(crate) use pages::{
    GuestCard, GuestRegistration, of_guests, registration_badge, sample_card, sample_guests, samplers,
    whats_missing,
};
pub(crate) use photo::erase_photos;

/// How often photos whose time is over are looked for.
pub(crate) const EVERY: Duration = Duration::from_secs(15 * 60);

/// What can be set, and where.
pub(crate) const SETTINGS: [SettingsEntry; 2] = [
    SettingsEntry::new(
        SettingsGroup::Things,
        "visitors-registration",
        "visitors-registration-about",
        "/settings/visitors/registration",
        "clipboard-list",
    )
    .for_administrators(),
    SettingsEntry::new(
        SettingsGroup::Things,
        "visitors-agreements",
        "visitors-agreements-about",
        "/settings/visitors/agreements",
        "file-text",
    )
    .for_administrators(),
];

/// Pages and API.
pub(crate) fn routes() -> Routes<Visitors> {
    pages::routes().merge(api::routes())
}
