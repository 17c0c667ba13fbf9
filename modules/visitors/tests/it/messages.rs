//! Whether the host was reached: what became of the messages about a visit, and whom the desk rings when nobody answers.

use sea_orm::ColumnTrait as _;
use sekisho_testkit::{Client, minutes};
use serde_json::{Value, json};

use crate::scene::Scene;
use crate::watch;

async fn of(client: &mut Client, visit: &Value) -> Vec<Value> {
    let path = format!("/api/v1/visitors/visits/{}/messages", visit.as_str().unwrap());
    client.get(&path).await.expect(200).json().as_array().unwrap().clone()
}

fn whats(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["what"].as_str().unwrap()).collect()
}

async fn arrived(scene: &Scene) -> Value {
    let made = watch::expected(scene, "山田 太郎", 10).await;
    scene.server.settle().await;
    let pass = scene.pass(&made).await;
    let mut desk = scene.desk().await;
    assert_eq!(scene.shows(&mut desk, scene.tokyo, "pass", pass["pass"].as_str().unwrap()).await.0, 200);
    scene.server.settle().await;
    made["visits"][0]["id"].clone()
}

story!(whoever_plans_a_visit_sees_who_was_told_and_what_became_of_it, |scene| {
    let visit = arrived(&scene).await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let rows = of(&mut host, &visit).await;
    assert_eq!(whats(&rows), ["invited", "arrived"]);
    assert_eq!(
        (&rows[0]["person"], &rows[0]["means"], &rows[0]["state"]),
        (&Value::Null, &json!("mail"), &json!("sent"))
    );
    assert_eq!((&rows[1]["person"], &rows[1]["state"]), (&json!(scene.host.person), &json!("sent")));
    assert_eq!(of(&mut scene.desk().await, &visit).await, rows);
    let page = format!("/visitors/visits/{}/messages", visit.as_str().unwrap());
    let page_shown = host.get(&page).await.ok();
    assert!(page_shown.contains("到着の連絡") && page_shown.contains("送信済み"), "{page_shown}");
    let colleague = scene.server.colleague("colleague").await;
    let mut colleague = scene.server.signed_in(&colleague).await;
    colleague.get(&page).await.expect(404);
    colleague.get(&format!("/api/v1{page}")).await.expect(404);
});

story!(what_the_guard_is_asked_about_is_no_message_of_the_visit, |scene| {
    watch::listed(&scene, &["山田 太郎"], &[]).await;
    let visit = arrived(&scene).await;
    assert!(!watch::told_of_guard(&scene, "desk@").await.is_empty(), "the desk was told");
    for mut reader in [scene.server.signed_in(&scene.host).await, scene.desk().await] {
        let rows = of(&mut reader, &visit).await;
        assert_eq!(whats(&rows), ["invited", "arrived"]);
    }
});

story!(whom_to_ring_stands_on_the_desks_list_once_nobody_answers, |scene| {
    let mut admin = scene.server.administrator().await;
    let mut settings = admin.get("/api/v1/visitors/settings").await.expect(200).json();
    for wrong in ["総".repeat(201), "総務\n部".to_owned()] {
        settings["ring_when_silent"] = json!(wrong);
        admin.api("PUT", "/api/v1/visitors/settings", settings.clone()).await.expect(422);
    }
    settings["ring_when_silent"] = json!(" 総務部 内線110 ");
    admin.api("PUT", "/api/v1/visitors/settings", settings).await.expect(204);
    let visit = arrived(&scene).await;
    let path = format!("/api/v1/visitors/visits/{}", visit.as_str().unwrap());
    let mut desk = scene.desk().await;
    assert_eq!(desk.get(&path).await.expect(200).json()["ring"], Value::Null, "the host has two minutes");
    scene.server.advance(minutes(3)).await;
    let row = desk.get(&path).await.expect(200).json();
    assert!(row["unanswered_at"].is_string(), "{row}");
    assert_eq!(row["ring"], "総務部 内線110");
    let mut host = scene.server.signed_in(&scene.host).await;
    assert_eq!(host.get(&path).await.expect(200).json()["ring"], Value::Null);
    assert!(desk.get("/visitors").await.ok().contains("総務部 内線110"));
    desk.api("POST", &format!("{path}/admit"), Value::Null).await.expect(204);
    assert_eq!(desk.get(&path).await.expect(200).json()["ring"], Value::Null);
});

story!(what_the_far_side_said_is_not_for_every_planner, |scene| {
    use sekisho_notify::tables::notify_deliveries::{Column, Entity};
    let visit = arrived(&scene).await;
    let tx = scene.server.foundation().store.begin(&scene.server.cx()).await.unwrap();
    tx.update::<Entity>()
        .set(Column::State, "dead")
        .set(Column::LastError, Some("550 5.1.1 <taro@host.example> unknown"))
        .filter(Column::Template.eq("visitors-notice-arrived"))
        .exec()
        .await
        .unwrap();
    tx.commit_bookkeeping("test").await.unwrap();
    let mut host = scene.server.signed_in(&scene.host).await;
    let rows = of(&mut host, &visit).await;
    assert_eq!((&rows[0]["why"], &rows[1]["why"]), (&Value::Null, &json!("refused")));
    let page = host.get(&format!("/visitors/visits/{}/messages", visit.as_str().unwrap())).await.ok();
    assert!(page.contains("受け付けられませんでした") && !page.contains("taro@host"), "{page}");
});
