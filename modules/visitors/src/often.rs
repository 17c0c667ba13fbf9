//! How often one terminal or one personal page may make people be told something, so that nobody floods them through it.

use std::time::Duration;

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition};
use sekisho_crypto::sha256;
use sekisho_kernel::{Cx, Timestamp};
use sekisho_storage::{Scoped, StoreError, Tx};
use uuid::Uuid;

use crate::Visitors;
use crate::checks::VisitError;
use crate::tables::tries::{ActiveModel, Column, Entity};

/// So many of a kind in such a time.
pub(crate) struct Limit {
    what: &'static str,
    most: i64,
    within: Duration,
}

/// Guests without an appointment and deliveries at one terminal.
pub(crate) const CALLS: Limit = Limit { what: "calls", most: 30, within: Duration::from_secs(10 * 60) };
/// Other times that one guest proposes.
pub(crate) const PROPOSALS: Limit = Limit { what: "proposals", most: 5, within: Duration::from_secs(3600) };

/// How often one guest fills in the personal page.
pub(crate) const FILLED: Limit = Limit { what: "filled", most: 100, within: Duration::from_secs(3600) };
/// Signatures of one guest.
pub(crate) const SIGNED: Limit = Limit { what: "signed", most: 10, within: Duration::from_secs(3600) };
/// Photos of one guest, each of which is unpacked.
pub(crate) const PHOTOS: Limit = Limit { what: "photos", most: 20, within: Duration::from_secs(3600) };

/// Counts one more, or says how long to wait.
pub(crate) async fn count(tx: &Tx, limit: &Limit, of: Uuid) -> Result<(), VisitError> {
    let now = tx.cx().now;
    let id = numbered(limit.what, of.as_bytes());
    hold(tx, id).await?;
    let this = Column::Id.eq(id);
    let row = tx.find::<Entity>().filter(this.clone()).one().await?;
    let (since, so_far) = match &row {
        Some(row) if row.since.plus(limit.within) > now => (row.since, row.wrong),
        _ => (now, 0),
    };
    if so_far >= limit.most {
        let seconds = since.plus(limit.within).since(now).as_secs().saturating_add(1);
        return Err(VisitError::Busy(u32::try_from(seconds).unwrap_or(u32::MAX)));
    }
    tx.update::<Entity>()
        .set(Column::Wrong, so_far + 1)
        .set(Column::Since, since)
        .filter(this)
        .exec()
        .await?;
    Ok(())
}

/// How often counters that nobody needs any more are looked for.
pub(crate) const EVERY: Duration = Duration::from_secs(6 * 3600);
/// So long a counter matters at most, unless it pauses somebody.
const KEPT: Duration = Duration::from_secs(24 * 3600);

/// Forgets who tried what and when, once it counts for nothing.
pub(crate) async fn forget_tries(visitors: &Visitors, cx: &Cx) -> Result<(), StoreError> {
    let old = Condition::all().add(Column::Since.lt(cx.now.minus(KEPT))).add(Column::PausedUntil.lte(cx.now));
    if !visitors.store.read(cx.tenant).await?.find::<Entity>().filter(old.clone()).exists().await? {
        return Ok(());
    }
    let tx = visitors.store.begin(cx).await?;
    tx.delete::<Entity>().filter(old).exec().await?;
    tx.commit_bookkeeping("counters that count for nothing any more").await
}

/// The counter of that number, behind everybody else who counts there.
pub(crate) async fn hold(tx: &Tx, id: Uuid) -> Result<(), StoreError> {
    let nothing = ActiveModel {
        tenant_id: Set(tx.cx().tenant),
        id: Set(id),
        wrong: Set(0),
        since: Set(tx.cx().now),
        paused_until: Set(Timestamp::EPOCH),
    };
    tx.hold::<Entity>(nothing).await
}

/// Under which number something is counted.
pub(crate) fn numbered(what: &str, of: &[u8]) -> Uuid {
    let mut id = [0; 16];
    for (to, from) in id.iter_mut().zip(sha256(&[what.as_bytes(), of].concat())) {
        *to = from;
    }
    Uuid::from_bytes(id)
}
