//! The other tabs of a person: what they reach, their slice of the record, their settings.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use sea_orm::ColumnTrait;
use sekisho_kernel::{Outcome, PersonId, Timestamp};
use sekisho_policy::{Reached, Right};
use sekisho_storage::Scoped;
use sekisho_storage::tables::audit_entries;
use sekisho_web::parts::{
    Alert, Badge, Button, Card, Column, Confirm, Empty, Field, FormBox, Row, Table, Timeline, Tone,
};
use sekisho_web::{Asker, Form, FormState, Markup, Page, Reader, Result, Sheet, Texts, WebError};

use super::hand_over;
use super::me::languages;
use super::person::{find, view};
use super::to_step_up;
use crate::{EditPersonError, Identity, Masked, Person, PersonEdit};

pub(super) async fn rights(
    asker: Asker,
    State(identity): State<Identity>,
    Path(person): Path<String>,
) -> Result {
    let person = find(&identity, &asker, &person).await?;
    let reached = identity.policy().reach(&asker.cx, person.id, Right::View).await?;
    let administrator = identity.policy().is_administrator(&asker.cx, person.id).await?;
    Ok(asker.show(&PersonRights { person, reached, administrator }))
}

/// What a person reaches.
pub(super) struct PersonRights {
    pub(super) person: Person,
    pub(super) reached: Vec<Reached>,
    pub(super) administrator: bool,
}

impl Page for PersonRights {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, person) = (reader.texts(), &self.person);
        let columns = [
            Column::new(t.get("identity-right-thing")),
            Column::new(t.get("identity-kind")).secondary(),
            Column::new(t.get("identity-right-now")).narrow(),
        ];
        let rows = self.reached.iter().take(500).map(|reached| {
            let now = if reached.now {
                Badge::new(t.get("identity-right-yes")).tone(Tone::Good)
            } else {
                Badge::new(t.get("identity-right-later"))
            };
            let why = format!("/rights/why?person={}&resource={}", person.id, reached.resource);
            Row::new().cell(reached.name.as_str()).cell(reached.kind.as_str()).cell(now).href(why)
        });
        let table = Table::new(t.get("identity-tab-rights"), columns).rows(rows).empty(
            Empty::new(t.get("identity-rights-none"), t.get("identity-rights-none-text")).icon("shield"),
        );
        let above = self.administrator.then(|| Alert::new(Tone::Info, t.get("identity-is-administrator")));
        let give =
            Button::link(format!("/rights?person={}", person.id), t.get("identity-rights-open")).plain();
        view(reader, person, "/rights")
            .action(give)
            .body(Markup::from(above).then(Card::plain().flush().body(table)))
    }
}

pub(super) async fn history(
    asker: Asker,
    State(identity): State<Identity>,
    Path(person): Path<String>,
) -> Result {
    use audit_entries::Column as Entry;
    let person = find(&identity, &asker, &person).await?;
    let scope = identity.read(&asker.cx).await?;
    let uuid = person.id.uuid();
    let entries = scope
        .find::<audit_entries::Entity>()
        .filter(sea_orm::Condition::any().add(Entry::TargetId.eq(uuid)).add(Entry::ActorId.eq(uuid)))
        .descending(Entry::Id)
        .limit(100)
        .all()
        .await?;
    let actors: Vec<PersonId> = entries.iter().filter_map(|entry| entry.actor.0.person()).collect();
    let names = identity.display_names(&scope, &actors).await?;
    let acts = entries.into_iter().map(|entry| {
        let by = entry.actor.0.person().filter(|by| *by != person.id);
        Act {
            at: entry.at,
            action: entry.action,
            outcome: entry.outcome.0,
            by: by.and_then(|by| names.get(&by).cloned()),
            thing: entry.target_name.filter(|name| !name.is_empty()),
        }
    });
    let acts = acts.collect();
    Ok(asker.show(&PersonHistory { person, acts }))
}

/// An act by or to a person.
pub(super) struct Act {
    pub(super) at: Timestamp,
    pub(super) action: String,
    pub(super) outcome: Outcome,
    /// Who did it, when it was somebody else.
    pub(super) by: Option<String>,
    /// To what, when it was not this person.
    pub(super) thing: Option<String>,
}

/// A person's slice of the record.
pub(super) struct PersonHistory {
    pub(super) person: Person,
    pub(super) acts: Vec<Act>,
}

impl Page for PersonHistory {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let timeline = self.acts.iter().fold(Timeline::new(), |timeline, act| {
            let (tone, icon) = match act.outcome {
                Outcome::Done => (Tone::Plain, "circle-check"),
                Outcome::Refused => (Tone::Warn, "ban"),
                Outcome::Failed => (Tone::Warn, "alert-triangle"),
            };
            let more: Vec<&str> = [&act.by, &act.thing].into_iter().flatten().map(String::as_str).collect();
            let sentence = Markup::raw(format!(
                "{} <span class=\"muted\">{}</span>",
                Markup::text(t.word("act", &act.action)),
                Markup::text(more.join(" · "))
            ));
            timeline.item(tone, icon, sentence, reader.time(act.at, reader.zone()))
        });
        let record = format!("/record?actor={}", self.person.id);
        let record = Button::link(record, t.get("identity-record")).quiet().icon("book");
        view(reader, &self.person, "/history").action(record).body(Card::plain().body(timeline))
    }
}

pub(super) async fn settings(
    asker: Asker,
    State(identity): State<Identity>,
    Path(person): Path<String>,
) -> Result {
    let person = find(&identity, &asker, &person).await?;
    let state = FormState::empty()
        .with("name", &person.name)
        .with("kana", person.kana.as_deref().unwrap_or_default())
        .with("language", person.language.tag());
    Ok(asker.show(&PersonSettings { person, state, status: StatusCode::OK }))
}

/// The settings of a person.
pub(super) struct PersonSettings {
    pub(super) person: Person,
    pub(super) state: FormState,
    pub(super) status: StatusCode,
}

impl Page for PersonSettings {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, person) = (reader.texts(), &self.person);
        let at = |act: &str| format!("/people/{}{act}", person.id);
        let body = if person.active() {
            let end = Confirm::new(
                at("/end-access"),
                t.get("identity-end-access"),
                t.with("identity-end-access-question", [("name", person.name.as_str())]),
                t.get("identity-end-access-do"),
            );
            let leave = Confirm::new(
                at("/leave"),
                t.get("identity-leave"),
                t.with("identity-leave-question", [("name", person.name.as_str())]),
                t.get("identity-leave-do"),
            )
            .icon("user-off");
            let link = person.mail.is_some().then(|| hand_over::ask(&t, person));
            let access = Card::new(t.get("identity-access")).body(link).body(end).footer(leave);
            Markup::from(Card::new(t.get("identity-tab-settings")).body(self.form(&t, at("/settings"))))
                .then(access)
        } else {
            Alert::new(Tone::Info, t.get("identity-left-no-settings")).into()
        };
        view(reader, person, "/settings").status(self.status).body(body)
    }
}

impl PersonSettings {
    fn form(&self, t: &Texts, action: String) -> FormBox {
        let Self { person, state, .. } = self;
        // What is masked begins empty and stays unless something is typed.
        let unchanged = |value: &Option<String>, mask: fn(&str) -> Masked| {
            value
                .as_deref()
                .map(|value| t.with("identity-unchanged", [("now", mask(value).to_string())]))
                .unwrap_or_default()
        };
        FormBox::post(action, state, t)
            .beside([
                Field::text("name", t.get("identity-name")).from(state, t).autocomplete("off").required(),
                Field::text("kana", t.get("identity-kana")).from(state, t).autocomplete("off"),
            ])
            .add(
                Field::email("mail", t.get("identity-mail"))
                    .from(state, t)
                    .autocomplete("off")
                    .hint(unchanged(&person.mail, Masked::mail)),
            )
            .beside([
                Field::phone("phone", t.get("identity-phone"))
                    .from(state, t)
                    .autocomplete("off")
                    .hint(unchanged(&person.phone, Masked::phone)),
                Field::text("number", t.get("identity-number"))
                    .from(state, t)
                    .autocomplete("off")
                    .attr("inputmode", "numeric")
                    .hint(unchanged(&person.number, Masked::text)),
            ])
            .add(Field::radio("language", t.get("identity-language")).from(state, t).options(languages()))
            .submit(t.get("identity-save"))
    }
}

pub(super) async fn save(
    asker: Asker,
    State(identity): State<Identity>,
    Path(person): Path<String>,
    form: Form<PersonEdit>,
) -> Result {
    let by = identity.administrator(&asker.cx).await?;
    let found = find(&identity, &asker, &person).await?;
    let (typed, state) = form.split();
    let saved = match typed {
        Ok(mut edit) => {
            // An empty field of masked data means "as it is"; the API can remove it.
            for field in [&mut edit.mail, &mut edit.phone, &mut edit.number] {
                if field.as_deref().is_some_and(|text| text.trim().is_empty()) {
                    *field = None;
                }
            }
            match identity.edit_person(&asker.cx, by, found.id, &edit).await {
                Err(EditPersonError::StepUp) => {
                    return Ok(to_step_up(&asker, &format!("/people/{}/settings", found.id)));
                }
                saved => saved.map_err(WebError::from),
            }
        }
        Err(error) => Err(error),
    };
    match saved {
        Ok(()) => Ok(asker.done("identity-saved", format!("/people/{}", found.id))),
        Err(error) => {
            let state = state.failed(error)?;
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(asker.show(&PersonSettings { person: found, state, status }))
        }
    }
}
