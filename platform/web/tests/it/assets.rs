//! What a first visit loads.

use sekisho_web::{SiteOptions, asset_address};

use crate::stage::stage;

#[tokio::test]
async fn files_are_kept_for_ever_under_their_hash() {
    let stage = stage(Vec::new(), SiteOptions::default()).await;
    for name in ["site.css", "site.js", "htmx.js", "icons.svg", "mark.svg"] {
        let answer = stage.ask("GET", &asset_address(name), &[], "").await;
        assert_eq!(answer.status, 200, "{name}");
        assert!(answer.header("cache-control").contains("immutable"), "{name}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    assert_eq!(stage.ask("GET", "/assets/site.css", &[], "").await.status, 404);
    assert_eq!(stage.ask("GET", "/assets/../Cargo.toml", &[], "").await.status, 404);
    let manifest = stage.ask("GET", "/manifest.webmanifest", &[("accept-language", "en")], "").await;
    assert_eq!(manifest.json()["name"], "Sekisho");
    assert_eq!(stage.ask("GET", "/sw.js", &[], "").await.status, 200);
    assert_eq!(stage.ask("GET", "/icon-192.png", &[], "").await.status, 200);
}

#[tokio::test]
async fn a_first_visit_stays_within_its_budget() {
    let stage = stage(Vec::new(), SiteOptions { development: true, ..SiteOptions::default() }).await;
    let mut total = 0;
    let mut paths = vec!["/gallery".to_owned()];
    paths.extend(["site.css", "site.js", "htmx.js", "icons.svg", "mark.svg"].map(asset_address));
    for path in paths {
        let answer =
            stage.ask("GET", &path, &[("accept-encoding", "br"), ("cookie", "who=administrator")], "").await;
        total += answer.bytes;
    }
    println!("a first visit loads {total} bytes");
    assert!(total < 150_000, "{total} bytes");
}

#[tokio::test]
async fn who_found_a_weakness_finds_an_address() {
    let without = stage(Vec::new(), SiteOptions::default()).await;
    assert_eq!(without.ask("GET", "/.well-known/security.txt", &[], "").await.status, 404);
    let contact = Some("mailto:security@example.jp".to_owned());
    let with = stage(Vec::new(), SiteOptions { security_contact: contact, ..SiteOptions::default() }).await;
    let answer = with.ask("GET", "/.well-known/security.txt", &[], "").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/plain; charset=utf-8"));
    let field = |name: &str| {
        answer
            .body
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .map(str::trim)
            .unwrap_or_default()
            .to_owned()
    };
    assert_eq!(field("Contact:"), "mailto:security@example.jp");
    // RFC 9116: less than a year ahead is recommended.
    let days = field("Expires:").parse::<jiff::Timestamp>().unwrap().as_second() / 86_400
        - sekisho_crypto::system_world().now().as_secs() / 86_400;
    assert!((170..=180).contains(&days), "{days}");
    let head = with.ask("HEAD", "/.well-known/security.txt", &[], "").await;
    assert_eq!((head.status, head.bytes), (200, 0));
}
