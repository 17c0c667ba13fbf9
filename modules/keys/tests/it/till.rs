//! A provider of payment pages for K4: a stand-in on a real socket that answers as Stripe's API does, refusals and lost
//! answers included.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

/// What its customer's server has to show.
pub(crate) const SECRET: &str = "sk_test_1234567890";

/// What the provider knows.
#[derive(Default)]
pub(crate) struct Books {
    /// Pages by the key under which they were asked for.
    pub(crate) pages: HashMap<String, Value>,
    /// What was asked for under that key: the same key with other wishes is refused.
    pub(crate) wishes: HashMap<String, String>,
    pub(crate) refunds: Vec<String>,
    pub(crate) refuses_refunds: bool,
    pub(crate) away: bool,
    /// Pages are made, and the answer is lost on its way.
    pub(crate) loses_answers: bool,
    /// How often it was asked how a page stands.
    pub(crate) looks: usize,
    pub(crate) base: String,
}

/// A provider of payment pages.
#[derive(Clone, Default)]
pub(crate) struct Till(Arc<Mutex<Books>>);

impl Till {
    pub(crate) async fn open(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/v1/checkout/sessions", post(make).get(all))
            .route("/v1/checkout/sessions/{id}", get(look))
            .route("/v1/checkout/sessions/{id}/expire", post(close))
            .route("/v1/refunds", post(refund))
            .with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        self.with(|books| books.base.clone_from(&base));
        base
    }

    pub(crate) fn with<T>(&self, ask: impl FnOnce(&mut Books) -> T) -> T {
        ask(&mut self.0.lock().unwrap())
    }

    /// The only page there is.
    pub(crate) fn page(&self) -> Value {
        self.with(|books| {
            assert_eq!(books.pages.len(), 1, "{:?}", books.pages);
            books.pages.values().next().cloned().unwrap()
        })
    }

    /// Somebody pays it.
    pub(crate) fn is_paid(&self) -> Value {
        self.is_done("paid")
    }

    /// Somebody is through with the newest page that is not paid: it is `paid`, or `unpaid` while a transfer is awaited.
    pub(crate) fn is_done(&self, payment: &str) -> Value {
        self.with(|books| {
            let page = books.pages.values_mut().find(|page| page["payment_status"] != "paid").unwrap();
            (page["status"], page["payment_status"]) = (json!("complete"), json!(payment));
            page["payment_intent"] = json!("pi_1");
            page.clone()
        })
    }

    pub(crate) fn base(&self) -> String {
        self.with(|books| books.base.clone())
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
    let before = till.with(|books| books.wishes.entry(once.clone()).or_insert_with(|| body.clone()).clone());
    if before != body {
        return Err(refusal(StatusCode::BAD_REQUEST, "Keys for idempotent requests can only be used once"));
    }
    let number = till.with(|books| books.pages.len()) + 1;
    let page = json!({
        "id": format!("cs_{number}"), "url": format!("https://checkout.test/c/cs_{number}"), "status": "open",
        "payment_status": "unpaid", "payment_intent": null, "client_reference_id": field("client_reference_id"),
        "amount_total": field("line_items[0][price_data][unit_amount]").parse::<i64>().unwrap(),
        "currency": field("line_items[0][price_data][currency]"),
    });
    let page = till.with(|books| books.pages.entry(once).or_insert(page).clone());
    match till.with(|books| books.loses_answers) {
        true => Err(refusal(StatusCode::BAD_GATEWAY, "the answer is lost")),
        false => Ok(Json(page)),
    }
}

async fn all(headers: HeaderMap) -> Said {
    knows(&headers)?;
    Ok(Json(json!({ "object": "list", "data": [] })))
}

async fn look(State(till): State<Till>, headers: HeaderMap, Path(id): Path<String>) -> Said {
    knows(&headers)?;
    till.with(|books| books.looks += 1);
    let page = till.with(|books| books.pages.values().find(|page| page["id"] == id.as_str()).cloned());
    page.map(Json).ok_or_else(|| refusal(StatusCode::NOT_FOUND, "No such session"))
}

async fn close(State(till): State<Till>, headers: HeaderMap, Path(id): Path<String>) -> Said {
    knows(&headers)?;
    till.with(|books| {
        let page = books.pages.values_mut().find(|page| page["id"] == id.as_str());
        let page = page.ok_or_else(|| refusal(StatusCode::NOT_FOUND, "No such session"))?;
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
