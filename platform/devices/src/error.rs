//! What can be refused or fail about devices.

use sekisho_crypto::CryptoError;
use sekisho_kernel::{FieldError, Kind, Kinded};
use sekisho_storage::StoreError;

/// A refusal or failure.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// No such device, or another tenant's.
    #[error("no such device")]
    Missing,
    /// The device was revoked; nothing is sent to it and it cannot connect.
    #[error("the device is revoked")]
    Revoked,
    /// A form field is wrong.
    #[error("invalid field")]
    Invalid(Vec<FieldError>),
    /// The claim code is wrong, used or too old. The outsider is not told which.
    #[error("the claim code is not valid")]
    WrongClaim,
    /// The request for a certificate cannot be read or does not prove its key.
    #[error("the certificate request is not valid")]
    WrongRequest,
    /// A command for a device with a life of no time at all.
    #[error("the command would be too late at once")]
    TooLate,
    /// Too many claim codes were tried from there.
    #[error("too many tries")]
    TooMany,
    /// The store failed.
    #[error("store")]
    Store(#[from] StoreError),
    /// A seal, signature or certificate failed.
    #[error("cryptography")]
    Crypto(#[from] CryptoError),
}

impl Kinded for DeviceError {
    fn kind(&self) -> Kind {
        match self {
            Self::Missing => Kind::Missing,
            Self::Revoked | Self::TooLate => Kind::Refused,
            Self::Invalid(fields) => Kind::Invalid(fields.clone()),
            Self::WrongClaim => Kind::Refused,
            Self::TooMany => Kind::Busy(60),
            Self::WrongRequest => Kind::Invalid(vec![FieldError { field: "csr", text: "devices-error-csr" }]),
            Self::Store(error) => error.kind(),
            Self::Crypto(error) => error.kind(),
        }
    }

    fn text(&self) -> &'static str {
        match self {
            Self::Revoked => "devices-error-revoked",
            Self::WrongClaim => "devices-error-claim",
            Self::TooLate => "devices-error-too-late",
            Self::TooMany => "devices-error-many",
            Self::Missing => "error-missing",
            Self::Invalid(_) | Self::WrongRequest => "error-invalid",
            Self::Store(error) => error.text(),
            Self::Crypto(error) => error.text(),
        }
    }
}
