//! Appointments: made, seen, changed, called off; whose they are.

use serde_json::{Value, json};

use crate::scene::Scene;

story!(an_appointment_is_its_hosts_makers_and_deputies_and_the_desks, |scene| {
    let boss = scene.server.colleague("boss").await;
    let deputy = scene.server.colleague("deputy").await;
    let other = scene.server.colleague("other").await;
    let mut body = scene.body(60);
    body["host"] = json!(boss.person);
    body["deputies"] = json!([deputy.person, boss.person, deputy.person]);
    let made = scene.made(body).await;
    let appointment = format!("/api/v1/visitors/appointments/{}", made["id"].as_str().unwrap());
    let visit = format!("/api/v1/visitors/visits/{}", made["visits"][0]["id"].as_str().unwrap());
    for who in [&scene.host, &boss, &deputy, &scene.desk] {
        let mut client = scene.server.signed_in(who).await;
        let row = client.get(&appointment).await.expect(200).json();
        assert_eq!(row["visits"][0]["name"], "山田 太郎");
        assert_eq!(row["deputies"], json!([deputy.person]), "the host is no deputy, and nobody twice");
        assert_eq!(client.get(&visit).await.expect(200).json()["host_name"], "boss");
        let list = client.get("/api/v1/visitors/visits").await.expect(200).json();
        assert_eq!(list["items"].as_array().unwrap().len(), 1, "{}", who.mail);
        assert_eq!(
            client.get("/api/v1/visitors/visits?mine=true").await.expect(200).json()["items"]
                .as_array()
                .unwrap()
                .len(),
            usize::from(who.person != scene.desk.person)
        );
    }
    let (_, mut globex) = scene.server.other_tenant("globex").await;
    for mut stranger in [scene.server.signed_in(&other).await, globex.at_host("globex.test")] {
        for path in [&appointment, &visit, &format!("{appointment}/passes")] {
            stranger.get(path).await.expect(404);
        }
        stranger.api("DELETE", &appointment, Value::Null).await.expect(404);
        stranger.api("DELETE", &visit, Value::Null).await.expect(404);
        stranger.api("POST", &format!("{visit}/admit"), Value::Null).await.expect(404);
        stranger.api("POST", &format!("{visit}/check-out"), Value::Null).await.expect(404);
        assert_eq!(stranger.get("/api/v1/visitors/visits").await.expect(200).json()["items"], json!([]));
    }
    globex.get(&visit).await.expect(404);
    // Neither record nor facts ever hold who came.
    let told = scene.everything_told().await;
    for word in ["山田", "ヤマダ", "midori", "みどり", "お打ち合わせ"] {
        assert!(!told.contains(word), "{word} stands in the record or a fact");
    }
});

story!(everything_wrong_with_a_form_is_said_at_once, |scene| {
    let mut host = scene.server.signed_in(&scene.host).await;
    let body = json!({
        "site": scene.tokyo, "starts": scene.at(60), "ends": scene.at(30),
        "host": "0190d3c0-0000-7000-8000-000000000001", "place": "x".repeat(101),
        "guests": [{ "name": " ", "mail": "nobody", "companions": 100 }],
    });
    let answer = host.api("POST", "/api/v1/visitors/appointments", body).await.expect(422);
    for field in ["ends", "host", "place", "guest_name", "guest_mail", "companions"] {
        assert!(answer.text.contains(&format!("\"{field}\"")), "{field}: {}", answer.text);
    }
    let mut nobody = scene.body(60);
    nobody["guests"] = json!([]);
    host.api("POST", "/api/v1/visitors/appointments", nobody).await.expect(422);
    let mut nowhere = scene.body(60);
    nowhere["site"] = json!("0190d3c0-0000-7000-8000-000000000001");
    host.api("POST", "/api/v1/visitors/appointments", nowhere).await.expect(404);
    assert!(scene.facts().await.is_empty());
});

story!(a_change_makes_a_new_pass_and_a_writer_who_saw_something_else_is_told, |scene| {
    let made = scene.made(scene.body(60)).await;
    let path = format!("/api/v1/visitors/appointments/{}", made["id"].as_str().unwrap());
    let before = scene.pass(&made).await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let seen = host.get(&path).await.expect(200).headers["etag"].to_str().unwrap().to_owned();
    let mut body = scene.body(120);
    body["guests"] = json!([]);
    let mut holding = scene.server.signed_in(&scene.host).await.with_header("if-match", &seen);
    holding.api("PUT", &path, body.clone()).await.expect(204);
    holding.api("PUT", &path, body).await.expect(412);
    holding.api("DELETE", &path, Value::Null).await.expect(412);
    let after = scene.pass(&made).await;
    assert_ne!((&before["pass"], &before["code"]), (&after["pass"], &after["code"]));
    assert_eq!(before["address"], after["address"], "the link in the first mail shows the change");
    // One more guest, then one less.
    let guest = json!({ "name": "鈴木 花子", "company": "みどり工業" });
    let added = host.api("POST", &format!("{path}/guests"), guest).await.expect(201).json();
    let row = host.get(&path).await.expect(200).json();
    assert_eq!(row["visits"].as_array().unwrap().len(), 2);
    assert_eq!(row["visits"][0]["starts_at"], row["visits"][1]["starts_at"]);
    let added = format!("/api/v1/visitors/visits/{}", added["id"].as_str().unwrap());
    host.api("DELETE", &added, Value::Null).await.expect(204);
    host.api("DELETE", &added, Value::Null).await.expect(422);
    assert_eq!(host.get(&added).await.expect(200).json()["state"], "cancelled");
    // Called off as a whole; it stays to be seen, and nothing more is done to it.
    host.api("DELETE", &path, Value::Null).await.expect(204);
    host.api("DELETE", &path, Value::Null).await.expect(404);
    let row = host.get(&path).await.expect(200).json();
    assert!(row["cancelled_at"].is_string());
    assert_eq!(row["visits"][0]["state"], "cancelled");
});

story!(a_guest_who_comes_again_is_recognised_and_found_by_part_of_a_name, |scene| {
    let first = scene.made(scene.body(60)).await;
    let mut again = scene.body(600);
    again["guests"][0]["name"] = json!("山田　太郎");
    again["guests"][0]["phone"] = json!("090-1234-5678");
    again["guests"][0]["company"] = json!("別の会社");
    let second = scene.made(again).await;
    let mut namesake = scene.body(700);
    namesake["guests"][0]["name"] = json!("佐藤 花子");
    namesake["guests"][0]["reading"] = json!("サトウ ハナコ");
    let third = scene.made(namesake).await;
    let (first, second, third) = (
        scene.visit(&first["visits"][0]["id"]).await,
        scene.visit(&second["visits"][0]["id"]).await,
        scene.visit(&third["visits"][0]["id"]).await,
    );
    assert_eq!(first["guest"], second["guest"]);
    assert_eq!(second["company"], "みどり工業", "what was known stays, whatever somebody else typed");
    assert_ne!(first["guest"], third["guest"], "an address may be shared");
    let mut host = scene.server.signed_in(&scene.host).await;
    for (query, count) in
        [("山田", 2), ("やまだ", 2), ("太郎 みどり", 2), ("花子", 1), ("みどり", 3), ("鈴木", 0), ("-", 0)]
    {
        let path = format!("/api/v1/visitors/visits?q={}", sekisho_web::escape_query(query));
        let found = host.get(&path).await.expect(200).json();
        assert_eq!(found["items"].as_array().unwrap().len(), count, "{query}");
    }
    // Pages of one row each, in order, none twice.
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    loop {
        let page =
            host.get(&format!("/api/v1/visitors/visits?limit=1&cursor={cursor}")).await.expect(200).json();
        seen.push(page["items"][0]["starts_at"].as_str().unwrap().to_owned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert!(seen.len() == 3 && seen.is_sorted(), "{seen:?}");
});

story!(only_what_guests_were_told_makes_new_passes, |scene| {
    let mut body = scene.body(60);
    let made = scene.made(body.clone()).await;
    let path = format!("/api/v1/visitors/appointments/{}", made["id"].as_str().unwrap());
    scene.server.settle().await;
    let before = scene.pass(&made).await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let version = async |host: &mut sekisho_testkit::Client| {
        host.get(&path).await.expect(200).json()["version"].as_i64().unwrap()
    };
    // The same once more is no change; a note is one, of which no guest hears.
    host.api("PUT", &path, body.clone()).await.expect(204);
    assert_eq!(version(&mut host).await, 1);
    body["note"] = json!("会議室の鍵を持っていく");
    body["kind"] = json!("interview");
    host.api("PUT", &path, body.clone()).await.expect(204);
    scene.server.settle().await;
    assert_eq!((version(&mut host).await, scene.pass(&made).await), (2, before.clone()));
    assert_eq!(scene.visit(&before["visit"]).await["kind"], "interview");
    assert_eq!(scene.told("yamada@").await.len(), 1, "only the invitation");
    body["place"] = json!("5階");
    host.api("PUT", &path, body).await.expect(204);
    scene.server.settle().await;
    assert_ne!(scene.pass(&made).await["pass"], before["pass"]);
    assert_eq!(scene.told("yamada@").await.len(), 2);
});

story!(a_guest_who_is_here_keeps_the_visit_as_it_was, |scene| {
    let mut body = scene.body(60);
    body["guests"].as_array_mut().unwrap().push(json!({ "name": "鈴木 花子" }));
    let made = scene.made(body).await;
    let [here, coming] = [0, 1].map(|guest| made["visits"][guest]["id"].clone());
    let before = scene.visit(&here).await["starts_at"].clone();
    let admit = format!("/api/v1/visitors/visits/{}/admit", here.as_str().unwrap());
    scene.desk().await.api("POST", &admit, Value::Null).await.expect(204);
    let path = format!("/api/v1/visitors/appointments/{}", made["id"].as_str().unwrap());
    let mut host = scene.server.signed_in(&scene.host).await;
    host.api("PUT", &path, scene.body(120)).await.expect(204);
    assert_eq!(scene.visit(&here).await["starts_at"], before);
    assert_ne!(scene.visit(&coming).await["starts_at"], before);
});

story!(the_record_says_by_which_right_an_appointment_was_changed, |scene| {
    use sekisho_storage::Scoped as _;
    use sekisho_storage::tables::audit_entries::Entity;
    let made = scene.made(scene.body(60)).await;
    let path = format!("/api/v1/visitors/appointments/{}", made["id"].as_str().unwrap());
    let mut desk = scene.desk().await;
    let guest = json!({ "name": "鈴木 花子" });
    desk.api("POST", &format!("{path}/guests"), guest).await.expect(201);
    let mut body = scene.body(90);
    body["host"] = json!(scene.host.person);
    desk.api("PUT", &path, body).await.expect(204);
    desk.api("DELETE", &path, Value::Null).await.expect(204);
    let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    let entries = scope.find::<Entity>().all().await.unwrap();
    for act in ["appointment.add_guest", "appointment.change", "appointment.cancel"] {
        let entry = entries.iter().find(|entry| entry.action == act).unwrap();
        let decision = serde_json::to_string(&entry.decision.0).unwrap();
        assert!(entry.details.0["way"] == "desk" && decision.contains("allowed"), "{act}: {decision}");
        assert!(!decision.contains("everybody_invites"), "{act}: {decision}");
    }
});

story!(a_guest_is_written_to_in_the_language_that_was_chosen_last, |scene| {
    scene.made(scene.body(60)).await;
    let mut again = scene.body(600);
    again["guests"][0]["language"] = json!("zh");
    scene.made(again).await;
    let mut silent = scene.body(900);
    silent["guests"][0].as_object_mut().unwrap().remove("language");
    scene.made(silent).await;
    scene.server.settle().await;
    let told = scene.told("yamada@").await;
    assert!(told[1].contains("来访指引") && told[2].contains("来访指引"), "{told:?}");
});
