//! The fixed grammar of topics. Anything else is refused (reason 0x87). The tenant is never in a topic.

use std::fmt;

use sekisho_kernel::DeviceId;
use uuid::Uuid;

use crate::CommandId;

/// What every topic begins with; the number counts up when the grammar changes.
const PREFIX: &str = "sk/1/";

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the server to the device.
    Down,
    /// From the device to the server.
    Up,
}

/// One topic below a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Down `cmd/<id>`: a [`crate::SignedCommand`].
    Command(CommandId),
    /// Down `cfg/<document>`.
    Config(Document),
    /// Down `ans/<n>`: a [`crate::Answer`].
    Answer(u64),
    /// Down `part/<n>`: a [`crate::Part`].
    Part(u64),
    /// Up `evt/<seq>`: a [`crate::Event`].
    Event(u64),
    /// Up `pic/<seq>`: a [`crate::Picture`].
    Picture(u64),
    /// Up `ack/<id>`: a [`crate::Ack`].
    Ack(CommandId),
    /// Up `ask/<n>`: a [`crate::Ask`].
    Ask(u64),
    /// Up `get/<n>`: a [`crate::Get`].
    Get(u64),
    /// Up `rep/<document>`.
    Report(Document),
    /// Up `hb`: a [`crate::Heartbeat`].
    Heartbeat,
}

/// The documents that go up or down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Document {
    /// Down: [`crate::BoxConfig`].
    Box,
    /// Down: [`crate::TimeBeacon`]; up: [`crate::TimeQuestion`].
    Time,
    /// Down: [`crate::Sync`].
    Sync,
    /// Up: [`crate::CertificateRequest`].
    CertificateRequest,
    /// Down: [`crate::CertificateReply`].
    Certificate,
}

/// Why a topic was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TopicError {
    /// Not of our grammar.
    #[error("not a topic of ours")]
    Grammar,
}

impl Document {
    fn name(self) -> &'static str {
        match self {
            Self::Box => "box",
            Self::Time => "time",
            Self::Sync => "sync",
            Self::CertificateRequest => "csr",
            Self::Certificate => "cert",
        }
    }

    fn parse(direction: Direction, name: &str) -> Option<Self> {
        match (direction, name) {
            (Direction::Down, "box") => Some(Self::Box),
            (_, "time") => Some(Self::Time),
            (Direction::Down, "sync") => Some(Self::Sync),
            (Direction::Up, "csr") => Some(Self::CertificateRequest),
            (Direction::Down, "cert") => Some(Self::Certificate),
            _ => None,
        }
    }
}

impl Topic {
    /// Reads a whole topic: whose it is and what it carries. There is exactly one spelling of each.
    pub fn parse(topic: &str) -> Result<(DeviceId, Self), TopicError> {
        let (device, rest) = split_device(topic)?;
        let topic = match rest.split_once('/') {
            None if rest == "hb" => Self::Heartbeat,
            Some(("cmd", id)) => Self::Command(uuid(id)?.into()),
            Some(("ack", id)) => Self::Ack(uuid(id)?.into()),
            Some(("cfg", name)) => {
                Self::Config(Document::parse(Direction::Down, name).ok_or(TopicError::Grammar)?)
            }
            Some(("rep", name)) => {
                Self::Report(Document::parse(Direction::Up, name).ok_or(TopicError::Grammar)?)
            }
            Some(("ans", n)) => Self::Answer(number(n)?),
            Some(("evt", n)) => Self::Event(number(n)?),
            Some(("pic", n)) => Self::Picture(number(n)?),
            Some(("ask", n)) => Self::Ask(number(n)?),
            Some(("get", n)) => Self::Get(number(n)?),
            Some(("part", n)) => Self::Part(number(n)?),
            _ => return Err(TopicError::Grammar),
        };
        Ok((device, topic))
    }

    /// The topic as it is published for `device`.
    pub fn format(self, device: DeviceId) -> String {
        format!("{PREFIX}{device}/{self}")
    }

    /// Which way it goes.
    pub fn direction(self) -> Direction {
        match self {
            Self::Command(_) | Self::Config(_) | Self::Answer(_) | Self::Part(_) => Direction::Down,
            Self::Event(_)
            | Self::Picture(_)
            | Self::Ack(_)
            | Self::Ask(_)
            | Self::Get(_)
            | Self::Report(_)
            | Self::Heartbeat => Direction::Up,
        }
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command(id) => write!(f, "cmd/{id}"),
            Self::Config(document) => write!(f, "cfg/{}", document.name()),
            Self::Answer(n) => write!(f, "ans/{n}"),
            Self::Event(seq) => write!(f, "evt/{seq}"),
            Self::Ack(id) => write!(f, "ack/{id}"),
            Self::Picture(seq) => write!(f, "pic/{seq}"),
            Self::Ask(n) => write!(f, "ask/{n}"),
            Self::Get(n) => write!(f, "get/{n}"),
            Self::Part(n) => write!(f, "part/{n}"),
            Self::Report(document) => write!(f, "rep/{}", document.name()),
            Self::Heartbeat => f.write_str("hb"),
        }
    }
}

/// What a device may subscribe to: these four filters and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Filter {
    /// `cmd/+`
    Commands,
    /// `cfg/+`
    Configs,
    /// `ans/+`
    Answers,
    /// `#`: all three, and the pieces of files.
    All,
}

impl Filter {
    /// Reads a whole subscription filter.
    pub fn parse(filter: &str) -> Result<(DeviceId, Self), TopicError> {
        let (device, rest) = split_device(filter)?;
        let filter = match rest {
            "cmd/+" => Self::Commands,
            "cfg/+" => Self::Configs,
            "ans/+" => Self::Answers,
            "#" => Self::All,
            _ => return Err(TopicError::Grammar),
        };
        Ok((device, filter))
    }

    /// The filter as `device` subscribes to it.
    pub fn format(self, device: DeviceId) -> String {
        let rest = match self {
            Self::Commands => "cmd/+",
            Self::Configs => "cfg/+",
            Self::Answers => "ans/+",
            Self::All => "#",
        };
        format!("{PREFIX}{device}/{rest}")
    }

    /// Whether a message on `topic` goes to who subscribed this.
    pub fn covers(self, topic: Topic) -> bool {
        match topic {
            Topic::Command(_) => matches!(self, Self::Commands | Self::All),
            Topic::Config(_) => matches!(self, Self::Configs | Self::All),
            Topic::Answer(_) => matches!(self, Self::Answers | Self::All),
            Topic::Part(_) => self == Self::All,
            _ => false,
        }
    }
}

fn split_device(topic: &str) -> Result<(DeviceId, &str), TopicError> {
    let (device, rest) =
        topic.strip_prefix(PREFIX).and_then(|rest| rest.split_once('/')).ok_or(TopicError::Grammar)?;
    Ok((uuid(device)?.into(), rest))
}

/// Only the hyphenated lower-case spelling, so that one thing has one name.
fn uuid(text: &str) -> Result<Uuid, TopicError> {
    let uuid = Uuid::try_parse(text).map_err(|_| TopicError::Grammar)?;
    if uuid.hyphenated().encode_lower(&mut Uuid::encode_buffer()) == text {
        Ok(uuid)
    } else {
        Err(TopicError::Grammar)
    }
}

/// Decimal without sign or leading zeros.
fn number(text: &str) -> Result<u64, TopicError> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().map_err(|_| TopicError::Grammar) } else { Err(TopicError::Grammar) }
}

#[cfg(test)]
mod tests {
    use super::{Direction, Document, Filter, Topic};
    use proptest::prelude::*;
    use sekisho_kernel::DeviceId;
    use uuid::Uuid;

    const DEVICE: &str = "0193a5c0-0000-7000-8000-000000000001";

    fn topics() -> Vec<Topic> {
        let id = Uuid::from_u128(7).into();
        vec![
            Topic::Command(id),
            Topic::Ack(id),
            Topic::Answer(0),
            Topic::Ask(17),
            Topic::Get(3),
            Topic::Part(3),
            Topic::Event(u64::MAX),
            Topic::Picture(42),
            Topic::Heartbeat,
            Topic::Config(Document::Box),
            Topic::Config(Document::Time),
            Topic::Config(Document::Sync),
            Topic::Config(Document::Certificate),
            Topic::Report(Document::CertificateRequest),
            Topic::Report(Document::Time),
        ]
    }

    #[test]
    fn reads_back_what_it_writes() {
        let device: DeviceId = DEVICE.parse().unwrap();
        for topic in topics() {
            assert_eq!(Topic::parse(&topic.format(device)), Ok((device, topic)));
            assert_eq!(Filter::All.covers(topic), topic.direction() == Direction::Down);
        }
        for filter in [Filter::All, Filter::Answers, Filter::Commands, Filter::Configs] {
            assert_eq!(Filter::parse(&filter.format(device)), Ok((device, filter)));
        }
    }

    #[test]
    fn there_is_one_spelling() {
        for rest in [
            "evt/01",
            "evt/+1",
            "evt/-1",
            "evt/",
            "evt",
            "evt/1/",
            "evt/18446744073709551616",
            "hb/",
            "HB",
            "cmd/0193A5C0-0000-7000-8000-000000000001",
            "cmd/0193a5c0000070008000000000000001",
            "cfg/csr",
            "rep/box",
            "rep/cert",
            "cfg/",
            "#",
            "+/1",
            "evt/+",
            "pic/",
            "pic/07",
            "",
        ] {
            assert!(Topic::parse(&format!("sk/1/{DEVICE}/{rest}")).is_err(), "{rest}");
        }
        for whole in [
            "",
            "sk/1/",
            "sk/2/0193a5c0-0000-7000-8000-000000000001/hb",
            "/sk/1/x/hb",
            "sk/1/+/hb",
            "$SYS/broker",
        ] {
            assert!(Topic::parse(whole).is_err(), "{whole}");
        }
        for filter in ["cmd/#", "+/+", "evt/+", "cmd/1", "hb", "##", "$share/g/cmd/+"] {
            assert!(Filter::parse(&format!("sk/1/{DEVICE}/{filter}")).is_err(), "{filter}");
        }
        assert!(Filter::parse("#").is_err());
        assert!(Filter::parse("sk/1/+/#").is_err());
    }

    proptest! {
        #[test]
        fn what_parses_is_spelled_the_same(topic in "sk/1/0193a5c0-0000-7000-8000-000000000001/(evt|pic|ans|ask|cfg|hb)(/[a-z0-9+]{0,6})?") {
            if let Ok((device, parsed)) = Topic::parse(&topic) {
                prop_assert_eq!(parsed.format(device), topic);
            }
        }
    }
}
