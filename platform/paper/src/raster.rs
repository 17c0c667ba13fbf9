//! A sheet as pixels, for printers and for looking at.

use skrifa::instance::Size;
use skrifa::outline::OutlinePen;
use skrifa::{GlyphId, MetadataProvider};
use tiny_skia::{
    Color, FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, Transform,
};

use crate::fonts::face;
use crate::sheet::{BOLD, Mark, Shade, Sheet};
use crate::text::Line;
use crate::{PaperError, fonts};

/// The largest picture that is drawn: A4 at 600 dpi.
const MOST_PIXELS: usize = 36_000_000;

/// Pixels of red, green and blue, a row after the other from the upper left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Three bytes a pixel.
    pub rgb: Vec<u8>,
}

impl Sheet {
    /// The sheet drawn at so many dots an inch.
    pub fn drawn(&self, dots: (u32, u32)) -> Result<Picture, PaperError> {
        let scale = (dots.0 as f32 / 72.0, dots.1 as f32 / 72.0);
        let (width, height) = ((self.width * scale.0).round() as u32, (self.height * scale.1).round() as u32);
        if (width as usize).saturating_mul(height as usize) > MOST_PIXELS {
            return Err(PaperError::Size);
        }
        let mut pixels = Pixmap::new(width, height).ok_or(PaperError::Size)?;
        pixels.fill(Color::WHITE);
        for mark in &self.marks {
            draw(&mut pixels, mark, Transform::from_scale(scale.0, scale.1))?;
        }
        let rgb =
            pixels.pixels().iter().flat_map(|pixel| [pixel.red(), pixel.green(), pixel.blue()]).collect();
        Ok(Picture { width, height, rgb })
    }
}

impl Picture {
    /// One byte a pixel, white is 255.
    pub fn grey(&self) -> Vec<u8> {
        let weigh = |pixel: &[u8]| match pixel {
            [red, green, blue] => {
                ((u32::from(*red) * 299 + u32::from(*green) * 587 + u32::from(*blue) * 114 + 500) / 1000)
                    as u8
            }
            _ => 255,
        };
        self.rgb.chunks_exact(3).map(weigh).collect()
    }
}

fn draw(pixels: &mut Pixmap, mark: &Mark, scale: Transform) -> Result<(), PaperError> {
    match mark {
        Mark::Text { x, baseline, size, bold, shade, line } => {
            text(pixels, scale, (*x, *baseline), *size, *bold, *shade, line)?
        }
        Mark::Fill { x, y, width, height, shade } => {
            if let Some(area) = Rect::from_xywh(*x, *y, *width, *height) {
                pixels.fill_rect(area, &paint(*shade), scale, None);
            }
        }
        Mark::Stroke { points, width, shade } => {
            let mut path = PathBuilder::new();
            for (at, (x, y)) in points.iter().enumerate() {
                if at == 0 { path.move_to(*x, *y) } else { path.line_to(*x, *y) }
            }
            if let Some(path) = path.finish() {
                pixels.stroke_path(&path, &paint(*shade), &pen(*width), scale, None);
            }
        }
    }
    Ok(())
}

fn text(
    pixels: &mut Pixmap,
    scale: Transform,
    at: (f32, f32),
    size: f32,
    bold: bool,
    shade: Shade,
    line: &Line,
) -> Result<(), PaperError> {
    let mut x = at.0;
    for glyph in &line.glyphs {
        let face = face(glyph.face)?;
        if let Some(path) = outline(face, glyph.id) {
            let em = size / face.units;
            let place = scale.pre_translate(x, at.1).pre_scale(em, -em);
            pixels.fill_path(&path, &paint(shade), FillRule::Winding, place, None);
            if bold {
                pixels.stroke_path(&path, &paint(shade), &pen(BOLD * face.units), place, None);
            }
        }
        x += glyph.ems * size;
    }
    Ok(())
}

fn outline(face: &fonts::Face, glyph: GlyphId) -> Option<Path> {
    let mut pen = Pen(PathBuilder::new());
    face.font.outline_glyphs().get(glyph)?.draw(Size::unscaled(), &mut pen).ok()?;
    pen.0.finish()
}

struct Pen(PathBuilder);

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.move_to(x, y);
    }
    fn line_to(&mut self, x: f32, y: f32) {
        self.0.line_to(x, y);
    }
    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.0.quad_to(cx, cy, x, y);
    }
    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        self.0.cubic_to(cx0, cy0, cx1, cy1, x, y);
    }
    fn close(&mut self) {
        self.0.close();
    }
}

fn paint(Shade(red, green, blue): Shade) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(red, green, blue, 255);
    paint
}

fn pen(width: f32) -> Stroke {
    Stroke { width, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() }
}
