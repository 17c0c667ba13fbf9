//! `/settings/visitors/agreements`: the texts that guests sign, version by version.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use sekisho_web::parts::{Alert, Button, Card, Column, Empty, Field, FormBox, Row, Table, Tone};
use sekisho_web::{Asker, Form, FormState, Markup, Page, Reader, Result, Sheet, Texts, WebError};
use serde::Deserialize;

use super::super::agreements::{
    self, AgreementForm, AgreementRow, AgreementText, NewVersion, VersionRow, make_agreement, new_version,
};
use super::{AGREEMENTS, KINDS, LANGUAGES};
use crate::Visitors;
use crate::ids::AgreementId;

/// The list.
pub(super) struct AgreementsPage {
    pub(super) rows: Vec<AgreementRow>,
}

/// A new one.
pub(super) struct NewAgreementPage {
    pub(super) state: FormState,
}

/// One, with its versions and the form for the next.
pub(super) struct AgreementPage {
    pub(super) row: AgreementRow,
    pub(super) state: FormState,
}

/// What the forms send.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    name: String,
    title_ja: String,
    text_ja: String,
    title_en: String,
    text_en: String,
    title_zh: String,
    text_zh: String,
    title_ko: String,
    text_ko: String,
    asks_again: bool,
}

impl Sent {
    fn texts(self) -> BTreeMap<String, AgreementText> {
        let text = |title, text| AgreementText { title, text, hash: String::new() };
        BTreeMap::from([
            ("ja".to_owned(), text(self.title_ja, self.text_ja)),
            ("en".to_owned(), text(self.title_en, self.text_en)),
            ("zh".to_owned(), text(self.title_zh, self.text_zh)),
            ("ko".to_owned(), text(self.title_ko, self.text_ko)),
        ])
    }
}

/// All of them.
pub(super) async fn list(asker: Asker, State(visitors): State<Visitors>) -> Result {
    Ok(asker.show(&AgreementsPage { rows: agreements::list(&visitors, &asker.cx).await? }))
}

/// The form for a new one.
pub(super) async fn new(asker: Asker) -> Result {
    Ok(asker.show(&NewAgreementPage { state: FormState::empty() }))
}

/// Makes one.
pub(super) async fn make(asker: Asker, State(visitors): State<Visitors>, sent: Form<Sent>) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    let (sent, state) = sent.split();
    let made = async {
        let sent = sent?;
        let form = AgreementForm { name: sent.name.clone(), texts: sent.texts() };
        Ok(make_agreement(&visitors, &asker.cx, by, form).await?)
    };
    match made.await {
        Ok(id) => Ok(asker.done("visitors-saved", format!("{AGREEMENTS}/{id}"))),
        Err(error) => Ok(asker.show(&NewAgreementPage { state: state.failed(error)? })),
    }
}

/// The form of the next version begins with the newest one.
pub(super) fn state_of(version: Option<&VersionRow>) -> FormState {
    let mut state = FormState::empty();
    for (tag, text) in version.into_iter().flat_map(|version| &version.texts) {
        state = state.with(&format!("title_{tag}"), &text.title).with(&format!("text_{tag}"), &text.text);
    }
    state
}

/// One of them.
pub(super) async fn show(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<AgreementId>,
) -> Result {
    let row = agreements::whole(&visitors, &asker.cx, id).await?.ok_or_else(WebError::missing)?;
    let state = state_of(row.versions.first());
    Ok(asker.show(&AgreementPage { row, state }))
}

/// Writes the next version.
pub(super) async fn next(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<AgreementId>,
    sent: Form<Sent>,
) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    let (sent, state) = sent.split();
    let made = async {
        let sent = sent?;
        let form = NewVersion { asks_again: sent.asks_again, texts: sent.texts() };
        Ok(new_version(&visitors, &asker.cx, by, id, form).await?)
    };
    match made.await {
        Ok(_) => Ok(asker.done("visitors-agreement-written", format!("{AGREEMENTS}/{id}"))),
        Err(error) => {
            let state = state.failed(error)?;
            let row = agreements::whole(&visitors, &asker.cx, id).await?.ok_or_else(WebError::missing)?;
            Ok(asker.show(&AgreementPage { row, state }))
        }
    }
}

/// The fields of a version, one language after the other.
fn texts_of(mut form: FormBox, state: &FormState, t: &Texts) -> FormBox {
    for field in ["texts", "title", "text"] {
        if let Some(error) = state.error(field, t) {
            form = form.add(Alert::new(Tone::Warn, error));
        }
    }
    form = form.add(Markup::raw(format!(
        "<p class=\"hint\">{}</p>",
        Markup::text(t.get("visitors-agreement-texts-hint"))
    )));
    for (tag, name) in LANGUAGES {
        let title = format!("{name}: {}", t.get("visitors-agreement-title"));
        let text = format!("{name}: {}", t.get("visitors-agreement-text"));
        form = form
            .add(Field::text(format!("title_{tag}"), title).from(state, t).attr("lang", tag))
            .add(Field::lines(format!("text_{tag}"), text).from(state, t).attr("lang", tag).attr("rows", 10));
    }
    form
}

fn status_of(state: &FormState) -> StatusCode {
    if state.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }
}

impl Page for AgreementsPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let columns = [
            Column::new(t.get("visitors-agreement-name")),
            Column::new(t.get("visitors-agreement-version")).numeric(),
            Column::new(t.get("visitors-agreement-languages")),
            Column::new(t.get("visitors-agreement-made-at")),
        ];
        let rows = self.rows.iter().map(|row| {
            let newest = row.versions.first();
            let has = |tag: &str| newest.is_some_and(|version| version.texts.contains_key(tag));
            let languages: Vec<&str> =
                LANGUAGES.into_iter().filter(|(tag, _)| has(tag)).map(|(_, name)| name).collect();
            Row::new()
                .cell(&row.name)
                .cell(row.newest)
                .cell(languages.join(", "))
                .cell(newest.map(|version| reader.time(version.made_at, reader.zone())))
                .href(format!("{AGREEMENTS}/{}", row.id))
        });
        let new = || Button::link(format!("{AGREEMENTS}/new"), t.get("visitors-agreement-new")).primary();
        let empty = Empty::new(t.get("visitors-agreement-nothing"), t.get("visitors-agreement-nothing-text"));
        let table = Table::new(t.get("visitors-agreements"), columns)
            .rows(rows)
            .empty(empty.icon("file-text").action(new()));
        reader
            .sheet("visitors-agreements")
            .crumb("/settings", "settings-title")
            .crumb(KINDS, "visitors-registration")
            .action(new().icon("plus"))
            .body(Card::plain().flush().body(table))
    }
}

impl Page for NewAgreementPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, state) = (reader.texts(), &self.state);
        let form = FormBox::post(format!("{AGREEMENTS}/new"), state, &t).add(
            Field::text("name", t.get("visitors-agreement-name"))
                .hint(t.get("visitors-agreement-name-hint"))
                .required()
                .attr("maxlength", 100)
                .from(state, &t),
        );
        let form = texts_of(form, state, &t).cancel(AGREEMENTS, t.get("cancel")).submit(t.get("save"));
        reader
            .sheet("visitors-agreement-new")
            .crumb("/settings", "settings-title")
            .crumb(AGREEMENTS, "visitors-agreements")
            .status(status_of(state))
            .body(Card::plain().body(form))
    }
}

impl Page for AgreementPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, state, row) = (reader.texts(), &self.state, &self.row);
        let form = FormBox::post(format!("{AGREEMENTS}/{}", row.id), state, &t);
        let form = texts_of(form, state, &t)
            .add(
                Field::switch("asks_again", t.get("visitors-agreement-asks-again"))
                    .hint(t.get("visitors-agreement-asks-again-hint"))
                    .from(state, &t),
            )
            .submit(t.get("visitors-agreement-write"));
        let mut body = Markup::default();
        for version in &row.versions {
            body = body.then(shown(reader, &t, version));
        }
        let next = Card::new(t.get("visitors-agreement-next"));
        let note = Alert::new(Tone::Info, t.get("visitors-agreement-never-changed"));
        reader
            .sheet_of(&row.name)
            .crumb("/settings", "settings-title")
            .crumb(AGREEMENTS, "visitors-agreements")
            .status(status_of(state))
            .body(body.then(next.body(Markup::from(note).then(form))))
    }
}

/// One version, with its texts to open.
fn shown(reader: &Reader, t: &Texts, version: &VersionRow) -> Card {
    let mut texts = Markup::default();
    for (tag, name) in LANGUAGES {
        let Some(text) = version.texts.get(tag) else { continue };
        texts = texts.then(Markup::raw(format!(
            "<details><summary>{name}: {}</summary><div class=\"agreement\" lang=\"{tag}\">{}</div><p class=\"hint\">SHA-256 <code>{}</code></p></details>",
            Markup::text(&text.title),
            Markup::text(&text.text),
            Markup::text(&text.hash)
        )));
    }
    let title = t.with("visitors-agreement-version-number", [("number", version.number.to_string())]);
    let by = Markup::text(&version.made_by_name).then(Markup::raw(" "));
    Card::new(title).action(by.then(reader.time(version.made_at, reader.zone()))).body(texts)
}
