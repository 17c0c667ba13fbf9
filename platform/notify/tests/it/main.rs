//! Tests of notify against real sockets: a small mail server, small HTTP servers, both databases.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

mod acts;
mod chats;
mod delivery;
mod far_sides;
mod mail;
mod office;
mod outgoing_http;
mod pages;
mod webhooks;
