//! IPP/1.1 and 2.0 on the wire (RFC 8010): the few requests we make, and answers read without trusting them.
//!
//! Ours because an answer comes from whatever hangs at an address somebody typed: collections in it may lie in each other
//! only so deep, where a general reader goes on until the stack ends.

/// Operations (RFC 8011).
pub mod operation {
    /// Take a document.
    pub const PRINT_JOB: u16 = 0x0002;
    /// Call a job off.
    pub const CANCEL_JOB: u16 = 0x0008;
    /// How far is a job?
    pub const GET_JOB_ATTRIBUTES: u16 = 0x0009;
    /// Which jobs are there?
    pub const GET_JOBS: u16 = 0x000A;
    /// What are you?
    pub const GET_PRINTER_ATTRIBUTES: u16 = 0x000B;
}

/// The groups of a message.
pub mod group {
    /// About the request.
    pub const OPERATION: u8 = 0x01;
    /// About a job.
    pub const JOB: u8 = 0x02;
    /// About the printer.
    pub const PRINTER: u8 = 0x04;
}

const END: u8 = 0x03;
const INTEGER: u8 = 0x21;
const BOOLEAN: u8 = 0x22;
const ENUM: u8 = 0x23;
const RESOLUTION: u8 = 0x32;
const RANGE: u8 = 0x33;
const COLLECTION: u8 = 0x34;
const TEXT_WITH_LANGUAGE: u8 = 0x35;
const NAME_WITH_LANGUAGE: u8 = 0x36;
const COLLECTION_END: u8 = 0x37;
const NAME: u8 = 0x42;
const KEYWORD: u8 = 0x44;
const URI: u8 = 0x45;
const CHARSET: u8 = 0x47;
const LANGUAGE: u8 = 0x48;
const MIME: u8 = 0x49;
const MEMBER: u8 = 0x4A;
/// Collections in collections that are read; media-col has two levels.
const DEEPEST: usize = 8;

/// A request while it is written.
pub struct Request(Vec<u8>);

impl Request {
    /// A request to the printer at `uri`.
    pub fn new(operation: u16, uri: &str) -> Self {
        let mut bytes = vec![2, 0];
        bytes.extend(operation.to_be_bytes());
        bytes.extend(1_u32.to_be_bytes());
        bytes.push(group::OPERATION);
        Self(bytes)
            .put(CHARSET, "attributes-charset", b"utf-8")
            .put(LANGUAGE, "attributes-natural-language", b"en")
            .put(URI, "printer-uri", uri.as_bytes())
    }

    /// Who asks.
    pub fn asked_by(self, name: &str) -> Self {
        self.put(NAME, "requesting-user-name", name.as_bytes())
    }

    /// A name.
    pub fn name(self, name: &str, value: &str) -> Self {
        self.put(NAME, name, value.as_bytes())
    }

    /// A media type.
    pub fn mime(self, name: &str, value: &str) -> Self {
        self.put(MIME, name, value.as_bytes())
    }

    /// Keywords.
    pub fn keywords(mut self, name: &str, values: &[&str]) -> Self {
        for (at, value) in values.iter().enumerate() {
            self = self.put(KEYWORD, if at == 0 { name } else { "" }, value.as_bytes());
        }
        self
    }

    /// A number.
    pub fn integer(self, name: &str, value: i32) -> Self {
        self.put(INTEGER, name, &value.to_be_bytes())
    }

    /// Yes or no.
    pub fn boolean(self, name: &str, value: bool) -> Self {
        self.put(BOOLEAN, name, &[u8::from(value)])
    }

    /// What follows is about the job.
    pub fn job(mut self) -> Self {
        self.0.push(group::JOB);
        self
    }

    /// The size of the paper, in hundredths of a millimetre.
    pub fn media_size(self, width: i32, height: i32) -> Self {
        self.put(COLLECTION, "media-col", b"")
            .put(MEMBER, "", b"media-size")
            .put(COLLECTION, "", b"")
            .put(MEMBER, "", b"x-dimension")
            .put(INTEGER, "", &width.to_be_bytes())
            .put(MEMBER, "", b"y-dimension")
            .put(INTEGER, "", &height.to_be_bytes())
            .put(COLLECTION_END, "", b"")
            .put(COLLECTION_END, "", b"")
    }

    /// The bytes, with the document behind them.
    pub fn with(mut self, document: &[u8]) -> Vec<u8> {
        self.0.push(END);
        self.0.extend(document);
        self.0
    }

    fn put(mut self, tag: u8, name: &str, value: &[u8]) -> Self {
        self.0.push(tag);
        for part in [name.as_bytes(), value] {
            let length = u16::try_from(part.len()).unwrap_or(u16::MAX);
            self.0.extend(length.to_be_bytes());
            self.0.extend(part.iter().take(usize::from(length)));
        }
        self
    }
}

/// One value of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// An integer or an enum.
    Number(i32),
    /// Yes or no.
    Yes(bool),
    /// A keyword, name, text, address or media type.
    Word(String),
    /// Dots across and down the feed, an inch.
    Dots(u32, u32),
    /// From and to.
    Range(i32, i32),
    /// Named values.
    Members(Vec<(String, Value)>),
    /// Something else.
    Other,
}

/// An attribute: its name and its values.
pub type Attribute = (String, Vec<Value>);

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// What became of the request; below 0x100: it was done.
    pub status: u16,
    /// The groups in their order: what they are about and their attributes.
    pub groups: Vec<(u8, Vec<Attribute>)>,
}

impl Answer {
    /// Whether the request was done.
    pub fn is_good(&self) -> bool {
        self.status < 0x100
    }

    /// The attributes of the first group of that kind.
    pub fn first(&self, group: u8) -> Attributes<'_> {
        self.all(group).next().unwrap_or(Attributes(&[]))
    }

    /// Those of all groups of that kind.
    pub fn all(&self, group: u8) -> impl Iterator<Item = Attributes<'_>> {
        self.groups
            .iter()
            .filter(move |(kind, _)| *kind == group)
            .map(|(_, attributes)| Attributes(attributes))
    }
}

/// The attributes of one group.
#[derive(Clone, Copy, Debug)]
pub struct Attributes<'a>(&'a [(String, Vec<Value>)]);

impl<'a> Attributes<'a> {
    /// The values of an attribute; none when it is not there.
    pub fn values(self, name: &str) -> &'a [Value] {
        self.0.iter().find(|(known, _)| known == name).map_or(&[], |(_, values)| values)
    }

    /// Its words.
    pub fn words(self, name: &str) -> Vec<&'a str> {
        let word = |value: &'a Value| if let Value::Word(word) = value { Some(word.as_str()) } else { None };
        self.values(name).iter().filter_map(word).collect()
    }

    /// Its first word.
    pub fn word(self, name: &str) -> &'a str {
        self.words(name).first().copied().unwrap_or_default()
    }

    /// Its first number.
    pub fn number(self, name: &str) -> Option<i32> {
        self.values(name)
            .iter()
            .find_map(|value| if let Value::Number(number) = value { Some(*number) } else { None })
    }

    /// Its first yes or no.
    pub fn yes(self, name: &str) -> Option<bool> {
        self.values(name).iter().find_map(|value| if let Value::Yes(yes) = value { Some(*yes) } else { None })
    }
}

/// Reads an answer; none when it is none.
pub fn read(bytes: &[u8]) -> Option<Answer> {
    let mut from = Reader(bytes);
    let [2 | 1, _] = from.take(2)? else { return None };
    let status = from.short()?;
    from.take(4)?;
    let mut answer = Answer { status, groups: Vec::new() };
    loop {
        let tag = from.byte()?;
        if tag == END {
            return Some(answer);
        }
        if tag < 0x10 {
            answer.groups.push((tag, Vec::new()));
            continue;
        }
        let name = from.text()?;
        let value = from.value(tag, 0)?;
        let (_, attributes) = answer.groups.last_mut()?;
        match attributes.last_mut() {
            Some((_, values)) if name.is_empty() => values.push(value),
            _ => attributes.push((name, vec![value])),
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn short(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    fn sized(&mut self) -> Option<&'a [u8]> {
        let length = self.short()?;
        self.take(usize::from(length))
    }

    fn text(&mut self) -> Option<String> {
        Some(String::from_utf8_lossy(self.sized()?).into_owned())
    }

    fn value(&mut self, tag: u8, depth: usize) -> Option<Value> {
        let bytes = self.sized()?;
        let number = |at: usize| Some(i32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
        Some(match tag {
            INTEGER | ENUM => number(0).map_or(Value::Other, Value::Number),
            BOOLEAN => Value::Yes(bytes.first() == Some(&1)),
            RANGE => number(0).zip(number(4)).map_or(Value::Other, |(from, to)| Value::Range(from, to)),
            RESOLUTION => {
                let dots = |dots: i32| {
                    let dots = u32::try_from(dots).ok()?;
                    // 4: a centimetre
                    Some(if bytes.get(8) == Some(&4) { dots.saturating_mul(254) / 100 } else { dots })
                };
                let pair = number(0).and_then(dots).zip(number(4).and_then(dots));
                pair.map_or(Value::Other, |(across, down)| Value::Dots(across, down))
            }
            COLLECTION => self.members(depth + 1)?,
            TEXT_WITH_LANGUAGE | NAME_WITH_LANGUAGE => {
                let mut parts = Reader(bytes);
                parts.sized()?;
                Value::Word(parts.text()?)
            }
            0x41..=0x5F => Value::Word(String::from_utf8_lossy(bytes).into_owned()),
            _ => Value::Other,
        })
    }

    fn members(&mut self, depth: usize) -> Option<Value> {
        if depth > DEEPEST {
            return None;
        }
        let (mut members, mut name) = (Vec::new(), String::new());
        loop {
            let tag = self.byte()?;
            if tag < 0x10 {
                return None;
            }
            self.sized()?;
            match tag {
                COLLECTION_END => {
                    self.sized()?;
                    return Some(Value::Members(members));
                }
                MEMBER => name = self.text()?,
                tag => {
                    let value = self.value(tag, depth)?;
                    members.push((name.clone(), value));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_request_is_read_again_as_it_was_written() {
        let bytes = Request::new(operation::PRINT_JOB, "ipp://printer.example/ipp/print")
            .asked_by("sekisho")
            .keywords("requested-attributes", &["job-id", "job-state"])
            .boolean("ipp-attribute-fidelity", false)
            .job()
            .integer("copies", 1)
            .media_size(6200, 10000)
            .with(b"RaS2");
        let read = read(&bytes).unwrap();
        assert_eq!(read.status, operation::PRINT_JOB);
        let asked = read.first(group::OPERATION);
        assert_eq!(asked.words("requested-attributes"), ["job-id", "job-state"]);
        assert_eq!(asked.yes("ipp-attribute-fidelity"), Some(false));
        let size =
            vec![("x-dimension".into(), Value::Number(6200)), ("y-dimension".into(), Value::Number(10000))];
        let media = Value::Members(vec![("media-size".into(), Value::Members(size))]);
        assert_eq!(read.first(group::JOB).values("media-col"), [media]);
        assert!(bytes.ends_with(b"\x03RaS2"));
    }

    #[test]
    fn collections_without_end_are_no_answer() {
        let mut bytes = vec![2, 0, 0, 0, 0, 0, 0, 1, group::PRINTER];
        bytes.extend([COLLECTION, 0, 1, b'a', 0, 0]);
        for _ in 0..40_000 {
            bytes.extend([MEMBER, 0, 0, 0, 1, b'b', COLLECTION, 0, 0, 0, 0]);
        }
        assert_eq!(read(&bytes), None);
    }

    proptest! {
        #[test]
        fn nothing_answered_makes_it_fall(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&bytes);
            let mut answer = vec![2, 0, 0, 0, 0, 0, 0, 1, group::PRINTER];
            answer.extend(bytes);
            let _ = read(&answer);
        }
    }
}
