//! The whole road of a key: released, taken, returned; and everything that can go otherwise.

use sekisho_devices::CommandState;
use sekisho_kernel::{Kind, Kinded};
use sekisho_keys::TakeOutError;
use sekisho_policy::Right;
use sekisho_testkit::minutes;
use sekisho_wire::EventKind;

use crate::scene::Scene;

fn inserted(bin: u16, fob: &str) -> EventKind {
    EventKind::KeyInserted { bin, fob: fob.to_owned(), command: None }
}

fn removed(bin: u16, fob: &str) -> EventKind {
    EventKind::KeyRemoved { bin, fob: Some(fob.to_owned()), command: None }
}

story!(a_key_is_taken_and_returned, |scene| {
    let sato = scene.person("sato", Right::Exchange, Scene::on_key(scene.van)).await;
    scene.takes(sato, scene.van, "FOB-VAN", 1).await;
    let key = scene.key(scene.van).await;
    assert_eq!((key["state"].as_str(), key["holder_name"].as_str()), (Some("out"), Some("sato")), "{key}");
    assert_eq!(scene.open_loans(scene.van).await, 1);

    scene.tells(inserted(1, "FOB-VAN")).await;
    let key = scene.key(scene.van).await;
    assert_eq!((key["state"].as_str(), key["bin"].as_i64()), (Some("in"), Some(1)), "{key}");
    assert_eq!(scene.open_loans(scene.van).await, 0);

    let record = scene.record().await;
    for action in ["key.release", "key.take_out", "key.return"] {
        assert!(record.iter().any(|one| one == action), "{action} in {record:?}");
    }
    let facts = scene.facts().await;
    assert!(facts.contains(&"keys.taken_out".to_owned()) && facts.contains(&"keys.returned".to_owned()));
    scene.server.settle().await;
    let mail = scene.mailbox().await.join("\n");
    assert!(mail.contains("Van 3"), "the holder hears of it: {mail}");
});

story!(of_two_takers_one_wins_and_the_other_is_told, |scene| {
    let sato = scene.person("sato", Right::Exchange, Scene::on_key(scene.van)).await;
    let suzuki = scene.person("suzuki", Right::Exchange, Scene::on_key(scene.van)).await;
    let (first, second) = tokio::join!(scene.releases(sato, scene.van), scene.releases(suzuki, scene.van));
    let refusals: Vec<_> = [first, second].into_iter().filter_map(Result::err).collect();
    assert!(matches!(&refusals[..], [TakeOutError::BeingTaken]), "{refusals:?}");
    assert_eq!(scene.open_loans(scene.van).await, 1);
    assert_eq!(refusals[0].kind(), Kind::Refused);
});

story!(a_release_that_was_not_used_lends_nothing, |scene| {
    let sato = scene.person("sato", Right::Exchange, Scene::on_key(scene.van)).await;
    // the box says it came too late
    let released = scene.releases(sato, scene.van).await.unwrap();
    scene.settles(released.command, CommandState::Expired).await;
    assert_eq!(scene.open_loans(scene.van).await, 0);
    // the bin was closed with the key inside
    let released = scene.releases(sato, scene.van).await.unwrap();
    let command = Some(released.command);
    scene.tells(EventKind::BinOpened { bin: 1, command }).await;
    scene.tells(EventKind::BinClosed { bin: 1, command }).await;
    assert_eq!(scene.open_loans(scene.van).await, 0);
    assert_eq!(scene.key(scene.van).await["state"], "in");
    // nobody ever spoke of it again
    scene.releases(sato, scene.van).await.unwrap();
    scene.server.advance(minutes(1)).await;
    assert_eq!(scene.open_loans(scene.van).await, 0);
    // told late: it was used after all
    let released = scene.releases(sato, scene.van).await.unwrap();
    let then = scene.now();
    scene.server.advance(minutes(5)).await;
    let fob = Some("FOB-VAN".to_owned());
    scene.tells_of(EventKind::KeyRemoved { bin: 1, fob, command: Some(released.command) }, then).await;
    let key = scene.key(scene.van).await;
    assert_eq!((key["state"].as_str(), key["holder_name"].as_str()), (Some("out"), Some("sato")), "{key}");
});

story!(returning_is_always_accepted, |scene| {
    let grant_holder = scene.server.colleague("sato").await.person;
    let grant = scene
        .grant(sekisho_policy::Subject::Person(grant_holder), Right::Exchange, Scene::on_key(scene.van))
        .await;
    scene.takes(grant_holder, scene.van, "FOB-VAN", 1).await;
    // the right is gone, the bin is another one, and nobody says who they are
    scene.withdraw(grant).await;
    scene.tells(inserted(4, "FOB-VAN")).await;
    let key = scene.key(scene.van).await;
    assert_eq!((key["state"].as_str(), key["bin"].as_i64()), (Some("wrong_bin"), Some(4)), "{key}");
    assert_eq!(scene.open_loans(scene.van).await, 0);
    assert!(scene.facts().await.contains(&"keys.wrong_bin".to_owned()));
    // and taking it again is refused at once
    assert!(scene.releases(grant_holder, scene.van).await.is_err());
});

story!(force_is_seen_and_told, |scene| {
    scene.tells(EventKind::BinForced { bin: 2 }).await;
    scene.tells(removed(2, "FOB-STORE")).await;
    let key = scene.key(scene.store_room).await;
    assert_eq!((key["state"].as_str(), key["holder"].as_str()), (Some("forced"), None), "{key}");
    scene.server.settle().await;
    let mail = scene.mailbox().await.join("\n");
    assert!(mail.contains("Store room"), "the managers hear of it: {mail}");
    let mut admin = scene.server.administrator().await;
    let inventory = admin.api("GET", "/api/v1/key-inventory", serde_json::Value::Null).await.json();
    let kinds: Vec<_> =
        inventory["incidents"].as_array().unwrap().iter().map(|one| one["what"].clone()).collect();
    assert!(kinds.contains(&"removed_by_force".into()) && kinds.contains(&"bin_forced".into()), "{kinds:?}");
    // it comes back: the loan of nobody ends
    scene.tells(inserted(2, "FOB-STORE")).await;
    assert_eq!(scene.open_loans(scene.store_room).await, 0);
});

story!(who_changes_their_mind_at_the_open_bin_keeps_their_loan, |scene| {
    let sato = scene.person("sato", Right::Exchange, Scene::on_key(scene.van)).await;
    let released = scene.releases(sato, scene.van).await.unwrap();
    let command = Some(released.command);
    let fob = || Some("FOB-VAN".to_owned());
    scene.tells(EventKind::KeyRemoved { bin: 1, fob: fob(), command }).await;
    scene.tells(EventKind::KeyInserted { bin: 1, fob: "FOB-VAN".to_owned(), command }).await;
    assert_eq!(scene.open_loans(scene.van).await, 0);
    scene.tells(EventKind::KeyRemoved { bin: 1, fob: fob(), command }).await;
    let key = scene.key(scene.van).await;
    assert_eq!((key["state"].as_str(), key["holder_name"].as_str()), (Some("out"), Some("sato")), "{key}");
    assert_eq!(scene.open_loans(scene.van).await, 1);
});

story!(the_same_event_twice_changes_nothing, |scene| {
    let sato = scene.person("sato", Right::Exchange, Scene::on_key(scene.van)).await;
    let released = scene.takes(sato, scene.van, "FOB-VAN", 1).await;
    let again =
        EventKind::KeyRemoved { bin: 1, fob: Some("FOB-VAN".to_owned()), command: Some(released.command) };
    let before = scene.facts().await.iter().filter(|fact| *fact == "keys.taken_out").count();
    scene.tells(again).await;
    let after = scene.facts().await.iter().filter(|fact| *fact == "keys.taken_out").count();
    assert_eq!(before, after);
    scene.tells(inserted(1, "FOB-VAN")).await;
    scene.tells(inserted(1, "FOB-VAN")).await;
    assert_eq!(scene.facts().await.iter().filter(|fact| *fact == "keys.returned").count(), 1);
});

story!(a_key_passes_between_holders_with_a_code, |scene| {
    let sato = scene.person("sato", Right::Exchange, Scene::on_key(scene.van)).await;
    let suzuki = scene.person("suzuki", Right::Exchange, Scene::on_key(scene.van)).await;
    let outsider = scene.server.colleague("tanaka").await.person;
    let cx = scene.server.cx_of(sato);
    assert!(
        sekisho_keys::offer_hand_over(&scene.keys, &cx, scene.van, suzuki).await.is_err(),
        "not the holder yet"
    );
    scene.takes(sato, scene.van, "FOB-VAN", 1).await;
    let cx = scene.server.cx_of(sato);
    let refused = sekisho_keys::offer_hand_over(&scene.keys, &cx, scene.van, outsider).await;
    assert!(matches!(refused, Err(sekisho_keys::HandOverError::ReceiverMayNot)), "{refused:?}");
    let offer = sekisho_keys::offer_hand_over(&scene.keys, &cx, scene.van, suzuki).await.unwrap();
    let wrong = sekisho_keys::confirm_hand_over(&scene.keys, &cx, offer, "000000x").await;
    assert!(matches!(wrong, Err(sekisho_keys::HandOverError::WrongCode)), "{wrong:?}");
    scene.server.settle().await;
    let mail = scene.mailbox().await.join("\n");
    let code = mail
        .split(|sign: char| !sign.is_ascii_digit())
        .rfind(|digits| digits.len() == 6)
        .unwrap_or_else(|| panic!("a code in {mail}"))
        .to_owned();
    sekisho_keys::confirm_hand_over(&scene.keys, &cx, offer, &code).await.unwrap();
    let key = scene.key(scene.van).await;
    assert_eq!(key["holder_name"], "suzuki");
    assert_eq!(scene.open_loans(scene.van).await, 1);
    // a code works once
    assert!(sekisho_keys::confirm_hand_over(&scene.keys, &cx, offer, &code).await.is_err());
});
