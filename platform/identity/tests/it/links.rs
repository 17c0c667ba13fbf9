//! Mailed links: looked at as often as anybody likes, used once, for a day.

use sekisho_testkit::hours;

use super::*;

both!(an_invitation_sets_the_first_password_once, |server| {
    let mut admin = server.administrator().await;
    server.prove(&mut admin).await;
    let fields = [("name", "佐藤 花子"), ("mail", "sato@acme.test"), ("language", "ja")];
    admin.post("/people/new", &fields).await.expect(303);
    let token = server.mailed("identity.person_invited", "token").await.expose().to_owned();
    let path = format!("/invitation/{token}");
    let mut client = server.stranger();
    for _ in 0..3 {
        assert!(
            client.get(&path).await.ok().contains("佐藤 花子"),
            "scanners that follow links use nothing up"
        );
    }
    for weak in ["short", "password123", "sato@acme.test"] {
        client.post(&path, &[("password", weak)]).await.expect(422);
    }
    client.post(&path, &[("password", "月見の夜に団子を")]).await.expect(303);
    client.get(&path).await.expect(404);
    client.post(&path, &[("password", "another password 7")]).await.expect(404);
    sign_in(&server, "sato@acme.test", "月見の夜に団子を").await.1.expect(303);
});

both!(an_invitation_lives_a_day_and_a_new_one_replaces_it, |server| {
    let cx = server.cx();
    let identity = &server.foundation().identity;
    let by = identity.administrator(&cx).await.unwrap();
    let new =
        sekisho_identity::NewPerson { name: "x".into(), mail: "x@acme.test".into(), ..Default::default() };
    let first = identity.invite_person(&cx, by, &new).await.unwrap();
    let second = identity.invite_again(&cx, by, first.person).await.unwrap();
    let mut client = server.stranger();
    client.get(&format!("/invitation/{}", first.token.unwrap().expose())).await.expect(404);
    let path = format!("/invitation/{}", second.token.unwrap().expose());
    client.get(&path).await.ok();
    server.world.advance(hours(24));
    client.get(&path).await.expect(404);
    client.post(&path, &[("password", "a good password 7")]).await.expect(404);
});

both!(a_reset_ends_what_the_old_password_opened, |server| {
    let who = server.colleague("sato").await;
    let (mut signed_in, _) = sign_in(&server, &who.mail, PASSWORD).await;
    let mut client = server.stranger();
    let known = client.post("/forgot", &[("mail", &who.mail)]).await;
    let unknown = client.post("/forgot", &[("mail", "nobody@acme.test")]).await;
    assert_eq!((known.status, &known.text), (unknown.status, &unknown.text), "no hint who is known");
    assert_eq!(facts(&server, "identity.password_reset_requested").await, 1);
    let token = server.mailed("identity.password_reset_requested", "token").await.expose().to_owned();
    client.post(&format!("/invitation/{token}"), &[("password", "a new password 77")]).await.expect(303);
    signed_in.get("/me").await.expect(303);
    sign_in(&server, &who.mail, PASSWORD).await.1.expect(422);
    sign_in(&server, &who.mail, "a new password 77").await.1.expect(303);
});

both!(nobodys_mailbox_is_flooded, |server| {
    let who = server.colleague("sato").await;
    for _ in 0..6 {
        server.stranger().post("/forgot", &[("mail", &who.mail)]).await.ok();
    }
    assert_eq!(facts(&server, "identity.password_reset_requested").await, 3);
});

both!(a_link_of_another_purpose_or_tenant_does_nothing, |server| {
    let who = server.colleague("sato").await;
    for _ in 0..3 {
        sign_in(&server, &who.mail, "wrong").await.1.expect(422);
    }
    let unlock = server.mailed("identity.locked", "token").await.expose().to_owned();
    let mut client = server.stranger();
    client.post(&format!("/invitation/{unlock}"), &[("password", "a new password 77")]).await.expect(404);
    server.other_tenant("other").await;
    let mut elsewhere = client.at_host("other.test");
    elsewhere.post(&format!("/unlock/{unlock}"), &[]).await.expect(404);
    client.post(&format!("/unlock/{unlock}"), &[]).await.expect(303);
});
