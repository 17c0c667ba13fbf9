//! A server's certificate, judged by a device whose clock may have lost its battery.
//!
//! Such a device wakes up in 1970, where no certificate is valid yet, and could never connect to learn the time. It does
//! know a time that has certainly passed: its own certificate was signed then. A clock that shows less is wrong, and then
//! the certificate is judged as of that time, or of its own beginning where that is later. What a device gives up by this
//! is noticing that a certificate has *ended* since; what it keeps is that an authority it trusts signed it for that name.

use std::sync::Arc;
use std::time::Duration;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, Error, SignatureScheme};
use sekisho_kernel::Timestamp;

use super::reading::read;

/// The verifier of such a device.
#[derive(Debug)]
pub(super) struct Clockless {
    pub(super) inner: Arc<WebPkiServerVerifier>,
    /// A time that has certainly passed.
    pub(super) passed: Timestamp,
}

impl Clockless {
    /// The time by which `certificate` is judged when the clock shows `shown`.
    fn judged_at(&self, certificate: &CertificateDer<'_>, shown: UnixTime) -> UnixTime {
        let unix = |at: Timestamp| {
            UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(at.as_secs()).unwrap_or(0)))
        };
        if shown >= unix(self.passed) {
            return shown;
        }
        let begins = read(certificate).map_or(self.passed, |facts| facts.not_before);
        unix(self.passed.max(begins))
    }
}

impl ServerCertVerifier for Clockless {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let now = self.judged_at(end_entity, now);
        self.inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificates::{Authority, pem_to_der, provider};
    use crate::system_world;

    #[test]
    fn a_dead_clock_does_not_lock_a_device_out_and_a_living_one_is_believed() {
        let world = system_world();
        let day = |days: u64| Timestamp::from_secs(1_795_305_600).plus(Duration::from_secs(days * 86_400));
        let unix =
            |at: Timestamp| UnixTime::since_unix_epoch(Duration::from_secs(at.as_secs().unsigned_abs()));
        let authority = Authority::generate("test", day(0), 10, &*world).unwrap();
        let issued =
            authority.issue_server(&["keys.example.jp".to_owned()], day(100), day(200), &*world).unwrap();
        let mut roots = rustls::RootCertStore::empty();
        roots.add(authority.certificate_der().clone()).unwrap();
        let inner = WebPkiServerVerifier::builder_with_provider(roots.into(), provider()).build().unwrap();
        let leaf = CertificateDer::from(pem_to_der(&issued.chain_pem).unwrap());
        let judge = |passed: Timestamp, shown: UnixTime, name: &str| {
            let verifier = Clockless { inner: inner.clone(), passed };
            let name = ServerName::try_from(name.to_owned()).unwrap();
            verifier.verify_server_cert(&leaf, &[], &name, &[], shown).is_ok()
        };
        let (dead, name) = (UnixTime::since_unix_epoch(Duration::ZERO), "keys.example.jp");
        assert!(judge(day(50), dead, name), "it was issued after the device was");
        assert!(judge(day(150), dead, name));
        assert!(!judge(day(201), dead, name), "it ended before a time that has passed");
        assert!(!judge(day(50), dead, "other.example.jp"));
        assert!(!judge(day(50), unix(day(60)), name), "a clock that may be right is believed");
        assert!(judge(day(50), unix(day(150)), name));
        assert!(!judge(day(50), unix(day(250)), name));
    }
}
