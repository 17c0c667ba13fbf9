//! Events: acknowledged after the commit, kept once, joined to the journal.

use std::sync::atomic::Ordering;
use std::time::Duration;

use sekisho_devices::tables::devices_events;
use sekisho_storage::Scoped as _;
use sekisho_teststore::on_both_engines;
use sekisho_wire::{BinReport, Clock, Event, EventKind, Heartbeat, Topic, Vitals, encode};

use crate::stand::{Stand, migrations};

async fn kept(stand: &Stand) -> Vec<(i64, i64)> {
    let scope = stand.store.read(stand.tenant).await.unwrap();
    let rows =
        scope.find::<devices_events::Entity>().ascending(devices_events::Column::Id).all().await.unwrap();
    rows.into_iter().map(|row| (row.epoch, row.seq)).collect()
}

on_both_engines!(is_acknowledged_only_after_the_commit, migrations(), |fresh| {
    let stand = Stand::new(fresh).await;
    let (_, mut peer) = stand.connected("box").await;
    let held = stand.module.gate.acquire().await.unwrap();
    let payload = peer.event(EventKind::TamperOn);
    let id = peer.publish_up(Topic::Event(1), payload).await;
    stand.module.waiting.subscribe().wait_for(|waiting| *waiting > 0).await.unwrap();
    assert!(peer.within(Duration::from_millis(200)).await.is_none(), "acknowledged before the commit");
    drop(held);
    assert_eq!(peer.acked(id).await, 0);
    assert_eq!(kept(&stand).await, [(1, 1)]);
    assert_eq!(stand.trail("test.heard").await.len(), 1);
    let actor = &stand.trail("test.heard").await[0].actor.0;
    assert_eq!(actor, &sekisho_kernel::Actor::Device { id: peer.id });
    stand.stop().await;
});

on_both_engines!(is_kept_and_told_once_however_often_it_comes, migrations(), |fresh| {
    let stand = Stand::new(fresh).await;
    let (enrollee, mut peer) = stand.connected("box").await;
    let first = peer.event(EventKind::PowerLost);
    for _ in 0..3 {
        let id = peer.publish_up(Topic::Event(1), first.clone()).await;
        assert_eq!(peer.acked(id).await, 0);
    }
    assert_eq!(peer.tell(EventKind::PowerRestored).await, 0);
    drop(peer);
    let mut again = crate::peer::Peer::connect(&stand, &enrollee).await.unwrap();
    let id = again.publish_up(Topic::Event(1), first).await;
    assert_eq!(again.acked(id).await, 0);
    assert_eq!(kept(&stand).await, [(1, 1), (1, 2)]);
    assert_eq!(*stand.module.heard.lock().unwrap(), [(enrollee.id, 1), (enrollee.id, 2)]);
    stand.stop().await;
});

on_both_engines!(a_gap_and_a_fork_are_told_and_kept, migrations(), |fresh| {
    let stand = Stand::new(fresh).await;
    let (_, mut peer) = stand.connected("box").await;
    peer.tell(EventKind::PowerLost).await;
    let missing = peer.event(EventKind::TamperOn);
    assert_eq!(peer.tell(EventKind::TamperOff).await, 0);
    let broken = stand.facts("devices.chain_broken").await;
    assert_eq!(broken.len(), 1);
    assert_eq!((&broken[0]["expected"], &broken[0]["received"]), (&2.into(), &3.into()));
    // What was missing turns up: it fills its place and the chain goes on.
    let id = peer.publish_up(Topic::Event(2), missing).await;
    assert_eq!(peer.acked(id).await, 0);
    assert_eq!(peer.tell(EventKind::PowerRestored).await, 0);
    assert_eq!(stand.facts("devices.chain_broken").await.len(), 1);
    // Another event under a number that is taken: a second journal.
    (peer.seq, peer.head) = (0, [7; 32]);
    assert_eq!(peer.tell(EventKind::DoorClosed).await, 0);
    assert_eq!(stand.facts("devices.chain_broken").await.len(), 2);
    assert_eq!(kept(&stand).await, [(1, 1), (1, 3), (1, 2), (1, 4), (2, 1)]);
    assert_eq!(stand.trail("device.chain_broken").await.len(), 2);
    stand.stop().await;
});

on_both_engines!(a_module_that_refuses_does_not_hold_up_its_device_or_others, migrations(), |fresh| {
    let stand = Stand::new(fresh).await;
    let (_, mut peer) = stand.connected("box").await;
    stand.module.refuse.store(3, Ordering::SeqCst);
    assert_eq!(peer.tell(EventKind::TamperOn).await, 0);
    assert_eq!(kept(&stand).await, [(1, 1)]);
    assert_eq!(stand.trail("device.events_unheard").await.len(), 1);
    assert_eq!(peer.tell(EventKind::TamperOff).await, 0);
    assert_eq!(stand.module.heard.lock().unwrap().len(), 1);
    stand.stop().await;
});

on_both_engines!(what_cannot_be_read_is_refused_for_good, migrations(), |fresh| {
    let stand = Stand::new(fresh).await;
    let (_, mut peer) = stand.connected("box").await;
    let at = sekisho_kernel::Timestamp::EPOCH;
    let other_number = encode(&Event { seq: 9, at, prev: [0; 32], kind: EventKind::TamperOn });
    for payload in [Vec::new(), vec![1], vec![1, 0xff], vec![2, 0x80], other_number] {
        let id = peer.publish_up(Topic::Event(1), payload).await;
        assert_eq!(peer.acked(id).await, 0x99);
    }
    assert!(kept(&stand).await.is_empty());
    assert_eq!(peer.tell(EventKind::TamperOn).await, 0, "the connection goes on");
    stand.stop().await;
});

on_both_engines!(the_last_report_is_kept, migrations(), |fresh| {
    let stand = Stand::new(fresh).await;
    let (enrollee, mut peer) = stand.connected("box").await;
    let report = Heartbeat {
        vitals: Vitals { agent: "1.0".into(), battery: Some(80), mains: true, ..Vitals::default() },
        bins: vec![BinReport { bin: 4, closed: true, fob: Some("04A1".into()), occupied: Some(true) }],
        clock: Clock { now: sekisho_kernel::Timestamp::EPOCH, trusted: true },
        config_version: 3,
    };
    let id = peer.publish_up(Topic::Heartbeat, encode(&report)).await;
    assert_eq!(peer.acked(id).await, 0);
    assert_eq!(stand.device(enrollee.id).await.report, Some(report));
    assert_eq!(stand.module.reports.load(Ordering::SeqCst), 1);
    stand.stop().await;
});

on_both_engines!(many_devices_share_commits, migrations(), |fresh| {
    let stand = Stand::new(fresh).await;
    let mut peers = Vec::new();
    for n in 0..8 {
        peers.push(stand.connected(&format!("box {n}")).await.1);
    }
    let tasks: Vec<_> = peers
        .into_iter()
        .map(|mut peer| {
            tokio::spawn(async move {
                for _ in 0..20 {
                    assert_eq!(peer.tell(EventKind::DoorClosed).await, 0);
                }
                peer
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(kept(&stand).await.len(), 160);
    assert!(stand.facts("devices.chain_broken").await.is_empty());
    stand.stop().await;
});
