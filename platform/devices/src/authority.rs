//! A tenant's authority for device certificates, and the key that signs its commands. Made when first needed.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;
use sekisho_crypto::certificates::Authority;
use sekisho_crypto::{CryptoError, Place, SigningKey};
use sekisho_kernel::{Actor, AuditEntry, Cx, TenantId};
use sekisho_storage::{Scoped, StoreError};
use uuid::Uuid;

use crate::tables::devices_authorities::{ActiveModel, Column, Entity, Model};
use crate::{DeviceError, Devices};

const TABLE: &str = "devices_authorities";
/// An authority outlives the devices it signs for; a new generation is made long before its end.
const YEARS: u32 = 20;

/// What a tenant signs with.
pub(crate) struct Signer {
    /// Signs certificates.
    pub(crate) authority: Authority,
    /// Signs commands.
    pub(crate) commands: SigningKey,
}

/// Signers in memory, by tenant.
#[derive(Default)]
pub(crate) struct Authorities(RwLock<HashMap<TenantId, Arc<Signer>>>);

impl Devices {
    /// What the tenant signs with; made on first use, in a transaction of its own, so that it stays whatever becomes of
    /// the caller's. Call it before beginning a write: on SQLite there is one writer.
    pub(crate) async fn signer(&self, cx: &Cx) -> Result<Arc<Signer>, DeviceError> {
        let held =
            self.0.authorities.0.read().unwrap_or_else(PoisonError::into_inner).get(&cx.tenant).cloned();
        if let Some(signer) = held {
            return Ok(signer);
        }
        let row = match self.authority_row(cx).await? {
            Some(row) => row,
            None => self.make_authority(cx).await?,
        };
        let signer = Arc::new(self.open_signer(&row).await?);
        self.0
            .authorities
            .0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(cx.tenant, signer.clone());
        Ok(signer)
    }

    async fn authority_row(&self, cx: &Cx) -> Result<Option<Model>, StoreError> {
        newest(&self.store().read(cx.tenant).await?).await
    }

    async fn make_authority(&self, cx: &Cx) -> Result<Model, DeviceError> {
        let keys = self.vault().keys(cx.tenant).await?;
        let authority = Authority::generate(&format!("Sekisho {}", cx.tenant), cx.now, YEARS, &**cx.world())?;
        let commands = SigningKey::generate(&**cx.world())?;
        let (certificate, key) = authority.to_pem();
        let id: Uuid = cx.fresh_id();
        // Whoever needed a certificate first did not make the authority.
        let tx = self.store().begin(&cx.acting_as(Actor::System { name: "devices".to_owned() })).await?;
        let made = tx
            .insert::<Entity>(ActiveModel {
                tenant_id: Set(cx.tenant),
                id: Set(id),
                generation: Set(1),
                certificate: Set(certificate),
                sealed_key: Set(keys.seal_secret(&place(id, "sealed_key"), key.as_bytes())),
                sealed_command_key: Set(
                    keys.seal_secret(&place(id, "sealed_command_key"), &commands.to_pkcs8()?)
                ),
                command_key: Set(commands.public().to_vec()),
                created_at: Set(cx.now),
            })
            .await;
        match made {
            Ok(()) => {
                tx.commit(
                    AuditEntry::done("device_authority.make")
                        .on("device_authority", id, "")
                        .with("generation", 1),
                )
                .await?
            }
            // Another server was quicker; its authority is the tenant's.
            Err(error) if error.is_duplicate_of(TABLE, &["generation"]) => drop(tx),
            Err(error) => return Err(error.into()),
        }
        self.authority_row(cx).await?.ok_or(DeviceError::Crypto(CryptoError::UnknownKey))
    }

    async fn open_signer(&self, row: &Model) -> Result<Signer, DeviceError> {
        let keys = self.vault().keys(row.tenant_id).await?;
        let key = keys.open(&place(row.id, "sealed_key"), &row.sealed_key)?;
        let key = std::str::from_utf8(&key).map_err(|_| CryptoError::Malformed("an authority's key"))?;
        let commands = keys.open(&place(row.id, "sealed_command_key"), &row.sealed_command_key)?;
        Ok(Signer {
            authority: Authority::from_pem(&row.certificate, key)?,
            commands: SigningKey::from_pkcs8(&commands)?,
        })
    }
}

/// The tenant's newest authority.
async fn newest(scope: &impl Scoped) -> Result<Option<Model>, StoreError> {
    scope
        .find::<Entity>()
        .filter(Column::Generation.gt(0))
        .descending(Column::Generation)
        .limit(1)
        .one()
        .await
}

fn place(row: Uuid, column: &'static str) -> Place<'static> {
    Place { table: TABLE, column, row }
}
