//! Where a tenant closes its administration, an administrator's grant counts nowhere: not for acts, lists or explanations.

use std::net::IpAddr;
use std::sync::Arc;

use sekisho_kernel::{Actor, TenantId};
use sekisho_policy::{AdministrationGate, Ask, Facts, NewGrant, Reason, Right, Subject, Target};
use sekisho_teststore::on_both_engines;

use crate::{BOX, KEYS, Site, commit, migrations, person, resource};

/// Open from the office and from the inside of the server.
struct Office;

const OFFICE: [u8; 4] = [10, 0, 0, 1];
const HOME: [u8; 4] = [198, 51, 100, 1];

impl AdministrationGate for Office {
    fn is_open(&self, _: TenantId, address: Option<IpAddr>) -> bool {
        address.is_none_or(|address| address == IpAddr::from(OFFICE))
    }
}

on_both_engines!(closed_administration_is_closed_everywhere, migrations(), |fresh| {
    let site = Site::new(&fresh.store).await;
    let policy = &site.policy;
    policy.guard_administration(Arc::new(Office));
    let mut tx = site.begin().await;
    let all = NewGrant::always(Subject::Person(person(1)), Right::Manage, Target::Tenant);
    let all = policy.grant(&mut tx, all).await.unwrap();
    let own = Target::Resource { id: resource(KEYS[0]) };
    policy.grant(&mut tx, NewGrant::always(Subject::Person(person(1)), Right::Exchange, own)).await.unwrap();
    commit(tx).await;

    let from = |who, address: [u8; 4]| {
        let mut cx = site.cx().acting_as(Actor::Person { id: person(who) });
        cx.address = Some(address.into());
        cx
    };
    let ask = |right, what, address: Option<[u8; 4]>| Ask {
        person: person(1),
        right,
        action: "key.take_out",
        resource: resource(what),
        zone: "",
        facts: Facts { address: address.map(IpAddr::from), ..Facts::default() },
    };
    for (address, open) in [(OFFICE, true), (HOME, false)] {
        let cx = from(1, address);
        assert_eq!(policy.is_administrator(&cx, person(1)).await.unwrap(), open);
        for what in [BOX, KEYS[0]] {
            let question = ask(Right::Manage, what, Some(address));
            let now = policy.decide(&cx, &question).await.unwrap();
            let at = policy.decide_at(&cx, cx.now, &question).await.unwrap();
            assert_eq!((now.allowed, &now), (open, &at));
            assert!(open || now.reasons == [Reason::NetworkNotAllowed { grant: all }], "{now:?}");
        }
        let managed = policy.reach(&cx, person(1), Right::Manage).await.unwrap();
        assert_eq!(managed.is_empty(), !open);
        let used = policy.reach(&cx, person(1), Right::Exchange).await.unwrap();
        assert_eq!(used.len() == 1, !open, "the key that is theirs anyway: {used:?}");
        let who = policy.who_can(&cx, resource(BOX), Right::Manage).await.unwrap();
        assert_eq!(who.is_empty(), !open);

        // Somebody else asks about them: from where they would come is not known.
        let other = from(2, address);
        assert_eq!(policy.reach(&other, person(1), Right::Manage).await.unwrap().len(), 5);
        assert_eq!(policy.who_can(&other, resource(BOX), Right::Manage).await.unwrap().len(), 1);
        let anywhere = policy.decide_at(&other, cx.now, &ask(Right::Manage, BOX, None)).await.unwrap();
        assert!(anywhere.allowed);
    }
});
