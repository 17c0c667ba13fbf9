//! The first argument of a handler: who asks, in which language, from which page, and how to answer them.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::Json;
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use sekisho_kernel::{Cx, Language, PersonId, RequestId, Timestamp};
use serde::Serialize;

use crate::doorkeeper::Viewer;
use crate::gate::{Arrival, PROOF_OF_FORM, beyond_scope, has_scope, scope_covers};
use crate::page::{Page, Reader};
use crate::site::Shared;
use crate::times::Time;
use crate::view::{View, WARNS};
use crate::{Result, Texts, WebError, cookie};

/// Who asks, and how to answer. Every handler takes it first.
#[derive(Clone, Debug)]
pub struct Asker {
    /// The context for use cases.
    pub cx: Cx,
    /// The person who looks; `None` on public routes for strangers.
    pub viewer: Option<Viewer>,
    /// What the shell around a page needs.
    pub frame: Frame,
}

/// What the shell around a page and the error page need to know of the request.
#[derive(Clone, Debug)]
pub struct Frame {
    pub(crate) shared: Arc<Shared>,
    pub(crate) language: Language,
    pub(crate) chosen_language: Option<Language>,
    /// What an outsider chose, and what their browser asks for.
    pub(crate) guest_language: (Option<Language>, Language),
    /// The languages the reader may change to.
    pub(crate) languages: &'static [Language],
    pub(crate) theme: Theme,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) host: String,
    pub(crate) secure: bool,
    pub(crate) wants_fragment: bool,
    pub(crate) notice: Option<String>,
    pub(crate) undo: Option<String>,
    pub(crate) request: RequestId,
    pub(crate) viewer: Option<Viewer>,
    pub(crate) tenant_name: String,
    pub(crate) zone: String,
}

/// Light, dark, or as the system says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// How far a token reaches in a module, by its scopes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// `module:read`, or more.
    Read,
    /// `module:write`, or more.
    Write,
}

impl Frame {
    /// Path and query of the page asked for.
    pub(crate) fn here(&self) -> String {
        match self.query.as_str() {
            "" => self.path.clone(),
            query => format!("{}?{query}", self.path),
        }
    }
}

impl Theme {
    pub(crate) fn from_word(word: &str) -> Self {
        match word {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

impl Frame {
    pub(crate) fn of(shared: &Arc<Shared>, uri: &Uri, headers: &HeaderMap, arrival: Arrival) -> Self {
        let is = |name: &str| headers.get(name).is_some_and(|value| value == "true");
        let accepted =
            headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let chosen = cookie::read(headers, "language");
        let chosen_language = chosen.and_then(Language::from_tag);
        Self {
            shared: shared.clone(),
            language: chosen_language.unwrap_or_else(|| Language::from_accept_language(accepted)),
            chosen_language,
            guest_language: (
                chosen.and_then(Language::guest_from_tag),
                Language::guest_from_accept_language(accepted),
            ),
            languages: &Language::ALL,
            theme: cookie::read(headers, "theme").map(Theme::from_word).unwrap_or_default(),
            path: uri.path().to_owned(),
            query: uri.query().unwrap_or_default().to_owned(),
            host: host(uri, headers),
            secure: arrival.secure,
            wants_fragment: is("hx-request") && !is("hx-boosted") && !is("hx-history-restore-request"),
            notice: cookie::read(headers, "notice").map(str::to_owned),
            undo: cookie::read(headers, "undo").map(crate::unescape_query).filter(|path| is_own_path(path)),
            request: arrival.request,
            viewer: None,
            tenant_name: String::new(),
            zone: "Asia/Tokyo".to_owned(),
        }
    }

    /// The same for a reader from outside, who has four languages: the one they chose, else `language`, else the one
    /// their browser asks for.
    pub(crate) fn for_guest(mut self, language: Option<Language>) -> Self {
        let (chosen, asked) = self.guest_language;
        self.language = chosen.or(language).unwrap_or(asked);
        self.languages = &Language::GUEST;
        self
    }

    /// Whether there is such a page: the shell links only to what is mounted.
    pub(crate) fn offers(&self, path: &str) -> bool {
        self.shared.paths.contains(path)
    }

    /// On the machine itself browsers run service workers without encryption too.
    pub(crate) fn is_loopback(&self) -> bool {
        matches!(self.host.as_str(), "localhost" | "127.0.0.1" | "::1")
    }

    pub(crate) fn texts(&self) -> Texts {
        Texts::new(self.shared.catalog.clone(), self.language)
    }
}

/// The host asked for: the target's authority on HTTP/2, the `Host` header on HTTP/1.
fn host(uri: &Uri, headers: &HeaderMap) -> String {
    let named = uri
        .authority()
        .map(|authority| authority.as_str())
        .or_else(|| headers.get(header::HOST).and_then(|host| host.to_str().ok()))
        .unwrap_or_default();
    let without_port = match named.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => named,
    };
    without_port.trim_matches(['[', ']']).to_ascii_lowercase()
}

/// Whether `path` stays on this site, so that a redirect to it is safe.
pub fn is_own_path(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && path.chars().all(|letter| !letter.is_control())
}

impl<S: Send + Sync> FromRequestParts<S> for Asker {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(|| WebError::broken("a handler was reached past the gate"))
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Asker {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}

impl Asker {
    /// The texts in the asker's language.
    pub fn texts(&self) -> Texts {
        self.frame.texts()
    }

    /// The same request on a page for people from outside, in one of four languages: the one chosen there, else what the
    /// browser asks for.
    pub fn for_guest(&self) -> Self {
        self.guest_in(None)
    }

    /// The same for somebody whose language we were told (as in an invitation); one they chose themselves goes first.
    pub fn for_guest_reading(&self, language: Language) -> Self {
        self.guest_in(Some(language))
    }

    fn guest_in(&self, language: Option<Language>) -> Self {
        let mut asker = self.clone();
        asker.frame = asker.frame.for_guest(language);
        asker.cx.language = asker.frame.language;
        asker
    }

    /// The person who asks; an error for strangers.
    pub fn person(&self) -> Result<PersonId> {
        self.viewer.as_ref().map(|viewer| viewer.person).ok_or_else(WebError::unauthenticated)
    }

    /// Whether the viewer administers the tenant.
    pub fn is_administrator(&self) -> bool {
        self.viewer.as_ref().is_some_and(|viewer| viewer.administrator)
    }

    /// Whether who asks may do now what outlives their session, as by a route of [`crate::Access::Proven`]: for acts that
    /// are such only with some of what was typed. After the proof people go on to the page that `back` names.
    ///
    /// # Errors
    ///
    /// [`WebError::unproven`], or that the token wants the scope `module:admin`.
    pub fn proven(&self, module: &str, back: impl FnOnce() -> String) -> Result<()> {
        self.prove(module, PROOF_OF_FORM, back)
    }

    pub(crate) fn prove(&self, module: &str, limit: Duration, back: impl FnOnce() -> String) -> Result<()> {
        match &self.viewer {
            Some(viewer) if viewer.token.is_some() => {
                let fits = has_scope(&viewer.scopes, module, |right| right == "admin");
                if fits { Ok(()) } else { Err(beyond_scope()) }
            }
            _ if self.cx.proven_within(limit) => Ok(()),
            _ => Err(WebError::unproven(&back())),
        }
    }

    /// That a token, if one asks, reaches into another module than that of the route: for acts that go on in there. People
    /// reach everywhere, as far as they may.
    ///
    /// # Errors
    ///
    /// That the token's scopes do not cover it.
    pub fn reaches(&self, module: &str, reach: Reach) -> Result<()> {
        let token = self.viewer.as_ref().filter(|viewer| viewer.token.is_some());
        let method = if reach == Reach::Read { "GET" } else { "POST" };
        if token.is_none_or(|viewer| scope_covers(&viewer.scopes, module, method)) {
            Ok(())
        } else {
            Err(beyond_scope())
        }
    }

    /// Path and query of the page asked for.
    pub fn here(&self) -> String {
        self.frame.here()
    }

    /// The path of the page asked for.
    pub fn path(&self) -> &str {
        &self.frame.path
    }

    /// Whether the connection is encrypted: then session cookies carry the prefix `__Host-`.
    pub fn is_secure(&self) -> bool {
        self.frame.secure
    }

    /// The host name asked for, without port.
    pub fn host(&self) -> &str {
        &self.frame.host
    }

    /// Whether htmx asked, and wants the fragment without the shell.
    pub fn wants_fragment(&self) -> bool {
        self.frame.wants_fragment
    }

    /// The tenant's own time zone (IANA), for times that belong to no site.
    pub fn zone(&self) -> &str {
        &self.frame.zone
    }

    /// A time as the reader sees it in `zone` (IANA), with UTC on hover; put it into a template as it is.
    pub fn time(&self, at: Timestamp, zone: &str) -> Time {
        Time::new(at, zone, self.cx.now, self.texts())
    }

    /// A page: `title` is the id of its text. The shell goes around it, except for htmx, which gets the fragment alone.
    pub fn page(&self, title: &str, body: impl Template) -> Response {
        self.view(title).show(body)
    }

    /// A page with more in its head: breadcrumb, primary action, tabs. `title` is the id of its text.
    pub fn view(&self, title: &str) -> View {
        View::new(self.frame.clone(), self.texts(), self.texts().get(title))
    }

    /// The same for a page named after a thing.
    pub fn view_of(&self, name: impl Display) -> View {
        View::new(self.frame.clone(), self.texts(), name.to_string())
    }

    /// Who reads the page, for drawing it.
    pub fn reader(&self) -> Reader {
        Reader {
            texts: self.texts(),
            now: self.cx.now,
            zone: self.frame.zone.clone(),
            path: self.frame.path.clone(),
            query: self.frame.query.clone(),
        }
    }

    /// A loaded page, drawn for the asker. The shell goes around it, except for htmx, which gets the body alone.
    pub fn show(&self, page: &impl Page) -> Response {
        page.draw(&self.reader()).framed(self.frame.clone()).finished()
    }

    /// A fragment alone, whoever asks: the answer to an htmx request.
    pub fn fragment(&self, body: impl Template) -> Response {
        html(StatusCode::OK, body)
    }

    /// After an act: back to a page (303), which shows the sentence `text` once. htmx goes there too.
    pub fn done(&self, text: &str, to: impl AsRef<str>) -> Response {
        self.done_with_undo(text, to, None)
    }

    /// After an act that did not happen: like [`Asker::done`], with the sentence as a warning.
    pub fn not_done(&self, text: &str, to: impl AsRef<str>) -> Response {
        self.done(&format!("{WARNS}{text}"), to)
    }

    /// Like [`Asker::done`], with a button that POSTs to `undo`.
    pub fn done_with_undo(&self, text: &str, to: impl AsRef<str>, undo: Option<&str>) -> Response {
        let mut response = self.go(to);
        let headers = response.headers_mut();
        append(headers, cookie::set("notice", text, self.frame.secure, Some(60)));
        if let Some(undo) = undo {
            append(headers, cookie::set("undo", &crate::escape_query(undo), self.frame.secure, Some(60)));
        }
        response
    }

    /// To another page of this site (303). Anything else than a path of ours becomes `/`.
    pub fn go(&self, to: impl AsRef<str>) -> Response {
        let to = if is_own_path(to.as_ref()) { to.as_ref() } else { "/" };
        let to = HeaderValue::from_str(to).unwrap_or_else(|_| HeaderValue::from_static("/"));
        if self.frame.wants_fragment {
            // htmx follows a 303 by itself and would put the whole page into its target.
            (StatusCode::NO_CONTENT, [(HeaderName::from_static("hx-redirect"), to)]).into_response()
        } else {
            (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
        }
    }

    /// A JSON answer.
    pub fn json(&self, body: impl Serialize) -> Response {
        Json(body).into_response()
    }

    /// A JSON answer to something made (201) at `location`.
    pub fn created(&self, location: &str, body: impl Serialize) -> Response {
        let location = HeaderValue::from_str(location).unwrap_or_else(|_| HeaderValue::from_static("/"));
        (StatusCode::CREATED, [(header::LOCATION, location)], Json(body)).into_response()
    }

    /// Done, nothing to say (204).
    pub fn no_content(&self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

pub(crate) fn append(headers: &mut HeaderMap, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        headers.append(header::SET_COOKIE, cookie);
    }
}

/// A rendered template as an HTML answer that is not kept by caches.
pub(crate) fn html(status: StatusCode, body: impl Template) -> Response {
    match body.render() {
        Ok(html) => html_text(status, html),
        Err(error) => WebError::broken(format!("template: {error}")).into_response(),
    }
}

pub(crate) fn html_text(status: StatusCode, html: String) -> Response {
    (
        status,
        [
            (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            (header::VARY, HeaderValue::from_static("HX-Request")),
        ],
        html,
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::is_own_path;

    #[test]
    fn redirects_stay_here() {
        for path in ["/", "/keys", "/keys?x=//y"] {
            assert!(is_own_path(path), "{path}");
        }
        for path in ["", "keys", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nb"] {
            assert!(!is_own_path(path), "{path}");
        }
    }
}
