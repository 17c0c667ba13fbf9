//! The form of a printer, new or changed.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use sekisho_kernel::SiteId;
use sekisho_places::Site;
use sekisho_web::parts::{Alert, Button, Card, Confirm, Field, FormBox, Tone};
use sekisho_web::{Asker, Form, FormState, IfMatch, Markup, Page, Reader, Result, Sheet, WebError};
use serde::Deserialize;

use super::super::paper::Paper;
use super::super::printers::{PrinterForm, add_printer, change_printer, remove_printer};
use super::super::reads;
use super::super::try_page::try_printer;
use super::{HERE, PRINTERS};
use crate::Visitors;
use crate::ids::PrinterId;

/// What the form sends.
#[derive(Deserialize)]
pub(super) struct Sent {
    site: Option<SiteId>,
    name: String,
    address: String,
    user: String,
    password: String,
    paper: Paper,
    by_itself: bool,
    version: Option<i64>,
}

impl Sent {
    fn form(self) -> PrinterForm {
        let password = Some(self.password).filter(|password| !password.is_empty());
        PrinterForm {
            site: self.site,
            name: self.name,
            address: self.address,
            user: self.user,
            password,
            paper: self.paper,
            by_itself: self.by_itself,
        }
    }
}

/// The form.
pub(super) struct PrinterPage {
    pub(super) id: Option<PrinterId>,
    pub(super) sites: Vec<Site>,
    pub(super) state: FormState,
}

async fn drawn(asker: &Asker, visitors: &Visitors, id: Option<PrinterId>, state: FormState) -> Result {
    let sites = sekisho_places::sites(&visitors.store.read(asker.cx.tenant).await?).await?;
    Ok(asker.show(&PrinterPage { id, sites, state }))
}

/// The empty form.
pub(super) async fn new(asker: Asker, State(visitors): State<Visitors>) -> Result {
    drawn(&asker, &visitors, None, FormState::empty()).await
}

/// Adds the printer.
pub(super) async fn add(asker: Asker, State(visitors): State<Visitors>, sent: Form<Sent>) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    let (sent, state) = sent.split();
    let added = async { Ok(add_printer(&visitors, &asker.cx, by, sent?.form()).await?) };
    match added.await {
        Ok(_) => Ok(asker.done("visitors-printer-added", HERE)),
        Err(error) => drawn(&asker, &visitors, None, state.failed(error)?).await,
    }
}

/// The form of a printer that is there. Its password is not shown.
pub(super) async fn show(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<PrinterId>,
) -> Result {
    let rows = reads::printers(&visitors, &asker.cx).await?;
    let row = rows.into_iter().find(|row| row.id == id).ok_or_else(WebError::missing)?;
    let state = FormState::empty()
        .with("site", row.site)
        .with("name", row.name)
        .with("address", row.address)
        .with("user", row.user)
        .with("paper", row.paper.word())
        .with("by_itself", if row.by_itself { "true" } else { "" })
        .with("version", row.version);
    drawn(&asker, &visitors, Some(id), state).await
}

/// Changes the printer.
pub(super) async fn save(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<PrinterId>,
    sent: Form<Sent>,
) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    let (sent, state) = sent.split();
    let saved = async {
        let sent = sent?;
        let seen = sent.version.map_or(IfMatch::ANY, IfMatch::seen);
        Ok(change_printer(&visitors, &asker.cx, by, id, sent.form(), &seen).await?)
    };
    match saved.await {
        Ok(()) => Ok(asker.done("visitors-saved", HERE)),
        Err(error) => drawn(&asker, &visitors, Some(id), state.failed(error)?).await,
    }
}

/// Removes the printer.
pub(super) async fn remove(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<PrinterId>,
) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    remove_printer(&visitors, &asker.cx, by, id).await?;
    Ok(asker.done("visitors-printer-removed", HERE))
}

/// Prints a page to try it, and says what became of it.
pub(super) async fn try_out(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<PrinterId>,
) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    let tried = try_printer(&visitors, &asker.cx, by, id).await?;
    Ok(match tried.trouble {
        None => asker.done("visitors-printer-tried", HERE),
        Some(trouble) => {
            let text = format!("visitors-trouble-{}-text", trouble.word().replace('_', "-"));
            asker.not_done(&text, HERE)
        }
    })
}

impl Page for PrinterPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, state) = (reader.texts(), &self.state);
        let action = self.id.map_or_else(|| format!("{PRINTERS}/new"), |id| format!("{PRINTERS}/{id}"));
        let sites = self.sites.iter().map(|site| (site.id.to_string(), site.name.clone()));
        let papers =
            Paper::ALL.iter().map(|paper| (paper.word(), t.get(&format!("visitors-paper-{}", paper.word()))));
        let optional = || t.get("optional");
        let password = Field::password("password", t.get("visitors-printer-password"))
            .optional(optional())
            .autocomplete("off")
            .hint(t.get(if self.id.is_some() {
                "visitors-printer-password-kept"
            } else {
                "visitors-printer-password-hint"
            }))
            .from(state, &t);
        let form = FormBox::post(action, state, &t)
            .beside([
                Field::text("name", t.get("visitors-printer-name"))
                    .required()
                    .attr("maxlength", 100)
                    .from(state, &t),
                Field::select("site", t.get("visitors-site")).options(sites).required().from(state, &t),
            ])
            .add(
                Field::text("address", t.get("visitors-printer-address"))
                    .required()
                    .placeholder("ipps://printer.example/ipp/print")
                    .hint(t.get("visitors-printer-address-hint"))
                    .from(state, &t),
            )
            .add(Field::select("paper", t.get("visitors-paper")).options(papers).from(state, &t))
            .add(
                Field::switch("by_itself", t.get("visitors-printer-by-itself"))
                    .hint(t.get("visitors-printer-by-itself-hint"))
                    .from(state, &t),
            )
            .beside([
                Field::text("user", t.get("visitors-printer-user"))
                    .optional(optional())
                    .autocomplete("off")
                    .hint(t.get("visitors-printer-user-hint"))
                    .from(state, &t),
                password,
            ])
            .add(Field::hidden("version", state.value("version")))
            .cancel(HERE, t.get("cancel"))
            .submit(t.get(if self.id.is_some() { "save" } else { "visitors-printer-add" }));
        let status = if state.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        let note = Alert::new(Tone::Info, t.get("visitors-printer-who-sees"));
        let ends = self.id.map(|id| {
            let try_out =
                Button::post(format!("{PRINTERS}/{id}/try"), t.get("visitors-printer-try")).icon("printer");
            let remove = Confirm::new(
                format!("{PRINTERS}/{id}/remove"),
                t.get("visitors-printer-remove"),
                t.get("visitors-printer-remove-question"),
                t.get("visitors-printer-remove-do"),
            );
            Card::plain().body(Markup::from(try_out).then(remove.icon("trash")))
        });
        reader
            .sheet(if self.id.is_some() { "visitors-printer" } else { "visitors-printer-new" })
            .crumb("/settings", "settings-title")
            .crumb(HERE, "visitors-badges")
            .status(status)
            .body(
                Markup::from(note)
                    .then(Card::plain().body(form))
                    .then(ends.map(Markup::from).unwrap_or_default()),
            )
    }
}
