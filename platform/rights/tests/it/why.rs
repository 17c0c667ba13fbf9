//! The chain of sentences.

use sekisho_policy::Right;

use crate::{BOX, KEY, given, on, on_both, resource};

on_both!(a_refusal_says_what_would_help, |server| {
    let colleague = server.colleague("sato").await;
    let mut admin = server.administrator().await;
    let ask = format!("/rights/why?person={}&resource={}&right=exchange", colleague.person, resource(KEY));
    let page = admin.get(&ask).await.ok();
    assert!(page.contains("この対象に対する権限がありません") && page.contains("拒否されます"), "{page}");
    let allow =
        format!("/rights/new?subject=person:{}&amp;target=resource:{}", colleague.person, resource(KEY));
    assert!(
        page.contains(&allow) || page.contains(&allow.replace("&amp;", "&#38;")),
        "allow next time: {page}"
    );

    let grant = given(&server, colleague.person, Right::Exchange, on(BOX)).await;
    let page = admin.get(&ask).await.ok();
    assert!(page.contains(&format!("/rights/{grant}")) && page.contains("許可されます"), "{page}");
    assert!(page.contains("受付ボックス"), "the way leads through the box");

    let who = admin.get(&format!("/rights/why?resource={}&right=exchange", resource(KEY))).await.ok();
    assert!(who.contains("sato"));
    let reach = admin.get(&format!("/rights/why?person={}&right=exchange", colleague.person)).await.ok();
    assert!(reach.contains("社用車 3") && reach.contains("受付ボックス"));
});

on_both!(colleagues_ask_about_themselves_only, |server| {
    let sato = server.colleague("sato").await;
    let suzuki = server.colleague("suzuki").await;
    given(&server, sato.person, Right::Exchange, on(KEY)).await;
    let mut browser = server.signed_in(&suzuki).await;
    browser.get("/rights/why").await.expect(200);
    browser
        .get(&format!("/rights/why?person={}&resource={}", suzuki.person, resource(KEY)))
        .await
        .expect(200);
    browser.get(&format!("/rights/why?person={}&resource={}", sato.person, resource(KEY))).await.expect(404);
    browser.get(&format!("/rights/why?resource={}", resource(KEY))).await.expect(404);
});
