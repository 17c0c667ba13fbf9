//! Folding new entries into the tree and signing its root. Any number of servers may fold the same tenant at once: the
//! first to commit wins and the others find nothing left to do.

use std::collections::BTreeSet;
use std::sync::Arc;

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, FromQueryResult, QuerySelect as _};
use sekisho_crypto::{CryptoError, Place, SigningKey, Vault};
use sekisho_kernel::{AuditEntry, Cx, EntryId, TenantId, World};
use sekisho_storage::tables::{audit_entries, audit_pending};
use sekisho_storage::{Scoped as _, Store, StoreError};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::checkpoint::{PublicKey, origin, sign};
use crate::tables::{checkpoints, keys, leaves, nodes};
use crate::tree::{Frontier, Full};
use crate::{AuditError, leaf, proof};

/// Entries folded in one transaction.
const BATCH: u64 = 2000;
/// Rows written by one statement.
const ROWS: usize = 500;
/// Times a fold begins again because another server was quicker.
const MOST_TRIES: u32 = 5;

/// Folds entries into the trees of their tenants. A worker calls [`Sequencer::fold_all`] every second.
#[derive(Clone)]
pub struct Sequencer {
    store: Store,
    vault: Vault,
    world: Arc<dyn World>,
    /// Held while a batch is folded: the worker and whoever asks for a checkpoint would only undo each other's work.
    turn: Arc<Mutex<()>>,
}

/// What a fold did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Folded {
    /// Entries folded in.
    pub entries: u64,
    /// Leaves in the tree now; 0 when nothing was folded.
    pub size: u64,
}

impl Sequencer {
    /// Over the store; signing keys are sealed by the vault.
    pub fn new(store: Store, vault: Vault, world: Arc<dyn World>) -> Self {
        Self { store, vault, world, turn: Arc::default() }
    }

    /// Folds every tenant that has entries waiting. A tenant that fails does not hold up the others; its entries wait.
    ///
    /// # Errors
    /// [`AuditError::Store`] when the list of tenants cannot be read.
    pub async fn fold_all(&self) -> Result<Folded, AuditError> {
        #[derive(FromQueryResult)]
        struct Waiting {
            tenant_id: TenantId,
        }
        let scope = self.store.read_installation().await?;
        let waiting = scope
            .find::<audit_pending::Entity>()
            .refine(|select| select.select_only().column(audit_pending::Column::TenantId).distinct())
            .all_as::<Waiting>()
            .await?;
        drop(scope);
        let mut all = Folded::default();
        for Waiting { tenant_id } in waiting {
            match self.fold(tenant_id).await {
                Ok(folded) => all.entries += folded.entries,
                Err(error) => tracing::error!(tenant = %tenant_id, %error, "the record could not be folded"),
            }
        }
        Ok(all)
    }

    /// Folds what waits in `tenant` now and signs a checkpoint; what comes meanwhile is the next one's, for where others write
    /// without a pause there would be no end. For an erased tenant it does nothing.
    ///
    /// # Errors
    /// [`AuditError::Store`], [`AuditError::Crypto`], or [`AuditError::Damaged`] when the stored edge of the tree is not
    /// readable.
    pub async fn fold(&self, tenant: TenantId) -> Result<Folded, AuditError> {
        let Some(newest) = self.waiting(tenant, None).await? else { return Ok(Folded::default()) };
        let mut done = Folded::default();
        let mut tries = 0;
        loop {
            match self.fold_batch(tenant).await {
                Ok(Folded { entries: 0, .. }) => return Ok(done),
                Ok(batch) => {
                    tries = 0;
                    done = Folded { entries: done.entries + batch.entries, size: batch.size };
                    if self.waiting(tenant, Some(newest)).await?.is_none() {
                        return Ok(done);
                    }
                }
                // An erased tenant has no key left to sign with; its record ends at its last checkpoint.
                Err(AuditError::Crypto(CryptoError::Erased)) => return Ok(done),
                Err(AuditError::Store(StoreError::Duplicate(_) | StoreError::Conflict(_)))
                    if tries < MOST_TRIES =>
                {
                    tries += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// The newest entry that waits, of those not newer than `up_to`.
    async fn waiting(&self, tenant: TenantId, up_to: Option<EntryId>) -> Result<Option<EntryId>, StoreError> {
        use audit_pending::{Column, Entity};
        let scope = self.store.read(tenant).await?;
        let mut rows = scope.find::<Entity>().descending(Column::Id).limit(1);
        if let Some(up_to) = up_to {
            rows = rows.filter(Column::Id.lte(up_to));
        }
        Ok(rows.one().await?.map(|row| row.id))
    }

    async fn fold_batch(&self, tenant: TenantId) -> Result<Folded, AuditError> {
        let _turn = self.turn.lock().await;
        let scope = self.store.read(tenant).await?;
        let waiting = scope
            .find::<audit_pending::Entity>()
            .ascending(audit_pending::Column::Id)
            .limit(BATCH)
            .all()
            .await?;
        if waiting.is_empty() {
            return Ok(Folded::default());
        }
        let mut edge = proof::edge(&scope).await?;
        let ids: Vec<EntryId> = waiting.into_iter().map(|row| row.id).collect();
        let entries = scope
            .find::<audit_entries::Entity>()
            .filter(audit_entries::Column::Id.is_in(ids.iter().copied()))
            .ascending(audit_entries::Column::Id)
            .all()
            .await?;
        drop(scope);
        let key = self.signing_key(tenant).await?;
        let cx = Cx::system(self.world.clone(), tenant, "audit");
        let mut full = Vec::new();
        let leaves: Vec<_> = entries
            .iter()
            .map(|entry| {
                let hash = leaf::hash(leaf::to_text(entry).as_bytes());
                let number = edge.size();
                edge.push(hash, |node| full.push(node));
                leaves::ActiveModel {
                    tenant_id: Set(tenant),
                    id: Set(entry.id),
                    leaf: Set(signed(number)),
                    hash: Set(hash.0.to_vec()),
                }
            })
            .collect();
        let count = leaves.len();
        self.write(&cx, &edge, &key, leaves, full, &ids, &entries).await?;
        Ok(Folded { entries: u64::try_from(count).unwrap_or(u64::MAX), size: edge.size() })
    }

    #[expect(clippy::too_many_arguments, reason = "one transaction writes all of it")]
    async fn write(
        &self,
        cx: &Cx,
        edge: &Frontier,
        key: &SigningKey,
        leaves: Vec<leaves::ActiveModel>,
        full: Vec<Full>,
        waiting: &[EntryId],
        entries: &[audit_entries::Model],
    ) -> Result<(), AuditError> {
        let mut tx = self.store.begin(cx).await?;
        if !leaves.is_empty() {
            tx.insert::<checkpoints::Entity>(checkpoints::ActiveModel {
                tenant_id: Set(cx.tenant),
                id: Set(cx.fresh_id()),
                size: Set(signed(edge.size())),
                frontier: Set(edge.to_bytes()),
                note: Set(sign(key, &origin(cx.tenant), edge.size(), edge.root())?),
                at: Set(cx.now),
            })
            .await?;
        }
        for rows in leaves.chunks(ROWS) {
            tx.insert_many::<leaves::Entity>(rows.to_vec()).await?;
        }
        let full = full.into_iter().map(|node| nodes::ActiveModel {
            tenant_id: Set(cx.tenant),
            id: Set(node_id(node.level, node.number)),
            hash: Set(node.hash.0.to_vec()),
        });
        tx.insert_many::<nodes::Entity>(full.collect()).await?;
        tx.delete::<audit_pending::Entity>()
            .filter(audit_pending::Column::Id.is_in(waiting.iter().copied()))
            .exec()
            .await?;
        // An entry that waited and is gone was taken out by somebody who writes to the database itself.
        let there: BTreeSet<_> = entries.iter().map(|entry| entry.id).collect();
        for gone in waiting.iter().filter(|id| !there.contains(id)) {
            tracing::error!(tenant = %cx.tenant, entry = %gone, "an audit entry vanished before it was folded");
            tx.record(AuditEntry::failed("audit.entry_vanished").with("entry", gone));
        }
        Ok(tx.commit_bookkeeping("folding entries is no act of anybody").await?)
    }

    /// The key that signs for `tenant`; made when there is none.
    async fn signing_key(&self, tenant: TenantId) -> Result<SigningKey, AuditError> {
        const FIRST: Uuid = Uuid::from_u128(1);
        let place = Place { table: "audit_keys", column: "sealed", row: FIRST };
        let vault = self.vault.keys(tenant).await?;
        let row =
            self.store.read(tenant).await?.find::<keys::Entity>().descending(keys::Column::Id).one().await?;
        if let Some(row) = row {
            return Ok(SigningKey::from_pkcs8(&vault.open(&Place { row: row.id, ..place }, &row.sealed)?)?);
        }
        let key = SigningKey::generate(&*self.world)?;
        let public = PublicKey::new(origin(tenant), key.public()).to_string();
        let cx = Cx::system(self.world.clone(), tenant, "audit");
        let tx = self.store.begin(&cx).await?;
        tx.insert::<keys::Entity>(keys::ActiveModel {
            tenant_id: Set(tenant),
            id: Set(FIRST),
            public: Set(public.clone()),
            sealed: Set(vault.seal_secret(&place, &key.to_pkcs8()?)),
            created_at: Set(cx.now),
        })
        .await?;
        tx.commit(AuditEntry::done("audit.make_key").with("public", public)).await?;
        Ok(key)
    }
}

/// The row of a stored node: its level in the upper half, its number in the lower.
pub(crate) fn node_id(level: u8, number: u64) -> Uuid {
    Uuid::from_u128((u128::from(level) << 64) | u128::from(number))
}

pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
