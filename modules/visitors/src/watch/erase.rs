//! What is forgotten: entries whose last day is over, marks of visits that are over, and with a guest all that ties them to an
//! entry.

use std::collections::BTreeSet;
use std::time::Duration;

use sea_orm::ColumnTrait;
use sekisho_kernel::{AuditEntry, Cx, Timestamp};
use sekisho_places::Site;
use sekisho_storage::{Scoped, StoreError, Tx};
use uuid::Uuid;

use super::entries;
use crate::Visitors;
use crate::checks::VisitError;
use crate::ids::{GuestId, VisitId};
use crate::ledger;
use crate::occurrence::day_at;
use crate::tables::words::VisitState;
use crate::tables::{deliveries, visits, watch_cleared, watch_entries, watch_marks};

/// As many entries as go in one round; the next takes the rest.
const BATCH: u64 = 200;

/// A terminal without a network may tell so late that somebody came in time.
const HEARD_LATE: Duration = Duration::from_secs(7 * 86_400);

/// What is over is forgotten; that somebody was like an entry stays on the record.
pub(crate) async fn forget_over(visitors: &Visitors, cx: &Cx) -> Result<(), VisitError> {
    erase_expired(visitors, cx).await?;
    forget_marks(visitors, cx).await
}

/// The marks of visits that are over and of deliveries of another day.
async fn forget_marks(visitors: &Visitors, cx: &Cx) -> Result<(), VisitError> {
    let mut after = Uuid::nil();
    loop {
        let scope = visitors.store.read(cx.tenant).await?;
        let query = scope.find::<watch_marks::Entity>().filter(watch_marks::Column::OfId.gt(after));
        let marks = query.ascending(watch_marks::Column::OfId).limit(BATCH).all().await?;
        drop(scope);
        let Some(last) = marks.last().map(|mark| mark.of_id) else { return Ok(()) };
        after = last;
        let of: BTreeSet<Uuid> = marks.into_iter().map(|mark| mark.of_id).collect();
        let tx = visitors.store.begin(cx).await?;
        let open = still_open(&tx, &of).await?;
        let over = watch_marks::Column::OfId.is_in(of.difference(&open).copied());
        if tx.delete::<watch_marks::Entity>().filter(over).exec().await? > 0 {
            tx.commit_bookkeeping("what is over is forgotten; the match is on the record").await?;
        }
    }
}

/// Which of these are visits whose guest may still be let in or is here, or deliveries of today.
async fn still_open(tx: &Tx, of: &BTreeSet<Uuid>) -> Result<BTreeSet<Uuid>, VisitError> {
    let now = tx.cx().now;
    // Behind whoever lets them in at this moment.
    let visits = ledger::lock_visits(tx, visits::Column::Id.is_in(of.iter().copied())).await?;
    let late =
        |visit: &visits::Model| visit.state == VisitState::NoShow && visit.ends_at.plus(HEARD_LATE) < now;
    let visits = visits.into_iter().filter(|visit| ledger::is_open(visit) && !late(visit));
    let mut open: BTreeSet<Uuid> = visits.map(|visit| visit.id.uuid()).collect();
    let these = deliveries::Column::Id.is_in(of.iter().copied());
    let sites = sekisho_places::sites(tx).await?;
    let brought = tx.find::<deliveries::Entity>().filter(these).all().await?;
    open.extend(brought.iter().filter(|one| is_of_today(&sites, one, now)).map(|one| one.id.uuid()));
    Ok(open)
}

/// Whether something was handed in today, on the clock of its site: for so long it matters who brought it.
pub(crate) fn is_of_today(sites: &[Site], delivery: &deliveries::Model, now: Timestamp) -> bool {
    let zone = sites.iter().find(|site| site.id == delivery.site_id).map(|site| &*site.zone);
    let zone = zone.unwrap_or(sekisho_places::HOME_ZONE);
    day_at(delivery.at, zone) == day_at(now, zone)
}

/// Erases the entries whose last day is over on the clocks of all sites.
async fn erase_expired(visitors: &Visitors, cx: &Cx) -> Result<(), VisitError> {
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
