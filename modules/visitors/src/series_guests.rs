//! A guest is added to an appointment of a series and those that follow, or taken off them.

use sea_orm::{ColumnTrait, Condition};
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_web::Checks;

use crate::Visitors;
use crate::cancel_appointment::close_open;
use crate::change_appointment::planned;
use crate::checks::VisitError;
use crate::events::{SeriesCancelled, SeriesMade};
use crate::guest::recognised_or_new;
use crate::ids::{AppointmentId, VisitId};
use crate::keys_follow;
use crate::ledger::{self, lock_visits};
use crate::make_appointment::{Expecting, GuestForm, MOST_GUESTS, MadeVisit, expect_known, read_guest};
use crate::occurrence::BadTime;
use crate::rooms::still_there;
use crate::series::{fits, following, takes_place};
use crate::settings;
use crate::tables::visits;
use crate::visit::Refusal;
use crate::warrant::NotAllowed;
use crate::watch::{ToldOnce, Watch};

/// Adds a guest to an appointment and those that follow it in its series; the visit at the first of them.
pub async fn add_guest_to_series(
    visitors: &Visitors,
    cx: &Cx,
    id: AppointmentId,
    form: GuestForm,
) -> Result<MadeVisit, VisitError> {
    let (row, plans) = planned(visitors, cx, id, "series.add_guest").await?;
    let following = following(visitors, cx, row, "series.add_guest").await?;
    let maker = cx.actor.person().ok_or(NotAllowed::Missing)?;
    let mut checks = Checks::default();
    let planned = read_guest(&mut checks, form);
    checks.done::<VisitError>()?;
    let scope = visitors.store.read(cx.tenant).await?;
    let sites = sekisho_places::sites(&scope).await?;
    drop(scope);
    let keys = visitors.vault.keys(cx.tenant).await?;
    let mut tx = visitors.store.begin(cx).await?;
    let (mut rows, act) = following.lock(&tx).await?;
    rows.sort_by(|one, other| one.series_on.cmp(&other.series_on));
    let there = fits(&tx, following.series, rows.len()).await?;
    if rows.iter().any(|row| there.get(&Some(row.id)).is_some_and(|guests| *guests >= MOST_GUESTS)) {
        return Err(VisitError::invalid("guests", "visitors-error-guests"));
    }
    still_there(&tx, &rows).await?;
    let guest = recognised_or_new(&tx, &keys, &planned.contact, planned.language).await?;
    let watch = Watch::open(&tx, &keys).await?;
    let mut told_once = ToldOnce::default();
    let mut made = Vec::new();
    for row in &rows {
        let site = sites.iter().find(|site| site.id == row.site_id).ok_or(NotAllowed::Missing)?;
        let (_, text) = BadTime::Unreadable.field();
        let when = takes_place(row).ok_or_else(|| VisitError::invalid("", text))?;
        let at =
            Expecting { appointment: row.id, kind: row.kind, host: row.host_id, site, maker, when: &when };
        let visit = expect_known(&tx, &keys, &at, &planned, guest).await?;
        told_once.look_at_written(&watch, &mut tx, &keys, (visit.id, guest)).await?;
        made.push(visit);
    }
    let visits = made.iter().map(|visit| visit.id).collect();
    let Some(first) = made.into_iter().next() else { return Err(VisitError::Refused(Refusal::Over)) };
    let (host, site) = (following.from.host_id, following.from.site_id);
    tx.publish(&SeriesMade { series: following.series, act, visits, maker, host, site }).await?;
    let entry = AuditEntry::done("series.add_guest").on("series", following.series, "").decided(&plans.basis);
    let entry = entry.with("from", id).with("visits", rows.len()).with("visit", first.id);
    tx.commit(entry.with("way", plans.way)).await?;
    Ok(first)
}

/// Takes a guest off an appointment and those that follow it in its series.
pub async fn remove_guest_from_series(visitors: &Visitors, cx: &Cx, id: VisitId) -> Result<(), VisitError> {
    let visit =
        ledger::visit(&visitors.store.read(cx.tenant).await?, id).await?.ok_or(NotAllowed::Missing)?;
    let (Some(appointment), Some(guest)) = (visit.appointment_id, visit.guest_id) else {
        return Err(NotAllowed::Missing.into());
    };
    let (row, may) = planned(visitors, cx, appointment, "series.remove_guest").await?;
    let following = following(visitors, cx, row, "series.remove_guest").await?;
    let mut tx = visitors.store.begin(cx).await?;
    let (rows, act) = following.lock(&tx).await?;
    let (settings, _) = settings::load(&tx).await?;
    let theirs = Condition::all()
        .add(visits::Column::GuestId.eq(guest))
        .add(visits::Column::AppointmentId.is_in(rows.iter().map(|row| row.id)));
    let cancelled = close_open(&tx, lock_visits(&tx, theirs).await?, &settings).await?;
    let cancelled: Vec<VisitId> = cancelled.into_iter().map(|visit| visit.id).collect();
    if cancelled.is_empty() {
        return Err(VisitError::Refused(Refusal::Over));
    }
    let series = following.series;
    let entry = AuditEntry::done("series.remove_guest").on("series", series, "").decided(&may.basis);
    let entry = entry.with("from", appointment).with("guest", guest).with("visits", cancelled.len());
    let keys_follow = keys_follow::of_visits(visitors, &tx, &cancelled).await?;
    tx.publish(&SeriesCancelled { series, act, visits: cancelled, person: cx.actor.person() }).await?;
    tx.commit(entry.with("way", may.way)).await?;
    keys_follow.now(visitors, cx).await;
    Ok(())
}
