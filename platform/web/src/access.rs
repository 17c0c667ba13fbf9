//! Who may come to a route at all. Finer checks belong to the use case behind it.

use serde::Serialize;

/// The first gate of a route.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Anybody, also a stranger; the text says why that is right.
    Public(&'static str),
    /// Somebody who is signed in.
    Person,
    /// An administrator of the tenant.
    Administrator,
    /// An administrator who proved who they are within the last five minutes, for acts that outlive the session from
    /// which they are done; a token wants the scope `module:admin`, which `module:write` does not include. Its pages are
    /// asked for with the proof, and a form that was opened so can be sent for a quarter of an hour.
    Proven,
}

/// One registered route, for the test that tries all of them as a stranger and for the API description.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct RouteSpec {
    /// `GET`, `POST` …
    pub method: &'static str,
    /// As registered: `/keys/{id}`.
    pub path: &'static str,
    /// The first gate.
    pub access: Access,
    /// Who registered it.
    pub module: &'static str,
}

impl RouteSpec {
    /// Whether the route belongs to the API, so that its refusals are problem documents and its description is public.
    pub fn is_api(&self) -> bool {
        is_api(self.path)
    }
}

/// Paths whose answers are for programs.
pub(crate) fn is_api(path: &str) -> bool {
    ["/api/", "/scim/", "/access/"].iter().any(|prefix| path.starts_with(prefix))
}
