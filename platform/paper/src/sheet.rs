//! One side of paper.

use crate::text::Line;

/// One side of paper with what is on it, in points from its upper left corner.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// Its width.
    pub width: f32,
    /// Its height.
    pub height: f32,
    /// What is on it, what lies on top last.
    pub marks: Vec<Mark>,
}

/// Red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shade(pub u8, pub u8, pub u8);

impl Shade {
    /// Ink.
    pub const BLACK: Self = Self(0, 0, 0);
    /// For what matters less.
    pub const GREY: Self = Self(96, 96, 96);
    /// For lines between things.
    pub const LIGHT: Self = Self(200, 200, 200);
    /// Paper.
    pub const WHITE: Self = Self(255, 255, 255);
}

/// One thing on a sheet.
#[derive(Debug, Clone, PartialEq)]
pub enum Mark {
    /// A line of text.
    Text {
        /// Where it begins.
        x: f32,
        /// The line it stands on.
        baseline: f32,
        /// The height of an em.
        size: f32,
        /// Drawn with a thicker pen.
        bold: bool,
        /// Its colour.
        shade: Shade,
        /// What it says.
        line: Line,
    },
    /// A filled rectangle.
    Fill {
        /// Its left edge.
        x: f32,
        /// Its upper edge.
        y: f32,
        /// Its width.
        width: f32,
        /// Its height.
        height: f32,
        /// Its colour.
        shade: Shade,
    },
    /// A line through points.
    Stroke {
        /// The points.
        points: Vec<(f32, f32)>,
        /// How thick it is.
        width: f32,
        /// Its colour.
        shade: Shade,
    },
}

/// How thick the pen is that makes text bold, in ems.
pub(crate) const BOLD: f32 = 0.03;
