//! Devices over real TLS on the loopback address, on both engines: what is promised to them and to those who ask.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod asks;
mod commands;
mod enrolment;
mod events;
mod interop;
mod pages;
mod peer;
mod pictures;
mod presence;
mod publish_page;
mod stand;
mod strangers;
mod updates;
