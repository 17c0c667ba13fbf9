//! The chain, followed as a device follows it, against everything a hostile server or wire can do to it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod attacks;
mod stand;
