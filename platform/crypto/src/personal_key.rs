//! A key of one person's own. It lies sealed under the tenant's keys; when it is destroyed, everything it sealed is
//! unreadable, in every backup made afterwards too, while the rest of the tenant stays as it is.
//!
//! A value: version (1) · algorithm (1) · nonce (12) · ciphertext · tag (16). Version, algorithm, tenant, table, column and
//! row are authenticated with it. The version differs from that of values under the tenant's keys, so that neither is taken
//! for the other.

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use sekisho_kernel::TenantId;
use zeroize::Zeroizing;

use crate::sealing::bound_to;
use crate::{CryptoError, Place, TenantKeys};

const HEADER: [u8; 2] = [2, 1];
const NONCE: usize = 12;
const TAG: usize = 16;

/// The key of one person of one tenant, opened.
pub struct PersonalKey {
    tenant: TenantId,
    key: RandomizedNonceKey,
}

impl PersonalKey {
    /// From 32 fresh bytes of chance.
    ///
    /// # Errors
    /// [`CryptoError::Malformed`] when they are not 32 bytes.
    pub fn new(tenant: TenantId, bytes: &[u8]) -> Result<Self, CryptoError> {
        let key = RandomizedNonceKey::new(&AES_256_GCM, bytes)
            .map_err(|_| CryptoError::Malformed("an AES-256 key"))?;
        Ok(Self { tenant, key })
    }

    /// The key that lies sealed at `place`.
    ///
    /// # Errors
    /// As [`TenantKeys::open`].
    pub fn open_from(keys: &TenantKeys, place: &Place<'_>, sealed: &[u8]) -> Result<Self, CryptoError> {
        Self::new(keys.tenant(), &keys.open(place, sealed)?)
    }

    /// Seals for this place only.
    #[expect(
        clippy::expect_used,
        reason = "AES-GCM refuses 64 GiB and more only; storing nothing would lose the value"
    )]
    pub fn seal(&self, place: &Place<'_>, plain: &[u8]) -> Vec<u8> {
        let mut body = Vec::with_capacity(plain.len() + TAG);
        body.extend_from_slice(plain);
        let bound = Aad::from(bound_to(self.tenant, &HEADER, place));
        let nonce = self.key.seal_in_place_append_tag(bound, &mut body).expect("a fresh key seals");
        let mut sealed = Vec::with_capacity(HEADER.len() + NONCE + body.len());
        sealed.extend_from_slice(&HEADER);
        sealed.extend_from_slice(nonce.as_ref());
        sealed.extend_from_slice(&body);
        sealed
    }

    /// Opens what [`PersonalKey::seal`] made for the same place.
    ///
    /// # Errors
    /// [`CryptoError::Forged`] when a bit changed, the value was moved or is another person's; [`CryptoError::Malformed`]
    /// when it is no such value.
    pub fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        const NOT_SEALED: CryptoError = CryptoError::Malformed("a value under a person's own key");
        let (header, rest) = sealed.split_at_checked(HEADER.len()).ok_or(NOT_SEALED)?;
        let (nonce, body) = rest.split_at_checked(NONCE).ok_or(NOT_SEALED)?;
        if header != HEADER || body.len() < TAG {
            return Err(NOT_SEALED);
        }
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| NOT_SEALED)?;
        let mut plain = Zeroizing::new(body.to_vec());
        let bound = Aad::from(bound_to(self.tenant, &HEADER, place));
        let length = self.key.open_in_place(nonce, bound, &mut plain).map_err(|_| CryptoError::Forged)?.len();
        plain.truncate(length);
        Ok(plain)
    }
}

impl std::fmt::Debug for PersonalKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PersonalKey").field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn opens_its_own_values_in_their_place_only() {
        let tenant = TenantId(Uuid::from_u128(1));
        let place = |column, row| Place { table: "t", column, row: Uuid::from_u128(row) };
        let key = PersonalKey::new(tenant, &[7; 32]).unwrap();
        let sealed = key.seal(&place("name", 1), "山田".as_bytes());
        assert_eq!(&**key.open(&place("name", 1), &sealed).unwrap(), "山田".as_bytes());
        for elsewhere in [place("name", 2), place("mail", 1)] {
            assert!(matches!(key.open(&elsewhere, &sealed), Err(CryptoError::Forged)));
        }
        let others = [
            PersonalKey::new(tenant, &[8; 32]).unwrap(),
            PersonalKey::new(TenantId(Uuid::from_u128(2)), &[7; 32]).unwrap(),
        ];
        for other in others {
            assert!(matches!(other.open(&place("name", 1), &sealed), Err(CryptoError::Forged)));
        }
        for end in 0..sealed.len() {
            assert!(key.open(&place("name", 1), &sealed[..end]).is_err());
        }
        assert!(PersonalKey::new(tenant, &[7; 31]).is_err());
    }
}
