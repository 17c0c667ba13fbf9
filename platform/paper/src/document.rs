//! A document on A4: title, headings, text, facts and drawn strokes, with page numbers.

use crate::PaperError;
use crate::sheet::{Mark, Shade, Sheet};
use crate::text::{Line, broken};
use crate::write::written;

/// A document on A4 paper; its pages are numbered by themselves.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// What it is called: on top of the first page, and in the file's properties.
    pub title: String,
    /// What it says.
    pub blocks: Vec<Block>,
    /// What stands at the foot of every page, on twenty lines at most.
    pub footer: String,
}

/// One part of a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// What the next blocks are about.
    Heading(String),
    /// Text. Line ends in it are kept.
    Text(String),
    /// Names and values in two columns.
    Facts(Vec<(String, String)>),
    /// Lines drawn by hand, from 0 to 1 across and down a box.
    Strokes(Vec<Vec<(f32, f32)>>),
}

const WIDTH: f32 = 595.28;
const HEIGHT: f32 = 841.89;
const MARGIN: f32 = 56.0;
const INNER: f32 = WIDTH - 2.0 * MARGIN;
const LABELS: f32 = 150.0;
/// Lines of a footer; what is longer is cut off, so that more than half of every page is left to the text.
const MOST_FEET: usize = 20;
const STROKES: (f32, f32) = (260.0, 110.0);

const TITLE: Style = Style { size: 17.0, step: 26.0, bold: true, shade: Shade::BLACK };
const HEADING: Style = Style { size: 12.5, step: 20.0, bold: true, shade: Shade::BLACK };
const TEXT: Style = Style { size: 10.0, step: 16.0, bold: false, shade: Shade::BLACK };
const LABEL: Style = Style { size: 10.0, step: 16.0, bold: false, shade: Shade::GREY };
const FOOT: Style = Style { size: 8.0, step: 12.0, bold: false, shade: Shade::GREY };

#[derive(Clone, Copy)]
struct Style {
    size: f32,
    step: f32,
    bold: bool,
    shade: Shade,
}

/// The document as a PDF, whose text can be selected and searched.
pub fn pdf(document: &Document) -> Result<Vec<u8>, PaperError> {
    written(&document.title, &laid_out(document)?)
}

fn laid_out(document: &Document) -> Result<Vec<Sheet>, PaperError> {
    let mut foot = broken(&document.footer, FOOT.size, INNER - 60.0)?;
    foot.truncate(MOST_FEET);
    let mut pages = Pages::new(foot.len());
    pages.lines(&document.title, TITLE)?;
    for block in &document.blocks {
        pages.block(block)?;
    }
    pages.numbered(&foot)
}

/// The pages so far, and how far down the last one is filled.
struct Pages {
    done: Vec<Vec<Mark>>,
    open: Vec<Mark>,
    y: f32,
    bottom: f32,
}

impl Pages {
    fn new(feet: usize) -> Self {
        let bottom = HEIGHT - MARGIN - feet as f32 * FOOT.step;
        Self { done: Vec::new(), open: Vec::new(), y: MARGIN, bottom }
    }

    fn block(&mut self, block: &Block) -> Result<(), PaperError> {
        match block {
            Block::Heading(text) => {
                self.gap(14.0);
                // a heading does not stand alone at the end of a page
                self.room(HEADING.step + 2.0 * TEXT.step);
                self.lines(text, HEADING)
            }
            Block::Text(text) => {
                self.gap(4.0);
                self.lines(text, TEXT)
            }
            Block::Facts(facts) => {
                self.gap(4.0);
                facts.iter().try_for_each(|(name, value)| self.fact(name, value))
            }
            Block::Strokes(strokes) => {
                self.gap(6.0);
                self.strokes(strokes);
                Ok(())
            }
        }
    }

    fn lines(&mut self, text: &str, style: Style) -> Result<(), PaperError> {
        for line in broken(text, style.size, INNER)? {
            self.room(style.step);
            self.put(MARGIN, line, style);
            self.y += style.step;
        }
        Ok(())
    }

    fn fact(&mut self, name: &str, value: &str) -> Result<(), PaperError> {
        let mut names = broken(name, LABEL.size, LABELS - 12.0)?.into_iter();
        let mut values = broken(value, TEXT.size, INNER - LABELS)?.into_iter();
        self.room(TEXT.step + 4.0);
        self.gap(4.0);
        loop {
            let (name, value) = (names.next(), values.next());
            if name.is_none() && value.is_none() {
                break;
            }
            self.room(TEXT.step);
            if let Some(line) = name {
                self.put(MARGIN, line, LABEL);
            }
            if let Some(line) = value {
                self.put(MARGIN + LABELS, line, TEXT);
            }
            self.y += TEXT.step;
        }
        let y = self.y + 1.0;
        self.open.push(Mark::Fill { x: MARGIN, y, width: INNER, height: 0.5, shade: Shade::LIGHT });
        Ok(())
    }

    fn strokes(&mut self, strokes: &[Vec<(f32, f32)>]) {
        let (width, height) = STROKES;
        self.room(height);
        let (x, y) = (MARGIN, self.y);
        let frame = vec![(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)];
        self.open.push(Mark::Stroke { points: frame, width: 0.5, shade: Shade::LIGHT });
        let inside = |part: f32| if part.is_finite() { part.clamp(0.0, 1.0) } else { 0.0 };
        for stroke in strokes {
            let points = stroke
                .iter()
                .map(|(across, down)| (x + inside(*across) * width, y + inside(*down) * height))
                .collect();
            self.open.push(Mark::Stroke { points, width: 1.4, shade: Shade::BLACK });
        }
        self.y += height + 4.0;
    }

    fn put(&mut self, x: f32, line: Line, style: Style) {
        let baseline = self.y + style.step * 0.5 + style.size * 0.36;
        self.open.push(Mark::Text {
            x,
            baseline,
            size: style.size,
            bold: style.bold,
            shade: style.shade,
            line,
        });
    }

    /// Goes to a new page when less than `height` is left.
    fn room(&mut self, height: f32) {
        if self.y + height > self.bottom && self.y > MARGIN {
            self.done.push(std::mem::take(&mut self.open));
            self.y = MARGIN;
        }
    }

    fn gap(&mut self, height: f32) {
        if self.y > MARGIN {
            self.y += height;
        }
    }

    fn numbered(mut self, foot: &[Line]) -> Result<Vec<Sheet>, PaperError> {
        self.done.push(self.open);
        let many = self.done.len();
        let mut sheets = Vec::with_capacity(many);
        for (at, mut marks) in self.done.into_iter().enumerate() {
            let top = self.bottom + FOOT.step;
            let text = |x: f32, row: usize, line: Line| {
                let baseline = top + row as f32 * FOOT.step;
                Mark::Text { x, baseline, size: FOOT.size, bold: FOOT.bold, shade: FOOT.shade, line }
            };
            marks.extend(foot.iter().enumerate().map(|(row, line)| text(MARGIN, row, line.clone())));
            let number = Line::new(&format!("{} / {many}", at + 1))?;
            marks.push(text(WIDTH - MARGIN - number.width(FOOT.size), 0, number));
            sheets.push(Sheet { width: WIDTH, height: HEIGHT, marks });
        }
        Ok(sheets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(blocks: Vec<Block>) -> Document {
        Document { title: "秘密保持の確認".into(), blocks, footer: "株式会社関所".into() }
    }

    fn texts(sheet: &Sheet) -> Vec<&str> {
        let text = |mark: &'_ Mark| matches!(mark, Mark::Text { .. });
        sheet
            .marks
            .iter()
            .filter(|mark| text(mark))
            .filter_map(|mark| if let Mark::Text { line, .. } = mark { Some(line.text()) } else { None })
            .collect()
    }

    #[test]
    fn pages_are_numbered_and_nothing_leaves_the_paper() {
        let long = "これは長い文章です。".repeat(900);
        let strokes = Block::Strokes(vec![vec![(-3.0, f32::NAN), (9.0, 0.5)]]);
        let blocks = vec![Block::Heading("一".into()), Block::Text(long), strokes];
        all_on_paper(&document(blocks.clone()));
        let endless = "株式会社関所\n".repeat(100);
        all_on_paper(&Document { footer: endless, ..document(blocks) });
    }

    fn all_on_paper(document: &Document) {
        let sheets = laid_out(document).expect("laid out");
        assert!(sheets.len() > 2);
        for (at, sheet) in sheets.iter().enumerate() {
            let number = format!("{} / {}", at + 1, sheets.len());
            assert!(texts(sheet).contains(&number.as_str()) && texts(sheet).contains(&"株式会社関所"));
            for mark in &sheet.marks {
                let inside = |x: f32, y: f32| (0.0..=WIDTH).contains(&x) && (0.0..=HEIGHT).contains(&y);
                assert!(match mark {
                    Mark::Text { x, baseline, size, line, .. } =>
                        inside(*x, *baseline) && inside(x + line.width(*size), *baseline),
                    Mark::Fill { x, y, width, height, .. } => inside(*x, *y) && inside(x + width, y + height),
                    Mark::Stroke { points, .. } => points.iter().all(|(x, y)| inside(*x, *y)),
                });
            }
        }
    }

    #[test]
    fn a_heading_goes_with_what_follows() {
        for rows in 1..60 {
            let sheets = laid_out(&document(vec![
                Block::Text("行\n".repeat(rows)),
                Block::Heading("見出し".into()),
                Block::Text("本文".into()),
            ]))
            .expect("laid out");
            let page = sheets.iter().find(|sheet| texts(sheet).contains(&"見出し")).expect("a heading");
            assert!(texts(page).contains(&"本文"), "{rows}");
        }
    }

    #[test]
    fn a_document_without_anything_is_a_page() {
        let nothing = Document {
            title: String::new(),
            blocks: vec![Block::Strokes(vec![vec![], vec![(0.5, 0.5)]])],
            footer: String::new(),
        };
        assert!(pdf(&nothing).expect("written").starts_with(b"%PDF-"));
    }
}
