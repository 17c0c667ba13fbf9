//! People: invited, changed, masked, leaving, imported.

use std::time::Duration;

use sekisho_identity::{NewPerson, PinCheck};
use sekisho_kernel::Outcome;
use serde_json::json;

use super::*;

async fn invite(server: &TestServer, new: Value) -> sekisho_testkit::Answer {
    let mut admin = server.administrator().await;
    server.prove(&mut admin).await;
    admin.api("POST", "/api/v1/people", new).await
}

both!(every_wrong_field_is_named_at_once, |server| {
    let answer =
        invite(&server, json!({ "name": "", "mail": "x", "phone": "y", "number": "1" })).await.expect(422);
    for field in ["name", "mail", "phone", "number"] {
        assert!(answer.text.contains(&format!("\"{field}\"")), "{field}: {}", answer.text);
    }
    invite(&server, json!({ "name": "A", "mail": "a@acme.test", "number": "0042" })).await.expect(201);
    let answer = invite(&server, json!({ "name": "B", "mail": "A@ACME.TEST" })).await.expect(422);
    assert!(answer.text.contains("mail"));
    let answer = invite(&server, json!({ "name": "C", "number": "００４２" })).await.expect(422);
    assert!(answer.text.contains("number"));
});

both!(personal_data_is_masked_and_each_reveal_recorded, |server| {
    let made = invite(
        &server,
        json!({ "name": "佐藤", "mail": "sato.hanako@acme.test", "phone": "090-1234-5678", "number": "4711" }),
    )
    .await;
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let mut admin = server.administrator().await;
    for path in [
        "/people".to_owned(),
        format!("/people/{id}"),
        format!("/people/{id}/settings"),
        "/people/csv".into(),
        "/api/v1/people".into(),
        format!("/api/v1/people/{id}"),
    ] {
        let page = admin.get(&path).await.ok();
        for secret in ["sato.hanako", "12345678", "1234-5678", "4711"] {
            assert!(!page.contains(secret), "{secret} in {path}");
        }
    }
    let reveal = format!("/api/v1/people/{id}/reveal");
    admin.api("POST", &reveal, json!({ "reason": "" })).await.expect(422);
    let shown = admin.api("POST", &reveal, json!({ "reason": "called back" })).await.json();
    assert_eq!(shown, json!({ "mail": "sato.hanako@acme.test", "phone": "+819012345678", "number": "4711" }));
    for _ in 1..20 {
        admin.api("POST", &reveal, json!({ "reason": "called back" })).await.expect(200);
    }
    admin.api("POST", &reveal, json!({ "reason": "called back" })).await.expect(403);
    let page = admin.post(&format!("/people/{id}/reveal"), &[("reason", "called back")]).await.expect(303);
    assert!(page.location().starts_with("/step-up"));
    server.world.advance(Duration::from_secs(1));
    server.prove(&mut admin).await;
    admin.api("POST", &reveal, json!({ "reason": "called back" })).await.expect(200);
    assert_eq!(entries(&server, "person.reveal", Outcome::Done).await, 21);
    assert_eq!(entries(&server, "person.reveal", Outcome::Refused).await, 2);
});

both!(saving_a_masked_field_unchanged_keeps_it, |server| {
    let made =
        invite(&server, json!({ "name": "佐藤", "mail": "sato@acme.test", "phone": "090-1234-5678" })).await;
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let mut admin = server.administrator().await;
    let fields = [
        ("name", "佐藤 花子"),
        ("kana", ""),
        ("mail", ""),
        ("phone", ""),
        ("number", "0042"),
        ("language", "en"),
    ];
    let strange = json!({ "name": "佐藤", "mail": "strange@acme.test", "language": "tlh" });
    server.prove(&mut admin).await;
    let refused = admin.api("POST", "/api/v1/people", strange).await.expect(422).json();
    assert_eq!(refused["errors"][0]["field"], "language", "{refused}");
    admin.post(&format!("/people/{id}/settings"), &fields).await.expect(303);
    let scope = server.foundation().store.read(server.tenant).await.unwrap();
    let person = server.foundation().identity.person(&scope, id.parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(person.mail.as_deref(), Some("sato@acme.test"));
    assert_eq!(person.phone.as_deref(), Some("+819012345678"));
    assert_eq!(person.number.as_deref(), Some("0042"));
    assert_eq!(person.name, "佐藤 花子");
});

both!(a_leaver_loses_everything_at_once_and_is_deleted_a_month_later, |server| {
    let who = server.colleague("sato").await;
    let foundation = server.foundation();
    let identity = &foundation.identity;
    let cx = fresh_cx(&server, server.admin);
    let by = identity.administrator(&cx).await.unwrap();
    identity.add_badge(&cx, by, who.person, "04:A2:1B:3C", "blue").await.unwrap();
    identity.set_pin(&fresh_cx(&server, who.person), who.person, &Secret::new("2580")).await.unwrap();
    let group = identity.make_group(&cx, by, "Facilities", "").await.unwrap();
    identity.join_group(&cx, by, group, who.person).await.unwrap();
    make_administrator(&server, who.person).await;
    let (mut client, _) = sign_in(&server, &who.mail, PASSWORD).await;
    client.get("/people").await.ok();

    let mut admin = server.administrator().await;
    admin.post(&format!("/people/{}/leave", who.person), &[]).await.expect(303);
    client.get("/me").await.expect(303);
    sign_in(&server, &who.mail, PASSWORD).await.1.expect(422);
    let scope = foundation.store.read(server.tenant).await.unwrap();
    assert_eq!(identity.by_badge(&cx, &scope, "04A21B3C").await.unwrap(), None);
    assert!(!foundation.policy.is_administrator(&server.cx(), who.person).await.unwrap());
    assert!(identity.members(&scope, group).await.unwrap().is_empty());
    assert!(identity.administrator(&server.cx_of(who.person)).await.is_err());
    drop(scope);
    let mut tx = foundation.store.begin(&server.cx()).await.unwrap();
    assert_eq!(
        identity.verify_pin(&mut tx, who.person, &Secret::new("2580")).await.unwrap(),
        PinCheck::NoPin
    );
    drop(tx);
    // Nobody removes themselves.
    admin.post(&format!("/people/{}/leave", server.admin), &[]).await.expect(422);

    server.advance(Duration::from_secs(29 * 86_400)).await;
    let scope = foundation.store.read(server.tenant).await.unwrap();
    assert!(identity.person(&scope, who.person).await.unwrap().is_some());
    drop(scope);
    server.advance(Duration::from_secs(2 * 86_400)).await;
    let scope = foundation.store.read(server.tenant).await.unwrap();
    assert!(identity.person(&scope, who.person).await.unwrap().is_none());
    assert!(identity.display_names(&scope, &[who.person]).await.unwrap().is_empty());
    assert_eq!(facts(&server, "identity.person_deleted").await, 1);
});

both!(a_leaver_who_comes_back_is_not_deleted, |server| {
    let who = server.colleague("sato").await;
    let mut admin = server.administrator().await;
    admin.post(&format!("/people/{}/leave", who.person), &[]).await.expect(303);
    server.prove(&mut admin).await;
    admin.post(&format!("/people/{}/return", who.person), &[]).await.expect(303);
    sign_in(&server, &who.mail, PASSWORD).await.1.expect(303);
    server.advance(Duration::from_secs(40 * 86_400)).await;
    sign_in(&server, &who.mail, PASSWORD).await.1.expect(303);
    // Somebody else may have taken the address meanwhile.
    let mut admin = server.administrator().await;
    admin.post(&format!("/people/{}/leave", who.person), &[]).await.expect(303);
    invite(&server, json!({ "name": "new", "mail": who.mail })).await.expect(201);
    server.prove(&mut admin).await;
    admin.post(&format!("/people/{}/return", who.person), &[]).await.expect(422);
});

both!(a_file_is_imported_whole_or_not_at_all, |server| {
    let cx = server.cx();
    let identity = &server.foundation().identity;
    let by = identity.administrator(&cx).await.unwrap();
    let bad = "name,mail\nA,a@acme.test\nB,a@acme.test\n";
    assert!(identity.import_people(&cx, by, bad.as_bytes()).await.is_err());
    let scope = server.foundation().store.read(server.tenant).await.unwrap();
    assert_eq!(identity.people(&cx, &scope, &Default::default()).await.unwrap().len(), 1);
    drop(scope);
    let good = "name,mail,kind\nA,a@acme.test,\nB,,guest\n";
    assert_eq!(identity.import_people(&cx, by, good.as_bytes()).await.unwrap().people, 2);
    assert_eq!(facts(&server, "identity.person_invited").await, 2, "the founder and A; B has no address");
});

both!(are_found_by_name_reading_mail_and_number, |server| {
    let cx = server.cx();
    let identity = &server.foundation().identity;
    let by = identity.administrator(&cx).await.unwrap();
    let new = NewPerson {
        name: "佐藤 100%".into(),
        kana: "さとう".into(),
        mail: "sato@acme.test".into(),
        number: "0042".into(),
        ..NewPerson::default()
    };
    identity.invite_person(&cx, by, &new).await.unwrap();
    let mut admin = server.administrator().await;
    for (search, found) in [
        ("佐藤", 1),
        ("とう", 1),
        ("SATO@acme.test", 1),
        ("0042", 1),
        ("100%", 1),
        ("%", 1),
        ("_", 0),
        ("sato@", 0),
    ] {
        let path = format!("/api/v1/people?q={}", sekisho_web::escape_query(search));
        let list = admin.api("GET", &path, Value::Null).await.json();
        assert_eq!(list["items"].as_array().unwrap().len(), found, "{search}");
    }
    for number in 0..5 {
        let new = NewPerson { name: format!("p{number}"), ..NewPerson::default() };
        identity.invite_person(&cx, by, &new).await.unwrap();
    }
    let (mut path, mut seen) = ("/api/v1/people?limit=2".to_owned(), 0);
    loop {
        let list = admin.api("GET", &path, Value::Null).await.json();
        seen += list["items"].as_array().unwrap().len();
        match list["next_cursor"].as_str() {
            Some(cursor) => path = format!("/api/v1/people?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, 7);
});

both!(are_listed_by_their_reading, |server| {
    let cx = server.cx();
    let identity = &server.foundation().identity;
    let by = identity.administrator(&cx).await.unwrap();
    for (name, kana) in [("田中", "たなか"), ("佐藤", "さとう"), ("Bell", ""), ("鈴木", "すずき")]
    {
        let new = NewPerson { name: name.into(), kana: kana.into(), ..NewPerson::default() };
        // A context of its own, and with it a moment of its own, for each.
        identity.invite_person(&server.cx(), by, &new).await.unwrap();
    }
    let mut admin = server.administrator().await;
    for (sort, first, last) in
        [("", "acme admin", "田中"), ("-name", "田中", "acme admin"), ("newest", "鈴木", "acme admin")]
    {
        let (mut names, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("/api/v1/people?limit=2&sort={sort}&cursor={cursor}");
            let list = admin.api("GET", &path, Value::Null).await.json();
            let items = list["items"].as_array().unwrap();
            names.extend(items.iter().map(|person| person["name"].as_str().unwrap().to_owned()));
            match list["next_cursor"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => break,
            }
        }
        assert_eq!(names.len(), 5, "{sort}: {names:?}");
        assert_eq!((names[0].as_str(), names[4].as_str()), (first, last), "{sort}: {names:?}");
    }
});
