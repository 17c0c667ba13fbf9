//! The keys of a visit follow it.

use sekisho_keys::tables::words::BookingState;
use sekisho_testkit::{hours, minutes, story};
use sekisho_visitors::pass::spaced;
use serde_json::{Value, json};

use super::scene::{Planned, Scene, is_off};

story!(keys_move_with_the_visit, |scene| {
    let planned = scene.visit_with(60, scene.van).await;
    let code = scene.code().await;
    let mut host = scene.host().await;
    let booking = format!("/api/v1/key-bookings/{}", scene.bookings().await.pop().unwrap().id);
    let seen = host.get(&booking).await.expect(200).headers["etag"].to_str().unwrap().to_owned();
    host.api("PUT", &planned.appointment, scene.body(180)).await.expect(204);
    // Whoever saw it at the old time has not seen what it is.
    let mut late = host.clone().with_header("if-match", &seen);
    late.api("DELETE", &booking, Value::Null).await.expect(412);
    // At once, and by the code they had.
    let visit = host.get(&planned.visit).await.expect(200).json();
    let keys = host.get(&planned.keys()).await.expect(200).json();
    assert_eq!((&keys["starts_at"], &keys["ends_at"]), (&visit["starts_at"], &visit["ends_at"]));
    assert_eq!(scene.code().await, code);
    assert!(scene.page(&planned).await.contains(&spaced(&code)));
    scene.server.settle().await;
    let codes = async || {
        scene.server.settle().await;
        let mails = scene.told("yamada@").await;
        mails.iter().filter(|mail| mail.contains(&spaced(&code))).count()
    };
    assert_eq!(codes().await, 2);
    // Moved back, and once more: each time the guest hears when they are now.
    for (mails, minutes) in [(3, 60), (4, 180)] {
        host.api("PUT", &planned.appointment, scene.body(minutes)).await.expect(204);
        assert_eq!(codes().await, mails);
    }
    let mails = scene.told("yamada@").await;
    // The job that is left in case nothing more was done finds nothing to do.
    scene.server.advance(minutes(61)).await;
    let record = scene.record().await;
    assert_eq!(record.iter().filter(|act| *act == "key.move_booking").count(), 3, "{record:?}");
    assert_eq!(record.iter().filter(|act| *act == "visit.move_keys").count(), 3, "{record:?}");
    assert_eq!(scene.told("yamada@").await.len(), mails.len());
    assert_eq!(scene.opens(&code).await, Err("not_yet".to_owned()));
    // The time that was left is free for others, and the old end does not end it.
    let other = scene.visit(1).await;
    scene.books(&mut host, &other, &[scene.van]).await.expect(201);
    scene.server.advance(minutes(121)).await;
    assert_eq!(scene.opens(&code).await, Ok(vec!["社用車3号".to_owned()]));
    // The new end does.
    scene.server.advance(hours(2)).await;
    assert!(scene.bookings().await.iter().all(|row| row.state == BookingState::Over));
    let mut host = scene.host().await;
    // What is changed without another time leaves them alone.
    let alike = scene.visit_with(300, scene.store_room).await;
    let mut body = scene.body(300);
    body["place"] = json!("3階 会議室A");
    host.api("PUT", &alike.appointment, body).await.expect(204);
    assert_eq!(host.get(&alike.keys()).await.expect(200).json()["state"], "booked");
});

story!(keys_that_cannot_come_along_are_called_off_and_the_host_is_told, |scene| {
    // Somebody else has the van at the new time.
    let planned = scene.visit_with(60, scene.van).await;
    let code = scene.code().await;
    let mut host = scene.host().await;
    let rival = json!({
        "keys": [scene.van], "guest_name": "別の 客", "starts": scene.at(200), "ends": scene.at(260),
    });
    let mut admin = scene.server.administrator().await;
    let rival = admin.api("POST", "/api/v1/key-bookings", rival).await.expect(201).json();
    host.api("PUT", &planned.appointment, scene.body(190)).await.expect(204);
    scene.server.settle().await;
    let visit = host.get(&planned.visit).await.expect(200).json();
    let keys = scene.bookings().await;
    assert_eq!(
        keys.iter().map(|row| row.state).collect::<Vec<_>>(),
        [BookingState::Cancelled, BookingState::Booked]
    );
    assert_ne!(serde_json::to_value(keys[0].starts_at).unwrap(), visit["starts_at"], "the visit moved alone");
    assert_eq!(scene.opens(&code).await, Err("wrong_code".to_owned()));
    assert!(!scene.page(&planned).await.contains(&spaced(&code)));
    let told = scene.told("host@").await.join("\n");
    assert!(told.contains("鍵の予約が取り消されました") && told.contains("ほかの予約が入っている"), "{told}");
    let guest = scene.told("yamada@").await.join("\n");
    assert!(guest.contains("予約コードはお使いいただけません"), "{guest}");
    assert_eq!(scene.opens(rival["code"].as_str().unwrap()).await, Err("not_yet".to_owned()));

    // A deputy may move the visit, and has no right to the keys.
    let planned = scene.visit_with(60, scene.store_room).await;
    let code = scene.code().await;
    let deputy = scene.server.colleague("deputy").await;
    let mut body = scene.body(60);
    body["deputies"] = json!([deputy.person]);
    host.api("PUT", &planned.appointment, body).await.expect(204);
    assert_eq!(scene.bookings().await.pop().unwrap().state, BookingState::Booked);
    let mut body = scene.body(180);
    (body["host"], body["deputies"]) = (json!(scene.host.person), json!([deputy.person]));
    scene.server.signed_in(&deputy).await.api("PUT", &planned.appointment, body).await.expect(204);
    is_off(&scene, &planned, &code).await;
    assert_eq!(scene.opens(&code).await, Err("wrong_code".to_owned()));
    scene.server.settle().await;
    let told = scene.told("host@").await.pop().unwrap();
    assert!(told.contains("予約する権限がない") && told.contains("機械室"), "{told}");
    // And the host books again.
    scene.books(&mut host, &planned, &[scene.store_room]).await.expect(201);
    assert!(scene.page(&planned).await.contains(&spaced(&scene.code().await)));

    // A key that was taken before stays with its holder, due when it was.
    let planned = scene.visit_with(30, scene.van).await;
    let code = scene.code().await;
    scene.server.advance(minutes(31)).await;
    scene.takes_van(&code).await;
    host.api("PUT", &planned.appointment, scene.body(400)).await.expect(204);
    is_off(&scene, &planned, &code).await;
    scene.server.settle().await;
    assert!(scene.told("host@").await.pop().unwrap().contains("すでに持ち出されていた"));
    assert!(scene.page(&planned).await.contains("鍵はお手元にあります"));
    let van = admin.get(&format!("/api/v1/keys/{}", scene.van)).await.expect(200).json();
    assert_eq!((&van["state"], &van["holder_name"]), (&json!("out"), &json!("山田 太郎")));
    let was_until = scene.bookings().await.pop().unwrap().ends_at;
    assert_eq!(van["due"], serde_json::to_value(was_until).unwrap());
});

story!(keys_are_called_off_with_the_visit_whichever_way, |scene| {
    let mut host = scene.host().await;
    // The appointment as a whole.
    let planned = scene.visit_with(60, scene.van).await;
    let code = scene.code().await;
    host.api("DELETE", &planned.appointment, Value::Null).await.expect(204);
    is_off(&scene, &planned, &code).await;
    assert_eq!(scene.opens(&code).await, Err("wrong_code".to_owned()));
    scene.server.settle().await;
    let told = scene.told("yamada@").await.pop().unwrap();
    assert!(told.contains("ご来訪の取り消し"), "the visit's own mail says it: {told}");
    // One guest of it.
    let planned = scene.visit_with(60, scene.van).await;
    let code = scene.code().await;
    host.api("DELETE", &planned.visit, Value::Null).await.expect(204);
    is_off(&scene, &planned, &code).await;
    // The guest, on their page.
    let planned = scene.visit_with(60, scene.van).await;
    let code = scene.code().await;
    scene.server.stranger().post(&format!("{}/cancel", planned.address), &[]).await.expect(303);
    is_off(&scene, &planned, &code).await;
    // The guest is refused at the reception.
    let planned = scene.visit_with(60, scene.van).await;
    let code = scene.code().await;
    let mut desk = scene.server.signed_in(&scene.desk).await;
    desk.api("POST", &format!("{}/refuse", planned.visit), Value::Null).await.expect(204);
    is_off(&scene, &planned, &code).await;
    // By the button in the message of the arrival.
    let planned = scene.visit_with(60, scene.van).await;
    let code = scene.code().await;
    desk.api("POST", &format!("{}/arrive", planned.visit), Value::Null).await.expect(204);
    scene.server.settle().await;
    let mails = scene.server.foundation().notify.mailbox(&scene.server.cx(), 50).await.unwrap();
    let mut links =
        mails.iter().filter(|mail| mail.recipient.contains("host@")).flat_map(|mail| &mail.links.0);
    let button = links.find_map(|(_, url)| url.split_once("/act/")).unwrap().1;
    let secret = button.split('.').next().unwrap();
    scene.server.stranger().post(&format!("/act/{secret}.4"), &[]).await.ok();
    is_off(&scene, &planned, &code).await;
    // The guest has another mail address: whoever read the old mail gets nothing.
    let planned = scene.visit_with(60, scene.van).await;
    let other = json!({ "name": "山田 太郎", "mail": "taro@midori.example" });
    host.api("PUT", &format!("{}/guest", planned.visit), other).await.expect(204);
    let newest = scene.bookings().await.pop().unwrap();
    assert_eq!((newest.state, newest.live_code), (BookingState::Cancelled, None));
    scene.server.stranger().get(&planned.address).await.expect(404);
    scene.server.settle().await;
    assert!(scene.told("host@").await.pop().unwrap().contains("来訪者の情報"));
    // The visit is at another site.
    let planned = scene.visit_with(60, scene.van).await;
    let code = scene.code().await;
    let mut body = scene.body(60);
    body["site"] = json!(scene.osaka);
    host.api("PUT", &planned.appointment, body).await.expect(204);
    is_off(&scene, &planned, &code).await;
    scene.server.settle().await;
    let told = scene.told("host@").await.pop().unwrap();
    assert!(told.contains("拠点が変更"), "{told}");
    let told = scene.told("yamada@").await.concat();
    assert!(told.contains("予約コードはお使いいただけません"), "{told}");
    // The keys alone.
    let planned = scene.visit_with(60, scene.van).await;
    let code = scene.code().await;
    host.api("DELETE", &planned.keys(), Value::Null).await.expect(204);
    host.api("DELETE", &planned.keys(), Value::Null).await.expect(404);
    is_off(&scene, &planned, &code).await;
    scene.server.settle().await;
    assert!(scene.told("yamada@").await.pop().unwrap().contains("鍵の予約の取り消し"));
    // Also a guest without an address reads it, and the planner.
    assert!(scene.page(&planned).await.contains("鍵の予約は取り消されました"));
    assert_eq!(host.get(&planned.keys()).await.expect(200).json()["state"], "called_off");
    let page = host.get(&planned.appointment.replace("/api/v1", "")).await.ok();
    assert!(page.contains("取り消し済み") && page.contains("鍵を予約"), "{page}");
    assert_eq!(host.get(&planned.visit).await.expect(200).json()["state"], "invited");
    // Where the keys are kept: the page says so, and others can be booked.
    let planned = scene.visit_with(60, scene.van).await;
    let id = scene.bookings().await.pop().unwrap().id;
    let code = scene.code().await;
    host.api("DELETE", &format!("/api/v1/key-bookings/{id}"), Value::Null).await.expect(204);
    is_off(&scene, &planned, &code).await;
    assert!(scene.page(&planned).await.contains("鍵の予約は取り消されました"));
    assert_eq!(host.get(&planned.keys()).await.expect(200).json()["state"], "called_off");
    // There is nothing left to call off, and nobody to be told once more.
    scene.server.settle().await;
    let told = scene.told("yamada@").await.len();
    host.api("DELETE", &planned.keys(), Value::Null).await.expect(404);
    scene.server.settle().await;
    assert_eq!(scene.told("yamada@").await.len(), told);
    scene.books(&mut host, &planned, &[scene.store_room]).await.expect(201);
    assert_eq!(host.get(&planned.keys()).await.expect(200).json()["state"], "booked");
});

story!(keys_follow_a_series_that_is_moved_and_called_off, |scene| {
    let mut host = scene.host().await;
    let series = async || {
        let mut body = scene.body(120);
        body["repeat"] = json!({ "rule": "FREQ=DAILY;COUNT=3" });
        scene.host().await.api("POST", "/api/v1/visitors/appointments", body).await.expect(201).json()
    };
    // The visits of its second and third day.
    let later = async |made: &Value| {
        let mut later = Vec::new();
        for day in 1..3 {
            let id = made["series"]["occurrences"][day]["id"].as_str().unwrap();
            let appointment = format!("/api/v1/visitors/appointments/{id}");
            let visit =
                scene.host().await.get(&appointment).await.expect(200).json()["visits"][0]["id"].clone();
            let visit = format!("/api/v1/visitors/visits/{}", visit.as_str().unwrap());
            later.push(Planned { appointment, visit, address: String::new() });
        }
        later
    };
    let states = async |days: &[Planned]| {
        let mut states = Vec::new();
        for day in days {
            let answer = scene.host().await.get(&day.keys()).await;
            states.push((answer.status.as_u16(), answer.json()["state"].clone()));
        }
        states
    };
    let booked = (200, json!("booked"));
    let made = series().await;
    let days = later(&made).await;
    scene.books(&mut host, &days[0], &[scene.van]).await.expect(201);
    scene.books(&mut host, &days[1], &[scene.van]).await.expect(201);
    assert_eq!(states(&days).await, [booked.clone(), booked.clone()]);
    // Both are moved by an hour with their days.
    let mut body = scene.body(120);
    let tomorrow = |minutes: i64| scene.at(minutes + 24 * 60);
    (body["starts"], body["ends"]) = (json!(tomorrow(180)), json!(tomorrow(240)));
    host.api("PUT", &format!("{}/following", days[0].appointment), body).await.expect(204);
    for day in &days {
        let visit = host.get(&day.visit).await.expect(200).json();
        let keys = host.get(&day.keys()).await.expect(200).json();
        assert_eq!((&keys["starts_at"], &keys["ends_at"]), (&visit["starts_at"], &visit["ends_at"]));
    }
    // One guest of what follows is taken off; then everything that follows is called off.
    host.api("DELETE", &format!("{}/following", days[1].visit), Value::Null).await.expect(204);
    let off = |state: &(u16, Value)| *state != booked;
    let now = states(&days).await;
    assert!(!off(&now[0]) && off(&now[1]), "{now:?}");
    host.api("DELETE", &format!("{}/following", days[0].appointment), Value::Null).await.expect(204);
    assert!(states(&days).await.iter().all(off));
    assert!(scene.bookings().await.iter().all(|row| row.state == BookingState::Cancelled));
    // The guest calls off all that is to come.
    let made = series().await;
    let days = later(&made).await;
    scene.books(&mut host, &days[1], &[scene.van]).await.expect(201);
    let page = made["visits"][0]["address"].as_str().unwrap();
    scene.server.stranger().post(&format!("{page}/cancel"), &[("which", "all")]).await.expect(303);
    assert!(scene.bookings().await.iter().all(|row| row.state == BookingState::Cancelled));
});
