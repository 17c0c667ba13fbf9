//! The description of the whole API (OpenAPI 3.1), put together from the modules' parts.

use std::collections::BTreeSet;

use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Components, InfoBuilder, OpenApi, OpenApiBuilder, PathItem};

use crate::RouteSpec;

/// All parts in one document.
pub(crate) fn whole(parts: Vec<OpenApi>) -> OpenApi {
    let mut whole = OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Sekisho")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(
                    "Send a token as `Authorization: Bearer`. Lists are read by `cursor` and `limit`; a POST with an \
                     `Idempotency-Key` can be repeated safely; changes want `If-Match`; refusals are problem documents \
                     (RFC 9457) with a stable `code`.",
                ))
                .build(),
        )
        .build();
    for part in parts {
        whole.merge(part);
    }
    let components = whole.components.get_or_insert_with(Components::new);
    components.add_security_scheme("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    whole
}

/// What differs between the routes and their description: each line is one route that is not described, or one
/// description without a route.
pub(crate) fn gaps(routes: &[RouteSpec], openapi: &OpenApi) -> Vec<String> {
    let mounted: BTreeSet<String> = routes
        .iter()
        .filter(|route| route.path.starts_with("/api/v1/"))
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    let described: BTreeSet<String> = openapi
        .paths
        .paths
        .iter()
        .flat_map(|(path, item)| methods(item).into_iter().map(move |method| format!("{method} {path}")))
        .filter(|route| route.contains(" /api/v1/"))
        .collect();
    let missing = mounted.difference(&described).map(|route| format!("{route} is not described"));
    let extra = described.difference(&mounted).map(|route| format!("{route} is described but not mounted"));
    missing.chain(extra).collect()
}

fn methods(item: &PathItem) -> Vec<&'static str> {
    [
        ("GET", item.get.is_some()),
        ("POST", item.post.is_some()),
        ("PUT", item.put.is_some()),
        ("PATCH", item.patch.is_some()),
        ("DELETE", item.delete.is_some()),
    ]
    .into_iter()
    .filter_map(|(method, there)| there.then_some(method))
    .collect()
}
