//! Sheets as a PDF. The glyphs that are used are embedded, each with its character, so that text stays text.

use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, LineCap, LineJoin, Stroke};
use krilla::surface::Surface;
use krilla::text::{Font, GlyphId, KrillaGlyph};

use crate::PaperError;
use crate::fonts::{FONTS, face};
use crate::sheet::{BOLD, Mark, Shade, Sheet};
use crate::text::Line;

/// The sheets, one a page.
pub fn written(title: &str, sheets: &[Sheet]) -> Result<Vec<u8>, PaperError> {
    let mut document = krilla::Document::new();
    document.set_metadata(Metadata::new().title(title.to_owned()).creator("Sekisho".to_owned()));
    let mut fonts = Fonts::default();
    for sheet in sheets {
        let settings = PageSettings::from_wh(sheet.width, sheet.height).ok_or(PaperError::Size)?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        for mark in &sheet.marks {
            draw(&mut surface, mark, &mut fonts)?;
        }
        surface.finish();
        page.finish();
    }
    document.finish().map_err(|error| PaperError::Write(format!("{error:?}")))
}

#[derive(Default)]
struct Fonts([Option<Font>; FONTS]);

impl Fonts {
    fn take(&mut self, number: usize) -> Result<Font, PaperError> {
        let slot = self.0.get_mut(number).ok_or(PaperError::Fonts)?;
        if slot.is_none() {
            *slot = Font::new(face(number)?.data.into(), 0);
        }
        slot.clone().ok_or(PaperError::Fonts)
    }
}

fn draw(surface: &mut Surface<'_>, mark: &Mark, fonts: &mut Fonts) -> Result<(), PaperError> {
    match mark {
        Mark::Text { x, baseline, size, bold, shade, line } => {
            surface.set_fill(Some(fill(*shade)));
            surface.set_stroke(bold.then(|| pen(*shade, size * BOLD)));
            text(surface, fonts, (*x, *baseline), *size, line)?;
        }
        Mark::Fill { x, y, width, height, shade } => {
            let mut path = PathBuilder::new();
            if let Some(area) = Rect::from_xywh(*x, *y, *width, *height) {
                path.push_rect(area);
            }
            if let Some(path) = path.finish() {
                surface.set_fill(Some(fill(*shade)));
                surface.set_stroke(None);
                surface.draw_path(&path);
            }
        }
        Mark::Stroke { points, width, shade } => {
            let mut path = PathBuilder::new();
            for (at, (x, y)) in points.iter().enumerate() {
                if at == 0 { path.move_to(*x, *y) } else { path.line_to(*x, *y) }
            }
            if let Some(path) = path.finish() {
                surface.set_fill(None);
                surface.set_stroke(Some(pen(*shade, *width)));
                surface.draw_path(&path);
            }
        }
    }
    Ok(())
}

/// A line in runs of one font each.
fn text(
    surface: &mut Surface<'_>,
    fonts: &mut Fonts,
    at: (f32, f32),
    size: f32,
    line: &Line,
) -> Result<(), PaperError> {
    let mut x = at.0;
    for run in line.glyphs.chunk_by(|one, next| one.face == next.face) {
        let Some((first, last)) = run.first().zip(run.last()) else { continue };
        let words = line.text.get(first.start..last.end).unwrap_or_default();
        let glyphs: Vec<KrillaGlyph> = run
            .iter()
            .map(|glyph| {
                let range = glyph.start - first.start..glyph.end - first.start;
                KrillaGlyph::new(GlyphId::new(glyph.id.to_u32()), glyph.ems, 0.0, 0.0, 0.0, range, None)
            })
            .collect();
        surface.draw_glyphs(Point::from_xy(x, at.1), &glyphs, fonts.take(first.face)?, words, size, false);
        x += run.iter().map(|glyph| glyph.ems * size).sum::<f32>();
    }
    Ok(())
}

fn fill(Shade(red, green, blue): Shade) -> Fill {
    Fill { paint: rgb::Color::new(red, green, blue).into(), opacity: NormalizedF32::ONE, ..Fill::default() }
}

fn pen(Shade(red, green, blue): Shade, width: f32) -> Stroke {
    let paint = rgb::Color::new(red, green, blue).into();
    Stroke { paint, width, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() }
}
