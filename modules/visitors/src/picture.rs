//! Pictures that people send: looked at before they are opened, decoded, and written anew. What comes out holds the picture and
//! nothing else: neither where it was taken, nor by which telephone, nor anything hidden behind its end.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, Rgb, RgbImage};

use crate::turns::{TurnError, in_turn};

/// The most pixels across or down of what is opened.
const MOST_SIDE: u32 = 12_000;
/// The most pixels of what is opened: larger than what telephones take.
const MOST_PIXELS: u64 = 60_000_000;
/// The most memory for opening one.
const MOST_MEMORY: u64 = 320 * 1024 * 1024;
/// How well what is written looks, of 100.
const QUALITY: u8 = 85;

/// Why a picture is not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum PictureError {
    /// It is no JPEG, PNG or WebP, or a broken one.
    #[error("not a picture")]
    NotOne,
    /// It is larger than anybody needs.
    #[error("too large")]
    TooLarge,
    /// Many are being opened: later.
    #[error("too many at once")]
    Busy,
}

/// The picture as a JPEG of at most `side` pixels across and down, upright, without anything that came with it. Works away from
/// the threads that answer, two at once: each may fill much memory.
pub(crate) async fn written_anew(bytes: Vec<u8>, side: u32) -> Result<Vec<u8>, PictureError> {
    in_turn(move || anew(&bytes, side)).await.map_err(|error| match error {
        TurnError::Busy => PictureError::Busy,
        TurnError::Broken => PictureError::NotOne,
    })?
}

fn anew(bytes: &[u8], side: u32) -> Result<Vec<u8>, PictureError> {
    let format = match kind_of(bytes).ok_or(PictureError::NotOne)? {
        "image/png" => ImageFormat::Png,
        "image/webp" => ImageFormat::WebP,
        _ => ImageFormat::Jpeg,
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MOST_SIDE);
    limits.max_image_height = Some(MOST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| told(&error))?;
    // What the head claims, before a pixel is unpacked. A picture made from a decoder asks for all its bytes at once, whatever
    // the limits say.
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS || decoder.total_bytes() > MOST_MEMORY {
        return Err(PictureError::TooLarge);
    }
    let orientation = decoder.orientation().map_err(|error| told(&error))?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| told(&error))?;
    if picture.width() > side || picture.height() > side {
        picture = picture.thumbnail(side, side);
    }
    picture.apply_orientation(orientation);
    let mut out = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut out, QUALITY);
    on_white(&picture).write_with_encoder(encoder).map_err(|_| PictureError::NotOne)?;
    Ok(out)
}

/// What shone through is white.
fn on_white(picture: &DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let picture = picture.to_rgba8();
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [red, green, blue, alpha] = picture.get_pixel(x, y).0;
        let mix = |colour: u8| {
            let mixed = (u16::from(colour) * u16::from(alpha) + 255 * (255 - u16::from(alpha))) / 255;
            u8::try_from(mixed).unwrap_or(u8::MAX)
        };
        Rgb([mix(red), mix(green), mix(blue)])
    })
}

fn told(error: &image::ImageError) -> PictureError {
    match error {
        image::ImageError::Limits(_) => PictureError::TooLarge,
        _ => PictureError::NotOne,
    }
}

/// What a picture is, by its first bytes.
pub(crate) fn kind_of(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => Some("image/png"),
        [0xFF, 0xD8, 0xFF, ..] => Some("image/jpeg"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn encoded(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let picture =
            RgbImage::from_fn(width, height, |x, _| Rgb([if x < width / 2 { 250 } else { 5 }, 9, 9]));
        let mut out = Cursor::new(Vec::new());
        picture.write_to(&mut out, format).unwrap();
        out.into_inner()
    }

    /// A JPEG with an EXIF block that says where it was taken and that it lies on its side.
    fn from_a_telephone() -> Vec<u8> {
        let plain = encoded(40, 20, ImageFormat::Jpeg);
        // Little-endian TIFF: one directory with Orientation = 6 and a Make of words that must not come out again.
        let mut tiff = b"II*\0\x08\0\0\0\x02\0".to_vec();
        tiff.extend(b"\x0f\x01\x02\0\x10\0\0\0\x26\0\0\0");
        tiff.extend(b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0");
        tiff.extend(b"\0\0\0\0");
        tiff.extend(b"35.6812N139.7671");
        let mut exif = b"Exif\0\0".to_vec();
        exif.extend(tiff);
        let mut bytes = plain[..2].to_vec();
        bytes.extend([0xFF, 0xE1]);
        bytes.extend(u16::try_from(exif.len() + 2).unwrap().to_be_bytes());
        bytes.extend(exif);
        bytes.extend(&plain[2..]);
        bytes.extend(b"<script>hidden behind the end</script>");
        bytes
    }

    #[test]
    fn what_comes_out_holds_the_picture_and_nothing_else() {
        let sent = from_a_telephone();
        assert!(sent.windows(7).any(|part| part == b"35.6812"));
        let out = anew(&sent, 1000).unwrap();
        assert_eq!(kind_of(&out), Some("image/jpeg"));
        for gone in [&b"35.6812"[..], b"Exif", b"script"] {
            assert!(!out.windows(gone.len()).any(|part| part == gone), "{gone:?}");
        }
        // It lay on its side: upright it is 20 across and 40 down, what was left is above.
        let upright = image::load_from_memory(&out).unwrap().to_rgb8();
        assert_eq!(upright.dimensions(), (20, 40));
        assert!(upright.get_pixel(10, 5).0[0] > 200 && upright.get_pixel(10, 35).0[0] < 60);
    }

    #[test]
    fn every_kind_is_read_and_made_smaller() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
            let out = anew(&encoded(300, 150, format), 100).unwrap();
            let out = image::load_from_memory_with_format(&out, ImageFormat::Jpeg).unwrap();
            assert_eq!((out.width(), out.height()), (100, 50), "{format:?}");
        }
        let clear = image::RgbaImage::from_pixel(8, 8, image::Rgba([0, 0, 0, 0]));
        let mut png = Cursor::new(Vec::new());
        clear.write_to(&mut png, ImageFormat::Png).unwrap();
        let out = image::load_from_memory(&anew(png.get_ref(), 100).unwrap()).unwrap().to_rgb8();
        assert!(out.get_pixel(4, 4).0[1] > 240, "what is clear is white");
    }

    #[test]
    fn a_picture_that_would_fill_the_memory_is_refused_by_its_head() {
        // A PNG of a few bytes that claims a great many pixels.
        let claims = |width: u32, height: u32, depth: u8| {
            let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
            png.extend(width.to_be_bytes());
            png.extend(height.to_be_bytes());
            png.extend([depth, 6, 0, 0, 0]);
            let check = crc(&png[12..]);
            png.extend(check.to_be_bytes());
            png.extend(b"\0\0\0\x0bIDAT\x78\x9c\x63\0\0\0\0\xff\xff\x03\0\0\0\0\0");
            png
        };
        for (width, height, depth) in
            [(60_000, 60_000, 8), (11_999, 11_999, 8), (2_000_000_000, 1, 8), (10_000, 6_000, 16)]
        {
            let claimed = anew(&claims(width, height, depth), 100);
            assert_eq!(claimed, Err(PictureError::TooLarge), "{width}x{height} of {depth} bits");
        }
        // As many pixels of half the size fit.
        assert_eq!(anew(&claims(10_000, 6_000, 8), 100), Err(PictureError::NotOne));
    }

    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0_u32, |crc, byte| {
            (0..8).fold(
                crc ^ u32::from(*byte),
                |crc, _| {
                    if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 }
                },
            )
        })
    }

    #[test]
    fn a_picture_is_what_its_bytes_say() {
        assert_eq!(kind_of(b"\x89PNG\r\n\x1a\n..."), Some("image/png"));
        assert_eq!(kind_of(b"RIFF\0\0\0\0WEBPVP8 "), Some("image/webp"));
        assert_eq!(kind_of(b"\xff\xd8\xff\xe0"), Some("image/jpeg"));
        for other in [&b"<svg xmlns="[..], b"GIF89a", b"<script>", b"", b"RIFF\0\0\0\0WAVE"] {
            assert_eq!((kind_of(other), anew(other, 10)), (None, Err(PictureError::NotOne)));
        }
    }

    proptest! {
        #[test]
        fn broken_pictures_are_refused_and_nothing_else(cut in 3_usize..600, place in 0_usize..600, byte in any::<u8>(), which in 0_usize..3) {
            let format = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP][which];
            let mut bytes = encoded(30, 20, format);
            let at = place % bytes.len();
            bytes[at] = byte;
            bytes.truncate(cut);
            anew(&bytes, 16).ok();
        }
    }
}
