//! What can break under a use case of a module. Each use case names its own refusals; this is the part they all share.

use sekisho_kernel::{Kind, Kinded};

/// A failure below the use cases.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The store failed.
    #[error("store")]
    Store(#[from] sekisho_storage::StoreError),
    /// The policy could not answer or write.
    #[error("policy")]
    Policy(#[from] sekisho_policy::PolicyError),
    /// Sealing or opening failed.
    #[error("crypto")]
    Crypto(#[from] sekisho_crypto::CryptoError),
    /// Telling people failed.
    #[error("notify")]
    Notify(#[from] sekisho_notify::NotifyError),
    /// The device room failed.
    #[error("devices")]
    Devices(#[from] sekisho_devices::DeviceError),
    /// Identity failed.
    #[error("identity")]
    Identity(#[from] sekisho_identity::Broken),
}

impl Kinded for Fault {
    fn kind(&self) -> Kind {
        match self {
            Self::Store(error) => error.kind(),
            Self::Policy(error) => error.kind(),
            Self::Notify(error) => error.kind(),
            Self::Devices(error) => error.kind(),
            Self::Identity(error) => error.kind(),
            Self::Crypto(_) => Kind::Broken,
        }
    }
}

/// Lets `?` turn every failure below into the variant `Fault` of a use case's error.
#[macro_export]
macro_rules! faults {
    ($error:ident) => {
        $crate::faults!($error: sekisho_storage::StoreError, sekisho_policy::PolicyError,
            sekisho_crypto::CryptoError, sekisho_notify::NotifyError, sekisho_identity::Broken);
        impl From<$crate::Fault> for $error {
            fn from(fault: $crate::Fault) -> Self {
                Self::Fault(fault)
            }
        }
    };
    ($error:ident: $($below:ty),*) => {
        $(impl From<$below> for $error {
            fn from(error: $below) -> Self {
                Self::Fault(error.into())
            }
        })*
    };
}
