//! Keys that sign roles, as files of people who keep them, and the signatures they make.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject as _;
use sekisho_crypto::{CryptoError, SigningKey, Zeroizing};
use sekisho_kernel::World;

/// Why something could not be signed or read for signing.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// A key's file holds something else.
    #[error("this is no Ed25519 key in PKCS #8 PEM")]
    NoKey,
    /// A document's file holds something else.
    #[error("the document is not readable: {0}")]
    Unreadable(#[source] serde_json::Error),
    /// The key has no part in the document's role.
    #[error("the key {0} is not one of those who sign this")]
    NotASigner(String),
    /// A number that must be at least one, or no more than there are keys.
    #[error("{0}")]
    Wrong(&'static str),
    /// A primitive refused.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

/// The public half of a role's key, as it stands in root documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// From its 32 bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its 32 bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// From its 64 hexadecimal digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        Some(Self(hex::decode(text.trim()).ok()?.try_into().ok()?))
    }

    /// As 64 hexadecimal digits.
    pub fn to_hex(self) -> String {
        hex::encode(self.0)
    }
}

/// A key that signs roles.
#[derive(Debug)]
pub struct RoleKey(SigningKey);

impl RoleKey {
    /// A fresh key.
    ///
    /// # Errors
    /// [`SignError::Crypto`] when the primitive refuses, which it does not in practice.
    pub fn generate(world: &dyn World) -> Result<Self, SignError> {
        Ok(Self(SigningKey::generate(world)?))
    }

    /// Reads a key from its PEM file.
    ///
    /// # Errors
    /// [`SignError::NoKey`].
    pub fn from_pem(pem: &str) -> Result<Self, SignError> {
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| SignError::NoKey)?;
        Self::from_pkcs8(der.secret_pkcs8_der())
    }

    /// Reads a key from its PKCS #8 bytes.
    ///
    /// # Errors
    /// [`SignError::NoKey`].
    pub fn from_pkcs8(bytes: &[u8]) -> Result<Self, SignError> {
        SigningKey::from_pkcs8(bytes).map(Self).map_err(|_| SignError::NoKey)
    }

    /// As PKCS #8 bytes; the caller seals them.
    ///
    /// # Errors
    /// [`SignError::Crypto`] when the primitive refuses, which it does not in practice.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, SignError> {
        Ok(self.0.to_pkcs8()?)
    }

    /// As a PEM file; whoever holds it signs.
    ///
    /// # Errors
    /// [`SignError::Crypto`] when the primitive refuses, which it does not in practice.
    pub fn to_pem(&self) -> Result<Zeroizing<String>, SignError> {
        let text = Zeroizing::new(STANDARD.encode(&*self.0.to_pkcs8()?));
        let mut pem = Zeroizing::new("-----BEGIN PRIVATE KEY-----\n".to_owned());
        for (index, letter) in text.chars().enumerate() {
            if index > 0 && index % 64 == 0 {
                pem.push('\n');
            }
            pem.push(letter);
        }
        pem.push_str("\n-----END PRIVATE KEY-----\n");
        Ok(pem)
    }

    /// Its public half.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.public())
    }

    pub(crate) fn sign_bytes(&self, bytes: &[u8]) -> [u8; 64] {
        self.0.sign(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::{PublicKey, RoleKey};

    #[test]
    fn a_key_survives_its_file() {
        let key = RoleKey::generate(&*sekisho_crypto::system_world()).unwrap();
        let back = RoleKey::from_pem(&key.to_pem().unwrap()).unwrap();
        assert_eq!(back.public(), key.public());
        assert_eq!(PublicKey::from_hex(&key.public().to_hex()), Some(key.public()));
        assert!(RoleKey::from_pem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----").is_err());
        assert!(PublicKey::from_hex("beef").is_none());
    }
}
