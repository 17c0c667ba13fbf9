//! One person: overview with masked personal data. The other tabs are in `person_tabs.rs`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use sekisho_crypto::Secret;
use sekisho_kernel::{GroupId, PersonId};
use sekisho_web::parts::{
    Alert, Button, Card, Column, Confirm, Empty, Field, FormBox, Grid, KeyValue, Row, Table, Tabs, Tone,
};
use sekisho_web::{
    Access, Asker, Form, FormState, Markup, Page, Reader, Result, Routes, Sheet, Texts, WebError,
};
use serde::Deserialize;

use super::links::can_mail;
use super::people::{kind_text, state_badge};
use super::{hand_over, id, person_tabs, to_step_up};
use crate::badges::BadgeError;
use crate::{Badge, Group, Identity, Masked, Person, PersonState, PinError, RevealError, Revealed, attempts};

pub(super) fn routes() -> Routes<Identity> {
    Routes::new("identity")
        .get("/people/{id}", Access::Administrator, overview)
        .post("/people/{id}/reveal", Access::Administrator, reveal)
        .get("/people/{id}/rights", Access::Administrator, person_tabs::rights)
        .get("/people/{id}/history", Access::Administrator, person_tabs::history)
        .get("/people/{id}/settings", Access::Administrator, person_tabs::settings)
        .post("/people/{id}/settings", Access::Administrator, person_tabs::save)
        .post("/people/{id}/invite", Access::Administrator, invite_again)
        .post("/people/{id}/link", Access::Administrator, hand_over::hand_over)
        .post("/people/{id}/unlock", Access::Administrator, unlock)
        .post("/people/{id}/end-access", Access::Administrator, end_access)
        .post("/people/{id}/leave", Access::Administrator, leave)
        .post("/people/{id}/return", Access::Proven, come_back)
        .post("/people/{id}/badges", Access::Administrator, add_badge)
        .post("/people/{id}/badges/{badge}/remove", Access::Administrator, remove_badge)
        .post("/people/{id}/pin", Access::Administrator, give_pin)
        .post("/people/{id}/groups", Access::Proven, join)
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

pub(super) async fn find(identity: &Identity, asker: &Asker, person: &str) -> Result<Person> {
    let scope = identity.read(&asker.cx).await?;
    identity.person(&scope, id(person)?).await?.ok_or_else(WebError::missing)
}

/// The frame of all four tabs.
pub(super) fn view(reader: &Reader, person: &Person, tab: &str) -> Sheet {
    let t = reader.texts();
    let at = |tab: &str| format!("/people/{}{tab}", person.id);
    let tabs = Tabs::new(&person.name, at(tab))
        .tab(at(""), t.get("identity-tab-overview"))
        .tab(at("/rights"), t.get("identity-tab-rights"))
        .tab(at("/history"), t.get("identity-tab-history"))
        .tab(at("/settings"), t.get("identity-tab-settings"));
    reader.sheet_of(&person.name).crumb("/people", "identity-nav-people").tabs(tabs)
}

async fn overview(asker: Asker, State(identity): State<Identity>, Path(person): Path<String>) -> Result {
    let person = find(&identity, &asker, &person).await?;
    overview_page(&asker, &identity, person, None, FormState::empty(), StatusCode::OK).await
}

async fn overview_page(
    asker: &Asker,
    identity: &Identity,
    person: Person,
    revealed: Option<Revealed>,
    state: FormState,
    status: StatusCode,
) -> Result {
    let scope = identity.read(&asker.cx).await?;
    let reveals = identity.reveals(&asker.cx, &scope).await?;
    let joined = identity.groups_of(&scope, person.id).await?;
    let others = identity.groups(&scope).await?.into_iter().filter(|group| !joined.contains(group)).collect();
    let page = PersonPage {
        locked: !attempts::locked(&scope, person.id).await?.is_empty(),
        mail: identity.ways(&scope).await?.mail,
        reveals_left: u64::from(reveals.limit).saturating_sub(reveals.done),
        badges: identity.badges(&scope, person.id).await?,
        has_pin: identity.has_pin(&scope, person.id).await?,
        joined,
        others,
        person,
        revealed,
        state,
        status,
    };
    Ok(asker.show(&page))
}

/// A person as an administrator sees them.
pub(super) struct PersonPage {
    pub(super) person: Person,
    /// Personal data, once it was revealed.
    pub(super) revealed: Option<Revealed>,
    pub(super) reveals_left: u64,
    pub(super) locked: bool,
    /// Whether mail goes out from here at all.
    pub(super) mail: bool,
    pub(super) joined: Vec<Group>,
    pub(super) others: Vec<Group>,
    pub(super) badges: Vec<Badge>,
    pub(super) has_pin: bool,
    pub(super) state: FormState,
    pub(super) status: StatusCode,
}

impl Page for PersonPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, person) = (reader.texts(), &self.person);
        let facts = KeyValue::new()
            .row(t.get("identity-name"), &*person.name)
            .row(t.get("identity-kana"), person.kana.clone())
            .row(t.get("identity-kind"), kind_text(person, &t))
            .row(t.get("identity-state"), state_badge(person, &t))
            .row(t.get("identity-signed-in"), person.signed_in_at.map(|at| reader.time(at, reader.zone())))
            .row(t.get("identity-since"), reader.time(person.created_at, reader.zone()).day());
        let main = self
            .alerts(reader, &t)
            .then(Card::new(t.get("identity-tab-overview")).body(facts))
            .then(self.personal_card(&t));
        let side =
            Markup::from(self.groups_card(&t)).then(self.badges_card(reader, &t)).then(self.pin_card(&t));
        view(reader, person, "").status(self.status).body(Grid::main_and_side().add(main).add(side))
    }
}

impl PersonPage {
    fn alerts(&self, reader: &Reader, t: &Texts) -> Markup {
        let person = &self.person;
        let mut alerts = Markup::default();
        if let (PersonState::Left, Some(at)) = (person.state, person.delete_at) {
            let at = reader.time(at, reader.zone()).day().words();
            let back = Button::post(format!("/people/{}/return", person.id), t.get("identity-return"));
            let text = t.with("identity-left-until", [("when", at)]);
            alerts = alerts.then(Alert::new(Tone::Warn, text).action(back));
        }
        if self.locked {
            let unlock = Button::post(format!("/people/{}/unlock", person.id), t.get("identity-unlock"));
            alerts = alerts.then(Alert::new(Tone::Warn, t.get("identity-is-locked")).action(unlock));
        }
        if person.active() && person.mail.is_some() && !person.has_password {
            let alert = Alert::new(Tone::Info, t.get("identity-not-accepted"));
            let again = Button::post(format!("/people/{}/invite", person.id), t.get("identity-invite-again"));
            let alert = if self.mail { alert.action(again) } else { alert };
            alerts = alerts.then(alert.action(hand_over::ask(t, person)));
        }
        alerts
    }

    fn personal_card(&self, t: &Texts) -> Card {
        let person = &self.person;
        let card = Card::new(t.get("identity-personal"));
        if let Some(revealed) = &self.revealed {
            let facts = KeyValue::new()
                .row(t.get("identity-mail"), revealed.mail.clone())
                .row(t.get("identity-phone"), revealed.phone.clone())
                .row(t.get("identity-number"), revealed.number.clone());
            return card.body(facts).footer(t.get("identity-revealed-note"));
        }
        let masked = |value: &Option<String>, mask: fn(&str) -> Masked| {
            value.as_deref().map(|value| mask(value).to_string())
        };
        let facts = KeyValue::new()
            .row(t.get("identity-mail"), masked(&person.mail, Masked::mail))
            .row(t.get("identity-phone"), masked(&person.phone, Masked::phone))
            .row(t.get("identity-number"), masked(&person.number, Masked::text));
        let form = FormBox::post(format!("/people/{}/reveal", person.id), &self.state, t)
            .add(
                Field::text("reason", t.get("identity-reveal-reason-label"))
                    .from(&self.state, t)
                    .hint(t.count("identity-reveal-hint", self.reveals_left))
                    .required(),
            )
            .button(Button::submit(t.get("identity-reveal")).plain().icon("eye"));
        card.body(facts).footer(form)
    }

    fn groups_card(&self, t: &Texts) -> Card {
        let person = &self.person;
        let columns = [Column::new(t.get("identity-group")), Column::new("").narrow()];
        let rows = self.joined.iter().map(|group| {
            let leave = format!("/people/{}/groups/{}/leave", person.id, group.id);
            Row::new()
                .cell(group.name.as_str())
                .cell(Button::post(leave, t.get("identity-group-take-out")).small().quiet())
        });
        let table = Table::new(t.get("identity-groups"), columns)
            .rows(rows)
            .empty(Empty::new(t.get("identity-groups-in-none"), "").icon("users-group"));
        let card = Card::new(t.get("identity-groups")).flush().body(table);
        if !person.active() || self.others.is_empty() {
            return card;
        }
        let open = self.others.iter().map(|group| (group.id.to_string(), group.name.clone()));
        let form = FormBox::post(format!("/people/{}/groups", person.id), &self.state, t)
            .add(Field::select("group", t.get("identity-group")).from(&self.state, t).options(open))
            .button(Button::submit(t.get("identity-group-put-in")).plain());
        card.footer(form)
    }

    fn badges_card(&self, reader: &Reader, t: &Texts) -> Card {
        let person = &self.person;
        let columns = [
            Column::new(t.get("identity-badge-label")),
            Column::new(t.get("identity-since")),
            Column::new("").narrow(),
        ];
        let rows = self.badges.iter().map(|badge| {
            let remove = Confirm::new(
                format!("/people/{}/badges/{}/remove", person.id, badge.id),
                t.get("identity-badge-remove"),
                t.get("identity-badge-remove-question"),
                t.get("identity-badge-remove-do"),
            );
            Row::new()
                .cell(badge.label.as_str())
                .cell(reader.time(badge.created_at, reader.zone()).day())
                .cell(remove.small())
        });
        let table = Table::new(t.get("identity-badges"), columns)
            .rows(rows)
            .empty(Empty::new(t.get("identity-badges-none"), "").icon("id-badge-2"));
        let card = Card::new(t.get("identity-badges")).flush().body(table);
        if !person.active() {
            return card;
        }
        let form = FormBox::post(format!("/people/{}/badges", person.id), &self.state, t)
            .beside([
                Field::text("serial", t.get("identity-badge-serial"))
                    .from(&self.state, t)
                    .placeholder("04A21B3C")
                    .autocomplete("off")
                    .required(),
                Field::text("label", t.get("identity-badge-label")).from(&self.state, t).autocomplete("off"),
            ])
            .button(Button::submit(t.get("identity-badge-add")).plain());
        card.footer(form)
    }

    /// The PIN that a box asks for after the badge. Whoever cannot sign in here has it from an administrator.
    fn pin_card(&self, t: &Texts) -> Option<Card> {
        if !self.person.active() {
            return None;
        }
        let word = if self.has_pin { "identity-pin-has" } else { "identity-pin-none" };
        let form = FormBox::post(format!("/people/{}/pin", self.person.id), &self.state, t)
            .add(
                Field::password("pin", t.get("identity-pin-new"))
                    .from(&self.state, t)
                    .autocomplete("off")
                    .attr("inputmode", "numeric")
                    .hint(t.get("identity-pin-hint"))
                    .short(),
            )
            .button(Button::submit(t.get("identity-pin-give")).plain());
        Some(Card::new(t.get("identity-pin")).body(t.get(word)).footer(form))
    }
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
            overview_page(&asker, &identity, found, Some(revealed), FormState::empty(), StatusCode::OK).await
        }
        Err(RevealError::StepUp) => Ok(to_step_up(&asker, &format!("/people/{}", found.id))),
        Err(error) => {
            let state = state.failed(error.into())?;
            overview_page(&asker, &identity, found, None, state, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn invite_again(asker: Asker, State(identity): State<Identity>, Path(person): Path<String>) -> Result {
    let by = identity.administrator(&asker.cx).await?;
    identity.invite_again(&asker.cx, by, id(&person)?).await?;
    let mail = can_mail(&asker, &identity).await?;
    let text = if mail { "identity-invited" } else { "identity-invited-no-mail" };
    Ok(asker.done(text, format!("/people/{person}")))
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
        Err(BadgeError::StepUp) => Ok(to_step_up(&asker, &format!("/people/{person}"))),
        Err(error) => {
            let state = state.failed(error.into())?;
            overview_page(&asker, &identity, found, None, state, StatusCode::UNPROCESSABLE_ENTITY).await
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
        Err(PinError::StepUp) => Ok(to_step_up(&asker, &format!("/people/{person}"))),
        Err(error) => {
            let state = state.failed(error.into())?;
            overview_page(&asker, &identity, found, None, state, StatusCode::UNPROCESSABLE_ENTITY).await
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
