//! A device that is shut out while it is connected: by the command, and with the whole organisation. By the API it is in
//! `modules/keys/tests/it/steel.rs`.
//!
//! The budget is a second from the commit to the end of the session. The times are printed; what the tests demand is that
//! the server ends the session itself, and that the device does not come back.

use std::time::Instant;

use sekisho_agent::enrol::{Trust, enrol};
use sekisho_agent::home::Home;
use sekisho_crypto::system_world;

use crate::listener::Listener;
use crate::on_both;
use crate::stage::{Serving, Stage};

/// A server, and a device that is connected to it.
async fn connected(stage: &Stage) -> (Serving, Listener) {
    stage.setup().await.done();
    let serving = stage.serve(&[]).await;
    let added = stage.run(&["device", "add", "Box"]).await.done();
    let home = Home::at(stage.dir.path().join("box"));
    let trust = Trust::Authorities(std::fs::read_to_string(stage.authority()).unwrap());
    let claim = added["claim"].as_str().unwrap();
    enrol(&home, &stage.url(), claim, &trust, &system_world()).await.unwrap();
    let listener = Listener::start(&home).await;
    (serving, listener)
}

/// The server says that it is over, and whoever comes again is not let in.
async fn is_shut_out(stage: &Stage, device: &mut Listener, how: &str) {
    let why = device.is_cut_off().await;
    let ended = system_world().now();
    assert!(why.contains("AdministrativeAction"), "{how}: {why}");
    let revoked = "SELECT CAST(at AS TEXT) FROM audit_entries WHERE action = 'device.revoke'";
    let revoked: i64 = stage.rows().texts(revoked).await[0].parse().unwrap();
    println!("{how}: the session ended {} ms after the act", (ended.as_micros() - revoked) / 1000);
    let why = device.is_turned_away().await;
    assert!(!why.contains("the server said"), "{how}: it got as far as a session: {why}");
}

on_both!(the_command_ends_a_live_session_of_a_running_server, |stage| {
    let (serving, mut device) = connected(&stage).await;
    stage.run(&["device", "revoke", "Box", "--yes", "Box"]).await.done();
    let done = Instant::now();
    is_shut_out(&stage, &mut device, "sekisho device revoke").await;
    println!("{:?} after the command had ended", done.elapsed());
    serving.stop().await;
});

on_both!(an_organisation_that_is_erased_loses_its_devices_at_once, |stage| {
    let (serving, mut device) = connected(&stage).await;
    stage.run(&["tenant", "erase", "青葉商事", "--yes", "青葉商事"]).await.done();
    is_shut_out(&stage, &mut device, "sekisho tenant erase").await;
    let keys = stage.rows().bytes().await.into_iter();
    let keys = keys.filter(|(table, column, _)| table == "tenant_keys" && column == "wrapped");
    assert!(
        keys.clone().count() > 0 && keys.clone().all(|(.., key)| key.is_empty()),
        "the keys are destroyed"
    );
    serving.stop().await;
});
