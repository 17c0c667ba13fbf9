//! "What needs me?" on the first page: each kind of card comes for who can do something about it, for nobody else, and goes
//! when it is done.

use std::time::Duration;

use sekisho_devices::{DeviceKind, NewDevice};
use sekisho_policy::{NewGrant, Right, Subject};
use sekisho_testkit::{Client, hours};
use sekisho_wire::EventKind;
use serde_json::{Value, json};

use crate::scene::Scene;

/// Those who look at first pages: an administrator here, a colleague without any right, an administrator elsewhere.
struct Eyes {
    admin: Client,
    colleague: Client,
    elsewhere: Client,
}

impl Eyes {
    async fn of(scene: &Scene) -> Self {
        let colleague = scene.server.colleague("mori").await;
        let (_, elsewhere) = scene.server.other_tenant("globex").await;
        Self {
            admin: scene.server.administrator().await,
            colleague: scene.server.signed_in(&colleague).await,
            elsewhere,
        }
    }

    /// The administrator reads `words`, and nobody else does.
    async fn only_the_administrator_reads(&mut self, words: &str) {
        let page = self.admin.get("/").await.ok();
        assert!(page.contains(words), "{words} is missing: {page}");
        assert_eq!(self.colleague.get("/").await.expect(303).location(), "/me");
        assert!(!self.colleague.get("/me").await.ok().contains(words), "{words} for a colleague");
        assert!(!self.elsewhere.get("/").await.ok().contains(words), "{words} in another organisation");
    }

    async fn nobody_reads(&mut self, words: &str) {
        let page = self.admin.get("/").await.ok();
        assert!(!page.contains(words), "{words} is still there: {page}");
    }
}

async fn until(scene: &Scene, person: sekisho_kernel::PersonId, days: u64) -> sekisho_policy::GrantId {
    let foundation = scene.server.foundation();
    let mut tx = foundation.store.begin(&scene.server.cx()).await.unwrap();
    let grant = NewGrant {
        valid_until: Some(tx.cx().now.plus(Duration::from_secs(days * 86_400))),
        ..NewGrant::always(Subject::Person(person), Right::Exchange, Scene::on_key(scene.van))
    };
    let id = foundation.policy.grant(&mut tx, grant).await.unwrap();
    tx.commit_bookkeeping("test").await.unwrap();
    id
}

story!(rights_that_end_within_a_week, |scene| {
    let mut eyes = Eyes::of(&scene).await;
    let sato = scene.server.colleague("sato").await.person;
    until(&scene, sato, 8).await;
    eyes.nobody_reads("まもなく終了する権限").await;
    let soon = until(&scene, sato, 3).await;
    eyes.only_the_administrator_reads("まもなく終了する権限：1件").await;
    eyes.only_the_administrator_reads(&format!("/rights/{soon}")).await;
    eyes.only_the_administrator_reads("sato：Van 3").await;
    scene.withdraw(soon).await;
    eyes.nobody_reads("まもなく終了する権限").await;
    // The other one comes closer, and then is over.
    scene.server.advance(hours(48)).await;
    eyes.admin = scene.server.administrator().await;
    assert!(eyes.admin.get("/").await.ok().contains("まもなく終了する権限：1件"));
    scene.server.advance(hours(24 * 7)).await;
    eyes.admin = scene.server.administrator().await;
    eyes.nobody_reads("まもなく終了する権限").await;
});

story!(refusals_that_look_like_mistakes, |scene| {
    let mut eyes = Eyes::of(&scene).await;
    let words = "間違いと思われる拒否";
    // Who has no right at all makes no mistake by trying.
    let kato = scene.server.colleague("kato").await.person;
    assert!(scene.releases(kato, scene.van).await.is_err());
    eyes.nobody_reads(words).await;
    let sato = scene.server.colleague("sato").await.person;
    until(&scene, sato, 1).await;
    scene.server.advance(hours(25)).await;
    for _ in 0..2 {
        assert!(scene.releases(sato, scene.van).await.is_err());
    }
    eyes.admin = scene.server.administrator().await;
    let page = eyes.admin.get("/").await.ok();
    let card =
        page.split("対応が必要なこと").nth(1).and_then(|rest| rest.split("最近の動き").next()).unwrap();
    assert!(card.contains(words) && card.contains("sato") && !card.contains("kato"), "{card}");
    // A day later it is history, to be found in the record.
    scene.server.advance(hours(25)).await;
    eyes.admin = scene.server.administrator().await;
    eyes.nobody_reads(words).await;
});

story!(what_is_wrong_with_boxes_until_somebody_has_seen_to_it, |scene| {
    let mut eyes = Eyes::of(&scene).await;
    let words = "Box A のビン 3 がこじ開けられました";
    eyes.nobody_reads(words).await;
    scene.tells(EventKind::BinForced { bin: 3 }).await;
    eyes.only_the_administrator_reads(words).await;
    let found = eyes.admin.api("GET", "/api/v1/key-inventory", Value::Null).await.json();
    let seen_to = json!({ "mend": "seen_to", "incident": found["incidents"][0]["id"] });
    eyes.colleague.api("POST", "/api/v1/key-inventory/mend", seen_to.clone()).await.expect(404);
    eyes.only_the_administrator_reads(words).await;
    eyes.admin.api("POST", "/api/v1/key-inventory/mend", seen_to).await.expect(204);
    eyes.nobody_reads(words).await;
});

story!(devices_that_should_speak_and_do_not, |scene| {
    let mut eyes = Eyes::of(&scene).await;
    let new = NewDevice { kind: DeviceKind::Agent, name: "Agent 9".to_owned(), site: None };
    let (device, claim) = scene.server.foundation().devices.add_now(&scene.server.cx(), new).await.unwrap();
    // Nobody expects anything of one that has no certificate yet.
    eyes.nobody_reads("Agent 9と通信できません").await;
    let prepared = sekisho_agent::enrol::prepare(&claim.to_string()).unwrap();
    let body = serde_json::to_value(&prepared.body).unwrap();
    scene.server.stranger().api("POST", "/api/v1/enrol", body).await.ok();
    eyes.only_the_administrator_reads("Agent 9と通信できません").await;
    eyes.only_the_administrator_reads("応答のない機器：1台").await;
    // One that was given up is missed by nobody.
    scene.server.prove(&mut eyes.admin).await;
    eyes.admin.api("DELETE", &format!("/api/v1/devices/{device}"), Value::Null).await.expect(204);
    eyes.nobody_reads("Agent 9と通信できません").await;
});

story!(messages_that_could_not_be_delivered, |scene| {
    let mut eyes = Eyes::of(&scene).await;
    let words = "届けられなかった通知：1件";
    let chat = json!({
        "name": "総務", "settings": { "is": "chat", "kind": "teams", "url": "https://x.example.com/" },
    });
    scene.server.prove(&mut eyes.admin).await;
    let made = eyes.admin.api("POST", "/api/v1/channels", chat).await.expect(201).json();
    let channel = format!("/api/v1/channels/{}", made["id"].as_str().unwrap());
    let test = eyes.admin.api("POST", &format!("{channel}/test"), Value::Null).await;
    assert!(test.status.is_success(), "{}", test.text);
    eyes.nobody_reads("届けられなかった通知").await;
    // The channel is taken away before the message is on its way.
    let mut admin = eyes.admin.clone().with_header("if-match", "*");
    let gone = admin.api("DELETE", &channel, Value::Null).await;
    assert!(gone.status.is_success(), "{}", gone.text);
    scene.server.settle().await;
    eyes.only_the_administrator_reads(words).await;
    let dead = eyes.admin.api("GET", "/api/v1/notices?state=dead", Value::Null).await.json();
    let again = format!("/api/v1/notices/{}/send-again", dead["items"][0]["id"].as_str().unwrap());
    eyes.colleague.api("POST", &again, Value::Null).await.expect(403);
    let sent = eyes.admin.api("POST", &again, Value::Null).await;
    assert!(sent.status.is_success(), "{}", sent.text);
    // Somebody sees to it; when it fails again, it is told again.
    eyes.nobody_reads("届けられなかった通知").await;
    scene.server.settle().await;
    eyes.only_the_administrator_reads(words).await;
});
