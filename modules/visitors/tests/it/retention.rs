//! How long visits are kept: for ever, until somebody says otherwise; then each goes in its time, and no other.

use sea_orm::{ColumnTrait as _, Condition};
use sekisho_notify::tables::notify_deliveries::{self, Column as Told};
use sekisho_storage::Scoped as _;
use sekisho_testkit::hours;
use sekisho_visitors::tables::{
    self, appointments, deputies, guest_words, guests, registrations, retention, series, visits,
};
use serde_json::{Value, json};

use crate::printer::Printer;
use crate::scene::{Scene, id};
use crate::tablet::Tablet;
use crate::{asked, badges, registration, watch};

const RULES: &str = "/api/v1/visitors/retention";

async fn keep(scene: &Scene, rules: Value) {
    let mut admin = scene.server.administrator().await;
    scene.server.prove(&mut admin).await;
    admin.api("PUT", RULES, rules).await.expect(204);
}

async fn days_pass(scene: &Scene, days: u64) {
    scene.server.advance(hours(24 * days)).await;
}

/// A visit of today that nobody came to, of that kind.
async fn missed(scene: &Scene, kind: &str) -> Value {
    let mut body = scene.body(30);
    body["kind"] = json!(kind);
    body["deputies"] = json!([scene.desk.person]);
    let made = scene.made(body).await;
    made["visits"][0]["id"].clone()
}

story!(nothing_goes_unless_somebody_says_so, |scene| {
    let visit = missed(&scene, "guest").await;
    let mut admin = scene.server.administrator().await;
    assert_eq!(admin.get(RULES).await.expect(200).json()["guest"]["forget_after_days"], Value::Null);
    days_pass(&scene, 20 * 365).await;
    let row = scene.visit(&visit).await;
    assert_eq!((row["name"].as_str(), row["state"].as_str()), (Some("山田 太郎"), Some("no_show")));
});

story!(a_guest_is_forgotten_when_the_last_of_their_visits_is_old_enough, |scene| {
    keep(&scene, json!({ "guest": { "forget_after_days": 90 }, "interview": { "forget_after_days": 200 } }))
        .await;
    let visit = missed(&scene, "guest").await;
    let candidate = missed(&scene, "interview").await;
    let contractor = {
        let mut body = scene.body(30);
        body["kind"] = json!("contractor");
        body["guests"] = json!([{ "name": "鈴木 花子", "mail": "suzuki@midori.example" }]);
        scene.made(body).await["visits"][0]["id"].clone()
    };
    days_pass(&scene, 91).await;
    assert_eq!(scene.visit(&visit).await["name"], "山田 太郎", "their interview is not old enough");
    days_pass(&scene, 108).await;
    assert_eq!(scene.visit(&visit).await["name"], "山田 太郎", "a day is missing");
    days_pass(&scene, 2).await;
    for visit in [&visit, &candidate] {
        let row = scene.visit(visit).await;
        assert_eq!((row["name"].as_str(), row["state"].as_str()), (Some(""), Some("no_show")), "it stays");
    }
    assert_eq!(scene.visit(&contractor).await["name"], "鈴木 花子", "of contractors nothing was said");
    let erased = scene.facts().await.into_iter().filter(|fact| fact == "visitors.guest_erased").count();
    assert_eq!(erased, 1);
    assert!(scene.record().await.contains(&"guest.erase".to_owned()));
});

story!(whoever_comes_again_is_remembered, |scene| {
    keep(&scene, json!({ "guest": { "forget_after_days": 90 } })).await;
    let first = missed(&scene, "guest").await;
    days_pass(&scene, 60).await;
    let mut later = scene.body(30);
    later["ends"] = json!(scene.at(90));
    let second = scene.made(later).await["visits"][0]["id"].clone();
    days_pass(&scene, 60).await;
    assert_eq!(scene.visit(&first).await["name"], "山田 太郎", "the first is old enough, the second is not");
    days_pass(&scene, 31).await;
    assert_eq!(scene.visit(&second).await["name"], "");
});

story!(a_visit_is_removed_with_all_that_hangs_on_it, |scene| {
    keep(&scene, json!({ "guest": { "forget_after_days": 90, "remove_after_days": 730 } })).await;
    let mut body = scene.body(30);
    body["deputies"] = json!([scene.desk.person]);
    body["repeat"] = json!({ "rule": "FREQ=WEEKLY;COUNT=3" });
    registration::ask(&scene, json!({ "fields": registration::fields() })).await;
    let made = scene.made(body).await;
    let page = registration::program(&registration::page(&scene, &made).await, "registration");
    let given = registration::answers(&[(1, "車"), (3, "no")]);
    scene.server.stranger().api("PUT", &page, given).await.expect(204);
    let contractor = missed(&scene, "contractor").await;
    days_pass(&scene, 731).await;
    assert_eq!(scene.visit(&contractor).await["name"], "山田 太郎", "they are still known as a contractor");
    let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    // Of the series the first visit is old enough, the other two are not, so the series stays.
    assert_eq!(scope.find::<visits::Entity>().count().await.unwrap(), 3);
    assert_eq!(scope.find::<appointments::Entity>().count().await.unwrap(), 3);
    assert_eq!(scope.find::<series::Entity>().count().await.unwrap(), 1);
    drop(scope);
    days_pass(&scene, 20).await;
    let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    assert_eq!(scope.find::<visits::Entity>().count().await.unwrap(), 1);
    assert_eq!(scope.find::<appointments::Entity>().count().await.unwrap(), 1);
    assert_eq!(scope.find::<deputies::Entity>().count().await.unwrap(), 1);
    assert_eq!(scope.find::<series::Entity>().count().await.unwrap(), 0);
    assert_eq!(scope.find::<registrations::Entity>().count().await.unwrap(), 0);
    assert_eq!(scope.find::<guests::Entity>().count().await.unwrap(), 1, "the guest has another visit");
    drop(scope);
    keep(&scene, json!({ "contractor": { "remove_after_days": 750 } })).await;
    days_pass(&scene, 1).await;
    let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    assert_eq!(scope.find::<visits::Entity>().count().await.unwrap(), 0);
    assert_eq!(scope.find::<guests::Entity>().count().await.unwrap(), 0, "nothing is left of them");
    assert_eq!(scope.find::<guest_words::Entity>().count().await.unwrap(), 0);
    drop(scope);
    let gone = contractor.as_str().unwrap();
    let mut host = scene.server.signed_in(&scene.host).await;
    host.get(&format!("/api/v1/visitors/visits/{gone}")).await.expect(404);
    let removed = scene.record().await.into_iter().filter(|act| act == "visit.remove").count();
    assert_eq!(removed, 3, "the record keeps that something was removed");
    assert!(scene.facts().await.contains(&"visitors.guest_erased".to_owned()));
});

story!(what_was_asked_found_printed_and_told_of_a_visit_goes_with_it, |scene| {
    keep(&scene, json!({ "guest": { "remove_after_days": 1 } })).await;
    Printer::off().registered(&scene, false).await;
    watch::listed(&scene, &["飛び込 花子"], &[]).await;
    let member = scene.server.colleague("member").await;
    asked::offer(&scene, asked::department(&scene, "総務部", &[member.person]).await).await;
    let mut tablet = Tablet::at(&scene, scene.tokyo, "1階ロビー").await;
    let hello = tablet.call(&scene, "/terminal/api/hello", json!({})).await.expect(200).json();
    let whom = &hello["settings"]["departments"][0]["ref"];
    let body = json!({ "name": "飛び込 花子", "purpose": "名刺交換", "whom": whom });
    tablet.call(&scene, "/terminal/api/walk-in", body).await.expect(200);
    let mut desk = scene.desk().await;
    let list = desk.get("/api/v1/visitors/visits").await.expect(200).json();
    let visit = &list["items"][0]["id"];
    badges::wish(&mut desk, visit).await;
    scene.server.settle().await;
    // As a message stands that never went out.
    let about = Told::AboutId.eq(id(visit).uuid());
    let tx = scene.server.foundation().store.begin(&scene.server.cx()).await.unwrap();
    let message = tx.update::<notify_deliveries::Entity>().filter(about.clone());
    message.set(Told::State, "dead").set(Told::Content, vec![1_u8]).exec().await.unwrap();
    tx.commit_bookkeeping("test").await.unwrap();
    let hanging = async || {
        let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
        let words = Condition::all().add(about.clone()).add(Told::Content.ne(Vec::<u8>::new()));
        [
            scope.find::<tables::asked::Entity>().count().await.unwrap(),
            scope.find::<tables::walk_ins::Entity>().count().await.unwrap(),
            scope.find::<tables::watch_marks::Entity>().count().await.unwrap(),
            scope.find::<tables::printed_badges::Entity>().count().await.unwrap(),
            scope.find::<notify_deliveries::Entity>().filter(words).count().await.unwrap(),
        ]
    };
    let before = hanging().await;
    assert!(before.iter().all(|count| *count > 0), "{before:?}");
    days_pass(&scene, 3).await;
    assert_eq!(hanging().await, [0; 5]);
});

story!(a_guest_who_is_here_is_not_forgotten_and_their_visit_stays, |scene| {
    keep(&scene, json!({ "guest": { "forget_after_days": 1, "remove_after_days": 1 } })).await;
    let made = scene.made(scene.body(30)).await;
    let mut desk = scene.desk().await;
    let visit = made["visits"][0]["id"].as_str().unwrap();
    desk.api("POST", &format!("/api/v1/visitors/visits/{visit}/admit"), Value::Null).await.expect(204);
    scene.pass_time(hours(72));
    // The end of the day comes after the round here: nobody was checked out yet.
    let cx = scene.server.cx();
    let rules = json!({ "guest": { "forget_after_days": 1, "remove_after_days": 1 } });
    let rules = serde_json::from_value(rules).unwrap();
    let by = scene.server.foundation().identity.administrator(&cx).await.unwrap();
    let would = sekisho_visitors::retention::would_go(&scene.visitors, &cx, by, &rules).await.unwrap();
    assert_eq!((would.guests, would.visits), (0, 0), "who is here is not of the past");
});

story!(rules_are_looked_at_before_they_are_set, |scene| {
    missed(&scene, "guest").await;
    missed(&scene, "interview").await;
    days_pass(&scene, 100).await;
    let mut admin = scene.server.administrator().await;
    let rehearsal = format!("{RULES}/rehearsal");
    let rules = json!({ "guest": { "forget_after_days": 30, "remove_after_days": 60 },
                        "interview": { "forget_after_days": 30 } });
    let would = admin.api("POST", &rehearsal, rules).await.expect(200).json();
    assert_eq!(would, json!({ "guests": 1, "visits": 1 }));
    for (rules, guests, visits) in [
        (json!({ "guest": { "remove_after_days": 60 }, "interview": { "remove_after_days": 60 } }), 1, 2),
        (json!({ "guest": { "forget_after_days": 30 }, "interview": { "remove_after_days": 60 } }), 1, 1),
        (json!({ "guest": { "remove_after_days": 60 } }), 0, 1),
    ] {
        let would = admin.api("POST", &rehearsal, rules.clone()).await.expect(200).json();
        assert_eq!(would, json!({ "guests": guests, "visits": visits }), "{rules}");
    }
    let rules = json!({ "guest": { "forget_after_days": 30 } });
    let would = admin.api("POST", &rehearsal, rules).await.expect(200).json();
    assert_eq!(would, json!({ "guests": 0, "visits": 0 }), "as a candidate they are kept for ever");
    for wrong in [
        json!({ "guest": { "forget_after_days": 0 } }),
        json!({ "guest": { "remove_after_days": 36_501 } }),
        json!({ "guest": { "forget_after_days": 30, "remove_after_days": 29 } }),
    ] {
        admin.api("POST", &rehearsal, wrong.clone()).await.expect(422);
        scene.server.prove(&mut admin).await;
        admin.api("PUT", RULES, wrong).await.expect(422);
    }
    let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    assert_eq!(scope.find::<retention::Entity>().count().await.unwrap(), 0, "nothing was set");
});

story!(the_page_says_what_would_go_and_keeps_what_was_typed, |scene| {
    missed(&scene, "guest").await;
    days_pass(&scene, 100).await;
    let mut admin = scene.server.administrator().await;
    let page = "/settings/visitors/retention";
    let unproven = admin.get(page).await.expect(303);
    assert!(unproven.location().starts_with("/step-up"), "nothing is typed that a proof would lose");
    scene.server.prove(&mut admin).await;
    admin.get(page).await.ok();
    let typed = [("guest_forget", "30"), ("guest_remove", "60"), ("look", "true"), ("version", "0")];
    let looked = admin.post(page, &typed).await.ok();
    assert!(looked.contains("来訪者 1 人") && looked.contains("記録 1 件"), "{looked}");
    assert!(looked.contains("value=\"60\""));
    let refused = admin.post(page, &[("guest_forget", "90"), ("guest_remove", "60")]).await.expect(422);
    assert!(refused.text.contains("同じ日数か"));
    admin.post(page, &[("guest_forget", "30"), ("guest_remove", "60"), ("version", "0")]).await.expect(303);
    let stale = admin.post(page, &[("guest_forget", "31"), ("version", "0")]).await.expect(422);
    assert!(stale.text.contains("先に"), "{}", stale.text);
    scene.server.settle().await;
    let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    assert_eq!(scope.find::<visits::Entity>().count().await.unwrap(), 0);
});
