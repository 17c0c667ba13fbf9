//! The connected calendars.

use axum::extract::{Path, State};
use sekisho_web::parts::{Alert, Badge, Button, Card, Empty, Grid, KeyValue, Tone};
use sekisho_web::{Asker, Markup, Page, Reader, Result, Sheet, Texts};

use super::super::read::read_calendar_now;
use super::super::reads::{self, CalendarRow};
use super::super::{why, wrong};
use super::HERE;
use crate::Visitors;
use crate::ids::CalendarId;
use crate::tables::CalendarKind;

/// All of them.
pub(super) struct CalendarList {
    pub(super) rows: Vec<CalendarRow>,
}

/// Shows them.
pub(super) async fn show(asker: Asker, State(visitors): State<Visitors>) -> Result {
    Ok(asker.show(&CalendarList { rows: reads::calendars(&visitors, &asker.cx).await? }))
}

/// Reads one now; the page says how it went.
pub(super) async fn read(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<CalendarId>,
) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    let wrong = read_calendar_now(&visitors, &asker.cx, by, id).await?;
    Ok(match wrong {
        None => asker.done("visitors-calendar-tried", HERE),
        Some(_) => asker.not_done("visitors-calendar-tried-wrong", HERE),
    })
}

impl Page for CalendarList {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let add = |kind: CalendarKind| {
            let text = t.get(&format!("visitors-calendar-add-{}", kind.word()));
            Button::link(format!("{HERE}/new/{}", kind.word()), text)
        };
        let buttons = Markup::from(add(CalendarKind::Mailbox).primary().icon("plus"))
            .then(add(CalendarKind::Collection).icon("plus"));
        let about = Markup::raw("<p>").then(t.get("visitors-calendar-about")).then(Markup::raw("</p>"));
        let body = if self.rows.is_empty() {
            let none = Empty::new(t.get("visitors-calendars-none"), t.get("visitors-calendars-none-text"));
            Markup::from(Card::plain().body(none.icon("calendar")))
        } else {
            let cards = self.rows.iter().fold(Grid::cards(), |grid, row| grid.add(card(reader, &t, row)));
            about.then(cards)
        };
        reader.sheet("visitors-calendars").crumb("/settings", "settings-title").action(buttons).body(body)
    }
}

fn card(reader: &Reader, t: &Texts, row: &CalendarRow) -> Card {
    let state = match (&row.wrong, row.read_at) {
        (Some(_), _) => {
            Badge::new(t.get("visitors-calendar-failing")).tone(Tone::Warn).icon("alert-triangle")
        }
        (None, Some(_)) => Badge::new(t.get("visitors-calendar-ok")).tone(Tone::Good).icon("check"),
        (None, None) => Badge::new(t.get("visitors-calendar-not-yet")),
    };
    let server = match row.kind {
        CalendarKind::Mailbox => format!("{} ({})", row.address, row.host),
        CalendarKind::Collection => row.url.clone(),
    };
    let mut facts = KeyValue::new()
        .row(t.get(&format!("visitors-calendar-{}", row.kind.word())), server)
        .row(t.get("visitors-calendar-state"), state);
    if let Some(at) = row.read_at {
        facts = facts.row(t.get("visitors-calendar-read-at"), reader.time(at, reader.zone()).relative());
    }
    if let (Some(at), Some(word)) = (row.refused_at, &row.refusal) {
        let said = Markup::from(reader.time(at, reader.zone()).relative())
            .then(Markup::raw("<br>"))
            .then(t.get(&why::text_of(word)));
        facts = facts.row(t.get("visitors-calendar-refusal"), said);
    }
    let wrong = row.wrong.as_deref().map(|word| Alert::new(Tone::Warn, t.get(&wrong::text_of(word))));
    let acts = Markup::from(
        Button::post(format!("{HERE}/{}/read", row.id), t.get("visitors-calendar-try"))
            .small()
            .icon("refresh"),
    )
    .then(Button::link(format!("{HERE}/{}", row.id), t.get("visitors-calendar-edit")).small());
    Card::new(&row.name).body(wrong.map(Markup::from).unwrap_or_default().then(facts)).footer(acts)
}
