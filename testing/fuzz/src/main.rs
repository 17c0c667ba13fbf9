//! Whatever bytes come: read or refused, never a panic, never a "500", never more than the limits allow.
//!
//! One binary for all targets, so that they are linked once; `SEKISHO_FUZZ_TARGET` says which runs. See `testing/fuzz.sh`.
#![no_main]

mod api;
mod calendars;
mod printers;
mod session;
mod texts;
mod updates;
mod wire;

use std::sync::LazyLock;

type Target = fn(&[u8]);

const TARGETS: [(&str, Target); 10] = [
    ("wire", wire::payloads),
    ("journal", wire::journal),
    ("session", session::conversation),
    ("lists", texts::lists),
    ("rules", texts::rules),
    ("record", texts::record),
    ("updates", updates::documents),
    ("printers", printers::answer),
    ("calendars", calendars::strangers),
    ("api", api::request),
];

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let wanted = std::env::var("SEKISHO_FUZZ_TARGET").unwrap_or_default();
    let found = TARGETS.iter().find(|(name, _)| *name == wanted);
    found.unwrap_or_else(|| panic!("SEKISHO_FUZZ_TARGET is none of {:?}", TARGETS.map(|(name, _)| name))).1
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| TARGET(bytes));
