//! The module's cards on other people's pages: my keys on everybody's own page, what is out and wrong on the first page of
//! administrators.

use async_trait::async_trait;
use sekisho_host::{Question, TodayCard};
use sekisho_identity::MyPageCard;
use sekisho_web::parts::{Button, Card, Column, Row, Table, Tone};
use sekisho_web::{Asker, Markup, Reader, Result, WebError, arg};

use super::{seen_of, state_badge, whereabouts};
use crate::Keys;
use crate::reads::{self, BookingFilter, BookingRow, BoxRow, KeyRow, KeyState, Sight, Stock, Which};

/// As many keys as one sees at a glance; the list of keys has them all.
const MOST_OFFERED: usize = 6;
/// Some of those that hang in a bin hang in the wrong one and are not offered.
const MOST_LOOKED_THROUGH: u64 = 24;

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
        let filter = BookingFilter { from: Some(asker.cx.now), live: true, ..BookingFilter::default() };
        let booked = reads::bookings(&self.0, &asker.cx, &sight, &filter).await?;
        let next = booked.iter().find(|booking| booking.person == Some(person));
        let booked_keys: Vec<_> = next.iter().flat_map(|booking| &booking.keys).map(|key| key.id).collect();
        let stock = reads::own(&self.0, &asker.cx, &sight, person, &booked_keys, MOST_LOOKED_THROUGH).await?;
        let held: Vec<&KeyRow> = stock.keys.iter().filter(|key| key.holder == Some(person)).collect();
        let nothing_to_see = if sight.all { stock.keys.is_empty() } else { !sight.sees_anything() };
        if held.is_empty() && next.is_none() && nothing_to_see {
            return Ok(None);
        }
        let mut body = Markup::default();
        if let Some(booking) = next {
            let text = if booking.state.is_in_force() { "keys-me-booked" } else { "keys-me-unpaid" };
            let line = t.with(text, [("keys", t.list(&booking.key_names()))]);
            let when = Markup::from(asker.time(booking.starts_at, &booking.zone));
            // What has to be paid first leads to where it is paid.
            let href = match (&booking.token, booking.state.is_in_force()) {
                (Some(token), false) => format!("/b/{token}"),
                _ => format!("/keys/bookings/{}", booking.id),
            };
            body = body.then(Markup::raw(format!(
                "<p><a href=\"{}\">{}</a> {when}</p>",
                Markup::text(href),
                Markup::text(line)
            )));
        }
        body = body.then(most_likely(&asker.reader(), &stock, next));
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
        body = body.then(may_take(&asker.reader(), &sight, &stock));
        let card = Card::new(t.get("keys-me-held"))
            .action(Button::link("/keys", t.get("keys-title")).quiet().small())
            .body(body);
        Ok(Some(card.into()))
    }
}

/// The one thing most likely wanted now: the key booked for this hour, ready to be taken.
fn most_likely(reader: &Reader, stock: &Stock, next: Option<&BookingRow>) -> Markup {
    let t = reader.texts();
    let now = |booking: &&BookingRow| booking.state.is_in_force() && booking.starts_at <= reader.now();
    let Some(booking) = next.filter(now) else {
        return Markup::default();
    };
    let ready = booking.keys.iter().filter_map(|key| stock.key(key.id));
    ready
        .filter(|key| key.state == KeyState::In)
        .map(|key| {
            let words = t.with("keys-me-take", [("key", &*key.name)]);
            Markup::raw("<p class=\"big-act\">")
                .then(Button::link(format!("/keys/{}", key.id), words).primary().icon("key"))
                .then(Markup::raw("</p>"))
        })
        .next()
        .unwrap_or_default()
}

/// Keys that hang in their boxes and that one may take.
fn may_take(reader: &Reader, sight: &Sight, stock: &Stock) -> Markup {
    let t = reader.texts();
    let ready: Vec<&KeyRow> = stock
        .keys
        .iter()
        .filter(|key| key.state == KeyState::In && sight.uses_key(key.id))
        .take(MOST_OFFERED)
        .collect();
    if ready.is_empty() {
        return Markup::default();
    }
    let columns = [t.get("keys-key"), t.get("keys-me-at")].map(Column::new);
    let rows = ready.iter().map(|key| {
        Row::new().cell(&key.name).cell(whereabouts(reader, key)).href(format!("/keys/{}", key.id))
    });
    Markup::raw(format!("<h3 class=\"here-site\">{}</h3>", Markup::text(t.get("keys-me-may-take"))))
        .then(Table::new(t.get("keys-me-may-take"), columns).rows(rows))
}

fn list(reader: &Reader, keys: &[&KeyRow]) -> Markup {
    let t = reader.texts();
    let columns = [t.get("keys-key"), t.get("state"), t.get("keys-where")].map(Column::new);
    let rows = keys.iter().take(8).map(|key| {
        Row::new()
            .cell(&key.name)
            .cell(state_badge(&t, key.state))
            .cell(whereabouts(reader, key))
            .href(format!("/keys/{}", key.id))
    });
    Table::new(t.get("keys-title"), columns).rows(rows).into()
}

/// Who is here, as far as keys tell: whoever took one at a site today and still has it. Doors and receptions will know
/// more; this card claims no more than it knows.
pub(crate) struct HereCard(pub(crate) Keys);

#[async_trait]
impl TodayCard for HereCard {
    fn question(&self) -> Question {
        Question::WhoIsHere
    }

    fn changes_with(&self) -> &'static [&'static str] {
        super::LIVE
    }

    async fn card(&self, asker: &Asker) -> Result<Option<Markup>> {
        let t = asker.texts();
        let (_, stock) = seen_of(asker, &self.0, Which::Out).await?;
        let scope = self.0.store.read(asker.cx.tenant).await?;
        let sites = sekisho_places::sites(&scope).await?;
        drop(scope);
        let today = |key: &&KeyRow| {
            let zone = sekisho_web::zone_of(&key.zone);
            let day = |at: sekisho_kernel::Timestamp| at.to_jiff().to_zoned(zone.clone()).date();
            key.state.is_out()
                && key.holder_name.is_some()
                && key.since.is_some_and(|at| day(at) == day(asker.cx.now))
        };
        let here: Vec<&KeyRow> = stock.keys.iter().filter(today).collect();
        if here.is_empty() {
            return Ok(None);
        }
        let site_of = |key: &KeyRow| key.box_id.and_then(|id| stock.place(id)).and_then(|place| place.site);
        let mut body = Markup::default();
        let known = sites.iter().map(|site| (Some(site.id), site.name.clone()));
        for (site, name) in known.chain([(None, t.get("keys-no-site"))]) {
            let mut people: Vec<(&str, Vec<&KeyRow>)> = Vec::new();
            for key in here.iter().filter(|key| site_of(key) == site) {
                let who = key.holder_name.as_deref().unwrap_or_default();
                match people.iter_mut().find(|(known, _)| *known == who) {
                    Some((_, keys)) => keys.push(key),
                    None => people.push((who, vec![key])),
                }
            }
            if people.is_empty() {
                continue;
            }
            let columns = [t.get("who"), t.get("keys-key"), t.get("keys-since")].map(Column::new);
            let rows = people.iter().map(|(who, keys)| {
                let names: Vec<String> = keys.iter().map(|key| key.name.clone()).collect();
                let first = keys.iter().filter_map(|key| key.since.map(|at| (at, &key.zone))).min();
                Row::new()
                    .cell(*who)
                    .cell(t.list(&names))
                    .cell(first.map(|(at, zone)| asker.time(at, zone).clock()))
            });
            let count = t.with("keys-here-count", [("site", arg(&name)), ("count", arg(people.len()))]);
            body = body
                .then(Markup::raw(format!("<h3 class=\"here-site\">{}</h3>", Markup::text(count))))
                .then(Table::new(name, columns).rows(rows));
        }
        let card = Card::new(t.get("keys-here"))
            .action(Button::link("/keys/people", t.get("keys-people")).quiet().small())
            .body(body)
            .footer(t.get("keys-here-note"));
        Ok(Some(card.into()))
    }
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
        let (_, stock) = seen_of(asker, &self.0, Which::Out).await?;
        let mut out: Vec<&KeyRow> = stock.keys.iter().filter(|key| key.state.is_out()).collect();
        if out.is_empty() {
            return Ok(None);
        }
        out.sort_by_key(|key| (key.state != KeyState::Late, key.due.is_none(), key.due));
        let card = Card::new(t.count("keys-today-out", out.len()))
            .action(Button::link("/keys?state=out", t.get("details")).quiet().small())
            .flush()
            .body(list(&asker.reader(), &out));
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
        let (_, stock) = seen_of(asker, &self.0, Which::Wrong).await?;
        let silent = stock.boxes.iter().filter(|place| place.is_silent());
        let mut timeline = silent.fold(sekisho_web::parts::Timeline::new(), |timeline, place| {
            let sentence = t.with("keys-today-silent", [("box", &*place.name)]);
            let link =
                Markup::raw(format!("<a href=\"/keys/boxes/{}\">{}</a>", place.id, Markup::text(sentence)));
            let since = place.last_seen.map(|at| asker.time(at, &place.zone).relative());
            timeline.item(Tone::Warn, "wifi-off", link, Markup::from(since))
        });
        for incident in stock.incidents.iter().take(6) {
            timeline = super::inventory::item(&asker.reader(), &stock, timeline, incident);
        }
        if stock.incidents.is_empty() && !stock.boxes.iter().any(BoxRow::is_silent) {
            return Ok(None);
        }
        let card = Card::new(t.get("keys-today-wrong"))
            .action(Button::link("/keys/inventory", t.get("keys-inventory")).quiet().small())
            .body(timeline);
        Ok(Some(card.into()))
    }
}
