//! The guard is asked about whoever is marked: by the desk of that site, whoever else lets the guest in.

use sekisho_policy::Right;
use serde_json::{Value, json};

use crate::reception::buttons;
use crate::scene::Scene;
use crate::tablet::Tablet;
use crate::watch::{ENTRIES, HERE, expected, listed, mark, told_of_guard, visit_path};

const PASSED: &str = "守衛への確認なしに来訪者が入館しました";

story!(who_is_not_let_in_straight_away_is_told_of_once, |scene| {
    let visit = expected(&scene, "佐藤 花子", 30).await["visits"][0]["id"].clone();
    listed(&scene, &["佐藤 花子"], &[]).await;
    let mut desk = scene.desk().await;
    for _ in 0..2 {
        desk.api("POST", &visit_path(&visit, "/admit"), Value::Null).await.expect(422);
        scene.server.settle().await;
        assert_eq!(told_of_guard(&scene, "admin@").await, [HERE]);
    }
    desk.api("POST", &visit_path(&visit, "/admit?guard_asked=true"), Value::Null).await.expect(204);
    scene.server.settle().await;
    assert_eq!(told_of_guard(&scene, "desk@").await, [HERE]);
});

story!(after_a_host_let_a_guest_in_the_desk_says_that_the_guard_was_asked, |scene| {
    listed(&scene, &["佐藤 花子"], &[]).await;
    let visit = expected(&scene, "佐藤 花子", 30).await["visits"][0]["id"].clone();
    let other = expected(&scene, "鈴木 一郎", 30).await["visits"][0]["id"].clone();
    let mut desk = scene.desk().await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let asked = visit_path(&visit, "/guard-asked");
    for visit in [&visit, &other] {
        host.api("POST", &visit_path(visit, "/arrive"), Value::Null).await.expect(204);
    }
    // Whoever is not let in yet is asked about by letting them in.
    desk.api("POST", &asked, Value::Null).await.expect(404);
    for visit in [&visit, &other] {
        host.api("POST", &visit_path(visit, "/admit"), Value::Null).await.expect(204);
    }
    assert!(mark(&mut desk, &visit).await["asked_at"].is_null());
    let page = asked.replace("/api/v1", "");
    assert!(desk.get("/visitors?show=here").await.ok().contains(&format!("\"{page}\"")));
    assert!(!host.get("/visitors?show=here").await.ok().contains("guard-asked"));
    // For the host there is no such thing, marked or not.
    let (_, mut globex) = scene.server.other_tenant("globex").await;
    for visit in [&visit, &other] {
        let path = visit_path(visit, "/guard-asked");
        let answers =
            [host.api("POST", &path, Value::Null).await, globex.api("POST", &path, Value::Null).await];
        assert!(answers.iter().all(|answer| answer.status.as_u16() == 404));
    }
    desk.post(&page, &[]).await.expect(303);
    assert!(mark(&mut desk, &visit).await["asked_at"].is_string());
    desk.api("POST", &asked, Value::Null).await.expect(404);
    desk.api("POST", &visit_path(&other, "/guard-asked"), Value::Null).await.expect(404);
    let record = scene.record().await;
    assert_eq!(record.iter().filter(|act| *act == "watch.guard_asked").count(), 1, "{record:?}");
    assert!(!desk.get("/visitors?show=here").await.ok().contains("guard-asked"));
});

story!(the_desk_of_another_site_sees_as_little_as_any_host, |scene| {
    scene.grant(scene.host.person, Right::Manage, scene.osaka).await;
    listed(&scene, &["佐藤 花子"], &[]).await;
    let visit = expected(&scene, "佐藤 花子", 30).await["visits"][0]["id"].clone();
    let mut tablet = Tablet::at(&scene, scene.tokyo, "1階ロビー").await;
    let whom = tablet.call(&scene, "/terminal/api/hosts", json!({ "q": "host" })).await.expect(200).json();
    let parcel = json!({ "carrier": "佐藤 花子", "whom": whom["items"][0]["ref"] });
    tablet.call(&scene, "/terminal/api/delivery", parcel).await.expect(200);
    let mut host = scene.server.signed_in(&scene.host).await;
    assert_eq!(mark(&mut host, &visit).await, Value::Null);
    for page in ["/visitors", "/visitors/deliveries"] {
        let page = host.get(page).await.ok();
        assert!(page.contains("佐藤 花子") && !page.contains("守衛"), "{page}");
    }
    let rows = host.get("/api/v1/visitors/deliveries").await.expect(200).json();
    assert!(rows["items"][0]["ask_guard"].is_null(), "{rows}");
    host.api("POST", &visit_path(&visit, "/admit"), Value::Null).await.expect(204);
    scene.server.settle().await;
    assert!(told_of_guard(&scene, "host@").await.is_empty());
    assert!(told_of_guard(&scene, "desk@").await.contains(&PASSED.to_owned()));
});

story!(a_button_lets_in_for_a_host_and_not_for_the_desk, |scene| {
    listed(&scene, &["佐藤 花子"], &[]).await;
    for (who, person, state) in
        [("host@", scene.host.person, "admitted"), ("desk@", scene.desk.person, "arrived")]
    {
        let mut body = scene.body(30);
        body["guests"] = json!([{ "name": "佐藤 花子" }]);
        body["host"] = json!(person);
        let made = scene.made(body).await;
        let pass = scene.pass(&made).await;
        let mut desk = scene.desk().await;
        let shown = scene.shows(&mut desk, scene.tokyo, "pass", pass["pass"].as_str().unwrap()).await;
        assert_eq!(shown.0, 200);
        scene.server.settle().await;
        let before = told_of_guard(&scene, "admin@").await.iter().filter(|one| *one == PASSED).count();
        let secret = buttons(&scene, who).await;
        let said = scene.server.stranger().post(&format!("/act/{secret}.3"), &[]).await;
        assert_eq!(said.text.contains("守衛に確認してください"), state == "arrived", "{who}: {}", said.text);
        assert_eq!(scene.visit(&made["visits"][0]["id"]).await["state"], state, "{who}");
        scene.server.settle().await;
        let after = told_of_guard(&scene, "admin@").await.iter().filter(|one| *one == PASSED).count();
        assert_eq!(after - before, usize::from(state == "admitted"), "{who}");
    }
});

story!(whoever_is_in_and_gets_another_name_is_asked_about_only_for_what_is_new, |scene| {
    listed(&scene, &["佐藤 花子"], &[]).await;
    let visit = expected(&scene, "佐藤 花子", 30).await["visits"][0]["id"].clone();
    let mut desk = scene.desk().await;
    desk.api("POST", &visit_path(&visit, "/arrive"), Value::Null).await.expect(204);
    desk.api("POST", &visit_path(&visit, "/admit?guard_asked=true"), Value::Null).await.expect(204);
    let asked_at = mark(&mut desk, &visit).await["asked_at"].clone();
    assert!(asked_at.is_string());
    let mut known = desk.get(&visit_path(&visit, "/guest")).await.expect(200).json();
    known["name"] = json!("佐藤　花子 様");
    desk.api("PUT", &visit_path(&visit, "/guest"), known.clone()).await.expect(204);
    assert_eq!(mark(&mut desk, &visit).await["asked_at"], asked_at);
    let mut admin = scene.server.administrator().await;
    let more = json!({ "names": ["山本 葉子"], "reason": "x" });
    admin.api("POST", ENTRIES, more).await.expect(201);
    known["name"] = json!("山本 葉子");
    desk.api("PUT", &visit_path(&visit, "/guest"), known).await.expect(204);
    assert!(mark(&mut desk, &visit).await["asked_at"].is_null(), "about the other entry nobody was asked");
});
