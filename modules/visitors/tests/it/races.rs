//! Several at the same moment, as they come on PostgreSQL: one after the other, and none undoes what another did.

use sekisho_kernel::Cx;
use sekisho_testkit::{Client, hours};
use sekisho_visitors::{CheckInError, MOST_WRONG_HERE, Presented, Reception, check_in};
use serde_json::{Value, json};

use crate::scene::Scene;

/// A guest before the desk, and the host before the appointment.
struct Stage {
    pass: Value,
    cx: Cx,
    at: Reception,
    shown: Presented,
    path: String,
    host: Client,
}

impl Stage {
    async fn set(scene: &Scene) -> Self {
        let made = scene.made(scene.body(30)).await;
        let pass = scene.pass(&made).await;
        let cx = scene.server.cx_of(scene.desk.person);
        let at = scene.visitors.desk(&cx, scene.tokyo, "visit.check_in").await.unwrap();
        let shown = Presented::Pass(pass["pass"].as_str().unwrap().to_owned());
        let path = format!("/api/v1/visitors/appointments/{}", made["id"].as_str().unwrap());
        Self { pass, cx, at, shown, path, host: scene.server.signed_in(&scene.host).await }
    }
}

story!(guesses_at_the_same_moment_are_counted_each, |scene| {
    let made = scene.made(scene.body(30)).await;
    let pass = scene.pass(&made).await;
    let cx = scene.server.cx_of(scene.desk.person);
    let at = scene.visitors.desk(&cx, scene.tokyo, "visit.check_in").await.unwrap();
    let guess = Presented::Code("0000 0000".to_owned());
    let once = || check_in(&scene.visitors, &cx, &at, &guess);
    let answers = tokio::join!(once(), once(), once(), once(), once(), once(), once(), once());
    let (a, b, c, d, e, f, g, h) = answers;
    let looked_at =
        [a, b, c, d, e, f, g, h].iter().filter(|one| matches!(one, Err(CheckInError::NotNow))).count();
    assert_eq!(i64::try_from(looked_at).unwrap(), MOST_WRONG_HERE, "the others had to wait");
    let right = Presented::Code(pass["code"].as_str().unwrap().to_owned());
    let rests = check_in(&scene.visitors, &cx, &at, &right).await.unwrap_err();
    assert!(matches!(rests, CheckInError::TooMany(_)), "{rests:?}");
});

story!(who_checks_in_while_the_appointment_is_called_off_is_here_or_does_not_come_in, |scene| {
    for round in 0..6 {
        let Stage { pass, cx, at, shown, path, mut host } = Stage::set(&scene).await;
        let (came, _) = match round % 2 {
            0 => tokio::join!(
                check_in(&scene.visitors, &cx, &at, &shown),
                host.api("DELETE", &path, Value::Null)
            ),
            _ => {
                let (gone, came) = tokio::join!(
                    host.api("DELETE", &path, Value::Null),
                    check_in(&scene.visitors, &cx, &at, &shown)
                );
                (came, gone)
            }
        };
        let state = scene.visit(&pass["visit"]).await["state"].clone();
        assert_eq!(state, if came.is_ok() { "arrived" } else { "cancelled" }, "round {round}");
    }
});

story!(who_checks_in_while_the_appointment_moves_keeps_what_they_came_to, |scene| {
    for round in 0..6 {
        let Stage { pass, cx, at, shown, path, mut host } = Stage::set(&scene).await;
        let mut elsewhere = scene.body(30);
        elsewhere["site"] = json!(scene.osaka);
        let (came, _) =
            tokio::join!(check_in(&scene.visitors, &cx, &at, &shown), host.api("PUT", &path, elsewhere));
        let visit = scene.visit(&pass["visit"]).await;
        // The pass that was replaced opens nothing; whoever was first is not moved.
        let want = if came.is_ok() {
            (json!("arrived"), json!(scene.tokyo))
        } else {
            (json!("draft"), json!(scene.osaka))
        };
        assert_eq!((visit["state"].clone(), visit["site"].clone()), want, "round {round}");
    }
});

story!(two_who_saw_the_same_settings_do_not_both_save, |scene| {
    let mut admin = scene.server.administrator().await;
    for path in ["/api/v1/visitors/settings", "/api/v1/visitors/terminal-settings"] {
        let mut settings = admin.get(path).await.expect(200).json();
        settings.as_object_mut().unwrap().remove("picture");
        let mut one = admin.clone().with_header("if-match", "\"0\"");
        let mut two = admin.clone().with_header("if-match", "\"0\"");
        let mut three = admin.clone().with_header("if-match", "\"0\"");
        let (one, two, three) = tokio::join!(
            one.api("PUT", path, settings.clone()),
            two.api("PUT", path, settings.clone()),
            three.api("PUT", path, settings)
        );
        let saved = [&one, &two, &three].iter().filter(|answer| answer.status.is_success()).count();
        assert_eq!(saved, 1, "{path}: {} {} {}", one.text, two.text, three.text);
    }
});

story!(an_erased_guest_does_not_come_back_by_a_new_appointment, |scene| {
    for round in 0..4 {
        let made = scene.made(scene.body(30)).await;
        let guest = scene.visit(&made["visits"][0]["id"]).await["guest"].clone();
        scene.server.advance(hours(3)).await;
        let erase = format!("/api/v1/visitors/guests/{}", guest.as_str().unwrap());
        let mut admin = scene.server.administrator().await;
        scene.server.prove(&mut admin).await;
        let mut host = scene.server.signed_in(&scene.host).await;
        let mut body = scene.body(30);
        body["guests"][0]["phone"] = json!(format!("090-1234-567{round}"));
        let (_, made) = tokio::join!(
            admin.api("DELETE", &erase, Value::Null),
            host.api("POST", "/api/v1/visitors/appointments", body)
        );
        let made = made.expect(201).json();
        let row = admin.get(&erase).await.expect(200).json();
        if row["erased_at"].is_string() {
            assert_eq!((&row["name"], &row["mail"]), (&json!(""), &json!("")));
            let visit = scene.visit(&made["visits"][0]["id"]).await;
            assert_ne!(visit["guest"], guest, "an erased guest is expected");
            assert_eq!(visit["name"], "山田 太郎");
        }
        scene.server.advance(hours(3)).await;
    }
});
