//! From the panel's question to the decision, over MQTT and mutual TLS, its commit included, while a thousand boxes are
//! connected; and how many events a second are kept, module and record included.
//!
//! `cargo bench -p sekisho --bench at_the_box [-- BOXES]` (1,000 unless told; both processes need that many open files).
//! The server is the real binary on SQLite with every commit on disk. Beside the decision stands a question in the same
//! run that is answered without one: what the road alone costs.
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
#[path = "../tests/it/kill/server.rs"]
mod server;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sekisho_agent::fleet::Pass;
use sekisho_agent::home::Home;
use sekisho_agent::link::{Link, LinkEvent};
use sekisho_crypto::sha256;
use sekisho_kernel::{DeviceId, Language, World};
use sekisho_storage::Engine;
use sekisho_wire::{
    AnswerKind, Ask, AskKind, Code, Event, EventKind, GENESIS, IdentifyBy, PanelSession, Topic,
};
use serde_json::json;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use company::Company;
use server::Server;

/// People who take a key, one every so often.
const TAKES: usize = 400;
const PAUSE: Duration = Duration::from_millis(40);
/// Events of each box, and how many it has on the way at once.
const EVENTS: u64 = 20;
const ON_THE_WAY: usize = 8;

fn world() -> Arc<dyn World> {
    sekisho_crypto::system_world()
}

#[tokio::main]
async fn main() {
    let count = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(1_000_usize);
    let began = Instant::now();
    let company = Company::found(Engine::Sqlite, count, 0).await;
    println!("{count} boxes enrolled in {:.1} s", began.elapsed().as_secs_f64());
    let server = Server::start(&company.config_file).await;
    let began = Instant::now();
    let mut boxes = Vec::new();
    for coming in
        company.boxes.iter().map(|one| tokio::spawn(AtTheBox::come(one.home.clone()))).collect::<Vec<_>>()
    {
        boxes.push(coming.await.unwrap());
    }
    println!("{count} boxes connected in {:.1} s", began.elapsed().as_secs_f64());
    decisions(&mut boxes, &company.passes).await;
    events(boxes).await;
    server.stop().await;
}

async fn decisions(boxes: &mut Vec<AtTheBox>, passes: &[Pass]) {
    let takes = TAKES.min(boxes.len());
    let began = Instant::now();
    let mut visits = Vec::new();
    for (number, mut one) in boxes.drain(..takes).enumerate() {
        let pass = passes[number % passes.len()].clone();
        let at = tokio::time::Instant::from_std(began + PAUSE * u32::try_from(number).unwrap());
        visits.push(tokio::spawn(async move {
            tokio::time::sleep_until(at).await;
            let times = one.take_a_key(&pass).await;
            (one, times)
        }));
    }
    let (mut decided, mut road, mut visit) = (Vec::new(), Vec::new(), Vec::new());
    for done in visits {
        let (one, times) = done.await.unwrap();
        boxes.push(one);
        decided.push(times.decided);
        road.push(times.road);
        visit.push(times.visit);
    }
    let rate = takes as f64 / began.elapsed().as_secs_f64();
    let slow = at(&mut decided, 0.99);
    figure(
        &format!(
            "question to decision over MQTT and TLS, commit included, {} boxes, SQLite, {rate:.0} visits a second",
            boxes.len()
        ),
        format!("p50 {:.1} ms, p99 {slow:.1} ms", at(&mut decided, 0.5)),
        format!(
            "a question without a decision: p50 {:.1} ms, p99 {:.1} ms; badge, PIN and key together: p50 {:.1} ms",
            at(&mut road, 0.5),
            at(&mut road, 0.99),
            at(&mut visit, 0.5)
        ),
        Some(("p99 ≤ 10 ms", slow <= 10.0)),
    );
}

async fn events(boxes: Vec<AtTheBox>) {
    let began = Instant::now();
    let mut waits = Vec::new();
    for telling in boxes.into_iter().map(|one| tokio::spawn(one.tell())).collect::<Vec<_>>() {
        waits.extend(telling.await.unwrap());
    }
    let rate = waits.len() as f64 / began.elapsed().as_secs_f64();
    figure(
        "events of all boxes at once, each kept and heard by the module before its PUBACK",
        format!("{rate:.0} a second, p50 {:.0} ms, p99 {:.0} ms", at(&mut waits, 0.5), at(&mut waits, 0.99)),
        format!("{} events", waits.len()),
        None,
    );
}

/// One box and whoever stands before it, without its steel.
struct AtTheBox {
    device: DeviceId,
    world: Arc<dyn World>,
    link: Link,
    heard: mpsc::Receiver<LinkEvent>,
    asked: u64,
    _unplug: tokio_util::sync::DropGuard,
}

/// How long it took.
struct Times {
    decided: Duration,
    road: Duration,
    visit: Duration,
}

impl AtTheBox {
    async fn come(home: Home) -> Self {
        let world = world();
        let identity = home.identity(&world).unwrap();
        let mut settings = identity.link.clone();
        settings.longest_pause = Duration::from_millis(500);
        let unplug = CancellationToken::new();
        let (link, mut heard, _) = Link::start(settings, world.clone(), unplug.clone());
        while !matches!(heard.recv().await.unwrap(), LinkEvent::Up) {}
        let asked = world.now().as_micros().unsigned_abs();
        Self { device: identity.device, world, link, heard, asked, _unplug: unplug.drop_guard() }
    }

    async fn ask(&mut self, kind: AskKind) -> (AnswerKind, Duration) {
        self.asked += 1;
        let n = self.asked;
        let payload = sekisho_wire::encode(&Ask { n, language: Language::Ja, kind });
        let began = Instant::now();
        assert!(self.link.publish(n, Topic::Ask(n).format(self.device), payload));
        loop {
            match self.heard.recv().await.unwrap() {
                LinkEvent::Message { topic, payload, receipt } => {
                    self.link.confirm(receipt);
                    if Topic::parse(&topic).is_ok_and(|(_, topic)| topic == Topic::Answer(n)) {
                        let answer: sekisho_wire::Answer = sekisho_wire::decode(&payload).unwrap();
                        return (answer.kind, began.elapsed());
                    }
                }
                LinkEvent::Down(why) => panic!("{why}"),
                LinkEvent::Up | LinkEvent::Delivered { .. } => {}
            }
        }
    }

    async fn take_a_key(&mut self, pass: &Pass) -> Times {
        let nobody = PanelSession(uuid::Uuid::nil());
        let (_, road) = self.ask(AskKind::Keys { session: nobody }).await;
        let began = Instant::now();
        let by = IdentifyBy::Badge(Code::new(pass.badge.as_str()));
        let (AnswerKind::NeedPin { attempt }, _) = self.ask(AskKind::Identify { by }).await else {
            panic!("the badge is not known")
        };
        let secret = Code::new(pass.pin.clone().unwrap());
        let (AnswerKind::Welcome { session, takeable, .. }, _) =
            self.ask(AskKind::Prove { attempt, secret }).await
        else {
            panic!("the PIN is not right")
        };
        let (answer, decided) = self.ask(AskKind::Take { session, key: takeable[0].key }).await;
        assert!(matches!(answer, AnswerKind::Released { .. }), "{answer:?}");
        Times { decided, road, visit: began.elapsed() }
    }

    /// Tells events, a few on the way at a time; how long each took.
    async fn tell(mut self) -> Vec<Duration> {
        let (mut seq, mut prev, mut on_the_way, mut waits) = (0, GENESIS, VecDeque::new(), Vec::new());
        while waits.len() < usize::try_from(EVENTS).unwrap() {
            while seq < EVENTS && on_the_way.len() < ON_THE_WAY {
                seq += 1;
                let event = Event { seq, at: self.world.now(), prev, kind: EventKind::DoorClosed };
                let payload = sekisho_wire::encode(&event);
                prev = sha256(&payload);
                assert!(self.link.publish(seq, Topic::Event(seq).format(self.device), payload));
                on_the_way.push_back((seq, Instant::now()));
            }
            match self.heard.recv().await.unwrap() {
                LinkEvent::Delivered { tag, taken } => {
                    assert!(taken);
                    if let Some(place) = on_the_way.iter().position(|(seq, _)| *seq == tag) {
                        waits.extend(on_the_way.remove(place).map(|(_, since)| since.elapsed()));
                    }
                }
                LinkEvent::Message { receipt, .. } => self.link.confirm(receipt),
                LinkEvent::Down(why) => panic!("{why}"),
                LinkEvent::Up => {}
            }
        }
        waits
    }
}

/// The time that `share` of them did not pass, in milliseconds.
fn at(times: &mut [Duration], share: f64) -> f64 {
    times.sort();
    times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0
}

/// Says a figure to people, and to `make bench`, which collects lines that begin with `@`.
fn figure(what: &str, ours: String, beside: String, budget: Option<(&str, bool)>) {
    let verdict = match budget {
        Some((budget, holds)) => format!(" (budget {budget}: {})", if holds { "meets" } else { "misses" }),
        None => String::new(),
    };
    println!("{what}: {ours}; {beside}{verdict}");
    let (budget, holds) = budget.unzip();
    println!(
        "@ {}",
        json!({ "what": what, "ours": ours, "beside": beside, "budget": budget, "holds": holds })
    );
}
