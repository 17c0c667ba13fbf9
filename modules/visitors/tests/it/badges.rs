//! Badges on a real printer: once for each wish, later when it is away, never after the guest has left.

use sea_orm::ColumnTrait as _;
use sekisho_testkit::{Client, hours, minutes};
use sekisho_visitors::tables::printed_badges;
use sekisho_visitors::tables::words::BadgeState;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::pcl;
use crate::printer::{Printer, code_on, newest, proven, until};
use crate::scene::Scene;
use crate::tablet::Tablet;

pub fn path(visit: &Value, act: &str) -> String {
    format!("/api/v1/visitors/visits/{}{act}", visit.as_str().unwrap())
}

/// A guest who stands at the reception.
pub async fn arrived(scene: &Scene) -> Value {
    let made = scene.made(scene.body(5)).await;
    let visit = made["visits"][0]["id"].clone();
    scene.desk().await.api("POST", &path(&visit, "/arrive"), Value::Null).await.expect(204);
    scene.server.settle().await;
    visit
}

pub async fn wish(desk: &mut Client, visit: &Value) -> Value {
    desk.api("POST", &path(visit, "/badges"), json!({})).await.expect(201).json()["id"].clone()
}

story!(a_badge_is_printed_once_and_its_code_only_leaves, |scene| {
    let printer = Printer::on();
    printer.registered(&scene, false).await;
    let (visit, mut desk) = (arrived(&scene).await, scene.desk().await);
    assert!(newest(&mut desk, &visit).await.is_null(), "nobody wished it");
    let first = wish(&mut desk, &visit).await;
    assert_eq!(wish(&mut desk, &visit).await, first, "two taps are one wish");
    until(&scene, &mut desk, &visit, "printed", None).await;
    scene.server.advance(hours(1)).await;
    let out = printer.out();
    assert_eq!(out.len(), 1);
    assert!(scene.record().await.iter().any(|entry| entry == "visit.badge_printed"));

    // What is on it opens nothing, and is no pass.
    let code = code_on(&out[0]);
    assert!(code.starts_with("SK1:"));
    pcl::drawn_as_meant(&out[0]);
    let (status, _) = scene.shows(&mut desk, scene.tokyo, "pass", &code).await;
    assert_eq!(status, 422);
    let mut tablet = Tablet::at(&scene, scene.tokyo, "受付").await;
    tablet.call(&scene, "/terminal/api/check-in", json!({ "pass": code })).await.expect(422);
    assert_eq!(scene.visit(&visit).await["state"], "arrived");
    tablet.call(&scene, "/terminal/api/check-out", json!({ "pass": code })).await;
    assert_eq!(scene.visit(&visit).await["state"], "left");

    // Who left gets none, and wishes are told apart from each other.
    desk.api("POST", &path(&visit, "/badges"), json!({})).await.expect(422);
    desk.get(&path(&visit, "/badge.png")).await.expect(404);
});

story!(printing_again_is_another_wish, |scene| {
    let printer = Printer::on();
    printer.registered(&scene, false).await;
    let (visit, mut desk) = (arrived(&scene).await, scene.desk().await);
    let first = wish(&mut desk, &visit).await;
    until(&scene, &mut desk, &visit, "printed", None).await;
    assert_ne!(wish(&mut desk, &visit).await, first);
    until(&scene, &mut desk, &visit, "printed", None).await;
    let out = printer.out();
    assert_eq!(out.len(), 2);
    assert_ne!(code_on(&out[0]), code_on(&out[1]), "each has a number of its own");
});

story!(a_process_that_died_before_it_heard_looks_first, |scene| {
    let printer = Printer::on();
    printer.registered(&scene, false).await;
    let (visit, mut desk) = (arrived(&scene).await, scene.desk().await);
    let badge: Uuid = wish(&mut desk, &visit).await.as_str().unwrap().parse().unwrap();
    until(&scene, &mut desk, &visit, "printed", None).await;
    // As the row stood when the document was sent and its answer not written down.
    let tx = scene.server.foundation().store.begin(&scene.server.cx()).await.unwrap();
    tx.update::<printed_badges::Entity>()
        .set(printed_badges::Column::State, BadgeState::Sending)
        .set(printed_badges::Column::Job, None::<i64>)
        .set(printed_badges::Column::Turn, 900)
        .filter(printed_badges::Column::Id.eq(badge))
        .exec()
        .await
        .unwrap();
    let payload = json!({ "badge": badge, "turn": 900 });
    tx.enqueue("visitors.print_badge", scene.server.cx().now, &payload).await.unwrap();
    tx.commit_bookkeeping("test").await.unwrap();
    assert_eq!(newest(&mut desk, &visit).await["state"], "sending");
    until(&scene, &mut desk, &visit, "printed", None).await;
    assert_eq!(printer.out().len(), 1, "it was found by its name, not sent again");
});

story!(a_printer_that_is_away_is_waited_for_while_the_guest_is_here, |scene| {
    let mut printer = Printer::off();
    printer.registered(&scene, false).await;
    let (visit, other, mut desk) = (arrived(&scene).await, arrived(&scene).await, scene.desk().await);
    wish(&mut desk, &visit).await;
    wish(&mut desk, &other).await;
    until(&scene, &mut desk, &visit, "waiting", Some("unreachable")).await;
    assert!(desk.get("/visitors?show=here").await.ok().contains("プリンターにつながりません"));
    desk.api("POST", &path(&other, "/admit"), Value::Null).await.expect(204);
    desk.api("POST", &path(&other, "/check-out"), Value::Null).await.expect(204);
    printer.switch_on("image/urf");
    scene.server.advance(minutes(2)).await;
    until(&scene, &mut desk, &visit, "printed", None).await;
    until(&scene, &mut desk, &other, "dropped", None).await;
    let out = printer.out();
    assert_eq!(out.len(), 1, "nobody who left");
    assert!(out[0].starts_with(b"UNIRAST\0"), "what it takes is what it gets");
});

story!(after_half_a_day_nobody_waits_for_a_badge, |scene| {
    let printer = Printer::off();
    printer.registered(&scene, false).await;
    let (visit, mut desk) = (arrived(&scene).await, scene.desk().await);
    wish(&mut desk, &visit).await;
    scene.server.advance(hours(11)).await;
    until(&scene, &mut scene.desk().await, &visit, "waiting", Some("unreachable")).await;
    scene.server.advance(hours(1)).await;
    until(&scene, &mut scene.desk().await, &visit, "dropped", None).await;
    assert_eq!(scene.visit(&visit).await["state"], "arrived", "whoever is still here wishes another");
});

story!(a_badge_of_another_day_has_nothing_to_say_today, |scene| {
    let printer = Printer::on();
    printer.registered(&scene, false).await;
    let mut body = scene.body(5);
    body["ends"] = json!(scene.at(3 * 24 * 60));
    let visit = scene.made(body).await["visits"][0]["id"].clone();
    let mut desk = scene.desk().await;
    desk.api("POST", &path(&visit, "/arrive"), Value::Null).await.expect(204);
    wish(&mut desk, &visit).await;
    until(&scene, &mut desk, &visit, "printed", None).await;
    desk.api("POST", &path(&visit, "/check-out"), Value::Null).await.expect(204);
    scene.server.advance(hours(24)).await;
    let mut desk = scene.desk().await;
    desk.api("POST", &path(&visit, "/arrive"), Value::Null).await.expect(204);
    wish(&mut desk, &visit).await;
    until(&scene, &mut desk, &visit, "printed", None).await;
    let mut tablet = Tablet::at(&scene, scene.tokyo, "受付").await;
    let codes: Vec<String> = printer.out().iter().map(|page| code_on(page)).collect();
    for (code, state) in codes.iter().zip(["arrived", "left"]) {
        tablet.call(&scene, "/terminal/api/check-out", json!({ "pass": code })).await;
        assert_eq!(scene.visit(&visit).await["state"], state);
    }
    assert_eq!(codes.len(), 2);
});

story!(the_desk_sees_that_there_is_no_paper, |scene| {
    let printer = Printer::on();
    printer.registered(&scene, false).await;
    let (visit, mut desk) = (arrived(&scene).await, scene.desk().await);
    printer.paper(false);
    wish(&mut desk, &visit).await;
    until(&scene, &mut desk, &visit, "printing", Some("paper_out")).await;
    assert!(desk.get("/visitors?show=here").await.ok().contains("用紙切れ"));
    let next = arrived(&scene).await;
    wish(&mut desk, &next).await;
    until(&scene, &mut desk, &next, "waiting", Some("paper_out")).await;
    printer.paper(true);
    until(&scene, &mut desk, &visit, "printed", None).await;
    until(&scene, &mut desk, &next, "printed", None).await;
    assert_eq!(printer.out().len(), 2);
});

story!(another_printer_takes_over_while_a_badge_waits, |scene| {
    let (jammed, beside) = (Printer::off(), Printer::on());
    let first = jammed.registered(&scene, true).await;
    let second = beside.registered(&scene, false).await;
    let (visit, mut desk) = (arrived(&scene).await, scene.desk().await);
    until(&scene, &mut desk, &visit, "waiting", Some("unreachable")).await;
    let on = async |desk: &mut Client, printer: &Value| {
        desk.api("POST", &path(&visit, "/badges"), json!({ "printer": printer })).await.expect(201).json()["id"]
            .clone()
    };
    let waits = wish(&mut desk, &visit).await;
    assert_eq!(on(&mut desk, &first).await, waits, "it is there already");
    desk.api("POST", &path(&visit, "/badges"), json!({ "printer": Uuid::nil() })).await.expect(422);
    let moved = on(&mut desk, &second).await;
    assert_ne!(moved, waits);
    assert_eq!(on(&mut desk, &second).await, moved, "two taps are one wish");
    let badge = until(&scene, &mut desk, &visit, "printed", None).await;
    assert_eq!((&badge["id"], &badge["printer"]), (&moved, &second));
    scene.server.advance(minutes(2)).await;
    let badges = desk.get(&path(&visit, "/badges")).await.expect(200).json();
    assert_eq!(badges["items"][1]["state"], "dropped", "{badges}");
    assert_eq!(beside.out().len(), 1);
    // Its page offers the printer that was chosen last, not the first of the site.
    let page = desk.get(&format!("/visitors/visits/{}/badge", visit.as_str().unwrap())).await.ok();
    assert!(page.contains(&format!("value=\"{}\" selected", second.as_str().unwrap())), "{page}");
});

story!(nobody_waits_for_a_badge_longer_than_twelve_hours, |scene| {
    let mut printer = Printer::off();
    printer.registered(&scene, false).await;
    let mut body = scene.body(5);
    body["ends"] = json!(scene.at(3 * 24 * 60));
    let visit = scene.made(body).await["visits"][0]["id"].clone();
    let mut desk = scene.desk().await;
    desk.api("POST", &path(&visit, "/arrive"), Value::Null).await.expect(204);
    wish(&mut desk, &visit).await;
    until(&scene, &mut desk, &visit, "waiting", Some("unreachable")).await;
    scene.server.advance(hours(12) - minutes(2)).await;
    assert_eq!(newest(&mut desk, &visit).await["state"], "waiting");
    assert_eq!(scene.visit(&visit).await["state"], "arrived", "the guest is still here");
    scene.pass_time(minutes(2));
    printer.switch_on("image/urf");
    until(&scene, &mut desk, &visit, "dropped", None).await;
    assert_eq!(scene.visit(&visit).await["state"], "arrived");
    assert!(printer.out().is_empty());
});

story!(nobody_who_was_refused_or_forgotten_gets_a_badge, |scene| {
    let mut printer = Printer::off();
    printer.registered(&scene, false).await;
    let (refused, forgotten) = (arrived(&scene).await, arrived(&scene).await);
    let mut desk = scene.desk().await;
    for visit in [&refused, &forgotten] {
        wish(&mut desk, visit).await;
        until(&scene, &mut desk, visit, "waiting", Some("unreachable")).await;
        desk.api("POST", &path(visit, "/refuse"), Value::Null).await.expect(204);
    }
    let guest = scene.visit(&forgotten).await["guest"].clone();
    let guest = format!("/api/v1/visitors/guests/{}", guest.as_str().unwrap());
    proven(&scene).await.api("DELETE", &guest, Value::Null).await.expect(204);
    printer.switch_on("image/urf");
    for visit in [&refused, &forgotten] {
        until(&scene, &mut desk, visit, "dropped", None).await;
    }
    assert!(printer.out().is_empty());
});

story!(a_check_in_prints_by_itself_where_that_is_set, |scene| {
    let printer = Printer::on();
    printer.registered(&scene, true).await;
    let (visit, mut desk) = (arrived(&scene).await, scene.desk().await);
    until(&scene, &mut desk, &visit, "printed", None).await;
    scene.server.advance(hours(1)).await;
    assert_eq!(printer.out().len(), 1);
    // Whoever delivers something gets none.
    let mut body = scene.body(5);
    body["kind"] = json!("delivery");
    let delivery = scene.made(body).await["visits"][0]["id"].clone();
    desk.api("POST", &path(&delivery, "/arrive"), Value::Null).await.expect(204);
    scene.server.settle().await;
    assert!(newest(&mut desk, &delivery).await.is_null());
    // Another printer takes its place.
    let away = Printer::off();
    away.registered(&scene, true).await;
    let mut admin = scene.server.administrator().await;
    let rows = admin.get("/api/v1/visitors/printers").await.expect(200).json();
    let own: Vec<bool> =
        rows["items"].as_array().unwrap().iter().map(|row| row["by_itself"] == true).collect();
    assert_eq!(own.iter().filter(|own| **own).count(), 1);
});

story!(strangers_neither_see_nor_print, |scene| {
    let printer = Printer::off();
    let id = printer.registered(&scene, false).await;
    let visit = arrived(&scene).await;
    // Nor is anything printed at another site.
    let osaka = json!({ "site": scene.osaka, "name": "大阪", "address": printer.address() });
    let osaka = proven(&scene).await.api("POST", "/api/v1/visitors/printers", osaka).await.expect(201).json();
    let there = json!({ "printer": osaka["id"] });
    scene.desk().await.api("POST", &path(&visit, "/badges"), there).await.expect(422);
    let mut host = scene.server.signed_in(&scene.host).await;
    host.api("POST", &path(&visit, "/badges"), json!({})).await.expect(403);
    let other = scene.server.colleague("other").await;
    let mut other = scene.server.signed_in(&other).await;
    for act in ["/badges", "/badge.png"] {
        host.get(&path(&visit, act)).await.expect(404);
        other.get(&path(&visit, act)).await.expect(404);
    }
    other.api("POST", &path(&visit, "/badges"), json!({})).await.expect(404);
    let printers = format!("/api/v1/visitors/printers/{}", id.as_str().unwrap());
    let mut desk = scene.desk().await;
    desk.get(&printers).await.expect(403);
    desk.api("POST", &format!("{printers}/try"), Value::Null).await.expect(403);
    let (_, mut foreign) = scene.server.other_tenant("umi").await;
    foreign.get(&printers).await.expect(404);
    foreign.api("POST", &format!("{printers}/try"), Value::Null).await.expect(404);
    foreign.api("POST", &path(&visit, "/badges"), json!({})).await.expect(404);
});

story!(what_is_on_a_badge_is_looked_at_before_it_is_saved, |scene| {
    let mut admin = scene.server.administrator().await;
    let path = "/api/v1/visitors/badge-settings";
    let mut settings = admin.get(path).await.expect(200).json();
    let mut sizes = Vec::new();
    for paper in ["label", "card", "tag"] {
        let body = json!({ "settings": settings, "paper": paper, "kind": "contractor" });
        let answer = admin.api("POST", &format!("{path}/preview"), body).await.expect(200);
        sizes.push(answer.headers["content-type"] == "image/png");
    }
    assert_eq!(sizes, [true, true, true]);
    settings["colour"] = json!("#ffff00");
    admin.api("PUT", path, settings.clone()).await.expect(422);
    settings["colour"] = json!("#803300");
    settings["leave_code"] = json!(false);
    admin.api("PUT", path, settings.clone()).await.expect(204);
    assert_eq!(admin.get(path).await.expect(200).json(), settings);
    let page = admin.get("/settings/visitors/badges").await.ok();
    assert!(page.contains("colour=%23803300"), "{page}");
});
