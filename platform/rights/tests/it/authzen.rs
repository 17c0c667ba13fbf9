//! AuthZEN 1.0 questions.

use sekisho_policy::Right;
use serde_json::json;

use crate::{KEY, OTHER_KEY, given, on, on_both, resource};

on_both!(other_systems_ask_our_policy, |server| {
    let sato = server.colleague("sato").await;
    given(&server, sato.person, Right::Exchange, on(KEY)).await;
    let mut admin = server.administrator().await;
    let ask = |what: u128, action: &str| {
        json!({
            "subject": { "type": "person", "id": sato.person },
            "action": { "name": action },
            "resource": { "type": "key", "id": resource(what) },
        })
    };
    for (what, action, wanted) in [
        (KEY, "exchange", true),
        (KEY, "key.take_out", true),
        (KEY, "view", true),
        (KEY, "manage", false),
        (OTHER_KEY, "exchange", false),
    ] {
        let answer = admin.api("POST", "/access/v1/evaluation", ask(what, action)).await.expect(200).json();
        assert_eq!(answer["decision"], wanted, "{action} on {what}: {answer}");
    }
    let batch = json!({
        "subject": { "type": "user", "id": sato.person },
        "action": { "name": "exchange" },
        "evaluations": [
            { "resource": { "type": "key", "id": resource(KEY) } },
            { "resource": { "type": "key", "id": "no uuid" } },
        ],
    });
    let answers = admin.api("POST", "/access/v1/evaluations", batch.clone()).await.expect(200).json();
    assert_eq!(
        (&answers["evaluations"][0]["decision"], &answers["evaluations"][1]["decision"]),
        (&json!(true), &json!(false))
    );
    let mut first_only = batch;
    first_only["options"] = json!({ "evaluations_semantic": "permit_on_first_permit" });
    let answers = admin.api("POST", "/access/v1/evaluations", first_only).await.json();
    assert_eq!(answers["evaluations"].as_array().unwrap().len(), 1);
    admin
        .api("POST", "/access/v1/evaluation", json!({ "subject": { "type": "person", "id": "x" } }))
        .await
        .expect(422);
    let mut colleague = server.signed_in(&sato).await;
    colleague.api("POST", "/access/v1/evaluation", ask(KEY, "view")).await.expect(403);
});
