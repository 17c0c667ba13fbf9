//! `/keys/people`: who holds what.

use axum::extract::State;
use sekisho_web::parts::{Badge, Card, Column, Empty, Row, Table, Tone};
use sekisho_web::{Asker, Markup, Page, Reader, Result, Sheet, Texts};

use super::{LIVE, live_part, seen_of};
use crate::Keys;
use crate::reads::{self, HolderRow, Which};

/// The page.
pub(super) async fn show(asker: Asker, State(keys): State<Keys>) -> Result {
    let (_, stock) = seen_of(&asker, &keys, Which::Out).await?;
    Ok(asker.show(&Holders { holders: reads::holders(&stock) }))
}

/// Who holds what.
pub(super) struct Holders {
    pub(super) holders: Vec<HolderRow>,
}

impl Page for Holders {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let columns =
            [t.get("who"), t.get("keys-held"), t.get("keys-since"), t.get("state")].map(Column::new);
        let rows = self.holders.iter().map(|holder| row(reader, &t, holder));
        let table = Table::new(t.get("keys-people"), columns).rows(rows).empty(
            Empty::new(t.get("keys-nobody-holds"), t.get("keys-nobody-holds-text")).icon("circle-check"),
        );
        let body = live_part("keys-people", "/keys/people", Card::plain().flush().body(table));
        reader.sheet("keys-people").crumb("/keys", "keys-title").live(LIVE).body(body)
    }
}

fn row(reader: &Reader, t: &Texts, holder: &HolderRow) -> Row {
    let name = if holder.name.is_empty() { t.get("keys-holder-unknown") } else { holder.name.clone() };
    let links =
        holder.keys.iter().map(|key| format!("<a href=\"/keys/{}\">{}</a>", key.id, Markup::text(&key.name)));
    let late = Badge::new(t.get("keys-state-late")).tone(Tone::Warn).icon("clock-exclamation");
    let row = Row::new()
        .cell(name)
        .cell(Markup::raw(t.list(&links.collect::<Vec<_>>())))
        .cell(holder.since.map(|at| reader.time(at, reader.zone()).relative()))
        .cell(holder.late.then_some(late));
    match holder.person {
        Some(person) => row.attr("id", format!("p{person}")),
        None => row,
    }
}
