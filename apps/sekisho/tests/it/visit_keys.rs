//! A visit carries a booking of keys: both modules as the server joins them, a guest, and a box that exists on paper.

use sea_orm::ColumnTrait as _;
use sekisho_devices::{Device, DeviceAsks as _, DeviceEvents as _, DeviceKind, NewDevice, Received};
use sekisho_kernel::{Actor, Cx, DeviceId, Language, PersonId, ResourceId, SiteId};
use sekisho_keys::tables::words::{BookingState, ReturnPolicy};
use sekisho_keys::{BoxForm, Boxes, KeyForm, KeyId};
use sekisho_places::NewSite;
use sekisho_policy::{NewGrant, Right, Subject, Target};
use sekisho_storage::{Engine, Scoped as _};
use sekisho_testkit::{Client, Colleague, TestServer, hours, minutes, story};
use sekisho_wire::{AnswerKind, Ask, AskKind, Code, Event, EventKind, IdentifyBy};
use serde_json::{Value, json};

use crate::{stage, wiring};

/// A site with a box and two keys in it, somebody who manages them and receives guests, and the desk.
struct Scene {
    server: TestServer,
    boxes: Boxes,
    device: DeviceId,
    tokyo: SiteId,
    osaka: SiteId,
    van: KeyId,
    store_room: KeyId,
    /// Hangs at another site.
    far: KeyId,
    /// Manages the keys in Tokyo.
    host: Colleague,
    /// Of Tokyo.
    desk: Colleague,
    told: std::sync::atomic::AtomicU64,
}

impl Scene {
    async fn on(engine: Engine) -> Self {
        let server = TestServer::start(engine, stage::migrations(), stage::mounts).await;
        let foundation = server.foundation();
        let keys = wiring::keys(foundation);
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
        let form = |name: &str, site| BoxForm {
            name: name.to_owned(),
            site: Some(site),
            directions: "正面玄関を入って左手".to_owned(),
            bins: 4,
            columns: 2,
            return_policy: ReturnPolicy::FixedBin,
            seen: Default::default(),
        };
        let here = sekisho_keys::add_box(&keys, &cx, form("1階キーボックス", tokyo)).await.unwrap();
        let there = sekisho_keys::add_box(&keys, &cx, form("大阪のボックス", osaka)).await.unwrap();
        sekisho_keys::connect_box(&keys, &cx, here, Some(device)).await.unwrap();
        let key = |name: &str, fob: &str, place, bin| KeyForm {
            name: name.to_owned(),
            fob: Some(fob.to_owned()),
            home_box: Some(place),
            home_bin: Some(bin),
            hangs_there: true,
            ..KeyForm::default()
        };
        let van = sekisho_keys::add_key(&keys, &cx, key("社用車3号", "FOB-VAN", here, 1)).await.unwrap();
        let store = key("機械室", "FOB-STORE", here, 2);
        let store_room = sekisho_keys::add_key(&keys, &cx, store).await.unwrap();
        let far = sekisho_keys::add_key(&keys, &cx, key("大阪の鍵", "FOB-FAR", there, 1)).await.unwrap();
        let host = server.colleague("host").await;
        let desk = server.colleague("desk").await;
        let boxes = Boxes::new(keys);
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
    async fn grant(&self, person: PersonId, id: ResourceId) {
        let foundation = self.server.foundation();
        let mut tx = foundation.store.begin(&self.server.cx()).await.unwrap();
        let grant = NewGrant::always(Subject::Person(person), Right::Manage, Target::Resource { id });
        foundation.policy.grant(&mut tx, grant).await.unwrap();
        tx.commit_bookkeeping("test").await.unwrap();
    }

    async fn host(&self) -> Client {
        self.server.signed_in(&self.host).await
    }

    /// A wall-clock time in Tokyo, so many minutes from now.
    fn at(&self, minutes: i64) -> String {
        let zone = sekisho_web::zone_of("Asia/Tokyo");
        let now = self.server.cx().now.to_jiff().to_zoned(zone).datetime();
        now.saturating_add(jiff::Span::new().minutes(minutes)).strftime("%Y-%m-%dT%H:%M").to_string()
    }

    fn body(&self, minutes: i64) -> Value {
        json!({
            "site": self.tokyo, "starts": self.at(minutes), "ends": self.at(minutes + 60), "purpose": "点検",
            "guests": [{ "name": "山田 太郎", "mail": "yamada@midori.example", "language": "ja" }],
        })
    }

    /// An appointment of the host from so many minutes from now, for an hour.
    async fn visit(&self, minutes: i64) -> Planned {
        let body = self.body(minutes);
        let made = self.host().await.api("POST", "/api/v1/visitors/appointments", body).await;
        Planned::of(&made.expect(201).json())
    }

    /// The same, with a key booked by the host.
    async fn visit_with(&self, minutes: i64, key: KeyId) -> Planned {
        let planned = self.visit(minutes).await;
        self.books(&mut self.host().await, &planned, &[key]).await.expect(201);
        self.server.settle().await;
        planned
    }

    async fn books(&self, client: &mut Client, planned: &Planned, keys: &[KeyId]) -> sekisho_testkit::Answer {
        client.api("POST", &planned.keys(), json!({ "keys": keys })).await
    }

    /// The guest's own page.
    async fn page(&self, planned: &Planned) -> String {
        self.server.stranger().get(&planned.address).await.ok()
    }

    /// The bookings as they lie where keys are kept, oldest first.
    async fn bookings(&self) -> Vec<sekisho_keys::tables::bookings::Model> {
        use sekisho_keys::tables::bookings::{Column, Entity};
        let scope = self.server.foundation().store.read(self.server.tenant).await.unwrap();
        scope.find::<Entity>().ascending(Column::Id).all().await.unwrap()
    }

    /// What opens the newest booking.
    async fn code(&self) -> String {
        let booking = self.bookings().await.pop().unwrap();
        let place = sekisho_crypto::Place { table: "keys_bookings", column: "code", row: booking.id.uuid() };
        let keys = self.server.foundation().vault.keys(self.server.tenant).await.unwrap();
        keys.open_text(&place, &booking.code_sealed).unwrap()
    }

    fn device_cx(&self) -> Cx {
        let actor = Actor::Device { id: self.device };
        Cx::new(self.server.world.clone(), self.server.tenant, actor, Language::Ja)
    }

    async fn device_row(&self) -> Device {
        let foundation = self.server.foundation();
        let scope = foundation.store.read(self.server.tenant).await.unwrap();
        foundation.devices.device(&scope, self.device).await.unwrap().unwrap()
    }

    /// The panel of the box asks.
    async fn asks(&self, kind: AskKind) -> AnswerKind {
        let n = self.told.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
        let ask = Ask { n, language: Language::Ja, kind };
        self.boxes.asked(&self.device_cx(), &self.device_row().await, ask).await.unwrap().kind
    }

    /// What a booking code opens at the box: the names of keys, or why nothing.
    async fn opens(&self, code: &str) -> Result<Vec<String>, String> {
        let by = IdentifyBy::BookingCode(Code::new(code.to_owned()));
        match self.asks(AskKind::Identify { by }).await {
            AnswerKind::Welcome { takeable, .. } => Ok(takeable.into_iter().map(|key| key.name).collect()),
            AnswerKind::Refused { code, .. } => Err(code),
            other => panic!("{other:?}"),
        }
    }

    /// Whoever has that code takes the van out.
    async fn takes_van(&self, code: &str) {
        let by = IdentifyBy::BookingCode(Code::new(code.to_owned()));
        let welcome = self.asks(AskKind::Identify { by }).await;
        let AnswerKind::Welcome { session, .. } = welcome else { panic!("{welcome:?}") };
        let released = self.asks(AskKind::Take { session, key: self.van.resource() }).await;
        let AnswerKind::Released { command, bin, .. } = released else { panic!("{released:?}") };
        let fob = Some("FOB-VAN".to_owned());
        self.tells(EventKind::KeyRemoved { bin, fob, command: Some(command) }).await;
    }

    async fn tells(&self, kind: EventKind) {
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
    async fn told(&self, who: &str) -> Vec<String> {
        use sekisho_notify::tables::notify_mailbox::{Column, Entity};
        let scope = self.server.foundation().store.read(self.server.tenant).await.unwrap();
        let all = scope.find::<Entity>().ascending(Column::Id).all().await.unwrap();
        let to = all.into_iter().filter(|mail| mail.recipient.contains(who));
        to.map(|mail| format!("{}\n{}", mail.subject, mail.body)).collect()
    }

    /// Acts in the record, oldest first.
    async fn record(&self) -> Vec<String> {
        use sekisho_storage::tables::audit_entries::{Column, Entity};
        let scope = self.server.foundation().store.read(self.server.tenant).await.unwrap();
        let entries = scope.find::<Entity>().ascending(Column::Id).all().await.unwrap();
        entries.into_iter().map(|entry| entry.action).collect()
    }
}

/// An appointment with one guest.
struct Planned {
    appointment: String,
    visit: String,
    /// The guest's own page.
    address: String,
}

impl Planned {
    fn of(made: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let visit = &made["visits"][0];
        Self {
            appointment: format!("/api/v1/visitors/appointments/{}", text(&made["id"])),
            visit: format!("/api/v1/visitors/visits/{}", text(&visit["id"])),
            address: text(&visit["address"]),
        }
    }

    fn keys(&self) -> String {
        format!("{}/keys", self.visit)
    }
}

/// A code in two halves, as pages and mails show it.
fn halves(code: &str) -> String {
    let (first, second) = code.split_at(4);
    format!("{first} {second}")
}

story!(a_guest_finds_the_code_on_their_page_and_takes_the_key_at_the_box, |scene| {
    let planned = scene.visit(30).await;
    let mut host = scene.host().await;
    let page = host.get(&planned.appointment.replace("/api/v1", "")).await.ok();
    assert!(page.contains("鍵を予約") && page.contains("予約した鍵はありません"), "{page}");
    let offered = host.get(&format!("{}/offered", planned.keys())).await.expect(200).json();
    let names: Vec<&str> =
        offered["items"].as_array().unwrap().iter().map(|key| key["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["機械室", "社用車3号"], "those of this site, by name");
    host.get(&planned.keys()).await.expect(404);
    let booked = scene.books(&mut host, &planned, &[scene.van]).await.expect(201).json();
    assert_eq!((&booked["keys"][0]["name"], &booked["state"]), (&json!("社用車3号"), &json!("booked")));
    scene.server.settle().await;
    let code = scene.code().await;
    assert!(!booked.to_string().contains(&code), "the code is the guest's: {booked}");

    // The guest: page and mail.
    let page = scene.page(&planned).await;
    for word in [&*halves(&code), "社用車3号", "1階キーボックス", "正面玄関を入って左手", "href=\"/b/"]
    {
        assert!(page.contains(word), "{word}: {page}");
    }
    let own = page.split_once("href=\"/b/").unwrap().1.split('"').next().unwrap().to_owned();
    assert!(scene.server.stranger().get(&format!("/b/{own}")).await.ok().contains(&halves(&code)));
    let mails = scene.told("yamada@").await;
    let mail = mails.iter().find(|mail| mail.contains(&halves(&code))).unwrap();
    assert!(mail.contains("社用車3号") && mail.contains("鍵のご案内"), "{mail}");
    assert_eq!(mails.len(), 2, "the invitation, and the keys once: {mails:?}");

    // Who plans the visit sees that there are keys, and no code.
    let page = host.get(&planned.appointment.replace("/api/v1", "")).await.ok();
    assert!(page.contains("社用車3号") && !page.contains(&halves(&code)), "{page}");
    let offered = host.get(&format!("{}/offered", planned.keys())).await.expect(200).json();
    assert_eq!(offered["items"][1]["free"], json!(false), "{offered}");
    // Nobody else gets the van then.
    let other = scene.visit(60).await;
    let taken = scene.books(&mut host, &other, &[scene.van]).await.expect(422);
    assert!(taken.text.contains("ほかの予約"), "{}", taken.text);
    assert_eq!(scene.bookings().await.len(), 1);

    // At the box.
    assert_eq!(scene.opens(&code).await, Err("not_yet".to_owned()));
    scene.server.advance(minutes(31)).await;
    assert_eq!(scene.opens(&code).await, Ok(vec!["社用車3号".to_owned()]));
    scene.takes_van(&code).await;
    assert_eq!(host.get(&planned.keys()).await.expect(200).json()["state"], "out");
    assert!(scene.page(&planned).await.contains("鍵はお手元にあります"));
    let record = scene.record().await;
    for act in ["key.book", "visit.book_keys", "key.take_out"] {
        assert_eq!(record.iter().filter(|done| *done == act).count(), 1, "{act}: {record:?}");
    }
    // Its time over, the page speaks of it as long as the key is away.
    scene.server.advance(hours(2)).await;
    let page = scene.page(&planned).await;
    assert!(page.contains("鍵はお手元にあります") && !page.contains(&halves(&code)), "{page}");
    scene.tells(EventKind::KeyInserted { bin: 1, fob: "FOB-VAN".into(), command: None }).await;
    assert!(!scene.page(&planned).await.contains("鍵のご案内"));
});

story!(keys_move_with_the_visit, |scene| {
    let planned = scene.visit_with(60, scene.van).await;
    let code = scene.code().await;
    let mut host = scene.host().await;
    host.api("PUT", &planned.appointment, scene.body(180)).await.expect(204);
    // At once, and by the code they had.
    let visit = host.get(&planned.visit).await.expect(200).json();
    let keys = host.get(&planned.keys()).await.expect(200).json();
    assert_eq!((&keys["starts_at"], &keys["ends_at"]), (&visit["starts_at"], &visit["ends_at"]));
    assert_eq!(scene.code().await, code);
    assert!(scene.page(&planned).await.contains(&halves(&code)));
    scene.server.settle().await;
    let mails = scene.told("yamada@").await;
    assert_eq!(mails.iter().filter(|mail| mail.contains(&halves(&code))).count(), 2, "{mails:?}");
    // The job that is left in case nothing more was done finds nothing to do.
    scene.server.advance(minutes(61)).await;
    let record = scene.record().await;
    assert_eq!(record.iter().filter(|act| *act == "key.move_booking").count(), 1, "{record:?}");
    assert_eq!(scene.told("yamada@").await.len(), mails.len());
    assert_eq!(scene.opens(&code).await, Err("not_yet".to_owned()));
    // The time that was left is free for others, and the old end does not end it.
    let other = scene.visit(1).await;
    scene.books(&mut host, &other, &[scene.van]).await.expect(201);
    scene.server.advance(minutes(121)).await;
    assert_eq!(scene.opens(&code).await, Ok(vec!["社用車3号".to_owned()]));
    // The new end does.
    scene.server.advance(hours(2)).await;
    assert!(scene.bookings().await.iter().all(|row| row.state == BookingState::Over));
    let mut host = scene.host().await;
    // What is changed without another time leaves them alone.
    let alike = scene.visit_with(300, scene.store_room).await;
    let mut body = scene.body(300);
    body["place"] = json!("3階 会議室A");
    host.api("PUT", &alike.appointment, body).await.expect(204);
    assert_eq!(host.get(&alike.keys()).await.expect(200).json()["state"], "booked");
});

/// Of the newest booking: called off, its code finds nothing, and the guest's page shows none.
async fn is_off(scene: &Scene, planned: &Planned, code: &str) {
    let newest = scene.bookings().await.pop().unwrap();
    assert_eq!((newest.state, newest.live_code), (BookingState::Cancelled, None));
    let page = scene.page(planned).await;
    assert!(!page.contains(&halves(code)), "{page}");
}

story!(keys_that_cannot_come_along_are_called_off_and_the_host_is_told, |scene| {
    // Somebody else has the van at the new time.
    let planned = scene.visit_with(60, scene.van).await;
    let code = scene.code().await;
    let mut host = scene.host().await;
    let rival = json!({
        "keys": [scene.van], "guest_name": "別の 客", "starts": scene.at(200), "ends": scene.at(260),
    });
    let mut admin = scene.server.administrator().await;
    let rival = admin.api("POST", "/api/v1/key-bookings", rival).await.expect(201).json();
    host.api("PUT", &planned.appointment, scene.body(190)).await.expect(204);
    scene.server.settle().await;
    let visit = host.get(&planned.visit).await.expect(200).json();
    let keys = scene.bookings().await;
    assert_eq!(
        keys.iter().map(|row| row.state).collect::<Vec<_>>(),
        [BookingState::Cancelled, BookingState::Booked]
    );
    assert_ne!(serde_json::to_value(keys[0].starts_at).unwrap(), visit["starts_at"], "the visit moved alone");
    assert_eq!(scene.opens(&code).await, Err("wrong_code".to_owned()));
    assert!(!scene.page(&planned).await.contains(&halves(&code)));
    let told = scene.told("host@").await.join("\n");
    assert!(told.contains("鍵の予約が取り消されました") && told.contains("ほかの予約が入っている"), "{told}");
    let guest = scene.told("yamada@").await.join("\n");
    assert!(guest.contains("予約コードはお使いいただけません"), "{guest}");
    assert_eq!(scene.opens(rival["code"].as_str().unwrap()).await, Err("not_yet".to_owned()));

    // A deputy may move the visit, and has no right to the keys.
    let planned = scene.visit_with(60, scene.store_room).await;
    let code = scene.code().await;
    let deputy = scene.server.colleague("deputy").await;
    let mut body = scene.body(60);
    body["deputies"] = json!([deputy.person]);
    host.api("PUT", &planned.appointment, body).await.expect(204);
    assert_eq!(scene.bookings().await.pop().unwrap().state, BookingState::Booked);
    let mut body = scene.body(180);
    (body["host"], body["deputies"]) = (json!(scene.host.person), json!([deputy.person]));
    scene.server.signed_in(&deputy).await.api("PUT", &planned.appointment, body).await.expect(204);
    is_off(&scene, &planned, &code).await;
    assert_eq!(scene.opens(&code).await, Err("wrong_code".to_owned()));
    scene.server.settle().await;
    let told = scene.told("host@").await.pop().unwrap();
    assert!(told.contains("予約する権限がない") && told.contains("機械室"), "{told}");
    // And the host books again.
    scene.books(&mut host, &planned, &[scene.store_room]).await.expect(201);
    assert!(scene.page(&planned).await.contains(&halves(&scene.code().await)));

    // A key that was taken before stays with its holder, due when it was.
    let planned = scene.visit_with(30, scene.van).await;
    let code = scene.code().await;
    scene.server.advance(minutes(31)).await;
    scene.takes_van(&code).await;
    host.api("PUT", &planned.appointment, scene.body(400)).await.expect(204);
    is_off(&scene, &planned, &code).await;
    scene.server.settle().await;
    assert!(scene.told("host@").await.pop().unwrap().contains("すでに持ち出されていた"));
    let van = admin.get(&format!("/api/v1/keys/{}", scene.van)).await.expect(200).json();
    assert_eq!((&van["state"], &van["holder_name"]), (&json!("out"), &json!("山田 太郎")));
    let was_until = scene.bookings().await.pop().unwrap().ends_at;
    assert_eq!(van["due"], serde_json::to_value(was_until).unwrap());
});

story!(keys_are_called_off_with_the_visit_whichever_way, |scene| {
    let mut host = scene.host().await;
    // The appointment as a whole.
    let planned = scene.visit_with(60, scene.van).await;
    let code = scene.code().await;
    host.api("DELETE", &planned.appointment, Value::Null).await.expect(204);
    is_off(&scene, &planned, &code).await;
    assert_eq!(scene.opens(&code).await, Err("wrong_code".to_owned()));
    scene.server.settle().await;
    let told = scene.told("yamada@").await.pop().unwrap();
    assert!(told.contains("ご来訪の取り消し"), "the visit's own mail says it: {told}");
    // One guest of it.
    let planned = scene.visit_with(60, scene.van).await;
    let code = scene.code().await;
    host.api("DELETE", &planned.visit, Value::Null).await.expect(204);
    is_off(&scene, &planned, &code).await;
    // The guest, on their page.
    let planned = scene.visit_with(60, scene.van).await;
    let code = scene.code().await;
    scene.server.stranger().post(&format!("{}/cancel", planned.address), &[]).await.expect(303);
    is_off(&scene, &planned, &code).await;
    // The guest is refused at the reception.
    let planned = scene.visit_with(60, scene.van).await;
    let code = scene.code().await;
    let mut desk = scene.server.signed_in(&scene.desk).await;
    desk.api("POST", &format!("{}/refuse", planned.visit), Value::Null).await.expect(204);
    is_off(&scene, &planned, &code).await;
    // By the button in the message of the arrival.
    let planned = scene.visit_with(60, scene.van).await;
    let code = scene.code().await;
    desk.api("POST", &format!("{}/arrive", planned.visit), Value::Null).await.expect(204);
    scene.server.settle().await;
    let mails = scene.server.foundation().notify.mailbox(&scene.server.cx(), 50).await.unwrap();
    let mut links =
        mails.iter().filter(|mail| mail.recipient.contains("host@")).flat_map(|mail| &mail.links.0);
    let button = links.find_map(|(_, url)| url.split_once("/act/")).unwrap().1;
    let secret = button.split('.').next().unwrap();
    scene.server.stranger().post(&format!("/act/{secret}.4"), &[]).await.ok();
    is_off(&scene, &planned, &code).await;
    // The guest has another mail address: whoever read the old mail gets nothing.
    let planned = scene.visit_with(60, scene.van).await;
    let other = json!({ "name": "山田 太郎", "mail": "taro@midori.example" });
    host.api("PUT", &format!("{}/guest", planned.visit), other).await.expect(204);
    let newest = scene.bookings().await.pop().unwrap();
    assert_eq!((newest.state, newest.live_code), (BookingState::Cancelled, None));
    scene.server.stranger().get(&planned.address).await.expect(404);
    scene.server.settle().await;
    assert!(scene.told("host@").await.pop().unwrap().contains("来訪者の情報"));
    // The visit is at another site.
    let planned = scene.visit_with(60, scene.van).await;
    let code = scene.code().await;
    let mut body = scene.body(60);
    body["site"] = json!(scene.osaka);
    host.api("PUT", &planned.appointment, body).await.expect(204);
    is_off(&scene, &planned, &code).await;
    // The keys alone.
    let planned = scene.visit_with(60, scene.van).await;
    let code = scene.code().await;
    host.api("DELETE", &planned.keys(), Value::Null).await.expect(204);
    host.api("DELETE", &planned.keys(), Value::Null).await.expect(404);
    is_off(&scene, &planned, &code).await;
    scene.server.settle().await;
    assert!(scene.told("yamada@").await.pop().unwrap().contains("鍵の予約の取り消し"));
    assert_eq!(host.get(&planned.visit).await.expect(200).json()["state"], "invited");
    // Where the keys are kept: the page says so, and others can be booked.
    let planned = scene.visit_with(60, scene.van).await;
    let id = scene.bookings().await.pop().unwrap().id;
    let code = scene.code().await;
    host.api("DELETE", &format!("/api/v1/key-bookings/{id}"), Value::Null).await.expect(204);
    is_off(&scene, &planned, &code).await;
    assert!(scene.page(&planned).await.contains("鍵の予約は取り消されました"));
    assert_eq!(host.get(&planned.keys()).await.expect(200).json()["state"], "called_off");
    scene.books(&mut host, &planned, &[scene.store_room]).await.expect(201);
    assert_eq!(host.get(&planned.keys()).await.expect(200).json()["state"], "booked");
});

story!(keys_follow_a_series_that_is_moved_and_called_off, |scene| {
    let mut host = scene.host().await;
    let series = async || {
        let mut body = scene.body(120);
        body["repeat"] = json!({ "rule": "FREQ=DAILY;COUNT=3" });
        scene.host().await.api("POST", "/api/v1/visitors/appointments", body).await.expect(201).json()
    };
    // The visits of its second and third day.
    let later = async |made: &Value| {
        let mut later = Vec::new();
        for day in 1..3 {
            let id = made["series"]["occurrences"][day]["id"].as_str().unwrap();
            let appointment = format!("/api/v1/visitors/appointments/{id}");
            let visit =
                scene.host().await.get(&appointment).await.expect(200).json()["visits"][0]["id"].clone();
            let visit = format!("/api/v1/visitors/visits/{}", visit.as_str().unwrap());
            later.push(Planned { appointment, visit, address: String::new() });
        }
        later
    };
    let states = async |days: &[Planned]| {
        let mut states = Vec::new();
        for day in days {
            let answer = scene.host().await.get(&day.keys()).await;
            states.push((answer.status.as_u16(), answer.json()["state"].clone()));
        }
        states
    };
    let booked = (200, json!("booked"));
    let made = series().await;
    let days = later(&made).await;
    scene.books(&mut host, &days[0], &[scene.van]).await.expect(201);
    scene.books(&mut host, &days[1], &[scene.van]).await.expect(201);
    assert_eq!(states(&days).await, [booked.clone(), booked.clone()]);
    // Both are moved by an hour with their days.
    let mut body = scene.body(120);
    let tomorrow = |minutes: i64| scene.at(minutes + 24 * 60);
    (body["starts"], body["ends"]) = (json!(tomorrow(180)), json!(tomorrow(240)));
    host.api("PUT", &format!("{}/following", days[0].appointment), body).await.expect(204);
    for day in &days {
        let visit = host.get(&day.visit).await.expect(200).json();
        let keys = host.get(&day.keys()).await.expect(200).json();
        assert_eq!((&keys["starts_at"], &keys["ends_at"]), (&visit["starts_at"], &visit["ends_at"]));
    }
    // One guest of what follows is taken off; then everything that follows is called off.
    host.api("DELETE", &format!("{}/following", days[1].visit), Value::Null).await.expect(204);
    let off = |state: &(u16, Value)| *state != booked;
    let now = states(&days).await;
    assert!(!off(&now[0]) && off(&now[1]), "{now:?}");
    host.api("DELETE", &format!("{}/following", days[0].appointment), Value::Null).await.expect(204);
    assert!(states(&days).await.iter().all(off));
    assert!(scene.bookings().await.iter().all(|row| row.state == BookingState::Cancelled));
    // The guest calls off all that is to come.
    let made = series().await;
    let days = later(&made).await;
    scene.books(&mut host, &days[1], &[scene.van]).await.expect(201);
    let page = made["visits"][0]["address"].as_str().unwrap();
    scene.server.stranger().post(&format!("{page}/cancel"), &[("which", "all")]).await.expect(303);
    assert!(scene.bookings().await.iter().all(|row| row.state == BookingState::Cancelled));
});

story!(a_corrected_name_is_corrected_where_the_keys_are, |scene| {
    let planned = scene.visit_with(60, scene.van).await;
    let mut host = scene.host().await;
    let corrected = json!({ "name": "山田 太朗", "mail": "yamada@midori.example" });
    host.api("PUT", &format!("{}/guest", planned.visit), corrected).await.expect(204);
    let id = scene.bookings().await.pop().unwrap().id;
    let path = format!("/api/v1/key-bookings/{id}");
    assert_eq!(host.get(&path).await.expect(200).json()["name"], "山田 太朗");
    scene.server.advance(minutes(5)).await;
    let record = scene.record().await;
    assert_eq!(record.iter().filter(|act| *act == "key.correct_booking").count(), 1, "{record:?}");
});

story!(an_erased_guest_leaves_nothing_where_keys_are_kept, |scene| {
    use sekisho_notify::tables::notify_deliveries;
    let planned = scene.visit_with(30, scene.van).await;
    let code = scene.code().await;
    let mut admin = scene.server.administrator().await;
    let guest = admin.get(&planned.visit).await.expect(200).json()["guest"].as_str().unwrap().to_owned();
    let guest = format!("/api/v1/visitors/guests/{guest}");
    scene.server.advance(minutes(31)).await;
    scene.takes_van(&code).await;
    // One more, called off before: it, too, knew them. The maker hears of it, by name of the key.
    let second = scene.visit_with(200, scene.store_room).await;
    let off = scene.bookings().await.pop().unwrap().id;
    admin.api("DELETE", &format!("/api/v1/key-bookings/{off}"), Value::Null).await.expect(204);
    admin.api("DELETE", &second.appointment, Value::Null).await.expect(204);
    scene.server.advance(hours(24)).await;
    let mut admin = scene.server.administrator().await;
    // Who would be asked for the key?
    let refused = admin.api("DELETE", &guest, Value::Null).await.expect(422);
    assert!(refused.text.contains("まだ鍵を持ち出しています"), "{}", refused.text);
    scene.tells(EventKind::KeyInserted { bin: 1, fob: "FOB-VAN".into(), command: None }).await;
    admin.api("DELETE", &guest, Value::Null).await.expect(204);

    let rows = scene.bookings().await;
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|row| row.guest_sealed.is_none() && row.mail_sealed.is_none()), "{rows:?}");
    let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    let about = notify_deliveries::Column::AboutKind.eq("booking");
    let told = scope.find::<notify_deliveries::Entity>().filter(about).all().await.unwrap();
    assert!(!told.is_empty() && told.iter().all(|row| row.content.is_empty()), "{told:?}");
    let linked = scope.find::<sekisho_visitors::tables::booked_keys::Entity>().count().await.unwrap();
    assert_eq!(linked, 0);
    drop(scope);
    // That the key was away, and when, stays.
    let loans = admin.get("/keys/reports?show=loans").await;
    assert!(!loans.text.contains("山田"), "{}", loans.text);
    let booking = admin.get(&format!("/api/v1/key-bookings/{}", rows[0].id)).await.expect(200).json();
    assert_eq!((&booking["name"], &booking["keys"][0]["name"]), (&json!(""), &json!("社用車3号")));
});

story!(nobody_gives_out_keys_they_do_not_manage, |scene| {
    // A colleague with a guest of their own, and no right to any key.
    let plain = scene.server.colleague("plain").await;
    let mut colleague = scene.server.signed_in(&plain).await;
    let made = colleague.api("POST", "/api/v1/visitors/appointments", scene.body(60)).await.expect(201);
    let planned = Planned::of(&made.json());
    let page = colleague.get(&planned.appointment.replace("/api/v1", "")).await.ok();
    assert!(
        !page.contains("鍵を予約") && !page.contains("予約した鍵"),
        "nothing to book, nothing to see: {page}"
    );
    let offered = colleague.get(&format!("{}/offered", planned.keys())).await.expect(200).json();
    assert_eq!(offered["items"], json!([]));
    let form = format!("{}/keys", planned.appointment.replace("/api/v1", ""));
    assert!(colleague.get(&form).await.ok().contains("予約できる鍵がありません"));
    let refused = scene.books(&mut colleague, &planned, &[scene.van]).await.expect(422);
    assert!(refused.text.contains("その鍵はありません"), "{}", refused.text);
    // Taking a key is not giving it out.
    let foundation = scene.server.foundation();
    let mut tx = foundation.store.begin(&scene.server.cx()).await.unwrap();
    let target = Target::Resource { id: scene.van.resource() };
    let use_it = NewGrant::always(Subject::Person(plain.person), Right::Exchange, target);
    foundation.policy.grant(&mut tx, use_it).await.unwrap();
    tx.commit_bookkeeping("test").await.unwrap();
    scene.books(&mut colleague, &planned, &[scene.van]).await.expect(422);
    // The host manages the keys, and has nothing to do with that visit; a key that never was, and one of another site.
    let mut host = scene.host().await;
    scene.books(&mut host, &planned, &[scene.van]).await.expect(404);
    host.get(&planned.keys()).await.expect(404);
    let own = scene.visit(60).await;
    let never: KeyId = "0190d3c0-0000-7000-8000-000000000001".parse().unwrap();
    scene.books(&mut host, &own, &[never]).await.expect(422);
    scene.books(&mut host, &own, &[scene.far]).await.expect(422);
    scene.books(&mut host, &own, &[]).await.expect(422);
    // Another organisation.
    let (_, mut globex) = scene.server.other_tenant("globex").await;
    for path in [own.keys(), format!("{}/offered", own.keys())] {
        globex.get(&path).await.expect(404);
    }
    scene.books(&mut globex, &own, &[scene.van]).await.expect(404);
    globex.api("DELETE", &own.keys(), Value::Null).await.expect(404);
    assert!(scene.bookings().await.is_empty());
    let row = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    let linked = row.find::<sekisho_visitors::tables::booked_keys::Entity>().count().await.unwrap();
    drop(row);
    assert_eq!(linked, 0, "what was refused leaves nothing behind");
    // Two keys, one code.
    scene.books(&mut host, &own, &[scene.van, scene.store_room]).await.expect(201);
    scene.server.advance(minutes(61)).await;
    let code = scene.code().await;
    assert_eq!(scene.opens(&code).await.unwrap().len(), 2);
});
