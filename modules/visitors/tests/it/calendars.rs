//! Invitations by mail, through a real mail server.

use sekisho_kernel::Cx;
use sekisho_testkit::{Engine, minutes};
use serde_json::{Value, json};

use crate::imap::Imap;
use crate::scene;

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
        let attendees: String =
            self.attendees.iter().map(|mail| format!("ATTENDEE;CN=\"{}\":mailto:{mail}\r\n", name_of(mail))).collect();
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
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n{method}{}END:VCALENDAR\r\n", events.concat())
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

    fn cx(&self) -> Cx {
        self.house.server.cx()
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
