//! Times as people read them: in the site's zone, with UTC on hover.

use std::fmt;

use askama::filters::HtmlSafe;
use jiff::tz::TimeZone;
use sekisho_kernel::{Language, Timestamp};

use crate::Texts;
use crate::markup::Markup;

/// A time on a page. Shows itself as a `<time>` element.
#[derive(Clone, Debug)]
pub struct Time {
    at: Timestamp,
    zone: TimeZone,
    now: Timestamp,
    texts: Texts,
    style: Style,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Style {
    Exact,
    Relative,
    Clock,
    Day,
    DayOfYear,
    DayOfMonth,
}

impl Time {
    /// `at` as seen in `zone` by somebody who looks at `now`. An unknown zone shows as UTC.
    pub fn new(at: Timestamp, zone: &str, now: Timestamp, texts: Texts) -> Self {
        Self { at, zone: zone_of(zone), now, texts, style: Style::Exact }
    }

    /// "5 minutes ago", with the exact time on hover.
    pub fn relative(self) -> Self {
        Self { style: Style::Relative, ..self }
    }

    /// The clock alone: `14:05`.
    pub fn clock(self) -> Self {
        Self { style: Style::Clock, ..self }
    }

    /// The day alone.
    pub fn day(self) -> Self {
        Self { style: Style::Day, ..self }
    }

    /// The day without its year, where the year is plain.
    pub fn day_of_year(self) -> Self {
        Self { style: Style::DayOfYear, ..self }
    }

    /// The day without its year and its weekday.
    pub fn day_of_month(self) -> Self {
        Self { style: Style::DayOfMonth, ..self }
    }

    /// The words alone, without markup, for titles and CSV.
    pub fn words(&self) -> String {
        match self.style {
            Style::Exact => self.exact(),
            Style::Relative => self.ago(),
            Style::Clock => self.at.to_jiff().to_zoned(self.zone.clone()).strftime("%H:%M").to_string(),
            Style::Day => self.date(true),
            Style::DayOfYear => self.date(false),
            Style::DayOfMonth => self.day_in_its_month(),
        }
    }

    /// `11月22日（日）14:05`; the year only when it is not this year.
    fn exact(&self) -> String {
        let zoned = self.at.to_jiff().to_zoned(self.zone.clone());
        let today = self.now.to_jiff().to_zoned(self.zone.clone()).date();
        let clock = zoned.strftime("%H:%M");
        if zoned.date() == today {
            return self.texts.with("time-today", [("clock", clock.to_string())]);
        }
        let date = self.date(zoned.year() != today.year());
        match self.texts.language() {
            Language::Ja | Language::Zh => format!("{date}{clock}"),
            Language::En => format!("{date}, {clock}"),
            Language::Ko => format!("{date} {clock}"),
        }
    }

    fn date(&self, year: bool) -> String {
        let zoned = self.at.to_jiff().to_zoned(self.zone.clone());
        let weekday = usize::from(zoned.weekday().to_monday_zero_offset().unsigned_abs());
        let named = |names: [&'static str; 7]| names.get(weekday).copied().unwrap_or_default();
        let (month, day) = (zoned.month(), zoned.day());
        let year_with = |word: &str| if year { format!("{}{word}", zoned.year()) } else { String::new() };
        match self.texts.language() {
            Language::Ja => {
                let weekday = named(["月", "火", "水", "木", "金", "土", "日"]);
                format!("{}{month}月{day}日（{weekday}）", year_with("年"))
            }
            Language::Zh => {
                let weekday = named(["周一", "周二", "周三", "周四", "周五", "周六", "周日"]);
                format!("{}{month}月{day}日（{weekday}）", year_with("年"))
            }
            Language::Ko => {
                let weekday = named(["월", "화", "수", "목", "금", "토", "일"]);
                format!("{}{month}월 {day}일({weekday})", year_with("년 "))
            }
            Language::En if year => zoned.strftime("%a, %b %-d, %Y").to_string(),
            Language::En => zoned.strftime("%a, %b %-d").to_string(),
        }
    }

    fn day_in_its_month(&self) -> String {
        let zoned = self.at.to_jiff().to_zoned(self.zone.clone());
        let (month, day) = (zoned.month(), zoned.day());
        match self.texts.language() {
            Language::Ja | Language::Zh => format!("{month}月{day}日"),
            Language::Ko => format!("{month}월 {day}일"),
            Language::En => zoned.strftime("%b %-d").to_string(),
        }
    }

    fn ago(&self) -> String {
        let (past, seconds) = if self.at <= self.now {
            (true, self.now.since(self.at).as_secs())
        } else {
            (false, self.at.since(self.now).as_secs())
        };
        let (text, count) = match (seconds, past) {
            (..45, true) => ("time-just-now", 0),
            (..45, false) => ("time-soon", 0),
            (45..3600, true) => ("time-minutes-ago", seconds.div_ceil(60)),
            (45..3600, false) => ("time-in-minutes", seconds.div_ceil(60)),
            (3600..86_400, true) => ("time-hours-ago", seconds / 3600),
            (3600..86_400, false) => ("time-in-hours", seconds / 3600),
            (86_400..2_592_000, true) => ("time-days-ago", seconds / 86_400),
            (86_400..2_592_000, false) => ("time-in-days", seconds / 86_400),
            _ => return self.date(true),
        };
        self.texts.count(text, count)
    }
}

impl HtmlSafe for Time {}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let utc = self.at.to_jiff().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let hover = match self.style {
            Style::Exact => utc.clone(),
            _ => format!("{} · {utc}", self.exact()),
        };
        let words = self.words();
        write!(f, "<time datetime=\"{utc}\" title=\"{}\">{}</time>", Markup::text(hover), Markup::text(words))
    }
}

impl From<Time> for Markup {
    fn from(time: Time) -> Self {
        Self::raw(time.to_string())
    }
}

/// The zone by its IANA name; UTC when there is none such.
pub fn zone_of(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

/// Reads what `<input type="datetime-local">` sends (`2026-11-22T14:05`) as a time in `zone`. A time that the clocks
/// skip moves forward by the gap; one that comes twice is the first of the two.
pub fn from_local(input: &str, zone: &str) -> Option<Timestamp> {
    let civil: jiff::civil::DateTime = input.parse().ok()?;
    Some(civil.to_zoned(zone_of(zone)).ok()?.timestamp().into())
}

/// What `<input type="datetime-local">` wants as its value.
pub fn to_local(at: Timestamp, zone: &str) -> String {
    at.to_jiff().to_zoned(zone_of(zone)).strftime("%Y-%m-%dT%H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use sekisho_kernel::{Language, Timestamp};

    use super::Time;
    use crate::{Catalog, Texts};

    #[test]
    fn a_day_is_written_as_its_reader_writes_it() {
        let catalog = Arc::new(Catalog::new(&[crate::texts()]));
        let time = |text: &str| Timestamp::from(text.parse::<jiff::Timestamp>().unwrap());
        let (at, now) = (time("2026-11-22T05:05:00Z"), time("2026-11-20T00:00:00Z"));
        for (language, exact, day, of_month, today) in [
            (Language::Ja, "11月22日（日）14:05", "2026年11月22日（日）", "11月22日", "今日 14:05"),
            (Language::En, "Sun, Nov 22, 14:05", "Sun, Nov 22, 2026", "Nov 22", "today 14:05"),
            (Language::Zh, "11月22日（周日）14:05", "2026年11月22日（周日）", "11月22日", "今天 14:05"),
            (Language::Ko, "11월 22일(일) 14:05", "2026년 11월 22일(일)", "11월 22일", "오늘 14:05"),
        ] {
            let t = Texts::new(catalog.clone(), language);
            let written = Time::new(at, "Asia/Tokyo", now, t.clone());
            assert_eq!(written.words(), exact);
            assert_eq!(written.clone().day().words(), day);
            assert_eq!(written.day_of_month().words(), of_month);
            assert_eq!(Time::new(at, "Asia/Tokyo", at, t).words(), today);
        }
    }
}
