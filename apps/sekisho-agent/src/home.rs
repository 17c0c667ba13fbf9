//! The folder a box lives in: who it is, whom it trusts, how it is set up, its journal. Nothing in it names a person.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls_pki_types::ServerName;
use sekisho_kernel::{DeviceId, Timestamp, World};
use sekisho_wire::{BoxConfig, CertificateReply, Enrolled, Filter};
use serde::{Deserialize, Serialize};

use crate::files::{private_folder, replace_private};
use crate::link::LinkSettings;
use crate::updates::UpdateFiles;

/// Why the folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// Nothing is there yet.
    #[error("{0} holds no enrolled device; run `sekisho-agent enrol` first")]
    NotEnrolled(PathBuf),
    /// A device is there already.
    #[error("{0} already holds an enrolled device; choose another folder or remove it")]
    Enrolled(PathBuf),
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file holds something else than it should.
    #[error("{path}: {why}")]
    Broken {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}

/// Who the box is and where its server is.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct DeviceFile {
    device: DeviceId,
    tenant: String,
    kind: String,
    address: String,
    command_key: String,
}

/// The folder.
#[derive(Clone, Debug)]
pub struct Home {
    folder: PathBuf,
}

/// Everything the box needs to speak with its server.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The device.
    pub device: DeviceId,
    /// What it is: `smartbox` …
    pub kind: String,
    /// The key that signs its commands.
    pub command_key: [u8; 32],
    /// How it connects.
    pub link: LinkSettings,
    /// Until when its certificate is good.
    pub certificate_until: Timestamp,
}

impl Home {
    /// The folder at `path`, whether it exists yet or not.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { folder: path.into() }
    }

    /// The folder itself.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the journal is.
    pub fn journal(&self) -> PathBuf {
        self.folder.join("journal")
    }

    /// Where sealed pictures wait for the server.
    pub fn pictures(&self) -> PathBuf {
        self.folder.join("pictures")
    }

    /// Where a simulated cabinet is kept.
    pub fn cabinet(&self) -> PathBuf {
        self.folder.join("cabinet.json")
    }

    /// Where images and the boot record lie.
    pub fn updates(&self) -> PathBuf {
        self.folder.join("updates")
    }

    /// Judges updates by this root document from now on. Who gives it to the box decides whose software it runs.
    pub fn trust_update_root(&self, root: &[u8]) -> Result<u64, HomeError> {
        let path = self.updates();
        let number = crate::updates::check::check_root(root).map_err(|error| self.broken(&path, error))?;
        let failed = |source| HomeError::File { path: path.clone(), source };
        let files = UpdateFiles::in_folder(&path).map_err(failed)?;
        files.trust(&crate::updates::check::Trusted::root(root.to_vec())).map_err(failed)?;
        Ok(number)
    }

    /// Whether a device has been enrolled here.
    pub fn is_enrolled(&self) -> bool {
        self.device_file().exists()
    }

    /// Keeps what the server gave in answer to the request made with `key_pem`.
    pub fn install(&self, enrolled: &Enrolled, key_pem: &str) -> Result<(), HomeError> {
        if self.is_enrolled() {
            return Err(HomeError::Enrolled(self.folder.clone()));
        }
        private_folder(&self.folder)
            .map_err(|source| HomeError::File { path: self.folder.clone(), source })?;
        let device = enrolled
            .device
            .parse()
            .map_err(|_| self.broken(&self.device_file(), "the device id is no UUID"))?;
        let device = DeviceFile {
            device,
            tenant: enrolled.tenant.clone(),
            kind: enrolled.kind.clone(),
            address: enrolled.address.clone(),
            command_key: enrolled.command_key.clone(),
        };
        if let Some(root) = &enrolled.update_root {
            self.trust_update_root(root.as_bytes())?;
        }
        self.write(&self.authorities_file(), enrolled.server_trust.as_bytes())?;
        self.write_certificate(&enrolled.certificate, key_pem)?;
        let text =
            serde_json::to_vec_pretty(&device).map_err(|error| self.broken(&self.device_file(), error))?;
        // Last, for its presence says that everything else is there.
        self.write(&self.device_file(), &text)
    }

    /// Reads who the box is.
    pub fn identity(&self, world: &Arc<dyn World>) -> Result<Identity, HomeError> {
        if !self.is_enrolled() {
            return Err(HomeError::NotEnrolled(self.folder.clone()));
        }
        let file: DeviceFile = serde_json::from_slice(&self.read(&self.device_file())?)
            .map_err(|error| self.broken(&self.device_file(), error))?;
        let command_key = key_bytes(&file.command_key)
            .ok_or_else(|| self.broken(&self.device_file(), "command_key is not 32 bytes in base64url"))?;
        let host = file.address.rsplit_once(':').map_or(file.address.as_str(), |(host, _)| host);
        let server_name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned())
            .map_err(|error| self.broken(&self.device_file(), error))?;
        let (tls, certificate_until) = self.tls(world)?;
        let link = LinkSettings {
            address: file.address,
            server_name,
            tls,
            client_id: file.device.to_string(),
            subscriptions: vec![Filter::All.format(file.device)],
            longest_pause: std::time::Duration::from_secs(60),
        };
        Ok(Identity { device: file.device, kind: file.kind, command_key, link, certificate_until })
    }

    /// Keeps a renewed certificate with the key it was asked for, and reads the new settings back.
    pub fn renew(
        &self,
        reply: &CertificateReply,
        key_pem: &str,
        world: &Arc<dyn World>,
    ) -> Result<(Arc<rustls::ClientConfig>, Timestamp), HomeError> {
        let chain: String = std::iter::once(reply.certificate.as_slice())
            .chain(reply.chain.iter().map(|authority| authority.as_slice()))
            .map(pem)
            .collect();
        let wrong = |error: sekisho_crypto::CryptoError| self.broken(&self.certificate_file(), error);
        let trust = self.read_text(&self.authorities_file())?;
        // Try it before the old one is gone: a certificate for another key would lock the box out.
        sekisho_crypto::certificates::client_config(&trust, Some((&chain, key_pem)), world).map_err(wrong)?;
        self.write_certificate(&chain, key_pem)?;
        self.tls(world)
    }

    /// The set-up the box was last given.
    pub fn config(&self) -> Option<BoxConfig> {
        let bytes = std::fs::read(self.config_file()).ok()?;
        sekisho_wire::decode(&bytes)
            .inspect_err(|error| tracing::warn!(%error, "the kept set-up is not readable"))
            .ok()
    }

    /// Keeps a set-up.
    pub fn save_config(&self, config: &BoxConfig) -> Result<(), HomeError> {
        self.write(&self.config_file(), &sekisho_wire::encode(config))
    }

    fn tls(&self, world: &Arc<dyn World>) -> Result<(Arc<rustls::ClientConfig>, Timestamp), HomeError> {
        let wrong = |error: sekisho_crypto::CryptoError| self.broken(&self.certificate_file(), error);
        let trust = self.read_text(&self.authorities_file())?;
        // Key and chain are one file, so that they change together.
        let own = self.read_text(&self.certificate_file())?;
        let leaf = sekisho_crypto::certificates::pem_to_der(&own).map_err(wrong)?;
        let facts = sekisho_crypto::certificates::read(&leaf).map_err(wrong)?;
        // It is later than our own certificate was signed, whatever a clock without a battery shows.
        let passed = facts.not_before;
        let own = Some((own.as_str(), own.as_str()));
        let tls =
            sekisho_crypto::certificates::device_client_config(&trust, own, world, passed).map_err(wrong)?;
        Ok((tls, facts.not_after))
    }

    fn write_certificate(&self, chain: &str, key_pem: &str) -> Result<(), HomeError> {
        self.write(&self.certificate_file(), format!("{}\n{key_pem}", chain.trim_end()).as_bytes())
    }

    fn device_file(&self) -> PathBuf {
        self.folder.join("device.json")
    }

    fn certificate_file(&self) -> PathBuf {
        self.folder.join("certificate.pem")
    }

    fn authorities_file(&self) -> PathBuf {
        self.folder.join("authorities.pem")
    }

    fn config_file(&self) -> PathBuf {
        self.folder.join("box.cbor")
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, HomeError> {
        std::fs::read(path).map_err(|source| HomeError::File { path: path.to_owned(), source })
    }

    fn read_text(&self, path: &Path) -> Result<String, HomeError> {
        String::from_utf8(self.read(path)?).map_err(|error| self.broken(path, error))
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), HomeError> {
        replace_private(path, bytes).map_err(|source| HomeError::File { path: path.to_owned(), source })
    }

    #[expect(clippy::unused_self, reason = "reads as the other ways into the folder do")]
    fn broken(&self, path: &Path, why: impl std::fmt::Display) -> HomeError {
        HomeError::Broken { path: path.to_owned(), why: why.to_string() }
    }
}

fn key_bytes(text: &str) -> Option<[u8; 32]> {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

/// One certificate in PEM.
fn pem(der: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let mut pem = "-----BEGIN CERTIFICATE-----\n".to_owned();
    for (index, letter) in text.chars().enumerate() {
        if index > 0 && index % 64 == 0 {
            pem.push('\n');
        }
        pem.push(letter);
    }
    pem + "\n-----END CERTIFICATE-----\n"
}
