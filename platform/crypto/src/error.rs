//! What can go wrong with keys, seals and certificates.

use std::path::PathBuf;

use sekisho_kernel::{Kind, Kinded};

/// A refusal or failure of this crate. None of them carries a secret.
#[derive(Debug, thiserror::Error)]
pub enum CryptoError {
    /// The key file cannot be used; says what to do.
    #[error("key file {path}: {problem}")]
    KeyFile {
        /// Which file.
        path: PathBuf,
        /// What is wrong and what to do about it.
        problem: String,
    },
    /// The provider of the installation's key refused or cannot be reached.
    #[error("key provider {provider}: {problem}")]
    Provider {
        /// Which provider.
        provider: &'static str,
        /// What it said.
        problem: String,
    },
    /// The place where wrapped keys are kept failed.
    #[error("the wrapped keys cannot be read or written")]
    Kept(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The tenant's keys were destroyed; what they sealed is gone for good.
    #[error("the tenant's keys were destroyed, so its sealed values are erased")]
    Erased,
    /// A sealed value names a key this tenant does not have.
    #[error("sealed under a key this tenant does not have")]
    UnknownKey,
    /// Bytes that are no sealed value, key or certificate of ours.
    #[error("not readable as {0}")]
    Malformed(&'static str),
    /// The seal is broken: changed, moved to another row, column or table, or another tenant's.
    #[error("the seal is broken: the value was changed, moved or belongs to another tenant")]
    Forged,
    /// The password is longer than anybody types.
    #[error("the password is longer than {} characters", crate::password::LONGEST)]
    PasswordTooLong,
    /// Too many passwords are being checked at once.
    #[error("too many passwords are being checked at once")]
    Busy,
    /// A primitive refused to work; names the step.
    #[error("{0} failed")]
    Failed(&'static str),
    /// A certificate could not be made or read.
    #[error("certificate: {0}")]
    Certificate(String),
}

impl Kinded for CryptoError {
    fn kind(&self) -> Kind {
        match self {
            Self::Busy => Kind::Busy(1),
            Self::PasswordTooLong => Kind::Refused,
            _ => Kind::Broken,
        }
    }
}
