//! A question that a message puts to its recipients: one to five answers as buttons, each of which acts.

use sekisho_kernel::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// A message offers at most so many answers.
pub const MOST_CHOICES: usize = 5;

/// One answer: the word by which the asker knows it, and the text of its button.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Choice {
    /// The asker's word.
    pub word: String,
    /// Fluent id of the button.
    pub text: String,
}

/// What is asked. Messages with the same kind and id put the same question: to several people, or again to others.
#[derive(Clone, Debug)]
pub struct Question {
    pub(crate) kind: &'static str,
    pub(crate) id: Uuid,
    pub(crate) payload: Value,
    pub(crate) choices: Vec<Choice>,
    pub(crate) until: Option<Timestamp>,
}

impl Question {
    /// A question of a kind for which somebody said [`crate::Notify::on_choice`]; `id` is what it is about.
    pub fn new(kind: &'static str, id: impl Into<Uuid>) -> Self {
        Self { kind, id: id.into(), payload: Value::Null, choices: Vec::new(), until: None }
    }

    /// What whoever handles the answer needs to know; kept sealed.
    pub fn payload(self, payload: Value) -> Self {
        Self { payload, ..self }
    }

    /// Adds an answer: `word` for the handler, `text` for the button. The first is the one most people want.
    pub fn choice(mut self, word: &str, text: &str) -> Self {
        self.choices.push(Choice { word: word.to_owned(), text: text.to_owned() });
        self
    }

    /// No answer is taken after `at`; never later than 24 hours after it is told.
    pub fn until(self, at: Timestamp) -> Self {
        Self { until: Some(at), ..self }
    }

    /// Why it cannot be put.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let words: std::collections::BTreeSet<&str> =
            self.choices.iter().map(|choice| choice.word.as_str()).collect();
        match self.choices.len() {
            0 => Some("a question without answers"),
            count if count > MOST_CHOICES => Some("a question with more than five answers"),
            count if count != words.len() => Some("a question with the same answer twice"),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Question;

    #[test]
    fn has_one_to_five_answers() {
        let question = |words: &[&str]| {
            words.iter().fold(Question::new("test", uuid::Uuid::nil()), |question, word| {
                question.choice(word, "text")
            })
        };
        for (words, fine) in [
            (&[][..], false),
            (&["a"], true),
            (&["a", "b", "c", "d", "e"], true),
            (&["a", "b", "c", "d", "e", "f"], false),
            (&["a", "a"], false),
        ] {
            assert_eq!(question(words).fault().is_none(), fine, "{words:?}");
        }
    }
}
