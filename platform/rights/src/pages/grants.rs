//! The list of grants, one grant, and the form that gives one.

use axum::extract::{Path, State};
use axum::response::Response;
use ipnet::IpNet;
use sekisho_kernel::ResourceId;
use sekisho_policy::{Conditions, Grant, GrantFilter, GrantId, NewGrant, Right, ScheduleId, Subject, Target};
use sekisho_web::parts::{
    Badge, Button, Card, Column, Confirm, Empty, Field, Filters, FormBox, Grid, KeyValue, Pager, Row, Table,
    Tone,
};
use sekisho_web::{
    Asker, Form, FormState, JsonList, Markup, Page, Paging, Query, Reader, Result, Sheet, Texts, csv,
    from_local,
};
use serde::Deserialize;

use super::tabs;
use crate::labels::{
    Labels, Named, Wanted, kind_word, read_subject, read_target, right_word, subject_value, target_value,
};
use crate::{Rights, RightsError};

/// Rows of a page and of a CSV file.
const ROWS: u64 = 50;
const CSV_ROWS: u64 = 20_000;
/// People, groups and resources in a form's lists; a search narrows them.
const CHOICES: u64 = 500;
/// So many fit into a list without a search above it.
const FEW: usize = 40;

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

/// The form's fields as they are typed; also the address of a prefilled form.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct GrantForm {
    subject: String,
    right: String,
    target: String,
    schedule: Option<ScheduleId>,
    valid_from: String,
    valid_until: String,
    step_up_minutes: Option<u32>,
    networks: String,
    second_person: bool,
    note: String,
    /// Narrows the lists of a prefilled form.
    q: String,
}

impl GrantForm {
    fn read(&self, zone: &str) -> std::result::Result<NewGrant, RightsError> {
        let time = |typed: &str, field| match typed.trim() {
            "" => Ok(None),
            typed => from_local(typed, zone).map(Some).ok_or(RightsError::field(field, "rights-error-time")),
        };
        let networks = self
            .networks
            .split([',', '\n', ' '])
            .map(str::trim)
            .filter(|typed| !typed.is_empty())
            .map(|typed| {
                typed.parse::<IpNet>().or_else(|_| typed.parse::<std::net::IpAddr>().map(IpNet::from))
            })
            .collect::<std::result::Result<Vec<_>, _>>()
            .map_err(|_| RightsError::field("networks", "rights-error-networks"))?;
        Ok(NewGrant {
            subject: read_subject(&self.subject).ok_or(RightsError::NoSuchSubject)?,
            right: Right::from_word(&self.right).ok_or(RightsError::field("right", "rights-error-right"))?,
            target: read_target(&self.target).ok_or(RightsError::field("target", "rights-error-target"))?,
            schedule: self.schedule,
            valid_from: time(&self.valid_from, "valid_from")?,
            valid_until: time(&self.valid_until, "valid_until")?,
            conditions: Conditions {
                step_up_within_s: self
                    .step_up_minutes
                    .filter(|minutes| *minutes > 0)
                    .map(|minutes| minutes.saturating_mul(60)),
                networks,
                second_person: self.second_person,
            },
            note: self.note.trim().to_owned(),
        })
    }
}

/// The form for a new grant; the address may fill it in, as "allow next time" does.
pub(crate) async fn new(asker: Asker, State(rights): State<Rights>, Query(ask): Query<GrantForm>) -> Result {
    let state = FormState::empty()
        .with("subject", &ask.subject)
        .with("right", if ask.right.is_empty() { Right::Exchange.word() } else { &ask.right })
        .with("target", &ask.target)
        .with("note", &ask.note);
    show_form(&asker, &rights, state, ask.q).await
}

async fn show_form(asker: &Asker, rights: &Rights, state: FormState, search: String) -> Result {
    let mut subjects = rights.names.choices(&asker.cx, &search, CHOICES).await?;
    if let Some(chosen) = read_subject(state.value("subject"))
        && !subjects.iter().any(|(subject, _)| *subject == chosen)
    {
        let names = rights.names.of(&asker.cx, &[chosen]).await?;
        subjects.extend(names);
    }
    let targets = targets(asker, rights).await?;
    let scope = rights.store.read(asker.cx.tenant).await?;
    let schedules = rights.policy.schedules(&scope).await?;
    drop(scope);
    let schedules =
        schedules.into_iter().map(|schedule| (schedule.id.to_string(), schedule.terms.name)).collect();
    let administrator = asker.is_administrator();
    Ok(asker.show(&NewGrantPage { state, search, subjects, targets, schedules, administrator }))
}

/// The form that gives a right.
pub(super) struct NewGrantPage {
    pub(super) state: FormState,
    /// What narrowed the lists.
    pub(super) search: String,
    pub(super) subjects: Vec<(Subject, String)>,
    pub(super) targets: Vec<(String, String)>,
    pub(super) schedules: Vec<(String, String)>,
    pub(super) administrator: bool,
}

impl Page for NewGrantPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, state, search) = (reader.texts(), &self.state, &*self.search);
        let many = !search.is_empty() || self.subjects.len() > FEW;
        let narrow = Filters::new("/rights/new", t.get("rights-search-do"))
            .search(t.get("rights-narrow"), search)
            .field(Field::hidden("target", state.value("target")))
            .field(Field::hidden("right", state.value("right")));
        let help = Card::new(t.get("rights-help-title")).body(Markup::raw(format!(
            "<p>{}</p><p>{}</p>",
            Markup::text(t.get("rights-help-1")),
            Markup::text(t.get("rights-help-2"))
        )));
        let form = when_and_how(self.who_and_what(&t), state, &self.schedules, &t);
        let form = Card::plain().body(Markup::from(many.then_some(narrow)).then(form));
        reader
            .sheet("rights-new")
            .crumb("/rights", "rights-title")
            .body(Grid::main_and_side().add(form).add(help))
    }
}

impl NewGrantPage {
    fn who_and_what(&self, t: &Texts) -> FormBox {
        let state = &self.state;
        let choose = || [(String::new(), t.get("rights-choose"))];
        let subjects = self.subjects.iter().map(|(subject, name)| {
            let word = match subject {
                Subject::Group(_) => t.with("rights-choice-group", [("name", name.as_str())]),
                Subject::Person(_) => name.clone(),
            };
            (subject_value(*subject), word)
        });
        let rights_of = [Right::Exchange, Right::View, Right::Manage]
            .into_iter()
            .filter(|right| self.administrator || *right != Right::Manage)
            .map(|right| (right.word(), t.get(&format!("rights-choice-{}", right.word()))));
        FormBox::post("/rights", state, t)
            .add(
                Field::select("subject", t.get("rights-subject"))
                    .options(choose())
                    .options(subjects)
                    .from(state, t)
                    .required(),
            )
            .add(Field::radio("right", t.get("rights-right")).options(rights_of).from(state, t).required())
            .add(
                Field::select("target", t.get("rights-target"))
                    .options(choose())
                    .options(self.targets.iter().cloned())
                    .from(state, t)
                    .required(),
            )
    }
}

fn when_and_how(form: FormBox, state: &FormState, schedules: &[(String, String)], t: &Texts) -> FormBox {
    let optional = t.get("rights-optional");
    form.heading(t.get("rights-form-when"))
        .add(
            Field::select("schedule", t.get("rights-schedule"))
                .options([(String::new(), t.get("rights-always"))])
                .options(schedules.iter().cloned())
                .from(state, t)
                .hint(t.get("rights-schedule-hint")),
        )
        .beside([
            Field::date_time("valid_from", t.get("rights-valid-from")).from(state, t).optional(&optional),
            Field::date_time("valid_until", t.get("rights-valid-until")).from(state, t).optional(&optional),
        ])
        .heading(t.get("rights-form-conditions"))
        .add(
            Field::number("step_up_minutes", t.get("rights-step-up"))
                .from(state, t)
                .optional(&optional)
                .attr("min", 1)
                .attr("max", 1440)
                .short()
                .hint(t.get("rights-step-up-hint")),
        )
        .add(
            Field::text("networks", t.get("rights-networks"))
                .from(state, t)
                .optional(&optional)
                .placeholder("192.0.2.0/24")
                .hint(t.get("rights-networks-hint")),
        )
        .add(Field::checkbox("second_person", t.get("rights-second-person")).from(state, t))
        .add(
            Field::lines("note", t.get("rights-note"))
                .from(state, t)
                .optional(&optional)
                .attr("maxlength", 500)
                .attr("rows", 2)
                .hint(t.get("rights-note-hint")),
        )
        .submit(t.get("rights-give"))
        .cancel("/rights", t.get("rights-cancel"))
}

/// What the asker may give rights on: administrators everything, others what they manage.
async fn targets(asker: &Asker, rights: &Rights) -> Result<Vec<(String, String)>> {
    let t = asker.texts();
    let named = |kind: &str, name: &str| {
        t.with("rights-choice-thing", [("kind", kind_word(&t, kind)), ("name", name.to_owned())])
    };
    if !asker.is_administrator() {
        let managed = rights.policy.reach(&asker.cx, asker.person()?, Right::Manage).await?;
        let choice = |reached: &sekisho_policy::Reached| {
            (target_value(&Target::Resource { id: reached.resource }), named(&reached.kind, &reached.name))
        };
        return Ok(managed.iter().filter(|reached| reached.now).map(choice).collect());
    }
    let scope = rights.store.read(asker.cx.tenant).await?;
    let resources = rights.policy.resources(&scope, 5_000).await?;
    let mut kinds: Vec<&str> = resources.iter().map(|known| known.kind.as_str()).collect();
    kinds.dedup();
    let mut targets: Vec<(String, String)> = kinds
        .into_iter()
        .map(|kind| {
            let target = Target::AllOf { kind: kind.to_owned() };
            (target_value(&target), t.with("rights-target-all-of", [("kind", kind_word(&t, kind))]))
        })
        .collect();
    targets.extend(
        resources
            .iter()
            .map(|known| (target_value(&Target::Resource { id: known.id }), named(&known.kind, &known.name))),
    );
    targets.push((target_value(&Target::Tenant), t.get("rights-target-tenant")));
    Ok(targets)
}

/// Gives a right.
pub(crate) async fn give(asker: Asker, State(rights): State<Rights>, form: Form<GrantForm>) -> Result {
    let (value, state) = form.split();
    let given = async {
        let new = value?.read(asker.zone())?;
        if rights.names.of(&asker.cx, &[new.subject]).await?.is_empty() {
            return Err(RightsError::NoSuchSubject.into());
        }
        Ok(rights.give(&asker.cx, new).await?)
    };
    match given.await {
        Ok(id) => Ok(asker.done("rights-given", format!("/rights/{id}"))),
        Err(error) => show_form(&asker, &rights, state.failed(error)?, String::new()).await,
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
    rights.reinstate(&asker.cx, id).await?;
    Ok(asker.done("rights-reinstated", format!("/rights/{id}")))
}
