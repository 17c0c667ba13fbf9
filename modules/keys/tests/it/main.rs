//! The module over HTTP and through the ports of the device room, on SQLite and PostgreSQL.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "test code: a failure here is the test's failure"
)]

#[macro_use(story)]
extern crate sekisho_testkit;

mod access;
mod alerts;
mod boxes;
mod called_off;
mod listing;
mod needs;
mod paid;
mod panel;
mod pictures;
mod revisions;
mod road;
mod rollout;
mod scene;
mod steel;
mod stock;
mod till;
mod time;
