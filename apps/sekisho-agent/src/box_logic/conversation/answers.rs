//! What the server answers, and what the panel then shows.

use std::time::Duration;

use sekisho_kernel::Timestamp;
use sekisho_wire::{Answer, AnswerKind, AskKind, AttemptId, EventKind};

use super::{ANSWER_WITHIN, PATIENCE, Proof, REST, Stage, Stay, Wanted};
use crate::box_logic::{BoxLogic, Purpose, Sentence};

impl BoxLogic {
    pub(in crate::box_logic) fn answer(&mut self, answer: Answer, now: Timestamp) {
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
}

/// What the server says, unless it says nothing.
fn said(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}
