//! `sekisho`: the one server and its commands. No rules and no SQL here.

fn main() {}
