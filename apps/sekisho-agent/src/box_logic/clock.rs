//! What time it is for a box whose own clock may be wrong: the server sets it, and no signed order lets it fall back
//! behind the latest time such an order has proved.

use sekisho_kernel::Timestamp;

/// A difference to the server smaller than this is the network, not the clock.
const TOLERANCE_MICROS: i64 = 2_000_000;

/// The box's clock.
#[derive(Debug, Default)]
pub(super) struct Clock {
    /// Added to what the device's clock shows.
    offset_micros: i64,
    floor: Timestamp,
    trusted: bool,
}

impl Clock {
    /// The time, never before the floor.
    pub(super) fn read(&self, wall: Timestamp) -> Timestamp {
        shifted(wall, self.offset_micros).max(self.floor)
    }

    /// What the device's clock shows at `at`.
    pub(super) fn to_wall(&self, at: Timestamp) -> Timestamp {
        shifted(at, self.offset_micros.saturating_neg())
    }

    /// Takes over the server's time. How far that moved ours, when it is worth telling.
    pub(super) fn set(&mut self, server: Timestamp, wall: Timestamp) -> Option<i64> {
        let before = self.read(wall);
        let by = server.as_micros().saturating_sub(before.as_micros());
        let first = !std::mem::replace(&mut self.trusted, true);
        if by.abs() < TOLERANCE_MICROS {
            return None;
        }
        self.offset_micros = server.as_micros().saturating_sub(wall.as_micros());
        tracing::info!(by_micros = by, first, "the clock was set");
        Some(by)
    }

    /// A signed order proves that it is at least `at`. True when that is news worth remembering.
    pub(super) fn raise_floor(&mut self, at: Timestamp) -> bool {
        let news = at > self.floor;
        self.floor = self.floor.max(at);
        news
    }

    /// Whether a server has set it since the start.
    pub(super) fn trusted(&self) -> bool {
        self.trusted
    }
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
        assert_eq!(clock.read(Timestamp::from_secs(101)), Timestamp::from_secs(1_001));
        assert_eq!(clock.to_wall(Timestamp::from_secs(1_001)), Timestamp::from_secs(101));
        assert!(clock.raise_floor(Timestamp::from_secs(1_005)));
        // the battery of the clock falls out
        assert_eq!(clock.read(Timestamp::from_secs(3)), Timestamp::from_secs(1_005));
        assert!(!clock.raise_floor(Timestamp::from_secs(1_004)));
        assert_eq!(clock.set(Timestamp::from_secs(1_006), Timestamp::from_secs(4)), None);
    }
}
