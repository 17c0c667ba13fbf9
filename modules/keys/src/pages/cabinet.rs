//! The SmartBox drawn as it hangs on the wall: bins with lamps, key tags with names, who holds the missing ones.
//!
//! Plain HTML in a grid, so that it is read by screen readers as a list of bins, works without scripts and prints. The
//! look is in `islands/style/6-keys.css`.

use sekisho_devices::DeviceState;
use sekisho_web::parts::{Badge, Tone};
use sekisho_web::{Markup, Reader, Texts, arg};

use crate::reads::{BinRow, BoxRow, KeyRow, KeyState, Stock};
use crate::tables::words::BinDoor;

/// The box in full: every bin leads to its own page for those who manage the box, to its key for everybody else.
pub(super) fn full(reader: &Reader, place: &BoxRow, stock: &Stock, manages: bool) -> Markup {
    let t = reader.texts();
    let bins = place
        .bins
        .iter()
        .fold(Markup::default(), |all, bin| all.then(full_bin(reader, place, bin, stock, manages)));
    let silent = place.is_silent() || place.device.is_none();
    Markup::raw(format!(
        "<div class=\"cabinet{}\"><div class=\"cabinet-head\"><span class=\"cabinet-brand\">{}</span><span class=\"cabinet-lamp\"></span></div><ol class=\"cabinet-bins cabinet-cols-{}\" aria-label=\"{}\">{bins}</ol><div class=\"cabinet-foot\"></div></div>",
        if silent { " cabinet-silent" } else { "" },
        Markup::text(&place.name),
        place.columns.clamp(1, 12),
        Markup::text(t.get("keys-bins")),
    ))
}

fn full_bin(reader: &Reader, place: &BoxRow, bin: &BinRow, stock: &Stock, manages: bool) -> Markup {
    let t = reader.texts();
    let hanging = bin.key.and_then(|key| stock.key(key));
    let absent = bin.home_of.and_then(|key| stock.key(key)).filter(|key| key.bin_id != Some(bin.id));
    let (class, sentence) = says(&t, bin, hanging, absent);
    let href = match (manages, hanging.or(absent)) {
        (true, _) => Some(format!("/keys/boxes/{}/bins/{}", place.id, bin.number)),
        (false, Some(key)) => Some(format!("/keys/{}", key.id)),
        (false, None) => None,
    };
    let tag = match (hanging, absent) {
        (Some(key), _) => tag(key, false),
        (None, Some(key)) => tag(key, true).then(holder(reader, key)),
        (None, None) => {
            Markup::raw(format!("<span class=\"bin-empty\">{}</span>", Markup::text(t.get("keys-bin-free"))))
        }
    };
    let inner = Markup::raw(format!(
        "<span class=\"bin-number\">{}</span><span class=\"bin-lamp\"></span>{tag}<span class=\"sr-only visually-hidden\">{}</span>",
        bin.number,
        Markup::text(&sentence)
    ));
    let inner = match href {
        Some(href) => Markup::raw(format!(
            "<a class=\"bin-face\" href=\"{href}\" title=\"{}\">{inner}</a>",
            Markup::text(&sentence)
        )),
        None => Markup::raw(format!(
            "<span class=\"bin-face\" title=\"{}\">{inner}</span>",
            Markup::text(&sentence)
        )),
    };
    Markup::raw(format!(
        "<li class=\"bin bin-{class}{}\">{inner}</li>",
        if bin.door == BinDoor::Open { " bin-open" } else { "" }
    ))
}

fn tag(key: &KeyRow, away: bool) -> Markup {
    let class = if away { "key-tag key-tag-away" } else { "key-tag" };
    Markup::raw(format!(
        "<span class=\"{class}\" data-key=\"{}\"><span class=\"key-tag-name\">{}</span></span>",
        key.id,
        Markup::text(&key.name)
    ))
}

fn holder(reader: &Reader, key: &KeyRow) -> Markup {
    let who = match (&key.holder_name, key.state) {
        (Some(name), _) => name.clone(),
        (None, KeyState::Forced) => reader.texts().get("keys-holder-unknown"),
        (None, _) => String::new(),
    };
    let since = match key.since.filter(|_| key.state.is_out()) {
        Some(at) => Markup::from(reader.time(at, &key.zone).relative()),
        None => Markup::default(),
    };
    Markup::raw(format!(
        "<span class=\"bin-holder\">{}<span class=\"bin-since\">{since}</span></span>",
        Markup::text(who)
    ))
}

/// The class of a bin and the sentence that says the same.
fn says(
    t: &Texts,
    bin: &BinRow,
    hanging: Option<&KeyRow>,
    absent: Option<&KeyRow>,
) -> (&'static str, String) {
    if let Some(reason) = &bin.disabled_reason {
        return (
            "disabled",
            t.with("keys-bin-says-disabled", [("bin", arg(bin.number)), ("reason", arg(reason))]),
        );
    }
    let with = |id: &str, key: &KeyRow| {
        let holder = key.holder_name.clone().unwrap_or_else(|| t.get("keys-with-somebody"));
        t.with(id, [("bin", arg(bin.number)), ("key", arg(&key.name)), ("holder", arg(holder))])
    };
    match (hanging, absent) {
        (Some(key), _) if key.state == KeyState::Released => {
            ("released", with("keys-bin-says-released", key))
        }
        (Some(key), _) if key.state == KeyState::WrongBin => ("wrong", with("keys-bin-says-wrong", key)),
        (Some(key), _) => ("full", with("keys-bin-says-full", key)),
        (None, Some(key)) => match key.state {
            KeyState::Late => ("late", with("keys-bin-says-late", key)),
            KeyState::Missing | KeyState::Forced => ("missing", with("keys-bin-says-missing", key)),
            KeyState::In | KeyState::WrongBin | KeyState::Released => {
                ("free", with("keys-bin-says-elsewhere", key))
            }
            KeyState::Out | KeyState::DueSoon => ("out", with("keys-bin-says-out", key)),
        },
        (None, None) => ("free", t.with("keys-bin-says-free", [("bin", arg(bin.number))])),
    }
}

/// The box in little: a lamp for each bin.
pub(super) fn small(t: &Texts, place: &BoxRow, stock: &Stock) -> Markup {
    let bins = place.bins.iter().fold(String::new(), |all, bin| {
        let hanging = bin.key.and_then(|key| stock.key(key));
        let absent = bin.home_of.and_then(|key| stock.key(key)).filter(|key| key.bin_id != Some(bin.id));
        let (class, sentence) = says(t, bin, hanging, absent);
        format!("{all}<li class=\"bin bin-{class}\" title=\"{}\"></li>", Markup::text(sentence))
    });
    Markup::raw(format!(
        "<ol class=\"cabinet-small cabinet-cols-{}\">{bins}</ol>",
        place.columns.clamp(1, 12)
    ))
}

/// How the device of a box is, in a badge.
pub(super) fn badge(reader: &Reader, place: &BoxRow) -> Badge {
    let t = reader.texts();
    match place.device_state {
        Some(DeviceState::Online) => Badge::new(t.get("keys-box-online")).tone(Tone::Good).icon("wifi"),
        Some(DeviceState::Flaky) => Badge::new(t.get("keys-box-flaky")).tone(Tone::Warn).icon("wifi"),
        Some(DeviceState::Offline) => {
            let since = place.last_seen.map(|at| reader.time(at, &place.zone).relative().words());
            let text = match since {
                Some(since) => t.with("keys-box-silent-since", [("since", since)]),
                None => t.get("keys-box-silent"),
            };
            Badge::new(text).tone(Tone::Warn).icon("wifi-off")
        }
        Some(DeviceState::Waiting) => Badge::new(t.get("keys-box-waiting")).icon("hourglass"),
        Some(DeviceState::Revoked) => Badge::new(t.get("keys-box-revoked")).tone(Tone::Danger).icon("ban"),
        None => Badge::new(t.get("keys-box-unconnected")).icon("plug-connected-x"),
    }
}
