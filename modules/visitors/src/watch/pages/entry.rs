//! The form of an entry, new or changed.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use sekisho_kernel::{AuditEntry, SiteId};
use sekisho_places::Site;
use sekisho_web::parts::{Alert, Card, Confirm, Field, FormBox, Tone};
use sekisho_web::{Asker, Form, FormState, IfMatch, Markup, Page, Reader, Result, Sheet, WebError};
use serde::Deserialize;

use super::super::entries::{WatchForm, add_watch_entry, change_watch_entry, remove_watch_entry};
use super::super::reads;
use super::HERE;
use crate::Visitors;
use crate::ids::WatchEntryId;

/// What the form sends.
#[derive(Deserialize)]
pub(super) struct Sent {
    /// One a line.
    names: String,
    organisation: String,
    reason: String,
    phone: String,
    sites: Vec<SiteId>,
    from: String,
    until: String,
    version: Option<i64>,
}

impl Sent {
    fn form(self) -> WatchForm {
        WatchForm {
            names: self.names.lines().map(str::to_owned).collect(),
            organisation: self.organisation,
            reason: self.reason,
            phone: self.phone,
            sites: self.sites,
            from: Some(self.from),
            until: Some(self.until),
        }
    }
}

/// The form.
pub(super) struct EntryPage {
    pub(super) id: Option<WatchEntryId>,
    pub(super) sites: Vec<Site>,
    pub(super) state: FormState,
}

async fn drawn(asker: &Asker, visitors: &Visitors, id: Option<WatchEntryId>, state: FormState) -> Result {
    let sites = sekisho_places::sites(&visitors.store.read(asker.cx.tenant).await?).await?;
    Ok(asker.show(&EntryPage { id, sites, state }))
}

/// The empty form.
pub(super) async fn new(asker: Asker, State(visitors): State<Visitors>) -> Result {
    drawn(&asker, &visitors, None, FormState::empty()).await
}

/// Adds the entry.
pub(super) async fn add(asker: Asker, State(visitors): State<Visitors>, sent: Form<Sent>) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    let (sent, state) = sent.split();
    let added = async { Ok(add_watch_entry(&visitors, &asker.cx, by, sent?.form()).await?) };
    match added.await {
        Ok(_) => Ok(asker.done("visitors-watch-added", HERE)),
        Err(error) => drawn(&asker, &visitors, None, state.failed(error)?).await,
    }
}

/// The form of an entry that is there.
pub(super) async fn show(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<WatchEntryId>,
) -> Result {
    let row = reads::entry(&visitors, &asker.cx, id).await?.ok_or_else(WebError::missing)?;
    visitors.record(&asker.cx, AuditEntry::done("watch_entry.see").on("watch_entry", id, "")).await?;
    let state = FormState::empty()
        .with("names", row.names.join("\n"))
        .with("organisation", row.organisation)
        .with("reason", row.reason)
        .with("phone", row.phone)
        .with("from", row.from.unwrap_or_default())
        .with("until", row.until.unwrap_or_default())
        .with("version", row.version);
    let state = row.sites.iter().fold(state, |state, site| state.with("sites", site));
    drawn(&asker, &visitors, Some(id), state).await
}

/// Changes the entry.
pub(super) async fn save(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<WatchEntryId>,
    sent: Form<Sent>,
) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    let (sent, state) = sent.split();
    let saved = async {
        let sent = sent?;
        let seen = sent.version.map_or(IfMatch::ANY, IfMatch::seen);
        Ok(change_watch_entry(&visitors, &asker.cx, by, id, sent.form(), &seen).await?)
    };
    match saved.await {
        Ok(()) => Ok(asker.done("visitors-saved", HERE)),
        Err(error) => drawn(&asker, &visitors, Some(id), state.failed(error)?).await,
    }
}

/// Removes the entry.
pub(super) async fn remove(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<WatchEntryId>,
) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    remove_watch_entry(&visitors, &asker.cx, by, id).await?;
    Ok(asker.done("visitors-watch-removed", HERE))
}

impl Page for EntryPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, state) = (reader.texts(), &self.state);
        let optional = || t.get("optional");
        let action = self.id.map_or_else(|| format!("{HERE}/new"), |id| format!("{HERE}/{id}"));
        let sites = self.sites.iter().map(|site| (site.id.to_string(), site.name.clone()));
        let form = FormBox::post(action, state, &t)
            .add(
                Field::lines("names", t.get("visitors-watch-names"))
                    .hint(t.get("visitors-watch-names-hint"))
                    .required()
                    .from(state, &t),
            )
            .add(
                Field::text("organisation", t.get("visitors-company"))
                    .optional(optional())
                    .hint(t.get("visitors-watch-organisation-hint"))
                    .attr("maxlength", 100)
                    .from(state, &t),
            )
            .add(
                Field::lines("reason", t.get("visitors-watch-reason"))
                    .hint(t.get("visitors-watch-reason-hint"))
                    .required()
                    .from(state, &t),
            )
            .add(
                Field::text("phone", t.get("visitors-watch-phone"))
                    .optional(optional())
                    .hint(t.get("visitors-watch-phone-hint"))
                    .attr("maxlength", 100)
                    .from(state, &t),
            )
            .beside([
                Field::date("from", t.get("visitors-watch-from")).optional(optional()).from(state, &t),
                Field::date("until", t.get("visitors-watch-until"))
                    .optional(optional())
                    .hint(t.get("visitors-watch-until-hint"))
                    .from(state, &t),
            ])
            .add(
                Field::checkboxes("sites", t.get("visitors-site"))
                    .options(sites)
                    .hint(t.get("visitors-watch-sites-hint"))
                    .from(state, &t),
            )
            .add(Field::hidden("version", state.value("version")))
            .cancel(HERE, t.get("cancel"))
            .submit(t.get(if self.id.is_some() { "save" } else { "visitors-watch-add" }));
        let status = if state.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        let note = Alert::new(Tone::Info, t.get("visitors-watch-who-sees"));
        let remove = self.id.map(|id| {
            let remove = Confirm::new(
                format!("{HERE}/{id}/remove"),
                t.get("visitors-watch-remove"),
                t.get("visitors-watch-remove-question"),
                t.get("visitors-watch-remove-do"),
            );
            Card::plain().body(remove.icon("trash"))
        });
        reader
            .sheet(if self.id.is_some() { "visitors-watch-entry" } else { "visitors-watch-new" })
            .crumb("/visitors", "visitors-title")
            .crumb(HERE, "visitors-watch")
            .status(status)
            .body(
                Markup::from(note)
                    .then(Card::plain().body(form))
                    .then(remove.map(Markup::from).unwrap_or_default()),
            )
    }
}
