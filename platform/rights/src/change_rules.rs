//! An administrator changes the tenant's rules. The route admits administrators only.

use sekisho_kernel::{AuditEntry, Cx};

use crate::{Rights, RightsError};

impl Rights {
    /// Puts rules in force from the next question on.
    pub async fn save_rules(&self, cx: &Cx, text: &str) -> Result<i64, RightsError> {
        let mut tx = self.store.begin(cx).await?;
        let revision = self.policy.save_rules(&mut tx, text).await?;
        tx.commit(AuditEntry::done("rule.change").with("text", text).with("revision", revision)).await?;
        Ok(revision)
    }
}
