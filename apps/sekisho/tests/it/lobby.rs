//! A tablet in the lobby, for tests that need something to have happened at one.

use axum::http::Method;
use sekisho_testkit::tablet::{TabletKeys, signed_headers};
use sekisho_testkit::{Client, TestServer};
use serde_json::{Value, json};

/// Makes a terminal of the site and lets somebody call the administrator there.
pub async fn somebody_calls(server: &TestServer, admin: &mut Client, site: &str) {
    let form = json!({ "site": site, "name": "ロビー" });
    let made = admin.api("POST", "/api/v1/visitors/terminals", form).await.expect(201).json();
    let keys = TabletKeys::generate();
    let mut time = server.cx().now.as_micros() / 1000;
    let mut call = async |terminal: &str, path: &str, body: Value| {
        time += 1;
        let body = body.to_string();
        let signature = keys.signature("acme.test", path, terminal, time, &body);
        let mut client = server.stranger().with_header("accept", "application/json");
        for (name, value) in signed_headers(terminal, time, &signature) {
            client = client.with_header(name, &value);
        }
        client.send(Method::POST, path, Some("application/json"), body).await.expect(200).json()
    };
    let enrolled = call("new", "/terminal/api/enrol", keys.handing_in(made["code"].as_str().unwrap())).await;
    let id = enrolled["terminal"].as_str().unwrap().to_owned();
    let found = call(&id, "/terminal/api/hosts", json!({ "q": "acme admin" })).await;
    let whom = found["items"][0]["ref"].clone();
    let body = json!({ "name": "飛び込 花子", "purpose": "名刺交換", "whom": whom });
    call(&id, "/terminal/api/walk-in", body).await;
}
