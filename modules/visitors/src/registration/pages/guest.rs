//! `/v/{token}/registration`: what a guest fills in before coming, in their language, with or without scripts.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use sekisho_kernel::{Cx, Timestamp};
use sekisho_web::parts::{Alert, Button, Card, Confirm, Field as Input, FormBox, KeyValue, Tone};
use sekisho_web::{Asker, Form, FormState, Markup, Page, Reader, Result, Sheet, Texts, WebError};
use uuid::Uuid;

use super::super::answers::{Answer, NAMES};
use super::super::asks::{self, AnswerKind, Field, KindAsks};
use super::super::fill_in::fill_in;
use super::super::kept::{Missing, RegistrationRow, is_theirs, photo_times, registered_of};
use super::super::photo::is_due;
use crate::Visitors;
use crate::pages::guest::{as_guest, visit_of};
use crate::tables::visits;

/// On the personal page: what there is to do before coming, and whether it is done.
#[derive(Clone, Debug)]
pub(crate) struct GuestCard {
    /// Whether there are fields or a photo to give.
    pub(crate) form: bool,
    /// Whether there is something to sign.
    pub(crate) agreement: bool,
    /// What is missing.
    pub(crate) missing: Missing,
    /// Since when there is a photo that is not asked for any more, and the clock of the site: it can still be taken back.
    pub(crate) photo: Option<(Timestamp, String)>,
}

impl GuestCard {
    /// Of that visit; none where nothing is asked, or it is over, unless there still is a photo.
    pub(crate) async fn of(visitors: &Visitors, cx: &Cx, visit: &visits::Model) -> Result<Option<Self>> {
        let scope = visitors.store.read(cx.tenant).await?;
        let open = visit.state.is_here() || (visit.state.is_expected() && visit.ends_at > cx.now);
        let (asks, _) = asks::load(&scope).await?;
        let asked = asks.of_visit(visit).filter(|_| open).cloned().unwrap_or_default();
        let photo = photo_times(&scope, std::iter::once(visit.id)).await?.remove(&visit.id);
        let photo = photo.filter(|(guest, generation, _)| is_theirs(visit, *guest, *generation));
        let photo = photo.filter(|_| !asked.photo && !is_due(visit, cx.now, asks.photo_hours));
        let photo = photo.map(|(_, _, at)| (at, visit.zone.clone()));
        if asked == KindAsks::default() && photo.is_none() {
            return Ok(None);
        }
        let missing = crate::registration::missing_of(&scope, std::slice::from_ref(visit)).await?;
        let missing = missing.get(&visit.id).cloned().unwrap_or_default();
        let form = asked.photo || !asked.fields.is_empty();
        Ok(Some(Self { form, agreement: asked.agreement.is_some(), missing, photo }))
    }

    /// The card.
    pub(crate) fn draw(&self, token: &str, reader: &Reader) -> Card {
        let t = reader.texts();
        let words = match (self.form || self.agreement, self.missing.is_nothing()) {
            (false, _) => None,
            (true, true) => Some(Alert::new(Tone::Info, t.get("visitors-page-registration-done"))),
            (true, false) => Some(Alert::new(Tone::Warn, t.get("visitors-page-registration-text"))),
        };
        let button = |to: &str, text: &str, open: bool, icon: &str| {
            let button = Button::link(format!("/v/{token}/{to}"), t.get(text)).icon(icon);
            if open { button.primary() } else { button.quiet() }
        };
        let form_open = !self.missing.fields.is_empty() || self.missing.photo;
        let form = self.form.then(|| {
            let text = if form_open { "visitors-page-register" } else { "visitors-page-register-change" };
            button("registration", text, form_open, "edit")
        });
        let sign = self.agreement.then(|| {
            let open = self.missing.agreement;
            let text = if open { "visitors-page-sign" } else { "visitors-page-signed" };
            button("agreement", text, open, "file-text")
        });
        let buttons = Markup::raw("<div class=\"d-flex flex-wrap gap-2\">")
            .then(form.map(Markup::from))
            .then(sign.map(Markup::from))
            .then(Markup::raw("</div>"));
        let photo = self
            .photo
            .as_ref()
            .map(|(at, zone)| Markup::from(photo_there(reader, &t, *at, zone)).then(remove_photo(&t, token)));
        let words = words.map(Markup::from).unwrap_or_default();
        Card::new(t.get("visitors-page-registration")).body(words.then(buttons).then(photo))
    }
}

/// The form.
pub(super) struct RegistrationPage {
    pub(super) token: String,
    pub(super) fields: Vec<Field>,
    /// Fields that were answered and cannot be answered otherwise any more: the guest is here.
    pub(super) taken: Vec<Answer>,
    pub(super) state: FormState,
    pub(super) photo_state: FormState,
    /// Whether a photo is asked for, and since when there is one.
    pub(super) photo: Option<Option<Timestamp>>,
    pub(super) zone: String,
}

fn name_of(field: Uuid) -> String {
    format!("field-{field}")
}

/// What the page shows of a visit, and what was given.
async fn loaded(
    visitors: &Visitors,
    asker: &Asker,
    token: String,
    typed: Option<FormState>,
    photo_state: FormState,
) -> Result<RegistrationPage> {
    let visit = visit_of(visitors, asker, &token).await?;
    let scope = visitors.store.read(asker.cx.tenant).await?;
    let (asks, _) = asks::load(&scope).await?;
    drop(scope);
    let asked = asks.of_visit(&visit).filter(|asks| asks.photo || !asks.fields.is_empty());
    let asked = asked.cloned().ok_or_else(WebError::missing)?;
    let given = registered_of(visitors, &asker.cx, std::slice::from_ref(&visit)).await?.remove(&visit.id);
    let RegistrationRow { answers, photo_at, .. } = given.unwrap_or_default();
    let begun = || {
        let answered =
            |field: &Field| answers.iter().find_map(|answer| answer.typed_for(field)).unwrap_or_default();
        let fields = asked.fields.iter();
        fields.fold(FormState::empty(), |state, field| state.with(&name_of(field.id), answered(field)))
    };
    let state = typed.unwrap_or_else(begun);
    let taken = match visit.state.is_here() {
        true => answers.into_iter().filter(|one| asked.fields.iter().any(|f| f.id == one.field)).collect(),
        false => Vec::new(),
    };
    let photo = asked.photo.then_some(photo_at);
    Ok(RegistrationPage { token, fields: asked.fields, taken, state, photo_state, photo, zone: visit.zone })
}

/// The page.
pub(super) async fn show(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(token): Path<String>,
) -> Result {
    let asker = asker.for_guest();
    Ok(asker.show(&loaded(&visitors, &asker, token, None, FormState::empty()).await?))
}

/// The same after a photo that was not taken.
pub(super) async fn with_photo_state(
    asker: &Asker,
    visitors: &Visitors,
    token: String,
    state: FormState,
) -> Result {
    let asker = asker.for_guest();
    Ok(asker.show(&loaded(visitors, &asker, token, None, state).await?))
}

/// Keeps what was typed.
pub(super) async fn save(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(token): Path<String>,
    sent: Form<BTreeMap<String, String>>,
) -> Result {
    let asker = asker.for_guest();
    let visit = visit_of(&visitors, &asker, &token).await?;
    let (sent, state) = sent.split();
    let saved = async {
        let typed = sent?
            .into_iter()
            .filter_map(|(name, typed)| Some((name.strip_prefix("field-")?.parse::<Uuid>().ok()?, typed)));
        Ok(fill_in(&visitors, &as_guest(&asker, &visit), visit.id, &typed.collect()).await?)
    };
    match saved.await {
        Ok(()) => Ok(asker.done("visitors-page-registered", format!("/v/{token}"))),
        Err(error) => {
            let state = state.failed(error)?;
            Ok(asker.show(&loaded(&visitors, &asker, token, Some(state), FormState::empty()).await?))
        }
    }
}

impl Page for RegistrationPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, back) = (reader.texts(), format!("/v/{}", self.token));
        let mut body = Markup::default();
        if !self.taken.is_empty() {
            let facts = self.taken.iter().fold(KeyValue::new(), |facts, one| {
                facts.row(one.label.read_in(t.language()), one.shown(&t))
            });
            body = body.then(Card::new(t.get("visitors-page-answered")).body(facts));
        }
        let open = |field: &Field| self.taken.iter().all(|one| one.field != field.id);
        if self.fields.iter().any(open) {
            let mut form = FormBox::post(format!("{back}/registration"), &self.state, &t);
            for (field, name) in self.fields.iter().zip(NAMES).filter(|(field, _)| open(field)) {
                form = form.add(self.input(&t, field, name));
            }
            let form =
                form.cancel(&back, t.get("visitors-page-back")).submit(t.get("visitors-page-register-do"));
            body = body.then(Card::new(t.get("visitors-page-register-what")).body(form));
        }
        if let Some(since) = self.photo {
            body = body.then(self.photo(reader, &t, since));
        }
        let wrong = self.state.has_errors() || self.photo_state.has_errors();
        let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        body = body.then(Button::link(&back, t.get("visitors-page-back")).quiet().icon("arrow-left"));
        reader.sheet("visitors-page-registration").bare().status(status).body(body)
    }
}

impl RegistrationPage {
    fn input(&self, t: &Texts, field: &Field, name: &str) -> Input {
        let id = name_of(field.id);
        let label = field.label.read_in(t.language());
        let input = match field.answer {
            AnswerKind::Text => Input::text(id, label).attr("maxlength", 100),
            AnswerKind::Lines => Input::lines(id, label).attr("maxlength", 1000),
            AnswerKind::Date => Input::date(id, label),
            AnswerKind::YesNo => Input::radio(id, label)
                .options(["yes", "no"].map(|word| (word, t.get(&format!("visitors-registration-{word}"))))),
            AnswerKind::Choice => {
                let none = [(String::new(), t.get("visitors-page-choose"))];
                let choices = field.choices.iter().map(|one| {
                    // What is sent says the same in every language.
                    let value = one.read_in(sekisho_kernel::Language::Ja).to_owned();
                    (value, one.read_in(t.language()).to_owned())
                });
                Input::select(id, label).options(none.into_iter().chain(choices))
            }
        };
        let input = input.from(&self.state, t);
        let input = if field.required { input.required() } else { input.optional(t.get("optional")) };
        match self.state.error(name, t) {
            Some(error) => input.error(error),
            None => input,
        }
    }

    fn photo(&self, reader: &Reader, t: &Texts, since: Option<Timestamp>) -> Card {
        let there = since.map(|at| photo_there(reader, t, at, &self.zone));
        let send = FormBox::post(format!("/v/{}/photo", self.token), &self.photo_state, t)
            .with_files()
            .add(
                Input::file("photo", t.get("visitors-page-photo-choose"))
                    .hint(t.get("visitors-page-photo-hint"))
                    .attr("accept", "image/jpeg,image/png,image/webp")
                    .required()
                    .from(&self.photo_state, t),
            )
            .submit(t.get("visitors-page-photo-send"));
        let remove = since.map(|_| {
            // Away from the button above, which a thumb means.
            Markup::raw(format!("<div class=\"mt-3\">{}</div>", Markup::from(remove_photo(t, &self.token))))
        });
        Card::new(t.get("visitors-photo"))
            .body(there.map(Markup::from).unwrap_or_default().then(send).then(remove))
    }
}

/// That there is a photo, and since when.
fn photo_there(reader: &Reader, t: &Texts, at: Timestamp, zone: &str) -> Alert {
    let words = Markup::text(t.get("visitors-page-photo-there")).then(Markup::raw(" "));
    Alert::new(Tone::Info, words.then(reader.time(at, zone)))
}

/// The button that takes it back.
fn remove_photo(t: &Texts, token: &str) -> Confirm {
    Confirm::new(
        format!("/v/{token}/photo/remove"),
        t.get("visitors-page-photo-remove"),
        t.get("visitors-page-photo-remove-question"),
        t.get("visitors-page-photo-remove"),
    )
    .icon("trash")
}
