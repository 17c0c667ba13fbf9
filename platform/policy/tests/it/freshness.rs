//! Who asks after a commit hears of it: in the same process at once, in another within a second.

use std::time::Duration;

use sekisho_policy::{NewGrant, Policy, Right, Subject, Target};
use sekisho_storage::Store;
use sekisho_teststore::{cx, on_both_engines, tenant};

use crate::{KEYS, Site, commit, migrations, person, resource};

on_both_engines!(a_withdrawal_is_seen_by_the_next_question, migrations(), |fresh| {
    let site = Site::new(&fresh.store).await;
    let key = resource(KEYS[0]);
    let grant = NewGrant::always(Subject::Person(person(1)), Right::Exchange, Target::Resource { id: key });
    for _ in 0..20 {
        let mut tx = site.begin().await;
        let id = site.policy.grant(&mut tx, grant.clone()).await.unwrap();
        commit(tx).await;
        assert!(site.allows(person(1), Right::Exchange, key).await);
        let mut tx = site.begin().await;
        site.policy.withdraw(&mut tx, id).await.unwrap();
        commit(tx).await;
        assert!(!site.allows(person(1), Right::Exchange, key).await);
    }
});

on_both_engines!(what_is_rolled_back_never_held, migrations(), |fresh| {
    let site = Site::new(&fresh.store).await;
    let key = resource(KEYS[0]);
    let before = site.policy.revision(&site.cx()).await.unwrap();
    let grant = NewGrant::always(Subject::Person(person(1)), Right::Exchange, Target::Resource { id: key });
    let mut tx = site.begin().await;
    site.policy.grant(&mut tx, grant).await.unwrap();
    drop(tx);
    site.world.advance(Duration::from_secs(2));
    assert!(!site.allows(person(1), Right::Exchange, key).await);
    assert_eq!(site.policy.revision(&site.cx()).await.unwrap(), before);
});

on_both_engines!(another_process_follows_within_a_second, migrations(), |fresh| {
    let site = Site::new(&fresh.store).await;
    let key = resource(KEYS[0]);
    let other_store = Store::open(&fresh.options, &migrations()).await.unwrap();
    let other = Policy::new(other_store.clone());
    let ask = sekisho_policy::Ask {
        person: person(1),
        right: Right::Exchange,
        action: "key.take_out",
        resource: key,
        zone: "",
        facts: sekisho_policy::Facts::default(),
    };
    assert!(!other.decide(&site.cx(), &ask).await.unwrap().allowed);

    let grant = NewGrant::always(Subject::Person(person(1)), Right::Exchange, Target::Resource { id: key });
    let mut tx = site.begin().await;
    let id = site.policy.grant(&mut tx, grant).await.unwrap();
    commit(tx).await;
    site.world.advance(Duration::from_secs(1));
    assert!(other.decide(&site.cx(), &ask).await.unwrap().allowed);

    let mut tx = site.begin().await;
    site.policy.withdraw(&mut tx, id).await.unwrap();
    commit(tx).await;
    site.world.advance(Duration::from_secs(1));
    assert!(!other.decide(&site.cx(), &ask).await.unwrap().allowed);
    other_store.close().await.unwrap();
});

on_both_engines!(tenants_see_nothing_of_each_other, migrations(), |fresh| {
    let site = Site::new(&fresh.store).await;
    let stranger = cx(&site.world, tenant(2));
    let mut tx = fresh.store.begin(&stranger).await.unwrap();
    let all = NewGrant::always(Subject::Person(person(7)), Right::Manage, Target::Tenant);
    site.policy.grant(&mut tx, all.clone()).await.unwrap();
    let into = NewGrant { target: Target::Resource { id: resource(KEYS[0]) }, ..all };
    assert!(site.policy.grant(&mut tx, into).await.is_err(), "another tenant's key is not there");
    commit(tx).await;
    assert!(!site.allows(person(7), Right::View, resource(KEYS[0])).await);
    assert!(site.policy.is_administrator(&stranger, person(7)).await.unwrap());
    assert!(!site.policy.is_administrator(&site.cx(), person(7)).await.unwrap());
    assert!(site.policy.reach(&stranger, person(7), Right::View).await.unwrap().is_empty());
});

on_both_engines!(many_ask_while_rights_change, migrations(), |fresh| {
    let site = std::sync::Arc::new(Site::new(&fresh.store).await);
    let key = resource(KEYS[0]);
    let grant = NewGrant::always(Subject::Person(person(1)), Right::Exchange, Target::Resource { id: key });
    let mut tx = site.begin().await;
    let mut id = site.policy.grant(&mut tx, grant.clone()).await.unwrap();
    commit(tx).await;
    let askers: Vec<_> = (0..4)
        .map(|_| {
            let site = site.clone();
            tokio::spawn(async move {
                for _ in 0..200 {
                    site.ask(person(1), Right::Exchange, key).await;
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for _ in 0..10 {
        let mut tx = site.begin().await;
        site.policy.withdraw(&mut tx, id).await.unwrap();
        commit(tx).await;
        assert!(
            !site.allows(person(1), Right::Exchange, key).await,
            "whatever the others are reading meanwhile"
        );
        let mut tx = site.begin().await;
        id = site.policy.grant(&mut tx, grant.clone()).await.unwrap();
        commit(tx).await;
        assert!(site.allows(person(1), Right::Exchange, key).await);
    }
    for asker in askers {
        asker.await.unwrap();
    }
});
