//! A browser (or program) that talks to the server under test, in process.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::described::Described;

/// Keeps cookies, says where it comes from as a browser does, follows nothing by itself.
#[derive(Clone)]
pub struct Client {
    router: Router,
    host: String,
    cookies: Vec<(String, String)>,
    bearer: Option<String>,
    headers: HeaderMap,
    described: Arc<Described>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body as text.
    pub text: String,
    /// Body as it came.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The body, when the status is a success.
    #[track_caller]
    pub fn ok(self) -> String {
        assert!(self.status.is_success(), "{}: {}", self.status, self.text);
        self.text
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// Where a redirect leads.
    #[track_caller]
    pub fn location(&self) -> &str {
        let location =
            self.headers.get(header::LOCATION).unwrap_or_else(|| panic!("{}: {}", self.status, self.text));
        location.to_str().unwrap()
    }

    /// The same answer, when the status is `want`.
    #[track_caller]
    pub fn expect(self, want: u16) -> Self {
        assert_eq!(self.status.as_u16(), want, "{}", self.text);
        self
    }
}

impl Client {
    pub(crate) fn new(router: Router, host: &str, described: Arc<Described>) -> Self {
        let host = host.to_owned();
        Self { router, host, cookies: Vec::new(), bearer: None, headers: HeaderMap::new(), described }
    }

    pub(crate) fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.retain(|(known, _)| known != name);
        if !value.is_empty() {
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
    }

    /// The same without cookies, with an API token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { cookies: Vec::new(), bearer: Some(token.to_owned()), ..self.clone() }
    }

    /// The host name it talks to.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The same cookies shown to another host name.
    pub fn at_host(&self, host: &str) -> Self {
        Self { host: host.to_owned(), ..self.clone() }
    }

    /// The same, with one more header on every request.
    pub fn with_header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(name, value.parse().unwrap());
        self
    }

    /// The same, reading another language.
    pub fn reading(mut self, language: sekisho_kernel::Language) -> Self {
        self.headers.insert(header::ACCEPT_LANGUAGE, language.tag().parse().unwrap());
        self.set_cookie("language", language.tag());
        self
    }

    /// Fetches a page.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, None, String::new()).await
    }

    /// Submits a form.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = fields
            .iter()
            .map(|(name, value)| {
                format!("{}={}", sekisho_web::escape_query(name), sekisho_web::escape_query(value))
            })
            .collect::<Vec<_>>()
            .join("&");
        self.send(Method::POST, path, Some("application/x-www-form-urlencoded"), body).await
    }

    /// Calls the API.
    pub async fn api(&mut self, method: &str, path: &str, body: Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let kind = (!body.is_empty()).then_some("application/json");
        self.send(method.parse().unwrap(), path, kind, body).await
    }

    /// Sends anything. What a call of the API sends and gets, when it succeeds, must be as its description says; so
    /// must a refusal.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        kind: Option<&str>,
        body: impl Into<Vec<u8>>,
    ) -> Answer {
        let body = body.into();
        let mut request = Request::builder()
            .method(&method)
            .uri(path)
            .header(header::HOST, &self.host)
            .header("sec-fetch-site", "same-origin");
        if let Some(kind) = kind {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        if !self.cookies.is_empty() {
            let cookies =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        if let Some(bearer) = &self.bearer {
            request = request.header(header::AUTHORIZATION, format!("Bearer {bearer}"));
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let asked = String::from_utf8_lossy(&body).into_owned();
        let response = self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.set_cookie(name, value);
            }
        }
        let bytes = body.collect().await.unwrap().to_bytes();
        let answer = Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
            bytes: bytes.to_vec(),
        };
        if path.starts_with("/api/v1/") {
            self.described.hold(&method, path, &asked, &answer);
        }
        answer
    }
}
