//! Sites, zones, time zones, holidays.
