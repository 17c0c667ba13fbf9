//! What somebody else's calendar says: a file of one event, perhaps repeated, perhaps with times that are different. Pure.
//!
//! Files come from strangers: how much is looked at is bounded before it is read, and nothing in here knows what it is for.

use calcard::common::PartialDateTime;
use calcard::common::timezone::Tz;
use calcard::icalendar::timezone::TzResolver;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarEntry, ICalendarMethod,
    ICalendarParameterName, ICalendarParameterValue, ICalendarParticipationRole,
    ICalendarParticipationStatus, ICalendarProperty, ICalendarStatus, ICalendarUserTypes, ICalendarValue,
};
use calcard::{Entry, Parser};
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};

/// The largest file.
pub const LARGEST: usize = 256 * 1024;
/// The most components of a file: events, alarms, parts of time zones.
const MOST_COMPONENTS: usize = 1000;
/// The most attendees of an event.
const MOST_ATTENDEES: usize = 300;
/// The most days an event leaves out.
const MOST_EXCEPT: usize = 366;
/// The longest text that is kept.
const LONGEST_TEXT: usize = 4000;

/// Why a file is of no use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BadFile {
    /// It is no calendar file.
    Unreadable,
    /// It is too large, or has too much in it.
    TooMuch,
    /// There is no event in it.
    NoEvent,
    /// There are several events in it that have nothing to do with each other.
    Several,
}

/// What is to be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    /// It takes place so.
    Request,
    /// It does not take place.
    Cancel,
    /// Something else: an answer, a counter-proposal, a file without a method.
    Other,
}

/// A file that was read.
#[derive(Clone, PartialEq, Debug)]
pub struct Invitation {
    /// What is to be done.
    pub method: Method,
    /// The name of the event, the same in all calendars.
    pub uid: String,
    /// The event itself; none: the file speaks of single times of it only.
    pub event: Option<Event>,
    /// Times of a repeated event that are different.
    pub overrides: Vec<Event>,
}

/// An event.
#[derive(Clone, PartialEq, Debug)]
pub struct Event {
    /// Which version.
    pub sequence: i64,
    /// When this version was written, in seconds of the epoch.
    pub stamp: i64,
    /// Who invites.
    pub organizer: Option<Party>,
    /// Who invites on their behalf.
    pub sent_by: Option<String>,
    /// Who comes.
    pub attendees: Vec<Party>,
    /// From.
    pub starts: When,
    /// Until.
    pub ends: When,
    /// How it repeats.
    pub rule: Option<String>,
    /// Whether it repeats in a way that no single rule says.
    pub odd_rule: bool,
    /// Times left out.
    pub except: Vec<When>,
    /// Of which time of a repeated event this is the change.
    pub recurrence: Option<When>,
    /// Whether the change is of all later times, too.
    pub and_later: bool,
    /// What it is about.
    pub summary: String,
    /// Where.
    pub location: String,
    /// More words.
    pub description: String,
    /// Whether it was called off.
    pub cancelled: bool,
}

/// Somebody in a calendar.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Party {
    /// Their mail address, as it stands there.
    pub mail: String,
    /// Their name; may be empty.
    pub name: String,
    /// Whether they come: neither a room nor somebody who declined or is only told of it.
    pub comes: bool,
}

/// A time in a calendar.
#[derive(Clone, PartialEq, Debug)]
pub enum When {
    /// On the clock of a zone.
    At(DateTime, TimeZone),
    /// On whatever clock hangs there.
    Floating(DateTime),
    /// A whole day.
    Day(Date),
    /// In a zone that nobody knows.
    UnknownZone,
}

impl When {
    /// What the clock at `zone` shows then; of a day, its first minute.
    pub fn on_clock(&self, zone: &TimeZone) -> Option<DateTime> {
        match self {
            Self::At(at, theirs) => {
                let at = theirs.to_ambiguous_zoned(*at).compatible().ok()?;
                Some(at.with_time_zone(zone.clone()).datetime())
            }
            Self::Floating(at) => Some(*at),
            Self::Day(day) => Some(day.to_datetime(Time::midnight())),
            Self::UnknownZone => None,
        }
    }
}

/// Reads a file.
///
/// # Errors
/// When it is none, or too much, or not one thing.
pub fn read(text: &str) -> Result<Invitation, BadFile> {
    if text.len() > LARGEST {
        return Err(BadFile::TooMuch);
    }
    // A bound before the reader, which keeps everything it meets.
    if text.as_bytes().windows(6).filter(|word| word.eq_ignore_ascii_case(b"BEGIN:")).count()
        > MOST_COMPONENTS
    {
        return Err(BadFile::TooMuch);
    }
    let Entry::ICalendar(file) = Parser::new(text).entry() else { return Err(BadFile::Unreadable) };
    let [root, ..] = &file.components[..] else { return Err(BadFile::Unreadable) };
    if root.component_type != ICalendarComponentType::VCalendar {
        return Err(BadFile::Unreadable);
    }
    let method = match root.property(&ICalendarProperty::Method).and_then(|entry| entry.values.first()) {
        Some(ICalendarValue::Method(ICalendarMethod::Request)) => Method::Request,
        Some(ICalendarValue::Method(ICalendarMethod::Cancel)) => Method::Cancel,
        _ => Method::Other,
    };
    let zones = Zones { file: &file, known: file.build_tz_resolver() };
    let (mut uid, mut event, mut overrides) = (None, None, Vec::new());
    // Only what stands in the file itself: an event in an event is none.
    let inside = root.component_ids.iter().filter_map(|id| file.component_by_id(*id));
    for component in inside.filter(|one| one.component_type == ICalendarComponentType::VEvent) {
        let named = component.uid().map(str::trim).filter(|uid| !uid.is_empty() && uid.len() <= 1000);
        let named = named.ok_or(BadFile::Unreadable)?;
        if uid.get_or_insert_with(|| named.to_owned()) != named {
            return Err(BadFile::Several);
        }
        let read = read_event(component, &zones)?;
        match (&read.recurrence, &event) {
            (Some(_), _) => overrides.push(read),
            (None, None) => event = Some(read),
            (None, Some(_)) => return Err(BadFile::Several),
        }
    }
    Ok(Invitation { method, uid: uid.ok_or(BadFile::NoEvent)?, event, overrides })
}

struct Zones<'a> {
    file: &'a ICalendar,
    known: TzResolver<&'a str>,
}

impl Zones<'_> {
    fn zone(&self, name: &str) -> Option<TimeZone> {
        match self.known.resolve(name) {
            Some(Tz::Tz(zone)) => TimeZone::get(zone.name()).ok(),
            Some(Tz::Fixed(offset)) => {
                Offset::from_seconds(offset.local_minus_utc()).ok().map(Offset::to_time_zone)
            }
            Some(Tz::Floating) | None => self.fixed(name),
        }
    }

    /// A zone of the file's own that never changes its clock, as some programs write for Japan.
    fn fixed(&self, name: &str) -> Option<TimeZone> {
        let is_it = |one: &&ICalendarComponent| {
            one.property(&ICalendarProperty::Tzid).and_then(|entry| entry.values.first()?.as_text())
                == Some(name)
        };
        let zone = self.file.timezones().find(is_it)?;
        let mut offset = None;
        for part in zone.component_ids.iter().filter_map(|id| self.file.component_by_id(*id)) {
            let to = part.property(&ICalendarProperty::Tzoffsetto)?.values.first()?;
            let to = to.as_partial_date_time()?;
            let minutes = i32::from(to.tz_hour?) * 60 + i32::from(to.tz_minute.unwrap_or(0));
            let minutes = if to.tz_minus { -minutes } else { minutes };
            if *offset.get_or_insert(minutes) != minutes {
                return None;
            }
        }
        Offset::from_seconds(offset? * 60).ok().map(Offset::to_time_zone)
    }

    fn when(&self, entry: &ICalendarEntry, value: &PartialDateTime) -> Option<When> {
        let small = |part: u8| i8::try_from(part).ok();
        let year = i16::try_from(value.year?).ok().filter(|year| (1900..=3000).contains(year))?;
        let date = Date::new(year, small(value.month?)?, small(value.day?)?).ok()?;
        let Some(hour) = value.hour else { return Some(When::Day(date)) };
        let (hour, minute) = (small(hour)?, small(value.minute.unwrap_or(0))?);
        // Nobody meets at a second, and a leap second is none.
        let at = date.to_datetime(Time::new(hour, minute, 0, 0).ok()?);
        if value.tz_hour == Some(0) && value.tz_minute.unwrap_or(0) == 0 {
            return Some(When::At(at, TimeZone::UTC));
        }
        Some(match entry.tz_id() {
            Some(name) => self.zone(name.trim()).map_or(When::UnknownZone, |zone| When::At(at, zone)),
            None => When::Floating(at),
        })
    }

    fn whens(&self, entry: &ICalendarEntry) -> Result<Vec<When>, BadFile> {
        let read = |value: &ICalendarValue| self.when(entry, value.as_partial_date_time()?);
        entry.values.iter().map(|value| read(value).ok_or(BadFile::Unreadable)).collect()
    }

    fn one(&self, component: &ICalendarComponent, name: &ICalendarProperty) -> Result<Option<When>, BadFile> {
        let Some(entry) = component.property(name) else { return Ok(None) };
        Ok(self.whens(entry)?.into_iter().next())
    }
}

fn read_event(component: &ICalendarComponent, zones: &Zones<'_>) -> Result<Event, BadFile> {
    use ICalendarProperty as P;
    let starts = zones.one(component, &P::Dtstart)?.ok_or(BadFile::Unreadable)?;
    let ends = match zones.one(component, &P::Dtend)? {
        Some(ends) => ends,
        None => later(&starts, component.property(&P::Duration).and_then(duration)),
    };
    let rules: Vec<String> = component.properties(&P::Rrule).filter_map(rule_text).collect();
    let mut except = Vec::new();
    for entry in component.properties(&P::Exdate) {
        except.extend(zones.whens(entry)?);
    }
    let parties: Vec<&ICalendarEntry> = component.properties(&P::Attendee).take(MOST_ATTENDEES + 1).collect();
    if except.len() > MOST_EXCEPT || parties.len() > MOST_ATTENDEES {
        return Err(BadFile::TooMuch);
    }
    let organizer = component.property(&P::Organizer);
    let sent_by = organizer.and_then(|entry| entry.parameter(&ICalendarParameterName::SentBy)?.as_text());
    let recurrence = component.property(&P::RecurrenceId);
    let text = |name: &P| {
        let text = component.property(name).and_then(|entry| entry.values.first()?.as_text());
        text.unwrap_or_default().trim().chars().take(LONGEST_TEXT).collect::<String>()
    };
    let integer = |name: &P| component.property(name).and_then(|entry| entry.values.first()?.as_integer());
    let stamp = zones.one(component, &P::Dtstamp)?.and_then(|at| at.on_clock(&TimeZone::UTC));
    let stamp = stamp.and_then(|at| TimeZone::UTC.to_timestamp(at).ok());
    Ok(Event {
        sequence: integer(&P::Sequence).unwrap_or(0).clamp(0, i64::from(u32::MAX)),
        stamp: seconds(component).or(stamp.map(|at| at.as_second())).unwrap_or(0),
        organizer: organizer.map(party),
        sent_by: sent_by.map(address),
        attendees: parties.into_iter().map(party).collect(),
        starts,
        ends,
        odd_rule: rules.len() > 1 || component.has_property(&P::Rdate) || component.has_property(&P::Exrule),
        rule: rules.into_iter().next(),
        except,
        and_later: recurrence.is_some_and(|entry| entry.has_parameter(&ICalendarParameterName::Range)),
        recurrence: zones.one(component, &P::RecurrenceId)?,
        summary: text(&P::Summary),
        location: text(&P::Location),
        description: text(&P::Description),
        cancelled: component.status() == Some(&ICalendarStatus::Cancelled),
    })
}

/// When it was written, to the second: two versions within a minute are two.
fn seconds(component: &ICalendarComponent) -> Option<i64> {
    let value = component.property(&ICalendarProperty::Dtstamp)?.values.first()?.as_partial_date_time()?;
    let small = |part: Option<u8>| i8::try_from(part?).ok();
    let date = Date::new(i16::try_from(value.year?).ok()?, small(value.month)?, small(value.day)?).ok()?;
    let time = Time::new(small(value.hour)?, small(value.minute)?, small(value.second)?.min(59), 0).ok()?;
    Some(TimeZone::UTC.to_timestamp(date.to_datetime(time)).ok()?.as_second())
}

fn rule_text(entry: &ICalendarEntry) -> Option<String> {
    match entry.values.first()? {
        ICalendarValue::RecurrenceRule(rule) => Some(rule.to_string()),
        other => other.as_text().map(str::to_owned),
    }
}

fn duration(entry: &ICalendarEntry) -> Option<i64> {
    match entry.values.first()? {
        ICalendarValue::Duration(lasts) if !lasts.neg => Some(lasts.as_seconds()),
        _ => None,
    }
}

/// The end of what does not say it: a day, or an hour.
fn later(starts: &When, lasts: Option<i64>) -> When {
    let plus = |at: DateTime, seconds: i64| at.saturating_add(jiff::SignedDuration::from_secs(seconds));
    match starts {
        When::At(at, zone) => {
            let end = zone.to_ambiguous_zoned(*at).compatible().ok();
            let span = jiff::SignedDuration::from_secs(lasts.unwrap_or(3600));
            end.and_then(|at| at.checked_add(span).ok())
                .map_or(When::UnknownZone, |end| When::At(end.datetime(), zone.clone()))
        }
        When::Floating(at) => When::Floating(plus(*at, lasts.unwrap_or(3600))),
        When::Day(day) => When::Day(plus(day.to_datetime(Time::midnight()), lasts.unwrap_or(86_400)).date()),
        When::UnknownZone => When::UnknownZone,
    }
}

fn party(entry: &ICalendarEntry) -> Party {
    use ICalendarParameterName as N;
    use ICalendarParameterValue as V;
    let text = |name: &N| entry.parameter(name).and_then(V::as_text).map(str::trim).unwrap_or_default();
    let mail = entry.calendar_address().map(address).filter(|mail| mail.contains('@'));
    let absent = entry.params.iter().any(|one| {
        matches!(
            one.value,
            V::Cutype(ICalendarUserTypes::Room | ICalendarUserTypes::Resource | ICalendarUserTypes::Group)
                | V::Partstat(
                    ICalendarParticipationStatus::Declined | ICalendarParticipationStatus::Delegated
                )
                | V::Role(ICalendarParticipationRole::NonParticipant)
        )
    });
    Party {
        mail: mail.unwrap_or_else(|| address(text(&N::Email))),
        name: text(&N::Cn).chars().take(LONGEST_TEXT).collect(),
        comes: !absent,
    }
}

/// A mail address out of `mailto:…`.
fn address(text: &str) -> String {
    let text = text.trim().trim_matches('"');
    let scheme = text.get(..7).is_some_and(|head| head.eq_ignore_ascii_case("mailto:"));
    let text = if scheme { text.get(7..).unwrap_or_default() } else { text };
    text.trim().chars().take(320).collect()
}

#[cfg(test)]
mod tests;
