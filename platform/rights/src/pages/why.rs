//! `/rights/why`: a person, a right, a thing, a time, and the chain of sentences; and who can, and what is reached.

use axum::extract::State;
use sekisho_kernel::{PersonId, ResourceId};
use sekisho_policy::{Ask, Facts, Right, Subject, Target};
use sekisho_web::parts::{Badge, Button, Card, Column, Empty, Field, Filters, Grid, Row, Table, Tone};
use sekisho_web::{Asker, Markup, Query, Result, WebError, from_local, to_local};
use serde::Deserialize;

use super::tabs;
use crate::labels::{Wanted, kind_word, right_word, subject_value, target_value};
use crate::{Rights, explain};

/// People in the form's list.
const CHOICES: u64 = 500;

/// The question.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct WhyAsk {
    person: Option<PersonId>,
    resource: Option<ResourceId>,
    right: Option<Right>,
    at: String,
}

/// The page.
pub(crate) async fn why(asker: Asker, State(rights): State<Rights>, Query(ask): Query<WhyAsk>) -> Result {
    may_ask(&asker, &rights, &ask).await?;
    let t = asker.texts();
    let right = ask.right.unwrap_or(Right::Exchange);
    let form = form(&asker, &rights, &ask, right).await?;
    let body = match (ask.person, ask.resource) {
        (Some(person), Some(resource)) => answer(&asker, &rights, &ask, person, resource, right).await?,
        (None, Some(resource)) => who_can(&asker, &rights, resource, right).await?,
        (Some(person), None) => reach(&asker, &rights, person, right).await?,
        (None, None) => Card::plain()
            .body(Empty::new(t.get("rights-why-empty"), t.get("rights-why-empty-text")).icon("help-circle"))
            .into(),
    };
    let body = Markup::from(form).then(body);
    Ok(asker
        .view("rights-why")
        .crumb("/rights", "rights-title")
        .tabs(tabs(&asker, "/rights/why"))
        .show_markup(body))
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

async fn form(asker: &Asker, rights: &Rights, ask: &WhyAsk, right: Right) -> Result<Filters> {
    let t = asker.texts();
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
    let scope = rights.store.read(asker.cx.tenant).await?;
    let resources: Vec<(String, String)> = if asker.is_administrator() {
        let resources = rights.policy.resources(&scope, 5_000).await?;
        let named = |kind: &str, name: String| {
            t.with("rights-choice-thing", [("kind", kind_word(&t, kind)), ("name", name)])
        };
        resources.into_iter().map(|known| (known.id.to_string(), named(&known.kind, known.name))).collect()
    } else {
        let reached = rights.policy.reach(&asker.cx, asker.person()?, Right::View).await?;
        reached.into_iter().map(|reached| (reached.resource.to_string(), reached.name)).collect()
    };
    let anybody = [(String::new(), t.get("rights-why-anybody"))];
    let anything = [(String::new(), t.get("rights-why-anything"))];
    Ok(Filters::new("/rights/why", t.get("rights-why-ask"))
        .field(
            Field::select("person", t.get("rights-why-person"))
                .options(anybody)
                .options(people)
                .value(ask.person.map(|id| id.to_string()).unwrap_or_default()),
        )
        .field(
            Field::select("right", t.get("rights-right"))
                .options(Right::ALL.map(|right| (right.word(), right_word(&t, right))))
                .value(right.word()),
        )
        .field(
            Field::select("resource", t.get("rights-target"))
                .options(anything)
                .options(resources)
                .value(ask.resource.map(|id| id.to_string()).unwrap_or_default()),
        )
        .field(Field::date_time("at", t.get("rights-why-at")).value(&ask.at)))
}

async fn answer(
    asker: &Asker,
    rights: &Rights,
    ask: &WhyAsk,
    person: PersonId,
    resource: ResourceId,
    right: Right,
) -> Result<Markup> {
    let t = asker.texts();
    let at = from_local(&ask.at, asker.zone()).unwrap_or(asker.cx.now);
    // Asked about the person, not about this request: a fresh second factor is taken for granted, an address is not known.
    let facts = Facts { verified_at: Some(at), address: None, second_person: None };
    let question = Ask { person, right, action: "", resource, zone: "", facts };
    let decision = rights.policy.decide_at(&asker.cx, at, &question).await?;
    let mut wanted = Wanted::default();
    wanted.subject(Subject::Person(person));
    wanted.target(&Target::Resource { id: resource });
    decision.reasons.iter().for_each(|reason| wanted.reason(reason));
    let labels = rights.labels(asker, &wanted).await?;
    let chain = explain::chain(asker, &labels, &question, &decision, asker.zone());
    let note = t.with(
        "rights-why-note",
        [("when", asker.time(at, asker.zone()).words()), ("revision", decision.revision.to_string())],
    );
    let note = Markup::raw(format!("<p class=\"muted small\">{}</p>", Markup::text(note)));
    let mut card = Card::new(t.get("rights-why-answer")).body(Markup::from(chain).then(note));
    let thing = Target::Resource { id: resource };
    if !decision.allowed && rights.standing(&asker.cx, right, &thing).await?.is_some() {
        let href = format!(
            "/rights/new?subject={}&target={}&right={}",
            subject_value(Subject::Person(person)),
            target_value(&thing),
            right.word()
        );
        card = card.footer(Button::link(href, t.get("rights-why-allow")).primary().icon("plus"));
    }
    Ok(card.into())
}

fn now_badge(asker: &Asker, now: bool) -> Badge {
    let t = asker.texts();
    if now {
        Badge::new(t.get("rights-now")).tone(Tone::Good)
    } else {
        Badge::new(t.get("rights-later")).tone(Tone::Plain)
    }
}

async fn who_can(asker: &Asker, rights: &Rights, resource: ResourceId, right: Right) -> Result<Markup> {
    let t = asker.texts();
    let who = rights.policy.who_can(&asker.cx, resource, right).await?;
    let mut wanted = Wanted::default();
    wanted.target(&Target::Resource { id: resource });
    for who in who.iter().take(1000) {
        wanted.subject(Subject::Person(who.person));
        who.chains.iter().flat_map(|chain| &chain.subjects).for_each(|subject| wanted.subject(*subject));
    }
    let labels = rights.labels(asker, &wanted).await?;
    let at = to_local(asker.cx.now, asker.zone());
    let rows = who.iter().take(1000).map(|who| {
        let through: Vec<String> = who
            .chains
            .iter()
            .filter_map(|chain| chain.subjects.last())
            .map(|subject| match subject {
                Subject::Person(_) => t.get("rights-through-own"),
                Subject::Group(_) => labels.subject(*subject),
            })
            .collect();
        let href =
            format!("/rights/why?person={}&resource={resource}&right={}&at={at}", who.person, right.word());
        Row::new()
            .cell(labels.subject(Subject::Person(who.person)))
            .cell(right_word(&t, who.right))
            .cell(through.join(&t.get("rights-words-and")))
            .cell(now_badge(asker, who.now))
            .href(href)
    });
    let columns = ["rights-why-person", "rights-right", "rights-through", "rights-state"]
        .map(|id| Column::new(t.get(id)));
    let title = t.with("rights-who-can", [("thing", labels.target(&Target::Resource { id: resource }))]);
    let table = Table::new(title.clone(), columns)
        .rows(rows)
        .empty(Empty::new(t.get("rights-who-nobody"), t.get("rights-who-nobody-text")).icon("users"));
    Ok(Card::new(title).flush().body(table).into())
}

async fn reach(asker: &Asker, rights: &Rights, person: PersonId, right: Right) -> Result<Markup> {
    let t = asker.texts();
    let reached = rights.policy.reach(&asker.cx, person, right).await?;
    let mut wanted = Wanted::default();
    wanted.subject(Subject::Person(person));
    let labels = rights.labels(asker, &wanted).await?;
    let rows = reached.iter().take(1000).map(|reached| {
        let href =
            format!("/rights/why?person={person}&resource={}&right={}", reached.resource, right.word());
        Row::new()
            .cell(&reached.name)
            .cell(kind_word(&t, &reached.kind))
            .cell(now_badge(asker, reached.now))
            .href(href)
    });
    let columns = ["rights-target", "rights-kind", "rights-state"].map(|id| Column::new(t.get(id)));
    let title = t.with("rights-reach", [("who", labels.subject(Subject::Person(person)))]);
    let table = Table::new(title.clone(), columns)
        .rows(rows)
        .empty(Empty::new(t.get("rights-reach-nothing"), t.get("rights-reach-nothing-text")).icon("shield"));
    let both = Card::new(title).flush().body(table);
    Ok(Grid::cards().add(both).into())
}
