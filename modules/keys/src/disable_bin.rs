//! A bin is taken out of use, with the reason, or put back into use.

use sea_orm::{ColumnTrait, Condition};
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_storage::Scoped;
use sekisho_web::{Checks, IfMatch};

use crate::Keys;
use crate::add_box::{lock_box, may_manage_box};
use crate::ids::BoxId;
use crate::stock::StockError;
use crate::tables::bins;
use crate::warrant::NotAllowed;

/// Takes the bin out of use.
pub async fn disable_bin(
    keys: &Keys,
    cx: &Cx,
    id: BoxId,
    bin: i64,
    reason: &str,
    seen: &IfMatch,
) -> Result<(), StockError> {
    let mut checks = Checks::default();
    let reason = checks.note("reason", reason);
    if reason.is_empty() {
        checks.wrong("reason", "keys-error-reason");
    }
    checks.done::<StockError>()?;
    change(keys, cx, id, bin, Some(reason), seen).await
}

/// Puts the bin back into use.
pub async fn enable_bin(keys: &Keys, cx: &Cx, id: BoxId, bin: i64, seen: &IfMatch) -> Result<(), StockError> {
    change(keys, cx, id, bin, None, seen).await
}

async fn change(
    keys: &Keys,
    cx: &Cx,
    id: BoxId,
    bin: i64,
    reason: Option<String>,
    seen: &IfMatch,
) -> Result<(), StockError> {
    let action = if reason.is_some() { "bin.disable" } else { "bin.enable" };
    let managed = may_manage_box(keys, cx, id, action).await?;
    let mut tx = keys.store.begin(cx).await?;
    lock_box(&tx, id, seen).await?;
    let this = Condition::all().add(bins::Column::BoxId.eq(id)).add(bins::Column::Number.eq(bin));
    let row = tx.find::<bins::Entity>().filter(this).one().await?.ok_or(NotAllowed::Missing)?;
    tx.update::<bins::Entity>()
        .set(bins::Column::DisabledReason, reason.clone())
        .filter(bins::Column::Id.eq(row.id))
        .exec()
        .await?;
    crate::device::send_config(keys, &mut tx, id).await?;
    tx.publish(&crate::events::StockChanged {}).await?;
    let entry = AuditEntry::done(action).on("box", id, managed.place.name).decided(managed.decision);
    Ok(tx.commit(entry.with("bin", bin).with("reason", reason)).await?)
}
