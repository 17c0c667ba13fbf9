//! TestServer, clock, builders, simulated cabinet.
