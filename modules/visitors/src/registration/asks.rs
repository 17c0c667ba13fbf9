//! What the guests of each kind of visit are asked before they come.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::ActiveValue::Set;
use sekisho_identity::Administrator;
use sekisho_kernel::{AuditEntry, Cx, Language};
use sekisho_storage::{JsonText, Scoped, StoreError};
use sekisho_web::{Checks, IfMatch};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Visitors;
use crate::checks::VisitError;
use crate::ids::AgreementId;
use crate::registration::agreements;
use crate::tables::registration_asks::{ActiveModel, Column, Entity};
use crate::tables::visits;
use crate::tables::words::VisitKind;

/// The most fields of one kind of visit.
pub const MOST_FIELDS: usize = 20;
/// The most things to choose from in one field.
const MOST_CHOICES: usize = 30;
/// The longest a photo is kept after the visit, in hours.
const MOST_HOURS: u32 = 720;

/// The same words in the languages guests read; what is empty is read in English or Japanese.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
#[schema(as = VisitorWords)]
pub struct Words {
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
    /// Korean.
    pub ko: String,
}

impl Words {
    /// The words as a reader of `language` reads them.
    pub fn read_in(&self, language: Language) -> &str {
        let own = match language {
            Language::Ja => &self.ja,
            Language::En => &self.en,
            Language::Zh => &self.zh,
            Language::Ko => &self.ko,
        };
        [own, &self.en, &self.ja, &self.zh, &self.ko]
            .into_iter()
            .find(|words| !words.is_empty())
            .map_or("", String::as_str)
    }

    /// Each language with its words.
    pub(crate) fn each(&self) -> [(Language, &str); 4] {
        [
            (Language::Ja, &self.ja),
            (Language::En, &self.en),
            (Language::Zh, &self.zh),
            (Language::Ko, &self.ko),
        ]
    }

    /// Whether somebody may have meant these words, in whichever language.
    pub(crate) fn has(&self, words: &str) -> bool {
        !words.is_empty() && self.each().iter().any(|(_, one)| *one == words)
    }

    fn is_empty(&self) -> bool {
        self.each().iter().all(|(_, words)| words.is_empty())
    }

    fn checked(&self, checks: &mut Checks, field: &'static str) -> Self {
        let line = |checks: &mut Checks, words: &str| checks.line(field, words);
        let words = Self {
            ja: line(checks, &self.ja),
            en: line(checks, &self.en),
            zh: line(checks, &self.zh),
            ko: line(checks, &self.ko),
        };
        // Whoever reads neither Chinese nor Korean would read nothing.
        if words.ja.is_empty() && words.en.is_empty() {
            checks.wrong(field, "visitors-registration-error-label");
        }
        words
    }
}

/// How a field is answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = VisitorAnswerKind)]
pub enum AnswerKind {
    /// A line.
    #[default]
    Text,
    /// Several lines.
    Lines,
    /// One of several.
    Choice,
    /// Yes or no.
    YesNo,
    /// A day.
    Date,
}

impl AnswerKind {
    /// All, in the order of the list they are chosen from.
    pub const ALL: [Self; 5] = [Self::Text, Self::Lines, Self::Choice, Self::YesNo, Self::Date];

    /// The word in forms; with hyphens also the end of its text's id.
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Lines => "lines",
            Self::Choice => "choice",
            Self::YesNo => "yes_no",
            Self::Date => "date",
        }
    }
}

/// A field that guests fill in.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
#[schema(as = VisitorField)]
pub struct Field {
    /// Which; left out of a new one. What is changed under the same id keeps its answers.
    pub id: Uuid,
    /// What is asked.
    pub label: Words,
    /// How it is answered.
    pub answer: AnswerKind,
    /// Whether an answer is missed.
    pub required: bool,
    /// What to choose from.
    pub choices: Vec<Words>,
}

/// What is asked of the guests of one kind of visit.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
#[schema(as = VisitorKindAsks)]
pub struct KindAsks {
    /// Whether anything is asked at all.
    pub asked: bool,
    /// Whether a photo is asked for.
    pub photo: bool,
    /// Which agreement is to be signed.
    pub agreement: Option<AgreementId>,
    /// The fields, in their order.
    pub fields: Vec<Field>,
}

/// What is asked, by kind of visit.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
#[schema(as = VisitorRegistration)]
pub struct Asks {
    /// By kind: `guest`, `colleague`, `delivery`, `interview`, `contractor`.
    pub kinds: BTreeMap<String, KindAsks>,
    /// So many hours after the visit a photo is erased; 1 to 720.
    pub photo_hours: u32,
}

impl Default for Asks {
    fn default() -> Self {
        Self { kinds: BTreeMap::new(), photo_hours: 24 }
    }
}

impl Asks {
    /// What is asked of a guest of that kind of visit; none: nothing.
    pub(crate) fn of_kind(&self, kind: VisitKind) -> Option<&KindAsks> {
        self.kinds
            .get(kind.word())
            .filter(|asks| asks.asked && (asks.photo || asks.agreement.is_some() || !asks.fields.is_empty()))
    }

    /// What is asked of the guest of that visit: of somebody who was announced, has a page, and is known.
    pub(crate) fn of_visit(&self, visit: &visits::Model) -> Option<&KindAsks> {
        let known = visit.appointment_id.is_some() && visit.guest_id.is_some() && visit.page_hash.is_some();
        self.of_kind(visit.kind).filter(|_| known)
    }
}

/// What is asked in the scope's tenant, and how often that was changed.
pub(crate) async fn load(scope: &impl Scoped) -> Result<(Asks, i64), StoreError> {
    let row = scope.find::<Entity>().one().await?;
    Ok(row.map(|row| (row.asks.0, row.version)).unwrap_or_default())
}

/// Sets what is asked, if it is as the caller has seen it. Answers that were given stay, with the words they were asked by.
pub async fn save_asks(
    visitors: &Visitors,
    cx: &Cx,
    _by: Administrator,
    asks: Asks,
    seen: &IfMatch,
) -> Result<i64, VisitError> {
    let mut checks = Checks::default();
    let asks = checked(&mut checks, cx, asks);
    let tx = visitors.store.begin(cx).await?;
    let known = agreements::ids(&tx).await?;
    if asks.kinds.values().filter_map(|kind| kind.agreement).any(|id| !known.contains(&id)) {
        checks.wrong("agreement", "visitors-registration-error-agreement");
    }
    checks.done::<VisitError>()?;
    let row = |asks: Asks, version| ActiveModel {
        tenant_id: Set(cx.tenant),
        id: Set(Uuid::nil()),
        asks: Set(JsonText(asks)),
        version: Set(version),
    };
    tx.hold::<Entity>(row(Asks::default(), 0)).await?;
    let (before, version) = load(&tx).await?;
    if !seen.holds(version) {
        return Err(VisitError::Changed);
    }
    let entry = AuditEntry::done("visitor_registration.change").with("version", version + 1);
    let entry = entry.with("before", before).with("after", asks.clone());
    tx.overwrite_many::<Entity>(vec![row(asks, version + 1)], &[Column::Asks, Column::Version]).await?;
    tx.commit(entry).await?;
    Ok(version + 1)
}

fn checked(checks: &mut Checks, cx: &Cx, asks: Asks) -> Asks {
    if !(1..=MOST_HOURS).contains(&asks.photo_hours) {
        checks.wrong("photo_hours", "visitors-registration-error-hours");
    }
    let mut ids = BTreeSet::new();
    let mut kinds = BTreeMap::new();
    for (kind, asks) in asks.kinds {
        if VisitKind::from_word(&kind).is_none() {
            checks.wrong("kinds", "visitors-error-kind");
        }
        if asks.fields.len() > MOST_FIELDS {
            checks.wrong("fields", "visitors-registration-error-fields");
        }
        let fields = asks.fields.into_iter().map(|field| {
            let field = checked_field(checks, cx, field);
            if !ids.insert(field.id) {
                checks.wrong("fields", "visitors-registration-error-twice");
            }
            field
        });
        let fields = fields.collect();
        kinds.insert(kind, KindAsks { fields, ..asks });
    }
    Asks { kinds, ..asks }
}

fn checked_field(checks: &mut Checks, cx: &Cx, field: Field) -> Field {
    let id = if field.id.is_nil() { cx.fresh_id() } else { field.id };
    let label = field.label.checked(checks, "label");
    let choices: Vec<Words> = match field.answer {
        AnswerKind::Choice => field.choices.iter().map(|words| words.checked(checks, "choices")).collect(),
        _ => Vec::new(),
    };
    if field.answer == AnswerKind::Choice && !(2..=MOST_CHOICES).contains(&choices.len()) {
        checks.wrong("choices", "visitors-registration-error-choices");
        // Each is compared with each: not with as many as anybody sends.
        return Field { id, label, choices, ..field };
    }
    let is_ambiguous = |place: usize, one: &Words| {
        let others = choices.iter().take(place);
        one.is_empty() || others.into_iter().any(|other| one.each().iter().any(|(_, words)| other.has(words)))
    };
    if choices.iter().enumerate().any(|(place, one)| is_ambiguous(place, one)) {
        checks.wrong("choices", "visitors-registration-error-same-choice");
    }
    Field { id, label, choices, ..field }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_in_ones_language_then_in_english_then_in_japanese() {
        let words = |ja: &str, en: &str, zh: &str| Words {
            ja: ja.into(),
            en: en.into(),
            zh: zh.into(),
            ko: String::new(),
        };
        for (words, language, want) in [
            (words("車", "car", "车"), Language::Zh, "车"),
            (words("車", "car", ""), Language::Ko, "car"),
            (words("車", "", "车"), Language::Ko, "車"),
            (words("", "car", ""), Language::Ja, "car"),
            (words("車", "", ""), Language::En, "車"),
        ] {
            assert_eq!(words.read_in(language), want, "{words:?} in {language:?}");
        }
    }
}
