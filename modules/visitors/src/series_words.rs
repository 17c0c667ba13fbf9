//! How often, in the words of a reader: 毎週月曜日 10:00～11:00、全12回、2027年2月8日まで.

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime, Weekday};
use sekisho_kernel::Timestamp;
use sekisho_web::{Texts, Time, arg};

use crate::occurrence::{Occurrence, spell};
use crate::repeat::{End, Every, Rule, word_of};

/// One of the appointments that are spoken of.
pub(crate) struct Told {
    /// When the rule has it begin.
    pub(crate) on: String,
    /// When it takes place.
    pub(crate) when: Occurrence,
}

/// The most days that are named one by one.
const MOST_DAYS: usize = 12;
/// The most days of a rule that are named as left out.
const MOST_LEFT_OUT: usize = 5;

/// Where the words stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// In a mail, beside a calendar file of all days.
    Mail,
    /// On a page that lists all days.
    Page,
}

/// What of a series is put into words.
pub(crate) struct Telling<'a> {
    /// The rule it was made by.
    pub(crate) rule: &'a Rule,
    /// Which of its appointments, in the order of the rule.
    pub(crate) told: &'a [Told],
    /// When the rule has those begin that take place and are not spoken of.
    pub(crate) besides: Vec<&'a str>,
    /// On which clock.
    pub(crate) zone: &'a str,
    /// Where the words stand.
    pub(crate) place: Place,
}

/// How often, from when to when, how many times, until which day. What was moved to another day does not happen as the rule says,
/// so that its days are named instead, as far as they are few; and so are days on which the rule alone would have it happen.
pub(crate) fn in_words(telling: &Telling<'_>, t: &Texts) -> String {
    let Telling { rule, told, zone, place, .. } = *telling;
    let Some((first, last)) = told.first().zip(told.last()) else { return String::new() };
    let time = |at: Timestamp| Time::new(at, zone, Timestamp::EPOCH, t.clone());
    let date = |on: &str| on.split('T').next().map(str::to_owned);
    let as_ruled = told.iter().all(|one| date(&one.on) == date(&spell(one.when.starts)));
    let how = Some(rule).filter(|_| as_ruled).and_then(|rule| how_often(rule, &first.when, t));
    let left_out = left_out(telling);
    let named = how.is_none() || left_out.len() > MOST_LEFT_OUT;
    if named && told.len() <= MOST_DAYS {
        let days: Vec<String> = told.iter().map(|one| time(one.when.starts_at).day().words()).collect();
        let how = format!("{} {}", t.list_of_days(&days), hours(told, t));
        return t.with("visitors-repeat-listed", [("how", arg(how.trim())), ("count", arg(told.len()))]);
    }
    let days: Vec<String> = left_out
        .iter()
        .filter_map(|day| day.to_zoned(sekisho_web::zone_of(zone)).ok())
        // They stand in brackets already: no weekday in brackets of its own.
        .map(|day| time(day.timestamp().into()).day_of_month().words())
        .collect();
    let but = match (&how, days.len(), place) {
        (Some(_), 0, _) => String::new(),
        (Some(_), 1..=MOST_LEFT_OUT, _) => t.with("visitors-repeat-but", [("days", t.list(&days))]),
        (Some(_), _, Place::Page) => t.get("visitors-repeat-but-some"),
        (_, _, Place::Mail) => t.get("visitors-repeat-see-file"),
        (None, _, Place::Page) => String::new(),
    };
    let how = how.unwrap_or_else(|| t.get("visitors-repeat-these-days"));
    let how = format!("{how} {}", hours(told, t));
    let last = time(last.when.starts_at).day().words();
    let how = format!("{}{but}", how.trim());
    t.with("visitors-repeat-words", [("how", arg(how)), ("count", arg(told.len())), ("last", arg(last))])
}

/// The days between the first and the last of them on which the rule alone has it happen and it does not.
fn left_out(telling: &Telling<'_>) -> Vec<Date> {
    let on = |one: &str| one.parse::<DateTime>().ok();
    let told: Vec<DateTime> = telling.told.iter().filter_map(|one| on(&one.on)).collect();
    let Some((first, last)) = told.first().zip(told.last()) else { return Vec::new() };
    let besides = telling.besides.iter().filter_map(|one| on(one));
    let happens: BTreeSet<Date> = told.iter().copied().chain(besides).map(DateTime::date).collect();
    let rule = Rule { end: End::Until(*last), ..telling.rule.clone() };
    let days = rule.times(*first, &BTreeSet::new()).unwrap_or_default().into_iter().map(DateTime::date);
    days.filter(|day| !happens.contains(day)).collect()
}

/// From when to when on the clock, as far as it is the same each time.
fn hours(told: &[Told], t: &Texts) -> String {
    let Some(first) = told.first() else { return String::new() };
    let hours = |one: &Told| (one.when.starts.time(), one.when.ends.time());
    let one_day = first.when.starts.date() == first.when.ends.date();
    let same = told.iter().all(|one| hours(one) == hours(first));
    let clock = |civil: jiff::civil::DateTime| civil.strftime("%H:%M").to_string();
    match (same, one_day) {
        (true, true) => t.with(
            "visitors-repeat-hours",
            [("from", clock(first.when.starts)), ("to", clock(first.when.ends))],
        ),
        (true, false) => t.with("visitors-repeat-from", [("from", clock(first.when.starts))]),
        (false, _) => String::new(),
    }
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
