//! How a box becomes known: it makes a key that never leaves it, shows the claim code an administrator was given, and
//! keeps the certificate it gets. The server is trusted by its authority's file or by a fingerprint, never blindly.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request, header};
use base64::Engine as _;
use hyper_util::rt::TokioIo;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::{DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use sekisho_kernel::World;
use sekisho_wire::{Enrol, Enrolled};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Where the authorities of the system are, on the machines a box runs on.
const SYSTEM_AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";
/// An answer longer than this is not from our server.
const MAX_ANSWER: usize = 256 * 1024;

/// Whom to trust as the server.
#[derive(Clone, Debug)]
pub enum Trust {
    /// Authorities in PEM.
    Authorities(String),
    /// SHA-256 of the server's certificate or of its authority's, as 64 hexadecimal digits (colons do not matter).
    Fingerprint(String),
    /// The authorities of the system.
    System,
}

/// Why a box could not be enrolled.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// The server's address makes no sense.
    #[error(
        "the server's address must look like https://keys.example.jp; plain http is for this machine only"
    )]
    Address,
    /// The fingerprint makes no sense.
    #[error("a fingerprint has 64 hexadecimal digits (SHA-256)")]
    Fingerprint,
    /// The server cannot be reached or is not the one that was meant.
    #[error("cannot reach {0}: {1}")]
    Unreachable(String, String),
    /// The server says no.
    #[error("the server refused ({0}): {1}")]
    Refused(u16, String),
    /// The answer makes no sense.
    #[error("the server's answer was not understood: {0}")]
    Answer(String),
    /// A key could not be made.
    #[error(transparent)]
    Key(#[from] sekisho_crypto::CryptoError),
    /// The box's folder cannot be used.
    #[error(transparent)]
    Home(#[from] crate::home::HomeError),
    /// A file of authorities cannot be read.
    #[error("{0}: {1}")]
    File(String, std::io::Error),
}

/// A request ready to be sent, and the key it was made with.
pub struct Prepared {
    /// What is sent.
    pub body: Enrol,
    /// The key, which is not.
    pub key_pem: String,
}

/// Makes the key and the request.
pub fn prepare(claim: &str) -> Result<Prepared, EnrolError> {
    let key = sekisho_crypto::certificates::make_key()?;
    // The server writes the name; this one is for people who look at the request.
    let csr = sekisho_crypto::certificates::make_request(&key, "sekisho-agent")?;
    let body = Enrol {
        claim: claim.to_owned(),
        csr: request_pem(&csr),
        agent: env!("CARGO_PKG_VERSION").to_owned(),
    };
    Ok(Prepared { body, key_pem: key.to_string() })
}

/// Asks `server` for a certificate and keeps it in `home`.
pub async fn enrol(
    home: &crate::home::Home,
    server: &str,
    claim: &str,
    trust: &Trust,
    world: &Arc<dyn World>,
) -> Result<Enrolled, EnrolError> {
    if home.is_enrolled() {
        return Err(crate::home::HomeError::Enrolled(home.folder().to_owned()).into());
    }
    let prepared = prepare(claim)?;
    let enrolled = send(server, &prepared.body, trust, world).await?;
    home.install(&enrolled, &prepared.key_pem)?;
    Ok(enrolled)
}

async fn send(
    server: &str,
    body: &Enrol,
    trust: &Trust,
    world: &Arc<dyn World>,
) -> Result<Enrolled, EnrolError> {
    let target = Target::parse(server)?;
    let unreachable =
        |error: &dyn std::fmt::Display| EnrolError::Unreachable(server.to_owned(), error.to_string());
    let address = (target.host.as_str(), target.port);
    let socket = TcpStream::connect(address).await.map_err(|error| unreachable(&error))?;
    let answer = if target.tls {
        let name = ServerName::try_from(target.host.clone()).map_err(|_| EnrolError::Address)?;
        let connector = TlsConnector::from(client_config(trust, world)?);
        let stream = connector.connect(name, socket).await.map_err(|error| unreachable(&error))?;
        post(TokioIo::new(stream), &target.authority, body).await
    } else {
        post(TokioIo::new(socket), &target.authority, body).await
    };
    let (status, text) = answer.map_err(|error| unreachable(&error))?;
    if status != 200 && status != 201 {
        let why = serde_json::from_slice::<serde_json::Value>(&text).ok();
        let why = why.as_ref().and_then(|why| why.get("detail").or(why.get("title"))?.as_str());
        return Err(EnrolError::Refused(status, why.unwrap_or("no reason given").to_owned()));
    }
    serde_json::from_slice(&text).map_err(|error| EnrolError::Answer(error.to_string()))
}

async fn post<S>(
    stream: TokioIo<S>,
    authority: &str,
    body: &Enrol,
) -> Result<(u16, Vec<u8>), Box<dyn std::error::Error + Send + Sync>>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await?;
    let pump = tokio::spawn(connection);
    let request = Request::builder()
        .method(Method::POST)
        .uri("/api/v1/enrol")
        .header(header::HOST, authority)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "application/json")
        .body(Body::from(serde_json::to_vec(body)?))?;
    let response = sender.send_request(request).await?;
    let status = response.status().as_u16();
    let text = axum::body::to_bytes(Body::new(response.into_body()), MAX_ANSWER).await?;
    pump.abort();
    Ok((status, text.to_vec()))
}

#[derive(Debug, PartialEq, Eq)]
struct Target {
    tls: bool,
    host: String,
    port: u16,
    authority: String,
}

impl Target {
    fn parse(server: &str) -> Result<Self, EnrolError> {
        let uri: axum::http::Uri = server.trim().parse().map_err(|_| EnrolError::Address)?;
        let authority = uri.authority().ok_or(EnrolError::Address)?;
        let host = authority.host().trim_matches(['[', ']']).to_owned();
        let loopback = host == "localhost"
            || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        let (tls, port) = match uri.scheme_str() {
            Some("https") => (true, 443),
            Some("http") if loopback => (false, 80),
            _ => return Err(EnrolError::Address),
        };
        Ok(Self { tls, host, port: authority.port_u16().unwrap_or(port), authority: authority.to_string() })
    }
}

fn client_config(trust: &Trust, world: &Arc<dyn World>) -> Result<Arc<rustls::ClientConfig>, EnrolError> {
    match trust {
        Trust::Authorities(pem) => Ok(sekisho_crypto::certificates::client_config(pem, None, world)?),
        Trust::System => {
            let pem = std::fs::read_to_string(SYSTEM_AUTHORITIES)
                .map_err(|error| EnrolError::File(SYSTEM_AUTHORITIES.to_owned(), error))?;
            Ok(sekisho_crypto::certificates::client_config(&pem, None, world)?)
        }
        Trust::Fingerprint(text) => {
            let provider = sekisho_crypto::certificates::provider();
            let pinned =
                Arc::new(Pinned { fingerprint: fingerprint(text)?, provider: Arc::clone(&provider) });
            let config = rustls::ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .map_err(|error| EnrolError::Answer(error.to_string()))?
                .dangerous()
                .with_custom_certificate_verifier(pinned)
                .with_no_client_auth();
            Ok(Arc::new(config))
        }
    }
}

fn fingerprint(text: &str) -> Result<[u8; 32], EnrolError> {
    let digits: Vec<u32> = text
        .chars()
        .filter(|letter| !letter.is_whitespace() && *letter != ':')
        .map(|letter| letter.to_digit(16).ok_or(EnrolError::Fingerprint))
        .collect::<Result<_, _>>()?;
    let bytes =
        digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| (byte << 4) | (digit & 0xf) as u8));
    let bytes: Vec<u8> = bytes.collect();
    if digits.len() == 64 {
        bytes.try_into().map_err(|_| EnrolError::Fingerprint)
    } else {
        Err(EnrolError::Fingerprint)
    }
}

/// Accepts a server that shows the pinned certificate, or one signed by the pinned authority it shows along.
#[derive(Debug)]
struct Pinned {
    fingerprint: [u8; 32],
    provider: Arc<rustls::crypto::CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let is_pinned = |certificate: &&CertificateDer<'_>| {
            sekisho_crypto::equal(&sekisho_crypto::sha256(certificate.as_ref()), &self.fingerprint)
        };
        if is_pinned(&end_entity) {
            return Ok(ServerCertVerified::assertion());
        }
        let authority = intermediates.iter().find(is_pinned).ok_or_else(|| {
            rustls::Error::General("the server shows no certificate with this fingerprint".to_owned())
        })?;
        let mut roots = RootCertStore::empty();
        roots.add(authority.clone().into_owned())?;
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&self.provider))
                .build()
                .map_err(|error| rustls::Error::General(error.to_string()))?;
        verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

fn request_pem(der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let mut pem = "-----BEGIN CERTIFICATE REQUEST-----\n".to_owned();
    for (index, letter) in text.chars().enumerate() {
        if index > 0 && index % 64 == 0 {
            pem.push('\n');
        }
        pem.push(letter);
    }
    pem + "\n-----END CERTIFICATE REQUEST-----\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine_only() {
        let target = Target::parse("http://127.0.0.1:8080").unwrap();
        assert_eq!((target.tls, target.port), (false, 8080));
        assert_eq!(Target::parse("https://keys.example.jp").unwrap().port, 443);
        assert_eq!(Target::parse("https://[::1]:8443/").unwrap().host, "::1");
        for wrong in ["http://keys.example.jp", "keys.example.jp", "ftp://localhost", "", "https://"] {
            assert!(Target::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn reads_fingerprints_as_people_copy_them() {
        let colons = (0..32).map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":");
        let bytes = fingerprint(&colons).unwrap();
        assert_eq!((bytes[0], bytes[31]), (0, 31));
        assert!(fingerprint("ab").is_err() && fingerprint(&"g".repeat(64)).is_err());
    }
}
