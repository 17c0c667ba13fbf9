//! The page of the terminal and the files it stands on: the same for every tablet, without anybody's name, so that it can
//! be kept for when there is no network.

use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sekisho_web::{Asker, Markup, Result, WebError, asset_address, asset_file};

use super::settings;
use crate::Visitors;
use crate::picture::kind_of;

/// The policy of the worker that reads QR codes: WebAssembly may run there and nowhere else, and it may fetch from us alone.
const READER_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'",
);

/// The page. It does not know whose it is: what it shows it asks for, signed, once it is a terminal.
pub(crate) async fn page(asker: Asker) -> Response {
    let title = Markup::text(asker.texts().get("visitors-terminal"));
    let (css, js, wasm) =
        (asset_address("terminal.css"), asset_address("terminal.js"), asset_address("zxing.wasm"));
    let reader = format!("/terminal/reader.js?{}", version("terminal-reader.js"));
    let html = format!(
        "<!doctype html>\n<html lang=\"ja\" class=\"terminal-page\" data-wasm=\"{wasm}\" data-reader=\"{reader}\">\n\
         <meta charset=\"utf-8\">\n<title>{title}</title>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1, viewport-fit=cover\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"theme-color\" content=\"#10151b\">\n\
         <meta name=\"robots\" content=\"noindex\">\n<meta name=\"format-detection\" content=\"telephone=no\">\n\
         <link rel=\"manifest\" href=\"/terminal/manifest.webmanifest\">\n<link rel=\"icon\" href=\"/icon-192.png\">\n\
         <link rel=\"stylesheet\" href=\"{css}\">\n<script defer src=\"{js}\"></script>\n\
         <div id=\"terminal\" class=\"terminal\"><noscript>{noscript}</noscript></div>\n</html>\n",
        noscript = Markup::text(asker.texts().get("visitors-terminal-needs-scripts")),
    );
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    (
        [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
            (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        ],
        html,
    )
        .into_response()
}

/// The part of an address that changes with the content.
fn version(name: &str) -> String {
    asset_address(name).rsplit('.').nth(1).unwrap_or_default().to_owned()
}

/// The service worker, allowed to serve the page that lies above it.
pub(crate) async fn service_worker() -> Result {
    let mut response = asset_file("terminal-sw.js")?;
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("service-worker-allowed"), HeaderValue::from_static("/terminal"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}

/// The worker that reads QR codes.
pub(crate) async fn reader() -> Result {
    let mut response = asset_file("terminal-reader.js")?;
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, READER_POLICY);
    Ok(response)
}

/// What a tablet needs to put the page on its home screen.
pub(crate) async fn manifest(asker: Asker) -> Result {
    let t = asker.texts();
    let icon = |size: u32| serde_json::json!({ "src": format!("/icon-{size}.png"), "sizes": format!("{size}x{size}"), "type": "image/png" });
    let manifest = serde_json::json!({
        "id": "/terminal",
        "name": t.get("visitors-terminal"),
        "short_name": t.get("visitors-terminal"),
        "lang": t.language().tag(),
        "start_url": "/terminal",
        "scope": "/terminal",
        "display": "fullscreen",
        "orientation": "any",
        "background_color": "#10151b",
        "theme_color": "#10151b",
        "icons": [icon(192), icon(512)],
    });
    let kind = HeaderValue::from_static("application/manifest+json");
    Ok((StatusCode::OK, [(header::CONTENT_TYPE, kind)], manifest.to_string()).into_response())
}

/// The wallpaper, under a name that changes with it. It hangs in a lobby for everybody to see.
pub(crate) async fn picture(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(name): Path<String>,
) -> Result {
    let scope = visitors.store.read(asker.cx.tenant).await?;
    let picture = settings::picture(&scope, &name).await?.ok_or_else(WebError::missing)?;
    let kind = kind_of(&picture).ok_or_else(WebError::missing)?;
    Ok((
        [
            (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
            (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
            (
                header::CONTENT_SECURITY_POLICY,
                HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox"),
            ),
        ],
        picture,
    )
        .into_response())
}
