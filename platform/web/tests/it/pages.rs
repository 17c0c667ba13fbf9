//! The frame around pages, and every part in both languages.

use axum::response::IntoResponse;
use sekisho_web::{Access, Asker, Routes, SiteOptions};

use crate::stage::stage;

#[tokio::test]
async fn every_part_renders_in_both_languages() {
    let stage = stage(Vec::new(), SiteOptions::default()).await;
    assert_eq!(sekisho_web::gallery::faults(&[], &stage.site.catalog), [] as [String; 0]);
}

#[tokio::test]
async fn the_rail_shows_what_the_viewer_may_see() {
    let stage = stage(Vec::new(), SiteOptions { development: true, ..SiteOptions::default() }).await;
    let (boss, staff) =
        (stage.open("/gallery", "administrator").await, stage.open("/gallery", "employee").await);
    assert!(boss.body.contains("href=\"/record\"") && !staff.body.contains("href=\"/record\""));
    assert!(staff.body.contains("href=\"/gallery\" aria-current=\"page\""));
    assert!(!staff.body.contains("href=\"/me\""), "nothing is offered that is not mounted");
    assert!(!staff.body.contains('⟦'), "a text is missing");
}

#[tokio::test]
async fn language_is_cookie_then_header() {
    let stage = stage(Vec::new(), SiteOptions { development: true, ..SiteOptions::default() }).await;
    let ask = async |cookie: &str, accept: &str| {
        stage.ask("GET", "/gallery", &[("cookie", cookie), ("accept-language", accept)], "").await.body
    };
    assert!(ask("", "en").await.contains("<html lang=\"en\""));
    assert!(ask("language=ja", "en").await.contains("<html lang=\"ja\""));
    assert!(ask("language=xx", "").await.contains("<html lang=\"ja\""));
    let chosen = stage.ask("POST", "/display", &[], "language=en&theme=dark&next=/gallery").await;
    assert_eq!((chosen.status, chosen.header("location")), (303, "/gallery"));
    assert_eq!(chosen.headers.get_all("set-cookie").iter().count(), 2);
    let elsewhere = stage.ask("POST", "/display", &[], "language=en&next=//evil.example").await;
    assert_eq!(elsewhere.header("location"), "/");
}

#[tokio::test]
async fn outsiders_are_answered_in_four_languages() {
    let guest = |asker: Asker| async move { asker.for_guest().json(asker.for_guest().cx.language) };
    let invited = |asker: Asker| async move {
        let asker = asker.for_guest_reading(sekisho_kernel::Language::Ko);
        Ok::<_, sekisho_web::WebError>(asker.view("offline-title").bare().show_markup("").into_response())
    };
    let routes = Routes::new("stage")
        .get("/guest", Access::Public("test"), guest)
        .get("/invited", Access::Public("test"), invited)
        .with_state(());
    let stage = stage(vec![routes], SiteOptions { development: true, ..SiteOptions::default() }).await;
    let ask = async |path: &str, cookie: &str, accept: &str| {
        stage.ask("GET", path, &[("cookie", cookie), ("accept-language", accept)], "").await.body
    };
    assert_eq!(ask("/guest", "", "zh-CN,zh;q=0.9,en;q=0.8").await, "\"zh\"");
    assert_eq!(ask("/guest", "language=ko", "zh-CN").await, "\"ko\"");
    assert_eq!(ask("/guest", "", "fr").await, "\"en\"");
    let page = ask("/invited", "", "zh-CN").await;
    assert!(page.contains("<html lang=\"ko\"") && page.contains("연결되지 않음"), "{page}");
    assert!(
        page.contains("value=\"zh\" lang=\"zh\" aria-pressed=\"false\">简体中文"),
        "all four are offered"
    );
    assert!(ask("/invited", "language=zh", "").await.contains("<html lang=\"zh\""), "the choice goes first");
    // Refusals too; pages of staff keep to two, whatever a guest chose in the same browser.
    let missing = ask("/nowhere", "", "zh-CN").await;
    assert!(missing.contains("<html lang=\"zh\"") && missing.contains("未找到"), "{missing}");
    let staff = ask("/gallery", "language=ko", "en").await;
    assert!(staff.contains("<html lang=\"en\"") && !staff.contains("한국어"), "{staff}");
    let chosen = stage.ask("POST", "/display", &[], "language=zh&next=/guest").await;
    assert!(chosen.header("set-cookie").starts_with("language=zh"), "{}", chosen.header("set-cookie"));
}

#[tokio::test]
async fn no_page_needs_what_the_policy_forbids() {
    let stage = stage(Vec::new(), SiteOptions { development: true, ..SiteOptions::default() }).await;
    let page = stage.open("/gallery", "administrator").await.body;
    for forbidden in [" style=", "<style", " onclick=", "javascript:", "hx-on", "http://", "https://"] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
}

#[tokio::test]
async fn routes_and_description_agree() {
    let routes =
        Routes::new("stage").get("/api/v1/keys", Access::Person, |_: Asker| async { "" }).with_state(());
    let stage = stage(vec![routes], SiteOptions::default()).await;
    assert_eq!(stage.site.api_gaps(), ["GET /api/v1/keys is not described"]);
    let openapi = stage.ask("GET", "/api/openapi.json", &[], "").await.json();
    assert!(openapi["openapi"].as_str().unwrap().starts_with("3.1"), "{}", openapi["openapi"]);
    assert!(stage.site.routes.iter().any(|route| route.path == "/live"));
}
