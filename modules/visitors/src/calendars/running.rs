//! A repeated event that began before anybody told us: what of it is still to come. Pure.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan as _};

use super::invitation::Event;
use crate::repeat::{End, Rule};

/// So many years back a series may have begun.
const LONGEST: i32 = 20;

/// The same rule from the first time on that is not over, and that time. None: nothing of it is to come, or it began too
/// long ago.
pub(super) fn still_to_come(
    rule: &Rule,
    starts: DateTime,
    lasts: SignedDuration,
    now: DateTime,
) -> Option<(Rule, DateTime)> {
    let is_over = |at: DateTime| at.checked_add(lasts).map_or(true, |ends| ends <= now);
    if !is_over(starts) {
        return Some((rule.clone(), starts));
    }
    if starts.date().checked_add(LONGEST.years()).ok()? < now.date() {
        return None;
    }
    let last = now.date().checked_add(1.year()).ok()?;
    let mut before = 0_u16;
    for day in rule.days_between(starts.date(), last) {
        let at = day.to_datetime(starts.time());
        match rule.end {
            End::Count(count) if before >= count => return None,
            End::Until(until) if at > until => return None,
            _ => {}
        }
        if !is_over(at) {
            let end = match rule.end {
                End::Count(count) => End::Count(count - before),
                end => end,
            };
            return Some((Rule { end, ..rule.clone() }, at));
        }
        before = before.checked_add(1)?;
    }
    None
}

/// Whether an event is over, whatever else there is to say of it: one that repeats since a day, for it may do so on another clock.
pub(super) fn is_over(event: &Event, zone: &TimeZone, now: DateTime) -> bool {
    let (Some(starts), Some(ends)) = (event.starts.on_clock(zone), event.ends.on_clock(zone)) else {
        return false;
    };
    let yesterday = now.saturating_sub(1.day());
    match &event.rule {
        // It has more times, of which nobody here knows.
        _ if event.odd_rule => false,
        None => ends <= now,
        Some(rule) => match Rule::read(rule, zone) {
            Ok(rule) => still_to_come(&rule, starts, ends.duration_since(starts), yesterday).is_none(),
            Err(_) => last_day(rule).is_some_and(|until| until < yesterday.date()) && ends < yesterday,
        },
    }
}

/// The day until which a rule goes that is none of ours.
fn last_day(rule: &str) -> Option<Date> {
    let until = rule.split(';').find_map(|part| part.trim().strip_prefix("UNTIL="))?;
    Date::strptime("%Y%m%d", until.get(..8)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(rule: &str, starts: &str, now: &str) -> Option<(String, String)> {
        let rule = Rule::read(rule, &TimeZone::UTC).unwrap();
        let lasts = SignedDuration::from_hours(1);
        let (rule, at) = still_to_come(&rule, starts.parse().unwrap(), lasts, now.parse().unwrap())?;
        Some((rule.to_string(), at.to_string()))
    }

    #[test]
    fn what_began_long_ago_goes_on_as_it_would() {
        let some = |rule: &str, at: &str| Some((rule.to_owned(), at.to_owned()));
        for (rule, starts, now, wanted) in [
            (
                "FREQ=WEEKLY;COUNT=4",
                "2026-12-01T10:00",
                "2026-11-22T09:00",
                some("FREQ=WEEKLY;COUNT=4", "2026-12-01T10:00:00"),
            ),
            (
                "FREQ=WEEKLY;COUNT=4",
                "2026-11-03T10:00",
                "2026-11-22T09:00",
                some("FREQ=WEEKLY;COUNT=1", "2026-11-24T10:00:00"),
            ),
            // It is under way.
            ("FREQ=DAILY", "2025-11-22T10:00", "2026-11-22T10:30", some("FREQ=DAILY", "2026-11-22T10:00:00")),
            // Every second week stays every second week.
            (
                "FREQ=WEEKLY;INTERVAL=2",
                "2024-01-02T10:00",
                "2026-11-22T09:00",
                some("FREQ=WEEKLY;INTERVAL=2", "2026-12-01T10:00:00"),
            ),
            ("FREQ=WEEKLY;COUNT=4", "2026-10-06T10:00", "2026-11-22T09:00", None),
            ("FREQ=DAILY;UNTIL=20261121", "2026-10-06T10:00", "2026-11-22T09:00", None),
            ("FREQ=DAILY", "1990-10-06T10:00", "2026-11-22T09:00", None),
        ] {
            assert_eq!(rest(rule, starts, now), wanted, "{rule} {starts}");
        }
    }
}
