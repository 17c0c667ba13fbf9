//! New keys, and everything sealed anew under them: by the commands, and while a server answers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sekisho_crypto::{LocalKeyFile, Purpose, Vault};
use sekisho_storage::keys::StoredKeys;
use sekisho_storage::reseal::reseal;
use sekisho_storage::{Engine, Place};
use sekisho_testkit::{Client, TestServer};
use serde_json::json;

use crate::on_both;
use crate::stage::{self, Rows, Stage};

on_both!(keys_are_rotated_and_values_sealed_anew, |stage| {
    stage.setup().await.done();
    stage.run(&["device", "add", "Box"]).await.done();
    let rotated = stage.run(&["keys", "rotate"]).await.done();
    assert_eq!((rotated[0]["personal"].as_u64(), rotated[0]["secrets"].as_u64()), (Some(2), Some(2)));
    let early = stage.run(&["keys", "reseal"]).await.refused();
    assert!(early.contains("every server has read them"), "{early}");
    // Five minutes pass.
    assert_eq!(stage.rows().run("UPDATE tenant_keys SET created_at = created_at - 600000000").await, 5);
    let sealed = stage.run(&["keys", "reseal", "--tenant", "青葉商事"]).await.done();
    assert!(sealed[0]["changed"].as_u64().unwrap() >= 3, "{sealed}");
    assert_eq!(sealed[0]["unreadable"], 0);
    let again = stage.run(&["keys", "reseal"]).await.done();
    assert_eq!((&again[0]["changed"], &again[0]["looked"]), (&json!(0), &sealed[0]["looked"]));
    // What was sealed anew is read: the mail address, the authority of devices.
    let words = ["token", "add", "--person", "sato@aoba.example", "--name", "t", "--scope", "*:read"];
    stage.run(&words).await.done();
    stage.run(&["device", "claim-code", "Box"]).await.done();
    let acts = stage.rows().texts("SELECT action FROM audit_entries WHERE action LIKE 'tenant_key.re%' OR action LIKE 'tenant_key.ro%' ORDER BY id").await;
    assert_eq!(acts, ["tenant_key.rotate", "tenant_key.reseal", "tenant_key.reseal"]);
});

/// The organisations' keys as they lie in the store: by the installation's key that wraps them.
async fn wrappers(stage: &Stage) -> BTreeMap<Vec<u8>, usize> {
    let mut wrappers = BTreeMap::new();
    for (table, column, wrapped) in stage.rows().bytes().await {
        if table == "tenant_keys" && column == "wrapped" {
            // version, then the fingerprint of the key that wraps
            *wrappers.entry(wrapped[1..5].to_vec()).or_default() += 1;
        }
    }
    wrappers
}

on_both!(a_new_installation_key_takes_the_place_of_the_old_one, |stage| {
    stage.setup().await.done();
    stage.run(&["device", "add", "Box"]).await.done();
    let before = wrappers(&stage).await;
    assert_eq!(before.values().copied().collect::<Vec<_>>(), [3]);
    // A new line above the old one, as the guide says.
    let file = stage.data().join("master.key");
    let old = std::fs::read_to_string(&file).unwrap();
    let fresh = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    std::fs::write(&file, old.replacen('\n', &format!("\n{fresh}\n"), 1)).unwrap();
    stage.run(&["keys", "rotate"]).await.done();
    assert_eq!(wrappers(&stage).await.len(), 2, "what was there stays wrapped as it was");
    stage.run(&["keys", "rotate", "--rewrap"]).await.done();
    let after = wrappers(&stage).await;
    assert_eq!(after.values().copied().collect::<Vec<_>>(), [7], "old and new generations under one key");
    assert!(before.keys().ne(after.keys()), "the new one");
    let acts =
        stage.rows().texts("SELECT action FROM audit_entries WHERE action LIKE 'tenant_key.re%'").await;
    assert_eq!(acts, ["tenant_key.rewrap"]);

    // The old line can go: sealed addresses are found and read, the authority of devices signs.
    std::fs::write(&file, format!("sekisho key file 1\n{fresh}\n")).unwrap();
    stage.run(&["device", "claim-code", "Box"]).await.done();
    let words = ["token", "add", "--person", "sato@aoba.example", "--name", "t", "--scope", "*:read"];
    let token = stage.run(&words).await.done()["token"].as_str().unwrap().to_owned();
    let serving = stage.serve(&[]).await;
    let me =
        stage.client().get(format!("{}/api/v1/me", stage.url())).bearer_auth(token).send().await.unwrap();
    let me: serde_json::Value = me.json().await.unwrap();
    assert_eq!(me["mail"], "sato@aoba.example");
    serving.stop().await;
    // With the old line alone nothing opens, and the words say why.
    std::fs::write(&file, old).unwrap();
    let refused = stage.run(&words).await.refused();
    assert!(refused.contains("not in this file"), "{refused}");
});

/// The generation of the key a value was sealed under; `None` for bytes that are no sealed value.
fn generation(value: &[u8]) -> Option<u32> {
    match value {
        // version, algorithm, purpose, generation, then nonce and tag
        [1, 1, 1 | 2, a, b, c, d, rest @ ..] if rest.len() >= 28 => {
            Some(u32::from_be_bytes([*a, *b, *c, *d]))
        }
        _ => None,
    }
}

/// Something sealed in every column that can hold it.
async fn fill(server: &TestServer) -> Client {
    let mut admin = server.administrator().await;
    server.prove(&mut admin).await;
    let foundation = server.foundation();
    let created = |answer: sekisho_testkit::Answer| answer.expect(201).json();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let person =
        json!({ "name": "Tanaka", "mail": "tanaka@acme.test", "phone": "090-1234-5678", "number": "4711" });
    created(admin.api("POST", "/api/v1/people", person).await);
    let mut cx = server.cx();
    cx.verified_at = Some(cx.now);
    foundation.identity.begin_totp(&cx, server.admin).await.unwrap();
    let new = sekisho_identity::NewToken { name: "t".into(), scopes: vec!["*:write".into()], days: 9 };
    let (_, token) = foundation.identity.make_token(&cx, server.admin, &new).await.unwrap();

    admin.get("/api/v1/me/push-key").await.ok();
    let browser = json!({ "endpoint": "https://push.example.net/abc", "keys": {
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    }});
    created(admin.api("POST", "/api/v1/me/push-subscriptions", browser).await);
    let hook = json!({ "name": "h", "url": "https://hooks.example.com/", "events": [] });
    created(admin.api("POST", "/api/v1/webhooks", hook).await);
    let chat = json!({ "name": "c", "settings": { "is": "chat", "kind": "teams", "url": "https://x.example.com/" } });
    let chat = text(&created(admin.api("POST", "/api/v1/channels", chat).await)["id"]);

    let site = json!({ "name": "HQ", "address": "Tokyo", "zone": "Asia/Tokyo" });
    let site = text(&created(admin.api("POST", "/api/v1/sites", site).await)["id"]);
    // Asked for by a program that may ask again, so the answer is remembered.
    let mut program = admin.with_token(token.expose()).with_header("idempotency-key", "a-key-of-mine");
    let device = json!({ "kind": "smartbox", "name": "A", "site": site });
    created(program.api("POST", "/api/v1/devices", device).await);
    foundation.devices.online_key(&cx).await.unwrap();
    let smartbox = json!({ "name": "A", "site": site, "bins": 4, "columns": 2, "return_policy": "any_bin" });
    let smartbox = text(&created(admin.api("POST", "/api/v1/key-boxes", smartbox).await)["id"]);
    let camera = json!({ "on": true, "days": 30 });
    admin.api("PUT", &format!("/api/v1/key-boxes/{smartbox}/camera"), camera).await.expect(204);
    let key = json!({
        "name": "Van", "description": "", "pickup_note": "", "fob": "E200AA", "home_box": smartbox, "home_bin": 1,
        "return_policy": null, "due": { "rule": "never" }, "hangs_there": true,
    });
    let key = text(&created(admin.api("POST", "/api/v1/keys", key).await)["id"]);
    // Nobody answers there: it is set all the same, and said.
    let account = json!({ "provider": "https://payments.example", "currency": "jpy", "secret": "sk_test_1", "webhook_secret": "whsec_1" });
    admin.api("PUT", "/api/v1/key-payment-account", account).await.expect(204);
    let booking = json!({
        "keys": [key], "guest_name": "山田 太郎", "guest_mail": "yamada@example.com",
        "starts": "2026-11-22T08:00", "ends": "2026-11-23T18:00", "note": "",
    });
    created(admin.api("POST", "/api/v1/key-bookings", booking).await);
    let code = json!({ "given_to": "清掃", "code": null });
    created(admin.api("POST", &format!("/api/v1/keys/{key}/keycodes"), code).await);
    let alert = json!({ "name": "late", "rule": { "events": ["overdue"] }, "outsiders": "guard@example.com", "active": true });
    created(admin.api("POST", "/api/v1/key-alerts", alert).await);
    let appointment = json!({
        "site": site, "starts": "2026-11-23T08:00", "ends": "2026-11-23T18:00", "purpose": "打ち合わせ", "note": "要案内",
        "guests": [{ "name": "山本 花子", "mail": "yamamoto@example.com" }],
    });
    created(admin.api("POST", "/api/v1/visitors/appointments", appointment).await);
    let watched = json!({ "names": ["黒沢 剛"], "reason": "無断撮影", "phone": "内線 110" });
    created(admin.api("POST", "/api/v1/visitors/watch-entries", watched).await);
    let printer = json!({ "site": site, "name": "受付ラベル", "address": "ipps://printer.example/ipp/print", "user": "reception", "password": "s3cret" });
    created(admin.api("POST", "/api/v1/visitors/printers", printer).await);
    let mailbox = json!({
        "name": "Reception", "site": site, "host": "imap.acme.test", "address": "reception@acme.test",
        "authority": "mx.acme.test", "user": "reception", "password": "secret",
    });
    created(admin.api("POST", "/api/v1/visitors/calendars", mailbox).await);
    crate::lobby::somebody_calls(server, &mut admin, &site).await;
    server.settle().await;
    // A message that waits: what was sent keeps no content.
    let test = admin.api("POST", &format!("/api/v1/channels/{chat}/test"), serde_json::Value::Null).await;
    assert!(test.status.is_success(), "{}", test.text);
    let outside = sekisho_notify::Recipient::Mail {
        address: "guest@example.com".to_owned(),
        name: String::new(),
        language: sekisho_kernel::Language::Zh,
    };
    let message = sekisho_notify::Message::new(outside, sekisho_notify::Lane::Operational, "notify-test");
    let file = sekisho_notify::Attachment::file("plan.txt", "text/plain", b"plan".to_vec());
    let mut tx = foundation.store.begin(&server.cx()).await.unwrap();
    let question = sekisho_notify::Question::new("test.visit", server.admin).choice("yes", "yes");
    foundation.notify.tell(&mut tx, message.attach(file).asks(question)).await.unwrap();
    tx.commit_bookkeeping("test").await.unwrap();
    admin
}

async fn every_column(engine: Engine) {
    let server = TestServer::start(engine, stage::migrations(), stage::mounts).await;
    let mut admin = fill(&server).await;
    let rows = match &server.store_options().place {
        Place::Sqlite(path) => Rows::Sqlite(path.clone()),
        Place::Postgres { owner_url, .. } => Rows::Postgres(owner_url.clone()),
    };
    let sealed = |found: Vec<(String, String, Vec<u8>)>, wanted: u32| -> BTreeSet<(String, String)> {
        found
            .into_iter()
            .filter(|(.., value)| generation(value) == Some(wanted))
            .map(|(table, column, _)| (table, column))
            .collect()
    };
    let listed: BTreeSet<_> = server
        .host
        .sealed_columns()
        .iter()
        .map(|column| (column.table.to_owned(), column.column.to_owned()))
        .collect();
    assert_eq!(
        sealed(rows.bytes().await, 1),
        listed,
        "left: sealed values lie there; right: listed as sealed"
    );

    // The command is another process with a vault of its own.
    let provider = LocalKeyFile::open_or_create(&server.key_file(), &*server.world).unwrap();
    let store = server.foundation().store.clone();
    let stored = Arc::new(StoredKeys::new(store.clone(), server.world.clone()));
    let vault = Vault::new(Arc::new(provider), stored, server.world.clone());
    for purpose in [Purpose::Personal, Purpose::Secrets] {
        vault.rotate(server.tenant, purpose).await.unwrap();
    }
    server.world.advance(Vault::ROTATION_DELAY);
    let (over, cx) = (AtomicBool::new(false), server.cx());
    let columns = server.host.sealed_columns();
    let work = async {
        let done = reseal(&store, &vault, &cx, columns, |_| {}).await.unwrap();
        over.store(true, Ordering::SeqCst);
        done
    };
    let asking = async {
        let mut asked = 0;
        while !over.load(Ordering::SeqCst) || asked == 0 {
            admin.get("/people").await.ok();
            admin.get("/keys/bookings").await.ok();
            asked += 1;
        }
    };
    let (done, ()) = tokio::join!(work, asking);
    assert_eq!(done.unreadable, 0, "{done:?}");
    assert_eq!(sealed(rows.bytes().await, 1), BTreeSet::new(), "left under the old keys");
    assert_eq!(sealed(rows.bytes().await, 2), listed);

    // Every page of the administrator opens, and what was sealed is read.
    for route in server.host.routes().to_vec() {
        let plain = route.method == "GET" && !route.path.contains('{') && route.path != "/live";
        if plain {
            let answer = admin.get(route.path).await;
            assert!(!answer.status.is_server_error(), "{}: {}", route.path, answer.status);
        }
    }
    assert!(admin.get("/api/v1/key-bookings").await.ok().contains("山田 太郎"));
    assert!(admin.get("/api/v1/visitors/visits").await.ok().contains("山本 花子"));
    let me = admin.get("/api/v1/me").await.ok();
    assert!(me.contains("admin@acme.test"), "{me}");
    let person = sekisho_testkit::Colleague {
        person: server.admin,
        mail: "admin@acme.test".to_owned(),
        host: "acme.test".to_owned(),
    };
    // What waited is sent, so its content was opened.
    server.settle().await;
    assert!(!rows.texts("SELECT subject FROM notify_mailbox").await.is_empty());
    // The password is checked against what was sealed anew.
    server.signed_in(&person).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_sealed_column_is_listed_and_sealed_anew_on_sqlite() {
    every_column(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_sealed_column_is_listed_and_sealed_anew_on_postgres() {
    every_column(Engine::Postgres).await;
}
