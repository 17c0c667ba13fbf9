//! What a printer says of itself (Get-Printer-Attributes): how it is to be printed on, and what stands in the way.

use super::ipp::{Attributes, Value};
use super::paper::Paper;
use super::raster::Ink;
use crate::tables::words::Trouble;

/// What is asked of a printer.
pub const ASKED: [&str; 11] = [
    "printer-state",
    "printer-state-reasons",
    "printer-is-accepting-jobs",
    "document-format-supported",
    "pwg-raster-document-type-supported",
    "pwg-raster-document-resolution-supported",
    "urf-supported",
    "media-col-supported",
    "media-size-supported",
    "media-col-ready",
    "printer-make-and-model",
];
/// What badges are drawn at, where a printer leaves the choice: label printers and their paper are made for it.
const DOTS: u32 = 300;
const STOPPED: i32 = 5;

/// How a document is sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// PWG raster.
    Pwg(Ink, (u32, u32)),
    /// Apple raster.
    Urf(Ink, u32),
    /// PDF.
    Pdf,
}

impl Form {
    /// Its media type.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Pwg(..) => "image/pwg-raster",
            Self::Urf(..) => "image/urf",
            Self::Pdf => "application/pdf",
        }
    }
}

/// How a document is sent to the printer that says that of itself; none: it takes nothing that we make.
pub fn form(printer: Attributes<'_>) -> Option<Form> {
    let formats = printer.words("document-format-supported");
    if formats.contains(&"image/pwg-raster") {
        let kinds = printer.words("pwg-raster-document-type-supported");
        let dots = printer.values("pwg-raster-document-resolution-supported").iter();
        let dots = dots.filter_map(|value| {
            if let Value::Dots(across, down) = value { Some((*across, *down)) } else { None }
        });
        let ink = ink(kinds.contains(&"srgb_8"), kinds.contains(&"sgray_8"), kinds.contains(&"black_1"));
        if let Some((ink, dots)) = ink.zip(nearest(dots)) {
            return Some(Form::Pwg(ink, dots));
        }
    }
    if formats.contains(&"image/urf") {
        let says = printer.words("urf-supported");
        let dots = says.iter().filter_map(|word| word.strip_prefix("RS")).flat_map(|list| list.split('-'));
        let dots = dots.filter_map(|dots| dots.parse::<u32>().ok()).map(|dots| (dots, dots));
        if let Some((ink, dots)) =
            ink(says.contains(&"SRGB24"), says.contains(&"W8"), false).zip(nearest(dots))
        {
            return Some(Form::Urf(ink, dots.0));
        }
    }
    formats.contains(&"application/pdf").then_some(Form::Pdf)
}

fn ink(colour: bool, grey: bool, black: bool) -> Option<Ink> {
    match (colour, grey, black) {
        (true, ..) => Some(Ink::Colour),
        (_, true, _) => Some(Ink::Grey),
        (.., true) => Some(Ink::Black),
        _ => None,
    }
}

fn nearest(dots: impl Iterator<Item = (u32, u32)>) -> Option<(u32, u32)> {
    let sane = dots.filter(|(across, down)| (90..=600).contains(across) && (90..=600).contains(down));
    sane.min_by_key(|(across, _)| across.abs_diff(DOTS))
}

/// The size under which it knows that paper, in hundredths of a millimetre; none: nothing is said of paper. Whoever is told
/// of a size that is not theirs may refuse the job, even one that says not to be strict.
pub fn named_size(printer: Attributes<'_>, paper: Paper) -> Option<(i32, i32)> {
    /// Sizes in inches and in millimetres are the same paper.
    const SLACK: u32 = 100;
    if !printer.words("media-col-supported").contains(&"media-size") {
        return None;
    }
    let near = |wanted: i32, (least, most): (i32, i32)| {
        let side = wanted.max(least).min(most);
        (side.abs_diff(wanted) <= SLACK).then_some(side)
    };
    let (width, height) = paper.hundredths();
    printer.values("media-size-supported").iter().find_map(|size| {
        let Value::Members(size) = size else { return None };
        near(width, side(size, "x-dimension")?).zip(near(height, side(size, "y-dimension")?))
    })
}

/// What stands in the way of printing on that paper now; none: nothing.
pub fn trouble(printer: Attributes<'_>, paper: Paper) -> Option<Trouble> {
    let stopped = printer.number("printer-state") == Some(STOPPED);
    let reasons = printer.words("printer-state-reasons");
    // a report or warning stands in nobody's way, as an empty second tray does not, unless the printer has stopped
    let heavy = |reason: &&&str| stopped || !(reason.ends_with("-report") || reason.ends_with("-warning"));
    if let Some(trouble) = reasons.iter().filter(heavy).find_map(|reason| meaning(reason)) {
        return Some(trouble);
    }
    if stopped || printer.yes("printer-is-accepting-jobs") == Some(false) {
        return Some(Trouble::Stopped);
    }
    let ready = ready(printer);
    (!ready.is_empty() && !ready.iter().any(|size| paper.fits(*size))).then_some(Trouble::OtherPaper)
}

/// What it says however lightly: what keeps a badge that does not come out. Some say no more than a warning while they
/// wait for paper.
pub fn hint(printer: Attributes<'_>) -> Option<Trouble> {
    printer.words("printer-state-reasons").into_iter().find_map(meaning)
}

/// What one reason of RFC 8011 means for somebody who stands before the printer.
pub fn meaning(reason: &str) -> Option<Trouble> {
    let bare =
        ["-error", "-warning", "-report"].iter().find_map(|end| reason.strip_suffix(end)).unwrap_or(reason);
    Some(match bare {
        "media-empty" | "media-needed" | "input-tray-missing" => Trouble::PaperOut,
        "media-jam" => Trouble::Jam,
        "cover-open" | "door-open" | "interlock-open" => Trouble::Open,
        "toner-empty" | "marker-supply-empty" | "developer-empty" => Trouble::Ink,
        "paused" | "shutdown" | "spool-area-full" | "stopping" => Trouble::Stopped,
        _ => return None,
    })
}

/// The sizes that lie in its trays, in hundredths of a millimetre; none: it does not say.
fn ready(printer: Attributes<'_>) -> Vec<(i32, i32)> {
    let size = |value: &Value| {
        let Value::Members(media) = value else { return None };
        let Value::Members(size) = member(media, "media-size")? else { return None };
        // a roll is cut where the badge ends
        Some((side(size, "x-dimension")?.1, side(size, "y-dimension")?.1))
    };
    printer.values("media-col-ready").iter().filter_map(size).collect()
}

/// How short and how long a side may be.
fn side(size: &[(String, Value)], name: &str) -> Option<(i32, i32)> {
    match member(size, name)? {
        Value::Number(side) => Some((*side, *side)),
        Value::Range(least, most) => Some((*least, *most)),
        _ => None,
    }
}

fn member<'a>(members: &'a [(String, Value)], name: &str) -> Option<&'a Value> {
    members.iter().find(|(known, _)| known == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::badges::ipp::{Answer, group};

    fn printer(attributes: &[(&str, &[&str])]) -> Answer {
        let words = |words: &[&str]| words.iter().map(|word| Value::Word((*word).to_owned())).collect();
        let attributes = attributes.iter().map(|(name, all)| ((*name).to_owned(), words(all))).collect();
        Answer { status: 0, groups: vec![(group::PRINTER, attributes)] }
    }

    #[test]
    fn the_form_is_chosen_by_what_the_printer_says() {
        let formats = "document-format-supported";
        let urf: &[&str] = &["CP1", "RS203-600", "W8"];
        for (says, expected) in [
            (
                vec![(formats, &["application/pdf", "image/urf"][..]), ("urf-supported", urf)],
                Some(Form::Urf(Ink::Grey, 203)),
            ),
            (
                vec![(formats, &["application/pdf", "image/urf"]), ("urf-supported", &["RS9999999"])],
                Some(Form::Pdf),
            ),
            (vec![(formats, &["application/pdf"])], Some(Form::Pdf)),
            (vec![(formats, &["application/vnd.zebra-zpl", "image/jpeg"])], None),
            (vec![], None),
        ] {
            assert_eq!(form(printer(&says).first(group::PRINTER)), expected, "{says:?}");
        }
        let mut both = printer(&[
            (formats, &["image/urf", "image/pwg-raster"]),
            ("pwg-raster-document-type-supported", &["black_1", "sgray_8"]),
        ]);
        let dots = vec![Value::Dots(600, 600), Value::Dots(300, 300), Value::Dots(0, 0)];
        both.groups[0].1.push(("pwg-raster-document-resolution-supported".into(), dots));
        assert_eq!(form(both.first(group::PRINTER)), Some(Form::Pwg(Ink::Grey, (300, 300))));
    }

    #[test]
    fn a_report_is_a_hint_and_an_error_is_trouble() {
        let (out, jam, open) = (Some(Trouble::PaperOut), Some(Trouble::Jam), Some(Trouble::Open));
        for (reasons, state, expected, hinted) in [
            (&["none"][..], 3, None, None),
            (&["media-empty-report"], 3, None, out),
            (&["media-empty-warning"], 4, None, out),
            (&["media-empty-report"], 5, out, out),
            (&["media-empty-error"], 3, out, out),
            (&["marker-supply-low-warning", "media-jam"], 4, jam, jam),
            (&["cover-open"], 5, open, open),
            (&["none"], 5, Some(Trouble::Stopped), None),
            (&["com.example-odd-error"], 3, None, None),
        ] {
            let mut says = printer(&[("printer-state-reasons", reasons)]);
            says.groups[0].1.push(("printer-state".into(), vec![Value::Number(state)]));
            let says = says.first(group::PRINTER);
            assert_eq!((trouble(says, Paper::Label), hint(says)), (expected, hinted), "{reasons:?} {state}");
        }
    }

    #[test]
    fn paper_that_is_too_small_is_other_paper() {
        let lies = |x, y| {
            let size = vec![("x-dimension".into(), Value::Number(x)), ("y-dimension".into(), y)];
            let media = Value::Members(vec![("media-size".into(), Value::Members(size))]);
            let mut says = printer(&[]);
            says.groups[0].1.push(("media-col-ready".into(), vec![media]));
            trouble(says.first(group::PRINTER), Paper::Label)
        };
        assert_eq!(lies(6200, Value::Number(10000)), None);
        assert_eq!(lies(21000, Value::Number(29700)), None, "a sheet is large enough");
        assert_eq!(lies(6200, Value::Range(2540, 100_000)), None, "a roll");
        assert_eq!(lies(2900, Value::Number(9000)), Some(Trouble::OtherPaper));
    }

    #[test]
    fn only_a_size_that_it_knows_is_named_to_it() {
        let named = |x, y| {
            let size = Value::Members(vec![("x-dimension".into(), x), ("y-dimension".into(), y)]);
            let mut says = printer(&[("media-col-supported", &["media-size"])]);
            says.groups[0].1.push(("media-size-supported".into(), vec![size]));
            named_size(says.first(group::PRINTER), Paper::Label)
        };
        assert_eq!(named(Value::Number(6200), Value::Number(10000)), Some((6200, 10000)));
        assert_eq!(named(Value::Number(6198), Value::Number(9998)), Some((6198, 9998)), "in its own words");
        assert_eq!(named(Value::Number(6200), Value::Range(2540, 100_000)), Some((6200, 10000)), "a roll");
        assert_eq!(named(Value::Number(6200), Value::Range(20000, 2540)), None, "nonsense");
        assert_eq!(named(Value::Number(21000), Value::Number(29700)), None);
        assert_eq!(named_size(printer(&[]).first(group::PRINTER), Paper::Label), None);
    }
}
