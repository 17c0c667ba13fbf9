//! A guest is forgotten: nothing tells who they were, and nothing else is lost.

use sekisho_storage::Scoped as _;
use serde_json::Value;

use crate::scene::Scene;

story!(an_erased_guest_leaves_visits_without_a_name, |scene| {
    let made = scene.made(scene.body(30)).await;
    let visit = scene.visit(&made["visits"][0]["id"]).await;
    let guest = format!("/api/v1/visitors/guests/{}", visit["guest"].as_str().unwrap());
    let mut admin = scene.server.administrator().await;
    admin.api("DELETE", &guest, Value::Null).await.expect(422);
    let mut desk = scene.desk().await;
    let mut host = scene.server.signed_in(&scene.host).await;
    assert_eq!(desk.get(&guest).await.expect(200).json()["mail"], "yamada@midori.example");
    host.get(&guest).await.expect(404);
    let appointment = format!("/api/v1/visitors/appointments/{}", made["id"].as_str().unwrap());
    host.api("DELETE", &appointment, Value::Null).await.expect(204);
    scene.server.settle().await;
    for mut other in [desk, host] {
        other.api("DELETE", &guest, Value::Null).await.expect(404);
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
