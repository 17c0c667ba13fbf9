//! A tablet as the terminal's page makes one: two keys of its own, requests signed one after the other.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sekisho_crypto::{SealingPair, open_sealed_to, seal_to, sha256};
use sekisho_kernel::SiteId;
use sekisho_testkit::{Answer, Client};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::scene::Scene;

/// The tablet.
pub struct Tablet {
    pub id: String,
    pub client: Client,
    pub host: String,
    sign: EcdsaKeyPair,
    seal: SealingPair,
    queue_key: Vec<u8>,
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
            sign: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
            seal: SealingPair::generate().unwrap(),
            queue_key: Vec::new(),
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
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({ "code": code, "sign_key": text(self.sign.public_key().as_ref()), "seal_key": text(&self.seal.public) })
    }

    /// Hands its keys in with a code.
    pub async fn enrol(&mut self, scene: &Scene, code: &str) -> Answer {
        let answer = self.call(scene, "/terminal/api/enrol", self.handing_in(code)).await;
        if answer.status.is_success() {
            let said = answer.json();
            self.id = said["terminal"].as_str().unwrap().to_owned();
            self.queue_key = URL_SAFE_NO_PAD.decode(said["queue_key"].as_str().unwrap()).unwrap();
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
        let hash = URL_SAFE_NO_PAD.encode(sha256(body.as_bytes()));
        let text = format!("sekisho-terminal-1\nPOST\n{path}\n{}\n{hash}\n{time}\n{}", self.host, self.id);
        let signature = self.sign.sign(&SystemRandom::new(), text.as_bytes()).unwrap().as_ref().to_vec();
        Signed { path: path.to_owned(), terminal: self.id.clone(), time, signature, body }
    }

    /// Sends a request as it is.
    pub async fn send(&self, signed: &Signed) -> Answer {
        let mut client = self
            .client
            .clone()
            .with_header("accept", "application/json")
            .with_header("x-terminal", &signed.terminal)
            .with_header("x-terminal-time", &signed.time.to_string())
            .with_header("x-terminal-signature", &URL_SAFE_NO_PAD.encode(&signed.signature));
        client.send(Method::POST, &signed.path, Some("application/json"), signed.body.clone()).await
    }

    /// Asks something.
    pub async fn call(&mut self, scene: &Scene, path: &str, body: Value) -> Answer {
        let signed = self.signed(scene, path, body);
        self.send(&signed).await
    }

    /// What the list of expected guests says, opened by the tablet's key.
    pub fn opened(&self, sealed: &str) -> Value {
        let sealed = URL_SAFE_NO_PAD.decode(sealed).unwrap();
        let id: Uuid = self.id.parse().unwrap();
        let plain =
            open_sealed_to(&self.seal.secret, "visitors.terminal_list", id.as_bytes(), &sealed).unwrap();
        serde_json::from_slice(&plain).unwrap()
    }

    /// Something that happened without a network, as it is kept and sent.
    pub fn event(&self, event: Uuid, what: &str, pass: &str, at: i64) -> Value {
        let handle = URL_SAFE_NO_PAD.encode(base45(pass.strip_prefix("SK1:").unwrap()));
        let plain = json!({ "what": what, "handle": handle, "at": at }).to_string();
        let id: Uuid = self.id.parse().unwrap();
        let bound_to = [id.as_bytes().as_slice(), event.as_bytes()].concat();
        let sealed =
            seal_to(&self.queue_key, "visitors.terminal_queue", &bound_to, plain.as_bytes()).unwrap();
        json!({ "id": event, "sealed": URL_SAFE_NO_PAD.encode(sealed) })
    }
}

/// A code for a new terminal of that site.
pub async fn code(scene: &Scene, site: SiteId, name: &str) -> Value {
    let mut admin = scene.server.administrator().await;
    let body = json!({ "site": site, "name": name });
    admin.api("POST", "/api/v1/visitors/terminals", body).await.expect(201).json()
}

/// RFC 9285, backwards.
pub fn base45(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    let digit = |letter: &u8| LETTERS.iter().position(|known| known == letter).unwrap();
    let pairs = text.as_bytes().chunks(3).map(|three| {
        let value: usize = three.iter().zip([1, 45, 2025]).map(|(letter, by)| digit(letter) * by).sum();
        u16::try_from(value).unwrap().to_be_bytes()
    });
    pairs.flatten().collect()
}
