//! Schedules against wall clocks that jump, and against an oracle that looks at every minute.

use jiff::civil::date;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use sekisho_kernel::Timestamp;

use super::{Compiled, DAY, NewSchedule, OnHolidays, Span, Week, Window};

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn utc(text: &str) -> Timestamp {
    text.parse::<jiff::Timestamp>().unwrap().into()
}

fn span(from: &str, to: &str) -> Span {
    let minute = |text: &str| {
        let (hour, minute) = text.split_once(':').unwrap();
        hour.parse::<u16>().unwrap() * 60 + minute.parse::<u16>().unwrap()
    };
    Span { from: minute(from), to: minute(to) }
}

fn every_day(from: &str, to: &str) -> Compiled {
    let week = Week::on(&[1, 2, 3, 4, 5, 6, 7], &[span(from, to)]);
    Compiled::new(&NewSchedule { week, ..NewSchedule::default() }, [])
}

fn shown(windows: &[Window]) -> Vec<String> {
    windows.iter().map(|window| format!("{} – {}", window.from, window.until)).collect()
}

#[test]
fn opens_by_the_wall_clock_of_the_zone() {
    let office = Compiled::new(
        &NewSchedule {
            week: Week::on(&[1, 2, 3, 4, 5], &[span("09:00", "18:00")]),
            ..NewSchedule::default()
        },
        [],
    );
    let tokyo = zone("Asia/Tokyo");
    for (at, open) in [
        ("2026-11-24T00:00:00Z", true),         // Tuesday 09:00
        ("2026-11-23T23:59:59.999999Z", false), // a moment before
        ("2026-11-24T08:59:59.999999Z", true),  // 17:59:59
        ("2026-11-24T09:00:00Z", false),        // 18:00 is shut
        ("2026-11-22T03:00:00Z", false),        // Sunday noon
        ("2026-11-27T08:00:00Z", true),         // Friday 17:00
    ] {
        assert_eq!(office.open_at(utc(at), &tokyo), open, "{at}");
    }
}

#[test]
fn an_hour_that_does_not_exist_is_skipped() {
    // New York, 2026-03-08: 02:00 becomes 03:00 at 07:00Z.
    let zone = zone("America/New_York");
    let windows = every_day("01:30", "03:30").day(date(2026, 3, 8), &zone);
    assert_eq!(
        shown(&windows),
        ["2026-03-08T06:30:00Z – 2026-03-08T07:30:00Z"],
        "an hour of wall time is missing"
    );
    assert_eq!(
        shown(&every_day("02:00", "03:00").day(date(2026, 3, 8), &zone)),
        [""; 0],
        "never shown by a clock"
    );
}

#[test]
fn an_hour_that_exists_twice_is_open_twice() {
    // New York, 2026-11-01: 02:00 EDT becomes 01:00 EST at 06:00Z.
    let zone = zone("America/New_York");
    assert_eq!(
        shown(&every_day("01:00", "01:30").day(date(2026, 11, 1), &zone)),
        ["2026-11-01T05:00:00Z – 2026-11-01T05:30:00Z", "2026-11-01T06:00:00Z – 2026-11-01T06:30:00Z"]
    );
    assert_eq!(
        shown(&every_day("00:30", "02:30").day(date(2026, 11, 1), &zone)),
        ["2026-11-01T04:30:00Z – 2026-11-01T07:30:00Z"],
        "one window of three hours"
    );
}

#[test]
fn a_night_runs_into_the_next_day() {
    let tokyo = zone("Asia/Tokyo");
    let night = Compiled::new(
        &NewSchedule { week: Week::on(&[5], &[span("22:00", "06:00")]), ..NewSchedule::default() },
        [],
    );
    let openings = night.next_openings(utc("2026-11-27T20:00:00Z"), &tokyo, 2);
    assert_eq!(
        shown(&openings),
        ["2026-11-27T13:00:00Z – 2026-11-27T21:00:00Z", "2026-12-04T13:00:00Z – 2026-12-04T21:00:00Z"],
        "Friday 22:00 to Saturday 06:00; the one open now comes first, whole"
    );
}

#[test]
fn holidays_shut_or_change_the_hours() {
    let tokyo = zone("Asia/Tokyo");
    let week = Week::on(&[1, 2, 3, 4, 5], &[span("09:00", "18:00")]);
    let with = |on_holidays| {
        let schedule = NewSchedule { week: week.clone(), on_holidays, japan: true, ..NewSchedule::default() };
        Compiled::new(&schedule, [date(2026, 11, 25)])
    };
    let labour_day = utc("2026-11-23T03:00:00Z"); // Monday noon, 勤労感謝の日
    let own = utc("2026-11-25T03:00:00Z");
    assert!(with(OnHolidays::AsUsual).open_at(labour_day, &tokyo));
    assert!(!with(OnHolidays::Closed).open_at(labour_day, &tokyo));
    assert!(!with(OnHolidays::Closed).open_at(own, &tokyo));
    let short = with(OnHolidays::Hours { spans: vec![span("10:00", "11:00")] });
    assert!(!short.open_at(labour_day, &tokyo));
    assert!(short.open_at(utc("2026-11-23T01:30:00Z"), &tokyo));
    let next = with(OnHolidays::Closed).next_openings(utc("2026-11-21T00:00:00Z"), &tokyo, 2);
    assert_eq!(
        shown(&next),
        ["2026-11-24T00:00:00Z – 2026-11-24T09:00:00Z", "2026-11-26T00:00:00Z – 2026-11-26T09:00:00Z"]
    );
}

#[test]
fn never_and_always() {
    let tokyo = zone("Asia/Tokyo");
    let at = utc("2026-11-24T00:00:00Z");
    let never = Compiled::new(&NewSchedule::default(), []);
    assert!(never.next_openings(at, &tokyo, 5).is_empty());
    let always = Compiled::new(&NewSchedule { week: Week::always(), ..NewSchedule::default() }, []);
    assert_eq!(always.next_openings(at, &tokyo, 5).len(), 1, "one window without end");
}

#[test]
fn days_with_the_same_hours_stand_together() {
    let mut week = Week::on(&[1, 2, 3], &[span("09:00", "12:00"), span("11:00", "18:00")]);
    week.add(6, span("10:00", "12:00"));
    assert_eq!(
        week.groups(),
        [(vec![1, 2, 3], vec![span("09:00", "18:00")]), (vec![6], vec![span("10:00", "12:00")])]
    );
}

fn spans() -> impl Strategy<Value = Vec<Span>> {
    prop::collection::vec((0..DAY, 1..=DAY).prop_map(|(from, to)| Span { from, to }), 0..3)
}

fn weeks() -> impl Strategy<Value = Week> {
    prop::array::uniform7(spans()).prop_map(|days| {
        let mut week = Week::default();
        for (number, spans) in (1..).zip(days) {
            for span in spans {
                week.add(number, span);
            }
        }
        week
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// The windows of two days around any moment are exactly the minutes at which a clock on the wall shows an open one.
    #[test]
    fn windows_are_what_the_wall_clock_shows(
        week in weeks(),
        start in prop_oneof![
            1_772_800_000_i64..1_773_100_000, // around New York's spring change
            1_793_400_000_i64..1_793_700_000, // around its autumn change
            1_790_000_000_i64..1_800_000_000,
        ],
        zone_name in prop_oneof![Just("America/New_York"), Just("Asia/Tokyo"), Just("Australia/Lord_Howe"), Just("Asia/Kathmandu")],
    ) {
        let zone = zone(zone_name);
        let compiled = Compiled::new(&NewSchedule { week, ..NewSchedule::default() }, []);
        let start = start - start % 60;
        let from = Timestamp::from_secs(start);
        let openings = compiled.next_openings(from, &zone, 400);
        let mut ahead = openings.iter().peekable();
        for minute in 0..2 * 24 * 60 {
            let at = Timestamp::from_secs(start + minute * 60);
            while ahead.peek().is_some_and(|window| window.until <= at) {
                ahead.next();
            }
            let in_window = ahead.peek().is_some_and(|window| window.from <= at);
            // the oracle: what a clock on the wall shows
            let wall = at.to_jiff().to_zoned(zone.clone());
            let minute_of_day = u16::try_from(i32::from(wall.hour()) * 60 + i32::from(wall.minute())).unwrap();
            let day = usize::try_from(wall.weekday().to_monday_zero_offset()).unwrap();
            let open = compiled.week.0[day].iter().any(|span| (span.from..span.to).contains(&minute_of_day));
            prop_assert_eq!(compiled.open_at(at, &zone), open, "open_at {}", at);
            prop_assert_eq!(in_window, open, "window {}", at);
        }
    }
}
