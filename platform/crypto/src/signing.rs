//! Ed25519 signatures of ours, and the ECDSA signatures that browsers make.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey,
};
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

/// Whether `signature` (r and s, 64 bytes, as WebCrypto writes it) over `message` was made with ECDSA on P-256 with SHA-256
/// by the private half of `point`, an uncompressed point. That is the one kind of key that every browser keeps so that no
/// script can read it out.
pub fn verify_p256_signature(point: &[u8], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{SigningKey, verify_p256_signature, verify_signature};
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};

    #[test]
    fn knows_the_signature_of_a_browser() {
        // RFC 6979, A.2.5: P-256, SHA-256, "sample".
        let point = hex::decode(concat!(
            "04",
            "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6",
            "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299"
        ))
        .unwrap();
        let signature = hex::decode(concat!(
            "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
            "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
        ))
        .unwrap();
        assert!(verify_p256_signature(&point, b"sample", &signature));
        assert!(!verify_p256_signature(&point, b"samplE", &signature));
        for broken in [&signature[..63], &[0; 64][..], &[][..]] {
            assert!(!verify_p256_signature(&point, b"sample", broken));
        }
        for no_point in [&point[..64], &[4; 65][..], &[][..]] {
            assert!(!verify_p256_signature(no_point, b"sample", &signature));
        }
        let own = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let made = own.sign(&SystemRandom::new(), b"sample").unwrap();
        assert!(verify_p256_signature(own.public_key().as_ref(), b"sample", made.as_ref()));
        assert!(!verify_p256_signature(&point, b"sample", made.as_ref()));
    }

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
