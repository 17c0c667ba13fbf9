//! A repeated API request acts once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::extract::State;
use sekisho_web::{Access, Asker, Result, Routes, SiteOptions, WebError};

use crate::ask::Answer;
use crate::stage::{Stage, stage};

#[derive(Clone, Default)]
struct Count(Arc<AtomicU32>);

async fn act(asker: Asker, State(count): State<Count>, body: String) -> Result {
    if body == "refuse" {
        return Err(WebError::denied());
    }
    let number = count.0.fetch_add(1, Ordering::Relaxed) + 1;
    Ok(asker.created(
        &format!("/api/v1/acts/{number}"),
        serde_json::json!({ "number": number, "secret": "shown once" }),
    ))
}

async fn site() -> (Stage, Count) {
    let count = Count::default();
    let routes = Routes::new("stage").post("/api/v1/acts", Access::Person, act).with_state(count.clone());
    (stage(vec![routes], SiteOptions::default()).await, count)
}

async fn send(stage: &Stage, who: &str, key: &str, body: &str) -> Answer {
    let bearer = format!("Bearer {who}");
    stage.ask("POST", "/api/v1/acts", &[("authorization", &bearer), ("idempotency-key", key)], body).await
}

#[tokio::test]
async fn the_second_gets_the_first_answer() {
    let (stage, count) = site().await;
    let first = send(&stage, "employee", "k1", "open bin 4").await;
    let second = send(&stage, "employee", "k1", "open bin 4").await;
    assert_eq!((first.status, second.status), (201, 201));
    assert_eq!((first.body.as_str(), second.header("location")), (second.body.as_str(), "/api/v1/acts/1"));
    assert_eq!(second.header("idempotency-replayed"), "true");
    assert_eq!(count.0.load(Ordering::Relaxed), 1);
    let other = send(&stage, "employee", "k1", "open bin 5").await;
    assert_eq!(
        (other.status, other.json()["errors"][0]["code"].as_str()),
        (422, Some("error-idempotency-reused"))
    );
    assert_eq!(
        send(&stage, "administrator", "k1", "open bin 4").await.json()["number"],
        2,
        "keys of two people never meet"
    );
    assert_eq!(send(&stage, "employee", "", "open bin 4").await.status, 422);
}

#[tokio::test]
async fn a_refusal_frees_the_key() {
    let (stage, _) = site().await;
    assert_eq!(send(&stage, "employee", "k2", "refuse").await.status, 403);
    assert_eq!(send(&stage, "employee", "k2", "open bin 4").await.status, 201);
}

#[tokio::test]
async fn answers_are_sealed() {
    use sekisho_storage::Scoped;
    let (stage, _) = site().await;
    send(&stage, "employee", "k3", "open bin 4").await;
    let scope = stage.store.read(crate::stage::TENANT).await.unwrap();
    let rows = scope.find::<sekisho_web::tables::idempotency::Entity>().all().await.unwrap();
    assert_eq!(rows.len(), 1);
    let kept = String::from_utf8_lossy(rows[0].answer.as_ref().unwrap()).into_owned();
    assert!(!kept.contains("shown once"));
}
