//! The product as a whole, and the walls of the house.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod strangers;
mod walls;
