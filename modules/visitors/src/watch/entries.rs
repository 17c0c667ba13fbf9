//! Entries are added, changed and removed by administrators. The record says that it was done and by whom; whom an entry
//! means and why stands in the entry alone, sealed.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition, QuerySelect};
use sekisho_crypto::{CryptoError, Place, TenantKeys};
use sekisho_identity::Administrator;
use sekisho_kernel::{AuditEntry, Cx, SiteId};
use sekisho_places::Site;
use sekisho_storage::{JsonText, Scoped, StoreError, Tx};
use sekisho_web::{Checks, IfMatch};
use serde::{Deserialize, Serialize};

use super::again::again_for_entry;
use super::names::Name;
use crate::Visitors;
use crate::checks::VisitError;
use crate::ids::WatchEntryId;
use crate::occurrence::day_at;
use crate::often;
use crate::tables::{watch_cleared, watch_entries, watch_marks};
use crate::warrant::NotAllowed;

/// The most entries of one organisation: each arrival looks through all of them.
pub const MOST_ENTRIES: u64 = 2000;
/// The most names of one entry.
const MOST_NAMES: usize = 10;

/// An entry as a form describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(default)]
#[schema(as = VisitorWatchForm)]
pub struct WatchForm {
    /// Names of one person, in kanji, kana and letters: at least one, at most ten.
    pub names: Vec<String>,
    /// From where; it decides nothing and is shown beside a match.
    pub organisation: String,
    /// Why; only whoever manages the list reads it.
    pub reason: String,
    /// The guard's telephone, shown to the desk; may be empty.
    pub phone: String,
    /// At which sites; none: at all.
    pub sites: Vec<SiteId>,
    /// The first day (`2026-11-22`), on the clock of the site; none: at once.
    pub from: Option<String>,
    /// The last day; afterwards the entry is erased. None: until it is removed.
    pub until: Option<String>,
}

/// Whom an entry means, as it lies sealed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Who {
    pub(super) names: Vec<String>,
    pub(super) organisation: String,
}

/// Adds an entry.
pub async fn add_watch_entry(
    visitors: &Visitors,
    cx: &Cx,
    _by: Administrator,
    form: WatchForm,
) -> Result<WatchEntryId, VisitError> {
    let form = checked(visitors, cx, form).await?;
    let keys = visitors.vault.keys(cx.tenant).await?;
    let tx = visitors.store.begin(cx).await?;
    fits(&tx, 1).await?;
    let (id, entry) = add_in(&tx, &keys, &form).await?;
    tx.commit(entry).await?;
    Ok(id)
}

/// Adds an entry in that transaction, which whoever began it commits with the entry of the record.
pub(super) async fn add_in(
    tx: &Tx,
    keys: &TenantKeys,
    form: &WatchForm,
) -> Result<(WatchEntryId, AuditEntry), VisitError> {
    let maker = tx.cx().actor.person().ok_or(NotAllowed::Missing)?;
    let id: WatchEntryId = tx.cx().fresh_id();
    let row = watch_entries::ActiveModel {
        id: Set(id),
        who_sealed: Set(sealed_who(keys, id, form)),
        reason_sealed: Set(keys.seal(&place("reason", id), form.reason.as_bytes())),
        phone_sealed: Set(keys.seal(&place("phone", id), form.phone.as_bytes())),
        sites: Set(JsonText(form.sites.clone())),
        valid_from: Set(form.from.clone()),
        valid_until: Set(form.until.clone()),
        version: Set(1),
        made_by: Set(maker),
        made_at: Set(tx.cx().now),
        ..Default::default()
    };
    tx.insert::<watch_entries::Entity>(row).await?;
    let entry = AuditEntry::done("watch_entry.add").on("watch_entry", id, "");
    Ok((id, entry.with("sites", &form.sites).with("from", &form.from).with("until", &form.until)))
}

/// Changes an entry, if it is as the caller has seen it. Marks that it would not make any more go; where it means somebody else
/// afterwards, who was said to be somebody else may be this one. Guests without a mark are looked at when they come.
pub async fn change_watch_entry(
    visitors: &Visitors,
    cx: &Cx,
    _by: Administrator,
    id: WatchEntryId,
    form: WatchForm,
    seen: &IfMatch,
) -> Result<(), VisitError> {
    use watch_entries::Column;
    let form = checked(visitors, cx, form).await?;
    let keys = visitors.vault.keys(cx.tenant).await?;
    let tx = visitors.store.begin(cx).await?;
    let row = lock(&tx, id).await?.ok_or(NotAllowed::Missing)?;
    if !seen.holds(row.version) {
        return Err(VisitError::Changed);
    }
    let means_another = who(&keys, &row)?.names != form.names;
    tx.update::<watch_entries::Entity>()
        .set(Column::WhoSealed, sealed_who(&keys, id, &form))
        .set(Column::ReasonSealed, keys.seal(&place("reason", id), form.reason.as_bytes()))
        .set(Column::PhoneSealed, keys.seal(&place("phone", id), form.phone.as_bytes()))
        .set(Column::Sites, JsonText(form.sites.clone()))
        .set(Column::ValidFrom, form.from.clone())
        .set(Column::ValidUntil, form.until.clone())
        .set(Column::Version, row.version.saturating_add(1))
        .filter(Column::Id.eq(id))
        .exec()
        .await?;
    if means_another {
        tx.delete::<watch_cleared::Entity>().filter(watch_cleared::Column::EntryId.eq(id)).exec().await?;
    }
    again_for_entry(&tx, &keys, id, means_another).await?;
    let entry = AuditEntry::done("watch_entry.change").on("watch_entry", id, "");
    let entry = entry.with("sites", &form.sites).with("from", &form.from).with("until", &form.until);
    Ok(tx.commit(entry.with("means_another", means_another)).await?)
}

/// Removes an entry, with all marks it made.
pub async fn remove_watch_entry(
    visitors: &Visitors,
    cx: &Cx,
    _by: Administrator,
    id: WatchEntryId,
) -> Result<(), VisitError> {
    let tx = visitors.store.begin(cx).await?;
    lock(&tx, id).await?.ok_or(NotAllowed::Missing)?;
    erase_in(&tx, id).await?;
    Ok(tx.commit(AuditEntry::done("watch_entry.remove").on("watch_entry", id, "")).await?)
}

/// The entry goes, and all that refers to it.
pub(super) async fn erase_in(tx: &Tx, id: WatchEntryId) -> Result<(), StoreError> {
    tx.delete::<watch_marks::Entity>().filter(watch_marks::Column::EntryId.eq(id)).exec().await?;
    tx.delete::<watch_cleared::Entity>().filter(watch_cleared::Column::EntryId.eq(id)).exec().await?;
    tx.delete::<watch_entries::Entity>().filter(watch_entries::Column::Id.eq(id)).exec().await?;
    Ok(())
}

/// One entry, behind everybody else who changes it.
pub(super) async fn lock(tx: &Tx, id: WatchEntryId) -> Result<Option<watch_entries::Model>, StoreError> {
    let this = watch_entries::Column::Id.eq(id);
    tx.find::<watch_entries::Entity>().filter(this).refine(QuerySelect::lock_exclusive).one().await
}

/// Refused when so many more entries do not fit. Nobody else adds any until the transaction ends.
pub(super) async fn fits(tx: &Tx, more: u64) -> Result<(), VisitError> {
    often::hold(tx, often::numbered("watch_list", tx.cx().tenant.uuid().as_bytes())).await?;
    let there = tx.find::<watch_entries::Entity>().filter(Condition::all()).count().await?;
    if there.saturating_add(more) > MOST_ENTRIES {
        return Err(VisitError::Rule("visitors-refused-watch-full"));
    }
    Ok(())
}

async fn checked(visitors: &Visitors, cx: &Cx, form: WatchForm) -> Result<WatchForm, VisitError> {
    let scope = visitors.store.read(cx.tenant).await?;
    let sites = sekisho_places::sites(&scope).await?;
    read_form(cx, &sites, form)
}

/// Reads the form; all that is wrong is said at once.
pub(super) fn read_form(cx: &Cx, sites: &[Site], form: WatchForm) -> Result<WatchForm, VisitError> {
    let mut checks = Checks::default();
    let mut names: Vec<String> = Vec::new();
    for name in &form.names {
        let name = checks.line("names", name);
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() {
        checks.wrong("names", "error-empty");
    } else if names.len() > MOST_NAMES {
        checks.wrong("names", "visitors-error-watch-names");
    } else if names.iter().any(|name| Name::read(name).is_none()) {
        checks.wrong("names", "visitors-error-watch-name");
    }
    let organisation = checks.line("organisation", &form.organisation);
    let reason = checks.note("reason", &form.reason);
    if reason.is_empty() {
        checks.wrong("reason", "error-empty");
    }
    let phone = checks.line("phone", &form.phone);
    let from = read_day(&mut checks, "from", form.from.as_deref());
    let until = read_day(&mut checks, "until", form.until.as_deref());
    if until.as_deref().is_some_and(|until| until < &*first_day(cx, sites)) {
        checks.wrong("until", "visitors-error-past");
    }
    if from.is_some() && until.is_some() && from > until {
        checks.wrong("until", "visitors-error-backwards");
    }
    let mut at = form.sites;
    at.sort_unstable();
    at.dedup();
    if at.iter().any(|id| sites.iter().all(|site| site.id != *id)) {
        checks.wrong("sites", "visitors-error-site");
    }
    checks.done::<VisitError>()?;
    Ok(WatchForm { names, organisation, reason, phone, sites: at, from, until })
}

/// The day it is where it is earliest: an entry ends when its last day is over everywhere.
pub(super) fn first_day(cx: &Cx, sites: &[Site]) -> String {
    let days = sites.iter().map(|site| day_at(cx.now, &site.zone));
    days.min().unwrap_or_else(|| day_at(cx.now, sekisho_places::HOME_ZONE))
}

fn read_day(checks: &mut Checks, field: &'static str, typed: Option<&str>) -> Option<String> {
    let typed = typed.map(str::trim).filter(|typed| !typed.is_empty())?;
    let day = typed.parse::<jiff::civil::Date>().ok().filter(|day| (2000..=9999).contains(&day.year()));
    if day.is_none() {
        checks.wrong(field, "visitors-error-day");
    }
    day.map(|day| day.to_string())
}

fn sealed_who(keys: &TenantKeys, id: WatchEntryId, form: &WatchForm) -> Vec<u8> {
    let who = Who { names: form.names.clone(), organisation: form.organisation.clone() };
    keys.seal(&place("who", id), &serde_json::to_vec(&who).unwrap_or_default())
}

/// Whom an entry means.
pub(super) fn who(keys: &TenantKeys, row: &watch_entries::Model) -> Result<Who, CryptoError> {
    let plain = keys.open(&place("who", row.id), &row.who_sealed)?;
    Ok(serde_json::from_slice(&plain).unwrap_or_default())
}

/// Where a sealed text of an entry lies.
pub(super) fn place(column: &'static str, id: WatchEntryId) -> Place<'static> {
    Place { table: "visitors_watch_entries", column, row: id.uuid() }
}
