//! A tablet as the terminal's page makes one: two keys of its own, requests signed one after the other.

use axum::http::Method;
use sekisho_kernel::SiteId;
use sekisho_testkit::tablet::{TabletKeys, sealed_event, signed_headers};
use sekisho_testkit::{Answer, Client};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::scene::Scene;

/// The tablet.
pub struct Tablet {
    pub id: String,
    pub client: Client,
    pub host: String,
    keys: TabletKeys,
    queue_key: String,
    last: i64,
}

/// What a tablet sends: headers and body.
#[derive(Clone)]
pub struct Signed {
    pub path: String,
    pub terminal: String,
    pub time: i64,
    pub signature: Vec<u8>,
    pub body: String,
}

impl Tablet {
    /// A tablet nobody has registered.
    pub fn new(scene: &Scene) -> Self {
        Self {
            id: "new".to_owned(),
            client: scene.server.stranger(),
            host: "acme.test".to_owned(),
            keys: TabletKeys::generate(),
            queue_key: String::new(),
            last: 0,
        }
    }

    /// A terminal of that site.
    pub async fn at(scene: &Scene, site: SiteId, name: &str) -> Self {
        let code = code(scene, site, name).await;
        let mut tablet = Self::new(scene);
        tablet.enrol(scene, code["code"].as_str().unwrap()).await.expect(200);
        tablet
    }

    /// The body with which it hands its keys in.
    pub fn handing_in(&self, code: &str) -> Value {
        self.keys.handing_in(code)
    }

    /// Hands its keys in with a code.
    pub async fn enrol(&mut self, scene: &Scene, code: &str) -> Answer {
        let answer = self.call(scene, "/terminal/api/enrol", self.handing_in(code)).await;
        if answer.status.is_success() {
            let said = answer.json();
            self.id = said["terminal"].as_str().unwrap().to_owned();
            self.queue_key = said["queue_key"].as_str().unwrap().to_owned();
        }
        answer
    }

    /// A signed request of this moment.
    pub fn signed(&mut self, scene: &Scene, path: &str, body: Value) -> Signed {
        let now = scene.server.cx().now.as_micros() / 1000;
        self.last = now.max(self.last + 1);
        self.signed_at(path, body, self.last)
    }

    /// A signed request of some moment.
    pub fn signed_at(&self, path: &str, body: Value, time: i64) -> Signed {
        let body = body.to_string();
        let signature = self.keys.signature(&self.host, path, &self.id, time, &body);
        Signed { path: path.to_owned(), terminal: self.id.clone(), time, signature, body }
    }

    /// Sends a request as it is.
    pub async fn send(&self, signed: &Signed) -> Answer {
        let mut client = self.client.clone().with_header("accept", "application/json");
        for (name, value) in signed_headers(&signed.terminal, signed.time, &signed.signature) {
            client = client.with_header(name, &value);
        }
        client.send(Method::POST, &signed.path, Some("application/json"), signed.body.clone()).await
    }

    /// Asks something.
    pub async fn call(&mut self, scene: &Scene, path: &str, body: Value) -> Answer {
        let signed = self.signed(scene, path, body);
        self.send(&signed).await
    }

    /// What the list of expected guests says, opened by the tablet's key.
    pub fn opened(&self, sealed: &str) -> Value {
        self.keys.opened(&self.id, sealed)
    }

    /// Something that happened without a network, as it is kept and sent.
    pub fn event(&self, event: Uuid, what: &str, pass: &str, at: i64) -> Value {
        sealed_event(&self.queue_key, &self.id, event, what, pass, at)
    }
}

/// A code for a new terminal of that site.
pub async fn code(scene: &Scene, site: SiteId, name: &str) -> Value {
    let mut admin = scene.server.administrator().await;
    let body = json!({ "site": site, "name": name });
    admin.api("POST", "/api/v1/visitors/terminals", body).await.expect(201).json()
}
