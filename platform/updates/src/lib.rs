//! Signed software for devices: who signs, what an image says of itself, and what a server demands before it publishes.
//!
//! The rules are those of The Update Framework (TUF): *root* and *targets* are signed by several people with keys that
//! no server ever sees ([`offline`]); *snapshot* and *timestamp* are signed by the server, again and again ([`online`]), so
//! that nobody can hold a device at an old state. [`judge`] is the server's side of the chain; devices follow it by themselves
//! (`apps/sekisho-agent/src/updates/check.rs`). Nothing here knows a database or a network.

mod document;
pub mod image;
pub mod judge;
pub mod offline;
pub mod online;
mod role_key;

pub use document::LARGEST_DOCUMENT;
pub use image::{Image, Installed, Refusal, Version};
pub use judge::NotBelieved;
pub use role_key::{PublicKey, RoleKey, SignError};
