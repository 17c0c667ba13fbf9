//! Files and events of calendars as senders write them, and random ones.

use proptest::prelude::*;

use super::*;

fn file(method: &str, events: &[&str]) -> String {
    let events: String =
        events.iter().map(|event| format!("BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\n")).collect();
    let method = if method.is_empty() { String::new() } else { format!("METHOD:{method}\r\n") };
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\n{method}{events}END:VCALENDAR\r\n")
}

fn at(text: &str) -> DateTime {
    text.parse().unwrap()
}

fn tokyo() -> TimeZone {
    TimeZone::get("Asia/Tokyo").unwrap()
}

#[test]
fn an_invitation_as_programs_send_it() {
    let text = file(
        "REQUEST",
        &["UID:0e1f@example.jp\r\nSEQUENCE:2\r\nDTSTAMP:20261120T010203Z\r\n\
           DTSTART;TZID=Asia/Tokyo:20261201T100000\r\nDTEND;TZID=Asia/Tokyo:20261201T113000\r\n\
           ORGANIZER;CN=\"佐藤, 美咲\";SENT-BY=\"mailto:hisho@acme.test\":mailto:Sato@acme.test\r\n\
           ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;CN=山田 太\r\n 郎;RSVP=TRUE:MAILTO:yamada@midori.example\r\n\
           ATTENDEE;CUTYPE=ROOM;CN=3F:mailto:room@acme.test\r\n\
           ATTENDEE;PARTSTAT=DECLINED:mailto:no@midori.example\r\n\
           SUMMARY:お打ち合わせ\\, 見積り\r\nLOCATION:東京本社 3階\r\nDESCRIPTION:一行目\\n二行目\r\nSTATUS:CONFIRMED\r\n\
           RRULE:FREQ=WEEKLY;COUNT=4;BYDAY=TU\r\nEXDATE;TZID=Asia/Tokyo:20261208T100000"],
    );
    let read = read(&text).unwrap();
    let event = read.event.unwrap();
    assert_eq!((read.method, read.uid.as_str(), event.sequence), (Method::Request, "0e1f@example.jp", 2));
    assert_eq!(event.starts.on_clock(&tokyo()), Some(at("2026-12-01T10:00")));
    assert_eq!(event.ends.on_clock(&TimeZone::UTC), Some(at("2026-12-01T02:30")));
    assert_eq!(event.stamp, 1_795_136_523);
    let organizer = event.organizer.unwrap();
    assert_eq!((organizer.mail.as_str(), organizer.name.as_str()), ("Sato@acme.test", "佐藤, 美咲"));
    assert_eq!(event.sent_by.as_deref(), Some("hisho@acme.test"));
    let who: Vec<_> =
        event.attendees.iter().map(|one| (one.mail.as_str(), one.name.as_str(), one.comes)).collect();
    let all = [
        ("yamada@midori.example", "山田 太郎", true),
        ("room@acme.test", "3F", false),
        ("no@midori.example", "", false),
    ];
    assert_eq!(who, all);
    assert_eq!((event.summary.as_str(), event.location.as_str()), ("お打ち合わせ, 見積り", "東京本社 3階"));
    assert_eq!(event.description, "一行目\n二行目");
    assert_eq!(event.rule.as_deref(), Some("FREQ=WEEKLY;COUNT=4;BYDAY=TU"));
    assert_eq!(event.except[0].on_clock(&tokyo()), Some(at("2026-12-08T10:00")));
    assert!(!event.cancelled && !event.odd_rule && read.overrides.is_empty());
}

#[test]
fn times_are_read_in_every_clothing() {
    let one = |starts: &str, rest: &str| {
        let text = file("REQUEST", &[&format!("UID:1\r\n{starts}\r\n{rest}")]);
        let event = read(&text).unwrap().event.unwrap();
        (event.starts.on_clock(&tokyo()), event.ends.on_clock(&tokyo()))
    };
    for (starts, rest, from, to) in [
        ("DTSTART:20261201T010000Z", "DTEND:20261201T020000Z", "2026-12-01T10:00", "2026-12-01T11:00"),
        ("DTSTART:20261201T100000", "DURATION:PT90M", "2026-12-01T10:00", "2026-12-01T11:30"),
        ("DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261203", "2026-12-01T00:00", "2026-12-03T00:00"),
        ("DTSTART;VALUE=DATE:20261201", "SEQUENCE:0", "2026-12-01T00:00", "2026-12-02T00:00"),
        (
            "DTSTART;TZID=Tokyo Standard Time:20261201T100000",
            "SEQUENCE:0",
            "2026-12-01T10:00",
            "2026-12-01T11:00",
        ),
        (
            "DTSTART;TZID=\"(UTC+09:00) Osaka, Sapporo, Tokyo\":20261201T100000",
            "SEQUENCE:0",
            "2026-12-01T10:00",
            "2026-12-01T11:00",
        ),
        (
            "DTSTART;TZID=America/New_York:20261201T100000",
            "SEQUENCE:0",
            "2026-12-02T00:00",
            "2026-12-02T01:00",
        ),
    ] {
        assert_eq!(one(starts, rest), (Some(at(from)), Some(at(to))), "{starts}");
    }
    let own = "BEGIN:VTIMEZONE\r\nTZID:東京 (標準時)\r\nBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\nTZOFFSETFROM:+0900\r\nTZOFFSETTO:+0900\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";
    let text = file("REQUEST", &["UID:1\r\nDTSTART;TZID=東京 (標準時):20261201T100000"])
        .replace("BEGIN:VEVENT", &format!("{own}BEGIN:VEVENT"));
    let starts = |text: &str| read(text).unwrap().event.unwrap().starts;
    assert_eq!(starts(&text).on_clock(&TimeZone::UTC), Some(at("2026-12-01T01:00")));
    assert_eq!(
        starts(&text.replace("TZOFFSETTO:+0900", "TZOFFSETTO:+0530")).on_clock(&TimeZone::UTC),
        Some(at("2026-12-01T04:30"))
    );
    let nowhere = file("REQUEST", &["UID:1\r\nDTSTART;TZID=Nowhere/At_All:20261201T100000"]);
    assert_eq!(starts(&nowhere), When::UnknownZone);
}

#[test]
fn a_change_of_one_time_is_known_as_one() {
    let text = file(
        "REQUEST",
        &[
            "UID:1\r\nDTSTART:20261201T010000Z\r\nRRULE:FREQ=DAILY;COUNT=3",
            "UID:1\r\nRECURRENCE-ID:20261202T010000Z\r\nDTSTART:20261202T050000Z\r\nSTATUS:CANCELLED",
            "UID:1\r\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261203T010000Z\r\nDTSTART:20261203T050000Z",
        ],
    );
    let read = read(&text).unwrap();
    assert!(read.event.is_some());
    let [first, second] = &read.overrides[..] else { panic!("two: {read:?}") };
    assert!(first.cancelled && !first.and_later && second.and_later);
    assert_eq!(first.recurrence.as_ref().unwrap().on_clock(&TimeZone::UTC), Some(at("2026-12-02T01:00")));
}

#[test]
fn what_is_no_single_event_is_told_apart() {
    assert_eq!(read("hello"), Err(BadFile::Unreadable));
    assert_eq!(read(""), Err(BadFile::Unreadable));
    assert_eq!(read("BEGIN:VCARD\r\nEND:VCARD\r\n"), Err(BadFile::Unreadable));
    assert_eq!(read(&file("REQUEST", &[])), Err(BadFile::NoEvent));
    assert_eq!(read(&file("REQUEST", &["DTSTART:20261201T010000Z"])), Err(BadFile::Unreadable));
    assert_eq!(read(&file("REQUEST", &["UID:1"])), Err(BadFile::Unreadable));
    let two = file("", &["UID:1\r\nDTSTART:20261201T010000Z", "UID:2\r\nDTSTART:20261201T010000Z"]);
    assert_eq!(read(&two), Err(BadFile::Several));
    assert_eq!(read(&" ".repeat(LARGEST + 1)), Err(BadFile::TooMuch));
    assert_eq!(read(&"BEGIN:VEVENT\r\n".repeat(2000)), Err(BadFile::TooMuch));
    let many = "ATTENDEE:mailto:a@b.example\r\n".repeat(MOST_ATTENDEES + 1);
    assert_eq!(
        read(&file("", &[&format!("UID:1\r\nDTSTART:20261201T010000Z\r\n{many}X-A:1")])),
        Err(BadFile::TooMuch)
    );
    // An event inside another, and a text that looks like one, open nothing.
    let inside = file(
        "REQUEST",
        &[
            "UID:1\r\nDTSTART:20261201T010000Z\r\nSUMMARY:a\\nBEGIN:VEVENT\\nUID:2\r\nBEGIN:VEVENT\r\nUID:2\r\nDTSTART:20261201T010000Z\r\nEND:VEVENT",
        ],
    );
    assert_eq!(read(&inside).unwrap().uid, "1");
}

proptest! {
    #[test]
    fn nothing_breaks_the_reader(text in "\\PC{0,300}", lines in prop::collection::vec("(BEGIN|END|DTSTART|DTEND|RRULE|EXDATE|RECURRENCE-ID|DTSTAMP|DURATION|ORGANIZER|ATTENDEE|UID|SEQUENCE|STATUS)(;(TZID|VALUE|CN|RANGE)=[^\r\n]{0,8})?:[^\r\n]{0,24}", 0..20)) {
        let _ = read(&text);
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let _ = read(&file("REQUEST", &[&lines.join("\r\n")]));
    }

    #[test]
    fn numbers_out_of_range_break_nothing(year in 0u16..=9999, month in 0u8..99, day in 0u8..99, hour in 0u8..99, minute in 0u8..99, weeks in 0u32.., tail in "[ZT]?") {
        let text = format!("UID:1\r\nDTSTART:{year:04}{month:02}{day:02}T{hour:02}{minute:02}00{tail}\r\nDURATION:P{weeks}W");
        if let Ok(read) = read(&file("REQUEST", &[&text])) {
            let event = read.event.unwrap();
            let _ = (event.starts.on_clock(&tokyo()), event.ends.on_clock(&tokyo()));
        }
    }
}
