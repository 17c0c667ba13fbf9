//! Calendars on a server, through a real one (Radicale).

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use sekisho_testkit::{Client, Engine, minutes};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::sync::Notify;

use crate::calendars::{compact, file};
use crate::imap::{Imap, as_whoever, free_port, hand_over};
use crate::scene;

const READY_WITHIN: Duration = Duration::from_secs(60);

/// The server: anybody may read and write.
struct Radicale {
    port: u16,
    dir: tempfile::TempDir,
    child: Option<Child>,
}

impl Radicale {
    async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let calendar = dir.path().join("data/collection-root/sato/office");
        std::fs::create_dir_all(&calendar).unwrap();
        std::fs::write(calendar.join(".Radicale.props"), r#"{"tag": "VCALENDAR"}"#).unwrap();
        std::fs::write(dir.path().join("users"), "sato:secret\n").unwrap();
        hand_over(dir.path());
        let mut server = Self { port: free_port(), dir, child: None };
        server.up().await;
        server
    }

    async fn up(&mut self) {
        let at = self.dir.path();
        let mut command = as_whoever("radicale");
        command
            .args(["--config", "", "--server-hosts", &format!("127.0.0.1:{}", self.port)])
            .args(["--auth-type", "htpasswd", "--auth-htpasswd-encryption", "plain"])
            .args(["--auth-htpasswd-filename", at.join("users").to_str().unwrap()])
            .args(["--auth-delay", "0", "--logging-level", "info"])
            .args(["--storage-filesystem-folder", at.join("data").to_str().unwrap()])
            .current_dir(at);
        let mut child =
            command.stdin(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = String::new();
        let ready = tokio::time::timeout(READY_WITHIN, async {
            while let Some(line) = lines.next_line().await.unwrap() {
                said.push_str(&line);
                said.push('\n');
                if line.contains("server ready") || line.contains("Listening on") {
                    return true;
                }
            }
            false
        });
        assert!(ready.await.unwrap_or(false), "radicale did not come up: {said}");
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        self.child = Some(child);
    }

    async fn down(&mut self) {
        if let Some(mut child) = self.child.take() {
            let id = child.id().unwrap().to_string();
            assert!(Command::new("kill").arg(id).status().await.unwrap().success());
            child.wait().await.unwrap();
        }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}/sato/office/", self.port)
    }

    /// As a calendar program does.
    async fn ask(&self, method: &str, name: &str, body: &str) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let name = name.strip_prefix("../").map_or(format!("office/{name}"), str::to_owned);
        let ask = format!(
            "{method} /sato/{name} HTTP/1.0\r\nAuthorization: Basic c2F0bzpzZWNyZXQ=\r\n\
             Content-Type: text/calendar; charset=utf-8\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(ask.as_bytes()).await.unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).await.unwrap();
        assert!(said.split(' ').nth(1).is_some_and(|status| status.starts_with('2')), "{said}");
    }

    /// What a program without tokens would still find: the state of its tokens is forgotten.
    fn forget_tokens(&self) {
        let cache: PathBuf =
            self.dir.path().join("data/collection-root/sato/office/.Radicale.cache/sync-token");
        std::fs::remove_dir_all(cache).unwrap();
    }
}

pub struct Scene {
    house: scene::Scene,
    radicale: Radicale,
    calendar: String,
}

impl Scene {
    async fn on(engine: Engine) -> Self {
        let notify = sekisho_notify::Options {
            mailbox: true,
            allowed_networks: vec!["127.0.0.0/8".parse().unwrap()],
            ..Default::default()
        };
        let radicale = Radicale::start().await;
        let house = scene::Scene::telling(engine, notify, None).await;
        let mut scene = Self { house, radicale, calendar: String::new() };
        scene.calendar = scene.connect(&scene.radicale.url(), Value::Null).await;
        scene
    }

    fn form(&self, url: &str, person: Value) -> Value {
        json!({
            "kind": "collection", "name": "Office", "site": self.house.tokyo, "url": url, "user": "sato",
            "password": "secret", "person": person,
        })
    }

    async fn connect(&self, url: &str, person: Value) -> String {
        self.connect_as(&mut self.proven().await, url, person).await
    }

    /// The administrator, who proved to be it a moment ago.
    async fn proven(&self) -> Client {
        let mut admin = self.house.server.administrator().await;
        self.house.server.prove(&mut admin).await;
        admin
    }

    async fn connect_as(&self, admin: &mut Client, url: &str, person: Value) -> String {
        let made = admin.api("POST", "/api/v1/visitors/calendars", self.form(url, person)).await.expect(201);
        made.json()["id"].as_str().unwrap().to_owned()
    }

    async fn state(&self, calendar: &str) -> Value {
        let mut admin = self.house.server.administrator().await;
        admin.get(&format!("/api/v1/visitors/calendars/{calendar}")).await.expect(200).json()
    }

    async fn read(&self) {
        self.house.server.advance(minutes(1)).await;
    }

    async fn read_well(&self) {
        self.read().await;
        assert_eq!(self.state(&self.calendar).await["wrong"], Value::Null);
    }

    fn event(&self, uid: &str, minutes: i64, more: &str) -> String {
        let (starts, ends) = (compact(&self.house.at(minutes)), compact(&self.house.at(minutes + 60)));
        let event = format!(
            "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20261122T000000Z\r\nDTSTART;TZID=Asia/Tokyo:{starts}\r\n\
             DTEND;TZID=Asia/Tokyo:{ends}\r\nORGANIZER:mailto:host@acme.test\r\n\
             ATTENDEE;CN=\"山田 太郎\":mailto:yamada@midori.example\r\nSUMMARY:x\r\n{more}END:VEVENT\r\n"
        );
        file("", &[event])
    }

    async fn states(&self) -> Vec<String> {
        let mut admin = self.house.server.administrator().await;
        let all = admin.get("/api/v1/visitors/visits?limit=100").await.expect(200).json();
        let mut items = all["items"].as_array().unwrap().clone();
        items.sort_by_key(|visit| (visit["starts_at"].to_string(), visit["id"].to_string()));
        items.iter().map(|visit| visit["state"].as_str().unwrap().to_owned()).collect()
    }

    async fn refusals(&self) -> Vec<String> {
        let record = self.house.record().await.into_iter();
        record.filter_map(|act| Some(act.strip_prefix("connected_calendar.take ")?.to_owned())).collect()
    }
}

story!(what_is_put_into_a_calendar_changed_and_taken_out_follows, |scene| {
    scene.radicale.ask("PUT", "a.ics", &scene.event("a@acme.test", 1440, "")).await;
    scene.radicale.ask("PUT", "b.ics", &scene.event("b@acme.test", 2880, "")).await;
    scene.read_well().await;
    assert_eq!(scene.states().await, ["invited", "invited"]);
    // Nothing new is nothing done.
    scene.read_well().await;
    assert_eq!(scene.house.told("yamada@midori.example").await.len(), 2);
    // Moved, without a SEQUENCE as many programs do it.
    scene.radicale.ask("PUT", "a.ics", &scene.event("a@acme.test", 1500, "")).await;
    scene.read_well().await;
    assert_eq!(scene.house.told("yamada@midori.example").await.len(), 3);
    scene.radicale.ask("DELETE", "b.ics", "").await;
    scene.read_well().await;
    assert_eq!(scene.states().await, ["invited", "cancelled"]);
    // The server forgot what it told us: all is read, and nothing happens twice.
    scene.radicale.forget_tokens();
    scene.radicale.ask("DELETE", "a.ics", "").await;
    scene.read_well().await;
    scene.read_well().await;
    assert_eq!(scene.states().await, ["cancelled", "cancelled"]);
    assert!(scene.refusals().await.is_empty(), "{:?}", scene.refusals().await);
    assert!(!scene.house.everything_told().await.contains("a@acme.test"));
});

story!(what_is_none_of_ours_is_passed_over_and_what_cannot_be_followed_is_told, |scene| {
    let inside = scene.event("in@acme.test", 1440, "").replace("yamada@midori.example", "desk@acme.test");
    scene.radicale.ask("PUT", "inside.ics", &inside).await;
    scene.radicale.ask("PUT", "past.ics", &scene.event("past@acme.test", -2880, "")).await;
    let alone = scene.event("alone@acme.test", 1440, "").replace("ORGANIZER:mailto:host@acme.test\r\n", "");
    let alone = alone.replace("ATTENDEE;CN=\"山田 太郎\":mailto:yamada@midori.example\r\n", "");
    scene.radicale.ask("PUT", "alone.ics", &alone).await;
    scene.read_well().await;
    assert!(scene.states().await.is_empty() && scene.refusals().await.is_empty());
    let often = scene.event("often@acme.test", 1440, "RRULE:FREQ=DAILY;COUNT=3000\r\n");
    scene.radicale.ask("PUT", "often.ics", &often).await;
    let unknown = scene.event("u@acme.test", 1440, "").replace("host@acme.test", "evil@evil.example");
    scene.radicale.ask("PUT", "unknown.ics", &unknown).await;
    scene.read_well().await;
    scene.read_well().await;
    let mut refusals = scene.refusals().await;
    refusals.sort();
    assert_eq!(refusals, ["rule", "unknown_organizer"]);
    let told = scene.house.told("host@acme.test").await;
    let answers = told.iter().filter(|subject| *subject == "来訪予定を登録できませんでした：x").count();
    assert_eq!(answers, 1, "{told:?}");
    assert!(scene.house.told("evil.example").await.is_empty());
});

story!(the_calendar_of_a_person_invites_in_no_other_name, |scene| {
    let mut admin = scene.proven().await;
    let at = format!("/api/v1/visitors/calendars/{}", scene.calendar);
    let desk = json!(scene.house.desk.person);
    admin.api("PUT", &at, scene.form(&scene.radicale.url(), desk)).await.expect(204);
    scene.radicale.ask("PUT", "a.ics", &scene.event("a@acme.test", 1440, "")).await;
    let own = scene.event("own@acme.test", 1440, "").replace("ORGANIZER:mailto:host@acme.test\r\n", "");
    scene.radicale.ask("PUT", "own.ics", &own).await;
    scene.read_well().await;
    let mut desk = scene.house.server.signed_in(&scene.house.desk).await;
    let all = desk.get("/api/v1/visitors/visits").await.expect(200).json();
    assert_eq!(all["items"].as_array().unwrap().len(), 1);
    assert_eq!(all["items"][0]["host"], json!(scene.house.desk.person));
});

story!(another_calendar_is_read_from_its_beginning_and_what_came_of_the_one_before_stays, |scene| {
    scene.radicale.ask("PUT", "a.ics", &scene.event("a@acme.test", 1440, "")).await;
    scene.read_well().await;
    scene.radicale.ask("MKCALENDAR", "../other/", "").await;
    scene.radicale.ask("PUT", "../other/b.ics", &scene.event("b@acme.test", 2880, "")).await;
    let at = format!("/api/v1/visitors/calendars/{}", scene.calendar);
    let other = scene.radicale.url().replace("office", "other");
    scene.proven().await.api("PUT", &at, scene.form(&other, Value::Null)).await.expect(204);
    scene.read_well().await;
    scene.read_well().await;
    assert_eq!(scene.states().await, ["invited", "invited"]);
});

story!(a_file_that_cannot_be_read_any_more_calls_nothing_off, |scene| {
    scene.radicale.ask("PUT", "a.ics", &scene.event("a@acme.test", 1440, "")).await;
    scene.read_well().await;
    let inline = format!("ATTACH;ENCODING=BASE64;VALUE=BINARY:{}\r\n", "QUFB".repeat(90_000));
    scene.radicale.ask("PUT", "a.ics", &scene.event("a@acme.test", 1440, &inline)).await;
    scene.read_well().await;
    assert_eq!(
        (scene.states().await, scene.refusals().await),
        (vec!["invited".to_owned()], vec!["too_much".to_owned()])
    );
    assert_eq!(scene.house.told("yamada@midori.example").await.len(), 1);
    // It is still known whose file it was.
    scene.radicale.ask("DELETE", "a.ics", "").await;
    scene.read_well().await;
    assert_eq!(scene.states().await, ["cancelled"]);
});

story!(a_file_at_another_address_is_the_same_event, |scene| {
    let event = scene.event("a@acme.test", 1440, "");
    scene.radicale.ask("PUT", "a.ics", &event).await;
    scene.read_well().await;
    scene.radicale.ask("DELETE", "a.ics", "").await;
    scene.radicale.ask("PUT", "b.ics", &event).await;
    scene.read_well().await;
    assert_eq!(scene.states().await, ["invited"]);
    scene.radicale.ask("DELETE", "b.ics", "").await;
    scene.read_well().await;
    assert_eq!(scene.states().await, ["cancelled"]);
});

story!(a_calendar_that_is_connected_again_calls_off_what_came_of_it_before, |scene| {
    let mut scene = scene;
    scene.radicale.ask("PUT", "a.ics", &scene.event("a@acme.test", 1440, "")).await;
    scene.read_well().await;
    let at = format!("/api/v1/visitors/calendars/{}", scene.calendar);
    scene.proven().await.api("DELETE", &at, Value::Null).await.expect(204);
    scene.calendar = scene.connect(&scene.radicale.url(), Value::Null).await;
    scene.read_well().await;
    assert_eq!(scene.states().await, ["invited"]);
    scene.radicale.ask("DELETE", "a.ics", "").await;
    scene.read_well().await;
    assert_eq!(scene.states().await, ["cancelled"]);
});

story!(what_is_over_is_nobodys_mail, |scene| {
    let past = |uid: &str, more: &str| scene.event(uid, -30 * 1440, more);
    let unknown = past("a@acme.test", "").replace("host@acme.test", "evil@evil.example");
    scene.radicale.ask("PUT", "a.ics", &unknown).await;
    let until = "RRULE:FREQ=WEEKLY;UNTIL=20261110T000000Z\r\n";
    let clock = past("b@acme.test", until).replace("Asia/Tokyo", "Europe/Berlin");
    scene.radicale.ask("PUT", "b.ics", &clock).await;
    let odd = past("c@acme.test", "RRULE:FREQ=HOURLY;UNTIL=20261110T000000Z\r\n");
    scene.radicale.ask("PUT", "c.ics", &odd).await;
    scene.read_well().await;
    assert!(scene.refusals().await.is_empty(), "{:?}", scene.refusals().await);
    // What goes on is told.
    let goes_on = past("d@acme.test", "RRULE:FREQ=WEEKLY\r\n").replace("Asia/Tokyo", "Europe/Berlin");
    scene.radicale.ask("PUT", "d.ics", &goes_on).await;
    scene.read_well().await;
    assert_eq!(scene.refusals().await, ["other_clock"]);
});

story!(a_connection_that_is_saved_while_it_is_read_is_read_from_its_beginning, |scene| {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (asked, free) = (std::sync::Arc::new(Notify::new()), std::sync::Arc::new(Notify::new()));
    let (told, waits) = (asked.clone(), free.clone());
    let event = scene.event("slow@acme.test", 1440, "");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut said = vec![0; 8192];
            let read = stream.read(&mut said).await.unwrap_or(0);
            let is_file = String::from_utf8_lossy(&said[..read]).contains("calendar-multiget");
            let data =
                if is_file { format!("<c:calendar-data>{event}</c:calendar-data>") } else { String::new() };
            let body = format!(
                r#"<multistatus xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><response><href>/a.ics</href><propstat><prop><getetag>"1"</getetag>{data}</prop><status>HTTP/1.1 200 OK</status></propstat></response><sync-token>1</sync-token></multistatus>"#
            );
            if is_file {
                told.notify_one();
                waits.notified().await;
            }
            let head =
                format!("HTTP/1.1 207 x\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
            let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
        }
    });
    let mut admin = scene.proven().await;
    let at = format!("/api/v1/visitors/calendars/{}", scene.calendar);
    let slow = format!("http://127.0.0.1:{port}/");
    admin.api("PUT", &at, scene.form(&slow, Value::Null)).await.expect(204);
    let form = scene.form(&scene.radicale.url(), Value::Null);
    tokio::join!(scene.read(), async {
        asked.notified().await;
        admin.api("PUT", &at, form).await.expect(204);
        free.notify_one();
    });
    scene.read_well().await;
    scene.read_well().await;
    assert_eq!(scene.states().await, ["invited"], "what came of the one before stays");
    assert!(scene.state(&scene.calendar).await["read_at"] != Value::Null);
});

story!(a_server_that_dies_in_the_middle_is_read_on_and_nothing_comes_twice, |scene| {
    let mut scene = scene;
    scene.read_well().await;
    scene
        .radicale
        .ask("PUT", "a.ics", &scene.event("a@acme.test", 1440, "RRULE:FREQ=WEEKLY;COUNT=3\r\n"))
        .await;
    scene.radicale.down().await;
    scene.read().await;
    assert_eq!(scene.state(&scene.calendar).await["wrong"], "unreachable");
    scene.radicale.up().await;
    scene.read_well().await;
    scene.read_well().await;
    assert_eq!(scene.states().await, ["invited"; 3]);
    let made = scene.house.record().await.into_iter().filter(|act| act == "series.make").count();
    assert_eq!(made, 1);
});

story!(a_server_that_answers_nonsense_is_told_apart, |scene| {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut asked = vec![0; 4096];
            let read = stream.read(&mut asked).await.unwrap_or(0);
            let path =
                String::from_utf8_lossy(&asked[..read]).split(' ').nth(1).unwrap_or_default().to_owned();
            let answer = match path.as_str() {
                "/garbled/" => "HTTP/1.1 207 x\r\ncontent-length: 5\r\n\r\nhello".to_owned(),
                "/inside/" => {
                    "HTTP/1.1 302 x\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n"
                        .to_owned()
                }
                "/locked/" => "HTTP/1.1 401 x\r\ncontent-length: 0\r\n\r\n".to_owned(),
                "/none/" => "HTTP/1.1 404 x\r\ncontent-length: 0\r\n\r\n".to_owned(),
                "/huge/" => {
                    format!("HTTP/1.1 207 x\r\ncontent-length: 99999999\r\n\r\n{}", "<a/>".repeat(5_000_000))
                }
                _ => "HTTP/1.1 500 x\r\ncontent-length: 0\r\n\r\n".to_owned(),
            };
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    let mut admin = scene.proven().await;
    for (path, word) in [
        ("garbled", "garbled"),
        ("inside", "garbled"),
        ("locked", "sign_in"),
        ("none", "missing"),
        ("huge", "too_much"),
        ("broken", "server"),
    ] {
        let url = format!("http://127.0.0.1:{port}/{path}/");
        let calendar = scene.connect_as(&mut admin, &url, Value::Null).await;
        scene.read().await;
        assert_eq!(scene.state(&calendar).await["wrong"], word, "{path}");
    }
    // One whose certificate comes from nobody whom we trust; what it speaks does not matter.
    let strange = Imap::start().await;
    let url = format!("https://localhost:{}/", strange.port);
    let calendar = scene.connect_as(&mut admin, &url, Value::Null).await;
    scene.read().await;
    assert_eq!(scene.state(&calendar).await["wrong"], "tls");
    // A server inside that the operator did not allow is not asked at all.
    for url in
        ["http://10.0.0.1/", "https://169.254.169.254/", "ftp://cal.example/", "https://user:x@cal.example/"]
    {
        admin.api("POST", "/api/v1/visitors/calendars", scene.form(url, Value::Null)).await.expect(422);
    }
});
