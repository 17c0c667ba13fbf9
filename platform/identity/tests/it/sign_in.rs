//! Mail address and password: who gets in, who does not, and what nobody can tell from the answer.

use std::time::Duration;

use sekisho_kernel::Outcome;

use super::*;

both!(lets_in_who_knows_the_password, |server| {
    server.colleague("sato").await;
    for mail in ["sato@acme.test", " SATO@ACME.TEST ", "ｓａｔｏ@acme.test"] {
        let (mut client, answer) = sign_in(&server, mail, PASSWORD).await;
        assert_eq!(answer.expect(303).location(), "/", "{mail}");
        client.get("/me").await.ok();
    }
    assert_eq!(entries(&server, "session.start", Outcome::Done).await, 3);
});

both!(gives_the_same_answer_whatever_is_wrong, |server| {
    server.colleague("known").await;
    let gone = server.colleague("leavr").await;
    let cx = server.cx();
    let identity = &server.foundation().identity;
    let by = identity.administrator(&cx).await.unwrap();
    identity.leave_person(&cx, by, gone.person).await.unwrap();
    let new = sekisho_identity::NewPerson {
        name: "x".into(),
        mail: "fresh@acme.test".into(),
        ..Default::default()
    };
    identity.invite_person(&cx, by, &new).await.unwrap();
    let mut answers = Vec::new();
    for (mail, password) in [
        ("known@acme.test", "wrong password"),
        ("nobdy@acme.test", "wrong password"),
        ("leavr@acme.test", PASSWORD),
        ("fresh@acme.test", ""),
    ] {
        let (_, answer) = sign_in(&server, mail, password).await;
        let names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
        // The page shows the address typed, and every answer has its own request number.
        let text = answer.text.replace(mail, "MAIL");
        answers.push((answer.status, names, text.len(), text));
    }
    for answer in &answers {
        assert_eq!(answer.0, 422);
        assert_eq!((answer.0, &answer.1, answer.2), (answers[0].0, &answers[0].1, answers[0].2));
        assert_eq!(answer.3, answers[0].3);
    }
});

both!(locks_after_three_wrong_in_a_row_and_unlocks_by_mail, |server| {
    let who = server.colleague("sato").await;
    for _ in 0..2 {
        sign_in(&server, &who.mail, "wrong").await.1.expect(422);
    }
    sign_in(&server, &who.mail, PASSWORD).await.1.expect(303);
    // A right one in between begins the count anew.
    for _ in 0..3 {
        sign_in(&server, &who.mail, "wrong").await.1.expect(422);
    }
    let (_, locked) = sign_in(&server, &who.mail, PASSWORD).await;
    let (_, wrong) = sign_in(&server, &who.mail, "wrong").await;
    assert_eq!(locked.status, 422);
    assert_eq!(locked.text, wrong.text, "a locked account looks like a wrong password");
    assert_eq!(facts(&server, "identity.locked").await, 1);
    assert_eq!(entries(&server, "person.lock", Outcome::Done).await, 1);

    let token = server.mailed("identity.locked", "token").await.expose().to_owned();
    let mut client = server.stranger();
    client.get(&format!("/unlock/{token}")).await.ok();
    client.get(&format!("/unlock/{token}")).await.ok();
    client.post(&format!("/unlock/{token}"), &[]).await.expect(303);
    sign_in(&server, &who.mail, PASSWORD).await.1.expect(303);
    client.post(&format!("/unlock/{token}"), &[]).await.expect(404);
});

both!(an_administrator_unlocks, |server| {
    let who = server.colleague("sato").await;
    for _ in 0..3 {
        sign_in(&server, &who.mail, "wrong").await.1.expect(422);
    }
    let mut admin = server.administrator().await;
    let page = format!("/people/{}", who.person);
    assert!(admin.get(&page).await.ok().contains(&format!("{page}/unlock")));
    admin.post(&format!("{page}/unlock"), &[]).await.expect(303);
    sign_in(&server, &who.mail, PASSWORD).await.1.expect(303);
});

both!(guesses_sent_side_by_side_are_counted_one_by_one, |server| {
    let who = server.colleague("sato").await;
    let tries = (0..8).map(|_| sign_in(&server, &who.mail, "wrong"));
    for (_, answer) in futures(tries).await {
        answer.expect(422);
    }
    sign_in(&server, &who.mail, PASSWORD).await.1.expect(422);
    assert_eq!(facts(&server, "identity.locked").await, 1, "one lock, one mail");
});

/// Runs all at once.
async fn futures<F: Future>(all: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut all: Vec<_> = all.into_iter().map(Box::pin).collect();
    let mut done: Vec<Option<F::Output>> = all.iter().map(|_| None).collect();
    std::future::poll_fn(|cx| {
        for (future, slot) in all.iter_mut().zip(&mut done) {
            if slot.is_none()
                && let std::task::Poll::Ready(out) = future.as_mut().poll(cx)
            {
                *slot = Some(out);
            }
        }
        if done.iter().all(Option::is_some) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done.into_iter().flatten().collect()
}

both!(an_address_that_fails_too_often_has_to_wait, |server| {
    server.colleague("sato").await;
    // All of this test's requests come from one place. Unknown addresses lock nobody, so only the place is counted.
    for number in 0..50 {
        sign_in(&server, &format!("nobody{number}@acme.test"), "wrong").await.1.expect(422);
    }
    let (_, answer) = sign_in(&server, "sato@acme.test", PASSWORD).await;
    assert_eq!(answer.status, 429);
    assert!(answer.headers.contains_key("retry-after"));
    server.world.advance(Duration::from_secs(601));
    sign_in(&server, "sato@acme.test", PASSWORD).await.1.expect(303);
});

both!(a_browser_not_seen_before_is_told_of, |server| {
    let who = server.colleague("sato").await;
    let (mut first, _) = sign_in(&server, &who.mail, PASSWORD).await;
    assert_eq!(facts(&server, "identity.signed_in_from_new_device").await, 0, "the first is no news");
    first.post("/sign-out", &[]).await.expect(303);
    first.post("/sign-in", &[("mail", &who.mail), ("password", PASSWORD)]).await.expect(303);
    assert_eq!(facts(&server, "identity.signed_in_from_new_device").await, 0, "the same browser again");
    sign_in(&server, &who.mail, PASSWORD).await.1.expect(303);
    assert_eq!(facts(&server, "identity.signed_in_from_new_device").await, 1);
});

both!(goes_on_to_the_page_wanted_but_never_to_another_site, |server| {
    let who = server.colleague("sato").await;
    for (next, to) in
        [("/me/security", "/me/security"), ("//evil.example", "/"), ("https://evil.example", "/")]
    {
        let fields = [("mail", who.mail.as_str()), ("password", PASSWORD), ("next", next)];
        let answer = server.stranger().post("/sign-in", &fields).await.expect(303);
        assert_eq!(answer.location(), to, "{next}");
    }
});
