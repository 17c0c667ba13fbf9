//! Both modules as the server joins them, a guest, and a box that exists on paper.

use sea_orm::ColumnTrait as _;
use sekisho_devices::{Device, DeviceAsks as _, DeviceEvents as _, DeviceKind, NewDevice, Received};
use sekisho_kernel::{Actor, Cx, DeviceId, Language, PersonId, ResourceId, SiteId};
use sekisho_keys::tables::words::BookingState;
use sekisho_keys::{Boxes, KeyId};
use sekisho_places::NewSite;
use sekisho_policy::{NewGrant, Right, Subject, Target};
use sekisho_storage::{Engine, Scoped as _};
use sekisho_testkit::{Answer, Client, Colleague, TestServer};
use sekisho_visitors::pass::spaced;
use sekisho_wire::{AnswerKind, Ask, AskKind, Code, Event, EventKind, IdentifyBy};
use serde_json::{Value, json};

use crate::stage::made;
use crate::{stage, wiring};

/// A site with a box and two keys in it, somebody who manages them and receives guests, and the desk.
pub struct Scene {
    pub server: TestServer,
    pub boxes: Boxes,
    pub device: DeviceId,
    pub tokyo: SiteId,
    pub osaka: SiteId,
    pub van: KeyId,
    pub store_room: KeyId,
    /// Hangs at another site.
    pub far: KeyId,
    /// Manages the keys in Tokyo.
    pub host: Colleague,
    /// Of Tokyo.
    pub desk: Colleague,
    told: std::sync::atomic::AtomicU64,
}

impl Scene {
    pub async fn on(engine: Engine) -> Self {
        let server = TestServer::start(engine, stage::migrations(), stage::mounts).await;
        let foundation = server.foundation();
        let cx = server.cx();
        foundation.devices.ready(&cx).await.unwrap();
        foundation.vault.keys(cx.tenant).await.unwrap();
        let site = |name: &str| NewSite {
            name: name.to_owned(),
            address: format!("{name} 1-1-1"),
            zone: "Asia/Tokyo".to_owned(),
        };
        let tokyo = foundation.places.open_site(&cx, &site("東京本社")).await.unwrap();
        let osaka = foundation.places.open_site(&cx, &site("大阪支店")).await.unwrap();
        let mut tx = foundation.store.begin(&cx).await.unwrap();
        let new = NewDevice { kind: DeviceKind::Smartbox, name: "SmartBox 1".to_owned(), site: Some(tokyo) };
        let (device, _) = foundation.devices.add(&mut tx, new).await.unwrap();
        tx.commit_bookkeeping("test").await.unwrap();
        let mut admin = server.administrator().await;
        let here = box_at(&mut admin, "1階キーボックス", Some(tokyo)).await;
        let there = box_at(&mut admin, "大阪のボックス", Some(osaka)).await;
        admin
            .api("PUT", &format!("/api/v1/key-boxes/{here}/device"), json!({ "device": device }))
            .await
            .expect(204);
        let van = key_in(&mut admin, "社用車3号", "FOB-VAN", &here, 1).await;
        let store_room = key_in(&mut admin, "機械室", "FOB-STORE", &here, 2).await;
        let far = key_in(&mut admin, "大阪の鍵", "FOB-FAR", &there, 1).await;
        let host = server.colleague("host").await;
        let desk = server.colleague("desk").await;
        let boxes = Boxes::new(wiring::keys(foundation));
        let told = std::sync::atomic::AtomicU64::new(0);
        let scene = Self { server, boxes, device, tokyo, osaka, van, store_room, far, host, desk, told };
        for key in [van, store_room, far] {
            scene.grant(scene.host.person, key.resource()).await;
        }
        scene.grant(scene.desk.person, ResourceId(tokyo.uuid())).await;
        scene.server.settle().await;
        scene
    }

    /// *Manage* on something.
    pub async fn grant(&self, person: PersonId, id: ResourceId) {
        let foundation = self.server.foundation();
        let mut tx = foundation.store.begin(&self.server.cx()).await.unwrap();
        let grant = NewGrant::always(Subject::Person(person), Right::Manage, Target::Resource { id });
        foundation.policy.grant(&mut tx, grant).await.unwrap();
        tx.commit_bookkeeping("test").await.unwrap();
    }

    pub async fn host(&self) -> Client {
        self.server.signed_in(&self.host).await
    }

    /// A wall-clock time in Tokyo, so many minutes from now.
    pub fn at(&self, minutes: i64) -> String {
        let zone = sekisho_web::zone_of("Asia/Tokyo");
        let now = self.server.cx().now.to_jiff().to_zoned(zone).datetime();
        now.saturating_add(jiff::Span::new().minutes(minutes)).strftime("%Y-%m-%dT%H:%M").to_string()
    }

    pub fn body(&self, minutes: i64) -> Value {
        json!({
            "site": self.tokyo, "starts": self.at(minutes), "ends": self.at(minutes + 60), "purpose": "点検",
            "guests": [{ "name": "山田 太郎", "mail": "yamada@midori.example", "language": "ja" }],
        })
    }

    /// An appointment of the host from so many minutes from now, for an hour.
    pub async fn visit(&self, minutes: i64) -> Planned {
        let body = self.body(minutes);
        let made = self.host().await.api("POST", "/api/v1/visitors/appointments", body).await;
        Planned::of(&made.expect(201).json())
    }

    /// The same, with a key booked by the host.
    pub async fn visit_with(&self, minutes: i64, key: KeyId) -> Planned {
        let planned = self.visit(minutes).await;
        self.books(&mut self.host().await, &planned, &[key]).await.expect(201);
        self.server.settle().await;
        planned
    }

    pub async fn books(&self, client: &mut Client, planned: &Planned, keys: &[KeyId]) -> Answer {
        client.api("POST", &planned.keys(), json!({ "keys": keys })).await
    }

    /// The guest's own page.
    pub async fn page(&self, planned: &Planned) -> String {
        self.server.stranger().get(&planned.address).await.ok()
    }

    /// The bookings as they lie where keys are kept, oldest first.
    pub async fn bookings(&self) -> Vec<sekisho_keys::tables::bookings::Model> {
        use sekisho_keys::tables::bookings::{Column, Entity};
        let scope = self.server.foundation().store.read(self.server.tenant).await.unwrap();
        scope.find::<Entity>().ascending(Column::Id).all().await.unwrap()
    }

    /// What opens the newest booking.
    pub async fn code(&self) -> String {
        let booking = self.bookings().await.pop().unwrap();
        let place = sekisho_crypto::Place { table: "keys_bookings", column: "code", row: booking.id.uuid() };
        let keys = self.server.foundation().vault.keys(self.server.tenant).await.unwrap();
        keys.open_text(&place, &booking.code_sealed).unwrap()
    }

    pub fn device_cx(&self) -> Cx {
        let actor = Actor::Device { id: self.device };
        Cx::new(self.server.world.clone(), self.server.tenant, actor, Language::Ja)
    }

    pub async fn device_row(&self) -> Device {
        let foundation = self.server.foundation();
        let scope = foundation.store.read(self.server.tenant).await.unwrap();
        foundation.devices.device(&scope, self.device).await.unwrap().unwrap()
    }

    /// The panel of the box asks.
    pub async fn asks(&self, kind: AskKind) -> AnswerKind {
        let n = self.told.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
        let ask = Ask { n, language: Language::Ja, kind };
        self.boxes.asked(&self.device_cx(), &self.device_row().await, ask).await.unwrap().kind
    }

    /// What a booking code opens at the box: the names of keys, or why nothing.
    pub async fn opens(&self, code: &str) -> Result<Vec<String>, String> {
        let by = IdentifyBy::BookingCode(Code::new(code.to_owned()));
        match self.asks(AskKind::Identify { by }).await {
            AnswerKind::Welcome { takeable, .. } => Ok(takeable.into_iter().map(|key| key.name).collect()),
            AnswerKind::Refused { code, .. } => Err(code),
            other => panic!("{other:?}"),
        }
    }

    /// Whoever has that code takes the van out.
    pub async fn takes_van(&self, code: &str) {
        let by = IdentifyBy::BookingCode(Code::new(code.to_owned()));
        let welcome = self.asks(AskKind::Identify { by }).await;
        let AnswerKind::Welcome { session, .. } = welcome else { panic!("{welcome:?}") };
        let released = self.asks(AskKind::Take { session, key: self.van.resource() }).await;
        let AnswerKind::Released { command, bin, .. } = released else { panic!("{released:?}") };
        let fob = Some("FOB-VAN".to_owned());
        self.tells(EventKind::KeyRemoved { bin, fob, command: Some(command) }).await;
    }

    pub async fn tells(&self, kind: EventKind) {
        let cx = self.device_cx();
        let seq = self.told.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
        let event = Event { seq, at: cx.now, prev: [0; 32], kind };
        let mut tx = self.server.foundation().store.begin(&cx).await.unwrap();
        let device = self.device_row().await;
        for entry in self.boxes.received(&mut tx, &device, &[Received { event, at: cx.now }]).await.unwrap() {
            tx.record(entry);
        }
        tx.commit_bookkeeping("test").await.unwrap();
    }

    /// What went out to `who`, oldest first: subject and words.
    pub async fn told(&self, who: &str) -> Vec<String> {
        use sekisho_notify::tables::notify_mailbox::{Column, Entity};
        let scope = self.server.foundation().store.read(self.server.tenant).await.unwrap();
        let all = scope.find::<Entity>().ascending(Column::Id).all().await.unwrap();
        let to = all.into_iter().filter(|mail| mail.recipient.contains(who));
        to.map(|mail| format!("{}\n{}", mail.subject, mail.body)).collect()
    }

    /// A detail of every entry of that act, oldest first.
    pub async fn details(&self, act: &str, name: &str) -> Vec<Value> {
        use sekisho_storage::tables::audit_entries::{Column, Entity};
        let scope = self.server.foundation().store.read(self.server.tenant).await.unwrap();
        let entries = scope.find::<Entity>().filter(Column::Action.eq(act)).ascending(Column::Id).all();
        entries.await.unwrap().into_iter().map(|entry| entry.details.0[name].clone()).collect()
    }

    /// Acts in the record, oldest first.
    pub async fn record(&self) -> Vec<String> {
        use sekisho_storage::tables::audit_entries::{Column, Entity};
        let scope = self.server.foundation().store.read(self.server.tenant).await.unwrap();
        let entries = scope.find::<Entity>().ascending(Column::Id).all().await.unwrap();
        entries.into_iter().map(|entry| entry.action).collect()
    }
}

/// An appointment with one guest.
pub struct Planned {
    pub appointment: String,
    pub visit: String,
    /// The guest's own page.
    pub address: String,
}

impl Planned {
    pub fn of(made: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let visit = &made["visits"][0];
        Self {
            appointment: format!("/api/v1/visitors/appointments/{}", text(&made["id"])),
            visit: format!("/api/v1/visitors/visits/{}", text(&visit["id"])),
            address: text(&visit["address"]),
        }
    }

    pub fn keys(&self) -> String {
        format!("{}/keys", self.visit)
    }
}

/// A box with four bins; of no site, where none is named.
pub async fn box_at(admin: &mut Client, name: &str, site: Option<SiteId>) -> String {
    let body = json!({
        "name": name, "site": site, "directions": "正面玄関を入って左手", "bins": 4, "columns": 2,
        "return_policy": "fixed_bin",
    });
    made(admin, "/api/v1/key-boxes", body).await
}

/// A key that hangs in that bin.
pub async fn key_in(admin: &mut Client, name: &str, fob: &str, place: &str, bin: u16) -> KeyId {
    let body = json!({ "name": name, "fob": fob, "home_box": place, "home_bin": bin, "hangs_there": true });
    made(admin, "/api/v1/keys", body).await.parse().unwrap()
}

/// Of the newest booking: called off, its code finds nothing, and the guest's page shows none.
pub async fn is_off(scene: &Scene, planned: &Planned, code: &str) {
    let newest = scene.bookings().await.pop().unwrap();
    assert_eq!((newest.state, newest.live_code), (BookingState::Cancelled, None));
    let page = scene.page(planned).await;
    assert!(!page.contains(&spaced(code)), "{page}");
}
