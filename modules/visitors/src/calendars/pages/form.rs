//! The form of a mailbox or calendar, new or changed. A password that was typed once is never sent back.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use sekisho_kernel::{PersonId, SiteId};
use sekisho_places::Site;
use sekisho_web::parts::{Card, Confirm, Field, FormBox};
use sekisho_web::{Asker, Form, FormState, IfMatch, Markup, Page, Reader, Result, Sheet, Texts, WebError};
use serde::Deserialize;

use super::super::reads;
use super::super::settings::{CalendarForm, add_calendar, change_calendar, remove_calendar};
use super::HERE;
use crate::Visitors;
use crate::ids::CalendarId;
use crate::tables::CalendarKind;
use crate::tables::words::VisitKind;

/// What the form sends.
#[derive(Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    name: String,
    site: Option<SiteId>,
    visit_kind: VisitKind,
    person: Option<PersonId>,
    every_minutes: u32,
    host: String,
    port: Option<u16>,
    folder: String,
    address: String,
    authority: String,
    url: String,
    user: String,
    password: String,
    version: Option<i64>,
}

impl Default for Sent {
    fn default() -> Self {
        let CalendarForm { visit_kind, every_minutes, .. } = CalendarForm::default();
        Self {
            name: String::new(),
            site: None,
            visit_kind,
            person: None,
            every_minutes,
            host: String::new(),
            port: None,
            folder: String::new(),
            address: String::new(),
            authority: String::new(),
            url: String::new(),
            user: String::new(),
            password: String::new(),
            version: None,
        }
    }
}

impl Sent {
    fn form(self, kind: CalendarKind) -> CalendarForm {
        CalendarForm {
            kind,
            name: self.name,
            site: self.site,
            visit_kind: self.visit_kind,
            person: self.person,
            every_minutes: self.every_minutes,
            host: self.host,
            port: self.port.unwrap_or_default(),
            folder: self.folder,
            address: self.address,
            authority: self.authority,
            url: self.url,
            user: self.user,
            password: self.password,
        }
    }
}

/// The form.
pub(super) struct CalendarPage {
    pub(super) id: Option<CalendarId>,
    pub(super) kind: CalendarKind,
    pub(super) sites: Vec<Site>,
    pub(super) people: Vec<(PersonId, String)>,
    pub(super) state: FormState,
}

async fn drawn(
    asker: &Asker,
    visitors: &Visitors,
    (id, kind): (Option<CalendarId>, CalendarKind),
    state: FormState,
) -> Result {
    let scope = visitors.store.read(asker.cx.tenant).await?;
    let sites = sekisho_places::sites(&scope).await?;
    let people = match kind {
        CalendarKind::Mailbox => Vec::new(),
        CalendarKind::Collection => visitors.identity.active_names(&scope).await?,
    };
    Ok(asker.show(&CalendarPage { id, kind, sites, people, state }))
}

/// The empty form of one kind.
pub(super) async fn new(asker: Asker, State(visitors): State<Visitors>, Path(kind): Path<String>) -> Result {
    let kind = CalendarKind::from_word(&kind).ok_or_else(WebError::missing)?;
    let state = FormState::empty().with("every_minutes", 1);
    let state = match kind {
        CalendarKind::Mailbox => state.with("port", 993).with("folder", "INBOX"),
        CalendarKind::Collection => state,
    };
    drawn(&asker, &visitors, (None, kind), state).await
}

/// Connects it.
pub(super) async fn add(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(kind): Path<String>,
    sent: Form<Sent>,
) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    let kind = CalendarKind::from_word(&kind).ok_or_else(WebError::missing)?;
    let (sent, state) = sent.split();
    let added = match sent {
        Ok(sent) => add_calendar(&visitors, &asker.cx, by, sent.form(kind)).await.map_err(WebError::from),
        Err(error) => Err(error),
    };
    match added {
        Ok(_) => Ok(asker.done("visitors-calendar-added", HERE)),
        Err(error) => drawn(&asker, &visitors, (None, kind), state.failed(error)?).await,
    }
}

/// The form of one that is there.
pub(super) async fn show(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<CalendarId>,
) -> Result {
    let row = reads::calendar(&visitors, &asker.cx, id).await?.ok_or_else(WebError::missing)?;
    let state = FormState::empty()
        .with("name", row.name)
        .with("site", row.site)
        .with("visit_kind", row.visit_kind.word())
        .with("person", row.person.map(|person| person.to_string()).unwrap_or_default())
        .with("every_minutes", row.every_minutes)
        .with("host", row.host)
        .with("port", row.port)
        .with("folder", row.folder)
        .with("address", row.address)
        .with("authority", row.authority)
        .with("url", row.url)
        .with("user", row.user)
        .with("version", row.version);
    drawn(&asker, &visitors, (Some(id), row.kind), state).await
}

/// Changes it.
pub(super) async fn save(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<CalendarId>,
    sent: Form<Sent>,
) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    let row = reads::calendar(&visitors, &asker.cx, id).await?.ok_or_else(WebError::missing)?;
    let (sent, state) = sent.split();
    let saved = match sent {
        Ok(sent) => {
            let seen = sent.version.map_or(IfMatch::ANY, IfMatch::seen);
            let saved = change_calendar(&visitors, &asker.cx, by, id, sent.form(row.kind), &seen);
            saved.await.map_err(WebError::from)
        }
        Err(error) => Err(error),
    };
    match saved {
        Ok(()) => Ok(asker.done("visitors-calendar-saved", HERE)),
        Err(error) => drawn(&asker, &visitors, (Some(id), row.kind), state.failed(error)?).await,
    }
}

/// Disconnects it.
pub(super) async fn remove(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<CalendarId>,
) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    remove_calendar(&visitors, &asker.cx, by, id).await?;
    Ok(asker.done("visitors-calendar-removed", HERE))
}

impl CalendarPage {
    fn mailbox(&self, form: FormBox, t: &Texts) -> FormBox {
        let field = |field: Field| field.from(&self.state, t);
        form.add(
            field(Field::email("address", t.get("visitors-calendar-address")).required())
                .hint(t.get("visitors-calendar-address-hint")),
        )
        .add(
            field(Field::text("host", t.get("visitors-calendar-host")).required())
                .hint(t.get("visitors-calendar-host-hint"))
                .placeholder("imap.example.jp"),
        )
        .beside([
            field(Field::number("port", t.get("visitors-calendar-port"))).attr("min", 1).attr("max", 65535),
            field(Field::text("folder", t.get("visitors-calendar-folder"))),
        ])
        .beside(self.account(t))
        .add(
            field(Field::text("authority", t.get("visitors-calendar-authority")).required())
                .hint(t.get("visitors-calendar-authority-hint"))
                .placeholder("mx.example.jp"),
        )
    }

    fn collection(&self, form: FormBox, t: &Texts) -> FormBox {
        let field = |field: Field| field.from(&self.state, t);
        let nobody = (String::new(), t.get("visitors-calendar-person-organizer"));
        let people = self.people.iter().map(|(id, name)| (id.to_string(), name.clone()));
        form.add(
            field(Field::url("url", t.get("visitors-calendar-url")).required())
                .hint(t.get("visitors-calendar-url-hint"))
                .placeholder("https://"),
        )
        .beside(self.account(t))
        .add(
            Field::select("person", t.get("visitors-calendar-person"))
                .options(std::iter::once(nobody).chain(people))
                .hint(t.get("visitors-calendar-person-hint"))
                .from(&self.state, t),
        )
    }

    /// User and password.
    fn account(&self, t: &Texts) -> [Field; 2] {
        let password = Field::password("password", t.get("visitors-calendar-password"));
        let password = password.autocomplete("new-password");
        let password = match self.id {
            Some(_) => password.hint(t.get("visitors-calendar-password-kept")),
            None => password,
        };
        let password = match self.state.error("password", t) {
            Some(error) => password.error(error),
            None => password,
        };
        let user = Field::text("user", t.get("visitors-calendar-user")).autocomplete("off");
        let user = if self.kind == CalendarKind::Mailbox { user.required() } else { user };
        [user.from(&self.state, t), password]
    }
}

impl Page for CalendarPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, state) = (reader.texts(), &self.state);
        let word = self.kind.word();
        let action = self.id.map_or_else(|| format!("{HERE}/new/{word}"), |id| format!("{HERE}/{id}"));
        let sites = self.sites.iter().map(|site| (site.id.to_string(), site.name.clone()));
        let kinds =
            VisitKind::ALL.iter().map(|kind| (kind.word(), t.get(&format!("visitors-kind-{}", kind.word()))));
        let form = FormBox::post(action, state, &t).add(
            Field::text("name", t.get("visitors-calendar-name"))
                .required()
                .hint(t.get("visitors-calendar-name-hint"))
                .attr("maxlength", 100)
                .from(state, &t),
        );
        let form = match self.kind {
            CalendarKind::Mailbox => self.mailbox(form, &t),
            CalendarKind::Collection => self.collection(form, &t),
        };
        let form = form
            .beside([
                Field::select("site", t.get("visitors-calendar-site"))
                    .options(sites)
                    .hint(t.get("visitors-calendar-site-hint"))
                    .from(state, &t),
                Field::select("visit_kind", t.get("visitors-calendar-visit-kind"))
                    .options(kinds)
                    .from(state, &t),
            ])
            .add(
                Field::number("every_minutes", t.get("visitors-calendar-every"))
                    .short()
                    .attr("min", 1)
                    .attr("max", 60)
                    .from(state, &t),
            )
            .add(Field::hidden("version", state.value("version")))
            .cancel(HERE, t.get("cancel"))
            .submit(t.get(if self.id.is_some() { "save" } else { "visitors-calendar-add-do" }));
        let status = if state.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        let remove = self.id.map(|id| {
            let question = t.with("visitors-calendar-remove-question", [("name", self.state.value("name"))]);
            let remove = Confirm::new(
                format!("{HERE}/{id}/remove"),
                t.get("visitors-calendar-remove"),
                question,
                t.get("visitors-calendar-remove"),
            );
            Card::plain().body(remove.icon("trash"))
        });
        let title = match self.id {
            Some(_) => "visitors-calendar-edit".to_owned(),
            None => format!("visitors-calendar-new-{word}"),
        };
        reader
            .sheet(&title)
            .crumb("/settings", "settings-title")
            .crumb(HERE, "visitors-calendars")
            .status(status)
            .body(Markup::from(Card::plain().body(form)).then(remove.map(Markup::from).unwrap_or_default()))
    }
}
