//! Signing in with mail address and password. Unknown address, wrong password, locked account and no password yet give
//! the same answer after the same work; only the owner's mailbox learns more.

use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;
use sekisho_crypto::{Secret, password, sha256, token_text};
use sekisho_kernel::{Actor, AuditEntry, Cx, PersonId};
use sekisho_storage::{JsonText, Scoped, StoreError, Tx};
use uuid::Uuid;

use crate::attempts::{self, Factor};
use crate::error::refusals;
use crate::events::SignedInFromNewDevice;
use crate::people::{mail_blind, opened, place};
use crate::session::{Stage, safe_next};
use crate::tables::{people, sessions};
use crate::{Broken, Identity};

refusals! {
    /// Why nobody was signed in.
    SignInError {
        /// Mail address or password is wrong, or the account cannot be used. Which of them, nobody is told.
        Wrong => Refused, "identity-sign-in-wrong", "mail address or password is wrong";
        /// Too many failures from this address.
        TooMany(seconds: u32) => Busy(*seconds), "identity-too-many", "too many failures from this address";
    }
}

/// What is known of the browser.
#[derive(Clone, Debug, Default)]
pub struct Browser {
    /// What it calls itself.
    pub agent: String,
    /// The long-lived mark it was given at an earlier sign-in.
    pub mark: Option<Secret>,
}

/// A try to sign in.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// Mail address as typed.
    pub mail: String,
    /// Password as typed.
    pub password: Secret,
    /// The browser it comes from.
    pub browser: Browser,
    /// The page wanted.
    pub next: Option<String>,
}

/// A session made.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who.
    pub person: PersonId,
    /// The value of the session cookie.
    pub cookie: Secret,
    /// The value of the browser's long-lived mark.
    pub mark: Secret,
    /// Whether a second factor is still to be proved.
    pub stage: Stage,
    /// Whether this is the first sign-in, so that an authenticator app is offered.
    pub first: bool,
    /// The page wanted.
    pub next: Option<String>,
}

impl Identity {
    /// Signs in with mail address and password.
    pub async fn sign_in(&self, cx: &Cx, ask: &SignIn) -> Result<SignedIn, SignInError> {
        let tenant = self.tenant(cx).await?;
        let keys = self.keys(cx.tenant).await?;
        let person = {
            let scope = self.read(cx).await?;
            if let Some(seconds) = attempts::must_wait(&scope, cx).await? {
                return Err(SignInError::TooMany(seconds));
            }
            self.active(&scope, people::Column::MailBlind.eq(mail_blind(&keys, &ask.mail))).await?
        };
        let stored = match &person {
            Some(row) => opened(&keys, "password", row.id, row.password.as_ref())?,
            None => None,
        };
        // Nobody and somebody take the same time: without a hash a decoy is checked.
        let same = password::verify_or_decoy(&ask.password, stored.as_deref()).await?;
        // A hash made with weaker settings than today's is made anew while the password is at hand.
        let renewed = match &stored {
            Some(phc) if same && password::is_dated(phc) => Some(password::hash(&ask.password).await?),
            _ => None,
        };
        let Some(row) = person else {
            let tx = self.store().begin(cx).await?;
            attempts::count_failure(&tx).await?;
            tx.commit(AuditEntry::refused("session.start").with("why", "unknown")).await?;
            return Err(SignInError::Wrong);
        };
        let mut tx = self
            .store()
            .begin(&cx.acting_as(if same { Actor::Person { id: row.id } } else { Actor::Nobody }))
            .await?;
        attempts::hold(&tx, row.id).await?;
        let locked = attempts::is_locked(&tx, row.id, Factor::Password).await?;
        if !same || locked {
            attempts::count_failure(&tx).await?;
            if !same && !locked {
                attempts::wrong(self, &mut tx, row.id, Factor::Password).await?;
            }
            let why = if locked { "locked" } else { "wrong" };
            tx.commit(AuditEntry::refused("session.start").on("person", row.id, "").with("why", why)).await?;
            return Err(SignInError::Wrong);
        }
        attempts::right(&tx, row.id, Factor::Password).await?;
        if let Some(hash) = renewed {
            let sealed = keys.seal_secret(&place("password", row.id), hash.as_bytes());
            tx.update::<people::Entity>()
                .set(people::Column::Password, sealed)
                .filter(people::Column::Id.eq(row.id))
                .exec()
                .await?;
        }
        let stage = if tenant.settings.two_step { Stage::SecondFactor } else { Stage::Open };
        let signed_in = self.open_session(&mut tx, &row, stage, &ask.browser, ask.next.as_deref()).await?;
        let action = if stage == Stage::Open { "session.start" } else { "session.password" };
        tx.commit(AuditEntry::done(action).on("person", row.id, "")).await?;
        Ok(signed_in)
    }

    /// Makes a session; one that is not open yet waits for its second step.
    pub(crate) async fn open_session(
        &self,
        tx: &mut Tx,
        person: &people::Model,
        stage: Stage,
        browser: &Browser,
        next: Option<&str>,
    ) -> Result<SignedIn, Broken> {
        let cx = tx.cx().clone();
        let cookie = Secret::new(token_text(&cx.random::<32>()));
        let mark = match &browser.mark {
            Some(mark) if mark.expose().len() == 43 => mark.clone(),
            _ => Secret::new(token_text(&cx.random::<32>())),
        };
        let next = next.and_then(safe_next).map(str::to_owned);
        let id: Uuid = cx.fresh_id();
        tx.insert::<sessions::Entity>(sessions::ActiveModel {
            tenant_id: Set(cx.tenant),
            id: Set(id),
            person: Set(person.id),
            hash: Set(sha256(cookie.expose().as_bytes()).to_vec()),
            stage: Set(JsonText(stage)),
            stamp: Set(person.stamp),
            device: Set(sha256(mark.expose().as_bytes()).to_vec()),
            agent: Set(browser.agent.chars().filter(|c| !c.is_control()).take(200).collect()),
            address: Set(cx.address.map(|address| address.to_string())),
            created_at: Set(cx.now),
            seen_at: Set(cx.now),
            verified_at: Set(None),
            ended_at: Set(None),
            next: Set(next.clone()),
        })
        .await?;
        if stage == Stage::Open {
            arrived(tx, person.id, id).await?;
        }
        Ok(SignedIn { person: person.id, cookie, mark, stage, first: false, next })
    }
}

/// Notes a completed sign-in; a browser not seen before is told of.
pub(crate) async fn arrived(tx: &mut Tx, person: PersonId, session: Uuid) -> Result<(), StoreError> {
    use sessions::Column;
    let now = tx.cx().now;
    tx.update::<people::Entity>()
        .set(people::Column::SignedInAt, now)
        .filter(people::Column::Id.eq(person))
        .exec()
        .await?;
    let Some(row) = tx.find::<sessions::Entity>().filter(Column::Id.eq(session)).one().await? else {
        return Ok(());
    };
    let earlier = || {
        tx.find::<sessions::Entity>()
            .filter(Column::Person.eq(person))
            .filter(Column::Id.ne(session))
            .filter(Column::Stage.eq(JsonText(Stage::Open)))
    };
    // The very first browser is no news: the owner is sitting at it.
    if earlier().exists().await? && !earlier().filter(Column::Device.eq(row.device)).exists().await? {
        tx.publish(&SignedInFromNewDevice { person, agent: row.agent, address: row.address, at: now })
            .await?;
    }
    Ok(())
}
