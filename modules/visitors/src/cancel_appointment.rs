//! An appointment is called off as a whole, or one guest of it is. Guests who are here or have gone keep their visit.

use sea_orm::ColumnTrait;
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_storage::Tx;
use sekisho_web::IfMatch;

use crate::Visitors;
use crate::change_appointment::planned;
use crate::checks::VisitError;
use crate::events::VisitsCancelled;
use crate::ids::{AppointmentId, VisitId};
use crate::keys_follow;
use crate::ledger::{self, Decided, lock_appointment, lock_visits, standing};
use crate::settings::{self, Settings};
use crate::tables::words::VisitState;
use crate::tables::{appointments, visits};
use crate::visit::{Happening, step};
use crate::warrant::NotAllowed;

/// Calls an appointment off, if it is as the caller has seen it. Its passes open nothing from this moment.
pub async fn cancel_appointment(
    visitors: &Visitors,
    cx: &Cx,
    id: AppointmentId,
    seen: &IfMatch,
) -> Result<(), VisitError> {
    let (_, may) = planned(visitors, cx, id, "appointment.cancel").await?;
    let mut tx = visitors.store.begin(cx).await?;
    let present = lock_appointment(&tx, id).await?.filter(|row| row.cancelled_at.is_none());
    let present = present.ok_or(NotAllowed::Missing)?;
    if !seen.holds(present.version) {
        return Err(VisitError::Changed);
    }
    tx.update::<appointments::Entity>()
        .set(appointments::Column::CancelledAt, Some(cx.now))
        .set(appointments::Column::Version, present.version.saturating_add(1))
        .filter(appointments::Column::Id.eq(id))
        .exec()
        .await?;
    let (settings, _) = settings::load(&tx).await?;
    let visits = lock_visits(&tx, visits::Column::AppointmentId.eq(id)).await?;
    let cancelled = close_open(&tx, visits, &settings).await?;
    let cancelled: Vec<VisitId> = cancelled.into_iter().map(|visit| visit.id).collect();
    let event = VisitsCancelled { appointment: id, visits: cancelled.clone(), person: cx.actor.person() };
    tx.publish(&event).await?;
    let keys_follow = keys_follow::of_visits(visitors, &tx, &cancelled).await?;
    let entry = AuditEntry::done("appointment.cancel").on("appointment", id, "").decided(&may.basis);
    tx.commit(entry.with("visits", cancelled).with("way", may.way)).await?;
    keys_follow.now(visitors, cx).await;
    Ok(())
}

/// Takes one guest off an appointment.
pub async fn remove_guest(visitors: &Visitors, cx: &Cx, id: VisitId) -> Result<(), VisitError> {
    let at = ledger::decide(visitors, cx, id, "visit.cancel").await?;
    let appointment = at.visit.appointment_id.ok_or(NotAllowed::Missing)?;
    at.step(Happening::Cancel)?;
    let Decided { mut tx, visit, may, .. } = at;
    close(&tx, &visit).await?;
    tx.publish(&VisitsCancelled { appointment, visits: vec![id], person: cx.actor.person() }).await?;
    let keys_follow = keys_follow::of_visits(visitors, &tx, &[id]).await?;
    let entry = AuditEntry::done("visit.cancel").on("visit", id, "").decided(&may.basis);
    tx.commit(entry.with("way", may.way)).await?;
    keys_follow.now(visitors, cx).await;
    Ok(())
}

/// Calls off those of these visits that can be, and says which. Guests who are here or have gone keep theirs.
pub(crate) async fn close_open(
    tx: &Tx,
    visits: Vec<visits::Model>,
    settings: &Settings,
) -> Result<Vec<visits::Model>, VisitError> {
    let mut closed = Vec::new();
    for visit in visits {
        if step(standing(&visit, settings), Happening::Cancel, tx.cx().now).is_ok() {
            close(tx, &visit).await?;
            closed.push(visit);
        }
    }
    Ok(closed)
}

/// The pass of a visit opens nothing any more. Its hash stays, so that host and desk are told whose was shown.
pub(crate) async fn close(tx: &Tx, visit: &visits::Model) -> Result<(), VisitError> {
    ledger::ended(tx, visit, VisitState::Cancelled).exec().await?;
    Ok(())
}
