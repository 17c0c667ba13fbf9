//! A repeated API request acts once.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::extract::State;
use sekisho_kernel::{AuditEntry, Timestamp};
use sekisho_storage::{Scoped, Store};
use sekisho_web::tables::idempotency;
use sekisho_web::{Access, Asker, Result, Routes, SiteOptions, WebError};

use crate::ask::Answer;
use crate::stage::{Stage, TENANT, stage};

#[derive(Clone, Default)]
struct Acts {
    done: Arc<AtomicU32>,
    broke: Arc<AtomicU32>,
    store: Arc<OnceLock<Store>>,
}

/// Does its act, in a transaction with its entry; the body says where it breaks, the first time.
async fn act(asker: Asker, State(acts): State<Acts>, body: String) -> Result {
    let breaks = |word| body == word && acts.broke.fetch_add(1, Ordering::Relaxed) == 0;
    if body == "refuse" {
        return Err(WebError::denied());
    }
    if breaks("die before") {
        return std::future::pending().await;
    }
    if breaks("fail before") {
        return Err(WebError::broken("nothing was done"));
    }
    let tx = acts.store.get().unwrap().begin(&asker.cx).await?;
    tx.commit(AuditEntry::done("bin.open")).await?;
    let number = acts.done.fetch_add(1, Ordering::Relaxed) + 1;
    if breaks("die after") {
        return std::future::pending().await;
    }
    if breaks("fail after") {
        return Err(WebError::broken("it was done"));
    }
    Ok(asker.created(
        &format!("/api/v1/acts/{number}"),
        serde_json::json!({ "number": number, "secret": "shown once" }),
    ))
}

async fn site() -> (Stage, Acts) {
    let acts = Acts::default();
    let routes = Routes::new("stage").post("/api/v1/acts", Access::Person, act).with_state(acts.clone());
    let options = SiteOptions { time_out: Duration::from_millis(200), ..SiteOptions::default() };
    let stage = stage(vec![routes], options).await;
    acts.store.set(stage.store.clone()).ok();
    (stage, acts)
}

async fn send(stage: &Stage, who: &str, key: &str, body: &str) -> Answer {
    let bearer = format!("Bearer {who}");
    stage.ask("POST", "/api/v1/acts", &[("authorization", &bearer), ("idempotency-key", key)], body).await
}

#[tokio::test]
async fn the_second_gets_the_first_answer() {
    let (stage, acts) = site().await;
    let first = send(&stage, "employee", "k1", "open bin 4").await;
    let second = send(&stage, "employee", "k1", "open bin 4").await;
    assert_eq!((first.status, second.status), (201, 201));
    assert_eq!((first.body.as_str(), second.header("location")), (second.body.as_str(), "/api/v1/acts/1"));
    assert_eq!(second.header("idempotency-replayed"), "true");
    assert_eq!(acts.done.load(Ordering::Relaxed), 1);
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

/// What a program finds that asks again after its request broke off: at once, and when the first surely has ended.
async fn asked_again(body: &str) -> (Answer, Answer, u32) {
    let (stage, acts) = site().await;
    let first = send(&stage, "employee", "k4", body).await;
    assert!(matches!(first.status, 408 | 500), "{}", first.status);
    let at_once = send(&stage, "employee", "k4", body).await;
    let cx = sekisho_kernel::Cx::system(sekisho_crypto::system_world(), TENANT, "time passes");
    let tx = stage.store.begin(&cx).await.unwrap();
    let past = Timestamp::from_secs(cx.now.as_secs() - 60);
    tx.update::<idempotency::Entity>().set(idempotency::Column::At, past).exec().await.unwrap();
    tx.commit_bookkeeping("time passes").await.unwrap();
    let later = send(&stage, "employee", "k4", body).await;
    (at_once, later, acts.done.load(Ordering::Relaxed))
}

#[tokio::test]
async fn what_was_cut_off_before_its_act_is_done_now() {
    let (at_once, later, done) = asked_again("die before").await;
    assert_eq!((at_once.status, at_once.json()["code"].as_str()), (409, Some("error-idempotency-running")));
    assert_eq!((later.status, done), (201, 1));
}

#[tokio::test]
async fn what_was_cut_off_after_its_act_is_told_and_not_done_again() {
    let (at_once, later, done) = asked_again("die after").await;
    assert_eq!(at_once.json()["code"], "error-idempotency-running");
    assert_eq!((later.status, later.json()["code"].as_str()), (409, Some("error-idempotency-lost")));
    assert_eq!((later.json()["done"][0]["action"].as_str(), done), (Some("bin.open"), 1));
}

#[tokio::test]
async fn after_a_failure_the_record_says_at_once_what_it_did() {
    let (at_once, .., done) = asked_again("fail before").await;
    assert_eq!((at_once.status, done), (201, 1), "nothing had been done");
    let (at_once, .., done) = asked_again("fail after").await;
    assert_eq!(at_once.json()["code"], "error-idempotency-lost");
    assert_eq!(done, 1, "it is not done twice");
}

#[tokio::test]
async fn answers_are_sealed() {
    let (stage, _) = site().await;
    send(&stage, "employee", "k3", "open bin 4").await;
    let scope = stage.store.read(TENANT).await.unwrap();
    let rows = scope.find::<idempotency::Entity>().all().await.unwrap();
    assert_eq!(rows.len(), 1);
    let kept = String::from_utf8_lossy(rows[0].answer.as_ref().unwrap()).into_owned();
    assert!(!kept.contains("shown once"));
}
