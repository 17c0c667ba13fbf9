//! What the server signs by itself, again and again: which targets document is the current one, and that this was so
//! a short while ago.

use std::collections::HashMap;
use std::num::NonZeroU64;
use std::time::Duration;

use sekisho_crypto::sha256;
use sekisho_kernel::Timestamp;
use tough::schema::{Hashes, Metafile, Signed, Snapshot, Timestamp as TimestampRole};

use crate::offline::{SPEC_VERSION, write};
use crate::role_key::{RoleKey, SignError};

/// How long a device may be held at an old state by somebody who cuts it off from newer ones.
pub const LIFE: Duration = Duration::from_secs(3 * 86_400);
/// What is good for less than this is signed again.
pub const RENEW_BEFORE: Duration = Duration::from_secs(2 * 86_400);

/// Both documents the server signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Current {
    /// Names the targets document.
    pub snapshot: Vec<u8>,
    /// Names the snapshot.
    pub timestamp: Vec<u8>,
    /// Until when both are good.
    pub expires: Timestamp,
}

/// Says that this targets document is the current one. `number` counts up with each signing.
///
/// # Errors
/// [`SignError::Wrong`] when a number is zero.
pub fn sign_current(
    key: &RoleKey,
    targets: &[u8],
    targets_version: u64,
    number: u64,
    now: Timestamp,
) -> Result<Current, SignError> {
    let zero = SignError::Wrong("documents are numbered from 1");
    let number = NonZeroU64::new(number).ok_or(SignError::Wrong("documents are numbered from 1"))?;
    let targets_version = NonZeroU64::new(targets_version).ok_or(zero)?;
    let expires = now.plus(LIFE);
    let mut snapshot = Snapshot::new(SPEC_VERSION.to_owned(), number, expires.to_jiff());
    snapshot.meta.insert("targets.json".to_owned(), meta(targets, targets_version));
    let mut snapshot = Signed { signed: snapshot, signatures: Vec::new() };
    key.sign(&mut snapshot)?;
    let snapshot = write("the snapshot", &snapshot)?;
    let mut timestamp = TimestampRole::new(SPEC_VERSION.to_owned(), number, expires.to_jiff());
    timestamp.meta.insert("snapshot.json".to_owned(), meta(&snapshot, number));
    let mut timestamp = Signed { signed: timestamp, signatures: Vec::new() };
    key.sign(&mut timestamp)?;
    Ok(Current { timestamp: write("the timestamp", &timestamp)?, snapshot, expires })
}

fn meta(bytes: &[u8], version: NonZeroU64) -> Metafile {
    Metafile {
        length: Some(bytes.len() as u64),
        hashes: Some(Hashes { sha256: sha256(bytes).to_vec().into(), _extra: HashMap::new() }),
        version,
        _extra: HashMap::new(),
    }
}
