//! `/visitors/evacuation`: who is in the building, to read, to print, and kept in the desk's browser for when nothing answers.

use axum::extract::State;
use sekisho_kernel::SiteId;
use sekisho_web::parts::{Alert, Badge, Button, Card, Column, Empty, Row, Table, Tone};
use sekisho_web::{Asker, Markup, Page, Query, Reader, Result, Sheet, Time, WebError, arg, csv};
use serde::Deserialize;

use super::{LIVE, chosen, live_part, name_or_none};
use crate::Visitors;
use crate::evacuation::{EvacuationList, Present, evacuation};

/// The address of the page.
pub(crate) const HERE: &str = "/visitors/evacuation";

/// `?site=…`
#[derive(Default, Deserialize)]
pub(super) struct Ask {
    site: Option<SiteId>,
}

async fn lists(asker: &Asker, visitors: &Visitors, ask: &Ask) -> Result<Vec<EvacuationList>> {
    let sight = visitors.sight(&asker.cx, asker.person()?).await?;
    let lists = evacuation(visitors, &asker.cx, &sight, ask.site).await?;
    if lists.is_empty() { Err(WebError::missing()) } else { Ok(lists) }
}

/// The page.
pub(super) async fn show(asker: Asker, State(visitors): State<Visitors>, Query(ask): Query<Ask>) -> Result {
    let lists = lists(&asker, &visitors, &ask).await?;
    Ok(asker.show(&Evacuation { lists, site: ask.site }))
}

/// The same as CSV.
pub(super) async fn download(
    asker: Asker,
    State(visitors): State<Visitors>,
    Query(ask): Query<Ask>,
) -> Result {
    let lists = lists(&asker, &visitors, &ask).await?;
    let t = asker.texts();
    let header = [
        "visitors-site",
        "visitors-guest",
        "visitors-company",
        "visitors-count",
        "visitors-host",
        "visitors-place",
        "state",
        "visitors-arrived-at",
    ]
    .map(|id| t.get(id));
    let rows = lists.into_iter().flat_map(|list| {
        let site = list.site_name;
        list.present.into_iter().map(move |one| (site.clone(), one))
    });
    let rows = rows.map(|(site, one)| {
        let state = t.get(state(&one));
        let heads = one.heads.to_string();
        [site, one.name, one.company, heads, one.host_name, one.place, state, one.since.rfc3339()]
    });
    Ok(csv(&asker, "evacuation.csv", &header, rows))
}

fn state(one: &Present) -> &'static str {
    if one.admitted { "visitors-state-admitted" } else { "visitors-state-arrived" }
}

/// The lists of a desk's sites.
pub(super) struct Evacuation {
    pub(super) lists: Vec<EvacuationList>,
    /// The one asked for.
    pub(super) site: Option<SiteId>,
}

impl Page for Evacuation {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let cards = self.lists.iter().fold(Markup::default(), |cards, list| cards.then(card(reader, list)));
        let file = format!("{HERE}.csv?site={}", chosen(self.site));
        let hint = Alert::new(Tone::Info, t.get("visitors-evacuation-hint"));
        reader
            .sheet("visitors-evacuation")
            .crumb("/visitors", "visitors-title")
            .live(LIVE)
            .keep(reader.here())
            .action(Button::link(file, t.get("csv")).quiet().icon("download"))
            .action(Button::print(t.get("visitors-evacuation-print")).primary())
            .body(live_part("evacuation", &reader.here(), cards).then(hint))
    }
}

fn card(reader: &Reader, list: &EvacuationList) -> Markup {
    let t = reader.texts();
    let counted =
        t.with("visitors-here-count", [("site", arg(&*list.site_name)), ("count", arg(list.heads))]);
    // With its day: a copy that was kept, or printed, is read later.
    let time = |time: Time| time.words();
    let at = reader.time(list.at, &list.zone);
    let as_of = [("day", time(at.clone().day())), ("clock", time(at.clock()))];
    let as_of = Markup::raw(format!(
        "<p><strong>{}</strong></p>",
        Markup::text(t.with("visitors-evacuation-as-of", as_of))
    ));
    let columns = [
        Column::new(t.get("visitors-evacuation-out")).narrow(),
        Column::new(t.get("visitors-guest")),
        Column::new(t.get("visitors-count")).numeric(),
        Column::new(t.get("visitors-host")),
        Column::new(t.get("visitors-place")),
        Column::new(t.get("visitors-arrived-at")).secondary(),
    ];
    let rows = list.present.iter().map(|one| {
        let name = name_or_none(&t, &one.name);
        let company = Markup::raw(format!(" <span class=\"muted\">{}</span> ", Markup::text(&one.company)));
        let at_desk = (!one.admitted).then(|| Badge::new(t.get(state(one))).tone(Tone::Warn).icon("bell"));
        Row::new()
            .cell(Markup::raw("<span class=\"tick\" aria-hidden=\"true\"></span>"))
            .cell(Markup::text(name).then(company).then(at_desk.map(Markup::from).unwrap_or_default()))
            .cell(one.heads)
            .cell(&one.host_name)
            .cell(&one.place)
            .cell(reader.time(one.since, &list.zone).clock())
    });
    let empty = Empty::new(t.get("visitors-evacuation-nobody"), t.get("visitors-evacuation-nobody-text"))
        .icon("users");
    let table = Table::new(t.get("visitors-evacuation"), columns).rows(rows).empty(empty);
    Card::new(counted).body(as_of).body(table).into()
}
