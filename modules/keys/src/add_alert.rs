//! Alert rules: made, changed, removed. Whoever manages what a rule is about may make it; one about everything is for
//! administrators.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, QuerySelect};
use sekisho_crypto::Place;
use sekisho_kernel::{AuditEntry, Cx, Language};
use sekisho_policy::Right;
use sekisho_storage::{JsonText, Scoped, StoreError, Tx};
use sekisho_web::{Checks, IfMatch};
use serde::{Deserialize, Serialize};

use crate::Keys;
use crate::alert::{AlertRule, MOST_RECIPIENTS};
use crate::ids::AlertId;
use crate::revision;
use crate::stock::StockError;
use crate::tables::alerts;
use crate::warrant::{Act, NotAllowed};

/// A recipient without an account.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Outsider {
    /// Mail address, or telephone number beginning with `+`.
    pub address: String,
    /// Which language they read.
    pub language: Language,
}

/// A rule as a form describes it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct AlertForm {
    /// What people call it.
    pub name: String,
    /// The rule.
    pub rule: AlertRule,
    /// Mail addresses and telephone numbers, one a line or separated by commas.
    pub outsiders: String,
    /// Whether it is in force.
    pub active: bool,
}

/// Makes a rule.
pub async fn add_alert(keys: &Keys, cx: &Cx, form: AlertForm) -> Result<AlertId, StockError> {
    let id: AlertId = cx.fresh_id();
    let (form, outsiders) = checked(cx, form)?;
    may_watch(keys, cx, &form.rule).await?;
    let maker = cx.actor.person().ok_or(NotAllowed::Missing)?;
    let sealed = seal(keys, cx, id, &outsiders).await?;
    let mut tx = keys.store.begin(cx).await?;
    let row = alerts::ActiveModel {
        id: Set(id),
        name: Set(form.name.clone()),
        rule: Set(JsonText(form.rule.clone())),
        recipients_sealed: Set(sealed),
        active: Set(form.active),
        made_by: Set(maker),
        ..Default::default()
    };
    tx.insert::<alerts::Entity>(row).await?;
    tx.publish(&crate::events::StockChanged {}).await?;
    tx.commit(AuditEntry::done("alert.add").on("alert", id, form.name).with("rule", form.rule)).await?;
    Ok(id)
}

/// Changes a rule.
pub async fn save_alert(
    keys: &Keys,
    cx: &Cx,
    id: AlertId,
    form: AlertForm,
    seen: &IfMatch,
) -> Result<(), StockError> {
    let (form, outsiders) = checked(cx, form)?;
    let old = existing(keys, cx, id).await?;
    may_watch(keys, cx, &old.rule.0).await?;
    may_watch(keys, cx, &form.rule).await?;
    let sealed = seal(keys, cx, id, &outsiders).await?;
    let mut tx = keys.store.begin(cx).await?;
    lock(&tx, id, seen).await?;
    tx.update::<alerts::Entity>()
        .set(alerts::Column::Name, form.name.clone())
        .set(alerts::Column::Rule, JsonText(form.rule.clone()))
        .set(alerts::Column::RecipientsSealed, sealed)
        .set(alerts::Column::Active, form.active)
        .filter(alerts::Column::Id.eq(id))
        .exec()
        .await?;
    tx.publish(&crate::events::StockChanged {}).await?;
    let entry = AuditEntry::done("alert.save").on("alert", id, form.name).with("rule", form.rule);
    Ok(tx.commit(entry.with("active", form.active)).await?)
}

/// Removes a rule.
pub async fn remove_alert(keys: &Keys, cx: &Cx, id: AlertId, seen: &IfMatch) -> Result<(), StockError> {
    let old = existing(keys, cx, id).await?;
    may_watch(keys, cx, &old.rule.0).await?;
    let mut tx = keys.store.begin(cx).await?;
    lock(&tx, id, seen).await?;
    tx.delete::<alerts::Entity>().filter(alerts::Column::Id.eq(id)).exec().await?;
    tx.publish(&crate::events::StockChanged {}).await?;
    Ok(tx.commit(AuditEntry::done("alert.remove").on("alert", id, old.name)).await?)
}

/// The rule, if there is one.
async fn existing(keys: &Keys, cx: &Cx, id: AlertId) -> Result<alerts::Model, StockError> {
    let row = find(&keys.store.read(cx.tenant).await?, id).await?;
    Ok(row.ok_or(NotAllowed::Missing)?)
}

/// The rule behind everybody else who changes it, as whoever changes it has seen it.
async fn lock(tx: &Tx, id: AlertId, seen: &IfMatch) -> Result<(), StockError> {
    let this = alerts::Column::Id.eq(id);
    let locked = tx.find::<alerts::Entity>().filter(this).refine(QuerySelect::lock_exclusive).one().await?;
    revision::must_be(seen, &revision::of_alert(&locked.ok_or(NotAllowed::Missing)?))
}

/// One rule.
pub(crate) async fn find(scope: &impl Scoped, id: AlertId) -> Result<Option<alerts::Model>, StoreError> {
    scope.find::<alerts::Entity>().filter(alerts::Column::Id.eq(id)).one().await
}

/// A rule tells people who holds what, so it takes the right to manage everything it watches.
pub(crate) async fn may_watch(keys: &Keys, cx: &Cx, rule: &AlertRule) -> Result<(), StockError> {
    struct Watch;
    let person = cx.actor.person().ok_or(NotAllowed::Missing)?;
    if keys.policy.is_administrator(cx, person).await? {
        return Ok(());
    }
    let condition = &rule.condition;
    let watched: Vec<_> = (condition.keys.iter().map(|key| ("key", key.resource())))
        .chain(condition.groups.iter().map(|group| ("key_group", group.resource())))
        .chain(condition.boxes.iter().map(|place| ("box", place.resource())))
        .collect();
    if watched.is_empty() {
        return Err(NotAllowed::Missing.into());
    }
    for (kind, resource) in watched {
        let act = Act { right: Right::Manage, action: "alert.save", kind, resource, name: "", zone: "" };
        keys.permit::<Watch>(cx, act).await?;
    }
    Ok(())
}

/// Whether a viewer may see and change the rule: they manage everything it watches.
pub(crate) fn watches_own(sight: &crate::reads::Sight, rule: &AlertRule) -> bool {
    let condition = &rule.condition;
    let names_something =
        !(condition.keys.is_empty() && condition.boxes.is_empty() && condition.groups.is_empty());
    let managed = condition.keys.iter().all(|key| sight.manages_key(*key))
        && condition.boxes.iter().all(|place| sight.manages_box(*place))
        && condition.groups.iter().all(|group| sight.manages_group(*group));
    sight.all || (names_something && managed)
}

fn checked(cx: &Cx, form: AlertForm) -> Result<(AlertForm, Vec<Outsider>), StockError> {
    let mut checks = Checks::default();
    let name = checks.name("name", &form.name);
    if form.rule.events.is_empty() {
        checks.wrong("events", "keys-error-choose-event");
    }
    let mut outsiders = Vec::new();
    for typed in form.outsiders.split([',', '\n', ';']).map(str::trim).filter(|typed| !typed.is_empty()) {
        match sekisho_identity::read_mail(typed).or_else(|| sekisho_identity::read_phone(typed)) {
            Some(address) => outsiders.push(Outsider { address, language: cx.language }),
            None => checks.wrong("outsiders", "keys-error-address"),
        }
    }
    if form.rule.people.is_empty() && outsiders.is_empty() {
        checks.wrong("people", "keys-error-choose-recipient");
    }
    if form.rule.people.len() + outsiders.len() > MOST_RECIPIENTS {
        checks.wrong("people", "keys-error-too-many-recipients");
    }
    checks.done::<StockError>()?;
    Ok((AlertForm { name, ..form }, outsiders))
}

fn place(id: AlertId) -> Place<'static> {
    Place { table: "keys_alerts", column: "recipients", row: id.uuid() }
}

async fn seal(keys: &Keys, cx: &Cx, id: AlertId, outsiders: &[Outsider]) -> Result<Vec<u8>, StockError> {
    let json = serde_json::to_vec(outsiders).unwrap_or_default();
    Ok(keys.vault.keys(cx.tenant).await?.seal(&place(id), &json))
}

/// The recipients of a rule who have no account.
pub(crate) async fn outsiders(
    keys: &Keys,
    row: &alerts::Model,
) -> Result<Vec<Outsider>, sekisho_crypto::CryptoError> {
    let plain = keys.vault.keys(row.tenant_id).await?.open(&place(row.id), &row.recipients_sealed)?;
    Ok(serde_json::from_slice(&plain).unwrap_or_default())
}
