//! A series is called off, by whoever planned it, by the guest, and a guest of it is forgotten.

use sekisho_kernel::{Cx, Kinded as _};
use sekisho_testkit::hours;
use serde_json::{Value, json};

use crate::scene::Scene;
use crate::series::{Fields, form, mondays, nth, passes};

story!(a_series_is_called_off_from_the_middle_on, |scene| {
    let made = scene.made(mondays(&scene, 4)).await;
    scene.server.settle().await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let mut apart = form(&mut host, &nth(&made, 2)).await;
    apart["place"] = json!("5階");
    host.api("PUT", &nth(&made, 2), apart).await.expect(204);
    let passes = passes(&scene, &made).await;
    let following = format!("{}/following", nth(&made, 1));
    host.api("DELETE", &following, Value::Null).await.expect(204);
    host.api("DELETE", &following, Value::Null).await.expect(404);
    for (place, cancelled) in [(0, false), (1, true), (2, true), (3, true)] {
        let row = host.get(&nth(&made, place)).await.expect(200).json();
        assert_eq!(row["cancelled_at"].is_string(), cancelled, "{place}");
        assert_eq!(row["visits"][0]["state"] == "cancelled", cancelled, "{place}");
    }
    // The pass of tomorrow opens, the others do not, even on their day.
    scene.server.advance(hours(25)).await;
    assert_eq!(
        scene.shows(&mut scene.desk().await, scene.tokyo, "pass", passes[0].as_str().unwrap()).await.0,
        200
    );
    // What is over is not called off any more.
    scene.server.advance(hours(24)).await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let over = host.api("DELETE", &format!("{}/following", nth(&made, 0)), Value::Null).await;
    assert_eq!(over.status.as_u16(), 422, "{}", over.text);
    scene.server.advance(hours(6 * 24)).await;
    let mut desk = scene.desk().await;
    assert_eq!(scene.shows(&mut desk, scene.tokyo, "pass", passes[1].as_str().unwrap()).await.0, 422);
    let facts = scene.facts().await;
    assert_eq!(facts.iter().filter(|fact| *fact == "visitors.series_cancelled").count(), 1);
    assert!(!facts.contains(&"visitors.visits_cancelled".to_owned()), "{facts:?}");
});

story!(the_guest_calls_off_one_or_all_that_are_to_come, |scene| {
    let made = scene.made(mondays(&scene, 4)).await;
    scene.server.settle().await;
    let page = made["visits"][0]["address"].as_str().unwrap().to_owned();
    let mut guest = scene.server.stranger();
    let shown = guest.get(&page).await.ok();
    assert!(shown.contains("今後のご来訪") && shown.contains("毎週月曜日 10:00～11:00、全4回"), "{shown}");
    let links: Vec<&str> =
        shown.split("<a href=\"/v/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let others: Vec<&&str> = links.iter().filter(|link| link.len() == 32).collect();
    assert_eq!(others.len(), 3, "the others, each with its page: {links:?}");
    let second = format!("/v/{}", others[0]);
    assert!(guest.get(&second).await.ok().contains("<svg"), "with its own pass");
    // This time only.
    guest.post(&format!("{page}/cancel"), &[]).await.expect(303);
    let states = async || {
        let mut host = scene.server.signed_in(&scene.host).await;
        let mut states = Vec::new();
        for place in 0..4 {
            let row = host.get(&nth(&made, place)).await.expect(200).json();
            states.push(row["visits"][0]["state"].as_str().unwrap().to_owned());
        }
        states
    };
    assert_eq!(states().await, ["cancelled", "invited", "invited", "invited"]);
    // Only that guest has anything to ask there.
    let cx: Cx = scene.server.cx_of(scene.host.person);
    let visit = crate::scene::id(&made["visits"][0]["id"]);
    let denied = sekisho_visitors::guest_changes::cancel_series(&scene.visitors, &cx, visit).await;
    assert_eq!(denied.unwrap_err().kind(), sekisho_kernel::Kind::Missing);
    // The page of what was called off still leads to the others, and from there all of them are.
    assert!(guest.get(&page).await.ok().contains("全3回"));
    guest.post(&format!("{page}/cancel"), &[("which", "all")]).await.expect(303);
    assert_eq!(states().await, ["cancelled"; 4]);
    scene.server.settle().await;
    let told = scene.told("host@").await;
    assert_eq!(told.iter().filter(|one| one.contains("来訪者")).count(), 2, "once for each act: {told:?}");
    assert_eq!(scene.told("yamada@").await.len(), 1, "who called it off knows");
    let again = guest.post(&format!("{page}/cancel"), &[("which", "all")]).await;
    assert_eq!(again.status.as_u16(), 303);
    assert_eq!(scene.facts().await.iter().filter(|fact| *fact == "visitors.series_cancelled").count(), 1);
    guest.post("/v/0123456789abcdef0123456789abcdef/cancel", &[("which", "all")]).await.expect(404);
});

story!(a_guest_of_a_series_is_erased_when_nothing_is_to_come, |scene| {
    let made = scene.made(mondays(&scene, 3)).await;
    scene.server.settle().await;
    let guest = scene.visit(&made["visits"][0]["id"]).await["guest"].as_str().unwrap().to_owned();
    let erase = format!("/api/v1/visitors/guests/{guest}");
    // The first is missed, the others called off.
    scene.server.advance(hours(40)).await;
    assert_eq!(scene.visit(&made["visits"][0]["id"]).await["state"], "no_show");
    let mut admin = scene.server.administrator().await;
    scene.server.prove(&mut admin).await;
    admin.api("DELETE", &erase, Value::Null).await.expect(422);
    let mut host = scene.server.signed_in(&scene.host).await;
    host.api("DELETE", &format!("{}/following", nth(&made, 1)), Value::Null).await.expect(204);
    admin.api("DELETE", &erase, Value::Null).await.expect(204);
    for place in 0..3 {
        let row = host.get(&nth(&made, place)).await.expect(200).json();
        assert_eq!((&row["purpose"], &row["visits"][0]["name"]), (&json!(""), &json!("")), "{place}");
    }
    scene.server.settle().await;
    let told = scene.told("yamada@").await;
    assert!(
        !told.iter().any(|one| one.contains("取り消し")),
        "nothing goes out to who was forgotten: {told:?}"
    );
});

story!(each_host_of_a_series_is_told_once_that_the_guest_does_not_come, |scene| {
    let made = scene.made(mondays(&scene, 5)).await;
    let boss = scene.server.colleague("boss").await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let mut body = form(&mut host, &nth(&made, 3)).await;
    body["host"] = json!(boss.person);
    host.api("PUT", &format!("{}/following", nth(&made, 3)), body).await.expect(204);
    scene.server.settle().await;
    let page = made["visits"][0]["address"].as_str().unwrap();
    scene.server.stranger().post(&format!("{page}/cancel"), &[("which", "all")]).await.expect(303);
    scene.server.settle().await;
    let mails = scene.mailbox().await;
    for (who, from, count) in [("host@", "11月23日", "（3回）"), ("boss@", "12月14日", "（2回）")] {
        let theirs = |mail: &&String| mail.contains(who) && mail.contains("お越しになれなくなりました");
        let theirs: Vec<&String> = mails.iter().filter(theirs).collect();
        assert_eq!(theirs.len(), 1, "{who}: {mails:#?}");
        assert!(theirs[0].contains(count) && theirs[0].contains(from), "{who}: {}", theirs[0]);
    }
});

story!(a_host_changes_and_calls_off_what_follows_by_form, |scene| {
    let mut host = scene.server.signed_in(&scene.host).await;
    let sent = Fields::of(&scene);
    let made = host.post("/visitors/new", &sent.with(&[("repeat", "weekly"), ("repeat_count", "3")])).await;
    let page = made.expect(303).location().to_owned();
    let shown = host.get(&page).await.ok();
    // Changed: asked for which.
    let form = host.get(&format!("{page}/change")).await.ok();
    assert!(form.contains("この回と以後のすべて") && !form.contains("name=\"repeat\""), "{form}");
    let all = sent.with(&[("which", "following"), ("version", "1"), ("place", "7階")]);
    host.post(&format!("{page}/change"), &all).await.expect(303);
    let mut ids = shown.split("/visitors/appointments/").map(|rest| &rest[..36]);
    let second = ids.find(|id| id.contains('-') && !id.contains('/') && !page.contains(*id)).unwrap();
    let second = format!("/visitors/appointments/{second}");
    assert!(host.get(&second).await.ok().contains("7階"));
    // One guest more for all that follow, off again, and all called off.
    let guest =
        [("name", "森 一"), ("company", ""), ("mail", ""), ("language", "ja"), ("add_which", "following")];
    host.post(&format!("{page}/guests"), &guest).await.expect(303);
    assert!(host.get(&second).await.ok().contains("森 一"));
    let row = host.get(&format!("/api/v1{second}")).await.expect(200).json();
    let visit =
        row["visits"].as_array().unwrap().iter().find(|row| row["name"] == "森 一").unwrap()["id"].clone();
    let off = format!("/visitors/visits/{}/cancel", visit.as_str().unwrap());
    host.post(&off, &[("which", "following")]).await.expect(303);
    assert_eq!(scene.visit(&visit).await["state"], "cancelled");
    host.post(&format!("{page}/cancel"), &[("cancel_which", "following"), ("version", "2")])
        .await
        .expect(303);
    assert!(host.get(&second).await.ok().contains("取り消されています"));
});
