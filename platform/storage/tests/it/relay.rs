//! Two servers on one PostgreSQL: what one commits, the other hears.

use std::time::Duration;

use sekisho_storage::{Changed, Engine, Event, Store};
use sekisho_teststore::{TestWorld, cx, fresh, tenant};
use tokio::sync::broadcast::Receiver;

const PATIENCE: Duration = Duration::from_secs(20);

#[derive(serde::Serialize)]
struct LampLit {}
impl Event for LampLit {
    const NAME: &'static str = "test.lamp_lit";
}

async fn light(store: &Store, number: u128) {
    let mut tx = store.begin(&cx(&TestWorld::new(), tenant(number))).await.unwrap();
    tx.publish(&LampLit {}).await.unwrap();
    tx.commit_bookkeeping("a test").await.unwrap();
}

async fn hear(changes: &mut Receiver<Changed>) -> (Changed, usize) {
    let heard = tokio::time::timeout(PATIENCE, changes.recv()).await.unwrap().unwrap();
    (heard, changes.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_server_commits_the_other_hears_once() {
    let here = fresh(Engine::Postgres, &sekisho_storage::migrations()).await;
    let there = Store::open(&here.options, &sekisho_storage::migrations()).await.unwrap();
    let (mut ours, mut theirs) = (here.store.changes(), there.changes());
    light(&here.store, 7).await;
    let (heard, _) = hear(&mut theirs).await;
    assert_eq!((heard.tenant, heard.events.as_slice()), (tenant(7), ["test.lamp_lit"].as_slice()));
    // We hear our own commit as ever, and no echo: what comes next is what they do.
    assert_eq!(hear(&mut ours).await.0.tenant, tenant(7));
    light(&there, 8).await;
    assert_eq!(hear(&mut ours).await.0.tenant, tenant(8));
    there.close().await.unwrap();
}

/// A command line that commits and ends is heard, too.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_ends_at_once_is_heard() {
    let here = fresh(Engine::Postgres, &sekisho_storage::migrations()).await;
    let mut changes = here.store.changes();
    let there = Store::open(&here.options, &sekisho_storage::migrations()).await.unwrap();
    light(&there, 9).await;
    there.close().await.unwrap();
    drop(there);
    assert_eq!(hear(&mut changes).await.0.tenant, tenant(9));
}
