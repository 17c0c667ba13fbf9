//! Groups of people: list, one group with its members, new.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use sekisho_kernel::PersonId;
use sekisho_web::parts::{Button, Card, Column, Confirm, Empty, Field, FormBox, Grid, Row, Table};
use sekisho_web::{
    Access, Asker, Form, FormState, Markup, Page, Reader, Result, Routes, Sheet, Texts, WebError,
};
use serde::Deserialize;

use super::id;
use crate::{Group, Identity, PeopleFilter};

pub(super) fn routes() -> Routes<Identity> {
    Routes::new("identity")
        .get("/people/groups", Access::Administrator, list)
        .post("/people/groups", Access::Proven, make)
        .get("/people/groups/{id}", Access::Administrator, show)
        .post("/people/groups/{id}", Access::Proven, save)
        .post("/people/groups/{id}/dissolve", Access::Proven, dissolve)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    name: String,
    note: String,
}

async fn list(asker: Asker, State(identity): State<Identity>) -> Result {
    list_page(&asker, &identity, FormState::empty(), StatusCode::OK).await
}

fn form(t: &Texts, action: String, state: &FormState) -> FormBox {
    FormBox::post(action, state, t)
        .add(Field::text("name", t.get("identity-group-name")).from(state, t).autocomplete("off").required())
        .add(
            Field::text("note", t.get("identity-group-note"))
                .from(state, t)
                .optional(t.get("identity-optional")),
        )
}

async fn list_page(asker: &Asker, identity: &Identity, state: FormState, status: StatusCode) -> Result {
    let scope = identity.read(&asker.cx).await?;
    let counts = identity.member_counts(&scope).await?;
    let groups = identity.groups(&scope).await?.into_iter();
    let groups = groups.map(|group| (counts.get(&group.id).copied().unwrap_or(0), group)).collect();
    Ok(asker.show(&Groups { groups, state, status }))
}

/// The groups by name, and the form of a new one.
pub(super) struct Groups {
    /// Each with the number of its members.
    pub(super) groups: Vec<(u64, Group)>,
    pub(super) state: FormState,
    pub(super) status: StatusCode,
}

impl Page for Groups {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let columns = [
            Column::new(t.get("identity-group-name")),
            Column::new(t.get("identity-group-members")).numeric(),
            Column::new(t.get("identity-group-note")).secondary(),
        ];
        let rows = self.groups.iter().map(|(members, group)| {
            Row::new()
                .cell(group.name.as_str())
                .cell(*members)
                .cell(group.note.as_str())
                .href(format!("/people/groups/{}", group.id))
        });
        let table = Table::new(t.get("identity-groups"), columns).rows(rows).empty(
            Empty::new(t.get("identity-groups-none"), t.get("identity-groups-none-text")).icon("users-group"),
        );
        let make = form(&t, "/people/groups".to_owned(), &self.state).submit(t.get("identity-group-make"));
        let body = Grid::main_and_side()
            .add(Card::plain().flush().body(table))
            .add(Card::new(t.get("identity-group-new")).body(make));
        let sheet = reader.sheet("identity-groups").crumb("/people", "identity-nav-people");
        sheet.status(self.status).body(body)
    }
}

async fn make(asker: Asker, State(identity): State<Identity>, form: Form<Typed>) -> Result {
    let by = identity.administrator(&asker.cx).await?;
    let (typed, state) = form.split();
    let typed = typed?;
    match identity.make_group(&asker.cx, by, &typed.name, &typed.note).await {
        Ok(group) => Ok(asker.done("identity-saved", format!("/people/groups/{group}"))),
        Err(error) => {
            list_page(&asker, &identity, state.failed(error.into())?, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn find(identity: &Identity, asker: &Asker, group: &str) -> Result<Group> {
    let scope = identity.read(&asker.cx).await?;
    identity.group(&scope, id(group)?).await?.ok_or_else(WebError::missing)
}

async fn show(asker: Asker, State(identity): State<Identity>, Path(group): Path<String>) -> Result {
    let group = find(&identity, &asker, &group).await?;
    let state = FormState::empty().with("name", &group.name).with("note", &group.note);
    page(&asker, &identity, group, state, StatusCode::OK).await
}

async fn page(
    asker: &Asker,
    identity: &Identity,
    group: Group,
    state: FormState,
    status: StatusCode,
) -> Result {
    let scope = identity.read(&asker.cx).await?;
    let filter = PeopleFilter { group: Some(group.id), ..PeopleFilter::default() };
    let people = identity.people(&asker.cx, &scope, &filter).await?.into_iter();
    let members = people.map(|person| (person.id, person.name)).collect();
    Ok(asker.show(&GroupPage { group, members, state, status }))
}

/// A group with its members.
pub(super) struct GroupPage {
    pub(super) group: Group,
    pub(super) members: Vec<(PersonId, String)>,
    pub(super) state: FormState,
    pub(super) status: StatusCode,
}

impl Page for GroupPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, group) = (reader.texts(), &self.group);
        let columns = [Column::new(t.get("identity-name")), Column::new("").narrow()];
        let rows = self.members.iter().map(|(person, name)| {
            let leave = format!("/people/{person}/groups/{}/leave", group.id);
            Row::new()
                .cell(name.as_str())
                .cell(Button::post(leave, t.get("identity-group-take-out")).small().quiet())
                .href(format!("/people/{person}"))
        });
        let table = Table::new(t.get("identity-group-members"), columns).rows(rows).empty(
            Empty::new(t.get("identity-members-none"), t.get("identity-members-none-text")).icon("users"),
        );
        let at = format!("/people/groups/{}", group.id);
        let edit = form(&t, at.clone(), &self.state).submit(t.get("identity-save"));
        let mut side = Markup::from(Card::new(t.get("identity-tab-settings")).body(edit));
        if self.members.is_empty() {
            side = side.then(Card::plain().body(Confirm::new(
                format!("{at}/dissolve"),
                t.get("identity-group-dissolve"),
                t.with("identity-group-dissolve-question", [("name", group.name.as_str())]),
                t.get("identity-group-dissolve-do"),
            )));
        }
        let members = Card::new(t.get("identity-group-members")).flush().body(table);
        reader
            .sheet_of(&group.name)
            .crumb("/people", "identity-nav-people")
            .crumb("/people/groups", "identity-groups")
            .status(self.status)
            .body(Grid::main_and_side().add(members).add(side))
    }
}

async fn save(
    asker: Asker,
    State(identity): State<Identity>,
    Path(group): Path<String>,
    form: Form<Typed>,
) -> Result {
    let by = identity.administrator(&asker.cx).await?;
    let found = find(&identity, &asker, &group).await?;
    let (typed, state) = form.split();
    let typed = typed?;
    match identity.edit_group(&asker.cx, by, found.id, &typed.name, &typed.note).await {
        Ok(()) => Ok(asker.done("identity-saved", format!("/people/groups/{group}"))),
        Err(error) => {
            let state = state.failed(error.into())?;
            page(&asker, &identity, found, state, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn dissolve(asker: Asker, State(identity): State<Identity>, Path(group): Path<String>) -> Result {
    let by = identity.administrator(&asker.cx).await?;
    identity.dissolve_group(&asker.cx, by, id(&group)?).await?;
    Ok(asker.done("identity-group-dissolved", "/people/groups"))
}
