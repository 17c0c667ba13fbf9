//! `/keys/alerts`: rules that tell people of events.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_kernel::PersonId;
use sekisho_storage::Scoped;
use sekisho_web::parts::{Badge, Button, Card, Column, Confirm, Empty, Field, FormBox, Row, Table, Tone};
use sekisho_web::{Asker, Form, FormState, IfMatch, Markup, Page, Reader, Result, Sheet, Texts, WebError};
use serde::Deserialize;

use super::{back_with, people_choices, seen, sight};
use crate::alert::{AlertEvent, AlertRule, Condition};
use crate::ids::{AlertId, BoxId, KeyGroupId, KeyId};
use crate::reads::Stock;
use crate::tables::alerts as rows;
use crate::{AlertForm, Keys};

const HERE: &str = "/keys/alerts";

/// The rules.
pub(super) async fn show(asker: Asker, State(keys): State<Keys>) -> Result {
    let sight = sight(&asker, &keys).await?;
    let scope = keys.store.read(asker.cx.tenant).await?;
    let found = scope.find::<rows::Entity>().ascending(rows::Column::Name).all().await?;
    let own = found.into_iter().filter(|row| crate::add_alert::watches_own(&sight, &row.rule.0));
    let rules =
        own.map(|row| Listed { id: row.id, name: row.name, events: row.rule.0.events, active: row.active });
    Ok(asker.show(&Alerts { rules: rules.collect(), may_add: sight.manages_anything() }))
}

/// A rule as the list shows it.
pub(super) struct Listed {
    pub(super) id: AlertId,
    pub(super) name: String,
    pub(super) events: Vec<AlertEvent>,
    pub(super) active: bool,
}

/// The rules by name.
pub(super) struct Alerts {
    pub(super) rules: Vec<Listed>,
    pub(super) may_add: bool,
}

impl Page for Alerts {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let rows = self.rules.iter().map(|rule| {
            let events = rule.events.iter().map(|event| t.get(&event_text(*event))).collect::<Vec<_>>();
            let state = match rule.active {
                true => Badge::new(t.get("active")).tone(Tone::Good).icon("bell"),
                false => Badge::new(t.get("inactive")).icon("bell"),
            };
            Row::new().cell(&rule.name).cell(t.list(&events)).cell(state).href(format!("{HERE}/{}", rule.id))
        });
        let columns = [t.get("name"), t.get("keys-alert-events"), t.get("state")].map(Column::new);
        let new = Button::link("/keys/alerts/new", t.get("keys-alert-add")).primary().icon("plus");
        let table = Table::new(t.get("keys-alerts"), columns).rows(rows).empty(
            Empty::new(t.get("keys-no-alerts"), t.get("keys-no-alerts-text"))
                .icon("bell")
                .action(new.clone()),
        );
        let sheet = reader.sheet("keys-alerts").crumb("/keys", "keys-title");
        let sheet = if self.may_add { sheet.action(new) } else { sheet };
        sheet.body(Card::plain().flush().body(table))
    }
}

fn event_text(event: AlertEvent) -> String {
    format!("keys-event-{}", event.word().replace('_', "-"))
}

/// What the form sends.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Sent {
    name: String,
    events: Vec<String>,
    keys: Vec<KeyId>,
    groups: Vec<KeyGroupId>,
    boxes: Vec<BoxId>,
    late_by_minutes: Option<u32>,
    people: Vec<PersonId>,
    outsiders: String,
    active: bool,
}

impl From<Sent> for AlertForm {
    fn from(sent: Sent) -> Self {
        Self {
            name: sent.name,
            rule: AlertRule {
                events: sent.events.iter().filter_map(|word| AlertEvent::from_word(word)).collect(),
                condition: Condition {
                    keys: sent.keys,
                    groups: sent.groups,
                    boxes: sent.boxes,
                    late_by_minutes: sent.late_by_minutes.unwrap_or(0),
                },
                people: sent.people,
            },
            outsiders: sent.outsiders,
            active: sent.active,
        }
    }
}

fn form(t: &Texts, stock: &Stock, people: &[(String, String)], state: &FormState, action: String) -> FormBox {
    let events = AlertEvent::ALL.map(|event| (event.word().to_owned(), t.get(&event_text(event))));
    FormBox::post(action, state, t)
        .add(
            Field::text("name", t.get("name"))
                .from(state, t)
                .required()
                .attr("maxlength", 100)
                .placeholder(t.get("keys-alert-example")),
        )
        .add(Field::checkboxes("events", t.get("keys-alert-events")).options(events).from(state, t))
        .add(
            Field::number("late_by_minutes", t.get("keys-alert-late-by"))
                .from(state, t)
                .short()
                .attr("min", 0),
        )
        .heading(t.get("keys-alert-only"))
        .add(
            Field::checkboxes("boxes", t.get("keys-boxes"))
                .options(stock.boxes.iter().map(|place| (place.id.to_string(), place.name.clone())))
                .from(state, t),
        )
        .add(
            Field::checkboxes("groups", t.get("keys-groups"))
                .options(stock.groups.iter().map(|group| (group.id.to_string(), group.name.clone())))
                .from(state, t),
        )
        .add(
            Field::checkboxes("keys", t.get("keys-keys"))
                .options(stock.keys.iter().map(|key| (key.id.to_string(), key.name.clone())))
                .from(state, t),
        )
        .heading(t.get("keys-alert-tells"))
        .add(
            Field::checkboxes("people", t.get("keys-alert-people"))
                .options(people.iter().cloned())
                .from(state, t),
        )
        .add(
            Field::lines("outsiders", t.get("keys-alert-outsiders"))
                .from(state, t)
                .hint(t.get("keys-alert-outsiders-hint"))
                .attr("rows", 2),
        )
        .add(Field::switch("active", t.get("keys-alert-active")).from(state, t))
        .submit(t.get("save"))
        .cancel(HERE, t.get("cancel"))
}

async fn show_form(
    asker: &Asker,
    keys: &Keys,
    state: FormState,
    at: Option<AlertId>,
    status: StatusCode,
) -> Result<Response> {
    let (_, stock) = seen(asker, keys).await?;
    let people = people_choices(asker, keys).await?;
    Ok(asker.show(&AlertPage { state, at, stock, people, status }))
}

/// The form of a rule, new or known.
pub(super) struct AlertPage {
    pub(super) state: FormState,
    pub(super) at: Option<AlertId>,
    pub(super) stock: Stock,
    pub(super) people: Vec<(String, String)>,
    pub(super) status: StatusCode,
}

impl Page for AlertPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let action = self.at.map_or_else(|| "/keys/alerts/new".to_owned(), |id| format!("{HERE}/{id}"));
        let form = form(&t, &self.stock, &self.people, &self.state, action);
        let remove = self.at.map(|id| {
            Confirm::new(
                format!("{HERE}/{id}/remove"),
                t.get("delete"),
                t.get("keys-alert-remove-question"),
                t.get("keys-alert-remove-do"),
            )
            .icon("trash")
        });
        reader
            .sheet(if self.at.is_some() { "keys-alert-change" } else { "keys-alert-add" })
            .crumb("/keys", "keys-title")
            .crumb(HERE, "keys-alerts")
            .status(self.status)
            .body(Markup::from(Card::plain().body(form)).then(remove))
    }
}

/// The empty form.
pub(super) async fn new(asker: Asker, State(keys): State<Keys>) -> Result {
    let state = FormState::empty().with("active", "on").with("people", asker.person()?);
    show_form(&asker, &keys, state, None, StatusCode::OK).await
}

/// Makes the rule.
pub(super) async fn add(asker: Asker, State(keys): State<Keys>, sent: Form<Sent>) -> Result {
    let (sent, state) = sent.split();
    let added = match sent {
        Ok(sent) => crate::add_alert(&keys, &asker.cx, sent.into()).await.map_err(WebError::from),
        Err(error) => Err(error),
    };
    match added {
        Ok(_) => Ok(asker.done("keys-saved", HERE)),
        Err(error) => {
            show_form(&asker, &keys, state.failed(error)?, None, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

/// The form of a rule.
pub(super) async fn edit(asker: Asker, State(keys): State<Keys>, Path(id): Path<AlertId>) -> Result {
    let sight = sight(&asker, &keys).await?;
    let scope = keys.store.read(asker.cx.tenant).await?;
    let row = crate::add_alert::find(&scope, id).await?;
    drop(scope);
    let row =
        row.filter(|row| crate::add_alert::watches_own(&sight, &row.rule.0)).ok_or_else(WebError::missing)?;
    let outsiders = crate::add_alert::outsiders(&keys, &row).await?;
    let addresses = outsiders.into_iter().map(|one| one.address).collect::<Vec<_>>().join("\n");
    let rule = row.rule.0;
    let mut state = FormState::empty().with("name", &row.name).with("outsiders", addresses);
    state = state.with("late_by_minutes", rule.condition.late_by_minutes);
    state = rule.events.iter().fold(state, |state, event| state.with("events", event.word()));
    state = rule.condition.keys.iter().fold(state, |state, key| state.with("keys", key));
    state = rule.condition.groups.iter().fold(state, |state, group| state.with("groups", group));
    state = rule.condition.boxes.iter().fold(state, |state, place| state.with("boxes", place));
    state = rule.people.iter().fold(state, |state, person| state.with("people", person));
    if row.active {
        state = state.with("active", "on");
    }
    show_form(&asker, &keys, state, Some(id), StatusCode::OK).await
}

/// Saves it.
pub(super) async fn save(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<AlertId>,
    sent: Form<Sent>,
) -> Result {
    let (sent, state) = sent.split();
    let saved = match sent {
        Ok(sent) => {
            crate::save_alert(&keys, &asker.cx, id, sent.into(), &IfMatch::ANY).await.map_err(WebError::from)
        }
        Err(error) => Err(error),
    };
    match saved {
        Ok(()) => Ok(asker.done("keys-saved", HERE)),
        Err(error) => {
            show_form(&asker, &keys, state.failed(error)?, Some(id), StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

/// Removes it.
pub(super) async fn remove(asker: Asker, State(keys): State<Keys>, Path(id): Path<AlertId>) -> Result {
    match crate::remove_alert(&keys, &asker.cx, id, &IfMatch::ANY).await {
        Ok(()) => Ok(asker.done("keys-alert-removed", HERE)),
        Err(error) => back_with(&asker, error.into(), HERE),
    }
}
