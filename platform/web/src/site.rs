//! Putting a whole site together: routes of all modules, the layers around them, and what pages share.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use ipnet::IpNet;
use sekisho_kernel::World;
use sekisho_storage::Store;

use crate::access::RouteSpec;
use crate::doorkeeper::Doorkeeper;
use crate::nav::NavItem;
use crate::routes::Mounted;
use crate::texts::{Catalog, TextSource};
use crate::WebError;

/// What a site is made of.
pub struct SiteParts {
    /// Says who asks.
    pub doorkeeper: Arc<dyn Doorkeeper>,
    /// Time and chance.
    pub world: Arc<dyn World>,
    /// Where repeated API requests are remembered and changes are heard.
    pub store: Store,
    /// The routes of all modules.
    pub mounted: Vec<Mounted>,
    /// The entries of the rail.
    pub nav: Vec<NavItem>,
    /// The texts of all modules.
    pub texts: Vec<TextSource>,
    /// Settings of the operator.
    pub options: SiteOptions,
}

/// What the operator can set.
#[derive(Clone, Debug)]
pub struct SiteOptions {
    /// Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Serves `/gallery` and says more on error pages. Never in production.
    pub development: bool,
    /// How many requests an address may make in a minute.
    pub per_address: u32,
    /// How many a session or token may make in a minute.
    pub per_account: u32,
    /// How many a whole tenant may make in a minute.
    pub per_tenant: u32,
}

impl Default for SiteOptions {
    fn default() -> Self {
        Self {
            trusted_proxies: Vec::new(),
            development: false,
            per_address: 1_200,
            per_account: 600,
            per_tenant: 60_000,
        }
    }
}

/// What every request shares.
pub(crate) struct Shared {
    pub(crate) doorkeeper: Arc<dyn Doorkeeper>,
    pub(crate) world: Arc<dyn World>,
    pub(crate) store: Store,
    pub(crate) nav: Vec<NavItem>,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) options: SiteOptions,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shared")
    }
}

/// A site, ready for [`crate::serve`].
pub struct Site {
    /// Answers every request.
    pub router: Router,
    /// Every route there is.
    pub routes: Vec<RouteSpec>,
    /// All texts, for mails and panels.
    pub catalog: Arc<Catalog>,
}

impl Site {
    /// Puts the parts together.
    pub fn new(mut parts: SiteParts) -> Self {
        parts.nav.sort_by_key(|item| item.order);
        parts.texts.push(crate::texts());
        let shared = Arc::new(Shared {
            doorkeeper: parts.doorkeeper,
            world: parts.world,
            store: parts.store,
            nav: parts.nav,
            catalog: Arc::new(Catalog::new(&parts.texts)),
            options: parts.options,
        });
        let mut router = Router::new();
        let mut routes = Vec::new();
        for mounted in parts.mounted {
            router = router.merge(mounted.router);
            routes.extend(mounted.list);
        }
        let router = router
            .fallback(|| async { WebError::missing() })
            .layer(DefaultBodyLimit::max(1 << 20))
            .layer(from_fn(crate::dress::dress))
            .layer(from_fn_with_state(shared.clone(), arrive));
        Self { router, routes, catalog: shared.catalog.clone() }
    }
}

/// The outermost layer: gives the request its number and finds out where it comes from.
async fn arrive(State(shared): State<Arc<Shared>>, mut request: Request, next: Next) -> Response {
    let arrival = crate::gate::Arrival { request: crate::fresh_request(&*shared.world), address: None, secure: false };
    request.extensions_mut().insert(arrival);
    request.extensions_mut().insert(shared);
    next.run(request).await.into_response()
}
