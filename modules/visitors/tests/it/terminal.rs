//! The reception terminal: how a tablet becomes one, whom it believes, what it may do.

use sekisho_storage::Scoped as _;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::scene::Scene;
use crate::tablet::{Tablet, code};
use sekisho_testkit::minutes;

const CHECK_IN: &str = "/terminal/api/check-in";
const HELLO: &str = "/terminal/api/hello";

/// An answer without the number of its request.
fn plain(answer: &sekisho_testkit::Answer) -> (u16, Value) {
    let mut body = answer.json();
    body.as_object_mut().unwrap().remove("request");
    (answer.status.as_u16(), body)
}

story!(a_code_makes_one_tablet_a_terminal, |scene| {
    let made = code(&scene, scene.tokyo, "1階ロビー").await;
    let text = made["code"].as_str().unwrap();
    let mut first = Tablet::new(&scene);
    assert_eq!(first.enrol(&scene, "0000-0000-0000").await.status, 422, "a code nobody made");
    // Whoever hands a key in shows that it is theirs.
    let mut forged = first.signed(&scene, "/terminal/api/enrol", first.handing_in(text));
    forged.body = Tablet::new(&scene).handing_in(text).to_string();
    assert_eq!(first.send(&forged).await.status, 422);
    first.enrol(&scene, &text.to_lowercase().replace('-', " ")).await.expect(200);
    assert_eq!(Tablet::new(&scene).enrol(&scene, text).await.status, 422, "a code is good once");
    let hello = first.call(&scene, HELLO, json!({})).await.expect(200).json();
    assert_eq!(hello["settings"]["site"], "東京本社");

    // Another tablet takes its place; the first is a stranger from then on.
    let mut admin = scene.server.administrator().await;
    let again = format!("/api/v1/visitors/terminals/{}/code", first.id);
    let late = admin.api("POST", &again, Value::Null).await.expect(200).json();
    scene.pass_time(minutes(11));
    assert_eq!(
        Tablet::new(&scene).enrol(&scene, late["code"].as_str().unwrap()).await.status,
        422,
        "too old"
    );
    let next = admin.api("POST", &again, Value::Null).await.expect(200).json();
    first.call(&scene, HELLO, json!({})).await.expect(200);
    let mut second = Tablet::new(&scene);
    second.enrol(&scene, next["code"].as_str().unwrap()).await.expect(200);
    assert_eq!(second.id, first.id);
    second.call(&scene, HELLO, json!({})).await.expect(200);
    first.call(&scene, HELLO, json!({})).await.expect(401);
    let record = scene.record().await;
    assert_eq!(record.iter().filter(|act| *act == "terminal.enrol").count(), 2, "{record:?}");
});

story!(only_what_the_terminal_signed_is_believed, |scene| {
    let mut tablet = Tablet::at(&scene, scene.tokyo, "1階ロビー").await;
    let good = tablet.signed(&scene, HELLO, json!({}));
    for forged in [
        // Somebody else's words, path, terminal or time under a true signature.
        {
            let mut one = good.clone();
            one.body = json!({ "has": "x" }).to_string();
            one
        },
        {
            let mut one = good.clone();
            one.path = "/terminal/api/hosts".to_owned();
            one
        },
        {
            let mut one = good.clone();
            one.time += 1;
            one
        },
        {
            let mut one = good.clone();
            one.terminal = Uuid::nil().to_string();
            one
        },
        {
            let mut one = good.clone();
            one.terminal = "new".to_owned();
            one
        },
        {
            let mut one = good.clone();
            one.signature[10] ^= 1;
            one
        },
        {
            let mut one = good.clone();
            one.signature.clear();
            one
        },
    ] {
        let answer = tablet.send(&forged).await;
        assert_eq!(plain(&answer).1["code"], "visitors-terminal-unknown", "{}", answer.text);
        assert_eq!(answer.status, 401);
    }
    // Nothing can be sent twice, or before what was sent.
    tablet.send(&good).await.expect(200);
    let again = tablet.send(&good).await.expect(409);
    assert_eq!(again.json()["code"], "visitors-terminal-replay");
    let earlier = tablet.signed_at(HELLO, json!({}), good.time - 1);
    tablet.send(&earlier).await.expect(409);
    // A clock that is wrong is told what time it is.
    let now = scene.server.cx().now.as_micros() / 1000;
    for wrong in [now - 130_000, now + 130_000, i64::MAX, i64::MIN] {
        let answer = tablet.send(&tablet.signed_at(HELLO, json!({}), wrong)).await.expect(409).json();
        assert_eq!((&answer["code"], &answer["now"]), (&json!("visitors-terminal-clock"), &json!(now)));
    }
    // A terminal of one tenant is nobody to another.
    scene.server.other_tenant("globex").await;
    tablet.client = tablet.client.at_host("globex.test");
    tablet.host = "globex.test".to_owned();
    tablet.call(&scene, HELLO, json!({})).await.expect(401);
    tablet.client = scene.server.stranger();
    tablet.host = "acme.test".to_owned();
    tablet.call(&scene, HELLO, json!({})).await.expect(200);
    // Withdrawn, it is nobody with its next request.
    let mut admin = scene.server.administrator().await;
    let this = format!("/api/v1/visitors/terminals/{}", tablet.id);
    admin.api("DELETE", &this, Value::Null).await.expect(204);
    tablet.call(&scene, HELLO, json!({})).await.expect(401);
    assert_eq!(admin.api("DELETE", &this, Value::Null).await.status, 404);
});

story!(a_guest_is_thanked_by_name_only_after_recognition, |scene| {
    let mut tokyo = Tablet::at(&scene, scene.tokyo, "1階ロビー").await;
    let mut osaka = Tablet::at(&scene, scene.osaka, "受付").await;
    let made = scene.made(scene.body(10)).await;
    let pass = scene.pass(&made).await;
    let shown = json!({ "pass": pass["pass"] });
    let unknown = json!({ "pass": "SK1:000000000000000000000000" });
    let nobody = plain(&tokyo.call(&scene, CHECK_IN, unknown).await);
    assert_eq!((nobody.0, &nobody.1["code"]), (422, &json!("visitors-check-in-not-now")));
    assert_eq!(plain(&osaka.call(&scene, CHECK_IN, shown.clone()).await), nobody, "another site");
    let answer = tokyo.call(&scene, CHECK_IN, shown.clone()).await.expect(200).json();
    assert_eq!((&answer["name"], &answer["host"]), (&json!("山田 太郎"), &json!("ho○○")));
    assert_eq!(plain(&tokyo.call(&scene, CHECK_IN, shown.clone()).await), nobody, "a second time");
    let visit = scene.visit(&pass["visit"]).await;
    assert_eq!(visit["state"], "arrived");
    // On the way out the answer is the same for everybody.
    let gone = tokyo.call(&scene, "/terminal/api/check-out", shown).await.expect(200).json();
    let never = json!({ "code": "ABCD EFGH" });
    let other = tokyo.call(&scene, "/terminal/api/check-out", never).await.expect(200).json();
    assert_eq!(gone["name"], other["name"]);
    assert_eq!(scene.visit(&pass["visit"]).await["state"], "left");
    assert!(!scene.everything_told().await.contains("山田"), "names stay out of record and facts");
});

story!(two_terminals_and_one_guest, |scene| {
    let mut left = Tablet::at(&scene, scene.tokyo, "左").await;
    let mut right = Tablet::at(&scene, scene.tokyo, "右").await;
    let made = scene.made(scene.body(10)).await;
    let pass = scene.pass(&made).await;
    let shown = json!({ "pass": pass["pass"] });
    let (one, other) =
        tokio::join!(left.call(&scene, CHECK_IN, shown.clone()), right.call(&scene, CHECK_IN, shown));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422]);
    let arrived = scene.facts().await.into_iter().filter(|fact| fact == "visitors.arrived").count();
    assert_eq!(arrived, 1, "the host is told once");
});

story!(five_wrong_codes_rest_the_terminal, |scene| {
    let mut tablet = Tablet::at(&scene, scene.tokyo, "1階ロビー").await;
    let mut other = Tablet::at(&scene, scene.tokyo, "通用口").await;
    let made = scene.made(scene.body(10)).await;
    let pass = scene.pass(&made).await;
    for guess in 0..5 {
        let answer = tablet.call(&scene, CHECK_IN, json!({ "code": format!("0000000{guess}") })).await;
        assert_eq!(answer.status, 422);
    }
    let right = json!({ "code": pass["code"] });
    let paused = tablet.call(&scene, CHECK_IN, right.clone()).await.expect(429);
    assert_eq!(paused.json()["code"], "visitors-check-in-too-many");
    // The desk hears of each; the terminal beside it goes on; this one does after ten minutes.
    let refused = scene.facts().await.into_iter().filter(|fact| fact == "visitors.pass_refused").count();
    assert_eq!(refused, 5);
    let answer = other.call(&scene, CHECK_IN, json!({ "code": "11111111" })).await;
    assert_eq!(answer.status, 422);
    scene.pass_time(minutes(11));
    tablet.call(&scene, CHECK_IN, right).await.expect(200);
});

story!(a_host_is_found_masked_and_not_too_often, |scene| {
    for name in ["佐藤 美咲", "佐藤 美穂", "佐藤 美和", "佐藤 美紀", "佐藤 美奈", "佐藤 美月"]
    {
        let cx = scene.server.cx();
        let identity = &scene.server.foundation().identity;
        let by = identity.administrator(&cx).await.unwrap();
        let mail = format!("{:x}@acme.test", name.chars().map(u32::from).sum::<u32>());
        let new = sekisho_identity::NewPerson { name: name.to_owned(), mail, ..Default::default() };
        let invited = identity.invite_person(&cx, by, &new).await.unwrap();
        let token = invited.token.unwrap();
        let password = sekisho_crypto::Secret::new("correct horse 42 battery");
        identity.accept_link(&cx, token.expose(), &password, &Default::default()).await.unwrap();
    }
    let mut tablet = Tablet::at(&scene, scene.tokyo, "1階ロビー").await;
    let hits = async |tablet: &mut Tablet, q: &str| {
        tablet.call(&scene, "/terminal/api/hosts", json!({ "q": q })).await.expect(200).json()["items"]
            .clone()
    };
    assert_eq!(hits(&mut tablet, "佐藤").await, json!([]), "two letters are too few");
    let found = hits(&mut tablet, "佐藤 美").await;
    assert_eq!(found.as_array().unwrap().len(), 5, "at most five");
    assert!(found.as_array().unwrap().iter().all(|hit| hit["name"] == "佐藤 ○○"), "{found}");
    assert_eq!(hits(&mut tablet, "desk@acme.test").await, json!([]), "an address finds nobody");
    assert_eq!(hits(&mut tablet, "%%%").await, json!([]));
    let mut asked = 2;
    let busy = loop {
        let answer = tablet.call(&scene, "/terminal/api/hosts", json!({ "q": "佐藤 美" })).await;
        if answer.status != 200 {
            break answer;
        }
        asked += 1;
        assert!(asked < 50, "nobody stops the search");
    };
    assert_eq!(busy.status, 429);
    scene.pass_time(minutes(6));
    assert_ne!(hits(&mut tablet, "佐藤 美").await, json!([]));
});

/// The reference under which a terminal finds the host.
async fn host_of(scene: &Scene, tablet: &mut Tablet) -> Value {
    let found = tablet.call(scene, "/terminal/api/hosts", json!({ "q": "host" })).await.expect(200).json();
    found["items"][0]["ref"].clone()
}

story!(somebody_without_an_appointment_calls_a_host, |scene| {
    let mut tablet = Tablet::at(&scene, scene.tokyo, "1階ロビー").await;
    let mut other = Tablet::at(&scene, scene.tokyo, "通用口").await;
    let whom = host_of(&scene, &mut tablet).await;
    let body = json!({ "name": "飛び込 花子", "company": "株式会社あおば", "count": 2, "whom": whom, "language": "ja" });
    other.call(&scene, "/terminal/api/walk-in", body.clone()).await.expect(422);
    for (field, wrong) in
        [("name", json!(" ")), ("count", json!(0)), ("count", json!(1000)), ("whom", json!("x"))]
    {
        let mut body = body.clone();
        body[field] = wrong;
        tablet.call(&scene, "/terminal/api/walk-in", body).await.expect(422);
    }
    tablet.call(&scene, "/terminal/api/walk-in", body.clone()).await.expect(200);
    let mut admin = scene.server.administrator().await;
    let listed = admin.get("/api/v1/visitors/visits").await.expect(200).json();
    let visit = &listed["items"][0];
    assert_eq!((&visit["state"], &visit["companions"]), (&json!("arrived"), &json!(1)));
    assert_eq!(visit["host"], json!(scene.host.person));
    assert!(scene.facts().await.contains(&"visitors.arrived".to_owned()));
    assert!(!scene.everything_told().await.contains("飛び込"));
    // A reference is good for a quarter of an hour.
    scene.pass_time(minutes(16));
    tablet.call(&scene, "/terminal/api/walk-in", body).await.expect(422);
});

story!(a_department_is_called_and_a_delivery_handed_in, |scene| {
    let foundation = scene.server.foundation();
    let cx = scene.server.cx();
    let by = foundation.identity.administrator(&cx).await.unwrap();
    let group = foundation.identity.make_group(&cx, by, "総務部", "").await.unwrap();
    let by = foundation.identity.administrator(&cx).await.unwrap();
    foundation.identity.join_group(&cx, by, group, scene.host.person).await.unwrap();
    let mut tablet = Tablet::at(&scene, scene.tokyo, "1階ロビー").await;
    let parcel = json!({ "carrier": "ヤマト運輸", "whom": "", "language": "ja" });
    tablet.call(&scene, "/terminal/api/delivery", parcel.clone()).await.expect(422);

    let mut admin = scene.server.administrator().await;
    let now = admin.get("/api/v1/visitors/terminal-settings").await.expect(200);
    let mut settings = now.json();
    settings.as_object_mut().unwrap().remove("picture");
    settings["departments"] = json!([group]);
    settings["office"] = json!(group);
    let mut seen = admin.clone().with_header("if-match", "\"0\"");
    seen.api("PUT", "/api/v1/visitors/terminal-settings", settings.clone()).await.expect(200);
    seen.api("PUT", "/api/v1/visitors/terminal-settings", settings).await.expect(412);

    let hello = tablet.call(&scene, HELLO, json!({})).await.expect(200).json();
    let department = &hello["settings"]["departments"][0];
    assert_eq!(department["name"], "総務部");
    let body = json!({ "name": "飛び込 花子", "whom": department["ref"], "purpose": "名刺交換" });
    tablet.call(&scene, "/terminal/api/walk-in", body).await.expect(200);
    tablet.call(&scene, "/terminal/api/delivery", parcel).await.expect(200);
    let direct = json!({ "carrier": "佐川急便", "whom": host_of(&scene, &mut tablet).await });
    tablet.call(&scene, "/terminal/api/delivery", direct).await.expect(200);
    scene.server.settle().await;
    let mailbox = admin.get("/mailbox").await.text;
    for told in ["飛び込 花子", "名刺交換", "ヤマト運輸", "佐川急便"] {
        assert!(mailbox.contains(told), "{told} was not told");
    }
    // The desk sees its site's deliveries, everybody their own, others none.
    let count =
        |answer: sekisho_testkit::Answer| answer.expect(200).json()["items"].as_array().unwrap().len();
    assert_eq!(count(scene.desk().await.get("/api/v1/visitors/deliveries").await), 2);
    let mut host = scene.server.signed_in(&scene.host).await;
    assert_eq!(count(host.get("/api/v1/visitors/deliveries").await), 1);
    assert_eq!(count(admin.get("/api/v1/visitors/deliveries?q=ヤマト").await), 1);
    let outsider = scene.server.colleague("outsider").await;
    let mut outsider = scene.server.signed_in(&outsider).await;
    assert_eq!(count(outsider.get("/api/v1/visitors/deliveries").await), 0);
});

story!(expected_guests_are_checked_in_without_a_network, |scene| {
    let mut tablet = Tablet::at(&scene, scene.tokyo, "1階ロビー").await;
    let mut other = Tablet::at(&scene, scene.tokyo, "通用口").await;
    let made = scene.made(scene.body(10)).await;
    let pass = scene.pass(&made).await;
    let text = pass["pass"].as_str().unwrap();
    let hello = tablet.call(&scene, HELLO, json!({})).await.expect(200).json();
    let sealed = hello["expected"]["sealed"].as_str().unwrap();
    let list = tablet.opened(sealed);
    assert_eq!(list["expected"].as_array().unwrap().len(), 1);
    let mut keys: Vec<_> = list["expected"][0].as_object().unwrap().keys().cloned().collect();
    keys.sort();
    assert_eq!(keys, ["from", "pass", "until"], "fingerprints and times, nothing about a guest");
    let same = json!({ "has": hello["expected"]["version"] });
    assert_eq!(tablet.call(&scene, HELLO, same).await.expect(200).json()["expected"], Value::Null);

    // Ten minutes without a network; what happened is sent twice, and at once.
    let happened = scene.server.cx().now.as_micros() / 1000 + 60_000;
    scene.pass_time(minutes(10));
    let event = Uuid::from_u128(7);
    let came = json!({ "events": [tablet.event(event, "check_in", text, happened)] });
    let foreign = other.call(&scene, "/terminal/api/events", came.clone()).await.expect(200).json();
    assert_eq!(foreign["done"], json!([event]), "unreadable for anybody else, and dropped");
    assert_ne!(scene.visit(&pass["visit"]).await["state"], "arrived");
    for _ in 0..2 {
        let done = tablet.call(&scene, "/terminal/api/events", came.clone()).await.expect(200).json();
        assert_eq!(done["done"], json!([event]));
    }
    let visit = scene.visit(&pass["visit"]).await;
    assert_eq!(visit["state"], "arrived");
    let facts = scene.facts().await;
    assert_eq!(facts.iter().filter(|fact| *fact == "visitors.arrived").count(), 1);
    assert!(!facts.contains(&"visitors.pass_refused".to_owned()), "sent again is not shown again: {facts:?}");
    use sekisho_visitors::tables::visits;
    let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    let row = scope.find::<visits::Entity>().one().await.unwrap().unwrap();
    assert_eq!(row.arrived_at.unwrap().as_micros() / 1000, happened, "when it happened");
    drop(scope);
    // Another event with the same pass is a second showing, and told inside.
    let twice = json!({ "events": [tablet.event(Uuid::from_u128(8), "check_in", text, happened + 500)] });
    tablet.call(&scene, "/terminal/api/events", twice).await.expect(200);
    assert!(scene.facts().await.contains(&"visitors.pass_refused".to_owned()));
    let gone = json!({ "events": [tablet.event(Uuid::from_u128(9), "check_out", text, happened + 1000)] });
    tablet.call(&scene, "/terminal/api/events", gone).await.expect(200);
    assert_eq!(scene.visit(&pass["visit"]).await["state"], "left");
    let rubbish = json!({ "events": [{ "id": Uuid::from_u128(10), "sealed": "AAAA" }] });
    let done = tablet.call(&scene, "/terminal/api/events", rubbish).await.expect(200).json();
    assert_eq!(done["done"], json!([Uuid::from_u128(10)]));
});

story!(what_a_terminal_tells_hours_later_counts_at_its_time_and_calls_nobody, |scene| {
    let mut tablet = Tablet::at(&scene, scene.tokyo, "1階ロビー").await;
    let deputy = scene.server.colleague("deputy").await;
    let mut body = scene.body(10);
    body["deputies"] = json!([deputy.person]);
    let made = scene.made(body.clone()).await;
    let inside = scene.pass(&made).await;
    let made = scene.made(body).await;
    let gone = scene.pass(&made).await;
    scene.server.settle().await;
    let then = scene.server.cx().now.as_micros() / 1000 + 600_000;
    scene.server.advance(minutes(150)).await;
    assert_eq!(scene.visit(&inside["visit"]).await["state"], "no_show");
    let text = |pass: &Value| pass["pass"].as_str().unwrap().to_owned();
    let events = json!({ "events": [
        tablet.event(Uuid::from_u128(1), "check_in", &text(&inside), then),
        tablet.event(Uuid::from_u128(2), "check_in", &text(&gone), then),
        tablet.event(Uuid::from_u128(3), "check_out", &text(&gone), then + 3_600_000),
    ] });
    let done = tablet.call(&scene, "/terminal/api/events", events).await.expect(200).json();
    assert_eq!(done["done"].as_array().unwrap().len(), 3);
    let (inside, gone) = (scene.visit(&inside["visit"]).await, scene.visit(&gone["visit"]).await);
    assert_eq!((&inside["state"], &gone["state"]), (&json!("arrived"), &json!("left")));
    let facts = scene.facts().await;
    assert!(!facts.contains(&"visitors.pass_refused".to_owned()), "{facts:?}");
    // Row and fact say the same of when the guest left.
    let left = gone["left_at"].as_str().unwrap().to_owned();
    assert_eq!(left, sekisho_kernel::Timestamp::from_micros((then + 3_600_000) * 1000).rfc3339());
    use sekisho_storage::tables::outbox_events;
    let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    let told = scope.find::<outbox_events::Entity>().all().await.unwrap();
    let told = told.into_iter().find(|fact| fact.name == "visitors.left").unwrap();
    assert_eq!(told.payload.0["at"], json!(left));
    drop(scope);
    // The host hears of who waits, not of who has gone; the deputy is asked when two minutes from now are over.
    scene.server.settle().await;
    let waits = |told: Vec<String>| told.iter().filter(|one| one.contains("お見え")).count();
    assert_eq!((waits(scene.told("host@").await), waits(scene.told("deputy@").await)), (1, 0));
    scene.server.advance(minutes(2)).await;
    assert_eq!((waits(scene.told("host@").await), waits(scene.told("deputy@").await)), (1, 1));
});

story!(an_answer_that_got_lost_makes_no_used_pass, |scene| {
    let mut tablet = Tablet::at(&scene, scene.tokyo, "1階ロビー").await;
    let mut other = Tablet::at(&scene, scene.tokyo, "通用口").await;
    let made = scene.made(scene.body(10)).await;
    let pass = scene.pass(&made).await;
    let text = pass["pass"].as_str().unwrap();
    let shown = scene.server.cx().now.as_micros() / 1000;
    // It came through, but the tablet had given up waiting and kept the event.
    scene.pass_time(std::time::Duration::from_secs(9));
    tablet.call(&scene, CHECK_IN, json!({ "pass": text })).await.expect(200);
    let event = json!({ "events": [tablet.event(Uuid::from_u128(1), "check_in", text, shown)] });
    let done = tablet.call(&scene, "/terminal/api/events", event).await.expect(200).json();
    assert_eq!(done["done"], json!([Uuid::from_u128(1)]));
    assert!(!scene.facts().await.contains(&"visitors.pass_refused".to_owned()));
    assert_eq!(scene.facts().await.iter().filter(|fact| *fact == "visitors.arrived").count(), 1);
    // At another terminal the same is a second showing.
    let event = json!({ "events": [other.event(Uuid::from_u128(2), "check_in", text, shown)] });
    other.call(&scene, "/terminal/api/events", event).await.expect(200);
    assert!(scene.facts().await.contains(&"visitors.pass_refused".to_owned()));
});

story!(what_is_older_than_a_week_is_not_applied_and_on_the_record, |scene| {
    let mut tablet = Tablet::at(&scene, scene.tokyo, "1階ロビー").await;
    let mut body = scene.body(10);
    body["ends"] = json!(scene.at(20 * 24 * 60));
    let made = scene.made(body).await;
    let pass = scene.pass(&made).await;
    let old = scene.server.cx().now.as_micros() / 1000;
    scene.pass_time(minutes(7 * 24 * 60 + 1));
    let event = json!({ "events": [tablet.event(Uuid::from_u128(1), "check_in", pass["pass"].as_str().unwrap(), old)] });
    let done = tablet.call(&scene, "/terminal/api/events", event).await.expect(200).json();
    assert_eq!(done["done"], json!([Uuid::from_u128(1)]));
    assert_eq!(scene.visit(&pass["visit"]).await["state"], "draft");
    let record = scene.record().await;
    assert!(record.contains(&"terminal.event too_old".to_owned()), "{record:?}");
});

story!(who_takes_the_wrong_button_on_the_way_in_still_comes_in, |scene| {
    let mut tablet = Tablet::at(&scene, scene.tokyo, "1階ロビー").await;
    let early = scene.made(scene.body(3 * 24 * 60)).await;
    let early = scene.pass(&early).await;
    let made = scene.made(scene.body(10)).await;
    let pass = scene.pass(&made).await;
    for (pass, state) in [(&early, "draft"), (&pass, "draft")] {
        let shown = json!({ "code": pass["code"] });
        tablet.call(&scene, "/terminal/api/check-out", shown).await.expect(200);
        assert_eq!(scene.visit(&pass["visit"]).await["state"], state);
    }
    assert!(!scene.facts().await.contains(&"visitors.left".to_owned()));
    tablet.call(&scene, CHECK_IN, json!({ "code": pass["code"] })).await.expect(200);
    // The desk knows who goes, seen coming or not; but nobody has gone days before.
    let mut desk = scene.desk().await;
    let path =
        |pass: &Value| format!("/api/v1/visitors/visits/{}/check-out", pass["visit"].as_str().unwrap());
    desk.api("POST", &path(&early), Value::Null).await.expect(204);
    assert_eq!(scene.visit(&early["visit"]).await["state"], "draft");
    desk.api("POST", &path(&pass), Value::Null).await.expect(204);
    assert_eq!(scene.visit(&pass["visit"]).await["state"], "left");
});

story!(a_carrier_that_was_typed_stays_out_of_the_record, |scene| {
    let mut tablet = Tablet::at(&scene, scene.tokyo, "1階ロビー").await;
    let whom = host_of(&scene, &mut tablet).await;
    let parcel = json!({ "carrier": "山田 090-1234-5678", "whom": whom });
    tablet.call(&scene, "/terminal/api/delivery", parcel).await.expect(200);
    assert!(scene.record().await.contains(&"delivery.hand_in".to_owned()));
    assert!(!scene.everything_told().await.contains("090-1234"));
});

story!(nobody_is_flooded_from_a_terminal, |scene| {
    let mut tablet = Tablet::at(&scene, scene.tokyo, "1階ロビー").await;
    let mut other = Tablet::at(&scene, scene.tokyo, "通用口").await;
    let whom = host_of(&scene, &mut tablet).await;
    for number in 0..30 {
        let (path, body) = match number % 2 {
            0 => ("/terminal/api/walk-in", json!({ "name": "誰か", "whom": whom })),
            _ => ("/terminal/api/delivery", json!({ "carrier": "ヤマト運輸", "whom": whom })),
        };
        tablet.call(&scene, path, body).await.expect(200);
    }
    let again = json!({ "carrier": "ヤマト運輸", "whom": whom });
    assert_eq!(tablet.call(&scene, "/terminal/api/delivery", again.clone()).await.status, 429);
    let whom = host_of(&scene, &mut other).await;
    other
        .call(&scene, "/terminal/api/delivery", json!({ "carrier": "ヤマト運輸", "whom": whom }))
        .await
        .expect(200);
    scene.pass_time(minutes(10));
    tablet.call(&scene, "/terminal/api/delivery", again).await.expect(200);
});

story!(nobody_is_flooded_from_a_personal_page, |scene| {
    let made = scene.made(scene.body(300)).await;
    let page = made["visits"][0]["address"].as_str().unwrap();
    let mut guest = scene.server.stranger();
    for _ in 0..7 {
        guest.post(&format!("{page}/propose"), &[("words", "15時では？")]).await.expect(303);
    }
    scene.server.settle().await;
    let told = scene.told("host@").await.iter().filter(|one| one.contains("別の日時")).count();
    assert_eq!(told, 5);
    scene.pass_time(minutes(60));
    guest.post(&format!("{page}/propose"), &[("words", "16時では？")]).await.expect(303);
    scene.server.settle().await;
    assert_eq!(scene.told("host@").await.iter().filter(|one| one.contains("別の日時")).count(), 6);
});
