//! Whether two organisations may be one. It decides nothing, and is shown beside a match.

use sekisho_crypto::fold;

use super::names::{folded, parts};

/// How an organisation is constituted, as it stands within its name without a blank.
const WITHIN: [&str; 12] = [
    "株式会社",
    "有限会社",
    "合同会社",
    "合資会社",
    "合名会社",
    "一般社団法人",
    "一般財団法人",
    "公益社団法人",
    "公益財団法人",
    "(株)",
    "(有)",
    "(同)",
];
/// The same as words of their own.
const WORDS: [&str; 12] =
    ["co", "ltd", "inc", "llc", "corp", "corporation", "company", "limited", "gmbh", "ag", "kk", "plc"];

/// How two organisations stand to each other. It is shown, and decides nothing: people change their employer, and leave it out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Organisation {
    /// One of them is not known.
    Unknown,
    /// They may be one.
    Same,
    /// They are two.
    Differs,
}

impl Organisation {
    /// Of those two.
    pub(crate) fn of(one: &str, other: &str) -> Self {
        let (one, other) = (organisation(one), organisation(other));
        if one.is_empty() || other.is_empty() {
            Self::Unknown
        } else if one.contains(&other) || other.contains(&one) {
            Self::Same
        } else {
            Self::Differs
        }
    }
}

/// The name of an organisation without what says how it is constituted.
fn organisation(text: &str) -> String {
    let text = WITHIN.iter().fold(fold(text), |text, form| text.replace(form, " "));
    let parts = parts(&text).into_iter().filter(|part| !WORDS.contains(&&**part));
    parts.flat_map(|part| part.chars().map(folded).collect::<Vec<_>>()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn organisations_are_compared_without_their_form() {
        for (one, other, want) in [
            ("みどり工業株式会社", "(株)みどり工業", Organisation::Same),
            ("㈱みどり工業", "ミドリ工業 大阪支店", Organisation::Same),
            ("Wayne Co., Ltd.", "wayne", Organisation::Same),
            ("みどり工業", "あさひ商会", Organisation::Differs),
            ("みどり工業", "", Organisation::Unknown),
            ("株式会社", "みどり工業", Organisation::Unknown),
        ] {
            assert_eq!(Organisation::of(one, other), want, "{one} and {other}");
        }
    }

    proptest! {
        #[test]
        fn any_two_are_compared(one in any::<String>(), other in any::<String>()) {
            prop_assert_eq!(Organisation::of(&one, &other), Organisation::of(&other, &one));
        }
    }
}
