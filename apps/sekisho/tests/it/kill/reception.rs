//! kill -9 in the middle of check-ins: no guest is lost, and no host is told twice.
//!
//! Two desks check guests in over the API, two terminals by signed requests; a terminal that hears no answer keeps what
//! happened and sends it later, as its page does. The server is killed again and again. Then everybody who stood at the
//! reception is there, once; each host has one message for each guest; and the mail server saw no other.

use std::collections::HashMap;
use std::ops::Range;
use std::time::Duration;

use reqwest::{Client, Response, StatusCode};
use sea_orm::ColumnTrait as _;
use sekisho_kernel::Outcome;
use sekisho_notify::tables::notify_deliveries;
use sekisho_storage::tables::{audit_entries, outbox_events};
use sekisho_storage::{Engine, Scoped as _};
use sekisho_testkit::tablet::{TabletKeys, sealed_event, signed_headers};
use sekisho_visitors::tables::visits;
use sekisho_visitors::tables::words::VisitState;
use serde_json::{Value, json};
use uuid::Uuid;

use super::company::Company;
use super::mailbox::MailServer;
use super::programs::{self, client};
use super::server::Server;
use super::{Chance, ONE_STORM, QUIET_WITHIN};

const AT_ONCE: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn thirty_kills_on_sqlite() {
    survive(Engine::Sqlite, 30, 100..700, 0x5ec1_5403).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_kills_on_postgres() {
    survive(Engine::Postgres, 10, 300..2000, 0x5ec1_5404).await;
}

async fn survive(engine: Engine, kills: usize, lives: Range<u64>, seed: u64) {
    let _alone = ONE_STORM.lock().await;
    let company = Company::found(engine, 0, 0).await;
    let mails = MailServer::start().await;
    mails.serves(&company.config_file);
    let mut server = Server::start(&company.config_file).await;
    let mut lobby = Lobby::open(&company, kills * AT_ONCE).await;

    let mut chance = Chance(seed);
    let mut kept = Vec::new();
    let (desks, terminals) = (lobby.desks(2), lobby.terminals(2).await);
    let desks: Vec<_> = desks.into_iter().map(|desk| tokio::spawn(desk.work(chance.split()))).collect();
    let terminals: Vec<_> = terminals.into_iter().map(|one| tokio::spawn(one.work(chance.split()))).collect();
    for round in 0..kills {
        server.lives_for(chance.moment(lives.start, lives.end)).await;
        server.kill().await;
        server = Server::start(&company.config_file).await;
        if round % 10 == 3 {
            kept.push(programs::checkpoint(&company).await);
        }
    }
    let mut seen = Seen::default();
    for one in desks.into_iter().chain(terminals) {
        seen.join(one.await.unwrap());
    }
    every_message_went_out(&company, lobby.guests.len()).await;
    let export = programs::export(&company).await;
    server.stop().await;

    println!(
        "{engine:?}: {kills} kills, {} guests, {} answered at once, {} whose answer was lost, {} sent later by a terminal",
        lobby.guests.len(),
        seen.answered,
        seen.lost,
        seen.later,
    );
    // A storm that nothing stood in proves nothing.
    assert!(seen.lost > 0 && seen.later > 0 && seen.answered > kills, "too little happened");
    nobody_is_lost(&company, &lobby).await;
    nobody_is_told_twice(&company, &lobby, &mails).await;
    super::proof::record_verifies(&company, &export, &kept).await;
}

/// How check-ins ended for whoever did them.
#[derive(Default)]
struct Seen {
    answered: usize,
    lost: usize,
    later: usize,
}

impl Seen {
    fn join(&mut self, other: Self) {
        self.answered += other.answered;
        self.lost += other.lost;
        self.later += other.later;
    }
}

#[derive(Clone)]
struct Guest {
    visit: Uuid,
    pass: String,
}

/// A site that expects guests.
struct Lobby<'a> {
    company: &'a Company,
    site: String,
    guests: Vec<Guest>,
    /// How many of them somebody has been given to check in.
    given: usize,
}

impl<'a> Lobby<'a> {
    async fn open(company: &'a Company, guests: usize) -> Self {
        let site = json!({ "name": "東京本社", "address": "1-1-1", "zone": "Asia/Tokyo" });
        let site = asked(company, "/api/v1/sites", site).await["id"].as_str().unwrap().to_owned();
        let people: Value = serde_json::from_str(&programs::get(company, "/api/v1/people").await).unwrap();
        let hosts: Vec<&Value> = people["items"].as_array().unwrap().iter().map(|row| &row["id"]).collect();
        let now = company.world.now().to_jiff().to_zoned(jiff::tz::TimeZone::get("Asia/Tokyo").unwrap());
        let clock = |minutes: i64| {
            let at = now.datetime().saturating_add(jiff::Span::new().minutes(minutes));
            at.strftime("%Y-%m-%dT%H:%M").to_string()
        };
        let mut all = Vec::new();
        for group in 0..guests / AT_ONCE {
            let named = (0..AT_ONCE).map(|one| json!({ "name": format!("Guest {group}-{one}") }));
            let body = json!({
                "site": site, "host": hosts[group % hosts.len()], "starts": clock(30), "ends": clock(300),
                "purpose": "storm", "guests": named.collect::<Vec<_>>(),
            });
            let made = asked(company, "/api/v1/visitors/appointments", body).await;
            let path = format!("/api/v1/visitors/appointments/{}/passes", made["id"].as_str().unwrap());
            let passes: Value = serde_json::from_str(&programs::get(company, &path).await).unwrap();
            all.extend(passes["items"].as_array().unwrap().iter().map(|row| Guest {
                visit: row["visit"].as_str().unwrap().parse().unwrap(),
                pass: row["pass"].as_str().unwrap().to_owned(),
            }));
        }
        assert_eq!(all.len(), guests);
        Self { company, site, guests: all, given: 0 }
    }

    /// A quarter of the guests for each of two desks and two terminals.
    fn share(&mut self) -> Vec<Guest> {
        let share = self.guests.len() / 4;
        let mine = self.guests[self.given..self.given + share].to_vec();
        self.given += share;
        mine
    }

    fn desks(&mut self, count: usize) -> Vec<Desk> {
        (0..count)
            .map(|_| Desk {
                client: client(self.company),
                url: self.company.url.clone(),
                token: self.company.token.clone(),
                site: self.site.clone(),
                guests: self.share(),
                seen: Seen::default(),
            })
            .collect()
    }

    async fn terminals(&mut self, count: usize) -> Vec<Terminal> {
        let mut all = Vec::new();
        for number in 0..count {
            let form = json!({ "site": self.site, "name": format!("Lobby {number}") });
            let made = asked(self.company, "/api/v1/visitors/terminals", form).await;
            let mut terminal = Terminal {
                client: client(self.company),
                url: self.company.url.clone(),
                keys: TabletKeys::generate(),
                id: "new".to_owned(),
                queue_key: String::new(),
                last: 0,
                guests: self.share(),
                waiting: Vec::new(),
                seen: Seen::default(),
            };
            let code = terminal.keys.handing_in(made["code"].as_str().unwrap());
            let enrolled = terminal.ask("/terminal/api/enrol", &code).await.unwrap();
            let (status, text) = (enrolled.status(), enrolled.text().await.unwrap());
            assert_eq!(status, StatusCode::OK, "{text}");
            let enrolled: Value = serde_json::from_str(&text).unwrap();
            terminal.id = enrolled["terminal"].as_str().unwrap().to_owned();
            terminal.queue_key = enrolled["queue_key"].as_str().unwrap().to_owned();
            all.push(terminal);
        }
        all
    }
}

async fn asked(company: &Company, path: &str, body: Value) -> Value {
    let url = format!("{}{path}", company.url);
    let answer = client(company).post(url).bearer_auth(&company.token).json(&body).send().await.unwrap();
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    assert!(status.is_success(), "{status} for {path}: {text}");
    serde_json::from_str(&text).unwrap()
}

/// Somebody at a desk: who hears no answer looks whether the guest is there before they try again.
struct Desk {
    client: Client,
    url: String,
    token: String,
    site: String,
    guests: Vec<Guest>,
    seen: Seen,
}

impl Desk {
    async fn work(mut self, mut chance: Chance) -> Seen {
        for guest in std::mem::take(&mut self.guests) {
            tokio::time::sleep(chance.moment(10, 60)).await;
            let mut lost = false;
            loop {
                let asked = self.client.post(format!("{}/api/v1/visitors/check-in", self.url));
                let asked = asked.json(&json!({ "site": self.site, "pass": guest.pass }));
                match asked.bearer_auth(&self.token).send().await {
                    Ok(answer) if answer.status() == StatusCode::OK => break,
                    Ok(answer) if is_busy(&answer) => {}
                    Ok(answer) => panic!("{}: {}", answer.status(), answer.text().await.unwrap()),
                    Err(_) => lost = true,
                }
                if lost && self.is_here(&guest, &mut chance).await {
                    break;
                }
                tokio::time::sleep(chance.moment(20, 80)).await;
            }
            if lost {
                self.seen.lost += 1;
            } else {
                self.seen.answered += 1;
            }
        }
        self.seen
    }

    async fn is_here(&self, guest: &Guest, chance: &mut Chance) -> bool {
        let path = format!("{}/api/v1/visitors/visits/{}", self.url, guest.visit);
        loop {
            if let Ok(answer) = self.client.get(&path).bearer_auth(&self.token).send().await
                && answer.status() == StatusCode::OK
                && let Ok(row) = answer.json::<Value>().await
            {
                return row["state"] == "arrived";
            }
            tokio::time::sleep(chance.moment(20, 80)).await;
        }
    }
}

/// A tablet. Who hears no answer goes on as without a network.
struct Terminal {
    client: Client,
    url: String,
    keys: TabletKeys,
    id: String,
    queue_key: String,
    last: i64,
    guests: Vec<Guest>,
    waiting: Vec<Value>,
    seen: Seen,
}

impl Terminal {
    async fn work(mut self, mut chance: Chance) -> Seen {
        for guest in std::mem::take(&mut self.guests) {
            tokio::time::sleep(chance.moment(10, 60)).await;
            let at = self.now();
            match self.ask("/terminal/api/check-in", &json!({ "pass": guest.pass })).await {
                Ok(answer) if answer.status() == StatusCode::OK => self.seen.answered += 1,
                Ok(answer) if !is_busy(&answer) => {
                    panic!("{}: {}", answer.status(), answer.text().await.unwrap());
                }
                _ => {
                    let event = Uuid::from_u64_pair(chance.below(u64::MAX), chance.below(u64::MAX));
                    let queued = sealed_event(&self.queue_key, &self.id, event, "check_in", &guest.pass, at);
                    self.waiting.push(queued);
                    self.seen.later += 1;
                }
            }
            self.send_what_waits().await;
        }
        while !self.waiting.is_empty() {
            tokio::time::sleep(chance.moment(20, 80)).await;
            self.send_what_waits().await;
        }
        self.seen
    }

    /// What the server says is done need not be sent again; an answer that got lost changes nothing.
    async fn send_what_waits(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let body = json!({ "events": self.waiting });
        let Ok(answer) = self.ask("/terminal/api/events", &body).await else { return };
        if is_busy(&answer) {
            return;
        }
        assert_eq!(answer.status(), StatusCode::OK);
        let Ok(said) = answer.json::<Value>().await else { return };
        let done = said["done"].as_array().unwrap();
        self.waiting.retain(|event| !done.contains(&event["id"]));
    }

    async fn ask(&mut self, path: &str, body: &Value) -> reqwest::Result<Response> {
        self.last = self.now().max(self.last + 1);
        let body = body.to_string();
        let host = "127.0.0.1"; // the name alone, without the port
        let signature = self.keys.signature(host, path, &self.id, self.last, &body);
        let mut request =
            self.client.post(format!("{}{path}", self.url)).header("content-type", "application/json");
        request = request.header("accept", "application/json");
        for (name, value) in signed_headers(&self.id, self.last, &signature) {
            request = request.header(name, value);
        }
        request.body(body).send().await
    }

    fn now(&self) -> i64 {
        super::world().now().as_micros() / 1000
    }
}

fn is_busy(answer: &Response) -> bool {
    [StatusCode::SERVICE_UNAVAILABLE, StatusCode::TOO_MANY_REQUESTS].contains(&answer.status())
}

/// Messages of arrivals as they stand in the store: which visit each is about, and what became of it.
async fn messages(company: &Company) -> Vec<notify_deliveries::Model> {
    let scope = company.fresh.store.read(company.tenant).await.unwrap();
    let ours = notify_deliveries::Column::Template.eq("visitors-notice-arrived");
    scope.find::<notify_deliveries::Entity>().filter(ours).all().await.unwrap()
}

async fn every_message_went_out(company: &Company, guests: usize) {
    let mut look = tokio::time::interval(Duration::from_millis(100));
    let mut last = String::new();
    let gone = tokio::time::timeout(QUIET_WITHIN, async {
        loop {
            look.tick().await;
            let rows = messages(company).await;
            let sent = rows.iter().filter(|row| row.state == "sent").count();
            last = format!("{sent} of {} messages sent, {guests} guests", rows.len());
            if sent == rows.len() && sent >= guests {
                return;
            }
        }
    });
    assert!(gone.await.is_ok(), "{last}");
}

/// Every guest who stood there is there, by one act on the record; nobody's pass was refused for having been used.
async fn nobody_is_lost(company: &Company, lobby: &Lobby<'_>) {
    let scope = company.fresh.store.read(company.tenant).await.unwrap();
    let rows = scope.find::<visits::Entity>().all().await.unwrap();
    let here: HashMap<Uuid, VisitState> = rows.into_iter().map(|row| (row.id.uuid(), row.state)).collect();
    let by_check_in = audit_entries::Column::Action.eq("visit.check_in");
    let mut acts: HashMap<Uuid, usize> = HashMap::new();
    for entry in scope.find::<audit_entries::Entity>().filter(by_check_in).all().await.unwrap() {
        assert_eq!(entry.outcome.0, Outcome::Done, "{:?}", entry.details);
        *acts.entry(entry.target_id.unwrap()).or_default() += 1;
    }
    for guest in &lobby.guests {
        assert_eq!(here.get(&guest.visit), Some(&VisitState::Arrived), "{} stood there", guest.visit);
        assert_eq!(acts.get(&guest.visit), Some(&1), "{} came once", guest.visit);
    }
    let facts = outbox_events::Column::Name.eq("visitors.arrived");
    let told = scope.find::<outbox_events::Entity>().filter(facts).count().await.unwrap();
    assert_eq!(told as usize, lobby.guests.len(), "one fact for each guest");
}

/// One message for each guest. The mail server may have been handed one again whose answer was lost with the server: with
/// the same number, by which mail programs know it.
async fn nobody_is_told_twice(company: &Company, lobby: &Lobby<'_>, mails: &MailServer) {
    let rows = messages(company).await;
    let mut of_visit: HashMap<Uuid, usize> = HashMap::new();
    for row in &rows {
        *of_visit.entry(row.about_id.unwrap()).or_default() += 1;
    }
    assert!(of_visit.values().all(|count| *count == 1), "a host has two messages about one guest");
    assert_eq!(of_visit.len(), lobby.guests.len());
    let mut taken: HashMap<String, usize> = HashMap::new();
    for (number, _) in mails.taken.lock().unwrap().iter() {
        *taken.entry(number.clone()).or_default() += 1;
    }
    let known: Vec<String> = rows.iter().map(|row| row.id.uuid().simple().to_string()).collect();
    assert!(known.iter().all(|number| taken.contains_key(number)), "a message was not handed over");
    let again = known.iter().filter(|number| taken[*number] > 1).count();
    println!("{} messages to hosts, {again} of them handed over again under the same number", known.len());
}
