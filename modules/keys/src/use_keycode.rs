//! Keycodes (K8a): made for any key; typed at the box, it tells whether the key is there; good until the key was taken with
//! it, or the code was cancelled.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition};
use sekisho_crypto::Place;
use sekisho_host::Fault;
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_policy::Right;
use sekisho_storage::Scoped;

use crate::Keys;
use crate::add_key::may_manage_key;
use crate::booking::{digits, read_code};
use crate::ids::{BoxId, KeyId, KeycodeId};
use crate::ledger::spend_keycode;
use crate::stock::StockError;
use crate::tables::{keycodes, keys};
use crate::warrant::{NotAllowed, has_grant};
use sekisho_web::Checks;

/// Digits of a code that nobody chose.
const DIGITS: usize = 8;
/// Digits a code may have.
pub const LENGTHS: std::ops::RangeInclusive<usize> = 4..=16;

/// A keycode made.
#[derive(Clone, Debug)]
pub struct MadeKeycode {
    /// Which.
    pub id: KeycodeId,
    /// The code itself.
    pub code: String,
}

/// Makes a keycode for a key. Whoever manages the key may; the code is as good as their right.
pub async fn make_keycode(
    keys: &Keys,
    cx: &Cx,
    key: KeyId,
    wish: Option<&str>,
    given_to: &str,
) -> Result<MadeKeycode, StockError> {
    let mut checks = Checks::default();
    let given_to = checks.name("given_to", given_to);
    let wish = wish.map(str::trim).filter(|wish| !wish.is_empty());
    let wished = wish.and_then(|wish| read_code(wish, LENGTHS));
    if wish.is_some() && wished.is_none() {
        checks.wrong("code", "keys-error-code");
    }
    checks.done::<StockError>()?;
    let managed = may_manage_key(keys, cx, key, "keycode.make").await?;
    let maker = cx.actor.person().ok_or(NotAllowed::Missing)?;
    let tenant = keys.vault.keys(cx.tenant).await?;
    let code = wished.unwrap_or_else(|| digits(cx, DIGITS));
    let blind = tenant.blind("keys.keycode", &code);
    let id: KeycodeId = cx.fresh_id();
    let place = |column| Place { table: "keys_keycodes", column, row: id.uuid() };
    let row = keycodes::ActiveModel {
        id: Set(id),
        key_id: Set(key),
        code_sealed: Set(tenant.seal(&place("code"), code.as_bytes())),
        live_code: Set(Some(blind)),
        given_to_sealed: Set(tenant.seal(&place("given_to"), given_to.as_bytes())),
        made_by: Set(maker),
        made_at: Set(cx.now),
        spent_at: Set(None),
        ..Default::default()
    };
    let mut tx = keys.store.begin(cx).await?;
    tx.insert::<keycodes::Entity>(row).await.map_err(|error| {
        if error.is_duplicate_of("keys_keycodes", &["live_code"]) {
            StockError::invalid("code", "keys-error-code-taken")
        } else {
            error.into()
        }
    })?;
    tx.publish(&crate::events::StockChanged {}).await?;
    let entry = AuditEntry::done("keycode.make").on("key", key, managed.key.name).decided(managed.decision);
    tx.commit(entry.with("keycode", id)).await?;
    Ok(MadeKeycode { id, code })
}

/// Cancels a keycode before it was used.
pub async fn cancel_keycode(keys: &Keys, cx: &Cx, id: KeycodeId) -> Result<(), StockError> {
    let row = keys
        .store
        .read(cx.tenant)
        .await?
        .find::<keycodes::Entity>()
        .filter(keycodes::Column::Id.eq(id))
        .one()
        .await?
        .ok_or(NotAllowed::Missing)?;
    let managed = may_manage_key(keys, cx, row.key_id, "keycode.cancel").await?;
    let mut tx = keys.store.begin(cx).await?;
    spend_keycode(&tx, id).await?;
    tx.publish(&crate::events::StockChanged {}).await?;
    let entry =
        AuditEntry::done("keycode.cancel").on("key", row.key_id, managed.key.name).decided(managed.decision);
    Ok(tx.commit(entry.with("keycode", id)).await?)
}

/// What a keycode tells.
#[derive(Clone, Debug)]
pub struct KeycodeSays {
    /// The code.
    pub keycode: KeycodeId,
    /// Its key.
    pub key: keys::Model,
    /// Whether the key hangs in the box asked at.
    pub present: bool,
}

/// What the code tells somebody at `place`. `None`: there is no such code, or it is not good any more.
pub async fn look(keys: &Keys, cx: &Cx, place: BoxId, typed: &str) -> Result<Option<KeycodeSays>, Fault> {
    let Some(code) = read_code(typed, LENGTHS) else { return Ok(None) };
    let blind = keys.vault.keys(cx.tenant).await?.blind("keys.keycode", &code);
    let scope = keys.store.read(cx.tenant).await?;
    let live = Condition::all().add(keycodes::Column::LiveCode.eq(blind));
    let Some(row) = scope.find::<keycodes::Entity>().filter(live).one().await? else { return Ok(None) };
    let Some(key) = crate::reads::key(&scope, row.key_id).await? else { return Ok(None) };
    let maker = keys.still_vouches(cx, row.made_by, Right::Manage, key.id.resource()).await?;
    if !has_grant(&maker) {
        return Ok(None);
    }
    let present = match key.bin_id {
        Some(bin) => crate::ledger::box_of_bin(&scope, bin).await?.is_some_and(|(at, _)| at.id == place),
        None => false,
    };
    Ok(Some(KeycodeSays { keycode: row.id, key, present }))
}
