//! The key by which push services know a tenant. A browser's subscription is bound to it, so it is made once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;
use sekisho_crypto::web_push::Vapid;
use sekisho_crypto::{CryptoError, Place};
use sekisho_kernel::{Cx, TenantId};
use sekisho_storage::Scoped;
use uuid::Uuid;

use crate::tables::notify_vapid;
use crate::{Notify, NotifyError};

/// Keys already opened.
#[derive(Default)]
pub(crate) struct Keys(Mutex<HashMap<TenantId, Arc<Vapid>>>);

const PLACE: Place<'static> = Place { table: "notify_vapid", column: "key", row: Uuid::nil() };

impl Notify {
    /// The tenant's key, made at first use.
    pub(crate) async fn vapid(&self, cx: &Cx) -> Result<Arc<Vapid>, NotifyError> {
        let Keys(known) = &self.0.vapid;
        if let Some(vapid) = known.lock().unwrap_or_else(PoisonError::into_inner).get(&cx.tenant) {
            return Ok(vapid.clone());
        }
        let keys = self.0.vault.keys(cx.tenant).await?;
        let this = notify_vapid::Column::Id.eq(Uuid::nil());
        let stored = |row: notify_vapid::Model| -> Result<_, NotifyError> {
            let opened = keys.open(&PLACE, &row.key)?;
            Ok(Arc::new(Vapid::from_pkcs8(&opened).map_err(|_| CryptoError::Malformed("push key"))?))
        };
        let found = self
            .0
            .store
            .read(cx.tenant)
            .await?
            .find::<notify_vapid::Entity>()
            .filter(this.clone())
            .one()
            .await?;
        let vapid = match found {
            Some(row) => stored(row)?,
            None => {
                let tx = self.0.store.begin(cx).await?;
                // Two may come here at once: the second finds the first one's.
                match tx.find::<notify_vapid::Entity>().filter(this).one().await? {
                    Some(row) => stored(row)?,
                    None => {
                        let fresh = Vapid::generate().map_err(|_| CryptoError::Malformed("push key"))?;
                        tx.insert::<notify_vapid::Entity>(notify_vapid::ActiveModel {
                            tenant_id: Set(cx.tenant),
                            id: Set(Uuid::nil()),
                            key: Set(keys.seal_secret(&PLACE, &fresh)),
                        })
                        .await?;
                        tx.commit_bookkeeping("a key for push services, made at first use").await?;
                        Arc::new(Vapid::from_pkcs8(&fresh).map_err(|_| CryptoError::Malformed("push key"))?)
                    }
                }
            }
        };
        known.lock().unwrap_or_else(PoisonError::into_inner).insert(cx.tenant, vapid.clone());
        Ok(vapid)
    }
}
