//! A test stand: the logic, a disk that survives crashes, a cabinet, and a clock that stands still until it is moved.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use sekisho_agent::box_logic::{BoxLogic, Drive, Effect, Input, PanelAction, Screen};
use sekisho_agent::driver::{BinNumber, BinSensors, Fault, Signal};
use sekisho_agent::journal::{Entry, Journal};
use sekisho_crypto::SigningKey;
use sekisho_kernel::{DeviceId, Timestamp};
use sekisho_wire::{
    Ack, Answer, AnswerKind, Ask, AskKind, BinConfig, BoxConfig, Command, CommandId, CommandKind, Event,
    EventKind, ReleaseReason, SignedCommand, StartReason, Timeouts, Topic, Words,
};

pub const BINS: BinNumber = 4;

pub fn id<T: From<uuid::Uuid>>(number: u128) -> T {
    uuid::Uuid::from_u128(number).into()
}

/// The hand's view of one bin.
#[derive(Clone, Debug)]
pub struct Door {
    pub closed: bool,
    pub fob: Option<String>,
    pub jammed: bool,
}

pub struct Stand {
    pub logic: BoxLogic,
    pub journal: Journal,
    pub doors: BTreeMap<BinNumber, Door>,
    pub now: Timestamp,
    pub link: bool,
    key: SigningKey,
    /// Every time a latch was driven: the bin, the command, the time.
    pub driven: Vec<(BinNumber, Option<CommandId>, Timestamp)>,
    pub published: Vec<(Topic, Vec<u8>)>,
    /// The events a picture was ordered for.
    pictured: Vec<EventKind>,
    pub restarts: u32,
    /// Crash after this many more effects.
    pub crash_after: Option<usize>,
}

impl Stand {
    pub fn new() -> Self {
        let key = SigningKey::generate(&*sekisho_crypto::system_world()).unwrap();
        let door = |number: BinNumber| Door {
            closed: true,
            fob: (number < BINS).then(|| format!("F{number}")),
            jammed: false,
        };
        let mut stand = Self {
            logic: BoxLogic::new(id(1), key.public(), Some(config())),
            journal: Journal::in_memory(),
            doors: (1..=BINS).map(|number| (number, door(number))).collect(),
            now: Timestamp::from_secs(1_800_000_000),
            link: false,
            key,
            driven: Vec::new(),
            published: Vec::new(),
            pictured: Vec::new(),
            restarts: 0,
            crash_after: None,
        };
        stand.start();
        stand
    }

    pub fn connected() -> Self {
        let mut stand = Self::new();
        stand.connect(true);
        stand
    }

    pub fn connect(&mut self, up: bool) {
        self.link = up;
        self.step(Input::Link(up));
    }

    fn start(&mut self) {
        let bins = self.doors.iter().map(|(number, door)| {
            (*number, BinSensors { closed: door.closed, occupied: door.fob.is_some(), fob: door.fob.clone() })
        });
        let bins = bins.collect();
        let recovered = self.journal.recovered();
        self.step(Input::Started { recovered, bins, reason: StartReason::PowerOn });
    }

    /// Power goes and comes: everything but the disk and the steel is gone.
    pub fn restart(&mut self) {
        self.crash_after = None;
        self.restarts += 1;
        self.logic = BoxLogic::new(id(1), self.key.public(), Some(config()));
        self.start();
        if self.link {
            self.step(Input::Link(true));
        }
    }

    /// As the runner does it: what is recorded first, then the rest in order. False when power went in between.
    pub fn step(&mut self, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let effects = self.logic.step(input, self.now);
            let entries: Vec<Entry> = effects
                .iter()
                .filter_map(|effect| match effect {
                    Effect::Record(entry) => Some(entry.clone()),
                    _ => None,
                })
                .collect();
            if !entries.is_empty() {
                if self.power_goes() {
                    return self.restart();
                }
                self.journal.record(entries).unwrap();
            }
            let mut newest = None;
            for effect in effects {
                if self.power_goes() {
                    return self.restart();
                }
                match effect {
                    Effect::Record(Entry::Happened { at, kind }) => newest = Some((at, kind)),
                    Effect::Shoot(at, _) => {
                        let (of, kind) = newest.clone().expect("the event stands before its picture");
                        assert_eq!(at, of);
                        self.pictured.push(kind);
                    }
                    Effect::Proceed(command) => inputs.push_back(Input::Proceed(command)),
                    Effect::Drive(drive) => {
                        let driven = self.drive(drive, &mut inputs);
                        inputs.push_back(Input::Driven(drive, driven));
                    }
                    Effect::Publish(topic, payload) => self.published.push((topic, payload)),
                    _ => {}
                }
            }
        }
    }

    fn power_goes(&mut self) -> bool {
        match &mut self.crash_after {
            Some(0) => true,
            Some(left) => {
                *left -= 1;
                false
            }
            None => false,
        }
    }

    fn drive(&mut self, drive: Drive, inputs: &mut VecDeque<Input>) -> Result<(), Fault> {
        if let Drive::Bin(bin, command) = drive {
            self.driven.push((bin, command, self.now));
            let door = self.doors.get_mut(&bin).ok_or(Fault::NoSuchBin(bin))?;
            if !door.jammed && std::mem::replace(&mut door.closed, false) {
                inputs.push_back(Input::Signal(Signal::BinOpened(bin)));
            }
        }
        Ok(())
    }

    pub fn advance(&mut self, by: Duration) {
        // In small steps, as the runner looks at the clock.
        let end = self.now.plus(by);
        while self.now < end {
            self.now = self.now.plus(Duration::from_millis(500)).min(end);
            self.step(Input::Tick);
        }
    }

    pub fn sign(&self, command: &Command) -> Vec<u8> {
        let command = sekisho_wire::encode(command);
        let signature = self.key.sign(&SignedCommand::signed_bytes(&command)).to_vec();
        sekisho_wire::encode(&SignedCommand { command, signature })
    }

    pub fn order(&self, number: u128, bin: BinNumber, why: ReleaseReason) -> Command {
        Command {
            id: id(number),
            device: id(1),
            kind: CommandKind::ReleaseBin { bin, key: None, why },
            not_before: self.now,
            not_after: self.now.plus(Duration::from_secs(10)),
        }
    }

    pub fn take(&mut self, bin: BinNumber) -> String {
        let door = self.doors.get_mut(&bin).unwrap();
        assert!(!door.closed, "bin {bin} is closed");
        let fob = door.fob.take().unwrap();
        self.step(Input::Signal(Signal::FobGone(bin)));
        fob
    }

    pub fn put(&mut self, bin: BinNumber, fob: &str) {
        let door = self.doors.get_mut(&bin).unwrap();
        assert!(!door.closed && door.fob.is_none(), "bin {bin} takes nothing");
        door.fob = Some(fob.to_owned());
        self.step(Input::Signal(Signal::FobSeen(bin, Some(fob.to_owned()))));
    }

    pub fn close(&mut self, bin: BinNumber) {
        if !std::mem::replace(&mut self.doors.get_mut(&bin).unwrap().closed, true) {
            self.step(Input::Signal(Signal::BinClosed(bin)));
        }
    }

    pub fn press(&mut self, action: PanelAction) {
        self.step(Input::Panel(action));
    }

    pub fn answer(&mut self, kind: AnswerKind) {
        let n = self.last_ask().n;
        self.step(Input::Answer(Answer { n, kind }));
    }

    pub fn last_ask(&self) -> Ask {
        let asks = self.published.iter().rev().filter(|(topic, _)| matches!(topic, Topic::Ask(_)));
        sekisho_wire::decode(asks.map(|(_, payload)| payload).next().expect("nothing was asked")).unwrap()
    }

    pub fn asked(&self) -> AskKind {
        self.last_ask().kind
    }

    pub fn acks(&self, command: CommandId) -> Vec<Ack> {
        let acks = self.published.iter().filter(|(topic, _)| *topic == Topic::Ack(command));
        acks.map(|(_, payload)| sekisho_wire::decode(payload).unwrap()).collect()
    }

    pub fn events(&self) -> Vec<EventKind> {
        let waiting = self.journal.waiting(0, usize::MAX);
        waiting.iter().map(|(_, payload)| sekisho_wire::decode::<Event>(payload).unwrap().kind).collect()
    }

    /// The events a picture was ordered for.
    pub fn pictures(&self) -> Vec<EventKind> {
        self.pictured.clone()
    }

    pub fn screen(&self) -> Screen {
        self.logic.view(self.now).screen
    }
}

pub fn config() -> BoxConfig {
    let bin = |number: BinNumber| BinConfig {
        number,
        enabled: true,
        key: (number < BINS).then(|| id(u128::from(100 + number))),
        fob: (number < BINS).then(|| format!("F{number}")),
        label: Some(format!("Van {number}")),
    };
    BoxConfig {
        version: 1,
        name: Words { ja: "一階".to_owned(), en: "Ground floor".to_owned() },
        zone: "Asia/Tokyo".to_owned(),
        language: "ja".to_owned(),
        bins: (1..=BINS).map(bin).collect(),
        timeouts: Timeouts::default(),
        greeting: None,
        camera: None,
    }
}

pub fn device() -> DeviceId {
    id(1)
}
