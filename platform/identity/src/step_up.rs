//! Proving again who one is, before something dangerous. The proof counts for five minutes.

use sea_orm::ColumnTrait;
use sekisho_kernel::{AuditEntry, Cx, PersonId};
use uuid::Uuid;

use crate::attempts;
use crate::codes::{Checked, STEP_UP};
use crate::error::refusals;
use crate::events::{CodeChannel, SessionChanged};
use crate::tables::sessions;
use crate::{CodeError, Identity, Proof};

refusals! {
    /// Why the proof did not count.
    StepUpError {
        /// Only a session can be stepped up.
        NoSession => Denied, "error-denied", "there is no session";
        /// The code is wrong, used or too old.
        Wrong => Invalid(vec![sekisho_kernel::FieldError { field: "code", text: "identity-code-wrong" }]), "identity-code-wrong", "the code is wrong";
        /// Too many wrong codes.
        Locked => Refused, "identity-code-locked", "too many wrong codes";
        /// Too many failures from this address.
        TooMany(seconds: u32) => Busy(*seconds), "identity-too-many", "too many failures from this address";
        /// No code could be sent.
        NotSent(error: CodeError) => sekisho_kernel::Kinded::kind(error), "identity-code-not-sent", "no code could be sent";
    }
}

impl Identity {
    /// Sends a code to prove again who one is.
    pub async fn send_step_up_code(
        &self,
        cx: &Cx,
        person: PersonId,
        channel: CodeChannel,
    ) -> Result<(), StepUpError> {
        let mut tx = self.store().begin(cx).await?;
        attempts::hold(&tx, person).await?;
        self.start_code(&mut tx, person, STEP_UP, Some(channel)).await.map_err(StepUpError::NotSent)?;
        tx.commit(AuditEntry::done("code.send").on("person", person, "").with("purpose", STEP_UP)).await?;
        Ok(())
    }

    /// Takes the proof; the session counts as fresh from now on.
    pub async fn step_up(
        &self,
        cx: &Cx,
        person: PersonId,
        session: Option<Uuid>,
        proof: &Proof,
    ) -> Result<(), StepUpError> {
        let session = session.ok_or(StepUpError::NoSession)?;
        {
            let scope = self.read(cx).await?;
            if let Some(seconds) = attempts::must_wait(&scope, cx).await? {
                return Err(StepUpError::TooMany(seconds));
            }
        }
        let mut tx = self.store().begin(cx).await?;
        let outcome = self.prove(&mut tx, person, STEP_UP, proof).await?;
        if outcome != Checked::Right {
            tx.commit(AuditEntry::refused("session.step_up").on("person", person, "")).await?;
            return Err(if outcome == Checked::Locked { StepUpError::Locked } else { StepUpError::Wrong });
        }
        tx.update::<sessions::Entity>()
            .set(sessions::Column::VerifiedAt, cx.now)
            .filter(sessions::Column::Id.eq(session))
            .filter(sessions::Column::Person.eq(person))
            .exec()
            .await?;
        // Every server forgets what it remembers of the session, also its age.
        tx.publish(&SessionChanged { person }).await?;
        tx.commit(AuditEntry::done("session.step_up").on("person", person, "")).await?;
        Ok(())
    }
}
