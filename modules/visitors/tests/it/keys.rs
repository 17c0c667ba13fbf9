//! Keys beside a visit, with somebody who stands in for whoever keeps them: without anybody, and what pages and API say. When they
//! fail half-way: `follow`; several at once: `at_once`. What the real ones say is tried by the product's own tests.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use sekisho_storage::{Engine, Scoped as _};
use sekisho_testkit::{Client, hours, minutes};
use serde_json::{Value, json};

mod at_once;
mod follow;
mod stand_in;

use stand_in::{StandIn, VAN};

/// The stage with the stand-in.
pub struct Scene {
    pub stage: crate::scene::Scene,
    pub port: Arc<StandIn>,
}

impl Deref for Scene {
    type Target = crate::scene::Scene;
    fn deref(&self) -> &Self::Target {
        &self.stage
    }
}

impl Scene {
    pub async fn on(engine: Engine) -> Self {
        let port = Arc::new(StandIn::default());
        let stage = crate::scene::Scene::beside(engine, Some(port.clone())).await;
        Self { stage, port }
    }

    pub async fn client(&self) -> Client {
        self.server.signed_in(&self.stage.host).await
    }

    /// An appointment of the host in so many minutes: its path, its visit, the guest's page.
    pub async fn planned(&self, minutes: i64) -> (String, String, String) {
        let made = self.made(self.body(minutes)).await;
        self.server.settle().await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (
            format!("/api/v1/visitors/appointments/{}", text(&made["id"])),
            format!("/api/v1/visitors/visits/{}", text(&made["visits"][0]["id"])),
            text(&made["visits"][0]["address"]),
        )
    }

    pub async fn page(&self, address: &str) -> String {
        self.server.stranger().get(address).await.ok()
    }

    /// The mails to the guest with the code of the keys.
    pub async fn codes_told(&self) -> Vec<String> {
        self.server.settle().await;
        let mails = self.mails("yamada@").await.into_iter();
        mails.filter(|mail| mail.contains(CODE)).collect()
    }

    /// What went out to `who`, oldest first: subject and words.
    pub async fn mails(&self, who: &str) -> Vec<String> {
        use sekisho_notify::tables::notify_mailbox::{Column, Entity};
        let scope = self.server.foundation().store.read(self.server.tenant).await.unwrap();
        let all = scope.find::<Entity>().ascending(Column::Id).all().await.unwrap();
        let to = all.into_iter().filter(|mail| mail.recipient.contains(who));
        to.map(|mail| format!("{}\n{}", mail.subject, mail.body)).collect()
    }

    pub async fn rows(&self) -> Vec<sekisho_visitors::tables::booked_keys::Model> {
        let scope = self.server.foundation().store.read(self.server.tenant).await.unwrap();
        scope.find::<sekisho_visitors::tables::booked_keys::Entity>().all().await.unwrap()
    }
}

pub const CODE: &str = "1357 2468";

pub fn van() -> Value {
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

story!(who_has_a_key_is_not_forgotten, |scene| {
    let (_, visit, _) = scene.planned(60).await;
    let mut host = scene.client().await;
    host.api("POST", &format!("{visit}/keys"), van()).await.expect(201);
    let guest = host.get(&visit).await.expect(200).json()["guest"].as_str().unwrap().to_owned();
    let guest = format!("/api/v1/visitors/guests/{guest}");
    scene.server.advance(hours(24)).await;
    let mut admin = scene.server.administrator().await;
    scene.port.out.store(true, Ordering::SeqCst);
    scene.server.prove(&mut admin).await;
    admin.api("DELETE", &guest, Value::Null).await.expect(422);
    scene.port.out.store(false, Ordering::SeqCst);
    admin.api("DELETE", &guest, Value::Null).await.expect(204);
    assert!(scene.port.kept.lock().await.values().all(|kept| kept.guest.is_none()));
});

story!(a_visit_is_not_removed_while_its_keys_are_out, |scene| {
    let (_, visit, _) = scene.planned(60).await;
    scene.client().await.api("POST", &format!("{visit}/keys"), van()).await.expect(201);
    let mut admin = scene.server.administrator().await;
    scene.server.prove(&mut admin).await;
    let rules = json!({ "guest": { "remove_after_days": 1 } });
    admin.api("PUT", "/api/v1/visitors/retention", rules).await.expect(204);
    scene.port.out.store(true, Ordering::SeqCst);
    scene.server.advance(hours(72)).await;
    let mut admin = scene.server.administrator().await;
    admin.get(&visit).await.expect(200);
    scene.port.out.store(false, Ordering::SeqCst);
    scene.server.advance(hours(2)).await;
    admin.get(&visit).await.expect(404);
    assert!(scene.rows().await.is_empty());
    assert!(scene.port.kept.lock().await.values().all(|kept| kept.guest.is_none()));
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
