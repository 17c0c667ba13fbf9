//! RSA signatures (PKCS #1 v1.5 with SHA-256) for services that know their customers' programs by a JWT of kind RS256.
//! Nothing of ours is signed so.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;

use crate::CryptoError;

/// A private RSA key that a service gave a customer.
pub struct RsaSigner(RsaKeyPair);

impl RsaSigner {
    /// Reads a key as services hand it out: PEM, PKCS #8 or PKCS #1, of at least 2048 bits.
    ///
    /// # Errors
    /// [`CryptoError::Malformed`] when it is none.
    pub fn from_pem(pem: &str) -> Result<Self, CryptoError> {
        const WRONG: CryptoError = CryptoError::Malformed("an RSA key in PEM");
        let pair = match PrivateKeyDer::from_pem_slice(pem.as_bytes()) {
            Ok(PrivateKeyDer::Pkcs8(key)) => RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()),
            Ok(PrivateKeyDer::Pkcs1(key)) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
            _ => return Err(WRONG),
        };
        pair.map(Self).map_err(|_| WRONG)
    }

    /// A JWT (RFC 7519) with these claims, a JSON object.
    ///
    /// # Errors
    /// [`CryptoError::Failed`] when the primitive refuses, which it does not in practice.
    pub fn jwt(&self, claims: &str) -> Result<String, CryptoError> {
        let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"JWT"}"#);
        let text = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims));
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
            .map_err(|_| CryptoError::Failed("an RSA signature"))?;
        Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::RsaSigner;

    #[test]
    fn others_can_verify_what_is_signed() {
        let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
        let jwt = RsaSigner::from_pem(&pair.serialize_pem()).unwrap().jwt(r#"{"iss":"us"}"#).unwrap();
        let (text, signature) = jwt.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key_raw());
        public.verify(text.as_bytes(), &signature).unwrap();
        let (_, claims) = text.split_once('.').unwrap();
        assert_eq!(URL_SAFE_NO_PAD.decode(claims).unwrap(), br#"{"iss":"us"}"#);
    }

    #[test]
    fn what_is_no_rsa_key_is_refused() {
        let other = rcgen::KeyPair::generate().unwrap();
        for wrong in
            ["", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", &other.serialize_pem()]
        {
            assert!(RsaSigner::from_pem(wrong).is_err());
        }
    }
}
