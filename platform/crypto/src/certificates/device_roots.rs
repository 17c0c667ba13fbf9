//! Which devices may connect: those whose certificate names a tenant and was signed by that same tenant's authority.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error as TlsError, RootCertStore,
    SignatureScheme,
};
use sekisho_kernel::{DeviceId, TenantId};

use super::reading::{CertificateFacts, read};
use super::tls::provider;
use crate::CryptoError;

/// The name of a device in its certificate: `sekisho://<tenant>/device/<id>`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct DeviceName {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub device: DeviceId,
}

impl DeviceName {
    /// The one device a certificate names.
    ///
    /// # Errors
    /// [`CryptoError::Malformed`] when it names none, more than one, or something else.
    pub fn of(facts: &CertificateFacts) -> Result<Self, CryptoError> {
        match facts.uri_sans.as_slice() {
            [uri] => uri.parse(),
            _ => Err(CryptoError::Malformed("the certificate of one device")),
        }
    }
}

impl std::fmt::Display for DeviceName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "sekisho://{}/device/{}", self.tenant, self.device)
    }
}

impl FromStr for DeviceName {
    type Err = CryptoError;

    fn from_str(uri: &str) -> Result<Self, CryptoError> {
        let name = uri
            .strip_prefix("sekisho://")
            .and_then(|rest| rest.split_once("/device/"))
            .and_then(|(tenant, device)| {
                Some(Self { tenant: tenant.parse().ok()?, device: device.parse().ok()? })
            })
            .ok_or(CryptoError::Malformed("the name of a device"))?;
        // One spelling only: a UUID can be written in several.
        if name.to_string() == uri { Ok(name) } else { Err(CryptoError::Malformed("the name of a device")) }
    }
}

/// The authorities of all tenants, for the listener of devices. They change while connections come in. Thousands of
/// tenants cost nothing: a certificate is checked against the authorities of the tenant it names and no others, so that
/// no tenant's authority can speak for another's device.
pub struct DeviceRoots {
    tenants: ArcSwap<HashMap<TenantId, Arc<dyn ClientCertVerifier>>>,
    provider: Arc<CryptoProvider>,
}

impl DeviceRoots {
    /// Nobody's devices yet.
    pub fn new() -> Self {
        Self { tenants: ArcSwap::default(), provider: provider() }
    }

    /// From now on the devices of `tenant` are those signed by one of `authorities` (DER): the present one and, for a
    /// while, the one before it. None at all shuts the tenant's devices out.
    ///
    /// # Errors
    /// [`CryptoError::Certificate`] when one of them is no authority; then nothing changed.
    pub fn set(&self, tenant: TenantId, authorities: &[CertificateDer<'_>]) -> Result<(), CryptoError> {
        let verifier = match authorities {
            [] => None,
            authorities => Some(self.verifier(authorities)?),
        };
        self.tenants.rcu(|tenants| {
            let mut tenants = HashMap::clone(tenants);
            match &verifier {
                Some(verifier) => tenants.insert(tenant, verifier.clone()),
                None => tenants.remove(&tenant),
            };
            tenants
        });
        Ok(())
    }

    /// Replaces everything, as at start.
    ///
    /// # Errors
    /// [`CryptoError::Certificate`] when one of them is no authority; then nothing changed.
    pub fn set_all<'a>(
        &self,
        all: impl IntoIterator<Item = (TenantId, Vec<CertificateDer<'a>>)>,
    ) -> Result<(), CryptoError> {
        let mut tenants = HashMap::new();
        for (tenant, authorities) in all {
            tenants.insert(tenant, self.verifier(&authorities)?);
        }
        self.tenants.store(Arc::new(tenants));
        Ok(())
    }

    fn verifier(
        &self,
        authorities: &[CertificateDer<'_>],
    ) -> Result<Arc<dyn ClientCertVerifier>, CryptoError> {
        let broken = |error: &dyn std::fmt::Display| CryptoError::Certificate(error.to_string());
        let mut roots = RootCertStore::empty();
        for authority in authorities {
            roots.add(authority.clone().into_owned()).map_err(|error| broken(&error))?;
        }
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), self.provider.clone())
            .build()
            .map_err(|error| broken(&error))
    }
}

impl Default for DeviceRoots {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for DeviceRoots {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeviceRoots").field("tenants", &self.tenants.load().len()).finish_non_exhaustive()
    }
}

impl ClientCertVerifier for DeviceRoots {
    /// None: a list of all tenants' authorities would be long, and nobody's business.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, TlsError> {
        let name = read(end_entity)
            .and_then(|facts| DeviceName::of(&facts))
            .map_err(|_| TlsError::InvalidCertificate(CertificateError::BadEncoding))?;
        let tenants = self.tenants.load();
        let verifier =
            tenants.get(&name.tenant).ok_or(TlsError::InvalidCertificate(CertificateError::UnknownIssuer))?;
        verifier.verify_client_cert(end_entity, intermediates, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
