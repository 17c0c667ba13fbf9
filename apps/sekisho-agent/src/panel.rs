//! The box's screen as a page: plain files, one stream of what to show, one door for what people do. In simulation the
//! same page also draws the cabinet, and a second door is the hand that opens, takes and puts.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, http::HeaderMap};
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::WatchStream;
use tokio_stream::{Stream, StreamExt as _};
use tokio_util::sync::CancellationToken;

use crate::box_logic::{PanelAction, View};
use crate::driver::{BinNumber, SimulatedDriver};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/// How long answers under way may take once the box stops.
const LAST_ANSWERS: Duration = Duration::from_millis(300);

/// What the page needs.
#[derive(Clone, Debug)]
pub struct Panel {
    /// What people do.
    pub actions: mpsc::Sender<PanelAction>,
    /// What the screen shows.
    pub view: watch::Receiver<View>,
    /// The cabinet and its switches, in simulation.
    pub simulation: Option<Simulation>,
}

/// What only a simulated box has.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// The cabinet.
    pub driver: SimulatedDriver,
    /// Plugs the network cable in (true) or out, and says whether it is in.
    pub cable: watch::Sender<bool>,
    /// Badges that lie beside the box, with the name written on each.
    pub badges: Vec<Badge>,
}

/// A badge that lies beside a simulated box.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, Deserialize)]
pub struct Badge {
    /// What is printed on it.
    pub label: String,
    /// What the reader reads.
    pub serial: String,
}

/// What the hand before a simulated box does.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum HandAction {
    Take { bin: BinNumber },
    Put { bin: BinNumber, fob: String },
    Close { bin: BinNumber },
    Force { bin: BinNumber },
    Jam { bin: BinNumber, on: bool },
    CloseMaster,
    Power { on: bool },
    Cable { on: bool },
    Tamper { on: bool },
    Badge { serial: String },
    HoldFob { fob: String },
}

impl Panel {
    /// Serves the page on `listener` until `stop`.
    pub async fn serve(self, listener: TcpListener, stop: CancellationToken) -> std::io::Result<()> {
        let serving = axum::serve(listener, self.router())
            .with_graceful_shutdown(stop.clone().cancelled_owned())
            .into_future();
        tokio::select! {
            served = serving => served,
            // A page that is open keeps its stream for ever; the box does not wait for it.
            () = async { stop.cancelled().await; tokio::time::sleep(LAST_ANSWERS).await } => Ok(()),
        }
    }

    /// Every route of the page.
    pub fn router(self) -> Router {
        Router::new()
            .route("/", get(|| async { file("index.html") }))
            .route("/panel/{name}", get(|Path(name): Path<String>| async move { file(&name) }))
            .route("/live", get(live))
            .route("/press", post(press))
            .route("/hand", post(hand))
            .layer(middleware::from_fn(guard))
            .with_state(self)
    }
}

async fn press(State(panel): State<Panel>, Json(action): Json<PanelAction>) -> StatusCode {
    match panel.actions.send(action).await {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

async fn hand(State(panel): State<Panel>, Json(action): Json<HandAction>) -> StatusCode {
    let Some(Simulation { driver, cable, .. }) = panel.simulation else { return StatusCode::NOT_FOUND };
    let done = match action {
        HandAction::Take { bin } => driver.take(bin).is_some(),
        HandAction::Put { bin, fob } => driver.cabinet().hand.contains(&fob) && driver.put(bin, &fob),
        HandAction::Close { bin } => driver.close(bin),
        HandAction::Force { bin } => {
            driver.force(bin);
            true
        }
        HandAction::Jam { bin, on } => {
            driver.jam(bin, on);
            true
        }
        HandAction::CloseMaster => {
            driver.close_master();
            true
        }
        HandAction::Power { on } => {
            driver.power(on);
            true
        }
        HandAction::Cable { on } => {
            cable.send_replace(on);
            true
        }
        HandAction::Tamper { on } => {
            driver.tamper(on);
            true
        }
        HandAction::Badge { serial } => {
            driver.hold_badge(&serial);
            true
        }
        HandAction::HoldFob { fob } => {
            driver.hold_fob(&fob);
            true
        }
    };
    if done { StatusCode::NO_CONTENT } else { StatusCode::CONFLICT }
}

async fn live(State(panel): State<Panel>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let screens = WatchStream::new(panel.view).map(|view| event("view", &view));
    let cabinet: std::pin::Pin<Box<dyn Stream<Item = Event> + Send>> = match panel.simulation {
        None => Box::pin(tokio_stream::empty()),
        Some(Simulation { driver, cable, badges }) => {
            let (changes, cables) = (WatchStream::new(driver.changes()), WatchStream::new(cable.subscribe()));
            Box::pin(changes.map(|_| ()).merge(cables.map(|_| ())).map(move |()| {
                let plugged = *cable.borrow();
                let mut cabinet = driver.cabinet();
                cabinet.openings.clear();
                event("cabinet", &serde_json::json!({ "cabinet": cabinet, "lamps": driver.lamps(), "cable": plugged, "badges": badges }))
            }))
        }
    };
    Sse::new(screens.merge(cabinet).map(Ok)).keep_alive(KeepAlive::default())
}

fn event(name: &str, what: &impl serde::Serialize) -> Event {
    Event::default().event(name).json_data(what).unwrap_or_else(|_| Event::default().comment("unreadable"))
}

/// Only pages of this very box may speak with it: the name in the address must be an address or `localhost` (so no page
/// elsewhere can have its name point here), and writes are JSON (so no form elsewhere can send them).
async fn guard(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if !is_own_host(host) || is_cross_site(request.headers()) {
        return StatusCode::MISDIRECTED_REQUEST.into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn is_own_host(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    name == "localhost" || name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
}

fn is_cross_site(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site")
}

fn file(name: &str) -> Response {
    let (text, kind) = match name {
        "index.html" => (include_str!("../panel/index.html"), "text/html; charset=utf-8"),
        "mark.svg" => (include_str!("../panel/mark.svg"), "image/svg+xml"),
        "panel.css" => (include_str!("../panel/panel.css"), "text/css; charset=utf-8"),
        "cabinet.css" => (include_str!("../panel/cabinet.css"), "text/css; charset=utf-8"),
        "panel.js" => (include_str!("../panel/panel.js"), "text/javascript; charset=utf-8"),
        "screens.js" => (include_str!("../panel/screens.js"), "text/javascript; charset=utf-8"),
        "cabinet.js" => (include_str!("../panel/cabinet.js"), "text/javascript; charset=utf-8"),
        "ja.json" => (include_str!("../panel/ja.json"), "application/json"),
        "en.json" => (include_str!("../panel/en.json"), "application/json"),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    Response::builder()
        .header(header::CONTENT_TYPE, kind)
        .body(Body::from(text))
        .unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

/// Opens the port of the page.
pub async fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address).await
}

#[cfg(test)]
mod tests {
    use super::is_own_host;
    use std::collections::BTreeMap;

    #[test]
    fn only_addresses_and_localhost_are_its_own() {
        for host in ["localhost", "localhost:8090", "127.0.0.1:8090", "[::1]:8090", "192.168.1.5"] {
            assert!(is_own_host(host), "{host}");
        }
        for host in ["", "evil.example", "evil.example:8090", "127.0.0.1.evil.example", "localhost.evil:1"] {
            assert!(!is_own_host(host), "{host}");
        }
    }

    #[test]
    fn both_languages_say_everything() {
        let read = |text| serde_json::from_str::<BTreeMap<String, String>>(text).unwrap();
        let ja = read(include_str!("../panel/ja.json"));
        let en = read(include_str!("../panel/en.json"));
        assert_eq!(ja.keys().collect::<Vec<_>>(), en.keys().collect::<Vec<_>>());
        let holes = |text: &str| text.matches('{').count();
        for (id, text) in &ja {
            assert!(!text.is_empty() && !en[id].is_empty(), "{id}");
            assert_eq!(holes(text), holes(&en[id]), "{id}");
        }
        // every text the scripts and the logic ask for is there
        let scripts = [
            include_str!("../panel/screens.js"),
            include_str!("../panel/panel.js"),
            include_str!("../panel/cabinet.js"),
        ];
        for script in scripts {
            let (mut rest, call) = (script, "t(\"");
            while let Some(at) = rest.find(call) {
                let id = rest[at + call.len()..].split('"').next().unwrap();
                let ours = !rest[..at].ends_with(|letter: char| letter.is_ascii_alphanumeric());
                assert!(!ours || ja.contains_key(id), "{id}");
                rest = &rest[at + call.len()..];
            }
        }
        let logic = include_str!("box_logic/conversation.rs");
        for id in logic.split("Own(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(ja.contains_key(&format!("say-{id}")), "{id}");
        }
    }
}
