//! A server is gone, and comes back to everybody at once: each device on a socket of its own, all of them knocking at the
//! same moment, with events that waited. All are let in again, what was acknowledged is there once, and whoever asks for a
//! page meanwhile gets it.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::{Certificate, Client};
use sekisho_storage::Engine;
use tokio_util::sync::CancellationToken;

use crate::kill::company::Company;
use crate::kill::flood::{Flood, Seen};
use crate::kill::server::Server;
use crate::kill::{ONE_STORM, proof};

/// Devices, each with a certificate and a connection.
const DEVICES: usize = 1000;
/// Each tells something as often.
const EVERY: Duration = Duration::from_secs(4);
/// Longer than it takes on a busy machine.
const WITHIN: Duration = Duration::from_secs(120);

/// Waits until every device stands as `wanted` accepts.
async fn all(devices: &[Flood], what: &str, wanted: impl Fn(usize, Seen) -> bool) -> Duration {
    let began = Instant::now();
    let each = devices.iter().enumerate().map(|(index, device)| device.until(move_in(&wanted, index)));
    if tokio::time::timeout(WITHIN, join_all(each)).await.is_err() {
        let missing = devices.iter().enumerate().filter(|(index, device)| !wanted(*index, device.seen()));
        panic!("{} of {} devices are never {what}", missing.count(), devices.len());
    }
    began.elapsed()
}

fn move_in(wanted: &impl Fn(usize, Seen) -> bool, index: usize) -> impl Fn(Seen) -> bool {
    move |seen| wanted(index, seen)
}

/// Somebody who wants one page after the other; ends with how many were answered and how long the slowest took.
fn reader(company: &Company, stop: CancellationToken) -> tokio::task::JoinHandle<(usize, Duration)> {
    let authority = Certificate::from_pem(company.authority_pem.as_bytes()).unwrap();
    let client = Client::builder().tls_certs_only([authority]).timeout(WITHIN).build().unwrap();
    let (url, token) = (format!("{}/api/v1/devices?limit=10", company.url), company.token.clone());
    tokio::spawn(async move {
        let (mut answered, mut slowest) = (0, Duration::ZERO);
        // An account may ask so often, and no oftener.
        let mut pace = tokio::time::interval(Duration::from_millis(100));
        while !stop.is_cancelled() {
            pace.tick().await;
            let asked = Instant::now();
            let answer = client.get(&url).bearer_auth(&token).send().await.unwrap();
            assert_eq!(answer.status(), 200);
            answer.bytes().await.unwrap();
            (answered, slowest) = (answered + 1, slowest.max(asked.elapsed()));
        }
        (answered, slowest)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_comes_back_at_once_after_the_server_was_killed() {
    let _alone = ONE_STORM.lock().await;
    sekisho_host::raise_open_files();
    let began = Instant::now();
    let company = Company::found(Engine::Sqlite, 0, DEVICES).await;
    println!("{DEVICES} devices enrolled in {:?}", began.elapsed());
    let server = Server::start(&company.config_file).await;
    let devices: Vec<Flood> =
        company.floods.iter().map(|home| Flood::every(EVERY, home, company.world.clone())).collect();
    let came = all(&devices, "connected and heard", |_, seen| seen.up && seen.acknowledged > 0).await;

    server.kill().await;
    all(&devices, "cut off", |_, seen| !seen.up).await;
    let before: Vec<usize> = devices.iter().map(|device| device.seen().acknowledged).collect();
    let server = Server::start(&company.config_file).await;
    let over = CancellationToken::new();
    let reading = reader(&company, over.clone());
    let back =
        all(&devices, "back and heard", |index, seen| seen.up && seen.acknowledged > before[index]).await;
    over.cancel();
    let (answered, slowest) = reading.await.unwrap();
    println!(
        "connected in {came:?}; after kill -9 all back with an event acknowledged in {back:?}, \
         meanwhile {answered} other requests answered, the slowest in {slowest:?}"
    );
    assert!(answered > 3, "nobody else got a word in: {answered}");

    let mut told = Vec::new();
    for ebbed in join_all(devices.into_iter().map(Flood::stop)).await {
        told.push(ebbed);
    }
    server.stop().await;
    let acknowledged: usize = told.iter().map(|told| told.acknowledged.len()).sum();
    println!("{acknowledged} events acknowledged");
    assert!(acknowledged >= 2 * DEVICES);
    let store = proof::Store::read(&company).await;
    store.holds_every_acknowledged_event_once(&told);
    store.holds_the_journal_of_every_box();
}
