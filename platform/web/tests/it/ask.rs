//! Asking a site without a network.

use crate::stage::Stage;

/// An answer, read.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: axum::http::HeaderMap,
    /// The body as text.
    pub body: String,
    /// How many bytes the body had.
    pub bytes: usize,
}

impl Answer {
    /// A header as text; empty when absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

impl Stage {
    /// Asks the site directly; `headers` are pairs of name and value.
    pub async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.ask_from("192.0.2.1:5000", method, path, headers, body).await
    }

    /// The same from an address of choice.
    pub async fn ask_from(
        &self,
        peer: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        use tower::ServiceExt;
        let mut request = axum::http::Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            request = request.header("host", "aoba.example");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let peer = sekisho_web::Peer { address: peer.parse().unwrap(), encrypted: true };
        let request = request.extension(peer).body(axum::body::Body::from(body.to_owned())).unwrap();
        let response = self.site.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            bytes: body.len(),
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    /// Opens a page as somebody (`administrator`, `employee`, or nobody by an empty name).
    pub async fn open(&self, path: &str, who: &str) -> Answer {
        self.ask("GET", path, &[("cookie", &format!("who={who}")), ("accept", "text/html")], "").await
    }
}
