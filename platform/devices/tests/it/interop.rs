//! Another MQTT implementation speaks with us: `mosquitto_pub` and `mosquitto_sub` with a device's certificate.

use std::process::Stdio;
use std::time::Duration;

use sekisho_devices::NewCommand;
use sekisho_kernel::AuditEntry;
use sekisho_teststore::{FreshStore, fresh};
use sekisho_wire::{CommandKind, Event, EventKind, Filter, GENESIS, SignedCommand, Topic, decode, encode};
use tokio::process::Command;

use crate::stand::{Enrollee, Stand, migrations};

async fn store() -> FreshStore {
    fresh(sekisho_storage::Engine::Sqlite, &migrations()).await
}

/// A stand in the real time, for mosquitto checks certificates by the machine's clock.
async fn stand() -> Stand {
    Stand::in_real_time(store().await).await
}

fn mosquitto(program: &str, stand: &Stand, enrollee: &Enrollee, dir: &std::path::Path) -> Command {
    let file = |name: &str, text: &str| {
        let path = dir.join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let mut command = Command::new(program);
    command
        .args([
            "-V",
            "5",
            "-h",
            "127.0.0.1",
            "-p",
            &stand.address.port().to_string(),
            "-i",
            &enrollee.id.to_string(),
        ])
        .arg("--cafile")
        .arg(file("ca.pem", &stand.trust))
        .arg("--cert")
        .arg(file("cert.pem", &enrollee.answer.certificate))
        .arg("--key")
        .arg(file("key.pem", &enrollee.key))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

async fn run(mut command: Command) -> std::process::Output {
    let output = tokio::time::timeout(Duration::from_secs(20), command.output()).await.expect("it ends");
    output.expect("mosquitto-clients is installed (testing/install.sh)")
}

#[tokio::test(flavor = "multi_thread")]
async fn mosquitto_pub_tells_an_event() {
    let (stand, dir) = (stand().await, tempfile::tempdir().unwrap());
    let enrollee = stand.enrol(stand.tenant, "box").await;
    let event = Event { seq: 1, at: stand.any_world().now(), prev: GENESIS, kind: EventKind::TamperOn };
    let path = dir.path().join("event");
    std::fs::write(&path, encode(&event)).unwrap();
    let mut publish = mosquitto("mosquitto_pub", &stand, &enrollee, dir.path());
    publish.args(["-q", "1", "-d", "-t", &Topic::Event(1).format(enrollee.id), "-f"]).arg(&path);
    let output = run(publish).await;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("received PUBACK (Mid: 1, RC:0)"), "{said}");
    assert_eq!(*stand.module.heard.lock().unwrap(), [(enrollee.id, 1)]);

    let mut foreign = mosquitto("mosquitto_pub", &stand, &enrollee, dir.path());
    foreign.args([
        "-q",
        "1",
        "-d",
        "-m",
        "x",
        "-t",
        &Topic::Event(1).format(sekisho_kernel::DeviceId(uuid::Uuid::nil())),
    ]);
    let said = String::from_utf8_lossy(&run(foreign).await.stdout).into_owned();
    assert!(said.contains("RC:135"), "{said}");
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mosquitto_sub_hears_a_command() {
    let (stand, dir) = (stand().await, tempfile::tempdir().unwrap());
    let enrollee = stand.enrol(stand.tenant, "box").await;
    let mut subscribe = mosquitto("mosquitto_sub", &stand, &enrollee, dir.path());
    subscribe.args(["-q", "1", "-C", "1", "-N", "-F", "%t %x", "-t", &Filter::Commands.format(enrollee.id)]);
    let heard = tokio::spawn(run(subscribe));
    stand.until("it listens", || async { stand.devices.is_connected_here(stand.tenant, enrollee.id) }).await;
    let mut tx = stand.begin().await;
    let command = NewCommand::at_once(CommandKind::UnlockMaster);
    let id = stand.devices.command(&mut tx, enrollee.id, command).await.unwrap();
    tx.commit(AuditEntry::done("test.command")).await.unwrap();
    let output = heard.await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let (topic, payload) =
        said.split_once(' ').unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    assert_eq!(topic, Topic::Command(id).format(enrollee.id));
    decode::<SignedCommand>(&data_encoding::HEXLOWER_PERMISSIVE.decode(payload.trim().as_bytes()).unwrap())
        .unwrap();
    stand.stop().await;
}
