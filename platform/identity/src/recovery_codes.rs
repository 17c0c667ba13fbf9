//! Recovery codes: ten, each good once, for the day the telephone is lost.

use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;
use sekisho_crypto::{Secret, TenantKeys};
use sekisho_kernel::{AuditEntry, Cx, PersonId};
use sekisho_storage::{Scoped, StoreError, Tx};

use crate::error::refusals;
use crate::events::PersonChanged;
use crate::session::{FRESH, RECOVERY_CODES};
use crate::tables::recovery_codes::{ActiveModel, Column, Entity};
use crate::{Broken, Identity};

refusals! {
    /// Why no recovery codes were made.
    RecoveryCodesError {
        /// Who one is has to be proved again first.
        StepUp => Denied, "identity-step-up-needed", "a fresh proof is needed";
    }
}

impl Identity {
    /// Makes ten codes, shown once; older ones stop working.
    pub async fn make_recovery_codes(
        &self,
        cx: &Cx,
        person: PersonId,
    ) -> Result<Vec<Secret>, RecoveryCodesError> {
        if !cx.proven_within(FRESH) {
            return Err(RecoveryCodesError::StepUp);
        }
        let keys = self.keys(cx.tenant).await?;
        let mut tx = self.store().begin(cx).await?;
        let codes = write(&mut tx, &keys, person).await?;
        tx.commit(AuditEntry::done("person.recovery_codes_make").on("person", person, "")).await?;
        Ok(codes)
    }

    /// Uses a code up; `false` when it is none or was used.
    pub(crate) async fn use_recovery_code(
        &self,
        tx: &mut Tx,
        person: PersonId,
        typed: &str,
    ) -> Result<bool, Broken> {
        let keys = self.keys(tx.cx().tenant).await?;
        let used = tx
            .update::<Entity>()
            .set(Column::UsedAt, tx.cx().now)
            .filter(Column::Person.eq(person))
            .filter(Column::Mac.eq(mac(&keys, person, typed)))
            .filter(Column::UsedAt.is_null())
            .exec()
            .await?;
        if used == 1 {
            tx.publish(&PersonChanged { person, what: "recovery_code_used".to_owned() }).await?;
            tx.record(AuditEntry::done("person.recovery_code_use").on("person", person, ""));
        }
        Ok(used == 1)
    }
}

/// Writes ten new codes in place of older ones; the caller records it.
pub(crate) async fn write(
    tx: &mut Tx,
    keys: &TenantKeys,
    person: PersonId,
) -> Result<Vec<Secret>, StoreError> {
    delete(tx, person).await?;
    let cx = tx.cx().clone();
    let codes: Vec<Secret> = (0..RECOVERY_CODES).map(|_| code(cx.random())).collect();
    let rows = codes.iter().map(|code| ActiveModel {
        tenant_id: Set(cx.tenant),
        id: Set(cx.fresh_id()),
        person: Set(person),
        mac: Set(mac(keys, person, code.expose())),
        used_at: Set(None),
    });
    tx.insert_many::<Entity>(rows.collect()).await?;
    tx.publish(&PersonChanged { person, what: "recovery_codes_made".to_owned() }).await?;
    Ok(codes)
}

/// Unused codes.
pub(crate) async fn left(scope: &impl Scoped, person: PersonId) -> Result<u64, StoreError> {
    scope.find::<Entity>().filter(Column::Person.eq(person)).filter(Column::UsedAt.is_null()).count().await
}

pub(crate) async fn delete(tx: &Tx, person: PersonId) -> Result<(), StoreError> {
    tx.delete::<Entity>().filter(Column::Person.eq(person)).exec().await?;
    Ok(())
}

/// `abcde-fghjk`: ten letters of 32, 50 bits.
fn code(chance: [u8; 10]) -> Secret {
    let letters: String =
        data_encoding::BASE32_NOPAD.encode(&chance).to_lowercase().chars().take(10).collect();
    let (left, right) = letters.split_at(5);
    Secret::new(format!("{left}-{right}"))
}

fn mac(keys: &TenantKeys, person: PersonId, typed: &str) -> Vec<u8> {
    let letters: String = typed.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    keys.mac("person.recovery_code", format!("{person}:{letters}").as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    #[test]
    fn codes_are_two_groups_of_five() {
        let code = super::code([7; 10]);
        assert_eq!(code.expose().len(), 11);
        assert!(
            code.expose().chars().all(|c| c == '-' || c.is_ascii_lowercase() || ('2'..='7').contains(&c))
        );
    }
}
