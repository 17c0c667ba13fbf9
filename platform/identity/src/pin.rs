//! The PIN for boxes: 4 to 8 digits, stored as a keyed hash (a slow hash would not help so few digits; the key does),
//! locked after three wrong ones in a row.

use sea_orm::ColumnTrait;
use sekisho_crypto::{Secret, TenantKeys, equal};
use sekisho_kernel::{AuditEntry, Cx, PersonId};
use sekisho_storage::Tx;

use crate::attempts::{self, Factor};
use crate::error::refusals;
use crate::events::PersonChanged;
use crate::person::read_number;
use crate::tables::people::{Column, Entity};
use crate::{Broken, Identity};

refusals! {
    /// Why the PIN was not changed.
    PinError {
        /// No such active person.
        Missing => Missing, "error-missing", "there is no such person";
        /// Who one is has to be proved again first.
        StepUp => Denied, "identity-step-up-needed", "a fresh proof is needed";
        /// Not 4 to 8 digits, or one everybody tries first.
        Bad => Invalid(vec![sekisho_kernel::FieldError { field: "pin", text: "identity-pin-bad" }]), "identity-pin-bad", "the PIN is not good enough";
    }
}

/// The outcome of a check. Commit the transaction whatever it says, or the count of wrong tries is lost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub enum PinCheck {
    /// It is the person's PIN.
    Right,
    /// It is not.
    Wrong,
    /// Too many wrong ones in a row.
    Locked,
    /// The person has none.
    NoPin,
}

impl Identity {
    /// Sets the person's PIN, or with an empty text removes it: with a badge it opens boxes
    /// ([`Identity::may_change_credentials`]).
    pub async fn set_pin(&self, cx: &Cx, person: PersonId, pin: &Secret) -> Result<(), PinError> {
        if !self.may_change_credentials(cx, person).await? {
            let known = self.is_active(&self.read(cx).await?, person).await?;
            return Err(if known { PinError::StepUp } else { PinError::Missing });
        }
        let keys = self.keys(cx.tenant).await?;
        let removes = pin.expose().trim().is_empty();
        let digits = if removes {
            None
        } else {
            Some(read_number(pin.expose()).filter(|pin| !easy(pin)).ok_or(PinError::Bad)?)
        };
        let mut tx = self.store().begin(cx).await?;
        let changed = tx
            .update::<Entity>()
            .set(Column::Pin, digits.as_deref().map(|digits| mac(&keys, person, digits)))
            .filter(Column::Id.eq(person))
            .exec()
            .await?;
        if changed == 0 {
            return Err(PinError::Missing);
        }
        attempts::right(&tx, person, Factor::Pin).await?;
        let what = if removes { "pin_removed" } else { "pin_set" };
        tx.publish(&PersonChanged { person, what: what.to_owned() }).await?;
        let action = if removes { "person.pin_remove" } else { "person.pin_set" };
        tx.commit(AuditEntry::done(action).on("person", person, "")).await?;
        Ok(())
    }

    /// Whether the person has a PIN, and is asked for it at a box after their badge.
    pub async fn has_pin(
        &self,
        scope: &impl sekisho_storage::Scoped,
        person: PersonId,
    ) -> Result<bool, Broken> {
        Ok(self.active(scope, Column::Id.eq(person)).await?.is_some_and(|row| row.pin.is_some()))
    }

    /// Checks a PIN typed at a box, counting wrong ones.
    pub async fn verify_pin(
        &self,
        tx: &mut Tx,
        person: PersonId,
        typed: &Secret,
    ) -> Result<PinCheck, Broken> {
        let keys = self.keys(tx.cx().tenant).await?;
        attempts::hold(tx, person).await?;
        if attempts::is_locked(tx, person, Factor::Pin).await? {
            return Ok(PinCheck::Locked);
        }
        let Some(stored) = self.active(tx, Column::Id.eq(person)).await?.and_then(|row| row.pin) else {
            return Ok(PinCheck::NoPin);
        };
        let same =
            read_number(typed.expose()).is_some_and(|digits| equal(&mac(&keys, person, &digits), &stored));
        if same {
            attempts::right(tx, person, Factor::Pin).await?;
            return Ok(PinCheck::Right);
        }
        attempts::count_failure(tx).await?;
        Ok(if attempts::wrong(self, tx, person, Factor::Pin).await? {
            PinCheck::Locked
        } else {
            PinCheck::Wrong
        })
    }
}

fn mac(keys: &TenantKeys, person: PersonId, digits: &str) -> Vec<u8> {
    keys.mac("person.pin", format!("{person}:{digits}").as_bytes()).to_vec()
}

/// One digit over and over, or a run up or down.
fn easy(pin: &str) -> bool {
    let bytes = pin.as_bytes();
    [0_i16, 1, -1].iter().any(|step| {
        bytes.iter().zip(bytes.iter().skip(1)).all(|(a, b)| i16::from(*b) - i16::from(*a) == *step)
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn refuses_the_easiest() {
        for pin in ["0000", "1234", "98765"] {
            assert!(super::easy(pin), "{pin}");
        }
        for pin in ["1357", "0420", "1233"] {
            assert!(!super::easy(pin), "{pin}");
        }
    }
}
