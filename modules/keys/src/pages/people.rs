//! `/keys/people`: who holds what.

use axum::extract::State;
use sekisho_web::parts::{Badge, Card, Column, Empty, Row, Table, Tone};
use sekisho_web::{Asker, Markup, Result};

use super::{LIVE, live_part, seen};
use crate::Keys;
use crate::reads;

/// The page.
pub(super) async fn show(asker: Asker, State(keys): State<Keys>) -> Result {
    let (_, stock) = seen(&asker, &keys).await?;
    let t = asker.texts();
    let columns = [t.get("who"), t.get("keys-held"), t.get("keys-since"), t.get("state")].map(Column::new);
    let rows = reads::holders(&stock).into_iter().map(|holder| {
        let name = if holder.name.is_empty() { t.get("keys-holder-unknown") } else { holder.name.clone() };
        let links =
            holder.keys.iter().map(|(id, name)| format!("<a href=\"/keys/{id}\">{}</a>", Markup::text(name)));
        let row =
            Row::new()
                .cell(name)
                .cell(Markup::raw(links.collect::<Vec<_>>().join("、")))
                .cell(holder.since.map(|at| asker.time(at, asker.zone()).relative()))
                .cell(holder.late.then(|| {
                    Badge::new(t.get("keys-state-late")).tone(Tone::Warn).icon("clock-exclamation")
                }));
        match holder.person {
            Some(person) => row.attr("id", format!("p{person}")),
            None => row,
        }
    });
    let table = Table::new(t.get("keys-people"), columns)
        .rows(rows)
        .empty(Empty::new(t.get("keys-nobody-holds"), t.get("keys-nobody-holds-text")).icon("circle-check"));
    let body = live_part("keys-people", "/keys/people", Card::plain().flush().body(table));
    Ok(asker.view("keys-people").crumb("/keys", "keys-title").live(LIVE).show_markup(body))
}
