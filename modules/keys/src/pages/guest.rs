//! `/b/{token}`: the page of whoever a key was booked for. It shows where, when and by which code, and opens the bin for
//! somebody who stands in front of it. The token in the address is the credential; a wrong one is like no page at all.

use axum::extract::{Path, State};
use sea_orm::ColumnTrait;
use sekisho_crypto::Place;
use sekisho_identity::WaysOut as _;
use sekisho_kernel::{Actor, Language, Timestamp};
use sekisho_storage::Scoped;
use sekisho_web::parts::{Alert, Button, Card, Confirm, FormBox, KeyValue, Tone};
use sekisho_web::{Asker, Form, FormState, Markup, Page, Query, Reader, Result, Sheet, Texts, WebError, arg};
use serde::Deserialize;

use super::back_with;
use crate::ids::KeyId;
use crate::ledger::{box_of_bin, open_loan};
use crate::pay_booking::{self, PayError, PaymentRow};
use crate::tables::bookings;
use crate::tables::words::{BookingState, LoanState, Way};
use crate::{Keys, RelyingOn, TakeOut};

/// Also of a booking that was called off: whoever follows the link of an older mail reads that, not that the page never was.
async fn booking_of(keys: &Keys, asker: &Asker, token: &str) -> Result<bookings::Model> {
    let hash = sekisho_crypto::sha256(token.as_bytes()).to_vec();
    let scope = keys.store.read(asker.cx.tenant).await?;
    let found = scope.find::<bookings::Entity>().filter(bookings::Column::TokenHash.eq(hash)).one().await?;
    found.ok_or_else(WebError::missing)
}

/// The same request in the language of the booking's mail, unless its reader chose another.
fn reading(asker: &Asker, booking: &bookings::Model) -> Asker {
    match (booking.person_id, Language::guest_from_tag(&booking.language)) {
        (None, Some(language)) => asker.for_guest_reading(language),
        _ => asker.for_guest(),
    }
}

/// The page.
pub(super) async fn show(
    asker: Asker,
    State(keys): State<Keys>,
    Path(token): Path<String>,
    Query(back): Query<Back>,
) -> Result {
    let mut booking = booking_of(&keys, &asker, &token).await?;
    let asker = reading(&asker, &booking);
    if booking.state == BookingState::Unpaid && back.paid.is_some() {
        // Whoever comes back from the payment page is often quicker than the provider's notice.
        if let Err(error) = pay_booking::look_again(&keys, &asker.cx, booking.id).await {
            tracing::info!(%error, "the provider could not say whether a booking was paid");
        }
        booking = booking_of(&keys, &asker, &token).await?;
    }
    let tenant = keys.vault.keys(asker.cx.tenant).await?;
    let place = Place { table: "keys_bookings", column: "code", row: booking.id.uuid() };
    let code = tenant.open_text(&place, &booking.code_sealed)?;
    let scope = keys.store.read(asker.cx.tenant).await?;
    let payment = pay_booking::payment_of(&scope, booking.id).await?;
    let stands = stands(&booking, asker.cx.now);
    let mut booked = Vec::new();
    for key in crate::book::booked_keys(&scope, booking.id).await? {
        let loan = open_loan(&scope, key.id).await?;
        let mine = loan.filter(|loan| loan.booking_id == Some(booking.id) && loan.state == LoanState::Out);
        let at = match key.bin_id {
            Some(bin) => box_of_bin(&scope, bin).await?,
            None => None,
        };
        let state = match (mine, at) {
            (Some(loan), _) => Booked::Yours { due: loan.due_at, note: key.pickup_note },
            (None, Some((place, bin))) => {
                Booked::Hangs { place: place.name, directions: place.directions, bin: bin.number }
            }
            (None, None) => Booked::Away,
        };
        // Where keys hang is nothing to whom they are no longer for.
        if stands == Stands::CalledOff && !matches!(state, Booked::Yours { .. }) {
            continue;
        }
        booked.push((key.id, key.name, state));
    }
    Ok(asker.show(&GuestPage {
        token,
        code,
        starts_at: booking.starts_at,
        ends_at: booking.ends_at,
        zone: booking.zone,
        stands,
        owed: payment.map(PaymentRow::from).filter(|_| booking.state == BookingState::Unpaid),
        pay_at: None,
        booked,
    }))
}

/// `?paid=1`: whoever comes back from the payment page.
#[derive(Default, Deserialize)]
pub(super) struct Back {
    paid: Option<String>,
}

/// Makes the payment page and shows the way there: leaving this house is the guest's own step.
pub(super) async fn pay(asker: Asker, State(keys): State<Keys>, Path(token): Path<String>) -> Result {
    let booking = booking_of(&keys, &asker, &token).await?;
    let asker = reading(&asker, &booking);
    let here = format!("/b/{token}");
    let scope = keys.store.read(asker.cx.tenant).await?;
    let payment = pay_booking::payment_of(&scope, booking.id).await?;
    drop(scope);
    let home = keys.notify.base(&asker.cx).await?;
    match pay_booking::pay_booking(&keys, &asker.cx, booking.id, &token, home).await {
        Ok(url) => Ok(asker.show(&GuestPage {
            token,
            code: String::new(),
            starts_at: booking.starts_at,
            ends_at: booking.ends_at,
            zone: booking.zone,
            stands: Stands::Good,
            owed: payment.map(PaymentRow::from),
            pay_at: Some(url),
            booked: Vec::new(),
        })),
        // It was paid meanwhile.
        Err(PayError::Nothing) => Ok(asker.go(here)),
        Err(error) => back_with(&asker, error.into(), &here),
    }
}

/// A booking as whoever it was made for sees it.
pub(super) struct GuestPage {
    pub(super) token: String,
    pub(super) code: String,
    pub(super) starts_at: Timestamp,
    pub(super) ends_at: Timestamp,
    pub(super) zone: String,
    pub(super) stands: Stands,
    /// What has to be paid first.
    pub(super) owed: Option<PaymentRow>,
    /// The payment page, once it was made.
    pub(super) pay_at: Option<String>,
    pub(super) booked: Vec<(KeyId, String, Booked)>,
}

/// How a booking stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stands {
    /// Its time is to come, or has begun.
    Good,
    /// Its time has passed.
    Over,
    /// It was cancelled, or never paid.
    CalledOff,
}

fn stands(booking: &bookings::Model, now: Timestamp) -> Stands {
    match booking.state {
        BookingState::Cancelled => Stands::CalledOff,
        state if !BookingState::KEPT.contains(&state) || booking.ends_at <= now => Stands::Over,
        _ => Stands::Good,
    }
}

/// How a booked key stands.
pub(super) enum Booked {
    /// The guest has it.
    Yours { due: Option<Timestamp>, note: String },
    /// It hangs in a box.
    Hangs { place: String, directions: String, bin: i64 },
    /// Somebody else has it.
    Away,
}

impl Page for GuestPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let early = self.starts_at > reader.now();
        let good = self.stands == Stands::Good;
        let said = match self.stands {
            _ if self.owed.is_some() => None,
            Stands::Good => early.then_some("keys-guest-early"),
            Stands::Over => Some("keys-guest-over"),
            Stands::CalledOff => Some("keys-guest-called-off"),
        };
        let mut body = Markup::from(said.map(|said| Alert::new(Tone::Info, t.get(said))));
        let when = KeyValue::new()
            .row(t.get("keys-starts"), reader.time(self.starts_at, &self.zone))
            .row(t.get("keys-ends"), reader.time(self.ends_at, &self.zone));
        body = body.then(Card::new(t.get("keys-guest-when")).body(when));
        if let Some(owed) = &self.owed {
            body = body.then(self.bill(reader, &t, owed));
        }
        if good && self.owed.is_none() {
            let shown = Markup::raw(format!(
                "<p class=\"guest-code\"><code class=\"code-large\">{}</code></p><p>{}</p>",
                Markup::text(super::bookings::spaced(&self.code)),
                Markup::text(t.get("keys-guest-code-text"))
            ));
            body = body.then(Card::new(t.get("keys-booking-code")).body(shown));
        }
        for (id, name, state) in &self.booked {
            let card = match state {
                Booked::Yours { due, note } => self.yours(reader, &t, *due, note),
                Booked::Hangs { place, directions, bin } => {
                    let facts = KeyValue::new()
                        .row(t.get("keys-box"), place)
                        .row(t.get("keys-directions"), directions)
                        .row(t.get("keys-bin"), *bin);
                    let take =
                        (good && !early && self.owed.is_none()).then(|| self.take(&t, *id, place, *bin));
                    Markup::from(facts).then(take)
                }
                Booked::Away => {
                    Markup::raw(format!("<p>{}</p>", Markup::text(t.get("keys-guest-not-there"))))
                }
            };
            body = body.then(Card::new(name).body(card));
        }
        reader.sheet("keys-guest-title").bare().body(body)
    }
}

impl GuestPage {
    /// What is owed, and the way to the payment page.
    fn bill(&self, reader: &Reader, t: &Texts, owed: &PaymentRow) -> Card {
        let facts = KeyValue::new()
            .row(t.get("keys-price"), owed.currency.shown(owed.amount))
            .row(t.get("keys-pay-until"), reader.time(owed.pay_until, &self.zone));
        let way = match &self.pay_at {
            Some(url) => {
                Markup::from(Button::link(url, t.get("keys-pay-there")).primary().icon("external-link"))
            }
            None => FormBox::post(format!("/b/{}/pay", self.token), &FormState::empty(), t)
                .submit(t.get("keys-pay"))
                .into(),
        };
        let about = format!("<p class=\"muted\">{}</p>", Markup::text(t.get("keys-pay-about")));
        Card::new(t.get("keys-pay-title")).body(Markup::from(facts).then(Markup::raw(about))).footer(way)
    }

    fn yours(&self, reader: &Reader, t: &Texts, due: Option<Timestamp>, note: &str) -> Markup {
        let due = due.map(|due| reader.time(due, &self.zone));
        let note = (!note.is_empty()).then(|| Alert::new(Tone::Info, note));
        let back = format!("<p class=\"muted\">{}</p>", Markup::text(t.get("keys-guest-return")));
        Markup::raw(format!("<p>{}</p>", Markup::text(t.get("keys-guest-yours"))))
            .then(KeyValue::new().row(t.get("keys-due"), due))
            .then(note)
            .then(Markup::raw(back))
    }

    fn take(&self, t: &Texts, key: KeyId, place: &str, bin: i64) -> Confirm {
        let question = t.with("keys-take-question", [("box", arg(place)), ("bin", arg(bin))]);
        Confirm::new(
            format!("/b/{}/take", self.token),
            t.get("keys-take-here"),
            question,
            t.get("keys-take-do"),
        )
        .icon("lock-open")
        .field(sekisho_web::parts::Field::hidden("key", key))
    }
}

#[derive(Deserialize)]
pub(super) struct TakeSent {
    key: KeyId,
}

/// Opens the bin for the guest.
pub(super) async fn take(
    asker: Asker,
    State(keys): State<Keys>,
    Path(token): Path<String>,
    sent: Form<TakeSent>,
) -> Result {
    let booking = booking_of(&keys, &asker, &token).await?;
    let asker = reading(&asker, &booking);
    let here = format!("/b/{token}");
    let sent = sent.take()?;
    let cx = asker.cx.acting_as(Actor::Guest { id: booking.id.uuid() });
    let ask = TakeOut {
        key: sent.key,
        relying_on: RelyingOn::Booking(booking.id),
        way: Way::BookingLink,
        at: None,
        beside: None,
    };
    match crate::take_out(&keys, &cx, ask).await {
        Ok(_) => Ok(asker.done("keys-take-now", here)),
        Err(error) => back_with(&asker, error.into(), &here),
    }
}
