//! A visit as a calendar file (RFC 5545), as guests put it into their calendars.

use jiff::tz::TimeZone;
use sekisho_kernel::Timestamp;

/// The longest line in bytes; longer ones are folded.
const LONGEST_LINE: usize = 75;

/// What stands in the file.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The same for every version of a visit.
    pub uid: String,
    /// Which version.
    pub sequence: i64,
    /// When it was written.
    pub written_at: Timestamp,
    /// From.
    pub starts_at: Timestamp,
    /// Until.
    pub ends_at: Timestamp,
    /// What it is called.
    pub summary: String,
    /// Where.
    pub location: String,
    /// More words, such as the code.
    pub description: String,
    /// The personal page; may be empty.
    pub url: String,
    /// The organizer's mail address; may be empty.
    pub organizer: String,
    /// The organizer's name.
    pub organizer_name: String,
    /// Whether it was called off.
    pub cancelled: bool,
}

impl Entry {
    /// The file. `method` is `PUBLISH` or `CANCEL`.
    pub fn file(&self, method: &str) -> String {
        file_of(std::slice::from_ref(self), method)
    }

    fn lines(&self) -> Vec<String> {
        let mut lines = vec![
            "BEGIN:VEVENT".to_owned(),
            format!("UID:{}", text(&self.uid)),
            format!("SEQUENCE:{}", self.sequence),
            format!("DTSTAMP:{}", utc(self.written_at)),
            format!("DTSTART:{}", utc(self.starts_at)),
            format!("DTEND:{}", utc(self.ends_at)),
            format!("SUMMARY:{}", text(&self.summary)),
            format!("LOCATION:{}", text(&self.location)),
            format!("DESCRIPTION:{}", text(&self.description)),
            format!("STATUS:{}", if self.cancelled { "CANCELLED" } else { "CONFIRMED" }),
        ];
        if !self.url.is_empty() {
            lines.push(format!("URL:{}", self.url));
        }
        if !self.organizer.is_empty() {
            let name: String =
                self.organizer_name.chars().filter(|sign| !sign.is_control() && *sign != '"').collect();
            lines.push(format!("ORGANIZER;CN=\"{name}\":mailto:{}", self.organizer));
        }
        lines.push("END:VEVENT".to_owned());
        lines
    }
}

/// One file of several visits.
pub fn file_of(entries: &[Entry], method: &str) -> String {
    let head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Sekisho//visitors//EN"].map(str::to_owned);
    let lines = head.into_iter().chain([format!("METHOD:{method}")]);
    let lines = lines.chain(entries.iter().flat_map(Entry::lines)).chain(["END:VCALENDAR".to_owned()]);
    lines.map(|line| folded(&line)).collect()
}

fn utc(at: Timestamp) -> String {
    at.to_jiff().to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// A text value: what would end or part it is escaped.
fn text(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for sign in value.chars() {
        match sign {
            '\\' | ';' | ',' => out.extend(['\\', sign]),
            '\n' => out.push_str("\\n"),
            '\r' => {}
            sign if sign.is_control() => {}
            sign => out.push(sign),
        }
    }
    out
}

/// Lines of at most 75 bytes, never parted within a sign.
fn folded(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 8);
    let mut length = 0;
    for sign in line.chars() {
        if length + sign.len_utf8() > LONGEST_LINE {
            out.push_str("\r\n ");
            length = 1;
        }
        out.push(sign);
        length += sign.len_utf8();
    }
    out.push_str("\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_reader_reads_what_we_write() {
        let entry = Entry {
            uid: "01a2@acme.test".to_owned(),
            sequence: 3,
            written_at: Timestamp::from_secs(1_800_000_000),
            starts_at: Timestamp::from_secs(1_800_003_600),
            ends_at: Timestamp::from_secs(1_800_007_200),
            summary: "来訪: 青葉商事; 3階, 受付\\で\r\nBEGIN:VEVENT".to_owned(),
            location: "東京都千代田区丸の内1-1-1 ".repeat(6),
            description: String::new(),
            url: "https://acme.test/v/0123".to_owned(),
            organizer: "sato@acme.test".to_owned(),
            organizer_name: "佐藤 \"美咲\"".to_owned(),
            cancelled: false,
        };
        let file = entry.file("PUBLISH");
        assert!(file.split("\r\n").all(|line| line.len() <= LONGEST_LINE), "{file}");
        let read: icalendar::Calendar = file.parse().unwrap();
        use icalendar::Component as _;
        let [icalendar::CalendarComponent::Event(event)] = &read.components[..] else {
            panic!("one event: {read:?}")
        };
        assert_eq!(event.get_uid(), Some("01a2@acme.test"));
        assert_eq!(event.property_value("SEQUENCE"), Some("3"));
        assert_eq!(event.property_value("DTSTART"), Some("20270115T090000Z"));
        let summary =
            event.get_summary().unwrap().replace("\\n", "\n").replace("\\;", ";").replace("\\,", ",");
        assert!(summary.starts_with("来訪: 青葉商事; 3階, 受付"), "{summary}");
        assert_eq!(read.components.len(), 1, "what stands in a text opens nothing");
    }
}
