//! Appointments that repeat: made by a rule.

use std::collections::BTreeSet;

use sekisho_kernel::AuditEntry;
use sekisho_places::NewSite;
use sekisho_policy::Holiday;
use sekisho_testkit::{Client, hours};
use serde_json::{Value, json};

use crate::scene::Scene;

pub const MADE: &str = "/api/v1/visitors/appointments";

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

/// What the form of an appointment sends.
pub struct Fields([(&'static str, String); 8]);

impl Fields {
    /// For ten o'clock of Tuesday, for an hour, with one guest.
    pub fn of(scene: &Scene) -> Self {
        Self([
            ("site", scene.tokyo.to_string()),
            ("kind", "guest".to_owned()),
            ("host", scene.host.person.to_string()),
            ("starts", "2026-11-24T10:00".to_owned()),
            ("ends", "2026-11-24T11:00".to_owned()),
            ("guest_name", "山田 太郎".to_owned()),
            ("guest_mail", "yamada@midori.example".to_owned()),
            ("guest_language", "ja".to_owned()),
        ])
    }

    /// With these in their place.
    pub fn with<'a>(&'a self, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let own = self.0.iter().map(|(name, value)| (*name, &**value));
        own.filter(|(name, _)| more.iter().all(|(other, _)| other != name))
            .chain(more.iter().copied())
            .collect()
    }
}

/// The path of the appointment at that place of a series, from 0.
pub fn nth(made: &Value, place: usize) -> String {
    format!("{MADE}/{}", made["series"]["occurrences"][place]["id"].as_str().unwrap())
}

/// What an appointment's form would send to leave it as it is.
pub async fn form(host: &mut Client, path: &str) -> Value {
    let row = host.get(path).await.expect(200).json();
    let mut body = json!({});
    let what = ["site", "kind", "host", "deputies", "group", "room", "beside_room", "place"];
    for member in what.into_iter().chain(["starts", "ends", "purpose", "note"]) {
        body[member] = row[member].clone();
    }
    body
}

/// The passes of the appointments of a series that still open something, one each.
pub async fn passes(scene: &Scene, made: &Value) -> Vec<Value> {
    let mut host = scene.server.signed_in(&scene.host).await;
    let mut passes = Vec::new();
    for place in 0..made["series"]["occurrences"].as_array().unwrap().len() {
        let row = host.get(&format!("{}/passes", nth(made, place))).await.expect(200).json();
        passes.push(row["items"][0]["pass"].clone());
    }
    passes
}

/// When the appointments of a series begin, on their clock, as the page of the first shows them.
pub async fn begins(host: &mut Client, made: &Value) -> Vec<String> {
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
    assert_eq!((&third["series"]["number"], &third["series"]["count"]), (&json!(3), &json!(12)));
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
    assert!(host.get(&page).await.ok().contains("終わりの指定がないため、1年分です。"));
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
    // Half past two does not exist on the fourteenth and becomes half past three, which is after three: neither made nor moved.
    let night = |body: &mut Value| {
        (body["starts"], body["ends"]) = (json!("2027-03-13T02:30"), json!("2027-03-13T03:00"));
    };
    let mut body = on_day(&scene, "2027-03-13", "FREQ=DAILY;COUNT=3");
    body["site"] = json!(york);
    let by_day = scene.made(body.clone()).await;
    night(&mut body);
    let refused = host.api("POST", MADE, body).await.expect(422);
    assert!(refused.text.contains("\"ends\""), "{}", refused.text);
    let mut body = form(&mut host, &nth(&by_day, 0)).await;
    night(&mut body);
    let refused = host.api("PUT", &format!("{}/following", nth(&by_day, 0)), body).await.expect(422);
    assert!(refused.text.contains("\"ends\""), "{}", refused.text);
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
    // One more than the days of a year with a 29 February, which still is within a year.
    let refused =
        host.api("POST", MADE, on_day(&scene, "2027-03-01", "FREQ=DAILY;COUNT=367")).await.expect(422);
    assert!(refused.text.contains("within a year"), "{}", refused.text);
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

story!(a_host_looks_at_the_days_and_repeats_by_form, |scene| {
    let mut host = scene.server.signed_in(&scene.host).await;
    let own = holiday(&scene, "2026-12-08").await;
    let form = host.get("/visitors/new").await.ok();
    assert!(form.contains("繰り返さない") && form.contains("会社の休日") && !form.contains('⟦'), "{form}");
    let sent = Fields::of(&scene);
    let mut send = async |more: &[(&str, &str)]| host.post("/visitors/new", &sent.with(more)).await;
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
    // Who wants to look, or says until when, wants it to repeat.
    let never = [("repeat", "never")];
    let looked = send(&[&never[..], &[("preview", "true")]].concat()).await.ok();
    assert!(looked.contains("頻度を選んでください。"), "{looked}");
    for more in [
        ("repeat_count", "4"),
        ("repeat_until", "2027-03-01"),
        ("repeat_days", "TU"),
        ("repeat_except", "2026-12-01"),
    ] {
        let refused = send(&[&never[..], &[more]].concat()).await.expect(422);
        assert!(refused.text.contains("頻度を選んでください。"), "{more:?}: {}", refused.text);
    }
    // Wrong: what was typed stays, with the sentence.
    let wrong = send(&[("repeat", "weekly"), ("repeat_count", "2"), ("repeat_until", "2026-12-31")])
        .await
        .expect(422);
    assert!(wrong.text.contains("どちらか一方") && wrong.text.contains("2026-12-31"), "{}", wrong.text);
    // The form offers a choice and takes no rules.
    send(&[("repeat", "FREQ=DAILY"), ("repeat_count", "2")]).await.expect(422);
    assert!(scene.facts().await.is_empty());
    let (tuesday, monday) = ("2026-11-24", "2026-11-30");
    for (how, day, begins) in [
        ("daily", tuesday, "2026-11-25T10:00"),
        ("workdays", tuesday, "2026-11-25T10:00"),
        ("fortnightly", tuesday, "2026-12-08T10:00"),
        ("monthly-date", tuesday, "2026-12-24T10:00"),
        ("monthly-weekday", tuesday, "2026-12-22T10:00"),
        // The fifth Monday is the last one, of which each month has one.
        ("monthly-weekday", monday, "2026-12-28T10:00"),
        ("monthly-last", tuesday, "2026-12-31T10:00"),
    ] {
        let (starts, ends) = (format!("{day}T10:00"), format!("{day}T11:00"));
        let when = [("starts", &*starts), ("ends", &*ends)];
        let made = send(&[&when[..], &[("repeat", how), ("repeat_until", "2027-03-01")]].concat()).await;
        let id = made.expect(303).location().rsplit('/').next().unwrap().to_owned();
        let mut host = scene.server.signed_in(&scene.host).await;
        let row = host.get(&format!("{MADE}/{id}")).await.expect(200).json();
        assert_eq!(row["series"]["occurrences"][1]["starts"], begins, "{how}");
    }
    let made = send(&choice).await.expect(303);
    let shown = scene.server.signed_in(&scene.host).await.get(made.location()).await.ok();
    // The second Tuesday is a holiday of the house, the other days were named.
    let words =
        "毎週火曜日、金曜日 10:00～11:00（12月1日、12月4日、12月8日を除く）、全3回、2026年12月11日（金）まで";
    for words in ["1回目（全3回）", words, "すべての回"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
});
