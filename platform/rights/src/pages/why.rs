//! `/rights/why`: a person, a right, a thing, a time, and the chain of sentences; and who can, and what is reached.

use axum::extract::State;
use sekisho_kernel::{PersonId, ResourceId, Timestamp};
use sekisho_policy::{Ask, Decision, Facts, Reached, Right, Subject, Target, WhoCan};
use sekisho_web::parts::{Badge, Button, Card, Column, Empty, Field, Filters, Grid, Row, Table, Tone};
use sekisho_web::{Asker, Markup, Page, Query, Reader, Result, Sheet, Texts, WebError, from_local, to_local};
use serde::Deserialize;

use super::tabs;
use crate::labels::{Labels, Named, Wanted, kind_word, right_word, subject_value, target_value};
use crate::{Rights, explain};

/// People in the form's list.
const CHOICES: u64 = 500;
/// Rows of an answer.
const ROWS: usize = 1000;

/// The question.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct WhyAsk {
    pub(super) person: Option<PersonId>,
    pub(super) resource: Option<ResourceId>,
    pub(super) right: Option<Right>,
    pub(super) at: String,
}

/// The page.
pub(crate) async fn why(asker: Asker, State(rights): State<Rights>, Query(ask): Query<WhyAsk>) -> Result {
    may_ask(&asker, &rights, &ask).await?;
    let right = ask.right.unwrap_or(Right::Exchange);
    let (people, things) = choices(&asker, &rights).await?;
    let (answer, names) = match (ask.person, ask.resource) {
        (Some(person), Some(resource)) => answer(&asker, &rights, &ask, person, resource, right).await?,
        (None, Some(resource)) => who_can(&asker, &rights, resource, right).await?,
        (Some(person), None) => reach(&asker, &rights, person, right).await?,
        (None, None) => (Answer::None, Named::default()),
    };
    let administrator = asker.is_administrator();
    Ok(asker.show(&WhyPage { ask, right, people, things, answer, names, administrator }))
}

/// The question and its answer.
pub(super) struct WhyPage {
    pub(super) ask: WhyAsk,
    pub(super) right: Right,
    /// About whom one may ask: id and name.
    pub(super) people: Vec<(String, String)>,
    /// About which things: id, kind where things of several kinds are listed, and name.
    pub(super) things: Vec<(String, Option<String>, String)>,
    pub(super) answer: Answer,
    pub(super) names: Named,
    pub(super) administrator: bool,
}

/// What the answer is.
pub(super) enum Answer {
    /// Nothing was asked.
    None,
    /// Whether a person may do something with a thing, and why.
    Chain {
        /// The chain of sentences.
        decision: Decision,
        /// Who.
        person: PersonId,
        /// With what.
        resource: ResourceId,
        /// At which time.
        at: Timestamp,
        /// Whether the reader may allow it.
        may_allow: bool,
    },
    /// Who can do it with a thing.
    WhoCan {
        /// With what.
        resource: ResourceId,
        /// Everybody.
        who: Vec<WhoCan>,
    },
    /// What a person reaches.
    Reach {
        /// Who.
        person: PersonId,
        /// Everything.
        reached: Vec<Reached>,
    },
}

impl Page for WhyPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let labels = self.names.labels(&t);
        let answer = match &self.answer {
            Answer::None => Card::plain()
                .body(
                    Empty::new(t.get("rights-why-empty"), t.get("rights-why-empty-text")).icon("help-circle"),
                )
                .into(),
            Answer::Chain { decision, person, resource, at, may_allow } => {
                let question = question(*person, self.right, *resource, *at);
                let card = self.chain(reader, &labels, &question, decision, *at);
                let card = if *may_allow { card.footer(allow(&t, &question)) } else { card };
                card.into()
            }
            Answer::WhoCan { resource, who } => self.who_can(reader, &labels, *resource, who),
            Answer::Reach { person, reached } => self.reach(&t, &labels, *person, reached),
        };
        reader
            .sheet("rights-why")
            .crumb("/rights", "rights-title")
            .tabs(tabs(reader, self.administrator, "/rights/why"))
            .body(Markup::from(self.form(&t)).then(answer))
    }
}

/// Administrators may ask anything; others about themselves, and about what they manage.
async fn may_ask(asker: &Asker, rights: &Rights, ask: &WhyAsk) -> Result<()> {
    if asker.is_administrator() || (ask.person.is_none() && ask.resource.is_none()) {
        return Ok(());
    }
    if ask.person == Some(asker.person()?) {
        return Ok(());
    }
    let Some(id) = ask.resource else { return Err(WebError::missing()) };
    let manages = rights.standing(&asker.cx, Right::View, &Target::Resource { id }).await?.is_some();
    if manages { Ok(()) } else { Err(WebError::missing()) }
}

/// Whom and what the form offers: administrators everything, others themselves and what they see.
async fn choices(asker: &Asker, rights: &Rights) -> Result<Choices> {
    let people: Vec<(String, String)> = if asker.is_administrator() {
        let choices = rights.names.choices(&asker.cx, "", CHOICES).await?;
        let person = |(subject, name)| match subject {
            Subject::Person(id) => Some((id.to_string(), name)),
            Subject::Group(_) => None,
        };
        choices.into_iter().filter_map(person).collect()
    } else {
        let own = asker.person()?;
        let names = rights.names.of(&asker.cx, &[Subject::Person(own)]).await?;
        names.into_values().map(|name| (own.to_string(), name)).collect()
    };
    let things = if asker.is_administrator() {
        let scope = rights.store.read(asker.cx.tenant).await?;
        let resources = rights.policy.resources(&scope, 5_000).await?;
        resources.into_iter().map(|known| (known.id.to_string(), Some(known.kind), known.name)).collect()
    } else {
        let reached = rights.policy.reach(&asker.cx, asker.person()?, Right::View).await?;
        reached.into_iter().map(|reached| (reached.resource.to_string(), None, reached.name)).collect()
    };
    Ok((people, things))
}

type Choices = (Vec<(String, String)>, Vec<(String, Option<String>, String)>);

/// Asked about the person, not about this request: a fresh second factor is taken for granted, an address is not known.
fn question(person: PersonId, right: Right, resource: ResourceId, at: Timestamp) -> Ask<'static> {
    let facts = Facts { verified_at: Some(at), address: None, second_person: None };
    Ask { person, right, action: "", resource, zone: "", facts }
}

async fn answer(
    asker: &Asker,
    rights: &Rights,
    ask: &WhyAsk,
    person: PersonId,
    resource: ResourceId,
    right: Right,
) -> Result<(Answer, Named)> {
    let at = from_local(&ask.at, asker.zone()).unwrap_or(asker.cx.now);
    let decision = rights.policy.decide_at(&asker.cx, at, &question(person, right, resource, at)).await?;
    let mut wanted = Wanted::default();
    wanted.subject(Subject::Person(person));
    wanted.target(&Target::Resource { id: resource });
    decision.reasons.iter().for_each(|reason| wanted.reason(reason));
    let names = rights.names_of(&asker.cx, &wanted).await?;
    let thing = Target::Resource { id: resource };
    let may_allow = !decision.allowed && rights.standing(&asker.cx, right, &thing).await?.is_some();
    Ok((Answer::Chain { decision, person, resource, at, may_allow }, names))
}

async fn who_can(
    asker: &Asker,
    rights: &Rights,
    resource: ResourceId,
    right: Right,
) -> Result<(Answer, Named)> {
    let mut who = rights.policy.who_can(&asker.cx, resource, right).await?;
    who.truncate(ROWS);
    let mut wanted = Wanted::default();
    wanted.target(&Target::Resource { id: resource });
    for who in &who {
        wanted.subject(Subject::Person(who.person));
        who.chains.iter().flat_map(|chain| &chain.subjects).for_each(|subject| wanted.subject(*subject));
    }
    Ok((Answer::WhoCan { resource, who }, rights.names_of(&asker.cx, &wanted).await?))
}

async fn reach(asker: &Asker, rights: &Rights, person: PersonId, right: Right) -> Result<(Answer, Named)> {
    let mut reached = rights.policy.reach(&asker.cx, person, right).await?;
    reached.truncate(ROWS);
    let mut wanted = Wanted::default();
    wanted.subject(Subject::Person(person));
    Ok((Answer::Reach { person, reached }, rights.names_of(&asker.cx, &wanted).await?))
}

impl WhyPage {
    fn form(&self, t: &Texts) -> Filters {
        let things = self.things.iter().map(|(id, kind, name)| {
            let named =
                |kind| t.with("rights-choice-thing", [("kind", kind_word(t, kind)), ("name", name.clone())]);
            (id.clone(), kind.as_deref().map_or_else(|| name.clone(), named))
        });
        let anybody = [(String::new(), t.get("rights-why-anybody"))];
        let anything = [(String::new(), t.get("rights-why-anything"))];
        Filters::new("/rights/why", t.get("rights-why-ask"))
            .field(
                Field::select("person", t.get("rights-why-person"))
                    .options(anybody)
                    .options(self.people.iter().cloned())
                    .value(self.ask.person.map(|id| id.to_string()).unwrap_or_default()),
            )
            .field(
                Field::select("right", t.get("rights-right"))
                    .options(Right::ALL.map(|right| (right.word(), right_word(t, right))))
                    .value(self.right.word()),
            )
            .field(
                Field::select("resource", t.get("rights-target"))
                    .options(anything)
                    .options(things)
                    .value(self.ask.resource.map(|id| id.to_string()).unwrap_or_default()),
            )
            .field(Field::date_time("at", t.get("rights-why-at")).value(&self.ask.at))
    }

    fn chain(
        &self,
        reader: &Reader,
        labels: &Labels<'_>,
        question: &Ask<'_>,
        decision: &Decision,
        at: Timestamp,
    ) -> Card {
        let t = reader.texts();
        let chain = explain::chain(reader, labels, question, decision, reader.zone());
        let when = reader.time(at, reader.zone()).words();
        let note = t.with("rights-why-note", [("when", when), ("revision", decision.revision.to_string())]);
        let note = Markup::raw(format!("<p class=\"muted small\">{}</p>", Markup::text(note)));
        Card::new(t.get("rights-why-answer")).body(Markup::from(chain).then(note))
    }

    fn who_can(&self, reader: &Reader, labels: &Labels<'_>, resource: ResourceId, who: &[WhoCan]) -> Markup {
        let t = reader.texts();
        let at = to_local(reader.now(), reader.zone());
        let rows = who.iter().map(|who| {
            let through: Vec<String> = who
                .chains
                .iter()
                .filter_map(|chain| chain.subjects.last())
                .map(|subject| match subject {
                    Subject::Person(_) => t.get("rights-through-own"),
                    Subject::Group(_) => labels.subject(*subject),
                })
                .collect();
            let href = format!(
                "/rights/why?person={}&resource={resource}&right={}&at={at}",
                who.person,
                self.right.word()
            );
            Row::new()
                .cell(labels.subject(Subject::Person(who.person)))
                .cell(right_word(&t, who.right))
                .cell(through.join(&t.get("rights-words-and")))
                .cell(now_badge(&t, who.now))
                .href(href)
        });
        let columns = ["rights-why-person", "rights-right", "rights-through", "rights-state"]
            .map(|id| Column::new(t.get(id)));
        let thing = labels.target(&Target::Resource { id: resource });
        let title = t.with("rights-who-can", [("thing", thing)]);
        let table = Table::new(title.clone(), columns)
            .rows(rows)
            .empty(Empty::new(t.get("rights-who-nobody"), t.get("rights-who-nobody-text")).icon("users"));
        Card::new(title).flush().body(table).into()
    }

    fn reach(&self, t: &Texts, labels: &Labels<'_>, person: PersonId, reached: &[Reached]) -> Markup {
        let rows = reached.iter().map(|reached| {
            let href = format!(
                "/rights/why?person={person}&resource={}&right={}",
                reached.resource,
                self.right.word()
            );
            Row::new()
                .cell(&reached.name)
                .cell(kind_word(t, &reached.kind))
                .cell(now_badge(t, reached.now))
                .href(href)
        });
        let columns = ["rights-target", "rights-kind", "rights-state"].map(|id| Column::new(t.get(id)));
        let title = t.with("rights-reach", [("who", labels.subject(Subject::Person(person)))]);
        let table = Table::new(title.clone(), columns).rows(rows).empty(
            Empty::new(t.get("rights-reach-nothing"), t.get("rights-reach-nothing-text")).icon("shield"),
        );
        Grid::cards().add(Card::new(title).flush().body(table)).into()
    }
}

/// Leads to the form that gives what was refused.
fn allow(t: &Texts, question: &Ask<'_>) -> Button {
    let href = format!(
        "/rights/new?subject={}&target={}&right={}",
        subject_value(Subject::Person(question.person)),
        target_value(&Target::Resource { id: question.resource }),
        question.right.word()
    );
    Button::link(href, t.get("rights-why-allow")).primary().icon("plus")
}

fn now_badge(t: &Texts, now: bool) -> Badge {
    if now {
        Badge::new(t.get("rights-now")).tone(Tone::Good)
    } else {
        Badge::new(t.get("rights-later")).tone(Tone::Plain)
    }
}
