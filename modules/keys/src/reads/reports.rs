//! Reports: who held what when, what is late, what nobody uses, who holds what now, where book and box differ.

use std::collections::{HashMap, HashSet};

use sea_orm::{ColumnTrait, Condition, QuerySelect};
use sekisho_host::Fault;
use sekisho_kernel::{Cx, PersonId, Timestamp};
use sekisho_storage::Scoped;
use serde::Serialize;
use uuid::Uuid;

use super::NamedKey;
use super::{KeyRow, Sight, Stock};
use crate::Keys;
use crate::ids::{BinId, BoxId, IncidentId, KeyId, LoanId};
use crate::ledger::bins_of;
use crate::tables::words::{LoanState, OpeningResult, Way};
use crate::tables::{incidents, keys, loans as rows, openings as opening_rows};

/// A loan as it is shown.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct LoanRow {
    /// Which.
    pub id: LoanId,
    /// Of which key.
    pub key: KeyId,
    /// That key's name.
    pub key_name: String,
    /// Who had it, when a person.
    pub person: Option<PersonId>,
    /// Who had it, by name.
    pub name: String,
    /// By which way.
    pub way: Way,
    /// How far it got.
    pub state: LoanState,
    /// When its bin was released; lists are sorted by it.
    pub released_at: Timestamp,
    /// When it was taken.
    pub taken_at: Option<Timestamp>,
    /// When it was due.
    pub due_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Whether it is or was late.
    pub late: bool,
    /// What was noted.
    pub note: Option<String>,
}

/// Which loans a list shows.
#[derive(Clone, Debug, Default)]
pub struct LoanFilter {
    /// Taken from here on.
    pub from: Option<Timestamp>,
    /// Taken before.
    pub until: Option<Timestamp>,
    /// Only of this key.
    pub key: Option<KeyId>,
    /// Only of this person.
    pub person: Option<PersonId>,
    /// `overdue`, `open`, or empty for all.
    pub only: String,
    /// Continue after this loan (they are sorted newest first).
    pub before: Option<(Timestamp, LoanId)>,
    /// At most so many.
    pub limit: u64,
}

/// The loans `sight` may see: of keys one manages, and one's own. Newest first.
pub async fn loans(keys: &Keys, cx: &Cx, sight: &Sight, filter: &LoanFilter) -> Result<Vec<LoanRow>, Fault> {
    use rows::Column;
    let scope = keys.store.read(cx.tenant).await?;
    let mut fits = Condition::all().add(Column::State.ne(LoanState::NotTaken));
    if let Some(from) = filter.from {
        fits = fits.add(Column::ReleasedAt.gte(from));
    }
    if let Some(until) = filter.until {
        fits = fits.add(Column::ReleasedAt.lt(until));
    }
    if let Some(key) = filter.key {
        fits = fits.add(Column::KeyId.eq(key));
    }
    if let Some(person) = filter.person {
        fits = fits.add(Column::PersonId.eq(person));
    }
    if let Some((at, id)) = filter.before {
        let same = Condition::all().add(Column::ReleasedAt.eq(at)).add(Column::Id.lt(id));
        fits = fits.add(Condition::any().add(Column::ReleasedAt.lt(at)).add(same));
    }
    match &*filter.only {
        "open" => fits = fits.add(Column::OpenKey.is_not_null()),
        "overdue" => fits = fits.add(Column::OpenKey.is_not_null()).add(Column::DueAt.lte(cx.now)),
        _ => {}
    }
    if !sight.all {
        let mut reach = Condition::any();
        if let Some(person) = sight.person {
            reach = reach.add(Column::PersonId.eq(person));
        }
        let all = scope.find::<keys::Entity>();
        let all =
            all.refine(|select| select.select_only().column(keys::Column::Id)).tuples::<KeyId>().await?;
        let managed: Vec<KeyId> = all.into_iter().filter(|key| sight.manages_key(*key)).collect();
        fits = fits.add(reach.add(Column::KeyId.is_in(managed)));
    }
    let found = scope
        .find::<rows::Entity>()
        .filter(fits)
        .descending(Column::ReleasedAt)
        .descending(Column::Id)
        .limit(filter.limit.max(1))
        .all()
        .await?;
    let ids: Vec<KeyId> = found.iter().map(|loan| loan.key_id).collect();
    let key_names: HashMap<KeyId, String> = scope
        .find::<keys::Entity>()
        .filter(keys::Column::Id.is_in(ids))
        .all()
        .await?
        .into_iter()
        .map(|key| (key.id, key.name))
        .collect();
    let people: Vec<PersonId> = found.iter().filter_map(|loan| loan.person_id).collect();
    let people = keys.identity.display_names(&scope, &people).await?;
    drop(scope);
    let guests = super::guests::guest_names(keys, cx, found.iter()).await?;
    Ok(found
        .into_iter()
        .map(|loan| LoanRow {
            name: match loan.person_id {
                Some(person) => people.get(&person).cloned(),
                None => guests.get(&loan.id).cloned(),
            }
            .unwrap_or_default(),
            late: loan.due_at.is_some_and(|due| due < loan.ended_at.unwrap_or(cx.now)),
            id: loan.id,
            key: loan.key_id,
            key_name: key_names.get(&loan.key_id).cloned().unwrap_or_default(),
            person: loan.person_id,
            way: loan.way,
            state: loan.state,
            released_at: loan.released_at,
            taken_at: loan.taken_at,
            due_at: loan.due_at,
            ended_at: loan.ended_at,
            note: loan.note,
        })
        .collect())
}

/// Who holds what now.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct HolderRow {
    /// Who, when a person.
    pub person: Option<PersonId>,
    /// Who, by name; empty when nobody knows.
    pub name: String,
    /// What.
    pub keys: Vec<NamedKey>,
    /// Whether one of them is late.
    pub late: bool,
    /// Since when, the longest.
    pub since: Option<Timestamp>,
}

/// Who holds what now, of the keys in `stock`, whose holders the viewer may know.
pub fn holders(stock: &Stock) -> Vec<HolderRow> {
    let mut holders: Vec<HolderRow> = Vec::new();
    for key in stock.keys.iter().filter(|key| key.state.is_out()) {
        let Some(name) =
            key.holder_name.clone().or_else(|| (key.state == super::KeyState::Forced).then(String::new))
        else {
            continue;
        };
        let late = key.state == super::KeyState::Late;
        let named = NamedKey { id: key.id, name: key.name.clone() };
        let at = holders.iter_mut().find(|row| row.person == key.holder && row.name == name);
        match at {
            Some(row) => {
                row.keys.push(named);
                row.late |= late;
                row.since = row.since.min(key.since);
            }
            None => holders.push(HolderRow {
                person: key.holder,
                name,
                keys: vec![named],
                late,
                since: key.since,
            }),
        }
    }
    holders.sort_by(|a, b| b.late.cmp(&a.late).then_with(|| a.name.cmp(&b.name)));
    holders
}

/// The keys nobody took since `since`.
pub async fn idle_keys<'a>(
    keys: &Keys,
    cx: &Cx,
    stock: &'a Stock,
    since: Timestamp,
) -> Result<Vec<&'a KeyRow>, Fault> {
    let scope = keys.store.read(cx.tenant).await?;
    let taken = Condition::all().add(rows::Column::TakenAt.gte(since));
    let used = scope.find::<rows::Entity>().filter(taken);
    let used = used.refine(|select| select.select_only().column(rows::Column::KeyId).distinct());
    let used: HashSet<KeyId> = used.tuples::<KeyId>().await?.into_iter().collect();
    Ok(stock.keys.iter().filter(|key| !key.state.is_out() && !used.contains(&key.id)).collect())
}

/// Where the book and the box's last word differ.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Drift {
    /// Which box.
    pub box_id: BoxId,
    /// That box's name.
    pub box_name: String,
    /// Which bin.
    pub bin: i64,
    /// That bin's id.
    pub bin_id: BinId,
    /// The key that hangs there by the book.
    pub by_book: Option<KeyId>,
    /// The key whose fob the box sees there.
    pub by_box: Option<KeyId>,
    /// The fob the box sees there.
    pub fob: Option<String>,
}

/// All differences in boxes that have spoken and that the viewer manages.
pub fn drift(stock: &Stock, sight: &Sight) -> Vec<Drift> {
    let mut found = Vec::new();
    for place in stock.boxes.iter().filter(|place| sight.manages_box(place.id) && place.last_seen.is_some()) {
        for bin in &place.bins {
            let book = bin.key.and_then(|key| stock.key(key));
            let seen =
                bin.fob.as_ref().and_then(|fob| stock.keys.iter().find(|key| key.fob.as_ref() == Some(fob)));
            let agrees = match (book, &bin.fob) {
                (Some(key), Some(fob)) => key.fob.as_ref() == Some(fob),
                // A key without a fob is not seen by the box.
                (Some(key), None) => key.fob.is_none() || key.state == super::KeyState::Released,
                (None, None) => true,
                (None, Some(_)) => false,
            };
            if !agrees {
                found.push(Drift {
                    box_id: place.id,
                    box_name: place.name.clone(),
                    bin: bin.number,
                    bin_id: bin.id,
                    by_book: bin.key,
                    by_box: seen.map(|key| key.id),
                    fob: bin.fob.clone(),
                });
            }
        }
    }
    found
}

/// A bin or box opened from afar, as it is shown.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct OpeningRow {
    /// Which.
    pub id: Uuid,
    /// Which bin; none: the master lock.
    pub bin: Option<i64>,
    /// Who.
    pub person: PersonId,
    /// Who, by name.
    pub name: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// What came of it.
    pub result: OpeningResult,
}

/// The newest openings of a box; for those who manage it.
pub async fn openings(keys: &Keys, cx: &Cx, place: BoxId) -> Result<Vec<OpeningRow>, Fault> {
    let scope = keys.store.read(cx.tenant).await?;
    let found = scope
        .find::<opening_rows::Entity>()
        .filter(opening_rows::Column::BoxId.eq(place))
        .descending(opening_rows::Column::At)
        .limit(50)
        .all()
        .await?;
    let numbers: HashMap<BinId, i64> =
        bins_of(&scope, place).await?.into_iter().map(|bin| (bin.id, bin.number)).collect();
    let people: Vec<PersonId> = found.iter().map(|row| row.person_id).collect();
    let names = keys.identity.display_names(&scope, &people).await?;
    Ok(found
        .into_iter()
        .map(|row| OpeningRow {
            id: row.id,
            bin: row.bin_id.and_then(|bin| numbers.get(&bin)).copied(),
            person: row.person_id,
            name: names.get(&row.person_id).cloned().unwrap_or_default(),
            reason: row.reason,
            at: row.at,
            result: row.result,
        })
        .collect())
}

/// Whether an incident waits to be seen to.
pub async fn unmended(scope: &impl Scoped, id: IncidentId) -> Result<bool, Fault> {
    let this = Condition::all().add(incidents::Column::Id.eq(id)).add(incidents::Column::MendedAt.is_null());
    Ok(scope.find::<incidents::Entity>().filter(this).exists().await?)
}
