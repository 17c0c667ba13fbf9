//! `decide` against a naive oracle over random small worlds: no index, no snapshot tricks, only the sentence "some grant
//! covers both and everything it asks for holds".

use std::net::{IpAddr, Ipv4Addr};

use jiff::tz::TimeZone;
use proptest::prelude::*;
use sekisho_kernel::{GroupId, PersonId, ResourceId, TenantId, Timestamp};
use uuid::Uuid;

use crate::rules::Rules;
use crate::schedule::Compiled;
use crate::snapshot::{MEMBER, NEST, PLACE, Resource, Snapshot};
use crate::{
    Ask, Conditions, Facts, Grant, GrantId, NewGrant, NewSchedule, Reason, Right, ScheduleId, Span, Subject,
    Target, Week, judge,
};

const PEOPLE: u8 = 4;
const GROUPS: u8 = 4;
const RESOURCES: u8 = 6;
const NOW: i64 = 1_795_305_600; // Sunday 2026-11-22 00:00 UTC

fn id(kind: u8, number: u8) -> Uuid {
    Uuid::from_u128(u128::from(kind) << 8 | u128::from(number))
}
fn person(number: u8) -> PersonId {
    PersonId(id(1, number))
}
fn group(number: u8) -> GroupId {
    GroupId(id(2, number))
}
fn resource(number: u8) -> ResourceId {
    ResourceId(id(3, number))
}
fn kind(number: u8) -> &'static str {
    if number.is_multiple_of(2) { "key" } else { "door" }
}

#[derive(Clone, Debug)]
struct SmallWorld {
    members: Vec<(u8, u8)>,
    nests: Vec<(u8, u8)>,
    places: Vec<(u8, u8)>,
    grants: Vec<NewGrant>,
    withdrawn: Vec<bool>,
    barred: Option<u8>,
    retired: Option<u8>,
    /// Open on Sunday from this hour.
    opens: u16,
}

fn grants() -> impl Strategy<Value = NewGrant> {
    let subject = prop_oneof![
        (0..PEOPLE).prop_map(|number| Subject::Person(person(number))),
        (0..GROUPS).prop_map(|number| Subject::Group(group(number))),
    ];
    let target = prop_oneof![
        6 => (0..RESOURCES).prop_map(|number| Target::Resource { id: resource(number) }),
        1 => (0..2_u8).prop_map(|number| Target::AllOf { kind: kind(number).to_owned() }),
        1 => Just(Target::Tenant),
    ];
    let time =
        prop::option::weighted(0.2, (-2..3_i64).prop_map(|hours| Timestamp::from_secs(NOW + hours * 3600)));
    let conditions = (prop::option::weighted(0.2, 0..120_u32), any::<bool>(), prop::bool::weighted(0.2))
        .prop_map(|(step_up_within_s, networks, second_person)| Conditions {
            step_up_within_s,
            networks: if networks { Vec::new() } else { vec!["10.0.0.0/8".parse().unwrap()] },
            second_person,
        });
    let right = prop::sample::select(Right::ALL.to_vec());
    (subject, right, target, prop::bool::weighted(0.3), time.clone(), time, conditions).prop_map(
        |(subject, right, target, scheduled, valid_from, valid_until, conditions)| NewGrant {
            schedule: scheduled.then(|| ScheduleId(id(4, 0))),
            valid_from,
            valid_until,
            conditions,
            ..NewGrant::always(subject, right, target)
        },
    )
}

fn worlds() -> impl Strategy<Value = SmallWorld> {
    // Edges go from a smaller to a greater number only, so there are no circles.
    let upward = |most: u8| {
        (0..most, 0..most).prop_filter_map("upward", |(a, b)| (a != b).then(|| (a.min(b), a.max(b))))
    };
    (
        prop::collection::vec((0..PEOPLE, 0..GROUPS), 0..6),
        prop::collection::vec(upward(GROUPS), 0..4),
        prop::collection::vec(upward(RESOURCES), 0..6),
        prop::collection::vec((grants(), prop::bool::weighted(0.1)), 0..8),
        prop::option::weighted(0.1, 0..PEOPLE),
        prop::option::weighted(0.1, 0..RESOURCES),
        0..24_u16,
    )
        .prop_map(|(members, nests, places, grants, barred, retired, opens)| {
            let (grants, withdrawn) = grants.into_iter().unzip();
            SmallWorld { members, nests, places, grants, withdrawn, barred, retired, opens }
        })
}

impl SmallWorld {
    fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot::empty(TenantId(id(9, 0)));
        for number in 0..RESOURCES {
            let known = Resource { kind: kind(number).to_owned(), name: format!("r{number}"), zone: None };
            snapshot.set_resource(resource(number), (self.retired != Some(number)).then_some(known));
        }
        for (child, parent) in &self.members {
            snapshot.set_edge(MEMBER, person(*child).uuid(), group(*parent).uuid(), true);
        }
        for (child, parent) in &self.nests {
            snapshot.set_edge(NEST, group(*child).uuid(), group(*parent).uuid(), true);
        }
        for (child, parent) in &self.places {
            snapshot.set_edge(PLACE, resource(*child).uuid(), resource(*parent).uuid(), true);
        }
        for ((number, terms), withdrawn) in (0_u8..).zip(&self.grants).zip(&self.withdrawn) {
            let grant = Grant {
                id: GrantId(id(5, number)),
                terms: terms.clone(),
                given_by: None,
                given_at: Timestamp::EPOCH,
                withdrawn_at: None,
            };
            snapshot.set_grant(grant.clone());
            if *withdrawn {
                snapshot.set_grant(Grant { withdrawn_at: Some(Timestamp::EPOCH), ..grant });
            }
        }
        snapshot.barred.extend(self.barred.map(person));
        let week = Week::on(&[7], &[Span { from: self.opens * 60, to: 24 * 60 }]);
        let compiled = Compiled::new(&NewSchedule { week, ..NewSchedule::default() }, []);
        snapshot.schedules.insert(ScheduleId(id(4, 0)), compiled.into());
        snapshot
    }

    fn is_in(&self, number: u8, wanted: u8) -> bool {
        number == wanted
            || self.nests.iter().any(|(child, parent)| *child == number && self.is_in(*parent, wanted))
    }
    fn acts_as(&self, who: u8, subject: Subject) -> bool {
        match subject {
            Subject::Person(id) => id == person(who),
            Subject::Group(id) => (0..GROUPS).filter(|number| group(*number) == id).any(|wanted| {
                self.members.iter().any(|(member, direct)| *member == who && self.is_in(*direct, wanted))
            }),
        }
    }
    fn lies_in(&self, number: u8, wanted: ResourceId) -> bool {
        resource(number) == wanted
            || self.places.iter().any(|(child, parent)| *child == number && self.lies_in(*parent, wanted))
    }
    fn covers(&self, target: &Target, number: u8) -> bool {
        match target {
            Target::Resource { id } => self.lies_in(number, *id),
            Target::AllOf { kind: of } => kind(number) == of,
            Target::Tenant => true,
        }
    }
    /// The oracle.
    fn allows(&self, who: u8, right: Right, number: u8, hour: u16, facts: Option<&Facts>) -> bool {
        let now = Timestamp::from_secs(NOW + i64::from(hour) * 3600);
        let rank = |right: Right| Right::ALL.iter().position(|known| *known == right);
        self.barred != Some(who)
            && self.retired != Some(number)
            && self.grants.iter().zip(&self.withdrawn).any(|(grant, withdrawn)| {
                let conditions = &grant.conditions;
                !withdrawn
                    && rank(grant.right) >= rank(right)
                    && self.acts_as(who, grant.subject)
                    && self.covers(&grant.target, number)
                    && grant.valid_from.is_none_or(|from| now >= from)
                    && grant.valid_until.is_none_or(|until| now < until)
                    && (grant.schedule.is_none() || hour >= self.opens)
                    && facts.is_none_or(|facts| {
                        let step_up = conditions.step_up_within_s.is_none_or(|within| {
                            facts.verified_at.is_some_and(|at| now.as_secs() - at.as_secs() <= i64::from(within))
                        });
                        let network = conditions.networks.is_empty()
                            || matches!(facts.address, Some(IpAddr::V4(address)) if address.octets()[0] == 10);
                        let second = !conditions.second_person
                            || (0..PEOPLE).any(|other| {
                                other != who
                                    && facts.second_person == Some(person(other))
                                    && self.allows(other, right, number, hour, None)
                            });
                        step_up && network && second
                    })
            })
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn decides_as_the_oracle_does(
        world in worlds(),
        hour in 0..24_u16,
        verified in prop::option::of(0..120_i64),
        address in prop::option::of(prop::sample::select(vec![[10, 1, 2, 3], [192, 0, 2, 1]])),
        second in prop::option::of(0..PEOPLE),
    ) {
        let snapshot = world.snapshot();
        let now = Timestamp::from_secs(NOW + i64::from(hour) * 3600);
        let facts = Facts {
            verified_at: verified.map(|ago| Timestamp::from_secs(now.as_secs() - ago)),
            address: address.map(|octets| IpAddr::V4(Ipv4Addr::from(octets))),
            second_person: second.map(person),
        };
        for who in 0..PEOPLE {
            for number in 0..RESOURCES {
                for right in Right::ALL {
                    let ask = Ask { person: person(who), right, action: "key.take_out", resource: resource(number), zone: "UTC", facts };
                    let decision = judge::decide(&snapshot, now, &ask, true).unwrap();
                    let wanted = world.allows(who, right, number, hour, Some(&facts));
                    prop_assert_eq!(decision.allowed, wanted, "{:?} {:?}", &ask, &decision);
                    if let [Reason::GrantedBy { chain, .. }] = decision.reasons.as_slice() {
                        prop_assert_eq!(chain.subjects.first(), Some(&Subject::Person(person(who))));
                        prop_assert_eq!(chain.targets.first(), Some(&Target::Resource { id: resource(number) }));
                    } else {
                        prop_assert!(!decision.allowed && !decision.reasons.is_empty());
                    }
                }
            }
        }
    }

    /// A rule that says exactly "not by person 0" takes exactly that away.
    #[test]
    fn a_rule_takes_away_and_never_adds(world in worlds(), hour in 0..24_u16) {
        let mut snapshot = world.snapshot();
        let text = format!("forbid (principal == Person::\"{}\", action == Action::\"exchange\", resource);", person(0));
        snapshot.rules = Rules::parse(&text).unwrap().into();
        let now = Timestamp::from_secs(NOW + i64::from(hour) * 3600);
        let facts = Facts::default();
        for who in 0..PEOPLE {
            for number in 0..RESOURCES {
                for right in Right::ALL {
                    let ask = Ask { person: person(who), right, action: "", resource: resource(number), zone: "UTC", facts };
                    let decision = judge::decide(&snapshot, now, &ask, true).unwrap();
                    let wanted = world.allows(who, right, number, hour, Some(&facts)) && !(who == 0 && right == Right::Exchange);
                    prop_assert_eq!(decision.allowed, wanted);
                }
            }
        }
    }
}

#[test]
fn an_unknown_zone_is_an_error_not_an_answer() {
    let world = SmallWorld {
        members: vec![],
        nests: vec![],
        places: vec![],
        grants: vec![NewGrant::always(Subject::Person(person(0)), Right::Manage, Target::Tenant)],
        withdrawn: vec![false],
        barred: None,
        retired: None,
        opens: 0,
    };
    let ask = Ask {
        person: person(0),
        right: Right::View,
        action: "",
        resource: resource(0),
        zone: "Mars/Olympus",
        facts: Facts::default(),
    };
    assert!(judge::decide(&world.snapshot(), Timestamp::EPOCH, &ask, true).is_err());
    assert!(TimeZone::get("Asia/Tokyo").is_ok());
}
