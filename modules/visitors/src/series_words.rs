//! How often, in the words of a reader: 毎週月曜日 10:00～11:00、全12回、2027年2月8日まで.

use jiff::civil::Weekday;
use sekisho_kernel::Timestamp;
use sekisho_web::{Texts, Time, arg};

use crate::occurrence::{Occurrence, spell};
use crate::repeat::{Every, Rule, word_of};

/// One of the appointments that are spoken of.
pub(crate) struct Told {
    /// When the rule has it begin.
    pub(crate) on: String,
    /// When it takes place.
    pub(crate) when: Occurrence,
}

/// How often, from when to when, how many times, until which day. What was moved to another day does not happen as the rule says,
/// so that only its dates are named.
pub(crate) fn in_words(rule: &Rule, told: &[Told], zone: &str, t: &Texts) -> String {
    let Some((first, last)) = told.first().zip(told.last()) else { return String::new() };
    let date = |on: &str| on.split('T').next().map(str::to_owned);
    let as_ruled = told.iter().all(|one| date(&one.on) == date(&spell(one.when.starts)));
    let how = Some(rule).filter(|_| as_ruled).and_then(|rule| how_often(rule, &first.when, t));
    let how = how.unwrap_or_else(|| t.get("visitors-repeat-these-days"));
    let hours = |one: &Told| (one.when.starts.time(), one.when.ends.time());
    let one_day = first.when.starts.date() == first.when.ends.date();
    let same = told.iter().all(|one| hours(one) == hours(first));
    let clock = |civil: jiff::civil::DateTime| civil.strftime("%H:%M").to_string();
    let hours = match (same, one_day) {
        (true, true) => t.with(
            "visitors-repeat-hours",
            [("from", clock(first.when.starts)), ("to", clock(first.when.ends))],
        ),
        (true, false) => t.with("visitors-repeat-from", [("from", clock(first.when.starts))]),
        (false, _) => String::new(),
    };
    let day = Time::new(last.when.starts_at, zone, Timestamp::EPOCH, t.clone()).day().words();
    let how = format!("{how} {hours}");
    let args = [("how", arg(how.trim())), ("count", arg(told.len())), ("last", arg(day))];
    t.with("visitors-repeat-words", args)
}

/// How often alone; none for what is better said by dates.
pub(crate) fn how_often(rule: &Rule, first: &Occurrence, t: &Texts) -> Option<String> {
    if !rule.positions.is_empty() || !rule.months.is_empty() {
        return None;
    }
    let starts = first.starts.date();
    let (word, days) = match rule.every {
        Every::Day if !rule.month_days.is_empty() => return None,
        Every::Day if rule.days.is_empty() => ("daily", String::new()),
        Every::Day if rule.interval > 1 => return None,
        Every::Day | Every::Week if is_workweek(rule) && rule.interval == 1 => ("workdays", String::new()),
        Every::Day | Every::Week if rule.days.is_empty() => ("weekly", weekday(starts.weekday(), t)),
        Every::Day | Every::Week => {
            let days: Vec<String> = rule.days.iter().map(|day| weekday(day.weekday, t)).collect();
            ("weekly", t.list(&days))
        }
        Every::Month => ("monthly", t.list(&days_of_month(rule, starts.day(), t)?)),
        Every::Year => return None,
    };
    let args = [("count", arg(i64::from(rule.interval))), ("days", arg(days))];
    Some(match (word, rule.interval) {
        ("workdays", _) => t.get("visitors-repeat-workdays"),
        (word, 1) => t.with(&format!("visitors-repeat-{word}"), args),
        (word, _) => t.with(&format!("visitors-repeat-{word}-each"), args),
    })
}

fn is_workweek(rule: &Rule) -> bool {
    use Weekday::{Friday, Monday, Thursday, Tuesday, Wednesday};
    rule.days.len() == 5
        && [Monday, Tuesday, Wednesday, Thursday, Friday]
            .iter()
            .all(|wanted| rule.days.iter().any(|day| day.weekday == *wanted && day.nth.is_none()))
}

fn weekday(weekday: Weekday, t: &Texts) -> String {
    t.get(&format!("visitors-weekday-{}", word_of(weekday).to_ascii_lowercase()))
}

/// The days of a month, by date or by weekday; none when it is both.
fn days_of_month(rule: &Rule, first: i8, t: &Texts) -> Option<Vec<String>> {
    let by_date = |day: i8| match day {
        -1 => Some(t.get("visitors-repeat-last-day")),
        1.. => Some(t.with("visitors-repeat-date", [("day", i32::from(day))])),
        _ => None,
    };
    match (rule.month_days.as_slice(), rule.days.as_slice()) {
        ([], []) => Some(vec![by_date(first)?]),
        (dates, []) => dates.iter().map(|day| by_date(*day)).collect(),
        ([], days) => days
            .iter()
            .map(|day| {
                let day_word = weekday(day.weekday, t);
                match day.nth? {
                    nth @ 1..=5 => Some(t.with(&format!("visitors-repeat-nth-{nth}"), [("day", day_word)])),
                    -1 => Some(t.with("visitors-repeat-nth-last", [("day", day_word)])),
                    _ => None,
                }
            })
            .collect(),
        _ => None,
    }
}
