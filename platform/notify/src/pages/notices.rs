//! `/settings/notices`: what failed and why, what waits, what went out.

use axum::extract::{Path, State};
use sekisho_kernel::PersonId;
use sekisho_web::parts::{Badge, Button, Card, Column, Empty, Field, Filters, Pager, Row, Table, Tone};
use sekisho_web::{Asker, Cursor, Markup, Page, Query, Reader, Result, Sheet, Texts};
use serde::Deserialize;

use crate::notices::{count, notices};
use crate::{DeliveryId, Notice, Notify};

const STATES: [(&str, Tone); 4] =
    [("dead", Tone::Danger), ("queued", Tone::Info), ("sent", Tone::Good), ("dropped", Tone::Plain)];
const SHOWN: u64 = 50;

/// What to show.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Ask {
    state: String,
    cursor: Option<String>,
}

/// The list.
pub(crate) async fn list(asker: Asker, State(notify): State<Notify>, Query(ask): Query<Ask>) -> Result {
    let state = STATES.iter().map(|(state, _)| *state).find(|state| *state == ask.state).unwrap_or("dead");
    let before: Option<DeliveryId> =
        ask.cursor.as_deref().filter(|cursor| !cursor.is_empty()).map(Cursor::decode).transpose()?;
    let scope = notify.0.store.read(asker.cx.tenant).await?;
    let mut rows = notices(&scope, state, before, SHOWN).await?;
    let dead = count(&scope, "dead").await?;
    drop(scope);
    let next = (rows.len() > 50).then(|| rows.get(49).map(|row| Cursor::encode(&row.id))).flatten();
    rows.truncate(50);
    let people: Vec<PersonId> = rows.iter().filter_map(|row| row.person).collect();
    let names = notify.0.contacts.names(&asker.cx, &people).await.unwrap_or_default();
    let mut lines = Vec::new();
    for notice in rows {
        let subject = notify.subject(&asker.cx, &notice).await?;
        let to = notice.person.map(|person| names.get(&person).cloned());
        lines.push(Line { notice, subject, to });
    }
    Ok(asker.show(&Notices { state, lines, dead, next }))
}

/// A message of the list.
pub(super) struct Line {
    pub(super) notice: Notice,
    /// What it says in one line, where that is known.
    pub(super) subject: Option<String>,
    /// To a person of the tenant, by name where it is known; none goes outside.
    pub(super) to: Option<Option<String>>,
}

/// The messages in one state.
pub(super) struct Notices {
    pub(super) state: &'static str,
    pub(super) lines: Vec<Line>,
    pub(super) dead: u64,
    pub(super) next: Option<String>,
}

impl Page for Notices {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, state) = (reader.texts(), self.state);
        let filters = Filters::new("/settings/notices", t.get("notify-show")).field(
            Field::select("state", t.get("notify-state"))
                .options(STATES.map(|(state, _)| (state, t.get(&format!("notify-state-{state}")))))
                .value(state),
        );
        let columns = [
            Column::new(t.get("notify-what")),
            Column::new(t.get("notify-to")),
            Column::new(t.get("notify-means")).narrow(),
            Column::new(t.get("notify-state")).narrow(),
            Column::new(t.get("notify-when")),
            Column::new(t.get("notify-why")),
            Column::new("").narrow(),
        ];
        let table = Table::new(t.get("notify-title"), columns)
            .rows(self.lines.iter().map(|line| line.row(reader, &t)))
            .empty(
                Empty::new(t.get(&format!("notify-none-{state}")), t.get("notify-none-text"))
                    .icon("circle-check"),
            );
        let shown = t.with("notify-dead-count", [("count", self.dead.to_string())]);
        let pager = Pager::new(reader, self.next.as_deref()).shown(shown);
        reader
            .sheet("notify-title")
            .tabs(super::tabs(reader, "/settings/notices"))
            .body(Markup::from(filters).then(Card::plain().flush().body(table)).then(pager))
    }
}

impl Line {
    fn row(&self, reader: &Reader, t: &Texts) -> Row {
        let notice = &self.notice;
        let to = match &self.to {
            None => t.get("notify-outside"),
            Some(name) => name.clone().unwrap_or_else(|| t.get("notify-nobody")),
        };
        let tone =
            STATES.iter().find(|(state, _)| *state == notice.state).map_or(Tone::Plain, |(_, tone)| *tone);
        let why = notice.last_error.as_deref().or(notice.receipt.as_deref()).unwrap_or_default();
        let again = (notice.state == "dead").then(|| {
            Button::post(format!("/settings/notices/{}/send-again", notice.id), t.get("notify-again"))
                .small()
                .icon("send")
        });
        Row::new()
            .cell(self.subject.as_ref().unwrap_or(&notice.template))
            .cell(to)
            .cell(t.get(&format!("notify-means-{}", notice.means)))
            .cell(Badge::new(t.get(&format!("notify-state-{}", notice.state))).tone(tone))
            .cell(reader.time(notice.settled_at.unwrap_or(notice.created_at), reader.zone()))
            .cell(why)
            .cell(Markup::from(again))
    }
}

/// Sends a failed one again.
pub(crate) async fn send_again(
    asker: Asker,
    State(notify): State<Notify>,
    Path(id): Path<DeliveryId>,
) -> Result {
    notify.send_again(&asker.cx, id).await?;
    Ok(asker.done("notify-sent-again", "/settings/notices?state=queued"))
}
