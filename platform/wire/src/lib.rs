//! Messages between server, agent and devices: pure types, versioned, with golden files.
//!
//! A payload is one version byte followed by one CBOR item with numbered fields (RFC 8949, definite lengths only).
//! Unknown fields are ignored, unknown variants become `Unknown` where the field says so: an older box and a newer
//! server keep understanding each other. Who sends is never in a payload: it comes from the certificate.

mod codec;
mod command;
mod document;
mod enrol;
mod event;
mod field;
mod panel;
mod picture;
mod topic;
mod update;

pub use codec::{MAX_PACKET, MAX_TEXT, VERSION, WireError, decode, encode};
pub use command::{Ack, Command, CommandId, CommandKind, CommandResult, ReleaseReason, SignedCommand};
pub use document::{
    BinConfig, BinReport, BoxConfig, Camera, CertificateReply, CertificateRequest, Clock, Heartbeat, Sync,
    TimeBeacon, TimeQuestion, Timeouts, Vitals, Words,
};
pub use enrol::{Enrol, Enrolled};
pub use event::{BinNumber, Event, EventKind, GENESIS, StartReason};
pub use panel::{
    Answer, AnswerKind, Ask, AskKind, AttemptId, Channel, Code, IdentifyBy, KeyOffer, PanelSession,
};
pub use picture::{MAX_PICTURE, MAX_SEALED, Picture, Shot};
pub use topic::{Direction, Document, Filter, Topic, TopicError};
pub use update::{Get, MAX_PART, Part, PartKind, RepositoryFile, UpdateStep};
