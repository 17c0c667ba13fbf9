//! Rooms: who keeps them, and that no two appointments have one at the same time.

use sea_orm::ActiveValue::Set;
use sekisho_visitors::tables::kept_rooms;
use serde_json::{Value, json};

use crate::scene::Scene;
use crate::series::form;

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

impl Scene {
    /// An appointment like [`Scene::body`] in a room.
    pub fn in_room(&self, minutes: i64, room: &Value) -> Value {
        let mut body = self.body(minutes);
        body["room"] = room.clone();
        body["place"] = json!("");
        body
    }
}

pub const APPOINTMENTS: &str = "/api/v1/visitors/appointments";

/// Where the API has an appointment.
pub fn path(made: &Value) -> String {
    format!("{APPOINTMENTS}/{}", made["id"].as_str().unwrap())
}

story!(a_room_is_taken_once_at_a_time, |scene| {
    let room = scene.room(scene.tokyo, "会議室A", Some(8)).await;
    let other = scene.room(scene.tokyo, "会議室B", None).await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let made = scene.made(scene.in_room(60, &room)).await;
    assert_eq!(made["room"], room);
    let shown = host.get(&path(&made)).await.expect(200).json();
    assert_eq!((&shown["place"], &shown["room"]), (&json!("会議室A"), &room));
    for minutes in [1, 59, 60, 100, 119] {
        let taken = host.api("POST", APPOINTMENTS, scene.in_room(minutes, &room)).await.expect(422).json();
        assert_eq!(taken["errors"][0]["field"], "room", "{minutes}: {taken}");
        assert_eq!(taken["in_the_way"][0]["appointment"], made["id"]);
        assert_eq!(taken["in_the_way"][0]["host_name"], "host");
    }
    // One ends when the other begins.
    let before = scene.made(scene.in_room(0, &room)).await;
    scene.made(scene.in_room(120, &room)).await;
    scene.made(scene.in_room(60, &other)).await;
    // The desk of the site knows whose.
    let taken =
        scene.desk().await.api("POST", APPOINTMENTS, scene.in_room(90, &room)).await.expect(422).json();
    assert_eq!(taken["in_the_way"][0]["host_name"], "host", "{taken}");
    // A stranger to the appointment learns when, not whose.
    let stranger = scene.server.colleague("stranger").await;
    let mut stranger = scene.server.signed_in(&stranger).await;
    let taken = stranger.api("POST", APPOINTMENTS, scene.in_room(90, &room)).await.expect(422).json();
    assert_eq!(taken["in_the_way"].as_array().unwrap().len(), 2, "{taken}");
    assert_eq!(taken["in_the_way"][0]["host_name"], Value::Null, "{taken}");
    assert_eq!(taken["in_the_way"][0]["appointment"], Value::Null, "{taken}");
    assert!(!taken["in_the_way"][0]["starts_at"].is_null(), "{taken}");
    // Another site's room, one that is not there, and one that was retired are no choice.
    let osaka = scene.room(scene.osaka, "会議室A", None).await;
    for wrong in [&osaka, &json!(scene.tokyo)] {
        let answer = host.api("POST", APPOINTMENTS, scene.in_room(600, wrong)).await.expect(422);
        assert!(answer.text.contains("visitors-error-room"), "{}", answer.text);
    }
    let mut admin = scene.server.administrator().await;
    admin
        .api("DELETE", &format!("/api/v1/visitors/rooms/{}", room.as_str().unwrap()), Value::Null)
        .await
        .expect(204);
    host.api("POST", APPOINTMENTS, scene.in_room(600, &room)).await.expect(422);
    // Who has it keeps it, and may move within it.
    let mut moved = scene.in_room(-30, &room);
    moved["ends"] = json!(scene.at(50));
    host.api("PUT", &path(&before), moved).await.expect(204);
    assert_eq!(host.get(&path(&before)).await.json()["room"], room);
});

story!(what_is_called_off_frees_its_room, |scene| {
    let room = scene.room(scene.tokyo, "会議室A", None).await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let first = scene.made(scene.in_room(60, &room)).await;
    host.api("DELETE", &path(&first), Value::Null).await.expect(204);
    let second = scene.made(scene.in_room(60, &room)).await;
    // The last guest of it does not come.
    let visit = format!("/api/v1/visitors/visits/{}", second["visits"][0]["id"].as_str().unwrap());
    host.api("DELETE", &visit, Value::Null).await.expect(204);
    let third = scene.made(scene.in_room(60, &room)).await;
    // A guest does not come back into a room that somebody else has by now.
    let guest = json!({ "name": "鈴木 花子" });
    let answer = host.api("POST", &format!("{}/guests", path(&second)), guest.clone()).await.expect(422);
    assert!(answer.text.contains("visitors-error-room-taken"), "{}", answer.text);
    host.api("DELETE", &path(&third), Value::Null).await.expect(204);
    host.api("POST", &format!("{}/guests", path(&second)), guest).await.expect(201);
    host.api("POST", APPOINTMENTS, scene.in_room(60, &room)).await.expect(422);
});

story!(a_room_is_free_when_its_appointment_is_off_with_a_guest_here_or_its_guest_is_refused, |scene| {
    let room = scene.room(scene.tokyo, "会議室A", None).await;
    let mut desk = scene.desk().await;
    let act = |made: &Value, act: &str| {
        format!("/api/v1/visitors/visits/{}/{act}", made["visits"][0]["id"].as_str().unwrap())
    };
    let first = scene.made(scene.in_room(60, &room)).await;
    desk.api("POST", &act(&first, "admit"), Value::Null).await.expect(204);
    desk.api("POST", APPOINTMENTS, scene.in_room(60, &room)).await.expect(422);
    desk.api("DELETE", &path(&first), Value::Null).await.expect(204);
    assert_eq!(
        scene.visit(&first["visits"][0]["id"]).await["state"],
        "admitted",
        "the guest keeps the visit"
    );
    let second = scene.made(scene.in_room(60, &room)).await;
    desk.api("POST", &act(&second, "refuse"), Value::Null).await.expect(204);
    let third = scene.made(scene.in_room(60, &room)).await;
    // Who was here and left had the room for the time that was said.
    desk.api("POST", &act(&third, "admit"), Value::Null).await.expect(204);
    desk.api("POST", &act(&third, "check-out"), Value::Null).await.expect(204);
    desk.api("POST", APPOINTMENTS, scene.in_room(60, &room)).await.expect(422);
});

story!(a_room_is_taken_for_all_the_days_of_a_long_appointment, |scene| {
    let room = scene.room(scene.tokyo, "会議室A", None).await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let days = |days: i64| days * 24 * 60;
    let mut long = scene.in_room(60, &room);
    long["ends"] = json!(scene.at(60 + days(31)));
    let long = scene.made(long).await;
    for minutes in [days(2), days(31)] {
        let taken = host.api("POST", APPOINTMENTS, scene.in_room(minutes, &room)).await.expect(422).json();
        assert_eq!(taken["in_the_way"][0]["appointment"], long["id"], "{minutes}: {taken}");
    }
    scene.made(scene.in_room(60 + days(31), &room)).await;
});

story!(who_moves_into_a_taken_time_is_refused, |scene| {
    let room = scene.room(scene.tokyo, "会議室A", None).await;
    let mut host = scene.server.signed_in(&scene.host).await;
    scene.made(scene.in_room(60, &room)).await;
    let made = scene.made(scene.in_room(180, &room)).await;
    let answer = host.api("PUT", &path(&made), scene.in_room(90, &room)).await.expect(422).json();
    assert_eq!(answer["in_the_way"].as_array().unwrap().len(), 1, "{answer}");
    let shown = host.get(&path(&made)).await.json();
    assert_eq!((&shown["version"], &shown["starts"]), (&json!(1), &json!(scene.at(180))), "nothing changed");
    // Within its own time, longer, and back.
    host.api("PUT", &path(&made), scene.in_room(200, &room)).await.expect(204);
    // It has the new time, and the old one no more.
    host.api("POST", APPOINTMENTS, scene.in_room(250, &room)).await.expect(422);
    scene.made(scene.in_room(140, &room)).await;
    let mut skips = scene.in_room(90, &room);
    skips["room_taken"] = json!("skip");
    skips["beside_room"] = json!("ロビー");
    host.api("PUT", &path(&made), skips).await.expect(204);
    let shown = host.get(&path(&made)).await.json();
    assert_eq!((&shown["room"], &shown["place"]), (&Value::Null, &json!("ロビー")));
    scene.made(scene.in_room(200, &room)).await;
    // Without the room in it a change gives it back.
    let made = scene.made(scene.in_room(400, &room)).await;
    host.api("PUT", &path(&made), scene.body(400)).await.expect(204);
    scene.made(scene.in_room(400, &room)).await;
});

story!(of_two_at_the_same_moment_one_gets_the_room, |scene| {
    for round in 0..4_i64 {
        let room = scene.room(scene.tokyo, &format!("会議室{round}"), None).await;
        let mut one = scene.server.signed_in(&scene.host).await;
        let mut three = one.clone();
        let mut two = scene.server.signed_in(&scene.desk).await;
        let there = scene.made(scene.in_room(600, &room)).await;
        let there = path(&there);
        let (a, b, c) = tokio::join!(
            one.api("POST", APPOINTMENTS, scene.in_room(60, &room)),
            two.api("POST", APPOINTMENTS, scene.in_room(90, &room)),
            three.api("PUT", &there, scene.in_room(100, &room)),
        );
        let got = [a, b, c].iter().filter(|answer| answer.status.is_success()).count();
        assert_eq!(got, 1, "round {round}");
    }
});

story!(two_who_invite_one_guest_into_one_room_both_get_through, |scene| {
    let room = scene.room(scene.tokyo, "会議室A", None).await;
    scene.made(scene.in_room(0, &room)).await;
    for round in 1..9_i64 {
        let mut one = scene.server.signed_in(&scene.host).await;
        let mut two = one.clone();
        let mut series = scene.in_room(round * 120, &room);
        series["repeat"] = json!({ "rule": "FREQ=DAILY;COUNT=2" });
        let (one, two) = tokio::join!(
            one.api("POST", APPOINTMENTS, series),
            two.api("POST", APPOINTMENTS, scene.in_room(round * 120 + 60, &room)),
        );
        let statuses = [one.status.as_u16(), two.status.as_u16()];
        assert_eq!(statuses, [201, 201], "round {round}: {} {}", one.text, two.text);
    }
});

story!(guests_read_the_room_and_the_way_to_it, |scene| {
    let room = scene.room(scene.tokyo, "会議室A", Some(2)).await;
    let mut body = scene.in_room(60, &room);
    body["beside_room"] = json!("3階");
    body["guests"][0]["companions"] = json!(1);
    let made = scene.made(body.clone()).await;
    assert_eq!(made["crowded"], true, "a guest, a companion and the host on two seats");
    scene.server.settle().await;
    let mail = scene.mailbox().await.into_iter().find(|mail| mail.contains("yamada@")).unwrap();
    assert!(mail.contains("会議室A 3階（3階、エレベーターの左）"), "{mail}");
    let mut guest = scene.server.stranger();
    let address = made["visits"][0]["address"].as_str().unwrap();
    let page = guest.get(address).await.ok();
    assert!(page.contains("会議室A 3階") && page.contains("3階、エレベーターの左"), "{page}");
    let ics = guest.get(&format!("{address}/calendar.ics")).await.ok();
    assert!(ics.replace("\r\n ", "").contains("会議室A 3階"), "{ics}");
    let mut host = scene.server.signed_in(&scene.host).await;
    let page = host.get(&format!("/visitors/appointments/{}", made["id"].as_str().unwrap())).await.ok();
    assert!(page.contains("3名") && page.contains("2席"), "{page}");
    let fits = scene.made(scene.in_room(180, &room)).await;
    assert_eq!(fits["crowded"], false, "a guest and the host on two seats");
    // A renamed room keeps its name with those who were told it; the way is that of today.
    let mut admin = scene.server.administrator().await;
    let renamed = json!({ "name": "みどりの間", "seats": 8, "way": "5階" });
    admin
        .api("PUT", &format!("/api/v1/visitors/rooms/{}", room.as_str().unwrap()), renamed)
        .await
        .expect(204);
    let page = guest.get(address).await.ok();
    assert!(page.contains("会議室A 3階") && page.contains("5階"), "{page}");
    let shown = host.get(&path(&made)).await.json();
    assert_eq!((&shown["place"], &shown["beside_room"]), (&json!("会議室A 3階"), &json!("3階")));
    host.api("PUT", &path(&made), body).await.expect(204);
    assert_eq!(host.get(&path(&made)).await.json()["place"], "みどりの間 3階");
});

story!(who_looks_for_a_room_sees_which_are_free, |scene| {
    let room = scene.room(scene.tokyo, "会議室A", None).await;
    scene.room(scene.tokyo, "会議室B", None).await;
    scene.made(scene.in_room(60, &room)).await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let free = async |host: &mut sekisho_testkit::Client, from: i64| {
        let (starts, ends) = (scene.at(from), scene.at(from + 60));
        let query = format!("/api/v1/visitors/rooms?site={}&starts={starts}&ends={ends}", scene.tokyo);
        let list = host.get(&query).await.expect(200).json();
        [list["items"][0]["free"].clone(), list["items"][1]["free"].clone()]
    };
    assert_eq!(free(&mut host, 90).await, [json!(false), json!(true)]);
    assert_eq!(free(&mut host, 120).await, [json!(true), json!(true)]);
    assert_eq!(free(&mut host, 0).await, [json!(true), json!(true)]);
    host.get("/api/v1/visitors/rooms?starts=x&ends=y").await.expect(422);
    // Nobody asks about longer than an appointment may last.
    let ever = "starts=0001-01-01T00:00&ends=9999-12-31T00:00";
    let refused = host.get(&format!("/api/v1/visitors/rooms?{ever}")).await.expect(422);
    assert!(refused.text.contains("visitors-error-period-too-long"), "{}", refused.text);
    let month = format!("starts={}&ends={}", scene.at(0), scene.at(31 * 24 * 60));
    host.get(&format!("/api/v1/visitors/rooms?{month}")).await.expect(200);
    let form = host.get(&format!("/visitors/new?site={}&{ever}", scene.tokyo)).await.ok();
    assert!(form.contains("会議室A") && !form.contains("使用中") && !form.contains("空き"), "{form}");
});

story!(who_moves_an_appointment_asks_which_rooms_are_free_besides_it, |scene| {
    let room = scene.room(scene.tokyo, "会議室A", None).await;
    let made = scene.made(scene.in_room(60, &room)).await;
    let (starts, ends) = (scene.at(90), scene.at(150));
    let ask = format!("/api/v1/visitors/rooms?starts={starts}&ends={ends}");
    let besides = format!("{ask}&besides={}", made["id"].as_str().unwrap());
    let mut host = scene.server.signed_in(&scene.host).await;
    assert_eq!(host.get(&ask).await.expect(200).json()["items"][0]["free"], false);
    assert_eq!(host.get(&besides).await.expect(200).json()["items"][0]["free"], true);
    let stranger = scene.server.colleague("stranger").await;
    let mut stranger = scene.server.signed_in(&stranger).await;
    stranger.get(&besides).await.expect(404);
});

story!(what_the_api_shows_of_an_appointment_it_takes_back, |scene| {
    let room = scene.room(scene.tokyo, "会議室A", None).await;
    let mut body = scene.in_room(60, &room);
    body["beside_room"] = json!("3階");
    let made = scene.made(body).await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let shown = form(&mut host, &path(&made)).await;
    assert_eq!((&shown["place"], &shown["beside_room"]), (&json!("会議室A 3階"), &json!("3階")));
    host.api("PUT", &path(&made), shown.clone()).await.expect(204);
    assert_eq!(host.get(&path(&made)).await.json()["version"], 1, "nothing changed");
    let mut admin = scene.server.administrator().await;
    let room = format!("/api/v1/visitors/rooms/{}", room.as_str().unwrap());
    admin.api("PUT", &room, json!({ "name": "みどりの間" })).await.expect(204);
    host.api("PUT", &path(&made), shown).await.expect(204);
    let shown = form(&mut host, &path(&made)).await;
    assert_eq!((&shown["place"], &shown["beside_room"]), (&json!("みどりの間 3階"), &json!("3階")));
    // Without the room it stays where it was said to be.
    let mut without = shown;
    (without["room"], without["place"]) = (Value::Null, json!("ロビー"));
    host.api("PUT", &path(&made), without).await.expect(204);
    let shown = host.get(&path(&made)).await.json();
    assert_eq!((&shown["place"], &shown["beside_room"]), (&json!("ロビー"), &json!("")));
});

story!(a_room_out_of_use_goes_to_no_occurrence_that_did_not_have_it, |scene| {
    let room = scene.room(scene.tokyo, "会議室A", None).await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let other = scene.made(scene.in_room(60 + 24 * 60, &room)).await;
    let mut body = scene.in_room(60, &room);
    body["repeat"] = json!({ "rule": "FREQ=DAILY;COUNT=3" });
    body["room_taken"] = json!("skip");
    let made = host.api("POST", APPOINTMENTS, body).await.expect(201).json();
    let occurrences = made["series"]["occurrences"].as_array().unwrap().clone();
    let mut admin = scene.server.administrator().await;
    let retired = format!("/api/v1/visitors/rooms/{}", room.as_str().unwrap());
    admin.api("DELETE", &retired, Value::Null).await.expect(204);
    host.api("DELETE", &path(&other), Value::Null).await.expect(204);
    let following = format!("{}/following", path(&made));
    let mut moved = scene.in_room(75, &room);
    let refused = host.api("PUT", &following, moved.clone()).await.expect(422);
    assert!(refused.text.contains("visitors-error-room"), "{}", refused.text);
    moved["room_taken"] = json!("skip");
    host.api("PUT", &following, moved).await.expect(204);
    let mut rooms = Vec::new();
    for one in &occurrences {
        rooms.push(host.get(&path(one)).await.json()["room"].clone());
    }
    assert_eq!(rooms, [room.clone(), Value::Null, room.clone()]);
});

story!(of_two_who_add_the_last_room_one_is_refused, |scene| {
    let cx = scene.server.cx();
    let maker = scene.server.colleague("maker").await.person;
    // Those of a site that was closed are counted no more.
    let closed = sekisho_places::NewSite {
        name: "閉鎖".to_owned(),
        address: String::new(),
        zone: "Asia/Tokyo".to_owned(),
    };
    let places = &scene.server.foundation().places;
    let closed = places.open_site(&cx, &closed).await.unwrap();
    scene.room(closed, "昔の会議室", None).await;
    places.close_site(&cx, closed).await.unwrap();
    let rows = (0..499).map(|number| kept_rooms::ActiveModel {
        id: Set(cx.fresh_id()),
        site_id: Set(scene.tokyo),
        name: Set(format!("会議室{number}")),
        live_name: Set(Some(format!("会議室{number}"))),
        way: Set(String::new()),
        version: Set(1),
        made_by: Set(maker),
        made_at: Set(cx.now),
        ..Default::default()
    });
    let tx = scene.server.foundation().store.begin(&cx).await.unwrap();
    tx.insert_many::<kept_rooms::Entity>(rows.collect()).await.unwrap();
    tx.commit_bookkeeping("test").await.unwrap();
    let mut one = scene.server.administrator().await;
    let mut two = scene.server.administrator().await;
    let add = |name: &str| json!({ "site": scene.tokyo, "name": name });
    let (one, two) = tokio::join!(
        one.api("POST", "/api/v1/visitors/rooms", add("最後")),
        two.api("POST", "/api/v1/visitors/rooms", add("もう一つ")),
    );
    let mut answers = [one, two];
    answers.sort_by_key(|answer| answer.status.as_u16());
    assert_eq!([answers[0].status.as_u16(), answers[1].status.as_u16()], [201, 422]);
    assert_eq!(answers[1].json()["code"], "visitors-refused-rooms-full");
});

story!(a_series_leaves_the_dates_on_which_its_room_is_taken, |scene| {
    let room = scene.room(scene.tokyo, "会議室A", None).await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let day = 24 * 60;
    scene.made(scene.in_room(60 + day + 30, &room)).await;
    // One that is over when the third begins is not in the way.
    scene.made(scene.in_room(2 * day, &room)).await;
    let mut body = scene.in_room(60, &room);
    body["repeat"] = json!({ "rule": "FREQ=DAILY;COUNT=3" });
    let refused = host.api("POST", APPOINTMENTS, body.clone()).await.expect(422).json();
    assert_eq!(refused["in_the_way"].as_array().unwrap().len(), 1, "{refused}");
    body["room_taken"] = json!("skip");
    let made = host.api("POST", APPOINTMENTS, body.clone()).await.expect(201).json();
    let occurrences = made["series"]["occurrences"].as_array().unwrap().clone();
    let rooms: Vec<_> = occurrences.iter().map(|one| one["room"].clone()).collect();
    assert_eq!(rooms, [room.clone(), Value::Null, room.clone()]);
    let second = host.get(&path(&occurrences[1])).await.json();
    assert_eq!((&second["room"], &second["place"]), (&Value::Null, &json!("")));
    // All of them move into a time that is taken once.
    scene.made(scene.in_room(60 + 2 * day + 90, &room)).await;
    let following = format!("{}/following", path(&made));
    let mut moved = scene.in_room(60 + 45, &room);
    let refused = host.api("PUT", &following, moved.clone()).await.expect(422).json();
    assert_eq!(refused["in_the_way"].as_array().unwrap().len(), 2, "{refused}");
    moved["room_taken"] = json!("skip");
    host.api("PUT", &following, moved).await.expect(204);
    let mut rooms = Vec::new();
    for one in &occurrences {
        rooms.push(host.get(&path(one)).await.json()["room"].clone());
    }
    assert_eq!(rooms, [room.clone(), Value::Null, Value::Null]);
    // What the series had before is free again.
    scene.made(scene.in_room(60 + 2 * day + 20, &room)).await;
});
