//! Japan's national holidays, by the rule of the Act on National Holidays as it stands since 2022 (the years before had
//! exceptions for the succession and the Games). Equinoxes by the usual formula, good for 1980–2099; the government
//! announces each year's days in the February before, so a later year may still differ by a day.

use jiff::civil::{Date, Weekday};

/// The Japanese name of the national holiday on `date`; `None` when it is none.
pub fn of_japan(date: Date) -> Option<&'static str> {
    if let Some(name) = by_name(date) {
        return Some(name);
    }
    // Substitute: the first day after a Sunday holiday that is not itself a holiday.
    let mut before = date.yesterday().ok()?;
    while by_name(before).is_some() {
        if before.weekday() == Weekday::Sunday {
            return Some("振替休日");
        }
        before = before.yesterday().ok()?;
    }
    // Citizens' holiday: a day between two holidays.
    let between = by_name(date.yesterday().ok()?).is_some() && by_name(date.tomorrow().ok()?).is_some();
    (between && date.weekday() != Weekday::Sunday).then_some("国民の休日")
}

fn by_name(date: Date) -> Option<&'static str> {
    let (year, month, day) = (date.year(), date.month(), date.day());
    let monday = |nth: i8| date.weekday() == Weekday::Monday && (day - 1) / 7 + 1 == nth;
    match (month, day) {
        (1, 1) => Some("元日"),
        (1, _) if monday(2) => Some("成人の日"),
        (2, 11) => Some("建国記念の日"),
        (2, 23) => Some("天皇誕生日"),
        (3, _) if day == equinox(year, 20.8431) => Some("春分の日"),
        (4, 29) => Some("昭和の日"),
        (5, 3) => Some("憲法記念日"),
        (5, 4) => Some("みどりの日"),
        (5, 5) => Some("こどもの日"),
        (7, _) if monday(3) => Some("海の日"),
        (8, 11) => Some("山の日"),
        (9, _) if monday(3) => Some("敬老の日"),
        (9, _) if day == equinox(year, 23.2488) => Some("秋分の日"),
        (10, _) if monday(2) => Some("スポーツの日"),
        (11, 3) => Some("文化の日"),
        (11, 23) => Some("勤労感謝の日"),
        _ => None,
    }
}

/// The day of the month of an equinox whose day in 1980 was `base`.
fn equinox(year: i16, base: f64) -> i8 {
    let years = i32::from(year) - 1980;
    let day = (base + 0.242_194 * f64::from(years)).floor() - f64::from(years.div_euclid(4));
    // Between 19 and 24 for every year the formula is good for.
    #[expect(clippy::cast_possible_truncation, reason = "a day of a month, clamped")]
    let day = day.clamp(1.0, 31.0) as i8;
    day
}

#[cfg(test)]
mod tests {
    use super::of_japan;
    use jiff::civil::date;

    /// The days the Cabinet Office announced (国民の祝日), whole years.
    #[test]
    fn the_announced_years() {
        let announced: [(i16, &[(i8, i8)]); 3] = [
            (
                2024,
                &[
                    (1, 1),
                    (1, 8),
                    (2, 11),
                    (2, 12),
                    (2, 23),
                    (3, 20),
                    (4, 29),
                    (5, 3),
                    (5, 4),
                    (5, 5),
                    (5, 6),
                    (7, 15),
                    (8, 11),
                    (8, 12),
                    (9, 16),
                    (9, 22),
                    (9, 23),
                    (10, 14),
                    (11, 3),
                    (11, 4),
                    (11, 23),
                ],
            ),
            (
                2025,
                &[
                    (1, 1),
                    (1, 13),
                    (2, 11),
                    (2, 23),
                    (2, 24),
                    (3, 20),
                    (4, 29),
                    (5, 3),
                    (5, 4),
                    (5, 5),
                    (5, 6),
                    (7, 21),
                    (8, 11),
                    (9, 15),
                    (9, 23),
                    (10, 13),
                    (11, 3),
                    (11, 23),
                    (11, 24),
                ],
            ),
            (
                2026,
                &[
                    (1, 1),
                    (1, 12),
                    (2, 11),
                    (2, 23),
                    (3, 20),
                    (4, 29),
                    (5, 3),
                    (5, 4),
                    (5, 5),
                    (5, 6),
                    (7, 20),
                    (8, 11),
                    (9, 21),
                    (9, 22),
                    (9, 23),
                    (10, 12),
                    (11, 3),
                    (11, 23),
                ],
            ),
        ];
        for (year, days) in announced {
            let mut found = Vec::new();
            let mut day = date(year, 1, 1);
            while day.year() == year {
                if of_japan(day).is_some() {
                    found.push((day.month(), day.day()));
                }
                day = day.tomorrow().unwrap();
            }
            assert_eq!(found, days, "{year}");
        }
    }

    #[test]
    fn names_the_derived_ones() {
        assert_eq!(of_japan(date(2026, 5, 6)), Some("振替休日"));
        assert_eq!(of_japan(date(2026, 9, 22)), Some("国民の休日"));
        assert_eq!(of_japan(date(2026, 11, 22)), None);
    }
}
