//! How long each page of the rail takes, and what it weighs.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use reqwest::Client;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_TYPE, COOKIE};

use crate::fill::Plan;
use crate::process::Server;
use crate::{figure, ms};

/// Each page is asked for so often, after a few times that do not count. All of one account, which the server lets ask
/// 1,200 times a minute.
const TIMES: usize = 80;
const UNCOUNTED: usize = 3;

struct Visitor<'a> {
    client: Client,
    url: String,
    cookie: &'a str,
}

/// What came.
struct Page {
    html: bool,
    bytes: Vec<u8>,
}

impl Visitor<'_> {
    async fn ask(&self, path: &str, encoding: &str) -> Page {
        let request = self.client.get(format!("{}{path}", self.url));
        let cookie = format!("__Host-sekisho={}", self.cookie);
        let answer = request.header(COOKIE, cookie).header(ACCEPT_ENCODING, encoding).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        let kind = answer.headers().get(CONTENT_TYPE).map(|kind| kind.as_bytes().to_vec());
        let html = kind.is_some_and(|kind| kind.starts_with(b"text/html"));
        Page { html, bytes: answer.bytes().await.unwrap().to_vec() }
    }

    async fn text(&self, path: &str) -> String {
        let page = self.ask(path, "identity").await;
        assert!(page.html, "{path}");
        String::from_utf8(page.bytes).unwrap()
    }

    /// Asks over and over; the times in order.
    async fn times(&self, path: &str) -> Vec<Duration> {
        let mut times = Vec::with_capacity(TIMES);
        for round in 0..TIMES + UNCOUNTED {
            let began = Instant::now();
            self.ask(path, "br").await;
            if round >= UNCOUNTED {
                times.push(began.elapsed());
            }
        }
        times.sort();
        times
    }
}

fn at(times: &[Duration], share: f64) -> f64 {
    ms(times[((times.len() - 1) as f64 * share) as usize])
}

/// Measures every page of the rail.
pub(crate) async fn measure(server: &Server, cookie: &str, plan: &Plan) {
    let client = Client::builder().http1_only().tls_danger_accept_invalid_certs(true).build().unwrap();
    let visitor = Visitor { client, url: server.home.url(), cookie };
    let first = visitor.text("/").await;
    let rail = first.split("<nav class=\"rail\"").nth(1).and_then(|rest| rest.split("</nav>").next());
    let mut pages = links(rail.unwrap_or_default());
    pages.retain(|link| !link.starts_with("/assets/"));
    assert!(pages.len() > 5, "the rail has its pages: {pages:?}");

    let assets: Vec<String> = links(&first).into_iter().filter(|link| link.starts_with("/assets/")).collect();
    let mut files = Vec::new();
    for asset in &assets {
        files.push((visitor.ask(asset, "br").await.bytes.len(), asset.clone()));
    }
    files.sort();
    let file = files.last().cloned().unwrap();
    let of_file = visitor.times(&file.1).await;
    let whole: usize = files.iter().map(|(bytes, _)| bytes).sum();

    let (mut slowest, mut heaviest) = ((0.0, String::new(), String::new()), (0, String::new()));
    for page in &pages {
        let times = visitor.times(page).await;
        let bytes = visitor.ask(page, "br").await.bytes.len();
        println!(
            "{}: {page}: p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms, {:.1} kB",
            plan.name,
            at(&times, 0.5),
            at(&times, 0.95),
            at(&times, 0.99),
            bytes as f64 / 1000.0
        );
        if at(&times, 0.95) > slowest.0 {
            let words = format!(
                "p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms",
                at(&times, 0.5),
                at(&times, 0.95),
                at(&times, 0.99)
            );
            slowest = (at(&times, 0.95), page.clone(), words);
        }
        heaviest = heaviest.max((bytes, page.clone()));
    }
    figure(
        &format!("page from the server, slowest of {} (`{}`), {}", pages.len(), slowest.1, plan.name),
        slowest.2,
        format!(
            "a file of {:.0} kB from the same server: p50 {:.1} ms, p95 {:.1} ms",
            file.0 as f64 / 1000.0,
            at(&of_file, 0.5),
            at(&of_file, 0.95)
        ),
        "p95 ≤ 20 ms",
        slowest.0 <= 20.0,
    );
    let kb = |bytes: usize| bytes as f64 / 1000.0;
    figure(
        &format!("bytes of a first visit / of a later page, heaviest (`{}`), {}", heaviest.1, plan.name),
        format!("{:.1} kB / {:.1} kB", kb(heaviest.0 + whole), kb(heaviest.0)),
        format!("{} files, compressed", files.len()),
        "≤ 150 kB / ≤ 30 kB",
        kb(heaviest.0 + whole) <= 150.0 && kb(heaviest.0) <= 30.0,
    );
}

/// The addresses of this server that a text of HTML names.
fn links(html: &str) -> BTreeSet<String> {
    ["href=\"", "src=\""]
        .iter()
        .flat_map(|mark| html.split(mark).skip(1))
        // One icon of a file of icons is that file.
        .filter_map(|rest| rest.split(['"', '#']).next())
        .filter(|link| link.starts_with('/'))
        .map(ToOwned::to_owned)
        .collect()
}
