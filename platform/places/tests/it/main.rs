//! Places over HTTP, on a whole server.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

use sekisho_kernel::{Language, ResourceId, SiteId};
use sekisho_storage::Engine;
use sekisho_testkit::TestServer;
use serde_json::{Value, json};

async fn server(engine: Engine) -> TestServer {
    TestServer::start(engine, Vec::new(), |_| Vec::new()).await
}

fn osaka() -> Value {
    json!({ "name": "大阪支店", "address": "大阪市北区梅田 1-1", "zone": "Asia/Tokyo" })
}

async fn opens_changes_and_closes(engine: Engine) {
    let server = server(engine).await;
    let mut administrator = server.administrator().await;
    let site = administrator.api("POST", "/api/v1/sites", osaka()).await.expect(201).json();
    let id = site["id"].as_str().unwrap().to_owned();
    let at = format!("/api/v1/sites/{id}");
    let area =
        administrator.api("POST", &format!("{at}/areas"), json!({ "name": "倉庫" })).await.expect(201).json();
    assert_eq!(administrator.get(&format!("{at}/areas")).await.json()["items"][0]["name"], "倉庫");

    let new_york = json!({ "name": "NY", "address": "", "zone": "America/New_York" });
    administrator.api("PUT", &at, new_york).await.expect(422); // no If-Match
    administrator.api("POST", "/api/v1/sites", json!({ "name": "", "zone": "Asia/Tokyo" })).await.expect(422);
    administrator.api("POST", "/api/v1/sites", json!({ "name": "x", "zone": "Moon" })).await.expect(422);

    let page = format!("/settings/places/{id}");
    let fields = [("name", "NY"), ("address", "5th Ave"), ("zone", "America/New_York"), ("version", "1")];
    administrator.post(&page, &fields).await.expect(303);
    let stale = administrator.post(&page, &fields).await;
    assert_eq!(stale.status.as_u16(), 422, "somebody else's version: {}", stale.text);
    let scope = server.foundation().store.read(server.tenant).await.unwrap();
    let site: SiteId = id.parse().unwrap();
    assert_eq!(sekisho_places::zone_of(&scope, site).await.unwrap(), "America/New_York");
    drop(scope);

    administrator
        .api("DELETE", &format!("{at}/areas/{}", area["id"].as_str().unwrap()), Value::Null)
        .await
        .expect(204);
    administrator.api("DELETE", &at, Value::Null).await.expect(204);
    administrator.get(&at).await.expect(404);
    administrator.get(&page).await.expect(404);
    assert_eq!(administrator.get("/api/v1/sites").await.json()["items"], json!([]));
    administrator.post(&format!("{page}/reopen"), &[]).await.expect(303);
    administrator.get(&page).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_opens_changes_and_closes_on_sqlite() {
    opens_changes_and_closes(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_opens_changes_and_closes_on_postgres() {
    opens_changes_and_closes(Engine::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_show_in_both_languages_and_say_what_is_wrong() {
    let server = server(Engine::Sqlite).await;
    let mut administrator = server.administrator().await;
    let empty = administrator.get("/settings/places").await.ok();
    assert!(empty.contains("拠点がまだありません"));
    let wrong =
        administrator.post("/settings/places", &[("name", "東京本社"), ("zone", "Moon")]).await.expect(422);
    assert!(wrong.text.contains("東京本社") && wrong.text.contains("一覧からタイムゾーンを選んでください"));
    let site = administrator.api("POST", "/api/v1/sites", osaka()).await.json();
    let one = format!("/settings/places/{}", site["id"].as_str().unwrap());
    for language in Language::ALL {
        let mut administrator = administrator.clone().reading(language);
        for path in ["/settings/places", "/settings/places/new", &one] {
            let page = administrator.get(path).await.ok();
            assert!(!page.contains('⟦'), "{path}: a text is missing");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_colleagues_and_other_tenants_change_nothing() {
    let server = server(Engine::Sqlite).await;
    let mut administrator = server.administrator().await;
    let site = administrator.api("POST", "/api/v1/sites", osaka()).await.json();
    let at = format!("/api/v1/sites/{}", site["id"].as_str().unwrap());
    let colleague = server.colleague("sato").await;
    let mut colleague = server.signed_in(&colleague).await;
    let (_, mut other) = server.other_tenant("other").await;
    server.stranger().get(&at).await.expect(401);
    server.stranger().api("DELETE", &at, Value::Null).await.expect(401);
    colleague.get(&at).await.expect(200);
    colleague.api("DELETE", &at, Value::Null).await.expect(403);
    other.get(&at).await.expect(404);
    other.api("DELETE", &at, Value::Null).await.expect(404);
    other.api("POST", &format!("{at}/areas"), json!({ "name": "x" })).await.expect(404);
    administrator.get(&at).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_a_resource_that_holds_its_areas() {
    let server = server(Engine::Sqlite).await;
    let places = &server.foundation().places;
    let new = sekisho_places::NewSite {
        name: "大阪支店".to_owned(),
        address: String::new(),
        zone: "Asia/Tokyo".to_owned(),
    };
    let site = places.open_site(&server.cx(), &new).await.unwrap();
    let area = places.open_area(&server.cx(), site, "倉庫").await.unwrap();
    let sato = server.colleague("sato").await;
    let policy = &server.foundation().policy;
    let cx = server.cx();
    let mut tx = server.foundation().store.begin(&cx).await.unwrap();
    let grant = sekisho_policy::NewGrant::always(
        sekisho_policy::Subject::Person(sato.person),
        sekisho_policy::Right::Exchange,
        sekisho_policy::Target::Resource { id: ResourceId(site.uuid()) },
    );
    policy.grant(&mut tx, grant).await.unwrap();
    tx.commit(sekisho_kernel::AuditEntry::done("grant.give")).await.unwrap();
    let reached = policy.reach(&cx, sato.person, sekisho_policy::Right::Exchange).await.unwrap();
    let reached: Vec<_> = reached.into_iter().map(|reached| reached.resource).collect();
    assert!(reached.contains(&ResourceId(area.uuid())), "a right on the site reaches its area");
}
