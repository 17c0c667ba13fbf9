//! Software of devices: files asked for piece by piece, and how far a device is with an update. What a file says is believed
//! for its signatures only, never for the road it came by.

use minicbor::{Decode, Encode};

/// The largest piece of a file in one message.
pub const MAX_PART: usize = 48 * 1024;

/// `get/<n>`: a device asks for a piece of a file of the repository.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Get {
    /// The number of the question; its answer bears the same.
    #[n(0)]
    pub n: u64,
    /// Which file.
    #[cbor(n(1), decode_with = "crate::field::lenient")]
    pub file: RepositoryFile,
    /// From which byte on.
    #[n(2)]
    pub offset: u64,
}

/// A file of the repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub enum RepositoryFile {
    /// Something this version has no word for.
    #[default]
    #[n(0)]
    Unknown,
    /// The root document of this number.
    #[n(1)]
    Root(#[n(0)] u64),
    /// What is current.
    #[n(2)]
    Timestamp,
    /// Which targets document is current.
    #[n(3)]
    Snapshot,
    /// Which images there are.
    #[n(4)]
    Targets,
    /// The image of this name.
    #[n(5)]
    Image(#[n(0)] String),
}

/// `part/<n>`: the answer to a [`Get`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Part {
    /// The number of the question.
    #[n(0)]
    pub n: u64,
    /// The answer.
    #[cbor(n(1), decode_with = "crate::field::lenient")]
    pub kind: PartKind,
}

/// The answer to a [`Get`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub enum PartKind {
    /// Something this version has no word for.
    #[default]
    #[n(0)]
    Unknown,
    /// The bytes from there on, at most [`MAX_PART`]; none at the end of the file.
    #[n(1)]
    Bytes(#[cbor(n(0), with = "minicbor::bytes")] Vec<u8>),
    /// There is no such file.
    #[n(2)]
    Missing,
    /// Not now; ask again after a while.
    #[n(3)]
    Later,
    /// The device shall not have this update any more.
    #[n(4)]
    Withdrawn,
}

/// How far a device is with an update.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum UpdateStep {
    /// Not known.
    #[default]
    #[n(0)]
    Unknown,
    /// It loads the image.
    #[n(1)]
    Downloading,
    /// The image is on the disk and is what the signers vouch for.
    #[n(2)]
    Verified,
    /// The next start is into the image.
    #[n(3)]
    Installed,
    /// The image runs and tests itself.
    #[n(4)]
    Booted,
    /// The image has proved itself and stays.
    #[n(5)]
    Good,
    /// The device went back to what ran before.
    #[n(6)]
    Reverted,
    /// The device would not take it.
    #[n(7)]
    Refused,
}
