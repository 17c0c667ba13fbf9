//! A device's side of the wire, for tests: real TLS, real MQTT, no logic.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use mqtt_protocol_core::mqtt;
use mqtt_protocol_core::mqtt::common::Cursor;
use mqtt_protocol_core::mqtt::connection::{Event as MqttEvent, role};
use mqtt_protocol_core::mqtt::packet::{GenericPacketTrait, Packet, Qos, SubEntry, SubOpts, v5_0};
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use sekisho_crypto::certificates::client_config;
use sekisho_crypto::sha256;
use sekisho_kernel::{DeviceId, Timestamp};
use sekisho_wire::{Direction, Event, EventKind, Filter, GENESIS, Topic, encode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::stand::{Enrollee, Stand};

pub const PATIENCE: Duration = Duration::from_secs(5);

pub struct Peer {
    pub id: DeviceId,
    stream: TlsStream<TcpStream>,
    mqtt: mqtt::Connection<role::Client>,
    inbox: VecDeque<Packet>,
    pub seq: u64,
    pub head: [u8; 32],
}

impl Peer {
    pub fn tls(stand: &Stand, enrollee: &Enrollee) -> Arc<ClientConfig> {
        let own = Some((enrollee.answer.certificate.as_str(), enrollee.key.as_str()));
        client_config(&stand.trust, own, &stand.any_world()).unwrap()
    }

    pub async fn handshake(stand: &Stand, tls: Arc<ClientConfig>) -> io::Result<TlsStream<TcpStream>> {
        let stream = TcpStream::connect(stand.address).await?;
        TlsConnector::from(tls).connect(ServerName::try_from("localhost").unwrap(), stream).await
    }

    pub async fn connect(stand: &Stand, enrollee: &Enrollee) -> io::Result<Self> {
        Self::connect_as(stand, Self::tls(stand, enrollee), enrollee.id).await
    }

    pub async fn connect_as(stand: &Stand, tls: Arc<ClientConfig>, id: DeviceId) -> io::Result<Self> {
        let stream = Self::handshake(stand, tls).await?;
        let mqtt = mqtt::Connection::new(mqtt::Version::V5_0);
        let mut peer = Self { id, stream, mqtt, inbox: VecDeque::new(), seq: 0, head: GENESIS };
        let connect =
            v5_0::Connect::builder().client_id(id.to_string()).unwrap().clean_start(true).keep_alive(60);
        peer.send(connect.build().unwrap()).await?;
        match peer.next().await? {
            Packet::V5_0Connack(connack) if connack.reason_code() as u8 == 0 => Ok(peer),
            other => Err(io::Error::other(format!("{other:?}"))),
        }
    }

    pub async fn send(&mut self, packet: impl Into<Packet>) -> io::Result<()> {
        for event in self.mqtt.send(packet.into()) {
            match event {
                MqttEvent::RequestSendPacket { packet, .. } => {
                    self.stream.write_all(&packet.to_continuous_buffer()).await?;
                }
                MqttEvent::NotifyError(error) => panic!("cannot send: {error:?}"),
                _ => {}
            }
        }
        self.stream.flush().await
    }

    pub async fn send_raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }

    /// The next packet; an error when the server closed.
    pub async fn next(&mut self) -> io::Result<Packet> {
        tokio::time::timeout(PATIENCE, self.wait())
            .await
            .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
    }

    /// The next packet if one comes within `patience`.
    pub async fn within(&mut self, patience: Duration) -> Option<Packet> {
        tokio::time::timeout(patience, self.wait()).await.ok()?.ok()
    }

    async fn wait(&mut self) -> io::Result<Packet> {
        loop {
            if let Some(packet) = self.inbox.pop_front() {
                return Ok(packet);
            }
            let mut bytes = [0; 2048];
            let length = self.stream.read(&mut bytes).await?;
            if length == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let mut cursor = Cursor::new(&bytes[..length]);
            while (cursor.position() as usize) < length {
                for event in self.mqtt.recv(&mut cursor) {
                    match event {
                        MqttEvent::NotifyPacketReceived(packet) => self.inbox.push_back(packet),
                        MqttEvent::NotifyError(error) => return Err(io::Error::other(format!("{error:?}"))),
                        _ => {}
                    }
                }
            }
        }
    }

    pub async fn publish(&mut self, topic: &str, payload: Vec<u8>) -> u16 {
        self.try_publish(topic, payload).await.unwrap()
    }

    /// The same for a peer that may be cut off while it writes.
    pub async fn try_publish(&mut self, topic: &str, payload: Vec<u8>) -> io::Result<u16> {
        let id = self.mqtt.acquire_packet_id().unwrap();
        let publish = v5_0::Publish::builder().topic_name(topic).unwrap().qos(Qos::AtLeastOnce).packet_id(id);
        self.send(publish.payload(payload).build().unwrap()).await?;
        Ok(id)
    }

    pub async fn publish_up(&mut self, topic: Topic, payload: Vec<u8>) -> u16 {
        assert_eq!(topic.direction(), Direction::Up);
        self.publish(&topic.format(self.id), payload).await
    }

    /// The code of the acknowledgement of `id`; what else comes before it is set aside.
    pub async fn acked(&mut self, id: u16) -> u8 {
        let mut aside = VecDeque::new();
        let code = loop {
            match self.next().await.unwrap() {
                Packet::V5_0Puback(puback) if puback.packet_id() == id => {
                    break puback.reason_code().map_or(0, |code| code as u8);
                }
                other => aside.push_back(other),
            }
        };
        aside.append(&mut self.inbox);
        self.inbox = aside;
        code
    }

    /// The next event of this device's journal, as payload.
    pub fn event(&mut self, kind: EventKind) -> Vec<u8> {
        self.seq += 1;
        let at = Timestamp::from_secs(1_795_305_600);
        let payload = encode(&Event { seq: self.seq, at, prev: self.head, kind });
        self.head = sha256(&payload);
        payload
    }

    /// Tells the next event and waits for its acknowledgement.
    pub async fn tell(&mut self, kind: EventKind) -> u8 {
        let payload = self.event(kind);
        let id = self.publish_up(Topic::Event(self.seq), payload).await;
        self.acked(id).await
    }

    pub async fn subscribe(&mut self, filters: &[String]) -> Vec<u8> {
        let entries = filters
            .iter()
            .map(|filter| SubEntry::new(filter.as_str(), SubOpts::new().set_qos(Qos::AtLeastOnce)).unwrap())
            .collect::<Vec<_>>();
        let id = self.mqtt.acquire_packet_id().unwrap();
        self.send(v5_0::Subscribe::builder().packet_id(id).entries(entries).build().unwrap()).await.unwrap();
        loop {
            if let Packet::V5_0Suback(suback) = self.next().await.unwrap() {
                return suback.reason_codes().iter().map(|code| *code as u8).collect();
            }
        }
    }

    pub async fn subscribe_all(&mut self) {
        assert_eq!(self.subscribe(&[Filter::All.format(self.id)]).await, [1]);
        // The time and the end of the journal come first.
        for _ in 0..2 {
            assert!(matches!(self.message().await.0, Topic::Config(_)));
        }
    }

    /// The next message from the server, acknowledged.
    pub async fn message(&mut self) -> (Topic, Vec<u8>) {
        loop {
            match self.next().await.unwrap() {
                Packet::V5_0Publish(publish) => return self.take(&publish).await,
                Packet::V5_0Disconnect(farewell) => panic!("{farewell:?}"),
                _ => {}
            }
        }
    }

    /// The next message if one comes within `patience`.
    pub async fn message_within(&mut self, patience: Duration) -> Option<(Topic, Vec<u8>)> {
        match self.within(patience).await? {
            Packet::V5_0Publish(publish) => Some(self.take(&publish).await),
            _ => None,
        }
    }

    async fn take(&mut self, publish: &v5_0::Publish) -> (Topic, Vec<u8>) {
        let (device, topic) = Topic::parse(publish.topic_name()).unwrap();
        assert_eq!((device, topic.direction()), (self.id, Direction::Down));
        let payload = publish.payload().as_slice().to_vec();
        let id = publish.packet_id().unwrap();
        self.send(v5_0::Puback::builder().packet_id(id).build().unwrap()).await.unwrap();
        (topic, payload)
    }

    /// The reason code with which the server ends the connection.
    pub async fn farewell(&mut self) -> Option<u8> {
        loop {
            match self.next().await {
                Ok(Packet::V5_0Disconnect(farewell)) => return farewell.reason_code().map(|code| code as u8),
                Ok(_) => {}
                Err(_) => return None,
            }
        }
    }
}
