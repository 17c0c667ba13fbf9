//! Invitations by mail, through a real mail server.

use sekisho_storage::Scoped as _;
use sekisho_testkit::{Engine, hours, minutes};
use sekisho_visitors::tables::calendar_items;
use serde_json::{Value, json};

use crate::imap::Imap;
use crate::scene;

mod mailbox;
mod series;

/// What the mailbox's server writes of a mail that comes from where it says.
const VERIFIED: &str = "Authentication-Results: mx.acme.test; dkim=pass header.d=acme.test; spf=pass\r\n";

pub struct Scene {
    pub house: scene::Scene,
    pub imap: Imap,
    pub calendar: Value,
}

/// An event as a mail carries it.
#[derive(Clone)]
pub struct Event {
    pub method: &'static str,
    pub uid: &'static str,
    pub sequence: u32,
    pub starts: String,
    pub ends: String,
    pub attendees: Vec<&'static str>,
    pub organizer: String,
    pub more: String,
    pub summary: &'static str,
}

impl Event {
    pub fn text(&self) -> String {
        let Self { method, uid, sequence, starts, ends, organizer, more, summary, .. } = self;
        let attendees: String = self
            .attendees
            .iter()
            .map(|mail| format!("ATTENDEE;CN=\"{}\":mailto:{mail}\r\n", name_of(mail)))
            .collect();
        format!(
            "BEGIN:VEVENT\r\nUID:{uid}\r\nSEQUENCE:{sequence}\r\nDTSTAMP:20261122T0000{sequence:02}Z\r\n\
             DTSTART;TZID=Asia/Tokyo:{starts}\r\nDTEND;TZID=Asia/Tokyo:{ends}\r\n\
             ORGANIZER;CN=\"host\":mailto:{organizer}\r\n{attendees}SUMMARY:{summary}\r\n{more}END:VEVENT\r\n"
        )
        .replace("METHOD", method)
    }
}

fn name_of(mail: &str) -> &str {
    match mail {
        "yamada@midori.example" => "山田 太郎",
        "tanaka@midori.example" => "田中 花子",
        _ => "",
    }
}

pub fn file(method: &str, events: &[String]) -> String {
    let method = if method.is_empty() { String::new() } else { format!("METHOD:{method}\r\n") };
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n{method}{}END:VCALENDAR\r\n",
        events.concat()
    )
}

pub fn mail(head: &str, from: &str, calendar: &str) -> String {
    format!(
        "{head}From: {from}\r\nTo: reception@acme.test\r\nSubject: invitation\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/alternative; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n\
         --b\r\nContent-Type: text/calendar; charset=utf-8; method=REQUEST\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{calendar}\r\n--b--\r\n"
    )
}

/// A time as calendars spell it.
pub fn compact(at: &str) -> String {
    at.replace(['-', ':'], "") + "00"
}

impl Scene {
    async fn on(engine: Engine) -> Self {
        let imap = Imap::start().await;
        let notify = sekisho_notify::Options {
            mailbox: true,
            allowed_networks: vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()],
            roots: vec![imap.root_pem.clone()],
            ..Default::default()
        };
        let house = scene::Scene::telling(engine, notify, None).await;
        let mut scene = Self { house, imap, calendar: Value::Null };
        scene.calendar = scene.connected().await;
        scene
    }

    fn form(&self) -> Value {
        json!({
            "kind": "mailbox", "name": "Reception", "site": self.house.tokyo, "host": "localhost",
            "port": self.imap.port, "address": "reception@acme.test", "authority": "mx.acme.test",
            "user": "reception", "password": "secret",
        })
    }

    async fn connected(&self) -> Value {
        let mut admin = self.house.server.administrator().await;
        self.house.server.prove(&mut admin).await;
        admin.api("POST", "/api/v1/visitors/calendars", self.form()).await.expect(201).json()["id"].clone()
    }

    /// The connected mailbox as administrators see it.
    async fn state(&self) -> Value {
        let mut admin = self.house.server.administrator().await;
        let id = self.calendar.as_str().unwrap();
        admin.get(&format!("/api/v1/visitors/calendars/{id}")).await.expect(200).json()
    }

    /// An invitation of the host for tomorrow, or so many minutes from now.
    fn event(&self, minutes: i64) -> Event {
        Event {
            method: "REQUEST",
            uid: "meeting-1@acme.test",
            sequence: 0,
            starts: compact(&self.house.at(minutes)),
            ends: compact(&self.house.at(minutes + 60)),
            attendees: vec!["reception@acme.test", "yamada@midori.example", "desk@acme.test"],
            organizer: "host@acme.test".to_owned(),
            more: "LOCATION:東京本社 3階 会議室A\r\n".to_owned(),
            summary: "お打ち合わせ",
        }
    }

    /// Sends it as the host, and lets the server read it.
    async fn send(&self, event: &Event) {
        self.send_as(VERIFIED, "host@acme.test", &file(event.method, &[event.text()])).await;
    }

    async fn send_as(&self, head: &str, from: &str, calendar: &str) {
        self.imap.deliver(&mail(head, from, calendar));
        self.read().await;
    }

    /// A minute later.
    async fn read(&self) {
        self.house.server.advance(minutes(1)).await;
        assert_eq!(self.state().await["wrong"], Value::Null);
    }

    /// The visits of the host that are not over: state, guest, from, version of the pass.
    async fn visits(&self) -> Vec<Value> {
        let mut host = self.house.server.signed_in(&self.house.host).await;
        let all = host.get("/api/v1/visitors/visits?limit=100").await.expect(200).json();
        let mut items = all["items"].as_array().unwrap().clone();
        items.sort_by_key(|visit| (visit["starts_at"].to_string(), visit["id"].to_string()));
        items
    }

    async fn states(&self) -> Vec<String> {
        self.visits().await.iter().map(|visit| visit["state"].as_str().unwrap().to_owned()).collect()
    }

    /// Why something was not taken, by the record.
    async fn refusals(&self) -> Vec<String> {
        let record = self.house.record().await.into_iter();
        record.filter_map(|act| Some(act.strip_prefix("connected_calendar.take ")?.to_owned())).collect()
    }

    /// What went out to anybody but the administrator, who is told of each session of these stories.
    async fn sent(&self) -> Vec<String> {
        let mails = self.house.mailbox().await.into_iter();
        mails.filter(|mail| !mail.lines().next().unwrap().contains("<admin@acme.test>")).collect()
    }

    /// The sentences the host got back.
    async fn answers(&self) -> Vec<String> {
        let told = self.house.told("host@acme.test").await.into_iter();
        told.filter(|subject| subject.starts_with("来訪予定を登録できませんでした：")).collect()
    }

    /// How often appointments were made.
    async fn made(&self) -> usize {
        let record = self.house.record().await;
        record.iter().filter(|act| matches!(act.as_str(), "appointment.make" | "series.make")).count()
    }
}

story!(an_invitation_becomes_an_appointment, |scene| {
    scene.send(&scene.event(1440)).await;
    let visits = scene.visits().await;
    assert_eq!(visits.len(), 1, "{visits:?}");
    let id = visits[0]["appointment"].as_str().unwrap();
    let mut host = scene.house.server.signed_in(&scene.house.host).await;
    let made = host.get(&format!("/api/v1/visitors/appointments/{id}")).await.expect(200).json();
    assert_eq!(made["place"], "3階 会議室A", "{made}");
    assert_eq!(made["purpose"], "お打ち合わせ");
    assert_eq!(made["site"], json!(scene.house.tokyo));
    assert_eq!(made["deputies"], json!([scene.house.desk.person]), "a colleague stands in");
    assert_eq!(scene.house.told("yamada@midori.example").await.len(), 1);
    assert_eq!(scene.imap.marks(), ["S"]);
    let record = scene.house.record().await;
    assert!(record.iter().any(|act| act == "appointment.make"), "{record:?}");
    assert!(!scene.house.everything_told().await.contains("meeting-1"));
});

story!(a_later_version_changes_and_an_older_one_does_nothing, |scene| {
    let first = scene.event(1440);
    scene.send(&first).await;
    let later = Event {
        sequence: 2,
        starts: compact(&scene.house.at(1500)),
        ends: compact(&scene.house.at(1560)),
        attendees: vec!["reception@acme.test", "yamada@midori.example", "tanaka@midori.example"],
        ..first.clone()
    };
    scene.send(&later).await;
    let visits = scene.visits().await;
    assert_eq!(visits.len(), 2, "{visits:?}");
    let starts = visits[0]["starts_at"].clone();
    // Sent once more, an older one, and the one between: nothing.
    scene.send(&later).await;
    scene.send(&first).await;
    scene.send(&Event { sequence: 1, ..first.clone() }).await;
    let now = scene.visits().await;
    assert_eq!((now.len(), &now[0]["starts_at"]), (2, &starts));
    assert_eq!(scene.house.told("yamada@midori.example").await.len(), 2, "invited, and told of the change");
    // A guest is uninvited; one who was added at the reception stays.
    let mut host = scene.house.server.signed_in(&scene.house.host).await;
    let id = visits[0]["appointment"].as_str().unwrap();
    let suzuki = json!({ "name": "鈴木 一郎", "mail": "suzuki@midori.example" });
    host.api("POST", &format!("/api/v1/visitors/appointments/{id}/guests"), suzuki).await.expect(201);
    scene
        .send(&Event {
            sequence: 3,
            attendees: vec!["reception@acme.test", "tanaka@midori.example"],
            ..later
        })
        .await;
    let mut states = scene.states().await;
    states.sort();
    assert_eq!(states, ["cancelled", "invited", "invited"]);
    assert!(scene.refusals().await.is_empty() && scene.made().await == 1);
});

story!(of_two_with_the_same_number_the_one_written_later_counts, |scene| {
    let first = scene.event(1440);
    let written = |event: &Event, at: &str| file("REQUEST", &[event.text().replace("T000000Z", at)]);
    scene.send(&first).await;
    // Programs add a guest without counting the number up.
    let more = vec!["reception@acme.test", "yamada@midori.example", "tanaka@midori.example"];
    let more = Event { attendees: more, ..first.clone() };
    scene.send_as(VERIFIED, "host@acme.test", &written(&more, "T000100Z")).await;
    assert_eq!(scene.states().await, ["invited", "invited"]);
    scene.send_as(VERIFIED, "host@acme.test", &written(&first, "T000059Z")).await;
    assert_eq!(scene.states().await, ["invited", "invited"]);
    scene.send_as(VERIFIED, "host@acme.test", &written(&first, "T000101Z")).await;
    let mut states = scene.states().await;
    states.sort();
    assert_eq!(states, ["cancelled", "invited"]);
});

story!(a_cancellation_calls_off_and_the_old_invitation_does_not_bring_it_back, |scene| {
    let first = scene.event(1440);
    scene.send(&first).await;
    scene.send(&Event { method: "CANCEL", sequence: 1, ..first.clone() }).await;
    assert_eq!(scene.states().await, ["cancelled"]);
    scene.send(&first).await;
    assert_eq!(scene.states().await, ["cancelled"]);
    // It takes place after all.
    scene.send(&Event { sequence: 2, ..first.clone() }).await;
    assert_eq!(scene.states().await, ["cancelled", "invited"]);
    let called_off = Event { sequence: 3, more: "STATUS:CANCELLED\r\n".to_owned(), ..first };
    scene.send(&called_off).await;
    assert_eq!(scene.states().await, ["cancelled", "cancelled"]);
});

story!(who_did_not_prove_to_have_sent_it_changes_nothing_and_gets_no_answer, |scene| {
    let calendar = file("REQUEST", &[scene.event(1440).text()]);
    let sent = scene.sent().await;
    let forged_below = format!("Authentication-Results: mx.acme.test; dkim=none\r\n{VERIFIED}");
    let elsewhere = "Authentication-Results: mx.evil.example; dkim=pass header.d=acme.test\r\n";
    let theirs = "Authentication-Results: mx.acme.test; dkim=pass header.d=evil.example\r\n";
    for (head, from) in [
        ("", "host@acme.test"),
        (&*forged_below, "host@acme.test"),
        (elsewhere, "host@acme.test"),
        (theirs, "host@acme.test"),
        (VERIFIED, "host@acme.test, evil@evil.example"),
    ] {
        scene.send_as(head, from, &calendar).await;
    }
    assert_eq!(scene.refusals().await, ["not_verified"; 5]);
    // Somebody of another company proves who they are, and works elsewhere.
    scene.send_as(theirs, "mallory@evil.example", &calendar).await;
    assert_eq!(scene.refusals().await.last().unwrap(), "stranger");
    assert_eq!(scene.sent().await, sent, "nobody is answered");
    assert!(scene.visits().await.is_empty());
    assert_eq!(scene.imap.marks(), ["FS"; 6]);
    assert_eq!(scene.state().await["refusal"], "stranger");
    // The page says so.
    let mut admin = scene.house.server.administrator().await;
    let page = admin.get("/settings/visitors/calendars").await.expect(200).text;
    assert!(page.contains("差出人が社内の利用者ではありません。"), "{page}");
});

story!(what_cannot_be_followed_is_answered_with_a_sentence_once, |scene| {
    let good = scene.event(1440);
    let of = |event: &Event| file(event.method, &[event.text()]);
    let cases = [
        (of(&Event { attendees: vec!["reception@acme.test", "desk@acme.test"], ..good.clone() }), "no_guest"),
        (of(&Event { attendees: vec!["reception@acme.test"], summary: "a\\nb", ..good.clone() }), "no_guest"),
        (of(&Event { attendees: vec!["yamada@midori.example"], ..good.clone() }), "not_invited"),
        (of(&Event { organizer: "desk@acme.test".to_owned(), ..good.clone() }), "not_organizer"),
        (of(&Event { organizer: "evil@evil.example".to_owned(), ..good.clone() }), "unknown_organizer"),
        (of(&scene.event(-1440)), "past"),
        (of(&good).replace("Asia/Tokyo", "Nowhere/At_All"), "no_time"),
        (of(&Event { more: "RRULE:FREQ=DAILY;COUNT=3000\r\n".to_owned(), ..good.clone() }), "rule"),
        (of(&Event { more: "RDATE:20270101T000000Z\r\n".to_owned(), ..good.clone() }), "odd_rule"),
        ("BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n".to_owned(), "no_event"),
        ("hello".to_owned(), "unreadable"),
    ];
    for (calendar, _) in &cases {
        scene.send_as(VERIFIED, "host@acme.test", calendar).await;
    }
    let words: Vec<&str> = cases.iter().map(|(_, word)| *word).collect();
    assert_eq!(scene.refusals().await, words);
    assert!(scene.visits().await.is_empty());
    let told = scene.answers().await;
    assert_eq!(told.len(), cases.len(), "{told:?}");
    assert_eq!(told[1], "来訪予定を登録できませんでした：a b");
    assert_eq!(told.last().unwrap(), "来訪予定を登録できませんでした：（件名なし）");
    let words = scene.house.mailbox().await.concat();
    assert!(words.contains("社外の参加者がいません。") && words.contains("お打ち合わせ"), "{words}");
    // An answer to an invitation is none of our business, and neither is a plain mail.
    scene.send_as(VERIFIED, "host@acme.test", &file("REPLY", &[good.text()])).await;
    scene.imap.deliver("From: host@acme.test\r\nSubject: hello\r\n\r\nhello\r\n");
    scene.read().await;
    assert_eq!(scene.answers().await.len(), cases.len());
    assert_eq!(scene.imap.marks().last().unwrap(), "S");
});

story!(somebody_elses_event_is_not_changed, |scene| {
    let first = scene.event(1440);
    scene.send(&first).await;
    // The colleague who is no deputy of it claims it under the same name.
    let mallory = scene.house.server.colleague("mallory").await;
    let theirs = Event {
        sequence: 9,
        organizer: mallory.mail.clone(),
        starts: compact(&scene.house.at(2880)),
        ends: compact(&scene.house.at(2940)),
        ..first.clone()
    };
    let before = scene.visits().await;
    for method in ["REQUEST", "CANCEL"] {
        let event = Event { method, ..theirs.clone() };
        scene.send_as(VERIFIED, &mallory.mail, &file(method, &[event.text()])).await;
    }
    assert_eq!(scene.visits().await, before);
    assert_eq!(scene.refusals().await, ["not_allowed", "not_allowed"]);
    // Whoever invites on somebody's behalf says so, and the event stays the host's.
    let on_behalf = first.text().replace("ORGANIZER;", "ORGANIZER;SENT-BY=\"mailto:mallory@acme.test\";");
    let on_behalf = on_behalf.replace("meeting-1", "meeting-2");
    scene.send_as(VERIFIED, &mallory.mail, &file("REQUEST", &[on_behalf])).await;
    let visits = scene.visits().await;
    assert_eq!((visits.len(), &visits[1]["host"]), (2, &json!(scene.house.host.person)));
});

story!(a_guest_who_was_taken_off_here_is_not_invited_anew, |scene| {
    let all = vec![
        "reception@acme.test",
        "yamada@midori.example",
        "tanaka@midori.example",
        "suzuki@midori.example",
    ];
    let first = Event { attendees: all, ..scene.event(1440) };
    scene.send(&first).await;
    let mut host = scene.house.server.signed_in(&scene.house.host).await;
    let visits = scene.visits().await;
    let path = format!("/api/v1/visitors/visits/{}", visits[0]["id"].as_str().unwrap());
    host.api("DELETE", &path, Value::Null).await.expect(204);
    for sequence in 1..3 {
        let summary = if sequence == 1 { "打ち合わせ" } else { "お打ち合わせ" };
        scene.send(&Event { sequence, summary, ..first.clone() }).await;
        let mut states = scene.states().await;
        states.sort();
        assert_eq!(states, ["cancelled", "invited", "invited"], "{sequence}");
    }
    // Who is taken out of the calendar and put in again is meant.
    scene
        .send(&Event {
            sequence: 3,
            attendees: vec!["reception@acme.test", "suzuki@midori.example"],
            ..first.clone()
        })
        .await;
    scene.send(&Event { sequence: 4, ..first }).await;
    assert_eq!(scene.states().await.iter().filter(|state| *state == "invited").count(), 3);
});

story!(nobody_takes_an_event_from_who_organises_it, |scene| {
    let mallory = scene.house.server.colleague("mallory").await;
    let last = |event: &Event| {
        let theirs = Event { organizer: mallory.mail.clone(), ..event.clone() };
        file(event.method, &[theirs.text().replace("SEQUENCE:0", "SEQUENCE:4294967295")])
    };
    // Nothing of it is open any more.
    let first = scene.event(1440);
    scene.send(&first).await;
    scene.send(&Event { method: "CANCEL", sequence: 1, ..first.clone() }).await;
    for method in ["CANCEL", "REQUEST"] {
        scene.send_as(VERIFIED, &mallory.mail, &last(&Event { method, ..first.clone() })).await;
    }
    assert_eq!(scene.refusals().await, ["not_allowed"; 2]);
    scene.send(&Event { sequence: 2, ..first.clone() }).await;
    assert_eq!(scene.states().await, ["cancelled", "invited"]);
    // Whoever was there first keeps it, and who really organises it is told.
    let second = Event { uid: "meeting-2@acme.test", ..first.clone() };
    scene.send_as(VERIFIED, &mallory.mail, &last(&second)).await;
    let answers = scene.answers().await.len();
    scene.send(&second).await;
    assert_eq!(
        (scene.refusals().await, scene.answers().await.len()),
        (vec!["not_allowed".to_owned(); 3], answers + 1)
    );
    // A series is not called off either, by no other rule.
    let weekly =
        Event { uid: "meeting-3@acme.test", more: "RRULE:FREQ=WEEKLY;COUNT=2\r\n".to_owned(), ..first };
    scene.send(&weekly).await;
    let daily = Event { more: "RRULE:FREQ=DAILY;COUNT=5\r\n".to_owned(), ..weekly.clone() };
    scene.send_as(VERIFIED, &mallory.mail, &last(&daily)).await;
    let made = scene.made().await;
    scene.send(&Event { sequence: 1, summary: "打ち合わせ", ..weekly }).await;
    assert_eq!(scene.made().await, made, "it is as it was");
});

story!(what_is_known_of_an_event_goes_with_its_visits, |scene| {
    let kept = async || {
        let foundation = scene.house.server.foundation();
        let scope = foundation.store.read(scene.house.server.tenant).await.unwrap();
        scope.find::<calendar_items::Entity>().count().await.unwrap()
    };
    let event = scene.event(60);
    scene.send(&event).await;
    let more = "RRULE:FREQ=DAILY;COUNT=2\r\n".to_owned();
    scene.send(&Event { uid: "meeting-2@acme.test", more, ..event }).await;
    assert_eq!((scene.visits().await.len(), kept().await), (3, 2));
    let mut admin = scene.house.server.administrator().await;
    scene.house.server.prove(&mut admin).await;
    let rules = json!({ "guest": { "remove_after_days": 1 } });
    admin.api("PUT", "/api/v1/visitors/retention", rules).await.expect(204);
    scene.house.server.advance(hours(24 * 5)).await;
    assert_eq!((scene.visits().await.len(), kept().await), (0, 0));
});

story!(a_location_that_names_a_room_takes_it_while_it_is_free, |scene| {
    let house = &scene.house;
    let room = house.room(house.tokyo, "会議室A", None).await;
    let taken = house.room(house.tokyo, "会議室B", None).await;
    house.room(house.osaka, "応接室", None).await;
    let retired = house.room(house.tokyo, "会議室C", None).await;
    let mut admin = house.server.administrator().await;
    let retired = format!("/api/v1/visitors/rooms/{}", retired.as_str().unwrap());
    admin.api("DELETE", &retired, Value::Null).await.expect(204);
    let mut body = house.body(120);
    body["room"] = taken;
    let other = house.made(body).await;
    let said = async |event: &Event| {
        scene.send(event).await;
        let visits = scene.visits().await;
        let ours = visits.iter().find(|visit| visit["appointment"] != other["id"]).unwrap();
        let path = format!("/api/v1/visitors/appointments/{}", ours["appointment"].as_str().unwrap());
        let row = scene.house.server.signed_in(&scene.house.host).await.get(&path).await.expect(200).json();
        (row["room"].clone(), row["place"].as_str().unwrap().to_owned())
    };
    let mut event = scene.event(120);
    let mut next = |place: &str| {
        event.sequence += 1;
        event.more = format!("LOCATION:{place}\r\n");
        event.clone()
    };
    assert_eq!(said(&next("東京本社 3階 会議室A")).await, (room.clone(), "3階 会議室A".to_owned()));
    // One that somebody else has is a word and no more.
    assert_eq!(said(&next("東京本社 会議室B")).await, (Value::Null, "会議室B".to_owned()));
    // So is one that is no longer used, and one of another site.
    assert_eq!(said(&next("東京本社 会議室C")).await, (Value::Null, "会議室C".to_owned()));
    assert_eq!(said(&next("東京本社 応接室")).await, (Value::Null, "応接室".to_owned()));
    assert_eq!(said(&next("東京本社 会議室A")).await, (room.clone(), "会議室A".to_owned()));
    // Where the calendar names none, the reception's choice stays.
    assert_eq!(said(&next("東京本社 4階")).await, (room.clone(), "会議室A 4階".to_owned()));
    assert_eq!(said(&next("大阪支店")).await, (Value::Null, String::new()));
});
