//! Series of a calendar: a later version keeps what was done to single times.

use sekisho_testkit::minutes;
use serde_json::Value;

use super::{Event, Scene, compact};

story!(a_series_with_a_time_that_is_different, |scene| {
    let weekly = Event { more: "RRULE:FREQ=WEEKLY;COUNT=4\r\n".to_owned(), ..scene.event(1440) };
    scene.send(&weekly).await;
    assert_eq!(scene.states().await, ["invited"; 4]);
    let week = 7 * 1440;
    let at = |minutes: i64| compact(&scene.house.at(minutes));
    // The clock moves on with each mail.
    let first: i64 = 1440 - 1;
    let on = |number: i64| first + number * week;
    // One time is two hours later, another is called off.
    let moved = Event {
        sequence: 1,
        starts: at(on(1) + 120),
        ends: at(on(1) + 180),
        more: format!("RECURRENCE-ID;TZID=Asia/Tokyo:{}\r\n", at(on(1))),
        ..weekly.clone()
    };
    let before = scene.visits().await;
    scene.send(&moved).await;
    let now = scene.visits().await;
    let differs: Vec<bool> = before.iter().zip(&now).map(|(a, b)| a["starts_at"] != b["starts_at"]).collect();
    assert_eq!(differs, [false, true, false, false]);
    let off = Event {
        method: "CANCEL",
        sequence: 1,
        more: format!("RECURRENCE-ID;TZID=Asia/Tokyo:{}\r\n", at(on(2) - 1)),
        ..weekly.clone()
    };
    scene.send(&off).await;
    assert_eq!(scene.states().await, ["invited", "invited", "cancelled", "invited"]);
    // All of it an hour later: the one that was changed by itself stays.
    let shifted = Event {
        sequence: 2,
        starts: at(first - 2 + 60),
        ends: at(first - 2 + 120),
        more: format!("RRULE:FREQ=WEEKLY;COUNT=4\r\nEXDATE;TZID=Asia/Tokyo:{}\r\n", at(on(2) - 2 + 60)),
        ..weekly.clone()
    };
    let before = scene.visits().await;
    scene.send(&shifted).await;
    let now = scene.visits().await;
    let differs: Vec<bool> = before.iter().zip(&now).map(|(a, b)| a["starts_at"] != b["starts_at"]).collect();
    assert_eq!(differs, [true, false, false, true], "{before:?} {now:?}");
    assert_eq!(scene.made().await, 1);
    scene.send(&Event { method: "CANCEL", sequence: 3, ..shifted }).await;
    assert_eq!(scene.states().await, ["cancelled"; 4]);
    assert!(scene.refusals().await.is_empty(), "{:?}", scene.refusals().await);
});

story!(another_rule_makes_another_series, |scene| {
    let weekly = Event { more: "RRULE:FREQ=WEEKLY;COUNT=3\r\n".to_owned(), ..scene.event(1440) };
    scene.send(&weekly).await;
    let daily = Event { sequence: 1, more: "RRULE:FREQ=DAILY;COUNT=2\r\n".to_owned(), ..weekly.clone() };
    scene.send(&daily).await;
    let mut states = scene.states().await;
    states.sort();
    assert_eq!(states, ["cancelled", "cancelled", "cancelled", "invited", "invited"]);
    // Shorter by its last time: the others stay as they are.
    let mut three = Event { sequence: 2, more: "RRULE:FREQ=DAILY;COUNT=3\r\n".to_owned(), ..weekly.clone() };
    scene.send(&three).await;
    let count = scene.visits().await.len();
    three.sequence = 3;
    three.more = "RRULE:FREQ=DAILY;COUNT=2\r\n".to_owned();
    scene.send(&three).await;
    let states = scene.states().await;
    assert_eq!(states.len(), count);
    assert_eq!(states.iter().filter(|state| *state == "invited").count(), 2);
    // No series any more.
    scene.send(&Event { sequence: 4, more: String::new(), ..weekly }).await;
    assert_eq!(scene.states().await.iter().filter(|state| *state == "invited").count(), 1);
});

story!(a_time_that_was_postponed_stays_when_a_word_is_mended, |scene| {
    let weekly = Event { more: "RRULE:FREQ=WEEKLY;COUNT=3\r\n".to_owned(), ..scene.event(1440) };
    scene.send(&weekly).await;
    let moved = Event {
        sequence: 1,
        starts: compact(&scene.house.at(3 * 1440)),
        ends: compact(&scene.house.at(3 * 1440 + 60)),
        more: format!("RECURRENCE-ID;TZID=Asia/Tokyo:{}\r\n", weekly.starts),
        ..weekly.clone()
    };
    scene.send(&moved).await;
    scene.house.server.advance(minutes(2 * 1440)).await;
    scene.send(&Event { sequence: 2, summary: "打ち合わせ", ..weekly }).await;
    assert_eq!((scene.states().await, scene.made().await), (vec!["invited".to_owned(); 3], 1));
});

story!(a_time_that_was_called_off_stays_called_off_when_a_word_is_mended, |scene| {
    let weekly = Event { more: "RRULE:FREQ=WEEKLY;COUNT=4\r\n".to_owned(), ..scene.event(1440) };
    scene.send(&weekly).await;
    let made = scene.visits().await;
    let mut host = scene.house.server.signed_in(&scene.house.host).await;
    let path = format!("/api/v1/visitors/appointments/{}", made[1]["appointment"].as_str().unwrap());
    host.api("DELETE", &path, Value::Null).await.expect(204);
    let mended = Event { sequence: 1, summary: "打ち合わせ", ..weekly.clone() };
    scene.send(&mended).await;
    let states = ["invited", "cancelled", "invited", "invited"];
    assert_eq!(scene.states().await, states);
    // In the calendar itself, which then says the whole rule again.
    let off = scene.visits().await[2]["starts_at"].clone();
    let at = compact(&scene.house.at(2 * 7 * 1440 + 1440 - 2));
    let more = format!("STATUS:CANCELLED\r\nRECURRENCE-ID;TZID=Asia/Tokyo:{at}\r\n");
    scene.send(&Event { sequence: 2, more, ..mended.clone() }).await;
    // Half an hour later, all of them.
    let later = |at: &str| at.replace("T0900", "T0930").replace("T1000", "T1030");
    let moved = Event { sequence: 3, starts: later(&mended.starts), ends: later(&mended.ends), ..mended };
    assert_ne!(moved.starts, weekly.starts);
    scene.send(&moved).await;
    let now = scene.visits().await;
    assert_eq!(scene.states().await, ["invited", "cancelled", "cancelled", "invited"]);
    assert_eq!((&now[2]["starts_at"], scene.made().await), (&off, 1));
    assert!(now[3]["starts_at"] != made[3]["starts_at"] && scene.refusals().await.is_empty());
});

story!(a_time_that_took_place_earlier_is_known, |scene| {
    let weekly = Event { more: "RRULE:FREQ=WEEKLY;COUNT=2\r\n".to_owned(), ..scene.event(8 * 1440) };
    scene.send(&weekly).await;
    let earlier = Event {
        sequence: 1,
        starts: compact(&scene.house.at(1440)),
        ends: compact(&scene.house.at(1500)),
        more: format!("RECURRENCE-ID;TZID=Asia/Tokyo:{}\r\n", weekly.starts),
        ..weekly.clone()
    };
    scene.send(&earlier).await;
    scene.house.server.advance(minutes(2 * 1440)).await;
    scene.send(&Event { sequence: 2, summary: "打ち合わせ", ..weekly }).await;
    assert_eq!(
        (scene.states().await, scene.made().await),
        (vec!["no_show".to_owned(), "invited".to_owned()], 1)
    );
});

story!(a_series_that_is_over_goes_on, |scene| {
    let daily = Event { more: "RRULE:FREQ=DAILY;COUNT=2\r\n".to_owned(), ..scene.event(60) };
    scene.send(&daily).await;
    scene.house.server.advance(minutes(2 * 1440)).await;
    let more = Event { sequence: 1, more: "RRULE:FREQ=DAILY;COUNT=4\r\n".to_owned(), ..daily };
    scene.send(&more).await;
    assert!(scene.refusals().await.is_empty(), "{:?}", scene.refusals().await);
    assert_eq!(scene.states().await, ["no_show", "no_show", "invited", "invited"]);
});

story!(one_time_that_came_before_its_series_is_part_of_it, |scene| {
    let weekly = Event { more: "RRULE:FREQ=WEEKLY;COUNT=3\r\n".to_owned(), ..scene.event(1440) };
    let one =
        Event { more: format!("RECURRENCE-ID;TZID=Asia/Tokyo:{}\r\n", weekly.starts), ..weekly.clone() };
    scene.send(&one).await;
    assert_eq!(scene.states().await, ["invited"]);
    scene.send(&Event { sequence: 1, ..weekly.clone() }).await;
    let mut states = scene.states().await;
    states.sort();
    assert_eq!(states, ["cancelled", "invited", "invited", "invited"]);
    scene.send(&Event { method: "CANCEL", sequence: 2, ..weekly }).await;
    assert_eq!(scene.states().await, ["cancelled"; 4]);
});
