//! The one connection outward: MQTT 5 over mutual TLS to the server that enrolled this box. It reconnects with full
//! jitter, keeps the order of what is published, and confirms a message only when the box says it has it safe.

mod client;

use std::sync::Arc;
use std::time::Duration;

use rustls_pki_types::ServerName;
use sekisho_kernel::World;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_rustls::TlsConnector;
use tokio_util::sync::CancellationToken;

use client::{Client, Happening};

/// Where to connect and who we are.
#[derive(Clone)]
pub struct LinkSettings {
    /// `host:port` of the server's device listener.
    pub address: String,
    /// The name its certificate must carry.
    pub server_name: ServerName<'static>,
    /// Our certificate and the authority we trust.
    pub tls: Arc<rustls::ClientConfig>,
    /// The client id: the device's uuid.
    pub client_id: String,
    /// Topics to subscribe to.
    pub subscriptions: Vec<String>,
    /// The longest pause between two attempts.
    pub longest_pause: Duration,
}

/// What the link tells the box.
#[derive(Debug)]
pub enum LinkEvent {
    /// Connected; everything unconfirmed has to be published again.
    Up,
    /// Not connected any more.
    Down(String),
    /// A message; [`Link::confirm`] it once it is safe.
    Message {
        /// Its topic.
        topic: String,
        /// Its bytes.
        payload: Vec<u8>,
        /// What to confirm.
        receipt: Receipt,
    },
    /// The server has what was published under `tag`; not `taken`: it refused for good.
    Delivered {
        /// As given to [`Link::publish`].
        tag: u64,
        /// Taken or refused.
        taken: bool,
    },
}

/// Names one message of one connection, so that a confirmation never reaches another connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    connection: u64,
    packet: Option<u16>,
}

#[derive(Debug)]
enum Wish {
    Publish { tag: u64, topic: String, payload: Vec<u8> },
    Confirm(Receipt),
}

/// A handle to the running link.
#[derive(Clone, Debug)]
pub struct Link {
    wishes: mpsc::Sender<Wish>,
    settings: Arc<watch::Sender<LinkSettings>>,
    cable: Arc<watch::Sender<bool>>,
}

impl std::fmt::Debug for LinkSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LinkSettings")
            .field("address", &self.address)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

impl Link {
    /// Starts connecting. Events come out of the receiver; dropping it or `stop` ends the task.
    pub fn start(
        settings: LinkSettings,
        world: Arc<dyn World>,
        stop: CancellationToken,
    ) -> (Self, mpsc::Receiver<LinkEvent>, tokio::task::JoinHandle<()>) {
        let (wishes, wish) = mpsc::channel(256);
        let (tell, told) = mpsc::channel(64);
        let (settings, seen_settings) = watch::channel(settings);
        let (cable, seen_cable) = watch::channel(true);
        let task =
            Task { wishes: wish, tell, settings: seen_settings, cable: seen_cable, world, connection: 0 };
        let task = tokio::spawn(async move {
            let mut task = task;
            stop.run_until_cancelled(task.run()).await;
        });
        (Self { wishes, settings: Arc::new(settings), cable: Arc::new(cable) }, told, task)
    }

    /// Publishes with QoS 1. False when the link is too busy to take it now. While the link is down what it took goes
    /// nowhere: what matters is published again on [`LinkEvent::Up`].
    #[must_use]
    pub fn publish(&self, tag: u64, topic: String, payload: Vec<u8>) -> bool {
        self.wishes.try_send(Wish::Publish { tag, topic, payload }).is_ok()
    }

    /// Tells the server that a message is safe.
    pub fn confirm(&self, receipt: Receipt) {
        let _ = self.wishes.try_send(Wish::Confirm(receipt));
    }

    /// Connects again with other settings, as after a renewed certificate.
    pub fn replace(&self, change: impl FnOnce(&mut LinkSettings)) {
        self.settings.send_modify(change);
    }

    /// Pulls the network cable (false) or plugs it in (true): the simulator's switch.
    pub fn cable(&self, plugged: bool) {
        self.cable.send_replace(plugged);
    }
}

struct Task {
    wishes: mpsc::Receiver<Wish>,
    tell: mpsc::Sender<LinkEvent>,
    settings: watch::Receiver<LinkSettings>,
    cable: watch::Receiver<bool>,
    world: Arc<dyn World>,
    connection: u64,
}

impl Task {
    async fn run(&mut self) {
        let mut failures = 0;
        while !self.tell.is_closed() {
            if self.cable.wait_for(|plugged| *plugged).await.is_err() {
                return;
            }
            self.connection += 1;
            let settings = self.settings.borrow_and_update().clone();
            let began = Instant::now();
            let why = match self.connect_once(&settings).await {
                Ok(why) | Err(why) => why,
            };
            // A connection that held for a while is a good sign; one that broke at once is not.
            failures = if began.elapsed() > Duration::from_secs(30) { 0 } else { failures + 1 };
            tracing::info!(address = settings.address, why, "link is down");
            if self.tell.send(LinkEvent::Down(why)).await.is_err() {
                return;
            }
            let pause = pause(&*self.world, failures, settings.longest_pause);
            let until = Instant::now() + pause;
            while let Ok(wish) = tokio::time::timeout_at(until, self.wishes.recv()).await {
                // Nothing can be sent now, and old wishes must not pile up for later.
                if wish.is_none() {
                    return;
                }
            }
        }
    }

    async fn connect_once(&mut self, settings: &LinkSettings) -> Result<String, String> {
        let connecting = async {
            let socket = TcpStream::connect(&settings.address).await.map_err(|error| error.to_string())?;
            socket.set_nodelay(true).map_err(|error| error.to_string())?;
            let connector = TlsConnector::from(Arc::clone(&settings.tls));
            connector.connect(settings.server_name.clone(), socket).await.map_err(|error| error.to_string())
        };
        let stream =
            timeout(Duration::from_secs(15), connecting).await.map_err(|_| "connecting took too long")??;
        self.converse(settings, stream).await
    }

    async fn converse<S>(&mut self, settings: &LinkSettings, stream: S) -> Result<String, String>
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite,
    {
        let (mut reader, mut writer) = tokio::io::split(stream);
        let mut client = Client::new(&settings.client_id, 60, settings.subscriptions.clone());
        let mut buffer = vec![0; 8 * 1024];
        let mut ping_at = None;
        // Until the server has answered CONNECT, silence is death.
        let mut dead_at = Some(Instant::now() + Duration::from_secs(10));
        loop {
            for happening in client.take_happenings() {
                match happening {
                    Happening::PingIn(pause) => ping_at = Some(Instant::now() + pause),
                    Happening::DeadIn(pause) => dead_at = Some(Instant::now() + pause),
                    Happening::Alive => dead_at = None,
                    Happening::TurnedAway(why) => return Err(format!("turned away: {why}")),
                    Happening::Closed(why) => return Ok(why),
                    Happening::Up => {
                        dead_at = None;
                        self.send(LinkEvent::Up).await?;
                    }
                    Happening::Message { topic, payload, receipt } => {
                        let receipt = Receipt { connection: self.connection, packet: receipt };
                        self.send(LinkEvent::Message { topic, payload, receipt }).await?;
                    }
                    Happening::Delivered { tag, taken } => {
                        self.send(LinkEvent::Delivered { tag, taken }).await?
                    }
                }
            }
            let outgoing = client.take_outgoing();
            if !outgoing.is_empty() {
                let sending = async {
                    writer.write_all(&outgoing).await?;
                    writer.flush().await
                };
                let sent =
                    timeout(Duration::from_secs(20), sending).await.map_err(|_| "sending took too long")?;
                sent.map_err(|error| error.to_string())?;
            }
            tokio::select! {
                read = reader.read(&mut buffer) => match read {
                    Ok(0) => return Ok("the server closed the connection".to_owned()),
                    Ok(count) => client.received(buffer.get(..count).unwrap_or_default()),
                    Err(error) => return Ok(error.to_string()),
                },
                wish = self.wishes.recv() => match wish {
                    Some(Wish::Publish { tag, topic, payload }) => client.publish(tag, topic, payload),
                    Some(Wish::Confirm(receipt)) => {
                        if let Receipt { connection, packet: Some(packet) } = receipt && connection == self.connection {
                            client.confirm(packet);
                        }
                    }
                    None => return Err("the box has stopped".to_owned()),
                },
                () = sleep_until(ping_at.unwrap_or_else(Instant::now)), if ping_at.is_some() => {
                    ping_at = None;
                    client.ping();
                }
                () = sleep_until(dead_at.unwrap_or_else(Instant::now)), if dead_at.is_some() => {
                    return Ok("the server is silent".to_owned());
                }
                _ = self.cable.wait_for(|plugged| !plugged) => return Ok("the cable is out".to_owned()),
                changed = self.settings.changed() => {
                    return changed.map(|()| "connecting anew with other settings".to_owned()).map_err(|error| error.to_string());
                }
            }
        }
    }

    async fn send(&self, event: LinkEvent) -> Result<(), String> {
        self.tell.send(event).await.map_err(|_| "the box has stopped".to_owned())
    }
}

/// Full jitter: anything between nothing and the cap of this attempt, so that a fleet does not come back as one wave.
fn pause(world: &dyn World, failures: u32, longest: Duration) -> Duration {
    let cap = Duration::from_millis(500).saturating_mul(1 << failures.min(12)).min(longest);
    let mut chance = [0; 4];
    world.fill(&mut chance);
    let share = f64::from(u32::from_le_bytes(chance)) / f64::from(u32::MAX);
    cap.mul_f64(share)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server came back that takes two hundred knocks a second from one address, and closes the others at once. Nobody
    /// needs long, and no second sees a wave.
    #[test]
    fn a_thousand_boxes_come_back_without_a_wave() {
        const TAKEN_EACH_SECOND: usize = 200;
        let world = sekisho_crypto::system_world();
        let next = |failures| pause(&*world, failures, Duration::from_secs(60)).as_millis();
        let mut boxes: Vec<(u128, u32)> = (0..1000).map(|_| (next(1), 1)).collect();
        let (mut second, mut most) = (0, 0);
        while !boxes.is_empty() {
            let end = (second + 1) * 1000;
            let (mut taken, mut knocks) = (0, 0);
            boxes.retain_mut(|(at, failures)| {
                while *at < end {
                    knocks += 1;
                    if taken < TAKEN_EACH_SECOND {
                        taken += 1;
                        return false;
                    }
                    *failures += 1;
                    *at += next(*failures).max(1);
                }
                true
            });
            // The very first second is the worst: all of them lost their connection at the same moment.
            if second > 0 {
                most = most.max(knocks);
            }
            second += 1;
            assert!(second < 120, "{} boxes still wait", boxes.len());
        }
        assert!(most < 1000, "{most} knocks in one second");
    }
}
