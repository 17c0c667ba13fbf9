//! A key is given up for good: lost, sold, replaced. Its history stays; its rights, codes and bookings end.

use sea_orm::{ColumnTrait, Condition};
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_storage::Scoped;

use crate::Keys;
use crate::add_key::may_manage_key;
use crate::ids::{BinId, KeyId};
use crate::ledger::{end, lock_key, open_loan};
use crate::stock::StockError;
use crate::tables::words::LoanState;
use crate::tables::{group_members, keycodes, keys};
use crate::warrant::NotAllowed;
use sekisho_web::Checks;

/// Gives the key up.
pub async fn withdraw_key(keys: &Keys, cx: &Cx, id: KeyId, reason: &str) -> Result<(), StockError> {
    let mut checks = Checks::default();
    let reason = checks.note("reason", reason);
    checks.done::<StockError>()?;
    let managed = may_manage_key(keys, cx, id, "key.withdraw").await?;
    let mut tx = keys.store.begin(cx).await?;
    let row = lock_key(&tx, id).await?.ok_or(NotAllowed::Missing)?;
    let open = open_loan(&tx, id).await?;
    if let Some(loan) = &open {
        if loan.state == LoanState::Released {
            return Err(StockError::Refused("keys-refused-being-taken"));
        }
        end(&tx, loan.id, LoanState::Lost, cx.now).await?;
    }
    tx.update::<keys::Entity>()
        .set(keys::Column::WithdrawnAt, cx.now)
        .set(keys::Column::BinId, Option::<BinId>::None)
        .set(keys::Column::Fob, Option::<String>::None)
        .filter(keys::Column::Id.eq(id))
        .exec()
        .await?;
    tx.update::<keycodes::Entity>()
        .set(keycodes::Column::LiveCode, Option::<Vec<u8>>::None)
        .set(keycodes::Column::SpentAt, cx.now)
        .filter(Condition::all().add(keycodes::Column::KeyId.eq(id)).add(keycodes::Column::SpentAt.is_null()))
        .exec()
        .await?;
    for member in tx.find::<group_members::Entity>().filter(group_members::Column::KeyId.eq(id)).all().await?
    {
        keys.policy.take_out_of(&mut tx, id.resource(), member.group_id.resource()).await?;
    }
    tx.delete::<group_members::Entity>().filter(group_members::Column::KeyId.eq(id)).exec().await?;
    keys.policy.retire(&mut tx, id.resource()).await?;
    if let Some(home) = row.home_box {
        crate::device::send_config(keys, &mut tx, home).await?;
    }
    tx.publish(&crate::events::StockChanged {}).await?;
    let entry = AuditEntry::done("key.withdraw").on("key", id, row.name).decided(managed.decision);
    Ok(tx.commit(entry.with("reason", reason).with("ended_loan", open.map(|loan| loan.id))).await?)
}
