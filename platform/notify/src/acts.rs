//! Answers by button. Whoever has the address of a button may answer as its recipient: for that one question, once, until
//! it ends.
//!
//! The address holds 128 bits of chance; the table holds their hash. Looking changes nothing, for mail scanners look at
//! every address. Answering calls whoever put the question: their transaction does the act and takes the one place that
//! an answer has, so that two presses at the same moment act once, and what did not commit was not answered.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition};
use sekisho_crypto::{Place, TenantKeys, sha256};
use sekisho_kernel::{Actor, AuditEntry, Cx, Kind, Kinded, PersonId, Timestamp, chain};
use sekisho_storage::{Scoped, StoreError, Tx};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::tables::{notify_answers, notify_asks};
use crate::tell::Content;
use crate::{Arg, Choice, DeliveryId, Means, Message, Notify, NotifyError, Question, Recipient, render};

/// An answer is taken for so long at most.
const LONGEST: Duration = Duration::from_secs(24 * 3600);
/// Letters of the secret in an address.
const LETTERS: usize = 22;

/// An answer on its way to whoever put the question.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// The word of the answer.
    pub word: String,
    /// What the question carried.
    pub payload: Value,
    /// What the question is about.
    pub question: Uuid,
    /// Who was asked. The context acts as this person; a chat channel or somebody without an account acts as a guest.
    pub by: Recipient,
    /// Through which means they were asked.
    pub means: Means,
    key: AnswerKey,
}

/// The place an answer takes, of which there is one.
#[derive(Clone, Debug)]
struct AnswerKey {
    kind: String,
    key: String,
    ask: DeliveryId,
    person: Option<PersonId>,
}

/// The answer was acted on; made by [`Chosen::commit`] alone, which takes the answer's place in the same transaction.
#[derive(Debug)]
pub struct Answered {
    said: Said,
}

/// What the person reads afterwards.
#[derive(Clone, Debug)]
pub struct Said {
    text: &'static str,
    args: BTreeMap<String, Arg>,
}

impl Said {
    /// The text with this id.
    pub fn new(text: &'static str) -> Self {
        Self { text, args: BTreeMap::new() }
    }

    /// Adds what the text speaks of.
    pub fn arg(mut self, name: &str, value: impl Into<Arg>) -> Self {
        self.args.insert(name.to_owned(), value.into());
        self
    }
}

/// Why an answer was not acted on. Any error of a use case becomes one by `?`: a refusal is told to the person, who may
/// choose again.
#[derive(Debug)]
pub enum ActError {
    /// Somebody answered first.
    Quicker,
    /// The question has ended.
    Over,
    /// The rules of the trade forbid it now; the text says why.
    Refused(Said),
    /// Our fault.
    Broken(String),
}

impl<E: Kinded> From<E> for ActError {
    fn from(error: E) -> Self {
        match error.kind() {
            Kind::Broken => Self::Broken(chain(&error)),
            _ => Self::Refused(Said::new(error.text())),
        }
    }
}

impl Chosen {
    /// Makes the act happen, with its trail, and takes the answer's place in the same transaction. When somebody was
    /// quicker, nothing happens.
    pub async fn commit(&self, tx: Tx, entry: AuditEntry, said: Said) -> Result<Answered, ActError> {
        self.take(&tx, &self.key.key).await?;
        self.done(tx, entry, said).await
    }

    /// The same for an answer that ends the question for everybody who was asked it.
    pub async fn commit_for_all(&self, tx: Tx, entry: AuditEntry, said: Said) -> Result<Answered, ActError> {
        self.take(&tx, &self.key.key).await?;
        self.take(&tx, &whole(&self.key.kind, self.question)).await?;
        self.done(tx, entry, said).await
    }

    async fn take(&self, tx: &Tx, key: &str) -> Result<(), ActError> {
        let whole = whole(&self.key.kind, self.question);
        if taken(tx, &[whole]).await?.is_some() {
            return Err(ActError::Quicker);
        }
        let row = notify_answers::ActiveModel {
            tenant_id: Set(tx.cx().tenant),
            id: Set(tx.cx().fresh_id()),
            answer_key: Set(key.to_owned()),
            ask_id: Set(Some(self.key.ask)),
            person_id: Set(self.key.person),
            word: Set(Some(self.word.clone())),
            at: Set(tx.cx().now),
        };
        match tx.insert::<notify_answers::Entity>(row).await {
            Ok(()) => Ok(()),
            Err(error) if error.is_duplicate_of("notify_answers", &["answer_key"]) => Err(ActError::Quicker),
            Err(error) => Err(error.into()),
        }
    }

    async fn done(&self, tx: Tx, entry: AuditEntry, said: Said) -> Result<Answered, ActError> {
        let entry = entry.with("choice", &self.word).with("means", self.means.word());
        tx.commit(entry).await?;
        Ok(Answered { said })
    }
}

type Answering = Pin<Box<dyn Future<Output = Result<Answered, ActError>> + Send>>;
/// Acts on the answers to one kind of question.
pub(crate) type Handler = Arc<dyn Fn(Cx, Chosen) -> Answering + Send + Sync>;

/// What is sealed of a question put to one recipient.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AskContent {
    pub to: Recipient,
    pub args: BTreeMap<String, Arg>,
    pub payload: Value,
    pub choices: Vec<Choice>,
}

/// What a delivery needs to write the addresses of its buttons; sealed with it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Buttons {
    pub secret: String,
    pub choices: Vec<Choice>,
}

fn place(id: DeliveryId) -> Place<'static> {
    Place { table: "notify_asks", column: "content", row: id.uuid() }
}

/// The place of the one answer that ends a question for everybody.
fn whole(kind: &str, question: Uuid) -> String {
    format!("{kind}/{question}")
}

/// The place of the answer of one recipient: the same over all their means.
fn key_of(keys: &TenantKeys, question: &Question, to: &Recipient) -> String {
    let whole = whole(question.kind, question.id);
    let address = |text: &str| URL_SAFE_NO_PAD.encode(keys.blind("notify-answer", text));
    let who = match to {
        Recipient::Person { id } => id.to_string(),
        Recipient::Mail { address: text, .. } | Recipient::Phone { number: text, .. } => address(text),
        Recipient::Channel { id, .. } => id.to_string(),
    };
    format!("{whole}/{who}")
}

async fn taken(scope: &impl Scoped, keys: &[String]) -> Result<Option<notify_answers::Model>, StoreError> {
    use notify_answers::{Column, Entity};
    scope.find::<Entity>().filter(Column::AnswerKey.is_in(keys.iter())).ascending(Column::At).one().await
}

/// The question of one delivery: its row, and what the delivery keeps to write the addresses.
pub(crate) fn ask(
    cx: &Cx,
    keys: &TenantKeys,
    id: DeliveryId,
    message: &Message,
    question: &Question,
    means: Means,
) -> Result<(notify_asks::ActiveModel, Buttons), NotifyError> {
    let secret = URL_SAFE_NO_PAD.encode(cx.random::<16>());
    let content = AskContent {
        to: message.to.clone(),
        args: message.args.clone(),
        payload: question.payload.clone(),
        choices: question.choices.clone(),
    };
    let latest = cx.now.plus(LONGEST);
    let row = notify_asks::ActiveModel {
        tenant_id: Set(cx.tenant),
        id: Set(id),
        token_hash: Set(sha256(secret.as_bytes()).to_vec()),
        kind: Set(question.kind.to_owned()),
        question: Set(question.id),
        answer_key: Set(key_of(keys, question, &message.to)),
        person_id: Set(match &message.to {
            Recipient::Person { id } => Some(*id),
            _ => None,
        }),
        means: Set(means.word().to_owned()),
        template: Set(message.template.to_owned()),
        content: Set(keys.seal(&place(id), &serde_json::to_vec(&content)?)),
        expires: Set(question.until.unwrap_or(latest).min(latest)),
    };
    Ok((row, Buttons { secret, choices: question.choices.clone() }))
}

/// A question as whoever holds its address may see it.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    row: notify_asks::Model,
    content: Option<AskContent>,
    /// What to call whoever was asked.
    name: String,
    /// What they read.
    pub language: sekisho_kernel::Language,
    /// The answer the address stands for; all are offered when it stands for none.
    pub picked: Option<usize>,
    pub state: State,
    pub expires: Timestamp,
}

/// How it stands with a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// An answer is awaited.
    Open,
    /// An answer was given, or whoever put it dealt with it otherwise (`word` is `None`).
    Answered { by: Option<PersonId>, name: Option<String>, yours: bool, word: Option<String>, at: Timestamp },
    /// It ended without one.
    Over,
}

/// What an asked person reads.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    pub subject: String,
    pub body: String,
    /// Words and texts of the answers.
    pub choices: Vec<(String, String)>,
}

/// Why an answer was not taken.
#[derive(Debug)]
pub(crate) enum ChooseError {
    /// There is no such question, or whoever was asked has left.
    Missing,
    /// This is none of the answers.
    NotOffered,
    /// It was answered before, or has ended.
    Ended(Box<Asked>),
    /// Refused by the rules of the trade: the words say why.
    Refused { code: &'static str, words: String },
    /// Our fault.
    Broken(String),
}

impl<E: Kinded> From<E> for ChooseError {
    fn from(error: E) -> Self {
        Self::Broken(chain(&error))
    }
}

/// The secret of an address, and the number of the answer it stands for.
fn read_token(token: &str) -> Option<(&str, Option<usize>)> {
    let (secret, number) = match token.split_once('.') {
        Some((secret, number)) => (secret, Some(number.parse::<usize>().ok()?)),
        None => (token, None),
    };
    let fine =
        secret.len() == LETTERS && secret.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    fine.then_some((secret, number))
}

impl Notify {
    /// Says who acts on answers to questions of `kind`. The context acts as whoever was asked, in their language; the
    /// handler checks what they may, as always, and ends with [`Chosen::commit`].
    pub fn on_choice<F, Fut>(&self, kind: &'static str, handler: F)
    where
        F: Fn(Cx, Chosen) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Answered, ActError>> + Send + 'static,
    {
        let handler: Handler = Arc::new(move |cx, chosen| Box::pin(handler(cx, chosen)));
        self.0.handlers.lock().unwrap_or_else(PoisonError::into_inner).insert(kind, handler);
    }

    /// Lets go of those who act on answers, when the server ends: they hold this room.
    pub fn let_go(&self) {
        self.0.handlers.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Ends a question otherwise than by its buttons, in the caller's transaction: it was dealt with by whoever acts, or
    /// has no more sense. Tells whether nobody had ended it before; also of a question that was never put.
    pub async fn end_question(
        &self,
        tx: &Tx,
        kind: &'static str,
        id: impl Into<Uuid>,
    ) -> Result<bool, StoreError> {
        tx.insert_new::<notify_answers::Entity>(notify_answers::ActiveModel {
            tenant_id: Set(tx.cx().tenant),
            id: Set(tx.cx().fresh_id()),
            answer_key: Set(whole(kind, id.into())),
            ask_id: Set(None),
            person_id: Set(tx.cx().actor.person()),
            word: Set(None),
            at: Set(tx.cx().now),
        })
        .await
    }

    /// Whether the question of a delivery still awaits an answer; one that does not is no more sent.
    pub(crate) async fn still_asks(&self, cx: &Cx, id: DeliveryId) -> Result<bool, StoreError> {
        let scope = self.0.store.read(cx.tenant).await?;
        let row = scope.find::<notify_asks::Entity>().filter(notify_asks::Column::Id.eq(id)).one().await?;
        let Some(row) = row.filter(|row| row.expires > cx.now) else { return Ok(false) };
        let keys = [whole(&row.kind, row.question), row.answer_key];
        Ok(taken(&scope, &keys).await?.is_none())
    }

    /// The question of an address; `None` when there is none, or whoever was asked has left.
    pub(crate) async fn asked(&self, cx: &Cx, token: &str) -> Result<Option<Asked>, NotifyError> {
        let Some((secret, number)) = read_token(token) else { return Ok(None) };
        let hash = sha256(secret.as_bytes()).to_vec();
        let scope = self.0.store.read(cx.tenant).await?;
        let this = Condition::all().add(notify_asks::Column::TokenHash.eq(hash));
        let Some(row) = scope.find::<notify_asks::Entity>().filter(this).one().await? else {
            return Ok(None);
        };
        let answer = taken(&scope, &[row.answer_key.clone(), whole(&row.kind, row.question)]).await?;
        drop(scope);
        let content: Option<AskContent> = if row.content.is_empty() {
            None
        } else {
            let keys = self.0.vault.keys(cx.tenant).await?;
            Some(serde_json::from_slice(&keys.open(&place(row.id), &row.content)?)?)
        };
        let (name, language) = match content.as_ref().map(|content| &content.to) {
            Some(Recipient::Person { id }) => match self.0.contacts.contact(cx, *id).await? {
                Some(contact) => (contact.name, contact.language),
                None => return Ok(None),
            },
            Some(Recipient::Mail { name, language, .. }) => (name.clone(), *language),
            Some(Recipient::Phone { language, .. } | Recipient::Channel { language, .. }) => {
                (String::new(), *language)
            }
            None => (String::new(), cx.language),
        };
        let state = match answer {
            Some(answer) => self.answered(cx, &row, answer).await?,
            None if row.expires <= cx.now || content.is_none() => State::Over,
            None => State::Open,
        };
        let picked = match (number, &content) {
            (Some(number), Some(content)) if (1..=content.choices.len()).contains(&number) => {
                Some(number.saturating_sub(1))
            }
            (None, _) | (_, None) => None,
            (Some(_), Some(_)) => return Ok(None),
        };
        let expires = row.expires;
        Ok(Some(Asked { row, content, name, language, picked, state, expires }))
    }

    async fn answered(
        &self,
        cx: &Cx,
        row: &notify_asks::Model,
        answer: notify_answers::Model,
    ) -> Result<State, NotifyError> {
        let same_person = answer.person_id.is_some() && answer.person_id == row.person_id;
        let yours = answer.ask_id == Some(row.id) || (same_person && answer.word.is_some());
        let name = match answer.person_id {
            Some(person) => self.0.contacts.names(cx, &[person]).await?.remove(&person),
            None => None,
        };
        if answer.word.is_none() && answer.person_id.is_none() {
            return Ok(State::Over);
        }
        Ok(State::Answered { by: answer.person_id, name, yours, word: answer.word, at: answer.at })
    }

    /// What the asked person reads, in `language`.
    pub(crate) async fn written(&self, cx: &Cx, asked: &Asked) -> Result<Written, NotifyError> {
        let (Some(catalog), Some(content)) = (self.0.catalog.get(), &asked.content) else {
            return Ok(Written::default());
        };
        let home = self.0.contacts.home(cx).await?;
        let letter = Content {
            to: content.to.clone(),
            args: content.args.clone(),
            links: Vec::new(),
            carries: false,
            buttons: Some(Buttons { secret: String::new(), choices: content.choices.clone() }),
        };
        let words = render::words(catalog, cx.language, &asked.row.template, &letter, &asked.name, &home);
        let choices = content.choices.iter().zip(words.choices);
        let choices = choices.map(|(choice, (text, _))| (choice.word.clone(), text)).collect();
        Ok(Written { subject: words.subject, body: words.body, choices })
    }

    /// Answers as whoever was asked; tells what they read afterwards.
    pub(crate) async fn choose(
        &self,
        cx: &Cx,
        token: &str,
        word: Option<&str>,
    ) -> Result<(String, String), ChooseError> {
        let asked = self.asked(cx, token).await?.ok_or(ChooseError::Missing)?;
        let (State::Open, Some(content)) = (&asked.state, &asked.content) else {
            return Err(ChooseError::Ended(Box::new(asked)));
        };
        let by_word = |word: &str| content.choices.iter().find(|choice| choice.word == word);
        let picked = asked.picked.and_then(|picked| content.choices.get(picked));
        let choice = match (picked, word) {
            (Some(picked), None) => picked,
            (Some(picked), Some(word)) if picked.word == word => picked,
            (None, Some(word)) => by_word(word).ok_or(ChooseError::NotOffered)?,
            _ => return Err(ChooseError::NotOffered),
        };
        let kind = asked.row.kind.as_str();
        let handler = self.0.handlers.lock().unwrap_or_else(PoisonError::into_inner).get(kind).cloned();
        let Some(handler) = handler else {
            return Err(ChooseError::Broken(format!("nobody acts on answers to {kind}")));
        };
        let actor = match asked.row.person_id {
            Some(id) => Actor::Person { id },
            None => Actor::Guest { id: asked.row.id.uuid() },
        };
        let mut acting = cx.acting_as(actor);
        // An address is no sign-in: nothing that wants a fresh proof can be done by it.
        acting.verified_at = None;
        let chosen = Chosen {
            word: choice.word.clone(),
            payload: content.payload.clone(),
            question: asked.row.question,
            by: content.to.clone(),
            means: Means::from_word(&asked.row.means).unwrap_or(Means::Mail),
            key: AnswerKey {
                kind: kind.to_owned(),
                key: asked.row.answer_key.clone(),
                ask: asked.row.id,
                person: asked.row.person_id,
            },
        };
        let word = choice.word.clone();
        match handler(acting, chosen).await {
            Ok(Answered { said }) => Ok((word, self.say(cx, &said))),
            Err(ActError::Quicker) => match self.asked(cx, token).await? {
                Some(now) => Err(ChooseError::Ended(Box::new(now))),
                None => Err(ChooseError::Missing),
            },
            Err(ActError::Over) => Err(ChooseError::Ended(Box::new(Asked { state: State::Over, ..asked }))),
            Err(ActError::Refused(said)) => {
                Err(ChooseError::Refused { code: said.text, words: self.say(cx, &said) })
            }
            Err(ActError::Broken(why)) => Err(ChooseError::Broken(why)),
        }
    }

    fn say(&self, cx: &Cx, said: &Said) -> String {
        self.0
            .catalog
            .get()
            .map_or_else(String::new, |catalog| render::sentence(catalog, cx.language, said.text, &said.args))
    }
}

#[cfg(test)]
mod tests {
    use super::read_token;

    #[test]
    fn reads_addresses() {
        let secret = "abcdefghijklmnopqrst-_";
        assert_eq!(read_token(secret), Some((secret, None)));
        assert_eq!(read_token(&format!("{secret}.3")), Some((secret, Some(3))));
        for wrong in [
            "",
            "abc",
            "abcdefghijklmnopqrst-_x",
            "abcdefghijklmnopqrst-_.",
            "abcdefghijklmnopqrst-_.x",
            "abcdefghijklmnopqrst/_",
        ] {
            assert_eq!(read_token(wrong), None, "{wrong}");
        }
    }
}
