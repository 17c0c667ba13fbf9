//! What a guest shows at the reception: a QR code, a code for typing, and the address of the personal page.
//!
//! All three are derived from the visit under a key of the tenant, so that they can be shown again, by mail, page and
//! paper, without lying in any table: tables hold only their hash or blind index. A change makes a new generation, and with
//! it a new pass and a new code; the address of the personal page stays, so that the link in the first mail shows the change,
//! until the guest turns out to have another mail address.

use qrcode::{EcLevel, QrCode};
use sekisho_crypto::{TenantKeys, sha256};

use crate::ids::VisitId;

/// What a pass begins with; the number is the version of its form.
const PREFIX: &str = "SK1:";
/// The alphabet of base45 (RFC 9285), which is that of QR codes without lower case.
const BASE45: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
/// Crockford's base32: no I, L, O, U, so that what is read aloud is typed right.
pub(crate) const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Letters of a code: 40 bits.
const CODE: usize = 8;
/// Bytes of a pass and of the token of a page: 128 bits.
const HANDLE: usize = 16;

/// The pass of one generation of a visit, as it stands in the QR code: `SK1:` and 24 letters.
pub fn pass(keys: &TenantKeys, visit: VisitId, generation: i64) -> String {
    written(&derived::<HANDLE>(keys, "visitors.pass", visit, generation))
}

/// The number of a pass, or of a badge, as it stands in a QR code.
pub(crate) fn written(handle: &[u8]) -> String {
    format!("{PREFIX}{}", base45(handle))
}

/// The code of that generation, without a blank.
pub fn code(keys: &TenantKeys, visit: VisitId, generation: i64) -> String {
    let bits = derived::<5>(keys, "visitors.code", visit, generation)
        .iter()
        .fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    (0..CODE)
        .rev()
        .map(|at| usize::try_from(bits >> (5 * at) & 31).unwrap_or(0))
        .filter_map(|digit| CROCKFORD.get(digit))
        .map(|letter| char::from(*letter))
        .collect()
}

/// The token in the address of the personal page; the same for every pass. It changes when the mail address of the guest
/// does: whoever got the first mail is not told any more.
pub fn page(keys: &TenantKeys, visit: VisitId, page_generation: i64) -> String {
    derived::<HANDLE>(keys, "visitors.page", visit, page_generation)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// What the table keeps of a token.
pub fn page_hash(token: &str) -> Vec<u8> {
    sha256(token.as_bytes()).to_vec()
}

/// What the table keeps of a pass; none when the text is no pass at all.
pub fn pass_hash(text: &str) -> Option<Vec<u8>> {
    let handle = read_base45(text.trim().strip_prefix(PREFIX)?)?;
    (handle.len() == HANDLE).then(|| sha256(&handle).to_vec())
}

/// What the table keeps of a code as somebody typed it; none when it is no code at all.
pub fn code_blind(keys: &TenantKeys, typed: &str) -> Option<Vec<u8>> {
    Some(keys.blind("visitors.code", &read_code(typed)?))
}

/// A code as it is shown: in two halves, as people read it aloud.
pub fn spaced(code: &str) -> String {
    match code.split_at_checked(CODE / 2) {
        Some((first, second)) => format!("{first} {second}"),
        None => code.to_owned(),
    }
}

/// A code as somebody typed it, in the form in which it is compared.
pub fn read_code(typed: &str) -> Option<String> {
    read_letters(typed, CODE)
}

/// So many letters of Crockford's base32 as somebody typed them: capitals, no blanks and strokes, and the letters people
/// take for each other made one.
pub(crate) fn read_letters(typed: &str, count: usize) -> Option<String> {
    let folded = sekisho_crypto::fold(typed).to_uppercase();
    let code: String = folded
        .chars()
        .filter(|sign| !sign.is_whitespace() && !matches!(sign, '-' | '‐' | 'ー' | '−' | '–'))
        .map(|sign| match sign {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect();
    let known = |letter: char| u8::try_from(letter).is_ok_and(|letter| CROCKFORD.contains(&letter));
    (code.len() == count && code.chars().all(known)).then_some(code)
}

/// The pass as a picture for pages: SVG, black on white whatever the theme, with the quiet zone scanners want.
pub fn svg(pass: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(pass, EcLevel::Q).ok()?;
    let svg = code
        .render::<qrcode::render::svg::Color<'_>>()
        .min_dimensions(280, 280)
        .dark_color(qrcode::render::svg::Color("#000"))
        .light_color(qrcode::render::svg::Color("#fff"))
        .build();
    Some(svg)
}

/// The pass as a picture for mails, badges and other programs: PNG, each module `scale` points wide.
pub fn png(pass: &str, scale: usize) -> Option<Vec<u8>> {
    const QUIET: usize = 4;
    let code = QrCode::with_error_correction_level(pass, EcLevel::Q).ok()?;
    let (wide, colors, scale) = (code.width(), code.to_colors(), scale.clamp(1, 32));
    let side = (wide + 2 * QUIET) * scale;
    let dark = |x: usize, y: usize| {
        let (x, y) = ((x / scale).checked_sub(QUIET), (y / scale).checked_sub(QUIET));
        match (x, y) {
            (Some(x), Some(y)) if x < wide && y < wide => {
                colors.get(y * wide + x).is_some_and(|color| *color == qrcode::Color::Dark)
            }
            _ => false,
        }
    };
    let points: Vec<u8> = (0..side)
        .flat_map(|y| (0..side).map(move |x| (x, y)))
        .map(|(x, y)| if dark(x, y) { 0 } else { 255 })
        .collect();
    let mut bytes = Vec::new();
    let length = u32::try_from(side).ok()?;
    let mut encoder = png::Encoder::new(&mut bytes, length, length);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&points).ok()?;
    writer.finish().ok()?;
    Some(bytes)
}

fn derived<const N: usize>(
    keys: &TenantKeys,
    what: &'static str,
    visit: VisitId,
    generation: i64,
) -> [u8; N] {
    let mut from = visit.uuid().as_bytes().to_vec();
    from.extend(generation.to_be_bytes());
    let mut out = [0; N];
    for (to, byte) in out.iter_mut().zip(keys.mac(what, &from)) {
        *to = byte;
    }
    out
}

/// RFC 9285.
fn base45(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 3 / 2 + 2);
    for pair in bytes.chunks(2) {
        let (mut value, letters) = match pair {
            [high, low] => (usize::from(*high) * 256 + usize::from(*low), 3),
            rest => (rest.first().copied().map_or(0, usize::from), 2),
        };
        for _ in 0..letters {
            text.push(BASE45.get(value % 45).map_or('0', |letter| char::from(*letter)));
            value /= 45;
        }
    }
    text
}

fn read_base45(text: &str) -> Option<Vec<u8>> {
    let digit = |letter: &u8| BASE45.iter().position(|known| known == letter);
    let mut bytes = Vec::with_capacity(text.len() * 2 / 3 + 1);
    for part in text.as_bytes().chunks(3) {
        match part {
            [a, b, c] => {
                let value = digit(a)? + digit(b)? * 45 + digit(c)? * 2025;
                bytes.extend(u16::try_from(value).ok()?.to_be_bytes());
            }
            [a, b] => bytes.push(u8::try_from(digit(a)? + digit(b)? * 45).ok()?),
            _ => return None,
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn writes_and_reads_the_examples_of_the_rfc() {
        for (plain, text) in
            [("AB", "BB8"), ("Hello!!", "%69 VD92EX0"), ("base-45", "UJCLQE7W581"), ("ietf!", "QED8WEX0")]
        {
            assert_eq!(base45(plain.as_bytes()), text);
            assert_eq!(read_base45(text).unwrap(), plain.as_bytes());
        }
        for wrong in ["GGW", ":::", "A", "aa", "BB8B"] {
            assert!(read_base45(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        for typed in ["AB12 CD34", "ab12-cd34", "ＡＢ１２ＣＤ３４", " ab12cd34 ", "AB1２ーCD34"] {
            assert_eq!(read_code(typed).as_deref(), Some("AB12CD34"), "{typed}");
        }
        assert_eq!(read_code("oiL0 0000").as_deref(), Some("01100000"));
        for wrong in ["", "AB12CD3", "AB12CD345", "AB12CD3U", "予約番号です", "AB12CD3\u{0}"] {
            assert_eq!(read_code(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn another_reader_reads_what_is_printed() {
        let pass = format!("{PREFIX}{}", base45(&[0xA5; HANDLE]));
        assert_eq!(pass.len(), 28, "fits version 2-Q");
        for scale in [2, 4, 8] {
            let bytes = png(&pass, scale).unwrap();
            let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
            let mut points = vec![0; reader.output_buffer_size().unwrap()];
            let frame = reader.next_frame(&mut points).unwrap();
            let wide = usize::try_from(frame.width).unwrap();
            assert_eq!(decoded(wide, |x, y| points[y * wide + x]), pass, "PNG {scale}");
        }
        let svg = svg(&pass).unwrap();
        let (side, dark) = drawn(&svg);
        assert_eq!(decoded(side, |x, y| if dark.contains(&(x, y)) { 0 } else { 255 }), pass, "SVG");
    }

    fn decoded(side: usize, point: impl Fn(usize, usize) -> u8) -> String {
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(side, side, point);
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1);
        grids[0].decode().unwrap().1
    }

    /// The points of the picture that are dark: it is drawn in squares, `M x y h w v w H x V y` each.
    fn drawn(svg: &str) -> (usize, std::collections::HashSet<(usize, usize)>) {
        let number = |text: &str| text.parse::<usize>().unwrap();
        let side = number(svg.split("width=\"").nth(1).unwrap().split('"').next().unwrap());
        let path = svg.split("d=\"").last().unwrap().split('"').next().unwrap();
        let mut dark = std::collections::HashSet::new();
        for square in path.split('M').skip(1) {
            let (from, rest) = square.split_once('h').unwrap();
            let (x, y) = from.trim().split_once([' ', ',']).unwrap();
            let (wide, high) = rest.split_once('v').unwrap();
            let high: String = high.chars().take_while(char::is_ascii_digit).collect();
            for right in 0..number(wide.trim()) {
                for down in 0..number(&high) {
                    dark.insert((number(x) + right, number(y) + down));
                }
            }
        }
        (side, dark)
    }

    proptest! {
        #[test]
        fn base45_reads_what_it_writes(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            prop_assert_eq!(read_base45(&base45(&bytes)).unwrap(), bytes);
        }

        #[test]
        fn nothing_scanned_or_typed_makes_it_fall(text in ".{0,60}") {
            let _ = (pass_hash(&text), read_code(&text));
            if let Some(code) = read_code(&text) {
                prop_assert_eq!(read_code(&spaced(&code)), Some(code));
            }
        }
    }
}
