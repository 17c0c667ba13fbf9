//! From a guest's check-in at a terminal to the message for the host: how long until a mail server has it.
//!
//! `cargo bench -p sekisho --bench at_the_host`. The server is the real binary on SQLite with every commit on disk; guests
//! come one after the other, as many as a large company has in its busiest minutes, and hosts are told by mail. Beside it stands
//! how long the terminal waits for its answer.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    dead_code,
    reason = "a measurement, not part of the product; the scenery is the one of the storm in tests/it"
)]

#[path = "../tests/it/kill/company.rs"]
mod company;
#[path = "../tests/it/kill/mailbox.rs"]
mod mailbox;
#[path = "../tests/it/kill/server.rs"]
mod server;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::{Certificate, Client};
use sea_orm::ColumnTrait as _;
use sekisho_kernel::World;
use sekisho_notify::tables::notify_deliveries;
use sekisho_storage::{Engine, Scoped as _};
use sekisho_testkit::tablet::{TabletKeys, signed_headers};
use serde_json::{Value, json};
use uuid::Uuid;

use company::Company;
use mailbox::MailServer;
use server::Server;

/// Guests, in groups of so many.
const GUESTS: usize = 500;
const GROUP: usize = 100;
/// One comes every so often: twenty a second.
const PAUSE: Duration = Duration::from_millis(50);
const WARM: usize = 50;

fn world() -> Arc<dyn World> {
    sekisho_crypto::system_world()
}

#[tokio::main]
async fn main() {
    let company = Company::found(Engine::Sqlite, 0, 0).await;
    let mails = MailServer::start().await;
    mails.serves(&company.config_file);
    let server = Server::start(&company.config_file).await;
    let api = Api::new(&company);
    let site = json!({ "name": "HQ", "address": "1-1-1", "zone": "Asia/Tokyo" });
    let site = api.post("/api/v1/sites", site).await["id"].clone();
    let passes = api.expect_guests(&site).await;
    let mut terminal = Terminal::at(&api, &site).await;

    let mut shown: HashMap<Uuid, Instant> = HashMap::new();
    let mut answers = Vec::new();
    let mut pace = tokio::time::interval(PAUSE);
    for (number, (visit, pass)) in passes.iter().enumerate() {
        pace.tick().await;
        let began = Instant::now();
        terminal.ask("/terminal/api/check-in", &json!({ "pass": pass })).await;
        if number >= WARM {
            answers.push(began.elapsed());
            shown.insert(*visit, began);
        }
    }
    let times = notices(&company, &mails, &shown).await;
    server.stop().await;
    let (p50, p99) = (at(&times, 0.5), at(&times, 0.99));
    answers.sort();
    let (ours, beside) = (
        format!("p50 {:.1} ms, p99 {:.1} ms, worst {:.1} ms", ms(p50), ms(p99), ms(times[times.len() - 1])),
        format!(
            "the terminal's own answer: p50 {:.1} ms, p99 {:.1} ms",
            ms(at(&answers, 0.5)),
            ms(at(&answers, 0.99))
        ),
    );
    println!("check-in to the host's notice: {ours}; {beside}");
    println!(
        "@ {}",
        json!({
            "what": format!("check-in at a terminal until a mail server has the host's message, {} guests, 20 a second, SQLite", times.len()),
            "ours": ours, "beside": beside, "budget": "p99 ≤ 100 ms", "holds": p99 <= Duration::from_millis(100),
        })
    );
}

/// How long each host's message took, shortest first.
async fn notices(company: &Company, mails: &MailServer, shown: &HashMap<Uuid, Instant>) -> Vec<Duration> {
    let scope = company.fresh.store.read(company.tenant).await.unwrap();
    let ours = notify_deliveries::Column::Template.eq("visitors-notice-arrived");
    let mut look = tokio::time::interval(Duration::from_millis(100));
    loop {
        look.tick().await;
        let rows = scope.find::<notify_deliveries::Entity>().filter(ours.clone()).all().await.unwrap();
        let taken: HashMap<String, Instant> = mails.taken.lock().unwrap().iter().cloned().collect();
        let mut times: Vec<Duration> = rows
            .iter()
            .filter_map(|row| {
                let began = shown.get(&row.about_id?)?;
                Some(taken.get(&row.id.uuid().simple().to_string())?.duration_since(*began))
            })
            .collect();
        if times.len() == shown.len() {
            times.sort();
            return times;
        }
    }
}

struct Api {
    client: Client,
    url: String,
    token: String,
    now: jiff::civil::DateTime,
}

impl Api {
    fn new(company: &Company) -> Self {
        let authority = Certificate::from_pem(company.authority_pem.as_bytes()).unwrap();
        let zone = jiff::tz::TimeZone::get("Asia/Tokyo").unwrap();
        Self {
            client: Client::builder().tls_certs_only([authority]).build().unwrap(),
            url: company.url.clone(),
            token: company.token.clone(),
            now: company.world.now().to_jiff().to_zoned(zone).datetime(),
        }
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let asked = self.client.post(format!("{}{path}", self.url)).bearer_auth(&self.token).json(&body);
        let text = asked.send().await.unwrap().text().await.unwrap();
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("{path}: {text}"))
    }

    async fn get(&self, path: &str) -> Value {
        let asked = self.client.get(format!("{}{path}", self.url)).bearer_auth(&self.token);
        asked.send().await.unwrap().json().await.unwrap()
    }

    /// Visits and their passes.
    async fn expect_guests(&self, site: &Value) -> Vec<(Uuid, String)> {
        let people = self.get("/api/v1/people").await;
        let hosts = people["items"].as_array().unwrap();
        let clock = |minutes: i64| {
            let at = self.now.saturating_add(jiff::Span::new().minutes(minutes));
            at.strftime("%Y-%m-%dT%H:%M").to_string()
        };
        let mut all = Vec::new();
        for group in 0..GUESTS / GROUP {
            let guests: Vec<Value> =
                (0..GROUP).map(|one| json!({ "name": format!("Guest {group}-{one}") })).collect();
            let body = json!({
                "site": site, "host": hosts[group % hosts.len()]["id"], "starts": clock(30), "ends": clock(300),
                "purpose": "bench", "guests": guests,
            });
            let made = self.post("/api/v1/visitors/appointments", body).await;
            let path = format!("/api/v1/visitors/appointments/{}/passes", made["id"].as_str().unwrap());
            let passes = self.get(&path).await;
            all.extend(passes["items"].as_array().unwrap().iter().map(|row| {
                (row["visit"].as_str().unwrap().parse().unwrap(), row["pass"].as_str().unwrap().to_owned())
            }));
        }
        all
    }
}

struct Terminal<'a> {
    api: &'a Api,
    keys: TabletKeys,
    id: String,
    last: i64,
}

impl<'a> Terminal<'a> {
    async fn at(api: &'a Api, site: &Value) -> Self {
        let made = api.post("/api/v1/visitors/terminals", json!({ "site": site, "name": "Lobby" })).await;
        let mut terminal = Self { api, keys: TabletKeys::generate(), id: "new".to_owned(), last: 0 };
        let keys = terminal.keys.handing_in(made["code"].as_str().unwrap());
        let enrolled = terminal.ask("/terminal/api/enrol", &keys).await;
        terminal.id = enrolled["terminal"].as_str().unwrap().to_owned();
        terminal
    }

    async fn ask(&mut self, path: &str, body: &Value) -> Value {
        self.last = (world().now().as_micros() / 1000).max(self.last + 1);
        let body = body.to_string();
        let signature = self.keys.signature("127.0.0.1", path, &self.id, self.last, &body);
        let mut asked = self.api.client.post(format!("{}{path}", self.api.url));
        for (name, value) in signed_headers(&self.id, self.last, &signature) {
            asked = asked.header(name, value);
        }
        let answer = asked.header("content-type", "application/json").body(body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap()
    }
}

fn at(sorted: &[Duration], share: f64) -> Duration {
    sorted[((sorted.len() as f64 * share) as usize).min(sorted.len() - 1)]
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
