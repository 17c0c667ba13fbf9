//! A device and its standing: plain rules, time passed in.

use std::time::Duration;

use sekisho_kernel::{DeviceId, FieldError, SiteId, TenantId, Timestamp};
use sekisho_storage::column_words;
use sekisho_wire::{GENESIS, Heartbeat};
use serde::{Deserialize, Serialize};

use crate::DeviceError;

column_words!(/// What a device is.
DeviceKind {
    /// A key cabinet with bins and a panel.
    Smartbox = "smartbox",
    /// A lock, reader or controller of doors.
    Door = "door",
    /// An agent in a private network.
    Agent = "agent",
});

/// The kind named by a form or body; an agent when it names none, for an agent has the fewest powers.
pub(crate) fn word_or_agent(word: &str) -> DeviceKind {
    DeviceKind::from_word(word).unwrap_or(DeviceKind::Agent)
}

column_words!(/// Where a device stands with us.
Standing {
    /// Made known; has no certificate yet.
    Waiting = "waiting",
    /// Has a certificate and may connect.
    Enrolled = "enrolled",
    /// May not connect any more.
    Revoked = "revoked",
});

/// What people ask first about a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeviceState {
    /// Waits to be enrolled.
    Waiting,
    /// Connected.
    Online,
    /// Connected, but the connection keeps breaking.
    Flaky,
    /// Not connected.
    Offline,
    /// Shut out.
    Revoked,
}

impl DeviceState {
    /// The word in the API and in texts.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Online => "online",
            Self::Flaky => "flaky",
            Self::Offline => "offline",
            Self::Revoked => "revoked",
        }
    }
}

/// A device as others see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Device {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub id: DeviceId,
    /// What it is.
    pub kind: DeviceKind,
    /// What people call it.
    pub name: String,
    /// Where it stands, when that is known.
    pub site: Option<SiteId>,
    /// Whether it may connect.
    pub standing: Standing,
    /// Whether it is connected now.
    pub online: bool,
    /// Whether its connection keeps breaking.
    pub flaky: bool,
    /// Last heard.
    pub last_seen: Option<Timestamp>,
    /// Its last report.
    pub report: Option<Heartbeat>,
    /// Until when its certificate is good.
    pub certificate_until: Option<Timestamp>,
    /// The version of `cfg/box` meant for it; zero when there is none.
    pub config_version: u64,
}

impl Device {
    /// What people ask first.
    pub fn state(&self) -> DeviceState {
        match (self.standing, self.online, self.flaky) {
            (Standing::Waiting, ..) => DeviceState::Waiting,
            (Standing::Revoked, ..) => DeviceState::Revoked,
            (Standing::Enrolled, false, _) => DeviceState::Offline,
            (Standing::Enrolled, true, true) => DeviceState::Flaky,
            (Standing::Enrolled, true, false) => DeviceState::Online,
        }
    }
}

/// A device to be made known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDevice {
    /// What it is.
    pub kind: DeviceKind,
    /// What people call it.
    pub name: String,
    /// Where it stands.
    pub site: Option<SiteId>,
}

impl NewDevice {
    /// The longest name, in characters.
    pub const LONGEST_NAME: usize = 80;

    /// The same with the name trimmed, or what is wrong with it.
    pub fn checked(self) -> Result<Self, DeviceError> {
        let name = self.name.trim().to_owned();
        let text = match name.chars().count() {
            0 => "devices-error-name-missing",
            1..=Self::LONGEST_NAME => return Ok(Self { name, ..self }),
            _ => "devices-error-name-long",
        };
        Err(DeviceError::Invalid(vec![FieldError { field: "name", text }]))
    }
}

/// How an event joins the journal we hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Joint {
    /// It follows.
    Next,
    /// Its number was stored before; whether it is the same event is seen by its hash.
    Before,
    /// Something is missing or was changed between.
    Broken,
}

/// How event `seq`, naming `prev`, joins a journal whose last event was `last_seq` with hash `last_hash`.
pub(crate) fn joint(last_seq: u64, last_hash: &[u8], seq: u64, prev: &[u8; 32]) -> Joint {
    let due_prev: &[u8] = if last_seq == 0 { &GENESIS } else { last_hash };
    if seq <= last_seq {
        Joint::Before
    } else if seq == last_seq.saturating_add(1) && prev.as_slice() == due_prev {
        Joint::Next
    } else {
        Joint::Broken
    }
}

/// The window in which broken connections are counted.
pub(crate) const FLAKY_WINDOW: Duration = Duration::from_secs(600);
/// So many broken connections in the window make a device flaky.
pub(crate) const FLAKY_DROPS: i64 = 4;
/// A silence shorter than this is a hiccup and is not told.
pub(crate) const HICCUP: Duration = Duration::from_secs(30);

/// The count of broken connections and the start of its window after one more.
pub(crate) fn count_drop(drops: i64, since: Timestamp, now: Timestamp) -> (i64, Timestamp) {
    if now.since(since) > FLAKY_WINDOW { (1, now) } else { (drops.saturating_add(1), since) }
}

#[cfg(test)]
mod tests {
    use super::{FLAKY_DROPS, FLAKY_WINDOW, Joint, count_drop, joint};
    use sekisho_kernel::Timestamp;
    use std::time::Duration;

    #[test]
    fn events_join() {
        let (a, b) = ([1_u8; 32], [2_u8; 32]);
        for (last, hash, seq, prev, want) in [
            (0, &[][..], 1, [0; 32], Joint::Next),
            (0, &[][..], 1, a, Joint::Broken),
            (0, &[][..], 2, [0; 32], Joint::Broken),
            (5, &a[..], 6, a, Joint::Next),
            (5, &a[..], 6, b, Joint::Broken),
            (5, &a[..], 8, a, Joint::Broken),
            (5, &a[..], 5, b, Joint::Before),
            (5, &a[..], 1, b, Joint::Before),
            (u64::MAX, &a[..], u64::MAX, a, Joint::Before),
        ] {
            assert_eq!(joint(last, hash, seq, &prev), want, "{last} then {seq}");
        }
    }

    #[test]
    fn drops_are_counted_within_a_window() {
        let start = Timestamp::from_secs(1_000_000);
        let (mut drops, mut since) = (0, start);
        for minute in 0..FLAKY_DROPS.unsigned_abs() {
            (drops, since) = count_drop(drops, since, start.plus(Duration::from_secs(60 * minute)));
        }
        assert_eq!((drops, since), (FLAKY_DROPS, start));
        let later = start.plus(FLAKY_WINDOW).plus(Duration::from_secs(1));
        assert_eq!(count_drop(drops, since, later), (1, later));
    }
}
