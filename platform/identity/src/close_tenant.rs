//! Closing a tenant for good: nobody gets in any more, and what it knew of people is overwritten. The host destroys the
//! keys afterwards, which makes whatever was sealed unreadable, in backups too.

use sekisho_kernel::{Actor, AuditEntry, Cx, TenantId};
use sekisho_storage::Event;
use sekisho_storage::tables::{jobs, outbox_events};
use serde::{Deserialize, Serialize};

use crate::Identity;
use crate::error::refusals;
use crate::leave_person::overwritten;
use crate::settings::TenantState;
use crate::tables::{
    badges, codes, links, locks, people, recovery_codes, sessions, throttles, tokens, totps,
};

refusals! {
    /// Why a tenant was not closed.
    CloseTenantError {
        /// Only the operator of the installation may, at the command line.
        Denied => Denied, "error-denied", "only the operator closes a tenant";
        /// It is closed already.
        Closed => Conflict, "error-conflict", "the tenant is closed already";
    }
}

/// A tenant was closed.
#[derive(Debug, Serialize, Deserialize)]
pub struct TenantClosed {
    /// Which.
    pub tenant: TenantId,
}
impl Event for TenantClosed {
    const NAME: &'static str = "identity.tenant_closed";
}

impl Identity {
    /// Closes the context's tenant: sessions, tokens, links and badges end, everybody's name and addresses are overwritten,
    /// what waits to be told is dropped, its host names are free. Ids stay, for the record. It cannot be undone.
    pub async fn close_tenant(&self, cx: &Cx) -> Result<(), CloseTenantError> {
        if !matches!(cx.actor, Actor::System { .. }) {
            return Err(CloseTenantError::Denied);
        }
        let tenant = self.tenant(cx).await?;
        if tenant.state == TenantState::Closed {
            return Err(CloseTenantError::Closed);
        }
        let mut tx = self.store().begin(cx).await?;
        self.mark_closed(&tx).await?;
        let people = overwritten(tx.update::<people::Entity>()).exec().await?;
        tx.delete::<sessions::Entity>().exec().await?;
        tx.delete::<tokens::Entity>().exec().await?;
        tx.delete::<links::Entity>().exec().await?;
        tx.delete::<codes::Entity>().exec().await?;
        tx.delete::<totps::Entity>().exec().await?;
        tx.delete::<recovery_codes::Entity>().exec().await?;
        tx.delete::<badges::Entity>().exec().await?;
        tx.delete::<locks::Entity>().exec().await?;
        tx.delete::<throttles::Entity>().exec().await?;
        tx.delete::<jobs::Entity>().exec().await?;
        tx.delete::<outbox_events::Entity>().exec().await?;
        tx.publish(&TenantClosed { tenant: cx.tenant }).await?;
        let entry = AuditEntry::done("tenant.erase").on("tenant", cx.tenant, tenant.name.clone());
        tx.commit(entry.with("people", people)).await?;
        Ok(())
    }
}
