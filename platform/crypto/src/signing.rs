//! Ed25519 signatures.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use sekisho_kernel::World;
use zeroize::Zeroizing;

use crate::CryptoError;
use crate::hashing::first_32;

/// An Ed25519 key that signs: checkpoints of the record, grant tables, tokens for devices.
pub struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// A fresh key.
    ///
    /// # Errors
    /// [`CryptoError::Failed`] when the primitive refuses, which it does not in practice.
    pub fn generate(world: &dyn World) -> Result<Self, CryptoError> {
        let mut seed = Zeroizing::new([0_u8; 32]);
        world.fill(&mut *seed);
        Ed25519KeyPair::from_seed_unchecked(&*seed)
            .map(Self)
            .map_err(|_| CryptoError::Failed("making a signing key"))
    }

    /// Reads a key back from its PKCS #8 bytes.
    ///
    /// # Errors
    /// [`CryptoError::Malformed`] when they are no Ed25519 key.
    pub fn from_pkcs8(bytes: &[u8]) -> Result<Self, CryptoError> {
        Ed25519KeyPair::from_pkcs8(bytes)
            .map(Self)
            .map_err(|_| CryptoError::Malformed("an Ed25519 key in PKCS #8"))
    }

    /// The key as PKCS #8 version 2 bytes; the caller seals them.
    ///
    /// # Errors
    /// [`CryptoError::Failed`] when the primitive refuses, which it does not in practice.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let document = self.0.to_pkcs8().map_err(|_| CryptoError::Failed("writing a signing key"))?;
        Ok(Zeroizing::new(document.as_ref().to_vec()))
    }

    /// Signs `message`.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        let mut signature = [0; 64];
        for (to, from) in signature.iter_mut().zip(self.0.sign(message).as_ref()) {
            *to = *from;
        }
        signature
    }

    /// The public half.
    pub fn public(&self) -> [u8; 32] {
        first_32(self.0.public_key().as_ref())
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", hex::encode(self.public()))
    }
}

/// Whether `signature` over `message` was made with the private half of `public`.
pub fn verify_signature(public: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, public).verify(message, signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{SigningKey, verify_signature};

    #[test]
    fn signs_and_survives_the_shelf() {
        let key = SigningKey::generate(&*crate::system_world()).unwrap();
        let back = SigningKey::from_pkcs8(&key.to_pkcs8().unwrap()).unwrap();
        let signature = back.sign(b"checkpoint");
        assert!(verify_signature(&key.public(), b"checkpoint", &signature));
        assert!(!verify_signature(&key.public(), b"checkpoinT", &signature));
        assert!(SigningKey::from_pkcs8(b"rubbish").is_err());
        assert!(!format!("{key:?}").is_empty());
    }
}
