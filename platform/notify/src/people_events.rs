//! What is told to people about their own accounts: invitations, codes, locks.

use sekisho_identity::Identity;
use sekisho_identity::events::{
    CodeChannel, CodeRequested, Locked, PasswordResetRequested, PasswordSet, PersonInvited, PersonLeft,
    SignedInFromNewDevice,
};
use sekisho_kernel::{Cx, PersonId};
use sekisho_storage::Event;
use sekisho_storage::jobs::{Handlers, Job, JobError};

use crate::{Lane, Means, Message, Notify};

/// Which facts this room hears, and the kind of the job that each makes.
pub const SUBSCRIPTIONS: [(&str, &str); 7] = [
    (PersonInvited::NAME, "notify.identity.person_invited"),
    (PasswordResetRequested::NAME, "notify.identity.password_reset_requested"),
    (PasswordSet::NAME, "notify.identity.password_set"),
    (Locked::NAME, "notify.identity.locked"),
    (CodeRequested::NAME, "notify.identity.code_requested"),
    (SignedInFromNewDevice::NAME, "notify.identity.signed_in_from_new_device"),
    (PersonLeft::NAME, "notify.identity.person_left"),
];

/// Hears of people's accounts and tells them.
#[derive(Clone)]
struct Ear {
    notify: Notify,
    identity: Identity,
}

/// Adds the handlers of [`SUBSCRIPTIONS`].
pub fn hear_of_people(notify: &Notify, identity: &Identity, handlers: &mut Handlers) {
    let ear = Ear { notify: notify.clone(), identity: identity.clone() };
    for (fact, job) in SUBSCRIPTIONS {
        let ear = ear.clone();
        handlers.on(job, move |cx: Cx, job: Job| {
            let ear = ear.clone();
            async move { ear.hear(&cx, fact, &job).await }
        });
    }
}

fn again(error: impl std::fmt::Display) -> JobError {
    JobError::Again(error.to_string())
}

impl Ear {
    async fn hear(&self, cx: &Cx, fact: &str, job: &Job) -> Result<(), JobError> {
        let message = match fact {
            PersonInvited::NAME => {
                let fact: PersonInvited = job.event()?;
                let token = self.identity.open_sealed(cx.tenant, &fact.token).await.map_err(again)?;
                by_mail(fact.person, "notify-invited")
                    .link("notify-invited-link", format!("/invitation/{}", token.expose()))
                    .time("until", fact.expires_at, &self.zone(cx).await)
                    .not_after(fact.expires_at)
            }
            PasswordResetRequested::NAME => {
                let fact: PasswordResetRequested = job.event()?;
                let token = self.identity.open_sealed(cx.tenant, &fact.token).await.map_err(again)?;
                by_mail(fact.person, "notify-reset")
                    .link("notify-reset-link", format!("/invitation/{}", token.expose()))
                    .time("until", fact.expires_at, &self.zone(cx).await)
                    .not_after(fact.expires_at)
            }
            PasswordSet::NAME => {
                let fact: PasswordSet = job.event()?;
                if fact.first {
                    return Ok(());
                }
                by_mail(fact.person, "notify-password-set").link("notify-security-link", "/me/security")
            }
            Locked::NAME => {
                let fact: Locked = job.event()?;
                let token = self.identity.open_sealed(cx.tenant, &fact.token).await.map_err(again)?;
                by_mail(fact.person, "notify-locked")
                    .arg("factor", fact.factor)
                    .link("notify-locked-link", format!("/unlock/{}", token.expose()))
                    .time("until", fact.expires_at, &self.zone(cx).await)
                    .not_after(fact.expires_at)
            }
            CodeRequested::NAME => {
                let fact: CodeRequested = job.event()?;
                let code = self.identity.open_sealed(cx.tenant, &fact.code).await.map_err(again)?;
                let scope = self.notify.0.store.read(cx.tenant).await?;
                let by_sms =
                    fact.channel == CodeChannel::Sms && self.notify.has_sms(&scope).await.map_err(again)?;
                drop(scope);
                Message::to_person(fact.person, Lane::LifeSafety, "notify-code")
                    .by(&[if by_sms { Means::Sms } else { Means::Mail }])
                    .arg("code", code.expose())
                    .arg("purpose", fact.purpose)
                    .not_after(fact.expires_at)
            }
            SignedInFromNewDevice::NAME => {
                let fact: SignedInFromNewDevice = job.event()?;
                by_mail(fact.person, "notify-new-device")
                    .arg("agent", fact.agent)
                    .arg("address", fact.address.unwrap_or_else(|| "—".to_owned()))
                    .time("at", fact.at, &self.zone(cx).await)
                    .link("notify-security-link", "/me/security")
            }
            PersonLeft::NAME => {
                let fact: PersonLeft = job.event()?;
                return Ok(self.notify.forget_person(cx, fact.person).await?);
            }
            other => return Err(JobError::GiveUp(format!("no text for {other}"))),
        };
        let mut tx = self.notify.0.store.begin(cx).await?;
        self.notify.tell(&mut tx, message.once(job.id)).await.map_err(again)?;
        tx.commit_bookkeeping("a mail about the person's own account; the act itself is recorded").await?;
        Ok(())
    }

    async fn zone(&self, cx: &Cx) -> String {
        self.identity
            .tenant(cx)
            .await
            .map_or_else(|_| "Asia/Tokyo".to_owned(), |tenant| tenant.settings.zone.clone())
    }
}

/// Matters of the account go to the mail address, whatever the person prefers, and ahead of the daily mails.
fn by_mail(person: PersonId, template: &'static str) -> Message {
    Message::to_person(person, Lane::LifeSafety, template).by(&[Means::Mail])
}
