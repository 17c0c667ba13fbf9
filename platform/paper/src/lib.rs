//! What is printed: fonts, laying out text, PDF and raster.
//!
//! A [`Sheet`] is one side of paper with marks on it, in points from its upper left corner. [`pdf`] lays a [`Document`] onto
//! as many A4 sheets as it takes; who wants something else (a badge) makes a sheet of their own. A sheet is written as PDF,
//! whose text stays text, or drawn as pixels at any resolution. One layout for both: what is previewed is what is printed.

mod document;
mod fonts;
mod raster;
mod sheet;
mod text;
mod write;

pub use document::{Block, Document, pdf};
pub use raster::Picture;
pub use sheet::{Mark, Shade, Sheet};
pub use text::{Line, broken, fitted};
pub use write::written;

/// A point is 1/72 inch, as in PDF.
pub const POINTS_OF_A_MILLIMETRE: f32 = 72.0 / 25.4;

/// Why nothing was drawn.
#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    /// The fonts built into the program cannot be read.
    #[error("the fonts of this build cannot be read")]
    Fonts,
    /// No paper is that small or that large.
    #[error("a sheet of this size cannot be drawn")]
    Size,
    /// The writer of PDF refused.
    #[error("cannot write the PDF: {0}")]
    Write(String),
}
