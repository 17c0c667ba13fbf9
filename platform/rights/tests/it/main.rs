//! The room of rights over HTTP: who gives what, who sees what, and what the pages say.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod api;
mod authzen;
mod give;
mod rules;
mod schedules;
mod why;

use sekisho_kernel::{AuditEntry, PersonId, ResourceId};
use sekisho_policy::{NewGrant, Right, Subject, Target};
use sekisho_storage::Engine;
use sekisho_testkit::TestServer;
use uuid::Uuid;

const BOX: u128 = 0xb0;
const KEY: u128 = 0xc0;
const OTHER_KEY: u128 = 0xc1;

fn resource(number: u128) -> ResourceId {
    ResourceId(Uuid::from_u128(number))
}

fn on(number: u128) -> Target {
    Target::Resource { id: resource(number) }
}

/// A server with a box in Tokyo that holds a key, and another key beside it.
async fn server(engine: Engine) -> TestServer {
    let server = TestServer::start(engine, Vec::new(), |_| Vec::new()).await;
    let foundation = server.foundation();
    let policy = &foundation.policy;
    let mut tx = foundation.store.begin(&server.cx()).await.unwrap();
    policy.register(&mut tx, resource(BOX), "box", "受付ボックス").await.unwrap();
    policy.keep_time_of(&mut tx, resource(BOX), "Asia/Tokyo").await.unwrap();
    policy.register(&mut tx, resource(KEY), "key", "社用車 3").await.unwrap();
    policy.register(&mut tx, resource(OTHER_KEY), "key", "倉庫").await.unwrap();
    policy.place_in(&mut tx, resource(KEY), resource(BOX)).await.unwrap();
    tx.commit(AuditEntry::done("test.fill")).await.unwrap();
    server
}

/// Gives a right without asking anybody.
async fn given(server: &TestServer, who: PersonId, right: Right, target: Target) -> sekisho_policy::GrantId {
    let foundation = server.foundation();
    let mut tx = foundation.store.begin(&server.cx()).await.unwrap();
    let new = NewGrant::always(Subject::Person(who), right, target);
    let id = foundation.policy.grant(&mut tx, new).await.unwrap();
    tx.commit(AuditEntry::done("test.fill")).await.unwrap();
    id
}

/// Whether the page holds the id of a text instead of the text.
fn has_bare_ids(page: &str) -> Option<&str> {
    let at = page.match_indices("rights-").find(|(at, _)| {
        // addresses and attributes may say "rights"; a text id stands between tags or in quotes as a word
        let before = page[..*at].chars().next_back().unwrap_or(' ');
        matches!(before, '>' | '⟦' | '{')
    })?;
    page.get(at.0..(at.0 + 40).min(page.len()))
}

macro_rules! on_both {
    ($name:ident, |$server:ident| $body:expr) => {
        mod $name {
            #[allow(
                unused_imports,
                clippy::allow_attributes,
                reason = "a body need not use the imports around it"
            )]
            use super::*;
            async fn body($server: sekisho_testkit::TestServer) {
                $body
            }
            #[tokio::test(flavor = "multi_thread")]
            async fn on_sqlite() {
                body(crate::server(sekisho_storage::Engine::Sqlite).await).await;
            }
            #[tokio::test(flavor = "multi_thread")]
            async fn on_postgres() {
                body(crate::server(sekisho_storage::Engine::Postgres).await).await;
            }
        }
    };
}
pub(crate) use on_both;
