//! A key is added or changed.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition};
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_policy::{Decision, Right};
use sekisho_storage::{JsonText, Scoped, StoreError};
use sekisho_web::{Checks, IfMatch};
use serde::{Deserialize, Serialize};

use crate::Keys;
use crate::due::DueRule;
use crate::ids::{BinId, BoxId, KeyId};
use crate::ledger::lock_key;
use crate::revision;
use crate::stock::StockError;
use crate::tables::words::ReturnPolicy;
use crate::tables::{bins, keys};
use crate::warrant::{Act, NotAllowed};

/// A key as a form describes it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct KeyForm {
    /// What people call it.
    pub name: String,
    /// What it opens.
    pub description: String,
    /// Told to whoever took it.
    pub pickup_note: String,
    /// Serial of its fob.
    pub fob: Option<String>,
    /// The box it belongs to.
    pub home_box: Option<BoxId>,
    /// The number of its own bin there.
    pub home_bin: Option<i64>,
    /// Where it may be put back; none: as its box says.
    pub return_policy: Option<ReturnPolicy>,
    /// When it is due.
    pub due: DueRule,
    /// Whether it hangs in its own bin already (adding only).
    pub hangs_there: bool,
    /// What whoever changes it has seen.
    #[serde(skip)]
    pub seen: IfMatch,
}

/// Adds a key. Whoever manages its box may, and administrators.
pub async fn add_key(keys: &Keys, cx: &Cx, form: KeyForm) -> Result<KeyId, StockError> {
    let form = checked(form)?;
    let decision = may_belong_to(keys, cx, form.home_box, &form.name).await?;
    let id: KeyId = cx.fresh_id();
    let mut tx = keys.store.begin(cx).await?;
    let home_bin = bin_numbered(&tx, form.home_box, form.home_bin).await?;
    let hangs = home_bin.filter(|_| form.hangs_there);
    if let Some(bin) = hangs
        && tx.find::<keys::Entity>().filter(keys::Column::BinId.eq(bin)).exists().await?
    {
        return Err(StockError::invalid("home_bin", "keys-error-bin-taken"));
    }
    let row = keys::ActiveModel {
        id: Set(id),
        name: Set(form.name.clone()),
        description: Set(form.description),
        pickup_note: Set(form.pickup_note),
        fob: Set(form.fob),
        home_box: Set(form.home_box),
        home_bin: Set(home_bin),
        bin_id: Set(hangs),
        return_policy: Set(form.return_policy),
        due: Set(JsonText(form.due)),
        withdrawn_at: Set(None),
        created_at: Set(cx.now),
        moved_at: Set(hangs.map(|_| cx.now)),
        ..Default::default()
    };
    tx.insert::<keys::Entity>(row).await.map_err(explain)?;
    keys.policy.register(&mut tx, id.resource(), "key", &form.name).await?;
    if let Some(home) = form.home_box {
        keys.policy.place_in(&mut tx, id.resource(), home.resource()).await?;
        crate::device::send_config(keys, &mut tx, home).await?;
    }
    tx.publish(&crate::events::StockChanged {}).await?;
    tx.commit(AuditEntry::done("key.add").on("key", id, form.name).decided(decision)).await?;
    Ok(id)
}

/// Changes a key.
pub async fn edit_key(keys: &Keys, cx: &Cx, id: KeyId, form: KeyForm) -> Result<(), StockError> {
    let form = checked(form)?;
    let managed = may_manage_key(keys, cx, id, "key.edit").await?;
    if form.home_box != managed.key.home_box {
        may_belong_to(keys, cx, form.home_box, &form.name).await?;
    }
    let mut tx = keys.store.begin(cx).await?;
    let present = lock_key(&tx, id).await?.ok_or(NotAllowed::Missing)?;
    revision::must_be(&form.seen, &revision::of_key(&present))?;
    let home_bin = bin_numbered(&tx, form.home_box, form.home_bin).await?;
    tx.update::<keys::Entity>()
        .set(keys::Column::Name, form.name.clone())
        .set(keys::Column::Description, form.description)
        .set(keys::Column::PickupNote, form.pickup_note)
        .set(keys::Column::Fob, form.fob)
        .set(keys::Column::HomeBox, form.home_box)
        .set(keys::Column::HomeBin, home_bin)
        .set(keys::Column::ReturnPolicy, form.return_policy)
        .set(keys::Column::Due, JsonText(form.due))
        .filter(keys::Column::Id.eq(id))
        .exec()
        .await
        .map_err(explain)?;
    keys.policy.register(&mut tx, id.resource(), "key", &form.name).await?;
    let (old, new) = (managed.key.home_box, form.home_box);
    if old != new {
        if let Some(old) = old {
            keys.policy.take_out_of(&mut tx, id.resource(), old.resource()).await?;
            crate::device::send_config(keys, &mut tx, old).await?;
        }
        if let Some(new) = new {
            keys.policy.place_in(&mut tx, id.resource(), new.resource()).await?;
        }
    }
    if let Some(new) = new {
        crate::device::send_config(keys, &mut tx, new).await?;
    }
    tx.publish(&crate::events::StockChanged {}).await?;
    Ok(tx.commit(AuditEntry::done("key.edit").on("key", id, form.name).decided(managed.decision)).await?)
}

/// A key the asker manages, with the decision that says so.
pub(crate) struct ManagedKey {
    pub(crate) key: keys::Model,
    pub(crate) decision: Decision,
}

/// The key, if the person behind `cx` manages it.
pub(crate) async fn may_manage_key(
    keys: &Keys,
    cx: &Cx,
    id: KeyId,
    action: &'static str,
) -> Result<ManagedKey, NotAllowed> {
    struct ManageKey;
    let scope = keys.store.read(cx.tenant).await.map_err(sekisho_host::Fault::from)?;
    let key =
        crate::reads::key(&scope, id).await.map_err(sekisho_host::Fault::from)?.ok_or(NotAllowed::Missing)?;
    let zone = crate::reads::zone_of_key(&scope, &key).await.map_err(sekisho_host::Fault::from)?;
    drop(scope);
    let act = Act {
        right: Right::Manage,
        action,
        kind: "key",
        resource: id.resource(),
        name: &key.name,
        zone: &zone,
    };
    let decision = keys.permit::<ManageKey>(cx, act).await?.decision;
    Ok(ManagedKey { key, decision })
}

async fn may_belong_to(
    keys: &Keys,
    cx: &Cx,
    home: Option<BoxId>,
    name: &str,
) -> Result<Option<Decision>, StockError> {
    struct AddKey;
    let place = home.map(|home| Act {
        right: Right::Manage,
        action: "key.add",
        kind: "box",
        resource: home.resource(),
        name,
        zone: "",
    });
    Ok(keys.permit_at::<AddKey>(cx, place).await?)
}

fn checked(form: KeyForm) -> Result<KeyForm, StockError> {
    let mut checks = Checks::default();
    let name = checks.name("name", &form.name);
    let description = checks.note("description", &form.description);
    let pickup_note = checks.note("pickup_note", &form.pickup_note);
    let fob = form.fob.as_deref().map(str::trim).filter(|fob| !fob.is_empty()).map(str::to_uppercase);
    if fob.as_deref().is_some_and(|fob| {
        fob.len() > 64 || !fob.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '-')
    }) {
        checks.wrong("fob", "keys-error-fob");
    }
    if let DueRule::At { hour, minute, .. } = form.due
        && (hour > 23 || minute > 59)
    {
        checks.wrong("due", "keys-error-due");
    }
    checks.done::<StockError>()?;
    Ok(KeyForm { name, description, pickup_note, fob, ..form })
}

async fn bin_numbered(
    scope: &impl Scoped,
    home: Option<BoxId>,
    number: Option<i64>,
) -> Result<Option<BinId>, StockError> {
    let (Some(home), Some(number)) = (home, number) else { return Ok(None) };
    let this = Condition::all().add(bins::Column::BoxId.eq(home)).add(bins::Column::Number.eq(number));
    match scope.find::<bins::Entity>().filter(this).one().await? {
        Some(bin) => Ok(Some(bin.id)),
        None => Err(StockError::invalid("home_bin", "keys-error-no-such-bin")),
    }
}

fn explain(error: StoreError) -> StockError {
    if error.is_duplicate_of("keys_keys", &["fob"]) {
        StockError::invalid("fob", "keys-error-fob-taken")
    } else if error.is_duplicate_of("keys_keys", &["bin_id"]) {
        StockError::invalid("home_bin", "keys-error-bin-taken")
    } else {
        error.into()
    }
}
