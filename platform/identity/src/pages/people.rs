//! The list of people: search, filters, CSV out and in, and inviting somebody.

use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_kernel::{GroupId, PersonId};
use sekisho_web::parts::{
    Badge, Button, Card, Column, Empty, Field, Filters, FormBox, Pager, Row, Table, Tone,
};
use sekisho_web::{
    Access, Asker, Cursor, Form, FormState, Markup, Query, Result, Routes, Texts, WebError, csv,
};
use serde::Deserialize;

use super::me::languages;
use crate::import_people::ImportError;
use crate::{Identity, NewPerson, PeopleFilter, PeopleSort, Person, PersonKind, PersonState};

const ROWS: u64 = 50;
const LARGEST_FILE: usize = 2 << 20;

pub(super) fn routes() -> Routes<Identity> {
    Routes::new("identity")
        .get("/people", Access::Administrator, list)
        .get("/people/csv", Access::Administrator, download)
        .get("/people/new", Access::Administrator, show_new)
        .post("/people/new", Access::Administrator, invite)
        .get("/people/import", Access::Administrator, show_import)
        .post_large("/people/import", Access::Administrator, LARGEST_FILE, import)
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ListAsk {
    pub(crate) q: String,
    pub(crate) state: String,
    pub(crate) kind: String,
    pub(crate) group: String,
    pub(crate) sort: String,
    pub(crate) cursor: String,
}

impl ListAsk {
    pub(crate) fn filter(&self) -> Result<PeopleFilter> {
        let states = match self.state.as_str() {
            "left" => vec![PersonState::Left],
            "all" => vec![PersonState::Active, PersonState::Left],
            _ => Vec::new(),
        };
        let kind = match self.kind.as_str() {
            "user" => Some(PersonKind::User),
            "guest" => Some(PersonKind::Guest),
            _ => None,
        };
        let after = match self.cursor.as_str() {
            "" => None,
            cursor => Some(Cursor::decode::<(String, PersonId)>(cursor)?),
        };
        let sort = match self.sort.as_str() {
            "-name" => PeopleSort::NameBackwards,
            "newest" | "-newest" => PeopleSort::Newest,
            _ => PeopleSort::Name,
        };
        let group = self.group.parse::<GroupId>().ok();
        Ok(PeopleFilter { search: self.q.clone(), states, kind, group, sort, after, limit: 0 })
    }
}

async fn list(asker: Asker, State(identity): State<Identity>, Query(ask): Query<ListAsk>) -> Result {
    let t = asker.texts();
    let scope = identity.read(&asker.cx).await?;
    let filter = PeopleFilter { limit: ROWS + 1, ..ask.filter()? };
    let people = identity.people(&asker.cx, &scope, &filter).await?;
    let groups = identity.groups(&scope).await?;
    let (people, next) = cut(people, ROWS);
    let all = |text: &str| (String::new(), t.get(text));
    let filters = Filters::new("/people", t.get("identity-search"))
        .search(t.get("identity-people-search"), &ask.q)
        .field(Field::select("state", t.get("identity-state")).value(&ask.state).options([
            (String::new(), t.get("identity-state-active")),
            ("left".to_owned(), t.get("identity-state-left")),
            ("all".to_owned(), t.get("identity-state-all")),
        ]))
        .field(Field::select("kind", t.get("identity-kind")).value(&ask.kind).options([
            all("identity-kind-all"),
            ("user".to_owned(), t.get("identity-kind-user")),
            ("guest".to_owned(), t.get("identity-kind-guest")),
        ]))
        .field(
            Field::select("group", t.get("identity-group")).value(&ask.group).options(
                std::iter::once(all("identity-group-all"))
                    .chain(groups.iter().map(|group| (group.id.to_string(), group.name.clone()))),
            ),
        )
        .more(Button::link(csv_address(&asker), t.get("identity-csv")).quiet().icon("download"))
        .more(Button::link("/people/import", t.get("identity-import")).quiet().icon("upload"))
        .more(Button::link("/people/groups", t.get("identity-groups")).quiet().icon("users-group"));
    let table = Table::new(
        t.get("identity-nav-people"),
        [
            Column::new(t.get("identity-name")).sort(
                &asker.reader(),
                "name",
                if ask.sort.is_empty() { "name" } else { &ask.sort },
            ),
            Column::new(t.get("identity-kind")).secondary(),
            Column::new(t.get("identity-state")).narrow(),
            Column::new(t.get("identity-signed-in")).secondary(),
            Column::new(t.get("identity-since")).sort(&asker.reader(), "newest", &ask.sort).secondary(),
        ],
    )
    .id("people")
    .rows(people.iter().map(|person| {
        Row::new()
            .cell(named(person))
            .cell(kind_text(person, &t))
            .cell(state_badge(person, &t))
            .cell(person.signed_in_at.map(|at| asker.time(at, asker.zone()).relative()))
            .cell(asker.time(person.created_at, asker.zone()).day())
            .href(format!("/people/{}", person.id))
    }))
    .empty(
        Empty::new(t.get("identity-people-none"), t.get("identity-people-none-text"))
            .icon("users")
            .action(Button::link("/people/new", t.get("identity-invite")).primary()),
    );
    let body = Markup::from(filters).then(table).then(Pager::new(&asker.reader(), next.as_deref()));
    Ok(asker
        .view("identity-nav-people")
        .action(Button::link("/people/new", t.get("identity-invite")).primary().icon("user-plus"))
        .show_markup(body))
}

/// At most `limit` of one row more, and the cursor at which the next page begins.
pub(crate) fn cut(mut people: Vec<Person>, limit: u64) -> (Vec<Person>, Option<String>) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = people.len() > limit;
    people.truncate(limit);
    let next = people.last().filter(|_| more).map(|last| Cursor::encode(&(last.reading(), last.id)));
    (people, next)
}

fn csv_address(asker: &Asker) -> String {
    match asker.here().split_once('?') {
        Some((_, query)) => format!("/people/csv?{query}"),
        None => "/people/csv".to_owned(),
    }
}

/// The name, with its reading where it is known.
fn named(person: &Person) -> Markup {
    let name = Markup::text(&person.name);
    match &person.kana {
        Some(kana) => name.then(Markup::raw(format!(" <span class=\"muted\">{}</span>", Markup::text(kana)))),
        None => name,
    }
}

pub(super) fn kind_text(person: &Person, t: &Texts) -> String {
    t.get(match person.kind {
        PersonKind::User => "identity-kind-user",
        PersonKind::Guest => "identity-kind-guest",
    })
}

pub(super) fn state_badge(person: &Person, t: &Texts) -> Badge {
    match person.state {
        PersonState::Active if person.mail.is_some() && !person.has_password => {
            Badge::new(t.get("identity-state-invited")).tone(Tone::Info)
        }
        PersonState::Active => Badge::new(t.get("identity-state-active")).tone(Tone::Good),
        PersonState::Left | PersonState::Deleted => Badge::new(t.get("identity-state-left")),
    }
}

/// Names and states only: personal data leaves the page by a reveal, one by one and with a reason.
async fn download(asker: Asker, State(identity): State<Identity>, Query(ask): Query<ListAsk>) -> Result {
    let t = asker.texts();
    let scope = identity.read(&asker.cx).await?;
    let people = identity.people(&asker.cx, &scope, &ask.filter()?).await?;
    let header =
        ["id", "identity-name", "identity-kana", "identity-kind", "identity-state", "identity-signed-in"]
            .map(|id| if id == "id" { id.to_owned() } else { t.get(id) });
    let rows = people.into_iter().map(|person| {
        let state = match person.state {
            PersonState::Active => "identity-state-active",
            _ => "identity-state-left",
        };
        [
            person.id.to_string(),
            person.name.clone(),
            person.kana.clone().unwrap_or_default(),
            kind_text(&person, &t),
            t.get(state),
            person.signed_in_at.map(|at| at.rfc3339()).unwrap_or_default(),
        ]
    });
    Ok(csv(&asker, "people.csv", &header, rows))
}

async fn show_new(asker: Asker, State(identity): State<Identity>) -> Result {
    new_page(&asker, &identity, &FormState::empty().with("language", asker.cx.language.tag()), StatusCode::OK)
        .await
}

async fn new_page(asker: &Asker, identity: &Identity, state: &FormState, status: StatusCode) -> Result {
    let t = asker.texts();
    let groups = identity.groups(&identity.read(&asker.cx).await?).await?;
    let optional = || t.get("identity-optional");
    let mut form = FormBox::post("/people/new", state, &t)
        .beside([
            Field::text("name", t.get("identity-name")).from(state, &t).autocomplete("off").required(),
            Field::text("kana", t.get("identity-kana"))
                .from(state, &t)
                .autocomplete("off")
                .optional(optional()),
        ])
        .add(
            Field::email("mail", t.get("identity-mail"))
                .from(state, &t)
                .autocomplete("off")
                .hint(t.get("identity-mail-hint"))
                .optional(optional()),
        )
        .beside([
            Field::phone("phone", t.get("identity-phone"))
                .from(state, &t)
                .autocomplete("off")
                .optional(optional()),
            Field::text("number", t.get("identity-number"))
                .from(state, &t)
                .autocomplete("off")
                .attr("inputmode", "numeric")
                .hint(t.get("identity-number-hint"))
                .optional(optional()),
        ])
        .add(Field::radio("language", t.get("identity-language")).from(state, &t).options(languages()))
        .add(
            Field::checkbox("guest", t.get("identity-guest"))
                .from(state, &t)
                .hint(t.get("identity-guest-hint")),
        );
    if !groups.is_empty() {
        let options = groups.iter().map(|group| (group.id.to_string(), group.name.clone()));
        form =
            form.add(Field::checkboxes("groups", t.get("identity-groups")).from(state, &t).options(options));
    }
    let form = form.submit(t.get("identity-invite-do")).cancel("/people", t.get("identity-back"));
    Ok(asker
        .view("identity-invite")
        .crumb("/people", "identity-nav-people")
        .status(status)
        .show_markup(Card::plain().body(form)))
}

async fn invite(asker: Asker, State(identity): State<Identity>, form: Form<NewPerson>) -> Result {
    let by = identity.administrator(&asker.cx).await?;
    let (typed, state) = form.split();
    let invited = match typed {
        Ok(new) => identity.invite_person(&asker.cx, by, &new).await.map_err(WebError::from),
        Err(error) => Err(error),
    };
    match invited {
        Ok(invited) if invited.token.is_some() => {
            Ok(asker.done("identity-invited", format!("/people/{}", invited.person)))
        }
        Ok(invited) => Ok(asker.done("identity-added", format!("/people/{}", invited.person))),
        Err(error) => {
            new_page(&asker, &identity, &state.failed(error)?, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn show_import(asker: Asker) -> Result {
    Ok(import_page(&asker, &FormState::empty(), Markup::default(), StatusCode::OK))
}

fn import_page(asker: &Asker, state: &FormState, wrong: Markup, status: StatusCode) -> Response {
    let t = asker.texts();
    let form = FormBox::post("/people/import", state, &t)
        .with_files()
        .add(Markup::raw(format!("<p>{}</p>", Markup::text(t.get("identity-import-intro")))))
        .add(Markup::raw(
            "<pre>name,kana,mail,phone,number,language,kind\n佐藤 花子,さとう はなこ,sato@example.jp,090-1234-5678,0042,ja,user</pre>",
        ))
        .add(Field::file("file", t.get("identity-import-file")).from(state, &t).attr("accept", ".csv,text/csv").required())
        .submit(t.get("identity-import-do"))
        .cancel("/people", t.get("identity-back"));
    asker
        .view("identity-import")
        .crumb("/people", "identity-nav-people")
        .status(status)
        .show_markup(Markup::from(Card::plain().body(form)).then(wrong))
}

async fn import(asker: Asker, State(identity): State<Identity>, mut parts: Multipart) -> Result {
    let by = identity.administrator(&asker.cx).await?;
    let unreadable = |_| WebError::invalid("file", "identity-import-unreadable");
    let mut file = None;
    while let Some(part) = parts.next_field().await.map_err(unreadable)? {
        if part.name() == Some("file") {
            file = Some(part.bytes().await.map_err(unreadable)?);
        }
    }
    let t = asker.texts();
    match identity.import_people(&asker.cx, by, &file.unwrap_or_default()).await {
        Ok(_) => Ok(asker.done("identity-imported", "/people")),
        Err(error) => {
            let mut wrong = Markup::default();
            if let ImportError::Lines(lines) = &error {
                let columns = ["identity-import-line", "identity-import-column", "identity-import-wrong"];
                let table =
                    Table::new(t.get("identity-import-lines"), columns.map(|id| Column::new(t.get(id))))
                        .rows(
                            lines.iter().take(200).map(|line| {
                                Row::new().cell(line.line).cell(line.field).cell(t.get(line.text))
                            }),
                        );
                wrong = table.into();
            }
            let state = FormState::empty().failed(error.into())?;
            Ok(import_page(&asker, &state, wrong, StatusCode::UNPROCESSABLE_ENTITY))
        }
    }
}
