//! Every route of pages and API, through the real router on a store in a scratch folder: whoever asks with whatever path,
//! question, headers and body gets an answer, and that answer is never "500".
//!
//! The bytes choose a route, who asks, ids and how the body differs from one that has a plausible value for every name any
//! route knows. So the extractors let much of it through, and the use cases behind them are reached.

use std::cell::RefCell;
use std::collections::BTreeSet;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use sekisho_storage::Engine;
use sekisho_testkit::TestServer;
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

/// A stage is set anew after so many requests, for some of them end sessions, bar people or fill the store.
const A_STAGE_LASTS: usize = 400;
/// Ids to choose from.
const MOST_IDS: usize = 48;

thread_local! {
    static STAGE: RefCell<Option<Stage>> = const { RefCell::new(None) };
}

/// One request.
pub(crate) fn request(bytes: &[u8]) {
    STAGE.with_borrow_mut(|stage| {
        if stage.as_ref().is_none_or(|stage| stage.asked >= A_STAGE_LASTS) {
            *stage = None;
            *stage = Some(Stage::set());
        }
        if let Some(stage) = stage {
            stage.asked += 1;
            let _ = stage.ask(&mut Unstructured::new(bytes));
        }
    });
}

struct Stage {
    runtime: Runtime,
    _server: TestServer,
    router: Router,
    routes: Vec<(&'static str, &'static str)>,
    /// Cookies of nobody, a colleague, the administrator.
    cookies: [String; 3],
    ids: Vec<String>,
    asked: usize,
}

impl Stage {
    fn set() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let mut migrations = sekisho_keys::migrations();
        migrations.extend(sekisho_visitors::migrations());
        let server = runtime.block_on(TestServer::start(Engine::Sqlite, migrations, |foundation| {
            vec![sekisho_keys::mount(foundation), sekisho_visitors::mount(foundation)]
        }));
        let colleague = runtime.block_on(server.colleague("tanaka"));
        let router = server.host.router();
        let routes = server
            .host
            .routes()
            .iter()
            // Event streams do not end, and whoever signs out says no more.
            .filter(|route| !["/live", "/sign-out"].contains(&route.path))
            .map(|route| (route.method, route.path))
            .collect();
        let ids = vec![server.admin.to_string(), colleague.person.to_string()];
        let cookies = Default::default();
        let mut stage = Self { runtime, _server: server, router, routes, cookies, ids, asked: 0 };
        stage.cookies = [String::new(), stage.sign_in("tanaka@acme.test"), stage.sign_in("admin@acme.test")];
        stage.furnish();
        let token = stage.invite();
        stage.ids.push(token);
        stage
    }

    fn sign_in(&self, mail: &str) -> String {
        let form = format!("mail={mail}&password=correct+horse+42+battery");
        let request = ask("POST", "/sign-in", "", "application/x-www-form-urlencoded").body(Body::from(form));
        let (parts, _) = self.answer(request.expect("a request"));
        let set = parts.headers.get(header::SET_COOKIE).and_then(|set| set.to_str().ok()).unwrap_or_default();
        let cookie = set.split(';').next().unwrap_or_default().to_owned();
        assert!(cookie.contains('='), "{mail} could not sign in: {}", parts.status);
        cookie
    }

    /// Makes one of everything that can be made, so that there is something to ask for.
    fn furnish(&mut self) {
        let mut known: BTreeSet<String> = self.ids.iter().cloned().collect();
        for method in ["POST", "GET"] {
            for (_, path) in self
                .routes
                .clone()
                .into_iter()
                .filter(|(of, path)| *of == method && path.starts_with("/api/"))
            {
                let path = self.filled(path, &mut Unstructured::new(&[]));
                let body = if method == "POST" {
                    Value::Object(self.plausible()).to_string()
                } else {
                    String::new()
                };
                let request = ask(method, &path, &self.cookies[2], "application/json").body(Body::from(body));
                let (_, text) = self.answer(request.expect("a request"));
                if let Ok(answer) = serde_json::from_str(&text) {
                    ids_in(&answer, &mut known);
                }
                self.ids = known.iter().take(MOST_IDS).cloned().collect();
            }
        }
    }

    /// A guest who is asked for everything there is, and the token of their page: no id leads there.
    fn invite(&self) -> String {
        let call = |method: &str, path: &str, body: Value, status: StatusCode| {
            let body = if body.is_null() { String::new() } else { body.to_string() };
            let request = ask(method, path, &self.cookies[2], "application/json").body(Body::from(body));
            let (parts, text) = self.answer(request.expect("a request"));
            assert_eq!(parts.status, status, "{method} {path}: {text}");
            serde_json::from_str::<Value>(&text).unwrap_or_default()
        };
        let made = |path: &str, body: Value| call("POST", path, body, StatusCode::CREATED);
        let text = json!({ "title": "NDA", "text": "I tell nobody." });
        let nda = made("/api/v1/visitors/agreements", json!({ "name": "NDA", "texts": { "en": text } }));
        let words = json!({ "ja": "問い", "en": "question" });
        let kinds = ["text", "lines", "yes_no", "date"];
        let field = |(number, kind): (usize, &str)| json!({ "id": uuid::Uuid::from_u128(number as u128 + 1), "label": words, "answer": kind, "required": number == 0 });
        let fields: Vec<Value> = kinds.into_iter().enumerate().map(field).collect();
        let asks = json!({ "asked": true, "photo": true, "agreement": nda["id"], "fields": fields });
        let asks = json!({ "kinds": { "guest": asks } });
        call("PUT", "/api/v1/visitors/registration", asks, StatusCode::NO_CONTENT);
        let site = json!({ "name": "Lobby", "address": "", "zone": "Asia/Tokyo" });
        let site = made("/api/v1/sites", site);
        let guests = json!([{ "name": "山田 太郎", "mail": "yamada@midori.example" }]);
        let time = ["2099-11-23T09:00", "2099-11-23T10:00"];
        let body = json!({ "site": site["id"], "starts": time[0], "ends": time[1], "guests": guests });
        let made = made("/api/v1/visitors/appointments", body);
        let passes = format!("/api/v1/visitors/appointments/{}/passes", made["id"].as_str().expect("an id"));
        let passes = call("GET", &passes, Value::Null, StatusCode::OK);
        let address = passes["items"][0]["address"].as_str().expect("the address of the page");
        address.strip_prefix("/v/").expect("the token in it").to_owned()
    }

    fn ask(&self, chance: &mut Unstructured<'_>) -> Result<()> {
        let (method, path) = *chance.choose(&self.routes)?;
        let cookie = chance.choose(&self.cookies)?.clone();
        let mut path = self.filled(path, chance);
        let pairs = chance.int_in_range(0..=3)?;
        if pairs > 0 {
            path.push('?');
            path.push_str(&self.form(&self.some(pairs, chance)?));
        }
        let (kind, body) = match (method, chance.int_in_range(0..=3)?) {
            ("GET", _) => ("", Vec::new()),
            (_, 0) => (*chance.choose(&KINDS)?, chance.bytes(chance.len())?.to_vec()),
            _ if path.starts_with("/api/") || path.starts_with("/access/") => {
                ("application/json", self.differing(chance)?.to_string().into_bytes())
            }
            (_, 1) => (MULTIPART, self.multipart(chance)?),
            _ => ("application/x-www-form-urlencoded", self.form(&self.differing(chance)?).into_bytes()),
        };
        let mut request = ask(method, &path, &cookie, kind);
        if chance.ratio(1, 4)? {
            let value = chance.bytes(chance.len().min(24))?;
            if let Ok(value) = header::HeaderValue::from_bytes(value) {
                request = request.header(*chance.choose(&HEADERS).unwrap_or(&"if-match"), value);
            }
        }
        let Ok(request) = request.body(Body::from(body.clone())) else { return Ok(()) };
        let (parts, text) = self.answer(request);
        assert!(
            parts.status != StatusCode::INTERNAL_SERVER_ERROR,
            "{method} {path} with {:?} → {}: {}",
            String::from_utf8_lossy(&body),
            parts.status,
            text.chars().take(400).collect::<String>()
        );
        Ok(())
    }

    fn answer(&self, request: Request<Body>) -> (axum::http::response::Parts, String) {
        self.runtime.block_on(async {
            let Ok(answer) = self.router.clone().oneshot(request).await;
            let (parts, body) = answer.into_parts();
            let bytes = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
            (parts, String::from_utf8_lossy(&bytes).into_owned())
        })
    }

    fn id(&self, chance: &mut Unstructured<'_>) -> String {
        chance.choose(&self.ids).ok().or(self.ids.first()).cloned().unwrap_or_default()
    }

    /// The path with something for each of its parameters, mostly an id that exists.
    fn filled(&self, path: &str, chance: &mut Unstructured<'_>) -> String {
        let filled = path.split('/').map(|part| match part.starts_with('{') {
            false => part.to_owned(),
            true if chance.ratio(1, 8).unwrap_or(false) => {
                chance.int_in_range(0..=300_u16).unwrap_or(1).to_string()
            }
            true => self.id(chance),
        });
        filled.collect::<Vec<_>>().join("/")
    }

    /// A body with a plausible value for every name.
    fn plausible(&self) -> Map<String, Value> {
        let text = WORDS.replace("ID", &self.id(&mut Unstructured::new(&[])));
        serde_json::from_str(&text).expect("the words are JSON")
    }

    /// That body, in which some values are others, or missing, or of another kind.
    fn differing(&self, chance: &mut Unstructured<'_>) -> Result<Value> {
        let mut body = self.plausible();
        let names: Vec<String> = body.keys().cloned().collect();
        for _ in 0..chance.int_in_range(0..=6)? {
            let name = chance.choose(&names)?.clone();
            match self.value(chance, 3)? {
                Value::Null if chance.arbitrary()? => body.remove(&name),
                value => body.insert(name, value),
            };
        }
        Ok(Value::Object(body))
    }

    fn some(&self, count: usize, chance: &mut Unstructured<'_>) -> Result<Value> {
        let names: Vec<String> = self.plausible().keys().cloned().collect();
        let mut some = Map::new();
        for _ in 0..count {
            some.insert(chance.choose(&names)?.clone(), self.value(chance, 1)?);
        }
        Ok(Value::Object(some))
    }

    fn value(&self, chance: &mut Unstructured<'_>, depth: usize) -> Result<Value> {
        Ok(match chance.int_in_range(0..=10)? {
            0 => Value::Null,
            1 => json!(chance.arbitrary::<bool>()?),
            2 => json!(chance.arbitrary::<i64>()?),
            3 => json!(chance.arbitrary::<i8>()?),
            4 => json!(self.id(chance)),
            5 => json!(chance.choose(&TIMES)?),
            6 => json!("長い".repeat(usize::from(chance.arbitrary::<u16>()?) / 8)),
            7 if depth > 0 => json!([self.value(chance, depth - 1)?, self.value(chance, depth - 1)?]),
            8 if depth > 0 => self.some(2, chance)?,
            _ => json!(String::from_utf8_lossy(chance.bytes(chance.len().min(12))?)),
        })
    }

    /// Names and values as a form sends them.
    fn form(&self, body: &Value) -> String {
        let pairs = body.as_object().into_iter().flatten().flat_map(|(name, value)| match value {
            Value::Array(values) => values.iter().map(|value| (name, word(value))).collect(),
            value => vec![(name, word(value))],
        });
        let pairs = pairs.map(|(name, value)| format!("{name}={}", sekisho_web::escape_query(&value)));
        pairs.collect::<Vec<_>>().join("&")
    }

    fn multipart(&self, chance: &mut Unstructured<'_>) -> Result<Vec<u8>> {
        let file = chance.bytes(chance.len())?;
        let head = "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"people.csv\"\r\ncontent-type: text/csv\r\n\r\nname,mail,number\n";
        Ok([head.as_bytes(), file, b"\r\n--x--\r\n"].concat())
    }
}

fn ask(method: &str, path: &str, cookie: &str, kind: &str) -> axum::http::request::Builder {
    let request = Request::builder().method(method).uri(path).header(header::HOST, "acme.test");
    let request = request.header("sec-fetch-site", "same-origin").header(header::COOKIE, cookie);
    if kind.is_empty() { request } else { request.header(header::CONTENT_TYPE, kind) }
}

fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

fn ids_in(answer: &Value, found: &mut BTreeSet<String>) {
    match answer {
        Value::String(text) if text.parse::<uuid::Uuid>().is_ok() => {
            found.insert(text.clone());
        }
        Value::Array(values) => values.iter().for_each(|value| ids_in(value, found)),
        Value::Object(values) => values.values().for_each(|value| ids_in(value, found)),
        _ => {}
    }
}

const MULTIPART: &str = "multipart/form-data; boundary=x";
const KINDS: [&str; 4] = ["application/json", "application/x-www-form-urlencoded", "text/plain", MULTIPART];
const HEADERS: [&str; 8] = [
    "if-match",
    "idempotency-key",
    "x-forwarded-for",
    "accept-language",
    "authorization",
    "accept",
    "last-event-id",
    "content-encoding",
];
const TIMES: [&str; 8] = [
    "2026-11-23T09:00",
    "2026-11-23T09:00:00Z",
    "-009999-01-01T00:00:00Z",
    "+999999-12-31T23:59",
    "9999-12-31T23:59:59.999999999Z",
    "2026-02-30",
    "24:00",
    "",
];

/// A plausible value for every name that a body, a form or a question of ours has; `ID` stands for the id of something.
const WORDS: &str = include_str!("words.json");
