//! Jobs run at least once, never by two workers at a time, and are given up in the open.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sekisho_kernel::{Cx, World};
use sekisho_storage::jobs::{Handlers, Job, JobError, MOST_ATTEMPTS, Running, dead, revive};
use sekisho_storage::tables::jobs;
use sekisho_storage::{Scoped as _, Store};
use sekisho_teststore::{TestWorld, cx, on_both_engines, tenant};
use tokio::sync::Notify;

use crate::migrations;

async fn leave(store: &Store, world: &Arc<TestWorld>) {
    let cx = cx(world, tenant(1));
    let tx = store.begin(&cx).await.unwrap();
    tx.enqueue("test.work", cx.now, &serde_json::json!({ "n": 7 })).await.unwrap();
    tx.commit_bookkeeping("test").await.unwrap();
}

fn counting(
    outcomes: impl Fn(usize) -> Result<(), JobError> + Send + Sync + 'static,
) -> (Handlers, Arc<AtomicUsize>) {
    let runs = Arc::new(AtomicUsize::new(0));
    let mut handlers = Handlers::default();
    let (counter, outcomes) = (runs.clone(), Arc::new(outcomes));
    handlers.on("test.work", move |_cx, _job: Job| {
        let (counter, outcomes) = (counter.clone(), outcomes.clone());
        async move { outcomes(counter.fetch_add(1, Ordering::SeqCst)) }
    });
    (handlers, runs)
}

on_both_engines!(a_job_runs_once_when_it_succeeds, migrations(), |fresh| {
    let world = TestWorld::new();
    leave(&fresh.store, &world).await;
    let (handlers, runs) = counting(|_| Ok(()));
    let dyn_world: Arc<dyn World> = world.clone();
    assert_eq!(handlers.run_due(&fresh.store, &dyn_world).await.unwrap(), 1);
    world.advance(Duration::from_secs(7200));
    assert_eq!(handlers.run_due(&fresh.store, &dyn_world).await.unwrap(), 0);
    assert_eq!(runs.load(Ordering::SeqCst), 1);
});

on_both_engines!(a_failing_job_waits_longer_each_time_and_dies_in_the_open, migrations(), |fresh| {
    let world = TestWorld::new();
    leave(&fresh.store, &world).await;
    let (handlers, runs) = counting(|_| Err(JobError::Again("no route".to_owned())));
    let dyn_world: Arc<dyn World> = world.clone();
    handlers.run_due(&fresh.store, &dyn_world).await.unwrap();
    assert_eq!(handlers.run_due(&fresh.store, &dyn_world).await.unwrap(), 0, "it waits before the next try");
    for _ in 0..MOST_ATTEMPTS + 3 {
        world.advance(Duration::from_secs(3601));
        handlers.run_due(&fresh.store, &dyn_world).await.unwrap();
    }
    assert_eq!(i64::try_from(runs.load(Ordering::SeqCst)).unwrap(), MOST_ATTEMPTS);
    let scope = fresh.store.read(tenant(1)).await.unwrap();
    let given_up = dead(&scope, Some("test.work")).await.unwrap();
    assert_eq!(given_up[0].last_error.as_deref(), Some("no route"));
    drop(scope);

    let tx = fresh.store.begin(&cx(&world, tenant(1))).await.unwrap();
    assert!(revive(&tx, given_up[0].id).await.unwrap());
    tx.commit_bookkeeping("test").await.unwrap();
    assert_eq!(handlers.run_due(&fresh.store, &dyn_world).await.unwrap(), 1);
});

on_both_engines!(two_workers_share_the_work, migrations(), |fresh| {
    let world = TestWorld::new();
    for _ in 0..20 {
        leave(&fresh.store, &world).await;
    }
    let (handlers, runs) = counting(|_| Ok(()));
    let other = Store::open(&fresh.options, &migrations()).await.unwrap();
    let dyn_world: Arc<dyn World> = world.clone();
    let (first, second) =
        tokio::join!(handlers.run_due(&fresh.store, &dyn_world), handlers.run_due(&other, &dyn_world));
    assert_eq!(first.unwrap() + second.unwrap(), 20);
    assert_eq!(runs.load(Ordering::SeqCst), 20);
});

on_both_engines!(a_job_that_takes_long_stays_with_its_worker, migrations(), |fresh| {
    let world = TestWorld::new();
    leave(&fresh.store, &world).await;
    let (renewed, over) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let mut handlers = Handlers::default();
    let (store, clock, say, wait) = (fresh.store.clone(), world.clone(), renewed.clone(), over.clone());
    handlers.on("test.work", move |cx: Cx, _job: Job| {
        let (store, clock, say, wait) = (store.clone(), clock.clone(), say.clone(), wait.clone());
        async move {
            clock.advance(Duration::from_secs(10));
            let mut look = tokio::time::interval(Duration::from_millis(50));
            loop {
                look.tick().await;
                let scope = store.read(cx.tenant).await?;
                let row = scope.find::<jobs::Entity>().one().await?.unwrap();
                // Further than the lease under which it was taken.
                if row.lease_until > cx.now.plus(Duration::from_secs(20)) {
                    break;
                }
            }
            say.notify_one();
            wait.notified().await;
            Ok(())
        }
    });
    let other = Store::open(&fresh.options, &migrations()).await.unwrap();
    let dyn_world: Arc<dyn World> = world.clone();
    let mut running = Running::new(&handlers, &fresh.store, &dyn_world);
    assert_eq!(running.take().await.unwrap(), 1);
    let thief = async {
        renewed.notified().await;
        world.advance(Duration::from_secs(10));
        let (thieves, runs) = counting(|_| Ok(()));
        thieves.run_due(&other, &dyn_world).await.unwrap();
        over.notify_one();
        runs.load(Ordering::SeqCst)
    };
    let (ended, stolen) = tokio::join!(running.ended(), thief);
    ended.unwrap().unwrap();
    assert_eq!(stolen, 0, "the first lease would be over, but its holder lives");
});

on_both_engines!(a_handler_that_breaks_is_tried_again_later, migrations(), |fresh| {
    let world = TestWorld::new();
    leave(&fresh.store, &world).await;
    let (handlers, runs) = counting(|run| if run == 0 { panic!("as told") } else { Ok(()) });
    let dyn_world: Arc<dyn World> = world.clone();
    handlers.run_due(&fresh.store, &dyn_world).await.unwrap();
    let scope = fresh.store.read(tenant(1)).await.unwrap();
    let row = scope.find::<jobs::Entity>().one().await.unwrap().unwrap();
    assert_eq!(row.last_error.as_deref(), Some("its handler broke"));
    drop(scope);
    assert_eq!(handlers.run_due(&fresh.store, &dyn_world).await.unwrap(), 0, "it waits before the next try");
    world.advance(Duration::from_secs(3601));
    assert_eq!(handlers.run_due(&fresh.store, &dyn_world).await.unwrap(), 1);
    assert_eq!(runs.load(Ordering::SeqCst), 2);
});
