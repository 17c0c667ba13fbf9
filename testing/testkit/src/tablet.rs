//! A reception's tablet as its page makes one: two keys of its own, requests that it signs, events that it seals.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sekisho_crypto::{SealingPair, open_sealed_to, seal_to, sha256};
use serde_json::{Value, json};
use uuid::Uuid;

/// The keys of a tablet. Nothing else makes it the terminal that it is.
pub struct TabletKeys {
    sign: EcdsaKeyPair,
    seal: SealingPair,
}

impl TabletKeys {
    /// Of a tablet that nobody has registered.
    pub fn generate() -> Self {
        Self {
            sign: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
            seal: SealingPair::generate().unwrap(),
        }
    }

    /// The body with which it hands its public halves in.
    pub fn handing_in(&self, code: &str) -> Value {
        json!({ "code": code, "sign_key": text(self.sign.public_key().as_ref()), "seal_key": text(&self.seal.public) })
    }

    /// The signature under a request to `host`, at a time in milliseconds.
    pub fn signature(&self, host: &str, path: &str, terminal: &str, time: i64, body: &str) -> Vec<u8> {
        let hash = text(&sha256(body.as_bytes()));
        let lines = format!("sekisho-terminal-1\nPOST\n{path}\n{host}\n{hash}\n{time}\n{terminal}");
        self.sign.sign(&SystemRandom::new(), lines.as_bytes()).unwrap().as_ref().to_vec()
    }

    /// What the list of expected guests says.
    pub fn opened(&self, terminal: &str, sealed: &str) -> Value {
        let (id, sealed) = (id(terminal), URL_SAFE_NO_PAD.decode(sealed).unwrap());
        let plain =
            open_sealed_to(&self.seal.secret, "visitors.terminal_list", id.as_bytes(), &sealed).unwrap();
        serde_json::from_slice(&plain).unwrap()
    }
}

/// The headers of a request that was signed.
pub fn signed_headers(terminal: &str, time: i64, signature: &[u8]) -> [(&'static str, String); 3] {
    [
        ("x-terminal", terminal.to_owned()),
        ("x-terminal-time", time.to_string()),
        ("x-terminal-signature", text(signature)),
    ]
}

/// Something that happened at a terminal without a network, as it is kept and sent: sealed to the server's `queue_key`.
pub fn sealed_event(queue_key: &str, terminal: &str, event: Uuid, what: &str, pass: &str, at: i64) -> Value {
    let handle = text(&base45(pass.strip_prefix("SK1:").unwrap()));
    let plain = json!({ "what": what, "handle": handle, "at": at }).to_string();
    let bound_to = [id(terminal).as_bytes().as_slice(), event.as_bytes()].concat();
    let key = URL_SAFE_NO_PAD.decode(queue_key).unwrap();
    let sealed = seal_to(&key, "visitors.terminal_queue", &bound_to, plain.as_bytes()).unwrap();
    json!({ "id": event, "sealed": text(&sealed) })
}

/// RFC 9285, backwards.
fn base45(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    let digit = |letter: &u8| LETTERS.iter().position(|known| known == letter).unwrap();
    let pairs = text.as_bytes().chunks(3).map(|three| {
        let value: usize = three.iter().zip([1, 45, 2025]).map(|(letter, by)| digit(letter) * by).sum();
        u16::try_from(value).unwrap().to_be_bytes()
    });
    pairs.flatten().collect()
}

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn id(terminal: &str) -> Uuid {
    terminal.parse().unwrap()
}
