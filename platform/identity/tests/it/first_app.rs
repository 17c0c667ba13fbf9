//! The first second factor straight from an invitation, and links that are handed over: what they open, and what not.

use sekisho_identity::{NewPerson, TenantSettings};
use sekisho_kernel::Outcome;
use sekisho_storage::Engine;
use sekisho_testkit::minutes;

use super::*;

const NEW: &str = "月見の夜に団子を";

/// The same story in an installation without a mail account, on both engines.
macro_rules! without_mail {
    ($name:ident, |$server:ident| $body:expr) => {
        mod $name {
            use super::*;
            async fn body($server: TestServer) {
                want_two_steps(&$server).await;
                $body
            }
            #[tokio::test(flavor = "multi_thread")]
            async fn on_sqlite() {
                body(TestServer::start_without_mail(Engine::Sqlite, Vec::new(), |_| Vec::new()).await).await;
            }
            #[tokio::test(flavor = "multi_thread")]
            async fn on_postgres() {
                body(TestServer::start_without_mail(Engine::Postgres, Vec::new(), |_| Vec::new()).await)
                    .await;
            }
        }
    };
}

/// Two steps for everybody, set by Sekisho itself: there is no way to prove anything by mail here.
async fn want_two_steps(server: &TestServer) {
    assert!(TenantSettings::default().two_step, "as it is outside tests");
    set_two_steps(server, true).await;
}

async fn set_two_steps(server: &TestServer, two_step: bool) {
    let mut cx = server.cx();
    cx.verified_at = Some(cx.now);
    let identity = &server.foundation().identity;
    let by = identity.administrator(&cx).await.unwrap();
    let edit = sekisho_identity::SettingsEdit {
        two_step,
        reveal_limit: 20,
        keep_leavers_days: 30,
        ..Default::default()
    };
    identity.change_settings(&cx, by, &edit).await.unwrap();
}

/// Somebody invited, and the path of the link.
async fn invited(server: &TestServer, mail: &str) -> (PersonId, String) {
    let cx = server.cx();
    let identity = &server.foundation().identity;
    let by = identity.administrator(&cx).await.unwrap();
    let new = NewPerson { name: "佐藤 花子".into(), mail: mail.into(), ..NewPerson::default() };
    let invited = identity.invite_person(&cx, by, &new).await.unwrap();
    (invited.person, format!("/invitation/{}", invited.token.unwrap().expose()))
}

/// The secret that the page shows for typing.
fn secret(page: &str) -> Vec<u8> {
    let (_, rest) = page.split_once("<p class=\"muted\">").unwrap();
    let shown = rest.split_once("<code>").unwrap().1.split_once("</code>").unwrap().0;
    data_encoding::BASE32_NOPAD.decode(shown.replace(' ', "").as_bytes()).unwrap()
}

/// Sets the password and enrols an app; the browser, signed in, and the app's secret.
async fn follow(server: &TestServer, link: &str, password: &str) -> (Client, Vec<u8>) {
    let mut client = server.stranger();
    let answer = client.post(link, &[("password", password)]).await.expect(303);
    assert_eq!(answer.location(), "/sign-in/app");
    let secret = secret(&client.get("/sign-in/app").await.ok());
    client.post("/sign-in/app", &[("code", &totp(server, &secret))]).await.ok();
    (client, secret)
}

without_mail!(password_app_and_in, |server| {
    let (_, link) = invited(&server, "sato@acme.test").await;
    let mut client = server.stranger();
    client.post(&link, &[("password", NEW)]).await.expect(303);
    client.get("/me").await.expect(303);
    let answer = client.get("/sign-in/two-step").await.expect(303);
    assert_eq!(answer.location(), "/sign-in/app", "there is nothing to choose");
    let shown = secret(&client.get("/sign-in/app").await.ok());
    let right = totp(&server, &shown);
    let wrong = if right == "000000" { "000001" } else { "000000" };
    let page = client.post("/sign-in/app", &[("code", wrong)]).await.expect(422).text;
    assert_eq!(secret(&page), shown, "the telephone keeps what it scanned");
    let before = client.clone();
    let page = client.post("/sign-in/app", &[("code", &right)]).await.ok();
    assert_eq!(page.matches("<li><code>").count(), 10, "the recovery codes");
    client.get("/me").await.ok();
    // Fresh from the proof: dangerous acts are open.
    client.post("/me/security/recovery-codes", &[]).await.ok();
    // The half-way cookie is worth nothing, the way in is shut behind the person.
    before.clone().get("/me").await.expect(303);
    before.clone().post("/sign-in/app", &[("code", &right)]).await.expect(303);
    client.get("/sign-in/app").await.expect(303);
    for (action, outcome, times) in [
        ("person.invitation_accept", Outcome::Done, 1),
        ("person.totp_begin", Outcome::Done, 1),
        ("person.totp_add", Outcome::Refused, 1),
        ("person.totp_add", Outcome::Done, 1),
        ("session.start", Outcome::Done, 1),
    ] {
        assert_eq!(entries(&server, action, outcome).await, times, "{action}");
    }
    // The next sign-in is the ordinary one.
    server.world.advance(minutes(1));
    let (mut again, answer) = sign_in(&server, "sato@acme.test", NEW).await;
    assert_eq!(answer.location(), "/sign-in/two-step");
    again.post("/sign-in/two-step", &[("code", &totp(&server, &shown))]).await.expect(303);
    again.get("/me").await.ok();
});

without_mail!(a_password_alone_enrols_nothing, |server| {
    let (person, link) = invited(&server, "sato@acme.test").await;
    let mut client = server.stranger();
    client.post(&link, &[("password", NEW)]).await.expect(303);
    let begun = secret(&client.get("/sign-in/app").await.ok());
    // Whoever knows the password, and nothing else.
    let (mut thief, answer) = sign_in(&server, "sato@acme.test", NEW).await;
    assert_eq!(answer.location(), "/sign-in/two-step");
    assert!(thief.get("/sign-in/two-step").await.ok().contains("ワンタイムリンク"), "what to do is said");
    for path in ["/sign-in/app", "/me/security/app"] {
        assert!(thief.get(path).await.expect(303).location().starts_with("/sign-in"), "{path}");
        let answer = thief.post(path, &[("code", &totp(&server, &begun))]).await.expect(303);
        assert!(answer.location().starts_with("/sign-in"), "{path}: {}", answer.location());
    }
    thief.post("/sign-in/two-step", &[("code", &totp(&server, &begun))]).await.expect(422);
    // A quarter of an hour later it is over for the invited, too.
    server.world.advance(minutes(15));
    let answer = client.post("/sign-in/app", &[("code", &totp(&server, &begun))]).await.expect(303);
    assert_eq!(answer.location(), "/sign-in");
    let scope = server.foundation().store.read(server.tenant).await.unwrap();
    assert!(!server.foundation().identity.factors(&scope, person).await.unwrap().totp);
});

without_mail!(a_link_handed_over_begins_anew, |server| {
    let (person, link) = invited(&server, "sato@acme.test").await;
    let (mut client, old) = follow(&server, &link, NEW).await;
    let invitations = facts(&server, "identity.person_invited").await;
    let (mut admin, app) = proved(&server).await;
    server.world.advance(minutes(6));
    let (page, api) = (format!("/people/{person}/link"), format!("/api/v1/people/{person}/link"));
    let answer = admin.post(&page, &[]).await.expect(303);
    assert!(answer.location().starts_with("/step-up"), "with the link one is that person");
    admin.api("POST", &api, serde_json::json!({})).await.expect(403);
    client.api("POST", &api, serde_json::json!({})).await.expect(403);

    // The password is forgotten, the telephone is there: the app goes on.
    admin.post("/step-up", &[("code", &totp(&server, &app))]).await.expect(303);
    let shown = admin.post(&page, &[]).await.ok();
    let first = shown.split_once("https://acme.test").unwrap().1.split('<').next().unwrap().to_owned();
    let mut other = server.stranger();
    assert_eq!(other.post(&first, &[("password", PASSWORD)]).await.expect(303).location(), "/sign-in");
    client.get("/me").await.expect(303);
    server.world.advance(minutes(1));
    let (mut again, _) = sign_in(&server, "sato@acme.test", PASSWORD).await;
    again.post("/sign-in/two-step", &[("code", &totp(&server, &old))]).await.expect(303);

    // The telephone is lost: the old app is worth nothing from the moment on, wrong tries are forgotten.
    for _ in 0..3 {
        sign_in(&server, "sato@acme.test", "wrong").await.1.expect(422);
    }
    let made = admin.api("POST", &api, serde_json::json!({ "lost_app": true })).await.expect(200).json();
    let url = made["url"].as_str().unwrap();
    server.world.advance(minutes(1));
    again.post("/step-up", &[("code", &totp(&server, &old))]).await.expect(422);
    let (mut anew, new) = follow(&server, url.strip_prefix("https://acme.test").unwrap(), NEW).await;
    assert_ne!(new, old);
    anew.get("/me").await.ok();
    assert_eq!(entries(&server, "person.link_hand_over", Outcome::Done).await, 2);
    let mailed = facts(&server, "identity.person_invited").await - invitations;
    assert_eq!(mailed, 0, "the link itself is never mailed");
});

/// The administrator with a proof of just now, and the secret of the app.
async fn proved(server: &TestServer) -> (Client, Vec<u8>) {
    let who = Colleague { person: server.admin, mail: "admin@acme.test".into(), host: "acme.test".into() };
    let secret = with_app(server, &who).await;
    server.world.advance(minutes(1));
    let (mut admin, _) = sign_in(server, &who.mail, PASSWORD).await;
    admin.post("/sign-in/two-step", &[("code", &totp(server, &secret))]).await.expect(303);
    (admin, secret)
}

without_mail!(nothing_is_said_to_be_mailed, |server| {
    let forgot = server.stranger().get("/forgot").await.ok();
    assert!(forgot.contains("ワンタイムリンク") && !forgot.contains("<form class=\"form\""), "{forgot}");
    let (mut admin, _) = proved(&server).await;
    let fields = [("name", "佐藤 花子"), ("mail", "sato@acme.test"), ("language", "ja")];
    let invited = admin.post("/people/new", &fields).await.expect(303);
    let to = invited.location();
    let page = admin.get(to).await.ok();
    assert!(page.contains("/link") && !page.contains(&format!("{to}/invite")), "{page}");
    assert!(!admin.get("/people/import").await.ok().contains("招待する"));
    for _ in 0..4 {
        let page = sign_in(&server, "admin@acme.test", "wrong").await.1.expect(422).text;
        assert!(page.contains("管理者に解除") && !page.contains("メールでお送り"), "{page}");
    }
    let fields = [("current", "wrong"), ("password", NEW)];
    let page = admin.post("/me/security/password", &fields).await.expect(422).text;
    assert!(page.contains("管理者に解除") && !page.contains("メールでお送り"), "{page}");
});

without_mail!(no_code_is_made_where_nothing_can_be_sent, |server| {
    let who = server.colleague("sato").await;
    let foundation = server.foundation();
    let mut tx = foundation.store.begin(&server.cx()).await.unwrap();
    let refused = foundation.identity.start_code(&mut tx, who.person, "box", None).await.unwrap_err();
    assert_eq!(refused.word(), "no_way");
    drop(tx);
    assert_eq!(facts(&server, "identity.code_requested").await, 0);
    let scope = foundation.store.read(server.tenant).await.unwrap();
    let identity = &foundation.identity;
    assert_eq!(identity.sent_to(&scope, who.person).await.unwrap(), None);
    assert_eq!(identity.sent_to_nobody(&server.cx(), &scope, "9999").await.unwrap(), None);
});

without_mail!(where_a_password_is_enough_a_link_is_the_way_to_an_app, |server| {
    set_two_steps(&server, false).await;
    let (person, link) = invited(&server, "sato@acme.test").await;
    let mut client = server.stranger();
    let answer = client.post(&link, &[("password", NEW)]).await.expect(303);
    assert_eq!(answer.location(), "/sign-in/app");
    let page = client.get("/sign-in/app").await.ok();
    assert!(page.contains("href=\"/sign-in\""), "it can wait: {page}");
    // The open session of a password alone gives itself no factor, and is told where to get one.
    let (mut open, _) = sign_in(&server, "sato@acme.test", NEW).await;
    open.get("/me").await.ok();
    let answer = open.get("/me/security/app").await.expect(303);
    assert!(answer.location().starts_with("/step-up"), "{}", answer.location());
    assert!(open.get(answer.location()).await.ok().contains("ワンタイムリンク"));
    let shown = secret(&page);
    client.post("/sign-in/app", &[("code", &totp(&server, &shown))]).await.ok();
    client.get("/me/security/app").await.expect(303);
    let scope = server.foundation().store.read(server.tenant).await.unwrap();
    assert!(server.foundation().identity.factors(&scope, person).await.unwrap().totp);
});

both!(where_mail_goes_out_both_ways_are_open, |server| {
    want_two_steps(&server).await;
    let (_, link) = invited(&server, "sato@acme.test").await;
    let mut client = server.stranger();
    let answer = client.post(&link, &[("password", NEW)]).await.expect(303);
    assert_eq!(answer.location(), "/sign-in/two-step?sent=mail");
    assert!(client.get("/sign-in/two-step?sent=mail").await.ok().contains("/sign-in/app"));
    let mut rather = client.clone();
    let code = server.last_code().await;
    client.post("/sign-in/two-step", &[("code", &code)]).await.expect(303);
    client.get("/me").await.ok();
    // That was the only way in for this invitation.
    rather.get("/sign-in/app").await.expect(303);
    let (_, link) = invited(&server, "suzuki@acme.test").await;
    let mut rather = server.stranger();
    rather.post(&link, &[("password", NEW)]).await.expect(303);
    let shown = secret(&rather.get("/sign-in/app").await.ok());
    rather.post("/sign-in/app", &[("code", &totp(&server, &shown))]).await.ok();
    rather.get("/me").await.ok();
    // Nobody who signs in with a password gets that choice, and a link asked for at /forgot does not give it either.
    let who = server.colleague("tanaka").await;
    let (mut thief, _) = sign_in(&server, &who.mail, PASSWORD).await;
    assert!(!thief.get("/sign-in/two-step").await.ok().contains("/sign-in/app"));
    thief.get("/sign-in/app").await.expect(303);
    server.stranger().post("/forgot", &[("mail", &who.mail)]).await.ok();
    let token = server.mailed("identity.password_reset_requested", "token").await.expose().to_owned();
    let answer = thief.post(&format!("/invitation/{token}"), &[("password", NEW)]).await.expect(303);
    assert_eq!(answer.location(), "/sign-in");
});

both!(an_app_begun_by_somebody_else_is_not_the_one_confirmed, |server| {
    want_two_steps(&server).await;
    let who = server.colleague("sato").await;
    let identity = &server.foundation().identity;
    let begun = identity.begin_totp(&fresh_cx(&server, who.person), who.person).await.unwrap();
    let mut cx = server.cx();
    cx.verified_at = Some(cx.now);
    let by = identity.administrator(&cx).await.unwrap();
    let link = identity.hand_over_link(&cx, by, who.person, false).await.unwrap();
    let mut client = server.stranger();
    let path = link.url.expose().strip_prefix("https://acme.test").unwrap();
    client.post(path, &[("password", NEW)]).await.expect(303);
    let shown = secret(&client.get("/sign-in/app").await.ok());
    assert_ne!(data_encoding::BASE32_NOPAD.encode(&shown), begun.secret.expose());
});
