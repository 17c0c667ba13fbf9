//! The judgement: from a snapshot, a question and the time to a decision with its reasons. Pure.

use std::sync::Arc;

use jiff::tz::TimeZone;
use sekisho_kernel::{PersonId, ResourceId, Timestamp};
use uuid::Uuid;

use crate::rules::{BASE_GRANTED, Question, Rules};
use crate::snapshot::{Snapshot, Step};
use crate::{Ask, Chain, Decision, Facts, Grant, PolicyError, Reason, Right, Subject, Target};

/// A denial lists at most so many grants that nearly allowed it.
const MOST_REASONS: usize = 20;

/// The moment a grant is judged at.
pub(crate) struct Moment<'a> {
    pub(crate) now: Timestamp,
    pub(crate) zone: &'a TimeZone,
    /// `None` judges without conditions: "could they, if they did all that is asked".
    pub(crate) facts: Option<Facts>,
}

/// A grant that covers person and resource.
pub(crate) struct Hit<'a> {
    pub(crate) grant: &'a Arc<Grant>,
    subject: usize,
    target: usize,
}

/// What a person and a resource are within, and the grants where the two meet.
pub(crate) struct Meeting<'a> {
    subjects: Vec<(Subject, Step)>,
    targets: Vec<(Target, Option<Step>)>,
    pub(crate) hits: Vec<Hit<'a>>,
}

impl<'a> Meeting<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot, person: PersonId, right: Right, resource: ResourceId) -> Self {
        let subjects = snapshot.subjects(person);
        let targets = snapshot.targets(resource);
        let mut hits = Vec::new();
        for (at_target, (target, _)) in targets.iter().enumerate() {
            let Some(by_subject) = snapshot.by_target.get(target) else { continue };
            for (at_subject, (subject, _)) in subjects.iter().enumerate() {
                for grant in by_subject.get(subject).into_iter().flatten() {
                    if grant.terms.right.holds(right) {
                        hits.push(Hit { grant, subject: at_subject, target: at_target });
                    }
                }
            }
        }
        Self { subjects, targets, hits }
    }

    /// Puts what the grants allow before the tenant's rules.
    pub(crate) fn rules(
        &self,
        snapshot: &Snapshot,
        rules: &Rules,
        ask: &Ask<'_>,
        moment: &Moment<'_>,
    ) -> Result<Vec<String>, Vec<Reason>> {
        let Some(known) = snapshot.resources.get(&ask.resource) else {
            return Err(vec![Reason::NoSuchResource]);
        };
        if !rules.may_forbid(ask.right) {
            // Our own rules alone: "granted" holds, and a snapshot knows one tenant only (a test compares the two ways).
            return Ok(vec![BASE_GRANTED.to_owned()]);
        }
        // Judged without conditions, the best is taken for granted.
        let best = Facts {
            verified_at: Some(moment.now),
            address: None,
            second_person: Some(PersonId(Uuid::nil())),
        };
        rules.judge(&Question {
            tenant: snapshot.tenant,
            person: ask.person,
            groups: self.subjects.iter().skip(1).map(|(subject, _)| subject.uuid()).collect(),
            right: ask.right,
            act: ask.action,
            resource: ask.resource,
            known,
            within: self.targets.iter().skip(1).filter_map(|(_, step)| Some(step.as_ref()?.id)).collect(),
            now: moment.now,
            zone: moment.zone,
            facts: moment.facts.unwrap_or(best),
        })
    }

    /// The way the hit was found.
    pub(crate) fn chain(&self, hit: &Hit<'_>) -> Chain {
        let mut subjects = Vec::new();
        let mut at = Some(hit.subject);
        while let Some((subject, step)) = at.and_then(|index| self.subjects.get(index)) {
            subjects.push(*subject);
            at = step.from;
        }
        subjects.reverse();
        let mut targets = Vec::new();
        let mut at = Some(hit.target);
        while let Some((target, step)) = at.and_then(|index| self.targets.get(index)) {
            targets.push(target.clone());
            at = match step {
                Some(step) => step.from,
                // "all of a kind" and "the tenant" hang on the resource itself, which comes first
                None => Some(0),
            };
        }
        targets.reverse();
        Chain { subjects, targets }
    }
}

/// Whether the grant makes administrators: where administration is not open, it allows nothing.
pub(crate) fn makes_administrators(grant: &Grant) -> bool {
    grant.terms.target == Target::Tenant && grant.terms.right == Right::Manage
}

/// Answers a question. Where administration is not open, the grants that make administrators allow nothing.
pub(crate) fn decide(
    snapshot: &Snapshot,
    now: Timestamp,
    ask: &Ask<'_>,
    open: bool,
) -> Result<Decision, PolicyError> {
    let denied = |reasons: Vec<Reason>| Decision {
        allowed: false,
        reasons,
        grant: None,
        policies: Vec::new(),
        revision: snapshot.revision,
    };
    if snapshot.barred.contains(&ask.person) {
        return Ok(denied(vec![Reason::PersonBarred]));
    }
    if !snapshot.resources.contains_key(&ask.resource) {
        return Ok(denied(vec![Reason::NoSuchResource]));
    }
    let zone = zone(snapshot, ask)?;
    let moment = Moment { now, zone: &zone, facts: Some(ask.facts) };
    let meeting = Meeting::new(snapshot, ask.person, ask.right, ask.resource);
    let mut misses = Vec::new();
    for hit in &meeting.hits {
        if !open && makes_administrators(hit.grant) {
            misses.push(Reason::NetworkNotAllowed { grant: hit.grant.id });
            continue;
        }
        match miss(snapshot, hit.grant, &moment, ask) {
            None => {
                return Ok(match meeting.rules(snapshot, &snapshot.rules, ask, &moment) {
                    Ok(policies) => Decision {
                        allowed: true,
                        reasons: vec![Reason::GrantedBy { grant: hit.grant.id, chain: meeting.chain(hit) }],
                        grant: Some(hit.grant.id),
                        policies,
                        revision: snapshot.revision,
                    },
                    Err(reasons) => {
                        let policies =
                            reasons.iter().filter_map(Reason::rule).map(ToOwned::to_owned).collect();
                        Decision { grant: Some(hit.grant.id), policies, ..denied(reasons) }
                    }
                });
            }
            Some(reason) => misses.push(reason),
        }
    }
    if misses.is_empty() {
        misses.push(Reason::NoGrant);
    }
    misses.sort_by_key(nearness);
    misses.truncate(MOST_REASONS);
    Ok(denied(misses))
}

/// The zone of the question: as asked, or of the place the resource lies in, or UTC.
pub(crate) fn zone(snapshot: &Snapshot, ask: &Ask<'_>) -> Result<TimeZone, PolicyError> {
    let own = || snapshot.zone_of(ask.resource).unwrap_or("UTC");
    let name = if ask.zone.is_empty() { own() } else { ask.zone };
    TimeZone::get(name).map_err(|_| PolicyError::UnknownZone(name.to_owned()))
}

/// Why a grant that covers the question does not allow it at that moment; `None` when it does.
pub(crate) fn miss(snapshot: &Snapshot, grant: &Grant, moment: &Moment<'_>, ask: &Ask<'_>) -> Option<Reason> {
    let (id, terms) = (grant.id, &grant.terms);
    if let Some(from) = terms.valid_from.filter(|from| moment.now < *from) {
        return Some(Reason::NotYet { grant: id, from });
    }
    if let Some(since) = terms.valid_until.filter(|until| *until <= moment.now) {
        return Some(Reason::Expired { grant: id, since });
    }
    if let Some(schedule) = terms.schedule {
        // A schedule that is gone is shut.
        let compiled = snapshot.schedules.get(&schedule);
        if !compiled.is_some_and(|compiled| compiled.open_at(moment.now, moment.zone)) {
            let next = compiled
                .and_then(|compiled| compiled.next_openings(moment.now, moment.zone, 1).first().copied());
            return Some(Reason::OutsideSchedule { grant: id, schedule, next });
        }
    }
    let facts = moment.facts?;
    let conditions = &terms.conditions;
    if !conditions.networks.is_empty() {
        let inside = facts
            .address
            .map(|address| address.to_canonical())
            .is_some_and(|address| conditions.networks.iter().any(|network| network.contains(&address)));
        if !inside {
            return Some(Reason::NetworkNotAllowed { grant: id });
        }
    }
    if let Some(within_s) = conditions.step_up_within_s {
        // Not by whole seconds: they would allow almost one more than was said.
        let within_ms = u128::from(within_s) * 1000;
        let fresh = facts.verified_at.is_some_and(|at| moment.now.since(at).as_millis() <= within_ms);
        if !fresh {
            return Some(Reason::StepUpNeeded { grant: id, within_s });
        }
    }
    if conditions.second_person && !second_person_holds(snapshot, moment, ask, facts) {
        return Some(Reason::SecondPersonNeeded { grant: id });
    }
    None
}

/// The second person is another one, may act at all, and holds the right themselves at this moment.
fn second_person_holds(snapshot: &Snapshot, moment: &Moment<'_>, ask: &Ask<'_>, facts: Facts) -> bool {
    let Some(second) = facts.second_person.filter(|second| *second != ask.person) else { return false };
    if snapshot.barred.contains(&second) {
        return false;
    }
    let alone = Moment { now: moment.now, zone: moment.zone, facts: None };
    Meeting::new(snapshot, second, ask.right, ask.resource)
        .hits
        .iter()
        .any(|hit| miss(snapshot, hit.grant, &alone, ask).is_none())
}

/// What a person could mend soonest comes first.
fn nearness(reason: &Reason) -> u8 {
    match reason {
        Reason::StepUpNeeded { .. } => 0,
        Reason::SecondPersonNeeded { .. } => 1,
        Reason::NetworkNotAllowed { .. } => 2,
        Reason::OutsideSchedule { .. } => 3,
        Reason::NotYet { .. } => 4,
        Reason::Expired { .. } => 5,
        _ => 6,
    }
}
