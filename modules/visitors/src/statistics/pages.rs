//! `/visitors/statistics`: how many came, when, and how long they waited, as figures, bars and a week.

use std::fmt::Write as _;

use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use sekisho_kernel::SiteId;
use sekisho_places::Site;
use sekisho_web::gallery::{Sample, Sampler, drawn, id};
use sekisho_web::parts::{Alert, Button, Card, Column, Empty, Field, Filters, Grid, Row, Table, Tile, Tone};
use sekisho_web::{Asker, Markup, Page, Query, Reader, Result, Sheet, Texts, csv, escape_query};

use super::api::Ask;
use super::look::{DaySum, Sum};
use super::{Counts, Kind, MOST_MINUTES, MOST_QUARTERS};
use crate::Visitors;
use crate::tables::words::VisitKind;

/// The address of the page.
pub(crate) const HERE: &str = "/visitors/statistics";

/// The pages that have samples.
pub(crate) fn samplers() -> Vec<Sampler> {
    vec![drawn::<StatisticsPage>]
}

/// The page.
pub(super) async fn show(asker: Asker, State(visitors): State<Visitors>, Query(ask): Query<Ask>) -> Result {
    let sight = visitors.sight(&asker.cx, asker.person()?).await?;
    let mut sites = sekisho_places::sites(&visitors.store.read(asker.cx.tenant).await?).await?;
    sites.retain(|site| sight.is_desk(site.id));
    let site = ask.site;
    let page = |sum, wrong, from, until| StatisticsPage { sites, site, from, until, sum, wrong };
    match super::statistics(&visitors, &asker.cx, &sight, &ask.period()).await {
        Ok(sum) => {
            let (from, until) = (sum.from.clone(), sum.until.clone());
            Ok(asker.show(&page(sum, None, from, until)))
        }
        Err(crate::VisitError::Invalid(wrong)) => {
            let wrong = wrong.first().map(|wrong| wrong.text);
            Ok(asker.show(&page(Sum::default(), wrong, ask.from, ask.until)))
        }
        Err(error) => Err(error.into()),
    }
}

/// The days as CSV.
pub(super) async fn download(
    asker: Asker,
    State(visitors): State<Visitors>,
    Query(ask): Query<Ask>,
) -> Result {
    let sight = visitors.sight(&asker.cx, asker.person()?).await?;
    let sum = super::statistics(&visitors, &asker.cx, &sight, &ask.period()).await?;
    let t = asker.texts();
    let header: Vec<String> =
        std::iter::once("visitors-day").chain(COLUMNS).map(|column| t.get(column)).collect();
    let rows = sum.days.into_iter().map(|day| {
        std::iter::once(day.day).chain(figures(day.all).map(|figure| figure.to_string())).collect::<Vec<_>>()
    });
    Ok(csv(&asker, "visitors-statistics.csv", &header, rows))
}

/// What is said of visits, in the order of [`figures`].
const COLUMNS: [&str; 7] = [
    "visitors-count-visits",
    "visitors-count-came",
    "visitors-count-people",
    "visitors-count-unannounced",
    "visitors-count-missed",
    "visitors-count-called-off",
    "visitors-count-refused",
];

fn figures(of: Kind) -> [u64; 7] {
    [of.visits, of.came, of.people, of.unannounced, of.missed, of.called_off, of.refused]
}

/// The figures of a period.
struct StatisticsPage {
    /// Those the reader is the desk of.
    sites: Vec<Site>,
    site: Option<SiteId>,
    /// As shown in the fields.
    from: String,
    until: String,
    sum: Sum,
    /// What is wrong with the period.
    wrong: Option<&'static str>,
}

impl Page for StatisticsPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let status = if self.wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        let sheet = reader.sheet("visitors-statistics").crumb("/visitors", "visitors-title").status(status);
        let filters = Markup::from(self.filters(&t));
        if let Some(wrong) = self.wrong {
            return sheet.body(filters.then(Alert::new(Tone::Danger, t.get(wrong))));
        }
        if self.sum.days.is_empty() {
            let none = Empty::new(t.get("visitors-statistics-none"), t.get("visitors-statistics-none-text"));
            return sheet.body(filters.then(Card::plain().body(none.icon("chart-bar"))));
        }
        let bars = Card::new(t.get("visitors-statistics-days")).body(bars(&t, &self.sum));
        let week = Card::new(t.get("visitors-statistics-week")).flush().body(week(&t, &self.sum.week));
        let kinds = Card::new(t.get("visitors-statistics-kinds")).flush().body(kinds(&t, &self.sum.counts));
        sheet.body(filters.then(self.tiles(&t)).then(bars).then(kinds).then(week))
    }
}

impl StatisticsPage {
    fn filters(&self, t: &Texts) -> Filters {
        let mut filters = Filters::new(HERE, t.get("visitors-statistics-show"));
        if self.sites.len() > 1 {
            let all = [(String::new(), t.get("all"))].into_iter();
            let sites = self.sites.iter().map(|site| (site.id.to_string(), site.name.clone()));
            let chosen = self.site.map(|site| site.to_string()).unwrap_or_default();
            let field = Field::select("site", t.get("visitors-site")).options(all.chain(sites)).value(chosen);
            filters = filters.field(field);
        }
        let file = format!(
            "{HERE}.csv?site={}&from={}&until={}",
            self.site.map(|site| site.to_string()).unwrap_or_default(),
            escape_query(&self.from),
            escape_query(&self.until)
        );
        filters
            .field(Field::date("from", t.get("visitors-statistics-from")).value(&self.from))
            .field(Field::date("until", t.get("visitors-statistics-until")).value(&self.until))
            .more(Button::link(file, t.get("csv")).quiet().icon("download"))
    }

    fn tiles(&self, t: &Texts) -> Grid {
        let all = self.sum.counts.all();
        // The longest that is measured, in minutes: beyond it nothing is known but that it was longer.
        let minutes = |length: Option<u32>, longest: u32| match length {
            Some(length) if length > longest => {
                t.count("visitors-statistics-minutes-over", i64::from(longest))
            }
            Some(length) => t.count("visitors-statistics-minutes", i64::from(length)),
            None => "–".to_owned(),
        };
        let (longest_wait, longest_stay) = (MOST_MINUTES - 1, (MOST_QUARTERS - 1) * 15);
        // Of those that were expected and not called off.
        let expected = (all.came - all.unannounced) + all.missed;
        let missed = match expected {
            0 => "–".to_owned(),
            expected => format!("{}%", (all.missed * 100 + expected / 2) / expected),
        };
        let nine = match self.sum.wait_p90 {
            Some(length) if length > longest_wait => {
                t.count("visitors-statistics-wait-p90-over", i64::from(longest_wait))
            }
            Some(length) => t.count("visitors-statistics-wait-p90", i64::from(length)),
            None => String::new(),
        };
        let unannounced = t.with("visitors-statistics-unannounced", [("count", all.unannounced.to_string())]);
        Grid::tiles()
            .add(
                Tile::new(t.get("visitors-count-people"), all.people.to_string())
                    .icon("users")
                    .hint(unannounced),
            )
            .add(
                Tile::new(t.get("visitors-statistics-wait"), minutes(self.sum.wait_median, longest_wait))
                    .icon("clock")
                    .hint(nine),
            )
            .add(
                Tile::new(t.get("visitors-statistics-stay"), minutes(self.sum.stay_median, longest_stay))
                    .icon("door"),
            )
            .add(Tile::new(t.get("visitors-statistics-missed"), missed).icon("user-off"))
    }
}

/// One bar: a day, or a month of a long period.
struct Bar {
    name: String,
    people: u64,
}

/// So many days have a bar each; of more each month has one.
const MOST_BARS: usize = 100;

/// Bars for every day of the period, with and without guests.
fn bars(t: &Texts, sum: &Sum) -> Markup {
    let bars = bars_of(sum);
    let most = bars.iter().map(|bar| bar.people).max().unwrap_or(0).max(1);
    let mut drawn = String::new();
    for (place, bar) in bars.iter().enumerate() {
        let height = bar.people * 100 / most;
        let says = t
            .with("visitors-statistics-bar", [("name", bar.name.clone()), ("count", bar.people.to_string())]);
        // A bar without guests is a line to be seen.
        let _ = write!(
            drawn,
            "<g><title>{}</title><rect class=\"bar-back\" x=\"{x}\" y=\"0\" width=\"10\" height=\"101\"/><rect class=\"bar\" x=\"{x}\" y=\"{}\" width=\"8\" height=\"{}\"/></g>",
            Markup::text(&says),
            100 - height,
            height + 1,
            x = place * 10
        );
    }
    let ends = [bars.first(), bars.last()].map(|bar| bar.map(|bar| bar.name.clone()).unwrap_or_default());
    let [first, last] = ends.map(Markup::text);
    let most = Markup::text(t.with("visitors-statistics-most", [("count", most.to_string())]));
    let says = Markup::text(t.get("visitors-statistics-days"));
    Markup::raw(format!(
        "<figure class=\"bars\"><figcaption>{most}</figcaption><svg role=\"img\" aria-label=\"{says}\" viewBox=\"0 0 {} 101\" preserveAspectRatio=\"none\">{drawn}</svg><div class=\"bars-ends\"><span>{first}</span><span>{last}</span></div></figure>",
        bars.len() * 10
    ))
}

fn bars_of(sum: &Sum) -> Vec<Bar> {
    let people: std::collections::BTreeMap<&str, u64> =
        sum.days.iter().map(|day| (day.day.as_str(), day.all.people)).collect();
    let (Ok(from), Ok(until)) = (sum.from.parse::<Date>(), sum.until.parse::<Date>()) else {
        return Vec::new();
    };
    let mut days = from.series(jiff::Span::new().days(1)).take_while(|day| *day <= until).map(|day| {
        let name = day.to_string();
        let people = people.get(name.as_str()).copied().unwrap_or(0);
        Bar { name, people }
    });
    if until
        .since((jiff::Unit::Day, from))
        .is_ok_and(|span| usize::try_from(span.get_days()).is_ok_and(|days| days < MOST_BARS))
    {
        return days.collect();
    }
    let mut months: Vec<Bar> = Vec::new();
    for day in &mut days {
        let month = day.name.get(..7).unwrap_or_default();
        match months.last_mut().filter(|bar| bar.name == month) {
            Some(bar) => bar.people += day.people,
            None => months.push(Bar { name: month.to_owned(), people: day.people }),
        }
    }
    months
}

/// The kinds of visits and all of them.
fn kinds(t: &Texts, counts: &Counts) -> Table {
    let columns = COLUMNS.map(|column| Column::new(t.get(column)).numeric());
    let columns = std::iter::once(Column::new(t.get("visitors-kind"))).chain(columns);
    let row = |name: String, of: Kind| {
        figures(of).into_iter().fold(Row::new().cell(name), |row, figure| row.cell(figure))
    };
    let kinds = VisitKind::ALL.iter().filter_map(|kind| {
        let of = counts.kinds.get(kind.word())?;
        Some(row(t.get(&format!("visitors-kind-{}", kind.word())), *of))
    });
    Table::new(t.get("visitors-statistics-kinds"), columns)
        .rows(kinds)
        .row(row(t.get("visitors-statistics-all"), counts.all()))
}

/// The week by days and hours, darker where more came.
fn week(t: &Texts, week: &[[u64; 24]; 7]) -> Markup {
    let most = week.iter().flatten().copied().max().unwrap_or(0).max(1);
    let busy = |hour: &usize| week.iter().any(|day| day.get(*hour).is_some_and(|count| *count > 0));
    let first = (0..24).find(busy).unwrap_or(9).min(9);
    let last = (0..24).rfind(busy).unwrap_or(17).max(17);
    let mut table = format!(
        "<div class=\"table-wrap\"><table class=\"heat\"><caption>{}</caption><thead><tr><td></td>",
        Markup::text(t.get("visitors-statistics-week-text"))
    );
    for hour in first..=last {
        let _ = write!(table, "<th scope=\"col\">{hour}</th>");
    }
    table.push_str("</tr></thead><tbody>");
    for (number, day) in week.iter().enumerate() {
        let name = Markup::text(t.get(&format!("visitors-weekday-{}", number + 1)));
        let _ = write!(table, "<tr><th scope=\"row\">{name}</th>");
        for count in day.iter().take(last + 1).skip(first) {
            // Four shades; whoever came alone is seen, too.
            let shade = (count * 4).div_ceil(most);
            let shown = if *count == 0 { String::new() } else { count.to_string() };
            let _ = write!(table, "<td class=\"heat-{shade}\">{shown}</td>");
        }
        table.push_str("</tr>");
    }
    table.push_str("</tbody></table></div>");
    Markup::raw(table)
}

impl Sample for StatisticsPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let kind = |visits: u64| Kind {
            visits,
            came: visits * 8 / 10,
            unannounced: visits / 10,
            people: visits,
            missed: visits / 20,
            called_off: visits / 12,
            refused: u64::from(visits > 300),
        };
        let days = (1..=30).filter(|day| day % 7 > 1);
        let days = days.map(|day| DaySum { day: format!("2026-11-{day:02}"), all: kind(10 + day * 7 % 23) });
        let mut sum = Sum {
            from: "2026-11-01".to_owned(),
            until: "2026-11-30".to_owned(),
            wait_median: Some(2),
            wait_p90: Some(9),
            stay_median: Some(60),
            days: days.collect(),
            ..Sum::default()
        };
        sum.counts.kinds = [("guest", 312), ("delivery", 96), ("interview", 14), ("contractor", 41)]
            .map(|(name, visits)| (name.to_owned(), kind(visits)))
            .into();
        for (day, hours) in sum.week.iter_mut().take(5).enumerate() {
            for (count, hour) in hours.iter_mut().skip(8).take(11).zip(0_u64..) {
                *count = (hour * 5 + u64::try_from(day).unwrap_or(0) * 3) % 17;
            }
        }
        let site = |number, name: &str| Site {
            id: id(number),
            name: name.to_owned(),
            address: String::new(),
            zone: "Asia/Tokyo".to_owned(),
        };
        let page = |sum: Sum, wrong| Self {
            sites: vec![site(1, "本社"), site(2, "大阪支店")],
            site: None,
            from: "2026-11-01".to_owned(),
            until: "2026-11-30".to_owned(),
            sum,
            wrong,
        };
        vec![
            (HERE, page(sum, None)),
            ("/visitors/statistics: none", page(Sum::default(), None)),
            ("/visitors/statistics: wrong", page(Sum::default(), Some("visitors-error-statistics-long"))),
        ]
    }
}
