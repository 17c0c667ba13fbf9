//! The rules against examples, against anything at all, and against another reader of rules.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use jiff::civil::{Date, DateTime, date, datetime};
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::{BadRule, Rule, overlap};
use crate::occurrence::Occurrence;

fn read(text: &str) -> Result<Rule, BadRule> {
    Rule::read(text, &TimeZone::get("Asia/Tokyo").unwrap())
}

/// The days of a rule from nine o'clock on that day on, or why there are none.
fn days(text: &str, first: Date) -> Result<Vec<String>, BadRule> {
    let times = read(text)?.times(first.at(9, 0, 0, 0), &BTreeSet::new())?;
    assert!(times.iter().all(|time| time.time() == jiff::civil::time(9, 0, 0, 0)));
    Ok(times.iter().map(|time| time.date().to_string()).collect())
}

#[test]
fn rules_of_receptions() {
    let monday = date(2026, 11, 23);
    for (rule, first, last, count) in [
        ("FREQ=DAILY;COUNT=3", "2026-11-23", "2026-11-25", 3),
        ("freq=weekly;byday=mo,we;count=4", "2026-11-23", "2026-12-02", 4),
        ("RRULE:FREQ=WEEKLY;BYDAY=TU;UNTIL=20261208", "2026-11-24", "2026-12-08", 3),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=3", "2026-11-23", "2026-12-21", 3),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;WKST=SU;COUNT=2", "2026-12-06", "2026-12-20", 2),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;COUNT=6", "2026-11-23", "2026-11-30", 6),
        ("FREQ=MONTHLY;BYDAY=4MO;COUNT=3", "2026-11-23", "2027-01-25", 3),
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=2", "2026-11-27", "2026-12-25", 2),
        ("FREQ=MONTHLY;BYMONTHDAY=31", "2026-12-31", "2027-10-31", 7),
        ("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=4", "2026-11-30", "2027-02-28", 4),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=2", "2026-11-30", "2026-12-31", 2),
        ("FREQ=MONTHLY;BYDAY=MO,2TU;COUNT=4", "2026-11-23", "2026-12-08", 4),
        ("FREQ=YEARLY;COUNT=2", "2026-11-23", "2027-11-23", 2),
        ("FREQ=YEARLY;BYMONTH=1,7;BYMONTHDAY=10", "2027-01-10", "2027-07-10", 2),
        ("FREQ=YEARLY;BYMONTH=1;BYDAY=2MO,3MO", "2027-01-11", "2027-01-18", 2),
        ("FREQ=YEARLY;BYDAY=1MO,-1MO", "2026-12-28", "2027-01-04", 2),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=27,28", "2027-02-27", "2027-02-28", 2),
        // Without an end it goes on for a year; a leap year has a day more.
        ("FREQ=DAILY", "2026-11-23", "2027-11-22", 365),
        ("FREQ=WEEKLY", "2026-11-23", "2027-11-22", 53),
        ("FREQ=WEEKLY;UNTIL=20271123", "2026-11-23", "2027-11-22", 53),
        // A time in UTC is one on our clock: 09:00 in Tokyo is in, one second before is not.
        ("FREQ=DAILY;UNTIL=20261125T000000Z", "2026-11-23", "2026-11-25", 3),
        ("FREQ=DAILY;UNTIL=20261124T235959Z", "2026-11-23", "2026-11-24", 2),
        ("FREQ=DAILY;UNTIL=20261125T085959", "2026-11-23", "2026-11-24", 2),
    ] {
        let found = days(rule, monday).unwrap_or_else(|bad| panic!("{rule}: {bad:?}"));
        assert_eq!(
            (found.first().unwrap().as_str(), found.last().unwrap().as_str()),
            (first, last),
            "{rule}"
        );
        assert_eq!(found.len(), count, "{rule}");
        // Kept and answered the same way, and read back as the same.
        let spelt = read(rule).unwrap().to_string();
        assert_eq!(read(&spelt).unwrap(), read(rule).unwrap(), "{spelt}");
    }
    assert_eq!(days("FREQ=DAILY", date(2027, 3, 1)).unwrap().len(), 366);
    assert_eq!(
        days("FREQ=MONTHLY;BYDAY=MO,2TU;COUNT=4", monday).unwrap(),
        ["2026-11-23", "2026-11-30", "2026-12-07", "2026-12-08"],
        "the first of them and the second Tuesday, not Mondays that are second Tuesdays"
    );
}

#[test]
fn rules_that_are_none_are_told_apart() {
    let (day, leap) = (date(2026, 11, 23), date(2028, 2, 29));
    for (rule, first, bad) in [
        ("", day, BadRule::Unreadable),
        ("weekly", day, BadRule::Unreadable),
        ("FREQ=WEEKLY;", day, BadRule::Unreadable),
        ("FREQ=WEEKLY;FREQ=DAILY", day, BadRule::Unreadable),
        ("INTERVAL=2", day, BadRule::Unreadable),
        ("FREQ=WEEKLY;INTERVAL=0", day, BadRule::Unreadable),
        ("FREQ=WEEKLY;INTERVAL=-1", day, BadRule::Unreadable),
        ("FREQ=WEEKLY;INTERVAL=65536", day, BadRule::Unreadable),
        ("FREQ=WEEKLY;COUNT=0", day, BadRule::Unreadable),
        ("FREQ=WEEKLY;COUNT=3;UNTIL=20270101", day, BadRule::Unreadable),
        ("FREQ=WEEKLY;UNTIL=20270230", day, BadRule::Unreadable),
        ("FREQ=WEEKLY;UNTIL=2027", day, BadRule::Unreadable),
        ("FREQ=WEEKLY;UNTIL=20270101T", day, BadRule::Unreadable),
        ("FREQ=WEEKLY;UNTIL=20270101T250000", day, BadRule::Unreadable),
        ("FREQ=WEEKLY;UNTIL=20270101T090000+09", day, BadRule::Unreadable),
        ("FREQ=WEEKLY;BYDAY=", day, BadRule::Unreadable),
        ("FREQ=WEEKLY;BYDAY=XMO", day, BadRule::Unreadable),
        ("FREQ=WEEKLY;BYDAY=2MO", day, BadRule::Unreadable),
        ("FREQ=WEEKLY;BYDAY=あ", day, BadRule::Unreadable),
        ("FREQ=WEEKLY;BYMONTHDAY=1", day, BadRule::Unreadable),
        ("FREQ=MONTHLY;BYMONTHDAY=0", day, BadRule::Unreadable),
        ("FREQ=MONTHLY;BYMONTHDAY=32", day, BadRule::Unreadable),
        ("FREQ=MONTHLY;BYDAY=6MO", day, BadRule::Unreadable),
        ("FREQ=MONTHLY;BYMONTH=13", day, BadRule::Unreadable),
        ("FREQ=MONTHLY;BYSETPOS=1", day, BadRule::Unreadable),
        ("FREQ=WEEKLY;X-OWN=1", day, BadRule::Unreadable),
        ("FREQ=SECONDLY", day, BadRule::NotOffered),
        ("FREQ=DAILY;BYHOUR=9,10", day, BadRule::NotOffered),
        ("FREQ=YEARLY;BYWEEKNO=20", day, BadRule::NotOffered),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", day, BadRule::Nothing),
        ("FREQ=DAILY;COUNT=9;BYMONTH=2;BYMONTHDAY=30", day, BadRule::Nothing),
        ("FREQ=YEARLY;BYMONTH=5;BYSETPOS=3;BYMONTHDAY=3", day, BadRule::Nothing),
        ("FREQ=DAILY;UNTIL=20261122", day, BadRule::Nothing),
        ("FREQ=DAILY;INTERVAL=65535", day, BadRule::Once),
        ("FREQ=YEARLY;INTERVAL=65535", day, BadRule::Once),
        ("FREQ=MONTHLY;INTERVAL=65535", day, BadRule::Once),
        ("FREQ=YEARLY", leap, BadRule::Once),
        ("FREQ=DAILY;COUNT=1", day, BadRule::Once),
        ("FREQ=YEARLY;COUNT=3", day, BadRule::TooLong),
        ("FREQ=DAILY;COUNT=400", day, BadRule::TooLong),
        ("FREQ=WEEKLY;UNTIL=20271124", day, BadRule::TooLong),
        ("FREQ=WEEKLY;UNTIL=99991231", day, BadRule::TooLong),
        ("FREQ=DAILY", date(9999, 12, 31), BadRule::TooLong),
    ] {
        assert_eq!(days(rule, first).map(|days| days.len()), Err(bad), "{rule}");
    }
    let many = format!("FREQ=MONTHLY;BYMONTHDAY={}", vec!["1"; 100].join(","));
    assert_eq!(days(&many, day), Err(BadRule::Unreadable));
}

#[test]
fn days_left_out_count_all_the_same() {
    let except = BTreeSet::from([date(2026, 11, 30), date(2030, 1, 1)]);
    let rule = read("FREQ=WEEKLY;COUNT=3").unwrap();
    let found = rule.times(datetime(2026, 11, 23, 9, 0, 0, 0), &except).unwrap();
    assert_eq!(found, [datetime(2026, 11, 23, 9, 0, 0, 0), datetime(2026, 12, 7, 9, 0, 0, 0)]);
    let all = [date(2026, 11, 23), date(2026, 11, 30), date(2026, 12, 7)].into();
    assert_eq!(rule.times(datetime(2026, 11, 23, 9, 0, 0, 0), &all), Err(BadRule::Nothing));
}

#[test]
fn nine_oclock_stays_nine_oclock_when_clocks_jump() {
    let zone = TimeZone::get("America/New_York").unwrap();
    let starts = datetime(2027, 3, 8, 9, 0, 0, 0);
    let at = |starts: &DateTime| {
        let ends = starts.date().at(10, 30, 0, 0);
        Occurrence::on(*starts, ends, &zone).unwrap()
    };
    let times = read("FREQ=WEEKLY;COUNT=2").unwrap().times(starts, &BTreeSet::new()).unwrap();
    let at: Vec<Occurrence> = times.iter().map(at).collect();
    let shown: Vec<String> = at.iter().map(|one| one.starts_at.rfc3339()).collect();
    assert_eq!(shown, ["2027-03-08T14:00:00Z", "2027-03-15T13:00:00Z"]);
    let periods: Vec<_> = at.iter().map(|one| (one.starts_at, one.ends_at)).collect();
    assert!(!overlap(&periods));
    let long: Vec<_> =
        periods.iter().map(|(starts, _)| (*starts, starts.plus(Duration::from_secs(8 * 86_400)))).collect();
    assert!(overlap(&long), "one that lasts longer than a week");
}

/// A rule that is one, in text, of the kinds that both readers know.
fn any_rule() -> impl Strategy<Value = String> {
    let weekdays = prop::sample::subsequence(vec!["MO", "TU", "WE", "TH", "FR", "SA", "SU"], 0..=4);
    let nth = prop::sample::select(vec!["", "1", "2", "4", "5", "-1", "-2"]);
    let month_days = prop::sample::subsequence(vec![1, 13, 28, 29, 30, 31, -1, -7], 0..=3);
    let months = prop::sample::subsequence(vec![1, 2, 3, 6, 11, 12], 0..=3);
    let positions = prop::sample::subsequence(vec![1, 2, 5, -1, -3], 0..=2);
    let end = prop_oneof![
        Just(String::new()),
        (1_u16..60).prop_map(|count| format!(";COUNT={count}")),
        (0_i64..360).prop_map(|after| format!(";UNTIL=+{after}")),
    ];
    let week_start = prop::sample::select(vec!["MO", "SU", "WE"]);
    let every = prop::sample::select(vec!["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]);
    (every, 1_u16..6, weekdays, nth, (month_days, months), positions, end, week_start).prop_map(
        |(every, interval, weekdays, nth, (month_days, months), positions, end, week_start)| {
            let mut rule = format!("FREQ={every};INTERVAL={interval};WKST={week_start}{end}");
            let numbered = matches!(every, "MONTHLY" | "YEARLY");
            let nth = if numbered { nth } else { "" };
            let mut list = |name: &str, values: Vec<String>| {
                if !values.is_empty() {
                    rule.push_str(&format!(";{name}={}", values.join(",")));
                }
            };
            let text = |all: &[i32]| all.iter().map(ToString::to_string).collect::<Vec<_>>();
            list("BYDAY", weekdays.iter().map(|day| format!("{nth}{day}")).collect());
            if every != "WEEKLY" {
                list("BYMONTHDAY", text(&month_days));
            }
            list("BYMONTH", text(&months));
            let by_something = !weekdays.is_empty() || !months.is_empty() || !month_days.is_empty();
            // Where a rule begins in the middle of a week, the other reader numbers the days of that week from there; we number
            // all of them.
            if by_something && every != "WEEKLY" {
                list("BYSETPOS", text(&positions));
            }
            rule
        },
    )
}

/// The days as the other reader has them: at noon, in UTC, of the same window.
fn as_another_reads_it(text: &str, first: Date, last: Date) -> Vec<String> {
    let set: rrule::RRuleSet =
        format!("DTSTART:{}T120000Z\nRRULE:{text}", first.strftime("%Y%m%d")).parse().unwrap();
    let until = last.to_string();
    let days = set.all(1000).dates.into_iter().map(|at| at.format("%Y-%m-%d").to_string());
    days.take_while(|day| *day <= until).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 300 } else { 3000 }))]

    #[test]
    fn another_reader_finds_the_same_days(rule in any_rule(), after in 0_i64..1500) {
        use jiff::ToSpan as _;
        let first = date(2026, 1, 1).checked_add(after.days()).unwrap();
        let rule = match rule.split_once("UNTIL=+") {
            Some((before, rest)) => {
                let (days, rest) = rest.split_once(';').map_or((rest, ""), |(days, rest)| (days, rest));
                let until = first.checked_add(days.parse::<i64>().unwrap().days()).unwrap();
                let sep = if rest.is_empty() { "" } else { ";" };
                format!("{before}UNTIL={}T235959Z{sep}{rest}", until.strftime("%Y%m%d"))
            }
            None => rule,
        };
        let zone = TimeZone::UTC;
        let ours = Rule::read(&rule, &zone).unwrap().times(first.at(12, 0, 0, 0), &BTreeSet::new());
        let endless = !rule.contains("COUNT") && !rule.contains("UNTIL");
        let last = first.checked_add(1.year()).unwrap();
        let last = if endless { last.yesterday().unwrap() } else { last };
        let theirs = as_another_reads_it(&rule, first, last);
        match ours {
            Ok(times) => {
                let ours: Vec<String> = times.iter().map(|time| time.date().to_string()).collect();
                prop_assert_eq!(ours, theirs, "{} from {}", rule, first);
            }
            Err(BadRule::Nothing) => prop_assert_eq!(theirs, Vec::<String>::new(), "{} from {}", rule, first),
            Err(BadRule::Once) => prop_assert_eq!(theirs.len(), 1, "{} from {}", rule, first),
            Err(BadRule::TooLong) => {
                let count: usize = rule.split("COUNT=").nth(1).unwrap().split(';').next().unwrap().parse().unwrap();
                prop_assert!(theirs.len() < count, "{} from {}: {:?}", rule, first, theirs);
            }
            Err(other) => prop_assert!(false, "{}: {:?}", rule, other),
        }
    }

    #[test]
    fn any_text_is_read_or_refused_in_no_time(text in "(?s).{0,80}", more in "[A-Z0-9=;,+\\-]{0,120}", joined in any::<bool>()) {
        let text = if joined { format!("FREQ=YEARLY;{more}") } else { text };
        let began = Instant::now();
        if let Ok(rule) = read(&text) {
            let _ = rule.times(datetime(2028, 2, 29, 9, 0, 0, 0), &BTreeSet::new());
            prop_assert_eq!(read(&rule.to_string()).unwrap(), rule);
        }
        prop_assert!(began.elapsed() < Duration::from_secs(2), "{text}");
    }
}
