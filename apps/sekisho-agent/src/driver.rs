//! What the logic asks of hardware, and what hardware tells. A real driver (RS-485 lock boards, Modbus relays) and the
//! simulated cabinet implement the same small trait.

mod camera;
mod drawing;
mod simulated;

use std::collections::BTreeMap;

use async_trait::async_trait;
use sekisho_wire::CommandId;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

pub use camera::{Camera, NoCamera};
pub use simulated::{Cabinet, Compartment, Opening, SimulatedDriver};

/// The number printed on a bin's door, from 1.
pub type BinNumber = u16;

/// What a sensor or reader noticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signal {
    /// A bin's door opened.
    BinOpened(BinNumber),
    /// A bin's door closed.
    BinClosed(BinNumber),
    /// A fob hangs in a bin; `None` when something is there that cannot be read.
    FobSeen(BinNumber, Option<String>),
    /// The fob of a bin is gone.
    FobGone(BinNumber),
    /// The door over all bins opened (true) or closed.
    Master(bool),
    /// The case is being opened or moved (true), or is quiet again.
    Tamper(bool),
    /// Mains power is there (true) or gone.
    Power(bool),
    /// Charge of the battery in percent.
    Battery(u8),
    /// A card was held to the reader.
    Badge(String),
    /// A key's fob was held to the reader: somebody wants to give it back.
    FobAtReader(String),
}

/// The longest serial number of a fob or badge, in bytes; real ones have a few dozen.
const LONGEST_SERIAL: usize = 128;

impl Signal {
    /// The signal as the box takes it. What cannot be a serial number is like a tag that cannot be read: something hangs in
    /// the bin; before the reader it is nothing. An event with it could never be told, and all later ones wait behind it.
    pub(crate) fn legible(self) -> Option<Self> {
        match self {
            Self::FobSeen(bin, fob) => Some(Self::FobSeen(bin, legible(fob))),
            Self::Badge(serial) => legible(Some(serial)).map(Self::Badge),
            Self::FobAtReader(fob) => legible(Some(fob)).map(Self::FobAtReader),
            other => Some(other),
        }
    }
}

impl BinSensors {
    /// The same with a fob that can be one.
    pub(crate) fn legible(self) -> Self {
        Self { fob: legible(self.fob), ..self }
    }
}

fn legible(serial: Option<String>) -> Option<String> {
    serial.filter(|serial| {
        let legible = serial.len() <= LONGEST_SERIAL && !serial.contains('\0');
        if !legible {
            tracing::warn!(bytes = serial.len(), "a tag was read that has no serial number");
        }
        legible
    })
}

/// What a bin's lamp shows. Every state also has words on the screen: light alone carries no meaning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lamp {
    /// Dark.
    #[default]
    Off,
    /// This bin waits for the person in front of the box.
    Here,
    /// Please close this bin.
    Close,
    /// Opened by force or left open.
    Alarm,
}

/// What the sensors of one bin say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BinSensors {
    /// The door is closed.
    pub closed: bool,
    /// Something hangs in the bin.
    pub occupied: bool,
    /// The fob's serial number, when it can be read.
    pub fob: Option<String>,
}

/// Why hardware did not do as asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// There is no such bin.
    #[error("bin {0} does not exist")]
    NoSuchBin(BinNumber),
    /// The lock board did not answer.
    #[error("the lock board does not answer")]
    Silent,
    /// The camera gave no picture.
    #[error("the camera gave no picture: {0}")]
    NoPicture(String),
    /// No power to drive a lock.
    #[error("there is no power to drive the lock")]
    NoPower,
}

/// The hardware of a box.
#[async_trait]
pub trait BoxDriver: Send + Sync {
    /// What all sensors say now.
    async fn look(&self) -> Result<BTreeMap<BinNumber, BinSensors>, Fault>;
    /// Drives the latch of a bin once. Whether the door opened is told by a signal. `order` is the command it is driven
    /// for, for the driver's own record; none when the box opens it for a return by itself.
    async fn release(&self, bin: BinNumber, order: Option<CommandId>) -> Result<(), Fault>;
    /// Drives the latch of the door over all bins once.
    async fn release_master(&self) -> Result<(), Fault>;
    /// Sets a bin's lamp.
    async fn lamp(&self, bin: BinNumber, lamp: Lamp) -> Result<(), Fault>;
    /// From here on signals are sent to `listener`; the last one set wins.
    fn listen(&self, listener: mpsc::UnboundedSender<Signal>);
}
