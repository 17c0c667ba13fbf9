//! Connections that other rooms hold themselves, to servers that a tenant named: guarded like our own, and encrypted from the
//! first byte.

use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName};
use rustls_platform_verifier::Verifier;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::Notify;
use crate::send::guard::GuardError;

/// An encrypted connection.
pub type Connection = tokio_rustls::client::TlsStream<TcpStream>;

/// So long for the connection, and as long again for its encryption.
const TIME: Duration = Duration::from_secs(8);

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// That address may not be asked.
    #[error(transparent)]
    Guard(#[from] GuardError),
    /// Nobody answers there.
    #[error("no connection: {0}")]
    Unreachable(String),
    /// Who answers does not prove to be that server, or speaks no TLS.
    #[error("not encrypted: {0}")]
    Tls(String),
}

impl Notify {
    /// Connects to a server that a tenant named, with TLS from the first byte. Trusted are the machine's authorities and those
    /// the operator of the installation set.
    ///
    /// # Errors
    /// When the address may not be asked, nobody answers, or it is not that server.
    pub async fn connect(&self, host: &str, port: u16) -> Result<Connection, ConnectError> {
        let found = self.0.guard.resolve(host, port, false).await?;
        let mut stream = Err("no address".to_owned());
        for address in found.iter().take(4) {
            stream = match timeout(TIME, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => Ok(stream),
                Ok(Err(error)) => Err(error.to_string()),
                Err(_) => Err("no answer in time".to_owned()),
            };
            if stream.is_ok() {
                break;
            }
        }
        let stream = stream.map_err(ConnectError::Unreachable)?;
        let name =
            ServerName::try_from(host.to_owned()).map_err(|error| ConnectError::Tls(error.to_string()))?;
        let connector = TlsConnector::from(self.tls()?);
        match timeout(TIME, connector.connect(name, stream)).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) => Err(ConnectError::Tls(error.to_string())),
            Err(_) => Err(ConnectError::Tls("no answer in time".to_owned())),
        }
    }

    fn tls(&self) -> Result<Arc<ClientConfig>, ConnectError> {
        if let Some(config) = self.0.tls.get() {
            return Ok(config.clone());
        }
        let broken = |error: &dyn std::fmt::Display| ConnectError::Tls(error.to_string());
        let provider = sekisho_crypto::certificates::provider();
        let mut roots = Vec::new();
        for pem in &self.0.options.roots {
            for root in CertificateDer::pem_slice_iter(pem) {
                roots.push(root.map_err(|_| broken(&"an authority of your own cannot be read"))?);
            }
        }
        let verifier =
            Verifier::new_with_extra_roots(roots, provider.clone()).map_err(|error| broken(&error))?;
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| broken(&error))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        Ok(self.0.tls.get_or_init(|| Arc::new(config)).clone())
    }
}
