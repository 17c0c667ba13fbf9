//! Alert rules: which event, under which condition, tells whom by which channel. Pure rules.

use sekisho_kernel::PersonId;
use serde::{Deserialize, Serialize};

use crate::ids::{BoxId, KeyGroupId, KeyId};

/// Recipients a rule may have.
pub const MOST_RECIPIENTS: usize = 20;

/// What a rule can listen for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertEvent {
    /// A key was taken.
    Taken,
    /// A key came back.
    Returned,
    /// A key is due soon.
    DueSoon,
    /// A key is late.
    Overdue,
    /// A key was removed by force.
    RemovedByForce,
    /// A key hangs in the wrong bin.
    WrongBin,
    /// A fault was reported.
    FaultReported,
    /// A bin was opened by a manager.
    BinOpened,
    /// The master lock was opened.
    MasterUnlocked,
    /// A booking was made.
    Booked,
    /// Somebody tampers with a box, a bin was forced, or a code was guessed at.
    Tampered,
    /// A box lost power or its battery is low.
    PowerLost,
    /// A box fell silent.
    WentOffline,
}

impl AlertEvent {
    /// All, in the order of the form.
    pub const ALL: [Self; 13] = [
        Self::Taken,
        Self::Returned,
        Self::DueSoon,
        Self::Overdue,
        Self::RemovedByForce,
        Self::WrongBin,
        Self::FaultReported,
        Self::BinOpened,
        Self::MasterUnlocked,
        Self::Booked,
        Self::Tampered,
        Self::PowerLost,
        Self::WentOffline,
    ];

    /// The word in forms and text ids.
    pub fn word(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Returned => "returned",
            Self::DueSoon => "due_soon",
            Self::Overdue => "overdue",
            Self::RemovedByForce => "removed_by_force",
            Self::WrongBin => "wrong_bin",
            Self::FaultReported => "fault_reported",
            Self::BinOpened => "bin_opened",
            Self::MasterUnlocked => "master_unlocked",
            Self::Booked => "booked",
            Self::Tampered => "tampered",
            Self::PowerLost => "power_lost",
            Self::WentOffline => "went_offline",
        }
    }

    /// From that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.word() == word)
    }
}

/// To which things a rule applies. Nothing chosen means all.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = AlertCondition)]
pub struct Condition {
    /// Only for these keys.
    #[serde(default)]
    pub keys: Vec<KeyId>,
    /// Only for keys of these groups.
    #[serde(default)]
    pub groups: Vec<KeyGroupId>,
    /// Only for these boxes.
    #[serde(default)]
    pub boxes: Vec<BoxId>,
    /// For lateness: only when late by at least so many minutes.
    #[serde(default)]
    pub late_by_minutes: u32,
}

/// A rule.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AlertRule {
    /// Any of these events.
    pub events: Vec<AlertEvent>,
    /// When this holds.
    #[serde(default)]
    pub condition: Condition,
    /// Tells these people, by the ways each of them chose.
    #[serde(default)]
    pub people: Vec<PersonId>,
}

/// What happened, as far as rules ask.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Occurrence {
    /// The event.
    pub event: AlertEvent,
    /// To which key.
    pub key: Option<KeyId>,
    /// In which groups that key is.
    pub groups: Vec<KeyGroupId>,
    /// At which box.
    pub at: Option<BoxId>,
    /// How late, for lateness.
    pub late_minutes: u32,
}

/// Whether the rule wants to tell of it.
pub fn applies(rule: &AlertRule, occurrence: &Occurrence) -> bool {
    let condition = &rule.condition;
    let keys_match = condition.keys.is_empty() && condition.groups.is_empty()
        || occurrence.key.is_some_and(|key| condition.keys.contains(&key))
        || occurrence.groups.iter().any(|group| condition.groups.contains(group));
    let box_matches =
        condition.boxes.is_empty() || occurrence.at.is_some_and(|at| condition.boxes.contains(&at));
    let late_enough =
        occurrence.event != AlertEvent::Overdue || occurrence.late_minutes >= condition.late_by_minutes;
    rule.events.contains(&occurrence.event) && keys_match && box_matches && late_enough
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_rule_applies_to_what_it_names() {
        let key = |n| KeyId(Uuid::from_u128(n));
        let group = |n| KeyGroupId(Uuid::from_u128(n));
        let at = |n| BoxId(Uuid::from_u128(n));
        let happened = |event, late_minutes| Occurrence {
            event,
            key: Some(key(1)),
            groups: vec![group(10)],
            at: Some(at(20)),
            late_minutes,
        };
        let rule = |condition| AlertRule {
            events: vec![AlertEvent::Taken, AlertEvent::Overdue],
            condition,
            people: vec![],
        };
        let cases = [
            (Condition::default(), AlertEvent::Taken, 0, true),
            (Condition::default(), AlertEvent::Returned, 0, false),
            (Condition { keys: vec![key(1)], ..Condition::default() }, AlertEvent::Taken, 0, true),
            (Condition { keys: vec![key(2)], ..Condition::default() }, AlertEvent::Taken, 0, false),
            (
                Condition { keys: vec![key(2)], groups: vec![group(10)], ..Condition::default() },
                AlertEvent::Taken,
                0,
                true,
            ),
            (Condition { boxes: vec![at(20)], ..Condition::default() }, AlertEvent::Taken, 0, true),
            (
                Condition { boxes: vec![at(21)], keys: vec![key(1)], ..Condition::default() },
                AlertEvent::Taken,
                0,
                false,
            ),
            (Condition { late_by_minutes: 30, ..Condition::default() }, AlertEvent::Overdue, 29, false),
            (Condition { late_by_minutes: 30, ..Condition::default() }, AlertEvent::Overdue, 30, true),
            (Condition { late_by_minutes: 30, ..Condition::default() }, AlertEvent::Taken, 0, true),
        ];
        for (condition, event, late, want) in cases {
            let text = format!("{condition:?} {event:?} {late}");
            assert_eq!(applies(&rule(condition), &happened(event, late)), want, "{text}");
        }
    }

    #[test]
    fn every_event_has_its_word() {
        for event in AlertEvent::ALL {
            assert_eq!(AlertEvent::from_word(event.word()), Some(event));
        }
    }
}
