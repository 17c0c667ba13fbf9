//! One box, running: the loop that carries what happens to the logic and does what the logic says, in its order.

mod sending;
mod shooting;
mod updating;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use sekisho_kernel::{Timestamp, World};
use sekisho_wire::{CertificateReply, CertificateRequest, Document, StartReason, Topic};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::box_logic::{BoxLogic, Drive, Effect, Input, PanelAction, View};
use crate::driver::{BoxDriver, Camera, Signal};
use crate::home::{Home, HomeError, Identity};
use crate::journal::{Entry, Journal, Recovered, Room};
use crate::link::{Link, LinkEvent, Receipt};
use crate::spool::{Shelf, Spool};
use crate::updates::{Request, Slot, UpdateFiles};
use sekisho_updates::Version;
use sending::Sending;
use shooting::{Order, Taken};
use updating::Updating;

/// The logic looks at the clock at least this often: a clock can be set while we sleep.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);
/// A certificate is renewed when it is good for less than this.
const RENEW_BEFORE: Duration = Duration::from_secs(30 * 86_400);
/// And when that did not work, tried again after this.
const RENEW_AGAIN: Duration = Duration::from_secs(3_600);

/// What a box needs to run.
#[derive(Clone)]
pub struct Parts {
    /// Its folder.
    pub home: Home,
    /// Time and chance.
    pub world: Arc<dyn World>,
    /// Its hardware.
    pub driver: Arc<dyn BoxDriver>,
    /// Its camera, or [`crate::driver::NoCamera`].
    pub camera: Arc<dyn Camera>,
    /// Why it starts.
    pub reason: StartReason,
    /// Keep the journal in memory: for simulated fleets only.
    pub forgetful: bool,
    /// The longest pause between two attempts to connect.
    pub longest_pause: Duration,
    /// How its program can be changed; none: it cannot.
    pub updates: Option<Updatable>,
    /// How much the journal may take.
    pub room: Room,
}

/// What it takes to change the program.
#[derive(Clone, Debug)]
pub struct Updatable {
    /// Images and the boot record.
    pub files: UpdateFiles,
    /// Where the program lies that runs.
    pub slot: Slot,
    /// Its version.
    pub version: Version,
    /// The hardware, by the word that images name.
    pub hardware: String,
    /// So long a new program has to prove itself.
    pub prove_within: Duration,
}

/// Why a box stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// It was asked to.
    Stopped,
    /// A command wants it started again.
    Restart,
}

/// A running box.
#[derive(Debug)]
pub struct Running {
    /// What people do at the panel goes in here.
    pub panel: mpsc::Sender<PanelAction>,
    /// What the screen shows.
    pub view: watch::Receiver<View>,
    /// The connection, for the simulator's switch.
    pub link: Link,
    stop: CancellationToken,
    task: tokio::task::JoinHandle<Exit>,
}

impl Running {
    /// Starts a box.
    pub async fn start(parts: Parts) -> Result<Self, HomeError> {
        let identity = parts.home.identity(&parts.world)?;
        let (mut journal, recovered) = if parts.forgetful {
            (Journal::in_memory(), Recovered::default())
        } else {
            let path = parts.home.journal();
            Journal::open(&path).map_err(|source| HomeError::File { path, source })?
        };
        journal.limit(parts.room);
        let path = parts.home.pictures();
        let shelf = if parts.forgetful { Shelf::in_memory() } else { Shelf::at(path.clone()) };
        let spool = Spool::open(shelf.clone()).map_err(|source| HomeError::File { path, source })?;
        let stop = CancellationToken::new();
        let (orders, taken) = shooting::start(identity.device, parts.camera, shelf, stop.clone());
        let mut settings = identity.link.clone();
        settings.longest_pause = parts.longest_pause;
        let (link, link_events, _) = Link::start(settings, Arc::clone(&parts.world), stop.clone());
        let (panel, panel_actions) = mpsc::channel(64);
        let (signal, signals) = mpsc::unbounded_channel();
        parts.driver.listen(signal);
        let (updating, requests) = updating::start(parts.updates, &stop);
        let logic = BoxLogic::new(identity.device, identity.command_key, parts.home.config())
            .running(updating.program());
        let (show, view) = watch::channel(logic.view(parts.world.now()));
        let mut runner = Runner {
            sending: Sending::new(identity.device, link.clone()),
            link: link.clone(),
            journal: Some(journal),
            writing: None,
            unwritten: Vec::new(),
            spool,
            lost: 0,
            orders,
            world: parts.world,
            driver: parts.driver,
            home: parts.home,
            identity,
            logic,
            show,
            renewal: None,
            renew_at: Timestamp::EPOCH,
            updating,
            exit: None,
        };
        let stopping = stop.clone();
        let task = tokio::spawn(async move {
            let ran = stopping.run_until_cancelled(async {
                runner.start(recovered, parts.reason).await;
                runner.run(panel_actions, signals, link_events, taken, requests).await
            });
            let exit = ran.await.unwrap_or(Exit::Stopped);
            stopping.cancel();
            if let Some(writing) = runner.writing.take() {
                let _ = writing.await;
            }
            exit
        });
        Ok(Self { panel, view, link, stop, task })
    }

    /// Does something at the panel.
    pub async fn press(&self, action: PanelAction) {
        let _ = self.panel.send(action).await;
    }

    /// Waits until the box stops by itself.
    pub async fn ended(&mut self) -> Exit {
        (&mut self.task).await.unwrap_or(Exit::Stopped)
    }

    /// Stops the box between two steps.
    pub async fn stop(self) -> Exit {
        self.stop.cancel();
        self.task.await.unwrap_or(Exit::Stopped)
    }

    /// Stops the box wherever it is, as a power cut does. A write to the disk that has begun still ends.
    pub async fn kill(self) {
        self.task.abort();
        self.stop.cancel();
        let _ = self.task.await;
    }
}

struct Runner {
    logic: BoxLogic,
    /// Absent only while a write is under way, or for good once a write was killed in the middle.
    journal: Option<Journal>,
    /// The write under way. Whoever stops the box waits for it: until it ends it holds the journal.
    writing: Option<JoinHandle<(Journal, std::io::Result<()>)>>,
    /// What could not be written yet, because the disk refused.
    unwritten: Vec<Entry>,
    spool: Spool,
    /// Pictures that went to make room, to be told.
    lost: u32,
    orders: mpsc::Sender<Order>,
    sending: Sending,
    link: Link,
    driver: Arc<dyn BoxDriver>,
    world: Arc<dyn World>,
    home: Home,
    identity: Identity,
    show: watch::Sender<View>,
    renewal: Option<String>,
    renew_at: Timestamp,
    updating: Updating,
    exit: Option<Exit>,
}

impl Runner {
    async fn start(&mut self, recovered: Recovered, reason: StartReason) {
        let bins = self.driver.look().await.unwrap_or_else(|fault| {
            tracing::error!(%fault, "the sensors do not answer");
            std::collections::BTreeMap::new()
        });
        let bins = bins.into_iter().map(|(bin, sensors)| (bin, sensors.legible())).collect();
        self.step(Input::Started { recovered, bins, reason }).await;
    }

    async fn run(
        &mut self,
        mut panel: mpsc::Receiver<PanelAction>,
        mut signals: mpsc::UnboundedReceiver<Signal>,
        mut link_events: mpsc::Receiver<LinkEvent>,
        mut taken: mpsc::Receiver<Taken>,
        mut requests: mpsc::Receiver<Request>,
    ) -> Exit {
        loop {
            if let Some(exit) = self.exit {
                self.sending.settle().await;
                return exit;
            }
            let sleep = self.logic.wake_at().map_or(LONGEST_SLEEP, |at| at.since(self.world.now()));
            let sleep = sleep.clamp(Duration::from_millis(5), LONGEST_SLEEP);
            tokio::select! {
                Some(signal) = signals.recv() => {
                    if let Some(signal) = signal.legible() {
                        self.step(Input::Signal(signal)).await;
                    }
                }
                Some(action) = panel.recv() => self.step(Input::Panel(action)).await,
                Some(taken) = taken.recv() => self.taken(taken).await,
                Some(request) = requests.recv() => self.requested(request).await,
                event = link_events.recv() => match event {
                    Some(event) => self.link_event(event).await,
                    None => return Exit::Stopped,
                },
                () = tokio::time::sleep(sleep) => {
                    self.step(Input::Tick).await;
                    if let Some(entry) = self.sending.acknowledged() {
                        self.on_journal(|journal| journal.record(vec![entry])).await;
                    }
                    let lost = std::mem::take(&mut self.lost) + self.sending.picture_settled(&mut self.spool);
                    self.pictures_lost(lost).await;
                    self.renew_in_time();
                }
            }
        }
    }

    async fn link_event(&mut self, event: LinkEvent) {
        match event {
            LinkEvent::Up => {
                self.sending.up();
                self.step(Input::Link(true)).await;
            }
            LinkEvent::Down(_) => {
                self.sending.down();
                self.renewal = None;
                self.step(Input::Link(false)).await;
            }
            LinkEvent::Delivered { tag, taken } => {
                if let Some(topic) = self.sending.delivered(tag, taken) {
                    self.step(Input::Delivered(topic)).await;
                }
                let lost = self.sending.picture_settled(&mut self.spool);
                self.pictures_lost(lost).await;
            }
            LinkEvent::Message { topic, payload, receipt } => self.message(&topic, payload, receipt).await,
        }
        self.send_waiting();
    }

    /// Events first; a picture goes when its event has arrived.
    fn send_waiting(&mut self) {
        if let Some(journal) = &self.journal {
            self.sending.send_waiting(journal);
            self.sending.send_picture(journal, &self.spool);
        }
    }

    async fn taken(&mut self, taken: Taken) {
        let lost = match taken {
            Taken::Kept(waiting) => self.spool.add(waiting),
            Taken::Lost => 1,
        };
        self.pictures_lost(lost).await;
        self.send_waiting();
    }

    async fn pictures_lost(&mut self, count: u32) {
        if count > 0 {
            self.step(Input::PicturesLost(count)).await;
        }
    }

    async fn message(&mut self, topic: &str, payload: Vec<u8>, receipt: Receipt) {
        let understood = match Topic::parse(topic) {
            Ok((device, topic)) if device == self.identity.device => self.read(topic, payload).await,
            _ => Err("not a topic of ours".to_owned()),
        };
        if let Err(why) = understood {
            tracing::warn!(topic, why, "a message was not understood");
        }
        // Confirmed in any case: sending it again would not make it better.
        self.link.confirm(receipt);
    }

    async fn read(&mut self, topic: Topic, payload: Vec<u8>) -> Result<(), String> {
        let wrong = |error: sekisho_wire::WireError| error.to_string();
        match topic {
            Topic::Command(_) => self.step(Input::Command(payload)).await,
            Topic::Answer(_) => {
                let answer = sekisho_wire::decode(&payload).map_err(wrong)?;
                self.step(Input::Answer(answer)).await;
            }
            Topic::Config(Document::Box) => {
                let config = sekisho_wire::decode(&payload).map_err(wrong)?;
                self.step(Input::Config(config)).await;
            }
            Topic::Config(Document::Time) => {
                let beacon = sekisho_wire::decode(&payload).map_err(wrong)?;
                self.step(Input::Time(beacon)).await;
            }
            Topic::Config(Document::Sync) => {
                let sync = sekisho_wire::decode(&payload).map_err(wrong)?;
                self.on_journal(move |journal| journal.resume(sync)).await;
                if let Some(journal) = &self.journal {
                    self.sending.agreed(journal);
                }
            }
            Topic::Config(Document::Certificate) => {
                let reply = sekisho_wire::decode(&payload).map_err(wrong)?;
                self.renewed(&reply);
            }
            Topic::Part(_) => self.updating.part(sekisho_wire::decode(&payload).map_err(wrong)?),
            _ => return Err("not a topic for a device".to_owned()),
        }
        Ok(())
    }

    /// One step of the logic and everything that follows from it.
    async fn step(&mut self, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            if let Some(journal) = &self.journal {
                self.logic.set_unsent(u32::try_from(journal.unsent()).unwrap_or(u32::MAX));
            }
            let effects = self.logic.step(input, self.world.now());
            let recorded = self.record(&effects).await;
            let mut seq = self.first_seq(&effects);
            for effect in effects {
                match effect {
                    Effect::Proceed(command) if recorded => inputs.push_back(Input::Proceed(command)),
                    Effect::Record(entry) if entry.takes_a_number() => seq += 1,
                    // An intent that is not on disk is not acted upon; the server lets the command expire.
                    Effect::Proceed(_) | Effect::Record(_) => {}
                    // An event that is not on disk has no number yet, so no picture can be told to be its.
                    Effect::Shoot(at, to) => {
                        let order = Order { seq, at, to };
                        if !recorded || self.orders.try_send(order).is_err() {
                            inputs.push_back(Input::PicturesLost(1));
                        }
                    }
                    Effect::Drive(drive) => {
                        let driven = match drive {
                            Drive::Bin(bin, order) => self.driver.release(bin, order).await,
                            Drive::Master(_) => self.driver.release_master().await,
                        };
                        inputs.push_back(Input::Driven(drive, driven));
                    }
                    Effect::Lamp(bin, lamp) => {
                        if let Err(fault) = self.driver.lamp(bin, lamp).await {
                            tracing::warn!(%fault, bin, "a lamp could not be set");
                        }
                    }
                    Effect::Publish(topic, payload) => self.sending.publish(topic, payload),
                    Effect::SaveConfig(config) => {
                        if let Err(error) = self.home.save_config(&config) {
                            tracing::error!(%error, "the set-up could not be kept");
                        }
                    }
                    Effect::Restart => self.exit = Some(Exit::Restart),
                    Effect::RenewCertificate => self.renew(),
                    Effect::Update { command, rollout, image } => {
                        let listed = self.updating.list(rollout, &image);
                        inputs.push_back(Input::UpdateListed(command, listed));
                    }
                    Effect::Show => {
                        self.show.send_replace(self.logic.view(self.world.now()));
                    }
                }
            }
            self.send_waiting();
        }
        self.tell_situation();
    }

    /// The number before the first event of these effects, which are on disk.
    fn first_seq(&self, effects: &[Effect]) -> u64 {
        let numbered = |effect: &&Effect| matches!(effect, Effect::Record(entry) if entry.takes_a_number());
        let events = effects.iter().filter(numbered).count() as u64;
        self.journal.as_ref().map_or(0, |journal| journal.last_seq().saturating_sub(events))
    }

    /// Puts everything a step wants remembered on disk, as one write. It comes before the step's other effects, of which
    /// none may happen unremembered.
    async fn record(&mut self, effects: &[Effect]) -> bool {
        let entry = |effect: &Effect| match effect {
            Effect::Record(entry) => Some(entry.clone()),
            _ => None,
        };
        let fresh: Vec<Entry> = effects.iter().filter_map(entry).collect();
        if fresh.is_empty() && self.unwritten.is_empty() {
            return true;
        }
        let mut entries = std::mem::take(&mut self.unwritten);
        entries.extend(self.sending.acknowledged());
        entries.extend(fresh);
        let kept = entries.clone();
        let written = self.on_journal(move |journal| journal.record(entries)).await;
        if !written {
            self.unwritten = kept;
            // The disk may be full: pictures are the first to go, so that the next try has room.
            self.lost = self.lost.saturating_add(self.spool.clear());
        }
        written
    }

    /// Works on the journal where waiting for the disk holds nobody up.
    async fn on_journal(
        &mut self,
        work: impl FnOnce(&mut Journal) -> std::io::Result<()> + Send + 'static,
    ) -> bool {
        let Some(mut journal) = self.journal.take() else { return false };
        let writing = self.writing.insert(tokio::task::spawn_blocking(move || {
            let done = work(&mut journal);
            (journal, done)
        }));
        let done = writing.await;
        self.writing = None;
        match done {
            Ok((journal, done)) => {
                self.journal = Some(journal);
                done.inspect_err(|error| tracing::error!(%error, "the journal cannot be written")).is_ok()
            }
            Err(error) => {
                tracing::error!(%error, "the journal is lost to this run");
                false
            }
        }
    }

    fn renew_in_time(&mut self) {
        let now = self.world.now();
        if now >= self.renew_at
            && self.identity.certificate_until.minus(RENEW_BEFORE) <= now
            && self.sending.is_up()
        {
            self.renew();
        }
    }

    /// Makes a new key, which stays in memory until its certificate is here, and asks for the certificate.
    fn renew(&mut self) {
        self.renew_at = self.world.now().plus(RENEW_AGAIN);
        let made = sekisho_crypto::certificates::make_key().and_then(|key| {
            let csr = sekisho_crypto::certificates::make_request(&key, &self.identity.device.to_string())?;
            Ok((key.to_string(), csr))
        });
        match made {
            Ok((key, csr)) => {
                self.renewal = Some(key);
                let request = sekisho_wire::encode(&CertificateRequest { csr });
                self.sending.publish(Topic::Report(Document::CertificateRequest), request);
            }
            Err(error) => tracing::error!(%error, "a new key could not be made"),
        }
    }

    fn renewed(&mut self, reply: &CertificateReply) {
        let Some(key) = self.renewal.take() else { return };
        match self.home.renew(reply, &key, &self.world) {
            Ok((tls, until)) => {
                tracing::info!(%until, "the certificate was renewed");
                self.identity.certificate_until = until;
                self.link.replace(|settings| settings.tls = tls);
            }
            Err(error) => tracing::error!(%error, "the new certificate cannot be used; keeping the old one"),
        }
    }
}
