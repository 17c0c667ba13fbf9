//! One person: overview with masked personal data, rights, history, settings.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use sea_orm::ColumnTrait;
use sekisho_crypto::Secret;
use sekisho_kernel::{GroupId, Outcome, PersonId};
use sekisho_policy::Right;
use sekisho_storage::Scoped;
use sekisho_storage::tables::audit_entries;
use sekisho_web::parts::{
    Alert, Badge, Button, Card, Column, Confirm, Empty, Field, FormBox, Grid, KeyValue, Row, Table, Tabs,
    Timeline, Tone,
};
use sekisho_web::{Access, Asker, Form, FormState, Markup, Result, Routes, View, WebError};
use serde::Deserialize;

use super::me::languages;
use super::people::{kind_text, state_badge};
use super::{id, to_step_up};
use crate::{Identity, Masked, Person, PersonEdit, PersonState, RevealError, Revealed, attempts};

pub(super) fn routes() -> Routes<Identity> {
    Routes::new("identity")
        .get("/people/{id}", Access::Administrator, overview)
        .post("/people/{id}/reveal", Access::Administrator, reveal)
        .get("/people/{id}/rights", Access::Administrator, rights)
        .get("/people/{id}/history", Access::Administrator, history)
        .get("/people/{id}/settings", Access::Administrator, settings)
        .post("/people/{id}/settings", Access::Administrator, save)
        .post("/people/{id}/invite", Access::Administrator, invite_again)
        .post("/people/{id}/unlock", Access::Administrator, unlock)
        .post("/people/{id}/end-access", Access::Administrator, end_access)
        .post("/people/{id}/leave", Access::Administrator, leave)
        .post("/people/{id}/return", Access::Administrator, come_back)
        .post("/people/{id}/badges", Access::Administrator, add_badge)
        .post("/people/{id}/badges/{badge}/remove", Access::Administrator, remove_badge)
        .post("/people/{id}/pin", Access::Administrator, give_pin)
        .post("/people/{id}/groups", Access::Administrator, join)
        .post("/people/{id}/groups/{group}/leave", Access::Administrator, leave_group)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    reason: String,
    serial: String,
    label: String,
    pin: String,
    group: String,
}

async fn find(identity: &Identity, asker: &Asker, person: &str) -> Result<Person> {
    let scope = identity.read(&asker.cx).await?;
    identity.person(&scope, id(person)?).await?.ok_or_else(WebError::missing)
}

/// The frame of all four tabs.
fn view(asker: &Asker, person: &Person, tab: &str) -> View {
    let t = asker.texts();
    let at = |tab: &str| format!("/people/{}{tab}", person.id);
    let tabs = Tabs::new(&person.name, at(tab))
        .tab(at(""), t.get("identity-tab-overview"))
        .tab(at("/rights"), t.get("identity-tab-rights"))
        .tab(at("/history"), t.get("identity-tab-history"))
        .tab(at("/settings"), t.get("identity-tab-settings"));
    asker.view_of(&person.name).crumb("/people", "identity-nav-people").tabs(tabs)
}

async fn overview(asker: Asker, State(identity): State<Identity>, Path(person): Path<String>) -> Result {
    let person = find(&identity, &asker, &person).await?;
    overview_page(&asker, &identity, &person, None, &FormState::empty(), StatusCode::OK).await
}

async fn overview_page(
    asker: &Asker,
    identity: &Identity,
    person: &Person,
    revealed: Option<&Revealed>,
    state: &FormState,
    status: StatusCode,
) -> Result {
    let t = asker.texts();
    let scope = identity.read(&asker.cx).await?;
    let facts = KeyValue::new()
        .row(t.get("identity-name"), &*person.name)
        .row(t.get("identity-kana"), person.kana.clone())
        .row(t.get("identity-kind"), kind_text(person, &t))
        .row(t.get("identity-state"), state_badge(person, &t))
        .row(t.get("identity-signed-in"), person.signed_in_at.map(|at| asker.time(at, asker.zone())))
        .row(t.get("identity-since"), asker.time(person.created_at, asker.zone()).day());
    let body = Grid::main_and_side()
        .add(
            alerts(asker, identity, person)
                .await?
                .then(Card::new(t.get("identity-tab-overview")).body(facts))
                .then(personal_card(asker, identity, person, revealed, state).await?),
        )
        .add(
            groups_card(asker, identity, person, state)
                .await?
                .then(badges_card(asker, identity, &scope, person, state).await?)
                .then(pin_card(asker, identity, &scope, person, state).await?),
        );
    Ok(view(asker, person, "").status(status).show_markup(body))
}

async fn alerts(asker: &Asker, identity: &Identity, person: &Person) -> Result<Markup> {
    let t = asker.texts();
    let mut alerts = Markup::default();
    if let (PersonState::Left, Some(at)) = (person.state, person.delete_at) {
        let at = asker.time(at, asker.zone()).day().words();
        let back = Button::post(format!("/people/{}/return", person.id), t.get("identity-return"));
        alerts =
            alerts.then(Alert::new(Tone::Warn, t.with("identity-left-until", [("when", at)])).action(back));
    }
    if !attempts::locked(&identity.read(&asker.cx).await?, person.id).await?.is_empty() {
        let unlock = Button::post(format!("/people/{}/unlock", person.id), t.get("identity-unlock"));
        alerts = alerts.then(Alert::new(Tone::Warn, t.get("identity-is-locked")).action(unlock));
    }
    if person.active() && person.mail.is_some() && !person.has_password {
        let again = Button::post(format!("/people/{}/invite", person.id), t.get("identity-invite-again"));
        alerts = alerts.then(Alert::new(Tone::Info, t.get("identity-not-accepted")).action(again));
    }
    Ok(alerts)
}

async fn personal_card(
    asker: &Asker,
    identity: &Identity,
    person: &Person,
    revealed: Option<&Revealed>,
    state: &FormState,
) -> Result<Card> {
    let t = asker.texts();
    let card = Card::new(t.get("identity-personal"));
    if let Some(revealed) = revealed {
        let facts = KeyValue::new()
            .row(t.get("identity-mail"), revealed.mail.clone())
            .row(t.get("identity-phone"), revealed.phone.clone())
            .row(t.get("identity-number"), revealed.number.clone());
        return Ok(card.body(facts).footer(t.get("identity-revealed-note")));
    }
    let masked = |value: &Option<String>, mask: fn(&str) -> Masked| {
        value.as_deref().map(|value| mask(value).to_string())
    };
    let facts = KeyValue::new()
        .row(t.get("identity-mail"), masked(&person.mail, Masked::mail))
        .row(t.get("identity-phone"), masked(&person.phone, Masked::phone))
        .row(t.get("identity-number"), masked(&person.number, Masked::text));
    let reveals = identity.reveals(&asker.cx, &identity.read(&asker.cx).await?).await?;
    let left = u64::from(reveals.limit).saturating_sub(reveals.done);
    let form = FormBox::post(format!("/people/{}/reveal", person.id), state, &t)
        .add(
            Field::text("reason", t.get("identity-reveal-reason-label"))
                .from(state, &t)
                .hint(t.count("identity-reveal-hint", left))
                .required(),
        )
        .button(Button::submit(t.get("identity-reveal")).plain().icon("eye"));
    Ok(card.body(facts).footer(form))
}

async fn groups_card(
    asker: &Asker,
    identity: &Identity,
    person: &Person,
    state: &FormState,
) -> Result<Markup> {
    let t = asker.texts();
    let scope = identity.read(&asker.cx).await?;
    let all = identity.groups(&scope).await?;
    let joined = identity.groups_of(&scope, person.id).await?;
    let table = Table::new(
        t.get("identity-groups"),
        [Column::new(t.get("identity-group")), Column::new("").narrow()],
    )
    .rows(joined.iter().map(|group| {
        let leave = format!("/people/{}/groups/{}/leave", person.id, group.id);
        Row::new()
            .cell(group.name.as_str())
            .cell(Button::post(leave, t.get("identity-group-take-out")).small().quiet())
    }))
    .empty(Empty::new(t.get("identity-groups-in-none"), "").icon("users-group"));
    let mut card = Card::new(t.get("identity-groups")).flush().body(table);
    let open: Vec<(String, String)> = all
        .into_iter()
        .filter(|group| !joined.contains(group))
        .map(|group| (group.id.to_string(), group.name))
        .collect();
    if person.active() && !open.is_empty() {
        let form = FormBox::post(format!("/people/{}/groups", person.id), state, &t)
            .add(Field::select("group", t.get("identity-group")).from(state, &t).options(open))
            .button(Button::submit(t.get("identity-group-put-in")).plain());
        card = card.footer(form);
    }
    Ok(card.into())
}

async fn badges_card(
    asker: &Asker,
    identity: &Identity,
    scope: &impl Scoped,
    person: &Person,
    state: &FormState,
) -> Result<Card> {
    let t = asker.texts();
    let badges = identity.badges(scope, person.id).await?;
    let table = Table::new(
        t.get("identity-badges"),
        [
            Column::new(t.get("identity-badge-label")),
            Column::new(t.get("identity-since")),
            Column::new("").narrow(),
        ],
    )
    .rows(badges.iter().map(|badge| {
        Row::new().cell(badge.label.as_str()).cell(asker.time(badge.created_at, asker.zone()).day()).cell(
            Confirm::new(
                format!("/people/{}/badges/{}/remove", person.id, badge.id),
                t.get("identity-badge-remove"),
                t.get("identity-badge-remove-question"),
                t.get("identity-badge-remove-do"),
            )
            .small(),
        )
    }))
    .empty(Empty::new(t.get("identity-badges-none"), "").icon("id-badge-2"));
    let card = Card::new(t.get("identity-badges")).flush().body(table);
    if !person.active() {
        return Ok(card);
    }
    let form = FormBox::post(format!("/people/{}/badges", person.id), state, &t)
        .beside([
            Field::text("serial", t.get("identity-badge-serial"))
                .from(state, &t)
                .placeholder("04A21B3C")
                .autocomplete("off")
                .required(),
            Field::text("label", t.get("identity-badge-label")).from(state, &t).autocomplete("off"),
        ])
        .button(Button::submit(t.get("identity-badge-add")).plain());
    Ok(card.footer(form))
}

/// The PIN that a box asks for after the badge. Whoever cannot sign in here has it from an administrator.
async fn pin_card(
    asker: &Asker,
    identity: &Identity,
    scope: &impl Scoped,
    person: &Person,
    state: &FormState,
) -> Result<Markup> {
    if !person.active() {
        return Ok(Markup::default());
    }
    let t = asker.texts();
    let word =
        if identity.has_pin(scope, person.id).await? { "identity-pin-has" } else { "identity-pin-none" };
    let form = FormBox::post(format!("/people/{}/pin", person.id), state, &t)
        .add(
            Field::password("pin", t.get("identity-pin-new"))
                .from(state, &t)
                .autocomplete("off")
                .attr("inputmode", "numeric")
                .hint(t.get("identity-pin-hint"))
                .short(),
        )
        .button(Button::submit(t.get("identity-pin-give")).plain());
    Ok(Card::new(t.get("identity-pin")).body(t.get(word)).footer(form).into())
}

async fn reveal(
    asker: Asker,
    State(identity): State<Identity>,
    Path(person): Path<String>,
    form: Form<Typed>,
) -> Result {
    let by = identity.administrator(&asker.cx).await?;
    let found = find(&identity, &asker, &person).await?;
    let (typed, state) = form.split();
    match identity.reveal_person(&asker.cx, by, found.id, &typed?.reason).await {
        Ok(revealed) => {
            overview_page(&asker, &identity, &found, Some(&revealed), &FormState::empty(), StatusCode::OK)
                .await
        }
        Err(RevealError::StepUp) => Ok(to_step_up(&asker, &format!("/people/{}", found.id))),
        Err(error) => {
            let state = state.failed(error.into())?;
            overview_page(&asker, &identity, &found, None, &state, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn rights(asker: Asker, State(identity): State<Identity>, Path(person): Path<String>) -> Result {
    let person = find(&identity, &asker, &person).await?;
    let t = asker.texts();
    let reached = identity.policy().reach(&asker.cx, person.id, Right::View).await?;
    let administrator = identity.policy().is_administrator(&asker.cx, person.id).await?;
    let table = Table::new(
        t.get("identity-tab-rights"),
        [
            Column::new(t.get("identity-right-thing")),
            Column::new(t.get("identity-kind")).secondary(),
            Column::new(t.get("identity-right-now")).narrow(),
        ],
    )
    .rows(reached.iter().take(500).map(|reached| {
        let now = if reached.now {
            Badge::new(t.get("identity-right-yes")).tone(Tone::Good)
        } else {
            Badge::new(t.get("identity-right-later"))
        };
        let why = format!("/rights/why?person={}&resource={}", person.id, reached.resource);
        Row::new().cell(reached.name.as_str()).cell(reached.kind.as_str()).cell(now).href(why)
    }))
    .empty(Empty::new(t.get("identity-rights-none"), t.get("identity-rights-none-text")).icon("shield"));
    let mut body = Markup::default();
    if administrator {
        body = body.then(Alert::new(Tone::Info, t.get("identity-is-administrator")));
    }
    let give = Button::link(format!("/rights?person={}", person.id), t.get("identity-rights-open")).plain();
    Ok(view(&asker, &person, "/rights")
        .action(give)
        .show_markup(body.then(Card::plain().flush().body(table))))
}

async fn history(asker: Asker, State(identity): State<Identity>, Path(person): Path<String>) -> Result {
    use audit_entries::Column as Entry;
    let person = find(&identity, &asker, &person).await?;
    let t = asker.texts();
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
    let mut timeline = Timeline::new();
    for entry in entries {
        let (tone, icon) = match entry.outcome.0 {
            Outcome::Done => (Tone::Plain, "circle-check"),
            Outcome::Refused => (Tone::Warn, "ban"),
            Outcome::Failed => (Tone::Warn, "alert-triangle"),
        };
        // Who did it, when it was somebody else; and to what, when it was not this person.
        let by = entry.actor.0.person().filter(|by| *by != person.id).and_then(|by| names.get(&by).cloned());
        let thing = entry.target_name.filter(|name| !name.is_empty());
        let more = [by, thing].into_iter().flatten().collect::<Vec<_>>().join(" · ");
        let sentence = Markup::raw(format!(
            "{} <span class=\"muted\">{}</span>",
            Markup::text(t.word("act", &entry.action)),
            Markup::text(more)
        ));
        timeline = timeline.item(tone, icon, sentence, asker.time(entry.at, asker.zone()));
    }
    let record =
        Button::link(format!("/record?actor={}", person.id), t.get("identity-record")).quiet().icon("book");
    Ok(view(&asker, &person, "/history").action(record).show_markup(Card::plain().body(timeline)))
}

async fn settings(asker: Asker, State(identity): State<Identity>, Path(person): Path<String>) -> Result {
    let person = find(&identity, &asker, &person).await?;
    let state = FormState::empty()
        .with("name", &person.name)
        .with("kana", person.kana.as_deref().unwrap_or_default())
        .with("language", person.language.tag());
    Ok(settings_page(&asker, &person, &state, StatusCode::OK))
}

fn settings_page(
    asker: &Asker,
    person: &Person,
    state: &FormState,
    status: StatusCode,
) -> axum::response::Response {
    let t = asker.texts();
    let at = |act: &str| format!("/people/{}{act}", person.id);
    // What is masked begins empty and stays unless something is typed.
    let unchanged = |value: &Option<String>, mask: fn(&str) -> Masked| {
        value
            .as_deref()
            .map(|value| t.with("identity-unchanged", [("now", mask(value).to_string())]))
            .unwrap_or_default()
    };
    let form = FormBox::post(at("/settings"), state, &t)
        .beside([
            Field::text("name", t.get("identity-name")).from(state, &t).autocomplete("off").required(),
            Field::text("kana", t.get("identity-kana")).from(state, &t).autocomplete("off"),
        ])
        .add(
            Field::email("mail", t.get("identity-mail"))
                .from(state, &t)
                .autocomplete("off")
                .hint(unchanged(&person.mail, Masked::mail)),
        )
        .beside([
            Field::phone("phone", t.get("identity-phone"))
                .from(state, &t)
                .autocomplete("off")
                .hint(unchanged(&person.phone, Masked::phone)),
            Field::text("number", t.get("identity-number"))
                .from(state, &t)
                .autocomplete("off")
                .attr("inputmode", "numeric")
                .hint(unchanged(&person.number, Masked::text)),
        ])
        .add(Field::radio("language", t.get("identity-language")).from(state, &t).options(languages()))
        .submit(t.get("identity-save"));
    let mut body = Markup::default();
    if person.active() {
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
        body = body
            .then(Card::new(t.get("identity-tab-settings")).body(form))
            .then(Card::new(t.get("identity-access")).body(end).footer(leave));
    } else {
        body = body.then(Alert::new(Tone::Info, t.get("identity-left-no-settings")));
    }
    view(asker, person, "/settings").status(status).show_markup(body)
}

async fn save(
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
            identity.edit_person(&asker.cx, by, found.id, &edit).await.map_err(WebError::from)
        }
        Err(error) => Err(error),
    };
    match saved {
        Ok(()) => Ok(asker.done("identity-saved", format!("/people/{}", found.id))),
        Err(error) => {
            Ok(settings_page(&asker, &found, &state.failed(error)?, StatusCode::UNPROCESSABLE_ENTITY))
        }
    }
}

async fn invite_again(asker: Asker, State(identity): State<Identity>, Path(person): Path<String>) -> Result {
    let by = identity.administrator(&asker.cx).await?;
    identity.invite_again(&asker.cx, by, id(&person)?).await?;
    Ok(asker.done("identity-invited", format!("/people/{person}")))
}

async fn unlock(asker: Asker, State(identity): State<Identity>, Path(person): Path<String>) -> Result {
    let by = identity.administrator(&asker.cx).await?;
    identity.unlock_person(&asker.cx, by, id(&person)?).await?;
    Ok(asker.done("identity-unlocked", format!("/people/{person}")))
}

async fn end_access(asker: Asker, State(identity): State<Identity>, Path(person): Path<String>) -> Result {
    let by = identity.administrator(&asker.cx).await?;
    identity.end_access_of(&asker.cx, by, id(&person)?).await?;
    Ok(asker.done("identity-access-ended", format!("/people/{person}")))
}

async fn leave(asker: Asker, State(identity): State<Identity>, Path(person): Path<String>) -> Result {
    let by = identity.administrator(&asker.cx).await?;
    identity.leave_person(&asker.cx, by, id::<PersonId>(&person)?).await?;
    let back = format!("/people/{person}/return");
    Ok(asker.done_with_undo("identity-left", format!("/people/{person}"), Some(&back)))
}

async fn come_back(asker: Asker, State(identity): State<Identity>, Path(person): Path<String>) -> Result {
    let by = identity.administrator(&asker.cx).await?;
    identity.return_person(&asker.cx, by, id(&person)?).await?;
    Ok(asker.done("identity-returned", format!("/people/{person}")))
}

async fn add_badge(
    asker: Asker,
    State(identity): State<Identity>,
    Path(person): Path<String>,
    form: Form<Typed>,
) -> Result {
    let by = identity.administrator(&asker.cx).await?;
    let found = find(&identity, &asker, &person).await?;
    let (typed, state) = form.split();
    let typed = typed?;
    match identity.add_badge(&asker.cx, by, found.id, &typed.serial, &typed.label).await {
        Ok(_) => Ok(asker.done("identity-saved", format!("/people/{person}"))),
        Err(error) => {
            let state = state.failed(error.into())?;
            overview_page(&asker, &identity, &found, None, &state, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn remove_badge(
    asker: Asker,
    State(identity): State<Identity>,
    Path((person, badge)): Path<(String, String)>,
) -> Result {
    let by = identity.administrator(&asker.cx).await?;
    identity.remove_badge(&asker.cx, by, id(&person)?, id(&badge)?).await?;
    Ok(asker.done("identity-saved", format!("/people/{person}")))
}

async fn give_pin(
    asker: Asker,
    State(identity): State<Identity>,
    Path(person): Path<String>,
    form: Form<Typed>,
) -> Result {
    identity.administrator(&asker.cx).await?;
    let found = find(&identity, &asker, &person).await?;
    let (typed, state) = form.split();
    match identity.set_pin(&asker.cx, found.id, &Secret::new(typed?.pin)).await {
        Ok(()) => Ok(asker.done("identity-saved", format!("/people/{person}"))),
        Err(error) => {
            let state = state.failed(error.into())?;
            overview_page(&asker, &identity, &found, None, &state, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn join(
    asker: Asker,
    State(identity): State<Identity>,
    Path(person): Path<String>,
    form: Form<Typed>,
) -> Result {
    let by = identity.administrator(&asker.cx).await?;
    let group: GroupId = id(&form.take()?.group)?;
    identity.join_group(&asker.cx, by, group, id(&person)?).await?;
    Ok(asker.done("identity-saved", format!("/people/{person}")))
}

async fn leave_group(
    asker: Asker,
    State(identity): State<Identity>,
    Path((person, group)): Path<(String, String)>,
) -> Result {
    let by = identity.administrator(&asker.cx).await?;
    identity.leave_group(&asker.cx, by, id(&group)?, id(&person)?).await?;
    Ok(asker.done("identity-saved", format!("/people/{person}")))
}
