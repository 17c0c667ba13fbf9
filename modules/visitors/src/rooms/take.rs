//! An appointment takes a room for its time; no other has it then.
//!
//! Who has a room is told by the appointments: one that was not called off and has a guest who was neither called off nor
//! refused. So whatever frees a room needs to do nothing about it. Whoever takes one locks its row first, after the series and
//! the appointments and before the guests and the visits, and looks then.

use std::collections::HashSet;

use sea_orm::{ColumnTrait, Condition, QuerySelect};
use sekisho_kernel::{PersonId, SiteId, Timestamp};
use sekisho_storage::{Scoped, StoreError, Tx};
use serde::{Deserialize, Serialize};

use super::keep::lock;
use super::named::names;
use crate::checks::VisitError;
use crate::ids::{AppointmentId, RoomId};
use crate::make_appointment::{Details, PlannedGuest};
use crate::occurrence::{LONGEST, Occurrence};
use crate::tables::words::VisitState;
use crate::tables::{appointments, kept_rooms, visits};

/// What is done about a time at which the room is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = VisitorRoomTakenChoice)]
pub enum RoomTaken {
    /// Nothing is made or changed.
    #[default]
    Refuse,
    /// Then there is no room, and only the free text says where.
    Skip,
}

/// A time for which a room is wanted.
pub(crate) struct Time<'a> {
    /// Whose, of an appointment that is there.
    pub(crate) row: Option<&'a appointments::Model>,
    pub(crate) when: &'a Occurrence,
}

/// What came of asking for a room.
#[derive(Default)]
pub(crate) struct Answer {
    room: Option<kept_rooms::Model>,
    taken: HashSet<usize>,
}

impl Answer {
    /// Whether more people come than the room has seats, the host among them.
    pub(crate) fn is_too_small_for(&self, guests: &[PlannedGuest]) -> bool {
        let people: i64 = guests.iter().map(|guest| 1 + guest.companions).sum();
        self.room.as_ref().and_then(|room| room.seats).is_some_and(|seats| seats < people + 1)
    }

    /// The details of the time of that number, as they are written.
    pub(crate) fn settled(&self, number: usize, details: &Details) -> Details {
        let room = self.room.as_ref().filter(|_| !self.taken.contains(&number));
        let place = room.map_or_else(|| details.beside.clone(), |room| written(&room.name, &details.beside));
        Details { room: room.map(|room| room.id), place, ..details.clone() }
    }
}

/// Takes the room of `details`, if they want one, for these times at that site; refused when another appointment has it at one of
/// them or it was retired since, unless they may do without. Nobody else takes it until the transaction ends.
pub(crate) async fn take(
    tx: &Tx,
    details: &Details,
    site: SiteId,
    times: &[Time<'_>],
) -> Result<Answer, VisitError> {
    let Some(id) = details.room else { return Ok(Answer::default()) };
    let room = lock(tx, id).await?.filter(|room| room.site_id == site);
    let room = room.ok_or_else(|| VisitError::invalid("room", "visitors-error-room"))?;
    // Who has a room that was retired keeps it; nobody else gets it.
    let gets =
        |time: &Time<'_>| room.retired_at.is_none() || time.row.is_some_and(|row| row.room_id == Some(id));
    let mut taken: HashSet<usize> =
        (0..).zip(times).filter(|(_, time)| !gets(time)).map(|(n, _)| n).collect();
    if !taken.is_empty() && (taken.len() == times.len() || details.room_taken == RoomTaken::Refuse) {
        return Err(VisitError::invalid("room", "visitors-error-room"));
    }
    let own: HashSet<AppointmentId> = times.iter().filter_map(|time| time.row).map(|row| row.id).collect();
    let periods: Vec<Period> = times.iter().map(|time| period(time.when)).collect();
    let mut others = having(tx, vec![id], &periods).await?;
    others.retain(|row| !own.contains(&row.id));
    let mut in_the_way = Vec::new();
    for row in others {
        let hit: Vec<usize> =
            (0..).zip(&periods).filter(|(_, at)| overlaps(&row, **at)).map(|(n, _)| n).collect();
        if !hit.is_empty() {
            taken.extend(hit);
            in_the_way.push(row);
        }
    }
    if !in_the_way.is_empty() && details.room_taken == RoomTaken::Refuse {
        return Err(VisitError::RoomTaken(in_the_way));
    }
    Ok(Answer { room: Some(room), taken })
}

/// Takes the room of one appointment.
pub(crate) async fn take_once(
    tx: &Tx,
    details: &Details,
    site: SiteId,
    row: Option<&appointments::Model>,
) -> Result<(Details, Answer), VisitError> {
    let answer = take(tx, details, site, &[Time { row, when: &details.when }]).await?;
    Ok((answer.settled(0, details), answer))
}

/// That these appointments, which get a guest, have their room: whoever had no guest left may have lost it to somebody else.
pub(crate) async fn still_there(tx: &Tx, rows: &[appointments::Model]) -> Result<(), VisitError> {
    let rooms: Vec<RoomId> = rows.iter().filter_map(|row| row.room_id).collect();
    lock_all(tx, rooms.iter().copied()).await?;
    let own: HashSet<AppointmentId> = rows.iter().map(|row| row.id).collect();
    let of = |row: &appointments::Model| Some((row.room_from?, row.room_until?));
    let periods: Vec<Period> = rows.iter().filter_map(of).collect();
    let others = having(tx, rooms, &periods).await?.into_iter().filter(|other| !own.contains(&other.id));
    let hit = |other: &Having| {
        let in_it = |row: &appointments::Model| row.room_id == Some(other.room);
        rows.iter().any(|row| in_it(row) && of(row).is_some_and(|at| overlaps(other, at)))
    };
    let in_the_way: Vec<_> = others.filter(hit).collect();
    if in_the_way.is_empty() { Ok(()) } else { Err(VisitError::RoomTaken(in_the_way)) }
}

/// Those of these rooms and times, by their number, that somebody else has or one before them wants.
pub(crate) async fn not_free(
    scope: &impl Scoped,
    wanted: &[(RoomId, &Occurrence)],
) -> Result<HashSet<usize>, StoreError> {
    let periods: Vec<Period> = wanted.iter().map(|(_, when)| period(when)).collect();
    let mut rooms: Vec<RoomId> = wanted.iter().map(|(room, _)| *room).collect();
    rooms.sort_unstable();
    rooms.dedup();
    let others = having(scope, rooms, &periods).await?;
    let numbered = || wanted.iter().zip(&periods).enumerate();
    let taken = numbered().filter(|(number, ((room, _), at))| {
        let had = others.iter().any(|row| row.room == *room && overlaps(row, **at));
        let (from, until) = **at;
        let before = numbered().take(*number);
        let wanted_before = before
            .into_iter()
            .any(|(_, ((other, _), (start, end)))| other == room && *start < until && from < *end);
        had || wanted_before
    });
    Ok(taken.map(|(number, _)| number).collect())
}

/// These rooms behind everybody else who takes one of them, in one order, like everybody who takes several.
pub(crate) async fn lock_all(tx: &Tx, rooms: impl IntoIterator<Item = RoomId>) -> Result<(), StoreError> {
    let rooms: std::collections::BTreeSet<RoomId> = rooms.into_iter().collect();
    for room in rooms {
        lock(tx, room).await?;
    }
    Ok(())
}

/// From and until.
pub(crate) type Period = (Timestamp, Timestamp);

/// The time of an occurrence.
pub(crate) fn period(when: &Occurrence) -> Period {
    (when.starts_at, when.ends_at)
}

/// An appointment that has a room.
#[derive(Debug)]
pub struct Having {
    pub(crate) id: AppointmentId,
    pub(crate) room: RoomId,
    pub(crate) during: Period,
    pub(crate) site: SiteId,
    pub(crate) zone: String,
    pub(crate) host: PersonId,
    pub(crate) made_by: PersonId,
}

/// Whether the appointment has its room at some moment of that time; that one ends when the other begins is no such moment.
pub(crate) fn overlaps(other: &Having, (from, until): Period) -> bool {
    let (has_from, has_until) = other.during;
    has_from < until && from < has_until
}

/// The appointments that have one of these rooms at some moment between the first of these times and the last, by their time.
pub(crate) async fn having(
    scope: &impl Scoped,
    rooms: Vec<RoomId>,
    periods: &[Period],
) -> Result<Vec<Having>, StoreError> {
    use appointments::Column;
    let from = periods.iter().map(|(from, _)| *from).min();
    let until = periods.iter().map(|(_, until)| *until).max();
    let (Some(from), Some(until), false) = (from, until, rooms.is_empty()) else { return Ok(Vec::new()) };
    // A clock that is set back makes a visit of that many days an hour longer.
    let earliest = from.minus(LONGEST).minus(std::time::Duration::from_secs(86_400));
    let these = Condition::all()
        .add(Column::RoomId.is_in(rooms))
        .add(Column::RoomFrom.lt(until))
        .add(Column::RoomFrom.gt(earliest))
        .add(Column::RoomUntil.gt(from))
        .add(Column::CancelledAt.is_null());
    let what = [
        Column::Id,
        Column::RoomId,
        Column::RoomFrom,
        Column::RoomUntil,
        Column::SiteId,
        Column::Zone,
        Column::HostId,
        Column::MadeBy,
    ];
    let rows = scope
        .find::<appointments::Entity>()
        .filter(these)
        .ascending(Column::RoomFrom)
        .ascending(Column::Id)
        .refine(|select| select.select_only().columns(what))
        .tuples::<(AppointmentId, RoomId, Timestamp, Timestamp, SiteId, String, PersonId, PersonId)>()
        .await?;
    let row = |(id, room, from, until, site, zone, host, made_by)| Having {
        id,
        room,
        during: (from, until),
        site,
        zone,
        host,
        made_by,
    };
    let mut rows: Vec<Having> = rows.into_iter().map(row).collect();
    let mut attended: HashSet<AppointmentId> = HashSet::new();
    for some in rows.chunks(500) {
        let coming = Condition::all()
            .add(visits::Column::AppointmentId.is_in(some.iter().map(|row| row.id)))
            .add(visits::Column::State.is_not_in([VisitState::Cancelled, VisitState::Refused]));
        let found = scope
            .find::<visits::Entity>()
            .filter(coming)
            .refine(|select| select.select_only().column(visits::Column::AppointmentId))
            .tuples::<AppointmentId>()
            .await?;
        attended.extend(found);
    }
    rows.retain(|row| attended.contains(&row.id));
    Ok(rows)
}

/// What guests read: the room's name with what was typed beside it, which may name it already.
fn written(name: &str, beside: &str) -> String {
    if beside.is_empty() {
        name.to_owned()
    } else if names(beside, name) {
        beside.to_owned()
    } else {
        format!("{name} {beside}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_is_named_once() {
        for (room, beside, place) in [
            ("会議室A", "", "会議室A"),
            ("会議室A", "3階", "会議室A 3階"),
            ("会議室A", "3階 会議室Ａ", "3階 会議室Ａ"),
            ("会議室A", "会議室A 3階", "会議室A 3階"),
            ("A", "Annex 3F", "A Annex 3F"),
            ("会議室1", "会議室10の隣", "会議室1 会議室10の隣"),
        ] {
            assert_eq!(written(room, beside), place);
        }
    }
}
