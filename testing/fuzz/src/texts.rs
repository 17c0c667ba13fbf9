//! Texts that people or other programs hand in: cursors, rules, exports of the record.

use std::sync::LazyLock;

use sekisho_policy::{LONGEST_RULES, MOST_RULES, Rules};
use sekisho_web::{Cursor, escape_query};
use uuid::Uuid;

/// Cursors of lists: what is read says the same when it is written again.
pub(crate) fn lists(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    money(text);
    let escaped = escape_query(text);
    assert!(escaped.is_ascii(), "an address is ASCII");
    type Place = (String, Option<i64>, Uuid);
    if let Ok(place) = Cursor::decode::<Place>(text) {
        assert_eq!(Cursor::decode::<Place>(&Cursor::encode(&place)).ok(), Some(place));
    }
    // The same without the writing over it, so that the inside is reached.
    if let Ok(place) = serde_json::from_str::<Place>(text) {
        assert_eq!(Cursor::decode::<Place>(&Cursor::encode(&place)).ok(), Some(place));
    }
}

/// Amounts as people type them, and the signature line of a payment provider: the rest of the text is what it signs.
pub(crate) fn money(text: &str) {
    use sekisho_keys::payment::{NotBelieved, believe};
    use sekisho_keys::tables::words::Currency;
    for currency in Currency::ALL {
        if let Some(amount) = currency.read(text) {
            assert_eq!(currency.read(&currency.shown(amount)), Some(amount), "{text}");
        }
    }
    let (header, body) = text.split_once('\n').unwrap_or((text, ""));
    let now = sekisho_kernel::Timestamp::from_secs(1_700_000_000);
    assert!(believe("a secret nobody here knows", header, body.as_bytes(), now) != Ok(()), "forged: {text}");
    let _: Option<NotBelieved> = believe("", header, body.as_bytes(), now).err();
}

/// A tenant's rules: taken within the limits, or every fault has a place in the text.
pub(crate) fn rules(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match Rules::parse(text) {
        Ok(rules) => assert!(rules.count() <= MOST_RULES && text.len() <= LONGEST_RULES),
        Err(faults) => {
            assert!(!faults.is_empty(), "a refusal says what is wrong");
            let lines = text.split('\n').count();
            assert!(faults.iter().all(|fault| (1..=lines).contains(&fault.line)), "{faults:?}");
        }
    }
}

/// A public key of the right shape; what it verifies does not matter here.
static KEY: LazyLock<String> = LazyLock::new(|| include_str!("../seeds/key.txt").trim().to_owned());

/// An export of the record: verified or refused, whatever it says of itself. The first line may be a key.
pub(crate) fn record(bytes: &[u8]) {
    let _ = sekisho_audit::verify_file(bytes, &KEY);
    if let Ok(text) = std::str::from_utf8(bytes) {
        let (key, export) = text.split_once('\n').unwrap_or((text, ""));
        if let Ok(report) = sekisho_audit::verify_file(export.as_bytes(), key) {
            assert!(!report.holds() || export.contains("sekisho"), "nothing is proved by nothing");
        }
    }
}
