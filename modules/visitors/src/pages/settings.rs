//! `/settings/visitors`: what an organisation decides about its reception.

use axum::extract::State;
use axum::http::StatusCode;
use sekisho_web::parts::{Card, Field, FormBox};
use sekisho_web::{Asker, Form, FormState, IfMatch, Page, Reader, Result, Sheet, WebError};
use serde::Deserialize;

use crate::Visitors;
use crate::settings::{self, Settings, WhoInvites};

const HERE: &str = "/settings/visitors";

/// The page.
pub(super) async fn show(asker: Asker, State(visitors): State<Visitors>) -> Result {
    let (settings, version) = settings::load(&visitors.store.read(asker.cx.tenant).await?).await?;
    Ok(asker.show(&SettingsPage { state: state_of(&settings, version), status: StatusCode::OK }))
}

/// What the form begins with.
pub(super) fn state_of(settings: &Settings, version: i64) -> FormState {
    let who = match settings.who_invites {
        WhoInvites::Everybody => "everybody",
        WhoInvites::UsersOfTheSite => "users_of_the_site",
    };
    let on = |on: bool| if on { "true" } else { "" };
    FormState::empty()
        .with("who_invites", who)
        .with("opens_before_minutes", settings.opens_before_minutes)
        .with("names_in_messages", on(settings.names_in_messages))
        .with("answer_within_minutes", settings.answer_within_minutes)
        .with("reminds", on(settings.reminds))
        .with("ring_when_silent", &settings.ring_when_silent)
        .with("version", version)
}

#[derive(Deserialize)]
pub(super) struct Sent {
    who_invites: WhoInvites,
    opens_before_minutes: u32,
    names_in_messages: bool,
    answer_within_minutes: u32,
    reminds: bool,
    ring_when_silent: String,
    version: Option<i64>,
}

/// Sets them.
pub(super) async fn save(asker: Asker, State(visitors): State<Visitors>, sent: Form<Sent>) -> Result {
    let (sent, state) = sent.split();
    let saved = match sent {
        Ok(sent) => {
            let seen = sent.version.map_or(IfMatch::ANY, IfMatch::seen);
            let wanted = Settings {
                who_invites: sent.who_invites,
                opens_before_minutes: sent.opens_before_minutes,
                names_in_messages: sent.names_in_messages,
                answer_within_minutes: sent.answer_within_minutes,
                reminds: sent.reminds,
                ring_when_silent: sent.ring_when_silent,
            };
            settings::save(&visitors, &asker.cx, wanted, &seen).await.map_err(WebError::from)
        }
        Err(error) => Err(error),
    };
    match saved {
        Ok(()) => Ok(asker.done("visitors-saved", HERE)),
        Err(error) => {
            let state = state.failed(error)?;
            Ok(asker.show(&SettingsPage { state, status: StatusCode::UNPROCESSABLE_ENTITY }))
        }
    }
}

/// The form.
pub(super) struct SettingsPage {
    pub(super) state: FormState,
    pub(super) status: StatusCode,
}

impl Page for SettingsPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, state) = (reader.texts(), &self.state);
        let who = [("everybody", "visitors-set-everybody"), ("users_of_the_site", "visitors-set-users")]
            .map(|(word, text)| (word.to_owned(), t.get(text)));
        let form = FormBox::post(HERE, state, &t)
            .add(Field::radio("who_invites", t.get("visitors-set-who")).options(who).from(state, &t))
            .beside([
                Field::number("opens_before_minutes", t.get("visitors-set-opens-before"))
                    .hint(t.get("visitors-set-opens-before-hint"))
                    .from(state, &t),
                Field::number("answer_within_minutes", t.get("visitors-set-answer-within"))
                    .hint(t.get("visitors-set-answer-within-hint"))
                    .from(state, &t),
            ])
            .add(
                Field::text("ring_when_silent", t.get("visitors-set-ring"))
                    .optional(t.get("optional"))
                    .hint(t.get("visitors-set-ring-hint"))
                    .from(state, &t),
            )
            .add(
                Field::switch("names_in_messages", t.get("visitors-set-names"))
                    .hint(t.get("visitors-set-names-hint"))
                    .from(state, &t),
            )
            .add(Field::switch("reminds", t.get("visitors-set-reminds")).from(state, &t))
            .add(Field::hidden("version", state.value("version")))
            .submit(t.get("save"));
        reader
            .sheet("visitors-settings")
            .crumb("/settings", "settings-title")
            .status(self.status)
            .body(Card::plain().body(form))
    }
}
