//! What is known of a guest, where the keys are kept: corrected, and forgotten.

use sea_orm::ColumnTrait as _;
use sekisho_storage::Scoped as _;
use sekisho_testkit::{hours, minutes, story};
use sekisho_wire::EventKind;
use serde_json::{Value, json};

use super::scene::Scene;

story!(a_corrected_name_is_corrected_where_the_keys_are, |scene| {
    let planned = scene.visit_with(60, scene.van).await;
    let mut host = scene.host().await;
    let corrected = json!({ "name": "山田 太朗", "mail": "yamada@midori.example" });
    host.api("PUT", &format!("{}/guest", planned.visit), corrected).await.expect(204);
    let id = scene.bookings().await.pop().unwrap().id;
    let path = format!("/api/v1/key-bookings/{id}");
    assert_eq!(host.get(&path).await.expect(200).json()["name"], "山田 太朗");
    scene.server.advance(minutes(5)).await;
    let record = scene.record().await;
    assert_eq!(record.iter().filter(|act| *act == "key.correct_booking").count(), 1, "{record:?}");
});

story!(an_erased_guest_leaves_nothing_where_keys_are_kept, |scene| {
    use sekisho_notify::tables::notify_deliveries;
    let planned = scene.visit_with(30, scene.van).await;
    let code = scene.code().await;
    let mut admin = scene.server.administrator().await;
    let guest = admin.get(&planned.visit).await.expect(200).json()["guest"].as_str().unwrap().to_owned();
    let guest = format!("/api/v1/visitors/guests/{guest}");
    scene.server.advance(minutes(31)).await;
    scene.takes_van(&code).await;
    // One more, called off before: it, too, knew them. The maker hears of it, by name of the key.
    let second = scene.visit_with(200, scene.store_room).await;
    let off = scene.bookings().await.pop().unwrap().id;
    admin.api("DELETE", &format!("/api/v1/key-bookings/{off}"), Value::Null).await.expect(204);
    admin.api("DELETE", &second.appointment, Value::Null).await.expect(204);
    scene.server.advance(hours(24)).await;
    let mut admin = scene.server.administrator().await;
    // Who would be asked for the key?
    scene.server.prove(&mut admin).await;
    let refused = admin.api("DELETE", &guest, Value::Null).await.expect(422);
    assert!(refused.text.contains("まだ鍵を持ち出しています"), "{}", refused.text);
    scene.tells(EventKind::KeyInserted { bin: 1, fob: "FOB-VAN".into(), command: None }).await;
    admin.api("DELETE", &guest, Value::Null).await.expect(204);

    let rows = scene.bookings().await;
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|row| row.guest_sealed.is_none() && row.mail_sealed.is_none()), "{rows:?}");
    let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    let about = notify_deliveries::Column::AboutKind.eq("booking");
    let told = scope.find::<notify_deliveries::Entity>().filter(about).all().await.unwrap();
    assert!(!told.is_empty() && told.iter().all(|row| row.content.is_empty()), "{told:?}");
    let linked = scope.find::<sekisho_visitors::tables::booked_keys::Entity>().count().await.unwrap();
    assert_eq!(linked, 0);
    drop(scope);
    // That the key was away, and when, stays.
    let loans = admin.get("/keys/reports?show=loans").await;
    assert!(!loans.text.contains("山田"), "{}", loans.text);
    let booking = admin.get(&format!("/api/v1/key-bookings/{}", rows[0].id)).await.expect(200).json();
    assert_eq!((&booking["name"], &booking["keys"][0]["name"]), (&json!(""), &json!("社用車3号")));
});
