//! A tablet in the lobby, for tests that need something to have happened at one.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sekisho_crypto::{SealingPair, sha256};
use sekisho_testkit::{Client, TestServer};
use serde_json::{Value, json};

/// Makes a terminal of the site and lets somebody call the administrator there.
pub async fn somebody_calls(server: &TestServer, admin: &mut Client, site: &str) {
    let form = json!({ "site": site, "name": "ロビー" });
    let made = admin.api("POST", "/api/v1/visitors/terminals", form).await.expect(201).json();
    let sign = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let mut time = server.cx().now.as_micros() / 1000;
    let mut call = async |terminal: &str, path: &str, body: Value| {
        time += 1;
        let body = body.to_string();
        let hash = URL_SAFE_NO_PAD.encode(sha256(body.as_bytes()));
        let text = format!("sekisho-terminal-1\nPOST\n{path}\nacme.test\n{hash}\n{time}\n{terminal}");
        let signature = sign.sign(&SystemRandom::new(), text.as_bytes()).unwrap();
        let client = server.stranger().with_header("accept", "application/json");
        let client =
            client.with_header("x-terminal", terminal).with_header("x-terminal-time", &time.to_string());
        let mut client =
            client.with_header("x-terminal-signature", &URL_SAFE_NO_PAD.encode(signature.as_ref()));
        client.send(axum::http::Method::POST, path, Some("application/json"), body).await.expect(200).json()
    };
    let keys = json!({
        "code": made["code"],
        "sign_key": URL_SAFE_NO_PAD.encode(sign.public_key().as_ref()),
        "seal_key": URL_SAFE_NO_PAD.encode(SealingPair::generate().unwrap().public),
    });
    let enrolled = call("new", "/terminal/api/enrol", keys).await;
    let id = enrolled["terminal"].as_str().unwrap().to_owned();
    let found = call(&id, "/terminal/api/hosts", json!({ "q": "acme admin" })).await;
    let whom = found["items"][0]["ref"].clone();
    let body = json!({ "name": "飛び込 花子", "purpose": "名刺交換", "whom": whom });
    call(&id, "/terminal/api/walk-in", body).await;
}
