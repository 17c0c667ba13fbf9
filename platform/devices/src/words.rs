//! One word for each event and command, for the API and as the end of text ids.

use sekisho_wire::{BinNumber, EventKind, UpdateStep};

/// The word of an event's kind.
pub(crate) fn event(kind: &EventKind) -> &'static str {
    match kind {
        EventKind::Unknown => "unknown",
        EventKind::Started { .. } => "started",
        EventKind::BinOpened { .. } => "bin-opened",
        EventKind::BinClosed { .. } => "bin-closed",
        EventKind::KeyRemoved { .. } => "key-removed",
        EventKind::KeyInserted { .. } => "key-inserted",
        EventKind::KeyUnknown { .. } => "key-unknown",
        EventKind::BinForced { .. } => "bin-forced",
        EventKind::BinLeftOpen { .. } => "bin-left-open",
        EventKind::DoorOpened { .. } => "door-opened",
        EventKind::DoorClosed => "door-closed",
        EventKind::TamperOn => "tamper-on",
        EventKind::TamperOff => "tamper-off",
        EventKind::PowerLost => "power-lost",
        EventKind::PowerRestored => "power-restored",
        EventKind::BatteryLow { .. } => "battery-low",
        EventKind::ClockStepped { .. } => "clock-stepped",
        EventKind::CodeRefused { .. } => "code-refused",
        EventKind::BinJammed { .. } => "bin-jammed",
        EventKind::PicturesLost { .. } => "pictures-lost",
        EventKind::Updating { step, .. } => update(*step),
    }
}

/// The word of a step of an update.
pub(crate) fn update(step: UpdateStep) -> &'static str {
    match step {
        UpdateStep::Unknown => "update-unknown",
        UpdateStep::Downloading => "update-downloading",
        UpdateStep::Verified => "update-verified",
        UpdateStep::Installed => "update-installed",
        UpdateStep::Booted => "update-booted",
        UpdateStep::Good => "update-good",
        UpdateStep::Reverted => "update-reverted",
        UpdateStep::Refused => "update-refused",
    }
}

/// The bin an event is about.
pub(crate) fn bin(kind: &EventKind) -> Option<BinNumber> {
    match kind {
        EventKind::BinOpened { bin, .. }
        | EventKind::BinClosed { bin, .. }
        | EventKind::KeyRemoved { bin, .. }
        | EventKind::KeyInserted { bin, .. }
        | EventKind::KeyUnknown { bin, .. }
        | EventKind::BinForced { bin }
        | EventKind::BinLeftOpen { bin, .. }
        | EventKind::BinJammed { bin, .. } => Some(*bin),
        _ => None,
    }
}

/// Whether an event is something to look at.
pub(crate) fn is_alarm(kind: &EventKind) -> bool {
    matches!(
        kind,
        EventKind::BinForced { .. }
            | EventKind::BinLeftOpen { .. }
            | EventKind::BinJammed { .. }
            | EventKind::KeyUnknown { .. }
            | EventKind::TamperOn
            | EventKind::PowerLost
            | EventKind::BatteryLow { .. }
            | EventKind::CodeRefused { .. }
            | EventKind::DoorOpened { command: None }
            | EventKind::Updating { step: UpdateStep::Reverted | UpdateStep::Refused, .. }
    )
}
