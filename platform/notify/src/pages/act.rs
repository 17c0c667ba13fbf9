//! `/act/{token}`: a question, for whoever was sent its address. Looking shows what a button would do; pressing it does it.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use sekisho_kernel::{Kind, Timestamp};
use sekisho_web::parts::{Button, Card, Empty};
use sekisho_web::{Asker, Markup, Page, Reader, Result, Sheet, Texts, WebError};

use super::mailbox::paragraphs;
use crate::Notify;
use crate::acts::{Asked, ChooseError, State as How, Written};

/// What would happen.
pub(crate) async fn show(asker: Asker, State(notify): State<Notify>, Path(token): Path<String>) -> Result {
    let asked = notify.asked(&asker.cx, &token).await?.ok_or_else(WebError::missing)?;
    let asker = asker.for_guest_reading(asked.language);
    let written = notify.written(&asker.cx, &asked).await?;
    Ok(unreferred(asker.show(&ActPage::of(&token, asked, written, None))))
}

/// Makes it happen, once.
pub(crate) async fn choose(asker: Asker, State(notify): State<Notify>, Path(token): Path<String>) -> Result {
    let asked = notify.asked(&asker.cx, &token).await?.ok_or_else(WebError::missing)?;
    let asker = asker.for_guest_reading(asked.language);
    let written = notify.written(&asker.cx, &asked).await?;
    let page = match notify.choose(&asker.cx, &token, None).await {
        Ok((_, said)) => ActPage::of(&token, asked, written, Some(Outcome::Done(said))),
        Err(ChooseError::Ended(now)) => ActPage::of(&token, *now, written, None),
        Err(ChooseError::Refused { words, .. }) => {
            ActPage::of(&token, asked, written, Some(Outcome::Refused(words)))
        }
        Err(error) => return Err(refused(error)),
    };
    Ok(unreferred(asker.show(&page)))
}

/// What no page of its own shows.
pub(crate) fn refused(error: ChooseError) -> WebError {
    match error {
        ChooseError::Missing => WebError::missing(),
        ChooseError::NotOffered => WebError::invalid("choice", "notify-error-choice"),
        ChooseError::Refused { code, words } => WebError::new(Kind::Refused, code, words),
        ChooseError::Ended(_) => WebError::new(Kind::Conflict, "notify-act-over", "the question has ended"),
        ChooseError::Broken(why) => WebError::broken(why),
    }
}

/// The address is a secret that no other site learns.
fn unreferred(mut response: Response) -> Response {
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// What a press led to.
#[derive(Clone)]
pub(super) enum Outcome {
    Done(String),
    Refused(String),
}

/// A question to one recipient.
pub(super) struct ActPage {
    /// The secret, without the number of an answer.
    pub(super) secret: String,
    pub(super) picked: Option<usize>,
    pub(super) state: How,
    pub(super) expires: Timestamp,
    pub(super) written: Written,
    pub(super) outcome: Option<Outcome>,
}

impl ActPage {
    fn of(token: &str, asked: Asked, written: Written, outcome: Option<Outcome>) -> Self {
        let secret = token.split('.').next().unwrap_or_default().to_owned();
        let Asked { picked, state, expires, .. } = asked;
        Self { secret, picked, state, expires, written, outcome }
    }

    /// One button, or all of them.
    fn open(&self, reader: &Reader, t: &Texts) -> Markup {
        let picked = self.picked.and_then(|picked| Some((picked, self.written.choices.get(picked)?)));
        let act = |index: usize| format!("/act/{}.{}", self.secret, index.saturating_add(1));
        let until = t.with("notify-act-until", [("until", reader.time(self.expires, reader.zone()).words())]);
        let until = Markup::raw("<p class=\"muted small\">").then(until).then(Markup::raw("</p>"));
        let said = |text: String| Markup::raw("<p>").then(text).then(Markup::raw("</p>"));
        match picked {
            Some((index, (_, words))) => {
                let sure = said(t.with("notify-act-sure", [("choice", words.as_str())]));
                let button = Button::post(act(index), words).primary();
                let others = (self.written.choices.len() > 1).then(|| {
                    Button::link(format!("/act/{}", self.secret), t.get("notify-act-others")).quiet()
                });
                sure.then(button).then(Markup::from(others)).then(until)
            }
            None => {
                let buttons = self.written.choices.iter().enumerate().map(|(index, (_, words))| {
                    let button = Button::post(act(index), words);
                    Markup::from(if index == 0 { button.primary() } else { button })
                });
                let all = buttons.fold(said(t.get("notify-act-choose")), Markup::then);
                all.then(until)
            }
        }
    }

    /// The text of an answer.
    fn choice(&self, word: &str) -> String {
        let found = self.written.choices.iter().find(|(known, _)| known == word);
        found.map_or_else(|| word.to_owned(), |(_, text)| text.clone())
    }

    fn ended(&self, reader: &Reader, t: &Texts) -> Empty {
        let over = || Empty::new(t.get("notify-act-over-title"), t.get("notify-act-over")).icon("hourglass");
        let How::Answered { name, yours, word, at, .. } = &self.state else { return over() };
        let at = reader.time(*at, reader.zone()).words();
        let who = match name {
            Some(name) => t.with("notify-act-person", [("name", name.as_str())]),
            None => t.get("notify-act-somebody"),
        };
        match word {
            None => Empty::new(
                t.get("notify-act-quicker-title"),
                t.with("notify-act-dealt", [("who", who), ("at", at)]),
            )
            .icon("circle-check"),
            Some(word) => {
                let args = [("who", who), ("choice", self.choice(word)), ("at", at)];
                if *yours {
                    Empty::new(t.get("notify-act-yours-title"), t.with("notify-act-yours", args))
                } else {
                    Empty::new(t.get("notify-act-quicker-title"), t.with("notify-act-quicker", args))
                }
                .icon("circle-check")
            }
        }
    }
}

impl Page for ActPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let title = if self.written.subject.is_empty() {
            t.get("notify-act-title")
        } else {
            self.written.subject.clone()
        };
        let sheet = reader.sheet_of(title).bare();
        match (&self.outcome, &self.state) {
            (Some(Outcome::Done(said)), _) => {
                let done = Empty::new(t.get("notify-act-done-title"), said).icon("circle-check");
                sheet.body(done)
            }
            (Some(Outcome::Refused(why)), _) => {
                let why = Empty::new(t.get("notify-act-refused-title"), why).icon("alert-circle");
                let again = Button::link(format!("/act/{}", self.secret), t.get("notify-act-others"));
                sheet.status(StatusCode::UNPROCESSABLE_ENTITY).body(Markup::from(why.action(again)))
            }
            (None, How::Open) => {
                let card = Card::plain().body(paragraphs(&self.written.body).then(self.open(reader, &t)));
                sheet.body(card)
            }
            (None, _) => sheet.body(self.ended(reader, &t)),
        }
    }
}
