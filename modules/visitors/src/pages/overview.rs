//! `/visitors`: who comes today and later; for the desk also who is here, and checking in by code.

use std::collections::BTreeSet;

use axum::extract::State;
use sekisho_kernel::{SiteId, Timestamp};
use sekisho_places::Site;
use sekisho_web::parts::{
    Button, Card, Column, Empty, Field, Filters, FormBox, Grid, Pager, Row, Table, Tile, Tone,
};
use sekisho_web::{
    Asker, Cursor, FormState, Markup, Page, Query, Reader, Result, Sheet, Texts, csv_in_parts,
};
use serde::Deserialize;

use super::{LIVE, chosen, evacuation, guest_name, live_part, site_choices, standing, text_end};
use crate::Visitors;
use crate::desk::{self, Back};
use crate::ids::VisitId;
use crate::reads::{self, Days, OnSiteClocks, Place, VisitFilter, VisitRow};
use crate::registration::{self, RegistrationRow};
use crate::statistics;
use crate::tables::words::{VisitKind, VisitState};
use crate::warrant::Sight;

/// The names offered while a host is typed.
pub(crate) const HOSTS: &str = "visitors-hosts";
/// Visits on one page of the list.
const A_PAGE: u64 = 50;
/// Visits of a CSV file that are held at a time.
const A_PART: u64 = 1000;

/// `?q=…&show=…&site=…&kind=…&day=…&cursor=…`
#[derive(Default, Deserialize)]
pub(super) struct Ask {
    pub(super) q: String,
    /// `here`, `today`, `coming`, `past`, or nothing: today and coming.
    pub(super) show: String,
    pub(super) site: Option<SiteId>,
    pub(super) kind: String,
    pub(super) day: String,
    pub(super) whose: String,
    pub(super) cursor: String,
}

impl Ask {
    /// Days are those of the site's clock, or of each site's where all are shown.
    fn filter(&self, now: Timestamp, sites: &[Site], home: &str) -> Result<VisitFilter> {
        let mut filter = VisitFilter {
            site: self.site,
            kind: VisitKind::from_word(&self.kind),
            search: self.q.clone(),
            mine: self.whose == "mine",
            ..VisitFilter::default()
        };
        let mut days = None;
        match &*self.show {
            "here" => filter.states = VisitState::HERE.to_vec(),
            "today" => days = Some(Days::Today),
            "past" => (filter.until, filter.backwards) = (Some(now), true),
            _ => days = Some(Days::FromToday),
        }
        if !self.day.is_empty() {
            filter.until = None;
            days = Some(Days::On(self.day.clone()));
        }
        let shown = sites.iter().filter(|site| self.site.is_none_or(|only| only == site.id));
        let mut zones: Vec<String> = shown.map(|site| site.zone.clone()).collect();
        zones.sort_unstable();
        zones.dedup();
        if zones.is_empty() {
            zones.push(home.to_owned());
        }
        filter.days = days.map(|days| OnSiteClocks { days, zones });
        if !self.cursor.is_empty() {
            filter.after = Some(Cursor::decode::<Place>(&self.cursor)?);
        }
        Ok(filter)
    }
}

/// The page.
pub(super) async fn show(asker: Asker, State(visitors): State<Visitors>, Query(ask): Query<Ask>) -> Result {
    let sight = visitors.sight(&asker.cx, asker.person()?).await?;
    let sites = super::sites(&asker, &visitors).await?;
    let filter = VisitFilter { limit: A_PAGE, ..ask.filter(asker.cx.now, &sites, asker.zone())? };
    let mut rows = reads::visits(&visitors, &asker.cx, &sight, &filter).await?;
    let most = usize::try_from(A_PAGE).unwrap_or(usize::MAX);
    let more = rows.len() > most;
    rows.truncate(most);
    let next = rows.last().filter(|_| more).map(|row| Cursor::encode(&Place(row.starts_at, row.id)));
    let here = VisitFilter {
        states: vec![VisitState::Arrived, VisitState::Admitted],
        site: ask.site,
        limit: 500,
        ..VisitFilter::default()
    };
    let here = reads::visits(&visitors, &asker.cx, &sight, &here).await?;
    Ok(asker.show(&Overview { sight, ask, rows, here, next, sites }))
}

/// The same list as CSV, to its end.
pub(super) async fn download(
    asker: Asker,
    State(visitors): State<Visitors>,
    Query(ask): Query<Ask>,
) -> Result {
    let sight = visitors.sight(&asker.cx, asker.person()?).await?;
    let sites = super::sites(&asker, &visitors).await?;
    let all = ask.filter(asker.cx.now, &sites, asker.zone())?;
    let t = asker.texts();
    let header = [
        "visitors-starts",
        "visitors-ends",
        "visitors-guest",
        "visitors-company",
        "visitors-companions",
        "visitors-kind",
        "state",
        "visitors-site",
        "visitors-host",
        "visitors-arrived-at",
        "visitors-left-at",
        "visitors-registration-answers",
        "visitors-registration-signed",
    ]
    .map(|id| t.get(id));
    let cx = asker.cx.clone();
    let part = move |after: Option<Place>| {
        let (visitors, cx, sight, t) = (visitors.clone(), cx.clone(), sight.clone(), t.clone());
        let filter = VisitFilter { after: after.or(all.after), limit: A_PART, ..all.clone() };
        async move {
            let mut rows = reads::visits(&visitors, &cx, &sight, &filter).await?;
            let most = usize::try_from(A_PART).unwrap_or(usize::MAX);
            let more = rows.len() > most;
            rows.truncate(most);
            let last = rows.last().filter(|_| more).map(|row| Place(row.starts_at, row.id));
            let ids: Vec<VisitId> = rows.iter().map(|row| row.id).collect();
            let mut given = registration::readable(&visitors, &cx, &sight, &ids).await?;
            let rows = rows.into_iter().map(|row| {
                let given = given.remove(&row.id).unwrap_or_default();
                csv_row(&t, row, &given)
            });
            Ok((rows.collect(), last))
        }
    };
    csv_in_parts("visitors.csv", header.to_vec(), part).await
}

fn csv_row(t: &Texts, row: VisitRow, given: &RegistrationRow) -> Vec<String> {
    let at = |at: Option<Timestamp>| at.map(Timestamp::rfc3339).unwrap_or_default();
    let answers = given.answers.iter();
    let answers = answers.map(|one| format!("{}: {}", one.label.read_in(t.language()), one.shown(t)));
    let signed = given.signings.iter();
    let signed =
        signed.map(|one| format!("{} {} {}", one.agreement_name, one.version, one.signed_at.rfc3339()));
    let (answers, signed) = (answers.collect::<Vec<_>>().join("\n"), signed.collect::<Vec<_>>().join("\n"));
    vec![
        row.starts_at.rfc3339(),
        row.ends_at.rfc3339(),
        row.name,
        row.company,
        row.companions.to_string(),
        t.get(&format!("visitors-kind-{}", row.kind.word())),
        t.get(&format!("visitors-state-{}", text_end(row.state.word()))),
        row.site_name,
        row.host_name,
        at(row.arrived_at),
        at(row.left_at),
        answers,
        signed,
    ]
}

/// The visits as their viewer sees them.
pub(super) struct Overview {
    pub(super) sight: Sight,
    pub(super) ask: Ask,
    pub(super) rows: Vec<VisitRow>,
    /// Who is in the building.
    pub(super) here: Vec<VisitRow>,
    pub(super) next: Option<String>,
    pub(super) sites: Vec<Site>,
}

impl Page for Overview {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let body = self
            .tiles(&t)
            .then(self.filters(&t))
            .then(Card::plain().flush().body(table(reader, &self.rows)))
            .then(Pager::new(reader, self.next.as_deref()));
        let body = live_part("visitors-list", &reader.here(), body).then(self.desk(&t));
        let sheet = reader.sheet("visitors-title").live(LIVE);
        let sheet = match self.sight.is_any_desk() {
            true => sheet
                .keep(evacuation::HERE)
                .action(Button::link(self.at_desk(), t.get("visitors-desk")).quiet().icon("door-enter"))
                .action(
                    Button::link(evacuation::HERE, t.get("visitors-evacuation"))
                        .quiet()
                        .icon("alert-octagon"),
                )
                .action(
                    Button::link(statistics::HERE, t.get("visitors-statistics")).quiet().icon("chart-bar"),
                ),
            false => sheet,
        };
        let sheet = match self.sight.all {
            true => sheet
                .action(Button::link("/visitors/watch-list", t.get("visitors-watch")).quiet().icon("shield")),
            false => sheet,
        };
        sheet
            .action(Button::link("/visitors/import", t.get("visitors-import")).quiet().icon("upload"))
            .action(Button::link("/visitors/new", t.get("visitors-new")).primary().icon("calendar-plus"))
            .body(body)
    }
}

impl Overview {
    /// The desk of the site that is shown, if the reader is it; else the first.
    fn at_desk(&self) -> String {
        let shown = self.ask.site.filter(|site| self.sight.is_desk(*site));
        shown.map_or_else(|| desk::HERE.to_owned(), |site| Back::to_desk(site).page())
    }

    fn tiles(&self, t: &Texts) -> Markup {
        let waiting = self.here.iter().filter(|row| row.state == VisitState::Arrived).count();
        let heads: i64 = self.here.iter().map(VisitRow::heads).sum();
        let tone = if waiting == 0 { Tone::Plain } else { Tone::Warn };
        Grid::tiles()
            .add(Tile::new(t.get("visitors-tile-here"), heads).icon("users").href("/visitors?show=here"))
            .add(
                Tile::new(t.get("visitors-tile-waiting"), waiting)
                    .icon("bell")
                    .tone(tone)
                    .href("/visitors?show=here"),
            )
            .into()
    }

    fn filters(&self, t: &Texts) -> Filters {
        let ask = &self.ask;
        let all = || [(String::new(), t.get("all"))];
        let shows = ["", "here", "today", "past"].map(|word| {
            (
                word.to_owned(),
                t.get(&format!("visitors-show-{}", if word.is_empty() { "coming" } else { word })),
            )
        });
        let mut filters = Filters::new("/visitors", t.get("search"))
            .search(t.get("visitors-search"), &ask.q)
            .field(Field::select("show", t.get("visitors-show")).options(shows).value(&ask.show))
            .field(
                Field::select("site", t.get("visitors-site"))
                    .options(all().into_iter().chain(site_choices(&self.sites)))
                    .value(chosen(ask.site)),
            )
            .field(
                Field::select("kind", t.get("visitors-kind"))
                    .options(all().into_iter().chain(kind_choices(t)))
                    .value(&ask.kind),
            )
            .field(Field::date("day", t.get("visitors-day")).value(&ask.day));
        if self.sight.is_any_desk() {
            let whose = [("", "visitors-whose-all"), ("mine", "visitors-whose-mine")]
                .map(|(word, text)| (word.to_owned(), t.get(text)));
            filters = filters
                .field(Field::select("whose", t.get("visitors-whose")).options(whose).value(&ask.whose));
        }
        let query = sekisho_web::escape_query(&ask.q);
        let link = format!(
            "/visitors.csv?q={query}&show={}&site={}&kind={}&day={}&whose={}",
            sekisho_web::escape_query(&ask.show),
            chosen(ask.site),
            sekisho_web::escape_query(&ask.kind),
            sekisho_web::escape_query(&ask.day),
            sekisho_web::escape_query(&ask.whose),
        );
        filters.more(Button::link(link, t.get("csv")).quiet().icon("download"))
    }

    /// What the desk does: check in by code, wave in by number.
    fn desk(&self, t: &Texts) -> Markup {
        if !self.sight.is_any_desk() {
            return Markup::default();
        }
        let sites: Vec<Site> =
            self.sites.iter().filter(|site| self.sight.is_desk(site.id)).cloned().collect();
        if sites.is_empty() {
            return Markup::default();
        }
        let site = || {
            Field::select("site", t.get("visitors-site"))
                .options(site_choices(&sites))
                .value(chosen(self.ask.site))
        };
        let state = FormState::empty();
        let check_in = FormBox::post("/visitors/check-in", &state, t)
            .beside([
                site(),
                Field::text("code", t.get("visitors-code"))
                    .required()
                    .hint(t.get("visitors-code-hint"))
                    .attr("autocomplete", "off"),
            ])
            .submit(t.get("visitors-check-in-do"));
        let wave_in = FormBox::post("/visitors/wave-in", &state, t)
            .beside([
                site(),
                Field::text("host", t.get("visitors-host"))
                    .optional(t.get("optional"))
                    .hint(t.get("visitors-host-hint"))
                    .attr("list", HOSTS)
                    .attr("autocomplete", "off"),
            ])
            .add(host_names(self.rows.iter().chain(&self.here)))
            .beside([
                Field::select("kind", t.get("visitors-kind")).options(kind_choices(t)),
                Field::number("count", t.get("visitors-count")).value(1).required(),
            ])
            .submit(t.get("visitors-wave-in-do"));
        Grid::cards()
            .add(Card::new(t.get("visitors-check-in")).body(check_in))
            .add(Card::new(t.get("visitors-wave-in")).body(wave_in))
            .into()
    }
}

/// The hosts of the visits that are shown, to be completed while one of them is typed.
pub(crate) fn host_names<'a>(rows: impl IntoIterator<Item = &'a VisitRow>) -> Markup {
    let names = rows.into_iter().map(|row| row.host_name.as_str());
    let names: BTreeSet<&str> = names.filter(|name| !name.is_empty()).collect();
    let options: String =
        names.into_iter().map(|name| format!("<option value=\"{}\">", Markup::text(name))).collect();
    Markup::raw(format!("<datalist id=\"{HOSTS}\">{options}</datalist>"))
}

/// Kinds to choose from: value and word.
pub(crate) fn kind_choices(t: &Texts) -> Vec<(String, String)> {
    let word = |kind: &VisitKind| t.get(&format!("visitors-kind-{}", kind.word()));
    VisitKind::ALL.iter().map(|kind| (kind.word().to_owned(), word(kind))).collect()
}

/// The table of visits.
pub(super) fn table(reader: &Reader, rows: &[VisitRow]) -> Table {
    let t = reader.texts();
    let columns = [
        Column::new(t.get("visitors-guest")),
        Column::new(t.get("state")).narrow(),
        Column::new(t.get("visitors-starts")),
        Column::new(t.get("visitors-host")),
        Column::new(t.get("visitors-site")).secondary(),
        Column::new(t.get("visitors-do")).narrow(),
    ];
    let rows = rows.iter().map(|row| {
        let line = Row::new()
            .cell(guest_name(&t, row))
            .cell(standing(&t, row))
            .cell(reader.time(row.starts_at, &row.zone))
            .cell(&row.host_name)
            .cell(&row.site_name)
            .cell(super::acts(&t, row, reader.now(), Back::LIST));
        match row.appointment {
            Some(id) => line.href(format!("/visitors/appointments/{id}")),
            None => line,
        }
    });
    Table::new(t.get("visitors-title"), columns).rows(rows).empty(
        Empty::new(t.get("visitors-none"), t.get("visitors-none-text"))
            .icon("users")
            .action(Button::link("/visitors/new", t.get("visitors-new")).primary()),
    )
}
