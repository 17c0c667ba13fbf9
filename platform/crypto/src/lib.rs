//! Hashing, sealing, signing, certificates. The only crate that touches primitives.
