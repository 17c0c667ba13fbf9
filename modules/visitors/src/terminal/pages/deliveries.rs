//! Deliveries handed in at the reception.

use axum::extract::State;
use sekisho_places::Site;
use sekisho_web::parts::{Button, Card, Column, Empty, Field, Filters, Pager, Row, Table};
use sekisho_web::{Asker, JsonList, Markup, Page, Paging, Query, Reader, Result, Sheet, Texts, csv};

use super::super::reads::{self, DeliveryFilter, DeliveryRow};
use crate::Visitors;
use crate::pages::guard_mark;

const HERE: &str = "/visitors/deliveries";
/// The most rows of a file.
const MOST_ROWS: u64 = 10_000;

/// The list.
pub(super) struct Deliveries {
    pub(super) found: JsonList<DeliveryRow>,
    pub(super) filter: DeliveryFilter,
    pub(super) sites: Vec<Site>,
}

impl Page for Deliveries {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let columns =
            ["at", "carrier", "whom"].map(|id| Column::new(t.get(&format!("visitors-delivery-{id}"))));
        let columns = columns.into_iter().chain([Column::new(t.get("visitors-terminal-site")).secondary()]);
        let rows = self.found.items.iter().map(|row| {
            Row::new()
                .cell(reader.time(row.at, &row.zone))
                .cell(carrier(&t, row))
                .cell(&row.whom)
                .cell(&row.site_name)
        });
        let any = [(String::new(), t.get("visitors-terminal-any"))];
        let sites = self.sites.iter().map(|site| (site.id.to_string(), site.name.clone()));
        let query = reader.here();
        let query = query.split_once('?').map(|(_, query)| format!("?{query}")).unwrap_or_default();
        let filters = Filters::new(HERE, t.get("search"))
            .search(t.get("search"), &self.filter.q)
            .field(
                Field::select("site", t.get("visitors-terminal-site"))
                    .options(any.into_iter().chain(sites))
                    .value(&self.filter.site),
            )
            .more(Button::link(format!("{HERE}.csv{query}"), "CSV").quiet());
        let table = Table::new(t.get("visitors-deliveries"), columns).rows(rows).empty(
            Empty::new(t.get("visitors-deliveries-none"), t.get("visitors-deliveries-none-do")).icon("box"),
        );
        let pager = Pager::new(reader, self.found.next_cursor.as_deref());
        reader
            .sheet("visitors-deliveries")
            .body(Markup::from(filters).then(Card::plain().flush().body(table)).then(pager))
    }
}

/// The carrier, and for the desk whether the guard is to be asked.
fn carrier(t: &Texts, row: &DeliveryRow) -> Markup {
    let mark = row.ask_guard.as_ref().map(|ask| Markup::raw("<br>").then(guard_mark(t, ask)));
    Markup::text(&row.carrier).then(mark.unwrap_or_default())
}

/// The list.
pub(super) async fn show(
    asker: Asker,
    State(visitors): State<Visitors>,
    Query(filter): Query<DeliveryFilter>,
    Query(paging): Query<Paging>,
) -> Result {
    let sight = visitors.sight(&asker.cx, asker.person()?).await?;
    let (after, limit) = (paging.after()?, paging.limit());
    let rows = reads::deliveries(&visitors, &asker.cx, &sight, &filter, after, limit + 1).await?;
    let found = JsonList::of(rows, limit, |row| (row.at, row.id));
    let scope = visitors.store.read(asker.cx.tenant).await?;
    let sites = sekisho_places::sites(&scope).await?;
    Ok(asker.show(&Deliveries { found, filter, sites }))
}

/// The list as CSV.
pub(super) async fn download(
    asker: Asker,
    State(visitors): State<Visitors>,
    Query(filter): Query<DeliveryFilter>,
) -> Result {
    let sight = visitors.sight(&asker.cx, asker.person()?).await?;
    let rows = reads::deliveries(&visitors, &asker.cx, &sight, &filter, None, MOST_ROWS).await?;
    let t = asker.texts();
    let header = [
        t.get("visitors-delivery-at"),
        t.get("visitors-delivery-carrier"),
        t.get("visitors-delivery-whom"),
        t.get("visitors-terminal-site"),
    ];
    let rows = rows.into_iter().map(|row| [row.at.rfc3339(), row.carrier, row.whom, row.site_name]);
    Ok(csv(&asker, "deliveries.csv", &header, rows))
}
