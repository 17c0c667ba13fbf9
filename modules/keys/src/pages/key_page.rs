//! A key: where it is and what can be done with it. Its other tabs are in `key_tabs.rs`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use sekisho_kernel::PersonId;
use sekisho_web::parts::{
    Alert, Button, Card, Column, Confirm, Empty, Field, FormBox, Grid, KeyValue, Row, Table, Tabs, Tone,
};
use sekisho_web::{
    Asker, Form, FormState, Markup, Page, Reader, Result, Sheet, Texts, WebError, arg, from_local,
};
use serde::Deserialize;

use super::{LIVE, back_with, live_part, people_choices, seen_key, state_badge, whereabouts};
use crate::ids::{BinId, HandOverId, KeyId, KeycodeId};
use crate::reads::{self, BookingFilter, BookingRow, KeyRow, KeyState, KeycodeRow, Sight, Stock};
use crate::{Keys, Lend, TakeOut};

pub(super) fn view(reader: &Reader, sight: &Sight, key: &KeyRow, tab: &str) -> Sheet {
    let t = reader.texts();
    let base = format!("/keys/{}", key.id);
    let mut tabs = Tabs::new(&*key.name, format!("{base}{tab}"))
        .tab(&*base, t.get("tab-overview"))
        .tab(format!("{base}/history"), t.get("tab-history"));
    if sight.manages_key(key.id) {
        tabs = tabs
            .tab(format!("{base}/rights"), t.get("tab-rights"))
            .tab(format!("{base}/settings"), t.get("tab-settings"));
    }
    reader.sheet_of(&key.name).crumb("/keys", "keys-title").tabs(tabs)
}

/// The key.
pub(super) async fn show(asker: Asker, State(keys): State<Keys>, Path(id): Path<KeyId>) -> Result {
    let (sight, mut stock) = seen_key(&asker, &keys, id).await?;
    let key = stock.key(id).ok_or_else(WebError::missing)?.clone();
    let manages = sight.manages_key(id);
    if manages && may_come_back(&key) {
        // It may be back in any of the bins.
        stock = reads::stock(&keys, &asker.cx, &sight).await?;
    }
    let gives = manages || is_with(&key, &sight);
    let people = if gives { people_choices(&asker, &keys).await? } else { Vec::new() };
    let codes = if manages { reads::keycodes_of(&keys, &asker.cx, id).await? } else { Vec::new() };
    let filter =
        BookingFilter { from: Some(asker.cx.now), key: Some(id), live: true, ..BookingFilter::default() };
    let bookings = reads::bookings(&keys, &asker.cx, &sight, &filter).await?;
    Ok(asker.show(&KeyPage { sight, stock, key, people, codes, bookings }))
}

/// Whether its return can be written down by hand.
fn may_come_back(key: &KeyRow) -> bool {
    key.state.is_out() || key.state == KeyState::Missing
}

/// Whether the viewer has the key.
fn is_with(key: &KeyRow, sight: &Sight) -> bool {
    key.holder.is_some() && key.holder == sight.person
}

/// A key, and what its viewer may do with it.
pub(super) struct KeyPage {
    pub(super) sight: Sight,
    pub(super) stock: Stock,
    pub(super) key: KeyRow,
    /// To whom it may be given.
    pub(super) people: Vec<(String, String)>,
    pub(super) codes: Vec<KeycodeRow>,
    pub(super) bookings: Vec<BookingRow>,
}

impl Page for KeyPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let Self { sight, stock, key, .. } = self;
        let t = reader.texts();
        let manages = sight.manages_key(key.id);
        let mut main = live_part("keys-key", &reader.here(), Card::plain().body(self.facts(reader, &t)));
        if !key.pickup_note.is_empty() && (manages || key.holder == sight.person) {
            main = main.then(Alert::new(Tone::Info, &key.pickup_note));
        }
        let mut side = Markup::default();
        if key.state == KeyState::In && sight.uses_key(key.id) {
            side = side.then(take_card(reader, key));
        }
        if is_with(key, sight) {
            side = side.then(self.hand_over_card(&t));
        }
        if manages {
            side = side.then(self.lend_card(&t)).then(return_card(reader, key, stock));
            main = main.then(self.keycode_card(reader, &t));
        }
        side = side.then(fault_card(reader, key));
        main = main.then(self.bookings_card(reader, &t));
        // Only the facts look again by themselves: a form somebody is filling in stays as it is.
        let body = Grid::main_and_side().add(main).add(side);
        view(reader, sight, key, "").live(LIVE).body(body)
    }
}

impl KeyPage {
    fn facts(&self, reader: &Reader, t: &Texts) -> KeyValue {
        let key = &self.key;
        let mut facts = KeyValue::new()
            .row(t.get("state"), state_badge(t, key.state))
            .row(t.get("keys-where"), whereabouts(reader, key));
        if let Some(since) = key.since {
            facts = facts.row(t.get("keys-since"), reader.time(since, &key.zone).relative());
        }
        if key.due.is_some() || key.state.is_out() {
            facts = facts.row(t.get("keys-due"), key.due.map(|at| reader.time(at, &key.zone)));
        }
        facts
            .row(t.get("keys-description"), &key.description)
            .row(t.get("keys-home"), home(t, key, &self.stock))
    }

    fn lend_card(&self, t: &Texts) -> Card {
        let hows =
            [("grant".to_owned(), t.get("keys-lend-grant")), ("loan".to_owned(), t.get("keys-lend-loan"))];
        let form = FormBox::post(format!("/keys/{}/lend", self.key.id), &FormState::empty(), t)
            .add(
                Field::select("to", t.get("keys-lend-to"))
                    .options(
                        [(String::new(), t.get("keys-choose"))]
                            .into_iter()
                            .chain(self.people.iter().cloned()),
                    )
                    .required(),
            )
            .add(
                Field::date_time("until", t.get("keys-lend-until"))
                    .optional(t.get("optional"))
                    .hint(t.with("keys-zone-hint", [("zone", &*self.key.zone)])),
            )
            .add(Field::radio("how", t.get("keys-lend-how")).options(hows).value("grant"))
            .add(Field::text("note", t.get("note")).optional(t.get("optional")))
            .submit(t.get("keys-lend-do"));
        Card::new(t.get("keys-lend")).body(form)
    }

    fn hand_over_card(&self, t: &Texts) -> Card {
        let form = FormBox::post(format!("/keys/{}/hand-over", self.key.id), &FormState::empty(), t)
            .add(
                Field::select("to", t.get("keys-hand-over-to"))
                    .options(
                        [(String::new(), t.get("keys-choose"))]
                            .into_iter()
                            .chain(self.people.iter().cloned()),
                    )
                    .required(),
            )
            .submit(t.get("keys-hand-over-do"));
        Card::new(t.get("keys-hand-over"))
            .body(Markup::raw(format!("<p>{}</p>", Markup::text(t.get("keys-hand-over-text")))).then(form))
    }

    fn keycode_card(&self, reader: &Reader, t: &Texts) -> Card {
        let rows = self.codes.iter().map(|code| {
            Row::new()
                .cell(Markup::raw(format!("<code>{}</code>", Markup::text(&code.code))))
                .cell(&code.given_to)
                .cell(reader.time(code.made_at, &self.key.zone).relative())
                .cell(
                    Confirm::new(
                        format!("/keys/keycodes/{}/cancel", code.id),
                        t.get("keys-keycode-cancel"),
                        t.get("keys-keycode-cancel-question"),
                        t.get("keys-keycode-cancel-do"),
                    )
                    .small(),
                )
        });
        let columns =
            [t.get("keys-keycode"), t.get("keys-keycode-given-to"), t.get("keys-since"), String::new()]
                .map(Column::new);
        let form = FormBox::post(format!("/keys/{}/keycodes", self.key.id), &FormState::empty(), t)
            .beside([
                Field::text("given_to", t.get("keys-keycode-given-to")).required().attr("maxlength", 100),
                Field::text("code", t.get("keys-keycode-wish"))
                    .optional(t.get("optional"))
                    .short()
                    .attr("inputmode", "numeric"),
            ])
            .submit(t.get("keys-keycode-make"));
        let mut body =
            Markup::raw(format!("<p class=\"muted\">{}</p>", Markup::text(t.get("keys-keycode-text"))));
        if !self.codes.is_empty() {
            body = body.then(Table::new(t.get("keys-keycodes"), columns).rows(rows));
        }
        Card::new(t.get("keys-keycodes")).body(body.then(form))
    }

    fn bookings_card(&self, reader: &Reader, t: &Texts) -> Card {
        let rows = self.bookings.iter().map(|booking| {
            Row::new()
                .cell(reader.time(booking.starts_at, &booking.zone))
                .cell(reader.time(booking.ends_at, &booking.zone))
                .cell(&booking.name)
                .href(format!("/keys/bookings/{}", booking.id))
        });
        let columns = [t.get("keys-starts"), t.get("keys-ends"), t.get("who")].map(Column::new);
        let table = Table::new(t.get("keys-bookings"), columns)
            .rows(rows)
            .empty(Empty::new(t.get("keys-no-bookings"), t.get("keys-no-bookings-text")).icon("calendar"));
        let mut card = Card::new(t.get("keys-bookings")).flush().body(table);
        if self.sight.uses_key(self.key.id) {
            card = card.action(
                Button::link(format!("/keys/bookings/new?key={}", self.key.id), t.get("keys-book"))
                    .small()
                    .icon("calendar-plus"),
            );
        }
        card
    }
}

fn home(t: &Texts, key: &KeyRow, stock: &Stock) -> Markup {
    let Some(place) = key.home_box.and_then(|id| stock.place(id)) else { return Markup::default() };
    let words = match key.home_bin {
        Some(bin) => t.with("keys-in-box-bin", [("box", arg(&place.name)), ("bin", arg(bin))]),
        None => place.name.clone(),
    };
    Markup::raw(format!("<a href=\"/keys/boxes/{}\">{}</a>", place.id, Markup::text(words)))
}

fn take_card(reader: &Reader, key: &KeyRow) -> Card {
    let t = reader.texts();
    let question = t
        .with("keys-take-question", [("box", arg(&key.box_name)), ("bin", arg(key.bin.unwrap_or_default()))]);
    Card::new(t.get("keys-take")).body(
        Confirm::new(
            format!("/keys/{}/take", key.id),
            t.get("keys-take-here"),
            question,
            t.get("keys-take-do"),
        )
        .icon("lock-open"),
    )
}

fn return_card(reader: &Reader, key: &KeyRow, stock: &Stock) -> Markup {
    let t = reader.texts();
    if !may_come_back(key) {
        return Markup::default();
    }
    let bins = stock.boxes.iter().flat_map(|place| {
        let t = t.clone();
        place.bins.iter().filter(|bin| bin.key.is_none()).map(move |bin| {
            (
                bin.id.to_string(),
                t.with("keys-in-box-bin", [("box", arg(&place.name)), ("bin", arg(bin.number))]),
            )
        })
    });
    let form = FormBox::post(format!("/keys/{}/return", key.id), &FormState::empty(), &t)
        .add(Field::select("bin", t.get("keys-return-bin")).options(bins).required())
        .submit(t.get("keys-return-do"));
    Card::new(t.get("keys-return"))
        .body(Markup::raw(format!("<p>{}</p>", Markup::text(t.get("keys-return-text")))).then(form))
        .into()
}

fn fault_card(reader: &Reader, key: &KeyRow) -> Card {
    let t = reader.texts();
    let form = FormBox::post(format!("/keys/{}/fault", key.id), &FormState::empty(), &t)
        .add(
            Field::lines("note", t.get("keys-fault-what")).required().attr("rows", 2).attr("maxlength", 1000),
        )
        .submit(t.get("keys-fault-do"));
    Card::new(t.get("keys-fault")).body(form)
}

/// Releases the bin for whoever pressed the button in front of the box.
pub(super) async fn take(asker: Asker, State(keys): State<Keys>, Path(id): Path<KeyId>) -> Result {
    let ask = TakeOut::on_page(id, asker.person()?);
    match crate::take_out(&keys, &asker.cx, ask).await {
        Ok(_) => Ok(asker.done("keys-take-now", format!("/keys/{id}"))),
        Err(error) => back_with(&asker, error.into(), &format!("/keys/{id}")),
    }
}

#[derive(Deserialize)]
pub(super) struct LendSent {
    to: PersonId,
    until: String,
    how: String,
    note: String,
}

/// Lends the key.
pub(super) async fn lend(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<KeyId>,
    sent: Form<LendSent>,
) -> Result {
    let here = format!("/keys/{id}");
    let sent = match sent.take() {
        Ok(sent) => sent,
        Err(error) => return back_with(&asker, error, &here),
    };
    let (_, stock) = seen_key(&asker, &keys, id).await?;
    let key = stock.key(id).ok_or_else(WebError::missing)?;
    let until = match sent.until.trim() {
        "" => None,
        typed => {
            Some(from_local(typed, &key.zone).ok_or_else(|| WebError::invalid("until", "keys-error-time"))?)
        }
    };
    let ask = Lend { key: id, to: sent.to, until, note: sent.note };
    let done = if sent.how == "loan" {
        crate::register_loan(&keys, &asker.cx, ask).await.map(|_| "keys-lent-by-hand")
    } else {
        crate::lend(&keys, &asker.cx, ask).await.map(|_| "keys-lent")
    };
    match done {
        Ok(text) => Ok(asker.done(text, here)),
        Err(error) => back_with(&asker, error.into(), &here),
    }
}

#[derive(Deserialize)]
pub(super) struct ReturnSent {
    bin: BinId,
}

/// Writes down that the key is back.
pub(super) async fn give_back(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<KeyId>,
    sent: Form<ReturnSent>,
) -> Result {
    let here = format!("/keys/{id}");
    let sent = sent.take()?;
    match crate::register_return(&keys, &asker.cx, id, sent.bin).await {
        Ok(()) => Ok(asker.done("keys-returned", here)),
        Err(error) => back_with(&asker, error.into(), &here),
    }
}

#[derive(Deserialize)]
pub(super) struct NoteSent {
    note: String,
}

/// Reports a fault.
pub(super) async fn fault(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<KeyId>,
    sent: Form<NoteSent>,
) -> Result {
    let here = format!("/keys/{id}");
    match crate::report_fault(&keys, &asker.cx, id, &sent.take()?.note).await {
        Ok(_) => Ok(asker.done("keys-fault-reported", here)),
        Err(error) => back_with(&asker, error.into(), &here),
    }
}

#[derive(Deserialize)]
pub(super) struct ToSent {
    to: PersonId,
}

/// Offers the key to another person.
pub(super) async fn hand_over(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<KeyId>,
    sent: Form<ToSent>,
) -> Result {
    let here = format!("/keys/{id}");
    let sent = match sent.take() {
        Ok(sent) => sent,
        Err(error) => return back_with(&asker, error, &here),
    };
    match crate::offer_hand_over(&keys, &asker.cx, id, sent.to).await {
        Ok(offer) => Ok(asker.go(format!("/keys/hand-overs/{offer}"))),
        Err(error) => back_with(&asker, error.into(), &here),
    }
}

/// Asks for the receiver's code.
pub(super) async fn ask_code(asker: Asker, Path(id): Path<HandOverId>) -> Result {
    Ok(asker.show(&HandOver { id, state: FormState::empty(), status: StatusCode::OK }))
}

/// A hand-over that waits for the receiver's code.
pub(super) struct HandOver {
    pub(super) id: HandOverId,
    pub(super) state: FormState,
    pub(super) status: StatusCode,
}

impl Page for HandOver {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let form = FormBox::post(format!("/keys/hand-overs/{}", self.id), &self.state, &t)
            .add(Field::code("code", t.get("keys-hand-over-code")).from(&self.state, &t).required())
            .submit(t.get("keys-hand-over-confirm"))
            .cancel("/keys", t.get("cancel"));
        let ask = Markup::raw(format!("<p>{}</p>", Markup::text(t.get("keys-hand-over-ask"))));
        let sheet = reader.sheet("keys-hand-over").crumb("/keys", "keys-title");
        sheet.status(self.status).body(Card::plain().body(ask.then(form)))
    }
}

#[derive(Deserialize)]
pub(super) struct CodeSent {
    code: String,
}

/// Confirms the hand-over.
pub(super) async fn confirm(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<HandOverId>,
    sent: Form<CodeSent>,
) -> Result {
    let (sent, state) = sent.split();
    match crate::confirm_hand_over(&keys, &asker.cx, id, &sent?.code).await {
        Ok(_) => Ok(asker.done("keys-handed-over", "/keys")),
        Err(error) => {
            let state = state.failed(error.into())?;
            Ok(asker.show(&HandOver { id, state, status: StatusCode::UNPROCESSABLE_ENTITY }))
        }
    }
}

#[derive(Deserialize)]
pub(super) struct KeycodeSent {
    given_to: String,
    code: Option<String>,
}

/// Makes a keycode.
pub(super) async fn make_keycode(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<KeyId>,
    sent: Form<KeycodeSent>,
) -> Result {
    let here = format!("/keys/{id}");
    let sent = sent.take()?;
    match crate::make_keycode(&keys, &asker.cx, id, sent.code.as_deref(), &sent.given_to).await {
        Ok(_) => Ok(asker.done("keys-keycode-made", here)),
        Err(error) => back_with(&asker, error.into(), &here),
    }
}

/// Cancels a keycode.
pub(super) async fn cancel_keycode(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<KeycodeId>,
) -> Result {
    crate::cancel_keycode(&keys, &asker.cx, id).await?;
    Ok(asker.done("keys-keycode-cancelled", "/keys"))
}

/// Gives the key up for good.
pub(super) async fn withdraw(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<KeyId>,
    sent: Form<NoteSent>,
) -> Result {
    match crate::withdraw_key(&keys, &asker.cx, id, &sent.take()?.note).await {
        Ok(()) => Ok(asker.done("keys-withdrawn", "/keys")),
        Err(error) => back_with(&asker, error.into(), &format!("/keys/{id}/settings")),
    }
}
