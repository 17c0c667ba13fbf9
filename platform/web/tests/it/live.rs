//! Open pages hear of changes of their tenant, by name, until their session ends.

use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::StreamExt;
use sekisho_kernel::{Actor, AuditEntry, Cx, Language, TenantId};
use sekisho_storage::Event;
use sekisho_web::SiteOptions;
use serde::Serialize;
use tower::ServiceExt;
use uuid::Uuid;

use crate::stage::{Stage, TENANT, stage};

#[derive(Serialize)]
struct TakenOut {
    key: &'static str,
}

impl Event for TakenOut {
    const NAME: &'static str = "keys.taken_out";
}

async fn happen(stage: &Stage, tenant: TenantId) {
    let cx = Cx::new(sekisho_crypto::system_world(), tenant, Actor::Nobody, Language::Ja);
    let mut tx = stage.store.begin(&cx).await.unwrap();
    tx.publish(&TakenOut { key: "Van 3" }).await.unwrap();
    tx.commit(AuditEntry::done("key.take_out")).await.unwrap();
}

async fn listen(stage: &Stage) -> axum::body::BodyDataStream {
    let request = axum::http::Request::builder()
        .uri("/live?topics=keys.taken_out,keys.returned")
        .header("cookie", "who=employee")
        .body(axum::body::Body::empty())
        .unwrap();
    let response = stage.site.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    response.into_body().into_data_stream()
}

async fn next(stream: &mut axum::body::BodyDataStream) -> Option<String> {
    let chunk = tokio::time::timeout(Duration::from_secs(5), stream.next()).await.expect("nothing came");
    chunk.map(|chunk| String::from_utf8(chunk.unwrap().to_vec()).unwrap())
}

#[tokio::test]
async fn names_only_and_of_the_own_tenant_only() {
    let stage = stage(Vec::new(), SiteOptions::default()).await;
    let mut stream = listen(&stage).await;
    happen(&stage, TenantId(Uuid::from_u128(9))).await;
    happen(&stage, TENANT).await;
    let event = next(&mut stream).await.unwrap();
    assert_eq!(event, "event: keys.taken_out\ndata: now\n\n", "browsers drop an event without data");
    stage.here.store(false, Ordering::Relaxed);
    let last = next(&mut stream).await.unwrap();
    assert_eq!(last, "event: goodbye\ndata: now\n\n", "nothing of the other tenant came between");
    assert_eq!(next(&mut stream).await, None);
}

#[tokio::test]
async fn the_end_of_the_server_ends_it_and_seats_are_counted() {
    let stage = stage(Vec::new(), SiteOptions::default()).await;
    let mut streams = Vec::new();
    for _ in 0..12 {
        streams.push(listen(&stage).await);
    }
    assert_eq!(stage.open("/live?topics=a", "employee").await.status, 429);
    streams.pop();
    let mut stream = listen(&stage).await;
    stage.shutdown.cancel();
    assert_eq!(next(&mut stream).await, None);
}
