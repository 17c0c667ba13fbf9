//! A tenant is erased: closed, its devices shut out, the act folded into its record, and then its keys destroyed.

use std::sync::Arc;

use sekisho_audit::{Audit, AuditError};
use sekisho_crypto::CryptoError;
use sekisho_devices::{DeviceError, Standing};
use sekisho_identity::CloseTenantError;
use sekisho_kernel::Cx;
use sekisho_storage::StoreError;

use crate::Host;
use crate::names::KnownNames;

/// Why a tenant was not erased, or not wholly.
#[derive(Debug, thiserror::Error)]
pub enum EraseTenantError {
    /// It could not be closed; nothing was erased.
    #[error(transparent)]
    Close(#[from] CloseTenantError),
    /// A device could not be shut out.
    #[error("devices")]
    Devices(#[from] DeviceError),
    /// The record could not be closed.
    #[error("the record")]
    Record(#[from] AuditError),
    /// The keys could not be destroyed.
    #[error("keys")]
    Keys(#[from] CryptoError),
    /// The store failed.
    #[error("store")]
    Store(#[from] StoreError),
}

impl Host {
    /// Erases the context's tenant by destroying its keys. Everything it sealed, in the database and in every backup, is
    /// unreadable from then on; names and other plain data about people are overwritten first. Run again after a failure
    /// it goes on where it stopped. `progress` is told each step.
    ///
    /// # Errors
    /// [`EraseTenantError`]; until the keys are destroyed, the steps done stay done.
    pub async fn erase_tenant(
        &self,
        cx: &Cx,
        mut progress: impl FnMut(&'static str),
    ) -> Result<(), EraseTenantError> {
        let foundation = self.foundation();
        progress("shutting its devices out");
        let scope = foundation.store.read(cx.tenant).await?;
        let devices = foundation.devices.devices(&scope).await?;
        drop(scope);
        for device in devices.into_iter().filter(|device| device.standing != Standing::Revoked) {
            match foundation.devices.revoke_now(&cx.later(), device.id).await {
                // Begun before and stopped after the keys went: its certificates are worth nothing anyway.
                Ok(()) | Err(DeviceError::Crypto(CryptoError::Erased)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        progress("closing it and overwriting what it knew of people");
        match foundation.identity.close_tenant(&cx.later()).await {
            // A run that stopped half way goes on.
            Ok(()) | Err(CloseTenantError::Closed) => {}
            Err(error) => return Err(error.into()),
        }
        progress("closing its record");
        let names = KnownNames {
            store: foundation.store.clone(),
            identity: foundation.identity.clone(),
            devices: foundation.devices.clone(),
            policy: foundation.policy.clone(),
        };
        let world = foundation.world.clone();
        let audit = Audit::new(foundation.store.clone(), foundation.vault.clone(), Arc::new(names), world);
        audit.sequencer.fold(cx.tenant).await?;
        progress("destroying its keys");
        foundation.vault.erase(cx.tenant).await?;
        Ok(())
    }
}
