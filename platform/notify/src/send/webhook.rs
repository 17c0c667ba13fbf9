//! Signed webhooks as Standard Webhooks describes them: id, timestamp, signature `v1`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use sekisho_crypto::{Secret, hmac_sha256};
use sekisho_kernel::{Cx, EventId, Timestamp};

use super::http::{Http, Request};
use super::{SendError, outward};

/// One fact for one endpoint.
#[derive(Clone, Debug)]
pub struct Call {
    /// The fact; its id stays the same over all tries, so that the receiver can fold duplicates.
    pub event: EventId,
    /// Its name.
    pub name: String,
    /// The endpoint's address.
    pub url: String,
    /// The endpoint's secret, `whsec_…`.
    pub secret: Secret,
    /// JSON.
    pub body: String,
}

/// Makes a secret from 32 bytes of chance.
pub fn secret_text(bytes: &[u8; 32]) -> String {
    format!("whsec_{}", STANDARD.encode(bytes))
}

/// The three headers that let the receiver check who wrote, what and when.
pub fn signature_headers(call: &Call, at: Timestamp) -> Result<[(String, String); 3], SendError> {
    let key = call
        .secret
        .expose()
        .strip_prefix("whsec_")
        .and_then(|secret| STANDARD.decode(secret).ok())
        .ok_or_else(|| SendError::Never("the endpoint's secret cannot be read".to_owned()))?;
    let (id, at) = (format!("evt_{}", outward(call.event)), at.as_secs());
    let signature = STANDARD.encode(hmac_sha256(&key, format!("{id}.{at}.{}", call.body).as_bytes()));
    Ok([
        ("webhook-id".to_owned(), id),
        ("webhook-timestamp".to_owned(), at.to_string()),
        ("webhook-signature".to_owned(), format!("v1,{signature}")),
    ])
}

/// Posts the fact.
pub async fn send(http: &Http, cx: &Cx, call: &Call) -> Result<String, SendError> {
    let mut headers = signature_headers(call, cx.later().now)?.to_vec();
    headers.push(("content-type".to_owned(), "application/json".to_owned()));
    let body = call.body.clone().into_bytes();
    match http.deliver(cx, Request { method: Method::POST, url: &call.url, headers, body }).await {
        // An endpoint that is being redeployed answers so for a while; only 410 is final.
        Err(SendError::Gone(why)) if why.starts_with("404") => Err(SendError::later(why)),
        // Whatever else it does not like now it may like when it was mended; order is kept meanwhile.
        Err(SendError::Never(why)) if why.starts_with(['3', '4']) => Err(SendError::later(why)),
        other => other,
    }
}
