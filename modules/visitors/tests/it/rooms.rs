//! Rooms: who keeps them.

use serde_json::{Value, json};

use crate::scene::Scene;

impl Scene {
    /// A room of a site, as an administrator adds it.
    pub async fn room(&self, site: sekisho_kernel::SiteId, name: &str, seats: Option<i64>) -> Value {
        let mut admin = self.server.administrator().await;
        let body = json!({ "site": site, "name": name, "seats": seats, "way": "3階、エレベーターの左" });
        admin.api("POST", "/api/v1/visitors/rooms", body).await.expect(201).json()["id"].clone()
    }
}

story!(administrators_keep_the_rooms_of_a_site, |scene| {
    let mut admin = scene.server.administrator().await;
    let room = scene.room(scene.tokyo, "会議室Ａ", Some(8)).await;
    let path = format!("/api/v1/visitors/rooms/{}", room.as_str().unwrap());
    let add = json!({ "site": scene.tokyo, "name": "会議室 a" });
    let twice = admin.api("POST", "/api/v1/visitors/rooms", add.clone()).await.expect(422);
    assert!(twice.text.contains("visitors-error-room-name"), "{}", twice.text);
    scene.room(scene.osaka, "会議室A", None).await;
    for (field, wrong) in [
        ("name", json!({ "site": scene.tokyo, "name": " " })),
        ("seats", json!({ "site": scene.tokyo, "name": "B", "seats": 0 })),
        ("seats", json!({ "site": scene.tokyo, "name": "B", "seats": 10_000 })),
        ("way", json!({ "site": scene.tokyo, "name": "B", "way": "a".repeat(201) })),
        ("site", json!({ "name": "B" })),
    ] {
        let answer = admin.api("POST", "/api/v1/visitors/rooms", wrong).await.expect(422).json();
        assert_eq!(answer["errors"][0]["field"], field, "{answer}");
    }
    let mut host = scene.server.signed_in(&scene.host).await;
    let list = host.get(&format!("/api/v1/visitors/rooms?site={}", scene.tokyo)).await.expect(200).json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
    assert_eq!(list["items"][0]["name"], "会議室Ａ");
    for (method, path) in [("POST", "/api/v1/visitors/rooms"), ("PUT", &*path), ("DELETE", &*path)] {
        let body = if method == "DELETE" { Value::Null } else { add.clone() };
        let answer = host.api(method, path, body).await;
        assert!([403, 404].contains(&answer.status.as_u16()), "{method}: {}", answer.text);
    }
    let body = json!({ "name": "会議室B", "seats": null, "way": "" });
    let mut stale = admin.clone().with_header("if-match", "\"7\"");
    stale.api("PUT", &path, body.clone()).await.expect(412);
    let moved = json!({ "site": scene.osaka, "name": "会議室B" });
    admin.api("PUT", &path, moved).await.expect(422);
    admin.api("PUT", &path, body.clone()).await.expect(204);
    let shown = admin.get(&path).await.expect(200).json();
    assert_eq!(
        (&shown["name"], &shown["seats"], &shown["version"]),
        (&json!("会議室B"), &Value::Null, &json!(2))
    );
    stale.api("DELETE", &path, Value::Null).await.expect(412);
    admin.api("DELETE", &path, Value::Null).await.expect(204);
    admin.api("DELETE", &path, Value::Null).await.expect(404);
    admin.api("PUT", &path, body.clone()).await.expect(404);
    let list = host.get(&format!("/api/v1/visitors/rooms?site={}", scene.tokyo)).await.expect(200).json();
    assert_eq!(list["items"], json!([]), "retired");
    scene.room(scene.tokyo, "会議室B", None).await;
    let record = scene.record().await;
    let of_rooms: Vec<_> = record.iter().filter(|act| act.starts_with("room.")).collect();
    assert_eq!(of_rooms, ["room.add", "room.add", "room.change", "room.retire", "room.add"]);
});

const HERE: &str = "/settings/visitors/rooms";

story!(administrators_keep_rooms_by_page, |scene| {
    let mut admin = scene.server.administrator().await;
    assert!(admin.get(HERE).await.ok().contains("会議室はまだありません"));
    let site = scene.tokyo.to_string();
    let fields = [("site", &*site), ("name", "会議室A"), ("seats", "8"), ("way", "3階、左")];
    admin.post(&format!("{HERE}/new"), &fields).await.expect(303);
    let again = admin.post(&format!("{HERE}/new"), &fields).await.expect(422);
    assert!(again.text.contains("同じ名前の会議室があります") && again.text.contains("3階、左"));
    let list = admin.get(HERE).await.ok();
    assert!(list.contains("東京本社") && list.contains("会議室A") && list.contains("3階、左"), "{list}");
    let rooms = admin.get("/api/v1/visitors/rooms").await.expect(200).json();
    let page = format!("{HERE}/{}", rooms["items"][0]["id"].as_str().unwrap());
    assert!(admin.get(&page).await.ok().contains("会議室A"));
    let changed = [("site", &*site), ("name", "会議室B"), ("seats", ""), ("way", ""), ("version", "1")];
    admin.post(&page, &changed).await.expect(303);
    admin.post(&page, &changed).await.expect(422);
    admin.post(&format!("{page}/retire"), &[]).await.expect(303);
    admin.get(&page).await.expect(404);
    let mut host = scene.server.signed_in(&scene.host).await;
    let answer = host.get(HERE).await;
    assert!([403, 404].contains(&answer.status.as_u16()), "{}", answer.status);
});
