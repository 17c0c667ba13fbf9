//! Saving the tenant's rules, and trying them on the grants first.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Weekday;
use sekisho_kernel::{Cx, PersonId, ResourceId, Timestamp};
use sekisho_storage::{Scoped, Tx};
use serde::Serialize;
use uuid::Uuid;

use crate::judge::{Meeting, Moment, miss, zone};
use crate::rules::Rules;
use crate::snapshot::Snapshot;
use crate::tables::rules;
use crate::write::bump;
use crate::{Ask, Facts, Policy, PolicyError, Right};

/// A preview asks about at most so many pairs of person and resource.
const MOST_PAIRS: usize = 5_000;

/// A version of the tenant's rules.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct RulesVersion {
    /// Which.
    pub id: Uuid,
    /// The text in Cedar.
    pub text: String,
    /// Who saved it.
    pub saved_by: Option<PersonId>,
    /// When.
    pub saved_at: Timestamp,
    /// The revision from which it is in force.
    pub revision: i64,
}

/// What new rules would change.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Preview {
    /// What people would lose or get back.
    pub changes: Vec<PreviewChange>,
    /// How many pairs of person and resource were tried.
    pub tried: usize,
    /// Whether that was all of them.
    pub complete: bool,
}

/// Something a person would lose or get back by new rules.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct PreviewChange {
    /// Who.
    pub person: PersonId,
    /// On what.
    pub resource: ResourceId,
    /// Which right.
    pub right: Right,
    /// Lost, or else got back.
    pub lost: bool,
    /// At which of the tried moments: now, a working day at noon, the night, Sunday at noon.
    pub at: Vec<Timestamp>,
}

impl Policy {
    /// Puts rules in force.
    ///
    /// # Errors
    /// [`PolicyError::BadRules`] with everything that is wrong; then the rules before stay in force.
    pub async fn save_rules(&self, tx: &mut Tx, text: &str) -> Result<i64, PolicyError> {
        Rules::parse(text).map_err(PolicyError::BadRules)?;
        let rev = bump(tx, "rules", Vec::new(), None).await?;
        tx.insert::<rules::Entity>(rules::Model {
            tenant_id: tx.cx().tenant,
            id: tx.cx().fresh_id(),
            text: text.to_owned(),
            saved_by: tx.cx().actor.person(),
            saved_at: tx.cx().now,
            rev,
        })
        .await?;
        Ok(rev)
    }

    /// The versions of the tenant's rules, the one in force first.
    pub async fn rules(&self, scope: &impl Scoped, most: u64) -> Result<Vec<RulesVersion>, PolicyError> {
        let rows = scope.find::<rules::Entity>().descending(rules::Column::Rev).limit(most).all().await?;
        Ok(rows
            .into_iter()
            .map(|row| RulesVersion {
                id: row.id,
                text: row.text,
                saved_by: row.saved_by,
                saved_at: row.saved_at,
                revision: row.rev,
            })
            .collect())
    }

    /// What would change if these rules were in force, tried on what the grants allow at a few telling moments.
    pub async fn preview(&self, cx: &Cx, text: &str) -> Result<Preview, PolicyError> {
        let next = Rules::parse(text).map_err(PolicyError::BadRules)?;
        let snapshot = self.snapshot(cx).await?;
        let now = cx.now;
        let acts = acts(text);
        let run = tokio::task::spawn_blocking(move || compare(&snapshot, &next, &acts, now));
        run.await.unwrap_or(Err(PolicyError::Unreadable("policy_rules")))
    }
}

/// The acts that rules tell apart, as far as their text names them, and one that none names.
fn acts(text: &str) -> Vec<String> {
    let is_act = |word: &&str| {
        word.split_once('.').is_some_and(|(noun, verb)| {
            let plain =
                |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            plain(noun) && plain(verb)
        })
    };
    let mut acts: Vec<String> =
        text.split('"').skip(1).step_by(2).filter(is_act).map(ToOwned::to_owned).collect();
    acts.push(String::new());
    acts.sort();
    acts.dedup();
    acts.truncate(8);
    acts
}

fn compare(
    snapshot: &Arc<Snapshot>,
    next: &Rules,
    acts: &[String],
    now: Timestamp,
) -> Result<Preview, PolicyError> {
    let (pairs, complete) = pairs(snapshot);
    let mut changes = Vec::new();
    for (person, resource, right) in &pairs {
        let ask = Ask {
            person: *person,
            right: *right,
            action: "",
            resource: *resource,
            zone: "",
            facts: Facts::default(),
        };
        let zone = zone(snapshot, &ask)?;
        let meeting = Meeting::new(snapshot, *person, *right, *resource);
        let (mut lost, mut back) = (Vec::new(), Vec::new());
        for at in moments(now, &zone) {
            let moment = Moment { now: at, zone: &zone, facts: None };
            if meeting.hits.iter().all(|hit| miss(snapshot, hit.grant, &moment, &ask).is_some()) {
                continue;
            }
            let allows = |rules: &Rules, act: &str| {
                crate::lists::rules_allow(snapshot, rules, &meeting, &Ask { action: act, ..ask }, &moment)
            };
            let changed = |from: bool| {
                acts.iter().any(|act| allows(&snapshot.rules, act) == from && allows(next, act) != from)
            };
            if changed(true) {
                lost.push(at);
            }
            if changed(false) {
                back.push(at);
            }
        }
        for (at, lost) in [(lost, true), (back, false)] {
            if !at.is_empty() {
                changes.push(PreviewChange { person: *person, resource: *resource, right: *right, lost, at });
            }
        }
    }
    Ok(Preview { changes, tried: pairs.len(), complete })
}

/// Person, resource and right wherever grants that stand join them.
fn pairs(snapshot: &Snapshot) -> (Vec<(PersonId, ResourceId, Right)>, bool) {
    let mut pairs = Vec::new();
    let mut seen = HashSet::new();
    for (target, by_subject) in &snapshot.by_target {
        let resources = snapshot.covered(target);
        for (subject, grants) in by_subject.iter() {
            let people = snapshot.people(*subject);
            for right in
                Right::ALL.into_iter().filter(|right| grants.iter().any(|grant| grant.terms.right == *right))
            {
                for person in people.iter().filter(|person| !snapshot.barred.contains(person)) {
                    for resource in &resources {
                        if pairs.len() >= MOST_PAIRS {
                            return (pairs, false);
                        }
                        if seen.insert((*person, *resource, right)) {
                            pairs.push((*person, *resource, right));
                        }
                    }
                }
            }
        }
    }
    pairs.sort();
    (pairs, true)
}

/// Now; the next working day at noon; the coming night at two; Sunday at noon.
fn moments(now: Timestamp, zone: &jiff::tz::TimeZone) -> Vec<Timestamp> {
    let local = zone.to_datetime(now.to_jiff());
    let day = |weekday: &dyn Fn(Weekday) -> bool, hour: i8| {
        (1..=7)
            .filter_map(|days| local.date().checked_add(days.days()).ok())
            .find(|date| weekday(date.weekday()))
            .and_then(|date| zone.to_zoned(date.at(hour, 0, 0, 0)).ok())
            .map(|zoned| Timestamp::from(zoned.timestamp()))
    };
    let working = |weekday| !matches!(weekday, Weekday::Saturday | Weekday::Sunday);
    let sunday = |weekday| weekday == Weekday::Sunday;
    [Some(now), day(&working, 12), day(&|_| true, 2), day(&sunday, 12)].into_iter().flatten().collect()
}
