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
