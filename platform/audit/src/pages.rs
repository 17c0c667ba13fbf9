//! The pages of the record, for administrators.

mod samples;

use std::collections::HashMap;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use sekisho_kernel::{EntryId, Outcome};
use sekisho_web::parts::{
    Alert, Button, Card, Column, Empty, Field, Filters, Grid, KeyValue, Pager, Row, Table, Timeline, Tone,
};
use sekisho_web::{
    Asker, Cursor, Markup, Page, Query, Reader, Result, Sheet, Texts, WebError, csv_in_parts, disposition,
};
use serde_json::Value;
use uuid::Uuid;

use crate::ask::Ask;
use crate::{Audit, AuditError, Export, Filter, Format, Found, Inclusion, leaf, words};

pub use samples::samplers;

/// So many rows of a CSV file are read at a time.
const CSV_PART: u64 = 1000;
/// How many of the newest entries are looked through for those worth telling on the first page.
const LOOKED_THROUGH: u64 = 200;

pub(crate) async fn list(asker: Asker, State(audit): State<Audit>, Query(ask): Query<Ask>) -> Result {
    let filter = ask.filter(asker.zone())?;
    let count = ask.count();
    let mut found = audit.record.search(&asker.cx, &filter, ask.before()?, count + 1).await?;
    let more = found.len() > usize::try_from(count).unwrap_or(usize::MAX);
    found.truncate(usize::try_from(count).unwrap_or(usize::MAX));
    let next = found.last().filter(|_| more).map(|last| Cursor::encode(&last.entry.id));
    let shown = found.iter().filter_map(|found| found.entry.target_id);
    let ids: Vec<_> = shown.chain(filter.actor).chain(filter.target).collect();
    let names = audit.record.names(&asker.cx, &ids).await?;
    Ok(asker.show(&RecordPage { ask, filter, found, next, names }))
}

/// The record, newest first.
struct RecordPage {
    ask: Ask,
    filter: Filter,
    found: Vec<Found>,
    next: Option<String>,
    names: HashMap<Uuid, String>,
}

impl Page for RecordPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let columns = [
            Column::new(t.get("when")),
            Column::new(t.get("audit-who")),
            Column::new(t.get("audit-what")),
            Column::new(t.get("audit-target")),
            Column::new(t.get("audit-outcome")).narrow(),
        ];
        let empty = if self.filter.is_empty() {
            Empty::new(t.get("audit-none"), t.get("audit-none-do")).icon("book")
        } else {
            Empty::new(t.get("audit-none-found"), t.get("audit-none-found-do"))
                .icon("search")
                .action(Button::link("/record", t.get("audit-show-all")))
        };
        let table = Table::new(t.get("audit-title"), columns)
            .rows(self.found.iter().map(|found| row(reader, &t, found, &self.names)))
            .empty(empty);
        let body = Markup::from(filters(&t, &self.ask))
            .then(self.about(&t))
            .then(table)
            .then(Pager::new(reader, self.next.as_deref()));
        reader
            .sheet("audit-title")
            .action(Button::link("/record/verify", t.get("audit-verify")).icon("shield-check"))
            .body(body)
    }
}

impl RecordPage {
    /// Says whose or which thing's slice of the record is shown, and leads back to all of it.
    fn about(&self, t: &Texts) -> Markup {
        let filter = &self.filter;
        let ids: Vec<_> = filter.actor.into_iter().chain(filter.target).collect();
        if ids.is_empty() && filter.request.is_none() && filter.target_kind.is_none() {
            return Markup::default();
        }
        let shown: Vec<_> = ids
            .iter()
            .map(|id| self.names.get(id).cloned().unwrap_or_else(|| id.to_string()))
            .chain(filter.target_kind.as_deref().map(|kind| words::kind(t, kind)))
            .chain(filter.request.map(|request| request.to_string()))
            .collect();
        let text = t.with("audit-only", [("names", shown.join(" · "))]);
        Alert::new(Tone::Info, text).action(Button::link("/record", t.get("audit-show-all")).small()).into()
    }
}

/// The newest acts worth telling of as sentences, each with a link to its entry, for the first page; `None` when there
/// are none among the newest [`LOOKED_THROUGH`].
pub(crate) async fn latest(audit: &Audit, asker: &Asker, count: usize) -> Result<Option<Markup>> {
    let t = asker.texts();
    let done = Filter { outcome: Some(Outcome::Done), ..Filter::default() };
    let found = audit.record.search(&asker.cx, &done, None, LOOKED_THROUGH).await?;
    let mut ids: Vec<_> = found.iter().filter_map(|found| found.entry.target_id).collect();
    found.iter().for_each(|found| words::ids(&found.entry.details.0, &mut ids));
    let names = audit.record.names(&asker.cx, &ids).await?;
    let told = found.iter().filter_map(|found| Some((&found.entry, words::told(&t, found, &names)?)));
    let mut told = told.take(count).peekable();
    if told.peek().is_none() {
        return Ok(None);
    }
    let timeline = told.fold(Timeline::new(), |timeline, (entry, sentence)| {
        let sentence = Markup::raw(format!("<a href=\"/record/{}\">", entry.id))
            .then(Markup::text(sentence))
            .then(Markup::raw("</a>"));
        timeline.item(Tone::Plain, "book", sentence, asker.time(entry.at, asker.zone()))
    });
    let more = Button::link("/record", t.get("audit-show-all")).quiet().small();
    Ok(Some(Card::new(t.get("audit-title")).action(more).body(timeline).into()))
}

fn row(reader: &Reader, t: &Texts, found: &Found, names: &HashMap<Uuid, String>) -> Row {
    let entry = &found.entry;
    Row::new()
        .cell(reader.time(entry.at, reader.zone()))
        .cell(words::actor(t, found))
        .cell(words::action(t, &entry.action))
        .cell(words::target(t, found, names))
        .cell(words::outcome(t, entry.outcome.0))
        .href(format!("/record/{}", entry.id))
}

fn filters(t: &Texts, ask: &Ask) -> Filters {
    let query = ask.query();
    let export = |path: &str| if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    let outcomes = [("", t.get("all")), ("done", t.get("audit-done")), ("refused", t.get("audit-refused"))];
    let mut filters = Filters::new("/record", t.get("search"))
        .search(t.get("audit-search"), &ask.q)
        .field(Field::date_time("from", t.get("audit-from")).value(&ask.from))
        .field(Field::date_time("to", t.get("audit-to")).value(&ask.to))
        .field(
            Field::text("action", t.get("audit-action"))
                .value(&ask.action)
                .placeholder("key.take_out")
                .short(),
        )
        .field(
            Field::select("outcome", t.get("audit-outcome"))
                .options(outcomes.into_iter().chain([("failed", t.get("audit-failed"))]))
                .value(&ask.outcome),
        );
    for (name, value) in
        [("actor", &ask.actor), ("kind", &ask.kind), ("target", &ask.target), ("request", &ask.request)]
    {
        if !value.is_empty() {
            filters = filters.field(Field::hidden(name, value));
        }
    }
    filters
        .more(Button::link(export("/record/export.csv"), t.get("csv")).quiet().icon("download"))
        .more(Button::link(export("/record/export.jsonl"), "JSON Lines").quiet().icon("download"))
}

pub(crate) async fn entry(asker: Asker, State(audit): State<Audit>, Path(id): Path<EntryId>) -> Result {
    let found = audit.record.entry(&asker.cx, id).await?;
    let entry = &found.entry;
    let mut ids: Vec<Uuid> = entry.target_id.into_iter().chain(entry.actor_id).collect();
    words::ids(&entry.decision.0, &mut ids);
    words::ids(&entry.details.0, &mut ids);
    ids.sort_unstable();
    ids.dedup();
    let names = audit.record.names(&asker.cx, &ids).await?;
    let proof = proof(&asker, &audit, &found).await?;
    Ok(asker.show(&EntryPage { found, names, proof }))
}

/// One entry, with the reasons of its decision and its proof.
struct EntryPage {
    found: Found,
    names: HashMap<Uuid, String>,
    /// None until the entry is folded into the tree.
    proof: Option<Proof>,
}

impl Page for EntryPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, entry, names) = (reader.texts(), &self.found.entry, &self.names);
        let mut main =
            Markup::from(Card::new(t.get("audit-entry")).body(facts(reader, &t, &self.found, names)));
        if let Some(decision) = words::decision(reader, &entry.decision.0, names) {
            main = main.then(Card::new(t.get("audit-why")).body(decision));
        }
        if let Value::Object(details) = &entry.details.0
            && !details.is_empty()
        {
            let rows = details.iter().fold(KeyValue::new(), |rows, (name, value)| {
                rows.row(name.clone(), words::plain(value, names))
            });
            main = main.then(Card::new(t.get("details")).body(rows));
        }
        let side = Card::new(t.get("audit-proof"));
        let side = match &self.proof {
            Some(proof) => proof.draw(side, &t),
            None => side.body(Alert::new(Tone::Info, t.get("audit-proof-waits"))),
        };
        reader
            .sheet_of(words::action(&t, &entry.action))
            .crumb("/record", "audit-title")
            .body(Grid::main_and_side().add(main).add(side))
    }
}

fn facts(reader: &Reader, t: &Texts, found: &Found, names: &HashMap<Uuid, String>) -> KeyValue {
    let entry = &found.entry;
    let link = |query: String, text: Markup| {
        Markup::raw(format!("<a href=\"/record?{}\">", Markup::text(query)))
            .then(text)
            .then(Markup::raw("</a>"))
    };
    let who = Markup::text(words::actor(t, found));
    let who = match entry.actor_id {
        Some(id) => link(format!("actor={id}"), who),
        None => who,
    };
    let target = words::target(t, found, names);
    let target = match entry.target_id {
        Some(id) => link(format!("target={id}"), target),
        None => target,
    };
    KeyValue::new()
        .row(t.get("when"), reader.time(entry.at, reader.zone()))
        .row("UTC", entry.at.rfc3339())
        .row(t.get("audit-who"), who)
        .row(
            t.get("audit-what"),
            Markup::text(words::action(t, &entry.action)).then(Markup::raw(" ")).then(code(&entry.action)),
        )
        .row(t.get("audit-target"), target)
        .row(t.get("audit-outcome"), words::outcome(t, entry.outcome.0))
        .row(t.get("audit-address"), entry.address.clone())
        .row(t.get("audit-request"), link(format!("request={}", entry.request), code(&entry.request)))
        .row(t.get("audit-id"), code(&entry.id))
}

/// Whether an entry is what was hashed and signed.
struct Proof {
    inclusion: Inclusion,
    note: String,
    holds: bool,
}

/// The proof of an entry, checked anew at each look.
async fn proof(asker: &Asker, audit: &Audit, found: &Found) -> Result<Option<Proof>> {
    let Some((inclusion, note)) = audit.record.inclusion(&asker.cx, found.entry.id).await? else {
        return Ok(None);
    };
    let key = audit.record.public_key(asker.cx.tenant).await?.ok_or(AuditError::Missing)?;
    let own = leaf::hash(leaf::to_text(&found.entry).as_bytes());
    let holds = crate::checkpoint::open(&note, &key).is_some_and(|checkpoint| {
        own == inclusion.hash
            && tlog_tiles::tlog::check_record(
                &inclusion.path,
                checkpoint.size,
                checkpoint.root,
                inclusion.index,
                own,
            )
            .is_ok()
    });
    Ok(Some(Proof { inclusion, note, holds }))
}

impl Proof {
    fn draw(&self, card: Card, t: &Texts) -> Card {
        let inclusion = &self.inclusion;
        let verdict = if self.holds {
            Alert::new(Tone::Good, t.get("audit-proof-holds"))
        } else {
            Alert::new(Tone::Danger, t.get("audit-proof-broken"))
        };
        let path: Vec<_> = inclusion.path.iter().map(ToString::to_string).collect();
        let facts = KeyValue::new()
            .row(t.get("audit-index"), inclusion.index)
            .row(t.get("audit-size"), inclusion.size)
            .row(t.get("audit-hash"), code(&inclusion.hash));
        let path = Markup::raw("<details><summary>")
            .then(t.get("audit-path"))
            .then(Markup::raw("</summary>"))
            .then(pre(&path.join("\n")))
            .then(Markup::raw("</details>"));
        card.body(verdict).body(facts).body(path).body(Markup::raw(format!(
            "<p class=\"muted\">{}</p>{}",
            Markup::text(t.get("audit-checkpoint")),
            pre(&self.note)
        )))
    }
}

pub(crate) async fn how_to_verify(asker: Asker, State(audit): State<Audit>) -> Result {
    audit.sequencer.fold(asker.cx.tenant).await?;
    let note = audit.record.checkpoint(asker.cx.tenant).await?.unwrap_or_default();
    let key = audit.record.public_key(asker.cx.tenant).await?.map(|key| key.to_string()).unwrap_or_default();
    Ok(asker.show(&VerifyPage { note, key }))
}

/// How to verify the record without us.
struct VerifyPage {
    note: String,
    key: String,
}

impl Page for VerifyPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let steps = ["audit-step-export", "audit-step-key", "audit-step-run"];
        let steps = steps.iter().fold(Markup::raw("<ol class=\"stack\">"), |list, step| {
            list.then(Markup::raw("<li>")).then(t.get(step)).then(Markup::raw("</li>"))
        });
        let how = Markup::raw("<p>")
            .then(t.get("audit-how"))
            .then(Markup::raw("</p>"))
            .then(steps)
            .then(Markup::raw("</ol>"))
            .then(pre("sekisho audit verify audit.jsonl --key audit-key.txt"))
            .then(Markup::raw("<p class=\"muted\">"))
            .then(t.get("audit-how-standards"))
            .then(Markup::raw("</p>"));
        let how = Card::new(t.get("audit-how-title")).body(how).footer(
            Markup::from(
                Button::link("/record/export.jsonl", t.get("audit-export-all")).icon("download").primary(),
            )
            .then(Button::link("/record/export.jsonl?format=ocsf", "OCSF").icon("download").quiet()),
        );
        let key = Card::new(t.get("audit-key"))
            .body(Markup::raw("<p>").then(t.get("audit-key-hint")).then(Markup::raw("</p>")))
            .body(pre(&self.key))
            .footer(Button::link("/record/key", t.get("audit-key-file")).icon("download"));
        let checkpoint = Card::new(t.get("audit-checkpoint"))
            .body(Markup::raw("<p>").then(t.get("audit-checkpoint-hint")).then(Markup::raw("</p>")))
            .body(pre(&self.note))
            .footer(Button::link("/record/checkpoint", t.get("audit-checkpoint-file")).icon("download"));
        reader
            .sheet("audit-verify")
            .crumb("/record", "audit-title")
            .body(Grid::main_and_side().add(how).add(Markup::from(key).then(checkpoint)))
    }
}

pub(crate) async fn key_file(asker: Asker, State(audit): State<Audit>) -> Result {
    let key = audit.record.public_key(asker.cx.tenant).await?.ok_or_else(WebError::missing)?;
    Ok(file("audit-key.txt", "text/plain; charset=utf-8", Body::from(format!("{key}\n"))))
}

pub(crate) async fn checkpoint_file(asker: Asker, State(audit): State<Audit>) -> Result {
    let note = audit.record.checkpoint(asker.cx.tenant).await?.ok_or_else(WebError::missing)?;
    Ok(file("audit-checkpoint.txt", "text/plain; charset=utf-8", Body::from(note)))
}

pub(crate) async fn export_csv(asker: Asker, State(audit): State<Audit>, Query(ask): Query<Ask>) -> Result {
    let t = asker.texts();
    let filter = ask.filter(asker.zone())?;
    audit.note_export(&asker.cx, &filter, "csv").await?;
    let header = [
        "audit-time-utc",
        "audit-who",
        "audit-what",
        "audit-action",
        "audit-outcome",
        "audit-kind",
        "audit-target",
        "audit-address",
        "audit-decision",
        "details",
        "audit-request",
        "audit-id",
    ];
    let header = header.map(|id| t.get(id));
    let cx = asker.cx.clone();
    let part = move |before: Option<EntryId>| {
        let (audit, cx, filter, t) = (audit.clone(), cx.clone(), filter.clone(), t.clone());
        async move {
            let found = audit.record.search(&cx, &filter, before, CSV_PART).await?;
            let more = u64::try_from(found.len()).unwrap_or(0) == CSV_PART;
            let last = found.last().filter(|_| more).map(|last| last.entry.id);
            Ok((found.iter().map(|found| csv_row(&t, found)).collect(), last))
        }
    };
    csv_in_parts("audit.csv", header.to_vec(), part).await
}

fn csv_row(t: &Texts, found: &Found) -> Vec<String> {
    let entry = &found.entry;
    let json = |value: &Value| {
        let mut text = String::new();
        leaf::write(value, &mut text);
        if text == "{}" { String::new() } else { text }
    };
    vec![
        entry.at.rfc3339(),
        words::actor(t, found),
        words::action(t, &entry.action),
        entry.action.clone(),
        json(&serde_json::to_value(entry.outcome.0).unwrap_or_default()).trim_matches('"').to_owned(),
        entry.target_kind.clone().unwrap_or_default(),
        entry.target_name.clone().unwrap_or_default(),
        entry.address.clone().unwrap_or_default(),
        json(&entry.decision.0),
        json(&entry.details.0),
        entry.request.to_string(),
        entry.id.to_string(),
    ]
}

pub(crate) async fn export_jsonl(asker: Asker, State(audit): State<Audit>, Query(ask): Query<Ask>) -> Result {
    let (format, name) = match ask.format.as_str() {
        "" | "jsonl" => (Format::Jsonl, "audit.jsonl"),
        "ocsf" => (Format::Ocsf, "audit-ocsf.jsonl"),
        _ => return Err(WebError::invalid("format", "audit-wrong-format")),
    };
    let export = audit.export(&asker.cx, ask.filter(asker.zone())?, format).await?;
    Ok(file(name, "application/jsonl; charset=utf-8", stream(export).await?))
}

/// A body that is written while it is read. The first lines are made at once, so that a failure there is an answer.
async fn stream(mut export: Export) -> Result<Body> {
    let first = export.next_chunk().await?.unwrap_or_default();
    let rest = futures_util::stream::try_unfold((Some(first), export), |(first, mut export)| async move {
        let chunk = match first {
            Some(first) => Some(first),
            None => export.next_chunk().await.map_err(|error| std::io::Error::other(error.to_string()))?,
        };
        Ok::<_, std::io::Error>(chunk.map(|chunk| (Bytes::from(chunk), (None, export))))
    });
    Ok(Body::from_stream(rest))
}

pub(crate) fn file(name: &str, kind: &'static str, body: Body) -> Response {
    (
        [
            (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            (header::CONTENT_DISPOSITION, disposition(name)),
        ],
        body,
    )
        .into_response()
}

fn pre(text: &str) -> Markup {
    Markup::raw("<pre tabindex=\"0\"><code>").then(Markup::text(text)).then(Markup::raw("</code></pre>"))
}

fn code(text: &dyn std::fmt::Display) -> Markup {
    Markup::raw("<code>").then(Markup::text(text)).then(Markup::raw("</code>"))
}
