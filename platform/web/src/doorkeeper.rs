//! The port through which web learns who asks. Identity implements it.

use std::net::IpAddr;

use async_trait::async_trait;
use axum::http::HeaderMap;
use sekisho_kernel::{Cx, Language, PersonId, RequestId};
use uuid::Uuid;

use crate::WebError;

/// What a request shows of itself before anybody is identified.
#[derive(Clone, Debug)]
pub struct Knock<'a> {
    /// The host name asked for, without port, in lower case.
    pub host: &'a str,
    /// All headers; use [`Knock::cookie`] and [`Knock::bearer`].
    pub headers: &'a HeaderMap,
    /// The client's address, behind trusted proxies only.
    pub address: Option<IpAddr>,
    /// The best language by `Accept-Language`. A person's own setting goes before it, the cookie before both (web sees to
    /// the cookie).
    pub language: Language,
    /// Whether the connection is encrypted, and cookies carry the prefix `__Host-`.
    pub secure: bool,
    /// The request's number.
    pub request: RequestId,
}

impl<'a> Knock<'a> {
    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<&'a str> {
        crate::cookie::read(self.headers, name)
    }

    /// The token of `Authorization: Bearer`.
    pub fn bearer(&self) -> Option<&'a str> {
        bearer(self.headers)
    }
}

pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(axum::http::header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Who looks at the page.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// Who.
    pub person: PersonId,
    /// The name shown in the corner.
    pub name: String,
    /// Whether they administer the tenant.
    pub administrator: bool,
    /// Their session, when they came with a cookie.
    pub session: Option<Uuid>,
    /// Their token, when they came with one.
    pub token: Option<Uuid>,
    /// What the token may do (`keys:read`, `keys:write`, `*:read` …); empty for a session, which may do all its person may.
    pub scopes: Vec<String>,
}

/// The doorkeeper's answer.
#[derive(Clone, Debug)]
pub struct Identified {
    /// The tenant (by host), the actor, the language.
    pub cx: Cx,
    /// The person, if any.
    pub viewer: Option<Viewer>,
    /// The tenant's name, shown in the corner.
    pub tenant_name: String,
    /// The time zone times are shown in where no site's zone applies (IANA).
    pub zone: String,
}

/// Says who knocks.
#[async_trait]
pub trait Doorkeeper: Send + Sync {
    /// Finds tenant and person. An unknown host is [`WebError::missing`]; a wrong or ended session is nobody, not an error;
    /// a wrong token is [`WebError::unauthenticated`].
    async fn identify(&self, knock: &Knock<'_>) -> Result<Identified, WebError>;

    /// Whether what was identified still holds: asked each second by answers that stay open.
    async fn still_here(&self, cx: &Cx, viewer: &Viewer) -> bool;

    /// Where a stranger is led to sign in; `next` is the path they wanted.
    fn sign_in_page(&self, next: &str) -> String {
        format!("/sign-in?next={}", crate::escape_query(next))
    }

    /// Where people prove again who they are; `next` is the path they go on to.
    fn proof_page(&self, next: &str) -> String {
        format!("/step-up?next={}", crate::escape_query(next))
    }
}
