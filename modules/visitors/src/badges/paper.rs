//! The papers a badge is made for.

use sekisho_paper::POINTS_OF_A_MILLIMETRE;
use sekisho_storage::column_words;

column_words!(/// What a badge is printed on.
    Paper {
    /// A label of 62 by 100 mm, upright.
    Label = "label",
    /// A card of 54 by 86 mm, upright.
    Card = "card",
    /// A name tag of 90 by 60 mm, lying.
    Tag = "tag",
});

impl Paper {
    /// Width and height in millimetres.
    pub fn millimetres(self) -> (u16, u16) {
        match self {
            Self::Label => (62, 100),
            Self::Card => (54, 86),
            Self::Tag => (90, 60),
        }
    }

    /// The same in points.
    pub fn points(self) -> (f32, f32) {
        let (width, height) = self.millimetres();
        (f32::from(width) * POINTS_OF_A_MILLIMETRE, f32::from(height) * POINTS_OF_A_MILLIMETRE)
    }

    /// The same in hundredths of a millimetre, as IPP has it.
    pub fn hundredths(self) -> (i32, i32) {
        let (width, height) = self.millimetres();
        (i32::from(width) * 100, i32::from(height) * 100)
    }

    /// Whether a sheet of that size, in hundredths of a millimetre, is large enough, whichever way it lies.
    pub fn fits(self, sheet: (i32, i32)) -> bool {
        const SLACK: i32 = 200;
        let (width, height) = self.hundredths();
        let holds = |x: i32, y: i32| x.saturating_add(SLACK) >= width && y.saturating_add(SLACK) >= height;
        holds(sheet.0, sheet.1) || holds(sheet.1, sheet.0)
    }
}
