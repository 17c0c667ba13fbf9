//! Whether to believe a repository: the chain from what is trusted already to the images of today.
//!
//! The chain is followed by `tough`, on a copy of what was trusted, so that a power cut in the middle changes nothing.
//! Expiry is judged here and not there: `tough` would ask the machine's clock, and a box whose clock lost its battery
//! knows better than that what time it is at least.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use minicbor::{Decode, Encode};
use sekisho_kernel::Timestamp;
use sekisho_updates::offline::TargetsDocument;
use sekisho_updates::{Image, LARGEST_DOCUMENT};
use tough::schema::{Role, Root, Signed};
use tough::{
    ExpirationEnforcement, Limits, RepositoryLoader, Transport, TransportError, TransportErrorKind,
    TransportStream,
};
use url::Url;

/// A device that missed more root documents than this is given a newer one by hand.
const MOST_ROOTS: u64 = 64;

/// A file of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum File {
    /// The root document of this number.
    Root(u64),
    /// What is current.
    Timestamp,
    /// Which targets document is current.
    Snapshot,
    /// Which images there are.
    Targets,
    /// The image of this name.
    Image(String),
}

/// Why a file did not come.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// There is none.
    #[error("there is no such file")]
    Missing,
    /// Not now.
    #[error("the file cannot be had now: {0}")]
    Later(String),
    /// Whoever asks may not have it any more.
    #[error("the update was withdrawn")]
    Withdrawn,
}

/// Where files come from. Nothing it says is believed.
#[async_trait]
pub trait Source: std::fmt::Debug + Send + Sync {
    /// Some bytes of a file from `offset` on, as many as the source likes; none at its end.
    async fn read(&self, file: &File, offset: u64) -> Result<Vec<u8>, SourceError>;
}

/// What is trusted already: the newest root, and the documents last believed. Kept as one file, so that it changes at once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Trusted {
    /// The newest root document.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub root: Vec<u8>,
    /// The last timestamp.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub timestamp: Vec<u8>,
    /// The last snapshot.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub snapshot: Vec<u8>,
    /// The last targets document.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub targets: Vec<u8>,
}

impl Trusted {
    /// Only a root document is trusted so far.
    pub fn root(root: Vec<u8>) -> Self {
        Self { root, ..Self::default() }
    }
}

/// What a whole chain led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// To be trusted from now on.
    pub trusted: Trusted,
    /// The number of the newest root document.
    pub root_version: u64,
    /// The number of the targets document.
    pub targets_version: u64,
    /// The images the signers vouch for.
    pub images: Vec<Image>,
}

/// Why a repository is not believed.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// Too few of those who may sign have signed.
    #[error("a document is not signed by enough of those who may: {0}")]
    Signature(String),
    /// Older than what was believed before.
    #[error("a document is older than one believed before: {0}")]
    Older(String),
    /// Its time is over: this is not what is current.
    #[error("the time of the {0} document is over")]
    Expired(&'static str),
    /// Documents that do not belong together.
    #[error("documents do not belong together: {0}")]
    Mixed(String),
    /// More bytes than there may be.
    #[error("a document is larger than it may be: {0}")]
    TooLarge(String),
    /// Not a document.
    #[error("a document is not readable: {0}")]
    Unreadable(String),
    /// A file did not come; later it may.
    #[error("a file did not come: {0}")]
    Unreachable(String),
    /// Whoever asks may not have it any more.
    #[error("the update was withdrawn")]
    Withdrawn,
    /// The disk refused.
    #[error("the check needs room to write: {0}")]
    Disk(#[from] std::io::Error),
}

impl CheckError {
    /// Its word in reports.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Signature(_) => "signature",
            Self::Older(_) => "rollback",
            Self::Expired(_) => "expired",
            Self::Mixed(_) => "mixed",
            Self::TooLarge(_) => "too_large",
            Self::Unreadable(_) => "unreadable",
            Self::Unreachable(_) => "unreachable",
            Self::Withdrawn => "withdrawn",
            Self::Disk(_) => "disk",
        }
    }

    /// Whether trying again later may go better.
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Disk(_))
    }
}

/// Follows the chain from `trusted` to what `source` holds, as of `now`. A copy is worked on in a folder of its own below
/// `scratch`; what comes back is for the caller to keep.
///
/// # Errors
/// [`CheckError`].
pub async fn check(
    trusted: &Trusted,
    source: Arc<dyn Source>,
    now: Timestamp,
    scratch: &Path,
) -> Result<Checked, CheckError> {
    let room = tempfile::Builder::new().prefix("check").tempdir_in(scratch)?;
    let known = [
        ("timestamp.json", &trusted.timestamp),
        ("snapshot.json", &trusted.snapshot),
        ("targets.json", &trusted.targets),
    ];
    for (name, bytes) in known.into_iter().filter(|(_, bytes)| !bytes.is_empty()) {
        std::fs::write(room.path().join(name), bytes)?;
    }
    let base = Url::parse("repository:///").map_err(|error| CheckError::Unreadable(error.to_string()))?;
    let limits = Limits {
        max_root_size: LARGEST_DOCUMENT,
        max_targets_size: LARGEST_DOCUMENT,
        max_timestamp_size: LARGEST_DOCUMENT,
        max_snapshot_size: LARGEST_DOCUMENT,
        max_root_updates: MOST_ROOTS,
    };
    let repository = RepositoryLoader::new(&trusted.root, base.clone(), base)
        .transport(Files(source))
        .limits(limits)
        .datastore(room.path())
        // Judged below, by the time the caller knows.
        .expiration_enforcement(ExpirationEnforcement::Unsafe)
        .load()
        .await
        .map_err(reason)?;
    let (root, timestamp) = (repository.root(), repository.timestamp());
    let (snapshot, targets) = (repository.snapshot(), repository.targets());
    in_time("root", &root.signed, now)?;
    in_time("timestamp", &timestamp.signed, now)?;
    in_time("snapshot", &snapshot.signed, now)?;
    in_time("targets", &targets.signed, now)?;
    let written = write(targets)?;
    let entries =
        TargetsDocument::read(&written).map_err(|error| CheckError::Unreadable(error.to_string()))?;
    Ok(Checked {
        trusted: Trusted {
            root: write(root)?,
            timestamp: write(timestamp)?,
            snapshot: write(snapshot)?,
            targets: written,
        },
        root_version: root.signed.version.get(),
        targets_version: targets.signed.version.get(),
        images: entries.images(),
    })
}

/// Whether `bytes` are a root document that enough of those it names have signed: fit to be trusted by hand. Its number.
///
/// # Errors
/// [`CheckError::Unreadable`], [`CheckError::Signature`].
pub fn check_root(bytes: &[u8]) -> Result<u64, CheckError> {
    if bytes.len() as u64 > LARGEST_DOCUMENT {
        return Err(CheckError::TooLarge("the root document".to_owned()));
    }
    let root: Signed<Root> =
        serde_json::from_slice(bytes).map_err(|error| CheckError::Unreadable(error.to_string()))?;
    root.signed.verify_role(&root).map_err(|error| CheckError::Signature(error.to_string()))?;
    Ok(root.signed.version.get())
}

fn write<T: Role>(document: &Signed<T>) -> Result<Vec<u8>, CheckError> {
    serde_json::to_vec(document).map_err(|error| CheckError::Unreadable(error.to_string()))
}

fn in_time(name: &'static str, role: &impl Role, now: Timestamp) -> Result<(), CheckError> {
    if Timestamp::from(role.expires()) > now { Ok(()) } else { Err(CheckError::Expired(name)) }
}

fn reason(error: tough::error::Error) -> CheckError {
    use tough::error::Error as E;
    let text = error.to_string();
    match error {
        E::VerifyMetadata { .. } | E::VerifyTrustedMetadata { .. } | E::VerifyRoleMetadata { .. } => {
            CheckError::Signature(text)
        }
        E::OlderMetadata { .. }
        | E::OlderSnapshotInTimestamp { .. }
        | E::SnapshotRoleRollback { .. }
        | E::SnapshotRoleMissing { .. }
        | E::SnapshotTargetsMetaMissing { .. } => CheckError::Older(text),
        E::HashMismatch { .. } | E::VersionMismatch { .. } | E::MetaMissing { .. } => CheckError::Mixed(text),
        E::MaxSizeExceeded { .. } | E::MaxUpdatesExceeded { .. } => CheckError::TooLarge(text),
        E::Transport { source, .. } => of_transport(&source, text),
        E::DatastoreCreate { source, .. }
        | E::DatastoreOpen { source, .. }
        | E::DatastoreRemove { source, .. }
        | E::DatastoreInit { source, .. } => CheckError::Disk(source),
        _ => CheckError::Unreadable(text),
    }
}

/// `tough` reports what its own limits and hashes found as errors of the transport.
fn of_transport(error: &TransportError, text: String) -> CheckError {
    let cause = std::error::Error::source(error);
    if cause.and_then(|cause| cause.downcast_ref()) == Some(&SourceError::Withdrawn) {
        return CheckError::Withdrawn;
    }
    match cause.and_then(|cause| cause.downcast_ref::<tough::error::Error>()) {
        Some(tough::error::Error::MaxSizeExceeded { .. }) => CheckError::TooLarge(text),
        Some(tough::error::Error::HashMismatch { .. }) => CheckError::Mixed(text),
        _ => CheckError::Unreachable(text),
    }
}

/// A [`Source`] as `tough` wants it.
#[derive(Clone, Debug)]
struct Files(Arc<dyn Source>);

#[async_trait]
impl Transport for Files {
    async fn fetch(&self, url: Url) -> Result<TransportStream, TransportError> {
        let name = url.path().trim_start_matches('/');
        let file = match name {
            "timestamp.json" => File::Timestamp,
            "snapshot.json" => File::Snapshot,
            "targets.json" => File::Targets,
            _ => match name.strip_suffix(".root.json").and_then(|number| number.parse().ok()) {
                Some(number) => File::Root(number),
                None => return Err(TransportError::new(TransportErrorKind::FileNotFound, url)),
            },
        };
        let mut bytes = Vec::new();
        // One byte more than may be is enough for `tough` to see that it is too large.
        while (bytes.len() as u64) <= LARGEST_DOCUMENT {
            match self.0.read(&file, bytes.len() as u64).await {
                Ok(more) if more.is_empty() => break,
                Ok(more) => bytes.extend(more),
                Err(error) => {
                    let kind = match error {
                        SourceError::Missing => TransportErrorKind::FileNotFound,
                        SourceError::Later(_) | SourceError::Withdrawn => TransportErrorKind::Other,
                    };
                    let failed = TransportError::new_with_cause(kind, &url, error);
                    return Ok(Box::pin(futures_util::stream::iter([Err(failed)])));
                }
            }
        }
        Ok(Box::pin(futures_util::stream::iter([Ok(Bytes::from(bytes))])))
    }
}
