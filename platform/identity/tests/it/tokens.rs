//! API tokens: what they reach, when they end.

use std::time::Duration;

use sekisho_identity::NewToken;

use super::*;

async fn token(server: &TestServer, who: &Colleague, scopes: &[&str]) -> String {
    let mut cx = server.cx_of(who.person);
    cx.verified_at = Some(cx.now);
    let new =
        NewToken { name: "test".into(), scopes: scopes.iter().map(|s| (*s).to_owned()).collect(), days: 30 };
    server.foundation().identity.make_token(&cx, who.person, &new).await.unwrap().1.expose().to_owned()
}

both!(act_for_their_maker_within_their_scopes, |server| {
    let who = server.colleague("sato").await;
    let text = token(&server, &who, &["identity:read"]).await;
    assert!(text.starts_with("sk_"));
    let mut client = server.stranger().with_token(&text);
    let me = client.api("GET", "/api/v1/me", Value::Null).await.json();
    assert_eq!(me["mail"], "sato@acme.test");
    client.api("GET", "/api/v1/people", Value::Null).await.expect(403);
    let id = client.api("GET", "/api/v1/tokens", Value::Null).await.json()["items"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    client.api("DELETE", &format!("/api/v1/tokens/{id}"), Value::Null).await.expect(403);
    server.stranger().with_token("sk_wrong").api("GET", "/api/v1/me", Value::Null).await.expect(401);
    server.stranger().with_token("").api("GET", "/api/v1/me", Value::Null).await.expect(401);
});

both!(are_made_with_a_fresh_proof_and_shown_once, |server| {
    let who = server.colleague("sato").await;
    let (mut client, _) = sign_in(&server, &who.mail, PASSWORD).await;
    let fields = [("name", "export"), ("days", "30"), ("scopes", "identity:read")];
    assert!(client.post("/me/security/tokens", &fields).await.expect(303).location().starts_with("/step-up"));
    server.prove(&mut client).await;
    let page = client.post("/me/security/tokens", &fields).await.ok();
    assert!(page.contains("sk_"));
    assert!(!client.get("/me/security").await.ok().contains("sk_"));
    let fields = [("name", "export"), ("days", "30"), ("scopes", "everything")];
    client.post("/me/security/tokens", &fields).await.expect(422);
    // A token cannot make tokens, whatever its scopes.
    let text = token(&server, &who, &["*:write"]).await;
    let body = serde_json::json!({ "name": "x", "scopes": ["*:write"], "days": 1 });
    server.stranger().with_token(&text).api("POST", "/api/v1/tokens", body).await.expect(403);
});

both!(end_with_their_time_their_makers_password_and_their_maker, |server| {
    let who = server.colleague("sato").await;
    let works = async |text: &str| {
        let mut client = server.stranger().with_token(text);
        client.api("GET", "/api/v1/me", Value::Null).await.status == 200
    };
    let revoked = token(&server, &who, &["*:read"]).await;
    assert!(works(&revoked).await);
    let (mut client, _) = sign_in(&server, &who.mail, PASSWORD).await;
    let id = client.api("GET", "/api/v1/tokens", Value::Null).await.json()["items"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    client.api("DELETE", &format!("/api/v1/tokens/{id}"), Value::Null).await.expect(204);
    assert!(!works(&revoked).await, "withdrawn");

    let old = token(&server, &who, &["*:read"]).await;
    let fields = [("current", PASSWORD), ("password", "a new password 77")];
    client.post("/me/security/password", &fields).await.expect(303);
    assert!(!works(&old).await, "a new password ends tokens");

    let late = token(&server, &who, &["*:read"]).await;
    assert!(works(&late).await);
    server.world.advance(Duration::from_secs(30 * 86_400));
    assert!(!works(&late).await, "expired");

    let last = token(&server, &who, &["*:read"]).await;
    let cx = server.cx();
    let by = server.foundation().identity.administrator(&cx).await.unwrap();
    server.foundation().identity.leave_person(&cx, by, who.person).await.unwrap();
    assert!(!works(&last).await, "the maker left");
});
