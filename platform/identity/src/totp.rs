//! The authenticator app: enrolled with a QR code, confirmed by a first code, each code good once (RFC 6238, 5.2).

use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;
use sekisho_crypto::{Place, Secret, TenantKeys};
use sekisho_kernel::{AuditEntry, Cx, PersonId};
use sekisho_storage::{Scoped, StoreError, Tx};
use totp_rs::{Builder, Totp};
use uuid::Uuid;

use crate::error::refusals;
use crate::events::PersonChanged;
use crate::people::open_person;
use crate::session::FRESH;
use crate::tables::totps::{ActiveModel, Column, Entity, Model};
use crate::{Broken, Identity, Proof};

refusals! {
    /// Why the authenticator app was not changed.
    TotpError {
        /// No such active person.
        Missing => Missing, "error-missing", "there is no such person";
        /// The code shown is not the app's.
        Wrong => Invalid(vec![sekisho_kernel::FieldError { field: "code", text: "identity-code-wrong" }]), "identity-code-wrong", "the code is wrong";
        /// Who one is has to be proved again first.
        StepUp => Denied, "identity-step-up-needed", "a fresh proof is needed";
        /// There is one already; it has to be removed first.
        Already => Refused, "identity-totp-already", "there is an authenticator app already";
    }
}

/// What the app needs; shown once, while it is enrolled.
#[derive(Clone, Debug)]
pub struct Enrolment {
    /// Base32, for typing.
    pub secret: Secret,
    /// `otpauth://…`, for the QR code.
    pub uri: Secret,
}

impl Identity {
    /// Begins enrolment: a fresh secret, good for nothing until a code confirms it. Showing the page again shows the same,
    /// so already seeing it wants a fresh proof: whoever sits at a session left open would know what the owner confirms later.
    pub async fn begin_totp(&self, cx: &Cx, person: PersonId) -> Result<Enrolment, TotpError> {
        if !cx.proven_within(FRESH) {
            return Err(TotpError::StepUp);
        }
        self.begin_enrolment(cx, person).await
    }

    /// Begins enrolment for whoever has proved in another way who they are.
    pub(crate) async fn begin_enrolment(&self, cx: &Cx, person: PersonId) -> Result<Enrolment, TotpError> {
        let keys = self.keys(cx.tenant).await?;
        let tenant = self.tenant(cx).await?;
        let mut tx = self.store().begin(cx).await?;
        let row = self.row(&tx, person).await?.ok_or(TotpError::Missing)?;
        let account = open_person(&keys, row)?;
        let account = account.mail.unwrap_or(account.name);
        if let Some(found) = find(&tx, person).await? {
            if found.confirmed_at.is_some() {
                return Err(TotpError::Already);
            }
            return Ok(enrolment(&open(&keys, &found)?, &tenant.name, &account)?);
        }
        let secret = cx.random::<20>();
        let id: Uuid = cx.fresh_id();
        tx.insert::<Entity>(ActiveModel {
            tenant_id: Set(cx.tenant),
            id: Set(id),
            person: Set(person),
            secret: Set(keys.seal_secret(&place(id), &secret)),
            confirmed_at: Set(None),
            last_step: Set(0),
            created_at: Set(cx.now),
        })
        .await?;
        tx.publish(&PersonChanged { person, what: "totp_begun".to_owned() }).await?;
        tx.commit(AuditEntry::done("person.totp_begin").on("person", person, "")).await?;
        Ok(enrolment(&secret, &tenant.name, &account)?)
    }

    /// Confirms enrolment with a first code; a fresh proof is needed, or an open session could give itself a factor.
    pub async fn confirm_totp(&self, cx: &Cx, person: PersonId, code: &Secret) -> Result<(), TotpError> {
        if !cx.proven_within(FRESH) {
            return Err(TotpError::StepUp);
        }
        let mut tx = self.store().begin(cx).await?;
        self.add_totp(&mut tx, person, code).await?;
        tx.commit(AuditEntry::done("person.totp_add").on("person", person, "")).await?;
        Ok(())
    }

    /// Confirms enrolment within the caller's transaction; the caller records it.
    pub(crate) async fn add_totp(
        &self,
        tx: &mut Tx,
        person: PersonId,
        code: &Secret,
    ) -> Result<(), TotpError> {
        let now = tx.cx().now;
        let row =
            find(tx, person).await?.filter(|row| row.confirmed_at.is_none()).ok_or(TotpError::Missing)?;
        let keys = self.keys(row.tenant_id).await?;
        let code = digits(code.expose());
        let Some(step) = step_of(&open(&keys, &row)?, &code, now) else {
            return Err(TotpError::Wrong);
        };
        tx.update::<Entity>()
            .set(Column::ConfirmedAt, now)
            .set(Column::LastStep, step)
            .filter(Column::Id.eq(row.id))
            .exec()
            .await?;
        Ok(tx.publish(&PersonChanged { person, what: "totp_added".to_owned() }).await?)
    }

    /// Removes the person's own app; a fresh proof is needed.
    pub async fn remove_totp(&self, cx: &Cx, person: PersonId) -> Result<(), TotpError> {
        if !cx.proven_within(FRESH) {
            return Err(TotpError::StepUp);
        }
        let mut tx = self.store().begin(cx).await?;
        delete(&tx, person).await?;
        tx.publish(&PersonChanged { person, what: "totp_removed".to_owned() }).await?;
        tx.commit(AuditEntry::done("person.totp_remove").on("person", person, "")).await?;
        Ok(())
    }

    /// Checks a code and uses up its step and all before it.
    pub(crate) async fn check_totp(&self, tx: &mut Tx, person: PersonId, code: &str) -> Result<bool, Broken> {
        let Some(row) = confirmed(tx, person).await? else { return Ok(false) };
        let keys = self.keys(row.tenant_id).await?;
        let Some(step) = step_of(&open(&keys, &row)?, code, tx.cx().now) else { return Ok(false) };
        // The condition, not the row read before, decides: the same code sent twice side by side is right once.
        let used = tx
            .update::<Entity>()
            .set(Column::LastStep, step)
            .filter(Column::Id.eq(row.id))
            .filter(Column::LastStep.lt(step))
            .exec()
            .await?;
        Ok(used == 1)
    }
}

fn place(id: Uuid) -> Place<'static> {
    Place { table: "identity_totps", column: "secret", row: id }
}

fn open(keys: &TenantKeys, row: &Model) -> Result<Vec<u8>, Broken> {
    Ok(keys.open(&place(row.id), &row.secret)?.to_vec())
}

async fn find(scope: &impl Scoped, person: PersonId) -> Result<Option<Model>, StoreError> {
    scope.find::<Entity>().filter(Column::Person.eq(person)).one().await
}

/// The person's app, when its enrolment was confirmed.
pub(crate) async fn confirmed(scope: &impl Scoped, person: PersonId) -> Result<Option<Model>, StoreError> {
    Ok(find(scope, person).await?.filter(|row| row.confirmed_at.is_some()))
}

pub(crate) async fn delete(tx: &Tx, person: PersonId) -> Result<(), StoreError> {
    tx.delete::<Entity>().filter(Column::Person.eq(person)).exec().await?;
    Ok(())
}

/// Forgets an enrolment that was begun and never confirmed.
pub(crate) async fn delete_unconfirmed(tx: &Tx, person: PersonId) -> Result<(), StoreError> {
    let begun = tx.delete::<Entity>().filter(Column::Person.eq(person)).filter(Column::ConfirmedAt.is_null());
    begun.exec().await?;
    Ok(())
}

/// The digits of a code as people type it, full-width ones too.
fn digits(typed: &str) -> String {
    match Proof::typed(typed) {
        Proof::Code(code) => code.expose().to_owned(),
        Proof::Recovery(_) => String::new(),
    }
}

fn totp(secret: &[u8], issuer: &str, account: &str) -> Option<Totp> {
    let plain = |text: &str| text.replace(':', " ");
    Builder::new()
        .with_secret(secret.to_vec())
        .with_issuer(Some(plain(issuer)))
        .with_account_name(plain(account))
        .build()
        .ok()
}

fn enrolment(secret: &[u8], issuer: &str, account: &str) -> Result<Enrolment, Broken> {
    let failed = || sekisho_crypto::CryptoError::Failed("making an otpauth address");
    let uri = totp(secret, issuer, account).and_then(|totp| totp.to_url().ok()).ok_or_else(failed)?;
    Ok(Enrolment { secret: Secret::new(data_encoding::BASE32_NOPAD.encode(secret)), uri: Secret::new(uri) })
}

/// The step `code` belongs to, at most one before or after now.
fn step_of(secret: &[u8], code: &str, now: sekisho_kernel::Timestamp) -> Option<i64> {
    let seconds = u64::try_from(now.as_secs()).ok()?;
    totp(secret, "Sekisho", "person")?.check(code, seconds).and_then(|step| i64::try_from(step).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sekisho_kernel::Timestamp;

    #[test]
    fn matches_the_vectors_of_rfc_6238() {
        let secret = b"12345678901234567890";
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            let now = Timestamp::from_secs(seconds);
            assert_eq!(step_of(secret, code, now), Some(seconds / 30));
            assert_eq!(step_of(secret, code, Timestamp::from_secs(seconds + 30)), Some(seconds / 30));
            assert_eq!(step_of(secret, code, Timestamp::from_secs(seconds + 61)), None);
        }
        assert_eq!(step_of(secret, "28708", Timestamp::from_secs(59)), None);
        assert_eq!(step_of(secret, "", Timestamp::from_secs(59)), None);
    }

    #[test]
    fn the_address_names_the_tenant_and_the_person() {
        let made = enrolment(b"12345678901234567890", "Acme: Tokyo", "sato@example.jp").unwrap();
        assert!(made.uri.expose().starts_with("otpauth://totp/Acme"), "{}", made.uri.expose());
        assert_eq!(made.secret.expose(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }
}
