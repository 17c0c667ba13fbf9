//! Signed documents: their canonical form, signatures over it, and whether enough of those who may have signed.

use std::collections::{BTreeMap, BTreeSet};

use sekisho_crypto::{sha256, verify_signature};
use sekisho_kernel::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::role_key::{PublicKey, RoleKey, SignError};

pub(crate) const SPEC_VERSION: &str = "1.0.0";
/// No document is larger.
pub const LARGEST_DOCUMENT: u64 = 1024 * 1024;

/// A key as it stands in a root document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Key {
    keytype: String,
    scheme: String,
    keyval: KeyValue,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct KeyValue {
    public: String,
}

impl From<PublicKey> for Key {
    fn from(key: PublicKey) -> Self {
        let word = "ed25519".to_owned();
        Self { keytype: word.clone(), scheme: word, keyval: KeyValue { public: key.to_hex() } }
    }
}

impl Key {
    pub(crate) fn public(&self) -> Option<PublicKey> {
        let ours = self.keytype == "ed25519" && self.scheme == "ed25519";
        PublicKey::from_hex(&self.keyval.public).filter(|_| ours)
    }
}

/// Who signs for a role, and how many of them it takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RoleKeys {
    pub(crate) keyids: Vec<String>,
    pub(crate) threshold: u64,
}

/// Keys and roles, as a root document names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Root {
    #[serde(rename = "_type")]
    pub(crate) kind: String,
    pub(crate) spec_version: String,
    pub(crate) consistent_snapshot: bool,
    pub(crate) version: u64,
    pub(crate) expires: String,
    pub(crate) keys: BTreeMap<String, Key>,
    pub(crate) roles: BTreeMap<String, RoleKeys>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Signature {
    keyid: String,
    sig: String,
}

/// How far the signing of a document is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signatures {
    /// So many different keys of those who may have signed.
    pub made: u64,
    /// So many it takes.
    pub needed: u64,
}

/// A document and the signatures under it. What is signed is kept as it was read, so that nothing a newer signer adds is lost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Signed {
    signatures: Vec<Signature>,
    signed: Value,
}

impl Signed {
    /// A document with nobody's signature yet.
    pub(crate) fn of(document: &impl Serialize) -> Result<Self, SignError> {
        let signed = serde_json::to_value(document).map_err(unreadable)?;
        Ok(Self { signatures: Vec::new(), signed })
    }

    /// Reads a file that says it is of this kind; says nothing about its signatures.
    pub(crate) fn read(kind: &str, bytes: &[u8]) -> Result<Self, SignError> {
        if bytes.len() as u64 > LARGEST_DOCUMENT {
            return Err(SignError::Wrong("the document is larger than 1 MiB"));
        }
        let document: Self = serde_json::from_slice(bytes).map_err(unreadable)?;
        if document.signed.get("_type").and_then(Value::as_str) != Some(kind) {
            return Err(SignError::Wrong("this is a document of another kind"));
        }
        Ok(document)
    }

    /// The file.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, SignError> {
        let mut bytes = serde_json::to_vec_pretty(self).map_err(unreadable)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// What is signed.
    pub(crate) fn content<T: DeserializeOwned>(&self) -> Result<T, SignError> {
        serde_json::from_value(self.signed.clone()).map_err(unreadable)
    }

    /// The number of the document.
    pub(crate) fn version(&self) -> u64 {
        self.signed.get("version").and_then(Value::as_u64).unwrap_or(0)
    }

    /// Until when it is good.
    pub(crate) fn expires(&self) -> Timestamp {
        let text = self.signed.get("expires").and_then(Value::as_str).unwrap_or_default();
        text.parse::<jiff::Timestamp>().map_or(Timestamp::EPOCH, Timestamp::from)
    }

    /// Signs it; a signature of the same key that was there goes.
    pub(crate) fn sign(&mut self, key: &RoleKey) -> Result<(), SignError> {
        let keyid = key_id(key.public())?;
        let sig = hex::encode(key.sign_bytes(&canonical(&self.signed)?));
        self.signatures.retain(|signature| signature.keyid != keyid);
        self.signatures.push(Signature { keyid, sig });
        Ok(())
    }

    /// Whether enough of those whom `root` names for `role` have signed.
    pub(crate) fn is_signed_by(&self, root: &Root, role: &str) -> bool {
        let Signatures { made, needed } = self.signed_by(root, role);
        needed > 0 && made >= needed
    }

    /// How many of those whom `root` names for `role` have signed, and how many it takes.
    pub(crate) fn signed_by(&self, root: &Root, role: &str) -> Signatures {
        let (Some(keys), Ok(bytes)) = (root.roles.get(role), canonical(&self.signed)) else {
            return Signatures::default();
        };
        let mut signers = BTreeSet::new();
        for signature in &self.signatures {
            let named = keys.keyids.contains(&signature.keyid);
            let public = root.keys.get(&signature.keyid).and_then(Key::public).filter(|_| named);
            let (Some(public), Ok(sig)) = (public, hex::decode(&signature.sig)) else { continue };
            // The key itself counts, not the name it is given: one key under two names is one signer.
            if verify_signature(public.bytes(), &bytes, &sig) {
                signers.insert(*public.bytes());
            }
        }
        Signatures { made: signers.len() as u64, needed: keys.threshold }
    }
}

fn unreadable(source: serde_json::Error) -> SignError {
    SignError::Unreadable(source)
}

/// The name of a key: the hash of its canonical form.
pub(crate) fn key_id(key: PublicKey) -> Result<String, SignError> {
    let key = serde_json::to_value(Key::from(key)).map_err(unreadable)?;
    Ok(hex::encode(sha256(&canonical(&key)?)))
}

/// A time as documents write it.
pub(crate) fn moment(at: Timestamp) -> String {
    at.to_jiff().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// OLPC canonical JSON, as TUF wants it: members by name, no blanks, whole numbers, and in texts only quote and backslash
/// written otherwise than they are.
pub(crate) fn canonical(value: &Value) -> Result<Vec<u8>, SignError> {
    let mut out = Vec::new();
    write(value, &mut out, 0)?;
    Ok(out)
}

fn write(value: &Value, out: &mut Vec<u8>, depth: u8) -> Result<(), SignError> {
    if depth > 32 {
        return Err(SignError::Wrong("a document is nested too deeply"));
    }
    match value {
        Value::Null => out.extend(b"null"),
        Value::Bool(true) => out.extend(b"true"),
        Value::Bool(false) => out.extend(b"false"),
        Value::Number(number) if number.is_u64() || number.is_i64() => out.extend(number.to_string().bytes()),
        Value::Number(_) => return Err(SignError::Wrong("numbers in documents are whole")),
        Value::String(text) => write_text(text, out),
        Value::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write(item, out, depth + 1)?;
            }
            out.push(b']');
        }
        Value::Object(members) => {
            let members: BTreeMap<&String, &Value> = members.iter().collect();
            out.push(b'{');
            for (index, (name, member)) in members.into_iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_text(name, out);
                out.push(b':');
                write(member, out, depth + 1)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text.bytes() {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::{canonical, moment};
    use sekisho_kernel::Timestamp;

    #[test]
    fn one_form_for_each_document() {
        let value = serde_json::json!({ "b": [1, true, null], "a": { "z": "q\"\\", "y": -3 } });
        assert_eq!(canonical(&value).unwrap(), br#"{"a":{"y":-3,"z":"q\"\\"},"b":[1,true,null]}"#);
        assert!(canonical(&serde_json::json!({ "a": 1.5 })).is_err());
        let mut deep = serde_json::json!(1);
        for _ in 0..40 {
            deep = serde_json::json!([deep]);
        }
        assert!(canonical(&deep).is_err());
        assert_eq!(moment(Timestamp::from_secs(1_790_000_000)), "2026-09-21T14:13:20Z");
    }
}
