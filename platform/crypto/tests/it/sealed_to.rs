//! Sealing to a public key: only the owner of the other half opens, only what is whole, only where it belongs (K15).

use proptest::prelude::*;
use sekisho_crypto::{CryptoError, SEAL_ADDS, SealingPair, open_sealed_to, seal_to};

const PURPOSE: &str = "test";

#[test]
fn the_owner_opens_what_anybody_sealed() {
    let pair = SealingPair::generate().unwrap();
    let picture = vec![0x5a; 60_000];
    let sealed = seal_to(&pair.public, PURPOSE, b"device 1, event 7", &picture).unwrap();
    assert_eq!(sealed.len(), picture.len() + SEAL_ADDS);
    assert_eq!(*open_sealed_to(&pair.secret, PURPOSE, b"device 1, event 7", &sealed).unwrap(), picture);
    // Twice the same is never the same twice.
    assert_ne!(seal_to(&pair.public, PURPOSE, b"device 1, event 7", &picture).unwrap(), sealed);
}

#[test]
fn nothing_else_opens_it() {
    let pair = SealingPair::generate().unwrap();
    let other = SealingPair::generate().unwrap();
    let sealed = seal_to(&pair.public, PURPOSE, b"here", b"a face").unwrap();
    let refused = |secret: &[u8], purpose, bound: &[u8]| {
        matches!(open_sealed_to(secret, purpose, bound, &sealed), Err(CryptoError::Forged))
    };
    assert!(refused(&other.secret, PURPOSE, b"here"), "another key");
    assert!(refused(&pair.secret, PURPOSE, b"elsewhere"), "other associated data");
    assert!(refused(&pair.secret, "another purpose", b"here"), "another purpose");
    // Whoever sealed holds the public half only.
    assert!(open_sealed_to(&pair.public, PURPOSE, b"here", &sealed).is_err());
    assert!(!sealed.windows(6).any(|part| part == b"a face"));
}

#[test]
fn keys_and_values_of_the_wrong_form_are_refused() {
    let pair = SealingPair::generate().unwrap();
    for public in [&[][..], &[4; 65], &[0; 65], &pair.public[..64], &[&pair.public[..], &[0]].concat()] {
        assert!(
            matches!(seal_to(public, PURPOSE, b"", b"x"), Err(CryptoError::Malformed(_))),
            "{public:02x?}"
        );
    }
    let sealed = seal_to(&pair.public, PURPOSE, b"", b"x").unwrap();
    for cut in [0, 1, 2, 66] {
        let cut = &sealed[..cut];
        assert!(matches!(open_sealed_to(&pair.secret, PURPOSE, b"", cut), Err(CryptoError::Malformed(_))));
    }
    assert!(open_sealed_to(&[], PURPOSE, b"", &sealed).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn one_flipped_bit_is_noticed(at in 0_usize..1_000_000, bit in 0_u8..8) {
        let pair = SealingPair::generate().unwrap();
        let mut sealed = seal_to(&pair.public, PURPOSE, b"here", b"a face at the box").unwrap();
        let at = at % sealed.len();
        sealed[at] ^= 1 << bit;
        prop_assert!(open_sealed_to(&pair.secret, PURPOSE, b"here", &sealed).is_err());
    }
}
