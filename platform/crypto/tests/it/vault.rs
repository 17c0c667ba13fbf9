//! Keys are made once, turn over without a gap, outlive a short outage, and are gone when destroyed.

use std::sync::atomic::Ordering;
use std::time::Duration;

use sekisho_crypto::{CryptoError, Place, Purpose, Vault};
use uuid::Uuid;

use crate::{Ground, tenant};

const PLACE: Place<'static> = Place { table: "people", column: "name", row: Uuid::nil() };

#[tokio::test]
async fn two_servers_that_start_at_once_share_the_keys() {
    let ground = Ground::new();
    let (a, b) = (ground.vault(), ground.vault());
    let (a, b) = tokio::join!(a.keys(tenant(1)), b.keys(tenant(1)));
    let (a, b) = (a.unwrap(), b.unwrap());
    assert_eq!(&*b.open(&PLACE, &a.seal(&PLACE, b"name")).unwrap(), b"name");
    assert_eq!(a.blind("mail", "x"), b.blind("mail", "x"));
    assert_eq!(ground.shelf.rows.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn keys_are_read_once_for_many_uses() {
    let ground = Ground::new();
    let vault = ground.vault();
    vault.keys(tenant(1)).await.unwrap();
    let before = ground.shelf.loads.load(Ordering::SeqCst);
    for _ in 0..100 {
        vault.keys(tenant(1)).await.unwrap();
    }
    assert_eq!(ground.shelf.loads.load(Ordering::SeqCst), before);
}

#[tokio::test]
async fn a_rotated_key_seals_only_when_every_server_has_it() {
    let ground = Ground::new();
    let (a, b) = (ground.vault(), ground.vault());
    let old = a.keys(tenant(1)).await.unwrap().seal(&PLACE, b"name");
    b.keys(tenant(1)).await.unwrap();
    a.rotate(tenant(1), Purpose::Personal).await.unwrap();
    // Server b does not know the new key yet, and need not.
    let between = a.keys(tenant(1)).await.unwrap().seal(&PLACE, b"name");
    b.keys(tenant(1)).await.unwrap().open(&PLACE, &between).unwrap();

    ground.world.advance(Vault::ROTATION_DELAY);
    let keys = a.keys(tenant(1)).await.unwrap();
    let new = keys.seal(&PLACE, b"name");
    assert!(keys.is_current(&new) && !keys.is_current(&old) && !keys.is_current(&between));
    let keys = b.keys(tenant(1)).await.unwrap();
    for sealed in [&old, &between, &new] {
        assert_eq!(&*keys.open(&PLACE, sealed).unwrap(), b"name");
    }
    let anew = keys.reseal(&PLACE, &old).unwrap().unwrap();
    assert!(keys.is_current(&anew) && keys.reseal(&PLACE, &anew).unwrap().is_none());
    assert_eq!(&*keys.open(&PLACE, &anew).unwrap(), b"name");
    assert!(keys.reseal(&Place { column: "mail", ..PLACE }, &old).is_err());
    assert!(a.rotate(tenant(1), Purpose::BlindIndex).await.is_err());
}

#[tokio::test]
async fn erased_is_erased_for_keys_already_in_hand_too() {
    let ground = Ground::new();
    let vault = ground.vault();
    let keys = vault.keys(tenant(1)).await.unwrap();
    let sealed = keys.seal(&PLACE, b"name");
    let other = vault.keys(tenant(2)).await.unwrap();
    vault.erase(tenant(1)).await.unwrap();
    assert!(matches!(keys.open(&PLACE, &sealed), Err(CryptoError::Erased)));
    assert!(matches!(vault.keys(tenant(1)).await, Err(CryptoError::Erased)));
    assert!(matches!(ground.vault().keys(tenant(1)).await, Err(CryptoError::Erased)));
    assert!(matches!(vault.rotate(tenant(1), Purpose::Secrets).await, Err(CryptoError::Erased)));
    other.open(&PLACE, &other.seal(&PLACE, b"still here")).unwrap();
}

#[tokio::test]
async fn a_short_outage_of_the_store_is_not_felt() {
    let ground = Ground::new();
    let vault = ground.vault();
    vault.keys(tenant(1)).await.unwrap();
    ground.shelf.gone.store(true, Ordering::SeqCst);
    ground.world.advance(Duration::from_secs(600));
    vault.keys(tenant(1)).await.unwrap();
    assert!(matches!(vault.keys(tenant(2)).await, Err(CryptoError::Kept(_))));
    ground.world.advance(Duration::from_secs(3600));
    assert!(matches!(vault.keys(tenant(1)).await, Err(CryptoError::Kept(_))));
}

#[tokio::test]
async fn a_new_installation_key_is_put_above_the_old_one() {
    let ground = Ground::new();
    let sealed = ground.vault().keys(tenant(1)).await.unwrap().seal(&PLACE, b"name");
    let path = ground.dir.path().join("key");
    let old = std::fs::read_to_string(&path).unwrap();
    let fresh = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    std::fs::write(&path, old.replacen('\n', &format!("\n{fresh}\n"), 1)).unwrap();
    let vault = ground.vault();
    vault.rewrap(tenant(1)).await.unwrap();
    // Now the old key can go.
    std::fs::write(&path, format!("sekisho key file 1\n{fresh}\n")).unwrap();
    assert_eq!(&*ground.vault().keys(tenant(1)).await.unwrap().open(&PLACE, &sealed).unwrap(), b"name");
    // And with the old one alone nothing opens, and the error says why.
    std::fs::write(&path, old).unwrap();
    let error = ground.vault().keys(tenant(1)).await.unwrap_err();
    assert!(error.to_string().contains("not in this file"), "{error}");
}

#[tokio::test]
async fn a_key_put_in_another_tenants_row_does_not_unwrap() {
    let ground = Ground::new();
    let vault = ground.vault();
    for number in [1, 2] {
        vault.keys(tenant(number)).await.unwrap();
    }
    {
        let mut rows = ground.shelf.rows.lock().unwrap();
        let stolen: Vec<_> = rows.values().filter(|key| key.tenant == tenant(1)).cloned().collect();
        for key in stolen {
            rows.get_mut(&(tenant(2), key.id.uuid())).unwrap().wrapped = key.wrapped;
        }
    }
    assert!(matches!(ground.vault().keys(tenant(2)).await, Err(CryptoError::Forged)));
}
