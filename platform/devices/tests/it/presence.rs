//! Who is there: online, offline after a hiccup's time, flaky, back; one connection a device.

use std::time::Duration;

use sekisho_devices::DeviceState;
use sekisho_teststore::on_both_engines;
use sekisho_wire::EventKind;

use crate::peer::Peer;
use crate::stand::{Stand, migrations};

on_both_engines!(silence_is_told_once_and_so_is_the_return, migrations(), |fresh| {
    let stand = Stand::new(fresh).await;
    let (enrollee, peer) = stand.connected("box").await;
    let state = || async { stand.device(enrollee.id).await.state() };
    stand.until("online", || async { state().await == DeviceState::Online }).await;
    drop(peer);
    stand.until("offline", || async { state().await == DeviceState::Offline }).await;
    let sweep = || stand.devices.sweep(stand.world_ref(), &stand.options);
    stand.world.advance(Duration::from_secs(29));
    sweep().await.unwrap();
    assert!(stand.facts("devices.went_offline").await.is_empty(), "a hiccup");
    stand.world.advance(Duration::from_secs(2));
    sweep().await.unwrap();
    sweep().await.unwrap();
    assert_eq!(stand.facts("devices.went_offline").await.len(), 1);
    let _back = Peer::connect(&stand, &enrollee).await.unwrap();
    stand.until("back", || async { stand.facts("devices.came_back").await.len() == 1 }).await;
    assert_eq!(state().await, DeviceState::Online);
    stand.stop().await;
});

on_both_engines!(a_server_that_died_leaves_nobody_online_for_long, migrations(), |fresh| {
    let stand = Stand::new(fresh).await;
    let (enrollee, mut peer) = stand.connected("box").await;
    peer.tell(EventKind::TamperOn).await;
    stand.world.advance(stand.options.keep_alive * 3 + Duration::from_secs(1));
    stand.devices.sweep(stand.world_ref(), &stand.options).await.unwrap();
    assert_eq!(stand.device(enrollee.id).await.state(), DeviceState::Offline);
    assert_eq!(stand.facts("devices.went_offline").await.len(), 1);
    stand.stop().await;
});

on_both_engines!(a_connection_that_keeps_breaking_is_flaky, migrations(), |fresh| {
    let stand = Stand::new(fresh).await;
    let enrollee = stand.enrol(stand.tenant, "box").await;
    let online = || async { stand.device(enrollee.id).await.online };
    for _ in 0..4 {
        let peer = Peer::connect(&stand, &enrollee).await.unwrap();
        stand.until("online", online).await;
        drop(peer);
        stand.until("offline", || async { !online().await }).await;
    }
    assert_eq!(stand.facts("devices.flaky").await.len(), 1);
    let _peer = Peer::connect(&stand, &enrollee).await.unwrap();
    stand.until("flaky", || async { stand.device(enrollee.id).await.state() == DeviceState::Flaky }).await;
    stand.stop().await;
});

on_both_engines!(a_second_connection_takes_the_place_of_the_first, migrations(), |fresh| {
    let stand = Stand::new(fresh).await;
    let (enrollee, mut first) = stand.connected("box").await;
    let mut second = Peer::connect(&stand, &enrollee).await.unwrap();
    assert_eq!(first.farewell().await, Some(0x8e));
    assert_eq!(second.tell(EventKind::TamperOn).await, 0);
    // The end of the first is not the end of the second.
    assert!(stand.device(enrollee.id).await.online);
    assert!(stand.devices.is_connected_here(stand.tenant, enrollee.id));
    stand.stop().await;
});

on_both_engines!(a_shutdown_says_so_and_keeps_what_was_said, migrations(), |fresh| {
    let stand = Stand::new(fresh).await;
    let (_, mut peer) = stand.connected("box").await;
    assert_eq!(peer.tell(EventKind::TamperOn).await, 0);
    let goodbye = if stand.store.engine() == sekisho_storage::Engine::Sqlite { 0x8b } else { 0x9c };
    stand.stop().await;
    assert_eq!(peer.farewell().await, Some(goodbye));
});
