//! Due times, reminders and lateness by the virtual clock.

use sekisho_keys::KeyForm;
use sekisho_keys::due::DueRule;
use sekisho_policy::Right;
use sekisho_testkit::{hours, minutes};
use sekisho_wire::EventKind;

use crate::scene::{ENGINES, Scene};

async fn due_after(scene: &Scene, minutes: u32) {
    let form = KeyForm {
        name: "Van 3".into(),
        fob: Some("FOB-VAN".into()),
        home_box: Some(scene.place),
        home_bin: Some(1),
        due: DueRule::After { minutes },
        ..KeyForm::default()
    };
    sekisho_keys::edit_key(&scene.keys, &scene.server.cx(), scene.van, form).await.unwrap();
}

#[tokio::test]
async fn reminded_before_told_when_late_and_again_until_it_is_back() {
    for engine in ENGINES {
        let scene = Scene::on(engine).await;
        due_after(&scene, 120).await;
        let sato = scene.person("sato", Right::Exchange, Scene::on_key(scene.van)).await;
        scene.takes(sato, scene.van, "FOB-VAN", 1).await;
        let count = |facts: &[String], name: &str| facts.iter().filter(|fact| *fact == name).count();
        scene.server.advance(minutes(89)).await;
        assert_eq!(count(&scene.facts().await, "keys.due_soon"), 0);
        scene.server.advance(minutes(2)).await;
        assert_eq!(count(&scene.facts().await, "keys.due_soon"), 1);
        assert_eq!(scene.key(scene.van).await["state"], "due_soon");
        scene.server.advance(minutes(30)).await;
        assert_eq!(count(&scene.facts().await, "keys.overdue"), 1);
        assert_eq!(scene.key(scene.van).await["state"], "late");
        scene.server.advance(minutes(16)).await;
        assert_eq!(count(&scene.facts().await, "keys.overdue"), 2);
        let managers = scene.mailbox().await.join("\n");
        assert!(
            managers.contains("admin@acme.test"),
            "from the second step on managers hear of it: {managers}"
        );
        scene.tells(EventKind::KeyInserted { bin: 1, fob: "FOB-VAN".into(), command: None }).await;
        scene.server.advance(hours(48)).await;
        assert_eq!(count(&scene.facts().await, "keys.overdue"), 2, "nothing is told after the return");
    }
}

#[tokio::test]
async fn a_server_that_slept_tells_once_not_ten_times() {
    let scene = Scene::on(ENGINES[0]).await;
    due_after(&scene, 60).await;
    let sato = scene.person("sato", Right::Exchange, Scene::on_key(scene.van)).await;
    scene.takes(sato, scene.van, "FOB-VAN", 1).await;
    scene.server.advance(hours(80)).await;
    let late = scene.facts().await.iter().filter(|fact| *fact == "keys.overdue").count();
    assert_eq!(late, 1);
}

#[tokio::test]
async fn outside_the_hours_taking_is_refused_and_returning_is_not() {
    use sekisho_policy::{NewGrant, Subject};
    let scene = Scene::on(ENGINES[0]).await;
    let sato = scene.server.colleague("sato").await.person;
    let cx = scene.server.cx();
    let foundation = scene.server.foundation();
    let mut tx = foundation.store.begin(&cx).await.unwrap();
    let grant = NewGrant {
        valid_until: Some(cx.now.plus(hours(1))),
        ..NewGrant::always(Subject::Person(sato), Right::Exchange, Scene::on_key(scene.van))
    };
    foundation.policy.grant(&mut tx, grant).await.unwrap();
    tx.commit_bookkeeping("test").await.unwrap();
    scene.takes(sato, scene.van, "FOB-VAN", 1).await;
    scene.server.advance(hours(2)).await;
    scene.tells(EventKind::KeyInserted { bin: 1, fob: "FOB-VAN".into(), command: None }).await;
    assert_eq!(scene.key(scene.van).await["state"], "in");
    assert!(scene.releases(sato, scene.van).await.is_err());
}
