//! `/keys`: what is out, what is late, which box is silent.

use std::collections::HashMap;

use axum::extract::State;
use sekisho_web::parts::{Button, Card, Column, Empty, Field, Filters, Grid, Pager, Row, Table, Tile, Tone};
use sekisho_web::{Asker, Cursor, Markup, Page, Query, Reader, Result, Sheet, Texts, arg, csv};
use serde::Deserialize;

use super::{LIVE, cabinet, live_part, seen, sight, state_badge, whereabouts};
use crate::Keys;
use crate::ids::{BoxId, KeyGroupId};
use crate::reads::{self, BoxRow, KeyFilter, KeyRow, KeyState, ListAsk, Listing, Sight};

/// Keys on one page of the list.
const KEYS_A_PAGE: usize = 50;
/// Boxes that are drawn; of more, the rest are named.
const BOXES_DRAWN: usize = 12;

/// `?q=…&state=…&box=…&group=…&sort=…&cursor=…`
#[derive(Default, Deserialize)]
pub(super) struct Ask {
    pub(super) q: String,
    pub(super) state: String,
    #[serde(rename = "box")]
    pub(super) place: Option<BoxId>,
    pub(super) group: Option<KeyGroupId>,
    pub(super) sort: String,
    pub(super) cursor: String,
}

impl Ask {
    pub(super) fn filter(&self) -> KeyFilter {
        KeyFilter { search: self.q.clone(), state: self.state.clone(), box_id: self.place, group: self.group }
    }
}

/// The page.
pub(super) async fn show(asker: Asker, State(keys): State<Keys>, Query(ask): Query<Ask>) -> Result {
    let sight = sight(&asker, &keys).await?;
    // The whole list is put in order for each page of it, so a place in it is a count.
    let from = match &*ask.cursor {
        "" => 0,
        cursor => Cursor::decode::<usize>(cursor)?,
    };
    let (filter, sort) = (ask.filter(), ask.sort.clone());
    let wanted = ListAsk { filter, sort, from, count: KEYS_A_PAGE, drawn: BOXES_DRAWN };
    let listing = reads::listing(&keys, &asker.cx, &sight, &wanted).await?;
    Ok(asker.show(&Overview { sight, listing, ask, from }))
}

/// The stock as its viewer sees it.
pub(super) struct Overview {
    pub(super) sight: Sight,
    pub(super) listing: Listing,
    pub(super) ask: Ask,
    /// So many keys of the list were on the pages before.
    pub(super) from: usize,
}

impl Page for Overview {
    fn draw(&self, reader: &Reader) -> Sheet {
        let Self { sight, listing, ask, from } = self;
        let t = reader.texts();
        if listing.boxes.is_empty() && listing.counts.is_empty() && sight.all {
            return reader.sheet("keys-title").body(first_hour(&t));
        }
        let more_keys = listing.more.then(|| Cursor::encode(&from.saturating_add(KEYS_A_PAGE)));
        let page: Vec<&KeyRow> = listing.page.iter().filter_map(|id| listing.stock.key(*id)).collect();
        let body = Markup::from(tiles(reader, listing, sight))
            .then(boxes(reader, listing))
            .then(filters(&t, ask, listing))
            .then(table(reader, ask, &page))
            .then(Pager::new(reader, more_keys.as_deref()));
        let mut sheet = reader.sheet("keys-title").live(LIVE);
        if sight.manages_anything() {
            sheet = sheet
                .action(Button::link("/keys/inventory", t.get("keys-inventory")).quiet().icon("list-check"))
                .action(Button::link("/keys/new", t.get("keys-add-key")).primary().icon("plus"));
        }
        sheet.body(more(&t).then(live_part("keys-overview", &reader.here(), body)))
    }
}

/// The other pages about keys.
fn more(t: &Texts) -> Markup {
    Markup::raw("<nav class=\"keys-more\">")
        .then(Button::link("/keys/people", t.get("keys-people")).quiet().icon("users"))
        .then(Button::link("/keys/bookings", t.get("keys-bookings")).quiet().icon("calendar"))
        .then(Button::link("/keys/groups", t.get("keys-groups")).quiet().icon("tag"))
        .then(Button::link("/keys/reports", t.get("keys-reports")).quiet().icon("chart-bar"))
        .then(Button::link("/keys/alerts", t.get("keys-alerts")).quiet().icon("bell"))
        .then(Markup::raw("</nav>"))
}

/// The same list as CSV.
pub(super) async fn download(asker: Asker, State(keys): State<Keys>, Query(ask): Query<Ask>) -> Result {
    let (_, stock) = seen(&asker, &keys).await?;
    let t = asker.texts();
    let header =
        ["keys-key", "state", "keys-box", "keys-bin", "keys-holder", "keys-since", "keys-due", "keys-fob"]
            .map(|id| t.get(id));
    let rows = stock.filtered(&ask.filter()).into_iter().map(|key| {
        [
            key.name.clone(),
            t.get(&format!("keys-state-{}", key.state.word())),
            key.box_name.clone(),
            key.bin.map(|bin| bin.to_string()).unwrap_or_default(),
            key.holder_name.clone().unwrap_or_default(),
            key.since.map(|at| at.rfc3339()).unwrap_or_default(),
            key.due.map(|at| at.rfc3339()).unwrap_or_default(),
            key.fob.clone().unwrap_or_default(),
        ]
    });
    Ok(csv(&asker, "keys.csv", &header, rows))
}

fn first_hour(t: &Texts) -> Markup {
    Empty::new(t.get("keys-first-title"), t.get("keys-first-text"))
        .icon("key")
        .action(Button::link("/keys/boxes/new", t.get("keys-add-box")).primary().icon("plus"))
        .note(t.get("keys-first-note"))
        .into()
}

fn tiles(reader: &Reader, listing: &Listing, sight: &Sight) -> Grid {
    let t = reader.texts();
    let out = listing.count(KeyState::is_out);
    let late = listing.count(|state| state == KeyState::Late);
    let astray = |state| matches!(state, KeyState::Forced | KeyState::Missing | KeyState::WrongBin);
    let wrong = listing.count(astray);
    let silent = listing.boxes.iter().filter(|place| place.is_silent()).count();
    let silent = u64::try_from(silent).unwrap_or(0);
    let quiet = |count: u64, tone| if count == 0 { Tone::Plain } else { tone };
    let mut grid = Grid::tiles()
        .add(
            Tile::new(t.get("keys-tile-in"), listing.count(|state| state == KeyState::In))
                .icon("key")
                .href("/keys?state=in"),
        )
        .add(
            Tile::new(t.get("keys-tile-out"), out)
                .icon("user")
                .tone(quiet(out, Tone::Info))
                .href("/keys?state=out"),
        )
        .add(
            Tile::new(t.get("keys-tile-late"), late)
                .icon("clock-exclamation")
                .tone(quiet(late, Tone::Warn))
                .href("/keys?state=late"),
        );
    if sight.manages_anything() {
        grid = grid
            .add(
                Tile::new(t.get("keys-tile-wrong"), wrong)
                    .icon("help-circle")
                    .tone(quiet(wrong, Tone::Warn))
                    .href("/keys/inventory"),
            )
            .add(
                Tile::new(t.get("keys-tile-silent"), silent).icon("wifi-off").tone(quiet(silent, Tone::Warn)),
            );
    }
    grid
}

fn boxes(reader: &Reader, listing: &Listing) -> Markup {
    let t = reader.texts();
    let mut out_of: HashMap<BoxId, usize> = HashMap::new();
    for home in listing.stock.keys.iter().filter(|key| key.state.is_out()).filter_map(|key| key.home_box) {
        *out_of.entry(home).or_default() += 1;
    }
    let drawn = listing.drawn.iter().filter_map(|id| listing.stock.place(*id));
    let cards = drawn.fold(Grid::cards(), |grid, place| {
        let keys_here = place.bins.iter().filter(|bin| bin.key.is_some()).count();
        let out = out_of.get(&place.id).copied().unwrap_or_default();
        let line = t.with(
            "keys-box-line",
            [("here", arg(keys_here)), ("out", arg(out)), ("bins", arg(place.bins.len()))],
        );
        let body = Markup::raw(format!("<a class=\"keys-box-link\" href=\"/keys/boxes/{}\">", place.id))
            .then(cabinet::small(&t, place, &listing.stock))
            .then(Markup::raw("</a><p class=\"muted\">"))
            .then(Markup::text(line))
            .then(Markup::raw("</p>"));
        grid.add(Card::new(&*place.name).action(cabinet::badge(reader, place)).body(body))
    });
    if listing.boxes.is_empty() {
        return Markup::default();
    }
    let mut named: Vec<&BoxRow> =
        listing.boxes.iter().filter(|place| !listing.drawn.contains(&place.id)).collect();
    named.sort_by_key(|place| !place.is_silent());
    let rest = named.into_iter().fold(Markup::default(), |rest, place| {
        rest.then(Button::link(format!("/keys/boxes/{}", place.id), &*place.name).quiet().small())
    });
    Markup::from(cards).then(Markup::raw(format!("<p>{rest}</p>")))
}

fn filters(t: &Texts, ask: &Ask, listing: &Listing) -> Filters {
    let states = [(String::new(), t.get("all"))].into_iter().chain(
        KeyState::ALL.map(|state| (state.word().to_owned(), t.get(&format!("keys-state-{}", state.word())))),
    );
    let boxes = [(String::new(), t.get("all"))]
        .into_iter()
        .chain(listing.boxes.iter().map(|place| (place.id.to_string(), place.name.clone())));
    let groups = [(String::new(), t.get("all"))]
        .into_iter()
        .chain(listing.groups.iter().map(|(id, name)| (id.to_string(), name.clone())));
    let text = |id: Option<String>| id.unwrap_or_default();
    Filters::new("/keys", t.get("search"))
        .search(t.get("keys-search"), &ask.q)
        .field(Field::select("state", t.get("state")).options(states).value(&ask.state))
        .field(
            Field::select("box", t.get("keys-box"))
                .options(boxes)
                .value(text(ask.place.map(|id| id.to_string()))),
        )
        .field(
            Field::select("group", t.get("keys-group"))
                .options(groups)
                .value(text(ask.group.map(|id| id.to_string()))),
        )
        .more(Button::link("/keys.csv", t.get("csv")).quiet().icon("download"))
}

fn table(reader: &Reader, ask: &Ask, rows: &[&KeyRow]) -> Markup {
    let t = reader.texts();
    let columns = [
        Column::new(t.get("keys-key")).sort(reader, "name", &ask.sort),
        Column::new(t.get("state")).sort(reader, "state", &ask.sort).narrow(),
        Column::new(t.get("keys-where")),
        Column::new(t.get("keys-since")).secondary(),
        Column::new(t.get("keys-due")).sort(reader, "due", &ask.sort),
    ];
    let rows = rows.iter().map(|key| {
        Row::new()
            .cell(Markup::text(&key.name).then(description(key)))
            .cell(state_badge(&t, key.state))
            .cell(whereabouts(reader, key))
            .cell(key.since.map(|at| reader.time(at, &key.zone).relative()))
            .cell(key.due.map(|at| reader.time(at, &key.zone)))
            .href(format!("/keys/{}", key.id))
    });
    let table = Table::new(t.get("keys-title"), columns)
        .rows(rows)
        .empty(Empty::new(t.get("keys-none-found"), t.get("keys-none-found-text")).icon("key"));
    Card::plain().flush().body(table).into()
}

fn description(key: &KeyRow) -> Markup {
    if key.description.is_empty() {
        return Markup::default();
    }
    let first = key.description.lines().next().unwrap_or_default();
    Markup::raw(format!(" <span class=\"muted\">{}</span>", Markup::text(first)))
}
