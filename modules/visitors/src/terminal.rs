//! The reception terminal: a tablet in a lobby, for strangers' hands.
//!
//! A tablet becomes a terminal by a one-time code (`enrol.rs`) and signs every request with a key that no script can read
//! out of it (`signed.rs`). What it may ask stands in `wire.rs` and is all of it: redeem a pass or code, find a host (three
//! letters, five hits, names masked, forty searches in five minutes), call a host or one of the departments offered, hand in
//! a delivery, say that somebody leaves. No cookie, no session, no person. `offline.rs` keeps it going without a network;
//! `lobby.rs` serves the page, whose island lies in `islands/src/terminal.ts`. Withdrawn, its next request is a stranger's
//! and it forgets everything.
//!
//! **Threats.** *A hostile visitor:* the page has no link, form, dialog or upload, resets itself after 30 seconds, and shows
//! nobody before a pass opened; what such kiosks were found guilty of is a list of tests (`tests/it/lobby.rs`). *A stolen
//! tablet:* its keys stay in its browser, it can only ask the above until it is withdrawn, and what it keeps is sealed or
//! impersonal; fingerprints of 128-bit passes say nothing. A sealed list names how many are expected, and when. *Somebody
//! who reads along:* TLS, and nothing can be sent again. A forged or foreign event does not open and is on the record.
//! WebAssembly runs in the worker that reads QR codes, whose policy alone allows it. The operating system's own keys are
//! beyond a page: run the browser in its kiosk mode. *A check-out needs no right:* whoever has seen a code can say that its
//! guest left.

mod api;
mod enrol;
mod lobby;
pub(crate) mod offline;
mod pages;
mod reads;
mod settings;
mod signed;
mod whom;
mod wire;

use sekisho_host::{SettingsEntry, SettingsGroup};
use sekisho_web::{Access, Routes};

use crate::Visitors;

pub use enrol::{CODE_LIFE, TerminalCode, TerminalForm, add_terminal, new_terminal_code, revoke_terminal};
pub(crate) use pages::samplers;
pub(crate) use settings::check_colour;
pub use settings::{TerminalSettings, save_terminal_picture, save_terminal_settings};
pub(crate) use signed::At;
pub(crate) use whom::Whom;

/// What can be set about terminals, and where.
pub(crate) const SETTINGS: [SettingsEntry; 2] = [
    SettingsEntry::new(
        SettingsGroup::Things,
        "visitors-terminals",
        "visitors-set-terminals-about",
        "/visitors/terminals",
        "device-tablet",
    )
    .for_administrators(),
    SettingsEntry::new(
        SettingsGroup::Things,
        "visitors-terminal-settings",
        "visitors-set-terminal-about",
        "/settings/visitors/terminal",
        "tool",
    )
    .for_administrators(),
];

/// The terminal's own page and wire, and the administration of terminals.
pub(crate) fn routes() -> Routes<Visitors> {
    let lobby = Access::Public("a tablet in a lobby; the same page for everybody, without a name on it");
    let signed = Access::Public("no cookie and no person: every request is signed by the terminal's key");
    Routes::new("visitors")
        .get("/terminal", lobby, lobby::page)
        .get("/terminal/sw.js", lobby, lobby::service_worker)
        .get("/terminal/reader.js", lobby, lobby::reader)
        .get("/terminal/manifest.webmanifest", lobby, lobby::manifest)
        .get("/terminal/picture/{name}", lobby, lobby::picture)
        .post("/terminal/api/enrol", signed, wire::enrol)
        .post("/terminal/api/hello", signed, wire::hello)
        .post("/terminal/api/check-in", signed, wire::arrive)
        .post("/terminal/api/check-out", signed, wire::leave)
        .post("/terminal/api/hosts", signed, wire::hosts)
        .post("/terminal/api/walk-in", signed, wire::walk_in)
        .post("/terminal/api/delivery", signed, wire::delivery)
        .post("/terminal/api/events", signed, wire::events)
        .merge(pages::routes())
        .merge(api::routes())
}
