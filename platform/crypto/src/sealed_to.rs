//! Sealing to a public key, so that whoever seals cannot open: HPKE (RFC 9180), base mode, with P-256, HKDF-SHA-256 and
//! AES-256-GCM, as rustls brings it over AWS-LC; the FIPS switch covers the suite.
//!
//! A value: version (1) · suite (1) · encapsulated point (65) · ciphertext and tag.

use rustls::crypto::aws_lc_rs::hpke::DH_KEM_P256_HKDF_SHA256_AES_256 as SUITE;
use rustls::crypto::hpke::{EncapsulatedSecret, Hpke as _, HpkePrivateKey, HpkePublicKey};
use zeroize::Zeroizing;

use crate::CryptoError;

const VERSION: u8 = 1;
const P256_SHA256_AES256: u8 = 1;
/// An uncompressed point of P-256.
const POINT: usize = 65;
/// What a seal adds to a value: version, suite, point, tag.
pub const SEAL_ADDS: usize = 2 + POINT + 16;

/// A pair of keys: anybody may have the public half and seal, the owner of the other half opens.
pub struct SealingPair {
    /// Given to whoever seals.
    pub public: Vec<u8>,
    /// Opens; the caller seals it in turn.
    pub secret: Zeroizing<Vec<u8>>,
}

impl SealingPair {
    /// A fresh pair.
    ///
    /// # Errors
    /// [`CryptoError::Failed`] when the primitive refuses, which it does not in practice.
    pub fn generate() -> Result<Self, CryptoError> {
        let (public, secret) =
            SUITE.generate_key_pair().map_err(|_| CryptoError::Failed("making a pair of sealing keys"))?;
        Ok(Self { public: public.0, secret: Zeroizing::new(secret.secret_bytes().to_vec()) })
    }
}

/// Seals `plain` to the owner of `public`, for one purpose, bound to the given bytes.
///
/// # Errors
/// [`CryptoError::Malformed`] when `public` is no point of P-256.
pub fn seal_to(
    public: &[u8],
    purpose: &'static str,
    bound_to: &[u8],
    plain: &[u8],
) -> Result<Vec<u8>, CryptoError> {
    if public.len() != POINT {
        return Err(CryptoError::Malformed("a public key to seal to"));
    }
    let (point, body) = SUITE
        .seal(purpose.as_bytes(), bound_to, plain, &HpkePublicKey(public.to_vec()))
        .map_err(|_| CryptoError::Malformed("a public key to seal to"))?;
    let mut sealed = Vec::with_capacity(plain.len() + SEAL_ADDS);
    sealed.extend([VERSION, P256_SHA256_AES256]);
    sealed.extend(point.0);
    sealed.extend(body);
    Ok(sealed)
}

/// Opens what was sealed to the public half of `secret`.
///
/// # Errors
/// [`CryptoError::Malformed`] when it is no such value; [`CryptoError::Forged`] when a bit changed, or it was sealed to
/// another key, for another purpose or bound to something else.
pub fn open_sealed_to(
    secret: &[u8],
    purpose: &'static str,
    bound_to: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    const NOT_SEALED: CryptoError = CryptoError::Malformed("a value sealed to a public key");
    let [VERSION, P256_SHA256_AES256, rest @ ..] = sealed else { return Err(NOT_SEALED) };
    let (point, body) = rest.split_at_checked(POINT).ok_or(NOT_SEALED)?;
    let secret = HpkePrivateKey::from(secret.to_vec());
    SUITE
        .open(&EncapsulatedSecret(point.to_vec()), purpose.as_bytes(), bound_to, body, &secret)
        .map(Zeroizing::new)
        .map_err(|_| CryptoError::Forged)
}
