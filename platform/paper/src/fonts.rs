//! The fonts in the binary (`fonts/make.sh`): compressed, and opened when the first character wants them.

use std::io::Read;
use std::sync::OnceLock;

use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, GlyphId, MetadataProvider};

use crate::PaperError;

/// Japanese first: it has the box for what nobody has, and decides how shared kanji look.
static FACES: [Packed; FONTS] = [
    Packed { data: include_bytes!("../fonts/jp.ttf.br"), open: OnceLock::new() },
    Packed { data: include_bytes!("../fonts/sc.ttf.br"), open: OnceLock::new() },
    Packed { data: include_bytes!("../fonts/kr.ttf.br"), open: OnceLock::new() },
    Packed { data: include_bytes!("../fonts/latin.ttf.br"), open: OnceLock::new() },
];
const CHINESE: usize = 1;
const KOREAN: usize = 2;
const LATIN: usize = 3;
/// How many fonts there are.
pub const FONTS: usize = 4;

struct Packed {
    data: &'static [u8],
    open: OnceLock<Option<Face>>,
}

/// One font.
pub struct Face {
    pub data: &'static [u8],
    pub font: FontRef<'static>,
    pub units: f32,
}

/// The font with this number, opened if it was not yet.
pub fn face(number: usize) -> Result<&'static Face, PaperError> {
    let packed = FACES.get(number).ok_or(PaperError::Fonts)?;
    packed.open.get_or_init(|| unpack(packed.data)).as_ref().ok_or(PaperError::Fonts)
}

fn unpack(packed: &'static [u8]) -> Option<Face> {
    let mut data = Vec::new();
    brotli_decompressor::Decompressor::new(packed, 64 * 1024).read_to_end(&mut data).ok()?;
    // opened once for the life of the program, as everything that borrows from it is
    let data: &'static [u8] = Box::leak(data.into_boxed_slice());
    let font = FontRef::new(data).ok()?;
    let units = f32::from(font.metrics(Size::unscaled(), LocationRef::default()).units_per_em);
    Some(Face { data, font, units })
}

/// The font and glyph for a character, and how far it reaches, in ems. What no font has is a box.
pub fn glyph_of(letter: char) -> Result<(usize, GlyphId, f32), PaperError> {
    let order: &[usize] = match letter {
        '\u{3131}'..='\u{318e}' | '\u{ac00}'..='\u{d7a3}' => &[KOREAN],
        '\0'..'\u{2e80}' => &[0, LATIN],
        _ => &[0, CHINESE],
    };
    for number in order {
        let face = face(*number)?;
        if let Some(id) = face.font.charmap().map(letter) {
            return Ok((*number, id, advance(face, id)));
        }
    }
    Ok((0, GlyphId::NOTDEF, advance(face(0)?, GlyphId::NOTDEF)))
}

fn advance(face: &Face, id: GlyphId) -> f32 {
    let metrics = GlyphMetrics::new(&face.font, Size::unscaled(), LocationRef::default());
    metrics.advance_width(id).unwrap_or(face.units) / face.units
}
