//! The API of buttons: what is asked at an address, and the answer.

use axum::extract::{Path, State};
use sekisho_kernel::{Kind, PersonId, Timestamp};
use sekisho_web::{Asker, Json, Result, WebError};
use serde::{Deserialize, Serialize};

use crate::Notify;
use crate::acts::{Asked, ChooseError, State as How, Written};
use crate::pages::act::refused;

/// A question as whoever holds its address may see it.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Act {
    /// `open`, `answered`, `over`.
    state: &'static str,
    /// What it is about.
    subject: String,
    /// The whole text.
    text: String,
    /// The answers.
    choices: Vec<ActChoice>,
    /// The answer this address stands for; any may be given when it stands for none.
    choice: Option<String>,
    /// No answer is taken from then on.
    expires: Timestamp,
    /// Who answered what, once somebody has.
    answer: Option<ActAnswer>,
}

/// One answer.
#[derive(Serialize, utoipa::ToSchema)]
struct ActChoice {
    /// What is sent to give it.
    word: String,
    /// What people read.
    text: String,
}

/// The answer that was given.
#[derive(Clone, Serialize, utoipa::ToSchema)]
struct ActAnswer {
    /// Who gave it, when it is a person of the organisation.
    person: Option<PersonId>,
    /// What they are called.
    name: Option<String>,
    /// Whether it was given as this address' recipient.
    yours: bool,
    /// Which; none when it was dealt with otherwise.
    word: Option<String>,
    /// When.
    at: Timestamp,
}

fn answer(state: &How) -> Option<ActAnswer> {
    match state {
        How::Answered { by, name, yours, word, at } => {
            Some(ActAnswer { person: *by, name: name.clone(), yours: *yours, word: word.clone(), at: *at })
        }
        How::Open | How::Over => None,
    }
}

/// What is asked at an address. Asking for it changes nothing.
#[utoipa::path(get, path = "/api/v1/acts/{token}", tag = "notify", params(("token" = String, Path, description = "What stands behind /act/ in the address of a button")), responses((status = 200, description = "The question", body = Act), (status = 404, description = "No such question")))]
pub(crate) async fn show(asker: Asker, State(notify): State<Notify>, Path(token): Path<String>) -> Result {
    let asked = notify.asked(&asker.cx, &token).await?.ok_or_else(WebError::missing)?;
    let asker = asker.for_guest_reading(asked.language);
    let written = notify.written(&asker.cx, &asked).await?;
    Ok(asker.json(act(&asked, written)))
}

fn act(asked: &Asked, written: Written) -> Act {
    let Written { subject, body, choices } = written;
    let choice = asked.picked.and_then(|picked| choices.get(picked)).map(|(word, _)| word.clone());
    Act {
        state: match asked.state {
            How::Open => "open",
            How::Answered { .. } => "answered",
            How::Over => "over",
        },
        subject,
        text: body,
        choices: choices.into_iter().map(|(word, text)| ActChoice { word, text }).collect(),
        choice,
        expires: asked.expires,
        answer: answer(&asked.state),
    }
}

/// The answer to give.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct Choose {
    /// Its word; may be left out when the address stands for one.
    #[serde(default)]
    choice: Option<String>,
}

/// What it led to.
#[derive(Serialize, utoipa::ToSchema)]
struct ActDone {
    /// The word of the answer.
    choice: String,
    /// What people read afterwards.
    text: String,
}

/// Answers, once, as whoever was asked.
#[utoipa::path(post, path = "/api/v1/acts/{token}", tag = "notify", params(("token" = String, Path, description = "What stands behind /act/ in the address of a button")), request_body = Choose, responses((status = 200, description = "It was acted on", body = ActDone), (status = 404, description = "No such question"), (status = 409, description = "Answered before, or ended; `answer` says by whom"), (status = 422, description = "No such answer, or refused by the rules of what it is about")))]
pub(crate) async fn choose(
    asker: Asker,
    State(notify): State<Notify>,
    Path(token): Path<String>,
    Json(sent): Json<Choose>,
) -> Result {
    let asked = notify.asked(&asker.cx, &token).await?.ok_or_else(WebError::missing)?;
    let asker = asker.for_guest_reading(asked.language);
    match notify.choose(&asker.cx, &token, sent.choice.as_deref()).await {
        Ok((choice, text)) => Ok(asker.json(ActDone { choice, text })),
        Err(ChooseError::Ended(now)) => {
            let answer = answer(&now.state);
            let text = if answer.is_some() { "notify-act-answered" } else { "notify-act-over" };
            Err(WebError::new(Kind::Conflict, text, "the question has ended").with("answer", answer))
        }
        Err(error) => Err(refused(error)),
    }
}
