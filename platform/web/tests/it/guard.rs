//! Headers, cross-site requests, floods, bodies too large.

use sekisho_web::{Access, Asker, Routes, SiteOptions};

use crate::stage::{Stage, stage};

async fn site(options: SiteOptions) -> Stage {
    let routes = Routes::new("stage")
        .get("/who", Access::Public("test"), |asker: Asker| async move { format!("{:?}", asker.cx.address) })
        .post("/act", Access::Person, |body: String| async move { body.len().to_string() })
        .post_large("/picture", Access::Person, 3 << 20, |body: String| async move { body.len().to_string() })
        .post_upload("/image", Access::Person, 2 << 20, |body: String| async move { body.len().to_string() })
        .with_state(());
    stage(vec![routes], options).await
}

#[tokio::test]
async fn every_answer_is_strict() {
    let stage = site(SiteOptions::default()).await;
    for path in ["/who", "/nowhere", "/sw.js"] {
        let answer = stage.ask("GET", path, &[], "").await;
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(answer.header("strict-transport-security"), "max-age=63072000");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
    }
}

#[tokio::test]
async fn other_sites_cannot_act() {
    let stage = site(SiteOptions::default()).await;
    let who = ("cookie", "who=employee");
    let act = async |headers: &[(&str, &str)]| {
        let headers: Vec<_> = headers.iter().copied().chain([who]).collect();
        stage.ask("POST", "/act", &headers, "x").await.status
    };
    assert_eq!(act(&[("sec-fetch-site", "same-origin")]).await, 200);
    assert_eq!(act(&[("sec-fetch-site", "cross-site")]).await, 403);
    assert_eq!(act(&[("sec-fetch-site", "same-site")]).await, 403);
    assert_eq!(act(&[("origin", "https://evil.example")]).await, 403);
    assert_eq!(act(&[("origin", "https://aoba.example")]).await, 200);
    assert_eq!(act(&[("origin", "null")]).await, 403);
    assert_eq!(act(&[]).await, 200);
}

#[tokio::test]
async fn bodies_have_an_end() {
    let stage = site(SiteOptions::default()).await;
    let big = "x".repeat((1 << 20) + 1);
    let who = [("cookie", "who=employee")];
    assert_eq!(stage.ask("POST", "/act", &who, &big).await.status, 413);
    assert_eq!(stage.ask("POST", "/picture", &who, &big).await.body, big.len().to_string());
    assert_eq!(stage.ask("POST", "/image", &who, &big).await.body, big.len().to_string());
    assert_eq!(stage.ask("POST", "/image", &who, &big.repeat(2)).await.status, 413);
    // What may be large and slow is as strict about who sends it.
    assert_eq!(stage.ask("POST", "/image", &[], &big).await.status, 303);
    let elsewhere = [who[0], ("origin", "https://evil.example")];
    assert_eq!(stage.ask("POST", "/image", &elsewhere, "x").await.status, 403);
}

#[tokio::test]
async fn floods_are_told_to_wait() {
    let stage = site(SiteOptions { per_stranger: 3, ..SiteOptions::default() }).await;
    for _ in 0..3 {
        assert_eq!(stage.ask("GET", "/who", &[], "").await.status, 200);
    }
    let refused = stage.ask("GET", "/who", &[("accept", "text/html")], "").await;
    assert_eq!(refused.status, 429);
    assert!(refused.header("retry-after").parse::<u32>().unwrap() >= 1);
    assert_eq!(stage.open("/who", "employee").await.status, 200, "people of the same office go on");
    assert_eq!(stage.ask_from("198.51.100.7:1", "GET", "/who", &[], "").await.status, 200);
}

#[tokio::test]
async fn addresses_are_believed_from_proxies_only() {
    let trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
    let stage = site(SiteOptions { trusted_proxies, ..SiteOptions::default() }).await;
    let forwarded = [("x-forwarded-for", "198.51.100.7")];
    let seen = stage.ask_from("10.0.0.1:1", "GET", "/who", &forwarded, "").await.body;
    assert_eq!(seen, "Some(198.51.100.7)");
    let seen = stage.ask_from("203.0.113.1:1", "GET", "/who", &forwarded, "").await.body;
    assert_eq!(seen, "Some(203.0.113.1)");
}

#[tokio::test]
async fn tokens_end_at_their_scopes() {
    let stage = site(SiteOptions::default()).await;
    let token = [("authorization", "Bearer employee")];
    assert_eq!(stage.ask("POST", "/act", &token, "").await.status, 200);
    let live = stage.ask("GET", "/live?topics=a", &token, "").await;
    assert_eq!(live.status, 403, "the token covers the module stage only");
}
