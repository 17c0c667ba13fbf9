//! A sealed value opens where it was sealed, whole, for its tenant, and nowhere else.

use std::sync::{Arc, OnceLock};

use proptest::prelude::*;
use sekisho_crypto::{CryptoError, Place, TenantKeys};
use uuid::Uuid;

use crate::{Ground, tenant};

fn two_tenants() -> &'static [Arc<TenantKeys>; 2] {
    static KEYS: OnceLock<[Arc<TenantKeys>; 2]> = OnceLock::new();
    KEYS.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let vault = Ground::new().vault();
        runtime
            .block_on(async { [vault.keys(tenant(1)).await.unwrap(), vault.keys(tenant(2)).await.unwrap()] })
    })
}

fn place(row: u128) -> Place<'static> {
    Place { table: "people", column: "mail", row: Uuid::from_u128(row) }
}

proptest! {
    #[test]
    fn any_flipped_bit_fails(plain in proptest::collection::vec(any::<u8>(), 0..80), at in any::<proptest::sample::Index>()) {
        let [keys, _] = two_tenants();
        let mut sealed = keys.seal(&place(1), &plain);
        prop_assert_eq!(&*keys.open(&place(1), &sealed).unwrap(), &plain);
        let bit = at.index(sealed.len() * 8);
        sealed[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(keys.open(&place(1), &sealed).is_err());
    }

    #[test]
    fn any_cut_or_rubbish_fails(plain in proptest::collection::vec(any::<u8>(), 0..40), at in any::<proptest::sample::Index>(), rubbish in proptest::collection::vec(any::<u8>(), 0..80)) {
        let [keys, _] = two_tenants();
        let sealed = keys.seal_secret(&place(1), &plain);
        prop_assert!(keys.open(&place(1), &sealed[..at.index(sealed.len())]).is_err());
        prop_assert!(keys.open(&place(1), &rubbish).is_err());
    }

    #[test]
    fn a_moved_value_fails(table in "[a-z]{1,9}", column in "[a-z]{1,9}", row in any::<u128>()) {
        let [keys, others] = two_tenants();
        let here = Place { table: &table, column: &column, row: Uuid::from_u128(row) };
        let sealed = keys.seal(&here, b"taro@example.jp");
        let long = format!("{table}{column}");
        let (head, tail) = long.split_at(1);
        for there in [
            Place { row: Uuid::from_u128(row.wrapping_add(1)), ..here },
            Place { table: &column, column: &table, ..here },
            Place { table: &long, column: "", ..here },
            Place { table: head, column: tail, ..here },
        ] {
            if there != here {
                prop_assert!(matches!(keys.open(&there, &sealed), Err(CryptoError::Forged)));
            }
        }
        // The other tenant has a key of the same number, but not the same key, nor the same tenant.
        prop_assert!(matches!(others.open(&here, &sealed), Err(CryptoError::Forged)));
    }
}

#[test]
fn seals_differ_each_time_and_hide_the_text() {
    let [keys, _] = two_tenants();
    let (a, b) = (keys.seal(&place(1), b"same same same"), keys.seal(&place(1), b"same same same"));
    assert_ne!(a, b);
    assert_eq!(a.len(), 7 + 12 + 14 + 16);
    assert!(!a.windows(4).any(|window| window == b"same"));
    assert!(keys.is_current(&a) && !keys.is_current(b"rubbish"));
    assert_eq!(keys.open_text(&place(1), &keys.seal(&place(1), "山田".as_bytes())).unwrap(), "山田");
    assert!(keys.open_text(&place(1), &keys.seal(&place(1), &[0xff])).is_err());
}

#[test]
fn blind_indexes_find_the_same_text_of_the_same_tenant_only() {
    let [keys, others] = two_tenants();
    assert_eq!(keys.blind("mail", "taro@example.jp"), keys.blind("mail", "taro@example.jp"));
    assert_eq!(keys.blind("mail", "taro@example.jp").len(), 16);
    assert_ne!(keys.blind("mail", "taro@example.jp"), keys.blind("mail", "jiro@example.jp"));
    assert_ne!(keys.blind("mail", "taro@example.jp"), keys.blind("phone", "taro@example.jp"));
    assert_ne!(keys.blind("mail", "taro@example.jp"), others.blind("mail", "taro@example.jp"));
    // What and text do not run into each other, nor does a look-up give away a code.
    assert_ne!(keys.mac("a", b"bc"), keys.mac("ab", b"c"));
    assert_ne!(keys.mac("pin", b"1234")[..16], keys.blind("pin", "1234")[..]);
}
