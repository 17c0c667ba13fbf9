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

on_both!(the_search_finds_people_in_either_kana_and_only_for_those_who_may_know, |server| {
    let identity = &server.foundation().identity;
    let cx = server.cx();
    let by = identity.administrator(&cx).await.unwrap();
    let new = sekisho_identity::NewPerson {
        name: "佐藤 美咲".to_owned(),
        kana: "サトウ ミサキ".to_owned(),
        mail: "misaki@acme.test".to_owned(),
        ..Default::default()
    };
    identity.invite_person(&cx, by, &new).await.unwrap();
    let mut admin = server.administrator().await;
    for typed in ["佐藤美咲", "さとう", "ｻﾄｳ みさき", "MISAKI@acme.test"] {
        let path = format!("/search?q={}", sekisho_web::escape_query(typed));
        let page = admin.get(&path).await.ok();
        assert!(page.contains("佐藤 美咲") && page.contains("サトウ ミサキ"), "{typed}: {page}");
        let path = format!("/api/v1/search?q={}", sekisho_web::escape_query(typed));
        let found = admin.api("GET", &path, serde_json::Value::Null).await.json();
        assert_eq!(found["items"][0]["kind"], "person", "{typed}: {found}");
    }
    let settings = admin.get("/search?q=Webhook").await.ok();
    assert!(settings.contains("/settings/notices/webhooks"), "{settings}");
    // A colleague finds their own pages, and neither people nor what administrators set.
    let colleague = server.colleague("mori").await;
    let mut colleague = server.signed_in(&colleague).await;
    let path = format!("/search?q={}", sekisho_web::escape_query("さとう"));
    assert!(!colleague.get(&path).await.ok().contains("佐藤 美咲"));
    assert!(!colleague.get("/search?q=Webhook").await.ok().contains("/settings/notices/webhooks"));
    assert!(colleague.get("/settings").await.ok().contains("/me/security"));
    assert!(!colleague.get("/settings").await.ok().contains("/settings/security"));
    // Another tenant's administrator finds nobody of ours.
    let (_, mut other) = server.other_tenant("globex").await;
    assert!(!other.get(&path).await.ok().contains("佐藤 美咲"));
});

on_both!(the_first_hour_leads_on_and_lets_a_step_wait, |server| {
    let mut admin = server.administrator().await;
    let page = admin.get("/").await.ok();
    assert!(page.contains("/settings/places/new") && page.contains("first-step-now"), "{page}");
    admin.post("/first-hour/skip", &[("step", "site")]).await.expect(303);
    let page = admin.get("/first-hour").await.ok();
    assert!(page.contains("あとで"), "{page}");
    server.colleague("sato").await;
    // One step is done, the other waits: the card leaves the first page, its own page stays.
    let page = admin.get("/").await.ok();
    assert!(!page.contains("first-step-now"), "{page}");
    // Words that are none of ours do not get into the cookie.
    let answer = admin.post("/first-hour/skip", &[("step", "x; Domain=evil")]).await.expect(303);
    let cookie = answer.headers.get("set-cookie").unwrap().to_str().unwrap();
    assert!(cookie.starts_with("first-hour=site;"), "{cookie}");
});

on_both!(every_sample_speaks_both_languages, |server| {
    for language in ["ja", "en"] {
        let language = sekisho_kernel::Language::from_tag(language).unwrap();
        let page = server.stranger().reading(language).get("/gallery").await.ok();
        assert!(page.contains("/first-hour: under way") && page.contains("/settings: everybody"));
        assert!(!page.contains('⟦'), "{page}");
    }
});
