//! What the server signs by itself, again and again: which targets document is the current one, and that this was so
//! a short while ago.

use std::collections::BTreeMap;
use std::time::Duration;

use sekisho_crypto::sha256;
use sekisho_kernel::Timestamp;
use serde::Serialize;

use crate::document::{SPEC_VERSION, Signed, moment};
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

#[derive(Serialize)]
struct Naming<'a> {
    #[serde(rename = "_type")]
    kind: &'a str,
    spec_version: &'a str,
    version: u64,
    expires: String,
    meta: BTreeMap<&'a str, Named>,
}

#[derive(Serialize)]
struct Named {
    version: u64,
    length: usize,
    hashes: BTreeMap<&'static str, String>,
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
    if number == 0 || targets_version == 0 {
        return Err(SignError::Wrong("documents are numbered from 1"));
    }
    let expires = now.plus(LIFE);
    let naming = |kind, name, bytes: &[u8], version| {
        let hashes = BTreeMap::from([("sha256", hex::encode(sha256(bytes)))]);
        let mut document = Signed::of(&Naming {
            kind,
            spec_version: SPEC_VERSION,
            version: number,
            expires: moment(expires),
            meta: BTreeMap::from([(name, Named { version, length: bytes.len(), hashes })]),
        })?;
        document.sign(key)?;
        document.to_bytes()
    };
    let snapshot = naming("snapshot", "targets.json", targets, targets_version)?;
    let timestamp = naming("timestamp", "snapshot.json", &snapshot, number)?;
    Ok(Current { snapshot, timestamp, expires })
}
