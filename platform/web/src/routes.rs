//! Registering routes. A route cannot exist without saying who may come to it.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, on};

use crate::access::{Access, RouteSpec};
use crate::gate::gate;
use crate::openapi::Part;

/// The routes of one module, being collected.
pub struct Routes<S> {
    module: &'static str,
    router: Router<S>,
    uploads: Router<S>,
    list: Vec<RouteSpec>,
    openapi: Vec<Part>,
}

/// The routes of one module with their state, ready to be served.
pub struct Mounted {
    /// Who registered them; also the first word of token scopes, as in `keys:read`.
    pub module: &'static str,
    /// The routes themselves.
    pub router: Router,
    /// Those of them that may take longer than others.
    pub uploads: Router,
    /// What was registered.
    pub list: Vec<RouteSpec>,
    /// Descriptions of the module's part of the API.
    pub openapi: Vec<Part>,
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// No routes yet.
    pub fn new(module: &'static str) -> Self {
        Self { module, router: Router::new(), uploads: Router::new(), list: Vec::new(), openapi: Vec::new() }
    }

    /// A route that reads.
    pub fn get<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.add("GET", path, access, on(MethodFilter::GET, handler))
    }

    /// A route that acts.
    pub fn post<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.add("POST", path, access, on(MethodFilter::POST, handler))
    }

    /// A route that acts and takes a body larger than the usual 1 MiB, such as a picture or a CSV file.
    pub fn post_large<H, T>(self, path: &'static str, access: Access, most_bytes: usize, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        let route = on(MethodFilter::POST, handler).layer(DefaultBodyLimit::max(most_bytes));
        self.add("POST", path, access, route)
    }

    /// A route that takes files as they come, up to `most_bytes` in all, and has an hour for it.
    pub fn post_upload<H, T>(
        mut self,
        path: &'static str,
        access: Access,
        most_bytes: usize,
        handler: H,
    ) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        let route = on(MethodFilter::POST, handler).layer(DefaultBodyLimit::max(most_bytes));
        let spec = RouteSpec { method: "POST", path, access, module: self.module };
        self.uploads = self.uploads.route(path, route.route_layer(from_fn_with_state(spec.clone(), gate)));
        self.list.push(spec);
        self
    }

    /// A route that replaces a thing whole.
    pub fn put<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.add("PUT", path, access, on(MethodFilter::PUT, handler))
    }

    /// A route that changes parts of a thing.
    pub fn patch<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.add("PATCH", path, access, on(MethodFilter::PATCH, handler))
    }

    /// A route that removes a thing.
    pub fn delete<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.add("DELETE", path, access, on(MethodFilter::DELETE, handler))
    }

    /// Describes this module's part of the API; every `/api/v1` route needs a description. It is made when somebody asks.
    pub fn describe(mut self, openapi: Part) -> Self {
        self.openapi.push(openapi);
        self
    }

    /// Takes in the routes of another file of the same module.
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.uploads = self.uploads.merge(other.uploads);
        self.list.extend(other.list);
        self.openapi.extend(other.openapi);
        self
    }

    /// Gives the handlers their state.
    pub fn with_state(self, state: S) -> Mounted {
        Mounted {
            module: self.module,
            router: self.router.with_state(state.clone()),
            uploads: self.uploads.with_state(state),
            list: self.list,
            openapi: self.openapi,
        }
    }

    /// A file that is the same for everybody: nobody is identified, so that it costs no look-up.
    pub(crate) fn file<H, T>(mut self, path: &'static str, why: &'static str, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.router = self.router.route(path, on(MethodFilter::GET, handler));
        self.list.push(RouteSpec { method: "GET", path, access: Access::Public(why), module: self.module });
        self
    }

    fn add(
        mut self,
        method: &'static str,
        path: &'static str,
        access: Access,
        route: MethodRouter<S>,
    ) -> Self {
        let spec = RouteSpec { method, path, access, module: self.module };
        // Only what is registered is gated; other methods on the path fall through to 405.
        self.router = self.router.route(path, route.route_layer(from_fn_with_state(spec.clone(), gate)));
        self.list.push(spec);
        self
    }
}
