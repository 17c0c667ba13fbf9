//! The second step of signing in: a code of the authenticator app, a code sent by mail or text message, or a recovery
//! code. The same proofs serve wherever somebody has to prove again who they are.

use sea_orm::ColumnTrait;
use sekisho_crypto::{Secret, sha256, token_text};
use sekisho_kernel::{Actor, AuditEntry, Cx, PersonId};
use sekisho_storage::{JsonText, Scoped, StoreError, Tx};

use crate::attempts::{self, Factor};
use crate::codes::{Checked, SIGN_IN};
use crate::error::refusals;
use crate::events::{CodeChannel, SessionChanged};
use crate::session::{Life, Stage};
use crate::sign_in::{SignedIn, arrived};
use crate::tables::{people, sessions};
use crate::{Broken, CodeError, Identity, recovery_codes, totp};

refusals! {
    /// Why the second step failed.
    SecondFactorError {
        /// The first step is too long ago, or was never made.
        StartAgain => Unauthenticated, "identity-start-again", "the first step is missing or too long ago";
        /// The code is wrong, used or too old.
        Wrong => Invalid(vec![sekisho_kernel::FieldError { field: "code", text: "identity-code-wrong" }]), "identity-code-wrong", "the code is wrong";
        /// Too many wrong codes; a mail says how to unlock.
        Locked => Refused, "identity-code-locked", "too many wrong codes";
        /// Too many failures from this address.
        TooMany(seconds: u32) => Busy(*seconds), "identity-too-many", "too many failures from this address";
        /// No code could be sent.
        NotSent(error: CodeError) => sekisho_kernel::Kinded::kind(error), "identity-code-not-sent", "no code could be sent";
    }
}

/// What is shown as the second factor.
#[derive(Clone, Debug)]
pub enum Proof {
    /// Six digits: of the authenticator app, or sent to the person.
    Code(Secret),
    /// A recovery code.
    Recovery(Secret),
}

impl Proof {
    /// From what was typed: six digits are a code, anything else a recovery code.
    pub fn typed(text: &str) -> Self {
        let text: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        let digits: String = text
            .chars()
            .filter_map(|c| match c {
                '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10),
                other => other.is_ascii_digit().then_some(other),
            })
            .collect();
        if digits.len() == 6 && text.chars().count() == 6 {
            Self::Code(Secret::new(digits))
        } else {
            Self::Recovery(Secret::new(text))
        }
    }
}

/// Which second factors a person can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Factors {
    /// An authenticator app.
    pub totp: bool,
    /// A code by mail: there is an address, and mail goes out from here.
    pub mail: bool,
    /// A code by text message: there is a number, and text messages go out from here.
    pub sms: bool,
    /// Unused recovery codes.
    pub recovery_codes: u64,
}

impl Factors {
    /// Whether there is none at all.
    pub fn none(&self) -> bool {
        !self.totp && !self.mail && !self.sms && self.recovery_codes == 0
    }
}

/// A sign-in that waits for its second step.
pub(crate) struct Waiting {
    pub(crate) session: sessions::Model,
    pub(crate) person: people::Model,
}

impl Identity {
    /// The sign-in behind the cookie, when it waits for its second step.
    pub(crate) async fn waiting(
        &self,
        cx: &Cx,
        scope: &impl Scoped,
        cookie: &str,
    ) -> Result<Option<Waiting>, StoreError> {
        let Some(session) = find_session(scope, cookie).await? else { return Ok(None) };
        let Some(person) = self.active(scope, people::Column::Id.eq(session.person)).await? else {
            return Ok(None);
        };
        let waits = session.stage.0 != Stage::Open && life(&session).holds(cx.now, person.stamp);
        Ok(waits.then_some(Waiting { session, person }))
    }

    /// Which second factors a person can use.
    pub async fn factors(&self, scope: &impl Scoped, person: PersonId) -> Result<Factors, Broken> {
        let row = self.row(scope, person).await?;
        let ways = self.ways(scope).await?;
        Ok(Factors {
            totp: totp::confirmed(scope, person).await?.is_some(),
            mail: ways.mail && row.as_ref().is_some_and(|row| row.mail.is_some()),
            sms: ways.sms && row.as_ref().is_some_and(|row| row.phone.is_some()),
            recovery_codes: recovery_codes::left(scope, person).await?,
        })
    }

    /// Sends a code for the second step.
    pub async fn send_sign_in_code(
        &self,
        cx: &Cx,
        cookie: &str,
        channel: CodeChannel,
    ) -> Result<(), SecondFactorError> {
        let waiting = {
            let scope = self.read(cx).await?;
            self.waiting(cx, &scope, cookie).await?.ok_or(SecondFactorError::StartAgain)?
        };
        let person = waiting.person.id;
        let mut tx = self.store().begin(&cx.acting_as(Actor::Person { id: person })).await?;
        attempts::hold(&tx, person).await?;
        self.start_code(&mut tx, person, SIGN_IN, Some(channel)).await.map_err(SecondFactorError::NotSent)?;
        tx.commit(AuditEntry::done("code.send").on("person", person, "").with("purpose", SIGN_IN)).await?;
        Ok(())
    }

    /// Completes a sign-in with a second factor. The session gets a new cookie, so that one seen before is worth nothing.
    pub async fn prove_second_factor(
        &self,
        cx: &Cx,
        cookie: &str,
        proof: &Proof,
    ) -> Result<SignedIn, SecondFactorError> {
        let waiting = {
            let scope = self.read(cx).await?;
            if let Some(seconds) = attempts::must_wait(&scope, cx).await? {
                return Err(SecondFactorError::TooMany(seconds));
            }
            self.waiting(cx, &scope, cookie).await?.ok_or(SecondFactorError::StartAgain)?
        };
        let person = waiting.person.id;
        let mut tx = self.store().begin(&cx.acting_as(Actor::Person { id: person })).await?;
        match self.prove(&mut tx, person, SIGN_IN, proof).await? {
            Checked::Right => {}
            outcome => {
                let entry = AuditEntry::refused("session.start")
                    .on("person", person, "")
                    .with("why", "second_factor");
                tx.commit(entry).await?;
                return Err(match outcome {
                    Checked::Locked => SecondFactorError::Locked,
                    _ => SecondFactorError::Wrong,
                });
            }
        }
        let cookie = complete(&mut tx, &waiting).await?.ok_or(SecondFactorError::StartAgain)?;
        let first = !waiting.person.welcomed && totp::confirmed(&tx, person).await?.is_none();
        if first {
            welcomed(&tx, person).await?;
        }
        tx.commit(AuditEntry::done("session.start").on("person", person, "")).await?;
        let mark = Secret::new("");
        Ok(SignedIn { person, cookie, mark, stage: Stage::Open, first, next: waiting.session.next })
    }

    /// Checks a second factor, counting wrong ones. The caller commits either way, or the count is lost.
    pub(crate) async fn prove(
        &self,
        tx: &mut Tx,
        person: PersonId,
        purpose: &str,
        proof: &Proof,
    ) -> Result<Checked, Broken> {
        attempts::hold(tx, person).await?;
        if attempts::is_locked(tx, person, Factor::TwoStep).await? {
            attempts::count_failure(tx).await?;
            return Ok(Checked::Locked);
        }
        let right = match proof {
            Proof::Code(code) => {
                self.check_totp(tx, person, code.expose()).await?
                    || self.check_sent(tx, person, purpose, code.expose()).await?
            }
            Proof::Recovery(code) => self.use_recovery_code(tx, person, code.expose()).await?,
        };
        if right {
            attempts::right(tx, person, Factor::TwoStep).await?;
            return Ok(Checked::Right);
        }
        attempts::count_failure(tx).await?;
        Ok(if attempts::wrong(self, tx, person, Factor::TwoStep).await? {
            Checked::Locked
        } else {
            Checked::Wrong
        })
    }
}

/// Opens the session that waited, under a new cookie: one seen before is worth nothing. `None` when it ended meanwhile.
pub(crate) async fn complete(tx: &mut Tx, waiting: &Waiting) -> Result<Option<Secret>, StoreError> {
    use sessions::Column;
    let (now, person) = (tx.cx().now, waiting.person.id);
    let cookie = Secret::new(token_text(&tx.cx().random::<32>()));
    let opened = tx
        .update::<sessions::Entity>()
        .set(Column::Hash, sha256(cookie.expose().as_bytes()).to_vec())
        .set(Column::Stage, JsonText(Stage::Open))
        .set(Column::CreatedAt, now)
        .set(Column::SeenAt, now)
        .set(Column::VerifiedAt, now)
        .filter(Column::Id.eq(waiting.session.id))
        .filter(Column::Stage.eq(waiting.session.stage.clone()))
        .filter(Column::EndedAt.is_null())
        .exec()
        .await?;
    if opened == 0 {
        return Ok(None);
    }
    arrived(tx, person, waiting.session.id).await?;
    tx.publish(&SessionChanged { person }).await?;
    Ok(Some(cookie))
}

/// From now on the person is not offered an authenticator app at sign-in.
pub(crate) async fn welcomed(tx: &Tx, person: PersonId) -> Result<(), StoreError> {
    tx.update::<people::Entity>()
        .set(people::Column::Welcomed, true)
        .filter(people::Column::Id.eq(person))
        .exec()
        .await?;
    Ok(())
}

pub(crate) async fn find_session(
    scope: &impl Scoped,
    cookie: &str,
) -> Result<Option<sessions::Model>, StoreError> {
    let hash = sha256(cookie.as_bytes()).to_vec();
    scope.find::<sessions::Entity>().filter(sessions::Column::Hash.eq(hash)).one().await
}

pub(crate) fn life(session: &sessions::Model) -> Life {
    Life {
        stage: session.stage.0,
        created_at: session.created_at,
        seen_at: session.seen_at,
        ended_at: session.ended_at,
        stamp: session.stamp,
    }
}

#[cfg(test)]
mod tests {
    use super::Proof;

    #[test]
    fn reads_codes_as_people_type_them() {
        assert!(matches!(Proof::typed("123 456"), Proof::Code(code) if code.expose() == "123456"));
        assert!(matches!(Proof::typed("１２３４５６"), Proof::Code(code) if code.expose() == "123456"));
        assert!(
            matches!(Proof::typed("abcde-fghij"), Proof::Recovery(code) if code.expose() == "abcdefghij")
        );
        assert!(matches!(Proof::typed("12345"), Proof::Recovery(_)));
    }
}
