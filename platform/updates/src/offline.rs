//! What people sign with keys that no server sees: who may sign (root), and which images there are (targets).

use std::collections::HashMap;
use std::num::NonZeroU64;

use sekisho_kernel::Timestamp;
use tough::TargetName;
use tough::schema::decoded::{Decoded, Hex};
use tough::schema::{Role, RoleKeys, RoleType, Root, Signed, Targets};

use crate::image::Image;
use crate::role_key::{PublicKey, RoleKey, SignError};

pub(crate) const SPEC_VERSION: &str = "1.0.0";

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootDocument(Signed<Root>);

impl RootDocument {
    /// The first one, which devices are given by hand or as they enrol.
    ///
    /// # Errors
    /// [`SignError::Wrong`] when a threshold cannot be reached.
    pub fn first(signers: &Signers, expires: Timestamp) -> Result<Self, SignError> {
        Self::of(NonZeroU64::MIN, signers, expires)
    }

    /// The one after this, with nobody's signature yet.
    ///
    /// # Errors
    /// As [`RootDocument::first`].
    pub fn next(&self, signers: &Signers, expires: Timestamp) -> Result<Self, SignError> {
        Self::of(self.0.signed.version.saturating_add(1), signers, expires)
    }

    fn of(version: NonZeroU64, signers: &Signers, expires: Timestamp) -> Result<Self, SignError> {
        let mut keys = HashMap::new();
        for key in signers.root.iter().chain(&signers.targets).chain([&signers.online]) {
            keys.insert(key.id()?, key.tuf());
        }
        let online = [signers.online];
        let roles = HashMap::from([
            (RoleType::Root, role(&signers.root, signers.root_threshold)?),
            (RoleType::Targets, role(&signers.targets, signers.targets_threshold)?),
            (RoleType::Snapshot, role(&online, 1)?),
            (RoleType::Timestamp, role(&online, 1)?),
        ]);
        let signed = Root {
            spec_version: SPEC_VERSION.to_owned(),
            consistent_snapshot: false,
            version,
            expires: expires.to_jiff(),
            keys,
            roles,
            _extra: HashMap::new(),
        };
        Ok(Self(Signed { signed, signatures: Vec::new() }))
    }

    /// Reads a document; says nothing about its signatures.
    ///
    /// # Errors
    /// [`SignError::Unreadable`].
    pub fn read(bytes: &[u8]) -> Result<Self, SignError> {
        read("the root document", bytes).map(Self)
    }

    /// The document as its file.
    ///
    /// # Errors
    /// [`SignError::Unreadable`], which does not happen in practice.
    pub fn to_bytes(&self) -> Result<Vec<u8>, SignError> {
        write("the root document", &self.0)
    }

    /// Its number; each names who may sign the next.
    pub fn version(&self) -> u64 {
        self.0.signed.version.get()
    }

    /// Until when it is good.
    pub fn expires(&self) -> Timestamp {
        self.0.signed.expires.into()
    }

    /// Who signs what from this document on.
    ///
    /// # Errors
    /// [`SignError::Wrong`] when it was made for other kinds of keys than ours.
    pub fn signers(&self) -> Result<Signers, SignError> {
        let of = |role: RoleType| -> Result<Vec<PublicKey>, SignError> {
            let public = |key: &tough::schema::key::Key| match key {
                tough::schema::key::Key::Ed25519 { keyval, .. } => {
                    keyval.public.as_ref().try_into().ok().map(PublicKey::new)
                }
                _ => None,
            };
            self.0
                .signed
                .keys(role)
                .map(|key| {
                    public(key).ok_or(SignError::Wrong("the root document names keys that are not Ed25519"))
                })
                .collect()
        };
        let threshold = |role: RoleType| {
            let keys = self.0.signed.roles.get(&role);
            keys.and_then(|keys| usize::try_from(keys.threshold.get()).ok()).unwrap_or(1)
        };
        let online = of(RoleType::Timestamp)?;
        Ok(Signers {
            root: of(RoleType::Root)?,
            root_threshold: threshold(RoleType::Root),
            targets: of(RoleType::Targets)?,
            targets_threshold: threshold(RoleType::Targets),
            online: *online
                .first()
                .ok_or(SignError::Wrong("the root document names no key of the server"))?,
        })
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
        let named = |document: &Signed<Root>| has(&document.signed, RoleType::Root, key.public());
        if named(&self.0)? || before.map_or(Ok(false), |before| named(&before.0))? {
            key.sign(&mut self.0)
        } else {
            Err(SignError::NotASigner(key.public().to_hex()))
        }
    }

    /// Whether enough have signed: of those it names, and of those the one before it named.
    pub fn is_signed(&self, before: Option<&Self>) -> bool {
        let by = |root: &Root| root.verify_role(&self.0).is_ok();
        by(&self.0.signed) && before.is_none_or(|before| by(&before.0.signed))
    }

    /// How many signatures it bears.
    pub fn signatures(&self) -> usize {
        self.0.signatures.len()
    }
}

fn role(keys: &[PublicKey], threshold: usize) -> Result<RoleKeys, SignError> {
    let mut keyids = Vec::new();
    for key in keys {
        let id = key.id()?;
        if keyids.contains(&id) {
            return Err(SignError::Wrong("the same key is named twice"));
        }
        keyids.push(id);
    }
    let threshold = u64::try_from(threshold).ok().and_then(NonZeroU64::new);
    match threshold {
        Some(threshold) if threshold.get() <= keyids.len() as u64 => {
            Ok(RoleKeys { keyids, threshold, _extra: HashMap::new() })
        }
        _ => Err(SignError::Wrong("the threshold must be at least 1 and no more than there are keys")),
    }
}

fn has(root: &Root, role: RoleType, key: PublicKey) -> Result<bool, SignError> {
    let id: Decoded<Hex> = key.id()?;
    Ok(root.roles.get(&role).is_some_and(|keys| keys.keyids.contains(&id)))
}

/// The targets document: which images there are.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetsDocument(Signed<Targets>);

impl TargetsDocument {
    /// The first one, without an image.
    pub fn first(expires: Timestamp) -> Self {
        let signed = Targets::new(SPEC_VERSION.to_owned(), NonZeroU64::MIN, expires.to_jiff());
        Self(Signed { signed, signatures: Vec::new() })
    }

    /// Reads a document; says nothing about its signatures.
    ///
    /// # Errors
    /// [`SignError::Unreadable`].
    pub fn read(bytes: &[u8]) -> Result<Self, SignError> {
        read("the targets document", bytes).map(Self)
    }

    /// The document as its file.
    ///
    /// # Errors
    /// [`SignError::Unreadable`], which does not happen in practice.
    pub fn to_bytes(&self) -> Result<Vec<u8>, SignError> {
        write("the targets document", &self.0)
    }

    /// Its number.
    pub fn version(&self) -> u64 {
        self.0.signed.version.get()
    }

    /// The one after this, the same images in it, with nobody's signature yet.
    #[must_use]
    pub fn next(&self, expires: Timestamp) -> Self {
        let mut signed = self.0.signed.clone();
        signed.version = signed.version.saturating_add(1);
        signed.expires = expires.to_jiff();
        Self(Signed { signed, signatures: Vec::new() })
    }

    /// Puts an image in, in the place of one of the same name. Signatures go.
    ///
    /// # Errors
    /// [`SignError::Wrong`] when its name, hardware or length cannot be.
    pub fn put(&mut self, image: &Image) -> Result<(), SignError> {
        let wrong = SignError::Wrong("an image has a name, hardware and length that can be signed");
        let name = TargetName::new(image.name.clone()).ok().filter(|_| image.is_whole());
        self.0.signed.add_target(name.ok_or(wrong)?, image.to_target());
        self.0.signatures.clear();
        Ok(())
    }

    /// Takes an image out. Signatures go. Whether it was there.
    pub fn remove(&mut self, name: &str) -> bool {
        let removed =
            TargetName::new(name).ok().and_then(|name| self.0.signed.remove_target(&name)).is_some();
        if removed {
            self.0.signatures.clear();
        }
        removed
    }

    /// The images in it.
    pub fn images(&self) -> Vec<Image> {
        images(&self.0.signed)
    }

    /// Adds the signature of somebody `root` names.
    ///
    /// # Errors
    /// [`SignError::NotASigner`].
    pub fn sign(&mut self, key: &RoleKey, root: &RootDocument) -> Result<(), SignError> {
        if has(&root.0.signed, RoleType::Targets, key.public())? {
            key.sign(&mut self.0)
        } else {
            Err(SignError::NotASigner(key.public().to_hex()))
        }
    }

    /// Whether enough of those `root` names have signed.
    pub fn is_signed(&self, root: &RootDocument) -> bool {
        root.0.signed.verify_role(&self.0).is_ok()
    }

    /// How many signatures it bears.
    pub fn signatures(&self) -> usize {
        self.0.signatures.len()
    }
}

/// The images of a targets document, by name; what is no image is passed over.
pub(crate) fn images(targets: &Targets) -> Vec<Image> {
    let read = |(name, target): (&TargetName, &tough::schema::Target)| Image::read(name.raw(), target);
    let mut images: Vec<Image> = targets.targets.iter().filter_map(read).collect();
    images.sort_by(|a, b| a.name.cmp(&b.name));
    images
}

pub(crate) fn read<T>(what: &'static str, bytes: &[u8]) -> Result<Signed<T>, SignError>
where
    T: Role + serde::de::DeserializeOwned,
{
    serde_json::from_slice(bytes).map_err(|source| SignError::Unreadable { what, source })
}

pub(crate) fn write<T: Role>(what: &'static str, document: &Signed<T>) -> Result<Vec<u8>, SignError> {
    let mut bytes =
        serde_json::to_vec_pretty(document).map_err(|source| SignError::Unreadable { what, source })?;
    bytes.push(b'\n');
    Ok(bytes)
}
