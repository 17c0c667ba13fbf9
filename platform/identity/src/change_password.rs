//! Changing one's own password: the current one is asked for, every other session and all tokens end.

use sea_orm::ColumnTrait;
use sekisho_crypto::{Secret, password};
use sekisho_kernel::{AuditEntry, Cx, FieldError, PersonId};
use sekisho_storage::Tx;
use uuid::Uuid;

use crate::attempts::{self, Factor};
use crate::error::refusals;
use crate::events::PasswordSet;
use crate::password_rules::judge;
use crate::people::{opened, place};
use crate::sessions::end_access;
use crate::tables::people::{Column, Entity, Model};
use crate::tables::sessions;
use crate::{Broken, Identity};

refusals! {
    /// Why the password was not changed.
    ChangePasswordError {
        /// No such active person.
        Missing => Missing, "error-missing", "there is no such person";
        /// The current password is wrong.
        Wrong => Invalid(vec![FieldError { field: "current", text: "identity-password-current-wrong" }]), "identity-password-current-wrong", "the current password is wrong";
        /// Too many wrong ones; a mail says how to unlock.
        Locked => Refused, "identity-password-locked", "too many wrong passwords";
        /// The new one is too weak.
        Weak(text: &'static str) => Invalid(vec![FieldError { field: "password", text }]), "error-invalid", "the new password is too weak";
    }
}

impl Identity {
    /// Changes the person's own password. The session at hand goes on, all others end.
    pub async fn change_password(
        &self,
        cx: &Cx,
        person: PersonId,
        session: Option<Uuid>,
        current: &Secret,
        new: &Secret,
    ) -> Result<(), ChangePasswordError> {
        let keys = self.keys(cx.tenant).await?;
        let row = {
            let scope = self.read(cx).await?;
            if attempts::is_locked(&scope, person, Factor::Password).await? {
                return Err(ChangePasswordError::Locked);
            }
            self.active(&scope, Column::Id.eq(person)).await?.ok_or(ChangePasswordError::Missing)?
        };
        let stored = opened(&keys, "password", person, row.password.as_ref())?;
        if !password::verify_or_decoy(current, stored.as_deref()).await? {
            let mut tx = self.store().begin(cx).await?;
            attempts::hold(&tx, person).await?;
            let locked = attempts::wrong(self, &mut tx, person, Factor::Password).await?;
            tx.commit(AuditEntry::refused("person.password_change").on("person", person, "")).await?;
            return Err(if locked { ChangePasswordError::Locked } else { ChangePasswordError::Wrong });
        }
        let hash = self.new_password(&row, new).await?.map_err(ChangePasswordError::Weak)?;
        let mut tx = self.store().begin(cx).await?;
        attempts::hold(&tx, person).await?;
        let row = self.active(&tx, Column::Id.eq(person)).await?.ok_or(ChangePasswordError::Missing)?;
        self.set_password(&mut tx, &row, &hash).await?;
        if let Some(session) = session {
            // The session in whose hands the change was made goes on under the new stamp.
            tx.update::<sessions::Entity>()
                .set(sessions::Column::EndedAt, Option::<sekisho_kernel::Timestamp>::None)
                .set(sessions::Column::Stamp, row.stamp + 1)
                .filter(sessions::Column::Id.eq(session))
                .filter(sessions::Column::Person.eq(person))
                .exec()
                .await?;
        }
        tx.commit(AuditEntry::done("person.password_change").on("person", person, "")).await?;
        Ok(())
    }

    /// Judges and hashes a new password, outside any transaction: hashing takes its time.
    pub(crate) async fn new_password(
        &self,
        row: &Model,
        new: &Secret,
    ) -> Result<Result<Secret, &'static str>, Broken> {
        let keys = self.keys(row.tenant_id).await?;
        let mail = opened(&keys, "mail", row.id, row.mail.as_ref())?.unwrap_or_default();
        let kana = row.kana.clone().unwrap_or_default();
        if let Err(weak) = judge(new.expose(), &[&mail, &row.name, &kana]) {
            return Ok(Err(weak.text()));
        }
        Ok(Ok(Secret::new(password::hash(new).await?)))
    }

    /// Writes the hash, forgets wrong tries and ends everything that was opened with the old password.
    pub(crate) async fn set_password(&self, tx: &mut Tx, row: &Model, hash: &Secret) -> Result<(), Broken> {
        let keys = self.keys(row.tenant_id).await?;
        let sealed = keys.seal_secret(&place("password", row.id), hash.expose().as_bytes());
        tx.update::<Entity>()
            .set(Column::Password, sealed)
            .set(Column::PasswordSetAt, tx.cx().now)
            .filter(Column::Id.eq(row.id))
            .exec()
            .await?;
        attempts::right(tx, row.id, Factor::Password).await?;
        end_access(tx, row).await?;
        tx.publish(&PasswordSet { person: row.id, first: row.password.is_none() }).await?;
        Ok(())
    }
}
