//! Pages and API over HTTP, on a whole server.

use sekisho_kernel::Language;
use sekisho_notify::{Attachment, Lane, Message, NoticeKind, Recipient};
use sekisho_storage::Engine;
use sekisho_testkit::TestServer;
use serde_json::{Value, json};

const KINDS: [NoticeKind; 1] = [NoticeKind { kind: "keys.due", text: "notify-title" }];

async fn server() -> TestServer {
    let server = TestServer::start(Engine::Sqlite, Vec::new(), |foundation| {
        foundation.notify.offer(&KINDS);
        Vec::new()
    })
    .await;
    server.settle().await;
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_shows_in_both_languages() {
    let server = server().await;
    let slack = json!({ "name": "総務", "settings": { "is": "chat", "kind": "slack", "url": "https://hooks.slack.com/x" } });
    let mut administrator = server.administrator().await;
    server.prove(&mut administrator).await;
    administrator.api("POST", "/api/v1/channels", slack).await.expect(201);
    let hook = json!({ "name": "勤怠", "url": "https://hooks.example.com/", "events": ["keys.*"] });
    let made = administrator.api("POST", "/api/v1/webhooks", hook).await.expect(201).json();
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"));
    for language in Language::ALL {
        let mut administrator = administrator.clone().reading(language);
        for path in [
            "/settings/notices",
            "/settings/notices?state=sent",
            "/settings/notices/channels",
            "/settings/notices/channels/new/smtp",
            "/settings/notices/channels/new/sms",
            "/settings/notices/channels/new/slack",
            "/settings/notices/channels/new/teams",
            "/settings/notices/channels/new/line_works",
            "/settings/notices/channels/new/line_works_hook",
            "/settings/notices/channels/new/chatwork",
            "/settings/notices/channels/new/json",
            "/settings/notices/webhooks",
            "/settings/notices/webhooks/new",
            "/me/notices",
            "/mailbox",
        ] {
            let page = administrator.get(path).await.ok();
            assert!(!page.contains('⟦'), "{path}: a text is missing: {page}");
            assert!(!page.contains("hooks.slack.com") && !page.contains("whsec_"), "{path} shows a secret");
        }
    }
    administrator.get("/settings/notices/channels/new/telex").await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_and_a_code_arrive_in_the_mailbox() {
    let server = server().await;
    server.colleague("sato").await;
    server.settle().await;
    let page = server.stranger().get("/mailbox").await.ok();
    assert!(page.contains("sato@acme.test") && page.contains("acme からの招待"), "{page}");
    assert!(page.contains("href=\"/invitation/"), "the link leads to this host");
    // The link in the mail is the one that works, and nothing of it stays in the delivery.
    let mut administrator = server.administrator().await;
    server.prove(&mut administrator).await;
    let sent = administrator.get("/api/v1/notices?state=sent").await.expect(200).json();
    assert!(sent["items"].as_array().unwrap().iter().any(|item| item["template"] == "notify-invited"));
    assert!(!sent.to_string().contains("sato@"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_mail_carried_can_be_kept_from_the_mailbox() {
    let server = server().await;
    let foundation = server.foundation();
    let guest = Recipient::Mail {
        address: "guest@example.com".to_owned(),
        name: String::new(),
        language: Language::Zh,
    };
    let page = Attachment::file("地図 1.html", "text/html", b"<script>alert(1)</script>".to_vec());
    let mut tx = foundation.store.begin(&server.cx()).await.unwrap();
    let message = Message::new(guest, Lane::Operational, "notify-test").attach(page);
    foundation.notify.tell(&mut tx, message).await.unwrap();
    tx.commit_bookkeeping("test").await.unwrap();
    server.settle().await;
    let mut stranger = server.stranger();
    let shown = stranger.get("/mailbox").await.ok();
    assert!(shown.contains("地図 1.html"), "{shown}");
    let at = shown.split("href=\"").find(|rest| rest.starts_with("/mailbox/files/")).unwrap();
    let at = at.split('"').next().unwrap();
    let file = stranger.get(at).await.expect(200);
    assert_eq!(file.text, "<script>alert(1)</script>");
    // It is kept, never shown in place.
    let kept = file.headers["content-disposition"].to_str().unwrap();
    assert_eq!(kept, "attachment; filename*=UTF-8''%E5%9C%B0%E5%9B%B3%201.html");
    assert_eq!(file.headers["x-content-type-options"], "nosniff");
    let (_, mut other) = server.other_tenant("other").await;
    other.get(at).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_say_what_is_wrong_and_keep_what_was_typed() {
    let server = server().await;
    let mut administrator = server.administrator().await;
    server.prove(&mut administrator).await;
    let fields =
        [("name", "社内"), ("host", ""), ("port", "587"), ("from", "a@b.jp"), ("password", "hunter2")];
    let page = administrator.post("/settings/notices/channels/new/smtp", &fields).await.expect(422).text;
    assert!(page.contains("サーバー名とポートを入力してください") && page.contains("社内"));
    assert!(!page.contains("hunter2"));
    let fields = [("name", "x"), ("url", "http://169.254.169.254/latest"), ("events", "")];
    let page = administrator.post("/settings/notices/webhooks/new", &fields).await.expect(422).text;
    assert!(page.contains("https:// で始まる"));
    let fields = [("name", "x"), ("url", "https://hooks.example.com/"), ("events", "keys.*")];
    let page = administrator.post("/settings/notices/webhooks/new", &fields).await.ok();
    assert!(page.contains("whsec_"), "shown this once");
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_decides_for_themselves() {
    let server = server().await;
    let sato = server.colleague("sato").await;
    let mut sato = server.signed_in(&sato).await;
    sato.post("/me/notices", &[("keys.due", "sms"), ("keys.due", "push")]).await.expect(303);
    let mine = sato.get("/api/v1/me/notice-preferences").await.json();
    let mine = mine["items"].as_array().unwrap();
    let due = mine.iter().find(|one| one["kind"] == "keys.due").unwrap();
    assert_eq!(due["means"], json!(["sms", "push"]));
    sato.api("PUT", "/api/v1/me/notice-preferences/keys.due", json!({ "means": [] })).await.expect(204);
    sato.api("PUT", "/api/v1/me/notice-preferences/none", json!({ "means": [] })).await.expect(404);
    let key = sato.get("/api/v1/me/push-key").await.json()["key"].as_str().unwrap().to_owned();
    assert_eq!(sato.get("/api/v1/me/push-key").await.json()["key"], Value::from(key.clone()));
    let browser = json!({
        "endpoint": "https://push.example.net/abc",
        "expirationTime": null,
        "keys": { "p256dh": key, "auth": "BTBZMqHH6r4Tts7J_aSIgg" },
    });
    sato.api("POST", "/api/v1/me/push-subscriptions", browser.clone()).await.expect(201);
    sato.api("POST", "/api/v1/me/push-subscriptions", browser).await.expect(201);
    let mine = sato.get("/api/v1/me/push-subscriptions").await.json();
    assert_eq!(mine["items"].as_array().unwrap().len(), 1);
    let inside = json!({ "endpoint": "https://127.0.0.1/", "keys": { "p256dh": "x", "auth": "y" } });
    sato.api("POST", "/api/v1/me/push-subscriptions", inside).await.expect(422);
    let which = json!({ "endpoint": "https://push.example.net/abc" });
    sato.api("DELETE", "/api/v1/me/push-subscriptions", which.clone()).await.expect(204);
    sato.api("DELETE", "/api/v1/me/push-subscriptions", which).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_colleagues_and_other_tenants_find_nothing() {
    let server = server().await;
    let mut administrator = server.administrator().await;
    server.prove(&mut administrator).await;
    let hook = json!({ "name": "h", "url": "https://hooks.example.com/", "events": [] });
    let hook =
        administrator.api("POST", "/api/v1/webhooks", hook).await.json()["id"].as_str().unwrap().to_owned();
    let chat = json!({ "name": "c", "settings": { "is": "chat", "kind": "teams", "url": "https://x.example.com/" } });
    let chat =
        administrator.api("POST", "/api/v1/channels", chat).await.json()["id"].as_str().unwrap().to_owned();
    let routes = [
        ("POST", format!("/api/v1/webhooks/{hook}/replay"), json!({ "after": 0 })),
        ("POST", format!("/api/v1/webhooks/{hook}/secret"), Value::Null),
        ("PATCH", format!("/api/v1/webhooks/{hook}"), json!({ "paused": true })),
        ("POST", format!("/api/v1/channels/{chat}/test"), Value::Null),
        ("DELETE", format!("/api/v1/webhooks/{hook}"), Value::Null),
        ("DELETE", format!("/api/v1/channels/{chat}"), Value::Null),
    ];
    let colleague = server.colleague("sato").await;
    let mut colleague = server.signed_in(&colleague).await;
    let (_, mut other) = server.other_tenant("other").await;
    server.prove(&mut other).await;
    for (method, path, body) in &routes {
        server.stranger().api(method, path, body.clone()).await.expect(401);
        colleague.api(method, path, body.clone()).await.expect(403);
        other.api(method, path, body.clone()).await.expect(404);
    }
    assert_eq!(other.get("/api/v1/webhooks").await.json()["items"], json!([]));
    assert_eq!(other.get("/api/v1/channels").await.json()["items"], json!([]));
    for (method, path, body) in &routes {
        let status = administrator.api(method, path, body.clone()).await.status.as_u16();
        assert!((200..300).contains(&status), "{method} {path}: {status}");
    }
}
