//! Texts (Fluent). A module registers its files: all texts in Japanese and English, those that outsiders see perhaps also
//! in Chinese and Korean. Pages ask for a text by id.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use sekisho_kernel::Language;
use unic_langid::LanguageIdentifier;

use crate::markup::Markup;

/// The texts of one module: the contents of its `.ftl` files.
#[derive(Clone, Copy, Debug)]
pub struct TextSource {
    /// Whose; its ids begin with this word and a hyphen, as in `keys-title`.
    pub module: &'static str,
    /// `texts/ja.ftl`
    pub ja: &'static str,
    /// `texts/en.ftl`
    pub en: &'static str,
    /// `texts/zh.ftl`: what outsiders see; empty when they see nothing of this module.
    pub zh: &'static str,
    /// `texts/ko.ftl`: the same ids as in `zh`.
    pub ko: &'static str,
}

impl TextSource {
    fn of(&self, language: Language) -> &'static str {
        match language {
            Language::Ja => self.ja,
            Language::En => self.en,
            Language::Zh => self.zh,
            Language::Ko => self.ko,
        }
    }

    /// The ids that one language of a pair has and the other has not.
    fn gaps(&self) -> Vec<String> {
        let ids = |language| ids(self.of(language));
        let lacks = |from: Language, to: Language| {
            let lacking: Vec<String> = ids(from)
                .difference(&ids(to))
                .map(|id| format!("{}: {id} is missing in {}.ftl", self.module, to.tag()))
                .collect();
            lacking
        };
        [
            lacks(Language::Ja, Language::En),
            lacks(Language::En, Language::Ja),
            lacks(Language::Zh, Language::Ko),
            lacks(Language::Ko, Language::Zh),
            // What only outsiders' languages had could not fall back.
            lacks(Language::Zh, Language::En),
        ]
        .concat()
    }
}

/// All texts of an installation.
pub struct Catalog {
    bundles: HashMap<Language, FluentBundle<FluentResource>>,
    problems: Vec<String>,
}

impl Catalog {
    /// Reads the sources. What is wrong with them is kept for [`Catalog::problems`]; the rest still works.
    pub fn new(sources: &[TextSource]) -> Self {
        let mut bundles = HashMap::new();
        let mut problems = Vec::new();
        for language in Language::GUEST {
            let mut bundle = FluentBundle::new_concurrent(vec![locale(language)]);
            // The invisible marks around arguments confuse copying, mail subjects and tests.
            bundle.set_use_isolating(false);
            if bundle.add_builtins().is_err() {
                problems.push("Fluent's own functions did not load".to_owned());
            }
            for source in sources {
                let resource = FluentResource::try_new(source.of(language).to_owned()).unwrap_or_else(
                    |(resource, errors)| {
                        problems.extend(
                            errors
                                .iter()
                                .map(|error| format!("{} {}: {error}", source.module, language.tag())),
                        );
                        resource
                    },
                );
                if let Err(errors) = bundle.add_resource(resource) {
                    problems.extend(
                        errors.iter().map(|error| format!("{} {}: {error}", source.module, language.tag())),
                    );
                }
            }
            bundles.insert(language, bundle);
        }
        problems.extend(sources.iter().flat_map(TextSource::gaps));
        Self { bundles, problems }
    }

    /// What a reader should mend: syntax errors, ids given twice, ids that only one language has.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// Whether there is a text with this id, whatever the reader's language.
    pub fn has(&self, id: &str) -> bool {
        Language::ALL.iter().all(|language| self.has_in(*language, id))
    }

    fn has_in(&self, language: Language, id: &str) -> bool {
        self.bundles.get(&language).is_some_and(|bundle| bundle.has_message(id))
    }

    fn format(&self, language: Language, id: &str, args: Option<&FluentArgs<'_>>) -> Option<String> {
        // What outsiders do not see is not written in their languages.
        let language = if self.has_in(language, id) || Language::ALL.contains(&language) {
            language
        } else {
            Language::En
        };
        let bundle = self.bundles.get(&language)?;
        let pattern = bundle.get_message(id)?.value()?;
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, args, &mut errors).into_owned();
        if !errors.is_empty() {
            tracing::warn!(id, language = language.tag(), ?errors, "text with errors");
        }
        Some(text)
    }
}

/// The ids of a source: lines that begin with a word and an equals sign (Fluent allows no indentation there).
fn ids(source: &str) -> BTreeSet<&str> {
    source
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(id, _)| id.trim_end())
        .filter(|id| id.starts_with(|first: char| first.is_ascii_alphabetic()) && !id.contains(' '))
        .collect()
}

fn locale(language: Language) -> LanguageIdentifier {
    // Our own tags always parse; the default (und) would still show every text.
    language.tag().parse().unwrap_or_default()
}

/// The texts in one language; what templates hold as `t`.
#[derive(Clone)]
pub struct Texts {
    catalog: Arc<Catalog>,
    language: Language,
}

impl Texts {
    /// The texts of `catalog` in `language`.
    pub fn new(catalog: Arc<Catalog>, language: Language) -> Self {
        Self { catalog, language }
    }

    /// Which language.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Whether there is a text with this id.
    pub fn has(&self, id: &str) -> bool {
        self.catalog.has(id)
    }

    /// The word for a code of the record: `word("act", "key.take_out")` is the text `act-key-take-out`, brought by the room
    /// the code belongs to. Without a text, the code itself.
    pub fn word(&self, prefix: &str, code: &str) -> String {
        let id = format!("{prefix}-{}", code.replace(['.', '_'], "-"));
        if self.has(&id) { self.get(&id) } else { code.to_owned() }
    }

    /// The text without arguments: `{{ t.get("keys-title") }}`.
    pub fn get(&self, id: &str) -> String {
        self.catalog.format(self.language, id, None).unwrap_or_else(|| missing(id))
    }

    /// The text with arguments of one type: `{{ t.with("keys-due", [("when", due)]) }}`, `[("count", 3)]`. For mixed
    /// types wrap them: `[("who", arg(name)), ("count", arg(3))]`.
    pub fn with<K: AsRef<str>, V: Clone + Into<Arg>>(&self, id: &str, args: impl AsRef<[(K, V)]>) -> String {
        let mut fluent = FluentArgs::new();
        for (name, value) in args.as_ref() {
            let Arg(value) = value.clone().into();
            fluent.set(name.as_ref().to_owned(), value);
        }
        self.catalog.format(self.language, id, Some(&fluent)).unwrap_or_else(|| missing(id))
    }

    /// A text that counts: its argument is `$count`.
    pub fn count(&self, id: &str, count: impl Into<Arg>) -> String {
        self.with(id, [("count", count.into())])
    }

    /// Items one after the other, as the language separates them.
    pub fn list(&self, items: &[String]) -> String {
        items.join(match self.language {
            Language::Ja | Language::Zh => "、",
            Language::En | Language::Ko => ", ",
        })
    }

    /// Days one after the other, each of which may hold the sign that parts other items.
    pub fn list_of_days(&self, days: &[String]) -> String {
        match self.language {
            Language::En => days.join("; "),
            Language::Ja | Language::Zh | Language::Ko => self.list(days),
        }
    }

    /// A text that holds markup (a link, an emphasis) written in the `.ftl` file itself; arguments are escaped.
    pub fn markup(&self, id: &str, args: &[(&str, &str)]) -> Markup {
        let escaped: Vec<(&str, String)> =
            args.iter().map(|(name, value)| (*name, Markup::text(value).to_string())).collect();
        Markup::raw(self.with(id, escaped))
    }
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Texts({})", self.language.tag())
    }
}

/// Shown where a text is missing; tests look for the brackets.
fn missing(id: &str) -> String {
    tracing::warn!(id, "text is missing");
    format!("⟦{id}⟧")
}

/// An argument of a text.
#[derive(Clone, Debug)]
pub struct Arg(FluentValue<'static>);

/// Wraps an argument, so that words and numbers can stand in one list.
pub fn arg(value: impl Into<Arg>) -> Arg {
    value.into()
}

macro_rules! word_arg {
    ($($type:ty),*) => { $(impl From<$type> for Arg {
        fn from(word: $type) -> Self {
            Self(FluentValue::String(std::borrow::Cow::Owned(word.to_string())))
        }
    })* };
}
word_arg!(&str, &&str, String, &String, std::borrow::Cow<'_, str>);

macro_rules! number_arg {
    ($($type:ty),*) => { $(impl From<$type> for Arg {
        fn from(number: $type) -> Self {
            Self(FluentValue::from(number))
        }
    }
    impl From<&$type> for Arg {
        fn from(number: &$type) -> Self {
            Self(FluentValue::from(*number))
        }
    })* };
}
number_arg!(i32, i64, u32, u64, usize, f64);

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: TextSource = TextSource {
        module: "keys",
        ja: "keys-title = 鍵\nkeys-out = { $count } 本が貸出中です\nkeys-mixed = { $who } さん { $count } 本\nkeys-safe = <b>{ $who }</b>",
        en: "keys-title = Keys\nkeys-out = { $count ->\n    [one] one key is out\n   *[other] { $count } keys are out\n }\nkeys-mixed = { $who }: { $count }\nkeys-safe = <b>{ $who }</b>",
        zh: "keys-out = 已借出 { $count } 把钥匙",
        ko: "keys-out = 대여 중인 열쇠 { $count }개",
    };

    #[test]
    fn speaks_both_languages() {
        let catalog = Arc::new(Catalog::new(&[SOURCE]));
        assert_eq!(catalog.problems(), [] as [String; 0]);
        let (ja, en) = (Texts::new(catalog.clone(), Language::Ja), Texts::new(catalog, Language::En));
        assert_eq!(ja.get("keys-title"), "鍵");
        assert_eq!(en.count("keys-out", 1), "one key is out");
        assert_eq!(en.count("keys-out", 3), "3 keys are out");
        assert_eq!(ja.count("keys-out", 3), "3 本が貸出中です");
        assert_eq!(ja.with("keys-mixed", [("who", arg("佐藤")), ("count", arg(2))]), "佐藤 さん 2 本");
        assert_eq!(en.markup("keys-safe", &[("who", "<i>")]).to_string(), "<b>&#60;i&#62;</b>");
        assert_eq!(en.get("keys-none"), "⟦keys-none⟧");
    }

    #[test]
    fn outsiders_fall_back_to_english() {
        let catalog = Arc::new(Catalog::new(&[SOURCE]));
        let (zh, ko) = (Texts::new(catalog.clone(), Language::Zh), Texts::new(catalog, Language::Ko));
        assert_eq!(zh.count("keys-out", 3), "已借出 3 把钥匙");
        assert_eq!(ko.count("keys-out", 3), "대여 중인 열쇠 3개");
        assert_eq!(ko.get("keys-title"), "Keys");
        assert_eq!(zh.get("keys-none"), "⟦keys-none⟧");
        assert!(zh.has("keys-title") && !zh.has("keys-none"));
    }

    #[test]
    fn tells_what_is_missing() {
        let catalog = Catalog::new(&[TextSource {
            module: "m",
            ja: "m-a = あ\nm-b = い",
            en: "m-a = a\nm-c = c",
            zh: "m-a = 啊\nm-z = z",
            ko: "m-a = 아\nm-k = k",
        }]);
        assert_eq!(
            catalog.problems(),
            [
                "m: m-b is missing in en.ftl",
                "m: m-c is missing in ja.ftl",
                "m: m-z is missing in ko.ftl",
                "m: m-k is missing in zh.ftl",
                "m: m-z is missing in en.ftl",
            ]
        );
    }
}
