//! Booked periods on the wall clock of a box, and the codes that go with them. Pure rules.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use sekisho_kernel::{Cx, Timestamp};

/// The longest period that can be booked.
pub const LONGEST: std::time::Duration = std::time::Duration::from_secs(366 * 86_400);
/// Digits of a booking code.
const CODE_DIGITS: usize = 8;

/// A period from one wall-clock time to another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Period {
    /// From, as shown on a clock at the box.
    pub starts: DateTime,
    /// Until, likewise.
    pub ends: DateTime,
    /// From, as a point in time.
    pub starts_at: Timestamp,
    /// Until, as a point in time.
    pub ends_at: Timestamp,
}

/// Why a period cannot be booked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BadPeriod {
    /// One of the times cannot be read.
    Unreadable,
    /// It ends before it starts.
    Backwards,
    /// It is over already.
    Past,
    /// It is longer than a year.
    TooLong,
}

impl Period {
    /// From two wall-clock times as a form sends them (`2026-11-22T09:00`). A time the clock skips becomes the moment
    /// after the gap; one it shows twice is the first for a start and the last for an end, so that nobody loses an hour.
    pub fn read(starts: &str, ends: &str, zone: &TimeZone, now: Timestamp) -> Result<Self, BadPeriod> {
        let starts: DateTime = starts.trim().parse().map_err(|_| BadPeriod::Unreadable)?;
        let ends: DateTime = ends.trim().parse().map_err(|_| BadPeriod::Unreadable)?;
        let starts_at: Timestamp = zone
            .to_ambiguous_zoned(starts)
            .compatible()
            .map_err(|_| BadPeriod::Unreadable)?
            .timestamp()
            .into();
        let end = zone.to_ambiguous_zoned(ends);
        let end = if zone.to_ambiguous_timestamp(ends).is_ambiguous() && is_fold(zone, ends) {
            end.later()
        } else {
            end.compatible()
        };
        let ends_at: Timestamp = end.map_err(|_| BadPeriod::Unreadable)?.timestamp().into();
        Self { starts, ends, starts_at, ends_at }.checked(now)
    }

    /// From two points in time, where no form says them on the clock of the box. They stay the very moments, also in the hour
    /// that the clock shows twice.
    pub fn between(
        starts_at: Timestamp,
        ends_at: Timestamp,
        zone: &TimeZone,
        now: Timestamp,
    ) -> Result<Self, BadPeriod> {
        let on_the_clock = |at: Timestamp| at.to_jiff().to_zoned(zone.clone()).datetime();
        Self { starts: on_the_clock(starts_at), ends: on_the_clock(ends_at), starts_at, ends_at }.checked(now)
    }

    fn checked(self, now: Timestamp) -> Result<Self, BadPeriod> {
        if self.ends_at <= self.starts_at {
            Err(BadPeriod::Backwards)
        } else if self.ends_at <= now {
            Err(BadPeriod::Past)
        } else if self.ends_at.since(self.starts_at) > LONGEST {
            Err(BadPeriod::TooLong)
        } else {
            Ok(self)
        }
    }

    /// Whether both claim the same moment. Touching ends do not.
    pub fn overlaps(&self, starts_at: Timestamp, ends_at: Timestamp) -> bool {
        self.starts_at < ends_at && starts_at < self.ends_at
    }
}

fn is_fold(zone: &TimeZone, civil: DateTime) -> bool {
    matches!(zone.to_ambiguous_timestamp(civil).offset(), jiff::tz::AmbiguousOffset::Fold { .. })
}

/// A wall-clock time as columns and forms spell it: `2026-11-22T09:00`.
pub fn spell(civil: DateTime) -> String {
    civil.strftime("%Y-%m-%dT%H:%M").to_string()
}

/// A fresh booking code: eight digits, each equally likely.
pub fn new_code(cx: &Cx) -> String {
    digits(cx, CODE_DIGITS)
}

/// `count` digits, each equally likely.
pub fn digits(cx: &Cx, count: usize) -> String {
    let mut code = String::with_capacity(count);
    while code.len() < count {
        // A byte from 250 on would make the digits 0 to 5 likelier.
        code.extend(
            cx.random::<16>()
                .iter()
                .filter(|byte| **byte < 250)
                .map(|byte| char::from(b'0' + byte % 10))
                .take(count - code.len()),
        );
    }
    code
}

/// A code as somebody typed it, with the signs people put between digits taken out; none when it is no code.
pub fn read_code(typed: &str, lengths: std::ops::RangeInclusive<usize>) -> Option<String> {
    let code: String = typed
        .chars()
        .filter(|sign| !sign.is_whitespace() && !matches!(sign, '-' | '‐' | 'ー' | '－'))
        .map(|sign| {
            char::from_u32(u32::from(sign).wrapping_sub(0xFF10))
                .filter(|_| ('０'..='９').contains(&sign))
                .map_or(sign, |digit| char::from_digit(u32::from(digit), 10).unwrap_or(sign))
        })
        .collect();
    (code.chars().all(|digit| digit.is_ascii_digit()) && lengths.contains(&code.len())).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse::<jiff::Timestamp>().unwrap().into()
    }

    #[test]
    fn reads_periods_on_the_box_clock() {
        let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
        let new_york = TimeZone::get("America/New_York").unwrap();
        let now = at("2026-01-01T00:00:00Z");
        let cases = [
            (
                &tokyo,
                "2026-11-22T09:00",
                "2026-11-22T17:30",
                Ok(("2026-11-22T00:00:00Z", "2026-11-22T08:30:00Z")),
            ),
            // the night the clock goes forward
            (
                &new_york,
                "2026-03-08T02:30",
                "2026-03-08T04:00",
                Ok(("2026-03-08T07:30:00Z", "2026-03-08T08:00:00Z")),
            ),
            // the night it goes back: 01:30 to 01:30 is an hour
            (
                &new_york,
                "2026-11-01T01:30",
                "2026-11-01T01:30",
                Ok(("2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z")),
            ),
            (&tokyo, "2026-11-22T09:00", "2026-11-22T09:00", Err(BadPeriod::Backwards)),
            (&tokyo, "2025-11-22T09:00", "2025-11-22T10:00", Err(BadPeriod::Past)),
            (&tokyo, "2026-01-01T09:00", "2027-06-01T10:00", Err(BadPeriod::TooLong)),
            (&tokyo, "tomorrow", "2026-11-22T10:00", Err(BadPeriod::Unreadable)),
        ];
        for (zone, starts, ends, want) in cases {
            let read = Period::read(starts, ends, zone, now).map(|period| (period.starts_at, period.ends_at));
            assert_eq!(read, want.map(|(starts, ends)| (at(starts), at(ends))), "{starts} to {ends}");
        }
    }

    #[test]
    fn keeps_the_moments_it_is_given() {
        let new_york = TimeZone::get("America/New_York").unwrap();
        // The second 01:30 of the night the clock goes back.
        let (starts, ends) = (at("2026-11-01T06:30:00Z"), at("2026-11-01T08:00:00Z"));
        let period = Period::between(starts, ends, &new_york, at("2026-01-01T00:00:00Z")).unwrap();
        assert_eq!((period.starts_at, period.ends_at), (starts, ends));
        assert_eq!((&*spell(period.starts), &*spell(period.ends)), ("2026-11-01T01:30", "2026-11-01T03:00"));
        assert_eq!(Period::between(starts, ends, &new_york, ends), Err(BadPeriod::Past));
        assert_eq!(Period::between(ends, starts, &new_york, starts), Err(BadPeriod::Backwards));
    }

    #[test]
    fn touching_is_not_overlapping() {
        let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
        let period = Period::read("2026-11-22T09:00", "2026-11-22T10:00", &tokyo, Timestamp::EPOCH).unwrap();
        assert!(period.overlaps(at("2026-11-22T00:59:00Z"), at("2026-11-22T02:00:00Z")));
        assert!(!period.overlaps(at("2026-11-22T01:00:00Z"), at("2026-11-22T02:00:00Z")));
        assert!(!period.overlaps(at("2026-11-21T01:00:00Z"), at("2026-11-22T00:00:00Z")));
    }

    #[test]
    fn reads_what_people_type() {
        assert_eq!(read_code("1234 5678", 8..=8).as_deref(), Some("12345678"));
        assert_eq!(read_code("１２３４－５６７８", 8..=8).as_deref(), Some("12345678"));
        assert_eq!(read_code("1234", 8..=8), None);
        assert_eq!(read_code("1234567x", 8..=8), None);
    }
}
