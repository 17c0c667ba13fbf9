//! From text to lines of glyphs: what is drawn of a text, how wide it is, and where a line may end.

use skrifa::GlyphId;
use unicode_linebreak::{BreakOpportunity, linebreaks};
use unicode_normalization::UnicodeNormalization;

use crate::PaperError;
use crate::fonts::glyph_of;

/// One line of text, ready to be drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub(crate) text: String,
    pub(crate) glyphs: Vec<Glyph>,
    /// How far it reaches, in ems.
    ems: f32,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Glyph {
    pub face: usize,
    pub id: GlyphId,
    pub ems: f32,
    /// Where its character stands in the text of the line.
    pub start: usize,
    pub end: usize,
}

impl Line {
    /// `text` as one line. Line ends in it become spaces.
    pub fn new(text: &str) -> Result<Self, PaperError> {
        let text: String =
            drawable(text).chars().map(|letter| if letter == '\n' { ' ' } else { letter }).collect();
        let mut glyphs = Vec::with_capacity(text.len());
        let mut ems = 0.0;
        for (start, letter) in text.char_indices() {
            let (face, id, reach) = glyph_of(letter)?;
            glyphs.push(Glyph { face, id, ems: reach, start, end: start + letter.len_utf8() });
            ems += reach;
        }
        Ok(Self { text, glyphs, ems })
    }

    /// How wide it is at this size.
    pub fn width(&self, size: f32) -> f32 {
        self.ems * size
    }

    /// What it says.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// `text` in lines no wider than `width` at `size`, broken where its script allows (UAX #14); a word that is too long alone is
/// broken anywhere. There is always at least one line.
pub fn broken(text: &str, size: f32, width: f32) -> Result<Vec<Line>, PaperError> {
    let text = drawable(text);
    let mut lines = Vec::new();
    let (mut line, mut reach, mut from) = (String::new(), 0.0, 0);
    for (end, kind) in linebreaks(&text) {
        let piece = text.get(from..end).unwrap_or_default().trim_end_matches('\n');
        from = end;
        // a space at the end of a line may hang over its edge
        let ink = width_of(piece.trim_end(), size)?;
        if !line.is_empty() && reach + ink > width {
            lines.push(std::mem::take(&mut line));
            reach = 0.0;
        }
        if ink > width {
            for letter in piece.chars() {
                let step = glyph_of(letter)?.2 * size;
                if !line.is_empty() && reach + step > width {
                    lines.push(std::mem::take(&mut line));
                    reach = 0.0;
                }
                line.push(letter);
                reach += step;
            }
        } else {
            line.push_str(piece);
            reach += width_of(piece, size)?;
        }
        if kind == BreakOpportunity::Mandatory {
            lines.push(std::mem::take(&mut line));
            reach = 0.0;
        }
    }
    if lines.is_empty() || !line.is_empty() {
        lines.push(line);
    }
    lines.iter().map(|line| Line::new(line.trim_end())).collect()
}

/// `text` as large as fits: tried at `sizes` from the first on, in at most `most` lines; at the last size what is too much is
/// cut off with an ellipsis.
pub fn fitted(text: &str, width: f32, most: usize, sizes: &[f32]) -> Result<(f32, Vec<Line>), PaperError> {
    let mut last = (0.0, Vec::new());
    for size in sizes {
        last = (*size, broken(text, *size, width)?);
        // a word broken anywhere is no fit while a smaller size is left
        let whole = drawable(text)
            .split_whitespace()
            .all(|word| cjk(word) || width_of(word, *size).is_ok_and(|reach| reach <= width));
        if last.1.len() <= most && whole {
            return Ok(last);
        }
    }
    let (size, mut lines) = last;
    if lines.len() > most {
        lines.truncate(most);
        if let Some(end) = lines.pop() {
            lines.push(cut(&end, size, width)?);
        }
    }
    Ok((size, lines))
}

fn cut(line: &Line, size: f32, width: f32) -> Result<Line, PaperError> {
    let mut text = line.text.clone();
    loop {
        let shorter = Line::new(&format!("{text}…"))?;
        if shorter.width(size) <= width || text.pop().is_none() {
            return Ok(shorter);
        }
    }
}

fn cjk(word: &str) -> bool {
    word.chars().any(|letter| letter >= '\u{2e80}')
}

fn width_of(text: &str, size: f32) -> Result<f32, PaperError> {
    text.chars().try_fold(0.0, |reach, letter| Ok(reach + glyph_of(letter)?.2 * size))
}

/// Composed letters only, line ends as one character, and nothing that has no shape: controls, marks of direction,
/// joiners, variation selectors.
fn drawable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.nfc() {
        match letter {
            '\n' | '\u{2028}' | '\u{2029}' => out.push('\n'),
            '\t' | '\u{a0}' => out.push(' '),
            '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}' => {}
            '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}' => {}
            letter if letter.is_control() => {}
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, width: f32) -> Vec<String> {
        broken(text, 10.0, width).expect("fonts").iter().map(|line| line.text().to_owned()).collect()
    }

    #[test]
    fn lines_end_where_the_script_allows() {
        assert_eq!(
            lines("株式会社関所、総務部", 60.0),
            ["株式会社関", "所、総務部"],
            "no line begins with a comma"
        );
        assert_eq!(lines("hello wide world", 60.0), ["hello wide", "world"]);
        assert_eq!(lines("a\nb\r\nc", 60.0), ["a", "b", "c"]);
        assert_eq!(lines("", 60.0), [""]);
        assert!(lines("https://example.com/avery/long/address-without-an-end-to-it", 60.0).len() > 3);
        for line in broken("WWWWWWWWWWWWWWWWWWWWWWWWWW 李小龍 W", 10.0, 60.0).expect("fonts") {
            assert!(line.width(10.0) <= 60.0, "{line:?}");
        }
    }

    #[test]
    fn every_script_of_a_guest_has_glyphs_and_the_rest_a_box() {
        for text in [
            "山田 太郎",
            "髙橋 﨑 𠮷野",
            "李晓龙 贾 们",
            "김민준 뷁",
            "Müller Đặng Šťastný",
            "Иванов Ωμέγα",
            "ﾔﾏﾀﾞ ㈱ ①",
        ] {
            let line = Line::new(text).expect("fonts");
            assert!(line.glyphs.iter().all(|glyph| glyph.id != GlyphId::NOTDEF), "{text}");
        }
        let line = Line::new("a😀ب").expect("fonts");
        assert_eq!(line.glyphs.iter().filter(|glyph| glyph.id == GlyphId::NOTDEF).count(), 2);
        assert!(line.width(10.0) > 15.0, "a box has a width");
    }

    #[test]
    fn what_has_no_shape_is_not_drawn() {
        assert_eq!(
            Line::new("葛\u{e0100}城\u{200b}\u{202e}\u{7}か\u{3099}").expect("fonts").text(),
            "葛城が"
        );
    }

    #[test]
    fn a_name_is_as_large_as_fits_and_cut_at_last() {
        let sizes = [30.0, 20.0, 10.0];
        assert_eq!(fitted("山田太郎", 125.0, 1, &sizes).expect("fonts").0, 30.0);
        assert_eq!(
            fitted("Wolfeschlegelsteinhausen", 170.0, 2, &sizes).expect("fonts").0,
            10.0,
            "no name is broken while a smaller size is left"
        );
        let (size, lines) = fitted(&"長".repeat(99), 125.0, 2, &sizes).expect("fonts");
        assert_eq!((size, lines.len()), (10.0, 2));
        assert!(lines[1].text().ends_with('…') && lines[1].width(size) <= 125.0);
    }
}
