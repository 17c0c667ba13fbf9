//! Somebody gives a right.

use sekisho_kernel::{AuditEntry, Cx};
use sekisho_policy::{GrantId, NewGrant, Right, Subject, Target};
use sekisho_storage::Scoped;

use crate::{Rights, RightsError};

impl Rights {
    /// Gives a right. Administrators give any; who holds *manage* on a resource lends it.
    ///
    /// # Errors
    /// [`RightsError::MayNotGive`], which is recorded too.
    pub async fn give(&self, cx: &Cx, new: NewGrant) -> Result<GrantId, RightsError> {
        let Some(standing) = self.standing(cx, new.right, &new.target).await? else {
            let entry = described(AuditEntry::refused("grant.give"), new.subject, new.right, &new.target);
            self.store.begin(cx).await?.commit(entry).await?;
            return Err(RightsError::MayNotGive);
        };
        let entry = described(AuditEntry::done("grant.give"), new.subject, new.right, &new.target)
            .with("terms", &new)
            .decided(standing);
        let mut tx = self.store.begin(cx).await?;
        let about = self.name_of(&tx, &new.target).await?;
        let id = self.policy.grant(&mut tx, new).await?;
        tx.commit(entry.on("grant", id, about)).await?;
        Ok(id)
    }

    /// The name under which the record shows a grant: that of the resource it is about; none when it is about many.
    pub(crate) async fn name_of(&self, scope: &impl Scoped, target: &Target) -> Result<String, RightsError> {
        let Target::Resource { id } = target else { return Ok(String::new()) };
        let known = self.policy.named(scope, &[*id]).await?.remove(id);
        Ok(known.map(|resource| resource.name).unwrap_or_default())
    }
}

/// Names what a grant is about, so that the record can be searched by person and by thing.
pub(crate) fn described(entry: AuditEntry, subject: Subject, right: Right, target: &Target) -> AuditEntry {
    entry.with("subject", subject).with("right", right).with("target", target)
}
