//! Wrapped keys of tenants: made once, turned over, destroyed for good, each with its trail.

use std::sync::Arc;

use sekisho_crypto::{CryptoError, LocalKeyFile, Place, Purpose, Vault, WrappedKeys as _};
use sekisho_kernel::World;
use sekisho_storage::keys::StoredKeys;
use sekisho_storage::tables::audit_entries;
use sekisho_storage::{Scoped as _, Store};
use sekisho_teststore::{TestWorld, on_both_engines, tenant};
use uuid::Uuid;

use crate::migrations;

const PLACE: Place<'static> = Place { table: "people", column: "mail", row: Uuid::nil() };

pub(crate) fn vault(store: &Store, world: &Arc<TestWorld>, dir: &tempfile::TempDir) -> Vault {
    let world: Arc<dyn World> = world.clone();
    let file = LocalKeyFile::open_or_create(&dir.path().join("key"), &*world).unwrap();
    Vault::new(Arc::new(file), Arc::new(StoredKeys::new(store.clone(), world.clone())), world)
}

on_both_engines!(servers_share_the_keys_they_make_at_once, migrations(), |fresh| {
    let (world, dir) = (TestWorld::new(), tempfile::tempdir().unwrap());
    let (a, b) = (vault(&fresh.store, &world, &dir), vault(&fresh.store, &world, &dir));
    let (a, b) = tokio::join!(a.keys(tenant(1)), b.keys(tenant(1)));
    let (a, b) = (a.unwrap(), b.unwrap());
    assert_eq!(&*b.open(&PLACE, &a.seal(&PLACE, b"taro@example.jp")).unwrap(), b"taro@example.jp");
    let stored = StoredKeys::new(fresh.store.clone(), world).load(tenant(1)).await.unwrap();
    assert_eq!(stored.iter().map(|key| key.id.purpose).collect::<Vec<_>>(), Purpose::ALL);
});

on_both_engines!(turning_over_and_destroying_leave_their_trail, migrations(), |fresh| {
    let (world, dir) = (TestWorld::new(), tempfile::tempdir().unwrap());
    let vault = vault(&fresh.store, &world, &dir);
    let stored = StoredKeys::new(fresh.store.clone(), world.clone());
    let old = vault.keys(tenant(1)).await.unwrap().seal_secret(&PLACE, b"secret");
    vault.rotate(tenant(1), Purpose::Secrets).await.unwrap();
    world.advance(Vault::ROTATION_DELAY);
    let keys = vault.keys(tenant(1)).await.unwrap();
    assert!(!keys.is_current(&old) && keys.is_current(&keys.seal_secret(&PLACE, b"secret")));
    let retired = stored.load(tenant(1)).await.unwrap().iter().filter(|key| key.retired_at.is_some()).count();
    assert_eq!(retired, 1);
    vault.rewrap(tenant(1)).await.unwrap();
    vault.forget(tenant(1));
    vault.keys(tenant(1)).await.unwrap().open(&PLACE, &old).unwrap();

    vault.erase(tenant(1)).await.unwrap();
    assert!(matches!(vault.keys(tenant(1)).await, Err(CryptoError::Erased)));
    let gone = stored.load(tenant(1)).await.unwrap();
    assert!(gone.len() == 4 && gone.iter().all(|key| key.wrapped.is_empty() && key.destroyed_at.is_some()));
    let scope = fresh.store.read(tenant(1)).await.unwrap();
    let trail =
        scope.find::<audit_entries::Entity>().ascending(audit_entries::Column::Id).all().await.unwrap();
    let trail: Vec<_> = trail.into_iter().map(|entry| entry.action).collect();
    assert_eq!(trail, ["tenant_key.make", "tenant_key.make", "tenant_key.rewrap", "tenant_key.destroy"]);
});

on_both_engines!(a_tenant_erased_before_its_first_key_never_gets_one, migrations(), |fresh| {
    let (world, dir) = (TestWorld::new(), tempfile::tempdir().unwrap());
    let vault = vault(&fresh.store, &world, &dir);
    vault.erase(tenant(1)).await.unwrap();
    assert!(matches!(vault.keys(tenant(1)).await, Err(CryptoError::Erased)));
    vault.keys(tenant(2)).await.unwrap();
});
