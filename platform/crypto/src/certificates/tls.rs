//! TLS settings. TLS 1.2 and 1.3, AWS-LC underneath, validity judged by the [`World`]'s clock.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use rustls::client::WebPkiServerVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use sekisho_kernel::{Timestamp, World};

use super::clockless::Clockless;
use super::device_roots::DeviceRoots;
use crate::CryptoError;

/// The primitives of TLS: AWS-LC's, the validated module's with feature `fips`.
pub fn provider() -> Arc<CryptoProvider> {
    let mut provider = rustls::crypto::aws_lc_rs::default_provider();
    // Said here, because a feature of `rustls` that any crate may switch on would say otherwise: a first message with the
    // hybrid key share costs each of ten thousand devices more than a kilobyte. Whoever asks for it gets it.
    provider.kx_groups.sort_by_key(|group| group.name() == rustls::NamedGroup::X25519MLKEM768);
    Arc::new(provider)
}

/// The certificate a server shows. It can be replaced while the server runs; new connections see the new one.
pub struct ServerIdentity(ArcSwap<CertifiedKey>);

impl ServerIdentity {
    /// From a chain and a key in PEM.
    ///
    /// # Errors
    /// [`CryptoError::Malformed`] or [`CryptoError::Certificate`] when they are not readable or do not belong together.
    pub fn from_pem(chain_pem: &str, key_pem: &str) -> Result<Self, CryptoError> {
        Ok(Self(ArcSwap::from_pointee(certified(chain_pem, key_pem)?)))
    }

    /// Shows this certificate from now on.
    ///
    /// # Errors
    /// As [`ServerIdentity::from_pem`]; then the old one stays.
    pub fn replace(&self, chain_pem: &str, key_pem: &str) -> Result<(), CryptoError> {
        self.0.store(Arc::new(certified(chain_pem, key_pem)?));
        Ok(())
    }

    /// The certificate shown now, in DER.
    pub fn certificate(&self) -> Option<CertificateDer<'static>> {
        self.0.load().cert.first().cloned()
    }
}

impl std::fmt::Debug for ServerIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ServerIdentity")
    }
}

impl ResolvesServerCert for ServerIdentity {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

/// Settings for HTTPS: HTTP/2, then HTTP/1.1.
///
/// # Errors
/// [`CryptoError::Certificate`] when the primitives offer no TLS version, which they do.
pub fn server_config(
    identity: Arc<ServerIdentity>,
    world: &Arc<dyn World>,
) -> Result<Arc<ServerConfig>, CryptoError> {
    let mut config = ServerConfig::builder_with_details(provider(), clock(world))
        .with_safe_default_protocol_versions()
        .map_err(|error| broken(&error))?
        .with_no_client_auth()
        .with_cert_resolver(identity);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Settings for devices: a certificate is demanded, and nothing is kept for resumption, which keeps ten thousand
/// connections small and makes a revoked certificate fail at the next connection.
///
/// # Errors
/// [`CryptoError::Certificate`] when the primitives offer no TLS version, which they do.
pub fn device_server_config(
    identity: Arc<ServerIdentity>,
    roots: Arc<DeviceRoots>,
    world: &Arc<dyn World>,
) -> Result<Arc<ServerConfig>, CryptoError> {
    let mut config = ServerConfig::builder_with_details(provider(), clock(world))
        .with_safe_default_protocol_versions()
        .map_err(|error| broken(&error))?
        .with_client_cert_verifier(roots)
        .with_cert_resolver(identity);
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    Ok(Arc::new(config))
}

/// Settings for a client that trusts the authorities in `authorities_pem` and, when `own` is given, shows that chain and
/// key (both PEM): agents, simulated devices, probes.
///
/// # Errors
/// [`CryptoError::Malformed`] or [`CryptoError::Certificate`] when something is not readable.
pub fn client_config(
    authorities_pem: &str,
    own: Option<(&str, &str)>,
    world: &Arc<dyn World>,
) -> Result<Arc<ClientConfig>, CryptoError> {
    // Every clock is past the beginning of time, so every clock is believed.
    device_client_config(authorities_pem, own, world, Timestamp::EPOCH)
}

/// As [`client_config`], for a device whose clock may be dead; `passed` is a time that has certainly passed. See
/// `clockless.rs` for what that gives up.
///
/// # Errors
/// As [`client_config`].
pub fn device_client_config(
    authorities_pem: &str,
    own: Option<(&str, &str)>,
    world: &Arc<dyn World>,
    passed: Timestamp,
) -> Result<Arc<ClientConfig>, CryptoError> {
    let mut roots = RootCertStore::empty();
    for authority in chain(authorities_pem)? {
        roots.add(authority).map_err(|error| broken(&error))?;
    }
    let inner = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider())
        .build()
        .map_err(|error| broken(&error))?;
    let config = ClientConfig::builder_with_details(provider(), clock(world))
        .with_safe_default_protocol_versions()
        .map_err(|error| broken(&error))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Clockless { inner, passed }));
    let config = match own {
        Some((chain_pem, key_pem)) => {
            config.with_client_auth_cert(chain(chain_pem)?, key(key_pem)?).map_err(|error| broken(&error))?
        }
        None => config.with_no_client_auth(),
    };
    Ok(Arc::new(config))
}

fn certified(chain_pem: &str, key_pem: &str) -> Result<CertifiedKey, CryptoError> {
    let certified =
        CertifiedKey::from_der(chain(chain_pem)?, key(key_pem)?, &provider()).map_err(|e| broken(&e))?;
    certified.keys_match().map_err(|error| broken(&error))?;
    Ok(certified)
}

fn chain(pem: &str) -> Result<Vec<CertificateDer<'static>>, CryptoError> {
    let chain = CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| CryptoError::Malformed("certificates in PEM"))?;
    if chain.is_empty() { Err(CryptoError::Malformed("certificates in PEM")) } else { Ok(chain) }
}

fn key(pem: &str) -> Result<PrivateKeyDer<'static>, CryptoError> {
    PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| CryptoError::Malformed("a private key in PEM"))
}

fn broken(error: &dyn std::fmt::Display) -> CryptoError {
    CryptoError::Certificate(error.to_string())
}

fn clock(world: &Arc<dyn World>) -> Arc<dyn TimeProvider> {
    Arc::new(Clock(world.clone()))
}

struct Clock(Arc<dyn World>);

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        let secs = u64::try_from(self.0.now().as_secs()).unwrap_or(0);
        Some(UnixTime::since_unix_epoch(Duration::from_secs(secs)))
    }
}
