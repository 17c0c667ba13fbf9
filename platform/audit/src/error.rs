//! What can go wrong with the record.

use sekisho_crypto::CryptoError;
use sekisho_kernel::{Kind, Kinded};
use sekisho_storage::StoreError;

/// A failure of the record.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The entry, checkpoint or key is not there.
    #[error("not in the record")]
    Missing,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A key could not be used.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// The stored tree contradicts itself; names what.
    #[error("the stored tree is damaged: {0}")]
    Damaged(&'static str),
    /// Names could not be looked up.
    #[error("names could not be looked up")]
    Names(#[source] crate::NamesError),
}

impl Kinded for AuditError {
    fn kind(&self) -> Kind {
        match self {
            Self::Missing => Kind::Missing,
            Self::Store(error) => error.kind(),
            Self::Crypto(error) => error.kind(),
            Self::Damaged(_) | Self::Names(_) => Kind::Broken,
        }
    }
}
