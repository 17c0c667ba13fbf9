//! Schedules in words.

use sekisho_policy::{DAY, HolidayCalendar, NewSchedule, OnHolidays, Span};
use sekisho_web::Texts;

/// A schedule as a sentence: "月〜金 9:00–18:00、土 10:00–12:00。祝日は閉じています。"
pub(crate) fn schedule(t: &Texts, schedule: &NewSchedule, calendars: &[HolidayCalendar]) -> String {
    let week = schedule.week.clone().tidied();
    let parts: Vec<String> = week
        .groups()
        .into_iter()
        .map(|(numbers, hours)| format!("{} {}", days(t, &numbers), spans(t, &hours)))
        .collect();
    let hours = match parts.as_slice() {
        [] => t.get("rights-words-never"),
        [_] if week.groups().first().is_some_and(|(days, hours)| days.len() == 7 && is_whole(hours)) => {
            t.get("rights-words-always")
        }
        _ => t.with("rights-words-hours", [("hours", parts.join(&t.get("rights-words-and")))]),
    };
    let mut named: Vec<String> = Vec::new();
    if schedule.japan {
        named.push(t.get("rights-words-japan"));
    }
    named.extend(
        calendars
            .iter()
            .filter(|calendar| schedule.calendars.contains(&calendar.id))
            .map(|own| own.name.clone()),
    );
    let named = named.join(&t.get("rights-words-or"));
    match &schedule.on_holidays {
        _ if named.is_empty() => hours,
        OnHolidays::AsUsual => hours,
        OnHolidays::Closed => format!("{hours}{}", t.with("rights-words-closed", [("days", named)])),
        OnHolidays::Hours { spans: special } => {
            let with = [("days", named), ("hours", spans(t, special))];
            format!("{hours}{}", t.with("rights-words-special", with))
        }
    }
}

fn is_whole(hours: &[Span]) -> bool {
    matches!(hours, [Span { from: 0, to: DAY }])
}

/// Weekdays: three or more in a row as from–to.
fn days(t: &Texts, numbers: &[u8]) -> String {
    let name = |number: u8| t.get(&format!("rights-day-{number}"));
    let mut runs: Vec<(u8, u8)> = Vec::new();
    for number in numbers {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == *number => *last = *number,
            _ => runs.push((*number, *number)),
        }
    }
    let runs: Vec<String> = runs
        .into_iter()
        .flat_map(|(first, last)| match last - first {
            0 => vec![name(first)],
            1 => vec![name(first), name(last)],
            _ => vec![t.with("rights-words-days", [("first", name(first)), ("last", name(last))])],
        })
        .collect();
    runs.join(&t.get("rights-words-day-and"))
}

/// Hours of a day.
pub(crate) fn spans(t: &Texts, spans: &[Span]) -> String {
    if is_whole(spans) {
        return t.get("rights-words-all-day");
    }
    spans.iter().map(span).collect::<Vec<_>>().join(&t.get("rights-words-day-and"))
}

/// `9:00–18:00`.
pub(crate) fn span(span: &Span) -> String {
    let clock = |minute: u16| format!("{}:{:02}", minute / 60, minute % 60);
    format!("{}–{}", clock(span.from), clock(span.to))
}

/// Reads what [`span`] writes, several with commas between; also with a plain hyphen, a wave dash or full-width signs.
pub(crate) fn read_spans(typed: &str) -> Option<Vec<Span>> {
    let plain: String = typed
        .chars()
        .map(|letter| match letter {
            '：' => ':',
            '〜' | '～' | '–' | '−' | '－' | 'ー' => '-',
            '、' | '，' | ';' => ',',
            '０'..='９' => {
                char::from_u32(u32::from(letter) - u32::from('０') + u32::from('0')).unwrap_or(letter)
            }
            other => other,
        })
        .filter(|letter| !letter.is_whitespace())
        .collect();
    plain
        .split(',')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (from, to) = part.split_once('-')?;
            let (from, to) = (read_clock(from)?, read_clock(to)?);
            (from < DAY && from != to).then_some(Span { from, to })
        })
        .collect()
}

fn read_clock(typed: &str) -> Option<u16> {
    let (hours, minutes) = typed.split_once(':').unwrap_or((typed, "0"));
    let minute = hours.parse::<u16>().ok()?.checked_mul(60)?.checked_add(minutes.parse().ok()?)?;
    (minutes.parse::<u16>().ok()? < 60 && minute <= DAY).then_some(minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_hours_as_people_type_them() {
        let nine_to_six = vec![Span { from: 540, to: 1080 }];
        for typed in ["9-18", "9:00-18:00", "09:00 – 18:00", "９：００〜１８：００", " 9-18 , "] {
            assert_eq!(read_spans(typed), Some(nine_to_six.clone()), "{typed}");
        }
        assert_eq!(read_spans("22:30-6"), Some(vec![Span { from: 1350, to: 360 }]), "over midnight");
        assert_eq!(
            read_spans("9-12、13:15-24"),
            Some(vec![Span { from: 540, to: 720 }, Span { from: 795, to: 1440 }])
        );
        for typed in ["9", "9-25", "9:60-10", "a-b", "9-9", "99999-1"] {
            assert_eq!(read_spans(typed), None, "{typed}");
        }
        assert_eq!(read_spans(""), Some(Vec::new()));
    }
}
