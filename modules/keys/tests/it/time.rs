//! Due times, reminders and lateness by the virtual clock.

use sekisho_devices::CommandState;
use sekisho_kernel::Timestamp;
use sekisho_keys::due::DueRule;
use sekisho_keys::tables::words::ReturnPolicy;
use sekisho_keys::{BoxForm, KeyForm};
use sekisho_places::NewSite;
use sekisho_policy::{NewGrant, NewSchedule, OnHolidays, Right, Span, Subject, Week};
use sekisho_testkit::{hours, minutes};
use sekisho_wire::EventKind;

use crate::scene::Scene;

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

story!(reminded_before_told_when_late_and_again_until_it_is_back, |scene| {
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
    assert!(managers.contains("admin@acme.test"), "from the second step on managers hear of it: {managers}");
    scene.tells(EventKind::KeyInserted { bin: 1, fob: "FOB-VAN".into(), command: None }).await;
    scene.server.advance(hours(48)).await;
    assert_eq!(count(&scene.facts().await, "keys.overdue"), 2, "nothing is told after the return");
});

story!(a_server_that_slept_tells_once_not_ten_times, |scene| {
    due_after(&scene, 60).await;
    let sato = scene.person("sato", Right::Exchange, Scene::on_key(scene.van)).await;
    scene.takes(sato, scene.van, "FOB-VAN", 1).await;
    scene.server.advance(hours(80)).await;
    let late = scene.facts().await.iter().filter(|fact| *fact == "keys.overdue").count();
    assert_eq!(late, 1);
});

story!(outside_the_hours_taking_is_refused_and_returning_is_not, |scene| {
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
});

fn at(text: &str) -> Timestamp {
    text.parse::<jiff::Timestamp>().unwrap().into()
}

/// The box hangs in New York; 2027-03-14 has no 02:00 to 03:00 there, 2027-11-07 has 01:00 to 02:00 twice.
async fn in_new_york(scene: &Scene) {
    let cx = scene.server.cx();
    let site =
        NewSite { name: "New York".to_owned(), address: String::new(), zone: "America/New_York".to_owned() };
    let site = scene.server.foundation().places.open_site(&cx, &site).await.unwrap();
    let form = BoxForm {
        name: "Box A".to_owned(),
        site: Some(site),
        directions: String::new(),
        bins: 4,
        columns: 2,
        return_policy: ReturnPolicy::FixedBin,
        seen: Default::default(),
    };
    sekisho_keys::edit_box(&scene.keys, &cx, scene.place, form).await.unwrap();
}

story!(hours_are_those_of_the_boxs_wall_clock_when_summer_time_comes_and_goes, |scene| {
    in_new_york(&scene).await;
    let sato = scene.server.colleague("sato").await.person;
    let foundation = scene.server.foundation();
    let mut tx = foundation.store.begin(&scene.server.cx()).await.unwrap();
    let hours = NewSchedule {
        name: "nine to five".to_owned(),
        week: Week::on(&[1, 2, 3, 4, 5, 6, 7], &[Span { from: 9 * 60, to: 17 * 60 }]),
        on_holidays: OnHolidays::default(),
        japan: false,
        calendars: Vec::new(),
    };
    let schedule = Some(foundation.policy.save_schedule(&mut tx, None, hours).await.unwrap());
    let always = NewGrant::always(Subject::Person(sato), Right::Exchange, Scene::on_key(scene.van));
    foundation.policy.grant(&mut tx, NewGrant { schedule, ..always }).await.unwrap();
    tx.commit_bookkeeping("test").await.unwrap();
    for (when, may) in [
        ("2027-03-13T13:59:00Z", false),
        ("2027-03-13T14:00:00Z", true),
        ("2027-03-13T22:00:00Z", false),
        // Summer time: nine o'clock comes an hour earlier.
        ("2027-03-14T12:59:00Z", false),
        ("2027-03-14T13:00:00Z", true),
        ("2027-03-14T20:59:00Z", true),
        ("2027-03-14T21:00:00Z", false),
        ("2027-11-06T13:00:00Z", true),
        // Winter time again.
        ("2027-11-07T13:30:00Z", false),
        ("2027-11-07T14:00:00Z", true),
    ] {
        scene.server.world.set(at(when));
        let released = scene.releases(sato, scene.van).await;
        assert_eq!(released.is_ok(), may, "{when}: {released:?}");
        if let Ok(released) = released {
            // Nobody opens the bin; the next one finds the key there.
            scene.settles(released.command, CommandState::Expired).await;
        }
    }
});

story!(due_by_the_clock_on_the_wall_though_the_night_was_an_hour_short, |scene| {
    in_new_york(&scene).await;
    let form = KeyForm {
        name: "Van 3".into(),
        fob: Some("FOB-VAN".into()),
        home_box: Some(scene.place),
        home_bin: Some(1),
        due: DueRule::At { hour: 9, minute: 0, days: 1 },
        ..KeyForm::default()
    };
    sekisho_keys::edit_key(&scene.keys, &scene.server.cx(), scene.van, form).await.unwrap();
    let sato = scene.person("sato", Right::Exchange, Scene::on_key(scene.van)).await;
    scene.server.world.set(at("2027-03-13T20:00:00Z"));
    scene.takes(sato, scene.van, "FOB-VAN", 1).await;
    // Nine in the morning of the fourteenth, in summer time.
    assert_eq!(scene.key(scene.van).await["due"], "2027-03-14T13:00:00Z");
    scene.server.world.set(at("2027-03-14T12:55:00Z"));
    scene.server.settle().await;
    assert_eq!(scene.key(scene.van).await["state"], "due_soon");
    scene.server.world.set(at("2027-03-14T13:01:00Z"));
    scene.server.settle().await;
    assert_eq!(scene.key(scene.van).await["state"], "late");
    assert!(scene.facts().await.iter().any(|fact| fact == "keys.overdue"));
});
