//! Keys follow their visit, and whoever has to hear of it does: also where the answer is lost, the server dies, or the time of the
//! keys is over.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use super::*;

story!(a_booking_whose_answer_is_lost_is_shown_to_nobody_and_called_off, |scene| {
    let (_, visit, address) = scene.planned(60).await;
    let mut host = scene.client().await;
    let keys = format!("{visit}/keys");
    // Booked, and neither that nor the calling off is heard of.
    scene.port.deaf.store(true, Ordering::SeqCst);
    let broken = host.api("POST", &keys, van()).await;
    assert!(broken.status.is_server_error(), "{}", broken.status);
    assert!(!scene.page(&address).await.contains(CODE));
    host.get(&keys).await.expect(404);
    // The server died in between: only that it was asked for stands in the table.
    scene.port.deaf.store(false, Ordering::SeqCst);
    for kept in scene.port.kept.lock().await.values_mut() {
        kept.called_off = false;
    }
    assert_eq!(scene.port.standing_now().await.len(), 1, "at worst, keys that nobody shows");
    assert!(!scene.page(&address).await.contains(CODE));
    host.api("POST", &keys, van()).await.expect(422);
    scene.server.advance(minutes(2)).await;
    assert!(scene.port.standing_now().await.is_empty());
    assert!(!scene.told("yamada@").await.iter().any(|subject| subject.contains("鍵")), "nobody heard of it");
    assert!(!scene.page(&address).await.contains("鍵"), "nor reads that anything was called off");
    host.get(&keys).await.expect(404);
    // And now they can be booked.
    host.api("POST", &keys, van()).await.expect(201);
    assert!(scene.page(&address).await.contains(CODE));
    assert_eq!(scene.port.standing_now().await.len(), 1);
    scene.server.advance(minutes(2)).await;
    assert_eq!(scene.port.standing_now().await.len(), 1, "what came about stays");
});

story!(what_a_server_that_dies_leaves_undone_a_job_does, |scene| {
    let (appointment, visit, address) = scene.planned(60).await;
    let mut host = scene.client().await;
    host.api("POST", &format!("{visit}/keys"), van()).await.expect(201);
    // The visit is moved, and the keys do not hear of it.
    scene.port.dead.store(true, Ordering::SeqCst);
    host.api("PUT", &appointment, scene.body(180)).await.expect(204);
    scene.port.dead.store(false, Ordering::SeqCst);
    let before = scene.port.standing_now().await[0].time;
    scene.server.advance(minutes(2)).await;
    let row = host.get(&visit).await.expect(200).json();
    let after = scene.port.standing_now().await[0].time;
    assert_ne!(before, after);
    assert_eq!(serde_json::to_value(after.starts_at).unwrap(), row["starts_at"]);
    assert_eq!(
        *scene.port.movers.lock().await,
        [Some(scene.stage.host.person)],
        "as whoever moved the visit"
    );
    // The visit is called off, and the keys do not hear of it: nobody is shown them all the same.
    scene.port.dead.store(true, Ordering::SeqCst);
    host.api("DELETE", &appointment, Value::Null).await.expect(204);
    scene.port.dead.store(false, Ordering::SeqCst);
    assert_eq!(scene.port.standing_now().await.len(), 1);
    assert!(!scene.page(&address).await.contains(CODE));
    scene.server.advance(minutes(2)).await;
    assert!(scene.port.standing_now().await.is_empty());
    // The guest is erased, and the keys do not hear of it.
    let guest = host.get(&visit).await.expect(200).json()["guest"].as_str().unwrap().to_owned();
    let mut admin = scene.server.administrator().await;
    scene.port.dead.store(true, Ordering::SeqCst);
    let guest = format!("/api/v1/visitors/guests/{guest}");
    scene.server.prove(&mut admin).await;
    admin.api("DELETE", &guest, Value::Null).await.expect(204);
    scene.port.dead.store(false, Ordering::SeqCst);
    assert!(scene.port.kept.lock().await.values().all(|kept| kept.guest.is_some()));
    scene.server.advance(minutes(2)).await;
    assert!(scene.port.kept.lock().await.values().all(|kept| kept.guest.is_none()));
    assert!(scene.rows().await.is_empty());
});

story!(keys_that_are_moved_back_are_told_again, |scene| {
    let (appointment, visit, _) = scene.planned(60).await;
    let mut host = scene.client().await;
    host.api("POST", &format!("{visit}/keys"), van()).await.expect(201);
    for (mails, minutes) in [(2, 180), (3, 60)] {
        host.api("PUT", &appointment, scene.body(minutes)).await.expect(204);
        assert_eq!(scene.codes_told().await.len(), mails);
    }
});

story!(what_a_server_that_dies_leaves_unsaid_the_job_says, |scene| {
    let (appointment, visit, _) = scene.planned(60).await;
    let mut host = scene.client().await;
    host.api("POST", &format!("{visit}/keys"), van()).await.expect(201);
    assert_eq!(scene.codes_told().await.len(), 1);
    // The keys are moved with the visit, and the server dies before it can say so.
    scene.port.deaf.store(true, Ordering::SeqCst);
    host.api("PUT", &appointment, scene.body(180)).await.expect(204);
    scene.port.deaf.store(false, Ordering::SeqCst);
    assert_eq!(scene.codes_told().await.len(), 1);
    let moves = async || scene.record().await.iter().filter(|act| *act == "visit.move_keys").count();
    assert_eq!(moves().await, 0);
    scene.server.advance(minutes(2)).await;
    assert_eq!((scene.codes_told().await.len(), moves().await), (2, 1));
    // Once.
    let mut body = scene.body(178);
    body["place"] = json!("3階 会議室B");
    host.api("PUT", &appointment, body).await.expect(204);
    scene.server.advance(minutes(2)).await;
    assert_eq!((scene.codes_told().await.len(), moves().await), (2, 1));
});

story!(what_a_server_that_dies_called_off_the_job_tells_of, |scene| {
    let (appointment, visit, address) = scene.planned(60).await;
    let mut host = scene.client().await;
    host.api("POST", &format!("{visit}/keys"), van()).await.expect(201);
    scene.port.deaf.store(true, Ordering::SeqCst);
    let mut body = scene.body(60);
    body["site"] = json!(scene.osaka);
    host.api("PUT", &appointment, body).await.expect(204);
    scene.port.deaf.store(false, Ordering::SeqCst);
    assert!(scene.port.standing_now().await.is_empty());
    scene.server.settle().await;
    assert!(!scene.mails("host@").await.concat().contains("来訪に伴う鍵"));
    scene.server.advance(minutes(2)).await;
    let told = scene.mails("host@").await.concat();
    assert!(told.contains("来訪に伴う鍵の予約が取り消されました") && told.contains("拠点が変更"), "{told}");
    let told = scene.mails("yamada@").await.concat();
    assert!(told.contains("予約コードはお使いいただけません"), "{told}");
    assert!(!scene.page(&address).await.contains(CODE));
    assert!(scene.record().await.contains(&"visit.call_off_keys other_site".to_owned()));
    assert!(scene.rows().await.iter().all(|row| row.live_visit.is_none()));
});

story!(a_late_guest_gets_no_keys_for_nothing_and_everybody_hears_of_it, |scene| {
    let (appointment, visit, address) = scene.planned(60).await;
    let mut host = scene.client().await;
    let keys = format!("{visit}/keys");
    host.api("POST", &keys, van()).await.expect(201);
    // The keys are over, nobody has looked at the visit since, and the guest comes later all the same.
    scene.pass_time(minutes(121));
    let mut host = scene.client().await;
    host.api("PUT", &appointment, scene.body(60)).await.expect(204);
    scene.server.settle().await;
    let told = scene.mails("host@").await.concat();
    assert!(told.contains("鍵の予約が終了したか、取り消されていた"), "{told}");
    let told = scene.mails("yamada@").await.concat();
    assert!(told.contains("予約コードはお使いいただけません"), "{told}");
    assert!(scene.record().await.contains(&"visit.call_off_keys ended".to_owned()));
    assert_eq!(host.get(&keys).await.expect(200).json()["state"], "called_off");
    host.api("DELETE", &keys, Value::Null).await.expect(404);
    host.api("POST", &keys, van()).await.expect(201);
    assert!(scene.page(&address).await.contains(CODE));
});

story!(who_has_the_key_of_a_booking_that_was_called_off_reads_so, |scene| {
    let (_, visit, address) = scene.planned(60).await;
    let mut host = scene.client().await;
    let keys = format!("{visit}/keys");
    host.api("POST", &keys, van()).await.expect(201);
    scene.port.out.store(true, Ordering::SeqCst);
    host.api("DELETE", &keys, Value::Null).await.expect(204);
    assert!(scene.page(&address).await.contains("鍵はお手元にあります"));
    assert_eq!(host.get(&keys).await.expect(200).json()["state"], "out");
    scene.port.out.store(false, Ordering::SeqCst);
    assert!(scene.page(&address).await.contains("鍵の予約は取り消されました"));
    assert_eq!(host.get(&keys).await.expect(200).json()["state"], "called_off");
});

story!(host_and_booker_hear_that_keys_did_not_come_along, |scene| {
    let (appointment, visit, _) = scene.planned(60).await;
    scene.desk().await.api("POST", &format!("{visit}/keys"), van()).await.expect(201);
    scene.port.stuck.store(true, Ordering::SeqCst);
    scene.client().await.api("PUT", &appointment, scene.body(180)).await.expect(204);
    scene.server.settle().await;
    for who in ["host@", "desk@"] {
        let told = scene.mails(who).await.concat();
        let once = told.matches("来訪に伴う鍵の予約が取り消されました").count();
        assert!(once >= 1 && told.contains("ほかの予約が入っている"), "{who}: {told}");
    }
});
