//! Tokens for the API: made by a person, acting as that person within scopes, until they expire or are withdrawn.

use std::time::Duration;

use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;
use sekisho_crypto::{Secret, sha256, token_text};
use sekisho_kernel::{AuditEntry, Cx, FieldError, PersonId, Timestamp};
use sekisho_storage::{JsonText, Scoped, StoreError};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Identity;
use crate::error::refusals;
use crate::events::AccessEnded;
use crate::person::read_name;
use crate::session::FRESH;
use crate::tables::tokens::{ActiveModel, Column, Entity, Model};

/// What every token begins with, so that scanners for leaked secrets know it.
pub(crate) const PREFIX: &str = "sk_";
const LONGEST_DAYS: u32 = 366;

refusals! {
    /// Why a token was not made or withdrawn.
    TokenError {
        /// No such token of this person.
        Missing => Missing, "error-missing", "there is no such token";
        /// Who one is has to be proved again first.
        StepUp => Denied, "identity-step-up-needed", "a fresh proof is needed";
        /// A token cannot make tokens: it would outlive its own withdrawal.
        ByToken => Denied, "identity-token-by-token", "a token cannot make tokens";
        /// Fields are wrong.
        Invalid(fields: Vec<FieldError>) => Invalid(fields.clone()), "error-invalid", "invalid token";
    }
}

/// A token to be made.
#[derive(Clone, Debug, Default, Deserialize, utoipa::ToSchema)]
pub struct NewToken {
    /// What it is for.
    pub name: String,
    /// `keys:read`, `keys:write`, `*:read` …
    pub scopes: Vec<String>,
    /// Days until it expires, at most a year.
    pub days: u32,
}

/// A token as it is listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct TokenRow {
    /// Which.
    pub id: Uuid,
    /// What it is for.
    pub name: String,
    /// What it may touch.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Not after.
    pub expires_at: Timestamp,
    /// Last use, to a few minutes.
    pub used_at: Option<Timestamp>,
}

impl From<Model> for TokenRow {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            name: row.name,
            scopes: row.scopes.0,
            created_at: row.created_at,
            expires_at: row.expires_at,
            used_at: row.used_at,
        }
    }
}

fn scope_reads(scope: &str) -> bool {
    scope.split_once(':').is_some_and(|(module, right)| {
        (module == "*" || (!module.is_empty() && module.chars().all(|c| c.is_ascii_lowercase() || c == '_')))
            && matches!(right, "read" | "write" | "admin")
    })
}

impl Identity {
    /// Makes a token; its text is shown once.
    pub async fn make_token(
        &self,
        cx: &Cx,
        person: PersonId,
        new: &NewToken,
    ) -> Result<(TokenRow, Secret), TokenError> {
        if matches!(cx.actor, sekisho_kernel::Actor::Token { .. }) {
            return Err(TokenError::ByToken);
        }
        if !cx.proven_within(FRESH) {
            return Err(TokenError::StepUp);
        }
        let mut wrong = Vec::new();
        let name = read_name(&new.name).unwrap_or_default();
        if name.is_empty() {
            wrong.push(FieldError { field: "name", text: "identity-name-bad" });
        }
        if new.scopes.is_empty() || !new.scopes.iter().all(|scope| scope_reads(scope)) {
            wrong.push(FieldError { field: "scopes", text: "identity-scopes-bad" });
        }
        if !(1..=LONGEST_DAYS).contains(&new.days) {
            wrong.push(FieldError { field: "days", text: "identity-days-bad" });
        }
        if !wrong.is_empty() {
            return Err(TokenError::Invalid(wrong));
        }
        let token = Secret::new(format!("{PREFIX}{}", token_text(&cx.random::<32>())));
        let tx = self.store().begin(cx).await?;
        let owner = self.row(&tx, person).await?.ok_or(TokenError::Missing)?;
        let row = Model {
            tenant_id: cx.tenant,
            id: cx.fresh_id(),
            person,
            name,
            hash: sha256(token.expose().as_bytes()).to_vec(),
            scopes: JsonText(new.scopes.clone()),
            stamp: owner.stamp,
            created_at: cx.now,
            expires_at: cx.now.plus(Duration::from_secs(u64::from(new.days) * 86_400)),
            used_at: None,
            revoked_at: None,
        };
        tx.insert::<Entity>(ActiveModel {
            tenant_id: Set(row.tenant_id),
            id: Set(row.id),
            person: Set(row.person),
            name: Set(row.name.clone()),
            hash: Set(row.hash.clone()),
            scopes: Set(row.scopes.clone()),
            stamp: Set(row.stamp),
            created_at: Set(row.created_at),
            expires_at: Set(row.expires_at),
            used_at: Set(None),
            revoked_at: Set(None),
        })
        .await?;
        let entry = AuditEntry::done("token.make").on("token", row.id, row.name.clone());
        tx.commit(entry.with("scopes", &new.scopes).with("expires_at", row.expires_at)).await?;
        Ok((row.into(), token))
    }

    /// Withdraws one of the person's own tokens; the next request with it fails.
    pub async fn revoke_token(&self, cx: &Cx, person: PersonId, token: Uuid) -> Result<(), TokenError> {
        let mut tx = self.store().begin(cx).await?;
        let row =
            tx.find::<Entity>().filter(Column::Id.eq(token)).filter(Column::Person.eq(person)).one().await?;
        let row = row.filter(|row| row.revoked_at.is_none()).ok_or(TokenError::Missing)?;
        tx.update::<Entity>().set(Column::RevokedAt, cx.now).filter(Column::Id.eq(token)).exec().await?;
        tx.publish(&AccessEnded { person }).await?;
        tx.commit(AuditEntry::done("token.revoke").on("token", token, row.name)).await?;
        Ok(())
    }

    /// The person's tokens that still work.
    pub async fn tokens(
        &self,
        cx: &Cx,
        scope: &impl Scoped,
        person: PersonId,
    ) -> Result<Vec<TokenRow>, StoreError> {
        let rows = scope
            .find::<Entity>()
            .filter(Column::Person.eq(person))
            .filter(Column::RevokedAt.is_null())
            .filter(Column::ExpiresAt.gt(cx.now))
            .descending(Column::Id)
            .all()
            .await?;
        Ok(rows.into_iter().map(TokenRow::from).collect())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn reads_scopes() {
        for scope in ["keys:read", "*:write", "my_module:read", "identity:admin"] {
            assert!(super::scope_reads(scope), "{scope}");
        }
        for scope in ["", "keys", "keys:", ":read", "keys:all", "Keys:read", "keys:read:write"] {
            assert!(!super::scope_reads(scope), "{scope}");
        }
    }
}
