//! Giving and withdrawing rights, and what a decision says about them.

use sekisho_kernel::{Kind, Kinded};
use sekisho_policy::{
    Ask, Conditions, Facts, NewGrant, NewSchedule, PolicyError, Reason, Right, Span, Subject, Target, Week,
};
use sekisho_teststore::on_both_engines;

use crate::{BOX, KEYS, SITE, Site, commit, group, migrations, person, resource};

on_both_engines!(a_grant_on_the_box_reaches_its_keys_through_a_group, migrations(), |fresh| {
    let site = Site::new(&fresh.store).await;
    let mut tx = site.begin().await;
    let target = Target::Resource { id: resource(BOX) };
    let grant = NewGrant::always(Subject::Group(group(2)), Right::Exchange, target.clone());
    let id = site.policy.grant(&mut tx, grant).await.unwrap();
    site.policy.join(&mut tx, person(1), group(1)).await.unwrap();
    site.policy.nest(&mut tx, group(1), group(2)).await.unwrap();
    commit(tx).await;

    let decision = site.ask(person(1), Right::Exchange, resource(KEYS[0])).await;
    assert!(decision.allowed);
    assert_eq!(decision.grant, Some(id));
    let [Reason::GrantedBy { grant, chain }] = decision.reasons.as_slice() else { panic!("{decision:?}") };
    assert_eq!(*grant, id);
    assert_eq!(
        chain.subjects,
        [Subject::Person(person(1)), Subject::Group(group(1)), Subject::Group(group(2))]
    );
    assert_eq!(chain.targets, [Target::Resource { id: resource(KEYS[0]) }, target]);
    assert_eq!(decision.policies, ["base.granted"]);

    assert!(site.allows(person(1), Right::View, resource(KEYS[0])).await, "exchange holds view");
    assert!(!site.allows(person(1), Right::Manage, resource(KEYS[0])).await);
    assert!(!site.allows(person(1), Right::View, resource(SITE)).await, "a grant does not reach outward");
    assert!(!site.allows(person(2), Right::View, resource(KEYS[0])).await);
    let nobody = site.ask(person(2), Right::View, resource(KEYS[0])).await;
    assert_eq!(nobody.reasons, [Reason::NoGrant]);
});

on_both_engines!(withdrawn_barred_retired_and_left_allow_nothing, migrations(), |fresh| {
    let site = Site::new(&fresh.store).await;
    let key = resource(KEYS[0]);
    let mut tx = site.begin().await;
    let to_group =
        NewGrant::always(Subject::Group(group(1)), Right::Exchange, Target::AllOf { kind: "key".to_owned() });
    let id = site.policy.grant(&mut tx, to_group).await.unwrap();
    site.policy.join(&mut tx, person(1), group(1)).await.unwrap();
    commit(tx).await;
    assert!(site.allows(person(1), Right::Exchange, key).await);

    let mut tx = site.begin().await;
    site.policy.withdraw(&mut tx, id).await.unwrap();
    commit(tx).await;
    assert!(!site.allows(person(1), Right::Exchange, key).await, "withdrawn");
    let mut tx = site.begin().await;
    assert!(matches!(site.policy.withdraw(&mut tx, id).await, Err(PolicyError::NoSuchGrant)), "only once");
    site.policy.reinstate(&mut tx, id).await.unwrap();
    site.policy.bar(&mut tx, person(1), true).await.unwrap();
    commit(tx).await;
    assert_eq!(site.ask(person(1), Right::Exchange, key).await.reasons, [Reason::PersonBarred]);

    let mut tx = site.begin().await;
    site.policy.bar(&mut tx, person(1), false).await.unwrap();
    commit(tx).await;
    assert!(site.allows(person(1), Right::Exchange, key).await, "back");

    let mut tx = site.begin().await;
    site.policy.retire(&mut tx, key).await.unwrap();
    commit(tx).await;
    assert_eq!(site.ask(person(1), Right::Exchange, key).await.reasons, [Reason::NoSuchResource]);

    let mut tx = site.begin().await;
    site.policy.register(&mut tx, key, "key", "Key 10 again").await.unwrap();
    site.policy.leave(&mut tx, person(1), group(1)).await.unwrap();
    commit(tx).await;
    assert!(!site.allows(person(1), Right::Exchange, key).await, "left the group");
});

on_both_engines!(the_schedule_is_read_in_the_zone_of_the_site, migrations(), |fresh| {
    let site = Site::new(&fresh.store).await;
    let key = resource(KEYS[0]);
    let mut tx = site.begin().await;
    let week = Week::on(&[7], &[Span { from: 9 * 60, to: 10 * 60 }]);
    let terms = NewSchedule { name: "Sunday nine to ten".to_owned(), week, ..NewSchedule::default() };
    let schedule = site.policy.save_schedule(&mut tx, None, terms.clone()).await.unwrap();
    let target = Target::Resource { id: key };
    let grant = NewGrant {
        schedule: Some(schedule),
        ..NewGrant::always(Subject::Person(person(1)), Right::Exchange, target)
    };
    let id = site.policy.grant(&mut tx, grant).await.unwrap();
    commit(tx).await;
    assert!(
        site.allows(person(1), Right::Exchange, key).await,
        "the test world begins on Sunday 09:00 in Tokyo"
    );

    site.world.advance(std::time::Duration::from_secs(3600));
    let decision = site.ask(person(1), Right::Exchange, key).await;
    let [Reason::OutsideSchedule { grant, next: Some(next), .. }] = decision.reasons.as_slice() else {
        panic!("{decision:?}")
    };
    assert_eq!((*grant, next.from.rfc3339().as_str()), (id, "2026-11-29T00:00:00Z"));

    let mut tx = site.begin().await;
    assert!(matches!(site.policy.remove_schedule(&mut tx, schedule).await, Err(PolicyError::ScheduleInUse)));
    let longer = NewSchedule { week: Week::always(), ..terms };
    site.policy.save_schedule(&mut tx, Some(schedule), longer).await.unwrap();
    commit(tx).await;
    assert!(site.allows(person(1), Right::Exchange, key).await, "a changed schedule holds at once");
});

on_both_engines!(bad_grants_are_refused_with_a_sentence, migrations(), |fresh| {
    let site = Site::new(&fresh.store).await;
    let mut tx = site.begin().await;
    let good =
        NewGrant::always(Subject::Person(person(1)), Right::View, Target::Resource { id: resource(BOX) });
    let now = site.cx().now;
    let backwards = NewGrant { valid_from: Some(now), valid_until: Some(now), ..good.clone() };
    let unknown = NewGrant { target: Target::Resource { id: resource(99) }, ..good.clone() };
    let long = NewGrant { note: "x".repeat(501), ..good.clone() };
    for (grant, field) in [(backwards, Some("valid_until")), (unknown, None), (long, Some("note"))] {
        let error = site.policy.grant(&mut tx, grant).await.unwrap_err();
        match (error.kind(), field) {
            (Kind::Invalid(fields), Some(field)) => assert_eq!(fields[0].field, field),
            (Kind::Missing, None) => {}
            other => panic!("{other:?}"),
        }
    }
    let circle = site.policy.place_in(&mut tx, resource(SITE), resource(KEYS[0])).await;
    assert!(matches!(circle, Err(PolicyError::Circle)));
    let itself = site.policy.nest(&mut tx, group(1), group(1)).await;
    assert!(matches!(itself, Err(PolicyError::Circle)));
});

on_both_engines!(somebody_is_always_left_to_give_rights, migrations(), |fresh| {
    let site = Site::new(&fresh.store).await;
    let administrator =
        |number| NewGrant::always(Subject::Person(person(number)), Right::Manage, Target::Tenant);
    let mut tx = site.begin().await;
    let first = site.policy.grant(&mut tx, administrator(1)).await.unwrap();
    commit(tx).await;
    assert!(site.policy.is_administrator(&site.cx(), person(1)).await.unwrap());
    assert!(!site.policy.is_administrator(&site.cx(), person(2)).await.unwrap());
    let mut tx = site.begin().await;
    assert!(matches!(site.policy.withdraw(&mut tx, first).await, Err(PolicyError::LastAdministrator)));
    site.policy.grant(&mut tx, administrator(2)).await.unwrap();
    site.policy.withdraw(&mut tx, first).await.unwrap();
    commit(tx).await;
    assert!(!site.policy.is_administrator(&site.cx(), person(1)).await.unwrap());
    assert!(site.policy.is_administrator(&site.cx(), person(2)).await.unwrap());
});

on_both_engines!(conditions_come_back_as_they_were_given, migrations(), |fresh| {
    let site = Site::new(&fresh.store).await;
    let mut tx = site.begin().await;
    let conditions = Conditions {
        step_up_within_s: Some(300),
        networks: vec!["10.0.0.0/8".parse().unwrap(), "2001:db8::/32".parse().unwrap()],
        second_person: true,
    };
    let grant = NewGrant {
        conditions,
        note: "車検のため".to_owned(),
        valid_until: Some(site.cx().now.plus(std::time::Duration::from_secs(60))),
        ..NewGrant::always(
            Subject::Person(person(1)),
            Right::Exchange,
            Target::AllOf { kind: "key".to_owned() },
        )
    };
    let id = site.policy.grant(&mut tx, grant.clone()).await.unwrap();
    commit(tx).await;
    let scope = fresh.store.read(site.cx().tenant).await.unwrap();
    assert_eq!(site.policy.find_grant(&scope, id).await.unwrap().terms, grant);
    let decision = site.ask(person(1), Right::Exchange, resource(KEYS[0])).await;
    assert_eq!(decision.reasons, [Reason::NetworkNotAllowed { grant: id }]);
    site.world.advance(std::time::Duration::from_secs(60));
    let decision = site.ask(person(1), Right::Exchange, resource(KEYS[0])).await;
    assert!(matches!(decision.reasons.as_slice(), [Reason::Expired { .. }]));
});

on_both_engines!(a_proof_counts_to_the_millisecond_and_no_longer, migrations(), |fresh| {
    let site = Site::new(&fresh.store).await;
    let mut tx = site.begin().await;
    let target = Target::Resource { id: resource(KEYS[0]) };
    let grant = NewGrant {
        conditions: Conditions { step_up_within_s: Some(30), ..Conditions::default() },
        ..NewGrant::always(Subject::Person(person(1)), Right::Exchange, target)
    };
    let id = site.policy.grant(&mut tx, grant).await.unwrap();
    commit(tx).await;
    let proved = site.cx().now;
    let mut passed = 0;
    for (after, allowed) in [(0, true), (29_999, true), (30_000, true), (30_001, false), (30_999, false)] {
        site.world.advance(std::time::Duration::from_millis(after - passed));
        passed = after;
        let ask = Ask {
            person: person(1),
            right: Right::Exchange,
            action: "key.take_out",
            resource: resource(KEYS[0]),
            zone: "",
            facts: Facts { verified_at: Some(proved), ..Facts::default() },
        };
        let decision = site.policy.decide(&site.cx(), &ask).await.unwrap();
        assert_eq!(decision.allowed, allowed, "{after} ms");
        if !allowed {
            assert_eq!(decision.reasons, [Reason::StepUpNeeded { grant: id, within_s: 30 }]);
        }
    }
});
