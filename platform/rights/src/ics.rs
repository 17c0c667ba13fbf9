//! Whole days of an iCalendar file (RFC 5545), as the Cabinet Office, Google and Outlook give them out. Pure.
//!
//! Only what a holiday needs is read: `DTSTART`, `DTEND` and `SUMMARY` of each `VEVENT`. An event that repeats counts on its
//! first days only, and one with a time of day on its day.

use jiff::civil::Date;
use sekisho_policy::Holiday;

/// One event covers at most so many days; a longer one is no holiday.
const LONGEST: usize = 60;

/// Whether a text looks like such a file.
pub(crate) fn is_calendar(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').trim_start().starts_with("BEGIN:VCALENDAR")
}

/// The days of its events by date, each once; `None` when an event has no day that can be read.
pub(crate) fn days(text: &str) -> Option<Vec<Holiday>> {
    let mut all: Vec<Holiday> = Vec::new();
    let mut event: Option<Event> = None;
    for line in unfolded(text) {
        let Some((name, value)) = line.split_once(':') else { continue };
        let name = name.split(';').next().unwrap_or_default().to_ascii_uppercase();
        match (name.as_str(), value.trim(), &mut event) {
            ("BEGIN", "VEVENT", _) => event = Some(Event::default()),
            ("END", "VEVENT", Some(ended)) => {
                all.extend(ended.days()?);
                event = None;
            }
            ("DTSTART", value, Some(event)) => event.from = Some(day(value)?),
            ("DTEND", value, Some(event)) => event.until = day(value),
            ("SUMMARY", value, Some(event)) => event.name = plain(value),
            _ => {}
        }
    }
    all.sort_by_key(|holiday| holiday.date);
    all.dedup_by_key(|holiday| holiday.date);
    Some(all)
}

#[derive(Default)]
struct Event {
    from: Option<Date>,
    until: Option<Date>,
    name: String,
}

impl Event {
    /// From the first day to the one before the end, which stands for midnight.
    fn days(&self) -> Option<Vec<Holiday>> {
        let from = self.from?;
        let days = from.series(jiff::Span::new().days(1)).take(LONGEST);
        let inside = days.take_while(|date| *date == from || self.until.is_some_and(|until| *date < until));
        Some(inside.map(|date| Holiday { date, name: self.name.clone() }).collect())
    }
}

/// Lines are folded at 75 bytes: what goes on begins with a blank.
fn unfolded(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some(last)) => last.push_str(rest),
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

/// `20260101`, or the day of `20260101T090000Z`.
fn day(value: &str) -> Option<Date> {
    let digits = value.get(..8).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))?;
    let part = |range: std::ops::Range<usize>| digits.get(range)?.parse::<i16>().ok();
    let month = i8::try_from(part(4..6)?).ok()?;
    Date::new(part(0..4)?, month, i8::try_from(part(6..8)?).ok()?).ok()
}

fn plain(value: &str) -> String {
    value.replace("\\,", ",").replace("\\;", ";").replace("\\n", " ").replace("\\\\", "\\").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_calendars_give_out() {
        let text = "\u{feff}BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261229\r\nDTEND;VALUE=DATE:20270101\r\nSUMMARY:年末\r\n 休業\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:創立記念日\\, 全社\r\nDTSTART:20261101T000000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        assert!(is_calendar(text));
        let days: Vec<_> =
            days(text).unwrap().iter().map(|day| format!("{} {}", day.date, day.name)).collect();
        assert_eq!(
            days,
            [
                "2026-11-01 創立記念日, 全社",
                "2026-12-29 年末休業",
                "2026-12-30 年末休業",
                "2026-12-31 年末休業"
            ]
        );
    }

    #[test]
    fn nonsense_is_refused_and_nothing_runs_away() {
        let event = |start: &str, end: &str| {
            format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:{start}\nDTEND:{end}\nEND:VEVENT\nEND:VCALENDAR")
        };
        assert!(days(&event("2026-01-01", "")).is_none());
        assert!(days(&event("20261301", "")).is_none());
        assert!(days("BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VEVENT").is_none());
        assert_eq!(days(&event("20260101", "99991231")).unwrap().len(), LONGEST);
        assert_eq!(days("BEGIN:VCALENDAR").unwrap(), []);
        assert!(!is_calendar("2026-12-29 年末休業"));
    }
}
