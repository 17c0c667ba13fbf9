//! What somebody looks for, in the form in which texts are compared. Pure.

use sekisho_crypto::search_form;

/// Longer questions are nobody's; the rest is cut off.
const LONGEST: usize = 100;

/// What somebody looks for. Every word must be found; width, case, kana and blanks make no difference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// As it was typed, shortened.
    pub typed: String,
    words: Vec<String>,
}

impl Wanted {
    /// From what was typed.
    pub fn new(typed: &str) -> Self {
        let typed: String = typed.trim().chars().take(LONGEST).collect();
        let words = typed.split_whitespace().map(search_form).filter(|word| !word.is_empty()).collect();
        Self { typed, words }
    }

    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// How well a thing fits: smaller is better, `None` not at all. The first text is its name.
    pub fn fit<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> Option<u8> {
        let texts: Vec<String> = texts.into_iter().map(search_form).collect();
        let all = self.words.iter().all(|word| texts.iter().any(|text| text.contains(word)));
        let (Some(name), Some(first), true) = (texts.first(), self.words.first(), all) else { return None };
        Some(match () {
            () if *name == self.words.concat() => 0,
            () if name.starts_with(first) => 1,
            () if name.contains(first) => 2,
            () => 3,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Wanted;

    #[test]
    fn finds_what_people_mean() {
        let cases: [(&str, &[&str], Option<u8>); 9] = [
            ("佐藤美咲", &["佐藤 美咲", "サトウ ミサキ"], Some(0)),
            ("さとう", &["佐藤 美咲", "サトウ ミサキ"], Some(3)),
            ("ｻﾄｳ 美咲", &["佐藤 美咲", "サトウ ミサキ"], Some(3)),
            ("美咲 佐藤", &["佐藤 美咲"], Some(2)),
            ("VAN ３", &["Van 3"], Some(0)),
            ("van", &["Van 3"], Some(1)),
            ("品川", &["社用車 1", "品川 500 あ 12-34"], Some(3)),
            ("van 4", &["Van 3"], None),
            ("", &["Van 3"], None),
        ];
        for (typed, texts, want) in cases {
            let wanted = Wanted::new(typed);
            let fit = if wanted.is_empty() { None } else { wanted.fit(texts.iter().copied()) };
            assert_eq!(fit, want, "{typed} in {texts:?}");
        }
    }

    #[test]
    fn a_long_question_is_cut() {
        assert_eq!(Wanted::new(&"あ".repeat(5000)).typed.chars().count(), 100);
    }
}
