//! The routes of the shell itself: assets, language and theme, the offline page, what browsers need to install the site.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sekisho_kernel::{Language, Timestamp};
use serde::Deserialize;
use serde_json::json;

use crate::asker::{Theme, append};
use crate::markup::Markup;
use crate::openapi::Description;
use crate::parts::{Button, Empty};
use crate::site::Shared;
use crate::{
    Access, Asker, Form, Mounted, Page, Reader, Result, Routes, Sheet, WebError, assets, cookie, is_own_path,
};

/// How long a browser remembers language and theme.
const YEAR: u64 = 365 * 24 * 3600;

pub(crate) fn routes(description_of: Arc<Description>) -> Mounted {
    Routes::new("web")
        .file("/assets/{file}", "style sheets and scripts are the same for all", assets::asset)
        .file("/icon-192.png", "icon of the site", || async { assets::fixed("icon-192.png") })
        .file("/icon-512.png", "icon of the site", || async { assets::fixed("icon-512.png") })
        .file("/favicon.ico", "icon of the site", || async { assets::fixed("icon-192.png") })
        .file("/sw.js", "the service worker is the same for all", || async { assets::fixed("sw.js") })
        .get("/manifest.webmanifest", Access::Public("browsers ask for it without cookies"), manifest)
        .get("/offline", Access::Public("shown without a connection"), offline)
        .file("/api/openapi.json", "the description of the API holds no data", description)
        .file("/.well-known/security.txt", "whoever found a weakness must find us", security)
        .get("/live", Access::Person, crate::live::live)
        .post("/display", Access::Public("language and theme, also before sign-in"), display)
        .with_state(description_of)
}

async fn description(State(openapi): State<Arc<Description>>) -> Response {
    let kind = HeaderValue::from_static("application/json");
    (StatusCode::OK, [(header::CONTENT_TYPE, kind)], openapi.json()).into_response()
}

/// How long the contact is said to hold; asked again, it holds longer.
const CONTACT_HOLDS: Duration = Duration::from_secs(180 * 24 * 3600);

/// Where to write about a weakness (RFC 9116). Without a contact there is no such file.
async fn security(request: Request) -> Response {
    let shared = request.extensions().get::<Arc<Shared>>().cloned();
    let Some((shared, contact)) =
        shared.and_then(|shared| shared.options.security_contact.clone().map(|contact| (shared, contact)))
    else {
        return WebError::missing().into_response();
    };
    // Whole days, so that the text is the same for a while and caches can keep it.
    let until = shared.world.now().plus(CONTACT_HOLDS).as_secs() / 86_400 * 86_400;
    let expires = Timestamp::from_secs(until).rfc3339();
    let text = format!("Contact: {contact}\nExpires: {expires}\nPreferred-Languages: ja, en\n");
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    (StatusCode::OK, [(header::CONTENT_TYPE, kind)], text).into_response()
}

#[derive(Deserialize)]
struct Display {
    language: Option<String>,
    theme: Option<String>,
    next: Option<String>,
}

/// Remembers language or theme in the browser and goes back to the page.
async fn display(asker: Asker, sent: Form<Display>) -> Result {
    let wish = sent.take()?;
    let next = wish.next.filter(|next| is_own_path(next)).unwrap_or_else(|| "/".to_owned());
    let mut response = asker.go(next);
    let secure = asker.is_secure();
    if let Some(language) = wish.language.as_deref().and_then(Language::guest_from_tag) {
        append(response.headers_mut(), cookie::set("language", language.tag(), secure, Some(YEAR)));
    }
    if let Some(theme) = wish.theme {
        append(
            response.headers_mut(),
            cookie::set("theme", Theme::from_word(&theme).word(), secure, Some(YEAR)),
        );
    }
    Ok(response)
}

async fn offline(asker: Asker) -> Response {
    asker.show(&Offline)
}

/// Shown by the service worker while the server cannot be reached.
pub(crate) struct Offline;

impl Page for Offline {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let empty = Empty::new(t.get("offline-title"), t.get("offline-text"))
            .icon("cloud-off")
            .action(Button::link("/", t.get("offline-again")).primary());
        // Filled by the browser with the pages it keeps.
        let kept = Markup::raw(format!(
            "<section class=\"card\" data-kept hidden><div class=\"card-body\"><p>{}</p><ul></ul></div></section>",
            Markup::text(t.get("offline-kept"))
        ));
        reader.sheet("offline-title").bare().body(Markup::from(empty).then(kept))
    }
}

async fn manifest(asker: Asker) -> Result {
    let t = asker.texts();
    let icon = |size: u32| json!({ "src": format!("/icon-{size}.png"), "sizes": format!("{size}x{size}"), "type": "image/png", "purpose": "any" });
    let manifest = json!({
        "name": t.get("product"),
        "short_name": t.get("product"),
        "lang": t.language().tag(),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f5f5f2",
        "theme_color": "#20272f",
        "icons": [icon(192), icon(512)],
    });
    let text = serde_json::to_string(&manifest).map_err(|error| WebError::broken(error.to_string()))?;
    let kind = HeaderValue::from_static("application/manifest+json");
    Ok((StatusCode::OK, [(header::CONTENT_TYPE, kind)], text).into_response())
}
