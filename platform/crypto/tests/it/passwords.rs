//! Passwords are checked with Argon2id, not too long, not too many at once.

use sekisho_crypto::{CryptoError, Secret, password};

#[tokio::test(flavor = "multi_thread")]
async fn are_hashed_and_checked() {
    let right = Secret::new("正しい馬の電池ホチキス");
    let phc = password::hash(&right).await.unwrap();
    assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
    assert_ne!(phc, password::hash(&right).await.unwrap(), "each has its own salt");
    assert!(password::verify(&right, &phc).await.unwrap());
    assert!(!password::verify(&Secret::new("wrong"), &phc).await.unwrap());
    assert!(!password::is_dated(&phc));
    assert!(password::is_dated("$argon2id$v=19$m=4096,t=1,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA"));
    // Nobody has this address: the same work, and never yes, not even for the decoy's own password.
    for guess in ["wrong", "the password of nobody"] {
        assert!(!password::verify_or_decoy(&Secret::new(guess), None).await.unwrap());
    }
    assert!(matches!(password::verify(&right, "rubbish").await, Err(CryptoError::Malformed(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn longer_than_anybody_types_is_not_hashed() {
    let longest = Secret::new("あ".repeat(password::LONGEST));
    let phc = password::hash(&longest).await.unwrap();
    assert!(password::verify(&longest, &phc).await.unwrap());
    let longer = Secret::new("あ".repeat(password::LONGEST + 1));
    assert!(matches!(password::hash(&longer).await, Err(CryptoError::PasswordTooLong)));
    assert!(!password::verify(&longer, &phc).await.unwrap());
    let empty = password::hash(&Secret::new("")).await.unwrap();
    assert!(!password::verify(&longer, &empty).await.unwrap());
}
