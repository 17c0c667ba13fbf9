//! Enrolment: one code, once, in time; renewal; and the end of it.

use std::time::Duration;

use sekisho_crypto::certificates;
use sekisho_devices::{DeviceError, DeviceState};
use sekisho_kernel::AuditEntry;
use sekisho_teststore::{on_both_engines, tenant};
use sekisho_wire::{CertificateReply, CertificateRequest, Document, EventKind, Topic, decode, encode};

use crate::peer::Peer;
use crate::stand::{Enrollee, Stand, migrations, pem};

const DAY: Duration = Duration::from_secs(86_400);

on_both_engines!(a_code_is_good_once_in_time_and_for_its_tenant, migrations(), |fresh| {
    let stand = Stand::new(fresh).await;
    let key = certificates::make_key().unwrap();
    let refused = |claim: String, of: u128| {
        let (stand, key) = (&stand, &key);
        async move {
            let answer = stand.devices.enrol(&stand.cx(tenant(of)), Stand::ask_for(&claim, key)).await;
            matches!(answer, Err(DeviceError::WrongClaim))
        }
    };
    let (id, claim) = stand.add(stand.tenant, "box").await;
    assert!(refused(claim.clone(), 2).await, "another tenant's");
    assert!(refused("AAAA-AAAA".into(), 1).await);
    assert!(refused("?".into(), 1).await);
    assert_eq!(stand.device(id).await.state(), DeviceState::Waiting);
    stand.devices.enrol(&stand.cx(stand.tenant), Stand::ask_for(&claim.to_lowercase(), &key)).await.unwrap();
    assert!(refused(claim, 1).await, "used");
    assert_eq!(stand.device(id).await.state(), DeviceState::Offline);

    let (late, claim) = stand.add(stand.tenant, "late").await;
    stand.world.advance(Duration::from_secs(30 * 60));
    assert!(refused(claim.clone(), 1).await, "too late");
    let mut tx = stand.begin().await;
    let fresh_claim = stand.devices.claim_again(&mut tx, late).await.unwrap();
    tx.commit(AuditEntry::done("test.claim")).await.unwrap();
    assert!(refused(claim, 1).await);
    assert!(!refused(fresh_claim.to_string(), 1).await);
    stand.stop().await;
});

on_both_engines!(a_request_must_prove_its_key, migrations(), |fresh| {
    let stand = Stand::new(fresh).await;
    let (_, claim) = stand.add(stand.tenant, "box").await;
    let key = certificates::make_key().unwrap();
    let good = certificates::make_request(&key, "box").unwrap();
    let mut forged = good.clone();
    *forged.last_mut().unwrap() ^= 1;
    for csr in [
        "".to_owned(),
        "nonsense".to_owned(),
        pem("CERTIFICATE REQUEST", b"x"),
        pem("CERTIFICATE REQUEST", &forged),
    ] {
        let ask = sekisho_wire::Enrol { claim: claim.clone(), csr, agent: String::new() };
        let answer = stand.devices.enrol(&stand.cx(stand.tenant), ask).await;
        assert!(matches!(answer, Err(DeviceError::WrongRequest)), "{answer:?}");
    }
    // The code is still good: a broken request did not use it up.
    stand.devices.enrol(&stand.cx(stand.tenant), Stand::ask_for(&claim, &key)).await.unwrap();
    stand.stop().await;
});

on_both_engines!(a_certificate_is_renewed_over_the_live_session, migrations(), |fresh| {
    let stand = Stand::new(fresh).await;
    let (old, mut peer) = stand.connected("box").await;
    stand.world.advance(DAY * 80);
    let key = certificates::make_key().unwrap();
    let csr = certificates::make_request(&key, "box").unwrap();
    peer.publish_up(Topic::Report(Document::CertificateRequest), encode(&CertificateRequest { csr })).await;
    let (topic, payload) = peer.message().await;
    assert_eq!(topic, Topic::Config(Document::Certificate));
    let reply: CertificateReply = decode(&payload).unwrap();
    let mut new: Enrollee = old.clone();
    new.key = key.to_string();
    new.answer.certificate = pem("CERTIFICATE", &reply.certificate);
    Peer::connect(&stand, &new).await.unwrap();
    Peer::connect(&stand, &old).await.unwrap();
    stand.world.advance(DAY + Duration::from_secs(1));
    assert!(Peer::connect(&stand, &old).await.is_err(), "the key before was good for a day");
    Peer::connect(&stand, &new).await.unwrap();
    stand.world.advance(DAY * 90);
    assert!(Peer::connect(&stand, &new).await.is_err(), "no certificate lives for ever");
    stand.stop().await;
});

on_both_engines!(a_device_set_up_again_begins_a_new_journal, migrations(), |fresh| {
    let stand = Stand::new(fresh).await;
    let (old, mut peer) = stand.connected("box").await;
    assert_eq!(peer.tell(EventKind::PowerLost).await, 0);
    let mut tx = stand.begin().await;
    let claim = stand.devices.claim_again(&mut tx, old.id).await.unwrap().to_string();
    tx.commit(AuditEntry::done("test.claim")).await.unwrap();
    let key = certificates::make_key().unwrap().to_string();
    let answer = stand.devices.enrol(&stand.cx(stand.tenant), Stand::ask_for(&claim, &key)).await.unwrap();
    let new = Enrollee { key, answer, ..old.clone() };
    assert!(Peer::connect(&stand, &old).await.is_err(), "the old key is worth nothing at once");
    let mut peer = Peer::connect(&stand, &new).await.unwrap();
    assert_eq!(peer.tell(EventKind::PowerRestored).await, 0);
    assert!(stand.facts("devices.chain_broken").await.is_empty());
    assert_eq!(stand.module.heard.lock().unwrap().len(), 2);
    stand.stop().await;
});

on_both_engines!(revoking_ends_the_live_session_within_a_second, migrations(), |fresh| {
    let stand = Stand::new(fresh).await;
    let (enrollee, mut peer) = stand.connected("box").await;
    let (_, mut other) = stand.connected("other").await;
    let mut tx = stand.begin().await;
    stand.devices.revoke(&mut tx, enrollee.id).await.unwrap();
    tx.commit(AuditEntry::done("test.revoke")).await.unwrap();
    let farewell =
        tokio::time::timeout(Duration::from_secs(1), peer.farewell()).await.expect("within a second");
    assert_eq!(farewell, Some(0x98));
    assert!(Peer::connect(&stand, &enrollee).await.is_err());
    assert_eq!(other.tell(EventKind::TamperOn).await, 0, "the others go on");
    let mut tx = stand.begin().await;
    assert!(matches!(stand.devices.claim_again(&mut tx, enrollee.id).await, Err(DeviceError::Revoked)));
    drop(tx);
    stand.stop().await;
});

on_both_engines!(revoking_on_another_server_is_seen_too, migrations(), |fresh| {
    let other = sekisho_storage::Store::open(&fresh.options, &migrations()).await.unwrap();
    let stand = Stand::new(fresh).await;
    let (enrollee, mut peer) = stand.connected("box").await;
    let far = stand.devices_on(other.clone());
    let mut tx = other.begin(&stand.cx(stand.tenant)).await.unwrap();
    far.revoke(&mut tx, enrollee.id).await.unwrap();
    tx.commit(AuditEntry::done("test.revoke")).await.unwrap();
    let farewell =
        tokio::time::timeout(Duration::from_secs(1), peer.farewell()).await.expect("within a second");
    assert_eq!(farewell, Some(0x98));
    stand.stop().await;
});
