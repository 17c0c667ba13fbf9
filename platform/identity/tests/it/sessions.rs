//! Sessions: how long they hold, and that ending one ends it now.

use sekisho_testkit::{hours, minutes};

use super::*;

both!(ended_ones_fail_at_the_next_request, |server| {
    let who = server.colleague("sato").await;
    let (mut here, _) = sign_in(&server, &who.mail, PASSWORD).await;
    let (mut there, _) = sign_in(&server, &who.mail, PASSWORD).await;
    there.get("/me").await.ok();
    here.post("/me/security/sessions/end-others", &[]).await.expect(303);
    there.get("/me").await.expect(303);
    here.get("/me").await.ok();

    let (mut third, _) = sign_in(&server, &who.mail, PASSWORD).await;
    let list = third.api("GET", "/api/v1/sessions", Value::Null).await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    // The last used comes first: that is the browser which asks, and which ends itself last.
    let ids =
        list["items"].as_array().unwrap().iter().rev().map(|row| row["id"].as_str().unwrap().to_owned());
    for id in ids {
        third.api("DELETE", &format!("/api/v1/sessions/{id}"), Value::Null).await.expect(204);
    }
    here.get("/me").await.expect(303);
    third.get("/me").await.expect(303);
});

both!(signing_out_ends_the_session_itself_not_only_the_cookie, |server| {
    let who = server.colleague("sato").await;
    let (mut client, _) = sign_in(&server, &who.mail, PASSWORD).await;
    let mut copy = client.clone();
    client.post("/sign-out", &[]).await.expect(303);
    copy.get("/me").await.expect(303);
});

both!(end_when_idle_and_when_old, |server| {
    let who = server.colleague("sato").await;
    let (mut idle, _) = sign_in(&server, &who.mail, PASSWORD).await;
    let (mut used, _) = sign_in(&server, &who.mail, PASSWORD).await;
    server.world.advance(hours(11));
    used.get("/me").await.ok();
    server.world.advance(hours(1));
    idle.get("/me").await.expect(303);
    for _ in 0..13 {
        used.get("/me").await.ok();
        server.world.advance(hours(12) - minutes(1));
    }
    server.world.advance(minutes(13));
    used.get("/me").await.expect(303);
});

both!(a_new_password_keeps_this_browser_and_no_other, |server| {
    let who = server.colleague("sato").await;
    let (mut here, _) = sign_in(&server, &who.mail, PASSWORD).await;
    let (mut there, _) = sign_in(&server, &who.mail, PASSWORD).await;
    let fields = [("current", "wrong"), ("password", "a new password 77")];
    here.post("/me/security/password", &fields).await.expect(422);
    let fields = [("current", PASSWORD), ("password", "a new password 77")];
    here.post("/me/security/password", &fields).await.expect(303);
    here.get("/me").await.ok();
    there.get("/me").await.expect(303);
});

both!(an_administrator_ends_them_all, |server| {
    let who = server.colleague("sato").await;
    let (mut client, _) = sign_in(&server, &who.mail, PASSWORD).await;
    let mut admin = server.administrator().await;
    admin.post(&format!("/people/{}/end-access", who.person), &[]).await.expect(303);
    client.get("/me").await.expect(303);
    assert!(
        !server
            .foundation()
            .identity
            .sessions(&server.cx(), &read(&server).await, server.admin)
            .await
            .unwrap()
            .is_empty()
    );
});

async fn read(server: &TestServer) -> sekisho_storage::Scope {
    server.foundation().store.read(server.tenant).await.unwrap()
}

both!(belong_to_one_tenant, |server| {
    let who = server.colleague("sato").await;
    let (client, _) = sign_in(&server, &who.mail, PASSWORD).await;
    server.other_tenant("other").await;
    client.at_host("other.test").get("/me").await.expect(303);
    client.at_host("nowhere.test").get("/me").await.expect(404);
});
