//! The conversation with whoever stands before the box. The server decides about people; the box asks, shows and forgets.
//! Taking back a key never waits for the server: when it does not answer, the box opens an empty bin by itself.

use std::time::Duration;

use sekisho_kernel::{Language, ResourceId, Timestamp};
use sekisho_wire::{
    Answer, AnswerKind, Ask, AskKind, AttemptId, Code, EventKind, IdentifyBy, KeyOffer, PanelSession, Topic,
};
use serde::{Deserialize, Deserializer};

use super::{BoxLogic, Drive, Effect, Purpose, Sentence};
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

/// What somebody does at the panel.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum PanelAction {
    /// Types an ID number.
    IdNumber {
        /// What was typed.
        #[serde(deserialize_with = "code")]
        value: Code,
    },
    /// Types a booking code.
    BookingCode {
        /// What was typed.
        #[serde(deserialize_with = "code")]
        value: Code,
    },
    /// Types a key's code.
    Keycode {
        /// What was typed.
        #[serde(deserialize_with = "code")]
        value: Code,
    },
    /// Types the one-time code or PIN.
    Prove {
        /// What was typed.
        #[serde(deserialize_with = "code")]
        value: Code,
    },
    /// Chooses a key to take.
    Take {
        /// Which.
        key: ResourceId,
    },
    /// Wants to give a key back.
    Return {
        /// Which, when chosen from the list.
        #[serde(default)]
        key: Option<ResourceId>,
    },
    /// Wants to say something about the key just given back.
    OpenForm,
    /// Says it.
    Report {
        /// A remark.
        #[serde(default)]
        note: Option<String>,
        /// Something is broken.
        #[serde(default)]
        fault: bool,
    },
    /// Gives a held key to somebody else: which key.
    HandOver {
        /// Which.
        key: ResourceId,
    },
    /// … to whom.
    Receiver {
        /// The receiver's ID number.
        #[serde(deserialize_with = "code")]
        value: Code,
    },
    /// Chooses the language.
    Language {
        /// Which.
        language: Language,
    },
    /// Still there: typing, reading.
    Touch,
    /// Back to the list of keys.
    Back,
    /// Done.
    End,
}

fn code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Code, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() || text.len() > 64 {
        return Err(serde::de::Error::custom("a code has 1 to 64 characters"));
    }
    Ok(Code::new(text))
}

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
    pub(super) fn panel(&mut self, action: PanelAction, now: Timestamp) {
        if let PanelAction::Language { language } = action {
            self.conversation.language = language;
            self.stay_awake(now);
            return;
        }
        let session = self.conversation.stay.as_ref().map(|stay| stay.session);
        match (self.conversation.stage.clone(), action) {
            (Stage::Waiting | Stage::AtBin { .. }, _) => {}
            (Stage::Resting, PanelAction::Return { key }) => self.begin_return(None, key, now),
            (Stage::Resting, _) => {}
            (_, PanelAction::Touch) => self.stay_awake(now),
            (Stage::Second { key, .. }, PanelAction::IdNumber { value }) => {
                self.beside(key, IdentifyBy::IdNumber(value), now);
            }
            (_, PanelAction::IdNumber { value }) => self.identify(IdentifyBy::IdNumber(value), now),
            (_, PanelAction::BookingCode { value }) => self.identify(IdentifyBy::BookingCode(value), now),
            (_, PanelAction::Keycode { value }) => self.identify(IdentifyBy::Keycode(value), now),
            (Stage::Proof { proof, .. }, PanelAction::Prove { value }) => {
                let ask = AskKind::Prove { attempt: proof.attempt, secret: value };
                self.ask(ask, Wanted::Proof(proof), ANSWER_WITHIN, now);
            }
            (Stage::ReceiverCode { key, to, sent_to, .. }, PanelAction::Prove { value })
                if session.is_some() =>
            {
                if let Some(session) = session {
                    let wanted = Wanted::HandOver { key, to: to.clone(), sent_to, with_code: true };
                    let ask = AskKind::HandOver { session, key, to, code: Some(value) };
                    self.ask(ask, wanted, ANSWER_WITHIN, now);
                }
            }
            (Stage::Choose { .. } | Stage::Keycode { .. }, PanelAction::Take { key }) => {
                if let Some(session) = session {
                    self.ask(AskKind::Take { session, key }, Wanted::Take(key), ANSWER_WITHIN, now);
                }
            }
            (_, PanelAction::Return { key }) => self.begin_return(None, key, now),
            (Stage::Returned { key: Some(key) }, PanelAction::OpenForm) => {
                self.show(Stage::Form { key }, now)
            }
            (Stage::Form { key }, PanelAction::Report { note, fault }) => {
                let note = note.map(|note| shorten(note.trim(), 500)).filter(|note| !note.is_empty());
                let ask = AskKind::ReturnForm { key, session, note, fault };
                self.ask(ask, Wanted::Report, ANSWER_WITHIN, now);
            }
            (Stage::Choose { .. }, PanelAction::HandOver { key }) => self.show(Stage::Receiver { key }, now),
            (Stage::Receiver { key }, PanelAction::Receiver { value }) => {
                if let Some(session) = session {
                    let wanted = Wanted::HandOver { key, to: value.clone(), sent_to: None, with_code: false };
                    let ask = AskKind::HandOver { session, key, to: value, code: None };
                    self.ask(ask, wanted, ANSWER_WITHIN, now);
                }
            }
            (_, PanelAction::Back) => self.back_to_list(now),
            (_, PanelAction::End) => self.end_stay(now),
            (..) => {}
        }
    }

    /// A card was held to the reader.
    pub(super) fn badge(&mut self, serial: String, now: Timestamp) {
        match self.conversation.stage {
            Stage::Waiting | Stage::AtBin { .. } | Stage::Resting => {}
            Stage::Second { key, .. } => self.beside(key, IdentifyBy::Badge(Code::new(serial)), now),
            _ => self.identify(IdentifyBy::Badge(Code::new(serial)), now),
        }
    }

    /// The second person of a key that takes two says who they are.
    fn beside(&mut self, key: ResourceId, by: IdentifyBy, now: Timestamp) {
        if let Some(session) = self.conversation.stay.as_ref().map(|stay| stay.session) {
            self.ask(AskKind::Beside { session, by }, Wanted::Beside(key), ANSWER_WITHIN, now);
        }
    }

    /// A code or PIN is wanted; who wanted a key gets it as soon as that is proven.
    fn want_proof(
        &mut self,
        wanted: &Wanted,
        attempt: AttemptId,
        pin: bool,
        sent_to: Option<String>,
        now: Timestamp,
    ) {
        let (then, second) = match wanted {
            Wanted::Take(key) => (Some(*key), false),
            Wanted::Beside(key) => (Some(*key), true),
            _ => (None, false),
        };
        self.show(Stage::Proof { proof: Proof { attempt, pin, sent_to, then, second }, wrong: false }, now);
    }

    /// Somebody wants to give a key back: by holding it to the reader, from the list, or just so.
    pub(super) fn begin_return(&mut self, fob: Option<String>, key: Option<ResourceId>, now: Timestamp) {
        if matches!(self.conversation.stage, Stage::AtBin { .. }) {
            return;
        }
        if !self.link {
            return self.open_for_return(key, fob.as_deref(), now);
        }
        let session = self.conversation.stay.as_ref().map(|stay| stay.session);
        let ask = AskKind::Return { session, key, fob: fob.clone().map(Code::new), bin: None };
        self.ask(ask, Wanted::Return { key, fob }, RETURN_ANSWER_WITHIN, now);
    }

    /// The box's own decision: an empty bin holds nothing worth guarding, and a key belongs behind a door.
    fn open_for_return(&mut self, key: Option<ResourceId>, fob: Option<&str>, now: Timestamp) {
        let Some(bin) = self.empty_bin_for(fob) else {
            return self.say(Sentence::Own("no-empty-bin"), now);
        };
        let until = now.plus(Duration::from_secs(self.timeouts().release_s.into()));
        self.bins.release(bin, Purpose::Return, None, until);
        self.effects.push(Effect::Drive(Drive::Bin(bin, None)));
        self.at_bin(bin, Purpose::Return, key, now);
        self.lamp(bin);
    }

    pub(super) fn answer(&mut self, answer: Answer, now: Timestamp) {
        let Some((_, wanted)) = self.conversation.asked.take_if(|(n, _)| *n == answer.n) else {
            tracing::debug!(n = answer.n, "an answer nobody waits for");
            return;
        };
        match (wanted, answer.kind) {
            (Wanted::Nothing, _) => {}
            (Wanted::Return { key, .. }, AnswerKind::Released { bin, .. }) => {
                self.at_bin(bin, Purpose::Return, key, now);
            }
            (Wanted::Return { key, fob }, _) => self.open_for_return(key, fob.as_deref(), now),
            (Wanted::Take(key), AnswerKind::Released { bin, .. }) => {
                self.at_bin(bin, Purpose::Take, Some(key), now);
            }
            (Wanted::HandOver { key, to, .. }, AnswerKind::NeedCode { sent_to, .. }) => {
                self.show(Stage::ReceiverCode { key, to, sent_to: said(sent_to), wrong: false }, now);
            }
            (Wanted::HandOver { with_code: false, key, to, .. }, AnswerKind::Ok) => {
                self.show(Stage::ReceiverCode { key, to, sent_to: None, wrong: false }, now);
            }
            (Wanted::HandOver { with_code: true, .. }, AnswerKind::Ok) => {
                self.say(Sentence::Own("handed-over"), now);
            }
            (Wanted::Report, AnswerKind::Ok) => self.say(Sentence::Own("reported"), now),
            (wanted, AnswerKind::NeedCode { attempt, sent_to, .. }) => {
                self.want_proof(&wanted, attempt, false, said(sent_to), now);
            }
            (wanted, AnswerKind::NeedPin { attempt }) => self.want_proof(&wanted, attempt, true, None, now),
            (Wanted::Take(key), AnswerKind::NeedSecond) => {
                self.show(Stage::Second { key, sentence: None }, now)
            }
            (wanted, AnswerKind::Welcome { session, name, expires, takeable, held }) => {
                self.conversation.refusals = 0;
                self.conversation.stay = Some(Stay { session, listed: true, name, expires, takeable, held });
                match wanted {
                    Wanted::Proof(Proof { then: Some(key), .. }) => {
                        self.ask(AskKind::Take { session, key }, Wanted::Take(key), ANSWER_WITHIN, now);
                    }
                    _ => self.show(Stage::Choose { sentence: None }, now),
                }
            }
            (_, AnswerKind::KeycodeState { name, present, session, key }) => {
                self.conversation.refusals = 0;
                self.conversation.stay = session.map(|session| Stay {
                    session,
                    listed: false,
                    name: String::new(),
                    expires: now.plus(Duration::from_secs(120)),
                    takeable: Vec::new(),
                    held: Vec::new(),
                });
                let key = key.filter(|_| session.is_some());
                self.show(Stage::Keycode { name, present, key }, now);
            }
            (wanted, AnswerKind::Refused { code, text }) => {
                self.refused(wanted, &code, Sentence::Words(text), now)
            }
            (_, AnswerKind::Ok) => self.back_to_list(now),
            (_, AnswerKind::Released { .. } | AnswerKind::NeedSecond | AnswerKind::Unknown) => {
                self.say(Sentence::Own("not-understood"), now);
            }
        }
    }

    fn refused(&mut self, wanted: Wanted, code: &str, text: Sentence, now: Timestamp) {
        let guess = matches!(wanted, Wanted::Identify | Wanted::Beside(_) | Wanted::Proof(_));
        if guess {
            self.conversation.refusals += 1;
            if self.conversation.refusals >= PATIENCE {
                let tries = std::mem::take(&mut self.conversation.refusals);
                self.happened(EventKind::CodeRefused { tries }, now);
                self.conversation.stay = None;
                self.conversation.stage = Stage::Resting;
                self.conversation.until = Some(now.plus(REST));
                return;
            }
        }
        match wanted {
            Wanted::Proof(proof) if code == "wrong_code" => {
                self.show(Stage::Proof { proof, wrong: true }, now);
            }
            Wanted::Beside(key) if self.conversation.stay.is_some() => {
                self.show(Stage::Second { key, sentence: Some(text) }, now);
            }
            Wanted::HandOver { key, to, sent_to, with_code: true } if code == "wrong_code" => {
                self.show(Stage::ReceiverCode { key, to, sent_to, wrong: true }, now);
            }
            Wanted::Take(_) | Wanted::HandOver { .. } | Wanted::Lists if self.conversation.stay.is_some() => {
                self.show(Stage::Choose { sentence: Some(text) }, now);
            }
            _ => self.say(text, now),
        }
    }

    /// What a bin did, where the conversation is about that bin.
    pub(super) fn tell_panel(&mut self, happening: Happening, now: Timestamp) {
        let Stage::AtBin { bin, purpose, key } = self.conversation.stage.clone() else { return };
        match happening {
            Happening::Opened(opened) if opened == bin => self.conversation.until = None,
            Happening::PutIn(into, fob) if into == bin => self.conversation.put_in = fob,
            Happening::TakenOut(from) if from == bin => self.conversation.put_in = None,
            Happening::Stuck(stuck) if stuck == bin => match purpose {
                // Another bin may work; a key must not stay in a hand because of one latch.
                Purpose::Return if self.empty_bin_for(None).is_some_and(|other| other != bin) => {
                    self.say(Sentence::Own("stuck-try-again"), now);
                }
                _ => self.say(Sentence::Own("stuck"), now),
            },
            Happening::Closed(closed) if closed == bin => {
                let occupied = self.bins.get(bin).is_some_and(|bin| bin.occupied);
                match (purpose, occupied) {
                    (Purpose::Take, false) => self.show(Stage::Taken { key }, now),
                    (Purpose::Return, true) => {
                        let fob = self.conversation.put_in.take();
                        let key = self.key_of_fob(fob.as_deref()).or(key);
                        self.show(Stage::Returned { key }, now);
                    }
                    (Purpose::Take, true) => self.say(Sentence::Own("not-taken"), now),
                    (Purpose::Return, false) => self.say(Sentence::Own("nothing-put-in"), now),
                    (Purpose::Manage, _) => self.end_stay(now),
                }
                self.drop_from_lists(purpose, key, occupied);
            }
            _ => {}
        }
    }

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

    /// The key whose fob this is, as far as the set-up says.
    pub(super) fn key_of_fob(&self, fob: Option<&str>) -> Option<ResourceId> {
        let bins = &self.config.as_ref()?.bins;
        bins.iter().find(|bin| bin.fob.is_some() && bin.fob.as_deref() == fob)?.key
    }

    fn drop_from_lists(&mut self, purpose: Purpose, key: Option<ResourceId>, occupied: bool) {
        let Some(stay) = &mut self.conversation.stay else { return };
        match (purpose, occupied) {
            (Purpose::Take, false) => {
                let taken = stay.takeable.extract_if(.., |offer| Some(offer.key) == key).collect::<Vec<_>>();
                stay.held.extend(taken);
            }
            (Purpose::Return, true) => stay.held.retain(|offer| Some(offer.key) != key),
            _ => {}
        }
    }

    fn identify(&mut self, by: IdentifyBy, now: Timestamp) {
        if !self.link {
            return self.say(Sentence::Own("offline"), now);
        }
        self.conversation.stay = None;
        self.ask(AskKind::Identify { by }, Wanted::Identify, ANSWER_WITHIN, now);
    }

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

    fn at_bin(&mut self, bin: BinNumber, purpose: Purpose, key: Option<ResourceId>, now: Timestamp) {
        self.conversation.put_in = None;
        self.conversation.stage = Stage::AtBin { bin, purpose, key };
        // The command may have overtaken the answer.
        let open = self.bins.stands_open(bin);
        self.conversation.until = (!open).then(|| now.plus(ANSWER_WITHIN));
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

/// What the server says, unless it says nothing.
fn said(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

fn shorten(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
