//! Who keeps the installation's key, and where the wrapped keys of tenants lie.

use async_trait::async_trait;
use sekisho_kernel::{TenantId, Timestamp};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::CryptoError;

/// Keeps the installation's key and wraps the tenants' keys with it. A local file today; HashiCorp Vault or OpenBao
/// transit, AWS KMS and PKCS #11 have the same shape: the key itself never comes out.
#[async_trait]
pub trait KeyProvider: Send + Sync {
    /// Its name, as stored beside what it wrapped: `local-key-file`.
    fn name(&self) -> &'static str;

    /// Wraps `key`, so that it unwraps with the same `context` only.
    async fn wrap(&self, key: &[u8], context: &str) -> Result<Vec<u8>, CryptoError>;

    /// Unwraps what [`KeyProvider::wrap`] made with the same `context`.
    async fn unwrap(&self, wrapped: &[u8], context: &str) -> Result<Zeroizing<Vec<u8>>, CryptoError>;
}

/// What a key of a tenant is for. Separate keys, so that a fault in one use gives nothing away in another.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Purpose {
    /// Names, addresses, telephone numbers, answers: what is about people.
    Personal,
    /// Passwords of targets, TOTP seeds, private keys, tokens of others.
    Secrets,
    /// Look-up of a sealed value by an equal one, and other message authentication codes. Never rotated in place: every
    /// stored index would have to be made again.
    BlindIndex,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 3] = [Self::Personal, Self::Secrets, Self::BlindIndex];

    /// The number in headers and ids.
    pub const fn number(self) -> u8 {
        match self {
            Self::Personal => 1,
            Self::Secrets => 2,
            Self::BlindIndex => 3,
        }
    }

    /// The word in the table.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Personal => "personal",
            Self::Secrets => "secrets",
            Self::BlindIndex => "blind_index",
        }
    }

    /// From [`Purpose::number`].
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.number() == number)
    }
}

/// Which key of a tenant: its purpose and how many came before it. Two servers that make the same key at the same time
/// meet at the same id, so that only one of them can be saved.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct KeyId {
    /// What it is for.
    pub purpose: Purpose,
    /// 1 for the first.
    pub generation: u32,
}

impl KeyId {
    /// As a row's id. Unique within the tenant.
    pub fn uuid(self) -> Uuid {
        Uuid::from_u128((u128::from(self.purpose.number()) << 32) | u128::from(self.generation))
    }

    /// From a row's id.
    pub fn from_uuid(uuid: Uuid) -> Option<Self> {
        let number = uuid.as_u128();
        let generation = u32::try_from(number & 0xffff_ffff).ok()?;
        let purpose = Purpose::from_number(u8::try_from(number >> 32).ok()?)?;
        Some(Self { purpose, generation })
    }
}

/// A key of a tenant as it is stored: wrapped by a [`KeyProvider`].
#[derive(Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub id: KeyId,
    /// What it is used with: `AES-256-GCM` or `HMAC-SHA-256`.
    pub algorithm: String,
    /// Who wrapped it.
    pub provider: String,
    /// The wrapped bytes; empty once destroyed.
    pub wrapped: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when new values are sealed under the next key.
    pub retired_at: Option<Timestamp>,
    /// When it was destroyed.
    pub destroyed_at: Option<Timestamp>,
}

impl std::fmt::Debug for WrappedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WrappedKey")
            .field("tenant", &self.tenant)
            .field("id", &self.id)
            .field("provider", &self.provider)
            .field("destroyed_at", &self.destroyed_at)
            .finish_non_exhaustive()
    }
}

/// Where wrapped keys lie. `platform/storage` answers with the table `tenant_keys`.
#[async_trait]
pub trait WrappedKeys: Send + Sync {
    /// Every key of `tenant`, also retired and destroyed ones.
    async fn load(&self, tenant: TenantId) -> Result<Vec<WrappedKey>, CryptoError>;

    /// Adds keys, all or none, and marks the older ones of the same purposes as retired. `false`, with nothing changed,
    /// when one of them is there already: another server was quicker.
    async fn save(&self, keys: Vec<WrappedKey>) -> Result<bool, CryptoError>;

    /// Replaces the wrapped bytes of keys that are there, after the installation's key changed.
    async fn rewrap(&self, keys: Vec<WrappedKey>) -> Result<(), CryptoError>;

    /// Overwrites the wrapped bytes of every key of `tenant` and marks the rows as destroyed at `now`.
    async fn destroy(&self, tenant: TenantId, now: Timestamp) -> Result<(), CryptoError>;
}
