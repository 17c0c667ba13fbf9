//! The usual weaknesses, looked for as a scanner looks for them (K5): words that would become markup or SQL, files that are
//! none of a browser's business, ways to be led elsewhere, protocols and ciphers of yesterday.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use sekisho_storage::Engine;
use sekisho_testkit::{Answer, Client, TestServer};
use serde_json::{Value, json};

use crate::stage::{PATIENCE, Stage, made};

/// Breaks out of text, of attributes in either quote, of a template, of a statement.
const HOSTILE: &str = r#""'><sk-x onsk=1>{{7*7}}'); DROP TABLE keys; --"#;
/// What [`HOSTILE`] looks like where it broke out.
const BROKEN_OUT: [&str; 3] = ["<sk-x", "\"'><", "\"'>&#60;sk-x"];

async fn server(engine: Engine) -> TestServer {
    TestServer::start(engine, crate::stage::migrations(), crate::stage::mounts).await
}

/// One of everything that has a name or a note, each called [`HOSTILE`]; their ids.
async fn everything_hostile(server: &TestServer, client: &mut Client) -> Vec<String> {
    let site =
        made(client, "/api/v1/sites", json!({ "name": HOSTILE, "address": HOSTILE, "zone": "Asia/Tokyo" }))
            .await;
    let area = made(client, &format!("/api/v1/sites/{site}/areas"), json!({ "name": HOSTILE })).await;
    let group = made(client, "/api/v1/groups", json!({ "name": HOSTILE, "note": HOSTILE })).await;
    let person = json!({ "name": HOSTILE, "mail": "mallory@acme.test", "groups": [group] });
    let person = made(client, "/api/v1/people", person).await;
    let place = json!({
        "name": HOSTILE, "site": site, "directions": HOSTILE, "bins": 4, "columns": 2, "return_policy": "any_bin",
    });
    let place = made(client, "/api/v1/key-boxes", place).await;
    let key = json!({
        "name": HOSTILE, "description": HOSTILE, "pickup_note": HOSTILE, "home_box": place, "home_bin": 1,
        "hangs_there": true,
    });
    let key = made(client, "/api/v1/keys", key).await;
    let key_group = made(client, "/api/v1/key-groups", json!({ "name": HOSTILE })).await;
    client.api("PUT", &format!("/api/v1/key-groups/{key_group}/keys/{key}"), Value::Null).await.expect(204);
    let code = json!({ "given_to": HOSTILE });
    let code = made(client, &format!("/api/v1/keys/{key}/keycodes"), code).await;
    let fault = made(client, &format!("/api/v1/keys/{key}/faults"), json!({ "note": HOSTILE })).await;
    let lend = json!({ "to": person, "note": HOSTILE });
    let grant = made(client, &format!("/api/v1/keys/{key}/lend"), lend).await;
    let booking = json!({
        "keys": [key], "guest_name": HOSTILE, "guest_mail": "guest@far.test", "note": HOSTILE,
        "starts": "2026-12-01T09:00", "ends": "2026-12-01T10:00",
    });
    let booking = made(client, "/api/v1/key-bookings", booking).await;
    let expected = json!({
        "site": site, "place": HOSTILE, "purpose": HOSTILE, "note": HOSTILE,
        "starts": "2026-12-01T09:00", "ends": "2026-12-01T10:00",
        "guests": [{ "name": HOSTILE, "reading": HOSTILE, "company": HOSTILE, "mail": "guest@far.test" }],
    });
    let appointment = made(client, "/api/v1/visitors/appointments", expected).await;
    let visits = client.get("/api/v1/visitors/visits").await.ok();
    let visits: Value = serde_json::from_str(&visits).unwrap();
    let visit = visits["items"][0]["id"].as_str().unwrap().to_owned();
    let guest = visits["items"][0]["guest"].as_str().unwrap().to_owned();
    let week = json!([[{ "from": 540, "to": 1020 }], [], [], [], [], [], []]);
    let schedule = made(client, "/api/v1/schedules", json!({ "name": HOSTILE, "week": week })).await;
    let days = json!([{ "date": "2026-12-30", "name": HOSTILE }]);
    let calendar = made(client, "/api/v1/calendars", json!({ "name": HOSTILE, "days": days })).await;
    let device = made(client, "/api/v1/devices", json!({ "kind": "agent", "name": HOSTILE })).await;
    let rule =
        json!({ "name": HOSTILE, "active": true, "rule": { "events": ["taken"], "people": [person] } });
    let alert = made(client, "/api/v1/key-alerts", rule).await;
    let disable = format!("/api/v1/key-boxes/{place}/bins/3/disable");
    client.api("POST", &disable, json!({ "reason": HOSTILE })).await.expect(204);
    server.settle().await;
    vec![
        site,
        area,
        group,
        person,
        place,
        key,
        key_group,
        code,
        fault,
        grant,
        booking,
        schedule,
        calendar,
        device,
        alert,
        appointment,
        visit,
        guest,
    ]
}

/// Addresses of all GET routes, with each of `ids` in the place of a parameter.
fn addresses(server: &TestServer, ids: &[String]) -> Vec<String> {
    let mut all = Vec::new();
    for route in server.host.routes() {
        // A stream never ends.
        if route.method != "GET" || route.path == "/live" {
            continue;
        }
        let with = |id: &str| {
            let part = |part: &str| if part.starts_with('{') { id.to_owned() } else { part.to_owned() };
            route.path.split('/').map(part).collect::<Vec<_>>().join("/")
        };
        if route.path.contains('{') {
            all.extend(ids.iter().map(|id| with(id)));
        } else {
            all.push(route.path.to_owned());
        }
    }
    all
}

/// A word as it stands in an address.
fn escaped(word: &str) -> String {
    sekisho_web::escape_query(word).to_string()
}

fn kind(answer: &Answer) -> &str {
    answer.headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default()
}

async fn hostile_words_stay_words(engine: Engine) {
    let server = server(engine).await;
    let mut client = server.administrator().await;
    server.prove(&mut client).await;
    let ids = everything_hostile(&server, &mut client).await;
    let mut wrong = Vec::new();
    let mut seen = 0;
    let word = escaped(HOSTILE);
    for address in addresses(&server, &ids) {
        let asked = [
            "",
            "?q=WORD&next=WORD&state=WORD&sent=WORD&kind=WORD&action=WORD&from=WORD&cursor=WORD&text=WORD",
        ];
        for asked in asked.map(|asked| format!("{address}{}", asked.replace("WORD", &word))) {
            let answer = client.get(&asked).await;
            if answer.status.is_server_error() {
                wrong.push(format!("{asked} → {}", answer.status));
            }
            if !kind(&answer).starts_with("text/html") {
                continue;
            }
            if BROKEN_OUT.iter().any(|sign| answer.text.contains(sign)) {
                let at = answer.text.find("sk-x").unwrap_or_default().saturating_sub(120);
                wrong.push(format!(
                    "{asked}: …{}",
                    answer.text.chars().skip(at).take(200).collect::<String>()
                ));
            }
            if answer.text.contains("&#60;sk-x") {
                seen += 1;
            }
            let policy = answer.headers["content-security-policy"].to_str().unwrap();
            if policy.contains("unsafe") || answer.headers["x-content-type-options"] != "nosniff" {
                wrong.push(format!("{asked} is not strict: {policy}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(seen >= 40, "the words were shown on {seen} pages only: this test looks in the wrong places");
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_words_stay_words_on_sqlite() {
    hostile_words_stay_words(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_words_stay_words_on_postgres() {
    hostile_words_stay_words(Engine::Postgres).await;
}

/// What is asked is never a statement, and nothing asked breaks anything.
async fn questions_are_never_statements(engine: Engine) {
    let server = server(engine).await;
    let mut client = server.administrator().await;
    let colleagues = client.get("/api/v1/people").await.expect(200).json()["items"].as_array().unwrap().len();
    let long = "あ".repeat(150);
    let payloads =
        ["' OR '1'='1", "%' UNION SELECT id FROM keys --", "\\", "\0", "-1", "99999999999999999999", &long];
    let mut wrong = Vec::new();
    for payload in payloads {
        let word = escaped(payload);
        for address in addresses(&server, std::slice::from_ref(&word)) {
            // All at once, and alone those whose refusal would hide the others.
            let together = [
                "q", "state", "kind", "group", "sort", "to", "person", "key", "box", "days", "action",
                "actor", "target", "outcome", "request", "right", "resource", "week", "month", "format",
                "only", "next", "text",
            ];
            let together = together.map(|name| format!("{name}={word}")).join("&");
            let alone =
                ["cursor", "limit", "from", "until", "after", "since"].map(|name| format!("{name}={word}"));
            for query in alone.into_iter().chain([together]) {
                let asked = format!("{address}?{query}");
                let answer = client.get(&asked).await;
                if answer.status.is_server_error() {
                    wrong.push(format!("{} → {}", asked.chars().take(90).collect::<String>(), answer.status));
                }
            }
        }
        let found = client.get(&format!("/api/v1/people?q={word}")).await;
        if found.status.is_success() && !found.json()["items"].as_array().unwrap().is_empty() {
            wrong.push(format!("{payload:?} finds people"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let left = client.get("/api/v1/people").await.expect(200).json()["items"].as_array().unwrap().len();
    assert_eq!(left, colleagues);
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_are_never_statements_on_sqlite() {
    questions_are_never_statements(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_are_never_statements_on_postgres() {
    questions_are_never_statements(Engine::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_file_but_ours_is_served() {
    let server = server(Engine::Sqlite).await;
    let files = [
        "/.env",
        "/.git/config",
        "/.git/HEAD",
        "/.DS_Store",
        "/.htaccess",
        "/config",
        "/config.toml",
        "/sekisho.toml",
        "/sekisho.sqlite",
        "/master.key",
        "/data/master.key",
        "/backup.zip",
        "/dump.sql",
        "/server-status",
        "/metrics",
        "/debug/pprof",
        "/actuator/env",
        "/phpinfo.php",
        "/wp-login.php",
        "/admin",
        "/Cargo.toml",
        "/static/",
        "/static/../Cargo.toml",
        "/static/..%2f..%2fetc%2fpasswd",
        "/static/%2e%2e/%2e%2e/etc/passwd",
        "/static/....//....//etc/passwd",
        "/../../etc/passwd",
        "//etc/passwd",
        "/%2fetc%2fpasswd",
        "/gallery/../.env",
        "/static/app.js.map",
        "/api/v1/../../etc/passwd",
    ];
    let mut shown = Vec::new();
    for who in ["stranger", "administrator"] {
        let mut client = if who == "stranger" { server.stranger() } else { server.administrator().await };
        for file in files {
            let answer = client.get(file).await;
            let tells = ["root:", "PRIVATE KEY", "[package]", "[core]", "ref: refs"]
                .iter()
                .any(|sign| answer.text.contains(sign));
            if answer.status.is_success() || answer.status.is_server_error() || tells {
                shown.push(format!("{who}: {file} → {}", answer.status));
            }
        }
    }
    assert!(shown.is_empty(), "{shown:#?}");
}

/// A link into Sekisho never leads out of it, whatever it says to go to next.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_led_elsewhere() {
    let server = server(Engine::Sqlite).await;
    let colleague = server.colleague("tanaka").await;
    let elsewhere = [
        "//evil.test",
        "https://evil.test",
        "/\\evil.test",
        "\\\\evil.test",
        "javascript:alert(1)",
        "/%09/evil.test",
        "\t//evil.test",
        "http:evil.test",
    ];
    for next in elsewhere {
        let asked = format!("/sign-in?next={}", escaped(next));
        for mut client in [server.stranger(), server.signed_in(&colleague).await] {
            let answer = client.get(&asked).await;
            if let Some(to) = answer.headers.get("location").and_then(|to| to.to_str().ok()) {
                let here = to.starts_with('/') && !to.starts_with("//") && !to.starts_with("/\\");
                assert!(here && !to.contains(['\t', '\n']), "{next} leads to {to}");
            }
            assert!(!answer.text.contains("href=\"javascript:"), "{next}");
        }
    }
}

/// The body of a TLS ClientHello that offers `version` (0x0303 is TLS 1.2) and `ciphers`, and what the server answers: the
/// kind of its record and, for an alert, the alert.
fn greet(address: &str, version: u16, ciphers: &[u16]) -> (u8, u8) {
    let [high, low] = version.to_be_bytes();
    let mut hello = vec![high, low];
    hello.extend([7; 32]);
    hello.push(0);
    hello.extend(u16::try_from(ciphers.len() * 2).unwrap().to_be_bytes());
    hello.extend(ciphers.iter().flat_map(|cipher| cipher.to_be_bytes()));
    hello.extend([1, 0]);
    // Groups P-256 and X25519, uncompressed points, signatures with SHA-256 and SHA-1.
    let extensions: [u8; 32] = [
        0, 10, 0, 6, 0, 4, 0, 23, 0, 29, 0, 11, 0, 2, 1, 0, 0, 13, 0, 10, 0, 8, 4, 3, 8, 4, 4, 1, 2, 1, 0, 0,
    ];
    let extensions = &extensions[..30];
    hello.extend(u16::try_from(extensions.len()).unwrap().to_be_bytes());
    hello.extend(extensions);
    let length = u32::try_from(hello.len()).unwrap().to_be_bytes();
    let mut handshake = vec![1, length[1], length[2], length[3]];
    handshake.extend(hello);
    let mut record = vec![22, 3, 1];
    record.extend(u16::try_from(handshake.len()).unwrap().to_be_bytes());
    record.extend(handshake);
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(&record).unwrap();
    let mut answer = [0; 7];
    stream.read_exact(&mut answer).unwrap();
    (answer[0], answer[6])
}

#[tokio::test(flavor = "multi_thread")]
async fn protocols_and_ciphers_of_yesterday_are_refused() {
    let stage = Stage::new(Engine::Sqlite).await;
    stage.setup().await.done();
    let serving = stage.serve(&[]).await;
    let (http, devices) = stage.listeners();
    let good = [0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8];
    // RC4, 3DES, CBC, static RSA, DHE, export, NULL.
    let weak = [
        0x0005, 0x000a, 0xc013, 0xc014, 0xc009, 0xc00a, 0xc027, 0x002f, 0x0035, 0x009c, 0x009d, 0x009e,
        0x0003, 0x0002,
    ];
    const ALERT: u8 = 21;
    const PROTOCOL_VERSION: u8 = 70;
    const HANDSHAKE_FAILURE: u8 = 40;
    for address in [&http, &devices] {
        let (kind, _) = greet(address, 0x0303, &good);
        assert_eq!(kind, 22, "{address} takes TLS 1.2 with a good cipher: else this test proves nothing");
        for version in [0x0300, 0x0301, 0x0302] {
            assert_eq!(greet(address, version, &good), (ALERT, PROTOCOL_VERSION), "{address} {version:#06x}");
        }
        for cipher in weak {
            assert_eq!(
                greet(address, 0x0303, &[cipher]),
                (ALERT, HANDSHAKE_FAILURE),
                "{address} {cipher:#06x}"
            );
        }
    }
    serving.stop().await;
}
