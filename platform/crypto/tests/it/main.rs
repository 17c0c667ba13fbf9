//! Seals hold, keys turn over and go, files stay private, certificates name one device of one tenant.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod certificates;
mod key_file;
mod passwords;
mod sealed_to;
mod sealing;
mod vault;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use sekisho_crypto::{CryptoError, LocalKeyFile, Vault, WrappedKey, WrappedKeys, system_world};
use sekisho_kernel::{TenantId, Timestamp, World};
use uuid::Uuid;

/// A clock that stands still until moved, and real chance.
struct Still(AtomicI64, Arc<dyn World>);

impl Still {
    fn new() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(1_795_305_600_000_000), system_world()))
    }
    fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_micros()).unwrap(), Ordering::SeqCst);
    }
}

impl World for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
    fn fill(&self, bytes: &mut [u8]) {
        self.1.fill(bytes);
    }
}

/// The other side of the port: keeps keys as the store does, and can be out of reach.
#[derive(Default)]
struct Shelf {
    rows: Mutex<BTreeMap<(TenantId, Uuid), WrappedKey>>,
    gone: std::sync::atomic::AtomicBool,
    loads: std::sync::atomic::AtomicUsize,
}

#[async_trait]
impl WrappedKeys for Shelf {
    async fn load(&self, tenant: TenantId) -> Result<Vec<WrappedKey>, CryptoError> {
        self.loads.fetch_add(1, Ordering::SeqCst);
        if self.gone.load(Ordering::SeqCst) {
            return Err(CryptoError::Kept("the database is away".into()));
        }
        Ok(self.rows.lock().unwrap().values().filter(|key| key.tenant == tenant).cloned().collect())
    }
    async fn save(&self, keys: Vec<WrappedKey>) -> Result<bool, CryptoError> {
        let mut rows = self.rows.lock().unwrap();
        if keys.iter().any(|key| rows.contains_key(&(key.tenant, key.id.uuid()))) {
            return Ok(false);
        }
        rows.extend(keys.into_iter().map(|key| ((key.tenant, key.id.uuid()), key)));
        Ok(true)
    }
    async fn rewrap(&self, keys: Vec<WrappedKey>) -> Result<(), CryptoError> {
        self.rows.lock().unwrap().extend(keys.into_iter().map(|key| ((key.tenant, key.id.uuid()), key)));
        Ok(())
    }
    async fn destroy(&self, tenant: TenantId, now: Timestamp) -> Result<(), CryptoError> {
        for key in self.rows.lock().unwrap().values_mut().filter(|key| key.tenant == tenant) {
            key.wrapped.clear();
            key.destroyed_at = Some(now);
        }
        Ok(())
    }
}

/// What a vault stands on, so that a test can open a second vault as another server would.
struct Ground {
    dir: tempfile::TempDir,
    shelf: Arc<Shelf>,
    world: Arc<Still>,
}

impl Ground {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), shelf: Arc::default(), world: Still::new() }
    }
    fn vault(&self) -> Vault {
        let file = LocalKeyFile::open_or_create(&self.dir.path().join("key"), &*self.world).unwrap();
        Vault::new(Arc::new(file), self.shelf.clone(), self.world.clone())
    }
}

fn tenant(number: u128) -> TenantId {
    TenantId(Uuid::from_u128(number))
}
