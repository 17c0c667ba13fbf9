//! `/settings/notices/channels`: the ways out. What was typed once as a secret is never sent back: a channel is tested,
//! taken away or added anew.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use sekisho_web::parts::{Badge, Button, Card, Column, Confirm, Empty, Field, FormBox, Row, Table};
use sekisho_web::{Asker, Form, FormState, Markup, Page, Reader, Result, Sheet, Texts, WebError};
use serde::Deserialize;

use crate::{
    Channel, ChannelId, ChannelSettings, ChatKind, ChatSettings, ChatworkSettings, Encryption,
    LineWorksSettings, Notify, SmsSettings, SmtpSettings, channels,
};

const KINDS: [(&str, &str); 8] = [
    ("smtp", "mail"),
    ("sms", "device-mobile"),
    ("slack", "message"),
    ("teams", "users"),
    ("line_works", "message"),
    ("line_works_hook", "message"),
    ("chatwork", "message"),
    ("json", "plug"),
];

/// The list.
pub(crate) async fn list(asker: Asker, State(notify): State<Notify>) -> Result {
    let scope = notify.0.store.read(asker.cx.tenant).await?;
    Ok(asker.show(&Channels { channels: channels(&scope).await? }))
}

/// The ways out.
pub(super) struct Channels {
    pub(super) channels: Vec<Channel>,
}

impl Page for Channels {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let rows = self.channels.iter().map(|channel| {
            let at = format!("/settings/notices/channels/{}", channel.id);
            let test = Button::post(format!("{at}/test"), t.get("notify-channel-test")).small().icon("send");
            let remove = Confirm::new(
                format!("{at}/remove"),
                t.get("notify-remove"),
                t.with("notify-channel-remove-question", [("name", channel.name.as_str())]),
                t.get("notify-remove"),
            );
            Row::new()
                .cell(&channel.name)
                .cell(Badge::new(t.get(&format!("notify-channel-{}", channel.kind))))
                .cell(Markup::from(test).then(remove.small()))
        });
        let columns =
            [Column::new(t.get("notify-name")), Column::new(t.get("notify-kind")), Column::new("").narrow()];
        let table = Table::new(t.get("notify-tab-channels"), columns)
            .rows(rows)
            .empty(Empty::new(t.get("notify-channels-none"), t.get("notify-channels-text")).icon("plug"));
        let add = KINDS.iter().fold(Markup::default(), |add, (kind, icon)| {
            let href = format!("/settings/notices/channels/new/{kind}");
            add.then(Button::link(href, t.get(&format!("notify-channel-{kind}"))).icon(icon))
        });
        reader.sheet("notify-title").tabs(super::tabs(reader, "/settings/notices/channels")).body(
            Markup::from(Card::plain().flush().body(table))
                .then(Card::new(t.get("notify-channel-add")).body(add)),
        )
    }
}

/// All fields of all kinds.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ChannelForm {
    name: String,
    host: String,
    port: Option<u16>,
    encryption: String,
    user: String,
    password: String,
    from: String,
    from_name: String,
    method: String,
    url: String,
    headers: String,
    content_type: String,
    body: String,
    client_id: String,
    client_secret: String,
    service_account: String,
    private_key: String,
    bot: String,
    channel: String,
    room: String,
    token: String,
}

impl ChannelForm {
    fn settings(self, kind: &str) -> Result<ChannelSettings> {
        Ok(match kind {
            "smtp" => ChannelSettings::Smtp(SmtpSettings {
                host: self.host.trim().to_owned(),
                port: self.port.unwrap_or(587),
                encryption: match self.encryption.as_str() {
                    "tls" => Encryption::Tls,
                    "none" => Encryption::None,
                    _ => Encryption::StartTls,
                },
                user: self.user.trim().to_owned(),
                password: self.password,
                from: self.from.trim().to_owned(),
                from_name: self.from_name.trim().to_owned(),
                ..SmtpSettings::default()
            }),
            "sms" => ChannelSettings::Sms(SmsSettings {
                method: self.method,
                url: self.url.trim().to_owned(),
                headers: self
                    .headers
                    .lines()
                    .filter_map(|line| line.split_once(':'))
                    .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
                    .collect(),
                content_type: self.content_type,
                body: self.body,
            }),
            "line_works" => ChannelSettings::LineWorks(LineWorksSettings {
                client_id: self.client_id.trim().to_owned(),
                client_secret: self.client_secret.trim().to_owned(),
                service_account: self.service_account.trim().to_owned(),
                private_key: self.private_key,
                bot: self.bot.trim().to_owned(),
                channel: self.channel.trim().to_owned(),
                ..LineWorksSettings::default()
            }),
            "chatwork" => ChannelSettings::Chatwork(ChatworkSettings {
                room: self.room.trim().trim_start_matches("rid").to_owned(),
                token: self.token.trim().to_owned(),
                ..ChatworkSettings::default()
            }),
            hook => {
                let kinds = [ChatKind::Slack, ChatKind::Teams, ChatKind::LineWorks, ChatKind::Json];
                let kind =
                    kinds.into_iter().find(|kind| kind.word() == hook).ok_or_else(WebError::missing)?;
                ChannelSettings::Chat(ChatSettings { kind, url: self.url.trim().to_owned() })
            }
        })
    }
}

/// The form of a new channel of one kind.
pub(super) struct NewChannel {
    pub(super) kind: String,
    pub(super) state: FormState,
}

impl Page for NewChannel {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, kind, state) = (reader.texts(), &self.kind, &self.state);
        let form = FormBox::post(format!("/settings/notices/channels/new/{kind}"), state, &t)
            .add(Field::text("name", t.get("notify-name")).required().attr("maxlength", 100).from(state, &t));
        let form = match kind.as_str() {
            "smtp" => smtp(form, state, &t),
            "sms" => sms(form, state, &t),
            "line_works" => line_works(form, state, &t),
            "chatwork" => chatwork(form, state, &t),
            _ => form.add(
                Field::url("url", t.get("notify-url"))
                    .required()
                    .from(state, &t)
                    .hint(t.get("notify-chat-hint")),
            ),
        };
        let form =
            form.submit(t.get("notify-save")).cancel("/settings/notices/channels", t.get("notify-back"));
        let status = if state.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        reader
            .sheet(&format!("notify-channel-{kind}"))
            .crumb("/settings/notices/channels", "notify-tab-channels")
            .status(status)
            .body(Card::plain().body(form))
    }
}

fn smtp(form: FormBox, state: &FormState, t: &Texts) -> FormBox {
    let field = |field: Field| field.from(state, t);
    let protections =
        ["start_tls", "tls", "none"].map(|word| (word, t.get(&format!("notify-encryption-{word}"))));
    form.beside([
        field(Field::text("host", t.get("notify-host")).required().placeholder("smtp.example.jp")),
        field(Field::number("port", t.get("notify-port")).short().attr("min", 1).attr("max", 65535)),
    ])
    .add(field(Field::select("encryption", t.get("notify-encryption")).options(protections)))
    .beside([
        field(Field::text("user", t.get("notify-user")).autocomplete("off")),
        Field::password("password", t.get("notify-password")).autocomplete("new-password"),
    ])
    .beside([
        field(Field::email("from", t.get("notify-from")).required()),
        field(Field::text("from_name", t.get("notify-from-name"))),
    ])
}

fn sms(form: FormBox, state: &FormState, t: &Texts) -> FormBox {
    let field = |field: Field| field.from(state, t);
    let kinds = ["application/json", "application/x-www-form-urlencoded", "text/plain"];
    form.add(field(Field::url("url", t.get("notify-url")).required()).hint(t.get("notify-sms-hint")))
        .beside([
            field(
                Field::select("method", t.get("notify-method")).options([("POST", "POST"), ("GET", "GET")]),
            ),
            field(
                Field::select("content_type", t.get("notify-content-type"))
                    .options(kinds.map(|kind| (kind, kind))),
            ),
        ])
        .add(field(Field::lines("headers", t.get("notify-headers"))).hint(t.get("notify-headers-hint")))
        .add(field(Field::lines("body", t.get("notify-body"))))
}

/// A field whose value is never sent back, with what is wrong with it.
fn secret(field: Field, name: &str, state: &FormState, t: &Texts) -> Field {
    match state.error(name, t) {
        Some(error) => field.error(error),
        None => field,
    }
}

fn line_works(form: FormBox, state: &FormState, t: &Texts) -> FormBox {
    let field = |name: &str| {
        let label = t.get(&format!("notify-line-works-{}", name.replace('_', "-")));
        Field::text(name, label).required().autocomplete("off").from(state, t)
    };
    let client_secret = Field::password("client_secret", t.get("notify-line-works-client-secret"));
    let private_key = Field::lines("private_key", t.get("notify-line-works-private-key")).required();
    form.beside([
        field("bot").attr("inputmode", "numeric"),
        field("channel").hint(t.get("notify-line-works-channel-hint")),
    ])
    .beside([
        field("client_id"),
        secret(client_secret.required().autocomplete("new-password"), "client_secret", state, t),
    ])
    .add(field("service_account").placeholder("abcde.serviceaccount@example.jp"))
    .add(secret(private_key, "private_key", state, t).hint(t.get("notify-line-works-private-key-hint")))
}

fn chatwork(form: FormBox, state: &FormState, t: &Texts) -> FormBox {
    let room = Field::text("room", t.get("notify-chatwork-room")).required().from(state, t);
    let token = Field::password("token", t.get("notify-chatwork-token")).required();
    form.add(room.hint(t.get("notify-chatwork-room-hint")).placeholder("123456789")).add(
        secret(token.autocomplete("new-password"), "token", state, t)
            .hint(t.get("notify-chatwork-token-hint")),
    )
}

/// The form of one kind.
pub(crate) async fn new(asker: Asker, Path(kind): Path<String>) -> Result {
    if !KINDS.iter().any(|(known, _)| *known == kind) {
        return Err(WebError::missing());
    }
    let state = match kind.as_str() {
        "smtp" => FormState::empty().with("port", 587),
        "sms" => FormState::empty().with("body", r#"{"to": "{to}", "text": "{text}"}"#),
        _ => FormState::empty(),
    };
    Ok(asker.show(&NewChannel { kind, state }))
}

/// Adds one.
pub(crate) async fn add(
    asker: Asker,
    State(notify): State<Notify>,
    Path(kind): Path<String>,
    form: Form<ChannelForm>,
) -> Result {
    let (value, state) = form.split();
    let added = async {
        let form = value?;
        let name = form.name.clone();
        Ok(notify.save_channel(&asker.cx, None, &name, &form.settings(&kind)?).await?)
    };
    match added.await {
        Ok(_) => Ok(asker.done("notify-saved", "/settings/notices/channels")),
        Err(error) => Ok(asker.show(&NewChannel { kind, state: state.failed(error)? })),
    }
}

/// Sends a test message.
pub(crate) async fn test(asker: Asker, State(notify): State<Notify>, Path(id): Path<ChannelId>) -> Result {
    notify.send_test(&asker.cx, id, asker.person()?).await?;
    Ok(asker.done("notify-test-sent", "/settings/notices?state=sent"))
}

/// Takes one away.
pub(crate) async fn remove(asker: Asker, State(notify): State<Notify>, Path(id): Path<ChannelId>) -> Result {
    notify.remove_channel(&asker.cx, id).await?;
    Ok(asker.done("notify-removed", "/settings/notices/channels"))
}
