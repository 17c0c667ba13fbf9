//! Whether two names may be one person's. Pure: no database, no list.
//!
//! A name is compared as it is written and, where that can be known, as it sounds. What does not matter is folded away before:
//! width and case, blanks and dots between the parts of a name and their order, honorifics, hiragana against katakana, small
//! kana, the long vowel mark, variants of a kanji ([`variants`](super::variants)), accents; in sounds also the way of spelling
//! (Hepburn or Kunrei) and the length of vowels. The reading of kanji is not guessed: 佐藤 meets サトウ only where somebody
//! gave the reading, on the list or of the guest. A western name and its katakana are two names (Schmidt, シュミット).

use sekisho_crypto::fold;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::variants::plain;
use crate::tables::words::Likeness;

/// From so many letters on one slip of the pen is forgiven: of 李明 or Ito every other name would be one.
const FORGIVING_FROM: usize = 4;
/// Names of more parts are compared in the order in which they are written only.
const MOST_PARTS: usize = 5;

/// A name as it is compared.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Name {
    /// As it is written, in each order of its parts, with honorifics and without.
    written: Vec<String>,
    /// As it sounds, likewise; empty where nobody knows.
    sounds: Vec<String>,
}

impl Name {
    /// Reads a name; none when there is nothing in it to compare.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let whole = parts(text);
        let bare = without_honorifics(whole.clone());
        // Both: the サン of ジョナサン is none, and stands at the end or not as the parts are turned.
        let mut names: Vec<String> = orders(&bare).chain(orders(&whole)).collect();
        names.sort_unstable();
        names.dedup();
        let written: Vec<String> = names.iter().map(|name| name.chars().map(folded).collect()).collect();
        let sounds = names.iter().filter_map(|name| sound(name)).collect();
        written.first().is_some_and(|name| !name.is_empty()).then_some(Self { written, sounds })
    }

    /// How alike the two are; none: they are two names.
    pub(crate) fn likeness(&self, other: &Self) -> Option<Likeness> {
        let any = |ours: &[String], theirs: &[String], alike: fn(&str, &str) -> bool| {
            ours.iter().any(|one| theirs.iter().any(|another| alike(one, another)))
        };
        let same = |one: &str, other: &str| one == other;
        if any(&self.written, &other.written, same) {
            Some(Likeness::Same)
        } else if any(&self.sounds, &other.sounds, same) {
            Some(Likeness::Sound)
        } else if any(&self.sounds, &other.sounds, nearly) || any(&self.written, &other.written, nearly) {
            // One kana may be two letters, and one letter another kana.
            Some(Likeness::Similar)
        } else {
            None
        }
    }
}

/// Whether one slip of the pen lies between the two: a letter too many, missing, another, or two in the wrong order.
fn nearly(one: &str, other: &str) -> bool {
    let (here, there) = (one.chars().count(), other.chars().count());
    here.min(there) >= FORGIVING_FROM && here.abs_diff(there) <= 1 && strsim::osa_distance(one, other) <= 1
}

/// The parts of a name: folded in width and case, without accents and apostrophes.
pub(super) fn parts(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut part = String::new();
    for letter in without_accents(&fold(text)).chars() {
        let last = part.chars().next_back();
        match letter {
            '\'' | '’' | '‘' | 'ʼ' | '`' | '´' | 'ー' => {}
            // Typed for the long vowel mark.
            '-' | '‐' | '‑' | '–' | '—' | '−' if last.is_some_and(is_kana) => {}
            // Invisible signs that choose the shape of the one before them part nothing.
            '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' | '\u{200b}'..='\u{200f}' | '\u{feff}' => {}
            // 佐々木 is 佐佐木.
            '々' | 'ゝ' | 'ヽ' if last.is_some() => part.extend(last),
            'ß' => part.push_str("ss"),
            'æ' => part.push_str("ae"),
            'œ' => part.push_str("oe"),
            'ø' => part.push('o'),
            'ł' => part.push('l'),
            'đ' | 'ð' => part.push('d'),
            letter if letter.is_alphanumeric() => part.push(letter),
            _ => parts.push(std::mem::take(&mut part)),
        }
    }
    parts.push(part);
    parts.retain(|part| !part.is_empty());
    parts
}

/// Letters without their accents; kana keep their dots, which make them other sounds.
fn without_accents(text: &str) -> String {
    let mut letters = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => {
                letters.extend(letter.nfd().filter(|part| !is_combining_mark(*part)));
            }
            '\u{300}'..='\u{36f}' => {}
            _ => letters.push(letter),
        }
    }
    letters
}

/// Without what is said before or behind a name and is none of it. Where too little would be left it is a name: Lee San, イ・サン.
fn without_honorifics(mut parts: Vec<String>) -> Vec<String> {
    const BEFORE: [&str; 12] =
        ["mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "sir", "madam", "herr", "frau"];
    const SPOKEN: [&str; 6] = ["san", "sama", "さん", "さま", "サン", "サマ"];
    const WRITTEN: [&str; 5] = ["先生", "様", "殿", "氏", "御中"];
    if parts.len() > 1 && parts.first().is_some_and(|first| BEFORE.contains(&&**first)) {
        parts.remove(0);
    }
    let Some(last) = parts.pop() else { return parts };
    let before: String = parts.concat();
    if WRITTEN.contains(&&*last) && !before.is_empty() || SPOKEN.contains(&&*last) && is_enough(&before) {
        return parts;
    }
    let left = WRITTEN.iter().chain(SPOKEN.iter().skip(2)).find_map(|honorific| last.strip_suffix(honorific));
    let left = left.filter(|left| is_enough(left) || left.chars().count() > 1 && is_enough(&before));
    parts.push(left.map_or_else(|| last.clone(), str::to_owned));
    parts
}

/// Whether this can be somebody's name without what stands behind it: one with a kanji, or of four letters.
fn is_enough(name: &str) -> bool {
    let speaks = |letter: char| is_kana(letter) || letter.is_ascii_alphabetic();
    name.chars().count() > 3 || name.chars().any(|letter| !speaks(letter))
}

/// The parts as one, beginning with each of them in turn: family and given name stand in either order.
fn orders(parts: &[String]) -> impl Iterator<Item = String> + '_ {
    let turns = if parts.len() > MOST_PARTS { 1 } else { parts.len() };
    (0..turns).map(|turn| parts.iter().cycle().skip(turn).take(parts.len()).map(String::as_str).collect())
}

fn is_kana(letter: char) -> bool {
    matches!(letter, '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}')
}

fn hiragana(letter: char) -> char {
    match letter {
        '\u{30a1}'..='\u{30f6}' => char::from_u32(u32::from(letter) - 0x60).unwrap_or(letter),
        _ => letter,
    }
}

/// A sign as it is compared in writing: in hiragana, none of them small, those that sound alike as one; of kanji the plain form.
pub(super) fn folded(letter: char) -> char {
    match alike(hiragana(letter)) {
        'ぁ' => 'あ',
        'ぃ' => 'い',
        'ぅ' => 'う',
        'ぇ' => 'え',
        'ぉ' => 'お',
        'っ' => 'つ',
        'ゃ' => 'や',
        'ゅ' => 'ゆ',
        'ょ' => 'よ',
        'ゎ' => 'わ',
        'ゕ' => 'か',
        'ゖ' => 'け',
        other => plain(other),
    }
}

/// Kana that are written in two ways in names and sound the same: かをり, ちづる.
fn alike(kana: char) -> char {
    match kana {
        'ゐ' => 'い',
        'ゑ' => 'え',
        'を' => 'お',
        'ぢ' => 'じ',
        'づ' => 'ず',
        other => other,
    }
}

/// How a name in kana or letters sounds: in one spelling of romaji, vowels short. None for what has no such spelling.
fn sound(name: &str) -> Option<String> {
    if !name.chars().all(|letter| is_kana(letter) || letter.is_ascii_alphabetic()) {
        return None;
    }
    let kana: String = name.chars().map(|letter| alike(hiragana(letter))).collect();
    let romaji = wana_kana::ConvertJapanese::to_romaji(&*kana).replace('\'', "");
    let spelt = one_spelling(&romaji);
    (!spelt.is_empty() && spelt.chars().all(|letter| letter.is_ascii_lowercase())).then_some(spelt)
}

/// Hepburn and Kunrei, long vowels and short, doubled consonants and single ones: written in one way. The same happens to
/// western names on both sides, where it does no harm.
fn one_spelling(romaji: &str) -> String {
    // In this order: what stands for two letters before what stands for one of them.
    const SPELLINGS: [(&str, &str); 20] = [
        ("mb", "nb"),
        ("mp", "np"),
        ("mm", "nm"),
        ("tch", "ch"),
        ("cch", "ch"),
        ("shi", "si"),
        ("sh", "sy"),
        ("chi", "ti"),
        ("ch", "ty"),
        ("cy", "ty"),
        ("tsu", "tu"),
        ("dzu", "zu"),
        ("du", "zu"),
        ("fu", "hu"),
        ("ji", "zi"),
        ("di", "zi"),
        ("jy", "zy"),
        ("j", "zy"),
        ("ou", "o"),
        ("uu", "u"),
    ];
    let mut spelt = romaji.to_owned();
    loop {
        let next = SPELLINGS.iter().fold(spelt.clone(), |spelt, (from, to)| match spelt.contains(from) {
            true => spelt.replace(from, to),
            false => spelt,
        });
        let next = short(&next);
        // The second round finds nothing to spell anew; from then on each makes the word shorter, or was the last.
        if next == spelt {
            return spelt;
        }
        spelt = next;
    }
}

/// Without doubled consonants but n (Hattori, Anna), without the second o of a long one (Oono), and without the h that makes
/// an o long (Ohno, Satoh; not Ohara).
fn short(romaji: &str) -> String {
    let letters: Vec<char> = romaji.chars().collect();
    let mut short = String::with_capacity(romaji.len());
    for (place, letter) in letters.iter().copied().enumerate() {
        let before = short.chars().next_back();
        let next = letters.get(place + 1);
        let doubled = before == Some(letter) && !matches!(letter, 'n' | 'a' | 'i' | 'e');
        let lengthens =
            letter == 'h' && before == Some('o') && !next.is_some_and(|next| "aeiou".contains(*next));
        if !doubled && !lengthens {
            short.push(letter);
        }
    }
    short
}

#[cfg(test)]
mod tests;
