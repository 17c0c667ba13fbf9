//! How many guests came, when, and how long they waited: figures of days that name nobody.
//!
//! A day is counted for good when three days have passed and none of its guests is still expected or here (`close.rs`). From
//! then on its counts stand for themselves, so that they stay when visits are removed by rule (`retention.rs`) and a year is
//! read as 365 rows. Younger days are counted when somebody looks (`look.rs`). A desk sees the figures of its sites.

use std::collections::BTreeMap;

use sekisho_kernel::Timestamp;
use sekisho_web::{Access, Routes};
use serde::{Deserialize, Serialize};
use utoipa::OpenApi as _;

use crate::Visitors;

mod api;
mod close;
mod look;
mod pages;

pub(crate) use close::{EVERY, close};
pub use look::{Period, Sum, statistics};
pub(crate) use pages::{HERE, samplers};

/// Stands for more than an hour: how much longer is not measured.
const MOST_MINUTES: u32 = 61;
/// Stands for more than a day: stays are counted by quarters of an hour.
const MOST_QUARTERS: u32 = 97;

/// Figures of some visits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = VisitorCounts)]
pub struct Counts {
    /// Visits by their kind: `guest`, `interview` …
    pub kinds: BTreeMap<String, Kind>,
    /// Visits that came about by the hour of the day on the site's clock, from 0 to 23. A visit of several days counts on its
    /// first day; what is known of a later arrival is in neither hours nor lengths.
    pub hours: [u64; 24],
    /// Guests who waited between arriving and being let in, by minutes, each that began as one, those of more than an hour as
    /// 61. Whoever was let in on arriving is none of them.
    #[schema(value_type = BTreeMap<String, u64>)]
    pub waits: BTreeMap<u32, u64>,
    /// Guests who were checked out, by quarters of an hour from being let in, each that began as one, those of more than a day
    /// as 97. Whoever was checked out by the end of the day is none of them.
    #[schema(value_type = BTreeMap<String, u64>)]
    pub stays: BTreeMap<u32, u64>,
}

/// Figures of the visits of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = VisitorKindCounts)]
pub struct Kind {
    /// Visits, called off or not.
    pub visits: u64,
    /// Those that came about.
    pub came: u64,
    /// Of them, those that nobody had announced.
    pub unannounced: u64,
    /// People who came, with those who came along.
    pub people: u64,
    /// Visits to which nobody came.
    pub missed: u64,
    /// Visits that were called off.
    pub called_off: u64,
    /// Guests who were not let in.
    pub refused: u64,
}

impl Kind {
    fn add(&mut self, other: Self) {
        self.visits += other.visits;
        self.came += other.came;
        self.unannounced += other.unannounced;
        self.people += other.people;
        self.missed += other.missed;
        self.called_off += other.called_off;
        self.refused += other.refused;
    }
}

impl Counts {
    /// Adds those of others.
    fn add(&mut self, other: &Self) {
        for (kind, counts) in &other.kinds {
            self.kinds.entry(kind.clone()).or_default().add(*counts);
        }
        for (hour, count) in self.hours.iter_mut().zip(other.hours) {
            *hour += count;
        }
        for (sum, other) in [(&mut self.waits, &other.waits), (&mut self.stays, &other.stays)] {
            for (length, count) in other {
                *sum.entry(*length).or_default() += count;
            }
        }
    }

    /// All kinds together.
    pub fn all(&self) -> Kind {
        self.kinds.values().fold(Kind::default(), |mut all, kind| {
            all.add(*kind);
            all
        })
    }
}

/// The length that so many of a hundred did not exceed; none: nothing was counted.
pub fn percentile(lengths: &BTreeMap<u32, u64>, of_a_hundred: u64) -> Option<u32> {
    let all: u64 = lengths.values().sum();
    let wanted = (all * of_a_hundred).div_ceil(100);
    let mut seen = 0;
    lengths.iter().find_map(|(length, count)| {
        seen += count;
        (seen >= wanted && seen > 0).then_some(*length)
    })
}

/// `unit`s from one moment to the other, each that began as one, at most `most`; none: it is not later. Rounded up, so that what
/// half of the guests did not exceed is not exceeded.
fn length(from: Timestamp, until: Timestamp, unit: u64, most: u32) -> Option<u32> {
    (until > from)
        .then(|| u32::try_from(until.since(from).as_secs().div_ceil(unit)).unwrap_or(most).min(most))
}

/// The routes.
pub(crate) fn routes() -> Routes<Visitors> {
    Routes::new("visitors")
        .get(HERE, Access::Person, pages::show)
        .get("/visitors/statistics.csv", Access::Person, pages::download)
        .get("/api/v1/visitors/statistics", Access::Person, api::show)
        .describe(api::Description::openapi)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_lengths_that_were_counted() {
        let lengths = |of: &[(u32, u64)]| of.iter().copied().collect::<BTreeMap<_, _>>();
        assert_eq!(percentile(&lengths(&[]), 50), None);
        assert_eq!(percentile(&lengths(&[(3, 1)]), 50), Some(3));
        assert_eq!(percentile(&lengths(&[(0, 5), (4, 5)]), 50), Some(0));
        assert_eq!(percentile(&lengths(&[(0, 5), (4, 6)]), 50), Some(4));
        assert_eq!(percentile(&lengths(&[(1, 9), (60, 1)]), 90), Some(1));
        assert_eq!(percentile(&lengths(&[(1, 9), (60, 1)]), 95), Some(60));
    }

    #[test]
    fn what_is_longer_than_the_longest_is_that() {
        let at = Timestamp::from_secs;
        assert_eq!(length(at(0), at(59), 60, MOST_MINUTES), Some(1));
        assert_eq!(length(at(0), at(60), 60, MOST_MINUTES), Some(1));
        assert_eq!(length(at(0), at(61), 60, MOST_MINUTES), Some(2));
        assert_eq!(length(at(0), at(3600), 60, MOST_MINUTES), Some(60));
        assert_eq!(length(at(0), at(3601), 60, MOST_MINUTES), Some(61));
        assert_eq!(length(at(0), at(3 * 3600), 60, MOST_MINUTES), Some(61));
        assert_eq!(length(at(0), at(14 * 60), 900, MOST_QUARTERS), Some(1));
        assert_eq!(length(at(0), at(86_400), 900, MOST_QUARTERS), Some(96));
        assert_eq!(length(at(0), at(200_000), 900, MOST_QUARTERS), Some(97));
        assert_eq!(length(at(5), at(5), 60, MOST_MINUTES), None);
        assert_eq!(length(at(6), at(5), 60, MOST_MINUTES), None);
    }
}
