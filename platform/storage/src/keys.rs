//! The wrapped keys of tenants, table `tenant_keys`.

use async_trait::async_trait;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition};
use sekisho_crypto::{CryptoError, KeyId, Purpose, WrappedKey, WrappedKeys};
use sekisho_kernel::{AuditEntry, Cx, TenantId, Timestamp, World};
use std::sync::Arc;

use crate::scope::Scoped;
use crate::tables::tenant_keys::{ActiveModel, Column, Entity, Model};
use crate::{Store, StoreError};

/// [`WrappedKeys`] in the store. Making, rotating and destroying keys leave audit entries of the tenant.
pub struct StoredKeys {
    store: Store,
    world: Arc<dyn World>,
}

impl StoredKeys {
    /// Over `store`.
    pub fn new(store: Store, world: Arc<dyn World>) -> Self {
        Self { store, world }
    }

    fn cx(&self, tenant: TenantId) -> Cx {
        Cx::system(self.world.clone(), tenant, "tenant keys")
    }

    async fn insert(&self, tenant: TenantId, keys: Vec<WrappedKey>) -> Result<(), StoreError> {
        let tx = self.store.begin(&self.cx(tenant)).await?;
        for key in keys.iter().filter(|key| key.id.generation > 1) {
            tx.update::<Entity>()
                .set(Column::RetiredAt, key.created_at)
                .filter(Column::Purpose.eq(key.id.purpose.word()))
                .filter(Column::RetiredAt.is_null())
                .exec()
                .await?;
        }
        let entry = keys.iter().fold(AuditEntry::done("tenant_key.make"), |entry, key| {
            entry.with(key.id.purpose.word(), key.id.generation)
        });
        tx.insert_many::<Entity>(keys.into_iter().map(row).collect()).await?;
        tx.commit(entry).await
    }

    async fn replace(&self, tenant: TenantId, keys: Vec<WrappedKey>) -> Result<(), StoreError> {
        let tx = self.store.begin(&self.cx(tenant)).await?;
        for key in keys {
            tx.update::<Entity>()
                .set(Column::Wrapped, key.wrapped)
                .set(Column::Provider, key.provider)
                .filter(Condition::all().add(Column::Id.eq(key.id.uuid())).add(Column::DestroyedAt.is_null()))
                .exec()
                .await?;
        }
        tx.commit(AuditEntry::done("tenant_key.rewrap")).await
    }

    async fn overwrite(&self, tenant: TenantId, now: Timestamp) -> Result<(), StoreError> {
        let tx = self.store.begin(&self.cx(tenant)).await?;
        // A tenant without keys gets a mark all the same: none may be made for it later.
        if !tx.find::<Entity>().exists().await? {
            let id = KeyId { purpose: Purpose::Personal, generation: 1 };
            let mark = WrappedKey {
                tenant,
                id,
                algorithm: "none".to_owned(),
                provider: "none".to_owned(),
                wrapped: Vec::new(),
                created_at: now,
                retired_at: None,
                destroyed_at: Some(now),
            };
            tx.insert::<Entity>(row(mark)).await?;
        }
        let destroyed = tx
            .update::<Entity>()
            .set(Column::Wrapped, Vec::<u8>::new())
            .set(Column::DestroyedAt, now)
            .filter(Column::DestroyedAt.is_null())
            .exec()
            .await?;
        tx.commit(AuditEntry::done("tenant_key.destroy").with("keys", destroyed)).await
    }
}

#[async_trait]
impl WrappedKeys for StoredKeys {
    async fn load(&self, tenant: TenantId) -> Result<Vec<WrappedKey>, CryptoError> {
        let scope = self.store.read(tenant).await.map_err(kept)?;
        let rows = scope.find::<Entity>().ascending(Column::Id).all().await.map_err(kept)?;
        rows.into_iter().map(|row| wrapped(row).ok_or(CryptoError::Malformed("a tenant's key"))).collect()
    }

    async fn save(&self, keys: Vec<WrappedKey>) -> Result<bool, CryptoError> {
        let Some(tenant) = keys.first().map(|key| key.tenant) else { return Ok(true) };
        match self.insert(tenant, keys).await {
            Ok(()) => Ok(true),
            Err(StoreError::Duplicate(_)) => Ok(false),
            Err(error) => Err(kept(error)),
        }
    }

    async fn rewrap(&self, keys: Vec<WrappedKey>) -> Result<(), CryptoError> {
        let Some(tenant) = keys.first().map(|key| key.tenant) else { return Ok(()) };
        self.replace(tenant, keys).await.map_err(kept)
    }

    async fn destroy(&self, tenant: TenantId, now: Timestamp) -> Result<(), CryptoError> {
        self.overwrite(tenant, now).await.map_err(kept)
    }
}

fn kept(error: StoreError) -> CryptoError {
    CryptoError::Kept(Box::new(error))
}

fn row(key: WrappedKey) -> ActiveModel {
    ActiveModel {
        tenant_id: Set(key.tenant),
        id: Set(key.id.uuid()),
        purpose: Set(key.id.purpose.word().to_owned()),
        algorithm: Set(key.algorithm),
        provider: Set(key.provider),
        wrapped: Set(key.wrapped),
        created_at: Set(key.created_at),
        retired_at: Set(key.retired_at),
        destroyed_at: Set(key.destroyed_at),
    }
}

fn wrapped(row: Model) -> Option<WrappedKey> {
    Some(WrappedKey {
        tenant: row.tenant_id,
        id: KeyId::from_uuid(row.id)?,
        algorithm: row.algorithm,
        provider: row.provider,
        wrapped: row.wrapped,
        created_at: row.created_at,
        retired_at: row.retired_at,
        destroyed_at: row.destroyed_at,
    })
}
