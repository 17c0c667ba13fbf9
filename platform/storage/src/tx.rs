//! Writing within one tenant. A transaction ends in [`Tx::commit`], which wants the audit entry.

use std::time::Duration;

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, Iterable,
    PrimaryKeyToColumn, QueryFilter,
};
use sekisho_kernel::{Actor, AuditEntry, Cx, EventId, TenantId, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use crate::scope::{Conn, Delete, Scope, Scoped, TenantEntity, Update, on_conn};
use crate::store::{Changed, Store};
use crate::tables::{audit_entries, audit_pending, jobs, outbox_events};
use crate::{JsonText, StoreError};

/// A fact told to others, past tense: `KeyTakenOut`.
pub trait Event: Serialize + Sync {
    /// `module.fact`, such as `keys.taken_out`.
    const NAME: &'static str;
}

/// A write in progress. Dropped without commit, nothing of it happened.
pub struct Tx {
    store: Store,
    cx: Cx,
    scope: Scope,
    entries: Vec<(Actor, AuditEntry)>,
    events: Vec<&'static str>,
}

impl Scoped for Tx {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl Tx {
    pub(crate) fn new(store: Store, cx: Cx, scope: Scope) -> Self {
        Self { store, cx, scope, entries: Vec::new(), events: Vec::new() }
    }

    /// The context the transaction was begun with.
    pub fn cx(&self) -> &Cx {
        &self.cx
    }

    fn tenant(&self) -> TenantId {
        self.scope.tenant().unwrap_or(self.cx.tenant)
    }

    /// The row with this transaction's tenant, whatever it said.
    fn ours<E: TenantEntity>(&self, mut row: E::ActiveModel) -> E::ActiveModel {
        if let Some(tenant) = self.scope.tenant() {
            row.set(E::tenant_column(), tenant.into());
        }
        row
    }

    /// Adds a row; its tenant is the transaction's, whatever the row says.
    pub async fn insert<E>(&self, row: impl IntoActiveModel<E::ActiveModel>) -> Result<(), StoreError>
    where
        E: TenantEntity,
        E::ActiveModel: Send,
    {
        let row = self.ours::<E>(row.into_active_model());
        on_conn!(self.scope, conn => E::insert(row).exec_without_returning(conn).await)?;
        Ok(())
    }

    /// Adds a row unless one that may not stand beside it is there; tells whether it was added.
    pub async fn insert_new<E>(&self, row: impl IntoActiveModel<E::ActiveModel>) -> Result<bool, StoreError>
    where
        E: TenantEntity,
        E::ActiveModel: Send,
    {
        let insert = E::insert(self.ours::<E>(row.into_active_model()));
        let insert = insert.on_conflict(OnConflict::new().do_nothing().to_owned());
        let added = on_conn!(self.scope, conn => insert.exec_without_returning(conn).await)?;
        Ok(added == 1)
    }

    /// Adds many rows at once; all or none.
    pub async fn insert_many<E>(&self, rows: Vec<E::ActiveModel>) -> Result<(), StoreError>
    where
        E: TenantEntity,
        E::ActiveModel: Send,
    {
        if rows.is_empty() {
            return Ok(());
        }
        let rows = rows.into_iter().map(|row| self.ours::<E>(row));
        on_conn!(self.scope, conn => E::insert_many(rows).exec_without_returning(conn).await)?;
        Ok(())
    }

    /// Writes many whole rows at once; of those whose key is there already it sets `columns` only. For batches of rows that
    /// were read, and locked, before.
    pub async fn overwrite_many<E>(
        &self,
        rows: Vec<E::ActiveModel>,
        columns: &[E::Column],
    ) -> Result<(), StoreError>
    where
        E: TenantEntity,
        E::ActiveModel: Send,
    {
        if rows.is_empty() {
            return Ok(());
        }
        let rows = rows.into_iter().map(|row| self.ours::<E>(row.reset_all()));
        let key = E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column);
        let conflict = OnConflict::columns(key).update_columns(columns.iter().copied()).to_owned();
        let insert = E::insert_many(rows).on_conflict(conflict);
        on_conn!(self.scope, conn => insert.exec_without_returning(conn).await)?;
        Ok(())
    }

    /// Makes sure that there is a row with that key and holds it, behind everybody else who does, until this transaction
    /// ends. What stands there stays. For rows that several may make and change at the same moment: read it after this.
    pub async fn hold<E>(&self, row: E::ActiveModel) -> Result<(), StoreError>
    where
        E: TenantEntity,
        E::ActiveModel: Send,
    {
        // Writing the tenant onto itself changes nothing and locks the row.
        self.overwrite_many::<E>(vec![row], &[E::tenant_column()]).await
    }

    /// Adds a row to a table of the installation itself.
    pub async fn insert_installation<E>(
        &self,
        row: impl IntoActiveModel<E::ActiveModel>,
    ) -> Result<(), StoreError>
    where
        E: EntityTrait,
        E::ActiveModel: Send,
    {
        on_conn!(self.scope, conn => E::insert(row.into_active_model()).exec_without_returning(conn).await)?;
        Ok(())
    }

    /// Begins a change of the tenant's rows of `E`.
    pub fn update<E: TenantEntity>(&self) -> Update<'_, E> {
        let update = E::update_many();
        let update = match self.scope.tenant() {
            Some(tenant) => update.filter(E::tenant_column().eq(tenant)),
            None => update,
        };
        Update { scope: &self.scope, update }
    }

    /// Begins a change of rows of a table of the installation itself.
    pub fn update_installation<E: EntityTrait>(&self) -> Update<'_, E> {
        Update { scope: &self.scope, update: E::update_many() }
    }

    /// Begins a deletion of the tenant's rows of `E`.
    pub fn delete<E: TenantEntity>(&self) -> Delete<'_, E> {
        let delete = E::delete_many();
        let delete = match self.scope.tenant() {
            Some(tenant) => delete.filter(E::tenant_column().eq(tenant)),
            None => delete,
        };
        Delete { scope: &self.scope, delete }
    }

    /// Tells a fact to whoever listens: each listener gets a job of its own, in this transaction.
    pub async fn publish<T: Event>(&mut self, event: &T) -> Result<(), StoreError> {
        let payload = serde_json::to_value(event).map_err(|error| sea_orm::DbErr::Json(error.to_string()))?;
        let id: EventId = self.cx.fresh_id();
        self.insert::<outbox_events::Entity>(outbox_events::ActiveModel {
            tenant_id: Set(self.tenant()),
            id: Set(id),
            name: Set(T::NAME.to_owned()),
            at: Set(self.cx.now),
            payload: Set(JsonText(payload.clone())),
        })
        .await?;
        for kind in self.store.listeners(T::NAME).collect::<Vec<_>>() {
            self.enqueue(
                kind,
                self.cx.now,
                &serde_json::json!({ "event": id, "name": T::NAME, "payload": payload }),
            )
            .await?;
        }
        self.events.push(T::NAME);
        Ok(())
    }

    /// Leaves work for later: a job of `kind`, due at `due`. It runs at least once after this transaction commits.
    pub async fn enqueue(
        &self,
        kind: &str,
        due: Timestamp,
        payload: &impl Serialize,
    ) -> Result<Uuid, StoreError> {
        let payload =
            serde_json::to_value(payload).map_err(|error| sea_orm::DbErr::Json(error.to_string()))?;
        let id: Uuid = self.cx.fresh_id();
        self.insert::<jobs::Entity>(jobs::ActiveModel {
            tenant_id: Set(self.tenant()),
            id: Set(id),
            kind: Set(kind.to_owned()),
            payload: Set(JsonText(payload)),
            due: Set(due),
            attempts: Set(0),
            lease_until: Set(Timestamp::EPOCH),
            last_error: Set(None),
            dead_at: Set(None),
            created_at: Set(self.cx.now),
        })
        .await?;
        Ok(id)
    }

    /// Adds an audit entry beside the one that [`Tx::commit`] wants, when one act is several.
    pub fn record(&mut self, entry: AuditEntry) {
        self.entries.push((self.cx.actor.clone(), entry));
    }

    /// What follows is done by `actor`: a batch that keeps what many devices told is one transaction of many actors.
    pub fn act_as(&mut self, actor: Actor) {
        self.cx.actor = actor;
    }

    /// Makes it all happen, with its trail.
    pub async fn commit(mut self, entry: AuditEntry) -> Result<(), StoreError> {
        self.record(entry);
        self.finish().await
    }

    /// Makes it happen without a trail. For bookkeeping that is no act of anybody: a job's lease, a session's last use, a
    /// device's heartbeat. `why` is for the reader of the code.
    pub async fn commit_bookkeeping(self, why: &'static str) -> Result<(), StoreError> {
        tracing::trace!(why, "commit without audit entry");
        self.finish().await
    }

    async fn finish(mut self) -> Result<(), StoreError> {
        let tenant = self.tenant();
        let rows: Vec<_> = std::mem::take(&mut self.entries)
            .into_iter()
            .map(|(actor, entry)| {
                let (kind, target, name) = match entry.target {
                    Some(target) => (Some(target.kind), Some(target.id), Some(target.name)),
                    None => (None, None, None),
                };
                audit_entries::ActiveModel {
                    tenant_id: Set(tenant),
                    id: Set(self.cx.fresh_id()),
                    at: Set(self.cx.now),
                    actor_id: Set(tables_actor_id(&actor)),
                    actor: Set(JsonText(actor)),
                    action: Set(entry.action.to_owned()),
                    outcome: Set(JsonText(entry.outcome)),
                    target_kind: Set(kind),
                    target_id: Set(target),
                    target_name: Set(name),
                    decision: Set(JsonText(entry.decision)),
                    details: Set(JsonText(entry.details)),
                    request: Set(self.cx.request),
                    address: Set(self.cx.address.map(|address| address.to_string())),
                }
            })
            .collect();
        let pending = rows
            .iter()
            .map(|row: &audit_entries::ActiveModel| audit_pending::ActiveModel {
                tenant_id: row.tenant_id.clone(),
                id: row.id.clone(),
            })
            .collect();
        self.insert_many::<audit_entries::Entity>(rows).await?;
        self.insert_many::<audit_pending::Entity>(pending).await?;
        match self.scope.into_conn() {
            Conn::Tx(tx) => tx.commit().await?,
            Conn::Pool(_) => {
                return Err(StoreError::Unusable("a write was begun outside a transaction".to_owned()));
            }
        }
        self.store.tell_changed(Changed { tenant, events: self.events, from_afar: false });
        Ok(())
    }
}

fn tables_actor_id(actor: &Actor) -> Option<Uuid> {
    match actor {
        Actor::Person { id } | Actor::Token { id, .. } => Some(id.uuid()),
        Actor::Guest { id } => Some(*id),
        Actor::Device { id } => Some(id.uuid()),
        Actor::Nobody | Actor::System { .. } => None,
    }
}

/// The wait before try number `attempts` + 1: doubling from 5 seconds to an hour.
pub(crate) fn backoff(attempts: i64) -> Duration {
    Duration::from_secs(5_u64.saturating_mul(1 << attempts.clamp(0, 10)).min(3600))
}
