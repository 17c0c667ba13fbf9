//! What a rollout is and how it goes on: stages, thresholds, and how far a device is. Plain rules; no database.

use sekisho_storage::column_words;
use sekisho_wire::UpdateStep;

column_words!(
    /// How far a device is with a rollout.
    #[derive(PartialOrd, Ord)]
    Progress {
        /// Its stage has not begun.
        Waiting = "waiting",
        /// It was ordered to update.
        Offered = "offered",
        /// It loads the image.
        Downloading = "downloading",
        /// The image is on its disk, and is what the signers vouch for.
        Verified = "verified",
        /// It starts into the image next.
        Installed = "installed",
        /// The image runs and tests itself.
        Booted = "booted",
        /// It did not answer in its time, or could not be told.
        Failed = "failed",
        /// It would not take the image.
        Refused = "refused",
        /// It went back to what ran before.
        Reverted = "reverted",
        /// The image stays.
        Good = "good",
    }
);

impl Progress {
    /// Whether the device is on its way.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Offered | Self::Downloading | Self::Verified | Self::Installed | Self::Booted)
    }

    /// Whether it counts as an error.
    pub const fn is_error(self) -> bool {
        matches!(self, Self::Failed | Self::Refused | Self::Reverted)
    }

    /// Whether it may become `next`. The device's own late word overrules our guess that it failed; nothing overrules the
    /// device's last word.
    pub fn may_become(self, next: Self) -> bool {
        match self {
            Self::Good | Self::Refused | Self::Reverted => false,
            Self::Failed => matches!(next, Self::Good | Self::Reverted),
            _ => next > self,
        }
    }

    /// What a device's word means.
    pub(crate) const fn told(step: UpdateStep) -> Option<Self> {
        match step {
            UpdateStep::Unknown => None,
            UpdateStep::Downloading => Some(Self::Downloading),
            UpdateStep::Verified => Some(Self::Verified),
            UpdateStep::Installed => Some(Self::Installed),
            UpdateStep::Booted => Some(Self::Booted),
            UpdateStep::Good => Some(Self::Good),
            UpdateStep::Reverted => Some(Self::Reverted),
            UpdateStep::Refused => Some(Self::Refused),
        }
    }
}

column_words!(
    /// Where a rollout stands.
    RolloutState {
        /// It goes on.
        Running = "running",
        /// Somebody paused it.
        Paused = "paused",
        /// Somebody stopped it.
        Stopped = "stopped",
        /// It stopped by itself.
        Halted = "halted",
        /// Every device has come to an end.
        Finished = "finished",
    }
);

impl RolloutState {
    /// Whether it may still go on.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Running | Self::Paused)
    }
}

/// Up to how many of all devices a stage reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// So many percent.
    Percent(u64),
    /// So many devices.
    Count(u64),
}

/// Reads stages as people write them: `1, 10%, 100%`. Each says how many of all devices have been reached when it ends.
pub fn read_stages(text: &str) -> Option<Vec<Reach>> {
    let read = |word: &str| {
        let word = word.trim();
        match word.strip_suffix(['%', '％']) {
            Some(percent) => {
                percent.trim().parse().ok().filter(|one| (1..=100).contains(one)).map(Reach::Percent)
            }
            None => word.parse().ok().filter(|count| *count > 0).map(Reach::Count),
        }
    };
    let stages: Option<Vec<Reach>> =
        text.split([',', '、', ' ']).filter(|one| !one.is_empty()).map(read).collect();
    stages.filter(|stages| (1..=20).contains(&stages.len()))
}

/// Cuts `total` devices into stages. What the stages do not reach becomes the last one; a stage that reaches nobody new is
/// left out.
pub fn cut(total: u64, stages: &[Reach]) -> Vec<u64> {
    let (mut sizes, mut reached) = (Vec::new(), 0);
    for reach in stages.iter().copied().chain([Reach::Percent(100)]) {
        let up_to = match reach {
            Reach::Percent(percent) => (total.saturating_mul(percent)).div_ceil(100),
            Reach::Count(count) => count,
        };
        let up_to = up_to.min(total);
        if up_to > reached {
            sizes.push(up_to - reached);
            reached = up_to;
        }
    }
    sizes
}

/// How a stage stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All its devices.
    pub total: u64,
    /// Those that are good.
    pub good: u64,
    /// Those that failed, refused or went back.
    pub errors: u64,
}

/// What follows from how the present stage stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Wait for more devices.
    Wait,
    /// Too many errors: stop everything.
    Halt,
    /// The next stage begins.
    Next,
    /// There is no next stage, and nobody is on the way.
    Finish,
}

/// Judges the present stage. `success` and `errors` are percent of its devices.
pub fn judge(stage: Tally, success: u64, errors: u64, is_last: bool) -> Verdict {
    let share = |count: u64, percent: u64| count.saturating_mul(100) > percent.saturating_mul(stage.total);
    let ended = stage.good + stage.errors >= stage.total;
    if share(stage.errors, errors) {
        Verdict::Halt
    } else if is_last {
        if ended { Verdict::Finish } else { Verdict::Wait }
    } else if stage.good.saturating_mul(100) >= success.saturating_mul(stage.total) {
        Verdict::Next
    } else if ended {
        // Too few are good, and nobody is on the way who could change that.
        Verdict::Halt
    } else {
        Verdict::Wait
    }
}

#[cfg(test)]
mod tests {
    use super::{Progress, Reach, Tally, Verdict, cut, judge, read_stages};

    #[test]
    fn stages_are_read_as_people_write_them() {
        use Reach::{Count, Percent};
        assert_eq!(read_stages("1, 10%, 100%"), Some(vec![Count(1), Percent(10), Percent(100)]));
        assert_eq!(read_stages("5%"), Some(vec![Percent(5)]));
        assert_eq!(read_stages("5％、20％"), Some(vec![Percent(5), Percent(20)]));
        for wrong in ["", "0", "101%", "all", "-1", "5%%", &"1,".repeat(21)] {
            assert_eq!(read_stages(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_device_is_in_one_stage() {
        use Reach::{Count, Percent};
        assert_eq!(cut(1000, &[Percent(5), Percent(25)]), [50, 200, 750]);
        assert_eq!(cut(1000, &[Count(1), Percent(10), Percent(100)]), [1, 99, 900]);
        assert_eq!(cut(3, &[Percent(1), Percent(2), Percent(50)]), [1, 1, 1]);
        assert_eq!(cut(2, &[Count(10)]), [2]);
        assert_eq!(cut(0, &[Count(10)]), [0; 0]);
        for total in 0..200 {
            assert_eq!(cut(total, &[Count(3), Percent(7), Percent(60)]).iter().sum::<u64>(), total);
        }
    }

    #[test]
    fn errors_stop_and_success_goes_on() {
        let stage = |good, errors| Tally { total: 100, good, errors };
        for (tally, last, verdict) in [
            (stage(0, 0), false, Verdict::Wait),
            (stage(89, 5), false, Verdict::Wait),
            (stage(90, 5), false, Verdict::Next),
            (stage(94, 6), false, Verdict::Halt),
            (stage(10, 6), true, Verdict::Halt),
            (stage(95, 0), true, Verdict::Wait),
            (stage(95, 5), true, Verdict::Finish),
        ] {
            assert_eq!(judge(tally, 90, 5, last), verdict, "{tally:?}");
        }
        // Ninety of a hundred wanted, fifty allowed to fail: nobody is left who could make it ninety.
        assert_eq!(judge(stage(80, 20), 90, 50, false), Verdict::Halt);
        // With no error allowed, the first one stops.
        assert_eq!(judge(stage(0, 1), 100, 0, false), Verdict::Halt);
    }

    #[test]
    fn a_device_goes_forward_and_ends_once() {
        use Progress::{Booted, Downloading, Failed, Good, Offered, Refused, Reverted, Verified, Waiting};
        for (from, to, may) in [
            (Waiting, Offered, true),
            (Offered, Good, true),
            (Verified, Downloading, false),
            (Booted, Reverted, true),
            (Downloading, Refused, true),
            (Failed, Good, true),
            (Failed, Downloading, false),
            (Good, Reverted, false),
            (Reverted, Good, false),
        ] {
            assert_eq!(from.may_become(to), may, "{from:?} → {to:?}");
        }
        for state in Progress::ALL {
            assert!(!(state.is_open() && state.is_error()));
        }
    }
}
