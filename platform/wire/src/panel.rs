//! The conversation at a box's panel: the device asks, the server answers. The device decides nothing about people.

use std::fmt;

use minicbor::{Decode, Encode};
use sekisho_kernel::{Language, ResourceId, Timestamp};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{BinNumber, CommandId, Words, field};

/// One question of the panel. Answers come on `ans/<n>`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Ask {
    /// Its number; the same question again has the same number and gets the same answer.
    #[n(0)]
    pub n: u64,
    /// The language on the screen.
    #[cbor(n(1), with = "field::language")]
    pub language: Language,
    /// What is asked.
    #[cbor(n(2), decode_with = "field::lenient")]
    pub kind: AskKind,
}

/// Something typed or read that must not be shown, logged or kept: its `Debug` says nothing, and its memory is wiped.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Code(Zeroizing<String>);

impl Code {
    /// From what was typed or read.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The characters, for checking.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl<C> Encode<C> for Code {
    fn encode<W: minicbor::encode::Write>(
        &self,
        encoder: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        encoder.str(&self.0)?;
        Ok(())
    }
}

impl<'b, C> Decode<'b, C> for Code {
    fn decode(decoder: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        decoder.str().map(Self::new)
    }
}

macro_rules! opaque_id {
    ($(#[$doc:meta])* $name:ident) => {
        sekisho_kernel::typed_id!($(#[$doc])* $name);
        impl<C> Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                encoder: &mut minicbor::Encoder<W>,
                context: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                field::id::encode(self, encoder, context)
            }
        }
        impl<'b, C> Decode<'b, C> for $name {
            fn decode(
                decoder: &mut minicbor::Decoder<'b>,
                context: &mut C,
            ) -> Result<Self, minicbor::decode::Error> {
                field::id::decode::<C, Uuid>(decoder, context).map(Self)
            }
        }
    };
}

opaque_id!(/// A person's short stay at one panel; good on that device only.
    PanelSession);
opaque_id!(/// One attempt to prove who one is.
    AttemptId);

/// What the panel asks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub enum AskKind {
    /// Something this version has no word for; it is refused.
    #[default]
    #[n(0)]
    Unknown,
    /// Somebody presents something.
    #[n(1)]
    Identify {
        /// What.
        #[n(0)]
        by: IdentifyBy,
    },
    /// The one-time code or PIN that was asked for.
    #[n(2)]
    Prove {
        /// The attempt it belongs to.
        #[n(0)]
        attempt: AttemptId,
        /// What was typed.
        #[n(1)]
        secret: Code,
    },
    /// The lists again: something may have changed.
    #[n(3)]
    Keys {
        /// Whose.
        #[n(0)]
        session: PanelSession,
    },
    /// This key, please.
    #[n(4)]
    Take {
        /// Who.
        #[n(0)]
        session: PanelSession,
        /// Which key.
        #[cbor(n(1), with = "field::id")]
        key: ResourceId,
    },
    /// A key comes back. Nobody has to be identified for that.
    #[n(5)]
    Return {
        /// Who, when known.
        #[n(0)]
        session: Option<PanelSession>,
        /// The key, when one was chosen from the list.
        #[cbor(n(1), with = "field::maybe_id", has_nil)]
        key: Option<ResourceId>,
        /// The fob, when it was held to the reader.
        #[n(2)]
        fob: Option<Code>,
        /// The bin wished for.
        #[n(3)]
        bin: Option<BinNumber>,
    },
    /// What there is to say about a key that came back.
    #[n(6)]
    ReturnForm {
        /// Which key.
        #[cbor(n(0), with = "field::id")]
        key: ResourceId,
        /// Who, when known.
        #[n(1)]
        session: Option<PanelSession>,
        /// A remark.
        #[n(2)]
        note: Option<String>,
        /// Whether something is broken.
        #[n(3)]
        fault: bool,
    },
    /// The holder gives a key to another person.
    #[n(7)]
    HandOver {
        /// The holder.
        #[n(0)]
        session: PanelSession,
        /// Which key.
        #[cbor(n(1), with = "field::id")]
        key: ResourceId,
        /// The receiver's ID number.
        #[n(2)]
        to: Code,
        /// The code the receiver was sent; absent in the first step.
        #[n(3)]
        code: Option<Code>,
    },
    /// The person is done.
    #[n(8)]
    End {
        /// Who.
        #[n(0)]
        session: PanelSession,
    },
    /// Somebody presents something to stand beside the person of a stay, for a key that takes two.
    #[n(9)]
    Beside {
        /// Whose stay.
        #[n(0)]
        session: PanelSession,
        /// What the second person presents.
        #[n(1)]
        by: IdentifyBy,
    },
}

/// What a person presents.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum IdentifyBy {
    /// The ID number.
    #[n(0)]
    IdNumber(#[n(0)] Code),
    /// A badge or fob at the reader.
    #[n(1)]
    Badge(#[n(0)] Code),
    /// The code of a booking.
    #[n(2)]
    BookingCode(#[n(0)] Code),
    /// The code of one key.
    #[n(3)]
    Keycode(#[n(0)] Code),
}

/// The answer to an [`Ask`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Answer {
    /// The question's number.
    #[n(0)]
    pub n: u64,
    /// The answer.
    #[cbor(n(1), decode_with = "field::lenient")]
    pub kind: AnswerKind,
}

/// What the server answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub enum AnswerKind {
    /// Something this version has no word for.
    #[default]
    #[n(0)]
    Unknown,
    /// Done; nothing to add.
    #[n(1)]
    Ok,
    /// A one-time code is on its way.
    #[n(2)]
    NeedCode {
        /// The attempt to prove.
        #[n(0)]
        attempt: AttemptId,
        /// Where it went, masked: `s…@example.jp`.
        #[n(1)]
        sent_to: String,
        /// How it went.
        #[cbor(n(2), decode_with = "field::lenient")]
        channel: Channel,
    },
    /// The PIN, please.
    #[n(3)]
    NeedPin {
        /// The attempt to prove.
        #[n(0)]
        attempt: AttemptId,
    },
    /// It is you.
    #[n(4)]
    Welcome {
        /// The stay at this panel.
        #[n(0)]
        session: PanelSession,
        /// The name, short enough for a screen that others may see.
        #[n(1)]
        name: String,
        /// When the stay ends by itself.
        #[cbor(n(2), with = "field::time")]
        expires: Timestamp,
        /// What may be taken here and now.
        #[n(3)]
        takeable: Vec<KeyOffer>,
        /// What this person holds.
        #[n(4)]
        held: Vec<KeyOffer>,
    },
    /// A bin is about to open; the command comes on its own road.
    #[n(5)]
    Released {
        /// The command.
        #[n(0)]
        command: CommandId,
        /// The bin.
        #[n(1)]
        bin: BinNumber,
        /// Until when it waits to be opened.
        #[cbor(n(2), with = "field::time")]
        not_after: Timestamp,
    },
    /// What a keycode told: the key, and whether it is there.
    #[n(6)]
    KeycodeState {
        /// The key's name.
        #[n(0)]
        name: String,
        /// Whether it hangs here.
        #[n(1)]
        present: bool,
        /// The stay in which it can be taken, when it may be.
        #[n(2)]
        session: Option<PanelSession>,
        /// The key.
        #[cbor(n(3), with = "field::maybe_id", has_nil)]
        key: Option<ResourceId>,
    },
    /// No, and what to do about it. An outsider learns nothing from the words.
    #[n(7)]
    Refused {
        /// In one word: `not_now`, `wrong_code`, `locked`, `already_out`, `later` …
        #[n(0)]
        code: String,
        /// What the screen says.
        #[n(1)]
        text: Words,
    },
    /// This key takes two: a second person with the right to it says who they are ([`AskKind::Beside`]), and the question
    /// is asked again.
    #[n(8)]
    NeedSecond,
}

/// How a one-time code travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Channel {
    /// Another way.
    #[default]
    #[n(0)]
    Other,
    /// By mail.
    #[n(1)]
    Mail,
    /// By SMS.
    #[n(2)]
    Sms,
    /// To the app.
    #[n(3)]
    Push,
}

/// One key in a list on the screen.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct KeyOffer {
    /// The key.
    #[cbor(n(0), with = "field::id")]
    pub key: ResourceId,
    /// Its name.
    #[n(1)]
    pub name: String,
    /// The bin it hangs in, or belongs into.
    #[n(2)]
    pub bin: Option<BinNumber>,
    /// When it is due; zero microseconds when it never is.
    #[cbor(n(3), with = "field::time")]
    pub due: Timestamp,
    /// Whether it is late.
    #[n(4)]
    #[cbor(default)]
    pub late: bool,
}
