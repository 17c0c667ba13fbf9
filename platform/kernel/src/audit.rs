//! The audit entry: what is written beside every act, in the same transaction.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// How an act ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It happened.
    Done,
    /// The policy or the rules of the trade said no; the refusal itself is the act recorded.
    Refused,
    /// It was tried and did not work, such as a bin that did not open.
    Failed,
}

/// The thing an act was done to. The name is a copy, for history.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Target {
    /// The word for its kind, from `docs/words.md`: `key`, `box`, `person` …
    pub kind: String,
    /// Its id.
    pub id: Uuid,
    /// Its name at that time. Never personal data: people are named by id and looked up when shown.
    pub name: String,
}

/// One line of the record. Tenant, actor, time and request come from the context when it is committed.
#[derive(Clone, PartialEq, Debug)]
pub struct AuditEntry {
    /// What was done, `noun.verb` in the words of the trade: `key.take_out`.
    pub action: &'static str,
    /// How it ended.
    pub outcome: Outcome,
    /// What it was done to.
    pub target: Option<Target>,
    /// Why it was allowed or refused: the decision's reasons, grant and policy ids, revision. Empty object when no
    /// policy was asked.
    pub decision: Value,
    /// What else matters, as JSON. No secrets, no personal data.
    pub details: Value,
}

impl AuditEntry {
    /// An act that happened.
    pub fn done(action: &'static str) -> Self {
        Self {
            action,
            outcome: Outcome::Done,
            target: None,
            decision: Value::Object(Default::default()),
            details: Value::Object(Default::default()),
        }
    }

    /// A refusal.
    pub fn refused(action: &'static str) -> Self {
        Self { outcome: Outcome::Refused, ..Self::done(action) }
    }

    /// A failure of something that was allowed.
    pub fn failed(action: &'static str) -> Self {
        Self { outcome: Outcome::Failed, ..Self::done(action) }
    }

    /// Names the thing it was done to.
    pub fn on(self, kind: &str, id: impl Into<Uuid>, name: impl Into<String>) -> Self {
        Self { target: Some(Target { kind: kind.to_owned(), id: id.into(), name: name.into() }), ..self }
    }

    /// Adds the decision it rests on.
    pub fn decided(self, decision: impl Serialize) -> Self {
        Self { decision: serde_json::to_value(decision).unwrap_or_default(), ..self }
    }

    /// Adds one detail.
    pub fn with(mut self, name: &str, value: impl Serialize) -> Self {
        if let Value::Object(details) = &mut self.details {
            details.insert(name.to_owned(), serde_json::to_value(value).unwrap_or_default());
        }
        self
    }
}
