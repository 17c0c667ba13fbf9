//! The gate before each route: who asks, and may they come here at all.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use sekisho_kernel::RequestId;

use crate::access::{Access, RouteSpec};
use crate::asker::{Asker, Frame};
use crate::doorkeeper::Knock;
use crate::site::Shared;
use crate::{Viewer, WebError, idempotency};

/// What the outer layers found out about the request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    pub(crate) request: RequestId,
    pub(crate) address: Option<std::net::IpAddr>,
    pub(crate) secure: bool,
}

/// Lets the request through to its handler, with an [`Asker`] in hand, or turns it away.
pub(crate) async fn gate(State(spec): State<RouteSpec>, request: Request, next: Next) -> Response {
    let Some(shared) = request.extensions().get::<Arc<Shared>>().cloned() else {
        return WebError::broken("a route was served outside a site").into_response();
    };
    // Taken apart, because a body may not be held while waiting.
    let (parts, body) = request.into_parts();
    let asker = match identify(&shared, &parts).await {
        Ok(asker) => asker,
        Err(error) => return error.into_response(),
    };
    let mut request = Request::from_parts(parts, body);
    let begun = std::time::Instant::now();
    let admitted = shared
        .limits
        .identified(asker.cx.tenant, asker.viewer.as_ref(), asker.cx.address)
        .and_then(|()| admit(&spec, asker.viewer.as_ref()));
    let mut response = match admitted {
        Ok(()) => {
            request.extensions_mut().insert(asker.clone());
            // Caught here and not only further out, so that the error page still knows its reader.
            let answer = |request| {
                AssertUnwindSafe(next.run(request)).catch_unwind().map(|ended| ended.unwrap_or_else(panicked))
            };
            match asker.viewer.as_ref().map(|viewer| viewer.person) {
                Some(person) if idempotency::applies(&request) => {
                    idempotency::once(&shared, &asker.cx, person, request, answer).await
                }
                _ => answer(request).await,
            }
        }
        Err(error) => error.into_response(),
    };
    let labels = [("method", spec.method), ("path", spec.path), ("status", class(response.status()))];
    metrics::histogram!("sekisho_http_request_seconds", &labels).record(begun.elapsed());
    response.extensions_mut().insert(asker.frame);
    response
}

/// The answer to a handler that panicked.
#[expect(clippy::needless_pass_by_value, reason = "panics are handed over by value")]
pub(crate) fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let words = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let words = words.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    metrics::counter!("sekisho_http_panics_total").increment(1);
    WebError::broken(format!("panic: {words}")).into_response()
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        ..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    }
}

/// Asks the doorkeeper.
pub(crate) async fn identify(shared: &Arc<Shared>, request: &Parts) -> Result<Asker, WebError> {
    let arrival = request
        .extensions
        .get::<Arrival>()
        .copied()
        .ok_or_else(|| WebError::broken("a request came past the outer layers"))?;
    let mut frame = Frame::of(shared, &request.uri, &request.headers, arrival);
    let knock = Knock {
        host: &frame.host,
        headers: &request.headers,
        address: arrival.address,
        language: frame.language,
        secure: arrival.secure,
        request: arrival.request,
    };
    let mut identified = shared.doorkeeper.identify(&knock).await?;
    identified.cx.request = arrival.request;
    identified.cx.address = arrival.address;
    if let Some(chosen) = frame.chosen_language {
        identified.cx.language = chosen;
    }
    frame.language = identified.cx.language;
    frame.viewer = identified.viewer.clone();
    frame.tenant_name = identified.tenant_name;
    frame.zone = identified.zone;
    Ok(Asker { cx: identified.cx, viewer: identified.viewer, frame })
}

/// Whether `viewer` passes the first gate of the route.
fn admit(spec: &RouteSpec, viewer: Option<&Viewer>) -> Result<(), WebError> {
    let viewer = match (spec.access, viewer) {
        (Access::Public(_), None) => return Ok(()),
        (Access::Person | Access::Administrator, None) => return Err(WebError::unauthenticated()),
        (_, Some(viewer)) => viewer,
    };
    if viewer.token.is_some() && !scope_covers(&viewer.scopes, spec.module, spec.method) {
        return Err(WebError::new(
            sekisho_kernel::Kind::Denied,
            "error-scope",
            "the token's scopes do not cover the route",
        ));
    }
    match spec.access {
        Access::Administrator if !viewer.administrator => Err(WebError::denied()),
        _ => Ok(()),
    }
}

/// Reading needs `module:read`, everything else `module:write`, which includes reading; `*` stands for every module.
fn scope_covers(scopes: &[String], module: &str, method: &str) -> bool {
    let reads = matches!(method, "GET" | "HEAD");
    scopes
        .iter()
        .filter_map(|scope| scope.split_once(':'))
        .any(|(of, right)| (of == module || of == "*") && (right == "write" || (reads && right == "read")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sekisho_kernel::PersonId;
    use uuid::Uuid;

    #[test]
    fn a_token_reaches_as_far_as_its_scopes() {
        let scopes = |list: &[&str]| list.iter().map(|scope| (*scope).to_owned()).collect::<Vec<_>>();
        for (have, module, method, want) in [
            (&["keys:read"][..], "keys", "GET", true),
            (&["keys:read"], "keys", "POST", false),
            (&["keys:write"], "keys", "DELETE", true),
            (&["keys:write"], "keys", "GET", true),
            (&["keys:write"], "doors", "GET", false),
            (&["*:read"], "doors", "GET", true),
            (&["*:read"], "doors", "PUT", false),
            (&[], "keys", "GET", false),
            (&["keys"], "keys", "GET", false),
        ] {
            assert_eq!(scope_covers(&scopes(have), module, method), want, "{have:?} {method} {module}");
        }
    }

    #[test]
    fn admits_by_access() {
        let spec = |access| RouteSpec { method: "GET", path: "/", access, module: "keys" };
        let viewer = |administrator| Viewer {
            person: PersonId(Uuid::nil()),
            name: String::new(),
            administrator,
            session: Some(Uuid::nil()),
            token: None,
            scopes: Vec::new(),
        };
        assert!(admit(&spec(Access::Public("test")), None).is_ok());
        assert!(admit(&spec(Access::Person), None).is_err());
        assert!(admit(&spec(Access::Person), Some(&viewer(false))).is_ok());
        assert!(admit(&spec(Access::Administrator), Some(&viewer(false))).is_err());
        assert!(admit(&spec(Access::Administrator), Some(&viewer(true))).is_ok());
    }
}
