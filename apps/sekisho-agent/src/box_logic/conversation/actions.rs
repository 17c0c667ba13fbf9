//! What a person does at the panel, and what of it the server is asked.

use sekisho_kernel::{Language, ResourceId, Timestamp};
use sekisho_wire::{AskKind, Code, IdentifyBy};
use serde::{Deserialize, Deserializer};

use super::{ANSWER_WITHIN, Stage, Wanted};
use crate::box_logic::{BoxLogic, Sentence};

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

impl BoxLogic {
    pub(in crate::box_logic) fn panel(&mut self, action: PanelAction, now: Timestamp) {
        if let PanelAction::Language { language } = action {
            // A panel has the texts of staff alone.
            self.conversation.language =
                if Language::ALL.contains(&language) { language } else { Language::En };
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
    pub(in crate::box_logic) fn badge(&mut self, serial: String, now: Timestamp) {
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

    fn identify(&mut self, by: IdentifyBy, now: Timestamp) {
        if !self.link {
            return self.say(Sentence::Own("offline"), now);
        }
        self.conversation.stay = None;
        self.ask(AskKind::Identify { by }, Wanted::Identify, ANSWER_WITHIN, now);
    }
}

fn shorten(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
