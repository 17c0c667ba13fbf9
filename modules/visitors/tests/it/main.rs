//! The module over HTTP and through its use cases, on SQLite and PostgreSQL.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "test code: a failure here is the test's failure"
)]

#[macro_use(story)]
extern crate sekisho_testkit;

mod appointments;
mod asked;
mod check_in;
mod erase_guest;
mod import_appointments;
mod lobby;
mod pages;
mod races;
mod reception;
mod scene;
mod tablet;
mod telling;
mod terminal;
