//! The time zones one can choose from.

/// Zones shown first: where our customers are.
const FIRST: [&str; 8] = [
    "Asia/Tokyo",
    "Asia/Seoul",
    "Asia/Shanghai",
    "Asia/Taipei",
    "Asia/Singapore",
    "Europe/London",
    "America/New_York",
    "America/Los_Angeles",
];

/// The zone as people read it.
pub fn shown(zone: &str) -> String {
    zone.replace('_', " ")
}

/// Value and words of every zone; the usual ones first, the others by name.
pub fn choices() -> Vec<(String, String)> {
    let mut names: Vec<String> = jiff::tz::db()
        .available()
        .map(|name| name.to_string())
        .filter(|name| name.contains('/') && !name.starts_with("Etc/") && !FIRST.contains(&name.as_str()))
        .collect();
    names.sort_unstable();
    let utc = std::iter::once("UTC".to_owned());
    FIRST
        .into_iter()
        .map(str::to_owned)
        .chain(utc)
        .chain(names)
        .map(|name| (name.clone(), shown(&name)))
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_choice_is_a_zone() {
        let choices = super::choices();
        assert!(choices.len() > 300);
        assert_eq!(choices[0].0, "Asia/Tokyo");
        for (zone, _) in choices {
            assert!(jiff::tz::TimeZone::get(&zone).is_ok(), "{zone}");
        }
    }
}
