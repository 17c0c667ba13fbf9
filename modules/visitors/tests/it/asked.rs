//! Whoever is asked to meet a guest can answer, and sees that guest: deputies, the department, whoever was called.

use sekisho_kernel::GroupId;
use sekisho_testkit::{hours, minutes};
use serde_json::{Value, json};

use crate::scene::Scene;
use crate::tablet::Tablet;

/// A department with those people.
pub async fn department(scene: &Scene, name: &str, people: &[sekisho_kernel::PersonId]) -> GroupId {
    let identity = &scene.server.foundation().identity;
    let cx = scene.server.cx();
    let by = identity.administrator(&cx).await.unwrap();
    let group = identity.make_group(&cx, by, name, "").await.unwrap();
    for person in people {
        let by = identity.administrator(&cx).await.unwrap();
        identity.join_group(&cx, by, group, *person).await.unwrap();
    }
    group
}

/// The secret in the buttons of the newest message to somebody.
async fn buttons(scene: &Scene, who: &str) -> String {
    let mails = scene.server.foundation().notify.mailbox(&scene.server.cx(), 50).await.unwrap();
    let mut links = mails.iter().filter(|mail| mail.recipient.contains(who)).flat_map(|mail| &mail.links.0);
    let url = links.find_map(|(_, url)| url.split_once("/act/")).unwrap().1;
    url.split('.').next().unwrap().to_owned()
}

story!(a_department_that_is_asked_answers_and_sees_the_guest_alone, |scene| {
    let member = scene.server.colleague("member").await;
    let group = department(&scene, "営業部", &[member.person]).await;
    let mut body = scene.body(30);
    body["group"] = json!(group);
    body["note"] = json!("内密");
    body["guests"].as_array_mut().unwrap().push(json!({ "name": "別の 客" }));
    let made = scene.made(body).await;
    let pass = scene.pass(&made).await;
    let appointment = format!("/api/v1/visitors/appointments/{}", made["id"].as_str().unwrap());
    let visit = format!("/api/v1/visitors/visits/{}", pass["visit"].as_str().unwrap());
    let mut client = scene.server.signed_in(&member).await;
    let mut desk = scene.desk().await;
    scene.shows(&mut desk, scene.tokyo, "pass", pass["pass"].as_str().unwrap()).await;
    scene.server.settle().await;
    client.get(&visit).await.expect(404);
    scene.server.advance(minutes(2)).await;
    // Now they are asked.
    assert!(scene.told("member@").await.iter().any(|one| one.contains("お見え")));
    client.get(&visit).await.expect(200);
    let seen = client.get(&appointment).await.expect(200).json();
    assert_eq!(seen["visits"].as_array().unwrap().len(), 1, "the others who come are none of theirs: {seen}");
    assert_eq!((&seen["note"], &seen["plans"]), (&json!(""), &json!(false)));
    assert_eq!(seen["people"], Value::Null, "nor how many they are");
    let mut host = scene.server.signed_in(&scene.host).await;
    assert_eq!(host.get(&appointment).await.json()["people"], json!(3));
    client.get(&format!("{appointment}/passes")).await.expect(404);
    client.get(&format!("{visit}/messages")).await.expect(404);
    client.api("DELETE", &appointment, Value::Null).await.expect(404);
    let page = client.get(&appointment.replace("/api/v1", "")).await.ok();
    assert!(
        !page.contains("/cancel\"") && !page.contains("/change\""),
        "what they may not do is not offered"
    );
    let secret = buttons(&scene, "member@").await;
    let said = scene.server.stranger().post(&format!("/act/{secret}.1"), &[]).await.ok();
    assert!(said.contains("伝えました"), "{said}");
    let row = scene.visit(&pass["visit"]).await;
    assert_eq!(row["answered_by"], json!(member.person));
    let acts = scene.record().await;
    assert!(acts.contains(&"visit.answer".to_owned()), "{acts:?}");
    // The desk reads who is coming.
    assert!(desk.get("/visitors?show=here").await.ok().contains("対応者：member"));
    // Another one is told that somebody said so; the same one may say it again.
    let mut host = scene.server.signed_in(&scene.host).await;
    let late = host.api("POST", &format!("{visit}/answer"), Value::Null).await.expect(422).json();
    assert_eq!(late["code"], "visitors-answered-already");
    client.api("POST", &format!("{visit}/answer"), Value::Null).await.expect(204);
    client.api("POST", &format!("{visit}/admit"), Value::Null).await.expect(204);
});

story!(a_department_called_at_the_terminal_decides, |scene| {
    let member = scene.server.colleague("member").await;
    let group = department(&scene, "総務部", &[member.person]).await;
    let mut tablet = Tablet::at(&scene, scene.tokyo, "1階ロビー").await;
    offer(&scene, group).await;
    let hello = tablet.call(&scene, "/terminal/api/hello", json!({})).await.expect(200).json();
    let whom = &hello["settings"]["departments"][0]["ref"];
    let body = json!({ "name": "飛び込 花子", "purpose": "名刺交換", "whom": whom, "language": "zh" });
    tablet.call(&scene, "/terminal/api/walk-in", body).await.expect(200);
    scene.server.settle().await;
    let mut client = scene.server.signed_in(&member).await;
    let list = client.get("/api/v1/visitors/visits").await.expect(200).json();
    assert_eq!(
        (&list["items"][0]["name"], &list["items"][0]["state"]),
        (&json!("飛び込 花子"), &json!("arrived"))
    );
    let secret = buttons(&scene, "member@").await;
    scene.server.stranger().post(&format!("/act/{secret}.3"), &[]).await.ok();
    assert_eq!(scene.visit(&list["items"][0]["id"]).await["state"], "admitted");
    scene.server.advance(hours(1)).await;
    assert!(!scene.facts().await.contains(&"visitors.nobody_answers".to_owned()));
    let page = scene.mailbox().await;
    assert!(page.iter().any(|one| one.contains("名刺交換") && one.contains("会社名：—")), "{page:?}");
});

story!(names_stay_out_of_what_a_department_is_told_where_the_organisation_wants_it, |scene| {
    let member = scene.server.colleague("member").await;
    let group = department(&scene, "総務部", &[member.person]).await;
    let mut admin = scene.server.administrator().await;
    let mut settings = admin.get("/api/v1/visitors/settings").await.expect(200).json();
    settings["names_in_messages"] = json!(false);
    admin.api("PUT", "/api/v1/visitors/settings", settings).await.expect(204);
    let mut tablet = Tablet::at(&scene, scene.tokyo, "1階ロビー").await;
    offer(&scene, group).await;
    let hello = tablet.call(&scene, "/terminal/api/hello", json!({})).await.expect(200).json();
    let whom = &hello["settings"]["departments"][0]["ref"];
    let body =
        json!({ "name": "飛び込 花子", "company": "株式会社あおば", "purpose": "名刺交換", "whom": whom });
    tablet.call(&scene, "/terminal/api/walk-in", body).await.expect(200);
    scene.server.settle().await;
    let mails = scene.mailbox().await;
    assert!(mails.iter().any(|one| one.contains("来訪者が受付でお待ちです")), "{mails:?}");
    for word in ["飛び込", "あおば", "名刺交換"] {
        assert!(!mails.iter().any(|one| one.contains(word)), "{word}: {mails:?}");
    }
});

/// Lets terminals call that department.
pub async fn offer(scene: &Scene, group: GroupId) {
    let mut admin = scene.server.administrator().await;
    let mut settings = admin.get("/api/v1/visitors/terminal-settings").await.expect(200).json();
    settings.as_object_mut().unwrap().remove("picture");
    settings["departments"] = json!([group]);
    let mut admin = admin.with_header("if-match", "\"0\"");
    admin.api("PUT", "/api/v1/visitors/terminal-settings", settings).await.expect(200);
}

story!(who_asks_somebody_else_is_told_once_that_nobody_is_left, |scene| {
    let made = scene.made(scene.body(30)).await;
    let pass = scene.pass(&made).await;
    let mut desk = scene.desk().await;
    scene.shows(&mut desk, scene.tokyo, "pass", pass["pass"].as_str().unwrap()).await;
    scene.server.settle().await;
    let path = format!("/api/v1/visitors/visits/{}/pass-on", pass["visit"].as_str().unwrap());
    let mut host = scene.server.signed_in(&scene.host).await;
    host.api("POST", &path, Value::Null).await.expect(204);
    let again = host.api("POST", &path, Value::Null).await.expect(422).json();
    assert_eq!(again["code"], "visitors-nobody-left");
    scene.server.advance(hours(1)).await;
    let told = scene.facts().await.iter().filter(|fact| *fact == "visitors.nobody_answers").count();
    assert_eq!(told, 1);
    assert!(desk.get("/visitors?show=here").await.ok().contains("応答なし"));
});

story!(each_refusal_names_what_is_so, |scene| {
    let made = scene.made(scene.body(30)).await;
    let visit = made["visits"][0]["id"].as_str().unwrap().to_owned();
    let mut host = scene.server.signed_in(&scene.host).await;
    let path = |act: &str| format!("/api/v1/visitors/visits/{visit}/{act}");
    let mut refused =
        async |act: &str| host.api("POST", &path(act), Value::Null).await.expect(422).json()["code"].clone();
    assert_eq!(refused("answer").await, "visitors-refused-not-here");
    scene.server.advance(hours(3)).await;
    assert_eq!(refused("answer").await, "visitors-refused-over", "they never came");
    assert_eq!(refused("pass-on").await, "visitors-refused-over");
    let mut desk = scene.desk().await;
    desk.api("POST", &path("admit"), Value::Null).await.expect(204);
    desk.api("POST", &path("check-out"), Value::Null).await.expect(204);
    assert_eq!(refused("pass-on").await, "visitors-refused-gone");
});
