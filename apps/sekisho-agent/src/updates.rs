//! New software for the box: fetched, judged, installed beside the old, and kept only when it proves itself.
//!
//! offered → downloading → verified → *nobody before the box* → installed → restart → booted → good, or back. Each step is on disk
//! before the next begins, and each is told to the server. Power may go at any moment: see `tests/it/updates.rs`, which cuts
//! it at every single write.

pub mod check;
mod fetch;
pub mod launch;
mod record;
mod slots;
mod work;

pub use fetch::Request;
pub use record::{Pending, Record, Slot, TRIES, Tell};
pub use slots::{FolderSlots, Slots, UpdateFiles, hardware};
pub use work::{Checks, Order, SELF_TEST_WITHIN, Situation, Updater, Words};
