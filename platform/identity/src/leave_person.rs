//! Somebody leaves: access ends at once, everywhere; a month later the rest is deleted. Until then it can be undone.

use sea_orm::ColumnTrait;
use sekisho_kernel::{AuditEntry, Cx, FieldError, PersonId, Timestamp};
use sekisho_storage::jobs::{Handlers, JobError};
use sekisho_storage::{JsonText, StoreError, Tx, Update};
use serde::{Deserialize, Serialize};
use std::time::Duration;

use crate::administrator::Administrator;
use crate::error::refusals;
use crate::events::{PersonDeleted, PersonLeft, PersonReturned};
use crate::invite_person::taken;
use crate::links::withdraw_links;
use crate::people::{mail_blind, number_blind, opened};
use crate::person::PersonState;
use crate::sessions::end_access;
use crate::tables::people::{Column, Entity};
use crate::tables::{codes, links, locks, sessions, tokens};
use crate::{Broken, Identity, badges, recovery_codes, totp};

/// The job that deletes a leaver.
pub const DELETE_PERSON: &str = "identity.delete_person";

refusals! {
    /// Why nobody left or came back.
    LeavePersonError {
        /// No such person in this state.
        Missing => Missing, "error-missing", "there is no such person";
        /// Who is signed in cannot remove themselves.
        Oneself => Refused, "identity-leave-oneself", "nobody removes themselves";
        /// Somebody else has the mail address or ID number by now.
        Taken(field: FieldError) => Invalid(vec![field.clone()]), "error-invalid", "somebody else has it by now";
    }
}

#[derive(Serialize, Deserialize)]
struct Deletion {
    person: PersonId,
}

impl Identity {
    /// Ends somebody's access at once: sessions, tokens, badges, PIN, codes, links and memberships; the policy refuses them
    /// whatever grants remain.
    pub async fn leave_person(
        &self,
        cx: &Cx,
        by: Administrator,
        person: PersonId,
    ) -> Result<Timestamp, LeavePersonError> {
        if by.person == Some(person) {
            return Err(LeavePersonError::Oneself);
        }
        let tenant = self.tenant(cx).await?;
        let mut tx = self.store().begin(cx).await?;
        let row = self.row(&tx, person).await?.filter(|row| row.state.0 == PersonState::Active);
        let row = row.ok_or(LeavePersonError::Missing)?;
        let delete_at =
            cx.now.plus(Duration::from_secs(u64::from(tenant.settings.keep_leavers_days) * 86_400));
        end_access(&mut tx, &row).await?;
        tx.update::<Entity>()
            .set(Column::State, JsonText(PersonState::Left))
            .set(Column::MailBlind, Option::<Vec<u8>>::None)
            .set(Column::NumberBlind, Option::<Vec<u8>>::None)
            .set(Column::Pin, Option::<Vec<u8>>::None)
            .set(Column::LeftAt, cx.now)
            .set(Column::DeleteAt, delete_at)
            .filter(Column::Id.eq(person))
            .exec()
            .await?;
        badges::delete(&tx, person).await?;
        withdraw_links(&tx, person, None).await?;
        tx.delete::<codes::Entity>().filter(codes::Column::Person.eq(person)).exec().await?;
        self.remove_from_all_groups(&mut tx, person).await?;
        self.policy().bar(&mut tx, person, true).await?;
        tx.enqueue(DELETE_PERSON, delete_at, &Deletion { person }).await?;
        tx.publish(&PersonLeft { person }).await?;
        tx.commit(AuditEntry::done("person.leave").on("person", person, "").with("delete_at", delete_at))
            .await?;
        Ok(delete_at)
    }

    /// Undoes a leaving before the deletion. Groups and badges are given anew by hand: what changed meanwhile is unknown.
    pub async fn return_person(
        &self,
        cx: &Cx,
        _by: Administrator,
        person: PersonId,
    ) -> Result<(), LeavePersonError> {
        let keys = self.keys(cx.tenant).await?;
        let mut tx = self.store().begin(cx).await?;
        let row = self.row(&tx, person).await?.filter(|row| row.state.0 == PersonState::Left);
        let row = row.ok_or(LeavePersonError::Missing)?;
        let mail = opened(&keys, "mail", person, row.mail.as_ref())?;
        let number = opened(&keys, "number", person, row.number.as_ref())?;
        tx.update::<Entity>()
            .set(Column::State, JsonText(PersonState::Active))
            .set(Column::MailBlind, mail.map(|mail| mail_blind(&keys, &mail)))
            .set(Column::NumberBlind, number.map(|number| number_blind(&keys, &number)))
            .set(Column::LeftAt, Option::<Timestamp>::None)
            .set(Column::DeleteAt, Option::<Timestamp>::None)
            .filter(Column::Id.eq(person))
            .exec()
            .await
            .map_err(|error| taken(&error).map_or_else(|| error.into(), LeavePersonError::Taken))?;
        self.policy().bar(&mut tx, person, false).await?;
        tx.publish(&PersonReturned { person }).await?;
        tx.commit(AuditEntry::done("person.return").on("person", person, "")).await?;
        Ok(())
    }

    /// Deletes a leaver whose time has come; tells whether there was one. Somebody who came back, or left again later, is
    /// left alone.
    pub async fn delete_person(&self, cx: &Cx, person: PersonId) -> Result<bool, Broken> {
        let mut tx = self.store().begin(cx).await?;
        let due = self.row(&tx, person).await?.is_some_and(|row| {
            row.state.0 == PersonState::Left && row.delete_at.is_some_and(|at| at <= cx.now)
        });
        if !due {
            return Ok(false);
        }
        forget(&tx, person).await?;
        tx.publish(&PersonDeleted { person }).await?;
        tx.commit(AuditEntry::done("person.delete").on("person", person, "")).await?;
        Ok(true)
    }

    /// The jobs of this room.
    pub fn jobs(&self, handlers: &mut Handlers) {
        let identity = self.clone();
        handlers.on(DELETE_PERSON, move |cx: Cx, job: sekisho_storage::jobs::Job| {
            let identity = identity.clone();
            async move {
                let Deletion { person } = job.read()?;
                identity
                    .delete_person(&cx, person)
                    .await
                    .map_err(|error| JobError::Again(error.to_string()))?;
                Ok(())
            }
        });
    }

    async fn remove_from_all_groups(&self, tx: &mut Tx, person: PersonId) -> Result<(), Broken> {
        for group in self.groups_of(tx, person).await? {
            self.remove_member(tx, group.id, person).await?;
        }
        Ok(())
    }
}

/// Sets everything personal in a row to nothing.
pub(crate) fn overwritten(rows: Update<'_, Entity>) -> Update<'_, Entity> {
    let none = || Option::<Vec<u8>>::None;
    rows.set(Column::State, JsonText(PersonState::Deleted))
        .set(Column::Name, "")
        .set(Column::Kana, Option::<String>::None)
        .set(Column::Reading, "")
        .set(Column::Mail, none())
        .set(Column::MailBlind, none())
        .set(Column::Phone, none())
        .set(Column::Number, none())
        .set(Column::NumberBlind, none())
        .set(Column::Password, none())
        .set(Column::Pin, none())
}

/// Overwrites everything personal; the id stays, for history.
async fn forget(tx: &Tx, person: PersonId) -> Result<(), StoreError> {
    overwritten(tx.update::<Entity>()).filter(Column::Id.eq(person)).exec().await?;
    totp::delete(tx, person).await?;
    recovery_codes::delete(tx, person).await?;
    badges::delete(tx, person).await?;
    tx.delete::<sessions::Entity>().filter(sessions::Column::Person.eq(person)).exec().await?;
    tx.delete::<tokens::Entity>().filter(tokens::Column::Person.eq(person)).exec().await?;
    tx.delete::<links::Entity>().filter(links::Column::Person.eq(person)).exec().await?;
    tx.delete::<codes::Entity>().filter(codes::Column::Person.eq(person)).exec().await?;
    tx.delete::<locks::Entity>().filter(locks::Column::Person.eq(person)).exec().await?;
    Ok(())
}
