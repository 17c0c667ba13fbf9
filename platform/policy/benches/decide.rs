//! How long a decision takes with 100,000 grants, beside a peer engine asked the same questions in the same run.
//!
//! `cargo bench -p sekisho-policy --features peer`; without the feature the peer is left out. Budget: p99 ≤ 100 µs.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark: it measures, prints, and may fail"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use sekisho_kernel::{AuditEntry, GroupId, PersonId, ResourceId, Timestamp};
use sekisho_policy::{
    Ask, Conditions, Facts, NewGrant, NewSchedule, OnHolidays, Policy, Right, ScheduleId, Span, Subject,
    Target, Week,
};
use sekisho_storage::Engine;
use sekisho_teststore::{TestWorld, cx, fresh, tenant};
use uuid::Uuid;

const PEOPLE: u64 = 10_000;
const GROUPS: u64 = 500;
const RESOURCES: u64 = 2_000;
const GRANTS: u64 = 100_000;
const QUESTIONS: usize = 100_000;
const RULES: &str = r#"
@id("nights") forbid (principal, action == Action::"exchange", resource) when { context.hour < 5 };
@id("far") forbid (principal, action, resource) when { context has address && !context.address.isInRange(ip("10.0.0.0/8")) };
@id("vault") forbid (principal, action == Action::"manage", resource) when { resource.kind == "door" && !context.second_person };
"#;

/// SplitMix64, so that every run asks the same.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }
}

fn person(number: u64) -> PersonId {
    PersonId(Uuid::from_u64_pair(1, number))
}
fn group(number: u64) -> GroupId {
    GroupId(Uuid::from_u64_pair(2, number))
}
fn resource(number: u64) -> ResourceId {
    ResourceId(Uuid::from_u64_pair(3, number))
}
fn kind(number: u64) -> &'static str {
    match number {
        0..20 => "site",
        20..200 => "box",
        _ if number.is_multiple_of(2) => "key",
        _ => "door",
    }
}

/// The world as plain lists, from which both engines are fed.
struct Plan {
    members: Vec<(u64, u64)>,
    nests: Vec<(u64, u64)>,
    places: Vec<(u64, u64)>,
    grants: Vec<NewGrant>,
}

impl Plan {
    fn new(now: Timestamp, schedule: ScheduleId) -> Self {
        let mut chance = Chance(0x5e61_5400);
        let members =
            (0..PEOPLE).flat_map(|who| [(who, chance.below(GROUPS)), (who, chance.below(GROUPS))]).collect();
        // a tree of groups, some eight deep
        let nests = (1..GROUPS).map(|inner| (inner, inner / 2)).collect();
        let places = (20..RESOURCES)
            .map(|inner| (inner, if inner < 200 { inner % 20 } else { 20 + inner % 180 }))
            .collect();
        let grants = (0..GRANTS)
            .map(|_| {
                let subject = if chance.below(4) == 0 {
                    Subject::Group(group(chance.below(GROUPS)))
                } else {
                    Subject::Person(person(chance.below(PEOPLE)))
                };
                let right = Right::ALL[usize::try_from([0, 1, 1, 1, 2][chance.below(5) as usize]).unwrap()];
                let target = match chance.below(5_000) {
                    0 => Target::AllOf { kind: "key".to_owned() },
                    _ => Target::Resource { id: resource(chance.below(RESOURCES)) },
                };
                let hour = Duration::from_secs(3600);
                NewGrant {
                    schedule: (chance.below(3) == 0).then_some(schedule),
                    valid_from: (chance.below(10) == 0).then(|| now.plus(hour)),
                    valid_until: (chance.below(10) == 0).then(|| now.plus(2 * hour)),
                    conditions: Conditions {
                        step_up_within_s: (chance.below(10) == 0).then_some(300),
                        ..Conditions::default()
                    },
                    ..NewGrant::always(subject, right, target)
                }
            })
            .collect();
        Self { members, nests, places, grants }
    }
}

/// The questions: half of them where a grant is likely to be.
fn questions(plan: &Plan, now: Timestamp) -> Vec<(u64, u64, Right, Facts)> {
    let mut chance = Chance(7);
    (0..QUESTIONS)
        .map(|_| {
            let aimed = &plan.grants[chance.below(GRANTS) as usize];
            let who = match aimed.subject {
                Subject::Person(id) if chance.below(2) == 0 => id.uuid().as_u64_pair().1,
                _ => chance.below(PEOPLE),
            };
            let what = match aimed.target {
                Target::Resource { id } => id.uuid().as_u64_pair().1,
                _ => chance.below(RESOURCES),
            };
            let right = Right::ALL[chance.below(3) as usize];
            let verified_at = (chance.below(2) == 0).then(|| now.minus(Duration::from_secs(60)));
            (who, what, right, Facts { verified_at, ..Facts::default() })
        })
        .collect()
}

#[tokio::main]
async fn main() {
    let mut migrations = sekisho_storage::migrations();
    migrations.extend(sekisho_policy::migrations());
    let fresh = fresh(Engine::Sqlite, &migrations).await;
    let world = TestWorld::new();
    let start = cx(&world, tenant(1));
    let policy = Policy::new(fresh.store.clone());

    let mut tx = fresh.store.begin(&start).await.unwrap();
    let week = Week::on(&[1, 2, 3, 4, 5, 7], &[Span { from: 8 * 60, to: 18 * 60 }]);
    let office = NewSchedule {
        name: "office".to_owned(),
        week,
        on_holidays: OnHolidays::Closed,
        japan: true,
        ..NewSchedule::default()
    };
    let schedule = policy.save_schedule(&mut tx, None, office).await.unwrap();
    let plan = Plan::new(start.now, schedule);
    let began = Instant::now();
    for number in 0..RESOURCES {
        policy.register(&mut tx, resource(number), kind(number), &format!("thing {number}")).await.unwrap();
    }
    for (inner, outer) in &plan.places {
        policy.place_in(&mut tx, resource(*inner), resource(*outer)).await.unwrap();
    }
    for (who, of) in &plan.members {
        policy.join(&mut tx, person(*who), group(*of)).await.unwrap();
    }
    for (inner, outer) in &plan.nests {
        policy.nest(&mut tx, group(*inner), group(*outer)).await.unwrap();
    }
    policy.grant_many(&mut tx, plan.grants.clone()).await.unwrap();
    tx.commit(AuditEntry::done("bench.fill")).await.unwrap();
    println!(
        "filled: {GRANTS} grants, {PEOPLE} people, {GROUPS} nested groups, {RESOURCES} resources in {:.1?}",
        began.elapsed()
    );

    let before = resident_kib();
    let began = Instant::now();
    policy.revision(&start.later()).await.unwrap();
    println!(
        "whole load: {:.0?}; memory of the snapshot: {} MiB",
        began.elapsed(),
        (resident_kib() - before) / 1024
    );
    for _ in 0..3 {
        let one =
            NewGrant::always(Subject::Person(person(1)), Right::View, Target::Resource { id: resource(1) });
        let mut tx = fresh.store.begin(&start.later()).await.unwrap();
        let id = policy.grant(&mut tx, one).await.unwrap();
        policy.withdraw(&mut tx, id).await.unwrap();
        tx.commit(AuditEntry::done("bench.change")).await.unwrap();
        let began = Instant::now();
        policy.revision(&start.later()).await.unwrap();
        println!("first answer after a change: {:.1?}", began.elapsed());
    }

    let asked = questions(&plan, start.now);
    let plain = measure(&policy, &world, &asked).await;
    let plain_figure = report("decide, no rules of the tenant", plain.0);
    let began = Instant::now();
    let all = policy.reach(&start.later(), person(7), Right::View).await.unwrap();
    println!("reach: {} resources in {:.1?}", all.len(), began.elapsed());
    let began = Instant::now();
    let who = policy.who_can(&start.later(), resource(500), Right::View).await.unwrap();
    println!("who can: {} people in {:.1?}", who.len(), began.elapsed());
    let beside = peer(&plan, &asked, &plain.1, start.now);
    let what = "100,000 grants, 10,000 people, 500 groups, 2,000 resources";
    figure(&format!("decision, {what}, no tenant rules"), &plain_figure, &beside);

    let mut tx = fresh.store.begin(&start.later()).await.unwrap();
    policy.save_rules(&mut tx, RULES).await.unwrap();
    tx.commit(AuditEntry::done("bench.rules")).await.unwrap();
    let ruled = report("decide, three rules of the tenant", measure(&policy, &world, &asked).await.0);
    figure("the same with three tenant rules", &ruled, "");
}

/// A figure as `make bench` collects it.
fn figure(what: &str, (words, p99): &(String, Duration), beside: &str) {
    let holds = *p99 <= Duration::from_micros(100);
    let said = serde_json::json!({
        "what": what, "ours": words, "beside": beside, "budget": "p99 ≤ 100 µs", "holds": holds
    });
    println!("@ {said}");
}

/// Asks all; returns the times and the answers.
async fn measure(
    policy: &Policy,
    world: &Arc<TestWorld>,
    asked: &[(u64, u64, Right, Facts)],
) -> (Vec<Duration>, Vec<bool>) {
    let cx = cx(world, tenant(1));
    policy.revision(&cx).await.unwrap();
    let mut times = Vec::with_capacity(asked.len());
    let mut answers = Vec::with_capacity(asked.len());
    for (who, what, right, facts) in asked {
        let ask = Ask {
            person: person(*who),
            right: *right,
            action: "key.take_out",
            resource: resource(*what),
            zone: "Asia/Tokyo",
            facts: *facts,
        };
        let began = Instant::now();
        let decision = policy.decide(&cx, &ask).await.unwrap();
        times.push(began.elapsed());
        answers.push(decision.allowed);
    }
    println!("allowed {} of {}", answers.iter().filter(|allowed| **allowed).count(), answers.len());
    (times, answers)
}

fn report(name: &str, mut times: Vec<Duration>) -> (String, Duration) {
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!(
        "{name}: p50 {:.1?}, p99 {:.1?}, p99.9 {:.1?}, worst {:.1?}",
        at(0.5),
        at(0.99),
        at(0.999),
        at(1.0)
    );
    (format!("p50 {:.1?}, p99 {:.1?}", at(0.5), at(0.99)), at(0.99))
}

fn resident_kib() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or_default()
}

#[cfg(not(feature = "peer"))]
fn peer(_: &Plan, _: &[(u64, u64, Right, Facts)], _: &[bool], _: Timestamp) -> String {
    println!("peer left out: --features peer asks regorus the same");
    String::new()
}

/// Regorus with the closures of groups and places worked out for it beforehand, as its users would do.
#[cfg(feature = "peer")]
fn peer(plan: &Plan, asked: &[(u64, u64, Right, Facts)], ours: &[bool], now: Timestamp) -> String {
    use std::collections::{BTreeMap, BTreeSet};

    const REGO: &str = r#"
package sekisho
import rego.v1
default allow := false
allow if {
    some subject in data.subjects[input.person]
    some target in data.targets[input.resource]
    some grant in data.grants[subject][target]
    grant.right >= input.right
    grant.from <= input.now
    input.now < grant.until
    input.verified_ago <= grant.step_up
}
"#;
    let above = |start: u64, edges: &BTreeMap<u64, Vec<u64>>| {
        let mut seen = BTreeSet::from([start]);
        let mut todo = vec![start];
        while let Some(next) = todo.pop() {
            todo.extend(
                edges
                    .get(&next)
                    .into_iter()
                    .flatten()
                    .filter(|outer| seen.insert(**outer))
                    .copied()
                    .collect::<Vec<_>>(),
            );
        }
        seen
    };
    let edges = |pairs: &[(u64, u64)]| {
        let mut map: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        for (inner, outer) in pairs {
            map.entry(*inner).or_default().push(*outer);
        }
        map
    };
    let (members, nests, places) = (edges(&plan.members), edges(&plan.nests), edges(&plan.places));
    let subjects: BTreeMap<String, Vec<String>> = (0..PEOPLE)
        .map(|who| {
            let groups: BTreeSet<u64> =
                members.get(&who).into_iter().flatten().flat_map(|group| above(*group, &nests)).collect();
            let all =
                std::iter::once(format!("p{who}")).chain(groups.iter().map(|group| format!("g{group}")));
            (format!("p{who}"), all.collect())
        })
        .collect();
    let targets: BTreeMap<String, Vec<String>> = (0..RESOURCES)
        .map(|what| {
            let all = above(what, &places).into_iter().map(|id| format!("r{id}"));
            (format!("r{what}"), all.chain([format!("all {}", kind(what))]).collect())
        })
        .collect();
    let far = Timestamp::FAR_FUTURE.as_secs();
    let mut grants: BTreeMap<String, BTreeMap<String, Vec<serde_json::Value>>> = BTreeMap::new();
    for grant in &plan.grants {
        let subject = match grant.subject {
            Subject::Person(id) => format!("p{}", id.uuid().as_u64_pair().1),
            Subject::Group(id) => format!("g{}", id.uuid().as_u64_pair().1),
        };
        let target = match &grant.target {
            Target::Resource { id } => format!("r{}", id.uuid().as_u64_pair().1),
            Target::AllOf { kind } => format!("all {kind}"),
            Target::Tenant => "tenant".to_owned(),
        };
        // The world stands at Sunday nine in Tokyo, within the schedule; the peer need not know of schedules.
        grants.entry(subject).or_default().entry(target).or_default().push(serde_json::json!({
            "right": Right::ALL.iter().position(|right| *right == grant.right),
            "from": grant.valid_from.map_or(0, Timestamp::as_secs),
            "until": grant.valid_until.map_or(far, Timestamp::as_secs),
            "step_up": grant.conditions.step_up_within_s.unwrap_or(u32::MAX),
        }));
    }
    let mut engine = regorus::Engine::new();
    engine.add_policy("sekisho.rego".to_owned(), REGO.to_owned()).unwrap();
    let data = serde_json::json!({ "subjects": subjects, "targets": targets, "grants": grants });
    engine.add_data(regorus::Value::from_json_str(&data.to_string()).unwrap()).unwrap();
    let mut times = Vec::new();
    let mut disagreements = 0;
    for ((who, what, right, facts), ours) in asked.iter().zip(ours).take(20_000) {
        let input = serde_json::json!({
            "person": format!("p{who}"),
            "resource": format!("r{what}"),
            "right": Right::ALL.iter().position(|known| known == right),
            "now": now.as_secs(),
            "verified_ago": facts.verified_at.map_or(i64::from(u32::MAX), |at| now.as_secs() - at.as_secs()),
        });
        let began = Instant::now();
        engine.set_input(regorus::Value::from_json_str(&input.to_string()).unwrap());
        let answer = engine.eval_rule("data.sekisho.allow".to_owned()).unwrap();
        times.push(began.elapsed());
        if answer != regorus::Value::from(*ours) {
            disagreements += 1;
        }
    }
    println!("regorus disagrees on {disagreements} of {} questions", times.len());
    let asked = times.len();
    let (words, _) = report("regorus, the same questions", times);
    format!("regorus 0.14: {words}; {disagreements} of {asked} disagree")
}
