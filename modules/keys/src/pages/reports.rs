//! `/keys/reports`: who held what when, what is late, what nobody uses.

use axum::extract::State;
use sekisho_kernel::{PersonId, Timestamp};
use sekisho_web::parts::{Badge, Button, Card, Column, Empty, Field, Filters, Pager, Row, Table, Tabs, Tone};
use sekisho_web::{Asker, Cursor, Markup, Page, Query, Reader, Result, Sheet, Texts, csv, from_local};
use serde::Deserialize;

use super::{people_choices, seen, sight};
use crate::Keys;
use crate::ids::LoanId;
use crate::reads::{self, KeyRow, LoanFilter, LoanRow};

/// Rows of one page, and of a CSV file.
const PAGE: u64 = 100;
const MOST: u64 = 10_000;

/// `?report=loans|overdue|idle&from=…&until=…&person=…&days=…&cursor=…`
#[derive(Default, Deserialize)]
pub(super) struct Ask {
    pub(super) report: String,
    pub(super) from: String,
    pub(super) until: String,
    pub(super) person: Option<PersonId>,
    pub(super) days: Option<u32>,
    pub(super) cursor: Option<String>,
}

impl Ask {
    fn filter(&self, zone: &str, limit: u64) -> Result<LoanFilter> {
        let day = |typed: &str| from_local(&format!("{typed}T00:00"), zone);
        let until = day(&self.until).map(|at| at.plus(std::time::Duration::from_secs(86_400)));
        let before = match self.cursor.as_deref().filter(|cursor| !cursor.is_empty()) {
            Some(cursor) => Some(Cursor::decode::<(Timestamp, LoanId)>(cursor)?),
            None => None,
        };
        let only = if self.report == "overdue" { "overdue" } else { "" };
        Ok(LoanFilter {
            from: day(&self.from),
            until,
            person: self.person,
            only: only.to_owned(),
            before,
            limit,
            key: None,
        })
    }

    fn idle_days(&self) -> u32 {
        self.days.unwrap_or(90)
    }

    fn idle_since(&self, now: Timestamp) -> Timestamp {
        now.minus(std::time::Duration::from_secs(u64::from(self.idle_days()) * 86_400))
    }
}

/// The page.
pub(super) async fn show(asker: Asker, State(keys): State<Keys>, Query(ask): Query<Ask>) -> Result {
    if ask.report == "idle" {
        let (_, stock) = seen(&asker, &keys).await?;
        let idle = reads::idle_keys(&keys, &asker.cx, &stock, ask.idle_since(asker.cx.now)).await?;
        return Ok(asker.show(&IdleKeys { idle: idle.into_iter().cloned().collect(), days: ask.idle_days() }));
    }
    let sight = sight(&asker, &keys).await?;
    let mut loans = reads::loans(&keys, &asker.cx, &sight, &ask.filter(asker.zone(), PAGE + 1)?).await?;
    let more = loans.len() > usize::try_from(PAGE).unwrap_or(usize::MAX);
    loans.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    let next = loans.last().filter(|_| more).map(|last| Cursor::encode(&(last.released_at, last.id)));
    let people = if sight.manages_anything() { people_choices(&asker, &keys).await? } else { Vec::new() };
    Ok(asker.show(&Loans { ask, loans, next, people }))
}

/// Who held what when.
pub(super) struct Loans {
    pub(super) ask: Ask,
    pub(super) loans: Vec<LoanRow>,
    pub(super) next: Option<String>,
    /// By whom the list may be narrowed.
    pub(super) people: Vec<(String, String)>,
}

impl Page for Loans {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, ask) = (reader.texts(), &self.ask);
        let current = match &*ask.report {
            "overdue" => "/keys/reports?report=overdue",
            _ => "/keys/reports",
        };
        let people = [(String::new(), t.get("all"))].into_iter().chain(self.people.iter().cloned());
        let filters = Filters::new("/keys/reports", t.get("search"))
            .field(Field::hidden("report", &ask.report))
            .field(Field::date("from", t.get("keys-from")).value(&ask.from))
            .field(Field::date("until", t.get("keys-until")).value(&ask.until))
            .field(
                Field::select("person", t.get("who"))
                    .options(people)
                    .value(ask.person.map(|id| id.to_string()).unwrap_or_default()),
            )
            .more(download_button(reader, &t));
        let body = Markup::from(filters)
            .then(Card::plain().flush().body(table(reader, &self.loans)))
            .then(Pager::new(reader, self.next.as_deref()));
        sheet(reader, &t, current).body(body)
    }
}

/// What nobody uses.
pub(super) struct IdleKeys {
    pub(super) idle: Vec<KeyRow>,
    /// Not moved for so many days.
    pub(super) days: u32,
}

impl Page for IdleKeys {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let rows = self.idle.iter().map(|key| {
            Row::new()
                .cell(&key.name)
                .cell(&key.box_name)
                .cell(key.moved_at.map(|at| reader.time(at, &key.zone).relative()))
                .href(format!("/keys/{}", key.id))
        });
        let columns = [t.get("keys-key"), t.get("keys-box"), t.get("keys-last-moved")].map(Column::new);
        let filters = Filters::new("/keys/reports", t.get("search"))
            .field(Field::hidden("report", "idle"))
            .field(Field::number("days", t.get("keys-idle-days")).value(self.days).short())
            .more(download_button(reader, &t));
        let table = Table::new(t.get("keys-report-idle"), columns)
            .rows(rows)
            .empty(Empty::new(t.get("keys-none-idle"), t.get("keys-none-idle-text")));
        sheet(reader, &t, "/keys/reports?report=idle")
            .body(Markup::from(filters).then(Card::plain().flush().body(table)))
    }
}

fn sheet(reader: &Reader, t: &Texts, current: &str) -> Sheet {
    let tabs = Tabs::new(t.get("keys-reports"), current)
        .tab("/keys/reports", t.get("keys-report-loans"))
        .tab("/keys/reports?report=overdue", t.get("keys-report-overdue"))
        .tab("/keys/reports?report=idle", t.get("keys-report-idle"));
    reader.sheet("keys-reports").crumb("/keys", "keys-title").tabs(tabs)
}

/// The same rows as a file.
fn download_button(reader: &Reader, t: &Texts) -> Button {
    let query = reader.here().split_once('?').map(|(_, query)| format!("?{query}")).unwrap_or_default();
    Button::link(format!("/keys/reports.csv{query}"), t.get("csv")).quiet().icon("download")
}

fn table(reader: &Reader, loans: &[LoanRow]) -> Table {
    let t = reader.texts();
    let columns = [
        Column::new(t.get("keys-key")),
        Column::new(t.get("who")),
        Column::new(t.get("keys-taken-at")),
        Column::new(t.get("keys-due")).secondary(),
        Column::new(t.get("keys-ended-at")),
        Column::new(t.get("state")).narrow(),
    ];
    let rows = loans.iter().map(|loan| {
        let time = |at: Option<Timestamp>| at.map(|at| reader.time(at, reader.zone()));
        let state = t.get(&format!("keys-loan-state-{}", loan.state.word().replace('_', "-")));
        let badge = match loan.late {
            true => Badge::new(t.get("keys-was-late")).tone(Tone::Warn).icon("clock-exclamation"),
            false => Badge::new(state),
        };
        Row::new()
            .cell(&loan.key_name)
            .cell(if loan.name.is_empty() { t.get("keys-holder-unknown") } else { loan.name.clone() })
            .cell(time(loan.taken_at))
            .cell(time(loan.due_at))
            .cell(time(loan.ended_at))
            .cell(badge)
            .href(format!("/keys/{}/history", loan.key))
    });
    Table::new(t.get("keys-report-loans"), columns)
        .rows(rows)
        .empty(Empty::new(t.get("keys-no-history"), t.get("keys-no-history-text")))
}

/// The same as CSV.
pub(super) async fn download(asker: Asker, State(keys): State<Keys>, Query(ask): Query<Ask>) -> Result {
    let t = asker.texts();
    if ask.report == "idle" {
        let (_, stock) = seen(&asker, &keys).await?;
        let idle = reads::idle_keys(&keys, &asker.cx, &stock, ask.idle_since(asker.cx.now)).await?;
        let header = ["keys-key", "keys-box", "keys-last-moved"].map(|id| t.get(id));
        let rows = idle.into_iter().map(|key| {
            [key.name.clone(), key.box_name.clone(), key.moved_at.map(Timestamp::rfc3339).unwrap_or_default()]
        });
        return Ok(csv(&asker, "unused-keys.csv", &header, rows));
    }
    let sight = sight(&asker, &keys).await?;
    let loans = reads::loans(&keys, &asker.cx, &sight, &ask.filter(asker.zone(), MOST)?).await?;
    let header =
        ["keys-key", "who", "keys-way", "keys-taken-at", "keys-due", "keys-ended-at", "state", "note"]
            .map(|id| t.get(id));
    let rows = loans.into_iter().map(|loan| {
        let time = |at: Option<Timestamp>| at.map(Timestamp::rfc3339).unwrap_or_default();
        [
            loan.key_name,
            loan.name,
            t.get(&format!("keys-way-{}", loan.way.word().replace('_', "-"))),
            time(loan.taken_at),
            time(loan.due_at),
            time(loan.ended_at),
            t.get(&format!("keys-loan-state-{}", loan.state.word().replace('_', "-"))),
            loan.note.unwrap_or_default(),
        ]
    });
    Ok(csv(&asker, "key-loans.csv", &header, rows))
}
