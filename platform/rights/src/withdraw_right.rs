//! Somebody withdraws a right, or takes the withdrawal back.

use sekisho_kernel::{AuditEntry, Cx};
use sekisho_policy::{Grant, GrantId};

use crate::give_right::described;
use crate::{Rights, RightsError};

impl Rights {
    /// Withdraws a grant; whoever used it is refused from the next question on.
    pub async fn withdraw(&self, cx: &Cx, id: GrantId) -> Result<(), RightsError> {
        let entry = self.entry(cx, "grant.withdraw", id).await?;
        let mut tx = self.store.begin(cx).await?;
        self.policy.withdraw(&mut tx, id).await?;
        Ok(tx.commit(entry).await?)
    }

    /// Takes a withdrawal back.
    pub async fn reinstate(&self, cx: &Cx, id: GrantId) -> Result<(), RightsError> {
        let entry = self.entry(cx, "grant.reinstate", id).await?;
        let mut tx = self.store.begin(cx).await?;
        self.policy.reinstate(&mut tx, id).await?;
        Ok(tx.commit(entry).await?)
    }

    /// The entry of a change to a grant, once the actor may make it. A grant that one may not see is missing.
    async fn entry(&self, cx: &Cx, action: &'static str, id: GrantId) -> Result<AuditEntry, RightsError> {
        let terms = self.visible(cx, id).await?.terms;
        let about = self.name_of(&self.store.read(cx.tenant).await?, &terms.target).await?;
        let Some(standing) = self.standing(cx, terms.right, &terms.target).await? else {
            let entry = described(AuditEntry::refused(action), terms.subject, terms.right, &terms.target);
            self.store.begin(cx).await?.commit(entry.on("grant", id, about)).await?;
            return Err(RightsError::MayNotGive);
        };
        let entry = described(AuditEntry::done(action), terms.subject, terms.right, &terms.target);
        Ok(entry.on("grant", id, about).decided(standing))
    }

    /// A grant, for whoever may see it: administrators, who manages its target, and whom it is given to.
    pub(crate) async fn visible(&self, cx: &Cx, id: GrantId) -> Result<Grant, RightsError> {
        let scope = self.store.read(cx.tenant).await?;
        let grant = self.policy.find_grant(&scope, id).await?;
        drop(scope);
        let own = match (cx.actor.person(), grant.terms.subject) {
            (Some(person), sekisho_policy::Subject::Person(id)) => id == person,
            (Some(person), sekisho_policy::Subject::Group(id)) => {
                self.policy.groups_of(cx, person).await?.contains(&id)
            }
            (None, _) => false,
        };
        let manages = self.standing(cx, sekisho_policy::Right::View, &grant.terms.target).await?.is_some();
        if own || manages { Ok(grant) } else { Err(sekisho_policy::PolicyError::NoSuchGrant.into()) }
    }
}
