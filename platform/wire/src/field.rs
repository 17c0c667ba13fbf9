//! How types of the kernel stand in a message: ids as 16 bytes, times as microseconds, unknown variants tolerated.

use minicbor::decode::{Decode, Decoder, Error};

/// An id of any kind, as 16 bytes.
pub(crate) mod id {
    use uuid::Uuid;

    pub(crate) fn encode<C, T: Copy + Into<Uuid>, W: minicbor::encode::Write>(
        id: &T,
        encoder: &mut minicbor::encode::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        encoder.bytes((*id).into().as_bytes())?;
        Ok(())
    }

    pub(crate) fn decode<C, T: From<Uuid>>(
        decoder: &mut minicbor::decode::Decoder<'_>,
        _: &mut C,
    ) -> Result<T, minicbor::decode::Error> {
        let bytes = decoder.bytes()?;
        Uuid::from_slice(bytes)
            .map(T::from)
            .map_err(|_| minicbor::decode::Error::message("an id has 16 bytes"))
    }
}

/// An id that may be absent.
pub(crate) mod maybe_id {
    use minicbor::data::Type;
    use uuid::Uuid;

    pub(crate) fn encode<C, T: Copy + Into<Uuid>, W: minicbor::encode::Write>(
        id: &Option<T>,
        encoder: &mut minicbor::encode::Encoder<W>,
        context: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        match id {
            Some(id) => super::id::encode(id, encoder, context),
            None => {
                encoder.null()?;
                Ok(())
            }
        }
    }

    pub(crate) fn decode<C, T: From<Uuid>>(
        decoder: &mut minicbor::decode::Decoder<'_>,
        context: &mut C,
    ) -> Result<Option<T>, minicbor::decode::Error> {
        if decoder.datatype()? == Type::Null {
            decoder.null()?;
            return Ok(None);
        }
        super::id::decode(decoder, context).map(Some)
    }

    #[expect(clippy::unnecessary_wraps, reason = "the derive asks for this shape")]
    pub(crate) fn nil<T>() -> Option<Option<T>> {
        Some(None)
    }

    pub(crate) fn is_nil<T>(id: &Option<T>) -> bool {
        id.is_none()
    }
}

/// A time, as microseconds since the Unix epoch.
pub(crate) mod time {
    use sekisho_kernel::Timestamp;

    pub(crate) fn encode<C, W: minicbor::encode::Write>(
        time: &Timestamp,
        encoder: &mut minicbor::encode::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        encoder.i64(time.as_micros())?;
        Ok(())
    }

    pub(crate) fn decode<C>(
        decoder: &mut minicbor::decode::Decoder<'_>,
        _: &mut C,
    ) -> Result<Timestamp, minicbor::decode::Error> {
        decoder.i64().map(Timestamp::from_micros)
    }
}

/// A language, by its tag; what we do not know is Japanese, the default.
pub(crate) mod language {
    use sekisho_kernel::Language;

    pub(crate) fn encode<C, W: minicbor::encode::Write>(
        language: &Language,
        encoder: &mut minicbor::encode::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        encoder.str(language.tag())?;
        Ok(())
    }

    pub(crate) fn decode<C>(
        decoder: &mut minicbor::decode::Decoder<'_>,
        _: &mut C,
    ) -> Result<Language, minicbor::decode::Error> {
        Ok(Language::from_tag(decoder.str()?).unwrap_or_default())
    }
}

/// A variant of a newer version becomes the type's default, `Unknown`, instead of an error: a box must not resend for
/// ever what an older server cannot name.
pub(crate) fn lenient<'b, C, T: Decode<'b, C> + Default>(
    decoder: &mut Decoder<'b>,
    context: &mut C,
) -> Result<T, Error> {
    let start = decoder.position();
    match T::decode(decoder, context) {
        Err(error) if error.is_unknown_variant() => {
            decoder.set_position(start);
            decoder.skip()?;
            Ok(T::default())
        }
        result => result,
    }
}
