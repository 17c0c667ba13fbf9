//! Who hears of what, when, and only once: guests by mail in their language, hosts, deputies, the department, the desk.

use sekisho_testkit::{hours, minutes};
use serde_json::{Value, json};

use crate::scene::Scene;

story!(guests_are_invited_reminded_changed_and_called_off_in_their_language, |scene| {
    // In two days, so that the morning of the eve is ahead.
    let mut body = scene.body(60 * 52);
    body["guests"] = json!([
        { "name": "山田 太郎", "mail": "yamada@midori.example", "language": "ja" },
        { "name": "王 伟", "mail": "wang@midori.example", "language": "zh" },
        { "name": "誰か" },
    ]);
    let made = scene.made(body.clone()).await;
    scene.server.settle().await;
    let mails = scene.mailbox().await;
    let of = |who: &str| mails.iter().find(|mail| mail.contains(who)).cloned().unwrap();
    let (ja, zh) = (of("yamada@"), of("wang@"));
    assert!(ja.contains("ご来訪のご案内") && ja.contains("山田 太郎 様") && ja.contains("東京本社"), "{ja}");
    assert!(zh.contains("来访指引") && !zh.contains('⟦'), "{zh}");
    let code = made["visits"][0]["code"].as_str().unwrap();
    assert!(ja.contains(&format!("{} {}", &code[..4], &code[4..])), "{ja}");
    let state = |visit: Value| visit["state"].as_str().unwrap().to_owned();
    assert_eq!(state(scene.visit(&made["visits"][0]["id"]).await), "invited");
    assert_eq!(state(scene.visit(&made["visits"][2]["id"]).await), "draft", "nobody could be told");
    // A change tells once more, and its reminder takes the place of the first.
    let path = format!("/api/v1/visitors/appointments/{}", made["id"].as_str().unwrap());
    let mut host = scene.server.signed_in(&scene.host).await;
    body["place"] = json!("5階");
    host.api("PUT", &path, body).await.expect(204);
    scene.server.settle().await;
    for _ in 0..26 {
        scene.server.advance(hours(2)).await;
    }
    let told = scene.told("yamada@").await;
    let kinds = ["ご来訪のご案内", "ご来訪の変更", "明日のご来訪"];
    assert_eq!(told.len(), 3, "{told:#?}");
    assert!(told.iter().zip(kinds).all(|(mail, kind)| mail.contains(kind)), "{told:#?}");
    let mut host = scene.server.signed_in(&scene.host).await;
    host.api("DELETE", &path, Value::Null).await.expect(204);
    scene.server.settle().await;
    assert!(scene.told("yamada@").await[3].contains("取り消し"));
});

story!(who_waits_is_told_to_host_deputies_department_and_desk_in_turn, |scene| {
    let deputy = scene.server.colleague("deputy").await;
    let member = scene.server.colleague("member").await;
    let identity = &scene.server.foundation().identity;
    let cx = scene.server.cx();
    let by = identity.administrator(&cx).await.unwrap();
    let group = identity.make_group(&cx, by, "営業部", "").await.unwrap();
    for person in [member.person, deputy.person, scene.host.person] {
        let by = identity.administrator(&cx).await.unwrap();
        identity.join_group(&cx, by, group, person).await.unwrap();
    }
    let mut body = scene.body(30);
    body["deputies"] = json!([deputy.person]);
    body["group"] = json!(group);
    let made = scene.made(body).await;
    let pass = scene.pass(&made).await;
    let mut desk = scene.desk().await;
    scene.shows(&mut desk, scene.tokyo, "pass", pass["pass"].as_str().unwrap()).await;
    let told = async || {
        let mut counts = Vec::new();
        for who in ["host@", "deputy@", "member@"] {
            counts.push(scene.told(who).await.iter().filter(|one| one.contains("山田 太郎")).count());
        }
        counts.push(scene.facts().await.iter().filter(|fact| *fact == "visitors.nobody_answers").count());
        counts
    };
    scene.server.settle().await;
    assert_eq!(told().await, [1, 0, 0, 0]);
    scene.server.advance(minutes(2)).await;
    assert_eq!(told().await, [1, 1, 0, 0]);
    scene.server.advance(minutes(2)).await;
    assert_eq!(told().await, [1, 1, 1, 0]);
    scene.server.advance(minutes(2)).await;
    assert_eq!(told().await, [1, 1, 1, 1]);
    scene.server.advance(hours(1)).await;
    assert_eq!(told().await, [1, 1, 1, 1], "nobody is told twice");
});

story!(an_answer_ends_the_asking, |scene| {
    let deputy = scene.server.colleague("deputy").await;
    let mut body = scene.body(30);
    body["deputies"] = json!([deputy.person]);
    let made = scene.made(body).await;
    let pass = scene.pass(&made).await;
    let answer = format!("/api/v1/visitors/visits/{}/answer", pass["visit"].as_str().unwrap());
    let mut host = scene.server.signed_in(&scene.host).await;
    host.api("POST", &answer, Value::Null).await.expect(422);
    let mut desk = scene.desk().await;
    scene.shows(&mut desk, scene.tokyo, "pass", pass["pass"].as_str().unwrap()).await;
    scene.server.settle().await;
    host.api("POST", &answer, Value::Null).await.expect(204);
    host.api("POST", &answer, Value::Null).await.expect(204);
    scene.server.advance(hours(1)).await;
    assert!(!scene.told("deputy@").await.iter().any(|one| one.contains("山田")));
    let facts = scene.facts().await;
    assert!(!facts.contains(&"visitors.nobody_answers".to_owned()), "{facts:?}");
    assert_eq!(facts.iter().filter(|fact| *fact == "visitors.answered").count(), 1);
});

story!(hosts_answer_by_the_buttons_of_their_message, |scene| {
    let deputy = scene.server.colleague("deputy").await;
    let mut body = scene.body(30);
    body["deputies"] = json!([deputy.person]);
    let made = scene.made(body).await;
    let pass = scene.pass(&made).await;
    let mut desk = scene.desk().await;
    scene.shows(&mut desk, scene.tokyo, "pass", pass["pass"].as_str().unwrap()).await;
    scene.server.settle().await;
    let visit = &pass["visit"];
    let ask = |who: &'static str| {
        let scene = &scene;
        async move {
            let mails = scene.server.foundation().notify.mailbox(&scene.server.cx(), 50).await.unwrap();
            let mut links =
                mails.iter().filter(|mail| mail.recipient.contains(who)).flat_map(|mail| &mail.links.0);
            let url = links.find_map(|(_, url)| url.split_once("/act/")).unwrap().1;
            url.split('.').next().unwrap().to_owned()
        }
    };
    let press = |secret: String, number: u8| {
        let mut stranger = scene.server.stranger();
        async move { stranger.post(&format!("/act/{secret}.{number}"), &[]).await }
    };
    let host = ask("host@").await;
    // Somebody else is asked at once, and not again when the two minutes are over.
    let said = press(host.clone(), 2).await.ok();
    assert!(said.contains("他の担当者に知らせました") && !said.contains('⟦'), "{said}");
    scene.server.settle().await;
    let told = scene.told("deputy@").await;
    assert_eq!(told.iter().filter(|one| one.contains("お見え")).count(), 1, "{told:?}");
    scene.server.advance(minutes(1)).await;
    let deputy = ask("deputy@").await;
    press(deputy.clone(), 1).await.ok();
    let seen = scene.visit(visit).await;
    assert_eq!((seen["state"].as_str(), seen["answered_at"].is_null()), (Some("arrived"), false));
    // Each answers once; what was answered is told.
    let again = press(deputy, 3).await;
    assert!(again.text.contains("回答済み"), "{}", again.text);
    press(host, 4).await;
    assert_eq!(scene.visit(visit).await["state"], "arrived");
    scene.server.advance(hours(1)).await;
    let acts = scene.record().await;
    let count = |act: &str| acts.iter().filter(|one| one.starts_with(act)).count();
    assert_eq!((count("visit.pass_on"), count("visit.answer"), count("visit.refuse")), (1, 1, 0), "{acts:?}");
    assert!(!scene.facts().await.contains(&"visitors.nobody_answers".to_owned()));
});

story!(a_button_lets_in_or_refuses_and_never_for_a_stranger_to_the_visit, |scene| {
    for (number, state) in [(3, "admitted"), (4, "refused")] {
        let made = scene.made(scene.body(30)).await;
        let pass = scene.pass(&made).await;
        let mut desk = scene.desk().await;
        scene.shows(&mut desk, scene.tokyo, "pass", pass["pass"].as_str().unwrap()).await;
        scene.server.advance(minutes(1)).await;
        let mails = scene.server.foundation().notify.mailbox(&scene.server.cx(), 50).await.unwrap();
        let mut links =
            mails.iter().filter(|mail| mail.recipient.contains("host@")).flat_map(|mail| &mail.links.0);
        let url = links.find_map(|(_, url)| url.split_once("/act/")).unwrap().1.to_owned();
        let secret = url.split('.').next().unwrap();
        let path = format!("/act/{secret}.{number}");
        scene.server.stranger().get(&path).await.ok();
        assert_eq!(scene.visit(&pass["visit"]).await["state"], "arrived", "looking does nothing");
        scene.server.stranger().post(&path, &[]).await.ok();
        assert_eq!(scene.visit(&pass["visit"]).await["state"], state);
        let mut stranger =
            scene.server.signed_in(&scene.server.colleague(&format!("kato{number}")).await).await;
        let other = format!("/api/v1/visitors/visits/{}/pass-on", pass["visit"].as_str().unwrap());
        stranger.api("POST", &other, Value::Null).await.expect(404);
    }
});

story!(names_stay_out_of_messages_where_the_organisation_wants_it, |scene| {
    let mut admin = scene.server.administrator().await;
    let mut settings = admin.get("/api/v1/visitors/settings").await.expect(200).json();
    settings["names_in_messages"] = json!(false);
    settings["answer_within_minutes"] = json!(0);
    admin.api("PUT", "/api/v1/visitors/settings", settings.clone()).await.expect(422);
    settings["answer_within_minutes"] = json!(5);
    admin.api("PUT", "/api/v1/visitors/settings", settings.clone()).await.expect(204);
    let mut late = scene.server.administrator().await.with_header("if-match", "\"0\"");
    late.api("PUT", "/api/v1/visitors/settings", settings).await.expect(412);
    let mut host = scene.server.signed_in(&scene.host).await;
    host.get("/api/v1/visitors/settings").await.expect(403);
    let made = scene.made(scene.body(30)).await;
    let pass = scene.pass(&made).await;
    let mut desk = scene.desk().await;
    let text = pass["pass"].as_str().unwrap();
    scene.shows(&mut desk, scene.tokyo, "pass", text).await;
    scene.shows(&mut desk, scene.tokyo, "pass", text).await;
    scene.server.settle().await;
    let host = scene.told("host@").await;
    assert!(host.iter().any(|one| one.contains("来訪者がお見えです")), "{host:?}");
    assert!(host.iter().any(|one| one.contains("使用済み")), "{host:?}");
    assert!(!host.iter().any(|one| one.contains("山田")), "{host:?}");
});

story!(a_calendar_takes_each_version_for_the_one_after_the_last, |scene| {
    use icalendar::Component as _;
    let read = |text: &str| {
        let calendar: icalendar::Calendar = text.parse().unwrap();
        let method = calendar.properties.iter().find(|one| one.key() == "METHOD").unwrap().value().to_owned();
        let events: Vec<_> = calendar.components.iter().filter_map(|one| one.as_event()).collect();
        assert_eq!(events.len(), 1, "{text}");
        let event = events[0];
        let value = |name: &str| event.property_value(name).unwrap().to_owned();
        let sequence: i64 = value("SEQUENCE").parse().unwrap();
        (method, value("UID"), sequence, value("STATUS"), value("DTSTART"))
    };
    let mut body = scene.body(60);
    let made = scene.made(body.clone()).await;
    let path = format!("/api/v1/visitors/appointments/{}", made["id"].as_str().unwrap());
    let ics = format!("{}/calendar.ics", made["visits"][0]["address"].as_str().unwrap());
    let mut guest = scene.server.stranger();
    let mut host = scene.server.signed_in(&scene.host).await;
    let first = read(&guest.get(&ics).await.ok());
    (body["starts"], body["ends"]) = (json!(scene.at(120)), json!(scene.at(180)));
    scene.server.settle().await;
    host.api("PUT", &path, body).await.expect(204);
    let second = read(&guest.get(&ics).await.ok());
    scene.server.settle().await;
    host.api("DELETE", &path, Value::Null).await.expect(204);
    let third = read(&guest.get(&ics).await.ok());
    scene.server.settle().await;
    assert_eq!((&*first.0, &*second.0, &*third.0), ("PUBLISH", "PUBLISH", "CANCEL"));
    assert_eq!((&first.1, &second.1), (&second.1, &third.1), "one thing");
    assert!(first.2 < second.2 && second.2 < third.2, "{} {} {}", first.2, second.2, third.2);
    assert_eq!((&*second.3, &*third.3), ("CONFIRMED", "CANCELLED"));
    assert_ne!(first.4, second.4);
    // The mails carried the same.
    use sekisho_notify::tables::notify_mailbox_files::{Column, Entity};
    use sekisho_storage::Scoped as _;
    let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    let files = scope.find::<Entity>().ascending(Column::Id).all().await.unwrap();
    let sent: Vec<_> = files
        .iter()
        .filter_map(|file| String::from_utf8(file.bytes.clone()).ok())
        .filter(|text| text.starts_with("BEGIN:VCALENDAR"))
        .map(|text| read(&text))
        .collect();
    let sent: Vec<_> = sent.iter().map(|one| (&*one.0, one.2)).collect();
    assert_eq!(sent, [("PUBLISH", first.2), ("PUBLISH", second.2), ("CANCEL", third.2)]);
});
