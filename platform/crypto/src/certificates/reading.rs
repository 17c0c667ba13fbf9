//! What a certificate says.

use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, CertificateSigningRequestDer};
use sekisho_kernel::Timestamp;
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::CryptoError;
use crate::hashing::sha256;

/// The facts of a certificate that we act upon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFacts {
    /// URIs it speaks for: devices are named by one.
    pub uri_sans: Vec<String>,
    /// Host names it speaks for.
    pub dns_names: Vec<String>,
    /// SHA-256 of the public key (SubjectPublicKeyInfo), by which a device is known.
    pub spki_sha256: [u8; 32],
    /// Valid from.
    pub not_before: Timestamp,
    /// Valid until.
    pub not_after: Timestamp,
    /// Its number, as hexadecimal digits.
    pub serial: String,
    /// The subject as text, for people.
    pub subject: String,
    /// The issuer as text, for people.
    pub issuer: String,
}

/// Reads the facts of a certificate in DER. It says nothing about who signed it.
///
/// # Errors
/// [`CryptoError::Malformed`] when it is no certificate, or bytes follow it.
pub fn read(der: &[u8]) -> Result<CertificateFacts, CryptoError> {
    const NO_CERTIFICATE: CryptoError = CryptoError::Malformed("a certificate");
    let (rest, certificate) = X509Certificate::from_der(der).map_err(|_| NO_CERTIFICATE)?;
    if !rest.is_empty() {
        return Err(NO_CERTIFICATE);
    }
    let (mut uri_sans, mut dns_names) = (Vec::new(), Vec::new());
    for name in certificate
        .subject_alternative_name()
        .map_err(|_| NO_CERTIFICATE)?
        .into_iter()
        .flat_map(|extension| &extension.value.general_names)
    {
        match name {
            GeneralName::URI(uri) => uri_sans.push((*uri).to_owned()),
            GeneralName::DNSName(name) => dns_names.push((*name).to_owned()),
            _ => {}
        }
    }
    Ok(CertificateFacts {
        uri_sans,
        dns_names,
        spki_sha256: sha256(certificate.public_key().raw),
        not_before: Timestamp::from_secs(certificate.validity().not_before.timestamp()),
        not_after: Timestamp::from_secs(certificate.validity().not_after.timestamp()),
        serial: hex::encode(certificate.raw_serial()),
        subject: certificate.subject().to_string(),
        issuer: certificate.issuer().to_string(),
    })
}

/// The public key of a signing request whose own signature holds, as SubjectPublicKeyInfo in DER.
///
/// # Errors
/// [`CryptoError::Malformed`] when it is no request; [`CryptoError::Forged`] when its signature does not hold, that is,
/// when the asker does not have the key.
pub fn read_request_key(csr_der: &[u8]) -> Result<Vec<u8>, CryptoError> {
    const NO_REQUEST: CryptoError = CryptoError::Malformed("a certificate signing request");
    let (rest, request) = X509CertificationRequest::from_der(csr_der).map_err(|_| NO_REQUEST)?;
    if !rest.is_empty() {
        return Err(NO_REQUEST);
    }
    request.verify_signature().map_err(|_| CryptoError::Forged)?;
    Ok(request.certification_request_info.subject_pki.raw.to_vec())
}

/// The first certificate of a PEM text, or else its first signing request, in DER.
///
/// # Errors
/// [`CryptoError::Malformed`] when there is none.
pub fn pem_to_der(pem: &str) -> Result<Vec<u8>, CryptoError> {
    CertificateDer::from_pem_slice(pem.as_bytes())
        .map(|der| der.to_vec())
        .or_else(|_| CertificateSigningRequestDer::from_pem_slice(pem.as_bytes()).map(|der| der.to_vec()))
        .map_err(|_| CryptoError::Malformed("a certificate or signing request in PEM"))
}
