//! Names of one person and of two.

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
        // What only looks like one.
        ("山田 ジョナサン", "ジョナサン 山田"),
        ("Suzuki Jonasan", "Jonasan Suzuki"),
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
        assert!(matches!(likeness(one, other), Some(Likeness::Sound | Likeness::Same)), "{one} and {other}");
    }
    let similar = [
        ("Sato Hanako", "Saito Hanako"),
        ("Schmidt", "Schmitd"),
        ("Mueller", "Müller"),
        ("タナカ イチロウ", "Tanaka Ichiro X"),
        ("佐藤 健二", "佐藤 健司"),
        // One kana, which is one letter or two.
        ("タナカハナコ", "タナカハルコ"),
        ("スズキサトシ", "スズキサトツ"),
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

proptest! {
    #[test]
    fn any_text_is_read_and_is_itself(text in any::<String>(), other in any::<String>()) {
        if let Some(name) = Name::read(&text) {
            prop_assert_eq!(name.likeness(&name), Some(Likeness::Same));
            if let Some(other) = Name::read(&other) {
                prop_assert_eq!(name.likeness(&other), other.likeness(&name));
            }
        }
    }

    #[test]
    fn order_width_and_kana_do_not_matter(family in "[ァ-ヴ]{2,5}", given in "[ァ-ヴ]{2,5}") {
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
