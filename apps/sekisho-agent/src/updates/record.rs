//! The boot record: what starts next, how often it may still be tried, and what is still to be told. Plain rules; whoever
//! changes it writes it to the disk before anything else happens.

use sekisho_wire::{EventKind, UpdateStep};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How often an image may start before it has proved itself.
pub const TRIES: u8 = 3;

/// Where a program lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Slot {
    /// The program that was installed by hand. No update touches it.
    #[default]
    Base,
    /// The first slot.
    A,
    /// The second slot.
    B,
}

impl Slot {
    /// Its word, as in `SEKISHO_AGENT_SLOT`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::A => "a",
            Self::B => "b",
        }
    }

    /// Where the next image goes while this one runs.
    #[must_use]
    pub const fn other(self) -> Self {
        if matches!(self, Self::A) { Self::B } else { Self::A }
    }
}

/// An update that is being fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loading {
    /// The rollout it belongs to.
    pub rollout: Uuid,
    /// The image's name in the repository.
    pub image: String,
    /// The hash of what lies in the other slot so far, in hexadecimal; none before anything does.
    #[serde(default)]
    pub sha256: Option<String>,
    /// Its version, once it is known.
    #[serde(default)]
    pub version: String,
}

/// An image that has not proved itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The rollout it belongs to.
    pub rollout: Uuid,
    /// Where it lies.
    pub slot: Slot,
    /// How often it may still start.
    pub tries: u8,
    /// Its version.
    pub version: String,
    /// Its security version.
    pub security_version: u64,
    /// Whether it was told that it started.
    #[serde(default)]
    pub booted: bool,
}

/// A step the server has not been told yet. A power cut may let it be told twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tell {
    /// The rollout it belongs to.
    pub rollout: Uuid,
    /// How far.
    #[serde(with = "step")]
    pub step: UpdateStep,
    /// The image's version.
    pub version: String,
    /// Why, in one word.
    pub why: Option<String>,
}

impl Tell {
    /// As it stands in the journal.
    pub fn event(&self) -> EventKind {
        EventKind::Updating {
            rollout: self.rollout,
            step: self.step,
            version: self.version.clone(),
            why: self.why.clone(),
        }
    }
}

/// The record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// What starts when nothing is pending.
    pub active: Slot,
    /// Its version; empty for the program installed by hand.
    #[serde(default)]
    pub version: String,
    /// Its security version.
    #[serde(default)]
    pub security_version: u64,
    /// The update that is being fetched.
    #[serde(default)]
    pub loading: Option<Loading>,
    /// The image that has not proved itself.
    #[serde(default)]
    pub pending: Option<Pending>,
    /// Steps not yet told.
    #[serde(default)]
    pub tell: Vec<Tell>,
}

impl Record {
    /// What starts now. The record afterwards is on disk before it does.
    pub fn start(&mut self) -> Slot {
        match &mut self.pending {
            None => self.active,
            Some(pending) if pending.tries > 0 => {
                pending.tries -= 1;
                pending.slot
            }
            Some(_) => {
                self.go_back("did_not_start");
                self.active
            }
        }
    }

    /// The pending image has proved itself.
    pub fn keep(&mut self) {
        if let Some(pending) = self.pending.take() {
            self.active = pending.slot;
            self.security_version = pending.security_version;
            self.version.clone_from(&pending.version);
            self.say(pending.rollout, UpdateStep::Good, &pending.version, None);
        }
    }

    /// The pending image has not, or cannot start; what ran before starts next.
    pub fn go_back(&mut self, why: &str) {
        if let Some(pending) = self.pending.take() {
            self.say(pending.rollout, UpdateStep::Reverted, &pending.version, Some(why));
        }
    }

    /// The active slot cannot start any more: the program installed by hand does.
    pub fn fall_to_base(&mut self) {
        self.active = Slot::Base;
        self.version.clear();
    }

    /// Fetches this image for this rollout from now on. What was being fetched for another rollout is not.
    pub fn list(&mut self, rollout: Uuid, image: &str) {
        let same = |one: Uuid| one == rollout;
        let known = self.loading.as_ref().is_some_and(|loading| same(loading.rollout))
            || self.pending.as_ref().is_some_and(|pending| same(pending.rollout));
        if !known {
            self.refuse("replaced");
            let image = image.to_owned();
            self.loading = Some(Loading { rollout, image, sha256: None, version: String::new() });
        }
    }

    /// The update that is being fetched will not be.
    pub fn refuse(&mut self, why: &str) {
        if let Some(loading) = self.loading.take() {
            self.say(loading.rollout, UpdateStep::Refused, &loading.version, Some(why));
        }
    }

    /// Puts a step on the list of what is to be told.
    pub fn say(&mut self, rollout: Uuid, step: UpdateStep, version: &str, why: Option<&str>) {
        let tell = Tell { rollout, step, version: version.to_owned(), why: why.map(ToOwned::to_owned) };
        if self.tell.last() != Some(&tell) {
            self.tell.push(tell);
        }
    }
}

mod step {
    use sekisho_wire::UpdateStep;
    use serde::{Deserialize as _, Deserializer, Serializer};

    const WORDS: [(UpdateStep, &str); 8] = [
        (UpdateStep::Unknown, "unknown"),
        (UpdateStep::Downloading, "downloading"),
        (UpdateStep::Verified, "verified"),
        (UpdateStep::Installed, "installed"),
        (UpdateStep::Booted, "booted"),
        (UpdateStep::Good, "good"),
        (UpdateStep::Reverted, "reverted"),
        (UpdateStep::Refused, "refused"),
    ];

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for this shape")]
    pub(super) fn serialize<S: Serializer>(step: &UpdateStep, serializer: S) -> Result<S::Ok, S::Error> {
        let word = WORDS.iter().find(|(known, _)| known == step).map_or("unknown", |(_, word)| word);
        serializer.serialize_str(word)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<UpdateStep, D::Error> {
        let word = String::deserialize(deserializer)?;
        Ok(WORDS.iter().find(|(_, known)| *known == word).map_or(UpdateStep::Unknown, |(step, _)| *step))
    }
}

#[cfg(test)]
mod tests {
    use super::{Pending, Record, Slot, TRIES};
    use sekisho_wire::UpdateStep;

    fn pending() -> Record {
        let pending = Pending {
            rollout: uuid::Uuid::from_u128(1),
            slot: Slot::A,
            tries: TRIES,
            version: "2.0.0".to_owned(),
            security_version: 4,
            booted: false,
        };
        Record { pending: Some(pending), ..Record::default() }
    }

    #[test]
    fn three_starts_and_back() {
        let mut record = pending();
        for _ in 0..TRIES {
            assert_eq!(record.start(), Slot::A);
        }
        assert_eq!(record.start(), Slot::Base);
        assert_eq!(record.tell[0].step, UpdateStep::Reverted);
        assert_eq!(record.tell[0].why.as_deref(), Some("did_not_start"));
        assert_eq!(record.start(), Slot::Base);
        assert_eq!(record.tell.len(), 1, "told once");
    }

    #[test]
    fn what_proved_itself_stays_and_makes_room_beside() {
        let mut record = pending();
        record.start();
        record.keep();
        assert_eq!((record.start(), record.security_version), (Slot::A, 4));
        assert_eq!(record.active.other(), Slot::B);
        assert_eq!(Slot::B.other(), Slot::A);
        assert_eq!(Slot::Base.other(), Slot::A);
        let back: Record = serde_json::from_slice(&serde_json::to_vec(&record).unwrap()).unwrap();
        assert_eq!(back, record);
    }
}
