//! Who can, and what is reached: always what single decisions say.

use sekisho_policy::{NewGrant, NewSchedule, Right, Subject, Target};
use sekisho_teststore::on_both_engines;

use crate::{BOX, KEYS, SITE, Site, commit, group, migrations, person, resource};

on_both_engines!(lists_agree_with_decisions, migrations(), |fresh| {
    let site = Site::new(&fresh.store).await;
    let policy = &site.policy;
    let mut tx = site.begin().await;
    policy.join(&mut tx, person(1), group(1)).await.unwrap();
    policy.join(&mut tx, person(2), group(1)).await.unwrap();
    policy.join(&mut tx, person(3), group(2)).await.unwrap();
    policy.nest(&mut tx, group(2), group(1)).await.unwrap();
    policy.bar(&mut tx, person(2), true).await.unwrap();
    let on = |id| Target::Resource { id: resource(id) };
    let shut = policy
        .save_schedule(&mut tx, None, NewSchedule { name: "never".to_owned(), ..NewSchedule::default() })
        .await
        .unwrap();
    for grant in [
        NewGrant::always(Subject::Group(group(1)), Right::Exchange, on(BOX)),
        NewGrant::always(Subject::Person(person(4)), Right::Manage, on(KEYS[1])),
        NewGrant::always(Subject::Person(person(5)), Right::View, Target::AllOf { kind: "key".to_owned() }),
        NewGrant {
            schedule: Some(shut),
            ..NewGrant::always(Subject::Person(person(6)), Right::Exchange, on(KEYS[2]))
        },
    ] {
        policy.grant(&mut tx, grant).await.unwrap();
    }
    let text = format!(
        "@id(\"not12\") forbid (principal == Person::\"{}\", action, resource == Resource::\"{}\");",
        person(3),
        resource(KEYS[2])
    );
    policy.save_rules(&mut tx, &text).await.unwrap();
    commit(tx).await;

    for right in Right::ALL {
        for number in [SITE, BOX, KEYS[0], KEYS[1], KEYS[2]] {
            let who = policy.who_can(&site.cx(), resource(number), right).await.unwrap();
            for who_number in 1..=7 {
                let allowed = site.allows(person(who_number), right, resource(number)).await;
                let listed = who.iter().find(|who| who.person == person(who_number));
                assert_eq!(allowed, listed.is_some_and(|who| who.now), "{right:?} {number} by {who_number}");
                let reached = policy.reach(&site.cx(), person(who_number), right).await.unwrap();
                let reached = reached.iter().find(|reached| reached.resource == resource(number));
                assert_eq!(
                    allowed,
                    reached.is_some_and(|reached| reached.now),
                    "{right:?} {number} by {who_number}"
                );
                assert_eq!(listed.map(|who| &who.chains), reached.map(|reached| &reached.chains));
            }
        }
    }
    let later = policy.reach(&site.cx(), person(6), Right::View).await.unwrap();
    assert_eq!((later.len(), later[0].now), (1, false), "shut now, but listed");
    assert_eq!(policy.members_of(&site.cx(), group(1)).await.unwrap(), [person(1), person(2), person(3)]);
});
