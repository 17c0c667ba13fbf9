//! What guests hear of a series: one mail, not one for each time; each further pass on the eve.

use std::time::Duration;

use sekisho_storage::Scoped as _;
use sekisho_testkit::hours;
use serde_json::{Value, json};

use crate::scene::Scene;
use crate::series::{mondays, nth, on_day};

/// Goes on by so many hours in steps, as time does.
async fn live(scene: &Scene, count: u64) {
    for _ in 0..count / 2 {
        scene.server.advance(hours(2)).await;
    }
}

/// Everything that went out to anybody, but what colleagues got when they joined and signed in.
pub async fn of_visits(scene: &Scene) -> Vec<String> {
    let of_accounts = |mail: &String| mail.contains("からの招待") || mail.contains("サインイン");
    scene.mailbox().await.into_iter().filter(|mail| !of_accounts(mail)).collect()
}

/// The calendar files of all mails, oldest first.
async fn files(scene: &Scene) -> Vec<String> {
    use sekisho_notify::tables::notify_mailbox_files::{Column, Entity};
    let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    let files = scope.find::<Entity>().ascending(Column::Id).all().await.unwrap();
    let texts = files.into_iter().filter_map(|file| String::from_utf8(file.bytes).ok());
    texts.filter(|text| text.starts_with("BEGIN:VCALENDAR")).collect()
}

/// What they say: method, and of each entry UID, sequence, start and state.
async fn calendars(scene: &Scene) -> Vec<(String, Vec<[String; 4]>)> {
    use icalendar::Component as _;
    let read = |text: String| {
        let calendar: icalendar::Calendar = text.parse().unwrap();
        let method = calendar.properties.iter().find(|one| one.key() == "METHOD").unwrap().value().to_owned();
        let events = calendar.components.iter().filter_map(|one| one.as_event());
        let entry = |event: &icalendar::Event| {
            ["UID", "SEQUENCE", "DTSTART", "STATUS"]
                .map(|name| event.property_value(name).unwrap().to_owned())
        };
        (method, events.map(entry).collect())
    };
    files(scene).await.into_iter().map(read).collect()
}

async fn replay(scene: &Scene, name: &str, change: impl Fn(&mut Value)) {
    use sekisho_storage::tables::outbox_events::{Column, Entity};
    let store = &scene.server.foundation().store;
    let scope = store.read(scene.server.tenant).await.unwrap();
    let events = scope.find::<Entity>().ascending(Column::Id).all().await.unwrap();
    drop(scope);
    let event = events.into_iter().rfind(|event| event.name == name).unwrap();
    let mut payload = event.payload.0;
    change(&mut payload);
    let tx = store.begin(&scene.server.cx()).await.unwrap();
    let job = json!({ "event": event.id, "name": name, "payload": payload });
    tx.enqueue("visitors.tell", scene.server.cx().now, &job).await.unwrap();
    tx.commit_bookkeeping("test").await.unwrap();
}

story!(a_guest_gets_one_mail_with_all_the_days_and_each_pass_on_its_eve, |scene| {
    let mut admin = scene.server.administrator().await;
    let mut settings = admin.get("/api/v1/visitors/settings").await.expect(200).json();
    settings["reminds"] = json!(false);
    admin.api("PUT", "/api/v1/visitors/settings", settings).await.expect(204);
    let made = scene.made(mondays(&scene, 12)).await;
    scene.server.settle().await;
    let mails = of_visits(&scene).await;
    assert_eq!(mails.len(), 1, "one mail, and none to the host: {mails:#?}");
    let words = "毎週月曜日 10:00～11:00、全12回、2027年2月8日（月）まで";
    let spaced = |code: &Value| sekisho_visitors::pass::spaced(code.as_str().unwrap());
    assert!(
        mails[0].contains(words) && mails[0].contains(&spaced(&made["visits"][0]["code"])),
        "{}",
        mails[0]
    );
    let calendars_then = calendars(&scene).await;
    let (method, entries) = &calendars_then[0];
    assert_eq!((calendars_then.len(), method.as_str(), entries.len()), (1, "PUBLISH", 12));
    assert_eq!((&*entries[0][2], &*entries[11][2]), ("20261123T010000Z", "20270208T010000Z"));
    // The passes of the others are not in it.
    let mut host = scene.server.signed_in(&scene.host).await;
    let second = host.get(&format!("{}/passes", nth(&made, 1))).await.expect(200).json()["items"][0].clone();
    let file = files(&scene).await.remove(0);
    let (first, second_code) = (spaced(&made["visits"][0]["code"]), spaced(&second["code"]));
    assert!(!mails[0].contains(&second_code) && !file.contains(&second_code));
    assert_eq!(file.matches(&first).count(), 1, "{file}");

    // Although nobody is reminded here, the second pass comes on its eve, with the entry of that day once more.
    live(&scene, 7 * 24 + 2).await;
    let told = of_visits(&scene).await;
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(told[1].contains("明日のご来訪") && told[1].contains(&spaced(&second["code"])), "{}", told[1]);
    let again = calendars(&scene).await;
    assert_eq!(again[1].1.len(), 1);
    assert_eq!(again[1].1[0], entries[1], "under the UID of the first mail");
    let pass = second["pass"].as_str().unwrap();
    assert_eq!(
        scene.shows(&mut scene.desk().await, scene.tokyo, "pass", pass).await.0,
        422,
        "not on the eve"
    );
    scene.server.advance(hours(23)).await;
    assert_eq!(scene.shows(&mut scene.desk().await, scene.tokyo, "pass", pass).await.0, 200);
    live(&scene, 14 * 24).await;
    assert_eq!(scene.told("yamada@").await.len(), 4, "one a week from then on");
});

story!(where_guests_are_reminded_the_first_time_too_nobody_is_told_more, |scene| {
    scene.made(mondays(&scene, 3)).await;
    scene.server.settle().await;
    live(&scene, 21 * 24).await;
    let told = scene.told("yamada@").await;
    let kinds: Vec<bool> = told.iter().map(|one| one.contains("明日のご来訪")).collect();
    assert_eq!(kinds, [false, true, true, true], "{told:#?}");
});

story!(who_is_invited_on_the_eve_of_the_second_time_gets_its_pass_at_once, |scene| {
    // Today at two, tomorrow and the day after at nine: the morning of tomorrow's eve is over.
    scene.pass_time(Duration::from_secs(3 * 3600));
    let mut body = on_day(&scene, "2026-11-22", "FREQ=DAILY;COUNT=3");
    (body["starts"], body["ends"]) = (json!("2026-11-22T14:00"), json!("2026-11-22T15:00"));
    scene.made(body).await;
    scene.server.settle().await;
    let told = scene.told("yamada@").await;
    assert!(told.len() == 2 && told[1].contains("明日のご来訪"), "{told:#?}");
    live(&scene, 30).await;
    assert_eq!(scene.told("yamada@").await.len(), 3);
});

story!(changes_and_cancellations_are_one_mail_each_in_four_languages, |scene| {
    let mut body = mondays(&scene, 5);
    body["guests"] = json!([
        { "name": "山田 太郎", "mail": "yamada@midori.example", "language": "ja" },
        { "name": "John Smith", "mail": "smith@midori.example", "language": "en" },
        { "name": "王 伟", "mail": "wang@midori.example", "language": "zh" },
        { "name": "김 철수", "mail": "kim@midori.example", "language": "ko" },
        { "name": "誰か" },
    ]);
    let made = scene.made(body).await;
    scene.server.settle().await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let mut other = scene.body(60);
    (other["starts"], other["ends"]) = (json!("2026-11-30T13:00"), json!("2026-11-30T14:00"));
    other["guests"] = json!([]);
    host.api("PUT", &format!("{}/following", nth(&made, 1)), other.clone()).await.expect(204);
    scene.server.settle().await;
    // To another day: the rule would say something else.
    (other["starts"], other["ends"]) = (json!("2026-12-09T13:00"), json!("2026-12-09T14:00"));
    host.api("PUT", &format!("{}/following", nth(&made, 2)), other).await.expect(204);
    scene.server.settle().await;
    host.api("DELETE", &format!("{}/following", nth(&made, 1)), Value::Null).await.expect(204);
    scene.server.settle().await;
    let mails = of_visits(&scene).await;
    assert!(!mails.iter().any(|mail| mail.contains('⟦')), "{mails:#?}");
    assert_eq!(mails.len(), 16, "four to each of four, none to the host: {mails:#?}");
    for (who, words) in [
        (
            "yamada@",
            [
                "毎週月曜日 10:00～11:00、全5回、2026年12月21日（月）まで",
                "毎週月曜日 13:00～14:00、全4回、2026年12月21日（月）まで",
                "2026年12月9日（水）、2026年12月16日（水）、2026年12月23日（水） 13:00～14:00、全3回",
                "2026年11月30日（月）、2026年12月9日（水）、2026年12月16日（水）、2026年12月23日（水） 13:00～14:00、全4回",
            ],
        ),
        (
            "smith@",
            [
                "every Monday 10:00–11:00, 5 times, until Mon, Dec 21, 2026",
                "every Monday 13:00–14:00, 4 times, until Mon, Dec 21, 2026",
                "Wed, Dec 9, 2026; Wed, Dec 16, 2026; Wed, Dec 23, 2026 13:00–14:00, 3 times",
                "Mon, Nov 30, 2026; Wed, Dec 9, 2026; Wed, Dec 16, 2026; Wed, Dec 23, 2026 13:00–14:00, 4 times",
            ],
        ),
        (
            "wang@",
            [
                "每周一 10:00～11:00，共5次",
                "每周一 13:00～14:00，共4次",
                "2026年12月9日（周三）、2026年12月16日（周三）、2026年12月23日（周三） 13:00～14:00，共3次",
                "2026年12月23日（周三） 13:00～14:00，共4次",
            ],
        ),
        (
            "kim@",
            [
                "매주 월요일 10:00~11:00, 총 5회",
                "매주 월요일 13:00~14:00, 총 4회",
                "2026년 12월 9일(수), 2026년 12월 16일(수), 2026년 12월 23일(수) 13:00~14:00, 총 3회",
                "2026년 12월 23일(수) 13:00~14:00, 총 4회",
            ],
        ),
    ] {
        let theirs: Vec<&String> = mails.iter().filter(|mail| mail.contains(who)).collect();
        assert_eq!(theirs.len(), 4, "{who}");
        for (mail, words) in theirs.iter().zip(words) {
            assert!(mail.contains(words), "{words}: {mail}");
        }
    }
    // Each file's entries update those of the one before.
    let files = calendars(&scene).await;
    let of_one: Vec<_> = files
        .iter()
        .filter(|(_, entries)| entries.iter().any(|entry| entry[0] == files[0].1[4][0]))
        .collect();
    let shape: Vec<(&str, usize, &str, &str)> = of_one
        .iter()
        .map(|(method, entries)| {
            let last = entries.last().unwrap();
            (method.as_str(), entries.len(), last[1].as_str(), last[2].as_str())
        })
        .collect();
    assert_eq!(
        shape,
        [
            ("PUBLISH", 5, "1", "20261221T010000Z"),
            ("PUBLISH", 4, "2", "20261221T040000Z"),
            ("PUBLISH", 3, "3", "20261223T040000Z"),
            ("CANCEL", 4, "4", "20261223T040000Z"),
        ]
    );
});

story!(one_that_is_changed_or_called_off_alone_is_told_alone, |scene| {
    let made = scene.made(mondays(&scene, 3)).await;
    scene.server.settle().await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let mut other = scene.body(60);
    (other["starts"], other["ends"]) = (json!("2026-12-01T13:00"), json!("2026-12-01T14:00"));
    host.api("PUT", &nth(&made, 1), other).await.expect(204);
    scene.server.settle().await;
    host.api("DELETE", &nth(&made, 2), Value::Null).await.expect(204);
    scene.server.settle().await;
    let told = scene.told("yamada@").await;
    assert!(told.len() == 3 && told[1].contains("ご来訪の変更") && told[2].contains("取り消し"), "{told:?}");
    let facts = scene.facts().await;
    assert_eq!(facts, ["visitors.series_made", "visitors.appointment_changed", "visitors.visits_cancelled"]);
    let files = calendars(&scene).await;
    assert_eq!((files[1].1.len(), &files[1].1[0][0]), (1, &files[0].1[1][0]), "the second's own UID");
});

story!(a_job_that_runs_twice_or_stops_half_way_tells_nobody_twice, |scene| {
    let mut body = mondays(&scene, 4);
    body["guests"] = json!([
        { "name": "山田 太郎", "mail": "yamada@midori.example" },
        { "name": "鈴木 花子", "mail": "suzuki@midori.example" },
    ]);
    let made = scene.made(body).await;
    // It came as far as the first guest when the server died.
    let first = made["visits"][0]["id"].clone();
    let mut host = scene.server.signed_in(&scene.host).await;
    let mut theirs = vec![first];
    for place in 1..4 {
        let row = host.get(&nth(&made, place)).await.expect(200).json();
        let rows = row["visits"].as_array().unwrap();
        theirs.push(rows.iter().find(|row| row["name"] == "山田 太郎").unwrap()["id"].clone());
    }
    replay(&scene, "visitors.series_made", |payload| payload["visits"] = json!(theirs)).await;
    scene.server.settle().await;
    let count = async || (scene.told("yamada@").await.len(), scene.told("suzuki@").await.len());
    assert_eq!(count().await, (1, 1));
    // Once more, when the first of them is over: the mail would begin with another, and is still the same mail.
    live(&scene, 40).await;
    let before = count().await;
    replay(&scene, "visitors.series_made", |_| ()).await;
    scene.server.settle().await;
    assert_eq!(count().await, before);
    let mut other = scene.body(60);
    (other["starts"], other["ends"]) = (json!("2026-11-30T13:00"), json!("2026-11-30T14:00"));
    let mut host = scene.server.signed_in(&scene.host).await;
    host.api("PUT", &format!("{}/following", nth(&made, 1)), other).await.expect(204);
    replay(&scene, "visitors.series_changed", |_| ()).await;
    scene.server.settle().await;
    assert_eq!(count().await, (before.0 + 1, before.1 + 1));
    host.api("DELETE", &format!("{}/following", nth(&made, 1)), Value::Null).await.expect(204);
    replay(&scene, "visitors.series_cancelled", |_| ()).await;
    scene.server.settle().await;
    assert_eq!(count().await, (before.0 + 2, before.1 + 2));
    live(&scene, 7 * 24).await;
    assert_eq!(count().await, (before.0 + 2, before.1 + 2), "and nobody is reminded of what was called off");
});

story!(a_guest_of_a_series_who_is_corrected_is_invited_anew_by_one_mail, |scene| {
    let made = scene.made(mondays(&scene, 4)).await;
    scene.server.settle().await;
    let visit = format!("/api/v1/visitors/visits/{}/guest", made["visits"][0]["id"].as_str().unwrap());
    let mut host = scene.server.signed_in(&scene.host).await;
    let known = json!({ "name": "山田 太郎", "mail": "taro@midori.example", "language": "en" });
    host.api("PUT", &visit, known).await.expect(204);
    scene.server.settle().await;
    replay(&scene, "visitors.guest_changed", |_| ()).await;
    scene.server.settle().await;
    let told = scene.told("taro@").await;
    assert!(told.len() == 1 && told[0].contains("Your visits to"), "{told:?}");
    assert_eq!(scene.told("yamada@").await.len(), 1);
    live(&scene, 8 * 24).await;
    let told = (scene.told("taro@").await.len(), scene.told("yamada@").await.len());
    assert_eq!(told, (3, 1), "the invitation, and two reminders");
});

story!(a_guest_invited_by_others_too_is_told_of_each_visit_that_is_corrected, |scene| {
    let made = scene.made(mondays(&scene, 4)).await;
    let boss = scene.server.colleague("boss").await;
    let mut theirs = scene.server.signed_in(&boss).await;
    theirs.api("POST", "/api/v1/visitors/appointments", scene.body(600)).await.expect(201);
    scene.server.settle().await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let known = json!({ "name": "山田 太郎", "mail": "taro@midori.example" });
    for (place, mails) in [(1, 1), (2, 2)] {
        let row = host.get(&nth(&made, place)).await.expect(200).json();
        let visit = row["visits"][0]["id"].as_str().unwrap();
        let path = format!("/api/v1/visitors/visits/{visit}/guest");
        host.api("PUT", &path, known.clone()).await.expect(204);
        scene.server.settle().await;
        let told = scene.told("taro@").await;
        assert_eq!(told.len(), mails, "{told:?}");
    }
});
