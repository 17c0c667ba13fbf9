//! The gate before each route: who asks, and may they come here at all.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri, header};
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

/// A page for dangerous acts is opened with a proof of so long ago, at most.
const PROOF: Duration = Duration::from_secs(5 * 60);
/// A form on it is sent with a proof of so long ago, at most: what was typed meanwhile should not be lost.
pub(crate) const PROOF_OF_FORM: Duration = Duration::from_secs(15 * 60);

/// Lets the request through to its handler, with an [`Asker`] in hand, or turns it away.
pub(crate) async fn gate(State(spec): State<RouteSpec>, request: Request, next: Next) -> Response {
    let Some(shared) = request.extensions().get::<Arc<Shared>>().cloned() else {
        return WebError::broken("a route was served outside a site").into_response();
    };
    tracing::Span::current().record("path", spec.path);
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
        .and_then(|()| admit(&spec, asker.viewer.as_ref()))
        .and_then(|()| proven(&spec, &asker, request.headers()));
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
        (Access::Person | Access::Administrator | Access::Proven, None) => {
            return Err(WebError::unauthenticated());
        }
        (_, Some(viewer)) => viewer,
    };
    if viewer.token.is_some() && !scope_covers(&viewer.scopes, spec.module, spec.method) {
        return Err(beyond_scope());
    }
    match spec.access {
        Access::Administrator | Access::Proven if !viewer.administrator => Err(WebError::denied()),
        _ => Ok(()),
    }
}

pub(crate) fn beyond_scope() -> WebError {
    WebError::new(sekisho_kernel::Kind::Denied, "error-scope", "the token's scopes do not cover the route")
}

/// Whether who asks may do what outlives a session: see [`Access::Proven`].
fn proven(spec: &RouteSpec, asker: &Asker, headers: &HeaderMap) -> Result<(), WebError> {
    if spec.access != Access::Proven {
        return Ok(());
    }
    let limit = if reads(spec.method) { PROOF } else { PROOF_OF_FORM };
    asker.prove(spec.module, limit, || back(asker, spec.method, headers))
}

/// The page to come back to after a proof: the one that was asked for, or the one on which the form stands.
fn back(asker: &Asker, method: &str, headers: &HeaderMap) -> String {
    if reads(method) {
        return asker.here();
    }
    let form = headers.get(header::REFERER).and_then(|from| {
        let from: Uri = from.to_str().ok()?.parse().ok()?;
        let ours = from.host() == Some(asker.host());
        ours.then(|| from.path_and_query().map(ToString::to_string)).flatten()
    });
    form.unwrap_or_else(|| "/".to_owned())
}

fn reads(method: &str) -> bool {
    matches!(method, "GET" | "HEAD")
}

/// Reading needs `module:read`, everything else `module:write`, which includes reading, and `module:admin` includes both;
/// `*` stands for every module.
pub(crate) fn scope_covers(scopes: &[String], module: &str, method: &str) -> bool {
    has_scope(scopes, module, |right| match right {
        "write" | "admin" => true,
        "read" => reads(method),
        _ => false,
    })
}

pub(crate) fn has_scope(scopes: &[String], module: &str, enough: impl Fn(&str) -> bool) -> bool {
    let mut scopes = scopes.iter().filter_map(|scope| scope.split_once(':'));
    scopes.any(|(of, right)| (of == module || of == "*") && enough(right))
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
            (&["keys:admin"], "keys", "POST", true),
            (&["keys:admin"], "doors", "GET", false),
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
