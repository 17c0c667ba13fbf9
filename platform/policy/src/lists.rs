//! The two lists: what can this person reach, and who can do this to that? The index finds the hits; rules are asked
//! about the hits only.

use std::collections::{BTreeSet, HashSet};

use sekisho_kernel::{Cx, PersonId, ResourceId, Timestamp};

use crate::judge::{Hit, Meeting, Moment, makes_administrators, miss, zone};
use crate::rules::Rules;
use crate::snapshot::Snapshot;
use crate::{Ask, Facts, GrantId, Policy, PolicyError, Reached, Right, Target, WhoCan};

impl Policy {
    /// What can this person reach with `right` or more, now or when its schedule opens or its validity begins? Sorted
    /// by kind and name. Whoever asks about themselves from where administration is closed is told what they can
    /// reach without the grants that make them an administrator.
    pub async fn reach(&self, cx: &Cx, person: PersonId, right: Right) -> Result<Vec<Reached>, PolicyError> {
        let snapshot = self.snapshot(cx).await?;
        if snapshot.barred.contains(&person) {
            return Ok(Vec::new());
        }
        let open = self.administration_open_to(cx, person);
        let mut resources = HashSet::new();
        for (subject, _) in snapshot.subjects(person) {
            for grant in snapshot.by_subject.get(&subject).into_iter().flat_map(|list| list.iter()) {
                if grant.terms.right.holds(right) && counts(grant, cx.now, open) {
                    resources.extend(snapshot.covered(&grant.terms.target));
                }
            }
        }
        let mut reached = Vec::with_capacity(resources.len());
        for resource in resources {
            let Some(known) = snapshot.resources.get(&resource) else { continue };
            let Some(found) = meet(&snapshot, cx.now, person, right, resource, open)? else { continue };
            reached.push(Reached {
                resource,
                kind: known.kind.clone(),
                name: known.name.clone(),
                grants: found.grants,
                chains: found.chains,
                now: found.now,
            });
        }
        reached.sort_by(|a, b| (&a.kind, &a.name, a.resource).cmp(&(&b.kind, &b.name, b.resource)));
        Ok(reached)
    }

    /// Who may manage everything of the tenant now, if they come from an address it allows; sorted.
    pub async fn administrators(&self, cx: &Cx) -> Result<Vec<PersonId>, PolicyError> {
        let snapshot = self.snapshot(cx).await?;
        let holders =
            snapshot.by_target.get(&Target::Tenant).into_iter().flat_map(|by_subject| by_subject.keys());
        let people: BTreeSet<PersonId> = holders.flat_map(|subject| snapshot.people(*subject)).collect();
        Ok(people.into_iter().filter(|person| snapshot.is_administrator(*person, cx.now)).collect())
    }

    /// Who can do this to that (now, or when its schedule opens or its validity begins), and why? Sorted by person.
    pub async fn who_can(
        &self,
        cx: &Cx,
        resource: ResourceId,
        right: Right,
    ) -> Result<Vec<WhoCan>, PolicyError> {
        let snapshot = self.snapshot(cx).await?;
        if !snapshot.resources.contains_key(&resource) {
            return Ok(Vec::new());
        }
        let mut people = HashSet::new();
        for (target, _) in snapshot.targets(resource) {
            let Some(by_subject) = snapshot.by_target.get(&target) else { continue };
            for (subject, grants) in by_subject.iter() {
                if grants.iter().any(|grant| grant.terms.right.holds(right) && has_future(grant, cx.now)) {
                    people.extend(snapshot.people(*subject));
                }
            }
        }
        let mut who = Vec::with_capacity(people.len());
        for person in people.difference(&snapshot.barred) {
            let open = self.administration_open_to(cx, *person);
            let Some(found) = meet(&snapshot, cx.now, *person, right, resource, open)? else { continue };
            who.push(WhoCan {
                person: *person,
                right: found.right,
                grants: found.grants,
                chains: found.chains,
                now: found.now,
            });
        }
        who.sort_by_key(|who| who.person);
        Ok(who)
    }
}

/// Whether a grant counts now or later, where administration is `open` or not.
fn counts(grant: &crate::Grant, now: Timestamp, open: bool) -> bool {
    has_future(grant, now) && (open || !makes_administrators(grant))
}

fn has_future(grant: &crate::Grant, now: Timestamp) -> bool {
    grant.withdrawn_at.is_none() && grant.terms.valid_until.is_none_or(|until| now < until)
}

struct Found {
    right: Right,
    grants: Vec<GrantId>,
    chains: Vec<crate::Chain>,
    now: bool,
}

/// The grants by which a person has a right on a resource; `None` when there are none left.
fn meet(
    snapshot: &Snapshot,
    now: Timestamp,
    person: PersonId,
    right: Right,
    resource: ResourceId,
    open: bool,
) -> Result<Option<Found>, PolicyError> {
    let ask = Ask { person, right, action: "", resource, zone: "", facts: Facts::default() };
    let zone = zone(snapshot, &ask)?;
    let moment = Moment { now, zone: &zone, facts: None };
    let meeting = Meeting::new(snapshot, person, right, resource);
    let hits: Vec<&Hit<'_>> = meeting.hits.iter().filter(|hit| counts(hit.grant, now, open)).collect();
    let Some(greatest) = hits.iter().map(|hit| hit.grant.terms.right).max() else { return Ok(None) };
    let now_open = hits.iter().any(|hit| miss(snapshot, hit.grant, &moment, &ask).is_none());
    Ok(Some(Found {
        right: greatest,
        grants: hits.iter().map(|hit| hit.grant.id).collect(),
        chains: hits.iter().map(|hit| meeting.chain(hit)).collect(),
        now: now_open && rules_allow(snapshot, &snapshot.rules, &meeting, &ask, &moment),
    }))
}

/// Whether the rules leave what grants allow.
pub(crate) fn rules_allow(
    snapshot: &Snapshot,
    rules: &Rules,
    meeting: &Meeting<'_>,
    ask: &Ask<'_>,
    moment: &Moment<'_>,
) -> bool {
    meeting.rules(snapshot, rules, ask, moment).is_ok()
}
