//! The description of the whole API (OpenAPI 3.1), put together from the modules' parts.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use axum::body::Bytes;
use utoipa::OpenApi as _;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Components, Content, InfoBuilder, OpenApi, OpenApiBuilder, PathItem, Ref, RefOr, Response,
    ResponseBuilder,
};

use crate::dress::Problem;
use crate::{Access, RouteSpec};

/// Makes the description of a part of the API.
pub type Part = fn() -> OpenApi;

/// The description of the API, made when somebody asks for it: its tree takes more memory than everything else a server
/// holds at rest.
pub(crate) struct Description {
    pub(crate) parts: Vec<Part>,
    pub(crate) routes: Vec<RouteSpec>,
    json: OnceLock<Bytes>,
}

impl Description {
    pub(crate) fn new(parts: Vec<Part>, routes: Vec<RouteSpec>) -> Self {
        Self { parts, routes, json: OnceLock::new() }
    }

    /// The document, as it is sent.
    pub(crate) fn json(&self) -> Bytes {
        self.json.get_or_init(|| self.whole().0.to_json().unwrap_or_default().into()).clone()
    }

    /// All parts in one document, and the names that two parts use for different things: the later is lost.
    pub(crate) fn whole(&self) -> (OpenApi, Vec<String>) {
        whole(&self.parts, &self.routes)
    }
}

fn whole(parts: &[Part], routes: &[RouteSpec]) -> (OpenApi, Vec<String>) {
    let mut lost = Vec::new();
    let mut whole = OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Sekisho")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(
                    "Send a token as `Authorization: Bearer`. Lists are read by `cursor` and `limit`; a POST with an \
                     `Idempotency-Key` can be repeated safely; changes want `If-Match`; refusals are problem documents \
                     (RFC 9457) with a stable `code`. Scopes are `MODULE:read`, `MODULE:write` (which includes reading) and \
                     `MODULE:admin` (which includes both, and what could make an administrator); `*` stands for every \
                     module.",
                ))
                .build(),
        )
        .build();
    for part in parts {
        let part = part();
        if let (Some(have), Some(more)) = (&whole.components, &part.components) {
            let differ =
                |(name, schema): &(&String, _)| have.schemas.get(*name).is_some_and(|known| known != *schema);
            let names = more.schemas.iter().filter(differ).map(|(name, _)| name);
            lost.extend(names.map(|name| format!("two things are described as {name}")));
        }
        whole.merge(part);
    }
    whole.merge(Refusals::openapi());
    for (path, item) in &mut whole.paths.paths {
        for (method, operation) in operations_mut(item) {
            let is_this = |route: &&RouteSpec| route.path == path && route.method == method;
            let route = routes.iter().find(is_this);
            if let Some(route) = route.filter(|route| route.access == Access::Proven) {
                let words = operation.description.take().unwrap_or_default();
                operation.description =
                    Some(format!("{words}\n\nA token wants the scope `{}:admin`.", route.module));
            }
            let public = route.is_some_and(|route| matches!(route.access, Access::Public(_)));
            if !public {
                operation.security = Some(vec![SecurityRequirement::new::<_, [&str; 0], &str>("token", [])]);
            }
            operation.responses.responses.entry("default".to_owned()).or_insert_with(refusal);
        }
    }
    let components = whole.components.get_or_insert_with(Components::new);
    components.add_security_scheme("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    (whole, lost)
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
    missing.chain(extra).chain(bare(openapi)).collect()
}

/// Operations that answer with something and do not say what it looks like.
fn bare(openapi: &OpenApi) -> Vec<String> {
    let mut bare = Vec::new();
    for (path, item) in &openapi.paths.paths {
        for operation in [&item.get, &item.post, &item.put, &item.patch, &item.delete].into_iter().flatten() {
            for (status, response) in &operation.responses.responses {
                let told = match response {
                    RefOr::T(response) => !response.content.is_empty(),
                    RefOr::Ref(_) => true,
                };
                if matches!(&**status, "200" | "201" | "202") && !told {
                    let name = operation.operation_id.as_deref().unwrap_or_default();
                    bare.push(format!("{path} ({name}) does not say what it answers with {status}"));
                }
            }
        }
    }
    bare
}

/// What every route may answer besides.
#[derive(utoipa::OpenApi)]
#[openapi(components(schemas(Problem)))]
struct Refusals;

fn refusal() -> RefOr<Response> {
    let problem = Content::new(Some(Ref::from_schema_name("Problem")));
    ResponseBuilder::new()
        .description("Why it was refused, or that something broke")
        .content("application/problem+json", problem)
        .into()
}

fn operations_mut(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let PathItem { get, post, put, patch, delete, .. } = item;
    [("GET", get), ("POST", post), ("PUT", put), ("PATCH", patch), ("DELETE", delete)]
        .into_iter()
        .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
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
