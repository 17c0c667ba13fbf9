//! The record: every entry of a tenant in one Merkle tree (C2SP tlog-tiles), its root signed as a checkpoint, searched,
//! exported, and proved with nothing but the export and a public key.
//!
//! Entries are written by [`sekisho_storage::Tx::commit`] in the transaction of the act. The [`Sequencer`] folds them into
//! the tree; [`Record`] reads them; [`verify()`] checks an export without any database.

mod checkpoint;
mod error;
mod export;
mod leaf;
mod ocsf;
mod ports;
mod proof;
mod search;
mod sequencer;
pub mod tables;
mod tree;
mod verify;

pub use checkpoint::{PublicKey, SignedCheckpoint};
pub use error::AuditError;
pub use export::{Export, Format};
pub use ports::{Names, NamesError};
pub use proof::Inclusion;
pub use search::{Filter, Found, Record};
pub use sequencer::{Folded, Sequencer};
pub use tables::migrations;
pub use verify::{Problem, Report, VerifyError, verify, verify_file};
