//! Guests are added to what follows in a series, and taken off it.

use sekisho_testkit::Client;
use serde_json::{Value, json};

use crate::scene::Scene;
use crate::series::{begins, form, mondays, nth, on_day};

story!(guests_are_added_to_what_follows_and_taken_off_it, |scene| {
    let made = scene.made(mondays(&scene, 4)).await;
    scene.server.settle().await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let guest = json!({ "name": "鈴木 花子", "mail": "suzuki@midori.example", "language": "ja" });
    let following = format!("{}/following/guests", nth(&made, 1));
    let added = host.api("POST", &following, guest).await.expect(201).json();
    scene.server.settle().await;
    let names = async |host: &mut Client| {
        let mut all = Vec::new();
        for place in 0..4 {
            let row = host.get(&nth(&made, place)).await.expect(200).json();
            let coming = |visit: &&Value| visit["state"] != "cancelled";
            let here = row["visits"].as_array().unwrap().iter().filter(coming);
            all.push(here.filter(|visit| visit["name"] == "鈴木 花子").count());
        }
        all
    };
    assert_eq!(names(&mut host).await, [0, 1, 1, 1]);
    assert_eq!(scene.told("suzuki@").await.len(), 1, "{:?}", scene.told("suzuki@").await);
    assert_eq!(scene.told("yamada@").await.len(), 1, "the others hear nothing of it");
    let first = host.get(&nth(&made, 1)).await.expect(200).json();
    assert!(first["visits"].as_array().unwrap().iter().any(|visit| visit["id"] == added["id"]));
    // Off from the third on; the second stays, and so does the other guest.
    let third = host.get(&nth(&made, 2)).await.expect(200).json();
    let theirs =
        third["visits"].as_array().unwrap().iter().find(|visit| visit["name"] == "鈴木 花子").unwrap();
    let off = format!("/api/v1/visitors/visits/{}/following", theirs["id"].as_str().unwrap());
    host.api("DELETE", &off, Value::Null).await.expect(204);
    host.api("DELETE", &off, Value::Null).await.expect(422);
    scene.server.settle().await;
    assert_eq!(names(&mut host).await, [0, 1, 0, 0]);
    assert_eq!(scene.told("suzuki@").await.len(), 2);
    assert_eq!(scene.told("yamada@").await.len(), 1);
    let acts = scene.record().await;
    for act in ["series.add_guest", "series.remove_guest"] {
        assert_eq!(acts.iter().filter(|one| *one == act).count(), 1, "{act}: {acts:?}");
    }
    // One alone as before, for one alone.
    let guest = json!({ "name": "鈴木 花子", "mail": "suzuki@midori.example", "language": "ja" });
    host.api("POST", &format!("{}/guests", nth(&made, 3)), guest).await.expect(201);
    assert_eq!(names(&mut host).await, [0, 1, 0, 1]);
});

story!(a_series_has_so_many_visits_and_no_more, |scene| {
    let mut body = on_day(&scene, "2026-11-23", "FREQ=DAILY");
    body["guests"] = json!([{ "name": "山田 太郎" }, { "name": "鈴木 花子" }]);
    let made = scene.made(body).await;
    assert_eq!(made["series"]["occurrences"].as_array().unwrap().len(), 365);
    let mut host = scene.server.signed_in(&scene.host).await;
    let third = json!({ "name": "佐藤 次郎" });
    host.api("POST", &format!("{}/following/guests", nth(&made, 0)), third.clone()).await.expect(422);
    host.api("POST", &format!("{}/following/guests", nth(&made, 300)), third).await.expect(201);
    // Nor one by one, and those called off count: 730 and 65 are five less than 800.
    let alone = format!("{}/guests", nth(&made, 0));
    for (guest, status) in
        ["一", "二", "三", "四", "五", "六"].into_iter().zip([201, 201, 201, 201, 201, 422])
    {
        let added = host.api("POST", &alone, json!({ "name": guest })).await.expect(status);
        if guest == "一" {
            let visit = format!("/api/v1/visitors/visits/{}", added.json()["id"].as_str().unwrap());
            host.api("DELETE", &visit, Value::Null).await.expect(204);
        }
    }
    let mut body = form(&mut host, &nth(&made, 0)).await;
    (body["starts"], body["ends"]) = (json!("2026-11-23T13:00"), json!("2026-11-23T14:00"));
    host.api("PUT", &format!("{}/following", nth(&made, 0)), body).await.expect(204);
    assert_eq!(begins(&mut host, &made).await.last().unwrap(), "2027-11-22T13:00");
    host.api("DELETE", &format!("{}/following", nth(&made, 0)), Value::Null).await.expect(204);
    let facts = scene.facts().await;
    assert_eq!(facts.iter().filter(|fact| fact.starts_with("visitors.series_")).count(), 4, "{facts:?}");
});
