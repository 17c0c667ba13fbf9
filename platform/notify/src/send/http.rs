//! HTTP to addresses that tenants typed: guarded, without redirects, with limits of time and size.

use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Client, Method, StatusCode};
use sekisho_kernel::Cx;

use super::SendError;
use super::guard::{Guard, GuardError};
use crate::retry::{limit_ends, retry_after};

/// One call has so long, from looking up the name to the last byte.
const TIME: Duration = Duration::from_secs(20);
/// So long for the connection.
const CONNECT: Duration = Duration::from_secs(8);
/// Of an answer so much is read.
const MOST: usize = 16 * 1024;
/// Of an answer so many letters are kept as receipt or reason.
const KEPT: usize = 300;

/// A guarded HTTP client.
pub struct Http {
    guard: Guard,
    tls: Client,
    plain: Client,
}

struct Resolver {
    guard: Guard,
    only_allowed: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (guard, only_allowed) = (self.guard.clone(), self.only_allowed);
        Box::pin(async move {
            let found = guard.resolve(name.as_str(), 0, only_allowed).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// What the far side answered.
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The beginning of the body.
    pub body: String,
}

/// Why there is no whole answer.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    /// Nobody connects to that address from here.
    #[error(transparent)]
    Address(#[from] GuardError),
    /// The certificate of the far side is not trusted.
    #[error("{0}")]
    Untrusted(String),
    /// It did not come in time.
    #[error("{0}")]
    Late(String),
    /// The connection or the call failed.
    #[error("{0}")]
    Failed(String),
    /// The answer does not end.
    #[error("the answer is too long")]
    TooLong,
}

impl NoAnswer {
    /// What the resolver refused and what rustls refused come wrapped several times.
    fn of(error: reqwest::Error) -> Self {
        let mut cause = std::error::Error::source(&error);
        while let Some(inner) = cause {
            if let Some(guard) = inner.downcast_ref::<GuardError>() {
                return Self::Address(guard.clone());
            }
            cause = inner.source();
        }
        let told = chain(&error);
        match () {
            () if error.is_timeout() => Self::Late(told),
            // What rustls says comes as text.
            () if told.contains("certificate") => Self::Untrusted(told),
            () => Self::Failed(told),
        }
    }
}

/// One call.
pub struct Request<'a> {
    /// The method.
    pub method: Method,
    /// The address, as typed.
    pub url: &'a str,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Http {
    /// Makes the clients; `roots` (PEM) are trusted beside the machine's.
    pub fn new(guard: Guard, roots: &[Vec<u8>]) -> Result<Self, SendError> {
        let client = |only_allowed| {
            let mut builder = Client::builder()
                .user_agent(concat!("Sekisho/", env!("CARGO_PKG_VERSION")))
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .timeout(TIME)
                .connect_timeout(CONNECT)
                .pool_max_idle_per_host(8)
                .dns_resolver(Arc::new(Resolver { guard: guard.clone(), only_allowed }));
            let roots = roots.iter().map(|root| reqwest::Certificate::from_pem(root));
            let roots: Vec<_> = roots.collect::<Result<_, _>>().map_err(|error| {
                SendError::Never(format!("an authority of your own cannot be read: {}", chain(&error)))
            })?;
            if !roots.is_empty() {
                builder = builder.tls_certs_merge(roots);
            }
            builder.build().map_err(|error| SendError::later(format!("no HTTP client: {}", chain(&error))))
        };
        Ok(Self { tls: client(false)?, plain: client(true)?, guard })
    }

    /// Makes the call. An answer of any status is an answer, of which the beginning is read; a body that fails or never ends does
    /// not change what the status said.
    pub async fn call(&self, request: Request<'_>) -> Result<Answer, SendError> {
        let url = self.guard.url(request.url).map_err(|error| SendError::Never(error.to_string()))?;
        let mut response = self.prepared(url, request).send().await.map_err(|error| {
            if error.is_builder() { SendError::Never(chain(&error)) } else { SendError::later(chain(&error)) }
        })?;
        let (mut body, _) = read(&mut response, MOST).await;
        body.truncate(MOST);
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(Answer { status, headers, body: String::from_utf8_lossy(&body).into_owned() })
    }

    /// Makes the call for whoever speaks another protocol over HTTP: the body of the answer as it is, to its end and at most
    /// so many bytes.
    pub async fn exchange(
        &self,
        request: Request<'_>,
        most: usize,
    ) -> Result<(StatusCode, Vec<u8>), NoAnswer> {
        let url = self.guard.url(request.url)?;
        let mut response = self.prepared(url, request).send().await.map_err(NoAnswer::of)?;
        let (body, end) = read(&mut response, most).await;
        end?;
        Ok((response.status(), body))
    }

    fn prepared(&self, url: reqwest::Url, request: Request<'_>) -> reqwest::RequestBuilder {
        let client = if url.scheme() == "http" { &self.plain } else { &self.tls };
        let call = client.request(request.method, url).body(request.body);
        request.headers.into_iter().fold(call, |call, (name, value)| call.header(name, value))
    }

    /// Makes the call and takes any 2xx for acceptance; the receipt is the status and the beginning of the answer.
    pub async fn deliver(&self, cx: &Cx, request: Request<'_>) -> Result<String, SendError> {
        let answer = self.call(request).await?;
        answer.judge(cx)
    }
}

impl Answer {
    /// What the answer means for a delivery.
    pub fn judge(&self, cx: &Cx) -> Result<String, SendError> {
        let said: String = self.body.chars().filter(|letter| !letter.is_control()).take(KEPT).collect();
        let told = format!("{} {said}", self.status.as_u16()).trim_end().to_owned();
        let now = cx.later().now;
        let header = |name: &str| self.headers.get(name).and_then(|header| header.to_str().ok());
        let wait = header(RETRY_AFTER.as_str()).and_then(|header| retry_after(header, now)).or_else(|| {
            // Not everybody says it in the header that is for it.
            let reset = header("ratelimit-reset").or_else(|| header("x-ratelimit-reset"))?;
            (self.status.as_u16() == 429).then(|| limit_ends(reset, now)).flatten()
        });
        match self.status.as_u16() {
            200..=299 => Ok(told),
            404 | 410 => Err(SendError::Gone(told)),
            // A redirect is not followed: it could lead inside, and it would drop the body.
            408 | 425 | 429 | 500..=599 => Err(SendError::Later { why: told, wait, whole: true }),
            _ => Err(SendError::Never(told)),
        }
    }
}

/// The body to its end, or why there is none. The first piece that goes past `most` is the last one.
async fn read(response: &mut reqwest::Response, most: usize) -> (Vec<u8>, Result<(), NoAnswer>) {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return (body, Ok(())),
            Err(error) => return (body, Err(NoAnswer::of(error))),
        }
        if body.len() > most {
            return (body, Err(NoAnswer::TooLong));
        }
    }
}

/// The error with its causes, without the address: it may hold a secret.
fn chain(error: &reqwest::Error) -> String {
    let mut text = match () {
        () if error.is_timeout() => "no answer in time".to_owned(),
        () if error.is_connect() => "no connection".to_owned(),
        () => "the call failed".to_owned(),
    };
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let told = error.to_string();
        if !text.contains(&told) {
            text.push_str(": ");
            text.push_str(&told);
        }
        cause = error.source();
    }
    text.chars().take(KEPT).collect()
}
