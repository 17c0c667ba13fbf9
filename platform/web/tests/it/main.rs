//! Tests of the site as a whole.

mod ask;
mod assets;
mod errors;
mod forms;
mod guard;
mod idempotency;
mod listener;
mod live;
mod pages;
mod random;
mod stage;
