//! Sessions and one-time proofs: their lives and limits, as plain rules.

use std::time::Duration;

use sekisho_kernel::Timestamp;
use serde::{Deserialize, Serialize};

/// A session nobody used for so long has ended.
pub const IDLE: Duration = Duration::from_secs(12 * 3600);
/// No session lives longer, used or not.
pub const LIFE: Duration = Duration::from_secs(7 * 24 * 3600);
/// A sign-in that stopped half way is forgotten after so long.
pub const HALF_WAY: Duration = Duration::from_secs(15 * 60);
/// The last use is written down no more often than this: a page should not cost a write.
pub const SEEN_EVERY: Duration = Duration::from_secs(5 * 60);
/// A proof of who one is counts as fresh for so long; dangerous acts want a fresh one.
pub const FRESH: Duration = Duration::from_secs(5 * 60);
/// Wrong passwords (or PINs) in a row that lock.
pub const MOST_WRONG: i64 = 3;
/// Wrong second factors in a row that lock.
pub const MOST_WRONG_CODES: i64 = 5;
/// A one-time code lives so long.
pub const CODE_LIFE: Duration = Duration::from_secs(5 * 60);
/// Codes sent to one person within [`CODE_WINDOW`], so that nobody's telephone is flooded.
pub const MOST_CODES: u64 = 5;
/// See [`MOST_CODES`].
pub const CODE_WINDOW: Duration = Duration::from_secs(15 * 60);
/// A one-time URL lives so long.
pub const LINK_LIFE: Duration = Duration::from_secs(24 * 3600);
/// Failures from one address within [`THROTTLE_WINDOW`] before it has to wait. A whole office can share an address, and on
/// a Monday morning some of it mistypes; accounts are guarded by their own count.
pub const MOST_FAILURES: i64 = 50;
/// See [`MOST_FAILURES`].
pub const THROTTLE_WINDOW: Duration = Duration::from_secs(10 * 60);
/// Recovery codes made at once.
pub const RECOVERY_CODES: usize = 10;

/// How far a sign-in has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The password was right; the second factor is awaited. Opens nothing.
    SecondFactor,
    /// The password was just set by an invitation. Like [`Stage::SecondFactor`], and for as short a time, but an
    /// authenticator app may be enrolled instead of a code being sent: the one-time URL is the proof.
    Invited,
    /// Signed in.
    Open,
}

/// What a one-time URL does.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkPurpose {
    /// Sets the first password.
    Invitation,
    /// Sets a new password.
    Reset,
    /// Unlocks an account.
    Unlock,
}

/// What decides whether a session still holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Life {
    /// How far it has come.
    pub stage: Stage,
    /// When it was made.
    pub created_at: Timestamp,
    /// Last use.
    pub seen_at: Timestamp,
    /// When it was ended.
    pub ended_at: Option<Timestamp>,
    /// The person's stamp when it was made.
    pub stamp: i64,
}

impl Life {
    /// Whether the session holds at `now` for a person whose stamp is `stamp`.
    pub fn holds(&self, now: Timestamp, stamp: i64) -> bool {
        let (idle, whole) = match self.stage {
            Stage::SecondFactor | Stage::Invited => (HALF_WAY, HALF_WAY),
            Stage::Open => (IDLE, LIFE),
        };
        self.ended_at.is_none()
            && self.stamp == stamp
            && now.since(self.created_at) < whole
            && now.since(self.seen_at) < idle
    }
}

/// Where to go after sign-in: a path of ours, or nothing. What a browser would read as another host is refused.
pub fn safe_next(next: &str) -> Option<&str> {
    let fine = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains(|c: char| c == '\\' || c.is_control() || c.is_whitespace())
        && next.len() <= 500
        && !next.starts_with("/sign-");
    fine.then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_when_idle_old_ended_or_stamped() {
        let at = |secs: u64| Timestamp::EPOCH.plus(Duration::from_secs(secs));
        let hour = 3600;
        let life = Life { stage: Stage::Open, created_at: at(0), seen_at: at(0), ended_at: None, stamp: 1 };
        for (what, life, now, stamp, holds) in [
            ("new", life, at(1), 1, true),
            ("idle", life, at(12 * hour), 1, false),
            ("used", Life { seen_at: at(11 * hour), ..life }, at(12 * hour), 1, true),
            ("old", Life { seen_at: at(168 * hour), ..life }, at(168 * hour), 1, false),
            ("ended", Life { ended_at: Some(at(1)), ..life }, at(1), 1, false),
            ("stamped", life, at(1), 2, false),
            ("half way", Life { stage: Stage::SecondFactor, ..life }, at(899), 1, true),
            ("invited, late", Life { stage: Stage::Invited, ..life }, at(900), 1, false),
            (
                "half way, late",
                Life { stage: Stage::SecondFactor, seen_at: at(899), ..life },
                at(900),
                1,
                false,
            ),
        ] {
            assert_eq!(life.holds(now, stamp), holds, "{what}");
        }
    }

    #[test]
    fn goes_on_only_within_our_pages() {
        for (next, fine) in [
            ("/me", true),
            ("/people?q=a", true),
            ("//evil.example", false),
            ("/\\evil.example", false),
            ("https://evil.example", false),
            ("/\tx", false),
            ("/sign-out", false),
            ("", false),
        ] {
            assert_eq!(safe_next(next).is_some(), fine, "{next}");
        }
    }
}
