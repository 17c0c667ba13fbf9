//! The second step: codes by mail, the authenticator app, recovery codes.

use std::time::Duration;

use sekisho_kernel::Outcome;

use super::*;

both!(by_a_code_that_was_sent, |server| {
    want_two_steps(&server).await;
    let who = server.colleague("sato").await;
    let (mut client, answer) = sign_in(&server, &who.mail, PASSWORD).await;
    assert_eq!(answer.expect(303).location(), "/sign-in/two-step?sent=mail");
    client.get("/me").await.expect(303);
    let right = server.last_code().await;
    let wrong = if right == "000000" { "000001" } else { "000000" };
    client.get("/sign-in/two-step?sent=mail").await.ok();
    client.post("/sign-in/two-step", &[("code", wrong)]).await.expect(422);
    let before = client.clone();
    let answer = client.post("/sign-in/two-step", &[("code", &right)]).await.expect(303);
    assert_eq!(answer.location(), "/me/security/app?first=1", "the first time an app is offered");
    client.get("/me").await.ok();
    // The cookie of the half-way session is worth nothing now, and neither is the code.
    before.clone().get("/me").await.expect(303);
    let (mut again, _) = sign_in(&server, &who.mail, PASSWORD).await;
    again.post("/sign-in/two-step", &[("code", &right)]).await.expect(422);
});

both!(a_code_lives_five_minutes, |server| {
    want_two_steps(&server).await;
    let who = server.colleague("sato").await;
    let (mut client, _) = sign_in(&server, &who.mail, PASSWORD).await;
    let right = server.last_code().await;
    server.world.advance(Duration::from_secs(301));
    client.post("/sign-in/two-step", &[("code", &right)]).await.expect(422);
    // The half-way session itself is forgotten after a quarter of an hour.
    server.world.advance(Duration::from_secs(901));
    let answer = client.post("/sign-in/two-step", &[("code", &right)]).await.expect(303);
    assert_eq!(answer.location(), "/sign-in");
});

both!(five_wrong_codes_lock, |server| {
    want_two_steps(&server).await;
    let who = server.colleague("sato").await;
    let (mut client, _) = sign_in(&server, &who.mail, PASSWORD).await;
    let right = server.last_code().await;
    let wrong = if right == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        client.post("/sign-in/two-step", &[("code", wrong)]).await.expect(422);
    }
    client.post("/sign-in/two-step", &[("code", &right)]).await.expect(422);
    assert_eq!(server.last_fact("identity.locked").await.unwrap()["factor"], "two_step");
});

both!(nobody_is_flooded_with_codes, |server| {
    want_two_steps(&server).await;
    let who = server.colleague("sato").await;
    let (mut client, _) = sign_in(&server, &who.mail, PASSWORD).await;
    for _ in 0..4 {
        client.post("/sign-in/two-step/send", &[("channel", "mail")]).await.expect(303);
    }
    client.post("/sign-in/two-step/send", &[("channel", "mail")]).await.expect(429);
    client.post("/sign-in/two-step/send", &[("channel", "sms")]).await.expect(422);
    server.world.advance(Duration::from_secs(14 * 60));
    client.post("/sign-in/two-step/send", &[("channel", "mail")]).await;
});

both!(by_the_authenticator_app_and_each_code_once, |server| {
    want_two_steps(&server).await;
    let who = server.colleague("sato").await;
    let secret = with_app(&server, &who).await;
    let (mut client, answer) = sign_in(&server, &who.mail, PASSWORD).await;
    assert_eq!(answer.location(), "/sign-in/two-step", "no code is sent to who has an app");
    // The code that confirmed the enrolment is used up.
    client.post("/sign-in/two-step", &[("code", &totp(&server, &secret))]).await.expect(422);
    server.world.advance(Duration::from_secs(30));
    let shown = totp(&server, &secret);
    client.post("/sign-in/two-step", &[("code", &shown)]).await.expect(303);
    client.get("/me").await.ok();
    let (mut other, _) = sign_in(&server, &who.mail, PASSWORD).await;
    other.post("/sign-in/two-step", &[("code", &shown)]).await.expect(422);
    server.world.advance(Duration::from_secs(30));
    other.post("/sign-in/two-step", &[("code", &totp(&server, &secret))]).await.expect(303);
});

both!(by_recovery_codes_each_once, |server| {
    want_two_steps(&server).await;
    let who = server.colleague("sato").await;
    let mut cx = server.cx_of(who.person);
    let identity = &server.foundation().identity;
    assert!(identity.make_recovery_codes(&cx, who.person).await.is_err(), "a fresh proof is needed");
    cx.verified_at = Some(cx.now);
    let older = identity.make_recovery_codes(&cx, who.person).await.unwrap();
    let codes = identity.make_recovery_codes(&cx, who.person).await.unwrap();
    assert_eq!(codes.len(), 10);
    let (mut client, _) = sign_in(&server, &who.mail, PASSWORD).await;
    client.post("/sign-in/two-step", &[("code", older[0].expose())]).await.expect(422);
    let typed = codes[3].expose().to_uppercase();
    client.post("/sign-in/two-step", &[("code", &typed)]).await.expect(303);
    let (mut again, _) = sign_in(&server, &who.mail, PASSWORD).await;
    again.post("/sign-in/two-step", &[("code", codes[3].expose())]).await.expect(422);
    again.post("/sign-in/two-step", &[("code", codes[4].expose())]).await.expect(303);
    assert_eq!(entries(&server, "person.recovery_code_use", Outcome::Done).await, 2);
});

both!(an_app_is_added_and_removed_on_the_page, |server| {
    let who = server.colleague("sato").await;
    let (mut client, _) = sign_in(&server, &who.mail, PASSWORD).await;
    server.prove(&mut client).await;
    let page = client.get("/me/security/app").await.ok();
    assert!(page.contains("<svg"), "the QR code");
    assert!(!page.contains("<?xml"));
    client.post("/me/security/app", &[("code", "000000")]).await.expect(422);
    // The proof goes stale.
    server.world.advance(Duration::from_secs(301));
    let secret = with_app(&server, &who).await;
    client.get("/me/security/app").await.expect(303);
    // Removing wants a fresh proof; what was used to confirm is no longer good.
    let answer = client.post("/me/security/app/remove", &[]).await.expect(303);
    assert!(answer.location().starts_with("/step-up"), "{}", answer.location());
    client.post("/step-up", &[("code", &totp(&server, &secret))]).await.expect(422);
    server.world.advance(Duration::from_secs(30));
    client.post("/step-up", &[("code", &totp(&server, &secret))]).await.expect(303);
    assert_eq!(client.post("/me/security/app/remove", &[]).await.expect(303).location(), "/me/security");
    // The proof goes stale.
    server.world.advance(Duration::from_secs(301));
    let answer = client.post("/me/security/recovery-codes", &[]).await.expect(303);
    assert!(answer.location().starts_with("/step-up"));
});
