//! What the screen shows, as the page gets it. Words are either the server's own or named, and then stand in the page's
//! language files.

use std::collections::BTreeMap;

use sekisho_kernel::{Language, ResourceId, Timestamp};
use sekisho_wire::{KeyOffer, Words};
use serde::Serialize;

use super::{BoxLogic, Purpose, conversation::Stage};
use crate::driver::{BinNumber, Lamp};

/// The whole screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct View {
    /// The box's name; empty before it has one.
    pub name: Both,
    /// A line on the idle screen.
    pub greeting: Option<Both>,
    /// Pictures are taken here, and whoever stands before the box is told so.
    pub camera: bool,
    /// IANA zone of the place.
    pub zone: String,
    /// The language on the screen.
    pub language: Language,
    /// Whether the server can be asked.
    pub online: bool,
    /// Whether mains power is there.
    pub mains: bool,
    /// What is on the screen.
    pub screen: Screen,
    /// The bins.
    pub bins: Vec<BinView>,
    /// What stands on the tag of each fob that is at home here.
    pub tags: BTreeMap<String, String>,
}

/// A text in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Both {
    /// 日本語
    pub ja: String,
    /// English
    pub en: String,
}

impl From<Words> for Both {
    fn from(words: Words) -> Self {
        Self { ja: words.ja, en: words.en }
    }
}

/// A sentence: the box's own, by the id of its text, or the server's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sentence {
    /// The id of a text in the page's language files.
    Own(&'static str),
    /// The server's words.
    Words(Words),
}

impl Serialize for Sentence {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Own(id) => serde_json::json!({ "id": id }).serialize(serializer),
            Self::Words(words) => Both::from(words.clone()).serialize(serializer),
        }
    }
}

/// One key in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyLine {
    /// Which.
    pub key: ResourceId,
    /// Its name.
    pub name: String,
    /// Where it hangs or belongs.
    pub bin: Option<BinNumber>,
    /// When it is due.
    pub due: Option<Timestamp>,
    /// Whether it is late.
    pub late: bool,
}

impl From<&KeyOffer> for KeyLine {
    fn from(offer: &KeyOffer) -> Self {
        Self {
            key: offer.key,
            name: offer.name.clone(),
            bin: offer.bin,
            due: (offer.due > Timestamp::EPOCH).then_some(offer.due),
            late: offer.late,
        }
    }
}

/// What is on the screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Screen {
    /// Waiting for somebody.
    Idle,
    /// Asking the server.
    Waiting,
    /// A one-time code or a PIN.
    Proof {
        /// A PIN, which is not shown while it is typed.
        pin: bool,
        /// Where the code went, masked, when the server says.
        sent_to: Option<String>,
        /// The last try was wrong.
        wrong: bool,
        /// It is for the second person of a key that takes two.
        second: bool,
    },
    /// This key takes two; the second person's turn.
    Second {
        /// The key's name, when known.
        key: Option<String>,
        /// What did not work.
        sentence: Option<Sentence>,
    },
    /// The lists.
    Choose {
        /// Who, short.
        name: String,
        /// May be taken.
        takeable: Vec<KeyLine>,
        /// Is held.
        held: Vec<KeyLine>,
        /// What did not work.
        sentence: Option<Sentence>,
    },
    /// What a keycode told.
    Keycode {
        /// The key's name.
        name: String,
        /// It hangs here.
        present: bool,
        /// It may be taken.
        key: Option<ResourceId>,
    },
    /// A bin is theirs.
    AtBin {
        /// Which.
        bin: BinNumber,
        /// `take`, `return` or `manage`.
        purpose: &'static str,
        /// `opening`, `open`, or `close` when only the door is left to do.
        step: &'static str,
        /// The key's name, when known.
        key: Option<String>,
    },
    /// The key is theirs.
    Taken {
        /// The key's name, when known.
        key: Option<String>,
        /// When it is due.
        due: Option<Timestamp>,
        /// Another key may be taken.
        more: bool,
    },
    /// The key is back.
    Returned {
        /// The key's name, when known.
        key: Option<String>,
        /// Something can be said about it.
        form: bool,
    },
    /// What is there to say?
    Form {
        /// The key's name, when known.
        key: Option<String>,
    },
    /// Who gets the key?
    Receiver {
        /// The key's name, when known.
        key: Option<String>,
    },
    /// The receiver's code.
    ReceiverCode {
        /// Masked address.
        sent_to: Option<String>,
        /// The last try was wrong.
        wrong: bool,
    },
    /// A sentence.
    Said {
        /// Which.
        sentence: Sentence,
        /// Somebody is still known, so there is a way back.
        back: bool,
    },
    /// Too many wrong codes; nobody can identify for a while.
    Resting,
}

/// One bin beside the screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BinView {
    /// Its number.
    pub number: BinNumber,
    /// Its door is closed.
    pub closed: bool,
    /// Something hangs in it.
    pub occupied: bool,
    /// Its lamp.
    pub lamp: Lamp,
    /// What is wrong.
    pub alarm: Option<Alarm>,
    /// It is in use.
    pub enabled: bool,
    /// What stands on its tag.
    pub label: Option<String>,
}

/// What is wrong with a bin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Alarm {
    /// It opened without a release.
    Forced,
    /// It stands open for too long.
    LeftOpen,
}

impl BoxLogic {
    pub(super) fn compose(&self, now: Timestamp) -> View {
        let config = self.config.as_ref();
        View {
            name: config.map(|config| config.name.clone().into()).unwrap_or_default(),
            greeting: config.and_then(|config| config.greeting.clone()).map(Both::from),
            camera: config.is_some_and(|config| config.camera.is_some()),
            zone: config.map_or_else(|| "Asia/Tokyo".to_owned(), |config| config.zone.clone()),
            language: self.conversation.language,
            online: self.link,
            mains: self.mains,
            screen: self.screen(now),
            bins: self.bins.iter().map(|(number, bin)| self.bin_view(number, bin)).collect(),
            tags: config
                .into_iter()
                .flat_map(|config| &config.bins)
                .filter_map(|bin| Some((bin.fob.clone()?, bin.label.clone()?)))
                .collect(),
        }
    }

    fn bin_view(&self, number: BinNumber, bin: &super::bins::Bin) -> BinView {
        let config =
            self.config.as_ref().and_then(|config| config.bins.iter().find(|bin| bin.number == number));
        let alarm = match (bin.forced, bin.left_open) {
            (true, _) => Some(Alarm::Forced),
            (_, true) => Some(Alarm::LeftOpen),
            _ => None,
        };
        BinView {
            number,
            closed: bin.closed,
            occupied: bin.occupied,
            lamp: bin.lamp(),
            alarm,
            enabled: config.is_none_or(|config| config.enabled),
            label: config.and_then(|config| config.label.clone()),
        }
    }

    fn screen(&self, now: Timestamp) -> Screen {
        let conversation = &self.conversation;
        let stay = conversation.stay.as_ref();
        let lines = |offers: &[KeyOffer]| offers.iter().map(KeyLine::from).collect::<Vec<_>>();
        match conversation.stage.clone() {
            Stage::Idle => Screen::Idle,
            Stage::Waiting => Screen::Waiting,
            Stage::Proof { proof, wrong } => {
                Screen::Proof { pin: proof.pin, sent_to: proof.sent_to, wrong, second: proof.second }
            }
            Stage::Second { key, sentence } => Screen::Second { key: self.name_of(Some(key)), sentence },
            Stage::Choose { sentence } => Screen::Choose {
                name: stay.map(|stay| stay.name.clone()).unwrap_or_default(),
                takeable: stay.map(|stay| lines(&stay.takeable)).unwrap_or_default(),
                held: stay.map(|stay| lines(&stay.held)).unwrap_or_default(),
                sentence,
            },
            Stage::Keycode { name, present, key } => Screen::Keycode { name, present, key },
            Stage::AtBin { bin, purpose, key } => self.at_bin_screen(bin, purpose, key),
            Stage::Taken { key } => Screen::Taken {
                key: self.name_of(key),
                due: key.and_then(|key| conversation.offer(key)).map(KeyLine::from).and_then(|line| line.due),
                more: stay.is_some_and(|stay| stay.listed && !stay.takeable.is_empty() && now < stay.expires),
            },
            Stage::Returned { key } => {
                Screen::Returned { key: self.name_of(key), form: key.is_some() && self.link }
            }
            Stage::Form { key } => Screen::Form { key: self.name_of(Some(key)) },
            Stage::Receiver { key } => Screen::Receiver { key: self.name_of(Some(key)) },
            Stage::ReceiverCode { sent_to, wrong, .. } => Screen::ReceiverCode { sent_to, wrong },
            Stage::Said(sentence) => Screen::Said { sentence, back: stay.is_some_and(|stay| stay.listed) },
            Stage::Resting => Screen::Resting,
        }
    }

    fn at_bin_screen(&self, number: BinNumber, purpose: Purpose, key: Option<ResourceId>) -> Screen {
        let bin = self.bins.get(number);
        let open = bin.is_some_and(|bin| !bin.closed);
        let settled = bin.is_some_and(|bin| bin.occupied == matches!(purpose, Purpose::Return));
        let step = match (open, settled) {
            (false, _) => "opening",
            (true, true) if purpose != Purpose::Manage => "close",
            (true, _) => "open",
        };
        let purpose = match purpose {
            Purpose::Take => "take",
            Purpose::Return => "return",
            Purpose::Manage => "manage",
        };
        Screen::AtBin { bin: number, purpose, step, key: self.name_of(key) }
    }

    fn name_of(&self, key: Option<ResourceId>) -> Option<String> {
        let key = key?;
        if let Some(offer) = self.conversation.offer(key) {
            return Some(offer.name.clone());
        }
        if let Stage::Keycode { name, .. } = &self.conversation.stage {
            return Some(name.clone());
        }
        let bins = &self.config.as_ref()?.bins;
        bins.iter().find(|bin| bin.key == Some(key))?.label.clone()
    }
}
