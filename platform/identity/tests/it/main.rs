//! Identity through the whole server, on SQLite and PostgreSQL.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "test code: a failure here is the test's failure"
)]

mod at_a_box;
mod first_app;
mod links;
mod pages;
mod people;
mod second_factor;
mod sessions;
mod settings;
mod sign_in;
mod stolen_session;
mod strangers;
mod tokens;

use sea_orm::ColumnTrait;
use sekisho_crypto::Secret;
use sekisho_kernel::PersonId;
use sekisho_storage::tables::{audit_entries, outbox_events};
use sekisho_storage::{JsonText, Scoped};
use sekisho_testkit::{Client, Colleague, TestServer};
use serde_json::Value;

/// The password the testkit gives everybody.
const PASSWORD: &str = "correct horse 42 battery";

/// Runs the body once on SQLite and once on PostgreSQL.
macro_rules! both {
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
                let engine = sekisho_storage::Engine::Sqlite;
                body(sekisho_testkit::TestServer::start(engine, Vec::new(), |_| Vec::new()).await).await;
            }
            #[tokio::test(flavor = "multi_thread")]
            async fn on_postgres() {
                let engine = sekisho_storage::Engine::Postgres;
                body(sekisho_testkit::TestServer::start(engine, Vec::new(), |_| Vec::new()).await).await;
            }
        }
    };
}
pub(crate) use both;

/// How often something was told.
async fn facts(server: &TestServer, name: &str) -> u64 {
    let scope = server.foundation().store.read(server.tenant).await.unwrap();
    scope.find::<outbox_events::Entity>().filter(outbox_events::Column::Name.eq(name)).count().await.unwrap()
}

/// The entries of the record with this action and outcome.
async fn entries(server: &TestServer, action: &str, outcome: sekisho_kernel::Outcome) -> u64 {
    use audit_entries::Column;
    let scope = server.foundation().store.read(server.tenant).await.unwrap();
    let query = scope.find::<audit_entries::Entity>().filter(Column::Action.eq(action));
    query.filter(Column::Outcome.eq(JsonText(outcome))).count().await.unwrap()
}

/// Two steps for everybody, as it is by default outside tests.
async fn want_two_steps(server: &TestServer) {
    let mut admin = server.administrator().await;
    server.prove(&mut admin).await;
    let fields = [("two_step", "true"), ("reveal_limit", "20"), ("keep_leavers_days", "30")];
    admin.post("/settings/security", &fields).await.expect(303);
}

/// Submits the sign-in form in a fresh browser.
async fn sign_in(server: &TestServer, mail: &str, password: &str) -> (Client, sekisho_testkit::Answer) {
    let mut client = server.stranger();
    let answer = client.post("/sign-in", &[("mail", mail), ("password", password)]).await;
    (client, answer)
}

/// A colleague who is an administrator, too.
async fn make_administrator(server: &TestServer, person: PersonId) {
    use sekisho_policy::{NewGrant, Right, Subject, Target};
    let foundation = server.foundation();
    let mut tx = foundation.store.begin(&server.cx()).await.unwrap();
    let grant = NewGrant::always(Subject::Person(person), Right::Manage, Target::Tenant);
    foundation.policy.grant(&mut tx, grant).await.unwrap();
    tx.commit(sekisho_kernel::AuditEntry::done("grant.give")).await.unwrap();
}

/// A colleague with an authenticator app; its secret.
async fn with_app(server: &TestServer, who: &Colleague) -> Vec<u8> {
    let identity = &server.foundation().identity;
    let cx = fresh_cx(server, who.person);
    let enrolment = identity.begin_totp(&cx, who.person).await.unwrap();
    let secret = data_encoding::BASE32_NOPAD.decode(enrolment.secret.expose().as_bytes()).unwrap();
    identity.confirm_totp(&cx, who.person, &Secret::new(totp(server, &secret))).await.unwrap();
    secret
}

/// A context of somebody who has just proved who they are.
fn fresh_cx(server: &TestServer, person: PersonId) -> sekisho_kernel::Cx {
    let mut cx = server.cx_of(person);
    cx.verified_at = Some(cx.now);
    cx
}

/// What the app shows now.
fn totp(server: &TestServer, secret: &[u8]) -> String {
    use sekisho_kernel::World as _;
    let seconds = u64::try_from(server.world.now().as_secs()).unwrap();
    totp_rs::Builder::new().with_secret(secret.to_vec()).build().unwrap().generate(seconds).to_string()
}
