//! What time it is for a box whose own clock may be wrong: the server sets it, no signed order lets it fall back behind
//! the latest time such an order has proved, and between two corrections it only goes forward: whatever the device's clock
//! does, a person's stay and an open door's alarm still run out.

use sekisho_kernel::Timestamp;

/// A difference to the server smaller than this is the network, not the clock.
const TOLERANCE_MICROS: i64 = 2_000_000;

/// The box's clock.
#[derive(Debug, Default)]
pub(super) struct Clock {
    /// Added to what the device's clock shows.
    offset_micros: i64,
    floor: Timestamp,
    /// The latest time that was read.
    latest: Timestamp,
    trusted: bool,
}

impl Clock {
    /// The time, never before one that was read already.
    pub(super) fn read(&self, wall: Timestamp) -> Timestamp {
        shifted(wall, self.offset_micros).max(self.latest)
    }

    /// The time of a new step. Where the device's clock fell back, ours goes on from where it was.
    pub(super) fn advance(&mut self, wall: Timestamp) -> Timestamp {
        let shown = shifted(wall, self.offset_micros);
        if shown < self.latest {
            self.push(micros_between(shown, self.latest));
        } else {
            self.latest = shown;
        }
        self.latest
    }

    fn push(&mut self, by_micros: i64) {
        self.offset_micros = self.offset_micros.saturating_add(by_micros);
    }

    /// What the device's clock shows at `at`.
    pub(super) fn to_wall(&self, at: Timestamp) -> Timestamp {
        shifted(at, self.offset_micros.saturating_neg())
    }

    /// Takes over the server's time. How far that moved ours, when it is worth telling.
    pub(super) fn set(&mut self, server: Timestamp, wall: Timestamp) -> Option<i64> {
        let server = server.max(self.floor);
        let by = micros_between(self.advance(wall), server);
        let first = !std::mem::replace(&mut self.trusted, true);
        if by.abs() < TOLERANCE_MICROS {
            return None;
        }
        self.offset_micros = micros_between(wall, server);
        self.latest = server;
        tracing::info!(by_micros = by, first, "the clock was set");
        Some(by)
    }

    /// A signed order proves that it is at least `at`. How far that moved the clock, when it is news worth remembering.
    pub(super) fn raise_floor(&mut self, at: Timestamp) -> Option<i64> {
        if at <= self.floor {
            return None;
        }
        self.floor = at;
        let by = micros_between(self.latest, at).max(0);
        self.push(by);
        self.latest = self.latest.max(at);
        Some(by)
    }

    /// Whether a server has set it since the start.
    pub(super) fn trusted(&self) -> bool {
        self.trusted
    }
}

fn micros_between(from: Timestamp, to: Timestamp) -> i64 {
    to.as_micros().saturating_sub(from.as_micros())
}

fn shifted(at: Timestamp, by_micros: i64) -> Timestamp {
    Timestamp::from_micros(at.as_micros().saturating_add(by_micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_server_and_never_falls_behind_an_order() {
        let mut clock = Clock::default();
        assert!(!clock.trusted());
        assert_eq!(clock.set(Timestamp::from_secs(1_000), Timestamp::from_secs(100)), Some(900_000_000));
        assert_eq!(clock.advance(Timestamp::from_secs(101)), Timestamp::from_secs(1_001));
        assert_eq!(clock.to_wall(Timestamp::from_secs(1_001)), Timestamp::from_secs(101));
        assert_eq!(clock.raise_floor(Timestamp::from_secs(1_005)), Some(4_000_000));
        // the battery of the clock falls out
        assert_eq!(clock.advance(Timestamp::from_secs(3)), Timestamp::from_secs(1_005));
        assert_eq!(clock.raise_floor(Timestamp::from_secs(1_004)), None);
        assert_eq!(clock.set(Timestamp::from_secs(1_006), Timestamp::from_secs(4)), None);
        // and time goes on all the same
        assert_eq!(clock.advance(Timestamp::from_secs(9)), Timestamp::from_secs(1_011));
        assert_eq!(clock.to_wall(Timestamp::from_secs(1_020)), Timestamp::from_secs(18));
        // a server whose own clock is behind its signed order does not pull ours behind it
        assert_eq!(clock.set(Timestamp::from_secs(900), Timestamp::from_secs(10)), Some(-7_000_000));
        assert_eq!(clock.read(Timestamp::from_secs(10)), Timestamp::from_secs(1_005));
    }
}
