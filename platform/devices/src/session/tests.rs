//! The conversation tried without a socket: a client of the same library on the other side, and random bytes.

use super::{CloseReason, Downlink, Effect, Input, Kept, RECEIVE_MAXIMUM, Session, Step};
use mqtt_protocol_core::mqtt;
use mqtt_protocol_core::mqtt::common::Cursor;
use mqtt_protocol_core::mqtt::connection::{Event, role};
use mqtt_protocol_core::mqtt::packet::{GenericPacketTrait, Packet, Qos, SubEntry, SubOpts, v5_0};
use proptest::prelude::*;
use sekisho_kernel::DeviceId;
use sekisho_wire::{Direction, Document, Filter, Topic};
use std::time::Duration;
use uuid::Uuid;

const KEEP_ALIVE: Duration = Duration::from_secs(60);

fn device() -> DeviceId {
    DeviceId(Uuid::from_u128(0x0193_a5c0_0000_7000_8000_0000_0000_0001))
}

/// The other side.
struct Client(mqtt::Connection<role::Client>);

impl Client {
    fn new() -> Self {
        Self(mqtt::Connection::new(mqtt::Version::V5_0))
    }

    fn send(&mut self, packet: impl Into<Packet>) -> Vec<u8> {
        let events = self.0.send(packet.into());
        let mut bytes = Vec::new();
        for event in events {
            if let Event::RequestSendPacket { packet, .. } = event {
                bytes.extend(packet.to_continuous_buffer());
            }
        }
        assert!(!bytes.is_empty());
        bytes
    }

    fn connect(&mut self, name: &str) -> Vec<u8> {
        self.send(
            v5_0::Connect::builder()
                .client_id(name)
                .unwrap()
                .clean_start(true)
                .keep_alive(60)
                .build()
                .unwrap(),
        )
    }

    fn publish(&mut self, topic: &str, qos: Qos, payload: &[u8]) -> (Option<u16>, Vec<u8>) {
        let id = (qos != Qos::AtMostOnce).then(|| self.0.acquire_packet_id().unwrap());
        let builder = v5_0::Publish::builder().topic_name(topic).unwrap().qos(qos).payload(payload.to_vec());
        let builder = match id {
            Some(id) => builder.packet_id(id),
            None => builder,
        };
        (id, self.send(builder.build().unwrap()))
    }

    fn subscribe(&mut self, filters: &[&str]) -> Vec<u8> {
        let entries = filters
            .iter()
            .map(|filter| SubEntry::new(*filter, SubOpts::new().set_qos(Qos::AtLeastOnce)).unwrap())
            .collect::<Vec<_>>();
        let id = self.0.acquire_packet_id().unwrap();
        self.send(v5_0::Subscribe::builder().packet_id(id).entries(entries).build().unwrap())
    }

    fn read(&mut self, step: &Step) -> Vec<Packet> {
        let mut cursor = Cursor::new(&step.output[..]);
        let mut packets = Vec::new();
        while (cursor.position() as usize) < step.output.len() {
            for event in self.0.recv(&mut cursor) {
                match event {
                    Event::NotifyPacketReceived(packet) => packets.push(packet),
                    Event::NotifyError(error) => panic!("the client refuses what the server says: {error:?}"),
                    _ => {}
                }
            }
        }
        packets
    }
}

fn live() -> (Client, Session) {
    let (mut client, mut session) = (Client::new(), Session::new(device(), KEEP_ALIVE, 0));
    let step = session.step(Input::Bytes(&client.connect(&device().to_string())), 0);
    assert_eq!(step.effects, vec![Effect::Live]);
    assert!(matches!(client.read(&step)[..], [Packet::V5_0Connack(_)]));
    (client, session)
}

#[test]
fn an_event_is_acknowledged_only_when_kept_and_in_order() {
    let (mut client, mut session) = live();
    let mut receipts = Vec::new();
    for seq in 1..=3 {
        let (id, bytes) = client.publish(&Topic::Event(seq).format(device()), Qos::AtLeastOnce, b"event");
        let step = session.step(Input::Bytes(&bytes), 1);
        assert!(step.output.is_empty());
        let want = Effect::Received { receipt: id, topic: Topic::Event(seq), payload: b"event".to_vec() };
        assert_eq!(step.effects, vec![want]);
        receipts.push(id.unwrap());
    }
    let second = session.step(Input::Settled { receipt: receipts[1], kept: Kept::Yes }, 2);
    assert!(second.output.is_empty(), "the first is not kept yet");
    let first = session.step(Input::Settled { receipt: receipts[0], kept: Kept::Yes }, 3);
    let acked: Vec<u16> = client
        .read(&first)
        .iter()
        .map(|packet| match packet {
            Packet::V5_0Puback(puback) => puback.packet_id(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(acked, receipts[..2]);
}

#[test]
fn reading_stops_while_too_much_is_unkept_and_goes_on_after() {
    let (mut client, mut session) = live();
    let mut receipts = Vec::new();
    for seq in 1..=u64::from(RECEIVE_MAXIMUM) {
        assert!(session.may_read(0));
        let (id, bytes) = client.publish(&Topic::Event(seq).format(device()), Qos::AtLeastOnce, b"");
        session.step(Input::Bytes(&bytes), 0);
        receipts.push(id.unwrap());
    }
    assert!(!session.may_read(0));
    session.step(Input::Settled { receipt: receipts[0], kept: Kept::Yes }, 0);
    assert!(session.may_read(0));
}

#[test]
fn too_many_messages_slow_down_and_lose_nothing() {
    let (mut client, mut session) = live();
    let (_, bytes) = client.publish(&Topic::Heartbeat.format(device()), Qos::AtMostOnce, b"");
    let mut received = 0;
    for _ in 0..500 {
        received += session.step(Input::Bytes(&bytes), 0).effects.len();
    }
    assert_eq!(received, 500);
    assert!(!session.may_read(0));
    assert!(session.deadline(0) <= 50);
    assert!(session.may_read(1000));
}

#[test]
fn topics_of_others_and_of_no_grammar_are_refused() {
    let other = DeviceId(Uuid::from_u128(2));
    for topic in [
        Topic::Event(1).format(other),
        Topic::Command(Uuid::from_u128(3).into()).format(device()),
        Topic::Config(Document::Box).format(device()),
        "sk/1/x/hb".to_owned(),
        "anything".to_owned(),
    ] {
        let (mut client, mut session) = live();
        let (_, bytes) = client.publish(&topic, Qos::AtLeastOnce, b"x");
        let step = session.step(Input::Bytes(&bytes), 0);
        assert!(step.effects.is_empty(), "{topic}");
        match &client.read(&step)[..] {
            [Packet::V5_0Puback(puback)] => {
                assert_eq!(puback.reason_code().map(|code| code as u8), Some(0x87))
            }
            other => panic!("{topic}: {other:?}"),
        }
        let (_, bytes) = client.publish(&topic, Qos::AtMostOnce, b"x");
        let step = session.step(Input::Bytes(&bytes), 0);
        assert_eq!(step.effects, vec![Effect::Closed(CloseReason::Topic)], "{topic}");
    }
}

#[test]
fn only_its_own_messages_can_be_subscribed() {
    let (mut client, mut session) = live();
    let bytes = client.subscribe(&[
        &Filter::Commands.format(device()),
        "#",
        &Filter::All.format(DeviceId(Uuid::from_u128(2))),
        "$SYS/#",
    ]);
    let step = session.step(Input::Bytes(&bytes), 0);
    assert_eq!(step.effects, vec![Effect::Subscribed(Filter::Commands)]);
    match &client.read(&step)[..] {
        [Packet::V5_0Suback(suback)] => {
            let codes: Vec<u8> = suback.reason_codes().iter().map(|code| *code as u8).collect();
            assert_eq!(codes, [1, 0x87, 0x87, 0x87]);
        }
        other => panic!("{other:?}"),
    }
    assert!(session.wants(Topic::Command(Uuid::from_u128(3).into())));
    assert!(!session.wants(Topic::Config(Document::Box)));
}

#[test]
fn what_is_too_late_is_never_sent() {
    let (mut client, mut session) = live();
    session.step(Input::Bytes(&client.subscribe(&[&Filter::All.format(device())])), 0);
    let command = |n| Topic::Command(Uuid::from_u128(n).into());
    let send = |session: &mut Session, n, now| {
        let life = Some(Duration::from_secs(10));
        session.step(Input::Send(Downlink { topic: command(n), payload: vec![1], life }), now)
    };
    let mut ids = Vec::new();
    for n in 0..20 {
        let step = send(&mut session, n, 0);
        for packet in client.read(&step) {
            match packet {
                Packet::V5_0Publish(publish) => ids.push(publish.packet_id().unwrap()),
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(ids.len(), 8, "no more than that at once");
    // The device comes back to life too late.
    let puback = client.send(v5_0::Puback::builder().packet_id(ids[0]).build().unwrap());
    let step = session.step(Input::Bytes(&puback), 10_001);
    assert!(step.output.is_empty() && step.effects.is_empty());
    let step = send(&mut session, 99, 10_002);
    assert_eq!(step.effects, vec![Effect::Sent(command(99))]);
}

#[test]
fn ends_with_a_word_the_other_side_understands() {
    for (reason, code) in [
        (CloseReason::Revoked, 0x98),
        (CloseReason::TakenOver, 0x8e),
        (CloseReason::ShuttingDown, 0x8b),
        (CloseReason::GoElsewhere, 0x9c),
        (CloseReason::Unkept, 0x89),
    ] {
        let (mut client, mut session) = live();
        let step = session.step(Input::Close(reason), 0);
        assert_eq!(step.effects, vec![Effect::Closed(reason)]);
        match &client.read(&step)[..] {
            [Packet::V5_0Disconnect(farewell)] => {
                assert_eq!(farewell.reason_code().map(|code| code as u8), Some(code));
            }
            other => panic!("{other:?}"),
        }
        assert!(session.step(Input::Bytes(&[0xc0, 0]), 0).output.is_empty(), "nothing follows");
    }
}

#[test]
fn silence_and_wrong_beginnings_end_it() {
    let mut session = Session::new(device(), KEEP_ALIVE, 0);
    assert!(session.step(Input::Tick, 4_999).effects.is_empty());
    assert_eq!(session.step(Input::Tick, 5_000).effects, vec![Effect::Closed(CloseReason::KeepAlive)]);

    let (_, mut session) = live();
    assert!(session.step(Input::Tick, 89_000).effects.is_empty());
    let step = session.step(Input::Bytes(&[0xc0, 0]), 89_500);
    assert_eq!(step.output, [0xd0, 0], "a ping is answered");
    assert!(session.step(Input::Tick, 170_000).effects.is_empty());
    assert_eq!(session.step(Input::Tick, 179_500).effects, vec![Effect::Closed(CloseReason::KeepAlive)]);

    let mut session = Session::new(device(), KEEP_ALIVE, 0);
    let step = session.step(Input::Bytes(&Client::new().connect("somebody-else")), 0);
    assert_eq!(step.effects, vec![Effect::Closed(CloseReason::ClientId)]);
    assert_eq!(step.output.get(3), Some(&0x85));

    let old = [0x10, 13, 0, 4, b'M', b'Q', b'T', b'T', 4, 2, 0, 60, 0, 1, b'x'];
    let mut session = Session::new(device(), KEEP_ALIVE, 0);
    let step = session.step(Input::Bytes(&old), 0);
    assert_eq!(step.effects, vec![Effect::Closed(CloseReason::Version)]);
    assert_eq!(step.output, [0x20, 2, 0, 1]);

    let mut session = Session::new(device(), KEEP_ALIVE, 0);
    let step = session.step(Input::Bytes(&[0x30, 0xff, 0xff, 0xff, 0x7f]), 0);
    assert!(matches!(step.effects[..], [Effect::Closed(_)]), "a quarter of a gigabyte is announced");
}

#[test]
fn qos_2_and_retained_messages_are_refused_by_name() {
    let (mut client, mut session) = live();
    let (_, bytes) = client.publish(&Topic::Heartbeat.format(device()), Qos::AtMostOnce, b"");
    let retained = [vec![bytes[0] | 1], bytes[1..].to_vec()].concat();
    let step = session.step(Input::Bytes(&retained), 0);
    assert_eq!(step.effects, vec![Effect::Closed(CloseReason::Retain)]);

    let (_, mut session) = live();
    let mut qos_2 = vec![bytes[0] | 4, bytes[1] + 2];
    let topic = 2 + usize::from(u16::from_be_bytes([bytes[2], bytes[3]]));
    qos_2.extend(&bytes[2..2 + topic]);
    qos_2.extend([0, 7]);
    qos_2.extend(&bytes[2 + topic..]);
    let step = session.step(Input::Bytes(&qos_2), 0);
    assert_eq!(step.effects, vec![Effect::Closed(CloseReason::Qos)]);
}

/// Bytes that are nearly MQTT reach deeper than pure noise.
fn nearly_mqtt() -> impl Strategy<Value = Vec<u8>> {
    let packet = (any::<u8>(), proptest::collection::vec(any::<u8>(), 0..60)).prop_map(|(kind, body)| {
        let mut bytes = vec![kind, u8::try_from(body.len()).unwrap()];
        bytes.extend(body);
        bytes
    });
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        proptest::collection::vec(packet, 0..6).prop_map(|packets| packets.concat()),
        Just(Client::new().connect(&device().to_string())),
        (any::<usize>(), any::<u8>()).prop_map(|(at, with)| {
            let mut bytes = Client::new().connect(&device().to_string());
            let at = at % bytes.len();
            bytes[at] = with;
            bytes
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn never_panics_and_never_grows(begin_live: bool, chunks in proptest::collection::vec((nearly_mqtt(), 0_u64..40_000), 1..12)) {
        let mut session = if begin_live { live().1 } else { Session::new(device(), KEEP_ALIVE, 0) };
        let mut now = 0;
        let mut closed = false;
        for (bytes, wait) in chunks {
            now += wait;
            let step = session.step(Input::Bytes(&bytes), now);
            prop_assert!(!closed || (step.output.is_empty() && step.effects.is_empty()), "something after the end");
            prop_assert!(step.output.len() <= 64 + 8 * bytes.len());
            prop_assert!(session.receipts.len() <= usize::from(RECEIVE_MAXIMUM));
            for effect in &step.effects {
                match effect {
                    Effect::Closed(_) => closed = true,
                    Effect::Received { topic, payload, .. } => {
                        prop_assert_eq!(topic.direction(), Direction::Up);
                        prop_assert!(payload.len() <= bytes.len());
                    }
                    _ => {}
                }
            }
            session.step(Input::Tick, now);
        }
    }
}
