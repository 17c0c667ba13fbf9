//! The first second factor without a message: whoever has just set the first password by an invitation enrols an
//! authenticator app and is signed in by it. The one-time URL is the proof, so this is open in its own session only, for
//! minutes, and only while there is no app. A password alone, stolen or not, never gets here.

use sekisho_crypto::Secret;
use sekisho_kernel::{Actor, AuditEntry, Cx};
use sekisho_storage::{Scoped, StoreError};

use crate::error::refusals;
use crate::second_factor::{Waiting, complete, welcomed};
use crate::session::Stage;
use crate::totp::TotpError;
use crate::{Enrolment, Identity, SignedIn, attempts, recovery_codes, totp};

refusals! {
    /// Why no app was enrolled.
    FirstAppError {
        /// There is no invitation just accepted, it is too long ago, or there is an app already.
        Over => Unauthenticated, "identity-first-app-over", "no invitation was just accepted here";
        /// The code shown is not the app's.
        Wrong => Invalid(vec![sekisho_kernel::FieldError { field: "code", text: "identity-code-wrong" }]), "identity-code-wrong", "the code is wrong";
        /// Too many failures from this address.
        TooMany(seconds: u32) => Busy(*seconds), "identity-too-many", "too many failures from this address";
    }
}

impl From<TotpError> for FirstAppError {
    fn from(error: TotpError) -> Self {
        match error {
            TotpError::Wrong => Self::Wrong,
            TotpError::Broken(broken) => Self::Broken(broken),
            TotpError::Missing | TotpError::StepUp | TotpError::Already => Self::Over,
        }
    }
}

/// The first sign-in, done.
#[derive(Clone, Debug)]
pub struct FirstSignIn {
    /// The open session.
    pub signed_in: SignedIn,
    /// Ten recovery codes, shown this once.
    pub recovery_codes: Vec<Secret>,
}

impl Identity {
    /// The session behind the cookie, when it may enrol a first app.
    pub(crate) async fn invited(
        &self,
        cx: &Cx,
        scope: &impl Scoped,
        cookie: &str,
    ) -> Result<Option<Waiting>, StoreError> {
        let waiting = self.waiting(cx, scope, cookie).await?;
        let Some(waiting) = waiting.filter(|waiting| waiting.session.stage.0 == Stage::Invited) else {
            return Ok(None);
        };
        Ok(totp::confirmed(scope, waiting.person.id).await?.is_none().then_some(waiting))
    }

    /// Begins the enrolment; nothing is opened yet.
    pub async fn begin_first_app(&self, cx: &Cx, cookie: &str) -> Result<Enrolment, FirstAppError> {
        let person = {
            let scope = self.read(cx).await?;
            self.invited(cx, &scope, cookie).await?.ok_or(FirstAppError::Over)?.person.id
        };
        Ok(self.begin_enrolment(&cx.acting_as(Actor::Person { id: person }), person).await?)
    }

    /// Takes the app's first code: the app counts, ten recovery codes are made, the session opens under a new cookie.
    pub async fn confirm_first_app(
        &self,
        cx: &Cx,
        cookie: &str,
        code: &Secret,
    ) -> Result<FirstSignIn, FirstAppError> {
        let keys = self.keys(cx.tenant).await?;
        let person = {
            let scope = self.read(cx).await?;
            if let Some(seconds) = attempts::must_wait(&scope, cx).await? {
                return Err(FirstAppError::TooMany(seconds));
            }
            self.invited(cx, &scope, cookie).await?.ok_or(FirstAppError::Over)?.person.id
        };
        let mut tx = self.store().begin(&cx.acting_as(Actor::Person { id: person })).await?;
        // Codes sent side by side come one after the other: the second finds an app, and this session open.
        attempts::hold(&tx, person).await?;
        let waiting = self.invited(cx, &tx, cookie).await?.ok_or(FirstAppError::Over)?;
        match self.add_totp(&mut tx, person, code).await {
            Ok(()) => {}
            Err(TotpError::Wrong) => {
                attempts::count_failure(&tx).await?;
                let entry = AuditEntry::refused("person.totp_add").on("person", person, "");
                tx.commit(entry.with("by", "invitation")).await?;
                return Err(FirstAppError::Wrong);
            }
            Err(error) => return Err(error.into()),
        }
        tx.record(AuditEntry::done("person.totp_add").on("person", person, "").with("by", "invitation"));
        let recovery_codes = recovery_codes::write(&mut tx, &keys, person).await?;
        tx.record(AuditEntry::done("person.recovery_codes_make").on("person", person, ""));
        let cookie = complete(&mut tx, &waiting).await?.ok_or(FirstAppError::Over)?;
        welcomed(&tx, person).await?;
        tx.commit(AuditEntry::done("session.start").on("person", person, "")).await?;
        let signed_in =
            SignedIn { person, cookie, mark: Secret::new(""), stage: Stage::Open, first: true, next: None };
        Ok(FirstSignIn { signed_in, recovery_codes })
    }
}
