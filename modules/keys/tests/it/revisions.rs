//! Two writers notice each other: ETag and If-Match on keys, boxes, bins, groups and alert rules; and bodies are described.

use serde_json::{Value, json};

use crate::scene::Scene;

/// The tag of the thing at `path`.
async fn tag(admin: &mut sekisho_testkit::Client, path: &str) -> String {
    let answer = admin.api("GET", path, Value::Null).await.expect(200);
    answer.headers.get("etag").unwrap().to_str().unwrap().to_owned()
}

story!(the_second_writer_is_told, |scene| {
    let mut admin = scene.server.administrator().await;
    let key = format!("/api/v1/keys/{}", scene.van);
    let body = |name: &str| json!({ "name": name, "fob": "FOB-VAN", "home_box": scene.place, "home_bin": 1 });
    admin.api("PUT", &key, body("Van")).await.expect(422); // no If-Match
    let seen = tag(&mut admin, &key).await;
    let mut both = admin.clone().with_header("if-match", &seen);
    both.api("PUT", &key, body("Van 4")).await.expect(204);
    let late = both.api("PUT", &key, body("Van 5")).await.expect(412);
    assert!(late.text.contains("error-conflict"), "{}", late.text);
    assert_ne!(tag(&mut admin, &key).await, seen);

    // A bin taken out of use is another state of its box.
    let place = format!("/api/v1/key-boxes/{}", scene.place);
    let seen = tag(&mut admin, &place).await;
    let mut both = admin.clone().with_header("if-match", &seen);
    both.api("POST", &format!("{place}/bins/3/disable"), json!({ "reason": "hinge" })).await.expect(204);
    both.api("POST", &format!("{place}/bins/3/enable"), Value::Null).await.expect(412);
    let form = json!({ "name": "Box B", "bins": 4, "columns": 2, "return_policy": "fixed_bin" });
    both.api("PUT", &place, form).await.expect(412);
    both.api("DELETE", &place, Value::Null).await.expect(412);

    let made = admin.api("POST", "/api/v1/key-groups", json!({ "name": "Cars" })).await.expect(201);
    let group = made.location().to_owned();
    let seen = tag(&mut admin, &group).await;
    let mut both = admin.clone().with_header("if-match", &seen);
    both.api("PUT", &group, json!({ "name": "Vans" })).await.expect(204);
    both.api("PUT", &group, json!({ "name": "Lorries" })).await.expect(412);
    both.api("DELETE", &group, Value::Null).await.expect(412);

    let rule = |name: &str| json!({ "name": name, "rule": { "events": ["overdue"] }, "outsiders": "lot@example.jp", "active": true });
    let made = admin.api("POST", "/api/v1/key-alerts", rule("Late")).await.expect(201);
    let alert = made.location().to_owned();
    admin.api("PUT", &alert, rule("Very late")).await.expect(422); // no If-Match
    let seen = tag(&mut admin, &alert).await;
    let mut both = admin.clone().with_header("if-match", &seen);
    both.api("PUT", &alert, rule("Very late")).await.expect(204);
    both.api("PUT", &alert, rule("Too late")).await.expect(412);
    both.api("DELETE", &alert, Value::Null).await.expect(412);

    // A booking is made and called off: who saw it in force does not call it off twice.
    let booking = json!({
        "keys": [scene.van], "guest_name": "Ito", "guest_mail": "ito@example.jp",
        "starts": "2099-04-01T09:00", "ends": "2099-04-01T12:00",
    });
    let made = admin.api("POST", "/api/v1/key-bookings", booking).await.expect(201);
    let booking = made.location().to_owned();
    let seen = tag(&mut admin, &booking).await;
    let mut other = admin.clone().with_header("if-match", "\"something else\"");
    other.api("DELETE", &booking, Value::Null).await.expect(412);
    let mut both = admin.clone().with_header("if-match", &seen);
    both.api("DELETE", &booking, Value::Null).await.expect(204);
    both.api("DELETE", &booking, Value::Null).await.expect(412);
    admin.api("DELETE", &booking, Value::Null).await.expect(422); // in words, for who says nothing
    let guard = scene.server.colleague("guard").await;
    let mut stranger =
        scene.server.signed_in(&guard).await.with_header("if-match", &tag(&mut admin, &alert).await);
    for method in ["GET", "PUT", "DELETE"] {
        stranger.api(method, &alert, rule("Mine")).await.expect(404);
    }
});

story!(the_form_of_the_second_writer_says_so, |scene| {
    let mut admin = scene.server.administrator().await;
    let path = format!("/keys/{}/settings", scene.van);
    let page = admin.get(&path).await.ok();
    let seen = page.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let place = scene.place.to_string();
    let fields = |name: &'static str, seen: &str| {
        [
            ("name", name.to_owned()),
            ("fob", "FOB-VAN".to_owned()),
            ("home_box", place.clone()),
            ("home_bin", "1".to_owned()),
            ("due", "never".to_owned()),
            ("seen", seen.to_owned()),
        ]
    };
    let send = |fields: [(&'static str, String); 6]| fields;
    let first = send(fields("Van 4", &seen));
    let first: Vec<(&str, &str)> = first.iter().map(|(name, value)| (*name, value.as_str())).collect();
    admin.post(&path, &first).await.expect(303);
    let second = send(fields("Van 5", &seen));
    let second: Vec<(&str, &str)> = second.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let told = admin.post(&path, &second).await.expect(422);
    assert!(told.text.contains("Van 5"), "what was typed stays: {}", told.text);
});

story!(a_key_is_lent_from_the_picture_with_a_way_back, |scene| {
    let sato = scene.server.colleague("sato").await.person;
    let mut admin = scene.server.administrator().await;
    let page = admin.get(&format!("/keys/boxes/{}", scene.place)).await.ok();
    assert!(page.contains("data-lend") && page.contains(&format!("value=\"{sato}\"")), "{page}");
    let to = format!("/keys/boxes/{}/lend", scene.place);
    let (key, who) = (scene.van.to_string(), sato.to_string());
    admin.post(&to, &[("key", &key), ("to", &who), ("until", "")]).await.expect(303);
    assert!(scene.releases(sato, scene.van).await.is_ok());
    // Somebody without a right on the box lends nothing, and does not learn that it is there.
    let mori = scene.server.colleague("mori").await;
    let mut mori = scene.server.signed_in(&mori).await;
    mori.post(&to, &[("key", &key), ("to", &who), ("until", "")]).await.expect(404);
});

story!(every_body_of_the_module_is_described, |scene| {
    let openapi: Value =
        serde_json::from_str(&scene.server.stranger().get("/api/openapi.json").await.ok()).unwrap();
    // Acts that have nothing to say beyond their address.
    let silent = ["take-out", "light", "enable", "keys/{key}"];
    let mut described = 0;
    for (path, item) in openapi["paths"].as_object().unwrap() {
        if !path.starts_with("/api/v1/key") || silent.iter().any(|end| path.ends_with(end)) {
            continue;
        }
        for method in ["post", "put"] {
            let Some(act) = item.get(method) else { continue };
            let body = &act["requestBody"]["content"]["application/json"]["schema"]["$ref"];
            let name = body.as_str().unwrap_or_else(|| panic!("{method} {path} has no described body"));
            let schema = openapi.pointer(name.trim_start_matches('#')).unwrap_or(&Value::Null);
            assert!(schema.is_object(), "{method} {path}: {name} is not in the document");
            described += 1;
        }
    }
    assert!(described >= 20, "{described}");
});

story!(the_search_finds_what_one_may_know_of, |scene| {
    let sato = scene.server.colleague("sato").await;
    scene
        .grant(
            sekisho_policy::Subject::Person(sato.person),
            sekisho_policy::Right::Exchange,
            Scene::on_key(scene.van),
        )
        .await;
    let mut sato = scene.server.signed_in(&sato).await;
    assert!(sato.get("/search?q=van").await.ok().contains("Van 3"));
    assert!(!sato.get("/search?q=store").await.ok().contains("Store room"));
    let mut admin = scene.server.administrator().await;
    assert!(admin.get("/search?q=STORE").await.ok().contains("Store room"));
    let found = admin.api("GET", "/api/v1/search?q=box", Value::Null).await.json();
    assert_eq!(found["items"][0]["kind"], "key", "keys hang in Box A: {found}");
});
