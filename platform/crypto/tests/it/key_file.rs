//! The key file is private, or it is refused, and the refusal says what to do.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use sekisho_crypto::{CryptoError, KeyProvider as _, LocalKeyFile, system_world};

#[tokio::test]
async fn is_made_private_and_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("made/on/the/way/key");
    let first = LocalKeyFile::open_or_create(&path, &*system_world()).unwrap();
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o7777, 0o600);
    assert_eq!(path.parent().unwrap().read_dir().unwrap().count(), 1, "nothing is left beside it");
    let again = LocalKeyFile::open_or_create(&path, &*system_world()).unwrap();
    let wrapped = first.wrap(&[7; 32], "here").await.unwrap();
    assert_eq!(&*again.unwrap(&wrapped, "here").await.unwrap(), &[7; 32]);
    assert!(matches!(again.unwrap(&wrapped, "there").await, Err(CryptoError::Forged)));
    for cut in 0..wrapped.len() {
        assert!(again.unwrap(&wrapped[..cut], "here").await.is_err());
    }
    assert!(!format!("{first:?}").contains("sekisho key"));
}

#[test]
fn is_refused_when_others_may_read_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    LocalKeyFile::open_or_create(&path, &*system_world()).unwrap();
    for mode in [0o640, 0o604, 0o620, 0o601] {
        std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        let error = LocalKeyFile::open_or_create(&path, &*system_world()).unwrap_err().to_string();
        assert!(error.contains("chmod 600"), "{error}");
    }
    std::fs::set_permissions(&path, Permissions::from_mode(0o400)).unwrap();
    LocalKeyFile::open_or_create(&path, &*system_world()).unwrap();
}

#[test]
fn is_refused_when_it_is_something_else_and_never_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    for (content, hint) in [
        ("", "first line"),
        ("-----BEGIN PRIVATE KEY-----\n", "first line"),
        ("sekisho key file 1\n\n", "holds no key"),
        ("sekisho key file 1\nAAAA\n", "line 2"),
        ("sekisho key file 1\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n???\n", "line 3"),
    ] {
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        let error = LocalKeyFile::open_or_create(&path, &*system_world()).unwrap_err().to_string();
        assert!(error.contains(hint), "{content:?}: {error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
    }
}
