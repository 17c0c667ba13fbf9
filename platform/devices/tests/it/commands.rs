//! Commands: signed, sent after their commit, once, never late; settled by the device's word or by time.

use std::sync::Arc;
use std::time::Duration;

use sekisho_crypto::verify_signature;
use sekisho_devices::tables::devices_commands;
use sekisho_devices::{CommandState, DeviceError, NewCommand, UNLOCK_LIFE};
use sekisho_kernel::{AuditEntry, DeviceId};
use sekisho_storage::{Change, Migration, Scoped as _, Store};
use sekisho_teststore::{on_both_engines, tenant};
use sekisho_wire::{
    Ack, BoxConfig, Command, CommandId, CommandKind, CommandResult, Document, ReleaseReason, SignedCommand,
    Timeouts, Topic, Words, decode, encode,
};

use crate::peer::Peer;
use crate::stand::{Enrollee, Stand, migrations};

fn release(bin: u16) -> NewCommand {
    NewCommand::at_once(CommandKind::ReleaseBin { bin, key: None, why: ReleaseReason::Take })
}

async fn command(stand: &Stand, device: DeviceId, command: NewCommand) -> CommandId {
    let mut tx = stand.begin().await;
    let id = stand.devices.command(&mut tx, device, command).await.unwrap();
    tx.commit(AuditEntry::done("test.command")).await.unwrap();
    id
}

async fn state(stand: &Stand, id: CommandId) -> CommandState {
    use sea_orm::ColumnTrait;
    let scope = stand.store.read(stand.tenant).await.unwrap();
    let this = devices_commands::Column::Id.eq(id.uuid());
    let row = scope.find::<devices_commands::Entity>().filter(this).one().await.unwrap().unwrap();
    row.state
}

fn opened(enrollee: &Enrollee, payload: &[u8]) -> Command {
    let signed: SignedCommand = decode(payload).unwrap();
    let key = data_encoding::BASE64URL_NOPAD.decode(enrollee.answer.command_key.as_bytes()).unwrap();
    let bytes = SignedCommand::signed_bytes(&signed.command);
    assert!(verify_signature(&key.try_into().unwrap(), &bytes, &signed.signature));
    decode(&signed.command).unwrap()
}

async fn ack(peer: &mut Peer, command: CommandId, result: CommandResult) -> u8 {
    let at = sekisho_kernel::Timestamp::EPOCH;
    let id = peer.publish_up(Topic::Ack(command), encode(&Ack { command, result, at })).await;
    peer.acked(id).await
}

on_both_engines!(is_signed_sent_once_and_settled_once, migrations(), |fresh| {
    let stand = Stand::new(fresh).await;
    let (enrollee, mut peer) = stand.connected("box").await;
    let id = command(&stand, enrollee.id, release(4)).await;
    let (topic, payload) = peer.message().await;
    assert_eq!(topic, Topic::Command(id));
    let told = opened(&enrollee, &payload);
    assert_eq!((told.id, told.device), (id, enrollee.id));
    assert_eq!(told.not_after.since(told.not_before), UNLOCK_LIFE);
    stand.until("it is marked as sent", || async { state(&stand, id).await == CommandState::Sent }).await;
    assert!(peer.message_within(Duration::from_millis(700)).await.is_none(), "sent twice");

    assert_eq!(ack(&mut peer, id, CommandResult::Accepted).await, 0);
    assert_eq!(state(&stand, id).await, CommandState::Accepted);
    for _ in 0..2 {
        assert_eq!(ack(&mut peer, id, CommandResult::Succeeded).await, 0);
    }
    assert_eq!(ack(&mut peer, id, CommandResult::Failed { code: "jammed".into() }).await, 0);
    assert_eq!(state(&stand, id).await, CommandState::Succeeded);
    let settled = stand.module.settled.lock().unwrap().clone();
    assert_eq!(
        settled.iter().map(|command| (command.id, command.state)).collect::<Vec<_>>(),
        [(id, CommandState::Succeeded)]
    );
    assert!(matches!(settled[0].kind, CommandKind::ReleaseBin { bin: 4, .. }));
    assert_eq!(stand.facts("devices.command_settled").await.len(), 1);
    assert_eq!(stand.trail("device.command").await.len(), 1);
    stand.stop().await;
});

on_both_engines!(a_command_rolled_back_is_never_sent, migrations(), |fresh| {
    let stand = Stand::new(fresh).await;
    let (enrollee, mut peer) = stand.connected("box").await;
    let mut tx = stand.begin().await;
    stand.devices.command(&mut tx, enrollee.id, release(1)).await.unwrap();
    drop(tx);
    let id = command(&stand, enrollee.id, release(2)).await;
    assert_eq!(peer.message().await.0, Topic::Command(id));
    stand.stop().await;
});

on_both_engines!(waits_for_a_device_but_not_too_long, migrations(), |fresh| {
    let stand = Stand::new(fresh).await;
    let enrollee = stand.enrol(stand.tenant, "box").await;
    let late = command(&stand, enrollee.id, release(1)).await;
    stand.world.advance(Duration::from_secs(11));
    let in_time = command(&stand, enrollee.id, release(2)).await;
    let mut peer = Peer::connect(&stand, &enrollee).await.unwrap();
    peer.subscribe_all().await;
    assert_eq!(peer.message().await.0, Topic::Command(in_time));
    assert!(peer.message_within(Duration::from_millis(100)).await.is_none());

    stand.world.advance(Duration::from_secs(2));
    stand.devices.sweep(&stand.any_world(), &stand.options).await.unwrap();
    assert_eq!(state(&stand, late).await, CommandState::Expired);
    stand.world.advance(Duration::from_secs(13));
    stand.devices.sweep(&stand.any_world(), &stand.options).await.unwrap();
    stand.devices.sweep(&stand.any_world(), &stand.options).await.unwrap();
    assert_eq!(state(&stand, in_time).await, CommandState::Expired);
    let ends =
        || stand.module.settled.lock().unwrap().iter().map(|end| (end.id, end.state)).collect::<Vec<_>>();
    assert_eq!(ends(), [(late, CommandState::Expired), (in_time, CommandState::Expired)]);
    // The bin did open after all: the device's word stands.
    assert_eq!(ack(&mut peer, in_time, CommandResult::Succeeded).await, 0);
    assert_eq!(ends().last(), Some(&(in_time, CommandState::Succeeded)));
    stand.stop().await;
});

on_both_engines!(the_time_comes_before_the_first_command, migrations(), |fresh| {
    let stand = Stand::new(fresh).await;
    let other = stand.enrol(stand.tenant, "other").await;
    for _ in 0..20 {
        let enrollee = stand.enrol(stand.tenant, "box").await;
        let waiting = command(&stand, enrollee.id, release(1)).await;
        let mut peer = Peer::connect(&stand, &enrollee).await.unwrap();
        // Each of these makes the server look for commands of the tenant while the box begins to listen.
        let busy = async {
            for bin in 1..=5 {
                command(&stand, other.id, release(bin)).await;
            }
        };
        let ((), ()) = tokio::join!(busy, peer.subscribe_all());
        assert_eq!(peer.message().await.0, Topic::Command(waiting));
    }
    stand.stop().await;
});

on_both_engines!(a_lost_connection_gets_its_commands_again, migrations(), |fresh| {
    let stand = Stand::new(fresh).await;
    let (enrollee, peer) = stand.connected("box").await;
    let id = command(&stand, enrollee.id, release(1)).await;
    stand.until("it is sent", || async { state(&stand, id).await == CommandState::Sent }).await;
    drop(peer);
    let mut again = Peer::connect(&stand, &enrollee).await.unwrap();
    again.subscribe_all().await;
    assert_eq!(again.message().await.0, Topic::Command(id));
    stand.stop().await;
});

on_both_engines!(nobody_settles_anothers_command, migrations(), |fresh| {
    let stand = Stand::new(fresh).await;
    let (enrollee, _peer) = stand.connected("box").await;
    let (_, mut other) = stand.connected("other").await;
    let id = command(&stand, enrollee.id, release(1)).await;
    assert_eq!(
        ack(&mut other, id, CommandResult::Succeeded).await,
        0,
        "acknowledged, so that it stops asking"
    );
    assert_eq!(ack(&mut other, CommandId(uuid::Uuid::nil()), CommandResult::Succeeded).await, 0);
    assert!(!state(&stand, id).await.is_final());
    assert!(stand.module.settled.lock().unwrap().is_empty());

    let foreign = stand.enrol(tenant(2), "elsewhere").await;
    let mut tx = stand.begin().await;
    let refused = stand.devices.command(&mut tx, foreign.id, release(1)).await;
    assert!(matches!(refused, Err(DeviceError::Missing)), "another tenant's device");
    drop(tx);
    stand.stop().await;
});

on_both_engines!(documents_are_sent_when_they_change_and_on_connecting, migrations(), |fresh| {
    let stand = Stand::new(fresh).await;
    let (enrollee, mut peer) = stand.connected("box").await;
    let words = |text: &str| Words { ja: text.into(), en: text.into() };
    for version in 1..=2 {
        let config = BoxConfig {
            version: 0,
            name: words("Box A"),
            zone: "Asia/Tokyo".into(),
            language: "ja".into(),
            bins: Vec::new(),
            timeouts: Timeouts::default(),
            greeting: None,
            camera: None,
        };
        let mut tx = stand.begin().await;
        assert_eq!(stand.devices.configure(&mut tx, enrollee.id, config).await.unwrap(), version);
        tx.commit(AuditEntry::done("test.configure")).await.unwrap();
        let (topic, payload) = peer.message().await;
        assert_eq!(topic, Topic::Config(Document::Box));
        assert_eq!(decode::<BoxConfig>(&payload).unwrap().version, version);
    }
    let mut again = Peer::connect(&stand, &enrollee).await.unwrap();
    again.subscribe_all().await;
    let (_, payload) = again.message().await;
    assert_eq!(decode::<BoxConfig>(&payload).unwrap().version, 2);
    stand.stop().await;
});

on_both_engines!(another_servers_commands_arrive_too, migrations(), |fresh| {
    let other = sekisho_storage::Store::open(&fresh.options, &migrations()).await.unwrap();
    let stand = Stand::new(fresh).await;
    let (enrollee, mut peer) = stand.connected("box").await;
    // The same devices over another store handle: another process as far as notifications go.
    let far = stand.devices_on(other.clone());
    let cx = stand.cx(stand.tenant);
    far.ready(&cx).await.unwrap();
    let mut tx = other.begin(&cx).await.unwrap();
    let id = far.command(&mut tx, enrollee.id, release(1)).await.unwrap();
    tx.commit(AuditEntry::done("test.command")).await.unwrap();
    assert_eq!(peer.message().await.0, Topic::Command(id));
    let _ = Arc::strong_count(&stand.module);
    stand.stop().await;
});

/// The commands out of reach, and back.
const AWAY: [Migration; 2] = [
    Migration {
        name: "20990101_away",
        changes: || vec![same("ALTER TABLE devices_commands RENAME TO devices_commands_away")],
    },
    Migration {
        name: "20990102_back",
        changes: || vec![same("ALTER TABLE devices_commands_away RENAME TO devices_commands")],
    },
];

fn same(sql: &'static str) -> Change {
    Change::Sql { sqlite: sql, postgres: sql }
}

on_both_engines!(what_could_not_be_sent_when_a_device_began_to_listen_is_sent_later, migrations(), |fresh| {
    let options = fresh.options.clone();
    let and = |more: usize| migrations().into_iter().chain(AWAY.into_iter().take(more)).collect::<Vec<_>>();
    let stand = Stand::new(fresh).await;
    let enrollee = stand.enrol(stand.tenant, "box").await;
    let mut peer = Peer::connect(&stand, &enrollee).await.unwrap();
    let id = command(&stand, enrollee.id, release(4)).await;
    Store::open(&options, &and(1)).await.unwrap();
    peer.subscribe_all().await;
    let early = async |peer: &mut Peer| {
        while let Some((topic, _)) = peer.message_within(Duration::from_millis(700)).await {
            assert!(matches!(topic, Topic::Config(_)), "{topic:?}");
        }
    };
    tokio::time::timeout(Duration::from_secs(2), early(&mut peer)).await.ok();
    Store::open(&options, &and(2)).await.unwrap();
    loop {
        let (topic, _) = peer.message().await;
        if topic == Topic::Command(id) {
            break;
        }
    }
    stand.stop().await;
});
