//! A guest is forgotten: the key is destroyed, and with it everything that tells who they were. That somebody came, to whom,
//! when and where, stays; so does the record, which never held a name.

use sea_orm::{ColumnTrait, Condition};
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_storage::Scoped;

use crate::Visitors;
use crate::checks::VisitError;
use crate::events::GuestErased;
use crate::guest::{forget_words, lock};
use crate::ids::GuestId;
use crate::tables::words::VisitState;
use crate::tables::{guests, visits};
use crate::warrant::NotAllowed;

/// Forgets a guest. For administrators; not while a visit of theirs is to come or under way.
pub async fn erase_guest(visitors: &Visitors, cx: &Cx, id: GuestId) -> Result<(), VisitError> {
    let person = cx.actor.person().ok_or(NotAllowed::Missing)?;
    if !visitors.policy.is_administrator(cx, person).await? {
        return Err(NotAllowed::Missing.into());
    }
    let mut tx = visitors.store.begin(cx).await?;
    if lock(&tx, id).await?.ok_or(NotAllowed::Missing)?.erased_at.is_some() {
        return Ok(());
    }
    let open = VisitState::EXPECTED.into_iter().chain(VisitState::HERE);
    let open = Condition::all().add(visits::Column::GuestId.eq(id)).add(visits::Column::State.is_in(open));
    if tx.find::<visits::Entity>().filter(open).exists().await? {
        return Err(VisitError::Rule("visitors-refused-still-expected"));
    }
    tx.update::<guests::Entity>()
        .set(guests::Column::KeySealed, Option::<Vec<u8>>::None)
        .set(guests::Column::Contact, Option::<Vec<u8>>::None)
        .set(guests::Column::MailBlind, Option::<Vec<u8>>::None)
        .set(guests::Column::ErasedAt, Some(cx.now))
        .filter(guests::Column::Id.eq(id))
        .exec()
        .await?;
    forget_words(&tx, id).await?;
    tx.publish(&GuestErased { guest: id, at: cx.now }).await?;
    Ok(tx.commit(AuditEntry::done("guest.erase").on("guest", id, "")).await?)
}
