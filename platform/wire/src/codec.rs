//! One way to write a payload and one way to read it, with hard limits before anything is built from it.

use minicbor::data::Type;
use minicbor::{Decode, Decoder, Encode};

/// The version byte of every payload.
pub const VERSION: u8 = 1;
/// The longest payload either side accepts, in bytes.
pub const MAX_PACKET: usize = 64 * 1024;
/// The longest text inside a payload, in bytes.
pub const MAX_TEXT: usize = 1024;
/// The deepest nesting; our own types need five.
const MAX_DEPTH: u8 = 12;
/// The most entries of one list; a box has at most a few hundred bins.
const MAX_ITEMS: u64 = 2048;

/// Why a payload was not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// Longer than [`MAX_PACKET`].
    #[error("payload is longer than {MAX_PACKET} bytes")]
    TooLong,
    /// No bytes at all, or a version we do not speak.
    #[error("payload version is not {VERSION}")]
    Version,
    /// A text, list or nesting over the limits, or lengths that are not definite.
    #[error("payload breaks the limits")]
    Limits,
    /// Not the message that was expected.
    #[error("payload is malformed: {0}")]
    Malformed(String),
}

impl From<minicbor::decode::Error> for WireError {
    fn from(error: minicbor::decode::Error) -> Self {
        Self::Malformed(error.to_string())
    }
}

/// The payload of a message.
pub fn encode<T: Encode<()>>(message: &T) -> Vec<u8> {
    let mut bytes = vec![VERSION];
    // Writing to a vector cannot fail, and our types have no encoder that refuses.
    let _ = minicbor::encode(message, &mut bytes);
    bytes
}

/// Reads a payload. Nothing is allocated from it until its size, texts, lists and nesting are within the limits.
pub fn decode<T: for<'b> Decode<'b, ()>>(payload: &[u8]) -> Result<T, WireError> {
    if payload.len() > MAX_PACKET {
        return Err(WireError::TooLong);
    }
    let Some((&VERSION, body)) = payload.split_first() else { return Err(WireError::Version) };
    within_limits(body)?;
    Ok(minicbor::decode(body)?)
}

/// Walks the whole item without building anything; refuses a second item behind it.
fn within_limits(body: &[u8]) -> Result<(), WireError> {
    let mut decoder = Decoder::new(body);
    walk(&mut decoder, 0)?;
    if decoder.position() == body.len() { Ok(()) } else { Err(WireError::Limits) }
}

fn walk(decoder: &mut Decoder<'_>, depth: u8) -> Result<(), WireError> {
    if depth > MAX_DEPTH {
        return Err(WireError::Limits);
    }
    match decoder.datatype()? {
        Type::Array => {
            let items = decoder.array()?.filter(|items| *items <= MAX_ITEMS).ok_or(WireError::Limits)?;
            (0..items).try_for_each(|_| walk(decoder, depth + 1))
        }
        Type::Map => {
            let items = decoder.map()?.filter(|items| *items <= MAX_ITEMS).ok_or(WireError::Limits)?;
            (0..items * 2).try_for_each(|_| walk(decoder, depth + 1))
        }
        Type::Tag => {
            decoder.tag()?;
            walk(decoder, depth + 1)
        }
        // No text has a NUL, and PostgreSQL keeps none: an event with one could never be committed, so never acknowledged.
        Type::String => {
            let text = decoder.str()?;
            if text.len() > MAX_TEXT || text.contains('\0') { Err(WireError::Limits) } else { Ok(()) }
        }
        Type::ArrayIndef | Type::MapIndef | Type::BytesIndef | Type::StringIndef => Err(WireError::Limits),
        _ => Ok(decoder.skip()?),
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_PACKET, VERSION, WireError, decode, encode};
    use crate::{Ask, Event, Heartbeat, Picture, SignedCommand};
    use proptest::prelude::*;

    #[test]
    fn refuses_what_breaks_the_limits() {
        let long = encode(&"x".repeat(2000));
        let deep = [vec![VERSION], vec![0x81; 40], vec![0]].concat();
        let endless = vec![VERSION, 0x9f, 0x00, 0xff];
        let huge_list = vec![VERSION, 0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        let two_items = vec![VERSION, 0x00, 0x00];
        let nul = encode(&"a\0b".to_owned());
        for payload in [long, deep, endless, two_items, nul] {
            assert_eq!(decode::<Event>(&payload), Err(WireError::Limits), "{payload:02x?}");
        }
        assert!(decode::<Event>(&huge_list).is_err());
        assert_eq!(decode::<Event>(&vec![VERSION; MAX_PACKET + 1]), Err(WireError::TooLong));
        assert_eq!(decode::<Event>(&[]), Err(WireError::Version));
        assert_eq!(decode::<Event>(&[9, 0x80]), Err(WireError::Version));
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let payload = [vec![VERSION], bytes].concat();
            let _ = decode::<Event>(&payload);
            let _ = decode::<Ask>(&payload);
            let _ = decode::<Heartbeat>(&payload);
            let _ = decode::<SignedCommand>(&payload);
            let _ = decode::<Picture>(&payload);
        }
    }
}
