//! Putting a whole site together: routes of all modules, the layers around them, and what pages share.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use ipnet::IpNet;
use sekisho_crypto::Vault;
use sekisho_kernel::World;
use sekisho_storage::Store;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::timeout::TimeoutLayer;
use utoipa::openapi::OpenApi;

use crate::access::RouteSpec;
use crate::doorkeeper::Doorkeeper;
use crate::gate::Arrival;
use crate::limits::Limits;
use crate::live::Streams;
use crate::nav::NavItem;
use crate::openapi::Description;
use crate::proxies::{Peer, origin};
use crate::routes::Mounted;
use crate::texts::{Catalog, TextSource};
use crate::{WebError, gallery, openapi, own};

/// What a site is made of.
pub struct SiteParts {
    /// Says who asks.
    pub doorkeeper: Arc<dyn Doorkeeper>,
    /// Time and chance.
    pub world: Arc<dyn World>,
    /// Where repeated API requests are remembered and changes are heard.
    pub store: Store,
    /// Seals what is remembered.
    pub vault: Vault,
    /// The routes of all modules.
    pub mounted: Vec<Mounted>,
    /// The entries of the rail.
    pub nav: Vec<NavItem>,
    /// The texts of all modules, without those of web itself.
    pub texts: Vec<TextSource>,
    /// Parts and pages with invented content, for `/gallery` and its test.
    pub samples: Vec<gallery::Sampler>,
    /// Settings of the operator.
    pub options: SiteOptions,
    /// Ends the answers that stay open when the server stops.
    pub shutdown: CancellationToken,
}

/// What is sent to a route for uploads has to be here within this.
const UPLOAD_WITHIN: Duration = Duration::from_secs(3600);

/// What the operator can set.
#[derive(Clone, Debug)]
pub struct SiteOptions {
    /// Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Serves `/gallery`. Never in production.
    pub development: bool,
    /// How many requests an address may make in a minute, whoever it is; an office shares one.
    pub per_address: u32,
    /// How many an address may make in a minute without being signed in.
    pub per_stranger: u32,
    /// How many a person or token may make in a minute.
    pub per_account: u32,
    /// How many a whole tenant may make in a minute.
    pub per_tenant: u32,
    /// How long a handler may take.
    pub time_out: Duration,
    /// Where somebody who found a weakness writes (`mailto:`, `https:` or `tel:`); served as `security.txt` (RFC 9116).
    pub security_contact: Option<String>,
}

impl Default for SiteOptions {
    fn default() -> Self {
        Self {
            trusted_proxies: Vec::new(),
            development: false,
            per_address: 12_000,
            per_stranger: 2_400,
            per_account: 1_200,
            per_tenant: 120_000,
            time_out: Duration::from_secs(30),
            security_contact: None,
        }
    }
}

/// What every request shares.
pub(crate) struct Shared {
    pub(crate) doorkeeper: Arc<dyn Doorkeeper>,
    pub(crate) world: Arc<dyn World>,
    pub(crate) store: Store,
    pub(crate) vault: Vault,
    pub(crate) nav: Vec<NavItem>,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) paths: BTreeSet<&'static str>,
    pub(crate) samples: Vec<gallery::Sampler>,
    pub(crate) options: SiteOptions,
    pub(crate) limits: Limits,
    pub(crate) streams: Streams,
    pub(crate) shutdown: CancellationToken,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shared")
    }
}

/// A site, ready for [`crate::serve()`].
pub struct Site {
    /// Answers every request.
    pub router: Router,
    /// Every route there is.
    pub routes: Vec<RouteSpec>,
    /// All texts, for mails and panels.
    pub catalog: Arc<Catalog>,
    description: Arc<Description>,
    /// Parts and pages with invented content.
    pub samples: Vec<gallery::Sampler>,
}

impl Site {
    /// Puts the parts together.
    pub fn new(mut parts: SiteParts) -> Self {
        parts.nav.sort_by_key(|item| item.order);
        parts.texts.push(crate::texts());
        let described = parts.mounted.iter().flat_map(|mounted| mounted.openapi.iter().copied()).collect();
        let known: Vec<RouteSpec> = parts.mounted.iter().flat_map(|mounted| mounted.list.clone()).collect();
        let description = Arc::new(Description::new(described, known));
        parts.mounted.push(own::routes(description.clone()));
        if parts.options.development {
            parts.mounted.push(gallery::routes());
        }
        let (mut router, mut uploads) = (Router::new(), Router::new());
        let mut routes = Vec::new();
        for mounted in parts.mounted {
            router = router.merge(mounted.router);
            uploads = uploads.merge(mounted.uploads);
            routes.extend(mounted.list);
        }
        let shared = Arc::new(Shared {
            limits: Limits::new(&parts.options),
            doorkeeper: parts.doorkeeper,
            world: parts.world,
            store: parts.store,
            vault: parts.vault,
            nav: parts.nav,
            catalog: Arc::new(Catalog::new(&parts.texts)),
            paths: routes.iter().map(|route| route.path).collect(),
            samples: parts.samples.clone(),
            streams: Streams::default(),
            shutdown: parts.shutdown,
            options: parts.options,
        });
        let catalog = shared.catalog.clone();
        Self {
            router: layered(router, uploads, shared),
            routes,
            catalog,
            description,
            samples: parts.samples,
        }
    }

    /// The description of the API.
    pub fn openapi(&self) -> OpenApi {
        self.description.whole().0
    }

    /// What the description of the API lacks: routes, answers, names of their own. A test wants none.
    pub fn api_gaps(&self) -> Vec<String> {
        let (openapi, described_twice) = self.description.whole();
        described_twice.into_iter().chain(openapi::gaps(&self.routes, &openapi)).collect()
    }
}

/// The layers, from the inside out.
fn layered(router: Router, uploads: Router, shared: Arc<Shared>) -> Router {
    let within = |time| TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, time);
    router
        .fallback(lost)
        .layer(within(shared.options.time_out))
        .merge(uploads.layer(within(UPLOAD_WITHIN)))
        .layer(DefaultBodyLimit::max(1 << 20))
        .layer(CsrfLayer::new())
        .layer(CatchPanicLayer::custom(crate::gate::panicked))
        .layer(from_fn(crate::dress::dress))
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(shared, arrive))
}

/// No such route. Whoever is signed in sees it inside the usual frame.
async fn lost(request: Request) -> Response {
    let mut response = WebError::missing().into_response();
    if let Some(shared) = request.extensions().get::<Arc<Shared>>().cloned() {
        let (parts, _) = request.into_parts();
        if let Ok(asker) = crate::gate::identify(&shared, &parts).await {
            response.extensions_mut().insert(asker.frame);
        }
    }
    response
}

/// The outermost layer: gives the request its number, finds out where it comes from, turns floods away, and puts on every
/// answer what browsers should be strict about.
async fn arrive(State(shared): State<Arc<Shared>>, mut request: Request, next: Next) -> Response {
    let number = crate::fresh_request(&*shared.world);
    let peer = request.extensions().get::<Peer>().copied();
    let origin = peer.map(|peer| origin(peer, request.headers(), &shared.options.trusted_proxies));
    let arrival = Arrival {
        request: number,
        address: origin.map(|(address, _)| address),
        secure: origin.is_some_and(|(_, encrypted)| encrypted),
    };
    request.extensions_mut().insert(arrival);
    // The path is written down as it is registered, by the gate: some addresses hold a secret.
    let span = tracing::info_span!("request", id = %number, method = %request.method(), path = tracing::field::Empty);
    let mut response = match shared.limits.arriving(arrival.address) {
        Ok(()) => {
            request.extensions_mut().insert(shared);
            tracing::Instrument::instrument(next.run(request), span).await
        }
        Err(error) => error.into_response(),
    };
    let headers = response.headers_mut();
    if let Ok(number) = HeaderValue::from_str(&number.to_string()) {
        headers.insert("request-id", number);
    }
    guard(headers, arrival.secure);
    response
}

/// Only our own scripts, styles and pictures; nobody frames us; nothing is guessed.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
    font-src 'self'; connect-src 'self'; media-src 'self' blob:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; \
    manifest-src 'self'; worker-src 'self'";

fn guard(headers: &mut HeaderMap, secure: bool) {
    let strict: [(HeaderName, &'static str); 7] = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(self), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
        ),
    ];
    for (name, value) in strict {
        // A route may be stricter, as with files that people uploaded.
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000"));
    }
}
