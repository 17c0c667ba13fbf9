//! When a key is due back after it was taken, on the wall clock of its box. Pure rules.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};
use sekisho_kernel::Timestamp;
use serde::{Deserialize, Serialize};

/// When a key is due.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "rule")]
pub enum DueRule {
    /// Whenever.
    #[default]
    Never,
    /// So many minutes after it was taken.
    After {
        /// How many.
        minutes: u32,
    },
    /// At a time of day, so many days after the day it was taken; if that is past already, one day later.
    At {
        /// Hour, 0 to 23.
        hour: u8,
        /// Minute.
        minute: u8,
        /// 0 is the same day.
        days: u8,
    },
}

/// When a key taken at `taken` is due, in the box's `zone`. A booking's end, when there is one, comes first of all.
pub fn due(
    rule: DueRule,
    taken: Timestamp,
    zone: &TimeZone,
    booked_until: Option<Timestamp>,
) -> Option<Timestamp> {
    if booked_until.is_some() {
        return booked_until;
    }
    match rule {
        DueRule::Never => None,
        DueRule::After { minutes } => {
            Some(taken.plus(std::time::Duration::from_secs(u64::from(minutes) * 60)))
        }
        DueRule::At { hour, minute, days } => {
            let taken_here = taken.to_jiff().to_zoned(zone.clone());
            let time = Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0).ok()?;
            let on = |days: Span| -> Option<Timestamp> {
                // A time that the clock skips becomes the moment after the gap, one that it shows twice the first.
                let civil = taken_here.date().checked_add(days).ok()?.to_datetime(time);
                Some(zone.to_ambiguous_zoned(civil).compatible().ok()?.timestamp().into())
            };
            let first = on(i64::from(days).days())?;
            if first > taken { Some(first) } else { on((i64::from(days) + 1).days()) }
        }
    }
}

/// How a loan stands against its due time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lateness {
    /// Not due yet, or never.
    InTime,
    /// Due within the hour.
    Soon,
    /// Late.
    Late,
}

/// How long before the due time the holder is reminded.
pub const REMIND_BEFORE: std::time::Duration = std::time::Duration::from_secs(30 * 60);

/// How a loan due at `due` stands at `now`.
pub fn lateness(due: Option<Timestamp>, now: Timestamp) -> Lateness {
    match due {
        Some(due) if due <= now => Lateness::Late,
        Some(due) if due.minus(REMIND_BEFORE) <= now => Lateness::Soon,
        _ => Lateness::InTime,
    }
}

/// The steps at which lateness is told: at once to the holder, after 15 minutes and 1 hour also to those who manage the
/// key, then once a day. `told` counts the steps that were told.
pub fn next_telling(due: Timestamp, told: i64) -> Timestamp {
    let after = match told {
        i64::MIN..=0 => 0,
        1 => 15 * 60,
        2 => 3600,
        more => (more.unsigned_abs() - 2).saturating_mul(86_400),
    };
    due.plus(std::time::Duration::from_secs(after))
}

/// Whether the step `told` goes to the managers of the key too.
pub fn reaches_managers(told: i64) -> bool {
    told >= 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse::<jiff::Timestamp>().unwrap().into()
    }

    #[test]
    fn due_on_the_clock_of_the_box() {
        let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
        let new_york = TimeZone::get("America/New_York").unwrap();
        let evening = DueRule::At { hour: 18, minute: 0, days: 0 };
        let night = DueRule::At { hour: 2, minute: 30, days: 1 };
        let cases = [
            (DueRule::Never, &tokyo, "2026-11-22T00:00:00Z", None),
            (DueRule::After { minutes: 90 }, &tokyo, "2026-11-22T00:00:00Z", Some("2026-11-22T01:30:00Z")),
            // 09:00 in Tokyo, due 18:00 there
            (evening, &tokyo, "2026-11-22T00:00:00Z", Some("2026-11-22T09:00:00Z")),
            // 19:00 in Tokyo: the next day's 18:00
            (evening, &tokyo, "2026-11-22T10:00:00Z", Some("2026-11-23T09:00:00Z")),
            // exactly then is past
            (evening, &tokyo, "2026-11-22T09:00:00Z", Some("2026-11-23T09:00:00Z")),
            // 02:30 does not exist on 8 March 2026 in New York: 03:30 EDT
            (night, &new_york, "2026-03-07T15:00:00Z", Some("2026-03-08T07:30:00Z")),
            // 01:30 happens twice on 1 November 2026: the first
            (
                DueRule::At { hour: 1, minute: 30, days: 1 },
                &new_york,
                "2026-10-31T15:00:00Z",
                Some("2026-11-01T05:30:00Z"),
            ),
            // the day the clock goes back is 25 hours long: 18:00 is 18:00
            (evening, &new_york, "2026-11-01T12:00:00Z", Some("2026-11-01T23:00:00Z")),
        ];
        for (rule, zone, taken, want) in cases {
            assert_eq!(due(rule, at(taken), zone, None), want.map(at), "{rule:?} taken {taken}");
        }
    }

    #[test]
    fn a_booking_ends_when_it_ends() {
        let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
        let end = at("2026-11-22T03:00:00Z");
        assert_eq!(
            due(DueRule::After { minutes: 5 }, at("2026-11-22T00:00:00Z"), &tokyo, Some(end)),
            Some(end)
        );
    }

    #[test]
    fn reminds_then_climbs() {
        let noon = at("2026-11-22T12:00:00Z");
        assert_eq!(lateness(None, noon), Lateness::InTime);
        assert_eq!(lateness(Some(at("2026-11-22T13:00:00Z")), noon), Lateness::InTime);
        assert_eq!(lateness(Some(at("2026-11-22T12:30:00Z")), noon), Lateness::Soon);
        assert_eq!(lateness(Some(noon), noon), Lateness::Late);
        let steps: Vec<_> = (0..5).map(|told| next_telling(noon, told).rfc3339()).collect();
        assert_eq!(
            steps,
            [
                "2026-11-22T12:00:00Z",
                "2026-11-22T12:15:00Z",
                "2026-11-22T13:00:00Z",
                "2026-11-23T12:00:00Z",
                "2026-11-24T12:00:00Z"
            ]
        );
        assert!(!reaches_managers(0) && reaches_managers(1));
    }
}
