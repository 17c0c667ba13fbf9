//! Unlocking after too many wrong tries: by the mailed link, or by an administrator.

use sea_orm::ColumnTrait;
use sekisho_kernel::{Actor, AuditEntry, Cx, PersonId};
use sekisho_storage::{StoreError, Tx};

use crate::Identity;
use crate::administrator::Administrator;
use crate::error::refusals;
use crate::events::Unlocked;
use crate::links::{find_link, use_link};
use crate::session::LinkPurpose;
use crate::tables::locks;

refusals! {
    /// Why nothing was unlocked.
    UnlockError {
        /// The link is unknown, used or too old; or there is no such person.
        Missing => Missing, "identity-link-missing", "the link no longer works";
    }
}

impl Identity {
    /// Unlocks by the mailed link and uses it up.
    pub async fn unlock_by_link(&self, cx: &Cx, token: &str) -> Result<PersonId, UnlockError> {
        let person = {
            let scope = self.read(cx).await?;
            find_link(&scope, token, &[LinkPurpose::Unlock], cx.now)
                .await?
                .ok_or(UnlockError::Missing)?
                .person
        };
        let mut tx = self.store().begin(&cx.acting_as(Actor::Person { id: person })).await?;
        let link =
            find_link(&tx, token, &[LinkPurpose::Unlock], cx.now).await?.ok_or(UnlockError::Missing)?;
        if !use_link(&tx, link.id).await? {
            return Err(UnlockError::Missing);
        }
        unlock(&mut tx, person).await?;
        tx.commit(AuditEntry::done("person.unlock").on("person", person, "").with("by", "link")).await?;
        Ok(person)
    }

    /// An administrator unlocks somebody.
    pub async fn unlock_person(
        &self,
        cx: &Cx,
        _by: Administrator,
        person: PersonId,
    ) -> Result<(), UnlockError> {
        let mut tx = self.store().begin(cx).await?;
        if !self.is_active(&tx, person).await? {
            return Err(UnlockError::Missing);
        }
        unlock(&mut tx, person).await?;
        tx.commit(AuditEntry::done("person.unlock").on("person", person, "").with("by", "administrator"))
            .await?;
        Ok(())
    }
}

async fn unlock(tx: &mut Tx, person: PersonId) -> Result<(), StoreError> {
    tx.delete::<locks::Entity>().filter(locks::Column::Person.eq(person)).exec().await?;
    tx.publish(&Unlocked { person }).await
}
