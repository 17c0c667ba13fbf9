//! The product as a whole, and the walls of the house.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "test code"
)]

mod across;
mod back_at_once;
mod commands;
mod first_sign_in;
mod keys;
mod kill;
mod listener;
mod lobby;
mod revoked;
mod roles;
mod scan;
mod stage;
mod strangers;
mod updates;
mod visit_keys;
mod walls;
/// The server's own wiring.
#[path = "../../src/wiring.rs"]
mod wiring;
