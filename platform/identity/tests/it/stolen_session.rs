//! A session left open, or its cookie stolen: it cannot make itself anything that outlives it.

use sekisho_identity::NewToken;
use serde_json::json;

use super::*;

both!(it_gives_itself_no_factor, |server| {
    let who = server.colleague("sato").await;
    let foundation = server.foundation();
    // The owner has begun to add an app and was called away.
    let begun = foundation.identity.begin_totp(&fresh_cx(&server, who.person), who.person).await.unwrap();
    let (mut thief, _) = sign_in(&server, &who.mail, PASSWORD).await;
    let led_to_the_proof = |answer: sekisho_testkit::Answer, what: &str| {
        assert!(answer.expect(303).location().starts_with("/step-up?next="), "{what}");
    };
    let shown = data_encoding::BASE32_NOPAD.decode(begun.secret.expose().as_bytes()).unwrap();
    let code = totp(&server, &shown);
    led_to_the_proof(thief.get("/me/security/app").await, "seeing the secret");
    led_to_the_proof(thief.get("/me/security/app?first=1").await, "seeing the secret");
    led_to_the_proof(thief.post("/me/security/app", &[("code", &code)]).await, "confirming it");
    led_to_the_proof(thief.post("/me/security/app/remove", &[]).await, "removing it");
    led_to_the_proof(thief.post("/me/security/recovery-codes", &[]).await, "recovery codes");
    for pin in ["2580", ""] {
        led_to_the_proof(thief.post("/me/security/pin", &[("pin", pin)]).await, "the PIN");
    }
    let fields = [("name", "x"), ("days", "1"), ("scopes", "*:write")];
    led_to_the_proof(thief.post("/me/security/tokens", &fields).await, "a token");
    let fields = [("current", ""), ("password", "a new password 77")];
    thief.post("/me/security/password", &fields).await.expect(422);
    let scope = foundation.store.read(server.tenant).await.unwrap();
    let factors = foundation.identity.factors(&scope, who.person).await.unwrap();
    assert!(!factors.totp && factors.recovery_codes == 0, "{factors:?}");
    assert!(!foundation.identity.has_pin(&scope, who.person).await.unwrap());
    drop(scope);
    // With a fresh proof each of them is open, for five minutes.
    server.prove(&mut thief).await;
    thief.get("/me/security/app").await.ok();
    assert_eq!(
        thief.post("/me/security/pin", &[("pin", "2580")]).await.expect(303).location(),
        "/me/security"
    );
    let answer = thief.post("/me/security/app", &[("code", &totp(&server, &shown))]).await.expect(303);
    assert_eq!(answer.location(), "/me/security");
    server.world.advance(std::time::Duration::from_secs(301));
    led_to_the_proof(thief.post("/me/security/pin", &[("pin", "1470")]).await, "five minutes later");
});

both!(an_administrators_turns_no_codes_to_another_mailbox, |server| {
    let who = server.colleague("sato").await;
    let mut thief = server.administrator().await;
    let api = |person: PersonId| format!("/api/v1/people/{person}");
    for person in [server.admin, who.person] {
        for change in [json!({ "mail": "thief@example.com" }), json!({ "phone": "090-1234-5678" })] {
            thief.api("PATCH", &api(person), change).await.expect(403);
        }
        let page = format!("/people/{person}/settings");
        let fields = [("name", "x"), ("mail", "thief@example.com"), ("language", "ja")];
        assert!(thief.post(&page, &fields).await.expect(303).location().starts_with("/step-up?next="));
        thief.api("PATCH", &api(person), json!({ "kana": "さとう" })).await.expect(200);
    }
    let nobody = PersonId(server.cx().fresh_id());
    thief.api("PATCH", &api(nobody), json!({ "mail": "thief@example.com" })).await.expect(404);
    let pin = json!({ "pin": "2580" });
    let badge = json!({ "serial": "04A21B3C", "label": "" });
    for person in [server.admin, who.person] {
        thief.api("PUT", &format!("{}/pin", api(person)), pin.clone()).await.expect(403);
        thief.api("POST", &format!("{}/badges", api(person)), badge.clone()).await.expect(403);
        for (page, fields) in [("pin", [("pin", "2580")]), ("badges", [("serial", "04A21B3C")])] {
            let answer = thief.post(&format!("/people/{person}/{page}"), &fields).await.expect(303);
            assert!(answer.location().starts_with("/step-up?next="), "{}", answer.location());
        }
    }
    thief.api("PUT", &format!("{}/pin", api(nobody)), pin.clone()).await.expect(404);

    // A token may do what it is for, but not to whoever could make more of it.
    let new = NewToken { name: "directory".into(), scopes: vec!["*:write".into()], days: 9 };
    let cx = fresh_cx(&server, server.admin);
    let (_, token) = server.foundation().identity.make_token(&cx, server.admin, &new).await.unwrap();
    let mut directory = server.stranger().with_token(token.expose());
    let moved = json!({ "mail": "moved@acme.test" });
    directory.api("PATCH", &api(who.person), moved.clone()).await.expect(200);
    directory.api("PATCH", &api(server.admin), json!({ "mail": "thief@example.com" })).await.expect(403);
    directory.api("PUT", &format!("{}/pin", api(server.admin)), pin.clone()).await.expect(403);
    directory.api("POST", &format!("{}/badges", api(server.admin)), badge.clone()).await.expect(403);
    directory.api("PUT", &format!("{}/pin", api(who.person)), pin.clone()).await.expect(204);

    server.prove(&mut thief).await;
    thief.api("PATCH", &api(server.admin), json!({ "mail": "boss@acme.test" })).await.expect(200);
    thief.api("PUT", &format!("{}/pin", api(server.admin)), pin).await.expect(204);
    thief.api("POST", &format!("{}/badges", api(who.person)), badge).await.expect(201);
});

both!(an_administrators_makes_nobody_who_could_come_back, |server| {
    let who = server.colleague("sato").await;
    let mut thief = server.administrator().await;
    let new = json!({ "name": "x", "mail": "thief@example.com" });
    let back = json!({});
    let group = json!({ "name": "管理部門" });
    let acts = [
        ("POST", "/api/v1/people".to_owned(), new.clone()),
        ("POST", format!("/api/v1/people/{}/return", who.person), back),
        ("POST", "/api/v1/groups".to_owned(), group.clone()),
    ];
    for (method, path, body) in &acts {
        let refused = thief.api(method, path, body.clone()).await.expect(403);
        assert_eq!(refused.json()["code"], "error-unproven", "{path}");
    }
    // A person is led to the proof, and from there to the form; one whose proof was fresh when it was opened is in time.
    assert_eq!(thief.get("/people/new").await.expect(303).location(), "/step-up?next=%2Fpeople%2Fnew");
    let fields = [("name", "x"), ("mail", "new@acme.test"), ("language", "ja")];
    assert_eq!(thief.post("/people/new", &fields).await.expect(303).location(), "/step-up?next=%2F");
    server.prove(&mut thief).await;
    thief.get("/people/new").await.ok();
    server.world.advance(std::time::Duration::from_secs(14 * 60));
    assert!(thief.get("/people/new").await.expect(303).location().starts_with("/step-up"));
    assert!(thief.post("/people/new", &fields).await.expect(303).location().starts_with("/people/"));
    server.world.advance(std::time::Duration::from_secs(61));
    assert!(thief.post("/people/new", &fields).await.expect(303).location().starts_with("/step-up"));

    // A token wants to have been made for it.
    let identity = &server.foundation().identity;
    for (scope, status) in
        [("*:write", 403), ("identity:write", 403), ("notify:admin", 403), ("identity:admin", 201)]
    {
        let new = NewToken { name: "t".into(), scopes: vec![scope.into()], days: 9 };
        let (_, token) =
            identity.make_token(&fresh_cx(&server, server.admin), server.admin, &new).await.unwrap();
        let mut program = server.stranger().with_token(token.expose());
        let answer = program.api("POST", "/api/v1/groups", group.clone()).await.expect(status);
        if status == 403 {
            assert_eq!(answer.json()["code"], "error-scope", "{scope}");
        }
    }
});

both!(a_token_changes_nothing_by_which_its_maker_is_known, |server| {
    let who = server.colleague("sato").await;
    let new = NewToken { name: "t".into(), scopes: vec!["*:write".into()], days: 9 };
    let identity = &server.foundation().identity;
    let (_, token) = identity.make_token(&fresh_cx(&server, who.person), who.person, &new).await.unwrap();
    let mut program = server.stranger().with_token(token.expose());
    program.post("/me/security/pin", &[("pin", "2580")]).await;
    let scope = server.foundation().store.read(server.tenant).await.unwrap();
    assert!(!identity.has_pin(&scope, who.person).await.unwrap());
});
