//! Buttons that act: without signing in, once, as whoever was asked.

use sekisho_kernel::{AuditEntry, Language, PersonId};
use sekisho_notify::{ActError, Attachment, Lane, Message, Question, Recipient, Said, receipts};
use sekisho_storage::{Engine, Scoped as _};
use sekisho_testkit::{Client, Colleague, TestServer, hours, minutes};
use serde_json::{Value, json};
use uuid::Uuid;

const VISIT: Uuid = Uuid::from_u128(77);

/// A server with somebody who acts on answers about visits.
async fn server(engine: Engine) -> TestServer {
    let server = TestServer::start(engine, Vec::new(), |foundation| {
        let store = foundation.store.clone();
        foundation.notify.on_choice("test.visit", move |cx, chosen| {
            let store = store.clone();
            async move {
                if chosen.payload["gone"] == true {
                    return Err(ActError::Refused(Said::new("error-refused")));
                }
                let tx = store.begin(&cx).await?;
                let entry = AuditEntry::done("test.answer").on("visit", chosen.question, "visit");
                if chosen.payload["for_all"] == true {
                    return chosen.commit_for_all(tx, entry, Said::new("notify-saved")).await;
                }
                chosen.commit(tx, entry, Said::new("notify-saved")).await
            }
        });
        Vec::new()
    })
    .await;
    server.settle().await;
    server
}

fn question() -> Question {
    Question::new("test.visit", VISIT).choice("coming", "yes").choice("refuse", "no")
}

fn to(person: PersonId, question: Question) -> Message {
    Message::to_person(person, Lane::Operational, "notify-test").about("visit", VISIT).asks(question)
}

fn outside(language: Language) -> Recipient {
    Recipient::Mail { address: "guest@example.com".to_owned(), name: "李 娜".to_owned(), language }
}

async fn tell(server: &TestServer, messages: Vec<Message>) {
    // The clock stands still otherwise, and the newest mail would be any.
    server.advance(std::time::Duration::from_secs(1)).await;
    let foundation = server.foundation();
    let mut tx = foundation.store.begin(&server.cx()).await.unwrap();
    foundation.notify.tell_all(&mut tx, messages).await.unwrap();
    tx.commit_bookkeeping("test").await.unwrap();
    server.settle().await;
}

/// The token behind the first button in the newest mail to `address`.
async fn token(server: &TestServer, address: &str) -> String {
    let mails = server.foundation().notify.mailbox(&server.cx(), 50).await.unwrap();
    let url = mails
        .iter()
        .filter(|mail| mail.recipient.contains(address))
        .find_map(|mail| mail.links.0.first().map(|(_, url)| url).filter(|url| url.contains("/act/")))
        .unwrap();
    url.rsplit('/').next().unwrap().to_owned()
}

async fn press(mut client: Client, token: &str, body: Value) -> (u16, Value) {
    let answer = client.api("POST", &format!("/api/v1/acts/{token}"), body).await;
    (answer.status.as_u16(), answer.json())
}

async fn answers(server: &TestServer) -> Vec<Value> {
    let all =
        server.administrator().await.get("/api/v1/audit-entries?action=test.answer").await.expect(200).json();
    all["items"].as_array().unwrap().clone()
}

async fn two(server: &TestServer) -> (Colleague, Colleague) {
    let both = (server.colleague("sato").await, server.colleague("tanaka").await);
    server.settle().await;
    both
}

async fn looking_changes_nothing_and_pressing_acts_once(engine: Engine) {
    let server = server(engine).await;
    let (sato, _) = two(&server).await;
    tell(&server, vec![to(sato.person, question())]).await;
    let token = token(&server, &sato.mail).await;
    let path = format!("/act/{token}");
    let mut stranger = server.stranger();
    // Scanners of mails look at every address, with the methods that change nothing.
    for _ in 0..3 {
        let page = stranger.get(&path).await.expect(200);
        assert!(
            page.text.contains("「はい」") && page.text.contains(&format!("action=\"{path}\"")),
            "{}",
            page.text
        );
        assert!(!page.text.contains('⟦'), "{}", page.text);
        assert_eq!(page.headers["referrer-policy"], "no-referrer");
        assert_eq!(page.headers["cache-control"], "no-store");
    }
    assert!(answers(&server).await.is_empty());
    let open = stranger.get(&format!("/api/v1/acts/{token}")).await.expect(200).json();
    assert_eq!((open["state"].as_str(), open["choice"].as_str()), (Some("open"), Some("coming")));

    let done = stranger.post(&path, &[]).await.expect(200).text;
    assert!(done.contains("保存しました"), "{done}");
    let again = stranger.post(&path, &[]).await.expect(200).text;
    assert!(again.contains("回答済みです"), "{again}");
    let found = answers(&server).await;
    assert_eq!(found.len(), 1);
    let entry = found[0].to_string();
    let wanted =
        [sato.person.to_string(), "\"choice\":\"coming\"".to_owned(), "\"means\":\"mail\"".to_owned()];
    for part in wanted {
        assert!(entry.contains(&part), "{part}: {entry}");
    }

    // The page of the visit sees it.
    let scope = server.foundation().store.read(server.tenant).await.unwrap();
    let seen = receipts(&scope, "visit", VISIT).await.unwrap();
    let chosen: Vec<_> = seen
        .iter()
        .map(|receipt| {
            let word = receipt.chosen.as_ref().map(|chosen| chosen.word.as_str());
            (receipt.person, receipt.means.as_str(), receipt.state.as_str(), word)
        })
        .collect();
    assert_eq!(chosen, [(Some(sato.person), "mail", "sent", Some("coming"))]);
    assert!(seen[0].sent_at.is_some() && seen[0].why.is_none());
    drop(scope);

    // Nothing but the address itself leads there.
    let (secret, _) = token.split_once('.').unwrap();
    let (_, mut other) = server.other_tenant("other").await;
    other.get(&path).await.expect(404);
    for wrong in
        [format!("{secret}.3"), format!("{secret}.0"), secret.replace(&secret[..3], "AAA"), "x".to_owned()]
    {
        stranger.get(&format!("/act/{wrong}")).await.expect(404);
        stranger.post(&format!("/act/{wrong}"), &[]).await.expect(404);
    }
}

async fn two_presses_at_once_act_once(engine: Engine) {
    let server = server(engine).await;
    let (sato, tanaka) = two(&server).await;
    let first = || question().payload(json!({ "for_all": true }));
    tell(&server, vec![to(sato.person, first()), to(tanaka.person, first())]).await;
    let (one, other) = (token(&server, &sato.mail).await, token(&server, &tanaka.mail).await);
    let (a, b) = tokio::join!(
        press(server.stranger(), &one, json!({})),
        press(server.stranger(), &other, json!({ "choice": "coming" }))
    );
    let mut statuses = [a.0, b.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{a:?} {b:?}");
    assert_eq!(answers(&server).await.len(), 1);
    let (winner, late) = if a.0 == 200 { ("sato", &other) } else { ("tanaka", &one) };
    let page = server.stranger().get(&format!("/act/{late}")).await.ok();
    assert!(
        page.contains("すでに回答されています") && page.contains(&format!("{winner} さんが先に")),
        "{page}"
    );
    let (_, conflict) = press(server.stranger(), late, json!({})).await;
    assert_eq!(
        (conflict["answer"]["yours"].as_bool(), conflict["answer"]["word"].as_str()),
        (Some(false), Some("coming"))
    );

    // The same button twice at the same moment; here each recipient has an answer of their own.
    let other = Question::new("test.visit", Uuid::from_u128(78)).choice("coming", "yes");
    tell(&server, vec![to(sato.person, other.clone()), to(tanaka.person, other)]).await;
    let one = token(&server, &sato.mail).await;
    let (a, b) =
        tokio::join!(press(server.stranger(), &one, json!({})), press(server.stranger(), &one, json!({})));
    let mut statuses = [a.0, b.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{a:?} {b:?}");
    let theirs = token(&server, &tanaka.mail).await;
    assert_eq!(press(server.stranger(), &theirs, json!({})).await.0, 200);
    assert_eq!(answers(&server).await.len(), 3);
}

async fn a_question_ends(engine: Engine) {
    let server = server(engine).await;
    let (sato, tanaka) = two(&server).await;
    let far = server.cx().now.plus(hours(100));
    let soon = server.cx().now.plus(minutes(10));
    tell(&server, vec![to(sato.person, question().until(far)), to(tanaka.person, question().until(soon))])
        .await;
    let (long, short) = (token(&server, &sato.mail).await, token(&server, &tanaka.mail).await);
    server.advance(minutes(11)).await;
    let mut stranger = server.stranger();
    assert!(stranger.get(&format!("/act/{short}")).await.ok().contains("受け付けは終了しました"));
    let (status, ended) = press(server.stranger(), &short, json!({})).await;
    assert_eq!((status, ended["code"].as_str()), (409, Some("notify-act-over")));
    assert!(stranger.get(&format!("/act/{long}")).await.ok().contains("「はい」"));
    // A day is the longest; then what was asked is forgotten too.
    server.advance(hours(24)).await;
    server.foundation().notify.tidy(&server.cx()).await.unwrap();
    let page = stranger.get(&format!("/act/{long}")).await.ok();
    assert!(page.contains("受け付けは終了しました") && !page.contains("送信テスト"), "{page}");

    // Somebody deals with it at the desk: nobody is asked any more, and what waits is not sent.
    tell(&server, vec![to(sato.person, question())]).await;
    let token = token(&server, &sato.mail).await;
    let foundation = server.foundation();
    let mut tx = foundation.store.begin(&server.cx_of(tanaka.person)).await.unwrap();
    foundation.notify.tell(&mut tx, to(tanaka.person, question())).await.unwrap();
    assert!(foundation.notify.end_question(&tx, "test.visit", VISIT).await.unwrap());
    assert!(!foundation.notify.end_question(&tx, "test.visit", VISIT).await.unwrap());
    tx.commit_bookkeeping("test").await.unwrap();
    server.settle().await;
    let page = stranger.post(&format!("/act/{token}"), &[]).await.ok();
    assert!(page.contains("tanaka さんがすでに対応しました"), "{page}");
    // What it was about is forgotten: what waits is dropped, and no word of it stays.
    let mut tx = foundation.store.begin(&server.cx()).await.unwrap();
    let plan = Attachment::file("plan.txt", "text/plain", b"who comes".to_vec());
    let message = to(sato.person, question().until(far)).attach(plan);
    foundation.notify.tell(&mut tx, message).await.unwrap();
    foundation.notify.forget_about(&tx, "visit", &[VISIT]).await.unwrap();
    tx.commit_bookkeeping("test").await.unwrap();
    server.settle().await;
    let scope = foundation.store.read(server.tenant).await.unwrap();
    let rows = scope.find::<sekisho_notify::tables::notify_deliveries::Entity>().all().await.unwrap();
    assert!(rows.iter().filter(|row| row.about_id == Some(VISIT)).all(|row| row.content.is_empty()));
    let carried = scope.find::<sekisho_notify::tables::notify_attachments::Entity>().count().await.unwrap();
    assert_eq!(carried, 0);
    let asks = scope.find::<sekisho_notify::tables::notify_asks::Entity>().all().await.unwrap();
    assert!(asks.iter().all(|ask| ask.content.is_empty()), "{asks:?}");
    let states: Vec<String> =
        receipts(&scope, "visit", VISIT).await.unwrap().into_iter().map(|receipt| receipt.state).collect();
    assert_eq!(states, ["sent", "sent", "sent", "dropped", "dropped"]);
    assert!(answers(&server).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_changes_nothing_and_pressing_acts_once_on_sqlite() {
    looking_changes_nothing_and_pressing_acts_once(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_changes_nothing_and_pressing_acts_once_on_postgres() {
    looking_changes_nothing_and_pressing_acts_once(Engine::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_presses_at_once_act_once_on_sqlite() {
    two_presses_at_once_act_once(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_presses_at_once_act_once_on_postgres() {
    two_presses_at_once_act_once(Engine::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_ends_on_sqlite() {
    a_question_ends(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_ends_on_postgres() {
    a_question_ends(Engine::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_told_and_leaves_the_question_open() {
    let server = server(Engine::Sqlite).await;
    let guest = Message::new(outside(Language::Ko), Lane::Operational, "notify-test");
    tell(&server, vec![guest.asks(question().payload(json!({ "gone": true })))]).await;
    let token = token(&server, "guest@example.com").await;
    let mut stranger = server.stranger();
    let page = stranger.post(&format!("/act/{token}"), &[]).await.expect(422).text;
    assert!(page.contains("지금은 이 작업을 할 수 없습니다"), "{page}");
    let (status, problem) = press(server.stranger(), &token, json!({})).await;
    assert_eq!((status, problem["code"].as_str()), (422, Some("error-refused")));
    let (status, problem) = press(server.stranger(), &token, json!({ "choice": "other" })).await;
    assert_eq!((status, problem["errors"][0]["field"].as_str()), (422, Some("choice")));
    assert_eq!(stranger.get(&format!("/api/v1/acts/{token}")).await.json()["state"], "open");
}

#[tokio::test(flavor = "multi_thread")]
async fn outsiders_read_four_languages_and_somebody_who_left_answers_nothing() {
    let server = server(Engine::Sqlite).await;
    for (language, yes, choose) in [
        (Language::Ja, "はい", "回答をお選びください"),
        (Language::En, "Yes", "Please choose an answer"),
        (Language::Zh, "是", "请选择答复"),
        (Language::Ko, "예", "답변을 선택해 주세요"),
    ] {
        let guest = Message::new(outside(language), Lane::Operational, "notify-test");
        let question = Question::new("test.visit", Uuid::from_u128(language.tag().as_bytes()[0].into()));
        let question = question.choice("coming", "yes").choice("refuse", "no");
        tell(&server, vec![guest.asks(question)]).await;
        let token = token(&server, "guest@example.com").await;
        let all = format!("/act/{}", token.split('.').next().unwrap());
        let page = server.stranger().get(&all).await.ok();
        assert!(page.contains(&format!("<html lang=\"{}\"", language.tag())), "{page}");
        assert!(page.contains(yes) && page.contains(choose), "{page}");
        // Without an account, a guest acts.
        assert_eq!(press(server.stranger(), &token, json!({})).await.0, 200);
    }
    assert!(answers(&server).await[0].to_string().contains("guest"));

    let (sato, _) = two(&server).await;
    tell(
        &server,
        vec![to(sato.person, Question::new("test.visit", Uuid::from_u128(79)).choice("coming", "yes"))],
    )
    .await;
    let token = token(&server, &sato.mail).await;
    let mut administrator = server.administrator().await;
    let leave = format!("/api/v1/people/{}/leave", sato.person);
    assert!(administrator.api("POST", &leave, Value::Null).await.status.is_success());
    let (status, _) = press(server.stranger(), &token, json!({})).await;
    assert_eq!(status, 404);
}
