//! The MQTT 5 client without a socket: bytes and wishes in, bytes and happenings out.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use mqtt_protocol_core::mqtt::{
    Connection, Version,
    common::Cursor,
    connection::{Event, TimerKind, role},
    packet::{GenericPacketTrait as _, Packet, Qos, SubEntry, SubOpts, v5_0},
    result_code::{ConnectReasonCode, MqttError},
};

/// How many published messages may wait for the server's answer at once, whatever the server would allow.
const WINDOW: usize = 8;
/// How many messages may wait to be sent. More are refused: the journal holds the events that matter.
const WAITING: usize = 1024;

/// What a step of the client led to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Happening {
    /// The server let us in.
    Up,
    /// The server does not let us in.
    TurnedAway(String),
    /// A message came; it wants [`Client::confirm`] when `receipt` is some.
    Message { topic: String, payload: Vec<u8>, receipt: Option<u16> },
    /// The server has taken the message published under this tag; false: it will never take it.
    Delivered { tag: u64, taken: bool },
    /// A ping is due after this time, unless something is sent before.
    PingIn(Duration),
    /// Without a byte from the server for this long, the link is dead.
    DeadIn(Duration),
    /// The server has answered a ping.
    Alive,
    /// The connection is over.
    Closed(String),
}

/// One connection's client.
pub(super) struct Client {
    connection: Connection<role::Client>,
    outgoing: Vec<u8>,
    happenings: Vec<Happening>,
    in_flight: HashMap<u16, u64>,
    waiting: VecDeque<(u64, String, Vec<u8>)>,
    up: bool,
    subscriptions: Vec<String>,
}

impl Client {
    /// A client that introduces itself as `client_id` and wants these topics.
    pub(super) fn new(client_id: &str, keep_alive: u16, subscriptions: Vec<String>) -> Self {
        let mut connection = Connection::new(Version::V5_0);
        // A message is confirmed when the box has it on disk, not when it arrives.
        connection.set_auto_pub_response(false);
        connection.set_auto_ping_response(true);
        connection.set_pingresp_recv_timeout(10_000);
        let mut client = Self {
            connection,
            outgoing: Vec::new(),
            happenings: Vec::new(),
            in_flight: HashMap::new(),
            waiting: VecDeque::new(),
            up: false,
            subscriptions,
        };
        let connect = v5_0::Connect::builder()
            .client_id(client_id)
            .map(|connect| connect.clean_start(true).keep_alive(keep_alive))
            .and_then(|connect| connect.build());
        match connect {
            Ok(connect) => {
                let events = client.connection.checked_send(connect);
                client.take(events);
            }
            Err(error) => client.closed(error),
        }
        client
    }

    /// Bytes from the server.
    pub(super) fn received(&mut self, bytes: &[u8]) {
        let mut cursor = Cursor::new(bytes);
        while usize::try_from(cursor.position()).is_ok_and(|position| position < bytes.len()) {
            let before = cursor.position();
            let events = self.connection.recv(&mut cursor);
            self.take(events);
            if cursor.position() == before {
                break;
            }
        }
        self.send_waiting();
    }

    /// Publishes with QoS 1, now or when the window allows. When too much waits already it is as if the server had refused
    /// it: the box sends it again after a while.
    pub(super) fn publish(&mut self, tag: u64, topic: String, payload: Vec<u8>) {
        if self.waiting.len() >= WAITING {
            return self.happenings.push(Happening::Delivered { tag, taken: false });
        }
        self.waiting.push_back((tag, topic, payload));
        self.send_waiting();
    }

    /// Tells the server that a message is safe here.
    pub(super) fn confirm(&mut self, receipt: u16) {
        match v5_0::Puback::builder().packet_id(receipt).build() {
            Ok(puback) => {
                let events = self.connection.checked_send(puback);
                self.take(events);
            }
            Err(error) => tracing::warn!(%error, "could not confirm a message"),
        }
    }

    /// A ping is due.
    pub(super) fn ping(&mut self) {
        let events = self.connection.notify_timer_fired(TimerKind::PingreqSend);
        self.take(events);
    }

    /// Bytes to be sent, once.
    pub(super) fn take_outgoing(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.outgoing)
    }

    /// What happened, once.
    pub(super) fn take_happenings(&mut self) -> Vec<Happening> {
        std::mem::take(&mut self.happenings)
    }

    fn send_waiting(&mut self) {
        while self.up && self.in_flight.len() < WINDOW {
            if self.connection.get_receive_maximum_vacancy_for_send() == Some(0) {
                return;
            }
            let Some((tag, topic, payload)) = self.waiting.pop_front() else { return };
            let Ok(packet_id) = self.connection.acquire_packet_id() else {
                self.waiting.push_front((tag, topic, payload));
                return;
            };
            let publish = v5_0::Publish::builder().topic_name(topic.as_str()).and_then(|publish| {
                publish.qos(Qos::AtLeastOnce).packet_id(packet_id).payload(payload).build()
            });
            match publish {
                Ok(publish) => {
                    self.in_flight.insert(packet_id, tag);
                    let events = self.connection.checked_send(publish);
                    self.take(events);
                }
                Err(error) => {
                    tracing::error!(%error, topic, "could not build a message");
                    let _ = self.connection.release_packet_id(packet_id);
                    self.happenings.push(Happening::Delivered { tag, taken: false });
                }
            }
        }
    }

    fn subscribe(&mut self) {
        let options = SubOpts::new().set_qos(Qos::AtLeastOnce);
        let entries: Result<Vec<_>, _> =
            self.subscriptions.iter().map(|topic| SubEntry::new(topic.as_str(), options)).collect();
        let subscribe = entries.and_then(|entries| {
            let packet_id = self.connection.acquire_packet_id()?;
            v5_0::Subscribe::builder().entries(entries).packet_id(packet_id).build()
        });
        match subscribe {
            Ok(subscribe) => {
                let events = self.connection.checked_send(subscribe);
                self.take(events);
            }
            Err(error) => self.closed(error),
        }
    }

    fn take(&mut self, events: Vec<Event>) {
        for event in events {
            match event {
                Event::RequestSendPacket { packet, .. } => {
                    self.outgoing.extend_from_slice(&packet.to_continuous_buffer());
                }
                Event::NotifyPacketReceived(packet) => self.packet(packet),
                Event::NotifyError(error) => self.closed(error),
                Event::RequestClose => {
                    self.happenings.push(Happening::Closed("closed by protocol".to_owned()))
                }
                Event::RequestTimerReset { kind: TimerKind::PingreqSend, duration_ms } => {
                    self.happenings.push(Happening::PingIn(Duration::from_millis(duration_ms)));
                }
                Event::RequestTimerReset { kind: TimerKind::PingrespRecv, duration_ms } => {
                    self.happenings.push(Happening::DeadIn(Duration::from_millis(duration_ms)));
                }
                Event::RequestTimerCancel(TimerKind::PingrespRecv) => self.happenings.push(Happening::Alive),
                Event::RequestTimerReset { .. }
                | Event::RequestTimerCancel(_)
                | Event::NotifyPacketIdReleased(_) => {}
            }
        }
    }

    fn packet(&mut self, packet: Packet) {
        match packet {
            Packet::V5_0Connack(connack) if connack.reason_code() == ConnectReasonCode::Success => {
                self.up = true;
                self.happenings.push(Happening::Up);
                if !self.subscriptions.is_empty() {
                    self.subscribe();
                }
            }
            Packet::V5_0Connack(connack) => {
                self.happenings.push(Happening::TurnedAway(connack.reason_code().to_string()));
            }
            Packet::V5_0Publish(publish) => self.happenings.push(Happening::Message {
                topic: publish.topic_name().to_owned(),
                payload: publish.payload().as_slice().to_vec(),
                receipt: publish.packet_id(),
            }),
            Packet::V5_0Puback(puback) => {
                if let Some(tag) = self.in_flight.remove(&puback.packet_id()) {
                    let taken = puback.reason_code().is_none_or(|code| (code as u8) < 0x80);
                    if !taken {
                        tracing::warn!(code = ?puback.reason_code(), "the server refused a message");
                    }
                    self.happenings.push(Happening::Delivered { tag, taken });
                }
            }
            Packet::V5_0Suback(suback) if suback.reason_codes().iter().any(|code| (*code as u8) >= 0x80) => {
                tracing::warn!(codes = ?suback.reason_codes(), "the server refused a subscription");
            }
            Packet::V5_0Disconnect(disconnect) => {
                self.happenings
                    .push(Happening::Closed(format!("the server said {:?}", disconnect.reason_code())));
            }
            _ => {}
        }
    }

    fn closed(&mut self, error: MqttError) {
        self.up = false;
        self.happenings.push(Happening::Closed(error.to_string()));
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("up", &self.up)
            .field("waiting", &self.waiting.len())
            .finish_non_exhaustive()
    }
}
