//! On which days something repeats: the rules of RFC 5545 as far as a reception needs them. Pure: what is read is plain text,
//! what comes out are times on a wall clock, and whoever asks puts them on the clock of a site.
//!
//! No rule reaches further than a year, so a rule is asked about the days of two calendar years at most, whatever it says, and
//! always ends. Another program's reader of rules checks the days in the tests.

use std::collections::BTreeSet;
use std::fmt;

use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use sekisho_kernel::Timestamp;

/// The longest text of a rule.
const LONGEST_TEXT: usize = 500;
/// The most values of one part, such as days of the month.
const MOST_VALUES: usize = 62;

/// Which days, and until when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    /// How often.
    pub every: Every,
    /// Each, every second, every third of them.
    pub interval: u16,
    /// When it stops.
    pub end: End,
    /// On these weekdays; with a number the first, second, last of the month or year.
    pub days: Vec<Day>,
    /// On these days of the month; -1 is the last.
    pub month_days: Vec<i8>,
    /// In these months only.
    pub months: Vec<i8>,
    /// Of the days of one day, week, month or year only these; -1 is the last.
    pub positions: Vec<i16>,
    /// On which day a week begins.
    pub week_start: Weekday,
}

/// How often.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Every {
    /// `DAILY`
    Day,
    /// `WEEKLY`
    Week,
    /// `MONTHLY`
    Month,
    /// `YEARLY`
    Year,
}

/// When a rule stops.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// It does not; we stop after a year.
    Never,
    /// After so many, those left out too.
    Count(u16),
    /// The last begins at this time at the latest.
    Until(DateTime),
}

/// A weekday, perhaps one of several of a month or year.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Day {
    /// 2 is the second, -1 the last; none: each.
    pub nth: Option<i8>,
    /// Which.
    pub weekday: Weekday,
}

/// Why a rule is no rule, or none for us.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BadRule {
    /// It cannot be read.
    Unreadable,
    /// It says something that receptions do not know: hours, weeks of the year, more often than daily.
    NotOffered,
    /// There is no day on which it happens, or all of them are left out.
    Nothing,
    /// It happens once only.
    Once,
    /// It stops later than after a year.
    TooLong,
    /// One is not over when the next begins.
    Overlap,
}

impl BadRule {
    /// The sentence that says so.
    pub fn text(self) -> &'static str {
        match self {
            Self::Unreadable => "visitors-error-repeat",
            Self::NotOffered => "visitors-error-repeat-not-offered",
            Self::Nothing => "visitors-error-repeat-nothing",
            Self::Once => "visitors-error-repeat-once",
            Self::TooLong => "visitors-error-repeat-too-long",
            Self::Overlap => "visitors-error-repeat-overlap",
        }
    }
}

impl Rule {
    /// Reads a rule such as `FREQ=WEEKLY;BYDAY=MO,WE;COUNT=12`. A time in UTC is one on the clock of `zone` from then on.
    ///
    /// # Errors
    /// When it is no rule, or says what receptions do not know.
    pub fn read(text: &str, zone: &TimeZone) -> Result<Self, BadRule> {
        let text = text.trim().to_ascii_uppercase();
        let text = text.strip_prefix("RRULE:").unwrap_or(&text);
        if text.len() > LONGEST_TEXT || !text.is_ascii() {
            return Err(BadRule::Unreadable);
        }
        let mut parts = Parts::default();
        for part in text.split(';') {
            let (name, value) = part.split_once('=').ok_or(BadRule::Unreadable)?;
            parts.take(name, value)?;
        }
        parts.rule(zone)
    }

    /// The times at which it happens from `starts` on, leaving these days out, in their order. At least two.
    ///
    /// # Errors
    /// When there are none, only one, or some more than a year later.
    pub fn times(&self, starts: DateTime, except: &BTreeSet<Date>) -> Result<Vec<DateTime>, BadRule> {
        let anniversary = starts.date().checked_add(1.year()).map_err(|_| BadRule::TooLong)?;
        let last = match self.end {
            End::Never => anniversary.yesterday().map_err(|_| BadRule::TooLong)?,
            End::Count(_) => anniversary,
            End::Until(until) if until.date() > anniversary => return Err(BadRule::TooLong),
            End::Until(until) => until.date(),
        };
        let in_time = |time: &DateTime| match self.end {
            End::Until(until) => *time <= until,
            End::Never | End::Count(_) => true,
        };
        let days = self.days_between(starts.date(), last);
        let mut times: Vec<DateTime> =
            days.into_iter().map(|day| day.to_datetime(starts.time())).filter(in_time).collect();
        if let End::Count(count) = self.end {
            // Some would come after a year, or never.
            if !times.is_empty() && times.len() < usize::from(count) {
                return Err(BadRule::TooLong);
            }
            times.truncate(usize::from(count));
        }
        times.retain(|time| !except.contains(&time.date()));
        match times.len() {
            0 => Err(BadRule::Nothing),
            1 => Err(BadRule::Once),
            _ => Ok(times),
        }
    }

    /// The days between two, both of them too.
    pub(crate) fn days_between(&self, first: Date, last: Date) -> Vec<Date> {
        let mut found = Vec::new();
        let mut period = Some(self.every.beginning(first, self.week_start));
        while let Some(begins) = period.filter(|begins| *begins <= last) {
            let next = self.every.after(begins, 1);
            let end = next.and_then(|next| next.yesterday().ok()).unwrap_or(Date::MAX);
            let all: Vec<Date> = days(begins, end).filter(|day| self.fits(*day, first)).collect();
            let chosen = all.iter().zip(1_i16..).filter(|(_, place)| {
                let from_end = place - i16::try_from(all.len()).unwrap_or(i16::MAX) - 1;
                self.positions.is_empty()
                    || self.positions.contains(place)
                    || self.positions.contains(&from_end)
            });
            found.extend(chosen.map(|(day, _)| *day).filter(|day| (first..=last).contains(day)));
            period = self.every.after(begins, self.interval);
        }
        found
    }

    /// Whether a day of a period is one of the rule's.
    fn fits(&self, day: Date, first: Date) -> bool {
        if !self.months.is_empty() && !self.months.contains(&day.month()) {
            return false;
        }
        let from_end = day.day() - day.days_in_month() - 1;
        if !self.month_days.is_empty()
            && !self.month_days.contains(&day.day())
            && !self.month_days.contains(&from_end)
        {
            return false;
        }
        if !self.days.is_empty() {
            return self.days.iter().any(|wanted| self.is_nth(day, *wanted));
        }
        // What the rule does not say is as on the first day.
        match self.every {
            Every::Day => true,
            Every::Week => day.weekday() == first.weekday(),
            _ if !self.month_days.is_empty() => true,
            Every::Month => day.day() == first.day(),
            Every::Year if self.months.is_empty() => (day.month(), day.day()) == (first.month(), first.day()),
            Every::Year => day.day() == first.day(),
        }
    }

    /// Whether that is such a weekday: in a year of the year, unless months are named.
    fn is_nth(&self, day: Date, wanted: Day) -> bool {
        if day.weekday() != wanted.weekday {
            return false;
        }
        let Some(nth) = wanted.nth else { return true };
        let (place, length) = match self.every {
            Every::Year if self.months.is_empty() => (day.day_of_year(), day.days_in_year()),
            _ => (i16::from(day.day()), i16::from(day.days_in_month())),
        };
        let nth = i16::from(nth);
        (place - 1) / 7 + 1 == nth || -((length - place) / 7) - 1 == nth
    }
}

impl Every {
    /// The first day of the period of a day.
    fn beginning(self, day: Date, week_start: Weekday) -> Date {
        let begins = match self {
            Self::Day => Some(day),
            Self::Week => day.checked_sub(i64::from(day.weekday().since(week_start)).days()).ok(),
            Self::Month => Some(day.first_of_month()),
            Self::Year => Some(day.first_of_year()),
        };
        begins.unwrap_or(day)
    }

    /// The first day of the period so many after that one.
    fn after(self, begins: Date, count: u16) -> Option<Date> {
        let count = i64::from(count);
        let span = match self {
            Self::Day => count.days(),
            Self::Week => count.weeks(),
            Self::Month => i32::try_from(count).ok()?.months(),
            Self::Year => i32::try_from(count).ok().filter(|years| *years < 9_999)?.years(),
        };
        begins.checked_add(span).ok()
    }
}

fn days(from: Date, to: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(from), |day| day.tomorrow().ok()).take_while(move |day| *day <= to)
}

/// The parts of a rule as they are read, each once.
#[derive(Default)]
struct Parts {
    every: Option<Every>,
    interval: Option<u16>,
    count: Option<u16>,
    until: Option<Until>,
    days: Option<Vec<Day>>,
    month_days: Option<Vec<i8>>,
    months: Option<Vec<i8>>,
    positions: Option<Vec<i16>>,
    week_start: Option<Weekday>,
}

/// The end as it is written.
enum Until {
    OnTheClock(DateTime),
    Utc(DateTime),
}

impl Parts {
    fn take(&mut self, name: &str, value: &str) -> Result<(), BadRule> {
        match name {
            "FREQ" => once(&mut self.every, frequency(value)?),
            "INTERVAL" => once(&mut self.interval, number(value, 1..=u16::MAX)?),
            "COUNT" => once(&mut self.count, number(value, 1..=u16::MAX)?),
            "UNTIL" => once(&mut self.until, until(value)?),
            "BYDAY" => once(&mut self.days, list(value, day)?),
            "BYMONTHDAY" => once(&mut self.month_days, list(value, |one| signed(one, 31))?),
            "BYMONTH" => once(&mut self.months, list(value, |one| number(one, 1..=12))?),
            "BYSETPOS" => once(&mut self.positions, list(value, |one| signed(one, 366))?),
            "WKST" => once(&mut self.week_start, weekday(value)?),
            "BYHOUR" | "BYMINUTE" | "BYSECOND" | "BYYEARDAY" | "BYWEEKNO" => Err(BadRule::NotOffered),
            _ => Err(BadRule::Unreadable),
        }
    }

    fn rule(self, zone: &TimeZone) -> Result<Rule, BadRule> {
        let every = self.every.ok_or(BadRule::Unreadable)?;
        let end = match (self.count, self.until) {
            (Some(_), Some(_)) => return Err(BadRule::Unreadable),
            (Some(count), None) => End::Count(count),
            (None, Some(Until::OnTheClock(time))) => End::Until(time),
            (None, Some(Until::Utc(time))) => {
                let at = time.to_zoned(TimeZone::UTC).map_err(|_| BadRule::Unreadable)?;
                End::Until(at.with_time_zone(zone.clone()).datetime())
            }
            (None, None) => End::Never,
        };
        let rule = Rule {
            every,
            interval: self.interval.unwrap_or(1),
            end,
            days: self.days.unwrap_or_default(),
            month_days: self.month_days.unwrap_or_default(),
            months: self.months.unwrap_or_default(),
            positions: self.positions.unwrap_or_default(),
            week_start: self.week_start.unwrap_or(Weekday::Monday),
        };
        let numbered = rule.days.iter().any(|day| day.nth.is_some());
        let no_sense = match every {
            Every::Day => numbered,
            Every::Week => numbered || !rule.month_days.is_empty(),
            Every::Month => rule.days.iter().any(|day| day.nth.is_some_and(|nth| nth.abs() > 5)),
            Every::Year => false,
        };
        let by_nothing = rule.days.is_empty() && rule.month_days.is_empty() && rule.months.is_empty();
        if no_sense || (by_nothing && !rule.positions.is_empty()) {
            return Err(BadRule::Unreadable);
        }
        Ok(rule)
    }
}

fn once<T>(place: &mut Option<T>, value: T) -> Result<(), BadRule> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(BadRule::Unreadable),
    }
}

fn list<T>(text: &str, read: impl Fn(&str) -> Result<T, BadRule>) -> Result<Vec<T>, BadRule> {
    let all: Vec<T> = text.split(',').take(MOST_VALUES + 1).map(read).collect::<Result<_, _>>()?;
    if all.len() > MOST_VALUES { Err(BadRule::Unreadable) } else { Ok(all) }
}

/// Digits only: what other readers take as a number, a sign before it or spaces around, is none in a rule.
fn number<T: std::str::FromStr + PartialOrd>(
    text: &str,
    range: std::ops::RangeInclusive<T>,
) -> Result<T, BadRule> {
    let digits = (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|number| digits && range.contains(number));
    number.ok_or(BadRule::Unreadable)
}

/// A number that may count from the end, and is not nothing.
fn signed<T>(text: &str, most: i16) -> Result<T, BadRule>
where
    T: TryFrom<i16>,
{
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let number: i16 = number(digits, 1..=most)?;
    T::try_from(sign * number).map_err(|_| BadRule::Unreadable)
}

fn frequency(text: &str) -> Result<Every, BadRule> {
    match text {
        "DAILY" => Ok(Every::Day),
        "WEEKLY" => Ok(Every::Week),
        "MONTHLY" => Ok(Every::Month),
        "YEARLY" => Ok(Every::Year),
        "HOURLY" | "MINUTELY" | "SECONDLY" => Err(BadRule::NotOffered),
        _ => Err(BadRule::Unreadable),
    }
}

/// The weekdays as rules spell them.
pub const WEEKDAYS: [(&str, Weekday); 7] = [
    ("MO", Weekday::Monday),
    ("TU", Weekday::Tuesday),
    ("WE", Weekday::Wednesday),
    ("TH", Weekday::Thursday),
    ("FR", Weekday::Friday),
    ("SA", Weekday::Saturday),
    ("SU", Weekday::Sunday),
];

fn weekday(text: &str) -> Result<Weekday, BadRule> {
    let known = WEEKDAYS.iter().find(|(word, _)| *word == text);
    known.map(|(_, weekday)| *weekday).ok_or(BadRule::Unreadable)
}

/// A weekday as rules spell it.
pub fn word_of(weekday: Weekday) -> &'static str {
    WEEKDAYS.iter().find(|(_, known)| *known == weekday).map_or("", |(word, _)| word)
}

fn day(text: &str) -> Result<Day, BadRule> {
    let (nth, word) = text.split_at_checked(text.len().saturating_sub(2)).ok_or(BadRule::Unreadable)?;
    let nth = if nth.is_empty() { None } else { Some(signed(nth, 53)?) };
    Ok(Day { nth, weekday: weekday(word)? })
}

/// A day, which is meant to its end, or a time.
fn until(text: &str) -> Result<Until, BadRule> {
    let read = |from: usize, to: usize| {
        text.get(from..to).ok_or(BadRule::Unreadable).and_then(|digits| number::<i16>(digits, 0..=9999))
    };
    let small = |from: usize, to: usize| {
        read(from, to).and_then(|number| i8::try_from(number).map_err(|_| BadRule::Unreadable))
    };
    let date = Date::new(read(0, 4)?, small(4, 6)?, small(6, 8)?).map_err(|_| BadRule::Unreadable)?;
    let rest = text.get(8..).unwrap_or_default();
    if rest.is_empty() {
        return Ok(Until::OnTheClock(date.at(23, 59, 59, 0)));
    }
    if !rest.starts_with('T') || !matches!(rest.len(), 7 | 8) || !matches!(rest.get(7..), Some("" | "Z")) {
        return Err(BadRule::Unreadable);
    }
    let time =
        Time::new(small(9, 11)?, small(11, 13)?, small(13, 15)?, 0).map_err(|_| BadRule::Unreadable)?;
    let time = date.to_datetime(time);
    Ok(if rest.len() == 8 { Until::Utc(time) } else { Until::OnTheClock(time) })
}

/// As it is kept and answered: the same rule spelt the same way.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let every = match self.every {
            Every::Day => "DAILY",
            Every::Week => "WEEKLY",
            Every::Month => "MONTHLY",
            Every::Year => "YEARLY",
        };
        write!(f, "FREQ={every}")?;
        if self.interval != 1 {
            write!(f, ";INTERVAL={}", self.interval)?;
        }
        match self.end {
            End::Never => {}
            End::Count(count) => write!(f, ";COUNT={count}")?,
            End::Until(until) => write!(f, ";UNTIL={}", until.strftime("%Y%m%dT%H%M%S"))?,
        }
        write_list(f, "BYMONTH", &self.months)?;
        write_list(f, "BYMONTHDAY", &self.month_days)?;
        write_list(f, "BYDAY", &self.days)?;
        write_list(f, "BYSETPOS", &self.positions)?;
        if self.week_start != Weekday::Monday {
            write!(f, ";WKST={}", word_of(self.week_start))?;
        }
        Ok(())
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(nth) = self.nth {
            write!(f, "{nth}")?;
        }
        f.write_str(word_of(self.weekday))
    }
}

fn write_list(f: &mut fmt::Formatter<'_>, name: &str, values: &[impl fmt::Display]) -> fmt::Result {
    for (place, value) in values.iter().enumerate() {
        if place == 0 { write!(f, ";{name}={value}")? } else { write!(f, ",{value}")? }
    }
    Ok(())
}

/// Whether one is not over when the next begins, given in the order in which they begin.
pub fn overlap(periods: &[(Timestamp, Timestamp)]) -> bool {
    periods.windows(2).any(|pair| matches!(pair, [(_, ends), (starts, _)] if ends > starts))
}

#[cfg(test)]
mod tests;
