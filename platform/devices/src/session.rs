//! One device's MQTT 5 conversation without a socket: bytes and our own wishes in, bytes and effects out.
//!
//! What MQTT says is checked by `mqtt-protocol-core`; what *we* allow is checked here: one device, its own topics, small
//! packets, few of them at a time. An event's acknowledgement leaves only when [`Input::Settled`] says that it is kept.
//! Times are milliseconds since any start, so that neither a clock nor a socket is needed to try it.

mod reason;

use std::collections::VecDeque;
use std::time::Duration;

use mqtt_protocol_core::mqtt;
use mqtt_protocol_core::mqtt::common::Cursor;
use mqtt_protocol_core::mqtt::connection::{ConnectionOptions, Event, role};
use mqtt_protocol_core::mqtt::packet::{self, GenericPacketTrait, Packet, Qos, v5_0};
use mqtt_protocol_core::mqtt::result_code::{
    ConnectReasonCode, PubackReasonCode, SubackReasonCode, UnsubackReasonCode,
};
use sekisho_kernel::DeviceId;
use sekisho_wire::{Direction, Filter, MAX_PACKET, Topic};

pub use reason::CloseReason;

/// Messages a device may send before the first is acknowledged.
pub const RECEIVE_MAXIMUM: u16 = 8;
/// Messages on their way to a device, not yet acknowledged by it.
const SEND_MAXIMUM: usize = 8;
/// Messages that wait for their turn to be sent; a device that lets more pile up is cut off.
const MOST_WAITING: usize = 64;
/// A device may send so many messages a second for long …
const RATE: u64 = 200;
/// … and so many at once.
const BURST: u64 = 400;
/// So many messages on topics that are not the device's own end the conversation.
const MOST_STRIKES: u8 = 8;
/// A connection has so long to say who it is.
pub const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// What happens to a conversation.
#[derive(Debug)]
pub enum Input<'a> {
    /// Bytes came.
    Bytes(&'a [u8]),
    /// What came with this receipt is kept, or will never be.
    Settled {
        /// The receipt of [`Effect::Received`].
        receipt: u16,
        /// How it went.
        kept: Kept,
    },
    /// Something for the device.
    Send(Downlink),
    /// We end it.
    Close(CloseReason),
    /// Time passed; see [`Session::deadline`].
    Tick,
}

/// How it went with something received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Committed.
    Yes,
    /// Not readable, or on a topic that is not its own; sending it again is useless.
    Never(Refusal),
}

/// Why something received is never kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 0x87: not this device's topic.
    Topic,
    /// 0x99: not readable.
    Payload,
    /// 0x97: more than it may send; later is another matter.
    Quota,
}

/// A message for the device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Downlink {
    /// Where it goes.
    pub topic: Topic,
    /// What it says.
    pub payload: Vec<u8>,
    /// How long it may wait, when it may not wait for ever.
    pub life: Option<Duration>,
}

/// What follows from an input.
#[derive(Debug, PartialEq, Eq)]
pub enum Effect {
    /// The device said who it is and was let in.
    Live,
    /// It wants these messages.
    Subscribed(Filter),
    /// It sent something. With a receipt it waits for [`Input::Settled`].
    Received {
        /// The receipt, unless the device wants none.
        receipt: Option<u16>,
        /// What it is.
        topic: Topic,
        /// What it says.
        payload: Vec<u8>,
    },
    /// A command left for the device.
    Sent(Topic),
    /// It is over: flush the output, then close the socket. Nothing follows.
    Closed(CloseReason),
}

/// What a step gave.
#[derive(Debug, Default)]
pub struct Step {
    /// Bytes to write.
    pub output: Vec<u8>,
    /// What else to do, in order.
    pub effects: Vec<Effect>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Silent,
    Live,
    Closed,
}

/// The conversation.
pub struct Session {
    device: DeviceId,
    mqtt: mqtt::Connection<role::Server>,
    state: State,
    filters: u8,
    strikes: u8,
    keep_alive: Duration,
    deadline: u64,
    tokens: u64,
    tokens_at: u64,
    in_flight: usize,
    /// Receipts in the order their messages came, for MQTT wants the answers in that order.
    receipts: VecDeque<(u16, Option<Kept>)>,
    waiting: VecDeque<(Downlink, u64)>,
}

impl Session {
    /// A conversation with `device`, as its certificate names it, begun at `now`. The device is cut off when it says
    /// nothing for one and a half times `keep_alive`.
    pub fn new(device: DeviceId, keep_alive: Duration, now: u64) -> Self {
        let options = ConnectionOptions::new()
            .maximum_packet_size_recv(u32::try_from(MAX_PACKET).unwrap_or(u32::MAX))
            .receive_maximum(RECEIVE_MAXIMUM);
        let mut mqtt = mqtt::Connection::with_options(mqtt::Version::Undetermined, options);
        mqtt.set_auto_ping_response(true);
        Self {
            device,
            mqtt,
            state: State::Silent,
            filters: 0,
            strikes: 0,
            keep_alive,
            deadline: now.saturating_add(millis(CONNECT_WITHIN)),
            tokens: BURST * 1000,
            tokens_at: now,
            in_flight: 0,
            receipts: VecDeque::new(),
            waiting: VecDeque::new(),
        }
    }

    /// Does one step.
    pub fn step(&mut self, input: Input<'_>, now: u64) -> Step {
        let mut step = Step::default();
        if self.state == State::Closed {
            return step;
        }
        match input {
            Input::Bytes(bytes) => self.receive(bytes, now, &mut step),
            Input::Settled { receipt, kept } => self.settle(receipt, kept, &mut step),
            Input::Send(message) => self.enqueue(message, now, &mut step),
            Input::Close(reason) => self.close(reason, &mut step),
            Input::Tick if now >= self.deadline => self.close(CloseReason::KeepAlive, &mut step),
            Input::Tick => {}
        }
        self.send_waiting(now, &mut step);
        step
    }

    /// Whether to read from the socket now. While what came is not yet kept, or comes too fast, the socket fills up and
    /// the device waits: nothing is dropped.
    pub fn may_read(&self, now: u64) -> bool {
        self.receipts.len() < usize::from(RECEIVE_MAXIMUM) && self.tokens_at(now) > 0
    }

    /// When to call again with [`Input::Tick`] if nothing else happens.
    pub fn deadline(&self, now: u64) -> u64 {
        if self.tokens_at(now) == 0 { now.saturating_add(50).min(self.deadline) } else { self.deadline }
    }

    /// Whether the device wants messages on `topic`.
    pub fn wants(&self, topic: Topic) -> bool {
        FILTERS.into_iter().any(|filter| self.filters & bit(filter) != 0 && filter.covers(topic))
    }

    fn receive(&mut self, bytes: &[u8], now: u64, step: &mut Step) {
        let mut cursor = Cursor::new(bytes);
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        while self.state != State::Closed && cursor.position() < length {
            let events = self.mqtt.recv(&mut cursor);
            self.run(events, now, step);
        }
    }

    /// Carries out what the protocol says. Its timers are not used: any whole packet moves the one deadline.
    fn run(&mut self, events: Vec<Event>, now: u64, step: &mut Step) {
        let mut failed = None;
        for event in events {
            match event {
                Event::RequestSendPacket { packet, .. } => {
                    step.output.extend_from_slice(&packet.to_continuous_buffer());
                }
                Event::NotifyPacketReceived(packet) => {
                    if self.state == State::Live {
                        self.deadline = now.saturating_add(millis(self.keep_alive).saturating_mul(3) / 2);
                    }
                    self.packet(packet, now, step);
                }
                Event::NotifyError(error) => failed = Some(CloseReason::from(error)),
                Event::RequestClose => failed = failed.or(Some(CloseReason::Protocol)),
                Event::NotifyPacketIdReleased(_)
                | Event::RequestTimerReset { .. }
                | Event::RequestTimerCancel(_) => {}
            }
            if self.state == State::Closed {
                return;
            }
        }
        if let Some(reason) = failed {
            // The protocol has said its farewell by itself.
            self.end(reason, step);
        }
    }

    fn packet(&mut self, packet: Packet, now: u64, step: &mut Step) {
        match (self.state, packet) {
            (State::Silent, Packet::V5_0Connect(connect)) => self.connect(&connect, now, step),
            (State::Silent, Packet::V3_1_1Connect(_)) => {
                let refusal = packet::v3_1_1::Connack::builder()
                    .session_present(false)
                    .return_code(mqtt::result_code::ConnectReturnCode::UnacceptableProtocolVersion)
                    .build();
                if let Ok(refusal) = refusal {
                    say(&self.mqtt.checked_send(refusal), step);
                }
                self.end(CloseReason::Version, step);
            }
            (State::Live, Packet::V5_0Publish(publish)) => self.publish(&publish, now, step),
            (State::Live, Packet::V5_0Puback(_)) => self.in_flight = self.in_flight.saturating_sub(1),
            (State::Live, Packet::V5_0Subscribe(subscribe)) => self.subscribe(&subscribe, now, step),
            (State::Live, Packet::V5_0Unsubscribe(unsubscribe)) => self.unsubscribe(&unsubscribe, now, step),
            (State::Live, Packet::V5_0Pingreq(_)) => {}
            (State::Live, Packet::V5_0Disconnect(_)) => self.end(CloseReason::ByDevice, step),
            _ => self.close(CloseReason::Protocol, step),
        }
    }

    fn connect(&mut self, connect: &v5_0::Connect, now: u64, step: &mut Step) {
        let ours = u16::try_from(self.keep_alive.as_secs()).unwrap_or(u16::MAX);
        let builder = v5_0::Connack::builder().session_present(false);
        let own_name = connect.client_id() == self.device.to_string();
        let connack = if own_name {
            let mut properties: Vec<packet::Property> = Vec::new();
            properties.extend(packet::MaximumQos::new(1).ok().map(Into::into));
            properties.extend(packet::RetainAvailable::new(0).ok().map(Into::into));
            properties.extend(packet::SharedSubscriptionAvailable::new(0).ok().map(Into::into));
            properties.extend(packet::SubscriptionIdentifierAvailable::new(0).ok().map(Into::into));
            properties.extend(packet::SessionExpiryInterval::new(0).ok().map(Into::into));
            if connect.keep_alive() == 0 || connect.keep_alive() > ours {
                properties.extend(packet::ServerKeepAlive::new(ours).ok().map(Into::into));
            } else {
                self.keep_alive = Duration::from_secs(connect.keep_alive().into());
            }
            builder.reason_code(ConnectReasonCode::Success).props(properties).build()
        } else {
            builder.reason_code(ConnectReasonCode::ClientIdentifierNotValid).build()
        };
        let Ok(connack) = connack else { return self.end(CloseReason::Protocol, step) };
        let events = self.mqtt.checked_send(connack);
        if own_name {
            self.state = State::Live;
            self.deadline = now.saturating_add(millis(self.keep_alive).saturating_mul(3) / 2);
            step.effects.push(Effect::Live);
            self.run(events, now, step);
        } else {
            say(&events, step);
            self.end(CloseReason::ClientId, step);
        }
    }

    fn publish(&mut self, publish: &v5_0::Publish, now: u64, step: &mut Step) {
        self.tokens = self.tokens_at(now).saturating_sub(1000);
        self.tokens_at = now;
        let receipt = match publish.qos() {
            Qos::AtMostOnce => None,
            Qos::AtLeastOnce => publish.packet_id(),
            Qos::ExactlyOnce => return self.close(CloseReason::Qos, step),
        };
        if publish.retain() {
            return self.close(CloseReason::Retain, step);
        }
        if let Some(receipt) = receipt {
            if self.receipts.iter().any(|(known, _)| *known == receipt) {
                // Sent again before it was acknowledged: the first one will be.
                return;
            }
            self.receipts.push_back((receipt, None));
        }
        match Topic::parse(publish.topic_name()) {
            Ok((device, topic)) if device == self.device && topic.direction() == Direction::Up => {
                let payload = publish.payload().as_slice().to_vec();
                step.effects.push(Effect::Received { receipt, topic, payload });
            }
            _ => {
                self.strikes = self.strikes.saturating_add(1);
                if receipt.is_none() || self.strikes >= MOST_STRIKES {
                    return self.close(CloseReason::Topic, step);
                }
                if let Some(receipt) = receipt {
                    self.settle(receipt, Kept::Never(Refusal::Topic), step);
                }
            }
        }
    }

    /// Acknowledges everything kept up to the first that is not yet.
    fn settle(&mut self, receipt: u16, kept: Kept, step: &mut Step) {
        if let Some(entry) = self.receipts.iter_mut().find(|(known, _)| *known == receipt) {
            entry.1 = Some(kept);
        }
        while let Some((receipt, Some(kept))) = self.receipts.front().copied() {
            self.receipts.pop_front();
            let code = match kept {
                Kept::Yes => PubackReasonCode::Success,
                Kept::Never(Refusal::Topic) => PubackReasonCode::NotAuthorized,
                Kept::Never(Refusal::Payload) => PubackReasonCode::PayloadFormatInvalid,
                Kept::Never(Refusal::Quota) => PubackReasonCode::QuotaExceeded,
            };
            let builder = v5_0::Puback::builder().packet_id(receipt);
            let puback = if kept == Kept::Yes { builder.build() } else { builder.reason_code(code).build() };
            let Ok(puback) = puback else { return self.close(CloseReason::Protocol, step) };
            say(&self.mqtt.checked_send(puback), step);
        }
    }

    fn subscribe(&mut self, subscribe: &v5_0::Subscribe, now: u64, step: &mut Step) {
        let mut wanted = Vec::new();
        let codes = subscribe
            .entries()
            .iter()
            .map(|entry| match Filter::parse(entry.topic_filter()) {
                Ok((device, filter)) if device == self.device => {
                    wanted.push(filter);
                    match entry.sub_opts().qos() {
                        Qos::AtMostOnce => SubackReasonCode::GrantedQos0,
                        _ => SubackReasonCode::GrantedQos1,
                    }
                }
                _ => SubackReasonCode::NotAuthorized,
            })
            .collect();
        let suback = v5_0::Suback::builder().packet_id(subscribe.packet_id()).reason_codes(codes).build();
        let Ok(suback) = suback else { return self.close(CloseReason::Protocol, step) };
        let events = self.mqtt.checked_send(suback);
        self.run(events, now, step);
        for filter in wanted {
            self.filters |= bit(filter);
            step.effects.push(Effect::Subscribed(filter));
        }
    }

    fn unsubscribe(&mut self, unsubscribe: &v5_0::Unsubscribe, now: u64, step: &mut Step) {
        let mut codes = Vec::new();
        for entry in unsubscribe.entries() {
            codes.push(match Filter::parse(entry.as_str()) {
                Ok((device, filter)) if device == self.device && self.filters & bit(filter) != 0 => {
                    self.filters &= !bit(filter);
                    UnsubackReasonCode::Success
                }
                _ => UnsubackReasonCode::NoSubscriptionExisted,
            });
        }
        let unsuback =
            v5_0::Unsuback::builder().packet_id(unsubscribe.packet_id()).reason_codes(codes).build();
        let Ok(unsuback) = unsuback else { return self.close(CloseReason::Protocol, step) };
        let events = self.mqtt.checked_send(unsuback);
        self.run(events, now, step);
    }

    fn enqueue(&mut self, message: Downlink, now: u64, step: &mut Step) {
        if !self.wants(message.topic) {
            return;
        }
        if self.waiting.len() >= MOST_WAITING {
            return self.close(CloseReason::Slow, step);
        }
        let until = message.life.map_or(u64::MAX, |life| now.saturating_add(millis(life)));
        self.waiting.push_back((message, until));
    }

    /// Sends what waits, as far as the device takes it. What is too late is dropped here and never sent.
    fn send_waiting(&mut self, now: u64, step: &mut Step) {
        while self.state == State::Live && self.in_flight < SEND_MAXIMUM {
            if self.mqtt.get_receive_maximum_vacancy_for_send() == Some(0) {
                return;
            }
            let Some((message, until)) = self.waiting.pop_front() else { return };
            if until <= now {
                continue;
            }
            let Ok(id) = self.mqtt.acquire_packet_id() else { return };
            let topic = message.topic;
            let builder = v5_0::Publish::builder().topic_name(topic.format(self.device));
            let publish = builder.and_then(|builder| {
                let mut properties: Vec<packet::Property> = Vec::new();
                if until != u64::MAX {
                    // Whole seconds, rounded up: the exact end stands, signed, in the command itself.
                    let seconds = u32::try_from((until - now).div_ceil(1000)).unwrap_or(u32::MAX);
                    properties.extend(packet::MessageExpiryInterval::new(seconds).ok().map(Into::into));
                }
                builder.qos(Qos::AtLeastOnce).packet_id(id).payload(message.payload).props(properties).build()
            });
            let Ok(publish) = publish else { return self.close(CloseReason::Protocol, step) };
            let events = self.mqtt.checked_send(publish);
            // Too large for what the device announced: it will never get it, and its owner must see that it is silent.
            let sent = events.iter().any(|event| matches!(event, Event::RequestSendPacket { .. }));
            self.run(events, now, step);
            if sent {
                self.in_flight += 1;
                step.effects.push(Effect::Sent(topic));
            }
        }
    }

    /// Says farewell and ends.
    fn close(&mut self, reason: CloseReason, step: &mut Step) {
        if self.state == State::Live
            && let Ok(farewell) = v5_0::Disconnect::builder().reason_code(reason.code()).build()
        {
            say(&self.mqtt.checked_send(farewell), step);
        }
        self.end(reason, step);
    }

    fn end(&mut self, reason: CloseReason, step: &mut Step) {
        if self.state != State::Closed {
            self.state = State::Closed;
            step.effects.push(Effect::Closed(reason));
        }
    }

    /// Thousandths of messages the device may send at `now`.
    fn tokens_at(&self, now: u64) -> u64 {
        let earned = now.saturating_sub(self.tokens_at).saturating_mul(RATE);
        self.tokens.saturating_add(earned).min(BURST * 1000)
    }
}

/// Writes what the protocol wants to say, whatever else it wants.
fn say(events: &[Event], step: &mut Step) {
    for event in events {
        if let Event::RequestSendPacket { packet, .. } = event {
            step.output.extend_from_slice(&packet.to_continuous_buffer());
        }
    }
}

const FILTERS: [Filter; 4] = [Filter::Commands, Filter::Configs, Filter::Answers, Filter::All];

const fn bit(filter: Filter) -> u8 {
    match filter {
        Filter::Commands => 1,
        Filter::Configs => 2,
        Filter::Answers => 4,
        Filter::All => 8,
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
