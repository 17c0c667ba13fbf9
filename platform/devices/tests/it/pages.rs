//! Pages and API: as administrator, as a colleague, as nobody, as another tenant; in both languages.

use sekisho_crypto::certificates;
use sekisho_kernel::Language;
use sekisho_storage::Engine;
use sekisho_testkit::TestServer;
use serde_json::{Value, json};

use crate::stand::Stand;

async fn server() -> TestServer {
    TestServer::start(Engine::Sqlite, Vec::new(), |_| Vec::new()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_added_enrolled_looked_at_and_revoked() {
    let server = server().await;
    let mut admin = server.administrator().await;
    assert!(admin.get("/devices").await.ok().contains("機器はまだありません"));
    let wrong =
        admin.post("/devices/new", &[("name", "  "), ("kind", "smartbox"), ("site", "")]).await.expect(422);
    assert!(wrong.text.contains("名前を入力してください"), "{}", wrong.text);
    let page =
        admin.post("/devices/new", &[("name", "本社 1F"), ("kind", "smartbox"), ("site", "")]).await.ok();
    let claim = page.split("--claim ").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    assert!(page.contains("<svg") && page.contains("sekisho-agent enrol --server https://acme.test"));

    let list = admin.api("GET", "/api/v1/devices", Value::Null).await.json();
    let id = list["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(list["items"][0]["state"], "waiting");
    let key = certificates::make_key().unwrap();
    let ask = serde_json::to_value(Stand::ask_for(&claim, &key)).unwrap();
    let mut device = server.stranger();
    let enrolled = device.api("POST", "/api/v1/enrol", ask.clone()).await.expect(200).json();
    assert_eq!(enrolled["device"], id.as_str());
    let again = device.api("POST", "/api/v1/enrol", ask).await.expect(422);
    assert_eq!(again.json()["code"], "devices-error-claim");

    for language in [Language::Ja, Language::En] {
        let mut admin = admin.clone().reading(language);
        for path in ["", "/events", "/commands", "/settings"] {
            assert!(admin.get(&format!("/devices/{id}{path}")).await.ok().contains("本社 1F"));
        }
        assert!(admin.get("/devices?state=offline&q=本社").await.ok().contains("本社 1F"));
        assert!(!admin.get("/devices?state=online").await.ok().contains(&format!("/devices/{id}")));
        assert!(admin.get("/devices.csv").await.ok().contains("offline"));
        assert!(admin.get("/devices/new").await.ok().contains("name=\"name\""));
    }
    let settings = format!("/devices/{id}/settings");
    admin.post(&settings, &[("name", "本社 2F"), ("site", "")]).await.expect(303);
    admin.post(&settings, &[("name", ""), ("site", "")]).await.expect(422);
    admin.post(&format!("/devices/{id}/restart"), &[]).await.expect(303);
    let commands = admin.api("GET", &format!("/api/v1/devices/{id}/commands"), Value::Null).await.json();
    assert_eq!(commands["items"][0]["kind"], "reboot");
    assert!(admin.post(&format!("/devices/{id}/claim"), &[]).await.ok().contains("--claim "));
    let asked = admin.post(&format!("/devices/{id}/revoke"), &[]).await.expect(303);
    assert!(asked.location().starts_with("/step-up?next="), "{}", asked.location());
    server.prove(&mut admin).await;
    let done = admin.post(&format!("/devices/{id}/revoke"), &[]).await.expect(303);
    assert_eq!(done.location(), "/devices");
    assert!(admin.get(&format!("/devices/{id}")).await.ok().contains("失効"));
    admin.api("POST", &format!("/api/v1/devices/{id}/claim"), Value::Null).await.expect(422);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_does_what_the_pages_do() {
    let server = server().await;
    let mut admin = server.administrator().await;
    let made = admin
        .api("POST", "/api/v1/devices", json!({ "kind": "smartbox", "name": "Box A" }))
        .await
        .expect(201);
    let (location, made) = (made.location().to_owned(), made.json());
    assert_eq!(made["claim"].as_str().unwrap().len(), 9);
    admin.api("POST", "/api/v1/devices", json!({ "name": "" })).await.expect(422);
    let changed = admin.api("PUT", &location, json!({ "name": "Box B" })).await.expect(200).json();
    assert_eq!((&changed["name"], &changed["kind"]), (&json!("Box B"), &json!("smartbox")));
    admin.api("POST", &format!("{location}/restart"), Value::Null).await.expect(202);
    assert!(
        admin.api("GET", &format!("{location}/events"), Value::Null).await.expect(200).json()["items"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    let asked = admin.api("DELETE", &location, Value::Null).await.expect(403);
    assert!(asked.text.contains("error-unproven"), "{}", asked.text);
    server.prove(&mut admin).await;
    admin.api("DELETE", &location, Value::Null).await.expect(204);
    assert_eq!(admin.api("GET", &location, Value::Null).await.json()["state"], "revoked");
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_colleagues_and_other_tenants_get_nothing() {
    let server = server().await;
    let mut admin = server.administrator().await;
    let made = admin
        .api("POST", "/api/v1/devices", json!({ "kind": "smartbox", "name": "Box A" }))
        .await
        .expect(201);
    let location = made.location().to_owned();
    let page = location.replace("/api/v1", "");
    let mut colleague = server.signed_in(&server.colleague("sato").await).await;
    let (_, mut elsewhere) = server.other_tenant("globex").await;
    server.prove(&mut elsewhere).await;
    let mut nobody = server.stranger();
    for (method, path) in [
        ("GET", location.clone()),
        ("PUT", location.clone()),
        ("DELETE", location.clone()),
        ("POST", format!("{location}/claim")),
        ("POST", format!("{location}/restart")),
        ("GET", format!("{location}/events")),
        ("GET", format!("{location}/commands")),
    ] {
        let body = || json!({ "name": "x" });
        assert_eq!(elsewhere.api(method, &path, body()).await.status, 404, "{method} {path}");
        assert_eq!(colleague.api(method, &path, body()).await.status, 403, "{method} {path}");
        assert_eq!(nobody.api(method, &path, body()).await.status, 401, "{method} {path}");
    }
    for path in ["", "/events", "/commands", "/settings"] {
        assert_eq!(elsewhere.get(&format!("{page}{path}")).await.status, 404);
        assert_eq!(colleague.get(&format!("{page}{path}")).await.status, 403);
        assert_eq!(nobody.get(&format!("{page}{path}")).await.status, 303);
    }
    for path in ["claim", "restart", "revoke"] {
        assert_eq!(elsewhere.post(&format!("{page}/{path}"), &[]).await.status, 404);
        assert_eq!(colleague.post(&format!("{page}/{path}"), &[]).await.status, 403);
    }
    assert!(!elsewhere.get("/devices").await.ok().contains("Box A"));
    // The code is another tenant's secret too.
    let key = certificates::make_key().unwrap();
    let ask = serde_json::to_value(Stand::ask_for(made.json()["claim"].as_str().unwrap(), &key)).unwrap();
    elsewhere.api("POST", "/api/v1/enrol", ask).await.expect(422);
}
