//! Every page in both languages: no text is missing, and the sentences are there.

use sekisho_kernel::Language;

use super::*;

both!(every_page_speaks_both_languages, |server| {
    let who = server.colleague("sato").await;
    let identity = &server.foundation().identity;
    let cx = fresh_cx(&server, server.admin);
    let by = identity.administrator(&cx).await.unwrap();
    let group = identity.make_group(&cx, by, "Facilities", "keys and boxes").await.unwrap();
    identity.join_group(&cx, by, group, who.person).await.unwrap();
    identity.add_badge(&cx, by, who.person, "04A21B3C", "blue").await.unwrap();
    let invited =
        sekisho_identity::NewPerson { name: "x".into(), mail: "x@acme.test".into(), ..Default::default() };
    let invited = identity.invite_person(&cx, by, &invited).await.unwrap();
    let left = server.colleague("left").await;
    identity.leave_person(&cx, by, left.person).await.unwrap();
    let person = who.person;
    for language in Language::ALL {
        let mut stranger = server.stranger().reading(language);
        for path in [
            "/sign-in".to_owned(),
            "/forgot".into(),
            format!("/invitation/{}", invited.token.clone().unwrap().expose()),
        ] {
            good(&stranger.get(&path).await.ok(), &path);
        }
        good(
            &stranger.post("/sign-in", &[("mail", "a@b.test"), ("password", "x")]).await.text,
            "wrong sign-in",
        );
        good(&stranger.get("/unlock/none").await.text, "gone");
        let mut admin = server.administrator().await.reading(language);
        server.prove(&mut admin).await;
        for path in [
            "/me",
            "/me/profile",
            "/me/security",
            "/me/security/app",
            "/me/security/app?first=1",
            "/step-up",
            "/step-up?sent=mail",
            "/people",
            "/people?state=all",
            "/people?q=nobody",
            "/people/new",
            "/people/import",
            "/people/groups",
            "/settings/security",
        ] {
            good(&admin.get(path).await.ok(), path);
        }
        for id in [person, invited.person, left.person] {
            for tab in ["", "/rights", "/history", "/settings"] {
                let path = format!("/people/{id}{tab}");
                good(&admin.get(&path).await.ok(), &path);
            }
        }
        good(&admin.get(&format!("/people/groups/{group}")).await.ok(), "group");
        good(&admin.post("/people/new", &[("name", ""), ("mail", "x")]).await.text, "wrong person");
    }
});

both!(an_administrator_gives_a_pin, |server| {
    let who = server.colleague("sato").await;
    let mut admin = server.administrator().await;
    let page = format!("/people/{}", who.person);
    let mut colleague = server.signed_in(&who).await;
    colleague.post(&format!("{page}/pin"), &[("pin", "2580")]).await.expect(403);
    assert!(admin.get(&page).await.ok().contains("まだ設定されていません"));
    server.prove(&mut admin).await;
    let refused = admin.post(&format!("{page}/pin"), &[("pin", "1111")]).await.expect(422).text;
    assert!(refused.contains("連番") && !refused.contains("1111"), "{refused}");
    admin.post(&format!("{page}/pin"), &[("pin", "2580")]).await.expect(303);
    assert!(admin.get(&page).await.ok().contains("設定済みです"));
    admin
        .api("PUT", &format!("/api/v1/people/{}/pin", who.person), serde_json::json!({ "pin": "12" }))
        .await
        .expect(422);
    admin
        .api("PUT", &format!("/api/v1/people/{}/pin", who.person), serde_json::json!({ "pin": "" }))
        .await
        .expect(204);
    assert!(admin.get(&page).await.ok().contains("まだ設定されていません"));
});

fn good(page: &str, path: &str) {
    for sign in ["⟦", "identity-", "error-"] {
        // Ids of texts never reach a reader; they may stand in attributes of scripts or styles only.
        let shown =
            page.split('<').filter_map(|part| part.split_once('>')).any(|(_, text)| text.contains(sign));
        assert!(!shown, "{sign} in {path}: {page}");
    }
}
