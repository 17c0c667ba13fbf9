//! The rules' editor: faults with their place, a preview, then in force.

use sekisho_policy::Right;

use crate::{KEY, given, on, on_both};

on_both!(rules_are_tried_before_they_hold, |server| {
    let sato = server.colleague("sato").await;
    given(&server, sato.person, Right::Exchange, on(KEY)).await;
    let mut admin = server.administrator().await;
    server.prove(&mut admin).await;
    let faulty = "@id(\"x\")\nforbid (principal, action, resource)\nwhen { context.hours < 6 };";
    let page = admin.post("/rights/rules", &[("text", faulty), ("act", "save")]).await.text;
    assert!(
        page.contains("3行") && page.contains("hours") && page.contains("ルールに誤りがあります"),
        "{page}"
    );

    let rule = "@id(\"sundays\")\nforbid (principal, action == Action::\"exchange\", resource)\nwhen { context.weekday == 7 };";
    let page = admin.post("/rights/rules", &[("text", rule), ("act", "try")]).await.ok();
    assert!(page.contains("sato") && page.contains("使えなくなる"), "{page}");
    assert!(!admin.get("/rights/rules").await.ok().contains("sundays"), "trying changes nothing");
    admin.post("/rights/rules", &[("text", rule), ("act", "save")]).await.expect(303);
    assert!(admin.get("/rights/rules").await.ok().contains("sundays"));
    let why = format!("/rights/why?person={}&resource={}&right=exchange", sato.person, crate::resource(KEY));
    assert!(admin.get(&why).await.ok().contains("ルール「sundays」で禁止されています"));
});
