//! The conversation at the panel.

use sea_orm::ActiveValue::Set;
use sekisho_crypto::Secret;
use sekisho_policy::{Conditions, NewGrant, Right, Subject};
use sekisho_testkit::minutes;
use sekisho_wire::{AnswerKind, AskKind, Code, EventKind, IdentifyBy, KeyOffer, PanelSession};

use serde_json::json;

use crate::scene::Scene;

/// Gives somebody an ID number, straight through identity.
pub async fn number(scene: &Scene, person: sekisho_kernel::PersonId, number: &str) {
    let identity = &scene.server.foundation().identity;
    let cx = scene.server.cx();
    let by = identity.administrator(&cx).await.unwrap();
    let edit = sekisho_identity::PersonEdit { number: Some(number.to_owned()), ..Default::default() };
    identity.edit_person(&cx, by, person, &edit).await.unwrap();
}

pub fn six_digits(mail: &[String]) -> String {
    let last = mail.join("\n");
    last.split(|sign: char| !sign.is_ascii_digit())
        .rfind(|digits| digits.len() == 6)
        .unwrap_or_else(|| panic!("a code in {last}"))
        .to_owned()
}

story!(k6_id_number_then_one_time_code_then_the_key, |scene| {
    let sato = scene.person("sato", Right::Exchange, Scene::on_key(scene.van)).await;
    number(&scene, sato, "4242").await;
    let by = IdentifyBy::IdNumber(Code::new("4242"));
    let answer = scene.asks(AskKind::Identify { by }).await;
    let AnswerKind::NeedCode { attempt, sent_to, .. } = answer else { panic!("{answer:?}") };
    assert!(sent_to.starts_with('s') && sent_to.contains('…'), "{sent_to}");
    scene.server.settle().await;
    let code = six_digits(&scene.mailbox().await);
    let wrong = scene.asks(AskKind::Prove { attempt, secret: Code::new("nonsense") }).await;
    assert!(matches!(&wrong, AnswerKind::Refused { code, .. } if code == "wrong_code"), "{wrong:?}");
    let welcome = scene.asks(AskKind::Prove { attempt, secret: Code::new(code) }).await;
    let AnswerKind::Welcome { session, name, takeable, held, .. } = welcome else { panic!("{welcome:?}") };
    assert_eq!((name.as_str(), takeable.len(), held.len()), ("sato", 1, 0));
    let answer = scene.asks(AskKind::Take { session, key: scene.van.resource() }).await;
    let AnswerKind::Released { command, bin: 1, .. } = answer else { panic!("{answer:?}") };
    let fob = Some("FOB-VAN".to_owned());
    scene.tells(EventKind::KeyRemoved { bin: 1, fob, command: Some(command) }).await;
    let again = scene.asks(AskKind::Keys { session }).await;
    let AnswerKind::Welcome { takeable, held, .. } = again else { panic!("{again:?}") };
    assert_eq!((takeable.len(), held.len()), (0, 1));
    // a key that is not theirs is missing, and the second taker is told
    let other = scene.asks(AskKind::Take { session, key: scene.store_room.resource() }).await;
    assert!(matches!(other, AnswerKind::Refused { .. }), "{other:?}");
    let out = scene.asks(AskKind::Take { session, key: scene.van.resource() }).await;
    assert!(matches!(&out, AnswerKind::Refused { code, .. } if code == "already_out"), "{out:?}");
    // the stay ends
    scene.server.advance(minutes(3)).await;
    let over = scene.asks(AskKind::Keys { session }).await;
    assert!(matches!(over, AnswerKind::Refused { .. }), "{over:?}");
});

story!(a_number_whose_owner_cannot_be_written_to_is_answered_like_any_other, |scene| {
    let identity = &scene.server.foundation().identity;
    let cx = scene.server.cx();
    let by = identity.administrator(&cx).await.unwrap();
    let new = sekisho_identity::NewPerson {
        name: "森 一郎".into(),
        number: "7070".into(),
        language: "ja".into(),
        ..Default::default()
    };
    identity.invite_person(&cx, by, &new).await.unwrap();
    let answer = scene.asks(AskKind::Identify { by: IdentifyBy::IdNumber(Code::new("7070")) }).await;
    let AnswerKind::NeedCode { attempt, sent_to, .. } = answer else { panic!("{answer:?}") };
    assert!(sent_to.contains('…'), "an address that could be a colleague's: {sent_to}");
    let wrong = scene.asks(AskKind::Prove { attempt, secret: Code::new("123456") }).await;
    assert!(matches!(&wrong, AnswerKind::Refused { code, .. } if code == "wrong_code"), "{wrong:?}");
    let told = scene.last_detail("panel.identify", "why").await;
    assert_eq!(told, "no_address", "the administrator finds out why");
});

/// An installation from which nothing can be sent: no code is promised, and the ways that work stay open.
async fn nothing_can_be_sent(scene: Scene) {
    use sekisho_wire::Channel;
    let sato = scene.person("sato", Right::Exchange, Scene::on_key(scene.van)).await;
    number(&scene, sato, "4242").await;
    let identity = &scene.server.foundation().identity;
    let mut cx = scene.server.cx_of(sato);
    cx.verified_at = Some(cx.now);
    let codes = identity.make_recovery_codes(&cx, sato).await.unwrap();
    let identify = |typed: &str| AskKind::Identify { by: IdentifyBy::IdNumber(Code::new(typed)) };
    let answer = scene.asks(identify("9999")).await;
    assert!(
        matches!(&answer, AnswerKind::NeedCode { sent_to, channel: Channel::Other, .. } if sent_to.is_empty()),
        "{answer:?}"
    );
    assert_eq!(scene.last_detail("panel.identify", "why").await, "unknown_number");
    let answer = scene.asks(identify("4242")).await;
    let AnswerKind::NeedCode { attempt, sent_to, channel: Channel::Other } = answer else {
        panic!("a number somebody has is answered like any other: {answer:?}")
    };
    assert_eq!(sent_to, "");
    assert_eq!(scene.last_detail("panel.identify", "why").await, "no_way");
    assert!(!scene.facts().await.contains(&"identity.code_requested".to_owned()), "none is made");
    let secret = Code::new(codes[0].expose());
    let welcome = scene.asks(AskKind::Prove { attempt, secret }).await;
    assert!(matches!(welcome, AnswerKind::Welcome { .. }), "{welcome:?}");

    let mut cx = scene.server.cx();
    cx.verified_at = Some(cx.now);
    let by = identity.administrator(&cx).await.unwrap();
    identity.add_badge(&cx, by, sato, "04A21B3C", "blue").await.unwrap();
    let badge = || AskKind::Identify { by: IdentifyBy::Badge(Code::new("04a21b3c")) };
    let answer = scene.asks(badge()).await;
    let AnswerKind::Refused { code, text } = answer else { panic!("{answer:?}") };
    assert_eq!(code, "no_code");
    assert!(text.ja.contains("暗証番号") && text.en.contains("PIN"), "what to do is said: {text:?}");
    assert_eq!(scene.last_detail("panel.identify", "why").await, "no_way");
    identity.set_pin(&cx, sato, &Secret::new("8341")).await.unwrap();
    let answer = scene.asks(badge()).await;
    let AnswerKind::NeedPin { attempt } = answer else { panic!("{answer:?}") };
    let welcome = scene.asks(AskKind::Prove { attempt, secret: Code::new("8341") }).await;
    assert!(matches!(welcome, AnswerKind::Welcome { .. }), "{welcome:?}");

    scene.takes(sato, scene.van, "FOB-VAN", 1).await;
    let suzuki = scene.person("suzuki", Right::Exchange, Scene::on_key(scene.van)).await;
    let refused =
        sekisho_keys::offer_hand_over(&scene.keys, &scene.server.cx_of(sato), scene.van, suzuki).await;
    assert!(matches!(refused, Err(sekisho_keys::HandOverError::NoWay)), "{refused:?}");
    assert!(!scene.record().await.contains(&"key.offer_hand_over".to_owned()), "no code is made for nobody");
    // A browser that takes push messages is a way, where no mail leaves.
    use sekisho_notify::tables::notify_subscriptions;
    let tx = scene.server.foundation().store.begin(&scene.server.cx()).await.unwrap();
    let browser = notify_subscriptions::ActiveModel {
        id: Set(scene.server.cx().fresh_id()),
        person_id: Set(suzuki),
        content: Set(Vec::new()),
        endpoint_hash: Set(vec![1]),
        agent: Set("a browser".to_owned()),
        created_at: Set(scene.now()),
        ..Default::default()
    };
    tx.insert::<notify_subscriptions::Entity>(browser).await.unwrap();
    tx.commit_bookkeeping("test").await.unwrap();
    sekisho_keys::offer_hand_over(&scene.keys, &scene.server.cx_of(sato), scene.van, suzuki).await.unwrap();
}

#[tokio::test]
async fn nothing_can_be_sent_on_sqlite() {
    nothing_can_be_sent(Scene::without_mail(sekisho_storage::Engine::Sqlite).await).await;
}

#[tokio::test]
async fn nothing_can_be_sent_on_postgres() {
    nothing_can_be_sent(Scene::without_mail(sekisho_storage::Engine::Postgres).await).await;
}

story!(a_number_nobody_has_is_answered_like_any_other_and_guessing_pauses, |scene| {
    let answer = scene.asks(AskKind::Identify { by: IdentifyBy::IdNumber(Code::new("9999")) }).await;
    let AnswerKind::NeedCode { attempt, sent_to, .. } = answer else { panic!("{answer:?}") };
    assert!(sent_to.contains('…'), "an address that could be a colleague's: {sent_to}");
    let again = scene.asks(AskKind::Identify { by: IdentifyBy::IdNumber(Code::new("9999")) }).await;
    assert!(matches!(&again, AnswerKind::NeedCode { sent_to: same, .. } if *same == sent_to), "{again:?}");
    let wrong = scene.asks(AskKind::Prove { attempt, secret: Code::new("123456") }).await;
    assert!(matches!(&wrong, AnswerKind::Refused { code, .. } if code == "wrong_code"), "{wrong:?}");
    let mut last = wrong;
    for guess in 0..6 {
        let code = Code::new(format!("{:08}", 12_345_678 + guess));
        last = scene.asks(AskKind::Identify { by: IdentifyBy::BookingCode(code) }).await;
    }
    assert!(matches!(&last, AnswerKind::Refused { code, .. } if code == "later"), "{last:?}");
    // returning works all the same
    let answer = scene.asks(AskKind::Return { session: None, key: None, fob: None, bin: None }).await;
    assert!(matches!(answer, AnswerKind::Released { bin: 3, .. }), "{answer:?}");
});

story!(k7_a_badge_asks_for_the_pin, |scene| {
    let sato = scene.person("sato", Right::Exchange, Scene::on_key(scene.van)).await;
    let identity = &scene.server.foundation().identity;
    let mut cx = scene.server.cx();
    cx.verified_at = Some(cx.now);
    let by = identity.administrator(&cx).await.unwrap();
    identity.add_badge(&cx, by, sato, "04:A2:1B:3C", "blue").await.unwrap();
    identity.set_pin(&cx, sato, &Secret::new("8341")).await.unwrap();
    let answer = scene.asks(AskKind::Identify { by: IdentifyBy::Badge(Code::new("04a21b3c")) }).await;
    let AnswerKind::NeedPin { attempt } = answer else { panic!("{answer:?}") };
    let welcome = scene.asks(AskKind::Prove { attempt, secret: Code::new("8341") }).await;
    assert!(matches!(welcome, AnswerKind::Welcome { .. }), "{welcome:?}");
    // an attempt is good once
    let again = scene.asks(AskKind::Prove { attempt, secret: Code::new("8341") }).await;
    assert!(matches!(again, AnswerKind::Refused { .. }), "{again:?}");
    let unknown = scene.asks(AskKind::Identify { by: IdentifyBy::Badge(Code::new("deadbeef")) }).await;
    assert!(matches!(unknown, AnswerKind::Refused { .. }), "{unknown:?}");
});

story!(a_pin_given_over_the_api_is_asked_for_at_the_box, |scene| {
    let sato = scene.person("sato", Right::Exchange, Scene::on_key(scene.van)).await;
    let path = format!("/api/v1/people/{sato}/pin");
    let pin = |digits: &str| json!({ "pin": digits });
    let mut admin = scene.server.administrator().await;
    scene.server.prove(&mut admin).await;
    for bad in ["12", "123456789", "1111", "1234", "83a1"] {
        let answer = admin.api("PUT", &path, pin(bad)).await.expect(422);
        let errors = answer.json()["errors"].to_string();
        assert!(errors.contains("\"pin\"") && !errors.contains(bad), "{bad}: {errors}");
    }
    let nobody = format!("/api/v1/people/{}/pin", scene.van);
    admin.api("PUT", &nobody, pin("8341")).await.expect(404);
    let mori = scene.server.colleague("mori").await;
    scene.server.signed_in(&mori).await.api("PUT", &path, pin("8341")).await.expect(403);
    scene.server.stranger().api("PUT", &path, pin("8341")).await.expect(401);
    let (_, mut other) = scene.server.other_tenant("globex").await;
    other.api("PUT", &path, pin("8341")).await.expect(404);
    assert!(!scene.record().await.contains(&"person.pin_set".to_owned()), "nothing came of any of it");

    admin.api("PUT", &path, pin("8341")).await.expect(204);
    assert!(scene.record().await.contains(&"person.pin_set".to_owned()));
    let person = admin.get(&format!("/api/v1/people/{sato}")).await.ok();
    assert!(!person.contains("8341"), "a PIN is never told again: {person}");
    let badge = json!({ "serial": "04:A2:1B:3C", "label": "blue" });
    admin.api("POST", &format!("/api/v1/people/{sato}/badges"), badge).await.expect(201);
    let identify = || AskKind::Identify { by: IdentifyBy::Badge(Code::new("04a21b3c")) };
    let AnswerKind::NeedPin { attempt } = scene.asks(identify()).await else { panic!("the PIN") };
    let wrong = scene.asks(AskKind::Prove { attempt, secret: Code::new("8342") }).await;
    assert!(matches!(wrong, AnswerKind::Refused { .. }), "{wrong:?}");
    let welcome = scene.asks(AskKind::Prove { attempt, secret: Code::new("8341") }).await;
    assert!(matches!(welcome, AnswerKind::Welcome { .. }), "{welcome:?}");
    // Taken away again, nobody is asked for it.
    admin.api("PUT", &path, pin("")).await.expect(204);
    let answer = scene.asks(identify()).await;
    assert!(!matches!(answer, AnswerKind::NeedPin { .. }), "{answer:?}");
    assert!(scene.record().await.contains(&"person.pin_remove".to_owned()));
});

story!(a_return_never_opens_a_bin_with_a_key_in_it, |scene| {
    let sato = scene.server.colleague("sato").await.person;
    scene.grant(Subject::Person(sato), Right::Exchange, Scene::on_key(scene.van)).await;
    scene.takes(sato, scene.van, "FOB-VAN", 1).await;
    // its own bin, which is empty
    let ask = |bin| AskKind::Return { session: None, key: Some(scene.van.resource()), fob: None, bin };
    let answer = scene.asks(ask(Some(2))).await;
    assert!(matches!(answer, AnswerKind::Released { bin: 1, .. }), "{answer:?}");
    // a fault noted just after the return, without saying who one is
    scene.tells(EventKind::KeyInserted { bin: 1, fob: "FOB-VAN".to_owned(), command: None }).await;
    let note = AskKind::ReturnForm {
        key: scene.van.resource(),
        session: None,
        note: Some("left mirror broken".to_owned()),
        fault: true,
    };
    assert!(matches!(scene.asks(note.clone()).await, AnswerKind::Ok));
    assert!(scene.facts().await.contains(&"keys.fault_reported".to_owned()));
    scene.server.advance(minutes(30)).await;
    assert!(
        matches!(scene.asks(note).await, AnswerKind::Refused { .. }),
        "half an hour later it is anybody's note"
    );
});

/// Signs somebody in at the panel by number and code.
async fn at_the_panel(scene: &Scene, number: &str) -> (PanelSession, Vec<KeyOffer>) {
    let answer = scene.asks(AskKind::Identify { by: IdentifyBy::IdNumber(Code::new(number)) }).await;
    prove(scene, answer).await
}

/// Answers the question for a code with the code that was sent.
async fn prove(scene: &Scene, asked: AnswerKind) -> (PanelSession, Vec<KeyOffer>) {
    let AnswerKind::NeedCode { attempt, .. } = asked else { panic!("{asked:?}") };
    scene.server.settle().await;
    let code = six_digits(&scene.mailbox().await);
    let welcome = scene.asks(AskKind::Prove { attempt, secret: Code::new(code) }).await;
    let AnswerKind::Welcome { session, takeable, .. } = welcome else { panic!("{welcome:?}") };
    (session, takeable)
}

async fn under_conditions(scene: &Scene, person: sekisho_kernel::PersonId, conditions: Conditions) {
    let foundation = scene.server.foundation();
    let mut tx = foundation.store.begin(&scene.server.cx()).await.unwrap();
    let grant = NewGrant::always(Subject::Person(person), Right::Exchange, Scene::on_key(scene.van));
    foundation.policy.grant(&mut tx, NewGrant { conditions, ..grant }).await.unwrap();
    tx.commit_bookkeeping("test").await.unwrap();
}

story!(a_key_for_two_is_given_out_when_the_second_person_has_proven_it, |scene| {
    let two = Conditions { second_person: true, ..Conditions::default() };
    let sato = scene.server.colleague("sato").await.person;
    under_conditions(&scene, sato, two.clone()).await;
    let mori = scene.server.colleague("mori").await.person;
    under_conditions(&scene, mori, two).await;
    let outsider = scene.server.colleague("kato").await.person;
    for (person, typed) in [(sato, "4242"), (mori, "4343"), (outsider, "4444")] {
        number(&scene, person, typed).await;
    }
    let (session, takeable) = at_the_panel(&scene, "4242").await;
    assert_eq!(takeable.len(), 1, "a key for two is on offer");
    let key = scene.van.resource();
    let take = || AskKind::Take { session, key };
    assert_eq!(scene.asks(take()).await, AnswerKind::NeedSecond);
    let beside = |number: &str| AskKind::Beside { session, by: IdentifyBy::IdNumber(Code::new(number)) };
    // not the same person twice, and not somebody without the right
    let same = scene.asks(beside("4242")).await;
    assert!(matches!(&same, AnswerKind::Refused { code, .. } if code == "same_person"), "{same:?}");
    let asked = scene.asks(beside("4444")).await;
    prove(&scene, asked).await;
    assert_eq!(scene.asks(take()).await, AnswerKind::NeedSecond);
    let asked = scene.asks(beside("4343")).await;
    let (stay, _) = prove(&scene, asked).await;
    assert_eq!(stay, session, "it is still the first person's stay");
    let released = scene.asks(take()).await;
    assert!(matches!(released, AnswerKind::Released { bin: 1, .. }), "{released:?}");
    assert!(scene.record().await.contains(&"key.release".to_owned()));
});

story!(a_key_that_wants_a_fresh_proof_gets_one_at_the_box, |scene| {
    let sato = scene.server.colleague("sato").await.person;
    number(&scene, sato, "4242").await;
    let fresh = Conditions { step_up_within_s: Some(30), ..Conditions::default() };
    under_conditions(&scene, sato, fresh).await;
    let (session, takeable) = at_the_panel(&scene, "4242").await;
    assert_eq!(takeable.len(), 1);
    scene.server.advance(std::time::Duration::from_secs(60)).await;
    let (_, still) = {
        let welcome = scene.asks(AskKind::Keys { session }).await;
        let AnswerKind::Welcome { session, takeable, .. } = welcome else { panic!("{welcome:?}") };
        (session, takeable)
    };
    assert_eq!(still.len(), 1, "one code away is on offer");
    let take = AskKind::Take { session, key: scene.van.resource() };
    let asked = scene.asks(take.clone()).await;
    prove(&scene, asked).await;
    let released = scene.asks(take).await;
    assert!(matches!(released, AnswerKind::Released { bin: 1, .. }), "{released:?}");
});

story!(a_key_on_offer_says_when_it_would_be_due, |scene| {
    let sato = scene.person("sato", Right::Exchange, Scene::on_key(scene.van)).await;
    number(&scene, sato, "4242").await;
    let form = sekisho_keys::KeyForm {
        name: "Van 3".to_owned(),
        fob: Some("FOB-VAN".to_owned()),
        home_box: Some(scene.place),
        home_bin: Some(1),
        due: sekisho_keys::due::DueRule::After { minutes: 90 },
        ..sekisho_keys::KeyForm::default()
    };
    sekisho_keys::edit_key(&scene.keys, &scene.server.cx(), scene.van, form).await.unwrap();
    let (_, takeable) = at_the_panel(&scene, "4242").await;
    let due = takeable.first().unwrap().due;
    // The test's clock moves a little with every look at it.
    let away = scene.now().plus(std::time::Duration::from_secs(90 * 60)).since(due);
    assert!(due > scene.now() && away < std::time::Duration::from_secs(1), "{due:?}");
});
