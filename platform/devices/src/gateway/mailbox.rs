//! What waits for a connection's own task: small and empty most of the time, for there are ten thousand of them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use sekisho_kernel::{DeviceId, TenantId};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::DeviceKind;
use crate::session::{CloseReason, Downlink, Kept};

/// A word to a connection's task.
#[derive(Debug)]
pub(crate) enum Letter {
    /// What came with this receipt is kept, or never will be.
    Settled(u16, Kept),
    /// Something for the device.
    Send(Box<Downlink>),
    /// End it.
    Close(CloseReason),
}

/// One live connection of one device.
#[derive(Debug)]
pub(crate) struct Connection {
    /// Whose.
    pub(crate) tenant: TenantId,
    /// Which device.
    pub(crate) device: DeviceId,
    /// What it is.
    pub(crate) kind: DeviceKind,
    /// Which connection of that device.
    pub(crate) id: Uuid,
    letters: Mutex<Vec<Letter>>,
    bell: Notify,
    /// Whether the device wants commands by now.
    pub(crate) wants_commands: AtomicBool,
    /// Whether the device wants documents by now.
    pub(crate) wants_configs: AtomicBool,
    /// The version of `cfg/box` it was sent.
    pub(crate) config_sent: std::sync::atomic::AtomicI64,
    /// The last question and its answer: the same question gets the same answer.
    pub(crate) answered: Mutex<Option<(u64, Vec<u8>)>>,
    /// Questions being answered.
    pub(crate) asking: std::sync::atomic::AtomicU8,
    /// Whether a piece of a file is on its way.
    pub(crate) fetching: AtomicBool,
}

impl Connection {
    pub(crate) fn new(tenant: TenantId, device: DeviceId, kind: DeviceKind, id: Uuid) -> Arc<Self> {
        Arc::new(Self {
            tenant,
            device,
            kind,
            id,
            letters: Mutex::default(),
            bell: Notify::new(),
            wants_commands: AtomicBool::new(false),
            wants_configs: AtomicBool::new(false),
            config_sent: std::sync::atomic::AtomicI64::new(0),
            answered: Mutex::default(),
            asking: std::sync::atomic::AtomicU8::new(0),
            fetching: AtomicBool::new(false),
        })
    }

    /// Puts a letter in and rings.
    pub(crate) fn post(&self, letter: Letter) {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner).push(letter);
        self.bell.notify_one();
    }

    /// Sends the device something.
    pub(crate) fn send(&self, message: Downlink) {
        self.post(Letter::Send(Box::new(message)));
    }

    /// Waits until there may be letters.
    pub(crate) async fn rung(&self) {
        self.bell.notified().await;
    }

    /// Takes all letters.
    pub(crate) fn take(&self) -> Vec<Letter> {
        std::mem::take(&mut *self.letters.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether the device listens for commands.
    pub(crate) fn listens(&self) -> bool {
        self.wants_commands.load(Ordering::Acquire)
    }
}
