//! The one server.
fn main() {}
