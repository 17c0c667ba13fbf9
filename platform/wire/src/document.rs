//! Documents that replace one another: configuration down, reports up.

use minicbor::{Decode, Encode};
use sekisho_kernel::{ResourceId, Timestamp};

use crate::{BinNumber, field};

/// One sentence in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Words {
    /// 日本語
    #[n(0)]
    pub ja: String,
    /// English
    #[n(1)]
    pub en: String,
}

/// `cfg/box`: how a SmartBox is set up. No personal data: a stolen box tells nothing of people.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct BoxConfig {
    /// Counts up with every change; the device reports the one it applied.
    #[n(0)]
    pub version: u64,
    /// The box's name as people say it.
    #[n(1)]
    pub name: Words,
    /// IANA zone of its place.
    #[n(2)]
    pub zone: String,
    /// The language its screen rests in: `ja` or `en`.
    #[n(3)]
    pub language: String,
    /// Its bins.
    #[n(4)]
    pub bins: Vec<BinConfig>,
    /// Times after which it acts by itself.
    #[n(5)]
    pub timeouts: Timeouts,
    /// A line on the idle screen, such as whom to call.
    #[n(6)]
    pub greeting: Option<Words>,
    /// Its camera; none: it takes no pictures.
    #[n(7)]
    pub camera: Option<Camera>,
}

/// To whom a box seals what its camera sees. It cannot open it itself.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Camera {
    /// Which of the tenant's picture keys.
    #[n(0)]
    pub key: u32,
    /// Its public half: an uncompressed point of P-256.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub public: Vec<u8>,
}

/// One bin's set-up.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct BinConfig {
    /// The number painted on it.
    #[n(0)]
    pub number: BinNumber,
    /// Whether it is in use.
    #[n(1)]
    pub enabled: bool,
    /// The key at home here.
    #[cbor(n(2), with = "field::maybe_id", has_nil)]
    pub key: Option<ResourceId>,
    /// That key's fob.
    #[n(3)]
    pub fob: Option<String>,
    /// What stands on its tag.
    #[n(4)]
    pub label: Option<String>,
}

/// Times after which a box acts by itself, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Timeouts {
    /// The panel returns to its idle screen.
    #[n(0)]
    pub idle_s: u16,
    /// A released bin that nobody opened locks again.
    #[n(1)]
    pub release_s: u16,
    /// A bin left open raises the alarm.
    #[n(2)]
    pub left_open_s: u16,
    /// A heartbeat is due.
    #[n(3)]
    pub heartbeat_s: u16,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { idle_s: 30, release_s: 10, left_open_s: 60, heartbeat_s: 60 }
    }
}

/// `cfg/time`: the server's time. Sent after connecting and in answer to a [`TimeQuestion`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct TimeBeacon {
    /// The server's clock.
    #[cbor(n(0), with = "field::time")]
    pub now: Timestamp,
    /// The question's nonce; zero when nobody asked.
    #[n(1)]
    pub nonce: u64,
}

/// `rep/time`: the device asks for the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct TimeQuestion {
    /// Any number; the answer repeats it.
    #[n(0)]
    pub nonce: u64,
}

/// `cfg/sync`: the last event the server holds. Sent after connecting; the device resumes behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Sync {
    /// Its number; zero when it holds none.
    #[n(0)]
    pub last_seq: u64,
    /// The hash of its payload.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub hash: [u8; 32],
}

/// `rep/csr`: the device asks for its next certificate with a key it has just made.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct CertificateRequest {
    /// PKCS #10, DER.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub csr: Vec<u8>,
}

/// `cfg/cert`: the new certificate. The old one stays good for a day.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct CertificateReply {
    /// X.509, DER.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub certificate: Vec<u8>,
    /// The authorities above it, DER, nearest first.
    #[n(1)]
    pub chain: Vec<minicbor::bytes::ByteVec>,
    /// Until when it is good.
    #[cbor(n(2), with = "field::time")]
    pub not_after: Timestamp,
}

/// `hb`: how the device is.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Heartbeat {
    /// Its health.
    #[n(0)]
    pub vitals: Vitals,
    /// What its bins look like.
    #[n(1)]
    pub bins: Vec<BinReport>,
    /// Its clock.
    #[n(2)]
    pub clock: Clock,
    /// The version of `cfg/box` it runs on; zero for none.
    #[n(3)]
    #[cbor(default)]
    pub config_version: u64,
}

/// A device's health.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Vitals {
    /// The agent's version.
    #[n(0)]
    pub agent: String,
    /// Seconds since it started.
    #[n(1)]
    pub uptime_s: u64,
    /// Whether mains power is there.
    #[n(2)]
    pub mains: bool,
    /// Charge in percent, when it has a battery.
    #[n(3)]
    pub battery: Option<u8>,
    /// Events not yet acknowledged.
    #[n(4)]
    pub unsent: u32,
    /// Free bytes where the journal is written.
    #[n(5)]
    pub free_bytes: Option<u64>,
    /// Whether the tamper switch reports.
    #[n(6)]
    #[cbor(default)]
    pub tamper: bool,
    /// Whether the main door stands open.
    #[n(7)]
    #[cbor(default)]
    pub door_open: bool,
    /// Its hardware, by the word that images name; not told by agents that cannot be updated.
    #[n(8)]
    pub hardware: Option<String>,
}

/// What a bin looks like.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct BinReport {
    /// Which.
    #[n(0)]
    pub bin: BinNumber,
    /// Whether its door is closed.
    #[n(1)]
    pub closed: bool,
    /// The fob that hangs in it.
    #[n(2)]
    pub fob: Option<String>,
    /// Whether something hangs in it; the same as `fob` where fobs are read.
    #[n(3)]
    pub occupied: Option<bool>,
}

/// A device's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Clock {
    /// What it shows.
    #[cbor(n(0), with = "field::time")]
    pub now: Timestamp,
    /// Whether it was set by a server since power came.
    #[n(1)]
    pub trusted: bool,
}
