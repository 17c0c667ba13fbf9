//! Keys are booked for a guest of an appointment, and called off again: by whoever plans it, as far as whoever keeps the keys
//! lets that person book.
//!
//! Two transactions that are not one. The visit's row is written first, as *asked for*, then the keys are booked under its id,
//! then the row says that they are. A server that dies in between leaves keys booked that no page shows and no mail named, and
//! a job calls them off. The other way round, a booking is called off where the keys are kept before the row lets go of it.

use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;
use sekisho_kernel::{AuditEntry, Cx, PersonId};
use sekisho_storage::Scoped;
use uuid::Uuid;

use crate::Visitors;
use crate::booked_keys::{self, Why, booking, can_have, let_go, lock_live};
use crate::checks::VisitError;
use crate::guest;
use crate::ids::VisitId;
use crate::invitation;
use crate::key_bookings::{BookAsk, KeyBookings, KeyGuest, KeysError, MOST_KEYS, OfferAsk, OfferedKey, Time};
use crate::keys_follow;
use crate::ledger::{self, lock_visit};
use crate::tables::booked_keys::{ActiveModel, Column, Entity, Model};
use crate::tables::words::KeysState;
use crate::tables::{guests, visits};
use crate::tell_keys::tell_keys;
use crate::warrant::{MayDecide, NotAllowed};

/// Books keys for the guest of a visit, for the time of that visit.
pub async fn book_keys(
    visitors: &Visitors,
    cx: &Cx,
    id: VisitId,
    mut wanted: Vec<Uuid>,
) -> Result<(), VisitError> {
    let (port, visit, may, maker) = planned(visitors, cx, id, "visit.book_keys").await?;
    wanted.sort_unstable();
    wanted.dedup();
    if wanted.is_empty() || wanted.len() > MOST_KEYS {
        return Err(VisitError::invalid("keys", "visitors-keys-error-choose"));
    }
    if !can_have(&visit, cx.now) {
        return Err(VisitError::Rule("visitors-keys-refused-visit-over"));
    }
    let for_whom = guest_of(visitors, cx, &visit).await?;
    make_room(visitors, port, cx, id).await?;
    let row = ask(visitors, cx, &visit, maker).await?;

    let time = Time { starts_at: visit.starts_at, ends_at: visit.ends_at };
    let wish = BookAsk { booking: booking(&row), keys: wanted, site: visit.site_id, guest: for_whom, time };
    match port.book(cx, wish).await {
        Ok(()) => confirm(visitors, port, cx, &row, &visit, &may).await,
        Err(KeysError::Refused(refusal)) => {
            drop_asked(visitors, cx, &row).await?;
            Err(VisitError::Rule(refusal.text()))
        }
        Err(KeysError::Fault(fault)) => {
            // It may have come about: called off, now or by the job.
            keys_follow::called_off(visitors, port, cx, &row, &visit, None, Why::Unfinished).await.ok();
            Err(fault.into())
        }
    }
}

/// Calls the keys of a visit off.
pub async fn call_off_keys(visitors: &Visitors, cx: &Cx, id: VisitId) -> Result<(), VisitError> {
    let (port, visit, ..) = planned(visitors, cx, id, "visit.call_off_keys").await?;
    let live = booked_keys::live(&visitors.store.read(cx.tenant).await?, &[id]).await?;
    let row = live.into_iter().find(|row| row.state == KeysState::Booked).ok_or(NotAllowed::Missing)?;
    let keys = port.standing(cx, &[row.id]).await?.into_iter().next();
    let keys = keys.filter(|keys| keys.code.is_some()).ok_or(NotAllowed::Missing)?;
    Ok(keys_follow::called_off(visitors, port, cx, &row, &visit, Some(keys), Why::ByHand).await?)
}

/// The keys that whoever acts may book for the guest of a visit.
pub async fn offered_keys(
    visitors: &Visitors,
    cx: &Cx,
    id: VisitId,
    search: String,
    limit: usize,
) -> Result<Vec<OfferedKey>, VisitError> {
    let (port, visit, ..) = planned(visitors, cx, id, "visit.book_keys").await?;
    let time = Time { starts_at: visit.starts_at, ends_at: visit.ends_at };
    Ok(port.offered(cx, &OfferAsk { site: visit.site_id, time, search, limit }).await?)
}

/// That whoever acts plans that visit, where somebody keeps keys.
pub(crate) async fn may_plan(visitors: &Visitors, cx: &Cx, id: VisitId) -> Result<(), VisitError> {
    planned(visitors, cx, id, "visit.book_keys").await.map(|_| ())
}

/// The visit, for whoever may plan its appointment, where somebody keeps keys.
async fn planned<'a>(
    visitors: &'a Visitors,
    cx: &Cx,
    id: VisitId,
    action: &'static str,
) -> Result<(&'a dyn KeyBookings, visits::Model, MayDecide, PersonId), VisitError> {
    let port = visitors.key_bookings.as_deref().ok_or(NotAllowed::Missing)?;
    let person = cx.actor.person().ok_or(NotAllowed::Missing)?;
    let scope = visitors.store.read(cx.tenant).await?;
    let visit = ledger::visit(&scope, id).await?.ok_or(NotAllowed::Missing)?;
    drop(scope);
    let appointment = visit.appointment_id.ok_or(NotAllowed::Missing)?;
    let (_, may) = crate::change_appointment::planned(visitors, cx, appointment, action).await?;
    Ok((port, visit, may, person))
}

/// Who the guest is; of an erased one there is nobody to book for.
async fn guest_of(visitors: &Visitors, cx: &Cx, visit: &visits::Model) -> Result<KeyGuest, VisitError> {
    let tenant = visitors.vault.keys(cx.tenant).await?;
    let this = guests::Column::Id.eq(visit.guest_id.ok_or(NotAllowed::Missing)?);
    let row = visitors.store.read(cx.tenant).await?.find::<guests::Entity>().filter(this).one().await?;
    let row = row.ok_or(NotAllowed::Missing)?;
    let contact = guest::opened(&tenant, &row)?.ok_or(NotAllowed::Missing)?;
    Ok(KeyGuest { name: contact.name, mail: contact.mail, language: guest::language_of(&row) })
}

/// A booking that was called off where the keys are kept, or is over, makes room for another one.
async fn make_room(
    visitors: &Visitors,
    port: &dyn KeyBookings,
    cx: &Cx,
    visit: VisitId,
) -> Result<(), VisitError> {
    let live = booked_keys::live(&visitors.store.read(cx.tenant).await?, &[visit]).await?;
    let Some(row) = live.into_iter().find(|row| row.state == KeysState::Booked) else { return Ok(()) };
    let keys = port.standing(cx, &[row.id]).await?.into_iter().next();
    if keys.is_some_and(|keys| keys.code.is_some() || keys.out) {
        return Err(VisitError::Rule("visitors-keys-refused-booked"));
    }
    let tx = visitors.store.begin(cx).await?;
    let_go(&tx, &row).await?;
    Ok(tx.commit_bookkeeping("a booking that does not stand any more").await?)
}

/// Writes down that keys are asked for, under which id; one at a time for each visit.
async fn ask(
    visitors: &Visitors,
    cx: &Cx,
    visit: &visits::Model,
    maker: PersonId,
) -> Result<Model, VisitError> {
    let tx = visitors.store.begin(cx).await?;
    let present = lock_visit(&tx, visit.id).await?.filter(|present| is_same(present, visit));
    let present = present.filter(|present| can_have(present, cx.now)).ok_or(VisitError::Changed)?;
    let id: Uuid = cx.fresh_id();
    let row = ActiveModel {
        id: Set(id),
        visit_id: Set(present.id),
        live_visit: Set(Some(present.id)),
        guest_id: Set(present.guest_id.ok_or(NotAllowed::Missing)?),
        page_generation: Set(present.page_generation),
        site_id: Set(present.site_id),
        state: Set(KeysState::Asked),
        made_by: Set(maker),
        made_at: Set(cx.now),
        ..Default::default()
    };
    match tx.insert::<Entity>(row).await {
        Ok(()) => {}
        Err(error) if error.is_duplicate_of("visitors_booked_keys", &["live_visit"]) => {
            return Err(VisitError::Rule("visitors-keys-refused-booked"));
        }
        Err(error) => return Err(error.into()),
    }
    let row = lock_live(&tx, id).await?.ok_or(NotAllowed::Missing)?;
    keys_follow::in_case(&tx, visit.id).await?;
    tx.commit_bookkeeping("keys are asked for; booking them is the act").await?;
    Ok(row)
}

/// The keys are booked: the guest is shown and told them, unless the visit became another meanwhile.
async fn confirm(
    visitors: &Visitors,
    port: &dyn KeyBookings,
    cx: &Cx,
    row: &Model,
    visit: &visits::Model,
    may: &MayDecide,
) -> Result<(), VisitError> {
    let keys = port.standing(cx, &[row.id]).await?.into_iter().next();
    let about = invitation::about(visitors, cx, visit).await?;
    let mut tx = visitors.store.begin(cx).await?;
    let present = lock_visit(&tx, visit.id).await?;
    let present = present.filter(|present| is_same(present, visit) && can_have(present, cx.now));
    let asked = lock_live(&tx, row.id).await?;
    let (Some(present), Some(asked)) = (present, asked) else {
        drop(tx);
        keys_follow::called_off(visitors, port, cx, row, visit, None, Why::Unfinished).await?;
        // The guest may have been erased meanwhile, and nobody was told of it anyway.
        port.forget(cx, &[row.id]).await?;
        return Err(VisitError::Changed);
    };
    tx.update::<Entity>().set(Column::State, KeysState::Booked).filter(Column::Id.eq(row.id)).exec().await?;
    let booked = Model { state: KeysState::Booked, ..asked };
    if let Some(keys) = &keys {
        tell_keys(visitors, &mut tx, &booked, &present, &about, keys).await?;
    }
    let names = keys.map(|keys| keys.names()).unwrap_or_default();
    let entry = AuditEntry::done("visit.book_keys").on("visit", visit.id, "").decided(&may.basis);
    Ok(tx.commit(entry.with("way", may.way).with("booking", row.id).with("keys", names)).await?)
}

/// Whether a visit is still that of the same guest, at the same time and site.
fn is_same(present: &visits::Model, seen: &visits::Model) -> bool {
    let what = |visit: &visits::Model| {
        (visit.guest_id, visit.page_generation, visit.site_id, visit.starts_at, visit.ends_at)
    };
    what(present) == what(seen)
}

/// The keys were refused; nothing came about.
async fn drop_asked(visitors: &Visitors, cx: &Cx, row: &Model) -> Result<(), VisitError> {
    let tx = visitors.store.begin(cx).await?;
    tx.delete::<Entity>().filter(Column::Id.eq(row.id)).exec().await?;
    Ok(tx.commit_bookkeeping("the keys were refused; the refusal is recorded where they are kept").await?)
}
