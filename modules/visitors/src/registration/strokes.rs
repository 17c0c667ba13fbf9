//! A signature drawn by hand: strokes of points on a box, each from 0 to 10,000 across and down, kept as two bytes a number.
//! Pure.

use crate::checks::VisitError;

/// The most points of a signature.
const MOST_POINTS: usize = 4000;
/// The fewest: fewer is a slip of the finger.
const FEWEST_POINTS: usize = 8;
/// How far the box reaches, across and down.
pub(crate) const REACH: u16 = 10_000;

/// One line of the hand: point after point, across and down.
pub(crate) type Stroke = Vec<[u16; 2]>;

/// Strokes as a form sends them: numbers parted by spaces, strokes by semicolons.
pub(crate) fn read(typed: &str) -> Result<Vec<Stroke>, VisitError> {
    let wrong = || VisitError::invalid("strokes", "visitors-agreement-error-strokes");
    let mut strokes = Vec::new();
    for part in typed.split(';').filter(|part| !part.trim().is_empty()) {
        let numbers: Result<Vec<u16>, _> = part.split_whitespace().map(str::parse).collect();
        let numbers = numbers.map_err(|_| wrong())?;
        let points: Stroke = numbers.as_chunks::<2>().0.to_vec();
        if points.len() * 2 != numbers.len() {
            return Err(wrong());
        }
        strokes.push(points);
    }
    checked(strokes)
}

/// Strokes that make a signature: inside of the box, neither a slip nor a book.
pub(crate) fn checked(strokes: Vec<Stroke>) -> Result<Vec<Stroke>, VisitError> {
    let points: usize = strokes.iter().map(Vec::len).sum();
    let inside = strokes.iter().flatten().flatten().all(|along| *along <= REACH);
    let good = inside && (points == 0 || (FEWEST_POINTS..=MOST_POINTS).contains(&points));
    let strokes = strokes.into_iter().filter(|stroke| !stroke.is_empty()).collect();
    good.then_some(strokes).ok_or(VisitError::invalid("strokes", "visitors-agreement-error-strokes"))
}

/// As bytes: of each stroke how many points, then the points.
pub(crate) fn to_bytes(strokes: &[Stroke]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for stroke in strokes {
        bytes.extend(u16::try_from(stroke.len()).unwrap_or(u16::MAX).to_be_bytes());
        let points = stroke.iter().take(usize::from(u16::MAX));
        bytes.extend(points.flatten().flat_map(|along| along.to_be_bytes()));
    }
    bytes
}

/// From those bytes; what does not fit ends it.
pub(crate) fn from_bytes(bytes: &[u8]) -> Vec<Stroke> {
    let mut numbers = bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair));
    let mut strokes = Vec::new();
    while let Some(points) = numbers.next() {
        let point = |_| Some([numbers.next()?, numbers.next()?]);
        strokes.push((0..points).map_while(point).collect());
    }
    strokes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_signature_is_no_slip_no_book_and_stays_in_its_box() {
        let line = |points: usize| format!("{};", "1 2 ".repeat(points));
        assert_eq!(read("").unwrap(), Vec::<Stroke>::new());
        assert_eq!(read("0 0 10000 10000 1 1 2 2;3 3 4 4 5 5 6 6").unwrap().len(), 2);
        assert_eq!(read(&line(4000)).unwrap().len(), 1);
        for wrong in [&*line(7), &line(4001), "1 2 3;", "a b", "-1 2", "10001 1 2 2 3 3 4 4 5 5 6 6 7 7 8 8"]
        {
            assert!(read(wrong).is_err(), "{wrong:.40}");
        }
    }

    proptest! {
        #[test]
        fn what_was_drawn_comes_back(strokes in proptest::collection::vec(proptest::collection::vec([0_u16..=REACH, 0_u16..=REACH], 1..40), 0..20)) {
            prop_assert_eq!(from_bytes(&to_bytes(&strokes)), strokes);
        }

        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..200), typed in "[0-9 ;a-]{0,60}") {
            from_bytes(&bytes);
            read(&typed).ok();
        }
    }
}
