//! Wherever a guest is written down, corrected or comes, the watch list is asked; the desk and whoever manages the list hear of
//! it, and nobody else.

use sekisho_kernel::SiteId;
use sekisho_storage::Scoped as _;
use sekisho_testkit::{Client, minutes};
use sekisho_visitors::tables::{watch_cleared, watch_entries, watch_marks};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::scene::Scene;
use crate::series::{form, mondays, nth};
use crate::tablet::Tablet;

pub const ENTRIES: &str = "/api/v1/visitors/watch-entries";
pub const MATCHES: &str = "/api/v1/visitors/watch-matches";
const REASON: &str = "無断撮影";

/// Somebody on the list, at these sites, or at all.
pub async fn listed(scene: &Scene, names: &[&str], sites: &[SiteId]) -> String {
    let body = json!({ "names": names, "organisation": "あかつき興業", "reason": REASON, "phone": "内線 110", "sites": sites });
    let mut admin = scene.server.administrator().await;
    admin.api("POST", ENTRIES, body).await.expect(201).json()["id"].as_str().unwrap().to_owned()
}

/// The visit of somebody who is expected from so many minutes from now, for an hour.
pub async fn expected(scene: &Scene, name: &str, minutes: i64) -> Value {
    let mut body = scene.body(minutes);
    body["guests"] = json!([{ "name": name, "mail": "guest@midori.example" }]);
    scene.made(body).await
}

pub fn visit_path(visit: &Value, act: &str) -> String {
    format!("/api/v1/visitors/visits/{}{act}", visit.as_str().unwrap())
}

/// What somebody is shown of the mark of a visit.
pub async fn mark(client: &mut Client, visit: &Value) -> Value {
    client.get(&visit_path(visit, "")).await.expect(200).json()["ask_guard"].clone()
}

/// The visits and deliveries that are marked, once for each entry.
pub async fn marked(scene: &Scene) -> Vec<String> {
    let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    let marks = scope.find::<watch_marks::Entity>().all().await.unwrap();
    marks.into_iter().map(|mark| mark.of_id.to_string()).collect()
}

pub async fn is_marked(scene: &Scene, visit: &Value) -> bool {
    marked(scene).await.iter().any(|of| of == visit.as_str().unwrap())
}

/// What somebody was told about asking the guard.
pub async fn told_of_guard(scene: &Scene, who: &str) -> Vec<String> {
    scene.told(who).await.into_iter().filter(|subject| subject.contains("守衛")).collect()
}

pub const PLANNED: &str = "守衛への確認が必要な来訪予定があります";
pub const HERE: &str = "守衛への確認が必要な来訪者がお見えです";

story!(who_is_announced_is_marked_for_the_desk_and_for_nobody_else, |scene| {
    listed(&scene, &["佐藤 花子", "ｻﾄｳ ﾊﾅｺ"], &[]).await;
    let other = expected(&scene, "鈴木 一郎", 60).await;
    let made = expected(&scene, "Hanako SATOH", 60).await;
    let visit = &made["visits"][0]["id"];
    // Whoever invites is answered as ever, and sees nothing on any page.
    let shape = |made: &Value| made.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(shape(&made), shape(&other));
    let mut host = scene.server.signed_in(&scene.host).await;
    assert_eq!(mark(&mut host, visit).await, Value::Null);
    let appointment = format!("/visitors/appointments/{}", made["id"].as_str().unwrap());
    for page in ["/visitors", "/me", &*appointment] {
        assert!(!host.get(page).await.ok().contains("守衛"), "{page}");
    }
    let mut desk = scene.desk().await;
    assert_eq!(mark(&mut desk, visit).await, json!({ "phones": ["内線 110"], "asked_at": null }));
    assert_eq!(mark(&mut desk, &other["visits"][0]["id"]).await, Value::Null);
    for page in ["/visitors", &*appointment] {
        let page = desk.get(page).await.ok();
        assert!(page.contains("守衛に確認") && page.contains("内線 110"), "{page}");
        assert!(!page.contains(REASON) && !page.contains("あかつき"), "the desk does not read why");
    }
    scene.server.settle().await;
    for who in ["admin@", "desk@"] {
        assert_eq!(told_of_guard(&scene, who).await, [PLANNED], "{who}");
    }
    assert!(told_of_guard(&scene, "host@").await.is_empty());
    // The invitation goes out as to everybody else.
    assert_eq!(scene.told("guest@").await.len(), 2);
    let mails = scene.mailbox().await.join("\n");
    assert!(!mails.contains(REASON) && !mails.contains("あかつき"), "messages name no reason");
    let row = scene.server.administrator().await.get(MATCHES).await.expect(200).json()["items"][0].clone();
    assert_eq!((&row["likeness"], &row["entry"]["reason"]), (&json!("sound"), &json!(REASON)));
    let told = scene.everything_told().await;
    assert!(!told.contains("佐藤") && !told.contains(REASON) && told.contains("watch.match"));
});

story!(somebody_who_comes_is_looked_for_by_whatever_way, |scene| {
    let mut tablet = Tablet::at(&scene, scene.tokyo, "1階ロビー").await;
    let mut ways = Vec::new();
    for _ in 0..8 {
        let mut body = scene.body(30);
        body["guests"] = json!([{ "name": "渡邊 一郎" }]);
        ways.push(scene.made(body).await);
    }
    let visit = |made: &Value| made["visits"][0]["id"].clone();
    let mut desk = scene.desk().await;
    let mut host = scene.server.signed_in(&scene.host).await;
    // The first comes before the list knows of them: the answer to whoever comes later is the same to the letter.
    let plain = async |tablet: &mut Tablet, made: &Value| {
        let pass = scene.pass(made).await;
        let answer = tablet.call(&scene, "/terminal/api/check-in", json!({ "pass": pass["pass"] })).await;
        let mut headers = answer.headers.clone();
        headers.remove("request-id");
        (answer.status, headers, answer.text)
    };
    let before = plain(&mut tablet, &ways[0]).await;
    let found = tablet.call(&scene, "/terminal/api/hosts", json!({ "q": "host" })).await.expect(200).json();
    let walk_in = json!({ "name": "渡辺一郎", "whom": found["items"][0]["ref"] });
    let walked_in = tablet.call(&scene, "/terminal/api/walk-in", walk_in.clone()).await.expect(200).text;
    listed(&scene, &["渡邉 一郎"], &[]).await;
    assert!(marked(&scene).await.is_empty());

    assert_eq!(plain(&mut tablet, &ways[1]).await, before);
    let code = json!({ "code": ways[2]["visits"][0]["code"] });
    tablet.call(&scene, "/terminal/api/check-in", code).await.expect(200);
    let typed = ways[3]["visits"][0]["code"].as_str().unwrap();
    assert_eq!(scene.shows(&mut desk, scene.tokyo, "code", typed).await.0, 200);
    desk.api("POST", &visit_path(&visit(&ways[4]), "/arrive"), Value::Null).await.expect(204);
    host.api("POST", &visit_path(&visit(&ways[5]), "/arrive"), Value::Null).await.expect(204);
    // Without a network, heard of later.
    let pass = scene.pass(&ways[6]).await;
    let then = scene.server.cx().now.as_micros() / 1000;
    scene.pass_time(minutes(5));
    let event = tablet.event(Uuid::from_u128(7), "check_in", pass["pass"].as_str().unwrap(), then);
    tablet.call(&scene, "/terminal/api/events", json!({ "events": [event] })).await.expect(200);
    // Straight in: found, and kept, though it is not done.
    desk.api("POST", &visit_path(&visit(&ways[7]), "/admit"), Value::Null).await.expect(422);
    for way in &ways[1..] {
        assert!(is_marked(&scene, &visit(way)).await, "{way}");
    }
    assert!(!is_marked(&scene, &visit(&ways[0])).await, "who was here before the entry");

    let again = tablet.call(&scene, "/terminal/api/walk-in", walk_in).await.expect(200).text;
    let without_time = |text: &str| text.split("\"now\"").next().unwrap().to_owned();
    assert_eq!(without_time(&again), without_time(&walked_in));
    // Something is brought: there is no name but what was typed for the carrier.
    let whom = tablet.call(&scene, "/terminal/api/hosts", json!({ "q": "host" })).await.expect(200).json();
    let whom = whom["items"][0]["ref"].clone();
    for carrier in ["渡辺 一郎", "ヤマト運輸"] {
        let parcel = json!({ "carrier": carrier, "whom": whom });
        tablet.call(&scene, "/terminal/api/delivery", parcel).await.expect(200);
    }
    assert_eq!(marked(&scene).await.len(), 7 + 2);
    let brought = async |client: &mut Client| {
        let rows = client.get("/api/v1/visitors/deliveries").await.expect(200).json();
        rows["items"].as_array().unwrap().iter().filter(|row| !row["ask_guard"].is_null()).count()
    };
    assert_eq!((brought(&mut desk).await, brought(&mut host).await), (1, 0));
    assert!(desk.get("/visitors/deliveries").await.ok().contains("守衛に確認"));
    assert!(!host.get("/visitors/deliveries").await.ok().contains("守衛"));
    scene.server.settle().await;
    assert!(scene.told("desk@").await.contains(&HERE.to_owned()));
    assert!(scene.told("desk@").await.contains(&"守衛への確認が必要な配達がありました".to_owned()));
    assert!(told_of_guard(&scene, "host@").await.is_empty());
});

story!(the_desk_says_that_the_guard_was_asked_and_the_host_is_not_stopped, |scene| {
    listed(&scene, &["佐藤 花子"], &[]).await;
    let mut desk = scene.desk().await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let (one, two, three, four) = (
        expected(&scene, "佐藤花子", 30).await["visits"][0]["id"].clone(),
        expected(&scene, "花子 佐藤", 30).await["visits"][0]["id"].clone(),
        expected(&scene, "佐藤　花子様", 30).await["visits"][0]["id"].clone(),
        expected(&scene, "佐藤 花子", 30).await["visits"][0]["id"].clone(),
    );
    for visit in [&one, &two, &three, &four] {
        desk.api("POST", &visit_path(visit, "/arrive"), Value::Null).await.expect(204);
    }
    let refused = desk.api("POST", &visit_path(&one, "/admit"), Value::Null).await.expect(422);
    assert!(refused.text.contains("守衛に確認"), "{}", refused.text);
    assert_eq!(scene.visit(&one).await["state"], "arrived");
    assert!(scene.record().await.contains(&"visit.admit ask_guard".to_owned()));
    desk.api("POST", &visit_path(&one, "/admit?guard_asked=true"), Value::Null).await.expect(204);
    assert_eq!(scene.visit(&one).await["state"], "admitted");
    assert!(mark(&mut desk, &one).await["asked_at"].is_string());
    assert!(scene.everything_told().await.contains("\"guard_asked\": Bool(true)"));
    // By the button of the list.
    let list = desk.get("/visitors?show=here").await.ok();
    assert!(
        list.contains("name=\"guard_asked\"") && list.contains("守衛に確認済みとして入館を許可する"),
        "{list}"
    );
    let admit = visit_path(&two, "/admit").replace("/api/v1", "");
    desk.post(&admit, &[]).await.expect(303);
    assert_eq!(scene.visit(&two).await["state"], "arrived");
    desk.post(&admit, &[("guard_asked", "true")]).await.expect(303);
    assert_eq!(scene.visit(&two).await["state"], "admitted");
    // The host knows nothing of it and lets in as ever; who knows is told.
    assert!(!host.get("/visitors?show=here").await.ok().contains("守衛"));
    host.api("POST", &visit_path(&three, "/admit"), Value::Null).await.expect(204);
    scene.server.settle().await;
    let passed = "守衛への確認なしに来訪者が入館しました".to_owned();
    assert!(scene.told("admin@").await.contains(&passed) && scene.told("desk@").await.contains(&passed));
    assert!(told_of_guard(&scene, "host@").await.is_empty());
    // Refused as ever.
    desk.api("POST", &visit_path(&four, "/refuse"), Value::Null).await.expect(204);
    assert_eq!(mark(&mut desk, &four).await, Value::Null, "nothing is left to ask");
});

story!(somebody_of_several_days_is_asked_about_on_each, |scene| {
    listed(&scene, &["佐藤 花子"], &[]).await;
    let mut body = scene.body(30);
    body["ends"] = json!(scene.at(3 * 24 * 60));
    body["guests"] = json!([{ "name": "佐藤 花子" }]);
    let visit = scene.made(body).await["visits"][0]["id"].clone();
    for day in 0..2 {
        let mut desk = scene.desk().await;
        desk.api("POST", &visit_path(&visit, "/arrive"), Value::Null).await.expect(204);
        desk.api("POST", &visit_path(&visit, "/admit"), Value::Null).await.expect(422);
        desk.api("POST", &visit_path(&visit, "/admit?guard_asked=true"), Value::Null).await.expect(204);
        desk.api("POST", &visit_path(&visit, "/check-out"), Value::Null).await.expect(204);
        assert_eq!(scene.visit(&visit).await["state"], "left", "day {day}");
        scene.pass_time(minutes(24 * 60));
    }
});

story!(not_the_same_person_is_not_asked_again, |scene| {
    let entry = listed(&scene, &["佐藤 花子"], &[]).await;
    let first = expected(&scene, "佐藤 花子", 30).await["visits"][0]["id"].clone();
    let mut admin = scene.server.administrator().await;
    let clear = |visit: &Value| format!("{MATCHES}/{}/{entry}", visit.as_str().unwrap());
    // The desk asks, and decides nothing about the list.
    for mut other in [scene.desk().await, scene.server.signed_in(&scene.host).await] {
        other.api("DELETE", &clear(&first), Value::Null).await.expect(403);
    }
    let (_, mut globex) = scene.server.other_tenant("globex").await;
    globex.api("DELETE", &clear(&first), Value::Null).await.expect(404);
    admin.api("DELETE", &clear(&first), Value::Null).await.expect(204);
    admin.api("DELETE", &clear(&first), Value::Null).await.expect(404);
    assert!(scene.record().await.contains(&"watch.clear".to_owned()));
    // The same guest, known by name and address, comes again; a namesake is asked about.
    let again = expected(&scene, "佐藤 花子", 40).await["visits"][0]["id"].clone();
    scene.desk().await.api("POST", &visit_path(&again, "/admit"), Value::Null).await.expect(204);
    let mut body = scene.body(30);
    body["guests"] = json!([{ "name": "佐藤 花子" }]);
    let namesake = scene.made(body).await["visits"][0]["id"].clone();
    assert_eq!(marked(&scene).await, [namesake.as_str().unwrap()]);
    // Under another name somebody may be them after all.
    let mut host = scene.server.signed_in(&scene.host).await;
    let mut known = host.get(&visit_path(&first, "/guest")).await.expect(200).json();
    known["name"] = json!("佐藤花子 様");
    host.api("PUT", &visit_path(&first, "/guest"), known).await.expect(204);
    assert!(is_marked(&scene, &first).await && is_marked(&scene, &again).await);
    // By the page.
    let page = admin.get("/visitors/watch-list").await.ok();
    let path = format!("/visitors/watch-list/matches/{}/{entry}/clear", namesake.as_str().unwrap());
    assert!(page.contains(&path) && page.contains(REASON), "{page}");
    admin.post(&path, &[]).await.expect(303);
    assert!(!is_marked(&scene, &namesake).await);
});

story!(a_corrected_name_is_looked_for_and_a_mark_stays_under_another, |scene| {
    listed(&scene, &["佐藤 花子"], &[]).await;
    let visit = expected(&scene, "鈴木 一郎", 60).await["visits"][0]["id"].clone();
    scene.server.settle().await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let mut known = host.get(&visit_path(&visit, "/guest")).await.expect(200).json();
    known["name"] = json!("佐藤 花子");
    host.api("PUT", &visit_path(&visit, "/guest"), known.clone()).await.expect(204);
    assert!(is_marked(&scene, &visit).await);
    assert_eq!(mark(&mut host, &visit).await, Value::Null);
    scene.server.settle().await;
    assert_eq!(told_of_guard(&scene, "desk@").await, [PLANNED]);
    assert!(told_of_guard(&scene, "host@").await.is_empty());
    // Nobody takes a mark away by writing the name otherwise.
    known["name"] = json!("山本 葉子");
    host.api("PUT", &visit_path(&visit, "/guest"), known).await.expect(204);
    scene.desk().await.api("POST", &visit_path(&visit, "/arrive"), Value::Null).await.expect(204);
    assert!(is_marked(&scene, &visit).await);
});

story!(an_entry_holds_at_its_sites_and_on_its_days, |scene| {
    listed(&scene, &["佐藤 花子"], &[scene.osaka]).await;
    let made = expected(&scene, "佐藤 花子", 60).await;
    let visit = &made["visits"][0]["id"];
    assert!(marked(&scene).await.is_empty());
    // Moved there it is marked, and moved away not any more.
    let mut host = scene.server.signed_in(&scene.host).await;
    let path = format!("/api/v1/visitors/appointments/{}", made["id"].as_str().unwrap());
    for (site, here) in [(scene.osaka, true), (scene.tokyo, false)] {
        let mut body = scene.body(60);
        body["site"] = json!(site);
        host.api("PUT", &path, body).await.expect(204);
        assert_eq!(is_marked(&scene, visit).await, here);
    }
    // From a day on, and until one: that of the visit decides.
    let day = |days: i64| scene.at(days * 24 * 60)[..10].to_owned();
    let mut admin = scene.server.administrator().await;
    let body = json!({ "names": ["森 一"], "reason": "x", "from": day(2), "until": day(3) });
    let entry = admin.api("POST", ENTRIES, body).await.expect(201).json()["id"].clone();
    for (days, here) in [(1, false), (2, true), (3, true), (4, false)] {
        let visit = expected(&scene, "森 一", days * 24 * 60).await["visits"][0]["id"].clone();
        assert_eq!(is_marked(&scene, &visit).await, here, "{days} days from now");
    }
    // When its last day is over it is erased, and nothing of it stays but that it was there.
    let one = format!("{ENTRIES}/{}", entry.as_str().unwrap());
    scene.server.advance(minutes(3 * 24 * 60)).await;
    admin = scene.server.administrator().await;
    admin.get(&one).await.expect(200);
    scene.server.advance(minutes(24 * 60)).await;
    admin = scene.server.administrator().await;
    admin.get(&one).await.expect(404);
    assert!(marked(&scene).await.is_empty());
    assert!(scene.record().await.contains(&"watch_entry.expire".to_owned()));
    let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    assert_eq!(scope.find::<watch_entries::Entity>().count().await.unwrap(), 1, "the one without end");
    assert_eq!(scope.find::<watch_marks::Entity>().count().await.unwrap(), 0);
});

story!(an_erased_guest_leaves_no_mark, |scene| {
    let entry = listed(&scene, &["佐藤 花子"], &[]).await;
    listed(&scene, &["サトウ ハナコ", "佐藤華子"], &[]).await;
    let made = expected(&scene, "佐藤 花子", 60).await;
    let visit = &made["visits"][0]["id"];
    assert_eq!(marked(&scene).await.len(), 2);
    let mut admin = scene.server.administrator().await;
    let clear = format!("{MATCHES}/{}/{entry}", visit.as_str().unwrap());
    admin.api("DELETE", &clear, Value::Null).await.expect(204);
    let guest = scene.visit(visit).await["guest"].as_str().unwrap().to_owned();
    admin
        .api(
            "DELETE",
            &format!("/api/v1/visitors/appointments/{}", made["id"].as_str().unwrap()),
            Value::Null,
        )
        .await
        .expect(204);
    let rows = async || {
        let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
        let marks = scope.find::<watch_marks::Entity>().count().await.unwrap();
        (marks, scope.find::<watch_cleared::Entity>().count().await.unwrap())
    };
    assert_eq!(rows().await, (1, 1));
    scene.server.prove(&mut admin).await;
    admin.api("DELETE", &format!("/api/v1/visitors/guests/{guest}"), Value::Null).await.expect(204);
    assert_eq!(rows().await, (0, 0));
});

story!(somebody_of_a_series_is_marked_each_time_and_told_of_once, |scene| {
    listed(&scene, &["佐藤 花子"], &[]).await;
    listed(&scene, &["佐藤 花子"], &[scene.osaka]).await;
    let mut body = mondays(&scene, 4);
    body["guests"] =
        json!([{ "name": "佐藤 花子", "mail": "guest@midori.example" }, { "name": "鈴木 一郎" }]);
    let made = scene.made(body).await;
    scene.server.settle().await;
    assert_eq!(marked(&scene).await.len(), 4, "each time is");
    assert_eq!(told_of_guard(&scene, "desk@").await, [PLANNED]);
    // Somebody else is added to what follows.
    let mut host = scene.server.signed_in(&scene.host).await;
    let guests = format!("{}/following/guests", nth(&made, 2));
    host.api("POST", &guests, json!({ "name": "佐藤 花子", "mail": "other@midori.example" }))
        .await
        .expect(201);
    scene.server.settle().await;
    assert_eq!(marked(&scene).await.len(), 6);
    assert_eq!(told_of_guard(&scene, "desk@").await, [PLANNED; 2]);
    // Moved to where another entry holds: once more for each guest.
    let mut moved = form(&mut host, &nth(&made, 2)).await;
    moved["site"] = json!(scene.osaka);
    host.api("PUT", &format!("{}/following", nth(&made, 2)), moved).await.expect(204);
    scene.server.settle().await;
    assert_eq!(marked(&scene).await.len(), 2 + 4 * 2);
    assert_eq!(told_of_guard(&scene, "admin@").await, [PLANNED; 4]);
});
