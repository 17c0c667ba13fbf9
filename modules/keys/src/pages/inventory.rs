//! `/keys/inventory`: what is wrong, where book and box differ, and the buttons that put it right.

use axum::extract::State;
use sekisho_web::parts::{Button, Card, Column, Empty, Field, FormBox, Row, Table, Timeline, Tone};
use sekisho_web::{Asker, Form, FormState, Markup, Page, Reader, Result, Sheet, Texts, WebError, arg};
use serde::Deserialize;

use super::{LIVE, back_with, seen, state_badge};
use crate::ids::{BinId, IncidentId, KeyId};
use crate::reads::{self, Drift, IncidentRow, KeyRow, KeyState, Sight, Stock};
use crate::tables::words::IncidentKind;
use crate::{Keys, Mend};

const HERE: &str = "/keys/inventory";

/// One incident as a sentence.
pub(super) fn item(reader: &Reader, stock: &Stock, timeline: Timeline, incident: &IncidentRow) -> Timeline {
    let t = reader.texts();
    let (tone, icon) = match incident.what {
        IncidentKind::RemovedByForce | IncidentKind::BinForced | IncidentKind::Tampered => {
            (Tone::Danger, "alert-octagon")
        }
        IncidentKind::Fault => (Tone::Warn, "tool"),
        IncidentKind::PowerLost | IncidentKind::BatteryLow => (Tone::Warn, "battery-1"),
        _ => (Tone::Warn, "help-circle"),
    };
    let zone = incident
        .box_id
        .and_then(|id| stock.place(id))
        .map_or(reader.zone(), |place| place.zone.as_str())
        .to_owned();
    timeline.item(tone, icon, sentence(&t, stock, incident), reader.time(incident.at, &zone).relative())
}

fn sentence(t: &Texts, stock: &Stock, incident: &IncidentRow) -> Markup {
    let place =
        incident.box_id.and_then(|id| stock.place(id)).map(|place| place.name.clone()).unwrap_or_default();
    let key = incident.key.and_then(|id| stock.key(id)).map(|key| key.name.clone()).unwrap_or_default();
    let bin = incident.bin.map(|bin| bin.to_string()).unwrap_or_default();
    let words = t.with(
        &format!("keys-incident-{}", incident.what.word().replace('_', "-")),
        [("key", arg(key)), ("box", arg(place)), ("bin", arg(bin))],
    );
    let href = match (incident.key, incident.box_id) {
        (Some(key), _) => format!("/keys/{key}"),
        (None, Some(place)) => format!("/keys/boxes/{place}"),
        (None, None) => HERE.to_owned(),
    };
    let note = if incident.note.is_empty() {
        Markup::default()
    } else {
        Markup::raw(format!("<br><q>{}</q>", Markup::text(&incident.note)))
    };
    Markup::raw(format!("<a href=\"{href}\">{}</a>", Markup::text(words))).then(note)
}

/// The page.
pub(super) async fn show(asker: Asker, State(keys): State<Keys>) -> Result {
    let (sight, stock) = seen(&asker, &keys).await?;
    if !sight.manages_anything() {
        return Err(WebError::missing());
    }
    Ok(asker.show(&Inventory { sight, stock }))
}

/// What is wrong, as its viewer may mend it.
pub(super) struct Inventory {
    pub(super) sight: Sight,
    pub(super) stock: Stock,
}

impl Page for Inventory {
    fn draw(&self, reader: &Reader) -> Sheet {
        let Self { sight, stock } = self;
        let t = reader.texts();
        let incidents = stock.incidents.iter().map(|incident| {
            Row::new()
                .cell(sentence(&t, stock, incident))
                .cell(reader.time(incident.at, reader.zone()).relative())
                .cell(mend_button(&t, "seen_to", None, None, Some(incident.id), "keys-mend-seen-to"))
        });
        let columns = [t.get("keys-what"), t.get("when"), String::new()].map(Column::new);
        let table = Table::new(t.get("keys-incidents"), columns)
            .rows(incidents)
            .empty(Empty::new(t.get("keys-all-well"), t.get("keys-all-well-text")).icon("circle-check"));
        let body = Markup::from(Card::new(t.get("keys-incidents")).flush().body(table))
            .then(astray(reader, stock, |key| sight.manages_key(key.id)))
            .then(differences(reader, stock, &reads::drift(stock, sight)));
        reader.sheet("keys-inventory").crumb("/keys", "keys-title").live(LIVE).body(body)
    }
}

fn mend_button(
    t: &Texts,
    mend: &str,
    key: Option<KeyId>,
    bin: Option<BinId>,
    incident: Option<IncidentId>,
    text: &str,
) -> Markup {
    let mut form =
        FormBox::post("/keys/inventory/mend", &FormState::empty(), t).add(Field::hidden("mend", mend));
    if let Some(key) = key {
        form = form.add(Field::hidden("key", key));
    }
    if let Some(bin) = bin {
        form = form.add(Field::hidden("bin", bin));
    }
    if let Some(incident) = incident {
        form = form.add(Field::hidden("incident", incident));
    }
    form.button(Button::submit(t.get(text)).plain().small()).into()
}

/// Keys that are nowhere, or somewhere else than at home.
fn astray(reader: &Reader, stock: &Stock, managed: impl Fn(&KeyRow) -> bool) -> Markup {
    let t = reader.texts();
    let keys: Vec<&KeyRow> = stock
        .keys
        .iter()
        .filter(|key| {
            matches!(key.state, KeyState::Missing | KeyState::Forced | KeyState::WrongBin) && managed(key)
        })
        .collect();
    if keys.is_empty() {
        return Markup::default();
    }
    let rows = keys.into_iter().map(|key| {
        let mend = match key.state {
            KeyState::WrongBin => mend_button(&t, "new_home", Some(key.id), None, None, "keys-mend-new-home"),
            _ => found_form(&t, stock, key),
        };
        Row::new()
            .cell(&key.name)
            .cell(state_badge(&t, key.state))
            .cell(mend)
            .href(format!("/keys/{}", key.id))
    });
    let columns = [t.get("keys-key"), t.get("state"), t.get("keys-mend")].map(Column::new);
    Card::new(t.get("keys-astray")).flush().body(Table::new(t.get("keys-astray"), columns).rows(rows)).into()
}

fn found_form(t: &Texts, stock: &Stock, key: &KeyRow) -> Markup {
    let bins = stock.boxes.iter().flat_map(|place| {
        place.bins.iter().filter(|bin| bin.key.is_none()).map(|bin| {
            (
                bin.id.to_string(),
                t.with("keys-in-box-bin", [("box", arg(&place.name)), ("bin", arg(bin.number))]),
            )
        })
    });
    FormBox::post("/keys/inventory/mend", &FormState::empty(), t)
        .add(Field::hidden("mend", "found"))
        .add(Field::hidden("key", key.id))
        .add(Field::select("bin", t.get("keys-mend-found-in")).options(bins))
        .button(Button::submit(t.get("keys-mend-found")).plain().small())
        .into()
}

/// Where book and box differ.
fn differences(reader: &Reader, stock: &Stock, drift: &[Drift]) -> Markup {
    let t = reader.texts();
    if drift.is_empty() {
        return Markup::default();
    }
    let name = |key: Option<KeyId>| key.and_then(|key| stock.key(key)).map(|key| key.name.clone());
    let rows = drift.iter().map(|one| {
        let seen = name(one.by_box)
            .or_else(|| one.fob.as_ref().map(|fob| t.with("keys-unknown-fob", [("fob", fob)])));
        let mut mend = Markup::default();
        if let (Some(key), true) = (one.by_book, one.by_box != one.by_book) {
            mend = mend.then(mend_button(&t, "missing", Some(key), None, None, "keys-mend-missing"));
        }
        if let Some(key) = one.by_box {
            mend = mend.then(mend_button(
                &t,
                "found",
                Some(key),
                Some(one.bin_id),
                None,
                "keys-mend-found-here",
            ));
        } else if let (Some(key), Some(_)) = (one.by_book, &one.fob) {
            mend =
                mend.then(mend_button(&t, "new_fob", Some(key), Some(one.bin_id), None, "keys-mend-new-fob"));
        }
        Row::new()
            .cell(t.with("keys-in-box-bin", [("box", arg(&one.box_name)), ("bin", arg(one.bin))]))
            .cell(name(one.by_book).unwrap_or_else(|| t.get("keys-bin-free")))
            .cell(seen.unwrap_or_else(|| t.get("keys-bin-free")))
            .cell(mend)
    });
    let columns =
        [t.get("keys-bin"), t.get("keys-by-book"), t.get("keys-by-box"), t.get("keys-mend")].map(Column::new);
    Card::new(t.get("keys-differences"))
        .flush()
        .body(Table::new(t.get("keys-differences"), columns).rows(rows))
        .into()
}

/// What a button sends.
#[derive(Deserialize)]
pub(super) struct Sent {
    mend: String,
    key: Option<KeyId>,
    bin: Option<BinId>,
    incident: Option<IncidentId>,
}

/// Puts it right.
pub(super) async fn mend(asker: Asker, State(keys): State<Keys>, sent: Form<Sent>) -> Result {
    let sent = sent.take()?;
    let mend = match (&*sent.mend, sent.key, sent.bin, sent.incident) {
        ("seen_to", _, _, Some(incident)) => Mend::SeenTo { incident },
        ("missing", Some(key), ..) => Mend::Missing { key },
        ("found", Some(key), Some(bin), _) => Mend::Found { key, bin },
        ("new_home", Some(key), ..) => Mend::NewHome { key },
        ("new_fob", Some(key), Some(bin), _) => Mend::NewFob { key, bin },
        _ => return Err(WebError::missing()),
    };
    match crate::mend_inventory(&keys, &asker.cx, mend).await {
        Ok(()) => Ok(asker.done("keys-mended", HERE)),
        Err(error) => back_with(&asker, error.into(), HERE),
    }
}
