//! A new start, handed over: an administrator gets a one-time URL to show, and the person sets a password by it. For who
//! cannot be mailed, forgot the password where no mail goes out, or lost the telephone with the authenticator app.

use sekisho_crypto::Secret;
use sekisho_kernel::{AuditEntry, Cx, PersonId, Timestamp};

use crate::administrator::Administrator;
use crate::error::refusals;
use crate::events::PersonChanged;
use crate::person::PersonState;
use crate::session::{FRESH, LinkPurpose};
use crate::{Identity, recovery_codes, totp};

refusals! {
    /// Why there is no link.
    HandOverLinkError {
        /// No such active person.
        Missing => Missing, "error-missing", "there is no such person";
        /// The person has no mail address to sign in with.
        NoMail => Refused, "identity-link-no-mail", "the person has no mail address to sign in with";
        /// Who one is has to be proved again first: with the link one could sign in as that person.
        StepUp => Denied, "identity-step-up-needed", "a fresh proof is needed";
    }
}

/// A link to be handed over; shown this once.
#[derive(Clone, Debug)]
pub struct HandedOver {
    /// The whole address.
    pub url: Secret,
    /// Not after.
    pub expires_at: Timestamp,
}

impl Identity {
    /// Makes a one-time URL for somebody's first or next password; older invitations stop working. With `lost_app` their
    /// authenticator app and recovery codes count no more from now on. Nothing is mailed.
    pub async fn hand_over_link(
        &self,
        cx: &Cx,
        _by: Administrator,
        person: PersonId,
        lost_app: bool,
    ) -> Result<HandedOver, HandOverLinkError> {
        // Whom one may not know of is missing, whatever was proved.
        if !self.is_active(&self.read(cx).await?, person).await? {
            return Err(HandOverLinkError::Missing);
        }
        if !cx.proven_within(FRESH) {
            return Err(HandOverLinkError::StepUp);
        }
        let base = self.base(cx).await?;
        self.keys(cx.tenant).await?;
        let mut tx = self.store().begin(cx).await?;
        let row = self.row(&tx, person).await?.filter(|row| row.state.0 == PersonState::Active);
        let row = row.ok_or(HandOverLinkError::Missing)?;
        if row.mail.is_none() {
            return Err(HandOverLinkError::NoMail);
        }
        if lost_app {
            totp::delete(&tx, person).await?;
            recovery_codes::delete(&tx, person).await?;
            tx.publish(&PersonChanged { person, what: "totp_removed".to_owned() }).await?;
            let removed = AuditEntry::done("person.totp_remove").on("person", person, "");
            tx.record(removed.with("by", "administrator"));
        }
        let link = self.make_link(&mut tx, person, LinkPurpose::Invitation).await?;
        let entry = AuditEntry::done("person.link_hand_over").on("person", person, "");
        tx.commit(entry.with("lost_app", lost_app)).await?;
        let url = Secret::new(format!("{base}/invitation/{}", link.token.expose()));
        Ok(HandedOver { url, expires_at: link.expires_at })
    }
}
