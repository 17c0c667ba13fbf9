//! Asking for a new password. The answer is the same whether the address is known or not; only its owner gets a mail.

use sea_orm::ColumnTrait;
use sekisho_kernel::{AuditEntry, Cx};
use std::time::Duration;

use crate::Identity;
use crate::attempts;
use crate::error::refusals;
use crate::events::PasswordResetRequested;
use crate::people::mail_blind;
use crate::session::LinkPurpose;
use crate::tables::{links, people};
use sekisho_storage::{JsonText, Scoped};

/// Mails sent to one person within an hour.
const MOST_AN_HOUR: u64 = 3;

refusals! {
    /// Why not even the usual answer is given.
    RequestResetError {
        /// Too many requests from this address.
        TooMany(seconds: u32) => Busy(*seconds), "identity-too-many", "too many requests from this address";
    }
}

impl Identity {
    /// Sends a link for a new password, if somebody has this mail address.
    pub async fn request_reset(&self, cx: &Cx, mail: &str) -> Result<(), RequestResetError> {
        let keys = self.keys(cx.tenant).await?;
        {
            let scope = self.read(cx).await?;
            if let Some(seconds) = attempts::must_wait(&scope, cx).await? {
                return Err(RequestResetError::TooMany(seconds));
            }
        }
        let mut tx = self.store().begin(cx).await?;
        // Each request counts, found or not: nobody's mailbox is flooded and no list of addresses is tried out.
        attempts::count_failure(&tx).await?;
        let found = self.active(&tx, people::Column::MailBlind.eq(mail_blind(&keys, mail))).await?;
        let mut entry = AuditEntry::done("person.password_reset_request").with("known", found.is_some());
        if let Some(row) = found {
            let recent = tx
                .find::<links::Entity>()
                .filter(links::Column::Person.eq(row.id))
                .filter(links::Column::Purpose.eq(JsonText(LinkPurpose::Reset)))
                .filter(links::Column::CreatedAt.gt(cx.now.minus(Duration::from_secs(3600))))
                .count()
                .await?;
            if recent < MOST_AN_HOUR {
                let link = self.make_link(&mut tx, row.id, LinkPurpose::Reset).await?;
                let fact = PasswordResetRequested {
                    person: row.id,
                    token: link.sealed,
                    expires_at: link.expires_at,
                };
                tx.publish(&fact).await?;
            }
            entry = entry.on("person", row.id, "");
        }
        tx.commit(entry).await?;
        Ok(())
    }
}
