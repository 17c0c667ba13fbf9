//! What a device tells: numbered, chained, never lost.

use minicbor::{Decode, Encode};
use sekisho_kernel::Timestamp;

use uuid::Uuid;

use crate::{CommandId, UpdateStep, field};

/// The number painted on a bin.
pub type BinNumber = u16;

/// The `prev` of a device's first event.
pub const GENESIS: [u8; 32] = [0; 32];

/// One event in a device's journal. The next event's `prev` is the SHA-256 of this event's whole payload (version byte
/// included), as it was published.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Event {
    /// Its number, from 1, without gaps.
    #[n(0)]
    pub seq: u64,
    /// When it happened by the device's clock.
    #[cbor(n(1), with = "field::time")]
    pub at: Timestamp,
    /// The hash of the event before.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub prev: [u8; 32],
    /// What happened.
    #[cbor(n(3), decode_with = "field::lenient")]
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub enum EventKind {
    /// Something this version has no word for.
    #[default]
    #[n(0)]
    Unknown,
    /// The agent runs.
    #[n(1)]
    Started {
        /// Its version.
        #[n(0)]
        agent: String,
        /// Why it started.
        #[cbor(n(1), decode_with = "field::lenient")]
        reason: StartReason,
    },
    /// A bin's door opened after a release.
    #[n(2)]
    BinOpened {
        /// Which bin.
        #[n(0)]
        bin: BinNumber,
        /// The command it opened for.
        #[n(1)]
        command: Option<CommandId>,
    },
    /// A bin's door closed.
    #[n(3)]
    BinClosed {
        /// Which bin.
        #[n(0)]
        bin: BinNumber,
        /// The command it had opened for.
        #[n(1)]
        command: Option<CommandId>,
    },
    /// A key left its bin.
    #[n(4)]
    KeyRemoved {
        /// Which bin.
        #[n(0)]
        bin: BinNumber,
        /// The fob that hung there, when the bin reads fobs.
        #[n(1)]
        fob: Option<String>,
        /// The command the bin had opened for; none when it was forced.
        #[n(2)]
        command: Option<CommandId>,
    },
    /// A known fob was put into a bin.
    #[n(5)]
    KeyInserted {
        /// Which bin.
        #[n(0)]
        bin: BinNumber,
        /// The fob.
        #[n(1)]
        fob: String,
        /// The command the bin had opened for, when there was one.
        #[n(2)]
        command: Option<CommandId>,
    },
    /// Something was put into a bin that the box does not know.
    #[n(6)]
    KeyUnknown {
        /// Which bin.
        #[n(0)]
        bin: BinNumber,
        /// What the reader saw, when it saw anything.
        #[n(1)]
        fob: Option<String>,
    },
    /// A bin opened without a release.
    #[n(7)]
    BinForced {
        /// Which bin.
        #[n(0)]
        bin: BinNumber,
    },
    /// A bin stands open for too long.
    #[n(8)]
    BinLeftOpen {
        /// Which bin.
        #[n(0)]
        bin: BinNumber,
        /// For how long already.
        #[n(1)]
        seconds: u32,
    },
    /// The box's main door opened.
    #[n(9)]
    DoorOpened {
        /// The command it opened for; none when it was forced or opened with a metal key.
        #[n(0)]
        command: Option<CommandId>,
    },
    /// The box's main door closed.
    #[n(10)]
    DoorClosed,
    /// The tamper switch reports.
    #[n(11)]
    TamperOn,
    /// The tamper switch is quiet again.
    #[n(12)]
    TamperOff,
    /// Mains power is gone; the battery carries on.
    #[n(13)]
    PowerLost,
    /// Mains power is back.
    #[n(14)]
    PowerRestored,
    /// The battery runs low.
    #[n(15)]
    BatteryLow {
        /// What is left, in percent.
        #[n(0)]
        percent: u8,
    },
    /// The device's clock jumped.
    #[n(16)]
    ClockStepped {
        /// By how much, in microseconds, forward positive.
        #[n(0)]
        by_micros: i64,
    },
    /// Somebody typed wrong codes at the panel until it closed for a while.
    #[n(17)]
    CodeRefused {
        /// How many in a row.
        #[n(0)]
        tries: u16,
    },
    /// A bin was released and did not open, or its sensors contradict each other.
    #[n(18)]
    BinJammed {
        /// Which bin.
        #[n(0)]
        bin: BinNumber,
        /// The command it should have opened for.
        #[n(1)]
        command: Option<CommandId>,
    },
    /// Pictures were lost before the server had them: their place was full, or they were too large.
    #[n(19)]
    PicturesLost {
        /// How many since this was last told.
        #[n(0)]
        count: u32,
    },
    /// The device is this far with an update.
    #[n(20)]
    Updating {
        /// The rollout it belongs to.
        #[cbor(n(0), with = "field::id")]
        rollout: Uuid,
        /// How far.
        #[cbor(n(1), decode_with = "field::lenient")]
        step: UpdateStep,
        /// The version of the image; empty while it is not known.
        #[n(2)]
        version: String,
        /// Why, in one word, when it went back or would not take it.
        #[n(3)]
        why: Option<String>,
    },
}

/// Why an agent started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum StartReason {
    /// Not known.
    #[default]
    #[n(0)]
    Unknown,
    /// Power came.
    #[n(1)]
    PowerOn,
    /// It was told to restart.
    #[n(2)]
    Command,
    /// It had crashed.
    #[n(3)]
    Crash,
    /// A new version was installed.
    #[n(4)]
    Update,
}
