//! LINE WORKS, Chatwork and other programs, against stand-ins that answer as the real ones do.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sekisho_kernel::Language;
use sekisho_notify::{
    ChannelError, ChannelId, ChannelSettings, ChatKind, ChatSettings, ChatworkSettings, Lane,
    LineWorksSettings, Message, Options, Question, Recipient,
};
use sekisho_storage::Engine;
use sekisho_teststore::{fresh, tenant};
use serde_json::{Value, json};

use crate::far_sides::{Got, HttpServer, answer};
use crate::office::{Office, migrations};

async fn office() -> Office {
    // The operator allows the loopback network, so that a stand-in can be reached.
    let options = Options { allowed_networks: vec!["127.0.0.0/8".parse().unwrap()], ..Options::default() };
    let office = Office::open(fresh(Engine::Sqlite, &migrations()).await, options);
    office.prepare(tenant(1)).await;
    office
}

async fn channel(office: &Office, settings: ChannelSettings) -> ChannelId {
    office.notify.save_channel(&office.cx(), None, "受付", &settings).await.unwrap()
}

fn question() -> Question {
    Question::new("test.visit", uuid::Uuid::from_u128(5)).choice("coming", "yes").choice("refuse", "no")
}

fn test_message(id: ChannelId) -> Message {
    Message::new(Recipient::Channel { id, language: Language::Ja }, Lane::Operational, "notify-test")
        .link("notify-test-link", "/settings/notices")
}

fn with_body(status: &str, body: &Value) -> String {
    let body = body.to_string();
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

fn form(call: &Got) -> Vec<(String, String)> {
    reqwest::Url::parse(&format!("http://x/?{}", call.body)).unwrap().query_pairs().into_owned().collect()
}

fn account(server: &HttpServer) -> LineWorksSettings {
    LineWorksSettings {
        client_id: "client".to_owned(),
        client_secret: "s&cret".to_owned(),
        service_account: "abcde.serviceaccount@example".to_owned(),
        private_key: rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap().serialize_pem(),
        bot: "2000001".to_owned(),
        channel: "12345a12-b12c-12d3-e123fghijkl".to_owned(),
        api: server.url(""),
        auth: server.url("/"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_works_bot_signs_in_once_and_waits_as_it_is_told() {
    let (server, office) = (HttpServer::start().await, office().await);
    let bot = channel(&office, ChannelSettings::LineWorks(account(&server))).await;
    let token = |word: &str| {
        with_body(
            "200 OK",
            &json!({ "access_token": word, "token_type": "Bearer", "expires_in": "86400", "scope": "bot" }),
        )
    };
    *server.answers.lock().unwrap() = vec![
        answer("429 Too Many Requests", "retry-after: 20\r\n"),
        token("first"),
        answer("429 Too Many Requests", "ratelimit-reset: 40\r\n"),
        answer("201 Created", ""),
    ];
    office.tell(test_message(bot).asks(question())).await;
    for (wait, calls) in [(0, 1), (19, 1), (2, 3), (39, 3), (2, 4)] {
        office.world.advance(Duration::from_secs(wait));
        office.notify.run_due().await.unwrap();
        assert_eq!(server.calls().len(), calls, "after {wait} more seconds");
    }
    assert_eq!(office.states().await, ["chat sent"]);

    // The voucher is as RFC 7523 and LINE WORKS want it.
    let calls = server.calls();
    assert!(calls[1].head.starts_with("POST /oauth2/v2.0/token HTTP/1.1"), "{}", calls[1].head);
    let sent = form(&calls[1]);
    let value = |name: &str| sent.iter().find(|(known, _)| known == name).unwrap().1.clone();
    assert_eq!(value("grant_type"), "urn:ietf:params:oauth:grant-type:jwt-bearer");
    assert_eq!(
        (value("client_id"), value("client_secret"), value("scope")),
        ("client".into(), "s&cret".into(), "bot".into())
    );
    let voucher = value("assertion");
    let claims = URL_SAFE_NO_PAD.decode(voucher.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(
        (claims["iss"].as_str(), claims["sub"].as_str()),
        (Some("client"), Some("abcde.serviceaccount@example"))
    );
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 1800);

    let call = &calls[3];
    let at = "POST /v1.0/bots/2000001/channels/12345a12-b12c-12d3-e123fghijkl/messages HTTP/1.1";
    assert!(call.head.starts_with(at), "{}", call.head);
    assert_eq!(call.header("authorization").as_deref(), Some("Bearer first"));
    let body: Value = serde_json::from_str(&call.body).unwrap();
    assert_eq!(body["content"]["type"], "button_template");
    let actions = body["content"]["actions"].as_array().unwrap();
    assert!(actions.iter().all(|action| action["type"] == "uri"));
    let labels: Vec<_> = actions.iter().map(|action| action["label"].as_str().unwrap()).collect();
    assert_eq!(labels, ["⟦yes⟧", "⟦no⟧", "お知らせの状況を見る"]);

    // Withdrawn before its time, the token is asked for anew; until then one sign-in serves all.
    *server.answers.lock().unwrap() = vec![
        answer("201 Created", ""),
        answer("401 Unauthorized", ""),
        token("second"),
        answer("201 Created", ""),
    ];
    office.tell(test_message(bot)).await;
    office.notify.run_due().await.unwrap();
    office.tell(test_message(bot)).await;
    office.notify.run_due().await.unwrap();
    office.world.advance(Duration::from_secs(10));
    office.notify.run_due().await.unwrap();
    assert_eq!(office.states().await, ["chat sent"; 3]);
    let calls = server.calls();
    let tokens: Vec<_> = calls[4..].iter().map(|call| call.header("authorization")).collect();
    let bearer = |word: &str| Some(format!("Bearer {word}"));
    assert_eq!(tokens, [bearer("first"), bearer("first"), None, bearer("second")]);

    // A day later it has ended.
    *server.answers.lock().unwrap() = vec![token("third"), answer("201 Created", "")];
    office.world.advance(Duration::from_secs(86_400));
    office.tell(test_message(bot)).await;
    office.notify.run_due().await.unwrap();
    assert_eq!(server.calls().last().unwrap().header("authorization"), bearer("third"));
    // An app that was deleted is not asked again and again, and what went wrong can be read without its secret.
    *server.answers.lock().unwrap() = vec![
        answer("401 Unauthorized", ""),
        with_body("400 Bad Request", &json!({ "error": "invalid_client" })),
    ];
    office.tell(test_message(bot)).await;
    office.notify.run_due().await.unwrap();
    office.world.advance(Duration::from_secs(10));
    office.notify.run_due().await.unwrap();
    let row = office.deliveries().await.pop().unwrap();
    assert_eq!(row.state, "dead");
    let why = row.last_error.unwrap();
    assert!(why.contains("service account was refused") && !why.contains("s&cret"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chatwork_room_is_written_into_and_its_limit_kept() {
    let (server, office) = (HttpServer::start().await, office().await);
    let room =
        ChatworkSettings { room: "123456789".to_owned(), token: "t0ken".to_owned(), api: server.url("") };
    let room = channel(&office, ChannelSettings::Chatwork(room)).await;
    // Chatwork tells the end of its limit by the Unix clock.
    let end = office.cx().now.plus(Duration::from_secs(120)).as_secs();
    *server.answers.lock().unwrap() =
        vec![answer("429 Too Many Requests", &format!("x-ratelimit-reset: {end}\r\n"))];
    office.tell(test_message(room).asks(question())).await;
    for (wait, calls) in [(0, 1), (118, 1), (4, 2)] {
        office.world.advance(Duration::from_secs(wait));
        office.notify.run_due().await.unwrap();
        assert_eq!(server.calls().len(), calls, "after {wait} more seconds");
    }
    assert_eq!(office.states().await, ["chat sent"]);
    let call = server.calls().remove(1);
    assert!(call.head.starts_with("POST /v2/rooms/123456789/messages HTTP/1.1"), "{}", call.head);
    assert_eq!(call.header("x-chatworktoken").as_deref(), Some("t0ken"));
    let sent = form(&call);
    let text = &sent.iter().find(|(name, _)| name == "body").unwrap().1;
    assert!(text.starts_with("[info][title]送信テスト[/title]") && text.ends_with("[/info]"), "{text}");
    assert!(text.contains("\nhttps://midori.example.jp/act/") && text.contains(".2\n"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_of_line_works_and_other_programs_get_what_they_understand() {
    let (server, office) = (HttpServer::start().await, office().await);
    let hook = |kind, path: &str| ChannelSettings::Chat(ChatSettings { kind, url: server.url(path) });
    let line_works = channel(&office, hook(ChatKind::LineWorks, "/message/secret")).await;
    let program = channel(&office, hook(ChatKind::Json, "/in")).await;
    let both = [line_works, program].map(|id| test_message(id).asks(question()));
    office.tell_in(tenant(1), both.to_vec()).await;
    office.notify.run_due().await.unwrap();
    for call in server.calls() {
        let body: Value = serde_json::from_str(&call.body).unwrap();
        if call.head.contains("/message/") {
            assert_eq!(body["title"], "送信テスト");
            let text = body["body"]["text"].as_str().unwrap();
            assert!(text.contains("https://midori.example.jp/settings/notices"), "{text}");
            // It has room for one button: the page with all answers.
            let url = body["button"]["url"].as_str().unwrap();
            assert!(url.starts_with("https://midori.example.jp/act/") && !url.ends_with(".1"), "{url}");
        } else {
            assert_eq!(body["subject"], "送信テスト");
            assert_eq!(body["choices"].as_array().unwrap().len(), 2);
            let all = body["all_choices"].as_str().unwrap();
            assert_eq!(body["choices"][1]["url"], format!("{all}.2"));
        }
    }
    assert_eq!(office.states().await, ["chat sent"; 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_work_is_refused_where_it_is_typed() {
    let (server, office) = (HttpServer::start().await, office().await);
    let line_works = |change: fn(&mut LineWorksSettings)| {
        let mut account = account(&server);
        change(&mut account);
        ChannelSettings::LineWorks(account)
    };
    let chatwork = |room: &str, token: &str| {
        ChannelSettings::Chatwork(ChatworkSettings {
            room: room.to_owned(),
            token: token.to_owned(),
            ..Default::default()
        })
    };
    for (settings, field) in [
        (line_works(|account| account.bot = "../users".to_owned()), "bot"),
        (line_works(|account| account.channel.clear()), "channel"),
        (line_works(|account| account.client_id = " ".to_owned()), "client_id"),
        (line_works(|account| account.private_key = "key".to_owned()), "private_key"),
        (line_works(|account| account.auth = "https://169.254.169.254".to_owned()), "api"),
        (chatwork("12/../3", "t"), "room"),
        (chatwork("12", "t\r\nx: y"), "token"),
    ] {
        let refused = office.notify.save_channel(&office.cx(), None, "x", &settings).await;
        assert!(
            matches!(refused, Err(ChannelError::Invalid(found, _)) if found == field),
            "{field}: {refused:?}"
        );
    }
}
