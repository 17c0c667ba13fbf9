//! Several at once: two who book, and a visit that changes while its keys are booked or moved.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use super::*;

story!(twice_the_same_is_one_booking, |scene| {
    let (_, visit, _) = scene.planned(60).await;
    let keys = format!("{visit}/keys");
    let (mut one, mut other) = (scene.client().await, scene.client().await);
    let (first, second) = tokio::join!(one.api("POST", &keys, van()), other.api("POST", &keys, van()));
    let mut answers = [first.status.as_u16(), second.status.as_u16()];
    answers.sort_unstable();
    assert_eq!(answers, [201, 422]);
    let again = one.api("POST", &keys, van()).await.expect(422);
    assert!(again.text.contains("すでに鍵が予約されています"), "{}", again.text);
    assert_eq!(scene.port.standing_now().await.len(), 1);
    assert_eq!(scene.rows().await.len(), 1);
    one.api("DELETE", &keys, Value::Null).await.expect(204);
    one.api("DELETE", &keys, Value::Null).await.expect(404);
});

story!(a_visit_that_changes_while_keys_are_booked_gets_none, |scene| {
    let (appointment, visit, address) = scene.planned(60).await;
    let keys = format!("{visit}/keys");
    scene.port.gated.store(true, Ordering::SeqCst);
    let (mut booking, mut other) = (scene.client().await, scene.client().await);
    let meanwhile = async {
        scene.port.came.notified().await;
        other.api("DELETE", &appointment, Value::Null).await.expect(204);
        scene.port.go.notify_one();
    };
    let (answer, ()) = tokio::join!(booking.api("POST", &keys, van()), meanwhile);
    answer.expect(409);
    assert!(scene.port.standing_now().await.is_empty(), "{:?}", scene.port.kept.lock().await);
    assert!(scene.port.kept.lock().await.values().all(|kept| kept.guest.is_none()));
    assert!(!scene.page(&address).await.contains(CODE));
    // Moved meanwhile: booked again, for the time it has now.
    let (appointment, visit, address) = scene.planned(60).await;
    let keys = format!("{visit}/keys");
    let meanwhile = async {
        scene.port.came.notified().await;
        other.api("PUT", &appointment, scene.body(90)).await.expect(204);
        scene.port.go.notify_one();
    };
    let (answer, ()) = tokio::join!(booking.api("POST", &keys, van()), meanwhile);
    answer.expect(409);
    assert!(scene.port.standing_now().await.is_empty());
    scene.port.gated.store(false, Ordering::SeqCst);
    booking.api("POST", &keys, van()).await.expect(201);
    assert!(scene.page(&address).await.contains(CODE));
});

story!(a_visit_that_changed_and_whose_keys_did_not_follow_gets_none, |scene| {
    for method in ["PUT", "DELETE"] {
        let (appointment, visit, address) = scene.planned(60).await;
        let keys = format!("{visit}/keys");
        scene.port.gated.store(true, Ordering::SeqCst);
        let (mut booking, mut other) = (scene.client().await, scene.client().await);
        let body = if method == "PUT" { scene.body(90) } else { Value::Null };
        let meanwhile = async {
            scene.port.came.notified().await;
            // Nothing comes through to the keys, so that nobody but who books can see to it.
            scene.port.dead.store(true, Ordering::SeqCst);
            other.api(method, &appointment, body).await.expect(204);
            scene.port.dead.store(false, Ordering::SeqCst);
            scene.port.go.notify_one();
        };
        let (answer, ()) = tokio::join!(booking.api("POST", &keys, van()), meanwhile);
        answer.expect(409);
        assert!(scene.port.standing_now().await.is_empty(), "{method}");
        assert!(!scene.page(&address).await.contains(CODE), "{method}");
        assert!(scene.codes_told().await.is_empty(), "{method}");
        scene.port.gated.store(false, Ordering::SeqCst);
    }
});

story!(a_booking_that_took_longer_than_the_job_waits_gets_none, |scene| {
    let (_, visit, address) = scene.planned(60).await;
    let keys = format!("{visit}/keys");
    scene.port.gated.store(true, Ordering::SeqCst);
    let mut booking = scene.client().await;
    let meanwhile = async {
        scene.port.came.notified().await;
        scene.server.advance(minutes(2)).await;
        scene.port.go.notify_one();
    };
    let (answer, ()) = tokio::join!(booking.api("POST", &keys, van()), meanwhile);
    answer.expect(409);
    assert!(scene.port.standing_now().await.is_empty());
    assert!(!scene.page(&address).await.contains(CODE));
    assert!(scene.codes_told().await.is_empty());
});

story!(of_two_who_move_a_visit_at_once_the_guest_hears_the_time_that_holds, |scene| {
    let (appointment, visit, _) = scene.planned(60).await;
    let (mut one, mut other) = (scene.client().await, scene.client().await);
    one.api("POST", &format!("{visit}/keys"), van()).await.expect(201);
    assert_eq!(scene.codes_told().await.len(), 1);
    // The keys of who moved it first are the last to follow.
    scene.port.gated_once.store(true, Ordering::SeqCst);
    let (first, second) = (scene.body(120), scene.body(180));
    let meanwhile = async {
        scene.port.came.notified().await;
        other.api("PUT", &appointment, second).await.expect(204);
        scene.port.go.notify_one();
    };
    let (answer, ()) = tokio::join!(one.api("PUT", &appointment, first), meanwhile);
    answer.expect(204);
    let told = scene.codes_told().await;
    let holds = scene.at(180).split_once('T').unwrap().1.to_owned();
    assert!(told.len() == 2 && told[1].contains(&holds), "{holds}: {told:?}");
    scene.server.advance(minutes(2)).await;
    let row = one.get(&visit).await.expect(200).json();
    let keys = scene.port.standing_now().await[0].time;
    assert_eq!(serde_json::to_value(keys.starts_at).unwrap(), row["starts_at"]);
    assert_eq!(scene.codes_told().await.len(), 2, "they know");
});

async fn keep_for_a_day(scene: &Scene) {
    let mut admin = scene.server.administrator().await;
    scene.server.prove(&mut admin).await;
    let rules = json!({ "guest": { "remove_after_days": 1 }, "interview": { "remove_after_days": 1 } });
    admin.api("PUT", "/api/v1/visitors/retention", rules).await.expect(204);
}

story!(whoever_comes_while_their_visit_is_being_removed_stays, |scene| {
    let (_, visit, _) = scene.planned(60).await;
    scene.client().await.api("POST", &format!("{visit}/keys"), van()).await.expect(201);
    scene.server.advance(hours(3)).await;
    keep_for_a_day(&scene).await;
    scene.pass_time(hours(30));
    let mut desk = scene.desk().await;
    scene.port.asked_once.store(true, Ordering::SeqCst);
    let meanwhile = async {
        scene.port.came.notified().await;
        assert_eq!(desk.get(&visit).await.expect(200).json()["state"], "no_show");
        desk.api("POST", &format!("{visit}/arrive"), Value::Null).await.expect(204);
        scene.port.go.notify_one();
    };
    tokio::join!(scene.server.settle(), meanwhile);
    let row = desk.get(&visit).await.expect(200).json();
    assert_eq!((row["state"].as_str(), row["name"].as_str()), (Some("arrived"), Some("山田 太郎")));
    assert!(!scene.record().await.contains(&"visit.remove".to_owned()));
    let kept = scene.port.kept.lock().await;
    assert!(kept.values().all(|kept| kept.guest.is_none()), "the removal had begun: {kept:?}");
});

story!(what_cannot_be_removed_now_keeps_nothing_else, |scene| {
    let (_, with_keys, _) = scene.planned(60).await;
    scene.client().await.api("POST", &format!("{with_keys}/keys"), van()).await.expect(201);
    let mut body = scene.body(60);
    body["kind"] = json!("interview");
    let without = scene.made(body).await["visits"][0]["id"].as_str().unwrap().to_owned();
    scene.server.advance(hours(3)).await;
    keep_for_a_day(&scene).await;
    scene.port.dead.store(true, Ordering::SeqCst);
    scene.server.advance(hours(30)).await;
    let mut desk = scene.desk().await;
    desk.get(&with_keys).await.expect(200);
    desk.get(&format!("/api/v1/visitors/visits/{without}")).await.expect(404);
});
