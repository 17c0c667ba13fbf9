//! Badges: their serials are kept as keyed hashes only.

use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;
use sekisho_kernel::{AuditEntry, Cx, PersonId, Timestamp};
use sekisho_storage::{Scoped, StoreError, Tx};
use serde::Serialize;
use uuid::Uuid;

use crate::administrator::Administrator;
use crate::error::refusals;
use crate::events::PersonChanged;
use crate::tables::badges::{ActiveModel, Column, Entity};
use crate::tables::people;
use crate::{Broken, Identity};

refusals! {
    /// Why a badge was not added or removed.
    BadgeError {
        /// No such person or badge.
        Missing => Missing, "error-missing", "there is no such person or badge";
        /// Not 4 to 32 hexadecimal digits.
        Unreadable => Invalid(vec![sekisho_kernel::FieldError { field: "serial", text: "identity-badge-unreadable" }]), "identity-badge-unreadable", "the serial is unreadable";
        /// Who one is has to be proved again first.
        StepUp => Denied, "identity-step-up-needed", "a fresh proof is needed";
        /// Somebody has it already.
        Taken => Invalid(vec![sekisho_kernel::FieldError { field: "serial", text: "identity-badge-taken" }]), "identity-badge-taken", "somebody has this badge";
    }
}

/// A badge as it is listed; the serial cannot be read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Badge {
    /// Which.
    pub id: Uuid,
    /// What is printed on it.
    pub label: String,
    /// Since when.
    pub created_at: Timestamp,
}

/// A serial as readers spell it in many ways (`04:A2:…`, `04-a2-…`), as one.
fn read_serial(text: &str) -> Option<String> {
    let serial: String =
        text.chars().filter(|c| !matches!(c, ' ' | ':' | '-')).collect::<String>().to_ascii_uppercase();
    ((4..=32).contains(&serial.len()) && serial.chars().all(|c| c.is_ascii_hexdigit())).then_some(serial)
}

impl Identity {
    /// Gives a badge to somebody: it opens boxes ([`Identity::may_change_credentials`]).
    pub async fn add_badge(
        &self,
        cx: &Cx,
        _by: Administrator,
        person: PersonId,
        serial: &str,
        label: &str,
    ) -> Result<Uuid, BadgeError> {
        let serial = read_serial(serial).ok_or(BadgeError::Unreadable)?;
        if !self.may_change_credentials(cx, person).await? {
            let known = self.is_active(&self.read(cx).await?, person).await?;
            return Err(if known { BadgeError::StepUp } else { BadgeError::Missing });
        }
        let keys = self.keys(cx.tenant).await?;
        let mut tx = self.store().begin(cx).await?;
        if !self.is_active(&tx, person).await? {
            return Err(BadgeError::Missing);
        }
        let id: Uuid = cx.fresh_id();
        tx.insert::<Entity>(ActiveModel {
            tenant_id: Set(cx.tenant),
            id: Set(id),
            person: Set(person),
            blind: Set(keys.blind("person.badge", &serial)),
            label: Set(label.trim().chars().take(60).collect()),
            created_at: Set(cx.now),
        })
        .await
        .map_err(|error| match error.is_duplicate_of("identity_badges", &["blind"]) {
            true => BadgeError::Taken,
            false => error.into(),
        })?;
        tx.publish(&PersonChanged { person, what: "badge_added".to_owned() }).await?;
        tx.commit(AuditEntry::done("person.badge_add").on("person", person, "").with("badge", id)).await?;
        Ok(id)
    }

    /// Takes a badge away: the next presentation fails.
    pub async fn remove_badge(
        &self,
        cx: &Cx,
        _by: Administrator,
        person: PersonId,
        badge: Uuid,
    ) -> Result<(), BadgeError> {
        let mut tx = self.store().begin(cx).await?;
        let removed = tx
            .delete::<Entity>()
            .filter(Column::Id.eq(badge))
            .filter(Column::Person.eq(person))
            .exec()
            .await?;
        if removed == 0 {
            return Err(BadgeError::Missing);
        }
        tx.publish(&PersonChanged { person, what: "badge_removed".to_owned() }).await?;
        tx.commit(AuditEntry::done("person.badge_remove").on("person", person, "").with("badge", badge))
            .await?;
        Ok(())
    }

    /// The badges of a person.
    pub async fn badges(&self, scope: &impl Scoped, person: PersonId) -> Result<Vec<Badge>, StoreError> {
        let rows =
            scope.find::<Entity>().filter(Column::Person.eq(person)).ascending(Column::Id).all().await?;
        Ok(rows
            .into_iter()
            .map(|row| Badge { id: row.id, label: row.label, created_at: row.created_at })
            .collect())
    }

    /// The active person who carries the badge with this serial.
    pub async fn by_badge(
        &self,
        cx: &Cx,
        scope: &impl Scoped,
        serial: &str,
    ) -> Result<Option<PersonId>, Broken> {
        let Some(serial) = read_serial(serial) else { return Ok(None) };
        let keys = self.keys(cx.tenant).await?;
        let blind = keys.blind("person.badge", &serial);
        let Some(badge) = scope.find::<Entity>().filter(Column::Blind.eq(blind)).one().await? else {
            return Ok(None);
        };
        Ok(self.active(scope, people::Column::Id.eq(badge.person)).await?.map(|row| row.id))
    }
}

pub(crate) async fn delete(tx: &Tx, person: PersonId) -> Result<(), StoreError> {
    tx.delete::<Entity>().filter(Column::Person.eq(person)).exec().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::read_serial;

    #[test]
    fn one_badge_has_one_spelling() {
        for text in ["04a21b3c", "04:A2:1B:3C", "04-a2-1b-3c", " 04A2 1B3C"] {
            assert_eq!(read_serial(text).as_deref(), Some("04A21B3C"));
        }
        for text in ["", "04A", "xyzw", "0123456789012345678901234567890123"] {
            assert_eq!(read_serial(text), None);
        }
    }
}
