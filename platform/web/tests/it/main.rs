//! Tests of the site as a whole.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "test code: a failure here is the test's failure"
)]

mod ask;
mod assets;
mod errors;
mod forms;
mod guard;
mod idempotency;
mod json;
mod listener;
mod live;
mod pages;
mod random;
mod stage;
