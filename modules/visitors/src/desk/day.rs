//! The visits of one site's day as its desk looks at them. Pure rules: no database, time passed in.

use std::collections::HashMap;
use std::time::Duration;

use jiff::civil::Date;
use sekisho_kernel::Timestamp;
use sekisho_web::zone_of;

use crate::ids::AppointmentId;
use crate::pages::is_awaited;
use crate::reads::VisitRow;
use crate::tables::words::VisitState;

/// Who is not here so long after the beginning is late.
const LATE: Duration = Duration::from_secs(600);

/// Which day, on whose clock.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    /// The site's (IANA).
    pub(super) zone: String,
    pub(super) day: Date,
    pub(super) now: Timestamp,
}

impl Clock {
    /// Whether the day shown is the present one.
    pub(super) fn is_today(&self) -> bool {
        self.local(self.now).0 == self.day
    }

    /// Day and hour of a time.
    fn local(&self, at: Timestamp) -> (Date, i8) {
        let zoned = at.to_jiff().to_zoned(zone_of(&self.zone));
        (zoned.date(), zoned.hour())
    }
}

/// A day, put in order.
#[derive(Debug, Default)]
pub(super) struct Day {
    /// Who came and waits, longest first; nobody on another day than the present one.
    pub(super) waiting: Vec<VisitRow>,
    /// What began on another day first; then the hours from the first that has something to the last.
    pub(super) hours: Vec<Hour>,
    pub(super) counts: Counts,
}

/// What begins within an hour.
#[derive(Debug)]
pub(super) struct Hour {
    /// None: on another day.
    pub(super) hour: Option<i8>,
    /// Whether it is the present one.
    pub(super) is_now: bool,
    pub(super) slots: Vec<Slot>,
    /// What nobody at the desk waits for any more: left, called off, not come, not let in.
    pub(super) over: Vec<Slot>,
}

/// The guests of one appointment; or a visit of none.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) rows: Vec<VisitRow>,
}

/// How a visit, or a group, stands as one sees it from afar.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Look {
    Waits,
    Late,
    Here,
    Due,
    Over,
}

/// The numbers above.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Counts {
    /// People in the building, with those who came along.
    pub(super) here: i64,
    /// Visits whose guests wait.
    pub(super) waiting: usize,
    /// People still to come, the late among them.
    pub(super) coming: i64,
    /// Visits whose guests are late.
    pub(super) late: usize,
}

/// How a visit stands at `now`.
pub(super) fn look(row: &VisitRow, now: Timestamp) -> Look {
    match row.state {
        VisitState::Arrived => Look::Waits,
        VisitState::Admitted => Look::Here,
        state if state.is_expected() && row.starts_at.plus(LATE) < now => Look::Late,
        _ if is_awaited(row, now) => Look::Due,
        _ => Look::Over,
    }
}

impl Slot {
    /// The look of those who want most attention.
    pub(super) fn look(&self, now: Timestamp) -> Look {
        let has = |look: &Look| self.rows.iter().any(|row| self::look(row, now) == *look);
        [Look::Waits, Look::Late, Look::Here, Look::Due].into_iter().find(has).unwrap_or(Look::Over)
    }

    /// Whom the group is named after: somebody who is not over, if there is one.
    pub(super) fn first(&self, now: Timestamp) -> Option<&VisitRow> {
        let open = self.rows.iter().find(|row| look(row, now) != Look::Over && !row.name.is_empty());
        open.or_else(|| self.rows.first())
    }

    /// People, with those who came along.
    pub(super) fn heads(&self) -> i64 {
        self.rows.iter().map(VisitRow::heads).sum()
    }

    /// When it begins.
    pub(super) fn starts_at(&self) -> Option<Timestamp> {
        self.rows.first().map(|row| row.starts_at)
    }
}

impl Day {
    /// The visits in the order of their beginning, as a day.
    pub(super) fn of(rows: Vec<VisitRow>, clock: &Clock) -> Self {
        let (is_today, now) = (clock.is_today(), clock.now);
        let mut counts = Counts::default();
        let mut waiting = Vec::new();
        for row in rows.iter().filter(|_| is_today) {
            match look(row, now) {
                Look::Waits => waiting.push(row.clone()),
                Look::Late => counts.late += 1,
                _ => {}
            }
            if row.state.is_here() {
                counts.here += row.heads();
            } else if is_awaited(row, now) {
                counts.coming += row.heads();
            }
        }
        counts.waiting = waiting.len();
        waiting.sort_by_key(|row| row.arrived_at);
        Self { waiting, hours: hours(slots(rows), clock), counts }
    }
}

/// One slot for each appointment, in the order of their beginning.
fn slots(rows: Vec<VisitRow>) -> Vec<Slot> {
    let mut slots: Vec<Slot> = Vec::new();
    let mut of: HashMap<AppointmentId, usize> = HashMap::new();
    for row in rows {
        let known = row.appointment.map(|appointment| *of.entry(appointment).or_insert(slots.len()));
        match known.and_then(|place| slots.get_mut(place)) {
            Some(slot) => slot.rows.push(row),
            None => slots.push(Slot { rows: vec![row] }),
        }
    }
    slots
}

fn hours(slots: Vec<Slot>, clock: &Clock) -> Vec<Hour> {
    let is_today = clock.is_today();
    let hour_now = is_today.then(|| clock.local(clock.now).1);
    let begins = |slot: &Slot| {
        let (day, hour) = clock.local(slot.starts_at()?);
        (day == clock.day).then_some(hour)
    };
    let busy: Vec<i8> = slots.iter().filter_map(begins).chain(hour_now).collect();
    let empty =
        |hour| Hour { hour, is_now: hour.is_some() && hour == hour_now, slots: Vec::new(), over: Vec::new() };
    let mut hours = vec![empty(None)];
    if let (Some(first), Some(last)) = (busy.iter().min(), busy.iter().max()) {
        hours.extend((*first..=*last).map(|hour| empty(Some(hour))));
    }
    for slot in slots {
        let hour = begins(&slot);
        // Of another day nothing is folded away: all of it is over, or to come.
        let over = is_today && slot.look(clock.now) == Look::Over;
        let Some(of) = hours.iter_mut().find(|of| of.hour == hour) else { continue };
        if over { of.over.push(slot) } else { of.slots.push(slot) }
    }
    hours.retain(|hour| hour.hour.is_some() || !hour.slots.is_empty() || !hour.over.is_empty());
    hours
}
