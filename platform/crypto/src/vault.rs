//! The vault: the keys of tenants, unwrapped for a few minutes.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use sekisho_kernel::{TenantId, Timestamp, World};
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use crate::{CryptoError, KeyId, KeyProvider, Purpose, TenantKeys, WrappedKey, WrappedKeys};

/// How long unwrapped keys are used before they are read again. A new key seals only after that time, when every server
/// has it.
const FRESH: Duration = Duration::from_secs(5 * 60);

/// How long they serve when they cannot be read again, as while PostgreSQL fails over.
const USABLE: Duration = Duration::from_secs(60 * 60);

/// Hands out the keys of tenants; makes the first ones when a tenant has none. Cheap to clone.
#[derive(Clone)]
pub struct Vault(Arc<Inner>);

struct Inner {
    provider: Arc<dyn KeyProvider>,
    keys: Arc<dyn WrappedKeys>,
    world: Arc<dyn World>,
    held: RwLock<HashMap<TenantId, Held>>,
    /// One reader a tenant (or few that share a lock), so that a provider is not asked the same a hundred times.
    turns: [Mutex<()>; 16],
}

#[derive(Clone)]
struct Held {
    keys: Arc<TenantKeys>,
    since: Timestamp,
}

impl Vault {
    /// Time after which a rotated key seals; a re-seal starts no earlier.
    pub const ROTATION_DELAY: Duration = FRESH;

    /// A vault over a provider and the place where wrapped keys lie.
    pub fn new(provider: Arc<dyn KeyProvider>, keys: Arc<dyn WrappedKeys>, world: Arc<dyn World>) -> Self {
        Self(Arc::new(Inner { provider, keys, world, held: RwLock::default(), turns: Default::default() }))
    }

    /// The keys of `tenant`.
    ///
    /// # Errors
    /// [`CryptoError::Erased`] once they were destroyed; [`CryptoError::Provider`], [`CryptoError::KeyFile`] or
    /// [`CryptoError::Kept`] when they cannot be read.
    pub async fn keys(&self, tenant: TenantId) -> Result<Arc<TenantKeys>, CryptoError> {
        if let Some(held) = self.held(tenant).filter(|held| self.age(held) < FRESH) {
            return Ok(held.keys);
        }
        let turn = usize::from(tenant.uuid().as_bytes().last().copied().unwrap_or(0) % 16);
        let _turn = match self.0.turns.get(turn) {
            Some(turn) => Some(turn.lock().await),
            None => None,
        };
        let held = self.held(tenant);
        if let Some(held) = held.as_ref().filter(|held| self.age(held) < FRESH) {
            return Ok(held.keys.clone());
        }
        match self.read(tenant).await {
            Ok(keys) => {
                let keys = Arc::new(keys);
                self.hold(tenant, keys.clone());
                Ok(keys)
            }
            Err(CryptoError::Erased) => {
                self.forget(tenant);
                Err(CryptoError::Erased)
            }
            Err(error) => match held.filter(|held| self.age(held) < USABLE) {
                Some(held) => {
                    tracing::warn!(%tenant, %error, "keys cannot be read again; those in memory go on for up to an hour");
                    Ok(held.keys)
                }
                None => Err(error),
            },
        }
    }

    /// Adds a key for `purpose`. It seals new values once every server has read it ([`Vault::ROTATION_DELAY`]); older
    /// values still open.
    ///
    /// # Errors
    /// As [`Vault::keys`]; [`CryptoError::Failed`] for the blind index, which cannot be rotated in place.
    pub async fn rotate(&self, tenant: TenantId, purpose: Purpose) -> Result<KeyId, CryptoError> {
        if purpose == Purpose::BlindIndex {
            return Err(CryptoError::Failed("rotating the blind index in place"));
        }
        self.keys(tenant).await?;
        loop {
            let stored = self.0.keys.load(tenant).await?;
            let newest =
                stored.iter().filter(|key| key.id.purpose == purpose).map(|key| key.id.generation).max();
            let id = KeyId { purpose, generation: newest.unwrap_or(0).saturating_add(1) };
            let key = self.make(tenant, id).await?;
            if self.0.keys.save(vec![key]).await? {
                self.forget(tenant);
                return Ok(id);
            }
        }
    }

    /// Wraps every key of `tenant` anew, after the installation's key changed. What they sealed stays as it is.
    ///
    /// # Errors
    /// As [`Vault::keys`].
    pub async fn rewrap(&self, tenant: TenantId) -> Result<(), CryptoError> {
        let mut rewrapped = Vec::new();
        for key in self.0.keys.load(tenant).await?.into_iter().filter(|key| key.destroyed_at.is_none()) {
            let context = context(tenant, key.id);
            let plain = self.0.provider.unwrap(&key.wrapped, &context).await?;
            let wrapped = self.0.provider.wrap(&plain, &context).await?;
            rewrapped.push(WrappedKey { wrapped, provider: self.0.provider.name().to_owned(), ..key });
        }
        self.0.keys.rewrap(rewrapped).await
    }

    /// Destroys the keys of `tenant`: everything they sealed, in the database and in every backup that does not hold the
    /// keys themselves, is unreadable from now on.
    ///
    /// # Errors
    /// [`CryptoError::Kept`] when the rows cannot be written; then nothing was erased.
    pub async fn erase(&self, tenant: TenantId) -> Result<(), CryptoError> {
        self.0.keys.destroy(tenant, self.0.world.now()).await?;
        if let Some(held) = self.held(tenant) {
            held.keys.mark_erased();
        }
        self.forget(tenant);
        Ok(())
    }

    /// Drops the unwrapped keys of `tenant` from memory; the next use reads them again.
    pub fn forget(&self, tenant: TenantId) {
        self.0.held.write().unwrap_or_else(PoisonError::into_inner).remove(&tenant);
    }

    async fn read(&self, tenant: TenantId) -> Result<TenantKeys, CryptoError> {
        let mut stored = self.0.keys.load(tenant).await?;
        if stored.is_empty() {
            let mut first = Vec::new();
            for purpose in Purpose::ALL {
                first.push(self.make(tenant, KeyId { purpose, generation: 1 }).await?);
            }
            // When another server was quicker, its keys are the tenant's.
            self.0.keys.save(first).await?;
            stored = self.0.keys.load(tenant).await?;
        }
        if stored.iter().any(|key| key.destroyed_at.is_some()) {
            return Err(CryptoError::Erased);
        }
        let now = self.0.world.now();
        let mut plain: Vec<(KeyId, Zeroizing<Vec<u8>>)> = Vec::new();
        for key in &stored {
            plain.push((key.id, self.0.provider.unwrap(&key.wrapped, &context(tenant, key.id)).await?));
        }
        TenantKeys::new(tenant, plain, |purpose| {
            let of_purpose = || stored.iter().filter(|key| key.id.purpose == purpose);
            let everywhere =
                of_purpose().filter(|key| key.created_at.plus(FRESH) <= now).map(|key| key.id).max();
            everywhere.or_else(|| of_purpose().map(|key| key.id).min())
        })
    }

    async fn make(&self, tenant: TenantId, id: KeyId) -> Result<WrappedKey, CryptoError> {
        let mut key = Zeroizing::new([0_u8; 32]);
        self.0.world.fill(&mut *key);
        let wrapped = self.0.provider.wrap(&*key, &context(tenant, id)).await?;
        let algorithm = if id.purpose == Purpose::BlindIndex { "HMAC-SHA-256" } else { "AES-256-GCM" };
        Ok(WrappedKey {
            tenant,
            id,
            algorithm: algorithm.to_owned(),
            provider: self.0.provider.name().to_owned(),
            wrapped,
            created_at: self.0.world.now(),
            retired_at: None,
            destroyed_at: None,
        })
    }

    fn held(&self, tenant: TenantId) -> Option<Held> {
        self.0.held.read().unwrap_or_else(PoisonError::into_inner).get(&tenant).cloned()
    }

    fn hold(&self, tenant: TenantId, keys: Arc<TenantKeys>) {
        let since = self.0.world.now();
        let mut held = self.0.held.write().unwrap_or_else(PoisonError::into_inner);
        held.retain(|_, held| since.since(held.since) < USABLE);
        held.insert(tenant, Held { keys, since });
    }

    fn age(&self, held: &Held) -> Duration {
        self.0.world.now().since(held.since)
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vault").field("provider", &self.0.provider.name()).finish_non_exhaustive()
    }
}

/// Binds a wrapped key to its tenant and place, so that one tenant's cannot be put in another's row.
fn context(tenant: TenantId, id: KeyId) -> String {
    format!("sekisho tenant key 1 {tenant} {}", id.uuid())
}
