//! K4: bookings that cost something are paid at a provider's page. The provider here is a stand-in on a real socket that
//! answers as Stripe's API does; its notices are signed, late, doubled and forged.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use sekisho_kernel::Language;
use sekisho_keys::{Book, BookFor, Booked};
use sekisho_storage::Engine;
use sekisho_testkit::{Answer, hours, minutes};
use sekisho_wire::{AnswerKind, AskKind, Code, IdentifyBy};
use serde_json::{Value, json};

use crate::scene::Scene;

const SECRET: &str = "sk_test_1234567890";
const SIGNED_BY: &str = "whsec_0987654321";
const PRICE: i64 = 3300;

/// What the provider knows.
#[derive(Default)]
struct Books {
    /// Pages by the key under which they were asked for.
    pages: HashMap<String, Value>,
    refunds: Vec<String>,
    refuses_refunds: bool,
    away: bool,
}

/// A provider of payment pages.
#[derive(Clone, Default)]
struct Till(Arc<Mutex<Books>>);

impl Till {
    async fn open(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/v1/checkout/sessions", post(make))
            .route("/v1/checkout/sessions/{id}", get(look))
            .route("/v1/checkout/sessions/{id}/expire", post(close))
            .route("/v1/refunds", post(refund))
            .with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        base
    }

    fn with<T>(&self, ask: impl FnOnce(&mut Books) -> T) -> T {
        ask(&mut self.0.lock().unwrap())
    }

    /// The only page there is.
    fn page(&self) -> Value {
        self.with(|books| {
            assert_eq!(books.pages.len(), 1, "{:?}", books.pages);
            books.pages.values().next().cloned().unwrap()
        })
    }

    /// Somebody pays it.
    fn is_paid(&self) -> Value {
        self.with(|books| {
            let page = books.pages.values_mut().find(|page| page["status"] == "open").unwrap();
            (page["status"], page["payment_status"]) = (json!("complete"), json!("paid"));
            page["payment_intent"] = json!("pi_1");
            page.clone()
        })
    }
}

fn knows(headers: &HeaderMap) -> Result<(), (StatusCode, Json<Value>)> {
    let fine = headers.get("authorization").is_some_and(|value| value == &format!("Bearer {SECRET}"));
    fine.then_some(()).ok_or_else(|| refusal(StatusCode::UNAUTHORIZED, "Invalid API Key"))
}

fn refusal(status: StatusCode, message: &str) -> (StatusCode, Json<Value>) {
    (status, Json(json!({ "error": { "message": message } })))
}

fn unescaped(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'%', [_, _, after @ ..]) => {
                bytes.push(u8::from_str_radix(std::str::from_utf8(&tail[..2]).unwrap(), 16).unwrap());
                rest = after;
            }
            (other, _) => bytes.push(*other),
        }
    }
    String::from_utf8(bytes).unwrap()
}

type Said = Result<Json<Value>, (StatusCode, Json<Value>)>;

async fn make(State(till): State<Till>, headers: HeaderMap, body: String) -> Said {
    knows(&headers)?;
    if till.with(|books| books.away) {
        return Err(refusal(StatusCode::SERVICE_UNAVAILABLE, "later"));
    }
    let field = |name: &str| {
        let name = sekisho_web::escape_query(name);
        let value = body.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
        unescaped(value.unwrap_or_else(|| panic!("{name} in {body}")))
    };
    assert!(field("success_url").ends_with("?paid=1"));
    assert!(!body.contains("card"), "no word about how it is paid: {body}");
    let once = headers["idempotency-key"].to_str().unwrap().to_owned();
    let number = till.with(|books| books.pages.len()) + 1;
    let page = json!({
        "id": format!("cs_{number}"), "url": format!("https://checkout.test/c/cs_{number}"), "status": "open",
        "payment_status": "unpaid", "payment_intent": null, "client_reference_id": field("client_reference_id"),
        "amount_total": field("line_items[0][price_data][unit_amount]").parse::<i64>().unwrap(),
        "currency": field("line_items[0][price_data][currency]"),
    });
    Ok(Json(till.with(|books| books.pages.entry(once).or_insert(page).clone())))
}

async fn look(State(till): State<Till>, headers: HeaderMap, Path(id): Path<String>) -> Said {
    knows(&headers)?;
    let page = till.with(|books| books.pages.values().find(|page| page["id"] == id.as_str()).cloned());
    page.map(Json).ok_or_else(|| refusal(StatusCode::NOT_FOUND, "No such session"))
}

async fn close(State(till): State<Till>, headers: HeaderMap, Path(id): Path<String>) -> Said {
    knows(&headers)?;
    till.with(|books| {
        let page = books.pages.values_mut().find(|page| page["id"] == id.as_str()).unwrap();
        if page["status"] != "open" {
            return Err(refusal(StatusCode::BAD_REQUEST, "Only open sessions expire"));
        }
        (page["status"], page["url"]) = (json!("expired"), Value::Null);
        Ok(Json(page.clone()))
    })
}

async fn refund(State(till): State<Till>, headers: HeaderMap, body: String) -> Said {
    knows(&headers)?;
    till.with(|books| {
        if books.refuses_refunds {
            return Err(refusal(StatusCode::BAD_REQUEST, "Charge is disputed"));
        }
        books.refunds.push(body);
        Ok(Json(json!({ "id": "re_1", "status": "succeeded" })))
    })
}

/// A notice of the provider, signed at the server's present second, `late` seconds ago.
async fn notice(scene: &Scene, secret: &str, page: &Value, late: i64) -> Answer {
    let kind = "checkout.session.completed";
    let body = json!({ "id": "evt_1", "type": kind, "data": { "object": page } }).to_string();
    let at = scene.now().as_secs() - late;
    let mac = sekisho_crypto::hmac_sha256(secret.as_bytes(), format!("{at}.{body}").as_bytes());
    let signature = format!("t={at},v1={}", data_encoding::HEXLOWER.encode(&mac));
    let mut provider = scene.server.stranger().with_header("stripe-signature", &signature);
    provider.send(Method::POST, "/hooks/key-payments", Some("application/json"), body).await
}

async fn priced(scene: &Scene, till: &Till) -> Booked {
    let base = till.open().await;
    let mut admin = scene.server.administrator().await;
    let account =
        json!({ "provider": base, "currency": "jpy", "secret": SECRET, "webhook_secret": SIGNED_BY });
    admin.api("PUT", "/api/v1/key-payment-account", account).await.expect(204);
    let told = admin.get("/api/v1/key-payment-account").await.ok();
    assert!(told.contains("jpy") && !told.contains(SECRET) && !told.contains(SIGNED_BY), "{told}");
    sekisho_keys::book(&scene.keys, &scene.server.cx(), form(scene)).await.unwrap()
}

fn form(scene: &Scene) -> Book {
    let zone = sekisho_web::zone_of("Asia/Tokyo");
    let at = |minutes: i64| {
        let now = scene.now().to_jiff().to_zoned(zone.clone()).datetime();
        now.saturating_add(jiff::Span::new().minutes(minutes)).strftime("%Y-%m-%dT%H:%M").to_string()
    };
    Book {
        keys: vec![scene.van],
        who: BookFor::Guest { name: "Ito".into(), mail: "ito@example.jp".into(), language: Language::En },
        starts: at(10),
        ends: at(60 * 48),
        note: String::new(),
        price: Some(PRICE),
    }
}

async fn opens(scene: &Scene, booked: &Booked) -> bool {
    let by = IdentifyBy::BookingCode(Code::new(booked.code.clone()));
    matches!(scene.asks(AskKind::Identify { by }).await, AnswerKind::Welcome { .. })
}

async fn state(scene: &Scene, booked: &Booked) -> (String, String) {
    let mut admin = scene.server.administrator().await;
    let row = admin.get(&format!("/api/v1/key-bookings/{}", booked.id)).await.json();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (word(&row["state"]), word(&row["payment"]["state"]))
}

/// Tells a story of payments on both engines.
macro_rules! paid {
    ($name:ident, |$scene:ident, $till:ident, $booked:ident| $body:expr) => {
        mod $name {
            use super::*;
            async fn told(engine: Engine) {
                let ($scene, $till) = (Scene::beside(engine).await, Till::default());
                let $booked = priced(&$scene, &$till).await;
                $body
            }
            #[tokio::test]
            async fn on_sqlite() {
                told(Engine::Sqlite).await;
            }
            #[tokio::test]
            async fn on_postgres() {
                told(Engine::Postgres).await;
            }
        }
    };
}

paid!(a_booking_is_in_force_when_the_provider_says_it_was_paid, |scene, till, booked| {
    scene.server.settle().await;
    let mail = scene.mailbox().await.join("\n");
    assert!(mail.contains("¥3,300") && !mail.contains(&booked.code), "a bill, and no code yet: {mail}");
    let taken = sekisho_keys::book(&scene.keys, &scene.server.cx(), form(&scene)).await;
    assert!(matches!(taken, Err(sekisho_keys::BookError::Taken)), "kept while it is paid: {taken:?}");
    let here = format!("/b/{}", booked.token);
    let mut guest = scene.server.stranger();
    let page = guest.get(&here).await.ok();
    assert!(page.contains("¥3,300") && !page.contains(&booked.code) && !page.contains('⟦'), "{page}");
    scene.server.advance(minutes(11)).await;
    assert!(!opens(&scene, &booked).await, "not before it is paid");
    guest.post(&format!("{here}/take"), &[("key", &scene.van.to_string())]).await;
    assert_eq!(scene.key(scene.van).await["state"], "in");

    let way = guest.post(&format!("{here}/pay"), &[]).await.ok();
    assert!(way.contains("https://checkout.test/c/cs_1"), "{way}");
    guest.post(&format!("{here}/pay"), &[]).await.ok();
    assert_eq!(till.page()["amount_total"], PRICE, "one page, however often one presses");
    // Coming back without having paid changes nothing.
    guest.get(&format!("{here}?paid=1")).await.ok();
    assert_eq!(state(&scene, &booked).await, ("unpaid".into(), "awaited".into()));

    let done = till.is_paid();
    notice(&scene, SIGNED_BY, &done, 0).await.expect(204);
    notice(&scene, SIGNED_BY, &done, 0).await.expect(204);
    assert_eq!(state(&scene, &booked).await, ("booked".into(), "paid".into()));
    let acts = scene.record().await;
    assert_eq!(acts.iter().filter(|act| *act == "key.booking_paid").count(), 1, "told twice, counted once");
    scene.server.settle().await;
    let code = &booked.code;
    let spelt = format!("{} {}", &code[..4], &code[4..]);
    let mail = scene.mailbox().await.join("\n");
    assert!(mail.contains(code.as_str()) || mail.contains(&spelt), "now the code comes: {mail}");
    assert!(opens(&scene, &booked).await);
    assert!(guest.get(&here).await.ok().contains(&spelt));
    guest.post(&format!("{here}/pay"), &[]).await.expect(303);
});

paid!(whoever_comes_back_is_asked_after_when_no_notice_comes, |scene, till, booked| {
    let here = format!("/b/{}", booked.token);
    let mut guest = scene.server.stranger();
    guest.post(&format!("{here}/pay"), &[]).await.ok();
    till.is_paid();
    scene.server.advance(minutes(11)).await;
    let page = guest.get(&format!("{here}?paid=1")).await.ok();
    assert!(page.contains(&booked.code[..4]), "{page}");
    assert!(opens(&scene, &booked).await);
});

paid!(only_the_provider_is_believed, |scene, till, booked| {
    let mut guest = scene.server.stranger();
    guest.post(&format!("/b/{}/pay", booked.token), &[]).await.ok();
    let mut claimed = till.page();
    claimed["payment_status"] = json!("paid");
    notice(&scene, "whsec_forged", &claimed, 0).await.expect(403);
    notice(&scene, SIGNED_BY, &claimed, 301).await.expect(403);
    scene.server.stranger().post("/hooks/key-payments", &[]).await.expect(403);
    // Signed, but too little, in another currency, of another page, of another kind, or nonsense: taken, and left.
    for (member, value) in
        [("amount_total", json!(1)), ("currency", json!("usd")), ("id", json!("cs_x")), ("id", json!(7))]
    {
        let mut other = claimed.clone();
        other[member] = value;
        notice(&scene, SIGNED_BY, &other, 0).await.expect(204);
    }
    assert_eq!(state(&scene, &booked).await, ("unpaid".into(), "awaited".into()));
    let (_, mut other) = scene.server.other_tenant("globex").await;
    other.get("/api/v1/key-payment-account").await.expect(404);
});

paid!(what_nobody_pays_is_called_off_and_the_key_is_free, |scene, till, booked| {
    let mut guest = scene.server.stranger();
    guest.post(&format!("/b/{}/pay", booked.token), &[]).await.ok();
    scene.server.advance(hours(24) + Duration::from_secs(1)).await;
    scene.server.settle().await;
    assert_eq!(state(&scene, &booked).await, ("cancelled".into(), "lapsed".into()));
    assert_eq!(till.page()["status"], "expired", "nobody can pay any more");
    let mail = scene.mailbox().await.join("\n");
    assert!(
        mail.contains("it was not paid") && mail.contains("お支払いがなかったため"),
        "guest and maker: {mail}"
    );
    let again = Book { price: None, ..form(&scene) };
    sekisho_keys::book(&scene.keys, &scene.server.cx(), again).await.unwrap();
    // A notice that comes after all: the money goes back.
    let mut late = till.page();
    (late["payment_status"], late["payment_intent"]) = (json!("paid"), json!("pi_1"));
    notice(&scene, SIGNED_BY, &late, 0).await.expect(204);
    scene.server.settle().await;
    assert_eq!(state(&scene, &booked).await, ("cancelled".into(), "refunded".into()));
    assert_eq!(till.with(|books| books.refunds.clone()), ["payment_intent=pi_1"]);
});

paid!(what_is_called_off_after_it_was_paid_is_paid_back, |scene, till, booked| {
    let mut guest = scene.server.stranger();
    guest.post(&format!("/b/{}/pay", booked.token), &[]).await.ok();
    notice(&scene, SIGNED_BY, &till.is_paid(), 0).await.expect(204);
    till.with(|books| books.refuses_refunds = true);
    let mut admin = scene.server.administrator().await;
    admin.api("DELETE", &format!("/api/v1/key-bookings/{}", booked.id), Value::Null).await.expect(204);
    scene.server.settle().await;
    assert_eq!(state(&scene, &booked).await, ("cancelled".into(), "refund_failed".into()));
    let mail = scene.mailbox().await.join("\n");
    assert!(mail.contains("返金できませんでした"), "somebody has to see to it: {mail}");
});

paid!(the_provider_is_away_and_nothing_can_be_priced_without_one, |scene, till, booked| {
    till.with(|books| books.away = true);
    let mut guest = scene.server.stranger();
    let here = format!("/b/{}", booked.token);
    let away = guest.post(&format!("{here}/pay"), &[]).await.expect(303);
    assert_eq!(away.location(), here);
    assert_eq!(state(&scene, &booked).await, ("unpaid".into(), "awaited".into()));
    till.with(|books| books.away = false);
    guest.post(&format!("{here}/pay"), &[]).await.ok();

    let mut admin = scene.server.administrator().await;
    let bad = json!({ "provider": "http://10.0.0.1", "currency": "btc", "secret": "with space" });
    let refused = admin.api("PUT", "/api/v1/key-payment-account", bad).await.expect(422).json();
    let fields: Vec<_> =
        refused["errors"].as_array().unwrap().iter().map(|one| one["field"].clone()).collect();
    assert_eq!(fields, ["provider", "currency", "secret"]);
    admin.api("DELETE", "/api/v1/key-payment-account", Value::Null).await.expect(204);
    admin.get("/api/v1/key-payment-account").await.expect(404);
    guest.post(&format!("{here}/pay"), &[]).await.expect(303);
    for price in [PRICE, 0, -1] {
        let form = Book { price: Some(price), keys: vec![scene.store_room], ..form(&scene) };
        let refused = sekisho_keys::book(&scene.keys, &scene.server.cx(), form).await;
        assert!(matches!(refused, Err(sekisho_keys::BookError::Invalid(_))), "{refused:?}");
    }
});
