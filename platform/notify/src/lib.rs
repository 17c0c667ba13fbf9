//! Channels, texts, delivery with retries, dead letters, receipts.
//!
//! A use case tells somebody something with [`Notify::tell`], inside its own transaction: what is committed will be told,
//! what is rolled back never is.

mod message;

pub use message::{Arg, ChannelId, DeliveryId, Lane, Link, Means, Message, Recipient};

use sekisho_kernel::{Kind, Kinded};
use sekisho_storage::{Migration, StoreError, Tx};

/// Why a message could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    /// The store failed.
    #[error("store")]
    Store(#[from] StoreError),
}

impl Kinded for NotifyError {
    fn kind(&self) -> Kind {
        match self {
            Self::Store(error) => error.kind(),
        }
    }
}

/// Tells people things.
#[derive(Clone, Default)]
pub struct Notify {}

impl Notify {
    /// Leaves `message` to be sent, in the caller's transaction.
    pub async fn tell(&self, _tx: &mut Tx, _message: Message) -> Result<(), NotifyError> {
        Ok(())
    }
}

/// The migrations of this room.
pub fn migrations() -> Vec<Migration> {
    Vec::new()
}
