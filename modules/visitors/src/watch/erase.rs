//! What is forgotten: entries whose last day is over, and with a guest all that ties them to an entry.

use sea_orm::ColumnTrait;
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_storage::{Scoped, StoreError, Tx};

use super::entries;
use crate::Visitors;
use crate::checks::VisitError;
use crate::ids::{GuestId, VisitId};
use crate::tables::{watch_cleared, watch_entries, watch_marks};

/// As many entries as go in one round; the next takes the rest.
const BATCH: u64 = 200;

/// Erases the entries whose last day is over on the clocks of all sites.
pub(crate) async fn erase_expired(visitors: &Visitors, cx: &Cx) -> Result<(), VisitError> {
    let scope = visitors.store.read(cx.tenant).await?;
    let today = entries::first_day(cx, &sekisho_places::sites(&scope).await?);
    let over = watch_entries::Column::ValidUntil.lt(today);
    let rows = scope.find::<watch_entries::Entity>().filter(over.clone()).limit(BATCH).all().await?;
    drop(scope);
    for row in rows {
        let tx = visitors.store.begin(cx).await?;
        // Somebody may give it more time at this moment.
        let still = entries::lock(&tx, row.id).await?.is_some_and(|now| now.valid_until == row.valid_until);
        if still {
            entries::erase_in(&tx, row.id).await?;
            tx.commit(AuditEntry::done("watch_entry.expire").on("watch_entry", row.id, "")).await?;
        }
    }
    Ok(())
}

/// A guest is forgotten: whom they resembled, and whom they were said not to be, goes with them.
pub(crate) async fn forget_guest(tx: &Tx, guest: GuestId, visits: &[VisitId]) -> Result<(), StoreError> {
    for some in visits.chunks(500) {
        let of = watch_marks::Column::OfId.is_in(some.iter().map(|visit| visit.uuid()));
        tx.delete::<watch_marks::Entity>().filter(of).exec().await?;
    }
    forget_cleared(tx, guest).await
}

/// Under another name a guest is looked for as if nobody had said who they are not.
pub(crate) async fn forget_cleared(tx: &Tx, guest: GuestId) -> Result<(), StoreError> {
    let theirs = watch_cleared::Column::GuestId.eq(guest);
    tx.delete::<watch_cleared::Entity>().filter(theirs).exec().await?;
    Ok(())
}
