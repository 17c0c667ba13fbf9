//! Administrators hear of a rollout that stopped by itself, each once, by the means they prefer.

use sekisho_devices::RolloutHalted;
use sekisho_kernel::{Cx, PersonId};
use sekisho_notify::{Lane, Message, NoticeKind};
use sekisho_storage::Event as _;
use sekisho_storage::jobs::{Handlers, Job, JobError};

use crate::foundation::Foundation;

/// The fact, and the job it becomes.
pub(crate) const SUBSCRIPTION: (&str, &str) = (RolloutHalted::NAME, "devices.tell_halted");

/// The kind of these messages, for which people choose means.
pub(crate) const KIND: NoticeKind = NoticeKind { kind: "devices.updates", text: "devices-kind-updates" };

/// Adds the handler of [`SUBSCRIPTION`].
pub(crate) fn hear(foundation: &Foundation, handlers: &mut Handlers) {
    let foundation = foundation.clone();
    handlers.on(SUBSCRIPTION.1, move |cx: Cx, job: Job| {
        let foundation = foundation.clone();
        async move { tell(&foundation, &cx, &job).await }
    });
}

async fn tell(foundation: &Foundation, cx: &Cx, job: &Job) -> Result<(), JobError> {
    fn again(error: impl std::fmt::Display) -> JobError {
        JobError::Again(error.to_string())
    }
    let fact: RolloutHalted = job.event()?;
    let administrators = foundation.policy.administrators(cx).await.map_err(again)?;
    foundation.notify.warm(cx.tenant).await.map_err(again)?;
    let message = |person: PersonId| {
        Message::to_person(person, Lane::Operational, "devices-halted")
            .arg("image", &*fact.image)
            .arg("version", &*fact.version)
            .arg("failed", fact.failed.to_string())
            .arg("reached", fact.reached.to_string())
            .arg("why", fact.why.as_deref().unwrap_or("none"))
            .link("devices-halted-link", format!("/devices/updates/{}", fact.rollout))
            .about("rollout", fact.rollout)
            .of_kind(KIND.kind)
            .once(format!("{}/{person}", fact.rollout))
    };
    let mut tx = foundation.store.begin(cx).await?;
    for person in administrators {
        foundation.notify.tell(&mut tx, message(person)).await.map_err(again)?;
    }
    tx.commit_bookkeeping("who is told of a rollout; that it stopped is recorded").await?;
    Ok(())
}
