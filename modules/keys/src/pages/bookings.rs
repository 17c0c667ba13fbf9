//! Bookings: the week, the list, a new one, one of them with its code and personal address.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::ToSpan;
use jiff::civil::Date;
use sekisho_kernel::{Language, PersonId};
use sekisho_web::parts::{
    Badge, Button, Card, Column, Confirm, Empty, Field, FormBox, KeyValue, Row, Table, Tone,
};
use sekisho_web::{
    Asker, Form, FormState, IfMatch, Markup, Page, Query, Reader, Result, Sheet, Texts, WebError, arg,
    to_local, zone_of,
};
use serde::Deserialize;

use super::{back_with, people_choices, seen, sight};
use crate::ids::{BookingId, KeyId};
use crate::reads::{self, BookingFilter, BookingRow};
use crate::set_payment_account::account;
use crate::tables::words::{BookingState, Currency, PaymentState};
use crate::{Book, BookFor, Keys};

/// `?week=2026-11-23`
#[derive(Default, Deserialize)]
pub(super) struct Ask {
    week: String,
}

/// The week and the list of what comes.
pub(super) async fn show(asker: Asker, State(keys): State<Keys>, Query(ask): Query<Ask>) -> Result {
    let sight = sight(&asker, &keys).await?;
    let zone = zone_of(asker.zone());
    let today = asker.cx.now.to_jiff().to_zoned(zone.clone()).date();
    let monday = monday_of(ask.week.parse::<Date>().unwrap_or(today));
    let start = |day: Date| day.to_zoned(zone.clone()).ok().map(|at| at.timestamp().into());
    let next = monday.saturating_add(7.days());
    let filter = BookingFilter { from: start(monday), until: start(next), live: false, key: None };
    let week = reads::bookings(&keys, &asker.cx, &sight, &filter).await?;
    let filter = BookingFilter { from: Some(asker.cx.now), live: true, ..BookingFilter::default() };
    let coming = reads::bookings(&keys, &asker.cx, &sight, &filter).await?;
    Ok(asker.show(&Bookings { monday, today, week, coming }))
}

/// A week of bookings and what comes.
pub(super) struct Bookings {
    pub(super) monday: Date,
    pub(super) today: Date,
    pub(super) week: Vec<BookingRow>,
    pub(super) coming: Vec<BookingRow>,
}

impl Page for Bookings {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, monday) = (reader.texts(), self.monday);
        let week = |day: Date, text: &str, icon: &str| {
            Button::link(format!("/keys/bookings?week={day}"), t.get(text)).quiet().icon(icon)
        };
        let nav = Markup::raw("<nav class=\"week-nav\">")
            .then(week(monday.saturating_sub(7.days()), "keys-week-before", "chevron-left"))
            .then(Button::link("/keys/bookings", t.get("keys-week-this")).quiet())
            .then(week(monday.saturating_add(7.days()), "keys-week-after", "chevron-right"))
            .then(Markup::raw("</nav>"));
        let body =
            nav.then(calendar(reader, monday, self.today, &self.week)).then(list(reader, &self.coming));
        reader
            .sheet("keys-bookings")
            .crumb("/keys", "keys-title")
            .action(Button::link("/keys/bookings/new", t.get("keys-book")).primary().icon("calendar-plus"))
            .body(body)
    }
}

pub(super) fn monday_of(day: Date) -> Date {
    day.saturating_sub(i64::from(day.weekday().to_monday_zero_offset()).days())
}

/// Seven days side by side; on a phone one below the other.
fn calendar(reader: &Reader, monday: Date, today: Date, bookings: &[BookingRow]) -> Markup {
    let zone = zone_of(reader.zone());
    let days = (0..7_i64).fold(Markup::default(), |all, offset| {
        let day = monday.saturating_add(offset.days());
        let (Ok(begin), Ok(end)) =
            (day.to_zoned(zone.clone()), day.saturating_add(1.days()).to_zoned(zone.clone()))
        else {
            return all;
        };
        let (begin, end): (sekisho_kernel::Timestamp, sekisho_kernel::Timestamp) =
            (begin.timestamp().into(), end.timestamp().into());
        let items = bookings
            .iter()
            .filter(|booking| {
                booking.starts_at < end && booking.ends_at > begin && booking.state != BookingState::Cancelled
            })
            .fold(Markup::default(), |items, booking| items.then(item(reader, booking)));
        let title = reader.time(begin, reader.zone()).day_of_year();
        let current = if day == today { " week-today" } else { "" };
        all.then(Markup::raw(format!("<li class=\"week-day{current}\"><h3>{title}</h3>{items}</li>")))
    });
    Markup::raw(format!("<ol class=\"week\">{days}</ol>"))
}

fn item(reader: &Reader, booking: &BookingRow) -> Markup {
    let over = if booking.state == BookingState::Over { " week-over" } else { "" };
    let keys = reader.texts().list(&booking.key_names());
    Markup::raw(format!(
        "<a class=\"week-item{over}\" href=\"/keys/bookings/{}\"><span class=\"week-time\">{}–{}</span><strong>{}</strong><span>{}</span></a>",
        booking.id,
        reader.time(booking.starts_at, &booking.zone).clock(),
        reader.time(booking.ends_at, &booking.zone).clock(),
        Markup::text(keys),
        Markup::text(&booking.name),
    ))
}

fn list(reader: &Reader, coming: &[BookingRow]) -> Card {
    let t = reader.texts();
    let rows = coming.iter().map(|booking| {
        Row::new()
            .cell(t.list(&booking.key_names()))
            .cell(&booking.name)
            .cell(reader.time(booking.starts_at, &booking.zone))
            .cell(reader.time(booking.ends_at, &booking.zone))
            .href(format!("/keys/bookings/{}", booking.id))
    });
    let columns =
        [t.get("keys-keys"), t.get("who"), t.get("keys-starts"), t.get("keys-ends")].map(Column::new);
    let table = Table::new(t.get("keys-bookings-coming"), columns).rows(rows).empty(
        Empty::new(t.get("keys-no-bookings"), t.get("keys-no-bookings-text"))
            .icon("calendar")
            .action(Button::link("/keys/bookings/new", t.get("keys-book")).primary()),
    );
    Card::new(t.get("keys-bookings-coming")).flush().body(table)
}

/// `?key=…`
#[derive(Default, Deserialize)]
pub(super) struct NewAsk {
    key: Option<KeyId>,
}

/// What the form sends.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Sent {
    keys: Vec<KeyId>,
    whom: String,
    person: Option<PersonId>,
    guest_name: String,
    guest_mail: String,
    guest_language: String,
    starts: String,
    ends: String,
    note: String,
    price: String,
}

/// The empty form: from the next full hour, for an hour.
pub(super) async fn new(asker: Asker, State(keys): State<Keys>, Query(ask): Query<NewAsk>) -> Result {
    let hour = asker.cx.now.as_secs().div_euclid(3600) + 1;
    let at = |hour: i64| to_local(sekisho_kernel::Timestamp::from_secs(hour * 3600), asker.zone());
    let state = FormState::empty()
        .with("keys", ask.key.map(|key| key.to_string()).unwrap_or_default())
        .with("whom", "me")
        .with("starts", at(hour))
        .with("ends", at(hour + 1))
        .with("guest_language", asker.cx.language.tag());
    show_form(&asker, &keys, state, StatusCode::OK).await
}

async fn show_form(asker: &Asker, keys: &Keys, state: FormState, status: StatusCode) -> Result<Response> {
    let (sight, stock) = seen(asker, keys).await?;
    let usable = stock.keys.iter().filter(|key| sight.uses_key(key.id));
    let usable = usable.map(|key| (key.id.to_string(), key.name.clone())).collect();
    let manages = stock.keys.iter().any(|key| sight.manages_key(key.id));
    let people = if manages { Some(people_choices(asker, keys).await?) } else { None };
    let account = if manages { account(keys, asker.cx.tenant).await? } else { None };
    let currency = account.map(|account| account.currency);
    let zone = stock.boxes.first().map_or_else(|| asker.zone().to_owned(), |place| place.zone.clone());
    Ok(asker.show(&NewBooking { state, usable, people, currency, zone, status }))
}

/// The form of a booking.
pub(super) struct NewBooking {
    pub(super) state: FormState,
    /// The keys one may book: id and name.
    pub(super) usable: Vec<(String, String)>,
    /// For whom else one may book.
    pub(super) people: Option<Vec<(String, String)>>,
    /// In what a booking can be priced; none when it cannot.
    pub(super) currency: Option<Currency>,
    /// In whose clock times are typed: that of the box.
    pub(super) zone: String,
    pub(super) status: StatusCode,
}

impl Page for NewBooking {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, state) = (reader.texts(), &self.state);
        let hint = t.with("keys-zone-hint", [("zone", &*self.zone)]);
        let form = FormBox::post("/keys/bookings/new", state, &t)
            .add(Field::checkboxes("keys", t.get("keys-keys")).options(self.usable.clone()).from(state, &t))
            .beside([
                Field::date_time("starts", t.get("keys-starts")).from(state, &t).required(),
                Field::date_time("ends", t.get("keys-ends")).from(state, &t).required(),
            ])
            .add(Markup::raw(format!("<p class=\"muted\">{}</p>", Markup::text(hint))));
        let form = match &self.people {
            Some(people) => for_others(form, people, self.currency, state, &t),
            None => form.add(Field::hidden("whom", "me")),
        };
        let form = form
            .add(Field::text("note", t.get("note")).optional(t.get("optional")).from(state, &t))
            .submit(t.get("keys-book-do"))
            .cancel("/keys/bookings", t.get("cancel"));
        reader
            .sheet("keys-book")
            .crumb("/keys", "keys-title")
            .crumb("/keys/bookings", "keys-bookings")
            .status(self.status)
            .body(Card::plain().body(form))
    }
}

/// Whoever manages keys books them for colleagues and guests, too.
fn for_others(
    form: FormBox,
    people: &[(String, String)],
    currency: Option<Currency>,
    state: &FormState,
    t: &Texts,
) -> FormBox {
    let whom = [("me", "keys-book-me"), ("person", "keys-book-person"), ("guest", "keys-book-guest")]
        .map(|(word, text)| (word.to_owned(), t.get(text)));
    let people = [(String::new(), t.get("keys-choose"))].into_iter().chain(people.iter().cloned());
    let languages = Language::GUEST.map(|language| (language.tag(), language.own_name()));
    let price = currency.map(|currency| {
        let unit = t.get(&format!("keys-currency-{}", currency.word()));
        Field::text("price", t.with("keys-price-in", [("currency", unit)]))
            .from(state, t)
            .optional(t.get("optional"))
            .attr("inputmode", "decimal")
            .hint(t.get("keys-price-hint"))
            .short()
    });
    let form = form
        .add(Field::radio("whom", t.get("keys-book-whom")).options(whom).from(state, t))
        .add(Field::select("person", t.get("keys-book-person")).options(people).from(state, t))
        .beside([
            Field::text("guest_name", t.get("keys-guest-name")).from(state, t),
            Field::email("guest_mail", t.get("keys-guest-mail")).from(state, t),
            Field::select("guest_language", t.get("keys-guest-language")).options(languages).from(state, t),
        ]);
    match price {
        Some(price) => form.add(price),
        None => form,
    }
}

/// What was typed as a price, in the currency of the tenant's account; an empty field costs nothing.
async fn price_of(asker: &Asker, keys: &Keys, typed: &str) -> Result<Option<i64>> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    let account = account(keys, asker.cx.tenant).await?;
    // What cannot be read is refused like an amount that is none.
    Ok(Some(account.map_or(0, |account| account.currency.read(typed).unwrap_or(0))))
}

/// Makes the booking.
pub(super) async fn make(asker: Asker, State(keys): State<Keys>, sent: Form<Sent>) -> Result {
    let (sent, state) = sent.split();
    let made = match sent {
        Ok(sent) => {
            let who = match (&*sent.whom, sent.person) {
                ("guest", _) => BookFor::Guest {
                    name: sent.guest_name,
                    mail: sent.guest_mail,
                    language: Language::guest_from_tag(&sent.guest_language).unwrap_or(asker.cx.language),
                },
                ("person", Some(person)) => BookFor::Person(person),
                ("person", None) => {
                    let state = state.wrong("person", "keys-error-choose-person");
                    return show_form(&asker, &keys, state, StatusCode::UNPROCESSABLE_ENTITY).await;
                }
                _ => BookFor::Person(asker.person()?),
            };
            let price = price_of(&asker, &keys, &sent.price).await?;
            let form =
                Book { keys: sent.keys, who, starts: sent.starts, ends: sent.ends, note: sent.note, price };
            crate::book(&keys, &asker.cx, form).await.map_err(WebError::from)
        }
        Err(error) => Err(error),
    };
    match made {
        Ok(booked) => Ok(asker.done("keys-booked", format!("/keys/bookings/{}", booked.id))),
        Err(error) => show_form(&asker, &keys, state.failed(error)?, StatusCode::UNPROCESSABLE_ENTITY).await,
    }
}

/// One booking.
pub(super) async fn one(asker: Asker, State(keys): State<Keys>, Path(id): Path<BookingId>) -> Result {
    let sight = sight(&asker, &keys).await?;
    let booking = reads::booking_row(&keys, &asker.cx, &sight, id).await?.ok_or_else(WebError::missing)?;
    Ok(asker.show(&BookingPage { booking }))
}

/// A booking with its code and personal address.
pub(super) struct BookingPage {
    pub(super) booking: BookingRow,
}

impl Page for BookingPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, booking) = (reader.texts(), &self.booking);
        let mut body = Markup::from(Card::plain().body(facts(reader, &t, booking)));
        if BookingState::KEPT.contains(&booking.state) {
            let paid = booking.payment.as_ref().is_some_and(|payment| payment.state == PaymentState::Paid);
            let question = match (paid, booking.starts_at <= reader.now()) {
                (false, _) => "keys-booking-cancel-question",
                (true, false) => "keys-booking-cancel-question-paid",
                (true, true) => "keys-booking-cancel-question-begun",
            };
            let cancel = Confirm::new(
                format!("/keys/bookings/{}/cancel", booking.id),
                t.get("keys-booking-cancel"),
                t.get(question),
                t.get("keys-booking-cancel-do"),
            )
            .icon("calendar-off");
            body = body.then(cancel);
        }
        let title = t.list(&booking.key_names());
        reader
            .sheet_of(t.with("keys-booking-of", [("keys", arg(title)), ("who", arg(&booking.name))]))
            .crumb("/keys", "keys-title")
            .crumb("/keys/bookings", "keys-bookings")
            .body(body)
    }
}

fn facts(reader: &Reader, t: &Texts, booking: &BookingRow) -> KeyValue {
    let (tone, icon) = match booking.state {
        BookingState::Unpaid => (Tone::Warn, "clock"),
        BookingState::Booked => (Tone::Good, "calendar-event"),
        BookingState::Cancelled => (Tone::Plain, "calendar-off"),
        BookingState::Over => (Tone::Plain, "check"),
    };
    let links = booking
        .keys
        .iter()
        .map(|key| format!("<a href=\"/keys/{}\">{}</a>", key.id, Markup::text(&key.name)))
        .collect::<Vec<_>>();
    let mut facts = KeyValue::new()
        .row(
            t.get("state"),
            Badge::new(t.get(&format!("keys-booking-{}", booking.state.word()))).tone(tone).icon(icon),
        )
        .row(t.get("keys-keys"), Markup::raw(t.list(&links)))
        .row(t.get("who"), &booking.name)
        .row(t.get("keys-starts"), reader.time(booking.starts_at, &booking.zone))
        .row(t.get("keys-ends"), reader.time(booking.ends_at, &booking.zone))
        .row(t.get("note"), &booking.note);
    if let Some(payment) = &booking.payment {
        let state = t.get(&format!("keys-payment-{}", payment.state.word()));
        let until =
            (payment.state == PaymentState::Awaited).then(|| reader.time(payment.pay_until, &booking.zone));
        facts = facts
            .row(t.get("keys-price"), format!("{} · {state}", payment.currency.shown(payment.amount)))
            .row(t.get("keys-pay-until"), until);
    }
    if let Some(code) = &booking.code {
        let shown = format!("<code class=\"code-large\">{}</code>", Markup::text(spaced(code)));
        facts = facts.row(t.get("keys-booking-code"), Markup::raw(shown));
    }
    if let Some(token) = &booking.token {
        let link = format!(
            "<a href=\"{}\">{}</a>",
            Markup::text(format!("/b/{token}")),
            Markup::text(t.get("keys-booking-open"))
        );
        facts = facts.row(t.get("keys-booking-address"), Markup::raw(link));
    }
    facts
}

/// A code in two halves, as people read it aloud.
pub(super) fn spaced(code: &str) -> String {
    match code.split_at_checked(code.len() / 2) {
        Some((first, second)) if code.len() >= 6 => format!("{first} {second}"),
        _ => code.to_owned(),
    }
}

/// Calls it off.
pub(super) async fn cancel(asker: Asker, State(keys): State<Keys>, Path(id): Path<BookingId>) -> Result {
    match crate::cancel_booking(&keys, &asker.cx, id, &IfMatch::ANY).await {
        Ok(()) => Ok(asker.done("keys-booking-was-cancelled", "/keys/bookings")),
        Err(error) => back_with(&asker, error.into(), &format!("/keys/bookings/{id}")),
    }
}
