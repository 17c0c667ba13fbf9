//! The languages people read.

use serde::{Deserialize, Serialize};

/// A language of the pages, mails and panels. Every text exists in the two of staff; what outsiders see may exist in all
/// four.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// 日本語
    #[default]
    Ja,
    /// English
    En,
    /// 简体中文
    Zh,
    /// 한국어
    Ko,
}

impl Language {
    /// Both languages of those who work here, Japanese first. Accounts, settings and every text have these.
    pub const ALL: [Self; 2] = [Self::Ja, Self::En];
    /// The languages of those who come from outside, Japanese first.
    pub const GUEST: [Self; 4] = [Self::Ja, Self::En, Self::Zh, Self::Ko];

    /// The BCP 47 tag, as in `<html lang>`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::En => "en",
            Self::Zh => "zh",
            Self::Ko => "ko",
        }
    }

    /// What its readers call it.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::Ja => "日本語",
            Self::En => "English",
            Self::Zh => "简体中文",
            Self::Ko => "한국어",
        }
    }

    /// From a stored or typed tag of somebody who works here; `None` when it is neither of [`Language::ALL`].
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::among(&Self::ALL, tag)
    }

    /// From a stored or typed tag of an outsider; `None` when it is none of [`Language::GUEST`].
    pub fn guest_from_tag(tag: &str) -> Option<Self> {
        Self::among(&Self::GUEST, tag)
    }

    fn among(ours: &[Self], tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        ours.iter().copied().find(|language| primary.eq_ignore_ascii_case(language.tag()))
    }

    /// The best of [`Language::ALL`] for an `Accept-Language` header (RFC 9110, 12.5.4); Japanese when it names neither.
    pub fn from_accept_language(header: &str) -> Self {
        Self::best(&Self::ALL, header).unwrap_or_default()
    }

    /// The best of [`Language::GUEST`] for an `Accept-Language` header. An outsider whose languages we do not speak gets
    /// English; one who names none gets Japanese.
    pub fn guest_from_accept_language(header: &str) -> Self {
        let otherwise = if header.trim().is_empty() { Self::Ja } else { Self::En };
        Self::best(&Self::GUEST, header).unwrap_or(otherwise)
    }

    fn best(ours: &[Self], header: &str) -> Option<Self> {
        header
            .split(',')
            .filter_map(|range| {
                let mut parts = range.split(';');
                let language = Self::among(ours, parts.next()?.trim())?;
                let weight = parts
                    .find_map(|part| part.trim().strip_prefix("q="))
                    .map_or(Some(1.0_f32), |q| q.parse().ok())?;
                (weight > 0.0).then_some((language, weight))
            })
            .fold(None, |best: Option<(Self, f32)>, next| match best {
                Some(best) if best.1 >= next.1 => Some(best),
                _ => Some(next),
            })
            .map(|best| best.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Language::{self, En, Ja, Ko, Zh};

    #[test]
    fn picks_the_wanted_language() {
        for (header, want) in [
            ("ja,en;q=0.8", Ja),
            ("en-US,en;q=0.9,ja;q=0.7", En),
            ("fr;q=1, en;q=0.1", En),
            ("en;q=0, ja;q=0.1", Ja),
            ("zh-CN,zh;q=0.9,en;q=0.8", En),
            ("ko", Ja),
            ("", Ja),
            ("en;q=abc", Ja),
        ] {
            assert_eq!(Language::from_accept_language(header), want, "{header}");
        }
    }

    #[test]
    fn outsiders_have_four() {
        for (header, want) in [
            ("zh-CN,zh;q=0.9,en;q=0.8", Zh),
            ("ko-KR,ko;q=0.9,en-US;q=0.8", Ko),
            ("ja,zh;q=0.9", Ja),
            ("fr-FR,fr;q=0.9", En),
            ("fr, ko;q=0.1", Ko),
            ("", Ja),
            ("  ", Ja),
        ] {
            assert_eq!(Language::guest_from_accept_language(header), want, "{header}");
        }
        for language in Language::GUEST {
            assert_eq!(Language::guest_from_tag(language.tag()), Some(language));
            assert_eq!(serde_json::to_value(language).unwrap(), language.tag());
            assert_eq!(Language::from_tag(language.tag()).is_some(), Language::ALL.contains(&language));
        }
        assert_eq!(Language::guest_from_tag("zh-Hans-CN"), Some(Zh));
        assert_eq!(Language::guest_from_tag("fr"), None);
    }
}
