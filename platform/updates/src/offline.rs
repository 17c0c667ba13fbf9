//! What people sign with keys that no server sees: who may sign (root), and which images there are (targets).

use std::collections::BTreeMap;

use sekisho_kernel::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use crate::document::Signatures;
use crate::document::{Key, RoleKeys, Root, SPEC_VERSION, Signed, key_id, moment};
use crate::image::Image;
use crate::role_key::{PublicKey, RoleKey, SignError};

/// Who signs what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signers {
    /// Who may change this very list.
    pub root: Vec<PublicKey>,
    /// How many of them it takes.
    pub root_threshold: usize,
    /// Who vouches for images.
    pub targets: Vec<PublicKey>,
    /// How many of them it takes.
    pub targets_threshold: usize,
    /// The server's key, which says what is current.
    pub online: PublicKey,
}

/// A root document: who signs what, signed by those who were trusted before.
#[derive(Clone, Debug, PartialEq)]
pub struct RootDocument {
    signed: Signed,
    root: Root,
}

impl RootDocument {
    /// The first one, which devices are given by hand or as they enrol.
    ///
    /// # Errors
    /// [`SignError::Wrong`] when a threshold cannot be reached.
    pub fn first(signers: &Signers, expires: Timestamp) -> Result<Self, SignError> {
        Self::of(1, signers, expires)
    }

    /// The one after this, with nobody's signature yet.
    ///
    /// # Errors
    /// As [`RootDocument::first`].
    pub fn next(&self, signers: &Signers, expires: Timestamp) -> Result<Self, SignError> {
        Self::of(self.root.version.saturating_add(1), signers, expires)
    }

    fn of(version: u64, signers: &Signers, expires: Timestamp) -> Result<Self, SignError> {
        let mut keys = BTreeMap::new();
        for key in signers.root.iter().chain(&signers.targets).chain([&signers.online]) {
            keys.insert(key_id(*key)?, Key::from(*key));
        }
        let online = [signers.online];
        let mut roles = BTreeMap::new();
        roles.insert("root".to_owned(), role(&signers.root, signers.root_threshold)?);
        roles.insert("targets".to_owned(), role(&signers.targets, signers.targets_threshold)?);
        roles.insert("snapshot".to_owned(), role(&online, 1)?);
        roles.insert("timestamp".to_owned(), role(&online, 1)?);
        let root = Root {
            kind: "root".to_owned(),
            spec_version: SPEC_VERSION.to_owned(),
            consistent_snapshot: false,
            version,
            expires: moment(expires),
            keys,
            roles,
        };
        Ok(Self { signed: Signed::of(&root)?, root })
    }

    /// Reads a document; says nothing about its signatures.
    ///
    /// # Errors
    /// [`SignError::Unreadable`], [`SignError::Wrong`].
    pub fn read(bytes: &[u8]) -> Result<Self, SignError> {
        let signed = Signed::read("root", bytes)?;
        let root = signed.content()?;
        Ok(Self { signed, root })
    }

    /// The document as its file.
    ///
    /// # Errors
    /// [`SignError::Unreadable`], which does not happen in practice.
    pub fn to_bytes(&self) -> Result<Vec<u8>, SignError> {
        self.signed.to_bytes()
    }

    /// Its number; each names who may sign the next.
    pub fn version(&self) -> u64 {
        self.root.version
    }

    /// Until when it is good.
    pub fn expires(&self) -> Timestamp {
        self.signed.expires()
    }

    /// Who signs what from this document on.
    ///
    /// # Errors
    /// [`SignError::Wrong`] when it was made for other kinds of keys than ours.
    pub fn signers(&self) -> Result<Signers, SignError> {
        let of = |role: &str| -> Result<(Vec<PublicKey>, usize), SignError> {
            let keys =
                self.root.roles.get(role).ok_or(SignError::Wrong("the root document misses a role"))?;
            let public = |id: &String| self.root.keys.get(id).and_then(Key::public);
            let named: Option<Vec<_>> = keys.keyids.iter().map(public).collect();
            let named = named.ok_or(SignError::Wrong("the root document names keys that are not Ed25519"))?;
            Ok((named, usize::try_from(keys.threshold).unwrap_or(usize::MAX)))
        };
        let ((root, root_threshold), (targets, targets_threshold)) = (of("root")?, of("targets")?);
        let (snapshot, timestamp) = (of("snapshot")?.0, of("timestamp")?.0);
        match (snapshot.as_slice(), timestamp.as_slice()) {
            ([online], [same]) if online == same => {
                Ok(Signers { root, root_threshold, targets, targets_threshold, online: *online })
            }
            _ => Err(SignError::Wrong(
                "the root document names other keys for the server than one for both its roles",
            )),
        }
    }

    /// Whether the server's key may say what is current.
    pub fn trusts_online(&self, key: PublicKey) -> bool {
        self.signers().is_ok_and(|signers| signers.online == key)
    }

    /// Adds a signature, by somebody this document names or the one before it did.
    ///
    /// # Errors
    /// [`SignError::NotASigner`].
    pub fn sign(&mut self, key: &RoleKey, before: Option<&Self>) -> Result<(), SignError> {
        let id = key_id(key.public())?;
        if has(&self.root, "root", &id) || before.is_some_and(|before| has(&before.root, "root", &id)) {
            self.signed.sign(key)
        } else {
            Err(SignError::NotASigner(key.public().to_hex()))
        }
    }

    /// Whether enough have signed: of those it names, and of those the one before it named. The one before bears the number
    /// before.
    pub fn is_signed(&self, before: Option<&Self>) -> bool {
        let follows = |before: &Self| {
            before.version().checked_add(1) == Some(self.version())
                && self.signed.is_signed_by(&before.root, "root")
        };
        self.signed.is_signed_by(&self.root, "root") && before.is_none_or(follows)
    }

    /// How many of those it names have signed it; while too few of those the one before it named have, how many of those.
    pub fn signatures(&self, before: Option<&Self>) -> Signatures {
        let of = |root: &Root| self.signed.signed_by(root, "root");
        let old = before.map(|before| of(&before.root)).filter(|old| old.made < old.needed);
        old.unwrap_or_else(|| of(&self.root))
    }
}

fn role(keys: &[PublicKey], threshold: usize) -> Result<RoleKeys, SignError> {
    let mut keyids = Vec::new();
    for key in keys {
        let id = key_id(*key)?;
        if keyids.contains(&id) {
            return Err(SignError::Wrong("the same key is named twice"));
        }
        keyids.push(id);
    }
    if (1..=keyids.len()).contains(&threshold) {
        Ok(RoleKeys { keyids, threshold: threshold as u64 })
    } else {
        Err(SignError::Wrong("the threshold must be at least 1 and no more than there are keys"))
    }
}

fn has(root: &Root, role: &str, id: &String) -> bool {
    root.roles.get(role).is_some_and(|keys| keys.keyids.contains(id))
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Targets {
    #[serde(rename = "_type")]
    kind: String,
    spec_version: String,
    version: u64,
    expires: String,
    targets: BTreeMap<String, Value>,
}

/// The targets document: which images there are.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetsDocument {
    signed: Signed,
    targets: Targets,
}

impl TargetsDocument {
    /// The first one, without an image.
    ///
    /// # Errors
    /// [`SignError::Unreadable`], which does not happen in practice.
    pub fn first(expires: Timestamp) -> Result<Self, SignError> {
        Self::of(Targets {
            kind: "targets".to_owned(),
            spec_version: SPEC_VERSION.to_owned(),
            version: 1,
            expires: moment(expires),
            targets: BTreeMap::new(),
        })
    }

    fn of(targets: Targets) -> Result<Self, SignError> {
        Ok(Self { signed: Signed::of(&targets)?, targets })
    }

    /// Reads a document; says nothing about its signatures.
    ///
    /// # Errors
    /// [`SignError::Unreadable`], [`SignError::Wrong`].
    pub fn read(bytes: &[u8]) -> Result<Self, SignError> {
        let signed = Signed::read("targets", bytes)?;
        let targets = signed.content()?;
        Ok(Self { signed, targets })
    }

    /// The document as its file.
    ///
    /// # Errors
    /// [`SignError::Unreadable`], which does not happen in practice.
    pub fn to_bytes(&self) -> Result<Vec<u8>, SignError> {
        self.signed.to_bytes()
    }

    /// Its number.
    pub fn version(&self) -> u64 {
        self.signed.version()
    }

    /// Until when it is good.
    pub fn expires(&self) -> Timestamp {
        self.signed.expires()
    }

    /// The one after this, the same images in it, with nobody's signature yet.
    ///
    /// # Errors
    /// [`SignError::Unreadable`], which does not happen in practice.
    pub fn next(&self, expires: Timestamp) -> Result<Self, SignError> {
        let mut targets = self.targets.clone();
        targets.version = targets.version.saturating_add(1);
        targets.expires = moment(expires);
        Self::of(targets)
    }

    /// Puts an image in, in the place of one of the same name. Signatures go.
    ///
    /// # Errors
    /// [`SignError::Wrong`] when its name, hardware or length cannot be.
    pub fn put(&mut self, image: &Image) -> Result<(), SignError> {
        if !image.is_whole() {
            return Err(SignError::Wrong("an image has a name, hardware and length that can be signed"));
        }
        self.targets.targets.insert(image.name.clone(), image.to_entry());
        self.signed = Signed::of(&self.targets)?;
        Ok(())
    }

    /// Takes an image out. Signatures go. Whether it was there.
    ///
    /// # Errors
    /// [`SignError::Unreadable`], which does not happen in practice.
    pub fn remove(&mut self, name: &str) -> Result<bool, SignError> {
        let removed = self.targets.targets.remove(name).is_some();
        if removed {
            self.signed = Signed::of(&self.targets)?;
        }
        Ok(removed)
    }

    /// The images in it, by name; what is no image is passed over.
    pub fn images(&self) -> Vec<Image> {
        self.targets.targets.iter().filter_map(|(name, entry)| Image::read(name, entry)).collect()
    }

    /// Adds the signature of somebody `root` names.
    ///
    /// # Errors
    /// [`SignError::NotASigner`].
    pub fn sign(&mut self, key: &RoleKey, root: &RootDocument) -> Result<(), SignError> {
        if has(&root.root, "targets", &key_id(key.public())?) {
            self.signed.sign(key)
        } else {
            Err(SignError::NotASigner(key.public().to_hex()))
        }
    }

    /// Whether enough of those `root` names have signed.
    pub fn is_signed(&self, root: &RootDocument) -> bool {
        self.signed.is_signed_by(&root.root, "targets")
    }

    /// How many of those `root` names have signed it.
    pub fn signatures(&self, root: &RootDocument) -> Signatures {
        self.signed.signed_by(&root.root, "targets")
    }
}
