//! Encryption of Web Push messages (RFC 8291 over RFC 8188) and the sender's voucher to the push service (VAPID, RFC 8292).

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sekisho_kernel::{Timestamp, World};
use zeroize::Zeroizing;

/// The record size told in the header; one record holds the whole message.
const RECORD: u32 = 4096;
/// The longest text that fits: record less header (86), tag (16) and delimiter (1).
pub const LONGEST: usize = 3993;

/// A step of the encryption failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebPushError {
    /// The browser's key or secret is not of the right form.
    #[error("the subscription's keys are not valid")]
    BadKeys,
    /// The message is longer than a push service takes.
    #[error("the message is too long")]
    TooLong,
    /// Our own key cannot be read.
    #[error("the signing key is not valid")]
    BadSigner,
}

/// Encrypts `plain` for the browser whose subscription holds the keys `p256dh` (65 bytes) and `auth` (16 bytes); the body
/// is sent with `Content-Encoding: aes128gcm`.
pub fn encrypt(world: &dyn World, p256dh: &[u8], auth: &[u8], plain: &[u8]) -> Result<Vec<u8>, WebPushError> {
    let mut salt = [0; 16];
    world.fill(&mut salt);
    // Not every 32 bytes are a private key of P-256; the chance of a miss is 2^-32.
    for _ in 0..4 {
        let mut own = Zeroizing::new([0; 32]);
        world.fill(&mut *own);
        if let Ok(own) = PrivateKey::from_private_key(&ECDH_P256, &*own) {
            return encrypt_with(&own, &salt, p256dh, auth, plain);
        }
    }
    Err(WebPushError::BadSigner)
}

fn encrypt_with(
    own: &PrivateKey,
    salt: &[u8; 16],
    p256dh: &[u8],
    auth: &[u8],
    plain: &[u8],
) -> Result<Vec<u8>, WebPushError> {
    if p256dh.len() != 65 || auth.len() != 16 {
        return Err(WebPushError::BadKeys);
    }
    if plain.len() > LONGEST {
        return Err(WebPushError::TooLong);
    }
    let public = own.compute_public_key().map_err(|_| WebPushError::BadSigner)?;
    let input = agree(own, UnparsedPublicKey::new(&ECDH_P256, p256dh), WebPushError::BadKeys, |shared| {
        expand(auth, shared, &[b"WebPush: info\0", p256dh, public.as_ref()], 32)
    })?;
    let key = expand(salt, &input, &[b"Content-Encoding: aes128gcm\0"], 16)?;
    let nonce = expand(salt, &input, &[b"Content-Encoding: nonce\0"], 12)?;

    let mut sealed = plain.to_vec();
    sealed.push(2); // the last record's delimiter
    let key = UnboundKey::new(&AES_128_GCM, &key).map_err(|_| WebPushError::BadKeys)?;
    let nonce = Nonce::try_assume_unique_for_key(&nonce).map_err(|_| WebPushError::BadKeys)?;
    LessSafeKey::new(key)
        .seal_in_place_append_tag(nonce, Aad::empty(), &mut sealed)
        .map_err(|_| WebPushError::TooLong)?;

    let mut body = salt.to_vec();
    body.extend(RECORD.to_be_bytes());
    body.push(65);
    body.extend(public.as_ref());
    body.extend(sealed);
    Ok(body)
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn expand(
    salt: &[u8],
    input: &[u8],
    context: &[&[u8]],
    length: usize,
) -> Result<Zeroizing<Vec<u8>>, WebPushError> {
    let mut out = Zeroizing::new(vec![0; length]);
    Salt::new(HKDF_SHA256, salt)
        .extract(input)
        .expand(context, Length(length))
        .and_then(|okm| okm.fill(&mut out))
        .map_err(|_| WebPushError::BadKeys)?;
    Ok(out)
}

/// The key by which push services know this installation (VAPID).
pub struct Vapid {
    pair: EcdsaKeyPair,
}

impl std::fmt::Debug for Vapid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vapid")
    }
}

impl Vapid {
    /// A fresh key in PKCS #8 form, to be kept sealed.
    pub fn generate() -> Result<Zeroizing<Vec<u8>>, WebPushError> {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .map_err(|_| WebPushError::BadSigner)?;
        Ok(Zeroizing::new(document.as_ref().to_vec()))
    }

    /// From what [`Vapid::generate`] gave.
    pub fn from_pkcs8(bytes: &[u8]) -> Result<Self, WebPushError> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes)
            .map_err(|_| WebPushError::BadSigner)?;
        Ok(Self { pair })
    }

    /// The public key as browsers want it (`applicationServerKey`).
    pub fn public(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.pair.public_key().as_ref())
    }

    /// The `Authorization` header for the push service at `origin`, good until `expires` (at most 24 hours ahead).
    /// `contact` is a `mailto:` or `https:` address of the operator.
    pub fn authorization(
        &self,
        origin: &str,
        contact: &str,
        expires: Timestamp,
    ) -> Result<String, WebPushError> {
        if [origin, contact].iter().any(|text| text.contains(['"', '\\']) || text.contains(char::is_control))
        {
            return Err(WebPushError::BadSigner);
        }
        let claims = format!(r#"{{"aud":"{origin}","exp":{},"sub":"{contact}"}}"#, expires.as_secs());
        let head = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"ES256"}"#);
        let signed = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims));
        let signature =
            self.pair.sign(&SystemRandom::new(), signed.as_bytes()).map_err(|_| WebPushError::BadSigner)?;
        Ok(format!("vapid t={signed}.{}, k={}", URL_SAFE_NO_PAD.encode(signature.as_ref()), self.public()))
    }
}

#[cfg(test)]
mod tests {
    use super::{ECDH_P256, PrivateKey, URL_SAFE_NO_PAD, Vapid, WebPushError, encrypt_with};
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
    use base64::Engine;
    use sekisho_kernel::Timestamp;

    fn bytes(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    const BROWSER: &str =
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";

    #[test]
    fn the_example_of_rfc_8291() {
        let own =
            PrivateKey::from_private_key(&ECDH_P256, &bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
                .unwrap();
        let salt = bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap();
        let auth = bytes("BTBZMqHH6r4Tts7J_aSIgg");
        let body =
            encrypt_with(&own, &salt, &bytes(BROWSER), &auth, b"When I grow up, I want to be a watermelon")
                .unwrap();
        assert_eq!(
            URL_SAFE_NO_PAD.encode(body),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        );
        let cases = [
            (bytes(BROWSER), vec![0; 15], vec![], WebPushError::BadKeys),
            (vec![4; 65], auth.clone(), vec![], WebPushError::BadKeys),
            (bytes(BROWSER), auth, vec![0; 3994], WebPushError::TooLong),
        ];
        for (key, auth, plain, want) in cases {
            assert_eq!(encrypt_with(&own, &salt, &key, &auth, &plain), Err(want));
        }
    }

    #[test]
    fn the_voucher_verifies() {
        let vapid = Vapid::from_pkcs8(&Vapid::generate().unwrap()).unwrap();
        let header = vapid
            .authorization(
                "https://push.example.net",
                "mailto:ops@example.jp",
                Timestamp::from_secs(1_800_000_000),
            )
            .unwrap();
        let (token, key) = header.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, bytes(key))
            .verify(signed.as_bytes(), &bytes(signature))
            .unwrap();
        let claims = String::from_utf8(bytes(signed.split_once('.').unwrap().1)).unwrap();
        assert_eq!(
            claims,
            r#"{"aud":"https://push.example.net","exp":1800000000,"sub":"mailto:ops@example.jp"}"#
        );
        assert!(vapid.authorization("https://x\"", "mailto:ops@example.jp", Timestamp::EPOCH).is_err());
        assert!(Vapid::from_pkcs8(b"no key").is_err());
    }
}
