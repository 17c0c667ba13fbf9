//! The languages people read.

use serde::{Deserialize, Serialize};

/// A language of the pages, mails and panels. Every text exists in both.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// 日本語
    #[default]
    Ja,
    /// English
    En,
}

impl Language {
    /// Both languages, Japanese first.
    pub const ALL: [Self; 2] = [Self::Ja, Self::En];

    /// The BCP 47 tag, as in `<html lang>`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::En => "en",
        }
    }

    /// From a stored or typed tag; `None` when it is neither of ours.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| primary.eq_ignore_ascii_case(language.tag()))
    }

    /// The best match for an `Accept-Language` header (RFC 9110, 12.5.4); Japanese when it names neither.
    pub fn from_accept_language(header: &str) -> Self {
        header
            .split(',')
            .filter_map(|range| {
                let mut parts = range.split(';');
                let language = Self::from_tag(parts.next()?.trim())?;
                let weight = parts
                    .find_map(|part| part.trim().strip_prefix("q="))
                    .map_or(Some(1.0_f32), |q| q.parse().ok())?;
                (weight > 0.0).then_some((language, weight))
            })
            .fold(None, |best: Option<(Self, f32)>, next| match best {
                Some(best) if best.1 >= next.1 => Some(best),
                _ => Some(next),
            })
            .map_or(Self::Ja, |best| best.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Language::{self, En, Ja};

    #[test]
    fn picks_the_wanted_language() {
        for (header, want) in [
            ("ja,en;q=0.8", Ja),
            ("en-US,en;q=0.9,ja;q=0.7", En),
            ("fr;q=1, en;q=0.1", En),
            ("en;q=0, ja;q=0.1", Ja),
            ("", Ja),
            ("en;q=abc", Ja),
        ] {
            assert_eq!(Language::from_accept_language(header), want, "{header}");
        }
    }
}
