//! `/settings/notices/webhooks`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use sekisho_crypto::Secret;
use sekisho_storage::JsonText;
use sekisho_web::parts::{
    Alert, Badge, Button, Card, Column, Confirm, Empty, Field, FormBox, Row, Table, Tone,
};
use sekisho_web::{Asker, Form, FormState, Markup, Page, Reader, Result, Sheet, Texts};
use serde::Deserialize;

use crate::tables::notify_webhooks;
use crate::{EndpointId, NewWebhook, Notify};

const HERE: &str = "/settings/notices/webhooks";

/// The list.
pub(crate) async fn list(asker: Asker, State(notify): State<Notify>) -> Result {
    Ok(asker.show(&Webhooks { webhooks: notify.webhooks(&asker.cx).await? }))
}

/// The endpoints by name.
pub(super) struct Webhooks {
    pub(super) webhooks: Vec<notify_webhooks::Model>,
}

impl Page for Webhooks {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let columns = [
            Column::new(t.get("notify-name")),
            Column::new(t.get("notify-url")),
            Column::new(t.get("notify-webhook-events")),
            Column::new(t.get("notify-state")).narrow(),
            Column::new(t.get("notify-webhook-success")).secondary(),
            Column::new(t.get("notify-webhook-answer")).secondary(),
            Column::new("").narrow(),
        ];
        let first = Button::link(format!("{HERE}/new"), t.get("notify-webhook-add")).primary().icon("plus");
        let table = Table::new(t.get("notify-tab-webhooks"), columns)
            .rows(self.webhooks.iter().map(|row| line(reader, &t, row)))
            .empty(Empty::new(t.get("notify-webhooks-none"), t.get("notify-webhooks-text")).icon("plug"));
        reader
            .sheet("notify-title")
            .tabs(super::tabs(reader, HERE))
            .action(first)
            .body(Card::plain().flush().body(table))
    }
}

fn line(reader: &Reader, t: &Texts, row: &notify_webhooks::Model) -> Row {
    let at = format!("{HERE}/{}", row.id);
    let (badge, toggle) = match (row.state.as_str(), row.attempts) {
        ("paused", _) => (
            Badge::new(t.get("notify-webhook-paused")),
            Button::post(format!("{at}/resume"), t.get("notify-webhook-resume")),
        ),
        (_, 0) => (
            Badge::new(t.get("notify-webhook-on")).tone(Tone::Good),
            Button::post(format!("{at}/pause"), t.get("notify-webhook-pause")),
        ),
        _ => (
            Badge::new(t.get("notify-webhook-failing")).tone(Tone::Warn),
            Button::post(format!("{at}/pause"), t.get("notify-webhook-pause")),
        ),
    };
    let replay = Confirm::new(
        format!("{at}/replay"),
        t.get("notify-webhook-replay"),
        t.get("notify-webhook-replay-question"),
        t.get("notify-webhook-replay"),
    )
    .field(Field::number("after", t.get("notify-webhook-after")).value(row.cursor).attr("min", 0));
    let remove = Confirm::new(
        format!("{at}/remove"),
        t.get("notify-remove"),
        t.with("notify-channel-remove-question", [("name", row.name.as_str())]),
        t.get("notify-remove"),
    );
    let JsonText(events) = &row.events;
    let events = if events.is_empty() { t.get("notify-webhook-all") } else { events.join(", ") };
    Row::new()
        .cell(&row.name)
        .cell(&row.url)
        .cell(events)
        .cell(badge)
        .cell(row.last_success.map(|at| reader.time(at, reader.zone()).relative()))
        .cell(row.last_answer.as_deref().unwrap_or_default())
        .cell(Markup::from(toggle.small()).then(replay.small()).then(remove.small()))
}

/// The form of a new endpoint.
pub(super) struct NewWebhookPage {
    pub(super) state: FormState,
}

impl Page for NewWebhookPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, state) = (reader.texts(), &self.state);
        let form = FormBox::post(format!("{HERE}/new"), state, &t)
            .add(Field::text("name", t.get("notify-name")).from(state, &t).required().attr("maxlength", 100))
            .add(Field::url("url", t.get("notify-url")).from(state, &t).required().placeholder("https://"))
            .add(
                Field::lines("events", t.get("notify-webhook-events"))
                    .from(state, &t)
                    .hint(t.get("notify-webhook-events-hint")),
            )
            .submit(t.get("notify-save"))
            .cancel(HERE, t.get("notify-back"));
        let status = if state.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        let sheet = reader.sheet("notify-webhook-add").crumb(HERE, "notify-tab-webhooks");
        sheet.status(status).body(Card::plain().body(form))
    }
}

/// The secret of a new endpoint, shown once.
pub(super) struct SecretPage {
    pub(super) secret: Secret,
}

impl Page for SecretPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        // The one place where it is shown; the page is not kept by the browser.
        let shown = Markup::raw("<p><code>").then(self.secret.expose()).then(Markup::raw("</code></p>"));
        let body = Markup::from(Alert::new(Tone::Warn, t.get("notify-webhook-secret-text"))).then(shown);
        let card = Card::new(t.get("notify-webhook-secret"))
            .body(body)
            .footer(Button::link(HERE, t.get("notify-back")));
        reader.sheet("notify-webhook-added").crumb(HERE, "notify-tab-webhooks").body(card)
    }
}

/// The form.
pub(crate) async fn new(asker: Asker) -> Result {
    Ok(asker.show(&NewWebhookPage { state: FormState::empty() }))
}

/// What the form holds.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct WebhookForm {
    name: String,
    url: String,
    events: String,
}

/// Adds one and shows its secret, once.
pub(crate) async fn add(asker: Asker, State(notify): State<Notify>, form: Form<WebhookForm>) -> Result {
    let (value, state) = form.split();
    let added = async {
        let WebhookForm { name, url, events } = value?;
        Ok(notify.add_webhook(&asker.cx, &NewWebhook { name, url, events: vec![events] }).await?)
    };
    match added.await {
        Ok((_, secret)) => Ok(asker.show(&SecretPage { secret })),
        Err(error) => Ok(asker.show(&NewWebhookPage { state: state.failed(error)? })),
    }
}

/// Stops one for a while.
pub(crate) async fn pause(asker: Asker, State(notify): State<Notify>, Path(id): Path<EndpointId>) -> Result {
    notify.pause_webhook(&asker.cx, id, true).await?;
    Ok(asker.done("notify-saved", HERE))
}

/// Lets one go on.
pub(crate) async fn resume(asker: Asker, State(notify): State<Notify>, Path(id): Path<EndpointId>) -> Result {
    notify.pause_webhook(&asker.cx, id, false).await?;
    Ok(asker.done("notify-saved", HERE))
}

/// Where to begin again.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ReplayForm {
    after: i64,
}

/// Sends everything after a place once more.
pub(crate) async fn replay(
    asker: Asker,
    State(notify): State<Notify>,
    Path(id): Path<EndpointId>,
    form: Form<ReplayForm>,
) -> Result {
    notify.replay_webhook(&asker.cx, id, form.take()?.after).await?;
    Ok(asker.done("notify-webhook-replayed", HERE))
}

/// Takes one away.
pub(crate) async fn remove(asker: Asker, State(notify): State<Notify>, Path(id): Path<EndpointId>) -> Result {
    notify.remove_webhook(&asker.cx, id).await?;
    Ok(asker.done("notify-removed", HERE))
}
