//! What is shown of the list: to the desk the mark and the guard's telephone, to whoever manages it entries and matches.

use std::collections::HashMap;

use sea_orm::ColumnTrait;
use sekisho_crypto::{TenantKeys, search_form};
use sekisho_host::Fault;
use sekisho_kernel::{Cx, PersonId, SiteId, Timestamp};
use sekisho_storage::{JsonText, Scoped};
use serde::Serialize;
use uuid::Uuid;

use super::entries::{self, Who};
use crate::Visitors;
use crate::ids::WatchEntryId;
use crate::tables::{watch_entries, watch_marks};

/// The desk is to ask the guard before it lets somebody in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = VisitorAskGuard)]
pub struct AskGuard {
    /// The guard's telephone numbers, as far as entries name one.
    pub phones: Vec<String>,
    /// When somebody at the desk said that the guard was asked; none: not yet.
    pub asked_at: Option<Timestamp>,
}

/// The marks of visits and deliveries, for the desk of their site. Who may know of them is the caller's to see to.
pub(crate) async fn marks_for_desk(
    scope: &impl Scoped,
    keys: &TenantKeys,
    of: &[Uuid],
) -> Result<HashMap<Uuid, AskGuard>, Fault> {
    let mut marks = Vec::new();
    for some in of.chunks(500) {
        let these = watch_marks::Column::OfId.is_in(some.iter().copied());
        marks.extend(scope.find::<watch_marks::Entity>().filter(these).all().await?);
    }
    let entries = entries_of(scope, &marks).await?;
    let mut shown: HashMap<Uuid, AskGuard> = HashMap::new();
    for mark in marks {
        let Some(entry) = entries.get(&mark.entry_id) else { continue };
        let phone = keys.open_text(&entries::place("phone", entry.id), &entry.phone_sealed)?;
        let first = !shown.contains_key(&mark.of_id);
        let ask = shown.entry(mark.of_id).or_default();
        if !phone.is_empty() && !ask.phones.contains(&phone) {
            ask.phones.push(phone);
        }
        // Asked only when about all of them.
        ask.asked_at = if first { mark.asked_at } else { ask.asked_at.and(mark.asked_at) };
    }
    Ok(shown)
}

pub(super) async fn entries_of(
    scope: &impl Scoped,
    marks: &[watch_marks::Model],
) -> Result<HashMap<WatchEntryId, watch_entries::Model>, Fault> {
    let mut ids: Vec<WatchEntryId> = marks.iter().map(|mark| mark.entry_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut entries = HashMap::new();
    for some in ids.chunks(500) {
        let these = watch_entries::Column::Id.is_in(some.iter().copied());
        let rows = scope.find::<watch_entries::Entity>().filter(these).all().await?;
        entries.extend(rows.into_iter().map(|row| (row.id, row)));
    }
    Ok(entries)
}

/// An entry as whoever manages the list sees it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = VisitorWatchEntry)]
pub(crate) struct WatchRow {
    /// Which.
    pub(crate) id: WatchEntryId,
    /// Names of one person.
    pub(crate) names: Vec<String>,
    /// From where.
    pub(crate) organisation: String,
    /// Why.
    pub(crate) reason: String,
    /// The guard's telephone.
    pub(crate) phone: String,
    /// At which sites; none: at all.
    pub(crate) sites: Vec<SiteId>,
    /// The first day.
    pub(crate) from: Option<String>,
    /// The last day.
    pub(crate) until: Option<String>,
    /// Counts the changes.
    pub(crate) version: i64,
    /// Who entered it.
    pub(crate) made_by: PersonId,
    /// That person's name.
    pub(crate) made_by_name: String,
    /// When.
    pub(crate) made_at: Timestamp,
}

/// The entries, the newest first; of those that hold `search` in a name, the organisation or the reason.
pub(super) async fn entries(visitors: &Visitors, cx: &Cx, search: &str) -> Result<Vec<WatchRow>, Fault> {
    let keys = visitors.vault.keys(cx.tenant).await?;
    let scope = visitors.store.read(cx.tenant).await?;
    let query = scope.find::<watch_entries::Entity>().descending(watch_entries::Column::Id);
    let rows = query.limit(entries::MOST_ENTRIES).all().await?;
    let wanted = search_form(search);
    let mut rows = rows.into_iter().map(|row| opened(&keys, row)).collect::<Result<Vec<_>, Fault>>()?;
    rows.retain(|row| {
        let texts = row.names.iter().chain([&row.organisation, &row.reason]);
        wanted.is_empty() || texts.map(|text| search_form(text)).any(|text| text.contains(&wanted))
    });
    named(visitors, &scope, rows).await
}

/// One entry.
pub(super) async fn entry(visitors: &Visitors, cx: &Cx, id: WatchEntryId) -> Result<Option<WatchRow>, Fault> {
    let keys = visitors.vault.keys(cx.tenant).await?;
    let scope = visitors.store.read(cx.tenant).await?;
    let this = watch_entries::Column::Id.eq(id);
    let row = scope.find::<watch_entries::Entity>().filter(this).one().await?;
    let rows = row.map(|row| opened(&keys, row)).transpose()?.into_iter().collect();
    Ok(named(visitors, &scope, rows).await?.pop())
}

pub(super) fn opened(keys: &TenantKeys, row: watch_entries::Model) -> Result<WatchRow, Fault> {
    let Who { names, organisation } = entries::who(keys, &row)?;
    let JsonText(sites) = row.sites;
    Ok(WatchRow {
        id: row.id,
        names,
        organisation,
        reason: keys.open_text(&entries::place("reason", row.id), &row.reason_sealed)?,
        phone: keys.open_text(&entries::place("phone", row.id), &row.phone_sealed)?,
        sites,
        from: row.valid_from,
        until: row.valid_until,
        version: row.version,
        made_by: row.made_by,
        made_by_name: String::new(),
        made_at: row.made_at,
    })
}

pub(super) async fn named(
    visitors: &Visitors,
    scope: &impl Scoped,
    rows: Vec<WatchRow>,
) -> Result<Vec<WatchRow>, Fault> {
    let makers: Vec<PersonId> = rows.iter().map(|row| row.made_by).collect();
    let names = visitors.identity.display_names(scope, &makers).await?;
    let name = |row: &WatchRow| names.get(&row.made_by).cloned().unwrap_or_default();
    Ok(rows.into_iter().map(|row| WatchRow { made_by_name: name(&row), ..row }).collect())
}
