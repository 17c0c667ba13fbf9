//! A body says nothing that nobody knows.

use sekisho_web::{Access, Asker, Json, Result, Routes, SiteOptions};
use serde::{Deserialize, Serialize};

use crate::ask::Answer;
use crate::stage::stage;

#[derive(Deserialize, Serialize)]
struct Give {
    to: String,
    #[serde(default)]
    conditions: Conditions,
}

#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
struct Conditions {
    second_person: bool,
}

async fn give(asker: Asker, Json(body): Json<Give>) -> Result {
    Ok(asker.json(body))
}

async fn send(kind: &str, body: &str) -> Answer {
    let routes = Routes::new("stage").post("/api/v1/gives", Access::Person, give).with_state(());
    let stage = stage(vec![routes], SiteOptions::default()).await;
    stage
        .ask("POST", "/api/v1/gives", &[("authorization", "Bearer employee"), ("content-type", kind)], body)
        .await
}

#[tokio::test]
async fn a_misspelt_member_is_named_and_refused() {
    let json = "application/json";
    let right = send(json, r#"{ "to": "sato", "conditions": { "second_person": true } }"#).await;
    assert_eq!((right.status, right.json()["conditions"]["second_person"].as_bool()), (200, Some(true)));
    let misspelt = send(json, r#"{ "to": "sato", "conditions": { "second_persn": true } }"#).await;
    assert_eq!((misspelt.status, misspelt.json()["code"].as_str()), (422, Some("error-unknown-member")));
    assert_eq!(misspelt.json()["unknown"][0], "conditions.second_persn");
    let broken = send(json, r#"{ "to": "#).await;
    assert_eq!(broken.status, 400);
    assert!(broken.json()["detail"].as_str().unwrap().contains("column"), "{}", broken.body);
    let missing = send(json, "{}").await;
    assert_eq!(missing.status, 422);
    assert!(missing.json()["detail"].as_str().unwrap().contains("`to`"), "{}", missing.body);
    assert_eq!(send("text/plain", "{}").await.status, 415);
}

#[tokio::test]
async fn no_text_holds_nul() {
    let json = "application/json";
    let nul = send(json, r#"{ "to": "sa\u0000to" }"#).await;
    assert_eq!((nul.status, nul.json()["code"].as_str()), (422, Some("error-invalid")));
    // A backslash that stands for itself, and then the letters.
    let spelt = send(json, r#"{ "to": "sa\\u0000to" }"#).await;
    assert_eq!((spelt.status, spelt.json()["to"].as_str()), (200, Some(r"sa\u0000to")));
}
