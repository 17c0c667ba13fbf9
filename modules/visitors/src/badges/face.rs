//! What is on a badge, and where. Drawn once as a sheet: the printer and the screen show the same.

use qrcode::{EcLevel, QrCode};
use sekisho_paper::{Line, Mark, PaperError, Shade, Sheet, broken, fitted};

use super::paper::Paper;

/// The words of one badge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Face {
    /// Whose guest.
    pub organisation: String,
    /// What kind of visit, as people say it.
    pub kind: String,
    /// The guest's name, large.
    pub name: String,
    /// From where.
    pub company: String,
    /// Small lines: who receives, where, until when.
    pub lines: Vec<(String, String)>,
    /// That somebody must be with them; empty: not.
    pub escort: String,
    /// What the QR code holds; empty: there is none.
    pub code: String,
    /// The colour of the bar on top.
    pub colour: String,
}

const MARGIN: f32 = 9.0;

/// The badge on that paper.
pub fn sheet(face: &Face, paper: Paper) -> Result<Sheet, PaperError> {
    let (width, height) = paper.points();
    let mut on = Drawing { marks: Vec::new(), y: 0.0, left: MARGIN, width: width - 2.0 * MARGIN };
    let bar = 30.0;
    on.marks.push(Mark::Fill { x: 0.0, y: 0.0, width, height: bar, shade: shade(&face.colour) });
    let kind = Line::new(&face.kind)?;
    let room = on.width - kind.width(11.0) - 6.0;
    let (size, organisation) = fitted(&face.organisation, room, 1, &[11.0, 10.0, 9.0, 8.0])?;
    for line in organisation {
        on.text(MARGIN, 19.0, size, true, Shade::WHITE, line);
    }
    let x = width - MARGIN - kind.width(11.0);
    on.text(x, 19.0, 11.0, true, Shade::WHITE, kind);
    on.y = bar + 10.0;

    // what stands at the foot is measured first; the name gets the rest
    let lying = width > height;
    let mut floor = height - MARGIN;
    if !face.escort.is_empty() {
        floor -= 24.0;
        on.marks.push(Mark::Fill {
            x: 0.0,
            y: floor + MARGIN - 2.0,
            width,
            height: 26.0,
            shade: Shade::BLACK,
        });
        let (size, lines) = fitted(&face.escort, on.width, 1, &[13.0, 11.0, 9.0, 7.0])?;
        for line in lines {
            let x = (width - line.width(size)) / 2.0;
            on.text(x, floor + MARGIN + 15.5, size, true, Shade::WHITE, line);
        }
    }
    let code = if face.code.is_empty() {
        None
    } else {
        QrCode::with_error_correction_level(&face.code, EcLevel::M).ok()
    };
    let mut beside = 0.0;
    if let Some(code) = code {
        let side = if lying { 72.0 } else { 66.0 };
        on.code(&code, width - MARGIN - side, floor - side, side);
        beside = side + 6.0;
    }
    let foot = on.width - if lying { beside } else { 0.0 };
    let (size, names) = named(&face.name, foot.max(60.0))?;
    for line in names {
        on.down(line, size, 1.22, true, Shade::BLACK);
    }
    if !face.company.is_empty() {
        on.y += 3.0;
        let (size, lines) = fitted(&face.company, foot.max(60.0), 2, &[13.0, 11.0, 9.5])?;
        for line in lines {
            on.down(line, size, 1.3, false, Shade::BLACK);
        }
    }
    on.foot(&face.lines, floor, on.width - beside)?;
    Ok(Sheet { width, height, marks: on.marks })
}

/// A name as large as it gets on a line, or on two with the break at a space: nobody is called by half a given name. Where
/// that does not fit it is broken wherever it must.
fn named(name: &str, width: f32) -> Result<(f32, Vec<Line>), PaperError> {
    const SIZES: [f32; 7] = [34.0, 30.0, 26.0, 22.0, 19.0, 16.0, 13.0];
    for size in SIZES {
        let fits =
            |text: &str| Line::new(text).map(|line| Some(line).filter(|line| line.width(size) <= width));
        if let Some(line) = fits(name)? {
            return Ok((size, vec![line]));
        }
        for (at, _) in name.rmatch_indices(char::is_whitespace) {
            let (first, second) = name.split_at(at);
            if let Some((first, second)) = fits(first.trim())?.zip(fits(second.trim())?) {
                return Ok((size, vec![first, second]));
            }
        }
    }
    fitted(name, width, 2, &SIZES)
}

/// A badge in the making, filled from the top.
struct Drawing {
    marks: Vec<Mark>,
    y: f32,
    left: f32,
    width: f32,
}

impl Drawing {
    fn text(&mut self, x: f32, baseline: f32, size: f32, bold: bool, shade: Shade, line: Line) {
        self.marks.push(Mark::Text { x, baseline, size, bold, shade, line });
    }

    fn down(&mut self, line: Line, size: f32, step: f32, bold: bool, shade: Shade) {
        self.text(self.left, self.y + size * 0.93, size, bold, shade, line);
        self.y += size * step;
    }

    /// The small lines, the last of them on the floor; those for which no room is left are not drawn.
    fn foot(&mut self, lines: &[(String, String)], floor: f32, width: f32) -> Result<(), PaperError> {
        let mut rows = Vec::new();
        for (name, value) in lines {
            rows.push((6.5, Shade::GREY, Line::new(name)?));
            let value = broken(value, 9.0, width)?;
            rows.extend(value.into_iter().take(2).map(|line| (9.0, Shade::BLACK, line)));
        }
        let step = |size: f32| size * 1.32;
        let high: f32 = rows.iter().map(|(size, ..)| step(*size)).sum();
        self.y = (floor - high).max(self.y + 4.0);
        for (size, shade, line) in rows {
            if self.y + step(size) <= floor + 1.0 {
                self.down(line, size, 1.32, false, shade);
            }
        }
        Ok(())
    }

    /// The code with its quiet zone, on white.
    fn code(&mut self, code: &QrCode, x: f32, y: f32, side: f32) {
        const QUIET: f32 = 2.0;
        let wide = code.width();
        let module = side / (wide as f32 + 2.0 * QUIET);
        self.marks.push(Mark::Fill { x, y, width: side, height: side, shade: Shade::WHITE });
        for (at, colour) in code.to_colors().into_iter().enumerate() {
            if colour == qrcode::Color::Dark {
                let (column, row) = ((at % wide.max(1)) as f32, (at / wide.max(1)) as f32);
                let (x, y) = (x + (column + QUIET) * module, y + (row + QUIET) * module);
                self.marks.push(Mark::Fill { x, y, width: module, height: module, shade: Shade::BLACK });
            }
        }
    }
}

/// `#rrggbb`; anything else is black.
fn shade(colour: &str) -> Shade {
    let part = |at: usize| colour.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    match (part(1), part(3), part(5)) {
        (Some(red), Some(green), Some(blue)) => Shade(red, green, blue),
        _ => Shade::BLACK,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(name: &str, company: &str) -> Face {
        Face {
            organisation: "株式会社関所".into(),
            kind: "来客".into(),
            name: name.into(),
            company: company.into(),
            lines: vec![
                ("訪問先".into(), "佐藤 美咲".into()),
                ("拠点".into(), "東京本社".into()),
                ("有効期限".into(), "2026年11月24日（火）18:00".into()),
            ],
            escort: "要同行".into(),
            code: "SK1:QED8WEX0QED8WEX0QED8WEX0".into(),
            colour: "#1d4f91".into(),
        }
    }

    #[test]
    fn another_reader_reads_the_code_on_every_paper() {
        for paper in Paper::ALL {
            for dots in [203, 300] {
                let picture = sheet(&face("山田 太郎", "みどり工業株式会社"), *paper)
                    .unwrap()
                    .drawn((dots, dots))
                    .unwrap();
                let (width, height) = (picture.width as usize, picture.height as usize);
                let grey = picture.grey();
                let mut image =
                    rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| grey[y * width + x]);
                let grids = image.detect_grids();
                assert_eq!(grids.len(), 1, "{paper:?} {dots}");
                assert_eq!(grids[0].decode().unwrap().1, "SK1:QED8WEX0QED8WEX0QED8WEX0");
            }
        }
    }

    #[test]
    fn a_name_is_broken_between_its_parts() {
        let lines = |name: &str| -> Vec<String> {
            let (_, lines) = named(name, 158.0).unwrap();
            lines.into_iter().map(|line| line.text().to_owned()).collect()
        };
        assert_eq!(lines("山田 太郎"), ["山田 太郎"]);
        assert_eq!(lines("髙橋 修一郎"), ["髙橋", "修一郎"]);
        assert_eq!(lines("Jonathan Q. Example"), ["Jonathan Q.", "Example"]);
        assert_eq!(lines(&"あ".repeat(15)).concat(), "あ".repeat(15), "no space to break at");
    }

    #[test]
    fn whatever_somebody_is_called_stays_on_the_paper() {
        let long = "あ".repeat(100);
        let latin = "Wolfeschlegelsteinhausenbergerdorff ".repeat(3);
        for name in ["", "李", "山田 太郎", &long, &latin, "😀\u{202e}", "김민준"] {
            for paper in Paper::ALL {
                let sheet = sheet(&face(name, &long), *paper).unwrap();
                for mark in &sheet.marks {
                    if let Mark::Text { x, baseline, size, line, .. } = mark {
                        assert!(
                            *x >= 0.0 && x + line.width(*size) <= sheet.width + 0.1,
                            "{name} {paper:?} {}",
                            line.text()
                        );
                        assert!(
                            *baseline > 0.0 && *baseline <= sheet.height,
                            "{name} {paper:?} {}",
                            line.text()
                        );
                    }
                }
            }
        }
    }
}
