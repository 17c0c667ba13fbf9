//! A SmartBox without sockets, locks or clock: `step(input, now)` says what follows from what happened. The order of the
//! effects is the order in which they must be done; what is recorded is on disk before the next effect begins.
//!
//! Its promises: a command acts at most once and never after its time; a key can always be put back, with or without the
//! server; a door that opened without a release is an alarm; nothing about people outlives their stay at the panel.

mod bins;
mod clock;
mod commands;
mod conversation;
mod view;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use sekisho_kernel::{DeviceId, Language, Timestamp};
use sekisho_wire::{
    Ack, Answer, BinReport, BoxConfig, Camera, Clock as ClockReport, CommandId, EventKind, Heartbeat,
    StartReason, TimeBeacon, Topic, Vitals,
};

use crate::driver::{BinNumber, BinSensors, Fault, Lamp, Signal};
use crate::journal::{Entry, Recovered};
use crate::updates::Checks;

pub use bins::Purpose;
pub use conversation::actions::PanelAction;
pub use view::{Alarm, BinView, KeyLine, Screen, Sentence, View};

use bins::Bins;
use clock::Clock;
use commands::Commands;
use conversation::Conversation;

/// Lost pictures are told together, not each with an event of its own.
const TELL_LOSS_AFTER: Duration = Duration::from_secs(60);
/// On battery, an update waits until there is so much charge, in percent.
const LEAST_BATTERY: u8 = 40;

/// What happened to the box.
#[derive(Clone, Debug)]
pub enum Input {
    /// The agent runs: what the journal held and what the sensors say.
    Started {
        /// What the journal held.
        recovered: Recovered,
        /// What the sensors say.
        bins: BTreeMap<BinNumber, BinSensors>,
        /// Why it started.
        reason: StartReason,
    },
    /// Somebody touched the panel.
    Panel(PanelAction),
    /// A command came: the payload of a [`sekisho_wire::SignedCommand`].
    Command(Vec<u8>),
    /// The server answered the panel.
    Answer(Answer),
    /// The box is set up anew.
    Config(BoxConfig),
    /// The server told the time.
    Time(TimeBeacon),
    /// A sensor or reader noticed something.
    Signal(Signal),
    /// The connection came (true) or went.
    Link(bool),
    /// The server has a published message.
    Delivered(Topic),
    /// An [`Effect::Proceed`] came back: everything recorded before it is on disk.
    Proceed(CommandId),
    /// What came of an [`Effect::Drive`].
    Driven(Drive, Result<(), Fault>),
    /// An ordered update is on the list of what is worked on (true), or could not be put there.
    UpdateListed(CommandId, bool),
    /// The box is this far with an update.
    Updating(EventKind),
    /// So many pictures are lost that the server will not see.
    PicturesLost(u32),
    /// Time has passed.
    Tick,
}

/// A lock to be driven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drive {
    /// A bin's latch, for a command or for a return the box decided on itself.
    Bin(BinNumber, Option<CommandId>),
    /// The main door's latch.
    Master(CommandId),
}

/// What has to be done now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Remember this; on disk before the next effect.
    Record(Entry),
    /// Come back with [`Input::Proceed`] and a fresh look at the clock.
    Proceed(CommandId),
    /// Drive a lock once.
    Drive(Drive),
    /// Set a lamp.
    Lamp(BinNumber, Lamp),
    /// Publish this payload.
    Publish(Topic, Vec<u8>),
    /// Keep the new set-up for the next start.
    SaveConfig(BoxConfig),
    /// A command wants the agent restarted.
    Restart,
    /// A command wants a new certificate.
    RenewCertificate,
    /// A command wants this image; back with [`Input::UpdateListed`].
    Update {
        /// The command.
        command: CommandId,
        /// The rollout it belongs to.
        rollout: uuid::Uuid,
        /// The image.
        image: String,
    },
    /// Take a picture of the event recorded just before it, which happened then, and seal it to this key.
    Shoot(Timestamp, Camera),
    /// The screen has something else to show.
    Show,
}

/// The box.
#[derive(Debug)]
pub struct BoxLogic {
    config: Option<BoxConfig>,
    clock: Clock,
    bins: Bins,
    commands: Commands,
    conversation: Conversation,
    link: bool,
    started: Timestamp,
    heartbeat_at: Timestamp,
    mains: bool,
    battery: Option<u8>,
    tamper: bool,
    door_open: bool,
    effects: Vec<Effect>,
    shown: Option<View>,
    unsent: u32,
    pictures_lost: u32,
    loss_told: Timestamp,
    program: Program,
    /// Whether the sensors answered when the program started.
    sensed: bool,
}

/// Which program the box runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Its version.
    pub version: String,
    /// The hardware it runs on; none where it cannot be updated.
    pub hardware: Option<String>,
}

impl Default for Program {
    fn default() -> Self {
        Self { version: env!("CARGO_PKG_VERSION").to_owned(), hardware: None }
    }
}

impl BoxLogic {
    /// A box that obeys `command_key`, with the set-up it was last given.
    pub fn new(device: DeviceId, command_key: [u8; 32], config: Option<BoxConfig>) -> Self {
        Self {
            clock: Clock::default(),
            bins: Bins::default(),
            commands: Commands::new(device, command_key),
            conversation: Conversation::default(),
            link: false,
            started: Timestamp::EPOCH,
            heartbeat_at: Timestamp::FAR_FUTURE,
            mains: true,
            battery: None,
            tamper: false,
            door_open: false,
            effects: Vec::new(),
            shown: None,
            unsent: 0,
            pictures_lost: 0,
            loss_told: Timestamp::EPOCH,
            program: Program::default(),
            sensed: false,
            config,
        }
    }

    /// Says which program runs.
    #[must_use]
    pub fn running(mut self, program: Program) -> Self {
        self.program = program;
        self
    }

    /// Whether nobody would miss the box for a moment: nothing is open or about to be, nothing alarms, nobody stands before it, and
    /// power will last.
    pub fn is_idle(&self) -> bool {
        self.conversation.is_idle()
            && self.commands.are_done()
            && self.bins.are_closed()
            && !self.door_open
            && !self.tamper
            && (self.mains || self.battery.is_some_and(|percent| percent >= LEAST_BATTERY))
    }

    /// Whether the box has what it works with: sensors that answer, a clock that was set, its set-up.
    pub fn checks(&self) -> Checks {
        Checks { sensed: self.sensed, timed: self.clock.trusted(), set_up: self.config.is_some() }
    }

    /// The time, by the box's own idea of it.
    pub fn time(&self, wall: Timestamp) -> Timestamp {
        self.clock.read(wall)
    }

    /// What follows from `input` at `wall`, the time the device's clock shows.
    pub fn step(&mut self, input: Input, wall: Timestamp) -> Vec<Effect> {
        let now = self.clock.advance(wall);
        match input {
            Input::Started { recovered, bins, reason } => self.start(recovered, &bins, reason, now),
            Input::Panel(action) => self.panel(action, now),
            Input::Command(payload) => self.command(&payload, now),
            Input::Answer(answer) => self.answer(answer, now),
            Input::Config(config) => self.configure(config, now),
            Input::Time(beacon) => self.set_clock(beacon, wall),
            Input::Signal(signal) => self.signal(signal, now),
            Input::Link(up) => self.link(up, now),
            Input::Delivered(topic) => self.delivered(topic),
            Input::Proceed(command) => self.proceed(command, now),
            Input::Driven(drive, result) => self.driven(drive, result, now),
            Input::UpdateListed(command, listed) => self.update_listed(command, listed, now),
            Input::Updating(kind) => self.happened(kind, now),
            Input::PicturesLost(count) => self.pictures_lost = self.pictures_lost.saturating_add(count),
            Input::Tick => {}
        }
        let now = self.clock.read(wall);
        self.tick(now);
        self.refresh(now);
        std::mem::take(&mut self.effects)
    }

    /// When [`Input::Tick`] is due at the latest, by the device's clock.
    pub fn wake_at(&self) -> Option<Timestamp> {
        [
            self.bins.wake_at(self.left_open_after()),
            self.commands.wake_at(),
            self.conversation.wake_at(),
            Some(self.heartbeat_at),
        ]
        .into_iter()
        .flatten()
        .min()
        .map(|at| self.clock.to_wall(at))
    }

    /// What the screen shows.
    pub fn view(&self, wall: Timestamp) -> View {
        self.compose(self.clock.read(wall))
    }

    /// How many events wait for the server, for the heartbeat.
    pub fn set_unsent(&mut self, unsent: u32) {
        self.unsent = unsent;
    }

    fn start(
        &mut self,
        recovered: Recovered,
        bins: &BTreeMap<BinNumber, BinSensors>,
        reason: StartReason,
        now: Timestamp,
    ) {
        let _ = self.clock.raise_floor(recovered.floor);
        let now = now.max(recovered.floor);
        self.started = now;
        self.heartbeat_at = now;
        self.conversation.start(now);
        self.bins.look(bins, now);
        self.sensed = !bins.is_empty();
        self.happened(EventKind::Started { agent: self.program.version.clone(), reason }, now);
        self.tell_what_nobody_watched(&recovered, now);
        self.effects.push(Effect::Record(Entry::Bins(self.bins.memory())));
        self.resume_commands(recovered, now);
        for (bin, lamp) in self.bins.lamps() {
            self.effects.push(Effect::Lamp(bin, lamp));
        }
    }

    fn configure(&mut self, config: BoxConfig, now: Timestamp) {
        if self.config.as_ref().is_some_and(|held| held.version > config.version) {
            // An older document overtaken on the way.
            return;
        }
        if self.conversation.is_idle() {
            self.conversation.rest_in(language(&config.language));
        }
        self.effects.push(Effect::SaveConfig(config.clone()));
        self.config = Some(config);
        self.heartbeat_at = now;
    }

    fn set_clock(&mut self, beacon: TimeBeacon, wall: Timestamp) {
        if let Some(by_micros) = self.clock.set(beacon.now, wall) {
            let now = self.clock.read(wall);
            self.shift_deadlines(by_micros);
            self.happened(EventKind::ClockStepped { by_micros }, now);
        }
    }

    /// A corrected clock must neither end a person's stay nor stretch it.
    fn shift_deadlines(&mut self, by_micros: i64) {
        let shift = |at: Timestamp| Timestamp::from_micros(at.as_micros().saturating_add(by_micros));
        self.started = shift(self.started);
        self.heartbeat_at = shift(self.heartbeat_at);
        self.loss_told = shift(self.loss_told);
        self.bins.shift(&shift);
        self.commands.shift(&shift);
        self.conversation.shift(&shift);
    }

    fn link(&mut self, up: bool, now: Timestamp) {
        self.link = up;
        if up {
            self.heartbeat_at = now;
            for ack in self.commands.untold() {
                self.effects.push(Effect::Publish(Topic::Ack(ack.command), sekisho_wire::encode(&ack)));
            }
        } else {
            self.lost_server(now);
        }
    }

    fn delivered(&mut self, topic: Topic) {
        if let Topic::Ack(command) = topic
            && self.commands.told(command)
        {
            self.effects.push(Effect::Record(Entry::Told(command)));
        }
    }

    fn tick(&mut self, now: Timestamp) {
        self.command_deadlines(now);
        self.bin_deadlines(now);
        self.conversation_deadlines(now);
        if self.pictures_lost > 0 && now >= self.loss_told.plus(TELL_LOSS_AFTER) {
            self.loss_told = now;
            let count = std::mem::take(&mut self.pictures_lost);
            self.happened(EventKind::PicturesLost { count }, now);
        }
        if now >= self.heartbeat_at {
            let pause = Duration::from_secs(self.timeouts().heartbeat_s.max(5).into());
            self.heartbeat_at = now.plus(pause);
            if self.link {
                let heartbeat = self.heartbeat(now);
                self.effects.push(Effect::Publish(Topic::Heartbeat, sekisho_wire::encode(&heartbeat)));
            }
        }
    }

    fn heartbeat(&self, now: Timestamp) -> Heartbeat {
        let vitals = Vitals {
            agent: self.program.version.clone(),
            uptime_s: now.since(self.started).as_secs(),
            mains: self.mains,
            battery: self.battery,
            unsent: self.unsent,
            free_bytes: None,
            tamper: self.tamper,
            door_open: self.door_open,
            hardware: self.program.hardware.clone(),
        };
        let bins = self.bins.iter().map(|(number, bin)| BinReport {
            bin: number,
            closed: bin.closed,
            fob: bin.fob.clone(),
            occupied: Some(bin.occupied),
        });
        Heartbeat {
            vitals,
            bins: bins.collect(),
            clock: ClockReport { now, trusted: self.clock.trusted() },
            config_version: self.config.as_ref().map_or(0, |config| config.version),
        }
    }

    fn timeouts(&self) -> sekisho_wire::Timeouts {
        self.config.as_ref().map(|config| config.timeouts).unwrap_or_default()
    }

    fn happened(&mut self, kind: EventKind, at: Timestamp) {
        let camera = self.config.as_ref().and_then(|config| config.camera.clone());
        let camera = camera.filter(|_| kind.is_pictured());
        self.effects.push(Effect::Record(Entry::Happened { at, kind }));
        if let Some(camera) = camera {
            self.effects.push(Effect::Shoot(at, camera));
        }
    }

    fn acknowledge(&mut self, ack: &Ack) {
        if self.link {
            self.effects.push(Effect::Publish(Topic::Ack(ack.command), sekisho_wire::encode(ack)));
        }
    }

    fn refresh(&mut self, now: Timestamp) {
        let view = self.compose(now);
        if self.shown.as_ref() != Some(&view) {
            self.shown = Some(view);
            self.effects.push(Effect::Show);
        }
    }
}

/// The language a set-up names; Japanese when it names none we know.
fn language(tag: &str) -> Language {
    if tag.starts_with("en") { Language::En } else { Language::Ja }
}

/// The newest of a bounded list, oldest first.
fn push_bounded<T>(list: &mut VecDeque<T>, item: T, most: usize) {
    list.push_back(item);
    while list.len() > most {
        list.pop_front();
    }
}
