//! Alert rules reach whom they name, and nobody else.

use sekisho_policy::Right;
use serde_json::json;

use crate::scene::Scene;

story!(a_rule_tells_colleagues_and_outsiders, |scene| {
    let sato =
        scene.person("sato", Right::Exchange, sekisho_policy::Target::AllOf { kind: "key".into() }).await;
    let guard = scene.server.colleague("guard").await;
    let mut admin = scene.server.administrator().await;
    let rule = json!({
        "name": "vans",
        "rule": { "events": ["taken"], "condition": { "keys": [scene.van] }, "people": [guard.person] },
        "outsiders": "lot@example.jp",
        "active": true,
    });
    admin.api("POST", "/api/v1/key-alerts", rule.clone()).await.expect(201);
    let mut user = scene.server.signed_in(&guard).await;
    user.api("POST", "/api/v1/key-alerts", rule).await.expect(404);
    scene.takes(sato, scene.van, "FOB-VAN", 1).await;
    scene.takes(sato, scene.store_room, "FOB-STORE", 2).await;
    scene.server.settle().await;
    let mail = scene.mailbox().await;
    let to = |whom: &str| mail.iter().filter(|one| one.contains(whom) && one.contains("Van 3")).count();
    assert_eq!((to("guard@acme.test"), to("lot@example.jp")), (1, 1), "{mail:#?}");
});
