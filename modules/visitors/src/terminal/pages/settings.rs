//! How the terminals look and what they offer, with a preview drawn by the terminal's own code.

use std::collections::BTreeMap;

use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use sekisho_identity::Group;
use sekisho_kernel::GroupId;
use sekisho_web::parts::{Button, Card, Confirm, Field, FormBox, Grid};
use sekisho_web::{
    Asker, Form, FormState, IfMatch, Markup, Page, Reader, Result, Sheet, Texts, WebError, asset_address,
};
use serde::Deserialize;

use super::super::settings::{
    Asks, Choice, LANGUAGES, Standing, TerminalSettings, Words, load, save_terminal_picture,
    save_terminal_settings,
};
use crate::Visitors;

const HERE: &str = "/settings/visitors/terminal";
/// How the languages of the terminal call themselves.
const NAMES: [&str; 4] = ["日本語", "English", "中文", "한국어"];

/// The form and its preview.
pub(super) struct SettingsPage {
    pub(super) state: FormState,
    pub(super) picture_state: FormState,
    pub(super) groups: Vec<Group>,
    pub(super) picture: Option<String>,
    pub(super) tenant: String,
    pub(super) status: StatusCode,
}

/// What the form sends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    version: Option<i64>,
    welcome_ja: String,
    note_ja: String,
    welcome_en: String,
    note_en: String,
    welcome_zh: String,
    note_zh: String,
    welcome_ko: String,
    note_ko: String,
    languages: Vec<String>,
    accent: String,
    choices: Vec<Choice>,
    asks: Vec<String>,
    search: bool,
    departments: Vec<GroupId>,
    carriers: String,
    office: Option<GroupId>,
    phone: String,
}

impl From<Sent> for TerminalSettings {
    fn from(sent: Sent) -> Self {
        let words = |welcome, note| Words { welcome, note };
        let texts = BTreeMap::from([
            ("ja".to_owned(), words(sent.welcome_ja, sent.note_ja)),
            ("en".to_owned(), words(sent.welcome_en, sent.note_en)),
            ("zh".to_owned(), words(sent.welcome_zh, sent.note_zh)),
            ("ko".to_owned(), words(sent.welcome_ko, sent.note_ko)),
        ]);
        let asked = |word: &str| sent.asks.iter().any(|one| one == word);
        Self {
            texts,
            asks: Asks { company: asked("company"), purpose: asked("purpose"), count: asked("count") },
            languages: sent.languages,
            accent: sent.accent.trim().to_owned(),
            choices: sent.choices,
            search: sent.search,
            departments: sent.departments,
            carriers: sent.carriers.lines().map(|line| line.trim().to_owned()).collect(),
            office: sent.office,
            phone: sent.phone,
        }
    }
}

/// The form as the settings stand.
pub(super) fn state_of(settings: &TerminalSettings, version: i64) -> FormState {
    let mut state = FormState::empty()
        .with("version", version)
        .with("accent", &settings.accent)
        .with("carriers", settings.carriers.join("\n"))
        .with("phone", &settings.phone);
    for language in LANGUAGES {
        if let Some(words) = settings.texts.get(language) {
            state = state.with(&format!("welcome_{language}"), &words.welcome);
            state = state.with(&format!("note_{language}"), &words.note);
        }
    }
    let asks = settings.asks;
    let asked = [("company", asks.company), ("purpose", asks.purpose), ("count", asks.count)];
    state = asked.into_iter().filter(|(_, on)| *on).fold(state, |state, (word, _)| state.with("asks", word));
    state = settings.languages.iter().fold(state, |state, one| state.with("languages", one));
    state = settings.choices.iter().fold(state, |state, one| state.with("choices", one.word()));
    state = settings.departments.iter().fold(state, |state, one| state.with("departments", one));
    if let Some(office) = settings.office {
        state = state.with("office", office);
    }
    if settings.search { state.with("search", "on") } else { state }
}

fn form(t: &Texts, state: &FormState, groups: &[Group]) -> FormBox {
    let choices = Choice::ALL.map(|choice| {
        (choice.word(), t.get(&format!("visitors-terminal-choice-{}", choice.word().replace('_', "-"))))
    });
    let asks =
        ["company", "purpose", "count"].map(|ask| (ask, t.get(&format!("visitors-terminal-ask-{ask}"))));
    let departments: Vec<(String, String)> =
        groups.iter().map(|group| (group.id.to_string(), group.name.clone())).collect();
    let nobody = [(String::new(), t.get("visitors-terminal-office-none"))];
    let mut form = FormBox::post(HERE, state, t)
        .add(Field::hidden("version", state.value("version")))
        .heading(t.get("visitors-terminal-look"))
        .add(
            Field::text("accent", t.get("visitors-terminal-accent"))
                .from(state, t)
                .required()
                .short()
                .hint(t.get("visitors-terminal-accent-hint"))
                .attr("maxlength", 7),
        )
        .add(
            Field::checkboxes("languages", t.get("visitors-terminal-languages"))
                .options(LANGUAGES.into_iter().zip(NAMES))
                .from(state, t),
        )
        .heading(t.get("visitors-terminal-words"))
        .add(Markup::raw(format!(
            "<p class=\"hint\">{}</p>",
            Markup::text(t.get("visitors-terminal-words-hint"))
        )));
    for (language, name) in LANGUAGES.into_iter().zip(NAMES) {
        let field = |part: &str| {
            let label = format!("{name}: {}", t.get(&format!("visitors-terminal-{part}")));
            Field::text(format!("{part}_{language}"), label)
                .from(state, t)
                .attr("maxlength", 60)
                .attr("lang", language)
        };
        form = form.beside([field("welcome"), field("note")]);
    }
    form.heading(t.get("visitors-terminal-offers"))
        .add(Field::checkboxes("choices", t.get("visitors-terminal-choices")).options(choices).from(state, t))
        .add(Field::checkboxes("asks", t.get("visitors-terminal-asks")).options(asks).from(state, t))
        .add(
            Field::switch("search", t.get("visitors-terminal-search"))
                .from(state, t)
                .hint(t.get("visitors-terminal-search-hint")),
        )
        .add(
            Field::checkboxes("departments", t.get("visitors-terminal-departments"))
                .options(departments.clone())
                .from(state, t)
                .hint(t.get("visitors-terminal-departments-hint")),
        )
        .add(
            Field::lines("carriers", t.get("visitors-terminal-carriers"))
                .from(state, t)
                .hint(t.get("visitors-terminal-carriers-hint"))
                .attr("rows", 4),
        )
        .add(
            Field::select("office", t.get("visitors-terminal-office"))
                .options(nobody.into_iter().chain(departments))
                .from(state, t)
                .hint(t.get("visitors-terminal-office-hint")),
        )
        .add(
            Field::text("phone", t.get("visitors-terminal-phone"))
                .from(state, t)
                .hint(t.get("visitors-terminal-phone-hint"))
                .attr("maxlength", 40),
        )
        .submit(t.get("save"))
        .cancel("/visitors/terminals", t.get("cancel"))
}

impl Page for SettingsPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let picture =
            self.picture.as_ref().map(|name| format!("/terminal/picture/{name}")).unwrap_or_default();
        // Drawn by scripts from what stands in the form; without them the form works alone.
        let preview = Markup::raw(format!(
            "<link rel=\"stylesheet\" href=\"{}\"><div class=\"terminal-preview\" data-terminal-preview data-tenant=\"{}\" data-picture=\"{picture}\"></div><script defer src=\"{}\"></script>",
            asset_address("terminal.css"),
            Markup::text(&self.tenant),
            asset_address("terminal-preview.js"),
        ));
        let upload = FormBox::post(format!("{HERE}/picture"), &self.picture_state, &t)
            .with_files()
            .add(Field::hidden("version", self.state.value("version")))
            .add(
                Field::file("picture", t.get("visitors-terminal-picture"))
                    .from(&self.picture_state, &t)
                    .hint(t.get("visitors-terminal-picture-hint"))
                    .attr("accept", "image/png,image/jpeg,image/webp"),
            )
            .submit(t.get("visitors-terminal-picture-hang"));
        let remove = self.picture.as_ref().map(|_| {
            Confirm::new(
                format!("{HERE}/picture/remove"),
                t.get("visitors-terminal-picture-remove"),
                t.get("visitors-terminal-picture-remove-question"),
                t.get("visitors-terminal-picture-remove"),
            )
            .small()
        });
        let side = Markup::from(Card::new(t.get("visitors-terminal-preview")).body(preview))
            .then(Card::new(t.get("visitors-terminal-picture")).body(Markup::from(upload).then(remove)));
        let form = Card::plain().body(form(&t, &self.state, &self.groups));
        reader
            .sheet("visitors-terminal-settings")
            .crumb("/settings", "settings-title")
            .crumb("/visitors/terminals", "visitors-terminals")
            .status(self.status)
            .action(Button::link("/terminal", t.get("visitors-terminal-open")).icon("device-tablet"))
            .body(Grid::main_and_side().add(form).add(side))
    }
}

async fn drawn(
    asker: &Asker,
    visitors: &Visitors,
    state: Option<FormState>,
    picture_state: FormState,
) -> Result {
    let scope = visitors.store.read(asker.cx.tenant).await?;
    let Standing { settings, version, picture } = load(&scope).await?;
    let groups = visitors.identity.groups(&scope).await?;
    drop(scope);
    let tenant = visitors.identity.tenant(&asker.cx).await?.name.clone();
    let state = state.unwrap_or_else(|| state_of(&settings, version));
    let wrong = state.has_errors() || picture_state.has_errors();
    let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(asker.show(&SettingsPage { state, picture_state, groups, picture, tenant, status }))
}

/// The settings.
pub(super) async fn show(asker: Asker, State(visitors): State<Visitors>) -> Result {
    drawn(&asker, &visitors, None, FormState::empty()).await
}

/// Saves them.
pub(super) async fn save(asker: Asker, State(visitors): State<Visitors>, sent: Form<Sent>) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    let (sent, state) = sent.split();
    let saved = async {
        let sent = sent?;
        let seen = sent.version.map_or(IfMatch::ANY, IfMatch::seen);
        Ok(save_terminal_settings(&visitors, &asker.cx, by, sent.into(), &seen).await?)
    };
    match saved.await {
        Ok(_) => Ok(asker.done("visitors-terminal-saved", HERE)),
        Err(error) => drawn(&asker, &visitors, Some(state.failed(error)?), FormState::empty()).await,
    }
}

/// Hangs a wallpaper up.
pub(super) async fn hang(asker: Asker, State(visitors): State<Visitors>, mut parts: Multipart) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    let unreadable = |_| WebError::invalid("picture", "visitors-error-picture-large");
    let read = async {
        let mut picture = None;
        while let Some(part) = parts.next_field().await.map_err(unreadable)? {
            if part.name() == Some("picture") {
                picture = Some(part.bytes().await.map_err(unreadable)?.to_vec());
            }
        }
        let picture = picture.unwrap_or_default();
        Ok(save_terminal_picture(&visitors, &asker.cx, by, Some(picture), &IfMatch::ANY).await?)
    };
    match read.await {
        Ok(_) => Ok(asker.done("visitors-terminal-saved", HERE)),
        Err(error) => drawn(&asker, &visitors, None, FormState::empty().failed(error)?).await,
    }
}

/// Takes it down.
pub(super) async fn take_down(asker: Asker, State(visitors): State<Visitors>) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    save_terminal_picture(&visitors, &asker.cx, by, None, &IfMatch::ANY).await?;
    Ok(asker.done("visitors-terminal-saved", HERE))
}
