//! The list: on top the guests whom it resembles, below its entries.

use axum::extract::{Path, State};
use sekisho_kernel::AuditEntry;
use sekisho_places::Site;
use sekisho_web::parts::{Badge, Button, Card, Column, Confirm, Empty, Filters, Grid, Row, Table, Tone};
use sekisho_web::{Asker, Markup, Page, Query, Reader, Result, Sheet, Texts, csv};
use serde::Deserialize;
use uuid::Uuid;

use super::super::clear_match;
use super::super::import::table_of;
use super::super::matches::{MatchRow, matches};
use super::super::reads::{self, WatchRow};
use super::{HERE, at};
use crate::Visitors;
use crate::ids::WatchEntryId;
use crate::pages::{below, name_or_none, state_badge};
use crate::tables::words::Likeness;

/// `?q=…`
#[derive(Default, Deserialize)]
pub(super) struct Ask {
    q: String,
}

/// The page.
pub(super) struct WatchList {
    pub(super) q: String,
    pub(super) rows: Vec<WatchRow>,
    pub(super) matches: Vec<MatchRow>,
    pub(super) sites: Vec<Site>,
}

/// The list.
pub(super) async fn show(asker: Asker, State(visitors): State<Visitors>, Query(ask): Query<Ask>) -> Result {
    let rows = reads::entries(&visitors, &asker.cx, &ask.q).await?;
    let matches = matches(&visitors, &asker.cx).await?;
    let sites = sekisho_places::sites(&visitors.store.read(asker.cx.tenant).await?).await?;
    visitors.record(&asker.cx, AuditEntry::done("watch_list.see")).await?;
    Ok(asker.show(&WatchList { q: ask.q, rows, matches, sites }))
}

/// The entries as CSV, in the form in which they can be brought in.
pub(super) async fn download(asker: Asker, State(visitors): State<Visitors>) -> Result {
    let rows = reads::entries(&visitors, &asker.cx, "").await?;
    let sites = sekisho_places::sites(&visitors.store.read(asker.cx.tenant).await?).await?;
    let entry = AuditEntry::done("watch_list.export").with("entries", rows.len());
    visitors.record(&asker.cx, entry).await?;
    let (header, rows) = table_of(asker.cx.language, &sites, rows);
    Ok(csv(&asker, "watch-list.csv", &header, rows))
}

/// Not the same person.
pub(super) async fn clear(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path((of, entry)): Path<(Uuid, WatchEntryId)>,
) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    clear_match(&visitors, &asker.cx, by, of, entry).await?;
    Ok(asker.done("visitors-watch-cleared", HERE))
}

impl Page for WatchList {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let mut body = Markup::default();
        if !self.matches.is_empty() {
            let found = Card::new(t.get("visitors-watch-matches")).flush().body(self.found(reader, &t));
            body = body.then(Grid::cards().add(found));
        }
        let filters = Filters::new(HERE, t.get("search"))
            .search(t.get("visitors-watch-search"), &self.q)
            .more(Button::link(format!("{HERE}.csv"), t.get("csv")).quiet().icon("download"));
        reader
            .sheet("visitors-watch")
            .crumb("/visitors", "visitors-title")
            .action(Button::link(format!("{HERE}/import"), t.get("visitors-import")).quiet().icon("upload"))
            .action(Button::link(format!("{HERE}/new"), t.get("visitors-watch-new")).primary().icon("plus"))
            .body(body.then(filters).then(Card::plain().flush().body(self.entries(reader, &t))))
    }
}

impl WatchList {
    fn found(&self, reader: &Reader, t: &Texts) -> Table {
        let columns = [
            Column::new(t.get("visitors-guest")),
            Column::new(t.get("visitors-starts")),
            Column::new(t.get("visitors-site")).secondary(),
            Column::new(t.get("visitors-host")).secondary(),
            Column::new(t.get("visitors-watch-entry")),
            Column::new(t.get("visitors-watch-reason")),
            Column::new(t.get("visitors-watch-likeness")).narrow(),
            Column::new(t.get("visitors-do")).narrow(),
        ];
        let rows = self.matches.iter().map(|row| {
            let clear = Confirm::new(
                format!("{HERE}/matches/{}/{}/clear", row.of, row.entry.id),
                t.get("visitors-watch-clear"),
                t.get("visitors-watch-clear-question"),
                t.get("visitors-watch-clear-do"),
            )
            .small();
            Row::new()
                .cell(guest(t, row))
                .cell(when(reader, t, row))
                .cell(&row.site_name)
                .cell(hosts(t, row))
                .cell(who(&row.entry))
                .cell(&row.entry.reason)
                .cell(likeness(t, row))
                .cell(clear)
        });
        Table::new(t.get("visitors-watch-matches"), columns).rows(rows)
    }

    fn entries(&self, reader: &Reader, t: &Texts) -> Table {
        let columns = [
            Column::new(t.get("visitors-watch-names")),
            Column::new(t.get("visitors-watch-reason")),
            Column::new(t.get("visitors-site")).secondary(),
            Column::new(t.get("visitors-watch-validity")),
            Column::new(t.get("visitors-watch-made")).secondary(),
        ];
        let rows = self.rows.iter().map(|row| {
            let made = Markup::text(&row.made_by_name).then(Markup::raw("<br>"));
            Row::new()
                .cell(who(row))
                .cell(&row.reason)
                .cell(at(&self.sites, &row.sites, &t.get("visitors-watch-all-sites")))
                .cell(validity(t, row))
                .cell(made.then(reader.time(row.made_at, reader.zone())))
                .href(format!("{HERE}/{}", row.id))
        });
        Table::new(t.get("visitors-watch"), columns).rows(rows).empty(
            Empty::new(t.get("visitors-watch-none"), t.get("visitors-watch-none-text"))
                .icon("shield")
                .action(Button::link(format!("{HERE}/new"), t.get("visitors-watch-new")).primary()),
        )
    }
}

/// The guest, leading to their record.
fn guest(t: &Texts, row: &MatchRow) -> Markup {
    let name = name_or_none(t, &row.name);
    let name = match row.guest {
        Some(guest) => {
            Markup::raw(format!("<a href=\"/visitors/guests/{guest}\">{}</a>", Markup::text(name)))
        }
        None => Markup::text(name),
    };
    name.then(below(&row.company))
}

/// When the guest comes, or how far the visit got; and how often they come.
fn when(reader: &Reader, t: &Texts, row: &MatchRow) -> Markup {
    let time = Markup::from(reader.time(row.starts_at, &row.zone));
    let state = row.state.map(|state| Markup::raw("<br>").then(state_badge(t, state)));
    let more = match row.count {
        ..=1 => String::new(),
        count => t.count("visitors-watch-visits", count),
    };
    time.then(state.unwrap_or_default()).then(below(&more))
}

/// Who receives them, and who wrote that down.
fn hosts(t: &Texts, row: &MatchRow) -> Markup {
    let maker = match row.made_by_name.as_str() {
        "" => String::new(),
        name if name == row.host_name => String::new(),
        name => t.with("visitors-watch-made-by", [("name", name)]),
    };
    Markup::text(&row.host_name).then(below(&maker))
}

/// Whom an entry means.
fn who(row: &WatchRow) -> Markup {
    Markup::text(row.names.join(" / ")).then(below(&row.organisation))
}

/// How alike the names are, and what the organisations say.
fn likeness(t: &Texts, row: &MatchRow) -> Markup {
    let tone = if row.likeness == Likeness::Similar { Tone::Plain } else { Tone::Warn };
    let badge = Badge::new(t.get(&format!("visitors-watch-{}", row.likeness.word()))).tone(tone);
    let other = row.other_organisation.map(|other| {
        t.get(if other { "visitors-watch-other-organisation" } else { "visitors-watch-same-organisation" })
    });
    let asked = row.asked_at.map(|_| t.get("visitors-guard-asked"));
    [other, asked].into_iter().flatten().fold(badge.into(), |all: Markup, text| all.then(below(&text)))
}

fn validity(t: &Texts, row: &WatchRow) -> String {
    match (&row.from, &row.until) {
        (None, None) => t.get("visitors-watch-always"),
        (from, until) => {
            let day = |day: &Option<String>| day.clone().unwrap_or_default();
            format!("{} – {}", day(from), day(until)).trim().to_owned()
        }
    }
}
