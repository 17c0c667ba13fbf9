//! The policy on both engines: grants, freshness, rules, lists.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod freshness;
mod gate;
mod grants;
mod lists;
mod rules;

use std::sync::Arc;

use sekisho_kernel::{AuditEntry, Cx, GroupId, PersonId, ResourceId};
use sekisho_policy::{Ask, Decision, Facts, Policy, Right};
use sekisho_storage::{Migration, Store, Tx};
use sekisho_teststore::{TestWorld, cx, tenant};
use uuid::Uuid;

fn migrations() -> Vec<Migration> {
    let mut all = sekisho_storage::migrations();
    all.extend(sekisho_policy::migrations());
    all
}

fn person(number: u128) -> PersonId {
    PersonId(Uuid::from_u128(0x1000 + number))
}
fn group(number: u128) -> GroupId {
    GroupId(Uuid::from_u128(0x2000 + number))
}
fn resource(number: u128) -> ResourceId {
    ResourceId(Uuid::from_u128(0x3000 + number))
}

/// A tenant with a site, a box on it and three keys in the box.
struct Site {
    policy: Policy,
    store: Store,
    world: Arc<TestWorld>,
}

const SITE: u128 = 1;
const BOX: u128 = 2;
const KEYS: [u128; 3] = [10, 11, 12];

impl Site {
    async fn new(store: &Store) -> Self {
        let site = Self { policy: Policy::new(store.clone()), store: store.clone(), world: TestWorld::new() };
        let mut tx = site.begin().await;
        let policy = &site.policy;
        policy.register(&mut tx, resource(SITE), "site", "Tokyo").await.unwrap();
        policy.keep_time_of(&mut tx, resource(SITE), "Asia/Tokyo").await.unwrap();
        policy.register(&mut tx, resource(BOX), "box", "Box A").await.unwrap();
        policy.place_in(&mut tx, resource(BOX), resource(SITE)).await.unwrap();
        for number in KEYS {
            policy.register(&mut tx, resource(number), "key", &format!("Key {number}")).await.unwrap();
            policy.place_in(&mut tx, resource(number), resource(BOX)).await.unwrap();
        }
        commit(tx).await;
        site
    }

    fn cx(&self) -> Cx {
        cx(&self.world, tenant(1))
    }

    async fn begin(&self) -> Tx {
        self.store.begin(&self.cx()).await.unwrap()
    }

    async fn ask(&self, who: PersonId, right: Right, what: ResourceId) -> Decision {
        let ask = Ask {
            person: who,
            right,
            action: "key.take_out",
            resource: what,
            zone: "",
            facts: Facts::default(),
        };
        self.policy.decide(&self.cx(), &ask).await.unwrap()
    }

    async fn allows(&self, who: PersonId, right: Right, what: ResourceId) -> bool {
        self.ask(who, right, what).await.allowed
    }
}

async fn commit(tx: Tx) {
    tx.commit(AuditEntry::done("test.change")).await.unwrap();
}
