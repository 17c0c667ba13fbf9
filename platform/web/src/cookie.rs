//! Reading and setting cookies.

use axum::http::{HeaderMap, HeaderValue, header};

/// The value of cookie `name`, from all `Cookie` headers.
pub fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}

/// A `Set-Cookie` line for a cookie of this site: `HttpOnly`, `SameSite=Lax`, path `/`, and `Secure` on encrypted
/// connections. `seconds` is its life; `None` ends with the browser, `Some(0)` removes it.
pub fn set(name: &str, value: &str, secure: bool, seconds: Option<u64>) -> Option<HeaderValue> {
    let life = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    let secure = if secure { "; Secure" } else { "" };
    HeaderValue::from_str(&format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{life}")).ok()
}
