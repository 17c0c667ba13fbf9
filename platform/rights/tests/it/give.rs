//! Giving, lending and withdrawing.

use sekisho_kernel::Language;
use sekisho_policy::{Ask, Facts, Right, Target};
use serde_json::json;

use crate::{BOX, KEY, OTHER_KEY, given, has_bare_ids, on, on_both, resource};

on_both!(an_administrator_gives_and_withdraws, |server| {
    let colleague = server.colleague("sato").await;
    let mut admin = server.administrator().await;
    let form = admin.get("/rights/new").await.ok();
    assert!(form.contains("社用車 3") && form.contains("sato"), "people and things to choose from");

    let subject = format!("person:{}", colleague.person);
    let target = format!("resource:{}", resource(KEY));
    let fields =
        [("subject", subject.as_str()), ("right", "exchange"), ("target", &target), ("note", "車検")];
    let refused =
        admin.post("/rights", &[("subject", &subject), ("right", "exchange"), ("note", "車検")]).await;
    assert!(
        refused.text.contains("対象を選択してください") && refused.text.contains("車検"),
        "says what, keeps the rest"
    );

    let answer = admin.post("/rights", &fields).await.expect(303);
    let address = answer.location().to_owned();
    let page = admin.get(&address).await.ok();
    assert!(
        page.contains("社用車 3") && page.contains("車検") && page.contains("権限を付与しました"),
        "{page}"
    );
    let list = admin.get("/rights?q=%E7%A4%BE%E7%94%A8").await.ok();
    assert!(list.contains("sato"), "found by the thing's name: {list}");
    assert!(!admin.get("/rights?q=nobody").await.ok().contains(&address));
    let csv = admin.get("/rights?csv=on").await.ok();
    assert!(csv.contains("sato,利用,社用車 3,鍵"), "{csv}");

    let ask = Ask {
        person: colleague.person,
        right: Right::Exchange,
        action: "key.take_out",
        resource: resource(KEY),
        zone: "",
        facts: Facts::default(),
    };
    let policy = server.foundation().policy.clone();
    assert!(policy.decide(&server.cx(), &ask).await.unwrap().allowed);
    admin.post(&format!("{address}/withdraw"), &[]).await.expect(303);
    assert!(!policy.decide(&server.cx(), &ask).await.unwrap().allowed, "at once");
    admin.post(&format!("{address}/reinstate"), &[]).await.expect(303);
    assert!(policy.decide(&server.cx(), &ask).await.unwrap().allowed, "undone");
});

on_both!(who_manages_a_box_lends_its_keys_and_no_more, |server| {
    let warden = server.colleague("warden").await;
    let guest = server.colleague("guest").await;
    given(&server, warden.person, Right::Manage, on(BOX)).await;
    let own = given(&server, guest.person, Right::View, on(OTHER_KEY)).await;
    let mut browser = server.signed_in(&warden).await;
    let form = browser.get("/rights/new").await.ok();
    assert!(form.contains("社用車 3") && !form.contains("倉庫") && !form.contains("value=\"tenant\""));
    let subject = format!("person:{}", guest.person);
    let give = |right: &'static str, target: Target| {
        let target = match target {
            Target::Resource { id } => format!("resource:{id}"),
            Target::AllOf { kind } => format!("all:{kind}"),
            Target::Tenant => "tenant".to_owned(),
        };
        [("subject", subject.clone()), ("right", right.to_owned()), ("target", target)]
    };
    for (right, target, status) in [
        ("exchange", on(KEY), 303),
        ("manage", on(KEY), 403),
        ("exchange", on(OTHER_KEY), 403),
        ("exchange", Target::AllOf { kind: "key".to_owned() }, 403),
        ("manage", Target::Tenant, 403),
    ] {
        let fields = give(right, target.clone());
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = browser.post("/rights", &fields).await;
        assert_eq!(answer.status, status, "{right} on {target:?}: {}", answer.text);
    }
    let list = browser.get("/rights").await.ok();
    assert!(list.contains("社用車 3") && !list.contains("倉庫"), "sees what they manage only");
    browser.get(&format!("/rights/{own}")).await.expect(404);
    browser.post(&format!("/rights/{own}/withdraw"), &[]).await.expect(404);

    let mut theirs = server.signed_in(&guest).await;
    theirs.get(&format!("/rights/{own}")).await.expect(200);
    theirs.post(&format!("/rights/{own}/withdraw"), &[]).await.expect(403);
});

on_both!(the_right_to_manage_wants_a_fresh_proof, |server| {
    let colleague = server.colleague("sato").await;
    let mut admin = server.administrator().await;
    let manage = json!({ "subject": { "kind": "person", "id": colleague.person }, "right": "manage", "target": { "on": "tenant" } });
    let refused = admin.api("POST", "/api/v1/grants", manage.clone()).await.expect(403);
    assert_eq!(refused.json()["code"], "error-unproven", "{}", refused.text);
    let subject = format!("person:{}", colleague.person);
    let fields = [("subject", &*subject), ("right", "manage"), ("target", "tenant"), ("note", "異動のため")];
    let led = admin.post("/rights", &fields).await.expect(303);
    let next = led.location().strip_prefix("/step-up?next=").unwrap().replace("%2F", "/").replace("%3F", "?");
    let next = next.replace("%3D", "=").replace("%26", "&").replace("%25", "%");
    server.prove(&mut admin).await;
    let form = admin.get(&next).await.ok();
    assert!(form.contains("異動のため") && form.contains("value=\"tenant\" selected"), "{next}");
    let given = admin.post("/rights", &fields).await.expect(303).location().to_owned();
    admin.post(&format!("{given}/withdraw"), &[]).await.expect(303);
    server.world.advance(std::time::Duration::from_secs(16 * 60));
    let led = admin.post(&format!("{given}/reinstate"), &[]).await.expect(303);
    assert!(led.location().starts_with("/step-up?next="), "giving back is giving");
});

on_both!(another_tenant_finds_nothing, |server| {
    let id = given(&server, server.admin, Right::View, on(KEY)).await;
    let (_, mut stranger) = server.other_tenant("other").await;
    stranger.get(&format!("/rights/{id}")).await.expect(404);
    stranger.post(&format!("/rights/{id}/withdraw"), &[]).await.expect(404);
    assert!(!stranger.get("/rights").await.ok().contains("社用車"));
    let mut nobody = server.stranger();
    assert!(nobody.get("/rights").await.location().starts_with("/sign-in"));
    nobody.get("/api/v1/grants").await.expect(401);
});

on_both!(both_languages_have_every_word, |server| {
    let id = given(&server, server.admin, Right::Exchange, on(KEY)).await;
    let pages = [
        "/rights".to_owned(),
        "/rights?state=withdrawn".to_owned(),
        "/rights/new".to_owned(),
        "/rights/why".to_owned(),
        format!("/rights/why?person={}&resource={}", server.admin, resource(KEY)),
        format!("/rights/why?resource={}", resource(KEY)),
        format!("/rights/why?person={}", server.admin),
        format!("/rights/{id}"),
        "/rights/schedules".to_owned(),
        "/rights/schedules/new".to_owned(),
        "/rights/calendars/new".to_owned(),
        "/rights/rules".to_owned(),
    ];
    for language in Language::ALL {
        let mut admin = server.administrator().await.reading(language);
        server.prove(&mut admin).await;
        for page in &pages {
            let html = admin.get(page).await.ok();
            assert_eq!(has_bare_ids(&html), None, "{page} in {language:?}");
        }
    }
});
