//! The list of people: search, filters, CSV out and in, and inviting somebody.

use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use sekisho_kernel::{GroupId, PersonId};
use sekisho_web::parts::{
    Badge, Button, Card, Column, Empty, Field, Filters, FormBox, Pager, Row, Table, Tone,
};
use sekisho_web::{
    Access, Asker, Cursor, Form, FormState, Markup, Page, Query, Reader, Result, Routes, Sheet, Texts,
    WebError, csv,
};
use serde::Deserialize;

use super::links::can_mail;
use super::me::languages;
use crate::import_people::{ImportError, WrongLine};
use crate::{Group, Identity, NewPerson, PeopleFilter, PeopleSort, Person, PersonKind, PersonState};

const ROWS: u64 = 50;
const LARGEST_FILE: usize = 2 << 20;

pub(super) fn routes() -> Routes<Identity> {
    Routes::new("identity")
        .get("/people", Access::Administrator, list)
        .get("/people/csv", Access::Administrator, download)
        .get("/people/new", Access::Proven, show_new)
        .post("/people/new", Access::Proven, invite)
        .get("/people/import", Access::Proven, show_import)
        .post_large("/people/import", Access::Proven, LARGEST_FILE, import)
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
    let scope = identity.read(&asker.cx).await?;
    let filter = PeopleFilter { limit: ROWS + 1, ..ask.filter()? };
    let people = identity.people(&asker.cx, &scope, &filter).await?;
    let groups = group_choices(identity.groups(&scope).await?);
    let (people, next) = cut(people, ROWS);
    Ok(asker.show(&PeopleList { people, next, groups, ask }))
}

/// Groups as forms choose from them: id and name.
fn group_choices(groups: Vec<Group>) -> Vec<(String, String)> {
    groups.into_iter().map(|group| (group.id.to_string(), group.name)).collect()
}

/// The people by name.
pub(super) struct PeopleList {
    pub(super) people: Vec<Person>,
    pub(super) next: Option<String>,
    pub(super) groups: Vec<(String, String)>,
    pub(super) ask: ListAsk,
}

impl Page for PeopleList {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let body = Markup::from(self.filters(reader, &t))
            .then(self.table(reader, &t))
            .then(Pager::new(reader, self.next.as_deref()));
        reader
            .sheet("identity-nav-people")
            .action(Button::link("/people/new", t.get("identity-invite")).primary().icon("user-plus"))
            .body(body)
    }
}

impl PeopleList {
    fn filters(&self, reader: &Reader, t: &Texts) -> Filters {
        let ask = &self.ask;
        let all = |text: &str| (String::new(), t.get(text));
        Filters::new("/people", t.get("identity-search"))
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
                Field::select("group", t.get("identity-group"))
                    .value(&ask.group)
                    .options(std::iter::once(all("identity-group-all")).chain(self.groups.iter().cloned())),
            )
            .more(Button::link(csv_address(reader), t.get("identity-csv")).quiet().icon("download"))
            .more(Button::link("/people/import", t.get("identity-import")).quiet().icon("upload"))
            .more(Button::link("/people/groups", t.get("identity-groups")).quiet().icon("users-group"))
    }

    fn table(&self, reader: &Reader, t: &Texts) -> Table {
        let sort = &*self.ask.sort;
        let columns = [
            Column::new(t.get("identity-name")).sort(
                reader,
                "name",
                if sort.is_empty() { "name" } else { sort },
            ),
            Column::new(t.get("identity-kind")).secondary(),
            Column::new(t.get("identity-state")).narrow(),
            Column::new(t.get("identity-signed-in")).secondary(),
            Column::new(t.get("identity-since")).sort(reader, "newest", sort).secondary(),
        ];
        let rows = self.people.iter().map(|person| {
            Row::new()
                .cell(named(person))
                .cell(kind_text(person, t))
                .cell(state_badge(person, t))
                .cell(person.signed_in_at.map(|at| reader.time(at, reader.zone()).relative()))
                .cell(reader.time(person.created_at, reader.zone()).day())
                .href(format!("/people/{}", person.id))
        });
        Table::new(t.get("identity-nav-people"), columns).id("people").rows(rows).empty(
            Empty::new(t.get("identity-people-none"), t.get("identity-people-none-text"))
                .icon("users")
                .action(Button::link("/people/new", t.get("identity-invite")).primary()),
        )
    }
}

/// At most `limit` of one row more, and the cursor at which the next page begins.
pub(crate) fn cut(mut people: Vec<Person>, limit: u64) -> (Vec<Person>, Option<String>) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = people.len() > limit;
    people.truncate(limit);
    let next = people.last().filter(|_| more).map(|last| Cursor::encode(&(last.reading(), last.id)));
    (people, next)
}

fn csv_address(reader: &Reader) -> String {
    match reader.here().split_once('?') {
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
    let state = FormState::empty().with("language", asker.cx.language.tag());
    new_page(&asker, &identity, state, StatusCode::OK).await
}

async fn new_page(asker: &Asker, identity: &Identity, state: FormState, status: StatusCode) -> Result {
    let groups = group_choices(identity.groups(&identity.read(&asker.cx).await?).await?);
    Ok(asker.show(&NewPersonPage { state, groups, status }))
}

/// The form that invites somebody.
pub(super) struct NewPersonPage {
    pub(super) state: FormState,
    pub(super) groups: Vec<(String, String)>,
    pub(super) status: StatusCode,
}

impl Page for NewPersonPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, state) = (reader.texts(), &self.state);
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
        if !self.groups.is_empty() {
            let groups = Field::checkboxes("groups", t.get("identity-groups"));
            form = form.add(groups.from(state, &t).options(self.groups.clone()));
        }
        let form = form.submit(t.get("identity-invite-do")).cancel("/people", t.get("identity-back"));
        let sheet = reader.sheet("identity-invite").crumb("/people", "identity-nav-people");
        sheet.status(self.status).body(Card::plain().body(form))
    }
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
            let mail = can_mail(&asker, &identity).await?;
            let text = if mail { "identity-invited" } else { "identity-invited-no-mail" };
            Ok(asker.done(text, format!("/people/{}", invited.person)))
        }
        Ok(invited) => Ok(asker.done("identity-added", format!("/people/{}", invited.person))),
        Err(error) => {
            new_page(&asker, &identity, state.failed(error)?, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn show_import(asker: Asker, State(identity): State<Identity>) -> Result {
    let mail = can_mail(&asker, &identity).await?;
    let state = FormState::empty();
    Ok(asker.show(&ImportPage { mail, state, lines: Vec::new(), status: StatusCode::OK }))
}

/// The form that takes a file of people, and what is wrong with the file that was sent.
pub(super) struct ImportPage {
    /// Whether mail goes out from here at all.
    pub(super) mail: bool,
    pub(super) state: FormState,
    pub(super) lines: Vec<WrongLine>,
    pub(super) status: StatusCode,
}

impl Page for ImportPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, state) = (reader.texts(), &self.state);
        let file = Field::file("file", t.get("identity-import-file")).from(state, &t);
        let submit = if self.mail { "identity-import-do" } else { "identity-import-do-no-mail" };
        let form = FormBox::post("/people/import", state, &t)
            .with_files()
            .add(Markup::raw(format!("<p>{}</p>", Markup::text(t.get("identity-import-intro")))))
            .add(Markup::raw(
                "<pre tabindex=\"0\">name,kana,mail,phone,number,language,kind\n佐藤 花子,さとう はなこ,sato@example.jp,090-1234-5678,0042,ja,user</pre>",
            ))
            .add(file.attr("accept", ".csv,text/csv").required())
            .submit(t.get(submit))
            .cancel("/people", t.get("identity-back"));
        let wrong = (!self.lines.is_empty()).then(|| {
            let columns = ["identity-import-line", "identity-import-column", "identity-import-wrong"];
            let rows = self.lines.iter().take(200);
            Table::new(t.get("identity-import-lines"), columns.map(|id| Column::new(t.get(id))))
                .rows(rows.map(|line| Row::new().cell(line.line).cell(line.field).cell(t.get(line.text))))
        });
        reader
            .sheet("identity-import")
            .crumb("/people", "identity-nav-people")
            .status(self.status)
            .body(Markup::from(Card::plain().body(form)).then(wrong))
    }
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
    let mail = can_mail(&asker, &identity).await?;
    match identity.import_people(&asker.cx, by, &file.unwrap_or_default()).await {
        Ok(_) => {
            let text = if mail { "identity-imported" } else { "identity-imported-no-mail" };
            Ok(asker.done(text, "/people"))
        }
        Err(error) => {
            let lines = match &error {
                ImportError::Lines(lines) => lines.clone(),
                _ => Vec::new(),
            };
            let state = FormState::empty().failed(error.into())?;
            Ok(asker.show(&ImportPage { mail, state, lines, status: StatusCode::UNPROCESSABLE_ENTITY }))
        }
    }
}
