//! Following a mailed link to set a password: the first one, or a new one after a reset.

use sea_orm::ColumnTrait;
use sekisho_crypto::Secret;
use sekisho_kernel::{Actor, AuditEntry, Cx, FieldError, PersonId};

use crate::attempts::{self, Factor};
use crate::error::refusals;
use crate::links::{find_link, use_link, withdraw_links};
use crate::people::opened;
use crate::session::{LinkPurpose, Stage};
use crate::tables::people;
use crate::{Browser, Identity, SignedIn, totp};

const PURPOSES: [LinkPurpose; 2] = [LinkPurpose::Invitation, LinkPurpose::Reset];

refusals! {
    /// Why no password was set.
    SetPasswordError {
        /// The link is unknown, used or too old.
        Missing => Missing, "identity-link-missing", "the link no longer works";
        /// The password is too weak.
        Weak(text: &'static str) => Invalid(vec![FieldError { field: "password", text }]), "error-invalid", "the password is too weak";
    }
}

/// What the page behind a link shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenLink {
    /// Whose.
    pub person: PersonId,
    /// What to call them.
    pub name: String,
    /// Under which address they sign in.
    pub mail: Option<String>,
    /// What the link does.
    pub purpose: LinkPurpose,
}

/// A password just set.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// Whose.
    pub person: PersonId,
    /// The session that waits for its second step, after an invitation to whoever needs one and has no authenticator app
    /// yet. Everybody else signs in with the new password.
    pub waiting: Option<SignedIn>,
}

impl Identity {
    /// Looks at a link without using it up.
    pub async fn open_link(
        &self,
        cx: &Cx,
        token: &str,
        purposes: &[LinkPurpose],
    ) -> Result<Option<OpenLink>, crate::Broken> {
        let keys = self.keys(cx.tenant).await?;
        let scope = self.read(cx).await?;
        let Some(link) = find_link(&scope, token, purposes, cx.now).await? else { return Ok(None) };
        let Some(row) = self.active(&scope, people::Column::Id.eq(link.person)).await? else {
            return Ok(None);
        };
        let mail = opened(&keys, "mail", row.id, row.mail.as_ref())?;
        Ok(Some(OpenLink { person: row.id, name: row.name, mail, purpose: link.purpose.0 }))
    }

    /// Sets the password and uses the link up. Sessions and tokens made before end.
    ///
    /// An invitation was handed to the person by an administrator, so it also forgets wrong tries, and begins a session of
    /// [`Stage::Invited`] in `browser`. A link that somebody asked for at `/forgot` does neither.
    pub async fn accept_link(
        &self,
        cx: &Cx,
        token: &str,
        new: &Secret,
        browser: &Browser,
    ) -> Result<Accepted, SetPasswordError> {
        let two_step = self.tenant(cx).await?.settings.two_step;
        let row = {
            let scope = self.read(cx).await?;
            let link = find_link(&scope, token, &PURPOSES, cx.now).await?.ok_or(SetPasswordError::Missing)?;
            self.active(&scope, people::Column::Id.eq(link.person)).await?.ok_or(SetPasswordError::Missing)?
        };
        let hash = self.new_password(&row, new).await?.map_err(SetPasswordError::Weak)?;
        let mut tx = self.store().begin(&cx.acting_as(Actor::Person { id: row.id })).await?;
        let link = find_link(&tx, token, &PURPOSES, cx.now).await?.ok_or(SetPasswordError::Missing)?;
        let row =
            self.active(&tx, people::Column::Id.eq(link.person)).await?.ok_or(SetPasswordError::Missing)?;
        if !use_link(&tx, link.id).await? {
            return Err(SetPasswordError::Missing);
        }
        withdraw_links(&tx, row.id, None).await?;
        self.set_password(&mut tx, &row, &hash).await?;
        // An enrolment begun before the new password may have been begun by somebody else, who would know its secret.
        totp::delete_unconfirmed(&tx, row.id).await?;
        let mut waiting = None;
        let action = match link.purpose.0 {
            LinkPurpose::Invitation => {
                attempts::right(&tx, row.id, Factor::TwoStep).await?;
                // Without two steps for everybody the password is enough, but whoever has no way at all to prove anew who
                // they are can add an app now, or never: an open session alone does not let them.
                let factors = self.factors(&tx, row.id).await?;
                if !factors.totp && (two_step || factors.none()) {
                    let row = people::Model { stamp: row.stamp + 1, ..row.clone() };
                    waiting = Some(self.open_session(&mut tx, &row, Stage::Invited, browser, None).await?);
                }
                "person.invitation_accept"
            }
            _ => "person.password_reset",
        };
        tx.commit(AuditEntry::done(action).on("person", row.id, "")).await?;
        Ok(Accepted { person: row.id, waiting })
    }
}
