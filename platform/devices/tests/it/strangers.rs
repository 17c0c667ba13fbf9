//! What strangers, neighbours and broken devices can do: nothing to others.

use std::io;
use std::time::{Duration, Instant};

use mqtt_protocol_core::mqtt::packet::{Packet, v5_0};
use sekisho_crypto::certificates::{self, Authority, DeviceName, client_config};
use sekisho_devices::GatewayOptions;
use sekisho_teststore::{on_both_engines, tenant};
use sekisho_wire::{EventKind, Filter, MAX_PACKET, Topic};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::peer::Peer;
use crate::stand::{Stand, migrations, pem};

on_both_engines!(silent_and_slow_peers_hold_nobody_up, migrations(), |fresh| {
    let options = GatewayOptions { handshakes_per_address: 5000, ..GatewayOptions::default() };
    let stand = Stand::with(fresh, options).await;
    let mut silent = Vec::new();
    for n in 0..200 {
        let mut stream = TcpStream::connect(stand.address).await.unwrap();
        if n % 2 == 0 {
            // The beginning of a TLS record that never goes on.
            stream.write_all(&[0x16, 3, 1, 2, 0, 1]).await.unwrap();
        }
        silent.push(stream);
    }
    let enrollee = stand.enrol(stand.tenant, "box").await;
    let began = Instant::now();
    let mut peer = Peer::connect(&stand, &enrollee).await.unwrap();
    assert_eq!(peer.tell(EventKind::TamperOn).await, 0);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    drop(silent);
    stand.stop().await;
});

on_both_engines!(too_many_unproven_are_closed_at_once, migrations(), |fresh| {
    let options = GatewayOptions { most_unproven: 4, ..GatewayOptions::default() };
    let stand = Stand::with(fresh, options).await;
    let enrollee = stand.enrol(stand.tenant, "box").await;
    let mut first = Peer::connect(&stand, &enrollee).await.unwrap();
    let mut strangers = Vec::new();
    for _ in 0..4 {
        strangers.push(TcpStream::connect(stand.address).await.unwrap());
    }
    let mut fifth = TcpStream::connect(stand.address).await.unwrap();
    let mut byte = [0; 1];
    let closed = tokio::time::timeout(Duration::from_secs(5), fifth.read(&mut byte)).await.expect("closed");
    assert!(matches!(closed, Ok(0) | Err(_)));
    assert_eq!(first.tell(EventKind::TamperOn).await, 0, "who is in stays in");
    drop(strangers);
    stand.stop().await;
});

on_both_engines!(only_its_own_tenants_authority_speaks_for_a_device, migrations(), |fresh| {
    let stand = Stand::new(fresh).await;
    let good = stand.enrol(stand.tenant, "box").await;
    let elsewhere = stand.enrol(tenant(2), "box of another tenant").await;
    let world = stand.any_world();
    let refused = |certificate: String, key: String| {
        let (stand, world) = (&stand, &world);
        let id = good.id;
        async move {
            let tls = client_config(&stand.trust, Some((&certificate, &key)), world).unwrap();
            Peer::connect_as(stand, tls, id).await.is_err()
        }
    };
    // No certificate at all.
    let nothing = client_config(&stand.trust, None, &world).unwrap();
    assert!(Peer::connect_as(&stand, nothing, good.id).await.is_err());
    // An authority of one's own that signs the right name.
    let own = Authority::generate("own", world.now(), 1, &*world).unwrap();
    let key = certificates::make_key().unwrap();
    let csr = certificates::make_request(&key, "x").unwrap();
    let name = DeviceName { tenant: good.tenant, device: good.id }.to_string();
    let now = world.now();
    let forged = own.sign_request(&csr, &name, now, now.plus(Duration::from_secs(3600)), &*world).unwrap();
    assert!(refused(pem("CERTIFICATE", &forged), key.to_string()).await);
    // A good certificate under another device's name.
    assert!(refused(elsewhere.answer.certificate.clone(), elsewhere.key.clone()).await);
    // A certificate without its key cannot even be tried; with another key TLS refuses it.
    Peer::connect(&stand, &good).await.unwrap();
    Peer::connect(&stand, &elsewhere).await.unwrap();
    stand.stop().await;
});

on_both_engines!(topics_of_others_are_refused_and_reach_nobody, migrations(), |fresh| {
    let stand = Stand::new(fresh).await;
    let (_, mut peer) = stand.connected("box").await;
    let (victim, mut listening) = stand.connected("victim").await;
    let payload = peer.event(EventKind::TamperOn);
    for topic in [
        Topic::Event(1).format(victim.id),
        format!("sk/1/{}/cmd/{}", victim.id, uuid::Uuid::nil()),
        format!("sk/1/{}/cmd/{}", peer.id, uuid::Uuid::nil()),
        "sk/1".to_owned(),
    ] {
        let id = peer.publish(&topic, payload.clone()).await;
        assert_eq!(peer.acked(id).await, 0x87, "{topic}");
    }
    let filters =
        [Filter::All.format(victim.id), "#".to_owned(), "sk/1/+/cmd/+".to_owned(), "$share/x/#".to_owned()];
    assert_eq!(peer.subscribe(&filters).await, [0x87; 4]);
    assert!(listening.message_within(Duration::from_millis(100)).await.is_none());
    assert!(stand.module.heard.lock().unwrap().is_empty());
    let id = peer.publish_up(Topic::Event(1), payload).await;
    assert_eq!(peer.acked(id).await, 0);
    for _ in 0..8 {
        // Cut off while still writing, the peer may never read why.
        if peer.try_publish("nowhere", Vec::new()).await.is_err() {
            break;
        }
    }
    assert!(peer.farewell().await.is_none_or(|code| code == 0x87), "who goes on is shown the door");
    stand.stop().await;
});

on_both_engines!(broken_and_oversized_packets_end_only_their_own_connection, migrations(), |fresh| {
    let stand = Stand::new(fresh).await;
    let (_, mut good) = stand.connected("good").await;
    let enrollee = stand.enrol(stand.tenant, "bad").await;

    let mut peer = Peer::connect(&stand, &enrollee).await.unwrap();
    let announced = [0x32, 0x80, 0x80, 0x80, 0x02];
    peer.send_raw(&announced).await.unwrap();
    assert_eq!(peer.farewell().await, Some(0x95), "too large is said before it is read");

    let mut peer = Peer::connect(&stand, &enrollee).await.unwrap();
    peer.send_raw(&[0x00, 0x00]).await.unwrap();
    assert!(peer.farewell().await.is_none_or(|code| code >= 0x80));

    let mut peer = Peer::connect(&stand, &enrollee).await.unwrap();
    let nearly = vec![0_u8; MAX_PACKET - 200];
    let id = peer.publish_up(Topic::Event(1), nearly).await;
    assert_eq!(peer.acked(id).await, 0x99, "large but allowed, and not readable");

    let again = v5_0::Connect::builder().client_id(enrollee.id.to_string()).unwrap().clean_start(true);
    let bytes = {
        use mqtt_protocol_core::mqtt::packet::GenericPacketTrait as _;
        Packet::from(again.build().unwrap()).to_continuous_buffer()
    };
    peer.send_raw(&bytes).await.unwrap();
    assert!(peer.farewell().await.is_none_or(|code| code == 0x82), "a second CONNECT");

    let tls = Peer::tls(&stand, &enrollee);
    let mut mute: tokio_rustls::client::TlsStream<TcpStream> = Peer::handshake(&stand, tls).await.unwrap();
    let mut byte = [0; 1];
    let end = tokio::time::timeout(Duration::from_secs(8), mute.read(&mut byte))
        .await
        .expect("cut off in five seconds");
    assert!(
        matches!(end, Ok(0)) || end.is_err_and(|error: io::Error| error.kind() != io::ErrorKind::TimedOut)
    );
    assert_eq!(good.tell(EventKind::TamperOn).await, 0);
    stand.stop().await;
});
