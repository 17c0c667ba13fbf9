//! A visit of several days: the same pass opens once on each of them.

use sekisho_testkit::{hours, minutes};
use serde_json::{Value, json};

use sea_orm::ColumnTrait as _;
use sekisho_storage::Scoped as _;

use crate::scene::{Scene, id};

/// Whether the code of a visit is held for it, so that no other visit gets the same.
async fn holds_its_code(scene: &Scene, visit: &Value) -> bool {
    use sekisho_visitors::tables::visits::{Column, Entity};
    let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    let row = scope.find::<Entity>().filter(Column::Id.eq(id(visit))).one().await.unwrap().unwrap();
    row.live_code.is_some()
}

/// So long until the next day begins in Tokyo.
fn until_midnight(scene: &Scene) -> std::time::Duration {
    let zone = sekisho_web::zone_of("Asia/Tokyo");
    let now = scene.server.cx().now.to_jiff().to_zoned(zone.clone());
    let midnight = now.date().tomorrow().unwrap().to_zoned(zone).unwrap();
    let left = midnight.timestamp().as_second() - now.timestamp().as_second();
    std::time::Duration::from_secs(u64::try_from(left).unwrap())
}

story!(who_left_comes_in_again_the_next_day_with_the_same_pass, |scene| {
    let deputy = scene.server.colleague("deputy").await;
    let mut body = scene.body(30);
    body["ends"] = json!(scene.at(3 * 24 * 60));
    body["deputies"] = json!([deputy.person]);
    let made = scene.made(body).await;
    let pass = scene.pass(&made).await;
    let (text, code) = (pass["pass"].as_str().unwrap(), pass["code"].as_str().unwrap());
    let path = |act: &str| format!("/api/v1/visitors/visits/{}/{act}", pass["visit"].as_str().unwrap());
    let mut desk = scene.desk().await;
    assert_eq!(scene.shows(&mut desk, scene.tokyo, "pass", text).await.0, 200);
    // The deputy is asked after two minutes, on each of the days.
    scene.server.settle().await;
    scene.server.advance(minutes(3)).await;
    desk.api("POST", &path("admit"), Value::Null).await.expect(204);
    desk.api("POST", &path("check-out"), Value::Null).await.expect(204);
    assert_eq!(scene.shows(&mut desk, scene.tokyo, "pass", text).await.0, 422, "once a day");
    let list = desk.get("/visitors").await.ok();
    assert!(
        list.contains("別の日にも来訪予定") && !list.contains("/arrive\""),
        "no button that is refused: {list}"
    );
    assert!(holds_its_code(&scene, &pass["visit"]).await);
    let admin =
        format!("/api/v1/visitors/guests/{}", scene.visit(&pass["visit"]).await["guest"].as_str().unwrap());
    let mut client = scene.server.administrator().await;
    scene.server.prove(&mut client).await;
    client.api("DELETE", &admin, Value::Null).await.expect(422);
    assert_eq!(scene.pass(&made).await["pass"], pass["pass"], "what they show tomorrow is still offered");
    let page = scene.server.stranger().get(pass["address"].as_str().unwrap()).await.ok();
    assert!(page.contains(&sekisho_visitors::pass::spaced(code)), "and stands on their page: {page}");
    assert!(!page.contains("ご来訪ありがとうございました"), "{page}");

    scene.server.advance(until_midnight(&scene) + hours(9)).await;
    let mut desk = scene.desk().await;
    assert!(desk.get("/visitors").await.ok().contains("/arrive\""), "the desk can say that they came");
    assert_eq!(scene.shows(&mut desk, scene.tokyo, "code", code).await.0, 200, "the code, too");
    let row = scene.visit(&pass["visit"]).await;
    assert_eq!(row["state"], "arrived");
    for gone in ["left_at", "left_how", "admitted_at", "answered_at"] {
        assert!(row[gone].is_null(), "{gone} is of yesterday: {row}");
    }
    scene.server.settle().await;
    scene.server.advance(minutes(3)).await;
    let told = |told: Vec<String>| told.iter().filter(|one| one.contains("お見え")).count();
    assert_eq!((told(scene.told("host@").await), told(scene.told("deputy@").await)), (2, 2));

    // Forgotten at the end of the day, let in by hand on the last one.
    scene.server.advance(until_midnight(&scene) + hours(9)).await;
    assert_eq!(scene.visit(&pass["visit"]).await["left_how"], "end_of_day");
    let mut desk = scene.desk().await;
    desk.api("POST", &path("arrive"), Value::Null).await.expect(204);
    desk.api("POST", &path("arrive"), Value::Null).await.expect(422);
    desk.api("POST", &path("check-out"), Value::Null).await.expect(204);
    scene.server.advance(until_midnight(&scene) + hours(24)).await;
    assert_eq!(scene.shows(&mut scene.desk().await, scene.tokyo, "pass", text).await.0, 422, "it is over");
    assert!(!holds_its_code(&scene, &pass["visit"]).await, "nobody needs it any more");
    let arrived = scene.facts().await.iter().filter(|fact| *fact == "visitors.arrived").count();
    assert_eq!(arrived, 3);
});

story!(days_that_are_still_to_come_are_called_off_with_the_appointment, |scene| {
    let mut body = scene.body(30);
    body["ends"] = json!(scene.at(3 * 24 * 60));
    let made = scene.made(body).await;
    let pass = scene.pass(&made).await;
    let mut desk = scene.desk().await;
    let path = |act: &str| format!("/api/v1/visitors/visits/{}/{act}", pass["visit"].as_str().unwrap());
    desk.api("POST", &path("admit"), Value::Null).await.expect(204);
    desk.api("POST", &path("check-out"), Value::Null).await.expect(204);
    scene.server.settle().await;
    let appointment = format!("/api/v1/visitors/appointments/{}", made["id"].as_str().unwrap());
    desk.api("DELETE", &appointment, Value::Null).await.expect(204);
    scene.server.settle().await;
    assert!(scene.told("yamada@").await.iter().any(|one| one.contains("取り消し")));
    scene.server.advance(until_midnight(&scene) + hours(9)).await;
    let text = pass["pass"].as_str().unwrap();
    assert_eq!(scene.shows(&mut scene.desk().await, scene.tokyo, "pass", text).await.0, 422);
});

story!(a_terminal_without_a_network_knows_who_comes_again_from_the_next_day_on, |scene| {
    let mut tablet = crate::tablet::Tablet::at(&scene, scene.tokyo, "1階ロビー").await;
    let mut body = scene.body(30);
    body["ends"] = json!(scene.at(3 * 24 * 60));
    let pass = scene.pass(&scene.made(body).await).await;
    let mut desk = scene.desk().await;
    let path = |act: &str| format!("/api/v1/visitors/visits/{}/{act}", pass["visit"].as_str().unwrap());
    desk.api("POST", &path("admit"), Value::Null).await.expect(204);
    let midnight = scene.server.cx().now.plus(until_midnight(&scene)).as_secs();
    for (act, expected) in [(None, 0), (Some("check-out"), 1)] {
        if let Some(act) = act {
            desk.api("POST", &path(act), Value::Null).await.expect(204);
        }
        let hello = tablet.call(&scene, "/terminal/api/hello", json!({})).await.expect(200).json();
        let list = tablet.opened(hello["expected"]["sealed"].as_str().unwrap());
        let list = list["expected"].as_array().unwrap();
        assert_eq!(list.len(), expected, "{act:?}");
        for one in list {
            assert_eq!(one["from"].as_i64().unwrap() / 1000, midnight, "not on the same day once more");
        }
    }
});
