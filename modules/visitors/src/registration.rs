//! Registering before a visit: own fields for each kind of visit, an agreement to sign, a photo.
//!
//! What is asked stands in `asks.rs`, what guests answered in `answers.rs`, both pure. `fill_in.rs`, `sign.rs` and `photo.rs`
//! are what a guest does on the personal page; `kept.rs` says what of it there is and what is missing, `paper.rs` prints a signature. Everything a guest
//! wrote, drew or sent lies under that guest's own key. Nothing here holds anybody up: a guest without it is let in, and the
//! record says what was missing.
//!
//! - Only announced guests with a page are asked; each guest of a group for themselves, companions never. Whoever
//!   has answered every required field and signed is *registered*; a photo is asked for and never required.
//! - Answers can be changed until the guest arrives; at the reception what is missing can still be filled in, and
//!   nothing else. They keep the words they were asked by: a field that is changed or removed takes no answer with
//!   it.
//! - Of a series answers and signatures stand for all of that guest's visits of the same kind that are to come when
//!   they are given, so each occurrence asks only for what is not given yet; what is over keeps what it had. A
//!   photo is asked for each time, for it is erased after each. Somebody who is added to an occurrence later is
//!   asked anew.
//! - Nothing holds a guest up: the desk sees what is missing and lets in nevertheless, and the record of
//!   `visit.admit` has `missing`: `fields`, `agreement`, `photo`.
//! - Answers are read by host, deputies, who wrote the visit down, and the desk: on the appointment's page, as API,
//!   in the CSV of visits. Whoever was only asked to meet the guest reads none of them. A photo is seen by host and
//!   desk alone, each look on the record before anything is shown.
//! - A version of an agreement is never changed (PostgreSQL's grants refuse it, too). A signing keeps agreement,
//!   version, the language that was read, the hash, time, the site's clock, and how: drawn by hand (strokes as
//!   numbers of two bytes) or, without scripts or a hand, the typed name. Only the newest version is signed. A new
//!   version asks those who signed before again only where it says so.
//! - **Canonical form.** The hash of a text is SHA-256 over UTF-8 of the lines `sekisho-agreement-1`, the
//!   agreement's id, the number of the version, the language (`ja`), the title, and then the text as it is (lines
//!   ended by LF, nothing after the last). The PDF holds all of them. When the text in the store is not what was
//!   signed, there is no PDF.
//! - Answers, photo, name and strokes lie under the guest's key and go with the guest; of a signing ids, version,
//!   hash and time stay. At another mail address, or as another guest, nothing that was filled in before is shown
//!   or counts.
//! - Photos (`picture.rs`, the terminals' wallpaper, too): JPEG, PNG, WebP by their first bytes; sides and pixels
//!   are looked at in the head before anything is unpacked; decoded and written anew as JPEG of at most 1,024
//!   pixels, upright, without metadata; two at once. A guest takes a photo back as long as there is one. Erased 24 hours (setting) after the guest left, or the visit was over; at
//!   once when it was called off; shown to nobody from then on, however late the round comes (15 minutes).
//! - Answers and signings are kept with the visit. `remove_registrations` removes all that hangs on visits, for
//!   `retention.rs`.

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
