//! An appointment of a series is changed, and with it those that follow: all of them move by the same time. Those that were changed
//! by themselves, were called off or are over stay as they are, and so does the rule.

use std::collections::HashMap;

use sea_orm::ColumnTrait;
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_web::{IfMatch, zone_of};

use crate::Visitors;
use crate::change_appointment::{Difference, compare, follow, planned, wanted, write};
use crate::checks::VisitError;
use crate::events::SeriesChanged;
use crate::ids::AppointmentId;
use crate::keys_follow;
use crate::ledger::{lock_visits, standing};
use crate::make_appointment::{AppointmentForm, Details};
use crate::make_series::moved;
use crate::occurrence::{BadTime, Occurrence};
use crate::repeat::{BadRule, overlap};
use crate::rooms::{Time, take};
use crate::series::{appointments_of, following, takes_place};
use crate::tables::{appointments, visits};
use crate::visit::{Happening, step};
use crate::warrant::NotAllowed;
use crate::watch::{ToldOnce, Watch};

/// Changes an appointment and those that follow it in its series, if it is as the caller has seen it, and says how many of them do
/// without the room. Guests of the form are not looked at.
pub async fn change_series(
    visitors: &Visitors,
    cx: &Cx,
    id: AppointmentId,
    form: AppointmentForm,
    seen: &IfMatch,
) -> Result<usize, VisitError> {
    let (row, plans) = planned(visitors, cx, id, "series.change").await?;
    let following = following(visitors, cx, row, "series.change").await?;
    let (may, settings, wanted) = wanted(visitors, cx, form).await?;
    let keys = visitors.vault.keys(cx.tenant).await?;

    let mut tx = visitors.store.begin(cx).await?;
    let (rows, act) = following.lock(&tx).await?;
    if !seen.holds(following.from.version) {
        return Err(VisitError::Changed);
    }
    let rows: Vec<_> = rows.into_iter().filter(|row| row.id == id || !row.set_apart).collect();
    let all = appointments_of(&tx, following.series).await?;
    let mut plans_of = plan(cx, &rows, &all, &following.from, &wanted, &zone_of(&may.site.zone))?;
    let planned: Vec<(&appointments::Model, Details)> =
        rows.iter().filter_map(|row| Some((row, plans_of.remove(&row.id)?))).collect();
    let times: Vec<Time> =
        planned.iter().map(|(row, details)| Time { row: Some(row), when: &details.when }).collect();
    let answer = take(&tx, &wanted, may.site.id, &times).await?;
    let (room, settled) = (wanted.room, planned.iter().enumerate());
    let wanted: HashMap<AppointmentId, Details> =
        settled.map(|(number, (row, details))| (row.id, answer.settled(number, details))).collect();
    let without = wanted.values().filter(|details| details.room != room).count();
    let mut differs = HashMap::new();
    for row in &rows {
        let Some(details) = wanted.get(&row.id) else { continue };
        let difference = compare(&tx, &keys, row, &may.site, details).await?;
        if difference == Difference::None {
            continue;
        }
        write(&tx, &keys, row, &may.site, details).await?;
        differs.insert(row.id, (difference, details));
    }
    if differs.is_empty() {
        return Ok(without);
    }
    let watch = Watch::open(&tx, &keys).await?;
    let mut told_once = ToldOnce::default();
    let mut changed = Vec::new();
    let of = visits::Column::AppointmentId.is_in(differs.keys().copied());
    for visit in lock_visits(&tx, of).await? {
        let difference = visit.appointment_id.and_then(|appointment| differs.get(&appointment));
        let may_change = step(standing(&visit, &settings), Happening::Change, cx.now).is_ok();
        let Some((difference, details)) = difference.filter(|_| may_change) else { continue };
        if follow(&tx, &keys, &visit, &may.site, details, *difference).await? {
            if let Some(guest) = visit.guest_id {
                // It may be another day, or another site.
                told_once.look_at_written(&watch, &mut tx, &keys, (visit.id, guest)).await?;
            }
            changed.push(visit.id);
        }
    }
    let person = cx.actor.person().ok_or(NotAllowed::Missing)?;
    let (series, visits) = (following.series, changed.len());
    let keys_follow = keys_follow::of_visits(visitors, &tx, &changed).await?;
    tx.publish(&SeriesChanged { series, act, from: id, visits: changed, person }).await?;
    let entry = AuditEntry::done("series.change").on("series", series, "").decided(&plans.basis);
    let entry = entry.with("from", id).with("appointments", differs.len()).with("visits", visits);
    let entry = entry.with("way", plans.way).with("invites_by", &may.basis).with("site", may.site.id);
    tx.commit(entry.with("room", room).with("without_room", without)).await?;
    keys_follow.now(visitors, cx).await;
    Ok(without)
}

/// What each of `rows` becomes; refused when one of them would be over, or not over when another of the series begins.
fn plan(
    cx: &Cx,
    rows: &[appointments::Model],
    all: &[appointments::Model],
    from: &appointments::Model,
    wanted: &Details,
    zone: &jiff::tz::TimeZone,
) -> Result<HashMap<AppointmentId, Details>, VisitError> {
    let at_present = |row: &appointments::Model| takes_place(row).ok_or(BadTime::Unreadable);
    let before = at_present(from)?;
    let mut plans = HashMap::new();
    for row in rows {
        let when = moved(&at_present(row)?, &before, &wanted.when, zone)?;
        if when.ends_at <= cx.now {
            return Err(BadTime::Past.into());
        }
        plans.insert(row.id, Details { when, ..wanted.clone() });
    }
    let then = |row: &appointments::Model| match plans.get(&row.id) {
        Some(details) => Some(details.when.clone()),
        None => takes_place(row).filter(|at| row.cancelled_at.is_none() && at.ends_at > cx.now),
    };
    let mut periods: Vec<_> =
        all.iter().filter_map(then).map(|at: Occurrence| (at.starts_at, at.ends_at)).collect();
    periods.sort_unstable();
    if overlap(&periods) {
        return Err(VisitError::invalid("ends", BadRule::Overlap.text()));
    }
    Ok(plans)
}
