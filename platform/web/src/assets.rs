//! Files inside the binary, served under addresses that hold the hash of their content, so that browsers may keep them
//! for ever.

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{Embed, EmbeddedFile};

use crate::{Result, WebError};

#[derive(Embed)]
#[folder = "assets/"]
struct Files;

/// Address in the browser → name of the file, and back.
static ADDRESSES: LazyLock<(HashMap<String, String>, HashMap<String, String>)> = LazyLock::new(|| {
    let by_name: HashMap<String, String> = Files::iter()
        .filter_map(|name| {
            let hash = Files::get(&name)?.metadata.sha256_hash();
            let hash: String = hash.iter().take(5).map(|byte| format!("{byte:02x}")).collect();
            let (stem, ending) = name.rsplit_once('.')?;
            Some((name.to_string(), format!("{stem}.{hash}.{ending}")))
        })
        .collect();
    let by_address = by_name.iter().map(|(name, address)| (address.clone(), name.clone())).collect();
    (by_name, by_address)
});

/// The address of the embedded file `name`; of a file that is not there, its bare name, which answers 404.
pub fn address(name: &str) -> String {
    format!("/assets/{}", ADDRESSES.0.get(name).map_or(name, String::as_str))
}

/// Whether the sprite holds an icon of this name.
pub(crate) fn has_icon(name: &str) -> bool {
    static SPRITE: LazyLock<String> = LazyLock::new(|| {
        let file = Files::get("icons.svg").map(|file| file.data.into_owned()).unwrap_or_default();
        String::from_utf8_lossy(&file).into_owned()
    });
    SPRITE.contains(&format!("id=\"{name}\""))
}

/// `GET /assets/{file}`
pub(crate) async fn asset(Path(address): Path<String>) -> Result {
    let name = ADDRESSES.1.get(&address).ok_or_else(WebError::missing)?;
    let file = Files::get(name).ok_or_else(WebError::missing)?;
    Ok(serve(name, file, HeaderValue::from_static("public, max-age=31536000, immutable")))
}

/// A file under a fixed address of its own, such as a service worker, which browsers ask for anew. Whoever serves it may
/// give the answer headers of its own.
///
/// # Errors
/// Missing when there is no such file.
pub fn fixed(name: &str) -> Result {
    let file = Files::get(name).ok_or_else(WebError::missing)?;
    Ok(serve(name, file, HeaderValue::from_static("public, max-age=3600")))
}

fn serve(name: &str, file: EmbeddedFile, keep: HeaderValue) -> Response {
    let kind = match name.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("txt") => "text/plain; charset=utf-8",
        _ => mime_guess::from_path(name).first_raw().unwrap_or("application/octet-stream"),
    };
    (
        StatusCode::OK,
        [(header::CONTENT_TYPE, HeaderValue::from_static(kind)), (header::CACHE_CONTROL, keep)],
        file.data.into_owned(),
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    #[test]
    fn addresses_change_with_the_content() {
        let address = super::address("site.css");
        assert!(
            address.starts_with("/assets/site.") && address.ends_with(".css") && address.len() > 20,
            "{address}"
        );
        assert_eq!(super::address("none.css"), "/assets/none.css");
    }
}
