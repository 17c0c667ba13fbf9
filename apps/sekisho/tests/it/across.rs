//! What one process commits, the others on the same PostgreSQL hear at once.
//!
//! Each process also looks for itself now and then, so that a notice that was lost costs a moment and nothing more. These
//! tests tell hearing from looking: what they wait for comes sooner, or more often, than looking alone could bring it.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use reqwest::{Certificate, Client, StatusCode, redirect};
use sekisho_storage::Engine;
use serde_json::{Value, json};

use crate::kill::company::{self, Company};
use crate::kill::server::Server;
use crate::listener::Listener;
use crate::stage::{PATIENCE, Rows, Stage};

/// A server believes what it read of a session, and of rights, for so long when it hears nothing.
const BELIEVED: Duration = Duration::from_secs(1);
/// The endpoint of devices looks so often for what others have committed.
const LOOKED_FOR: Duration = Duration::from_millis(500);
/// A machine under load may answer too slowly to tell hearing from looking; then it is tried again.
const TRIES: usize = 30;

/// Two processes: people come to the first, and to the second, to which devices are connected, too.
struct Pair {
    company: Company,
    first: Server,
    second: Server,
    second_url: String,
    client: Client,
}

impl Pair {
    async fn start() -> Self {
        let company = Company::found(Engine::Postgres, 1, 0).await;
        let first = Server::start_with(&company.config_file, &["--roles", "web"]).await;
        let (config, second_url) = config_of_the_second(&company);
        let second = Server::start_with(&config, &["--roles", "web,devices,worker"]).await;
        let authority = Certificate::from_pem(company.authority_pem.as_bytes()).unwrap();
        let client = Client::builder()
            .tls_certs_only([authority])
            .redirect(redirect::Policy::none())
            .timeout(PATIENCE)
            .build()
            .unwrap();
        Self { company, first, second, second_url, client }
    }

    /// The first process does something that an administrator asks for.
    async fn act(&self, method: &str, path: &str, body: Value) -> Value {
        let url = format!("{}{path}", self.company.url);
        self.ask(method, &url, body).await
    }

    async fn ask(&self, method: &str, url: &str, body: Value) -> Value {
        let asked = self.client.request(method.parse().unwrap(), url).bearer_auth(&self.company.token);
        let answer = if body.is_null() { asked.send().await } else { asked.json(&body).send().await };
        let answer = answer.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{method} {url}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// Somebody signs in at the first process; the cookie of their session.
    async fn sign_in(&self, mail: &str) -> String {
        let escaped = sekisho_web::escape_query;
        let form = format!("mail={}&password={}", escaped(mail), escaped(company::PASSWORD));
        let asked = self.client.post(format!("{}/sign-in", self.company.url)).body(form);
        let asked = asked.header("content-type", "application/x-www-form-urlencoded");
        let answer = asked.header("sec-fetch-site", "same-origin").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{answer:?}");
        let cookies = answer.headers().get_all("set-cookie").iter();
        let mut pairs = cookies.filter_map(|line| line.to_str().ok()?.split(';').next());
        pairs.find(|pair| pair.starts_with("__Host-sekisho=")).unwrap().to_owned()
    }

    /// What the second process says to who shows `cookie`.
    async fn knock_at_the_second(&self, cookie: &str) -> StatusCode {
        let asked = self.client.get(format!("{}/api/v1/me", self.second_url)).header("cookie", cookie);
        asked.send().await.unwrap().status()
    }

    async fn stop(self) {
        self.first.stop().await;
        self.second.stop().await;
    }
}

/// The configuration of a second process beside the first: other ports, but for the one devices were told.
fn config_of_the_second(company: &Company) -> (PathBuf, String) {
    let text = std::fs::read_to_string(&company.config_file).unwrap();
    let held: Vec<_> = (0..2).map(|_| std::net::TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    let free: Vec<u16> = held.iter().map(|listener| listener.local_addr().unwrap().port()).collect();
    let https = company.url.rsplit_once(':').unwrap().1;
    let (before, probes) = text.split_once("[probes]\nlisten = \"127.0.0.1:").unwrap();
    let after = probes.split_once('"').unwrap().1;
    let text = format!(
        "{}[probes]\nlisten = \"127.0.0.1:{}\"{after}",
        before.replace(&format!(":{https}\""), &format!(":{}\"", free[0])),
        free[1]
    );
    let file = company.folder.path().join("second.toml");
    std::fs::write(&file, text).unwrap();
    (file, format!("https://127.0.0.1:{}", free[0]))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ended_here_is_over_there() {
    let pair = Pair::start().await;
    let people = pair.act("GET", "/api/v1/people", Value::Null).await;
    let person = people["items"].as_array().unwrap().iter().find(|one| one["name"] == "Person 0").unwrap();
    let everywhere = format!("/api/v1/people/{}/end-access", person["id"].as_str().unwrap());
    // The person signs out; an administrator ends whatever the person has open.
    for by_administrator in [false, true] {
        let (mut heard, mut tries) = (0, 0);
        while heard < 2 {
            tries += 1;
            assert!(tries <= TRIES, "the second process never heard of it: it only looked for itself");
            let cookie = pair.sign_in("person0@acme.example").await;
            // The second process has never seen this session: it reads it now, and believes what it read for a while.
            let read = Instant::now();
            assert_eq!(pair.knock_at_the_second(&cookie).await, StatusCode::OK);
            if by_administrator {
                pair.act("POST", &everywhere, Value::Null).await;
            } else {
                let asked = pair.client.post(format!("{}/sign-out", pair.company.url));
                let asked = asked.header("cookie", &cookie).header("sec-fetch-site", "same-origin");
                assert_eq!(asked.send().await.unwrap().status(), StatusCode::SEE_OTHER);
            }
            let ended = Instant::now();
            while pair.knock_at_the_second(&cookie).await != StatusCode::UNAUTHORIZED {
                assert!(ended.elapsed() < PATIENCE, "the session lives on");
            }
            println!("a session is over in the other process after {:?}", ended.elapsed());
            heard += usize::from(read.elapsed() < BELIEVED);
        }
    }
    pair.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_given_here_decides_there() {
    let pair = Pair::start().await;
    let person = pair.act("POST", "/api/v1/people", json!({ "name": "山田 太郎" })).await["id"].clone();
    let keys = pair.act("GET", "/api/v1/keys", Value::Null).await;
    let key = keys["items"][0]["id"].clone();
    let grant = json!({
        "subject": { "kind": "person", "id": person }, "right": "exchange",
        "target": { "on": "resource", "id": key }, "note": "",
    });
    let question = json!({
        "subject": { "type": "person", "id": person },
        "action": { "name": "exchange" },
        "resource": { "type": "key", "id": key },
    });
    let url = format!("{}/access/v1/evaluation", pair.second_url);
    let mut given: Option<String> = None;
    let (mut last_seen, mut heard) = (None, 0);
    for _ in 0..TRIES {
        match given.take() {
            Some(id) => {
                pair.act("DELETE", &format!("/api/v1/grants/{id}"), Value::Null).await;
            }
            None => {
                let made = pair.act("POST", "/api/v1/grants", grant.clone()).await;
                given = Some(made["id"].as_str().unwrap().to_owned());
            }
        }
        let changed = Instant::now();
        let asked = loop {
            let asked = Instant::now();
            if pair.ask("POST", &url, question.clone()).await["decision"] == given.is_some() {
                break asked;
            }
            assert!(changed.elapsed() < PATIENCE, "the right of {given:?} is never seen");
        };
        println!("decided by the new rights in the other process after {:?}", changed.elapsed());
        // Who looks once in a while sees one change each time; two changes within that time were heard of.
        heard += usize::from(last_seen.is_some_and(|last: Instant| last.elapsed() < BELIEVED));
        last_seen = Some(asked);
        if heard == 4 {
            return pair.stop().await;
        }
    }
    panic!("the second process never heard of a change: it only looked for itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_asked_for_here_reaches_the_device_connected_there() {
    let pair = Pair::start().await;
    let smartbox = &pair.company.boxes[0];
    let mut device = Listener::start(&smartbox.home).await;
    let path = format!("/api/v1/key-boxes/{}/bins/{}/open", smartbox.id, company::BINS);
    let (mut last_asked, mut heard): (Option<Instant>, _) = (None, 0);
    for number in 0..TRIES {
        let asked = Instant::now();
        pair.act("POST", &path, json!({ "reason": format!("number {number}") })).await;
        let committed = Instant::now();
        device.hears("/cmd/").await;
        println!("a command is at the device of the other process after {:?}", committed.elapsed());
        // Who looks twice a second hands out one, and the next not before the next look.
        heard += usize::from(last_asked.is_some_and(|last| last.elapsed() < LOOKED_FOR));
        last_asked = Some(asked);
        if heard == 3 {
            drop(device);
            return pair.stop().await;
        }
    }
    panic!("the second process never heard of a command: it only looked for itself");
}

/// Whoever runs a command beside running servers need not wait until they look: it ends after it has told them.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_has_told_the_servers_when_it_ends() {
    let stage = Stage::new(Engine::Postgres).await;
    stage.setup().await.done();
    let Rows::Postgres(url) = stage.rows() else { panic!("a PostgreSQL") };
    let mut listener = sqlx::postgres::PgListener::connect(&url).await.unwrap();
    listener.listen("sekisho_changed").await.unwrap();
    for (words, fact) in [
        (&["device", "add", "Box"][..], "devices.added"),
        (&["device", "revoke", "Box", "--yes", "Box"], "devices.revoked"),
        (&["tenant", "erase", "青葉商事", "--yes", "青葉商事"], "identity.tenant_closed"),
    ] {
        stage.run(words).await.done();
        let told = async { while !listener.recv().await.unwrap().payload().contains(fact) {} };
        let told = tokio::time::timeout(PATIENCE, told).await;
        assert!(told.is_ok(), "{words:?} ended without a word of {fact}");
    }
}
