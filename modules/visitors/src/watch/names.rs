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
    /// As it is written, in each order of its parts.
    written: Vec<String>,
    /// As it sounds, likewise; empty where nobody knows.
    sounds: Vec<String>,
}

impl Name {
    /// Reads a name; none when there is nothing in it to compare.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let parts = without_honorifics(parts(text));
        let written: Vec<String> = orders(&parts).map(|name| name.chars().map(folded).collect()).collect();
        let sounds = orders(&parts).filter_map(|name| sound(&name)).collect();
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
        } else if any(&self.sounds, &other.sounds, nearly)
            || ((self.sounds.is_empty() || other.sounds.is_empty())
                && any(&self.written, &other.written, nearly))
        {
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
    const FORMS: [&str; 24] = [
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
        "co",
        "ltd",
        "inc",
        "llc",
        "corp",
        "corporation",
        "company",
        "limited",
        "gmbh",
        "ag",
        "kk",
        "plc",
    ];
    let text = FORMS.iter().take(12).fold(fold(text), |text, form| text.replace(form, " "));
    let parts = parts(&text).into_iter().filter(|part| !FORMS.contains(&&**part));
    parts.flat_map(|part| part.chars().map(folded).collect::<Vec<_>>()).collect()
}

/// The parts of a name: folded in width and case, without accents and apostrophes.
fn parts(text: &str) -> Vec<String> {
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
fn folded(letter: char) -> char {
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn likeness(one: &str, other: &str) -> Option<Likeness> {
        Name::read(one)?.likeness(&Name::read(other)?)
    }

    #[test]
    fn names_of_one_person_meet() {
        let same = [
            ("渡邊 一郎", "渡辺一郎"),
            ("渡邉一郎", "渡辺　一郎 様"),
            ("髙橋 花子", "高橋花子"),
            ("山﨑 勝", "山崎勝"),
            ("齋藤 学", "斉藤學"),
            ("濵田 恵", "浜田惠"),
            ("佐々木 健", "佐佐木健"),
            ("𠮷田 栄", "吉田榮"),
            ("花子 佐藤", "佐藤花子"),
            ("葛\u{e0100}城 一", "葛城一"),
            ("ｻﾄｳ ﾊﾅｺ", "さとうはなこ"),
            ("サトウ・ハナコ", "さとう はなこ"),
            ("シユミツト", "シュミット"),
            ("ﾀﾅｶ ｲﾁﾛｳさん", "タナカ イチロウ"),
            ("ＪＯＨＮ　ＳＭＩＴＨ", "John Smith"),
            ("Smith, John", "Mr. John Smith"),
            ("Smith-Jones Anne", "Anne Smith Jones"),
            ("O’Neil", "O'NEIL"),
            ("José García", "Jose Garcia"),
            ("Weiß", "WEISS"),
            ("Søren", "Soren"),
            ("李 明", "李明"),
            ("김철수", "김 철수"),
            ("佐藤さん", "佐藤"),
            ("佐藤 さん", "佐藤"),
            ("Sato-san", "Sato"),
        ];
        for (one, other) in same {
            assert_eq!(likeness(one, other), Some(Likeness::Same), "{one} and {other}");
        }
        let sound = [
            ("サトウ ハナコ", "Sato Hanako"),
            ("さとう はなこ", "Hanako SATOH"),
            ("さとー はなこ", "さとう はなこ"),
            ("Ōno Jun", "Ohno Jun"),
            ("Oono Jun", "おおの じゅん"),
            ("Ono Jun", "Ōno Jun"),
            ("Ohtani Shohei", "オオタニ ショウヘイ"),
            ("Obara", "Ohbara"),
            ("Syunsuke Tutiya", "Shunsuke Tsuchiya"),
            ("ツチヤ シュンスケ", "Tutiya Syunsuke"),
            ("Homma Jumpei", "Honma Junpei"),
            ("ホンマ ジュンペイ", "Homma Jumpei"),
            ("Hattori Kenʼichi", "はっとり けんいち"),
            ("Fujita Jiro", "Huzita Ziro"),
            ("フジタ ヂロウ", "Fujita Jirou"),
            ("Kaori Chizuru", "かをり ちづる"),
            ("Yuuki", "ユウキ"),
            ("まっちゃ", "Matcha"),
        ];
        for (one, other) in sound {
            assert!(
                matches!(likeness(one, other), Some(Likeness::Sound | Likeness::Same)),
                "{one} and {other}"
            );
        }
        let similar = [
            ("Sato Hanako", "Saito Hanako"),
            ("Schmidt", "Schmitd"),
            ("Mueller", "Müller"),
            ("タナカ イチロウ", "Tanaka Ichiro X"),
            ("佐藤 健二", "佐藤 健司"),
            ("Иванов", "Ивановв"),
        ];
        for (one, other) in similar {
            assert_eq!(likeness(one, other), Some(Likeness::Similar), "{one} and {other}");
        }
    }

    #[test]
    fn two_people_do_not() {
        let two = [
            // Two kanji, and short names: every other name would be one.
            ("佐藤", "加藤"),
            ("李明", "李芳"),
            ("佐藤 健", "佐藤 剛"),
            ("Ito", "Ida"),
            ("Abe", "Ade"),
            ("佐藤 花子", "鈴木 花子"),
            ("Sato Hanako", "Sato Haruki"),
            // What nobody told: how kanji are read, and how a western name is written in kana.
            ("佐藤 花子", "サトウ ハナコ"),
            ("Schmidt", "シュミット"),
            ("Ohara", "Ara"),
            ("Kohama", "Koma"),
            ("Lee San", "Lee"),
            ("イ・サン", "イ"),
            // A family name alone is no name.
            ("佐藤", "佐藤花子"),
        ];
        for (one, other) in two {
            assert_eq!(likeness(one, other), None, "{one} and {other}");
        }
        for nothing in ["", " ", "・", "--", "\u{3000}", "'", "ー"] {
            assert_eq!(Name::read(nothing), None, "{nothing:?}");
        }
    }

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
        fn any_text_is_read_and_is_itself(text in any::<String>(), other in any::<String>()) {
            if let Some(name) = Name::read(&text) {
                prop_assert_eq!(name.likeness(&name), Some(Likeness::Same));
                if let Some(other) = Name::read(&other) {
                    prop_assert_eq!(name.likeness(&other), other.likeness(&name));
                }
            }
            let _ = Organisation::of(&text, &other);
        }

        #[test]
        fn order_width_and_kana_do_not_matter(family in "[ァ-コタ-ヴ]{2,5}", given in "[ァ-コタ-ヴ]{2,5}") {
            let hiragana: String = format!("{given}{family}").chars().map(hiragana).collect();
            prop_assert_eq!(likeness(&format!("{family}・{given}"), &hiragana), Some(Likeness::Same));
        }

        #[test]
        fn one_slip_of_the_pen_is_forgiven_from_four_letters_on(name in "([bgkrs][aei]){2,4}", at in 0_usize..9, by in "[xvq]") {
            let letters: Vec<char> = name.chars().collect();
            let at = at % letters.len();
            let mut other = letters.clone();
            other[at] = by.chars().next().unwrap();
            let other: String = other.into_iter().collect();
            prop_assert!(likeness(&name, &other).is_some(), "{} and {}", name, other);
        }

        #[test]
        fn shorter_ones_are_compared_exactly(one in "[a-ik-z]{1,3}", other in "[a-ik-z]{1,3}") {
            prop_assert_ne!(likeness(&one, &other), Some(Likeness::Similar));
        }
    }
}
