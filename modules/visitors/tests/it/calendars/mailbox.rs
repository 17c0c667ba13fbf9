//! The mailbox and its server: what they refuse, lose, number anew, or say wrong.

use sekisho_testkit::minutes;
use serde_json::{Value, json};

use super::{Event, Scene, VERIFIED, file, mail};

story!(an_invitation_that_is_too_large_is_on_the_record, |scene| {
    let large = format!("X-LONG:{}\r\n", "x".repeat(70)).repeat(30_000);
    let event = Event { more: large, ..scene.event(1440) };
    scene.send(&event).await;
    assert_eq!(
        (scene.refusals().await, scene.imap.marks()),
        (vec!["too_much".to_owned()], vec!["FS".to_owned()])
    );
    assert!(scene.visits().await.is_empty());
});

story!(a_folder_in_which_nothing_can_be_marked_is_read_on, |scene| {
    scene.imap.let_mark(false);
    for number in 0..52 {
        scene.imap.deliver(&format!("From: host@acme.test\r\nSubject: {number}\r\n\r\nhello\r\n"));
    }
    let calendar = file("REQUEST", &[scene.event(1440).text()]);
    scene.imap.deliver(&mail(VERIFIED, "host@acme.test", &calendar));
    scene.read().await;
    scene.read().await;
    let marks = scene.imap.marks();
    scene.imap.let_mark(true);
    assert_eq!((scene.visits().await.len(), marks), (1, vec![String::new(); 53]));
});

story!(a_server_that_fails_is_asked_less_and_less_often, |scene| {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = asked.clone();
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        }
    });
    let proven = async || {
        let mut admin = scene.house.server.administrator().await;
        scene.house.server.prove(&mut admin).await;
        admin
    };
    let at = format!("/api/v1/visitors/calendars/{}", scene.calendar.as_str().unwrap());
    let mut form = scene.form();
    form["host"] = json!(address.ip().to_string());
    form["port"] = json!(address.port());
    proven().await.api("PUT", &at, form).await.expect(204);
    let tried = || asked.load(std::sync::atomic::Ordering::SeqCst);
    for _ in 0..60 {
        scene.house.server.advance(minutes(1)).await;
    }
    assert!((5..=8).contains(&tried()), "{}", tried());
    for _ in 0..5 {
        scene.house.server.advance(minutes(60)).await;
    }
    let before = tried();
    assert!((9..=13).contains(&before), "once an hour: {before}");
    // Saving and a try by hand do not wait.
    proven().await.api("POST", &format!("{at}/read"), Value::Null).await.expect(200);
    assert_eq!(tried(), before + 1);
    scene.house.server.advance(minutes(2)).await;
    assert_eq!(tried(), before + 2);
    proven().await.api("PUT", &at, scene.form()).await.expect(204);
    scene.read().await;
});

story!(a_server_that_numbers_its_mails_anew_brings_nothing_twice, |scene| {
    let mut scene = scene;
    scene.send(&scene.event(1440)).await;
    scene
        .send(&Event { attendees: vec!["reception@acme.test"], uid: "other@acme.test", ..scene.event(1440) })
        .await;
    assert_eq!((scene.imap.marks(), scene.answers().await.len()), (vec!["S".to_owned(), "FS".to_owned()], 1));
    let sent = scene.sent().await;
    scene.imap.renumber().await;
    scene.read().await;
    scene.read().await;
    assert_eq!(scene.imap.marks(), ["FS", "S"], "both were looked at again");
    assert_eq!(scene.sent().await, sent, "nobody is told anything again");
    assert_eq!((scene.visits().await.len(), scene.made().await), (1, 1));
});

story!(a_server_that_is_away_is_told_of_and_what_came_meanwhile_is_found_once, |scene| {
    let mut scene = scene;
    scene.read().await;
    scene.imap.down().await;
    scene.imap.deliver(&mail(VERIFIED, "host@acme.test", &file("REQUEST", &[scene.event(1440).text()])));
    scene.house.server.advance(minutes(1)).await;
    assert_eq!(scene.state().await["wrong"], "unreachable");
    let told = async |scene: &Scene| {
        let told = scene.house.told("admin@acme.test").await;
        told.iter().filter(|subject| *subject == "カレンダー「Reception」を確認できません").count()
    };
    scene.house.server.advance(minutes(58)).await;
    assert_eq!(told(&scene).await, 0, "not before it is an hour");
    scene.house.server.advance(minutes(3)).await;
    assert_eq!(told(&scene).await, 1, "{:?}", scene.house.told("admin@acme.test").await);
    scene.house.server.advance(minutes(5)).await;
    assert_eq!(told(&scene).await, 1, "once");
    scene.imap.up().await;
    scene.house.server.advance(minutes(60)).await;
    scene.read().await;
    assert_eq!((scene.visits().await.len(), scene.made().await), (1, 1));
    assert_eq!(scene.state().await["failing_since"], Value::Null);
});

story!(what_is_wrong_is_said_plainly_and_passwords_are_never_shown, |scene| {
    let mut admin = scene.house.server.administrator().await;
    let id = scene.calendar.as_str().unwrap();
    let at = format!("/api/v1/visitors/calendars/{id}");
    // A session alone does not connect anything.
    admin.api("POST", "/api/v1/visitors/calendars", scene.form()).await.expect(403);
    scene.house.server.prove(&mut admin).await;
    let closed = crate::imap::free_port();
    for (field, value, word) in [
        ("password", json!("guess"), "sign_in"),
        ("folder", json!("Nowhere"), "folder"),
        ("host", json!("127.0.0.1"), "tls"),
        ("host", json!("no-such-host.invalid"), "unknown_host"),
        ("host", json!("10.1.2.3"), "inside"),
        ("port", json!(closed), "unreachable"),
    ] {
        let mut form = scene.form();
        form[field] = value;
        admin.api("PUT", &at, form).await.expect(204);
        let read = admin.api("POST", &format!("{at}/read"), Value::Null).await.expect(200).json();
        assert_eq!(read["wrong"], word);
        assert_eq!(scene.state().await["wrong"], word);
    }
    // Without a password the stored one goes to the server it was given for, and to no other.
    let mut form = scene.form();
    admin.api("PUT", &at, form.clone()).await.expect(204);
    form["password"] = json!("");
    form["name"] = json!("Front desk");
    admin.api("PUT", &at, form.clone()).await.expect(204);
    let read = admin.api("POST", &format!("{at}/read"), Value::Null).await.expect(200).json();
    assert_eq!(read["wrong"], Value::Null);
    form["host"] = json!("evil.example");
    admin.api("PUT", &at, form).await.expect(422);
    let mut without = scene.form();
    without["authority"] = json!("");
    admin.api("POST", "/api/v1/visitors/calendars", without).await.expect(422);
    for path in
        [at.clone(), "/api/v1/visitors/calendars".to_owned(), format!("/settings/visitors/calendars/{id}")]
    {
        let shown = admin.get(&path).await.expect(200).text;
        assert!(shown.contains("Front desk") && !shown.contains("secret"), "{shown}");
    }
    let mut host = scene.house.server.signed_in(&scene.house.host).await;
    for path in [at.clone(), "/settings/visitors/calendars".to_owned()] {
        host.get(&path).await.expect(403);
    }
    // Another organisation's is missing, and reads nothing of ours.
    let (_, mut theirs) = scene.house.server.other_tenant("other").await;
    theirs.get(&at).await.expect(404);
    scene.house.server.prove(&mut theirs).await;
    theirs.api("DELETE", &at, Value::Null).await.expect(404);
    admin.api("DELETE", &at, Value::Null).await.expect(204);
    admin.get(&at).await.expect(404);
});

story!(another_organisation_with_the_same_mailbox_takes_nothing_of_ours, |scene| {
    let (_, mut theirs) = scene.house.server.other_tenant("other").await;
    scene.house.server.prove(&mut theirs).await;
    let site =
        theirs.api("POST", "/api/v1/sites", json!({ "name": "本社", "zone": "Asia/Tokyo" })).await.json();
    let mut form = scene.form();
    form["site"] = site["id"].clone();
    let other = theirs.api("POST", "/api/v1/visitors/calendars", form).await.expect(201).json()["id"].clone();
    // What somebody has read before the first reading is not looked at; after it marks mean nothing.
    scene.read().await;
    scene.send(&scene.event(1440)).await;
    assert_eq!(scene.visits().await.len(), 1);
    let all = theirs.get("/api/v1/visitors/visits").await.expect(200).json();
    assert_eq!(all["items"], json!([]));
    // It was read there, too, and the sender is somebody else's.
    let state = theirs
        .get(&format!("/api/v1/visitors/calendars/{}", other.as_str().unwrap()))
        .await
        .expect(200)
        .json();
    assert!(state["read_at"] != Value::Null, "{state}");
    assert_eq!(state["refusal"], "stranger");
});
