//! Points in time, stored as microseconds since the Unix epoch in UTC.

use serde::{Deserialize, Serialize};

/// A point in time in whole microseconds, UTC. Zones appear only where people read or write times.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Timestamp(i64);

/// The inner number as a function pointer for `map`: microseconds since the Unix epoch.
pub fn micros(timestamp: Timestamp) -> i64 {
    timestamp.0
}

impl Timestamp {
    /// The Unix epoch.
    pub const EPOCH: Self = Self(0);
    /// Later than anything we store; used where "no end" has to be compared.
    pub const FAR_FUTURE: Self = Self(253_402_207_200_000_000);

    /// From microseconds since the Unix epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From whole seconds since the Unix epoch.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }

    /// Microseconds since the Unix epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the Unix epoch, rounded down.
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// The same point for calendar work. Times outside jiff's years −9999…9999 become its nearest end.
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }

    /// Later by `duration`; stays at the end of the range instead of wrapping.
    pub fn plus(self, duration: std::time::Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)))
    }

    /// Earlier by `duration`; stays at the end of the range instead of wrapping.
    pub fn minus(self, duration: std::time::Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)))
    }

    /// The time that passed since `earlier`; zero when `earlier` is later.
    pub fn since(self, earlier: Self) -> std::time::Duration {
        std::time::Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// RFC 3339 in UTC, as it stands in exports and the API.
    pub fn rfc3339(self) -> String {
        self.to_jiff().to_string()
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(timestamp: jiff::Timestamp) -> Self {
        Self(timestamp.as_microsecond())
    }
}

impl std::fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.to_jiff().fmt(f)
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.to_jiff().fmt(f)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.to_jiff())
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(jiff::Timestamp::deserialize(deserializer)?.into())
    }
}

#[cfg(feature = "columns")]
mod column {
    use super::Timestamp;
    use sea_orm::sea_query::{ArrayType, ColumnType, Nullable, Value, ValueType, ValueTypeErr};

    impl From<Timestamp> for Value {
        fn from(timestamp: Timestamp) -> Self {
            timestamp.0.into()
        }
    }
    impl sea_orm::TryGetable for Timestamp {
        fn try_get_by<I: sea_orm::ColIdx>(
            row: &sea_orm::QueryResult,
            index: I,
        ) -> Result<Self, sea_orm::TryGetError> {
            <i64 as sea_orm::TryGetable>::try_get_by(row, index).map(Self)
        }
    }
    impl ValueType for Timestamp {
        fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
            <i64 as ValueType>::try_from(value).map(Self)
        }
        fn type_name() -> String {
            "Timestamp".to_owned()
        }
        fn array_type() -> ArrayType {
            <i64 as ValueType>::array_type()
        }
        fn column_type() -> ColumnType {
            <i64 as ValueType>::column_type()
        }
    }
    impl Nullable for Timestamp {
        fn null() -> Value {
            <i64 as Nullable>::null()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;
    use std::time::Duration;

    #[test]
    fn reads_back_what_it_writes() {
        let timestamp: Timestamp = serde_json::from_str("\"2026-11-22T03:04:05.000006Z\"").unwrap();
        assert_eq!(timestamp.rfc3339(), "2026-11-22T03:04:05.000006Z");
        assert_eq!(Timestamp::from_micros(timestamp.as_micros()), timestamp);
    }

    #[test]
    fn never_wraps() {
        let end = Timestamp::from_micros(i64::MAX);
        assert_eq!(end.plus(Duration::from_secs(1)), end);
        assert_eq!(Timestamp::EPOCH.since(end), Duration::ZERO);
        assert!(!end.rfc3339().is_empty());
    }
}
