//! Figures of visits: counted right, for the desk of the site only, and still there when the visits are gone.

use sekisho_places::NewSite;
use sekisho_storage::Scoped as _;
use sekisho_testkit::{hours, minutes};
use sekisho_visitors::tables::{counted_days, visits};
use serde_json::{Value, json};

use crate::scene::Scene;

const HERE: &str = "/api/v1/visitors/statistics";

async fn figures(scene: &Scene, query: &str) -> Value {
    let mut admin = scene.server.administrator().await;
    admin.get(&format!("{HERE}{query}")).await.expect(200).json()
}

async fn days_pass(scene: &Scene, days: u64) {
    scene.server.advance(hours(24 * days)).await;
}

async fn counted(scene: &Scene) -> usize {
    let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    scope.find::<counted_days::Entity>().all().await.unwrap().len()
}

/// A guest who comes, waits so long, is let in and leaves an hour later; one who does not come; one whose visit is called off;
/// three who are waved in.
async fn a_day(scene: &Scene, wait: u64) {
    let mut desk = scene.desk().await;
    let made = scene.made(scene.body(10)).await;
    let pass = scene.pass(&made).await;
    let visit = format!("/api/v1/visitors/visits/{}", made["visits"][0]["id"].as_str().unwrap());
    assert_eq!(scene.shows(&mut desk, scene.tokyo, "pass", pass["pass"].as_str().unwrap()).await.0, 200);
    scene.pass_time(minutes(wait));
    desk.api("POST", &format!("{visit}/admit"), Value::Null).await.expect(204);
    scene.pass_time(minutes(60));
    desk.api("POST", &format!("{visit}/check-out"), Value::Null).await.expect(204);
    scene.made(scene.body(20)).await;
    let off = scene.made(scene.body(25)).await;
    let off = format!("/api/v1/visitors/visits/{}", off["visits"][0]["id"].as_str().unwrap());
    scene.server.signed_in(&scene.host).await.api("DELETE", &off, Value::Null).await.expect(204);
    let three = json!({ "site": scene.tokyo, "kind": "delivery", "count": 3 });
    desk.api("POST", "/api/v1/visitors/wave-in", three).await.expect(201);
}

story!(what_came_about_is_counted_once_by_kind_hour_and_length, |scene| {
    a_day(&scene, 7).await;
    days_pass(&scene, 1).await;
    let all = figures(&scene, "").await;
    let of = |kind: &str| all["counts"]["kinds"][kind].clone();
    assert_eq!(
        of("guest"),
        json!({ "visits": 3, "came": 1, "unannounced": 0, "people": 1, "missed": 1, "called_off": 1, "refused": 0 })
    );
    assert_eq!(
        of("delivery"),
        json!({ "visits": 1, "came": 1, "unannounced": 1, "people": 3, "missed": 0, "called_off": 0, "refused": 0 })
    );
    assert_eq!(all["counts"]["waits"], json!({ "7": 1 }), "the waved in did not wait");
    assert_eq!(all["counts"]["stays"], json!({ "4": 1 }), "when the others left nobody knows");
    assert_eq!((&all["wait_median"], &all["stay_median"]), (&json!(7), &json!(60)));
    let arrivals =
        |hours: &Value| hours.as_array().unwrap().iter().map(|one| one.as_u64().unwrap()).sum::<u64>();
    assert_eq!(arrivals(&all["counts"]["hours"]), 2);
    assert_eq!(all["week"].as_array().unwrap().iter().map(arrivals).sum::<u64>(), 2);
    assert_eq!(all["days"].as_array().unwrap().len(), 1);
    assert_eq!(all["days"][0]["people"], 4);
});

story!(a_guest_who_is_not_let_in_did_not_come, |scene| {
    let visit = scene.made(scene.body(10)).await["visits"][0]["id"].clone();
    let mut desk = scene.desk().await;
    for act in ["arrive", "refuse"] {
        let path = format!("/api/v1/visitors/visits/{}/{act}", visit.as_str().unwrap());
        desk.api("POST", &path, Value::Null).await.expect(204);
    }
    let guests = figures(&scene, "").await["counts"]["kinds"]["guest"].clone();
    assert_eq!([&guests["visits"], &guests["came"], &guests["people"], &guests["refused"]], [1, 0, 0, 1]);
});

story!(a_day_is_counted_for_good_when_it_is_settled_and_says_the_same, |scene| {
    a_day(&scene, 3).await;
    let mut long = scene.body(60);
    long["ends"] = json!(scene.at(60 * 24 * 6));
    let visit = scene.made(long).await["visits"][0]["id"].clone();
    days_pass(&scene, 2).await;
    let young = figures(&scene, "").await;
    assert_eq!(counted(&scene).await, 0);
    days_pass(&scene, 3).await;
    assert_eq!(counted(&scene).await, 0, "somebody of that day is still to come");
    let mut desk = scene.desk().await;
    let path = format!("/api/v1/visitors/visits/{}/arrive", visit.as_str().unwrap());
    desk.api("POST", &path, Value::Null).await.expect(204);
    days_pass(&scene, 4).await;
    assert!(counted(&scene).await >= 1);
    let old = figures(&scene, "").await;
    let came = |all: &Value| all["counts"]["kinds"]["guest"]["came"].as_u64().unwrap();
    assert_eq!((came(&young), came(&old)), (1, 2), "who came on the fifth day was counted");
    // Counted once, whoever counts again.
    days_pass(&scene, 3).await;
    let again = figures(&scene, "").await;
    assert_eq!(again["counts"], old["counts"]);
});

story!(figures_stay_when_visits_are_removed, |scene| {
    let mut admin = scene.server.administrator().await;
    scene.server.prove(&mut admin).await;
    let rules = json!({ "guest": { "remove_after_days": 1 }, "delivery": { "remove_after_days": 1 } });
    admin.api("PUT", "/api/v1/visitors/retention", rules).await.expect(204);
    a_day(&scene, 3).await;
    let before = figures(&scene, "").await;
    days_pass(&scene, 3).await;
    let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    assert_eq!(scope.find::<visits::Entity>().count().await.unwrap(), 0, "removed");
    drop(scope);
    let after = figures(&scene, "").await;
    let guests = |all: &Value| all["counts"]["kinds"]["guest"]["came"].clone();
    assert_eq!((guests(&before), guests(&after)), (json!(1), json!(1)));
    assert_eq!(after["counts"]["kinds"]["guest"]["missed"], 1, "of the day as it ended");
});

story!(a_day_that_is_not_over_is_not_counted_for_good_whatever_is_removed_of_it, |scene| {
    let york = NewSite {
        name: "New York".to_owned(),
        address: "1 Broadway".to_owned(),
        zone: "America/New_York".to_owned(),
    };
    let york = scene.server.foundation().places.open_site(&scene.server.cx(), &york).await.unwrap();
    let mut admin = scene.server.administrator().await;
    scene.server.prove(&mut admin).await;
    let rules = json!({ "guest": { "remove_after_days": 1 } });
    admin.api("PUT", "/api/v1/visitors/retention", rules).await.expect(204);
    // The clocks there are set back on 7 November 2027. At half past eleven in the night that day is already 24 hours old.
    let late: jiff::Timestamp = "2027-11-08T03:30:00Z".parse().unwrap();
    let left = late.as_second() - scene.server.cx().now.to_jiff().as_second();
    scene.server.advance(std::time::Duration::from_secs(u64::try_from(left).unwrap())).await;
    for count in [2, 3] {
        let mut admin = scene.server.administrator().await;
        let body = json!({ "site": york, "kind": "delivery", "count": count });
        admin.api("POST", "/api/v1/visitors/wave-in", body).await.expect(201);
        scene.server.advance(hours(1)).await;
    }
    let all = figures(&scene, &format!("?site={york}&until=2027-11-07")).await;
    assert_eq!(all["days"][0]["people"], 5, "{all}");
});

story!(only_the_desk_of_a_site_reads_its_figures, |scene| {
    a_day(&scene, 1).await;
    let mut host = scene.server.signed_in(&scene.host).await;
    for path in ["/api/v1/visitors/statistics", "/visitors/statistics", "/visitors/statistics.csv"] {
        host.get(path).await.expect(404);
    }
    let mut desk = scene.desk().await;
    let own = desk.get(HERE).await.expect(200).json();
    assert_eq!(own["counts"]["kinds"]["delivery"]["people"], 3);
    desk.get(&format!("{HERE}?site={}", scene.osaka)).await.expect(404);
    let osaka = figures(&scene, &format!("?site={}", scene.osaka)).await;
    assert_eq!(osaka["days"], json!([]));
    let page = desk.get("/visitors/statistics").await.ok();
    assert!(page.contains("</svg>") && page.contains("heat-4"), "{page}");
    let csv = desk.get("/visitors/statistics.csv").await.ok();
    assert_eq!(csv.lines().count(), 2, "{csv}");
    assert!(csv.lines().nth(1).unwrap().contains(",3,2,4,1,0,1,0"), "{csv}");
});

story!(a_period_that_cannot_be_is_said_to_be_so, |scene| {
    let mut admin = scene.server.administrator().await;
    for query in ["?from=2020-01-01", "?from=soon", "?until=2026-02-30", "?from=9999-01-01"] {
        let wrong = admin.get(&format!("{HERE}{query}")).await.expect(422).json();
        assert!(wrong["errors"][0]["text"].as_str().is_some_and(|text| !text.is_empty()), "{wrong}");
        admin.get(&format!("/visitors/statistics{query}")).await.expect(422);
    }
    let csv = admin.get("/visitors/statistics.csv").await.ok();
    assert_eq!(csv.lines().count(), 1);
});

story!(a_length_is_rounded_up_and_one_beyond_the_longest_is_said_to_be, |scene| {
    let mut body = scene.body(10);
    body["ends"] = json!(scene.at(300));
    let made = scene.made(body).await;
    let pass = scene.pass(&made).await;
    let visit = format!("/api/v1/visitors/visits/{}", made["visits"][0]["id"].as_str().unwrap());
    let mut desk = scene.desk().await;
    assert_eq!(scene.shows(&mut desk, scene.tokyo, "pass", pass["pass"].as_str().unwrap()).await.0, 200);
    scene.pass_time(hours(3));
    let mut desk = scene.desk().await;
    desk.api("POST", &format!("{visit}/admit"), Value::Null).await.expect(204);
    scene.pass_time(minutes(14));
    desk.api("POST", &format!("{visit}/check-out"), Value::Null).await.expect(204);
    let all = figures(&scene, "").await;
    assert_eq!((&all["counts"]["waits"], &all["counts"]["stays"]), (&json!({ "61": 1 }), &json!({ "1": 1 })));
    assert_eq!((&all["wait_median"], &all["stay_median"]), (&json!(61), &json!(15)));
    let page = desk.get("/visitors/statistics").await.ok();
    assert!(page.contains("60 分超") && page.contains("1割を超える方が") && page.contains("15 分"), "{page}");
});

story!(a_visit_of_several_days_is_counted_on_its_first_day_once_it_is_over, |scene| {
    let mut desk = scene.desk().await;
    let mut long = scene.body(10);
    long["ends"] = json!(scene.at(60 * 24 * 6));
    let long = scene.made(long).await["visits"][0]["id"].clone();
    let sent_away = scene.made(scene.body(10)).await["visits"][0]["id"].clone();
    let path =
        |visit: &Value, act: &str| format!("/api/v1/visitors/visits/{}/{act}", visit.as_str().unwrap());
    for (visit, act) in
        [(&long, "arrive"), (&long, "check-out"), (&sent_away, "arrive"), (&sent_away, "refuse")]
    {
        desk.api("POST", &path(visit, act), Value::Null).await.expect(204);
    }
    let arrivals = |all: &Value| {
        let hours = all["counts"]["hours"].as_array().unwrap().iter();
        (hours.map(|one| one.as_u64().unwrap()).sum::<u64>(), all["counts"]["kinds"]["guest"]["came"].clone())
    };
    assert_eq!(arrivals(&figures(&scene, "").await), (1, json!(1)), "who was not let in did not come");
    days_pass(&scene, 1).await;
    let mut desk = scene.desk().await;
    for act in ["arrive", "check-out"] {
        desk.api("POST", &path(&long, act), Value::Null).await.expect(204);
    }
    assert_eq!(arrivals(&figures(&scene, "").await), (0, json!(1)), "when they came first is not known");
    days_pass(&scene, 4).await;
    assert_eq!(counted(&scene).await, 0, "they may come again");
    days_pass(&scene, 5).await;
    assert_eq!(counted(&scene).await, 1);
});
