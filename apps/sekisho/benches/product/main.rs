//! The product as it is shipped: how big it is, how soon it is ready, what it holds while nobody asks, and how long a page
//! takes, of a small and of a large tenant.
//!
//! `cargo bench -p sekisho --bench product`. Everything is measured on the real binary from outside, over HTTPS with
//! keep-alive; beside each page stands a file out of the same server in the same run, which is what the road costs alone.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement, not part of the product"
)]

mod fill;
mod neighbours;
mod pages;
mod process;

use std::time::Duration;

use serde_json::json;

use crate::fill::{Plan, fill};
use crate::neighbours::Mosquitto;
use crate::process::{Home, Server};

/// A tenant like the demo's, and a large one.
const SMALL: Plan = Plan { name: "small tenant", keys: 9, people: 6, entries: 100 };
const LARGE: Plan = Plan { name: "large tenant", keys: 2_000, people: 500, entries: 100_000 };
/// How often each start is tried.
const STARTS: usize = 5;
/// How long a server is left alone before its memory is looked at.
const IDLE: Duration = Duration::from_secs(30);

#[tokio::main]
async fn main() {
    size();
    starts("an empty store", &mut (0..STARTS).map(|_| Home::new()).collect::<Vec<_>>());

    let small = Home::new();
    let visitor = fill(&small, &SMALL).await;
    let server = Server::start(&small).0;
    pages::measure(&server, &visitor, &SMALL).await;
    drop(server);

    let large = Home::new();
    let visitor = fill(&large, &LARGE).await;
    let mut homes: Vec<Home> = (0..STARTS).map(|_| large.clone()).collect();
    starts("the store of the large tenant", &mut homes);
    let server = Server::start(&large).0;
    let mosquitto = Mosquitto::start().0;
    tokio::time::sleep(IDLE).await;
    let (idle, beside) = (server.memory(), mosquitto.memory());
    drop(mosquitto);
    pages::measure(&server, &visitor, &LARGE).await;
    let used = server.memory();
    figure(
        "memory of `serve` after 30 s idle, large tenant (proportional / resident)",
        format!("{:.1} MB / {:.1} MB", idle.0, idle.1),
        format!(
            "after the page run: {:.1} MB / {:.1} MB; Mosquitto without a store or a page: {:.1} MB / {:.1} MB",
            used.0, used.1, beside.0, beside.1
        ),
        "≤ 60 MB",
        idle.0 <= 60.0,
    );
}

fn size() {
    let bytes = std::fs::metadata(process::BINARY).unwrap().len();
    let text = std::fs::read(process::BINARY).unwrap();
    // A binary with symbols has a `.symtab` section; its name stands among the names of sections.
    let stripped = !text.windows(8).any(|window| window == b".symtab\0");
    let size = bytes as f64 / 1e6;
    figure(
        "binary `sekisho`",
        format!("{size:.1} MB{}", if stripped { "" } else { ", not stripped" }),
        format!("cargo, stripped: {:.1} MB", neighbours::cargo_size()),
        "≤ 80 MB stripped",
        size <= 80.0,
    );
}

/// From the start of the process until `/readyz` says yes.
fn starts(on: &str, homes: &mut [Home]) {
    let mut times: Vec<Duration> = homes.iter().map(|home| Server::start(home).1).collect();
    times.sort();
    let (middle, worst) = (times[times.len() / 2], times[times.len() - 1]);
    figure(
        &format!("start of `serve` to ready, {on}"),
        format!("{:.0} ms, worst of {} {:.0} ms", ms(middle), times.len(), ms(worst)),
        format!("Mosquitto without a store: {:.0} ms", ms(Mosquitto::start().1)),
        "≤ 1 s",
        worst <= Duration::from_secs(1),
    );
}

pub(crate) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Says a figure to people, and to `make bench`, which collects lines that begin with `@`.
pub(crate) fn figure(what: &str, ours: String, beside: String, budget: &str, holds: bool) {
    println!("{what}: {ours}; {beside} (budget {budget}: {})", if holds { "meets" } else { "misses" });
    println!(
        "@ {}",
        json!({ "what": what, "ours": ours, "beside": beside, "budget": budget, "holds": holds })
    );
}
