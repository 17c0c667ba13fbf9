//! SMS gateways and chat channels over HTTP.

use std::time::Duration;

use sekisho_kernel::Language;
use sekisho_notify::{
    ChannelId, ChannelSettings, ChatKind, ChatSettings, Lane, Means, Message, Options, Question, Recipient,
    SmsSettings,
};
use sekisho_storage::Engine;
use sekisho_teststore::{fresh, tenant};

use crate::far_sides::{HttpServer, answer};
use crate::office::{Office, migrations, sato};

async fn office() -> Office {
    // The operator allows the loopback network, so that a stand-in can be reached.
    let options = Options { allowed_networks: vec!["127.0.0.0/8".parse().unwrap()], ..Options::default() };
    let office = Office::open(fresh(Engine::Sqlite, &migrations()).await, options);
    office.prepare(tenant(1)).await;
    office
}

fn code() -> Message {
    Message::to_person(sato(), Lane::LifeSafety, "notify-code")
        .by(&[Means::Sms])
        .arg("code", "123456")
        .arg("purpose", "sign_in")
}

async fn gateway(office: &Office, server: &HttpServer) {
    let sms = SmsSettings {
        method: "POST".to_owned(),
        url: server.url("/sms?to={to}"),
        headers: [("authorization".to_owned(), "Bearer k".to_owned())].into(),
        content_type: "application/json".to_owned(),
        body: r#"{"to":"{to}","text":"{text}"}"#.to_owned(),
    };
    office.notify.save_channel(&office.cx(), None, "SMS", &ChannelSettings::Sms(sms)).await.unwrap();
}

async fn chat(office: &Office, kind: ChatKind, url: String) -> ChannelId {
    let settings = ChannelSettings::Chat(ChatSettings { kind, url });
    office.notify.save_channel(&office.cx(), None, "総務", &settings).await.unwrap()
}

fn to_channel(id: ChannelId) -> Message {
    Message::new(Recipient::Channel { id, language: Language::Ja }, Lane::Operational, "notify-test")
        .link("notify-test-link", "/settings/notices")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_sms_gateway_is_called_as_described_and_waited_for() {
    let (server, office) = (HttpServer::start().await, office().await);
    gateway(&office, &server).await;
    *server.answers.lock().unwrap() =
        vec![answer("429 Too Many Requests", "retry-after: 90\r\n"), answer("500 Oops", "")];
    office.tell(code()).await;
    office.notify.run_due().await.unwrap();
    office.world.advance(Duration::from_secs(89));
    assert_eq!(office.notify.run_due().await.unwrap(), 0);
    for _ in 0..3 {
        office.world.advance(Duration::from_secs(31));
        office.notify.run_due().await.unwrap();
    }
    assert_eq!(office.states().await, ["sms sent"]);
    let calls = server.calls();
    assert_eq!(calls.len(), 3);
    let call = &calls[2];
    assert!(call.head.starts_with("POST /sms?to=%2B819012345678 HTTP/1.1"), "{}", call.head);
    assert_eq!(call.header("authorization").as_deref(), Some("Bearer k"));
    assert_eq!(call.header("idempotency-key"), calls[0].header("idempotency-key"));
    let body: serde_json::Value = serde_json::from_str(&call.body).unwrap();
    assert_eq!(body["to"], "+819012345678");
    assert!(body["text"].as_str().unwrap().contains("123456"));
}

#[tokio::test(flavor = "multi_thread")]
async fn slack_and_teams_get_what_they_understand() {
    let (server, office) = (HttpServer::start().await, office().await);
    let slack = chat(&office, ChatKind::Slack, server.url("/slack/secret")).await;
    let teams = chat(&office, ChatKind::Teams, server.url("/teams?sig=secret")).await;
    office.tell_in(tenant(1), vec![to_channel(slack), to_channel(teams)]).await;
    office.notify.run_due().await.unwrap();
    assert_eq!(office.states().await, ["chat sent", "chat sent"]);
    for call in server.calls() {
        let body: serde_json::Value = serde_json::from_str(&call.body).unwrap();
        if call.head.contains("/slack/") {
            assert_eq!(body["blocks"][0]["text"]["text"], "送信テスト");
            assert_eq!(body["blocks"][2]["elements"][0]["url"], "https://midori.example.jp/settings/notices");
        } else {
            assert_eq!(body["attachments"][0]["content"]["type"], "AdaptiveCard");
        }
    }
    // Taken away, it gets nothing more.
    office.notify.remove_channel(&office.cx(), slack).await.unwrap();
    office.tell(to_channel(slack)).await;
    office.notify.run_due().await.unwrap();
    assert_eq!(office.states().await[2], "chat dead");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_buttons_where_there_are_buttons_and_one_address_in_a_text_message() {
    let (server, office) = (HttpServer::start().await, office().await);
    let slack = chat(&office, ChatKind::Slack, server.url("/slack/secret")).await;
    let teams = chat(&office, ChatKind::Teams, server.url("/teams?sig=secret")).await;
    gateway(&office, &server).await;
    let question = || {
        let question = Question::new("test.visit", uuid::Uuid::from_u128(5));
        question.choice("coming", "notify-save").choice("refuse", "notify-remove")
    };
    let sms = Message::to_person(sato(), Lane::Operational, "notify-test").by(&[Means::Sms]);
    let all = vec![
        to_channel(slack).asks(question()),
        to_channel(teams).asks(question()),
        sms.link("notify-test-link", "/settings/notices").asks(question()),
    ];
    office.tell_in(tenant(1), all).await;
    office.notify.run_due().await.unwrap();
    let mut seen = Vec::new();
    for call in server.calls() {
        let body: serde_json::Value = serde_json::from_str(&call.body).unwrap();
        let (buttons, words, url) = if call.head.contains("/slack/") {
            (body["blocks"][2]["elements"].clone(), "/text/text", "/url")
        } else if call.head.contains("/teams") {
            (body["attachments"][0]["content"]["actions"].clone(), "/title", "/url")
        } else {
            let text = body["text"].as_str().unwrap();
            let (_, url) = text.split_once("https://midori.example.jp/act/").unwrap();
            assert_eq!(url.len(), 22, "the page with all answers, and no other address: {text}");
            seen.push(url.to_owned());
            continue;
        };
        let of =
            |number: usize, part: &str| buttons[number].pointer(part).unwrap().as_str().unwrap().to_owned();
        let told: Vec<String> = (0..3).map(|number| of(number, words)).collect();
        assert_eq!(told, ["保存する", "削除", "お知らせの状況を見る"]);
        let (first, second) = (of(0, url), of(1, url));
        let secret =
            first.strip_prefix("https://midori.example.jp/act/").unwrap().strip_suffix(".1").unwrap();
        assert_eq!(second, format!("https://midori.example.jp/act/{secret}.2"));
        seen.push(secret.to_owned());
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 3, "each recipient and means has a secret of its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_not_followed() {
    let (server, office) = (HttpServer::start().await, office().await);
    let inside = HttpServer::start().await;
    let id = chat(&office, ChatKind::Slack, server.url("/hook")).await;
    let location = format!("location: {}\r\n", inside.url("/latest/meta-data"));
    *server.answers.lock().unwrap() = vec![answer("307 Elsewhere", &location)];
    office.tell(to_channel(id)).await;
    office.notify.run_due().await.unwrap();
    assert_eq!(office.states().await, ["chat dead"]);
    assert!(inside.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_end_is_cut() {
    let (server, office) = (HttpServer::start().await, office().await);
    let id = chat(&office, ChatKind::Slack, server.url("/hook")).await;
    let endless = format!("HTTP/1.1 200 OK\r\ncontent-length: 999999999\r\n\r\n{}", "x".repeat(64 * 1024));
    *server.answers.lock().unwrap() = vec![endless];
    office.tell(to_channel(id)).await;
    office.notify.run_due().await.unwrap();
    assert_eq!(office.states().await, ["chat sent"]);
    assert!(office.deliveries().await[0].receipt.as_ref().unwrap().len() <= 310);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_inside_is_reached_unless_the_operator_allows_it() {
    let server = HttpServer::start().await;
    let office = Office::open(fresh(Engine::Sqlite, &migrations()).await, Options::default());
    office.prepare(tenant(1)).await;
    let port = server.address.port();
    for refused in [
        format!("http://127.0.0.1:{port}/"),
        format!("https://127.0.0.1:{port}/"),
        format!("https://2130706433:{port}/"),
        format!("https://[::ffff:127.0.0.1]:{port}/"),
    ] {
        let settings = ChannelSettings::Chat(ChatSettings { kind: ChatKind::Slack, url: refused.clone() });
        assert!(office.notify.save_channel(&office.cx(), None, "x", &settings).await.is_err(), "{refused}");
    }
    // A name is judged by what it resolves to when the connection is made.
    let id = chat(&office, ChatKind::Slack, format!("https://localhost:{port}/")).await;
    office.tell(to_channel(id)).await;
    office.notify.run_due().await.unwrap();
    let row = office.deliveries().await.remove(0);
    assert!(row.last_error.as_deref().unwrap().contains("not a public address"), "{:?}", row.last_error);
    assert!(server.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn push_is_encrypted_for_one_browser_and_forgets_it_when_it_is_gone() {
    let (server, office) = (HttpServer::start().await, office().await);
    let browser = sekisho_notify::send::push::Subscription {
        endpoint: server.url("/push/abc"),
        // The keys of RFC 8291, appendix A.
        p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
            .to_owned(),
        auth: "BTBZMqHH6r4Tts7J_aSIgg".to_owned(),
    };
    office.notify.subscribe(&office.cx(), sato(), &browser, "Firefox").await.unwrap();
    let push = || crate::office::greet(sato()).by(&[Means::Push]);
    office.tell(push()).await;
    office.notify.run_due().await.unwrap();
    assert_eq!(office.states().await, ["push sent"]);
    let call = server.calls().remove(0);
    assert_eq!(call.header("content-encoding").as_deref(), Some("aes128gcm"));
    assert_eq!(call.header("ttl").as_deref(), Some("14400"));
    assert_eq!(call.header("urgency").as_deref(), Some("high"));
    assert!(call.header("authorization").unwrap().starts_with("vapid t=ey"));
    assert!(call.length > 86 + 17, "header, text, tag");
    *server.answers.lock().unwrap() = vec![answer("410 Gone", "")];
    office.tell(push()).await;
    office.notify.run_due().await.unwrap();
    assert_eq!(office.states().await, ["push sent", "push dead"]);
    assert!(office.notify.browsers(&office.cx(), sato()).await.unwrap().is_empty());
    office.tell(push()).await;
    assert_eq!(office.states().await.len(), 2, "nobody takes it any more");
}
