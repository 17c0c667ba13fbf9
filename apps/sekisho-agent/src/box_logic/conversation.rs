//! The conversation with whoever stands before the box. The server decides about people; the box asks, shows and forgets.
//! Taking back a key never waits for the server: when it does not answer, the box opens an empty bin by itself.

pub(super) mod actions;
mod answers;
mod at_bin;

use std::time::Duration;

use sekisho_kernel::{Language, ResourceId, Timestamp};
use sekisho_wire::{Ask, AskKind, AttemptId, Code, KeyOffer, PanelSession, Topic};

use super::{BoxLogic, Effect, Purpose, Sentence};
use crate::driver::BinNumber;

/// How long the server may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(8);
/// How long the server may take when somebody wants to give a key back.
const RETURN_ANSWER_WITHIN: Duration = Duration::from_secs(3);
/// How long a sentence stays on the screen.
const READING: Duration = Duration::from_secs(8);
/// Wrong codes in a row after which the panel rests.
const PATIENCE: u16 = 5;
/// How long it rests.
const REST: Duration = Duration::from_secs(30);

/// What the bins tell the conversation.
#[derive(Clone, Debug)]
pub(super) enum Happening {
    Opened(BinNumber),
    PutIn(BinNumber, Option<String>),
    TakenOut(BinNumber),
    Closed(BinNumber),
    Stuck(BinNumber),
}

/// Where the conversation stands.
#[derive(Clone, Debug, Default)]
pub(super) enum Stage {
    #[default]
    Idle,
    /// The server was asked.
    Waiting,
    /// A one-time code or PIN is wanted.
    Proof { proof: Proof, wrong: bool },
    /// This key takes two: who is the second person?
    Second { key: ResourceId, sentence: Option<Sentence> },
    /// Somebody is known; what may they take, what do they hold?
    Choose { sentence: Option<Sentence> },
    /// A keycode was given.
    Keycode { name: String, present: bool, key: Option<ResourceId> },
    /// A bin is theirs.
    AtBin { bin: BinNumber, purpose: Purpose, key: Option<ResourceId> },
    /// The key is out and the bin closed.
    Taken { key: Option<ResourceId> },
    /// The key is back and the bin closed.
    Returned { key: Option<ResourceId> },
    /// What is there to say about the key?
    Form { key: ResourceId },
    /// Who gets the key?
    Receiver { key: ResourceId },
    /// The receiver's code.
    ReceiverCode { key: ResourceId, to: Code, sent_to: Option<String>, wrong: bool },
    /// A sentence, then back.
    Said(Sentence),
    /// Too many wrong codes.
    Resting,
}

/// What somebody has to type to prove who they are.
#[derive(Clone, Debug)]
pub(super) struct Proof {
    attempt: AttemptId,
    pub(super) pin: bool,
    pub(super) sent_to: Option<String>,
    /// The key that is asked for again once this is proven.
    then: Option<ResourceId>,
    /// Somebody else proves it, who stands beside.
    pub(super) second: bool,
}

/// A person's stay at the panel; gone with the last screen.
#[derive(Clone, Debug)]
pub(super) struct Stay {
    session: PanelSession,
    /// There are lists to go back to.
    pub(super) listed: bool,
    pub(super) name: String,
    pub(super) expires: Timestamp,
    pub(super) takeable: Vec<KeyOffer>,
    pub(super) held: Vec<KeyOffer>,
}

#[derive(Clone, Debug)]
enum Wanted {
    Identify,
    Beside(ResourceId),
    Proof(Proof),
    Lists,
    Take(ResourceId),
    Return { key: Option<ResourceId>, fob: Option<String> },
    Report,
    HandOver { key: ResourceId, to: Code, sent_to: Option<String>, with_code: bool },
    Nothing,
}

/// The conversation.
#[derive(Debug, Default)]
pub(super) struct Conversation {
    pub(super) stage: Stage,
    pub(super) stay: Option<Stay>,
    pub(super) language: Language,
    resting_language: Language,
    asked: Option<(u64, Wanted)>,
    next_ask: u64,
    until: Option<Timestamp>,
    pub(super) put_in: Option<String>,
    refusals: u16,
}

impl Conversation {
    /// Numbers of questions never repeat, not even over a restart: they begin with the time.
    pub(super) fn start(&mut self, now: Timestamp) {
        self.next_ask = now.as_micros().max(1).unsigned_abs();
    }

    pub(super) fn is_idle(&self) -> bool {
        matches!(self.stage, Stage::Idle)
    }

    pub(super) fn rest_in(&mut self, language: Language) {
        self.language = language;
        self.resting_language = language;
    }

    pub(super) fn wake_at(&self) -> Option<Timestamp> {
        self.until
    }

    pub(super) fn shift(&mut self, shift: &impl Fn(Timestamp) -> Timestamp) {
        self.until = self.until.map(shift);
    }

    /// A key of this person's lists.
    pub(super) fn offer(&self, key: ResourceId) -> Option<&KeyOffer> {
        let stay = self.stay.as_ref()?;
        stay.takeable.iter().chain(&stay.held).find(|offer| offer.key == key)
    }
}

impl BoxLogic {
    pub(super) fn lost_server(&mut self, now: Timestamp) {
        match self.conversation.asked.take() {
            Some((_, Wanted::Return { key, fob })) => self.open_for_return(key, fob.as_deref(), now),
            Some((_, Wanted::Nothing)) | None => {}
            Some(_) => self.say(Sentence::Own("offline"), now),
        }
    }

    pub(super) fn conversation_deadlines(&mut self, now: Timestamp) {
        if self.conversation.until.is_none_or(|until| now < until) {
            return;
        }
        self.conversation.until = None;
        match self.conversation.stage {
            Stage::Idle => {}
            Stage::Waiting => match self.conversation.asked.take() {
                Some((_, Wanted::Return { key, fob })) => self.open_for_return(key, fob.as_deref(), now),
                Some((_, Wanted::Lists)) => self.end_stay(now),
                _ => self.say(Sentence::Own("no-answer"), now),
            },
            // The server said yes, but its command did not come: a key in the hand cannot wait for it.
            Stage::AtBin { purpose: Purpose::Return, key, .. } => self.open_for_return(key, None, now),
            Stage::AtBin { .. } => self.say(Sentence::Own("no-answer"), now),
            // Whoever has what they came for has left; the next person must not find their list.
            Stage::Said(_)
                if self
                    .conversation
                    .stay
                    .as_ref()
                    .is_some_and(|stay| !stay.takeable.is_empty() && now < stay.expires) =>
            {
                self.back_to_list(now);
            }
            _ => self.end_stay(now),
        }
    }

    /// Asks the server; nothing else is asked until it answers or its time is up.
    fn ask(&mut self, kind: AskKind, wanted: Wanted, within: Duration, now: Timestamp) {
        if !self.link {
            return self.say(Sentence::Own("offline"), now);
        }
        self.conversation.next_ask += 1;
        let n = self.conversation.next_ask;
        let ask = Ask { n, language: self.conversation.language, kind };
        self.effects.push(Effect::Publish(Topic::Ask(n), sekisho_wire::encode(&ask)));
        let waits = !matches!(wanted, Wanted::Nothing);
        self.conversation.asked = Some((n, wanted));
        if waits {
            self.conversation.stage = Stage::Waiting;
            self.conversation.until = Some(now.plus(within));
        }
    }

    fn back_to_list(&mut self, now: Timestamp) {
        match &self.conversation.stay {
            Some(stay) if stay.listed && now < stay.expires => {
                let session = stay.session;
                self.ask(AskKind::Keys { session }, Wanted::Lists, ANSWER_WITHIN, now);
            }
            _ => self.end_stay(now),
        }
    }

    fn end_stay(&mut self, now: Timestamp) {
        if let Some(stay) = self.conversation.stay.take()
            && self.link
        {
            self.ask(AskKind::End { session: stay.session }, Wanted::Nothing, ANSWER_WITHIN, now);
        }
        self.conversation.stage = Stage::Idle;
        self.conversation.until = None;
        self.conversation.put_in = None;
        self.conversation.language = self.conversation.resting_language;
    }

    fn say(&mut self, sentence: Sentence, now: Timestamp) {
        self.conversation.stage = Stage::Said(sentence);
        self.conversation.until = Some(now.plus(READING));
    }

    fn show(&mut self, stage: Stage, now: Timestamp) {
        self.conversation.stage = stage;
        self.stay_awake(now);
    }

    fn stay_awake(&mut self, now: Timestamp) {
        let idle = Duration::from_secs(self.timeouts().idle_s.max(5).into());
        self.conversation.until = match self.conversation.stage {
            Stage::Idle => {
                (self.conversation.language != self.conversation.resting_language).then(|| now.plus(idle))
            }
            Stage::Waiting | Stage::AtBin { .. } | Stage::Resting => self.conversation.until,
            Stage::Said(_) | Stage::Taken { .. } => Some(now.plus(READING)),
            _ => Some(now.plus(idle)),
        };
    }
}
