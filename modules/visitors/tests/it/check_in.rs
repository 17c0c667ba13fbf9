//! A pass opens the reception once, in its time, at its site; whatever is wrong with it, the answer outside is the same.

use sekisho_testkit::minutes;
use sekisho_visitors::{MOST_WRONG_HERE, MOST_WRONG_OF_TENANT, Presented};
use serde_json::{Value, json};

use crate::scene::{Scene, id};

story!(a_pass_opens_once_in_its_time_at_its_site, |scene| {
    let made = scene.made(scene.body(120)).await;
    let pass = scene.pass(&made).await;
    let (text, code) = (pass["pass"].as_str().unwrap(), pass["code"].as_str().unwrap());
    let mut desk = scene.desk().await;
    let mut admin = scene.server.administrator().await;

    let (status, not_yet) = scene.shows(&mut desk, scene.tokyo, "pass", text).await;
    assert_eq!(status, 422);
    scene.pass_time(minutes(60));
    let mut refusals = vec![
        scene.shows(&mut admin, scene.osaka, "pass", text).await.1,
        scene.shows(&mut desk, scene.tokyo, "pass", "SK1:NONSENSE").await.1,
        scene.shows(&mut desk, scene.tokyo, "pass", "").await.1,
        scene.shows(&mut desk, scene.tokyo, "code", "0000 0000").await.1,
    ];
    let (status, welcome) = scene.shows(&mut desk, scene.tokyo, "pass", text).await;
    assert_eq!((status, &welcome["name"]), (200, &json!("山田 太郎")), "{welcome}");
    assert_eq!(scene.visit(&pass["visit"]).await["state"], "arrived");
    // A second time, by pass and by code.
    refusals.push(scene.shows(&mut desk, scene.tokyo, "pass", text).await.1);
    refusals.push(scene.shows(&mut desk, scene.tokyo, "code", code).await.1);
    for refusal in &refusals {
        assert_eq!(refusal, &not_yet, "one answer for everything that is wrong");
    }
    let why: Vec<_> =
        scene.record().await.into_iter().filter(|act| act.starts_with("visit.check_in ")).collect();
    let want = ["not_yet", "other_site", "unknown", "unknown", "unknown", "used", "used"];
    assert_eq!(why, want.map(|why| format!("visit.check_in {why}")), "inside it is told apart");
    assert_eq!(scene.facts().await.iter().filter(|fact| *fact == "visitors.pass_refused").count(), 7);
    assert_eq!(scene.facts().await.iter().filter(|fact| *fact == "visitors.arrived").count(), 1);
});

story!(a_code_does_what_a_pass_does, |scene| {
    let made = scene.made(scene.body(30)).await;
    let code = made["visits"][0]["code"].as_str().unwrap();
    let typed = format!("{} - {}", code[..4].to_lowercase(), &code[4..]);
    let (status, welcome) = scene.shows(&mut scene.desk().await, scene.tokyo, "code", &typed).await;
    assert_eq!((status, &welcome["name"]), (200, &json!("山田 太郎")), "{welcome}");
});

story!(late_cancelled_changed_and_foreign_passes_open_nothing, |scene| {
    let late = scene.made(scene.body(10)).await;
    let late = scene.pass(&late).await;
    let cancelled = scene.made(scene.body(100)).await;
    let cancelled_pass = scene.pass(&cancelled).await;
    let changed = scene.made(scene.body(100)).await;
    let old = scene.pass(&changed).await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let path = |made: &Value| format!("/api/v1/visitors/appointments/{}", made["id"].as_str().unwrap());
    host.api("DELETE", &path(&cancelled), Value::Null).await.expect(204);
    host.api("PUT", &path(&changed), scene.body(90)).await.expect(204);
    scene.pass_time(minutes(71));
    let mut desk = scene.desk().await;
    for pass in [&late, &cancelled_pass, &old] {
        let (status, _) = scene.shows(&mut desk, scene.tokyo, "pass", pass["pass"].as_str().unwrap()).await;
        assert_eq!(status, 422);
    }
    let fresh = scene.pass(&changed).await;
    let text = fresh["pass"].as_str().unwrap().to_owned();
    // At another organisation's desk the same pass is nobody's.
    let (tenant, mut globex) = scene.server.other_tenant("globex").await;
    let site = json!({ "name": "HQ", "address": "", "zone": "Asia/Tokyo" });
    let site = globex.api("POST", "/api/v1/sites", site).await.expect(201).json();
    let body = json!({ "site": site["id"], "pass": text });
    globex.api("POST", "/api/v1/visitors/check-in", body).await.expect(422);
    assert_ne!(tenant, scene.server.tenant);
    let (status, _) = scene.shows(&mut desk, scene.tokyo, "pass", &text).await;
    assert_eq!(status, 200);
});

story!(only_a_desk_checks_in, |scene| {
    let made = scene.made(scene.body(30)).await;
    let pass = scene.pass(&made).await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let (status, _) = scene.shows(&mut host, scene.tokyo, "pass", pass["pass"].as_str().unwrap()).await;
    assert_eq!(status, 403);
    let mut desk = scene.desk().await;
    let (status, _) = scene.shows(&mut desk, scene.osaka, "pass", pass["pass"].as_str().unwrap()).await;
    assert_eq!(status, 403, "the desk of one site is not that of another");
    assert_eq!(scene.visit(&pass["visit"]).await["state"], "draft");
});

// From one place five guesses in ten minutes, of codes sixty in the whole tenant: with ten thousand live codes of 40 bits a
// guesser who never sleeps, from everywhere at once, waits some thirty years for the first hit.
story!(guessing_is_slow_and_stops_nobody_with_a_pass, |scene| {
    let made = scene.made(scene.body(30)).await;
    let pass = scene.pass(&made).await;
    let mut desk = scene.desk().await;
    for _ in 0..MOST_WRONG_HERE {
        assert_eq!(scene.shows(&mut desk, scene.tokyo, "code", "0000 0000").await.0, 422);
    }
    let code = pass["code"].as_str().unwrap();
    assert_eq!(scene.shows(&mut desk, scene.tokyo, "code", code).await.0, 429, "even the right one");
    scene.pass_time(minutes(10));
    // From ever new places: at some time codes rest everywhere.
    let mut cx = scene.server.cx_of(scene.desk.person);
    let at = scene.visitors.desk(&cx, scene.tokyo, "visit.check_in").await.unwrap();
    let mut refused = 0;
    for last in 1..=MOST_WRONG_OF_TENANT {
        cx.address = Some(format!("203.0.113.{last}").parse().unwrap());
        let guess = Presented::Code("0000 0000".to_owned());
        let error = sekisho_visitors::check_in(&scene.visitors, &cx, &at, &guess).await.unwrap_err();
        refused += i64::from(matches!(error, sekisho_visitors::CheckInError::NotNow));
    }
    assert_eq!(refused, MOST_WRONG_OF_TENANT);
    cx.address = Some("198.51.100.1".parse().unwrap());
    let typed = Presented::Code(code.to_owned());
    let error = sekisho_visitors::check_in(&scene.visitors, &cx, &at, &typed).await.unwrap_err();
    assert!(matches!(error, sekisho_visitors::CheckInError::TooMany(1..=601)), "{error:?}");
    let shown = Presented::Pass(pass["pass"].as_str().unwrap().to_owned());
    let done = sekisho_visitors::check_in(&scene.visitors, &cx, &at, &shown).await.unwrap();
    assert_eq!(done.visit, id(&pass["visit"]));
});

story!(two_receptions_racing_for_one_guest_let_one_win, |scene| {
    let made = scene.made(scene.body(30)).await;
    let pass = scene.pass(&made).await;
    let cx = scene.server.cx_of(scene.desk.person);
    let at = scene.visitors.desk(&cx, scene.tokyo, "visit.check_in").await.unwrap();
    let shown = Presented::Pass(pass["pass"].as_str().unwrap().to_owned());
    let try_once = || sekisho_visitors::check_in(&scene.visitors, &cx, &at, &shown);
    let (one, two, three) = tokio::join!(try_once(), try_once(), try_once());
    let won = [one, two, three].iter().filter(|done| done.is_ok()).count();
    assert_eq!(won, 1);
    assert_eq!(scene.facts().await.iter().filter(|fact| *fact == "visitors.arrived").count(), 1);
});

story!(whose_code_is_late_or_used_is_known_and_no_guess, |scene| {
    let used = scene.made(scene.body(30)).await["visits"][0].clone();
    let late = scene.made(scene.body(10)).await["visits"][0].clone();
    let off = scene.made(scene.body(200)).await;
    let mut desk = scene.desk().await;
    let code = |visit: &Value| visit["code"].as_str().unwrap().to_owned();
    assert_eq!(scene.shows(&mut desk, scene.tokyo, "code", &code(&used)).await.0, 200);
    let path = format!("/api/v1/visitors/visits/{}/check-out", used["id"].as_str().unwrap());
    desk.api("POST", &path, Value::Null).await.expect(204);
    let path = format!("/api/v1/visitors/appointments/{}", off["id"].as_str().unwrap());
    scene.server.signed_in(&scene.host).await.api("DELETE", &path, Value::Null).await.expect(204);
    scene.server.advance(minutes(90)).await;
    assert_eq!(scene.visit(&late["id"]).await["state"], "no_show");
    let mut desk = scene.desk().await;
    for _ in 0..2 {
        for visit in [&used, &late, &off["visits"][0]] {
            assert_eq!(scene.shows(&mut desk, scene.tokyo, "code", &code(visit)).await.0, 422);
        }
    }
    let why: Vec<_> =
        scene.record().await.into_iter().filter(|act| act.starts_with("visit.check_in ")).collect();
    let want = ["used", "over", "cancelled", "used", "over", "cancelled"];
    assert_eq!(why, want.map(|why| format!("visit.check_in {why}")));
});
