//! An event that repeats is taken. Another version of it drops times, moves all of them by the same, or is a series of its
//! own: then the old one is called off and the new one made.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use sekisho_kernel::Cx;
use sekisho_web::IfMatch;

use super::guests::{Reach, bring};
use super::invitation::{Event, When};
use super::items::{self, Became, Version, became};
use super::running::still_to_come;
use super::take_invitation::{Source, Taken, guests_of, is_to_come, withdraw, write_down};
use super::wanted::Wanted;
use super::why::{NotTaken, Why, refused};
use crate::Visitors;
use crate::cancel_appointment::cancel_appointment;
use crate::change_series::change_series;
use crate::ids::AppointmentId;
use crate::make_appointment::AppointmentForm;
use crate::make_series::{RepeatForm, SeriesPlan, checked_series, make_series_in};
use crate::repeat::Rule;
use crate::series::appointments_of;
use crate::tables::{appointments, calendar_items};

/// Takes it.
pub(super) async fn take_series(
    visitors: &Visitors,
    cx: &Cx,
    source: Source<'_>,
    (event, rule, wanted): (&Event, &str, &Wanted),
    item: Option<calendar_items::Model>,
    version: Version,
) -> Result<Taken, NotTaken> {
    let zone = sekisho_web::zone_of(&wanted.site.zone);
    if !same_clock(&event.starts, &zone) {
        return Err(Why::OtherClock.into());
    }
    let rule = Rule::read(rule, &zone).map_err(|bad| Why::Rule(bad.text()))?;
    let lasts = wanted.ends.duration_since(wanted.starts);
    let now = cx.now.to_jiff().to_zoned(zone.clone()).datetime();
    let Some((rule, starts)) = still_to_come(&rule, wanted.starts, lasts, now) else {
        return source.or_pass_over(Why::Past);
    };
    let form = wanted.at(starts).ok_or(Why::NoTime)?;
    let mut except = Vec::new();
    for when in &event.except {
        let at = when.on_clock(&zone).ok_or(Why::NoTime)?;
        except.push(at.date().to_string());
    }
    let repeat = RepeatForm { rule: rule.to_string(), except, ..RepeatForm::default() };
    // Whatever is wrong with it is found before anything is touched.
    let plan = checked_series(visitors, cx, form, repeat).await.map_err(refused)?;
    let Some(item) = item else {
        return make(visitors, cx, source, &plan, None, &version).await;
    };
    let all = match item.series_id {
        Some(series) if !item.called_off => {
            appointments_of(&visitors.store.read(cx.tenant).await?, series).await?
        }
        _ => Vec::new(),
    };
    let (to_come, over): (Vec<_>, Vec<_>) = all.into_iter().partition(|row| is_to_come(row, cx));
    let (rows, called_off): (Vec<_>, Vec<_>) =
        to_come.into_iter().partition(|row| row.cancelled_at.is_none());
    if rows.is_empty() && !called_off.is_empty() {
        return Err(Why::CalledOffHere.into());
    }
    let times: Vec<DateTime> = plan.dates.occurrences.iter().map(|one| one.starts).collect();
    let others: Vec<_> = over.into_iter().chain(called_off).collect();
    let is_over = |at: DateTime| at.checked_add(lasts).map_or(true, |ends| ends <= now);
    let Some(change) = compare(&rows, &others, item.shifted, &times, is_over) else {
        return renew(visitors, cx, source, &plan, &item, &version).await;
    };
    for dropped in &change.dropped {
        cancel_appointment(visitors, cx, *dropped, &IfMatch::ANY).await.map_err(refused)?;
    }
    if let Some(first) = rows.iter().find(|row| !row.set_apart && !change.dropped.contains(&row.id)) {
        // By the rule and not by where it is: done twice, it moves once.
        let from = by_rule(first, item.shifted).ok_or(Why::NoTime)?;
        let form = wanted.at(from.saturating_add(change.moved)).ok_or(Why::NoTime)?;
        let form =
            AppointmentForm { kind: first.kind, group: first.group_id, room: wanted.room_of(first), ..form };
        change_series(visitors, cx, first.id, form, &IfMatch::ANY).await.map_err(refused)?;
    }
    let shifted = item.shifted.saturating_add(change.moved.as_mins());
    let mut guests = item.guests.0.clone();
    if let Some(first) = rows.iter().find(|row| !change.dropped.contains(&row.id)) {
        let of = (first.id, Reach::Following);
        guests = bring(visitors, cx, of, &item.guests.0, &wanted.form.guests).await?;
    }
    write_down(visitors, cx, Some(&item), &version, Became { shifted, guests, ..became(&item) }).await?;
    Ok(Taken::Changed)
}

/// Makes the series.
async fn make(
    visitors: &Visitors,
    cx: &Cx,
    source: Source<'_>,
    plan: &SeriesPlan,
    item: Option<&calendar_items::Model>,
    version: &Version,
) -> Result<Taken, NotTaken> {
    // Single times of it may have come first; they are part of it now.
    for time in items::all_of(&visitors.store.read(cx.tenant).await?, &version.uid).await? {
        if !time.at.is_empty() && !version.is_from_others(&time) {
            withdraw(visitors, cx, &time).await?;
        }
    }
    let keys = visitors.vault.keys(cx.tenant).await?;
    let mut tx = visitors.store.begin(cx).await?;
    let (made, entry) = make_series_in(&mut tx, &keys, plan).await.map_err(refused)?;
    let guests = guests_of(&tx, made.first.id).await?;
    let now = Became { series: Some(made.id), guests, ..Became::default() };
    items::save(&tx, item, version, now).await?;
    items::forget_times(&tx, version).await?;
    tx.commit(entry.with("calendar", source.calendar.id)).await?;
    Ok(Taken::Made)
}

/// Calls the old one off and makes the new one. Written down before: after a crash between the two it goes on here.
async fn renew(
    visitors: &Visitors,
    cx: &Cx,
    source: Source<'_>,
    plan: &SeriesPlan,
    item: &calendar_items::Model,
    version: &Version,
) -> Result<Taken, NotTaken> {
    if !item.called_off {
        let tx = visitors.store.begin(cx).await?;
        items::mark_called_off(&tx, item).await?;
        tx.commit_bookkeeping("a series is about to be made anew; that it is called off is recorded").await?;
    }
    withdraw(visitors, cx, item).await?;
    make(visitors, cx, source, plan, Some(item), version).await
}

/// What another version of a series changes.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Change {
    /// Does not take place any more.
    dropped: Vec<AppointmentId>,
    /// All others are so much later.
    moved: SignedDuration,
}

/// What must be done so that the appointments take place at those times; none: it is another series. `others` of it are over or
/// were called off: their times are known, and left alone. A time may be over that takes place later, and the other way round.
fn compare(
    rows: &[appointments::Model],
    others: &[appointments::Model],
    shifted: i64,
    times: &[DateTime],
    is_over: impl Fn(DateTime) -> bool,
) -> Option<Change> {
    let mut by_time = BTreeMap::new();
    for row in others.iter().chain(rows) {
        by_time.insert(by_rule(row, shifted)?, row);
    }
    if times.iter().all(|time| by_time.contains_key(time)) {
        let gone = |row: &&appointments::Model| {
            by_rule(row, shifted).is_some_and(|time| !times.contains(&time) && !is_over(time))
        };
        let dropped = rows.iter().filter(gone).map(|row| row.id).collect();
        return Some(Change { dropped, moved: SignedDuration::ZERO });
    }
    // The calendar may leave out what was called off, or not.
    let to_come = by_time.iter().filter(|(time, _)| !is_over(**time));
    let (all, open): (Vec<_>, Vec<_>) = (
        to_come.clone().map(|(time, _)| *time).collect(),
        to_come.filter(|(_, row)| row.cancelled_at.is_none()).map(|(time, _)| *time).collect(),
    );
    let moved = [all, open].iter().find_map(|before| all_moved(before, times))?;
    Some(Change { dropped: Vec::new(), moved })
}

/// By how much all of them are moved alike.
fn all_moved(before: &[DateTime], after: &[DateTime]) -> Option<SignedDuration> {
    let moved = after.first()?.duration_since(*before.first()?);
    let alike = before.iter().zip(after).all(|(before, after)| after.duration_since(*before) == moved);
    (alike && before.len() == after.len()).then_some(moved)
}

/// When the calendar has an appointment of its series begin.
pub(super) fn by_rule(row: &appointments::Model, shifted: i64) -> Option<DateTime> {
    let on: DateTime = row.series_on.as_deref()?.parse().ok()?;
    on.checked_add(SignedDuration::from_mins(shifted)).ok()
}

/// Whether what repeats on that clock repeats on the site's, too: they show the same all year.
fn same_clock(when: &When, site: &TimeZone) -> bool {
    let When::At(at, theirs) = when else { return true };
    (0..13).all(|month| {
        let at = at.saturating_add(jiff::Span::new().days(month * 30));
        let there = theirs.to_ambiguous_zoned(at).compatible();
        there.is_ok_and(|there| there.with_time_zone(site.clone()).datetime() == at)
    })
}
