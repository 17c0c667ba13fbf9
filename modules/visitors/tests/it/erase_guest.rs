//! A guest is forgotten: nothing tells who they were, and nothing else is lost.

use sea_orm::ColumnTrait as _;
use sekisho_storage::Scoped as _;
use serde_json::{Value, json};

use crate::scene::Scene;

story!(an_erased_guest_leaves_visits_without_a_name, |scene| {
    let made = scene.made(scene.body(30)).await;
    let visit = scene.visit(&made["visits"][0]["id"]).await;
    let guest = format!("/api/v1/visitors/guests/{}", visit["guest"].as_str().unwrap());
    let mut admin = scene.server.administrator().await;
    admin.api("DELETE", &guest, Value::Null).await.expect(403);
    scene.server.prove(&mut admin).await;
    admin.api("DELETE", &guest, Value::Null).await.expect(422);
    let mut desk = scene.desk().await;
    let mut host = scene.server.signed_in(&scene.host).await;
    assert_eq!(desk.get(&guest).await.expect(200).json()["mail"], "yamada@midori.example");
    host.get(&guest).await.expect(404);
    let appointment = format!("/api/v1/visitors/appointments/{}", made["id"].as_str().unwrap());
    host.api("DELETE", &appointment, Value::Null).await.expect(204);
    scene.server.settle().await;
    for mut other in [desk, host] {
        other.api("DELETE", &guest, Value::Null).await.expect(403);
    }
    let page = guest.replace("/api/v1", "");
    assert!(admin.get(&page).await.ok().contains("山田 太郎"));
    admin.post(&format!("{page}/erase"), &[]).await.expect(303);
    admin.api("DELETE", &guest, Value::Null).await.expect(204);
    let row = admin.get(&guest).await.expect(200).json();
    assert!(row["erased_at"].is_string() && row["name"] == "" && row["mail"] == "", "{row}");
    assert_eq!(scene.visit(&made["visits"][0]["id"]).await["name"], "");
    assert!(!admin.get(&page).await.ok().contains("山田"));
    let query = sekisho_web::escape_query("山田");
    let found = admin.get(&format!("/api/v1/visitors/visits?q={query}")).await.expect(200).json();
    assert_eq!(found["items"].as_array().unwrap().len(), 0);
    // Nothing is left by which they could be read or found.
    let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    let rows = scope.find::<sekisho_visitors::tables::guests::Entity>().all().await.unwrap();
    assert!(
        rows.iter().all(|row| row.key_sealed.is_none() && row.contact.is_none() && row.mail_blind.is_none())
    );
    let words = scope.find::<sekisho_visitors::tables::guest_words::Entity>().count().await.unwrap();
    assert_eq!(words, 0);
    drop(scope);
    assert_eq!(scene.record().await.iter().filter(|act| *act == "guest.erase").count(), 1);
    // Whoever comes again is somebody new.
    let again = scene.made(scene.body(60)).await;
    let again = scene.visit(&again["visits"][0]["id"]).await;
    assert_ne!(again["guest"], visit["guest"]);
});

story!(what_only_an_erased_guest_had_goes_with_them, |scene| {
    use sekisho_notify::tables::notify_deliveries::{Column, Entity};
    use sekisho_notify::{Lane, Message};
    let mut body = scene.body(30);
    body["note"] = json!("契約の件、内密に");
    let alone = scene.made(body.clone()).await;
    body["guests"].as_array_mut().unwrap().push(json!({ "name": "鈴木 花子" }));
    let together = scene.made(body).await;
    let visit = scene.visit(&alone["visits"][0]["id"]).await;
    scene.server.advance(sekisho_testkit::hours(3)).await;
    // A message about them waits.
    let foundation = scene.server.foundation();
    let cx = scene.server.cx();
    let id = crate::scene::id(&visit["id"]);
    let mut tx = foundation.store.begin(&cx).await.unwrap();
    let message = Message::to_person(scene.host.person, Lane::Operational, "notify-test").about("visit", id);
    foundation.notify.tell(&mut tx, message).await.unwrap();
    tx.commit_bookkeeping("test").await.unwrap();
    let mut admin = scene.server.administrator().await;
    scene.server.prove(&mut admin).await;
    let guest = format!("/api/v1/visitors/guests/{}", visit["guest"].as_str().unwrap());
    admin.api("DELETE", &guest, Value::Null).await.expect(204);
    let scope = foundation.store.read(scene.server.tenant).await.unwrap();
    let about = scope.find::<Entity>().filter(Column::AboutId.eq(id.uuid())).all().await.unwrap();
    assert!(about.iter().any(|row| row.state == "dropped"), "{about:?}");
    assert!(about.iter().all(|row| row.content.is_empty() && row.state != "queued"), "{about:?}");
    drop(scope);
    let words = async |admin: &mut sekisho_testkit::Client, made: &Value| {
        let path = format!("/api/v1/visitors/appointments/{}", made["id"].as_str().unwrap());
        let row = admin.get(&path).await.expect(200).json();
        (row["purpose"].as_str().unwrap().to_owned(), row["note"].as_str().unwrap().to_owned())
    };
    assert_eq!(words(&mut admin, &alone).await, (String::new(), String::new()));
    assert_eq!(words(&mut admin, &together).await.0, "お打ち合わせ", "somebody else was invited to it");
    let other = scene.visit(&together["visits"][1]["id"]).await;
    let other = format!("/api/v1/visitors/guests/{}", other["guest"].as_str().unwrap());
    admin.api("DELETE", &other, Value::Null).await.expect(204);
    assert_eq!(words(&mut admin, &together).await, (String::new(), String::new()));
});

story!(what_an_erased_guest_said_at_the_terminal_goes_with_them, |scene| {
    use sekisho_visitors::tables::walk_ins;
    let mut tablet = crate::tablet::Tablet::at(&scene, scene.tokyo, "1階ロビー").await;
    let found = tablet.call(&scene, "/terminal/api/hosts", json!({ "q": "host" })).await.expect(200).json();
    let body = json!({ "name": "飛び込 花子", "whom": found["items"][0]["ref"], "purpose": "名刺交換" });
    tablet.call(&scene, "/terminal/api/walk-in", body).await.expect(200);
    let mut admin = scene.server.administrator().await;
    let visit = admin.get("/api/v1/visitors/visits").await.expect(200).json()["items"][0].clone();
    let said = async || {
        let foundation = scene.server.foundation();
        let keys = foundation.vault.keys(scene.server.tenant).await.unwrap();
        let scope = foundation.store.read(scene.server.tenant).await.unwrap();
        let row = scope.find::<walk_ins::Entity>().one().await.unwrap().unwrap();
        let place = sekisho_crypto::Place {
            table: "visitors_walk_ins",
            column: "purpose",
            row: crate::scene::id(&visit["id"]).uuid(),
        };
        String::from_utf8(keys.open(&place, &row.purpose_sealed).unwrap().to_vec()).unwrap()
    };
    assert_eq!(said().await, "名刺交換");
    let leave = format!("/api/v1/visitors/visits/{}/check-out", visit["id"].as_str().unwrap());
    scene.desk().await.api("POST", &leave, Value::Null).await.expect(204);
    let guest = format!("/api/v1/visitors/guests/{}", visit["guest"].as_str().unwrap());
    scene.server.prove(&mut admin).await;
    admin.api("DELETE", &guest, Value::Null).await.expect(204);
    assert_eq!(said().await, "");
});
