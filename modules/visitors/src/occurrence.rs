//! When an appointment takes place, on the clock of its site. Pure rules.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use sekisho_kernel::Timestamp;

/// The longest visit.
pub const LONGEST: std::time::Duration = std::time::Duration::from_secs(31 * 86_400);

/// One occurrence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Occurrence {
    /// From, as shown on a clock at the site.
    pub starts: DateTime,
    /// Until, likewise.
    pub ends: DateTime,
    /// From, as a point in time.
    pub starts_at: Timestamp,
    /// Until, as a point in time.
    pub ends_at: Timestamp,
}

/// Why times do not make an occurrence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BadTime {
    /// One of them cannot be read.
    Unreadable,
    /// It ends before it starts.
    Backwards,
    /// It is over already.
    Past,
    /// It is longer than a month.
    TooLong,
}

impl BadTime {
    /// The field it is said beside, and the sentence.
    pub fn field(self) -> (&'static str, &'static str) {
        match self {
            Self::Unreadable => ("starts", "visitors-error-time"),
            Self::Backwards => ("ends", "visitors-error-backwards"),
            Self::Past => ("ends", "visitors-error-past"),
            Self::TooLong => ("ends", "visitors-error-period-too-long"),
        }
    }
}

impl Occurrence {
    /// From two wall-clock times as a form sends them (`2026-11-22T09:00`). A time that the clock skips becomes the moment
    /// after the gap; of one it shows twice the first is meant for a start and the last for an end.
    pub fn read(starts: &str, ends: &str, zone: &TimeZone, now: Timestamp) -> Result<Self, BadTime> {
        let starts: DateTime = starts.trim().parse().map_err(|_| BadTime::Unreadable)?;
        let ends: DateTime = ends.trim().parse().map_err(|_| BadTime::Unreadable)?;
        let this = Self::on(starts, ends, zone).ok_or(BadTime::Unreadable)?.forwards()?;
        if this.ends_at <= now { Err(BadTime::Past) } else { this.short_enough() }
    }

    /// From two wall-clock times as columns spell them, in that zone, whatever the order.
    pub fn spelt(starts: &str, ends: &str, zone: &str) -> Option<Self> {
        Self::on(starts.parse().ok()?, ends.parse().ok()?, &sekisho_web::zone_of(zone))
    }

    /// The same, if it ends after it starts: where the clock jumps it may not, though the times look as on every other day.
    pub fn forwards(self) -> Result<Self, BadTime> {
        if self.ends_at <= self.starts_at { Err(BadTime::Backwards) } else { Ok(self) }
    }

    /// The same, if it is no longer than a visit may be.
    pub fn short_enough(self) -> Result<Self, BadTime> {
        if self.ends_at.since(self.starts_at) > LONGEST { Err(BadTime::TooLong) } else { Ok(self) }
    }

    /// On the clock of `zone`, whatever the order.
    pub fn on(starts: DateTime, ends: DateTime, zone: &TimeZone) -> Option<Self> {
        let starts_at = zone.to_ambiguous_zoned(starts).compatible().ok()?.timestamp().into();
        let end = zone.to_ambiguous_zoned(ends);
        let twice = matches!(end.offset(), jiff::tz::AmbiguousOffset::Fold { .. });
        let end = if twice { end.later() } else { end.compatible() };
        Some(Self { starts, ends, starts_at, ends_at: end.ok()?.timestamp().into() })
    }

    /// The day it begins on, as columns spell it.
    pub fn day(&self) -> String {
        self.starts.date().to_string()
    }
}

/// A wall-clock time as columns and forms spell it: `2026-11-22T09:00`.
pub fn spell(civil: DateTime) -> String {
    civil.strftime("%Y-%m-%dT%H:%M").to_string()
}

/// The day it is at `now` on the clock of `zone`.
pub fn day_at(now: Timestamp, zone: &str) -> String {
    now.to_jiff().to_zoned(sekisho_web::zone_of(zone)).date().to_string()
}

/// When `day` begins in `zone`.
pub fn start_of_day(day: &str, zone: &str) -> Option<Timestamp> {
    let day: jiff::civil::Date = day.parse().ok()?;
    Some(day.to_zoned(sekisho_web::zone_of(zone)).ok()?.timestamp().into())
}

/// When the day after `day` begins in `zone`.
pub fn end_of_day(day: &str, zone: &str) -> Option<Timestamp> {
    let day: jiff::civil::Date = day.parse().ok()?;
    Some(day.tomorrow().ok()?.to_zoned(sekisho_web::zone_of(zone)).ok()?.timestamp().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_that_jump_cost_nobody_an_hour() {
        let zone = TimeZone::get("America/New_York").unwrap();
        let at = |starts, ends| Occurrence::read(starts, ends, &zone, Timestamp::EPOCH).unwrap();
        // 2027-03-14: 02:00 is 03:00.
        assert_eq!(at("2027-03-14T02:30", "2027-03-14T04:00").starts_at.rfc3339(), "2027-03-14T07:30:00Z");
        // 2027-11-07: 01:00 to 02:00 comes twice.
        let long = at("2027-11-07T01:30", "2027-11-07T01:45");
        assert_eq!(long.ends_at.since(long.starts_at).as_secs(), 75 * 60);
        assert_eq!(long.day(), "2027-11-07");
        assert_eq!(end_of_day("2027-11-06", "America/New_York").unwrap().rfc3339(), "2027-11-07T04:00:00Z");
    }

    #[test]
    fn times_that_make_no_sense_are_told_apart() {
        let zone = TimeZone::UTC;
        let now = Timestamp::from_secs(1_800_000_000);
        let bad = |starts, ends| Occurrence::read(starts, ends, &zone, now).unwrap_err();
        assert_eq!(bad("soon", "2027-03-01T10:00"), BadTime::Unreadable);
        assert_eq!(bad("2027-03-01T10:00", "2027-03-01T10:00"), BadTime::Backwards);
        assert_eq!(bad("2020-03-01T10:00", "2020-03-01T11:00"), BadTime::Past);
        assert_eq!(bad("2027-03-01T10:00", "2027-05-01T11:00"), BadTime::TooLong);
    }
}
