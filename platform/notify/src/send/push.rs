//! Web Push: to a browser through its maker's push service, encrypted for that browser alone.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{Method, Url};
use sekisho_crypto::web_push::{Vapid, WebPushError, encrypt};
use sekisho_kernel::Cx;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;

use super::http::{Http, Request};
use super::{Letter, SendError};
use crate::Lane;

/// What a browser gives when its user allows notices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// The push service's address for this browser.
    pub endpoint: String,
    /// The browser's public key, base64url.
    pub p256dh: String,
    /// The shared secret, base64url.
    pub auth: String,
}

impl Subscription {
    /// Whether the keys have the right form.
    pub fn is_whole(&self) -> bool {
        let length = |text: &str| decode(text).map_or(0, |bytes| bytes.len());
        length(&self.p256dh) == 65 && length(&self.auth) == 16
    }
}

fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()
}

/// Sends Web Push. The contact (`mailto:` or `https:`) is how a push service finds the operator.
pub struct Push(pub String);

impl Push {
    /// Hands the letter's short text to the browser's push service.
    pub async fn send(
        &self,
        http: &Http,
        cx: &Cx,
        letter: &Letter,
        to: &Subscription,
        vapid: &Vapid,
    ) -> Result<String, SendError> {
        let (Some(key), Some(auth)) = (decode(&to.p256dh), decode(&to.auth)) else {
            return Err(SendError::Gone("the subscription's keys are not valid".to_owned()));
        };
        let body =
            encrypt(&**cx.world(), &key, &auth, payload(letter).to_string().as_bytes()).map_err(|error| {
                match error {
                    WebPushError::BadKeys => SendError::Gone(error.to_string()),
                    other => SendError::Never(other.to_string()),
                }
            })?;
        let origin = Url::parse(&to.endpoint)
            .map(|url| url.origin().ascii_serialization())
            .map_err(|_| SendError::Gone("the subscription's address is not valid".to_owned()))?;
        let expires = cx.now.plus(Duration::from_secs(12 * 3600));
        let authorization = vapid
            .authorization(&origin, &self.0, expires)
            .map_err(|error| SendError::Never(error.to_string()))?;
        let (urgency, ttl) = match letter.lane {
            Lane::LifeSafety => ("high", 24 * 3600),
            Lane::Operational => ("high", 4 * 3600),
            Lane::Bulk => ("normal", 24 * 3600),
            Lane::Digest => ("low", 24 * 3600),
        };
        let headers = [
            ("authorization", authorization),
            ("content-encoding", "aes128gcm".to_owned()),
            ("content-type", "application/octet-stream".to_owned()),
            ("ttl", ttl.to_string()),
            ("urgency", urgency.to_owned()),
        ];
        let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        http.deliver(cx, Request { method: Method::POST, url: &to.endpoint, headers, body }).await
    }
}

/// What the service worker reads (`islands/src/sw.ts`).
fn payload(letter: &Letter) -> serde_json::Value {
    let text: String = letter.short.chars().take(800).collect();
    // Browsers show two buttons; the page behind the notification has them all.
    let actions = letter.choices.iter().take(2).map(|(words, url)| json!({ "title": words, "href": url }));
    json!({
        "title": letter.subject,
        "body": text,
        "href": letter.all_choices.as_ref().or(letter.links.first().map(|(_, url)| url)),
        "actions": actions.collect::<Vec<_>>(),
        "tag": super::outward(letter.id),
    })
}

#[cfg(test)]
mod tests {
    use super::payload;
    use crate::send::{Destination, Letter};
    use crate::{ChatAccount, ChatKind, ChatSettings, DeliveryId, Lane};

    #[test]
    fn a_notification_has_two_buttons_and_leads_to_all_answers() {
        let button = |word: &str| (word.to_owned(), format!("https://x.example/act/s.{word}"));
        let hook = ChatSettings { kind: ChatKind::Json, url: String::new() };
        let mut letter = Letter {
            id: DeliveryId(uuid::Uuid::nil()),
            lane: Lane::Operational,
            subject: "Guest".to_owned(),
            body: String::new(),
            short: "A guest is here".to_owned(),
            links: vec![("Visit".to_owned(), "https://x.example/visits/1".to_owned())],
            choices: ["1", "2", "3"].map(button).to_vec(),
            all_choices: Some("https://x.example/act/s".to_owned()),
            attachments: Vec::new(),
            destination: Destination::Chat { channel: ChatAccount::Hook(hook) },
            from: String::new(),
        };
        let told = payload(&letter);
        assert_eq!(told["href"], "https://x.example/act/s");
        assert_eq!(told["actions"].as_array().unwrap().len(), 2);
        assert_eq!(told["actions"][1]["href"], "https://x.example/act/s.2");
        (letter.choices, letter.all_choices) = (Vec::new(), None);
        assert_eq!(payload(&letter)["href"], "https://x.example/visits/1");
    }
}
