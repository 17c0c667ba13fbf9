//! What a guest answered. Each answer carries the words it was asked by, so that it stays readable whatever becomes of its
//! field. Pure.

use std::collections::BTreeMap;

use sekisho_kernel::Language;
use sekisho_web::{Checks, Texts};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::asks::{AnswerKind, Field, MOST_FIELDS, Words};

/// The most answers that are kept of fields that are not asked any more.
const MOST_KEPT: usize = 100;

/// The names of the fields in errors, by their place: ids are no names that people read.
pub(crate) const NAMES: [&str; MOST_FIELDS] = [
    "field_1", "field_2", "field_3", "field_4", "field_5", "field_6", "field_7", "field_8", "field_9",
    "field_10", "field_11", "field_12", "field_13", "field_14", "field_15", "field_16", "field_17",
    "field_18", "field_19", "field_20",
];

/// What was answered to one field.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
#[schema(as = VisitorAnswer)]
pub struct Answer {
    /// Which field.
    pub field: Uuid,
    /// What was asked, in the words of that time.
    pub label: Words,
    /// How it was answered.
    pub answer: AnswerKind,
    /// The answer: text, `yes` or `no`, a day (`2026-11-22`), or the words that were chosen as the guest read them.
    pub text: String,
    /// What was chosen, in all languages.
    pub chosen: Words,
}

impl Answer {
    /// The answer as a reader reads it.
    pub fn shown(&self, t: &Texts) -> String {
        match self.answer {
            AnswerKind::YesNo => t.get(&format!("visitors-registration-{}", self.text)),
            AnswerKind::Choice => self.chosen.read_in(t.language()).to_owned(),
            AnswerKind::Text | AnswerKind::Lines | AnswerKind::Date => self.text.clone(),
        }
    }

    /// What a form begins with, where this still is an answer to the field.
    pub(crate) fn typed_for(&self, field: &Field) -> Option<String> {
        if self.field != field.id || self.answer != field.answer {
            return None;
        }
        match field.answer {
            AnswerKind::Choice => {
                let chosen = field.choices.iter().find(|one| one.has(&self.text))?;
                Some(chosen.read_in(Language::Ja).to_owned())
            }
            _ => Some(self.text.clone()),
        }
    }
}

/// The answers as they were typed into `fields`, with everything that is wrong; what was answered before to fields that are
/// not asked any more stays. Of `taken` fields the answer given before stands.
pub(crate) fn read(
    checks: &mut Checks,
    fields: &[Field],
    typed: &BTreeMap<Uuid, String>,
    before: &[Answer],
    taken: bool,
) -> Vec<Answer> {
    let mut answers = Vec::new();
    for (field, name) in fields.iter().zip(NAMES) {
        let given = before.iter().find(|one| one.field == field.id);
        if let Some(given) = given.filter(|_| taken) {
            answers.push(given.clone());
            continue;
        }
        let typed = typed.get(&field.id).map_or("", String::as_str).trim();
        if typed.is_empty() {
            if field.required {
                checks.wrong(name, "visitors-registration-error-required");
            }
            continue;
        }
        let chosen = field.choices.iter().find(|one| one.has(typed)).cloned();
        let text = match field.answer {
            AnswerKind::Text => checks.line(name, typed),
            AnswerKind::Lines => checks.note(name, typed),
            AnswerKind::Choice => {
                if chosen.is_none() {
                    checks.wrong(name, "visitors-registration-error-choice");
                }
                typed.to_owned()
            }
            AnswerKind::YesNo => {
                if !matches!(typed, "yes" | "no") {
                    checks.wrong(name, "visitors-registration-error-choice");
                }
                typed.to_owned()
            }
            AnswerKind::Date => match typed.parse::<jiff::civil::Date>() {
                Ok(day) => day.to_string(),
                Err(_) => {
                    checks.wrong(name, "visitors-registration-error-date");
                    String::new()
                }
            },
        };
        let chosen = chosen.unwrap_or_default();
        answers.push(Answer {
            field: field.id,
            label: field.label.clone(),
            answer: field.answer,
            text,
            chosen,
        });
    }
    let gone = before.iter().filter(|one| fields.iter().all(|field| field.id != one.field));
    answers.extend(gone.take(MOST_KEPT).cloned());
    answers
}

#[cfg(test)]
mod tests {
    use sekisho_kernel::FieldError;

    use super::*;

    fn field(number: u128, answer: AnswerKind, required: bool) -> Field {
        let words = |ja: &str, en: &str| Words { ja: ja.into(), en: en.into(), ..Words::default() };
        let choices = match answer {
            AnswerKind::Choice => vec![words("電車", "train"), words("車", "car")],
            _ => Vec::new(),
        };
        Field { id: Uuid::from_u128(number), label: words("問い", "question"), answer, required, choices }
    }

    fn wrong(field: &Field, typed: &str) -> Result<Vec<Answer>, Vec<FieldError>> {
        let mut checks = Checks::default();
        let typed = BTreeMap::from([(field.id, typed.to_owned())]);
        let answers = read(&mut checks, std::slice::from_ref(field), &typed, &[], false);
        checks.done::<Vec<FieldError>>().map(|()| answers)
    }

    #[test]
    fn each_kind_takes_what_it_means_and_names_the_field_otherwise() {
        let (long, longest) = ("あ".repeat(101), "あ".repeat(1001));
        for (kind, good, bad) in [
            (AnswerKind::Text, &["品川 330 あ 12-34"][..], &["two\nlines", &*long][..]),
            (AnswerKind::Lines, &["two\nlines"], &[&*longest]),
            (AnswerKind::Choice, &["電車", "car", "train "], &["bus"]),
            (AnswerKind::YesNo, &["yes", "no"], &["maybe", "on"]),
            (AnswerKind::Date, &["2026-11-22"], &["tomorrow", "2026-13-01", "22.11.2026"]),
        ] {
            let field = field(1, kind, true);
            for typed in good {
                assert_eq!(wrong(&field, typed).unwrap().len(), 1, "{kind:?} {typed}");
            }
            for typed in bad {
                assert_eq!(wrong(&field, typed).unwrap_err().first().unwrap().field, "field_1", "{typed}");
            }
            assert!(wrong(&field, " ").is_err(), "{kind:?}: nothing is no answer");
        }
        assert_eq!(wrong(&field(1, AnswerKind::Text, false), "").unwrap(), []);
    }

    #[test]
    fn what_was_answered_outlives_its_field_and_keeps_its_words() {
        let (kept, gone) = (field(1, AnswerKind::Text, true), field(2, AnswerKind::Choice, false));
        let typed = BTreeMap::from([(kept.id, "a".to_owned()), (gone.id, "車".to_owned())]);
        let mut checks = Checks::default();
        let before = read(&mut checks, &[kept.clone(), gone.clone()], &typed, &[], false);
        let anew = BTreeMap::from([(kept.id, "b".to_owned())]);
        let after = read(&mut checks, std::slice::from_ref(&kept), &anew, &before, false);
        assert_eq!(after[0].text, "b");
        assert_eq!((&*after[1].chosen.en, &*after[1].label.ja), ("car", "問い"));
        // At the reception only what is missing can be filled in.
        let late = read(&mut checks, std::slice::from_ref(&kept), &anew, &before, true);
        assert_eq!(late[0].text, "a");
        assert!(checks.good());
    }

    #[test]
    fn a_form_begins_with_what_still_answers_the_field() {
        let choice = field(1, AnswerKind::Choice, false);
        let answer = wrong(&choice, "train").unwrap().remove(0);
        assert_eq!(answer.typed_for(&choice).unwrap(), "電車");
        let fewer = Field { choices: choice.choices[1..].to_vec(), ..choice.clone() };
        let other = Field { answer: AnswerKind::Text, ..choice };
        assert_eq!((answer.typed_for(&fewer), answer.typed_for(&other)), (None, None));
    }
}
