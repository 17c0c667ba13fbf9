//! `/settings/visitors/registration`: what the guests of each kind of visit are asked.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use sekisho_kernel::Language;
use sekisho_web::parts::{Badge, Button, Card, Column, Empty, Field, FormBox, Row, Table, Tone};
use sekisho_web::{Asker, Form, FormState, IfMatch, Markup, Page, Reader, Result, Sheet, Texts, WebError};
use serde::Deserialize;

use super::super::agreements;
use super::super::asks::{self, Asks, KindAsks, MOST_FIELDS, save_asks};
use super::KINDS;
use crate::Visitors;
use crate::ids::AgreementId;
use crate::tables::words::VisitKind;

/// All kinds.
pub(super) struct KindsPage {
    pub(super) asks: Asks,
    /// The agreements by id and name.
    pub(super) agreements: Vec<(AgreementId, String)>,
    pub(super) state: FormState,
}

/// One kind.
pub(super) struct KindPage {
    pub(super) kind: VisitKind,
    pub(super) asks: KindAsks,
    pub(super) agreements: Vec<(AgreementId, String)>,
    pub(super) state: FormState,
}

async fn names(asker: &Asker, visitors: &Visitors) -> Result<Vec<(AgreementId, String)>> {
    let rows = agreements::list(visitors, &asker.cx).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// The kind of that word.
pub(super) fn kind_of(word: &str) -> Result<VisitKind> {
    VisitKind::from_word(word).ok_or_else(WebError::missing)
}

pub(super) fn kind_name(t: &Texts, kind: VisitKind) -> String {
    t.get(&format!("visitors-kind-{}", kind.word()))
}

/// What is asked of one kind of guests, with the whole it stands in and its version.
pub(super) async fn loaded(asker: &Asker, visitors: &Visitors) -> Result<(Asks, i64)> {
    Ok(asks::load(&visitors.store.read(asker.cx.tenant).await?).await?)
}

/// The list.
pub(super) async fn list(asker: Asker, State(visitors): State<Visitors>) -> Result {
    let (asks, version) = loaded(&asker, &visitors).await?;
    let state = FormState::empty().with("photo_hours", asks.photo_hours).with("version", version);
    let agreements = names(&asker, &visitors).await?;
    Ok(asker.show(&KindsPage { asks, agreements, state }))
}

#[derive(Deserialize)]
pub(super) struct HoursSent {
    photo_hours: u32,
    version: Option<i64>,
}

/// Sets how long photos are kept.
pub(super) async fn save_hours(
    asker: Asker,
    State(visitors): State<Visitors>,
    sent: Form<HoursSent>,
) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    let (asks, _) = loaded(&asker, &visitors).await?;
    let (sent, state) = sent.split();
    let saved = async {
        let sent = sent?;
        let seen = sent.version.map_or(IfMatch::ANY, IfMatch::seen);
        let wanted = Asks { photo_hours: sent.photo_hours, ..asks.clone() };
        Ok(save_asks(&visitors, &asker.cx, by, wanted, &seen).await?)
    };
    match saved.await {
        Ok(_) => Ok(asker.done("visitors-saved", KINDS)),
        Err(error) => {
            let agreements = names(&asker, &visitors).await?;
            Ok(asker.show(&KindsPage { asks, agreements, state: state.failed(error)? }))
        }
    }
}

fn on(on: bool) -> &'static str {
    if on { "on" } else { "" }
}

/// One kind.
pub(super) async fn show(asker: Asker, State(visitors): State<Visitors>, Path(kind): Path<String>) -> Result {
    let kind = kind_of(&kind)?;
    let (mut asks, version) = loaded(&asker, &visitors).await?;
    let asks = asks.kinds.remove(kind.word()).unwrap_or_default();
    let state = FormState::empty()
        .with("asked", on(asks.asked))
        .with("photo", on(asks.photo))
        .with("agreement", asks.agreement.map(|id| id.to_string()).unwrap_or_default())
        .with("version", version);
    let agreements = names(&asker, &visitors).await?;
    Ok(asker.show(&KindPage { kind, asks, agreements, state }))
}

#[derive(Deserialize)]
pub(super) struct KindSent {
    asked: bool,
    photo: bool,
    agreement: Option<AgreementId>,
    version: Option<i64>,
}

/// Sets it; the fields stay as they are.
pub(super) async fn save(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(word): Path<String>,
    sent: Form<KindSent>,
) -> Result {
    let kind = kind_of(&word)?;
    let by = visitors.identity.administrator(&asker.cx).await?;
    let (mut asks, _) = loaded(&asker, &visitors).await?;
    let present = asks.kinds.remove(kind.word()).unwrap_or_default();
    let (sent, state) = sent.split();
    let saved = async {
        let sent = sent?;
        let seen = sent.version.map_or(IfMatch::ANY, IfMatch::seen);
        let KindSent { asked, photo, agreement, .. } = sent;
        let wanted = KindAsks { asked, photo, agreement, fields: present.fields.clone() };
        asks.kinds.insert(word, wanted);
        Ok(save_asks(&visitors, &asker.cx, by, asks, &seen).await?)
    };
    match saved.await {
        Ok(_) => Ok(asker.done("visitors-saved", format!("{KINDS}/{}", kind.word()))),
        Err(error) => {
            let agreements = names(&asker, &visitors).await?;
            Ok(asker.show(&KindPage { kind, asks: present, agreements, state: state.failed(error)? }))
        }
    }
}

fn status_of(state: &FormState) -> StatusCode {
    if state.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }
}

impl Page for KindsPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, state) = (reader.texts(), &self.state);
        let columns = [
            Column::new(t.get("visitors-kind")),
            Column::new(t.get("state")).narrow(),
            Column::new(t.get("visitors-registration-fields")).numeric(),
            Column::new(t.get("visitors-agreement")),
            Column::new(t.get("visitors-photo")).narrow(),
        ];
        let nothing = KindAsks::default();
        let rows = VisitKind::ALL.iter().map(|kind| {
            let asks = self.asks.kinds.get(kind.word()).unwrap_or(&nothing);
            let badge = match asks.asked {
                true => Badge::new(t.get("visitors-registration-on")).tone(Tone::Good),
                false => Badge::new(t.get("visitors-registration-off")),
            };
            let agreement = self.agreements.iter().find(|(id, _)| Some(*id) == asks.agreement);
            Row::new()
                .cell(kind_name(&t, *kind))
                .cell(badge)
                .cell(asks.fields.len())
                .cell(agreement.map(|(_, name)| name.clone()).unwrap_or_default())
                .cell(if asks.photo { t.get("visitors-registration-on") } else { String::new() })
                .href(format!("{KINDS}/{}", kind.word()))
        });
        let table = Table::new(t.get("visitors-registration"), columns).rows(rows);
        let hours = FormBox::post(KINDS, state, &t)
            .add(
                Field::number("photo_hours", t.get("visitors-registration-hours"))
                    .hint(t.get("visitors-registration-hours-hint"))
                    .from(state, &t),
            )
            .add(Field::hidden("version", state.value("version")))
            .submit(t.get("save"));
        reader
            .sheet("visitors-registration")
            .crumb("/settings", "settings-title")
            .status(status_of(state))
            .action(Button::link(super::AGREEMENTS, t.get("visitors-agreements")).icon("file-text"))
            .body(
                Markup::from(Card::plain().flush().body(table))
                    .then(Card::new(t.get("visitors-photo")).body(hours)),
            )
    }
}

impl Page for KindPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, state) = (reader.texts(), &self.state);
        let here = format!("{KINDS}/{}", self.kind.word());
        let none = [(String::new(), t.get("visitors-agreement-none"))];
        let all = self.agreements.iter().map(|(id, name)| (id.to_string(), name.clone()));
        let form = FormBox::post(&here, state, &t)
            .add(
                Field::switch("asked", t.get("visitors-registration-asked"))
                    .hint(t.get("visitors-registration-asked-hint"))
                    .from(state, &t),
            )
            .add(
                Field::select("agreement", t.get("visitors-agreement"))
                    .options(none.into_iter().chain(all))
                    .hint(t.get("visitors-registration-agreement-hint"))
                    .from(state, &t),
            )
            .add(
                Field::switch("photo", t.get("visitors-registration-photo"))
                    .hint(t.get("visitors-registration-photo-hint"))
                    .from(state, &t),
            )
            .add(Field::hidden("version", state.value("version")))
            .cancel(KINDS, t.get("cancel"))
            .submit(t.get("save"));
        let add = Button::link(format!("{here}/fields/new"), t.get("visitors-field-new")).icon("plus");
        let fields = Card::new(t.get("visitors-registration-fields")).flush().body(self.fields(&t, &here));
        let full = self.asks.fields.len() >= MOST_FIELDS;
        let fields = if full { fields } else { fields.action(add) };
        reader
            .sheet_of(kind_name(&t, self.kind))
            .crumb("/settings", "settings-title")
            .crumb(KINDS, "visitors-registration")
            .status(status_of(state))
            .body(Markup::from(Card::plain().body(form)).then(fields))
    }
}

impl KindPage {
    fn fields(&self, t: &Texts, here: &str) -> Table {
        let columns = [
            Column::new(t.get("visitors-field-label")),
            Column::new(t.get("visitors-field-answer")),
            Column::new(t.get("visitors-field-required")).narrow(),
            Column::new(t.get("visitors-do")).narrow(),
        ];
        let last = self.asks.fields.len().saturating_sub(1);
        let version = self.state.value("version");
        let rows = self.asks.fields.iter().enumerate().map(|(place, field)| {
            let step = |by: &str, text: &str| {
                let form = FormBox::post(format!("{here}/fields/{}/move", field.id), &FormState::empty(), t);
                let button = Button::submit(t.get(text)).quiet().small();
                let by = Field::hidden("by", by);
                Markup::from(form.add(by).add(Field::hidden("version", version)).button(button))
            };
            let up = (place > 0).then(|| step("up", "visitors-field-up"));
            let down = (place < last).then(|| step("down", "visitors-field-down"));
            let moves = Markup::raw("<div class=\"row-acts\">")
                .then(up.unwrap_or_default())
                .then(down.unwrap_or_default())
                .then(Markup::raw("</div>"));
            let label = match field.label.read_in(t.language()) {
                "" => field.label.read_in(Language::Ja),
                label => label,
            };
            Row::new()
                .cell(label)
                .cell(t.get(&format!("visitors-answer-kind-{}", field.answer.word().replace('_', "-"))))
                .cell(if field.required { t.get("visitors-field-is-required") } else { String::new() })
                .cell(moves)
                .href(format!("{here}/fields/{}", field.id))
        });
        let empty = Empty::new(t.get("visitors-field-none"), t.get("visitors-field-none-text"));
        Table::new(t.get("visitors-registration-fields"), columns)
            .rows(rows)
            .empty(empty.icon("clipboard-list"))
    }
}
