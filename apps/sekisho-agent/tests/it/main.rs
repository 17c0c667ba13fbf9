//! One binary for all tests of the agent: the logic tried at random, the conversation, a box against a small
//! server and against the real endpoint.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod attacks;
mod cloud;
mod commands;
mod conversation;
mod kill;
mod launcher;
mod over_the_wire;
mod pictures;
mod real_endpoint;
mod stand;
mod story;
mod updates;
