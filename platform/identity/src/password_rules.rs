//! Which passwords are accepted: 8 to 128 characters of any kind, but not one of those everybody tries first.
//!
//! The list holds stems, not whole passwords: `Password123!`, `p@ssw0rd` and `passwordpassword` all come down to
//! `password`, so that a few hundred words stand for the many thousand spellings of a leaked list.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Fewest characters.
pub const SHORTEST: usize = 8;
/// Most characters; hashing longer ones would be a way to keep the server busy.
pub const LONGEST: usize = 128;

/// Why a password was not accepted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Weak {
    /// Fewer than [`SHORTEST`] characters.
    Short,
    /// More than [`LONGEST`] characters.
    Long,
    /// Among the first that anybody would try.
    Common,
    /// Little more than the person's own name or mail address.
    Own,
}

impl Weak {
    /// The Fluent id of the sentence beside the field.
    pub fn text(self) -> &'static str {
        match self {
            Self::Short => "identity-password-short",
            Self::Long => "identity-password-long",
            Self::Common => "identity-password-common",
            Self::Own => "identity-password-own",
        }
    }
}

/// Figures and signs around a stem that add nothing: a year, `123!`.
const MOST_OTHERS: usize = 5;

static STEMS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common_passwords.txt").split_whitespace().collect());

/// Judges `password` for a person known by `own` words (names, mail address).
pub fn judge(password: &str, own: &[&str]) -> Result<(), Weak> {
    let length = password.chars().count();
    if length < SHORTEST {
        return Err(Weak::Short);
    }
    if length > LONGEST {
        return Err(Weak::Long);
    }
    let lower = password.to_lowercase();
    if common(&lower) {
        return Err(Weak::Common);
    }
    let rest = own
        .iter()
        .flat_map(|word| word.split(['@', '.', ' ', '　', '-', '_']))
        .filter(|word| word.chars().count() >= 3)
        .fold(lower, |rest, word| rest.replace(&word.to_lowercase(), ""));
    let left = rest.chars().filter(|c| c.is_alphabetic()).count();
    if rest.chars().count() < length && left < 3 { Err(Weak::Own) } else { Ok(()) }
}

/// Whether the lower-case password comes down to a stem, a date, a run or a repetition.
fn common(lower: &str) -> bool {
    let chars: Vec<char> = lower.chars().collect();
    // `p@$$w0rd!`: what stands behind the word is no letter in disguise.
    let inner = lower.trim_matches(|c: char| !c.is_alphabetic());
    let ends = chars.len() - inner.chars().count();
    repeats(&chars)
        || run(&chars)
        || date(lower)
        || [lower.to_owned(), unleet(lower)].iter().any(|text| stems(text))
        || (ends <= MOST_OTHERS && stems(&unleet(inner)))
}

/// Whether all letters of `text`, without what stands around and between them, are stems.
fn stems(text: &str) -> bool {
    let words: Vec<&str> = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).collect();
    let joined = words.concat();
    let others = text.chars().filter(|c| !c.is_alphabetic()).count();
    // A long tail of figures is worth something, a year or "123!" is not.
    !joined.is_empty()
        && others <= 5
        && (made_of_stems(&joined) || words.iter().all(|word| made_of_stems(word)))
}

/// One stem, or the same stem twice or more.
fn made_of_stems(word: &str) -> bool {
    STEMS.contains(word)
        || (2..=4).any(|times| {
            word.len().is_multiple_of(times)
                && word
                    .get(..word.len() / times)
                    .is_some_and(|part| STEMS.contains(part) && part.repeat(times) == word)
        })
}

fn unleet(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '0' => 'o',
            '1' | '!' | '|' => 'i',
            '3' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            '7' | '+' => 't',
            other => other,
        })
        .collect()
}

/// A short pattern over and over: `aaaaaaaa`, `12121212`, `abcabcabc`.
fn repeats(chars: &[char]) -> bool {
    (1..=3).any(|period| chars.iter().zip(chars.iter().skip(period)).all(|(a, b)| a == b))
}

/// Each next to the one before, up, down or along the row of figures: `12345678`, `87654321`, `abcdefgh`, `1234567890`.
fn run(chars: &[char]) -> bool {
    let step = |a: &char, b: &char| match (a, b) {
        ('9', '0') => 1,
        ('0', '9') => -1,
        _ => i64::from(u32::from(*b)) - i64::from(u32::from(*a)),
    };
    [1, -1].iter().any(|want| chars.iter().zip(chars.iter().skip(1)).all(|(a, b)| step(a, b) == *want))
}

/// Eight figures that are a day: `19800401`, `01041980`.
fn date(text: &str) -> bool {
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let number =
        |from: usize, to: usize| text.get(from..to).and_then(|part| part.parse::<u32>().ok()).unwrap_or(0);
    let day =
        |y: u32, m: u32, d: u32| (1900..2100).contains(&y) && (1..=12).contains(&m) && (1..=31).contains(&d);
    day(number(0, 4), number(4, 6), number(6, 8))
        || day(number(4, 8), number(2, 4), number(0, 2))
        || day(number(4, 8), number(0, 2), number(2, 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_everybody_tries_first() {
        for weak in [
            "password",
            "Password123!",
            "p@ssw0rd",
            "P@$$w0rd!",
            "passwordpassword",
            "qwertyuiop",
            "12345678",
            "1234567890",
            "87654321",
            "abcdefgh",
            "aaaaaaaa",
            "12121212",
            "abcabcabc",
            "19800401",
            "01041980",
            "Welcome2026",
            "iloveyou!!",
            "letmein123",
            "Summer2026!",
            "admin-admin",
            "!!!!!!!!",
            "tokyo2020",
            "sekisho2026",
            "あああああああああ",
        ] {
            assert_eq!(judge(weak, &[]), Err(Weak::Common), "{weak}");
        }
    }

    #[test]
    fn accepts_any_kind_of_characters() {
        for good in [
            "tsukimi-no-yoru",
            "8 cats on a roof",
            "月見の夜に団子を",
            "correct horse battery",
            "73915082",
            "zK4!pq9v",
            "        x",
            "🔑🚪🏯🗝️🌕🌖🌗🌘",
        ] {
            assert_eq!(judge(good, &["sato@example.jp", "佐藤 花子"]), Ok(()), "{good}");
        }
    }

    #[test]
    fn measures_characters_not_bytes() {
        assert_eq!(judge("月見団子", &[]), Err(Weak::Short));
        let longest: String = ('あ'..).step_by(2).take(LONGEST).collect();
        assert_eq!(judge(&longest, &[]), Ok(()));
        assert_eq!(judge(&"x".repeat(129), &[]), Err(Weak::Long));
    }

    #[test]
    fn refuses_the_persons_own_name() {
        assert_eq!(judge("kuroda.mika1", &["mika.kuroda@example.jp", "黒田 美香"]), Err(Weak::Own));
        assert_eq!(judge("kuroda likes rain", &["mika.kuroda@example.jp"]), Ok(()));
    }
}
