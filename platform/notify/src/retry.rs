//! When a failed delivery is tried again, and when a destination is left alone for a while.

use std::collections::HashMap;
use std::time::Duration;

use sekisho_kernel::Timestamp;

use crate::Lane;

/// Tries after which a delivery is dead until a person sends it again.
pub const MOST_ATTEMPTS: i64 = 12;
/// The longest wait a far side may ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);
/// Failures in a row after which a destination rests.
const FAILURES: u32 = 5;
/// How long it rests.
const REST: Duration = Duration::from_secs(30);

/// The wait before the try that follows number `attempt` (from 1), as the far side asked or growing by itself.
pub fn wait(lane: Lane, attempt: i64, asked: Option<Duration>) -> Duration {
    let first: u64 = match lane {
        Lane::LifeSafety => 2,
        Lane::Operational => 5,
        Lane::Bulk | Lane::Digest => 30,
    };
    let own = Duration::from_secs(first.saturating_mul(1 << attempt.clamp(1, 11).saturating_sub(1)));
    asked.unwrap_or_default().max(own).min(LONGEST_WAIT)
}

/// Reads `Retry-After` (RFC 9110, 10.2.3): seconds or a date.
pub fn retry_after(header: &str, now: Timestamp) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse::<u64>() {
        return Some(Duration::from_secs(seconds).min(LONGEST_WAIT));
    }
    let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(header).ok()?;
    Some(Timestamp::from(date).since(now).min(LONGEST_WAIT))
}

/// Reads `RateLimit-Reset` and `X-RateLimit-Reset`: seconds from now, or, where the number is too large for that, the
/// second of the Unix clock.
pub fn limit_ends(header: &str, now: Timestamp) -> Option<Duration> {
    let number: i64 = header.trim().parse().ok()?;
    if number > 1_000_000_000 {
        return Some(Timestamp::from_secs(number).since(now).min(LONGEST_WAIT));
    }
    Some(Duration::from_secs(u64::try_from(number).ok()?).min(LONGEST_WAIT))
}

/// Leaves destinations alone that fail again and again, so that their queue does not eat the others' time. It lives in
/// memory: forgetting it costs a few tries.
#[derive(Debug, Default)]
pub struct Breaker {
    failing: HashMap<String, (u32, Timestamp)>,
}

impl Breaker {
    /// When `destination` may be tried: `None` when now.
    pub fn rests_until(&self, destination: &str, now: Timestamp) -> Option<Timestamp> {
        let (failures, until) = self.failing.get(destination)?;
        (*failures >= FAILURES && *until > now).then_some(*until)
    }

    /// Notes that `destination` took something.
    pub fn worked(&mut self, destination: &str) {
        self.failing.remove(destination);
    }

    /// Notes that `destination` failed or asked to be left alone for `asked`.
    pub fn failed(&mut self, destination: &str, now: Timestamp, asked: Option<Duration>) {
        let (failures, until) = self.failing.entry(destination.to_owned()).or_default();
        *failures = failures.saturating_add(1);
        *until = now.plus(REST);
        if let Some(asked) = asked {
            *failures = FAILURES.max(*failures);
            *until = now.plus(asked.min(LONGEST_WAIT));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Breaker, LONGEST_WAIT, limit_ends, retry_after, wait};
    use crate::Lane;
    use sekisho_kernel::Timestamp;
    use std::time::Duration;

    #[test]
    fn waits_grow_and_respect_the_far_side() {
        assert_eq!(wait(Lane::LifeSafety, 1, None), Duration::from_secs(2));
        assert_eq!(wait(Lane::Operational, 1, None), Duration::from_secs(5));
        assert_eq!(wait(Lane::Operational, 4, None), Duration::from_secs(40));
        assert_eq!(wait(Lane::Operational, 1, Some(Duration::from_secs(120))), Duration::from_secs(120));
        assert_eq!(wait(Lane::Operational, 5, Some(Duration::from_secs(1))), Duration::from_secs(80));
        assert_eq!(wait(Lane::Digest, i64::MAX, None), LONGEST_WAIT);
        assert_eq!(wait(Lane::Digest, i64::MIN, None), Duration::from_secs(30));
    }

    #[test]
    fn reads_retry_after() {
        let now: Timestamp = "2026-11-22T03:00:00Z".parse::<jiff::Timestamp>().unwrap().into();
        for (header, want) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("99999999", Some(3600)),
            ("Sun, 22 Nov 2026 03:01:00 GMT", Some(60)),
            ("Sun, 22 Nov 2026 02:00:00 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
            ("", None),
        ] {
            assert_eq!(retry_after(header, now), want.map(Duration::from_secs), "{header}");
        }
    }

    #[test]
    fn reads_the_end_of_a_limit() {
        let now = Timestamp::from_secs(1_795_000_000);
        for (header, want) in [
            ("42", Some(42)),
            ("1795000090", Some(90)),
            ("1794999000", Some(0)),
            ("1999999999", Some(3600)),
            ("-1", None),
            ("soon", None),
        ] {
            assert_eq!(limit_ends(header, now), want.map(Duration::from_secs), "{header}");
        }
    }

    #[test]
    fn a_destination_rests_after_failing_in_a_row() {
        let mut breaker = Breaker::default();
        let now = Timestamp::from_secs(1000);
        for _ in 0..4 {
            breaker.failed("host", now, None);
        }
        assert_eq!(breaker.rests_until("host", now), None);
        breaker.failed("host", now, None);
        assert!(breaker.rests_until("host", now).is_some());
        assert_eq!(breaker.rests_until("other", now), None);
        assert_eq!(breaker.rests_until("host", now.plus(Duration::from_secs(31))), None);
        breaker.worked("host");
        assert_eq!(breaker.rests_until("host", now), None);
        breaker.failed("host", now, Some(Duration::from_secs(7)));
        assert_eq!(breaker.rests_until("host", now), Some(now.plus(Duration::from_secs(7))));
    }
}
