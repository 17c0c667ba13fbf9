//! What is told to whom: a message names a recipient, a lane, a text and what the text speaks of.

use std::collections::BTreeMap;

use sekisho_kernel::{Language, PersonId, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Attachment, Question};

sekisho_kernel::typed_id!(/// One message on its way to one address.
    DeliveryId);
sekisho_kernel::typed_id!(/// A configured way out: a Slack or Teams channel, an SMTP or SMS account.
    ChannelId);

/// Which queue a message takes. A full lane never delays another.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// Alarms and one-time codes: somebody waits for it, perhaps in danger.
    LifeSafety,
    /// What a person should know soon: a key is due, a guest has come.
    Operational,
    /// To many at once.
    Bulk,
    /// Collected, may wait.
    Digest,
}

impl Lane {
    /// All lanes, the most urgent first.
    pub const ALL: [Self; 4] = [Self::LifeSafety, Self::Operational, Self::Bulk, Self::Digest];

    /// The number in the table; smaller is more urgent.
    pub const fn number(self) -> i64 {
        match self {
            Self::LifeSafety => 0,
            Self::Operational => 1,
            Self::Bulk => 2,
            Self::Digest => 3,
        }
    }

    /// From the number in the table.
    pub fn from_number(number: i64) -> Self {
        Self::ALL.into_iter().find(|lane| lane.number() == number).unwrap_or(Self::Digest)
    }
}

/// The ways a person can be reached.
#[derive(
    Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Means {
    /// Mail.
    Mail,
    /// Text message to a telephone.
    Sms,
    /// Web Push to a browser or installed app.
    Push,
    /// A chat channel (Slack, Teams, LINE WORKS, Chatwork).
    Chat,
}

impl Means {
    /// All means.
    pub const ALL: [Self; 4] = [Self::Mail, Self::Sms, Self::Push, Self::Chat];

    /// The word in the table and in texts.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Sms => "sms",
            Self::Push => "push",
            Self::Chat => "chat",
        }
    }

    /// From the word in the table.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|means| means.word() == word)
    }
}

/// Who is told.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "to")]
pub enum Recipient {
    /// A person, by the means they chose, in their language; the address is looked up when it is sent.
    Person {
        /// Who.
        id: PersonId,
    },
    /// Somebody without an account, by mail.
    Mail {
        /// The address.
        address: String,
        /// What to call them; may be empty.
        name: String,
        /// Which language they read.
        language: Language,
    },
    /// Somebody without an account, by text message.
    Phone {
        /// The number in E.164 form, such as `+819012345678`.
        number: String,
        /// Which language they read.
        language: Language,
    },
    /// A chat channel of the tenant.
    Channel {
        /// Which.
        id: ChannelId,
        /// Which language is read there.
        language: Language,
    },
}

/// What a text speaks of. Times are written in the recipient's language when the message is sent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Arg {
    /// Words or a number as they are.
    Text(String),
    /// A point in time, shown in `zone`.
    Time {
        /// When.
        at: Timestamp,
        /// IANA zone of the place it is about.
        zone: String,
    },
    /// Several things, one after the other as the recipient's language separates them.
    List(Vec<String>),
}

impl From<&[String]> for Arg {
    fn from(items: &[String]) -> Self {
        Self::List(items.to_vec())
    }
}

impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Arg {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// A button or line below the text that leads to a page of ours.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Link {
    /// Fluent id of its words.
    pub text: String,
    /// Path on the tenant's host, beginning with `/`.
    pub path: String,
}

/// A message, given to [`crate::Notify::tell`].
///
/// The texts are in the module's Fluent files: `{template}-subject`, `{template}-body`, and, when a text message or push
/// needs fewer words, `{template}-short`.
#[derive(Clone, Debug)]
pub struct Message {
    /// Who is told.
    pub to: Recipient,
    /// How urgent.
    pub lane: Lane,
    /// Which text.
    pub template: &'static str,
    /// What it speaks of.
    pub args: BTreeMap<String, Arg>,
    /// Where it leads.
    pub links: Vec<Link>,
    /// By which means, whatever the person prefers; for codes and safety.
    pub means: Option<Vec<Means>>,
    /// What it is about, for the history of that thing.
    pub about: Option<(&'static str, Uuid)>,
    /// With the same word, the same message is told only once: listeners may run twice.
    pub once: Option<String>,
    /// After that it is of no use and is not sent.
    pub not_after: Option<Timestamp>,
    /// The kind under which a person chooses means for it on their page; `None` cannot be switched off.
    pub kind: Option<&'static str>,
    /// What a mail carries beside the words.
    pub attachments: Vec<Attachment>,
    /// What it asks: buttons that act.
    pub question: Option<Question>,
}

impl Message {
    /// A message to one person by the means they prefer.
    pub fn new(to: Recipient, lane: Lane, template: &'static str) -> Self {
        Self {
            to,
            lane,
            template,
            args: BTreeMap::new(),
            links: Vec::new(),
            means: None,
            about: None,
            once: None,
            not_after: None,
            kind: None,
            attachments: Vec::new(),
            question: None,
        }
    }

    /// A message to a person of the tenant.
    pub fn to_person(id: PersonId, lane: Lane, template: &'static str) -> Self {
        Self::new(Recipient::Person { id }, lane, template)
    }

    /// Adds what the text speaks of.
    pub fn arg(mut self, name: &str, value: impl Into<Arg>) -> Self {
        self.args.insert(name.to_owned(), value.into());
        self
    }

    /// Adds a point in time the text speaks of, shown in the zone of its place.
    pub fn time(self, name: &str, at: Timestamp, zone: &str) -> Self {
        self.arg(name, Arg::Time { at, zone: zone.to_owned() })
    }

    /// Adds a link to a page of ours.
    pub fn link(mut self, text: &'static str, path: impl Into<String>) -> Self {
        self.links.push(Link { text: text.to_owned(), path: path.into() });
        self
    }

    /// Adds what a mail carries; other means leave it out. At most 5, together 1 MiB: [`crate::Notify::tell`] refuses more.
    pub fn attach(mut self, attachment: Attachment) -> Self {
        self.attachments.push(attachment);
        self
    }

    /// Asks something: the answers become buttons that act, without signing in, once, as the recipient.
    pub fn asks(self, question: Question) -> Self {
        Self { question: Some(question), ..self }
    }

    /// Chooses the means, whatever the person prefers.
    pub fn by(self, means: &[Means]) -> Self {
        Self { means: Some(means.to_vec()), ..self }
    }

    /// Says what it is about.
    pub fn about(self, kind: &'static str, id: impl Into<Uuid>) -> Self {
        Self { about: Some((kind, id.into())), ..self }
    }

    /// Tells it only once to this recipient for this word, such as a job's id.
    pub fn once(self, word: impl ToString) -> Self {
        Self { once: Some(word.to_string()), ..self }
    }

    /// Drops it when it could not be sent by then.
    pub fn not_after(self, at: Timestamp) -> Self {
        Self { not_after: Some(at), ..self }
    }

    /// Lets a person choose means for this kind.
    pub fn of_kind(self, kind: &'static str) -> Self {
        Self { kind: Some(kind), ..self }
    }
}
