//! `/keys`: what is out, what is late, which box is silent.

use std::collections::HashMap;

use axum::extract::State;
use sekisho_devices::DeviceState;
use sekisho_web::parts::{
    Badge, Button, Card, Column, Empty, Field, Filters, Grid, Pager, Row, Table, Tile, Tone,
};
use sekisho_web::{Asker, Cursor, Markup, Page, Query, Reader, Result, Sheet, Texts, arg, csv};
use serde::Deserialize;

use super::{LIVE, live_part, seen, state_badge, whereabouts};
use crate::Keys;
use crate::ids::{BoxId, KeyGroupId};
use crate::reads::{BoxRow, KeyFilter, KeyRow, KeyState, Sight, Stock};

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
    fn filter(&self) -> KeyFilter {
        KeyFilter { search: self.q.clone(), state: self.state.clone(), box_id: self.place, group: self.group }
    }
}

/// The page.
pub(super) async fn show(asker: Asker, State(keys): State<Keys>, Query(ask): Query<Ask>) -> Result {
    let (sight, stock) = seen(&asker, &keys).await?;
    // The list is in memory as a whole, so a place in it is a count.
    let from = match &*ask.cursor {
        "" => 0,
        cursor => Cursor::decode::<usize>(cursor)?,
    };
    Ok(asker.show(&Overview { sight, stock, ask, from }))
}

/// The stock as its viewer sees it.
pub(super) struct Overview {
    pub(super) sight: Sight,
    pub(super) stock: Stock,
    pub(super) ask: Ask,
    /// So many keys of the list were on the pages before.
    pub(super) from: usize,
}

impl Page for Overview {
    fn draw(&self, reader: &Reader) -> Sheet {
        let Self { sight, stock, ask, from } = self;
        let t = reader.texts();
        if stock.boxes_in_all == 0 && stock.keys.is_empty() && sight.all {
            return reader.sheet("keys-title").body(first_hour(&t));
        }
        let mut rows = stock.filtered(&ask.filter());
        sort(&mut rows, &ask.sort);
        let next = from.saturating_add(KEYS_A_PAGE);
        let more_keys = (next < rows.len()).then(|| Cursor::encode(&next));
        let page: Vec<&KeyRow> = rows.into_iter().skip(*from).take(KEYS_A_PAGE).collect();
        let body = Markup::from(tiles(reader, stock, sight))
            .then(boxes(reader, stock))
            .then(filters(&t, ask, stock))
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

fn tiles(reader: &Reader, stock: &Stock, sight: &Sight) -> Grid {
    let t = reader.texts();
    let count = |fits: &dyn Fn(&KeyRow) -> bool| {
        u64::try_from(stock.keys.iter().filter(|key| fits(key)).count()).unwrap_or(0)
    };
    let out = count(&|key| key.state.is_out());
    let late = count(&|key| key.state == KeyState::Late);
    let wrong = count(&|key| matches!(key.state, KeyState::Forced | KeyState::Missing | KeyState::WrongBin));
    let silent = u64::try_from(stock.boxes.iter().filter(|place| is_silent(place)).count()).unwrap_or(0);
    let quiet = |count: u64, tone| if count == 0 { Tone::Plain } else { tone };
    let mut grid = Grid::tiles()
        .add(
            Tile::new(t.get("keys-tile-in"), count(&|key| key.state == KeyState::In))
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

/// Whether a box that should speak does not.
pub(super) fn is_silent(place: &BoxRow) -> bool {
    matches!(place.device_state, Some(DeviceState::Offline | DeviceState::Revoked))
}

fn boxes(reader: &Reader, stock: &Stock) -> Markup {
    let t = reader.texts();
    let mut out_of: HashMap<BoxId, usize> = HashMap::new();
    for home in stock.keys.iter().filter(|key| key.state.is_out()).filter_map(|key| key.home_box) {
        *out_of.entry(home).or_default() += 1;
    }
    // The silent ones first: they need somebody.
    let mut places: Vec<&BoxRow> = stock.boxes.iter().collect();
    places.sort_by_key(|place| !is_silent(place));
    let named = places.split_off(BOXES_DRAWN.min(places.len()));
    let cards = places.into_iter().fold(Grid::cards(), |grid, place| {
        let keys_here = place.bins.iter().filter(|bin| bin.key.is_some()).count();
        let out = out_of.get(&place.id).copied().unwrap_or_default();
        let line = t.with(
            "keys-box-line",
            [("here", arg(keys_here)), ("out", arg(out)), ("bins", arg(place.bins.len()))],
        );
        let body = Markup::raw(format!("<a class=\"keys-box-link\" href=\"/keys/boxes/{}\">", place.id))
            .then(super::cabinet::small(&t, place, stock))
            .then(Markup::raw("</a><p class=\"muted\">"))
            .then(Markup::text(line))
            .then(Markup::raw("</p>"));
        grid.add(Card::new(&*place.name).action(device_badge(reader, place)).body(body))
    });
    if stock.boxes.is_empty() {
        return Markup::default();
    }
    let rest = named.into_iter().fold(Markup::default(), |rest, place| {
        rest.then(Button::link(format!("/keys/boxes/{}", place.id), &*place.name).quiet().small())
    });
    Markup::from(cards).then(Markup::raw(format!("<p>{rest}</p>")))
}

/// How the device of a box is, in a badge.
pub(super) fn device_badge(reader: &Reader, place: &BoxRow) -> Badge {
    let t = reader.texts();
    match place.device_state {
        Some(DeviceState::Online) => Badge::new(t.get("keys-box-online")).tone(Tone::Good).icon("wifi"),
        Some(DeviceState::Flaky) => Badge::new(t.get("keys-box-flaky")).tone(Tone::Warn).icon("wifi"),
        Some(DeviceState::Offline) => {
            let since = place.last_seen.map(|at| reader.time(at, &place.zone).relative().words());
            let text = match since {
                Some(since) => t.with("keys-box-silent-since", [("since", since)]),
                None => t.get("keys-box-silent"),
            };
            Badge::new(text).tone(Tone::Warn).icon("wifi-off")
        }
        Some(DeviceState::Waiting) => Badge::new(t.get("keys-box-waiting")).icon("hourglass"),
        Some(DeviceState::Revoked) => Badge::new(t.get("keys-box-revoked")).tone(Tone::Danger).icon("ban"),
        None => Badge::new(t.get("keys-box-unconnected")).icon("plug-connected-x"),
    }
}

fn filters(t: &Texts, ask: &Ask, stock: &Stock) -> Filters {
    let states = [(String::new(), t.get("all"))].into_iter().chain(
        KeyState::ALL.map(|state| (state.word().to_owned(), t.get(&format!("keys-state-{}", state.word())))),
    );
    let boxes = [(String::new(), t.get("all"))]
        .into_iter()
        .chain(stock.boxes.iter().map(|place| (place.id.to_string(), place.name.clone())));
    let groups = [(String::new(), t.get("all"))]
        .into_iter()
        .chain(stock.groups.iter().map(|group| (group.id.to_string(), group.name.clone())));
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

fn sort(rows: &mut [&KeyRow], by: &str) {
    match by {
        "-name" => rows.reverse(),
        "due" => rows.sort_by_key(|key| (key.due.is_none(), key.due)),
        "-due" => rows.sort_by_key(|key| std::cmp::Reverse(key.due)),
        "state" => rows.sort_by_key(|key| std::cmp::Reverse(urgency(key.state))),
        "-state" => rows.sort_by_key(|key| urgency(key.state)),
        "name" => {}
        // What needs somebody comes first; the rest by name.
        _ => rows.sort_by_key(|key| std::cmp::Reverse(urgency(key.state).max(3))),
    }
}

fn urgency(state: KeyState) -> u8 {
    match state {
        KeyState::Forced => 7,
        KeyState::Late => 6,
        KeyState::Missing => 5,
        KeyState::WrongBin => 4,
        KeyState::DueSoon => 3,
        KeyState::Out => 2,
        KeyState::Released => 1,
        KeyState::In => 0,
    }
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
