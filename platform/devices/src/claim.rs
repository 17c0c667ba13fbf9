//! Claim codes: eight characters that a person reads on a page and types at a device, once, within half an hour.

use std::fmt;
use std::time::Duration;

use data_encoding::BASE32_NOPAD;

/// How long a claim code is good.
pub(crate) const CLAIM_LIFE: Duration = Duration::from_secs(30 * 60);

/// A claim code. It is shown once and stored only as a keyed hash.
#[derive(Clone, PartialEq, Eq)]
pub struct ClaimCode(String);

impl ClaimCode {
    /// From five bytes of chance: 40 bits, far more than a rate-limited guesser can try in half an hour.
    pub(crate) fn from_chance(bytes: [u8; 5]) -> Self {
        Self(BASE32_NOPAD.encode(&bytes))
    }

    /// From what was typed: case, spaces and hyphens do not matter, and the digits that base32 leaves out stand for the
    /// letters they look like.
    pub fn parse(typed: &str) -> Option<Self> {
        let code: String = typed
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '‐' | '－'))
            .map(|c| match c.to_ascii_uppercase() {
                '0' => 'O',
                '1' => 'I',
                '8' => 'B',
                other => other,
            })
            .collect();
        (code.len() == 8 && BASE32_NOPAD.decode(code.as_bytes()).is_ok()).then_some(Self(code))
    }

    /// The characters, for hashing.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

/// For people: `ABCD-EFGH`.
impl fmt::Display for ClaimCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (head, tail) = self.0.split_at_checked(4).unwrap_or((&self.0, ""));
        write!(f, "{head}-{tail}")
    }
}

impl fmt::Debug for ClaimCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClaimCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::ClaimCode;

    #[test]
    fn is_read_as_people_type_it() {
        let code = ClaimCode::from_chance([0x12, 0x34, 0x56, 0x78, 0x9a]);
        let shown = code.to_string();
        assert_eq!(shown.len(), 9);
        for typed in [shown.clone(), shown.to_lowercase(), format!(" {} ", shown.replace('-', " - "))] {
            assert_eq!(ClaimCode::parse(&typed).as_ref(), Some(&code), "{typed}");
        }
        let confusing = ClaimCode::parse("OIBO-IBOI").unwrap();
        assert_eq!(ClaimCode::parse("018O-1b0i"), Some(confusing));
        for wrong in ["", "ABCD", "ABCD-EFGH-I", "ABCD-EFG9", "あいうえ"] {
            assert_eq!(ClaimCode::parse(wrong), None, "{wrong}");
        }
        assert!(!format!("{code:?}").contains(&shown));
    }
}
