//! `/settings/notices`: what failed and why, what waits, what went out.

use axum::extract::{Path, State};
use sekisho_kernel::PersonId;
use sekisho_web::parts::{Badge, Button, Card, Column, Empty, Field, Filters, Pager, Row, Table, Tone};
use sekisho_web::{Asker, Cursor, Markup, Query, Result};
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
    let t = asker.texts();
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
    let mut table = Table::new(t.get("notify-title"), columns).empty(
        Empty::new(t.get(&format!("notify-none-{state}")), t.get("notify-none-text")).icon("circle-check"),
    );
    for row in &rows {
        let subject = match notify.subject(&asker.cx, row).await? {
            Some(subject) => subject,
            None => row.template.clone(),
        };
        let to = row.person.map_or_else(
            || t.get("notify-outside"),
            |person| names.get(&person).cloned().unwrap_or_else(|| t.get("notify-nobody")),
        );
        table = table.row(line(&asker, row, &subject, &to));
    }
    let shown = t.with("notify-dead-count", [("count", dead.to_string())]);
    let pager = Pager::new(&asker, next.as_deref()).shown(shown);
    Ok(asker
        .view("notify-title")
        .tabs(super::tabs(&asker, "/settings/notices"))
        .show_markup(Markup::from(filters).then(Card::plain().flush().body(table)).then(pager)))
}

fn line(asker: &Asker, row: &Notice, subject: &str, to: &str) -> Row {
    let t = asker.texts();
    let tone = STATES.iter().find(|(state, _)| *state == row.state).map_or(Tone::Plain, |(_, tone)| *tone);
    let why = row.last_error.as_deref().or(row.receipt.as_deref()).unwrap_or_default();
    let again = if row.state == "dead" {
        Markup::from(
            Button::post(format!("/settings/notices/{}/send-again", row.id), t.get("notify-again"))
                .small()
                .icon("send"),
        )
    } else {
        Markup::default()
    };
    Row::new()
        .cell(subject)
        .cell(to)
        .cell(t.get(&format!("notify-means-{}", row.means)))
        .cell(Badge::new(t.get(&format!("notify-state-{}", row.state))).tone(tone))
        .cell(asker.time(row.settled_at.unwrap_or(row.created_at), asker.zone()))
        .cell(why)
        .cell(again)
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
