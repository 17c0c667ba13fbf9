//! The module's cards on other people's pages: my keys on everybody's own page, what is out and wrong on the first page of
//! administrators.

use async_trait::async_trait;
use sekisho_host::{Question, TodayCard};
use sekisho_identity::MyPageCard;
use sekisho_web::parts::{Button, Card, Column, Row, Table, Tone};
use sekisho_web::{Asker, Markup, Result, WebError};

use super::{seen, state_badge, whereabouts};
use crate::Keys;
use crate::reads::{self, BookingFilter, KeyRow, KeyState, Sight};

/// "My keys" on `/me`: what I hold, and what is booked for me next.
pub(crate) struct KeysCard(pub(crate) Keys);

#[async_trait]
impl MyPageCard for KeysCard {
    fn order(&self) -> i32 {
        10
    }

    async fn card(&self, asker: &Asker) -> Result<Option<Markup>, WebError> {
        let t = asker.texts();
        let person = asker.person()?;
        let sight = Sight::of(&self.0, &asker.cx, person).await?;
        let stock = reads::stock(&self.0, &asker.cx, &sight).await?;
        let held: Vec<&KeyRow> = stock.keys.iter().filter(|key| key.holder == Some(person)).collect();
        let filter = BookingFilter { from: Some(asker.cx.now), live: true, ..BookingFilter::default() };
        let booked = reads::bookings(&self.0, &asker.cx, &sight, &filter).await?;
        let next = booked.iter().find(|booking| booking.person == Some(person));
        if held.is_empty() && next.is_none() && stock.keys.is_empty() {
            return Ok(None);
        }
        let mut body = Markup::default();
        if let Some(booking) = next {
            let names = booking.keys.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(", ");
            let line = t.with("keys-me-booked", [("keys", names)]);
            let when = Markup::from(asker.time(booking.starts_at, &booking.zone));
            body = body.then(Markup::raw(format!(
                "<p><a href=\"/keys/bookings/{}\">{}</a> {when}</p>",
                booking.id,
                Markup::text(line)
            )));
        }
        if held.is_empty() {
            body = body
                .then(Markup::raw(format!("<p class=\"muted\">{}</p>", Markup::text(t.get("keys-me-none")))));
        } else {
            let columns = [t.get("keys-key"), t.get("state"), t.get("keys-due")].map(Column::new);
            let rows = held.iter().map(|key| {
                Row::new()
                    .cell(&key.name)
                    .cell(state_badge(&t, key.state))
                    .cell(key.due.map(|at| asker.time(at, &key.zone)))
                    .href(format!("/keys/{}", key.id))
            });
            body = body.then(Table::new(t.get("keys-me-held"), columns).rows(rows));
        }
        let card = Card::new(t.get("keys-me-held"))
            .action(Button::link("/keys", t.get("keys-title")).quiet().small())
            .body(body);
        Ok(Some(card.into()))
    }
}

fn list(asker: &Asker, keys: &[&KeyRow]) -> Markup {
    let t = asker.texts();
    let columns = [t.get("keys-key"), t.get("state"), t.get("keys-where")].map(Column::new);
    let rows = keys.iter().take(8).map(|key| {
        Row::new()
            .cell(&key.name)
            .cell(state_badge(&t, key.state))
            .cell(whereabouts(asker, key))
            .href(format!("/keys/{}", key.id))
    });
    Table::new(t.get("keys-title"), columns).rows(rows).into()
}

/// What is out or late.
pub(crate) struct OutCard(pub(crate) Keys);

#[async_trait]
impl TodayCard for OutCard {
    fn question(&self) -> Question {
        Question::WhatIsOut
    }

    fn changes_with(&self) -> &'static [&'static str] {
        super::LIVE
    }

    async fn card(&self, asker: &Asker) -> Result<Option<Markup>> {
        let t = asker.texts();
        let (_, stock) = seen(asker, &self.0).await?;
        let mut out: Vec<&KeyRow> = stock.keys.iter().filter(|key| key.state.is_out()).collect();
        if out.is_empty() {
            return Ok(None);
        }
        out.sort_by_key(|key| (key.state != KeyState::Late, key.due.is_none(), key.due));
        let card = Card::new(t.count("keys-today-out", out.len()))
            .action(Button::link("/keys?state=out", t.get("details")).quiet().small())
            .flush()
            .body(list(asker, &out));
        Ok(Some(card.into()))
    }
}

/// What is wrong with keys and boxes.
pub(crate) struct TroubleCard(pub(crate) Keys);

#[async_trait]
impl TodayCard for TroubleCard {
    fn question(&self) -> Question {
        Question::WhatNeedsMe
    }

    fn changes_with(&self) -> &'static [&'static str] {
        super::LIVE
    }

    async fn card(&self, asker: &Asker) -> Result<Option<Markup>> {
        let t = asker.texts();
        let (_, stock) = seen(asker, &self.0).await?;
        let silent = stock.boxes.iter().filter(|place| super::overview::is_silent(place));
        let mut timeline = silent.fold(sekisho_web::parts::Timeline::new(), |timeline, place| {
            let sentence = t.with("keys-today-silent", [("box", &*place.name)]);
            let link =
                Markup::raw(format!("<a href=\"/keys/boxes/{}\">{}</a>", place.id, Markup::text(sentence)));
            let since = place.last_seen.map(|at| asker.time(at, &place.zone).relative());
            timeline.item(Tone::Warn, "wifi-off", link, Markup::from(since))
        });
        for incident in stock.incidents.iter().take(6) {
            timeline = super::inventory::item(asker, &stock, timeline, incident);
        }
        if stock.incidents.is_empty() && !stock.boxes.iter().any(super::overview::is_silent) {
            return Ok(None);
        }
        let card = Card::new(t.get("keys-today-wrong"))
            .action(Button::link("/keys/inventory", t.get("keys-inventory")).quiet().small())
            .body(timeline);
        Ok(Some(card.into()))
    }
}
