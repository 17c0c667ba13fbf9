//! The demo's mailbox: every mail, text message, push and chat message that would have gone out, as on a phone.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::IntoResponse;
use sekisho_web::parts::{Badge, Button, Card, Empty, Tone};
use sekisho_web::{Asker, Markup, Page, Reader, Result, Sheet, WebError};

use crate::notices::MailboxFile;
use crate::tables::MailboxFileId;
use crate::{MailboxMessage, Notify};

/// So many are shown.
const SHOWN: u64 = 60;

/// The list; it renews itself.
pub(crate) async fn show(asker: Asker, State(notify): State<Notify>) -> Result {
    let messages = notify.mailbox(&asker.cx, SHOWN).await?;
    let files = notify.mailbox_files(&asker.cx, &messages).await?;
    Ok(asker.show(&Mailbox { messages, files, stranger: asker.viewer.is_none() }))
}

/// What a message carried, to be kept: never shown in place, whatever its type says.
pub(crate) async fn file(
    asker: Asker,
    State(notify): State<Notify>,
    Path(id): Path<MailboxFileId>,
) -> Result {
    let file = notify.mailbox_file(&asker.cx, id).await?.ok_or_else(WebError::missing)?;
    let name = sekisho_web::escape_query(&file.name);
    let headers = [
        (header::CONTENT_TYPE, file.content_type),
        (header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{name}")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, file.bytes).into_response())
}

/// What would have gone out.
pub(super) struct Mailbox {
    pub(super) messages: Vec<MailboxMessage>,
    pub(super) files: Vec<MailboxFile>,
    pub(super) stranger: bool,
}

impl Page for Mailbox {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let mut list = Markup::raw(
            r##"<div id="mailbox" class="stack" hx-get="/mailbox" hx-trigger="every 2s" hx-select="#mailbox" hx-swap="outerHTML" aria-live="polite">"##,
        );
        if self.messages.is_empty() {
            list = list
                .then(Empty::new(t.get("notify-mailbox-none"), t.get("notify-mailbox-text")).icon("inbox"));
        }
        for message in &self.messages {
            let files = self.files.iter().filter(|file| file.message_id == message.id);
            list = list.then(card(reader, message, files));
        }
        let list = list.then(Markup::raw("</div>"));
        let lead =
            Markup::raw("<p class=\"lead\">").then(t.get("notify-mailbox-lead")).then(Markup::raw("</p>"));
        let sheet = reader.sheet("notify-mailbox");
        let sheet = if self.stranger { sheet.bare() } else { sheet };
        sheet.body(lead.then(list))
    }
}

fn card<'a>(reader: &Reader, message: &MailboxMessage, files: impl Iterator<Item = &'a MailboxFile>) -> Card {
    let t = reader.texts();
    let (icon, tone) = match message.means.as_str() {
        "sms" => ("device-mobile", Tone::Good),
        "push" => ("bell-ringing", Tone::Warn),
        "chat" => ("message", Tone::Info),
        "webhook" => ("plug", Tone::Plain),
        _ => ("mail", Tone::Info),
    };
    let badge = Badge::new(t.get(&format!("notify-means-{}", message.means))).tone(tone).icon(icon);
    let mut body = Markup::raw("<p class=\"muted small\">")
        .then(badge)
        .then(" ")
        .then(message.recipient.as_str())
        .then(Markup::raw("</p>"))
        .then(paragraphs(&message.body));
    let sekisho_storage::JsonText(links) = &message.links;
    for (words, url) in links {
        // The same path on the host through which the mailbox is looked at: the demo answers on several.
        let path = reqwest::Url::parse(url).ok().map(|url| match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        });
        body = body
            .then(Button::link(path.unwrap_or_else(|| url.clone()), words).primary().icon("external-link"));
    }
    for file in files {
        let at = format!("/mailbox/files/{}", file.id);
        // As a mail program shows it, with the name of what it is.
        if file.name.ends_with(".png") {
            let words = Markup::text(t.get("notify-mailbox-picture"));
            let picture =
                format!("<img class=\"mail-picture\" src=\"{at}\" alt=\"{words}\" loading=\"lazy\">");
            body = body.then(Markup::raw(picture));
            continue;
        }
        body = body.then(Button::link(at, file.name.as_str()).quiet().icon("download"));
    }
    let time = reader.time(message.at, reader.zone()).relative();
    Card::new(&message.subject).action(time).body(body)
}

/// Text with blank lines as paragraphs.
pub(super) fn paragraphs(text: &str) -> Markup {
    let mut markup = Markup::default();
    for paragraph in text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()) {
        let lines = Markup::text(paragraph).to_string().replace('\n', "<br>");
        markup = markup.then(Markup::raw(format!("<p>{lines}</p>")));
    }
    markup
}
