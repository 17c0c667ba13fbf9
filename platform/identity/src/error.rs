//! What every use case can stumble over, and the macro that names its refusals.

use sekisho_crypto::CryptoError;
use sekisho_kernel::{Kind, Kinded};
use sekisho_policy::PolicyError;
use sekisho_storage::StoreError;

/// A failure underneath a use case: nobody's refusal.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// The store failed.
    #[error("store")]
    Store(#[from] StoreError),
    /// Keys or seals failed.
    #[error("crypto")]
    Crypto(#[from] CryptoError),
    /// The policy failed.
    #[error("policy")]
    Policy(#[from] PolicyError),
    /// Whoever sends what is told could not answer.
    #[error("ways out")]
    WaysOut(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Kinded for Broken {
    fn kind(&self) -> Kind {
        match self {
            Self::Store(error) => error.kind(),
            Self::Crypto(error) => error.kind(),
            Self::Policy(error) => error.kind(),
            Self::WaysOut(_) => Kind::Broken,
        }
    }

    fn text(&self) -> &'static str {
        match self {
            Self::Store(error) => error.text(),
            Self::Crypto(error) => error.text(),
            Self::Policy(error) => error.text(),
            Self::WaysOut(_) => "error-broken",
        }
    }
}

/// Declares the error of a use case: its refusals, each with kind, text and message, and `Broken` for the rest.
macro_rules! refusals {
    ($(#[$doc:meta])* $name:ident {
        $($(#[$variant_doc:meta])* $variant:ident $(($field:ident: $type:ty))? => $kind:expr, $text:literal, $message:literal;)*
    }) => {
        $(#[$doc])*
        #[derive(Debug, thiserror::Error)]
        pub enum $name {
            $($(#[$variant_doc])* #[error($message)] $variant $(($type))?,)*
            /// Something underneath failed.
            #[error(transparent)]
            Broken(#[from] $crate::error::Broken),
        }
        impl sekisho_kernel::Kinded for $name {
            fn kind(&self) -> sekisho_kernel::Kind {
                use sekisho_kernel::Kind::*;
                match self {
                    $(Self::$variant $(($field))? => $kind,)*
                    Self::Broken(error) => error.kind(),
                }
            }
            fn text(&self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => $text,)*
                    Self::Broken(error) => error.text(),
                }
            }
        }
        impl From<sekisho_storage::StoreError> for $name {
            fn from(error: sekisho_storage::StoreError) -> Self {
                Self::Broken(error.into())
            }
        }
        impl From<sekisho_crypto::CryptoError> for $name {
            fn from(error: sekisho_crypto::CryptoError) -> Self {
                Self::Broken(error.into())
            }
        }
        impl From<sekisho_policy::PolicyError> for $name {
            fn from(error: sekisho_policy::PolicyError) -> Self {
                Self::Broken(error.into())
            }
        }
    };
}
pub(crate) use refusals;
