//! What a box's camera saw, sealed before it left the box.

use minicbor::{Decode, Encode};
use sekisho_kernel::{DeviceId, Timestamp};

use crate::{EventKind, field};

/// The largest picture a box takes, in bytes before it is sealed. With its seal and topic it stays one message within
/// [`crate::MAX_PACKET`]: no larger packet has to be allowed for any device, and nothing has to be put together again.
pub const MAX_PICTURE: usize = 60 * 1024;

/// The most bytes a sealed picture may have: the picture, its media type, and what the seal adds.
pub const MAX_SEALED: usize = MAX_PICTURE + 512;

/// Up `pic/<seq>`: the picture that belongs to event `seq`. It travels after its event, in its own message.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Picture {
    /// The number of its event when it was taken. A journal that goes on behind another history numbers its events
    /// anew; the time tells which one is meant.
    #[n(0)]
    pub seq: u64,
    /// The time of its event.
    #[cbor(n(1), with = "field::time")]
    pub at: Timestamp,
    /// Which of the tenant's picture keys it is sealed to.
    #[n(2)]
    pub key: u32,
    /// The payload of a [`Shot`], sealed; bound to [`Picture::bound_to`].
    #[cbor(n(3), with = "minicbor::bytes")]
    pub sealed: Vec<u8>,
}

impl Picture {
    /// What the seal is for; another use of the same key would not open.
    pub const PURPOSE: &'static str = "sekisho picture v1";

    /// What the seal is bound to: put under another device, event or time, the picture does not open.
    pub fn bound_to(device: DeviceId, seq: u64, at: Timestamp) -> Vec<u8> {
        let mut bytes = device.uuid().as_bytes().to_vec();
        bytes.extend(seq.to_be_bytes());
        bytes.extend(at.as_micros().to_be_bytes());
        bytes
    }
}

/// A picture as the camera gave it; it travels sealed only.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct Shot {
    /// `image/png`, `image/jpeg` or `image/webp`.
    #[n(0)]
    pub media: String,
    /// The file.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub bytes: Vec<u8>,
}

impl Shot {
    /// The kinds of picture a browser shows without running anything.
    pub const MEDIA: [&'static str; 3] = ["image/png", "image/jpeg", "image/webp"];

    /// The media type as a server may answer with it; none when it is no kind of picture we show.
    pub fn media(&self) -> Option<&'static str> {
        Self::MEDIA.into_iter().find(|known| *known == self.media)
    }
}

impl std::fmt::Debug for Shot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shot").field("media", &self.media).field("bytes", &self.bytes.len()).finish()
    }
}

impl EventKind {
    /// Whether a box with a camera takes a picture of it: a door that opened, rightly or not, a case that is tampered
    /// with, and somebody who tried codes until the panel closed.
    pub fn is_pictured(&self) -> bool {
        matches!(
            self,
            Self::BinOpened { .. }
                | Self::BinForced { .. }
                | Self::DoorOpened { .. }
                | Self::TamperOn
                | Self::CodeRefused { .. }
        )
    }
}
