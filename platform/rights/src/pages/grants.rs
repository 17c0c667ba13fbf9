//! The list of grants, and one grant. The form that gives one is in `new_grant.rs`.

use axum::extract::{Path, State};
use axum::response::Response;
use sekisho_kernel::ResourceId;
use sekisho_policy::{Conditions, Grant, GrantFilter, GrantId, Right, ScheduleId, Subject, Target};
use sekisho_web::parts::{
    Badge, Button, Card, Column, Confirm, Empty, Field, Filters, KeyValue, Pager, Row, Table, Tone,
};
use sekisho_web::{Asker, JsonList, Markup, Page, Paging, Query, Reader, Result, Sheet, Texts, csv};
use serde::Deserialize;

use super::tabs;
use crate::Rights;
use crate::labels::{Labels, Named, Wanted, read_subject, right_word};

/// Rows of a page and of a CSV file.
const ROWS: u64 = 50;
const CSV_ROWS: u64 = 20_000;
/// People, groups and resources that a search finds.
const CHOICES: u64 = 500;

/// What the list shows.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct ListAsk {
    pub(super) q: String,
    pub(super) right: Option<Right>,
    pub(super) schedule: Option<ScheduleId>,
    pub(super) resource: Option<ResourceId>,
    pub(super) subject: String,
    pub(super) state: String,
    pub(super) sort: String,
    pub(super) cursor: Option<String>,
    pub(super) csv: bool,
}

impl Rights {
    /// The filter of a list, within what the asker may see: administrators all, others what they manage.
    pub(crate) async fn filter(&self, asker: &Asker, ask: &ListAsk) -> Result<GrantFilter> {
        let mut filter = GrantFilter {
            right: ask.right,
            schedule: ask.schedule,
            subjects: read_subject(&ask.subject).map(|subject| vec![subject]),
            withdrawn: ask.state == "withdrawn",
            oldest_first: ask.sort == "given",
            after: Paging { cursor: ask.cursor.clone(), limit: None }.after::<GrantId>()?,
            ..GrantFilter::default()
        };
        if !ask.q.trim().is_empty() {
            let subjects = self.names.choices(&asker.cx, ask.q.trim(), CHOICES).await?;
            let scope = self.store.read(asker.cx.tenant).await?;
            let wanted = ask.q.trim().to_lowercase();
            let resources = self.policy.resources(&scope, 10_000).await?;
            let resources = resources.into_iter().filter(|known| known.name.to_lowercase().contains(&wanted));
            let resources = resources.map(|known| known.id).take(CHOICES as usize).collect();
            filter.either = Some((subjects.into_iter().map(|(subject, _)| subject).collect(), resources));
        }
        let managed = if asker.is_administrator() {
            None
        } else {
            let reached = self.policy.reach(&asker.cx, asker.person()?, Right::Manage).await?;
            Some(reached.into_iter().map(|reached| reached.resource).collect::<Vec<_>>())
        };
        filter.resources = match (ask.resource, managed) {
            (Some(id), None) => Some(vec![id]),
            (Some(id), Some(managed)) => Some(managed.into_iter().filter(|known| *known == id).collect()),
            (None, managed) => managed,
        };
        Ok(filter)
    }
}

/// All grants, as a page or as CSV.
pub(crate) async fn list(asker: Asker, State(rights): State<Rights>, Query(ask): Query<ListAsk>) -> Result {
    let filter = rights.filter(&asker, &ask).await?;
    let scope = rights.store.read(asker.cx.tenant).await?;
    let most = if ask.csv { CSV_ROWS } else { ROWS + 1 };
    let found = rights.policy.grants(&scope, &filter, most).await?;
    drop(scope);
    let mut wanted = Wanted::default();
    found.iter().for_each(|grant| wanted.grant(grant));
    if let Some(id) = ask.resource {
        wanted.target(&Target::Resource { id });
    }
    let names = rights.names_of(&asker.cx, &wanted).await?;
    if ask.csv {
        return Ok(as_csv(&asker, &names.labels(&asker.texts()), &found));
    }
    let page = JsonList::of(found, ROWS, |grant| grant.id);
    let (grants, next, administrator) = (page.items, page.next_cursor, asker.is_administrator());
    Ok(asker.show(&GrantList { grants, next, names, ask, administrator }))
}

/// The grants the reader may see.
pub(super) struct GrantList {
    pub(super) grants: Vec<Grant>,
    pub(super) next: Option<String>,
    pub(super) names: Named,
    pub(super) ask: ListAsk,
    pub(super) administrator: bool,
}

impl Page for GrantList {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, ask) = (reader.texts(), &self.ask);
        let labels = self.names.labels(&t);
        let columns = [
            Column::new(t.get("rights-subject")),
            Column::new(t.get("rights-right")).narrow(),
            Column::new(t.get("rights-target")),
            Column::new(t.get("rights-when")).secondary(),
            Column::new(t.get("rights-state")).narrow(),
            Column::new(t.get("rights-given-at")).secondary().sort(reader, "given", &ask.sort),
        ];
        let rows = self.grants.iter().map(|grant| row(reader, &labels, grant));
        let first = Button::link("/rights/new", t.get("rights-new")).primary().icon("plus");
        let empty = if ask.q.is_empty() && ask.resource.is_none() && ask.right.is_none() {
            Empty::new(t.get("rights-none"), t.get("rights-none-text"))
                .icon("shield-check")
                .action(first.clone())
        } else {
            Empty::new(t.get("rights-not-found"), t.get("rights-not-found-text")).icon("search")
        };
        let table = Table::new(t.get("rights-grants"), columns).rows(rows).empty(empty);
        let body = Markup::from(filters(reader, &labels, ask))
            .then(table)
            .then(Pager::new(reader, self.next.as_deref()));
        let tabs = tabs(reader, self.administrator, "/rights");
        reader.sheet("rights-title").action(first).tabs(tabs).body(body)
    }
}

fn filters(reader: &Reader, labels: &Labels<'_>, ask: &ListAsk) -> Filters {
    let t = reader.texts();
    let all = || (String::new(), t.get("rights-all"));
    let rights = Right::ALL.map(|right| (right.word().to_owned(), right_word(&t, right)));
    let schedules =
        labels.schedules().iter().map(|schedule| (schedule.id.to_string(), schedule.terms.name.clone()));
    let states = [("", "rights-state-standing"), ("withdrawn", "rights-state-withdrawn")];
    let here = reader.here();
    let csv_href = format!("{here}{}csv=on", if here.contains('?') { "&" } else { "?" });
    let mut filters = Filters::new("/rights", t.get("rights-search-do"))
        .search(t.get("rights-search"), &ask.q)
        .field(
            Field::select("right", t.get("rights-right"))
                .options([all()])
                .options(rights)
                .value(ask.right.map_or("", Right::word)),
        )
        .field(
            Field::select("schedule", t.get("rights-schedule"))
                .options([all()])
                .options(schedules)
                .value(ask.schedule.map(|id| id.to_string()).unwrap_or_default()),
        )
        .field(
            Field::select("state", t.get("rights-state"))
                .options(states.map(|(value, id)| (value, t.get(id))))
                .value(&ask.state),
        )
        .more(Button::link(csv_href, t.get("rights-csv")).quiet().icon("download"));
    if let Some(id) = ask.resource {
        let name = labels.target(&Target::Resource { id });
        let without =
            Button::link("/rights", t.with("rights-without", [("name", name)])).plain().small().icon("x");
        filters = filters.field(Field::hidden("resource", id)).more(without);
    }
    filters
}

fn row(reader: &Reader, labels: &Labels<'_>, grant: &Grant) -> Row {
    let t = reader.texts();
    let target = Markup::text(labels.target(&grant.terms.target));
    let kind = labels.target_kind(&grant.terms.target);
    let kind = Markup::raw(format!(" <span class=\"muted small\">{}</span>", Markup::text(kind)));
    Row::new()
        .cell(labels.subject(grant.terms.subject))
        .cell(Badge::new(right_word(&t, grant.terms.right)))
        .cell(target.then(kind))
        .cell(terms(reader, labels, grant).join(&t.get("rights-words-and")))
        .cell(state(reader, grant))
        .cell(reader.time(grant.given_at, reader.zone()).relative())
        .href(format!("/rights/{}", grant.id))
}

fn state(reader: &Reader, grant: &Grant) -> Badge {
    let t = reader.texts();
    let (tone, id) = match grant {
        Grant { withdrawn_at: Some(_), .. } => (Tone::Plain, "rights-state-withdrawn"),
        _ if grant.terms.valid_until.is_some_and(|until| until <= reader.now()) => {
            (Tone::Plain, "rights-state-ended")
        }
        _ if grant.valid_at(reader.now()) => (Tone::Good, "rights-state-valid"),
        _ => (Tone::Info, "rights-state-future"),
    };
    Badge::new(t.get(id)).tone(tone)
}

/// When and under which conditions a grant holds, in words; "always" when there is nothing to say.
fn terms(reader: &Reader, labels: &Labels<'_>, grant: &Grant) -> Vec<String> {
    let t = reader.texts();
    let terms = &grant.terms;
    let mut words = Vec::new();
    let time = |at| reader.time(at, reader.zone()).words();
    if let Some(schedule) = terms.schedule {
        words.push(labels.schedule(schedule));
    }
    match (terms.valid_from, terms.valid_until) {
        (Some(from), Some(until)) => {
            words.push(t.with("rights-from-until", [("from", time(from)), ("until", time(until))]));
        }
        (Some(from), None) => words.push(t.with("rights-from", [("from", time(from))])),
        (None, Some(until)) => words.push(t.with("rights-until", [("until", time(until))])),
        (None, None) => {}
    }
    words.extend(conditions(reader, &terms.conditions));
    if words.is_empty() {
        words.push(t.get("rights-always"));
    }
    words
}

fn conditions(reader: &Reader, conditions: &Conditions) -> Vec<String> {
    let t = reader.texts();
    let mut words = Vec::new();
    if let Some(within_s) = conditions.step_up_within_s {
        words.push(t.with("rights-condition-step-up", [("minutes", within_s.div_ceil(60).to_string())]));
    }
    if !conditions.networks.is_empty() {
        let networks: Vec<String> = conditions.networks.iter().map(ToString::to_string).collect();
        words.push(t.with("rights-condition-networks", [("networks", networks.join(", "))]));
    }
    if conditions.second_person {
        words.push(t.get("rights-condition-second"));
    }
    words
}

fn as_csv(asker: &Asker, labels: &Labels<'_>, grants: &[Grant]) -> Response {
    let t = asker.texts();
    let header = [
        "rights-subject",
        "rights-right",
        "rights-target",
        "rights-kind",
        "rights-when",
        "rights-state",
        "rights-given-at",
        "rights-given-by",
        "rights-note",
    ]
    .map(|id| t.get(id));
    let rows = grants.iter().map(|grant| {
        let state =
            if grant.withdrawn_at.is_some() { "rights-state-withdrawn" } else { "rights-state-standing" };
        [
            labels.subject(grant.terms.subject),
            right_word(&t, grant.terms.right),
            labels.target(&grant.terms.target),
            labels.target_kind(&grant.terms.target),
            terms(&asker.reader(), labels, grant).join(" / "),
            t.get(state),
            grant.given_at.rfc3339(),
            grant.given_by.map(|giver| labels.subject(Subject::Person(giver))).unwrap_or_default(),
            grant.terms.note.clone(),
        ]
    });
    csv(asker, "rights.csv", &header, rows)
}

/// One grant.
pub(crate) async fn one(asker: Asker, State(rights): State<Rights>, Path(id): Path<GrantId>) -> Result {
    let grant = rights.visible(&asker.cx, id).await?;
    let mut wanted = Wanted::default();
    wanted.grant(&grant);
    let names = rights.names_of(&asker.cx, &wanted).await?;
    let may_change = rights.standing(&asker.cx, grant.terms.right, &grant.terms.target).await?.is_some();
    Ok(asker.show(&GrantPage { grant, names, may_change }))
}

/// One grant.
pub(super) struct GrantPage {
    pub(super) grant: Grant,
    pub(super) names: Named,
    pub(super) may_change: bool,
}

impl Page for GrantPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, terms) = (reader.texts(), &self.grant.terms);
        let labels = self.names.labels(&t);
        let mut side = Markup::default();
        if let (Subject::Person(person), Target::Resource { id }) = (terms.subject, &terms.target) {
            let href = format!("/rights/why?person={person}&resource={id}&right={}", terms.right.word());
            side = Button::link(href, t.get("rights-why")).plain().icon("help-circle").into();
        }
        let named = [("who", labels.subject(terms.subject)), ("thing", labels.target(&terms.target))];
        reader
            .sheet_of(t.with("rights-one-title", named))
            .crumb("/rights", "rights-title")
            .action(self.action(&t, &labels))
            .body(Card::plain().body(Markup::from(self.facts(reader, &t, &labels)).then(side)))
    }
}

impl GrantPage {
    fn facts(&self, reader: &Reader, t: &Texts, labels: &Labels<'_>) -> KeyValue {
        let grant = &self.grant;
        let giver = grant.given_by.map_or_else(
            || Markup::text(t.get("rights-given-by-system")),
            |giver| labels.subject_link(Subject::Person(giver)),
        );
        let words = terms(reader, labels, grant);
        let mut facts = KeyValue::new()
            .row(t.get("rights-subject"), labels.subject_link(grant.terms.subject))
            .row(t.get("rights-right"), right_word(t, grant.terms.right))
            .row(t.get("rights-target"), labels.target_link(&grant.terms.target))
            .row(t.get("rights-when"), words.join(&t.get("rights-words-and")))
            .row(t.get("rights-state"), state(reader, grant))
            .row(t.get("rights-given-at"), reader.time(grant.given_at, reader.zone()))
            .row(t.get("rights-given-by"), giver);
        if let Some(at) = grant.withdrawn_at {
            facts = facts.row(t.get("rights-withdrawn-at"), reader.time(at, reader.zone()));
        }
        facts.row(t.get("rights-note"), grant.terms.note.as_str())
    }

    /// Withdraw it, or take the withdrawal back.
    fn action(&self, t: &Texts, labels: &Labels<'_>) -> Markup {
        let grant = &self.grant;
        let here = format!("/rights/{}", grant.id);
        match (self.may_change, grant.withdrawn_at) {
            (false, _) => Markup::default(),
            (true, Some(_)) => Button::post(format!("{here}/reinstate"), t.get("rights-reinstate"))
                .plain()
                .icon("arrow-back-up")
                .into(),
            (true, None) => {
                let args = [
                    ("who", labels.subject(grant.terms.subject)),
                    ("thing", labels.target(&grant.terms.target)),
                ];
                let question = t.with("rights-withdraw-question", args);
                let button = t.get("rights-withdraw");
                Confirm::new(format!("{here}/withdraw"), button.clone(), question, button).icon("ban").into()
            }
        }
    }
}

/// Withdraws a grant; the notice offers to take it back.
pub(crate) async fn withdraw(asker: Asker, State(rights): State<Rights>, Path(id): Path<GrantId>) -> Result {
    rights.withdraw(&asker.cx, id).await?;
    let undo = format!("/rights/{id}/reinstate");
    Ok(asker.done_with_undo("rights-withdrawn", "/rights", Some(&undo)))
}

/// Takes a withdrawal back.
pub(crate) async fn reinstate(asker: Asker, State(rights): State<Rights>, Path(id): Path<GrantId>) -> Result {
    if rights.visible(&asker.cx, id).await?.terms.right == Right::Manage && asker.is_administrator() {
        asker.proven("rights", || format!("/rights/{id}"))?;
    }
    rights.reinstate(&asker.cx, id).await?;
    Ok(asker.done("rights-reinstated", format!("/rights/{id}")))
}
