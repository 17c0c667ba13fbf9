//! A key: where it is and what can be done with it; who may take it and why; who had it; its settings.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use sekisho_kernel::PersonId;
use sekisho_policy::Right;
use sekisho_web::parts::{
    Alert, Button, Card, Column, Confirm, Empty, Field, FormBox, Grid, KeyValue, Row, Table, Tabs, Timeline,
    Tone,
};
use sekisho_web::{Asker, Form, FormState, Markup, Result, View, WebError, arg, from_local};
use serde::Deserialize;

use super::forms::{KeySent, key_form, key_state};
use super::{LIVE, back_with, live_part, people_choices, seen, state_badge, whereabouts};
use crate::ids::{BinId, HandOverId, KeyId, KeycodeId};
use crate::reads::{self, BookingFilter, KeyRow, KeyState, LoanFilter, Sight, Stock};
use crate::{Keys, Lend, TakeOut};

fn view(asker: &Asker, sight: &Sight, key: &KeyRow, tab: &str) -> View {
    let t = asker.texts();
    let base = format!("/keys/{}", key.id);
    let mut tabs = Tabs::new(&*key.name, format!("{base}{tab}"))
        .tab(&*base, t.get("tab-overview"))
        .tab(format!("{base}/history"), t.get("tab-history"));
    if sight.manages_key(key.id) {
        tabs = tabs
            .tab(format!("{base}/rights"), t.get("tab-rights"))
            .tab(format!("{base}/settings"), t.get("tab-settings"));
    }
    asker.view_of(&key.name).crumb("/keys", "keys-title").tabs(tabs)
}

/// The key.
pub(super) async fn show(asker: Asker, State(keys): State<Keys>, Path(id): Path<KeyId>) -> Result {
    let (sight, stock) = seen(&asker, &keys).await?;
    let key = stock.key(id).ok_or_else(WebError::missing)?;
    let t = asker.texts();
    let manages = sight.manages_key(id);
    let mut facts = KeyValue::new()
        .row(t.get("state"), state_badge(&t, key.state))
        .row(t.get("keys-where"), whereabouts(&asker, key));
    if let Some(since) = key.since {
        facts = facts.row(t.get("keys-since"), asker.time(since, &key.zone).relative());
    }
    if key.due.is_some() || key.state.is_out() {
        facts = facts.row(t.get("keys-due"), key.due.map(|at| asker.time(at, &key.zone)));
    }
    facts =
        facts.row(t.get("keys-description"), &key.description).row(t.get("keys-home"), home(&t, key, &stock));
    let mut main = live_part("keys-key", &asker.here(), Card::plain().body(facts));
    if !key.pickup_note.is_empty() && (manages || key.holder == sight.person) {
        main = main.then(Alert::new(Tone::Info, &key.pickup_note));
    }
    let mine = key.holder.is_some() && key.holder == sight.person;
    let mut side = Markup::default();
    if key.state == KeyState::In && sight.uses_key(id) {
        side = side.then(take_card(&asker, key));
    }
    if mine {
        side = side.then(hand_over_card(&asker, &keys, key).await?);
    }
    if manages {
        side = side.then(lend_card(&asker, &keys, key).await?);
        side = side.then(return_card(&asker, key, &stock));
    }
    side = side.then(fault_card(&asker, key));
    if manages {
        main = main.then(keycode_card(&asker, &keys, key).await?);
    }
    main = main.then(bookings_card(&asker, &keys, &sight, key).await?);
    // Only the facts look again by themselves: a form somebody is filling in stays as it is.
    let body = Grid::main_and_side().add(main).add(side);
    Ok(view(&asker, &sight, key, "").live(LIVE).show_markup(body))
}

fn home(t: &sekisho_web::Texts, key: &KeyRow, stock: &Stock) -> Markup {
    let Some(place) = key.home_box.and_then(|id| stock.place(id)) else { return Markup::default() };
    let words = match key.home_bin {
        Some(bin) => t.with("keys-in-box-bin", [("box", arg(&place.name)), ("bin", arg(bin))]),
        None => place.name.clone(),
    };
    Markup::raw(format!("<a href=\"/keys/boxes/{}\">{}</a>", place.id, Markup::text(words)))
}

fn take_card(asker: &Asker, key: &KeyRow) -> Card {
    let t = asker.texts();
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

async fn lend_card(asker: &Asker, keys: &Keys, key: &KeyRow) -> Result<Card> {
    let t = asker.texts();
    let people = people_choices(asker, keys).await?;
    let hows = [("grant".to_owned(), t.get("keys-lend-grant")), ("loan".to_owned(), t.get("keys-lend-loan"))];
    let form = FormBox::post(format!("/keys/{}/lend", key.id), &FormState::empty(), &t)
        .add(
            Field::select("to", t.get("keys-lend-to"))
                .options([(String::new(), t.get("keys-choose"))].into_iter().chain(people))
                .required(),
        )
        .add(
            Field::date_time("until", t.get("keys-lend-until"))
                .optional(t.get("optional"))
                .hint(t.with("keys-zone-hint", [("zone", &*key.zone)])),
        )
        .add(Field::radio("how", t.get("keys-lend-how")).options(hows).value("grant"))
        .add(Field::text("note", t.get("note")).optional(t.get("optional")))
        .submit(t.get("keys-lend-do"));
    Ok(Card::new(t.get("keys-lend")).body(form))
}

async fn hand_over_card(asker: &Asker, keys: &Keys, key: &KeyRow) -> Result<Card> {
    let t = asker.texts();
    let people = people_choices(asker, keys).await?;
    let form = FormBox::post(format!("/keys/{}/hand-over", key.id), &FormState::empty(), &t)
        .add(
            Field::select("to", t.get("keys-hand-over-to"))
                .options([(String::new(), t.get("keys-choose"))].into_iter().chain(people))
                .required(),
        )
        .submit(t.get("keys-hand-over-do"));
    Ok(Card::new(t.get("keys-hand-over"))
        .body(Markup::raw(format!("<p>{}</p>", Markup::text(t.get("keys-hand-over-text")))).then(form)))
}

fn return_card(asker: &Asker, key: &KeyRow, stock: &Stock) -> Markup {
    let t = asker.texts();
    if !key.state.is_out() && key.state != KeyState::Missing {
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

fn fault_card(asker: &Asker, key: &KeyRow) -> Card {
    let t = asker.texts();
    let form = FormBox::post(format!("/keys/{}/fault", key.id), &FormState::empty(), &t)
        .add(
            Field::lines("note", t.get("keys-fault-what")).required().attr("rows", 2).attr("maxlength", 1000),
        )
        .submit(t.get("keys-fault-do"));
    Card::new(t.get("keys-fault")).body(form)
}

async fn keycode_card(asker: &Asker, keys: &Keys, key: &KeyRow) -> Result<Card> {
    let t = asker.texts();
    let codes = reads::keycodes_of(keys, &asker.cx, key.id).await?;
    let rows = codes.iter().map(|code| {
        Row::new()
            .cell(Markup::raw(format!("<code>{}</code>", Markup::text(&code.code))))
            .cell(&code.given_to)
            .cell(asker.time(code.made_at, &key.zone).relative())
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
    let columns = [t.get("keys-keycode"), t.get("keys-keycode-given-to"), t.get("keys-since"), String::new()]
        .map(Column::new);
    let form = FormBox::post(format!("/keys/{}/keycodes", key.id), &FormState::empty(), &t)
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
    if !codes.is_empty() {
        body = body.then(Table::new(t.get("keys-keycodes"), columns).rows(rows));
    }
    Ok(Card::new(t.get("keys-keycodes")).body(body.then(form)))
}

async fn bookings_card(asker: &Asker, keys: &Keys, sight: &Sight, key: &KeyRow) -> Result<Card> {
    let t = asker.texts();
    let filter =
        BookingFilter { from: Some(asker.cx.now), key: Some(key.id), live: true, ..BookingFilter::default() };
    let rows = reads::bookings(keys, &asker.cx, sight, &filter).await?.into_iter().map(|booking| {
        Row::new()
            .cell(asker.time(booking.starts_at, &booking.zone))
            .cell(asker.time(booking.ends_at, &booking.zone))
            .cell(booking.name)
            .href(format!("/keys/bookings/{}", booking.id))
    });
    let columns = [t.get("keys-starts"), t.get("keys-ends"), t.get("who")].map(Column::new);
    let table = Table::new(t.get("keys-bookings"), columns)
        .rows(rows)
        .empty(Empty::new(t.get("keys-no-bookings"), t.get("keys-no-bookings-text")).icon("calendar"));
    let mut card = Card::new(t.get("keys-bookings")).flush().body(table);
    if sight.uses_key(key.id) {
        card = card.action(
            Button::link(format!("/keys/bookings/new?key={}", key.id), t.get("keys-book"))
                .small()
                .icon("calendar-plus"),
        );
    }
    Ok(card)
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
    let (_, stock) = seen(&asker, &keys).await?;
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

fn code_form(asker: &Asker, id: HandOverId, state: &FormState) -> Card {
    let t = asker.texts();
    let form = FormBox::post(format!("/keys/hand-overs/{id}"), state, &t)
        .add(Field::code("code", t.get("keys-hand-over-code")).from(state, &t).required())
        .submit(t.get("keys-hand-over-confirm"))
        .cancel("/keys", t.get("cancel"));
    Card::plain()
        .body(Markup::raw(format!("<p>{}</p>", Markup::text(t.get("keys-hand-over-ask")))).then(form))
}

/// Asks for the receiver's code.
pub(super) async fn ask_code(asker: Asker, Path(id): Path<HandOverId>) -> Result {
    let form = code_form(&asker, id, &FormState::empty());
    Ok(asker.view("keys-hand-over").crumb("/keys", "keys-title").show_markup(form))
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
            let form = code_form(&asker, id, &state.failed(error.into())?);
            Ok(asker
                .view("keys-hand-over")
                .crumb("/keys", "keys-title")
                .status(StatusCode::UNPROCESSABLE_ENTITY)
                .show_markup(form))
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

/// Who may do what with the key, and through what.
pub(super) async fn rights(asker: Asker, State(keys): State<Keys>, Path(id): Path<KeyId>) -> Result {
    let (sight, stock) = seen(&asker, &keys).await?;
    let key = stock.key(id).filter(|_| sight.manages_key(id)).ok_or_else(WebError::missing)?;
    let t = asker.texts();
    let can = keys.policy.who_can(&asker.cx, id.resource(), Right::View).await?;
    let people: Vec<PersonId> = can.iter().map(|can| can.person).collect();
    let names = keys.identity.display_names(&keys.store.read(asker.cx.tenant).await?, &people).await?;
    let rows = can.iter().map(|can| {
        let why = Button::link(
            format!("/rights/why?person={}&resource={id}&right={}", can.person, can.right.word()),
            t.get("keys-why"),
        )
        .quiet()
        .small()
        .icon("help-circle");
        Row::new()
            .cell(names.get(&can.person).cloned().unwrap_or_default())
            .cell(t.get(&format!("keys-right-{}", can.right.word())))
            .cell(if can.now { t.get("keys-right-now") } else { t.get("keys-right-later") })
            .cell(why)
    });
    let columns =
        [t.get("who"), t.get("keys-right"), t.get("keys-right-when"), String::new()].map(Column::new);
    let table = Table::new(t.get("tab-rights"), columns)
        .rows(rows)
        .empty(Empty::new(t.get("keys-no-rights"), t.get("keys-no-rights-text")).icon("lock"));
    let give =
        Button::link(format!("/rights/new?target=resource:{id}"), t.get("keys-give-right")).icon("plus");
    Ok(view(&asker, &sight, key, "/rights")
        .show_markup(Card::new(t.get("keys-who-can")).action(give).flush().body(table)))
}

/// Who had it when.
pub(super) async fn history(asker: Asker, State(keys): State<Keys>, Path(id): Path<KeyId>) -> Result {
    let (sight, stock) = seen(&asker, &keys).await?;
    let key = stock.key(id).ok_or_else(WebError::missing)?;
    let t = asker.texts();
    let filter = LoanFilter { key: Some(id), limit: 200, ..LoanFilter::default() };
    let loans = reads::loans(&keys, &asker.cx, &sight, &filter).await?;
    let timeline = loans.iter().fold(Timeline::new(), |timeline, loan| {
        let who = if loan.name.is_empty() { t.get("keys-holder-unknown") } else { loan.name.clone() };
        let sentence = t.with(&format!("keys-loan-{}", loan.state.word().replace('_', "-")), [("who", who)]);
        let way = Markup::raw(format!(
            " <span class=\"muted\">{}</span>",
            Markup::text(t.get(&format!("keys-way-{}", loan.way.word().replace('_', "-"))))
        ));
        let note = loan.note.as_ref().map(|note| Markup::raw(format!("<br><q>{}</q>", Markup::text(note))));
        let back = loan.ended_at.map(|at| Markup::raw(" → ").then(asker.time(at, &key.zone)));
        let time = Markup::from(asker.time(loan.taken_at.unwrap_or(loan.released_at), &key.zone))
            .then(Markup::from(back));
        let tone = if loan.late { Tone::Warn } else { Tone::Info };
        timeline.item(tone, "key", Markup::text(sentence).then(way).then(Markup::from(note)), time)
    });
    let body = if loans.is_empty() {
        Markup::from(Empty::new(t.get("keys-no-history"), t.get("keys-no-history-text")).icon("history"))
    } else {
        timeline.into()
    };
    Ok(view(&asker, &sight, key, "/history").show_markup(Card::plain().body(body)))
}

/// Its settings.
pub(super) async fn settings(asker: Asker, State(keys): State<Keys>, Path(id): Path<KeyId>) -> Result {
    show_settings(&asker, &keys, id, None).await
}

async fn show_settings(asker: &Asker, keys: &Keys, id: KeyId, state: Option<FormState>) -> Result {
    let (sight, stock) = seen(asker, keys).await?;
    let key = stock.key(id).filter(|_| sight.manages_key(id)).ok_or_else(WebError::missing)?;
    let t = asker.texts();
    let status = if state.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let state = match state {
        Some(state) => state,
        None => {
            let scope = keys.store.read(asker.cx.tenant).await?;
            let present = reads::key(&scope, id).await?.ok_or_else(WebError::missing)?;
            key_state(key).with("seen", crate::revision::of_key(&present))
        }
    };
    let form = key_form(asker, &stock.boxes, &state, format!("/keys/{id}/settings"), false);
    let withdraw = Confirm::new(
        format!("/keys/{id}/withdraw"),
        t.get("keys-withdraw"),
        t.with("keys-withdraw-question", [("key", &*key.name)]),
        t.get("keys-withdraw-do"),
    )
    .icon("key-off")
    .field(Field::text("note", t.get("reason")));
    let body =
        Grid::main_and_side().add(Card::plain().body(form)).add(Card::new(t.get("keys-withdraw")).body(
            Markup::raw(format!("<p>{}</p>", Markup::text(t.get("keys-withdraw-text")))).then(withdraw),
        ));
    Ok(view(asker, &sight, key, "/settings").status(status).show_markup(body))
}

/// Saves them.
pub(super) async fn save(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<KeyId>,
    sent: Form<KeySent>,
) -> Result {
    let (sent, state) = sent.split();
    let saved = match sent {
        Ok(sent) => crate::edit_key(&keys, &asker.cx, id, sent.into()).await.map_err(WebError::from),
        Err(error) => Err(error),
    };
    match saved {
        Ok(()) => Ok(asker.done("keys-saved", format!("/keys/{id}"))),
        Err(error) => show_settings(&asker, &keys, id, Some(state.failed(error)?)).await,
    }
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
