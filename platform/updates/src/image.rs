//! What an image says of itself, and whether a device may take it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// No image is larger.
pub const LARGEST: u64 = 256 * 1024 * 1024;
/// Names and hardware words are no longer.
const LONGEST: usize = 100;

/// A version of software: three numbers, compared from the left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u32, pub u32, pub u32);

impl FromStr for Version {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "a version is three numbers like 1.4.0";
        let mut parts = text.split('.').map(|part| {
            let plain =
                part.bytes().all(|byte| byte.is_ascii_digit()) && (part == "0" || !part.starts_with('0'));
            if plain { part.parse::<u32>().map_err(|_| wrong) } else { Err(wrong) }
        });
        let mut next = || parts.next().unwrap_or(Err(wrong));
        let version = Self(next()?, next()?, next()?);
        if parts.next().is_some() { Err(wrong) } else { Ok(version) }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

impl Serialize for Version {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// One image of one version for one kind of hardware, as the signers vouch for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Its name in the repository.
    pub name: String,
    /// The hardware it runs on.
    pub hardware: String,
    /// Its version.
    pub version: Version,
    /// The oldest agent that can install it.
    pub min_agent: Version,
    /// Counts up when an older image must never run again.
    pub security_version: u64,
    /// Its length in bytes.
    pub length: u64,
    /// Its SHA-256.
    pub sha256: [u8; 32],
}

/// What runs on a device now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// Its hardware.
    pub hardware: String,
    /// The version that runs.
    pub version: Version,
    /// The highest security version that ever ran well on it.
    pub security_version: u64,
}

/// Why a device does not take a validly signed image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is for other hardware.
    #[error("it is for other hardware")]
    Hardware,
    /// The agent is too old to install it.
    #[error("the agent is too old to install it")]
    AgentTooOld,
    /// A newer security version ran here already.
    #[error("a newer security version ran here already")]
    SecurityVersion,
}

impl Refusal {
    /// Its word in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Hardware => "hardware",
            Self::AgentTooOld => "agent_too_old",
            Self::SecurityVersion => "security_version",
        }
    }
}

impl Image {
    /// Reads what the signed entry `name` says; `None` when it is not the entry of an image.
    pub fn read(name: &str, entry: &Value) -> Option<Self> {
        let custom = entry.get("custom")?;
        let text = |key: &str| custom.get(key).and_then(Value::as_str);
        let version = |key: &str| text(key).and_then(|text| text.parse().ok());
        let image = Self {
            name: name.to_owned(),
            hardware: text("hw")?.to_owned(),
            version: version("version")?,
            min_agent: version("min_agent")?,
            security_version: custom.get("security_version")?.as_u64()?,
            length: entry.get("length")?.as_u64()?,
            sha256: hex::decode(entry.get("hashes")?.get("sha256")?.as_str()?).ok()?.try_into().ok()?,
        };
        image.is_whole().then_some(image)
    }

    /// Whether name, hardware and length are such as may be signed.
    pub fn is_whole(&self) -> bool {
        let word = |text: &str| {
            !text.is_empty()
                && text.len() <= LONGEST
                && !text.starts_with('.')
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        let number = i64::try_from(self.security_version).is_ok();
        word(&self.name) && word(&self.hardware) && number && (1..=LARGEST).contains(&self.length)
    }

    /// As the entry that is signed.
    pub fn to_entry(&self) -> Value {
        serde_json::json!({
            "length": self.length,
            "hashes": { "sha256": hex::encode(self.sha256) },
            "custom": {
                "hw": self.hardware,
                "version": self.version.to_string(),
                "min_agent": self.min_agent.to_string(),
                "security_version": self.security_version,
            },
        })
    }

    /// Whether a device may take it. A version that looks older is no reason: going back is a decision of the signers, and
    /// `security_version` is how they forbid it.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn fits(&self, device: &Installed) -> Result<(), Refusal> {
        if self.hardware != device.hardware {
            Err(Refusal::Hardware)
        } else if self.security_version < device.security_version {
            Err(Refusal::SecurityVersion)
        } else if self.min_agent > device.version {
            Err(Refusal::AgentTooOld)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Image, Installed, Refusal, Version};

    fn image() -> Image {
        Image {
            name: "smartbox-1.4.0".to_owned(),
            hardware: "smartbox".to_owned(),
            version: Version(1, 4, 0),
            min_agent: Version(1, 2, 0),
            security_version: 3,
            length: 10,
            sha256: [7; 32],
        }
    }

    #[test]
    fn reads_what_it_writes() {
        let written = image();
        assert_eq!(Image::read(&written.name, &written.to_entry()), Some(written.clone()));
        for name in ["", ".hidden", "../up", "a/b", "a b", &"x".repeat(101)] {
            assert_eq!(Image::read(name, &written.to_entry()), None, "{name}");
        }
        let mut endless = written.to_entry();
        endless["length"] = u64::MAX.into();
        assert_eq!(Image::read("a", &endless), None);
    }

    #[test]
    fn versions_have_one_spelling() {
        assert!(Version(1, 10, 0) > Version(1, 9, 9));
        assert_eq!("1.4.0".parse(), Ok(Version(1, 4, 0)));
        for wrong in ["", "1", "1.2", "1.2.3.4", "01.2.3", "1.2.3-beta", "+1.2.3", "1..3", "4294967296.0.0"] {
            assert!(wrong.parse::<Version>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_what_fits_is_taken() {
        let device =
            Installed { hardware: "smartbox".to_owned(), version: Version(1, 3, 0), security_version: 3 };
        assert_eq!(image().fits(&device), Ok(()));
        let older = Image { version: Version(1, 2, 0), ..image() };
        assert_eq!(older.fits(&device), Ok(()), "going back is allowed while no one forbade it");
        for (image, why) in [
            (Image { hardware: "door".to_owned(), ..image() }, Refusal::Hardware),
            (Image { min_agent: Version(1, 3, 1), ..image() }, Refusal::AgentTooOld),
            (Image { security_version: 2, ..image() }, Refusal::SecurityVersion),
        ] {
            assert_eq!(image.fits(&device), Err(why));
        }
    }
}
