//! What a terminal may ask: `/terminal/api`. It can redeem a pass or code, find a host, call one, hand in a delivery and
//! say that somebody leaves. There is no list and no search of guests, and nothing here knows a cookie.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sekisho_host::Fault;
use sekisho_kernel::{Kind, Language};
use sekisho_web::{Asker, Result, WebError};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::enrol::{HandedIn, enrol as enrol_tablet};
use super::offline::{self, SealedEvent, SealedList};
use super::settings::{self, Asks, Choice, Standing, Words};
use super::signed::{At, Signature, millis, read, signed, unknown};
use super::whom::{self, Department};
use crate::Visitors;
use crate::check_in::{Presented, check_in};
use crate::check_out::check_out_at;
use crate::deliver::{self, Delivery};
use crate::walk_in::{self, WalkIn};

#[derive(Deserialize)]
struct EnrolBody {
    code: String,
    sign_key: String,
    seal_key: String,
}

/// A tablet becomes a terminal.
pub(crate) async fn enrol(
    asker: Asker,
    State(visitors): State<Visitors>,
    headers: HeaderMap,
    body: Bytes,
) -> Result {
    let signature = Signature::of(&headers).filter(|one| one.terminal == "new").ok_or_else(unknown)?;
    let text = signature.text(asker.path(), asker.host(), &body);
    let asked: EnrolBody = read(body).await?;
    let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
    let handed_in =
        HandedIn { code: asked.code, sign_key: bytes(&asked.sign_key), seal_key: bytes(&asked.seal_key) };
    let enrolled = enrol_tablet(&visitors, &asker.cx, &handed_in, text.as_bytes(), &signature.bytes).await?;
    let enrolled = enrolled
        .ok_or_else(|| WebError::new(Kind::Refused, "visitors-terminal-no-code", "no such code now"))?;
    let queue_key = URL_SAFE_NO_PAD.encode(enrolled.queue_key);
    Ok(asker.json(json!({ "terminal": enrolled.id, "queue_key": queue_key, "now": millis(asker.cx.now) })))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct HelloBody {
    /// The list of expected guests that the terminal has.
    has: String,
}

#[derive(Serialize)]
struct Hello {
    now: i64,
    settings: Shown,
    expected: Option<SealedList>,
}

/// The settings as a terminal needs them.
#[derive(Serialize)]
struct Shown {
    tenant: String,
    site: String,
    texts: std::collections::BTreeMap<String, Words>,
    languages: Vec<String>,
    accent: String,
    picture: Option<String>,
    choices: Vec<Choice>,
    asks: Asks,
    phone: String,
    carriers: Vec<String>,
    departments: Vec<Department>,
    search: bool,
    office: bool,
}

/// How the terminal looks, and who is expected should the network break.
pub(crate) async fn hello(
    asker: Asker,
    State(visitors): State<Visitors>,
    headers: HeaderMap,
    body: Bytes,
) -> Result {
    let (at, asked): (At, HelloBody) = signed(&visitors, &asker, &headers, body).await?;
    let Standing { settings, picture, .. } = standing(&visitors, &at).await?;
    let tenant = visitors.identity.tenant(&at.cx).await.map_err(Fault::from)?;
    let expected = offline::expected(&visitors, &at, &asked.has).await?;
    let departments = whom::departments(&visitors, &at, &settings).await?;
    let settings = Shown {
        tenant: tenant.name.clone(),
        site: at.reception.site().name.clone(),
        texts: settings.texts,
        languages: settings.languages,
        accent: settings.accent,
        picture: picture.map(|name| format!("/terminal/picture/{name}")),
        choices: settings.choices,
        asks: settings.asks,
        phone: settings.phone,
        carriers: settings.carriers,
        departments,
        search: settings.search,
        office: settings.office.is_some(),
    };
    Ok(asker.json(Hello { now: millis(asker.cx.now), settings, expected }))
}

async fn standing(visitors: &Visitors, at: &At) -> Result<Standing> {
    let scope = visitors.store.read(at.cx.tenant).await?;
    Ok(settings::load(&scope).await?)
}

#[derive(Deserialize)]
struct PresentBody {
    pass: Option<String>,
    code: Option<String>,
    #[serde(default)]
    #[expect(
        dead_code,
        reason = "the terminal says which language it spoke; nobody needs it for a guest who is known"
    )]
    language: String,
}

impl PresentBody {
    fn presented(self) -> Result<Presented> {
        match (self.pass, self.code) {
            (Some(pass), None) => Ok(Presented::Pass(pass)),
            (None, Some(code)) => Ok(Presented::Code(code)),
            _ => Err(WebError::invalid("pass", "error-invalid")),
        }
    }
}

/// A guest shows a pass or types a code. The name comes only in the answer to a pass that opens.
pub(crate) async fn arrive(
    asker: Asker,
    State(visitors): State<Visitors>,
    headers: HeaderMap,
    body: Bytes,
) -> Result {
    let (at, asked): (At, PresentBody) = signed(&visitors, &asker, &headers, body).await?;
    let checked_in = check_in(&visitors, &at.cx, &at.reception, &asked.presented()?).await?;
    let host = whom::shown(&visitors, &at.cx, checked_in.host).await?;
    Ok(asker.json(json!({ "name": checked_in.name, "host": host, "now": millis(asker.cx.now) })))
}

/// A guest leaves. The answer is the same whoever it was.
pub(crate) async fn leave(
    asker: Asker,
    State(visitors): State<Visitors>,
    headers: HeaderMap,
    body: Bytes,
) -> Result {
    let (at, asked): (At, PresentBody) = signed(&visitors, &asker, &headers, body).await?;
    check_out_at(&visitors, &at.cx, &at.reception, &asked.presented()?).await?;
    Ok(asker.json(json!({ "name": "", "host": "", "now": millis(asker.cx.now) })))
}

#[derive(Deserialize)]
struct HostsBody {
    q: String,
}

/// Finds a host.
pub(crate) async fn hosts(
    asker: Asker,
    State(visitors): State<Visitors>,
    headers: HeaderMap,
    body: Bytes,
) -> Result {
    let (at, asked): (At, HostsBody) = signed(&visitors, &asker, &headers, body).await?;
    let settings = standing(&visitors, &at).await?.settings;
    let items = whom::find(&visitors, &at, &settings, &asked.q).await?;
    Ok(asker.json(json!({ "items": items, "now": millis(asker.cx.now) })))
}

#[derive(Deserialize)]
struct WalkInBody {
    name: String,
    #[serde(default)]
    company: String,
    #[serde(default)]
    purpose: String,
    #[serde(default = "one")]
    count: i64,
    whom: String,
    #[serde(default)]
    language: String,
}

fn one() -> i64 {
    1
}

/// Somebody without an appointment calls a person or department.
pub(crate) async fn walk_in(
    asker: Asker,
    State(visitors): State<Visitors>,
    headers: HeaderMap,
    body: Bytes,
) -> Result {
    let (at, asked): (At, WalkInBody) = signed(&visitors, &asker, &headers, body).await?;
    let settings = standing(&visitors, &at).await?.settings;
    let keys = visitors.vault.keys(at.cx.tenant).await.map_err(Fault::from)?;
    let whom = whom::resolve(&keys, at.row.id, &settings, at.cx.now, &asked.whom)
        .filter(|_| settings.choices.contains(&Choice::WalkIn))
        .ok_or_else(|| WebError::invalid("whom", "visitors-error-whom"))?;
    let walk_in = WalkIn {
        name: asked.name,
        company: asked.company,
        purpose: asked.purpose,
        count: asked.count,
        whom,
        language: Language::guest_from_tag(&asked.language).unwrap_or_default(),
    };
    walk_in::walk_in(&visitors, &at, walk_in).await?;
    Ok(asker.json(json!({ "now": millis(asker.cx.now) })))
}

#[derive(Deserialize)]
struct DeliveryBody {
    carrier: String,
    #[serde(default)]
    whom: String,
    #[serde(default)]
    #[expect(dead_code, reason = "the terminal says which language it spoke; a parcel needs none")]
    language: String,
}

/// Something is brought.
pub(crate) async fn delivery(
    asker: Asker,
    State(visitors): State<Visitors>,
    headers: HeaderMap,
    body: Bytes,
) -> Result {
    let (at, asked): (At, DeliveryBody) = signed(&visitors, &asker, &headers, body).await?;
    let settings = standing(&visitors, &at).await?.settings;
    let keys = visitors.vault.keys(at.cx.tenant).await.map_err(Fault::from)?;
    let whom = match asked.whom.as_str() {
        "" => settings.office.map(whom::Whom::Department),
        reference => whom::resolve(&keys, at.row.id, &settings, at.cx.now, reference),
    };
    let whom = whom
        .filter(|_| settings.choices.contains(&Choice::Delivery))
        .ok_or_else(|| WebError::invalid("whom", "visitors-error-whom"))?;
    deliver::deliver(&visitors, &at, Delivery { carrier: asked.carrier, whom }).await?;
    Ok(asker.json(json!({ "now": millis(asker.cx.now) })))
}

#[derive(Deserialize)]
struct EventsBody {
    events: Vec<SealedEvent>,
}

/// What happened while the network was broken.
pub(crate) async fn events(
    asker: Asker,
    State(visitors): State<Visitors>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response> {
    let (at, asked): (At, EventsBody) = signed(&visitors, &asker, &headers, body).await?;
    let done: Vec<Uuid> = offline::apply(&visitors, &at, asked.events).await?;
    Ok(asker.json(json!({ "done": done, "now": millis(asker.cx.now) })))
}
