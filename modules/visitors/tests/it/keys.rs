//! Keys beside a visit, with somebody who stands in for whoever keeps them: without anybody, when they fail half-way, twice the
//! same. What the real ones say is tried by the product's own tests.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use sekisho_host::Fault;
use sekisho_kernel::{Cx, PersonId};
use sekisho_storage::{Engine, Scoped as _, StoreError};
use sekisho_testkit::{Client, hours, minutes};
use sekisho_visitors::key_bookings::{
    BookAsk, Booking, GuestKey, GuestKeys, KeyBookings, KeyGuest, KeysError, KeysRefusal, OfferAsk,
    OfferedKey, Time,
};
use serde_json::{Value, json};
use tokio::sync::{Mutex, Notify};
use uuid::Uuid;

const VAN: Uuid = Uuid::from_u128(1);

/// A booking as the stand-in has it.
#[derive(Clone, Debug)]
struct Kept {
    time: Time,
    guest: Option<String>,
    called_off: bool,
}

/// Whoever keeps one key, the van.
#[derive(Default)]
struct StandIn {
    kept: Mutex<BTreeMap<Uuid, Kept>>,
    /// Who moved something, in their order.
    movers: Mutex<Vec<Option<PersonId>>>,
    /// Nothing can be heard of it: what is asked of it is done, or not, and the answer is lost.
    deaf: AtomicBool,
    /// What is asked of it is not done either.
    dead: AtomicBool,
    /// The guest has the key.
    out: AtomicBool,
    /// Booking waits at this gate.
    gated: AtomicBool,
    came: Notify,
    go: Notify,
}

impl StandIn {
    fn lost(&self) -> Result<(), Fault> {
        let lost = self.deaf.load(Ordering::SeqCst) || self.dead.load(Ordering::SeqCst);
        let error = || sea_orm::DbErr::Custom("the answer was lost".to_owned());
        if lost { Err(StoreError::from(error()).into()) } else { Ok(()) }
    }

    fn acts(&self) -> Result<(), Fault> {
        if self.dead.load(Ordering::SeqCst) { self.lost() } else { Ok(()) }
    }

    /// What stands and was not called off.
    async fn standing_now(&self) -> Vec<Kept> {
        self.kept.lock().await.values().filter(|kept| !kept.called_off).cloned().collect()
    }
}

#[async_trait]
impl KeyBookings for StandIn {
    async fn offered(&self, _: &Cx, ask: &OfferAsk) -> Result<Vec<OfferedKey>, Fault> {
        let kept = self.standing_now().await;
        let free = kept.iter().all(|kept| kept.time != ask.time);
        Ok(vec![OfferedKey { id: VAN, name: "Van".to_owned(), place: "Box A".to_owned(), free }])
    }

    async fn book(&self, _: &Cx, ask: BookAsk) -> Result<(), KeysError> {
        self.acts()?;
        if self.gated.load(Ordering::SeqCst) {
            self.came.notify_one();
            self.go.notified().await;
        }
        if ask.keys != [VAN] {
            return Err(KeysError::Refused(KeysRefusal::NotYours));
        }
        let guest = Some(ask.guest.name);
        let kept = Kept { time: ask.time, guest, called_off: false };
        let before = self.kept.lock().await.insert(ask.booking.id, kept);
        assert!(before.is_none(), "an id is used once");
        Ok(self.lost()?)
    }

    async fn move_to(&self, cx: &Cx, of: Booking, time: Time) -> Result<(), KeysError> {
        self.acts()?;
        self.movers.lock().await.push(cx.actor.person());
        if let Some(kept) = self.kept.lock().await.get_mut(&of.id) {
            kept.time = time;
        }
        Ok(self.lost()?)
    }

    async fn correct(&self, _: &Cx, of: Booking, guest: KeyGuest) -> Result<(), Fault> {
        self.acts()?;
        if let Some(kept) = self.kept.lock().await.get_mut(&of.id) {
            kept.guest = Some(guest.name);
        }
        self.lost()
    }

    async fn call_off(&self, _: &Cx, of: Booking) -> Result<(), Fault> {
        self.acts()?;
        if let Some(kept) = self.kept.lock().await.get_mut(&of.id) {
            kept.called_off = true;
        }
        self.lost()
    }

    async fn forget(&self, _: &Cx, bookings: &[Uuid]) -> Result<(), Fault> {
        self.acts()?;
        for id in bookings {
            if let Some(kept) = self.kept.lock().await.get_mut(id) {
                (kept.guest, kept.called_off) = (None, true);
            }
        }
        self.lost()
    }

    async fn standing(&self, cx: &Cx, bookings: &[Uuid]) -> Result<Vec<GuestKeys>, Fault> {
        let kept = self.kept.lock().await;
        let told = |id: &Uuid| {
            let one = kept.get(id)?;
            let stands = !one.called_off && one.time.ends_at > cx.now;
            Some(GuestKeys {
                id: *id,
                keys: vec![GuestKey {
                    name: "Van".to_owned(),
                    place: "Box A".to_owned(),
                    directions: String::new(),
                }],
                time: one.time,
                zone: "Asia/Tokyo".to_owned(),
                code: stands.then(|| "13572468".to_owned()),
                address: "/b/0123".to_owned(),
                called_off: one.called_off,
                out: self.out.load(Ordering::SeqCst),
            })
        };
        Ok(bookings.iter().filter_map(told).collect())
    }
}

/// The stage with the stand-in.
struct Scene {
    stage: crate::scene::Scene,
    port: Arc<StandIn>,
}

impl Deref for Scene {
    type Target = crate::scene::Scene;
    fn deref(&self) -> &Self::Target {
        &self.stage
    }
}

impl Scene {
    async fn on(engine: Engine) -> Self {
        let port = Arc::new(StandIn::default());
        let stage = crate::scene::Scene::beside(engine, Some(port.clone())).await;
        Self { stage, port }
    }

    async fn client(&self) -> Client {
        self.server.signed_in(&self.stage.host).await
    }

    /// An appointment of the host in so many minutes: its path, its visit, the guest's page.
    async fn planned(&self, minutes: i64) -> (String, String, String) {
        let made = self.made(self.body(minutes)).await;
        self.server.settle().await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (
            format!("/api/v1/visitors/appointments/{}", text(&made["id"])),
            format!("/api/v1/visitors/visits/{}", text(&made["visits"][0]["id"])),
            text(&made["visits"][0]["address"]),
        )
    }

    async fn page(&self, address: &str) -> String {
        self.server.stranger().get(address).await.ok()
    }

    async fn rows(&self) -> Vec<sekisho_visitors::tables::booked_keys::Model> {
        let scope = self.server.foundation().store.read(self.server.tenant).await.unwrap();
        scope.find::<sekisho_visitors::tables::booked_keys::Entity>().all().await.unwrap()
    }
}

const CODE: &str = "1357 2468";

fn van() -> Value {
    json!({ "keys": [VAN] })
}

mod without_anybody_who_keeps_keys {
    use super::*;

    async fn told(scene: crate::scene::Scene) {
        let made = scene.made(scene.body(30)).await;
        let appointment = format!("/visitors/appointments/{}", made["id"].as_str().unwrap());
        let visit = format!("/api/v1/visitors/visits/{}", made["visits"][0]["id"].as_str().unwrap());
        let mut host = scene.server.signed_in(&scene.host).await;
        let page = host.get(&appointment).await.ok();
        assert!(!page.contains("/keys") && !page.contains("鍵を予約"), "{page}");
        let page = scene.server.stranger().get(made["visits"][0]["address"].as_str().unwrap()).await.ok();
        assert!(!page.contains("鍵"), "{page}");
        host.get(&format!("{appointment}/keys")).await.expect(404);
        host.post(&format!("{appointment}/keys"), &[("visit", "x")]).await.expect(404);
        host.get(&format!("{visit}/keys")).await.expect(404);
        host.get(&format!("{visit}/keys/offered")).await.expect(404);
        host.api("POST", &format!("{visit}/keys"), van()).await.expect(404);
        host.api("DELETE", &format!("{visit}/keys"), Value::Null).await.expect(404);
        host.api("DELETE", &visit, Value::Null).await.expect(204);
        scene.server.advance(minutes(5)).await;
        assert!(!scene.record().await.iter().any(|act| act.contains("keys")));
    }

    #[tokio::test]
    async fn on_sqlite() {
        told(crate::scene::Scene::on(Engine::Sqlite).await).await;
    }

    #[tokio::test]
    async fn on_postgres() {
        told(crate::scene::Scene::on(Engine::Postgres).await).await;
    }
}

story!(keys_are_booked_on_the_page_of_the_appointment, |scene| {
    let (appointment, visit, address) = scene.planned(60).await;
    let mut host = scene.client().await;
    let here = appointment.replace("/api/v1", "");
    assert!(host.get(&here).await.ok().contains(&format!("{here}/keys\"")));
    let form = host.get(&format!("{here}/keys")).await.ok();
    assert!(form.contains("Van（Box A）") && form.contains("担当者、代理の担当者、受付"), "{form}");
    let id = visit.rsplit('/').next().unwrap().to_owned();
    let none = host.post(&format!("{here}/keys"), &[("visit", &id)]).await.expect(422);
    assert!(none.text.contains("20本以内"), "{}", none.text);
    let van = VAN.to_string();
    host.post(&format!("{here}/keys"), &[("visit", &id), ("keys", &van)]).await.expect(303);
    let page = host.get(&here).await.ok();
    assert!(page.contains("Van") && page.contains("予約済み") && !page.contains(CODE), "{page}");
    assert!(scene.page(&address).await.contains(CODE));
    // Whoever was asked to meet the guest, or nothing at all, sees none of it.
    let other = scene.server.colleague("other").await;
    scene.server.signed_in(&other).await.get(&format!("{here}/keys")).await.expect(404);
    // The guest reads it in their language.
    let korean = scene.server.stranger().with_header("cookie", "language=ko");
    assert!({ korean }.get(&address).await.ok().contains("열쇠 안내"));
    host.post(&format!("/visitors/visits/{id}/keys/cancel"), &[]).await.expect(303);
    assert!(!scene.page(&address).await.contains(CODE));
    assert!(scene.port.standing_now().await.is_empty());
    scene.server.settle().await;
    let told = scene.told("yamada@").await;
    assert!(told.iter().any(|subject| subject.contains("鍵のご案内")), "{told:?}");
    assert!(told.iter().any(|subject| subject.contains("鍵の予約の取り消し")), "{told:?}");
    let record = scene.record().await;
    assert!(record.contains(&"visit.book_keys".to_owned()), "{record:?}");
    assert!(record.contains(&"visit.call_off_keys by_hand".to_owned()), "{record:?}");
});

story!(a_booking_whose_answer_is_lost_is_shown_to_nobody_and_called_off, |scene| {
    let (_, visit, address) = scene.planned(60).await;
    let mut host = scene.client().await;
    let keys = format!("{visit}/keys");
    // Booked, and neither that nor the calling off is heard of.
    scene.port.deaf.store(true, Ordering::SeqCst);
    let broken = host.api("POST", &keys, van()).await;
    assert!(broken.status.is_server_error(), "{}", broken.status);
    assert!(!scene.page(&address).await.contains(CODE));
    host.get(&keys).await.expect(404);
    // The server died in between: only that it was asked for stands in the table.
    scene.port.deaf.store(false, Ordering::SeqCst);
    for kept in scene.port.kept.lock().await.values_mut() {
        kept.called_off = false;
    }
    assert_eq!(scene.port.standing_now().await.len(), 1, "at worst, keys that nobody shows");
    assert!(!scene.page(&address).await.contains(CODE));
    host.api("POST", &keys, van()).await.expect(422);
    scene.server.advance(minutes(2)).await;
    assert!(scene.port.standing_now().await.is_empty());
    assert!(!scene.told("yamada@").await.iter().any(|subject| subject.contains("鍵")), "nobody heard of it");
    // And now they can be booked.
    host.api("POST", &keys, van()).await.expect(201);
    assert!(scene.page(&address).await.contains(CODE));
    assert_eq!(scene.port.standing_now().await.len(), 1);
    scene.server.advance(minutes(2)).await;
    assert_eq!(scene.port.standing_now().await.len(), 1, "what came about stays");
});

story!(what_a_server_that_dies_leaves_undone_a_job_does, |scene| {
    let (appointment, visit, address) = scene.planned(60).await;
    let mut host = scene.client().await;
    host.api("POST", &format!("{visit}/keys"), van()).await.expect(201);
    // The visit is moved, and the keys do not hear of it.
    scene.port.dead.store(true, Ordering::SeqCst);
    host.api("PUT", &appointment, scene.body(180)).await.expect(204);
    scene.port.dead.store(false, Ordering::SeqCst);
    let before = scene.port.standing_now().await[0].time;
    scene.server.advance(minutes(2)).await;
    let row = host.get(&visit).await.expect(200).json();
    let after = scene.port.standing_now().await[0].time;
    assert_ne!(before, after);
    assert_eq!(serde_json::to_value(after.starts_at).unwrap(), row["starts_at"]);
    assert_eq!(
        *scene.port.movers.lock().await,
        [Some(scene.stage.host.person)],
        "as whoever moved the visit"
    );
    // The visit is called off, and the keys do not hear of it: nobody is shown them all the same.
    scene.port.dead.store(true, Ordering::SeqCst);
    host.api("DELETE", &appointment, Value::Null).await.expect(204);
    scene.port.dead.store(false, Ordering::SeqCst);
    assert_eq!(scene.port.standing_now().await.len(), 1);
    assert!(!scene.page(&address).await.contains(CODE));
    scene.server.advance(minutes(2)).await;
    assert!(scene.port.standing_now().await.is_empty());
    // The guest is erased, and the keys do not hear of it.
    let guest = host.get(&visit).await.expect(200).json()["guest"].as_str().unwrap().to_owned();
    let mut admin = scene.server.administrator().await;
    scene.port.dead.store(true, Ordering::SeqCst);
    let guest = format!("/api/v1/visitors/guests/{guest}");
    admin.api("DELETE", &guest, Value::Null).await.expect(204);
    scene.port.dead.store(false, Ordering::SeqCst);
    assert!(scene.port.kept.lock().await.values().all(|kept| kept.guest.is_some()));
    scene.server.advance(minutes(2)).await;
    assert!(scene.port.kept.lock().await.values().all(|kept| kept.guest.is_none()));
    assert!(scene.rows().await.is_empty());
});

story!(who_has_a_key_is_not_forgotten, |scene| {
    let (_, visit, _) = scene.planned(60).await;
    let mut host = scene.client().await;
    host.api("POST", &format!("{visit}/keys"), van()).await.expect(201);
    let guest = host.get(&visit).await.expect(200).json()["guest"].as_str().unwrap().to_owned();
    let guest = format!("/api/v1/visitors/guests/{guest}");
    scene.server.advance(hours(24)).await;
    let mut admin = scene.server.administrator().await;
    scene.port.out.store(true, Ordering::SeqCst);
    admin.api("DELETE", &guest, Value::Null).await.expect(422);
    scene.port.out.store(false, Ordering::SeqCst);
    admin.api("DELETE", &guest, Value::Null).await.expect(204);
    assert!(scene.port.kept.lock().await.values().all(|kept| kept.guest.is_none()));
});

story!(twice_the_same_is_one_booking, |scene| {
    let (_, visit, _) = scene.planned(60).await;
    let keys = format!("{visit}/keys");
    let (mut one, mut other) = (scene.client().await, scene.client().await);
    let (first, second) = tokio::join!(one.api("POST", &keys, van()), other.api("POST", &keys, van()));
    let mut answers = [first.status.as_u16(), second.status.as_u16()];
    answers.sort_unstable();
    assert_eq!(answers, [201, 422]);
    let again = one.api("POST", &keys, van()).await.expect(422);
    assert!(again.text.contains("すでに鍵が予約されています"), "{}", again.text);
    assert_eq!(scene.port.standing_now().await.len(), 1);
    assert_eq!(scene.rows().await.len(), 1);
    one.api("DELETE", &keys, Value::Null).await.expect(204);
    one.api("DELETE", &keys, Value::Null).await.expect(404);
});

story!(a_visit_that_changes_while_keys_are_booked_gets_none, |scene| {
    let (appointment, visit, address) = scene.planned(60).await;
    let keys = format!("{visit}/keys");
    scene.port.gated.store(true, Ordering::SeqCst);
    let (mut booking, mut other) = (scene.client().await, scene.client().await);
    let meanwhile = async {
        scene.port.came.notified().await;
        other.api("DELETE", &appointment, Value::Null).await.expect(204);
        scene.port.go.notify_one();
    };
    let (answer, ()) = tokio::join!(booking.api("POST", &keys, van()), meanwhile);
    answer.expect(409);
    assert!(scene.port.standing_now().await.is_empty(), "{:?}", scene.port.kept.lock().await);
    assert!(scene.port.kept.lock().await.values().all(|kept| kept.guest.is_none()));
    assert!(!scene.page(&address).await.contains(CODE));
    // Moved meanwhile: booked again, for the time it has now.
    let (appointment, visit, address) = scene.planned(60).await;
    let keys = format!("{visit}/keys");
    let meanwhile = async {
        scene.port.came.notified().await;
        other.api("PUT", &appointment, scene.body(90)).await.expect(204);
        scene.port.go.notify_one();
    };
    let (answer, ()) = tokio::join!(booking.api("POST", &keys, van()), meanwhile);
    answer.expect(409);
    assert!(scene.port.standing_now().await.is_empty());
    scene.port.gated.store(false, Ordering::SeqCst);
    booking.api("POST", &keys, van()).await.expect(201);
    assert!(scene.page(&address).await.contains(CODE));
});

story!(keys_are_for_guests_who_are_to_come_or_here, |scene| {
    let (_, visit, _) = scene.planned(30).await;
    let mut host = scene.client().await;
    host.api("POST", &format!("{visit}/admit"), Value::Null).await.expect(204);
    host.api("POST", &format!("{visit}/keys"), van()).await.expect(201);
    let (appointment, over, _) = scene.planned(30).await;
    scene.server.advance(hours(3)).await;
    let refused = host.api("POST", &format!("{over}/keys"), van()).await.expect(422);
    assert!(refused.text.contains("この来訪は終了"), "{}", refused.text);
    let form = format!("{}/keys", appointment.replace("/api/v1", ""));
    assert!(host.get(&form).await.ok().contains("鍵を予約できる来訪者がいません"));
});
