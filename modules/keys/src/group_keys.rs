//! Groups of keys: made, renamed, filled, emptied, removed. A right on a group reaches every key in it.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition, QuerySelect};
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_policy::{Decision, Right};
use sekisho_storage::{Scoped, Tx};
use sekisho_web::{Checks, IfMatch};

use crate::Keys;
use crate::ids::{KeyGroupId, KeyId};
use crate::revision;
use crate::stock::StockError;
use crate::tables::{group_members, groups};
use crate::warrant::{Act, NotAllowed};

/// Makes a group. Administrators do.
pub async fn add_group(keys: &Keys, cx: &Cx, name: &str) -> Result<KeyGroupId, StockError> {
    let name = checked(name)?;
    let person = cx.actor.person().ok_or(NotAllowed::Missing)?;
    if !keys.policy.is_administrator(cx, person).await? {
        return Err(NotAllowed::Missing.into());
    }
    let id: KeyGroupId = cx.fresh_id();
    let mut tx = keys.store.begin(cx).await?;
    tx.insert::<groups::Entity>(groups::ActiveModel {
        id: Set(id),
        name: Set(name.clone()),
        ..Default::default()
    })
    .await?;
    keys.policy.register(&mut tx, id.resource(), "key_group", &name).await?;
    tx.publish(&crate::events::StockChanged {}).await?;
    tx.commit(AuditEntry::done("key_group.add").on("key_group", id, name)).await?;
    Ok(id)
}

/// Gives a group another name.
pub async fn rename_group(
    keys: &Keys,
    cx: &Cx,
    id: KeyGroupId,
    name: &str,
    seen: &IfMatch,
) -> Result<(), StockError> {
    let name = checked(name)?;
    let managed = may_manage_group(keys, cx, id, "key_group.rename").await?;
    let mut tx = keys.store.begin(cx).await?;
    lock_group(&tx, id, seen).await?;
    tx.update::<groups::Entity>()
        .set(groups::Column::Name, name.clone())
        .filter(groups::Column::Id.eq(id))
        .exec()
        .await?;
    keys.policy.register(&mut tx, id.resource(), "key_group", &name).await?;
    tx.publish(&crate::events::StockChanged {}).await?;
    Ok(tx.commit(AuditEntry::done("key_group.rename").on("key_group", id, name).decided(managed.1)).await?)
}

/// Puts a key into a group. It takes managing both: a group's right would else reach keys its manager has no say in.
pub async fn put_in_group(keys: &Keys, cx: &Cx, id: KeyGroupId, key: KeyId) -> Result<(), StockError> {
    let (group, decision) = may_manage_group(keys, cx, id, "key_group.put").await?;
    let managed = crate::add_key::may_manage_key(keys, cx, key, "key_group.put").await?;
    let mut tx = keys.store.begin(cx).await?;
    let row = group_members::ActiveModel { group_id: Set(id), key_id: Set(key), ..Default::default() };
    let there =
        Condition::all().add(group_members::Column::GroupId.eq(id)).add(group_members::Column::KeyId.eq(key));
    if !tx.find::<group_members::Entity>().filter(there).exists().await? {
        tx.insert::<group_members::Entity>(row).await?;
    }
    keys.policy.place_in(&mut tx, key.resource(), id.resource()).await?;
    tx.publish(&crate::events::StockChanged {}).await?;
    let entry = AuditEntry::done("key_group.put").on("key_group", id, group.name).decided(decision);
    Ok(tx.commit(entry.with("key", key).with("key_name", managed.key.name)).await?)
}

/// Takes a key out of a group.
pub async fn take_from_group(keys: &Keys, cx: &Cx, id: KeyGroupId, key: KeyId) -> Result<(), StockError> {
    let (group, decision) = may_manage_group(keys, cx, id, "key_group.take").await?;
    let mut tx = keys.store.begin(cx).await?;
    let there =
        Condition::all().add(group_members::Column::GroupId.eq(id)).add(group_members::Column::KeyId.eq(key));
    tx.delete::<group_members::Entity>().filter(there).exec().await?;
    keys.policy.take_out_of(&mut tx, key.resource(), id.resource()).await?;
    tx.publish(&crate::events::StockChanged {}).await?;
    let entry = AuditEntry::done("key_group.take").on("key_group", id, group.name).decided(decision);
    Ok(tx.commit(entry.with("key", key)).await?)
}

/// Removes a group; its keys stay.
pub async fn remove_group(keys: &Keys, cx: &Cx, id: KeyGroupId, seen: &IfMatch) -> Result<(), StockError> {
    let (group, decision) = may_manage_group(keys, cx, id, "key_group.remove").await?;
    let mut tx = keys.store.begin(cx).await?;
    lock_group(&tx, id, seen).await?;
    tx.delete::<group_members::Entity>().filter(group_members::Column::GroupId.eq(id)).exec().await?;
    tx.delete::<groups::Entity>().filter(groups::Column::Id.eq(id)).exec().await?;
    keys.policy.retire(&mut tx, id.resource()).await?;
    tx.publish(&crate::events::StockChanged {}).await?;
    Ok(tx
        .commit(AuditEntry::done("key_group.remove").on("key_group", id, group.name).decided(decision))
        .await?)
}

/// The group behind everybody else who changes it, as whoever changes it has seen it.
async fn lock_group(tx: &Tx, id: KeyGroupId, seen: &IfMatch) -> Result<(), StockError> {
    let this = groups::Column::Id.eq(id);
    let locked = tx.find::<groups::Entity>().filter(this).refine(QuerySelect::lock_exclusive).one().await?;
    revision::must_be(seen, &revision::of_group(&locked.ok_or(NotAllowed::Missing)?))
}

/// The group, if the person behind `cx` manages it.
pub(crate) async fn may_manage_group(
    keys: &Keys,
    cx: &Cx,
    id: KeyGroupId,
    action: &'static str,
) -> Result<(groups::Model, Decision), StockError> {
    struct ManageGroup;
    let scope = keys.store.read(cx.tenant).await?;
    let group = scope
        .find::<groups::Entity>()
        .filter(groups::Column::Id.eq(id))
        .one()
        .await?
        .ok_or(NotAllowed::Missing)?;
    drop(scope);
    let act = Act {
        right: Right::Manage,
        action,
        kind: "key_group",
        resource: id.resource(),
        name: &group.name,
        zone: "",
    };
    let decision = keys.permit::<ManageGroup>(cx, act).await?.decision;
    Ok((group, decision))
}

fn checked(name: &str) -> Result<String, StockError> {
    let mut checks = Checks::default();
    let name = checks.name("name", name);
    checks.done::<StockError>()?;
    Ok(name)
}
