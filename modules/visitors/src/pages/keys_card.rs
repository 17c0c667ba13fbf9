//! Keys beside a visit: the card on an appointment's page, the form that books them, and the card on the guest's own page.
//! Where nobody keeps keys there is none of it.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_kernel::Cx;
use sekisho_web::parts::{
    Alert, Badge, Button, Card, Column, Confirm, Empty, Field, Filters, FormBox, KeyValue, Row, Table, Tone,
};
use sekisho_web::{
    Asker, Form, FormState, Markup, Page, Query, Reach, Reader, Result, Sheet, Texts, WebError, arg,
};
use serde::Deserialize;
use uuid::Uuid;

use super::back_with;
use crate::Visitors;
use crate::booked_keys::{self, VisitKeysState};
use crate::ids::{AppointmentId, VisitId};
use crate::key_bookings::{GuestKeys, KEYS, OfferedKey};
use crate::pass::spaced;
use crate::reads::{self, AppointmentRow, VisitRow};

/// As many keys as the form shows.
const MOST_SHOWN: usize = 100;

/// The keys of an appointment.
pub(super) struct KeysCard {
    /// What is booked: with which visit, for whom, what.
    pub(super) booked: Vec<(VisitId, String, GuestKeys)>,
    /// Whether the viewer may book for a guest who has none.
    pub(super) may_book: bool,
}

impl KeysCard {
    /// For whoever plans the appointment; none where there is nothing to show and nothing to book.
    pub(super) async fn of(visitors: &Visitors, cx: &Cx, row: &AppointmentRow) -> Result<Option<Self>> {
        if visitors.key_bookings.is_none() {
            return Ok(None);
        }
        let visits: Vec<VisitId> = row.visits.iter().map(|visit| visit.id).collect();
        let mut standing = booked_keys::standing(visitors, cx, &visits).await?;
        let may_book = match row.visits.iter().find(|visit| is_without(visit, standing.get(&visit.id), cx)) {
            Some(visit) if row.cancelled_at.is_none() => {
                !crate::offered_keys(visitors, cx, visit.id, String::new(), 1).await?.is_empty()
            }
            _ => false,
        };
        let booked: Vec<_> = row
            .visits
            .iter()
            .filter_map(|visit| Some((visit.id, visit.name.clone(), standing.remove(&visit.id)?)))
            .collect();
        Ok((may_book || !booked.is_empty()).then_some(Self { booked, may_book }))
    }

    /// As it stands on the page of the appointment.
    pub(super) fn draw(&self, reader: &Reader, t: &Texts, here: &str) -> Card {
        let columns = [
            Column::new(t.get("visitors-guest")),
            Column::new(t.get("visitors-keys")),
            Column::new(t.get("visitors-keys-place")),
            Column::new(t.get("state")).narrow(),
            Column::new(t.get("visitors-starts")),
            Column::new(t.get("visitors-ends")),
            Column::new(t.get("visitors-do")).narrow(),
        ];
        let rows = self.booked.iter().map(|(visit, name, keys)| {
            let state = keys.state();
            let off = (state == VisitKeysState::Booked).then(|| {
                Confirm::new(
                    format!("/visitors/visits/{visit}/keys/cancel"),
                    t.get("visitors-keys-cancel"),
                    t.get("visitors-keys-cancel-question"),
                    t.get("visitors-keys-cancel-do"),
                )
                .small()
            });
            Row::new()
                .cell(name)
                .cell(t.list(&keys.names()))
                .cell(t.list(&keys.places()))
                .cell(state_badge(t, state))
                .cell(reader.time(keys.time.starts_at, &keys.zone))
                .cell(reader.time(keys.time.ends_at, &keys.zone))
                .cell(off.map(Markup::from))
        });
        let empty = Empty::new(t.get("visitors-keys-none"), t.get("visitors-keys-none-text")).icon("key");
        let table = Table::new(t.get("visitors-keys"), columns).rows(rows).empty(empty);
        let card = Card::new(t.get("visitors-keys")).flush().body(table);
        if self.may_book {
            card.action(Button::link(format!("{here}/keys"), t.get("visitors-keys-book")).small().icon("key"))
        } else {
            card
        }
    }
}

/// Whether keys can be booked for the guest of that visit, for whom none are booked. Who has one of a booking that is over or was
/// called off may get others.
fn is_without(visit: &VisitRow, keys: Option<&GuestKeys>, cx: &Cx) -> bool {
    let comes = visit.state.is_expected() || visit.state.is_here() || visit.back_from.is_some();
    let has = keys.is_some_and(|keys| keys.code.is_some());
    comes && !has && visit.ends_at > cx.now && visit.guest.is_some() && !visit.name.is_empty()
}

fn state_badge(t: &Texts, state: VisitKeysState) -> Badge {
    let (text, tone, icon) = match state {
        VisitKeysState::Booked => ("visitors-keys-state-booked", Tone::Good, "circle-check"),
        VisitKeysState::Out => ("visitors-keys-state-out", Tone::Warn, "key"),
        VisitKeysState::CalledOff => ("visitors-keys-state-called-off", Tone::Plain, "calendar-off"),
        VisitKeysState::Over => ("visitors-keys-state-over", Tone::Plain, "clock"),
    };
    Badge::new(t.get(text)).tone(tone).icon(icon)
}

/// `?visit=…&q=…`
#[derive(Default, Deserialize)]
pub(super) struct Ask {
    visit: Option<VisitId>,
    q: String,
}

/// What the form sends.
#[derive(Deserialize)]
pub(super) struct Sent {
    visit: VisitId,
    keys: Vec<Uuid>,
}

/// The form that books keys for a guest.
pub(super) async fn choose(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<AppointmentId>,
    Query(ask): Query<Ask>,
) -> Result {
    asker.reaches(KEYS, Reach::Read)?;
    let guests = guests(&asker, &visitors, id).await?;
    let chosen = ask.visit.or_else(|| guests.first().map(|(visit, _)| *visit));
    let state = FormState::empty().with("visit", chosen.map(|visit| visit.to_string()).unwrap_or_default());
    show_form(&asker, &visitors, id, guests, ask.q, state, StatusCode::OK).await
}

/// Books.
pub(super) async fn book(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<AppointmentId>,
    sent: Form<Sent>,
) -> Result<Response> {
    asker.reaches(KEYS, Reach::Write)?;
    let guests = guests(&asker, &visitors, id).await?;
    let (sent, state) = sent.split();
    // By which part of their name they were looked for; kept also when what was sent does not fit.
    let search = state.value("q").to_owned();
    let booked = match sent {
        Ok(sent) => {
            crate::book_keys(&visitors, &asker.cx, sent.visit, sent.keys).await.map_err(WebError::from)
        }
        Err(error) => Err(error),
    };
    match booked {
        Ok(()) => Ok(asker.done("visitors-keys-booked", back(id))),
        // There is no form left on which it could be said.
        Err(error) if guests.is_empty() => back_with(&asker, error, &back(id)),
        Err(error) => {
            let (state, status) = (state.failed(error)?, StatusCode::UNPROCESSABLE_ENTITY);
            show_form(&asker, &visitors, id, guests, search, state, status).await
        }
    }
}

/// Calls the keys of a visit off.
pub(super) async fn cancel(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<VisitId>,
) -> Result<Response> {
    let of = crate::ledger::visit(&visitors.store.read(asker.cx.tenant).await?, id).await?;
    let of = of.and_then(|visit| visit.appointment_id).ok_or_else(WebError::missing)?;
    match crate::call_off_keys(&visitors, &asker.cx, id).await {
        Ok(()) => Ok(asker.done("visitors-keys-cancelled", back(of))),
        Err(error) => back_with(&asker, error.into(), &back(of)),
    }
}

fn back(id: AppointmentId) -> String {
    format!("/visitors/appointments/{id}")
}

/// The guests of an appointment who have no keys and could, for whoever plans it.
async fn guests(asker: &Asker, visitors: &Visitors, id: AppointmentId) -> Result<Vec<(VisitId, String)>> {
    if visitors.key_bookings.is_none() {
        return Err(WebError::missing());
    }
    let sight = visitors.sight(&asker.cx, asker.person()?).await?;
    let row = reads::appointment(visitors, &asker.cx, &sight, id).await?;
    let row = row.filter(|row| row.plans && row.cancelled_at.is_none()).ok_or_else(WebError::missing)?;
    let visits: Vec<VisitId> = row.visits.iter().map(|visit| visit.id).collect();
    let standing = booked_keys::standing(visitors, &asker.cx, &visits).await?;
    let without =
        row.visits.into_iter().filter(|visit| is_without(visit, standing.get(&visit.id), &asker.cx));
    Ok(without.map(|visit| (visit.id, visit.name)).collect())
}

async fn show_form(
    asker: &Asker,
    visitors: &Visitors,
    appointment: AppointmentId,
    guests: Vec<(VisitId, String)>,
    search: String,
    state: FormState,
    status: StatusCode,
) -> Result<Response> {
    let chosen = guests.iter().find(|(visit, _)| visit.to_string() == state.value("visit"));
    let mut keys = match chosen.or(guests.first()) {
        Some((visit, _)) => {
            crate::offered_keys(visitors, &asker.cx, *visit, search.clone(), MOST_SHOWN + 1).await?
        }
        None => Vec::new(),
    };
    let cut = keys.len() > MOST_SHOWN;
    keys.truncate(MOST_SHOWN);
    Ok(asker.show(&BookKeysPage { appointment, state, guests, keys, cut, search, status }))
}

/// The form that books keys for a guest.
pub(super) struct BookKeysPage {
    pub(super) appointment: AppointmentId,
    pub(super) state: FormState,
    /// The guests who have none.
    pub(super) guests: Vec<(VisitId, String)>,
    /// What the viewer may book for them.
    pub(super) keys: Vec<OfferedKey>,
    /// Whether there are more keys than are shown.
    pub(super) cut: bool,
    /// By which part of their name they were looked for.
    pub(super) search: String,
    pub(super) status: StatusCode,
}

impl Page for BookKeysPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, state) = (reader.texts(), &self.state);
        let here = format!("{}/keys", back(self.appointment));
        let mut body = Markup::default();
        if self.cut || !self.search.is_empty() {
            body = body.then(
                Filters::new(&*here, t.get("search"))
                    .search(t.get("visitors-keys-search"), &self.search)
                    .field(Field::hidden("visit", state.value("visit"))),
            );
        }
        if self.cut {
            body =
                body.then(Alert::new(Tone::Info, t.with("visitors-keys-cut", [("count", arg(MOST_SHOWN))])));
        }
        let sheet = reader
            .sheet("visitors-keys-book")
            .crumb("/visitors", "visitors-title")
            .crumb(&back(self.appointment), "visitors-appointment")
            .status(self.status);
        if self.guests.is_empty() || self.keys.is_empty() {
            let (title, text) = match self.guests.is_empty() {
                true => ("visitors-keys-no-guest", "visitors-keys-no-guest-text"),
                false => ("visitors-keys-no-key", "visitors-keys-no-key-text"),
            };
            return sheet.body(body.then(Empty::new(t.get(title), t.get(text)).icon("key")));
        }
        let guests = self.guests.iter().map(|(visit, name)| (visit.to_string(), name.clone()));
        let keys = self.keys.iter().map(|key| {
            let text = if key.free { "visitors-keys-at" } else { "visitors-keys-at-taken" };
            let label = t.with(text, [("key", arg(&key.name)), ("place", arg(&key.place))]);
            (key.id.to_string(), label)
        });
        let form = FormBox::post(here, state, &t)
            .add(Field::hidden("q", &self.search))
            .add(Field::select("visit", t.get("visitors-guest")).options(guests).from(state, &t))
            .add(Field::checkboxes("keys", t.get("visitors-keys")).options(keys).from(state, &t))
            .add(Markup::raw(format!("<p class=\"muted\">{}</p>", Markup::text(t.get("visitors-keys-hint")))))
            .submit(t.get("visitors-keys-book-do"))
            .cancel(back(self.appointment), t.get("cancel"));
        sheet.body(body.then(Card::plain().body(form)))
    }
}

/// The keys on the guest's own page: which, where, until when and by which code; nothing of what is over.
pub(super) fn for_guest(reader: &Reader, keys: &GuestKeys) -> Option<Card> {
    let t = reader.texts();
    let card = Card::new(t.get("visitors-page-keys"));
    let open =
        || Button::link(&*keys.address, t.get("visitors-page-keys-open")).quiet().icon("external-link");
    let time = || {
        KeyValue::new()
            .row(t.get("visitors-page-starts"), reader.time(keys.time.starts_at, &keys.zone))
            .row(t.get("visitors-page-ends"), reader.time(keys.time.ends_at, &keys.zone))
    };
    let out =
        keys.out.then(|| Markup::raw(format!("<p>{}</p>", Markup::text(t.get("visitors-page-keys-out")))));
    // Of two keys one may be taken, and the other is still to be.
    if let Some(code) = &keys.code {
        let code = format!(
            "<p class=\"guest-code\"><code class=\"code-large\">{}</code></p><p class=\"muted\">{}</p>",
            Markup::text(spaced(code)),
            Markup::text(t.get("visitors-page-keys-code"))
        );
        let facts = keys.keys.iter().fold(time(), |facts, key| {
            let at = match key.directions.is_empty() {
                true => Markup::text(&key.place),
                false => {
                    Markup::raw(format!("{}<br>{}", Markup::text(&key.place), Markup::text(&key.directions)))
                }
            };
            facts.row(&*key.name, at)
        });
        return Some(card.body(Markup::raw(code).then(out).then(facts).then(open())));
    }
    match keys.state() {
        VisitKeysState::Out => Some(card.body(Markup::from(out).then(time()).then(open()))),
        VisitKeysState::CalledOff if keys.time.ends_at > reader.now() => {
            Some(card.body(Alert::new(Tone::Info, t.get("visitors-page-keys-called-off"))))
        }
        _ => None,
    }
}
