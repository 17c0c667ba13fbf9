//! A device that does nothing but tell events, and keeps its own book of what was acknowledged.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use sekisho_agent::home::Home;
use sekisho_agent::link::{Link, LinkEvent};
use sekisho_crypto::sha256;
use sekisho_kernel::{DeviceId, World};
use sekisho_wire::{Event, EventKind, GENESIS, Topic};
use tokio::sync::{mpsc, watch};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// Events not yet acknowledged at most.
const WINDOW: usize = 64;
const PAUSE: Duration = Duration::from_millis(15);

/// What a flooding device saw acknowledged: number and hash of each event.
pub struct Told {
    pub device: DeviceId,
    pub acknowledged: Vec<(u64, [u8; 32])>,
}

pub struct Flood {
    stop: CancellationToken,
    seen: watch::Receiver<Seen>,
    task: tokio::task::JoinHandle<Told>,
}

/// How a flooding device stands.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    /// It is connected.
    pub up: bool,
    /// So many events were acknowledged.
    pub acknowledged: usize,
}

impl Flood {
    pub fn start(home: &Home, world: Arc<dyn World>) -> Self {
        Self::every(PAUSE, home, world)
    }

    /// The same with an event in each `pause`.
    pub fn every(pause: Duration, home: &Home, world: Arc<dyn World>) -> Self {
        let identity = home.identity(&world).unwrap();
        let mut settings = identity.link.clone();
        settings.longest_pause = pause.max(Duration::from_millis(300));
        let (stop, unplug) = (CancellationToken::new(), CancellationToken::new());
        let (show, seen) = watch::channel(Seen::default());
        let (link, events, _) = Link::start(settings, world.clone(), unplug.clone());
        let device = Device {
            device: identity.device,
            world,
            link,
            up: false,
            seq: 0,
            head: GENESIS,
            waiting: VecDeque::new(),
            tags: HashMap::new(),
            next_tag: 0,
            told: Told { device: identity.device, acknowledged: Vec::new() },
            show,
        };
        let until = stop.clone();
        let task = tokio::spawn(async move {
            let told = device.run(pause, events, until).await;
            unplug.cancel();
            told
        });
        Self { stop, seen, task }
    }

    /// How it stands now.
    pub fn seen(&self) -> Seen {
        *self.seen.borrow()
    }

    /// Waits until it stands as `wanted` accepts.
    pub async fn until(&self, wanted: impl Fn(Seen) -> bool) {
        self.seen.clone().wait_for(|seen| wanted(*seen)).await.expect("the device lives");
    }

    /// Tells nothing new any more; ends when everything told is acknowledged.
    pub async fn stop(self) -> Told {
        self.stop.cancel();
        tokio::time::timeout(super::QUIET_WITHIN, self.task).await.expect("a flood ebbs").unwrap()
    }
}

struct Device {
    device: DeviceId,
    world: Arc<dyn World>,
    link: Link,
    up: bool,
    seq: u64,
    head: [u8; 32],
    waiting: VecDeque<(u64, Vec<u8>)>,
    tags: HashMap<u64, u64>,
    next_tag: u64,
    told: Told,
    show: watch::Sender<Seen>,
}

impl Device {
    async fn run(
        mut self,
        pause: Duration,
        mut events: mpsc::Receiver<LinkEvent>,
        stop: CancellationToken,
    ) -> Told {
        let mut tick = tokio::time::interval(pause);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !(stop.is_cancelled() && self.waiting.is_empty()) {
            tokio::select! {
                event = events.recv() => {
                    self.heard(event.unwrap());
                    self.show.send_replace(Seen { up: self.up, acknowledged: self.told.acknowledged.len() });
                }
                _ = tick.tick() => {
                    if !stop.is_cancelled() && self.waiting.len() < WINDOW {
                        self.happen();
                    }
                }
            }
        }
        self.told
    }

    fn heard(&mut self, event: LinkEvent) {
        match event {
            LinkEvent::Up => {
                self.up = true;
                for (seq, payload) in self.waiting.clone() {
                    self.send(seq, payload);
                }
            }
            LinkEvent::Down(_) => {
                self.up = false;
                self.tags.clear();
            }
            LinkEvent::Message { receipt, .. } => self.link.confirm(receipt),
            LinkEvent::Delivered { tag, taken } => {
                let Some(seq) = self.tags.remove(&tag) else { return };
                assert!(taken, "event {seq} was refused");
                let at = self.waiting.iter().position(|(waiting, _)| *waiting == seq).unwrap();
                let (_, payload) = self.waiting.remove(at).unwrap();
                self.told.acknowledged.push((seq, sha256(&payload)));
            }
        }
    }

    fn happen(&mut self) {
        self.seq += 1;
        let kind = EventKind::BinLeftOpen { bin: 1, seconds: u32::try_from(self.seq).unwrap() };
        let payload =
            sekisho_wire::encode(&Event { seq: self.seq, at: self.world.now(), prev: self.head, kind });
        self.head = sha256(&payload);
        self.waiting.push_back((self.seq, payload.clone()));
        if self.up {
            self.send(self.seq, payload);
        }
    }

    fn send(&mut self, seq: u64, payload: Vec<u8>) {
        self.next_tag += 1;
        self.tags.insert(self.next_tag, seq);
        let taken = self.link.publish(self.next_tag, Topic::Event(seq).format(self.device), payload);
        assert!(taken, "the window is smaller than the link's queue");
    }
}
