//! Pictures of devices' cameras (K15): behind their event, acknowledged after the commit, counted and limited; what is
//! refused never takes an event with it.

use sekisho_kernel::Timestamp;
use sekisho_teststore::on_both_engines;
use sekisho_wire::{EventKind, MAX_SEALED, Picture, Topic, encode};

use crate::peer::Peer;
use crate::stand::{Stand, migrations};

/// When the peer's events happen.
const AT: Timestamp = Timestamp::from_secs(1_795_305_600);

async fn sends(peer: &mut Peer, seq: u64, at: Timestamp, bytes: usize) -> u8 {
    let payload = encode(&Picture { seq, at, key: 1, sealed: vec![7; bytes] });
    let id = peer.publish_up(Topic::Picture(seq), payload).await;
    peer.acked(id).await
}

on_both_engines!(a_picture_is_told_with_its_event_and_bears_its_id_each_time, migrations(), |fresh| {
    let stand = Stand::new(fresh).await;
    let (_, mut peer) = stand.connected("box").await;
    assert_eq!(peer.tell(EventKind::TamperOn).await, 0);
    assert_eq!(peer.tell(EventKind::BinForced { bin: 3 }).await, 0);
    for _ in 0..2 {
        assert_eq!(sends(&mut peer, 2, AT, 100).await, 0);
    }
    let told = stand.module.pictured.lock().unwrap().clone();
    assert_eq!(told.len(), 2);
    assert!(told[0] == told[1] && told[0].1 == EventKind::BinForced { bin: 3 }, "{told:?}");
    // The record of the module was committed with it.
    assert_eq!(stand.trail("test.pictured").await.len(), 2);
    stand.stop().await;
});

on_both_engines!(a_picture_of_nothing_is_dropped_and_holds_nobody_up, migrations(), |fresh| {
    let stand = Stand::new(fresh).await;
    let (_, mut peer) = stand.connected("box").await;
    assert_eq!(peer.tell(EventKind::PowerLost).await, 0);
    // No such event, another time, an event that has no picture: sending it again would not help, so it is taken.
    assert_eq!(sends(&mut peer, 9, Timestamp::EPOCH, 100).await, 0);
    assert_eq!(sends(&mut peer, 1, AT, 100).await, 0);
    assert!(stand.module.pictured.lock().unwrap().is_empty());
    assert_eq!(peer.tell(EventKind::TamperOn).await, 0);
    stand.stop().await;
});

on_both_engines!(a_box_that_numbered_its_journal_anew_is_understood_by_the_time, migrations(), |fresh| {
    let stand = Stand::new(fresh).await;
    let (_, mut peer) = stand.connected("box").await;
    assert_eq!(peer.tell(EventKind::TamperOn).await, 0);
    assert_eq!(sends(&mut peer, 40, AT, 100).await, 0);
    assert_eq!(stand.module.pictured.lock().unwrap().len(), 1);
    stand.stop().await;
});

on_both_engines!(too_large_or_unreadable_is_refused_and_no_event_is_lost, migrations(), |fresh| {
    let stand = Stand::new(fresh).await;
    let (_, mut peer) = stand.connected("box").await;
    assert_eq!(peer.tell(EventKind::TamperOn).await, 0);
    assert_eq!(sends(&mut peer, 1, AT, MAX_SEALED + 1).await, 0x99);
    for payload in
        [Vec::new(), vec![1, 0xff], encode(&Picture { seq: 2, at: AT, key: 1, sealed: vec![7; 9] })]
    {
        let id = peer.publish_up(Topic::Picture(1), payload).await;
        assert_eq!(peer.acked(id).await, 0x99);
    }
    assert!(stand.module.pictured.lock().unwrap().is_empty());
    assert_eq!(peer.tell(EventKind::TamperOff).await, 0, "the connection goes on");
    assert_eq!(sends(&mut peer, 1, AT, MAX_SEALED).await, 0, "the largest fits");
    stand.stop().await;
});

on_both_engines!(a_flood_of_pictures_meets_its_limit_and_events_do_not, migrations(), |fresh| {
    let stand = Stand::new(fresh).await;
    let (_, mut peer) = stand.connected("box").await;
    let (_, mut other) = stand.connected("another box").await;
    assert_eq!(peer.tell(EventKind::TamperOn).await, 0);
    assert_eq!(other.tell(EventKind::TamperOn).await, 0);
    let mut taken = 0;
    while sends(&mut peer, 1, AT, 100).await == 0 {
        taken += 1;
        assert!(taken < 200, "there is a limit");
    }
    assert!(taken >= 30, "{taken}");
    assert_eq!(peer.tell(EventKind::TamperOff).await, 0);
    assert_eq!(sends(&mut other, 1, AT, 100).await, 0, "the limit is each device's own");
    stand.stop().await;
});
