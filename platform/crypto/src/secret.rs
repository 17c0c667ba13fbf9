//! A text that must not leak.

use zeroize::{Zeroize, ZeroizeOnDrop};

/// A secret text: wiped when dropped, shown as `…`, and of no use to a serialiser.
///
/// ```compile_fail
/// serde_json::to_string(&sekisho_crypto::Secret::from("hidden".to_owned()));
/// ```
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret(String);

impl Secret {
    /// Takes the text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, at the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn does_not_show_itself() {
        assert_eq!(format!("{:?}", super::Secret::new("hidden")), "…");
    }
}
