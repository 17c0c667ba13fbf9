//! What is written here, read again by somebody else's program.

#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod reading;
