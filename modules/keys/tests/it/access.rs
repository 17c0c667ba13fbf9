//! The access table K8a–K8g, row by row; and that strangers see nothing.

use sekisho_kernel::{Actor, Cx, Kind, Kinded, Language};
use sekisho_keys::{Book, BookFor, NotAllowed, RelyingOn, TakeOut, TakeOutError};
use sekisho_policy::{Right, Subject, Target};
use sekisho_testkit::minutes;
use sekisho_wire::{AnswerKind, AskKind, Code, EventKind, IdentifyBy};
use serde_json::{Value, json};

use crate::scene::Scene;

fn guest_cx(scene: &Scene) -> Cx {
    Cx::new(scene.server.world.clone(), scene.server.tenant, Actor::Nobody, Language::Ja)
}

story!(k8a_a_keycode_tells_whether_the_key_is_there_until_it_is_taken, |scene| {
    let manager = scene.person("kato", Right::Manage, Scene::on_key(scene.van)).await;
    let user = scene.person("sato", Right::Exchange, Scene::on_key(scene.van)).await;
    let refused =
        sekisho_keys::make_keycode(&scene.keys, &scene.server.cx_of(user), scene.van, None, "Ito").await;
    assert!(refused.is_err(), "using a key is not managing it");
    let cx = scene.server.cx_of(manager);
    let made = sekisho_keys::make_keycode(&scene.keys, &cx, scene.van, Some("4711"), "Ito").await.unwrap();
    assert_eq!(made.code, "4711");

    let by = || IdentifyBy::Keycode(Code::new("4711"));
    let told = scene.asks(AskKind::Identify { by: by() }).await;
    let AnswerKind::KeycodeState { name, present: true, session: Some(session), .. } = told else {
        panic!("{told:?}")
    };
    assert_eq!(name, "Van 3");
    let answer = scene.asks(AskKind::Take { session, key: scene.van.resource() }).await;
    let AnswerKind::Released { command, bin: 1, .. } = answer else { panic!("{answer:?}") };
    let fob = Some("FOB-VAN".to_owned());
    scene.tells(EventKind::KeyRemoved { bin: 1, fob, command: Some(command) }).await;
    assert_eq!(scene.key(scene.van).await["holder_name"], "Ito");
    // withdrawn: the code is spent
    let told = scene.asks(AskKind::Identify { by: by() }).await;
    assert!(matches!(told, AnswerKind::Refused { .. }), "{told:?}");
});

story!(k8a_a_keycode_is_as_good_as_its_makers_right, |scene| {
    let manager = scene.server.colleague("kato").await.person;
    let grant = scene.grant(Subject::Person(manager), Right::Manage, Scene::on_key(scene.van)).await;
    let cx = scene.server.cx_of(manager);
    sekisho_keys::make_keycode(&scene.keys, &cx, scene.van, Some("4711"), "Ito").await.unwrap();
    scene.withdraw(grant).await;
    let told = scene.asks(AskKind::Identify { by: IdentifyBy::Keycode(Code::new("4711")) }).await;
    assert!(matches!(told, AnswerKind::Refused { .. }), "{told:?}");
});

story!(k8b_a_guest_takes_a_booked_key_by_code_and_by_personal_address, |scene| {
    let cx = scene.server.cx();
    let at = |minutes: i64| {
        let zone = sekisho_web::zone_of("Asia/Tokyo");
        let then =
            cx.now.to_jiff().to_zoned(zone).datetime().saturating_add(jiff::Span::new().minutes(minutes));
        then.strftime("%Y-%m-%dT%H:%M").to_string()
    };
    let form = Book {
        price: None,
        keys: vec![scene.van],
        who: BookFor::Guest { name: "Ito".into(), mail: "ito@example.jp".into(), language: Language::En },
        starts: at(10),
        ends: at(70),
        note: String::new(),
    };
    let booked = sekisho_keys::book(&scene.keys, &cx, form.clone()).await.unwrap();
    let overlap = sekisho_keys::book(&scene.keys, &cx, form).await;
    assert!(matches!(overlap, Err(sekisho_keys::BookError::Taken)), "{overlap:?}");
    scene.server.settle().await;
    let mail = scene.mailbox().await.join("\n");
    assert!(mail.contains(&booked.code) && mail.contains("ito@example.jp"), "{mail}");

    let by = || IdentifyBy::BookingCode(Code::new(booked.code.clone()));
    let early = scene.asks(AskKind::Identify { by: by() }).await;
    assert!(matches!(&early, AnswerKind::Refused { code, .. } if code == "not_yet"), "{early:?}");
    scene.server.advance(minutes(11)).await;
    // somebody with a right of their own has to wait
    let sato = scene.person("sato", Right::Exchange, Scene::on_key(scene.van)).await;
    assert!(matches!(scene.releases(sato, scene.van).await, Err(TakeOutError::BookedForOthers)));
    // by code at the box
    let welcome = scene.asks(AskKind::Identify { by: by() }).await;
    let AnswerKind::Welcome { takeable, .. } = welcome else { panic!("{welcome:?}") };
    assert_eq!(takeable.iter().map(|offer| offer.name.as_str()).collect::<Vec<_>>(), ["Van 3"]);
    // by personal address
    let mut guest = scene.server.stranger();
    let page = guest.get(&format!("/b/{}", booked.token)).await.ok();
    assert!(page.contains("Van 3") && !page.contains('⟦'), "{page}");
    // In the language of the mail, whatever the browser would rather have, until its reader chooses.
    assert!(page.contains("Your key") && page.contains("한국어"), "{page}");
    let chose = scene.server.stranger().with_header("cookie", "language=zh");
    let page = { chose }.get(&format!("/b/{}", booked.token)).await.ok();
    assert!(page.contains("您的钥匙"), "{page}");
    guest.post(&format!("/b/{}/take", booked.token), &[("key", &scene.van.to_string())]).await.expect(303);
    assert_eq!(scene.key(scene.van).await["state"], "released");
    guest.get("/b/nonsense").await.expect(404);
    // over: neither opens any more
    scene.server.advance(minutes(120)).await;
    let late = scene.asks(AskKind::Identify { by: by() }).await;
    assert!(matches!(late, AnswerKind::Refused { .. }), "{late:?}");
    let ask = TakeOut {
        key: scene.van,
        relying_on: RelyingOn::Booking(booked.id),
        way: sekisho_keys::tables::words::Way::BookingLink,
        at: None,
        beside: None,
    };
    let late = sekisho_keys::take_out(&scene.keys, &guest_cx(&scene), ask).await;
    assert!(matches!(late, Err(TakeOutError::NotInForce)), "{late:?}");
});

/// Exchange lets take, manage lets also change; to a person and to a group; other keys stay shut.
async fn reaches(scene: &Scene, target: Target, covers_store_room: bool) {
    use sekisho_kernel::GroupId;
    let foundation = scene.server.foundation();
    let cx = scene.server.cx();
    let group: GroupId = cx.fresh_id();
    let member = scene.server.colleague("member").await.person;
    let mut tx = foundation.store.begin(&cx).await.unwrap();
    foundation.policy.join(&mut tx, member, group).await.unwrap();
    tx.commit_bookkeeping("test").await.unwrap();
    scene.grant(Subject::Group(group), Right::Exchange, target.clone()).await;
    let person = scene.person("person", Right::Exchange, target.clone()).await;
    let manager = scene.person("manager", Right::Manage, target).await;
    for who in [member, person, manager] {
        scene.takes(who, scene.van, "FOB-VAN", 1).await;
        scene.tells(EventKind::KeyInserted { bin: 1, fob: "FOB-VAN".to_owned(), command: None }).await;
        let other = scene.releases(who, scene.store_room).await;
        match other {
            Ok(released) => {
                assert!(covers_store_room);
                scene.settles(released.command, sekisho_devices::CommandState::Expired).await;
            }
            Err(error) => {
                assert!(!covers_store_room, "{error:?}");
                assert_eq!(error.kind(), Kind::Missing, "a stranger's key is missing, not forbidden");
            }
        }
    }
    let form =
        sekisho_keys::KeyForm { name: "Van 3b".into(), fob: Some("FOB-VAN".into()), ..Default::default() };
    let edited = sekisho_keys::edit_key(&scene.keys, &scene.server.cx_of(person), scene.van, form).await;
    assert!(edited.is_err(), "using is not managing");
    let ask = sekisho_keys::Lend { key: scene.van, to: member, until: None, note: String::new() };
    let lent = sekisho_keys::lend(&scene.keys, &scene.server.cx_of(manager), ask).await;
    assert!(lent.is_ok(), "{lent:?}");
}

story!(k8c_a_right_on_a_single_key, |scene| {
    reaches(&scene, Scene::on_key(scene.van), false).await;
});

story!(k8d_a_right_on_all_keys, |scene| {
    reaches(&scene, Target::AllOf { kind: "key".to_owned() }, true).await;
});

story!(k8e_a_right_on_a_group_of_keys, |scene| {
    let cx = scene.server.cx();
    let vans = sekisho_keys::add_group(&scene.keys, &cx, "Vans").await.unwrap();
    sekisho_keys::put_in_group(&scene.keys, &cx, vans, scene.van).await.unwrap();
    reaches(&scene, Target::Resource { id: vans.resource() }, false).await;
    // out of the group, out of reach
    sekisho_keys::take_from_group(&scene.keys, &cx, vans, scene.van).await.unwrap();
    let someone = scene.person("someone", Right::Exchange, Target::Resource { id: vans.resource() }).await;
    assert!(scene.releases(someone, scene.van).await.is_err());
});

story!(k8f_a_bin_is_opened_remotely_by_a_manager_of_the_location_whatever_their_rights_on_keys, |scene| {
    let user = scene.server.colleague("user").await;
    scene.grant(Subject::Person(user.person), Right::Manage, Scene::on_key(scene.van)).await;
    let manager = scene.server.colleague("manager").await;
    scene
        .grant(
            Subject::Person(manager.person),
            Right::Manage,
            Target::Resource { id: scene.place.resource() },
        )
        .await;
    let base = format!("/api/v1/key-boxes/{}/bins/3", scene.place);
    // managing a key is not managing the place
    let mut client = scene.server.signed_in(&user).await;
    client.api("POST", &format!("{base}/open"), json!({ "reason": "" })).await.expect(404);
    let mut client = scene.server.signed_in(&manager).await;
    client.api("POST", &format!("{base}/light"), Value::Null).await.expect(204);
    let opened =
        client.api("POST", &format!("{base}/open"), json!({ "reason": "inventory" })).await.expect(202);
    assert!(opened.json()["command"].is_string());
    assert!(scene.facts().await.contains(&"keys.bin_opened".to_owned()));
    // what leaves through that door is with the manager
    let command: uuid::Uuid = opened.json()["command"].as_str().unwrap().parse().unwrap();
    scene.tells(EventKind::BinOpened { bin: 3, command: Some(sekisho_wire::CommandId(command)) }).await;
    let openings =
        client.api("GET", &format!("/api/v1/key-boxes/{}/openings", scene.place), Value::Null).await.json();
    assert_eq!(openings["items"][0]["result"], "opened", "{openings}");
});

story!(k8g_the_master_lock_takes_a_manager_a_reason_and_a_fresh_proof, |scene| {
    let manager = scene.server.colleague("manager").await;
    scene
        .grant(
            Subject::Person(manager.person),
            Right::Manage,
            Target::Resource { id: scene.place.resource() },
        )
        .await;
    let mut cx = scene.server.cx_of(manager.person);
    let unlock = |cx: Cx, reason: &'static str| {
        let (keys, place) = (scene.keys.clone(), scene.place);
        async move { sekisho_keys::unlock_master(&keys, &cx, place, reason).await }
    };
    let stale = unlock(cx.clone(), "lost every key").await;
    assert!(matches!(stale, Err(sekisho_keys::UnlockMasterError::ProveAgain)), "{stale:?}");
    cx.verified_at = Some(cx.now);
    let silent = unlock(cx.clone(), " ").await;
    assert!(matches!(silent, Err(sekisho_keys::UnlockMasterError::Invalid(_))), "{silent:?}");
    unlock(cx.clone(), "lost every key").await.unwrap();
    assert!(scene.facts().await.contains(&"keys.master_unlocked".to_owned()));
    // a user of keys in it may not
    let user = scene.person("user", Right::Manage, Scene::on_key(scene.van)).await;
    let mut cx = scene.server.cx_of(user);
    cx.verified_at = Some(cx.now);
    let other = unlock(cx, "curious").await;
    assert!(
        matches!(other, Err(sekisho_keys::UnlockMasterError::NotAllowed(NotAllowed::Missing))),
        "{other:?}"
    );
});

story!(people_see_what_concerns_them_and_other_tenants_see_nothing, |scene| {
    let sato = scene.server.colleague("sato").await;
    scene.grant(Subject::Person(sato.person), Right::View, Scene::on_key(scene.van)).await;
    let holder = scene.person("holder", Right::Exchange, Scene::on_key(scene.van)).await;
    scene.takes(holder, scene.van, "FOB-VAN", 1).await;
    let mut client = scene.server.signed_in(&sato).await;
    let list = client.api("GET", "/api/v1/keys", Value::Null).await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
    assert_eq!(list["items"][0]["holder_name"], Value::Null, "who only sees the key does not see who has it");
    client.get(&format!("/keys/{}", scene.store_room)).await.expect(404);
    client.get("/keys/inventory").await.expect(404);
    client.get(&format!("/keys/{}/settings", scene.van)).await.expect(404);
    client.api("POST", &format!("/api/v1/keys/{}/take-out", scene.van), Value::Null).await.expect(403);
    let (_, mut stranger) = scene.server.other_tenant("globex").await;
    for path in [
        format!("/keys/{}", scene.van),
        format!("/keys/boxes/{}", scene.place),
        format!("/api/v1/keys/{}", scene.van),
    ] {
        stranger.get(&path).await.expect(404);
    }
    scene.server.stranger().get("/keys").await.expect(303);
});
