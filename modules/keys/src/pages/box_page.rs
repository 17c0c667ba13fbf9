//! A box: drawn as it hangs on the wall; a bin of it; its history and settings.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use sekisho_devices::DeviceKind;
use sekisho_kernel::{DeviceId, Kinded};
use sekisho_web::parts::{
    Alert, Button, Card, Column, Confirm, Empty, Field, FormBox, Grid, KeyValue, Row, Table, Tabs, Timeline,
    Tone,
};
use sekisho_web::{Asker, Form, FormState, IfMatch, Markup, Query, Result, View, WebError, arg};
use serde::Deserialize;

use super::forms::{BoxSent, box_form, box_state};
use super::{LIVE, back_with, live_part, seen, state_badge, whereabouts};
use crate::ids::BoxId;
use crate::reads::{self, BoxRow, Stock};
use crate::{Keys, UnlockMasterError};

#[derive(Deserialize)]
pub(super) struct Reason {
    reason: String,
}

fn view(asker: &Asker, place: &BoxRow, manages: bool, tab: &str) -> View {
    let t = asker.texts();
    let base = format!("/keys/boxes/{}", place.id);
    let mut tabs = Tabs::new(&*place.name, format!("{base}{tab}")).tab(&*base, t.get("tab-overview"));
    if manages {
        tabs = tabs
            .tab(format!("{base}/history"), t.get("tab-history"))
            .tab(format!("{base}/settings"), t.get("tab-settings"));
    }
    asker.view_of(&place.name).crumb("/keys", "keys-title").tabs(tabs)
}

/// The box with its bins.
pub(super) async fn show(asker: Asker, State(keys): State<Keys>, Path(id): Path<BoxId>) -> Result {
    let (sight, stock) = seen(&asker, &keys).await?;
    let place = stock.place(id).ok_or_else(WebError::missing)?;
    let t = asker.texts();
    let manages = sight.manages_box(id);
    let mut facts = KeyValue::new()
        .row(t.get("state"), super::overview::device_badge(&asker, place))
        .row(t.get("keys-directions"), &place.directions)
        .row(t.get("keys-clock"), asker.time(asker.cx.now, &place.zone))
        .row(
            t.get("keys-return-policy"),
            t.get(&format!("keys-return-{}", place.return_policy.word().replace('_', "-"))),
        );
    if let Some(seen) = place.last_seen {
        facts = facts.row(t.get("keys-last-seen"), asker.time(seen, &place.zone).relative());
    }
    let mut side = super::lend::card(&asker, &keys, &sight, &stock, place).await?;
    side = side.then(Card::new(t.get("keys-box")).body(facts));
    if manages {
        side = side.then(alarms(&asker, &stock, place)).then(unlock_card(&asker, place));
    }
    let legend = Markup::raw(format!(
        "<p class=\"cabinet-legend muted\">{}</p>",
        Markup::text(t.get(if manages { "keys-cabinet-hint-manager" } else { "keys-cabinet-hint" }))
    ));
    let drawn =
        Markup::from(Card::plain().body(super::cabinet::full(&asker, place, &stock, manages).then(legend)))
            .then(key_list(&asker, &stock, place));
    let body = Grid::main_and_side().add(live_part("keys-box", &asker.here(), drawn)).add(side);
    let mut view = view(&asker, place, manages, "").live(LIVE);
    if manages {
        view = view.action(
            Button::link(format!("/keys/new?box={id}"), t.get("keys-add-key")).primary().icon("plus"),
        );
    }
    Ok(view.show_markup(body))
}

fn key_list(asker: &Asker, stock: &Stock, place: &BoxRow) -> Card {
    let t = asker.texts();
    let rows =
        stock.keys.iter().filter(|key| key.box_id == Some(place.id) || key.home_box == Some(place.id)).map(
            |key| {
                Row::new()
                    .cell(&key.name)
                    .cell(state_badge(&t, key.state))
                    .cell(whereabouts(asker, key))
                    .cell(key.due.map(|at| asker.time(at, &key.zone)))
                    .href(format!("/keys/{}", key.id))
            },
        );
    let columns =
        [t.get("keys-key"), t.get("state"), t.get("keys-where"), t.get("keys-due")].map(Column::new);
    let table = Table::new(t.get("keys-title"), columns)
        .rows(rows)
        .empty(Empty::new(t.get("keys-box-empty"), t.get("keys-box-empty-text")).icon("key"));
    Card::plain().flush().body(table)
}

fn alarms(asker: &Asker, stock: &Stock, place: &BoxRow) -> Markup {
    let t = asker.texts();
    let of_box: Vec<_> =
        stock.incidents.iter().filter(|incident| incident.box_id == Some(place.id)).collect();
    if of_box.is_empty() {
        return Markup::default();
    }
    let timeline = of_box
        .into_iter()
        .take(5)
        .fold(Timeline::new(), |timeline, incident| super::inventory::item(asker, stock, timeline, incident));
    Card::new(t.get("keys-today-wrong"))
        .action(Button::link("/keys/inventory", t.get("keys-inventory")).quiet().small())
        .body(timeline)
        .into()
}

fn unlock_card(asker: &Asker, place: &BoxRow) -> Card {
    let t = asker.texts();
    let question = t.with("keys-unlock-question", [("box", &*place.name)]);
    let confirm = Confirm::new(
        format!("/keys/boxes/{}/unlock", place.id),
        t.get("keys-unlock"),
        question,
        t.get("keys-unlock-do"),
    )
    .icon("lock-open")
    .field(Field::text("reason", t.get("reason")).required());
    Card::new(t.get("keys-master"))
        .body(Markup::raw(format!("<p>{}</p>", Markup::text(t.get("keys-master-text")))).then(confirm))
}

/// `?lit=1` after the lamp was lit.
#[derive(Default, Deserialize)]
pub(super) struct BinAsk {
    lit: bool,
}

/// One bin: what hangs there, and the remote opening in two steps.
pub(super) async fn bin(
    asker: Asker,
    State(keys): State<Keys>,
    Path((id, number)): Path<(BoxId, i64)>,
    Query(ask): Query<BinAsk>,
) -> Result {
    let (sight, stock) = seen(&asker, &keys).await?;
    let place = stock.place(id).filter(|_| sight.manages_box(id)).ok_or_else(WebError::missing)?;
    let bin = place.bins.iter().find(|bin| bin.number == number).ok_or_else(WebError::missing)?;
    let t = asker.texts();
    let base = format!("/keys/boxes/{id}/bins/{number}");
    let key = |id: Option<crate::ids::KeyId>| match id.and_then(|id| stock.key(id)) {
        Some(key) => Markup::raw(format!("<a href=\"/keys/{}\">{}</a> ", key.id, Markup::text(&key.name)))
            .then(state_badge(&t, key.state)),
        None => Markup::text(t.get("none")),
    };
    let facts = KeyValue::new()
        .row(t.get("keys-bin-holds"), key(bin.key))
        .row(t.get("keys-bin-home-of"), key(bin.home_of))
        .row(t.get("keys-bin-door"), t.get(&format!("keys-door-{}", bin.door.word())))
        .row(t.get("keys-bin-sees"), bin.fob.clone().unwrap_or_default());
    let opening = if ask.lit {
        let form = FormBox::post(format!("{base}/open"), &FormState::empty(), &t)
            .add(Field::text("reason", t.get("reason")).optional(t.get("optional")))
            .button(Button::submit(t.get("keys-bin-open-do")).danger().icon("lock-open"))
            .cancel(format!("/keys/boxes/{id}"), t.get("cancel"));
        Markup::from(Alert::new(Tone::Info, t.with("keys-bin-lit", [("bin", number)]))).then(form)
    } else {
        Markup::raw(format!("<p>{}</p>", Markup::text(t.get("keys-bin-open-text"))))
            .then(Button::post(format!("{base}/light"), t.get("keys-bin-light")).primary().icon("bulb"))
    };
    let usable = match &bin.disabled_reason {
        Some(reason) => {
            Markup::from(Alert::new(Tone::Warn, t.with("keys-bin-disabled-because", [("reason", &**reason)])))
                .then(Button::post(format!("{base}/enable"), t.get("keys-bin-enable")).icon("check"))
        }
        None => Confirm::new(
            format!("{base}/disable"),
            t.get("keys-bin-disable"),
            t.get("keys-bin-disable-question"),
            t.get("keys-bin-disable-do"),
        )
        .icon("ban")
        .field(Field::text("reason", t.get("reason")).required())
        .into(),
    };
    let mut holds = Card::new(t.get("keys-bin-inside")).body(facts);
    if bin.home_of.is_none() {
        holds = holds.footer(
            Button::link(format!("/keys/new?box={id}&bin={number}"), t.get("keys-add-key-here"))
                .small()
                .icon("plus"),
        );
    }
    let body = Grid::cards()
        .add(holds)
        .add(Card::new(t.get("keys-bin-open")).body(opening))
        .add(Card::new(t.get("keys-bin-use")).body(usable));
    Ok(asker
        .view_of(t.with("keys-bin-title", [("bin", number)]))
        .crumb("/keys", "keys-title")
        .crumb_named(&format!("/keys/boxes/{id}"), &*place.name)
        .show_markup(body))
}

/// First step: the lamp.
pub(super) async fn light(
    asker: Asker,
    State(keys): State<Keys>,
    Path((id, bin)): Path<(BoxId, i64)>,
) -> Result {
    match crate::light_bin(&keys, &asker.cx, id, bin).await {
        Ok(()) => Ok(asker.go(format!("/keys/boxes/{id}/bins/{bin}?lit=1"))),
        Err(error) => back_with(&asker, error.into(), &format!("/keys/boxes/{id}/bins/{bin}")),
    }
}

/// Second step: the bin.
pub(super) async fn open(
    asker: Asker,
    State(keys): State<Keys>,
    Path((id, bin)): Path<(BoxId, i64)>,
    form: Form<Reason>,
) -> Result {
    let form = form.take()?;
    match crate::open_bin(&keys, &asker.cx, id, bin, &form.reason).await {
        Ok(_) => Ok(asker.done("keys-bin-opening", format!("/keys/boxes/{id}"))),
        Err(error) => back_with(&asker, error.into(), &format!("/keys/boxes/{id}/bins/{bin}")),
    }
}

/// Takes the bin out of use.
pub(super) async fn disable(
    asker: Asker,
    State(keys): State<Keys>,
    Path((id, bin)): Path<(BoxId, i64)>,
    form: Form<Reason>,
) -> Result {
    let form = form.take()?;
    let here = format!("/keys/boxes/{id}/bins/{bin}");
    match crate::disable_bin(&keys, &asker.cx, id, bin, &form.reason, &IfMatch::ANY).await {
        Ok(()) => Ok(asker.done_with_undo("keys-bin-was-disabled", &here, Some(&format!("{here}/enable")))),
        Err(error) => back_with(&asker, error.into(), &here),
    }
}

/// Puts it back into use.
pub(super) async fn enable(
    asker: Asker,
    State(keys): State<Keys>,
    Path((id, bin)): Path<(BoxId, i64)>,
) -> Result {
    crate::enable_bin(&keys, &asker.cx, id, bin, &IfMatch::ANY).await?;
    Ok(asker.done("keys-bin-was-enabled", format!("/keys/boxes/{id}/bins/{bin}")))
}

/// Opens the master lock; leads through proving oneself again where that is due.
pub(super) async fn unlock(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<BoxId>,
    form: Form<Reason>,
) -> Result {
    let form = form.take()?;
    let here = format!("/keys/boxes/{id}");
    match crate::unlock_master(&keys, &asker.cx, id, &form.reason).await {
        Ok(_) => Ok(asker.done("keys-unlocking", &here)),
        Err(UnlockMasterError::ProveAgain) => Ok(asker.done(
            UnlockMasterError::ProveAgain.text(),
            format!("/step-up?next={}", sekisho_web::escape_query(&here)),
        )),
        Err(error) => back_with(&asker, error.into(), &here),
    }
}

/// Who opened what from afar.
pub(super) async fn history(asker: Asker, State(keys): State<Keys>, Path(id): Path<BoxId>) -> Result {
    let (sight, stock) = seen(&asker, &keys).await?;
    let place = stock.place(id).filter(|_| sight.manages_box(id)).ok_or_else(WebError::missing)?;
    let t = asker.texts();
    let rows = reads::openings(&keys, &asker.cx, id).await?.into_iter().map(|row| {
        let what = match row.bin {
            Some(bin) => t.with("keys-bin-title", [("bin", arg(bin))]),
            None => t.get("keys-master"),
        };
        Row::new()
            .cell(asker.time(row.at, &place.zone))
            .cell(what)
            .cell(row.name)
            .cell(row.reason)
            .cell(t.get(&format!("keys-opening-{}", row.result.word())))
    });
    let columns =
        [t.get("when"), t.get("keys-opened"), t.get("who"), t.get("reason"), t.get("state")].map(Column::new);
    let table = Table::new(t.get("keys-openings"), columns)
        .rows(rows)
        .empty(Empty::new(t.get("keys-no-openings"), t.get("keys-no-openings-text")));
    Ok(view(&asker, place, true, "/history")
        .show_markup(Card::new(t.get("keys-openings")).flush().body(table)))
}

/// Its settings.
pub(super) async fn settings(asker: Asker, State(keys): State<Keys>, Path(id): Path<BoxId>) -> Result {
    show_settings(&asker, &keys, id, None).await
}

async fn show_settings(asker: &Asker, keys: &Keys, id: BoxId, state: Option<FormState>) -> Result {
    let (sight, stock) = seen(asker, keys).await?;
    let place = stock.place(id).filter(|_| sight.manages_box(id)).ok_or_else(WebError::missing)?;
    let t = asker.texts();
    let status = if state.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let state = match state {
        Some(state) => state,
        None => {
            let scope = keys.store.read(asker.cx.tenant).await?;
            let present = reads::place(&scope, id).await?.ok_or_else(WebError::missing)?;
            box_state(place).with("seen", crate::revision::of_box(&scope, &present).await?)
        }
    };
    let form = box_form(asker, keys, &state, format!("/keys/boxes/{id}/settings")).await?;
    let devices = keys.devices.devices(&keys.store.read(asker.cx.tenant).await?).await?;
    let devices = [(String::new(), t.get("keys-no-device"))].into_iter().chain(
        devices
            .into_iter()
            .filter(|device| device.kind == DeviceKind::Smartbox)
            .map(|device| (device.id.to_string(), device.name)),
    );
    let connect = FormBox::post(format!("/keys/boxes/{id}/device"), &FormState::empty(), &t)
        .add(
            Field::select("device", t.get("keys-device"))
                .options(devices)
                .value(place.device.map(|device| device.to_string()).unwrap_or_default())
                .hint(Markup::text(t.get("keys-device-hint"))),
        )
        .submit(t.get("keys-device-connect"));
    let retire = Confirm::new(
        format!("/keys/boxes/{id}/retire"),
        t.get("keys-box-retire"),
        t.get("keys-box-retire-question"),
        t.get("keys-box-retire-do"),
    )
    .icon("trash");
    let body = Grid::main_and_side().add(Card::new(t.get("keys-box")).body(form)).add(
        Markup::from(Card::new(t.get("keys-device")).body(connect))
            .then(Card::new(t.get("keys-box-retire")).body(retire)),
    );
    Ok(view(asker, place, true, "/settings").status(status).show_markup(body))
}

/// Saves them.
pub(super) async fn save(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<BoxId>,
    sent: Form<BoxSent>,
) -> Result {
    let (sent, state) = sent.split();
    let saved = match sent {
        Ok(sent) => crate::edit_box(&keys, &asker.cx, id, sent.into()).await.map_err(WebError::from),
        Err(error) => Err(error),
    };
    match saved {
        Ok(()) => Ok(asker.done("keys-saved", format!("/keys/boxes/{id}"))),
        Err(error) => show_settings(&asker, &keys, id, Some(state.failed(error)?)).await,
    }
}

#[derive(Deserialize)]
pub(super) struct DeviceSent {
    device: Option<DeviceId>,
}

/// Connects the box to its device.
pub(super) async fn connect(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<BoxId>,
    sent: Form<DeviceSent>,
) -> Result {
    let sent = sent.take()?;
    let here = format!("/keys/boxes/{id}/settings");
    match crate::connect_box(&keys, &asker.cx, id, sent.device).await {
        Ok(()) => Ok(asker.done("keys-saved", format!("/keys/boxes/{id}"))),
        Err(error) => back_with(&asker, error.into(), &here),
    }
}

/// Takes the box down.
pub(super) async fn retire(asker: Asker, State(keys): State<Keys>, Path(id): Path<BoxId>) -> Result {
    match crate::retire_box(&keys, &asker.cx, id, &IfMatch::ANY).await {
        Ok(()) => Ok(asker.done("keys-box-retired", "/keys")),
        Err(error) => back_with(&asker, error.into(), &format!("/keys/boxes/{id}/settings")),
    }
}
