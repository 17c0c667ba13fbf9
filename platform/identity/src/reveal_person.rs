//! Seeing somebody's personal data unmasked: each time with a reason, each time on the record, and after so many times
//! only with a fresh proof of who asks.

use std::time::Duration;

use sea_orm::ColumnTrait;
use sekisho_kernel::{AuditEntry, Cx, FieldError, PersonId};
use sekisho_storage::tables::audit_entries;
use sekisho_storage::{Scoped, StoreError};
use serde::Serialize;
use uuid::Uuid;

use crate::Identity;
use crate::administrator::Administrator;
use crate::error::refusals;

const REVEAL: &str = "person.reveal";
const DAY: Duration = Duration::from_secs(24 * 3600);

refusals! {
    /// Why nothing was revealed.
    RevealError {
        /// No such person.
        Missing => Missing, "error-missing", "there is no such person";
        /// A reason is needed.
        NoReason => Invalid(vec![FieldError { field: "reason", text: "identity-reveal-reason" }]), "identity-reveal-reason", "a reason is needed";
        /// Enough was revealed; who one is has to be proved again first.
        StepUp => Denied, "identity-reveal-step-up", "too many reveals since the last proof";
    }
}

/// Personal data, unmasked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Revealed {
    /// Mail address.
    pub mail: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// ID number.
    pub number: Option<String>,
}

/// How often somebody revealed, and how often they may before a fresh proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Reveals {
    /// Since the last proof, within a day.
    pub done: u64,
    /// Before the next proof.
    pub limit: u32,
}

impl Identity {
    /// Reveals somebody's personal data.
    pub async fn reveal_person(
        &self,
        cx: &Cx,
        _by: Administrator,
        person: PersonId,
        reason: &str,
    ) -> Result<Revealed, RevealError> {
        let reason = reason.trim();
        if reason.chars().count() < 3 {
            return Err(RevealError::NoReason);
        }
        self.keys(cx.tenant).await?;
        let limit = self.tenant(cx).await?.settings.reveal_limit;
        let tx = self.store().begin(cx).await?;
        let found = self.person(&tx, person).await?.ok_or(RevealError::Missing)?;
        // One's own data is no reveal.
        if cx.actor.person() != Some(person) && count(&tx, cx, REVEAL).await? >= u64::from(limit) {
            tx.commit(AuditEntry::refused(REVEAL).on("person", person, "").with("why", "step_up")).await?;
            return Err(RevealError::StepUp);
        }
        let reason: String = reason.chars().take(300).collect();
        tx.commit(AuditEntry::done(REVEAL).on("person", person, "").with("reason", reason)).await?;
        Ok(Revealed { mail: found.mail, phone: found.phone, number: found.number })
    }

    /// How often the asker revealed since their last proof.
    pub async fn reveals(&self, cx: &Cx, scope: &impl Scoped) -> Result<Reveals, crate::Broken> {
        self.reveals_of(cx, scope, REVEAL).await
    }

    /// The same of what a module reveals under an action of its own, which it records as [`AuditEntry::done`].
    pub async fn reveals_of(
        &self,
        cx: &Cx,
        scope: &impl Scoped,
        action: &'static str,
    ) -> Result<Reveals, crate::Broken> {
        let limit = self.tenant(cx).await?.settings.reveal_limit;
        Ok(Reveals { done: count(scope, cx, action).await?, limit })
    }
}

/// Counts on the record itself, so that no second list can disagree with it.
async fn count(scope: &impl Scoped, cx: &Cx, action: &str) -> Result<u64, StoreError> {
    use audit_entries::Column;
    let since = cx.now.minus(DAY).max(cx.verified_at.unwrap_or_default());
    // Ids begin with their time, so the index on (actor, id) bounds the search.
    let millis = u64::try_from(since.as_micros() / 1000).unwrap_or(0);
    let from =
        sekisho_kernel::EntryId(uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid());
    scope
        .find::<audit_entries::Entity>()
        .filter(Column::ActorId.eq(cx.actor.person().map(PersonId::uuid).unwrap_or(Uuid::nil())))
        .filter(Column::Id.gte(from))
        .filter(Column::At.gte(since))
        .filter(Column::Action.eq(action))
        .filter(Column::Outcome.eq(sekisho_storage::JsonText(sekisho_kernel::Outcome::Done)))
        .count()
        .await
}
