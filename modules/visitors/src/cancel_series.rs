//! An appointment of a series is called off, and with it those that follow. Guests who are here or have gone keep their visit.

use sea_orm::ColumnTrait;
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_web::IfMatch;

use crate::Visitors;
use crate::cancel_appointment::close_open;
use crate::change_appointment::planned;
use crate::checks::VisitError;
use crate::events::SeriesCancelled;
use crate::ids::{AppointmentId, VisitId};
use crate::keys_follow;
use crate::ledger::lock_visits;
use crate::series::following;
use crate::settings;
use crate::tables::{appointments, visits};

/// Calls an appointment off and those that follow it in its series, also those changed by themselves, if it is as the caller
/// has seen it.
pub async fn cancel_series(
    visitors: &Visitors,
    cx: &Cx,
    id: AppointmentId,
    seen: &IfMatch,
) -> Result<(), VisitError> {
    let (row, may) = planned(visitors, cx, id, "series.cancel").await?;
    let following = following(visitors, cx, row, "series.cancel").await?;
    let mut tx = visitors.store.begin(cx).await?;
    let (rows, act) = following.lock(&tx).await?;
    if !seen.holds(following.from.version) {
        return Err(VisitError::Changed);
    }
    if rows.is_empty() {
        return Err(VisitError::Rule("visitors-refused-over"));
    }
    for row in &rows {
        tx.update::<appointments::Entity>()
            .set(appointments::Column::CancelledAt, Some(cx.now))
            .set(appointments::Column::Version, row.version.saturating_add(1))
            .filter(appointments::Column::Id.eq(row.id))
            .exec()
            .await?;
    }
    let (settings, _) = settings::load(&tx).await?;
    let of = visits::Column::AppointmentId.is_in(rows.iter().map(|row| row.id));
    let visits = lock_visits(&tx, of).await?;
    let cancelled = close_open(&tx, visits, &settings).await?;
    let cancelled: Vec<VisitId> = cancelled.into_iter().map(|visit| visit.id).collect();
    let (series, visits) = (following.series, cancelled.len());
    let keys_follow = keys_follow::of_visits(visitors, &tx, &cancelled).await?;
    tx.publish(&SeriesCancelled { series, act, visits: cancelled, person: cx.actor.person() }).await?;
    let entry = AuditEntry::done("series.cancel").on("series", series, "").decided(&may.basis);
    let entry = entry.with("from", id).with("appointments", rows.len()).with("visits", visits);
    tx.commit(entry.with("way", may.way)).await?;
    keys_follow.now(visitors, cx).await;
    Ok(())
}
