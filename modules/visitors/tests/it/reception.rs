//! The desk: admitting, refusing, waving in, checking out, and the end of the day.

use sekisho_testkit::{hours, minutes};
use serde_json::{Value, json};

use crate::scene::Scene;

fn act(visit: &Value, act: &str) -> String {
    format!("/api/v1/visitors/visits/{}/{act}", visit.as_str().unwrap())
}

story!(a_guest_arrives_is_let_in_and_leaves, |scene| {
    let made = scene.made(scene.body(30)).await;
    let visit = &made["visits"][0]["id"];
    let pass = scene.pass(&made).await;
    let mut desk = scene.desk().await;
    assert_eq!(scene.shows(&mut desk, scene.tokyo, "pass", pass["pass"].as_str().unwrap()).await.0, 200);
    let mut host = scene.server.signed_in(&scene.host).await;
    host.api("POST", &act(visit, "admit"), Value::Null).await.expect(204);
    desk.api("POST", &act(visit, "admit"), Value::Null).await.expect(422);
    desk.api("POST", &act(visit, "refuse"), Value::Null).await.expect(422);
    scene.pass_time(minutes(5));
    desk.api("POST", &act(visit, "check-out"), Value::Null).await.expect(204);
    host.api("POST", &act(visit, "check-out"), Value::Null).await.expect(204);
    let row = scene.visit(visit).await;
    assert_eq!(
        (&row["state"], &row["left_how"], &row["arrived_how"]),
        (&json!("left"), &json!("desk"), &json!("desk"))
    );
    let facts = scene.facts().await;
    let want = ["appointment_made", "arrived", "admitted", "left"].map(|fact| format!("visitors.{fact}"));
    assert_eq!(facts, want, "each is told once, also when it is done twice");
});

story!(the_desk_lets_in_whoever_comes_without_a_pass_or_too_late_and_refuses_whom_it_must, |scene| {
    let unseen = scene.made(scene.body(30)).await["visits"][0]["id"].clone();
    let unwanted = scene.made(scene.body(30)).await;
    let mut desk = scene.desk().await;
    desk.api("POST", &act(&unseen, "admit"), Value::Null).await.expect(204);
    let row = scene.visit(&unseen).await;
    assert_eq!((&row["state"], &row["arrived_how"]), (&json!("admitted"), &json!("desk")));
    let pass = scene.pass(&unwanted).await;
    let visit = &unwanted["visits"][0]["id"];
    desk.api("POST", &act(visit, "refuse"), Value::Null).await.expect(204);
    assert_eq!(scene.shows(&mut desk, scene.tokyo, "pass", pass["pass"].as_str().unwrap()).await.0, 422);
    desk.api("POST", &act(visit, "admit"), Value::Null).await.expect(422);
    let late = scene.made(scene.body(60)).await["visits"][0]["id"].clone();
    scene.server.advance(hours(3)).await;
    assert_eq!(scene.visit(&late).await["state"], "no_show");
    desk.api("POST", &act(&late, "admit"), Value::Null).await.expect(204);
});

story!(people_are_waved_in_by_number, |scene| {
    let mut desk = scene.desk().await;
    let body = json!({ "site": scene.tokyo, "host": scene.host.person, "count": 4, "kind": "contractor" });
    let made = desk.api("POST", "/api/v1/visitors/wave-in", body.clone()).await.expect(201).json();
    let row = scene.visit(&made["id"]).await;
    assert_eq!(
        (&row["state"], &row["companions"], &row["name"]),
        (&json!("admitted"), &json!(3), &json!(""))
    );
    let mut host = scene.server.signed_in(&scene.host).await;
    host.api("POST", "/api/v1/visitors/wave-in", body).await.expect(403);
    for count in [0, 101] {
        let body = json!({ "site": scene.tokyo, "count": count });
        desk.api("POST", "/api/v1/visitors/wave-in", body).await.expect(422);
    }
    desk.api("POST", &act(&made["id"], "check-out"), Value::Null).await.expect(204);
    assert_eq!(scene.visit(&made["id"]).await["left_how"], "desk");
});

story!(the_end_of_the_day_checks_out_who_is_forgotten_and_keeps_the_reason, |scene| {
    let stays = scene.made(scene.body(30)).await;
    let never_comes = scene.made(scene.body(40)).await["visits"][0]["id"].clone();
    let pass = scene.pass(&stays).await;
    let mut desk = scene.desk().await;
    scene.shows(&mut desk, scene.tokyo, "pass", pass["pass"].as_str().unwrap()).await;
    let visit = &stays["visits"][0]["id"];
    // The appointment is over, the day is not.
    let zone = sekisho_web::zone_of("Asia/Tokyo");
    let now = scene.server.cx().now.to_jiff().to_zoned(zone.clone());
    let midnight = now.date().tomorrow().unwrap().to_zoned(zone).unwrap();
    let left = midnight.timestamp().as_second() - now.timestamp().as_second();
    assert!(left > 3 * 3600, "the clock of tests stands in the middle of a day");
    scene.server.advance(hours(2)).await;
    assert_eq!(scene.visit(&never_comes).await["state"], "no_show");
    assert_eq!(scene.visit(visit).await["state"], "arrived");
    scene.server.advance(std::time::Duration::from_secs(u64::try_from(left).unwrap())).await;
    let row = scene.visit(visit).await;
    assert_eq!((&row["state"], &row["left_how"]), (&json!("left"), &json!("end_of_day")));
    assert_eq!(scene.facts().await.iter().filter(|fact| *fact == "visitors.left").count(), 1);
});

story!(of_a_visit_of_many_days_each_day_ends_on_its_own_and_a_night_does_not, |scene| {
    let zone = sekisho_web::zone_of("Asia/Tokyo");
    let now = scene.server.cx().now.to_jiff().to_zoned(zone.clone());
    let midnight = now.date().tomorrow().unwrap().to_zoned(zone).unwrap();
    let left = (midnight.timestamp().as_second() - now.timestamp().as_second()) / 60;
    let mut long = scene.body(10);
    long["ends"] = json!(scene.at(5 * 24 * 60));
    let mut night = scene.body(left - 60);
    night["ends"] = json!(scene.at(left + 6 * 60));
    let mut desk = scene.desk().await;
    let long = scene.made(long).await["visits"][0]["id"].clone();
    let night = scene.made(night).await["visits"][0]["id"].clone();
    let early = scene.made(scene.body(4 * 24 * 60)).await["visits"][0]["id"].clone();
    for visit in [&long, &early] {
        desk.api("POST", &act(visit, "admit"), Value::Null).await.expect(204);
    }
    scene.server.advance(minutes(u64::try_from(left).unwrap() - 30)).await;
    let mut desk = scene.desk().await;
    desk.api("POST", &act(&night, "admit"), Value::Null).await.expect(204);
    for visit in [&long, &early, &night] {
        assert_eq!(scene.visit(visit).await["state"], "admitted");
    }
    scene.server.advance(minutes(40)).await;
    for (visit, state) in [(&long, "left"), (&early, "left"), (&night, "admitted")] {
        assert_eq!(scene.visit(visit).await["state"], state);
    }
});

/// The secret of the buttons in the newest message to `who` that has some.
pub async fn buttons(scene: &Scene, who: &str) -> String {
    let mails = scene.server.foundation().notify.mailbox(&scene.server.cx(), 50).await.unwrap();
    let mut links = mails.iter().filter(|mail| mail.recipient.contains(who)).flat_map(|mail| &mail.links.0);
    let url = links.find_map(|(_, url)| url.split_once("/act/")).unwrap().1;
    url.split('.').next().unwrap().to_owned()
}

story!(the_host_hears_who_was_let_in_and_by_whom_unless_it_was_themselves, |scene| {
    let mut desk = scene.desk().await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let own = scene.made(scene.body(30)).await["visits"][0]["id"].clone();
    host.api("POST", &act(&own, "admit"), Value::Null).await.expect(204);
    scene.server.settle().await;
    let told = async |words: &str| {
        let told = scene.told("host@").await;
        told.into_iter().filter(|one| one.contains(words)).count()
    };
    assert_eq!(told("入館").await, 0, "they know");
    let made = scene.made(scene.body(30)).await;
    let visit = &made["visits"][0]["id"];
    // By hand, without a pass: the host is asked as after a pass.
    desk.api("POST", &act(visit, "arrive"), Value::Null).await.expect(204);
    let row = scene.visit(visit).await;
    assert_eq!((&row["state"], &row["arrived_how"]), (&json!("arrived"), &json!("desk")));
    scene.server.settle().await;
    let secret = buttons(&scene, "host@").await;
    desk.api("POST", &act(visit, "admit"), Value::Null).await.expect(204);
    scene.server.settle().await;
    assert_eq!((told("お見え").await, told("山田 太郎 様が入館されました").await), (1, 1));
    let mail = scene.mailbox().await.into_iter().find(|mail| mail.contains("入館されました")).unwrap();
    assert!(mail.contains("受付：desk"), "{mail}");
    // The buttons of the message say so, too, and do nothing.
    let page = scene.server.stranger().post(&format!("/act/{secret}.4"), &[]).await;
    assert!(page.text.contains("desk さんがすでに対応しました"), "{}", page.text);
    assert_eq!(scene.visit(visit).await["state"], "admitted");
    // Whoever is waved in, likewise; and nobody hears of a stranger's arrival by hand.
    let body = json!({ "site": scene.tokyo, "host": scene.host.person, "count": 3 });
    desk.api("POST", "/api/v1/visitors/wave-in", body).await.expect(201);
    scene.server.settle().await;
    assert!(scene.mailbox().await.iter().any(|mail| mail.contains("来訪者（3名）")));
    let other = scene.server.colleague("other").await;
    let visit = &scene.made(scene.body(30)).await["visits"][0]["id"];
    scene.server.signed_in(&other).await.api("POST", &act(visit, "arrive"), Value::Null).await.expect(404);
});

story!(who_lets_a_guest_in_by_a_button_answers_for_everybody_who_was_asked, |scene| {
    let deputy = scene.server.colleague("deputy").await;
    let mut body = scene.body(30);
    body["deputies"] = json!([deputy.person]);
    let visit = &scene.made(body).await["visits"][0]["id"];
    let mut desk = scene.desk().await;
    desk.api("POST", &act(visit, "arrive"), Value::Null).await.expect(204);
    scene.server.settle().await;
    scene.server.advance(minutes(3)).await;
    let (host, deputy) = (buttons(&scene, "host@").await, buttons(&scene, "deputy@").await);
    scene.server.stranger().post(&format!("/act/{deputy}.3"), &[]).await.ok();
    assert_eq!(scene.visit(visit).await["state"], "admitted");
    let page = scene.server.stranger().post(&format!("/act/{host}.1"), &[]).await;
    assert!(page.text.contains("deputy さんが先に"), "{}", page.text);
    let own = scene.server.stranger().post(&format!("/act/{deputy}.3"), &[]).await;
    assert!(own.text.contains("回答済み"), "{}", own.text);
    scene.server.settle().await;
    assert!(
        scene.told("host@").await.iter().any(|one| one.contains("入館されました")),
        "the deputy let them in"
    );
});

story!(whoever_was_asked_reads_who_refused_the_guest_or_saw_them_go, |scene| {
    let deputy = scene.server.colleague("deputy").await;
    let mut body = scene.body(30);
    body["deputies"] = json!([deputy.person]);
    let mut desk = scene.desk().await;
    for (how, state) in [("refuse", "refused"), ("check-out", "left"), ("button", "refused")] {
        let visit = &scene.made(body.clone()).await["visits"][0]["id"];
        desk.api("POST", &act(visit, "arrive"), Value::Null).await.expect(204);
        scene.server.settle().await;
        scene.server.advance(minutes(3)).await;
        let (host, deputy) = (buttons(&scene, "host@").await, buttons(&scene, "deputy@").await);
        let said = match how {
            "button" => {
                scene.server.stranger().post(&format!("/act/{deputy}.4"), &[]).await.ok();
                "deputy さんが先に"
            }
            act_of_desk => {
                desk.api("POST", &act(visit, act_of_desk), Value::Null).await.expect(204);
                "desk さんがすでに対応しました"
            }
        };
        let page = scene.server.stranger().post(&format!("/act/{host}.1"), &[]).await;
        assert!(page.text.contains(said), "{how}: {}", page.text);
        assert_eq!(scene.visit(visit).await["state"], state);
    }
});
