//! What the camera over a simulated cabinet sees: the cabinet as it stands, drawn with a few colours, the time and the
//! number of the picture above it. Nobody stands before a simulated box, so nobody is in the picture.

use png::{BitDepth, ColorType, Compression, Encoder, EncodingError};
use sekisho_kernel::Timestamp;

use super::{BinNumber, Cabinet, Compartment};

const WIDTH: usize = 320;
const HEIGHT: usize = 240;
/// Height of the line with the time.
const HEAD: usize = 24;

/// Red, green, blue of each colour.
const PALETTE: [u8; 24] = [
    0x1b, 0x22, 0x2c, // wall
    0x5b, 0x67, 0x78, // door
    0x0b, 0x0e, 0x13, // inside
    0xf4, 0xf6, 0xf8, // writing
    0xe8, 0xb0, 0x3a, // key
    0x8f, 0xa3, 0xb8, // leaf of an open door
    0xd6, 0x39, 0x39, // alarm
    0x33, 0x3d, 0x4b, // frame
];
const WALL: u8 = 0;
const DOOR: u8 = 1;
const INSIDE: u8 = 2;
const WRITING: u8 = 3;
const KEY: u8 = 4;
const LEAF: u8 = 5;
const ALARM: u8 = 6;
const FRAME: u8 = 7;

/// The digits and the colon, three by five: each digit of the number is a row of three bits.
const GLYPHS: [u16; 11] =
    [0o75557, 0o26227, 0o71747, 0o71717, 0o55711, 0o74717, 0o74757, 0o71222, 0o75757, 0o75717, 0o02020];

/// Draws picture number `shot` of the cabinet at `at`, as a PNG file.
pub(super) fn draw(cabinet: &Cabinet, shot: u64, at: Timestamp) -> Result<Vec<u8>, EncodingError> {
    let mut canvas = Canvas { pixels: vec![WALL; WIDTH * HEIGHT] };
    let day = at.as_secs().rem_euclid(86_400);
    let clock = format!("{:02}:{:02}:{:02}", day / 3600, day / 60 % 60, day % 60);
    canvas.write(8, 7, 2, &clock, WRITING);
    let number = shot.to_string();
    canvas.write(WIDTH.saturating_sub(8 + number.len() * 8), 7, 2, &number, LEAF);
    let frame = if cabinet.tampered || cabinet.master_open { ALARM } else { FRAME };
    canvas.fill(6, HEAD, WIDTH - 12, HEIGHT - HEAD - 6, frame);
    let count = cabinet.bins.len().max(1);
    let columns = (1..=count).find(|columns| columns * columns >= count).unwrap_or(1).max(4);
    let (width, height) = ((WIDTH - 20) / columns, (HEIGHT - HEAD - 14) / count.div_ceil(columns));
    for (place, (number, bin)) in cabinet.bins.iter().enumerate() {
        let (x, y) = (10 + place % columns * width, HEAD + 4 + place / columns * height);
        canvas.bin(x, y, width.saturating_sub(2), height.saturating_sub(2), *number, bin);
    }
    canvas.png()
}

struct Canvas {
    pixels: Vec<u8>,
}

impl Canvas {
    fn fill(&mut self, x: usize, y: usize, width: usize, height: usize, colour: u8) {
        for row in y..(y + height).min(HEIGHT) {
            let line = row * WIDTH + x.min(WIDTH)..row * WIDTH + (x + width).min(WIDTH);
            if let Some(line) = self.pixels.get_mut(line) {
                line.fill(colour);
            }
        }
    }

    fn write(&mut self, x: usize, y: usize, size: usize, text: &str, colour: u8) {
        for (place, letter) in text.bytes().enumerate() {
            let glyph = GLYPHS.get(usize::from(letter.wrapping_sub(b'0'))).copied().unwrap_or_default();
            for bit in 0..15 {
                if (glyph >> (14 - bit)) & 1 == 1 {
                    let (column, row) = (bit % 3, bit / 3);
                    self.fill(x + (place * 4 + column) * size, y + row * size, size, size, colour);
                }
            }
        }
    }

    fn bin(&mut self, x: usize, y: usize, width: usize, height: usize, number: BinNumber, bin: &Compartment) {
        self.fill(x, y, width, height, if bin.closed { DOOR } else { INSIDE });
        if !bin.closed {
            // The door stands to the left; what hangs behind it is seen.
            self.fill(x, y, width / 6, height, LEAF);
            if bin.fob.is_some() {
                self.fill(x + width / 2, y + height / 4, width / 8 + 2, height / 2, KEY);
            }
        }
        if height > 12 && width > 20 {
            self.write(x + width / 6 + 4, y + 4, 1, &number.to_string(), WRITING);
        }
    }

    fn png(&self) -> Result<Vec<u8>, EncodingError> {
        let mut file = Vec::new();
        let size = |length| u32::try_from(length).unwrap_or_default();
        let mut encoder = Encoder::new(&mut file, size(WIDTH), size(HEIGHT));
        encoder.set_color(ColorType::Indexed);
        encoder.set_depth(BitDepth::Eight);
        encoder.set_palette(PALETTE.as_slice());
        encoder.set_compression(Compression::Fast);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.pixels)?;
        writer.finish()?;
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use super::{HEIGHT, WIDTH, draw};
    use crate::driver::Cabinet;
    use sekisho_kernel::Timestamp;

    fn pixels(file: &[u8]) -> Vec<u8> {
        let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((frame.width as usize, frame.height as usize), (WIDTH, HEIGHT));
        pixels
    }

    #[test]
    fn shows_the_cabinet_as_it_stands() {
        let at = Timestamp::from_secs(1_795_305_600);
        let closed = Cabinet::with_fobs(12, [(4, "FOB".to_owned())]);
        let mut open = closed.clone();
        open.bins.get_mut(&4).unwrap().closed = false;
        let mut taken = open.clone();
        taken.bins.get_mut(&4).unwrap().fob = None;
        let [closed, open, taken] = [closed, open, taken].map(|one| draw(&one, 1, at).unwrap());
        assert!(closed.len() < sekisho_wire::MAX_PICTURE, "{} bytes", closed.len());
        assert_ne!(pixels(&closed), pixels(&open), "a door stands open");
        assert_ne!(pixels(&open), pixels(&taken), "the key is gone");
    }

    #[test]
    fn no_two_pictures_are_the_same_and_any_cabinet_can_be_drawn() {
        let at = Timestamp::from_secs(1_795_305_600);
        let one = Cabinet::with_fobs(4, []);
        assert_ne!(draw(&one, 1, at).unwrap(), draw(&one, 2, at).unwrap());
        for bins in [0, 1, 200, 2000] {
            pixels(&draw(&Cabinet::with_fobs(bins, []), u64::MAX, at).unwrap());
        }
    }
}
