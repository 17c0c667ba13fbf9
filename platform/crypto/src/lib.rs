//! Hashing, sealing, signing, certificates. The only crate that touches primitives; all of them come from AWS-LC, so
//! that one feature (`fips`) moves every one of them into the validated module. Password hashing alone does not.
//!
//! The way of a key: a [`KeyProvider`] wraps the keys of a tenant, [`WrappedKeys`] keeps them, a [`Vault`] holds them
//! unwrapped for minutes, [`TenantKeys`] seals and opens values at their [`Place`]. See `README.md` for the threats.

pub mod certificates;
mod error;
mod hashing;
mod key_file;
pub mod password;
mod personal_key;
mod provider;
mod rs256;
mod sealed_to;
mod sealing;
mod secret;
mod signing;
mod vault;
pub mod web_push;
mod world;

pub use error::CryptoError;
pub use hashing::{Sha256, equal, fold, hmac_sha256, search_form, sha256, token_text};
pub use key_file::LocalKeyFile;
pub use personal_key::PersonalKey;
pub use provider::{KeyId, KeyProvider, Purpose, WrappedKey, WrappedKeys};
pub use rs256::RsaSigner;
pub use sealed_to::{SEAL_ADDS, SealingPair, open_sealed_to, seal_to};
pub use sealing::{Place, TenantKeys};
pub use secret::Secret;
pub use signing::{SigningKey, verify_p256_signature, verify_signature};
pub use vault::Vault;
pub use world::system_world;
pub use zeroize::Zeroizing;
