//! Signed software for devices: who signs, what an image says of itself, and whether to believe it.
//!
//! The rules are those of The Update Framework (TUF): *root* and *targets* are signed by several people with keys that
//! no server ever sees ([`offline`]); *snapshot* and *timestamp* are signed by the server, again and again ([`online`]), so
//! that nobody can hold a device at an old state. [`check`] follows the chain, for the server before it publishes and for
//! the device before it believes. Nothing here knows a database or a network.

pub mod check;
pub mod image;
pub mod offline;
pub mod online;
mod role_key;

pub use check::{CheckError, Checked, File, Source, SourceError, Trusted, check};
pub use image::{Image, Installed, Refusal, Version};
pub use role_key::{PublicKey, RoleKey, SignError};
