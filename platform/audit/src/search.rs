//! Finding entries: filters, newest first, page by page.

use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::sea_query::{Expr, ExprTrait as _, Func, LikeExpr};
use sea_orm::{ColumnTrait, Condition};
use sekisho_kernel::{Actor, Cx, EntryId, Outcome, TenantId, Timestamp};
use sekisho_storage::tables::audit_entries::{Column, Entity, Model};
use sekisho_storage::{Scope, Scoped as _, Store};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::checkpoint::{PublicKey, open};
use crate::tables::{keys, leaves};
use crate::{AuditError, Inclusion, Names, proof};

/// What to look for. Everything given must hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
    /// Who: a person, guest or device.
    pub actor: Option<Uuid>,
    /// The beginning of the action: `key.` or `key.take_out`.
    pub action: Option<String>,
    /// What kind of thing it was done to.
    pub target_kind: Option<String>,
    /// The thing it was done to.
    pub target: Option<Uuid>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// The request it belongs to.
    pub request: Option<Uuid>,
    /// Part of the name of the thing or of whoever acted.
    pub text: Option<String>,
}

impl Filter {
    /// Without the words that were searched for: they may be somebody's name, which the record does not hold.
    pub(crate) fn without_text(&self) -> Self {
        Self { text: None, ..self.clone() }
    }

    /// Whether nothing is asked for, so that everything is found.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// An entry found, with the names of those who have one.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The entry.
    pub entry: Model,
    /// The name of whoever acted, where known.
    pub actor_name: Option<String>,
}

/// Reads the record of tenants.
#[derive(Clone)]
pub struct Record {
    store: Store,
    names: Arc<dyn Names>,
}

impl Record {
    /// Over the store; names come from others.
    pub fn new(store: Store, names: Arc<dyn Names>) -> Self {
        Self { store, names }
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// Up to `count` entries for which `filter` holds, newest first, older than the entry `before`.
    ///
    /// # Errors
    /// [`AuditError::Store`] or [`AuditError::Names`].
    pub async fn search(
        &self,
        cx: &Cx,
        filter: &Filter,
        before: Option<EntryId>,
        count: u64,
    ) -> Result<Vec<Found>, AuditError> {
        let condition = self.condition(cx, filter).await?;
        let condition = condition.add_option(before.map(|before| Column::Id.lt(before)));
        let scope = self.store.read(cx.tenant).await?;
        let entries =
            scope.find::<Entity>().filter(condition).descending(Column::Id).limit(count).all().await?;
        drop(scope);
        self.named(cx, entries).await
    }

    /// One entry.
    ///
    /// # Errors
    /// [`AuditError::Missing`] when the tenant's record does not have it.
    pub async fn entry(&self, cx: &Cx, id: EntryId) -> Result<Found, AuditError> {
        let scope = self.store.read(cx.tenant).await?;
        let entry =
            scope.find::<Entity>().filter(Column::Id.eq(id)).one().await?.ok_or(AuditError::Missing)?;
        drop(scope);
        self.named(cx, vec![entry]).await?.pop().ok_or(AuditError::Missing)
    }

    /// The names of whatever `ids` stand for.
    ///
    /// # Errors
    /// [`AuditError::Names`].
    pub async fn names(&self, cx: &Cx, ids: &[Uuid]) -> Result<HashMap<Uuid, String>, AuditError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        self.names.names(cx, ids).await.map_err(AuditError::Names)
    }

    /// The proof that an entry is in the tree of the first checkpoint after it, and that checkpoint; `None` when it waits
    /// to be folded.
    ///
    /// # Errors
    /// [`AuditError::Damaged`] when the stored tree has holes.
    pub async fn inclusion(&self, cx: &Cx, id: EntryId) -> Result<Option<(Inclusion, String)>, AuditError> {
        let scope = self.store.read(cx.tenant).await?;
        let Some(leaf) = scope.find::<leaves::Entity>().filter(leaves::Column::Id.eq(id)).one().await? else {
            return Ok(None);
        };
        let index = crate::sequencer::unsigned(leaf.leaf);
        let Some(checkpoint) = proof::covering(&scope, index).await? else { return Ok(None) };
        let size = crate::sequencer::unsigned(checkpoint.size);
        let path = proof::Prover::new(size).inclusion(&scope, index).await?;
        let hash = leaf.hash.try_into().map_err(|_| AuditError::Damaged("a leaf"))?;
        Ok(Some((Inclusion { index, size, hash: tlog_tiles::tlog::Hash(hash), path }, checkpoint.note)))
    }

    /// The newest checkpoint as a signed note; `None` before the first fold.
    ///
    /// # Errors
    /// [`AuditError::Store`].
    pub async fn checkpoint(&self, tenant: TenantId) -> Result<Option<String>, AuditError> {
        let scope = self.store.read(tenant).await?;
        Ok(proof::newest(&scope).await?.map(|row| row.note))
    }

    /// The newest checkpoint and the proof that its tree begins with the tree of `earlier` leaves.
    ///
    /// # Errors
    /// [`AuditError::Missing`] when there is no checkpoint or the tree is smaller.
    pub async fn consistency(
        &self,
        tenant: TenantId,
        earlier: u64,
    ) -> Result<(String, Vec<tlog_tiles::tlog::Hash>), AuditError> {
        let scope = self.store.read(tenant).await?;
        let newest = proof::newest(&scope).await?.ok_or(AuditError::Missing)?;
        let size = crate::sequencer::unsigned(newest.size);
        if earlier > size {
            return Err(AuditError::Missing);
        }
        Ok((newest.note, proof::Prover::new(size).consistency(&scope, earlier).await?))
    }

    /// The public key that checks the tenant's checkpoints; `None` before the first fold.
    ///
    /// # Errors
    /// [`AuditError::Store`].
    pub async fn public_key(&self, tenant: TenantId) -> Result<Option<PublicKey>, AuditError> {
        let scope = self.store.read(tenant).await?;
        let row = scope.find::<keys::Entity>().descending(keys::Column::Id).one().await?;
        Ok(row.and_then(|row| PublicKey::parse(&row.public)))
    }

    /// Whether the newest checkpoint is signed by the tenant's key; for the self-probe.
    ///
    /// # Errors
    /// [`AuditError::Store`].
    pub async fn newest_holds(&self, tenant: TenantId) -> Result<bool, AuditError> {
        let (Some(note), Some(key)) = (self.checkpoint(tenant).await?, self.public_key(tenant).await?) else {
            return Ok(true);
        };
        Ok(open(&note, &key).is_some())
    }

    pub(crate) async fn condition(&self, cx: &Cx, filter: &Filter) -> Result<Condition, AuditError> {
        let mut all = Condition::all();
        if let Some(from) = filter.from {
            all = all.add(Column::Id.gte(first_id(from))).add(Column::At.gte(from));
        }
        if let Some(to) = filter.to {
            let end = to.plus(std::time::Duration::from_millis(1));
            all = all.add(Column::Id.lt(first_id(end))).add(Column::At.lt(to));
        }
        if let Some(action) = filter.action.as_deref().filter(|action| !action.is_empty()) {
            all = all.add(Expr::col(Column::Action).like(pattern(action, "")));
        }
        if let Some(outcome) = filter.outcome {
            all = all.add(Column::Outcome.eq(sekisho_storage::JsonText(outcome)));
        }
        all = all
            .add_option(filter.actor.map(|actor| Column::ActorId.eq(actor)))
            .add_option(filter.target_kind.as_ref().map(|kind| Column::TargetKind.eq(kind.as_str())))
            .add_option(filter.target.map(|target| Column::TargetId.eq(target)))
            .add_option(filter.request.map(|request| Column::Request.eq(request)));
        if let Some(text) = filter.text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            let named = self.names.matching(cx, text).await.map_err(AuditError::Names)?;
            let name = Func::lower(Expr::col(Column::TargetName));
            let mut any = Condition::any().add(Expr::expr(name).like(pattern(&text.to_lowercase(), "%")));
            if !named.is_empty() {
                any = any.add(Column::ActorId.is_in(named.clone())).add(Column::TargetId.is_in(named));
            }
            all = all.add(any);
        }
        Ok(all)
    }

    pub(crate) async fn named(&self, cx: &Cx, entries: Vec<Model>) -> Result<Vec<Found>, AuditError> {
        let mut ids: Vec<_> = entries.iter().filter_map(|entry| entry.actor_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let names = self.names(cx, &ids).await?;
        Ok(entries
            .into_iter()
            .map(|entry| {
                let known = entry.actor_id.and_then(|id| names.get(&id).cloned());
                let actor_name = match &entry.actor.0 {
                    Actor::System { name } => Some(name.clone()),
                    _ => known,
                };
                Found { entry, actor_name }
            })
            .collect())
    }
}

/// Entries of a range of leaves, in the order of the tree, with their stored hashes.
pub(crate) async fn in_tree(
    scope: &Scope,
    from: u64,
    count: u64,
) -> Result<Vec<(leaves::Model, Option<Model>)>, AuditError> {
    use crate::sequencer::signed;
    let range = Condition::all()
        .add(leaves::Column::Leaf.gte(signed(from)))
        .add(leaves::Column::Leaf.lt(signed(from.saturating_add(count))));
    let found = scope.find::<leaves::Entity>().filter(range).ascending(leaves::Column::Leaf).all().await?;
    let ids = found.iter().map(|leaf| leaf.id);
    let entries = scope.find::<Entity>().filter(Column::Id.is_in(ids)).all().await?;
    let mut entries: HashMap<_, _> = entries.into_iter().map(|entry| (entry.id, entry)).collect();
    Ok(found
        .into_iter()
        .map(|leaf| (entries.remove(&leaf.id), leaf))
        .map(|(entry, leaf)| (leaf, entry))
        .collect())
}

/// The smallest id an entry of that time can have (UUID version 7 begins with the milliseconds), so that the range runs
/// over the primary key.
fn first_id(at: Timestamp) -> EntryId {
    let millis = u128::try_from(at.as_micros() / 1000).unwrap_or(0);
    EntryId(Uuid::from_u128(millis << 80))
}

fn pattern(text: &str, before: &str) -> LikeExpr {
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    LikeExpr::new(format!("{before}{escaped}%")).escape('\\')
}
