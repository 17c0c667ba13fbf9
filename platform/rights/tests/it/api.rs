//! Everything a page can do, the API can do.

use sekisho_policy::Right;
use serde_json::{Value, json};

use crate::{BOX, KEY, given, on, on_both, resource};

on_both!(grants_by_api, |server| {
    let sato = server.colleague("sato").await;
    let mut admin = server.administrator().await;
    let new = json!({
        "subject": { "kind": "person", "id": sato.person },
        "right": "exchange",
        "target": { "on": "resource", "id": resource(KEY) },
        "conditions": { "step_up_within_s": 300 },
    });
    let made = admin.api("POST", "/api/v1/grants", new.clone()).await.expect(201);
    let address = made.location().to_owned();
    assert_eq!(made.json()["right"], "exchange");
    assert_eq!(admin.get(&address).await.json()["conditions"]["step_up_within_s"], 300);
    let page = admin.get("/api/v1/grants?limit=1").await.json();
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    let next =
        admin.get(&format!("/api/v1/grants?limit=1&cursor={}", page["next_cursor"].as_str().unwrap())).await;
    assert_ne!(next.json()["items"][0]["id"], page["items"][0]["id"]);

    let why = json!({ "person": sato.person, "right": "exchange", "resource": resource(KEY) });
    let decision = admin.api("POST", "/api/v1/decisions/why", why.clone()).await.json();
    assert_eq!(decision["reasons"][0]["reason"], "step_up_needed");
    let reach = admin.get(&format!("/api/v1/reach?person={}", sato.person)).await.json();
    assert_eq!(reach["items"][0]["name"], "社用車 3");
    let who = admin.get(&format!("/api/v1/resources/{}/who-can?right=exchange", resource(KEY))).await.json();
    assert!(who["items"].as_array().unwrap().iter().any(|who| who["person"] == json!(sato.person)));

    let unknown = json!({ "subject": { "kind": "person", "id": resource(1) }, "right": "view", "target": { "on": "tenant" } });
    admin.api("POST", "/api/v1/grants", unknown).await.expect(422);
    admin.api("DELETE", &address, Value::Null).await.expect(204);
    admin.api("DELETE", &address, Value::Null).await.expect(404);

    let mut colleague = server.signed_in(&sato).await;
    colleague.api("POST", "/api/v1/grants", new).await.expect(403);
    colleague.api("POST", "/api/v1/decisions/why", why).await.expect(200);
    colleague.get(&format!("/api/v1/reach?person={}", server.admin)).await.expect(404);
    colleague.get("/api/v1/rules").await.expect(403);
});

on_both!(schedules_and_rules_by_api, |server| {
    let mut admin = server.administrator().await;
    let schedule = json!({ "name": "昼", "week": [[{ "from": 540, "to": 1080 }], [], [], [], [], [], []] });
    let made = admin.api("POST", "/api/v1/schedules", schedule.clone()).await.expect(201);
    let address = made.location().to_owned();
    let one = admin.get(&address).await.json();
    assert_eq!(one["next_openings"][0]["from"], "2026-11-23T00:00:00Z", "{one}");
    let changed = json!({ "name": "昼", "week": [[], [], [], [], [], [], []] });
    assert_eq!(admin.api("PUT", &address, changed).await.json()["next_openings"], json!([]));
    admin.api("DELETE", &address, Value::Null).await.expect(204);
    let calendar = json!({ "name": "夏", "days": [{ "date": "2027-08-13", "name": "夏季休業" }] });
    admin.api("POST", "/api/v1/calendars", calendar).await.expect(201);
    assert_eq!(admin.get("/api/v1/calendars").await.json()["items"][0]["days"][0]["date"], "2027-08-13");

    server.prove(&mut admin).await;
    let bad = admin
        .api("PUT", "/api/v1/rules", json!({ "text": "permit (principal, action, resource);" }))
        .await
        .expect(422);
    assert_eq!(bad.json()["faults"][0]["line"], 1, "{}", bad.text);
    let rule = json!({ "text": "@id(\"none\") forbid (principal, action == Action::\"manage\", resource);" });
    let sato = server.colleague("sato").await;
    given(&server, sato.person, Right::Manage, on(BOX)).await;
    let preview = admin.api("POST", "/api/v1/rules/preview", rule.clone()).await.json();
    let lost: Vec<&Value> = preview["changes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|change| change["person"] == json!(sato.person))
        .collect();
    assert_eq!(lost.len(), 2, "the box and the key in it: {preview}");
    admin.api("PUT", "/api/v1/rules", rule).await.expect(200);
    admin.get("/rights").await.expect(200);
    admin.api("PUT", "/api/v1/rules", json!({ "text": "" })).await.expect(200);
});
