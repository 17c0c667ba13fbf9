//! One field of a kind of visit: its words in four languages, how it is answered, its place.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use sekisho_web::parts::{Alert, Card, Confirm, Field as Input, FormBox, Tone};
use sekisho_web::{Asker, Form, FormState, IfMatch, Markup, Page, Reader, Result, Sheet, WebError};
use serde::Deserialize;
use uuid::Uuid;

use super::super::asks::{AnswerKind, Asks, Field, Words, save_asks};
use super::kinds::{kind_name, kind_of, loaded};
use super::{KINDS, LANGUAGES};
use crate::Visitors;
use crate::tables::words::VisitKind;

/// The form of a field.
pub(super) struct FieldPage {
    pub(super) kind: VisitKind,
    /// None: a new one.
    pub(super) id: Option<Uuid>,
    pub(super) state: FormState,
}

/// What the form sends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    version: Option<i64>,
    label_ja: String,
    label_en: String,
    label_zh: String,
    label_ko: String,
    answer: AnswerKind,
    required: bool,
    choices_ja: String,
    choices_en: String,
    choices_zh: String,
    choices_ko: String,
}

impl Sent {
    fn field(self, id: Uuid) -> Field {
        let label = Words { ja: self.label_ja, en: self.label_en, zh: self.label_zh, ko: self.label_ko };
        let lines = |text: &str| text.trim_end().lines().map(|line| line.trim().to_owned()).collect();
        let each: [Vec<String>; 4] =
            [&self.choices_ja, &self.choices_en, &self.choices_zh, &self.choices_ko].map(|text| lines(text));
        let most = each.iter().map(Vec::len).max().unwrap_or_default();
        // The same line of each language is the same thing to choose.
        let at = |language: usize, line: usize| {
            each.get(language).and_then(|lines| lines.get(line)).cloned().unwrap_or_default()
        };
        let choice = |line| Words { ja: at(0, line), en: at(1, line), zh: at(2, line), ko: at(3, line) };
        let choices = (0..most).map(choice).collect();
        Field { id, label, answer: self.answer, required: self.required, choices }
    }
}

/// The form as the field stands.
pub(super) fn state_of(field: &Field, version: i64) -> FormState {
    let mut state = FormState::empty()
        .with("version", version)
        .with("answer", field.answer.word())
        .with("required", if field.required { "on" } else { "" });
    for (language, words) in field.label.each() {
        state = state.with(&format!("label_{}", language.tag()), words);
    }
    for (place, (tag, _)) in LANGUAGES.iter().enumerate() {
        let line = |words: &Words| words.each().get(place).map_or("", |(_, words)| *words).to_owned();
        let lines: Vec<String> = field.choices.iter().map(line).collect();
        let lines = if lines.iter().all(String::is_empty) { String::new() } else { lines.join("\n") };
        state = state.with(&format!("choices_{tag}"), lines);
    }
    state
}

/// The form for a new one.
pub(super) async fn new(asker: Asker, State(visitors): State<Visitors>, Path(kind): Path<String>) -> Result {
    let kind = kind_of(&kind)?;
    let (_, version) = loaded(&asker, &visitors).await?;
    Ok(asker.show(&FieldPage { kind, id: None, state: state_of(&Field::default(), version) }))
}

/// The form for one that is there.
pub(super) async fn show(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path((kind, id)): Path<(String, Uuid)>,
) -> Result {
    let kind = kind_of(&kind)?;
    let (mut asks, version) = loaded(&asker, &visitors).await?;
    let field = fields(&mut asks, kind).iter().find(|field| field.id == id).cloned();
    let field = field.ok_or_else(WebError::missing)?;
    Ok(asker.show(&FieldPage { kind, id: Some(id), state: state_of(&field, version) }))
}

fn fields(asks: &mut Asks, kind: VisitKind) -> &mut Vec<Field> {
    &mut asks.kinds.entry(kind.word().to_owned()).or_default().fields
}

/// Adds a field.
pub(super) async fn add(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(kind): Path<String>,
    sent: Form<Sent>,
) -> Result {
    typed(&asker, &visitors, &kind, None, sent).await
}

/// Changes a field.
pub(super) async fn save(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path((kind, id)): Path<(String, Uuid)>,
    sent: Form<Sent>,
) -> Result {
    typed(&asker, &visitors, &kind, Some(id), sent).await
}

async fn typed(asker: &Asker, visitors: &Visitors, kind: &str, id: Option<Uuid>, sent: Form<Sent>) -> Result {
    let kind = kind_of(kind)?;
    let by = visitors.identity.administrator(&asker.cx).await?;
    let (mut asks, _) = loaded(asker, visitors).await?;
    let (sent, state) = sent.split();
    let saved = async {
        let sent = sent?;
        let seen = sent.version.map_or(IfMatch::ANY, IfMatch::seen);
        let fields = fields(&mut asks, kind);
        match id {
            None => fields.push(sent.field(Uuid::nil())),
            Some(id) => {
                let there = fields.iter_mut().find(|field| field.id == id).ok_or_else(WebError::missing)?;
                *there = sent.field(id);
            }
        }
        Ok(save_asks(visitors, &asker.cx, by, asks, &seen).await?)
    };
    match saved.await {
        Ok(_) => Ok(asker.done("visitors-saved", format!("{KINDS}/{}", kind.word()))),
        Err(error) => Ok(asker.show(&FieldPage { kind, id, state: state.failed(error)? })),
    }
}

#[derive(Deserialize)]
pub(super) struct MoveSent {
    by: String,
    version: Option<i64>,
}

/// Moves a field up or down by one.
pub(super) async fn move_it(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path((kind, id)): Path<(String, Uuid)>,
    sent: Form<MoveSent>,
) -> Result {
    let sent = sent.take()?;
    let seen = sent.version.map_or(IfMatch::ANY, IfMatch::seen);
    changed(&asker, &visitors, &kind, id, &seen, |fields, place| {
        let other = if sent.by == "up" { place.checked_sub(1) } else { Some(place + 1) };
        if let Some(other) = other.filter(|other| *other < fields.len()) {
            fields.swap(place, other);
        }
    })
    .await
}

#[derive(Deserialize)]
pub(super) struct RemoveSent {
    version: Option<i64>,
}

/// Takes a field off; what was answered to it stays.
pub(super) async fn remove(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path((kind, id)): Path<(String, Uuid)>,
    sent: Form<RemoveSent>,
) -> Result {
    let seen = sent.take()?.version.map_or(IfMatch::ANY, IfMatch::seen);
    changed(&asker, &visitors, &kind, id, &seen, |fields, place| {
        fields.remove(place);
    })
    .await
}

async fn changed(
    asker: &Asker,
    visitors: &Visitors,
    kind: &str,
    id: Uuid,
    seen: &IfMatch,
    change: impl FnOnce(&mut Vec<Field>, usize),
) -> Result {
    let kind = kind_of(kind)?;
    let by = visitors.identity.administrator(&asker.cx).await?;
    let (mut asks, _) = loaded(asker, visitors).await?;
    let fields = fields(&mut asks, kind);
    let place = fields.iter().position(|field| field.id == id).ok_or_else(WebError::missing)?;
    change(fields, place);
    let to = format!("{KINDS}/{}", kind.word());
    match save_asks(visitors, &asker.cx, by, asks, seen).await {
        Ok(_) => Ok(asker.done("visitors-saved", to)),
        Err(error) => crate::pages::back_with(asker, error.into(), &to),
    }
}

impl Page for FieldPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, state) = (reader.texts(), &self.state);
        let back = format!("{KINDS}/{}", self.kind.word());
        let id = self.id.map_or_else(|| "new".to_owned(), |id| id.to_string());
        let here = format!("{back}/fields/{id}");
        let kinds = AnswerKind::ALL.map(|kind| {
            (kind.word(), t.get(&format!("visitors-answer-kind-{}", kind.word().replace('_', "-"))))
        });
        let label = |(tag, name): (&str, &str)| {
            let label = format!("{name}: {}", t.get("visitors-field-label"));
            Input::text(format!("label_{tag}"), label)
                .from(state, &t)
                .attr("maxlength", 100)
                .attr("lang", tag)
        };
        let choices = |(tag, name): (&str, &str)| {
            let label = format!("{name}: {}", t.get("visitors-field-choices"));
            Input::lines(format!("choices_{tag}"), label).from(state, &t).attr("lang", tag).attr("rows", 5)
        };
        let wrong =
            |field: &str| state.error(field, &t).map(|error| Markup::from(Alert::new(Tone::Warn, error)));
        let [ja, en, zh, ko] = LANGUAGES.map(label);
        let [in_ja, in_en, in_zh, in_ko] = LANGUAGES.map(choices);
        let hint = |text: &str| Markup::raw(format!("<p class=\"hint\">{}</p>", Markup::text(t.get(text))));
        let form = FormBox::post(&here, state, &t)
            .add(wrong("fields").unwrap_or_default())
            .add(wrong("label").unwrap_or_default())
            .add(hint("visitors-field-label-hint"))
            .beside([ja, en])
            .beside([zh, ko])
            .add(Input::select("answer", t.get("visitors-field-answer")).options(kinds).from(state, &t))
            .add(
                Input::switch("required", t.get("visitors-field-required"))
                    .hint(t.get("visitors-field-required-hint"))
                    .from(state, &t),
            )
            .heading(t.get("visitors-field-choices"))
            .add(wrong("choices").unwrap_or_default())
            .add(hint("visitors-field-choices-hint"))
            .beside([in_ja, in_en])
            .beside([in_zh, in_ko])
            .add(Input::hidden("version", state.value("version")))
            .cancel(&back, t.get("cancel"))
            .submit(t.get("save"));
        let remove = self.id.map(|_| {
            let remove = Confirm::new(
                format!("{here}/remove"),
                t.get("visitors-field-remove"),
                t.get("visitors-field-remove-question"),
                t.get("visitors-field-remove"),
            );
            let remove = remove.field(Input::hidden("version", state.value("version")));
            Card::plain().body(remove.icon("trash"))
        });
        let status = if state.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        let title = if self.id.is_some() { "visitors-field" } else { "visitors-field-new" };
        reader
            .sheet_of(format!("{}: {}", kind_name(&t, self.kind), t.get(title)))
            .crumb("/settings", "settings-title")
            .crumb(KINDS, "visitors-registration")
            .status(status)
            .body(Markup::from(Card::plain().body(form)).then(remove.map(Markup::from)))
    }
}
