//! Webhooks: signed, in order, replayed.

use std::sync::Arc;
use std::time::Duration;

use sekisho_notify::send::SendError;
use sekisho_notify::{EndpointId, NewWebhook};
use sekisho_storage::Event;
use sekisho_teststore::{FreshStore, on_both_engines, tenant};
use serde::Serialize;

use crate::office::{Office, Recorder, migrations};

#[derive(Serialize)]
struct TakenOut {
    number: u32,
}
impl Event for TakenOut {
    const NAME: &'static str = "keys.taken_out";
}

#[derive(Serialize)]
struct CodeRequested {
    code: &'static str,
}
impl Event for CodeRequested {
    const NAME: &'static str = "identity.code_requested";
}

async fn open(fresh: FreshStore, events: &[&str]) -> (Arc<Recorder>, Office, EndpointId, String) {
    let recorder = Arc::new(Recorder::default());
    let office = Office::open_with(fresh, recorder.clone());
    office.prepare(tenant(1)).await;
    let new = NewWebhook {
        name: "勤怠".to_owned(),
        url: "https://hooks.example.com/in".to_owned(),
        events: events.iter().map(|name| (*name).to_owned()).collect(),
    };
    let (id, secret) = office.notify.add_webhook(&office.cx(), &new).await.unwrap();
    (recorder, office, id, secret.expose().to_owned())
}

async fn happen(office: &Office, numbers: impl IntoIterator<Item = u32>) {
    for number in numbers {
        let mut tx = office.fresh.store.begin(&office.cx()).await.unwrap();
        tx.publish(&TakenOut { number }).await.unwrap();
        tx.commit_bookkeeping("test").await.unwrap();
    }
}

fn numbers(recorder: &Recorder) -> Vec<u64> {
    let number = |body: &str| {
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        body["data"]["number"].as_u64().unwrap()
    };
    recorder.calls.lock().unwrap().iter().map(|call| number(&call.body)).collect()
}

on_both_engines!(facts_come_in_order_and_the_next_waits_for_the_one_before, migrations(), |fresh| {
    let (recorder, office, _, _) = open(fresh, &["keys.*"]).await;
    happen(&office, 1..=5).await;
    *recorder.answers.lock().unwrap() =
        vec![Ok("200".to_owned()), Err(SendError::later("500")), Err(SendError::later("500"))];
    office.notify.run_due().await.unwrap();
    assert_eq!(numbers(&recorder), [1, 2]);
    for _ in 0..3 {
        office.world.advance(Duration::from_secs(30));
        office.notify.run_due().await.unwrap();
    }
    assert_eq!(numbers(&recorder), [1, 2, 2, 2, 3, 4, 5]);
    let calls = recorder.calls.lock().unwrap();
    assert_eq!(calls[1].event, calls[3].event, "the same id over all tries");
});

on_both_engines!(a_fact_that_is_never_taken_is_given_up_and_seen, migrations(), |fresh| {
    let (recorder, office, _, _) = open(fresh, &[]).await;
    happen(&office, 1..=2).await;
    *recorder.answers.lock().unwrap() = vec![Err(SendError::later("500")); 20];
    for _ in 0..25 {
        office.notify.run_due().await.unwrap();
        office.world.advance(Duration::from_secs(3601));
    }
    assert_eq!(numbers(&recorder).iter().filter(|number| **number == 1).count(), 20);
    assert_eq!(numbers(&recorder).last(), Some(&2));
    assert_eq!(office.states().await, ["webhook dead"]);
    let dead = office.deliveries().await.remove(0);
    office.notify.send_again(&office.cx(), dead.id).await.unwrap();
    office.notify.run_due().await.unwrap();
    assert_eq!(numbers(&recorder).last(), Some(&1));
    assert_eq!(office.states().await, ["webhook sent"]);
});

on_both_engines!(only_what_it_asked_for_and_never_secrets, migrations(), |fresh| {
    let (recorder, office, _, _) = open(fresh, &["doors.*"]).await;
    happen(&office, 1..=3).await;
    office.notify.run_due().await.unwrap();
    assert!(recorder.calls.lock().unwrap().is_empty());
    let new = NewWebhook {
        name: "all".to_owned(),
        url: "https://hooks.example.com/all".to_owned(),
        events: Vec::new(),
    };
    office.notify.add_webhook(&office.cx(), &new).await.unwrap();
    let mut tx = office.fresh.store.begin(&office.cx()).await.unwrap();
    tx.publish(&CodeRequested { code: "123456" }).await.unwrap();
    tx.commit_bookkeeping("test").await.unwrap();
    happen(&office, 4..=4).await;
    office.notify.run_due().await.unwrap();
    assert_eq!(numbers(&recorder), [4], "from now on, and without codes");
});

on_both_engines!(replay_begins_where_it_is_told, migrations(), |fresh| {
    let (recorder, office, id, _) = open(fresh, &[]).await;
    happen(&office, 1..=3).await;
    office.notify.run_due().await.unwrap();
    let feed = office.notify.facts_after(&office.cx(), 0, 10).await.unwrap();
    assert_eq!(feed.iter().map(|fact| fact.body.position).collect::<Vec<_>>(), [1, 2, 3]);
    office.notify.replay_webhook(&office.cx(), id, 1).await.unwrap();
    office.notify.run_due().await.unwrap();
    assert_eq!(numbers(&recorder), [1, 2, 3, 2, 3]);
    office.notify.pause_webhook(&office.cx(), id, true).await.unwrap();
    happen(&office, 4..=4).await;
    office.notify.run_due().await.unwrap();
    assert_eq!(numbers(&recorder).len(), 5);
    office.notify.pause_webhook(&office.cx(), id, false).await.unwrap();
    office.notify.run_due().await.unwrap();
    assert_eq!(numbers(&recorder).last(), Some(&4));
});

on_both_engines!(a_transaction_that_commits_late_is_not_skipped, migrations(), |fresh| {
    let (recorder, office, _, _) = open(fresh, &[]).await;
    let early = office.cx();
    happen(&office, 1..=1).await;
    office.notify.run_due().await.unwrap();
    let mut tx = office.fresh.store.begin(&early).await.unwrap();
    tx.publish(&TakenOut { number: 2 }).await.unwrap();
    tx.commit_bookkeeping("a request that began before the first and ended after it").await.unwrap();
    office.notify.run_due().await.unwrap();
    assert_eq!(numbers(&recorder), [1, 2]);
});

#[tokio::test(flavor = "multi_thread")]
async fn the_signature_is_checked_by_somebody_elses_code() {
    let fresh = sekisho_teststore::fresh(sekisho_storage::Engine::Sqlite, &migrations()).await;
    let (recorder, office, _, secret) = open(fresh, &[]).await;
    happen(&office, 7..=7).await;
    office.notify.run_due().await.unwrap();
    let call = recorder.calls.lock().unwrap()[0].clone();
    let headers =
        sekisho_notify::send::webhook::signature_headers(&call, sekisho_crypto::system_world().now())
            .unwrap();
    let mut map = axum::http::HeaderMap::new();
    for (name, value) in headers {
        map.insert(axum::http::HeaderName::try_from(name).unwrap(), value.parse().unwrap());
    }
    let theirs = standardwebhooks::Webhook::new(&secret).unwrap();
    theirs.verify(call.body.as_bytes(), &map).unwrap();
    assert!(theirs.verify(b"{}", &map).is_err());
}
