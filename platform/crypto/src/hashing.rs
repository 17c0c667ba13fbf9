//! Hashes, message authentication codes, comparison without a trace in time, and the texts made from them.

use aws_lc_rs::{constant_time, digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use unicode_normalization::UnicodeNormalization as _;

/// SHA-256 of `bytes`.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    first_32(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// SHA-256 of bytes that come one after another.
pub struct Sha256(digest::Context);

impl Sha256 {
    /// Of nothing yet.
    #[must_use]
    pub fn begin() -> Self {
        Self(digest::Context::new(&digest::SHA256))
    }

    /// And of these.
    pub fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash of all of them.
    #[must_use]
    pub fn end(self) -> [u8; 32] {
        first_32(self.0.finish().as_ref())
    }
}

impl std::fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sha256")
    }
}

/// HMAC-SHA-256 of `bytes` under `key`.
pub fn hmac_sha256(key: &[u8], bytes: &[u8]) -> [u8; 32] {
    first_32(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), bytes).as_ref())
}

/// Whether both are the same, in a time that does not tell where they differ.
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(a, b).is_ok()
}

/// A token as it is handed out: base64url without padding, 43 characters.
pub fn token_text(token: &[u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(token)
}

/// The form of a text under which it is looked up: NFKC (full-width letters become plain ones), lower case, no blanks
/// around it. `Ｔａｒｏ@Example.JP ` and `taro@example.jp` are the same address.
pub fn fold(text: &str) -> String {
    text.trim().nfkc().collect::<String>().to_lowercase().nfkc().collect::<String>().trim().to_owned()
}

/// The form of a text under which it is searched: as [`fold`], in katakana whichever kana it was written in, and without
/// blanks, for a name is written with one and typed without. `さとう みさき` and `ｻﾄｳﾐｻｷ` are the same words.
pub fn search_form(text: &str) -> String {
    fold(text).chars().filter(|letter| !letter.is_whitespace()).map(katakana).collect()
}

fn katakana(letter: char) -> char {
    match letter {
        '\u{3041}'..='\u{3096}' | '\u{309d}'..='\u{309e}' => {
            char::from_u32(u32::from(letter) + 0x60).unwrap_or(letter)
        }
        _ => letter,
    }
}

pub(crate) fn first_32(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    for (to, from) in out.iter_mut().zip(bytes) {
        *to = *from;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{equal, fold, hmac_sha256, sha256, token_text};

    #[test]
    fn one_form_for_both_kana_and_every_width() {
        for same in ["サトウ ミサキ", "さとう　みさき", "ｻﾄｳﾐｻｷ", " さトうミさキ "]
        {
            assert_eq!(super::search_form(same), "サトウミサキ");
        }
        assert_eq!(super::search_form("Ｖａｎ ３ ガレージ"), "van3ガレージ");
        assert_eq!(super::search_form("ぴっぽゝ"), "ピッポヽ");
    }

    #[test]
    fn matches_the_published_vectors() {
        // FIPS 180-2 "abc"; RFC 4231 case 2
        assert_eq!(
            hex::encode(sha256(b"abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(
            hex::encode(hmac_sha256(b"Jefe", b"what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(token_text(&[255; 32]).len(), 43);
    }

    #[test]
    fn in_pieces_as_in_one() {
        let mut hash = super::Sha256::begin();
        hash.add(b"a");
        hash.add(b"bc");
        assert_eq!(hash.end(), sha256(b"abc"));
    }

    #[test]
    fn compares() {
        assert!(equal(b"same", b"same"));
        assert!(!equal(b"same", b"sane"));
        assert!(!equal(b"same", b"sam"));
    }

    #[test]
    fn folds_what_people_type_to_one_form() {
        for typed in ["taro@example.jp", "Ｔａｒｏ＠Ｅｘａｍｐｌｅ．ＪＰ", " TARO@EXAMPLE.JP\u{3000}"]
        {
            assert_eq!(fold(typed), "taro@example.jp", "{typed}");
        }
        assert_eq!(fold("ﾔﾏﾀﾞ"), "ヤマダ");
        for odd in ["İ", "ẞ", "ﬁ", "Å"] {
            assert_eq!(fold(&fold(odd)), fold(odd), "{odd}");
        }
    }
}
