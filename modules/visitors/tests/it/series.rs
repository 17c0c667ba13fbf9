//! Appointments that repeat: made by a rule, changed from one of them on, called off, with guests who come and go.

use std::collections::BTreeSet;

use sekisho_kernel::{AuditEntry, Cx, Kinded as _};
use sekisho_places::NewSite;
use sekisho_policy::Holiday;
use sekisho_testkit::{Client, hours};
use serde_json::{Value, json};

use crate::scene::Scene;

const MADE: &str = "/api/v1/visitors/appointments";

/// A body for ten o'clock of that day, for an hour.
pub fn on_day(scene: &Scene, day: &str, rule: &str) -> Value {
    let mut body = scene.body(60);
    (body["starts"], body["ends"]) = (json!(format!("{day}T10:00")), json!(format!("{day}T11:00")));
    body["repeat"] = json!({ "rule": rule });
    body
}

/// Every Monday from tomorrow on.
pub fn mondays(scene: &Scene, count: u32) -> Value {
    on_day(scene, "2026-11-23", &format!("FREQ=WEEKLY;BYDAY=MO;COUNT={count}"))
}

/// The path of the appointment at that place of a series, from 0.
pub fn nth(made: &Value, place: usize) -> String {
    format!("{MADE}/{}", made["series"]["occurrences"][place]["id"].as_str().unwrap())
}

/// What an appointment's form would send to leave it as it is.
pub async fn form(host: &mut Client, path: &str) -> Value {
    let row = host.get(path).await.expect(200).json();
    let mut body = json!({});
    for member in ["site", "kind", "host", "deputies", "group", "place", "starts", "ends", "purpose", "note"]
    {
        body[member] = row[member].clone();
    }
    body
}

/// The passes of the appointments of a series that still open something, one each.
async fn passes(scene: &Scene, made: &Value) -> Vec<Value> {
    let mut host = scene.server.signed_in(&scene.host).await;
    let mut passes = Vec::new();
    for place in 0..made["series"]["occurrences"].as_array().unwrap().len() {
        let row = host.get(&format!("{}/passes", nth(made, place))).await.expect(200).json();
        passes.push(row["items"][0]["pass"].clone());
    }
    passes
}

/// When the appointments of a series begin, on their clock, as the page of the first shows them.
async fn begins(host: &mut Client, made: &Value) -> Vec<String> {
    let row = host.get(&nth(made, 0)).await.expect(200).json();
    let of = row["series"]["occurrences"].as_array().unwrap();
    of.iter().map(|one| one["starts"].as_str().unwrap().to_owned()).collect()
}

async fn holiday(scene: &Scene, day: &str) -> String {
    let foundation = scene.server.foundation();
    let days = vec![Holiday { date: day.parse().unwrap(), name: "創立記念日".to_owned() }];
    let mut tx = foundation.store.begin(&scene.server.cx()).await.unwrap();
    let id = foundation.policy.save_calendar(&mut tx, None, "会社の休日", days).await.unwrap();
    tx.commit(AuditEntry::done("calendar.save")).await.unwrap();
    id.to_string()
}

story!(every_occurrence_is_an_appointment_of_its_own_from_the_beginning, |scene| {
    let made = scene.made(mondays(&scene, 12)).await;
    let series = &made["series"];
    assert_eq!(
        (&series["rule"], &series["for_a_year"]),
        (&json!("FREQ=WEEKLY;COUNT=12;BYDAY=MO"), &json!(false))
    );
    assert_eq!((&series["occurrences"][0]["id"], made["visits"].as_array().unwrap().len()), (&made["id"], 1));
    let mut host = scene.server.signed_in(&scene.host).await;
    let begins = begins(&mut host, &made).await;
    assert_eq!((begins.len(), &*begins[0], &*begins[11]), (12, "2026-11-23T10:00", "2027-02-08T10:00"));
    let third = host.get(&nth(&made, 2)).await.expect(200).json();
    assert_eq!((&third["series"]["place"], &third["series"]["count"]), (&json!(3), &json!(12)));
    assert_eq!(
        (&third["starts"], &third["visits"][0]["name"]),
        (&json!("2026-12-07T10:00"), &json!("山田 太郎"))
    );
    let passes = passes(&scene, &made).await;
    let different: BTreeSet<&str> = passes.iter().map(|pass| pass.as_str().unwrap()).collect();
    assert_eq!(different.len(), 12, "each has a pass of its own");
    // They are found, listed and written to the CSV like any others.
    let found = host.get("/api/v1/visitors/visits?q=%E5%B1%B1%E7%94%B0").await.expect(200).json();
    assert_eq!(found["items"].as_array().unwrap().len(), 12);
    assert_eq!(host.get("/visitors.csv").await.ok().lines().count(), 13);
    assert_eq!(scene.facts().await, ["visitors.series_made"]);
    assert!(scene.record().await.contains(&"series.make".to_owned()));
    let told = scene.everything_told().await;
    assert!(!told.contains("山田") && !told.contains("お打ち合わせ"), "who came stands in no record");
    // An appointment that does not repeat has no series.
    let alone = scene.made(scene.body(60)).await;
    assert!(alone["series"].is_null());
    let path = format!("{MADE}/{}", alone["id"].as_str().unwrap());
    assert!(host.get(&path).await.expect(200).json()["series"].is_null());
});

story!(a_rule_without_an_end_goes_on_for_a_year_and_says_so, |scene| {
    let made = scene.made(on_day(&scene, "2026-11-30", "FREQ=MONTHLY;BYMONTHDAY=-1")).await;
    assert_eq!(made["series"]["for_a_year"], true);
    let mut host = scene.server.signed_in(&scene.host).await;
    let begins = begins(&mut host, &made).await;
    assert_eq!(begins.len(), 12);
    assert_eq!((&*begins[3], &*begins[11]), ("2027-02-28T10:00", "2027-10-31T10:00"));
    assert_eq!(host.get(&nth(&made, 5)).await.expect(200).json()["series"]["for_a_year"], true);
    let page = nth(&made, 5).replace("/api/v1", "");
    assert!(host.get(&page).await.ok().contains("1年分を登録します"));
});

story!(nine_oclock_stays_nine_oclock_when_the_clocks_of_the_site_jump, |scene| {
    let york = NewSite {
        name: "New York".to_owned(),
        address: "1 Broadway".to_owned(),
        zone: "America/New_York".to_owned(),
    };
    let york = scene.server.foundation().places.open_site(&scene.server.cx(), &york).await.unwrap();
    let mut body = on_day(&scene, "2027-03-08", "FREQ=WEEKLY;COUNT=2");
    body["site"] = json!(york);
    let made = scene.made(body).await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let mut at = Vec::new();
    for place in 0..2 {
        let row = host.get(&nth(&made, place)).await.expect(200).json();
        at.push((row["starts"].clone(), row["visits"][0]["starts_at"].clone()));
    }
    assert_eq!(at[0], (json!("2027-03-08T10:00"), json!("2027-03-08T15:00:00Z")));
    assert_eq!(at[1], (json!("2027-03-15T10:00"), json!("2027-03-15T14:00:00Z")));
    // What follows is moved on the clock, too.
    let mut body = form(&mut host, &nth(&made, 0)).await;
    (body["starts"], body["ends"]) = (json!("2027-03-09T09:30"), json!("2027-03-09T10:00"));
    host.api("PUT", &format!("{}/following", nth(&made, 0)), body).await.expect(204);
    let row = host.get(&nth(&made, 1)).await.expect(200).json();
    assert_eq!((&row["starts"], &row["ends"]), (&json!("2027-03-16T09:30"), &json!("2027-03-16T10:00")));
    assert_eq!(row["visits"][0]["starts_at"], "2027-03-16T13:30:00Z");
});

story!(days_named_and_holidays_are_left_out, |scene| {
    let own = holiday(&scene, "2026-12-07").await;
    let mut body = mondays(&scene, 5);
    body["repeat"]["except"] = json!(["2026-12-14"]);
    body["repeat"]["japan"] = json!(true);
    body["repeat"]["calendars"] = json!([own]);
    let made = scene.made(body.clone()).await;
    let mut host = scene.server.signed_in(&scene.host).await;
    // Labour Thanksgiving Day is a Monday this year.
    assert_eq!(begins(&mut host, &made).await, ["2026-11-30T10:00", "2026-12-21T10:00"]);
    let left_out = host.get(&nth(&made, 0)).await.expect(200).json()["series"]["leaves_out"].clone();
    assert_eq!(left_out, json!({ "except": ["2026-12-14"], "japan": true, "calendars": [own] }));
    body["repeat"]["calendars"] = json!([scene.tokyo]);
    body["repeat"]["except"] = json!(["12/14"]);
    let refused = host.api("POST", MADE, body).await.expect(422);
    for field in ["repeat_except", "repeat_calendars"] {
        assert!(refused.text.contains(field), "{field}: {}", refused.text);
    }
});

story!(rules_that_are_none_and_series_that_are_too_long_are_refused_with_a_sentence, |scene| {
    let mut host = scene.server.signed_in(&scene.host).await.reading(sekisho_kernel::Language::En);
    for (rule, sentence) in [
        ("every monday", "no rule of repeating"),
        ("FREQ=WEEKLY;COUNT=2;UNTIL=20261231", "not both"),
        ("FREQ=HOURLY", "at most once a day"),
        ("FREQ=DAILY;BYHOUR=9,10", "at most once a day"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "no day to which this applies"),
        ("FREQ=DAILY;INTERVAL=65535", "happens only once"),
        ("FREQ=DAILY;UNTIL=20200101", "no day to which this applies"),
        ("FREQ=DAILY;COUNT=400", "within a year"),
        ("FREQ=WEEKLY;UNTIL=20280101", "within a year"),
    ] {
        let refused = host.api("POST", MADE, on_day(&scene, "2026-11-23", rule)).await.expect(422);
        assert!(
            refused.text.contains(sentence) && refused.text.contains("\"repeat\""),
            "{rule}: {}",
            refused.text
        );
    }
    let mut long = on_day(&scene, "2026-11-23", "FREQ=DAILY;COUNT=3");
    long["ends"] = json!("2026-11-24T10:01");
    let refused = host.api("POST", MADE, long.clone()).await.expect(422);
    assert!(refused.text.contains("would not be over when the next begins"), "{}", refused.text);
    long["ends"] = json!("2026-11-24T10:00");
    host.api("POST", MADE, long).await.expect(201);
    // Three guests on each day of a year are more than 800 visits.
    let mut many = on_day(&scene, "2026-11-23", "FREQ=DAILY");
    many["guests"] = json!([{ "name": "一" }, { "name": "二" }, { "name": "三" }]);
    let refused = host.api("POST", MADE, many).await.expect(422);
    assert!(refused.text.contains("800"), "{}", refused.text);
    // All that is wrong is said at once, and members that nobody knows are named.
    let mut wrong = on_day(&scene, "2026-11-23", "weekly");
    wrong["guests"] = json!([{ "name": "" }]);
    let refused = host.api("POST", MADE, wrong).await.expect(422);
    assert!(refused.text.contains("\"repeat\"") && refused.text.contains("guest_name"), "{}", refused.text);
    let mut odd = on_day(&scene, "2026-11-23", "FREQ=DAILY;COUNT=3");
    odd["repeat"]["exept"] = json!([]);
    let refused = host.api("POST", MADE, odd).await.expect(422);
    assert!(refused.text.contains("exept"), "{}", refused.text);
    // How it repeats is not changed.
    let made = scene.made(mondays(&scene, 2)).await;
    for path in [nth(&made, 0), format!("{}/following", nth(&made, 0))] {
        host.api("PUT", &path, mondays(&scene, 3)).await.expect(422);
    }
    let alone = scene.made(scene.body(60)).await;
    let alone = format!("{MADE}/{}/following", alone["id"].as_str().unwrap());
    host.api("PUT", &alone, scene.body(90)).await.expect(422);
    host.api("DELETE", &alone, Value::Null).await.expect(422);
    host.api("POST", &format!("{alone}/guests"), json!({ "name": "山田" })).await.expect(422);
});

story!(what_follows_changes_and_what_was_set_apart_called_off_or_came_before_stays, |scene| {
    let made = scene.made(mondays(&scene, 6)).await;
    scene.server.settle().await;
    let mut host = scene.server.signed_in(&scene.host).await;
    // The fourth is moved by itself, the fifth called off.
    let mut apart = form(&mut host, &nth(&made, 3)).await;
    (apart["starts"], apart["ends"]) = (json!("2026-12-15T14:00"), json!("2026-12-15T15:00"));
    host.api("PUT", &nth(&made, 3), apart).await.expect(204);
    host.api("DELETE", &nth(&made, 4), Value::Null).await.expect(204);
    scene.server.settle().await;
    let before = passes(&scene, &made).await;
    let told = scene.told("yamada@").await.len();
    // From the second on: a day later, half an hour earlier, twice as long, somewhere else.
    let mut body = form(&mut host, &nth(&made, 1)).await;
    (body["starts"], body["ends"]) = (json!("2026-12-01T09:30"), json!("2026-12-01T11:30"));
    body["place"] = json!("7階");
    let from = nth(&made, 1);
    let seen = host.get(&from).await.expect(200).headers["etag"].to_str().unwrap().to_owned();
    let mut holding = scene.server.signed_in(&scene.host).await.with_header("if-match", &seen);
    let following = format!("{from}/following");
    holding.api("PUT", &following, body.clone()).await.expect(204);
    holding.api("PUT", &following, body.clone()).await.expect(412);
    holding.api("DELETE", &following, Value::Null).await.expect(412);
    let begins = begins(&mut host, &made).await;
    let want = [
        "2026-11-23T10:00",
        "2026-12-01T09:30",
        "2026-12-08T09:30",
        "2026-12-15T14:00",
        "2026-12-21T10:00",
        "2026-12-29T09:30",
    ];
    assert_eq!(begins, want);
    let last = host.get(&nth(&made, 5)).await.expect(200).json();
    assert_eq!((&last["ends"], &last["place"]), (&json!("2026-12-29T11:30"), &json!("7階")));
    let row = host.get(&nth(&made, 3)).await.expect(200).json();
    assert_eq!((&row["place"], &row["series"]["set_apart"]), (&json!("3階 会議室A"), &json!(true)));
    assert_eq!(
        row["series"]["occurrences"][3]["on"], "2026-12-14T10:00",
        "it is still the one of that Monday"
    );
    let after = passes(&scene, &made).await;
    let same: Vec<bool> = before.iter().zip(&after).map(|(before, after)| before == after).collect();
    assert_eq!(same, [true, false, false, true, true, false], "who was told something else gets a new pass");
    scene.server.settle().await;
    assert_eq!(scene.told("yamada@").await.len(), told + 1, "one mail");
    // The same once more is no change.
    let facts = scene.facts().await.len();
    host.api("PUT", &following, body.clone()).await.expect(204);
    assert_eq!(scene.facts().await.len(), facts);
    // A note is one of which no guest hears; and the one that was set apart can lead the others, as it is asked to by name.
    body["note"] = json!("会議室の鍵を持っていく");
    host.api("PUT", &following, body).await.expect(204);
    let mut apart = form(&mut host, &nth(&made, 3)).await;
    apart["purpose"] = json!("見学");
    host.api("PUT", &format!("{}/following", nth(&made, 3)), apart).await.expect(204);
    let mut purposes = Vec::new();
    for place in 0..6 {
        let row = host.get(&nth(&made, place)).await.expect(200).json();
        purposes
            .push((row["purpose"].as_str().unwrap().to_owned(), row["starts"].as_str().unwrap().to_owned()));
    }
    let (was, is) = ("お打ち合わせ", "見学");
    let want = [was, was, was, is, was, is].map(str::to_owned).into_iter().zip(want.map(str::to_owned));
    assert_eq!(purposes, want.collect::<Vec<_>>());
});

story!(what_follows_is_not_moved_over_another_or_into_the_past, |scene| {
    let made = scene.made(on_day(&scene, "2026-11-23", "FREQ=DAILY;COUNT=4")).await;
    let mut host = scene.server.signed_in(&scene.host).await;
    for (starts, ends) in [
        ("2026-11-25T10:00", "2026-11-26T10:01"),
        // Onto the one before.
        ("2026-11-24T10:30", "2026-11-24T11:30"),
        ("2026-11-21T10:00", "2026-11-21T11:00"),
    ] {
        let mut body = form(&mut host, &nth(&made, 2)).await;
        (body["starts"], body["ends"]) = (json!(starts), json!(ends));
        host.api("PUT", &format!("{}/following", nth(&made, 2)), body).await.expect(422);
    }
    assert_eq!(begins(&mut host, &made).await[2], "2026-11-25T10:00");
    // The second is put off by itself for a month. Brought back, it would take those that follow into the past.
    let mut body = form(&mut host, &nth(&made, 1)).await;
    (body["starts"], body["ends"]) = (json!("2026-12-24T10:00"), json!("2026-12-24T11:00"));
    host.api("PUT", &nth(&made, 1), body.clone()).await.expect(204);
    (body["starts"], body["ends"]) = (json!("2026-11-24T10:00"), json!("2026-11-24T11:00"));
    host.api("PUT", &format!("{}/following", nth(&made, 1)), body).await.expect(422);
    let mut body = form(&mut host, &nth(&made, 2)).await;
    (body["starts"], body["ends"]) = (json!("2026-11-25T11:00"), json!("2026-11-26T11:00"));
    host.api("PUT", &format!("{}/following", nth(&made, 2)), body).await.expect(204);
});

story!(a_series_is_called_off_from_the_middle_on, |scene| {
    let made = scene.made(mondays(&scene, 4)).await;
    scene.server.settle().await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let mut apart = form(&mut host, &nth(&made, 2)).await;
    apart["place"] = json!("5階");
    host.api("PUT", &nth(&made, 2), apart).await.expect(204);
    let passes = passes(&scene, &made).await;
    let following = format!("{}/following", nth(&made, 1));
    host.api("DELETE", &following, Value::Null).await.expect(204);
    host.api("DELETE", &following, Value::Null).await.expect(404);
    for (place, cancelled) in [(0, false), (1, true), (2, true), (3, true)] {
        let row = host.get(&nth(&made, place)).await.expect(200).json();
        assert_eq!(row["cancelled_at"].is_string(), cancelled, "{place}");
        assert_eq!(row["visits"][0]["state"] == "cancelled", cancelled, "{place}");
    }
    // The pass of tomorrow opens, the others do not, even on their day.
    scene.server.advance(hours(25)).await;
    assert_eq!(
        scene.shows(&mut scene.desk().await, scene.tokyo, "pass", passes[0].as_str().unwrap()).await.0,
        200
    );
    // What is over is not called off any more.
    scene.server.advance(hours(24)).await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let over = host.api("DELETE", &format!("{}/following", nth(&made, 0)), Value::Null).await;
    assert_eq!(over.status.as_u16(), 422, "{}", over.text);
    scene.server.advance(hours(6 * 24)).await;
    let mut desk = scene.desk().await;
    assert_eq!(scene.shows(&mut desk, scene.tokyo, "pass", passes[1].as_str().unwrap()).await.0, 422);
    let facts = scene.facts().await;
    assert_eq!(facts.iter().filter(|fact| *fact == "visitors.series_cancelled").count(), 1);
    assert!(!facts.contains(&"visitors.visits_cancelled".to_owned()), "{facts:?}");
});

story!(each_pass_opens_on_its_own_day_only, |scene| {
    let made = scene.made(on_day(&scene, "2026-11-23", "FREQ=DAILY;COUNT=3")).await;
    let passes = passes(&scene, &made).await;
    for day in 0..3 {
        scene.server.advance(hours(if day == 0 { 25 } else { 24 })).await;
        let mut desk = scene.desk().await;
        for (place, pass) in passes.iter().enumerate() {
            let status = scene.shows(&mut desk, scene.tokyo, "pass", pass.as_str().unwrap()).await.0;
            assert_eq!(status == 200, place == day, "pass {place} on day {day}: {status}");
        }
    }
});

story!(guests_are_added_to_what_follows_and_taken_off_it, |scene| {
    let made = scene.made(mondays(&scene, 4)).await;
    scene.server.settle().await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let guest = json!({ "name": "鈴木 花子", "mail": "suzuki@midori.example", "language": "ja" });
    let following = format!("{}/following/guests", nth(&made, 1));
    let added = host.api("POST", &following, guest).await.expect(201).json();
    scene.server.settle().await;
    let names = async |host: &mut Client| {
        let mut all = Vec::new();
        for place in 0..4 {
            let row = host.get(&nth(&made, place)).await.expect(200).json();
            let coming = |visit: &&Value| visit["state"] != "cancelled";
            let here = row["visits"].as_array().unwrap().iter().filter(coming);
            all.push(here.filter(|visit| visit["name"] == "鈴木 花子").count());
        }
        all
    };
    assert_eq!(names(&mut host).await, [0, 1, 1, 1]);
    assert_eq!(scene.told("suzuki@").await.len(), 1, "{:?}", scene.told("suzuki@").await);
    assert_eq!(scene.told("yamada@").await.len(), 1, "the others hear nothing of it");
    let first = host.get(&nth(&made, 1)).await.expect(200).json();
    assert!(first["visits"].as_array().unwrap().iter().any(|visit| visit["id"] == added["id"]));
    // Off from the third on; the second stays, and so does the other guest.
    let third = host.get(&nth(&made, 2)).await.expect(200).json();
    let theirs =
        third["visits"].as_array().unwrap().iter().find(|visit| visit["name"] == "鈴木 花子").unwrap();
    let off = format!("/api/v1/visitors/visits/{}/following", theirs["id"].as_str().unwrap());
    host.api("DELETE", &off, Value::Null).await.expect(204);
    host.api("DELETE", &off, Value::Null).await.expect(422);
    scene.server.settle().await;
    assert_eq!(names(&mut host).await, [0, 1, 0, 0]);
    assert_eq!(scene.told("suzuki@").await.len(), 2);
    assert_eq!(scene.told("yamada@").await.len(), 1);
    let acts = scene.record().await;
    for act in ["series.add_guest", "series.remove_guest"] {
        assert_eq!(acts.iter().filter(|one| *one == act).count(), 1, "{act}: {acts:?}");
    }
    // One alone as before, for one alone.
    let guest = json!({ "name": "鈴木 花子", "mail": "suzuki@midori.example", "language": "ja" });
    host.api("POST", &format!("{}/guests", nth(&made, 3)), guest).await.expect(201);
    assert_eq!(names(&mut host).await, [0, 1, 0, 1]);
});

story!(a_series_has_so_many_visits_and_no_more, |scene| {
    let mut body = on_day(&scene, "2026-11-23", "FREQ=DAILY");
    body["guests"] = json!([{ "name": "山田 太郎" }, { "name": "鈴木 花子" }]);
    let made = scene.made(body).await;
    assert_eq!(made["series"]["occurrences"].as_array().unwrap().len(), 365);
    let mut host = scene.server.signed_in(&scene.host).await;
    let third = json!({ "name": "佐藤 次郎" });
    host.api("POST", &format!("{}/following/guests", nth(&made, 0)), third.clone()).await.expect(422);
    host.api("POST", &format!("{}/following/guests", nth(&made, 300)), third).await.expect(201);
    let mut body = form(&mut host, &nth(&made, 0)).await;
    (body["starts"], body["ends"]) = (json!("2026-11-23T13:00"), json!("2026-11-23T14:00"));
    host.api("PUT", &format!("{}/following", nth(&made, 0)), body).await.expect(204);
    assert_eq!(begins(&mut host, &made).await.last().unwrap(), "2027-11-22T13:00");
    host.api("DELETE", &format!("{}/following", nth(&made, 0)), Value::Null).await.expect(204);
    assert_eq!(scene.facts().await.len(), 4);
});

story!(who_may_not_plan_all_that_follows_changes_none_of_it, |scene| {
    let made = scene.made(mondays(&scene, 4)).await;
    let boss = scene.server.colleague("boss").await;
    let mut host = scene.server.signed_in(&scene.host).await;
    // The boss receives the second only.
    let mut body = form(&mut host, &nth(&made, 1)).await;
    body["host"] = json!(boss.person);
    host.api("PUT", &nth(&made, 1), body).await.expect(204);
    let mut theirs = scene.server.signed_in(&boss).await;
    let row = theirs.get(&nth(&made, 1)).await.expect(200).json();
    assert_eq!((&row["series"]["place"], &row["series"]["count"]), (&json!(2), &json!(4)));
    assert_eq!(
        row["series"]["occurrences"].as_array().unwrap().len(),
        1,
        "of the others nothing is shown: {row}"
    );
    let following = format!("{}/following", nth(&made, 1));
    let body = form(&mut theirs, &nth(&made, 1)).await;
    theirs.api("PUT", &following, body.clone()).await.expect(422);
    theirs.api("DELETE", &following, Value::Null).await.expect(422);
    theirs.api("POST", &format!("{following}/guests"), json!({ "name": "鈴木" })).await.expect(422);
    let visit = format!("/api/v1/visitors/visits/{}/following", row["visits"][0]["id"].as_str().unwrap());
    theirs.api("DELETE", &visit, Value::Null).await.expect(422);
    assert!(!scene.facts().await.iter().any(|fact| fact == "visitors.series_changed"));
    // A colleague and another tenant do not know of it; the desk of the site may.
    let other = scene.server.colleague("other").await;
    let (_, globex) = scene.server.other_tenant("globex").await;
    for mut stranger in [scene.server.signed_in(&other).await, globex.at_host("globex.test")] {
        stranger.api("PUT", &following, body.clone()).await.expect(404);
        stranger.api("DELETE", &following, Value::Null).await.expect(404);
        stranger.api("POST", &format!("{following}/guests"), json!({ "name": "鈴木" })).await.expect(404);
        stranger.api("DELETE", &visit, Value::Null).await.expect(404);
    }
    let mut desk = scene.desk().await;
    desk.api("DELETE", &following, Value::Null).await.expect(204);
});

story!(of_two_who_change_the_same_series_one_has_to_look_again, |scene| {
    for round in 0..6 {
        let day = format!("2026-11-{}", 23 + round);
        let made = scene.made(on_day(&scene, &day, "FREQ=WEEKLY;COUNT=5")).await;
        let mut one = scene.server.signed_in(&scene.host).await;
        let mut two = scene.desk().await;
        // Both move the second by an hour: by an hour it is moved, and all that follow with it.
        let mut body = form(&mut one, &nth(&made, 1)).await;
        let hour = |from: &str, to: &str, at: &Value| json!(at.as_str().unwrap().replace(from, to));
        (body["starts"], body["ends"]) =
            (hour("T10", "T11", &body["starts"]), hour("T11", "T12", &body["ends"]));
        let mut other = body.clone();
        other["place"] = json!("7階");
        let following = format!("{}/following", nth(&made, 1));
        let (first, second) =
            tokio::join!(one.api("PUT", &following, body), two.api("PUT", &following, other));
        // Either one after the other, or the later one is told that what it has seen is gone.
        let statuses = [first.status.as_u16(), second.status.as_u16()];
        assert!(matches!(statuses, [204, 204] | [204, 412] | [412, 204]), "{statuses:?}");
        let mut places = BTreeSet::new();
        for place in 0..5 {
            let row = one.get(&nth(&made, place)).await.expect(200).json();
            let hour = if place == 0 { "T10:00" } else { "T11:00" };
            assert!(row["starts"].as_str().unwrap().ends_with(hour), "{place}: {row}");
            if place > 0 {
                places.insert(row["place"].to_string());
            }
        }
        assert_eq!(places.len(), 1, "no mixture: {places:?}");
    }
});

story!(who_acts_on_a_series_in_different_ways_at_once_waits_and_nothing_is_lost, |scene| {
    for round in 0..3 {
        let mut body = on_day(&scene, &format!("2026-11-{}", 24 + round), "FREQ=WEEKLY;COUNT=6");
        body["guests"][0]["mail"] = json!(format!("yamada{round}@midori.example"));
        let made = scene.made(body).await;
        scene.server.settle().await;
        let mut one = scene.server.signed_in(&scene.host).await;
        let mut two = scene.desk().await;
        let mut three = scene.server.signed_in(&scene.host).await;
        let mut guest = scene.server.stranger();
        let page = format!("{}/cancel", made["visits"][0]["address"].as_str().unwrap());
        let mut moved = form(&mut one, &nth(&made, 2)).await;
        moved["place"] = json!("5階");
        let known = json!({ "name": "山田 太郎", "mail": format!("new{round}@midori.example") });
        let visit = format!("/api/v1/visitors/visits/{}/guest", made["visits"][0]["id"].as_str().unwrap());
        let following = format!("{}/following", nth(&made, 2));
        let added = format!("{}/following/guests", nth(&made, 1));
        let answers = tokio::join!(
            one.api("PUT", &following, moved),
            two.api("POST", &added, json!({ "name": "鈴木 花子" })),
            three.api("PUT", &visit, known),
            guest.post(&page, &[("which", "all")]),
        );
        for answer in [&answers.0, &answers.1, &answers.2, &answers.3] {
            assert!(!answer.status.is_server_error(), "{}", answer.text);
        }
        assert!(matches!(answers.1.status.as_u16(), 201 | 409), "{}", answers.1.text);
        // Every visit of the first guest is off, whichever came first: nothing that was called off came back.
        scene.server.settle().await;
        if answers.3.status.is_redirection() {
            let mut states = BTreeSet::new();
            for place in 0..6 {
                let row = one.get(&nth(&made, place)).await.expect(200).json();
                let rows = row["visits"].as_array().unwrap();
                states.extend(
                    rows.iter().filter(|row| row["name"] == "山田 太郎").map(|row| row["state"].to_string()),
                );
            }
            assert_eq!(states.len(), 1, "{states:?}");
        }
    }
});

story!(a_guest_of_a_series_is_erased_when_nothing_is_to_come, |scene| {
    let made = scene.made(mondays(&scene, 3)).await;
    scene.server.settle().await;
    let guest = scene.visit(&made["visits"][0]["id"]).await["guest"].as_str().unwrap().to_owned();
    let erase = format!("/api/v1/visitors/guests/{guest}");
    // The first is missed, the others called off.
    scene.server.advance(hours(40)).await;
    assert_eq!(scene.visit(&made["visits"][0]["id"]).await["state"], "no_show");
    let mut admin = scene.server.administrator().await;
    admin.api("DELETE", &erase, Value::Null).await.expect(422);
    let mut host = scene.server.signed_in(&scene.host).await;
    host.api("DELETE", &format!("{}/following", nth(&made, 1)), Value::Null).await.expect(204);
    admin.api("DELETE", &erase, Value::Null).await.expect(204);
    for place in 0..3 {
        let row = host.get(&nth(&made, place)).await.expect(200).json();
        assert_eq!((&row["purpose"], &row["visits"][0]["name"]), (&json!(""), &json!("")), "{place}");
    }
    scene.server.settle().await;
    let told = scene.told("yamada@").await;
    assert!(
        !told.iter().any(|one| one.contains("取り消し")),
        "nothing goes out to who was forgotten: {told:?}"
    );
});

story!(the_guest_calls_off_one_or_all_that_are_to_come, |scene| {
    let made = scene.made(mondays(&scene, 4)).await;
    scene.server.settle().await;
    let page = made["visits"][0]["address"].as_str().unwrap().to_owned();
    let mut guest = scene.server.stranger();
    let shown = guest.get(&page).await.ok();
    assert!(shown.contains("今後のご来訪") && shown.contains("毎週月曜日 10:00～11:00、全4回"), "{shown}");
    let links: Vec<&str> =
        shown.split("<a href=\"/v/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let others: Vec<&&str> = links.iter().filter(|link| link.len() == 32).collect();
    assert_eq!(others.len(), 3, "the others, each with its page: {links:?}");
    let second = format!("/v/{}", others[0]);
    assert!(guest.get(&second).await.ok().contains("<svg"), "with its own pass");
    // This time only.
    guest.post(&format!("{page}/cancel"), &[]).await.expect(303);
    let states = async || {
        let mut host = scene.server.signed_in(&scene.host).await;
        let mut states = Vec::new();
        for place in 0..4 {
            let row = host.get(&nth(&made, place)).await.expect(200).json();
            states.push(row["visits"][0]["state"].as_str().unwrap().to_owned());
        }
        states
    };
    assert_eq!(states().await, ["cancelled", "invited", "invited", "invited"]);
    // Only that guest has anything to ask there.
    let cx: Cx = scene.server.cx_of(scene.host.person);
    let visit = crate::scene::id(&made["visits"][0]["id"]);
    let denied = sekisho_visitors::guest_changes::cancel_series(&scene.visitors, &cx, visit).await;
    assert_eq!(denied.unwrap_err().kind(), sekisho_kernel::Kind::Missing);
    // The page of what was called off still leads to the others, and from there all of them are.
    assert!(guest.get(&page).await.ok().contains("全3回"));
    guest.post(&format!("{page}/cancel"), &[("which", "all")]).await.expect(303);
    assert_eq!(states().await, ["cancelled"; 4]);
    scene.server.settle().await;
    let told = scene.told("host@").await;
    assert_eq!(told.iter().filter(|one| one.contains("来訪者")).count(), 2, "once for each act: {told:?}");
    assert_eq!(scene.told("yamada@").await.len(), 1, "who called it off knows");
    let again = guest.post(&format!("{page}/cancel"), &[("which", "all")]).await;
    assert_eq!(again.status.as_u16(), 303);
    assert_eq!(scene.facts().await.iter().filter(|fact| *fact == "visitors.series_cancelled").count(), 1);
    guest.post("/v/0123456789abcdef0123456789abcdef/cancel", &[("which", "all")]).await.expect(404);
});

story!(a_host_repeats_looks_changes_and_calls_off_by_form, |scene| {
    let mut host = scene.server.signed_in(&scene.host).await;
    let own = holiday(&scene, "2026-12-08").await;
    let form = host.get("/visitors/new").await.ok();
    assert!(form.contains("繰り返さない") && form.contains("会社の休日") && !form.contains('⟦'), "{form}");
    let (site, person) = (scene.tokyo.to_string(), scene.host.person.to_string());
    let fields = |more: &[(&'static str, &str)]| {
        let base = [
            ("site", &*site),
            ("kind", "guest"),
            ("host", &*person),
            ("starts", "2026-11-24T10:00"),
            ("ends", "2026-11-24T11:00"),
            ("guest_name", "山田 太郎"),
            ("guest_mail", "yamada@midori.example"),
            ("guest_language", "ja"),
        ];
        let all = base.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        all.collect::<Vec<(String, String)>>()
    };
    let borrowed = |all: &[(String, String)]| {
        all.iter().map(|(name, value)| (name.clone(), value.clone())).collect::<Vec<_>>()
    };
    let mut send = async |more: &[(&'static str, &str)]| {
        let all = borrowed(&fields(more));
        let all: Vec<(&str, &str)> = all.iter().map(|(name, value)| (&**name, &**value)).collect();
        host.post("/visitors/new", &all).await
    };
    // Looked at first: nothing is made.
    let choice = [
        ("repeat", "weekly"),
        ("repeat_days", "TU"),
        ("repeat_days", "FR"),
        ("repeat_count", "6"),
        ("repeat_except", "2026-12-01, 2026/12/04"),
        ("repeat_calendars", &*own),
    ];
    let looked = send(&[&choice[..], &[("preview", "true")]].concat()).await.ok();
    let days = looked.split("次の3回です").nth(1).unwrap();
    assert!(days.contains("2026年11月24日（火）、2026年11月27日（金）、2026年12月11日（金）"), "{days}");
    assert!(scene.facts().await.is_empty());
    // Wrong: what was typed stays, with the sentence.
    let wrong = send(&[("repeat", "weekly"), ("repeat_count", "2"), ("repeat_until", "2026-12-31")])
        .await
        .expect(422);
    assert!(wrong.text.contains("どちらか一方") && wrong.text.contains("2026-12-31"), "{}", wrong.text);
    for (how, begins) in [
        ("daily", "2026-11-25T10:00"),
        ("workdays", "2026-11-25T10:00"),
        ("fortnightly", "2026-12-08T10:00"),
        ("monthly-date", "2026-12-24T10:00"),
        ("monthly-weekday", "2026-12-22T10:00"),
    ] {
        let made = send(&[("repeat", how), ("repeat_until", "2027-03-01")]).await.expect(303);
        let id = made.location().rsplit('/').next().unwrap().to_owned();
        let mut host = scene.server.signed_in(&scene.host).await;
        let row = host.get(&format!("{MADE}/{id}")).await.expect(200).json();
        assert_eq!(row["series"]["occurrences"][1]["starts"], begins, "{how}");
    }
    let made = send(&choice).await.expect(303);
    let page = made.location().to_owned();
    let mut host = scene.server.signed_in(&scene.host).await;
    let shown = host.get(&page).await.ok();
    for words in
        ["1回目（全3回）", "毎週火曜日、金曜日 10:00～11:00、全3回、2026年12月11日（金）まで", "すべての回"]
    {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    // Changed: asked for which.
    let form = host.get(&format!("{page}/change")).await.ok();
    assert!(form.contains("この回と以後のすべて") && !form.contains("name=\"repeat\""), "{form}");
    let all = fields(&[("which", "following"), ("version", "1"), ("place", "7階")]);
    let all: Vec<(&str, &str)> = all.iter().map(|(name, value)| (&**name, &**value)).collect();
    host.post(&format!("{page}/change"), &all).await.expect(303);
    let mut ids = shown.split("/visitors/appointments/").map(|rest| &rest[..36]);
    let second = ids.find(|id| id.contains('-') && !id.contains('/') && !page.contains(*id)).unwrap();
    let second = format!("/visitors/appointments/{second}");
    assert!(host.get(&second).await.ok().contains("7階"));
    // One guest more for all that follow, off again, and all called off.
    let guest =
        [("name", "森 一"), ("company", ""), ("mail", ""), ("language", "ja"), ("add_which", "following")];
    host.post(&format!("{page}/guests"), &guest).await.expect(303);
    assert!(host.get(&second).await.ok().contains("森 一"));
    let row = host
        .get(&format!("/api/v1{second}").replace("/appointments", "/appointments"))
        .await
        .expect(200)
        .json();
    let visit =
        row["visits"].as_array().unwrap().iter().find(|row| row["name"] == "森 一").unwrap()["id"].clone();
    let off = format!("/visitors/visits/{}/cancel", visit.as_str().unwrap());
    host.post(&off, &[("which", "following")]).await.expect(303);
    assert_eq!(scene.visit(&visit).await["state"], "cancelled");
    host.post(&format!("{page}/cancel"), &[("cancel_which", "following"), ("version", "2")])
        .await
        .expect(303);
    assert!(host.get(&second).await.ok().contains("取り消されています"));
});
