//! The requests of a terminal: signed by its key over method, path, host, body and time. A time is taken once and only
//! later ones after it, so that nothing can be sent again; it must be within two minutes of ours, and a terminal whose clock
//! is wrong is told what time it is.
//!
//! An administrator makes a code (60 bits, ten minutes, once); the tablet makes two keys on P-256 that no script can read
//! out, hands in their public halves and shows that the first is its own. From then on it signs `sekisho-terminal-1`, method,
//! path, host, SHA-256 of the body, time, id, a line each, and sends `x-terminal`, `x-terminal-time`, `x-terminal-signature`.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sea_orm::{ColumnTrait, Condition};
use sekisho_crypto::{sha256, verify_p256_signature};
use sekisho_host::Fault;
use sekisho_kernel::{Actor, Cx, DeviceId, Kind, Timestamp};
use sekisho_web::{Asker, Json, Result, WebError};
use serde::de::DeserializeOwned;

use super::enrol::standing;
use crate::Visitors;
use crate::ids::TerminalId;
use crate::tables::terminals;
use crate::warrant::Reception;

/// How far the clock of a terminal may be from ours.
pub(crate) const SKEW: Duration = Duration::from_secs(120);

/// What a terminal says in its headers.
pub(crate) struct Signature {
    /// The terminal's id, or `new`.
    pub(crate) terminal: String,
    time: i64,
    pub(crate) bytes: Vec<u8>,
}

impl Signature {
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let text = |name: &str| headers.get(name)?.to_str().ok();
        Some(Self {
            terminal: text("x-terminal")?.to_owned(),
            time: text("x-terminal-time")?.parse().ok()?,
            bytes: URL_SAFE_NO_PAD.decode(text("x-terminal-signature")?).ok()?,
        })
    }

    /// What was signed. Every part stands on a line of its own and none can hold a line break.
    pub(crate) fn text(&self, path: &str, host: &str, body: &[u8]) -> String {
        let hash = URL_SAFE_NO_PAD.encode(sha256(body));
        format!("sekisho-terminal-1\nPOST\n{path}\n{host}\n{hash}\n{}\n{}", self.time, self.terminal)
    }

    fn at(&self) -> Timestamp {
        Timestamp::from_micros(self.time.saturating_mul(1000))
    }
}

/// A terminal that asks, and what it may do on its site.
pub(crate) struct At {
    pub(crate) row: terminals::Model,
    pub(crate) reception: Reception,
    pub(crate) cx: Cx,
}

/// Who is no terminal, was withdrawn or signs wrongly: one answer for all.
pub(crate) fn unknown() -> WebError {
    WebError::new(Kind::Unauthenticated, "visitors-terminal-unknown", "no terminal, or a wrong signature")
}

/// The terminal that signed the request, and the body it signed.
pub(crate) async fn signed<T: DeserializeOwned>(
    visitors: &Visitors,
    asker: &Asker,
    headers: &HeaderMap,
    body: Bytes,
) -> Result<(At, T)> {
    let signature = Signature::of(headers).ok_or_else(unknown)?;
    let id: TerminalId = signature.terminal.parse().map_err(|_| unknown())?;
    let scope = visitors.store.read(asker.cx.tenant).await?;
    let row = standing(&scope, id).await?.ok_or_else(unknown)?;
    drop(scope);
    let key = row.sign_key.as_deref().ok_or_else(unknown)?;
    let text = signature.text(asker.path(), asker.host(), &body);
    if !verify_p256_signature(key, text.as_bytes(), &signature.bytes) {
        return Err(unknown());
    }
    let now = asker.cx.now;
    let (then, skew) = (signature.at(), SKEW);
    if then.plus(skew) < now || now.plus(skew) < then {
        let error = WebError::new(Kind::Conflict, "visitors-terminal-clock", "the terminal's clock is wrong");
        return Err(error.with("now", millis(now)));
    }
    take_time(visitors, &asker.cx, id, signature.time).await?;
    let site = visitors.open_site(&asker.cx, row.site_id).await?;
    let site = site.ok_or_else(|| {
        WebError::new(Kind::Refused, "visitors-terminal-site-closed", "the terminal's site is closed")
    })?;
    let cx = asker.cx.acting_as(Actor::Device { id: DeviceId(id.uuid()) });
    let asked = read(body).await?;
    Ok((At { row, reception: Reception::terminal(site, id.uuid()), cx }, asked))
}

/// Each time is taken once, and none before it afterwards.
async fn take_time(visitors: &Visitors, cx: &Cx, id: TerminalId, time: i64) -> Result<()> {
    let this = Condition::all()
        .add(terminals::Column::Id.eq(id))
        .add(terminals::Column::LastTime.lt(time))
        .add(terminals::Column::RevokedAt.is_null());
    let tx = visitors.store.begin(cx).await.map_err(Fault::from)?;
    let taken = tx
        .update::<terminals::Entity>()
        .set(terminals::Column::LastTime, time)
        .set(terminals::Column::SeenAt, Some(cx.now))
        .filter(this)
        .exec()
        .await?;
    tx.commit_bookkeeping("a request of a terminal is taken once").await?;
    if taken == 0 {
        return Err(WebError::new(Kind::Conflict, "visitors-terminal-replay", "the time was taken already"));
    }
    Ok(())
}

/// Reads a body with the reader of the API: no unknown member, no NUL.
pub(crate) async fn read<T: DeserializeOwned>(body: Bytes) -> Result<T> {
    let request = Request::builder()
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body))
        .map_err(|error| WebError::broken(error.to_string()))?;
    match Json::<T>::from_request(request, &()).await {
        Ok(Json(read)) => Ok(read),
        Err(mut refused) => Err(refused.extensions_mut().remove::<WebError>().unwrap_or_else(|| {
            WebError::new(Kind::Invalid(Vec::new()), "error-invalid", "not JSON as expected")
                .answering(StatusCode::UNPROCESSABLE_ENTITY)
        })),
    }
}

/// Milliseconds since 1970, as browsers count.
pub(crate) fn millis(at: Timestamp) -> i64 {
    at.as_micros() / 1000
}
