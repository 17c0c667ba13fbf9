//! How long a search in years of visits takes: 10,000 visits a day for three years, searched by name, company, host, day,
//! kind and state, through the API as the desk, the administrator and an ordinary colleague ask.
//!
//! `cargo bench -p sekisho-visitors --bench years [-- DAYS]` (1,095 unless told; some 7 GB of scratch disk). Guests and some
//! visits are made by the use cases; the visits of years are copies of those, written below the product and indexed
//! afterwards. Goal: p95 ≤ 50 ms. Beside it stands the same list as the engine finds it when one statement asks for all at once.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement, not part of the product"
)]

use std::time::{Duration, Instant};

use jiff::ToSpan as _;
use sekisho_kernel::{PersonId, ResourceId, SiteId};
use sekisho_places::NewSite;
use sekisho_policy::{NewGrant, Right, Subject, Target};
use sekisho_storage::{Engine, Place};
use sekisho_testkit::{Client, Colleague, TestServer};
use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Connection as _, Row as _, SqliteConnection};

const A_DAY: usize = 10_000;
const DAYS: usize = 1_095;
/// Guests there are, so that one comes once a month on average; some much more often than others.
const GUESTS: usize = 30_000;
const OF_ONE_APPOINTMENT: usize = 100;
const HOSTS: usize = 300;
/// How often each question is asked, each time about somebody else.
const ASKED: usize = 40;

/// Family names with how many in ten thousand have them, roughly as in Japan.
const FAMILIES: [(&str, usize); 12] = [
    ("佐藤", 150),
    ("鈴木", 140),
    ("高橋", 110),
    ("田中", 105),
    ("渡辺", 85),
    ("伊藤", 85),
    ("山本", 80),
    ("中村", 80),
    ("小林", 80),
    ("加藤", 70),
    ("吉田", 65),
    ("山田", 65),
];
const SIGNS: [&str; 24] = [
    "森", "石", "池", "西", "東", "北", "南", "上", "下", "大", "小", "青", "赤", "白", "黒", "竹", "松",
    "梅", "桜", "川", "沢", "島", "谷", "原",
];
const GIVEN: [&str; 16] = [
    "一郎",
    "花子",
    "健太",
    "美咲",
    "大輔",
    "陽子",
    "翔",
    "葵",
    "直樹",
    "恵",
    "誠",
    "由美",
    "剛",
    "久美子",
    "拓也",
    "愛",
];

struct Company {
    server: TestServer,
    sites: [SiteId; 2],
    desk: Colleague,
    hosts: Vec<Colleague>,
}

#[tokio::main]
async fn main() {
    let days = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(DAYS);
    let began = Instant::now();
    let company = found().await;
    println!("{GUESTS} guests, {HOSTS} hosts in {:.0?}", began.elapsed());
    let began = Instant::now();
    let visits = fill(&company, days).await;
    println!("{visits} visits in {:.0?}", began.elapsed());
    measure(&company, days, visits).await;
    figures(&company, days).await;
}

async fn found() -> Company {
    let mounts = |foundation: &_| vec![sekisho_visitors::mount(foundation)];
    let server = TestServer::start(Engine::Sqlite, sekisho_visitors::migrations(), mounts).await;
    let foundation = server.foundation();
    let cx = server.cx();
    let site =
        |name: &str| NewSite { name: name.to_owned(), address: String::new(), zone: "Asia/Tokyo".to_owned() };
    let sites = [
        foundation.places.open_site(&cx, &site("東京本社")).await.unwrap(),
        foundation.places.open_site(&cx, &site("大阪支店")).await.unwrap(),
    ];
    let desk = server.colleague("desk").await;
    let target = Target::Resource { id: ResourceId(sites[0].uuid()) };
    let mut tx = foundation.store.begin(&cx).await.unwrap();
    let grant = NewGrant::always(Subject::Person(desk.person), Right::Manage, target);
    foundation.policy.grant(&mut tx, grant).await.unwrap();
    tx.commit_bookkeeping("bench").await.unwrap();
    let mut hosts = Vec::new();
    for number in 0..HOSTS {
        hosts.push(server.colleague(&format!("host{number}")).await);
    }
    server.settle().await;
    let mut admin = server.administrator().await;
    for number in 0..GUESTS / OF_ONE_APPOINTMENT {
        let guests: Vec<_> =
            (0..OF_ONE_APPOINTMENT).map(|place| guest(number * OF_ONE_APPOINTMENT + place)).collect();
        let body = json!({
            "site": sites[number % 2], "host": hosts[number % HOSTS].person,
            "starts": "2026-11-23T10:00", "ends": "2026-11-23T11:00", "guests": guests,
        });
        admin.api("POST", "/api/v1/visitors/appointments", body).await.expect(201);
    }
    Company { server, sites, desk, hosts }
}

fn family(number: usize) -> String {
    let mut share = number * 7_919 % 10_000;
    for (name, of) in FAMILIES {
        if share < of {
            return name.to_owned();
        }
        share -= of;
    }
    format!("{}{}", SIGNS[share % SIGNS.len()], SIGNS[share / SIGNS.len() % SIGNS.len()])
}

fn name(number: usize) -> String {
    format!("{} {}", family(number), GIVEN[number / 7 % GIVEN.len()])
}

fn company(number: usize) -> String {
    format!("{}{}商事 {}", SIGNS[number % 24], SIGNS[number / 24 % 24], number % 500)
}

fn guest(number: usize) -> serde_json::Value {
    json!({ "name": name(number), "company": company(number), "language": "ja" })
}

/// Copies the visits that were made over the years before, each day others, with the indexes made afterwards.
async fn fill(company: &Company, days: usize) -> i64 {
    let Place::Sqlite(path) = &company.server.store_options().place else { panic!("SQLite only") };
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Off)
        .pragma("cache_size", "-1000000");
    let mut sql = SqliteConnection::connect_with(&options).await.unwrap();
    let indexes: Vec<(String, String)> = sqlx::query(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'visitors_visits' AND sql IS NOT NULL",
    )
    .fetch_all(&mut sql)
    .await
    .unwrap()
    .iter()
    .map(|row| (row.get(0), row.get(1)))
    .collect();
    let columns: Vec<String> =
        sqlx::query("SELECT name FROM pragma_table_info('visitors_visits') ORDER BY cid")
            .fetch_all(&mut sql)
            .await
            .unwrap()
            .iter()
            .map(|row| row.get(0))
            .collect();
    for (index, _) in &indexes {
        run(&mut sql, format!("DROP INDEX {index}")).await;
    }
    run(
        &mut sql,
        "CREATE TEMP TABLE seeds AS SELECT row_number() OVER () - 1 AS n, * FROM visitors_visits".into(),
    )
    .await;
    run(&mut sql, "CREATE UNIQUE INDEX temp.seeds_n ON seeds (n)".into()).await;
    // A visit of day `d` and number `i`: some guests come often, hosts by turns, an hour each from eight to six.
    let value = |column: &str| match column {
        "id" => "randomblob(16)".to_owned(),
        "starts_at" => "starts_at - (d + 1) * 86400000000 + (i % 600 - 120) * 60000000".to_owned(),
        "ends_at" => "starts_at - (d + 1) * 86400000000 + (i % 600 - 60) * 60000000".to_owned(),
        "day" => "date((starts_at - (d + 1) * 86400000000) / 1000000 + 32400, 'unixepoch')".to_owned(),
        "state" => {
            "CASE WHEN i % 97 = 0 THEN 'no_show' WHEN i % 211 = 0 THEN 'cancelled' ELSE 'left' END".to_owned()
        }
        "kind" => "CASE WHEN i % 401 = 0 THEN 'interview' ELSE kind END".to_owned(),
        "arrived_at" | "admitted_at" => "starts_at - (d + 1) * 86400000000".to_owned(),
        "left_at" => "ends_at - (d + 1) * 86400000000".to_owned(),
        "appointment_id" | "pass_hash" | "live_code" | "dead_code" | "page_hash" => "NULL".to_owned(),
        same => same.to_owned(),
    };
    let values: Vec<String> = columns.iter().map(|column| value(column)).collect();
    let insert = format!(
        "WITH RECURSIVE of_day(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM of_day WHERE i < {last}) \
         INSERT INTO visitors_visits ({}) SELECT {} FROM (SELECT i, ?1 AS d FROM of_day) \
         JOIN seeds ON n = CASE WHEN i % 5 = 0 THEN (i * 31 + d * 17) % 1000 ELSE (i * 7919 + d * 104729) % {GUESTS} END",
        columns.join(", "),
        values.join(", "),
        last = A_DAY - 1,
    );
    for month in (0..days).collect::<Vec<_>>().chunks(30) {
        let mut tx = sql.begin().await.unwrap();
        for day in month {
            let day = i64::try_from(*day).unwrap();
            sqlx::query(AssertSqlSafe(insert.clone())).bind(day).execute(&mut *tx).await.unwrap();
        }
        tx.commit().await.unwrap();
    }
    for (_, made) in indexes {
        run(&mut sql, made).await;
    }
    run(&mut sql, "ANALYZE".into()).await;
    run(&mut sql, "PRAGMA wal_checkpoint(TRUNCATE)".into()).await;
    let count = sqlx::query("SELECT count(*) FROM visitors_visits").fetch_one(&mut sql).await.unwrap().get(0);
    sql.close().await.unwrap();
    count
}

async fn run(sql: &mut SqliteConnection, statement: String) {
    let began = Instant::now();
    sqlx::query(AssertSqlSafe(statement.clone())).execute(sql).await.unwrap();
    if began.elapsed() > Duration::from_secs(5) {
        println!("  {:.0?} {}", began.elapsed(), statement.chars().take(90).collect::<String>());
    }
}

/// What is asked, by whom, for the `n`-th time.
struct Question {
    what: &'static str,
    by: usize,
    ask: Box<dyn Fn(usize) -> String>,
}

async fn measure(company: &Company, days: usize, visits: i64) {
    let today: jiff::civil::Date = "2026-11-22".parse().unwrap();
    let day = move |number: usize| {
        let back = i64::try_from(number * 37 % days.saturating_sub(31).max(1)).unwrap();
        today.checked_sub(back.days()).unwrap()
    };
    let month = move |number: usize| {
        let until = day(number);
        let from = until.checked_sub(30.days()).unwrap();
        format!("from={from}T00:00:00Z&until={until}T00:00:00Z")
    };
    let hosts: Vec<PersonId> = company.hosts.iter().map(|host| host.person).collect();
    let (tokyo, one_host) = (company.sites[0], hosts[3]);
    let text = |words: &str| words.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let questions = [
        Question {
            what: "a full name",
            by: 0,
            ask: Box::new(move |n| format!("q={}", text(&name(n * 613 % GUESTS)))),
        },
        Question {
            what: "a family name that hundreds have",
            by: 0,
            ask: Box::new(move |n| format!("q={}", text(FAMILIES[n % 12].0))),
        },
        Question { what: "a company", by: 0, ask: Box::new(move |n| format!("q={}", text(&company_of(n)))) },
        Question {
            what: "nobody's name",
            by: 0,
            ask: Box::new(move |n| format!("q={}", text(&format!("龍{n}")))),
        },
        Question {
            what: "a name in a month",
            by: 0,
            ask: Box::new(move |n| format!("q={}&{}", text(&name(n * 811 % GUESTS)), month(n))),
        },
        Question {
            what: "no-shows of a month",
            by: 0,
            ask: Box::new(move |n| format!("state=no_show&{}", month(n))),
        },
        Question {
            what: "interviews of a month",
            by: 0,
            ask: Box::new(move |n| format!("kind=interview&{}", month(n))),
        },
        Question {
            what: "the guests of a host in a month",
            by: 0,
            ask: Box::new(move |n| format!("host={}&{}", hosts[n * 7 % HOSTS], month(n))),
        },
        Question {
            what: "a name, by the desk of a site",
            by: 1,
            ask: Box::new(move |n| format!("q={}&site={tokyo}", text(&name(n * 409 % GUESTS)))),
        },
        Question { what: "a month, by the desk of a site", by: 1, ask: Box::new(month) },
        Question {
            what: "a name, by a colleague",
            by: 2,
            ask: Box::new(move |n| format!("q={}", text(&name(n * 307 % GUESTS)))),
        },
        Question {
            what: "own guests of a month, by a colleague",
            by: 2,
            ask: Box::new(move |n| format!("host={one_host}&{}", month(n))),
        },
    ];
    let mut askers = [
        company.server.administrator().await,
        company.server.signed_in(&company.desk).await,
        company.server.signed_in(&company.hosts[3]).await,
    ];
    let mut all = Vec::new();
    let mut slowest = (Duration::ZERO, "");
    for question in &questions {
        let mut times = Vec::new();
        let mut found = 0;
        for number in 0..ASKED {
            let (time, rows) = ask(&mut askers[question.by], &(question.ask)(number)).await;
            times.push(time);
            found += rows;
        }
        times.sort();
        let (middle, slow) = (at(&times, 0.5), at(&times, 0.95));
        println!(
            "  {:<44} p50 {:>6.1} ms  p95 {:>6.1} ms  {found} rows",
            question.what,
            ms(middle),
            ms(slow)
        );
        if slow > slowest.0 {
            slowest = (slow, question.what);
        }
        all.extend(times);
    }
    all.sort();
    let p95 = at(&all, 0.95);
    let beside = at_once(company).await;
    println!(
        "@ {}",
        json!({
            "what": format!("search in {visits} visits ({A_DAY} a day), {} kinds of questions, slowest: {} (p95 {:.1} ms)",
                questions.len(), slowest.1, ms(slowest.0)),
            "ours": format!("p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms", ms(at(&all, 0.5)), ms(p95), ms(at(&all, 0.99))),
            "beside": format!("a full name by one statement in the order of time: {:.0} ms", ms(beside)),
            "budget": "p95 ≤ 50 ms",
            "holds": p95 <= Duration::from_millis(50),
        })
    );
}

/// The figures of a year once its days are counted, and what counting a day costs.
async fn figures(company: &Company, days: usize) {
    let began = Instant::now();
    // The sweep of the hour counts what is over for good, a thousand days at most.
    for _ in 0..2 {
        company.server.advance(sekisho_testkit::hours(1)).await;
    }
    let counting = began.elapsed();
    let mut admin = company.server.administrator().await;
    let span = days.min(365);
    let until: jiff::civil::Date = "2026-11-22".parse().unwrap();
    let mut times = Vec::new();
    let mut people = 0;
    for number in 0..ASKED {
        // Up to the days that are still counted for each reader.
        let back = 4 + i64::try_from(number * 11 % (days + 1 - span)).unwrap();
        let until = until.checked_sub(back.days()).unwrap();
        let from = until.checked_sub(i64::try_from(span - 1).unwrap().days()).unwrap();
        let began = Instant::now();
        let answer = admin.get(&format!("/api/v1/visitors/statistics?from={from}&until={until}")).await;
        times.push(began.elapsed());
        let sum = answer.expect(200).json();
        people +=
            sum["days"].as_array().unwrap().iter().map(|day| day["visits"].as_u64().unwrap()).sum::<u64>();
    }
    times.sort();
    assert!(people > 0, "nothing was counted");
    println!(
        "@ {}",
        json!({
            "what": format!("figures of {span} days of {A_DAY} visits, two sites"),
            "ours": format!("p50 {:.1} ms, p95 {:.1} ms", ms(at(&times, 0.5)), ms(at(&times, 0.95))),
            "beside": format!("counting a day for good, once: {:.0} ms", ms(counting) / days as f64),
        })
    );
}

fn company_of(number: usize) -> String {
    company(number * 977 % GUESTS)
}

async fn ask(client: &mut Client, query: &str) -> (Duration, usize) {
    let began = Instant::now();
    let answer = client.get(&format!("/api/v1/visitors/visits?limit=50&{query}")).await;
    let time = began.elapsed();
    (time, answer.expect(200).json()["items"].as_array().unwrap().len())
}

/// The visits of guests who came least, as one statement finds them that wants the first fifty in the order of time.
async fn at_once(company: &Company) -> Duration {
    let Place::Sqlite(path) = &company.server.store_options().place else { panic!("SQLite only") };
    let mut sql = SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(path)).await.unwrap();
    let tenant = company.server.tenant.uuid().as_bytes().to_vec();
    let rare = "SELECT guest_id FROM visitors_guest_words WHERE tenant_id = ?1 GROUP BY guest_id ORDER BY min(id) LIMIT 2";
    let list = format!(
        "SELECT id FROM visitors_visits WHERE tenant_id = ?1 AND guest_id IN (SELECT guest_id FROM ({rare})) \
         ORDER BY starts_at, id LIMIT 51"
    );
    let began = Instant::now();
    sqlx::query(AssertSqlSafe(list)).bind(tenant).fetch_all(&mut sql).await.unwrap();
    began.elapsed()
}

fn at(sorted: &[Duration], share: f64) -> Duration {
    sorted[((sorted.len() as f64 * share) as usize).min(sorted.len() - 1)]
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
