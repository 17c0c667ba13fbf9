//! Pixels in the two forms driverless printers take: PWG raster (PWG 5102.4) and Apple raster (`image/urf`). One page.

use sekisho_paper::Picture;

/// What the pixels are made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ink {
    /// Eight bits of grey.
    Grey,
    /// Eight bits each of red, green and blue.
    Colour,
    /// Black or nothing; PWG raster only.
    Black,
}

impl Ink {
    fn bits(self) -> u32 {
        match self {
            Self::Black => 1,
            Self::Grey => 8,
            Self::Colour => 24,
        }
    }

    /// Bytes that repeat together: a pixel, or eight of one bit.
    fn unit(self) -> usize {
        if self == Self::Colour { 3 } else { 1 }
    }

    /// The rows of the picture, packed.
    fn rows(self, picture: &Picture) -> Vec<Vec<u8>> {
        let width = usize::try_from(picture.width).unwrap_or(usize::MAX);
        match self {
            Self::Colour => picture.rgb.chunks(width.saturating_mul(3)).map(<[u8]>::to_vec).collect(),
            Self::Grey => picture.grey().chunks(width).map(<[u8]>::to_vec).collect(),
            Self::Black => picture.grey().chunks(width).map(packed).collect(),
        }
    }
}

/// Eight pixels a byte, the leftmost first; ink is 1.
fn packed(row: &[u8]) -> Vec<u8> {
    let byte = |pixels: &[u8]| {
        pixels.iter().enumerate().fold(0_u8, |byte, (at, grey)| byte | (u8::from(*grey < 128) << (7 - at)))
    };
    row.chunks(8).map(byte).collect()
}

/// One page of PWG raster.
pub fn pwg(picture: &Picture, ink: Ink, dots: (u32, u32)) -> Vec<u8> {
    let rows = ink.rows(picture);
    let points = |pixels: u32, dots: u32| (pixels * 72 + dots / 2) / dots.max(1);
    let line = rows.first().map_or(0, Vec::len);
    let mut header = Header(vec![0; 1796]);
    header.text(0, "PwgRaster");
    header.number(276, dots.0);
    header.number(280, dots.1);
    header.number(340, 1); // copies
    header.number(352, points(picture.width, dots.0));
    header.number(356, points(picture.height, dots.1));
    header.number(372, picture.width);
    header.number(376, picture.height);
    header.number(384, ink.bits().min(8));
    header.number(388, ink.bits());
    header.number(392, u32::try_from(line).unwrap_or_default());
    header.number(400, if ink == Ink::Grey { 18 } else { 19 }); // sGray, sRGB
    if ink == Ink::Black {
        header.number(400, 3);
    }
    header.number(420, if ink == Ink::Colour { 3 } else { 1 });
    header.number(452, 1); // pages in all
    header.number(456, 1); // fed and drawn in the directions in which it lies
    header.number(460, 1);
    header.number(484, 4); // normal quality
    let mut bytes = b"RaS2".to_vec();
    bytes.extend(header.0);
    compress(&rows, ink.unit(), &mut bytes);
    bytes
}

/// One page of Apple raster.
pub fn urf(picture: &Picture, ink: Ink, dots: u32) -> Vec<u8> {
    let rows = ink.rows(picture);
    let mut bytes = b"UNIRAST\0\0\0\0\x01".to_vec();
    // bits, colour space, one-sided, normal quality
    bytes.extend([u8::try_from(ink.bits()).unwrap_or(8), u8::from(ink == Ink::Colour), 1, 4]);
    for number in [0, 0, picture.width, picture.height, dots, 0, 0] {
        bytes.extend(number.to_be_bytes());
    }
    compress(&rows, ink.unit(), &mut bytes);
    bytes
}

struct Header(Vec<u8>);

impl Header {
    fn text(&mut self, at: usize, text: &str) {
        self.put(at, text.as_bytes());
    }

    fn number(&mut self, at: usize, number: u32) {
        self.put(at, &number.to_be_bytes());
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        for (to, byte) in self.0.iter_mut().skip(at).zip(bytes) {
            *to = *byte;
        }
    }
}

/// Rows that repeat are counted; in a row, units that repeat are counted and others follow as they are.
fn compress(rows: &[Vec<u8>], unit: usize, to: &mut Vec<u8>) {
    for same in rows.chunk_by(|one, next| one == next) {
        for part in same.chunks(256) {
            to.push(u8::try_from(part.len() - 1).unwrap_or(u8::MAX));
            if let Some(row) = part.first() {
                compress_row(row, unit, to);
            }
        }
    }
}

fn compress_row(row: &[u8], unit: usize, to: &mut Vec<u8>) {
    let units: Vec<&[u8]> = row.chunks(unit).collect();
    let mut literal: Vec<&[u8]> = Vec::new();
    for run in units.chunk_by(|one, next| one == next) {
        if let [alone] = run {
            literal.push(alone);
            continue;
        }
        literally(&mut literal, to);
        for part in run.chunks(128) {
            to.push(u8::try_from(part.len() - 1).unwrap_or(127));
            to.extend(part.first().copied().unwrap_or_default());
        }
    }
    literally(&mut literal, to);
}

fn literally(units: &mut Vec<&[u8]>, to: &mut Vec<u8>) {
    for part in units.chunks(128) {
        // one alone is a run of one: 257 - 1 does not fit
        to.push(if part.len() == 1 { 0 } else { u8::try_from(257 - part.len()).unwrap_or(u8::MAX) });
        part.iter().for_each(|unit| to.extend(*unit));
    }
    units.clear();
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The rows again, by the words of PWG 5102.4 section 4.4.
    fn expanded(mut bytes: &[u8], line: usize, height: usize, unit: usize) -> Vec<u8> {
        let mut out = Vec::new();
        while out.len() < line * height {
            let repeats = usize::from(bytes[0]) + 1;
            bytes = &bytes[1..];
            let mut row = Vec::new();
            while row.len() < line {
                let code = bytes[0];
                assert_ne!(code, 128, "reserved");
                let (count, literal) =
                    if code < 128 { (usize::from(code) + 1, false) } else { (257 - usize::from(code), true) };
                let taken = if literal { count * unit } else { unit };
                for _ in 0..if literal { 1 } else { count } {
                    row.extend(&bytes[1..=taken]);
                }
                bytes = &bytes[1 + taken..];
            }
            assert_eq!(row.len(), line, "no run crosses the end of a row");
            (0..repeats).for_each(|_| out.extend(&row));
        }
        assert!(bytes.is_empty());
        out
    }

    proptest! {
        #[test]
        fn rows_come_out_as_they_went_in(width in 1_u32..300, height in 1_u32..12, seed in any::<u64>(), few in 1_u64..4) {
            let noise = |at: u64| u8::try_from((at.wrapping_mul(seed | 1) >> 13) % few * 80).unwrap();
            let rgb: Vec<u8> = (0..u64::from(width * height * 3)).map(noise).collect();
            let picture = Picture { width, height, rgb: rgb.clone() };
            let (w, h) = (width as usize, height as usize);
            let page = pwg(&picture, Ink::Colour, (300, 300));
            prop_assert_eq!(expanded(&page[1800..], w * 3, h, 3), rgb);
            let page = pwg(&picture, Ink::Grey, (300, 300));
            prop_assert_eq!(expanded(&page[1800..], w, h, 1), picture.grey());
            let page = urf(&picture, Ink::Grey, 300);
            prop_assert_eq!(expanded(&page[44..], w, h, 1), picture.grey());
            let page = pwg(&picture, Ink::Black, (300, 300));
            prop_assert_eq!(expanded(&page[1800..], w.div_ceil(8), h, 1).len(), w.div_ceil(8) * h);
        }
    }
}
