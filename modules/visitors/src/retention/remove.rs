//! Visits that are old enough go, with all that hangs on them: the appointment with the last of its visits, the series with
//! the last of its appointments, the guest with the last visit of theirs.

use std::collections::BTreeSet;

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait as _, QueryFilter as _, QuerySelect, QueryTrait,
};
use sekisho_kernel::{AuditEntry, Cx, Timestamp};
use sekisho_storage::{Scoped, StoreError, Tx};
use uuid::Uuid;

use super::due::without_visits;
use crate::Visitors;
use crate::checks::VisitError;
use crate::events::GuestErased;
use crate::ids::{AppointmentId, GuestId, SeriesId, VisitId};
use crate::ledger::lock_visits;
use crate::registration::remove_registrations;
use crate::tables::words::VisitKind;
use crate::tables::{
    appointments, asked, booked_keys, calendar_items, deputies, guest_words, guests, printed_badges, series,
    visits, walk_ins, watch_cleared, watch_marks,
};

/// Removes these visits of one kind in one transaction, those that still are `old`. One whose guest has not brought back the
/// keys that were booked with it stays: without it nobody could ask for them.
pub(super) async fn remove(
    visitors: &Visitors,
    cx: &Cx,
    kind: VisitKind,
    until: Timestamp,
    old: Condition,
    rows: &[visits::Model],
) -> Result<(), VisitError> {
    let kept = forget_keys(visitors, cx, rows).await?;
    let going: Vec<&visits::Model> = rows.iter().filter(|visit| !kept.contains(&visit.id)).collect();
    if going.is_empty() {
        return Ok(());
    }
    let mut tx = visitors.store.begin(cx).await?;
    // Appointments before visits, visits before guests, as everybody takes them. What came about meanwhile stays, and what
    // somebody else removed is not removed twice.
    let of: BTreeSet<AppointmentId> = going.iter().filter_map(|visit| visit.appointment_id).collect();
    lock_appointments(&tx, of).await?;
    let still = visits::Column::Id.is_in(going.iter().map(|visit| visit.id));
    let gone = lock_visits(&tx, Condition::all().add(still).add(old)).await?;
    if gone.is_empty() {
        return Ok(());
    }
    let ids: Vec<VisitId> = gone.iter().map(|visit| visit.id).collect();
    let numbers: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    tx.delete::<asked::Entity>().filter(asked::Column::VisitId.is_in(ids.clone())).exec().await?;
    tx.delete::<booked_keys::Entity>().filter(booked_keys::Column::VisitId.is_in(ids.clone())).exec().await?;
    tx.delete::<watch_marks::Entity>()
        .filter(watch_marks::Column::OfId.is_in(numbers.clone()))
        .exec()
        .await?;
    tx.delete::<printed_badges::Entity>()
        .filter(printed_badges::Column::VisitId.is_in(ids.clone()))
        .exec()
        .await?;
    remove_registrations(&tx, &ids).await?;
    tx.delete::<walk_ins::Entity>().filter(walk_ins::Column::Id.is_in(ids.clone())).exec().await?;
    tx.delete::<visits::Entity>().filter(visits::Column::Id.is_in(ids)).exec().await?;
    visitors.notify.forget_about(&tx, "visit", &numbers).await?;
    let of = gone.iter().filter_map(|visit| visit.appointment_id).collect();
    remove_appointments(&tx, cx, of).await?;
    let of: BTreeSet<GuestId> = gone.iter().filter_map(|visit| visit.guest_id).collect();
    remove_guests(&mut tx, cx, of.into_iter().collect()).await?;
    let entry = AuditEntry::done("visit.remove").with("count", gone.len()).with("kind", kind.word());
    Ok(tx.commit(entry.with("ended_before", until)).await?)
}

/// These appointments, each behind everybody else who changes it.
async fn lock_appointments(tx: &Tx, of: BTreeSet<AppointmentId>) -> Result<(), StoreError> {
    use appointments::{Column, Entity};
    let these = tx.find::<Entity>().filter(Column::Id.is_in(of)).ascending(Column::Id);
    these.refine(QuerySelect::lock_exclusive).all().await?;
    Ok(())
}

/// Lets whoever keeps the keys forget the guests of bookings that went with these visits. Tells which visits have keys that
/// are still out.
async fn forget_keys(
    visitors: &Visitors,
    cx: &Cx,
    rows: &[visits::Model],
) -> Result<BTreeSet<VisitId>, VisitError> {
    let Some(port) = &visitors.key_bookings else { return Ok(BTreeSet::new()) };
    let of = booked_keys::Column::VisitId.is_in(rows.iter().map(|visit| visit.id));
    let scope = visitors.store.read(cx.tenant).await?;
    let booked = scope.find::<booked_keys::Entity>().filter(of).all().await?;
    drop(scope);
    if booked.is_empty() {
        return Ok(BTreeSet::new());
    }
    let ids: Vec<Uuid> = booked.iter().map(|row| row.id).collect();
    let out: BTreeSet<Uuid> =
        port.standing(cx, &ids).await?.into_iter().filter(|keys| keys.out).map(|keys| keys.id).collect();
    let (kept, gone): (Vec<_>, Vec<_>) = booked.into_iter().partition(|row| out.contains(&row.id));
    let gone: Vec<Uuid> = gone.into_iter().map(|row| row.id).collect();
    if !gone.is_empty() {
        port.forget(cx, &gone).await?;
    }
    Ok(kept.into_iter().map(|row| row.visit_id).collect())
}

/// Appointments of which no visit is left, and series of which no appointment is.
async fn remove_appointments(tx: &Tx, cx: &Cx, of: BTreeSet<AppointmentId>) -> Result<(), StoreError> {
    use appointments::Column;
    let same = Expr::col((visits::Entity, visits::Column::AppointmentId))
        .eq(Expr::col((appointments::Entity, Column::Id)));
    let visit = visits::Entity::find()
        .select_only()
        .column(visits::Column::Id)
        .filter(visits::Column::TenantId.eq(cx.tenant))
        .filter(same);
    let empty = Condition::all().add(Column::Id.is_in(of)).add(Expr::exists(visit.into_query()).not());
    let empty = tx.find::<appointments::Entity>().filter(empty).all().await?;
    let ids: Vec<AppointmentId> = empty.iter().map(|row| row.id).collect();
    tx.delete::<deputies::Entity>().filter(deputies::Column::AppointmentId.is_in(ids.clone())).exec().await?;
    let items = calendar_items::Column::AppointmentId.is_in(ids.clone());
    tx.delete::<calendar_items::Entity>().filter(items).exec().await?;
    tx.delete::<appointments::Entity>().filter(Column::Id.is_in(ids)).exec().await?;
    let of: BTreeSet<SeriesId> = empty.iter().filter_map(|row| row.series_id).collect();
    let left = tx.find::<appointments::Entity>().filter(Column::SeriesId.is_in(of.clone())).all().await?;
    let left: BTreeSet<SeriesId> = left.iter().filter_map(|row| row.series_id).collect();
    let over: Vec<SeriesId> = of.difference(&left).copied().collect();
    let items = calendar_items::Column::SeriesId.is_in(over.clone());
    tx.delete::<calendar_items::Entity>().filter(items).exec().await?;
    tx.delete::<series::Entity>().filter(series::Column::Id.is_in(over)).exec().await?;
    Ok(())
}

/// Guests of whom no visit is left: nothing is known of them any more that anybody could ask for.
async fn remove_guests(tx: &mut Tx, cx: &Cx, of: Vec<GuestId>) -> Result<(), StoreError> {
    // Behind whoever invites them again at this moment.
    let these = guests::Column::Id.is_in(of.iter().copied());
    let these = tx.find::<guests::Entity>().filter(these).ascending(guests::Column::Id);
    these.refine(QuerySelect::lock_exclusive).all().await?;
    let rows = without_visits(tx, cx, &of).await?;
    for guest in rows.iter().filter(|guest| guest.erased_at.is_none()) {
        tx.publish(&GuestErased { guest: guest.id, at: cx.now }).await?;
    }
    let gone: Vec<GuestId> = rows.into_iter().map(|guest| guest.id).collect();
    tx.delete::<guest_words::Entity>()
        .filter(guest_words::Column::GuestId.is_in(gone.clone()))
        .exec()
        .await?;
    tx.delete::<watch_cleared::Entity>()
        .filter(watch_cleared::Column::GuestId.is_in(gone.clone()))
        .exec()
        .await?;
    tx.delete::<guests::Entity>().filter(guests::Column::Id.is_in(gone)).exec().await?;
    Ok(())
}
