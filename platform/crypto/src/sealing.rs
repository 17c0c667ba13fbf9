//! Sealing values in place and making look-ups of sealed values possible.
//!
//! A sealed value: version (1) · algorithm (1) · purpose (1) · generation (4) · nonce (12) · ciphertext · tag (16).
//! Everything before the nonce, the tenant, the table, the column and the row are authenticated with it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::hmac;
use sekisho_kernel::TenantId;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::hashing::first_32;
use crate::{CryptoError, KeyId, Purpose};

const VERSION: u8 = 1;
const AES_256_GCM_ID: u8 = 1;
const HEADER: usize = 7;
const NONCE: usize = 12;
const TAG: usize = 16;

/// Where a sealed value lies. A value that turns up elsewhere does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The table.
    pub table: &'a str,
    /// The column.
    pub column: &'a str,
    /// The row's id.
    pub row: Uuid,
}

/// The keys of one tenant, unwrapped and ready. Handed out by [`crate::Vault::keys`]; do not keep it longer than a
/// request.
pub struct TenantKeys {
    tenant: TenantId,
    sealing: HashMap<KeyId, RandomizedNonceKey>,
    personal: KeyId,
    secrets: KeyId,
    blind: hmac::Key,
    erased: AtomicBool,
}

impl TenantKeys {
    /// From unwrapped keys. `current` names, for each purpose, the one that seals.
    pub(crate) fn new(
        tenant: TenantId,
        keys: Vec<(KeyId, Zeroizing<Vec<u8>>)>,
        current: impl Fn(Purpose) -> Option<KeyId>,
    ) -> Result<Self, CryptoError> {
        let current = |purpose| current(purpose).ok_or(CryptoError::UnknownKey);
        let (personal, secrets, index) =
            (current(Purpose::Personal)?, current(Purpose::Secrets)?, current(Purpose::BlindIndex)?);
        let mut sealing = HashMap::new();
        let mut blind = None;
        for (id, key) in keys {
            if id.purpose == Purpose::BlindIndex {
                if id == index {
                    blind = Some(hmac::Key::new(hmac::HMAC_SHA256, &key));
                }
                continue;
            }
            let key = RandomizedNonceKey::new(&AES_256_GCM, &key)
                .map_err(|_| CryptoError::Malformed("an AES-256 key"))?;
            sealing.insert(id, key);
        }
        let blind = blind.ok_or(CryptoError::UnknownKey)?;
        if !sealing.contains_key(&personal) || !sealing.contains_key(&secrets) {
            return Err(CryptoError::UnknownKey);
        }
        Ok(Self { tenant, sealing, personal, secrets, blind, erased: AtomicBool::new(false) })
    }

    /// Seals what is about a person, for this place only.
    pub fn seal(&self, place: &Place<'_>, plain: &[u8]) -> Vec<u8> {
        self.seal_under(self.personal, place, plain)
    }

    /// Seals a secret (password of a target, TOTP seed, private key), for this place only.
    pub fn seal_secret(&self, place: &Place<'_>, plain: &[u8]) -> Vec<u8> {
        self.seal_under(self.secrets, place, plain)
    }

    /// Opens what [`TenantKeys::seal`] or [`TenantKeys::seal_secret`] made for the same place.
    ///
    /// # Errors
    /// [`CryptoError::Forged`] when a bit changed or the value was moved; [`CryptoError::Malformed`] when it is no sealed
    /// value; [`CryptoError::UnknownKey`] when its key is not among the tenant's; [`CryptoError::Erased`] after
    /// [`crate::Vault::erase`].
    pub fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        if self.erased.load(Ordering::Acquire) {
            return Err(CryptoError::Erased);
        }
        let (id, header, rest) = read_header(sealed)?;
        let (nonce, body) = rest.split_at_checked(NONCE).ok_or(CryptoError::Malformed("a sealed value"))?;
        if body.len() < TAG {
            return Err(CryptoError::Malformed("a sealed value"));
        }
        let key = self.sealing.get(&id).ok_or(CryptoError::UnknownKey)?;
        let nonce =
            Nonce::try_assume_unique_for_key(nonce).map_err(|_| CryptoError::Malformed("a sealed value"))?;
        let mut plain = Zeroizing::new(body.to_vec());
        let length = key
            .open_in_place(nonce, Aad::from(self.bound_to(header, place)), &mut plain)
            .map_err(|_| CryptoError::Forged)?
            .len();
        plain.truncate(length);
        Ok(plain)
    }

    /// Opens a value that is a text.
    ///
    /// # Errors
    /// As [`TenantKeys::open`].
    pub fn open_text(&self, place: &Place<'_>, sealed: &[u8]) -> Result<String, CryptoError> {
        let plain = self.open(place, sealed)?;
        std::str::from_utf8(&plain).map(str::to_owned).map_err(|_| CryptoError::Malformed("a sealed text"))
    }

    /// Whether a sealed value was made under the key that seals now. A re-seal opens and seals those that were not.
    pub fn is_current(&self, sealed: &[u8]) -> bool {
        read_header(sealed).is_ok_and(|(id, ..)| id == self.personal || id == self.secrets)
    }

    /// The value sealed anew under the key that seals now, for the same purpose; `None` when it was made under it.
    ///
    /// # Errors
    /// As [`TenantKeys::open`].
    pub fn reseal(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Option<Vec<u8>>, CryptoError> {
        if self.is_current(sealed) {
            return Ok(None);
        }
        let (id, ..) = read_header(sealed)?;
        let plain = self.open(place, sealed)?;
        let id = if id.purpose == Purpose::Secrets { self.secrets } else { self.personal };
        Ok(Some(self.seal_under(id, place, &plain)))
    }

    /// The look-up form of a text: equal texts of one tenant and one use give equal bytes, and nothing else is told. Pass
    /// the text through [`crate::fold`] first where people type it.
    pub fn blind(&self, what: &'static str, text: &str) -> Vec<u8> {
        self.tagged("blind", what, text.as_bytes()).into_iter().take(16).collect()
    }

    /// A message authentication code under a key of the tenant: for codes, PINs and links that are checked, never read.
    pub fn mac(&self, what: &'static str, bytes: &[u8]) -> [u8; 32] {
        self.tagged("mac", what, bytes)
    }

    /// Whose keys these are.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    pub(crate) fn mark_erased(&self) {
        self.erased.store(true, Ordering::Release);
    }

    fn tagged(&self, kind: &str, what: &str, bytes: &[u8]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.blind);
        for part in [kind, what] {
            context.update(&length(part.len()));
            context.update(part.as_bytes());
        }
        context.update(bytes);
        first_32(context.sign().as_ref())
    }

    #[expect(
        clippy::expect_used,
        reason = "AES-GCM refuses 64 GiB and more only; storing nothing would lose the value"
    )]
    fn seal_under(&self, id: KeyId, place: &Place<'_>, plain: &[u8]) -> Vec<u8> {
        let mut header = [VERSION, AES_256_GCM_ID, id.purpose.number(), 0, 0, 0, 0];
        for (to, from) in header.iter_mut().skip(3).zip(id.generation.to_be_bytes()) {
            *to = from;
        }
        let mut body = Vec::with_capacity(plain.len() + TAG);
        body.extend_from_slice(plain);
        let nonce = self
            .sealing
            .get(&id)
            .and_then(|key| {
                key.seal_in_place_append_tag(Aad::from(self.bound_to(&header, place)), &mut body).ok()
            })
            .expect("a current key seals");
        let mut sealed = Vec::with_capacity(HEADER + NONCE + body.len());
        sealed.extend_from_slice(&header);
        sealed.extend_from_slice(nonce.as_ref());
        sealed.extend_from_slice(&body);
        sealed
    }

    fn bound_to(&self, header: &[u8], place: &Place<'_>) -> Vec<u8> {
        bound_to(self.tenant, header, place)
    }
}

/// What a seal is bound to. Lengths come before texts, so that no two places share the bytes.
pub(crate) fn bound_to(tenant: TenantId, header: &[u8], place: &Place<'_>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(128);
    bytes.extend_from_slice(header);
    bytes.extend_from_slice(tenant.uuid().as_bytes());
    bytes.extend_from_slice(place.row.as_bytes());
    for text in [place.table, place.column] {
        bytes.extend_from_slice(&length(text.len()));
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes
}

impl std::fmt::Debug for TenantKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TenantKeys").field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

fn length(length: usize) -> [u8; 8] {
    u64::try_from(length).unwrap_or(u64::MAX).to_be_bytes()
}

fn read_header(sealed: &[u8]) -> Result<(KeyId, &[u8], &[u8]), CryptoError> {
    const NOT_SEALED: CryptoError = CryptoError::Malformed("a sealed value");
    let (header, rest) = sealed.split_at_checked(HEADER).ok_or(NOT_SEALED)?;
    let [VERSION, AES_256_GCM_ID, purpose, generation @ ..] = header else { return Err(NOT_SEALED) };
    let purpose = Purpose::from_number(*purpose).ok_or(NOT_SEALED)?;
    let generation = u32::from_be_bytes(generation.try_into().map_err(|_| NOT_SEALED)?);
    Ok((KeyId { purpose, generation }, header, rest))
}
