//! On what terms keys are booked with a visit: what is offered, what is refused, how far a token reaches, what the record says.

use sekisho_identity::NewToken;
use sekisho_testkit::story;
use serde_json::{Value, json};

use super::scene::{Planned, Scene, box_at, key_in};
use crate::stage::made;

story!(keys_are_found_by_a_part_of_their_name, |scene| {
    let planned = scene.visit(60).await;
    let mut host = scene.host().await;
    for (search, names) in [("社用車", vec!["社用車3号"]), ("機械", vec!["機械室"]), ("倉庫", vec![])]
    {
        let path = format!("{}/offered?q={search}", planned.keys());
        let offered = host.get(&path).await.expect(200).json();
        let found: Vec<&str> =
            offered["items"].as_array().unwrap().iter().map(|key| key["name"].as_str().unwrap()).collect();
        assert_eq!(found, names, "{search}");
    }
    // A refusal leaves what was looked for as it was.
    let form = format!("{}/keys", planned.appointment.replace("/api/v1", ""));
    let visit = planned.visit.rsplit('/').next().unwrap().to_owned();
    let page = host.post(&form, &[("visit", &visit), ("q", "機械")]).await.expect(422);
    assert!(page.text.contains("機械室") && !page.text.contains("社用車3号"), "{}", page.text);
    // Who has keys has none to book; the refusal says so.
    let van = scene.van.to_string();
    host.post(&form, &[("visit", &visit), ("keys", &van)]).await.expect(303);
    let again = host.post(&form, &[("visit", &visit), ("keys", &van)]).await.expect(303);
    let notice = again
        .headers
        .get_all("set-cookie")
        .iter()
        .any(|cookie| cookie.to_str().unwrap().contains("visitors-keys-refused-booked"));
    assert!(notice, "{:?}", again.headers);
});

story!(keys_by_different_clocks_are_not_booked_together, |scene| {
    let mut admin = scene.server.administrator().await;
    let site = json!({ "name": "New York", "address": "1", "zone": "America/New_York" });
    let site = made(&mut admin, "/api/v1/sites", site).await.parse().unwrap();
    let there = box_at(&mut admin, "NY", Some(site)).await;
    let anywhere = box_at(&mut admin, "無所属", None).await;
    let there = key_in(&mut admin, "鍵NY", "FOB-NY", &there, 1).await;
    let anywhere = key_in(&mut admin, "鍵A", "FOB-A", &anywhere, 1).await;
    let mut body = scene.body(60);
    body["site"] = json!(site);
    let planned =
        Planned::of(&admin.api("POST", "/api/v1/visitors/appointments", body).await.expect(201).json());
    let refused = scene.books(&mut admin, &planned, &[there, anywhere]).await.expect(422);
    assert!(refused.text.contains("タイムゾーンの異なる"), "{}", refused.text);
    scene.books(&mut admin, &planned, &[there]).await.expect(201);
});

story!(a_token_that_books_keys_needs_their_scope_too, |scene| {
    let planned = scene.visit(60).await;
    let mut cx = scene.server.cx_of(scene.host.person);
    cx.verified_at = Some(cx.now);
    let with = async |scopes: &[&str]| {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let new = NewToken { name: "test".into(), scopes, days: 9 };
        let identity = &scene.server.foundation().identity;
        let made = identity.make_token(&cx, scene.host.person, &new).await.unwrap();
        scene.server.stranger().with_token(made.1.expose())
    };
    let offered = format!("{}/offered", planned.keys());
    let mut client = with(&["visitors:write"]).await;
    assert_eq!(client.get(&offered).await.expect(403).json()["code"], "error-scope");
    let refused = scene.books(&mut client, &planned, &[scene.van]).await.expect(403);
    assert_eq!(refused.json()["code"], "error-scope");
    let mut client = with(&["visitors:write", "keys:read"]).await;
    client.get(&offered).await.expect(200);
    scene.books(&mut client, &planned, &[scene.van]).await.expect(403);
    assert!(scene.bookings().await.is_empty());
    let mut client = with(&["visitors:write", "keys:write"]).await;
    scene.books(&mut client, &planned, &[scene.van]).await.expect(201);
    with(&["visitors:read", "keys:read"]).await.get(&planned.keys()).await.expect(200);
    let refused = with(&["visitors:read"]).await.get(&planned.keys()).await.expect(403);
    assert_eq!(refused.json()["code"], "error-scope");
    // What is called off gives nothing out.
    let mut client = with(&["visitors:write"]).await;
    client.api("DELETE", &planned.keys(), Value::Null).await.expect(204);
});

story!(the_record_of_the_keys_names_the_visit, |scene| {
    let planned = scene.visit_with(60, scene.van).await;
    let mut host = scene.host().await;
    host.api("PUT", &planned.appointment, scene.body(180)).await.expect(204);
    let corrected = json!({ "name": "山田 太朗", "mail": "yamada@midori.example" });
    host.api("PUT", &format!("{}/guest", planned.visit), corrected).await.expect(204);
    host.api("DELETE", &planned.appointment, Value::Null).await.expect(204);
    let visit = json!({ "kind": "visit", "id": planned.visit.rsplit('/').next().unwrap() });
    for act in ["key.book", "key.move_booking", "key.correct_booking", "key.cancel_booking"] {
        assert_eq!(scene.details(act, "on_behalf").await, std::slice::from_ref(&visit), "{act}");
    }
});

story!(whoever_watches_a_key_hears_that_its_booking_was_moved, |scene| {
    let mut admin = scene.server.administrator().await;
    let watcher = scene.server.colleague("watcher").await;
    let rule = json!({ "name": "予約", "active": true, "rule": { "events": ["booked"], "people": [watcher.person] } });
    made(&mut admin, "/api/v1/key-alerts", rule).await;
    let planned = scene.visit_with(60, scene.van).await;
    let heard = async || {
        scene.server.settle().await;
        let told = scene.told("watcher@").await;
        told.iter().filter(|mail| mail.contains("社用車3号") && mail.contains("予約されました")).count()
    };
    assert_eq!(heard().await, 1);
    scene.host().await.api("PUT", &planned.appointment, scene.body(180)).await.expect(204);
    assert_eq!(heard().await, 2);
});
