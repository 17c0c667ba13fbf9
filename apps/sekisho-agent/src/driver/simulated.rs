//! A cabinet of steel and springs that exists only here: doors, fobs, a hand that opens, takes and puts, and switches for
//! what goes wrong. It outlives the agent's process as a real cabinet does: its state can be kept in a file.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use async_trait::async_trait;
use sekisho_kernel::{Timestamp, World};
use sekisho_wire::{CommandId, Shot};
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, watch};

use super::{BinNumber, BinSensors, BoxDriver, Camera, Fault, Lamp, Signal, drawing};

/// One bin as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compartment {
    /// The door is closed.
    pub closed: bool,
    /// The serial of the fob that hangs here.
    pub fob: Option<String>,
    /// The latch is stuck: driving it does nothing.
    #[serde(default)]
    pub jammed: bool,
}

/// The cabinet as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cabinet {
    /// The bins by number.
    pub bins: BTreeMap<BinNumber, Compartment>,
    /// Fobs in the hand of whoever stands before the box.
    pub hand: Vec<String>,
    /// The door over all bins is open.
    #[serde(default)]
    pub master_open: bool,
    /// Mains power is there.
    #[serde(default = "yes")]
    pub power: bool,
    /// Someone shakes the case.
    #[serde(default)]
    pub tampered: bool,
    /// The newest times a latch was driven, oldest first. Steel remembers them, whatever becomes of the agent.
    #[serde(default)]
    pub openings: VecDeque<Opening>,
}

/// A latch was driven once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// Which bin's.
    pub bin: BinNumber,
    /// For which command; none when the box did it by itself for a return.
    pub order: Option<CommandId>,
    /// When, by the clock of [`SimulatedDriver::timed_by`].
    pub at: Timestamp,
}

/// So many openings are remembered.
pub const OPENINGS_KEPT: usize = 512;

fn yes() -> bool {
    true
}

impl Cabinet {
    /// A cabinet with bins 1 to `bins`, all closed, with these fobs hanging in them.
    pub fn with_fobs(bins: BinNumber, fobs: impl IntoIterator<Item = (BinNumber, String)>) -> Self {
        let empty = Compartment { closed: true, fob: None, jammed: false };
        let mut bins: BTreeMap<_, _> = (1..=bins).map(|number| (number, empty.clone())).collect();
        for (number, fob) in fobs {
            if let Some(bin) = bins.get_mut(&number) {
                bin.fob = Some(fob);
            }
        }
        Self {
            bins,
            hand: Vec::new(),
            master_open: false,
            power: true,
            tampered: false,
            openings: VecDeque::new(),
        }
    }
}

/// The driver of a simulated cabinet. Clones share the cabinet, so that a test can be the hand while the agent runs.
#[derive(Clone, Debug)]
pub struct SimulatedDriver {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    cabinet: Mutex<Cabinet>,
    listener: Mutex<Option<mpsc::UnboundedSender<Signal>>>,
    kept_in: Option<PathBuf>,
    seen: watch::Sender<u64>,
    clock: Watch,
    lamps: Mutex<BTreeMap<BinNumber, Lamp>>,
    shots: AtomicU64,
}

/// What times the openings.
#[derive(Default)]
struct Watch(OnceLock<Arc<dyn World>>);

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Watch").field(&self.0.get().is_some()).finish()
    }
}

impl SimulatedDriver {
    /// A cabinet that is forgotten with the process.
    pub fn new(cabinet: Cabinet) -> Self {
        Self::with(cabinet, None)
    }

    /// A cabinet kept in `path`; `first` is how it stands when the file does not exist yet.
    pub fn kept_in(path: PathBuf, first: Cabinet) -> std::io::Result<Self> {
        let cabinet = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => first,
            Err(error) => return Err(error),
        };
        Ok(Self::with(cabinet, Some(path)))
    }

    fn with(cabinet: Cabinet, kept_in: Option<PathBuf>) -> Self {
        let (seen, _) = watch::channel(0);
        let shared = Shared {
            cabinet: Mutex::new(cabinet),
            listener: Mutex::default(),
            kept_in,
            seen,
            clock: Watch::default(),
            lamps: Mutex::default(),
            shots: AtomicU64::new(0),
        };
        Self { shared: Arc::new(shared) }
    }

    /// How the cabinet stands.
    pub fn cabinet(&self) -> Cabinet {
        self.lock().clone()
    }

    /// Wakes whenever the cabinet changes.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.shared.seen.subscribe()
    }

    /// Openings are timed by this clock from now on; without one they bear no time.
    pub fn timed_by(&self, world: Arc<dyn World>) {
        let _ = self.shared.clock.0.set(world);
    }

    /// Which latches were driven, in order: what the tests count.
    pub fn releases(&self) -> Vec<BinNumber> {
        self.lock().openings.iter().map(|opening| opening.bin).collect()
    }

    /// What the lamps show.
    pub fn lamps(&self) -> BTreeMap<BinNumber, Lamp> {
        self.shared.lamps.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The hand takes the fob out of an open bin.
    pub fn take(&self, bin: BinNumber) -> Option<String> {
        let fob = self.change(|cabinet| {
            let open = cabinet.master_open;
            let bin = cabinet.bins.get_mut(&bin).filter(|bin| !bin.closed || open)?;
            let fob = bin.fob.take()?;
            cabinet.hand.push(fob.clone());
            Some(fob)
        })?;
        self.tell(Signal::FobGone(bin));
        Some(fob)
    }

    /// The hand puts a fob into an open, empty bin. A fob the hand does not hold is brought along.
    pub fn put(&self, bin: BinNumber, fob: &str) -> bool {
        let put = self.change(|cabinet| {
            let open = cabinet.master_open;
            let held = cabinet.bins.get_mut(&bin).filter(|bin| (!bin.closed || open) && bin.fob.is_none());
            let Some(compartment) = held else { return false };
            compartment.fob = Some(fob.to_owned());
            cabinet.hand.retain(|held| held != fob);
            true
        });
        if put {
            self.tell(Signal::FobSeen(bin, Some(fob.to_owned())));
        }
        put
    }

    /// The hand closes whatever stands open.
    pub fn close_all(&self) {
        let open: Vec<BinNumber> =
            self.lock().bins.iter().filter(|(_, bin)| !bin.closed).map(|(number, _)| *number).collect();
        for bin in open {
            self.close(bin);
        }
    }

    /// The hand closes a bin.
    pub fn close(&self, bin: BinNumber) -> bool {
        let closed = self.change(|cabinet| match cabinet.bins.get_mut(&bin) {
            Some(bin) => !std::mem::replace(&mut bin.closed, true),
            None => false,
        });
        if closed {
            self.tell(Signal::BinClosed(bin));
        }
        closed
    }

    /// A crowbar opens a bin.
    pub fn force(&self, bin: BinNumber) {
        self.spring_open(bin);
    }

    /// The latch of a bin sticks, or is freed.
    pub fn jam(&self, bin: BinNumber, jammed: bool) {
        self.change(|cabinet| {
            if let Some(bin) = cabinet.bins.get_mut(&bin) {
                bin.jammed = jammed;
            }
        });
    }

    /// Mains power goes or comes back.
    pub fn power(&self, on: bool) {
        if self.change(|cabinet| std::mem::replace(&mut cabinet.power, on) != on) {
            self.tell(Signal::Power(on));
        }
    }

    /// Someone shakes the case, or stops.
    pub fn tamper(&self, on: bool) {
        if self.change(|cabinet| std::mem::replace(&mut cabinet.tampered, on) != on) {
            self.tell(Signal::Tamper(on));
        }
    }

    /// The hand closes the door over all bins.
    pub fn close_master(&self) {
        if self.change(|cabinet| std::mem::replace(&mut cabinet.master_open, false)) {
            self.tell(Signal::Master(false));
        }
    }

    /// The hand holds a card to the reader.
    pub fn hold_badge(&self, serial: &str) {
        self.tell(Signal::Badge(serial.to_owned()));
    }

    /// The hand holds a key's fob to the reader.
    pub fn hold_fob(&self, fob: &str) {
        self.tell(Signal::FobAtReader(fob.to_owned()));
    }

    fn spring_open(&self, bin: BinNumber) {
        let opened = self.change(|cabinet| match cabinet.bins.get_mut(&bin) {
            Some(bin) => std::mem::replace(&mut bin.closed, false),
            None => false,
        });
        if opened {
            self.tell(Signal::BinOpened(bin));
        }
    }

    fn now(&self) -> Timestamp {
        self.shared.clock.0.get().map_or(Timestamp::EPOCH, |world| world.now())
    }

    /// How many pictures its camera has taken.
    pub fn shots(&self) -> u64 {
        self.shared.shots.load(Ordering::SeqCst)
    }

    fn lock(&self) -> MutexGuard<'_, Cabinet> {
        self.shared.cabinet.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Cabinet) -> T) -> T {
        let mut cabinet = self.lock();
        let result = change(&mut cabinet);
        if let Some(path) = &self.shared.kept_in {
            let kept = serde_json::to_vec(&*cabinet)
                .map_err(std::io::Error::from)
                .and_then(|bytes| crate::files::replace_private(path, &bytes));
            if let Err(error) = kept {
                tracing::warn!(%error, "the simulated cabinet could not be kept");
            }
        }
        drop(cabinet);
        self.shared.seen.send_modify(|count| *count += 1);
        result
    }

    fn tell(&self, signal: Signal) {
        if let Some(listener) = &*self.shared.listener.lock().unwrap_or_else(PoisonError::into_inner) {
            // The agent may just be down; it looks at all sensors when it starts again.
            let _ = listener.send(signal);
        }
    }
}

#[async_trait]
impl BoxDriver for SimulatedDriver {
    async fn look(&self) -> Result<BTreeMap<BinNumber, BinSensors>, Fault> {
        let sensors = |bin: &Compartment| BinSensors {
            closed: bin.closed,
            occupied: bin.fob.is_some(),
            fob: bin.fob.clone(),
        };
        Ok(self.lock().bins.iter().map(|(number, bin)| (*number, sensors(bin))).collect())
    }

    async fn release(&self, bin: BinNumber, order: Option<CommandId>) -> Result<(), Fault> {
        let at = self.now();
        // The latch, the spring and the record of it are one movement.
        let opened = self.change(|cabinet| {
            let compartment = cabinet.bins.get_mut(&bin).ok_or(Fault::NoSuchBin(bin))?;
            let opened = !compartment.jammed && std::mem::replace(&mut compartment.closed, false);
            cabinet.openings.push_back(Opening { bin, order, at });
            if cabinet.openings.len() > OPENINGS_KEPT {
                cabinet.openings.pop_front();
            }
            Ok(opened)
        })?;
        if opened {
            self.tell(Signal::BinOpened(bin));
        }
        Ok(())
    }

    async fn release_master(&self) -> Result<(), Fault> {
        if !self.change(|cabinet| std::mem::replace(&mut cabinet.master_open, true)) {
            self.tell(Signal::Master(true));
        }
        Ok(())
    }

    async fn lamp(&self, bin: BinNumber, lamp: Lamp) -> Result<(), Fault> {
        self.shared.lamps.lock().unwrap_or_else(PoisonError::into_inner).insert(bin, lamp);
        self.shared.seen.send_modify(|count| *count += 1);
        Ok(())
    }

    fn listen(&self, listener: mpsc::UnboundedSender<Signal>) {
        *self.shared.listener.lock().unwrap_or_else(PoisonError::into_inner) = Some(listener);
    }
}

#[async_trait]
impl Camera for SimulatedDriver {
    async fn shoot(&self) -> Result<Option<Shot>, Fault> {
        let shot = self.shared.shots.fetch_add(1, Ordering::SeqCst) + 1;
        let bytes = drawing::draw(&self.cabinet(), shot, self.now())
            .map_err(|error| Fault::NoPicture(error.to_string()))?;
        Ok(Some(Shot { media: "image/png".to_owned(), bytes }))
    }
}
