//! `/b/{token}`: the page of whoever a key was booked for. It shows where, when and by which code, and opens the bin for
//! somebody who stands in front of it. The token in the address is the credential; a wrong one is like no page at all.

use axum::extract::{Path, State};
use sea_orm::ColumnTrait;
use sekisho_crypto::Place;
use sekisho_kernel::Actor;
use sekisho_storage::Scoped;
use sekisho_web::parts::{Alert, Card, Confirm, KeyValue, Tone};
use sekisho_web::{Asker, Form, Markup, Result, WebError, arg};
use serde::Deserialize;

use super::back_with;
use crate::ids::KeyId;
use crate::ledger::{box_of_bin, open_loan};
use crate::tables::bookings;
use crate::tables::words::{BookingState, LoanState, Way};
use crate::{Keys, RelyingOn, TakeOut};

async fn booking_of(keys: &Keys, asker: &Asker, token: &str) -> Result<bookings::Model> {
    let hash = sekisho_crypto::sha256(token.as_bytes()).to_vec();
    let scope = keys.store.read(asker.cx.tenant).await?;
    let found = scope.find::<bookings::Entity>().filter(bookings::Column::TokenHash.eq(hash)).one().await?;
    found.filter(|row| row.state != BookingState::Cancelled).ok_or_else(WebError::missing)
}

/// The page.
pub(super) async fn show(asker: Asker, State(keys): State<Keys>, Path(token): Path<String>) -> Result {
    let booking = booking_of(&keys, &asker, &token).await?;
    let t = asker.texts();
    let tenant = keys.vault.keys(asker.cx.tenant).await?;
    let place = Place { table: "keys_bookings", column: "code", row: booking.id.uuid() };
    let code = tenant.open_text(&place, &booking.code_sealed)?;
    let now = asker.cx.now;
    let (live, early) =
        (booking.state == BookingState::Booked && booking.ends_at > now, booking.starts_at > now);

    let mut body = match (live, early) {
        (true, true) => Markup::from(Alert::new(Tone::Info, t.get("keys-guest-early"))),
        (true, false) => Markup::default(),
        (false, _) => Markup::from(Alert::new(Tone::Info, t.get("keys-guest-over"))),
    };
    let when = KeyValue::new()
        .row(t.get("keys-starts"), asker.time(booking.starts_at, &booking.zone))
        .row(t.get("keys-ends"), asker.time(booking.ends_at, &booking.zone));
    body = body.then(Card::new(t.get("keys-guest-when")).body(when));
    if live {
        let shown = Markup::raw(format!(
            "<p class=\"guest-code\"><code class=\"code-large\">{}</code></p><p>{}</p>",
            Markup::text(super::bookings::spaced(&code)),
            Markup::text(t.get("keys-guest-code-text"))
        ));
        body = body.then(Card::new(t.get("keys-booking-code")).body(shown));
    }
    let scope = keys.store.read(asker.cx.tenant).await?;
    for key in crate::book::key_names(&scope, booking.id).await? {
        let loan = open_loan(&scope, key.id).await?;
        let mine =
            loan.as_ref().filter(|loan| loan.booking_id == Some(booking.id) && loan.state == LoanState::Out);
        let at = match key.bin_id {
            Some(bin) => box_of_bin(&scope, bin).await?,
            None => None,
        };
        let card = match (mine, at) {
            (Some(loan), _) => {
                let due = loan.due_at.map(|due| asker.time(due, &booking.zone));
                let note = (!key.pickup_note.is_empty()).then(|| Alert::new(Tone::Info, &key.pickup_note));
                Markup::raw(format!("<p>{}</p>", Markup::text(t.get("keys-guest-yours"))))
                    .then(KeyValue::new().row(t.get("keys-due"), due))
                    .then(Markup::from(note))
                    .then(Markup::raw(format!(
                        "<p class=\"muted\">{}</p>",
                        Markup::text(t.get("keys-guest-return"))
                    )))
            }
            (None, Some((place, bin))) => {
                let facts = KeyValue::new()
                    .row(t.get("keys-box"), &*place.name)
                    .row(t.get("keys-directions"), &*place.directions)
                    .row(t.get("keys-bin"), bin.number);
                let mut inside = Markup::from(facts);
                if live && !early {
                    let question =
                        t.with("keys-take-question", [("box", arg(&place.name)), ("bin", arg(bin.number))]);
                    let take = Confirm::new(
                        format!("/b/{token}/take"),
                        t.get("keys-take-here"),
                        question,
                        t.get("keys-take-do"),
                    )
                    .icon("lock-open")
                    .field(sekisho_web::parts::Field::hidden("key", key.id));
                    inside = inside.then(take);
                }
                inside
            }
            (None, None) => Markup::raw(format!("<p>{}</p>", Markup::text(t.get("keys-guest-not-there")))),
        };
        body = body.then(Card::new(&*key.name).body(card));
    }
    Ok(asker.view("keys-guest-title").bare().show_markup(body))
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
