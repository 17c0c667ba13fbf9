//! What follows one appointment of a series is changed, by whoever may change all of it.

use std::collections::BTreeSet;

use sekisho_places::NewSite;
use sekisho_testkit::minutes;
use serde_json::{Value, json};

use crate::scene::Scene;
use crate::series::{begins, form, mondays, nth, on_day, passes};

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

story!(who_is_here_keeps_the_visit_as_it_was_when_the_series_moves, |scene| {
    let made = scene.made(on_day(&scene, "2026-11-22", "FREQ=DAILY;COUNT=2")).await;
    let admit = format!("/api/v1/visitors/visits/{}/admit", made["visits"][0]["id"].as_str().unwrap());
    scene.desk().await.api("POST", &admit, Value::Null).await.expect(204);
    let mut host = scene.server.signed_in(&scene.host).await;
    let mut body = form(&mut host, &nth(&made, 0)).await;
    (body["starts"], body["ends"]) = (json!("2026-11-22T10:30"), json!("2026-11-22T11:30"));
    host.api("PUT", &format!("{}/following", nth(&made, 0)), body).await.expect(204);
    for (place, starts) in [(0, "2026-11-22T01:00:00Z"), (1, "2026-11-23T01:30:00Z")] {
        let row = host.get(&nth(&made, place)).await.expect(200).json();
        assert_eq!(row["visits"][0]["starts_at"], starts, "{row}");
    }
});

story!(what_was_called_off_or_is_over_is_in_the_way_of_nothing, |scene| {
    let made = scene.made(on_day(&scene, "2026-11-22", "FREQ=DAILY;COUNT=5")).await;
    let mut host = scene.server.signed_in(&scene.host).await;
    host.api("DELETE", &nth(&made, 2), Value::Null).await.expect(204);
    // The fourth goes to where the third was.
    let mut body = form(&mut host, &nth(&made, 3)).await;
    (body["starts"], body["ends"]) = (json!("2026-11-24T10:00"), json!("2026-11-24T11:00"));
    host.api("PUT", &format!("{}/following", nth(&made, 3)), body).await.expect(204);
    // The first is over: the second may take a part of its time.
    scene.pass_time(minutes(150));
    let mut body = form(&mut host, &nth(&made, 1)).await;
    (body["starts"], body["ends"]) = (json!("2026-11-22T10:30"), json!("2026-11-22T12:00"));
    host.api("PUT", &format!("{}/following", nth(&made, 1)), body).await.expect(204);
    let want =
        ["2026-11-22T10:00", "2026-11-22T10:30", "2026-11-24T10:00", "2026-11-23T10:30", "2026-11-24T10:30"];
    assert_eq!(begins(&mut host, &made).await, want);
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
    assert_eq!((&row["series"]["number"], &row["series"]["count"]), (&json!(2), &json!(4)));
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
        // The last of them, of which the others take the first before it.
        let last = one.get(&nth(&made, 5)).await.expect(200).json()["visits"][0]["id"].clone();
        let visit = format!("/api/v1/visitors/visits/{}/guest", last.as_str().unwrap());
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
        scene.server.settle().await;
        let mut rows = Vec::new();
        for place in 0..6 {
            rows.push(one.get(&nth(&made, place)).await.expect(200).json());
        }
        if answers.0.status.as_u16() == 204 {
            assert!(rows[2..].iter().all(|row| row["place"] == "5階"), "{rows:?}");
        }
        let theirs = |row: &Value, name: &str| {
            let visits = row["visits"].as_array().unwrap().clone();
            visits.into_iter().filter(|visit| visit["name"] == name).collect::<Vec<_>>()
        };
        if answers.1.status.as_u16() == 201 {
            assert!(rows[1..].iter().all(|row| theirs(row, "鈴木 花子").len() == 1), "{rows:?}");
        }
        // Every visit of the first guest is off, whichever came first: nothing that was called off came back. Was the address
        // corrected before, the page leads nowhere.
        if answers.3.status.as_u16() == 303 {
            let first = rows.iter().flat_map(|row| theirs(row, "山田 太郎"));
            let states: BTreeSet<String> = first.map(|visit| visit["state"].to_string()).collect();
            assert_eq!(states, BTreeSet::from(["\"cancelled\"".to_owned()]));
        } else {
            assert_eq!(answers.3.status.as_u16(), 404);
        }
    }
});

story!(what_follows_is_moved_to_a_site_with_another_clock, |scene| {
    let york = NewSite {
        name: "New York".to_owned(),
        address: "1 Broadway".to_owned(),
        zone: "America/New_York".to_owned(),
    };
    let york = scene.server.foundation().places.open_site(&scene.server.cx(), &york).await.unwrap();
    let mut body = mondays(&scene, 3);
    body["site"] = json!(york);
    let made = scene.made(body).await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let mut body = form(&mut host, &nth(&made, 1)).await;
    body["site"] = json!(scene.tokyo);
    host.api("PUT", &format!("{}/following", nth(&made, 1)), body).await.expect(204);
    let mut at = Vec::new();
    for place in 0..3 {
        let row = host.get(&nth(&made, place)).await.expect(200).json();
        at.push([row["zone"].clone(), row["starts"].clone(), row["visits"][0]["starts_at"].clone()]);
    }
    // The same hour on the clock, which is another moment.
    let want = [
        ["America/New_York", "2026-11-23T10:00", "2026-11-23T15:00:00Z"],
        ["Asia/Tokyo", "2026-11-30T10:00", "2026-11-30T01:00:00Z"],
        ["Asia/Tokyo", "2026-12-07T10:00", "2026-12-07T01:00:00Z"],
    ];
    assert_eq!(at, want.map(|row| row.map(|word| json!(word))));
});
