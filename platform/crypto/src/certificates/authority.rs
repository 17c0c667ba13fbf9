//! An authority that signs for one tenant, or for the demo's own servers.

use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SanType, SerialNumber, SubjectPublicKeyInfo,
    date_time_ymd,
};
use rustls_pki_types::CertificateDer;
use sekisho_kernel::{Timestamp, World};
use zeroize::Zeroizing;

use super::reading::{pem_to_der, read_request_key};
use crate::CryptoError;

/// Certificates are valid a little earlier than now, for clocks that are behind.
const GRACE: Duration = Duration::from_secs(5 * 60);

/// A certificate authority with an ECDSA P-256 key. It signs end entities only, never another authority.
pub struct Authority {
    certificate_pem: String,
    certificate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its key, as servers load them.
pub struct Issued {
    /// The certificate and its authority's, in PEM.
    pub chain_pem: String,
    /// The private key, in PEM; the caller seals it.
    pub key_pem: Zeroizing<String>,
}

impl Authority {
    /// A fresh authority named `name`, valid from `now` for `years` years.
    ///
    /// # Errors
    /// [`CryptoError::Certificate`] when the name cannot stand in a certificate.
    pub fn generate(name: &str, now: Timestamp, years: u32, world: &dyn World) -> Result<Self, CryptoError> {
        let key = new_key()?;
        let mut params = CertificateParams::default();
        params.distinguished_name = named(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.serial_number = Some(serial(world));
        let year = Duration::from_secs(31_557_600);
        valid(&mut params, now.minus(GRACE), now.plus(year.saturating_mul(years)));
        let certificate = params.self_signed(&key).map_err(broken)?;
        Ok(Self {
            certificate_pem: certificate.pem(),
            certificate: certificate.der().clone(),
            issuer: Issuer::new(params, key),
        })
    }

    /// Reads an authority back.
    ///
    /// # Errors
    /// [`CryptoError::Certificate`] or [`CryptoError::Malformed`] when either text is not readable.
    pub fn from_pem(certificate: &str, key: &str) -> Result<Self, CryptoError> {
        let key = KeyPair::from_pem(key).map_err(broken)?;
        let der = CertificateDer::from(pem_to_der(certificate)?);
        let issuer = Issuer::from_ca_cert_der(&der, key).map_err(broken)?;
        Ok(Self { certificate_pem: certificate.to_owned(), certificate: der, issuer })
    }

    /// The certificate, in PEM: what others are told to trust.
    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// The certificate, in DER.
    pub fn certificate_der(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// Certificate and private key, in PEM; the caller seals the key.
    pub fn to_pem(&self) -> (String, Zeroizing<String>) {
        (self.certificate_pem.clone(), Zeroizing::new(self.issuer.key().serialize_pem()))
    }

    /// Signs the key of a request for the device (or other client) named by `uri`. Nothing else of the request is taken
    /// over: what a certificate says is ours to decide.
    ///
    /// # Errors
    /// [`CryptoError::Malformed`], [`CryptoError::Forged`] when the request does not prove possession of its key, or
    /// [`CryptoError::Certificate`].
    pub fn sign_request(
        &self,
        csr_der: &[u8],
        uri: &str,
        not_before: Timestamp,
        not_after: Timestamp,
        world: &dyn World,
    ) -> Result<Vec<u8>, CryptoError> {
        let key = SubjectPublicKeyInfo::from_der(&read_request_key(csr_der)?).map_err(broken)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = named(uri.rsplit('/').next().unwrap_or(uri));
        params.subject_alt_names = vec![SanType::URI(uri.try_into().map_err(broken)?)];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        params.is_ca = IsCa::ExplicitNoCa;
        params.serial_number = Some(serial(world));
        valid(&mut params, not_before, not_after);
        Ok(params.signed_by(&key, &self.issuer).map_err(broken)?.der().to_vec())
    }

    /// A certificate with a fresh key for a server that answers to `names` (host names or addresses).
    ///
    /// # Errors
    /// [`CryptoError::Certificate`] when a name cannot stand in a certificate.
    pub fn issue_server(
        &self,
        names: &[String],
        not_before: Timestamp,
        not_after: Timestamp,
        world: &dyn World,
    ) -> Result<Issued, CryptoError> {
        let key = new_key()?;
        let mut params = CertificateParams::new(names).map_err(broken)?;
        params.distinguished_name = named(names.first().map_or("sekisho", String::as_str));
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        params.is_ca = IsCa::ExplicitNoCa;
        params.serial_number = Some(serial(world));
        valid(&mut params, not_before, not_after);
        let certificate = params.signed_by(&key, &self.issuer).map_err(broken)?;
        Ok(Issued {
            chain_pem: format!("{}{}", certificate.pem(), self.certificate_pem),
            key_pem: Zeroizing::new(key.serialize_pem()),
        })
    }
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").finish_non_exhaustive()
    }
}

/// A fresh P-256 key in PEM (PKCS #8), as an agent or simulated device makes it.
///
/// # Errors
/// [`CryptoError::Certificate`] when the primitive refuses, which it does not in practice.
pub fn make_key() -> Result<Zeroizing<String>, CryptoError> {
    Ok(Zeroizing::new(new_key()?.serialize_pem()))
}

/// A signing request (PKCS #10, DER) for a key in PEM. The name is for people who look at it; the authority decides.
///
/// # Errors
/// [`CryptoError::Certificate`] when the key is not readable.
pub fn make_request(key_pem: &str, name: &str) -> Result<Vec<u8>, CryptoError> {
    let key = KeyPair::from_pem(key_pem).map_err(broken)?;
    let mut params = CertificateParams::default();
    params.distinguished_name = named(name);
    Ok(params.serialize_request(&key).map_err(broken)?.der().to_vec())
}

fn new_key() -> Result<KeyPair, CryptoError> {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(broken)
}

fn named(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

/// 16 bytes of chance, positive and without a leading zero (RFC 5280, 4.1.2.2).
fn serial(world: &dyn World) -> SerialNumber {
    let mut bytes = [0; 16];
    world.fill(&mut bytes);
    if let Some(first) = bytes.first_mut() {
        *first = (*first & 0x7f) | 0x40;
    }
    SerialNumber::from_slice(&bytes)
}

fn valid(params: &mut CertificateParams, not_before: Timestamp, not_after: Timestamp) {
    let epoch = date_time_ymd(1970, 1, 1);
    let at = |time: Timestamp| epoch + Duration::from_secs(u64::try_from(time.as_secs()).unwrap_or(0));
    params.not_before = at(not_before);
    // RFC 5280 has no year after 9999.
    params.not_after = at(not_after.min(Timestamp::FAR_FUTURE));
}

fn broken(error: rcgen::Error) -> CryptoError {
    CryptoError::Certificate(error.to_string())
}
