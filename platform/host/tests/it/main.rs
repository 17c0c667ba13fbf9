//! The platform without any module: it starts, signs people in, and keeps tenants apart.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

use sekisho_storage::Engine;
use sekisho_testkit::TestServer;

macro_rules! on_both {
    ($name:ident, |$server:ident| $body:expr) => {
        mod $name {
            use super::*;
            async fn body($server: TestServer) {
                $body
            }
            #[tokio::test(flavor = "multi_thread")]
            async fn on_sqlite() {
                body(TestServer::start(Engine::Sqlite, Vec::new(), |_| Vec::new()).await).await;
            }
            #[tokio::test(flavor = "multi_thread")]
            async fn on_postgres() {
                body(TestServer::start(Engine::Postgres, Vec::new(), |_| Vec::new()).await).await;
            }
        }
    };
}

on_both!(a_stranger_is_asked_to_sign_in, |server| {
    let answer = server.stranger().get("/").await.expect(303);
    assert!(answer.location().starts_with("/sign-in"), "{}", answer.location());
});

on_both!(an_administrator_sees_today, |server| {
    let page = server.administrator().await.get("/").await.ok();
    assert!(page.contains("今日"), "{page}");
});

on_both!(everybody_else_sees_their_own_page, |server| {
    let colleague = server.colleague("sato").await;
    let answer = server.signed_in(&colleague).await.get("/").await.expect(303);
    assert_eq!(answer.location(), "/me");
});

on_both!(a_cookie_of_one_tenant_opens_nothing_of_another, |server| {
    let (_, mut other) = server.other_tenant("globex").await;
    other.get("/").await.ok();
    let mut moved = server.administrator().await;
    moved.get("/").await.ok();
    let mut crossed = other.at_host("acme.test");
    assert!(crossed.get("/").await.location().starts_with("/sign-in"));
});
