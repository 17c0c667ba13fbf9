//! Rooms in the form of an appointment, and in tables.

use sea_orm::ColumnTrait as _;
use sekisho_storage::Scoped as _;
use sekisho_storage::tables::audit_entries;
use serde_json::{Value, json};

use crate::rooms::{APPOINTMENTS, path};
use crate::scene::Scene;

story!(a_room_is_chosen_in_the_form, |scene| {
    let mut host = scene.server.signed_in(&scene.host).await;
    let form = host.get("/visitors/new").await.ok();
    assert!(!form.contains("room-choice"), "nobody is asked for a room where there are none");
    let room = scene.room(scene.tokyo, "会議室A", Some(8)).await;
    scene.room(scene.tokyo, "会議室B", Some(4)).await;
    scene.room(scene.osaka, "応接室", None).await;
    let form = host.get("/visitors/new").await.ok();
    assert!(form.contains("東京本社：会議室A（8席）") && form.contains("大阪支店：応接室"), "{form}");
    assert!(!form.contains("空き"), "nobody has said when");
    let there = scene.made(scene.in_room(60, &room)).await;
    let (site, person) = (scene.tokyo.to_string(), scene.desk.person.to_string());
    // What the script asks with.
    let (starts, ends) = (scene.at(90), scene.at(150));
    let ask = format!("/visitors/new?site={site}&starts={starts}&ends={ends}&room=");
    let drawn = host.get(&ask).await.ok();
    assert!(
        drawn.contains("会議室A（8席） － 使用中") && drawn.contains("会議室B（4席） － 空き"),
        "{drawn}"
    );
    assert!(!drawn.contains("応接室") && drawn.contains(&starts), "{drawn}");
    let chosen = room.as_str().unwrap();
    let mut fields = vec![
        ("site", &*site),
        ("kind", "guest"),
        ("host", &*person),
        ("room", chosen),
        ("starts", &*starts),
        ("ends", &*ends),
        ("guest_name", "鈴木 花子"),
        ("guest_language", "ja"),
        ("companions", "0"),
    ];
    let refused = host.post("/visitors/new", &fields).await.expect(422).text;
    for words in ["次の時間に使われています", "担当：host", "空いている会議室：会議室B（4席）。", "鈴木 花子"]
    {
        assert!(refused.contains(words), "{words}: {refused}");
    }
    // Alone it is never made without the room.
    fields.push(("room_skip", "true"));
    host.post("/visitors/new", &fields).await.expect(422);
    let (later, until) = (scene.at(120), scene.at(180));
    (fields[4], fields[5]) = (("starts", &*later), ("ends", &*until));
    let page = host.post("/visitors/new", &fields).await.expect(303).location().to_owned();
    assert!(host.get(&page).await.ok().contains("会議室A"));
    let change = host.get(&format!("{page}/change")).await.ok();
    assert!(change.contains(&format!("value=\"{chosen}\" selected")), "{change}");
    // Its own time is free for it.
    let ask = format!("{page}/change?site={site}&starts={later}&ends={until}&room={chosen}");
    assert!(host.get(&ask).await.ok().contains("会議室A（8席） － 空き"));
    (fields[4], fields[5]) = (("starts", &*starts), ("ends", &*ends));
    fields.push(("version", "1"));
    let refused = host.post(&format!("{page}/change"), &fields).await.expect(422).text;
    assert!(refused.contains("次の時間に使われています"), "{refused}");
    host.api("DELETE", &path(&there), Value::Null).await.expect(204);
    host.post(&format!("{page}/change"), &fields).await.expect(303);
    // A room that was retired stays with whoever has it.
    let mut admin = scene.server.administrator().await;
    admin.api("DELETE", &format!("/api/v1/visitors/rooms/{chosen}"), Value::Null).await.expect(204);
    let change = host.get(&format!("{page}/change")).await.ok();
    assert!(change.contains(&format!("value=\"{chosen}\" selected")), "{change}");
    assert!(!host.get("/visitors/new").await.ok().contains(chosen));
});

story!(a_series_does_without_its_room_by_form_where_it_is_taken, |scene| {
    let room = scene.room(scene.tokyo, "会議室A", None).await;
    let mut host = scene.server.signed_in(&scene.host).await;
    scene.made(scene.in_room(24 * 60 + 60, &room)).await;
    let (site, person) = (scene.tokyo.to_string(), scene.host.person.to_string());
    let (starts, ends) = (scene.at(60), scene.at(120));
    let mut fields = vec![
        ("site", &*site),
        ("kind", "guest"),
        ("host", &*person),
        ("room", room.as_str().unwrap()),
        ("starts", &*starts),
        ("ends", &*ends),
        ("guest_name", "鈴木 花子"),
        ("guest_language", "ja"),
        ("companions", "0"),
        ("repeat", "daily"),
        ("repeat_count", "3"),
    ];
    let refused = host.post("/visitors/new", &fields).await.expect(422).text;
    assert!(refused.contains("次の時間に使われています"), "{refused}");
    // The first of them is free: that says nothing about the others.
    assert!(!refused.contains("空いている会議室") && !refused.contains("空き"), "{refused}");
    fields.push(("room_skip", "true"));
    let page = host.post("/visitors/new", &fields).await.expect(303).location().to_owned();
    assert!(host.get(&page).await.ok().contains("会議室が使われている日は、会議室なしになっています"));
    let shown = host.get(&format!("/api/v1{page}")).await.expect(200).json();
    let places: Vec<_> =
        shown["series"]["occurrences"].as_array().unwrap().iter().map(|one| &one["place"]).collect();
    assert_eq!(places, ["会議室A", "", "会議室A"], "each with its own");
    // Changed likewise, it says so likewise.
    let (later, until) = (scene.at(75), scene.at(135));
    fields[4] = ("starts", &*later);
    fields[5] = ("ends", &*until);
    fields.truncate(9);
    fields.extend([("which", "following"), ("version", "1")]);
    let refused = host.post(&format!("{page}/change"), &fields).await.expect(422).text;
    assert!(refused.contains("次の時間に使われています"), "{refused}");
    assert!(!refused.contains("空いている会議室") && !refused.contains("空き"), "{refused}");
    fields.push(("room_skip", "true"));
    host.post(&format!("{page}/change"), &fields).await.expect(303);
    let shown = host.get(&page).await.ok();
    assert!(shown.contains("繰り返しの来訪予定を変更しました"), "{shown}");
    let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    for act in ["series.make", "series.change"] {
        let of = audit_entries::Column::Action.eq(act);
        let entry = scope.find::<audit_entries::Entity>().filter(of).one().await.unwrap().unwrap();
        assert_eq!(entry.details.0["without_room"], 1, "{act}");
    }
});

story!(a_refusal_names_the_first_ten_times, |scene| {
    let room = scene.room(scene.tokyo, "会議室A", None).await;
    let mut body = scene.in_room(60, &room);
    body["repeat"] = json!({ "rule": "FREQ=DAILY;COUNT=13" });
    scene.made(body.clone()).await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let refused = host.api("POST", APPOINTMENTS, body).await.expect(422).json();
    assert_eq!(refused["in_the_way"].as_array().unwrap().len(), 13, "{refused}");
    let (site, person) = (scene.tokyo.to_string(), scene.host.person.to_string());
    let (starts, ends) = (scene.at(60), scene.at(120));
    let fields = [
        ("site", &*site),
        ("kind", "guest"),
        ("host", &*person),
        ("room", room.as_str().unwrap()),
        ("starts", &*starts),
        ("ends", &*ends),
        ("guest_name", "鈴木 花子"),
        ("guest_language", "ja"),
        ("companions", "0"),
        ("repeat", "daily"),
        ("repeat_count", "13"),
    ];
    let refused = host.post("/visitors/new", &fields).await.expect(422).text;
    assert_eq!(refused.matches("（担当：host）").count(), 10, "{refused}");
    assert!(refused.contains("ほか3件"), "{refused}");
});

story!(a_table_names_rooms, |scene| {
    scene.room(scene.tokyo, "会議室A", None).await;
    scene.room(scene.osaka, "応接室", None).await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let (starts, ends, later) = (scene.at(60), scene.at(120), scene.at(180));
    let head = "氏名,開始,終了,拠点,会議室,場所\n";
    let good = format!(
        "{head}山田,{starts},{ends},東京本社,会議室 ａ,3階\n佐藤,{starts},{ends},大阪支店,応接室,\n森,{ends},{later},東京本社,会議室A,\n"
    );
    let mut send = async |csv: &str, rehearsal: bool| {
        let body = json!({ "csv": csv, "rehearsal": rehearsal });
        host.api("POST", "/api/v1/visitors/import", body).await.expect(200).json()["items"].clone()
    };
    let wrong = |rows: &Value| -> Vec<Value> {
        rows.as_array().unwrap().iter().map(|row| row["wrong"][0]["text"].clone()).collect()
    };
    let unknown = format!("{head}山田,{starts},{ends},東京本社,応接室,\n");
    assert_eq!(wrong(&send(&unknown, true).await), ["visitors-error-room-unknown"]);
    // The second of two that want the same, also in a rehearsal.
    let twice = format!("{good}鈴木,{starts},{later},東京本社,会議室A,\n");
    let taken = [Value::Null, Value::Null, Value::Null, json!("visitors-error-room-taken")];
    assert_eq!(wrong(&send(&twice, true).await), taken);
    assert_eq!(wrong(&send(&twice, false).await), taken);
    assert!(scene.facts().await.iter().all(|fact| fact != "visitors.appointment_made"));
    let made = send(&good, false).await;
    assert_eq!(wrong(&made), [Value::Null, Value::Null, Value::Null], "{made}");
    let mut host = scene.server.signed_in(&scene.host).await;
    let first = format!("{APPOINTMENTS}/{}", made[0]["appointment"].as_str().unwrap());
    assert_eq!(host.get(&first).await.json()["place"], "会議室A 3階");
    let again = format!("{head}鈴木,{starts},{ends},東京本社,会議室A,\n");
    let body = json!({ "csv": again, "rehearsal": true });
    let rows = host.api("POST", "/api/v1/visitors/import", body).await.expect(200).json()["items"].clone();
    assert_eq!(wrong(&rows), ["visitors-error-room-taken"]);
});
