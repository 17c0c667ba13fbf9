//! The pages of rights with invented people and things, for `/gallery` and the test that draws them all.

use sekisho_kernel::{ResourceId, Timestamp};
use sekisho_policy::{
    Chain, Conditions, Decision, Grant, Holiday, HolidayCalendar, KnownResource, NewGrant, NewSchedule,
    OnHolidays, Preview, PreviewChange, Reached, Reason, Right, RuleFault, Schedule, Span, Subject, Target,
    Week, WhoCan, Window,
};
use sekisho_web::FormState;
use sekisho_web::gallery::{Sample, Sampler, drawn, id, minutes_ago};

use super::calendars::CalendarPage;
use super::grants::{GrantList, GrantPage, ListAsk};
use super::new_grant::NewGrantPage;
use super::rules::{Outcome, RulesPage};
use super::schedules::{Hours, SchedulePage, Schedules, state_of};
use super::why::{Answer, WhyAsk, WhyPage};
use crate::labels::{Named, target_value};

/// The pages that have samples.
pub fn samplers() -> Vec<Sampler> {
    vec![
        drawn::<GrantList>,
        drawn::<GrantPage>,
        drawn::<NewGrantPage>,
        drawn::<WhyPage>,
        drawn::<Schedules>,
        drawn::<SchedulePage>,
        drawn::<CalendarPage>,
        drawn::<RulesPage>,
    ]
}

fn sato() -> Subject {
    Subject::Person(id(101))
}

fn group() -> Subject {
    Subject::Group(id(201))
}

fn van() -> Target {
    Target::Resource { id: id(1) }
}

fn names() -> Named {
    let known = |number, kind: &str, name: &str| {
        let id: ResourceId = id(number);
        (id, KnownResource { id, kind: kind.to_owned(), name: name.to_owned(), retired: false })
    };
    let subjects = [
        (sato(), "佐藤 美咲"),
        (Subject::Person(id(102)), "勅使河原 龍之介"),
        (group(), "総務部 施設・車両管理チーム"),
    ];
    Named {
        subjects: subjects.map(|(subject, name)| (subject, name.to_owned())).into(),
        resources: [known(1, "key", "社用車 3 号（品川 500 あ 12-34）"), known(2, "box", "本社 1 階 A")]
            .into(),
        schedules: vec![schedule()],
    }
}

fn hours() -> NewSchedule {
    NewSchedule {
        name: "平日の日中".to_owned(),
        week: Week::on(&[1, 2, 3, 4, 5], &[Span { from: 9 * 60, to: 18 * 60 }]),
        on_holidays: OnHolidays::Closed,
        japan: true,
        calendars: vec![id(1)],
    }
}

fn schedule() -> Schedule {
    Schedule { id: id(301), terms: hours() }
}

fn calendar() -> HolidayCalendar {
    let day =
        |month, day, name: &str| Holiday { date: jiff::civil::date(2026, month, day), name: name.to_owned() };
    let days = vec![day(12, 29, "年末休業"), day(12, 30, "年末休業"), day(8, 13, "夏季休業")];
    HolidayCalendar { id: id(1), name: "会社の休業日".to_owned(), days }
}

fn grant(number: u128, subject: Subject, right: Right, target: Target) -> Grant {
    let terms = NewGrant::always(subject, right, target);
    Grant {
        id: id(number),
        terms,
        given_by: Some(id(102)),
        given_at: minutes_ago(60 * 24 * 9),
        withdrawn_at: None,
    }
}

/// One with everything that can be said of a grant.
fn narrow() -> Grant {
    let mut grant = grant(2, group(), Right::Exchange, van());
    grant.terms.schedule = Some(id(301));
    grant.terms.valid_from = Some(minutes_ago(60 * 24));
    grant.terms.valid_until = Some(minutes_ago(-60 * 24 * 30));
    grant.terms.conditions = Conditions {
        step_up_within_s: Some(900),
        networks: ["192.0.2.0/24".parse()].into_iter().flatten().collect(),
        second_person: true,
    };
    grant.terms.note = "年度末の監査まで".to_owned();
    grant
}

fn withdrawn() -> Grant {
    Grant {
        withdrawn_at: Some(minutes_ago(30)),
        given_by: None,
        ..grant(4, sato(), Right::Manage, Target::Tenant)
    }
}

impl Sample for GrantList {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |grants, ask| Self {
            grants,
            next: Some("next".to_owned()),
            names: names(),
            ask,
            administrator: true,
        };
        let mut ended = grant(5, sato(), Right::View, Target::AllOf { kind: "key".to_owned() });
        ended.terms.valid_until = Some(minutes_ago(60));
        let mut future = grant(6, Subject::Person(id(999)), Right::View, Target::Resource { id: id(999) });
        future.terms.valid_from = Some(minutes_ago(-600));
        let all = vec![grant(1, sato(), Right::Exchange, van()), narrow(), withdrawn(), ended, future];
        let searched = ListAsk { q: "プリンター".to_owned(), ..ListAsk::default() };
        let none = |ask| Self { next: None, administrator: false, ..page(Vec::new(), ask) };
        vec![
            ("/rights", page(all, ListAsk::default())),
            ("/rights: none", none(ListAsk::default())),
            ("/rights: nothing found", none(searched)),
        ]
    }
}

impl Sample for GrantPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |grant, may_change| Self { grant, names: names(), may_change };
        vec![
            ("/rights/{id}", page(grant(1, sato(), Right::Exchange, van()), true)),
            ("/rights/{id}: narrow", page(narrow(), false)),
            ("/rights/{id}: withdrawn", page(withdrawn(), true)),
        ]
    }
}

impl Sample for NewGrantPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |state, search: &str, administrator| Self {
            state,
            search: search.to_owned(),
            subjects: names().subjects.into_iter().collect(),
            targets: vec![(target_value(&van()), "社用車 3 号".to_owned())],
            schedules: vec![(schedule().id.to_string(), schedule().terms.name)],
            administrator,
        };
        let refused = FormState::empty().with("right", "manage").wrong("target", "rights-error-target");
        vec![
            ("/rights/new: administrator", page(FormState::empty(), "", true)),
            ("/rights/new: manager", page(FormState::empty(), "佐藤", false)),
            ("/rights/new: refused", page(refused, "", true)),
        ]
    }
}

/// Every reason against, and a chain for.
fn reasons() -> Vec<Reason> {
    let grant = id(2);
    let next = Window { from: minutes_ago(-600), until: minutes_ago(-900) };
    vec![
        Reason::NoGrant,
        Reason::NoSuchResource,
        Reason::PersonBarred,
        Reason::NotYet { grant, from: minutes_ago(-60) },
        Reason::Expired { grant, since: minutes_ago(60) },
        Reason::OutsideSchedule { grant, schedule: id(301), next: Some(next) },
        Reason::OutsideSchedule { grant, schedule: id(301), next: None },
        Reason::StepUpNeeded { grant, within_s: 900 },
        Reason::NetworkNotAllowed { grant },
        Reason::SecondPersonNeeded { grant },
        Reason::ForbiddenByRule { rule: "night".to_owned() },
        Reason::RuleFailed { rule: "weekend".to_owned() },
    ]
}

fn chain() -> Chain {
    Chain {
        subjects: vec![sato(), group()],
        targets: vec![van(), Target::Resource { id: id(2) }, Target::Tenant],
    }
}

impl Sample for WhyPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |answer, administrator| Self {
            ask: WhyAsk::default(),
            right: Right::Exchange,
            people: vec![("101".to_owned(), "佐藤 美咲".to_owned())],
            things: vec![
                ("1".to_owned(), Some("key".to_owned()), "社用車 3 号".to_owned()),
                ("2".to_owned(), None, "本社 1 階 A".to_owned()),
            ],
            answer,
            names: names(),
            administrator,
        };
        let decision = |allowed, reasons| Decision {
            allowed,
            reasons,
            grant: Some(id(2)),
            policies: Vec::new(),
            revision: 42,
        };
        let answer = |decision, may_allow| Answer::Chain {
            decision,
            person: id(101),
            resource: id(1),
            at: minutes_ago(0),
            may_allow,
        };
        let granted = vec![Reason::GrantedBy { grant: id(2), chain: chain() }];
        let who = |number, now| WhoCan {
            person: id(number),
            right: Right::Exchange,
            grants: vec![id(2)],
            chains: vec![chain(), Chain { subjects: vec![sato()], targets: vec![van()] }],
            now,
        };
        let reached = Reached {
            resource: id(1),
            kind: "key".to_owned(),
            name: "社用車 3 号".to_owned(),
            grants: vec![id(2)],
            chains: vec![chain()],
            now: true,
        };
        let who_can = |who| Answer::WhoCan { resource: id(1), who };
        let reach = |reached| Answer::Reach { person: id(101), reached };
        vec![
            ("/rights/why", page(Answer::None, false)),
            ("/rights/why: allowed", page(answer(decision(true, granted), false), true)),
            ("/rights/why: refused", page(answer(decision(false, reasons()), true), true)),
            ("/rights/why: who can", page(who_can(vec![who(101, true), who(102, false)]), true)),
            ("/rights/why: nobody can", page(who_can(Vec::new()), true)),
            ("/rights/why: what is reached", page(reach(vec![reached]), true)),
            ("/rights/why: nothing is reached", page(reach(Vec::new()), true)),
        ]
    }
}

impl Sample for Schedules {
    fn samples() -> Vec<(&'static str, Self)> {
        vec![
            ("/rights/schedules", Self { schedules: vec![schedule()], calendars: vec![calendar()] }),
            ("/rights/schedules: none", Self { schedules: Vec::new(), calendars: Vec::new() }),
        ]
    }
}

impl Sample for SchedulePage {
    fn samples() -> Vec<(&'static str, Self)> {
        // A day inside a day, a night into the next day, and a stretch without an end.
        let window = |from, until| Window { from: minutes_ago(from), until: minutes_ago(until) };
        let openings = vec![window(-60, -120), window(-600, -1500), window(-3000, -60 * 24 * 400)];
        let page = |saved, state, preview| Self { saved, state, calendars: vec![calendar()], preview };
        let hours_of = |openings| Some(Hours { terms: hours(), openings });
        let mut odd = hours();
        odd.week.add(6, Span { from: 9 * 60 + 15, to: 12 * 60 + 45 });
        vec![
            ("/rights/schedules/new", page(None, state_of(&hours()), hours_of(openings.clone()))),
            (
                "/rights/schedules/new: refused",
                page(None, state_of(&hours()).wrong("d1", "rights-error-hours"), None),
            ),
            ("/rights/schedules/{id}", page(Some((id(301), hours())), state_of(&odd), hours_of(openings))),
            (
                "/rights/schedules/{id}: never open",
                page(Some((id(301), hours())), state_of(&hours()), hours_of(Vec::new())),
            ),
        ]
    }
}

impl Sample for CalendarPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let known = || {
            FormState::empty()
                .with("name", calendar().name)
                .with("days", "2026-12-29 年末休業\n2026-12-30 年末休業")
        };
        vec![
            ("/rights/calendars/new", Self { id: None, state: FormState::empty() }),
            ("/rights/calendars/{id}", Self { id: Some(id(1)), state: known() }),
            (
                "/rights/calendars/{id}: refused",
                Self { id: Some(id(1)), state: known().wrong("days", "rights-error-days") },
            ),
        ]
    }
}

impl Sample for RulesPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |outcome, versions: Vec<(Timestamp, _)>| Self {
            state: FormState::empty().with("text", "forbid (principal, action, resource);"),
            outcome,
            versions,
            names: names(),
        };
        let fault = RuleFault {
            line: 3,
            column: 14,
            message: "unexpected token `when`".to_owned(),
            help: Some("add a comma".to_owned()),
        };
        let change = |lost| PreviewChange {
            person: id(101),
            resource: id(1),
            right: Right::Exchange,
            lost,
            at: vec![minutes_ago(0), minutes_ago(-700)],
        };
        let tried = |changes, complete| Outcome::Tried(Preview { changes, tried: 1200, complete });
        let versions = || vec![(minutes_ago(60), Some(id(101))), (minutes_ago(6000), None)];
        vec![
            ("/rights/rules: none yet", page(Outcome::None, Vec::new())),
            ("/rights/rules: faults", page(Outcome::Faults(vec![fault]), versions())),
            ("/rights/rules: tried", page(tried(vec![change(true), change(false)], false), versions())),
            ("/rights/rules: tried without change", page(tried(Vec::new(), true), versions())),
        ]
    }
}
