//! A box: drawn as it hangs on the wall; a bin of it; its history and settings.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use sekisho_devices::DeviceKind;
use sekisho_kernel::{DeviceId, Kinded};
use sekisho_places::Site;
use sekisho_web::parts::{
    Alert, Button, Card, Column, Confirm, Empty, Field, FormBox, Grid, KeyValue, Row, Table, Tabs, Timeline,
    Tone,
};
use sekisho_web::{
    Asker, Form, FormState, IfMatch, Markup, Page, Query, Reader, Result, Sheet, Texts, WebError, arg,
};
use serde::Deserialize;

use super::forms::{BoxSent, box_form, box_state, sites};
use super::{LIVE, back_with, live_part, people_choices, seen_box, state_badge, whereabouts};
use crate::ids::{BoxId, KeyId};
use crate::reads::{self, BinRow, BoxRow, OpeningRow, PictureFilter, PictureRow, Sight, Stock};
use crate::{CameraForm, Keys, UnlockMasterError};

#[derive(Deserialize)]
pub(super) struct Reason {
    pub(super) reason: String,
}

fn view(reader: &Reader, place: &BoxRow, manages: bool, tab: &str) -> Sheet {
    let t = reader.texts();
    let base = format!("/keys/boxes/{}", place.id);
    let mut tabs = Tabs::new(&*place.name, format!("{base}{tab}")).tab(&*base, t.get("tab-overview"));
    if manages {
        tabs = tabs
            .tab(format!("{base}/history"), t.get("tab-history"))
            .tab(format!("{base}/settings"), t.get("tab-settings"));
    }
    reader.sheet_of(&place.name).crumb("/keys", "keys-title").tabs(tabs)
}

/// Pictures beside the history; a page of their own has them all.
const NEWEST: u64 = 20;

/// The box with its bins.
pub(super) async fn show(asker: Asker, State(keys): State<Keys>, Path(id): Path<BoxId>) -> Result {
    let (sight, stock) = seen_box(&asker, &keys, id).await?;
    let place = stock.place(id).ok_or_else(WebError::missing)?.clone();
    let people = if sight.manages_anything() { people_choices(&asker, &keys).await? } else { Vec::new() };
    Ok(asker.show(&BoxPage { sight, stock, place, people }))
}

/// A box as it hangs on the wall.
pub(super) struct BoxPage {
    pub(super) sight: Sight,
    pub(super) stock: Stock,
    pub(super) place: BoxRow,
    /// To whom a key may be lent.
    pub(super) people: Vec<(String, String)>,
}

impl Page for BoxPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let Self { sight, stock, place, people } = self;
        let t = reader.texts();
        let manages = sight.manages_box(place.id);
        let mut side = super::lend::card(&t, sight, stock, place, people).then(facts(reader, &t, place));
        if manages {
            side = side.then(alarms(reader, stock, place)).then(unlock_card(reader, place));
        }
        let legend = Markup::raw(format!(
            "<p class=\"cabinet-legend muted\">{}</p>",
            Markup::text(t.get(if manages { "keys-cabinet-hint-manager" } else { "keys-cabinet-hint" }))
        ));
        let cabinet = super::cabinet::full(reader, place, stock, manages);
        let drawn =
            Markup::from(Card::plain().body(cabinet.then(legend))).then(key_list(reader, stock, place));
        let body = Grid::main_and_side().add(live_part("keys-box", &reader.here(), drawn)).add(side);
        let mut sheet = view(reader, place, manages, "").live(LIVE);
        if manages {
            let add = format!("/keys/new?box={}", place.id);
            sheet = sheet.action(Button::link(add, t.get("keys-add-key")).primary().icon("plus"));
        }
        sheet.body(body)
    }
}

fn facts(reader: &Reader, t: &Texts, place: &BoxRow) -> Card {
    let mut facts = KeyValue::new()
        .row(t.get("state"), super::cabinet::badge(reader, place))
        .row(t.get("keys-directions"), &place.directions)
        .row(t.get("keys-clock"), reader.time(reader.now(), &place.zone))
        .row(
            t.get("keys-return-policy"),
            t.get(&format!("keys-return-{}", place.return_policy.word().replace('_', "-"))),
        );
    if let Some(seen) = place.last_seen {
        facts = facts.row(t.get("keys-last-seen"), reader.time(seen, &place.zone).relative());
    }
    Card::new(t.get("keys-box")).body(facts)
}

fn key_list(reader: &Reader, stock: &Stock, place: &BoxRow) -> Card {
    let t = reader.texts();
    let rows =
        stock.keys.iter().filter(|key| key.box_id == Some(place.id) || key.home_box == Some(place.id)).map(
            |key| {
                Row::new()
                    .cell(&key.name)
                    .cell(state_badge(&t, key.state))
                    .cell(whereabouts(reader, key))
                    .cell(key.due.map(|at| reader.time(at, &key.zone)))
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

fn alarms(reader: &Reader, stock: &Stock, place: &BoxRow) -> Markup {
    let t = reader.texts();
    let of_box: Vec<_> =
        stock.incidents.iter().filter(|incident| incident.box_id == Some(place.id)).collect();
    if of_box.is_empty() {
        return Markup::default();
    }
    let timeline = of_box.into_iter().take(5).fold(Timeline::new(), |timeline, incident| {
        super::inventory::item(reader, stock, timeline, incident)
    });
    Card::new(t.get("keys-today-wrong"))
        .action(Button::link("/keys/inventory", t.get("keys-inventory")).quiet().small())
        .body(timeline)
        .into()
}

fn unlock_card(reader: &Reader, place: &BoxRow) -> Card {
    let t = reader.texts();
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
    let (sight, stock) = seen_box(&asker, &keys, id).await?;
    let place = stock.place(id).filter(|_| sight.manages_box(id)).ok_or_else(WebError::missing)?.clone();
    let bin = place.bins.iter().find(|bin| bin.number == number).ok_or_else(WebError::missing)?.clone();
    Ok(asker.show(&BinPage { stock, place, bin, lit: ask.lit }))
}

/// One bin of a box.
pub(super) struct BinPage {
    pub(super) stock: Stock,
    pub(super) place: BoxRow,
    pub(super) bin: BinRow,
    /// Whether its lamp was lit, the first of the two steps.
    pub(super) lit: bool,
}

impl Page for BinPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let here = format!("/keys/boxes/{}", self.place.id);
        let body = Grid::cards()
            .add(self.inside(&t))
            .add(Card::new(t.get("keys-bin-open")).body(self.opening(&t, &here)))
            .add(Card::new(t.get("keys-bin-use")).body(self.usable(&t, &here)));
        reader
            .sheet_of(t.with("keys-bin-title", [("bin", self.bin.number)]))
            .crumb("/keys", "keys-title")
            .crumb_named(&here, &*self.place.name)
            .body(body)
    }
}

impl BinPage {
    fn inside(&self, t: &Texts) -> Card {
        let bin = &self.bin;
        let key = |id: Option<KeyId>| match id.and_then(|id| self.stock.key(id)) {
            Some(key) => {
                Markup::raw(format!("<a href=\"/keys/{}\">{}</a> ", key.id, Markup::text(&key.name)))
                    .then(state_badge(t, key.state))
            }
            None => Markup::text(t.get("none")),
        };
        let facts = KeyValue::new()
            .row(t.get("keys-bin-holds"), key(bin.key))
            .row(t.get("keys-bin-home-of"), key(bin.home_of))
            .row(t.get("keys-bin-door"), t.get(&format!("keys-door-{}", bin.door.word())))
            .row(t.get("keys-bin-sees"), bin.fob.clone().unwrap_or_default());
        let holds = Card::new(t.get("keys-bin-inside")).body(facts);
        if bin.home_of.is_some() {
            return holds;
        }
        let add = format!("/keys/new?box={}&bin={}", self.place.id, bin.number);
        holds.footer(Button::link(add, t.get("keys-add-key-here")).small().icon("plus"))
    }

    /// The lamp, then the bin.
    fn opening(&self, t: &Texts, here: &str) -> Markup {
        let number = self.bin.number;
        if !self.lit {
            let light = format!("{here}/bins/{number}/light");
            return Markup::raw(format!("<p>{}</p>", Markup::text(t.get("keys-bin-open-text"))))
                .then(Button::post(light, t.get("keys-bin-light")).primary().icon("bulb"));
        }
        let form = FormBox::post(format!("{here}/bins/{number}/open"), &FormState::empty(), t)
            .add(Field::text("reason", t.get("reason")).optional(t.get("optional")))
            .button(Button::submit(t.get("keys-bin-open-do")).danger().icon("lock-open"))
            .cancel(here, t.get("cancel"));
        Markup::from(Alert::new(Tone::Info, t.with("keys-bin-lit", [("bin", number)]))).then(form)
    }

    fn usable(&self, t: &Texts, here: &str) -> Markup {
        let base = format!("{here}/bins/{}", self.bin.number);
        let Some(reason) = &self.bin.disabled_reason else {
            return Confirm::new(
                format!("{base}/disable"),
                t.get("keys-bin-disable"),
                t.get("keys-bin-disable-question"),
                t.get("keys-bin-disable-do"),
            )
            .icon("ban")
            .field(Field::text("reason", t.get("reason")).required())
            .into();
        };
        let why = t.with("keys-bin-disabled-because", [("reason", &**reason)]);
        Markup::from(Alert::new(Tone::Warn, why))
            .then(Button::post(format!("{base}/enable"), t.get("keys-bin-enable")).icon("check"))
    }
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
        Err(UnlockMasterError::ProveAgain) => Ok(asker.not_done(
            UnlockMasterError::ProveAgain.text(),
            format!("/step-up?next={}", sekisho_web::escape_query(&here)),
        )),
        Err(error) => back_with(&asker, error.into(), &here),
    }
}

/// Who opened what from afar.
pub(super) async fn history(asker: Asker, State(keys): State<Keys>, Path(id): Path<BoxId>) -> Result {
    let (sight, stock) = seen_box(&asker, &keys, id).await?;
    let place = stock.place(id).filter(|_| sight.manages_box(id)).ok_or_else(WebError::missing)?.clone();
    let openings = reads::openings(&keys, &asker.cx, id).await?;
    let of_box = PictureFilter { place: Some(id), ..PictureFilter::default() };
    let newest = PictureFilter { limit: NEWEST, ..of_box.clone() };
    let pictures = reads::pictures(&keys, &asker.cx, &sight, &newest).await?;
    let ids: Vec<_> = openings.iter().map(|opening| opening.id).collect();
    let count = u64::try_from(ids.len()).unwrap_or(u64::MAX);
    let theirs = PictureFilter { commands: Some(ids), limit: count, ..of_box };
    let of_openings = reads::pictures(&keys, &asker.cx, &sight, &theirs).await?;
    Ok(asker.show(&Openings { place, openings, pictures, of_openings }))
}

/// The openings of a box from afar.
pub(super) struct Openings {
    pub(super) place: BoxRow,
    pub(super) openings: Vec<OpeningRow>,
    /// The newest of what its camera took.
    pub(super) pictures: Vec<PictureRow>,
    /// Those that belong to the openings.
    pub(super) of_openings: Vec<PictureRow>,
}

impl Page for Openings {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, place) = (reader.texts(), &self.place);
        let picture = |row: &OpeningRow| {
            let of = self.of_openings.iter().find(|picture| picture.command == Some(row.id));
            of.map(|of| super::pictures::link(&t, of.id)).unwrap_or_default()
        };
        let rows = self.openings.iter().map(|row| {
            let what = match row.bin {
                Some(bin) => t.with("keys-bin-title", [("bin", arg(bin))]),
                None => t.get("keys-master"),
            };
            Row::new()
                .cell(reader.time(row.at, &place.zone))
                .cell(Markup::text(what).then(picture(row)))
                .cell(&row.name)
                .cell(&row.reason)
                .cell(t.get(&format!("keys-opening-{}", row.result.word())))
        });
        let columns = [t.get("when"), t.get("keys-opened"), t.get("who"), t.get("reason"), t.get("state")]
            .map(Column::new);
        let table = Table::new(t.get("keys-openings"), columns)
            .rows(rows)
            .empty(Empty::new(t.get("keys-no-openings"), t.get("keys-no-openings-text")));
        let openings = Markup::from(Card::new(t.get("keys-openings")).flush().body(table));
        let all = Button::link(format!("/keys/boxes/{}/pictures", place.id), t.get("keys-pictures-all"));
        let all = all.quiet().small();
        view(reader, place, true, "/history")
            .body(openings.then(super::pictures::card(reader, &self.pictures).action(all)))
    }
}

/// Its settings.
pub(super) async fn settings(asker: Asker, State(keys): State<Keys>, Path(id): Path<BoxId>) -> Result {
    show_settings(&asker, &keys, id, None, None).await
}

/// The settings; with what was typed into one of their forms, when it was refused.
pub(super) async fn show_settings(
    asker: &Asker,
    keys: &Keys,
    id: BoxId,
    state: Option<FormState>,
    camera: Option<FormState>,
) -> Result {
    let (sight, stock) = seen_box(asker, keys, id).await?;
    let place = stock.place(id).filter(|_| sight.manages_box(id)).ok_or_else(WebError::missing)?.clone();
    let refused = state.is_some() || camera.is_some();
    let status = if refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let scope = keys.store.read(asker.cx.tenant).await?;
    let present = reads::place(&scope, id).await?.ok_or_else(WebError::missing)?;
    let state = match state {
        Some(state) => state,
        None => box_state(&place).with("seen", crate::revision::of_box(&scope, &present).await?),
    };
    let set = CameraForm { on: present.camera, days: present.picture_days };
    let camera = camera.unwrap_or_else(|| super::pictures::camera_state(set));
    let boxes = keys.devices.devices(&scope).await?.into_iter();
    let boxes = boxes.filter(|device| device.kind == DeviceKind::Smartbox);
    let devices = boxes.map(|device| (device.id.to_string(), device.name)).collect();
    drop(scope);
    let sites = sites(asker, keys).await?;
    Ok(asker.show(&BoxSettings { place, state, camera, sites, devices, status }))
}

/// The settings of a box.
pub(super) struct BoxSettings {
    pub(super) place: BoxRow,
    pub(super) state: FormState,
    /// The form of its camera.
    pub(super) camera: FormState,
    pub(super) sites: Vec<Site>,
    /// The devices that may move its bins: id and name.
    pub(super) devices: Vec<(String, String)>,
    pub(super) status: StatusCode,
}

impl Page for BoxSettings {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, place) = (reader.texts(), &self.place);
        let here = format!("/keys/boxes/{}", place.id);
        let form = box_form(&t, &self.sites, &self.state, format!("{here}/settings"));
        let none = [(String::new(), t.get("keys-no-device"))];
        let connect = FormBox::post(format!("{here}/device"), &FormState::empty(), &t)
            .add(
                Field::select("device", t.get("keys-device"))
                    .options(none.into_iter().chain(self.devices.iter().cloned()))
                    .value(place.device.map(|device| device.to_string()).unwrap_or_default())
                    .hint(Markup::text(t.get("keys-device-hint"))),
            )
            .submit(t.get("keys-device-connect"));
        let retire = Confirm::new(
            format!("{here}/retire"),
            t.get("keys-box-retire"),
            t.get("keys-box-retire-question"),
            t.get("keys-box-retire-do"),
        )
        .icon("trash");
        let body = Grid::main_and_side().add(Card::new(t.get("keys-box")).body(form)).add(
            Markup::from(Card::new(t.get("keys-device")).body(connect))
                .then(super::pictures::camera_card(&t, &here, &self.camera))
                .then(Card::new(t.get("keys-box-retire")).body(retire)),
        );
        view(reader, place, true, "/settings").status(self.status).body(body)
    }
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
        Err(error) => show_settings(&asker, &keys, id, Some(state.failed(error)?), None).await,
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
