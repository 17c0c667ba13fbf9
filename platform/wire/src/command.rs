//! What a device is told to do: signed, once, and never after its time.

use minicbor::{Decode, Encode};
use sekisho_kernel::{DeviceId, ResourceId, Timestamp};
use uuid::Uuid;

use crate::{BinNumber, field};

sekisho_kernel::typed_id!(/// One command; a device acts on it at most once.
    CommandId);

impl<C> Encode<C> for CommandId {
    fn encode<W: minicbor::encode::Write>(
        &self,
        encoder: &mut minicbor::Encoder<W>,
        context: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        field::id::encode(self, encoder, context)
    }
}

impl<'b, C> Decode<'b, C> for CommandId {
    fn decode(decoder: &mut minicbor::Decoder<'b>, context: &mut C) -> Result<Self, minicbor::decode::Error> {
        field::id::decode::<C, Uuid>(decoder, context).map(Self)
    }
}

/// A command as it travels: the signed bytes and the Ed25519 signature over [`SignedCommand::signed_bytes`] of them. The
/// device verifies the bytes as they came and only then reads them, so nobody has to agree on an encoding twice.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SignedCommand {
    /// The payload of a [`Command`].
    #[cbor(n(0), with = "minicbor::bytes")]
    pub command: Vec<u8>,
    /// 64 bytes by the tenant's command key, whose public half the device got when it enrolled.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub signature: Vec<u8>,
}

impl SignedCommand {
    /// What is signed: a purpose, so that this key's signatures mean nothing elsewhere, then the payload.
    pub fn signed_bytes(command: &[u8]) -> Vec<u8> {
        [b"sekisho command v1\0", command].concat()
    }
}

/// What to do, for whom, until when.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Command {
    /// Its id; a device answers a second copy with the first result.
    #[n(0)]
    pub id: CommandId,
    /// The device it is for; any other refuses it.
    #[cbor(n(1), with = "field::id")]
    pub device: DeviceId,
    /// What to do.
    #[cbor(n(2), decode_with = "field::lenient")]
    pub kind: CommandKind,
    /// Not earlier than this.
    #[cbor(n(3), with = "field::time")]
    pub not_before: Timestamp,
    /// Never after this.
    #[cbor(n(4), with = "field::time")]
    pub not_after: Timestamp,
}

/// What to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub enum CommandKind {
    /// Something this version has no word for; the device rejects it.
    #[default]
    #[n(0)]
    Unknown,
    /// Release one bin's lock.
    #[n(1)]
    ReleaseBin {
        /// Which bin.
        #[n(0)]
        bin: BinNumber,
        /// The key it is about.
        #[cbor(n(1), with = "field::maybe_id", has_nil)]
        key: Option<ResourceId>,
        /// Why.
        #[cbor(n(2), decode_with = "field::lenient")]
        why: ReleaseReason,
    },
    /// Light one bin's lamp so that a person finds it.
    #[n(2)]
    LightBin {
        /// Which bin.
        #[n(0)]
        bin: BinNumber,
        /// For how long.
        #[n(1)]
        seconds: u16,
    },
    /// Release the box's main door.
    #[n(3)]
    UnlockMaster,
    /// Take a bin out of use.
    #[n(4)]
    DisableBin {
        /// Which bin.
        #[n(0)]
        bin: BinNumber,
    },
    /// Put a bin back into use.
    #[n(5)]
    EnableBin {
        /// Which bin.
        #[n(0)]
        bin: BinNumber,
    },
    /// Restart the agent.
    #[n(6)]
    Reboot,
    /// Make a new key and ask for a new certificate now.
    #[n(7)]
    RenewCertificate,
    /// Take this image, when its signers vouch for it and nobody stands before the box.
    #[n(8)]
    Update {
        /// The rollout it belongs to; the device names it in what it tells.
        #[cbor(n(0), with = "field::id")]
        rollout: Uuid,
        /// The image's name in the repository.
        #[n(1)]
        image: String,
    },
}

/// Why a bin is released.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum ReleaseReason {
    /// Not said.
    #[default]
    #[n(0)]
    Unknown,
    /// A key is taken.
    #[n(1)]
    Take,
    /// A key is put back.
    #[n(2)]
    Return,
    /// Stock is taken.
    #[n(3)]
    Inventory,
    /// A manager opens it.
    #[n(4)]
    Manager,
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Ack {
    /// Which command.
    #[n(0)]
    pub command: CommandId,
    /// What became of it.
    #[cbor(n(1), decode_with = "field::lenient")]
    pub result: CommandResult,
    /// When, by the device's clock.
    #[cbor(n(2), with = "field::time")]
    pub at: Timestamp,
}

/// What became of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub enum CommandResult {
    /// The device cannot tell whether it acted: it lost power between the intent and the act.
    #[default]
    #[n(0)]
    Unknown,
    /// The device has it and is about to act.
    #[n(1)]
    Accepted,
    /// It acted.
    #[n(2)]
    Succeeded,
    /// It tried in vain.
    #[n(3)]
    Failed {
        /// Why, in one word: `jammed`, `no_power` …
        #[n(0)]
        code: String,
    },
    /// It would not try.
    #[n(4)]
    Rejected {
        /// Why, in one word: `signature`, `disabled`, `unknown_bin`, `not_understood` …
        #[n(0)]
        code: String,
    },
    /// It came too late.
    #[n(5)]
    Expired,
}
