//! What a mail carries beside its words: files, pictures shown among the words, and calendar objects (iMIP, RFC 6047).
//! Other means leave them out.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A message carries at most so many.
pub const MOST: usize = 5;
/// All of a message together have at most so many bytes.
pub const MOST_BYTES: usize = 1024 * 1024;

/// Something a mail carries.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    pub(crate) name: String,
    pub(crate) content_type: String,
    #[serde(serialize_with = "to_text", deserialize_with = "from_text")]
    pub(crate) bytes: Vec<u8>,
    pub(crate) place: Place,
}

/// Where in the mail it stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Place {
    /// Beside the words.
    Beside,
    /// Among the words; the name is what is read where pictures are not shown.
    Among { cid: String },
    /// As a calendar object that the reader's program acts on, and beside the words for programs that do not.
    Calendar { method: CalendarMethod },
}

/// What a calendar object asks of the reader's program (RFC 5546).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum CalendarMethod {
    /// An invitation, or a change to it.
    Request,
    /// The meeting will not be.
    Cancel,
    /// An answer to an invitation.
    Reply,
    /// For information.
    Publish,
}

impl CalendarMethod {
    /// The word in the object and in its content type; both must be the same.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Request => "REQUEST",
            Self::Cancel => "CANCEL",
            Self::Reply => "REPLY",
            Self::Publish => "PUBLISH",
        }
    }
}

impl Attachment {
    /// A file of any kind, such as `application/pdf`.
    pub fn file(name: impl Into<String>, content_type: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self { name: name.into(), content_type: content_type.into(), bytes, place: Place::Beside }
    }

    /// A picture (`image/png`, `image/jpeg`, `image/gif`) shown below the words. `said` is read to those who do not see it.
    pub fn picture(said: impl Into<String>, content_type: impl Into<String>, bytes: Vec<u8>) -> Self {
        let cid = sekisho_crypto::sha256(&bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Self { name: said.into(), content_type: content_type.into(), bytes, place: Place::Among { cid } }
    }

    /// A calendar object (`BEGIN:VCALENDAR` …) whose `METHOD` is `method`.
    pub fn calendar(method: CalendarMethod, object: impl Into<String>) -> Self {
        Self {
            name: "invite.ics".to_owned(),
            content_type: "text/calendar".to_owned(),
            bytes: object.into().into_bytes(),
            place: Place::Calendar { method },
        }
    }

    /// Its name, or what is read instead of the picture.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name under which it is kept by whoever gets it: a picture among the words has none of its own.
    pub(crate) fn file_name(&self) -> String {
        match &self.place {
            Place::Among { cid } => {
                let ending = self.content_type.rsplit('/').next().unwrap_or_default();
                format!("{cid}.{ending}")
            }
            Place::Beside | Place::Calendar { .. } => self.name.clone(),
        }
    }

    /// Its content type.
    pub fn content_type(&self) -> &str {
        &self.content_type
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Why it cannot be sent.
    fn fault(&self) -> Option<String> {
        let plain =
            |text: &str| !text.is_empty() && !text.chars().any(|c| c.is_control() || c == '/' || c == '\\');
        let name = self.name.as_str();
        if name.chars().count() > 200 || !plain(&self.file_name()) || name.chars().any(char::is_control) {
            return Some(format!("{name:?} is no name of a file"));
        }
        if lettre::message::header::ContentType::parse(&self.content_type).is_err() {
            return Some(format!("{:?} is no content type", self.content_type));
        }
        match &self.place {
            Place::Beside => None,
            Place::Among { .. } => (!["image/png", "image/jpeg", "image/gif"].contains(&self.content_type()))
                .then(|| format!("{:?} is no picture that mail programs show", self.content_type)),
            Place::Calendar { method } => {
                let object = std::str::from_utf8(&self.bytes).unwrap_or_default();
                let told = object.lines().any(|line| line.trim_end() == format!("METHOD:{}", method.word()));
                (!told).then(|| format!("the calendar object has no METHOD:{}", method.word()))
            }
        }
    }
}

/// Why these cannot go with one message; nothing when they can.
pub(crate) fn fault(attachments: &[Attachment]) -> Option<String> {
    let bytes: usize = attachments.iter().map(|attachment| attachment.bytes.len()).sum();
    if attachments.len() > MOST {
        return Some(format!("{} attachments; a message takes {MOST}", attachments.len()));
    }
    if bytes > MOST_BYTES {
        return Some(format!("{bytes} bytes of attachments; a message takes {MOST_BYTES}"));
    }
    attachments.iter().find_map(Attachment::fault)
}

// Names and contents are the recipient's.
impl std::fmt::Debug for Attachment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Attachment({}, {} bytes)", self.content_type, self.bytes.len())
    }
}

fn to_text<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&STANDARD.encode(bytes))
}

fn from_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    STANDARD.decode(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::{Attachment, CalendarMethod, MOST_BYTES, fault};

    #[test]
    fn what_cannot_go_is_named() {
        let file = |name: &str, kind: &str, size| Attachment::file(name, kind, vec![b'x'; size]);
        let invite = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n";
        for (attachments, why) in [
            (vec![], None),
            (vec![file("plan.pdf", "application/pdf", MOST_BYTES)], None),
            (
                vec![file("a", "text/plain", MOST_BYTES), file("b", "text/plain", 1)],
                Some("bytes of attachments"),
            ),
            (vec![file("a", "text/plain", 1); 6], Some("6 attachments")),
            (vec![file("a\r\nBcc: x", "text/plain", 1)], Some("no name of a file")),
            (vec![file("../a", "text/plain", 1)], Some("no name of a file")),
            (vec![file("", "text/plain", 1)], Some("no name of a file")),
            (vec![file("a", "plain", 1)], Some("no content type")),
            (vec![Attachment::picture("QR", "image/png", vec![1])], None),
            (vec![Attachment::picture("QR", "image/svg+xml", vec![1])], Some("no picture")),
            (vec![Attachment::calendar(CalendarMethod::Request, invite)], None),
            (vec![Attachment::calendar(CalendarMethod::Cancel, invite)], Some("METHOD:CANCEL")),
        ] {
            let found = fault(&attachments);
            match why {
                None => assert_eq!(found, None),
                Some(why) => assert!(found.as_deref().unwrap_or_default().contains(why), "{found:?}"),
            }
        }
    }

    #[test]
    fn comes_back_from_its_row() {
        let file = Attachment::picture("入館証", "image/png", vec![0, 159, 146, 150]);
        let row = serde_json::to_vec(&file).unwrap();
        assert_eq!(serde_json::from_slice::<Attachment>(&row).unwrap(), file);
    }
}
