//! How long a mark stays, and whom administrators see.

use sekisho_testkit::{hours, minutes};
use serde_json::{Value, json};

use crate::scene::Scene;
use crate::series::{mondays, nth};
use crate::tablet::Tablet;
use crate::watch::{ENTRIES, MATCHES, expected, is_marked, listed, marked, visit_path};

async fn matches(scene: &Scene) -> Vec<Value> {
    let mut admin = scene.server.administrator().await;
    admin.get(MATCHES).await.expect(200).json()["items"].as_array().unwrap().clone()
}

/// Something is handed in at a terminal by somebody of that name.
async fn handed_in(scene: &Scene, carrier: &str) {
    let mut tablet = Tablet::at(scene, scene.tokyo, carrier).await;
    let whom = tablet.call(scene, "/terminal/api/hosts", json!({ "q": "host" })).await.expect(200).json();
    let parcel = json!({ "carrier": carrier, "whom": whom["items"][0]["ref"] });
    tablet.call(scene, "/terminal/api/delivery", parcel).await.expect(200);
}

story!(whoever_is_written_down_as_somebody_cleared_leaves_them_cleared, |scene| {
    let entry = listed(&scene, &["佐藤 花子"], &[]).await;
    let first = expected(&scene, "佐藤 花子", 60).await["visits"][0]["id"].clone();
    let mut admin = scene.server.administrator().await;
    let clear = format!("{MATCHES}/{}/{entry}", first.as_str().unwrap());
    admin.api("DELETE", &clear, Value::Null).await.expect(204);
    let mut desk = scene.desk().await;
    let wave = json!({ "site": scene.tokyo, "count": 1 });
    let waved = desk.api("POST", "/api/v1/visitors/wave-in", wave).await.expect(201).json()["id"].clone();
    let known = json!({ "name": "佐藤 花子", "mail": "guest@midori.example" });
    desk.api("PUT", &visit_path(&waved, "/guest"), known).await.expect(204);
    assert_eq!(scene.visit(&waved).await["guest"], scene.visit(&first).await["guest"]);
    assert!(marked(&scene).await.is_empty());
    // A namesake is somebody else.
    let wave = json!({ "site": scene.tokyo, "count": 1 });
    let waved = desk.api("POST", "/api/v1/visitors/wave-in", wave).await.expect(201).json()["id"].clone();
    desk.api("PUT", &visit_path(&waved, "/guest"), json!({ "name": "佐藤 花子" })).await.expect(204);
    assert_eq!(marked(&scene).await, [waved.as_str().unwrap()]);
});

story!(an_entry_changed_in_other_than_its_names_keeps_the_marks_it_made, |scene| {
    let entry = listed(&scene, &["佐藤 花子"], &[]).await;
    let visit = expected(&scene, "佐藤 花子", 60).await["visits"][0]["id"].clone();
    let mut host = scene.server.signed_in(&scene.host).await;
    let mut known = host.get(&visit_path(&visit, "/guest")).await.expect(200).json();
    known["name"] = json!("山本 葉子");
    host.api("PUT", &visit_path(&visit, "/guest"), known).await.expect(204);
    handed_in(&scene, "佐藤 花子").await;
    assert_eq!(marked(&scene).await.len(), 2);
    let mut admin = scene.server.administrator().await;
    let one = format!("{ENTRIES}/{entry}");
    let form = |name: &str, sites: Value| json!({ "names": [name], "reason": "x", "phone": "内線 119", "sites": sites });
    for (name, sites, marks) in [
        ("佐藤 花子", json!([]), 2),
        ("佐藤 花子", json!([scene.tokyo]), 2),
        // Another person: neither the guest under another name nor the carrier is like them.
        ("渡辺 一郎", json!([]), 0),
    ] {
        admin.api("PUT", &one, form(name, sites)).await.expect(204);
        assert_eq!(marked(&scene).await.len(), marks, "{name}");
    }
    // And where it does not hold any more, nobody is marked.
    admin.api("PUT", &one, form("佐藤 花子", json!([]))).await.expect(204);
    expected(&scene, "佐藤 花子", 60).await;
    handed_in(&scene, "佐藤　花子").await;
    assert_eq!(marked(&scene).await.len(), 2);
    admin.api("PUT", &one, form("佐藤 花子", json!([scene.osaka]))).await.expect(204);
    assert!(marked(&scene).await.is_empty());
});

story!(a_guest_stands_once_beside_an_entry_until_the_visit_is_over, |scene| {
    let entry = listed(&scene, &["佐藤 花子"], &[]).await;
    let boss = scene.server.colleague("boss").await;
    let mut body = mondays(&scene, 4);
    body["guests"] = json!([{ "name": "佐藤 花子", "mail": "guest@midori.example" }]);
    body["host"] = json!(boss.person);
    let made = scene.made(body).await;
    handed_in(&scene, "佐藤 花子").await;
    let rows = matches(&scene).await;
    assert_eq!((rows.len(), marked(&scene).await.len()), (2, 5));
    let row = rows.iter().find(|row| row["visit"].is_string()).unwrap();
    assert_eq!((&row["count"], &row["of"]), (&json!(4), &made["visits"][0]["id"]));
    let visit = scene.visit(&made["visits"][0]["id"]).await;
    assert_eq!((&row["host_name"], &row["state"]), (&visit["host_name"], &visit["state"]));
    assert!(row["made_by_name"].as_str().is_some_and(|name| !name.is_empty()));
    assert_ne!(row["made_by_name"], row["host_name"], "who invited is seen beside who receives");
    let mut admin = scene.server.administrator().await;
    let page = admin.get("/visitors/watch-list").await.ok();
    for words in ["今後4回", row["host_name"].as_str().unwrap(), row["made_by_name"].as_str().unwrap()] {
        assert!(page.contains(words), "{words}: {page}");
    }
    // Called off: no longer a match at once, and forgotten within the hour; what was found stays on the record.
    admin.api("DELETE", &nth(&made, 0), Value::Null).await.expect(204);
    let rows = matches(&scene).await;
    let row = rows.iter().find(|row| row["visit"].is_string()).unwrap();
    assert_eq!((&row["count"], row["starts_at"].as_str()), (&json!(3), Some("2026-11-30T01:00:00Z")));
    scene.server.advance(hours(1)).await;
    scene.server.advance(minutes(10)).await;
    assert_eq!(marked(&scene).await.len(), 4);
    // The day of the delivery is over; of the second visit, too, to which nobody came.
    scene.server.advance(hours(24)).await;
    assert!(!scene.desk().await.get("/visitors/deliveries").await.ok().contains("守衛に確認"));
    assert_eq!((matches(&scene).await.len(), marked(&scene).await.len()), (1, 3));
    scene.server.advance(hours(8 * 24)).await;
    assert_eq!(marked(&scene).await.len(), 3, "somebody may be said to have come in time for a week");
    scene.server.advance(hours(7 * 24)).await;
    assert_eq!(marked(&scene).await.len(), 2);
    assert!(scene.record().await.contains(&"watch.match".to_owned()));
    // All that are left are cleared at once.
    let rows = matches(&scene).await;
    let clear = format!("{MATCHES}/{}/{entry}", rows[0]["of"].as_str().unwrap());
    scene.server.administrator().await.api("DELETE", &clear, Value::Null).await.expect(204);
    assert!(marked(&scene).await.is_empty());
});

story!(a_guest_is_found_by_the_reading_they_gave, |scene| {
    listed(&scene, &["サトウ ハナコ"], &[]).await;
    let mut body = scene.body(30);
    body["guests"] = json!([{ "name": "佐藤 花子" }, { "name": "佐藤 花子", "reading": "さとう はなこ" }]);
    let made = scene.made(body).await;
    let told = [0, 1].map(|place| made["visits"][place]["id"].clone());
    assert!(!is_marked(&scene, &told[0]).await && is_marked(&scene, &told[1]).await);
});
