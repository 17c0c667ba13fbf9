//! Messages between server, agent and devices. Pure types, versioned, golden files.
